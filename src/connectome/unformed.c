/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tensor of affinities as the operand of a fit, never formed.
 *
 * Affinities are made from the derivatives where a product with them is due, a tile of
 * few pairs and few times at a time that stays in the cache, and the tile goes into the
 * skinny product. Two passes over all pairs and times are a sweep: one gives the product
 * for the pair mode; the other, with the pair factor, a matrix that serves all other
 * modes until the pair factor changes.
 *
 * The product of two derivatives in float32 needs no tile: it is made in registers.
 *
 * Bound: 2 N^2 T W R flops a sweep at the multiply-add rate, and making the affinities
 * twice, which costs less than two components. Through u+ u+' + u- u-' and matrix
 * products it would be 6 N^2 T W R, a column of zeros being multiplied for each sign. */
#include "connectome_i.h"
#include <math.h>

/* A tile: rows of WIDE affinities, LONG of them, so that it stays in the level-1 cache.
 * In one pass FEW neurons with WIDE are a block of work, in the other TIMES times or, for
 * a long recording, a sixteenth of it: for each, all pairs are gone through. */
enum { WIDE = 32, LONG = 256, FEW = LONG / WIDE, TIMES = 512, MOST_TIMES = 4096 };

/* Numbers of a line of the cache, in float32. */
enum { LINE = 16 };

static nax_i_unformed *
of(nax_i_ntf_operand *x)
{
  return (nax_i_unformed *)x;
}

/* --- tiles -------------------------------------------------------------------------- */

/* Where the derivatives for a tile are: row k is that at a + at[k] (or a + k WIDE), and
 * the WIDE ones at b or, with `one`, b[k] for all. The other scales lie so much further.
 */
typedef struct operands {
  const void *a, *b;
  const nax_index *at;
  nax_index a_scale, b_scale, rows;
  int one;
} operands;

/* Rows of g = affinities; 0 where one derivative is, and missing ones are 0. */
#define EACH_OF(REAL, OTHER, VALUE)                                                      \
  _Pragma("omp simd") for (int t = 0; t < WIDE; t++)                                     \
  {                                                                                      \
    REAL p = x[t], q = (OTHER), pq = p * q;                                              \
    g[k * WIDE + t] = (VALUE);                                                           \
  }
#define EACH(REAL, VALUE)                                                                \
  for (nax_index k = 0; k < o->rows; k++) {                                              \
    const REAL *x = (const REAL *)o->a + (o->at != NULL ? o->at[k] : k * WIDE);          \
    const REAL *y = (const REAL *)o->b + (o->one ? k : 0);                               \
    if (o->one) {                                                                        \
      REAL same = sign * y[0];                                                           \
      EACH_OF(REAL, same, VALUE)                                                         \
    } else {                                                                             \
      EACH_OF(REAL, sign *y[t], VALUE)                                                   \
    }                                                                                    \
  }
#define SMALLER(SIZE) (SIZE(p) < SIZE(q) ? SIZE(p) : SIZE(q))
#define LARGER(SIZE)  (SIZE(p) < SIZE(q) ? SIZE(q) : SIZE(p))

