/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Posterior of one latent in one trial from what the encoders tell of each bin.
 *
 * Coefficients are whitened: z(t) = d_t' zeta, zeta ~ N(0, I) a priori, D = [d_1 .. d_T]
 * the basis times the prior standard deviations. An encoder gives a Gaussian potential
 * exp(h z(t) - lam z(t)^2 / 2) per bin; several encoders add up, a missing bin has h =
 * lam = 0. So the posterior is N(S D h, S), S = (I + D diag(lam) D')^-1, for any number
 * of bins. A sample is S (e0 + D (h + sqrt(lam) e1)), e0 and e1 standard normal: its
 * covariance is S S^-1 S = S, and it needs no derivative of a Cholesky factor. */
#include "gpvae_i.h"
#include <math.h>

nax_index
nax_i_post_room(nax_index f, nax_index t_max)
{
  return f * f + f * t_max + 2 * f;
}

void
nax_i_post_place(nax_i_post *p, nax_index f, nax_index t_max, double *room)
{
  p->f = f;
  p->s = room;
  p->q = p->s + f * f;
  p->mu = p->q + f * t_max;
  p->zeta = p->mu + f;
}

nax_index
nax_i_post_work(nax_index f, nax_index t_max)
{
  return 2 * f * f + 2 * f * t_max + 6 * f;
}

/* The loops are short; versions per instruction set are of whole steps made of them. */

/* y (f) += D x (t). */
NAX_I_CLONES static void
combine(const nax_i_post *p, const double *x, double *y)
{
  for (nax_index j = 0; j < p->t; j++) {
    const double *d = p->d + j * p->f, by = x[j];
#pragma omp simd
    for (nax_index k = 0; k < p->f; k++) {
      y[k] += d[k] * by;
    }
  }
}

/* y = S x; S is symmetric. */
NAX_I_CLONES static void
apply(const nax_i_post *p, const double *x, double *y)
{
  for (nax_index k = 0; k < p->f; k++) {
    y[k] = nax_i_dot(p->f, p->s + k * p->f, x);
  }
}

/* y[t] = column t of A (f x t) times that of B. */
NAX_I_CLONES static void
dots(nax_index f, nax_index t, const double *a, const double *b, nax_index step,
     double *y)
{
  for (nax_index j = 0; j < t; j++) {
    y[j] = nax_i_dot(f, a + j * f, b + j * step);
  }
}

/* D with column t times w[t]. */
NAX_I_CLONES static void
weigh(const nax_i_post *p, const double *from, const double *w, double *to)
{
  for (nax_index j = 0; j < p->t; j++) {
    const double *a = from + j * p->f, by = w[j];
    double *b = to + j * p->f;
#pragma omp simd
    for (nax_index k = 0; k < p->f; k++) {
      b[k] = a[k] * by;
    }
  }
}

nax_status
nax_i_post_forward(nax_i_post *p, const double *h, const double *lam, double *m,
                   double *v, double *z, double *kl, double *work)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index f = p->f, t = p->t;
  double *a = work, *l = a + f * t, *g = l + f * f, *u = g + f, *x = u + f;
  weigh(p, p->d, lam, a);
  memset(l, 0, (size_t)(f * f) * sizeof *l);
  NAX_TRY(
      nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, f, f, t, 1.0, a, f, p->d, f, 0.0, l, f));
  memset(p->s, 0, (size_t)(f * f) * sizeof *p->s);
  for (nax_index k = 0; k < f; k++) {
    l[k + k * f] += 1.0;
    p->s[k + k * f] = 1.0;
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_gpvae_fit", "posterior precision", f, l, f, 1, NULL));
  double logdet = nax_i_chol_logdet(f, l, f), trace = 0.0;
  NAX_TRY(nax_i_potrs(ctx, f, f, l, f, p->s, f));
  memset(g, 0, (size_t)f * sizeof *g);
  memcpy(u, p->e0, (size_t)f * sizeof *u);
  for (nax_index j = 0; j < t; j++) {
    x[j] = h[j] + sqrt(lam[j]) * p->e1[j];
  }
  combine(p, h, g);
  combine(p, x, u);
  apply(p, g, p->mu);
  apply(p, u, p->zeta);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, f, t, f, 1.0, p->s, f, p->d, f, 0.0,
                     p->q, f));
  dots(f, t, p->d, p->mu, 0, m);
  dots(f, t, p->d, p->zeta, 0, z);
  dots(f, t, p->d, p->q, f, v);
  for (nax_index k = 0; k < f; k++) {
    trace += p->s[k + k * f];
  }
  *kl = 0.5 * (trace + nax_i_dot(f, p->mu, p->mu) - (double)f + logdet);
