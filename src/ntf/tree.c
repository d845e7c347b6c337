/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MTTKRP by a multi-sweep dimension tree over the skinny product.
 *
 * Bound: a contraction reads X once (n s bytes) and does 2 n R flops; what follows works
 * on `t`, which is smaller by the length of the contracted mode. With three modes the
 * product that a contraction is made for is summed while it is in the cache, so that `t`
 * is written once and read once, by the other product; it has the type of X. */
#include "ntf_i.h"

enum { T_ROWS = 64 }; /* rows of one block; fixed, so sums never move */

/* A part of X that is contracted at a time, and what one thread takes at a time: several
 * parts next to each other, since each asks for the next one. Where the mode is
 * contiguous the part stays in the level-2 cache; elsewhere its columns are gone through
 * a few at a time, and memory is read in runs of RUN_BYTES: from 4 kB on they are read at
 * the full rate, and at two thirds of it in runs of 1 kB. */
enum {
  RUN_BYTES = 4 << 10,
  LINES_BYTES = 192 << 10,
  JOB_BYTES = 4 << 20,
  MOST_ROWS = 2048
};

/* Jobs sum products of their own, of at most so many bytes for each start, and are not so
 * many that all of these could not be kept; the same for any number of threads. */
enum { MOST_SLOTS = 64, SUM_BYTES = 48 << 10 };

/* Of rows of `t` while they are in the cache. */
enum { FRESH_BYTES = 128 << 10, FEWEST_ROWS = 64 };

/* A `t` larger than this is written past the caches. */
enum { PAST_CACHE_BYTES = 8 << 20 };

static nax_index
product(const nax_index *dim, int32_t from, int32_t to)
{
  nax_index n = 1;
  for (int32_t k = from; k < to; k++) {
    n *= dim[k];
  }
  return n;
}

/* The longest mode other than `mode`, the first of several. */
static int32_t
longest_other(const nax_i_tensor *x, int32_t mode)
{
  int32_t best = mode == 0 ? 1 : 0;
  for (int32_t k = best + 1; k < x->n_modes; k++) {
    best = k != mode && x->dim[k] > x->dim[best] ? k : best;
  }
  return best;
}

static int
is_thrifty(const nax_i_tensor *x)
{
  return x->slabs != NULL && x->slabs->thrifty;
}

/* Rows of the largest contraction. */
static nax_index
most_rows(const nax_i_tensor *x)
{
  nax_index most = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    nax_index n = x->dim[is_thrifty(x) ? longest_other(x, k) : k];
    n = n > 0 ? x->size / n : 0;
    most = n > most ? n : most;
  }
  return most;
}

/* Rows of the largest intermediate after the first one: two modes gone. */
static nax_index
second_rows(const nax_i_tensor *x)
{
  nax_index most = 0;
  for (int32_t a = 0; a < x->n_modes; a++) {
    for (int32_t b = 0; b < a; b++) {
      nax_index both = x->dim[a] * x->dim[b];
      nax_index n = both > 0 ? x->size / both : 0;
      most = n > most ? n : most;
    }
  }
  return most;
}

static nax_index
longest(const nax_i_tensor *x)
{
  nax_index n = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    n = x->dim[k] > n ? x->dim[k] : n;
  }
  return n;
}

/* Of what is in `t`; of slabs it may be sums over several of them. */
static nax_dtype
type_of_t(const nax_i_tensor *x)
{
  return x->slabs == NULL ? x->dtype : NAX_F64;
}

static int64_t
n_slots(const nax_i_tensor *x)
{
  nax_index n = x->size * (nax_index)nax_dtype_size(x->dtype) / JOB_BYTES + 1;
  return n < MOST_SLOTS ? n : MOST_SLOTS;
}

/* Whether the products of `mode` are summed by the jobs of a contraction. What starts
 * next to each other do must not depend on how many there are. */
static int
is_summed(const nax_i_tensor *x, int64_t rank, int32_t mode)
{
  nax_index bytes = x->dim[mode] * nax_i_skinny_pad(x->dtype, rank) * 8;
  return x->n_modes == 3 && x->slabs == NULL && bytes <= SUM_BYTES;
}

/* Rows of the largest product that is summed by jobs. */
static nax_index
most_summed(const nax_i_tensor *x, int64_t rank)
{
  nax_index most = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    most = is_summed(x, rank, k) && x->dim[k] > most ? x->dim[k] : most;
  }
  return most;
}

