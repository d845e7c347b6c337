/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time series of NWB files: their time, their shape, their units, their blocks. */
#include "nwb_i.h"
#include <math.h>

/* ------------------------------------------------------------------------ time */

/* The time base of a series: a rate, or timestamps (maybe a link to another's). */
typedef struct time_base {
  int has_rate;
  double start, rate;
  nax_i_h5_data *stamps; /* NULL: rate */
} time_base;

static void
free_time(time_base *t)
{
  nax_i_h5_data_close(t->stamps);
  t->stamps = NULL;
}

static nax_status
get_time(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, time_base *t)
{
  nax_status status = NAX_OK;
  char sub[1024], start[1024];
  *t = (time_base){0, 0.0, NAN, NULL};
  nax_i_nwb_sub(start, path, "starting_time");
  nax_i_nwb_sub(sub, path, "timestamps");
  int stamps = nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_ABSENT;
  t->has_rate = nax_i_h5_look(w->file, start, NULL) != NAX_I_H5_ABSENT;
  int given = !isnan(s->opts.rate);
  NAX_REQUIRE_FILE(!(stamps && t->has_rate) || given, NAX_EDATA, s->path,
                   "%s has both starting_time and timestamps (expected one of them)",
                   path);
  NAX_REQUIRE_FILE(stamps || t->has_rate || given, NAX_EDATA, s->path,
                   "%s has neither starting_time nor timestamps, the sampling rate is "
                   "unknown (give option `rate`)",
                   path);
  if (t->has_rate) {
    t->start = nax_i_h5_number_at(w->file, start, NAN);
    t->rate = nax_i_h5_attr_number(w->file, start, "rate", NAN);
    NAX_REQUIRE_FILE(
        given || (isfinite(t->rate) && t->rate > 0.0), NAX_EDATA, s->path,
        "%s: the rate is %g Hz (expected more than 0; option `rate` overrides it)", start,
        t->rate);
    NAX_REQUIRE_FILE(isfinite(t->start), NAX_EDATA, s->path,
                     "%s is %g (expected a time in seconds)", start, t->start);
  } else if (stamps) {
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &t->stamps));
    NAX_REQUIRE_FILE(t->stamps->ndim == 1 && t->stamps->klass == NAX_I_H5_NUMBER,
                     NAX_EFORMAT, s->path,
                     "%s has type %s and %d dimensions (expected numbers in one)", sub,
                     t->stamps->file_dtype, (int)t->stamps->ndim);
  }
done:
  if (status != NAX_OK) {
    free_time(t);
  }
  return status;
}

/* More timestamps than this are not read at opening when they look like a rate. */
enum { MANY_STAMPS = 1 << 22, PROBES = 4096 };

static nax_status
one_stamp(nax_ctx *ctx, nax_i_h5_data *d, nax_index i, double *t)
{
  int32_t map[1] = {0};
  nax_index one = 1;
  return nax_i_h5_read(ctx, d, 1, map, NULL, &i, &one, 1.0, 0.0, NAX_F64, t);
}

/* A gap shifts everything behind it, so timestamps that lie on a grid at thousands of
 * places lie on it everywhere but for bursts shorter than the distance of the places. */
static nax_status
probe_regular(nax_ctx *ctx, nax_i_h5_data *d, double *start, double *rate, int *regular)
{
  nax_status status = NAX_OK;
  double last = 0.0, t = 0.0;
  nax_index n = d->n;
  NAX_TRY(one_stamp(ctx, d, 0, start));
  NAX_TRY(one_stamp(ctx, d, n - 1, &last));
  *rate = (double)(n - 1) / (last - *start);
  *regular = isfinite(*rate) && *rate > 0.0;
  for (nax_index k = 1; k < PROBES && *regular; k++) {
    nax_index i = (nax_index)((double)(n - 1) * ((double)k / PROBES));
    NAX_TRY(one_stamp(ctx, d, i, &t));
    *regular = fabs(t - (*start + (double)i / *rate)) * *rate <= 0.02;
  }
done:
  return status;
}

/* Rate of the only imaging plane, for series that lost their own. */
static double
imaging_rate(nax_i_nwb *w)
{
  char **planes = NULL, path[1024], sub[1024];
  nax_index n = 0;
  double rate = NAN;
  if (nax_i_h5_look(w->file, "/general/optophysiology", NULL) == NAX_I_H5_GROUP &&
      nax_i_h5_list(NULL, w->file, "/general/optophysiology", 2, &planes, &n) == NAX_OK &&
      n == 1) {
    nax_i_nwb_sub(path, "/general/optophysiology", planes[0]);
    rate = nax_i_h5_number_at(w->file, nax_i_nwb_sub(sub, path, "imaging_rate"), NAN);
  }
  nax_i_free_strings(planes, n);
  return rate;
}

