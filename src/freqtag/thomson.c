/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slepian tapers and Thomson's harmonic test. */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include <math.h>

/* The tapers are eigenvectors of a tridiagonal matrix that commutes with the
 * band-limiting operator and, unlike it, has well separated eigenvalues. */
static nax_status
slepian(nax_ctx *ctx, const char *fn, nax_index n, double nw, nax_index k, double *tapers)
{
  nax_status status = NAX_OK;
  double *d = NULL, *e = NULL, *values = NULL, *flip = NULL;
  double w = nw / (double)n;
  NAX_TRY_ALLOC(d, n, sizeof *d);
  NAX_TRY_ALLOC(e, n, sizeof *e);
  NAX_TRY_ALLOC(values, n, sizeof *values);
  NAX_TRY_ALLOC(flip, n * k, sizeof *flip);
  for (nax_index t = 0; t < n; t++) {
    double h = 0.5 * (double)(n - 1 - 2 * t);
    d[t] = h * h * cos(2.0 * NAX_I_FT_PI * w);
    e[t] = 0.5 * (double)((t + 1) * (n - t - 1)); /* the last one is not used */
  }
  NAX_TRY(nax_i_stev_largest(ctx, fn, n, d, e, k, values, flip, n));
  for (nax_index q = 0; q < k; q++) {
    double *v = tapers + q * n;
    double mean = 0.0, sign = 1.0;
    memcpy(v, flip + q * n, (size_t)n * sizeof *v);
    if (q % 2 == 0) {
      mean = nax_i_sum(v, n);
      sign = mean < 0.0 ? -1.0 : 1.0;
    } else {
      /* the first lobe: its first value that is not negligible */
      double most = 0.0;
      nax_index t = 0;
      for (nax_index i = 0; i < n; i++) {
        most = fmax(most, fabs(v[i]));
      }
      while (t < n - 1 && fabs(v[t]) < 1e-4 * most) {
        t++;
      }
      sign = v[t] < 0.0 ? -1.0 : 1.0;
    }
    /* exact symmetry: what rounding has spoiled is averaged away */
    for (nax_index t = 0; t < (n + 1) / 2; t++) {
      double other = q % 2 == 0 ? v[n - 1 - t] : -v[n - 1 - t];
      double both = 0.5 * sign * (v[t] + other);
      v[t] = both;
      v[n - 1 - t] = q % 2 == 0 ? both : -both;
    }
    NAX_TRY(nax_i_poll(ctx));
  }
done:
  nax_i_free(d);
  nax_i_free(e);
  nax_i_free(values);
  nax_i_free(flip);
  return status;
}

/* Energy within the band: v' S v with S(t,s) = sin(2 pi w (t-s)) / pi (t-s), through the
 * autocorrelation of the taper. */
static nax_status
band_energy(nax_ctx *ctx, const char *fn, nax_index n, double nw, const double *v,
            double *ratio)
{
  nax_status status = NAX_OK;
  nax_index m = nax_fft_next_fast(2 * n);
  nax_i_fft *there = NULL, *back = NULL;
  double *x = NULL, w = nw / (double)n, sum;
  nax_i_c64 *s = NULL;
  NAX_TRY(nax_i_fft_create(ctx, fn, NAX_I_FFT_R2C, m, 1, &there));
  NAX_TRY(nax_i_fft_create(ctx, fn, NAX_I_FFT_C2R, m, 1, &back));
  NAX_TRY_ALLOC(x, m, sizeof *x);
  NAX_TRY_ALLOC(s, m / 2 + 1, sizeof *s);
  memcpy(x, v, (size_t)n * sizeof *x);
  nax_i_fft_execute(there, x, s);
  NAX_TRY(nax_i_poll(ctx));
  for (nax_index i = 0; i <= m / 2; i++) {
    s[i].re = s[i].re * s[i].re + s[i].im * s[i].im;
    s[i].im = 0.0;
  }
  nax_i_fft_execute(back, s, x);
  NAX_TRY(nax_i_poll(ctx));
  sum = 2.0 * w * x[0] / (double)m;
  for (nax_index t = 1; t < n; t++) {
    double lag = (double)t;
    sum +=
        2.0 * x[t] / (double)m * sin(2.0 * NAX_I_FT_PI * w * lag) / (NAX_I_FT_PI * lag);
  }
  *ratio = sum;
done:
  nax_i_fft_free(there);
  nax_i_fft_free(back);
  nax_i_free(x);
  nax_i_free(s);
  return status;
}

