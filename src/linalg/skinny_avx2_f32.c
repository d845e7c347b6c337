/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Skinny product for AVX2, float32. */
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
put(double *to, __m256 v, int add)
{
  __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(v));
  __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1));
  _mm256_storeu_pd(to, add ? _mm256_add_pd(_mm256_loadu_pd(to), low) : low);
  _mm256_storeu_pd(to + 4, add ? _mm256_add_pd(_mm256_loadu_pd(to + 4), high) : high);
}

#define NAME          nax_i_skinny_avx2_f32
#define REAL          float
#define VEC           __m256
#define LANES         8
#define MAX_VECS      4
#define ZERO()        _mm256_setzero_ps()
#define SET1(s)       _mm256_set1_ps(s)
#define LOAD(p)       _mm256_loadu_ps(p)
#define FMA(a, b, c)  _mm256_fmadd_ps(a, b, c)
#define STORE(p, v)   _mm256_storeu_ps(p, v)
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
