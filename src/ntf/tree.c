/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MTTKRP by a multi-sweep dimension tree over the skinny product.
 *
 * Bound: a contraction reads X once (n s bytes) and does 2 n R flops; what follows works
 * on `t`, which is smaller by the length of the contracted mode. */
#include "ntf_i.h"

enum { T_ROWS = 64 }; /* rows of one block; fixed, so sums never move */

/* A part of X that stays in the level-2 cache while it is contracted, and what one thread
 * takes at a time: several parts next to each other, since each asks for the next one. */
enum { PART_BYTES = 384 << 10, JOB_BYTES = 4 << 20, MOST_ROWS = 2048 };

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

size_t
nax_i_tree_memory(const nax_i_tensor *x, int64_t n_starts, int64_t rank)
{
  size_t ld = (size_t)nax_i_skinny_pad(x->dtype, n_starts * rank);
  size_t rows = (size_t)most_rows(x) + (x->n_modes > 3 ? 2 * (size_t)second_rows(x) : 0);
  size_t single = x->dtype == NAX_F32 ? (size_t)longest(x) * ld * sizeof(float) : 0;
  return rows * ld * sizeof(double) + single;
}

nax_status
nax_i_tree_init(nax_i_tree *tree, nax_ctx *ctx, const nax_i_tensor *x, int64_t n_starts,
                int64_t rank)
{
  nax_status status = NAX_OK;
  *tree = (nax_i_tree){.ctx = ctx, .x = x, .rank = rank, .held = -1};
  tree->ld = nax_i_skinny_pad(x->dtype, n_starts * rank);
  size_t row = (size_t)tree->ld * sizeof(double);
  NAX_TRY_ALLOC(tree->t, most_rows(x), row);
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

/* ------------------------------------------------- X with one mode contracted */

typedef struct contraction {
  const nax_i_tree *tree;
  const void *x, *w;
  double *t;
  nax_index left, n, right; /* modes before, the mode, modes after */
  nax_index rows;           /* of one part */
  int64_t per_right;        /* parts for each right index */
  int64_t n_parts, per_job;
  int32_t add; /* to what is in t */
} contraction;

static const void *
element(nax_dtype dtype, const void *x, nax_index at)
{
  return (const char *)x + (size_t)at * nax_dtype_size(dtype);
}

/* Where part `p` is in X and, in `row`, in t. */
static nax_index
place_of(const contraction *c, int64_t p, nax_index *row)
{
  nax_index b = p / c->per_right, from = p % c->per_right * c->rows;
  *row = b * c->left + from;
  return c->left == 1 ? from * c->n : b * c->left * c->n + from;
}

static void
contract_part(const contraction *c, int64_t p)
{
  nax_dtype dtype = c->tree->x->dtype;
  int64_t ld = c->tree->ld;
  nax_index row, next_row, at = place_of(c, p, &row);
  /* left 1: the mode is contiguous, row t is n elements from t * n on */
  nax_index rows = c->left == 1 ? c->right : c->left, from = p % c->per_right * c->rows;
  nax_index m = rows - from < c->rows ? rows - from : c->rows;
  const void *after =
      p + 1 < c->n_parts ? element(dtype, c->x, place_of(c, p + 1, &next_row)) : NULL;
  double *to = c->t + row * ld;
  (c->add ? nax_i_skinny : nax_i_skinny_new)(dtype, element(dtype, c->x, at),
                                             c->left == 1 ? c->n : 1, c->left, c->n, c->w,
                                             ld, to, ld, m, after);
}

static nax_status
contract_job(int64_t job, void *arg)
{
  const contraction *c = arg;
  for (int64_t p = job * c->per_job; p < (job + 1) * c->per_job && p < c->n_parts; p++) {
    contract_part(c, p);
  }
  return NAX_OK;
}

/* Positions from .. from + count - 1 of the last mode, which are at `data`. */
static nax_status
contract_slab(nax_i_tree *tree, const void *data, nax_index from, nax_index count,
              const void *w, int32_t mode)
{
  const nax_i_tensor *x = tree->x;
  int32_t last = x->n_modes - 1;
  contraction c = {.tree = tree,
                   .x = data,
                   .w = w,
                   .t = tree->t,
                   .left = product(x->dim, 0, mode),
                   .n = x->dim[mode]};
  if (mode == last) {
    c.n = count;
    c.right = 1;
    c.w = element(x->dtype, w, from * tree->ld);
    c.add = from > 0;
  } else {
    nax_index middle = product(x->dim, mode + 1, last);
    c.right = middle * count;
    c.t += c.left * middle * from * tree->ld;
  }
  nax_index row_bytes = c.n * (nax_index)nax_dtype_size(x->dtype);
  c.rows = PART_BYTES / row_bytes / 16 * 16;
  c.rows = c.rows < 64 ? 64 : c.rows > MOST_ROWS ? MOST_ROWS : c.rows;
  nax_index rows = c.left == 1 ? c.right : c.left;
  c.per_right = nax_i_n_blocks(rows, c.rows);
  c.rows = nax_i_n_blocks(nax_i_n_blocks(rows, c.per_right), 16) * 16;
  c.per_right = nax_i_n_blocks(rows, c.rows);
  c.n_parts = c.left == 1 ? c.per_right : c.per_right * c.right;
  c.per_job = JOB_BYTES / (c.rows * row_bytes) + 1;
  return nax_i_parallel(tree->ctx, NULL, nax_i_n_blocks(c.n_parts, c.per_job),
                        contract_job, &c);
}

static nax_status
contract(nax_i_tree *tree, const double *f, int32_t mode)
{
  nax_status status = NAX_OK;
  const nax_i_tensor *x = tree->x;
  const nax_i_slabs *slabs = x->slabs;
  nax_index n = x->dim[x->n_modes - 1];
  const void *w = f;
  if (x->dtype == NAX_F32) {
    for (int64_t i = 0; i < x->dim[mode] * tree->ld; i++) {
      tree->w32[i] = (float)f[i];
    }
    w = tree->w32;
  }
  tree->n_read++;
  for (int64_t r = 0; r < tree->ld; r++) {
    tree->scale[r] = 1.0;
  }
  tree->held = -1;
  if (slabs == NULL) {
    NAX_TRY(contract_slab(tree, x->x, 0, n, w, mode));
  }
  for (nax_index from = 0; slabs != NULL && from < n; from += slabs->most) {
    nax_index count = n - from < slabs->most ? n - from : slabs->most;
    NAX_TRY(slabs->read(tree->ctx, slabs->self, from, count, slabs->slab));
    NAX_TRY(contract_slab(tree, slabs->slab, from, count, w, mode));
  }
  tree->held = mode;
  tree->stale = 0;
done:
  return status;
}

/* --------------------------------------- what is left, one more mode at a time */

typedef struct reduction {
  const double *t, *w;
  double *out;
  nax_index left, n, right;
  int64_t ld;
} reduction;

/* out += sum over n of t * w for `rows` rows of ld columns that are next to each other; w
 * is one row for each k, t is `step` from one k to the next. Sums are in the order of k.
 */
NAX_I_CLONES static void
add_scaled_rows(double *restrict out, const double *restrict t, const double *restrict w,
                nax_index rows, nax_index n, nax_index step, int64_t ld)
{
  nax_index k = 0;
  for (; k + 4 <= n; k += 4) {
    const double *t0 = t + k * step, *t1 = t0 + step, *t2 = t1 + step, *t3 = t2 + step;
    const double *w0 = w + k * ld, *w1 = w0 + ld, *w2 = w1 + ld, *w3 = w2 + ld;
    for (nax_index i = 0; i < rows * ld; i += ld) {
#pragma omp simd
      for (int64_t r = 0; r < ld; r++) {
        double sum = out[i + r] + t0[i + r] * w0[r];
        sum += t1[i + r] * w1[r];
        sum += t2[i + r] * w2[r];
        out[i + r] = sum + t3[i + r] * w3[r];
      }
    }
  }
  for (; k < n; k++) {
    for (nax_index i = 0; i < rows * ld; i += ld) {
#pragma omp simd
      for (int64_t r = 0; r < ld; r++) {
        out[i + r] += t[k * step + i + r] * w[k * ld + r];
      }
    }
  }
}

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
    add_scaled_rows(c->out + from * c->ld, c->t + (l + c->left * c->n * b) * c->ld, c->w,
                    m, c->n, c->left * c->ld, c->ld);
    from += m;
  }
  return NAX_OK;
}

