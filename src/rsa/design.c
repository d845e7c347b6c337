/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions and folds of observations. */
#include "rsa_i.h"
#include <math.h>

/* Distinct values, ascending, and the number of each of the n values among them. */
static nax_status
number_values(nax_ctx *ctx, nax_index n, const int64_t *x, nax_index *number,
              int64_t **values, nax_index *count)
{
  nax_status status = NAX_OK;
  nax_i_keyed *a = NULL;
  *count = 0;
  NAX_TRY_ALLOC(a, 2 * n, sizeof *a);
  NAX_TRY_ALLOC(*values, n, sizeof **values);
  for (nax_index i = 0; i < n; i++) {
    a[i] = (nax_i_keyed){(uint64_t)x[i] ^ UINT64_C(1) << 63, i};
  }
  nax_i_sort_keyed(a, a + n, n);
  for (nax_index i = 0; i < n; i++) {
    if (i == 0 || a[i].key != a[i - 1].key) {
      (*values)[(*count)++] = x[a[i].at];
    }
    number[a[i].at] = *count - 1;
  }
done:
  nax_i_free(a);
  return status;
}

void
nax_i_design_clear(nax_i_design *d)
{
  nax_i_free(d->cond);
  nax_i_free(d->fold);
  nax_i_free(d->value);
  nax_i_free(d->fold_value);
  nax_i_free(d->count);
  *d = (nax_i_design){0};
}

/* The k-th occurrence of each condition is in fold k. */
static nax_status
folds_by_occurrence(nax_ctx *ctx, const char *fn, nax_i_design *d)
{
  nax_status status = NAX_OK;
  nax_index *seen = NULL;
  NAX_TRY_ALLOC(seen, d->n, sizeof *seen);
  NAX_TRY_ALLOC(d->fold_value, d->n_obs, sizeof *d->fold_value);
  for (nax_index i = 0; i < d->n_obs; i++) {
    d->fold[i] = seen[d->cond[i]]++;
    d->folds = d->fold[i] + 1 > d->folds ? d->fold[i] + 1 : d->folds;
  }
  for (nax_index f = 0; f < d->folds; f++) {
    d->fold_value[f] = f;
  }
  for (nax_index c = 0; c < d->n; c++) {
    if (seen[c] != seen[0]) {
      status = nax_i_fail(ctx, NAX_EDATA, fn,
                          "condition %lld occurs %lld times, condition %lld %lld times: "
                          "folds must be given",
                          (long long)d->value[0], (long long)seen[0],
                          (long long)d->value[c], (long long)seen[c]);
      goto done;
    }
  }
done:
  nax_i_free(seen);
  return status;
}

nax_status
nax_i_design_init(nax_ctx *ctx, const char *fn, nax_index n_obs, const int64_t *condition,
                  const int64_t *fold, int folds, nax_i_design *d)
{
  nax_status status = NAX_OK;
  *d = (nax_i_design){.n_obs = n_obs, .even = 1};
  if (n_obs < 2 || condition == NULL) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "need at least 2 observations with conditions, got %lld",
                      (long long)n_obs);
  }
  NAX_TRY_ALLOC(d->cond, n_obs, sizeof *d->cond);
  NAX_TRY(number_values(ctx, n_obs, condition, d->cond, &d->value, &d->n));
  if (d->n < 2) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "need at least 2 conditions, all observations are of condition "
                        "%lld",
                        (long long)d->value[0]);
    goto done;
  }
  if (folds) {
    NAX_TRY_ALLOC(d->fold, n_obs, sizeof *d->fold);
    if (fold != NULL) {
      NAX_TRY(number_values(ctx, n_obs, fold, d->fold, &d->fold_value, &d->folds));
    } else {
      NAX_TRY(folds_by_occurrence(ctx, fn, d));
    }
  }
  nax_index m = d->folds > 0 ? d->folds : 1;
  NAX_TRY_ALLOC(d->count, d->n * m, sizeof *d->count);
  for (nax_index i = 0; i < n_obs; i++) {
    d->count[d->cond[i] + (d->folds > 0 ? d->fold[i] : 0) * d->n]++;
  }
  for (nax_index k = 0; k < d->n * m; k++) {
    d->even = d->even && d->count[k] == d->count[0];
  }
