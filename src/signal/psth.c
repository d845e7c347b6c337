/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signal_i.h"
#include <math.h>
#include <stdio.h>

typedef struct psth {
  nax_index n;
  double factor;
} psth;

static nax_status
psth_trace(const double *x, double *y, double *scratch, nax_index trace, const void *arg)
{
  const psth *p = arg;
  double sum = 0.0, squares = 0.0;
  nax_index m = 0;
  (void)scratch;
  (void)trace;
  for (nax_index i = 0; i < p->n; i++) {
    sum += isfinite(x[i]) ? x[i] : 0.0;
    m += isfinite(x[i]);
  }
  double mean = m > 0 ? sum / (double)m : (double)NAN;
  for (nax_index i = 0; i < p->n; i++) {
    double d = isfinite(x[i]) ? x[i] - mean : 0.0;
    squares += d * d;
  }
  y[0] = mean * p->factor;
  y[1] = m > 1 ? sqrt(squares / (double)(m - 1) / (double)m) * p->factor : (double)NAN;
  y[2] = (double)m;
  return NAX_OK;
}

nax_status
nax_signal_psth(nax_ctx *ctx, const nax_array *in, const nax_signal_psth_opts *opts,
                nax_array **out)
{
  static const char *const labels[3] = {"mean", "sem", "n"};
  nax_status status = NAX_OK;
  nax_signal_psth_opts o;
  psth p = {0, 1.0};
  nax_array *a = NULL;
  nax_axis *statistic = NULL;
  const nax_axis *axes[NAX_MAX_NDIM];
  int32_t k, t;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_psth_table, &o, opts));
  k = nax_array_find_axis(in, "trial");
  NAX_REQUIRE(k >= 0, NAX_EDIM,
              "`in` has no axis called `trial` (its first axis is `%s`)",
              in->axis[0]->name);
  if (o.per_second) {
    NAX_TRY(nax_i_time_axis(ctx, __func__, in, &t));
    NAX_TRY(nax_i_time_rate(ctx, __func__, in->axis[t], &p.factor));
  }
  p.n = in->axis[k]->length;
  NAX_TRY(nax_axis_create_labels(ctx, "statistic", 3, labels, &statistic));
  for (int32_t i = 0; i < in->ndim; i++) {
    axes[i] = i == k ? statistic : in->axis[i];
  }
  char unit[128];
  int counts = strcmp(in->unit, "counts") == 0;
  snprintf(unit, sizeof unit, "%s%s", counts && o.per_second ? "Hz" : in->unit,
           o.per_second && !counts ? "/s" : "");
  NAX_TRY(nax_array_create(ctx, NAX_F64, in->ndim, axes, unit, &a));
  NAX_TRY(nax_array_set_description(ctx, a, "mean over trials and its standard error"));
  nax_i_traces spec = {__func__, "signal/psth", psth_trace, &p, 0};
  NAX_TRY(nax_i_traces_run(ctx, &spec, in, k, a));
  *out = a;
  a = NULL;
done:
  nax_axis_free(statistic);
  nax_array_free(a);
  return status;
}