#define TILE(REAL, NAME, ROOT, SIZE)                                                     \
  NAX_I_CLONES static void NAME(nax_connectome_kernel kernel, const operands *o,         \
                                REAL sign, REAL *restrict g)                             \
  {                                                                                      \
    switch (kernel) {                                                                    \
    case NAX_CONNECTOME_PROD:                                                            \
      EACH(REAL, pq > 0 ? pq : 0)                                                        \
      break;                                                                             \
    case NAX_CONNECTOME_GM:                                                              \
      EACH(REAL, ROOT(pq > 0 ? pq : 0))                                                  \
      break;                                                                             \
    case NAX_CONNECTOME_MIN:                                                             \
      EACH(REAL, pq > 0 ? SMALLER(SIZE) : 0)                                             \
      break;                                                                             \
    case NAX_CONNECTOME_RATIO:                                                           \
      EACH(REAL, pq > 0 ? SMALLER(SIZE) * SMALLER(SIZE) / LARGER(SIZE) : 0)              \
      break;                                                                             \
    case NAX_CONNECTOME_UP:                                                              \
      EACH(REAL, ROOT(pq > 0 && p > 0 ? pq : 0))                                         \
      break;                                                                             \
    case NAX_CONNECTOME_ABS:                                                             \
    case NAX_CONNECTOME_KERNEL_FORCE_INT:                                                \
      EACH(REAL, ROOT(SIZE(pq)))                                                         \
      break;                                                                             \
    }                                                                                    \
  }                                                                                      \
  NAX_I_CLONES static void NAME##_cut(nax_index n, REAL *restrict g)                     \
  {                                                                                      \
    _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                                \
    {                                                                                    \
      g[t] = g[t] > 1 ? 1 : g[t];                                                        \
    }                                                                                    \
  }                                                                                      \
  NAX_I_CLONES static void NAME##_larger(nax_index n, const REAL *restrict x,            \
                                         REAL *restrict g)                               \
  {                                                                                      \
    _Pragma("omp simd") for (nax_index t = 0; t < n; t++)                                \
    {                                                                                    \
      g[t] = x[t] > g[t] ? x[t] : g[t];                                                  \
    }                                                                                    \
  }
TILE(float, tile_f32, sqrtf, fabsf)
TILE(double, tile_f64, sqrt, fabs)

static void *
element(nax_dtype dtype, const void *p, nax_index at)
{
  return (char *)(uintptr_t)p + (size_t)at * nax_dtype_size(dtype);
}

/* A tile in layer l; `o` is at scale 0. `more` is scratch of a tile. */
static void
fill(const nax_i_unformed *b, operands o, nax_index l, void *tile, void *more)
{
  nax_dtype dtype = b->op.dtype;
  nax_index channel = l % b->n_channels, layer = l / b->n_channels, n = o.rows * WIDE;
  nax_index first = b->o->scale_mode ? layer : 0;
  nax_index last = b->o->scale_mode ? layer + 1 : b->d->n_scales;
  int opposite = b->o->channels == NAX_CONNECTOME_OPPOSITE || channel == 1;
  nax_connectome_kernel kernel = (nax_connectome_kernel)b->o->kernel;
  const void *x = o.a, *y = o.b;
  for (nax_index s = first; s < last; s++) {
    void *g = s == first ? tile : more;
    o.a = element(dtype, x, s * o.a_scale);
    o.b = element(dtype, y, s * o.b_scale);
    if (dtype == NAX_F32) {
      tile_f32(kernel, &o, opposite ? -1.0F : 1.0F, g);
    } else {
      tile_f64(kernel, &o, opposite ? -1.0 : 1.0, g);
    }
    if (s > first && dtype == NAX_F32) {
      tile_f32_larger(n, more, tile);
    } else if (s > first) {
      tile_f64_larger(n, more, tile);
    }
  }
  if (b->o->clip == NAX_CONNECTOME_CLIP_PAIR && dtype == NAX_F32) {
    tile_f32_cut(n, tile);
  } else if (b->o->clip == NAX_CONNECTOME_CLIP_PAIR) {
    tile_f64_cut(n, tile);
  }
}

