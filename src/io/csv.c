/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text tables as recordings: series in columns (or rows), spike lists, event tables. */
#include "spikes_io_i.h"
#include "text_i.h"
#include <math.h>
#include <stdlib.h>

typedef struct state {
  nax_i_text text;
  /* a series: which column is the time, and which of the others are data */
  nax_index *column; /* positions of the data columns */
  nax_index n_columns;
  int32_t order[NAX_MAX_NDIM];
  /* spikes: the columns, and the units in the order of the axis */
  nax_index unit_column, time_column; /* -1: none */
  double time_scale;
  int32_t *unit_of_row;
  double *times;
  nax_axis *units;
  nax_index *first_row; /* of each unit */
} state;

static int
csv_probe(const nax_i_probe *p)
{
  static const char *const names[] = {"csv", "tsv", "txt", "tab"};
  if (p->is_dir) {
    return 0;
  }
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (nax_i_has_ext(p->path, names[i])) {
      return 5; /* whatever knows the content better goes first */
    }
  }
  return nax_i_text_looks(p->head, p->n_head) ? 3 : 0;
}

/* ------------------------------------------------------------ what columns are called */

/* Does `name` mean one of `words`, perhaps with a unit behind it: "time", "Time (ms)",
 * "t_us", "spike_times[s]"? The unit's length in seconds goes to *scale (1 without one).
 */
static int
means(const char *name, const char *const *words, double *scale)
{
  static const struct {
    const char *text;
    double scale;
  } units[] = {{"", 1},
               {"s", 1},
               {"sec", 1},
               {"secs", 1},
               {"second", 1},
               {"seconds", 1},
               {"ms", 1e-3},
               {"msec", 1e-3},
               {"us", 1e-6},
               {"usec", 1e-6},
               {"\xc2\xb5s", 1e-6},
               {"\xce\xbcs", 1e-6},
               {"ns", 1e-9},
               {"min", 60},
               {"minutes", 60},
               {"milliseconds", 1e-3},
               {"microseconds", 1e-6}};
  char lower[64];
  size_t n = strlen(name);
  if (n == 0 || n >= sizeof lower) {
    return 0;
  }
  for (size_t i = 0; i <= n; i++) {
    lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
  }
  for (; *words != NULL; words++) {
    size_t k = strlen(*words);
    if (strncmp(lower, *words, k) != 0) {
      continue;
    }
    char *p = lower + k, *end = lower + n;
    int apart = *p == '\0' || strchr(" _-([.", *p) != NULL;
    while (*p != '\0' && strchr(" _-([.", *p) != NULL) {
      p++;
    }
    while (end > p && strchr(" )]", end[-1]) != NULL) {
      *--end = '\0';
    }
    for (size_t i = 0; apart && i < sizeof units / sizeof units[0]; i++) {
      if (strcmp(p, units[i].text) == 0) {
        *scale = units[i].scale;
        return 1;
      }
    }
  }
  return 0;
}

static const char *const time_words[] = {"t",          "time",       "times", "timestamp",
                                         "timestamps", "time_stamp", NULL};
static const char *const spike_words[] = {
    "t",          "time",        "times",     "timestamp",  "timestamps",
    "spike_time", "spike_times", "spiketime", "spiketimes", NULL};
static const char *const unit_words[] = {"unit",     "units",      "unit_id", "cluster",
                                         "clusters", "cluster_id", "neuron",  "neuron_id",
                                         "cell",     "cell_id",    "id",      NULL};
static const char *const start_words[] = {"start", "start_time", "onset", "begin", NULL};
static const char *const stop_words[] = {"stop",   "stop_time", "end",
                                         "offset", "duration",  NULL};
static const char *const label_words[] = {"neuron", "neuron_id", "cell", "cell_id", "roi",
                                          "roi_id", "unit",      "id",   "name",    NULL};

static nax_index
find_column(const nax_i_text *t, const char *const *words, double *scale)
{
  for (nax_index c = 0; c < t->n_cols && t->header != NULL; c++) {
    if (means(t->header[c], words, scale)) {
      return c;
    }
  }
  return -1;
}

