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

struct nax_i_ntf_update;

/* A mode whose factor is made of other unknowns; these are kept, start by start, by whom
 * this belongs to. Different starts may be worked on at the same time. */
typedef struct nax_i_ntf_made {
  /* f (dim x ld) = factor of start number `start` at its beginning. */
  nax_status (*begin)(struct nax_i_ntf_made *self, nax_ctx *ctx, int64_t start,
                      uint64_t seed, int64_t ld, double *f);
  /* Make u->a better; it is what was made last, columns scaled or begun anew. `gram` has
   * one matrix (ld x ld) for each group of rows, `group` the group of each row (NULL:
   * one). Adds the squared violation of the optimality conditions before that and the
   * squared size of what it is measured by. */
  nax_status (*update)(struct nax_i_ntf_made *self, nax_ctx *ctx,
                       const struct nax_i_ntf_update *u, const double *gram,
                       const nax_index *group, double *bad, double *all);
} nax_i_ntf_made;

/* What the caller said of one mode. */
typedef struct nax_i_ntf_mode {
  char is_free;  /* entries may be negative */
  char is_fixed; /* the factor stays as it was given */
  char in_ball;  /* columns of at most unit norm: other modes are penalised, and without a
                    bound their scale would all move here */
  double ridge, l1,
      smooth; /* ridge/2 ||a||^2, l1 ||a||_1, smooth/2 ||first differences||^2 */
  nax_i_ntf_made *made; /* NULL: the factor itself is unknown */
  /* Ascending: rows next to each other of one number are equal, as far as they miss the
   * same entries (NULL: all rows are for themselves). */
  const nax_index *tied;
} nax_i_ntf_mode;

static inline int
nax_i_ntf_is_penalised(const nax_i_ntf_mode *m)
{
  return m->ridge > 0.0 || m->l1 > 0.0 || m->smooth > 0.0;
}

/* Rows of the mode depend on each other. */
static inline int
nax_i_ntf_is_coupled(const nax_i_ntf_mode *m)
{
  return m->smooth > 0.0 || m->in_ball;
}

struct nax_i_ntf_operand;

/* Which entries are missing when that does not depend on the position in mode `along`.
 * Rows of a mode that miss the same entries form a group: they share one Gram matrix, the
 * sum over the observed positions of the other modes, so that fits are exact. */
typedef struct nax_i_ntf_groups {
  int64_t n;           /* groups */
  nax_index *first;    /* n + 1: where the rows of a group begin in `row` */
  nax_index *row;      /* all rows of the mode, group by group */
  nax_index *first_at; /* n + 1: where its observed positions begin in `at` */
  nax_index *at;       /* positions over the modes other than this one and `along`, lowest
                          mode fastest */
} nax_i_ntf_groups;

/* Gaps of another kind: the Gram matrix of a group is the sum of those of some parts of
 * the tensor, whose numbers are in `at`. */
typedef struct nax_i_ntf_mask {
  int32_t along;
  nax_i_ntf_groups of[NAX_I_NTF_MAX_MODES];
  nax_index n_parts;
  /* h (n_parts of ld x ld) = products of the Gram matrices of all modes but `mode` (-1:
   * of all) over what there is of each part; NULL: gaps along a mode */
  nax_status (*parts)(nax_ctx *ctx, const struct nax_i_ntf_operand *x, int32_t mode,
                      int64_t ld, double *const *f, double *h);
} nax_i_ntf_mask;

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
  /* + Where a new component should start: for each mode a profile (dim values, at least
   * 0) of what the model f leaves over in the slice of the last mode where that is most.
   * NULL: new components start even. */
  nax_status (*left_over)(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t rank, int64_t ld,
                          double *const *f, double *const *profile);
  /* + Beta-divergence from the model f, in *value, and unless mode is -1 what a
   * multiplicative update of `mode` needs (dim[mode] x ld): x m^(beta - 2) in num and
   * m^(beta - 1) in den, contracted with all f[n], n != mode, m being the model; observed
   * entries only. NULL: squares only. */
  nax_status (*divergence)(nax_i_ntf_operand *x, nax_ctx *ctx, double beta, int64_t rank,
                           int64_t ld, double *const *f, int32_t mode, double *num,
                           double *den, double *value);
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
  const nax_i_ntf_mask
      *mask; /* entries missing in a regular way, which hold zero; or NULL */
};

/* Exponent of the loss. */
static inline double
nax_i_ntf_beta(const nax_ntf_opts *o)
{
  return o->loss == NAX_NTF_FROBENIUS ? 2.0 : o->loss == NAX_NTF_KL ? 1.0 : o->beta;
}

