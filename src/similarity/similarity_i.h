/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of similarities between representations. */
#ifndef NAX_SIMILARITY_I_H
#define NAX_SIMILARITY_I_H
#include "array/array_i.h"
#include "linalg/linalg_i.h"
#include "stats/stats_i.h"
#include <neuraxis/similarity.h>

/* channel x observation as dense doubles, and the mean over observations of each channel,
 * which is taken off. `mean` may be NULL. */
nax_status nax_i_representation(nax_ctx *ctx, const char *fn, const char *name,
                                const nax_view *v, nax_index least, double **x,
                                double *mean);

/* One representation ready to be compared; what a measure does not need stays NULL. */
typedef struct nax_i_side {
  nax_index p, n, rank;
  double *x;     /* p x n, centred */
  double *basis; /* rank x n: orthonormal over observations, by descending ... */
  double *value; /* ... singular values, rank */
  double *k;     /* n x n: kernel or distances, centred */
  double size;   /* sum of squares of x */
} nax_i_side;

nax_status nax_i_side_init(nax_ctx *ctx, const char *fn, const char *name,
                           const nax_view *v, const nax_similarity_opts *o,
                           nax_i_side *s);
void nax_i_side_clear(nax_i_side *s);
nax_status nax_i_side_compare(nax_ctx *ctx, const char *fn, const nax_i_side *a,
                              const nax_i_side *b, const nax_similarity_opts *o,
                              double *out);

#endif