/* Of the pairs of neuron j the first whose other neuron is not before i. */
static nax_index
pair_from(const nax_i_unformed *b, nax_index j, nax_index i)
{
  nax_index lo = b->first[j], hi = b->first[j + 1];
  if (lo + i < hi && b->e->i[lo + i] == i) {
    return lo + i; /* where all are kept, as they mostly are */
  }
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

/* What a block of work needs: a tile and another, derivatives of FEW neurons at LONG
 * times for each scale, numbers of pairs and where they are, sums, and weights of pairs.
 */
typedef struct room {
  char *tile, *more, *few, *w;
  nax_index *pair, *at;
  double *y;
} room;

static void
room_free(room *r)
{
  nax_i_free(r->tile);
  nax_i_free(r->few);
  nax_i_free(r->w);
  nax_i_free(r->pair);
  nax_i_free(r->y);
}

/* `sums` rows of sums. */
static nax_status
room_init(const nax_i_unformed *b, nax_index sums, int64_t ld, room *r)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  size_t each = nax_dtype_size(b->op.dtype);
  *r = (room){.tile = NULL};
  NAX_TRY_ALLOC(r->tile, 2 * LONG * WIDE, each);
  NAX_TRY_ALLOC(r->few, FEW * LONG, (size_t)b->d->n_scales * each);
  NAX_TRY_ALLOC(r->w, LONG, (size_t)ld * each);
  NAX_TRY_ALLOC(r->pair, 2 * LONG, sizeof *r->pair);
  NAX_TRY_ALLOC(r->y, sums, (size_t)ld * sizeof *r->y);
  r->more = element(b->op.dtype, r->tile, LONG * WIDE);
  r->at = r->pair + LONG;
done:
  if (status != NAX_OK) {
    room_free(r);
    *r = (room){.tile = NULL};
  }
  return status;
}

/* Affinities that need no tile: the product of two derivatives, or 0, made in registers
 * where it is used. */
static int
is_product(const nax_i_unformed *b)
{
  return b->op.dtype == NAX_F32 && b->o->kernel == NAX_CONNECTOME_PROD &&
         b->o->clip != NAX_CONNECTOME_CLIP_PAIR &&
         (b->o->scale_mode || b->d->n_scales == 1);
}

static float
sign_of(const nax_i_unformed *b, nax_index l)
{
  int opposite = b->o->channels == NAX_CONNECTOME_OPPOSITE || l % b->n_channels == 1;
  return opposite ? -1.0F : 1.0F;
}

/* Derivatives of neurons j0 .. j1 - 1 at `rows` times from t on, a multiple of WIDE, time
 * after time. */
static void
gather_few(const nax_i_unformed *b, nax_index j0, nax_index j1, nax_index t,
           nax_index rows, char *few)
{
  nax_dtype dtype = b->op.dtype;
  for (nax_index s = 0; s < b->d->n_scales; s++) {
    for (nax_index j = j0; j < j1; j++) {
      for (nax_index k = 0; k < rows; k += WIDE) {
        nax_index at = (t + k + s * b->padded_all) * b->d->n + j * WIDE;
        memcpy(element(dtype, few, k + LONG * (j - j0 + FEW * s)),
               element(dtype, b->by_time, at), WIDE * nax_dtype_size(dtype));
      }
    }
  }
}

/* Affinities of neuron j with WIDE neurons times w, added to y; 0 when these go another
 * way. */
static int
product_of_neuron(const pass *q, const operands *o, nax_index l, const void *w, double *y)
{
  nax_index scale = l / q->b->n_channels;
  if (!is_product(q->b)) {
    return 0;
  }
  nax_i_rectified run = {.a = (const float *)o->a + scale * o->a_scale,
                         .b = (const float *)o->b + scale * o->b_scale,
                         .w = w,
                         .n = o->rows,
                         .one = 1};
  return nax_i_skinny_rectified(1, &run, sign_of(q->b, l), q->ld, y, q->ld);
}

/* out (pairs x ld) += tensor times w (times x ld, for each layer): a block of neurons j
 * with a block of neurons i, which are the rows. */
