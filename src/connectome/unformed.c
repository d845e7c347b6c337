/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tensor of affinities as the operand of a fit, never formed.
 *
 * Affinities are made from the derivatives where a product with them is due, a tile of
 * few pairs and few times at a time that stays in the cache, and the tile goes into the
 * skinny product. Two passes over all pairs and times are a sweep: one gives the product
 * for the pair mode; the other, with the pair factor, a matrix that serves all other
 * modes until the pair factor changes.
 *
 * Bound: 2 N^2 T W R flops a sweep at the multiply-add rate, and making the affinities
 * twice, which costs less than two components. Through u+ u+' + u- u-' and matrix
 * products it would be 6 N^2 T W R, a column of zeros being multiplied for each sign. */
#include "connectome_i.h"
#include <math.h>

/* A tile: pairs of one neuron with some of those before it, at some times. Work is dealt
 * in blocks of neurons or of times. */
enum { FEW = 8, SOME = 64, TIMES = 512 };

static nax_i_unformed *
of(nax_i_ntf_operand *x)
{
  return (nax_i_unformed *)x;
}

/* --- tiles -------------------------------------------------------------------------- */

/* g = affinities of n derivatives each; 0 where one of them is, and missing ones are 0.
 */
#define TILE_ROW(REAL, NAME, ROOT, SIZE)                                                 \
  NAX_I_CLONES static void NAME(nax_connectome_kernel k, nax_index n,                    \
                                const REAL *restrict a, const REAL *restrict b,          \
                                REAL sign, int cut, REAL *restrict g)                    \
  {                                                                                      \
    switch (k) {                                                                         \
    case NAX_CONNECTOME_PROD:                                                            \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        REAL xy = sign * a[t] * b[t];                                                    \
        g[t] = xy > 0 ? xy : 0;                                                          \
      }                                                                                  \
      break;                                                                             \
    case NAX_CONNECTOME_GM:                                                              \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        REAL xy = sign * a[t] * b[t];                                                    \
        g[t] = ROOT(xy > 0 ? xy : 0);                                                    \
      }                                                                                  \
      break;                                                                             \
    case NAX_CONNECTOME_MIN:                                                             \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        REAL x = SIZE(a[t]), y = SIZE(b[t]), lo = x < y ? x : y;                         \
        g[t] = sign * a[t] * b[t] > 0 ? lo : 0;                                          \
      }                                                                                  \
      break;                                                                             \
    case NAX_CONNECTOME_RATIO:                                                           \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        REAL x = SIZE(a[t]), y = SIZE(b[t]), lo = x < y ? x : y, hi = x < y ? y : x;     \
        int there = sign * a[t] * b[t] > 0;                                              \
        g[t] = there ? lo * lo / (there ? hi : 1) : 0;                                   \
      }                                                                                  \
      break;                                                                             \
    case NAX_CONNECTOME_UP:                                                              \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        REAL xy = a[t] > 0 ? sign * a[t] * b[t] : 0;                                     \
        g[t] = ROOT(xy > 0 ? xy : 0);                                                    \
      }                                                                                  \
      break;                                                                             \
    case NAX_CONNECTOME_ABS:                                                             \
    case NAX_CONNECTOME_KERNEL_FORCE_INT:                                                \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        g[t] = ROOT(SIZE(a[t] * b[t]));                                                  \
      }                                                                                  \
      break;                                                                             \
    }                                                                                    \
    if (cut) {                                                                           \
      _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                              \
      {                                                                                  \
        g[t] = g[t] > 1 ? 1 : g[t];                                                      \
      }                                                                                  \
    }                                                                                    \
  }
TILE_ROW(float, affinities_f32, sqrtf, fabsf)
TILE_ROW(double, affinities_f64, sqrt, fabs)

NAX_I_CLONES static void
larger_f32(nax_index n, const float *restrict x, float *restrict g)
{
#pragma omp simd
  for (nax_index t = 0; t < n; t++) {
    g[t] = x[t] > g[t] ? x[t] : g[t];
  }
}

