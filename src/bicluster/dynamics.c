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
  double bart[NAX_I_BIC_Q * NAX_I_BIC_Q], x[NAX_I_BIC_Q];
  memset(bart, 0, (size_t)(q * q) * sizeof *bart);
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
nax_i_bic_find_moments(const nax_i_bic_data *d, int q, const double *u, const uint8_t *xi,
                       int s, nax_i_bic_moments *out)
{
  enum { Q = NAX_I_BIC_Q, Z = NAX_I_BIC_Q + 1 };
  int z = q + 1;
  double n = 0.0, lambda = d->o.dynamics_precision;
  double ln[Z * Z], psi[Q * Q], *mn = out->mean, *c = out->lambda;
  memset(ln, 0, (size_t)(z * z) * sizeof *ln);
  memset(psi, 0, (size_t)(q * q) * sizeof *psi);
  memset(mn, 0, (size_t)(q * z) * sizeof *mn);
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
  nax_i_bic_chol(q, psi, out->psi);
  out->n = n;
  out->nu = q + d->o.noise_dof + n;
}

void
nax_i_bic_prior_gram(const nax_i_bic_data *d, int q, double *gram)
{
  const nax_bicluster_opts *o = &d->o;
  int m = 2 * q + 1, z = q + 1;
  double cross = o->dynamics_precision * o->dynamics_mean;
  memset(gram, 0, (size_t)(m * m) * sizeof *gram);
  for (int i = 0; i < z; i++) {
    gram[i * m + i] = o->dynamics_precision;
  }
  for (int i = 0; i < q; i++) {
    gram[(z + i) * m + i] = cross;
    gram[(z + i) * m + z + i] = o->noise_scale + cross * o->dynamics_mean;
  }
}

void
nax_i_bic_step_vector(int q, const double *now, double *w)
{
  memcpy(w, now - q, (size_t)q * sizeof *w);
  w[q] = 1.0;
  memcpy(w + q + 1, now, (size_t)q * sizeof *w);
}

void
nax_i_bic_add_step(int m, const double *w, double *gram)
{
  for (int i = 0; i < m; i++) {
    for (int j = 0; j <= i; j++) {
      gram[i * m + j] += w[i] * w[j];
    }
  }
}

/* The factor of the Gram matrix holds that of Lambda_n above, that of Psi_n below. */
int
nax_i_bic_moments_of_gram(int q, const double *gram, double nu, nax_i_bic_moments *out)
{
  enum { M = 2 * NAX_I_BIC_Q + 1 };
  double chol[M * M];
  int m = 2 * q + 1, z = q + 1;
  if (nax_i_bic_chol(m, gram, chol) > 0) {
    return 0;
  }
  out->nu = nu;
  for (int i = 0; i < z; i++) {
    memcpy(out->lambda + i * z, chol + i * m, (size_t)z * sizeof *chol);
  }
  for (int i = 0; i < q; i++) {
    double *row = out->mean + i * z;
    memcpy(row, chol + (z + i) * m, (size_t)z * sizeof *row);
    nax_i_bic_solve_lt(z, out->lambda, row);
    memcpy(out->psi + i * q, chol + (z + i) * m + z, (size_t)q * sizeof *chol);
  }
  return 1;
}

double
nax_i_bic_log_marginal(const nax_i_bic_data *d, int q, const nax_i_bic_moments *m)
{
  int z = q + 1;
  double det = 0.0, det_l = 0.0, nu0 = q + d->o.noise_dof;
  for (int i = 0; i < q; i++) {
    det += 2.0 * log(m->psi[i * q + i]);
  }
  for (int i = 0; i < z; i++) {
    det_l += 2.0 * log(m->lambda[i * z + i]);
  }
  return -0.5 * m->n * q * log_pi + log_gamma_q(q, 0.5 * m->nu) -
         log_gamma_q(q, 0.5 * nu0) + 0.5 * nu0 * q * log(d->o.noise_scale) -
         0.5 * m->nu * det + 0.5 * q * (z * log(d->o.dynamics_precision) - det_l);
}