static nax_status
to_pairs(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  const pass *q = arg;
  const nax_i_unformed *b = q->b;
  nax_dtype dtype = b->op.dtype;
  nax_index n = b->d->n, blocks = nax_i_n_blocks(n, FEW);
  nax_index j0 = block % blocks * FEW, i0 = block / blocks * WIDE;
  nax_index j1 = j0 + FEW < n ? j0 + FEW : n;
  room r;
  if (i0 >= j1) {
    return NAX_OK;
  }
  NAX_TRY(room_init(b, FEW * WIDE, q->ld, &r));
  for (nax_index t = 0; t < b->all; t += LONG) {
    nax_index rows = b->all - t < LONG ? b->all - t : LONG;
    gather_few(b, j0, j1, t, rows, r.few);
    for (nax_index l = 0; l < b->n_layers; l++) {
      const void *w = element(dtype, q->w, (t + b->all * l) * q->ld);
      for (nax_index j = j0; j < j1; j++) {
        double *y = r.y + (j - j0) * WIDE * q->ld;
        operands o = {.a = element(dtype, b->by_neuron, i0 * b->all + WIDE * t),
                      .b = element(dtype, r.few, (j - j0) * LONG),
                      .a_scale = b->all * b->padded_n,
                      .b_scale = FEW * LONG,
                      .rows = rows,
                      .one = 1};
        if (!product_of_neuron(q, &o, l, w, y)) {
          fill(b, o, l, r.tile, r.more);
          nax_i_skinny(dtype, r.tile, 1, WIDE, rows, w, q->ld, y, q->ld, WIDE, r.tile);
        }
      }
    }
  }
  for (nax_index j = j0; j < j1; j++) {
    nax_index to = pair_from(b, j, i0 + WIDE);
    for (nax_index p = pair_from(b, j, i0); p < to; p++) {
      memcpy(q->out + p * q->ld, r.y + ((j - j0) * WIDE + b->e->i[p] - i0) * q->ld,
             (size_t)q->ld * sizeof *r.y);
    }
  }
  room_free(&r);
done:
  return status;
}

/* Rows of a tile of some pairs: of FEW neurons j with WIDE neurons i before them. `pair`
 * says which pair a row is. Returns how many. */
static nax_index
gather(const nax_i_unformed *b, nax_index j0, nax_index i0, nax_index *pair)
{
  nax_index n = 0, j1 = j0 + FEW < b->d->n ? j0 + FEW : b->d->n;
  for (nax_index j = j0; j < j1; j++) {
    nax_index to = pair_from(b, j, i0 + WIDE);
    for (nax_index p = pair_from(b, j, i0); p < to; p++) {
      pair[n++] = p;
    }
  }
  return n;
}

/* Affinities of pairs at WIDE times from `t` on; pairs of one neuron are next to each
 * other. */
static void
fill_times(const nax_i_unformed *b, nax_index n, const nax_index *pair, nax_index t,
           nax_index l, char *tile, char *more, nax_index *at)
{
  nax_dtype dtype = b->op.dtype;
  const void *u = element(dtype, b->by_time, t * b->d->n);
  for (nax_index from = 0; from < n;) {
    nax_index j = b->e->j[pair[from]], to = from;
    for (; to < n && b->e->j[pair[to]] == j; to++) {
      at[to - from] = b->e->i[pair[to]] * WIDE;
    }
    operands o = {.a = u,
                  .b = element(dtype, u, j * WIDE),
                  .at = at,
                  .a_scale = b->padded_all * b->d->n,
                  .b_scale = b->padded_all * b->d->n,
                  .rows = to - from};
    fill(b, o, l, element(dtype, tile, from * WIDE), more);
    from = to;
  }
}

/* Sums over the pairs of FEW neurons from j0 on with WIDE neurons from i0 on, at times
 * from t0 to `last`. Returns 0 when these go another way. */
