/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Length scales to start from. Factor analysis leaves the rotation of its factors open;
 * the one taken here makes their correlation over lags diagonal, so that each has a pace
 * of its own. The scores of a factor are the latent plus white noise, with shares
 * that the loadings tell, and the length scale is the likeliest one of such a series, on
 * a grid and by Newton steps from there. Windows of WINDOW bins are enough for a start.
 */
#include "gpfa_i.h"
#include <math.h>

enum { LAGS = 16, WINDOW = 64, GRID = 14, NEWTON = 2 };

/* Scores of all bins by factor analysis, (I + C' R^-1 C)^-1 C' R^-1 (y - d) (q x bins),
 * and their covariance over data as the model has it, H (q x q). */
static nax_status
make_scores(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p, double *x,
            double *h)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q, m = d->n_bins;
  double *beta = NULL, *g = NULL, *y = NULL;
  NAX_TRY_ALLOC(beta, n, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(g, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(y, n, (size_t)m * sizeof(double));
  for (nax_index i = 0; i < n * q; i++) {
    beta[i] = p->c[i] / p->r[i % n];
  }
  for (nax_index i = 0; i < n * m; i++) {
    y[i] = isnan(d->y[i]) ? 0.0 : d->y[i] - p->d[i % n];
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, q, n, 1.0, p->c, n, beta, n, 0.0,
                     h, q));
  memcpy(g, h, (size_t)(q * q) * sizeof *g);
  for (nax_index l = 0; l < q; l++) {
    g[l + l * q] += 1.0;
  }
  NAX_TRY(
      nax_i_potrf(ctx, "nax_gpfa_fit", "the precision of the factors", q, g, q, 1, NULL));
  NAX_TRY(nax_i_potrs(ctx, q, q, g, q, h, q));
  NAX_TRY(
      nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, m, n, 1.0, beta, n, y, n, 0.0, x, q));
  NAX_TRY(nax_i_potrs(ctx, q, m, g, q, x, q));
done:
  nax_i_free(beta);
  nax_i_free(g);
  nax_i_free(y);
  return status;
}

/* The rotation (q x q, orthogonal): eigenvectors of the correlations of the scores,
 * summed over LAGS lags, which tells slow from fast better than a single lag does. */
static nax_status
find_turn(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_index q, const double *x,
          double *turn)
{
  nax_status status = NAX_OK;
  double *cov = NULL, *root = NULL, *lag = NULL, *value = NULL, *ahead = NULL;
  NAX_TRY_ALLOC(cov, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(root, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(lag, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(value, q, sizeof(double));
  NAX_TRY_ALLOC(ahead, d->n_bins, (size_t)q * sizeof(double));
  NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, q, d->n_bins, 1.0 / (double)d->n_bins, x, q, 0.0,
                     cov, q));
  for (nax_index k = 0; k < d->n_trials; k++) {
    nax_index from = d->start[k], to = d->start[k + 1];
    for (nax_index j = to - 2; j >= from; j--) {
      for (nax_index l = 0; l < q; l++) {
        double left = j + 1 + LAGS < to ? x[l + (j + 1 + LAGS) * q] : 0.0;
        ahead[l + j * q] = ahead[l + (j + 1) * q] + x[l + (j + 1) * q] - left;
      }
    }
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, q, q, d->n_bins,
                     0.5 / (double)d->n_bins, x, q, ahead, q, 0.0, lag, q));
  for (nax_index b = 0; b < q; b++) {
    for (nax_index a = 0; a <= b; a++) {
      lag[a + b * q] += lag[b + a * q];
      lag[b + a * q] = lag[a + b * q];
    }
  }
  /* root = cov^-1/2, by its eigenvectors */
  NAX_TRY(nax_i_syevd(ctx, "nax_gpfa_fit", q, cov, q, 1, value));
  for (nax_index b = 0; b < q; b++) {
    double scale = value[b] > 1e-12 * value[q - 1] ? 1.0 / sqrt(sqrt(value[b])) : 0.0;
    for (nax_index a = 0; a < q; a++) {
      cov[a + b * q] *= scale;
    }
  }
  NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, q, q, 1.0, cov, q, 0.0, root, q));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, q, q, q, 1.0, lag, q, root, q, 0.0,
                     cov, q));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, q, q, q, 1.0, root, q, cov, q, 0.0,
                     turn, q));
  NAX_TRY(nax_i_syevd(ctx, "nax_gpfa_fit", q, turn, q, 1, value));
done:
  nax_i_free(cov);
  nax_i_free(root);
  nax_i_free(lag);
  nax_i_free(value);
  nax_i_free(ahead);
  return status;
}

/* Windows of the trials by their length. */
typedef struct windows {
  nax_index n, length[WINDOW], count[WINDOW], of[WINDOW + 1]; /* of: place of a length */
  double *p[WINDOW];
} windows;

