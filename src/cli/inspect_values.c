/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the values of a variable say: missing, range, dead units, silent units. Arrays are
 * read block by block, so that memory follows the block and not the recording. */
#include "inspect.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- arrays ---------------------------------------------------------------- */

typedef struct scan {
  nax_index n_rows; /* positions of axis 0 */
  nax_index *missing;
  double *first;
  char *varies;
  nax_index n, n_missing, n_inf;
  double min, max, sum;
} scan;

static void
scan_block(scan *sc, const double *x, nax_index n)
{
  for (nax_index i = 0, row = 0; i < n; i++) {
    double v = x[i];
    if (isnan(v)) {
      sc->n_missing++;
      sc->missing[row]++;
    } else if (isinf(v)) {
      sc->n_inf++;
    } else {
      sc->min = v < sc->min ? v : sc->min;
      sc->max = v > sc->max ? v : sc->max;
      sc->sum += v;
      if (isnan(sc->first[row])) {
        sc->first[row] = v;
      } else if (v < sc->first[row] || v > sc->first[row]) {
        sc->varies[row] = 1;
      }
    }
    row = row + 1 == sc->n_rows ? 0 : row + 1;
  }
  sc->n += n;
}

/* "3, 7, 12 ..." */
static char *
list_of(json_t *positions)
{
  char text[160] = "";
  size_t used = 0, n = json_array_size(positions);
  for (size_t i = 0; i < n && i < 8; i++) {
    int k = snprintf(text + used, sizeof text - used, "%s%lld", i ? ", " : "",
                     (long long)json_integer_value(json_array_get(positions, i)));
    used += k > 0 ? (size_t)k : 0;
  }
  return cli_printf("%s%s", text, n > 8 ? " ..." : "");
}

static void
report_rows(json_t *file, json_t *values, const nax_var_info *v, const scan *sc)
{
  json_t *dead = json_array(), *same = json_array();
  nax_index per_row = sc->n_rows > 0 ? sc->n / sc->n_rows : 0;
  for (nax_index i = 0; i < sc->n_rows; i++) {
    if (sc->missing[i] == per_row) {
      json_array_append_new(dead, json_integer(i));
    } else if (!sc->varies[i]) {
      json_array_append_new(same, json_integer(i));
    }
  }
  const char *axis = nax_axis_name(v->axis[0]);
  struct {
    json_t *list;
    const char *id, *what;
    nax_severity severity;
  } checks[] = {{dead, "info.all-missing", "all values missing", NAX_VIOLATION},
                {same, "info.constant", "one value throughout", NAX_SUGGESTION}};
  for (size_t k = 0; k < 2 && per_row > 1; k++) {
    size_t n = json_array_size(checks[k].list);
    if (n > 0) {
      char *which = list_of(checks[k].list);
      cli_inspect_warn(file, checks[k].severity, checks[k].id,
                       "%s: %zu of %lld along axis `%s` have %s (index %s)", v->name, n,
                       (long long)sc->n_rows, axis, checks[k].what, which);
      free(which);
    }
  }
  json_object_set_new(values, "all_missing", dead);
  json_object_set_new(values, "constant", same);
}

