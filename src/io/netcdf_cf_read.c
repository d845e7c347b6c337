/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netCDF files of other programs: their numbers, unpacked and with what is missing as
 * NaN. */
#include "netcdf_cf_i.h"
#include "spikes_io_i.h"
#include <math.h>

/* In place, on packed values: missing to NaN, then value = packed * scale + offset. */
static void
unpack(const nax_i_cf_var *x, double *v, nax_index n)
{
  int ranged = x->low > -(double)INFINITY || x->high < (double)INFINITY;
  int scaled = !(x->scale == 1.0 && x->offset == 0.0);
  for (nax_index k = 0; k < x->n_mask; k++) {
    double missing = x->mask[k];
    for (nax_index i = 0; i < n; i++) {
      v[i] = v[i] == missing ? (double)NAN : v[i];
    }
  }
  for (nax_index i = 0; i < n && ranged; i++) {
    v[i] = v[i] < x->low || v[i] > x->high ? (double)NAN : v[i];
  }
  for (nax_index i = 0; i < n && scaled; i++) {
    v[i] = v[i] * x->scale + x->offset;
  }
}

/* A stretch along our last axis: raw numbers, doubles, the caller's order and type. */
static nax_status
read_stretch(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
             const nax_index *count, nax_index n, void *raw, double *values,
             double *turned, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  nax_i_cf_var *x = v->priv;
  size_t from[NAX_MAX_NDIM], many[NAX_MAX_NDIM];
  for (int32_t k = 0; k < v->info.ndim; k++) {
    from[x->map[k]] = (size_t)start[k];
    many[x->map[k]] = (size_t)count[k];
  }
  NAX_TRY_NC(nc_get_vara(x->nc, x->id, from, many, raw), s->path, v->name);
  NAX_TRY(nax_i_convert(ctx, s->path, v->name, x->from, raw, n, 1.0, 0.0, NAX_F64, values,
                        0));
  unpack(x, values, n);
  if (turned != NULL) {
    nax_i_reorder(v->info.ndim, x->map, count, NAX_F64, values, turned);
    values = turned;
  }
  if (dtype == NAX_F64) {
    memcpy(dst, values, (size_t)n * sizeof *values);
  } else {
    for (nax_index i = 0; i < n; i++) {
      ((float *)dst)[i] = (float)values[i];
    }
  }
done:
  return status;
}

static int
all_missing(const nax_i_var *v, const nax_index *count, nax_dtype dtype, const void *data)
{
  nax_index n = 1;
  for (int32_t k = 0; k < v->info.ndim; k++) {
    n *= count[k];
    if (count[k] != nax_axis_length(v->axis[k])) {
      return 0; /* only a part was asked for */
    }
  }
  for (nax_index i = 0; i < n; i++) {
    if (!(dtype == NAX_F64 ? isnan(((const double *)data)[i])
                           : isnan(((const float *)data)[i]))) {
      return 0;
    }
  }
  return 1;
}

nax_status
nax_i_nc_read_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
                 const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  nax_i_cf_var *x = v->priv;
  void *raw = NULL;
  double *values = NULL, *turned = NULL;
  nax_index at[NAX_MAX_NDIM], part[NAX_MAX_NDIM], rest = 1;
  int32_t n = v->info.ndim, last = n - 1, natural = 1;
  enum { SCRATCH = 1 << 20 };
  nax_i_hdf5_lock();
  for (int32_t k = 0; k < n; k++) {
    at[k] = start[k];
    part[k] = count[k];
    rest *= k < last ? count[k] : 1;
    natural = natural && x->map[k] == n - 1 - k;
  }
  nax_index chunk = v->info.chunk[last], step = SCRATCH / rest > 0 ? SCRATCH / rest : 1;
  step = chunk > 0 ? (step / chunk > 0 ? step - step % chunk : chunk) : step;
  step = step < count[last] ? step : count[last];
  NAX_TRY_ALLOC(raw, rest * step, nax_dtype_size(x->from));
  NAX_TRY_ALLOC(values, rest * step, sizeof *values);
  if (!natural) {
    NAX_TRY_ALLOC(turned, rest * step, sizeof *turned);
  }
  for (nax_index i = 0; i < count[last];) {
    nax_index m = count[last] - i < step ? count[last] - i : step;
    nax_index over = chunk > 0 ? (start[last] + i) % chunk : 0;
    m = over > 0 && m > chunk - over ? chunk - over : m;
    at[last] = start[last] + i;
    part[last] = m;
    NAX_TRY(read_stretch(ctx, s, v, at, part, rest * m, raw, values, turned, dtype,
                         (char *)dst + (size_t)(i * rest) * nax_dtype_size(dtype)));
    i += m;
  }
  NAX_REQUIRE_FILE(!all_missing(v, count, dtype, dst), NAX_EDATA, s->path,
                   "variable %s has no data: all its values are missing", v->name);
done:
  nax_i_hdf5_unlock();
  nax_i_free(raw);
  nax_i_free(values);
  nax_i_free(turned);
  return status;
}

/* ---------------------------------------------------------------------- spikes */

