/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time axes from rates and timestamps, and axis names for formats that have none. */
#include "io_i.h"
#include <math.h>
#include <stdlib.h>

static void
set_time(nax_i_var *v, int32_t k, nax_index n, double start, double rate,
         nax_rate_source from)
{
  v->info.rate = rate;
  v->info.rate_source = from;
  v->info.t_start = n > 0 ? start : (double)NAN;
  v->info.t_stop = n > 0 ? start + (double)n / rate : (double)NAN;
  v->info.ndim = v->info.ndim > k ? v->info.ndim : k + 1;
}

nax_status
nax_i_var_regular_time(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k, nax_index n,
                       double start, double rate, nax_rate_source from)
{
  nax_status status = NAX_OK;
  int given = !isnan(s->opts.rate), known = isfinite(rate) && rate > 0.0;
  NAX_REQUIRE_FILE(given || known, NAX_EDATA, s->path,
                   "%s: sampling rate unknown (give option `rate`)", v->name);
  if (given && known && fabs(s->opts.rate - rate) > 1e-9 * rate) {
    nax_i_warn(ctx, NAX_INFO, "io.rate-overridden",
               "%s: the file says %g Hz, %g Hz as given is used", v->name, rate,
               s->opts.rate);
  } else if (!given && from == NAX_RATE_PLACEHOLDER) {
    nax_i_warn(ctx, NAX_CRITICAL, "io.rate-placeholder",
               "%s: the sampling rate %g Hz is a default that probably nobody set (give "
               "option `rate`)",
               v->name, rate);
  }
  if (given) {
    rate = s->opts.rate;
    from = NAX_RATE_USER;
  }
  start = isfinite(start) ? start : 0.0;
  nax_axis_free(v->axis[k]);
  v->axis[k] = NULL;
  NAX_TRY(nax_axis_create_regular(ctx, "time", "s", n, start, rate, &v->axis[k]));
  set_time(v, k, n, start, rate, from);
done:
  return status;
}

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static nax_status
irregular_time(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k, nax_index n,
               const double *t)
{
  nax_status status = NAX_OK;
  double *step = NULL;
  NAX_TRY_ALLOC(step, n - 1, sizeof *step);
  nax_index at = 0;
  for (nax_index i = 0; i < n - 1; i++) {
    step[i] = t[i + 1] - t[i];
    at = step[i] > step[at] ? i : at;
  }
  v->info.max_gap = step[at];
  v->info.max_gap_at = at;
  qsort(step, (size_t)(n - 1), sizeof *step, by_value);
  v->info.median_step = step[(n - 1) / 2];
  NAX_TRY(nax_axis_create_coords(ctx, "time", "s", n, t, &v->axis[k]));
  set_time(v, k, n, t[0], NAN, NAX_RATE_NONE);
  v->info.t_stop = t[n - 1];
  int gap = v->info.max_gap > 1.5 * v->info.median_step;
  if (gap) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "io.irregular-time",
        "%s: timestamps are irregular: median step %g s, largest gap %g s after index "
        "%lld (%g s)",
        v->name, v->info.median_step, v->info.max_gap, (long long)at, t[at]));
  } else {
    nax_i_warn(
        ctx, NAX_SUGGESTION, "io.irregular-time",
        "%s: timestamps are irregular: median step %g s, largest %g s at index %lld",
        v->name, v->info.median_step, v->info.max_gap, (long long)at);
  }
done:
  nax_i_free(step);
  return status;
}