/* Time as axis k of v, n positions. */
static nax_status
set_time(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k, nax_index n, time_base *t)
{
  nax_status status = NAX_OK;
  double *stamps = NULL, start = 0.0, rate = NAN;
  nax_index n_stamps = 0;
  int regular = 0;
  if (t->stamps == NULL) {
    return nax_i_var_regular_time(ctx, s, v, k, n, t->start, t->rate, NAX_RATE_FILE);
  }
  NAX_REQUIRE_FILE(t->stamps->n == n, NAX_EDATA, s->path,
                   "%s has %lld values (expected %lld, the length of the data)",
                   t->stamps->path, (long long)t->stamps->n, (long long)n);
  if (n > MANY_STAMPS && isnan(s->opts.rate)) {
    NAX_TRY(probe_regular(ctx, t->stamps, &start, &rate, &regular));
    if (regular) {
      nax_i_warn(ctx, NAX_INFO, "nwb.timestamps-sampled",
                 "%s: %d of %lld timestamps were looked at, they are regular",
                 t->stamps->path, (int)PROBES, (long long)n);
      NAX_TRY(nax_i_var_regular_time(ctx, s, v, k, n, start, rate, NAX_RATE_TIMESTAMPS));
      goto done;
    }
  }
  NAX_TRY(nax_i_h5_numbers(ctx, t->stamps, n, &stamps, &n_stamps));
  NAX_TRY(nax_i_var_timestamps(ctx, s, v, k, n, stamps));
  if (v->info.rate_source == NAX_RATE_TIMESTAMPS && n > 2) {
    NAX_TRY(
        nax_i_source_violation(ctx, s, "nwb.regular-timestamps",
                               "%s: %lld timestamps at a regular %g Hz could be a rate",
                               t->stamps->path, (long long)n, v->info.rate));
  }
done:
  nax_i_free(stamps);
  return status;
}

/* ------------------------------------------------------------------------ ROIs */

/* What `rois` of a RoiResponseSeries says about the columns. */
typedef struct roi_facts {
  nax_index n; /* -1: unknown */
  char **label;
  char *accepted; /* NULL: not stated */
} roi_facts;

static void
free_rois(roi_facts *r)
{
  nax_i_free_strings(r->label, r->label != NULL ? r->n : 0);
  nax_i_free(r->accepted);
}

static nax_status
get_rois(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, roi_facts *r)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL, *id = NULL;
  char sub[1024], id_path[1024], *table = NULL, **ids = NULL, *accepted = NULL;
  int64_t *row = NULL;
  nax_index n = 0, n_rows = 0;
  *r = (roi_facts){-1, NULL, NULL};
  nax_i_nwb_sub(sub, path, "rois");
  if (nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_DATASET) {
    NAX_TRY(nax_i_source_violation(ctx, s, "nwb.roi-link",
                                   "%s has no `rois`: its columns have no names", path));
    goto done;
  }
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
  NAX_TRY(nax_i_h5_integers(ctx, d, 1 << 26, &row, &n));
  r->n = n;
  NAX_TRY(nax_i_h5_attr_target(ctx, w->file, sub, "table", &table));
  if (table == NULL || nax_i_h5_look(w->file, nax_i_nwb_sub(id_path, table, "id"),
                                     NULL) != NAX_I_H5_DATASET) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "nwb.roi-link", "%s does not lead to a PlaneSegmentation with ids", sub));
    goto done;
  }
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, id_path, &id));
  n_rows = id->n;
  NAX_TRY(nax_i_nwb_ids(ctx, w, table, n_rows, &ids));
  NAX_TRY(nax_i_nwb_accepted(ctx, w, table, n_rows, &accepted));
  for (nax_index i = 0; i < n; i++) {
    if (row[i] < 0 || row[i] >= n_rows) {
      NAX_TRY(nax_i_source_violation(
          ctx, s, "nwb.dynamic-table-region",
          "%s: entry %lld is row %lld of %s, which has %lld rows", sub, (long long)i,
          (long long)row[i], table, (long long)n_rows));
      goto done;
    }
  }
  NAX_TRY_ALLOC(r->label, n, sizeof *r->label);
  if (accepted != NULL) {
    NAX_TRY_ALLOC(r->accepted, n, 1);
  }
  for (nax_index i = 0; i < n; i++) {
    NAX_TRY_DUP(r->label[i], ids[row[i]]);
    if (accepted != NULL) {
      r->accepted[i] = accepted[row[i]];
    }
  }