NAX_I_CLONES static void
larger_f64(nax_index n, const double *restrict x, double *restrict g)
{
#pragma omp simd
  for (nax_index t = 0; t < n; t++) {
    g[t] = x[t] > g[t] ? x[t] : g[t];
  }
}

static void *
element(nax_dtype dtype, const void *p, nax_index at)
{
  return (char *)(uintptr_t)p + (size_t)at * nax_dtype_size(dtype);
}

/* Neuron i and j at n times from `t` on, at scale s and in one channel. */
static void
one_row(const nax_i_unformed *b, nax_index i, nax_index j, nax_index t, nax_index n,
        nax_index s, int opposite, void *g)
{
  nax_index neurons = b->d->n;
  const void *x = element(b->op.dtype, b->v, t + b->all * (i + neurons * s));
  const void *y = element(b->op.dtype, b->v, t + b->all * (j + neurons * s));
  nax_connectome_kernel k = (nax_connectome_kernel)b->o->kernel;
  int cut = b->o->clip == NAX_CONNECTOME_CLIP_PAIR;
  if (b->op.dtype == NAX_F32) {
    affinities_f32(k, n, x, y, opposite ? -1.0F : 1.0F, cut, g);
  } else {
    affinities_f64(k, n, x, y, opposite ? -1.0 : 1.0, cut, g);
  }
}

/* Pairs from .. to - 1, all of neuron j, at n times from `t` on in layer l: a row of
 * TIMES for each pair; one more row is scratch. */
static void
fill_tile(const nax_i_unformed *b, nax_index j, nax_index from, nax_index to, nax_index t,
          nax_index n, nax_index l, void *tile)
{
  nax_index channel = l % b->n_channels, layer = l / b->n_channels;
  int opposite = b->o->channels == NAX_CONNECTOME_OPPOSITE || channel == 1;
  for (nax_index p = from; p < to; p++) {
    void *g = element(b->op.dtype, tile, (p - from) * TIMES);
    void *more = element(b->op.dtype, tile, SOME * TIMES);
    one_row(b, b->e->i[p], j, t, n, layer, opposite, g);
    for (nax_index s = 1; s < b->d->n_scales && !b->o->scale_mode; s++) {
      one_row(b, b->e->i[p], j, t, n, s, opposite, more);
      if (b->op.dtype == NAX_F32) {
        larger_f32(n, more, g);
      } else {
        larger_f64(n, more, g);
      }
    }
  }
}

/* Of the pairs of neuron j the first whose other neuron is not before i. */
static nax_index
pair_from(const nax_i_unformed *b, nax_index j, nax_index i)
{
  nax_index lo = b->first[j], hi = b->first[j + 1];
  while (lo < hi) {
    nax_index middle = lo + (hi - lo) / 2;
    if (b->e->i[middle] < i) {
      lo = middle + 1;
    } else {
      hi = middle;
    }
  }
  return lo;
}

/* --- passes ------------------------------------------------------------------------- */

typedef struct pass {
  nax_i_unformed *b;
  int64_t ld;
  const void *w;
  double *out;
} pass;

static nax_index
first_time(nax_index k)
{
  return k * TIMES;
}

static nax_index
n_times(const nax_i_unformed *b, nax_index k)
{
  nax_index left = b->all - first_time(k);
  return left < TIMES ? left : TIMES;
}

/* out (pairs x ld) += tensor times w (times x ld, for each layer): a block of neurons j
 * with a block of neurons i. */
