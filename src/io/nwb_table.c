/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of NWB files: trials and other intervals, ROIs, units, electrodes. */
#include "nwb_i.h"
#include <math.h>

enum { MOST_COLUMNS = 1000, MOST_SUB = 4, CHECKED_ROWS = 1 << 20, MOST_TEXT = 1 << 24 };

/* ------------------------------------------------------------------- which rows */

nax_status
nax_i_nwb_ids(nax_ctx *ctx, nax_i_nwb *w, const char *path, nax_index n_rows,
              char ***labels)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char sub[1024], text[32], **list = NULL;
  int64_t *id = NULL;
  nax_index n = 0;
  *labels = NULL;
  nax_i_nwb_sub(sub, path, "id");
  if (nax_i_h5_look(w->file, sub, NULL) == NAX_I_H5_DATASET) {
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
    if (d->klass == NAX_I_H5_NUMBER && d->n == n_rows) {
      NAX_TRY(nax_i_h5_integers(ctx, d, n_rows, &id, &n));
    }
  }
  NAX_TRY_ALLOC(list, n_rows, sizeof *list);
  for (nax_index i = 0; i < n_rows; i++) {
    snprintf(text, sizeof text, "%lld", (long long)(id != NULL ? id[i] : i));
    NAX_TRY_DUP(list[i], text);
  }
  *labels = list;
  list = NULL;
done:
  nax_i_h5_data_close(d);
  nax_i_free(id);
  nax_i_free_strings(list, list != NULL ? n_rows : 0);
  return status;
}

/* Column by which curators mark what is no cell, -1/0/1: keep when it is `want`. */
nax_status
nax_i_nwb_accepted(nax_ctx *ctx, nax_i_nwb *w, const char *path, nax_index n_rows,
                   char **accepted)
{
  static const char *const numbers[] = {"accepted", "Accepted", "iscell",
                                        "is_cell",  "is_good",  "Rejected"};
  static const char *const texts[] = {"quality", "group", "KSLabel", "ks_label"};
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  double *x = NULL;
  char sub[1024], **text = NULL, *yes = NULL;
  nax_index n = 0, n_text = 0;
  *accepted = NULL;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && yes == NULL; i++) {
    nax_i_nwb_sub(sub, path, numbers[i]);
    if (nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_DATASET) {
      continue;
    }
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
    /* iscell may have a second column, the probability. */
    if (d->klass == NAX_I_H5_NUMBER && d->ndim >= 1 && d->ndim <= 2 &&
        d->dim[0] == n_rows && (d->ndim == 1 || d->dim[1] == 2)) {
      nax_index width = d->ndim == 1 ? 1 : 2;
      int inverse = strcmp(numbers[i], "Rejected") == 0;
      NAX_TRY(nax_i_h5_numbers(ctx, d, 2 * n_rows, &x, &n));
      NAX_TRY_ALLOC(yes, n_rows, 1);
      for (nax_index k = 0; k < n_rows; k++) {
        yes[k] = (char)((x[k * width] != 0.0) != inverse);
      }
    }
    nax_i_h5_data_close(d);
    d = NULL;
  }
  for (size_t i = 0; i < sizeof texts / sizeof texts[0] && yes == NULL; i++) {
    nax_i_nwb_sub(sub, path, texts[i]);
    if (nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_DATASET) {
      continue;
    }
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
    if ((d->klass == NAX_I_H5_STRING || d->klass == NAX_I_H5_ENUM) && d->ndim == 1 &&
        d->n == n_rows) {
      NAX_TRY(nax_i_h5_strings(ctx, d, n_rows, &text, &n_text));
      NAX_TRY_ALLOC(yes, n_rows, 1);
      for (nax_index k = 0; k < n_rows; k++) {
        yes[k] = strcmp(text[k], "noise") != 0 && strcmp(text[k], "bad") != 0 &&
                 strcmp(text[k], "rejected") != 0 && strcmp(text[k], "artifact") != 0;
      }
    }
    nax_i_h5_data_close(d);
    d = NULL;
  }
  *accepted = yes;
  yes = NULL;
done:
  nax_i_h5_data_close(d);
  nax_i_free(x);
  nax_i_free_strings(text, n_text);
  nax_i_free(yes);
  return status;
}

/* ---------------------------------------------------------------------- columns */

