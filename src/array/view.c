/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "array_i.h"

/* Products of lengths stop at the largest index instead of overflowing: such a shape is
 * then refused where it is used. */
static nax_index
times(nax_index a, nax_index b)
{
  nax_index c;
  return __builtin_mul_overflow(a, b, &c) ? INT64_MAX : c;
}

/* A shape that no view can have gives a view of nothing, which methods refuse as NULL. */
static nax_view
dense_view(const void *data, nax_dtype dtype, int32_t ndim, const nax_index *dim)
{
  nax_view v = {.data = data, .dtype = dtype, .ndim = ndim};
  nax_index s = 1;
  if (ndim < 1 || ndim > NAX_MAX_NDIM) {
    v.data = NULL;
    v.ndim = 0;
    return v;
  }
  for (int32_t k = 0; k < ndim; k++) {
    v.dim[k] = dim[k];
    v.stride[k] = s;
    s = dim[k] > 0 ? times(s, dim[k]) : s;
  }
  return v;
}

nax_view
nax_view_f64(const double *data, int32_t ndim, const nax_index *dim)
{
  return dense_view(data, NAX_F64, ndim, dim);
}

nax_view
nax_view_f32(const float *data, int32_t ndim, const nax_index *dim)
{
  return dense_view(data, NAX_F32, ndim, dim);
}

nax_index
nax_view_size(const nax_view *v)
{
  nax_index n = v->ndim > 0;
  for (int32_t k = 0; k < v->ndim; k++) {
    if (v->dim[k] <= 0) {
      return 0;
    }
    n = times(n, v->dim[k]);
  }
  return n;
}

int32_t
nax_view_is_dense(const nax_view *v)
{
  nax_index s = 1;
  if (nax_view_size(v) == 0) {
    return 1;
  }
  for (int32_t k = 0; k < v->ndim; k++) {
    if (v->dim[k] > 1 && v->stride[k] != s) {
      return 0;
    }
    s = times(s, v->dim[k]);
  }
  return 1;
}

int32_t
nax_view_axis(const nax_view *v, const char *name)
{
  for (int32_t k = 0; k < v->ndim; k++) {
    if (v->name[k] != NULL && strcmp(v->name[k], name) == 0) {
      return k;
    }
  }
  return -1;
}

double
nax_view_get(const nax_view *v, const nax_index *index)
{
  nax_index at = 0;
  for (int32_t k = 0; k < v->ndim; k++) {
    at += index[k] * v->stride[k];
  }
  return v->dtype == NAX_F64 ? ((const double *)v->data)[at]
                             : (double)((const float *)v->data)[at];
}

nax_status
nax_view_permute(nax_ctx *ctx, const nax_view *v, const int32_t *order, nax_view *out)
{
  nax_status status = NAX_OK;
  uint32_t seen = 0;
  nax_view w = *v;
  nax_i_begin(ctx);
  for (int32_t k = 0; k < v->ndim; k++) {
    NAX_REQUIRE(order[k] >= 0 && order[k] < v->ndim && !(seen >> order[k] & 1u),
                NAX_EINVAL, "`order` must be a permutation of 0..%d, entry %d is %d",
                (int)v->ndim - 1, (int)k, (int)order[k]);
    seen |= 1u << order[k];
    w.dim[k] = v->dim[order[k]];
    w.stride[k] = v->stride[order[k]];
    w.name[k] = v->name[order[k]];
  }
  *out = w;
done:
  return status;
}

nax_status
nax_view_slice(nax_ctx *ctx, const nax_view *v, int32_t axis, nax_index start,
               nax_index stop, nax_index step, nax_view *out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(axis >= 0 && axis < v->ndim, NAX_EINVAL,
              "axis %d does not exist, the view has %d axes", (int)axis, (int)v->ndim);
  NAX_REQUIRE(start >= 0 && start <= stop && stop <= v->dim[axis] && step >= 1,
              NAX_EINVAL,
              "range %lld:%lld:%lld does not fit axis %d, which has %lld positions",
              (long long)start, (long long)stop, (long long)step, (int)axis,
              (long long)v->dim[axis]);
  nax_view w = *v;
  nax_index at = start * v->stride[axis];
  w.data = v->dtype == NAX_F64 ? (const void *)((const double *)v->data + at)
                               : (const void *)((const float *)v->data + at);
  w.dim[axis] = stop > start ? (stop - start - 1) / step + 1 : 0;
  w.stride[axis] = w.dim[axis] > 1 ? v->stride[axis] * step : v->stride[axis];
  *out = w;
done:
  return status;
}

nax_status
nax_i_view_check(nax_ctx *ctx, const char *fn, const char *arg, const nax_view *y,
                 int32_t ndim, const char *const *names)
{
  if (y == NULL || y->data == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`%s` is NULL", arg);
  }
  if (y->dtype != NAX_F64) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "`%s` must hold float64, got %s", arg,
                      nax_dtype_name(y->dtype));
  }
  if (y->ndim != ndim) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "`%s` must have %d axes, got %d", arg, (int)ndim,
                      (int)y->ndim);
  }
  for (int32_t k = 0; k < ndim; k++) {
    if (names != NULL && names[k] != NULL && y->name[k] != NULL &&
        strcmp(names[k], y->name[k]) != 0) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axis %d of `%s` is called `%s`, expected `%s`", (int)k, arg,
                        y->name[k], names[k]);
    }
    if (y->dim[k] < 0 || y->stride[k] < 1) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axis %d of `%s` has length %lld and stride %lld, expected >= 0 "
                        "and >= 1",
                        (int)k, arg, (long long)y->dim[k], (long long)y->stride[k]);
    }
  }
  return NAX_OK;
}
