/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convergence of Markov chains: rank-normalised split R-hat and effective sample sizes
 * (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021). */
#include "stats_i.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

/* Normal scores of all values together: (rank - 3/8) / (n + 1/4). */
static nax_status
normal_scores(nax_ctx *ctx, nax_index n, const double *x, double *z)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_stats_ranks(ctx, n, x, z));
  for (nax_index i = 0; i < n; i++) {
    z[i] = gsl_cdf_ugaussian_Pinv((z[i] - 0.375) / ((double)n + 0.25));
  }
done:
  return status;
}

static void
mean_var(nax_index n, const double *x, double *mean, double *var)
{
  double m = nax_i_sum(x, n) / (double)n, s = 0.0;
  for (nax_index i = 0; i < n; i++) {
    s += (x[i] - m) * (x[i] - m);
  }
  *mean = m;
  *var = s / (double)(n - 1);
}

/* Variance within chains and of their means: m chains of n. Chains that do not move vary
 * by the rounding of their means alone. */
static void
components(nax_index n, nax_index m, const double *x, double *within, double *between)
{
  double sum = 0.0, square = 0.0, mean, var;
  *within = 0.0;
  for (nax_index c = 0; c < m; c++) {
    mean_var(n, x + c * n, &mean, &var);
    *within += var > 1e-24 * mean * mean ? var / (double)m : 0.0;
    sum += mean;
  }
  for (nax_index c = 0; c < m; c++) {
    mean_var(n, x + c * n, &mean, &var);
    square += (mean - sum / (double)m) * (mean - sum / (double)m);
  }
  *between = m > 1 ? square / (double)(m - 1) : 0.0;
}

static double
r_hat(nax_index n, nax_index m, const double *x)
{
  double w, b;
  components(n, m, x, &w, &b);
  if (w <= 0.0) {
    return b > 0.0 ? HUGE_VAL : (double)NAN;
  }
  return sqrt(((double)(n - 1) / (double)n * w + b) / w);
}

/* Autocovariances are summed in pairs while they are positive and falling (Geyer 1992).
 */
static double
effective(nax_index n, nax_index m, const double *x)
{
  double w, b, sum = 0.0, last = HUGE_VAL;
  components(n, m, x, &w, &b);
  double var = (double)(n - 1) / (double)n * w + b, all = (double)(n * m);
  if (!(w > 0.0)) {
    return (double)NAN;
  }
  for (nax_index lag = 0; lag + 1 < n; lag += 2) {
    double rho[2];
    for (int odd = 0; odd < 2; odd++) {
      double acov = 0.0;
      for (nax_index c = 0; c < m; c++) {
        const double *y = x + c * n;
        double mean, v, s = 0.0;
        mean_var(n, y, &mean, &v);
        for (nax_index i = 0; i + lag + odd < n; i++) {
          s += (y[i] - mean) * (y[i + lag + odd] - mean);
        }
        acov += s / (double)n / (double)m;
      }
      double scale = (double)n / (double)(n - 1); /* acov 0 is w (n - 1) / n */
      rho[odd] = lag + odd == 0 ? 1.0 : 1.0 - (w - acov * scale) / var;
    }
    double pair = rho[0] + rho[1];
    if (!(pair > 0.0)) {
      break;
    }
    pair = pair < last ? pair : last;
    last = pair;
    sum += pair;
  }
  double tau = 2.0 * sum - 1.0, most = all * log10(all);
  return tau > 0.0 && all / tau < most ? all / tau : most;
}

nax_status
nax_i_mcmc_summary(nax_ctx *ctx, nax_index n, nax_index m, const double *x, double *rhat,
                   double *bulk, double *tail)
{
  nax_status status = NAX_OK;
  nax_index half = n / 2, all = 2 * half * m;
  double *split = NULL, *z = NULL, *y = NULL;
  *rhat = *bulk = *tail = NAN;
  if (half < 4) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(split, all, sizeof *split);
  NAX_TRY_ALLOC(z, all, sizeof *z);
  NAX_TRY_ALLOC(y, all, sizeof *y);
  for (nax_index c = 0; c < m; c++) { /* the middle one of an odd number is left out */
    memcpy(split + 2 * c * half, x + c * n, (size_t)half * sizeof *x);
    memcpy(split + (2 * c + 1) * half, x + c * n + n - half, (size_t)half * sizeof *x);
  }
  NAX_TRY(normal_scores(ctx, all, split, z));
  *rhat = r_hat(half, 2 * m, z);
  *bulk = effective(half, 2 * m, z);
  memcpy(y, split, (size_t)all * sizeof *y);
  double median = nax_i_quantile(y, all, 0.5);
  for (nax_index i = 0; i < all; i++) {
    y[i] = fabs(split[i] - median);
  }
  NAX_TRY(normal_scores(ctx, all, y, z));
  double folded = r_hat(half, 2 * m, z);
  *rhat = folded > *rhat ? folded : *rhat;
  for (int side = 0; side < 2; side++) {
    memcpy(y, split, (size_t)all * sizeof *y);
    double q = nax_i_quantile(y, all, side ? 0.95 : 0.05);
    for (nax_index i = 0; i < all; i++) {
      z[i] = split[i] <= q;
    }
    double e = effective(half, 2 * m, z);
    *tail = isnan(*tail) || e < *tail ? e : *tail;
  }
done:
  nax_i_free(split);
  nax_i_free(z);
  nax_i_free(y);
  return status;
}
