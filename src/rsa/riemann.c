/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparison of RDMs as positive definite matrices: Bures and Riemannian. */
#include "compare_i.h"
#include <math.h>

nax_status
nax_i_bures_factor(nax_ctx *ctx, nax_index n, const double *d, double *f, double *k_out,
                   double *trace)
{
  nax_status status = NAX_OK;
  double *value = NULL, *mean = NULL, all = 0.0;
  NAX_TRY_ALLOC(value, n, sizeof *value);
  NAX_TRY_ALLOC(mean, n, sizeof *mean);
  for (nax_index i = 0, k = 0; i < n; i++) {
    f[i + i * n] = 0.0;
    for (nax_index j = i + 1; j < n; j++, k++) {
      f[i + j * n] = f[j + i * n] = -0.5 * d[k];
      mean[i] += -0.5 * d[k] / (double)n;
      mean[j] += -0.5 * d[k] / (double)n;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    all += mean[i] / (double)n;
  }
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      f[i + j * n] += all - mean[i] - mean[j];
    }
  }
  *trace = 0.0;
  if (k_out != NULL) {
    memcpy(k_out, f, (size_t)(n * n) * sizeof *f);
  }
  NAX_TRY(nax_i_syevd(ctx, "nax_rsa_compare", n, f, n, 1, value));
  for (nax_index j = 0; j < n; j++) {
    /* Centring leaves one eigenvalue that is 0 but for rounding. */
    double v = value[j] > 1e-13 * value[n - 1] ? value[j] : 0.0;
    *trace += k_out != NULL ? value[j] : v;
    for (nax_index i = 0; i < n; i++) {
      f[i + j * n] *= sqrt(v);
    }
  }
done:
  nax_i_free(value);
  nax_i_free(mean);
  return status;
}

nax_status
nax_i_bures_overlap(nax_ctx *ctx, nax_index n, const double *f1, const double *f2,
                    const double *k2, double *work, double *out)
{
  nax_status status = NAX_OK;
  double *y = work + n * n, *s = y + n * n, sum = 0.0;
  nax_index skip = 0; /* columns of F1 that are 0 */
  if (k2 == NULL) {
    NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, n, 1.0, f1, n, f2, n, 0.0,
                       work, n));
    NAX_TRY(nax_i_gesdd(ctx, "nax_rsa_compare", n, n, work, n, s, NULL, n, NULL, n));
    for (nax_index i = 0; i < n; i++) {
      sum += s[i];
    }
    *out = sum;
    goto done;
  }
  for (int zero = 1; zero && skip < n; skip += zero) {
    for (nax_index i = 0; i < n; i++) {
      zero = zero && f1[i + skip * n] == 0.0;
    }
  }
  nax_index r = n - skip;
  const double *f = f1 + skip * n;
  NAX_TRY(
      nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, r, n, 1.0, k2, n, f, n, 0.0, y, n));
  NAX_TRY(
      nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, r, r, n, 1.0, f, n, y, n, 0.0, work, n));
  NAX_TRY(nax_i_syevd(ctx, "nax_rsa_compare", r, work, n, 0, s));
  for (nax_index i = 0; i < r; i++) {
    sum += s[i] > 0.0 ? sqrt(s[i]) : 0.0;
  }
  *out = sum;
done:
  return status;
}

/* Matrix of the distances to condition 0, k = n - 1: d_0i on the diagonal and
 * (d_0i + d_0j - d_ij) / 2 off it. */
static void
reference_gram(nax_index n, const double *d, double *g)
{
  nax_index k = n - 1;
  for (nax_index i = 0; i < k; i++) {
    g[i + i * k] = d[i];
    for (nax_index j = i + 1; j < k; j++) {
      double dij = d[nax_i_rdm_at(n, i + 1, j + 1)];
      g[i + j * k] = g[j + i * k] = 0.5 * (d[i] + d[j] - dij);
    }
  }
}

/* Sum of squared logarithms of the eigenvalues of e^t0 A + e^t1 B, where the second
 * matrix has become the identity, over t. */
