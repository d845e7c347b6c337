/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spikes that follow a frequency. */
#include "freqtag_i.h"
#include <math.h>

enum { LOOK = 1 << 16 }; /* spikes between two looks whether to stop */

static nax_status
check_spikes(nax_ctx *ctx, const char *fn, nax_index n, const double *t,
             const nax_index *trial, nax_index n_trials, double length)
{
  for (nax_index i = 0; i < n; i++) {
    if (trial[i] < 0 || trial[i] >= n_trials) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "trial[%lld], expected 0 to %lld, got %lld",
                        (long long)i, (long long)n_trials - 1, (long long)trial[i]);
    }
    if (!(t[i] >= 0.0) || !(t[i] <= length)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "t[%lld], expected 0 to %g s, got %g",
                        (long long)i, length, t[i]);
    }
  }
  return NAX_OK;
}

/* Sums over trials that the measures are made of. */
typedef struct sums {
  nax_c64 all, means; /* of exp(2 pi i f t), and of its means over the trials */
  double own, own_means, counts2, n_trials, power;
} sums;

static nax_freqtag_spike_stats
measures(nax_index n, const sums *s)
{
  const double none = (double)NAN;
  double m = (double)n, all = s->all.re * s->all.re + s->all.im * s->all.im;
  double means = s->means.re * s->means.re + s->means.im * s->means.im;
  nax_freqtag_spike_stats o = {n, none, none, none, none, none, none, nax_i_ft_none};
  if (n < 1) {
    return o;
  }
  o.vector_strength = fmin(1.0, sqrt(all) / m);
  o.phase = atan2(s->all.im, s->all.re);
  o.power = s->power / m;
  o.rayleigh = nax_freqtag_rayleigh(n, o.vector_strength, NAX_FREQTAG_RAYLEIGH_AUTO);
  if (n > 1) {
    o.ppc0 = (all - m) / (m * (m - 1.0));
  }
  if (m * m > s->counts2) {
    o.ppc1 = (all - s->own) / (m * m - s->counts2);
  }
  if (s->n_trials > 1.0) {
    o.ppc2 = (means - s->own_means) / (s->n_trials * (s->n_trials - 1.0));
  }
  return o;
}

nax_status
nax_freqtag_spikes(nax_ctx *ctx, nax_index n_spikes, const double *t,
                   const nax_index *trial, nax_index n_trials, double trial_length,
                   nax_index n_freqs, const double *freqs, const double *field_phase,
                   nax_c64 *j, nax_freqtag_spike_stats *out)
{
  nax_status status = NAX_OK;
  nax_c64 *sum = NULL;
  nax_index *count = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_trials >= 1 && trial_length > 0.0, NAX_EINVAL,
              "%lld trials of %g s, expected at least 1 and more than 0",
              (long long)n_trials, trial_length);
  NAX_TRY(check_spikes(ctx, __func__, n_spikes, t, trial, n_trials, trial_length));
  NAX_TRY_ALLOC(sum, n_trials, sizeof *sum);
  NAX_TRY_ALLOC(count, n_trials, sizeof *count);
  for (nax_index i = 0; i < n_spikes; i++) {
    count[trial[i]]++;
  }
  for (nax_index k = 0; k < n_freqs; k++) {
    double w = 2.0 * NAX_I_FT_PI * freqs[k], turn = freqs[k] * trial_length;
    nax_c64 rate; /* transform of a constant over the trial, per second */
    sums s = {{0.0, 0.0}, {0.0, 0.0}, 0.0, 0.0, 0.0, 0.0, 0.0};
    NAX_REQUIRE(freqs[k] > 0.0 && isfinite(freqs[k]), NAX_EINVAL,
                "freqs[%lld], expected more than 0 Hz, got %g", (long long)k, freqs[k]);
    turn = 2.0 * NAX_I_FT_PI * (turn - floor(turn + 0.5));
    rate.re = sin(turn) / (w * trial_length);
    rate.im = -(1.0 - cos(turn)) / (w * trial_length);
    memset(sum, 0, (size_t)n_trials * sizeof *sum);
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index i = 0; i < n_spikes; i++) {
      NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
      double at = freqs[k] * t[i];
      at = 2.0 * NAX_I_FT_PI * (at - floor(at));
      sum[trial[i]].re += cos(at);
      sum[trial[i]].im += sin(at);
    }
    for (nax_index q = 0; q < n_trials; q++) {
      double n = (double)count[q], own = sum[q].re * sum[q].re + sum[q].im * sum[q].im;
      nax_c64 z = {sum[q].re - n * rate.re, -sum[q].im - n * rate.im};
      if (field_phase != NULL) {
        double c = cos(field_phase[q + k * n_trials]);
        double v = sin(field_phase[q + k * n_trials]);
        sum[q] = (nax_c64){c * sum[q].re - v * sum[q].im, v * sum[q].re + c * sum[q].im};
      }
      s.all.re += sum[q].re;
      s.all.im += sum[q].im;
      s.own += own;
      s.counts2 += n * n;
      s.power += z.re * z.re + z.im * z.im;
      if (count[q] > 0) {
        s.means.re += sum[q].re / n;
        s.means.im += sum[q].im / n;
        s.own_means += own / (n * n);
        s.n_trials += 1.0;
      }
      if (j != NULL) {
        j[q + k * n_trials] = z;
      }
    }
    out[k] = measures(n_spikes, &s);
  }
done:
  nax_i_free(sum);
  nax_i_free(count);
  return status;
}

static nax_status
z2(nax_ctx *ctx, nax_index n, const double *t, double f, int32_t m, nax_freqtag_test *out)
{
  nax_status status = NAX_OK;
  double z = 0.0;
  *out = nax_i_ft_none;
  if (n < 1 || m < 1) {
    return NAX_OK;
  }
  for (int32_t h = 1; h <= m; h++) {
    double re = 0.0, im = 0.0;
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index i = 0; i < n; i++) {
      NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
      double at = (double)h * f * t[i];
      at = 2.0 * NAX_I_FT_PI * (at - floor(at));
      re += cos(at);
      im += sin(at);
    }
    z += 2.0 / (double)n * (re * re + im * im);
  }
  nax_freqtag_test r = {z, 2.0 * m, (double)NAN, 0.0, nax_i_ft_log_chi2_even(z, m)};
  r.p = exp(r.log_p);
  *out = r;
done:
  return status;
}

nax_freqtag_test
nax_freqtag_z2(nax_index n, const double *t, double f, int32_t m)
{
  nax_freqtag_test r;
  nax_status never_stopped = z2(NULL, n, t, f, m, &r);
  (void)never_stopped;
  return r;
}

nax_status
nax_freqtag_z2_of(nax_ctx *ctx, nax_index n, const double *t, nax_index n_freqs,
                  const double *freqs, int32_t m, nax_freqtag_test *out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  for (nax_index k = 0; k < n_freqs; k++) {
    NAX_TRY(z2(ctx, n, t, freqs[k], m, &out[k]));
  }
done:
  return status;
}
