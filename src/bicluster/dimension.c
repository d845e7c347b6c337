/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many latents a component has: one is added or taken away (reversible jumps, Green
 * 1995).
 *
 * A new latent is a row x of the path, a loading c_i for each neuron, and dynamics of all
 * rows, the old dynamics being integrated out and forgotten. It is proposed from a fit
 * that depends only on what stays: expectation maximisation, with x integrated out, about
 * the Laplace approximation of the likelihood, from loadings drawn beforehand. Loadings
 * are drawn around those of the fit, of either sign, or, for half of the proposals, from
 * their prior, the fit being for them. Dynamics are matrix-normal inverse-Wishart around
 * the expected moments, x is Gaussian given both. The scale that x has in common with the
 * others is spread widely. The exact likelihood decides.
 *
 * What stays is not adapted within a jump. A latent that is missing is thus found soon,
 * but one too many that the others have settled around is given up late: chains begin
 * with few.
 *
 * The posterior does not change when latents are turned. The one that is taken away is
 * therefore any direction v among them, drawn with density |S| / |S v|^p over the sphere
 * with S = C'C + a I, so that weak ones are tried; after an addition they are turned at
 * random. */
#include "bicluster_i.h"
#include <math.h>

enum { ITER = 60, FRESH = 8, Q = NAX_I_BIC_P + 1, M = 2 * Q + 1 };
static const double log_2pi = 1.83787706640934548356;
static const double scale_sd = 0.5; /* of the log of the scale */
static const double widen = 1.5;    /* of the variances of loadings */
static const double share = 0.7;    /* of the moments that proposed dynamics know of */
static const double ridge = 0.05;   /* in S, per neuron */
static const double far_off = 1e3;  /* a fit that goes there is given up */

typedef struct jump {
  nax_i_bic_chain *c;
  nax_index k, n, *who; /* the component and its neurons */
  int q;                /* rows without the latent */
  nax_index *count;     /* l: steps of each state */
  double *u;            /* t x q: rows that stay */
  double *whole;        /* t x (q + 1): with the latent */
  double *base;         /* n x tp: eta without the latent */
  double *load, *x;     /* the latent of the state of the chain, or the one proposed */
  nax_i_bic_dyn *dyn;   /* l: dynamics with it, of states in use; those of a fit */
  double *start;        /* n: loadings that a fit begins with */
  /* the fit */
  double *g, *w;               /* n x tp: linear term and weight of the likelihood */
  double *c_fit, *variance;    /* n */
  double *x_fit, *v, *cov;     /* t: mean, variance, covariance with the bin before */
  double *prior, *link, *pull; /* t: precision that the dynamics give to x, and its linear
                                  term */
  double *chol, *off, *mean, *lin; /* t: Gaussian of x */
  double *eta, *work;
  nax_i_bic_moments *m;    /* l: of proposed dynamics */
  nax_i_bic_moments *none; /* of the prior, q + 1 rows */
} jump;

/* --- Gaussian of x ---------------------------------------------------------------------
 */

/* Precision and linear term of x under the dynamics, the other rows known. */
static void
pulls(const jump *j)
{
  const nax_i_bic_data *d = j->c->d;
  int q = j->q, q1 = q + 1;
  for (nax_index t = 0; t < d->t; t++) {
    j->prior[t] = d->first[t] ? 1.0 : 0.0;
    j->link[t] = j->pull[t] = 0.0;
  }
  for (nax_index t = 1; t < d->t; t++) {
    if (d->first[t]) {
      continue;
    }
    const nax_i_bic_dyn *f = &j->dyn[j->c->xi[t]];
    const double *now = j->u + t * q, *before = now - q;
    double e[Q], pe[Q] = {0.0}, pa[Q] = {0.0};
    for (int i = 0; i < q1; i++) {
      e[i] = (i < q ? now[i] : 0.0) - f->b[i];
      for (int k = 0; k < q; k++) {
        e[i] -= f->a[i * q1 + k] * before[k];
      }
    }
    for (int i = 0; i < q1; i++) {
      for (int k = 0; k < q1; k++) {
        pe[i] += f->p[i * q1 + k] * e[k];
        pa[i] += f->p[i * q1 + k] * f->a[k * q1 + q];
      }
    }
    j->prior[t] += f->p[q * q1 + q];
    j->link[t] = -pa[q];
    j->pull[t] -= pe[q];
    for (int i = 0; i < q1; i++) {
      j->prior[t - 1] += f->a[i * q1 + q] * pa[i];
      j->pull[t - 1] += f->a[i * q1 + q] * pe[i];
    }
  }
}

