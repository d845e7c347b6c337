/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior in the leading eigenvectors of the smooth part of the covariances.
 *
 * K_l = U_l S_l U_l' + e_l I with r_l eigenvalues that matter; the white part is
 * analytic: with D = diag e and F = (I + D G)^-1, A = F D is its posterior covariance,
 * and H = F' G. With phi = U S^1/2 the coefficients of the smooth part have the precision
 *   B = I + sum over bins of phi_t' H phi_t      (sum of r_l, squared)
 * and the mean B^-1 v, v = sum over bins of phi_t' F' b_t, b_t = C' R^-1 (y - d); so
 *   x = A b + F phi B^-1 v,   cov = A + F phi B^-1 phi' F'.
 * Trials of the same length and patterns share B. */
#include "gpfa_i.h"
#include <math.h>

void
nax_i_gpfa_basis_free(nax_i_gpfa_basis *b)
{
  nax_i_free(b->first);
  nax_i_free(b->phi);
  *b = (nax_i_gpfa_basis){.phi = NULL};
}

nax_status
nax_i_gpfa_basis_init(nax_ctx *ctx, const nax_i_gpfa_par *p, nax_index t_max, double tol,
                      nax_i_gpfa_basis *b)
{
  nax_status status = NAX_OK;
  double *k = NULL, *a = NULL, *value = NULL;
  *b = (nax_i_gpfa_basis){.q = p->q, .t_max = t_max};
  NAX_TRY_ALLOC(b->first, p->q + 1, sizeof *b->first);
  NAX_TRY_ALLOC(k, t_max, sizeof(double));
  NAX_TRY_ALLOC(value, t_max, sizeof(double));
  NAX_TRY_ALLOC(a, t_max, (size_t)t_max * sizeof(double));
  for (nax_index l = 0; l < p->q; l++) {
    nax_i_gpfa_kernel(p->kernel, t_max, p->u[l], p->noise[l], k, NULL, NULL);
    k[0] -= p->noise[l];
    for (nax_index i = 0; i < t_max * t_max; i++) {
      nax_index lag = i % t_max - i / t_max;
      a[i] = k[lag < 0 ? -lag : lag];
    }
    NAX_TRY(nax_i_syevd(ctx, "nax_gpfa_fit", t_max, a, t_max, 1, value));
    nax_index r = 0;
    while (r < t_max && value[t_max - 1 - r] > tol * value[t_max - 1]) {
      r++;
    }
    double *more =
        nax_i_realloc(b->phi, (size_t)(b->rank + r), (size_t)t_max * sizeof(double));
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    b->phi = more;
    for (nax_index j = 0; j < r; j++) {
      const double *u = a + (t_max - 1 - j) * t_max;
      for (nax_index t = 0; t < t_max; t++) {
        b->phi[t + (b->rank + j) * t_max] = u[t] * sqrt(value[t_max - 1 - j]);
      }
    }
    b->rank += r;
    b->first[l + 1] = b->rank;
  }
done:
  nax_i_free(k);
  nax_i_free(a);
  nax_i_free(value);
  return status;
}

/* --- one trial ----------------------------------------------------------------------
 */

void
nax_i_gpfa_lowrank_free(nax_i_gpfa_lowrank *k)
{
  nax_i_free(k->f);
  nax_i_free(k->a);
  nax_i_free(k->h);
  nax_i_free(k->log_det);
  nax_i_free(k->b);
  nax_i_free(k->s);
  nax_i_free(k->wf);
  nax_i_free(k->v);
  nax_i_free(k->fb);
  nax_i_free(k->small);
  nax_i_free(k->x);
  *k = (nax_i_gpfa_lowrank){.b = NULL};
}