static int
product_of_times(const pass *q, nax_index l, nax_index j0, nax_index i0, nax_index t0,
                 nax_index last, room *r)
{
  const nax_i_unformed *b = q->b;
  nax_i_rectified run[FEW];
  nax_index step = WIDE * b->d->n, n_runs = 0, used = 0;
  nax_index j1 = j0 + FEW < b->d->n ? j0 + FEW : b->d->n;
  nax_index i1 = i0 + WIDE < b->d->n ? i0 + WIDE : b->d->n;
  const float *u = (const float *)b->by_time +
                   l / b->n_channels * b->padded_all * b->d->n + t0 * b->d->n;
  int done = is_product(b);
  for (nax_index j = j0; done && j < j1; j++) {
    nax_index from = pair_from(b, j, i0), n = pair_from(b, j, i0 + WIDE) - from;
    if (n > 0) {
      run[n_runs++] = (nax_i_rectified){.a = u,
                                        .b = u + j * WIDE,
                                        .w = (const float *)q->w + from * q->ld,
                                        .at = r->at + used,
                                        .n = n};
    }
    for (nax_index k = 0; k < n; k++) {
      r->at[used++] = b->e->i[from + k] * WIDE;
    }
  }
  for (nax_index t = t0; done && n_runs > 0 && t < last; t += WIDE, u += step) {
    if (t + WIDE < last) { /* what is due next: steps are too far apart to be foreseen */
      for (nax_index k = i0 * WIDE; k < i1 * WIDE; k += LINE) {
        __builtin_prefetch(u + step + k);
      }
      for (nax_index k = j0 * WIDE; k < j1 * WIDE; k += LINE) {
        __builtin_prefetch(u + step + k);
      }
    }
    done = nax_i_skinny_rectified(n_runs, run, sign_of(b, l), q->ld,
                                  r->y + (t - t0) * q->ld, q->ld);
    for (nax_index k = 0; k < n_runs; k++) {
      run[k].a += step;
      run[k].b += step;
    }
  }
  return done;
}

/* out (times x ld, for each layer) = tensor times w (pairs x ld): WIDE times, which are
 * the rows, in each of the blocks of b->times. */
static nax_status
to_times(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  const pass *q = arg;
  const nax_i_unformed *b = q->b;
  nax_dtype dtype = b->op.dtype;
  size_t row = (size_t)q->ld * nax_dtype_size(dtype);
  nax_index n = b->d->n, t0 = block * b->times;
  nax_index last = b->all - t0 < b->times ? b->all : t0 + b->times;
  room r;
  NAX_TRY(room_init(b, b->times, q->ld, &r));
  for (nax_index l = 0; l < b->n_layers; l++) {
    memset(r.y, 0, (size_t)(b->times * q->ld) * sizeof *r.y);
    for (nax_index j0 = 0; j0 < n; j0 += FEW) {
      for (nax_index i0 = 0; i0 < j0 + FEW; i0 += WIDE) {
        if (product_of_times(q, l, j0, i0, t0, last, &r)) {
          continue;
        }
        nax_index rows = gather(b, j0, i0, r.pair);
        for (nax_index k = 0; k < rows; k++) {
          memcpy(r.w + (size_t)k * row, element(dtype, q->w, r.pair[k] * q->ld), row);
        }
        for (nax_index t = t0; t < last; t += WIDE) {
          fill_times(b, rows, r.pair, t, l, r.tile, r.more, r.at);
          nax_i_skinny(dtype, r.tile, 1, WIDE, rows, r.w, q->ld, r.y + (t - t0) * q->ld,
                       q->ld, WIDE, r.tile);
        }
      }
    }
    memcpy(q->out + (t0 + b->all * l) * q->ld, r.y,
           (size_t)((last - t0) * q->ld) * sizeof *r.y);
  }
  room_free(&r);
done:
  return status;
}

NAX_I_CLONES static void
add_squares(nax_dtype dtype, nax_index rows, const void *tile, double sum[WIDE])
{
  for (nax_index k = 0; k < rows; k++) {
    const float *x = (const float *)tile + k * WIDE;
    const double *y = (const double *)tile + k * WIDE;
    if (dtype == NAX_F32) {
#pragma omp simd
      for (int t = 0; t < WIDE; t++) {
        sum[t] += (double)x[t] * (double)x[t];
      }
    } else {
#pragma omp simd
      for (int t = 0; t < WIDE; t++) {
        sum[t] += y[t] * y[t];
      }
    }
  }
}

