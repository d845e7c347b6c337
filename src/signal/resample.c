/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaps, and a regular grid of times. */
#include "signal_i.h"
#include <math.h>

nax_status
nax_signal_gaps(nax_ctx *ctx, const nax_axis *time, double max_gap, nax_array **out)
{
  nax_status status = NAX_OK;
  double *t = NULL, median;
  nax_axis *axes[2] = {NULL, NULL};
  nax_array *a = NULL;
  nax_index n_gaps = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_time_seconds(ctx, __func__, time, &t, &median));
  NAX_REQUIRE(isnan(max_gap) || max_gap > 0.0, NAX_EINVAL,
              "`max_gap` must be greater than 0, got %g", max_gap);
  double limit = isnan(max_gap) ? 2.5 * median : max_gap;
  int regular = time->kind == NAX_AXIS_REGULAR;
  for (nax_index i = 1; i < time->length && !regular; i++) {
    n_gaps += t[i] - t[i - 1] > limit;
  }
  const char *const bounds[2] = {"start", "stop"};
  NAX_TRY(nax_axis_create_labels(ctx, "bound", 2, bounds, &axes[0]));
  NAX_TRY(nax_axis_create_index(ctx, "gap", n_gaps, &axes[1]));
  NAX_TRY(nax_array_create(ctx, NAX_F64, 2, (const nax_axis *const *)axes, "s", &a));
  double *gap = a->data;
  for (nax_index i = 1; i < time->length && !regular; i++) {
    if (t[i] - t[i - 1] > limit) {
      *gap++ = t[i - 1];
      *gap++ = t[i];
    }
  }
  *out = a;
  a = NULL;
done:
  nax_i_free(t);
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  nax_array_free(a);
  return status;
}

typedef struct resample {
  nax_signal_resample_opts o;
  const double *t; /* of the samples, seconds */
  nax_index n, n_out;
  double start, rate, max_gap;
  double near; /* closer than this to a sample is at it */
} resample;

static double
between(const resample *r, double at, double t0, double x0, double t1, double x1)
{
  if (r->o.method == NAX_INTERPOLATE_PREVIOUS) {
    return at - t0 <= r->max_gap ? x0 : (double)NAN;
  }
  if (t1 - t0 > r->max_gap) {
    return (double)NAN;
  }
  double part = (at - t0) / (t1 - t0);
  if (r->o.method == NAX_INTERPOLATE_NEAREST) {
    return part < 0.5 ? x0 : x1;
  }
  return x0 + part * (x1 - x0);
}

/* Mean of the samples in [from, to); NaN when there is none. *first moves on to the first
 * that is not before `from`. */
static double
mean_within(const double *t, const double *x, nax_index m, double from, double to,
            nax_index *first)
{
  while (*first < m && t[*first] < from) {
    (*first)++;
  }
  double sum = 0.0;
  nax_index i = *first;
  for (; i < m && t[i] < to; i++) {
    sum += x[i];
  }
  return i > *first ? sum / (double)(i - *first) : (double)NAN;
}

static nax_status
resample_trace(const double *x, double *y, double *scratch, nax_index trace,
               const void *arg)
{
  const resample *r = arg;
  double *t = scratch, *v = scratch + r->n; /* the samples that are there */
  nax_index m = 0, i = 0, first = 0;
  (void)trace;
  for (nax_index k = 0; k < r->n; k++) {
    if (isfinite(x[k])) {
      t[m] = r->t[k];
      v[m++] = x[k];
    }
  }
  for (nax_index j = 0; j < r->n_out; j++) {
    double at = r->start + (double)j / r->rate, half = 0.5 / r->rate;
    y[j] = NAN;
    if (r->o.method == NAX_INTERPOLATE_AVERAGE) {
      y[j] = mean_within(t, v, m, at - half - r->near, at + half - r->near, &first);
    }
    while (i < m && t[i] <= at + r->near) {
      i++; /* the first sample after `at` */
    }
    if (!isnan(y[j])) {
      continue;
    }
    if (i > 0 && at - t[i - 1] <= r->near) {
      y[j] = v[i - 1];
    } else if (i > 0 && i < m) {
      y[j] = between(r, at, t[i - 1], v[i - 1], t[i], v[i]);
    } else if (i > 0 && r->o.method == NAX_INTERPOLATE_PREVIOUS) {
      y[j] = at - t[i - 1] <= r->max_gap ? v[i - 1] : (double)NAN;
    }
  }
  return NAX_OK;
}

static void
tell_about(nax_ctx *ctx, const resample *r, double median)
{
  nax_index gaps = 0;
  for (nax_index i = 1; i < r->n; i++) {
    gaps += r->t[i] - r->t[i - 1] > r->max_gap;
  }
  if (gaps > 0) {
    nax_i_warn(ctx, NAX_INFO, "signal.gaps",
               "%lld gaps longer than %g s in the recording are missing in the result",
               (long long)gaps, r->max_gap);
  }
  if (r->rate * median < 0.75 && r->o.method != NAX_INTERPOLATE_AVERAGE) {
    nax_i_warn(
        ctx, NAX_INFO, "signal.aliasing",
        "resampling from about %g Hz to %g Hz without averaging folds fast changes into "
        "slow ones",
        1.0 / median, r->rate);
  }
}

nax_status
nax_signal_resample(nax_ctx *ctx, const nax_array *in,
                    const nax_signal_resample_opts *opts, nax_array **out)
{
  nax_status status = NAX_OK;
  resample r = {.n = 0};
  nax_array *a = NULL;
  nax_axis *grid = NULL;
  double *t = NULL, median, scale;
  int32_t k;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_resample_table, &r.o, opts));
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  const nax_axis *time = in->axis[k];
  NAX_TRY(nax_i_time_scale(ctx, __func__, time, &scale));
  NAX_TRY(nax_i_time_seconds(ctx, __func__, time, &t, &median));
  NAX_REQUIRE(median > 0.0, NAX_EDATA,
              "axis `time` has equal times in more than half of its steps");
  r.t = t;
  r.n = time->length;
  r.rate = isnan(r.o.rate) ? 1.0 / median : r.o.rate;
  r.max_gap = isnan(r.o.max_gap) ? 2.5 * median : r.o.max_gap;
  r.near = 1e-6 * median;
  r.start = isnan(r.o.start) ? t[0] : r.o.start;
  double stop = isnan(r.o.stop) ? t[r.n - 1] : r.o.stop;
  double steps = floor((stop - r.start) * r.rate + 1e-6);
  NAX_REQUIRE(steps >= 0.0, NAX_EINVAL,
              "`stop` must not be before `start`, got %g and %g", stop, r.start);
  NAX_REQUIRE(steps < 1e15, NAX_EOVERFLOW, "%g samples are too many to count", steps);
  r.n_out = (nax_index)steps + 1;
  NAX_TRY(nax_axis_create_regular(ctx, "time", time->unit, r.n_out, r.start / scale,
                                  r.rate * scale, &grid));
  NAX_TRY(nax_i_array_like(ctx, in, k, grid, &a));
  nax_i_traces spec = {__func__, "signal/resample", resample_trace, &r, 2 * r.n};
  NAX_TRY(nax_i_traces_run(ctx, &spec, in, k, a));
  tell_about(ctx, &r, median);
  *out = a;
  a = NULL;
done:
  nax_i_free(t);
  nax_axis_free(grid);
  nax_array_free(a);
  return status;
}
