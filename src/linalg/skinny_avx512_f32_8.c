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

enum { COLUMNS = 8, TOGETHER = 32, HALF = 16 };

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

enum { ROWS = 16, TURNED = 4 };

/* A multiple of ROWS rows, each of n numbers next to each other, as in the template; but
 * of TURNED rows four numbers are loaded at a time and spread from a register: with a
 * load for each product there would be more loads than the processor does meanwhile. */
static __attribute__((noinline)) void
by_lines(const float *x, int64_t rs, int64_t n, const float *w, double *y, int64_t ldy,
         int64_t m, coming *next, nax_i_ahead *ahead, int add)
{
  for (int64_t i = 0; i < m; i += ROWS) {
    const float *xi = x + i * rs, *wk = w, *four[ROWS / 4];
    for (int q = 0; q < ROWS / 4; q++) {
      four[q] = xi + 4 * q * rs;
    }
    __m256 acc[ROWS];
    _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)
    {
      acc[t] = _mm256_setzero_ps();
    }
    for (int64_t from = 0; from < n; from += LINE) {
      int64_t to = n - from < LINE ? n : from + LINE, u = from;
      ask_lines(next, ahead, xi + from, rs, ROWS);
#define AT(t) four[(t) / 4][(t) % 4 * rs + u]
#define EACH(q)                                                                          \
  do {                                                                                   \
    __m256 row = _mm256_loadu_ps(wk + (q)*COLUMNS);                                      \
    _Pragma("GCC unroll 4") for (int t = 0; t < TURNED; t++)                             \
    {                                                                                    \
      acc[t] = _mm256_fmadd_ps(_mm256_permute_ps(turned[t], (q)*0x55), row, acc[t]);     \
    }                                                                                    \
    _Pragma("GCC unroll 16") for (int t = TURNED; t < ROWS; t++)                         \
    {                                                                                    \
      acc[t] = _mm256_fmadd_ps(_mm256_set1_ps((&AT(t))[q]), row, acc[t]);                \
    }                                                                                    \
  } while (0)
      for (; u + 4 <= to; u += 4, wk += 4 * COLUMNS) {
        __m256 turned[TURNED];
        _Pragma("GCC unroll 4") for (int t = 0; t < TURNED; t++)
        {
          turned[t] = _mm256_broadcast_ps((const __m128 *)(const void *)&AT(t));
        }
        EACH(0);
        EACH(1);
        EACH(2);
        EACH(3);
      }
      for (; u < to; u++, wk += COLUMNS) {
        __m256 row = _mm256_loadu_ps(wk);
        _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)
        {
          acc[t] = _mm256_fmadd_ps(_mm256_set1_ps(AT(t)), row, acc[t]);
        }
      }
#undef EACH
#undef AT
    }
    _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)
    {
      put(y + (i + t) * ldy, acc[t], add);
    }
  }
}

/* The first `rows` of 16 rows at y (with `add`, else nothing) + what is in `column`
 * column by column. */
static inline void
add_columns(float column[COLUMNS][HALF], int64_t rows, double *y, int64_t ldy, int add)
{
  __m512 a[COLUMNS], b[COLUMNS];
  _Pragma("GCC unroll 4") for (int r = 0; r < COLUMNS; r += 2)
  {
    b[r] = _mm512_unpacklo_ps(_mm512_loadu_ps(column[r]), _mm512_loadu_ps(column[r + 1]));
    b[r + 1] =
        _mm512_unpackhi_ps(_mm512_loadu_ps(column[r]), _mm512_loadu_ps(column[r + 1]));
  }
  _Pragma("GCC unroll 2") for (int r = 0; r < COLUMNS; r += 4)
  { /* a[r + q]: rows q, q + 4, q + 8, q + 12 */
    a[r] = _mm512_shuffle_ps(b[r], b[r + 2], 0x44);
    a[r + 1] = _mm512_shuffle_ps(b[r], b[r + 2], 0xee);
    a[r + 2] = _mm512_shuffle_ps(b[r + 1], b[r + 3], 0x44);
    a[r + 3] = _mm512_shuffle_ps(b[r + 1], b[r + 3], 0xee);
  }
  const __m512i even = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0);
  const __m512i odd = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
  _Pragma("GCC unroll 4") for (int q = 0; q < 4; q++)
  { /* rows q and q + 8, and q + 4 and q + 12 */
    __m512d low = _mm512_castps_pd(a[q]), high = _mm512_castps_pd(a[q + 4]);
    b[q] = _mm512_castpd_ps(_mm512_permutex2var_pd(low, even, high));
    b[q + 4] = _mm512_castpd_ps(_mm512_permutex2var_pd(low, odd, high));
  }
  _Pragma("GCC unroll 16") for (int t = 0; t < HALF; t++)
  {
    if (t >= rows) {
      break;
    }
    __m512d pair = _mm512_castps_pd(b[t % 8]);
    __m256 row = _mm256_castpd_ps(t < 8 ? _mm512_castpd512_pd256(pair)
                                        : _mm512_extractf64x4_pd(pair, 1));
    put(y + t * ldy, row, add);
  }
}

