/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covariance of the noise between channels and between conditions. */
#include "rsa_i.h"
#include <math.h>

/* Rows of x (p x n_obs) about the mean of their group. */
static nax_status
residuals(nax_ctx *ctx, nax_index p, nax_index n_obs, const nax_index *group,
          nax_index groups, double *x)
{
  nax_status status = NAX_OK;
  double *mean = NULL;
  nax_index *count = NULL;
  NAX_TRY_ALLOC(mean, p * groups, sizeof *mean);
  NAX_TRY_ALLOC(count, groups, sizeof *count);
  for (nax_index k = 0; k < n_obs; k++) {
    nax_index c = group != NULL ? group[k] : 0;
    NAX_TRY(nax_i_poll_every(ctx, k, 256));
    count[c]++;
    for (nax_index i = 0; i < p; i++) {
      mean[i + c * p] += x[i + k * p];
    }
  }
  for (nax_index k = 0; k < n_obs; k++) {
    nax_index c = group != NULL ? group[k] : 0;
    NAX_TRY(nax_i_poll_every(ctx, k, 256));
    for (nax_index i = 0; i < p; i++) {
      x[i + k * p] -= mean[i + c * p] / (double)count[c];
    }
  }
done:
  nax_i_free(mean);
  nax_i_free(count);
  return status;
}

enum { FEW = 1024, PART = 2048, MOST_PARTS = 16, TILE = 16 };

/* s = x x' of n observations: few channels go by parts of the observations that are
 * summed in order, many by tiles. */
typedef struct parts {
  nax_index p, n, count;
  const double *x;
  double *s;
} parts;

static nax_status
multiply_part(int64_t k, void *arg)
{
  const parts *q = arg;
  nax_index from = q->n * k / q->count, to = q->n * (k + 1) / q->count;
  return nax_i_block_syrk(NULL, NAX_I_PLAIN, q->p, to - from, 1.0, q->x + from * q->p,
                          q->p, 0.0, q->s + k * q->p * q->p, q->p);
}

/* sum (both triangles of p x p) = sum of the lower triangles of the parts, without
 * n mean mean' when that is given, times scale: a tile at a time. */
static void
finish(const parts *q, const double *mean, double scale, double *sum)
{
  nax_index p = q->p;
  for (nax_index b = 0; b < p; b += TILE) {
    for (nax_index a = b; a < p; a += TILE) {
      for (nax_index j = b; j < b + TILE && j < p; j++) {
        double by = mean != NULL ? (double)q->n * mean[j] : 0.0;
        for (nax_index i = a > j ? a : j; i < a + TILE && i < p; i++) {
          double x = q->s[i + j * p];
          for (nax_index k = 1; k < q->count; k++) {
            x += q->s[i + j * p + k * p * p];
          }
          x = mean != NULL ? x - by * mean[i] : x;
          sum[i + j * p] = sum[j + i * p] = x * scale;
        }
      }
    }
  }
}

/* 1 when the squares of the means leave the variances nearly all of their digits. */
static int
keeps_digits(const parts *q, const double *mean)
{
  for (nax_index i = 0; i < q->p; i++) {
    double x = 0.0;
    for (nax_index k = 0; k < q->count; k++) {
      x += q->s[i * (q->p + 1) + k * q->p * q->p];
    }
    if (!(x - (double)q->n * mean[i] * mean[i] > 0.02 * x)) {
      return 0;
    }
  }
  return 1;
}

/* s = sum of x x' times scale, of x without `mean` when that is given. *lost gets 1, and
 * s nothing of use, where digits would be missed. */
