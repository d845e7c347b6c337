/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the native file back into exactly what was saved. */
#include "netcdf_i.h"
#include <math.h>
#include <stdlib.h>

/* What a variable is read from; `priv` of nax_i_var. */
typedef struct native_var {
  int var, row_size, intervals;
  char *dim_name; /* tables */
  int *column;
  nax_index n_columns, n_rows;
} native_var;

static void
free_native(void *p)
{
  native_var *x = p;
  if (x != NULL) {
    nax_i_free(x->dim_name);
    nax_i_free(x->column);
    nax_i_free(x);
  }
}

/* Text attribute that the layout promises. */
static nax_status
need_text(nax_ctx *ctx, nax_source *s, int nc, int var, const char *var_name,
          const char *name, char **out)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_nc_text(ctx, s->path, nc, var, name, out));
  NAX_REQUIRE_FILE(*out != NULL, NAX_EFORMAT, s->path,
                   "variable %s lacks its attribute %s", var_name, name);
done:
  return status;
}

/* The next name of a list separated by blanks; NULL at its end. Cuts `*list` up. */
static char *
next_name(char **list)
{
  char *p = *list + strspn(*list, " ");
  size_t n = strcspn(p, " ");
  if (n == 0) {
    return NULL;
  }
  *list = p + n + (p[n] != '\0');
  p[n] = '\0';
  return p;
}

/* ------------------------------------------------------------------------ axes */

/* Variable of `kind` over this dimension alone (labels have one more), or -1. */
static nax_status
find_partner(nax_ctx *ctx, nax_source *s, int nc, int dim, const char *kind, int *var)
{
  nax_status status = NAX_OK;
  int n_vars = 0, n_dims = 0, dims[NC_MAX_VAR_DIMS];
  char *text = NULL;
  *var = -1;
  NAX_TRY_NC(nc_inq_nvars(nc, &n_vars), s->path, "the list of variables");
  for (int i = 0; i < n_vars && *var < 0; i++) {
    if (nc_inq_varndims(nc, i, &n_dims) != NC_NOERR || n_dims < 1 || n_dims > 2 ||
        nc_inq_vardimid(nc, i, dims) != NC_NOERR || dims[0] != dim) {
      continue;
    }
    NAX_TRY(nax_i_nc_text(ctx, s->path, nc, i, "neuraxis_kind", &text));
    *var = text != NULL && strcmp(text, kind) == 0 ? i : -1;
    nax_i_free(text);
    text = NULL;
  }
done:
  return status;
}

static nax_status
load_coords(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, nax_index n, double **out)
{
  nax_status status = NAX_OK;
  double *x = NULL;
  NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, var, "with coordinates"));
  NAX_TRY_ALLOC(x, n, sizeof *x);
  if (n > 0) {
    NAX_TRY_NC(nc_get_var_double(f->id, var, x), s->path, "a coordinate variable");
  }
  *out = x;
  x = NULL;
done:
  nax_i_free(x);
  return status;
}

static nax_status
load_axis(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int dim, const char *name,
          nax_axis **out)
{
  nax_status status = NAX_OK;
  char *unit = NULL, **labels = NULL;
  double *x = NULL;
  size_t n = 0;
  int coord = -1, label = -1;
  *out = NULL;
  NAX_TRY_NC(nc_inq_dimlen(f->id, dim, &n), s->path, "a dimension");
  NAX_TRY(find_partner(ctx, s, f->id, dim, "axis", &coord));
  if (coord < 0) {
    NAX_TRY(find_partner(ctx, s, f->id, dim, "labels", &label));
  }
  if (coord >= 0) {
    NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, coord, "units", &unit));
    double rate = nax_i_nc_number(f->id, coord, "rate", NAN);
    double start = nax_i_nc_number(f->id, coord, "start", NAN);
    if (isfinite(rate) && rate > 0.0 && isfinite(start)) {
      NAX_TRY(nax_axis_create_regular(ctx, name, unit, (nax_index)n, start, rate, out));
    } else {
      NAX_TRY(load_coords(ctx, s, f, coord, (nax_index)n, &x));
      NAX_TRY(nax_axis_create_coords(ctx, name, unit, (nax_index)n, x, out));
    }
  } else if (label >= 0) {
    NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, label, "with labels"));
    NAX_TRY(nax_i_nc_strings(ctx, s->path, f->id, label, (nax_index)n, 1, &labels));
    NAX_TRY(nax_axis_create_labels(ctx, name, (nax_index)n, (const char *const *)labels,
                                   out));
  } else {
    NAX_TRY(nax_axis_create_index(ctx, name, (nax_index)n, out));
  }
