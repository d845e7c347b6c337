/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section on trials: how many, how long, which conditions, and what the population
 * does around their start. */
#include "dataset_page_i.h"
#include <math.h>
#include <stdio.h>

enum { MAX_LINES = 6, MAX_FIGURES = 4 };

/* --------------------------------------------------------------------------- tables */

static nax_status
summary_table(nax_ctx *ctx, const nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  int n = r->n_trials;
  double *v[7] = {NULL};
  const char **name = NULL, **condition = NULL;
  static const char *const columns[] = {"trials", "first start", "last start", "shortest",
                                        "median", "longest",     "overlaps"};
  for (int c = 0; c < 7; c++) {
    NAX_TRY_ALLOC(v[c], n, sizeof(double));
  }
  NAX_TRY_ALLOC(name, n, sizeof *name);
  NAX_TRY_ALLOC(condition, n, sizeof *condition);
  for (int i = 0; i < n; i++) {
    const nax_i_trials *k = &r->trials[i];
    double first = HUGE_VAL, last = -HUGE_VAL;
    for (nax_index j = 0; j < k->n; j++) {
      first = fmin(first, k->start[j]);
      last = fmax(last, k->start[j]);
    }
    double row[] = {(double)k->n,       first, last, k->shortest, k->median, k->longest,
                    (double)k->overlaps};
    for (int c = 0; c < 7; c++) {
      v[c][i] = k->n > 0 || c == 0 ? row[c] : (double)NAN;
    }
    name[i] = k->name;
    condition[i] = k->condition >= 0 ? nax_table_column_name(k->table, k->condition) : "";
  }
  NAX_TRY(nax_table_create(ctx, "table", n, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "table", name));
  for (int c = 0; c < 7; c++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, columns[c], c > 0 && c < 6 ? "s" : "1", v[c]));
  }
  NAX_TRY(nax_table_add_text(ctx, t, "condition column", condition));
  nax_i_page_table(r->page, "trial-tables", "Tables of intervals in the recording.", t, 0,
                   0, NULL);
done:
  for (int c = 0; c < 7; c++) {
    nax_i_free(v[c]);
  }
  nax_i_free(name);
  nax_i_free(condition);
  nax_table_free(t);
  return status;
}

static nax_status
condition_table(nax_ctx *ctx, const nax_i_rep *r, const nax_i_trials *k, int number)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *count = NULL, *length = NULL, *tmp = NULL;
  if (k->condition < 0) {
    goto done;
  }
  NAX_TRY_ALLOC(count, k->n_conditions, sizeof *count);
  NAX_TRY_ALLOC(length, k->n_conditions, sizeof *length);
  NAX_TRY_ALLOC(tmp, k->n, sizeof *tmp);
  for (int c = 0; c < k->n_conditions; c++) {
    nax_index m = 0;
    for (nax_index i = 0; i < k->n; i++) {
      if (k->row_condition[i] == c) {
        count[c] += 1.0;
        if (isfinite(k->stop[i])) {
          tmp[m++] = k->stop[i] - k->start[i];
        }
      }
    }
    length[c] = nax_i_quantile(tmp, m, 0.5);
  }
  NAX_TRY(nax_table_create(ctx, "condition", k->n_conditions, &t));
  NAX_TRY(nax_table_add_text(ctx, t, nax_table_column_name(k->table, k->condition),
                             (const char *const *)k->condition_name));
  NAX_TRY(nax_table_add_numbers(ctx, t, "number of trials", "1", count));
  NAX_TRY(nax_table_add_numbers(ctx, t, "median duration", "s", length));
  char id[48], caption[256];
  snprintf(id, sizeof id, "conditions-%d", number + 1);
  snprintf(caption, sizeof caption, "Conditions of %.100s, by its column %.100s.",
           k->name, nax_table_column_name(k->table, k->condition));
  nax_i_page_table(r->page, id, caption, t, 0, 0, NULL);
done:
  nax_i_free(count);
  nax_i_free(length);
  nax_i_free(tmp);
  nax_table_free(t);
  return status;
}

/* ------------------------------------------------------------------------- alignment */