nax_status
nax_i_gpfa_lowrank_init(nax_ctx *ctx, const nax_i_gpfa_basis *basis, nax_index n_patterns,
                        nax_index n_trials, nax_i_gpfa_lowrank *k)
{
  nax_status status = NAX_OK;
  nax_index q = basis->q, rank = basis->rank, t_max = basis->t_max;
  *k = (nax_i_gpfa_lowrank){.basis = basis};
  NAX_TRY_ALLOC(k->f, n_patterns, (size_t)(q * q) * sizeof(double));
  NAX_TRY_ALLOC(k->a, n_patterns, (size_t)(q * q) * sizeof(double));
  NAX_TRY_ALLOC(k->h, n_patterns, (size_t)(q * q) * sizeof(double));
  NAX_TRY_ALLOC(k->log_det, n_patterns, sizeof(double));
  NAX_TRY_ALLOC(k->b, rank, (size_t)rank * sizeof(double));
  NAX_TRY_ALLOC(k->s, t_max, (size_t)t_max * sizeof(double));
  NAX_TRY_ALLOC(k->wf, q * t_max, (size_t)rank * sizeof(double));
  NAX_TRY_ALLOC(k->v, n_trials, (size_t)rank * sizeof(double));
  NAX_TRY_ALLOC(k->small, 2 * q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(k->fb, n_trials, (size_t)t_max * sizeof(double));
  NAX_TRY_ALLOC(k->x, n_trials * t_max, (size_t)q * sizeof(double));
done:
  return status;
}

/* I + D G = D^1/2 (I + D^1/2 G D^1/2) D^-1/2, symmetric in the middle; so
 * F = D^1/2 M^-1 D^-1/2, A = D^1/2 M^-1 D^1/2 and H = F' G. */
nax_status
nax_i_gpfa_lowrank_pattern(nax_ctx *ctx, const nax_i_gpfa_par *p, nax_index pattern,
                           const double *g, nax_i_gpfa_lowrank *k)
{
  nax_status status = NAX_OK;
  nax_index q = p->q;
  double *m = k->small, *inv = m + q * q;
  double *f = k->f + pattern * q * q, *a = k->a + pattern * q * q;
  double *h = k->h + pattern * q * q;
  for (nax_index i = 0; i < q * q; i++) {
    nax_index l = i % q, j = i / q;
    m[i] = (l == j) + sqrt(p->noise[l] * p->noise[j]) * g[i];
    inv[i] = l == j;
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", "the precision of the white part", q, m, q, 1,
                      NULL));
  k->log_det[pattern] = nax_i_chol_logdet(q, m, q);
  NAX_TRY(nax_i_potrs(ctx, q, q, m, q, inv, q));
  for (nax_index i = 0; i < q * q; i++) {
    nax_index l = i % q, j = i / q;
    f[i] = inv[i] * sqrt(p->noise[l] / p->noise[j]);
    a[i] = inv[i] * sqrt(p->noise[l] * p->noise[j]);
  }
  for (nax_index i = 0; i < q * q; i++) {
    h[i] = 0.0;
    for (nax_index j = 0; j < q; j++) {
      h[i] += f[j + i % q * q] * g[j + i / q * q];
    }
  }
done:
  return status;
}

nax_status
nax_i_gpfa_lowrank_factor(nax_ctx *ctx, nax_i_gpfa_lowrank *k, const nax_index *pattern,
                          nax_index length)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_basis *b = k->basis;
  nax_index q = b->q, rank = b->rank;
  for (nax_index l = 0; l < q; l++) {
    for (nax_index m = 0; m <= l; m++) {
      /* rows of l, columns of m: phi_l' diag(h_t[l, m]) phi_m */
      nax_index nm = b->first[m + 1] - b->first[m], nl = b->first[l + 1] - b->first[l];
      for (nax_index j = 0; j < nm; j++) {
        const double *phi = b->phi + (b->first[m] + j) * b->t_max;
        for (nax_index t = 0; t < length; t++) {
          const double *h = k->h + pattern[t] * q * q;
          k->s[t + j * length] = 0.5 * (h[l + m * q] + h[m + l * q]) * phi[t];
        }
      }
      NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, nl, nm, length, 1.0,
                         b->phi + b->first[l] * b->t_max, b->t_max, k->s, length, 0.0,
                         k->b + b->first[l] + b->first[m] * rank, rank));
    }
  }
  for (nax_index i = 0; i < rank; i++) {
    k->b[i + i * rank] += 1.0;
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", "the precision of the smooth part", rank, k->b,
                      rank, 1, NULL));
  for (nax_index l = 0; l < q; l++) {
    for (nax_index t = 0; t < length; t++) {
      const double *f = k->f + pattern[t] * q * q;
      double *w = k->wf + (l * length + t) * rank;
      for (nax_index m = 0; m < q; m++) {
        for (nax_index j = b->first[m]; j < b->first[m + 1]; j++) {
          w[j] = f[l + m * q] * b->phi[t + j * b->t_max];
        }
      }
    }
  }
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, rank, q * length, k->b, rank, k->wf, rank));
  k->all_log_det = nax_i_chol_logdet(rank, k->b, rank);
  for (nax_index t = 0; t < length; t++) {
    k->all_log_det += k->log_det[pattern[t]];
  }
