/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The M-step and the gradient of the likelihood, from the same posterior moments. */
#include "gpfa_i.h"
#include <math.h>

static nax_index
floor_to(double *r, const double *floor, nax_index n)
{
  nax_index hit = 0;
  for (nax_index i = 0; i < n; i++) {
    if (!(r[i] > floor[i])) {
      r[i] = floor[i];
      hit++;
    }
  }
  return hit;
}

/* Regression of all neurons on the latents, with the same moments for all. */
static nax_status
loadings_complete(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_estep *e,
                  nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q, m = d->n_bins, w = q + 1;
  double *s = NULL, *b = NULL, *resid = NULL, bins = (double)m;
  NAX_TRY_ALLOC(s, w, (size_t)w * sizeof(double));
  NAX_TRY_ALLOC(b, w, (size_t)n * sizeof(double));
  NAX_TRY_ALLOC(resid, m, (size_t)n * sizeof(double));
  /* moments of (x, 1) */
  NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, q, m, 1.0, e->x, q, 0.0, s, w));
  for (nax_index l = 0; l < q; l++) {
    double sum = 0.0;
    for (nax_index j = 0; j < m; j++) {
      sum += e->x[l + j * q];
    }
    s[q + l * w] = s[l + q * w] = sum;
    for (nax_index k = 0; k < q; k++) {
      s[l + k * w] += e->vsum[l + k * q];
    }
  }
  s[q + q * w] = bins;
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, q, n, m, 1.0, e->x, q, d->y, n, 0.0,
                     b, w));
  for (nax_index j = 0; j < m; j++) {
    for (nax_index i = 0; i < n; i++) {
      b[q + i * w] += d->y[i + j * n];
    }
  }
  NAX_TRY(
      nax_i_potrf(ctx, "nax_gpfa_fit", "the moments of the latents", w, s, w, 1, NULL));
  NAX_TRY(nax_i_potrs(ctx, w, n, s, w, b, w));
  for (nax_index i = 0; i < n; i++) {
    p->d[i] = b[q + i * w];
    for (nax_index l = 0; l < q; l++) {
      p->c[i + l * n] = b[l + i * w];
    }
  }
  /* Noise from the residuals themselves: no difference of large numbers. */
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, m, q, -1.0, p->c, n, e->x, q, 0.0,
                     resid, n));
  memset(p->r, 0, (size_t)n * sizeof(double));
  for (nax_index j = 0; j < m; j++) {
    for (nax_index i = 0; i < n; i++) {
      double x = resid[i + j * n] + d->y[i + j * n] - p->d[i];
      p->r[i] += x * x;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index l = 0; l < q; l++) {
      for (nax_index k = 0; k < q; k++) {
        p->r[i] += p->c[i + l * n] * e->vsum[l + k * q] * p->c[i + k * n];
      }
    }
    p->r[i] /= bins;
  }
done:
  nax_i_free(s);
  nax_i_free(b);
  nax_i_free(resid);
  return status;
}

/* The same where each neuron has its own observed bins. */
static nax_status
loadings_missing(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_estep *e,
                 nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q, w = q + 1;
  double *s = NULL, *b = NULL;
  NAX_TRY_ALLOC(s, w, (size_t)w * sizeof(double));
  NAX_TRY_ALLOC(b, w, sizeof(double));
  for (nax_index i = 0; i < n; i++) {
    double bins = 0.0, r = 0.0;
    memset(s, 0, (size_t)(w * w) * sizeof(double));
    memset(b, 0, (size_t)w * sizeof(double));
    for (nax_index j = 0; j < d->n_bins; j++) {
      const double y = d->y[i + j * n], *x = e->x + j * q, *v = e->v + j * q * q;
      if (isnan(y)) {
        continue;
      }
      bins += 1.0;
      for (nax_index l = 0; l < q; l++) {
        for (nax_index k = l; k < q; k++) {
          s[k + l * w] += v[k + l * q] + x[k] * x[l];
        }
        s[q + l * w] += x[l];
        b[l] += y * x[l];
      }
      b[q] += y;
    }
    s[q + q * w] = bins;
    NAX_TRY(
        nax_i_potrf(ctx, "nax_gpfa_fit", "the moments of the latents", w, s, w, 1, NULL));
    NAX_TRY(nax_i_potrs(ctx, w, 1, s, w, b, w));
    p->d[i] = b[q];
    for (nax_index l = 0; l < q; l++) {
      p->c[i + l * n] = b[l];
    }
    for (nax_index j = 0; j < d->n_bins; j++) {
      const double y = d->y[i + j * n], *x = e->x + j * q, *v = e->v + j * q * q;
      if (isnan(y)) {
        continue;
      }
      double z = y - p->d[i], c2 = 0.0;
      for (nax_index l = 0; l < q; l++) {
        z -= b[l] * x[l];
        for (nax_index k = 0; k < q; k++) {
          c2 += b[l] * v[k + l * q] * b[k];
        }
      }
      r += z * z + c2;
    }
    p->r[i] = r / bins;
  }
done:
  nax_i_free(s);
  nax_i_free(b);
  return status;
}

nax_status
nax_i_gpfa_mstep_loadings(nax_ctx *ctx, const nax_i_gpfa_data *d,
                          const nax_i_gpfa_estep *e, const double *floor,
                          nax_i_gpfa_par *p, nax_index *n_floored)
{
  nax_status status =
      d->n_missing > 0 ? loadings_missing(ctx, d, e, p) : loadings_complete(ctx, d, e, p);
  *n_floored = status == NAX_OK ? floor_to(p->r, floor, p->n) : 0;
  return status;
}