static nax_status
check_band(nax_ctx *ctx, const char *fn, nax_index n, double nw, nax_index k)
{
  if (n < 2 || !(nw > 0.0) || !(nw < 0.5 * (double)n) || k < 1 || k > n) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%lld tapers of %lld samples with time-bandwidth product %g, "
                      "expected 1 to %lld tapers and a product between 0 and %g",
                      (long long)k, (long long)n, nw, (long long)n, 0.5 * (double)n);
  }
  return NAX_OK;
}

static nax_status
check_design(nax_ctx *ctx, const char *fn, nax_index n, nax_index n_trials, double nw,
             nax_index k)
{
  nax_status status = check_band(ctx, fn, n, nw, k);
  if (status == NAX_OK && (n_trials < 1 || (double)k * (double)n_trials < 2.0)) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "%lld tapers and %lld trials, expected at least two in all",
                        (long long)k, (long long)n_trials);
  }
  return status;
}

nax_status
nax_freqtag_dpss(nax_ctx *ctx, nax_index n, double nw, nax_index k, double *tapers,
                 double *ratios)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_TRY(check_band(ctx, __func__, n, nw, k));
  NAX_TRY(slepian(ctx, __func__, n, nw, k, tapers));
  for (nax_index q = 0; q < k && ratios != NULL; q++) {
    NAX_TRY(band_energy(ctx, __func__, n, nw, tapers + q * n, ratios + q));
  }
done:
  return status;
}

nax_status
nax_freqtag_thomson(nax_ctx *ctx, nax_index n_samples, nax_index n_trials,
                    const double *x, double rate, double nw, nax_index k, nax_c64 *mu,
                    nax_freqtag_test *test, double *psd)
{
  enum { LOOK = 4096 };
  nax_status status = NAX_OK;
  double *tapers = NULL, *row = NULL, *sum = NULL, *power = NULL;
  nax_i_c64 *j = NULL, *cross = NULL;
  nax_i_fft *fft = NULL;
  nax_index n = n_samples, half = n / 2 + 1;
  double pairs = (double)k * (double)n_trials, sum2 = 0.0;
  nax_i_begin(ctx);
  NAX_TRY(check_design(ctx, __func__, n, n_trials, nw, k));
  NAX_TRY(nax_i_require_finite(ctx, __func__, "x", n, n_trials, x, n));
  NAX_TRY_ALLOC(tapers, n * k, sizeof *tapers);
  NAX_TRY_ALLOC(sum, k, sizeof *sum);
  NAX_TRY_ALLOC(row, n, sizeof *row);
  NAX_TRY_ALLOC(power, half, sizeof *power);
  NAX_TRY_ALLOC(j, half, sizeof *j);
  NAX_TRY_ALLOC(cross, half, sizeof *cross);
  NAX_TRY(nax_i_fft_create(ctx, __func__, NAX_I_FFT_R2C, n, 1, &fft));
  NAX_TRY(slepian(ctx, __func__, n, nw, k, tapers));
  for (nax_index q = 0; q < k; q++) {
    sum[q] = q % 2 == 0 ? nax_i_sum(tapers + q * n, n) : 0.0;
    sum2 += sum[q] * sum[q] * (double)n_trials;
  }
  for (nax_index r = 0; r < n_trials; r++) {
    for (nax_index q = 0; q < k; q++) {
      for (nax_index t = 0; t < n; t++) {
        row[t] = x[t + r * n] * tapers[t + q * n];
      }
      NAX_TRY(nax_i_poll(ctx));
      nax_i_fft_execute(fft, row, j);
      NAX_TRY(nax_i_poll(ctx));
      for (nax_index i = 0; i < half; i++) {
        cross[i].re += sum[q] * j[i].re;
        cross[i].im += sum[q] * j[i].im;
        power[i] += j[i].re * j[i].re + j[i].im * j[i].im;
      }
    }
  }
  for (nax_index i = 0; i < half; i++) {
    double re = cross[i].re / sum2, im = cross[i].im / sum2;
    double line = (re * re + im * im) * sum2;
    int inside = i > 0 && 2 * i != n;
    if (mu != NULL) {
      mu[i] = (nax_c64){re, im};
    }
    if (test != NULL) {
      double rest = power[i] - line;
      test[i] = rest > 0.0
                    ? nax_i_ft_f_test((pairs - 1.0) * line / rest, 2.0, 2.0 * pairs - 2.0)
                    : nax_i_ft_none;
    }
    if (psd != NULL) {
      psd[i] = (inside ? 2.0 : 1.0) * power[i] / (pairs * rate);
    }
    NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
  }
done:
  nax_i_fft_free(fft);
  nax_i_free(tapers);
  nax_i_free(sum);
  nax_i_free(row);
  nax_i_free(power);
  nax_i_free(j);
  nax_i_free(cross);
  return status;
}

