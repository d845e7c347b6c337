/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of spike trains. */
#ifndef NAX_SPIKES_I_H
#define NAX_SPIKES_I_H
#include "array/array_i.h"
#include <neuraxis/spikes.h>

struct nax_spikes {
  nax_axis *units;
  nax_index *offsets; /* n_units + 1 */
  double *times;      /* sorted within each unit */
  nax_index n_intervals;
  double *intervals; /* start, stop of each */
};

#endif
