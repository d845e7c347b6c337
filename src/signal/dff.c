/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neuropil subtraction and dF/F. */
#include "signal_i.h"
#include "stats/stats_i.h"
#include <math.h>

nax_status
nax_signal_neuropil(nax_ctx *ctx, const nax_array *in, const nax_array *neuropil,
                    const nax_signal_neuropil_opts *opts, nax_array **out)
{
  enum { LOOK = 1 << 22 };
  nax_status status = NAX_OK;
  nax_signal_neuropil_opts o;
  nax_array *a = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_neuropil_table, &o, opts));
  NAX_REQUIRE(in->ndim == neuropil->ndim, NAX_EDIM,
              "`neuropil` must have the %d axes of `in`, got %d", (int)in->ndim,
              (int)neuropil->ndim);
  for (int32_t k = 0; k < in->ndim; k++) {
    const nax_axis *f = in->axis[k], *g = neuropil->axis[k];
    NAX_REQUIRE(strcmp(f->name, g->name) == 0 && f->length == g->length, NAX_EDIM,
                "axis %d of `neuropil` must be `%s` with %lld positions, got `%s` with "
                "%lld",
                (int)k, f->name, (long long)f->length, g->name, (long long)g->length);
  }
  NAX_TRY(nax_i_array_like(ctx, in, -1, NULL, &a));
  for (nax_index i = 0; i < a->size; i++) {
    double f = in->dtype == NAX_F64 ? ((const double *)in->data)[i]
                                    : (double)((const float *)in->data)[i];
    double g = neuropil->dtype == NAX_F64 ? ((const double *)neuropil->data)[i]
                                          : (double)((const float *)neuropil->data)[i];
    double y = f - o.coefficient * g;
    if (a->dtype == NAX_F64) {
      ((double *)a->data)[i] = y;
    } else {
      ((float *)a->data)[i] = (float)y;
    }
    NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
  }
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

typedef struct dff {
  nax_signal_dff_opts o;
  nax_i_kernel kernel;
  nax_index n, window; /* frames */
  double *least;       /* smallest F0 of each trace, NaN when there is none */
  double *share;       /* the same relative to the mean of F */
} dff;

static nax_index
dff_scratch(const dff *d)
{
  nax_index a = 0;
  switch ((nax_baseline)d->o.baseline) {
  case NAX_BASELINE_MAXIMIN:
  case NAX_BASELINE_CONSTANT:
    a = d->n + nax_i_kernel_scratch(&d->kernel);
    nax_index b = d->n + nax_i_extremum_scratch(d->n, d->window);
    return a > b ? a : b;
  case NAX_BASELINE_ROLLING:
    return nax_i_rolling_scratch(d->n);
  case NAX_BASELINE_PERCENTILE:
  case NAX_BASELINE_FORCE_INT:
    break;
  }
  return d->n;
}

static void
fill_with(double *y, nax_index n, double value)
{
  for (nax_index i = 0; i < n; i++) {
    y[i] = value;
  }
}

/* F0 into y. */
static void
find_baseline(const dff *d, const double *x, double *y, double *scratch)
{
  nax_index n = d->n;
  double *tmp = scratch + n;
  switch ((nax_baseline)d->o.baseline) {
  case NAX_BASELINE_MAXIMIN:
    nax_i_kernel_apply(&d->kernel, x, 1, scratch, tmp);
    nax_i_extremum_filter(scratch, n, d->window, 1.0, y, tmp);
    memcpy(scratch, y, (size_t)n * sizeof *y);
    nax_i_extremum_filter(scratch, n, d->window, -1.0, y, tmp);
    break;
  case NAX_BASELINE_CONSTANT: {
    double least = NAN;
    nax_i_kernel_apply(&d->kernel, x, 1, scratch, tmp);
    for (nax_index i = 0; i < n; i++) {
      least = fmin(least, scratch[i]);
    }
    fill_with(y, n, least);
    break;
  }
  case NAX_BASELINE_ROLLING:
    nax_i_rolling_quantile(x, n, d->window, d->o.percentile / 100.0, y, scratch);
    break;
  case NAX_BASELINE_PERCENTILE:
  case NAX_BASELINE_FORCE_INT: {
    nax_index m = nax_i_keep_finite(x, n, scratch);
    fill_with(y, n,
              m > 0 ? nax_i_quantile(scratch, m, d->o.percentile / 100.0) : (double)NAN);
    break;
  }
  }
}