/* ------------------------------------------------------------- between the bins */

/* mu of a weighted sum of the trials at w radians per sample, with first and second
 * derivative by w where `d` is not NULL. */
static nax_i_c64
line_at(nax_index n, const double *sum, double w, nax_i_c64 d[2])
{
  nax_i_c64 mu = {0.0, 0.0};
  for (nax_index t = 0; t < n; t++) {
    double c = cos(w * (double)t) * sum[t], s = -sin(w * (double)t) * sum[t],
           u = (double)t;
    mu.re += c;
    mu.im += s;
    if (d != NULL) { /* times -i t and -t^2 */
      d[0].re += u * s;
      d[0].im -= u * c;
      d[1].re -= u * u * c;
      d[1].im -= u * u * s;
    }
  }
  return mu;
}

static double
square(nax_i_c64 z)
{
  return z.re * z.re + z.im * z.im;
}

/* The maximum of |mu|^2 at most `reach` away from w: the best of quarter bins, from there
 * Newton's steps, halved until they climb, and steps uphill where the curve is no hill.
 * Anywhere when the caller wants to stop. */
static double
climb(nax_ctx *ctx, nax_index n, const double *sum, double w, double reach)
{
  double low = fmax(0.0, w - reach), high = fmin(NAX_I_FT_PI, w + reach);
  double grid = 0.5 * NAX_I_FT_PI / (double)n, best = square(line_at(n, sum, w, NULL));
  for (double at = low; at <= high && !nax_i_stopped(ctx); at += grid) {
    double there = square(line_at(n, sum, at, NULL));
    if (there > best) {
      best = there;
      w = at;
    }
  }
  low = fmax(low, w - grid);
  high = fmin(high, w + grid);
  for (int step = 0; step < 50 && !nax_i_stopped(ctx); step++) {
    nax_i_c64 d[2] = {{0.0, 0.0}, {0.0, 0.0}};
    nax_i_c64 mu = line_at(n, sum, w, d);
    double here = square(mu), slope = 2.0 * (mu.re * d[0].re + mu.im * d[0].im),
           bend = 2.0 * (square(d[0]) + mu.re * d[1].re + mu.im * d[1].im);
    double by = bend < 0.0 ? -slope / bend : copysign(0.5 * grid, slope);
    double to = w;
    for (int half = 0; half < 40 && !nax_i_stopped(ctx); half++, by *= 0.5) {
      to = fmin(high, fmax(low, w + by));
      if (square(line_at(n, sum, to, NULL)) >= here) {
        break;
      }
      to = w;
    }
    if (fabs(to - w) <= 1e-13 * NAX_I_FT_PI) {
      break;
    }
    w = to;
  }
  return w;
}

