/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured on one trace. */
#include "quality_i.h"
#include <math.h>

static void
measure_moments(const double *x, nax_index n, nax_i_trace *t)
{
  double sum = 0.0;
  t->min = HUGE_VAL;
  t->max = -HUGE_VAL;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      sum += x[i];
      t->n++;
      t->min = x[i] < t->min ? x[i] : t->min;
      t->max = x[i] > t->max ? x[i] : t->max;
    }
  }
  double count = (double)t->n;
  t->missing = n > 0 ? 100.0 * (double)(n - t->n) / (double)n : (double)NAN;
  if (t->n == 0) {
    t->mean = t->sd = t->min = t->max = t->skewness = t->saturated = NAN;
    return;
  }
  t->mean = sum / count;
  double m2 = 0.0, m3 = 0.0;
  nax_index top = 0;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      double d = x[i] - t->mean;
      m2 += d * d;
      m3 += d * d * d;
      top += x[i] == t->max;
    }
  }
  t->sd = t->n > 1 ? sqrt(m2 / (count - 1.0)) : (double)NAN;
  t->skewness =
      t->max > t->min && m2 > 0.0 ? m3 / count / pow(m2 / count, 1.5) : (double)NAN;
  t->saturated = top > 1 && t->max > t->min ? 100.0 * (double)top / count : 0.0;
}

/* Finite values of [from, to) into y. */
static nax_index
keep(const double *x, nax_index from, nax_index to, double *y)
{
  nax_index n = 0;
  for (nax_index i = from; i < to; i++) {
    if (isfinite(x[i])) {
      y[n++] = x[i];
    }
  }
  return n;
}

/* Windows of the baseline inside one part: they advance by half their width; the last
 * ends with the part. */
static nax_index
n_windows(nax_index samples, nax_index width)
{
  nax_index hop = width / 2 > 0 ? width / 2 : 1;
  return samples <= width ? 1 : 1 + (samples - width + hop - 1) / hop;
}

static nax_index
window_start(nax_index samples, nax_index width, nax_index k)
{
  nax_index hop = width / 2 > 0 ? width / 2 : 1, at = k * hop;
  return at > samples - width ? (samples > width ? samples - width : 0) : at;
}

/* y = x - F0 for one part; F0 is linear between the centres of windows, constant beyond
 * the first and last. `knot` has the values at the centres; NaN ones are passed over. */
static void
subtract(const double *x, nax_index samples, nax_index width, const double *knot,
         nax_index windows, double *y)
{
  double half = 0.5 * (double)((width < samples ? width : samples) - 1);
  double c0 = 0.0, v0 = NAN; /* the last window passed */
  nax_index k = 0;
  for (; k < windows && isnan(knot[k]); k++) {
  }
  double c1 = k < windows ? half + (double)window_start(samples, width, k) : 0.0;
  double v1 = k < windows ? knot[k] : (double)NAN;
  for (nax_index i = 0; i < samples; i++) {
    while (k < windows && (double)i >= c1) {
      c0 = c1;
      v0 = v1;
      for (k++; k < windows && isnan(knot[k]); k++) {
      }
      c1 = k < windows ? half + (double)window_start(samples, width, k) : c1;
      v1 = k < windows ? knot[k] : v0;
    }
    double f0 = isnan(v0) ? v1
                : k >= windows || c1 <= c0
                    ? v0
                    : v0 + (v1 - v0) * ((double)i - c0) / (c1 - c0);
    y[i] = x[i] - f0;
  }
}

/* Sums for a straight line through the windows of all parts. */
typedef struct line {
  double n, x, y, xx, xy;
} line;

/* Fills resid with x - F0 (parts after each other) and the baseline's facts. `knots` has
 * room for the windows of one part, `tmp` for one part. */
