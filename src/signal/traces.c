/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking the traces of an array, and times in seconds. */
#include "signal_i.h"
#include <math.h>
#include <stdio.h>

nax_status
nax_i_array_like(nax_ctx *ctx, const nax_array *in, int32_t k, const nax_axis *axis,
                 nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  const nax_axis *axes[NAX_MAX_NDIM];
  *out = NULL;
  for (int32_t i = 0; i < in->ndim; i++) {
    axes[i] = i == k && axis != NULL ? axis : in->axis[i];
  }
  NAX_TRY(nax_array_create(ctx, in->dtype, in->ndim, axes, in->unit, &a));
  NAX_TRY(nax_array_set_description(ctx, a, in->description));
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

/* ------------------------------------------------------------------ traces */

typedef struct walk {
  const nax_i_traces *spec;
  const nax_array *in;
  nax_array *out;
  nax_index inner;       /* positions of the axes before time: also its stride */
  nax_index n_in, n_out; /* samples */
  nax_index groups;      /* of traces with the same position of the axes after time */
} walk;

/* Copy `count` neighbouring traces into rows of `rows`, converting to double. */
static void
gather(const nax_array *a, nax_index at, nax_index stride, nax_index n, nax_index count,
       double *rows)
{
  for (nax_index t = 0; t < n; t++, at += stride) {
    if (a->dtype == NAX_F64) {
      const double *x = (const double *)a->data + at;
      for (nax_index i = 0; i < count; i++) {
        rows[i * n + t] = x[i];
      }
    } else {
      const float *x = (const float *)a->data + at;
      for (nax_index i = 0; i < count; i++) {
        rows[i * n + t] = (double)x[i];
      }
    }
  }
}

static void
scatter(nax_array *a, nax_index at, nax_index stride, nax_index n, nax_index count,
        const double *rows)
{
  for (nax_index t = 0; t < n; t++, at += stride) {
    if (a->dtype == NAX_F64) {
      double *y = (double *)a->data + at;
      for (nax_index i = 0; i < count; i++) {
        y[i] = rows[i * n + t];
      }
    } else {
      float *y = (float *)a->data + at;
      for (nax_index i = 0; i < count; i++) {
        y[i] = (float)rows[i * n + t];
      }
    }
  }
}

static nax_status
run_group(int64_t block, void *arg)
{
  const walk *w = arg;
  nax_status status = NAX_OK;
  nax_index outer = block / w->groups, first = block % w->groups * NAX_I_TRACE_GROUP;
  nax_index count =
      w->inner - first < NAX_I_TRACE_GROUP ? w->inner - first : NAX_I_TRACE_GROUP;
  size_t rows = (size_t)(count * (w->n_in + w->n_out) + w->spec->n_scratch);
  double *x = nax_i_calloc(rows, sizeof *x);
  if (x == NULL) {
    return nax_i_fail(NULL, NAX_ENOMEM, w->spec->fn, "out of memory (%zu x %zu bytes)",
                      rows, sizeof *x);
  }
  double *y = x + count * w->n_in, *scratch = y + count * w->n_out;
  gather(w->in, outer * w->inner * w->n_in + first, w->inner, w->n_in, count, x);
  for (nax_index i = 0; i < count; i++) {
    NAX_TRY(w->spec->each(x + i * w->n_in, y + i * w->n_out, scratch,
                          outer * w->inner + first + i, w->spec->arg));
  }
  scatter(w->out, outer * w->inner * w->n_out + first, w->inner, w->n_out, count, y);
done:
  nax_i_free(x);
  return status;
}

nax_status
nax_i_traces_run(nax_ctx *ctx, const nax_i_traces *spec, const nax_array *in, int32_t k,
                 nax_array *out)
{
  walk w = {spec, in, out, 1, in->axis[k]->length, out->axis[k]->length, 0};
  nax_index outer = 1;
  for (int32_t i = 0; i < in->ndim; i++) {
    if (i < k) {
      w.inner *= in->axis[i]->length;
    } else if (i > k) {
      outer *= in->axis[i]->length;
    }
  }
  w.groups = nax_i_n_blocks(w.inner, NAX_I_TRACE_GROUP);
  nax_i_stage stage;
  nax_status status =
      nax_i_stage_begin(&stage, ctx, spec->fn, spec->stage, w.groups * outer);
  if (status == NAX_OK) {
    status = nax_i_parallel(ctx, &stage, w.groups * outer, run_group, &w);
  }
  return status;
}

void
nax_i_trace_name(const nax_array *in, int32_t k, nax_index trace, char *buf, size_t size)
{
  size_t used = 0;
  buf[0] = '\0';
  for (int32_t i = 0; i < in->ndim; i++) {
    if (i == k) {
      continue;
    }
    const nax_axis *a = in->axis[i];
    nax_index at = trace % a->length;
    const char *comma = used > 0 ? ", " : "", *label = nax_axis_label(a, at);
    trace /= a->length;
    int n = label != NULL
                ? snprintf(buf + used, size - used, "%s%s `%s`", comma, a->name, label)
                : snprintf(buf + used, size - used, "%s%s %lld", comma, a->name,
                           (long long)at);
    if (n < 0 || (size_t)n >= size - used) {
      return;
    }
    used += (size_t)n;
  }
}

/* -------------------------------------------------------------------- time */

nax_status
nax_i_time_axis(nax_ctx *ctx, const char *fn, const nax_array *in, int32_t *k)
{
  *k = nax_array_find_axis(in, "time");
  if (*k < 0) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`in` has no axis called `time` (its first axis is `%s`)",
                      in->axis[0]->name);
  }
  if (in->axis[*k]->length < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "axis `time` of `in` is empty");
  }
  return NAX_OK;
}