static int
is_text(const nax_i_text *t, nax_index c)
{
  return t->dict != NULL && t->dict[c] != NULL;
}

static nax_index
first_text(const nax_i_text *t)
{
  for (nax_index c = 0; c < t->n_cols && t->dict != NULL; c++) {
    if (t->dict[c] != NULL) {
      return c;
    }
  }
  return -1;
}

static double
cell(const nax_i_text *t, nax_index row, nax_index col)
{
  return t->cells[row * t->n_cols + col];
}

/* -------------------------------------------------------------------------- a series */

/* Column 0 without a name that counts 0, 1, 2 ... is the index that data frames write. */
static int
is_frame_index(const nax_i_text *t)
{
  int yes =
      t->header != NULL && t->header[0][0] == '\0' && t->n_cols > 1 && !is_text(t, 0);
  for (nax_index i = 0; i < t->n_rows && yes; i++) {
    yes = cell(t, i, 0) == (double)i;
  }
  return yes;
}

static nax_status
time_axis(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  double *times = NULL;
  nax_index c = st->time_column;
  if (c < 0) {
    return nax_i_var_unrated_time(ctx, s, v, k, t->n_rows);
  }
  NAX_TRY_ALLOC(times, t->n_rows, sizeof *times);
  for (nax_index i = 0; i < t->n_rows; i++) {
    times[i] = cell(t, i, c) * st->time_scale;
    NAX_REQUIRE_FILE(isfinite(times[i]), NAX_EDATA, s->path,
                     "row %lld, column %lld: time is missing (expected a number of "
                     "seconds)",
                     (long long)t->line[i], (long long)c + 1);
    NAX_REQUIRE_FILE(i == 0 || times[i] > times[i - 1], NAX_EDATA, s->path,
                     "row %lld, column %lld: time does not ascend (found %.9g s after "
                     "%.9g s)",
                     (long long)t->line[i], (long long)c + 1, times[i], times[i - 1]);
  }
  NAX_TRY(nax_i_var_timestamps(ctx, s, v, k, t->n_rows, times));
done:
  nax_i_free(times);
  return status;
}

/* Labels of the columns from the header, of the rows from a column of text or ids. */
static nax_status
label_axis(nax_ctx *ctx, nax_source *s, const char *name, int of_rows,
           nax_index label_column, nax_axis **out)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  nax_index n = of_rows ? t->n_rows : st->n_columns;
  const char **label = NULL;
  char **own = NULL;
  if ((of_rows && label_column < 0) || (!of_rows && t->header == NULL)) {
    return nax_axis_create_index(ctx, name, n, out);
  }
  NAX_TRY_ALLOC(label, n, sizeof *label);
  NAX_TRY_ALLOC(own, n, sizeof *own);
  for (nax_index i = 0; i < n; i++) {
    if (!of_rows) {
      label[i] = t->header[st->column[i]];
      continue;
    }
    double x = cell(t, i, label_column);
    char number[32];
    nax_i_format_double(number, x);
    const char *text = isnan(x) ? ""
                       : is_text(t, label_column)
                           ? nax_i_dict_text(t->dict[label_column], (int32_t)x)
                           : number;
    NAX_TRY_DUP(own[i], text);
    nax_i_clean_utf8(own[i]);
    label[i] = own[i];
  }
  NAX_TRY(nax_axis_create_labels(ctx, name, n, label, out));
done:
  nax_i_free(label);
  nax_i_free_strings(own, n);
  return status;
}