typedef struct window {
  double before, after, width; /* seconds */
  nax_index bins;
} window;

static window
choose_window(const nax_i_trials *k)
{
  static const double nice[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0};
  window w;
  double length = isfinite(k->median) && k->median > 0.0 ? k->median : 1.0;
  length = length > 20.0 ? 20.0 : length < 0.5 ? 0.5 : length;
  w.before = length < 4.0 ? 0.5 * length : 2.0;
  w.after = 1.3 * length;
  w.width = 5.0;
  for (size_t i = 0; i < sizeof nice / sizeof nice[0]; i++) {
    if ((w.before + w.after) / nice[i] <= 120.0) {
      w.width = nice[i];
      break;
    }
  }
  w.before = ceil(w.before / w.width - 1e-9) * w.width;
  w.bins = (nax_index)ceil((w.before + w.after) / w.width - 1e-9);
  return w;
}

/* First index with t[i] >= x. */
static nax_index
lower_bound(const double *t, nax_index n, double x)
{
  nax_index lo = 0, hi = n;
  while (lo < hi) {
    nax_index mid = (lo + hi) / 2;
    if (t[mid] < x) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

static int
inside_recording(const nax_spikes *s, double a, double b)
{
  for (nax_index k = 0; k < nax_spikes_n_intervals(s); k++) {
    double start, stop;
    nax_spikes_interval(s, k, &start, &stop);
    if (a >= start - 1e-9 && b <= stop + 1e-9) {
      return 1;
    }
  }
  return 0;
}

/* What the population does around one start: rate in Hz, or the mean of the traces. NaN
 * in bins that were not recorded. */
static void
one_trial(const nax_i_rep *r, const window *w, double start, double *y)
{
  double t0 = start - w->before;
  if (r->spikes != NULL) {
    for (nax_index b = 0; b < w->bins; b++) {
      double from = t0 + (double)b * w->width;
      y[b] = inside_recording(r->spikes, from, from + w->width) ? 0.0 : (double)NAN;
    }
    double one = 1.0 / w->width / (double)r->n_units;
    for (nax_index u = 0; u < r->n_units; u++) {
      nax_index n;
      const double *t = nax_spikes_times(r->spikes, u, &n);
      for (nax_index i = lower_bound(t, n, t0); i < n; i++) {
        nax_index b = (nax_index)floor((t[i] - t0) / w->width);
        if (b >= w->bins) {
          break;
        }
        y[b] += one;
      }
    }
    return;
  }
  const nax_i_survey *s = &r->survey;
  nax_index i = lower_bound(s->pop_t, s->n_pop, t0);
  for (nax_index b = 0; b < w->bins; b++) {
    double sum = 0.0, n = 0.0, end = t0 + (double)(b + 1) * w->width;
    for (; i < s->n_pop && s->pop_t[i] < end; i++) {
      if (isfinite(s->pop[i])) {
        sum += s->pop[i];
        n += 1.0;
      }
    }
    y[b] = n > 0.0 ? sum / n : (double)NAN;
  }
}

/* Mean and standard error over trials for each line (condition). */
typedef struct psth {
  int lines;
  double *mean, *sem, *count; /* bins x lines */
} psth;

static nax_status
average(nax_ctx *ctx, const nax_i_rep *r, const nax_i_trials *k, const window *w, psth *p)
{
  nax_status status = NAX_OK;
  double *y = NULL;
  nax_index cells = w->bins * p->lines;
  NAX_TRY_ALLOC(y, w->bins, sizeof *y);
  NAX_TRY_ALLOC(p->mean, cells, sizeof(double));
  NAX_TRY_ALLOC(p->sem, cells, sizeof(double));
  NAX_TRY_ALLOC(p->count, cells, sizeof(double));
  for (nax_index i = 0; i < k->n; i++) {
    int line = p->lines > 1 ? k->row_condition[i] : 0;
    if (line < 0) {
      continue;
    }
    one_trial(r, w, k->start[i], y);
    for (nax_index b = 0; b < w->bins; b++) {
      if (isfinite(y[b])) { /* Welford */
        nax_index at = b + line * w->bins;
        p->count[at] += 1.0;
        double d = y[b] - p->mean[at];
        p->mean[at] += d / p->count[at];
        p->sem[at] += d * (y[b] - p->mean[at]);
      }
    }
  }
  for (nax_index at = 0; at < cells; at++) {
    double n = p->count[at];
    p->sem[at] = n > 1.0 ? sqrt(p->sem[at] / (n - 1.0) / n) : (double)NAN;
    p->mean[at] = n > 0.0 ? p->mean[at] : (double)NAN;
  }
done:
  nax_i_free(y);
  return status;
}

static void
draw(const nax_i_rep *r, const nax_i_trials *k, const window *w, const psth *p,
     const double *t, int number)
{
  char id[48], title[200], name[2][120];
  nax_i_column column[1 + 2 * MAX_LINES] = {{"time", "s", t}};
  char column_name[2 * MAX_LINES][120];
  nax_i_key key[MAX_LINES];
  snprintf(id, sizeof id, "psth-%d", number + 1);
  snprintf(title, sizeof title, "Around the start of %.100s", k->name);
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 270, title);
  if (f == NULL) {
    nax_i_page_figure(r->page, NULL);
    return;
  }
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_HALF, 270);
  a.x = (nax_i_side){
      .lo = -w->before, .hi = w->after, .label = "Time from start", .unit = "s"};
  a.y.label = r->spikes != NULL ? "Rate" : "Mean";
  a.y.unit = r->spikes != NULL ? "Hz" : r->value_unit;
  a.grid = 1;
  double lo, hi, most = 0.0;
  nax_i_range(w->bins * p->lines, p->mean, r->spikes != NULL, &lo, &hi);
  for (nax_index i = 0; i < w->bins * p->lines; i++) {
    most = isfinite(p->sem[i]) && p->sem[i] > most ? p->sem[i] : most;
  }
  most = most < 0.3 * (hi - lo) ? most : 0.3 * (hi - lo);
  double ends[] = {lo, hi, r->spikes != NULL ? lo : lo - most, hi + most};
  nax_i_range(4, ends, r->spikes != NULL, &a.y.lo, &a.y.hi);
  nax_i_axes_draw(f, &a);
  nax_i_style muted = {.colour = NAX_I_MUTED, .dash = 1};
  nax_i_add_vline(f, &a, 0.0, NULL, muted);
  if (isfinite(k->median) && k->median < w->after) {
    nax_i_add_vline(f, &a, k->median, "median end", muted);
  }
  for (int c = 0; c < p->lines; c++) {
    const double *mean = p->mean + c * w->bins, *sem = p->sem + c * w->bins;
    double *low = nax_i_calloc((size_t)w->bins, sizeof *low);
    double *high = nax_i_calloc((size_t)w->bins, sizeof *high);
    if (low == NULL || high == NULL) {
      f->failed = 1;
    } else {
      for (nax_index b = 0; b < w->bins; b++) {
        low[b] = mean[b] - sem[b];
        high[b] = mean[b] + sem[b];
      }
      nax_i_add_band(f, &a, w->bins, t, low, high,
                     (nax_i_style){.colour = c, .alpha = p->lines > 3 ? 0.1 : 0.2});
    }
    nax_i_free(low);
    nax_i_free(high);
    nax_i_style line = {.colour = c, .dash = c % 4};
    nax_i_add_line(f, &a, w->bins, t, mean, line);
    const char *label = p->lines > 1 ? k->condition_name[c] : "mean";
    snprintf(name[0], sizeof name[0], "%.100s", label);
    snprintf(column_name[2 * c], 120, "mean %.100s", p->lines > 1 ? label : "");
    snprintf(column_name[2 * c + 1], 120, "sem %.100s", p->lines > 1 ? label : "");
    column[1 + 2 * c] = (nax_i_column){column_name[2 * c], a.y.unit, mean};
    column[2 + 2 * c] = (nax_i_column){column_name[2 * c + 1], a.y.unit, sem};
    key[c] = (nax_i_key){label, line, 0};
  }
  if (p->lines > 1) {
    nax_i_add_legend(f, &a, p->lines, key);
    nax_i_fig_caption(f, "Lines: %s.", nax_table_column_name(k->table, k->condition));
  }
  nax_i_fig_caption(f,
                    "Mean over %s and trials in bins of %g s; band: standard error over "
                    "trials.",
                    r->units_word, w->width);
  nax_i_fig_desc(f,
                 "Population activity from %g s before to %g s after the start, %d "
                 "line(s).",
                 w->before, w->after, p->lines);
  nax_i_fig_columns(f, "bin", w->bins, column, 1 + 2 * p->lines);
  nax_i_page_figure(r->page, f);
}

