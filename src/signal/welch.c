/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power spectral density by averaging modified periodograms. */
#include "signal_i.h"
#include "stats/stats_i.h"
#include <math.h>

typedef struct welch {
  nax_signal_welch_opts o;
  nax_index n, length, step, segments, bins;
  double *window;
  double scale; /* 1 / (rate * sum of the squared window) */
  nax_i_fft *plan;
  int8_t *empty; /* traces without a complete segment */
} welch;

static const double two_pi = 6.283185307179586476925;

static double
window_value(int32_t kind, nax_index i, nax_index n)
{
  double c = cos(two_pi * (double)i / (double)n);
  switch ((nax_window)kind) {
  case NAX_WINDOW_HANN:
    return n > 1 ? 0.5 - 0.5 * c : 1.0;
  case NAX_WINDOW_HAMMING:
    return n > 1 ? 0.54 - 0.46 * c : 1.0;
  case NAX_WINDOW_BOXCAR:
  case NAX_WINDOW_FORCE_INT:
    break;
  }
  return 1.0;
}

static void
remove_trend(double *x, nax_index n, int32_t trend)
{
  if (trend == NAX_SEGMENT_NONE) {
    return;
  }
  double mean = nax_i_sum(x, n) / (double)n, slope = 0.0;
  double middle = 0.5 * (double)(n - 1);
  if (trend == NAX_SEGMENT_LINEAR && n > 1) {
    double cross = 0.0, m = (double)n;
    for (nax_index i = 0; i < n; i++) {
      cross += ((double)i - middle) * (x[i] - mean);
    }
    slope = cross / (m * (m * m - 1.0) / 12.0);
  }
  for (nax_index i = 0; i < n; i++) {
    x[i] -= mean + slope * ((double)i - middle);
  }
}

/* How much larger the expected median of n periodogram values is than their mean. */
static double
median_bias(nax_index n)
{
  double b = 1.0;
  for (nax_index i = 1; i <= (n - 1) / 2; i++) {
    b += 1.0 / (double)(2 * i + 1) - 1.0 / (double)(2 * i);
  }
  return b;
}

static int
take_segment(const welch *w, const double *x, double *segment)
{
  for (nax_index i = 0; i < w->length; i++) {
    if (!isfinite(x[i])) {
      return 0;
    }
    segment[i] = x[i];
  }
  remove_trend(segment, w->length, w->o.trend);
  for (nax_index i = 0; i < w->length; i++) {
    segment[i] *= w->window[i];
  }
  return 1;
}

static nax_status
welch_trace(const double *x, double *y, double *scratch, nax_index trace, const void *arg)
{
  const welch *w = arg;
  double *segment = scratch, *spectrum = scratch + w->length;
  double *power = spectrum + 2 * w->bins, *one = power + w->segments * w->bins;
  const nax_i_c64 *s = (const nax_i_c64 *)spectrum;
  nax_index used = 0;
  for (nax_index k = 0; k < w->segments; k++) {
    if (!take_segment(w, x + k * w->step, segment)) {
      continue;
    }
    nax_i_fft_execute(w->plan, segment, spectrum);
    for (nax_index f = 0; f < w->bins; f++) {
      int twice = f > 0 && 2 * f != w->length;
      power[f * w->segments + used] =
          (s[f].re * s[f].re + s[f].im * s[f].im) * w->scale * (twice ? 2.0 : 1.0);
    }
    used++;
  }
  w->empty[trace] = used == 0;
  for (nax_index f = 0; f < w->bins; f++) {
    const double *p = power + f * w->segments;
    if (used == 0) {
      y[f] = NAN;
    } else if (w->o.average == NAX_AVERAGE_MEDIAN) {
      memcpy(one, p, (size_t)used * sizeof *p);
      y[f] = nax_i_quantile(one, used, 0.5) / median_bias(used);
    } else {
      y[f] = nax_i_sum(p, used) / (double)used;
    }
  }
  return NAX_OK;
}

static nax_index
default_length(nax_index n)
{
  nax_index m = n / 8;
  m = nax_fft_next_fast(m < 256 ? 256 : m > 16384 ? 16384 : m);
  return m < n ? m : n;
}

