/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of quality per unit, correlations, histograms. */
#include "dataset_page_i.h"
#include <math.h>
#include <stdio.h>

/* ------------------------------------------------------------------------ histogram */

enum { MAX_BINS = 40 };

/* Edges of about sqrt(n) bins at round numbers, or at equal ratios. */
static int
make_edges(nax_index n, double lo, double hi, int log, double edge[MAX_BINS + 1])
{
  int want = (int)sqrt((double)n);
  want = want < 8 ? 8 : want > 30 ? 30 : want;
  if (log) {
    double per = want / (log10(hi / lo) > 0.0 ? log10(hi / lo) : 1.0);
    per = per < 2.0 ? 2.0 : per > 10.0 ? 10.0 : floor(per);
    double first = floor(log10(lo) * per), last = floor(log10(hi) * per) + 1.0;
    int bins = (int)(last - first);
    bins = bins > MAX_BINS ? MAX_BINS : bins;
    for (int b = 0; b <= bins; b++) {
      edge[b] = pow(10.0, (first + b * (last - first) / bins) / per);
    }
    return bins;
  }
  double tick[16], step;
  nax_i_ticks(lo, hi, 0, want > 16 ? 16 : want, 0, tick, &step);
  step = step > 0.0 ? step : 1.0;
  while ((hi - lo) / step < 0.9 * (double)want) { /* the next finer 1, 2, 5 */
    double lead = step / pow(10.0, floor(log10(step) + 1e-9));
    step /= fabs(lead - 5.0) < 0.1 ? 2.5 : 2.0;
  }
  double first = floor(lo / step), last = floor(hi / step) + 1.0;
  int bins = last - first > MAX_BINS ? MAX_BINS : (int)(last - first);
  for (int b = 0; b <= bins; b++) {
    edge[b] = (first + b * (last - first) / bins) * step;
  }
  return bins;
}

void
nax_i_page_histogram(nax_i_page *p, const char *id, const char *title, const char *label,
                     const char *unit, nax_index n, const double *values, int log,
                     double mark, const char *mark_label)
{
  double lo = HUGE_VAL, hi = -HUGE_VAL, edge[MAX_BINS + 1], count[MAX_BINS] = {0},
         top = 0.0;
  nax_index m = 0, zeros = 0;
  for (nax_index i = 0; values != NULL && i < n; i++) {
    if (!isfinite(values[i])) {
      continue;
    }
    if (log && values[i] <= 0.0) {
      zeros++;
      continue;
    }
    lo = values[i] < lo ? values[i] : lo;
    hi = values[i] > hi ? values[i] : hi;
    m++;
  }
  if (m < 2) {
    return;
  }
  if (!(hi > lo)) {
    hi = lo + (lo != 0.0 ? 0.1 * fabs(lo) : 1.0);
  }
  int bins = make_edges(m, lo, hi, log, edge);
  double *sorted = nax_i_calloc((size_t)m, sizeof *sorted);
  nax_index k = 0;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(values[i]) && !(log && values[i] <= 0.0)) {
      int b = 0;
      while (b + 1 < bins && values[i] >= edge[b + 1]) {
        b++;
      }
      count[b] += 1.0;
      top = count[b] > top ? count[b] : top;
      if (sorted != NULL) {
        sorted[k++] = values[i];
      }
    }
  }
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 250, title);
  if (f == NULL || sorted == NULL) {
    nax_i_fig_free(f);
    nax_i_free(sorted);
    nax_i_page_figure(p, NULL);
    return;
  }
  double median = nax_i_quantile(sorted, m, 0.5);
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_HALF, 250);
  a.x = (nax_i_side){
      .lo = edge[0], .hi = edge[bins], .label = label, .unit = unit, .log = log};
  a.y = (nax_i_side){.hi = top * 1.12, .label = "Number", .integers = 1};
  a.grid = 1;
  nax_i_axes_draw(f, &a);
  nax_i_add_bars(f, &a, bins, edge, count, 0.0, 0.08, (nax_i_style){.colour = 0});
  nax_i_add_vline(f, &a, median, "median", (nax_i_style){.colour = 1, .dash = 1});
  if (isfinite(mark)) {
    nax_i_add_vline(f, &a, mark, mark_label,
                    (nax_i_style){.colour = NAX_I_MUTED, .dash = 2});
  }
  char text[3][48];
  const char *shown = unit != NULL && strcmp(unit, "1") != 0 ? unit : "";
  nax_i_human(text[0], median, 4);
  nax_i_human(text[1], lo, 4);
  nax_i_human(text[2], nax_i_quantile(sorted, m, 1.0), 4);
  nax_i_fig_caption(f, "Median %s%s%s, from %s to %s, n = %lld.", text[0],
                    shown[0] ? " " : "", shown, text[1], text[2], (long long)m);
  if (zeros > 0) {
    nax_i_fig_caption(f, "%lld at 0 are not shown.", (long long)zeros);
  }
  nax_i_fig_desc(f, "Histogram of %s: median %s, from %s to %s, %lld values.", label,
                 text[0], text[1], text[2], (long long)m);
  nax_i_fig_columns(f, "bin", bins,
                    (nax_i_column[]){{"from", unit, edge},
                                     {"to", unit, edge + 1},
                                     {"number", "1", count}},
                    3);
  nax_i_page_figure(p, f);
  nax_i_free(sorted);
}

