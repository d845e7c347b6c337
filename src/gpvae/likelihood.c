/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected log likelihood of the neurons when their log rate (or mean) is Gaussian. */
#include "gpvae_i.h"
#include <math.h>

/* Beyond this, exp goes on as a straight line: no overflow early in training. */
static const double most_log_rate = 30.0;

static double
bounded_exp(double x)
{
  return x < most_log_rate ? exp(x) : exp(most_log_rate) * (1.0 + x - most_log_rate);
}

/* d log gamma(x) / dx for x > 0. */
static double
digamma(double x)
{
  double sum = 0.0;
  for (; x < 10.0; x += 1.0) {
    sum -= 1.0 / x;
  }
  double i = 1.0 / (x * x);
  return sum + log(x) - 0.5 / x -
         i * (1.0 / 12.0 - i * (1.0 / 120.0 - i * (1.0 / 252.0 - i / 240.0)));
}

/* log y!; of most counts from a table. */
static double
log_factorial(double y)
{
  static const double table[] = {0.0,
                                 0.0,
                                 0.6931471805599453,
                                 1.791759469228055,
                                 3.1780538303479458,
                                 4.787491742782046,
                                 6.579251212010101,
                                 8.525161361065415,
                                 10.60460290274525,
                                 12.801827480081469,
                                 15.104412573075516,
                                 17.502307845873887,
                                 19.987214495661885,
                                 22.552163853123425,
                                 25.19122118273868,
                                 27.89927138384089,
                                 30.671860106080672,
                                 33.50507345013689,
                                 36.39544520803305,
                                 39.339884187199495,
                                 42.335616460753485,
                                 45.38013889847691,
                                 48.47118135183523,
                                 51.60667556776438,
                                 54.78472939811232,
                                 58.00360522298052,
                                 61.261701761002,
                                 64.55753862700634,
                                 67.88974313718154,
                                 71.25703896716801,
                                 74.65823634883016,
                                 78.0922235533153};
  enum { MOST = sizeof table / sizeof table[0] };
  int n = y >= 0.0 && y < MOST ? (int)y : -1;
  return n >= 0 && (double)n == y ? table[n] : lgamma(y + 1.0);
}

enum { LANES = 8, BLOCK = 64 };

/* Part of poisson() without log y!, for at most BLOCK neurons. */
NAX_I_CLONES static double
poisson_block(nax_index n, const double *y, const double *eta, const double *x,
              const double *e, double *deta, double *du)
{
  double sum[LANES] = {0.0};
  for (nax_index from = 0; from < n; from += LANES) {
    double part[LANES] = {0.0};
    nax_index m = n - from < LANES ? n - from : LANES;
#pragma omp simd
    for (nax_index k = 0; k < m; k++) {
      nax_index i = from + k;
      int seen = y[i] == y[i];
      double over = x[i] > most_log_rate ? x[i] - most_log_rate : 0.0;
      double count = seen ? y[i] : 0.0, slope = seen ? e[i] : 0.0;
      part[k] = slope * (1.0 + over) - count * eta[i];
      deta[i] += slope - count;
      du[i] += 0.5 * slope;
    }
    for (int k = 0; k < LANES; k++) {
      sum[k] += part[k];
    }
  }
  return nax_i_sum_lanes(sum);
}

static double
poisson(nax_index n, const double *y, const double *eta, const double *u, double *deta,
        double *du)
{
  double sum = 0.0, x[BLOCK], e[BLOCK];
  for (nax_index from = 0; from < n; from += BLOCK) {
    nax_index m = n - from < BLOCK ? n - from : BLOCK;
    for (nax_index i = 0; i < m; i++) {
      x[i] = eta[from + i] + 0.5 * u[from + i];
      e[i] = x[i] < most_log_rate ? x[i] : most_log_rate;
    }
    nax_i_exps(m, e, e);
    sum += poisson_block(m, y + from, eta + from, x, e, deta + from, du + from);
    for (nax_index i = from; i < from + m; i++) {
      sum += isnan(y[i]) ? 0.0 : log_factorial(y[i]);
    }
  }
  return sum;
}

static double
gaussian(double y, double eta, double u, double log_var, double *deta, double *du,
         double *dnoise)
{
  double inverse = exp(-log_var), r = eta - y, square = r * r + u;
  *deta += r * inverse;
  *du += 0.5 * inverse;
  *dnoise += 0.5 - 0.5 * square * inverse;
  return 0.5 * (square * inverse + log_var + log(6.28318530717958647692));
}

/* Negative binomial of mean exp(eta) and shape k = exp(log_k): the expectation of
 * log(k + exp(eta)) by Gauss-Hermite quadrature with seven nodes. */
