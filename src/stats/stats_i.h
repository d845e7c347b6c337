/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order statistics and a minimiser on plain buffers, for the modules above. */
#ifndef NAX_STATS_I_H
#define NAX_STATS_I_H
#include "core/core_i.h"
#include <neuraxis/stats.h>

/* A value to sort by and where it came from. */
typedef struct nax_i_keyed {
  uint64_t key;
  nax_index at;
} nax_i_keyed;

/* Unsigned integer that sorts as x does (-0 and 0 alike); x is not NaN. */
uint64_t nax_i_sort_key(double x);
/* The value behind a key. */
double nax_i_key_value(uint64_t key);
/* Sort n entries by key, equal ones in their order; `tmp` has room for n. O(n). */
void nax_i_sort_keyed(nax_i_keyed *a, nax_i_keyed *tmp, nax_index n);
/* The same for entries by the million: looks whether to stop, NAX_EINTERRUPT. */
nax_status nax_i_sort_keyed_long(nax_ctx *ctx, nax_i_keyed *a, nax_i_keyed *tmp,
                                 nax_index n);

/* Copy what is finite; returns how many. */
nax_index nax_i_keep_finite(const double *x, nax_index n, double *y);

/* Minimisation of a smooth function of many variables. */
typedef struct nax_i_lbfgs {
  /* Value and gradient at x. NAX_ENUMERIC: cannot be computed there, go nearer; any other
   * failure ends the run with it. */
  nax_status (*fn)(void *arg, const double *x, double *f, double *g);
  void *arg;
  int64_t max_eval; /* evaluations of fn */
  double tol;       /* stop when three steps in a row gain at most this share each of the
                       gain so far, `gained` before the run included */
  double gained;
} nax_i_lbfgs;
/* From x (n, replaced by the best point) by limited-memory BFGS; scale the variables so
 * that steps of one unit are sensible. */
nax_status nax_i_lbfgs_run(nax_ctx *ctx, const nax_i_lbfgs *o, nax_index n, double *x,
                           double *f, int64_t *n_eval, nax_stop *stop);

/* Probability that Student's t with dof degrees of freedom is above t; the t above which
 * lies probability q. NaN outside the domain. */
double nax_i_student_upper(double t, double dof);
double nax_i_student_quantile(double q, double dof);
/* Value that a standard normal variable is below with probability p. */
double nax_i_normal_quantile(double p);

/* gain (n x n, row-major): the assignment with the largest sum; match[i] is the column of
 * row i. @cost O(n^3). */
nax_status nax_i_assign(nax_ctx *ctx, int64_t n, const double *gain, int64_t *match);

/* Who is next to whom: index[offset[i]] to index[offset[i + 1] - 1] are next to point i;
 * without (NULL) points lie on lines of `line`, next to each other along and across. */
typedef struct nax_i_neighbours {
  const nax_index *offset, *index;
  nax_index line;
} nax_i_neighbours;

/* The cluster that grows from point `start` of n: points that hang together, have no
 * cluster (of[i] below 0) yet and t above the limit (`up`; else below minus the limit).
 * They get `label`. Returns the sum of their t, and how many; `stack` has room for n. */
double nax_i_grow_cluster(const nax_i_neighbours *near, nax_index n, const double *t,
                          double limit, int up, nax_index start, int64_t label,
                          nax_index *stack, int64_t *of, nax_index *size);

/* m chains of n draws each (draws fastest): rank-normalised split R-hat (the larger of
 * bulk and folded) and effective sample sizes of bulk and tails. NaN for fewer than 8
 * draws and for what does not vary. @cost O(n m (log + lags)). */
nax_status nax_i_mcmc_summary(nax_ctx *ctx, nax_index n, nax_index m, const double *x,
                              double *rhat, double *bulk, double *tail);

#endif
