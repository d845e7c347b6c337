/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "array_i.h"
#include <math.h>

void
nax_i_free_strings(char **s, nax_index n)
{
  if (s == NULL) {
    return;
  }
  for (nax_index i = 0; i < n; i++) {
    nax_i_free(s[i]);
  }
  nax_i_free(s);
}

char **
nax_i_dup_strings(const char *const *s, nax_index n)
{
  char **out = nax_i_calloc((size_t)n, sizeof *out);
  for (nax_index i = 0; out != NULL && i < n; i++) {
    out[i] = nax_i_strdup(s[i]);
    if (out[i] == NULL) {
      nax_i_free_strings(out, i);
      return NULL;
    }
  }
  return out;
}

/* Axis with name, unit and length set and no positions. */
static nax_status
new_axis(nax_ctx *ctx, const char *fn, const char *name, const char *unit,
         nax_index length, nax_axis_kind kind, nax_axis **out)
{
  *out = NULL;
  if (name == NULL || name[0] == '\0') {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "axis name is empty");
  }
  if (length < 0) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "axis `%s` has length %lld, need at least 0",
                      name, (long long)length);
  }
  nax_axis *a = nax_i_calloc(1, sizeof *a);
  if (a != NULL) {
    a->kind = kind;
    a->length = length;
    a->name = nax_i_strdup(name);
    a->unit = nax_i_strdup(unit);
  }
  if (a == NULL || a->name == NULL || a->unit == NULL) {
    nax_axis_free(a);
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
  }
  *out = a;
  return NAX_OK;
}

nax_status
nax_axis_create_index(nax_ctx *ctx, const char *name, nax_index length, nax_axis **out)
{
  nax_i_begin(ctx);
  return new_axis(ctx, __func__, name, NULL, length, NAX_AXIS_INDEX, out);
}

nax_status
nax_axis_create_regular(nax_ctx *ctx, const char *name, const char *unit,
                        nax_index length, double start, double rate, nax_axis **out)
{
  nax_status status = NAX_OK;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(isfinite(start), NAX_EINVAL, "start must be finite, got %g", start);
  NAX_REQUIRE(isfinite(rate) && rate > 0.0, NAX_EINVAL,
              "rate must be finite and greater than 0, got %g", rate);
  NAX_TRY(new_axis(ctx, __func__, name, unit, length, NAX_AXIS_REGULAR, out));
  (*out)->start = start;
  (*out)->rate = rate;
  (*out)->step = 1;
done:
  return status;
}

nax_status
nax_i_axis_grid(nax_ctx *ctx, const char *name, const char *unit, nax_index length,
                double start, double rate, nax_index first, nax_index step,
                nax_axis **out)
{
  nax_status s = nax_axis_create_regular(ctx, name, unit, length, start, rate, out);
  if (s == NAX_OK) {
    (*out)->first = first;
    (*out)->step = step;
  }
  return s;
}

nax_status
nax_axis_create_coords(nax_ctx *ctx, const char *name, const char *unit, nax_index length,
                       const double *coords, nax_axis **out)
{
  nax_status status = NAX_OK;
  nax_axis *a = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(new_axis(ctx, __func__, name, unit, length, NAX_AXIS_COORDS, &a));
  NAX_REQUIRE(coords != NULL || length == 0, NAX_EINVAL, "`coords` is NULL");
  a->ascending = 1;
  for (nax_index i = 0; i < length; i++) {
    NAX_REQUIRE(isfinite(coords[i]), NAX_EINVAL,
                "coordinate %lld of axis `%s` is %g, expected a finite number",
                (long long)i, name, coords[i]);
    a->ascending = a->ascending && (i == 0 || coords[i] >= coords[i - 1]);
  }
  NAX_TRY_ALLOC(a->coords, length, sizeof(double));
  if (length > 0) {
    memcpy(a->coords, coords, (size_t)length * sizeof(double));
  }
  *out = a;
  a = NULL;
done:
  nax_axis_free(a);
  return status;
}