/* `id`, then the names in the order of `colnames`, then what else lies in the group. */
static nax_status
candidate_names(nax_ctx *ctx, nax_i_nwb *w, const char *path, char ***out, nax_index *n)
{
  nax_status status = NAX_OK;
  char **order = NULL, **all = NULL, **list = NULL;
  nax_index n_order = 0, n_all = 0, count = 0;
  NAX_TRY(nax_i_h5_attr_strings(ctx, w->file, path, "colnames", &order, &n_order));
  NAX_TRY(nax_i_h5_list(ctx, w->file, path, MOST_COLUMNS, &all, &n_all));
  n_order = n_order < MOST_COLUMNS ? n_order : MOST_COLUMNS;
  NAX_TRY_ALLOC(list, n_order + n_all + 2, sizeof *list);
  for (nax_index i = -1; i < n_order + n_all; i++) {
    const char *name = i < 0 ? "id" : i < n_order ? order[i] : all[i - n_order];
    int met = 0;
    for (nax_index j = 0; j < count && !met; j++) {
      met = strcmp(list[j], name) == 0;
    }
    if (!met) {
      NAX_TRY_DUP(list[count], name);
      count++;
    }
  }
  *out = list;
  *n = count;
  list = NULL;
done:
  nax_i_free_strings(order, n_order);
  nax_i_free_strings(all, n_all);
  nax_i_free_strings(list, list != NULL ? count : 0);
  return status;
}

static int
ends_with(const char *text, const char *end)
{
  size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

/* How many columns of ours a dataset of the table becomes; 0: none, with the reason. */
static int32_t
columns_of(const nax_i_h5_data *d, nax_index n_rows, const char **why)
{
  *why = d->klass == NAX_I_H5_OTHER           ? d->file_dtype
         : d->filter_missing != 0             ? "missing filter"
         : d->ndim < 1 || d->dim[0] != n_rows ? "other length"
                                              : "many values in each row";
  if (d->klass == NAX_I_H5_OTHER || d->filter_missing != 0 || d->ndim < 1 ||
      d->dim[0] != n_rows) {
    return 0;
  }
  if (d->ndim == 1) {
    return 1;
  }
  return d->ndim == 2 && d->dim[1] >= 1 && d->dim[1] <= MOST_SUB &&
                 d->klass == NAX_I_H5_NUMBER
             ? (int32_t)d->dim[1]
             : 0;
}

static nax_status
count_rows(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, char **name,
           nax_index n, nax_index *n_rows)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char sub[1024];
  *n_rows = -1;
  for (nax_index i = -1; i < n && *n_rows < 0; i++) {
    nax_i_nwb_sub(sub, path, i < 0 ? "id" : name[i]);
    if (nax_i_h5_look(w->file, sub, NULL) == NAX_I_H5_DATASET) {
      NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
      *n_rows = d->ndim >= 1 ? d->dim[0] : -1;
      nax_i_h5_data_close(d);
      d = NULL;
      if (i < 0) {
        continue;
      }
      NAX_TRY(
          nax_i_source_violation(ctx, s, "nwb.table-id", "%s has no column `id`", path));
    }
  }
  *n_rows = *n_rows < 0 ? 0 : *n_rows;
done:
  nax_i_h5_data_close(d);
  return status;
}

static nax_status
learn_columns(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_var *x)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char **name = NULL, sub[1024], index[1024];
  nax_index n = 0;
  nax_i_buf skipped = {0};
  NAX_TRY(candidate_names(ctx, w, x->path, &name, &n));
  NAX_TRY(count_rows(ctx, s, w, x->path, name, n, &x->n_rows));
  NAX_TRY_ALLOC(x->column, n, sizeof *x->column);
  NAX_TRY_ALLOC(x->n_sub, n, sizeof *x->n_sub);
  for (nax_index i = 0; i < n; i++) {
    const char *why = "ragged";
    nax_i_nwb_sub(sub, x->path, name[i]);
    nax_i_nwb_sub(index, sub, "");
    index[strlen(index) - 1] = '\0';
    snprintf(index + strlen(index), sizeof index - strlen(index), "_index");
    int is_units =
        x->kind == NAX_I_NWB_UNITS && (strncmp(name[i], "spike_times", 11) == 0 ||
                                       strncmp(name[i], "obs_intervals", 13) == 0);
    if (ends_with(name[i], "_index") || is_units ||
        nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_DATASET) {
      continue;
    }
    int32_t n_sub = 0;
    if (nax_i_h5_look(w->file, index, NULL) != NAX_I_H5_DATASET) {
      nax_i_h5_data_close(d);
      d = NULL;
      NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
      n_sub = columns_of(d, x->n_rows, &why);
    }
    if (n_sub == 0) {
      nax_i_buf_printf(&skipped, "%s%s (%s)", skipped.len ? ", " : "", name[i], why);
      continue;
    }
    NAX_TRY_DUP(x->column[x->n_columns], name[i]);
    x->n_sub[x->n_columns++] = n_sub;
  }
  NAX_REQUIRE(!skipped.failed, NAX_ENOMEM, "out of memory");
  if (skipped.len > 0) {
    nax_i_warn(ctx, NAX_INFO, "nwb.column-skipped", "%s: columns not read: %.300s",
               x->path, skipped.data);
  }
