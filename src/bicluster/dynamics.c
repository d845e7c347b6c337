/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dynamics of one cluster in one state: matrix-normal inverse-Wishart. */
#include "bicluster_i.h"
#include <math.h>

static const double log_pi = 1.14472988584940017414, log_2pi = 1.83787706640934548356;

/* log of the multivariate gamma function of dimension q. */
static double
log_gamma_q(int q, double x)
{
  double s = 0.25 * q * (q - 1) * log_pi;
  for (int j = 0; j < q; j++) {
    s += nax_i_bic_lgamma(x - 0.5 * j);
  }
  return s;
}

/* Q = M M' with M = L B'^-1: the inverse-Wishart draw whose scale is L L', B the lower
 * triangle of Bartlett. No matrix is inverted and none can lose its rank. */
static void
draw_q(nax_rng *r, int q, double nu, const double *l, nax_i_bic_dyn *out)
{
  double bart[NAX_I_BIC_Q * NAX_I_BIC_Q] = {0.0}, x[NAX_I_BIC_Q];
  out->logdet = 0.0;
  for (int i = 0; i < q; i++) {
    bart[i * q + i] = sqrt(nax_rng_gamma(r, 0.5 * (nu - i), 2.0));
    for (int j = 0; j < i; j++) {
      bart[i * q + j] = nax_rng_normal(r, 0.0, 1.0);
    }
    out->logdet += 2.0 * (log(l[i * q + i]) - log(bart[i * q + i]));
  }
  for (int i = 0; i < q; i++) {
    memcpy(x, l + i * q, (size_t)q * sizeof *x);
    nax_i_bic_solve_l(q, bart, x);
    memcpy(out->m + i * q, x, (size_t)q * sizeof *x);
    for (int j = 0; j < q; j++) {
      x[j] = bart[j * q + i];
    }
    nax_i_bic_solve_lt(q, l, x);
    memcpy(out->g + i * q, x, (size_t)q * sizeof *x);
  }
}

static void
products(int q, nax_i_bic_dyn *x)
{
  for (int i = 0; i < q; i++) {
    for (int j = 0; j <= i; j++) {
      double s = 0.0, p = 0.0;
      for (int k = 0; k < q; k++) {
        s += x->m[i * q + k] * x->m[j * q + k];
        p += x->g[k * q + i] * x->g[k * q + j];
      }
      x->q[i * q + j] = x->q[j * q + i] = s;
      x->p[i * q + j] = x->p[j * q + i] = p;
    }
  }
}

int
nax_i_bic_dyn_from_q(int q, nax_i_bic_dyn *x)
{
  double col[NAX_I_BIC_Q];
  if (nax_i_bic_chol(q, x->q, x->m) > 0) {
    return 0;
  }
  x->logdet = 0.0;
  for (int j = 0; j < q; j++) {
    x->logdet += 2.0 * log(x->m[j * q + j]);
    memset(col, 0, sizeof col);
    col[j] = 1.0;
    nax_i_bic_solve_l(q, x->m, col);
    for (int i = 0; i < q; i++) {
      x->g[i * q + j] = col[i];
    }
  }
  products(q, x);
  return 1;
}

