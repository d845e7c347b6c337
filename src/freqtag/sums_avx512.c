/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding coefficients to the sums of a unit, with AVX-512: eight frequencies stay in
 * registers while all trials are added. The inverse length of a coefficient is refined
 * from an estimate, at a third of the cost of a square root and a division. */
#include "freqtag_i.h"
#if defined(__x86_64__)

#if !defined(__clang__)
#pragma GCC target("avx512f,avx512dq")
#endif
#include <immintrin.h>
#if defined(__clang__) /* which does not know the pragma above */
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq"))),                \
                             apply_to = function)
#endif

enum { LANES = 8 };

/* 1 / sqrt(x) to the last bit or so where `mask`, else 0. The estimate y has an error
 * below 2^-14, so that e = 1 - x y^2 is below 2^-13, and the next term of the series
 * (1 - e)^-1/2 = 1 + e/2 + 3 e^2/8 + 5 e^3/16 + ... below 2^-53. */
static inline __m512d
inverse_root(__m512d x, __mmask8 mask)
{
  __m512d y = _mm512_maskz_rsqrt14_pd(mask, x);
  __m512d e = _mm512_fnmadd_pd(_mm512_mul_pd(x, y), y, _mm512_set1_pd(1.0));
  __m512d p = _mm512_fmadd_pd(e, _mm512_set1_pd(0.3125), _mm512_set1_pd(0.375));
  p = _mm512_fmadd_pd(p, e, _mm512_set1_pd(0.5));
  return _mm512_fmadd_pd(_mm512_mul_pd(p, e), y, y);
}

/* `count` frequencies: `whole` means LANES of them, so that no load needs a mask. */
static inline __attribute__((always_inline)) void
add_some(const nax_i_ft_batch *b, nax_index k, nax_index i, int count, int whole,
         double *s, nax_i_ahead *next)
{
  const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
  const __m512d nothing = _mm512_setzero_pd();
  __mmask8 in = (__mmask8)((1u << count) - 1u);
  __mmask16 pairs = (__mmask16)((1u << (2 * count)) - 1u);
  __m512d acc[NAX_I_FT_ZERO];
#pragma GCC unroll 8
  for (int r = 0; r < NAX_I_FT_ZERO; r++) {
    acc[r] = _mm512_maskz_loadu_pd(in, s + r * k);
  }
  for (nax_index t = 0; t < b->n; t++) {
    const double *z = b->z[t] + 2 * i;
    nax_i_ahead_ask(next);
    __m512d z0 =
        whole ? _mm512_loadu_pd(z) : _mm512_maskz_loadu_pd((__mmask8)(pairs & 0xff), z);
    __m512d z1 = whole ? _mm512_loadu_pd(z + LANES)
                       : _mm512_maskz_loadu_pd((__mmask8)(pairs >> LANES), z + LANES);
    __m512d re = _mm512_permutex2var_pd(z0, even, z1);
    __m512d im = _mm512_permutex2var_pd(z0, odd, z1);
    __m512d gain = _mm512_set1_pd(b->gain[t]), keep = _mm512_set1_pd(b->keep[t]);
    __m512d size = _mm512_fmadd_pd(re, re, _mm512_mul_pd(im, im));
    __mmask8 some = _mm512_cmp_pd_mask(size, nothing, _CMP_GT_OQ);
    __m512d y = inverse_root(size, some);
    __m512d x = _mm512_sub_pd(re, acc[NAX_I_FT_MEAN_RE]), xk = _mm512_mul_pd(x, keep);
    __m512d v = _mm512_sub_pd(im, acc[NAX_I_FT_MEAN_IM]), vk = _mm512_mul_pd(v, keep);
    acc[NAX_I_FT_MEAN_RE] = _mm512_fmadd_pd(x, gain, acc[NAX_I_FT_MEAN_RE]);
    acc[NAX_I_FT_MEAN_IM] = _mm512_fmadd_pd(v, gain, acc[NAX_I_FT_MEAN_IM]);
    acc[NAX_I_FT_RE_RE] = _mm512_fmadd_pd(x, xk, acc[NAX_I_FT_RE_RE]);
    acc[NAX_I_FT_IM_IM] = _mm512_fmadd_pd(v, vk, acc[NAX_I_FT_IM_IM]);
    acc[NAX_I_FT_RE_IM] = _mm512_fmadd_pd(x, vk, acc[NAX_I_FT_RE_IM]);
    acc[NAX_I_FT_PHASE_RE] = _mm512_fmadd_pd(re, y, acc[NAX_I_FT_PHASE_RE]);
    acc[NAX_I_FT_PHASE_IM] = _mm512_fmadd_pd(im, y, acc[NAX_I_FT_PHASE_IM]);
    if (__builtin_expect((some & in) != in, 0)) {
      for (int l = 0; l < count; l++) {
        s[NAX_I_FT_ZERO * k + l] += some >> l & 1 ? 0.0 : 1.0;
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < NAX_I_FT_ZERO; r++) {
    _mm512_mask_storeu_pd(s + r * k, in, acc[r]);
  }
}

void
nax_i_ft_add_avx512(const nax_i_ft_batch *b, nax_index k, double *sums,
                    nax_i_ahead *ahead)
{
  nax_i_ahead next = *ahead;
  nax_index i = 0;
  for (; i + LANES <= k; i += LANES) {
    add_some(b, k, i, LANES, 1, sums + i, &next);
  }
  if (i < k) {
    add_some(b, k, i, (int)(k - i), 0, sums + i, &next);
  }
  *ahead = next;
}

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nax_i_ft_no_x86; /* the portable loop serves */
#endif
