/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Skinny product for AVX-512, float32, eight columns. Where rows lie next to each other
 * in memory, 16 of them are a vector, and each column of W is broadcast: all lanes are
 * used. Otherwise the columns are half a vector, of which two go at a time; a line of the
 * cache holds 16 elements, so as many rows go together. Sums are in the same order in
 * both. */
#include "skinny_i.h"
#if defined(__x86_64__)

#if !defined(__clang__)
#pragma GCC target("avx512f,avx512vl,fma")
#endif
#include <immintrin.h>
#if defined(__clang__) /* which does not know the pragma above */
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,fma"))),            \
                             apply_to = function)
#endif

static inline void
put(double *to, __m256 v, int add)
{
  __m512d wide = _mm512_cvtps_pd(v);
  _mm512_storeu_pd(to, add ? _mm512_add_pd(_mm512_loadu_pd(to), wide) : wide);
}

#define NAME          by_columns
#define REAL          float
#define VEC           __m256
#define LANES         8
#define MAX_VECS      1
#define ZERO()        _mm256_setzero_ps()
#define SET1(s)       _mm256_set1_ps(s)
#define LOAD(p)       _mm256_loadu_ps(p)
#define FMA(a, b, c)  _mm256_fmadd_ps(a, b, c)
#define STORE(p, v)   _mm256_storeu_ps(p, v)
#define PUT(to, v, a) put((to), (v), (a))
#define KERNELS(K)    K(1, 16)
static void NAME(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w,
                 int64_t ldw, double *y, int64_t ldy, int64_t m, const void *after,
                 nax_i_ahead *ahead, int add);
#include "skinny_kernel_i.h"

enum { COLUMNS = 8, TOGETHER = 32, HALF = 16 };

/* y (with `add`, else nothing) + rows t .. t + 7 of what is in `part` column by column.
 */
static void
add_square(float part[COLUMNS][TOGETHER], int t, double *y, int64_t ldy, int add)
{
  __m256 a[COLUMNS], b[COLUMNS];
  for (int r = 0; r < COLUMNS; r++) {
    a[r] = _mm256_loadu_ps(part[r] + t);
  }
  for (int r = 0; r < COLUMNS; r += 2) {
    b[r] = _mm256_unpacklo_ps(a[r], a[r + 1]);
    b[r + 1] = _mm256_unpackhi_ps(a[r], a[r + 1]);
  }
  for (int r = 0; r < COLUMNS; r += 4) {
    a[r] = _mm256_shuffle_ps(b[r], b[r + 2], 0x44);
    a[r + 1] = _mm256_shuffle_ps(b[r], b[r + 2], 0xee);
    a[r + 2] = _mm256_shuffle_ps(b[r + 1], b[r + 3], 0x44);
    a[r + 3] = _mm256_shuffle_ps(b[r + 1], b[r + 3], 0xee);
  }
  for (int r = 0; r < COLUMNS / 2; r++) {
    b[r] = _mm256_permute2f128_ps(a[r], a[r + 4], 0x20);
    b[r + 4] = _mm256_permute2f128_ps(a[r], a[r + 4], 0x31);
  }
  for (int k = 0; k < COLUMNS; k++) {
    put(y + k * ldy, b[k], add);
  }
}

/* A multiple of TOGETHER rows; see the template for what is asked for ahead. */
static void
by_rows(const float *x, int64_t ks, int64_t n, const float *w, double *y, int64_t ldy,
        int64_t m, const float *next, int add)
{
  int64_t at_next = 0;
  for (int64_t i = 0; i < m; i += TOGETHER) {
    __m512 low[COLUMNS], high[COLUMNS];
    for (int r = 0; r < COLUMNS; r++) {
      low[r] = high[r] = _mm512_setzero_ps();
    }
    for (int t = 0; t < TOGETHER; t++) {
      __builtin_prefetch(y + (i + t) * ldy, 1);
    }
    for (int64_t k = 0; k < n; k++) {
      const float *xk = x + i + k * ks, *wk = w + k * COLUMNS;
      __m512 a = _mm512_loadu_ps(xk), b = _mm512_loadu_ps(xk + HALF);
      __builtin_prefetch(next + at_next, 0, 2);
      __builtin_prefetch(next + at_next + HALF, 0, 2);
      __builtin_prefetch(xk + TOGETHER);
      __builtin_prefetch(xk + TOGETHER + HALF);
      at_next += TOGETHER;
      if (at_next >= m) {
        at_next = 0;
        next += ks;
      }
      _Pragma("GCC unroll 8") for (int r = 0; r < COLUMNS; r++)
      {
        __m512 c = _mm512_set1_ps(wk[r]);
        low[r] = _mm512_fmadd_ps(a, c, low[r]);
        high[r] = _mm512_fmadd_ps(b, c, high[r]);
      }
    }
    float part[COLUMNS][TOGETHER];
    for (int r = 0; r < COLUMNS; r++) {
      _mm512_storeu_ps(part[r], low[r]);
      _mm512_storeu_ps(part[r] + HALF, high[r]);
    }
    for (int t = 0; t < TOGETHER; t += COLUMNS) {
      add_square(part, t, y + (i + t) * ldy, ldy, add);
    }
  }
}

