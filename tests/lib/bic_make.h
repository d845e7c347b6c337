/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data and states of the bi-clustering drawn from its prior, for tests of single moves.
 */
#ifndef BIC_MAKE_H
#define BIC_MAKE_H
#include "nax_test.h"
#include "bicluster/bicluster_i.h"

/* Priors that do not explode: small baselines, firm dynamics. All sweeps are burn-in, in
 * which every move has its turn. */
static inline nax_bicluster_opts
bic_small_opts(void)
{
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  o.burn_in = 100000000;
  o.latent_dim = 1;
  o.max_states = 2;
  o.dynamics_mean = 0.8;
  o.dynamics_precision = 50.0;
  o.noise_dof = 6.0;
  o.noise_scale = 0.05;
  o.loading_sd = 0.3;
  o.dispersion_shape = 4.0;
  o.dispersion_rate = 1.0;
  o.exact = 1;
  return o;
}

/* Zero data of n neurons and t bins; segments begin where `first` says (NULL: one). */
static inline nax_i_bic_data *
bic_data(const nax_bicluster_opts *o, nax_index n, nax_index t, const uint8_t *first)
{
  nax_i_bic_data *d = calloc(1, sizeof *d);
  d->o = *o;
  d->n = n;
  d->t = t;
  d->tp = (t + 7) / 8 * 8;
  d->q = (int)o->latent_dim + 1;
  d->rows = o->coupled > 0 ? (int)o->coupled * d->q : d->q;
  d->l = (int)o->max_states;
  d->y = nax_i_calloc((size_t)(n * d->tp), sizeof(double));
  d->mask = nax_i_calloc((size_t)(n * d->tp), sizeof(double));
  d->first = nax_i_calloc((size_t)t, 1);
  for (nax_index j = 0; j < t; j++) {
    d->first[j] = j == 0 || (first != NULL && first[j]);
    d->n_first += d->first[j];
    for (nax_index i = 0; i < n; i++) {
      d->mask[i * d->tp + j] = 1.0;
    }
  }
  assert_ok(nax_i_bic_data_refresh(NULL, d));
  return d;
}

static inline void
bic_data_drop(nax_i_bic_data *d)
{
  nax_i_bic_data_free(d);
  free(d);
}

/* Observations given the state of the chain. */
static inline void
bic_draw_y(nax_i_bic_chain *c, nax_i_bic_data *d, nax_rng *r)
{
  nax_i_bic_eta(c);
  for (nax_index i = 0; i < d->n; i++) {
    for (nax_index t = 0; t < d->t; t++) {
      double eta = c->eta[i * d->tp + t], mu = exp(eta > 15.0 ? 15.0 : eta), y;
      if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
        y = eta + nax_rng_normal(r, 0.0, sqrt(c->r[i]));
      } else if (d->o.observation == NAX_BICLUSTER_POISSON) {
        y = (double)nax_rng_poisson(r, mu);
      } else {
        y = (double)nax_rng_poisson(r, nax_rng_gamma(r, c->r[i], mu / c->r[i]));
      }
      d->y[i * d->tp + t] = d->mask[i * d->tp + t] > 0.0 ? y : 0.0;
    }
  }
  assert_ok(nax_i_bic_data_refresh(NULL, d));
}