/* Cholesky factor and mean of x given loadings c, the likelihood being that of the fit.
 * Returns 0 when it is no density. */
static int
gaussian_of_x(const jump *j, const double *c)
{
  const nax_i_bic_data *d = j->c->d;
  double power = j->c->power;
  for (nax_index t = 0; t < d->t; t++) {
    j->chol[t] = j->prior[t];
    j->lin[t] = j->pull[t];
  }
  for (nax_index i = 0; i < j->n; i++) {
    const double *g = j->g + i * d->tp, *w = j->w + i * d->tp;
    for (nax_index t = 0; t < d->t; t++) {
      j->chol[t] += power * w[t] * c[i] * c[i];
      j->lin[t] += power * c[i] * g[t];
    }
  }
  memcpy(j->off, j->link, (size_t)d->t * sizeof *j->off);
  memcpy(j->mean, j->lin, (size_t)d->t * sizeof *j->mean);
  int fine = nax_i_bic_band_factor(d->t, j->chol, j->off, j->mean);
  for (nax_index t = 0; t < d->t && fine; t++) {
    fine = fabs(j->mean[t]) < far_off;
  }
  return fine;
}

/* --- the fit ---------------------------------------------------------------------------
 */

/* The likelihood about the path of the fit, as a Gaussian in what the latent adds to eta:
 * linear term and weights. */
static void
linearise(const jump *j)
{
  const nax_i_bic_data *d = j->c->d;
  for (nax_index i = 0; i < j->n; i++) {
    const double *base = j->base + i * d->tp;
    for (nax_index t = 0; t < d->tp; t++) {
      j->eta[t] = base[t] + (t < d->t ? j->c_fit[i] * j->x_fit[t] : 0.0);
    }
    double *g = j->g + i * d->tp, *w = j->w + i * d->tp;
    nax_i_bic_derivatives(j->c, j->who[i], j->eta, g, w);
    for (nax_index t = 0; t < d->t; t++) {
      g[t] += w[t] * j->c_fit[i] * j->x_fit[t];
    }
  }
}

/* Moments of all rows under their prior, those of the data counting by `by`; dynamics are
 * then their means. */
static int
fit_dynamics(const jump *j, double by)
{
  const nax_i_bic_data *d = j->c->d;
  const nax_bicluster_opts *o = &d->o;
  int q = j->q, q1 = q + 1, z = q1 + 1, m = 2 * q1 + 1;
  for (int s = 0; s < d->l; s++) {
    nax_i_bic_dyn *f = &j->dyn[s];
    nax_i_bic_moments *to = &j->m[s];
    double gram[M * M] = {0.0};
    if (j->count[s] == 0) {
      continue;
    }
    for (nax_index t = 1; t < d->t; t++) {
      double w[M];
      if (d->first[t] || j->c->xi[t] != s) {
        continue;
      }
      memcpy(w, j->u + (t - 1) * q, (size_t)q * sizeof *w);
      w[q] = j->x_fit[t - 1];
      w[q1] = 1.0;
      memcpy(w + z, j->u + t * q, (size_t)q * sizeof *w);
      w[z + q] = j->x_fit[t];
      for (int i = 0; i < m; i++) {
        for (int k = 0; k <= i; k++) {
          gram[i * m + k] += w[i] * w[k];
        }
      }
      gram[q * m + q] += j->v[t - 1];
      gram[(z + q) * m + q] += j->cov[t];
      gram[(z + q) * m + z + q] += j->v[t];
    }
    for (int i = 0; i < m * m; i++) {
      gram[i] *= by;
    }
    double prior[M * M];
    nax_i_bic_prior_gram(d, q1, prior);
    for (int i = 0; i < m * m; i++) {
      gram[i] += prior[i];
    }
    if (!nax_i_bic_moments_of_gram(q1, gram, q1 + o->noise_dof + by * (double)j->count[s],
                                   to)) {
      return 0;
    }
    for (int i = 0; i < q1; i++) {
      memcpy(f->a + i * q1, to->mean + i * z, (size_t)q1 * sizeof *f->a);
      f->b[i] = to->mean[i * z + q1];
    }
    for (int i = 0; i < q1; i++) {
      for (int k = 0; k < q1; k++) {
        double sum = 0.0;
        for (int a = 0; a < q1; a++) {
          sum += to->psi[i * q1 + a] * to->psi[k * q1 + a];
        }
        f->q[i * q1 + k] = sum / to->nu;
      }
    }
    if (!nax_i_bic_dyn_from_q(q1, f)) {
      return 0;
    }
  }
  return 1;
}

