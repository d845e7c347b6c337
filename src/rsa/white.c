/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whitened inner products of RDMs in closed form.
 *
 * With S = sigma_k, Pi = S^-1 - S^-1 1 1'S^-1 / (1'S^-1 1) and G = -D/2,
 * a'V^-1 b = tr(Pi G_a Pi G_b). With S = LL' and u the unit vector along L^-1 1,
 * Pi = L'^-1 (I - uu') L^-1, so the features of d are the entries of
 * (I - uu') L^-1 G L'^-1 (I - uu'). */
#include "compare_i.h"
#include <math.h>

void
nax_i_white_clear(nax_i_white *w)
{
  nax_i_free(w->l);
  nax_i_free(w->u);
  nax_i_free(w->missing);
  nax_i_free(w->q);
  nax_i_free(w->pi);
  *w = (nax_i_white){0};
}

/* W = (I - uu') L^-1 X L'^-1 (I - uu') of a symmetric X, in place. */
static nax_status
whiten(nax_ctx *ctx, const nax_i_white *w, double *x, double *work)
{
  nax_status status = NAX_OK;
  nax_index n = w->n;
  if (w->full) {
    NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, n, n, w->l, n, x, n));
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < n; i++) {
        work[i + j * n] = x[j + i * n];
      }
    }
    NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, n, n, w->l, n, work, n));
    memcpy(x, work, (size_t)(n * n) * sizeof *x);
  } else if (!w->compat) {
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < n; i++) {
        x[i + j * n] /= w->l[i] * w->l[j];
      }
    }
  }
  /* y = X u; X - u y' - y u' + u (u'y) u'. */
  double total = 0.0;
  for (nax_index j = 0; j < n; j++) {
    double y = 0.0;
    for (nax_index i = 0; i < n; i++) {
      y += x[i + j * n] * w->u[i];
    }
    work[j] = y;
    total += y * w->u[j];
  }
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      x[i + j * n] += total * w->u[i] * w->u[j] - w->u[i] * work[j] - work[i] * w->u[j];
    }
  }
  for (nax_index j = 0; !w->full && w->compat && j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      x[i + j * n] /= w->l[i] * w->l[j];
    }
  }
done:
  return status;
}

static void
pair_of(nax_index n, nax_index k, nax_index *i, nax_index *j)
{
  nax_index row = 0;
  while (k >= n - row - 1) {
    k -= n - row - 1;
    row++;
  }
  *i = row;
  *j = row + 1 + k;
}

/* Pi itself and the factor of Q_kl = 2 (Pi_ik Pi_jl + Pi_il Pi_jk) over missing pairs. */
static nax_status
prepare_gaps(nax_ctx *ctx, const char *fn, nax_i_white *w)
{
  nax_status status = NAX_OK;
  nax_index n = w->n, k = w->n_missing;
  double *a = NULL;
  NAX_TRY_ALLOC(w->pi, n * n, sizeof *w->pi);
  NAX_TRY_ALLOC(a, n * n, sizeof *a);
  NAX_TRY_ALLOC(w->q, k * k, sizeof *w->q);
  /* A = (I - uu') L^-1, Pi = A'A. */
  for (nax_index j = 0; j < n; j++) {
    a[j + j * n] = 1.0;
  }
  if (w->full) {
    NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, n, n, w->l, n, a, n));
  } else {
    for (nax_index j = 0; j < n; j++) {
      a[j + j * n] = 1.0 / w->l[j];
    }
  }
  for (nax_index j = 0; j < n; j++) {
    double y = 0.0;
    for (nax_index i = 0; i < n; i++) {
      y += a[i + j * n] * w->u[i];
    }
    for (nax_index i = 0; i < n; i++) {
      a[i + j * n] -= w->u[i] * y;
    }
  }
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, n, 1.0, a, n, 0.0, w->pi, n));
  for (nax_index c = 0; c < k; c++) {
    nax_index ci, cj;
    pair_of(n, w->missing[c], &ci, &cj);
    for (nax_index r = 0; r < k; r++) {
      nax_index ri, rj;
      pair_of(n, w->missing[r], &ri, &rj);
      w->q[r + c * k] = 2.0 * (w->pi[ri + ci * n] * w->pi[rj + cj * n] +
                               w->pi[ri + cj * n] * w->pi[rj + ci * n]);
    }
  }
  NAX_TRY(nax_i_potrf(ctx, fn, "covariance of the missing pairs", k, w->q, k, 0, NULL));
