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
#include "stats/stats_i.h"
#include <neuraxis/ntf.h>

enum { NAX_I_NTF_MAX_MODES = 6 };

/* Where a tensor comes from that is not in memory as a whole. */
typedef struct nax_i_slabs {
  /* Positions from .. from + count - 1 of the last mode into `slab`. */
  nax_status (*read)(nax_ctx *ctx, void *self, nax_index from, nax_index count,
                     void *slab);
  void *self, *slab;
  nax_index most;  /* positions that `slab` holds */
  int32_t thrifty; /* contractions with the longest mode only: small, but more reads */
} nax_i_slabs;

/* The tensor to factorise. */
typedef struct nax_i_tensor {
  const void *x; /* dense column-major, or the slab in memory */
  nax_dtype dtype;
  int32_t n_modes;
  nax_index dim[NAX_I_NTF_MAX_MODES];
  nax_index size;
  const nax_i_slabs *slabs; /* NULL: all of it is in memory */
} nax_i_tensor;

/* Element at a position in memory. */
static inline double
nax_i_tensor_at(const nax_i_tensor *x, nax_index at)
{
  return x->dtype == NAX_F32 ? (double)((const float *)x->x)[at]
                             : ((const double *)x->x)[at];
}

/* What the caller said of one mode. */
typedef struct nax_i_ntf_mode {
  char is_free;  /* entries may be negative */
  char is_fixed; /* the factor stays as it was given */
} nax_i_ntf_mode;

/* The factors of one or several starts, side by side: column j * rank + r of f[n] (rows
 * of ld columns, padded with zeros) is component r of start[j]. */
typedef struct nax_i_ntf_pack {
  int64_t n_starts, rank, ld;
  const int64_t *start; /* numbers below n_starts of `begin`, ascending */
  double *const *f;
} nax_i_ntf_pack;

typedef struct nax_i_ntf_operand nax_i_ntf_operand;

/* What a fit asks of the tensor, however it is kept. Functions marked + may be NULL.
 * Columns must not depend on each other: a start gets the same bits in any company. */
typedef struct nax_i_ntf_operand_type {
  /* + Working memory for up to n_starts starts of `rank` components; sets `norm2`. */
  nax_status (*begin)(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n_starts, int64_t rank);
  /* + Frees what `begin` made. */
  void (*end)(nax_i_ntf_operand *x);
  /* m (dim[mode] x pack->ld) = X contracted with all pack->f[n], n != mode. */
  nax_status (*mttkrp)(nax_i_ntf_operand *x, nax_ctx *ctx, const nax_i_ntf_pack *pack,
                       int32_t mode, double *m);
  /* + Factor `mode` of some start has other values: drop what was kept of it. */
  void (*changed)(nax_i_ntf_operand *x, int32_t mode);
  /* + The columns of factor `mode` were multiplied by s[], powers of two. */
  void (*scaled)(nax_i_ntf_operand *x, int32_t mode, const double *s);
  /* + Put the model of a start (f[n]: dim[n] x ld) where entries are missing: *norm2 is
   * the sum of squares of the tensor filled so, *change the sum of (filled before -
   * model)^2. NULL: nothing is missing. */
  nax_status (*refill)(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t start, int64_t rank,
                       int64_t ld, double *const *f, double *norm2, double *change);
  /* out[j] = sum of (x - model)^2 over the observed entries, entry by entry where that
   * is possible, for each of n sets of factors f[j][mode] of dim x ld. */
  nax_status (*residual)(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n, int64_t rank,
                         int64_t ld, double *const *const *f, double *out);
  /* + Bytes that `begin` allocates; only n_modes, dim and dtype are looked at. */
  size_t (*memory)(const nax_i_ntf_operand *x, int64_t n_starts, int64_t rank);
} nax_i_ntf_operand_type;

/* A tensor to factorise: dense, sparse, streamed or computed where it is needed. Kinds
 * embed this as their first member. */
struct nax_i_ntf_operand {
  const nax_i_ntf_operand_type *type;
  int32_t n_modes;
  nax_index dim[NAX_I_NTF_MAX_MODES];
  nax_dtype dtype;  /* columns of a pack are padded for this type */
  double observed2; /* sum of squares of the observed entries */
  double norm2;     /* the same with what first stands for the missing ones */
  int64_t columns;  /* most columns in one product that pay; 0: one start at a time */
  nax_i_ntf_mode mode[NAX_I_NTF_MAX_MODES];
};

/* Check the rank against the shape, and mark the modes that the options name. */
nax_status nax_i_ntf_settle(nax_ctx *ctx, nax_i_ntf_operand *x, const char *const *names,
                            const nax_ntf_opts *o);

/* Everything after the operand is set up: starts, fits in lockstep, residuals,
 * normalisation, similarity. `o` are resolved options, `init` as in nax_ntf_fit. */
nax_status nax_i_ntf_fit_operand(nax_ctx *ctx, nax_i_ntf_operand *x, const nax_view *init,
                                 const nax_ntf_opts *o, nax_ntf **out);