static nax_status
covariance_of(nax_ctx *ctx, nax_index p, nax_index n, const double *x, const double *mean,
              double scale, double *s, int *lost)
{
  nax_status status = NAX_OK;
  parts q = {.p = p, .n = n, .count = 1, .x = x, .s = s};
  double *all = NULL;
  if (p > FEW) {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, p, n, 1.0, x, p, 0.0, s, p));
  } else {
    q.count = n < 2 * PART ? 1 : n / PART < MOST_PARTS ? n / PART : MOST_PARTS;
    if (q.count > 1) {
      NAX_TRY_ALLOC(all, q.count * p * p, sizeof *all);
      q.s = all;
    }
    NAX_TRY(nax_i_parallel(ctx, NULL, q.count, multiply_part, &q));
  }
  if (mean != NULL && !keeps_digits(&q, mean)) {
    *lost = 1;
    goto done;
  }
  finish(&q, mean, scale, s);
done:
  nax_i_free(all);
  return status;
}

/* to += x, n values */
NAX_I_CLONES static void
add(nax_index n, const double *x, double *to)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; k++) {
      to[i + k] += x[i + k];
    }
  }
  for (; i < n; i++) {
    to[i] += x[i];
  }
}

/* The covariance of all observations about one mean, from x where it is. */
static nax_status
about_the_mean(nax_ctx *ctx, nax_index p, nax_index n, const double *x, double dof,
               double *s, int *lost)
{
  nax_status status = NAX_OK;
  double *mean = NULL;
  NAX_TRY_ALLOC(mean, p, sizeof *mean);
  for (nax_index k = 0; k < n; k++) {
    add(p, x + k * p, mean);
  }
  for (nax_index i = 0; i < p; i++) {
    mean[i] /= (double)n;
  }
  NAX_TRY(covariance_of(ctx, p, n, x, mean, 1.0 / dof, s, lost));
done:
  nax_i_free(mean);
  return status;
}

/* Ledoit and Wolf: s = X'X / dof of n residuals towards mu I. With sums of squares per
 * observation, sum_k |x_k|^4 stands for the squared outer products. */
static nax_status
shrink_eye(nax_ctx *ctx, nax_index p, nax_index n, const double *x, double dof, double *s)
{
  nax_status status = NAX_OK;
  double *fourth = NULL, *row = NULL;
  double to_n = dof / (double)n, mu = 0.0, delta2 = 0.0, norm2;
  NAX_TRY_ALLOC(fourth, n, sizeof *fourth);
  NAX_TRY_ALLOC(row, p, sizeof *row);
  for (nax_index k = 0; k < n; k++) {
    double sum = 0.0;
    for (nax_index i = 0; i < p; i++) {
      sum += x[i + k * p] * x[i + k * p];
    }
    fourth[k] = sum * sum;
  }
  for (nax_index j = 0; j < p; j++) {
    double sum = 0.0;
    for (nax_index i = 0; i < p; i++) {
      sum += s[i + j * p] * s[i + j * p];
    }
    row[j] = sum * to_n * to_n;
    mu += s[j + j * p] * to_n / (double)p;
  }
  norm2 = nax_i_sum(row, p);
  delta2 = norm2 - (double)p * mu * mu;
  double beta2 = (nax_i_sum(fourth, n) / (double)n - norm2) / (double)n;
  beta2 = beta2 < delta2 ? beta2 : delta2;
  double share = delta2 > 0.0 ? beta2 / delta2 : 1.0;
  for (nax_index j = 0; j < p; j++) {
    for (nax_index i = 0; i < p; i++) {
      s[i + j * p] *= 1.0 - share;
    }
    s[j + j * p] += share * mu / to_n;
  }
done:
  nax_i_free(fourth);
  nax_i_free(row);
  return status;
}

/* Schaefer and Strimmer: off-diagonal entries times 1 - lambda. The sums of products of
 * squares over all pairs are squares of sums over channels. */
