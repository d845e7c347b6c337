/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts that description lengths are made of. */
#include "sbm_i.h"
#include <math.h>

static const double pi = 3.14159265358979323846;

/* ln(exp(a) + exp(b)) */
static double
log_add(double a, double b)
{
  double hi = fmax(a, b), lo = fmin(a, b);
  return lo == -HUGE_VAL ? hi : hi + log1p(exp(lo - hi));
}

nax_status
nax_i_sbm_counts_init(nax_ctx *ctx, nax_index n, nax_index q_max, nax_i_sbm_counts *t)
{
  nax_status status = NAX_OK;
  *t = (nax_i_sbm_counts){.n = n, .q_max = q_max};
  NAX_TRY_ALLOC(t->log_factorial, n + 1, sizeof(double));
  for (nax_index k = 2; k <= n; k++) {
    /* a running sum would gather rounding */
    t->log_factorial[k] = lgamma((double)k + 1.0);
  }
  if (q_max < 0) {
    goto done;
  }
  /* q(m, k) = q(m, k - 1) + q(m - k, k); q(0, k) = 1, q(m, 0) = 0 */
  nax_index w = q_max + 1;
  NAX_TRY_ALLOC(t->log_q, w, (size_t)w * sizeof(double));
  for (nax_index m = 1; m <= q_max; m++) {
    t->log_q[m] = -HUGE_VAL;
  }
  for (nax_index k = 1; k <= q_max; k++) {
    for (nax_index m = 0; m <= q_max; m++) {
      double less = t->log_q[m + (k - 1) * w];
      t->log_q[m + k * w] = m < k ? less : log_add(less, t->log_q[m - k + k * w]);
    }
  }
done:
  return status;
}

void
nax_i_sbm_counts_free(nax_i_sbm_counts *t)
{
  nax_i_free(t->log_factorial);
  nax_i_free(t->log_q);
  *t = (nax_i_sbm_counts){.n = 0};
}

double
nax_i_sbm_log_multichoose(const nax_i_sbm_counts *t, nax_index n, nax_index k)
{
  if (n <= 0 || k <= 0) {
    return 0.0;
  }
  return nax_i_sbm_log_factorial(t, n + k - 1) - nax_i_sbm_log_factorial(t, k) -
         nax_i_sbm_log_factorial(t, n - 1);
}

/* Dilogarithm of 1 - exp(-w) for 0 <= w <= ln 2: the sum of B_k w^(k + 1) / (k + 1)!, B_k
 * being Bernoulli's numbers, whose next term is below the last bit. */
static double
dilog_small(double w)
{
  static const double c[] = {1.0 / 36.0,
                             -1.0 / 3600.0,
                             1.0 / 211680.0,
                             -1.0 / 10886400.0,
                             1.0 / 526901760.0,
                             -691.0 / (2730.0 * 6227020800.0),
                             7.0 / (6.0 * 1307674368000.0),
                             -3617.0 / (510.0 * 355687428096000.0)};
  double z = w * w, sum = 0.0;
  for (int k = (int)(sizeof c / sizeof c[0]) - 1; k >= 0; k--) {
    sum = sum * z + c[k];
  }
  return w - 0.25 * z + sum * z * w;
}

/* Dilogarithm of 1 - exp(-v), v > 0; beyond ln 2 through the reflection
 * Li2(1 - y) = pi^2 / 6 - ln(y) ln(1 - y) - Li2(y). */
static double
dilog_complement(double v)
{
  if (v <= 0.69314718055994530942) {
    return dilog_small(v);
  }
  double w = -log1p(-exp(-v)); /* y = 1 - exp(-w) */
  return pi * pi / 6.0 - v * w - dilog_small(w);
}

/* Szekeres' asymptotic form, uniform in k (Peixoto 2017, appendix). */
static double
log_q_large(double m, double k)
{
  if (k < sqrt(sqrt(m))) {
    return lgamma(m) - lgamma(k) - lgamma(m - k + 1.0) - lgamma(k + 1.0);
  }
  /* v = u sqrt(D(v)), D being the dilogarithm, which is at most pi^2 / 6: from there
   * Newton's steps go down to the root, v - u sqrt(D(v)) being convex. For small v, where
   * D(v) = v - v^2 / 4 + .., the root is near u^2 / (1 + u^2 / 4). */
  double u = k / sqrt(m), v = fmin(u * pi / sqrt(6.0), u * u / (1.0 + 0.25 * u * u));
  for (int i = 0; i < 60; i++) {
    double root = sqrt(dilog_complement(v));
    double step = (v - u * root) / (1.0 - 0.5 * u * v / (expm1(v) * root));
    v -= step;
    if (fabs(step) < 1e-10 * v) {
      break;
    }
  }
  double f = log(v) - 0.5 * log1p(-exp(-v) * (1.0 + 0.5 * u * u)) - 1.5 * log(2.0) -
             log(u) - log(pi);
  double g = 2.0 * v / u - u * log1p(-exp(-v));
  return f - log(m) + sqrt(m) * g;
}

double
nax_i_sbm_log_q(const nax_i_sbm_counts *t, nax_index m, nax_index k)
{
  k = k > m ? m : k;
  if (m <= 0 || k <= 0) {
    return 0.0;
  }
  if (m <= t->q_max) {
    return t->log_q[m + k * (t->q_max + 1)];
  }
  return log_q_large((double)m, (double)k);
}
