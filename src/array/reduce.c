/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reductions along one axis. NaN means missing and is left out; what remains of a line
 * is gathered densely, so that one kernel serves every axis and memory layout. */
#include "array_i.h"
#include <math.h>

/* Non-missing values of a line to the front of the same buffer. */
static nax_index
drop_nan(double *x, nax_index n)
{
  nax_index m = 0;
  for (nax_index i = 0; i < n; i++) {
    double v = x[i];
    x[m] = v;
    m += !isnan(v);
  }
  return m;
}

nax_i_moments
nax_i_line_moments(double *x, nax_index n)
{
  nax_i_moments m = {n, NAN, NAN, NAN, NAN};
  if (n == 0) {
    return m;
  }
  m.min = m.max = x[0];
  for (nax_index i = 1; i < n; i++) {
    m.min = x[i] < m.min ? x[i] : m.min;
    m.max = x[i] > m.max ? x[i] : m.max;
  }
  m.mean = nax_i_sum(x, n) / (double)n;
  if (!(m.max > m.min)) {
    /* rounding of the sum must not make a constant line vary */
    m.mean = m.min;
    m.ss = isfinite(m.mean) ? 0.0 : (double)NAN;
    return m;
  }
  for (nax_index i = 0; i < n; i++) {
    double d = x[i] - m.mean;
    x[i] = d * d;
  }
  m.ss = nax_i_sum(x, n);
  return m;
}

static double
variance(double *x, nax_index n, double ddof)
{
  double free_n = (double)n - ddof;
  return free_n > 0.0 ? nax_i_line_moments(x, n).ss / free_n : (double)NAN;
}

/* Overwrites x. */
static double
reduce_line(double *x, nax_index n, nax_reduction what, double param)
{
  nax_index m = drop_nan(x, n), finite = 0;
  switch (what) {
  case NAX_REDUCE_MEAN:
    return m > 0 ? nax_i_sum(x, m) / (double)m : (double)NAN;
  case NAX_REDUCE_SUM:
    return m > 0 ? nax_i_sum(x, m) : (double)NAN;
  case NAX_REDUCE_VAR:
    return variance(x, m, param);
  case NAX_REDUCE_SD:
    return sqrt(variance(x, m, param));
  case NAX_REDUCE_MIN:
    for (nax_index i = 1; i < m; i++) {
      x[0] = x[i] < x[0] ? x[i] : x[0];
    }
    return m > 0 ? x[0] : (double)NAN;
  case NAX_REDUCE_MAX:
    for (nax_index i = 1; i < m; i++) {
      x[0] = x[i] > x[0] ? x[i] : x[0];
    }
    return m > 0 ? x[0] : (double)NAN;
  case NAX_REDUCE_MEDIAN:
    return nax_i_quantile(x, m, 0.5);
  case NAX_REDUCE_QUANTILE:
    return nax_i_quantile(x, m, param);
  case NAX_REDUCE_COUNT:
    for (nax_index i = 0; i < m; i++) {
      finite += isfinite(x[i]) != 0;
    }
    return (double)finite;
  case NAX_REDUCE_FORCE_INT:
    break;
  }
  return NAN;
}

/* ------------------------------------------------------------------ the lines */

typedef struct line_job {
  const nax_array *a;
  nax_i_fold f;
  nax_index width, per_outer; /* lines of a block; blocks of one outer position */
  nax_i_line_fn fn;
  void *arg;
} line_job;

static nax_status
run_lines(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const line_job *j = arg;
  double *buf = NULL;
  /* with inner > 1 the lines of a block lie side by side, else one after the other */
  int side = j->f.inner > 1;
  nax_index lines = side ? j->f.inner : j->f.outer;
  nax_index o = side ? block / j->per_outer : 0;
  nax_index first = (side ? block % j->per_outer : block) * j->width;
  nax_index w = lines - first < j->width ? lines - first : j->width;
  nax_index from = side ? o * j->f.n * j->f.inner + first : first * j->f.n;
  nax_view v = {.data =
                    (const char *)j->a->data + (size_t)from * nax_dtype_size(j->a->dtype),
                .dtype = j->a->dtype,
                .ndim = 2,
                .dim = {j->f.n, w},
                .stride = {j->f.inner, side ? 1 : j->f.n}};
  NAX_TRY_ALLOC(buf, j->f.n * w, sizeof *buf);
  NAX_TRY(nax_i_view_copy(NULL, &v, NAX_F64, buf));
  for (nax_index i = 0; i < w; i++) {
    nax_index line = side ? o * j->f.inner + first + i : first + i;
    j->fn(line, buf + i * j->f.n, j->f.n, j->arg);
  }
done:
  nax_i_free(buf);
  return status;
}

