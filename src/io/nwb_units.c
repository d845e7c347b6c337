/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike trains of NWB files: one bulk read, cut up by the cumulative index. */
#include "nwb_i.h"
#include <math.h>
#include <stdlib.h>

static nax_status
open_1d(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, const char *name,
        nax_i_h5_data **out)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char sub[1024];
  *out = NULL;
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, nax_i_nwb_sub(sub, path, name), &d));
  NAX_REQUIRE_FILE(d->klass == NAX_I_H5_NUMBER && d->ndim == 1, NAX_EFORMAT, s->path,
                   "%s has type %s and %d dimensions (expected numbers in one)", sub,
                   d->file_dtype, (int)d->ndim);
  *out = d;
  d = NULL;
done:
  nax_i_h5_data_close(d);
  return status;
}

/* The cumulative ends of the rows, checked against what they point into. */
static nax_status
get_index(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, const char *name,
          nax_index n_values, int64_t **ends, nax_index *n)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  *ends = NULL;
  *n = 0;
  NAX_TRY(open_1d(ctx, s, w, path, name, &d));
  NAX_TRY(nax_i_h5_integers(ctx, d, 1 << 28, ends, n));
  for (nax_index k = 0; k < *n; k++) {
    int64_t before = k > 0 ? (*ends)[k - 1] : 0, at = (*ends)[k];
    NAX_REQUIRE_FILE(at >= before, NAX_EDATA, s->path,
                     "%s: entry %lld is %lld (expected at least %lld, the entry before)",
                     d->path, (long long)k, (long long)at, (long long)before);
    NAX_REQUIRE_FILE(
        at <= n_values, NAX_EDATA, s->path,
        "%s: entry %lld is %lld (expected at most %lld, the number of values)", d->path,
        (long long)k, (long long)at, (long long)n_values);
  }
done:
  nax_i_h5_data_close(d);
  if (status != NAX_OK) {
    nax_i_free(*ends);
    *ends = NULL;
  }
  return status;
}

/* The range of a modest number of spikes; the rest of the library asks for it so that a
 * report can say how long the recording is. */
static nax_status
get_range(nax_ctx *ctx, nax_i_h5_data *d, nax_i_var *v)
{
  nax_status status = NAX_OK;
  double *t = NULL;
  nax_index n = 0;
  enum { FEW = 1 << 20 };
  if (d->n == 0 || d->n > FEW || d->filter_missing != 0) {
    return NAX_OK;
  }
  NAX_TRY(nax_i_h5_numbers(ctx, d, FEW, &t, &n));
  double low = INFINITY, high = -INFINITY;
  for (nax_index i = 0; i < n; i++) {
    low = t[i] < low ? t[i] : low;
    high = t[i] > high ? t[i] : high;
  }
  if (isfinite(low) && isfinite(high)) {
    v->info.t_start = low;
    v->info.t_stop = high;
  }
done:
  nax_i_free(t);
  return status;
}

