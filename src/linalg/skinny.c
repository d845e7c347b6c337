/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the skinny product for the processor it runs on. */
#include "skinny_i.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef void (*skinny_fn)(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w,
                          int64_t ldw, double *y, int64_t ldy, int64_t m,
                          const void *after, nax_i_ahead *ahead, int add);

void nax_i_skinny_portable_f64(const void *x, int64_t rs, int64_t ks, int64_t n,
                               const void *w, int64_t ldw, double *y, int64_t ldy,
                               int64_t m, const void *after, nax_i_ahead *ahead, int add);
void nax_i_skinny_portable_f32(const void *x, int64_t rs, int64_t ks, int64_t n,
                               const void *w, int64_t ldw, double *y, int64_t ldy,
                               int64_t m, const void *after, nax_i_ahead *ahead, int add);
#if defined(__x86_64__)
void nax_i_skinny_avx512_f64(const void *x, int64_t rs, int64_t ks, int64_t n,
                             const void *w, int64_t ldw, double *y, int64_t ldy,
                             int64_t m, const void *after, nax_i_ahead *ahead, int add);
void nax_i_skinny_avx512_f32(const void *x, int64_t rs, int64_t ks, int64_t n,
                             const void *w, int64_t ldw, double *y, int64_t ldy,
                             int64_t m, const void *after, nax_i_ahead *ahead, int add);
void nax_i_skinny_avx512_f32_8(const void *x, int64_t rs, int64_t ks, int64_t n,
                               const void *w, int64_t ldw, double *y, int64_t ldy,
                               int64_t m, const void *after, nax_i_ahead *ahead, int add);
void nax_i_rectified_avx512(nax_index n_runs, const nax_i_rectified *run, float sign,
                            int64_t ldw, double *y, int64_t ldy);
void nax_i_skinny_avx2_f64(const void *x, int64_t rs, int64_t ks, int64_t n,
                           const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                           const void *after, nax_i_ahead *ahead, int add);
void nax_i_skinny_avx2_f32(const void *x, int64_t rs, int64_t ks, int64_t n,
                           const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                           const void *after, nax_i_ahead *ahead, int add);
#endif

static const struct {
  const char *name;
  skinny_fn f64, f32;
} isa[] = {
    {"portable", nax_i_skinny_portable_f64, nax_i_skinny_portable_f32},
#if defined(__x86_64__)
    {"avx2", nax_i_skinny_avx2_f64, nax_i_skinny_avx2_f32},
    {"avx512", nax_i_skinny_avx512_f64, nax_i_skinny_avx512_f32},
#endif
};

static int
best(void)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    return 2;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return 1;
  }
#endif
  return 0;
}

static void
product(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n, const void *w,
        int64_t ldw, double *y, int64_t ldy, int64_t m, const void *after,
        nax_i_ahead *ahead, int add)
{
  int k = best();
#if defined(__x86_64__)
  if (k == 2 && dtype == NAX_F32 && ldw == 8) {
    nax_i_skinny_avx512_f32_8(x, rs, ks, n, w, ldw, y, ldy, m, after, ahead, add);
    return;
  }
#endif
  (dtype == NAX_F32 ? isa[k].f32 : isa[k].f64)(x, rs, ks, n, w, ldw, y, ldy, m, after,
                                               ahead, add);
}

void
nax_i_skinny_ahead(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n,
                   const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                   const void *after, nax_i_ahead *ahead)
{
  product(dtype, x, rs, ks, n, w, ldw, y, ldy, m, after, ahead, 1);
}

void
nax_i_skinny(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n,
             const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
             const void *after)
{
  nax_i_ahead nothing = {NULL, 0, 0, 0, 0};
  product(dtype, x, rs, ks, n, w, ldw, y, ldy, m, after, &nothing, 1);
}

void
nax_i_skinny_new(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n,
                 const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                 const void *after)
{
  nax_i_ahead nothing = {NULL, 0, 0, 0, 0};
  product(dtype, x, rs, ks, n, w, ldw, y, ldy, m, after, &nothing, 0);
}

int
nax_i_skinny_rectified(nax_index n_runs, const nax_i_rectified *run, float sign,
                       int64_t ldw, double *y, int64_t ldy)
{
#if defined(__x86_64__)
  if (best() == 2) {
    nax_i_rectified_avx512(n_runs, run, sign, ldw, y, ldy);
    return 1;
  }
#endif
  (void)n_runs, (void)run, (void)sign, (void)ldw, (void)y, (void)ldy;
  return 0;
}

void
nax_i_store_past_cache(nax_dtype dtype, const double *from, nax_index n, void *to)
{
#if defined(__x86_64__)
  if (dtype == NAX_F32) {
    for (nax_index i = 0; i < n; i += 4) {
      __m128 low = _mm_cvtpd_ps(_mm_loadu_pd(from + i));
      __m128 high = _mm_cvtpd_ps(_mm_loadu_pd(from + i + 2));
      _mm_stream_ps((float *)to + i, _mm_movelh_ps(low, high));
    }
  } else {
    for (nax_index i = 0; i < n; i += 2) {
      _mm_stream_pd((double *)to + i, _mm_loadu_pd(from + i));
    }
  }
  _mm_sfence(); /* before other threads are told */
#else
  for (nax_index i = 0; i < n; i++) {
    if (dtype == NAX_F32) {
      ((float *)to)[i] = (float)from[i];
    } else {
      ((double *)to)[i] = from[i];
    }
  }
#endif
}

const char *
nax_i_skinny_isa(void)
{
  return isa[best()].name;
}
