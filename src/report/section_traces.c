/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections on traces: overview, distributions of quality, spectrum, missing data. */
#include "dataset_page_i.h"
#include <math.h>
#include <neuraxis/signal.h>
#include <stdio.h>

static const double *
column(const nax_i_rep *r, const char *name)
{
  int32_t j = nax_table_find(r->quality, name);
  return j >= 0 ? nax_table_numbers(r->quality, j) : NULL;
}

/* Rows of the overview in the order of the clustering. Column-major: column c of row i at
 * i + c * n. */
static double *
ordered(const nax_i_rep *r, const double *v, nax_index columns)
{
  nax_index n = r->n_units;
  double *out = nax_i_calloc((size_t)(n * columns), sizeof *out);
  for (nax_index i = 0; out != NULL && i < n; i++) {
    for (nax_index c = 0; c < columns; c++) {
      out[i + c * n] = v[c + r->order[i] * columns];
    }
  }
  return out;
}

/* Height of a picture with one row per unit. */
static double
rows_height(nax_index n, double least, double most)
{
  double h = 7.0 * (double)n;
  return h < least ? least : h > most ? most : h;
}

static const char *
sorted_by(const nax_i_rep *r)
{
  return r->merges != NULL ? "ordered by clustering of their correlations"
                           : "in the order of the file";
}

static void
numbers_of_overview(const nax_i_rep *r, nax_i_fig *f)
{
  const nax_i_survey *s = &r->survey;
  nax_table *t = NULL;
  char name[300], unit[256];
  double *v = nax_i_calloc((size_t)s->n_bins, sizeof *v);
  /* One column per unit would make a table of millions of cells for the largest. */
  int bad = v == NULL, most = 200;
  bad = bad || nax_table_create(NULL, "bin", s->n_bins, &t) != NAX_OK;
  for (nax_index c = 0; c < s->n_bins && !bad; c++) {
    v[c] = s->t0 + ((double)c + 0.5) * (s->t1 - s->t0) / (double)s->n_bins;
  }
  bad = bad || nax_table_add_numbers(NULL, t, s->in_time ? "time" : "sample",
                                     s->in_time ? "s" : "1", v) != NAX_OK;
  for (nax_index i = 0; i < r->n_units && i < most && !bad; i++) {
    nax_i_unit_name(r->units, i, unit, sizeof unit);
    snprintf(name, sizeof name, "%s %s", r->unit_word, unit);
    if (nax_table_find(t, name) >= 0) {
      snprintf(name, sizeof name, "%s %.200s (%lld)", r->unit_word, unit, (long long)i);
    }
    bad = nax_table_add_numbers(NULL, t, name, "1", s->heat + i * s->n_bins) != NAX_OK;
  }
  nax_i_free(v);
  f->failed = f->failed || bad;
  nax_i_fig_numbers(f, t);
  if (r->n_units > most) {
    nax_i_fig_caption(f, "The numbers have the first %d %s.", most, r->units_word);
  }
}

/* The population trace, broken where more than five mean steps of time are missing. */
static void
population_line(const nax_i_rep *r, nax_i_fig *f, const nax_i_axes *a)
{
  const nax_i_survey *s = &r->survey;
  nax_index n = s->n_pop, m = 0;
  double *t = nax_i_calloc((size_t)(2 * n), sizeof *t);
  double *v = nax_i_calloc((size_t)(2 * n), sizeof *v);
  double step = n > 1 ? (s->pop_t[n - 1] - s->pop_t[0]) / (double)(n - 1) : 1.0;
  if (t == NULL || v == NULL) {
    f->failed = 1;
    goto done;
  }
  for (nax_index i = 0; i < n; i++) {
    if (i > 0 && s->pop_t[i] - s->pop_t[i - 1] > 5.0 * step) {
      t[m] = s->pop_t[i];
      v[m++] = NAN;
    }
    t[m] = s->pop_t[i];
    v[m++] = s->pop[i];
  }
  nax_i_add_line(f, a, m, t, v, (nax_i_style){.colour = 0, .width = 1.1});
done:
  nax_i_free(t);
  nax_i_free(v);
}