nax_status
nax_axis_create_labels(nax_ctx *ctx, const char *name, nax_index length,
                       const char *const *labels, nax_axis **out)
{
  nax_status status = NAX_OK;
  nax_axis *a = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(new_axis(ctx, __func__, name, NULL, length, NAX_AXIS_LABELS, &a));
  NAX_REQUIRE(labels != NULL || length == 0, NAX_EINVAL, "`labels` is NULL");
  a->labels = nax_i_dup_strings(labels, length);
  NAX_REQUIRE(a->labels != NULL, NAX_ENOMEM, "out of memory");
  *out = a;
  a = NULL;
done:
  nax_axis_free(a);
  return status;
}

static nax_status
copy_as(nax_ctx *ctx, const nax_axis *a, const char *name, nax_axis **out)
{
  switch (a->kind) {
  case NAX_AXIS_REGULAR:
    return nax_i_axis_grid(ctx, name, a->unit, a->length, a->start, a->rate, a->first,
                           a->step, out);
  case NAX_AXIS_COORDS:
    return nax_axis_create_coords(ctx, name, a->unit, a->length, a->coords, out);
  case NAX_AXIS_LABELS:
    return nax_axis_create_labels(ctx, name, a->length, (const char *const *)a->labels,
                                  out);
  case NAX_AXIS_INDEX:
  case NAX_AXIS_FORCE_INT:
    break;
  }
  return nax_axis_create_index(ctx, name, a->length, out);
}

nax_status
nax_axis_copy(nax_ctx *ctx, const nax_axis *a, nax_axis **out)
{
  return copy_as(ctx, a, a->name, out);
}

nax_status
nax_axis_rename(nax_ctx *ctx, const nax_axis *a, const char *name, nax_axis **out)
{
  return copy_as(ctx, a, name, out);
}

void
nax_axis_free(nax_axis *a)
{
  if (a == NULL) {
    return;
  }
  nax_i_free_strings(a->labels, a->length);
  nax_i_free(a->coords);
  nax_i_free(a->name);
  nax_i_free(a->unit);
  nax_i_free(a);
}

const char *
nax_axis_name(const nax_axis *a)
{
  return a->name;
}

const char *
nax_axis_unit(const nax_axis *a)
{
  return a->unit;
}

nax_index
nax_axis_length(const nax_axis *a)
{
  return a->length;
}

nax_axis_kind
nax_axis_get_kind(const nax_axis *a)
{
  return a->kind;
}

double
nax_axis_coord(const nax_axis *a, nax_index i)
{
  if (i < 0 || i >= a->length) {
    return NAN;
  }
  switch (a->kind) {
  case NAX_AXIS_REGULAR:
    return a->start + (double)(a->first + i * a->step) / a->rate;
  case NAX_AXIS_COORDS:
    return a->coords[i];
  case NAX_AXIS_INDEX:
  case NAX_AXIS_LABELS:
  case NAX_AXIS_FORCE_INT:
    break;
  }
  return (double)i;
}

const char *
nax_axis_label(const nax_axis *a, nax_index i)
{
  return a->labels != NULL && i >= 0 && i < a->length ? a->labels[i] : NULL;
}

double
nax_axis_rate(const nax_axis *a)
{
  return a->kind == NAX_AXIS_REGULAR ? a->rate / (double)a->step : (double)NAN;
}

nax_index
nax_axis_find_label(const nax_axis *a, const char *label)
{
  for (nax_index i = 0; a->labels != NULL && i < a->length; i++) {
    if (strcmp(a->labels[i], label) == 0) {
      return i;
    }
  }
  return -1;
}

