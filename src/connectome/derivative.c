/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unit-free smoothed derivatives of traces. */
#include "connectome_i.h"
#include "linalg/linalg_i.h"
#include "signal/signal_i.h"
#include <math.h>
#include <stdlib.h>

nax_status
nax_i_connectome_scales(nax_ctx *ctx, const char *fn, const nax_connectome_opts *o,
                        double scale[NAX_I_CONNECTOME_SCALES], int32_t *n)
{
  *n = 1;
  scale[0] = o->sigma;
  if (o->scales == NULL || o->smoother != NAX_CONNECTOME_GAUSSIAN) {
    return NAX_OK;
  }
  const char *at = o->scales;
  for (*n = 0; at != NULL; (*n)++) {
    const char *comma = strchr(at, ','), *end = comma != NULL ? comma : at + strlen(at);
    double v = 0.0;
    if (*n == NAX_I_CONNECTOME_SCALES || !nax_i_parse_double(at, end, &v) ||
        !(v > 0.0 && v <= 1e6)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "option `scales` is \"%s\", expected up to %d positive numbers "
                        "separated by commas",
                        o->scales, (int)NAX_I_CONNECTOME_SCALES);
    }
    scale[*n] = v;
    at = comma != NULL ? comma + 1 : NULL;
  }
  return NAX_OK;
}

/* --- slopes ------------------------------------------------------------------------- */

void
nax_i_slope_free(nax_i_slope *f)
{
  nax_i_free(f->weight);
  *f = (nax_i_slope){.reach = 0};
}

nax_status
nax_i_slope_gaussian(nax_ctx *ctx, double sigma, nax_i_slope *f)
{
  nax_status status = NAX_OK;
  double sum = 0.0;
  *f = (nax_i_slope){.reach = 0};
  f->reach = (nax_index)(4.0 * sigma + 0.5);
  f->reach = f->reach < 1 ? 1 : f->reach;
  NAX_TRY_ALLOC(f->weight, 2 * f->reach + 1, sizeof(double));
  for (nax_index k = -f->reach; k <= f->reach; k++) {
    double x = (double)k / sigma;
    f->weight[k + f->reach] = exp(-0.5 * x * x);
    sum += f->weight[k + f->reach];
  }
  for (nax_index k = -f->reach; k <= f->reach; k++) {
    f->weight[k + f->reach] *= (double)k / (sigma * sigma * sum);
  }
done:
  return status;
}

/* Weights of the slope at place `at` of a polynomial fitted to w samples: e1' (V'V)^-1 V'
 * with V_kj = (k - at)^j, scaled for the sake of the condition. */
static nax_status
slope_weights(nax_ctx *ctx, nax_index w, nax_index order, nax_index at, double *weight)
{
  nax_status status = NAX_OK;
  nax_index m = order + 1;
  double v[7], g[49] = {0}, c[7] = {0}, half = 0.5 * (double)(w - 1);
  for (nax_index k = 0; k < w; k++) {
    v[0] = 1.0;
    for (nax_index j = 1; j < m; j++) {
      v[j] = v[j - 1] * (double)(k - at) / half;
    }
    for (nax_index i = 0; i < m; i++) {
      for (nax_index j = 0; j < m; j++) {
        g[i + j * m] += v[i] * v[j];
      }
    }
  }
  c[1] = 1.0 / half;
  NAX_TRY(
      nax_i_potrf(ctx, "nax_connectome_derivatives", "a polynomial", m, g, m, 1, NULL));
  NAX_TRY(nax_i_potrs(ctx, m, 1, g, m, c, m));
  for (nax_index k = 0; k < w; k++) {
    v[0] = 1.0;
    weight[k] = c[0];
    for (nax_index j = 1; j < m; j++) {
      v[j] = v[j - 1] * (double)(k - at) / half;
      weight[k] += c[j] * v[j];
    }
  }
done:
  return status;
}

