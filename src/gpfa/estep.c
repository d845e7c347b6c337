/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The E-step: what it gives, which engine computes it, and the plain engine that checks
 * the others. */
#include "gpfa_i.h"
#include <math.h>

nax_status
nax_i_gpfa_estep_init(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_index q, int want,
                      nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  *e = (nax_i_gpfa_estep){.n_lengths = d->n_lengths};
  NAX_TRY_ALLOC(e->x, d->n_bins, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(e->vsum, q, (size_t)q * sizeof(double));
  if (want & NAX_I_GPFA_BIN_COV) {
    NAX_TRY_ALLOC(e->v, d->n_bins, (size_t)(q * q) * sizeof(double));
  }
  if (want & NAX_I_GPFA_MOMENTS) {
    NAX_TRY_ALLOC(e->p, d->n_lengths, sizeof *e->p);
    for (nax_index u = 0; u < d->n_lengths; u++) {
      NAX_TRY_ALLOC(e->p[u], d->length[u] * d->length[u], (size_t)q * sizeof(double));
    }
  }
done:
  return status;
}

void
nax_i_gpfa_estep_free(nax_i_gpfa_estep *e)
{
  for (nax_index u = 0; e->p != NULL && u < e->n_lengths; u++) {
    nax_i_free(e->p[u]);
  }
  nax_i_free(e->p);
  nax_i_free(e->x);
  nax_i_free(e->vsum);
  nax_i_free(e->v);
  nax_i_gpfa_nested_free(&e->nested);
  *e = (nax_i_gpfa_estep){.x = NULL};
}

void
nax_i_gpfa_estep_clear(const nax_i_gpfa_data *d, nax_index q, nax_i_gpfa_estep *e)
{
  e->ll = 0.0;
  memset(e->x, 0, (size_t)(d->n_bins * q) * sizeof(double));
  memset(e->vsum, 0, (size_t)(q * q) * sizeof(double));
  if (e->v != NULL) {
    memset(e->v, 0, (size_t)(d->n_bins * q * q) * sizeof(double));
  }
  for (nax_index u = 0; e->p != NULL && u < d->n_lengths; u++) {
    memset(e->p[u], 0, (size_t)(d->length[u] * d->length[u] * q) * sizeof(double));
  }
}

/* --- plain engine
 * ------------------------------------------------------------------------ */

/* Inverse of a symmetric positive definite matrix in place; its log determinant. */
static nax_status
invert(nax_ctx *ctx, const char *what, nax_index n, double *a, double *log_det)
{
  nax_status status = NAX_OK;
  double *eye = NULL;
  NAX_TRY_ALLOC(eye, n, (size_t)n * sizeof(double));
  for (nax_index i = 0; i < n; i++) {
    eye[i + i * n] = 1.0;
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", what, n, a, n, 1, NULL));
  *log_det = nax_i_chol_logdet(n, a, n);
  NAX_TRY(nax_i_potrs(ctx, n, n, a, n, eye, n));
  memcpy(a, eye, (size_t)(n * n) * sizeof(double));
done:
  nax_i_free(eye);
  return status;
}

/* One trial from the definition: V = (K^-1 + blockdiag G_t)^-1, latent-major. */
static nax_status
dense_trial(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
            const nax_i_gpfa_sensor *sensors, nax_index trial, nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_index q = p->q, n = p->n, start = d->start[trial];
  nax_index length = d->start[trial + 1] - start, size = q * length;
  double *k = NULL, *kt = NULL, *v = NULL, *b = NULL, *x = NULL, *white = NULL;
  double log_k = 0.0, log_v = 0.0;
  NAX_TRY_ALLOC(k, length, sizeof(double));
  NAX_TRY_ALLOC(kt, length, (size_t)length * sizeof(double));
  NAX_TRY_ALLOC(v, size, (size_t)size * sizeof(double));
  NAX_TRY_ALLOC(b, size, sizeof(double));
  NAX_TRY_ALLOC(x, size, sizeof(double));
  NAX_TRY_ALLOC(white, length, (size_t)n * sizeof(double));
  for (nax_index l = 0; l < q; l++) {
    double one;
    nax_i_gpfa_kernel(p->kernel, length, p->u[l], p->noise[l], k, NULL, NULL);
    for (nax_index i = 0; i < length * length; i++) {
      nax_index lag = i % length - i / length;
      kt[i] = k[lag < 0 ? -lag : lag];
    }
    NAX_TRY(invert(ctx, "the covariance of a latent", length, kt, &one));
    log_k += one;
    for (nax_index s = 0; s < length; s++) {
      memcpy(v + l * length + (l * length + s) * size, kt + s * length,
             (size_t)length * sizeof(double));
    }
  }
  double ss = nax_i_gpfa_whiten(d, p, trial, white), seen = 0.0, log_r = 0.0;
  for (nax_index t = 0; t < length; t++) {
    const nax_i_gpfa_sensor *s = &sensors[d->pattern[start + t]];
    seen += (double)s->n;
    log_r += s->log_r;
    for (nax_index l = 0; l < q; l++) {
      for (nax_index m = 0; m < q; m++) {
        v[l * length + t + (m * length + t) * size] += s->g[l + m * q];
      }
      for (nax_index i = 0; i < n; i++) {
        b[l * length + t] += p->c[i + l * n] / sqrt(p->r[i]) * white[i + t * n];
      }
    }
  }
  NAX_TRY(invert(ctx, "the precision of the latents", size, v, &log_v));
  NAX_TRY(nax_i_gemv(ctx, NAX_I_PLAIN, size, size, 1.0, v, size, b, 0.0, x));
  double quad = 0.0;
  for (nax_index i = 0; i < size; i++) {
    quad += b[i] * x[i];
  }
  e->ll -= 0.5 * (seen * NAX_I_LOG_2PI + log_r + log_k + log_v + ss - quad);
  for (nax_index t = 0; t < length; t++) {
    for (nax_index i = 0; i < q * q; i++) {
      double c = v[i % q * length + t + (i / q * length + t) * size];
      e->vsum[i] += c;
      if (e->v != NULL) {
        e->v[i + (start + t) * q * q] = c;
      }
    }
    for (nax_index l = 0; l < q; l++) {
      e->x[l + (start + t) * q] = x[l * length + t];
    }
  }
  for (nax_index l = 0; e->p != NULL && l < q; l++) {
    double *m = e->p[d->length_of[trial]] + l * length * length;
    for (nax_index s = 0; s < length; s++) {
      for (nax_index t = 0; t < length; t++) {
        m[t + s * length] += v[l * length + t + (l * length + s) * size] +
                             x[l * length + t] * x[l * length + s];
      }
    }
  }
done:
  nax_i_free(k);
  nax_i_free(kt);
  nax_i_free(v);
  nax_i_free(b);
  nax_i_free(x);
  nax_i_free(white);
  return status;
}

nax_status
nax_i_gpfa_estep_dense(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                       nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_sensor *sensors = NULL;
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, d, p, &sensors));
  for (nax_index k = 0; k < d->n_trials; k++) {
    NAX_TRY(dense_trial(ctx, d, p, sensors, k, e));
  }
done:
  nax_i_gpfa_sensors_free(d, sensors);
  return status;
}