done:
  nax_i_h5_data_close(d);
  nax_i_h5_data_close(id);
  nax_i_free(table);
  nax_i_free(row);
  nax_i_free_strings(ids, ids != NULL ? n_rows : 0);
  nax_i_free(accepted);
  return status;
}

/* ----------------------------------------------------------------------- shape */

static int
is_type(const nax_i_nwb_item *it, const char *type)
{
  return strcmp(it->type, type) == 0;
}

/* Names of the axes behind time, in the file's order. */
static const char *
axis_name(const nax_i_nwb_item *it, int32_t file_dim)
{
  static const char *const other[] = {"time", "channel", "dim2", "dim3",
                                      "dim4", "dim5",    "dim6", "dim7"};
  if (file_dim == 1 && is_type(it, "RoiResponseSeries")) {
    return "neuron";
  }
  if (file_dim == 1 && is_type(it, "SpatialSeries")) {
    return "coordinate";
  }
  if (file_dim == 2 && is_type(it, "DecompositionSeries")) {
    return "frequency";
  }
  if (file_dim == 1 && is_type(it, "SpikeEventSeries")) {
    return "channel";
  }
  return other[file_dim];
}

/* 1 when dimension 0 is the ROIs and dimension 1 the time, by whatever is known. */
static int
is_transposed(const nax_i_h5_data *d, nax_index n_time, nax_index n_rois)
{
  if (d->ndim != 2 || d->dim[0] == d->dim[1]) {
    return 0;
  }
  int straight =
      (n_time < 0 || d->dim[0] == n_time) && (n_rois < 0 || d->dim[1] == n_rois);
  int turned = (n_time < 0 || d->dim[1] == n_time) && (n_rois < 0 || d->dim[0] == n_rois);
  return turned && !straight;
}

static nax_status
orient(nax_ctx *ctx, nax_source *s, const nax_i_nwb_item *it, const nax_i_h5_data *d,
       const time_base *t, const roi_facts *rois, int *transposed)
{
  nax_status status = NAX_OK;
  nax_index n_time = t->stamps != NULL ? t->stamps->n : -1;
  *transposed = is_transposed(d, n_time, rois->n);
  if (*transposed) {
    nax_i_warn(ctx, NAX_CRITICAL, "nwb.data-orientation",
               "%s/data is %lld x %lld, which only fits %s x time; NWB wants time first; "
               "it is read transposed",
               it->path, (long long)d->dim[0], (long long)d->dim[1],
               is_type(it, "RoiResponseSeries") ? "ROI" : "channel");
  } else if (rois->n >= 0 && d->ndim == 2) {
    NAX_REQUIRE_FILE(d->dim[1] == rois->n, NAX_EDATA, s->path,
                     "%s/data has %lld columns (expected %lld, the entries of `rois`)",
                     it->path, (long long)d->dim[1], (long long)rois->n);
  } else if (n_time < 0 && d->ndim == 2 && d->dim[1] > d->dim[0]) {
    nax_i_warn(ctx, NAX_CRITICAL, "nwb.data-orientation",
               "%s/data has %lld time points and %lld columns: time may be the second "
               "dimension (nothing in the file tells)",
               it->path, (long long)d->dim[0], (long long)d->dim[1]);
  }
done:
  return status;
}

/* ----------------------------------------------------------------------- facts */

static nax_status
check_storage(nax_ctx *ctx, nax_source *s, const nax_i_h5_data *d)
{
  nax_status status = NAX_OK;
  double bytes = (double)d->n * (double)nax_dtype_size(d->dtype);
  if (d->filters[0] == '\0' && bytes > 20e9) {
    NAX_TRY(nax_i_source_violation(ctx, s, "nwb.large-dataset-compression",
                                   "%s holds %.0f GB without compression", d->path,
                                   bytes / 1e9));
  } else if (d->filters[0] == '\0' && bytes > 50e6) {
    nax_i_warn(ctx, NAX_SUGGESTION, "nwb.small-dataset-compression",
               "%s holds %.0f MB without compression", d->path, bytes / 1e6);
  }
  if (d->chunk[0] > 0 && d->ndim == 2 && d->dim[0] > 1000 && d->chunk[0] < 8) {
    nax_i_warn(
        ctx, NAX_SUGGESTION, "io.chunks",
        "%s is stored in chunks of %lld time points: reading single traces is slow",
        d->path, (long long)d->chunk[0]);
  }
  if (d->filter_missing != 0) {
    nax_i_warn(ctx, NAX_CRITICAL, "io.filter-missing",
               "%s uses HDF5 filter %d, which is not available: it cannot be read",
               d->path, d->filter_missing);
  }
done:
  return status;
}