done:
  return status;
}

void
nax_i_gpfa_lowrank_cov(const nax_i_gpfa_lowrank *k, const nax_index *pattern,
                       nax_index length, nax_index t, double *v)
{
  nax_index q = k->basis->q, rank = k->basis->rank;
  const double *a = k->a + pattern[t] * q * q;
  for (nax_index l = 0; l < q; l++) {
    for (nax_index m = 0; m <= l; m++) {
      const double *x = k->wf + (l * length + t) * rank;
      const double *y = k->wf + (m * length + t) * rank;
      double sum = 0.0;
      for (nax_index j = 0; j < rank; j++) {
        sum += x[j] * y[j];
      }
      v[l + m * q] = a[l + m * q] + sum;
      v[m + l * q] = a[m + l * q] + sum;
    }
  }
}

nax_status
nax_i_gpfa_lowrank_mean(nax_ctx *ctx, nax_i_gpfa_lowrank *k, const nax_index *pattern,
                        nax_index length, nax_index n, const double *bt, double *quad)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_basis *b = k->basis;
  nax_index q = b->q, rank = b->rank, size = q * length;
  *quad = 0.0;
  for (nax_index l = 0; l < q; l++) {
    for (nax_index j = 0; j < n * length; j++) { /* F' b of latent l */
      const double *f = k->f + pattern[j % length] * q * q + l * q;
      double sum = 0.0;
      for (nax_index m = 0; m < q; m++) {
        sum += f[m] * bt[m + j * q];
      }
      k->fb[j] = sum;
    }
    NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, b->first[l + 1] - b->first[l], n,
                       length, 1.0, b->phi + b->first[l] * b->t_max, b->t_max, k->fb,
                       length, 0.0, k->v + b->first[l], rank));
  }
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, rank, n, k->b, rank, k->v, rank));
  for (nax_index j = 0; j < rank * n; j++) {
    *quad += k->v[j] * k->v[j];
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, size, n, rank, 1.0, k->wf, rank, k->v,
                     rank, 0.0, k->x, size));
  for (nax_index j = 0; j < n * length; j++) {
    const double *a = k->a + pattern[j % length] * q * q, *bj = bt + j * q;
    double *x = k->x + j / length * size + j % length;
    for (nax_index l = 0; l < q; l++) {
      double sum = 0.0;
      for (nax_index m = 0; m < q; m++) {
        sum += a[m + l * q] * bj[m];
      }
      *quad += bj[l] * sum;
      x[l * length] += sum;
    }
  }
done:
  return status;
}

nax_status
nax_i_gpfa_lowrank_moments(nax_ctx *ctx, const nax_i_gpfa_lowrank *k,
                           const nax_index *pattern, nax_index length, double n,
                           nax_index l, double *p)
{
  nax_status status = NAX_OK;
  nax_index q = k->basis->q, rank = k->basis->rank;
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, length, rank, n, k->wf + l * length * rank, rank,
                     1.0, p, length));
  for (nax_index t = 0; t < length; t++) {
    p[t + t * length] += n * k->a[l + l * q + pattern[t] * q * q];
  }
done:
  return status;
}

/* --- the engine -----------------------------------------------------------------------
 */

typedef struct work {
  nax_ctx *ctx;
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  const nax_i_gpfa_sensor *sensors;
  nax_i_gpfa_lowrank k;
  nax_i_gpfa_estep *e;
  double *v, *resid, *bt;
  double *white_c; /* R^-1/2 C */
} work;

/* Posterior covariance of the n trials of one sequence of patterns. */
static nax_status
covariance(work *w, const nax_index *trial, nax_index n, nax_index length)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = w->d;
  nax_index q = w->p->q;
  const nax_index *pattern = d->pattern + d->start[trial[0]];
  for (nax_index t = 0; t < length; t++) {
    nax_i_gpfa_lowrank_cov(&w->k, pattern, length, t, w->v);
    for (nax_index i = 0; i < q * q; i++) {
      w->e->vsum[i] += (double)n * w->v[i];
      for (nax_index j = 0; w->e->v != NULL && j < n; j++) {
        w->e->v[i + (d->start[trial[j]] + t) * q * q] = w->v[i];
      }
    }
  }
  for (nax_index l = 0; w->e->p != NULL && l < q; l++) {
    NAX_TRY(nax_i_gpfa_lowrank_moments(w->ctx, &w->k, pattern, length, (double)n, l,
                                       w->e->p[d->length_of[trial[0]]] +
                                           l * length * length));
  }
