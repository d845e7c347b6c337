/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of coefficients over trials, the effect sizes and the tests that follow from
 * them. */
#include "freqtag_i.h"
#include <math.h>

/* ------------------------------------------------------------------- moments */

nax_freqtag_moments
nax_freqtag_moments_of(nax_index n, const nax_c64 *z)
{
  nax_freqtag_moments m = {0};
  for (nax_index i = 0; i < n; i++) {
    if (!isfinite(z[i].re) || !isfinite(z[i].im)) {
      continue;
    }
    double size = hypot(z[i].re, z[i].im);
    m.n++;
    m.mean.re += z[i].re;
    m.mean.im += z[i].im;
    if (size > 0.0) {
      m.phase.re += z[i].re / size;
      m.phase.im += z[i].im / size;
    } else {
      m.n_zero++;
    }
  }
  if (m.n == 0) {
    return m;
  }
  m.mean.re /= (double)m.n;
  m.mean.im /= (double)m.n;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(z[i].re) && isfinite(z[i].im)) {
      double a = z[i].re - m.mean.re, b = z[i].im - m.mean.im;
      m.ss += a * a + b * b;
      m.square.re += a * a - b * b;
      m.square.im += 2.0 * a * b;
    }
  }
  return m;
}

nax_freqtag_moments
nax_freqtag_moments_merge(const nax_freqtag_moments *a, const nax_freqtag_moments *b)
{
  if (a->n == 0 || b->n == 0) {
    return a->n == 0 ? *b : *a;
  }
  nax_freqtag_moments m = *a;
  double na = (double)a->n, nb = (double)b->n, n = na + nb;
  double re = b->mean.re - a->mean.re, im = b->mean.im - a->mean.im, w = na * nb / n;
  m.n += b->n;
  m.n_zero += b->n_zero;
  m.mean.re += re * (nb / n);
  m.mean.im += im * (nb / n);
  m.ss += b->ss + w * (re * re + im * im);
  m.square.re += b->square.re + w * (re * re - im * im);
  m.square.im += b->square.im + w * 2.0 * re * im;
  m.phase.re += b->phase.re;
  m.phase.im += b->phase.im;
  return m;
}

nax_freqtag_power
nax_freqtag_power_of(const nax_freqtag_moments *m)
{
  const double none = (double)NAN;
  nax_freqtag_power p = {none, none, none, none, none, none, none, none};
  double n = (double)m->n, seen = (double)(m->n - m->n_zero);
  if (m->n < 1) {
    return p;
  }
  p.evoked = m->mean.re * m->mean.re + m->mean.im * m->mean.im;
  p.induced = m->ss / n;
  p.total = p.evoked + p.induced;
  if (m->n > 1) {
    p.induced_unbiased = m->ss / (n - 1.0);
    p.evoked_unbiased = p.evoked - p.induced / (n - 1.0);
  }
  if (seen > 0.0) {
    double length = sqrt(m->phase.re * m->phase.re + m->phase.im * m->phase.im);
    double r = fmin(1.0, length / seen);
    p.itpc = r;
    p.itpc_squared = r * r;
    if (seen > 1.0) {
      p.ppc = (seen * r * r - 1.0) / (seen - 1.0);
    }
  }
  return p;
}

/* exp(-x) (I0(x) + I1(x)). */
static double
bessel_sum(double x)
{
  if (x <= 20.0) {
    double half = 0.5 * x, term = 1.0, sum = 0.0;
    for (int k = 0; k < 200 && term > sum * 1e-18; k++) {
      sum += term * (1.0 + half / (k + 1.0));
      term *= half / (k + 1.0) * half / (k + 1.0);
    }
    return sum * exp(-x);
  }
  double sum = 0.0;
  for (int order = 0; order < 2; order++) {
    double term = 1.0, mu = 4.0 * order;
    for (int k = 1; k < 40; k++) {
      sum += term;
      double next = -term * (mu - (2.0 * k - 1.0) * (2.0 * k - 1.0)) / (8.0 * x * k);
      if (fabs(next) >= fabs(term) || fabs(next) < 1e-18) {
        break;
      }
      term = next;
    }
  }
  return sum / sqrt(2.0 * NAX_I_FT_PI * x);
}

double
nax_freqtag_expected_itpc_squared(double kappa, nax_index n, double *rho)
{
  double r = (double)NAN;
  if (kappa >= 0.0 && n >= 1) {
    r = isinf(kappa) ? 1.0 : 0.5 * sqrt(NAX_I_FT_PI * kappa) * bessel_sum(0.5 * kappa);
  }
  if (rho != NULL) {
    *rho = r;
  }
  return 1.0 / (double)n + (1.0 - 1.0 / (double)n) * r * r;
}

/* --------------------------------------------------------------------- tests */

