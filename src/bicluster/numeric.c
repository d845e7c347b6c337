/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elementary functions over rows of bins, and small dense algebra. The loops over bins
 * are written so that compilers make vectors of them; products and sums are not fused, so
 * every instruction set gives the same bits. */
#include "bicluster_i.h"
#include <math.h>

/* Loops with clones are static: the resolver of a clone would be seen outside. */
NAX_I_CLONES static double
dot(nax_index n, const double *a, const double *b)
{
  double s[8] = {0.0};
  for (nax_index i = 0; i < n; i += 8) {
    for (int j = 0; j < 8; j++) {
      s[j] += a[i + j] * b[i + j];
    }
  }
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

double
nax_i_bic_dot(nax_index n, const double *a, const double *b)
{
  return dot(n, a, b);
}

/* exp(x) for |x| <= 700: 2^k times a polynomial on +-ln(2) / 2. */
static inline double
exp_in_range(double x)
{
  const double magic = 0x1.8p52, log2e = 1.4426950408889634;
  const double ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
  uint64_t bits;
  double k = x * log2e + magic, scale;
  memcpy(&bits, &k, sizeof bits);
  k -= magic;
  double r = (x - k * ln2_hi) - k * ln2_lo;
  double p = 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  bits = (bits << 52) + (UINT64_C(1023) << 52);
  memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

/* log(1 + u), 0 <= u <= 1, by 2 atanh of at most 0.172. */
static inline double
log1p_unit(double u)
{
  const double ln2 = 0.69314718055994530942;
  int high = u > 0.41421356237309503;
  double s = (high ? u - 1.0 : u) / (high ? u + 3.0 : u + 2.0);
  double x = s * s, p = 1.0 / 21.0;
  p = p * x + 1.0 / 19.0;
  p = p * x + 1.0 / 17.0;
  p = p * x + 1.0 / 15.0;
  p = p * x + 1.0 / 13.0;
  p = p * x + 1.0 / 11.0;
  p = p * x + 1.0 / 9.0;
  p = p * x + 1.0 / 7.0;
  p = p * x + 1.0 / 5.0;
  p = p * x + 1.0 / 3.0;
  p = p * x + 1.0;
  return 2.0 * s * p + (high ? ln2 : 0.0);
}

NAX_I_CLONES static void
logistic_both(nax_index n, const double *restrict x, double *restrict p,
              double *restrict softplus)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    double a = fabs(x[i]), e = exp_in_range(a > 700.0 ? -700.0 : -a);
    double q = e / (1.0 + e);
    p[i] = x[i] >= 0.0 ? 1.0 - q : q;
    softplus[i] = (x[i] > 0.0 ? x[i] : 0.0) + log1p_unit(e);
  }
}

NAX_I_CLONES static void
logistic_p(nax_index n, const double *restrict x, double *restrict p)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    double a = fabs(x[i]), e = exp_in_range(a > 700.0 ? -700.0 : -a);
    double q = e / (1.0 + e);
    p[i] = x[i] >= 0.0 ? 1.0 - q : q;
  }
}

NAX_I_CLONES static void
logistic_softplus(nax_index n, const double *restrict x, double *restrict softplus)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    double a = fabs(x[i]), e = exp_in_range(a > 700.0 ? -700.0 : -a);
    softplus[i] = (x[i] > 0.0 ? x[i] : 0.0) + log1p_unit(e);
  }
}

void
nax_i_bic_logistic(nax_index n, const double *x, double *p, double *softplus)
{
  if (p != NULL && softplus != NULL) {
    logistic_both(n, x, p, softplus);
  } else if (p != NULL) {
    logistic_p(n, x, p);
  } else {
    logistic_softplus(n, x, softplus);
  }
}

double
nax_i_bic_softplus(double x)
{
  double a = fabs(x), e = exp_in_range(a > 700.0 ? -700.0 : -a);
  return (x > 0.0 ? x : 0.0) + log1p_unit(e);
}

NAX_I_CLONES static void
exp_all(nax_index n, const double *restrict x, double *restrict y)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    double a = x[i] > 300.0 ? 300.0 : x[i];
    y[i] = exp_in_range(a < -300.0 ? -300.0 : a);
  }
}

void
nax_i_bic_exp(nax_index n, const double *x, double *y)
{
  exp_all(n, x, y);
}

/* Stirling's series, after a shift to x >= 12. */
double
nax_i_bic_lgamma(double x)
{
  double shift = 1.0;
  if (x > 1e300) {
    return HUGE_VAL;
  }
  while (x < 12.0) {
    shift *= x;
    x += 1.0;
  }
  double y = 1.0 / (x * x), s = -3617.0 / 122400.0;
  s = s * y + 1.0 / 156.0;
  s = s * y - 691.0 / 360360.0;
  s = s * y + 1.0 / 1188.0;
  s = s * y - 1.0 / 1680.0;
  s = s * y + 1.0 / 1260.0;
  s = s * y - 1.0 / 360.0;
  s = s * y + 1.0 / 12.0;
  return (x - 0.5) * log(x) - x + 0.91893853320467274178 + s / x - log(shift);
}

/* --- small matrices ------------------------------------------------------------------
 */