done:
  nax_i_h5_data_close(d);
  nax_i_free_strings(name, n);
  nax_i_buf_free(&skipped);
  return status;
}

/* ----------------------------------------------------------------------- checks */

static nax_status
get_column(nax_ctx *ctx, nax_i_nwb *w, const char *path, const char *name, nax_index n,
           double **out)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char sub[1024];
  nax_index got = 0;
  *out = NULL;
  nax_i_nwb_sub(sub, path, name);
  if (n > CHECKED_ROWS || nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_DATASET) {
    return NAX_OK;
  }
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
  if (d->klass == NAX_I_H5_NUMBER && d->ndim == 1 && d->n == n) {
    NAX_TRY(nax_i_h5_numbers(ctx, d, n, out, &got));
  }
done:
  nax_i_h5_data_close(d);
  return status;
}

static nax_status
check_intervals(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const nax_i_nwb_var *x)
{
  nax_status status = NAX_OK;
  double *start = NULL, *stop = NULL;
  nax_index bad = 0, first = -1;
  NAX_TRY(get_column(ctx, w, x->path, "start_time", x->n_rows, &start));
  NAX_TRY(get_column(ctx, w, x->path, "stop_time", x->n_rows, &stop));
  for (nax_index i = 0; start != NULL && stop != NULL && i < x->n_rows; i++) {
    if (stop[i] < start[i]) {
      first = bad++ == 0 ? i : first;
    }
  }
  if (bad > 0) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "nwb.time-intervals-stop-after-start",
        "%s: %lld rows stop before they start, the first is row %lld (%g to %g s)",
        x->path, (long long)bad, (long long)first, start[first], stop[first]));
  }
done:
  nax_i_free(start);
  nax_i_free(stop);
  return status;
}

static nax_status
check_ids(nax_ctx *ctx, nax_i_nwb *w, const nax_i_nwb_var *x)
{
  nax_status status = NAX_OK;
  double *id = NULL;
  NAX_TRY(get_column(ctx, w, x->path, "id", x->n_rows, &id));
  int ascending = 1;
  for (nax_index i = 1; id != NULL && i < x->n_rows; i++) {
    ascending = ascending && id[i] > id[i - 1];
  }
  /* Ascending ids are unique; others are compared while that is quick. */
  for (nax_index i = 0; id != NULL && !ascending && i < x->n_rows && i < 5000; i++) {
    for (nax_index j = i + 1; j < x->n_rows && j < 5000; j++) {
      if (id[i] == id[j]) {
        nax_i_warn(ctx, NAX_CRITICAL, "nwb.ids-unique",
                   "%s: rows %lld and %lld have the same id %g", x->path, (long long)i,
                   (long long)j, id[i]);
        goto done;
      }
    }
  }
done:
  nax_i_free(id);
  return status;
}

/* ---------------------------------------------------------------------- opening */