static void
overview(nax_i_rep *r)
{
  const nax_i_survey *s = &r->survey;
  const nax_i_layout *l = &r->walk.layout;
  nax_index n = r->n_units;
  double *v = ordered(r, s->heat, s->n_bins), lo = 0.0, hi = 1.0;
  double tall = rows_height(n, 60.0, 340.0);
  nax_i_fig *f = nax_i_fig_new("overview", NAX_I_FIG_WIDE, 24 + tall + 18 + 120 + 48,
                               l->parts > 1 ? "Mean activity over trials" : "Activity");
  if (f == NULL || v == NULL) {
    nax_i_free(v);
    nax_i_fig_free(f);
    nax_i_page_figure(r->page, NULL);
    return;
  }
  f->failed = f->failed || !nax_i_colour_limits(n * s->n_bins, v, 0.5, 0, &lo, &hi);
  nax_i_axes a = {.left = 58,
                  .top = 24,
                  .width = NAX_I_FIG_WIDE - 58 - 72,
                  .height = tall,
                  .boxed = 1};
  a.x = (nax_i_side){.lo = s->t0, .hi = s->t1, .no_ticks = 1};
  a.y = (nax_i_side){.lo = (double)n - 0.5, .hi = -0.5, .integers = 1};
  char word[64];
  snprintf(word, sizeof word, "%c%s, sorted", r->units_word[0] & ~0x20,
           r->units_word + 1);
  a.y.label = r->merges != NULL ? word : r->axis_word;
  nax_i_add_image(f, &a, n, s->n_bins, v, 1, n, NAX_I_MAP_VIRIDIS, lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, lo, hi, "z-score", NULL);
  nax_i_fig_caption(f,
                    "Above: each row is a %s, scaled to mean 0 and standard deviation "
                    "1, %s; colours from the 0.5th to the 99.5th percentile.",
                    r->unit_word, sorted_by(r));
  if (l->parts == 1 && s->in_time) {
    nax_i_rep_events(r, f, &a);
  }
  nax_i_axes b = a;
  b.top = a.top + tall + 18;
  b.height = 120;
  b.boxed = 0;
  b.x.no_ticks = 0;
  b.x.label = s->in_time ? "Time" : "Sample";
  b.x.unit = s->in_time ? "s" : NULL;
  nax_i_range(s->n_pop, s->pop, 0, &b.y.lo, &b.y.hi);
  b.y.integers = 0;
  b.y.label = "Mean";
  b.y.unit = r->value_unit;
  b.grid = 1;
  nax_i_axes_draw(f, &b);
  population_line(r, f, &b);
  nax_i_fig_caption(f, "Below: mean over all %s%s.", r->units_word,
                    l->parts > 1 ? " and trials" : "");
  nax_i_fig_desc(f, "Heatmap of %lld %s over time, with the mean over all of them below.",
                 (long long)n, r->units_word);
  numbers_of_overview(r, f);
  nax_i_page_figure(r->page, f);
  nax_i_free(v);
}

/* Mean of each trial, a column per unit; of a hundred units at most. */
static nax_table *
trial_table(const nax_i_rep *r, int *failed)
{
  enum { MOST = 100 };
  nax_table *t = NULL;
  nax_index parts = r->walk.layout.parts;
  char name[48];
  int bad = nax_table_create(NULL, "trial", parts, &t) != NAX_OK;
  for (nax_index u = 0; u < r->n_units && u < MOST && !bad; u++) {
    snprintf(name, sizeof name, "%s %lld", r->unit_word, (long long)u);
    bad =
        nax_table_add_numbers(NULL, t, name, "1", r->survey.trial + u * parts) != NAX_OK;
  }
  *failed = *failed || bad;
  return t;
}

/* Trials x units: slow changes over a session. */
static void
trial_overview(nax_i_rep *r)
{
  const nax_i_survey *s = &r->survey;
  nax_index n = r->n_units, parts = r->walk.layout.parts;
  if (s->trial == NULL) {
    return;
  }
  double *v = ordered(r, s->trial, parts), lo = 0.0, hi = 0.0,
         tall = rows_height(n, 60.0, 300.0);
  nax_i_fig *f = nax_i_fig_new("trials-overview", NAX_I_FIG_WIDE, 12 + tall + 48,
                               "Mean activity in each trial");
  if (f == NULL || v == NULL) {
    nax_i_free(v);
    nax_i_fig_free(f);
    nax_i_page_figure(r->page, NULL);
    return;
  }
  f->failed = f->failed || !nax_i_colour_limits(n * parts, v, 0.5, 1, &lo, &hi);
  nax_i_axes a = {.left = 58,
                  .top = 12,
                  .width = NAX_I_FIG_WIDE - 58 - 72,
                  .height = tall,
                  .boxed = 1};
  a.x = (nax_i_side){
      .lo = -0.5, .hi = (double)parts - 0.5, .label = "Trial", .integers = 1};
  a.y = (nax_i_side){
      .lo = (double)n - 0.5, .hi = -0.5, .integers = 1, .label = r->axis_word};
  nax_i_add_image(f, &a, n, parts, v, 1, n, NAX_I_MAP_DIVERGING, lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, lo, hi, "z-score", NULL);
  nax_i_fig_caption(f,
                    "Rows as in the figure above; a drift along a row means that the %s "
                    "changed over the session.",
                    r->unit_word);
  nax_i_fig_numbers(f, trial_table(r, &f->failed));
  nax_i_fig_desc(f, "Heatmap of the mean of %lld %s in %lld trials.", (long long)n,
                 r->units_word, (long long)parts);
  nax_i_page_figure(r->page, f);
  nax_i_free(v);
}