static nax_status
plan_series(nax_ctx *ctx, nax_source *s, const char *name[], int32_t *order, char *text)
{
  state *st = s->state;
  const nax_i_text *t = &st->text;
  int neurons = s->opts.rows != NULL && strcmp(s->opts.rows, "neuron") == 0;
  const char *const usual[] = {neurons ? "neuron" : "time", neurons ? "time" : "neuron"};
  if (s->opts.rows == NULL && s->opts.axes == NULL) {
    if (t->header == NULL && t->n_cols > t->n_rows) {
      nax_i_warn(ctx, NAX_CRITICAL, "io.rows-assumed",
                 "%lld rows and %lld columns without a header: rows are taken as time "
                 "points (give option `rows` as neuron if each row is one)",
                 (long long)t->n_rows, (long long)t->n_cols);
    } else if (st->time_column < 0) {
      nax_i_warn(
          ctx, NAX_INFO, "io.rows-assumed",
          "rows are taken as time points (give option `rows` as neuron if each row is one)");
    }
  }
  return nax_i_plan_axes(ctx, s, s->opts.axes != NULL, 2, usual, text, name, order);
}

static int
looks_like_spike_times(const nax_i_text *t)
{
  int ascending = t->header == NULL && t->n_cols == 1 && t->n_rows > 2;
  for (nax_index i = 1; i < t->n_rows && ascending; i++) {
    ascending = t->cells[i] > t->cells[i - 1];
  }
  return ascending;
}

static nax_status
open_series(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  const char *name[NAX_MAX_NDIM];
  char text[256];
  double scale;
  nax_index label_column = -1;
  int frame_index = is_frame_index(t);
  st->time_column = find_column(t, time_words, &st->time_scale);
  if (st->time_column >= 0 && is_text(t, st->time_column)) {
    st->time_column = -1;
  }
  NAX_TRY(plan_series(ctx, s, name, st->order, text));
  int rows_are_time = strcmp(name[0], "time") == 0;
  if (!rows_are_time) {
    st->time_column = -1;
    label_column = is_text(t, 0)                                           ? 0
                   : t->header && means(t->header[0], label_words, &scale) ? 0
                                                                           : -1;
  }
  NAX_TRY_ALLOC(st->column, t->n_cols, sizeof *st->column);
  for (nax_index c = 0; c < t->n_cols; c++) {
    if (c == st->time_column || c == label_column || (c == 0 && frame_index)) {
      continue;
    }
    NAX_REQUIRE_FILE(!is_text(t, c), NAX_EFORMAT, s->path,
                     "row %lld, column %lld: text in a series (found `%.40s`, expected a "
                     "number)",
                     (long long)t->line[0], (long long)c + 1,
                     nax_i_dict_text(t->dict[c], 0));
    st->column[st->n_columns++] = c;
  }
  NAX_REQUIRE_FILE(st->n_columns > 0, NAX_EFORMAT, s->path,
                   "has no data column (found %lld column(s), expected one beside the "
                   "time)",
                   (long long)t->n_cols);
  if (looks_like_spike_times(t)) {
    nax_i_warn(
        ctx, NAX_SUGGESTION, "io.spike-times",
        "one column of ascending numbers is read as a series (give option `rows` as spike if "
        "these are spike times in seconds)");
  }
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, "data");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->file_dtype, "text"), NAX_ENOMEM,
              "out of memory");
  for (int32_t k = 0; k < 2; k++) {
    int32_t f = st->order[k];
    const char *axis = name[f];
    if (f == 0 && strcmp(axis, "time") == 0) {
      NAX_TRY(time_axis(ctx, s, v, k));
    } else if (strcmp(axis, "time") == 0) {
      NAX_TRY(nax_i_var_unrated_time(ctx, s, v, k, st->n_columns));
    } else {
      NAX_TRY(label_axis(ctx, s, axis, f == 0, label_column, &v->axis[k]));
    }
  }
  v->info.ndim = 2;
done:
  return status;
}

static nax_status
csv_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
         const nax_index *count, nax_dtype dtype, void *dst)
{
  const state *st = s->state;
  const nax_i_text *t = &st->text;
  int turned = st->order[0] == 0; /* our first axis runs along rows */
  (void)ctx;
  (void)v;
  for (nax_index j = 0; j < count[1]; j++) {
    for (nax_index i = 0; i < count[0]; i++) {
      nax_index a = start[0] + i, b = start[1] + j;
      double x = cell(t, turned ? a : b, st->column[turned ? b : a]);
      if (dtype == NAX_F64) {
        ((double *)dst)[i + j * count[0]] = x;
      } else {
        ((float *)dst)[i + j * count[0]] = (float)x;
      }
    }
  }
  return NAX_OK;
}