static double
negative_binomial(double y, double eta, double u, double log_k, double *deta, double *du,
                  double *dnoise)
{
  static const double node[4] = {0.0, 1.154405394739968, 2.366759410734541,
                                 3.750439717725742};
  static const double weight[4] = {0.45714285714285714, 0.24012317860501271,
                                   0.030757123967586497, 0.00054826885597221791};
  double k = exp(log_k), sd = sqrt(u > 0.0 ? u : 0.0);
  double log_sum = 0.0, share = 0.0, spread = 0.0, odds = 0.0;
  for (int i = -3; i <= 3; i++) {
    double x = i < 0 ? -node[-i] : node[i], w = weight[i < 0 ? -i : i];
    double a = eta + sd * x - log_k, soft = a > 0.0 ? a + log1p(exp(-a)) : log1p(exp(a));
    double p = 1.0 / (1.0 + exp(-a)); /* exp(eta) / (k + exp(eta)) */
    log_sum += w * soft;
    share += w * p;
    spread += w * p * x;
    odds += w * (1.0 - p);
  }
  *deta += (y + k) * share - y;
  *du +=
      sd > 1e-6 ? (y + k) * spread / (2.0 * sd) : 0.5 * (y + k) * share * (1.0 - share);
  *dnoise += k * (digamma(k) - digamma(y + k) + log_sum) + y - (y + k) * share;
  return lgamma(k) + log_factorial(y) - lgamma(y + k) + y * log_k - y * eta +
         (y + k) * log_sum;
}

double
nax_i_gpvae_neural(int likelihood, nax_index n, const double *y, const double *eta,
                   const double *u, const double *noise, double *deta, double *du,
                   double *dnoise)
{
  double sum = 0.0;
  if (likelihood == NAX_GPVAE_POISSON) {
    return poisson(n, y, eta, u, deta, du);
  }
  for (nax_index i = 0; i < n; i++) {
    if (isnan(y[i])) {
      continue;
    }
    sum += likelihood == NAX_GPVAE_GAUSSIAN
               ? gaussian(y[i], eta[i], u[i], noise[i], &deta[i], &du[i], &dnoise[i])
               : negative_binomial(y[i], eta[i], u[i], noise[i], &deta[i], &du[i],
                                   &dnoise[i]);
  }
  return sum;
}

NAX_I_CLONES static void
mix(nax_index n, nax_index q, const double *w, const double *d, const double *m,
    const double *v, double *eta, double *u)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    eta[i] = d[i];
    u[i] = 0.0;
  }
  for (nax_index l = 0; l < q; l++) {
    const double *a = w + l * n, mean = m[l], var = v[l];
#pragma omp simd
    for (nax_index i = 0; i < n; i++) {
      eta[i] += a[i] * mean;
      u[i] += a[i] * a[i] * var;
    }
  }
}

void
nax_i_gpvae_mix(nax_index n, nax_index q, const double *w, const double *d,
                const double *m, const double *v, double *eta, double *u)
{
  mix(n, q, w, d, m, v, eta, u);
}

NAX_I_CLONES static void
unmix(nax_index n, nax_index q, const double *w, const double *m, const double *v,
      double scale, const double *deta, const double *du, double *dm, double *dv,
      double *dw, double *dd)
{
  for (nax_index l = 0; l < q; l++) {
    const double *a = w + l * n, mean = m[l], var = 2.0 * v[l];
    double by_mean[LANES] = {0.0}, by_var[LANES] = {0.0};
    nax_index i = 0;
    for (; i + LANES <= n; i += LANES) {
#pragma omp simd
      for (int k = 0; k < LANES; k++) {
        double slope = a[i + k] * du[i + k];
        by_mean[k] += a[i + k] * deta[i + k];
        by_var[k] += a[i + k] * slope;
        dw[i + k + l * n] += scale * (deta[i + k] * mean + slope * var);
      }
    }
    for (int k = 0; i < n; i++, k++) {
      double slope = a[i] * du[i];
      by_mean[k] += a[i] * deta[i];
      by_var[k] += a[i] * slope;
      dw[i + l * n] += scale * (deta[i] * mean + slope * var);
    }
    dm[l] = dv[l] = 0.0;
    for (int k = 0; k < LANES; k++) {
      dm[l] += scale * by_mean[k];
      dv[l] += scale * by_var[k];
    }
  }
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    dd[i] += scale * deta[i];
  }
}

void
nax_i_gpvae_unmix(nax_index n, nax_index q, const double *w, const double *m,
                  const double *v, double scale, const double *deta, const double *du,
                  double *dm, double *dv, double *dw, double *dd)
{
  unmix(n, q, w, m, v, scale, deta, du, dm, dv, dw, dd);
}

double
nax_i_gpvae_rate(int likelihood, double eta, double u)
{
  return likelihood == NAX_GPVAE_GAUSSIAN ? eta : bounded_exp(eta + 0.5 * u);
}