/* ------------------------------------------------------------------------ spectrum */

static nax_status
spectrum(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_i_survey *s = &r->survey;
  nax_array *p = NULL;
  double *freq = NULL, *mid = NULL, *low = NULL, *high = NULL, *tmp = NULL;
  if (s->spectra == NULL) {
    nax_i_page_text(r->page, "No spectrum: %s.",
                    r->walk.layout.time < 0 || !s->in_time
                        ? "the sampling rate is not known"
                    : r->walk.layout.samples < 64 ? "there are fewer than 64 samples"
                                                  : "the samples are not evenly spaced");
    goto done;
  }
  nax_signal_welch_opts o = NAX_SIGNAL_WELCH_OPTS_INIT;
  nax_index length = nax_array_dim(s->spectra, 0);
  if (length < 2048) {
    o.segment = (double)(length / 2) / r->walk.layout.rate;
  }
  NAX_TRY(nax_signal_welch(ctx, s->spectra, &o, &p));
  nax_index n = nax_array_dim(p, 0), traces = nax_array_dim(p, 1), m = 0;
  const double *v = nax_array_f64(p);
  NAX_TRY_ALLOC(freq, n, sizeof *freq);
  NAX_TRY_ALLOC(mid, n, sizeof *mid);
  NAX_TRY_ALLOC(low, n, sizeof *low);
  NAX_TRY_ALLOC(high, n, sizeof *high);
  NAX_TRY_ALLOC(tmp, traces, sizeof *tmp);
  for (nax_index i = 1; i < n; i++) { /* no 0 Hz on a logarithmic axis */
    nax_index k = 0;
    for (nax_index t = 0; t < traces; t++) {
      double x = v[i + t * n];
      if (isfinite(x) && x > 0.0) {
        tmp[k++] = x;
      }
    }
    if (k > 0) {
      freq[m] = nax_axis_coord(nax_array_axis(p, 0), i);
      mid[m] = nax_i_quantile(tmp, k, 0.5);
      low[m] = nax_i_quantile(tmp, k, 0.1);
      high[m++] = nax_i_quantile(tmp, k, 0.9);
    }
  }
  if (m < 4) {
    nax_i_page_text(r->page, "No spectrum: no stretch of a trace is complete.");
    goto done;
  }
  nax_i_fig *f = nax_i_fig_new("spectrum", NAX_I_FIG_HALF, 290, "Power spectral density");
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_HALF, 290);
  char unit[100];
  int plain = strcmp(r->walk.layout.value_unit, "1") == 0;
  snprintf(unit, sizeof unit, "%s%s/Hz", plain ? "1" : r->walk.layout.value_unit,
           plain ? "" : "\xc2\xb2");
  a.x = (nax_i_side){
      .lo = freq[0], .hi = freq[m - 1], .label = "Frequency", .unit = "Hz", .log = 1};
  a.y = (nax_i_side){.label = "Power", .unit = unit, .log = 1};
  a.y.lo = HUGE_VAL;
  a.y.hi = 0.0;
  for (nax_index i = 0; i < m; i++) {
    a.y.lo = low[i] < a.y.lo ? low[i] : a.y.lo;
    a.y.hi = high[i] > a.y.hi ? high[i] : a.y.hi;
  }
  a.y.hi = a.y.hi > a.y.lo ? a.y.hi * 1.3 : a.y.lo * 10.0;
  a.y.lo /= 1.3;
  nax_i_axes_draw(f, &a);
  nax_i_add_band(f, &a, m, freq, low, high, (nax_i_style){.colour = 0});
  nax_i_add_line(f, &a, m, freq, mid, (nax_i_style){.colour = 0});
  nax_i_fig_caption(f,
                    "Welch's method; line: median, band: 10th to 90th percentile over "
                    "%lld %s%s.",
                    (long long)traces,
                    r->walk.layout.parts > 1 ? "traces (unit and trial)" : r->units_word,
                    traces < r->n_units ? ", evenly spaced" : "");
  nax_i_fig_desc(f, "Power against frequency, both logarithmic.");
  nax_i_fig_columns(f, "frequency", m,
                    (nax_i_column[]){{"frequency", "Hz", freq},
                                     {"median", unit, mid},
                                     {"p10", unit, low},
                                     {"p90", unit, high}},
                    4);
  nax_i_page_figure(r->page, f);