typedef struct riemann {
  nax_ctx *stop; /* that may stop it */
  nax_index k;
  const double *a, *b;
  double *x, *value;
} riemann;

static nax_status
riemann_value(void *arg, const double *t, double *f, double *grad)
{
  riemann *r = arg;
  nax_index k = r->k;
  double e0 = exp(t[0]), e1 = exp(t[1]);
  if (!(e0 < 1e200) || !(e1 < 1e200)) {
    return NAX_ENUMERIC;
  }
  for (nax_index i = 0; i < k * k; i++) {
    r->x[i] = e0 * r->a[i] + e1 * r->b[i];
  }
  nax_status s = nax_i_syevd(NULL, "nax_rsa_compare", k, r->x, k, 1, r->value);
  s = s == NAX_OK ? nax_i_poll(r->stop) : s;
  if (s != NAX_OK) {
    return s;
  }
  *f = grad[0] = grad[1] = 0.0;
  for (nax_index j = 0; j < k; j++) {
    double l = r->value[j], qa = 0.0, qb = 0.0;
    if (!(l > 0.0)) {
      return NAX_ENUMERIC;
    }
    const double *v = r->x + j * k;
    for (nax_index c = 0; c < k; c++) {
      double sa = 0.0, sb = 0.0;
      for (nax_index i = 0; i < k; i++) {
        sa += r->a[i + c * k] * v[i];
        sb += r->b[i + c * k] * v[i];
      }
      qa += sa * v[c];
      qb += sb * v[c];
    }
    *f += log(l) * log(l);
    grad[0] += 2.0 * log(l) / l * e0 * qa;
    grad[1] += 2.0 * log(l) / l * e1 * qb;
  }
  return NAX_OK;
}

/* X = L^-1 X L'^-1 of a symmetric X. */
static nax_status
relative(nax_ctx *ctx, nax_index k, const double *l, double *x, double *work)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, k, k, l, k, x, k));
  for (nax_index j = 0; j < k; j++) {
    for (nax_index i = 0; i < k; i++) {
      work[i + j * k] = x[j + i * k];
    }
  }
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, k, k, l, k, work, k));
  for (nax_index j = 0; j < k; j++) {
    for (nax_index i = 0; i < k; i++) {
      x[i + j * k] = 0.5 * (work[i + j * k] + work[j + i * k]);
    }
  }
done:
  return status;
}

nax_status
nax_i_neg_riemann(nax_ctx *watch, nax_index n, const double *d1, const double *d2,
                  const double *sigma_k, double *out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL; /* many of these run side by side: failures go with the block */
  nax_index k = n - 1;
  double *all = NULL, t[2] = {0.0, 0.0}, f = 0.0;
  NAX_TRY_ALLOC(all, 5 * k * k + k, sizeof *all);
  double *a = all, *b = a + k * k, *l = b + k * k, *x = l + k * k, *work = x + k * k;
  reference_gram(n, d1, a);
  reference_gram(n, d2, l);
  for (nax_index i = 0; i < k; i++) {
    for (nax_index j = 0; j < k; j++) {
      /* P S P' with P the contrasts to condition 0. */
      b[i + j * k] = sigma_k == NULL ? (i == j ? 2.0 : 1.0)
                                     : sigma_k[i + 1 + (j + 1) * n] + sigma_k[0] -
                                           sigma_k[(j + 1) * n] - sigma_k[i + 1];
    }
  }
  NAX_TRY(nax_i_potrf(ctx, "nax_rsa_compare", "second RDM as a Gram matrix", k, l, k, 0,
                      NULL));
  NAX_TRY(relative(ctx, k, l, a, work));
  NAX_TRY(relative(ctx, k, l, b, work));
  riemann r = {watch, k, a, b, x, work};
  nax_i_lbfgs o = {riemann_value, &r, 500, 1e-12, 0.0};
  int64_t n_eval;
  nax_stop stop;
  NAX_TRY(nax_i_lbfgs_run(ctx, &o, 2, t, &f, &n_eval, &stop));
  *out = -sqrt(f);
done:
  nax_i_free(all);
  return status;
}
