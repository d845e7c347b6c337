/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of an array: ranges, coordinates, lists of positions and labels; other orders of
 * the axes; other element types. */
#include "array_i.h"
#include <math.h>

/* The range of one axis as a new array; the range is checked already. */
static nax_status
slice(nax_ctx *ctx, const nax_array *a, int32_t k, nax_index start, nax_index stop,
      nax_index step, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *axis = NULL;
  nax_array *b = NULL;
  nax_view v = nax_array_view(a);
  NAX_TRY(nax_view_slice(ctx, &v, k, start, stop, step, &v));
  NAX_TRY(nax_i_axis_slice(ctx, a->axis[k], start, stop, step, &axis));
  NAX_TRY(nax_i_array_with_axis(ctx, a, a->dtype, k, axis, &b));
  axis = NULL;
  NAX_TRY(nax_i_view_copy(ctx, &v, a->dtype, b->data));
  *out = b;
  b = NULL;
done:
  nax_axis_free(axis);
  nax_array_free(b);
  return status;
}

nax_status
nax_array_slice(nax_ctx *ctx, const nax_array *a, int32_t axis, nax_index start,
                nax_index stop, nax_index step, nax_array **out)
{
  nax_status status = NAX_OK;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  const nax_axis *x = a->axis[axis];
  NAX_REQUIRE(start >= 0 && start <= stop && stop <= x->length, NAX_EINVAL,
              "range %lld to %lld does not fit axis `%s`, which has %lld positions",
              (long long)start, (long long)stop, x->name, (long long)x->length);
  NAX_REQUIRE(step >= 1, NAX_EINVAL, "step must be at least 1, got %lld",
              (long long)step);
  NAX_TRY(slice(ctx, a, axis, start, stop, step, out));
done:
  return status;
}

nax_status
nax_array_slice_coord(nax_ctx *ctx, const nax_array *a, int32_t axis, double start,
                      double stop, nax_array **out)
{
  nax_status status = NAX_OK;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  const nax_axis *x = a->axis[axis];
  NAX_REQUIRE(x->kind == NAX_AXIS_REGULAR || x->kind == NAX_AXIS_COORDS, NAX_EINVAL,
              "axis `%s` has %s, expected coordinates", x->name, nax_i_axis_positions(x));
  NAX_REQUIRE(start < stop, NAX_EINVAL,
              "the range must begin before it ends, got %g to %g", start, stop);
  nax_index from = nax_axis_lower_bound(x, start), to = nax_axis_lower_bound(x, stop);
  NAX_REQUIRE(from >= 0 && to >= 0, NAX_EINVAL,
              "the coordinates of axis `%s` are not ascending", x->name);
  NAX_REQUIRE(from < to, NAX_EINVAL,
              "no position of axis `%s` lies in %g to %g%s%s: it has %lld, from %g to %g",
              x->name, start, stop, x->unit[0] ? " " : "", x->unit, (long long)x->length,
              nax_axis_coord(x, 0), nax_axis_coord(x, x->length - 1));
  NAX_TRY(slice(ctx, a, axis, from, to, 1, out));
done:
  return status;
}

/* ------------------------------------------------------- lists of positions */

typedef struct take_job {
  const char *src;
  char *dst;
  const nax_index *index;
  nax_index n, n_from, n_rows; /* taken, along the axis before, n * outer */
  size_t bytes;                /* of one position: all that is inner to the axis */
  nax_index grain;
} take_job;

static nax_status
take_rows(int64_t block, void *arg)
{
  const take_job *j = arg;
  nax_index end = (block + 1) * j->grain;
  end = end < j->n_rows ? end : j->n_rows;
  nax_index i = block * j->grain % j->n, o = block * j->grain / j->n;
  for (nax_index r = block * j->grain; r < end; r++) {
    const char *from = j->src + (size_t)(o * j->n_from + j->index[i]) * j->bytes;
    char *to = j->dst + (size_t)r * j->bytes;
    /* single elements are the case of axis 0: no call for each */
    if (j->bytes == sizeof(double)) {
      memcpy(to, from, sizeof(double));
    } else {
      memcpy(to, from, j->bytes);
    }
    if (++i == j->n) {
      i = 0;
      o++;
    }
  }
  return NAX_OK;
}