/* Loadings times a scale, x over it, where their prior and that of the dynamics are
 * largest together. */
static void
fit_scale(const jump *j)
{
  const nax_i_bic_data *d = j->c->d;
  int q1 = j->q + 1;
  double square = 0.0, best = -HUGE_VAL, scale = 1.0;
  for (nax_index i = 0; i < j->n; i++) {
    square += j->c_fit[i] * j->c_fit[i] / (d->o.loading_sd * d->o.loading_sd);
  }
  for (int step = -40; step <= 40; step++) {
    double log_s = 0.1 * step, s = exp(log_s);
    double value = (double)j->n * log_s - 0.5 * s * s * square;
    for (int k = 0; k < d->l; k++) {
      if (j->count[k] > 0) {
        nax_i_bic_dyn x;
        nax_i_bic_dyn_copy(q1, &j->dyn[k], &x);
        nax_i_bic_scale_dyn(q1, j->q, 1.0 / s, &x);
        value += nax_i_bic_log_dyn(q1, j->none, &x) - (q1 + 2) * log_s;
      }
    }
    if (value > best) {
      best = value;
      scale = s;
    }
  }
  for (nax_index i = 0; i < j->n; i++) {
    j->c_fit[i] *= scale;
    j->variance[i] *= scale * scale;
  }
  for (nax_index t = 0; t < d->t; t++) {
    j->x_fit[t] /= scale;
    j->v[t] /= scale * scale;
    j->cov[t] /= scale * scale;
  }
}

/* x and dynamics, and when `free` the loadings, by expectation maximisation from loadings
 * c. Nothing of the latent that the chain may have goes into it. */
static int
fit(const jump *j, const double *c, int free)
{
  const nax_i_bic_data *d = j->c->d;
  int q1 = j->q + 1;
  double power = j->c->power, prior = 1.0 / (d->o.loading_sd * d->o.loading_sd);
  for (int s = 0; s < d->l; s++) {
    nax_i_bic_dyn *f = &j->dyn[s];
    memset(f, 0, sizeof *f);
    for (int i = 0; i < q1; i++) {
      f->a[i * q1 + i] = d->o.dynamics_mean;
    }
    f->p[q1 * q1 - 1] = 1.0 / d->o.noise_scale;
  }
  memset(j->x_fit, 0, (size_t)d->t * sizeof *j->x_fit);
  memcpy(j->c_fit, c, (size_t)j->n * sizeof *c);
  for (int it = 0; it < ITER; it++) {
    if (it < FRESH || it % FRESH == 0) {
      linearise(j);
    }
    pulls(j);
    if (!gaussian_of_x(j, j->c_fit)) {
      return 0;
    }
    for (nax_index t = d->t - 1; t >= 0; t--) {
      double step = j->mean[t] - j->x_fit[t];
      j->x_fit[t] += step > 2.0 ? 2.0 : step < -2.0 ? -2.0 : step;
    }
    nax_i_bic_band_moments(d->t, j->chol, j->off, j->v, j->cov);
    for (nax_index i = 0; i < j->n; i++) {
      const double *g = j->g + i * d->tp, *w = j->w + i * d->tp;
      double a = prior, b = 0.0;
      for (nax_index t = 0; t < d->t; t++) {
        double x = j->x_fit[t];
        a += power * w[t] * (x * x + j->v[t]);
        b += power * g[t] * x;
      }
      j->variance[i] = widen / a;
      if (free) {
        double most = 10.0 * d->o.loading_sd, now = b / a;
        j->c_fit[i] = now > most ? most : now < -most ? -most : now;
      }
    }
    if (!fit_dynamics(j, 1.0)) {
      return 0;
    }
  }
  if (free) {
    fit_scale(j);
  }
  linearise(j);
  return fit_dynamics(j, share);
}

