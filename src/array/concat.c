/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining axes and arrays end to end. */
#include "array_i.h"
#include <float.h>
#include <math.h>

/* Does `b` go on where `a`, whose own length is n by now, ends? On one grid whole steps
 * decide; else the coordinates may differ by rounding, a few units in the last place. */
static int
continues(const nax_axis *a, nax_index n, const nax_axis *b)
{
  if (a->kind != NAX_AXIS_REGULAR || b->kind != NAX_AXIS_REGULAR) {
    return 0;
  }
  int same_origin = !(a->start < b->start || a->start > b->start) &&
                    !(a->rate < b->rate || a->rate > b->rate);
  if (same_origin && (a->step == b->step || b->length == 1)) {
    return b->first == a->first + n * a->step;
  }
  double next = a->start + (double)(a->first + n * a->step) / a->rate;
  double from = nax_axis_coord(b, 0);
  double ulp = 4.0 * DBL_EPSILON * fmax(fabs(next), fabs(from));
  double ra = nax_axis_rate(a), rb = nax_axis_rate(b);
  return fabs(next - from) <= ulp &&
         (b->length == 1 || fabs(ra - rb) <= 4.0 * DBL_EPSILON * ra);
}

static nax_status
check_parts(nax_ctx *ctx, const char *fn, nax_index n, const nax_axis *const *parts)
{
  const nax_axis *a = parts[0];
  for (nax_index p = 1; p < n; p++) {
    const nax_axis *b = parts[p];
    int coords_a = a->kind == NAX_AXIS_REGULAR || a->kind == NAX_AXIS_COORDS;
    int coords_b = b->kind == NAX_AXIS_REGULAR || b->kind == NAX_AXIS_COORDS;
    if (strcmp(a->name, b->name) != 0) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "the axis to join is called `%s` in part %lld, expected `%s`",
                        b->name, (long long)p, a->name);
    }
    if (coords_a != coords_b || (!coords_a && a->kind != b->kind)) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axis `%s` of part %lld has %s, in part 0 it has %s", a->name,
                        (long long)p, nax_i_axis_positions(b), nax_i_axis_positions(a));
    }
    if (strcmp(a->unit, b->unit) != 0) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axis `%s` of part %lld is in \"%s\", in part 0 in \"%s\"",
                        a->name, (long long)p, b->unit, a->unit);
    }
  }
  return NAX_OK;
}

nax_status
nax_i_axis_concat(nax_ctx *ctx, const char *fn, nax_index n, const nax_axis *const *parts,
                  nax_axis **out)
{
  nax_status status = NAX_OK;
  double *coords = NULL;
  const char **labels = NULL;
  nax_index length = 0, at = 0;
  const nax_axis *a = parts[0]; /* the first part that has positions */
  int regular = 1;
  *out = NULL;
  NAX_TRY(check_parts(ctx, fn, n, parts));
  for (nax_index p = 0; p < n; p++) {
    const nax_axis *b = parts[p];
    if (length == 0) {
      a = b;
      regular = b->kind == NAX_AXIS_REGULAR;
    } else if (b->length > 0) {
      regular = regular && continues(a, length, b);
    }
    NAX_REQUIRE(!__builtin_add_overflow(length, b->length, &length), NAX_EOVERFLOW,
                "the joined axis `%s` is too long", a->name);
  }
  if (a->kind == NAX_AXIS_INDEX) {
    NAX_TRY(nax_axis_create_index(ctx, a->name, length, out));
  } else if (a->kind == NAX_AXIS_LABELS) {
    NAX_TRY_ALLOC(labels, length, sizeof *labels);
    for (nax_index p = 0; p < n; p++) {
      for (nax_index i = 0; i < parts[p]->length; i++) {
        labels[at++] = parts[p]->labels[i];
      }
    }
    NAX_TRY(nax_axis_create_labels(ctx, a->name, length, labels, out));
  } else if (regular) {
    NAX_TRY(nax_i_axis_grid(ctx, a->name, a->unit, length, a->start, a->rate, a->first,
                            a->step, out));
  } else {
    NAX_TRY_ALLOC(coords, length, sizeof *coords);
    for (nax_index p = 0; p < n; p++) {
      for (nax_index i = 0; i < parts[p]->length; i++) {
        coords[at++] = nax_axis_coord(parts[p], i);
      }
    }
    NAX_TRY(nax_axis_create_coords(ctx, a->name, a->unit, length, coords, out));
  }
done:
  nax_i_free(coords);
  nax_i_free(labels);
  return status;
}