/* Some mode has a penalty. */
int nax_i_ntf_any_penalty(const nax_i_ntf_operand *x);

/* Check the rank against the shape, and mark the modes that the options name. */
nax_status nax_i_ntf_settle(nax_ctx *ctx, nax_i_ntf_operand *x, const char *const *names,
                            const nax_ntf_opts *o);

/* Everything after the operand is set up: starts, fits in lockstep, residuals,
 * normalisation, similarity. `o` are resolved options, `init` as in nax_ntf_fit. */
nax_status nax_i_ntf_fit_operand(nax_ctx *ctx, nax_i_ntf_operand *x, const nax_view *init,
                                 const nax_ntf_opts *o, nax_ntf **out);

/* Bytes of the tensors that losses other than squares need besides a dense one. */
size_t nax_i_ntf_ratio_memory(nax_index size, int32_t missing, const nax_ntf_opts *o);

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
  void *t;        /* float32 where X is, unless it comes in slabs */
  double *work[2];
  double *sums, *fresh; /* of each job of a contraction: a product, rows of `t` */
  double *scale;        /* columns of `t` are to be multiplied by this */
  float *w32;           /* factor as float32, when X is */
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

/* g (ld x ld) = product of the Gram matrices of all modes. */
nax_status nax_i_ntf_all_grams(nax_ctx *ctx, const nax_i_ntf_operand *x, int64_t ld,
                               double *const *f, double *g);

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
  /* Only nax_i_rows_admm: */
  int32_t in_ball; /* columns have at most unit norm */
  double smooth;   /* smooth/2 times the squared differences between rows */
  double *dual;    /* n x ld multipliers, divided by the step; kept from call to call */
} nax_i_rows;

/* Coordinate descent on min 1/2 a'Ga - m'a + ridge/2 a'a + l1 |a| for each row. */
nax_status nax_i_rows_descend(nax_ctx *ctx, const nax_i_rows *r);
/* Exact minimiser by block principal pivoting (is_free is not used). */
nax_status nax_i_rows_pivot(nax_ctx *ctx, const nax_i_rows *r);
/* One multiplicative update. */
nax_status nax_i_rows_multiply(nax_ctx *ctx, const nax_i_rows *r);

/* Splitting into a quadratic half and the constraints, until these agree to inner_tol and
 * the objective has not risen; else `a` stays and the multipliers are nearer. */
nax_status nax_i_rows_admm(nax_ctx *ctx, const nax_i_rows *r);
/* tr(A G A' / 2 - A' M) and the penalties. */
double nax_i_rows_objective(const nax_i_rows *r);

/* Update of one mode of one start. */
typedef struct nax_i_ntf_update {
  const nax_ntf_opts *o;
  const nax_i_ntf_operand *x;
  int64_t rank, ld;
  double *const *e;        /* factors of the other modes */
  double *const *gram;     /* and their Gram matrices */
  double *a, *m, *dual;    /* the factor (in: where to start, out: result), its MTTKRP */
  double *h, *g;           /* scratch, ld x ld */
  double *some_m, *some_a; /* scratch as large as m; only with a mask */
  int64_t start;           /* its number */
  int32_t mode, wants_error;
  double violation; /* of the optimality conditions before the update */
  double error;     /* ||model||^2 - 2 <x, model> after it, when it is wanted */
} nax_i_ntf_update;

nax_status nax_i_ntf_update_mode(nax_ctx *ctx, nax_i_ntf_update *u);

/* scale (n_modes x ld): what the columns of each mode are to be multiplied by; the model
 * stays. norm2 (n_modes x ld) are their squared norms. Without penalties the factors are
 * powers of two. Returns the first component that is dead, or -1. */
int64_t nax_i_ntf_find_scale(const nax_i_ntf_operand *x, int64_t rank, int64_t ld,
                             double *const *f, const double *norm2, double *scale);
void nax_i_ntf_scale_columns(double *f, nax_index n, int64_t rank, int64_t ld,
                             const double *scale);
/* Penalties of one mode. */
double nax_i_ntf_penalty(const nax_i_ntf_mode *mode, const double *f, nax_index n,
                         int64_t rank, int64_t ld);
/* Groups of rows when the missing entries (n positions, ascending) do not depend on the
 * position in some mode; *found says whether that is so. */
