/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages about dissimilarities share. */
#ifndef NAX_PAGE_RSA_I_H
#define NAX_PAGE_RSA_I_H
#include "report_i.h"
#include "stats/stats_i.h"
#include <neuraxis/report.h>
#include <neuraxis/rsa.h>
#include <stdio.h>

/* Label of a condition, or its coordinate in `buf`. */
const char *nax_i_condition_label(const nax_axis *a, nax_index i, char buf[48]);
/* Mean over the RDMs of a set, NaN where none has the pair; free it. */
nax_status nax_i_rdm_mean(nax_ctx *ctx, const nax_rdms *r, double **out);
/* Square image of an RDM, conditions in `order` (NULL: theirs). */
nax_status nax_i_rdm_image(nax_ctx *ctx, nax_i_fig *f, const nax_i_axes *a, nax_index n,
                           const double *d, const nax_index *order, double lo, double hi);
/* Figure of n points whose distances are like d; the last n_special look different. */
nax_status nax_i_points_figure(nax_ctx *ctx, nax_i_page *p, const char *id,
                               const char *title, nax_index n, const double *d,
                               const char *const *tip, nax_index n_special,
                               const char *caption);

#endif