/* -------------------------------------------------------------------------- quality */

/* Grade of a row from the words of its flag. */
static int
grade(const char *flag)
{
  if (strstr(flag, "missing") || strstr(flag, "dead") || strstr(flag, "constant") ||
      strstr(flag, "silent")) {
    return NAX_CRITICAL;
  }
  if (strstr(flag, "duplicate") || strstr(flag, "contaminated") || strstr(flag, "f0")) {
    return NAX_VIOLATION;
  }
  return flag[0] != '\0' ? NAX_SUGGESTION : 0;
}

static void
explain_spikes(const nax_i_rep *r)
{
  const nax_quality_opts *o = &r->quality_opts;
  nax_i_page *p = r->page;
  nax_i_page_fact(p, "hill",
                  "intervals below %g ms (hill_n) over what a contaminant firing at the "
                  "%s's own rate would give (Hill et al. 2011); may exceed 1",
                  1000.0 * o->isi_threshold, r->unit_word);
  nax_i_page_fact(
      p, "llobet",
      "share of foreign spikes, from the pairs (llobet_n) within %g ms (Llobet et al. "
      "2022); above 0.1 is flagged. The two differ by definition: compare units by one "
      "of them",
      1000.0 * o->refractory);
  nax_i_page_fact(p, "presence",
                  "share of whole %g s bins with a spike; below 0.9 is flagged",
                  o->presence_bin);
  nax_i_page_fact(p, "cv, cv2, lv, lvr",
                  "irregularity of intervals, 1 for a Poisson train; lvr with a "
                  "refractoriness constant of %g ms",
                  1000.0 * o->lvr_refractory);
  nax_i_page_fact(p, "fano", "variance (divided by n%s) over mean of counts in %g s",
                  o->fano_ddof ? " \xe2\x88\x92 1" : "", o->fano_window);
  nax_i_page_fact(p, "burst",
                  "peak of the autocorrelogram within 10 ms against its level at 40 to "
                  "50 ms, \xe2\x88\x92"
                  "1 to 1 (Royer et al. 2012)");
  nax_i_page_fact(p, "firing_range", "5th to 95th percentile of the rate in %g s bins",
                  o->range_bin);
}

