/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "array_i.h"

nax_status
nax_i_array_adopt(nax_ctx *ctx, nax_dtype dtype, int32_t ndim, nax_axis **axes,
                  const char *unit, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_index dim[NAX_MAX_NDIM], size = 0;
  *out = NULL;
  /* the texts name the public function that does the same */
  const char *fn = "nax_array_create";
  if (dtype != NAX_F64 && dtype != NAX_F32) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "dtype must be float64 or float32, got %s",
                      nax_dtype_name(dtype));
  }
  if (ndim < 1 || ndim > NAX_MAX_NDIM) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "an array has 1 to %d axes, got %d",
                      NAX_MAX_NDIM, (int)ndim);
  }
  for (int32_t k = 0; k < ndim; k++) {
    dim[k] = axes[k]->length;
  }
  if (!nax_i_size_product(ndim, dim, nax_dtype_size(dtype), &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn,
                      "the array does not fit memory addresses (first axis `%s` has %lld "
                      "positions)",
                      axes[0]->name, (long long)dim[0]);
  }
  NAX_TRY_ALLOC(a, 1, sizeof *a);
  a->dtype = dtype;
  a->size = size;
  NAX_TRY_DUP(a->unit, unit);
  NAX_TRY_DUP(a->description, NULL);
  NAX_TRY_ALLOC(a->data, size, nax_dtype_size(dtype));
  a->ndim = ndim;
  memcpy(a->axis, axes, (size_t)ndim * sizeof *axes);
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

nax_status
nax_array_create(nax_ctx *ctx, nax_dtype dtype, int32_t ndim, const nax_axis *const *axes,
                 const char *unit, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *own[NAX_MAX_NDIM] = {NULL};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(ndim >= 1 && ndim <= NAX_MAX_NDIM, NAX_EDIM,
              "an array has 1 to %d axes, got %d", NAX_MAX_NDIM, (int)ndim);
  for (int32_t k = 0; k < ndim; k++) {
    NAX_REQUIRE(axes[k] != NULL, NAX_EINVAL, "axis %d is NULL", (int)k);
    NAX_TRY(nax_axis_copy(ctx, axes[k], &own[k]));
  }
  NAX_TRY(nax_i_array_adopt(ctx, dtype, ndim, own, unit, out));
  memset(own, 0, sizeof own);
done:
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(own[k]);
  }
  return status;
}

nax_status
nax_array_borrow(nax_ctx *ctx, const nax_view *x, const nax_axis *const *axes,
                 const char *unit, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(x != NULL && axes != NULL, NAX_EINVAL, "`%s` is NULL",
              x == NULL ? "x" : "axes");
  NAX_REQUIRE(x->dtype == NAX_F64 || x->dtype == NAX_F32, NAX_ETYPE,
              "`x` must hold float64 or float32, got %s", nax_dtype_name(x->dtype));
  NAX_REQUIRE(x->ndim >= 1 && x->ndim <= NAX_MAX_NDIM, NAX_EDIM,
              "`x` has 1 to %d axes, got %d", NAX_MAX_NDIM, (int)x->ndim);
  NAX_REQUIRE(nax_view_is_dense(x), NAX_EINVAL, "`x` must be dense and column-major");
  NAX_REQUIRE(x->data != NULL || nax_view_size(x) == 0, NAX_EINVAL, "`x` has no data");
  NAX_TRY_ALLOC(a, 1, sizeof *a);
  a->is_borrowed = 1;
  a->dtype = x->dtype;
  a->size = nax_view_size(x);
  memcpy(&a->data, &x->data, sizeof a->data); /* is_borrowed keeps it const */
  NAX_TRY_DUP(a->unit, unit);
  NAX_TRY_DUP(a->description, NULL);
  for (int32_t k = 0; k < x->ndim; k++) {
    NAX_REQUIRE(axes[k] != NULL && axes[k]->length == x->dim[k], NAX_EDIM,
                "axis %d does not have %lld positions", (int)k, (long long)x->dim[k]);
    NAX_TRY(nax_axis_copy(ctx, axes[k], &a->axis[k]));
    a->ndim = k + 1;
  }
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

nax_status
nax_array_create_dims(nax_ctx *ctx, nax_dtype dtype, int32_t ndim,
                      const char *const *names, const nax_index *dim, const char *unit,
                      nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *own[NAX_MAX_NDIM] = {NULL};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(ndim >= 1 && ndim <= NAX_MAX_NDIM, NAX_EDIM,
              "an array has 1 to %d axes, got %d", NAX_MAX_NDIM, (int)ndim);
  for (int32_t k = 0; k < ndim; k++) {
    NAX_TRY(nax_axis_create_index(ctx, names[k], dim[k], &own[k]));
  }
  NAX_TRY(nax_i_array_adopt(ctx, dtype, ndim, own, unit, out));
  memset(own, 0, sizeof own);
done:
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(own[k]);
  }
  return status;
}

nax_status
nax_array_copy(nax_ctx *ctx, const nax_array *a, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *b = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_with_axis(ctx, a, a->dtype, 0, NULL, &b));
  nax_view v = nax_array_view(a);
  NAX_TRY(nax_i_view_copy(ctx, &v, a->dtype, b->data));
  *out = b;
  b = NULL;
done:
  nax_array_free(b);
  return status;
}

nax_i_fold
nax_i_array_fold(const nax_array *a, int32_t k)
{
  nax_i_fold f = {1, a->axis[k]->length, 1};
  for (int32_t i = 0; i < a->ndim; i++) {
    f.inner *= i < k ? a->axis[i]->length : 1;
    f.outer *= i > k ? a->axis[i]->length : 1;
  }
  return f;
}