static nax_status
shrink_diag(nax_ctx *ctx, const char *fn, nax_index p, nax_index n, const double *x,
            double dof, double *s)
{
  nax_status status = NAX_OK;
  double *per_obs = NULL, *per_row = NULL;
  NAX_TRY_ALLOC(per_obs, n, sizeof *per_obs);
  NAX_TRY_ALLOC(per_row, p, sizeof *per_row);
  for (nax_index i = 0; i < p; i++) {
    if (!(s[i + i * p] > 0.0)) {
      status =
          nax_i_fail(ctx, NAX_EDATA, fn, "channel %lld has no variance", (long long)i);
      goto done;
    }
  }
  for (nax_index k = 0; k < n; k++) {
    double sum = 0.0, same = 0.0;
    for (nax_index i = 0; i < p; i++) {
      double z2 = x[i + k * p] * x[i + k * p] / s[i + i * p];
      sum += z2;
      same += z2 * z2;
    }
    per_obs[k] = sum * sum - same;
  }
  /* r has divisor n - 1, s has dof. */
  double scale = dof / (double)(n - 1);
  for (nax_index j = 0; j < p; j++) {
    double sum = 0.0;
    for (nax_index i = 0; i < p; i++) {
      double r = scale * s[i + j * p];
      sum += i == j ? 0.0 : r * r / (s[i + i * p] * s[j + j * p]);
    }
    per_row[j] = sum;
  }
  double q = nax_i_sum(per_obs, n) / (double)(n - 1), r2 = nax_i_sum(per_row, p);
  double lambda = r2 > 0.0 ? (double)n / (dof * dof) * (q - r2) / r2 : 1.0;
  lambda = lambda < 0.0 ? 0.0 : lambda > 1.0 ? 1.0 : lambda;
  for (nax_index j = 0; j < p; j++) {
    for (nax_index i = 0; i < p; i++) {
      s[i + j * p] *= i == j ? 1.0 : 1.0 - lambda;
    }
  }
done:
  nax_i_free(per_obs);
  nax_i_free(per_row);
  return status;
}

nax_status
nax_rdm_noise(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
              nax_rdm_covariance method, double dof, int32_t compat, double *covariance)
{
  nax_status status = NAX_OK;
  nax_i_design g = {0};
  double *r = NULL;
  const double *data = NULL;
  int lost = 0, simple = method == NAX_RDM_COV_FULL || method == NAX_RDM_COV_DIAG;
  nax_i_begin(ctx);
  NAX_REQUIRE(method >= NAX_RDM_COV_FULL && method <= NAX_RDM_COV_SHRINKAGE_DIAG,
              NAX_EINVAL, "there is no covariance %d", (int)method);
  NAX_TRY(nax_i_rdm_borrow(ctx, __func__, x, &data, &r, NULL));
  nax_index p = x->dim[0], n = x->dim[1];
  if (condition != NULL) {
    NAX_TRY(nax_i_design_init(ctx, __func__, n, condition, NULL, 0, &g));
  }
  nax_index groups = condition != NULL ? g.n : 1;
  if (isnan(dof)) {
    NAX_REQUIRE(!compat || condition == NULL || g.even, NAX_EDATA,
                "compat needs equally many repetitions of all conditions");
    dof = compat && condition != NULL ? (double)((groups - 1) * (n / groups))
                                      : (double)(n - groups);
  }
  NAX_REQUIRE(dof > 0.0, NAX_EDATA,
              "%lld observations of %lld conditions leave no degrees of freedom",
              (long long)n, (long long)groups);
  simple = simple && groups == 1;
  if (simple) {
    NAX_TRY(about_the_mean(ctx, p, n, data, dof, covariance, &lost));
  }
  if (!simple || lost) {
    if (r == NULL) {
      NAX_TRY_ALLOC(r, p * n, sizeof *r);
      NAX_TRY(nax_i_copy(ctx, r, data, (size_t)(p * n) * sizeof *r));
    }
    NAX_TRY(residuals(ctx, p, n, condition != NULL ? g.cond : NULL, groups, r));
    NAX_TRY(covariance_of(ctx, p, n, r, NULL, 1.0 / dof, covariance, NULL));
  }
  if (method == NAX_RDM_COV_SHRINKAGE_EYE) {
    NAX_TRY(shrink_eye(ctx, p, n, r, dof, covariance));
  } else if (method == NAX_RDM_COV_SHRINKAGE_DIAG) {
    NAX_TRY(shrink_diag(ctx, __func__, p, n, r, dof, covariance));
  }
  for (nax_index j = 0; method == NAX_RDM_COV_DIAG && j < p; j++) {
    for (nax_index i = 0; i < p; i++) {
      covariance[i + j * p] = i == j ? covariance[i + j * p] : 0.0;
    }
  }
done:
  nax_i_design_clear(&g);
  nax_i_free(r);
  return status;
}