done:
  return status;
}

/* What kl S, the mean and the sample add to the adjoint of the precision. */
NAX_I_CLONES static void
add_outer(const nax_i_post *p, double kl, const double *g, const double *u, double *to)
{
  nax_index f = p->f;
  for (nax_index i = 0; i < f; i++) {
    double mu = p->mu[i], zeta = p->zeta[i], gi = g[i], ui = u[i];
    const double *s = p->s + i * f;
    double *column = to + i * f;
#pragma omp simd
    for (nax_index k = 0; k < f; k++) {
      column[k] += 0.5 * kl * s[k] - 0.5 * (g[k] * mu + gi * p->mu[k]) -
                   0.5 * (u[k] * zeta + ui * p->zeta[k]);
    }
  }
}

/* The adjoint of the potentials and of D, bin by bin; e is that of the precision times D.
 */
NAX_I_CLONES static void
by_bins(const nax_i_post *p, const double *h, const double *lam, const double *dm,
        const double *dv, const double *dz, const double *e, const double *g,
        const double *u, double *dh, double *dlam, double *dd)
{
  nax_index f = p->f;
  for (nax_index j = 0; j < p->t; j++) {
    const double *d = p->d + j * f, *ej = e + j * f, *q = p->q + j * f;
    double root = sqrt(lam[j]), du = nax_i_dot(f, d, u);
    dh[j] = nax_i_dot(f, d, g) + du;
    dlam[j] = nax_i_dot(f, d, ej) + (root > 0.0 ? 0.5 * p->e1[j] / root * du : 0.0);
    double noisy = h[j] + root * p->e1[j], by_mean = dm[j], by_sample = dz[j];
    double twice_lam = 2.0 * lam[j], twice_dv = 2.0 * dv[j], hj = h[j];
#pragma omp simd
    for (nax_index k = 0; k < f; k++) {
      dd[k] += d[k] * (twice_lam * ej[k] + u[k] * noisy + g[k] * hj + p->mu[k] * by_mean +
                       p->zeta[k] * by_sample + twice_dv * q[k]);
    }
  }
}

nax_status
nax_i_post_backward(const nax_i_post *p, const double *h, const double *lam,
                    const double *dm, const double *dv, const double *dz, double kl,
                    double *dh, double *dlam, double *dd, double *work)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index f = p->f, t = p->t;
  double *e = work, *a = e + f * t, *pbar = a + f * t, *g = pbar + f * f, *u = g + f;
  double *x = u + f;
  for (nax_index k = 0; k < f; k++) {
    x[k] = kl * p->mu[k];
  }
  combine(p, dm, x);
  apply(p, x, g);
  memset(x, 0, (size_t)f * sizeof *x);
  combine(p, dz, x);
  apply(p, x, u);
  /* what the precision I + D lam D' answers for */
  weigh(p, p->q, dv, a);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, f, f, t, -1.0, a, f, p->q, f, 0.0,
                     pbar, f));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, f, f, f, -0.5 * kl, p->s, f, p->s, f,
                     1.0, pbar, f));
  add_outer(p, kl, g, u, pbar);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, f, t, f, 1.0, pbar, f, p->d, f, 0.0,
                     e, f));
  memset(dd, 0, (size_t)f * sizeof *dd);
  by_bins(p, h, lam, dm, dv, dz, e, g, u, dh, dlam, dd);
done:
  return status;
}