done:
  nax_i_free(unit);
  nax_i_free(x);
  nax_i_free_strings(labels, labels != NULL ? (nax_index)n : 0);
  return status;
}

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* What the time axis says, without touching it: it has to come back as it was. */
static nax_status
time_facts(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k)
{
  nax_status status = NAX_OK;
  const nax_axis *a = v->axis[k];
  nax_index n = nax_axis_length(a);
  double *step = NULL;
  if (!isnan(s->opts.rate)) {
    double start = n > 0 && nax_axis_get_kind(a) != NAX_AXIS_INDEX &&
                           nax_axis_get_kind(a) != NAX_AXIS_LABELS
                       ? nax_axis_coord(a, 0)
                       : 0.0;
    return nax_i_var_regular_time(ctx, s, v, k, n, start, nax_axis_rate(a),
                                  NAX_RATE_FILE);
  }
  if (nax_axis_get_kind(a) == NAX_AXIS_REGULAR) {
    v->info.rate = nax_axis_rate(a);
    v->info.rate_source = NAX_RATE_FILE;
    v->info.t_start = nax_axis_coord(a, 0);
    v->info.t_stop = v->info.t_start + (double)n / v->info.rate;
  } else if (nax_axis_get_kind(a) == NAX_AXIS_COORDS && n > 0) {
    v->info.t_start = nax_axis_coord(a, 0);
    v->info.t_stop = nax_axis_coord(a, n - 1);
    nax_index at = 0;
    NAX_TRY_ALLOC(step, n, sizeof *step);
    for (nax_index i = 0; i + 1 < n; i++) {
      step[i] = nax_axis_coord(a, i + 1) - nax_axis_coord(a, i);
      at = step[i] > step[at] ? i : at;
    }
    if (n > 1) {
      v->info.max_gap = step[at];
      v->info.max_gap_at = at;
      qsort(step, (size_t)(n - 1), sizeof *step, by_value);
      v->info.median_step = step[(n - 1) / 2];
      if (v->info.max_gap > 1.5 * v->info.median_step) {
        nax_i_warn(ctx, NAX_SUGGESTION, "io.irregular-time",
                   "%s: times are irregular: median step %g s, largest gap %g s after "
                   "index %lld",
                   v->name, v->info.median_step, v->info.max_gap, (long long)at);
      }
    }
  }
done:
  nax_i_free(step);
  return status;
}

/* ------------------------------------------------------------------- variables */

static nax_status
add_var(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, const char *file_name,
        nax_var_kind kind, nax_i_var **v, native_var **x)
{
  nax_status status = NAX_OK;
  char *name = NULL, path[NC_MAX_NAME + 2];
  native_var *priv = NULL;
  NAX_TRY_ALLOC(priv, 1, sizeof *priv);
  priv->var = var;
  NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, var, "neuraxis_name", &name));
  *v = nax_i_source_add(s, kind, name != NULL ? name : file_name);
  NAX_REQUIRE(*v != NULL, NAX_ENOMEM, "out of memory");
  (*v)->priv = priv;
  (*v)->free_priv = free_native;
  *x = priv;
  priv = NULL;
  snprintf(path, sizeof path, "/%s", file_name);
  NAX_REQUIRE(nax_i_var_text(&(*v)->path, path), NAX_ENOMEM, "out of memory");
done:
  nax_i_free(priv);
  nax_i_free(name);
  return status;
}

