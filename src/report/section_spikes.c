/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections on spike trains: raster, population rate, intervals, spectrum; and the
 * correlations of their counts. */
#include "dataset_page_i.h"
#include <math.h>
#include <neuraxis/signal.h>
#include <stdio.h>

/* First and last time that the recording intervals reach. */
static void
time_span(const nax_i_rep *r, double *t0, double *t1)
{
  double unused;
  nax_spikes_interval(r->spikes, 0, t0, &unused);
  nax_spikes_interval(r->spikes, nax_spikes_n_intervals(r->spikes) - 1, &unused, t1);
  if (!(*t1 > *t0)) {
    *t1 = *t0 + 1.0;
  }
}

/* Is any part of [a, b] recorded? */
static int
recorded(const nax_spikes *s, double a, double b)
{
  for (nax_index k = 0; k < nax_spikes_n_intervals(s); k++) {
    double start, stop;
    nax_spikes_interval(s, k, &start, &stop);
    if (start < b && stop > a) {
      return 1;
    }
  }
  return 0;
}

/* Spikes of all units per second and unit in n bins; NaN where nothing was recorded. */
static nax_status
population_rate(nax_ctx *ctx, const nax_i_rep *r, double t0, double t1, nax_index n,
                double **t, double **rate)
{
  nax_status status = NAX_OK;
  double width = (t1 - t0) / (double)n;
  const double *all = nax_spikes_all_times(r->spikes);
  *t = *rate = NULL;
  NAX_TRY_ALLOC(*t, n, sizeof(double));
  NAX_TRY_ALLOC(*rate, n, sizeof(double));
  for (nax_index i = 0; i < nax_spikes_n_spikes(r->spikes); i++) {
    double at = (all[i] - t0) / width;
    if (at >= 0.0 && at <= (double)n) {
      nax_index b = (nax_index)at;
      (*rate)[b < n ? b : n - 1] += 1.0;
    }
  }
  for (nax_index b = 0; b < n; b++) {
    double from = t0 + (double)b * width;
    (*t)[b] = from + 0.5 * width;
    (*rate)[b] = recorded(r->spikes, from, from + width)
                     ? (*rate)[b] / width / (double)(r->n_units > 0 ? r->n_units : 1)
                     : (double)NAN;
  }
done:
  return status;
}

/* A round bin width near the span / most. */
static double
round_width(double span, double most)
{
  static const double nice[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,  0.2,
                                0.5,   1.0,   2.0,   5.0,  10.0, 20.0, 30.0, 60.0};
  for (size_t i = 0; i < sizeof nice / sizeof nice[0]; i++) {
    if (span / nice[i] <= most) {
      return nice[i];
    }
  }
  return span / most;
}

static nax_status
raster(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_index n = r->n_units;
  double t0, t1, *t = NULL, *rate = NULL;
  time_span(r, &t0, &t1);
  double width = round_width(t1 - t0, 1500.0), tall = 7.0 * (double)n;
  nax_index bins = (nax_index)floor((t1 - t0) / width * (1.0 + 1e-12));
  bins = bins < 1 ? 1 : bins;
  NAX_TRY(population_rate(ctx, r, t0, t0 + (double)bins * width, bins, &t, &rate));
  tall = tall < 60.0 ? 60.0 : tall > 380.0 ? 380.0 : tall;
  nax_i_fig *f =
      nax_i_fig_new("overview", NAX_I_FIG_WIDE, 24 + tall + 18 + 120 + 48, "Activity");
  if (f == NULL) {
    nax_i_page_figure(r->page, NULL);
    goto done;
  }
  nax_i_axes a = {
      .left = 58, .top = 24, .width = NAX_I_FIG_WIDE - 58 - 14, .height = tall};
  a.x = (nax_i_side){.lo = t0, .hi = t1, .no_ticks = 1};
  a.y = (nax_i_side){
      .lo = (double)n - 0.5, .hi = -0.5, .integers = 1, .label = r->axis_word};
  nax_i_add_raster(f, &a, n, NULL, nax_spikes_offsets(r->spikes),
                   nax_spikes_all_times(r->spikes));
  nax_i_axes_draw(f, &a);
  nax_i_axes b = a;
  b.top = a.top + tall + 18;
  b.height = 120;
  b.x.no_ticks = 0;
  b.x.label = "Time";
  b.x.unit = "s";
  nax_i_range(bins, rate, 1, &b.y.lo, &b.y.hi);
  b.y.integers = 0;
  b.y.label = "Rate";
  b.y.unit = "Hz";
  b.grid = 1;
  nax_i_axes_draw(f, &b);
  nax_i_add_line(f, &b, bins, t, rate, (nax_i_style){.colour = 0, .width = 1.1});
  nax_i_fig_caption(f,
                    "Above: each mark is a spike, each row a %s in the order of the "
                    "file. Below: mean rate of a %s in bins of %g s.",
                    r->unit_word, r->unit_word, width);
  nax_i_rep_events(r, f, &a);
  nax_i_fig_desc(f, "Raster of %lld spikes of %lld %s, with the mean rate below.",
                 (long long)nax_spikes_n_spikes(r->spikes), (long long)n, r->units_word);
  nax_i_fig_columns(f, "bin", bins,
                    (nax_i_column[]){{"time", "s", t}, {"rate", "Hz", rate}}, 2);
  nax_i_page_figure(r->page, f);
done:
  nax_i_free(t);
  nax_i_free(rate);
  return status;
}

