/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report is about: the main variable, the tables, the trials. */
#include "dataset_page_i.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ----------------------------------------------------------------- main variable */

static nax_index
n_values(const nax_i_rep *r, int32_t i)
{
  if (r->source != NULL) {
    return nax_source_var(r->source, i)->n_values;
  }
  const char *name = nax_dataset_var_name(r->dataset, i);
  const nax_array *a = nax_dataset_array(r->dataset, name);
  return a != NULL ? nax_array_size(a) : 0;
}

static nax_var_kind
var_kind(const nax_i_rep *r, int32_t i)
{
  return r->source != NULL ? nax_source_var(r->source, i)->kind
                           : nax_dataset_var_kind(r->dataset, i);
}

static const char *
var_name(const nax_i_rep *r, int32_t i)
{
  return r->source != NULL ? nax_source_var(r->source, i)->name
                           : nax_dataset_var_name(r->dataset, i);
}

static int32_t
n_vars(const nax_i_rep *r)
{
  return r->source != NULL ? nax_source_n_vars(r->source)
                           : nax_dataset_n_vars(r->dataset);
}

/* The reader's choice; where it leaves one, spikes before the largest array. */
static int32_t
choose_main(nax_ctx *ctx, const nax_i_rep *r)
{
  if (r->source != NULL && nax_source_main(r->source) >= 0) {
    return nax_source_main(r->source);
  }
  const char *named = r->dataset != NULL ? nax_dataset_main(r->dataset) : NULL;
  int32_t best = -1;
  for (int32_t i = 0; i < n_vars(r); i++) {
    if (named != NULL && strcmp(named, var_name(r, i)) == 0) {
      return i;
    }
    if (var_kind(r, i) == NAX_VAR_TABLE) {
      continue;
    }
    int spikes = var_kind(r, i) == NAX_VAR_SPIKES;
    int best_spikes = best >= 0 && var_kind(r, best) == NAX_VAR_SPIKES;
    if (best < 0 || spikes > best_spikes ||
        (spikes == best_spikes && n_values(r, i) > n_values(r, best))) {
      best = i;
    }
  }
  if (best >= 0) {
    nax_i_warn(
        ctx, NAX_INFO, "report.main-chosen",
        "several variables could be meant; the page is about `%s` (option `var` chooses)",
        var_name(r, best));
  }
  return best;
}

static void
name_units(nax_i_rep *r)
{
  static const struct {
    const char *axis, *one, *many;
  } words[] = {
      {"neuron", "neuron", "neurons"},    {"unit", "unit", "units"},
      {"channel", "channel", "channels"}, {"roi", "ROI", "ROIs"},
      {"cell", "cell", "cells"},          {"electrode", "electrode", "electrodes"},
      {"voxel", "voxel", "voxels"},       {"component", "component", "components"},
      {"region", "region", "regions"}};
  r->unit_word = "unit";
  r->units_word = "units";
  for (size_t i = 0; r->units != NULL && i < sizeof words / sizeof words[0]; i++) {
    if (strcmp(nax_axis_name(r->units), words[i].axis) == 0) {
      r->unit_word = words[i].one;
      r->units_word = words[i].many;
    }
  }
  if (r->n_units == 1) {
    r->units_word = r->unit_word;
  }
  snprintf(r->axis_word, sizeof r->axis_word, "%c%s", r->units_word[0] & ~0x20,
           r->units_word + 1);
}

static void
open_array(nax_i_rep *r, int32_t i)
{
  nax_i_walk *w = &r->walk;
  if (r->source != NULL) {
    const nax_var_info *v = r->info;
    nax_i_layout_of(v->ndim, v->axis, v->name, v->path, v->unit, v->description,
                    &w->layout);
    nax_i_layout_integers(&w->layout, v->dtype);
    w->source = r->source;
    w->var = i;
    r->value_unit = v->unit;
  } else {
    const nax_array *a = nax_dataset_array(r->dataset, r->main_name);
    const nax_axis *axis[NAX_MAX_NDIM] = {NULL};
    for (int32_t k = 0; k < nax_array_ndim(a); k++) {
      axis[k] = nax_array_axis(a, k);
    }
    nax_i_layout_of(nax_array_ndim(a), axis, r->main_name, "", nax_array_unit(a),
                    nax_array_description(a), &w->layout);
    w->array = a;
    r->value_unit = nax_array_unit(a);
  }
  /* "none" and "n.a." are not worth an axis label. */
  r->value_unit = strcmp(w->layout.value_unit, "1") == 0 ? "" : w->layout.value_unit;
  if (r->opts.signal != NAX_SIGNAL_AUTO) {
    w->layout.kind = (nax_signal_kind)r->opts.signal;
  }
  w->bytes = (size_t)r->opts.memory << 20;
  nax_i_layout *l = &w->layout;
  r->n_units = l->units;
  r->units = l->unit >= 0 ? l->axis[l->unit] : NULL;
  r->duration = l->rate > 0.0 ? (double)l->samples / l->rate : (double)NAN;
}

/* ------------------------------------------------------------------------ tables */