static nax_status
open_spikes(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item *it,
            nax_i_h5_data *times)
{
  nax_status status = NAX_OK;
  nax_i_nwb_var *x = nax_i_nwb_var_create(NAX_I_NWB_UNITS);
  nax_i_h5_data *id = NULL;
  char **label = NULL, *accepted = NULL, name[300], sub[1024];
  nax_index n = 0;
  nax_axis *all = NULL;
  NAX_REQUIRE(x != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY_DUP(x->path, it->path);
  NAX_TRY(get_index(ctx, s, w, it->path, "spike_times_index", times->n, &x->ends,
                    &x->n_rows));
  n = x->n_rows;
  if (nax_i_h5_look(w->file, nax_i_nwb_sub(sub, it->path, "id"), NULL) ==
      NAX_I_H5_DATASET) {
    NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &id));
    NAX_REQUIRE_FILE(
        id->n == n, NAX_EDATA, s->path,
        "%s/spike_times_index has %lld entries (expected %lld, the number of units)",
        it->path, (long long)n, (long long)id->n);
  }
  if (n > 0 && x->ends[n - 1] < times->n) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "nwb.spike-times-left-over",
        "%s belongs to units only up to value %lld of %lld: the rest is left out",
        times->path, (long long)x->ends[n - 1], (long long)times->n));
  }
  NAX_TRY(nax_i_nwb_ids(ctx, w, it->path, n, &label));
  NAX_TRY(nax_axis_create_labels(ctx, "unit", n, (const char *const *)label, &all));
  if (s->opts.cells_only) {
    NAX_TRY(nax_i_nwb_accepted(ctx, w, it->path, n, &accepted));
  }
  snprintf(name, sizeof name, "%.280s%s", strcmp(it->path, "/units") == 0 ? "" : it->name,
           strcmp(it->path, "/units") == 0 ? "spikes" : "_spikes");
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_SPIKES, name);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->priv = x;
  v->free_priv = nax_i_nwb_var_free;
  nax_i_nwb_var *priv = x;
  x = NULL;
  v->info.n_values = n > 0 ? priv->ends[n - 1] : 0;
  if (accepted != NULL) {
    NAX_TRY_ALLOC(priv->keep, n, sizeof *priv->keep);
    v->info.n_values = 0;
    for (nax_index i = 0; i < n; i++) {
      if (accepted[i]) {
        priv->keep[priv->n_keep++] = i;
        v->info.n_values += priv->ends[i] - (i > 0 ? priv->ends[i - 1] : 0);
      }
    }
    NAX_TRY(nax_axis_take(ctx, all, priv->n_keep, priv->keep, &v->axis[0]));
  } else {
    v->axis[0] = all;
    all = NULL;
  }
  int32_t map[1] = {0};
  NAX_REQUIRE(nax_i_h5_describe(times, 1, map, v), NAX_ENOMEM, "out of memory");
  v->info.dim[0] = nax_axis_length(v->axis[0]);
  NAX_REQUIRE(nax_i_var_text(&v->path, it->path) && nax_i_var_text(&v->unit, "s"),
              NAX_ENOMEM, "out of memory");
  NAX_TRY(get_range(ctx, times, v));
done:
  nax_i_nwb_var_free(x);
  nax_i_h5_data_close(id);
  nax_i_free_strings(label, label != NULL ? n : 0);
  nax_i_free(accepted);
  nax_axis_free(all);
  return status;
}

nax_status
nax_i_nwb_units_open(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, nax_i_nwb_item *it)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *times = NULL;
  char sub[1024];
  nax_i_nwb_sub(sub, it->path, "spike_times");
  if (nax_i_h5_look(w->file, sub, NULL) == NAX_I_H5_ABSENT) {
    nax_i_warn(ctx, NAX_CRITICAL, "nwb.units-table-has-spikes", "%s has no spike_times",
               it->path);
    return NAX_OK;
  }
  NAX_TRY(open_1d(ctx, s, w, it->path, "spike_times", &times));
  NAX_TRY(open_spikes(ctx, s, w, it, times));
done:
  nax_i_h5_data_close(times);
  return status;
}

/* ---------------------------------------------------------------------- intervals */

static int
by_start(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (x[0] > y[0]) - (x[0] < y[0]);
}

/* Union of the observation intervals of all units, in fresh memory. */
static nax_status
get_intervals(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const nax_i_nwb_var *x,
              double **out, nax_index *n)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  double *all = NULL;
  nax_index got = 0, m = 0;
  char sub[1024];
  *out = NULL;
  *n = 0;
  nax_i_nwb_sub(sub, x->path, "obs_intervals");
  if (nax_i_h5_look(w->file, sub, NULL) != NAX_I_H5_DATASET) {
    return NAX_OK;
  }
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, sub, &d));
  NAX_REQUIRE_FILE(d->klass == NAX_I_H5_NUMBER && d->ndim == 2 && d->dim[1] == 2,
                   NAX_EFORMAT, s->path, "%s is not a list of start and stop times", sub);
  NAX_TRY(nax_i_h5_numbers(ctx, d, 1 << 26, &all, &got));
  for (nax_index i = 0; i < got; i += 2) {
    NAX_REQUIRE_FILE(isfinite(all[i]) && isfinite(all[i + 1]) && all[i + 1] >= all[i],
                     NAX_EDATA, s->path,
                     "%s: interval %lld is %g to %g s (expected ascending times)", sub,
                     (long long)(i / 2), all[i], all[i + 1]);
  }
  if (got > 0) {
    qsort(all, (size_t)(got / 2), 2 * sizeof *all, by_start);
  }
  for (nax_index i = 0; i < got; i += 2) {
    if (m > 0 && all[i] <= all[2 * m - 1]) {
      all[2 * m - 1] = all[i + 1] > all[2 * m - 1] ? all[i + 1] : all[2 * m - 1];
    } else if (all[i + 1] > all[i]) {
      all[2 * m] = all[i];
      all[2 * m + 1] = all[i + 1];
      m++;
    }
  }
  *out = all;
  *n = m;
  all = NULL;
