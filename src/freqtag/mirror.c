/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The partial transform of samples added to their mirror images: on the grid the cosine
 * of sample N - t is that of sample t and the sine its negative, so that
 *
 *   re z = sum_{t <= N/2} (x(t) + x(N-t)) c(t),   im z = -sum (x(t) - x(N-t)) s(t)
 *
 * with samples 0 and N/2 alone: half of the products for one more pass. */
#include "freqtag_i.h"
#include "linalg/skinny_i.h"

/* Pairs of samples whose sums are at hand at a time, the blocks in which the product
 * sums, and rows of them: in the level-2 cache. A few pairs more are taken with the last
 * block. */
enum { PAIRS = 512, MORE = 8, ROWS = 32 };

/* Frequencies up to which one product with all samples is as fast, from bench/freqtag. */
enum { FEW = 12 };

nax_status
nax_i_ft_mirror_create(nax_ctx *ctx, nax_freqtag_acc *a)
{
  nax_status status = NAX_OK;
  nax_index half = a->s.n_samples / 2 + 1;
  nax_i_ft_mirror *m = &a->mirror;
  for (int narrow = 0; narrow < 2 && a->k > FEW; narrow++) {
    nax_dtype type = narrow ? NAX_F32 : NAX_F64;
    int64_t ld = nax_i_skinny_pad(type, a->k);
    m->ld[narrow] = ld;
    NAX_TRY_ALLOC(m->even[narrow], half * ld, nax_dtype_size(type));
    NAX_TRY_ALLOC(m->odd[narrow], half * ld, nax_dtype_size(type));
    for (nax_index t = 0; t < half; t++) {
      for (nax_index k = 0; k < a->k; k++) {
        const double *w = a->w + t * a->ldw + 2 * k;
        if (narrow) {
          ((float *)m->even[1])[t * ld + k] = (float)w[0];
          ((float *)m->odd[1])[t * ld + k] = (float)w[1];
        } else {
          ((double *)m->even[0])[t * ld + k] = w[0];
          ((double *)m->odd[0])[t * ld + k] = w[1];
        }
      }
    }
  }
done:
  return status;
}

void
nax_i_ft_mirror_free(nax_i_ft_mirror *m)
{
  for (int narrow = 0; narrow < 2; narrow++) {
    nax_i_free(m->even[narrow]);
    nax_i_free(m->odd[narrow]);
  }
}

size_t
nax_i_ft_mirror_bytes(const nax_freqtag_acc *a)
{
  size_t half = (size_t)a->s.n_samples / 2 + 1;
  return 2 * half *
         ((size_t)a->mirror.ld[0] * sizeof(double) +
          (size_t)a->mirror.ld[1] * sizeof(float));
}

nax_index
nax_i_ft_mirror_scratch(const nax_freqtag_acc *a)
{
  nax_index ldy = (a->k + 7) / 8 * 8;
  return a->mirror.ld[0] > 0 ? 2 * ROWS * (ldy + PAIRS + MORE) : 0;
}

/* Sums and differences of pairs from.. of a row of n samples `step` apart. */
#define MIRROR(NAME, REAL)                                                               \
  NAX_I_CLONES static void NAME(const REAL *x, nax_index step, nax_index n,              \
                                nax_index from, nax_index count, REAL *restrict sum,     \
                                REAL *restrict difference)                               \
  {                                                                                      \
    nax_index first = 0, last = count;                                                   \
    if (from == 0) {                                                                     \
      sum[0] = x[0];                                                                     \
      difference[0] = 0;                                                                 \
      first = 1;                                                                         \
    }                                                                                    \
    if (2 * (from + count - 1) == n) {                                                   \
      last = count - 1;                                                                  \
      sum[last] = x[(from + last) * step];                                               \
      difference[last] = 0;                                                              \
    }                                                                                    \
    if (step == 1) {                                                                     \
      const REAL *up = x + from, *down = x + n - from;                                   \
      _Pragma("omp simd") for (nax_index t = first; t < last; t++)                       \
      {                                                                                  \
        sum[t] = up[t] + down[-t];                                                       \
        difference[t] = up[t] - down[-t];                                                \
      }                                                                                  \
      return;                                                                            \
    }                                                                                    \
    for (nax_index t = first; t < last; t++) {                                           \
      REAL a = x[(from + t) * step], b = x[(n - from - t) * step];                       \
      sum[t] = a + b;                                                                    \
      difference[t] = a - b;                                                             \
    }                                                                                    \
  }
MIRROR(mirror_f64, double)
MIRROR(mirror_f32, float)

/* The same of one pair of rows that lie side by side. */
#define ACROSS(NAME, REAL)                                                               \
  NAX_I_CLONES static void NAME(const REAL *x, const REAL *image, nax_index rows,        \
                                REAL *restrict sum, REAL *restrict difference)           \
  {                                                                                      \
    if (image == NULL) {                                                                 \
      memcpy(sum, x, (size_t)rows * sizeof *sum);                                        \
      memset(difference, 0, (size_t)rows * sizeof *difference);                          \
      return;                                                                            \
    }                                                                                    \
    _Pragma("omp simd") for (nax_index r = 0; r < rows; r++)                             \
    {                                                                                    \
      sum[r] = x[r] + image[r];                                                          \
      difference[r] = x[r] - image[r];                                                   \
    }                                                                                    \
  }
ACROSS(across_f64, double)
ACROSS(across_f32, float)