nax_status
nax_i_var_timestamps(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k, nax_index n,
                     const double *t)
{
  nax_status status = NAX_OK;
  for (nax_index i = 0; i < n; i++) {
    NAX_REQUIRE_FILE(isfinite(t[i]), NAX_EDATA, s->path,
                     "%s: timestamp %lld is %g (expected a finite time)", v->name,
                     (long long)i, t[i]);
    NAX_REQUIRE_FILE(i == 0 || t[i] > t[i - 1], NAX_EDATA, s->path,
                     "%s: timestamp %lld is %.9g s, not after the one before (%.9g s)",
                     v->name, (long long)i, t[i], t[i - 1]);
  }
  if (!isnan(s->opts.rate)) {
    NAX_TRY(
        nax_i_var_regular_time(ctx, s, v, k, n, n > 0 ? t[0] : 0.0, NAN, NAX_RATE_NONE));
    nax_i_warn(ctx, NAX_INFO, "io.rate-overridden",
               "%s: the file's timestamps are replaced by %g Hz as given", v->name,
               s->opts.rate);
    goto done;
  }
  if (n < 2) { /* a single time has no rate */
    nax_axis_free(v->axis[k]);
    v->axis[k] = NULL;
    NAX_TRY(nax_axis_create_coords(ctx, "time", "s", n, t, &v->axis[k]));
    set_time(v, k, n, n > 0 ? t[0] : (double)NAN, NAN, NAX_RATE_NONE);
    v->info.t_stop = v->info.t_start;
    goto done;
  }
  double rate = (double)(n - 1) / (t[n - 1] - t[0]);
  int regular = isfinite(rate) && rate > 0.0;
  for (nax_index i = 0; i < n && regular; i++) {
    regular = fabs(t[i] - (t[0] + (double)i / rate)) * rate <= 0.02;
  }
  nax_axis_free(v->axis[k]);
  v->axis[k] = NULL;
  if (regular) {
    NAX_TRY(nax_axis_create_regular(ctx, "time", "s", n, t[0], rate, &v->axis[k]));
    set_time(v, k, n, t[0], rate, NAX_RATE_TIMESTAMPS);
  } else {
    NAX_TRY(irregular_time(ctx, s, v, k, n, t));
  }
done:
  return status;
}

/* Where an axis belongs in ours: neurons first, time, then what repeats. */
static int
rank_of(const char *name)
{
  static const char *const ranked[][8] = {
      {"neuron", "unit", "roi", "channel", "voxel", "component", NULL},
      {"frequency", "sample", NULL},
      {"time", NULL},
      {"trial", "event", "repeat", NULL},
      {"condition", NULL},
      {"animal", "subject", "session", NULL}};
  for (int r = 0; r < 6; r++) {
    for (int i = 0; ranked[r][i] != NULL; i++) {
      if (strcmp(name, ranked[r][i]) == 0) {
        return r;
      }
    }
  }
  return -1;
}

nax_status
nax_i_plan_axes(nax_ctx *ctx, nax_source *s, int apply, int32_t ndim,
                const char *const *defaults, char text[256],
                const char *name[NAX_MAX_NDIM], int32_t order[NAX_MAX_NDIM])
{
  nax_status status = NAX_OK;
  for (int32_t k = 0; k < ndim; k++) {
    name[k] = defaults[k];
  }
  if (apply && s->opts.axes != NULL) {
    int32_t n = 0;
    NAX_REQUIRE_FILE(strlen(s->opts.axes) < 256, NAX_EINVAL, s->path,
                     "option `axes` is longer than 255 characters");
    memcpy(text, s->opts.axes, strlen(s->opts.axes) + 1);
    for (char *p = text; p != NULL; n++) {
      char *comma = strchr(p, ',');
      if (comma != NULL) {
        *comma++ = '\0';
      }
      if (n < ndim) {
        name[n] = p;
      }
      p = comma;
    }
    NAX_REQUIRE_FILE(n == ndim, NAX_EINVAL, s->path,
                     "option `axes` names %d axes, the variable has %d", (int)n,
                     (int)ndim);
    for (int32_t k = 0; k < ndim; k++) {
      NAX_REQUIRE_FILE(name[k][0] != '\0', NAX_EINVAL, s->path,
                       "option `axes` has an empty name");
      for (int32_t j = 0; j < k; j++) {
        NAX_REQUIRE_FILE(strcmp(name[j], name[k]) != 0, NAX_EINVAL, s->path,
                         "option `axes` names `%s` twice", name[k]);
      }
    }
  }
  /* Stable insertion sort of the axes with a rank among the places those axes have. */
  int32_t place[NAX_MAX_NDIM], ranked[NAX_MAX_NDIM], n_ranked = 0;
  for (int32_t k = 0; k < ndim; k++) {
    order[k] = k;
    int rank = rank_of(name[k]);
    if (rank >= 0) {
      int32_t j = n_ranked;
      for (; j > 0 && rank_of(name[ranked[j - 1]]) > rank; j--) {
        ranked[j] = ranked[j - 1];
      }
      ranked[j] = k;
      place[n_ranked++] = k;
    }
  }
  for (int32_t j = 0; j < n_ranked; j++) {
    order[place[j]] = ranked[j];
  }
done:
  return status;
}

