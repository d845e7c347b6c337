/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GSL's variates on our streams. Arguments are checked here, because GSL checks few and
 * never comes back from some (a Poisson variate with a NaN mean). */
#include "rng_i.h"
#include <gsl/gsl_randist.h>
#include <math.h>

static const double max_count = 1e9; /* GSL counts in unsigned int */

static int
positive(double x)
{
  return x > 0.0 && isfinite(x);
}

double
nax_rng_normal(nax_rng *r, double mean, double sd)
{
  if (!isfinite(mean) || !isfinite(sd) || sd < 0.0) {
    return NAN;
  }
  return mean + gsl_ran_gaussian_ziggurat(&r->gsl, sd);
}

double
nax_rng_exponential(nax_rng *r, double mean)
{
  return positive(mean) ? gsl_ran_exponential(&r->gsl, mean) : (double)NAN;
}

double
nax_rng_gamma(nax_rng *r, double shape, double scale)
{
  return positive(shape) && positive(scale) ? gsl_ran_gamma(&r->gsl, shape, scale)
                                            : (double)NAN;
}

double
nax_rng_beta(nax_rng *r, double a, double b)
{
  return positive(a) && positive(b) ? gsl_ran_beta(&r->gsl, a, b) : (double)NAN;
}

nax_index
nax_rng_poisson(nax_rng *r, double mean)
{
  return mean >= 0.0 && mean <= max_count ? (nax_index)gsl_ran_poisson(&r->gsl, mean)
                                          : -1;
}

nax_index
nax_rng_binomial(nax_rng *r, nax_index n, double p)
{
  if (n < 0 || (double)n > max_count || !(p >= 0.0 && p <= 1.0)) {
    return -1;
  }
  return (nax_index)gsl_ran_binomial(&r->gsl, p, (unsigned)n);
}

nax_index
nax_rng_choice(nax_rng *r, nax_index n, const double *weight)
{
  double sum = 0.0;
  nax_index last = -1;
  for (nax_index i = 0; i < n; i++) {
    if (!(weight[i] >= 0.0)) {
      return -1;
    }
    sum += weight[i];
    last = weight[i] > 0.0 ? i : last;
  }
  if (last < 0 || !isfinite(sum)) {
    return -1;
  }
  /* the same additions in the same order reach the same sum; `last` only guards u = 1 */
  double u = nax_rng_uniform(r) * sum, at = 0.0;
  for (nax_index i = 0; i < last; i++) {
    at += weight[i];
    if (u < at) {
      return i;
    }
  }
  return last;
}

void
nax_rng_dirichlet(nax_rng *r, nax_index n, const double *alpha, double *x)
{
  double sum = 0.0, log_max = -INFINITY;
  int valid = 1;
  for (nax_index i = 0; i < n; i++) {
    valid = valid && positive(alpha[i]);
  }
  /* In logarithms, since a gamma variate of small shape is often 0 in doubles:
   * Gamma(a) = Gamma(a + 1) U^(1/a). */
  for (nax_index i = 0; i < n && valid; i++) {
    x[i] = log(gsl_ran_gamma(&r->gsl, alpha[i] + 1.0, 1.0)) +
           log(nax_rng_uniform_pos(r)) / alpha[i];
    log_max = x[i] > log_max ? x[i] : log_max;
  }
  for (nax_index i = 0; i < n && valid; i++) {
    x[i] = exp(x[i] - log_max);
    sum += x[i];
  }
  for (nax_index i = 0; i < n; i++) {
    x[i] = valid ? x[i] / sum : (double)NAN;
  }
}

void
nax_rng_shuffle(nax_rng *r, nax_index n, nax_index *index)
{
  for (nax_index i = n - 1; i > 0; i--) {
    nax_index j = nax_rng_below(r, i + 1), t = index[i];
    index[i] = index[j];
    index[j] = t;
  }
}

void
nax_rng_permutation(nax_rng *r, nax_index n, nax_index *index)
{
  for (nax_index i = 0; i < n; i++) {
    index[i] = i;
  }
  nax_rng_shuffle(r, n, index);
}