nax_status
nax_i_array_with_axis(nax_ctx *ctx, const nax_array *a, nax_dtype dtype, int32_t k,
                      nax_axis *axis, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *own[NAX_MAX_NDIM] = {NULL};
  nax_array *b = NULL;
  *out = NULL;
  for (int32_t i = 0; i < a->ndim; i++) {
    if (axis == NULL || i != k) {
      NAX_TRY(nax_axis_copy(ctx, a->axis[i], &own[i]));
    }
  }
  char *description;
  NAX_TRY_DUP(description, a->description);
  if (axis != NULL) {
    own[k] = axis;
  }
  status = nax_i_array_adopt(ctx, dtype, a->ndim, own, a->unit, &b);
  if (axis != NULL && status != NAX_OK) {
    own[k] = NULL; /* still the caller's */
  }
  if (status != NAX_OK) {
    nax_i_free(description);
    goto done;
  }
  memset(own, 0, sizeof own);
  nax_i_free(b->description);
  b->description = description;
  *out = b;
done:
  for (int32_t i = 0; i < NAX_MAX_NDIM; i++) {
    nax_axis_free(own[i]);
  }
  return status;
}

nax_status
nax_i_array_check_axis(nax_ctx *ctx, const char *fn, const nax_array *a, int32_t k)
{
  if (a == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "the array is NULL");
  }
  if (k >= 0 && k < a->ndim) {
    return NAX_OK;
  }
  char names[200];
  int at = 0;
  for (int32_t i = 0; i < a->ndim && at < (int)sizeof names; i++) {
    at += nax_i_snprintf(names + at, sizeof names - (size_t)at, "%s%s", i > 0 ? ", " : "",
                         a->axis[i]->name);
  }
  return nax_i_fail(ctx, NAX_EINVAL, fn, "axis %d does not exist, the array has %s",
                    (int)k, names);
}

void
nax_array_free(nax_array *a)
{
  if (a == NULL) {
    return;
  }
  for (int32_t k = 0; k < a->ndim; k++) {
    nax_axis_free(a->axis[k]);
  }
  if (!a->is_borrowed) {
    nax_i_free(a->data);
  }
  nax_i_free(a->unit);
  nax_i_free(a->description);
  nax_i_free(a);
}

nax_view
nax_array_view(const nax_array *a)
{
  nax_view v = {.data = a->data, .dtype = a->dtype, .ndim = a->ndim};
  nax_index s = 1;
  for (int32_t k = 0; k < a->ndim; k++) {
    v.dim[k] = a->axis[k]->length;
    v.stride[k] = s;
    v.name[k] = a->axis[k]->name;
    s *= v.dim[k] > 0 ? v.dim[k] : 1;
  }
  return v;
}

nax_dtype
nax_array_dtype(const nax_array *a)
{
  return a->dtype;
}

int32_t
nax_array_ndim(const nax_array *a)
{
  return a->ndim;
}

nax_index
nax_array_dim(const nax_array *a, int32_t k)
{
  return k >= 0 && k < a->ndim ? a->axis[k]->length : 0;
}

nax_index
nax_array_size(const nax_array *a)
{
  return a->size;
}

const nax_axis *
nax_array_axis(const nax_array *a, int32_t k)
{
  return k >= 0 && k < a->ndim ? a->axis[k] : NULL;
}

int32_t
nax_array_find_axis(const nax_array *a, const char *name)
{
  for (int32_t k = 0; k < a->ndim; k++) {
    if (strcmp(a->axis[k]->name, name) == 0) {
      return k;
    }
  }
  return -1;
}

const void *
nax_array_data(const nax_array *a)
{
  return a->data;
}

void *
nax_array_data_mut(nax_array *a)
{
  return a->is_borrowed ? NULL : a->data;
}

const double *
nax_array_f64(const nax_array *a)
{
  return a->dtype == NAX_F64 ? a->data : NULL;
}

const char *
nax_array_unit(const nax_array *a)
{
  return a->unit;
}

const char *
nax_array_description(const nax_array *a)
{
  return a->description;
}

static nax_status
replace(nax_ctx *ctx, const char *fn, char **slot, const char *text)
{
  char *copy = nax_i_strdup(text);
  if (copy == NULL) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
  }
  nax_i_free(*slot);
  *slot = copy;
  return NAX_OK;
}

nax_status
nax_array_set_unit(nax_ctx *ctx, nax_array *a, const char *unit)
{
  nax_i_begin(ctx);
  return replace(ctx, __func__, &a->unit, unit);
}

nax_status
nax_array_set_description(nax_ctx *ctx, nax_array *a, const char *text)
{
  nax_i_begin(ctx);
  return replace(ctx, __func__, &a->description, text);
}

nax_status
nax_array_set_axis(nax_ctx *ctx, nax_array *a, int32_t k, const nax_axis *axis)
{
  nax_status status = NAX_OK;
  nax_axis *copy = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(k >= 0 && k < a->ndim, NAX_EINVAL,
              "axis %d does not exist, the array has %d axes", (int)k, (int)a->ndim);
  NAX_REQUIRE(axis->length == a->axis[k]->length, NAX_EDIM,
              "axis `%s` has %lld positions, axis %d of the array has %lld", axis->name,
              (long long)axis->length, (int)k, (long long)a->axis[k]->length);
  NAX_TRY(nax_axis_copy(ctx, axis, &copy));
  nax_axis_free(a->axis[k]);
  a->axis[k] = copy;
done:
  return status;
}
