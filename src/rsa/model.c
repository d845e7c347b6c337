/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models with parameters. For comparators that are cosines, everything a fit needs is in
 * the Gram matrix of the features of model and data RDMs. */
#include "infer_i.h"
#include <math.h>

/* Least squares with x >= 0 from the normal equations: min x'Ax - 2 b'x, A positive
 * definite k x k. Active set (Lawson & Hanson in the form of Bro & de Jong), with a
 * tolerance relative to max |b|, so that it ends at any scale. */
nax_status
nax_i_nnls(nax_ctx *ctx, const char *fn, nax_index k, const double *a, const double *b,
           double *x)
{
  nax_status status = NAX_OK;
  double *l = NULL, *z = NULL, largest = 0.0;
  nax_index *free_at = NULL;
  char *in = NULL;
  NAX_TRY_ALLOC(l, k * k, sizeof *l);
  NAX_TRY_ALLOC(z, k, sizeof *z);
  NAX_TRY_ALLOC(free_at, k, sizeof *free_at);
  NAX_TRY_ALLOC(in, k, 1);
  memset(x, 0, (size_t)k * sizeof *x);
  for (nax_index i = 0; i < k; i++) {
    largest = fabs(b[i]) > largest ? fabs(b[i]) : largest;
  }
  for (nax_index step = 0; step < 30 * k; step++) {
    nax_index best = -1, n = 0;
    double gain = 100.0 * 2.3e-16 * largest * (double)k;
    for (nax_index i = 0; i < k; i++) {
      double w = b[i];
      for (nax_index j = 0; j < k; j++) {
        w -= a[i + j * k] * x[j];
      }
      if (!in[i] && w > gain) {
        gain = w;
        best = i;
      }
    }
    if (best < 0) {
      break;
    }
    in[best] = 1;
    for (;;) {
      n = 0;
      for (nax_index i = 0; i < k; i++) {
        if (in[i]) {
          free_at[n++] = i;
        }
      }
      for (nax_index j = 0; j < n; j++) {
        z[j] = b[free_at[j]];
        for (nax_index i = 0; i < n; i++) {
          l[i + j * n] = a[free_at[i] + free_at[j] * k];
        }
      }
      NAX_TRY(nax_i_potrf(ctx, fn, "normal equations of the model", n, l, n, 0, NULL));
      NAX_TRY(nax_i_potrs(ctx, n, 1, l, n, z, n));
      /* Go as far as no entry becomes negative, and take out those that reach 0. */
      double share = 1.0;
      for (nax_index j = 0; j < n; j++) {
        double at = x[free_at[j]];
        if (z[j] <= 0.0 && at / (at - z[j]) < share) {
          share = at / (at - z[j]);
        }
      }
      int out = 0;
      for (nax_index j = 0; j < n; j++) {
        nax_index i = free_at[j];
        x[i] += share * (z[j] - x[i]);
        if (share < 1.0 && (z[j] <= 0.0 && x[i] <= 1e-15 * fabs(z[j]))) {
          x[i] = 0.0;
          in[i] = 0;
          out = 1;
        }
      }
      if (share >= 1.0 || !out) {
        break;
      }
    }
  }
done:
  nax_i_free(l);
  nax_i_free(z);
  nax_i_free(free_at);
  nax_i_free(in);
  return status;
}

static void
unit_norm(nax_index k, double *x)
{
  double norm = 0.0;
  for (nax_index i = 0; i < k; i++) {
    norm += x[i] * x[i];
  }
  for (nax_index i = 0; i < k && norm > 0.0; i++) {
    x[i] /= sqrt(norm);
  }
}

/* Mean similarity of the best point between models i and i + 1, whose Gram entries and
 * products with the pool are given, and its weight. The maximum of a linear function over
 * a norm lies along M^-1 v, or at an end. */
static double
between(double aa, double ab, double bb, double va, double vb, double *w)
{
  double x = bb * va - ab * vb, y = aa * vb - ab * va;
  double at_a = va / sqrt(aa), at_b = vb / sqrt(bb);
  *w = at_a >= at_b ? 1.0 : 0.0;
  double best = at_a >= at_b ? at_a : at_b;
  if (x > 0.0 && y > 0.0) {
    double u = x / (x + y), v = 1.0 - u;
    double value = (u * va + v * vb) / sqrt(u * u * aa + 2.0 * u * v * ab + v * v * bb);
    if (value > best) {
      best = value;
      *w = u;
    }
  }
  return best;
}