/* 17 to 32 rows or, `half`, up to 16. */
static inline __attribute__((always_inline)) void
turn(const float *x, int64_t ks, int64_t n, const float *w, double *y, int64_t ldy,
     int64_t rows, coming *next, int add, int half)
{
  __m512 low[COLUMNS], high[COLUMNS];
  coming then = *next;
  __mmask16 of_low = (__mmask16)(rows < HALF ? (1U << rows) - 1 : 0xffff);
  __mmask16 of_high = (__mmask16)(half ? 0 : (1U << (rows - HALF)) - 1);
  _Pragma("GCC unroll 8") for (int r = 0; r < COLUMNS; r++)
  {
    low[r] = high[r] = _mm512_setzero_ps();
  }
  for (int64_t t = 0; t < rows; t++) {
    __builtin_prefetch(y + t * ldy, 1);
  }
  for (int64_t k = 0; k < n; k++) {
    const float *xk = x + k * ks, *wk = w + k * COLUMNS;
    __m512 a = _mm512_maskz_loadu_ps(of_low, xk), b = _mm512_setzero_ps();
    ask(&then, LINE);
    __builtin_prefetch(xk + TOGETHER);
    if (!half) {
      b = _mm512_maskz_loadu_ps(of_high, xk + HALF);
      ask(&then, LINE);
      __builtin_prefetch(xk + TOGETHER + HALF);
    }
    _Pragma("GCC unroll 8") for (int r = 0; r < COLUMNS; r++)
    {
      __m512 c = _mm512_set1_ps(wk[r]);
      low[r] = _mm512_fmadd_ps(a, c, low[r]);
      if (!half) {
        high[r] = _mm512_fmadd_ps(b, c, high[r]);
      }
    }
  }
  *next = then;
  float part[2][COLUMNS][HALF];
  _Pragma("GCC unroll 8") for (int r = 0; r < COLUMNS; r++)
  {
    _mm512_storeu_ps(part[0][r], low[r]);
    _mm512_storeu_ps(part[1][r], high[r]);
  }
  add_columns(part[0], rows, y, ldy, add);
  if (!half) {
    add_columns(part[1], rows - HALF, y + HALF * ldy, ldy, add);
  }
}

static void
by_rows(const float *x, int64_t ks, int64_t n, const float *w, double *y, int64_t ldy,
        int64_t m, coming *next, int add)
{
  int64_t rows = rows_before_line(x, ks, m);
  rows = rows > 0 ? rows : m < TOGETHER ? m : TOGETHER;
  for (int64_t i = 0; i < m; i += rows, rows = m - i < TOGETHER ? m - i : TOGETHER) {
    if (rows > HALF) {
      turn(x + i, ks, n, w, y + i * ldy, ldy, rows, next, add, 0);
    } else {
      turn(x + i, ks, n, w, y + i * ldy, ldy, rows, next, add, 1);
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
  int64_t lines = ks == 1 && rs != 1 ? m / ROWS * ROWS : 0;
  coming next = lines_coming(rs, n, lines, ks == 1 ? after : NULL);
  for (int64_t b = 0; b < n_blocks(n); b++) {
    int64_t k = block_start(n, b), nk = block_start(n, b + 1) - k;
    const float *xk = X + k * ks, *wk = W + k * COLUMNS;
    if (rs == 1) {
      next = block_coming(X, ks, n, b, m, after, W);
      by_rows(xk, ks, nk, wk, y, ldy, m, &next, add || k > 0);
    } else {
      by_lines(xk, rs, nk, wk, y, ldy, lines, &next, ahead, add || k > 0);
    }
  }
  if (rs != 1 && lines < m) {
    by_columns(X + lines * rs, rs, ks, n, w, ldw, y + lines * ldy, ldy, m - lines, NULL,
               ahead, add);
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
  float part[2][COLUMNS][HALF];
  _Pragma("GCC unroll 8") for (int r = 0; r < COLUMNS; r++)
  {
    _mm512_storeu_ps(part[0][r], low[r]);
    _mm512_storeu_ps(part[1][r], high[r]);
  }
  add_columns(part[0], HALF, y + column, ldy, 1);
  add_columns(part[1], HALF, y + HALF * ldy + column, ldy, 1);
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
