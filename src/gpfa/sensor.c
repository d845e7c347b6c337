/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters, and what a bin tells about the latents through the neurons observed. */
#include "gpfa_i.h"
#include <math.h>

nax_status
nax_i_gpfa_par_init(nax_ctx *ctx, nax_index n, nax_index q, nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  *p = (nax_i_gpfa_par){.n = n, .q = q, .kernel = NAX_GPFA_RBF};
  NAX_TRY_ALLOC(p->c, n * q, sizeof(double));
  NAX_TRY_ALLOC(p->d, n, sizeof(double));
  NAX_TRY_ALLOC(p->r, n, sizeof(double));
  NAX_TRY_ALLOC(p->u, q, sizeof(double));
  NAX_TRY_ALLOC(p->noise, q, sizeof(double));
done:
  return status;
}

void
nax_i_gpfa_par_copy(const nax_i_gpfa_par *from, nax_i_gpfa_par *to)
{
  size_t n = (size_t)from->n * sizeof(double), q = (size_t)from->q * sizeof(double);
  to->kernel = from->kernel;
  memcpy(to->c, from->c, n * (size_t)from->q);
  memcpy(to->d, from->d, n);
  memcpy(to->r, from->r, n);
  memcpy(to->u, from->u, q);
  memcpy(to->noise, from->noise, q);
}

void
nax_i_gpfa_par_free(nax_i_gpfa_par *p)
{
  nax_i_free(p->c);
  nax_i_free(p->d);
  nax_i_free(p->r);
  nax_i_free(p->u);
  nax_i_free(p->noise);
  *p = (nax_i_gpfa_par){.c = NULL};
}

void
nax_i_gpfa_sensors_free(const nax_i_gpfa_data *d, nax_i_gpfa_sensor *s)
{
  for (nax_index k = 0; s != NULL && k < d->n_patterns; k++) {
    nax_i_free(s[k].p);
    nax_i_free(s[k].lg);
    nax_i_free(s[k].g);
  }
  nax_i_free(s);
}

/* Thin SVD of the whitened loadings of the observed neurons. */
static nax_status
make_sensor(nax_ctx *ctx, const nax_i_gpfa_par *p, const char *observed,
            nax_i_gpfa_sensor *s)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q, seen = 0;
  double *a = NULL, *sv = NULL, *u = NULL, *vt = NULL;
  for (nax_index i = 0; i < n; i++) {
    seen += observed[i];
    s->log_r += observed[i] ? log(p->r[i]) : 0.0;
  }
  nax_index m = seen < q ? seen : q;
  s->n = seen;
  NAX_TRY_ALLOC(s->g, q * q, sizeof(double));
  NAX_TRY_ALLOC(s->p, n * m, sizeof(double));
  NAX_TRY_ALLOC(s->lg, q * m, sizeof(double));
  if (m == 0) {
    goto done;
  }
  NAX_TRY_ALLOC(a, seen * q, sizeof(double));
  NAX_TRY_ALLOC(sv, m, sizeof(double));
  NAX_TRY_ALLOC(u, seen * m, sizeof(double));
  NAX_TRY_ALLOC(vt, m * q, sizeof(double));
  for (nax_index l = 0; l < q; l++) {
    for (nax_index i = 0, row = 0; i < n; i++) {
      if (observed[i]) {
        a[row++ + l * seen] = p->c[i + l * n] / sqrt(p->r[i]);
      }
    }
  }
  NAX_TRY(nax_i_gesdd(ctx, "nax_gpfa_fit", seen, q, a, seen, sv, u, seen, vt, m));
  for (nax_index k = 0; k < m; k++) {
    if (!(sv[k] > 1e-150)) { /* these neurons say nothing more */
      break;
    }
    s->rank++;
    for (nax_index i = 0, row = 0; i < n; i++) {
      if (observed[i]) {
        s->p[i + k * n] = u[row++ + k * seen];
      }
    }
    for (nax_index l = 0; l < q; l++) {
      s->lg[l + k * q] = vt[k + l * m] * sv[k];
    }
  }
  for (nax_index l = 0; l < q; l++) {
    for (nax_index j = 0; j < q; j++) {
      for (nax_index k = 0; k < s->rank; k++) {
        s->g[l + j * q] += s->lg[l + k * q] * s->lg[j + k * q];
      }
    }
  }
done:
  nax_i_free(a);
  nax_i_free(sv);
  nax_i_free(u);
  nax_i_free(vt);
  return status;
}

nax_status
nax_i_gpfa_sensors_init(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                        nax_i_gpfa_sensor **out)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_sensor *s = NULL;
  *out = NULL;
  NAX_TRY_ALLOC(s, d->n_patterns, sizeof *s);
  for (nax_index k = 0; k < d->n_patterns; k++) {
    NAX_TRY(make_sensor(ctx, p, d->observed + k * d->n_neurons, &s[k]));
  }
  *out = s;
  s = NULL;
done:
  nax_i_gpfa_sensors_free(d, s);
  return status;
}

double
nax_i_gpfa_whiten(const nax_i_gpfa_data *d, const nax_i_gpfa_par *p, nax_index trial,
                  double *out)
{
  enum { BLOCK = 64 };
  nax_index n = d->n_neurons, from = d->start[trial], to = d->start[trial + 1];
  double total = 0.0, scale[BLOCK];
  for (nax_index i0 = 0; i0 < n; i0 += BLOCK) {
    nax_index m = n - i0 < BLOCK ? n - i0 : BLOCK;
    for (nax_index i = 0; i < m; i++) {
      scale[i] = 1.0 / sqrt(p->r[i0 + i]);
    }
    for (nax_index j = from; j < to; j++) {
      const double *y = d->y + j * n + i0, *mean = p->d + i0;
      double *z = out + (j - from) * n + i0, sum = 0.0;
      for (nax_index i = 0; i < m; i++) {
        double x = (y[i] - mean[i]) * scale[i];
        z[i] = x == x ? x : 0.0; /* missing */
        sum += z[i] * z[i];
      }
      total += sum;
    }
  }
  return total;
}
