/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polya-Gamma variables, paths with their states, dispersion, and the two moves along
 * directions that the likelihood does not see. */
#include "bicluster_i.h"
#include <math.h>

void
nax_i_bic_omega_one(const nax_i_bic_chain *c, nax_index i, const double *eta, double base,
                    double power, nax_rng *rng, double *w, double *l)
{
  const nax_i_bic_data *d = c->d;
  const double *y = d->y + i * d->tp, *mask = d->mask + i * d->tp;
  int poisson = d->o.observation == NAX_BICLUSTER_POISSON;
  double r = poisson ? d->o.poisson_r : c->r[i], log_r = log(r);
  if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
    for (nax_index t = 0; t < d->t; t++) {
      w[t] = power * mask[t] / r;
      l[t] = w[t] * (y[t] - base);
    }
    return;
  }
  for (nax_index t = 0; t < d->t; t++) {
    w[t] = l[t] = 0.0;
    if (mask[t] > 0.0) {
      w[t] = nax_i_bic_pg(rng, power * (y[t] + r), eta[t] - log_r, d->o.exact);
      l[t] = 0.5 * power * (y[t] - r) + w[t] * (log_r - base);
    }
  }
}

void
nax_i_bic_omega(nax_i_bic_chain *c)
{
  const nax_i_bic_data *d = c->d;
  for (nax_index i = 0; i < d->n; i++) {
    nax_index at = i * d->tp;
    nax_rng rng;
    nax_i_bic_stream(c, NAX_I_BIC_OMEGA, i, &rng);
    nax_i_bic_omega_one(c, i, c->eta + at, c->b[i * d->q], c->power, &rng, c->omega + at,
                        c->linear + at);
  }
}

/* --- paths, with or without the states ------------------------------------------------
 */

double
nax_i_bic_poisson_excess(const nax_i_bic_chain *c, nax_index i, const double *eta,
                         double *work)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp;
  const double *y = d->y + i * n, *mask = d->mask + i * n;
  double out, r = d->o.poisson_r, log_r = log(r), *x = work, *w = work + n;
  nax_i_bic_exp(n, eta, w);
  out = nax_i_bic_dot(n, y, eta) - nax_i_bic_dot(n, mask, w);
  for (nax_index t = 0; t < n; t++) {
    x[t] = eta[t] - log_r;
  }
  nax_i_bic_logistic(n, x, NULL, w);
  for (nax_index t = 0; t < n; t++) {
    w[t] *= y[t] + r;
  }
  return out - (nax_i_bic_dot(n, y, x) - nax_i_bic_dot(n, mask, w));
}

/* That of the neurons in cluster k (-1: all), to the power: what the Polya-Gamma step
 * does not know. */
static double
correction(const nax_i_bic_chain *c, nax_index k, double *eta, double *work)
{
  double sum = 0.0;
  for (nax_index i = 0; i < c->d->n; i++) {
    if (k < 0 || c->z[i] == k) {
      nax_i_bic_eta_one(c, i, eta);
      sum += nax_i_bic_poisson_excess(c, i, eta, work);
    }
  }
  return c->power * sum;
}

/* Components of groups from..to-1. */
static void
transpose(nax_i_bic_chain *c, nax_index from, nax_index to)
{
  nax_index last = c->joint != NULL ? c->k : to;
  for (nax_index k = c->joint != NULL ? 0 : from; k < last; k++) {
    nax_i_bic_transpose(c, k);
  }
}

/* Draw paths of groups from..to-1 given omega; Poisson: accept or go back. The old states
 * stand at xi when they may have changed too. */