void nax_i_skinny_avx512_f32_8(const void *x, int64_t rs, int64_t ks, int64_t n,
                               const void *w, int64_t ldw, double *y, int64_t ldy,
                               int64_t m, const void *after, nax_i_ahead *ahead, int add);
void
nax_i_skinny_avx512_f32_8(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w,
                          int64_t ldw, double *y, int64_t ldy, int64_t m,
                          const void *after, nax_i_ahead *ahead, int add)
{
  const float *X = x, *W = w;
  int64_t vectors = rs == 1 ? m / TOGETHER * TOGETHER : 0;
  for (int64_t k = 0; k < n && vectors > 0; k += K_BLOCK) {
    int64_t nk = n - k < K_BLOCK ? n - k : K_BLOCK;
    const float *xk = X + k * ks;
    by_rows(xk, ks, nk, W + k * COLUMNS, y, ldy, vectors,
            after != NULL ? (const float *)after + k * ks : xk + nk * ks, add || k > 0);
  }
  if (vectors < m) {
    by_columns(X + vectors * rs, rs, ks, n, w, ldw, y + vectors * ldy, ldy, m - vectors,
               after, ahead, add);
  }
}

/* Eight columns of W from `column` on, all runs in turn. Bound: 18 multiplications and
 * multiply-adds of a vector for 16 of the product. */
static void
rectified_columns(nax_index n_runs, const nax_i_rectified *run, float sign, int64_t ldw,
                  int64_t column, double *y, int64_t ldy)
{
  __m512 low[COLUMNS], high[COLUMNS], zero = _mm512_setzero_ps();
  for (int r = 0; r < COLUMNS; r++) {
    low[r] = high[r] = _mm512_setzero_ps();
  }
  for (nax_index q = 0; q < n_runs; q++) {
    const nax_i_rectified *u = &run[q];
    const float *wk = u->w + column, *b = u->b;
    __m512 sign_of_all = _mm512_set1_ps(sign), b0, b1;
    b0 = _mm512_mul_ps(sign_of_all, _mm512_loadu_ps(b));
    b1 = _mm512_mul_ps(sign_of_all, _mm512_loadu_ps(b + HALF));
    for (int64_t k = 0; k < u->n; k++) {
      const float *a = u->a + (u->at != NULL ? u->at[k] : k * TOGETHER);
      if (u->one) {
        b0 = b1 = _mm512_set1_ps(sign * b[k]);
      }
      __m512 p0 = _mm512_mul_ps(_mm512_loadu_ps(a), b0);
      __m512 p1 = _mm512_mul_ps(_mm512_loadu_ps(a + HALF), b1);
      p0 = _mm512_max_ps(p0, zero);
      p1 = _mm512_max_ps(p1, zero);
      _Pragma("GCC unroll 8") for (int r = 0; r < COLUMNS; r++)
      {
        __m512 c = _mm512_set1_ps(wk[r]);
        low[r] = _mm512_fmadd_ps(p0, c, low[r]);
        high[r] = _mm512_fmadd_ps(p1, c, high[r]);
      }
      wk += ldw;
    }
  }
  float part[COLUMNS][TOGETHER];
  for (int r = 0; r < COLUMNS; r++) {
    _mm512_storeu_ps(part[r], low[r]);
    _mm512_storeu_ps(part[r] + HALF, high[r]);
  }
  for (int t = 0; t < TOGETHER; t += COLUMNS) {
    add_square(part, t, y + t * ldy + column, ldy, 1);
  }
}

void nax_i_rectified_avx512(nax_index n_runs, const nax_i_rectified *run, float sign,
                            int64_t ldw, double *y, int64_t ldy);
void
nax_i_rectified_avx512(nax_index n_runs, const nax_i_rectified *run, float sign,
                       int64_t ldw, double *y, int64_t ldy)
{
  for (int64_t c = 0; c < ldw; c += COLUMNS) {
    rectified_columns(n_runs, run, sign, ldw, c, y, ldy);
  }
}
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nax_i_no_x86; /* the portable kernel serves */
#endif
