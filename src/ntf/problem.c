/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the caller's view to what a fit works on: checks, packing, missing entries. */
#include "ntf_i.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

/* "axis 3, axis 0 ..." of a position, for texts. */
static void
describe(const nax_view *x, nax_index at, char *buf, size_t size)
{
  size_t used = 0;
  buf[0] = '\0';
  for (int32_t k = 0; k < x->ndim && used < size; k++) {
    char number[16];
    snprintf(number, sizeof number, "mode %d", (int)k);
    int n = snprintf(buf + used, size - used, "%s%s %lld", k ? ", " : "",
                     x->name[k] ? x->name[k] : number, (long long)(at % x->dim[k]));
    used += n > 0 ? (size_t)n : 0;
    at /= x->dim[k];
  }
}

enum { BLOCK = 1 << 16, LANES = 32 };

/* What one pass over the entries finds, block by block. */
typedef struct scan {
  const nax_i_tensor *x;
  double *norm2;
  nax_index *n_missing;
  nax_index *infinite, *negative; /* first position in the block, or -1 */
} scan;

/* Squares of the values that are not missing, added to `sum` in turn; returns how many
 * are missing, infinite or negative. */
#define ADD_SQUARES(NAME, REAL)                                                          \
  NAX_I_CLONES static nax_index NAME(const REAL *x, nax_index n, double *sum)            \
  {                                                                                      \
    int64_t odd[LANES] = {0};                                                            \
    nax_index i = 0, all = 0;                                                            \
    for (; i + LANES <= n; i += LANES) {                                                 \
      _Pragma("omp simd") for (int k = 0; k < LANES; k++)                                \
      {                                                                                  \
        double v = (double)x[i + k], square = v * v;                                     \
        odd[k] += !(v >= 0.0 && v <= DBL_MAX);                                           \
        sum[k] += isnan(v) ? 0.0 : square;                                               \
      }                                                                                  \
    }                                                                                    \
    for (; i < n; i++) {                                                                 \
      double v = (double)x[i];                                                           \
      odd[i % LANES] += !(v >= 0.0 && v <= DBL_MAX);                                     \
      sum[i % LANES] += isnan(v) ? 0.0 : v * v;                                          \
    }                                                                                    \
    for (int k = 0; k < LANES; k++) {                                                    \
      all += odd[k];                                                                     \
    }                                                                                    \
    return all;                                                                          \
  }
ADD_SQUARES(add_squares_f64, double)
ADD_SQUARES(add_squares_f32, float)

static nax_status
scan_block(int64_t block, void *arg)
{
  scan *s = arg;
  nax_index from = block * BLOCK;
  nax_index to = s->x->size - from < BLOCK ? s->x->size : from + BLOCK;
  double sum[LANES] = {0.0};
  nax_index odd = 0;
  s->infinite[block] = s->negative[block] = -1;
  if (s->x->dtype == NAX_F32) {
    odd = add_squares_f32((const float *)s->x->x + from, to - from, sum);
  } else {
    odd = add_squares_f64((const double *)s->x->x + from, to - from, sum);
  }
  for (nax_index i = from; odd > 0 && i < to; i++) {
    double v = nax_i_tensor_at(s->x, i);
    s->n_missing[block] += isnan(v);
    if (isinf(v) && s->infinite[block] < 0) {
      s->infinite[block] = i;
    }
    if (v < 0.0 && s->negative[block] < 0) {
      s->negative[block] = i;
    }
  }
  s->norm2[block] = nax_i_sum(sum, LANES);
  return NAX_OK;
}

static nax_index
first_of(const nax_index *at, int64_t n)
{
  for (int64_t b = 0; b < n; b++) {
    if (at[b] >= 0) {
      return at[b];
    }
  }
  return -1;
}