/* Unit, scale and what else the attributes of `data` say. */
static nax_status
get_scale(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const nax_i_h5_data *d,
          nax_i_nwb_var *x, nax_i_var *v)
{
  nax_status status = NAX_OK;
  char *unit = NULL;
  NAX_TRY(nax_i_h5_attr_text(ctx, w->file, d->path, "unit", &unit));
  if (unit == NULL || unit[0] == '\0') {
    NAX_TRY(
        nax_i_source_violation(ctx, s, "nwb.missing-unit", "%s has no unit", d->path));
  }
  NAX_REQUIRE(nax_i_var_text(&v->unit, unit), NAX_ENOMEM, "out of memory");
  x->scale = nax_i_h5_attr_number(w->file, d->path, "conversion", 1.0);
  x->offset = nax_i_h5_attr_number(w->file, d->path, "offset", 0.0);
  NAX_REQUIRE_FILE(isfinite(x->scale) && isfinite(x->offset), NAX_EDATA, s->path,
                   "%s: conversion is %g and offset %g (expected finite numbers)",
                   d->path, x->scale, x->offset);
  if (x->scale == 0.0) {
    NAX_TRY(nax_i_source_violation(ctx, s, "nwb.conversion",
                                   "%s: conversion is 0, so that all values are",
                                   d->path));
  }
  double resolution = nax_i_h5_attr_number(w->file, d->path, "resolution", -1.0);
  if (!(resolution == -1.0 || resolution > 0.0 || isnan(resolution))) {
    NAX_TRY(nax_i_source_violation(ctx, s, "nwb.resolution",
                                   "%s: resolution is %g (expected -1 or more than 0)",
                                   d->path, resolution));
  }
  NAX_TRY(check_storage(ctx, s, d));
done:
  nax_i_free(unit);
  return status;
}

static nax_status
get_channel_scale(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const nax_i_nwb_item *it,
                  nax_i_nwb_var *x, nax_index n)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char sub[1024];
  nax_index got = 0;
  nax_i_nwb_sub(sub, it->path, "channel_conversion");
  if (nax_i_h5_look(w->file, sub, NULL) == NAX_I_H5_DATASET) {
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
    NAX_TRY(nax_i_h5_numbers(ctx, d, 1 << 24, &x->channel_scale, &got));
    NAX_REQUIRE_FILE(got == n, NAX_EDATA, s->path,
                     "%s has %lld values (expected %lld, one for each channel)", sub,
                     (long long)got, (long long)n);
  }
done:
  nax_i_h5_data_close(d);
  return status;
}

static nax_status
describe(nax_ctx *ctx, nax_i_nwb *w, const char *path, nax_i_var *v)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  NAX_TRY(nax_i_h5_attr_text(ctx, w->file, path, "description", &text));
  if (text != NULL && strcmp(text, "no description") != 0 && strcmp(text, "-") != 0) {
    NAX_REQUIRE(nax_i_var_text(&v->description, text), NAX_ENOMEM, "out of memory");
  }
done:
  nax_i_free(text);
  return status;
}

/* Positions kept with --cells-only. */
static nax_status
keep_accepted(nax_ctx *ctx, nax_i_nwb_var *x, const char *accepted, nax_index n)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(x->keep, n, sizeof *x->keep);
  for (nax_index i = 0; i < n; i++) {
    if (accepted[i]) {
      x->keep[x->n_keep++] = i;
    }
  }
done:
  return status;
}

