/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Skinny product for AVX2, float64: 16 registers hold up to 12 sums. */
#include "skinny_i.h"
#if defined(__x86_64__)

#if !defined(__clang__)
#pragma GCC target("avx2,fma")
#endif
#include <immintrin.h>
#if defined(__clang__) /* which does not know the pragma above */
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#endif

static inline void
put(double *to, __m256d v, int add)
{
  _mm256_storeu_pd(to, add ? _mm256_add_pd(_mm256_loadu_pd(to), v) : v);
}

#define NAME          nax_i_skinny_avx2_f64
#define REAL          double
#define VEC           __m256d
#define LANES         4
#define MAX_VECS      4
#define ZERO()        _mm256_setzero_pd()
#define SET1(s)       _mm256_set1_pd(s)
#define LOAD(p)       _mm256_loadu_pd(p)
#define FMA(a, b, c)  _mm256_fmadd_pd(a, b, c)
#define STORE(p, v)   _mm256_storeu_pd(p, v)
#define PUT(to, v, a) put((to), (v), (a))
#define KERNELS(K)    K(1, 8) K(2, 4) K(3, 4) K(4, 3)
void NAME(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w, int64_t ldw,
          double *y, int64_t ldy, int64_t m, const void *after, nax_i_ahead *ahead,
          int add);
#include "skinny_kernel_i.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nax_i_no_x86; /* the portable kernel serves */
#endif