static nax_status
make_windows(nax_ctx *ctx, const nax_i_gpfa_data *d, windows *w)
{
  nax_status status = NAX_OK;
  nax_index count[WINDOW + 1] = {0};
  *w = (windows){.n = 0};
  for (nax_index k = 0; k < d->n_trials; k++) {
    nax_index length = d->start[k + 1] - d->start[k];
    count[WINDOW] += length / WINDOW;
    count[length % WINDOW] += length % WINDOW > 0;
  }
  for (nax_index t = 1; t <= WINDOW; t++) {
    if (count[t] > 0) {
      w->of[t] = w->n;
      w->length[w->n] = t;
      w->count[w->n] = count[t];
      NAX_TRY_ALLOC(w->p[w->n], t, (size_t)t * sizeof(double));
      w->n++;
    }
  }
done:
  return status;
}

/* Second moments of the scores of factor l, in units of `var`. */
static void
fill_windows(const nax_i_gpfa_data *d, const double *x, nax_index q, nax_index l,
             double var, windows *w)
{
  for (nax_index i = 0; i < w->n; i++) {
    memset(w->p[i], 0, (size_t)(w->length[i] * w->length[i]) * sizeof(double));
  }
  for (nax_index k = 0; k < d->n_trials; k++) {
    for (nax_index from = d->start[k], t; from < d->start[k + 1]; from += t) {
      nax_index left = d->start[k + 1] - from;
      t = left < WINDOW ? left : WINDOW;
      double *p = w->p[w->of[t]];
      for (nax_index b = 0; b < t; b++) {
        double y = x[l + (from + b) * q] / var;
        for (nax_index a = 0; a < t; a++) {
          p[a + b * t] += x[l + (from + a) * q] * y;
        }
      }
    }
  }
}

/* The likeliest length scale of a series of which a share `noise` is white. */
static nax_status
find_scale(nax_ctx *ctx, nax_gpfa_kernel kernel, const nax_i_gpfa_moments *m,
           double noise, double lo, double hi, double *u)
{
  nax_status status = NAX_OK;
  double k[WINDOW], dk[WINDOW], dk2[WINDOW], best = HUGE_VAL, f, df, df2;
  nax_index t = m->length[m->n_lengths - 1];
  for (int i = 0; i < GRID; i++) {
    double at = lo + (hi - lo) * (double)i / (GRID - 1);
    nax_i_gpfa_kernel(kernel, t, at, noise, k, dk, dk2);
    status = nax_i_gpfa_kernel_objective(ctx, m, k, dk, dk2, &f, &df, &df2);
    if (status == NAX_ENUMERIC) { /* too smooth for rounding */
      continue;
    }
    NAX_TRY(status);
    if (f < best) {
      best = f;
      *u = at;
    }
  }
  status = nax_i_gpfa_kernel_step(ctx, kernel, m, NEWTON, lo, hi, noise, u);
done:
  return status;
}

nax_status
nax_i_gpfa_pace(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q;
  windows w = {.n = 0};
  double *x = NULL, *h = NULL, *turn = NULL, *c = NULL;
  double lo = -2.0 * log(fmin(4.0 * (double)d->longest, 4.0 * WINDOW)), hi = 0.0;
  NAX_TRY_ALLOC(x, d->n_bins, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(h, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(turn, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(c, n > d->n_bins ? n : d->n_bins, (size_t)q * sizeof(double));
  NAX_TRY(make_windows(ctx, d, &w));
  NAX_TRY(make_scores(ctx, d, p, x, h));
  NAX_TRY(find_turn(ctx, d, q, x, turn));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, q, q, 1.0, p->c, n, turn, q, 0.0,
                     c, n));
  memcpy(p->c, c, (size_t)(n * q) * sizeof *c);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, d->n_bins, q, 1.0, turn, q, x, q,
                     0.0, c, q));
  for (nax_index l = 0; l < q; l++) {
    double share = 0.0; /* of the latent in its scores */
    for (nax_index b = 0; b < q; b++) {
      for (nax_index a = 0; a < q; a++) {
        share += turn[a + l * q] * h[a + b * q] * turn[b + l * q];
      }
    }
    double noise = 1.0 - share * (1.0 - p->noise[l]);
    nax_i_gpfa_moments m = {w.n, w.length, w.count, (const double *const *)w.p};
    fill_windows(d, c, q, l, share, &w);
    NAX_TRY(
        find_scale(ctx, p->kernel, &m, fmin(fmax(noise, 1e-6), 0.999), lo, hi, &p->u[l]));
  }
done:
  for (nax_index i = 0; i < w.n; i++) {
    nax_i_free(w.p[i]);
  }
  nax_i_free(x);
  nax_i_free(h);
  nax_i_free(turn);
  nax_i_free(c);
  return status;
}