/* ---------------------------------------------------------------------------- spikes */

typedef struct unit {
  double number;
  const char *text; /* NULL: number */
  int32_t id;       /* of the dictionary */
  nax_index row;    /* where it appears first */
} unit;

static int
by_unit(const void *a, const void *b)
{
  const unit *x = a, *y = b;
  if (x->text != NULL) {
    return strcmp(x->text, y->text);
  }
  return (x->number > y->number) - (x->number < y->number);
}

/* The units in order, from the unit column (or one without a name when there is none),
 * and the position of each row's unit among them. */
static nax_status
find_units(nax_ctx *ctx, nax_source *s, unit **units, nax_index *n)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  nax_index c = st->unit_column, cap = 0;
  int32_t *place = NULL;
  *units = NULL;
  *n = 0;
  NAX_TRY_ALLOC(st->unit_of_row, t->n_rows, sizeof *st->unit_of_row);
  if (c < 0) {
    NAX_TRY_ALLOC(*units, 1, sizeof **units);
    **units = (unit){.text = "1"};
    *n = 1;
    goto done;
  }
  if (is_text(t, c)) {
    *n = t->dict[c]->n;
    NAX_TRY_ALLOC(*units, *n, sizeof **units);
    for (nax_index i = t->n_rows - 1; i >= 0; i--) {
      int32_t id = (int32_t)cell(t, i, c);
      (*units)[id] = (unit){0, nax_i_dict_text(t->dict[c], id), id, i};
    }
  } else {
    /* Sorted rows, then each number once. */
    unit *all = nax_i_calloc((size_t)t->n_rows, sizeof *all);
    NAX_REQUIRE(all != NULL, NAX_ENOMEM, "out of memory");
    *units = all;
    for (nax_index i = 0; i < t->n_rows; i++) {
      all[i] = (unit){cell(t, i, c), NULL, 0, i};
    }
    qsort(all, (size_t)t->n_rows, sizeof *all, by_unit);
    for (nax_index i = 0; i < t->n_rows; i++) {
      if (cap == 0 || all[i].number != all[cap - 1].number) {
        all[cap++] = all[i];
      } else if (all[i].row < all[cap - 1].row) {
        all[cap - 1].row = all[i].row;
      }
    }
    *n = cap;
  }
  qsort(*units, (size_t)*n, sizeof **units, by_unit);
  if (is_text(t, c)) {
    NAX_TRY_ALLOC(place, *n, sizeof *place);
    for (nax_index u = 0; u < *n; u++) {
      place[(*units)[u].id] = (int32_t)u;
    }
  }
  for (nax_index i = 0; i < t->n_rows; i++) {
    double x = cell(t, i, c);
    if (place != NULL) {
      st->unit_of_row[i] = place[(int32_t)x];
      continue;
    }
    nax_index low = 0, high = *n - 1;
    while (low < high) {
      nax_index mid = (low + high) / 2;
      if ((*units)[mid].number < x) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    st->unit_of_row[i] = (int32_t)low;
  }
done:
  nax_i_free(place);
  return status;
}

static nax_status
unit_axis(nax_ctx *ctx, state *st, const unit *units, nax_index n)
{
  nax_status status = NAX_OK;
  const char **label = NULL;
  double *number = NULL;
  char **own = NULL;
  if (st->unit_column >= 0 && units[0].text == NULL) {
    NAX_TRY_ALLOC(number, n, sizeof *number);
    for (nax_index u = 0; u < n; u++) {
      number[u] = units[u].number;
    }
    NAX_TRY(nax_axis_create_coords(ctx, "unit", "", n, number, &st->units));
  } else {
    NAX_TRY_ALLOC(label, n, sizeof *label);
    NAX_TRY_ALLOC(own, n, sizeof *own);
    for (nax_index u = 0; u < n; u++) {
      NAX_TRY_DUP(own[u], units[u].text);
      nax_i_clean_utf8(own[u]);
      label[u] = own[u];
    }
    NAX_TRY(nax_axis_create_labels(ctx, "unit", n, label, &st->units));
  }
done:
  nax_i_free(number);
  nax_i_free(label);
  nax_i_free_strings(own, n);
  return status;
}