static nax_status
align(nax_ctx *ctx, const nax_i_rep *r, const nax_i_trials *k, int number, int *drawn)
{
  nax_status status = NAX_OK;
  psth p = {0};
  double *t = NULL;
  int by_condition = k->n_conditions > 1 && k->n_conditions <= MAX_LINES;
  window w = choose_window(k);
  if (k->n < 2) {
    goto done;
  }
  p.lines = by_condition ? k->n_conditions : 1;
  NAX_TRY_ALLOC(t, w.bins, sizeof *t);
  for (nax_index b = 0; b < w.bins; b++) {
    t[b] = -w.before + ((double)b + 0.5) * w.width;
  }
  NAX_TRY(average(ctx, r, k, &w, &p));
  nax_index seen = 0;
  for (nax_index i = 0; i < w.bins * p.lines; i++) {
    seen += p.count[i] > 1.0;
  }
  if (2 * seen >= w.bins * p.lines) {
    draw(r, k, &w, &p, t, number);
    (*drawn)++;
  }
done:
  nax_i_free(t);
  nax_i_free(p.mean);
  nax_i_free(p.sem);
  nax_i_free(p.count);
  return status;
}

void
nax_i_rep_events(const nax_i_rep *r, nax_i_fig *f, const nax_i_axes *a)
{
  enum { MOST = 4 };
  nax_i_key key[MOST];
  int n = r->n_trials < MOST ? r->n_trials : MOST;
  for (int k = 0; k < n; k++) {
    nax_i_style style = {.colour = 1 + k, .shape = 2};
    nax_i_add_events(f, a, r->trials[k].n, r->trials[k].start, style);
    key[k] = (nax_i_key){r->trials[k].name, style, 1};
  }
  if (n > 1) {
    nax_i_add_legend(f, a, n, key);
  }
  if (n > 0) {
    nax_i_fig_caption(f, "Marks on the upper edge: starts of %s.",
                      n > 1 ? "the intervals in the tables named above them"
                            : r->trials[0].name);
  }
}