/* The axes that are not joined must be the same in all parts. */
static nax_status
check_others(nax_ctx *ctx, const char *fn, nax_index n, const nax_array *const *parts,
             int32_t axis)
{
  const nax_array *a = parts[0];
  for (nax_index p = 1; p < n; p++) {
    const nax_array *b = parts[p];
    if (b->ndim != a->ndim) {
      return nax_i_fail(ctx, NAX_EDIM, fn, "part %lld has %d axes, part 0 has %d",
                        (long long)p, (int)b->ndim, (int)a->ndim);
    }
    if (strcmp(a->unit, b->unit) != 0) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "part %lld holds values in \"%s\", part 0 in \"%s\"",
                        (long long)p, b->unit, a->unit);
    }
    for (int32_t k = 0; k < a->ndim; k++) {
      const nax_axis *x = a->axis[k], *y = b->axis[k];
      if (k == axis || nax_axis_equal(x, y)) {
        continue;
      }
      if (strcmp(x->name, y->name) != 0) {
        return nax_i_fail(ctx, NAX_EDIM, fn,
                          "axis %d of part %lld is called `%s`, expected `%s`", (int)k,
                          (long long)p, y->name, x->name);
      }
      if (x->length != y->length) {
        return nax_i_fail(ctx, NAX_EDIM, fn,
                          "axis `%s` of part %lld has %lld positions, part 0 has %lld",
                          x->name, (long long)p, (long long)y->length,
                          (long long)x->length);
      }
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axis `%s` of part %lld has other %s than in part 0", x->name,
                        (long long)p, nax_i_axis_positions(x));
    }
  }
  return NAX_OK;
}

nax_status
nax_array_concat(nax_ctx *ctx, nax_index n, const nax_array *const *parts, int32_t axis,
                 nax_array **out)
{
  nax_status status = NAX_OK;
  const nax_axis **axes = NULL;
  nax_axis *joined = NULL;
  nax_array *b = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EINVAL, "n must be at least 1, got %lld", (long long)n);
  for (nax_index p = 0; p < n; p++) {
    NAX_REQUIRE(parts[p] != NULL, NAX_EINVAL, "part %lld is NULL", (long long)p);
  }
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, parts[0], axis));
  NAX_TRY(check_others(ctx, __func__, n, parts, axis));
  NAX_TRY_ALLOC(axes, n, sizeof *axes);
  nax_dtype dtype = NAX_F32;
  for (nax_index p = 0; p < n; p++) {
    axes[p] = parts[p]->axis[axis];
    dtype = parts[p]->dtype == NAX_F64 ? NAX_F64 : dtype;
  }
  NAX_TRY(nax_i_axis_concat(ctx, __func__, n, axes, &joined));
  NAX_TRY(nax_i_array_with_axis(ctx, parts[0], dtype, axis, joined, &b));
  joined = NULL;
  nax_i_fold whole = nax_i_array_fold(b, axis);
  size_t size = nax_dtype_size(dtype);
  for (nax_index p = 0, at = 0; p < n; at += axes[p]->length, p++) {
    nax_index run = whole.inner * axes[p]->length; /* dense in both */
    nax_view v = {.dtype = parts[p]->dtype, .ndim = 1, .dim = {run}, .stride = {1}};
    for (nax_index o = 0; run > 0 && o < whole.outer; o++) {
      size_t from = (size_t)(o * run) * nax_dtype_size(v.dtype);
      v.data = (const char *)parts[p]->data + from;
      nax_index to = whole.inner * (o * whole.n + at);
      NAX_TRY(nax_i_view_copy(ctx, &v, dtype, (char *)b->data + (size_t)to * size));
      NAX_TRY(nax_i_poll_every(ctx, o, 1024));
    }
  }
  *out = b;
  b = NULL;
done:
  nax_i_free(axes);
  nax_axis_free(joined);
  nax_array_free(b);
  return status;
}
