/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Second half of a transform of n reals by one of n/2 complex numbers, with AVX-512. */
#include "untangle_i.h"
#if defined(__x86_64__)

#if !defined(__clang__)
#pragma GCC target("avx512f")
#endif
#include <immintrin.h>
#if defined(__clang__) /* which does not know the pragma above */
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#endif

enum { PAIRS = 4 }; /* complex numbers of a vector */

static void
untangle_one(nax_index half, const nax_i_c64 *turn, nax_index k, nax_i_c64 *z)
{
  nax_i_c64 a = z[k], b = z[half - k];
  nax_i_c64 sum = {a.re + b.re, a.im - b.im}, difference = {a.re - b.re, a.im + b.im};
  nax_i_c64 part = {difference.re * turn[k].re - difference.im * turn[k].im,
                    difference.re * turn[k].im + difference.im * turn[k].re};
  z[half - k] = (nax_i_c64){0.5 * sum.re - part.re, part.im - 0.5 * sum.im};
  z[k] = (nax_i_c64){0.5 * sum.re + part.re, 0.5 * sum.im + part.im};
}

void
nax_i_fft_untangle_avx512(nax_index half, const nax_i_c64 *turn, nax_i_c64 *z,
                          nax_i_ahead *ahead)
{
  const __m512i backward = _mm512_set_epi64(1, 0, 3, 2, 5, 4, 7, 6);
  const __m512d conjugate = _mm512_set_pd(-1, 1, -1, 1, -1, 1, -1, 1);
  const __m512d middle = _mm512_set1_pd(0.5);
  double first = z[0].re, second = z[0].im;
  nax_index k = 1;
  for (; 2 * k + 2 * PAIRS <= half + 1; k += PAIRS) {
    nax_i_ahead_ask(ahead);
    double *low = &z[k].re, *high = &z[half - k - PAIRS + 1].re;
    __m512d a = _mm512_loadu_pd(low);
    __m512d b = _mm512_permutexvar_pd(backward, _mm512_loadu_pd(high));
    __m512d w = _mm512_loadu_pd(&turn[k].re);
    __m512d sum = _mm512_fmadd_pd(conjugate, b, a);
    __m512d difference = _mm512_fnmadd_pd(conjugate, b, a);
    __m512d part =
        _mm512_mul_pd(_mm512_permute_pd(difference, 0x55), _mm512_permute_pd(w, 0xff));
    part = _mm512_fmaddsub_pd(difference, _mm512_movedup_pd(w), part);
    __m512d up = _mm512_fmadd_pd(middle, sum, part);
    __m512d down = _mm512_mul_pd(conjugate, _mm512_fmsub_pd(middle, sum, part));
    _mm512_storeu_pd(low, up);
    _mm512_storeu_pd(high, _mm512_permutexvar_pd(backward, down));
  }
  for (; 2 * k <= half; k++) {
    untangle_one(half, turn, k, z);
  }
  z[0] = (nax_i_c64){first + second, 0.0};
  z[half] = (nax_i_c64){first - second, 0.0};
}

void
nax_i_fft_untangle_f32_avx512(nax_index half, const nax_i_c64 *turn, const float *z,
                              nax_i_c64 *out, nax_i_ahead *ahead)
{
  const __m512i backward = _mm512_set_epi64(1, 0, 3, 2, 5, 4, 7, 6);
  const __m512d conjugate = _mm512_set_pd(-1, 1, -1, 1, -1, 1, -1, 1);
  const __m512d middle = _mm512_set1_pd(0.5);
  nax_index k = 1;
  for (; 2 * k + 2 * PAIRS <= half + 1; k += PAIRS) {
    nax_index j = half - k - PAIRS + 1;
    nax_i_ahead_ask(ahead);
    __m512d a = _mm512_cvtps_pd(_mm256_loadu_ps(z + 2 * k));
    __m512d b = _mm512_cvtps_pd(_mm256_loadu_ps(z + 2 * j));
    b = _mm512_permutexvar_pd(backward, b);
    __m512d w = _mm512_loadu_pd(&turn[k].re);
    __m512d sum = _mm512_fmadd_pd(conjugate, b, a);
    __m512d difference = _mm512_fnmadd_pd(conjugate, b, a);
    __m512d part =
        _mm512_mul_pd(_mm512_permute_pd(difference, 0x55), _mm512_permute_pd(w, 0xff));
    part = _mm512_fmaddsub_pd(difference, _mm512_movedup_pd(w), part);
    __m512d down = _mm512_mul_pd(conjugate, _mm512_fmsub_pd(middle, sum, part));
    _mm512_storeu_pd(&out[k].re, _mm512_fmadd_pd(middle, sum, part));
    _mm512_storeu_pd(&out[j].re, _mm512_permutexvar_pd(backward, down));
  }
  for (nax_index i = k; i <= half - k; i++) {
    out[i] = (nax_i_c64){(double)z[2 * i], (double)z[2 * i + 1]};
  }
  for (; 2 * k <= half; k++) {
    untangle_one(half, turn, k, out);
  }
  out[0] = (nax_i_c64){(double)z[0] + (double)z[1], 0.0};
  out[half] = (nax_i_c64){(double)z[0] - (double)z[1], 0.0};
}

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nax_i_fft_no_x86; /* FFTW's own transform of reals serves */
#endif