nax_status
nax_i_slope_polynomial(nax_ctx *ctx, nax_index w, nax_index order, nax_i_slope *f)
{
  nax_status status = NAX_OK;
  *f = (nax_i_slope){.reach = w / 2, .polynomial = 1};
  NAX_TRY_ALLOC(f->weight, w, (size_t)w * sizeof(double));
  for (nax_index at = 0; at < w; at++) {
    NAX_TRY(slope_weights(ctx, w, order, at, f->weight + at * w));
  }
done:
  return status;
}

void
nax_i_slope_apply(const nax_i_slope *f, nax_index n, const double *x, double *d)
{
  nax_index w = 2 * f->reach + 1;
  if (n < 2 || (f->polynomial && n < w)) {
    for (nax_index i = 0; i < n; i++) {
      d[i] = (double)NAN;
    }
    return;
  }
  for (nax_index i = 0; i < n; i++) {
    double sum = 0.0;
    if (f->polynomial) {
      nax_index from = i < f->reach ? 0 : i + f->reach >= n ? n - w : i - f->reach;
      const double *weight = f->weight + (i - from) * w;
      for (nax_index k = 0; k < w; k++) {
        sum += weight[k] * x[from + k];
      }
    } else if (i >= f->reach && i + f->reach < n) {
      for (nax_index k = 0; k < w; k++) {
        sum += f->weight[k] * x[i - f->reach + k];
      }
    } else {
      for (nax_index k = 0; k < w; k++) {
        sum += f->weight[k] * x[nax_i_reflect(i - f->reach + k, n)];
      }
    }
    d[i] = sum;
  }
}

/* --- traces ------------------------------------------------------------------------- */

typedef struct job {
  const nax_array *x;
  const nax_connectome_opts *o;
  const nax_i_slope *f;
  int32_t n_scales;
  nax_index n, n_time, n_animals;
  nax_index stride_n, stride_t, stride_w; /* of x, elements */
  double *u;
} job;

/* Range from the quantiles of what is there; returns how many. */
static nax_index
to_unit_range(nax_index n, double *x, double *scratch)
{
  nax_index m = 0;
  for (nax_index i = 0; i < n; i++) {
    if (!isnan(x[i])) {
      scratch[m++] = x[i];
    }
  }
  if (m == 0) {
    return 0;
  }
  double lo = nax_i_quantile(scratch, m, 0.01), hi = nax_i_quantile(scratch, m, 0.995);
  for (nax_index i = 0; i < n; i++) {
    if (!isnan(x[i])) {
      x[i] = hi > lo ? (x[i] - lo) / (hi - lo) : 0.0;
      x[i] = x[i] < 0.0 ? 0.0 : x[i] > 1.0 ? 1.0 : x[i];
    }
  }
  return m;
}

/* Divide by the 99 % quantile, cut off what is small, brief or large. */
static void
normalise(const nax_connectome_opts *o, nax_index n, double *d, double *scratch)
{
  nax_index m = 0;
  for (nax_index i = 0; i < n; i++) {
    if (!isnan(d[i])) {
      scratch[m++] = fabs(d[i]);
    }
  }
  double top = m > 0 ? nax_i_quantile(scratch, m, 0.99) : 0.0;
  /* Rounding of a trace that never changes is not a derivative. */
  int flat = !(top > 1e-12);
  for (nax_index i = 0; i < n; i++) {
    if (isnan(d[i])) {
      continue;
    }
    d[i] = flat ? 0.0 : d[i] / top;
    d[i] = fabs(d[i]) < o->threshold ? 0.0 : d[i];
    if (o->clip == NAX_CONNECTOME_CLIP_TRACE) {
      d[i] = d[i] > 1.0 ? 1.0 : d[i] < -1.0 ? -1.0 : d[i];
    }
  }
  for (nax_index i = 0; i < n && o->min_run > 1;) {
    nax_index j = i + 1;
    while (j < n && ((d[i] > 0.0 && d[j] > 0.0) || (d[i] < 0.0 && d[j] < 0.0))) {
      j++;
    }
    for (nax_index k = i; k < j && j - i < o->min_run; k++) {
      d[k] = isnan(d[k]) ? d[k] : 0.0;
    }
    i = j;
  }
}

