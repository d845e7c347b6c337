/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RDMs as vectors, squares, arrays and sets. */
#include "rsa_i.h"
#include <math.h>

nax_index
nax_rdm_pairs(nax_index n)
{
  return n < 2 ? 0 : n * (n - 1) / 2;
}

nax_index
nax_rdm_conditions(nax_index m)
{
  if (m < 1) {
    return -1;
  }
  nax_index n = (nax_index)((1.0 + sqrt(1.0 + 8.0 * (double)m)) / 2.0 + 0.5);
  for (nax_index k = n > 2 ? n - 1 : 2; k <= n + 1; k++) {
    if (nax_rdm_pairs(k) == m) {
      return k;
    }
  }
  return -1;
}

nax_index
nax_rdm_pair(nax_index n, nax_index i, nax_index j)
{
  if (i == j || i < 0 || j < 0 || i >= n || j >= n) {
    return -1;
  }
  return i < j ? nax_i_rdm_at(n, i, j) : nax_i_rdm_at(n, j, i);
}

nax_status
nax_rdm_to_square(nax_ctx *ctx, nax_index n, const double *d, double *square)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EDIM, "an RDM has at least 1 condition, got %lld",
              (long long)n);
  NAX_REQUIRE((d != NULL || n == 1) && square != NULL, NAX_EINVAL,
              "`d` and `square` must not be NULL");
  for (nax_index i = 0, k = 0; i < n; i++) {
    square[i + i * n] = 0.0;
    for (nax_index j = i + 1; j < n; j++, k++) {
      square[j + i * n] = square[i + j * n] = d[k];
    }
  }
done:
  return status;
}

static nax_status
from_square(nax_ctx *ctx, const char *fn, nax_index n, const double *square, double *d)
{
  double largest = 0.0;
  for (nax_index k = 0; k < n * n; k++) {
    largest = fabs(square[k]) > largest ? fabs(square[k]) : largest;
  }
  for (nax_index i = 0, k = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, k++) {
      double x = square[j + i * n], y = square[i + j * n];
      if (isnan(x) != isnan(y) || fabs(x - y) > 1e-8 * largest) {
        return nax_i_fail(ctx, NAX_EDATA, fn,
                          "the RDM must be symmetric, pair (%lld, %lld) is %g and %g",
                          (long long)i, (long long)j, x, y);
      }
      d[k] = 0.5 * (x + y);
    }
  }
  return NAX_OK;
}

nax_status
nax_rdm_from_square(nax_ctx *ctx, nax_index n, const double *square, double *d)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EDIM, "an RDM has at least 1 condition, got %lld",
              (long long)n);
  NAX_REQUIRE((d != NULL || n == 1) && square != NULL, NAX_EINVAL,
              "`d` and `square` must not be NULL");
  NAX_TRY(from_square(ctx, __func__, n, square, d));
done:
  return status;
}

/* ----------------------------------------------------------------------- the set */

void
nax_rdms_free(nax_rdms *r)
{
  if (r != NULL) {
    nax_i_free(r->d);
    nax_axis_free(r->condition);
    nax_axis_free(r->rdm);
    nax_i_free(r->measure);
    nax_i_free(r);
  }
}

nax_status
nax_i_rdms_new(nax_ctx *ctx, const char *fn, nax_index n, nax_index count, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *r = NULL;
  nax_index size;
  *out = NULL;
  if (n < 2 || count < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "need at least 2 conditions and 1 RDM, got %lld and %lld",
                      (long long)n, (long long)count);
  }
  if (n > (nax_index)1 << 31 ||
      !nax_i_size_product(2, (nax_index[]){nax_rdm_pairs(n), count}, sizeof(double),
                          &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "%lld RDMs of %lld conditions do not fit",
                      (long long)count, (long long)n);
  }
  NAX_TRY_ALLOC(r, 1, sizeof *r);
  r->n = n;
  r->m = nax_rdm_pairs(n);
  r->count = count;
  NAX_TRY_ALLOC(r->d, size, sizeof *r->d);
  NAX_TRY_DUP(r->measure, "");
  NAX_TRY(nax_axis_create_index(ctx, "condition", n, &r->condition));
  NAX_TRY(nax_axis_create_index(ctx, "rdm", count, &r->rdm));
  *out = r;
  r = NULL;
done:
  nax_rdms_free(r);
  return status;
}

nax_status
nax_i_rdms_like(nax_ctx *ctx, const char *fn, const nax_rdms *like, nax_rdms **out)
{
  nax_status status = nax_i_rdms_new(ctx, fn, like->n, like->count, out);
  if (status == NAX_OK) {
    status = nax_rdms_describe(ctx, *out, like->condition, like->rdm, like->measure);
  }
  if (status != NAX_OK) {
    nax_rdms_free(*out);
    *out = NULL;
  }
  return status;
}

