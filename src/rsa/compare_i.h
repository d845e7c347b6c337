/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the comparison of RDMs. */
#ifndef NAX_RSA_COMPARE_I_H
#define NAX_RSA_COMPARE_I_H
#include "rsa_i.h"

/* --- kendall.c --------------------------------------------------------------------- */

/* One RDM as Kendall's tau sees it. */
typedef struct nax_i_kendall {
  nax_index m;
  int32_t *order; /* pair at each place of the ascending order */
  char *last;     /* of each place: 1 when the next value is another one */
  int32_t *rank;  /* of each pair, equal ones alike, from 0 */
  int32_t ranks;  /* different values */
  double tied;    /* pairs of equal values */
} nax_i_kendall;

nax_status nax_i_kendall_prepare(nax_ctx *ctx, nax_index m, const double *x,
                                 nax_i_kendall *k);
void nax_i_kendall_clear(nax_i_kendall *k);
/* tau-a, or tau-b with `b`. work: nax_i_kendall_work(m) bytes. */
double nax_i_kendall_tau(const nax_i_kendall *x, const nax_i_kendall *y, int b,
                         void *work);
size_t nax_i_kendall_work(nax_index m);
/* Concordant minus discordant pairs of n values, in the ascending order of x, with ranks
 * of y from 0 to `ranks` - 1, none left out; the value at place t of the order stands for
 * count[t] equal ones (NULL: for itself), `total` in all. work: nax_i_kendall_work(n)
 * bytes. */
int64_t nax_i_kendall_score(nax_index n, const int32_t *order, const char *last,
                            const int32_t *rank, int32_t ranks, const int32_t *count,
                            int64_t total, void *work);

/* --- white.c ----------------------------------------------------------------------- */

/* Whitening by the covariance of distances that noise sigma_k between conditions causes,
 * V = Xi o Xi with Xi = C sigma_k C': a'V^-1 b is the inner product of the features of a
 * and b, minus that of their `gaps` where pairs are missing. V itself is never formed. */
typedef struct nax_i_white {
  nax_index n, n_features, n_missing;
  int full, compat;
  double *l; /* Cholesky factor of sigma_k (n x n), or root of its diagonal (n) */
  double *u; /* unit vector that is projected out, n */
  nax_index *missing; /* pairs */
  double *q;          /* factor of the covariance of the missing pairs */
  double *pi;         /* n x n, with missing pairs */
} nax_i_white;

/* sigma_k: NULL (identity), a vector of n variances (full 0) or n x n (full 1). */
nax_status nax_i_white_init(nax_ctx *ctx, const char *fn, nax_index n,
                            const double *sigma_k, int full, int compat,
                            nax_index n_missing, const nax_index *missing,
                            nax_i_white *w);
void nax_i_white_clear(nax_i_white *w);
/* d: m pairs (0 where missing). f: n_features; gap: n_missing; work: 2 n^2. */
nax_status nax_i_white_features(nax_ctx *ctx, const nax_i_white *w, const double *d,
                                double *f, double *gap, double *work);

/* --- riemann.c --------------------------------------------------------------------- */

/* Factor F of the centred Gram matrix K = F F' of squared distances d, n x n, columns in
 * the order of their eigenvalues. Negative ones are 0; `trace` is then that of F F'.
 * With `k` (n x n) that gets K itself and `trace` is its own. */
nax_status nax_i_bures_factor(nax_ctx *ctx, nax_index n, const double *d, double *f,
                              double *k, double *trace);
/* |K1^(1/2) K2^(1/2)|_* from the factors; with k2, from the positive eigenvalues of
 * F1'K2 F1. work: 2 n x n + n. */
nax_status nax_i_bures_overlap(nax_ctx *ctx, nax_index n, const double *f1,
                               const double *f2, const double *k2, double *work,
                               double *out);
/* Minus the affine-invariant Riemannian distance of d1, after the best scaling and the
 * best addition of a multiple of sigma_k (NULL: identity), to d2. `watch` may stop it. */
nax_status nax_i_neg_riemann(nax_ctx *watch, nax_index n, const double *d1,
                             const double *d2, const double *sigma_k, double *out);

/* --- compare.c --------------------------------------------------------------------- */

/* Pairs that every RDM of the sets has; how many. `at` has room for m. */
nax_index nax_i_common_pairs(nax_index n_sets, const nax_rdms *const *sets,
                             nax_index *at);
/* 1 for comparators that are cosines of features: cosine, corr, whitened. */
int nax_i_is_cosine(nax_rsa_comparator c);
/* Inner products of the features of all RDMs of a set, count x count. */
nax_status nax_i_rsa_gram(nax_ctx *ctx, const char *fn, const nax_rdms *r,
                          nax_rsa_comparator c, const nax_view *sigma_k, double *g);

/* --- pool.c, model.c --------------------------------------------------------------- */

/* Mean similarity of the RDMs of each group to the pool of the others and to that of all.
 * group NULL: each RDM is one. */
nax_status nax_i_rsa_ceilings(nax_ctx *ctx, const char *fn, const nax_rdms *r,
                              nax_index n_groups, const nax_index *group,
                              nax_rsa_comparator comparator, const nax_view *sigma_k,
                              int32_t compat, double *lower, double *upper);
/* x >= 0 that minimises x'Ax - 2 b'x. */
nax_status nax_i_nnls(nax_ctx *ctx, const char *fn, nax_index k, const double *a,
                      const double *b, double *x);
/* Parameters of a model whose k RDMs are rows first.. of the Gram matrix g (leading
 * dimension ld), for data RDMs at rows data[], each scaled to unit norm and weighted. */
nax_status nax_i_model_theta(nax_ctx *ctx, const char *fn, nax_rsa_model_kind kind,
                             nax_index k, nax_index n_data, const double *g, nax_index ld,
                             nax_index first, const nax_index *data, const double *weight,
                             double ridge, double *theta);

#endif