nax_status
nax_i_page_trials(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_index parts = r->main_kind == NAX_VAR_ARRAY ? r->walk.layout.parts : 1;
  nax_i_page_section(r->page, "trials", "Trials and events");
  if (parts > 1) {
    char length[64];
    nax_i_duration_text(length, r->duration);
    nax_i_page_text(r->page,
                    "The array holds %lld trials (or conditions) of %lld samples each, "
                    "%s: equal lengths.",
                    (long long)parts, (long long)r->walk.layout.samples, length);
  }
  if (r->n_trials == 0) {
    nax_i_page_text(r->page, parts > 1
                                 ? "There is no table of trials beside it."
                                 : "There is no table of trials or events with start "
                                   "times.");
    goto done;
  }
  NAX_TRY(summary_table(ctx, r));
  for (int i = 0; i < r->n_trials && i < MAX_FIGURES; i++) {
    NAX_TRY(condition_table(ctx, r, &r->trials[i], i));
  }
  int drawable = r->spikes != NULL
                     ? r->n_units > 0
                     : r->main_kind == NAX_VAR_ARRAY && parts == 1 && r->survey.in_time;
  int drawn = 0;
  for (int i = 0; i < r->n_trials && i < MAX_FIGURES && drawable; i++) {
    NAX_TRY(align(ctx, r, &r->trials[i], i, &drawn));
  }
  if (drawable && drawn == 0) {
    nax_i_page_text(r->page, "No event-related average: fewer than two trials lie within "
                             "the recording.");
  }
done:
  return status;
}