/* --- the proposal ----------------------------------------------------------------------
 */

double
nax_i_bic_scaled_density(nax_index n, const double *center, const double *variance,
                         double *x, nax_rng *draw, double *scale)
{
  double square = 0.0, along = 0.0, out = 0.0, s, log_s, rest = 0.0;
  for (nax_index i = 0; i < n; i++) {
    square += center[i] * center[i] / variance[i];
    out -= 0.5 * log(variance[i]);
  }
  if (draw != NULL) {
    s = exp(nax_rng_normal(draw, 0.0, scale_sd));
    s = nax_rng_uniform(draw) < 0.5 ? s : -s;
    for (nax_index i = 0; i < n; i++) {
      x[i] = nax_rng_normal(draw, 0.0, 1.0);
      along += x[i] * center[i] / sqrt(variance[i]);
    }
    for (nax_index i = 0; i < n; i++) {
      double sd = sqrt(variance[i]), e = x[i] - along / square * center[i] / sd;
      rest += e * e;
      x[i] = s * (center[i] + sd * e);
    }
  } else {
    for (nax_index i = 0; i < n; i++) {
      along += x[i] * center[i] / variance[i];
    }
    s = along / square;
    for (nax_index i = 0; i < n; i++) {
      double e = (x[i] / s - center[i]) / sqrt(variance[i]);
      rest += e * e;
    }
  }
  *scale = s;
  log_s = log(fabs(s));
  out -= 0.5 * log(square) + (double)n * log_s + 0.5 * (double)(n - 1) * log_2pi;
  return out - 0.5 * rest - 0.5 * log_s * log_s / (scale_sd * scale_sd) -
         log(2.0 * scale_sd) - 0.5 * log_2pi;
}

static double
prior_of_loadings(const jump *j)
{
  double sd = j->c->d->o.loading_sd, out = 0.0;
  for (nax_index i = 0; i < j->n; i++) {
    out -= 0.5 * (j->load[i] * j->load[i] / (sd * sd) + log_2pi) + log(sd);
  }
  return out;
}

/* Log density of the latent (load, x, dyn) among those that are proposed, or of a draw
 * that is put there; NaN when there is none. `keep` has room for l. */