static nax_status
open_array(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, const char *file_name)
{
  nax_status status = NAX_OK;
  nax_i_var *v = NULL;
  native_var *x = NULL;
  char *axes = NULL, *text = NULL;
  int n = 0, dims[NC_MAX_VAR_DIMS];
  int32_t map[NAX_MAX_NDIM];
  nc_type type = NC_NAT;
  NAX_TRY_NC(nc_inq_var(f->id, var, NULL, &type, &n, dims, NULL), s->path, file_name);
  NAX_REQUIRE_FILE(n >= 1 && n <= NAX_MAX_NDIM && (type == NC_DOUBLE || type == NC_FLOAT),
                   NAX_EFORMAT, s->path,
                   "variable %s is no array of numbers of 1 to %d dimensions", file_name,
                   NAX_MAX_NDIM);
  NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, var, file_name));
  NAX_TRY(need_text(ctx, s, f->id, var, file_name, "axes", &axes));
  NAX_TRY(add_var(ctx, s, f, var, file_name, NAX_VAR_ARRAY, &v, &x));
  char *rest = axes;
  for (int k = 0; k < n; k++) {
    char *name = next_name(&rest);
    NAX_REQUIRE_FILE(name != NULL, NAX_EFORMAT, s->path,
                     "variable %s has %d dimensions, its attribute axes names %d",
                     file_name, n, k);
    nax_i_nc_decode(name, 0);
    map[k] = n - 1 - k;
    NAX_TRY(load_axis(ctx, s, f, dims[map[k]], name, &v->axis[k]));
    if (strcmp(name, "time") == 0) {
      NAX_TRY(time_facts(ctx, s, v, k));
    }
  }
  NAX_TRY(nax_i_nc_describe(ctx, s->path, f->id, var, n, map, v));
  NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, var, "units", &text));
  NAX_REQUIRE(nax_i_var_text(&v->unit, text), NAX_ENOMEM, "out of memory");
  nax_i_free(text);
  text = NULL;
  NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, var, "long_name", &text));
  NAX_REQUIRE(nax_i_var_text(&v->description, text), NAX_ENOMEM, "out of memory");
done:
  nax_i_free(axes);
  nax_i_free(text);
  return status;
}

/* Variable named by an attribute of another. */
static nax_status
named_var(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, const char *file_name,
          const char *attribute, int *out)
{
  nax_status status = NAX_OK;
  char *name = NULL;
  NAX_TRY(need_text(ctx, s, f->id, var, file_name, attribute, &name));
  NAX_TRY_NC(nc_inq_varid(f->id, name, out), s->path, name);
done:
  nax_i_free(name);
  return status;
}

static nax_status
load_interval(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, double **out,
              nax_index *n)
{
  nax_status status = NAX_OK;
  int n_dims = 0, dims[NC_MAX_VAR_DIMS];
  size_t rows = 0, two = 0;
  double *x = NULL;
  *out = NULL;
  *n = 0;
  NAX_TRY_NC(nc_inq_varndims(f->id, var, &n_dims), s->path, "the intervals");
  NAX_REQUIRE_FILE(n_dims == 2, NAX_EFORMAT, s->path,
                   "the intervals of spikes are not a table of two columns");
  NAX_TRY_NC(nc_inq_vardimid(f->id, var, dims), s->path, "the intervals");
  NAX_TRY_NC(nc_inq_dimlen(f->id, dims[0], &rows), s->path, "the intervals");
  NAX_TRY_NC(nc_inq_dimlen(f->id, dims[1], &two), s->path, "the intervals");
  NAX_REQUIRE_FILE(two == 2, NAX_EFORMAT, s->path,
                   "the intervals of spikes are not a table of two columns");
  NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, var, "with intervals"));
  NAX_TRY_ALLOC(x, 2 * rows, sizeof *x);
  if (rows > 0) {
    NAX_TRY_NC(nc_get_var_double(f->id, var, x), s->path, "the intervals");
  }
  *out = x;
  *n = (nax_index)rows;
  x = NULL;
done:
  nax_i_free(x);
  return status;
}