static void
measure_baseline(const nax_i_layout *l, const nax_quality_opts *o, const double *x,
                 double *resid, double *tmp, nax_i_trace *t)
{
  nax_index samples = l->samples, width = samples;
  if (l->rate > 0.0 && o->baseline_window * l->rate < (double)samples) {
    width = (nax_index)(o->baseline_window * l->rate);
    width = width < 2 ? 2 : width;
  }
  nax_index windows = n_windows(samples, width);
  line fit = {0};
  /* The knots of a part live where its residuals will: at its end, and are moved to the
   * free half of tmp before they are overwritten. */
  double *knot = tmp, *values = resid;
  nax_index n_all = 0;
  double *all = tmp + windows;
  for (nax_index p = 0; p < l->parts; p++) {
    const double *part = x + p * samples;
    for (nax_index k = 0; k < windows; k++) {
      nax_index from = window_start(samples, width, k);
      nax_index to = from + width < samples ? from + width : samples;
      nax_index n = keep(part, from, to, values + p * samples);
      knot[k] = nax_i_quantile(values + p * samples, n, o->baseline_percentile / 100.0);
      if (n > 0) {
        double at = (double)(p * samples) + 0.5 * (double)(from + to - 1);
        fit.n += 1.0;
        fit.x += at;
        fit.y += knot[k];
        fit.xx += at * at;
        fit.xy += at * knot[k];
        all[n_all++] = knot[k];
      }
    }
    subtract(part, samples, width, knot, windows, resid + p * samples);
  }
  double det = fit.n * fit.xx - fit.x * fit.x;
  t->drift = fit.n > 1.0 && det > 0.0 && l->rate > 0.0
                 ? (fit.n * fit.xy - fit.x * fit.y) / det * l->rate * 60.0
                 : (double)NAN;
  t->min_baseline = NAN;
  for (nax_index k = 0; k < n_all; k++) {
    t->min_baseline = all[k] < t->min_baseline || k == 0 ? all[k] : t->min_baseline;
  }
  t->baseline = nax_i_quantile(all, n_all, 0.5);
}

/* Median of |x(t+1) - x(t)|, neighbours in one part and both present. */
static double
median_step(const nax_i_layout *l, const double *x, double *tmp)
{
  nax_index n = 0;
  for (nax_index p = 0; p < l->parts; p++) {
    const double *part = x + p * l->samples;
    for (nax_index i = 1; i < l->samples; i++) {
      double d = fabs(part[i] - part[i - 1]);
      if (isfinite(d)) {
        tmp[n++] = d;
      }
    }
  }
  return nax_i_quantile(tmp, n, 0.5);
}

static nax_index
count_events(const nax_i_layout *l, const double *resid, double level)
{
  nax_index events = 0;
  for (nax_index p = 0; p < l->parts; p++) {
    int armed = 1;
    for (nax_index i = 0; i < l->samples; i++) {
      double v = resid[p * l->samples + i];
      if (armed && v > level) {
        events++;
        armed = 0;
      } else if (v < 0.5 * level) {
        armed = 1;
      }
    }
  }
  return events;
}

void
nax_i_trace_measure(const nax_i_layout *l, const nax_quality_opts *o, const double *x,
                    double *scratch, nax_i_trace *t)
{
  nax_index n = l->parts * l->samples;
  double *resid = scratch, *tmp = scratch + n + 8;
  memset(t, 0, sizeof *t);
  measure_moments(x, n, t);
  t->baseline = t->min_baseline = t->noise = t->snr = t->event_rate = t->drift = NAN;
  if (t->n == 0) {
    return;
  }
  double minutes = l->rate > 0.0 ? (double)t->n / l->rate / 60.0 : (double)NAN;
  if (l->kind == NAX_SIGNAL_INFERRED || l->kind == NAX_SIGNAL_COUNTS) {
    nax_index events = 0;
    for (nax_index i = 0; i < n; i++) {
      events += x[i] > 0.0;
    }
    t->event_rate = (double)events / minutes;
    return;
  }
  measure_baseline(l, o, x, resid, tmp, t);
  int optical = l->kind != NAX_SIGNAL_POTENTIAL;
  if (optical && l->rate > 0.0) {
    double scale = l->kind == NAX_SIGNAL_FLUORESCENCE ? t->baseline : 1.0;
    t->noise = scale > 0.0 ? 100.0 * median_step(l, x, tmp) / sqrt(l->rate) / scale
                           : (double)NAN;
  }
  nax_index m = keep(resid, 0, n, tmp);
  double high = nax_i_quantile(tmp, m, 0.99), middle = nax_i_quantile(tmp, m, 0.5);
  for (nax_index i = 0; i < m; i++) {
    tmp[i] = fabs(tmp[i] - middle);
  }
  double sigma = 1.4826 * nax_i_quantile(tmp, m, 0.5);
  if (sigma > 0.0) {
    t->snr = high / sigma;
    t->event_rate =
        optical ? (double)count_events(l, resid, o->event_threshold * sigma) / minutes
                : (double)NAN;
  }
}