/* out[block] = sum of squares of all affinities in a block of times. */
static nax_status
squares(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  const pass *q = arg;
  const nax_i_unformed *b = q->b;
  nax_dtype dtype = b->op.dtype;
  nax_index n = b->d->n, t0 = block * TIMES;
  nax_index last = b->all - t0 < TIMES ? b->all : t0 + TIMES;
  double sum[WIDE] = {0.0};
  room r;
  NAX_TRY(room_init(b, 1, 1, &r));
  for (nax_index l = 0; l < b->n_layers; l++) {
    for (nax_index j0 = 0; j0 < n; j0 += FEW) {
      for (nax_index i0 = 0; i0 < j0 + FEW; i0 += WIDE) {
        nax_index rows = gather(b, j0, i0, r.pair);
        for (nax_index t = t0; t < last; t += WIDE) { /* times past the end are 0 */
          fill_times(b, rows, r.pair, t, l, r.tile, r.more, r.at);
          add_squares(dtype, rows, r.tile, sum);
        }
      }
    }
  }
  q->out[block] = nax_i_sum(sum, WIDE);
  room_free(&r);
done:
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
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(n, FEW) * nax_i_n_blocks(n, WIDE),
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
    for (nax_index p = 0; p < n_pairs(b); p++) {
      for (int64_t r = 0; r < b->ld; r++) {
        put(b->op.dtype, b->w, p * b->ld + r, r < rank ? f[p * ldf + r] : 0.0);
      }
    }
    w = b->w;
  }
  pass q = {b, b->ld, w, b->q};
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(b->all, b->times), to_times, &q);
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
  b->padded_all = nax_i_n_blocks(b->all, WIDE) * WIDE;
  b->padded_n = nax_i_n_blocks(d->n, WIDE) * WIDE;
  b->times = nax_i_n_blocks(b->all, 16 * WIDE) * WIDE;
  b->times = b->times < TIMES ? TIMES : b->times > MOST_TIMES ? MOST_TIMES : b->times;
  b->n_channels = o->channels == NAX_CONNECTOME_BOTH ? 2 : 1;
  b->n_layers = b->n_channels * (o->scale_mode ? d->n_scales : 1);
  b->op.columns = columns(b);
}

size_t
nax_i_unformed_memory(const nax_i_unformed *b)
{
  nax_index each = b->padded_all * b->d->n + b->padded_n * b->all;
  return (size_t)(each * b->d->n_scales) * nax_dtype_size(b->op.dtype) +
         (size_t)(b->d->n + 1) * sizeof(nax_index);
}

void
nax_i_unformed_free(nax_i_unformed *b)
{
  nax_i_free(b->by_time);
  nax_i_free(b->by_neuron);
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
  size_t scales = (size_t)d->n_scales * nax_dtype_size(b->op.dtype);
  NAX_TRY_ALLOC(b->by_time, b->padded_all * d->n, scales);
  NAX_TRY_ALLOC(b->by_neuron, b->padded_n * b->all, scales);
  for (nax_index k = 0; k < b->all * d->n_scales; k++) {
    nax_index t = k % e->n_bins, w = k / e->n_bins % d->n_animals, s = k / b->all;
    const double *u = d->u + d->n * (e->bin[t] + d->n_time * (w + d->n_animals * s));
    for (nax_index i = 0; i < d->n; i++) {
      double v = isnan(u[i]) ? 0.0 : u[i];
      nax_index at = k % b->all;
      put(b->op.dtype, b->by_time,
          at % WIDE + WIDE * i + d->n * (at / WIDE * WIDE + b->padded_all * s), v);
      put(b->op.dtype, b->by_neuron,
          i % WIDE + WIDE * at + b->all * (i / WIDE * WIDE + b->padded_n * s), v);
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