static nax_status
to_pairs(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const pass *q = arg;
  nax_i_unformed *b = q->b;
  nax_index n = b->d->n, blocks = nax_i_n_blocks(n, FEW);
  nax_index j0 = block % blocks * FEW, i0 = block / blocks * SOME;
  nax_index j1 = j0 + FEW < n ? j0 + FEW : n;
  void *tile = NULL;
  if (i0 >= j1) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(tile, (SOME + 1) * TIMES, nax_dtype_size(b->op.dtype));
  for (nax_index l = 0; l < b->n_layers; l++) {
    for (nax_index k = 0; k < nax_i_n_blocks(b->all, TIMES); k++) {
      nax_index t = first_time(k), m = n_times(b, k);
      const void *w = element(b->op.dtype, q->w, (t + b->all * l) * q->ld);
      for (nax_index j = j0; j < j1; j++) {
        nax_index from = pair_from(b, j, i0), to = pair_from(b, j, i0 + SOME);
        fill_tile(b, j, from, to, t, m, l, tile);
        nax_i_skinny(b->op.dtype, tile, TIMES, 1, m, w, q->ld, q->out + from * q->ld,
                     q->ld, to - from, NULL);
      }
    }
  }
done:
  nax_i_free(tile);
  return status;
}

/* out (times x ld, for each layer) = tensor times w (pairs x ld): a block of times. */
static nax_status
to_times(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const pass *q = arg;
  nax_i_unformed *b = q->b;
  nax_index n = b->d->n, t = first_time(block), m = n_times(b, block);
  void *tile = NULL;
  NAX_TRY_ALLOC(tile, (SOME + 1) * TIMES, nax_dtype_size(b->op.dtype));
  for (nax_index l = 0; l < b->n_layers; l++) {
    double *y = q->out + (t + b->all * l) * q->ld;
    memset(y, 0, (size_t)(m * q->ld) * sizeof *y);
    for (nax_index j0 = 0; j0 < n; j0 += FEW) {
      nax_index j1 = j0 + FEW < n ? j0 + FEW : n;
      for (nax_index i0 = 0; i0 < j1; i0 += SOME) {
        for (nax_index j = j0; j < j1; j++) {
          nax_index from = pair_from(b, j, i0), to = pair_from(b, j, i0 + SOME);
          fill_tile(b, j, from, to, t, m, l, tile);
          nax_i_skinny(b->op.dtype, tile, 1, TIMES, to - from,
                       element(b->op.dtype, q->w, from * q->ld), q->ld, y, q->ld, m,
                       tile);
        }
      }
    }
  }
done:
  nax_i_free(tile);
  return status;
}

/* out[block] = sum of squares of all affinities in a block of times. */
static nax_status
squares(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const pass *q = arg;
  nax_i_unformed *b = q->b;
  nax_index n = b->d->n, t = first_time(block), m = n_times(b, block);
  void *tile = NULL;
  double *row = NULL;
  NAX_TRY_ALLOC(tile, (SOME + 1) * TIMES, nax_dtype_size(b->op.dtype));
  NAX_TRY_ALLOC(row, TIMES, sizeof *row);
  for (nax_index l = 0; l < b->n_layers; l++) {
    for (nax_index j = 0; j < n; j++) {
      for (nax_index from = b->first[j]; from < b->first[j + 1]; from += SOME) {
        nax_index to = b->first[j + 1] - from < SOME ? b->first[j + 1] : from + SOME;
        fill_tile(b, j, from, to, t, m, l, tile);
        for (nax_index p = 0; p < to - from; p++) {
          const void *g = element(b->op.dtype, tile, p * TIMES);
          for (nax_index k = 0; k < m; k++) {
            double v = b->op.dtype == NAX_F32 ? (double)((const float *)g)[k]
                                              : ((const double *)g)[k];
            row[k] += v * v;
          }
        }
      }
    }
  }
  q->out[block] = nax_i_sum(row, m);
done:
  nax_i_free(tile);
  nax_i_free(row);
  return status;
}

/* --- the operand ---------------------------------------------------------------------
 */

static nax_index
n_pairs(const nax_i_unformed *b)
{
  return b->op.dim[2];
}