static double
distance2(nax_c64 a, nax_c64 b)
{
  double re = a.re - b.re, im = a.im - b.im;
  return re * re + im * im;
}

/* signal / noise as F, where both may be 0. */
static nax_freqtag_test
ratio_test(double signal, double noise, double df1, double df2)
{
  if (!(noise > 0.0)) {
    return signal > 0.0 ? nax_i_ft_f_test((double)INFINITY, df1, df2) : nax_i_ft_none;
  }
  return nax_i_ft_f_test((signal / df1) / (noise / df2), df1, df2);
}

nax_freqtag_test
nax_freqtag_t2circ(const nax_freqtag_moments *m, nax_c64 mu)
{
  double n = (double)m->n;
  if (m->n < 2) {
    return nax_i_ft_none;
  }
  return ratio_test(n * distance2(m->mean, mu), m->ss, 2.0, 2.0 * n - 2.0);
}

double
nax_freqtag_t2circ_radius(const nax_freqtag_moments *m, double alpha)
{
  double n = (double)m->n;
  if (m->n < 2 || !(alpha > 0.0) || !(alpha < 1.0)) {
    return (double)NAN;
  }
  double v = m->ss / (2.0 * (n - 1.0));
  double f = (n - 1.0) * expm1(-log(alpha) / (n - 1.0));
  return sqrt(2.0 / n * v * f);
}

nax_freqtag_test
nax_freqtag_t2circ_two(const nax_freqtag_moments *a, const nax_freqtag_moments *b)
{
  double na = (double)a->n, nb = (double)b->n;
  if (a->n < 1 || b->n < 1 || a->n + b->n < 3) {
    return nax_i_ft_none;
  }
  return ratio_test(na * nb / (na + nb) * distance2(a->mean, b->mean), a->ss + b->ss, 2.0,
                    2.0 * (na + nb) - 4.0);
}

/* Sums of squares and products of the real and imaginary parts about their means. */
typedef struct scatter {
  double xx, xy, yy;
} scatter;

static scatter
scatter_of(const nax_freqtag_moments *m)
{
  scatter s = {0.5 * (m->ss + m->square.re), 0.5 * m->square.im,
               0.5 * (m->ss - m->square.re)};
  return s;
}

/* v' S^-1 v; NaN when S is singular to rounding. */
static double
quadratic(scatter s, double x, double y)
{
  double det = s.xx * s.yy - s.xy * s.xy;
  if (!(det > 1e-14 * s.xx * s.yy) || !(s.xx > 0.0)) {
    return (double)NAN;
  }
  return (s.yy * x * x - 2.0 * s.xy * x * y + s.xx * y * y) / det;
}

nax_freqtag_test
nax_freqtag_hotelling(const nax_freqtag_moments *m, nax_c64 mu)
{
  double n = (double)m->n;
  if (m->n < 3) {
    return nax_i_ft_none;
  }
  double q = quadratic(scatter_of(m), m->mean.re - mu.re, m->mean.im - mu.im);
  return nax_i_ft_f_test((n - 2.0) * n * q / 2.0, 2.0, n - 2.0);
}

nax_freqtag_test
nax_freqtag_hotelling_two(const nax_freqtag_moments *a, const nax_freqtag_moments *b)
{
  double na = (double)a->n, nb = (double)b->n;
  if (a->n < 1 || b->n < 1 || a->n + b->n < 4) {
    return nax_i_ft_none;
  }
  scatter s = scatter_of(a), t = scatter_of(b);
  s = (scatter){s.xx + t.xx, s.xy + t.xy, s.yy + t.yy};
  double q = quadratic(s, a->mean.re - b->mean.re, a->mean.im - b->mean.im);
  double t2 = na * nb / (na + nb) * (na + nb - 2.0) * q;
  return nax_i_ft_f_test((na + nb - 3.0) / (2.0 * (na + nb - 2.0)) * t2, 2.0,
                         na + nb - 3.0);
}

nax_freqtag_test
nax_freqtag_sphericity(const nax_freqtag_moments *m)
{
  double tilt = hypot(m->square.re, m->square.im);
  nax_freqtag_test t = nax_i_ft_none;
  if (m->n < 3 || !(m->ss > 0.0)) {
    return t;
  }
  /* eigenvalues (ss +- tilt) / 2 */
  double c = m->ss > tilt ? sqrt((m->ss + tilt) / (m->ss - tilt)) : (double)INFINITY;
  t.statistic = c;
  t.log_p = isinf(c) ? (double)-INFINITY
                     : (double)(m->n - 2) * 0.5 * log1p(-(tilt / m->ss) * (tilt / m->ss));
  t.p = exp(t.log_p);
  return t;
}

nax_freqtag_test
nax_freqtag_auto(const nax_freqtag_moments *m, nax_c64 mu, double alpha, int32_t *used)
{
  int tilted = nax_freqtag_sphericity(m).p < alpha;
  if (used != NULL) {
    *used = tilted ? 2 : 1;
  }
  return tilted ? nax_freqtag_hotelling(m, mu) : nax_freqtag_t2circ(m, mu);
}

