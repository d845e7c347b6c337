/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tails of the distributions that the tests need, as logarithms. */
#include "freqtag_i.h"
#include <float.h>
#include <math.h>

const nax_freqtag_test nax_i_ft_none = {(double)NAN, (double)NAN, (double)NAN,
                                        (double)NAN, (double)NAN};

/* ln B(a, b), without lgamma's cancellation where one of them is large: Stirling's
 * remainders are small numbers, and what is left of the rest is written with log1p. */
static double
stirling_remainder(double x)
{
  double y = 1.0 / (x * x);
  return (1.0 / 12.0 -
          y * (1.0 / 360.0 -
               y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y * (1.0 / 1188.0))))) /
         x;
}

static double
log_beta(double a, double b)
{
  if (a > b) {
    double t = a;
    a = b;
    b = t;
  }
  if (a >= 15.0) {
    return 0.5 * log(2.0 * NAX_I_FT_PI) - 0.5 * log(b) - (a - 0.5) * log1p(b / a) -
           b * log1p(a / b) + stirling_remainder(a) + stirling_remainder(b) -
           stirling_remainder(a + b);
  }
  if (b >= 15.0) {
    return lgamma(a) + stirling_remainder(b) - stirling_remainder(a + b) + a -
           a * log(a + b) + (b - 0.5) * -log1p(a / b);
  }
  return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* The continued fraction of the incomplete beta function (modified Lentz). */
static double
beta_fraction(double a, double b, double x)
{
  const double tiny = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (fabs(d) < tiny ? tiny : d);
  double h = d;
  for (int m = 1; m < 100000; m++) {
    double up = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    d = 1.0 + up * d;
    c = 1.0 + up / c;
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    h *= d * c;
    up = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    d = 1.0 + up * d;
    c = 1.0 + up / c;
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    double step = d * c;
    h *= step;
    if (fabs(step - 1.0) < 4.0 * DBL_EPSILON) {
      break;
    }
  }
  return h;
}

/* The same with 1 - x given apart, which may be known better than by subtraction. */
static double
log_beta_inc(double a, double b, double x, double rest)
{
  if (x <= 0.0) {
    return (double)-INFINITY;
  }
  if (rest <= 0.0) {
    return 0.0;
  }
  double front = a * log(x) + b * log(rest) - log_beta(a, b);
  if (x < (a + 1.0) / (a + b + 2.0)) {
    return front + log(beta_fraction(a, b, x) / a);
  }
  double other = front + log(beta_fraction(b, a, rest) / b);
  return other < 0.0 ? log1p(-exp(other)) : (double)-INFINITY;
}

double
nax_i_ft_log_beta_inc(double a, double b, double x)
{
  return log_beta_inc(a, b, x, 1.0 - x);
}

double
nax_freqtag_log_f(double f, double df1, double df2)
{
  if (!(df1 > 0.0) || !(df2 > 0.0) || isnan(f)) {
    return (double)NAN;
  }
  if (f <= 0.0) {
    return 0.0;
  }
  if (isinf(f)) {
    return (double)-INFINITY;
  }
  if (df1 == 2.0) {
    return -0.5 * df2 * log1p(2.0 * f / df2);
  }
  double sum = df2 + df1 * f;
  return log_beta_inc(0.5 * df2, 0.5 * df1, df2 / sum, df1 * f / sum);
}

nax_freqtag_test
nax_i_ft_f_test(double f, double df1, double df2)
{
  nax_freqtag_test t = {f, df1, df2, (double)NAN, (double)NAN};
  if (isnan(f) || !(df1 > 0.0) || !(df2 > 0.0)) {
    return nax_i_ft_none;
  }
  t.log_p = nax_freqtag_log_f(f, df1, df2);
  t.p = exp(t.log_p);
  return t;
}

/* A mixture of betas with Poisson weights, summed outwards from the largest weight. */
double
nax_freqtag_noncentral_f(double f, double df1, double df2, double lambda)
{
  if (!(df1 > 0.0) || !(df2 > 0.0) || !(lambda >= 0.0) || isnan(f)) {
    return (double)NAN;
  }
  if (f <= 0.0) {
    return 1.0;
  }
  double half = 0.5 * lambda, x = df2 / (df2 + df1 * f), sum = 0.0;
  double middle = floor(half);
  for (int way = 0; way < 2; way++) {
    for (double j = way == 0 ? middle : middle - 1.0; j >= 0.0; j += way == 0 ? 1 : -1) {
      double log_w = (half > 0.0 ? j * log(half)
                      : j > 0.0  ? (double)-INFINITY
                                 : 0.0) -
                     half - lgamma(j + 1.0);
      double w = exp(log_w);
      sum +=
          w * exp(log_beta_inc(0.5 * df2, 0.5 * df1 + j, x, df1 * f / (df2 + df1 * f)));
      if (w < 1e-18) {
        break;
      }
    }
  }
  return fmin(sum, 1.0);
}

/* ln sum_{i<k} (x/2)^i / i! - x/2, from the largest term down. */
double
nax_i_ft_log_chi2_even(double x, nax_index k)
{
  if (k < 1 || isnan(x)) {
    return (double)NAN;
  }
  double half = 0.5 * x, term = 1.0, sum = 1.0, top = (double)(k - 1);
  if (half <= 0.0) {
    return 0.0;
  }
  for (double i = top; i > 0.0 && term > sum * 1e-18; i -= 1.0) {
    term *= i / half;
    sum += term;
    if (sum > 1e250) { /* many degrees of freedom and a small x: p is 1 */
      break;
    }
  }
  if (half < top) {
    /* the largest term is not the first one: sum upwards instead */
    double biggest = floor(half), s = 0.0;
    for (double i = 0.0; i <= top; i += 1.0) {
      s += exp(i * log(half) - lgamma(i + 1.0) - half);
      if (i > biggest && exp(i * log(half) - lgamma(i + 1.0) - half) < s * 1e-18) {
        break;
      }
    }
    return log(fmin(s, 1.0));
  }
  return fmin(0.0, log(sum) + top * log(half) - lgamma(top + 1.0) - half);
}

double
nax_i_ft_log_binomial_half(nax_index k, nax_index n)
{
  double term = 1.0, sum = 1.0;
  for (nax_index i = k; i > 0 && term > sum * 1e-18; i--) {
    term *= (double)i / (double)(n - i + 1);
    sum += term;
  }
  return log(sum) + lgamma((double)n + 1.0) - lgamma((double)k + 1.0) -
         lgamma((double)(n - k) + 1.0) - (double)n * log(2.0);
}

nax_freqtag_test
nax_freqtag_fisher(nax_index n, const double *log_p)
{
  nax_index k = 0;
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    if (!isnan(log_p[i])) {
      sum -= 2.0 * log_p[i];
      k++;
    }
  }
  if (k == 0) {
    return nax_i_ft_none;
  }
  nax_freqtag_test t = {sum, 2.0 * (double)k, (double)NAN, 0.0, 0.0};
  t.log_p = isinf(sum) ? (double)-INFINITY : nax_i_ft_log_chi2_even(sum, k);
  t.p = exp(t.log_p);
  return t;
}
