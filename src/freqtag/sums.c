/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding coefficients to the sums of a unit. */
#include "freqtag_i.h"
#include <math.h>

/* One trial, `count` frequencies of k; `s` and `z` point to the first of them. */
NAX_I_CLONES static void
add_one(nax_index k, nax_index count, const double *restrict z, double *restrict s,
        double gain, double keep)
{
  double *restrict mre = s + NAX_I_FT_MEAN_RE * k, *restrict mim =
                                                       s + NAX_I_FT_MEAN_IM * k;
  double *restrict rr = s + NAX_I_FT_RE_RE * k, *restrict ii = s + NAX_I_FT_IM_IM * k;
  double *restrict ri = s + NAX_I_FT_RE_IM * k, *restrict zero = s + NAX_I_FT_ZERO * k;
  double *restrict ure = s + NAX_I_FT_PHASE_RE * k;
  double *restrict uim = s + NAX_I_FT_PHASE_IM * k;
#pragma omp simd
  for (nax_index i = 0; i < count; i++) {
    double re = z[2 * i], im = z[2 * i + 1], size = re * re + im * im;
    double inverse = size > 0.0 ? 1.0 / sqrt(size) : 0.0;
    double a = re - mre[i], b = im - mim[i];
    mre[i] += a * gain;
    mim[i] += b * gain;
    rr[i] += a * a * keep;
    ii[i] += b * b * keep;
    ri[i] += a * b * keep;
    ure[i] += re * inverse;
    uim[i] += im * inverse;
    zero[i] += size > 0.0 ? 0.0 : 1.0;
  }
}

/* Frequencies whose sums stay in the level-1 cache while several trials are added. */
enum { TILE = 256 };

static void
add_portable(const nax_i_ft_batch *b, nax_index k, double *sums)
{
  for (nax_index from = 0; from < k; from += TILE) {
    nax_index count = k - from < TILE ? k - from : TILE;
    for (nax_index t = 0; t < b->n; t++) {
      add_one(k, count, b->z[t] + 2 * from, sums + from, b->gain[t], b->keep[t]);
    }
  }
}

void
nax_i_ft_add(const nax_i_ft_batch *b, nax_index k, double *sums, nax_i_ahead *ahead)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    nax_i_ft_add_avx512(b, k, sums, ahead);
    return;
  }
#endif
  (void)ahead;
  add_portable(b, k, sums);
}
