/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partitions: the mixture of finite mixtures (Miller & Harrison 2018), and tables of a
 * Chinese restaurant. */
#include "bicluster_i.h"
#include <math.h>

enum { MAX_COMPONENTS = 100000 };

/* log of k! / (k - t)! Gamma(g k) / Gamma(g k + n) p(k), k >= t >= 1. */
static double
log_term(nax_index n, nax_index t, nax_index k, double rho, double g)
{
  double x = (double)k;
  return nax_i_bic_lgamma(x + 1.0) - nax_i_bic_lgamma((double)(k - t) + 1.0) +
         nax_i_bic_lgamma(g * x) - nax_i_bic_lgamma(g * x + (double)n) + log(rho) +
         (x - 1.0) * log1p(-rho);
}

double
nax_i_bic_log_v(nax_index n, nax_index t, double rho, double g)
{
  double top = -HUGE_VAL, sum = 0.0;
  for (nax_index k = t > 0 ? t : 1; k < t + MAX_COMPONENTS; k++) {
    double x = log_term(n, t, k, rho, g);
    if (x > top) {
      sum = sum * exp(top - x) + 1.0;
      top = x;
    } else {
      sum += exp(x - top);
      if (x < top - 45.0) {
        break; /* terms fall at least geometrically from here on */
      }
    }
  }
  return top + log(sum);
}

nax_index
nax_i_bic_draw_k(nax_rng *r, nax_index n, nax_index t, double rho, double g)
{
  double log_u = nax_i_bic_log_v(n, t, rho, g) + log(nax_rng_uniform_pos(r));
  double top = -HUGE_VAL, sum = 0.0;
  nax_index k = t;
  for (; k < t + MAX_COMPONENTS; k++) {
    double x = log_term(n, t, k, rho, g);
    if (x > top) {
      sum = sum * exp(top - x) + 1.0;
      top = x;
    } else {
      sum += exp(x - top);
    }
    if (top + log(sum) >= log_u || x < top - 45.0) {
      break;
    }
  }
  return k;
}

nax_index
nax_i_bic_crt(nax_rng *r, nax_index n, double c)
{
  nax_index tables = 0;
  for (nax_index j = 0; j < n; j++) {
    tables += nax_rng_uniform(r) * (c + (double)j) < c;
  }
  return tables;
}

double
nax_i_bic_log_latents(double mean, int p)
{
  return p * log(mean) - nax_i_bic_lgamma(p + 1.0);
}

int
nax_i_bic_draw_latents(nax_rng *r, double mean, int most)
{
  double w[NAX_I_BIC_P + 1];
  for (int p = 0; p <= most; p++) {
    w[p] = nax_i_bic_log_latents(mean, p);
  }
  return (int)nax_i_bic_pick(r, most + 1, w);
}