nax_status
nax_i_model_theta(nax_ctx *ctx, const char *fn, nax_rsa_model_kind kind, nax_index k,
                  nax_index n_data, const double *g, nax_index ld, nax_index first,
                  const nax_index *data, const double *weight, double ridge,
                  double *theta)
{
  nax_status status = NAX_OK;
  double *a = NULL, *v = NULL;
  NAX_TRY_ALLOC(a, k * k, sizeof *a);
  NAX_TRY_ALLOC(v, k, sizeof *v);
  for (nax_index i = 0; i < k; i++) {
    for (nax_index s = 0; s < n_data; s++) {
      double own = g[data[s] + data[s] * ld];
      v[i] += own > 0.0 ? weight[s] * g[first + i + data[s] * ld] / sqrt(own) : 0.0;
    }
    for (nax_index j = 0; j < k; j++) {
      a[i + j * k] = g[first + i + (first + j) * ld];
    }
  }
  memset(theta, 0, (size_t)k * sizeof *theta);
  switch (kind) {
  case NAX_RSA_FIXED:
    theta[0] = 1.0;
    break;
  case NAX_RSA_SELECT: {
    nax_index best = 0;
    for (nax_index i = 1; i < k; i++) {
      best = v[i] / sqrt(a[i + i * k]) > v[best] / sqrt(a[best + best * k]) ? i : best;
    }
    theta[best] = 1.0;
    break;
  }
  case NAX_RSA_INTERPOLATE: {
    double best = -INFINITY;
    for (nax_index i = 0; i + 1 < k; i++) {
      double w, value = between(a[i + i * k], a[i + (i + 1) * k], a[i + 1 + (i + 1) * k],
                                v[i], v[i + 1], &w);
      if (value > best) {
        best = value;
        memset(theta, 0, (size_t)k * sizeof *theta);
        theta[i] = w;
        theta[i + 1] = 1.0 - w;
      }
    }
    break;
  }
  default:
    for (nax_index i = 0; i < k; i++) {
      a[i + i * k] += ridge;
    }
    if (kind == NAX_RSA_NONNEGATIVE) {
      NAX_TRY(nax_i_nnls(ctx, fn, k, a, v, theta));
    } else {
      memcpy(theta, v, (size_t)k * sizeof *v);
      NAX_TRY(nax_i_potrf(ctx, fn, "normal equations of the model", k, a, k, 0, NULL));
      NAX_TRY(nax_i_potrs(ctx, k, 1, a, k, theta, k));
    }
    unit_norm(k, theta);
    break;
  }
done:
  nax_i_free(a);
  nax_i_free(v);
  return status;
}

nax_status
nax_rsa_model_fit(nax_ctx *ctx, const nax_rdms *model, nax_rsa_model_kind kind,
                  const nax_rdms *data, nax_rsa_comparator comparator,
                  const nax_view *sigma_k, double ridge, double *theta)
{
  nax_status status = NAX_OK;
  nax_rdms *all = NULL, *ranked = NULL;
  double *g = NULL, *w = NULL;
  nax_index *at = NULL;
  nax_i_begin(ctx);
  nax_index k = model->count, r = data->count;
  NAX_REQUIRE(kind >= NAX_RSA_FIXED && kind <= NAX_RSA_INTERPOLATE, NAX_EINVAL,
              "there is no kind of model %d", (int)kind);
  NAX_REQUIRE(ridge >= 0.0, NAX_EINVAL, "`ridge` must be >= 0, got %g", ridge);
  NAX_REQUIRE(kind != NAX_RSA_FIXED || k == 1, NAX_EDIM,
              "a fixed model has one RDM, got %lld", (long long)k);
  NAX_REQUIRE(kind != NAX_RSA_INTERPOLATE || k >= 2, NAX_EDIM,
              "interpolation needs at least 2 RDMs");
  memset(theta, 0, (size_t)k * sizeof *theta);
  if (kind == NAX_RSA_SELECT) {
    NAX_TRY_ALLOC(g, k * r, sizeof *g);
    NAX_TRY(nax_rsa_compare(ctx, model, data, comparator, sigma_k, 0, g));
    nax_index best = 0;
    double most = -INFINITY, sign = comparator == NAX_RSA_BURES_METRIC ? -1.0 : 1.0;
    for (nax_index i = 0; i < k; i++) {
      double sum = 0.0;
      for (nax_index s = 0; s < r; s++) {
        sum += sign * g[i + s * k];
      }
      best = sum > most ? i : best;
      most = sum > most ? sum : most;
    }
    theta[best] = 1.0;
    goto done;
  }
  int ranks = nax_i_is_rank(comparator);
  NAX_REQUIRE(kind == NAX_RSA_FIXED || ranks || nax_i_is_cosine(comparator), NAX_EINVAL,
              "weights are fitted for cosine and corr, plain or whitened, and ranks");
  if (kind == NAX_RSA_FIXED) {
    theta[0] = 1.0;
    goto done;
  }
  if (ranks) {
    NAX_TRY(nax_rdms_map(ctx, data, NAX_RDM_RANK_AVERAGE, &ranked));
  }
  NAX_TRY(nax_rdms_concat(
      ctx, 2, (const nax_rdms *[]){model, ranked != NULL ? ranked : data}, &all));
  NAX_TRY_ALLOC(g, (k + r) * (k + r), sizeof *g);
  NAX_TRY_ALLOC(w, r, sizeof *w);
  NAX_TRY_ALLOC(at, r, sizeof *at);
  NAX_TRY(
      nax_i_rsa_gram(ctx, __func__, all, ranks ? NAX_RSA_CORR : comparator, sigma_k, g));
  for (nax_index s = 0; s < r; s++) {
    w[s] = 1.0 / (double)r;
    at[s] = k + s;
  }
  NAX_TRY(nax_i_model_theta(ctx, __func__, kind, k, r, g, k + r, 0, at, w, ridge, theta));
  double any = 0.0;
  for (nax_index i = 0; i < k; i++) {
    any += fabs(theta[i]);
  }
  NAX_REQUIRE(any > 0.0, NAX_EDATA,
              "no RDM of the model has a positive relation with the data");
done:
  nax_rdms_free(all);
  nax_rdms_free(ranked);
  nax_i_free(g);
  nax_i_free(w);
  nax_i_free(at);
  return status;
}