static void
explain_traces(const nax_i_rep *r)
{
  const nax_quality_opts *o = &r->quality_opts;
  nax_i_page *p = r->page;
  static const char *const kind[] = {"",
                                     "",
                                     "dF/F",
                                     "fluorescence",
                                     "inferred activity",
                                     "a potential",
                                     "counts",
                                     "of unknown kind, measured as dF/F is"};
  int k = (int)r->walk.layout.kind;
  nax_i_page_fact(p, "values", "taken to be %s; option `signal` says otherwise", kind[k]);
  if (k == NAX_SIGNAL_INFERRED || k == NAX_SIGNAL_COUNTS) {
    nax_i_page_fact(p, "event_rate", "samples above 0");
  } else {
    nax_i_page_fact(p, "noise",
                    "\xce\xbd = 100 \xc3\x97 median |x(t+1) \xe2\x88\x92 x(t)| / "
                    "\xe2\x88\x9arate%s",
                    k == NAX_SIGNAL_FLUORESCENCE ? ", relative to the baseline" : "");
    nax_i_page_fact(p, "baseline",
                    "median over windows of %g s of their percentile %g; drift is its "
                    "slope",
                    o->baseline_window, o->baseline_percentile);
    nax_i_page_fact(p, "snr",
                    "99th percentile above baseline over 1.4826 MAD; event_rate: rises "
                    "above %g of those",
                    o->event_threshold);
  }
  nax_i_page_fact(p, "nearest",
                  "largest correlation with another %s; above %g is called a duplicate",
                  r->unit_word, o->duplicate);
  nax_i_page_fact(p, "saturated",
                  "share of samples at the maximum; above 1 %% is flagged");
}

nax_status
nax_i_page_quality(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_index n = r->n_units;
  (void)ctx;
  nax_i_page_section(r->page, "quality", "Quality of each unit");
  if (r->n_flagged == 0) {
    nax_i_page_text(r->page,
                    n == 1 ? "Nothing is suspicious about it."
                           : "None of the %lld %s is suspicious.",
                    (long long)n, r->units_word);
  } else {
    nax_i_page_text(r->page, "%lld of %lld %s %s flagged (coloured edge, last column).",
                    (long long)r->n_flagged, (long long)n, r->units_word,
                    r->n_flagged == 1 ? "is" : "are");
  }
  if (r->spikes != NULL) {
    explain_spikes(r);
  } else {
    explain_traces(r);
  }
  nax_i_page_table(r->page, "quality-table",
                   "One row per unit. A click on a column sorts by it.", r->quality, 1, 0,
                   r->marks);
  return status;
}

/* --------------------------------------------------------------------- correlations */

static nax_table *
matrix_table(const nax_i_rep *r, const double *v, int *failed)
{
  nax_table *t = NULL;
  nax_index n = r->n_units;
  char name[256];
  if (n > 200) {
    return NULL;
  }
  if (nax_table_create(NULL, "unit", n, &t) != NAX_OK) {
    *failed = 1;
    return NULL;
  }
  for (nax_index j = 0; j < n; j++) {
    nax_i_unit_name(r->units, r->order[j], name, sizeof name);
    nax_status s = nax_table_add_numbers(NULL, t, name, "1", v + j * n);
    if (s != NAX_OK) { /* two units of one name: no table */
      *failed = *failed || s == NAX_ENOMEM;
      nax_table_free(t);
      return NULL;
    }
  }
  return t;
}