nax_status
nax_array_take(nax_ctx *ctx, const nax_array *a, int32_t axis, nax_index n,
               const nax_index *index, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *taken = NULL;
  nax_array *b = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  NAX_REQUIRE(n >= 0 && (n == 0 || index != NULL), NAX_EINVAL,
              "need a list of at least 0 indices, got %lld%s", (long long)n,
              n > 0 ? " and NULL" : "");
  NAX_TRY(nax_axis_take(ctx, a->axis[axis], n, index, &taken));
  NAX_TRY(nax_i_array_with_axis(ctx, a, a->dtype, axis, taken, &b));
  taken = NULL;
  nax_i_fold f = nax_i_array_fold(a, axis);
  size_t bytes = (size_t)f.inner * nax_dtype_size(a->dtype);
  if (b->size > 0) {
    nax_index grain = (nax_index)(((size_t)1 << 19) / bytes) + 1;
    take_job j = {a->data, b->data, index, n, f.n, n * f.outer, bytes, grain};
    NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(j.n_rows, grain), take_rows, &j));
  }
  *out = b;
  b = NULL;
done:
  nax_axis_free(taken);
  nax_array_free(b);
  return status;
}

nax_status
nax_i_axis_find_labels(nax_ctx *ctx, const char *fn, const nax_axis *a, nax_index n,
                       const char *const *labels, nax_index *index)
{
  if (a->kind != NAX_AXIS_LABELS) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "axis `%s` has %s, expected labels", a->name,
                      nax_i_axis_positions(a));
  }
  for (nax_index i = 0; i < n; i++) {
    index[i] = labels[i] != NULL ? nax_axis_find_label(a, labels[i]) : -1;
    if (index[i] < 0) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "axis `%s` has no label \"%s\" among its %lld, such as \"%s\"",
                        a->name, labels[i] ? labels[i] : "", (long long)a->length,
                        a->length > 0 ? a->labels[0] : "");
    }
  }
  return NAX_OK;
}

nax_status
nax_array_take_labels(nax_ctx *ctx, const nax_array *a, int32_t axis, nax_index n,
                      const char *const *labels, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_index *index = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  NAX_REQUIRE(n >= 0 && (n == 0 || labels != NULL), NAX_EINVAL,
              "need a list of at least 0 labels, got %lld%s", (long long)n,
              n > 0 ? " and NULL" : "");
  NAX_TRY_ALLOC(index, n, sizeof *index);
  NAX_TRY(nax_i_axis_find_labels(ctx, __func__, a->axis[axis], n, labels, index));
  NAX_TRY(nax_array_take(ctx, a, axis, n, index, out));
done:
  nax_i_free(index);
  return status;
}

/* ------------------------------------------------------- order, element type */

nax_status
nax_array_permute(nax_ctx *ctx, const nax_array *a, const int32_t *order, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *axes[NAX_MAX_NDIM] = {NULL};
  nax_array *b = NULL;
  nax_view v = nax_array_view(a);
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_view_permute(ctx, &v, order, &v));
  for (int32_t k = 0; k < a->ndim; k++) {
    NAX_TRY(nax_axis_copy(ctx, a->axis[order[k]], &axes[k]));
  }
  NAX_TRY(nax_i_array_adopt(ctx, a->dtype, a->ndim, axes, a->unit, &b));
  memset(axes, 0, sizeof axes);
  NAX_TRY(nax_array_set_description(ctx, b, a->description));
  NAX_TRY(nax_i_view_copy(ctx, &v, a->dtype, b->data));
  *out = b;
  b = NULL;
done:
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(axes[k]);
  }
  nax_array_free(b);
  return status;
}

nax_status
nax_array_convert(nax_ctx *ctx, const nax_array *a, nax_dtype dtype, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *b = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(dtype == NAX_F64 || dtype == NAX_F32, NAX_ETYPE,
              "dtype must be float64 or float32, got %s", nax_dtype_name(dtype));
  NAX_TRY(nax_i_array_with_axis(ctx, a, dtype, 0, NULL, &b));
  nax_view v = nax_array_view(a);
  NAX_TRY(nax_i_view_copy(ctx, &v, dtype, b->data));
  if (dtype == NAX_F32 && a->dtype == NAX_F64) {
    /* a finite double beyond 3.4e38 would become infinite without a word */
    const double *x = a->data;
    const float *y = b->data;
    nax_index lost = 0, first = -1;
    for (nax_index i = 0; i < a->size; i++) {
      if (isinf(y[i]) && isfinite(x[i])) {
        first = lost++ == 0 ? i : first;
      }
    }
    if (lost > 0) {
      nax_i_warn(ctx, NAX_VIOLATION, "array.convert-overflow",
                 "%lld values are too large for float32 and became infinite (first: "
                 "element %lld, %g)",
                 (long long)lost, (long long)first, x[first]);
    }
  }
  *out = b;
  b = NULL;
done:
  nax_array_free(b);
  return status;
}