nax_status
nax_i_ntf_scan(nax_ctx *ctx, const nax_view *view, nax_index before, nax_i_ntf_problem *p)
{
  nax_status status = NAX_OK;
  scan s = {.x = &p->x};
  char where[160];
  int64_t n = nax_i_n_blocks(p->x.size, BLOCK);
  int any_free = 0;
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    any_free = any_free || p->op.mode[k].is_free;
  }
  NAX_TRY_ALLOC(s.norm2, n, sizeof *s.norm2);
  NAX_TRY_ALLOC(s.n_missing, n, sizeof *s.n_missing);
  NAX_TRY_ALLOC(s.infinite, n, sizeof *s.infinite);
  NAX_TRY_ALLOC(s.negative, n, sizeof *s.negative);
  NAX_TRY(nax_i_parallel(ctx, NULL, n, scan_block, &s));
  nax_index bad = first_of(s.infinite, n);
  if (bad >= 0) {
    describe(view, before + bad, where, sizeof where);
    status = nax_i_fail(ctx, NAX_EDATA, "nax_ntf_fit",
                        "`x` is infinite at %s, expected finite values", where);
    goto done;
  }
  bad = first_of(s.negative, n);
  if (bad >= 0 && !any_free) {
    describe(view, before + bad, where, sizeof where);
    status =
        nax_i_fail(ctx, NAX_EDATA, "nax_ntf_fit",
                   "`x` is %g at %s, expected values of at least 0 (shift or rectify "
                   "the data, or declare a mode free)",
                   nax_i_tensor_at(&p->x, bad), where);
    goto done;
  }
  p->op.observed2 += nax_i_sum(s.norm2, n);
  p->op.norm2 = p->op.observed2;
  for (int64_t b = 0; b < n; b++) {
    p->n_missing += s.n_missing[b];
  }
done:
  nax_i_free(s.norm2);
  nax_i_free(s.n_missing);
  nax_i_free(s.infinite);
  nax_i_free(s.negative);
  return status;
}

/* Positions of the missing entries; none of the slices of any mode may be empty of data.
 */
static nax_status
find_missing(nax_ctx *ctx, const nax_view *view, nax_i_ntf_problem *p)
{
  nax_status status = NAX_OK;
  nax_index *seen = NULL, total = 0, j = 0;
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    total += p->x.dim[k];
  }
  NAX_TRY_ALLOC(p->missing, p->n_missing, sizeof *p->missing);
  NAX_TRY_ALLOC(seen, total, sizeof *seen);
  for (nax_index i = 0; i < p->x.size; i++) {
    nax_index rest = i, base = 0;
    int is_missing = isnan(nax_i_tensor_at(&p->x, i));
    if (is_missing) {
      p->missing[j++] = i;
    }
    for (int32_t k = 0; k < p->x.n_modes && is_missing; k++) {
      seen[base + rest % p->x.dim[k]]++;
      rest /= p->x.dim[k];
      base += p->x.dim[k];
    }
  }
  nax_index base = 0;
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    for (nax_index i = 0; i < p->x.dim[k]; i++) {
      if (seen[base + i] == p->x.size / p->x.dim[k]) {
        char axis[32];
        snprintf(axis, sizeof axis, "axis %d, slice", (int)k);
        status = nax_i_fail(ctx, NAX_EDATA, "nax_ntf_fit",
                            "every entry of %s %lld is missing: leave that slice out",
                            view->name[k] ? view->name[k] : axis, (long long)i);
        goto done;
      }
    }
    base += p->x.dim[k];
  }
done:
  nax_i_free(seen);
  return status;
}

/* A copy that may be written to, and what first stands for the missing entries: the mean
 * of what was observed at the same position of mode 0. Where a whole stretch is missing
 * the data say nothing on some factors, and these then stay near the mean instead of
 * wherever the random start put them. */
static nax_status
own_copy(nax_ctx *ctx, const nax_view *view, nax_i_ntf_problem *p)
{
  nax_status status = NAX_OK;
  nax_index n0 = p->x.dim[0], *n = NULL;
  if (p->own == NULL) {
    NAX_TRY_ALLOC(p->own, p->x.size, nax_dtype_size(p->x.dtype));
    NAX_TRY(nax_view_copy_to(ctx, view, p->x.dtype, p->own));
    p->x.x = p->own;
  }
  NAX_TRY_ALLOC(p->fill, n0, sizeof *p->fill);
  NAX_TRY_ALLOC(n, n0, sizeof *n);
  for (nax_index i = 0; i < p->x.size; i++) {
    double v = nax_i_tensor_at(&p->x, i);
    if (!isnan(v)) {
      p->fill[i % n0] += v;
      n[i % n0]++;
    }
  }
  for (nax_index i = 0; i < n0; i++) {
    p->fill[i] /= n[i] > 0 ? (double)n[i] : 1.0;
  }
done:
  nax_i_free(n);
  return status;
}