static nax_status
load_tables(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  int32_t n = n_vars(r);
  NAX_TRY_ALLOC(r->table, n, sizeof *r->table);
  NAX_TRY_ALLOC(r->table_name, n, sizeof *r->table_name);
  NAX_TRY_ALLOC(r->own_table, n, sizeof *r->own_table);
  for (int32_t i = 0; i < n; i++) {
    if (var_kind(r, i) != NAX_VAR_TABLE) {
      continue;
    }
    int k = r->n_tables;
    r->table_name[k] = var_name(r, i);
    if (r->source != NULL) {
      NAX_TRY(nax_source_load_table(ctx, r->source, i, &r->own_table[k]));
      r->table[k] = r->own_table[k];
    } else {
      r->table[k] = nax_dataset_table(r->dataset, r->table_name[k]);
    }
    r->n_tables++;
  }
done:
  return status;
}

/* ------------------------------------------------------------------------ trials */

static int32_t
find_column(const nax_table *t, const char *const *names)
{
  for (; *names != NULL; names++) {
    int32_t j = nax_table_find(t, *names);
    if (j >= 0 && nax_table_numbers(t, j) != NULL) {
      return j;
    }
  }
  return -1;
}

/* Factor that turns a column into seconds. */
static double
seconds_of(const nax_table *t, int32_t j)
{
  const char *unit = nax_table_column_unit(t, j);
  return strcmp(unit, "ms") == 0 ? 1e-3 : strcmp(unit, "min") == 0 ? 60.0 : 1.0;
}

/* Text of cell i: text as it is, whole numbers without decimals. */
static void
cell_text(const nax_table *t, int32_t j, nax_index i, char buf[96])
{
  const double *x = nax_table_numbers(t, j);
  if (x == NULL) {
    snprintf(buf, 96, "%.90s", nax_table_text(t, j)[i]);
  } else if (isnan(x[i])) {
    buf[0] = '\0';
  } else {
    nax_i_format_double(buf, x[i]);
  }
}

enum { MAX_CONDITIONS = 12 };

/* Different values of a column; more than MAX_CONDITIONS, or numbers that are not whole,
 * give MAX_CONDITIONS + 1. */
static int
distinct(const nax_table *t, int32_t j, char name[MAX_CONDITIONS][96])
{
  int n = 0;
  const double *x = nax_table_numbers(t, j);
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    char text[96];
    if (x != NULL && isfinite(x[i]) && x[i] != floor(x[i])) {
      return MAX_CONDITIONS + 1;
    }
    cell_text(t, j, i, text);
    int known = text[0] == '\0';
    for (int k = 0; k < n && !known; k++) {
      known = strcmp(name[k], text) == 0;
    }
    if (!known) {
      if (n == MAX_CONDITIONS) {
        return MAX_CONDITIONS + 1;
      }
      snprintf(name[n++], 96, "%s", text);
    }
  }
  return n;
}

static int
by_name(const void *a, const void *b)
{
  const char *const *p = a, *const *q = b;
  double x, y;
  if (nax_i_parse_double(*p, *p + strlen(*p), &x) &&
      nax_i_parse_double(*q, *q + strlen(*q), &y)) {
    return (x > y) - (x < y);
  }
  return strcmp(*p, *q);
}

/* The column that most looks like a condition: text before numbers, names that labs use
 * before others; two to twelve values. */
static nax_status
find_condition(nax_ctx *ctx, nax_i_trials *k)
{
  nax_status status = NAX_OK;
  static const char *const wanted[] = {"condition", "stim", "type",     "target", "angle",
                                       "direction", "cue",  "category", "class",  NULL};
  char name[MAX_CONDITIONS][96], best_name[MAX_CONDITIONS][96];
  int best_score = 0, best_n = 0;
  k->condition = -1;
  for (int32_t j = 0; j < nax_table_n_columns(k->table); j++) {
    const char *column = nax_table_column_name(k->table, j);
    int n = distinct(k->table, j, name), score = nax_table_numbers(k->table, j) ? 1 : 2;
    if (n < 2 || n > MAX_CONDITIONS || 2 * n > k->n) {
      continue;
    }
    for (int w = 0; wanted[w] != NULL; w++) {
      score += strstr(column, wanted[w]) != NULL ? 20 - w : 0;
    }
    if (score > best_score) {
      best_score = score;
      best_n = n;
      k->condition = j;
      memcpy(best_name, name, sizeof name);
    }
  }
  if (k->condition < 0) {
    goto done;
  }
  NAX_TRY_ALLOC(k->condition_name, best_n, sizeof *k->condition_name);
  for (int c = 0; c < best_n; c++) {
    NAX_TRY_DUP(k->condition_name[c], best_name[c]);
    k->n_conditions++;
  }
  qsort(k->condition_name, (size_t)best_n, sizeof *k->condition_name, by_name);
done:
  return status;
}

static void
assign_condition(nax_i_trials *k, nax_index row, nax_index at)
{
  char text[96];
  k->row_condition[at] = -1;
  if (k->condition < 0) {
    return;
  }
  cell_text(k->table, k->condition, row, text);
  for (int c = 0; c < k->n_conditions; c++) {
    if (strcmp(text, k->condition_name[c]) == 0) {
      k->row_condition[at] = c;
    }
  }
}

