/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Skinny product for AVX-512, float32. */
#include "skinny_i.h"
#if defined(__x86_64__)

#if !defined(__clang__)
#pragma GCC target("avx512f")
#endif
#include <immintrin.h>
#if defined(__clang__) /* which does not know the pragma above */
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#endif

static inline void
put(double *to, __m512 v, int add)
{
  __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(v));
  __m512d high =
      _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)));
  _mm512_storeu_pd(to, add ? _mm512_add_pd(_mm512_loadu_pd(to), low) : low);
  _mm512_storeu_pd(to + 8, add ? _mm512_add_pd(_mm512_loadu_pd(to + 8), high) : high);
}

#define NAME          nax_i_skinny_avx512_f32
#define REAL          float
#define VEC           __m512
#define LANES         16
#define MAX_VECS      4
#define ZERO()        _mm512_setzero_ps()
#define SET1(s)       _mm512_set1_ps(s)
#define LOAD(p)       _mm512_loadu_ps(p)
#define FMA(a, b, c)  _mm512_fmadd_ps(a, b, c)
#define STORE(p, v)   _mm512_storeu_ps(p, v)
#define PUT(to, v, a) put((to), (v), (a))
#define KERNELS(K)    K(1, 8) K(2, 8) K(3, 8) K(4, 6)
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