/* Regular gaps are taken exactly, others are filled with the model. */
static nax_status
settle_missing(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_problem *p)
{
  nax_status status = NAX_OK;
  int32_t by_rows = o->algorithm != NAX_NTF_ADMM && p->x.n_modes > 2, found = 0;
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    by_rows = by_rows && !nax_i_ntf_is_coupled(&p->op.mode[k]);
  }
  if (by_rows) {
    NAX_TRY(nax_i_ntf_find_mask(ctx, &p->op, p->n_missing, p->missing, &p->mask, &found));
  }
  if (found) {
    p->op.mask = &p->mask;
  } else {
    p->op.type = &nax_i_ntf_dense_missing;
    p->op.columns = 0; /* each start fills the missing entries in its own way */
  }
done:
  return status;
}

/* A divergence with a negative power of x has no value at zero. */
static nax_status
check_zeros(nax_ctx *ctx, const nax_view *view, const nax_ntf_opts *o,
            const nax_i_ntf_problem *p)
{
  char where[160];
  for (nax_index i = 0; nax_i_ntf_beta(o) <= 0.0 && i < p->x.size; i++) {
    if (nax_i_tensor_at(&p->x, i) == 0.0) { /* NOLINT */
      describe(view, i, where, sizeof where);
      return nax_i_fail(ctx, NAX_EDATA, "nax_ntf_fit",
                        "`x` is 0 at %s, where the divergence with beta %g is infinite, "
                        "expected values above 0",
                        where, nax_i_ntf_beta(o));
    }
  }
  return NAX_OK;
}

nax_status
nax_i_ntf_problem_init(nax_ctx *ctx, const nax_view *x, const nax_ntf_opts *o,
                       nax_i_ntf_problem *p)
{
  nax_status status = NAX_OK;
  const char *fn = "nax_ntf_fit";
  memset(p, 0, sizeof *p);
  if (x == NULL || x->data == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`x` is NULL");
  }
  if (x->dtype != NAX_F64 && x->dtype != NAX_F32) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "`x` must hold float64 or float32, got %s",
                      nax_dtype_name(x->dtype));
  }
  if (x->ndim < 2 || x->ndim > NAX_I_NTF_MAX_MODES) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "`x` must have 2 to %d axes, got %d",
                      NAX_I_NTF_MAX_MODES, (int)x->ndim);
  }
  p->x = (nax_i_tensor){.x = x->data, .dtype = x->dtype, .n_modes = x->ndim};
  for (int32_t k = 0; k < x->ndim; k++) {
    if (x->dim[k] < 1) {
      return nax_i_fail(ctx, NAX_EDIM, fn, "axis %d of `x` is empty", (int)k);
    }
    p->x.dim[k] = x->dim[k];
  }
  p->op = (nax_i_ntf_operand){.type = &nax_i_ntf_dense,
                              .n_modes = x->ndim,
                              .dtype = x->dtype,
                              .columns = nax_i_ntf_dense_columns(x->dtype)};
  memcpy(p->op.dim, p->x.dim, sizeof p->op.dim);
  if (!nax_i_size_product(x->ndim, x->dim, sizeof(double), &p->x.size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "`x` does not fit memory addresses");
  }
  NAX_TRY(nax_i_ntf_settle(ctx, &p->op, x->name, o));
  if (!nax_view_is_dense(x)) {
    NAX_TRY_ALLOC(p->own, p->x.size, nax_dtype_size(x->dtype));
    NAX_TRY(nax_view_copy_to(ctx, x, x->dtype, p->own));
    p->x.x = p->own;
  }
  NAX_TRY(nax_i_ntf_scan(ctx, x, 0, p));
  if (p->n_missing == p->x.size || !(p->op.observed2 > 0.0)) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "`x` is %s everywhere",
                        p->n_missing == p->x.size ? "missing" : "zero");
    goto done;
  }
  NAX_TRY(check_zeros(ctx, x, o, p));
  if (p->n_missing > 0) {
    NAX_TRY(find_missing(ctx, x, p));
    NAX_TRY(own_copy(ctx, x, p));
    NAX_TRY(settle_missing(ctx, o, p));
  }
done:
  if (status != NAX_OK) {
    nax_i_ntf_problem_free(p);
  }
  return status;
}

void
nax_i_ntf_problem_free(nax_i_ntf_problem *p)
{
  nax_i_free(p->own);
  nax_i_free(p->missing);
  nax_i_free(p->fill);
  nax_i_ntf_mask_free(&p->mask);
  p->own = NULL;
  p->missing = NULL;
  p->fill = NULL;
}