static void
paths(nax_i_bic_chain *c, nax_index from, nax_index to, const uint8_t *xi,
      nax_i_bic_rate *rate, nax_rng *r)
{
  const nax_i_bic_data *d = c->d;
  int poisson = d->o.observation == NAX_BICLUSTER_POISSON;
  nax_index n = nax_i_bic_n_groups(c), size = d->t * d->rows;
  nax_index who = to - from == n ? -1 : from;
  double before = 0.0, *old = c->old;
  if (poisson) {
    before = correction(c, who, c->work, c->work + d->tp);
    for (nax_index g = from; g < to; g++) {
      memcpy(old + (g - from) * size, nax_i_bic_group(c, g)->u,
             (size_t)size * sizeof *old);
    }
  }
  for (nax_index g = from; g < to; g++) {
    nax_rng own;
    nax_i_bic_stream(c, NAX_I_BIC_PATH, g + (xi != NULL ? 0 : d->n), &own);
    nax_i_bic_draw_path(c, g, &own, nax_i_bic_group(c, g)->u);
  }
  transpose(c, from, to);
  if (!poisson) {
    return;
  }
  double after = correction(c, who, c->work, c->work + d->tp);
  rate->proposed += 1.0;
  if (log(nax_rng_uniform_pos(r)) < after - before) {
    rate->accepted += 1.0;
    return;
  }
  for (nax_index g = from; g < to; g++) {
    memcpy(nax_i_bic_group(c, g)->u, old + (g - from) * size, (size_t)size * sizeof *old);
  }
  transpose(c, from, to);
  if (xi != NULL) {
    memcpy(c->xi, xi, (size_t)d->t);
  }
}

nax_status
nax_i_bic_states_and_paths(nax_ctx *ctx, nax_i_bic_chain *c, int scan)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  uint8_t *xi = NULL;
  int poisson = d->o.observation == NAX_BICLUSTER_POISSON;
  nax_rng r;
  NAX_TRY_ALLOC(xi, d->t, 1);
  memcpy(xi, c->xi, (size_t)d->t);
  nax_i_bic_stream(c, NAX_I_BIC_SCAN, 0, &r);
  nax_i_bic_omega(c);
  nax_i_bic_information(c);
  NAX_TRY(nax_i_poll(ctx));
  if (scan) {
    /* a random direction makes the step its own reverse, which Poisson needs */
    nax_i_bic_scan(c, &r, nax_rng_uniform(&r) < 0.5);
    if (!poisson) {
      nax_i_bic_pieces(c, &r, nax_i_bic_piece_length(&r));
    }
  }
  NAX_TRY(nax_i_poll(ctx));
  paths(c, 0, nax_i_bic_n_groups(c), xi, &c->together, &r);
  if (poisson) {
    /* what all clusters together rarely get through, each alone does */
    nax_i_bic_eta(c);
    for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
      nax_i_bic_stream(c, NAX_I_BIC_SCAN, 1 + g, &r);
      paths(c, g, g + 1, NULL, &c->path, &r);
      NAX_TRY(nax_i_poll(ctx));
    }
  }
  nax_i_bic_eta(c);
done:
  nax_i_free(xi);
  return status;
}

/* --- dispersion -----------------------------------------------------------------------
 */

/* Log density of l = log r of neuron i given its eta, omega integrated out. */
static double
log_dispersion(const nax_i_bic_chain *c, nax_index i, double l, const double *eta,
               double *work)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp;
  const double *y = d->y + i * n, *mask = d->mask + i * n;
  double r = exp(l), sum = 0.0, *x = work, *w = work + n;
  for (nax_index j = d->tail_at[i]; j < d->tail_at[i + 1]; j++) {
    double below = j > d->tail_at[i] ? d->value[j - 1] : 0.0, s = 0.0;
    if (d->value[j] - below <= 8.0) {
      double product = 1.0;
      for (double v = below; v < d->value[j]; v += 1.0) {
        product *= r + v;
      }
      s = product > 1e-290 && product < 1e290
              ? log(product)
              : nax_i_bic_lgamma(r + d->value[j]) - nax_i_bic_lgamma(r + below);
    } else {
      s = nax_i_bic_lgamma(r + d->value[j]) - nax_i_bic_lgamma(r + below);
    }
    sum += d->tail[j] * s;
  }
  for (nax_index t = 0; t < n; t++) {
    x[t] = eta[t] - l;
  }
  nax_i_bic_logistic(n, x, NULL, w);
  for (nax_index t = 0; t < n; t++) {
    w[t] *= y[t] + r;
  }
  sum += -l * d->sum_y[i] - nax_i_bic_dot(n, mask, w);
  return c->power * sum + d->o.dispersion_shape * l - d->o.dispersion_rate * r;
}