nax_status
nax_rdm_precision(nax_ctx *ctx, nax_index n_channels, const double *covariance,
                  double *precision)
{
  nax_status status = NAX_OK;
  double *l = NULL;
  nax_index p = n_channels, size;
  nax_i_begin(ctx);
  NAX_REQUIRE(p >= 1 && nax_i_size_product(2, (nax_index[]){p, p}, sizeof(double), &size),
              NAX_EDIM, "no covariance has %lld channels", (long long)p);
  NAX_TRY_ALLOC(l, size, sizeof *l);
  memcpy(l, covariance, (size_t)size * sizeof *l);
  NAX_TRY(nax_i_potrf(ctx, __func__, "noise covariance", p, l, p, 0, NULL));
  memset(precision, 0, (size_t)size * sizeof *precision);
  for (nax_index i = 0; i < p; i++) {
    precision[i + i * p] = 1.0;
  }
  NAX_TRY(nax_i_potrs(ctx, p, p, l, p, precision, p));
  for (nax_index j = 0; j < p; j++) {
    for (nax_index i = 0; i < j; i++) {
      precision[i + j * p] = precision[j + i * p] =
          0.5 * (precision[i + j * p] + precision[j + i * p]);
    }
  }
done:
  nax_i_free(l);
  return status;
}

/* ------------------------------------------------- noise between conditions */

nax_status
nax_rdm_variance(nax_ctx *ctx, nax_index n, const double *d, const double *sigma_k,
                 nax_index n_folds, nax_index n_channels, double *v)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 2 && n_folds >= 2 && n_channels >= 1, NAX_EDIM,
              "need 2 conditions, 2 folds and 1 channel, got %lld, %lld and %lld",
              (long long)n, (long long)n_folds, (long long)n_channels);
  nax_index m = nax_rdm_pairs(n);
  for (nax_index k = 0; d != NULL && k < m; k++) {
    NAX_REQUIRE(isfinite(d[k]), NAX_EDATA, "pair %lld is not finite", (long long)k);
  }
  for (nax_index k = 0; sigma_k != NULL && k < n * n; k++) {
    NAX_REQUIRE(isfinite(sigma_k[k]), NAX_EDATA, "`sigma_k` is not finite");
  }
  double f = (double)n_folds, p = (double)n_channels;
  double noise = 2.0 / (f * (f - 1.0) * p), signal = 4.0 / (f * p);
#define NAX_I_S(a, b) (sigma_k != NULL ? sigma_k[(a) + (b)*n] : ((a) == (b) ? 1.0 : 0.0))
#define NAX_I_D(a, b) ((a) == (b) ? 0.0 : d[nax_rdm_pair(n, (a), (b))])
  for (nax_index i = 0, a = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, a++) {
      for (nax_index k = 0, b = 0; k < n; k++) {
        for (nax_index l = k + 1; l < n; l++, b++) {
          double xi = NAX_I_S(i, k) - NAX_I_S(i, l) - NAX_I_S(j, k) + NAX_I_S(j, l);
          double both = noise * xi * xi;
          if (d != NULL) {
            /* Inner product of two differences, from the squared distances. */
            double dd =
                0.5 * (NAX_I_D(i, l) + NAX_I_D(j, k) - NAX_I_D(i, k) - NAX_I_D(j, l));
            both += signal * dd * xi;
          }
          v[a + b * m] = both;
        }
      }
      NAX_TRY(nax_i_poll(ctx));
    }
  }
#undef NAX_I_S
#undef NAX_I_D
done:
  return status;
}