static double
propose(const jump *j, int free, nax_i_bic_dyn *keep, nax_rng *draw)
{
  const nax_i_bic_data *d = j->c->d;
  int q = j->q, q1 = q + 1;
  double out, s = 1.0;
  for (int k = 0; k < d->l && draw == NULL; k++) {
    nax_i_bic_dyn_copy(q1, &j->dyn[k], &keep[k]);
  }
  if (!free) {
    for (nax_index i = 0; i < j->n && draw != NULL; i++) {
      j->load[i] = nax_rng_normal(draw, 0.0, d->o.loading_sd);
    }
  }
  if (!fit(j, free ? j->start : j->load, free)) {
    return NAN;
  }
  out = free ? nax_i_bic_scaled_density(j->n, j->c_fit, j->variance, j->load, draw, &s)
             : prior_of_loadings(j);
  if (!isfinite(s) || s == 0.0) {
    return NAN;
  }
  for (int k = 0; k < d->l; k++) {
    if (j->count[k] == 0) {
      continue;
    }
    if (draw != NULL) {
      nax_i_bic_draw_dyn(draw, q1, &j->m[k], &j->dyn[k]);
    } else { /* as the fit would have them */
      nax_i_bic_dyn_copy(q1, &keep[k], &j->dyn[k]);
      nax_i_bic_scale_dyn(q1, q, s, &j->dyn[k]);
    }
    out += nax_i_bic_log_dyn(q1, &j->m[k], &j->dyn[k]) + (q1 + 2) * log(fabs(s));
  }
  for (nax_index i = 0; i < j->n; i++) {
    j->work[i] = j->load[i] / s;
  }
  pulls(j);
  if (!gaussian_of_x(j, j->work)) {
    return NAN;
  }
  for (nax_index t = 0; t < d->t && draw == NULL; t++) {
    j->x[t] *= s;
  }
  out += nax_i_bic_band_density(d->t, j->chol, j->off, j->mean, j->x, draw) +
         (double)d->t * log(fabs(s));
  for (nax_index t = 0; t < d->t; t++) {
    j->x[t] /= s;
  }
  for (int k = 0; k < d->l; k++) {
    if (j->count[k] > 0) {
      nax_i_bic_scale_dyn(q1, q, 1.0 / s, &j->dyn[k]);
    }
  }
  return out;
}

/* --- the target ------------------------------------------------------------------------
 */

/* Log posterior with the latent less that without it, dynamics integrated out there. */
static double
log_gain(const jump *j)
{
  const nax_i_bic_chain *c = j->c;
  const nax_i_bic_data *d = c->d;
  int q = j->q, q1 = q + 1;
  double like = 0.0, out = prior_of_loadings(j);
  for (nax_index i = 0; i < j->n; i++) {
    const double *base = j->base + i * d->tp;
    for (nax_index t = 0; t < d->tp; t++) {
      j->eta[t] = base[t] + (t < d->t ? j->load[i] * j->x[t] : 0.0);
    }
    like += nax_i_bic_kernel_loglik(c, j->who[i], j->eta, c->work) -
            nax_i_bic_kernel_loglik(c, j->who[i], base, c->work);
  }
  for (nax_index t = 0; t < d->t; t++) {
    double *now = j->whole + t * q1;
    memcpy(now, j->u + t * q, (size_t)q * sizeof *now);
    now[q] = j->x[t];
    out += d->first[t] ? -0.5 * (j->x[t] * j->x[t] + log_2pi)
                       : nax_i_bic_log_step(q1, &j->dyn[c->xi[t]], now - q1, now);
  }
  for (int s = 0; s < d->l; s++) {
    if (j->count[s] > 0) {
      nax_i_bic_moments m;
      nax_i_bic_find_moments(d, q, j->u, c->xi, s, &m);
      out +=
          nax_i_bic_log_dyn(q1, j->none, &j->dyn[s]) - nax_i_bic_log_marginal(d, q, &m);
    }
  }
  out += nax_i_bic_log_latents(d->o.latent_mean, q) -
         nax_i_bic_log_latents(d->o.latent_mean, q - 1);
  return out + c->power * like;
}

/* --- turning ---------------------------------------------------------------------------
 */

/* S of the p latents with loadings b (n x p). */
static void
strength(const jump *j, int p, const double *b, double *s)
{
  double sd = j->c->d->o.loading_sd;
  for (int a = 0; a < p; a++) {
    for (int k = 0; k < p; k++) {
      s[a * p + k] = a == k ? ridge * sd * sd * (double)j->n : 0.0;
      for (nax_index i = 0; i < j->n; i++) {
        s[a * p + k] += b[i * p + a] * b[i * p + k];
      }
    }
  }
}