static void
slice_dispersion(nax_i_bic_chain *c, nax_index i, nax_rng *r)
{
  const double *eta = c->eta + i * c->d->tp;
  double *work = c->work, l = log(c->r[i]);
  double level = log_dispersion(c, i, l, eta, work) - nax_rng_exponential(r, 1.0);
  double low = l - nax_rng_uniform(r), high = low + 1.0;
  while (low > -30.0 && log_dispersion(c, i, low, eta, work) > level) {
    low -= 1.0;
  }
  while (high < 30.0 && log_dispersion(c, i, high, eta, work) > level) {
    high += 1.0;
  }
  for (int trial = 0; trial < 200; trial++) {
    double x = low + (high - low) * nax_rng_uniform(r);
    if (log_dispersion(c, i, x, eta, work) > level) {
      c->r[i] = exp(x);
      return;
    }
    low = x < l ? x : low;
    high = x < l ? high : x;
  }
}

/* r and d together with r mu / d held: psi = eta - log r stays, so L ~ tables is
 * conjugate; mends what the slice at fixed eta does slowly. */
static void
interweave(nax_i_bic_chain *c, nax_index i, nax_rng *r)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp, tables = 0;
  const double *y = d->y + i * n, *mask = d->mask + i * n, *eta = c->eta + i * n;
  double *x = c->work, *w = c->work + n, old = c->r[i], *base = c->b + i * d->q;
  if (c->power != 1.0) {
    return; /* tables have no power */
  }
  for (nax_index t = 0; t < n; t++) {
    x[t] = eta[t] - log(old);
  }
  nax_i_bic_logistic(n, x, NULL, w);
  for (nax_index t = 0; t < d->t; t++) {
    tables += mask[t] > 0.0 ? nax_i_bic_crt(r, (nax_index)y[t], old) : 0;
  }
  double new = nax_rng_gamma(r, d->o.dispersion_shape + (double)tables,
                             1.0 / (d->o.dispersion_rate + nax_i_bic_dot(n, mask, w)));
  if (!(new > 1e-12 && new < 1e12)) {
    return;
  }
  double moved = base[0] + log(new / old);
  double prior = 0.5 / (d->o.loading_sd * d->o.loading_sd);
  if (log(nax_rng_uniform_pos(r)) < prior * (base[0] * base[0] - moved * moved)) {
    double by = moved - base[0], *e = c->eta + i * n;
    base[0] = moved;
    c->r[i] = new;
    for (nax_index t = 0; t < n; t++) {
      e[t] += by;
    }
  }
}

void
nax_i_bic_dispersion(nax_i_bic_chain *c)
{
  const nax_i_bic_data *d = c->d;
  nax_rng r;
  for (nax_index i = 0; i < d->n; i++) {
    nax_i_bic_stream(c, NAX_I_BIC_DISPERSION, i, &r);
    if (d->o.observation == NAX_BICLUSTER_NEGATIVE_BINOMIAL) {
      slice_dispersion(c, i, &r);
      if (d->sum_y[i] <= 20.0 * d->n_obs[i]) {
        interweave(c, i, &r); /* tables of large counts cost more than they bring */
      }
    } else if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
      const double *eta = c->eta + i * d->tp, *y = d->y + i * d->tp;
      const double *mask = d->mask + i * d->tp;
      double *e = c->work;
      for (nax_index t = 0; t < d->tp; t++) {
        e[t] = mask[t] * (y[t] - eta[t]);
      }
      double shape = d->o.dispersion_shape + 0.5 * c->power * d->n_obs[i];
      double rate = d->o.dispersion_rate + 0.5 * c->power * nax_i_bic_dot(d->tp, e, e);
      c->r[i] = rate / nax_rng_gamma(&r, shape, 1.0);
    }
  }
}

/* --- along the directions that the likelihood does not see ----------------------------
 */

/* u row a of cluster k + x, d_i - x c_ia, b_s + x (I - A_s) e_a: the transitions stay, so
 * x has the normal density that the priors of U_0, d and b give it. */