/* Moments of latent l as the kernel step takes them; `table` has room for n_lengths. */
static nax_i_gpfa_moments
moments_of(const nax_i_gpfa_data *d, const nax_i_gpfa_estep *e, nax_index l,
           const double **table)
{
  for (nax_index u = 0; u < d->n_lengths; u++) {
    table[u] = e->p[u] + l * d->length[u] * d->length[u];
  }
  return (nax_i_gpfa_moments){d->n_lengths, d->length, d->count, table};
}

nax_status
nax_i_gpfa_mstep_kernels(nax_ctx *ctx, const nax_i_gpfa_data *d,
                         const nax_i_gpfa_estep *e, int64_t steps, int learn_noise,
                         double u_lo, double u_hi, nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  const double **table = NULL;
  NAX_TRY_ALLOC(table, d->n_lengths, sizeof *table);
  for (nax_index l = 0; l < p->q; l++) {
    nax_i_gpfa_moments m = moments_of(d, e, l, table);
    NAX_TRY(nax_i_gpfa_kernel_step(ctx, p->kernel, &m, steps, u_lo, u_hi, p->noise[l],
                                   &p->u[l]));
    if (learn_noise) {
      NAX_TRY(nax_i_gpfa_noise_step(ctx, p->kernel, &m, steps, p->u[l], &p->noise[l]));
    }
  }
done:
  nax_i_free(table);
  return status;
}

/* What the residuals say where each neuron has its own observed bins: in C (times R), d
 * and the noise. */
static void
residuals_missing(const nax_i_gpfa_data *d, const nax_i_gpfa_estep *e,
                  const nax_i_gpfa_par *p, nax_i_gpfa_par *g)
{
  nax_index n = p->n, q = p->q;
  for (nax_index j = 0; j < d->n_bins; j++) {
    const double *y = d->y + j * n, *x = e->x + j * q, *v = e->v + j * q * q;
    for (nax_index i = 0; i < n; i++) {
      if (isnan(y[i])) {
        continue;
      }
      double z = y[i] - p->d[i];
      for (nax_index l = 0; l < q; l++) {
        z -= p->c[i + l * n] * x[l];
      }
      g->d[i] += z;
      g->r[i] += z * z - p->r[i];
      for (nax_index l = 0; l < q; l++) {
        double cv = 0.0;
        for (nax_index m = 0; m < q; m++) {
          cv += p->c[i + m * n] * v[m + l * q];
        }
        g->c[i + l * n] += z * x[l] - cv;
        g->r[i] += cv * p->c[i + l * n];
      }
    }
  }
}

/* The same without missing values: two products. */
static nax_status
residuals_complete(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_estep *e,
                   const nax_i_gpfa_par *p, nax_i_gpfa_par *g)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q, m = d->n_bins;
  double *z = NULL;
  NAX_TRY_ALLOC(z, m, (size_t)n * sizeof *z);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, m, q, -1.0, p->c, n, e->x, q, 0.0,
                     z, n));
  for (nax_index j = 0; j < m; j++) {
    for (nax_index i = 0; i < n; i++) {
      double x = z[i + j * n] += d->y[i + j * n] - p->d[i];
      g->d[i] += x;
      g->r[i] += x * x - p->r[i];
    }
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, n, q, m, 1.0, z, n, e->x, q, 0.0,
                     g->c, n));
  for (nax_index i = 0; i < n; i++) {
    for (nax_index l = 0; l < q; l++) {
      double cv = 0.0;
      for (nax_index k = 0; k < q; k++) {
        cv += p->c[i + k * n] * e->vsum[k + l * q];
      }
      g->c[i + l * n] -= cv;
      g->r[i] += cv * p->c[i + l * n];
    }
  }
done:
  nax_i_free(z);
  return status;
}

nax_status
nax_i_gpfa_gradient(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_estep *e,
                    const nax_i_gpfa_par *p, int kernels, nax_i_gpfa_par *g)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q, t_max = d->longest;
  const double **table = NULL;
  double *k[3] = {NULL, NULL, NULL};
  NAX_TRY_ALLOC(table, d->n_lengths, sizeof *table);
  for (int j = 0; j < 3; j++) {
    NAX_TRY_ALLOC(k[j], t_max, sizeof(double));
  }
  memset(g->c, 0, (size_t)(n * q) * sizeof(double));
  memset(g->d, 0, (size_t)n * sizeof(double));
  memset(g->r, 0, (size_t)n * sizeof(double));
  /* Fisher's identity: expectation over the posterior of the complete-data gradient. */
  if (d->n_missing > 0) {
    residuals_missing(d, e, p, g);
  } else {
    NAX_TRY(residuals_complete(ctx, d, e, p, g));
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index l = 0; l < q; l++) {
      g->c[i + l * n] /= p->r[i];
    }
    g->d[i] /= p->r[i];
    g->r[i] /= 2.0 * p->r[i]; /* in log R */
  }
  for (nax_index l = 0; l < q && kernels; l++) {
    nax_i_gpfa_moments m = moments_of(d, e, l, table);
    double f, df2;
    nax_i_gpfa_kernel(p->kernel, t_max, p->u[l], p->noise[l], k[0], k[1], k[2]);
    NAX_TRY(nax_i_gpfa_kernel_objective(ctx, &m, k[0], k[1], k[2], &f, &g->u[l], &df2));
    g->u[l] = -g->u[l];
    if (kernels < 2) {
      continue;
    }
    nax_i_gpfa_kernel_noise(p->kernel, t_max, p->u[l], p->noise[l], k[0], k[1], k[2]);
    NAX_TRY(
        nax_i_gpfa_kernel_objective(ctx, &m, k[0], k[1], k[2], &f, &g->noise[l], &df2));
    g->noise[l] = -g->noise[l];
  }
done:
  nax_i_free(table);
  for (int j = 0; j < 3; j++) {
    nax_i_free(k[j]);
  }
  return status;
}