/* Log density, over that of all directions alike, of taking away direction v. */
static double
log_direction(int p, const double *s, const double *v)
{
  double l[Q * Q], out = 0.0, square = 0.0;
  nax_i_bic_chol(p, s, l);
  for (int a = 0; a < p; a++) {
    double sum = 0.0;
    for (int k = 0; k < p; k++) {
      sum += s[a * p + k] * v[k];
    }
    square += sum * sum;
    out += 2.0 * log(l[a * p + a]);
  }
  return out - 0.5 * p * log(square);
}

/* Random orthogonal p x p matrix; with `last` its last row is that. */
static void
draw_rotation(nax_rng *r, int p, const double *last, double *rot)
{
  int n = last != NULL ? p - 1 : p;
  if (last != NULL) {
    memcpy(rot + n * p, last, (size_t)p * sizeof *rot);
  }
  for (int a = 0; a < n; a++) {
    double *row = rot + a * p, size = 0.0;
    for (int k = 0; k < p; k++) {
      row[k] = nax_rng_normal(r, 0.0, 1.0);
    }
    for (int twice = 0; twice < 2; twice++) {
      for (int b = 0; b < p; b++) {
        if (b < a || b >= n) {
          double dot = 0.0;
          for (int k = 0; k < p; k++) {
            dot += row[k] * rot[b * p + k];
          }
          for (int k = 0; k < p; k++) {
            row[k] -= dot * rot[b * p + k];
          }
        }
      }
    }
    for (int k = 0; k < p; k++) {
      size += row[k] * row[k];
    }
    for (int k = 0; k < p; k++) {
      row[k] /= sqrt(size);
    }
  }
}

/* The p numbers at x, turned. */
static void
turn(int p, const double *rot, double *x)
{
  double out[Q];
  for (int a = 0; a < p; a++) {
    out[a] = 0.0;
    for (int k = 0; k < p; k++) {
      out[a] += rot[a * p + k] * x[k];
    }
  }
  memcpy(x, out, (size_t)p * sizeof *x);
}

/* --- the move --------------------------------------------------------------------------
 */

static void
turn_dynamics(int q, const double *rot, nax_i_bic_dyn *x)
{
  int p = q - 1;
  double *const square[] = {x->a, x->q};
  turn(p, rot, x->b + 1);
  for (int m = 0; m < 2; m++) {
    for (int i = 0; i < q; i++) {
      turn(p, rot, square[m] + i * q + 1);
    }
    for (int k = 0; k < q; k++) {
      double column[Q];
      for (int i = 0; i < q; i++) {
        column[i] = square[m][i * q + k];
      }
      turn(p, rot, column + 1);
      for (int i = 0; i < q; i++) {
        square[m][i * q + k] = column[i];
      }
    }
  }
}

static void
set_base(const jump *j)
{
  for (nax_index i = 0; i < j->n; i++) {
    nax_i_bic_eta_one(j->c, j->who[i], j->base + i * j->c->d->tp);
  }
}

/* The component gets the rows of `u` (t x q) and the loadings `load` (n x (q - 1)). */
static void
take_over(const jump *j, int q, const double *u, const double *load)
{
  nax_i_bic_chain *c = j->c;
  const nax_i_bic_data *d = c->d;
  nax_i_bic_cluster *x = c->cluster[j->k];
  x->q = q;
  memcpy(x->u, u, (size_t)(d->t * q) * sizeof *u);
  nax_i_bic_transpose(c, j->k);
  for (nax_index i = 0; i < j->n; i++) {
    double *b = c->b + j->who[i] * d->q + 1;
    memset(b, 0, (size_t)(d->q - 1) * sizeof *b);
    memcpy(b, load + i * (q - 1), (size_t)(q - 1) * sizeof *b);
    nax_i_bic_eta_one(c, j->who[i], c->eta + j->who[i] * d->tp);
  }
}

