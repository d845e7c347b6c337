/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the tensor factorisation.
 *
 * Factors are kept row-major here, rows padded with zeros to `ld` columns: row i of mode
 * n is f[n] + i * ld. The tensor is dense column-major (mode 0 fastest), as in a
 * nax_array. */
#ifndef NAX_NTF_I_H
#define NAX_NTF_I_H
#include "dataset/dataset_i.h"
#include "linalg/skinny_i.h"
#include <neuraxis/ntf.h>

enum { NAX_I_NTF_MAX_MODES = 6 };

/* The tensor to factorise. */
typedef struct nax_i_tensor {
  const void *x; /* dense column-major */
  nax_dtype dtype;
  int32_t n_modes;
  nax_index dim[NAX_I_NTF_MAX_MODES];
  nax_index size;
} nax_i_tensor;

/* Element at a position in memory. */
static inline double
nax_i_tensor_at(const nax_i_tensor *x, nax_index at)
{
  return x->dtype == NAX_F32 ? (double)((const float *)x->x)[at]
                             : ((const double *)x->x)[at];
}

/* Products of the tensor with all factors but one (MTTKRP), sharing work between modes.
 *
 * The tensor is contracted with the factor of one mode, and that contraction `t` (the
 * other modes x ld) serves every other mode until the contracted one changes. In the
 * cyclic order 0, 1, 2, 0, ... the mode contracted is the one updated last, so a sweep of
 * a 3-way tensor reads X 1.5 times instead of 3 (multi-sweep dimension tree). */
typedef struct nax_i_tree {
  nax_ctx *ctx;
  const nax_i_tensor *x;
  int64_t ld;     /* columns of the factors, padded */
  int32_t held;   /* mode contracted in `t`, or -1 */
  int64_t n_read; /* reads of X so far */
  double *t, *work[2];
  double *scale; /* columns of `t` are to be multiplied by this */
  float *w32;    /* factor as float32, when X is */
} nax_i_tree;

nax_status nax_i_tree_init(nax_i_tree *tree, nax_ctx *ctx, const nax_i_tensor *x,
                           int64_t rank);
void nax_i_tree_free(nax_i_tree *tree);
/* Bytes that nax_i_tree_init allocates. */
size_t nax_i_tree_memory(const nax_i_tensor *x, int64_t rank);
/* m (dim[mode] x ld) = X contracted with all f[n], n != mode. */
nax_status nax_i_tree_mttkrp(nax_i_tree *tree, double *const *f, int32_t mode, double *m);
/* Factor `mode` changed: forget a contraction that used it. */
void nax_i_tree_changed(nax_i_tree *tree, int32_t mode);

/* The columns of factor `mode` were multiplied by s[]: keep the contraction. */
void nax_i_tree_scaled(nax_i_tree *tree, int32_t mode, const double *s);

/* g (ld x ld, zero beyond rank) = f' f for a factor of n rows. */
void nax_i_gram(const double *f, nax_index n, int64_t ld, double *g);

/* How the rows of one mode are updated. */
typedef struct nax_i_rows {
  const double *g; /* Hadamard product of the other Gram matrices, ld x ld */
  const double *m; /* n x ld */
  double *a;       /* n x ld, updated in place */
  nax_index n;
  int64_t rank, ld;
  int32_t is_free;    /* 1: entries may be negative */
  int64_t max_sweeps; /* of coordinate descent */
  double inner_tol;   /* stop a block of rows when a sweep gains less than this share of
                         its first; 0: all sweeps */
  double ridge, l1;   /* penalties: ridge/2 a^2 and l1 |a| */
} nax_i_rows;

/* Coordinate descent on min 1/2 a'Ga - m'a + ridge/2 a'a + l1 |a| for each row. */
nax_status nax_i_rows_descend(nax_ctx *ctx, const nax_i_rows *r);
/* Exact minimiser by block principal pivoting (is_free is not used). */
nax_status nax_i_rows_pivot(nax_ctx *ctx, const nax_i_rows *r);
/* One multiplicative update. */
nax_status nax_i_rows_multiply(nax_ctx *ctx, const nax_i_rows *r);

/* --- fitting ------------------------------------------------------------------- */

/* What a fit works on. */
typedef struct nax_i_ntf_problem {
  nax_i_tensor x;   /* missing entries hold the latest model */
  double observed2; /* sum of squares of the observed entries */
  double norm2;     /* the same of all entries, with what stands for the missing ones */
  nax_index n_missing;
  nax_index *missing; /* positions in x, ascending */
  double *fill;       /* for each position of mode 0: the mean of what was observed */
  void *own;          /* memory of x when it had to be copied */
  char is_free[NAX_I_NTF_MAX_MODES], is_fixed[NAX_I_NTF_MAX_MODES];
} nax_i_ntf_problem;

/* Check the view and the options, pack when needed, find missing entries. */
nax_status nax_i_ntf_problem_init(nax_ctx *ctx, const nax_view *x, const nax_ntf_opts *o,
                                  nax_i_ntf_problem *p);
void nax_i_ntf_problem_free(nax_i_ntf_problem *p);

/* Put a value where an entry is missing; returns what is stored. */
double nax_i_ntf_put(nax_i_ntf_problem *p, nax_index at, double v);
/* Means where entries are missing, as each start begins. */
void nax_i_ntf_first_fill(nax_i_ntf_problem *p);

/* One start and where it led. */
typedef struct nax_i_ntf_run {
  double *f[NAX_I_NTF_MAX_MODES]; /* start on entry, factors on return */
  double *trace;                  /* relative error after each sweep; max_iter entries */
  int64_t n_iter;
  double kkt;
  nax_stop stop;
} nax_i_ntf_run;

nax_status nax_i_ntf_run_fit(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_problem *p,
                             nax_i_ntf_run *run);

/* Sum of (x - model)^2 over the observed entries, entry by entry. */
nax_status nax_i_ntf_residual(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank,
                              int64_t ld, double *const *f, double *out);

/* cost (n x n, row-major): the assignment with the largest sum; match[i] is the column of
 * row i. @cost O(n^3). */
nax_status nax_i_assign(nax_ctx *ctx, int64_t n, const double *gain, int64_t *match);

/* Resolved options of a fit. */
const nax_ntf_opts *nax_i_ntf_options(const nax_ntf *m);

#endif