static nax_status
read_trials(nax_ctx *ctx, const char *name, const nax_table *t, int32_t start,
            int32_t stop, int32_t length, nax_i_trials *k)
{
  nax_status status = NAX_OK;
  nax_index n = nax_table_n_rows(t), m = 0;
  double *d = NULL;
  k->name = name;
  k->table = t;
  k->n = n;
  k->shortest = k->median = k->longest = NAN;
  NAX_TRY_ALLOC(k->start, n, sizeof(double));
  NAX_TRY_ALLOC(k->stop, n, sizeof(double));
  NAX_TRY_ALLOC(k->row_condition, n, sizeof(int));
  NAX_TRY_ALLOC(d, n, sizeof *d);
  NAX_TRY(find_condition(ctx, k));
  k->n = 0;
  for (nax_index i = 0; i < n; i++) {
    double from = nax_table_numbers(t, start)[i] * seconds_of(t, start);
    if (!isfinite(from)) {
      continue;
    }
    double to = stop >= 0 ? nax_table_numbers(t, stop)[i] * seconds_of(t, stop)
                : length >= 0
                    ? from + nax_table_numbers(t, length)[i] * seconds_of(t, length)
                    : (double)NAN;
    assign_condition(k, i, k->n);
    k->start[k->n] = from;
    k->stop[k->n] = to;
    k->overlaps += k->n > 0 && from < k->stop[k->n - 1] - 1e-9;
    if (isfinite(to - from)) {
      d[m++] = to - from;
    }
    k->n++;
  }
  if (m > 0) {
    k->shortest = nax_i_quantile(d, m, 0.0);
    k->median = nax_i_quantile(d, m, 0.5);
    k->longest = nax_i_quantile(d, m, 1.0);
  }
done:
  nax_i_free(d);
  return status;
}

static nax_status
find_trials(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  static const char *const starts[] = {"start_time", "start", "onset",
                                       "t_start",    "begin", NULL};
  static const char *const stops[] = {"stop_time", "stop",     "offset", "t_stop",
                                      "end",       "end_time", NULL};
  static const char *const lengths[] = {"duration", "length", NULL};
  NAX_TRY_ALLOC(r->trials, r->n_tables, sizeof *r->trials);
  for (int i = 0; i < r->n_tables; i++) {
    const nax_table *t = r->table[i];
    int32_t start = find_column(t, starts);
    if (start >= 0 && nax_table_n_rows(t) > 0) {
      r->n_trials++;
      NAX_TRY(read_trials(ctx, r->table_name[i], t, start, find_column(t, stops),
                          find_column(t, lengths), &r->trials[r->n_trials - 1]));
    }
  }
done:
  return status;
}

/* -------------------------------------------------------------------------------- */

nax_status
nax_i_rep_open(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  int32_t main = choose_main(ctx, r);
  r->duration = NAN;
  r->value_unit = "";
  NAX_TRY(load_tables(ctx, r));
  NAX_TRY(find_trials(ctx, r));
  if (main >= 0 && var_kind(r, main) != NAX_VAR_TABLE) {
    r->main_name = var_name(r, main);
    r->main_kind = var_kind(r, main);
    r->info = r->source != NULL ? nax_source_var(r->source, main) : NULL;
  }
  if (r->main_kind == NAX_VAR_ARRAY) {
    open_array(r, main);
  } else if (r->main_kind == NAX_VAR_SPIKES) {
    if (r->source != NULL) {
      NAX_TRY(nax_source_load_spikes(ctx, r->source, main, &r->own_spikes));
      r->spikes = r->own_spikes;
    } else {
      r->spikes = nax_dataset_spikes(r->dataset, r->main_name);
    }
    r->n_units = nax_spikes_n_units(r->spikes);
    r->units = nax_spikes_units(r->spikes);
    r->duration = nax_spikes_duration(r->spikes);
  }
  name_units(r);
done:
  return status;
}

void
nax_i_rep_close(nax_i_rep *r)
{
  for (int i = 0; i < r->n_trials; i++) {
    nax_i_trials *k = &r->trials[i];
    nax_i_free(k->start);
    nax_i_free(k->stop);
    nax_i_free(k->row_condition);
    nax_i_free_strings(k->condition_name, k->n_conditions);
  }
  for (int i = 0; i < r->n_tables; i++) {
    nax_table_free(r->own_table[i]);
  }
  nax_i_free(r->trials);
  nax_i_free(r->table);
  nax_i_free(r->table_name);
  nax_i_free(r->own_table);
  nax_spikes_free(r->own_spikes);
  nax_table_free(r->quality);
  nax_array_free(r->survey.spectra);
  nax_i_free(r->survey.heat);
  nax_i_free(r->survey.missing);
  nax_i_free(r->survey.trial);
  nax_i_free(r->survey.pop);
  nax_i_free(r->survey.pop_t);
  nax_i_free(r->marks);
  nax_i_free(r->r);
  nax_i_free(r->order);
  nax_i_free(r->merges);
  nax_i_page_free(r->page);
}