/* Squared unit per Hz; a ratio or nothing becomes 1/Hz. */
static nax_status
set_density_unit(nax_ctx *ctx, const nax_array *in, nax_array *a)
{
  int plain = in->unit[0] == '\0' || strcmp(in->unit, "1") == 0;
  char *unit = plain ? nax_i_strdup("1/Hz") : nax_i_asprintf("(%s)^2/Hz", in->unit);
  if (unit == NULL) {
    return nax_i_fail(ctx, NAX_ENOMEM, "nax_signal_welch", "out of memory");
  }
  nax_status status = nax_array_set_unit(ctx, a, unit);
  nax_i_free(unit);
  return status;
}

static nax_status
welch_setup(nax_ctx *ctx, const char *fn, welch *w, double rate)
{
  nax_status status = NAX_OK;
  double length = isnan(w->o.segment) ? (double)default_length(w->n)
                                      : floor(w->o.segment * rate * (1.0 + 1e-12));
  double sum = 0.0;
  if (length < 1.0 || length > (double)w->n) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "`segment` must hold at least one sample and fit the recording of "
                      "%g s, got %g s",
                      (double)w->n / rate, w->o.segment);
  }
  w->length = (nax_index)length;
  w->bins = w->length / 2 + 1;
  w->step = w->length - (nax_index)(w->o.overlap * length + 1e-9);
  w->step = w->step < 1 ? 1 : w->step;
  w->segments = (w->n - w->length) / w->step + 1;
  NAX_TRY_ALLOC(w->window, w->length, sizeof(double));
  for (nax_index i = 0; i < w->length; i++) {
    w->window[i] = window_value(w->o.window, i, w->length);
    sum += w->window[i] * w->window[i];
  }
  w->scale = 1.0 / (rate * sum);
  NAX_TRY(nax_i_fft_create(ctx, fn, NAX_I_FFT_R2C, w->length, 1, &w->plan));
done:
  return status;
}

nax_status
nax_signal_welch(nax_ctx *ctx, const nax_array *in, const nax_signal_welch_opts *opts,
                 nax_array **out)
{
  nax_status status = NAX_OK;
  welch w = {.n = 0};
  nax_array *a = NULL;
  nax_axis *frequency = NULL;
  const nax_axis *axes[NAX_MAX_NDIM];
  int32_t k;
  double rate;
  nax_index n_empty = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_welch_table, &w.o, opts));
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  NAX_TRY(nax_i_time_rate(ctx, __func__, in->axis[k], &rate));
  w.n = in->axis[k]->length;
  NAX_TRY(welch_setup(ctx, __func__, &w, rate));
  nax_index n_traces = in->size / w.n;
  NAX_TRY_ALLOC(w.empty, n_traces, 1);
  NAX_TRY(nax_axis_create_regular(ctx, "frequency", "Hz", w.bins, 0.0,
                                  (double)w.length / rate, &frequency));
  for (int32_t i = 0; i < in->ndim; i++) {
    axes[i] = i == k ? frequency : in->axis[i];
  }
  NAX_TRY(nax_array_create(ctx, NAX_F64, in->ndim, axes, "", &a));
  NAX_TRY(set_density_unit(ctx, in, a));
  NAX_TRY(nax_array_set_description(ctx, a, "power spectral density"));
  nax_i_traces spec = {__func__, "signal/welch", welch_trace, &w,
                       w.length + 2 * w.bins + (w.bins + 1) * w.segments};
  NAX_TRY(nax_i_traces_run(ctx, &spec, in, k, a));
  for (nax_index i = 0; i < n_traces; i++) {
    n_empty += w.empty[i];
  }
  if (n_empty > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "signal.no-complete-segment",
               "%lld of %lld traces have no segment of %lld samples without missing "
               "values: no spectrum",
               (long long)n_empty, (long long)n_traces, (long long)w.length);
  }
  *out = a;
  a = NULL;
done:
  nax_i_fft_free(w.plan);
  nax_i_free(w.window);
  nax_i_free(w.empty);
  nax_axis_free(frequency);
  nax_array_free(a);
  return status;
}