nax_status
nax_i_time_scale(nax_ctx *ctx, const char *fn, const nax_axis *time, double *seconds)
{
  static const struct {
    const char *unit;
    double seconds;
  } known[] = {{"s", 1.0},      {"", 1.0},        {"sec", 1.0},
               {"second", 1.0}, {"seconds", 1.0}, {"ms", 1e-3},
               {"msec", 1e-3},  {"us", 1e-6},     {"milliseconds", 1e-3},
               {"min", 60.0}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strcmp(time->unit, known[i].unit) == 0) {
      *seconds = known[i].seconds;
      return NAX_OK;
    }
  }
  return nax_i_fail(ctx, NAX_EINVAL, fn,
                    "axis `%s` must be in s, ms, us or min, its unit is `%s`", time->name,
                    time->unit);
}

nax_status
nax_i_time_rate(nax_ctx *ctx, const char *fn, const nax_axis *time, double *rate)
{
  double scale;
  nax_status status = nax_i_time_scale(ctx, fn, time, &scale);
  if (status != NAX_OK) {
    return status;
  }
  if (time->kind == NAX_AXIS_REGULAR) {
    *rate = nax_axis_rate(time) / scale;
    return NAX_OK;
  }
  if (time->kind != NAX_AXIS_COORDS || time->length < 2) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "axis `%s` has no sampling rate; state one when loading",
                      time->name);
  }
  const double *t = time->coords;
  nax_index n = time->length;
  double step = (t[n - 1] - t[0]) / (double)(n - 1);
  for (nax_index i = 1; i < n; i++) {
    double d = t[i] - t[i - 1];
    if (!(step > 0.0) || fabs(d - step) > 0.01 * step) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "axis `%s` is not regular: step %lld is %g %s, the mean is %g; "
                        "resample first",
                        time->name, (long long)i, d, time->unit, step);
    }
  }
  *rate = 1.0 / (step * scale);
  return NAX_OK;
}

nax_status
nax_i_time_seconds(nax_ctx *ctx, const char *fn, const nax_axis *time, double **out,
                   double *median_step)
{
  nax_status status = NAX_OK;
  double *t = NULL, *step = NULL, scale;
  nax_index n = time->length;
  *out = NULL;
  NAX_TRY(nax_i_time_scale(ctx, fn, time, &scale));
  if (n < 2 || (time->kind != NAX_AXIS_REGULAR && time->kind != NAX_AXIS_COORDS)) {
    status = nax_i_fail(ctx, n < 2 ? NAX_EDIM : NAX_EINVAL, fn,
                        "axis `%s` must have times and at least 2 samples, it has %s and "
                        "%lld",
                        time->name, nax_i_axis_positions(time), (long long)n);
    goto done;
  }
  NAX_TRY_ALLOC(t, n, sizeof *t);
  NAX_TRY_ALLOC(step, n, sizeof *step);
  for (nax_index i = 0; i < n; i++) {
    t[i] = nax_axis_coord(time, i) * scale;
    step[i] = i > 0 ? t[i] - t[i - 1] : 0.0;
    if (step[i] < 0.0) {
      status = nax_i_fail(ctx, NAX_EDATA, fn,
                          "axis `%s` must ascend, sample %lld is %g s before the one "
                          "before it",
                          time->name, (long long)i, -step[i]);
      goto done;
    }
  }
  *median_step = time->kind == NAX_AXIS_REGULAR ? 1.0 / (nax_axis_rate(time) / scale)
                                                : nax_i_quantile(step + 1, n - 1, 0.5);
  *out = t;
  t = NULL;
done:
  nax_i_free(t);
  nax_i_free(step);
  return status;
}