static void
matrix(nax_i_rep *r, const double *v)
{
  nax_index n = r->n_units;
  double limit = 0.0, unused = 0.0, side = 280.0;
  nax_index m = 0;
  double *off = nax_i_calloc((size_t)(n * n), sizeof *off);
  for (nax_index i = 0; off != NULL && i < n * n; i++) {
    if (i % n != i / n) {
      off[m++] = v[i];
    }
  }
  nax_i_fig *f = nax_i_fig_new("correlation-matrix", NAX_I_FIG_HALF, side + 60,
                               "Correlations between units");
  if (f == NULL || off == NULL) {
    nax_i_free(off);
    nax_i_fig_free(f);
    nax_i_page_figure(r->page, NULL);
    return;
  }
  f->failed = f->failed || !nax_i_colour_limits(m, off, 0.5, 1, &unused, &limit);
  limit = limit > 1.0 ? 1.0 : limit < 0.05 ? 0.05 : limit;
  nax_i_axes a = {.left = 66, .top = 10, .width = side, .height = side, .boxed = 1};
  a.x = (nax_i_side){.lo = -0.5,
                     .hi = (double)n - 0.5,
                     .integers = 1,
                     .label = r->merges != NULL ? "Units, clustered" : "Units"};
  a.y = (nax_i_side){.lo = (double)n - 0.5, .hi = -0.5, .integers = 1, .no_ticks = 1};
  nax_i_add_image(f, &a, n, n, v, 1, n, NAX_I_MAP_DIVERGING, -limit, limit, 180000);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, -limit, limit, "Correlation", NULL);
  if (r->merges != NULL && n <= 1500) {
    nax_i_add_dendrogram(f, 2, a.top, 58, side, n, r->merges, r->order,
                         (nax_i_style){.colour = NAX_I_MUTED});
  }
  if (r->spikes != NULL) {
    nax_i_fig_caption(f, "Pearson, of counts in bins of %g s.", r->correlation_bin);
  } else {
    nax_index length = r->walk.layout.parts * r->walk.layout.samples;
    nax_i_fig_caption(
        f, "Pearson, over %lld samples%s.",
        (long long)(length < NAX_I_CORRELATION_SAMPLES ? length
                                                       : NAX_I_CORRELATION_SAMPLES),
        length > NAX_I_CORRELATION_SAMPLES ? " at most, evenly spaced" : "");
  }
  if (r->merges != NULL) {
    nax_i_fig_caption(f, "Order and tree: average linkage on 1 \xe2\x88\x92 r.");
  }
  nax_i_fig_desc(f, "Matrix of correlations between %lld units.", (long long)n);
  nax_i_fig_numbers(f, matrix_table(r, v, &f->failed));
  nax_i_page_figure(r->page, f);
  nax_i_free(off);
}

nax_status
nax_i_page_correlations(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_index n = r->n_units, m = 0;
  double *v = NULL;
  if (n < 2) {
    goto done;
  }
  nax_i_page_section(r->page, "correlations", "Correlations");
  if (r->r == NULL) {
    nax_i_page_text(r->page,
                    n > NAX_I_MAX_CORRELATED
                        ? "Left out: there are more than %d units."
                        : "Left out: there are fewer than %d bins or samples.",
                    n > NAX_I_MAX_CORRELATED ? NAX_I_MAX_CORRELATED : 10);
    goto done;
  }
  NAX_TRY_ALLOC(v, n * n, sizeof *v);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; j < n; j++) {
      v[i + j * n] = r->r[r->order[i] + r->order[j] * n];
    }
  }
  matrix(r, v);
  for (nax_index j = 0; j < n; j++) { /* the upper triangle moves to the front */
    for (nax_index i = 0; i < j; i++) {
      v[m++] = r->r[i + j * n];
    }
  }
  nax_i_page_histogram(r->page, "hist-correlation", "Pairwise correlations",
                       "Correlation", NULL, m, v, 0, 0.0, NULL);
done:
  nax_i_free(v);
  return status;
}

void
nax_i_rep_columns(const nax_i_rep *r, nax_i_fig *f, const char *const *names)
{
  nax_table *t = NULL;
  int bad = nax_table_create(NULL, "unit", r->n_units, &t) != NAX_OK ||
            nax_table_add_text(NULL, t, "unit", nax_table_text(r->quality, 0)) != NAX_OK;
  for (; *names != NULL && !bad; names++) {
    int32_t j = nax_table_find(r->quality, *names);
    bad = nax_table_add_numbers(NULL, t, *names, nax_table_column_unit(r->quality, j),
                                nax_table_numbers(r->quality, j)) != NAX_OK;
  }
  f->failed = f->failed || bad;
  nax_i_fig_numbers(f, t);
}

void
nax_i_rep_grade(nax_i_rep *r)
{
  int32_t j = nax_table_find(r->quality, "flag");
  for (nax_index u = 0; u < r->n_units; u++) {
    r->marks[u] = grade(nax_table_text(r->quality, j)[u]);
    r->n_flagged += r->marks[u] > 0;
  }
}