nax_status
nax_i_nwb_table_open(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item *it)
{
  nax_status status = NAX_OK;
  nax_i_nwb_var *x = nax_i_nwb_var_create(it->kind);
  char *accepted = NULL, *text = NULL;
  NAX_REQUIRE(x != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY_DUP(x->path, it->path);
  NAX_TRY(learn_columns(ctx, s, w, x));
  int32_t n_columns = 0;
  for (int32_t i = 0; i < x->n_columns; i++) {
    n_columns += x->n_sub[i];
  }
  if (x->n_rows == 0) {
    NAX_TRY(
        nax_i_source_violation(ctx, s, "nwb.empty-table", "%s has no rows", it->path));
  }
  if (it->kind == NAX_I_NWB_INTERVALS) {
    NAX_TRY(check_intervals(ctx, s, w, x));
  }
  NAX_TRY(check_ids(ctx, w, x));
  nax_index n_rows = x->n_rows;
  if (s->opts.cells_only && (it->kind == NAX_I_NWB_ROIS || it->kind == NAX_I_NWB_UNITS)) {
    NAX_TRY(nax_i_nwb_accepted(ctx, w, it->path, n_rows, &accepted));
    if (accepted != NULL) {
      NAX_TRY_ALLOC(x->keep, n_rows, sizeof *x->keep);
      for (nax_index i = 0; i < n_rows; i++) {
        if (accepted[i]) {
          x->keep[x->n_keep++] = i;
        }
      }
      n_rows = x->n_keep;
    }
  }
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, it->name);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->priv = x;
  v->free_priv = nax_i_nwb_var_free;
  x = NULL;
  NAX_TRY(nax_i_h5_attr_text(ctx, w->file, it->path, "description", &text));
  NAX_REQUIRE(nax_i_var_text(&v->path, it->path) &&
                  nax_i_var_text(&v->file_dtype, "table") &&
                  nax_i_var_text(&v->description, text),
              NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = n_rows;
  v->info.dim[1] = n_columns;
  v->info.n_values = n_rows * n_columns;
  it->done = 1;
done:
  nax_i_nwb_var_free(x);
  nax_i_free(accepted);
  nax_i_free(text);
  return status;
}

/* ---------------------------------------------------------------------- reading */

static const char *
dim_name(const nax_i_nwb_var *x)
{
  const char *leaf = nax_i_nwb_leaf(x->path);
  switch (x->kind) {
  case NAX_I_NWB_ROIS:
    return "neuron";
  case NAX_I_NWB_UNITS:
    return "unit";
  case NAX_I_NWB_INTERVALS:
    return strcmp(leaf, "epochs") == 0          ? "epoch"
           : strcmp(leaf, "invalid_times") == 0 ? "interval"
                                                : "trial";
  case NAX_I_NWB_SERIES:
  case NAX_I_NWB_TABLE:
    break;
  }
  return strcmp(leaf, "electrodes") == 0 ? "electrode" : "row";
}

static nax_status
add_numbers(nax_ctx *ctx, nax_i_nwb_var *x, nax_i_h5_data *d, const char *name,
            int32_t n_sub, nax_table *t)
{
  nax_status status = NAX_OK;
  double *all = NULL, *one = NULL;
  char sub[300];
  nax_index n = 0, n_rows = nax_table_n_rows(t);
  int is_time = strcmp(name, "start_time") == 0 || strcmp(name, "stop_time") == 0;
  NAX_TRY(nax_i_h5_numbers(ctx, d, INT64_MAX, &all, &n));
  NAX_TRY_ALLOC(one, n_rows, sizeof *one);
  for (int32_t j = 0; j < n_sub; j++) {
    nax_index n_missing = 0;
    for (nax_index i = 0; i < n_rows; i++) {
      one[i] = all[(x->keep != NULL ? x->keep[i] : i) * n_sub + j];
      n_missing += isnan(one[i]);
    }
    snprintf(sub, sizeof sub, n_sub > 1 ? "%.250s_%d" : "%.250s", name, (int)j);
    NAX_TRY(nax_table_add_numbers(ctx, t, sub, is_time ? "s" : NULL, one));
    if (n_missing == n_rows && n_rows > 0) {
      nax_i_warn(ctx, NAX_SUGGESTION, "nwb.col-not-nan", "%s: all values are missing",
                 d->path);
    }
  }
done:
  nax_i_free(all);
  nax_i_free(one);
  return status;
}

static nax_status
add_text(nax_ctx *ctx, nax_i_nwb_var *x, nax_i_h5_data *d, const char *name, nax_table *t)
{
  nax_status status = NAX_OK;
  char **all = NULL;
  const char **kept = NULL;
  nax_index n = 0, n_rows = nax_table_n_rows(t), n_empty = 0;
  NAX_TRY(nax_i_h5_strings(ctx, d, MOST_TEXT, &all, &n));
  NAX_TRY_ALLOC(kept, n_rows, sizeof *kept);
  for (nax_index i = 0; i < n_rows; i++) {
    kept[i] = all[x->keep != NULL ? x->keep[i] : i];
    n_empty += kept[i][0] == '\0';
  }
  NAX_TRY(nax_table_add_text(ctx, t, name, kept));
  if (n_empty == n_rows && n_rows > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "nwb.empty-string", "%s: all texts are empty",
               d->path);
  }
done:
  nax_i_free_strings(all, n);
  nax_i_free(kept);
  return status;
}

nax_status
nax_i_nwb_table_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_i_nwb *w = s->state;
  nax_i_nwb_var *x = v->priv;
  nax_i_h5_data *d = NULL;
  nax_table *t = NULL;
  char sub[1024];
  *out = NULL;
  NAX_TRY(
      nax_table_create(ctx, dim_name(x), x->keep != NULL ? x->n_keep : x->n_rows, &t));
  for (int32_t i = 0; i < x->n_columns; i++) {
    NAX_TRY(
        nax_i_h5_data_open(ctx, w->file, nax_i_nwb_sub(sub, x->path, x->column[i]), &d));
    if (d->klass == NAX_I_H5_NUMBER) {
      NAX_TRY(add_numbers(ctx, x, d, x->column[i], x->n_sub[i], t));
    } else {
      NAX_TRY(add_text(ctx, x, d, x->column[i], t));
    }
    nax_i_h5_data_close(d);
    d = NULL;
  }
  *out = t;
  t = NULL;
done:
  nax_i_h5_data_close(d);
  nax_table_free(t);
  return status;
}
