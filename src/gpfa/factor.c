/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factor analysis of the bins as if they were independent: where the fit of the process
 * begins. Rubin & Thayer 1982. Only second moments matter: with more bins than neurons
 * the data are replaced by as many columns as there are neurons that have the same ones;
 * with more neurons than bins they are used as they are. Missing values hold the mean of
 * their neuron. */
#include "gpfa_i.h"
#include "rng/rng_i.h"
#include <math.h>

enum { POWER_STEPS = 12, MAX_ITER = 500 };

typedef struct factors {
  nax_ctx *ctx;
  nax_index n, m, q;
  nax_index width; /* columns of y: m, or n with the same second moments */
  double *y;       /* centred, n x width */
  double *x;       /* q x width: expectations of the factors */
  double *syx;     /* n x q */
  double *sxx;     /* q x q */
  double *beta;    /* n x q: x = beta' y */
  double *g;       /* q x q */
  double *var;     /* n */
} factors;

/* Columns of y that have the second moments of the m there were: the root of the
 * correlations, times the standard deviations. */
static nax_status
shorten(factors *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index n = f->n;
  double *s = NULL, *value = NULL, *sd = NULL;
  NAX_TRY_ALLOC(s, n, (size_t)n * sizeof(double));
  NAX_TRY_ALLOC(value, n, sizeof(double));
  NAX_TRY_ALLOC(sd, n, sizeof(double));
  for (nax_index i = 0; i < n; i++) {
    sd[i] = f->var[i] > 0.0 ? sqrt(f->var[i]) : 1.0;
  }
  for (nax_index j = 0; j < f->m; j++) {
    for (nax_index i = 0; i < n; i++) {
      f->y[i + j * n] /= sd[i];
    }
  }
  NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, n, f->m, 1.0, f->y, n, 0.0, s, n));
  NAX_TRY(nax_i_syevd(ctx, "nax_gpfa_fit", n, s, n, 1, value));
  for (nax_index k = 0; k < n; k++) {
    for (nax_index i = 0; i < n; i++) {
      s[i + k * n] *= sd[i] * sqrt(fmax(value[k], 0.0));
    }
  }
  nax_i_free(f->y);
  f->y = s;
  s = NULL;
  f->width = n;
done:
  nax_i_free(s);
  nax_i_free(value);
  nax_i_free(sd);
  return status;
}

/* Leading principal directions, scaled, as first loadings: powers of the covariance on
 * random columns. */
static nax_status
principal_start(factors *f, uint64_t seed, nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_rng *rng = NULL;
  double *r = NULL;
  NAX_TRY_ALLOC(r, f->q, (size_t)f->q * sizeof(double));
  NAX_TRY(nax_rng_create(ctx, seed, UINT64_C(1) << 32, &rng));
  for (nax_index i = 0; i < f->n * f->q; i++) {
    p->c[i] = nax_rng_normal(rng, 0.0, 1.0) * sqrt(f->var[i % f->n]);
  }
  for (int k = 0; k < POWER_STEPS; k++) {
    NAX_TRY(nax_i_qr(ctx, "nax_gpfa_fit", f->n, f->q, p->c, f->n, r, f->q));
    NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, f->q, f->width, f->n, 1.0, p->c,
                       f->n, f->y, f->n, 0.0, f->x, f->q));
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, f->n, f->q, f->width,
                       1.0 / (double)f->m, f->y, f->n, f->x, f->q, 0.0, p->c, f->n));
  }
  /* Columns are now directions times variances: make them directions times half the
   * standard deviation, so that noise has a share. */
  for (nax_index l = 0; l < f->q; l++) {
    double sum = 0.0;
    for (nax_index i = 0; i < f->n; i++) {
      sum += p->c[i + l * f->n] * p->c[i + l * f->n];
    }
    double scale = sum > 0.0 ? 0.5 / sqrt(sqrt(sum)) : 0.0;
    for (nax_index i = 0; i < f->n; i++) {
      p->c[i + l * f->n] *= scale;
    }
  }
done:
  nax_rng_free(rng);
  nax_i_free(r);
  return status;
}

