/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays of the same shape: z-scores along an axis, functions of each element. */
#include "array_i.h"
#include <math.h>
#include <stdatomic.h>

static void
put(nax_array *a, nax_index i, double x)
{
  if (a->dtype == NAX_F64) {
    ((double *)a->data)[i] = x;
  } else {
    ((float *)a->data)[i] = (float)x;
  }
}

/* -------------------------------------------------------------------- z-score */

typedef struct zscore_job {
  const nax_array *a;
  nax_array *b;
  nax_i_fold f;
  double ddof;
  double *mean, *sd; /* per line; sd 0 marks a constant line */
} zscore_job;

static void
moments_one(nax_index line, double *x, nax_index n, void *arg)
{
  const zscore_job *z = arg;
  nax_index m = 0;
  for (nax_index i = 0; i < n; i++) {
    double v = x[i];
    x[m] = v;
    m += !isnan(v);
  }
  nax_i_moments mo = nax_i_line_moments(x, m);
  double free_n = (double)m - z->ddof;
  z->mean[line] = mo.mean;
  z->sd[line] = mo.max > mo.min ? (free_n > 0.0 ? sqrt(mo.ss / free_n) : 0.0)
                                : (isinf(mo.mean) ? (double)NAN : 0.0);
}

enum { ZSCORE_GRAIN = 1 << 16 };

static nax_status
zscore_block(int64_t block, void *arg)
{
  const zscore_job *z = arg;
  nax_index end = (block + 1) * ZSCORE_GRAIN;
  end = end < z->a->size ? end : z->a->size;
  nax_index i = block * ZSCORE_GRAIN;
  nax_index in = i % z->f.inner, t = i / z->f.inner % z->f.n, o = i / z->f.inner / z->f.n;
  for (; i < end; i++) {
    nax_index line = o * z->f.inner + in;
    double x = nax_i_array_at(z->a, i), sd = z->sd[line];
    put(z->b, i, isnan(x) ? x : sd > 0.0 || isnan(sd) ? (x - z->mean[line]) / sd : 0.0);
    if (++in == z->f.inner) {
      in = 0;
      if (++t == z->f.n) {
        t = 0;
        o++;
      }
    }
  }
  return NAX_OK;
}

nax_status
nax_array_zscore(nax_ctx *ctx, const nax_array *a, int32_t axis, double ddof,
                 nax_array **out)
{
  nax_status status = NAX_OK;
  zscore_job z = {.a = a, .ddof = ddof};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  NAX_REQUIRE(ddof >= 0.0 && ddof <= 1e6, NAX_EINVAL,
              "delta degrees of freedom must lie in [0, 1e6], got %g", ddof);
  NAX_TRY(nax_i_array_with_axis(ctx, a, a->dtype, 0, NULL, &z.b));
  NAX_TRY(nax_array_set_unit(ctx, z.b, "z"));
  z.f = nax_i_array_fold(a, axis);
  nax_index lines = z.f.inner * z.f.outer, constant = 0, first = 0;
  NAX_TRY_ALLOC(z.mean, lines, sizeof(double));
  NAX_TRY_ALLOC(z.sd, lines, sizeof(double));
  NAX_TRY(nax_i_array_lines(ctx, __func__, "array/zscore", a, axis, moments_one, &z));
  NAX_TRY(
      nax_i_parallel(ctx, NULL, nax_i_n_blocks(a->size, ZSCORE_GRAIN), zscore_block, &z));
  for (nax_index i = 0; i < lines; i++) {
    if (!(z.sd[i] > 0.0) && !isnan(z.sd[i]) && !isnan(z.mean[i])) {
      first = constant++ == 0 ? i : first;
    }
  }
  if (constant > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "array.constant",
               "%lld of %lld lines along `%s` do not vary and got the z-score 0 (first: "
               "line %lld)",
               (long long)constant, (long long)lines, a->axis[axis]->name,
               (long long)first);
  }
  *out = z.b;
  z.b = NULL;
done:
  nax_i_free(z.mean);
  nax_i_free(z.sd);
  nax_array_free(z.b);
  return status;
}

/* ----------------------------------------------------------- element functions */

enum { MAP_GRAIN = 1 << 16 };

typedef struct map_job {
  const nax_array *a;
  nax_array *b;
  nax_map what;
  _Atomic int64_t outside; /* elements outside the domain */
} map_job;

static double
apply(nax_map what, double x)
{
  switch (what) {
  case NAX_MAP_SQRT:
    return sqrt(x);
  case NAX_MAP_SQUARE:
    return x * x;
  case NAX_MAP_ABS:
    return fabs(x);
  case NAX_MAP_LOG:
    return log(x);
  case NAX_MAP_LOG1P:
    return log1p(x);
  case NAX_MAP_EXP:
    return exp(x);
  case NAX_MAP_RECTIFY:
    return x < 0.0 ? 0.0 : x;
  case NAX_MAP_FORCE_INT:
    break;
  }
  return NAN;
}

static nax_status
map_block(int64_t block, void *arg)
{
  map_job *m = arg;
  nax_index end = (block + 1) * MAP_GRAIN, outside = 0;
  end = end < m->a->size ? end : m->a->size;
  for (nax_index i = block * MAP_GRAIN; i < end; i++) {
    double x = nax_i_array_at(m->a, i), y = apply(m->what, x);
    outside += isnan(y) && !isnan(x);
    put(m->b, i, y);
  }
  atomic_fetch_add(&m->outside, outside);
  return NAX_OK;
}

nax_status
nax_array_map(nax_ctx *ctx, const nax_array *a, nax_map what, nax_array **out)
{
  static const char *const names[] = {"",    "sqrt",  "square", "abs",
                                      "log", "log1p", "exp",    "rectify"};
  nax_status status = NAX_OK;
  char *unit = NULL;
  map_job m = {.a = a, .what = what};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE((int)what >= NAX_MAP_SQRT && (int)what <= NAX_MAP_RECTIFY, NAX_EINVAL,
              "unknown function %d", (int)what);
  NAX_TRY(nax_i_array_with_axis(ctx, a, a->dtype, 0, NULL, &m.b));
  int same_unit = what == NAX_MAP_ABS || what == NAX_MAP_RECTIFY;
  if (!same_unit && a->unit[0] != '\0' && strcmp(a->unit, "1") != 0) {
    unit = nax_i_asprintf("%s(%s)", names[what], a->unit);
    NAX_REQUIRE(unit != NULL, NAX_ENOMEM, "out of memory");
    NAX_TRY(nax_array_set_unit(ctx, m.b, unit));
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(a->size, MAP_GRAIN), map_block, &m));
  if (m.outside > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "array.map-domain",
               "%lld values lie outside the domain of %s and became NaN",
               (long long)m.outside, names[what]);
  }
  *out = m.b;
  m.b = NULL;
done:
  nax_i_free(unit);
  nax_array_free(m.b);
  return status;
}