static nax_status
dff_trace(const double *x, double *y, double *scratch, nax_index trace, const void *arg)
{
  const dff *d = arg;
  double least = NAN, sum = 0.0;
  nax_index m = 0;
  find_baseline(d, x, y, scratch);
  for (nax_index i = 0; i < d->n; i++) {
    least = fmin(least, y[i]);
    sum += isfinite(x[i]) ? x[i] : 0.0;
    m += isfinite(x[i]);
  }
  d->least[trace] = least;
  d->share[trace] = least * (double)m / sum;
  for (nax_index i = 0; i < d->n && d->o.output != NAX_DFF_BASELINE; i++) {
    double f0 = y[i], difference = isfinite(x[i]) ? x[i] - f0 : (double)NAN;
    if (d->o.output == NAX_DFF_RATIO) {
      f0 = f0 < d->o.floor ? d->o.floor : f0;
      y[i] = f0 > 0.0 || f0 < 0.0 ? difference / f0 : (double)NAN;
    } else {
      y[i] = difference;
    }
  }
  return NAX_OK;
}

/* Say where dividing by F0 is not safe. */
static void
judge_baseline(nax_ctx *ctx, const dff *d, const nax_array *in, int32_t k, nax_index n)
{
  nax_index bad = 0, small = 0, raised = 0, worst = -1;
  char name[160];
  for (nax_index i = 0; i < n; i++) {
    double f0 = d->least[i];
    if (isnan(f0)) {
      continue;
    }
    worst = worst < 0 || f0 < d->least[worst] ? i : worst;
    raised += f0 < d->o.floor;
    bad += f0 <= 0.0;
    small += f0 > 0.0 && d->share[i] < 0.05;
  }
  if (worst < 0) {
    return;
  }
  nax_i_trace_name(in, k, worst, name, sizeof name);
  if (raised > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "signal.f0-raised",
               "F0 was below %g and raised to it in %lld of %lld traces, lowest %g at %s",
               d->o.floor, (long long)raised, (long long)n, d->least[worst], name);
  } else if (bad > 0) {
    nax_i_warn(ctx, NAX_CRITICAL, "signal.f0-not-positive",
               "F0 is not above 0 in %lld of %lld traces, lowest %g at %s: dF/F has no "
               "meaning there",
               (long long)bad, (long long)n, d->least[worst], name);
  }
  if (small > 0 && raised == 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "signal.f0-small",
               "F0 falls under 5 %% of the mean of F in %lld of %lld traces: dF/F is "
               "inflated there",
               (long long)small, (long long)n);
  }
}

nax_status
nax_signal_dff(nax_ctx *ctx, const nax_array *in, const nax_signal_dff_opts *opts,
               nax_array **out)
{
  nax_status status = NAX_OK;
  dff d = {.n = 0};
  nax_array *a = NULL;
  int32_t k;
  double rate;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_dff_table, &d.o, opts));
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  d.n = in->axis[k]->length;
  d.window = 1;
  if (d.o.baseline == NAX_BASELINE_MAXIMIN || d.o.baseline == NAX_BASELINE_ROLLING) {
    NAX_TRY(nax_i_time_rate(ctx, __func__, in->axis[k], &rate));
    double frames = floor(d.o.window * rate * (1.0 + 1e-12));
    NAX_REQUIRE(frames >= 1.0, NAX_EINVAL,
                "`window` is %g s, must hold at least one frame of %g s", d.o.window,
                1.0 / rate);
    /* Twice the record reflected has every sample in it. */
    d.window = frames > 2.0 * (double)d.n ? 2 * d.n : (nax_index)frames;
  }
  if (d.o.baseline == NAX_BASELINE_MAXIMIN || d.o.baseline == NAX_BASELINE_CONSTANT) {
    NAX_TRY(nax_i_kernel_gaussian(ctx, d.n, d.o.sigma_frames, 4.0, NAX_EDGE_REFLECT,
                                  &d.kernel));
  }
  nax_index n_traces = d.n > 0 ? in->size / d.n : 0;
  NAX_TRY_ALLOC(d.least, n_traces, sizeof(double));
  NAX_TRY_ALLOC(d.share, n_traces, sizeof(double));
  NAX_TRY(nax_i_array_like(ctx, in, -1, NULL, &a));
  nax_i_traces spec = {__func__, "signal/dff", dff_trace, &d, dff_scratch(&d)};
  NAX_TRY(nax_i_traces_run(ctx, &spec, in, k, a));
  if (d.o.output == NAX_DFF_RATIO) {
    NAX_TRY(nax_array_set_unit(ctx, a, "dF/F"));
    judge_baseline(ctx, &d, in, k, n_traces);
  }
  *out = a;
  a = NULL;
done:
  nax_i_kernel_free(&d.kernel);
  nax_i_free(d.least);
  nax_i_free(d.share);
  nax_array_free(a);
  return status;
}