/* --- choice
 * -------------------------------------------------------------------------------- */

/* Share of the bins of the longest trial that eigenvectors of latent l need: the spectrum
 * of the Gaussian kernel ends, those of the others do not. */
double
nax_i_gpfa_rank_of(const nax_i_gpfa_par *p, nax_index l, double t, double rank_tol)
{
  double tau = exp(-0.5 * p->u[l]);
  if (p->kernel != NAX_GPFA_RBF) {
    return t;
  }
  return fmin(t, 4.0 + t / (3.14159 * tau) * sqrt(-2.0 * log(fmax(rank_tol, 1e-300))));
}

/* By the number of operations; those of the eigenvectors run at a fraction of the speed
 * of products. */
nax_gpfa_engine
nax_i_gpfa_cheapest(const nax_i_gpfa_data *d, const nax_i_gpfa_par *p, double rank_tol)
{
  enum { EIGEN = 25 };
  double q = (double)p->q, rank = 0.0, nested = 0.0, longest = (double)d->longest;
  for (nax_index l = 0; l < p->q; l++) {
    rank += nax_i_gpfa_rank_of(p, l, longest, rank_tol);
  }
  double lowrank = EIGEN * q * longest * longest * longest;
  for (nax_index g = 0; g < d->n_groups; g++) {
    const nax_index *trial = d->order + d->group[g].first;
    nax_index before = 0;
    double t = 0.0;
    for (nax_index i = 0; i < d->group[g].n; i++) {
      nax_index length = d->length[d->length_of[trial[i]]];
      t = (double)length;
      if (length != before) {
        lowrank += rank * rank * (rank / 3.0 + q * t) + q * t * t * rank;
      }
      before = length;
    }
    nested += 4.0 / 3.0 * q * q * q * t * t * t + q * q * t * t * t;
  }
  return lowrank < 0.7 * nested ? NAX_GPFA_LOWRANK : NAX_GPFA_NESTED;
}

nax_status
nax_i_gpfa_estep_run(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                     nax_gpfa_engine engine, double rank_tol, nax_i_gpfa_estep *e)
{
  nax_i_gpfa_estep_clear(d, p->q, e);
  if (engine == NAX_GPFA_AUTO && e->p == NULL && d->longest > NAX_I_GPFA_LONG) {
    return nax_i_gpfa_estep_circulant(ctx, d, p, e);
  }
  engine = engine == NAX_GPFA_AUTO ? nax_i_gpfa_cheapest(d, p, rank_tol) : engine;
  switch (engine) {
  case NAX_GPFA_DENSE:
    return nax_i_gpfa_estep_dense(ctx, d, p, e);
  case NAX_GPFA_LOWRANK:
    return nax_i_gpfa_estep_lowrank(ctx, d, p, rank_tol, e);
  case NAX_GPFA_AUTO:
  case NAX_GPFA_NESTED:
  case NAX_GPFA_ENGINE_FORCE_INT:
    break;
  }
  return nax_i_gpfa_estep_nested(ctx, d, p, e);
}