done:
  nax_i_h5_data_close(d);
  nax_i_free(all);
  return status;
}

/* ------------------------------------------------------------------------ reading */

/* NaN, Inf, times before 0, a clock that starts again. */
static nax_status
check_times(nax_ctx *ctx, nax_source *s, const nax_i_nwb_var *x, const double *t)
{
  nax_status status = NAX_OK;
  nax_index n_negative = 0, unit_negative = -1;
  for (nax_index u = 0; u < x->n_rows; u++) {
    nax_index first = u > 0 ? x->ends[u - 1] : 0, n_falls = 0, at = -1;
    for (nax_index i = first; i < x->ends[u]; i++) {
      NAX_REQUIRE_FILE(
          isfinite(t[i]), NAX_EDATA, s->path,
          "%s/spike_times: value %lld (unit %lld, spike %lld) is %s (expected a time in "
          "seconds)",
          x->path, (long long)i, (long long)u, (long long)(i - first),
          isnan(t[i]) ? "NaN" : "infinite");
      if (t[i] < 0.0) {
        unit_negative = n_negative++ == 0 ? u : unit_negative;
      }
      if (i > first && t[i] < t[i - 1]) {
        at = n_falls++ == 0 ? i : at;
      }
    }
    if (n_falls == 1 && t[at] - t[first] < 0.1 * (t[at - 1] - t[first])) {
      NAX_TRY(nax_i_source_violation(ctx, s, "nwb.spike-times-reset",
                                     "%s/spike_times: the times of unit %lld fall from "
                                     "%g s to %g s at its spike %lld: two recordings "
                                     "joined?",
                                     x->path, (long long)u, t[at - 1], t[at],
                                     (long long)(at - first)));
    }
  }
  if (n_negative > 0) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "nwb.negative-spike-times",
        "%s/spike_times: %lld times are negative, the first in unit %lld", x->path,
        (long long)n_negative, (long long)unit_negative));
  }
done:
  return status;
}

nax_status
nax_i_nwb_units_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_i_nwb *w = s->state;
  nax_i_nwb_var *x = v->priv;
  nax_i_h5_data *d = NULL;
  double *t = NULL, *intervals = NULL;
  nax_index *offsets = NULL, n = 0, n_intervals = 0;
  *out = NULL;
  NAX_TRY(open_1d(ctx, s, w, x->path, "spike_times", &d));
  NAX_TRY(nax_i_h5_numbers(ctx, d, INT64_MAX, &t, &n));
  NAX_TRY(check_times(ctx, s, x, t));
  NAX_TRY(get_intervals(ctx, s, w, x, &intervals, &n_intervals));
  nax_index n_units = nax_axis_length(v->axis[0]);
  NAX_TRY_ALLOC(offsets, n_units + 1, sizeof *offsets);
  for (nax_index u = 0; u < n_units; u++) {
    nax_index row = x->keep != NULL ? x->keep[u] : u;
    nax_index first = row > 0 ? x->ends[row - 1] : 0, many = x->ends[row] - first;
    /* Rejected units leave holes; the kept ones move up, in place. */
    memmove(t + offsets[u], t + first, (size_t)many * sizeof *t);
    offsets[u + 1] = offsets[u] + many;
  }
  NAX_TRY(nax_spikes_create(ctx, v->axis[0], offsets, t, n_intervals, intervals, out));
done:
  nax_i_h5_data_close(d);
  nax_i_free(t);
  nax_i_free(intervals);
  nax_i_free(offsets);
  return status;
}