/* Rows of the weights of either pass. */
static nax_index
n_weights(const nax_i_unformed *b)
{
  nax_index times = b->all * b->n_layers;
  return times > n_pairs(b) ? times : n_pairs(b);
}

static nax_status
begin(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n_starts, int64_t rank)
{
  nax_status status = NAX_OK;
  nax_i_unformed *b = of(x);
  int64_t ld = nax_i_skinny_pad(x->dtype, n_starts * rank);
  x->norm2 = x->observed2;
  b->held = 0;
  NAX_TRY_ALLOC(b->q, b->all * b->n_layers, (size_t)ld * sizeof *b->q);
  NAX_TRY_ALLOC(b->w, n_weights(b), (size_t)ld * nax_dtype_size(x->dtype));
done:
  return status;
}

static void
end(nax_i_ntf_operand *x)
{
  nax_i_unformed *b = of(x);
  nax_i_free(b->q);
  nax_i_free(b->w);
  b->q = NULL;
  b->w = NULL;
}

static void
put(nax_dtype dtype, void *p, nax_index at, double v)
{
  if (dtype == NAX_F32) {
    ((float *)p)[at] = (float)v;
  } else {
    ((double *)p)[at] = v;
  }
}

/* Position in mode k of row `at` of the matrix of times (kept bins, animals, layers). */
static nax_index
position(const nax_i_unformed *b, int32_t k, nax_index at)
{
  nax_index layer = at / b->all;
  if (k < 2) {
    return k == 0 ? at % b->all % b->op.dim[0] : at % b->all / b->op.dim[0];
  }
  if (k == 3 && b->n_channels > 1) {
    return layer % b->n_channels;
  }
  return layer / b->n_channels;
}

/* Product at row `at` of the factors of all modes but the pairs and `but`. */
static void
product_at(const nax_i_unformed *b, double *const *f, int64_t ld, nax_index at,
           int32_t but, double *c)
{
  for (int64_t r = 0; r < ld; r++) {
    c[r] = 1.0;
  }
  for (int32_t k = 0; k < b->op.n_modes; k++) {
    if (k == 2 || k == but) {
      continue;
    }
    const double *row = f[k] + position(b, k, at) * ld;
    for (int64_t r = 0; r < ld; r++) {
      c[r] *= row[r];
    }
  }
}

static nax_status
pair_products(nax_i_unformed *b, nax_ctx *ctx, double *const *f, int64_t ld, double *m)
{
  nax_status status = NAX_OK;
  double *c = NULL;
  NAX_TRY_ALLOC(c, ld, sizeof *c);
  for (nax_index at = 0; at < b->all * b->n_layers; at++) {
    product_at(b, f, ld, at, -1, c);
    for (int64_t r = 0; r < ld; r++) {
      put(b->op.dtype, b->w, at * ld + r, c[r]);
    }
  }
  memset(m, 0, (size_t)(n_pairs(b) * ld) * sizeof *m);
  pass q = {b, ld, b->w, m};
  nax_index n = b->d->n;
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(n, FEW) * nax_i_n_blocks(n, SOME),
                         to_pairs, &q));
done:
  nax_i_free(c);
  return status;
}

/* b->q = tensor times the pair factor, whose rows have ldf columns, `rank` in use. */
static nax_status
time_products(nax_i_unformed *b, nax_ctx *ctx, const double *f, int64_t rank, int64_t ldf)
{
  const void *w = f;
  b->ld = nax_i_skinny_pad(b->op.dtype, rank);
  if (b->op.dtype == NAX_F32 || b->ld != ldf) {
    for (nax_index i = 0; i < n_pairs(b) * b->ld; i++) {
      nax_index r = i % b->ld;
      put(b->op.dtype, b->w, i, r < rank ? f[i / b->ld * ldf + r] : 0.0);
    }
    w = b->w;
  }
  pass q = {b, b->ld, w, b->q};
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(b->all, TIMES), to_times, &q);
}