static nax_status
open_spikes(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, const char *file_name)
{
  nax_status status = NAX_OK;
  nax_i_var *v = NULL;
  native_var *x = NULL;
  char *axes = NULL;
  int n = 0, dim = 0, unit_dim = 0;
  size_t n_spikes = 0;
  double *intervals = NULL;
  nax_index n_intervals = 0;
  NAX_TRY_NC(nc_inq_varndims(f->id, var, &n), s->path, file_name);
  NAX_REQUIRE_FILE(n == 1, NAX_EFORMAT, s->path, "spike times %s are not a list",
                   file_name);
  NAX_TRY_NC(nc_inq_vardimid(f->id, var, &dim), s->path, file_name);
  NAX_TRY_NC(nc_inq_dimlen(f->id, dim, &n_spikes), s->path, file_name);
  NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, var, file_name));
  NAX_TRY(need_text(ctx, s, f->id, var, file_name, "axes", &axes));
  NAX_TRY(add_var(ctx, s, f, var, file_name, NAX_VAR_SPIKES, &v, &x));
  NAX_TRY(named_var(ctx, s, f, var, file_name, "row_size", &x->row_size));
  NAX_TRY(named_var(ctx, s, f, var, file_name, "intervals", &x->intervals));
  NAX_TRY_NC(nc_inq_varndims(f->id, x->row_size, &n), s->path, "the row sizes");
  NAX_REQUIRE_FILE(n == 1, NAX_EFORMAT, s->path, "the row sizes of %s are not a list",
                   file_name);
  NAX_TRY_NC(nc_inq_vardimid(f->id, x->row_size, &unit_dim), s->path, "the row sizes");
  NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, x->row_size, "with the row sizes"));
  nax_i_nc_decode(axes, 0);
  NAX_TRY(load_axis(ctx, s, f, unit_dim, axes, &v->axis[0]));
  int32_t map[1] = {0};
  NAX_TRY(nax_i_nc_describe(ctx, s->path, f->id, var, 1, map, v));
  v->info.chunk[0] = 0;
  v->info.dim[0] = nax_axis_length(v->axis[0]);
  v->info.n_values = (nax_index)n_spikes;
  NAX_REQUIRE(nax_i_var_text(&v->unit, "s"), NAX_ENOMEM, "out of memory");
  NAX_TRY(load_interval(ctx, s, f, x->intervals, &intervals, &n_intervals));
  if (n_intervals > 0) {
    v->info.t_start = intervals[0];
    v->info.t_stop = intervals[2 * n_intervals - 1];
  }
done:
  nax_i_free(axes);
  nax_i_free(intervals);
  return status;
}

static nax_status
open_table(nax_ctx *ctx, nax_source *s, nax_i_nc *f, int var, const char *file_name)
{
  nax_status status = NAX_OK;
  nax_i_var *v = NULL;
  native_var *x = NULL;
  char *columns = NULL, *dim_name = NULL;
  int dim = 0, dims[NC_MAX_VAR_DIMS], n_dims = 0;
  size_t n_rows = 0;
  nc_type type = NC_NAT;
  NAX_TRY(add_var(ctx, s, f, var, file_name, NAX_VAR_TABLE, &v, &x));
  NAX_TRY(need_text(ctx, s, f->id, var, file_name, "dimension", &dim_name));
  NAX_TRY_NC(nc_inq_dimid(f->id, dim_name, &dim), s->path, dim_name);
  NAX_TRY_NC(nc_inq_dimlen(f->id, dim, &n_rows), s->path, dim_name);
  NAX_TRY(need_text(ctx, s, f->id, var, file_name, "dimension_name", &x->dim_name));
  NAX_TRY(need_text(ctx, s, f->id, var, file_name, "columns", &columns));
  nax_index most = 1;
  for (const char *p = columns; *p != '\0'; p++) {
    most += *p == ' ';
  }
  NAX_TRY_ALLOC(x->column, most, sizeof *x->column);
  char *rest = columns;
  for (char *name = next_name(&rest); name != NULL; name = next_name(&rest)) {
    int id = 0;
    NAX_TRY_NC(nc_inq_varid(f->id, name, &id), s->path, name);
    NAX_TRY_NC(nc_inq_var(f->id, id, NULL, &type, &n_dims, dims, NULL), s->path, name);
    int text = type == NC_CHAR || type == NC_STRING;
    NAX_REQUIRE_FILE(n_dims == (type == NC_CHAR ? 2 : 1) && dims[0] == dim &&
                         (text || type == NC_DOUBLE),
                     NAX_EFORMAT, s->path, "%s is no column of %s", name, file_name);
    NAX_TRY(nax_i_nc_check_size(ctx, f, s->path, f->id, id, name));
    x->column[x->n_columns++] = id;
  }
  x->n_rows = (nax_index)n_rows;
  v->info.ndim = 2;
  v->info.dim[0] = x->n_rows;
  v->info.dim[1] = x->n_columns;
  v->info.n_values = x->n_rows * x->n_columns;
  NAX_REQUIRE(nax_i_var_text(&v->file_dtype, "table"), NAX_ENOMEM, "out of memory");
done:
  nax_i_free(columns);
  nax_i_free(dim_name);
  return status;
}

