/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis: analysis of neural population recordings. This is the documented include;
 * how symbols are split between the headers below may change. */
#ifndef NEURAXIS_H
#define NEURAXIS_H
#include <neuraxis/array.h>
#include <neuraxis/bicluster.h>
#include <neuraxis/connectome.h>
#include <neuraxis/context.h>
#include <neuraxis/dataset.h>
#include <neuraxis/fft.h>
#include <neuraxis/freqtag.h>
#include <neuraxis/freqtag_fit.h>
#include <neuraxis/gpfa.h>
#include <neuraxis/gpvae.h>
#include <neuraxis/io.h>
#include <neuraxis/linalg.h>
#include <neuraxis/ntf.h>
#include <neuraxis/options.h>
#include <neuraxis/quality.h>
#include <neuraxis/report.h>
#include <neuraxis/rng.h>
#include <neuraxis/rsa.h>
#include <neuraxis/sbm.h>
#include <neuraxis/signal.h>
#include <neuraxis/similarity.h>
#include <neuraxis/simulate.h>
#include <neuraxis/spikes.h>
#include <neuraxis/stats.h>
#include <neuraxis/status.h>
#include <neuraxis/trsa.h>
#include <neuraxis/types.h>
#include <neuraxis/version.h>
#endif