nax_status
nax_rdms_create(nax_ctx *ctx, nax_index n, nax_index count, const double *d,
                nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *r = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(nax_i_rdms_new(ctx, __func__, n, count, &r));
  for (nax_index k = 0; d != NULL && k < r->m * count; k++) {
    NAX_REQUIRE(!isinf(d[k]), NAX_EDATA, "pair %lld of RDM %lld is infinite",
                (long long)(k % r->m), (long long)(k / r->m));
    r->d[k] = d[k];
  }
  *out = r;
  r = NULL;
done:
  nax_rdms_free(r);
  return status;
}

nax_index
nax_rdms_n_conditions(const nax_rdms *r)
{
  return r->n;
}

nax_index
nax_rdms_count(const nax_rdms *r)
{
  return r->count;
}

const double *
nax_rdms_vector(const nax_rdms *r, nax_index k)
{
  return k >= 0 && k < r->count ? r->d + k * r->m : NULL;
}

const nax_axis *
nax_rdms_condition_axis(const nax_rdms *r)
{
  return r->condition;
}

const nax_axis *
nax_rdms_axis(const nax_rdms *r)
{
  return r->rdm;
}

const char *
nax_rdms_measure(const nax_rdms *r)
{
  return r->measure;
}

nax_status
nax_rdms_describe(nax_ctx *ctx, nax_rdms *r, const nax_axis *condition,
                  const nax_axis *rdm, const char *measure)
{
  nax_status status = NAX_OK;
  nax_axis *c = NULL, *k = NULL;
  char *text = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(condition == NULL || nax_axis_length(condition) == r->n, NAX_EDIM,
              "axis `%s` has %lld positions, the RDMs have %lld conditions",
              nax_axis_name(condition), (long long)nax_axis_length(condition),
              (long long)r->n);
  NAX_REQUIRE(rdm == NULL || nax_axis_length(rdm) == r->count, NAX_EDIM,
              "axis `%s` has %lld positions, there are %lld RDMs", nax_axis_name(rdm),
              (long long)nax_axis_length(rdm), (long long)r->count);
  if (condition != NULL) {
    NAX_TRY(nax_axis_copy(ctx, condition, &c));
  }
  if (rdm != NULL) {
    NAX_TRY(nax_axis_copy(ctx, rdm, &k));
  }
  if (measure != NULL) {
    NAX_TRY_DUP(text, measure);
  }
  /* What is replaced is freed below. */
  if (c != NULL) {
    nax_axis *old = r->condition;
    r->condition = c;
    c = old;
  }
  if (k != NULL) {
    nax_axis *old = r->rdm;
    r->rdm = k;
    k = old;
  }
  if (text != NULL) {
    char *old = r->measure;
    r->measure = text;
    text = old;
  }
done:
  nax_axis_free(c);
  nax_axis_free(k);
  nax_i_free(text);
  return status;
}

/* ------------------------------------------------------------- arrays, and parts */

nax_status
nax_rdms_from_array(nax_ctx *ctx, const nax_array *a, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *r = NULL;
  nax_array *f64 = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  int32_t ndim = nax_array_ndim(a);
  int pairs = strcmp(nax_axis_name(nax_array_axis(a, 0)), "pair") == 0;
  nax_index n = nax_array_dim(a, 0), size = nax_array_size(a);
  if (pairs) {
    n = nax_rdm_conditions(nax_array_dim(a, 0));
    NAX_REQUIRE(n > 0, NAX_EDIM, "%lld is not a number of pairs n (n - 1) / 2",
                (long long)nax_array_dim(a, 0));
  } else {
    NAX_REQUIRE(ndim >= 2 && nax_array_dim(a, 1) == n, NAX_EDIM,
                "an RDM is condition x condition, the first two axes have %lld and %lld "
                "positions",
                (long long)n, (long long)nax_array_dim(a, 1));
  }
  nax_index each = pairs ? nax_rdm_pairs(n) : n * n, count = each > 0 ? size / each : 0;
  NAX_TRY(nax_i_rdms_new(ctx, __func__, n, count, &r));
  if (nax_array_dtype(a) != NAX_F64) {
    NAX_TRY(nax_array_convert(ctx, a, NAX_F64, &f64));
  }
  const double *x = nax_array_f64(f64 != NULL ? f64 : a);
  for (nax_index k = 0; k < size; k++) {
    NAX_REQUIRE(!isinf(x[k]), NAX_EDATA, "RDM %lld has an infinite entry",
                (long long)(k / each));
  }
  for (nax_index k = 0; k < count; k++) {
    if (pairs) {
      memcpy(r->d + k * r->m, x + k * each, (size_t)r->m * sizeof *x);
    } else {
      NAX_TRY(from_square(ctx, __func__, n, x + k * each, r->d + k * r->m));
    }
  }
  int32_t rest = pairs ? 1 : 2;
  NAX_TRY(nax_rdms_describe(ctx, r, pairs ? NULL : nax_array_axis(a, 0),
                            ndim == rest + 1 ? nax_array_axis(a, rest) : NULL,
                            nax_array_description(a)));
  *out = r;
  r = NULL;
done:
  nax_rdms_free(r);
  nax_array_free(f64);
  return status;
}

