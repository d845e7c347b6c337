/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior of trials of any lengths from one factorisation.
 *
 * The reduced observations of a bin are Lg' x + N(0, I) (see nax_i_gpfa_sensor), so those
 * of a trial have the covariance I + Lg' K Lg, which for a shorter trial is a leading
 * block; its Cholesky factor L and W = L^-1 Cov(observations, latents) are leading blocks
 * too. Then for a trial of T bins with z = L^-1 observations, sums over the rows i of W
 * that belong to its bins give
 *   mean of x_l(t)                 sum_i W[i, lt] z_i
 *   covariance of x_l(t), x_m(s)   [l = m] k_l(t - s) - sum_i W[i, lt] W[i, ms]
 * and sums over the rows of the first t bins what was known at t. */
#include "gpfa_i.h"
#include <math.h>

void
nax_i_gpfa_nested_free(nax_i_gpfa_nested *n)
{
  nax_i_free(n->row);
  nax_i_free(n->l);
  nax_i_free(n->w);
  nax_i_free(n->k);
  *n = (nax_i_gpfa_nested){.l = NULL};
}

/* Covariance of the reduced observations (lower triangle) and with the latents. */
static void
fill(const nax_i_gpfa_nested *n, const nax_i_gpfa_sensor *sensors,
     const nax_index *pattern)
{
  nax_index q = n->q, t_max = n->t_max, rows = n->row[t_max];
  for (nax_index s = 0; s < t_max; s++) {
    const nax_i_gpfa_sensor *b = &sensors[pattern[s]];
    for (nax_index t = 0; t < t_max; t++) {
      const nax_i_gpfa_sensor *a = &sensors[pattern[t]];
      nax_index lag = t > s ? t - s : s - t;
      /* bin t observed, latents at s */
      for (nax_index l = 0; l < q; l++) {
        double k = n->k[lag + l * t_max];
        double *w = n->w + n->row[t] + (l * t_max + s) * rows;
        for (nax_index i = 0; i < a->rank; i++) {
          w[i] = a->lg[l + i * q] * k;
        }
      }
      if (t < s) {
        continue;
      }
      for (nax_index j = 0; j < b->rank; j++) {
        double *c = n->l + n->row[t] + (n->row[s] + j) * rows;
        for (nax_index i = 0; i < a->rank; i++) {
          double sum = t == s && i == j;
          for (nax_index l = 0; l < q; l++) {
            sum += a->lg[l + i * q] * n->k[lag + l * t_max] * b->lg[l + j * q];
          }
          c[i] = sum;
        }
      }
    }
  }
}

/* Room for `size` numbers. */
static nax_status
reserve(nax_ctx *ctx, nax_index size, double **a, nax_index *room)
{
  nax_status status = NAX_OK;
  if (*a == NULL || *room < size) {
    nax_i_free(*a);
    *a = NULL;
    *room = 0;
    NAX_TRY_ALLOC(*a, size, sizeof **a);
    *room = size;
  }
done:
  return status;
}

nax_status
nax_i_gpfa_nested_init(nax_ctx *ctx, const nax_i_gpfa_par *p,
                       const nax_i_gpfa_sensor *sensors, const nax_index *pattern,
                       nax_index t_max, nax_i_gpfa_nested *n)
{
  nax_status status = NAX_OK;
  nax_index q = p->q;
  nax_i_free(n->row);
  nax_i_free(n->k);
  n->row = NULL;
  n->k = NULL;
  n->q = q;
  n->t_max = t_max;
  NAX_TRY_ALLOC(n->row, t_max + 1, sizeof *n->row);
  for (nax_index t = 0; t < t_max; t++) {
    n->row[t + 1] = n->row[t] + sensors[pattern[t]].rank;
  }
  nax_index rows = n->row[t_max];
  NAX_TRY_ALLOC(n->k, t_max * q, sizeof(double));
  NAX_TRY(reserve(ctx, rows * rows, &n->l, &n->l_room));
  NAX_TRY(reserve(ctx, rows * q * t_max, &n->w, &n->w_room));
  for (nax_index l = 0; l < q; l++) {
    nax_i_gpfa_kernel(p->kernel, t_max, p->u[l], p->noise[l], n->k + l * t_max, NULL,
                      NULL);
  }
  if (rows == 0) {
    goto done;
  }
  fill(n, sensors, pattern);
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", "the covariance of the observations", rows,
                      n->l, rows, 1, NULL));
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, rows, q * t_max, n->l, rows, n->w, rows));
done:
  return status;
}

nax_status
nax_i_gpfa_nested_solve(nax_ctx *ctx, const nax_i_gpfa_nested *n,
                        const nax_i_gpfa_data *d, const nax_i_gpfa_sensor *sensors,
                        nax_index trial, const double *white, double *z)
{
  nax_status status = NAX_OK;
  nax_index length = d->start[trial + 1] - d->start[trial];
  const nax_index *pattern = d->pattern + d->start[trial];
  for (nax_index t = 0, u; t < length; t = u) {
    const nax_i_gpfa_sensor *s = &sensors[pattern[t]];
    for (u = t + 1; u < length && pattern[u] == pattern[t]; u++) {
    }
    if (u - t > 1) { /* a stretch of one pattern: one product */
      NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, s->rank, u - t, d->n_neurons, 1.0,
                         s->p, d->n_neurons, white + t * d->n_neurons, d->n_neurons, 0.0,
                         z + n->row[t], s->rank > 0 ? s->rank : 1));
      continue;
    }
    NAX_TRY(nax_i_gemv(ctx, NAX_I_TRANS, d->n_neurons, s->rank, 1.0, s->p, d->n_neurons,
                       white + t * d->n_neurons, 0.0, z + n->row[t]));
  }