static nax_status
one_trace(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const job *j = arg;
  nax_index i = block % j->n, w = block / j->n, n = j->n_time;
  double *x = NULL, *d, *scratch;
  NAX_TRY_ALLOC(x, 3 * n, sizeof *x);
  d = x + n;
  scratch = x + 2 * n;
  for (nax_index t = 0; t < n; t++) {
    x[t] = nax_i_array_at(j->x, i * j->stride_n + t * j->stride_t + w * j->stride_w);
    if (isinf(x[t])) {
      status = nax_i_fail(NULL, NAX_EDATA, "nax_connectome_derivatives",
                          "neuron %lld is infinite at sample %lld", (long long)i,
                          (long long)t);
      goto done;
    }
  }
  (void)to_unit_range(n, x, scratch);
  for (int32_t s = 0; s < j->n_scales; s++) {
    for (nax_index from = 0; from < n;) {
      nax_index to = from;
      while (to < n && isnan(x[to]) == isnan(x[from])) {
        to++;
      }
      if (isnan(x[from])) {
        memcpy(d + from, x + from, (size_t)(to - from) * sizeof *d);
      } else {
        nax_i_slope_apply(&j->f[s], to - from, x + from, d + from);
      }
      from = to;
    }
    normalise(j->o, n, d, scratch);
    for (nax_index t = 0; t < n; t++) {
      j->u[i + j->n * (t + n * (w + j->n_animals * s))] = d[t];
    }
  }
done:
  nax_i_free(x);
  return status;
}

/* Which axis is what; -1 for no animals. */
static nax_status
find_axes(nax_ctx *ctx, const nax_array *x, int32_t *neuron, int32_t *time,
          int32_t *animal)
{
  nax_status status = NAX_OK;
  *neuron = *animal = -1;
  *time = nax_array_find_axis(x, "time");
  int32_t ndim = nax_array_ndim(x);
  if (ndim < 2 || ndim > 3 || *time < 0) {
    return nax_i_fail(ctx, NAX_EDIM, "nax_connectome_derivatives",
                      "`x` must have 2 or 3 axes, one of them `time`, got %d%s",
                      (int)ndim, *time < 0 ? " without it" : "");
  }
  for (int32_t k = 0; k < ndim; k++) {
    if (k != *time && *neuron < 0) {
      *neuron = k;
    } else if (k != *time) {
      *animal = k;
    }
  }
  const nax_axis *t = nax_array_axis(x, *time);
  double *at = NULL, step;
  if (nax_axis_get_kind(t) == NAX_AXIS_COORDS && nax_axis_length(t) > 1) {
    NAX_TRY(nax_i_time_seconds(ctx, "nax_connectome_derivatives", t, &at, &step));
    for (nax_index k = 1; k < nax_axis_length(t); k++) {
      if (fabs(at[k] - at[k - 1] - step) > 0.05 * step) {
        status = nax_i_fail(ctx, NAX_EDATA, "nax_connectome_derivatives",
                            "times of `x` are not evenly spaced: the step before sample "
                            "%lld is %.6g s, the median step %.6g s; resample first",
                            (long long)k, at[k] - at[k - 1], step);
        goto done;
      }
    }
  }
done:
  nax_i_free(at);
  return status;
}

static nax_status
make_axes(nax_ctx *ctx, const nax_array *x, int32_t neuron, int32_t time, int32_t animal,
          int32_t n_scales, const double *scale, nax_axis *axes[4])
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_axis_copy(ctx, nax_array_axis(x, neuron), &axes[0]));
  NAX_TRY(nax_axis_copy(ctx, nax_array_axis(x, time), &axes[1]));
  if (animal >= 0) {
    NAX_TRY(nax_axis_copy(ctx, nax_array_axis(x, animal), &axes[2]));
  } else {
    NAX_TRY(nax_axis_create_index(ctx, "animal", 1, &axes[2]));
  }
  NAX_TRY(nax_axis_create_coords(ctx, "scale", "samples", n_scales, scale, &axes[3]));
