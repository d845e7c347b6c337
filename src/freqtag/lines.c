/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of known frequency in one series: evenly sampled with a trend, or at any times.
 */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include <math.h>

enum { LOOK = 1 << 16 }; /* samples between two looks whether to stop */

/* Columns c, s and the data y, all without the trend: fit y = a c + b s. */
static nax_freqtag_line
fit_columns(nax_index n, const double *c, const double *s, const double *y,
            double n_trend)
{
  double cc = 0.0, cs = 0.0, ss = 0.0, cy = 0.0, sy = 0.0, yy = 0.0, rss = 0.0;
  nax_freqtag_line line = {{0.0, 0.0}, (double)NAN, nax_i_ft_none};
  for (nax_index i = 0; i < n; i++) {
    cc += c[i] * c[i];
    cs += c[i] * s[i];
    ss += s[i] * s[i];
    cy += c[i] * y[i];
    sy += s[i] * y[i];
    yy += y[i] * y[i];
  }
  double det = cc * ss - cs * cs, a, b, used = 2.0;
  if (det > 1e-12 * cc * ss) {
    a = (ss * cy - cs * sy) / det;
    b = (cc * sy - cs * cy) / det;
  } else { /* sine vanishes (half the rate), or both do (frequency 0) */
    a = cc > 0.0 ? cy / cc : 0.0;
    b = 0.0;
    used = 1.0;
  }
  for (nax_index i = 0; i < n; i++) {
    double r = y[i] - a * c[i] - b * s[i];
    rss += r * r;
  }
  line.coefficient = (nax_c64){a, -b};
  if (yy > 0.0 && cc + ss > 0.0) {
    double df2 = (double)n - used - n_trend;
    line.r_squared = 1.0 - rss / yy;
    line.test = rss > 0.0 ? nax_i_ft_f_test((yy - rss) / used / (rss / df2), used, df2)
                          : nax_i_ft_f_test((double)INFINITY, used, df2);
  }
  return line;
}

nax_status
nax_freqtag_fit_line(nax_ctx *ctx, nax_index n, const double *x, double rate, double f,
                     nax_freqtag_trend trend, nax_freqtag_line *out)
{
  nax_status status = NAX_OK;
  double *work = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(rate > 0.0 && f >= 0.0 && f <= 0.5 * rate * (1.0 + 1e-12), NAX_EINVAL,
              "frequency, expected 0 to %g Hz (half the rate), got %g Hz", 0.5 * rate, f);
  NAX_REQUIRE(trend >= NAX_FREQTAG_TREND_NONE && trend <= NAX_FREQTAG_TREND_LINEAR,
              NAX_EINVAL, "trend %d does not exist", (int)trend);
  NAX_REQUIRE(n >= 6, NAX_EDIM, "%lld samples, expected at least 6", (long long)n);
  NAX_TRY(nax_i_require_finite(ctx, __func__, "x", n, 1, x, n));
  NAX_TRY_ALLOC(work, 3 * n, sizeof *work);
  double *c = work, *s = work + n, *y = work + 2 * n;
  for (nax_index t = 0; t < n; t++) {
    NAX_TRY(nax_i_poll_every(ctx, t, LOOK));
    double turn = f / rate * (double)t;
    turn -= floor(turn);
    c[t] = cos(2.0 * NAX_I_FT_PI * turn);
    s[t] = nax_i_ft_is_real(f, rate) ? 0.0 : sin(2.0 * NAX_I_FT_PI * turn);
    y[t] = x[t];
  }
  for (int k = 0; k < 3; k++) {
    nax_i_ft_remove_trend(work + k * n, n, trend);
  }
  *out = fit_columns(n, c, s, y, (double)trend - 1.0);
done:
  nax_i_free(work);
  return status;
}

nax_status
nax_freqtag_lomb_scargle(nax_ctx *ctx, nax_index n, const double *t, const double *y,
                         nax_index n_freqs, const double *freqs, int32_t floating_mean,
                         nax_freqtag_line *out)
{
  nax_status status = NAX_OK;
  double *work = NULL, mean = 0.0;
  nax_index m = 0;
  nax_i_stage stage;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/lines", n_freqs));
  NAX_TRY_ALLOC(work, 4 * n, sizeof *work);
  double *time = work, *c = work + n, *s = work + 2 * n, *v = work + 3 * n;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(t[i]) && isfinite(y[i])) {
      time[m] = t[i];
      v[m++] = y[i];
    }
  }
  NAX_REQUIRE(m >= 4, NAX_EDIM, "%lld samples with time and value, expected at least 4",
              (long long)m);
  mean = nax_i_sum(v, m) / (double)m;
  for (nax_index i = 0; i < m; i++) {
    v[i] -= mean;
  }
  for (nax_index k = 0; k < n_freqs; k++) {
    NAX_REQUIRE(freqs[k] > 0.0 && isfinite(freqs[k]), NAX_EINVAL,
                "freqs[%lld], expected more than 0 Hz, got %g", (long long)k, freqs[k]);
    for (nax_index i = 0; i < m; i++) {
      NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
      double turn = freqs[k] * time[i];
      turn -= floor(turn);
      c[i] = cos(2.0 * NAX_I_FT_PI * turn);
      s[i] = sin(2.0 * NAX_I_FT_PI * turn);
    }
    if (floating_mean) {
      nax_i_ft_remove_trend(c, m, NAX_FREQTAG_TREND_CONSTANT);
      nax_i_ft_remove_trend(s, m, NAX_FREQTAG_TREND_CONSTANT);
    }
    out[k] = fit_columns(m, c, s, v, 1.0);
    NAX_TRY(nax_i_stage_poll(&stage, k + 1, (double)NAN));
  }
done:
  nax_i_free(work);
  return status;
}