done:
  nax_i_free(a);
  return status;
}

nax_status
nax_i_white_init(nax_ctx *ctx, const char *fn, nax_index n, const double *sigma_k,
                 int full, int compat, nax_index n_missing, const nax_index *missing,
                 nax_i_white *w)
{
  nax_status status = NAX_OK;
  *w = (nax_i_white){.n = n,
                     .n_features = n * (n + 1) / 2,
                     .n_missing = n_missing,
                     .full = full && sigma_k != NULL,
                     .compat = compat && sigma_k != NULL && !full};
  NAX_TRY_ALLOC(w->u, n, sizeof *w->u);
  NAX_TRY_ALLOC(w->l, w->full ? n * n : n, sizeof *w->l);
  for (nax_index i = 0; i < n; i++) {
    w->u[i] = 1.0;
  }
  if (w->full) {
    memcpy(w->l, sigma_k, (size_t)(n * n) * sizeof *w->l);
    NAX_TRY(nax_i_potrf(ctx, fn, "sigma_k", n, w->l, n, 0, NULL));
    NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, n, 1, w->l, n, w->u, n));
  } else {
    for (nax_index i = 0; i < n; i++) {
      w->l[i] = sigma_k != NULL ? sqrt(sigma_k[i]) : 1.0;
      if (!(w->l[i] > 0.0)) {
        status = nax_i_fail(ctx, NAX_ENUMERIC, fn, "sigma_k of condition %lld is %g",
                            (long long)i, sigma_k[i]);
        goto done;
      }
      /* The peer projects in the unweighted space. */
      w->u[i] = w->compat ? 1.0 : 1.0 / w->l[i];
    }
  }
  double norm = 0.0;
  for (nax_index i = 0; i < n; i++) {
    norm += w->u[i] * w->u[i];
  }
  for (nax_index i = 0; i < n; i++) {
    w->u[i] /= sqrt(norm);
  }
  if (n_missing > 0) {
    NAX_TRY_ALLOC(w->missing, n_missing, sizeof *w->missing);
    memcpy(w->missing, missing, (size_t)n_missing * sizeof *missing);
    NAX_TRY(prepare_gaps(ctx, fn, w));
  }
done:
  if (status != NAX_OK) {
    nax_i_white_clear(w);
  }
  return status;
}

nax_status
nax_i_white_features(nax_ctx *ctx, const nax_i_white *w, const double *d, double *f,
                     double *gap, double *work)
{
  nax_status status = NAX_OK;
  nax_index n = w->n;
  double *x = work, *scratch = work + n * n;
  for (nax_index i = 0, k = 0; i < n; i++) {
    x[i + i * n] = 0.0;
    for (nax_index j = i + 1; j < n; j++, k++) {
      x[i + j * n] = x[j + i * n] = -0.5 * d[k];
    }
  }
  if (w->n_missing > 0) {
    /* T = Pi G Pi at the missing pairs. */
    double *y = scratch;
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, n, n, 1.0, x, n, w->pi, n, 0.0,
                       y, n));
    for (nax_index k = 0; k < w->n_missing; k++) {
      nax_index i, j;
      pair_of(n, w->missing[k], &i, &j);
      double t = 0.0;
      for (nax_index a = 0; a < n; a++) {
        t += w->pi[a + i * n] * y[a + j * n];
      }
      gap[k] = 2.0 * t;
    }
    NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, w->n_missing, 1, w->q, w->n_missing, gap,
                       w->n_missing));
  }
  NAX_TRY(whiten(ctx, w, x, scratch));
  for (nax_index j = 0, k = 0; j < n; j++) {
    for (nax_index i = 0; i < j; i++) {
      f[k++] = 1.4142135623730951 * x[i + j * n];
    }
    f[k++] = x[j + j * n];
  }
done:
  return status;
}