done:
  return status;
}

/* --- E-step
 * ----------------------------------------------------------------------------- */

typedef struct work {
  nax_ctx *ctx;
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  const nax_i_gpfa_sensor *sensors;
  nax_i_gpfa_estep *e;
  nax_i_gpfa_nested *n; /* of `e` */
  double *acc;          /* t_max x t_max x q: sum over rows of W W', per latent */
  double *bin;          /* q x q x t_max: the same between latents of one bin */
  double *z;            /* rows x trials of a batch */
  double *x;            /* q t_max x trials of a batch */
  double *mean;         /* t_max x trials of one length */
  double *white;        /* whitened residuals of a trial */
} work;

NAX_I_CLONES static double
dot(nax_index n, const double *a, const double *b)
{
  return nax_i_dot(n, a, b);
}

/* Add rows [from, to) of W to `acc` and `bin`. */
static nax_status
add_rows(work *k, nax_index from, nax_index to)
{
  nax_status status = NAX_OK;
  nax_index q = k->n->q, t_max = k->n->t_max, rows = k->n->row[t_max];
  for (nax_index l = 0; l < q && k->acc != NULL && to > from; l++) {
    NAX_TRY(nax_i_syrk(k->ctx, NAX_I_TRANS, t_max, to - from, 1.0,
                       k->n->w + from + l * t_max * rows, rows, 1.0,
                       k->acc + l * t_max * t_max, t_max));
  }
  for (nax_index t = 0; t < t_max; t++) {
    for (nax_index l = 0; l < q; l++) {
      const double *a = k->n->w + (l * t_max + t) * rows;
      for (nax_index m = 0; m <= l; m++) {
        double sum = dot(to - from, a + from, k->n->w + (m * t_max + t) * rows + from);
        k->bin[l + m * q + t * q * q] += sum;
        k->bin[m + l * q + t * q * q] += m != l ? sum : 0.0;
      }
    }
  }
done:
  return status;
}

/* Posterior covariance of the trials of one length: sums over bins and trials. */
static void
add_covariance(work *k, const nax_index *trial, nax_index n, nax_index length)
{
  nax_index q = k->n->q, t_max = k->n->t_max;
  nax_i_gpfa_estep *e = k->e;
  for (nax_index t = 0; t < length; t++) {
    for (nax_index i = 0; i < q * q; i++) {
      double v = (i % q == i / q ? 1.0 : 0.0) - k->bin[i + t * q * q];
      e->vsum[i] += (double)n * v;
      for (nax_index j = 0; e->v != NULL && j < n; j++) {
        e->v[i + (k->d->start[trial[j]] + t) * q * q] = v;
      }
    }
  }
  if (e->p == NULL) {
    return;
  }
  double *p = e->p[k->d->length_of[trial[0]]];
  for (nax_index l = 0; l < q; l++) {
    const double *acc = k->acc + l * t_max * t_max;
    for (nax_index s = 0; s < length; s++) {
      for (nax_index t = 0; t < length; t++) {
        double prior = k->n->k[(t > s ? t - s : s - t) + l * t_max];
        p[t + (s + l * length) * length] += (double)n * (prior - acc[t + s * t_max]);
      }
    }
  }
}

/* Means and likelihood of n trials of ascending length, side by side: rows of `z` beyond
 * the end of a trial are zero. */