/* ------------------------------------------------------------------ attributes */

static nax_status
load_attributes(nax_ctx *ctx, nax_source *s, nax_i_nc *f, char **main_name)
{
  nax_status status = NAX_OK;
  int n = 0;
  char name[NC_MAX_NAME + 1], *text = NULL, *key = NULL;
  *main_name = NULL;
  NAX_TRY_NC(nc_inq_natts(f->id, &n), s->path, "the attributes");
  for (int i = 0; i < n; i++) {
    nc_type type = NC_NAT;
    NAX_TRY_NC(nc_inq_attname(f->id, NC_GLOBAL, i, name), s->path, "an attribute");
    NAX_TRY_NC(nc_inq_atttype(f->id, NC_GLOBAL, name, &type), s->path, name);
    if (strcmp(name, "Conventions") == 0 || strcmp(name, "neuraxis_format") == 0 ||
        (type != NC_CHAR && type != NC_DOUBLE)) {
      continue;
    }
    NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, NC_GLOBAL, name, &text));
    if (strcmp(name, "neuraxis_main") == 0) {
      *main_name = text;
      text = NULL;
    } else if (strcmp(name, "neuraxis_version") == 0 && text != NULL) {
      nax_i_free(s->version);
      s->version = text;
      text = NULL;
    } else {
      NAX_TRY_DUP(key, name);
      nax_i_nc_decode(key, 1);
      NAX_TRY(nax_i_attrs_set(ctx, __func__, &s->attrs, key, text,
                              nax_i_nc_number(f->id, NC_GLOBAL, name, NAN)));
    }
    nax_i_free(text);
    nax_i_free(key);
    text = key = NULL;
  }
done:
  nax_i_free(text);
  nax_i_free(key);
  return status;
}

nax_status
nax_i_nc_open_native(nax_ctx *ctx, nax_source *s, nax_i_nc *f)
{
  nax_status status = NAX_OK;
  int n = 0;
  char name[NC_MAX_NAME + 1], *kind = NULL, *main_name = NULL;
  NAX_TRY(load_attributes(ctx, s, f, &main_name));
  NAX_TRY_NC(nc_inq_nvars(f->id, &n), s->path, "the list of variables");
  for (int i = 0; i < n; i++) {
    NAX_TRY_NC(nc_inq_varname(f->id, i, name), s->path, "a variable");
    NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, i, "neuraxis_kind", &kind));
    if (kind != NULL && strcmp(kind, "array") == 0) {
      NAX_TRY(open_array(ctx, s, f, i, name));
    } else if (kind != NULL && strcmp(kind, "spikes") == 0) {
      NAX_TRY(open_spikes(ctx, s, f, i, name));
    } else if (kind != NULL && strcmp(kind, "table") == 0) {
      NAX_TRY(open_table(ctx, s, f, i, name));
    }
    nax_i_free(kind);
    kind = NULL;
  }
  for (int32_t i = 0; main_name != NULL && i < s->n_vars; i++) {
    s->main = strcmp(s->vars[i].name, main_name) == 0 ? i : s->main;
  }
done:
  nax_i_free(kind);
  nax_i_free(main_name);
  return status;
}

/* --------------------------------------------------------------------- reading */

nax_status
nax_i_nc_read_native(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
                     const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  nax_i_nc *f = s->state;
  native_var *x = v->priv;
  size_t from[NAX_MAX_NDIM], many[NAX_MAX_NDIM];
  int32_t n = v->info.ndim;
  nax_i_hdf5_lock();
  for (int32_t k = 0; k < n; k++) {
    from[n - 1 - k] = (size_t)start[k];
    many[n - 1 - k] = (size_t)count[k];
  }
  NAX_TRY_NC(dtype == NAX_F64 ? nc_get_vara_double(f->id, x->var, from, many, dst)
                              : nc_get_vara_float(f->id, x->var, from, many, dst),
             s->path, v->name);
done:
  nax_i_hdf5_unlock();
  return status;
}

