/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of dissimilarity matrices and their comparison. */
#ifndef NAX_RSA_I_H
#define NAX_RSA_I_H
#include "array/array_i.h"
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include "stats/stats_i.h"
#include <neuraxis/rsa.h>

struct nax_rdms {
  nax_index n, m, count;
  double *d; /* m x count */
  nax_axis *condition, *rdm;
  char *measure;
};

/* Number of pair (i < j). */
static inline nax_index
nax_i_rdm_at(nax_index n, nax_index i, nax_index j)
{
  return i * (2 * n - i - 1) / 2 + j - i - 1;
}

/* --- rdms.c ------------------------------------------------------------------------ */

/* As nax_rdms_create with zeros, for a function that fills r->d itself. */
nax_status nax_i_rdms_new(nax_ctx *ctx, const char *fn, nax_index n, nax_index count,
                          nax_rdms **out);
/* The same with the axes and the measure of `like`. */
nax_status nax_i_rdms_like(nax_ctx *ctx, const char *fn, const nax_rdms *like,
                           nax_rdms **out);

/* --- rank.c ------------------------------------------------------------------------ */

/* Ranks of n values without NaN by one of the NAX_RDM_RANK_ rules; work has 2 n. */
void nax_i_rdm_rank(nax_index n, const double *x, nax_rdm_map rule, nax_i_keyed *work,
                    double *out);

#endif
