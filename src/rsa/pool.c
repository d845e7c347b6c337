/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The RDM most similar to a set, and what a perfect model could reach. */
#include "compare_i.h"
#include <math.h>

/* Pooled vectors of subsets: RDM r counts weight[r] times (0: left out). */
static void
pool_weighted(nax_index n_rdms, nax_index m, const double *scaled, const double *weight,
              int corr, double *out)
{
  double total = 0.0, least = INFINITY;
  memset(out, 0, (size_t)m * sizeof *out);
  for (nax_index r = 0; r < n_rdms; r++) {
    total += weight[r];
    for (nax_index k = 0; weight[r] > 0.0 && k < m; k++) {
      out[k] += weight[r] * scaled[k + r * m];
    }
  }
  for (nax_index k = 0; k < m; k++) {
    out[k] /= total;
    least = out[k] < least ? out[k] : least;
  }
  for (nax_index k = 0; corr && k < m; k++) {
    out[k] -= least;
  }
}

static int
is_corr(nax_rsa_comparator c)
{
  return c == NAX_RSA_CORR || c == NAX_RSA_CORR_COV;
}

/* The RDMs on the scale in which they are averaged, on the m pairs `at`. */
static nax_status
scale_rdms(nax_ctx *ctx, const char *fn, const nax_rdms *r, nax_rsa_comparator c,
           nax_index m, const nax_index *at, double *scaled)
{
  nax_status status = NAX_OK;
  nax_i_keyed *keyed = NULL;
  double *x = NULL;
  NAX_TRY_ALLOC(keyed, 2 * m, sizeof *keyed);
  NAX_TRY_ALLOC(x, m, sizeof *x);
  for (nax_index s = 0; s < r->count; s++) {
    double *to = scaled + s * m, mean = 0.0, square = 0.0;
    for (nax_index k = 0; k < m; k++) {
      x[k] = r->d[at[k] + s * r->m];
      mean += x[k] / (double)m;
    }
    if (c >= NAX_RSA_SPEARMAN && c <= NAX_RSA_TAU_B) {
      NAX_TRY(nax_i_rdm_rank(ctx, m, x, NAX_RDM_RANK_AVERAGE, keyed, to));
      continue;
    }
    mean = is_corr(c) ? mean : 0.0;
    for (nax_index k = 0; k < m; k++) {
      to[k] = x[k] - mean;
      square += to[k] * to[k] / (double)m;
    }
    if (c >= NAX_RSA_BURES) {
      continue;
    }
    if (!(square > 0.0)) {
      status = nax_i_fail(ctx, NAX_EDATA, fn, "RDM %lld is %s", (long long)s,
                          is_corr(c) ? "constant" : "zero");
      goto done;
    }
    for (nax_index k = 0; k < m; k++) {
      to[k] /= sqrt(square);
    }
  }
done:
  nax_i_free(keyed);
  nax_i_free(x);
  return status;
}

/* Pool of all (column 0) and of all but those of each of n_groups; NaN where a pair is
 * missing. group NULL: each RDM is one. `pools`: m x (1 + n_groups). */
static nax_status
make_pools(nax_ctx *ctx, const char *fn, const nax_rdms *r, nax_rsa_comparator c,
           nax_index n_groups, const nax_index *group, double *pools)
{
  nax_status status = NAX_OK;
  nax_index *at = NULL;
  double *scaled = NULL, *w = NULL, *p = NULL;
  if (c < NAX_RSA_COSINE || c > NAX_RSA_NEG_RIEMANN) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "there is no comparator %d", (int)c);
  }
  NAX_TRY_ALLOC(at, r->m, sizeof *at);
  nax_index m = nax_i_common_pairs(1, &r, at);
  if (m < 2) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "fewer than 2 pairs are in all RDMs");
    goto done;
  }
  NAX_TRY_ALLOC(scaled, m * r->count, sizeof *scaled);
  NAX_TRY_ALLOC(w, r->count, sizeof *w);
  NAX_TRY_ALLOC(p, m, sizeof *p);
  NAX_TRY(scale_rdms(ctx, fn, r, c, m, at, scaled));
  for (nax_index s = 0; s <= n_groups; s++) {
    for (nax_index t = 0; t < r->count; t++) {
      w[t] = (group != NULL ? group[t] : t) != s - 1;
    }
    pool_weighted(r->count, m, scaled, w, is_corr(c), p);
    for (nax_index k = 0; k < r->m; k++) {
      pools[k + s * r->m] = NAN;
    }
    for (nax_index k = 0; k < m; k++) {
      pools[at[k] + s * r->m] = p[k];
    }
  }
done:
  nax_i_free(at);
  nax_i_free(scaled);
  nax_i_free(w);
  nax_i_free(p);
  return status;
}

nax_status
nax_rsa_pool(nax_ctx *ctx, const nax_rdms *r, nax_rsa_comparator comparator, double *out)
{
  nax_i_begin(ctx);
  return make_pools(ctx, __func__, r, comparator, 0, NULL, out);
}

nax_status
nax_i_rsa_ceilings(nax_ctx *ctx, const char *fn, const nax_rdms *r, nax_index n_groups,
                   const nax_index *group, nax_rsa_comparator comparator,
                   const nax_view *sigma_k, int32_t compat, double *lower, double *upper)
{
  nax_status status = NAX_OK;
  nax_rdms *pools = NULL;
  double *s = NULL, *size = NULL;
  nax_index n = r->count, q = n_groups + 1;
  if (n_groups < 2) {
    return nax_i_fail(ctx, NAX_EDATA, fn, "a noise ceiling needs at least 2 RDMs, got 1");
  }
  NAX_TRY(nax_i_rdms_new(ctx, fn, r->n, q, &pools));
  NAX_TRY(make_pools(ctx, fn, r, comparator, n_groups, group, pools->d));
  NAX_TRY_ALLOC(s, q * n, sizeof *s);
  NAX_TRY_ALLOC(size, n_groups, sizeof *size);
  NAX_TRY(nax_rsa_compare(ctx, pools, r, comparator, sigma_k, compat, s));
  memset(upper, 0, (size_t)n_groups * sizeof *upper);
  memset(lower, 0, (size_t)n_groups * sizeof *lower);
  for (nax_index k = 0; k < n; k++) {
    nax_index g = group != NULL ? group[k] : k;
    upper[g] += s[0 + k * q];
    lower[g] += s[1 + g + k * q];
    size[g] += 1.0;
  }
  for (nax_index g = 0; g < n_groups; g++) {
    upper[g] /= size[g];
    lower[g] /= size[g];
  }
done:
  nax_rdms_free(pools);
  nax_i_free(s);
  nax_i_free(size);
  return status;
}

nax_status
nax_rsa_ceiling(nax_ctx *ctx, const nax_rdms *r, nax_rsa_comparator comparator,
                const nax_view *sigma_k, int32_t compat, double ceiling[2])
{
  nax_status status = NAX_OK;
  double *each = NULL;
  nax_index n = r->count;
  nax_i_begin(ctx);
  ceiling[0] = ceiling[1] = NAN;
  NAX_TRY_ALLOC(each, 2 * n, sizeof *each);
  NAX_TRY(nax_i_rsa_ceilings(ctx, __func__, r, n, NULL, comparator, sigma_k, compat, each,
                             each + n));
  ceiling[0] = nax_i_sum(each, n) / (double)n;
  ceiling[1] = nax_i_sum(each + n, n) / (double)n;
done:
  nax_i_free(each);
  return status;
}