done:
  nax_array_free(p);
  nax_i_free(freq);
  nax_i_free(mid);
  nax_i_free(low);
  nax_i_free(high);
  nax_i_free(tmp);
  return status;
}

/* --------------------------------------------------------------------- missing data */

static void
missing_map(nax_i_rep *r)
{
  const nax_i_survey *s = &r->survey;
  nax_index n = r->n_units;
  char share[48];
  nax_i_page_heading(r->page, "Missing data");
  if (s->missing == NULL) {
    nax_i_page_text(r->page, "No sample is missing.");
    return;
  }
  nax_i_human(share, s->total_missing, 3);
  double *v = ordered(r, s->missing, s->n_bins), tall = rows_height(n, 50.0, 220.0);
  nax_i_fig *f =
      nax_i_fig_new("missing", NAX_I_FIG_WIDE, 12 + tall + 48, "Missing samples");
  if (f == NULL || v == NULL) {
    nax_i_free(v);
    nax_i_fig_free(f);
    nax_i_page_figure(r->page, NULL);
    return;
  }
  nax_i_axes a = {.left = 58,
                  .top = 12,
                  .width = NAX_I_FIG_WIDE - 58 - 72,
                  .height = tall,
                  .boxed = 1};
  a.x = (nax_i_side){.lo = s->t0,
                     .hi = s->t1,
                     .label = s->in_time ? "Time" : "Sample",
                     .unit = s->in_time ? "s" : NULL};
  a.y = (nax_i_side){
      .lo = (double)n - 0.5, .hi = -0.5, .integers = 1, .label = r->axis_word};
  nax_i_add_image(f, &a, n, s->n_bins, v, 1, n, NAX_I_MAP_INK, 0.0, 100.0, 0);
  nax_i_axes_draw(f, &a);
  nax_index some = 0, all = 0;
  const double *gone = column(r, "missing");
  for (nax_index u = 0; u < n; u++) {
    some += gone[u] > 0.0;
    all += gone[u] >= 100.0;
  }
  nax_i_fig_caption(f,
                    "%s %% of all samples are missing (dark), in %lld of %lld %s; %lld "
                    "of them have nothing. Rows as in the overview.",
                    share, (long long)some, (long long)n, r->units_word, (long long)all);
  nax_i_rep_columns(r, f, (const char *const[]){"missing", NULL});
  nax_i_fig_desc(f, "Map of missing samples: %s percent of all.", share);
  nax_i_page_figure(r->page, f);
  nax_i_free(v);
}

/* ---------------------------------------------------------------------------------- */

nax_status
nax_i_page_traces(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_i_page *p = r->page;
  nax_index n = r->n_units;
  nax_i_page_section(p, "activity", "Activity");
  if (n == 0 || r->walk.layout.samples == 0) {
    nax_i_page_text(p, "There is nothing to draw: the variable is empty.");
    goto done;
  }
  overview(r);
  trial_overview(r);
  missing_map(r);
  nax_i_page_heading(p, "Distributions and spectrum");
  nax_i_page_histogram(p, "hist-noise", "Noise level", "Noise level \xce\xbd",
                       "% / \xe2\x88\x9aHz", n, column(r, "noise"), 0, NAN, NULL);
  nax_i_page_histogram(p, "hist-snr", "Signal to noise", "SNR", NULL, n, column(r, "snr"),
                       0, NAN, NULL);
  nax_i_page_histogram(p, "hist-events", "Event rate", "Event rate", "1/min", n,
                       column(r, "event_rate"), 0, NAN, NULL);
  nax_i_page_histogram(p, "hist-skewness", "Skewness", "Skewness", NULL, n,
                       column(r, "skewness"), 0, 0.0, NULL);
  if (r->walk.layout.kind == NAX_SIGNAL_POTENTIAL) {
    nax_i_page_histogram(p, "hist-sd", "Standard deviation", "Standard deviation",
                         r->value_unit, n, column(r, "sd"), 0, NAN, NULL);
  }
  NAX_TRY(spectrum(ctx, r));
done:
  return status;
}