/* Rows of `t` that are made before they are put away. */
static nax_index
fresh_rows(int64_t ld)
{
  nax_index n = FRESH_BYTES / (8 * ld) / 16 * 16;
  return n < FEWEST_ROWS ? FEWEST_ROWS : n > MOST_ROWS ? MOST_ROWS : n;
}

/* Numbers that a slot has for them: not fewer with more columns, so that what was made
 * for all starts is enough for those that are left. */
static nax_index
fresh_numbers(int64_t ld)
{
  nax_index n = FRESH_BYTES / 8;
  return FEWEST_ROWS * ld > n ? FEWEST_ROWS * ld : n;
}

size_t
nax_i_tree_memory(const nax_i_tensor *x, int64_t n_starts, int64_t rank)
{
  size_t ld = (size_t)nax_i_skinny_pad(x->dtype, n_starts * rank);
  size_t fresh = (size_t)(n_slots(x) * fresh_numbers((int64_t)ld));
  size_t rows = (size_t)(n_slots(x) * most_summed(x, rank)) +
                (x->n_modes > 3 ? 2 * (size_t)second_rows(x) : 0);
  size_t single = x->dtype == NAX_F32 ? (size_t)longest(x) * ld * sizeof(float) : 0;
  return (rows * ld + fresh) * sizeof(double) + single +
         (size_t)most_rows(x) * ld * nax_dtype_size(type_of_t(x));
}

nax_status
nax_i_tree_init(nax_i_tree *tree, nax_ctx *ctx, const nax_i_tensor *x, int64_t n_starts,
                int64_t rank)
{
  nax_status status = NAX_OK;
  *tree = (nax_i_tree){.ctx = ctx, .x = x, .rank = rank, .held = -1};
  tree->ld = nax_i_skinny_pad(x->dtype, n_starts * rank);
  size_t row = (size_t)tree->ld * sizeof(double);
  NAX_TRY_ALLOC(tree->t, most_rows(x), (size_t)tree->ld * nax_dtype_size(type_of_t(x)));
  NAX_TRY_ALLOC(tree->sums, n_slots(x) * most_summed(x, rank), row);
  NAX_TRY_ALLOC(tree->fresh, n_slots(x) * fresh_numbers(tree->ld), sizeof(double));
  NAX_TRY_ALLOC(tree->scale, 1, row);
  if (x->n_modes > 3) {
    NAX_TRY_ALLOC(tree->work[0], second_rows(x), row);
    NAX_TRY_ALLOC(tree->work[1], second_rows(x), row);
  }
  if (x->dtype == NAX_F32) {
    NAX_TRY_ALLOC(tree->w32, longest(x), (size_t)tree->ld * sizeof(float));
  }
done:
  if (status != NAX_OK) {
    nax_i_tree_free(tree);
  }
  return status;
}

void
nax_i_tree_free(nax_i_tree *tree)
{
  nax_i_free(tree->t);
  nax_i_free(tree->sums);
  nax_i_free(tree->fresh);
  nax_i_free(tree->work[0]);
  nax_i_free(tree->work[1]);
  nax_i_free(tree->scale);
  nax_i_free(tree->w32);
  *tree = (nax_i_tree){.held = -1};
}

void
nax_i_tree_changed(nax_i_tree *tree, int32_t mode)
{
  tree->stale |= tree->held == mode;
}

void
nax_i_tree_narrow(nax_i_tree *tree, int64_t n_starts)
{
  tree->ld = nax_i_skinny_pad(tree->x->dtype, n_starts * tree->rank);
  tree->stale = 1;
}

void
nax_i_tree_scaled(nax_i_tree *tree, int32_t mode, const double *s)
{
  for (int64_t r = 0; tree->held == mode && r < tree->ld; r++) {
    tree->scale[r] *= s[r];
  }
}

/* ---------------------------------------------------------- sums over rows of t */

/* Eight columns, in registers of whatever width there is. */
enum { EIGHT = 8 };
typedef double eight __attribute__((vector_size(EIGHT * sizeof(double)), aligned(8)));
typedef float eight_f32 __attribute__((vector_size(EIGHT * sizeof(float)), aligned(4)));

/* Bytes of a line of the cache, and how far ahead one is asked for. */
enum { LINE = 64, AHEAD = 4096 };

/* NAME: out += sum over n of t * w for `rows` rows of ld columns that are next to each
 * other; w is one row for each k, t is `step` from one k to the next. Sums are in the
 * order of k, so that they may be made in any parts.
 * NAME_run: the same for one row, t being one row for each k: CHAINS sums, of which none
 * waits for another, over NEAR rows at a time. */