nax_status nax_i_ntf_find_mask(nax_ctx *ctx, const nax_i_ntf_operand *x, nax_index n,
                               const nax_index *missing, nax_i_ntf_mask *mask,
                               int32_t *found);
void nax_i_ntf_mask_free(nax_i_ntf_mask *mask);

/* --- fitting ------------------------------------------------------------------- */

/* The tensor of a caller's view. */
typedef struct nax_i_ntf_problem {
  nax_i_ntf_operand op;
  nax_i_tensor x; /* missing entries hold the latest model */
  nax_i_tree tree;
  nax_index n_missing;
  nax_index *missing;  /* positions in x, ascending */
  double *fill;        /* for each position of mode 0: the mean of what was observed */
  nax_i_ntf_mask mask; /* in use when op.mask points to it */
  double *ratio[2]; /* x m^(beta - 2) and m^(beta - 1), for losses other than squares */
  nax_i_tree ratio_tree;
  nax_i_tensor ratio_x;
  void *own; /* memory of x when it had to be copied */
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
  int64_t start;                  /* its number */
  double *f[NAX_I_NTF_MAX_MODES]; /* start on entry, factors on return; rows of
                                     nax_i_ntf_ld(rank) */
  double *trace;                  /* relative error after each sweep; max_iter entries */
  int64_t n_iter;
  double kkt;
  double loss; /* set by nax_i_ntf_run_loss only */
  nax_stop stop;
} nax_i_ntf_run;

static inline int64_t
nax_i_ntf_ld(int64_t rank)
{
  return nax_i_skinny_pad(NAX_F64, rank);
}

/* Fit n starts, one after the other, by multiplicative updates for the loss of the
 * options. traces hold the loss. */
nax_status nax_i_ntf_run_loss(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_operand *x,
                              int64_t n, nax_i_ntf_run *run);

/* Fit n starts in lockstep: each sweep reads the tensor once for all that still run. The
 * operand has begun with n starts. */
nax_status nax_i_ntf_run_fit(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_operand *x,
                             int64_t n, nax_i_ntf_run *run);
/* Bytes that it allocates. */
size_t nax_i_ntf_run_memory(const nax_i_ntf_operand *x, const nax_ntf_opts *o, int64_t n);

/* Products over modes 1, 2, ... of the factor rows that belong to fibre j along mode 0:
 * ld values. */
void nax_i_ntf_fibre_weights(const nax_i_tensor *x, double *const *f, int64_t rank,
                             int64_t ld, nax_index j, double *w);
/* First missing entry that is not before position `at`. */
nax_index nax_i_ntf_first_missing(const nax_i_ntf_problem *p, nax_index at);

/* Sum of (x - model)^2 over the observed entries, entry by entry. */
nax_status nax_i_ntf_residual(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank,
                              int64_t ld, double *const *f, double *out);

/* What the functions left_over and divergence of a dense tensor do. */
nax_status nax_i_ntf_left_over(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank,
                               int64_t ld, double *const *f, double *const *profile);
nax_status nax_i_ntf_dense_divergence(nax_i_ntf_operand *x, nax_ctx *ctx, double beta,
                                      int64_t rank, int64_t ld, double *const *f,
                                      int32_t mode, double *num, double *den,
                                      double *value);

/* Resolved options of a fit. */
const nax_ntf_opts *nax_i_ntf_options(const nax_ntf *m);
/* Entries of mode k may be negative. */
int32_t nax_i_ntf_is_free(const nax_ntf *m, int32_t k);
/* Both published scores of two fits of one rank, over the modes other than `skip` (-1:
 * over all), components matched to maximise each. */
nax_status nax_i_ntf_similarity(nax_ctx *ctx, const nax_ntf *a, const nax_ntf *b,
                                int32_t skip, double *mean_cosine, double *product);
/* Median similarity of `whole` to fits with a part of the slices of a mode left out, and
 * of fits to two halves of them; NaN when not asked for or not possible. x is dense. */
nax_status nax_i_ntf_split_similarity(nax_ctx *ctx, const nax_view *x,
                                      const nax_ntf *whole, const nax_ntf_select_opts *o,
                                      int32_t mode, double *left_out, double *half);
/* Median of n >= 1 values, which are sorted. */
double nax_i_ntf_median(double *v, int64_t n);
/* Mode called `name` (n characters), by axis name or by number from 0; -1 for none. */
int32_t nax_i_ntf_find_mode(int32_t n_modes, const char *const *names, const char *name,
                            size_t n);
/* The start that is the result. */
int64_t nax_i_ntf_best(const nax_ntf *m);

#endif