/* One latent more. `load` has room for n x q numbers. Returns 1 when it was accepted. */
static int
add(jump *j, int free, double *load, nax_i_bic_dyn *keep, nax_rng *r)
{
  nax_i_bic_chain *c = j->c;
  const nax_i_bic_data *d = c->d;
  nax_i_bic_cluster *x = c->cluster[j->k];
  int q = j->q;
  double s[Q * Q], rot[Q * Q], last[Q] = {0.0};
  memcpy(j->u, x->u, (size_t)(d->t * q) * sizeof *j->u);
  set_base(j);
  double density = propose(j, free, keep, r);
  double ratio = density == density ? log_gain(j) - density : -HUGE_VAL;
  for (nax_index i = 0; i < j->n; i++) {
    memcpy(load + i * q, c->b + j->who[i] * d->q + 1, (size_t)(q - 1) * sizeof *load);
    load[i * q + q - 1] = j->load[i];
  }
  last[q - 1] = 1.0;
  strength(j, q, load, s);
  ratio += log_direction(q, s, last);
  if (!(log(nax_rng_uniform_pos(r)) < ratio)) {
    return 0;
  }
  draw_rotation(r, q, NULL, rot);
  for (int k = 0; k < d->l; k++) {
    if (j->count[k] == 0) {
      nax_i_bic_draw_dyn(r, q + 1, j->none, &x->dyn[k]);
      continue;
    }
    turn_dynamics(q + 1, rot, &j->dyn[k]);
    if (!nax_i_bic_dyn_from_q(q + 1, &j->dyn[k])) {
      c->repaired += 1.0;
    }
    nax_i_bic_dyn_copy(q + 1, &j->dyn[k], &x->dyn[k]);
  }
  for (nax_index i = 0; i < j->n; i++) {
    turn(q, rot, load + i * q);
  }
  for (nax_index t = 0; t < d->t; t++) {
    turn(q, rot, j->whole + t * (q + 1) + 1);
  }
  take_over(j, q + 1, j->whole, load);
  return 1;
}

/* One latent less. */
static int
take_away(jump *j, int free, double *load, nax_i_bic_dyn *keep, nax_rng *r)
{
  nax_i_bic_chain *c = j->c;
  const nax_i_bic_data *d = c->d;
  nax_i_bic_cluster *x = c->cluster[j->k];
  int q = j->q, q1 = q + 1, p = q;
  double s[Q * Q], l[Q * Q], rot[Q * Q], v[Q], size = 0.0;
  for (nax_index i = 0; i < j->n; i++) {
    memcpy(load + i * p, c->b + j->who[i] * d->q + 1, (size_t)p * sizeof *load);
  }
  strength(j, p, load, s);
  nax_i_bic_chol(p, s, l);
  for (int a = 0; a < p; a++) {
    v[a] = nax_rng_normal(r, 0.0, 1.0);
  }
  nax_i_bic_solve_l(p, l, v);
  nax_i_bic_solve_lt(p, l, v);
  for (int a = 0; a < p; a++) {
    size += v[a] * v[a];
  }
  for (int a = 0; a < p; a++) {
    v[a] /= sqrt(size);
  }
  double ratio = -log_direction(p, s, v);
  draw_rotation(r, p, v, rot);
  for (int k = 0; k < d->l; k++) {
    nax_i_bic_dyn_copy(q1, &x->dyn[k], &j->dyn[k]);
    turn_dynamics(q1, rot, &j->dyn[k]);
    if (!nax_i_bic_dyn_from_q(q1, &j->dyn[k])) {
      return 0;
    }
  }
  set_base(j);
  for (nax_index t = 0; t < d->t; t++) {
    double row[Q];
    memcpy(row, x->u + t * q1, (size_t)q1 * sizeof *row);
    turn(p, rot, row + 1);
    memcpy(j->u + t * q, row, (size_t)q * sizeof *row);
    j->x[t] = row[q];
  }
  for (nax_index i = 0; i < j->n; i++) {
    double *base = j->base + i * d->tp, c_old[Q];
    memcpy(c_old, load + i * p, (size_t)p * sizeof *c_old);
    turn(p, rot, c_old);
    j->load[i] = c_old[p - 1];
    memcpy(load + i * (p - 1), c_old, (size_t)(p - 1) * sizeof *load);
    for (nax_index t = 0; t < d->t; t++) {
      base[t] -= j->load[i] * j->x[t];
    }
  }
  double density = propose(j, free, keep, NULL);
  ratio += density == density ? density - log_gain(j) : -HUGE_VAL;
  if (!(log(nax_rng_uniform_pos(r)) < ratio)) {
    return 0;
  }
  for (int k = 0; k < d->l; k++) {
    nax_i_bic_moments m;
    nax_i_bic_find_moments(d, q, j->u, c->xi, k, &m);
    nax_i_bic_draw_dyn(r, q, &m, &x->dyn[k]);
  }
  take_over(j, q, j->u, load);
  return 1;
}