nax_status
nax_freqtag_thomson_at(nax_ctx *ctx, nax_index n_samples, nax_index n_trials,
                       const double *x, double rate, double nw, nax_index k,
                       nax_index n_freqs, const double *freqs, int32_t refine, double *at,
                       nax_c64 *mu, nax_freqtag_test *test)
{
  nax_status status = NAX_OK;
  double *tapers = NULL, *row = NULL, *weighted = NULL, *weight = NULL;
  nax_index n = n_samples;
  double pairs = (double)k * (double)n_trials, sum2 = 0.0;
  nax_i_begin(ctx);
  NAX_TRY(check_design(ctx, __func__, n, n_trials, nw, k));
  for (nax_index i = 0; i < n_freqs; i++) {
    NAX_REQUIRE(freqs[i] >= 0.0 && freqs[i] <= 0.5 * rate * (1.0 + 1e-12), NAX_EINVAL,
                "freqs[%lld], expected 0 to %g Hz (half the rate), got %g Hz",
                (long long)i, 0.5 * rate, freqs[i]);
  }
  NAX_TRY(nax_i_require_finite(ctx, __func__, "x", n, n_trials, x, n));
  NAX_TRY_ALLOC(tapers, n * k, sizeof *tapers);
  NAX_TRY_ALLOC(row, n, sizeof *row);
  NAX_TRY_ALLOC(weighted, n, sizeof *weighted);
  NAX_TRY_ALLOC(weight, n, sizeof *weight);
  NAX_TRY(slepian(ctx, __func__, n, nw, k, tapers));
  for (nax_index q = 0; q < k; q += 2) { /* odd tapers sum to 0 */
    double sum = nax_i_sum(tapers + q * n, n);
    sum2 += sum * sum * (double)n_trials;
    for (nax_index t = 0; t < n; t++) {
      weight[t] += sum * tapers[t + q * n];
    }
  }
  for (nax_index r = 0; r < n_trials; r++) {
    for (nax_index t = 0; t < n; t++) {
      weighted[t] += weight[t] * x[t + r * n] / sum2;
    }
  }
  for (nax_index i = 0; i < n_freqs; i++) {
    double w = 2.0 * NAX_I_FT_PI * freqs[i] / rate, power = 0.0;
    w = fmin(NAX_I_FT_PI, w);
    if (refine) {
      w = climb(ctx, n, weighted, w, 2.0 * NAX_I_FT_PI * nw / (double)n);
    }
    NAX_TRY(nax_i_poll(ctx));
    double f = w * rate / (2.0 * NAX_I_FT_PI);
    nax_i_c64 z = line_at(n, weighted, w, NULL);
    if (at != NULL) {
      at[i] = f;
    }
    if (mu != NULL) {
      mu[i] = (nax_c64){z.re, z.im};
    }
    for (nax_index r = 0; r < n_trials && test != NULL; r++) {
      for (nax_index q = 0; q < k; q++) {
        for (nax_index t = 0; t < n; t++) {
          row[t] = x[t + r * n] * tapers[t + q * n];
        }
        power += square(line_at(n, row, w, NULL));
        NAX_TRY(nax_i_poll(ctx));
      }
    }
    if (test != NULL) {
      double line = square(z) * sum2, df = nax_i_ft_is_real(f, rate) ? 1.0 : 2.0;
      double rest = power - line;
      test[i] = rest > 0.0
                    ? nax_i_ft_f_test((pairs - 1.0) * line / rest, df, df * (pairs - 1.0))
                    : nax_i_ft_none;
    }
  }
done:
  nax_i_free(tapers);
  nax_i_free(row);
  nax_i_free(weighted);
  nax_i_free(weight);
  return status;
}
