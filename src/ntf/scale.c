/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scale of a component over its modes. The model does not fix it; penalties do, and where
 * there are none it is kept even, so that tolerances mean the same in each mode. */
#include "ntf_i.h"
#include <math.h>

/* Powers of two that bring the logarithms (base 2) of n norms next to their mean without
 * changing the product. */
static void
even_out(int32_t n, const double *log_norm, int *power)
{
  double sum = 0.0;
  int left = 0;
  for (int32_t k = 0; k < n; k++) {
    sum += log_norm[k];
  }
  for (int32_t k = 0; k < n; k++) {
    power[k] = (int)lround(sum / n - log_norm[k]);
    left -= power[k];
  }
  for (; left != 0; left += left > 0 ? -1 : 1) {
    int32_t at = 0;
    double most = -1.0;
    for (int32_t k = 0; k < n; k++) {
      double off = sum / n - log_norm[k] - power[k];
      off = left > 0 ? off : -off;
      if (off > most) {
        most = off;
        at = k;
      }
    }
    power[at] += left > 0 ? 1 : -1;
  }
}

/* All modes within a factor of two of each other, by powers of two: no digit changes. */
static int64_t
scale_evenly(const nax_i_ntf_operand *x, int64_t rank, int64_t ld, const double *norm2,
             double *scale)
{
  int64_t dead = -1;
  for (int64_t r = 0; r < rank; r++) {
    double log_norm[NAX_I_NTF_MAX_MODES];
    int power[NAX_I_NTF_MAX_MODES];
    int32_t mode[NAX_I_NTF_MAX_MODES], n = 0;
    int alive = 1;
    for (int32_t k = 0; k < x->n_modes; k++) {
      scale[k * ld + r] = 1.0;
      if (!x->mode[k].is_fixed) {
        double s = norm2[k * ld + r];
        alive = alive && s > 1e-290 && s < 1e290;
        log_norm[n] = alive ? 0.5 * log2(s) : 0.0;
        mode[n++] = k;
      }
    }
    if (!alive) {
      dead = dead < 0 ? r : dead;
      continue;
    }
    even_out(n, log_norm, power);
    for (int32_t k = 0; k < n; k++) {
      scale[mode[k] * ld + r] = ldexp(1.0, power[k]);
    }
  }
  return dead;
}

/* What the penalties of a mode are for column r times c: alpha c + beta c^2 / 2. */
static void
cost_of_scale(const nax_i_ntf_mode *mode, const double *f, nax_index n, int64_t ld,
              int64_t r, double *alpha, double *beta)
{
  double sum = 0.0, squares = 0.0, steps = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double a = f[i * ld + r], d = i > 0 ? a - f[(i - 1) * ld + r] : 0.0;
    sum += fabs(a);
    squares += a * a;
    steps += d * d;
  }
  *alpha = mode->l1 * sum;
  *beta = mode->ridge * squares + mode->smooth * steps;
}

double
nax_i_ntf_penalty(const nax_i_ntf_mode *mode, const double *f, nax_index n, int64_t rank,
                  int64_t ld)
{
  double sum = 0.0;
  for (int64_t r = 0; r < rank && nax_i_ntf_is_penalised(mode); r++) {
    double alpha, beta;
    cost_of_scale(mode, f, n, ld, r, &alpha, &beta);
    sum += alpha + 0.5 * beta;
  }
  return sum;
}

/* Multiplier at which the penalty of a mode grows by mu for a relative change of it. */
static double
scale_at(double alpha, double beta, double mu)
{
  return beta > 0.0 ? 2.0 * mu / (alpha + sqrt(alpha * alpha + 4.0 * beta * mu))
                    : mu / alpha;
}

/* c[k] of product exp(log_total) with the least sum of alpha c + beta c^2 / 2: the
 * multiplier mu of the constraint by bisection, which grows with the product. */
static void
cheapest_scales(int32_t n, const double *alpha, const double *beta, double log_total,
                double *c)
{
  double lo = -700.0, hi = 700.0;
  for (int i = 0; i < 100; i++) {
    double mid = 0.5 * (lo + hi), sum = 0.0;
    for (int32_t k = 0; k < n; k++) {
      c[k] = scale_at(alpha[k], beta[k], exp(mid));
      sum += log(c[k]);
    }
    lo = sum < log_total ? mid : lo;
    hi = sum < log_total ? hi : mid;
  }
}

/* Modes in the ball have columns of norm 1, the penalised ones share the rest at the
 * least cost: the model stays, the penalties do not rise. */
static int64_t
scale_cheaply(const nax_i_ntf_operand *x, int64_t rank, int64_t ld, double *const *f,
              const double *norm2, double *scale)
{
  int64_t dead = -1;
  for (int64_t r = 0; r < rank; r++) {
    double alpha[NAX_I_NTF_MAX_MODES], beta[NAX_I_NTF_MAX_MODES];
    double c[NAX_I_NTF_MAX_MODES], log_total = 0.0;
    int32_t mode[NAX_I_NTF_MAX_MODES], n = 0;
    int alive = 1;
    for (int32_t k = 0; k < x->n_modes; k++) {
      double s = norm2[k * ld + r];
      scale[k * ld + r] = 1.0;
      if (x->mode[k].is_fixed) {
        continue;
      }
      alive = alive && s > 1e-290 && s < 1e290;
      if (alive && x->mode[k].in_ball) {
        scale[k * ld + r] = 1.0 / sqrt(s);
        log_total += 0.5 * log(s);
      } else if (alive) {
        cost_of_scale(&x->mode[k], f[k], x->dim[k], ld, r, &alpha[n], &beta[n]);
        mode[n++] = k;
      }
    }
    if (!alive) {
      dead = dead < 0 ? r : dead;
      for (int32_t k = 0; k < x->n_modes; k++) {
        scale[k * ld + r] = 1.0;
      }
      continue;
    }
    if (n == 1) {
      c[0] = exp(log_total);
    } else {
      cheapest_scales(n, alpha, beta, log_total, c);
    }
    for (int32_t k = 0; k < n; k++) {
      scale[mode[k] * ld + r] = c[k];
    }
  }
  return dead;
}

int64_t
nax_i_ntf_find_scale(const nax_i_ntf_operand *x, int64_t rank, int64_t ld,
                     double *const *f, const double *norm2, double *scale)
{
  return nax_i_ntf_any_penalty(x) ? scale_cheaply(x, rank, ld, f, norm2, scale)
                                  : scale_evenly(x, rank, ld, norm2, scale);
}

void
nax_i_ntf_scale_columns(double *f, nax_index n, int64_t rank, int64_t ld,
                        const double *scale)
{
  for (nax_index i = 0; i < n; i++) {
    for (int64_t r = 0; r < rank; r++) {
      f[i * ld + r] *= scale[r];
    }
  }
}
