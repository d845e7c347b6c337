/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polynomial trends, by polynomials that are orthogonal on the samples present: three
 * terms make the next one (Forsythe 1957), so that no matrix has to be solved. */
#include "signal_i.h"
#include <math.h>

typedef struct detrend {
  nax_signal_detrend_opts o;
  nax_index n;
  double *t; /* times scaled to [-1, 1] */
} detrend;

static nax_status
detrend_trace(const double *x, double *y, double *scratch, nax_index trace,
              const void *arg)
{
  const detrend *d = arg;
  nax_index n = d->n, m = 0;
  double *p = scratch, *before = scratch + n; /* two polynomials, 0 where missing */
  double norm_before = 0.0, norm, mean = 0.0;
  (void)trace;
  for (nax_index i = 0; i < n; i++) {
    int ok = isfinite(x[i]);
    y[i] = ok ? x[i] : 0.0;
    p[i] = ok;
    before[i] = 0.0;
    m += ok;
    mean += y[i];
  }
  norm = (double)m;
  mean = m > 0 ? mean / norm : 0.0;
  for (nax_index k = 0; k <= d->o.order && k < m; k++) {
    double on = 0.0, along = 0.0, next_norm = 0.0;
    for (nax_index i = 0; i < n; i++) {
      on += y[i] * p[i];
      along += d->t[i] * p[i] * p[i];
    }
    double c = on / norm, a = along / norm;
    double b = norm_before > 0.0 ? norm / norm_before : 0.0;
    for (nax_index i = 0; i < n; i++) {
      double next = (d->t[i] - a) * p[i] - b * before[i];
      y[i] -= c * p[i];
      before[i] = p[i];
      p[i] = next;
      next_norm += next * next;
    }
    norm_before = norm;
    norm = next_norm;
    if (!(norm > 1e-26 * norm_before)) {
      break; /* all samples at few times: no higher order can be told */
    }
  }
  for (nax_index i = 0; i < n; i++) {
    y[i] = isfinite(x[i]) ? y[i] + (d->o.keep_mean ? mean : 0.0) : (double)NAN;
  }
  return NAX_OK;
}

nax_status
nax_signal_detrend(nax_ctx *ctx, const nax_array *in, const nax_signal_detrend_opts *opts,
                   nax_array **out)
{
  nax_status status = NAX_OK;
  detrend d = {.n = 0};
  nax_array *a = NULL;
  int32_t k;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_detrend_table, &d.o, opts));
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  const nax_axis *time = in->axis[k];
  d.n = time->length;
  NAX_TRY_ALLOC(d.t, d.n, sizeof(double));
  double low = nax_axis_coord(time, 0), high = low;
  for (nax_index i = 0; i < d.n; i++) {
    d.t[i] = nax_axis_coord(time, i);
    low = fmin(low, d.t[i]);
    high = fmax(high, d.t[i]);
  }
  for (nax_index i = 0; i < d.n; i++) {
    d.t[i] = high > low ? 2.0 * (d.t[i] - low) / (high - low) - 1.0 : 0.0;
  }
  NAX_TRY(nax_i_array_like(ctx, in, -1, NULL, &a));
  nax_i_traces spec = {__func__, "signal/detrend", detrend_trace, &d, 2 * d.n};
  NAX_TRY(nax_i_traces_run(ctx, &spec, in, k, a));
  *out = a;
  a = NULL;
done:
  nax_i_free(d.t);
  nax_array_free(a);
  return status;
}