nax_status
cli_inspect_array(cli *c, nax_source *s, int32_t i, json_t *file, json_t *var)
{
  enum { BLOCK_BYTES = 16 << 20 };
  const nax_var_info *v = nax_source_var(s, i);
  nax_status st = NAX_OK;
  int32_t last = v->ndim - 1;
  nax_index start[NAX_MAX_NDIM] = {0}, count[NAX_MAX_NDIM], slab = 1;
  /* Units are looked at one by one where they have a course in time. */
  int by_row = 0;
  for (int32_t k = 1; k < v->ndim; k++) {
    by_row = by_row || strcmp(nax_axis_name(v->axis[k]), "time") == 0;
  }
  for (int32_t k = 0; k < v->ndim; k++) {
    count[k] = v->dim[k];
    slab *= k == last ? 1 : v->dim[k];
  }
  nax_index step = nax_source_block(s, i, last, BLOCK_BYTES);
  scan sc = {.n_rows = by_row ? v->dim[0] : 1, .min = INFINITY, .max = -INFINITY};
  sc.missing = cli_alloc((size_t)sc.n_rows, sizeof *sc.missing);
  sc.first = cli_alloc((size_t)sc.n_rows, sizeof *sc.first);
  sc.varies = cli_alloc((size_t)sc.n_rows, 1);
  for (nax_index k = 0; k < sc.n_rows; k++) {
    sc.first[k] = NAN;
  }
  double *block = cli_alloc((size_t)(slab * step), sizeof *block);
  for (nax_index t = 0; t < v->dim[last] && st == NAX_OK; t += step) {
    start[last] = t;
    count[last] = v->dim[last] - t < step ? v->dim[last] - t : step;
    st = cli_stopped()
             ? NAX_EINTERRUPT
             : nax_source_read(c->ctx, s, i, start, count, NAX_F64, block, slab * step);
    if (st == NAX_OK) {
      scan_block(&sc, block, slab * count[last]);
    }
  }
  if (st == NAX_OK) {
    json_t *values = json_object();
    nax_index good = sc.n - sc.n_missing - sc.n_inf;
    json_object_set_new(values, "missing", json_integer(sc.n_missing));
    json_object_set_new(values, "infinite", json_integer(sc.n_inf));
    json_object_set_new(values, "min", cli_json_num(sc.min));
    json_object_set_new(values, "max", cli_json_num(sc.max));
    json_object_set_new(values, "mean",
                        cli_json_num(good > 0 ? sc.sum / (double)good : (double)NAN));
    if (by_row) {
      report_rows(file, values, v, &sc);
    }
    if (sc.n_inf > 0) {
      cli_inspect_warn(file, NAX_CRITICAL, "info.infinite", "%s: %lld infinite values",
                       v->name, (long long)sc.n_inf);
    }
    json_object_set_new(var, "values", values);
  }
  free(block);
  free(sc.missing);
  free(sc.first);
  free(sc.varies);
  return st;
}

/* --- spikes ---------------------------------------------------------------- */

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

nax_status
cli_inspect_spikes(cli *c, nax_source *s, int32_t i, json_t *file, json_t *var)
{
  const char *name = nax_source_var(s, i)->name;
  nax_spikes *sp = NULL;
  nax_status st = nax_source_load_spikes(c->ctx, s, i, &sp);
  if (st != NAX_OK) {
    return st;
  }
  json_t *values = json_object();
  nax_index n_units = nax_spikes_n_units(sp), silent = 0, negative = 0, twice = 0;
  double duration = nax_spikes_duration(sp), first = INFINITY, last = -INFINITY;
  double *rate = cli_alloc((size_t)n_units, sizeof *rate);
  for (nax_index u = 0; u < n_units; u++) {
    nax_index n;
    const double *t = nax_spikes_times(sp, u, &n);
    silent += n == 0;
    rate[u] = (double)n / duration;
    for (nax_index k = 0; k < n; k++) {
      negative += t[k] < 0.0;
      twice += k > 0 && !(t[k] > t[k - 1]);
    }
    if (n > 0) {
      first = t[0] < first ? t[0] : first;
      last = t[n - 1] > last ? t[n - 1] : last;
    }
  }
  qsort(rate, (size_t)n_units, sizeof *rate, ascending);
  double median =
      n_units > 0 ? 0.5 * (rate[(n_units - 1) / 2] + rate[n_units / 2]) : (double)NAN;
  json_object_set_new(values, "n_units", json_integer(n_units));
  json_object_set_new(values, "n_spikes", json_integer(nax_spikes_n_spikes(sp)));
  json_object_set_new(values, "n_intervals", json_integer(nax_spikes_n_intervals(sp)));
  json_object_set_new(values, "duration", cli_json_num(duration));
  json_object_set_new(values, "first_spike", cli_json_num(first));
  json_object_set_new(values, "last_spike", cli_json_num(last));
  json_object_set_new(values, "silent_units", json_integer(silent));
  json_object_set_new(values, "negative_times", json_integer(negative));
  json_object_set_new(values, "equal_times", json_integer(twice));
  json_object_set_new(values, "rate_min",
                      cli_json_num(n_units > 0 ? rate[0] : (double)NAN));
  json_object_set_new(values, "rate_median", cli_json_num(median));
  json_object_set_new(values, "rate_max",
                      cli_json_num(n_units > 0 ? rate[n_units - 1] : (double)NAN));
  if (silent > 0) {
    cli_inspect_warn(file, NAX_INFO, "info.silent", "%s: %lld of %lld units never fire",
                     name, (long long)silent, (long long)n_units);
  }
  if (negative > 0) {
    cli_inspect_warn(file, NAX_VIOLATION, "info.negative-times",
                     "%s: %lld spike times are negative", name, (long long)negative);
  }
  if (twice > 0) {
    cli_inspect_warn(file, NAX_SUGGESTION, "info.equal-times",
                     "%s: %lld spikes at the same time as the one before of their unit",
                     name, (long long)twice);
  }
  json_object_set_new(var, "values", values);
  free(rate);
  nax_spikes_free(sp);
  return NAX_OK;
}