nax_status
nax_rdms_array(nax_ctx *ctx, const nax_rdms *r, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_axis *second = NULL;
  char *name = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  name = nax_i_asprintf("%s_2", nax_axis_name(r->condition));
  NAX_REQUIRE(name != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_axis_rename(ctx, r->condition, name, &second));
  NAX_TRY(nax_array_create(ctx, NAX_F64, 3,
                           (const nax_axis *[]){r->condition, second, r->rdm}, "", &a));
  NAX_TRY(nax_array_set_description(ctx, a, r->measure));
  double *x = nax_array_data_mut(a);
  for (nax_index k = 0; k < r->count; k++) {
    NAX_TRY(nax_rdm_to_square(ctx, r->n, r->d + k * r->m, x + k * r->n * r->n));
  }
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  nax_axis_free(second);
  nax_i_free(name);
  return status;
}

static nax_status
check_index(nax_ctx *ctx, const char *fn, const char *what, nax_index count,
            const nax_index *index, nax_index size)
{
  for (nax_index k = 0; k < count; k++) {
    if (index[k] < 0 || index[k] >= size) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "%s %lld does not exist, there are 0 to %lld", what,
                        (long long)index[k], (long long)(size - 1));
    }
  }
  return NAX_OK;
}

nax_status
nax_rdms_take(nax_ctx *ctx, const nax_rdms *r, nax_index count, const nax_index *index,
              nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *t = NULL;
  nax_axis *axis = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(check_index(ctx, __func__, "RDM", count, index, r->count));
  NAX_TRY(nax_i_rdms_new(ctx, __func__, r->n, count, &t));
  for (nax_index k = 0; k < count; k++) {
    memcpy(t->d + k * r->m, r->d + index[k] * r->m, (size_t)r->m * sizeof *r->d);
  }
  NAX_TRY(nax_axis_take(ctx, r->rdm, count, index, &axis));
  NAX_TRY(nax_rdms_describe(ctx, t, r->condition, axis, r->measure));
  *out = t;
  t = NULL;
done:
  nax_axis_free(axis);
  nax_rdms_free(t);
  return status;
}

nax_status
nax_rdms_take_conditions(nax_ctx *ctx, const nax_rdms *r, nax_index n,
                         const nax_index *index, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *t = NULL;
  nax_axis *axis = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(check_index(ctx, __func__, "condition", n, index, r->n));
  NAX_TRY(nax_i_rdms_new(ctx, __func__, n, r->count, &t));
  for (nax_index k = 0; k < r->count; k++) {
    double *to = t->d + k * t->m;
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++) {
        nax_index from = nax_rdm_pair(r->n, index[i], index[j]);
        *to++ = from < 0 ? (double)NAN : r->d[k * r->m + from];
      }
    }
  }
  NAX_TRY(nax_axis_take(ctx, r->condition, n, index, &axis));
  NAX_TRY(nax_rdms_describe(ctx, t, axis, r->rdm, r->measure));
  *out = t;
  t = NULL;
done:
  nax_axis_free(axis);
  nax_rdms_free(t);
  return status;
}

nax_status
nax_rdms_concat(nax_ctx *ctx, nax_index n_sets, const nax_rdms *const *sets,
                nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *t = NULL;
  nax_index count = 0;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_REQUIRE(n_sets >= 1, NAX_EDIM, "need at least one set");
  for (nax_index s = 0; s < n_sets; s++) {
    NAX_REQUIRE(sets[s]->n == sets[0]->n, NAX_EDIM,
                "set %lld has %lld conditions, set 0 has %lld", (long long)s,
                (long long)sets[s]->n, (long long)sets[0]->n);
    count += sets[s]->count;
  }
  NAX_TRY(nax_i_rdms_new(ctx, __func__, sets[0]->n, count, &t));
  double *to = t->d;
  for (nax_index s = 0; s < n_sets; s++) {
    memcpy(to, sets[s]->d, (size_t)(sets[s]->m * sets[s]->count) * sizeof *to);
    to += sets[s]->m * sets[s]->count;
  }
  NAX_TRY(nax_rdms_describe(ctx, t, sets[0]->condition, n_sets == 1 ? sets[0]->rdm : NULL,
                            sets[0]->measure));
  *out = t;
  t = NULL;
done:
  nax_rdms_free(t);
  return status;
}