static nax_status
read_times(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  nax_index c = st->time_column, negative = 0;
  double scale = isnan(s->opts.rate) ? st->time_scale : 1.0 / s->opts.rate;
  NAX_TRY_ALLOC(st->times, t->n_rows, sizeof *st->times);
  for (nax_index i = 0; i < t->n_rows; i++) {
    double x = cell(t, i, c);
    NAX_REQUIRE_FILE(isfinite(x), NAX_EDATA, s->path,
                     "row %lld, column %lld: spike time is missing (expected a number)",
                     (long long)t->line[i], (long long)c + 1);
    NAX_REQUIRE_FILE(st->unit_column < 0 || isfinite(cell(t, i, st->unit_column)),
                     NAX_EDATA, s->path,
                     "row %lld, column %lld: the unit of a spike is missing",
                     (long long)t->line[i], (long long)st->unit_column + 1);
    st->times[i] = scale == 1.0 ? x : x * scale;
    negative += x < 0.0;
  }
  if (!isnan(s->opts.rate)) {
    nax_i_warn(ctx, NAX_INFO, "io.rate-overridden",
               "spike times are counted in samples of %g Hz as given", s->opts.rate);
  }
  if (negative > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "spikes.negative", "%lld spike times are negative",
               (long long)negative);
  }
done:
  return status;
}

/* Columns beside unit and time: facts of the units where they never differ within one. */
static int
is_fact(const state *st, nax_index c)
{
  const nax_i_text *t = &st->text;
  for (nax_index i = 0; i < t->n_rows; i++) {
    double x = cell(t, i, c), first = cell(t, st->first_row[st->unit_of_row[i]], c);
    if (x != first && !(isnan(x) && isnan(first))) {
      return 0;
    }
  }
  return 1;
}

static nax_status
open_spikes(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  unit *units = NULL;
  nax_index n = 0, facts = 0, others = 0;
  NAX_TRY(read_times(ctx, s));
  NAX_TRY(find_units(ctx, s, &units, &n));
  NAX_TRY(unit_axis(ctx, st, units, n));
  NAX_TRY_ALLOC(st->first_row, n, sizeof *st->first_row);
  for (nax_index u = 0; u < n; u++) {
    st->first_row[u] = units[u].row;
  }
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_SPIKES, "spikes");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->unit, "s") &&
                  nax_i_var_text(&v->file_dtype, "text"),
              NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_axis_copy(ctx, st->units, &v->axis[0]));
  v->info.ndim = 1;
  v->info.dim[0] = n;
  v->info.n_values = t->n_rows;
  for (nax_index i = 0; i < t->n_rows; i++) {
    double x = st->times[i];
    v->info.t_start = i == 0 || x < v->info.t_start ? x : v->info.t_start;
    v->info.t_stop = i == 0 || x > v->info.t_stop ? x : v->info.t_stop;
  }
  for (nax_index c = 0; c < t->n_cols; c++) {
    if (c != st->unit_column && c != st->time_column) {
      int fact = is_fact(st, c);
      facts += fact;
      others += !fact;
    }
  }
  if (facts > 0) {
    v = nax_i_source_add(s, NAX_VAR_TABLE, "units");
    NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
    v->info.ndim = 2;
    v->info.dim[0] = n;
    v->info.dim[1] = facts;
    v->info.n_values = n * facts;
  }
  if (others > 0) {
    v = nax_i_source_add(s, NAX_VAR_TABLE, "events");
    NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
    v->info.ndim = 2;
    v->info.dim[0] = t->n_rows;
    v->info.dim[1] = t->n_cols;
    v->info.n_values = t->n_rows * t->n_cols;
  }
done:
  nax_i_free(units);
  return status;
}