/* One iteration; *ll is the log likelihood per bin (up to a constant) before it. */
static nax_status
iterate(factors *f, const double *floor, nax_i_gpfa_par *p, double *ll)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index n = f->n, q = f->q;
  double log_r = 0.0, fit = 0.0;
  for (nax_index l = 0; l < q; l++) {
    for (nax_index i = 0; i < n; i++) {
      f->beta[i + l * n] = p->c[i + l * n] / p->r[i];
    }
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, q, n, 1.0, p->c, n, f->beta, n,
                     0.0, f->g, q));
  for (nax_index l = 0; l < q; l++) {
    f->g[l + l * q] += 1.0;
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", "the precision of the factors", q, f->g, q, 1,
                      NULL));
  /* x = G^-1 (R^-1 C)' y */
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, f->width, n, 1.0, f->beta, n, f->y,
                     n, 0.0, f->x, q));
  double quad = 0.0;
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, q, f->width, f->g, q, f->x, q));
  for (nax_index i = 0; i < q * f->width; i++) {
    quad += f->x[i] * f->x[i];
  }
  NAX_TRY(nax_i_trsm(ctx, NAX_I_TRANS, q, f->width, f->g, q, f->x, q));
  for (nax_index i = 0; i < n; i++) {
    log_r += log(p->r[i]);
    fit += f->var[i] / p->r[i];
  }
  *ll = -0.5 * (log_r + nax_i_chol_logdet(q, f->g, q) + fit - quad / (double)f->m);
  /* sxx = m G^-1 + x x' */
  memset(f->sxx, 0, (size_t)(q * q) * sizeof(double));
  for (nax_index l = 0; l < q; l++) {
    f->sxx[l + l * q] = (double)f->m;
  }
  NAX_TRY(nax_i_potrs(ctx, q, q, f->g, q, f->sxx, q));
  NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, q, f->width, 1.0, f->x, q, 1.0, f->sxx, q));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, n, q, f->width, 1.0, f->y, n, f->x, q,
                     0.0, f->syx, n));
  NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_fit", "the moments of the factors", q, f->sxx, q, 1,
                      NULL));
  for (nax_index l = 0; l < q; l++) { /* C' = sxx^-1 syx' */
    for (nax_index i = 0; i < n; i++) {
      f->beta[l + i * q] = f->syx[i + l * n];
    }
  }
  NAX_TRY(nax_i_potrs(ctx, q, n, f->sxx, q, f->beta, q));
  for (nax_index i = 0; i < n; i++) {
    double explained = 0.0;
    for (nax_index l = 0; l < q; l++) {
      p->c[i + l * n] = f->beta[l + i * q];
      explained += p->c[i + l * n] * f->syx[i + l * n];
    }
    p->r[i] = fmax(f->var[i] - explained / (double)f->m, floor[i]);
  }
done:
  return status;
}

nax_status
nax_i_gpfa_factor_analysis(nax_ctx *ctx, const nax_i_gpfa_data *d, const double *floor,
                           uint64_t seed, nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  factors f = {.ctx = ctx, .n = d->n_neurons, .m = d->n_bins, .q = p->q};
  double first = 0.0, before = 0.0;
  NAX_TRY_ALLOC(f.y, f.m, (size_t)f.n * sizeof(double));
  NAX_TRY_ALLOC(f.syx, f.n, (size_t)f.q * sizeof(double));
  NAX_TRY_ALLOC(f.beta, f.n, (size_t)f.q * sizeof(double));
  NAX_TRY_ALLOC(f.sxx, f.q, (size_t)f.q * sizeof(double));
  NAX_TRY_ALLOC(f.g, f.q, (size_t)f.q * sizeof(double));
  NAX_TRY_ALLOC(f.var, f.n, sizeof(double));
  for (nax_index i = 0; i < f.n; i++) {
    double sum = 0.0, ss = 0.0;
    nax_index seen = 0;
    for (nax_index j = 0; j < f.m; j++) {
      double y = d->y[i + j * f.n];
      sum += isnan(y) ? 0.0 : y;
      seen += !isnan(y);
    }
    p->d[i] = seen > 0 ? sum / (double)seen : 0.0;
    for (nax_index j = 0; j < f.m; j++) {
      double y = d->y[i + j * f.n];
      f.y[i + j * f.n] = isnan(y) ? 0.0 : y - p->d[i];
      ss += f.y[i + j * f.n] * f.y[i + j * f.n];
    }
    f.var[i] = ss / (double)f.m;
    p->r[i] = fmax(f.var[i], floor[i]);
  }
  f.width = f.m;
  if (f.n < f.m) {
    NAX_TRY(shorten(&f));
  }
  NAX_TRY_ALLOC(f.x, f.width, (size_t)f.q * sizeof(double));
  NAX_TRY(principal_start(&f, seed, p));
  NAX_TRY(
      nax_i_stage_begin(&stage, ctx, "nax_gpfa_fit", "gpfa/factor-analysis", MAX_ITER));
  for (int k = 0; k < MAX_ITER; k++) {
    double ll;
    NAX_TRY(iterate(&f, floor, p, &ll));
    first = k == 0 ? ll : first;
    if (k > 1 && ll - before < 1e-8 * fabs(ll - first)) {
      break;
    }
    before = ll;
    NAX_TRY(nax_i_stage_poll(&stage, k + 1, ll * (double)f.m));
  }
done:
  nax_i_free(f.y);
  nax_i_free(f.x);
  nax_i_free(f.syx);
  nax_i_free(f.beta);
  nax_i_free(f.sxx);
  nax_i_free(f.g);
  nax_i_free(f.var);
  return status;
}