/* The axis of the columns: labels from the ROI table, x y z of positions, or an index. */
static nax_status
set_columns(nax_ctx *ctx, nax_source *s, const nax_i_nwb_item *it, nax_i_nwb_var *x,
            nax_i_var *v, const roi_facts *rois, nax_index n)
{
  nax_status status = NAX_OK;
  static const char *const xyz[] = {"x", "y", "z"};
  nax_axis *all = NULL;
  if (rois->label != NULL && rois->n == n) {
    NAX_TRY(
        nax_axis_create_labels(ctx, "neuron", n, (const char *const *)rois->label, &all));
  } else if (is_type(it, "SpatialSeries") && n <= 3) {
    NAX_TRY(nax_axis_create_labels(ctx, "coordinate", n, xyz, &all));
  } else {
    NAX_TRY(nax_axis_create_index(ctx, axis_name(it, 1), n, &all));
  }
  if (s->opts.cells_only && rois->accepted != NULL && rois->n == n) {
    NAX_TRY(keep_accepted(ctx, x, rois->accepted, n));
    NAX_TRY(nax_axis_take(ctx, all, x->n_keep, x->keep, &v->axis[0]));
  } else {
    v->axis[0] = all;
    all = NULL;
  }
done:
  nax_axis_free(all);
  return status;
}

/* Discrete events: irregular times with whole numbers or text at each. */
static nax_status
add_events(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item *it)
{
  nax_status status = NAX_OK;
  nax_i_nwb_var *x = nax_i_nwb_var_create(NAX_I_NWB_SERIES);
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, it->name);
  if (v != NULL) {
    v->priv = x;
    v->free_priv = nax_i_nwb_var_free;
  } else {
    nax_i_nwb_var_free(x);
  }
  NAX_REQUIRE(x != NULL && v != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY_DUP(x->path, it->path);
  x->is_events = 1;
  char sub[1024];
  nax_i_h5_data *d = NULL;
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, nax_i_nwb_sub(sub, it->path, "data"), &d));
  x->n_rows = d->n;
  int ok =
      nax_i_var_text(&v->path, it->path) && nax_i_var_text(&v->file_dtype, d->file_dtype);
  nax_i_h5_data_close(d);
  NAX_REQUIRE(ok, NAX_ENOMEM, "out of memory");
  NAX_TRY(describe(ctx, w, it->path, v));
  v->info.ndim = 2;
  v->info.dim[0] = x->n_rows;
  v->info.dim[1] = 2;
  v->info.n_values = 2 * x->n_rows;
  it->done = 1;
done:
  return status;
}

nax_status
nax_i_nwb_events(nax_ctx *ctx, nax_source *s, nax_i_nwb_var *x, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_i_nwb *w = s->state;
  nax_i_h5_data *d = NULL, *t = NULL;
  nax_table *table = NULL;
  double *time = NULL, *value = NULL;
  char **text = NULL, sub[1024];
  nax_index n = 0, m = 0;
  *out = NULL;
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, nax_i_nwb_sub(sub, x->path, "data"), &d));
  NAX_TRY(
      nax_i_h5_data_open(ctx, w->file, nax_i_nwb_sub(sub, x->path, "timestamps"), &t));
  NAX_TRY(nax_i_h5_numbers(ctx, t, INT64_MAX, &time, &n));
  NAX_REQUIRE_FILE(d->n == n, NAX_EDATA, s->path,
                   "%s has %lld values (expected %lld, the length of the data)", t->path,
                   (long long)n, (long long)d->n);
  NAX_TRY(nax_table_create(ctx, "event", n, &table));
  NAX_TRY(nax_table_add_numbers(ctx, table, "time", "s", time));
  if (d->klass == NAX_I_H5_NUMBER) {
    NAX_TRY(nax_i_h5_numbers(ctx, d, INT64_MAX, &value, &m));
    NAX_TRY(nax_table_add_numbers(ctx, table, "value", NULL, value));
  } else {
    NAX_TRY(nax_i_h5_strings(ctx, d, 1 << 24, &text, &m));
    NAX_TRY(nax_table_add_text(ctx, table, "value", (const char *const *)text));
  }
  *out = table;
  table = NULL;
done:
  nax_i_h5_data_close(d);
  nax_i_h5_data_close(t);
  nax_i_free(time);
  nax_i_free(value);
  nax_i_free_strings(text, m);
  nax_table_free(table);
  return status;
}

static int
is_whole(nax_dtype t)
{
  return t != NAX_F64 && t != NAX_F32 && t != NAX_F16;
}

/* ---------------------------------------------------------------------- opening */

