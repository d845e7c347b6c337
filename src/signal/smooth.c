/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signal_i.h"
#include <math.h>

typedef struct smooth {
  nax_i_kernel kernel;
  double decay; /* exponential: weight of a sample relative to the next one */
  nax_index n;
  nax_edge edge;
  int exponential, fill;
} smooth;

/* Weights decay^j of the j-th sample back, normalised over what is present. */
static void
exponential(const smooth *s, const double *x, double *y)
{
  double d = s->decay, sum = 0.0, weight = 0.0, w = 1.0;
  nax_index n = s->n;
  int first = isfinite(x[0]), seen = 0;
  if (s->edge == NAX_EDGE_ZERO || (s->edge == NAX_EDGE_NEAREST && first)) {
    weight = 1.0 / (1.0 - d); /* of an endless past */
    sum = s->edge == NAX_EDGE_ZERO ? 0.0 : x[0] * weight;
  }
  for (nax_index j = 0; s->edge == NAX_EDGE_REFLECT && j < n && w > 1e-18; j++) {
    int ok = isfinite(x[j]);
    sum += ok ? w * x[j] : 0.0;
    weight += ok ? w : 0.0;
    w *= d;
  }
  seen = weight > 0.0;
  for (nax_index i = 0; i < n; i++) {
    int ok = isfinite(x[i]);
    sum = d * sum + (ok ? x[i] : 0.0);
    weight = d * weight + ok;
    seen = seen || ok;
    y[i] = seen && (ok || s->fill) ? sum / weight : (double)NAN;
  }
}

static nax_status
smooth_trace(const double *x, double *y, double *scratch, nax_index trace,
             const void *arg)
{
  const smooth *s = arg;
  (void)trace;
  if (s->exponential) {
    exponential(s, x, y);
  } else {
    nax_i_kernel_apply(&s->kernel, x, s->fill, y, scratch);
  }
  return NAX_OK;
}

nax_status
nax_signal_smooth(nax_ctx *ctx, const nax_array *in, const nax_signal_smooth_opts *opts,
                  nax_array **out)
{
  nax_status status = NAX_OK;
  nax_signal_smooth_opts o;
  smooth s = {.n = 0};
  nax_array *a = NULL;
  int32_t k;
  double rate;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_smooth_table, &o, opts));
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  NAX_TRY(nax_i_time_rate(ctx, __func__, in->axis[k], &rate));
  s.n = in->axis[k]->length;
  s.edge = (nax_edge)o.edge;
  s.fill = o.fill;
  s.exponential = o.kind == NAX_SMOOTH_EXPONENTIAL;
  double frames = o.width * rate;
  NAX_REQUIRE(frames <= (double)s.n, NAX_EINVAL,
              "`width` is %g s, must not exceed the recording, which lasts %g s", o.width,
              (double)s.n / rate);
  if (o.kind == NAX_SMOOTH_GAUSSIAN) {
    NAX_TRY(nax_i_kernel_gaussian(ctx, s.n, frames, o.truncate, s.edge, &s.kernel));
  } else if (o.kind == NAX_SMOOTH_BOXCAR) {
    NAX_TRY(nax_i_kernel_boxcar(ctx, s.n, frames, s.edge, &s.kernel));
  } else {
    s.decay = exp(-1.0 / frames);
  }
  NAX_TRY(nax_i_array_like(ctx, in, -1, NULL, &a));
  nax_i_traces spec = {__func__, "signal/smooth", smooth_trace, &s,
                       s.exponential ? 0 : nax_i_kernel_scratch(&s.kernel)};
  NAX_TRY(nax_i_traces_run(ctx, &spec, in, k, a));
  *out = a;
  a = NULL;
done:
  nax_i_kernel_free(&s.kernel);
  nax_array_free(a);
  return status;
}