nax_status
nax_i_nc_spikes_native(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_i_nc *f = s->state;
  native_var *x = v->priv;
  nax_index n = v->info.dim[0], n_intervals = 0, *offsets = NULL, total = 0;
  long long *rows = NULL;
  double *times = NULL, *intervals = NULL;
  *out = NULL;
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(rows, n, sizeof *rows);
  NAX_TRY_ALLOC(offsets, n + 1, sizeof *offsets);
  if (n > 0) {
    NAX_TRY_NC(nc_get_var_longlong(f->id, x->row_size, rows), s->path, "the row sizes");
  }
  for (nax_index u = 0; u < n; u++) {
    NAX_REQUIRE_FILE(
        rows[u] >= 0 && rows[u] <= v->info.n_values - total, NAX_EDATA, s->path,
        "%s: row size %lld is %lld (expected at most %lld, the spikes left)", v->name,
        (long long)u, rows[u], (long long)(v->info.n_values - total));
    total += rows[u];
    offsets[u + 1] = total;
  }
  NAX_REQUIRE_FILE(total == v->info.n_values, NAX_EDATA, s->path,
                   "%s: the row sizes sum to %lld (expected %lld, the number of spikes)",
                   v->name, (long long)total, (long long)v->info.n_values);
  NAX_TRY_ALLOC(times, total, sizeof *times);
  if (total > 0) {
    NAX_TRY_NC(nc_get_var_double(f->id, x->var, times), s->path, v->name);
  }
  NAX_TRY(load_interval(ctx, s, f, x->intervals, &intervals, &n_intervals));
  NAX_TRY(
      nax_spikes_create(ctx, v->axis[0], offsets, times, n_intervals, intervals, out));
done:
  nax_i_hdf5_unlock();
  nax_i_free(rows);
  nax_i_free(offsets);
  nax_i_free(times);
  nax_i_free(intervals);
  return status;
}

nax_status
nax_i_nc_table_native(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_i_nc *f = s->state;
  native_var *x = v->priv;
  nax_table *t = NULL;
  char *title = NULL, *unit = NULL, **text = NULL;
  double *number = NULL;
  *out = NULL;
  nax_i_hdf5_lock();
  NAX_TRY(nax_table_create(ctx, x->dim_name, x->n_rows, &t));
  for (nax_index j = 0; j < x->n_columns; j++) {
    nc_type type = NC_NAT;
    NAX_TRY_NC(nc_inq_vartype(f->id, x->column[j], &type), s->path, "a column");
    NAX_TRY(need_text(ctx, s, f->id, x->column[j], v->name, "column", &title));
    if (type == NC_DOUBLE) {
      NAX_TRY(nax_i_nc_text(ctx, s->path, f->id, x->column[j], "units", &unit));
      NAX_TRY_ALLOC(number, x->n_rows, sizeof *number);
      if (x->n_rows > 0) {
        NAX_TRY_NC(nc_get_var_double(f->id, x->column[j], number), s->path, title);
      }
      NAX_TRY(nax_table_add_numbers(ctx, t, title, unit, number));
    } else {
      NAX_TRY(nax_i_nc_strings(ctx, s->path, f->id, x->column[j], x->n_rows, 1, &text));
      NAX_TRY(nax_table_add_text(ctx, t, title, (const char *const *)text));
    }
    nax_i_free(title);
    nax_i_free(unit);
    nax_i_free(number);
    nax_i_free_strings(text, text != NULL ? x->n_rows : 0);
    title = unit = NULL;
    number = NULL;
    text = NULL;
  }
  *out = t;
  t = NULL;
done:
  nax_i_hdf5_unlock();
  nax_i_free(title);
  nax_i_free(unit);
  nax_i_free(number);
  nax_i_free_strings(text, text != NULL ? x->n_rows : 0);
  nax_table_free(t);
  return status;
}