done:
  return status;
}

nax_status
nax_connectome_derivatives(nax_ctx *ctx, const nax_array *x,
                           const nax_connectome_opts *opts, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_connectome_opts o;
  nax_i_slope f[NAX_I_CONNECTOME_SCALES] = {{0}};
  double scale[NAX_I_CONNECTOME_SCALES];
  int32_t neuron, time, animal, n_scales = 0;
  nax_axis *axes[4] = {NULL};
  nax_array *u = NULL;
  nax_i_stage stage;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_connectome_table, &o, opts));
  NAX_TRY(nax_i_connectome_scales(ctx, __func__, &o, scale, &n_scales));
  NAX_REQUIRE(o.window % 2 == 1 && o.order < o.window, NAX_EINVAL,
              "option `window` is %lld, expected an odd number above `order`, %lld",
              (long long)o.window, (long long)o.order);
  NAX_TRY(find_axes(ctx, x, &neuron, &time, &animal));
  for (int32_t s = 0; s < n_scales; s++) {
    NAX_TRY(o.smoother == NAX_CONNECTOME_SAVGOL
                ? nax_i_slope_polynomial(ctx, o.window, o.order, &f[s])
                : nax_i_slope_gaussian(ctx, scale[s], &f[s]));
  }
  NAX_TRY(make_axes(ctx, x, neuron, time, animal, n_scales, scale, axes));
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, 4, axes, "1", &u));
  memset(axes, 0, sizeof axes);
  NAX_TRY(nax_array_set_description(ctx, u, "derivative, its 99 % quantile is 1"));
  nax_index stride[NAX_MAX_NDIM] = {1};
  for (int32_t k = 1; k < nax_array_ndim(x); k++) {
    stride[k] = stride[k - 1] * nax_array_dim(x, k - 1);
  }
  job j = {.x = x,
           .o = &o,
           .f = f,
           .n_scales = n_scales,
           .n = nax_array_dim(u, 0),
           .n_time = nax_array_dim(u, 1),
           .n_animals = nax_array_dim(u, 2),
           .stride_n = stride[neuron],
           .stride_t = stride[time],
           .stride_w = animal >= 0 ? stride[animal] : 0,
           .u = nax_array_data_mut(u)};
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "connectome/derivatives",
                            j.n * j.n_animals));
  NAX_TRY(nax_i_parallel(ctx, &stage, j.n * j.n_animals, one_trace, &j));
  *out = u;
  u = NULL;
done:
  for (int k = 0; k < NAX_I_CONNECTOME_SCALES; k++) {
    nax_i_slope_free(&f[k]);
  }
  for (int k = 0; k < 4; k++) {
    nax_axis_free(axes[k]);
  }
  nax_array_free(u);
  return status;
}

nax_status
nax_i_derivatives_of(nax_ctx *ctx, const char *fn, const nax_array *u,
                     nax_i_derivatives *d)
{
  if (nax_array_ndim(u) != 4 || nax_array_dtype(u) != NAX_F64) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`u` must be float64, neuron x time x animal x scale, as from "
                      "nax_connectome_derivatives, got %d axes",
                      (int)nax_array_ndim(u));
  }
  *d = (nax_i_derivatives){nax_array_f64(u), nax_array_dim(u, 0), nax_array_dim(u, 1),
                           nax_array_dim(u, 2), nax_array_dim(u, 3)};
  if (d->n < 2 || d->n_time < 1 || d->n_animals < 1 || d->n_scales < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`u` has %lld neurons, %lld times, %lld animals and %lld scales, "
                      "expected at least 2, 1, 1 and 1",
                      (long long)d->n, (long long)d->n_time, (long long)d->n_animals,
                      (long long)d->n_scales);
  }
  return NAX_OK;
}