static nax_status
mttkrp(nax_i_ntf_operand *x, nax_ctx *ctx, const nax_i_ntf_pack *pack, int32_t mode,
       double *m)
{
  nax_status status = NAX_OK;
  nax_i_unformed *b = of(x);
  int64_t ld = pack->ld;
  double *c = NULL;
  if (mode == 2) {
    return pair_products(b, ctx, pack->f, ld, m);
  }
  if (!b->held) {
    NAX_TRY(time_products(b, ctx, pack->f[2], ld, ld));
    b->held = 1;
  }
  NAX_TRY_ALLOC(c, ld, sizeof *c);
  memset(m, 0, (size_t)(x->dim[mode] * ld) * sizeof *m);
  for (nax_index at = 0; at < b->all * b->n_layers; at++) {
    product_at(b, pack->f, ld, at, mode, c);
    double *to = m + position(b, mode, at) * ld;
    for (int64_t r = 0; r < ld; r++) {
      to[r] += b->q[at * ld + r] * c[r];
    }
  }
done:
  nax_i_free(c);
  return status;
}

static void
changed(nax_i_ntf_operand *x, int32_t mode)
{
  of(x)->held = mode == 2 ? 0 : of(x)->held;
}

static void
scaled(nax_i_ntf_operand *x, int32_t mode, const double *s)
{
  nax_i_unformed *b = of(x);
  for (nax_index at = 0; at < b->all * b->n_layers && mode == 2 && b->held; at++) {
    for (int64_t r = 0; r < b->ld; r++) {
      b->q[at * b->ld + r] *= s[r];
    }
  }
}

/* ||X||^2 - 2 <X, M> + ||M||^2: entries are not formed again. Affinities are far from a
 * model of few components, so nothing cancels. */
static nax_status
residual(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n, int64_t rank, int64_t ld,
         double *const *const *f, double *out)
{
  nax_status status = NAX_OK;
  nax_i_unformed *b = of(x);
  double *gram = NULL, *c = NULL;
  nax_index n_parts = x->mask != NULL ? x->mask->n_parts : 1;
  NAX_TRY_ALLOC(gram, n_parts * ld, (size_t)ld * sizeof *gram);
  NAX_TRY_ALLOC(c, ld, sizeof *c);
  for (int64_t s = 0; s < n; s++) {
    double inner = 0.0;
    NAX_TRY(time_products(b, ctx, f[s][2], rank, ld));
    b->held = 0;
    for (nax_index at = 0; at < b->all * b->n_layers; at++) {
      product_at(b, f[s], ld, at, -1, c);
      for (int64_t r = 0; r < rank; r++) {
        inner += b->q[at * b->ld + r] * c[r];
      }
    }
    if (x->mask != NULL) {
      NAX_TRY(x->mask->parts(ctx, x, -1, ld, f[s], gram));
    } else {
      NAX_TRY(nax_i_ntf_all_grams(ctx, x, ld, f[s], gram));
    }
    double sum = x->observed2 - 2.0 * inner + nax_i_sum(gram, n_parts * ld * ld);
    out[s] = sum > 0.0 ? sum : 0.0;
  }
done:
  nax_i_free(gram);
  nax_i_free(c);
  return status;
}

static size_t
memory(const nax_i_ntf_operand *x, int64_t n_starts, int64_t rank)
{
  const nax_i_unformed *b = (const nax_i_unformed *)x;
  size_t ld = (size_t)nax_i_skinny_pad(x->dtype, n_starts * rank);
  return (size_t)(b->all * b->n_layers) * ld * sizeof(double) +
         (size_t)n_weights(b) * ld * nax_dtype_size(x->dtype);
}

static const nax_i_ntf_operand_type unformed_type = {.begin = begin,
                                                     .end = end,
                                                     .mttkrp = mttkrp,
                                                     .changed = changed,
                                                     .scaled = scaled,
                                                     .residual = residual,
                                                     .memory = memory};