/* --- tables ---------------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
number_column(json_t *col, const double *x, nax_index n)
{
  nax_index missing = 0;
  double min = INFINITY, max = -INFINITY;
  for (nax_index i = 0; i < n; i++) {
    if (isnan(x[i])) {
      missing++;
    } else {
      min = x[i] < min ? x[i] : min;
      max = x[i] > max ? x[i] : max;
    }
  }
  json_object_set_new(col, "missing", json_integer(missing));
  json_object_set_new(col, "min", cli_json_num(min));
  json_object_set_new(col, "max", cli_json_num(max));
}

static void
text_column(json_t *col, const char *const *x, nax_index n)
{
  enum { SHOWN = 6 };
  nax_index missing = 0, distinct = 0;
  const char **sorted = cli_alloc((size_t)n, sizeof *sorted);
  json_t *shown = json_array();
  for (nax_index i = 0; i < n; i++) {
    sorted[i] = x[i];
    missing += x[i][0] == '\0';
  }
  qsort(sorted, (size_t)n, sizeof *sorted, by_text);
  for (nax_index i = 0; i < n; i++) {
    if (sorted[i][0] != '\0' && (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)) {
      if (distinct++ < SHOWN) {
        json_array_append_new(shown, cli_json_text(sorted[i]));
      }
    }
  }
  json_object_set_new(col, "missing", json_integer(missing));
  json_object_set_new(col, "distinct", json_integer(distinct));
  json_object_set_new(col, "first_distinct", shown);
  free(sorted);
}

static const double *
numbers(const nax_table *t, const char *name)
{
  return nax_table_numbers(t, nax_table_find(t, name));
}

static void
check_intervals(json_t *file, const char *name, const nax_table *t)
{
  const double *start = numbers(t, "start_time"), *stop = numbers(t, "stop_time");
  nax_index n = nax_table_n_rows(t), backwards = 0, first = -1, unordered = 0;
  start = start != NULL ? start : numbers(t, "start");
  start = start != NULL ? start : numbers(t, "time");
  stop = stop != NULL ? stop : numbers(t, "stop");
  for (nax_index i = 0; start != NULL && stop != NULL && i < n; i++) {
    if (stop[i] < start[i]) {
      first = backwards++ == 0 ? i : first;
    }
    unordered += i > 0 && start[i] < start[i - 1];
  }
  if (backwards > 0) {
    cli_inspect_warn(file, NAX_CRITICAL, "info.stop-before-start",
                     "%s: %lld rows stop before they start (first: row %lld)", name,
                     (long long)backwards, (long long)first);
  }
  if (unordered > 0) {
    cli_inspect_warn(file, NAX_SUGGESTION, "info.rows-unordered",
                     "%s: %lld rows start before the row above them", name,
                     (long long)unordered);
  }
}

nax_status
cli_inspect_table(cli *c, nax_source *s, int32_t i, json_t *file, json_t *var)
{
  const char *name = nax_source_var(s, i)->name;
  nax_table *t = NULL;
  nax_status st = nax_source_load_table(c->ctx, s, i, &t);
  if (st != NAX_OK) {
    return st;
  }
  json_t *values = json_object(), *columns = json_array();
  nax_index n = nax_table_n_rows(t);
  for (int32_t k = 0; k < nax_table_n_columns(t); k++) {
    json_t *col = json_object();
    const double *x = nax_table_numbers(t, k);
    json_object_set_new(col, "name", cli_json_text(nax_table_column_name(t, k)));
    json_object_set_new(col, "unit", cli_json_text(nax_table_column_unit(t, k)));
    json_object_set_new(col, "dtype",
                        json_string(nax_dtype_name(nax_table_column_dtype(t, k))));
    if (x != NULL) {
      number_column(col, x, n);
    } else {
      text_column(col, nax_table_text(t, k), n);
    }
    if (n > 0 && json_integer_value(json_object_get(col, "missing")) == n) {
      cli_inspect_warn(file, NAX_SUGGESTION, "info.column-empty",
                       "%s: column `%s` has no values", name,
                       nax_table_column_name(t, k));
    }
    json_array_append_new(columns, col);
  }
  json_object_set_new(values, "dimension", cli_json_text(nax_table_dim(t)));
  json_object_set_new(values, "columns", columns);
  json_object_set_new(var, "values", values);
  check_intervals(file, name, t);
  nax_table_free(t);
  return NAX_OK;
}