nax_freqtag_test
nax_freqtag_anova(int32_t n_groups, const nax_freqtag_moments *groups)
{
  double n = 0.0, within = 0.0, between = 0.0, g = 0.0;
  nax_c64 mean = {0.0, 0.0};
  for (int32_t k = 0; k < n_groups; k++) {
    n += (double)groups[k].n;
    g += groups[k].n > 0;
    within += groups[k].ss;
    mean.re += (double)groups[k].n * groups[k].mean.re;
    mean.im += (double)groups[k].n * groups[k].mean.im;
  }
  if (g < 2.0 || n <= g) {
    return nax_i_ft_none;
  }
  mean.re /= n;
  mean.im /= n;
  for (int32_t k = 0; k < n_groups; k++) {
    if (groups[k].n > 0) {
      between += (double)groups[k].n * distance2(groups[k].mean, mean);
    }
  }
  return ratio_test(between, within, 2.0 * (g - 1.0), 2.0 * (n - g));
}

nax_freqtag_test
nax_freqtag_anova_repeated(nax_index n_subjects, nax_index n_conditions, const nax_c64 *z)
{
  double s = (double)n_subjects, c = (double)n_conditions, within = 0.0, model = 0.0;
  nax_c64 all = {0.0, 0.0};
  if (n_subjects < 2 || n_conditions < 2) {
    return nax_i_ft_none;
  }
  for (nax_index i = 0; i < n_subjects; i++) {
    nax_c64 mean = {0.0, 0.0};
    for (nax_index k = 0; k < n_conditions; k++) {
      mean.re += z[i + k * n_subjects].re / c;
      mean.im += z[i + k * n_subjects].im / c;
    }
    for (nax_index k = 0; k < n_conditions; k++) {
      within += distance2(z[i + k * n_subjects], mean);
    }
    all.re += mean.re / s;
    all.im += mean.im / s;
  }
  for (nax_index k = 0; k < n_conditions; k++) {
    nax_c64 mean = {0.0, 0.0};
    for (nax_index i = 0; i < n_subjects; i++) {
      mean.re += z[i + k * n_subjects].re / s;
      mean.im += z[i + k * n_subjects].im / s;
    }
    model += s * distance2(mean, all);
  }
  if (isnan(within) || isnan(model)) {
    return nax_i_ft_none;
  }
  return ratio_test(model, fmax(within - model, 0.0), 2.0 * (c - 1.0),
                    2.0 * (s - 1.0) * (c - 1.0));
}

double
nax_freqtag_mahalanobis(const nax_freqtag_moments *a, const nax_freqtag_moments *b)
{
  if (a->n < 2 || b->n < 2) {
    return (double)NAN;
  }
  scatter s = scatter_of(a), t = scatter_of(b);
  double wa = 0.5 / ((double)a->n - 1.0), wb = 0.5 / ((double)b->n - 1.0);
  s = (scatter){s.xx * wa + t.xx * wb, s.xy * wa + t.xy * wb, s.yy * wa + t.yy * wb};
  return sqrt(quadratic(s, a->mean.re - b->mean.re, a->mean.im - b->mean.im));
}

/* -------------------------------------------------- where coefficients are real */

nax_freqtag_test
nax_freqtag_real_t(const nax_freqtag_moments *m)
{
  double n = (double)m->n;
  if (m->n < 2) {
    return nax_i_ft_none;
  }
  return ratio_test(n * m->mean.re * m->mean.re, m->ss, 1.0, n - 1.0);
}

nax_freqtag_test
nax_freqtag_real_t_two(const nax_freqtag_moments *a, const nax_freqtag_moments *b)
{
  double na = (double)a->n, nb = (double)b->n, d = a->mean.re - b->mean.re;
  if (a->n < 1 || b->n < 1 || a->n + b->n < 3) {
    return nax_i_ft_none;
  }
  return ratio_test(na * nb / (na + nb) * d * d, a->ss + b->ss, 1.0, na + nb - 2.0);
}

nax_freqtag_test
nax_freqtag_real_sign(const nax_freqtag_moments *m)
{
  nax_index n = m->n - m->n_zero;
  nax_freqtag_test t = nax_i_ft_none;
  if (n < 1) {
    return t;
  }
  double up = 0.5 * ((double)n + m->phase.re);
  nax_index k = (nax_index)floor(up + 0.5);
  k = k < n - k ? k : n - k;
  t.statistic = fabs(m->phase.re) / (double)n;
  t.log_p = 2 * k == n ? 0.0 : fmin(0.0, log(2.0) + nax_i_ft_log_binomial_half(k, n));
  t.p = exp(t.log_p);
  return t;
}