nax_status
nax_i_array_lines(nax_ctx *ctx, const char *name, const char *stage, const nax_array *a,
                  int32_t k, nax_i_line_fn fn, void *arg)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  line_job j = {.a = a, .f = nax_i_array_fold(a, k), .fn = fn, .arg = arg};
  int side = j.f.inner > 1;
  nax_index lines = side ? j.f.inner : j.f.outer;
  if (j.f.inner == 0 || j.f.outer == 0) {
    return NAX_OK;
  }
  /* about 32k elements, but whole cache lines of the source where lines lie side by side
   */
  j.width = j.f.n > 0 ? 32768 / j.f.n : 32768;
  j.width = j.width < 8 ? (side ? 8 : 1) : j.width;
  j.width = j.width < lines ? j.width : lines;
  j.per_outer = nax_i_n_blocks(lines, j.width);
  nax_index blocks = j.per_outer * (side ? j.f.outer : 1);
  NAX_TRY(nax_i_stage_begin(&st, ctx, name, stage, blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, run_lines, &j));
done:
  return status;
}

/* --------------------------------------------------------------- the function */

typedef struct reduce_job {
  nax_reduction what;
  double param;
  double *out;
} reduce_job;

static void
reduce_one(nax_index line, double *x, nax_index n, void *arg)
{
  const reduce_job *r = arg;
  r->out[line] = reduce_line(x, n, r->what, r->param);
}

/* Axes of the result: those that remain, or one position when none does. */
static nax_status
remaining_axes(nax_ctx *ctx, const nax_array *a, int32_t k, nax_axis **axes, int32_t *n)
{
  nax_status status = NAX_OK;
  *n = 0;
  for (int32_t i = 0; i < a->ndim; i++) {
    if (i != k) {
      NAX_TRY(nax_axis_copy(ctx, a->axis[i], &axes[*n]));
      (*n)++;
    }
  }
  if (*n == 0) {
    NAX_TRY(nax_axis_create_index(ctx, "value", 1, &axes[0]));
    *n = 1;
  }
done:
  return status;
}

static nax_status
set_unit(nax_ctx *ctx, nax_array *b, const char *unit, nax_reduction what)
{
  nax_status status = NAX_OK;
  char *square = NULL;
  if (what == NAX_REDUCE_COUNT) {
    NAX_TRY(nax_array_set_unit(ctx, b, "counts"));
  } else if (what == NAX_REDUCE_VAR && unit[0] != '\0' && strcmp(unit, "1") != 0) {
    square = nax_i_asprintf(strpbrk(unit, " */^()") ? "(%s)^2" : "%s^2", unit);
    NAX_REQUIRE(square != NULL, NAX_ENOMEM, "out of memory");
    NAX_TRY(nax_array_set_unit(ctx, b, square));
  }
done:
  nax_i_free(square);
  return status;
}

nax_status
nax_array_reduce(nax_ctx *ctx, const nax_array *a, int32_t axis, nax_reduction what,
                 double param, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *axes[NAX_MAX_NDIM] = {NULL};
  nax_array *b = NULL;
  int32_t n_axes = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  NAX_REQUIRE((int)what >= NAX_REDUCE_MEAN && (int)what <= NAX_REDUCE_COUNT, NAX_EINVAL,
              "unknown reduction %d", (int)what);
  NAX_REQUIRE((what != NAX_REDUCE_VAR && what != NAX_REDUCE_SD) ||
                  (param >= 0.0 && param <= 1e6),
              NAX_EINVAL, "delta degrees of freedom must lie in [0, 1e6], got %g", param);
  NAX_REQUIRE(what != NAX_REDUCE_QUANTILE || (param >= 0.0 && param <= 1.0), NAX_EINVAL,
              "quantile must lie in [0, 1], got %g", param);
  NAX_TRY(remaining_axes(ctx, a, axis, axes, &n_axes));
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, n_axes, axes, a->unit, &b));
  memset(axes, 0, sizeof axes);
  NAX_TRY(nax_array_set_description(ctx, b, a->description));
  NAX_TRY(set_unit(ctx, b, a->unit, what));
  reduce_job r = {what, param, b->data};
  if (nax_i_reduces_side_by_side(a, axis, what)) {
    NAX_TRY(nax_i_reduce_side_by_side(ctx, __func__, a, axis, what, param, b->data));
  } else {
    NAX_TRY(nax_i_array_lines(ctx, __func__, "array/reduce", a, axis, reduce_one, &r));
  }
  *out = b;
  b = NULL;
done:
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(axes[k]);
  }
  nax_array_free(b);
  return status;
}