/* New array variable with its private part. */
static nax_status
add_array(nax_ctx *ctx, nax_source *s, const char *name, nax_index n_parts,
          nax_i_nwb_var **x, nax_i_var **v)
{
  nax_status status = NAX_OK;
  nax_i_nwb_var *priv = nax_i_nwb_var_create(NAX_I_NWB_SERIES);
  NAX_REQUIRE(priv != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY_ALLOC(priv->part, n_parts, sizeof *priv->part);
  *v = nax_i_source_add(s, NAX_VAR_ARRAY, name);
  NAX_REQUIRE(*v != NULL, NAX_ENOMEM, "out of memory");
  (*v)->priv = priv;
  (*v)->free_priv = nax_i_nwb_var_free;
  *x = priv;
  priv = NULL;
done:
  nax_i_nwb_var_free(priv);
  return status;
}

nax_status
nax_i_nwb_series(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item *it)
{
  nax_status status = NAX_OK;
  time_base t = {0, 0.0, NAN, NULL};
  roi_facts rois = {-1, NULL, NULL};
  nax_i_h5_data *d = NULL;
  nax_i_nwb_var *x = NULL;
  nax_i_var *v = NULL;
  char sub[1024];
  int transposed = 0;
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, nax_i_nwb_sub(sub, it->path, "data"), &d));
  nax_status time_status = get_time(ctx, s, w, it->path, &t);
  if (time_status == NAX_EDATA && is_type(it, "RoiResponseSeries") && !t.has_rate &&
      nax_i_h5_look(w->file, nax_i_nwb_sub(sub, it->path, "timestamps"), NULL) ==
          NAX_I_H5_ABSENT &&
      isfinite(imaging_rate(w))) {
    nax_i_begin(ctx);
    t.rate = imaging_rate(w);
    NAX_TRY(nax_i_source_violation(
        ctx, s, "nwb.imaging-rate",
        "%s has neither starting_time nor timestamps; the imaging plane's %g Hz is taken",
        it->path, t.rate));
  } else {
    NAX_TRY(time_status);
  }
  if (d->ndim == 1 && t.stamps != NULL &&
      (d->klass == NAX_I_H5_STRING || d->klass == NAX_I_H5_ENUM ||
       (d->klass == NAX_I_H5_NUMBER && is_whole(d->dtype)))) {
    NAX_REQUIRE_FILE(t.stamps->n == d->n, NAX_EDATA, s->path,
                     "%s has %lld values (expected %lld, the length of the data)",
                     t.stamps->path, (long long)t.stamps->n, (long long)d->n);
    NAX_TRY(add_events(ctx, s, w, it));
    goto done;
  }
  NAX_REQUIRE_FILE(d->klass == NAX_I_H5_NUMBER, NAX_EFORMAT, s->path,
                   "%s has type %s (expected numbers)", d->path, d->file_dtype);
  NAX_REQUIRE_FILE(d->ndim >= 1 && d->ndim <= NAX_MAX_NDIM, NAX_EFORMAT, s->path,
                   "%s has %d dimensions (expected 1 to %d)", d->path, (int)d->ndim,
                   NAX_MAX_NDIM);
  if (is_type(it, "RoiResponseSeries")) {
    NAX_TRY(get_rois(ctx, s, w, it->path, &rois));
  }
  NAX_TRY(orient(ctx, s, it, d, &t, &rois, &transposed));
  NAX_TRY(add_array(ctx, s, it->name, 1, &x, &v));
  x->n_axes = d->ndim;
  for (int32_t k = 0; k < d->ndim; k++) {
    x->map[k] = d->ndim - 1 - k;
  }
  if (transposed) {
    x->map[0] = 0;
    x->map[1] = 1;
  } else if (is_type(it, "DecompositionSeries") && d->ndim == 3) {
    x->map[0] = 1; /* channel x frequency x time */
    x->map[1] = 2;
  }
  NAX_REQUIRE(nax_i_h5_describe(d, x->n_axes, x->map, v), NAX_ENOMEM, "out of memory");
  NAX_REQUIRE(nax_i_var_text(&v->path, it->path), NAX_ENOMEM, "out of memory");
  NAX_TRY(describe(ctx, w, it->path, v));
  NAX_TRY(get_scale(ctx, s, w, d, x, v));
  for (int32_t k = 0; k + 1 < x->n_axes; k++) {
    if (k == 0 && x->n_axes == 2) {
      NAX_TRY(set_columns(ctx, s, it, x, v, &rois, d->dim[x->map[0]]));
      NAX_TRY(get_channel_scale(ctx, s, w, it, x, d->dim[x->map[0]]));
    } else {
      NAX_TRY(nax_axis_create_index(ctx, axis_name(it, x->map[k]), d->dim[x->map[k]],
                                    &v->axis[k]));
    }
  }
  NAX_TRY(set_time(ctx, s, v, x->n_axes - 1, d->dim[x->map[x->n_axes - 1]], &t));
  x->part[0] = d;
  x->n_parts = 1;
  d = NULL;
  it->done = 1;