nax_index
nax_axis_lower_bound(const nax_axis *a, double x)
{
  int usable =
      a->kind == NAX_AXIS_REGULAR || (a->kind == NAX_AXIS_COORDS && a->ascending);
  if (!usable || isnan(x)) {
    return -1;
  }
  nax_index lo = 0, hi = a->length;
  while (lo < hi) {
    nax_index mid = lo + (hi - lo) / 2;
    if (nax_axis_coord(a, mid) < x) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/* Step of evenly spaced ascending indices, 0 when they are not. */
static nax_index
even_step(nax_index n, const nax_index *index)
{
  nax_index step = n > 1 ? index[1] - index[0] : 1;
  for (nax_index i = 2; i < n; i++) {
    if (index[i] - index[i - 1] != step) {
      return 0;
    }
  }
  return step > 0 ? step : 0;
}

nax_status
nax_axis_take(nax_ctx *ctx, const nax_axis *a, nax_index n, const nax_index *index,
              nax_axis **out)
{
  nax_status status = NAX_OK;
  double *coords = NULL;
  const char **labels = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  for (nax_index i = 0; i < n; i++) {
    NAX_REQUIRE(index[i] >= 0 && index[i] < a->length, NAX_EINVAL,
                "index %lld does not exist on axis `%s`, which has %lld positions",
                (long long)index[i], a->name, (long long)a->length);
  }
  nax_index step = even_step(n, index);
  if (a->kind == NAX_AXIS_INDEX) {
    NAX_TRY(nax_axis_create_index(ctx, a->name, n, out));
  } else if (a->kind == NAX_AXIS_REGULAR && step > 0) {
    nax_index first = a->first + (n > 0 ? index[0] * a->step : 0);
    NAX_TRY(nax_i_axis_grid(ctx, a->name, a->unit, n, a->start, a->rate, first,
                            a->step * step, out));
  } else if (a->kind == NAX_AXIS_LABELS) {
    NAX_TRY_ALLOC(labels, n, sizeof *labels);
    for (nax_index i = 0; i < n; i++) {
      labels[i] = a->labels[index[i]];
    }
    NAX_TRY(nax_axis_create_labels(ctx, a->name, n, labels, out));
  } else {
    NAX_TRY_ALLOC(coords, n, sizeof *coords);
    for (nax_index i = 0; i < n; i++) {
      coords[i] = nax_axis_coord(a, index[i]);
    }
    NAX_TRY(nax_axis_create_coords(ctx, a->name, a->unit, n, coords, out));
  }
done:
  nax_i_free(coords);
  nax_i_free(labels);
  return status;
}

int32_t
nax_axis_equal(const nax_axis *a, const nax_axis *b)
{
  if (a->kind != b->kind || a->length != b->length || strcmp(a->name, b->name) != 0 ||
      strcmp(a->unit, b->unit) != 0) {
    return 0;
  }
  for (nax_index i = 0; i < a->length; i++) {
    if (a->kind == NAX_AXIS_LABELS ? strcmp(a->labels[i], b->labels[i]) != 0
                                   : nax_axis_coord(a, i) < nax_axis_coord(b, i) ||
                                         nax_axis_coord(a, i) > nax_axis_coord(b, i)) {
      return 0;
    }
  }
  return 1;
}

nax_status
nax_i_axis_slice(nax_ctx *ctx, const nax_axis *a, nax_index start, nax_index stop,
                 nax_index step, nax_axis **out)
{
  nax_status status = NAX_OK;
  nax_index *index = NULL;
  nax_index n = stop > start ? (stop - start - 1) / step + 1 : 0;
  step = n > 1 ? step : 1; /* a huge step past the end must not overflow below */
  *out = NULL;
  if (a->kind == NAX_AXIS_INDEX) {
    return nax_axis_create_index(ctx, a->name, n, out);
  }
  if (a->kind == NAX_AXIS_REGULAR) {
    return nax_i_axis_grid(ctx, a->name, a->unit, n, a->start, a->rate,
                           a->first + start * a->step, a->step * step, out);
  }
  NAX_TRY_ALLOC(index, n, sizeof *index);
  for (nax_index i = 0; i < n; i++) {
    index[i] = start + i * step;
  }
  NAX_TRY(nax_axis_take(ctx, a, n, index, out));
done:
  nax_i_free(index);
  return status;
}

const char *
nax_i_axis_positions(const nax_axis *a)
{
  switch (a->kind) {
  case NAX_AXIS_REGULAR:
  case NAX_AXIS_COORDS:
    return "coordinates";
  case NAX_AXIS_LABELS:
    return "labels";
  case NAX_AXIS_INDEX:
  case NAX_AXIS_FORCE_INT:
    break;
  }
  return "neither coordinates nor labels";
}
