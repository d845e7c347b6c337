/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polya-Gamma variates. PG(h, z) is the sum over k of w_k Gamma(h, 1) with
 * w_k = 2 / ((2k - 1)^2 pi^2 + z^2) (Polson, Scott & Windle 2013). */
#include "bicluster_i.h"
#include <math.h>

static const double pi = 3.14159265358979323846;

void
nax_i_bic_pg_moments(double h, double z, double *mean, double *variance)
{
  z = fabs(z);
  if (z < 0.05) { /* series: the quotients below lose their digits */
    double y = z * z;
    *mean = h * (0.25 + y * (-1.0 / 48.0 + y * (1.0 / 480.0 - y * (17.0 / 80640.0))));
    *variance = h * (1.0 / 24.0 +
                     y * (-1.0 / 120.0 + y * (17.0 / 13440.0 - y * (31.0 / 181440.0))));
    return;
  }
  double e = exp(-z), f = 1.0 / (1.0 + e);
  *mean = h * (1.0 - e) * f / (2.0 * z);
  *variance = h * (2.0 * (1.0 - e) * f - 4.0 * z * e * f * f) / (4.0 * z * z * z);
}

/* `terms` of the sum, and one gamma variate for the rest of it. */
static double
by_terms(nax_rng *r, double h, double z, int terms)
{
  double mean, variance, x = 0.0;
  nax_i_bic_pg_moments(h, z, &mean, &variance);
  for (int k = 1; k <= terms; k++) {
    double odd = (2.0 * k - 1.0) * pi, w = 2.0 / (odd * odd + z * z);
    x += w * nax_rng_gamma(r, h, 1.0);
    mean -= h * w;
    variance -= h * w * w;
  }
  if (mean <= 0.0) {
    return x; /* what is left is rounding */
  }
  if (variance <= 1e-12 * mean * mean) {
    return x + mean;
  }
  return x + nax_rng_gamma(r, mean * mean / variance, variance / mean);
}

/* --- PG(1, z) by Devroye's rejection from two pieces ---------------------------------
 */

static const double cut = 0.64;

static double
coefficient(int n, double x)
{
  double k = n + 0.5;
  return x <= cut ? pi * k * pow(2.0 / (pi * x), 1.5) * exp(-2.0 * k * k / x)
                  : pi * k * exp(-0.5 * k * k * pi * pi * x);
}

static double
normal_cdf(double x)
{
  return 0.5 * erfc(-x * 0.70710678118654752440);
}

/* Inverse Gaussian with mean 1 / z and shape 1, below `cut`. */
static double
left_piece(nax_rng *r, double z)
{
  for (int trial = 0; trial < 10000; trial++) {
    if (z * cut < 1.0) {
      double e, f;
      do {
        e = nax_rng_exponential(r, 1.0);
        f = nax_rng_exponential(r, 1.0);
      } while (e * e > 2.0 * f / cut);
      double x = cut / ((1.0 + cut * e) * (1.0 + cut * e));
      if (nax_rng_uniform(r) <= exp(-0.5 * z * z * x)) {
        return x;
      }
    } else {
      double mu = 1.0 / z, y = nax_rng_normal(r, 0.0, 1.0);
      y *= y;
      double x = mu + 0.5 * mu * mu * y - 0.5 * mu * sqrt(4.0 * mu * y + mu * mu * y * y);
      if (nax_rng_uniform(r) > mu / (mu + x)) {
        x = mu * mu / x;
      }
      if (x < cut && x > 0.0) {
        return x;
      }
    }
  }
  return -1.0;
}

static double
one(nax_rng *r, double z)
{
  z = 0.5 * fabs(z);
  double rate = pi * pi / 8.0 + 0.5 * z * z, root = sqrt(cut);
  double right = 0.5 * pi / rate * exp(-rate * cut);
  double left = exp(-z) * normal_cdf((z * cut - 1.0) / root);
  left += z < 30.0 ? exp(z) * normal_cdf(-(z * cut + 1.0) / root) : 0.0;
  left *= 2.0;
  for (int trial = 0; trial < 10000; trial++) {
    double x = nax_rng_uniform(r) < right / (right + left)
                   ? cut + nax_rng_exponential(r, 1.0 / rate)
                   : left_piece(r, z);
    if (x <= 0.0) {
      break;
    }
    double s = coefficient(0, x), y = nax_rng_uniform(r) * s;
    for (int n = 1; n < 1000; n++) {
      if (n % 2 == 1) {
        s -= coefficient(n, x);
        if (y <= s) {
          return 0.25 * x;
        }
      } else {
        s += coefficient(n, x);
        if (y > s) {
          break;
        }
      }
    }
  }
  return by_terms(r, 1.0, 2.0 * z, 16); /* a bound on the time, never met in tests */
}

double
nax_i_bic_pg(nax_rng *r, double h, double z, int exact)
{
  double size = fabs(z);
  if (!(h > 0.0)) {
    return 0.0;
  }
  if (!exact) {
    int terms = h >= 5.0 && size <= 5.0    ? 2
                : h >= 1.0 && size <= 10.0 ? 4
                                           : 8 + 2 * (int)ceil(fmin(size, 200.0) / 10.0);
    return by_terms(r, h, size, terms);
  }
  double x = 0.0, whole = floor(h);
  for (double k = 0.0; k < whole; k += 1.0) {
    x += one(r, size);
  }
  return h > whole ? x + by_terms(r, h - whole, size, 16) : x;
}