/* --axes speaks of --var, or of the arrays with as many axes as it has names. */
static int
axes_meant(const nax_source *s, const nax_i_var *v, int32_t ndim)
{
  int32_t n = 1;
  if (s->opts.axes == NULL) {
    return 0;
  }
  if (s->opts.var != NULL) {
    return strcmp(s->opts.var, v->name) == 0 ||
           (v->path != NULL && strcmp(s->opts.var, v->path) == 0);
  }
  for (const char *p = s->opts.axes; *p != '\0'; p++) {
    n += *p == ',';
  }
  return n == ndim;
}

nax_status
nax_i_var_unrated_time(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k, nax_index n)
{
  nax_status status = NAX_OK;
  if (!isnan(s->opts.rate) || !isnan(s->stated_rate)) {
    return nax_i_var_regular_time(ctx, s, v, k, n, 0.0, s->stated_rate, NAX_RATE_FILE);
  }
  nax_i_warn(ctx, NAX_SUGGESTION, "io.rate-unknown",
             "%s: sampling rate unknown, time is counted in samples (give option `rate`)",
             v->name);
  nax_axis_free(v->axis[k]);
  v->axis[k] = NULL;
  NAX_TRY(nax_axis_create_index(ctx, "time", n, &v->axis[k]));
  v->info.ndim = v->info.ndim > k ? v->info.ndim : k + 1;
done:
  return status;
}

nax_status
nax_i_var_plain_axes(nax_ctx *ctx, nax_source *s, nax_i_var *v, int alone, int32_t ndim,
                     const nax_index *dim, int32_t order[NAX_MAX_NDIM])
{
  static const char *const usual[NAX_MAX_NDIM] = {"neuron", "time",  "trial", "condition",
                                                  "animal", "axis6", "axis7", "axis8"};
  const char *one = alone ? "time" : "sample", *name[NAX_MAX_NDIM];
  nax_status status = NAX_OK;
  char text[256];
  int apply = (alone && s->opts.axes != NULL) || axes_meant(s, v, ndim);
  NAX_TRY(
      nax_i_plan_axes(ctx, s, apply, ndim, ndim == 1 ? &one : usual, text, name, order));
  if (!apply && ndim > 1) {
    char list[128] = "";
    size_t used = 0;
    for (int32_t k = 0; k < ndim && used < sizeof list; k++) {
      int n = snprintf(list + used, sizeof list - used, "%s%s", k ? "," : "", name[k]);
      used += n > 0 ? (size_t)n : 0;
    }
    nax_i_warn(ctx, NAX_INFO, "io.axes-assumed",
               "%s: the file names no axes, taken as %s (option `axes` names them)",
               v->name, list);
  }
  for (int32_t k = 0; k < ndim; k++) {
    const char *axis = name[order[k]];
    nax_index n = dim[order[k]];
    if (strcmp(axis, "time") == 0) {
      NAX_TRY(nax_i_var_unrated_time(ctx, s, v, k, n));
    } else {
      NAX_TRY(nax_axis_create_index(ctx, axis, n, &v->axis[k]));
    }
  }
  v->info.ndim = ndim;
done:
  return status;
}
