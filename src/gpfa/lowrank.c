/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior in the leading eigenvectors of the smooth part of the covariances.
 *
 * K_l = U_l S_l U_l' + e_l I with r_l eigenvalues that matter; the white part is
 * analytic: D = diag e, F = (I + D G)^-1, A = F D is its posterior covariance, H = F' G.
 * With phi = U S^1/2 (leading rows serve shorter trials), B = I + sum over bins of phi_t'
 * H phi_t          (sum of r_l, squared) posterior of the smooth coefficients: precision
 * B, mean B^-1 v x = A b + F phi B^-1 v, cov = A + F phi B^-1 phi' F' where b_t = C'R^-1
 * (y - d) and v = sum over bins of phi_t' F' b_t. Trials of the same length and patterns
 * share B. */
#include "gpfa_i.h"
#include <math.h>

typedef struct basis {
  nax_index q, t_max, rank; /* rank: sum of r_l */
  nax_index *first;         /* first column of each latent; q + 1 */
  double *phi;              /* t_max x rank */
} basis;

static void
free_basis(basis *b)
{
  nax_i_free(b->first);
  nax_i_free(b->phi);
}

static nax_status
make_basis(nax_ctx *ctx, const nax_i_gpfa_par *p, nax_index t_max, double tol, basis *b)
{
  nax_status status = NAX_OK;
  double *k = NULL, *a = NULL, *value = NULL;
  *b = (basis){.q = p->q, .t_max = t_max};
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

/* What the white part makes of one pattern. */
typedef struct white {
  double *f, *a, *h; /* q x q */
  double log_det;    /* of I + D G */
} white;

static void
free_white(const nax_i_gpfa_data *d, white *w)
{
  for (nax_index k = 0; w != NULL && k < d->n_patterns; k++) {
    nax_i_free(w[k].f);
    nax_i_free(w[k].a);
    nax_i_free(w[k].h);
  }
  nax_i_free(w);
}

/* I + D G = D^1/2 (I + D^1/2 G D^1/2) D^-1/2, symmetric in the middle; so
 * F = D^1/2 M^-1 D^-1/2, A = D^1/2 M^-1 D^1/2 and H = F' G. */
static nax_status
make_white(nax_ctx *ctx, const nax_i_gpfa_par *p, const nax_i_gpfa_sensor *s, white *w)
{
  nax_status status = NAX_OK;
  nax_index q = p->q;
  double *m = NULL, *inv = NULL;
  NAX_TRY_ALLOC(m, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(inv, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->f, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->a, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->h, q, (size_t)q * sizeof(double));
  for (nax_index i = 0; i < q * q; i++) {
    nax_index l = i % q, j = i / q;
    m[i] = (l == j) + sqrt(p->noise[l] * p->noise[j]) * s->g[i];
    inv[i] = l == j;
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", "the precision of the white part", q, m, q, 1,
                      NULL));
  w->log_det = nax_i_chol_logdet(q, m, q);
  NAX_TRY(nax_i_potrs(ctx, q, q, m, q, inv, q));
  for (nax_index i = 0; i < q * q; i++) {
    nax_index l = i % q, j = i / q;
    w->f[i] = inv[i] * sqrt(p->noise[l] / p->noise[j]);
    w->a[i] = inv[i] * sqrt(p->noise[l] * p->noise[j]);
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, q, q, 1.0, w->f, q, s->g, q, 0.0,
                     w->h, q));
done:
  nax_i_free(m);
  nax_i_free(inv);
  return status;
}

typedef struct work {
  nax_ctx *ctx;
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  const nax_i_gpfa_sensor *sensors;
  const white *whites;
  const basis *basis;
  nax_i_gpfa_estep *e;
  double *b;  /* rank x rank: precision, then its Cholesky factor */
  double *s;  /* t_max x rank scratch */
  double *wf; /* rank x (q T): L^-1 (F phi)' */
  double *resid, *bt, *v, *xs;
} work;