/* Intervals of all units in logarithmic bins. */
static void
interval_histogram(nax_i_rep *r)
{
  enum { PER_DECADE = 10, FIRST = -4, LAST = 2, BINS = (LAST - FIRST) * PER_DECADE };
  double edge[BINS + 1], share[BINS] = {0}, n = 0.0, top = 0.0, below = 0.0;
  for (int b = 0; b <= BINS; b++) {
    edge[b] = pow(10.0, FIRST + (double)b / PER_DECADE);
  }
  for (nax_index u = 0; u < r->n_units; u++) {
    nax_index m;
    const double *t = nax_spikes_times(r->spikes, u, &m);
    for (nax_index i = 1; i < m; i++) {
      double d = t[i] - t[i - 1];
      int b = d > 0.0 ? (int)floor((log10(d) - FIRST) * PER_DECADE) : -1;
      share[b < 0 ? 0 : b < BINS ? b : BINS - 1] += 1.0;
      below += d < r->quality_opts.isi_threshold;
      n += 1.0;
    }
  }
  if (n < 2.0) {
    return;
  }
  for (int b = 0; b < BINS; b++) {
    share[b] *= 100.0 / n;
    top = share[b] > top ? share[b] : top;
  }
  nax_i_fig *f = nax_i_fig_new("intervals", NAX_I_FIG_HALF, 250, "Interspike intervals");
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_HALF, 250);
  a.x = (nax_i_side){
      .lo = edge[0], .hi = edge[BINS], .label = "Interval", .unit = "s", .log = 1};
  a.y = (nax_i_side){.hi = top * 1.08, .label = "Share of intervals", .unit = "%"};
  a.grid = 1;
  nax_i_axes_draw(f, &a);
  nax_i_add_bars(f, &a, BINS, edge, share, 0.0, 0.08, (nax_i_style){.colour = 0});
  char text[64], percent[48];
  snprintf(text, sizeof text, "%g ms", 1000.0 * r->quality_opts.isi_threshold);
  nax_i_add_vline(f, &a, r->quality_opts.isi_threshold, text,
                  (nax_i_style){.colour = 1, .dash = 1});
  nax_i_human(percent, 100.0 * below / n, 3);
  nax_i_fig_caption(f,
                    "All %s together; %s %% of the intervals are shorter than %s. The "
                    "first and last bar hold what lies beyond.",
                    r->units_word, percent, text);
  nax_i_fig_desc(f, "Histogram of intervals between spikes on a logarithmic axis.");
  nax_i_fig_columns(
      f, "bin", BINS,
      (nax_i_column[]){{"from", "s", edge}, {"to", "s", edge + 1}, {"share", "%", share}},
      3);
  nax_i_page_figure(r->page, f);
}

static const double *
column(const nax_i_rep *r, const char *name)
{
  int32_t j = nax_table_find(r->quality, name);
  return j >= 0 ? nax_table_numbers(r->quality, j) : NULL;
}