done:
  nax_i_h5_data_close(d);
  free_time(&t);
  free_rois(&rois);
  return status;
}

/* ------------------------------------------------- one series for each neuron */

/* Length of the name without its trailing digits, 0 when there are none. */
static size_t
stem_of(const char *path)
{
  size_t n = strlen(path), m = n;
  while (m > 0 && path[m - 1] >= '0' && path[m - 1] <= '9') {
    m--;
  }
  return m < n && m > 0 && n - m < 16 ? m : 0;
}

static int
same_stem(const nax_i_nwb_item *a, const nax_i_nwb_item *b)
{
  size_t n = stem_of(a->path);
  return b->kind == NAX_I_NWB_SERIES && !b->done && n > 0 && stem_of(b->path) == n &&
         strncmp(a->path, b->path, n) == 0 && strcmp(a->type, b->type) == 0;
}

static nax_status
same_time(nax_ctx *ctx, const time_base *a, const time_base *b, int *same)
{
  nax_status status = NAX_OK;
  double *x = NULL, *y = NULL;
  nax_index n = 0, m = 0;
  *same = 0;
  if (a->stamps == NULL || b->stamps == NULL) {
    *same = a->stamps == NULL && b->stamps == NULL && a->start == b->start &&
            a->rate == b->rate;
    goto done;
  }
  if (a->stamps->addr == b->stamps->addr) {
    *same = 1;
    goto done;
  }
  if (a->stamps->n != b->stamps->n) {
    goto done;
  }
  NAX_TRY(nax_i_h5_numbers(ctx, a->stamps, INT64_MAX, &x, &n));
  NAX_TRY(nax_i_h5_numbers(ctx, b->stamps, INT64_MAX, &y, &m));
  *same = n == 0 || memcmp(x, y, (size_t)n * sizeof *x) == 0;
done:
  nax_i_free(x);
  nax_i_free(y);
  return status;
}

/* All members have one column of floats and the time of the first. */
static nax_status
open_parts(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item *const *member,
           nax_index n, nax_i_h5_data **part, time_base *t, int *agree)
{
  nax_status status = NAX_OK;
  char sub[1024];
  time_base other = {0, 0.0, NAN, NULL};
  *agree = 1;
  for (nax_index i = 0; i < n && *agree; i++) {
    nax_i_nwb_sub(sub, member[i]->path, "data");
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &part[i]));
    const nax_i_h5_data *d = part[i];
    *agree = d->klass == NAX_I_H5_NUMBER && !is_whole(d->dtype) &&
             (d->ndim == 1 || (d->ndim == 2 && d->dim[1] == 1)) &&
             d->dim[0] == part[0]->dim[0] && d->dtype == part[0]->dtype &&
             d->ndim == part[0]->ndim;
    if (!*agree) {
      break;
    }
    NAX_TRY(get_time(ctx, s, w, member[i]->path, i == 0 ? t : &other));
    if (i > 0) {
      NAX_TRY(same_time(ctx, t, &other, agree));
      free_time(&other);
    }
  }
done:
  free_time(&other);
  return status;
}

static int
by_number(const nax_i_nwb_item *a, const nax_i_nwb_item *b)
{
  const char *x = a->path + stem_of(a->path), *y = b->path + stem_of(b->path);
  while (*x == '0' && x[1] != '\0') {
    x++;
  }
  while (*y == '0' && y[1] != '\0') {
    y++;
  }
  size_t n = strlen(x), m = strlen(y);
  return n != m ? (n > m) - (n < m) : strcmp(x, y);
}