/* Precision of the coefficients for one sequence of patterns. */
static nax_status
precision(work *k, const nax_index *pattern, nax_index length)
{
  nax_status status = NAX_OK;
  const basis *b = k->basis;
  nax_index q = b->q, rank = b->rank;
  for (nax_index l = 0; l < q; l++) {
    for (nax_index m = 0; m <= l; m++) {
      /* rows of l, columns of m: phi_l' diag(h_t[l, m]) phi_m */
      nax_index nm = b->first[m + 1] - b->first[m], nl = b->first[l + 1] - b->first[l];
      for (nax_index j = 0; j < nm; j++) {
        const double *phi = b->phi + (b->first[m] + j) * b->t_max;
        for (nax_index t = 0; t < length; t++) {
          const double *h = k->whites[pattern[t]].h;
          k->s[t + j * length] = 0.5 * (h[l + m * q] + h[m + l * q]) * phi[t];
        }
      }
      NAX_TRY(nax_i_gemm(k->ctx, NAX_I_TRANS, NAX_I_PLAIN, nl, nm, length, 1.0,
                         b->phi + b->first[l] * b->t_max, b->t_max, k->s, length, 0.0,
                         k->b + b->first[l] + b->first[m] * rank, rank));
    }
  }
  for (nax_index i = 0; i < rank; i++) {
    k->b[i + i * rank] += 1.0;
  }
  NAX_TRY(nax_i_potrf(k->ctx, "nax_gpfa_fit", "the precision of the smooth part", rank,
                      k->b, rank, 1, NULL));
done:
  return status;
}

/* Posterior covariance for the n trials of one sequence: into `wf` its factor, and the
 * sums. */
static nax_status
covariance(work *k, const nax_index *trial, nax_index n, nax_index length)
{
  nax_status status = NAX_OK;
  const basis *b = k->basis;
  const nax_i_gpfa_data *d = k->d;
  nax_index q = b->q, rank = b->rank;
  const nax_index *pattern = d->pattern + d->start[trial[0]];
  for (nax_index l = 0; l < q; l++) {
    for (nax_index t = 0; t < length; t++) {
      const double *f = k->whites[pattern[t]].f;
      double *w = k->wf + (l * length + t) * rank;
      for (nax_index m = 0; m < q; m++) {
        for (nax_index j = b->first[m]; j < b->first[m + 1]; j++) {
          w[j] = f[l + m * q] * b->phi[t + j * b->t_max];
        }
      }
    }
  }
  NAX_TRY(nax_i_trsm(k->ctx, NAX_I_PLAIN, rank, q * length, k->b, rank, k->wf, rank));
  for (nax_index t = 0; t < length; t++) {
    const double *a = k->whites[pattern[t]].a;
    for (nax_index i = 0; i < q * q; i++) {
      const double *x = k->wf + (i % q * length + t) * rank;
      const double *y = k->wf + (i / q * length + t) * rank;
      double v = a[i];
      for (nax_index j = 0; j < rank; j++) {
        v += x[j] * y[j];
      }
      k->e->vsum[i] += (double)n * v;
      for (nax_index j = 0; k->e->v != NULL && j < n; j++) {
        k->e->v[i + (d->start[trial[j]] + t) * q * q] = v;
      }
    }
  }
  for (nax_index l = 0; k->e->p != NULL && l < q; l++) {
    double *p = k->e->p[d->length_of[trial[0]]] + l * length * length;
    NAX_TRY(nax_i_syrk(k->ctx, NAX_I_TRANS, length, rank, (double)n,
                       k->wf + l * length * rank, rank, 1.0, p, length));
    for (nax_index t = 0; t < length; t++) {
      p[t + t * length] += (double)n * k->whites[pattern[t]].a[l + l * q];
    }
  }
done:
  return status;
}