enum { CHAINS = 4, NEAR = 16 };
#define ADD_SCALED_ROWS(NAME, REAL, VECTOR)                                              \
  NAX_I_CLONES static void NAME(double *restrict out, const REAL *restrict t,            \
                                const double *restrict w, nax_index rows, nax_index n,   \
                                nax_index step, int64_t ld)                              \
  {                                                                                      \
    nax_index k = 0;                                                                     \
    for (; k + 4 <= n; k += 4) {                                                         \
      const REAL *t0 = t + k * step, *t1 = t0 + step, *t2 = t1 + step, *t3 = t2 + step;  \
      const double *w0 = w + k * ld, *w1 = w0 + ld, *w2 = w1 + ld, *w3 = w2 + ld;        \
      for (nax_index i = 0; i < rows * ld; i += ld) {                                    \
        for (int64_t r = 0; r < ld; r += LINE / (int64_t)sizeof(REAL)) {                 \
          __builtin_prefetch(t0 + 4 * step + i + r, 0, 2);                               \
          __builtin_prefetch(t1 + 4 * step + i + r, 0, 2);                               \
          __builtin_prefetch(t2 + 4 * step + i + r, 0, 2);                               \
          __builtin_prefetch(t3 + 4 * step + i + r, 0, 2);                               \
        }                                                                                \
        _Pragma("omp simd") for (int64_t r = 0; r < ld; r++)                             \
        {                                                                                \
          double sum = out[i + r] + (double)t0[i + r] * w0[r];                           \
          sum += (double)t1[i + r] * w1[r];                                              \
          sum += (double)t2[i + r] * w2[r];                                              \
          out[i + r] = sum + (double)t3[i + r] * w3[r];                                  \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
    for (; k < n; k++) {                                                                 \
      for (nax_index i = 0; i < rows * ld; i += ld) {                                    \
        _Pragma("omp simd") for (int64_t r = 0; r < ld; r++)                             \
        {                                                                                \
          out[i + r] += (double)t[k * step + i + r] * w[k * ld + r];                     \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
  }                                                                                      \
  NAX_I_CLONES static void NAME##_run(double *restrict out, const REAL *restrict t,      \
                                      const double *restrict w, nax_index n, int64_t ld) \
  {                                                                                      \
    for (nax_index k = 0; k < n; k += NEAR) {                                            \
      nax_index end = n - k < NEAR ? n : k + NEAR;                                       \
      for (int64_t r = 0; r < ld; r += EIGHT) {                                          \
        eight sum[CHAINS] = {{0}};                                                       \
        nax_index q = k;                                                                 \
        for (; q + CHAINS <= end; q += CHAINS) {                                         \
          _Pragma("GCC unroll 4") for (int c = 0; c < CHAINS; c++)                       \
          {                                                                              \
            const REAL *tq = t + (q + c) * ld + r;                                       \
            __builtin_prefetch(tq + AHEAD / sizeof(REAL), 0, 2);                         \
            sum[c] += __builtin_convertvector(*(const VECTOR *)tq, eight) *              \
                      *(const eight *)(w + (q + c) * ld + r);                            \
          }                                                                              \
        }                                                                                \
        for (; q < end; q++) {                                                           \
          sum[0] += __builtin_convertvector(*(const VECTOR *)(t + q * ld + r), eight) *  \
                    *(const eight *)(w + q * ld + r);                                    \
        }                                                                                \
        *(eight *)(out + r) += (sum[0] + sum[1]) + (sum[2] + sum[3]);                    \
      }                                                                                  \
    }                                                                                    \
  }
ADD_SCALED_ROWS(add_scaled_rows, double, eight)
ADD_SCALED_ROWS(add_scaled_rows_f32, float, eight_f32)

/* out += t * w for `rows` rows, w being one row. */
NAX_I_CLONES static void
add_rows_scaled(double *restrict out, const double *restrict t, const double *restrict w,
                nax_index rows, int64_t ld)
{
  for (int64_t r = 0; r < ld; r += EIGHT) {
    eight s = *(const eight *)(w + r);
    for (nax_index i = r; i < rows * ld; i += ld) {
      *(eight *)(out + i) += *(const eight *)(t + i) * s;
    }
  }
}

/* ------------------------------------------------- X with one mode contracted */

typedef struct contraction {
  const nax_i_tree *tree;
  const void *x, *w;
  void *t;
  nax_dtype t_dtype;
  nax_index left, n, right; /* modes before, the mode, modes after */
  nax_index all_rows, rows; /* of t; most of one part */
  int32_t add;              /* to what is in t */
  nax_index per_slot;       /* rows of t */
  /* a product that is summed on the way, or NULL: row a + fast b of t, times row b or,
   * with `by_fast`, row a of `factor`, goes to the other one of `sum_rows` */
  const double *factor;
  nax_index fast, sum_rows;
  int32_t by_fast;
} contraction;

static const void *
element(nax_dtype dtype, const void *x, nax_index at)
{
  return (const char *)x + (size_t)at * nax_dtype_size(dtype);
}

/* The X of row `row` of t; rows up to the end of `*m` lie next to each other. */
static const void *
place_of(const contraction *c, nax_index row, nax_index *m)
{
  nax_dtype dtype = c->tree->x->dtype;
  if (c->left == 1) { /* the mode is contiguous */
    *m = c->all_rows - row;
    return element(dtype, c->x, row * c->n);
  }
  nax_index b = row / c->left, l = row % c->left;
  *m = c->left - l;
  return element(dtype, c->x, b * c->left * c->n + l);
}

static void
add_to_sums(const contraction *c, const double *fresh, nax_index row, nax_index m,
            double *sums)
{
  int64_t ld = c->tree->ld;
  while (m > 0) {
    nax_index a = row % c->fast, b = row / c->fast;
    nax_index k = c->fast - a < m ? c->fast - a : m;
    if (c->by_fast) {
      add_scaled_rows(sums + b * ld, fresh, c->factor + a * ld, 1, k, ld, ld);
    } else {
      add_rows_scaled(sums + a * ld, fresh, c->factor + b * ld, k, ld);
    }
    fresh += k * ld;
    row += k;
    m -= k;
  }
}

static int
is_past_cache(const contraction *c)
{
  size_t row = (size_t)c->tree->ld * nax_dtype_size(c->t_dtype);
  return (size_t)c->all_rows * row > PAST_CACHE_BYTES;
}

NAX_I_CLONES static void
to_single(float *restrict to, const double *restrict from, nax_index n)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    to[i] = (float)from[i];
  }
}

/* n numbers, a multiple of 8, into t, which does not stay in the caches where it is too
 * large for them. */
static void
put_away(const contraction *c, const double *fresh, nax_index row, nax_index n)
{
  size_t size = nax_dtype_size(c->t_dtype);
  char *to = (char *)c->t + (size_t)(row * c->tree->ld) * size;
  if (is_past_cache(c)) {
    nax_i_store_past_cache(c->t_dtype, fresh, n, to);
    return;
  }
  if (c->t_dtype == NAX_F32) {
    to_single((float *)(void *)to, fresh, n);
  } else {
    memcpy(to, fresh, (size_t)n * sizeof *fresh);
  }
}

static nax_status
contract_slot(int64_t slot, void *arg)
{
  const contraction *c = arg;
  nax_dtype dtype = c->tree->x->dtype;
  int64_t ld = c->tree->ld;
  nax_index to =
      (slot + 1) * c->per_slot < c->all_rows ? (slot + 1) * c->per_slot : c->all_rows;
  int at_once = c->t_dtype == NAX_F64 && !is_past_cache(c);
  double *fresh = c->tree->fresh + slot * fresh_numbers(ld);
  double *sums = c->tree->sums + slot * c->sum_rows * ld;
  memset(sums, 0, (size_t)(c->sum_rows * ld) * sizeof *sums);
  for (nax_index row = slot * c->per_slot, m; row < to; row += m) {
    nax_index together, after_this;
    const void *x = place_of(c, row, &together);
    m = together < c->rows ? together : c->rows;
    m = to - row < m ? to - row : m;
    const void *next = row + m < c->all_rows ? place_of(c, row + m, &after_this) : NULL;
    if (c->add) {
      nax_i_skinny(dtype, x, c->left == 1 ? c->n : 1, c->left, c->n, c->w, ld,
                   (double *)c->t + row * ld, ld, m, next);
      continue;
    }
    double *made = at_once ? (double *)c->t + row * ld : fresh;
    nax_i_skinny_new(dtype, x, c->left == 1 ? c->n : 1, c->left, c->n, c->w, ld, made, ld,
                     m, next);
    if (c->factor != NULL) {
      add_to_sums(c, made, row, m, sums);
    }
    if (!at_once) {
      put_away(c, fresh, row, m * ld);
    }
  }
  return NAX_OK;
}

/* Positions from .. from + count - 1 of the last mode, which are at `data`. */
static nax_status
contract_slab(nax_i_tree *tree, const void *data, nax_index from, nax_index count,
              contraction c, int32_t mode)
{
  const nax_i_tensor *x = tree->x;
  int32_t last = x->n_modes - 1;
  c.x = data;
  c.left = product(x->dim, 0, mode);
  c.n = x->dim[mode];
  if (mode == last) {
    c.n = count;
    c.right = 1;
    c.w = element(x->dtype, c.w, from * tree->ld);
    c.add = from > 0;
  } else {
    nax_index middle = product(x->dim, mode + 1, last);
    c.right = middle * count;
    c.t = (char *)c.t +
          (size_t)(c.left * middle * from * tree->ld) * nax_dtype_size(c.t_dtype);
  }
  c.all_rows = c.left * c.right;
  nax_index size = (nax_index)nax_dtype_size(x->dtype);
  c.rows = c.left == 1 ? LINES_BYTES / (c.n * size) / 16 * 16 : RUN_BYTES / size;
  c.rows = c.rows < FEWEST_ROWS ? FEWEST_ROWS : c.rows;
  c.rows = c.rows > fresh_rows(tree->ld) ? fresh_rows(tree->ld) : c.rows;
  nax_index unit = c.left > 1 && c.right > 1 ? c.left : 16; /* rows kept together */
  c.per_slot = nax_i_n_blocks(nax_i_n_blocks(c.all_rows, unit), n_slots(x)) * unit;
  nax_index span = c.left > 1 && c.left < c.per_slot ? c.left : c.per_slot;
  c.rows = nax_i_n_blocks(nax_i_n_blocks(span, nax_i_n_blocks(span, c.rows)), 16) * 16;
  return nax_i_parallel(tree->ctx, NULL, n_slots(x), contract_slot, &c);
}

/* With the factor of `mode`; where `m` is not NULL, it becomes the product for `serve`,
 * one of the other two modes. */
static nax_status
contract(nax_i_tree *tree, double *const *f, int32_t mode, int32_t serve, double *m)
{
  nax_status status = NAX_OK;
  const nax_i_tensor *x = tree->x;
  const nax_i_slabs *slabs = x->slabs;
  nax_index n = x->dim[x->n_modes - 1];
  contraction c = {.tree = tree, .w = f[mode], .t = tree->t, .t_dtype = type_of_t(x)};
  if (x->dtype == NAX_F32) {
    for (int64_t i = 0; i < x->dim[mode] * tree->ld; i++) {
      tree->w32[i] = (float)f[mode][i];
    }
    c.w = tree->w32;
  }
  tree->n_read++;
  for (int64_t r = 0; r < tree->ld; r++) {
    tree->scale[r] = 1.0;
  }
  tree->held = -1;
  if (m != NULL) {
    int32_t drop = 3 - mode - serve;
    c.factor = f[drop];
    c.by_fast = drop < serve;
    c.fast = x->dim[c.by_fast ? drop : serve];
    c.sum_rows = x->dim[serve];
  }
  if (slabs == NULL) {
    NAX_TRY(contract_slab(tree, x->x, 0, n, c, mode));
  }
  for (nax_index from = 0; slabs != NULL && from < n; from += slabs->most) {
    nax_index count = n - from < slabs->most ? n - from : slabs->most;
    NAX_TRY(slabs->read(tree->ctx, slabs->self, from, count, slabs->slab));
    NAX_TRY(contract_slab(tree, slabs->slab, from, count, c, mode));
  }
  if (m != NULL) {
    nax_index all = c.sum_rows * tree->ld;
    memcpy(m, tree->sums, (size_t)all * sizeof *m);
    for (int64_t s = 1; s < n_slots(x); s++) {
      for (nax_index i = 0; i < all; i++) {
        m[i] += tree->sums[s * all + i];
      }
    }
  }
  tree->held = mode;
  tree->stale = 0;
done:
  return status;
}

/* --------------------------------------- what is left, one more mode at a time */

typedef struct reduction {
  const void *t;
  nax_dtype t_dtype;
  const double *w;
  double *out;
  nax_index left, n, right;
  int64_t ld;
} reduction;

static nax_status
reduce_block(int64_t block, void *arg)
{
  const reduction *c = arg;
  nax_index rows = c->left * c->right, from = block * T_ROWS;
  nax_index to = rows - from < T_ROWS ? rows : from + T_ROWS;
  memset(c->out + from * c->ld, 0, (size_t)((to - from) * c->ld) * sizeof(double));
  while (from < to) {
    nax_index b = from / c->left, l = from % c->left;
    nax_index m = c->left - l < to - from ? c->left - l : to - from;
    const void *t = element(c->t_dtype, c->t, (l + c->left * c->n * b) * c->ld);
    double *out = c->out + from * c->ld;
    if (c->left == 1 && c->t_dtype == NAX_F32) {
      add_scaled_rows_f32_run(out, t, c->w, c->n, c->ld);
    } else if (c->left == 1) {
      add_scaled_rows_run(out, t, c->w, c->n, c->ld);
    } else if (c->t_dtype == NAX_F32) {
      add_scaled_rows_f32(out, t, c->w, m, c->n, c->left * c->ld, c->ld);
    } else {
      add_scaled_rows(out, t, c->w, m, c->n, c->left * c->ld, c->ld);
    }
    from += m;
  }
  return NAX_OK;
}

/* The contraction that serves `mode`: with the mode updated last, which makes 3/2 reads
 * of X in a sweep over three modes. When that mode is short the contraction is large, and
 * to write it and read it (2 ld numbers for dim entries of X) costs more than the half
 * read of X that is saved: then with the longest of the other modes. */
static int32_t
choose(const nax_i_tree *tree, int32_t mode)
{
  const nax_i_tensor *x = tree->x;
  int32_t last = (mode + x->n_modes - 1) % x->n_modes, best = longest_other(x, mode);
  int64_t ld = nax_i_skinny_pad(x->dtype, tree->rank);
  int is_thin = x->dim[last] <= ld && x->dim[best] > 2 * x->dim[last];
  return is_thin || is_thrifty(x) ? best : last;
}

nax_status
nax_i_tree_mttkrp(nax_i_tree *tree, double *const *f, int32_t mode, double *m)
{
  nax_status status = NAX_OK;
  const nax_i_tensor *x = tree->x;
  double *summed = is_summed(x, tree->rank, mode) ? m : NULL;
  int made = tree->stale || tree->held < 0 || tree->held == mode;
  if (made) {
    /* The same mode again where only its factor changed: what starts next to each other
     * do must not depend on which of them made the contraction stale. */
    int32_t with = tree->held < 0 || tree->held == mode ? choose(tree, mode) : tree->held;
    NAX_TRY(contract(tree, f, with, mode, summed));
  }
  if (made && summed != NULL) {
    goto done; /* nothing of it was scaled since */
  }
  /* Shape of the contraction, then drop the other modes from the slowest on. */
  int32_t modes[NAX_I_NTF_MAX_MODES], n = 0;
  nax_index dim[NAX_I_NTF_MAX_MODES];
  for (int32_t k = 0; k < x->n_modes; k++) {
    if (k != tree->held) {
      modes[n] = k;
      dim[n++] = x->dim[k];
    }
  }
  const void *from = tree->t;
  nax_dtype dtype = type_of_t(x);
  int side = 0;
  while (n > 1) {
    int32_t drop = modes[n - 1] != mode ? n - 1 : n - 2;
    reduction c = {.t = from,
                   .t_dtype = dtype,
                   .w = f[modes[drop]],
                   .out = n == 2 ? m : tree->work[side],
                   .left = product(dim, 0, drop),
                   .n = dim[drop],
                   .right = product(dim, drop + 1, n),
                   .ld = tree->ld};
    NAX_TRY(nax_i_parallel(tree->ctx, NULL, nax_i_n_blocks(c.left * c.right, T_ROWS),
                           reduce_block, &c));
    from = c.out;
    dtype = NAX_F64;
    side = 1 - side;
    for (int32_t k = drop; k < n - 1; k++) {
      modes[k] = modes[k + 1];
      dim[k] = dim[k + 1];
    }
    n--;
  }
  if (from == tree->t) { /* a matrix: the contraction is the product itself */
    for (nax_index i = 0; i < x->dim[mode] * tree->ld; i++) {
      m[i] =
          dtype == NAX_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
    }
  }
  for (nax_index i = 0; i < x->dim[mode]; i++) {
    for (int64_t r = 0; r < tree->ld; r++) {
      m[i * tree->ld + r] *= tree->scale[r];
    }
  }
done:
  return status;
}

void
nax_i_gram(const double *f, nax_index n, int64_t ld, double *g)
{
  memset(g, 0, (size_t)(ld * ld) * sizeof(double));
  nax_i_skinny(NAX_F64, f, 1, ld, n, f, ld, g, ld, ld, NULL);
}