static nax_status
csv_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  const state *st = s->state;
  (void)v;
  return nax_i_spikes_group(ctx, s, st->units, st->text.n_rows, st->unit_of_row,
                            st->times, 0, NULL, out);
}

/* ---------------------------------------------------------------------------- tables */

static nax_status
open_table(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  const nax_i_text *t = &st->text;
  double scale;
  int timed =
      find_column(t, time_words, &scale) >= 0 || find_column(t, start_words, &scale) >= 0;
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, timed ? "events" : "table");
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = t->n_rows;
  v->info.dim[1] = t->n_cols;
  v->info.n_values = t->n_rows * t->n_cols;
done:
  return status;
}

static nax_status
csv_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  const nax_i_text *t = &st->text;
  nax_table *table = NULL;
  char name[32];
  int units = strcmp(v->name, "units") == 0;
  const char *dim = units ? "unit" : strcmp(v->name, "events") == 0 ? "event" : "row";
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, dim, v->info.dim[0], &table));
  for (nax_index c = 0; c < t->n_cols; c++) {
    if (units && (c == st->unit_column || c == st->time_column || !is_fact(st, c))) {
      continue;
    }
    snprintf(name, sizeof name, "column%lld", (long long)c + 1);
    int named = t->header != NULL && t->header[c][0] != '\0';
    NAX_TRY(nax_i_text_to_table(ctx, t, c, named ? t->header[c] : name, NULL,
                                units ? st->first_row : NULL, table));
  }
  *out = table;
  table = NULL;
done:
  nax_table_free(table);
  return status;
}

/* ---------------------------------------------------------------------------- opening */

static nax_status
choose_kind(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const nax_i_text *t = &st->text;
  const char *rows = s->opts.rows;
  double scale = 1.0;
  NAX_REQUIRE_FILE(rows == NULL || strcmp(rows, "time") == 0 ||
                       strcmp(rows, "neuron") == 0 || strcmp(rows, "spike") == 0,
                   NAX_EINVAL, s->path,
                   "option `rows` is `%s` (expected time, neuron or spike)", rows);
  if (rows == NULL || strcmp(rows, "spike") == 0) {
    st->unit_column = find_column(t, unit_words, &scale);
    st->time_column = find_column(t, spike_words, &st->time_scale);
    if (rows != NULL && st->time_column < 0 && t->n_cols == 1) {
      st->time_column = 0;
    }
    int listed = st->time_column >= 0 && !is_text(t, st->time_column);
    NAX_REQUIRE_FILE(rows == NULL || listed, NAX_EFORMAT, s->path,
                     "has no column of spike times (expected a single column, or a "
                     "header with `time`)");
    if (listed && (rows != NULL || st->unit_column >= 0)) {
      return open_spikes(ctx, s);
    }
  }
  int table = first_text(t) >= 0 || (find_column(t, start_words, &scale) >= 0 &&
                                     find_column(t, stop_words, &scale) >= 0);
  return rows == NULL && table ? open_table(ctx, s) : open_series(ctx, s);
done:
  return status;
}

static nax_status
csv_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  st->unit_column = st->time_column = -1;
  st->time_scale = 1.0;
  NAX_TRY(nax_i_text_read(ctx, s->path, s->opts.allow_inf, &st->text));
  NAX_REQUIRE_FILE(st->text.n_rows > 0, NAX_EFORMAT, s->path,
                   "has a header and no data (found 0 rows under %lld columns)",
                   (long long)st->text.n_cols);
  NAX_TRY(choose_kind(ctx, s));
done:
  return status;
}

static void
csv_close(nax_source *s)
{
  state *st = s->state;
  if (st != NULL) {
    nax_i_text_free(&st->text);
    nax_i_free(st->column);
    nax_i_free(st->unit_of_row);
    nax_i_free(st->times);
    nax_i_free(st->first_row);
    nax_axis_free(st->units);
  }
  nax_i_free(st);
}

const nax_i_format nax_i_format_csv = {
    "csv",      "text table: series, spike list or events (.csv, .tsv, .txt)",
    csv_probe,  csv_open,
    csv_close,  csv_read,
    csv_spikes, csv_table};