static nax_status
one_component(nax_ctx *ctx, nax_i_bic_chain *c, nax_index k)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  jump j = {.c = c, .k = k};
  nax_rng r;
  nax_i_bic_dyn *keep = NULL;
  double *all = NULL, *load = NULL;
  nax_index t = d->tp, n = 0;
  nax_i_bic_stream(c, NAX_I_BIC_DIMENSION, k, &r);
  int more = nax_rng_uniform(&r) < 0.5, free = nax_rng_uniform(&r) < 0.5;
  int q = c->cluster[k]->q;
  if (more ? q == d->q : q == 1) {
    return NAX_OK;
  }
  j.q = more ? q : q - 1;
  NAX_TRY_ALLOC(j.who, d->n, sizeof *j.who);
  for (nax_index i = 0; i < d->n; i++) {
    if (c->z[i] == k) {
      j.who[j.n++] = i;
    }
  }
  n = j.n;
  NAX_TRY_ALLOC(all, 3 * n * t + t * (2 * d->q + 13) + 5 * n, sizeof *all);
  NAX_TRY_ALLOC(load, n * d->q, sizeof *load);
  NAX_TRY_ALLOC(j.dyn, d->l, sizeof *j.dyn);
  NAX_TRY_ALLOC(keep, d->l, sizeof *keep);
  NAX_TRY_ALLOC(j.m, d->l, sizeof *j.m);
  NAX_TRY_ALLOC(j.none, 1, sizeof *j.none);
  NAX_TRY_ALLOC(j.count, d->l, sizeof *j.count);
  double **const by_entry[] = {&j.base, &j.g, &j.w};
  double **const by_neuron[] = {&j.load, &j.start, &j.c_fit, &j.variance, &j.work};
  double **const by_bin[] = {&j.x,    &j.x_fit, &j.v,   &j.cov,  &j.prior, &j.link,
                             &j.pull, &j.chol,  &j.off, &j.mean, &j.lin,   &j.eta};
  double *at = all;
  for (int i = 0; i < 3; i++) {
    *by_entry[i] = at;
    at += n * t;
  }
  for (int i = 0; i < 12; i++) {
    *by_bin[i] = at;
    at += t;
  }
  j.u = at;
  j.whole = j.u + t * d->q;
  at = j.whole + t * (d->q + 1);
  for (int i = 0; i < 5; i++) {
    *by_neuron[i] = at;
    at += n;
  }
  for (nax_index i = 0; i < n; i++) {
    j.start[i] = nax_rng_normal(&r, 0.0, 0.5 * d->o.loading_sd);
  }
  for (nax_index b = 1; b < d->t; b++) {
    j.count[c->xi[b]] += !d->first[b];
  }
  nax_i_bic_find_moments(d, j.q + 1, NULL, NULL, 0, j.none);
  c->dimension.proposed += 1.0;
  c->dimension.accepted += (more ? add : take_away)(&j, free, load, keep, &r);
done:
  nax_i_free(j.who);
  nax_i_free(j.dyn);
  nax_i_free(j.m);
  nax_i_free(j.none);
  nax_i_free(j.count);
  nax_i_free(keep);
  nax_i_free(load);
  nax_i_free(all);
  return status;
}

nax_status
nax_i_bic_dimension(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  for (nax_index k = 0; k < c->k; k++) {
    NAX_TRY(one_component(ctx, c, k));
  }
done:
  return status;
}