/* The contraction that serves `mode`: with the mode updated last, which makes 3/2 reads
 * of X in a sweep over three modes. When that mode is short the contraction is large, and
 * to write it and read it twice (24 ld bytes for dim entries of X) costs more than the
 * half read of X that is saved: then with the longest of the other modes. */
static int32_t
choose(const nax_i_tree *tree, int32_t mode)
{
  const nax_i_tensor *x = tree->x;
  int32_t last = (mode + x->n_modes - 1) % x->n_modes, best = longest_other(x, mode);
  int64_t ld = nax_i_skinny_pad(x->dtype, tree->rank);
  int64_t entries = x->dim[last] * (int64_t)nax_dtype_size(x->dtype);
  int is_thin = entries < 24 * ld && x->dim[best] > 2 * x->dim[last];
  return is_thin || is_thrifty(x) ? best : last;
}

nax_status
nax_i_tree_mttkrp(nax_i_tree *tree, double *const *f, int32_t mode, double *m)
{
  nax_status status = NAX_OK;
  const nax_i_tensor *x = tree->x;
  if (tree->held < 0 || tree->held == mode) {
    int32_t with = choose(tree, mode);
    NAX_TRY(contract(tree, f[with], with));
  } else if (tree->stale) {
    /* The same mode again: what starts next to each other do must not depend on which of
     * them made the contraction stale. */
    NAX_TRY(contract(tree, f[tree->held], tree->held));
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
  const double *from = tree->t;
  int side = 0;
  while (n > 1) {
    int32_t drop = modes[n - 1] != mode ? n - 1 : n - 2;
    reduction c = {.t = from,
                   .w = f[modes[drop]],
                   .out = n == 2 ? m : tree->work[side],
                   .left = product(dim, 0, drop),
                   .n = dim[drop],
                   .right = product(dim, drop + 1, n),
                   .ld = tree->ld};
    NAX_TRY(nax_i_parallel(tree->ctx, NULL, nax_i_n_blocks(c.left * c.right, T_ROWS),
                           reduce_block, &c));
    from = c.out;
    side = 1 - side;
    for (int32_t k = drop; k < n - 1; k++) {
      modes[k] = modes[k + 1];
      dim[k] = dim[k + 1];
    }
    n--;
  }
  if (from == tree->t) { /* a matrix: the contraction is the product itself */
    memcpy(m, from, (size_t)(x->dim[mode] * tree->ld) * sizeof(double));
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