/* Residual form: Psi0 + sum of e e' + (Mn - M0) L0 (Mn - M0)' cannot lose its sign. */
void
nax_i_bic_draw_dyn(nax_rng *r, const nax_i_bic_data *d, const double *u,
                   const uint8_t *xi, int s, nax_i_bic_dyn *out, double *log_marginal)
{
  enum { Q = NAX_I_BIC_Q, Z = NAX_I_BIC_Q + 1 };
  int q = d->q, z = q + 1;
  double n = 0.0, lambda = d->o.dynamics_precision;
  double ln[Z * Z] = {0.0}, mn[Q * Z] = {0.0}, psi[Q * Q] = {0.0}, l[Q * Q], c[Z * Z];
  for (int i = 0; i < z; i++) {
    ln[i * z + i] = lambda;
  }
  for (int i = 0; i < q; i++) {
    mn[i * z + i] = lambda * d->o.dynamics_mean;
    psi[i * q + i] = d->o.noise_scale;
  }
  for (nax_index t = 1; u != NULL && t < d->t; t++) {
    if (d->first[t] || xi[t] != s) {
      continue;
    }
    double before[Z];
    const double *now = u + t * q;
    memcpy(before, now - q, (size_t)q * sizeof *before);
    before[q] = 1.0;
    n += 1.0;
    for (int i = 0; i < z; i++) {
      for (int j = 0; j <= i; j++) {
        ln[i * z + j] += before[i] * before[j];
      }
    }
    for (int i = 0; i < q; i++) {
      for (int j = 0; j < z; j++) {
        mn[i * z + j] += now[i] * before[j];
      }
    }
  }
  nax_i_bic_chol(z, ln, c);
  for (int i = 0; i < q; i++) {
    nax_i_bic_solve_l(z, c, mn + i * z);
    nax_i_bic_solve_lt(z, c, mn + i * z);
  }
  for (nax_index t = 1; n > 0.0 && t < d->t; t++) {
    if (d->first[t] || xi[t] != s) {
      continue;
    }
    const double *now = u + t * q, *before = now - q;
    double e[Q];
    for (int i = 0; i < q; i++) {
      e[i] = now[i] - mn[i * z + q];
      for (int j = 0; j < q; j++) {
        e[i] -= mn[i * z + j] * before[j];
      }
      for (int j = 0; j <= i; j++) {
        psi[i * q + j] += e[i] * e[j];
      }
    }
  }
  for (int i = 0; i < q; i++) {
    for (int j = 0; j <= i; j++) {
      double sum = 0.0;
      for (int k = 0; k < z; k++) {
        double a = mn[i * z + k] - (i == k ? d->o.dynamics_mean : 0.0);
        double b = mn[j * z + k] - (j == k ? d->o.dynamics_mean : 0.0);
        sum += a * b;
      }
      psi[i * q + j] += lambda * sum;
    }
  }
  nax_i_bic_chol(q, psi, l);
  double nu0 = q + d->o.noise_dof, nu = nu0 + n;
  if (log_marginal != NULL) {
    double det = 0.0, det_l = 0.0;
    for (int i = 0; i < q; i++) {
      det += 2.0 * log(l[i * q + i]);
    }
    for (int i = 0; i < z; i++) {
      det_l += 2.0 * log(c[i * z + i]);
    }
    *log_marginal = -0.5 * n * q * log_pi + log_gamma_q(q, 0.5 * nu) -
                    log_gamma_q(q, 0.5 * nu0) + 0.5 * nu0 * q * log(d->o.noise_scale) -
                    0.5 * nu * det + 0.5 * q * (z * log(lambda) - det_l);
  }
  draw_q(r, q, nu, l, out);
  products(q, out);
  double e[Q * Z];
  for (int i = 0; i < q * z; i++) {
    e[i] = nax_rng_normal(r, 0.0, 1.0);
  }
  for (int i = 0; i < q; i++) {
    double row[Z] = {0.0};
    for (int k = 0; k < q; k++) {
      for (int j = 0; j < z; j++) {
        row[j] += out->m[i * q + k] * e[k * z + j];
      }
    }
    nax_i_bic_solve_lt(z, c, row);
    for (int j = 0; j < q; j++) {
      out->a[i * q + j] = mn[i * z + j] + row[j];
    }
    out->b[i] = mn[i * z + q] + row[q];
  }
}

double
nax_i_bic_log_step(int q, const nax_i_bic_dyn *x, const double *before, const double *now)
{
  double e[NAX_I_BIC_Q], sum = 0.0;
  for (int i = 0; i < q; i++) {
    e[i] = now[i] - x->b[i];
    for (int j = 0; j < q; j++) {
      e[i] -= x->a[i * q + j] * before[j];
    }
  }
  for (int i = 0; i < q; i++) {
    double w = 0.0;
    for (int j = 0; j < q; j++) {
      w += x->g[i * q + j] * e[j];
    }
    sum += w * w;
  }
  return -0.5 * (sum + x->logdet + q * log_2pi);
}

void
nax_i_bic_dynamics(nax_i_bic_chain *c)
{
  nax_rng r;
  for (nax_index k = 0; k < c->k; k++) {
    nax_i_bic_stream(c, NAX_I_BIC_DYNAMICS, k, &r);
    for (int s = 0; s < c->d->l; s++) {
      nax_i_bic_draw_dyn(&r, c->d, c->cluster[k]->u, c->xi, s, &c->cluster[k]->dyn[s],
                         NULL);
    }
  }
}