done:
  if (status != NAX_OK) {
    nax_i_design_clear(d);
  }
  return status;
}

nax_status
nax_i_design_complete(nax_ctx *ctx, const char *fn, const nax_i_design *d)
{
  if (d->folds < 2) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "a measure between folds needs at least 2 of them, each condition "
                      "has 1 repetition");
  }
  for (nax_index f = 0; f < d->folds; f++) {
    for (nax_index c = 0; c < d->n; c++) {
      if (d->count[c + f * d->n] == 0) {
        return nax_i_fail(
            ctx, NAX_EDATA, fn,
            "condition %lld is missing in fold %lld: leave one of them out, "
            "or set `design` to number",
            (long long)d->value[c], (long long)d->fold_value[f]);
      }
    }
  }
  return NAX_OK;
}

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));

/* Anything times 0 that is not finite is NaN, and stays it in a sum. */
NAX_I_CLONES static int
all_finite(nax_index n, const double *x)
{
  eight sum = {0};
  double rest = 0.0;
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    sum += *(const eight *)(const void *)(x + i) * 0.0;
  }
  for (; i < n; i++) {
    rest += x[i] * 0.0;
  }
  for (int k = 0; k < 8; k++) {
    rest += sum[k];
  }
  return rest == 0.0;
}

nax_status
nax_i_rdm_borrow(nax_ctx *ctx, const char *fn, const nax_view *x, const double **data,
                 double **out, int *missing)
{
  nax_status status = NAX_OK;
  nax_index size;
  *out = NULL;
  if (x == NULL || x->ndim != 2 || x->dim[0] < 1 || x->dim[1] < 2) {
    return nax_i_fail(
        ctx, NAX_EDIM, fn,
        "`x` must be channel x observation with at least 1 and 2 positions");
  }
  if (!nax_i_size_product(2, x->dim, sizeof(double), &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "`x` does not fit into memory");
  }
  if (x->dtype == NAX_F64 && x->stride[0] == 1 && x->stride[1] == x->dim[0]) {
    *data = x->data;
  } else {
    NAX_TRY_ALLOC(*out, size, sizeof **out);
    NAX_TRY(nax_view_copy_to(ctx, x, NAX_F64, *out));
    *data = *out;
  }
  int any = 0;
  for (nax_index c = 0; c < x->dim[1]; c++) {
    const double *column = *data + c * x->dim[0];
    NAX_TRY(nax_i_poll_every(ctx, c, 1024));
    if (all_finite(x->dim[0], column)) {
      continue;
    }
    for (nax_index i = 0; i < x->dim[0]; i++) {
      double v = column[i];
      if (isinf(v) || (isnan(v) && missing == NULL)) {
        status =
            nax_i_fail(ctx, NAX_EDATA, fn, "`x` is %s at channel %lld, observation %lld",
                       isnan(v) ? "NaN" : "infinite", (long long)i, (long long)c);
        goto done;
      }
      any = any || isnan(v);
    }
  }
  if (missing != NULL) {
    *missing = any;
  }
done:
  if (status != NAX_OK) {
    nax_i_free(*out);
    *out = NULL;
  }
  return status;
}

nax_status
nax_i_rdm_pack(nax_ctx *ctx, const char *fn, const nax_view *x, double **out,
               int *missing)
{
  nax_status status = NAX_OK;
  const double *data;
  NAX_TRY(nax_i_rdm_borrow(ctx, fn, x, &data, out, missing));
  if (*out == NULL) {
    nax_index size = x->dim[0] * x->dim[1];
    NAX_TRY_ALLOC(*out, size, sizeof **out);
    memcpy(*out, data, (size_t)size * sizeof *data);
  }
done:
  return status;
}