/* Bytes that nax_i_ntf_fit_operand allocates, those of the operand's `begin` included. */
size_t nax_i_ntf_fit_memory(const nax_i_ntf_operand *x, const nax_ntf_opts *o);

/* Products of the tensor with all factors but one (MTTKRP), sharing work between modes.
 *
 * The tensor is contracted with the factor of one mode, and that contraction `t` (the
 * other modes x ld) serves every other mode until the contracted one changes. In the
 * cyclic order 0, 1, 2, 0, ... the mode contracted is the one updated last, so a sweep of
 * a 3-way tensor reads X 1.5 times instead of 3 (multi-sweep dimension tree). */
typedef struct nax_i_tree {
  nax_ctx *ctx;
  const nax_i_tensor *x;
  int64_t rank;   /* components of one start: the order of contractions depends on it */
  int64_t ld;     /* columns of the factors, padded */
  int32_t held;   /* mode contracted in `t`, or -1 */
  int32_t stale;  /* that factor changed since */
  int64_t n_read; /* reads of X so far */
  double *t, *work[2];
  double *scale; /* columns of `t` are to be multiplied by this */
  float *w32;    /* factor as float32, when X is */
} nax_i_tree;

/* For up to n_starts starts of `rank` components. */
nax_status nax_i_tree_init(nax_i_tree *tree, nax_ctx *ctx, const nax_i_tensor *x,
                           int64_t n_starts, int64_t rank);
void nax_i_tree_free(nax_i_tree *tree);
/* Bytes that nax_i_tree_init allocates. */
size_t nax_i_tree_memory(const nax_i_tensor *x, int64_t n_starts, int64_t rank);
/* From now on the factors are of n_starts starts, not more than at first. */
void nax_i_tree_narrow(nax_i_tree *tree, int64_t n_starts);
/* m (dim[mode] x ld) = X contracted with all f[n], n != mode. */
nax_status nax_i_tree_mttkrp(nax_i_tree *tree, double *const *f, int32_t mode, double *m);
/* Factor `mode` changed: a contraction that used it is made again. */
void nax_i_tree_changed(nax_i_tree *tree, int32_t mode);

/* The columns of factor `mode` were multiplied by s[], powers of two: the contraction is
 * kept and has the bits that it would have if made again. */
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

/* The tensor of a caller's view. */
typedef struct nax_i_ntf_problem {
  nax_i_ntf_operand op;
  nax_i_tensor x; /* missing entries hold the latest model */
  nax_i_tree tree;
  nax_index n_missing;
  nax_index *missing; /* positions in x, ascending */
  double *fill;       /* for each position of mode 0: the mean of what was observed */
  void *own;          /* memory of x when it had to be copied */
} nax_i_ntf_problem;

/* Check the view and the options, pack when needed, find missing entries. */
nax_status nax_i_ntf_problem_init(nax_ctx *ctx, const nax_view *x, const nax_ntf_opts *o,
                                  nax_i_ntf_problem *p);
void nax_i_ntf_problem_free(nax_i_ntf_problem *p);
/* Look at the values of p->x, which begins `before` elements into the tensor that `view`
 * describes: infinite and (no mode being free) negative ones are refused, sums of squares
 * and missing ones counted. */
nax_status nax_i_ntf_scan(nax_ctx *ctx, const nax_view *view, nax_index before,
                          nax_i_ntf_problem *p);
extern const nax_i_ntf_operand_type nax_i_ntf_dense, nax_i_ntf_dense_missing,
    nax_i_ntf_dense_streamed;
/* Best number of columns in one product with a dense tensor of this type. */
int64_t nax_i_ntf_dense_columns(nax_dtype dtype);

/* One start and where it led. */
typedef struct nax_i_ntf_run {
  double *f[NAX_I_NTF_MAX_MODES]; /* start on entry, factors on return; rows of
                                     nax_i_ntf_ld(rank) */
  double *trace;                  /* relative error after each sweep; max_iter entries */
  int64_t n_iter;
  double kkt;
  nax_stop stop;
} nax_i_ntf_run;

static inline int64_t
nax_i_ntf_ld(int64_t rank)
{
  return nax_i_skinny_pad(NAX_F64, rank);
}

/* Fit n starts in lockstep: each sweep reads the tensor once for all that still run. The
 * operand has begun with n starts. */
nax_status nax_i_ntf_run_fit(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_operand *x,
                             int64_t n, nax_i_ntf_run *run);
/* Bytes that it allocates. */
size_t nax_i_ntf_run_memory(const nax_i_ntf_operand *x, const nax_ntf_opts *o, int64_t n);

/* Sum of (x - model)^2 over the observed entries, entry by entry. */
nax_status nax_i_ntf_residual(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank,
                              int64_t ld, double *const *f, double *out);

/* Resolved options of a fit. */
const nax_ntf_opts *nax_i_ntf_options(const nax_ntf *m);

#endif