static nax_status
add_combined(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item **member,
             nax_index n, nax_i_h5_data **part, time_base *t)
{
  nax_status status = NAX_OK;
  nax_i_nwb_var *x = NULL;
  nax_i_var *v = NULL;
  const char **label = NULL;
  char name[1024], path[1024];
  size_t stem = stem_of(member[0]->path);
  const char *leaf = nax_i_nwb_leaf(member[0]->path);
  size_t length = stem - (size_t)(leaf - member[0]->path);
  while (length > 1 && strchr("_- .", leaf[length - 1]) != NULL) {
    length--;
  }
  snprintf(name, sizeof name, "%.*s", length > 0 ? (int)length : 6,
           length > 0 ? leaf : "series");
  int taken = strcmp(name, "spikes") == 0;
  for (nax_index i = 0; i < w->n_items; i++) {
    taken = taken || strcmp(w->item[i].name, name) == 0;
  }
  snprintf(name + strlen(name), sizeof name - strlen(name), "%s", taken ? "_all" : "");
  NAX_TRY(add_array(ctx, s, name, n, &x, &v));
  x->n_axes = 2;
  NAX_TRY_ALLOC(label, n, sizeof *label);
  for (nax_index i = 0; i < n; i++) {
    label[i] = nax_i_nwb_leaf(member[i]->path);
  }
  int32_t map[1] = {0};
  NAX_REQUIRE(nax_i_h5_describe(part[0], 1, map, v), NAX_ENOMEM, "out of memory");
  v->info.chunk[1] = v->info.chunk[0];
  v->info.chunk[0] = v->info.chunk[1] > 0 ? 1 : 0;
  v->info.ndim = 2;
  snprintf(path, sizeof path, "%.*s*", (int)(leaf - member[0]->path), member[0]->path);
  NAX_REQUIRE(nax_i_var_text(&v->path, path), NAX_ENOMEM, "out of memory");
  NAX_TRY(get_scale(ctx, s, w, part[0], x, v));
  NAX_TRY(nax_axis_create_labels(ctx, "neuron", n, label, &v->axis[0]));
  NAX_TRY(set_time(ctx, s, v, 1, part[0]->dim[0], t));
  for (nax_index i = 0; i < n; i++) {
    /* Each may have a conversion of its own; the common case is none. */
    double scale = nax_i_h5_attr_number(w->file, part[i]->path, "conversion", 1.0);
    double offset = nax_i_h5_attr_number(w->file, part[i]->path, "offset", 0.0);
    NAX_REQUIRE_FILE(scale == x->scale && offset == x->offset, NAX_EDATA, s->path,
                     "%s: conversion differs from %s", part[i]->path, part[0]->path);
  }
  for (nax_index i = 0; i < n; i++) {
    x->part[i] = part[i];
    part[i] = NULL;
    member[i]->done = 1;
  }
  x->n_parts = n;
  nax_i_warn(ctx, NAX_INFO, "nwb.combined-series",
             "%lld series %.*s... of one neuron each with equal times are combined into "
             "`%s` (neuron x time)",
             (long long)n, (int)stem, member[0]->path, name);
done:
  nax_i_free(label);
  return status;
}

nax_status
nax_i_nwb_combine(nax_ctx *ctx, nax_source *s, nax_i_nwb *w)
{
  nax_status status = NAX_OK;
  nax_i_nwb_item **member = NULL;
  nax_i_h5_data **part = NULL;
  time_base t = {0, 0.0, NAN, NULL};
  nax_index n = 0;
  NAX_TRY_ALLOC(member, w->n_items, sizeof *member);
  NAX_TRY_ALLOC(part, w->n_items, sizeof *part);
  for (nax_index i = 0; i < w->n_items; i++) {
    n = 0;
    /* Members lie side by side: names in a group come sorted. */
    for (nax_index j = i; j < w->n_items && same_stem(&w->item[i], &w->item[j]); j++) {
      nax_index k = n++;
      for (; k > 0 && by_number(member[k - 1], &w->item[j]) > 0; k--) {
        member[k] = member[k - 1];
      }
      member[k] = &w->item[j];
    }
    if (n < 3) {
      continue;
    }
    int agree = 0;
    nax_status tried = open_parts(ctx, s, w, member, n, part, &t, &agree);
    if (tried == NAX_OK && agree) {
      NAX_TRY(add_combined(ctx, s, w, member, n, part, &t));
    } else if (tried == NAX_ENOMEM) {
      status = tried;
      goto done;
    } else {
      /* Not what it looked like; each is opened, and complained of, by itself. */
      nax_i_begin(ctx);
    }
    for (nax_index j = 0; j < n; j++) {
      nax_i_h5_data_close(part[j]);
      part[j] = NULL;
    }
    free_time(&t);
    i += n - 1;
  }
done:
  for (nax_index j = 0; j < n && part != NULL; j++) {
    nax_i_h5_data_close(part[j]);
  }
  free_time(&t);
  nax_i_free(member);
  nax_i_free(part);
  return status;
}
