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

/* Ranks of n values without NaN by one of the NAX_RDM_RANK_ rules; work has 2 n. Looks
 * whether to stop, NAX_EINTERRUPT. */
nax_status nax_i_rdm_rank(nax_ctx *ctx, nax_index n, const double *x, nax_rdm_map rule,
                          nax_i_keyed *work, double *out);

/* --- design.c ---------------------------------------------------------------------- */

/* Who is who among the observations: conditions and folds as numbers from 0 in the order
 * of their values. */
typedef struct nax_i_design {
  nax_index n_obs, n, folds;   /* folds 0: none were asked for */
  nax_index *cond, *fold;      /* of each observation; fold NULL without folds */
  int64_t *value, *fold_value; /* of each condition and fold */
  nax_index *count;            /* observations, n x max(folds, 1) */
  int even;                    /* every count is the same */
} nax_i_design;

/* With `folds` and `fold` NULL the k-th occurrence of a condition is in fold k. */
nax_status nax_i_design_init(nax_ctx *ctx, const char *fn, nax_index n_obs,
                             const int64_t *condition, const int64_t *fold, int folds,
                             nax_i_design *d);
void nax_i_design_clear(nax_i_design *d);
/* NAX_EDATA, naming condition and fold, unless every fold has every condition; and unless
 * there are two folds. */
nax_status nax_i_design_complete(nax_ctx *ctx, const char *fn, const nax_i_design *d);

/* x, channel x observation, as dense doubles in fresh memory. `missing` gets 1 when there
 * is a NaN; NULL refuses it. Infinite values are refused. */
nax_status nax_i_rdm_pack(nax_ctx *ctx, const char *fn, const nax_view *x, double **out,
                          int *missing);
/* The same, where it is if it is like that: *out is NULL then. */
nax_status nax_i_rdm_borrow(nax_ctx *ctx, const char *fn, const nax_view *x,
                            const double **data, double **out, int *missing);

/* --- movie.c ----------------------------------------------------------------------- */

/* NAX_EINVAL, naming it, for an empty neighbourhood or a channel that does not exist. */
nax_status nax_i_rdm_check_places(nax_ctx *ctx, const char *fn, const nax_rdm_places *p,
                                  nax_index channels);

/* --- measure.c, pairs.c ------------------------------------------------------------ */

/* What a measure is computed from. */
typedef struct nax_i_rdm_job {
  nax_ctx *ctx;
  const char *fn;
  const nax_i_design *g;
  const nax_rdm_opts *o;
  nax_index p;             /* channels */
  const double *x;         /* p x n_obs */
  const double *precision; /* p x p (x folds), or NULL */
  int per_fold;            /* a precision for each fold */
  double *d;               /* out: pairs */
} nax_i_rdm_job;

nax_status nax_i_rdm_means(nax_i_rdm_job *j);
nax_status nax_i_rdm_by_pairs(nax_i_rdm_job *j);
/* 1 when the measure compares folds; 1 when it uses a precision. */
int nax_i_rdm_folds(int32_t measure);
int nax_i_rdm_whitens(int32_t measure);
/* 1 when the measure is that of inner products of patterns; and these: g = a'b (a'a when
 * b is NULL, without folds) are the products that d is made of by nax_i_rdm_from_gram. a,
 * b: (p folds) x n, training means and those of the fold. l: Cholesky factor of the
 * precision or NULL; work: p x n; flat: n, 1 for patterns without variance. */
int nax_i_rdm_has_patterns(int32_t measure);
nax_status nax_i_rdm_patterns(nax_i_rdm_job *j, const double *l, double *work, double *a,
                              double *b, char *flat);
/* d_ij = (g_ii + g_jj - g_ij - g_ji) * scale for a Gram or cross-product g, n x n. */
void nax_i_rdm_from_gram(nax_index n, const double *g, double scale, double *d);

/* --- blocks.c ---------------------------------------------------------------------- */

/* g (n x n) of patterns u, p x n (euclidean, correlation, cosine; lower triangle), or of
 * the rates a and the logarithms of those of b (poisson), block by block of the channels:
 * nothing of the size of the patterns is made. `flat`: n, 1 for patterns that do not
 * vary, whose products are 0. */
nax_status nax_i_rdm_gram(nax_i_rdm_job *j, const double *u, double *g, char *flat);
nax_status nax_i_rdm_poisson_product(nax_i_rdm_job *j, const double *a, const double *b,
                                     double *g);
/* Sum to zero over the columns of the rows of x (p x n). */
void nax_i_rdm_centre_rows(nax_index p, nax_index n, double *x, nax_index ld);
/* to = (x + prior * weight) / (1 + weight) of `rows` channels from `first` on of n
 * patterns, p x n and rows x n; NAX_EDATA where that is <= 0 (NaN stays). */
nax_status nax_i_rdm_rates(const nax_i_rdm_job *j, nax_index n, const double *x,
                           nax_index first, nax_index rows, double *to);

/* --- rdm.c ------------------------------------------------------------------------- */

/* 1 when the measure takes spike trains; the name of a measure. */
int nax_i_rdm_of_spikes(int32_t measure);
const char *nax_i_rdm_measure_name(int32_t measure);
/* Axis of the conditions of a design, and the measure, into a set. */
nax_status nax_i_rdms_name(nax_ctx *ctx, nax_rdms *r, const nax_i_design *g,
                           int32_t measure);
/* The axis of the RDMs of a set: 0, step, 2 step ... */
nax_status nax_i_rdms_number(nax_ctx *ctx, nax_rdms *r, const char *name, double step);
/* The precision as dense doubles; how many folds it is for (0: one for all). */
nax_status nax_i_rdm_load_precision(nax_ctx *ctx, const char *fn, nax_index p,
                                    const nax_view *v, double **out, nax_index *folds);

#endif