/* One point per unit. */
static void
scatter(nax_i_rep *r, const char *id, const char *title, const char *x_name,
        const char *x_label, const char *y_name, const char *y_label, double mark_x,
        double mark_y, int shares, const char *caption)
{
  const double *x = column(r, x_name), *y = column(r, y_name);
  nax_index n = r->n_units, seen = 0;
  for (nax_index i = 0; i < n; i++) {
    seen += isfinite(x[i]) && isfinite(y[i]);
  }
  if (seen < 2) {
    return;
  }
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 290, title);
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_HALF, 290);
  a.x.label = x_label;
  a.y.label = y_label;
  nax_i_range(n, x, 0, &a.x.lo, &a.x.hi);
  nax_i_range(n, y, 0, &a.y.lo, &a.y.hi);
  if (shares) { /* of 1 */
    a.x.lo = a.y.lo = -0.02;
    a.x.hi = a.y.hi = 1.04;
  }
  a.grid = 1;
  nax_i_axes_draw(f, &a);
  nax_i_add_vline(f, &a, mark_x, NULL, (nax_i_style){.colour = NAX_I_MUTED, .dash = 1});
  nax_i_add_hline(f, &a, mark_y, NULL, (nax_i_style){.colour = NAX_I_MUTED, .dash = 1});
  nax_i_add_points(f, &a, n, x, y, nax_table_text(r->quality, 0),
                   (nax_i_style){.colour = 0, .alpha = 0.75});
  nax_i_fig_caption(f, "One point per %s. %s", r->unit_word, caption);
  nax_i_rep_columns(r, f, (const char *const[]){x_name, y_name, NULL});
  nax_i_fig_desc(f, "One point per %s: %s against %s.", r->unit_word, y_label, x_label);
  nax_i_page_figure(r->page, f);
}

/* Spectrum of the population rate in bins of 5 ms. */
static nax_status
spectrum(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  double t0, t1, *t = NULL, *rate = NULL, *freq = NULL;
  nax_axis *axis = NULL;
  nax_array *in = NULL, *p = NULL;
  time_span(r, &t0, &t1);
  double width = 0.005;
  while ((t1 - t0) / width > 8e6) {
    width *= 2.0;
  }
  nax_index n = (nax_index)floor((t1 - t0) / width);
  if (n < 512 || nax_spikes_n_spikes(r->spikes) < 100) {
    nax_i_page_text(r->page, "No spectrum: the recording is too short or too silent.");
    goto done;
  }
  NAX_TRY(population_rate(ctx, r, t0, t0 + (double)n * width, n, &t, &rate));
  NAX_TRY(nax_axis_create_regular(ctx, "time", "s", n, t0, 1.0 / width, &axis));
  NAX_TRY(nax_array_create(ctx, NAX_F64, 1, (const nax_axis *const *)&axis, "Hz", &in));
  memcpy(nax_array_data_mut(in), rate, (size_t)n * sizeof *rate);
  nax_signal_welch_opts o = NAX_SIGNAL_WELCH_OPTS_INIT;
  double longest = (double)n * width / 8.0;
  o.segment = longest < 10.24 ? fmax(longest, 128.0 * width) : 10.24;
  NAX_TRY(nax_signal_welch(ctx, in, &o, &p));
  nax_index m = nax_array_dim(p, 0);
  const double *v = nax_array_f64(p);
  NAX_TRY_ALLOC(freq, m, sizeof *freq);
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_HALF, 250);
  double lo = HUGE_VAL, hi = 0.0;
  for (nax_index i = 0; i < m; i++) {
    freq[i] = nax_axis_coord(nax_array_axis(p, 0), i);
    if (i > 0 && isfinite(v[i]) && v[i] > 0.0) {
      lo = v[i] < lo ? v[i] : lo;
      hi = v[i] > hi ? v[i] : hi;
    }
  }
  if (!(hi > 0.0)) {
    nax_i_page_text(r->page, "No spectrum: no stretch of the recording is complete.");
    goto done;
  }
  nax_i_fig *f = nax_i_fig_new("spectrum", NAX_I_FIG_HALF, 250,
                               "Power spectrum of the population rate");
  a.x = (nax_i_side){
      .lo = freq[1], .hi = freq[m - 1], .label = "Frequency", .unit = "Hz", .log = 1};
  a.y = (nax_i_side){.lo = lo / 1.3,
                     .hi = hi * 1.3,
                     .label = "Power",
                     .unit = "Hz\xc2\xb2/Hz",
                     .log = 1};
  nax_i_axes_draw(f, &a);
  nax_i_add_line(f, &a, m - 1, freq + 1, v + 1, (nax_i_style){.colour = 0, .width = 1.2});
  nax_i_fig_caption(f,
                    "Welch's method on the mean rate in bins of %g ms, segments of %g s.",
                    1000.0 * width, o.segment);
  nax_i_fig_desc(f, "Power of the population rate against frequency, both logarithmic.");
  nax_i_fig_columns(
      f, "frequency", m - 1,
      (nax_i_column[]){{"frequency", "Hz", freq + 1}, {"power", "Hz^2/Hz", v + 1}}, 2);
  nax_i_page_figure(r->page, f);