/* Columns that one pass serves at the cost of few more than one start has, as long as
 * their pair factors and what is kept beside these need no more than half a gigabyte. */
static int64_t
columns(const nax_i_unformed *b)
{
  enum { MOST = 64, COPIES = 6 };
  double fit = 5e8 / (COPIES * sizeof(double) * (double)n_pairs(b));
  return fit < MOST ? (int64_t)fit : MOST;
}

void
nax_i_unformed_shape(const nax_i_derivatives *d, const nax_i_extent *e,
                     const nax_connectome_opts *o, nax_i_unformed *b)
{
  const char *name[NAX_MAX_NDIM];
  nax_index dim[NAX_MAX_NDIM];
  *b = (nax_i_unformed){.d = d, .e = e, .o = o, .all = e->n_bins * d->n_animals};
  b->op.type = &unformed_type;
  b->op.dtype = o->single ? NAX_F32 : NAX_F64;
  b->op.n_modes = nax_i_affinity_shape(d, e, o, dim, name);
  memcpy(b->op.dim, dim, (size_t)b->op.n_modes * sizeof *dim);
  b->n_channels = o->channels == NAX_CONNECTOME_BOTH ? 2 : 1;
  b->n_layers = b->n_channels * (o->scale_mode ? d->n_scales : 1);
  b->op.columns = columns(b);
}

size_t
nax_i_unformed_memory(const nax_i_unformed *b)
{
  return (size_t)(b->all * b->d->n * b->d->n_scales) * nax_dtype_size(b->op.dtype) +
         (size_t)(b->d->n + 1) * sizeof(nax_index);
}

void
nax_i_unformed_free(nax_i_unformed *b)
{
  nax_i_free(b->v);
  nax_i_free(b->first);
  nax_i_bricks_free(&b->bricks);
  *b = (nax_i_unformed){.all = 0};
}

nax_status
nax_i_unformed_init(nax_ctx *ctx, const nax_i_derivatives *d, const nax_i_extent *e,
                    const nax_connectome_opts *o, nax_i_unformed *b)
{
  nax_status status = NAX_OK;
  double *part = NULL;
  nax_i_unformed_shape(d, e, o, b);
  NAX_TRY_ALLOC(b->v, b->all * d->n, (size_t)d->n_scales * nax_dtype_size(b->op.dtype));
  for (nax_index k = 0; k < b->all * d->n_scales; k++) {
    nax_index t = k % e->n_bins, w = k / e->n_bins % d->n_animals, s = k / b->all;
    const double *u = d->u + d->n * (e->bin[t] + d->n_time * (w + d->n_animals * s));
    for (nax_index i = 0; i < d->n; i++) {
      put(b->op.dtype, b->v, k % b->all + b->all * (i + d->n * s),
          isnan(u[i]) ? 0.0 : u[i]);
    }
  }
  NAX_TRY_ALLOC(b->first, d->n + 1, sizeof *b->first);
  for (nax_index p = 0; p < e->n_pairs; p++) {
    b->first[e->j[p] + 1]++;
  }
  for (nax_index j = 0; j < d->n; j++) {
    b->first[j + 1] += b->first[j];
  }
  if (e->missing) {
    NAX_TRY(nax_i_bricks_init(ctx, d, e, &b->op, &b->bricks));
    b->op.mask = &b->bricks.mask;
  }
  nax_index blocks = nax_i_n_blocks(b->all, TIMES);
  NAX_TRY_ALLOC(part, blocks, sizeof *part);
  pass q = {b, 0, NULL, part};
  NAX_TRY(nax_i_parallel(ctx, NULL, blocks, squares, &q));
  b->op.observed2 = nax_i_sum(part, blocks);
done:
  nax_i_free(part);
  if (status != NAX_OK) {
    nax_i_unformed_free(b);
  }
  return status;
}