nax_status
nax_i_nc_spikes_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_i_cf_var *x = v->priv;
  nax_index n_units = v->info.dim[0], n = x->n_rows, total = 0;
  nax_index n_rows = x->contiguous ? n_units : n, *offsets = NULL;
  long long *rows = NULL;
  int32_t *unit = NULL;
  double *t = NULL;
  *out = NULL;
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(rows, n_rows, sizeof *rows);
  NAX_TRY_ALLOC(t, n, sizeof *t);
  if (n_rows > 0) {
    NAX_TRY_NC(nc_get_var_longlong(x->rows_nc, x->rows_id, rows), s->path, v->name);
  }
  if (n > 0) {
    NAX_TRY_NC(nc_get_var_double(x->nc, x->id, t), s->path, v->name);
  }
  for (nax_index i = 0; i < n; i++) {
    t[i] *= x->scale;
    NAX_REQUIRE_FILE(isfinite(t[i]), NAX_EDATA, s->path,
                     "%s: value %lld is %g (expected a time)", v->name, (long long)i,
                     t[i]);
  }
  if (x->contiguous) {
    NAX_TRY_ALLOC(offsets, n_units + 1, sizeof *offsets);
    for (nax_index u = 0; u < n_units; u++) {
      NAX_REQUIRE_FILE(rows[u] >= 0 && rows[u] <= n - total, NAX_EDATA, s->path,
                       "%s: row size %lld is %lld (expected 0 to %lld, the values left)",
                       v->name, (long long)u, rows[u], (long long)(n - total));
      total += rows[u];
      offsets[u + 1] = total;
    }
    if (total < n) {
      NAX_TRY(nax_i_source_violation(ctx, s, "netcdf.ragged",
                                     "%s: the row sizes sum to %lld, the rest of %lld "
                                     "values is left out",
                                     v->name, (long long)total, (long long)n));
    }
    NAX_TRY(nax_spikes_create(ctx, v->axis[0], offsets, t, 0, NULL, out));
  } else {
    NAX_TRY_ALLOC(unit, n, sizeof *unit);
    for (nax_index i = 0; i < n; i++) {
      NAX_REQUIRE_FILE(rows[i] >= 0 && rows[i] < n_units, NAX_EDATA, s->path,
                       "%s: value %lld belongs to instance %lld (expected 0 to %lld)",
                       v->name, (long long)i, rows[i], (long long)(n_units - 1));
      unit[i] = (int32_t)rows[i];
    }
    NAX_TRY(nax_i_spikes_group(ctx, s, v->axis[0], n, unit, t, 0, NULL, out));
  }
done:
  nax_i_hdf5_unlock();
  nax_i_free(rows);
  nax_i_free(unit);
  nax_i_free(offsets);
  nax_i_free(t);
  return status;
}

/* ---------------------------------------------------------------------- tables */

nax_status
nax_i_nc_table_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_i_cf_var *x = v->priv;
  nax_table *t = NULL;
  char name[NC_MAX_NAME + 1], *unit = NULL, **text = NULL;
  double *number = NULL;
  *out = NULL;
  nax_i_hdf5_lock();
  NAX_TRY(nax_table_create(ctx, x->dim_name, x->n_rows, &t));
  for (nax_index j = 0; j < x->n_columns; j++) {
    int nc = x->column[j].nc, id = x->column[j].id;
    nc_type type = NC_NAT;
    NAX_TRY_NC(nc_inq_var(nc, id, name, &type, NULL, NULL, NULL), s->path, "a column");
    if (type == NC_CHAR || type == NC_STRING) {
      NAX_TRY(nax_i_nc_strings(ctx, s->path, nc, id, x->n_rows, 0, &text));
      for (nax_index i = 0; i < x->n_rows; i++) {
        nax_i_clean_utf8(text[i]);
      }
      NAX_TRY(nax_table_add_text(ctx, t, name, (const char *const *)text));
    } else {
      nax_i_cf_var column = {0};
      double fill[1];
      column.scale = nax_i_nc_number(nc, id, "scale_factor", 1.0);
      column.offset = nax_i_nc_number(nc, id, "add_offset", 0.0);
      column.low = -INFINITY;
      column.high = INFINITY;
      fill[0] = nax_i_nc_number(nc, id, "_FillValue", NAN);
      column.mask = fill;
      column.n_mask = isnan(fill[0]) ? 0 : 1;
      NAX_TRY_ALLOC(number, x->n_rows, sizeof *number);
      if (x->n_rows > 0) {
        NAX_TRY_NC(nc_get_var_double(nc, id, number), s->path, name);
      }
      unpack(&column, number, x->n_rows);
      NAX_TRY(nax_i_nc_text(ctx, s->path, nc, id, "units", &unit));
      NAX_TRY(nax_table_add_numbers(ctx, t, name, unit, number));
    }
    nax_i_free(unit);
    nax_i_free(number);
    nax_i_free_strings(text, text != NULL ? x->n_rows : 0);
    unit = NULL;
    number = NULL;
    text = NULL;
  }
  *out = t;
  t = NULL;
done:
  nax_i_hdf5_unlock();
  nax_i_free(unit);
  nax_i_free(number);
  nax_i_free_strings(text, text != NULL ? x->n_rows : 0);
  nax_table_free(t);
  return status;
}