double
nax_i_bic_log_dyn(int q, const nax_i_bic_moments *m, const nax_i_bic_dyn *x)
{
  enum { Z = NAX_I_BIC_Q + 1 };
  int z = q + 1;
  double trace = 0.0, square = 0.0, psi = 0.0, lambda = 0.0;
  for (int i = 0; i < q; i++) {
    double row[Z] = {0.0}, g[Z] = {0.0};
    psi += 2.0 * log(m->psi[i * q + i]);
    for (int k = 0; k < q; k++) { /* rows of G E L and of G chol(Psi) */
      for (int j = 0; j < z; j++) {
        double there = j < q ? x->a[k * q + j] : x->b[k];
        row[j] += x->g[i * q + k] * (there - m->mean[k * z + j]);
      }
      for (int j = 0; j < q; j++) {
        g[j] += x->g[i * q + k] * m->psi[k * q + j];
      }
    }
    for (int j = 0; j < z; j++) {
      double sum = 0.0;
      for (int k = j; k < z; k++) {
        sum += row[k] * m->lambda[k * z + j];
      }
      square += sum * sum;
      trace += j < q ? g[j] * g[j] : 0.0;
    }
  }
  for (int i = 0; i < z; i++) {
    lambda += 2.0 * log(m->lambda[i * z + i]);
  }
  double out = 0.5 * m->nu * psi - 0.5 * m->nu * q * log(2.0) -
               log_gamma_q(q, 0.5 * m->nu) - 0.5 * (m->nu + q + 1.0) * x->logdet;
  out += 0.5 * q * (lambda - z * log_2pi) - 0.5 * z * x->logdet;
  return out - 0.5 * (trace + square);
}

void
nax_i_bic_dyn_copy(int q, const nax_i_bic_dyn *from, nax_i_bic_dyn *to)
{
  const double *const square[] = {from->a, from->q, from->p, from->m, from->g};
  double *const copy[] = {to->a, to->q, to->p, to->m, to->g};
  for (int i = 0; i < 5; i++) {
    memcpy(copy[i], square[i], (size_t)(q * q) * sizeof **copy);
  }
  memcpy(to->b, from->b, (size_t)q * sizeof *to->b);
  to->logdet = from->logdet;
}

void
nax_i_bic_draw_dyn(nax_rng *r, int q, const nax_i_bic_moments *m, nax_i_bic_dyn *out)
{
  enum { Q = NAX_I_BIC_Q, Z = NAX_I_BIC_Q + 1 };
  int z = q + 1;
  double e[Q * Z];
  draw_q(r, q, m->nu, m->psi, out);
  products(q, out);
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
    nax_i_bic_solve_lt(z, m->lambda, row);
    for (int j = 0; j < q; j++) {
      out->a[i * q + j] = m->mean[i * z + j] + row[j];
    }
    out->b[i] = m->mean[i * z + q] + row[q];
  }
}

void
nax_i_bic_scale_dyn(int q, int a, double s, nax_i_bic_dyn *x)
{
  for (int j = 0; j < q; j++) {
    if (j != a) {
      x->a[a * q + j] *= s;
      x->a[j * q + a] /= s;
    }
    x->m[a * q + j] *= s;
    x->g[j * q + a] /= s;
    x->q[a * q + j] *= s;
    x->q[j * q + a] *= s;
    x->p[a * q + j] /= s;
    x->p[j * q + a] /= s;
  }
  x->b[a] *= s;
  x->logdet += 2.0 * log(fabs(s));
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
nax_i_bic_draw_dynamics(const nax_i_bic_chain *c, nax_i_bic_cluster *x, nax_rng *r)
{
  nax_i_bic_moments m;
  for (int s = 0; s < c->d->l; s++) {
    nax_i_bic_find_moments(c->d, x->q, x->u, c->xi, s, &m);
    nax_i_bic_draw_dyn(r, x->q, &m, &x->dyn[s]);
  }
}

void
nax_i_bic_dynamics(nax_i_bic_chain *c)
{
  nax_rng r;
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    nax_i_bic_stream(c, NAX_I_BIC_DYNAMICS, g, &r);
    nax_i_bic_draw_dynamics(c, nax_i_bic_group(c, g), &r);
  }
}