static const void *
element(nax_dtype dtype, const void *x, nax_index i)
{
  return (const char *)x + (size_t)i * nax_dtype_size(dtype);
}

static void *
place(nax_dtype dtype, void *x, nax_index i)
{
  return (char *)x + (size_t)i * nax_dtype_size(dtype);
}

typedef struct rows {
  const nax_freqtag_acc *a;
  nax_dtype dtype;
  const void *x;
  nax_index rs, ks, n; /* n <= ROWS */
  int side_by_side;
} rows;

/* Pairs from.. of all rows into `sum` and `difference`, in rows of PAIRS + MORE, or side
 * by side as they are. */
static void
add_images(const rows *r, nax_index from, nax_index count, void *sum, void *difference)
{
  enum { AHEAD = 12, LINE = 64 }; /* samples, bytes */
  nax_index n = r->a->s.n_samples, step = r->side_by_side ? r->n : PAIRS + MORE;
  int narrow = r->dtype == NAX_F32;
  for (nax_index i = 0; i < (r->side_by_side ? count : r->n); i++) {
    void *s = place(r->dtype, sum, i * step), *d = place(r->dtype, difference, i * step);
    if (r->side_by_side) {
      nax_index t = from + i, size = (nax_index)nax_dtype_size(r->dtype);
      int alone = t == 0 || 2 * t == n;
      const char *p = element(r->dtype, r->x, t * r->ks);
      const char *q = alone ? NULL : element(r->dtype, r->x, (n - t) * r->ks);
      if (!alone && 2 * (t + AHEAD) < n) {
        for (nax_index b = 0; b < r->n * size; b += LINE) {
          __builtin_prefetch(p + AHEAD * r->ks * size + b);
          __builtin_prefetch(q - AHEAD * r->ks * size + b);
        }
      }
      if (narrow) {
        across_f32((const void *)p, (const void *)q, r->n, s, d);
      } else {
        across_f64((const void *)p, (const void *)q, r->n, s, d);
      }
    } else if (narrow) {
      mirror_f32(element(r->dtype, r->x, i * r->rs), r->ks, n, from, count, s, d);
    } else {
      mirror_f64(element(r->dtype, r->x, i * r->rs), r->ks, n, from, count, s, d);
    }
  }
}

/* What is read after pairs from..: the next pairs of the same rows, or the first of those
 * that begin `after` them; samples, or their images. */
static nax_i_ahead
what_is_next(const rows *r, nax_index from, const void *after, int images)
{
  nax_index n = r->a->s.n_samples, size = (nax_index)nax_dtype_size(r->dtype);
  nax_i_ahead next = {NULL, 0, (size_t)(PAIRS * size), r->rs * size, 0};
  const void *x = from > n / 2 ? after : r->x;
  from = from > n / 2 ? 0 : from;
  if (x != NULL && r->ks == 1 && n >= 2 * PAIRS) {
    next.row = element(r->dtype, x, images ? n - from - PAIRS : from);
    next.left = r->n;
  }
  return next;
}

static void
some_rows(const rows *r, const void *after, double *scratch, double *z, int64_t ldz)
{
  const nax_freqtag_acc *a = r->a;
  int narrow = r->dtype == NAX_F32;
  nax_index half = a->s.n_samples / 2 + 1, ldy = (a->k + 7) / 8 * 8, count;
  int64_t ld = a->mirror.ld[narrow];
  double *part[2] = {scratch, scratch + ROWS * ldy}, *room = part[1] + ROWS * ldy;
  void *buffer[2] = {room, place(r->dtype, room, ROWS * (PAIRS + MORE))};
  nax_index rs = r->side_by_side ? 1 : PAIRS + MORE, ks = r->side_by_side ? r->n : 1;
  memset(scratch, 0, (size_t)(2 * ROWS * ldy) * sizeof *scratch);
  for (nax_index from = 0; from < half; from += count) {
    count = half - from <= PAIRS + MORE ? half - from : PAIRS;
    add_images(r, from, count, buffer[0], buffer[1]);
    for (int odd = 0; odd < 2; odd++) {
      const void *w = odd ? a->mirror.odd[narrow] : a->mirror.even[narrow];
      nax_i_ahead next = what_is_next(r, from + count, after, odd);
      nax_i_skinny_ahead(r->dtype, buffer[odd], rs, ks, count,
                         element(r->dtype, w, from * ld), ld, part[odd], ldy, r->n, NULL,
                         &next);
    }
  }
  for (nax_index i = 0; i < r->n; i++) {
    for (nax_index k = 0; k < a->k; k++) {
      z[i * ldz + 2 * k] = part[0][i * ldy + k];
      z[i * ldz + 2 * k + 1] = part[1][i * ldy + k];
    }
  }
}

void
nax_i_ft_mirror_rows(const nax_freqtag_acc *a, nax_dtype dtype, const void *x,
                     nax_index rs, nax_index ks, nax_index n_rows, const void *after,
                     double *scratch, double *z, int64_t ldz)
{
  rows r = {.a = a, .dtype = dtype, .rs = rs, .ks = ks};
  r.side_by_side = rs == 1 && ks != 1;
  for (nax_index i = 0; i < n_rows; i += r.n) {
    r.n = n_rows - i < ROWS ? n_rows - i : ROWS;
    r.x = element(dtype, x, i * rs);
    some_rows(&r, i + r.n < n_rows ? element(dtype, x, (i + r.n) * rs) : after, scratch,
              z + i * ldz, ldz);
  }
}