/* Everything that a chain has, from the prior. */
static inline void
bic_draw_prior(nax_i_bic_chain *c, nax_i_bic_data *d, nax_rng *r)
{
  nax_index k = 1, label[64];
  double w[4096], alpha[64];
  if (d->o.partition == NAX_BICLUSTER_DP) {
    k = 0;
    for (nax_index i = 0; i < d->n; i++) {
      for (nax_index j = 0; j < k; j++) {
        w[j] = 0.0;
        for (nax_index m = 0; m < i; m++) {
          w[j] += c->z[m] == j;
        }
      }
      w[k] = d->o.cluster_alpha;
      c->z[i] = nax_rng_choice(r, k + 1, w);
      k += c->z[i] == k;
    }
  } else {
    while (k < 4096 && nax_rng_uniform(r) >= d->o.cluster_rho) {
      k++;
    }
    for (nax_index j = 0; j < k; j++) {
      w[j] = d->o.cluster_weight;
    }
    nax_i_bic_dirichlet(r, k, w, w);
    nax_index used = 0;
    for (nax_index i = 0; i < d->n; i++) {
      nax_index z = nax_rng_choice(r, k, w), j = 0;
      while (j < used && label[j] != z) {
        j++;
      }
      label[j] = z;
      used += j == used;
      c->z[i] = j;
    }
    k = used;
  }
  if (c->joint != NULL) {
    k = d->o.coupled;
    for (nax_index j = 0; j < k; j++) {
      w[j] = d->o.cluster_weight;
    }
    nax_i_bic_dirichlet(r, k, w, w);
    for (nax_index i = 0; i < d->n; i++) {
      c->z[i] = nax_rng_choice(r, k, w);
    }
  }
  c->k = k;
  assert_ok(nax_i_bic_reserve(NULL, c, k));
  c->gamma = d->o.state_gamma;
  c->concentration = d->o.state_alpha + d->o.state_kappa;
  c->sticky = d->o.state_kappa / c->concentration;
  if (d->o.learn_concentrations) {
    c->gamma = nax_rng_gamma(r, d->o.state_gamma * 0.5, 2.0);
    c->concentration = nax_rng_gamma(r, 0.5 * c->concentration, 2.0);
    c->sticky = nax_rng_uniform_pos(r);
  }
  for (int s = 0; s < d->l; s++) {
    alpha[s] = c->gamma / d->l;
  }
  nax_i_bic_dirichlet(r, d->l, alpha, c->beta);
  for (int j = 0; j < d->l; j++) {
    for (int s = 0; s < d->l; s++) {
      alpha[s] =
          c->concentration * ((1.0 - c->sticky) * c->beta[s] + (s == j) * c->sticky);
    }
    nax_i_bic_dirichlet(r, d->l, alpha, c->pi + j * d->l);
  }
  for (nax_index t = 1; t < d->t; t++) {
    c->xi[t] = 0;
    if (!d->first[t]) {
      c->xi[t] = (uint8_t)(d->first[t - 1]
                               ? nax_rng_below(r, d->l)
                               : nax_rng_choice(r, d->l, c->pi + c->xi[t - 1] * d->l));
    }
  }
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    nax_i_bic_moments m;
    nax_i_bic_cluster *x = nax_i_bic_group(c, g);
    x->q = d->rows;
    if (d->o.learn_latent_dim) {
      x->q = 1 + nax_i_bic_draw_latents(r, d->o.latent_mean, d->q - 1);
    }
    nax_i_bic_find_moments(d, x->q, NULL, NULL, 0, &m);
    for (int s = 0; s < d->l; s++) {
      nax_i_bic_draw_dyn(r, x->q, &m, &x->dyn[s]);
    }
    nax_i_bic_prior_path(c, r, x);
  }
  for (nax_index j = 0; j < k; j++) {
    c->cluster[j]->size = 0;
    nax_i_bic_transpose(c, j);
    for (nax_index g = 0; d->region != NULL && g < d->n_region; g++) {
      c->cluster[j]->phi[g] = d->o.region_weight;
    }
    if (d->region != NULL) {
      nax_i_bic_dirichlet(r, d->n_region, c->cluster[j]->phi, c->cluster[j]->phi);
    }
  }
  for (nax_index i = 0; i < d->n; i++) {
    c->cluster[c->z[i]]->size++;
    if (d->region != NULL) {
      d->region[i] = nax_rng_choice(r, d->n_region, c->cluster[c->z[i]]->phi);
    }
    for (int a = 0; a < d->q; a++) {
      int there = a < c->cluster[c->z[i]]->q;
      c->b[i * d->q + a] = there ? nax_rng_normal(r, 0.0, d->o.loading_sd) : 0.0;
    }
    c->r[i] = nax_rng_gamma(r, d->o.dispersion_shape, 1.0 / d->o.dispersion_rate);
    c->r[i] = d->o.observation == NAX_BICLUSTER_GAUSSIAN ? 1.0 / c->r[i] : c->r[i];
  }
}

#endif