static nax_status
do_batch(work *k, const nax_index *trial, nax_index n)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = k->d;
  nax_index q = k->n->q, t_max = k->n->t_max, rows = k->n->row[t_max], most = 0;
  memset(k->z, 0, (size_t)(rows * n) * sizeof(double));
  for (nax_index j = 0; j < n; j++) {
    nax_index start = d->start[trial[j]], length = d->start[trial[j] + 1] - start;
    double constant = 0.0, outside = nax_i_gpfa_whiten(d, k->p, trial[j], k->white);
    double *z = k->z + j * rows;
    most = k->n->row[length];
    for (nax_index t = 0; t < length; t++) {
      const nax_i_gpfa_sensor *s = &k->sensors[d->pattern[start + t]];
      constant += (double)s->n * NAX_I_LOG_2PI + s->log_r;
    }
    for (nax_index i = 0; i < most; i++) {
      constant += 2.0 * log(k->n->l[i + i * rows]);
    }
    NAX_TRY(nax_i_gpfa_nested_solve(k->ctx, k->n, d, k->sensors, trial[j], k->white, z));
    for (nax_index i = 0; i < most; i++) {
      outside -= z[i] * z[i];
    }
    k->e->ll -= 0.5 * (constant + outside);
  }
  if (most == 0) {
    goto done;
  }
  NAX_TRY(nax_i_trsm(k->ctx, NAX_I_PLAIN, most, n, k->n->l, rows, k->z, rows));
  for (nax_index j = 0; j < n; j++) {
    nax_index used = k->n->row[d->start[trial[j] + 1] - d->start[trial[j]]];
    double *z = k->z + j * rows, sum = 0.0;
    for (nax_index i = 0; i < used; i++) {
      sum += z[i] * z[i];
    }
    memset(z + used, 0, (size_t)(rows - used) * sizeof *z);
    k->e->ll -= 0.5 * sum;
  }
  NAX_TRY(nax_i_gemm(k->ctx, NAX_I_TRANS, NAX_I_PLAIN, q * t_max, n, most, 1.0, k->n->w,
                     rows, k->z, rows, 0.0, k->x, q * t_max));
  for (nax_index j = 0; j < n; j++) {
    nax_index start = d->start[trial[j]], length = d->start[trial[j] + 1] - start;
    for (nax_index t = 0; t < length; t++) {
      for (nax_index l = 0; l < q; l++) {
        k->e->x[l + (start + t) * q] = k->x[t + l * t_max + j * q * t_max];
      }
    }
  }
done:
  return status;
}

/* Products of the means of n trials of one length with themselves. */
static nax_status
add_means(work *k, const nax_index *trial, nax_index n, nax_index length)
{
  nax_status status = NAX_OK;
  nax_index q = k->n->q;
  for (nax_index l = 0; k->e->p != NULL && l < q; l++) {
    double *p = k->e->p[k->d->length_of[trial[0]]] + l * length * length;
    for (nax_index j = 0; j < n; j++) {
      const double *x = k->e->x + k->d->start[trial[j]] * q + l;
      for (nax_index t = 0; t < length; t++) {
        k->mean[t + j * length] = x[t * q];
      }
    }
    NAX_TRY(
        nax_i_syrk(k->ctx, NAX_I_PLAIN, length, n, 1.0, k->mean, length, 1.0, p, length));
  }
done:
  return status;
}

static nax_status
do_group(work *k, const nax_index *trial, nax_index n)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = k->d;
  const nax_index *start = d->start;
  nax_index q = k->p->q, last = trial[n - 1], most = 1;
  nax_index t_max = start[last + 1] - start[last];
  for (nax_index i = 0, j; i < n; i = j) {
    for (j = i + 1; j < n && d->length_of[trial[j]] == d->length_of[trial[i]]; j++) {
    }
    most = j - i > most ? j - i : most;
  }
  NAX_TRY(nax_i_gpfa_nested_init(k->ctx, k->p, k->sensors, d->pattern + start[last],
                                 t_max, k->n));
  nax_ctx *ctx = k->ctx;
  if (k->e->p != NULL) {
    NAX_TRY_ALLOC(k->acc, t_max * q, (size_t)t_max * sizeof(double));
  }
  NAX_TRY_ALLOC(k->bin, t_max * q, (size_t)q * sizeof(double));
  nax_index batch = n < NAX_I_GPFA_BATCH ? n : NAX_I_GPFA_BATCH;
  NAX_TRY_ALLOC(k->z, batch, (size_t)k->n->row[t_max] * sizeof(double));
  NAX_TRY_ALLOC(k->x, batch, (size_t)(q * t_max) * sizeof(double));
  NAX_TRY_ALLOC(k->mean, most, (size_t)t_max * sizeof(double));
  NAX_TRY_ALLOC(k->white, t_max, (size_t)d->n_neurons * sizeof(double));
  for (nax_index i = 0; i < n; i += batch) {
    NAX_TRY(do_batch(k, trial + i, n - i < batch ? n - i : batch));
  }
  nax_index done_rows = 0;
  for (nax_index i = 0, j; i < n; i = j) {
    nax_index length = start[trial[i] + 1] - start[trial[i]];
    for (j = i + 1; j < n && d->length_of[trial[j]] == d->length_of[trial[i]]; j++) {
    }
    NAX_TRY(add_rows(k, done_rows, k->n->row[length]));
    done_rows = k->n->row[length];
    add_covariance(k, trial + i, j - i, length);
    NAX_TRY(add_means(k, trial + i, j - i, length));
  }
done:
  nax_i_free(k->acc);
  nax_i_free(k->bin);
  nax_i_free(k->z);
  nax_i_free(k->x);
  nax_i_free(k->mean);
  nax_i_free(k->white);
  k->acc = k->bin = k->z = k->x = k->mean = k->white = NULL;
  return status;
}

nax_status
nax_i_gpfa_estep_nested(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                        nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_sensor *sensors = NULL;
  work k = {.ctx = ctx, .d = d, .p = p, .e = e, .n = &e->nested};
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, d, p, &sensors));
  k.sensors = sensors;
  for (nax_index g = 0; g < d->n_groups; g++) {
    NAX_TRY(do_group(&k, d->order + d->group[g].first, d->group[g].n));
  }
done:
  nax_i_gpfa_sensors_free(d, sensors);
  return status;
}