/* Mean and likelihood of one trial. */
static nax_status
do_trial(work *k, nax_index trial, nax_index length)
{
  nax_status status = NAX_OK;
  const basis *b = k->basis;
  const nax_i_gpfa_data *d = k->d;
  nax_index q = b->q, n = d->n_neurons, start = d->start[trial], rank = b->rank;
  double constant = 0.0, quad = 0.0;
  double ss = nax_i_gpfa_whiten(d, k->p, trial, k->resid);
  memset(k->v, 0, (size_t)rank * sizeof(double));
  for (nax_index t = 0; t < length; t++) {
    nax_index pattern = d->pattern[start + t];
    const nax_i_gpfa_sensor *s = &k->sensors[pattern];
    const white *w = &k->whites[pattern];
    double *bt = k->bt + t * q, *x = k->e->x + (start + t) * q;
    constant += (double)s->n * NAX_I_LOG_2PI + s->log_r + w->log_det;
    for (nax_index l = 0; l < q; l++) {
      bt[l] = 0.0;
      for (nax_index i = 0; i < n; i++) {
        bt[l] += k->p->c[i + l * n] / sqrt(k->p->r[i]) * k->resid[i + t * n];
      }
    }
    for (nax_index l = 0; l < q; l++) {
      double fb = 0.0;
      x[l] = 0.0;
      for (nax_index m = 0; m < q; m++) {
        fb += w->f[m + l * q] * bt[m];
        x[l] += w->a[l + m * q] * bt[m];
      }
      quad += bt[l] * x[l];
      for (nax_index j = b->first[l]; j < b->first[l + 1]; j++) {
        k->v[j] += fb * b->phi[t + j * b->t_max];
      }
    }
  }
  NAX_TRY(nax_i_trsm(k->ctx, NAX_I_PLAIN, rank, 1, k->b, rank, k->v, rank));
  for (nax_index j = 0; j < rank; j++) {
    quad += k->v[j] * k->v[j];
  }
  k->e->ll -= 0.5 * (constant + nax_i_chol_logdet(rank, k->b, rank) + ss - quad);
  NAX_TRY(nax_i_gemv(k->ctx, NAX_I_TRANS, rank, q * length, 1.0, k->wf, rank, k->v, 0.0,
                     k->xs));
  for (nax_index l = 0; l < q; l++) {
    for (nax_index t = 0; t < length; t++) {
      k->xs[l * length + t] += k->e->x[l + (start + t) * q];
      k->e->x[l + (start + t) * q] = k->xs[l * length + t];
    }
    if (k->e->p != NULL) {
      NAX_TRY(nax_i_syrk(k->ctx, NAX_I_PLAIN, length, 1, 1.0, k->xs + l * length, length,
                         1.0, k->e->p[d->length_of[trial]] + l * length * length,
                         length));
    }
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
  white *whites = NULL;
  basis b = {.phi = NULL};
  work k = {.ctx = ctx, .d = d, .p = p, .basis = &b, .e = e};
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, d, p, &sensors));
  NAX_TRY_ALLOC(whites, d->n_patterns, sizeof *whites);
  for (nax_index j = 0; j < d->n_patterns; j++) {
    NAX_TRY(make_white(ctx, p, &sensors[j], &whites[j]));
  }
  NAX_TRY(make_basis(ctx, p, d->longest, rank_tol, &b));
  k.sensors = sensors;
  k.whites = whites;
  NAX_TRY_ALLOC(k.b, b.rank, (size_t)b.rank * sizeof(double));
  NAX_TRY_ALLOC(k.s, b.t_max, (size_t)b.t_max * sizeof(double));
  NAX_TRY_ALLOC(k.wf, p->q * b.t_max, (size_t)b.rank * sizeof(double));
  NAX_TRY_ALLOC(k.resid, b.t_max, (size_t)d->n_neurons * sizeof(double));
  NAX_TRY_ALLOC(k.bt, b.t_max, (size_t)p->q * sizeof(double));
  NAX_TRY_ALLOC(k.v, b.rank, sizeof(double));
  NAX_TRY_ALLOC(k.xs, b.t_max, (size_t)p->q * sizeof(double));
  for (nax_index g = 0; g < d->n_groups; g++) {
    const nax_index *trial = d->order + d->group[g].first;
    for (nax_index i = 0, j; i < d->group[g].n; i = j) {
      nax_index length = d->length[d->length_of[trial[i]]];
      for (j = i + 1;
           j < d->group[g].n && d->length_of[trial[j]] == d->length_of[trial[i]]; j++) {
      }
      NAX_TRY(precision(&k, d->pattern + d->start[trial[i]], length));
      NAX_TRY(covariance(&k, trial + i, j - i, length));
      for (nax_index m = i; m < j; m++) {
        NAX_TRY(do_trial(&k, trial[m], length));
      }
    }
  }
done:
  nax_i_gpfa_sensors_free(d, sensors);
  free_white(d, whites);
  free_basis(&b);
  nax_i_free(k.b);
  nax_i_free(k.s);
  nax_i_free(k.wf);
  nax_i_free(k.resid);
  nax_i_free(k.bt);
  nax_i_free(k.v);
  nax_i_free(k.xs);
  return status;
}