done:
  nax_i_free(t);
  nax_i_free(rate);
  nax_i_free(freq);
  nax_axis_free(axis);
  nax_array_free(in);
  nax_array_free(p);
  return status;
}

/* Correlations of counts in bins of at least 0.1 s, at most 8000 bins. */
static nax_status
correlate_counts(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_index n = r->n_units;
  nax_i_layout l = {.units = n,
                    .samples = NAX_I_CORRELATION_SAMPLES,
                    .parts = 1,
                    .unit = -1,
                    .time = -1};
  nax_i_quality q = {.layout = &l};
  double t0, t1, *count = NULL;
  if (n < 2 || n > NAX_I_MAX_CORRELATED || r->duration <= 0.0) {
    goto done;
  }
  time_span(r, &t0, &t1);
  double width = fmax(round_width(t1 - t0, NAX_I_CORRELATION_SAMPLES), 0.1);
  nax_index bins = (nax_index)floor((t1 - t0) / width);
  if (bins < 10) {
    goto done;
  }
  q.n_pick = bins;
  q.step = 1;
  NAX_TRY_ALLOC(q.trace, n, sizeof *q.trace);
  NAX_TRY_ALLOC(q.pick, n * bins, sizeof *q.pick);
  NAX_TRY_ALLOC(count, bins, sizeof *count);
  for (nax_index u = 0; u < n; u++) {
    nax_index m;
    const double *t = nax_spikes_times(r->spikes, u, &m);
    for (nax_index b = 0; b < bins; b++) {
      double from = t0 + (double)b * width;
      count[b] = recorded(r->spikes, from, from + width) ? 0.0 : (double)NAN;
    }
    for (nax_index i = 0; i < m; i++) {
      nax_index b = (nax_index)((t[i] - t0) / width);
      if (t[i] >= t0 && b < bins) {
        count[b] = isnan(count[b]) ? 1.0 : count[b] + 1.0;
      }
    }
    q.trace[u].min = HUGE_VAL;
    q.trace[u].max = -HUGE_VAL;
    for (nax_index b = 0; b < bins; b++) {
      if (isfinite(count[b])) {
        q.trace[u].min = fmin(q.trace[u].min, count[b]);
        q.trace[u].max = fmax(q.trace[u].max, count[b]);
      }
    }
    nax_i_standardise(count, bins, 1, q.pick + u * bins);
  }
  NAX_TRY_ALLOC(r->r, n * n, sizeof *r->r);
  NAX_TRY(nax_i_quality_correlate(ctx, &q, r->r));
  r->correlation_bin = width;
done:
  nax_i_quality_end(&q);
  nax_i_free(count);
  return status;
}

nax_status
nax_i_page_spikes(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_i_page *p = r->page;
  nax_index n = r->n_units;
  nax_i_page_section(p, "activity", "Activity");
  if (n == 0 || nax_spikes_n_spikes(r->spikes) == 0) {
    nax_i_page_text(p, "There is nothing to draw: there are no spikes.");
    goto done;
  }
  NAX_TRY(raster(ctx, r));
  nax_i_page_heading(p, "Rates and intervals");
  nax_i_page_histogram(p, "hist-rate", "Firing rates", "Rate", "Hz", n, column(r, "rate"),
                       1, NAN, NULL);
  interval_histogram(r);
  scatter(r, "irregularity", "Irregularity", "cv", "CV", "lv", "LV", 1.0, 1.0, 0,
          "A Poisson train has 1 and 1 (dashed).");
  const double *llobet = column(r, "llobet");
  int clean = 1;
  for (nax_index u = 0; u < n; u++) {
    clean = clean && !(llobet[u] > 0.0);
  }
  if (!clean) {
    scatter(r, "contamination", "Contamination and presence", "presence",
            "Presence ratio", "llobet", "Contamination (Llobet)", 0.9, 0.1, 1,
            "Dashed: presence 0.9, contamination 0.1. Both are 1 at most.");
  }
  NAX_TRY(spectrum(ctx, r));
done:
  return status;
}

nax_status
nax_i_rep_correlate_spikes(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = correlate_counts(ctx, r);
  return status == NAX_OK ? nax_i_rep_cluster(ctx, r) : status;
}
