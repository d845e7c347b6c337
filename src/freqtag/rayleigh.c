/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rayleigh's test. The exact distribution is that of the length of a random walk of n
 * unit steps in the plane: it lives in a disc of radius n, where its density has a
 * Fourier-Bessel series with coefficients J0(j/n)^n, j the zeros of J0. Compared with
 * Kluyver's integral there is nothing to truncate but a series of known decay. */
#define _XOPEN_SOURCE 700 /* j0, j1 */
#include "freqtag_i.h"
#include <math.h>

/* Zero number m (from 1) of J0: McMahon's expansion, then Newton's method. */
static double
bessel_zero(nax_index m)
{
  double b = ((double)m - 0.25) * NAX_I_FT_PI, e = 1.0 / (8.0 * b), e2 = e * e;
  double x = b + e * (1.0 - e2 * (124.0 / 3.0 - e2 * (120928.0 / 15.0)));
  for (int i = 0; i < (m < 10 ? 4 : 1); i++) {
    x += j0(x) / j1(x);
  }
  return x;
}

nax_status
nax_i_ft_walk_create(nax_ctx *ctx, nax_index n, double tol, nax_i_ft_walk *out)
{
  nax_status status = NAX_OK;
  double steps = (double)n;
  /* terms fall like (n / j)^((n + 1) / 2) */
  double last = steps * pow(tol, -2.0 / (steps + 1.0));
  nax_index terms = (nax_index)ceil(last / NAX_I_FT_PI) + 20;
  *out = (nax_i_ft_walk){.n = n, .n_terms = terms};
  NAX_TRY_ALLOC(out->zero, terms, sizeof(double));
  NAX_TRY_ALLOC(out->weight, terms, sizeof(double));
  for (nax_index m = 0; m < terms; m++) {
    double j = bessel_zero(m + 1), at = j1(j);
    out->zero[m] = j;
    out->weight[m] = 2.0 / j * pow(j0(j / steps), steps) / (at * at);
  }
done:
  if (status != NAX_OK) {
    nax_i_ft_walk_free(out);
  }
  return status;
}

void
nax_i_ft_walk_free(nax_i_ft_walk *w)
{
  nax_i_free(w->zero);
  nax_i_free(w->weight);
  *w = (nax_i_ft_walk){0};
}

/* P(length > n r), from the smallest term up. */
static double
walk_tail(const nax_i_ft_walk *w, double r)
{
  double sum = 0.0;
  for (nax_index m = w->n_terms - 1; m >= 0; m--) {
    sum += w->weight[m] * j1(w->zero[m] * r);
  }
  return fmin(1.0, fmax(0.0, 1.0 - r * sum));
}

static double
log_zar(double n, double r)
{
  return fmin(0.0, sqrt(1.0 + 4.0 * n + 4.0 * n * n * (1.0 - r * r)) - (1.0 + 2.0 * n));
}

enum { EXACT_UP_TO = 50 };
static const double exact_above = 1e-9;

double
nax_i_ft_walk_log_p(const nax_i_ft_walk *w, nax_index n, double r)
{
  double zar = log_zar((double)n, r);
  if (isnan(r) || n < 1) {
    return (double)NAN;
  }
  if (n == 1) {
    return 0.0;
  }
  if (n == 2) {
    return log(2.0 / NAX_I_FT_PI * acos(r));
  }
  if (w == NULL || n > EXACT_UP_TO || w->n != n || zar < log(exact_above) - 3.0) {
    return zar;
  }
  double p = walk_tail(w, r);
  return p > exact_above ? log(p) : zar;
}

nax_freqtag_test
nax_freqtag_rayleigh(nax_index n, double r, nax_freqtag_rayleigh_method method)
{
  nax_freqtag_test t = nax_i_ft_none;
  double m = (double)n, z = m * r * r;
  if (n < 1 || !(r >= 0.0) || !(r <= 1.0)) {
    return t;
  }
  t.statistic = z;
  int exact = method == NAX_FREQTAG_RAYLEIGH_EXACT ||
              (method == NAX_FREQTAG_RAYLEIGH_AUTO && n <= EXACT_UP_TO);
  if (exact && n > 2) {
    nax_i_ft_walk w;
    if (nax_i_ft_walk_create(NULL, n, n < 5 ? 1e-12 : 1e-14, &w) == NAX_OK) {
      t.log_p = method == NAX_FREQTAG_RAYLEIGH_EXACT ? log(walk_tail(&w, r))
                                                     : nax_i_ft_walk_log_p(&w, n, r);
      nax_i_ft_walk_free(&w);
    } /* out of memory: no p, as for all that cannot be tested */
  } else if (exact) {
    t.log_p = nax_i_ft_walk_log_p(NULL, n, r);
  } else if (method == NAX_FREQTAG_RAYLEIGH_FIRST) {
    t.log_p = -z;
  } else if (method == NAX_FREQTAG_RAYLEIGH_SERIES) {
    double s = 1.0 + (2.0 * z - z * z) / (4.0 * m) -
               z * (24.0 + z * (-132.0 + z * (76.0 - 9.0 * z))) / (288.0 * m * m);
    t.p = exp(-z) * s;
    t.log_p = log(t.p);
    return t;
  } else {
    t.log_p = log_zar(m, r);
  }
  t.p = exp(t.log_p);
  return t;
}

nax_freqtag_test
nax_freqtag_v_test(nax_index n, double r, double mean, double expected)
{
  nax_freqtag_test t = nax_i_ft_none;
  if (n < 1 || !(r >= 0.0) || !(r <= 1.0)) {
    return t;
  }
  t.statistic = sqrt(2.0 * (double)n) * r * cos(mean - expected);
  t.p = 0.5 * erfc(t.statistic / sqrt(2.0));
  t.log_p = log(t.p);
  return t;
}