void
nax_i_bic_shift(nax_i_bic_chain *c)
{
  const nax_i_bic_data *d = c->d;
  nax_rng r;
  double prior = 1.0 / (d->o.loading_sd * d->o.loading_sd);
  for (nax_index k = 0; k < c->k; k++) {
    int at;
    nax_i_bic_cluster *x = nax_i_bic_group_of(c, k, &at);
    int q = x->q;
    nax_i_bic_stream(c, NAX_I_BIC_SHIFT, k, &r);
    for (int a = 0; a < c->cluster[k]->q; a++) {
      int row = at + a;
      double precision = (double)d->n_first, linear = 0.0, way[NAX_I_BIC_Q];
      for (nax_index t = 0; t < d->t; t++) {
        linear -= d->first[t] ? x->u[t * q + row] : 0.0;
      }
      for (nax_index i = 0; i < d->n; i++) {
        if (c->z[i] == k) {
          double h = a == 0 ? 1.0 : c->b[i * d->q + a];
          precision += prior * h * h;
          linear += prior * h * c->b[i * d->q];
        }
      }
      for (int s = 0; s < d->l; s++) {
        for (int i = 0; i < q; i++) {
          way[i] = (i == row ? 1.0 : 0.0) - x->dyn[s].a[i * q + row];
        }
        for (int i = 0; i < q; i++) {
          for (int j = 0; j < q; j++) {
            double p = d->o.dynamics_precision * x->dyn[s].p[i * q + j] * way[i];
            precision += p * way[j];
            linear -= p * x->dyn[s].b[j];
          }
        }
      }
      double by = linear / precision + nax_rng_normal(&r, 0.0, 1.0) / sqrt(precision);
      if (!isfinite(by)) {
        continue;
      }
      for (nax_index t = 0; t < d->t; t++) {
        x->u[t * q + row] += by;
      }
      for (nax_index i = 0; i < d->n; i++) {
        if (c->z[i] == k) {
          c->b[i * d->q] -= by * (a == 0 ? 1.0 : c->b[i * d->q + a]);
        }
      }
      for (int s = 0; s < d->l; s++) {
        for (int i = 0; i < q; i++) {
          x->dyn[s].b[i] += by * ((i == row ? 1.0 : 0.0) - x->dyn[s].a[i * q + row]);
        }
      }
    }
    nax_i_bic_transpose(c, k);
  }
}

void
nax_i_bic_rescale(nax_i_bic_chain *c)
{
  const nax_i_bic_data *d = c->d;
  nax_rng r;
  double prior = 0.5 / (d->o.loading_sd * d->o.loading_sd);
  for (nax_index k = 0; k < c->k; k++) {
    int at;
    nax_i_bic_cluster *x = nax_i_bic_group_of(c, k, &at);
    int q = x->q;
    nax_i_bic_moments none;
    nax_i_bic_find_moments(d, q, NULL, NULL, 0, &none);
    nax_i_bic_stream(c, NAX_I_BIC_RESCALE, k, &r);
    for (int a = 1; a < c->cluster[k]->q; a++) {
      int row = at + a;
      double log_s = nax_rng_normal(&r, 0.0, 0.1), s = exp(log_s);
      double log_u = log(nax_rng_uniform_pos(&r)), ratio = 0.0;
      double power = (double)d->n_first - (double)c->cluster[k]->size + d->l * (q + 2.0);
      for (nax_index t = 0; t < d->t; t++) {
        double u = x->u[t * q + row];
        ratio -= d->first[t] ? 0.5 * u * u * (s * s - 1.0) : 0.0;
      }
      for (nax_index i = 0; i < d->n; i++) {
        double b = c->b[i * d->q + a];
        ratio -= c->z[i] == k ? prior * b * b * (1.0 / (s * s) - 1.0) : 0.0;
      }
      for (int j = 0; j < d->l; j++) {
        nax_i_bic_dyn y;
        nax_i_bic_dyn_copy(q, &x->dyn[j], &y);
        nax_i_bic_scale_dyn(q, row, s, &y);
        ratio +=
            nax_i_bic_log_dyn(q, &none, &y) - nax_i_bic_log_dyn(q, &none, &x->dyn[j]);
      }
      c->rescale.proposed += 1.0;
      if (!(log_u < ratio + power * log_s)) {
        continue;
      }
      c->rescale.accepted += 1.0;
      for (nax_index t = 0; t < d->t; t++) {
        x->u[t * q + row] *= s;
      }
      for (nax_index i = 0; i < d->n; i++) {
        c->b[i * d->q + a] /= c->z[i] == k ? s : 1.0;
      }
      for (int j = 0; j < d->l; j++) {
        nax_i_bic_scale_dyn(q, row, s, &x->dyn[j]);
      }
    }
    nax_i_bic_transpose(c, k);
  }
}