int
nax_i_bic_chol(int n, const double *a, double *l)
{
  int repaired = 0;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++) {
      double s = a[i * n + j];
      for (int k = 0; k < j; k++) {
        s -= l[i * n + k] * l[j * n + k];
      }
      if (i == j) {
        double least = 1e-14 * fabs(a[i * n + i]) + 1e-290;
        if (!(s > least)) {
          s = least;
          repaired++;
        }
        l[i * n + i] = sqrt(s);
      } else {
        l[i * n + j] = s / l[j * n + j];
      }
    }
    for (int j = i + 1; j < n; j++) {
      l[i * n + j] = 0.0;
    }
  }
  return repaired;
}

void
nax_i_bic_solve_l(int n, const double *l, double *x)
{
  for (int i = 0; i < n; i++) {
    double s = x[i];
    for (int k = 0; k < i; k++) {
      s -= l[i * n + k] * x[k];
    }
    x[i] = s / l[i * n + i];
  }
}

void
nax_i_bic_solve_lt(int n, const double *l, double *x)
{
  for (int i = n - 1; i >= 0; i--) {
    double s = x[i];
    for (int k = i + 1; k < n; k++) {
      s -= l[k * n + i] * x[k];
    }
    x[i] = s / l[i * n + i];
  }
}

/* --- drawing -------------------------------------------------------------------------
 */

double
nax_i_bic_logsum(nax_index n, const double *x)
{
  double top = -HUGE_VAL, sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    top = x[i] > top ? x[i] : top;
  }
  if (!isfinite(top)) {
    return top;
  }
  for (nax_index i = 0; i < n; i++) {
    sum += x[i] == x[i] ? exp(x[i] - top) : 0.0;
  }
  return top + log(sum);
}

nax_index
nax_i_bic_pick(nax_rng *r, nax_index n, const double *x)
{
  double top = -HUGE_VAL, sum = 0.0, u = nax_rng_uniform(r);
  nax_index last = -1;
  for (nax_index i = 0; i < n; i++) {
    top = x[i] > top && x[i] < HUGE_VAL ? x[i] : top;
  }
  if (top == -HUGE_VAL) {
    return -1;
  }
  for (nax_index i = 0; i < n; i++) {
    sum += x[i] <= top ? exp(x[i] - top) : 0.0;
  }
  u *= sum;
  for (nax_index i = 0; i < n; i++) {
    double w = x[i] <= top ? exp(x[i] - top) : 0.0;
    if (w > 0.0) {
      last = i;
      if (u < w) {
        return i;
      }
      u -= w;
    }
  }
  return last;
}

void
nax_i_bic_dirichlet(nax_rng *r, nax_index n, const double *alpha, double *x)
{
  double top = -HUGE_VAL, sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    /* Gamma(a) = Gamma(a + 1) U^(1/a), in logarithms */
    double a = alpha[i] > 1e-100 ? alpha[i] : 1e-100;
    x[i] = log(nax_rng_gamma(r, a + 1.0, 1.0)) + log(nax_rng_uniform_pos(r)) / a;
    top = x[i] > top ? x[i] : top;
  }
  for (nax_index i = 0; i < n; i++) {
    x[i] = exp(x[i] - top);
    sum += x[i];
  }
  for (nax_index i = 0; i < n; i++) {
    x[i] /= sum;
  }
}

int
nax_i_bic_band_factor(nax_index n, double *chol, double *off, double *mean)
{
  for (nax_index t = 0; t < n; t++) {
    off[t] = t > 0 ? off[t] / chol[t - 1] : 0.0;
    double s = chol[t] - off[t] * off[t];
    if (!(s > 1e-12 * chol[t]) || !isfinite(s)) {
      return 0;
    }
    chol[t] = sqrt(s);
    mean[t] = (mean[t] - (t > 0 ? off[t] * mean[t - 1] : 0.0)) / chol[t];
  }
  for (nax_index t = n - 1; t >= 0; t--) {
    mean[t] -= t + 1 < n ? off[t + 1] * mean[t + 1] : 0.0;
    mean[t] /= chol[t];
  }
  return 1;
}

double
nax_i_bic_band_density(nax_index n, const double *chol, const double *off,
                       const double *mean, double *x, nax_rng *draw)
{
  const double log_2pi = 1.83787706640934548356;
  double out = -0.5 * (double)n * log_2pi, next = 0.0;
  for (nax_index t = n - 1; t >= 0; t--) {
    double link = t + 1 < n ? off[t + 1] * next : 0.0, z;
    if (draw != NULL) {
      z = nax_rng_normal(draw, 0.0, 1.0);
      next = (z - link) / chol[t];
      x[t] = mean[t] + next;
    } else {
      next = x[t] - mean[t];
      z = chol[t] * next + link;
    }
    out += log(chol[t]) - 0.5 * z * z;
  }
  return out;
}

void
nax_i_bic_band_moments(nax_index n, const double *chol, const double *off,
                       double *variance, double *covariance)
{
  for (nax_index t = n - 1; t >= 0; t--) {
    double o = t + 1 < n ? off[t + 1] : 0.0, v = t + 1 < n ? variance[t + 1] : 0.0;
    variance[t] = (1.0 + o * o * v) / (chol[t] * chol[t]);
    if (t + 1 < n) {
      covariance[t + 1] = -o * v / chol[t];
    }
  }
  covariance[0] = 0.0;
}
