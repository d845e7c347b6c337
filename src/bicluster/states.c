/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sequence of states given the paths, and the sticky hierarchical Dirichlet process
 * over transitions (Fox et al. 2011; weak limit of L states). */
#include "bicluster_i.h"
#include <math.h>

/* 1 when bin t has a state. */
static int
has_state(const nax_i_bic_data *d, nax_index t)
{
  return t < d->t && !d->first[t];
}

void
nax_i_bic_state_sequence(nax_i_bic_chain *c, nax_rng *r)
{
  const nax_i_bic_data *d = c->d;
  int l = d->l;
  double *alpha = c->filter; /* t x l, normalised */
  double log_e[NAX_I_BIC_L], e[NAX_I_BIC_L];
  for (nax_index t = 0; t < d->t; t++) {
    if (!has_state(d, t)) {
      continue;
    }
    double top = -HUGE_VAL, sum = 0.0, *a = alpha + t * l;
    for (int s = 0; s < l; s++) {
      log_e[s] = 0.0;
      for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
        const nax_i_bic_cluster *x = nax_i_bic_group(c, g);
        const double *u = x->u + t * x->q;
        log_e[s] += nax_i_bic_log_step(x->q, &x->dyn[s], u - x->q, u);
      }
      if (d->first[t - 1]) {
        a[s] = 1.0 / l;
      } else {
        a[s] = 0.0;
        for (int j = 0; j < l; j++) {
          a[s] += a[j - l] * c->pi[j * l + s];
        }
      }
      /* a state that cannot be reached does not set the scale */
      top = a[s] > 0.0 && log_e[s] > top ? log_e[s] : top;
    }
    for (int s = 0; s < l; s++) {
      e[s] = a[s] > 0.0 && top > -HUGE_VAL ? exp(log_e[s] - top) : 1.0;
      a[s] *= e[s];
      sum += a[s];
    }
    for (int s = 0; s < l; s++) {
      a[s] = sum > 0.0 ? a[s] / sum : 1.0 / l;
    }
  }
  for (nax_index t = d->t - 1; t >= 0; t--) {
    if (!has_state(d, t)) {
      continue;
    }
    for (int s = 0; s < l; s++) {
      e[s] = alpha[t * l + s] * (has_state(d, t + 1) ? c->pi[s * l + c->xi[t + 1]] : 1.0);
    }
    nax_index s = nax_rng_choice(r, l, e);
    if (s >= 0) {
      c->xi[t] = (uint8_t)s;
    }
  }
}

/* Concentrations given tables, by the auxiliary variables of Escobar & West and Fox et
 * al.; Gamma(a, b) and Beta(1, 1) priors. */
static void
concentrations(nax_i_bic_chain *c, nax_rng *r, const nax_index *n_row, nax_index tables,
               nax_index overridden, const nax_index *column)
{
  const nax_i_bic_data *d = c->d;
  int l = d->l;
  double shape = (d->o.state_alpha + d->o.state_kappa) * 0.5 + (double)tables, rate = 0.5;
  for (int j = 0; j < l; j++) {
    double n = (double)n_row[j];
    if (n > 0.0) {
      rate -= log(nax_rng_beta(r, c->concentration + 1.0, n));
      shape -= nax_rng_uniform(r) * (n + c->concentration) < n;
    }
  }
  c->concentration = nax_rng_gamma(r, shape, 1.0 / rate);
  c->sticky =
      nax_rng_beta(r, 1.0 + (double)overridden, 1.0 + (double)(tables - overridden));
  nax_index used = 0, second = 0;
  for (int k = 0; k < l; k++) {
    used += column[k];
    second += nax_i_bic_crt(r, column[k], c->gamma / l);
  }
  if (used > 0) {
    double eta = nax_rng_beta(r, c->gamma + 1.0, (double)used);
    double own = nax_rng_uniform(r) * ((double)used + c->gamma) < (double)used;
    c->gamma = nax_rng_gamma(r, d->o.state_gamma * 0.5 + (double)second - own,
                             1.0 / (0.5 - log(eta)));
  } else {
    c->gamma = nax_rng_gamma(r, d->o.state_gamma * 0.5, 2.0);
  }
}

void
nax_i_bic_transitions(nax_i_bic_chain *c, nax_rng *r)
{
  const nax_i_bic_data *d = c->d;
  int l = d->l;
  nax_index n[NAX_I_BIC_L * NAX_I_BIC_L], row[NAX_I_BIC_L] = {0},
                                          column[NAX_I_BIC_L] = {0};
  nax_index tables = 0, overridden = 0;
  double alpha[NAX_I_BIC_L];
  memset(n, 0, sizeof n);
  for (nax_index t = 1; t + 1 < d->t; t++) {
    if (has_state(d, t) && has_state(d, t + 1)) {
      n[c->xi[t] * l + c->xi[t + 1]]++;
      row[c->xi[t]]++;
    }
  }
  for (int j = 0; j < l; j++) {
    for (int k = 0; k < l; k++) {
      double base = c->concentration * (1.0 - c->sticky) * c->beta[k];
      double own = j == k ? c->concentration * c->sticky : 0.0;
      nax_index m = nax_i_bic_crt(r, n[j * l + k], base + own);
      tables += m;
      if (own > 0.0 && m > 0) {
        nax_index w = nax_rng_binomial(r, m, own / (own + base));
        overridden += w;
        m -= w;
      }
      column[k] += m;
    }
  }
  if (d->o.learn_concentrations) {
    concentrations(c, r, row, tables, overridden, column);
  }
  for (int k = 0; k < l; k++) {
    alpha[k] = c->gamma / l + (double)column[k];
  }
  nax_i_bic_dirichlet(r, l, alpha, c->beta);
  for (int j = 0; j < l; j++) {
    for (int k = 0; k < l; k++) {
      alpha[k] = c->concentration * (1.0 - c->sticky) * c->beta[k] +
                 (j == k ? c->concentration * c->sticky : 0.0) + (double)n[j * l + k];
    }
    nax_i_bic_dirichlet(r, l, alpha, c->pi + j * l);
  }
}
