/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surrogates without transforms: turning, shifting and flipping act on coefficients, so
 * that a null distribution is a matrix product. */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include <math.h>

/* u (or z), as 2n x 2 n_series real columns: [ur; -ui] and [ui; ur]. */
static void
fill_series(nax_index n, nax_index n_series, const nax_c64 *z, int32_t normalised,
            double *out)
{
  for (nax_index s = 0; s < n_series; s++) {
    double *re = out + 2 * s * 2 * n, *im = re + 2 * n;
    for (nax_index i = 0; i < n; i++) {
      nax_c64 v = z[i + s * n];
      double size = normalised ? hypot(v.re, v.im) : 1.0;
      v.re = size > 0.0 ? v.re / size : 0.0;
      v.im = size > 0.0 ? v.im / size : 0.0;
      re[i] = im[n + i] = v.re;
      re[n + i] = -v.im;
      im[i] = v.im;
    }
  }
}

enum { ROWS = 256 };

nax_status
nax_freqtag_null_rotation(nax_ctx *ctx, nax_index n, nax_index n_series, const nax_c64 *z,
                          int32_t normalised, nax_index n_null, const double *angle,
                          uint64_t seed, double *null)
{
  nax_status status = NAX_OK;
  double *series = NULL, *turn = NULL, *sums = NULL;
  nax_i_stage stage;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1 && n_series >= 1 && n_null >= 1, NAX_EDIM,
              "%lld trials, %lld series, %lld surrogates, expected at least 1 of each",
              (long long)n, (long long)n_series, (long long)n_null);
  NAX_TRY(nax_i_require_finite(ctx, __func__, "z", 2 * n, n_series, &z->re, 2 * n));
  NAX_TRY_ALLOC(series, 4 * n * n_series, sizeof *series);
  NAX_TRY_ALLOC(turn, ROWS * 2 * n, sizeof *turn);
  NAX_TRY_ALLOC(sums, ROWS * 2 * n_series, sizeof *sums);
  fill_series(n, n_series, z, normalised, series);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/surrogates", n_null));
  for (nax_index from = 0; from < n_null; from += ROWS) {
    nax_index rows = n_null - from < ROWS ? n_null - from : ROWS;
    for (nax_index r = 0; r < rows; r++) {
      nax_rng rng;
      nax_i_rng_init(&rng, seed, (uint64_t)(from + r));
      for (nax_index i = 0; i < n; i++) {
        double a = angle != NULL ? angle[from + r + i * n_null]
                                 : 2.0 * NAX_I_FT_PI * nax_rng_uniform(&rng);
        turn[r + i * ROWS] = cos(a);
        turn[r + (n + i) * ROWS] = sin(a);
      }
    }
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, rows, 2 * n_series, 2 * n, 1.0,
                       turn, ROWS, series, 2 * n, 0.0, sums, ROWS));
    for (nax_index s = 0; s < n_series; s++) {
      for (nax_index r = 0; r < rows; r++) {
        null[from + r + s * n_null] =
            hypot(sums[r + 2 * s * ROWS], sums[r + (2 * s + 1) * ROWS]) / (double)n;
      }
    }
    NAX_TRY(nax_i_stage_poll(&stage, from + rows, (double)NAN));
  }
done:
  nax_i_free(series);
  nax_i_free(turn);
  nax_i_free(sums);
  return status;
}

double
nax_freqtag_p_of_null(nax_index n, const double *null, double observed)
{
  nax_index k = 1;
  for (nax_index i = 0; i < n; i++) {
    k += null[i] >= observed;
  }
  return (double)k / (double)(n + 1);
}

nax_status
nax_freqtag_itpc_sequential(nax_ctx *ctx, nax_index n, const nax_c64 *z, nax_index enough,
                            nax_index n_most, uint64_t seed, uint64_t stream, double *p,
                            nax_index *n_used)
{
  nax_status status = NAX_OK;
  double *u = NULL;
  nax_index hits = 0, drawn = 0;
  nax_rng rng;
  nax_i_stage stage;
  nax_i_begin(ctx);
  NAX_REQUIRE(
      n >= 1 && enough >= 1 && n_most >= 1, NAX_EDIM,
      "%lld trials, %lld exceedances, %lld surrogates, expected at least 1 of each",
      (long long)n, (long long)enough, (long long)n_most);
  NAX_TRY(nax_i_require_finite(ctx, __func__, "z", 2 * n, 1, &z->re, 2 * n));
  NAX_TRY_ALLOC(u, 4 * n, sizeof *u);
  fill_series(n, 1, z, 1, u);
  double re = nax_i_sum(u, n), im = nax_i_sum(u + 2 * n, n), seen = re * re + im * im;
  nax_i_rng_init(&rng, seed, stream);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/sequential", n_most));
  while (hits < enough && drawn < n_most) {
    re = im = 0.0;
    for (nax_index i = 0; i < n; i++) {
      double a = 2.0 * NAX_I_FT_PI * nax_rng_uniform(&rng), c = cos(a), s = sin(a);
      re += c * u[i] - s * u[2 * n + i];
      im += c * u[2 * n + i] + s * u[i];
    }
    hits += re * re + im * im >= seen;
    drawn++;
    NAX_TRY(nax_i_poll(ctx));
  }
  *p = hits == enough ? (double)hits / (double)drawn
                      : (double)(hits + 1) / (double)(drawn + 1);
  if (n_used != NULL) {
    *n_used = drawn;
  }
done:
  nax_i_free(u);
  return status;
}

nax_status
nax_freqtag_phase_scramble(nax_ctx *ctx, nax_index n, const double *x,
                           const double *phase, double *y)
{
  enum { LOOK = 1 << 20 };
  nax_status status = NAX_OK;
  nax_i_fft *there = NULL, *back = NULL;
  nax_i_c64 *s = NULL;
  nax_i_stage stage;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EDIM, "%lld samples, expected at least 1", (long long)n);
  NAX_TRY(nax_i_fft_create(ctx, __func__, NAX_I_FFT_R2C, n, 1, &there));
  NAX_TRY(nax_i_fft_create(ctx, __func__, NAX_I_FFT_C2R, n, 1, &back));
  NAX_TRY_ALLOC(s, n / 2 + 1, sizeof *s);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/scramble", 2));
  nax_i_fft_execute(there, x, s);
  NAX_TRY(nax_i_stage_poll(&stage, 1, (double)NAN));
  for (nax_index k = 1; k <= (n - 1) / 2; k++) {
    double size = hypot(s[k].re, s[k].im);
    s[k].re = size * cos(phase[k - 1]);
    s[k].im = size * sin(phase[k - 1]);
    NAX_TRY(nax_i_poll_every(ctx, k, LOOK));
  }
  NAX_TRY(nax_i_poll(ctx));
  nax_i_fft_execute(back, s, y);
  NAX_TRY(nax_i_stage_poll(&stage, 2, (double)NAN));
  for (nax_index i = 0; i < n; i++) {
    y[i] /= (double)n;
  }
done:
  nax_i_fft_free(there);
  nax_i_fft_free(back);
  nax_i_free(s);
  return status;
}