done:
  return status;
}

/* Means and likelihood of the n trials of one sequence of patterns. */
static nax_status
do_trials(work *w, const nax_index *trial, nax_index n, nax_index length)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = w->d;
  nax_index q = w->p->q, n_neurons = d->n_neurons, size = q * length;
  const nax_index *pattern = d->pattern + d->start[trial[0]];
  double constant = w->k.all_log_det, quad;
  for (nax_index t = 0; t < length; t++) {
    const nax_i_gpfa_sensor *s = &w->sensors[pattern[t]];
    constant += (double)s->n * NAX_I_LOG_2PI + s->log_r;
  }
  for (nax_index j = 0; j < n; j++) {
    w->e->ll -= 0.5 * (constant + nax_i_gpfa_whiten(d, w->p, trial[j], w->resid));
    NAX_TRY(nax_i_gemm(w->ctx, NAX_I_TRANS, NAX_I_PLAIN, q, length, n_neurons, 1.0,
                       w->white_c, n_neurons, w->resid, n_neurons, 0.0, w->bt + j * size,
                       q));
  }
  NAX_TRY(nax_i_gpfa_lowrank_mean(w->ctx, &w->k, pattern, length, n, w->bt, &quad));
  w->e->ll += 0.5 * quad;
  for (nax_index j = 0; j < n; j++) {
    double *x = w->e->x + d->start[trial[j]] * q;
    for (nax_index i = 0; i < size; i++) {
      x[i] = w->k.x[i / q + i % q * length + j * size];
    }
  }
  for (nax_index l = 0; w->e->p != NULL && l < q; l++) {
    NAX_TRY(nax_i_syrk(w->ctx, NAX_I_PLAIN, length, n, 1.0, w->k.x + l * length, size,
                       1.0, w->e->p[d->length_of[trial[0]]] + l * length * length,
                       length));
  }
done:
  return status;
}

nax_status
nax_i_gpfa_estep_lowrank(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                         double rank_tol, nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_sensor *sensors = NULL;
  nax_i_gpfa_basis b = {.phi = NULL};
  nax_index most = 1;
  work w = {.ctx = ctx, .d = d, .p = p, .e = e};
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, d, p, &sensors));
  NAX_TRY(nax_i_gpfa_basis_init(ctx, p, d->longest, rank_tol, &b));
  for (nax_index u = 0; u < d->n_lengths; u++) {
    most = d->count[u] > most ? d->count[u] : most;
  }
  NAX_TRY(nax_i_gpfa_lowrank_init(ctx, &b, d->n_patterns, most, &w.k));
  for (nax_index j = 0; j < d->n_patterns; j++) {
    NAX_TRY(nax_i_gpfa_lowrank_pattern(ctx, p, j, sensors[j].g, &w.k));
  }
  w.sensors = sensors;
  NAX_TRY_ALLOC(w.v, p->q, (size_t)p->q * sizeof(double));
  NAX_TRY_ALLOC(w.resid, b.t_max, (size_t)d->n_neurons * sizeof(double));
  NAX_TRY_ALLOC(w.bt, b.t_max * most, (size_t)p->q * sizeof(double));
  NAX_TRY_ALLOC(w.white_c, d->n_neurons, (size_t)p->q * sizeof(double));
  for (nax_index i = 0; i < d->n_neurons * p->q; i++) {
    w.white_c[i] = p->c[i] / sqrt(p->r[i % d->n_neurons]);
  }
  for (nax_index g = 0; g < d->n_groups; g++) {
    const nax_index *trial = d->order + d->group[g].first;
    for (nax_index i = 0, j; i < d->group[g].n; i = j) {
      nax_index length = d->length[d->length_of[trial[i]]];
      for (j = i + 1;
           j < d->group[g].n && d->length_of[trial[j]] == d->length_of[trial[i]]; j++) {
      }
      NAX_TRY(
          nax_i_gpfa_lowrank_factor(ctx, &w.k, d->pattern + d->start[trial[i]], length));
      NAX_TRY(covariance(&w, trial + i, j - i, length));
      NAX_TRY(do_trials(&w, trial + i, j - i, length));
    }
  }
done:
  nax_i_gpfa_sensors_free(d, sensors);
  nax_i_gpfa_lowrank_free(&w.k);
  nax_i_gpfa_basis_free(&b);
  nax_i_free(w.v);
  nax_i_free(w.resid);
  nax_i_free(w.bt);
  nax_i_free(w.white_c);
  return status;
}
