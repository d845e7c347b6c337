/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities from pairs of observations, for designs and recordings with gaps: a
 * kernel s(a, b) over the channels that both observations have, their number w(a, b), and
 * d_ij = k_ii + k_jj - 2 k_ij with k the mean of s over pairs of conditions. */
#include "rsa_i.h"
#include <math.h>

typedef struct kernel {
  nax_i_rdm_job *j;
  nax_index n, p;   /* observations, channels */
  int missing;      /* there is a NaN */
  double *z, *mask; /* values with 0 for missing; 1 where there is one */
  double *s, *w;    /* n x n */
} kernel;

/* c = a'b for p x n matrices. */
static nax_status
product(const kernel *k, const double *a, const double *b, double *c)
{
  return nax_i_gemm(k->j->ctx, NAX_I_TRANS, NAX_I_PLAIN, k->n, k->n, k->p, 1.0, a, k->p,
                    b, k->p, 0.0, c, k->n);
}

/* --------------------------------------------- precision of the common channels */

/* Observations of one pattern of missing channels. */
typedef struct group {
  nax_index first, count; /* in `order` */
} group;

/* Observations in the order of their pattern of missing channels. */
static nax_status
group_masks(const kernel *k, nax_index *order, group *groups, nax_index *n_groups)
{
  nax_index p = k->p, filled = 0;
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  char *taken = NULL;
  NAX_TRY_ALLOC(taken, k->n, 1);
  *n_groups = 0;
  for (nax_index a = 0; a < k->n; a++) {
    if (taken[a]) {
      continue;
    }
    group *g = &groups[(*n_groups)++];
    g->first = filled;
    for (nax_index b = a; b < k->n; b++) {
      if (!taken[b] &&
          memcmp(k->mask + a * p, k->mask + b * p, (size_t)p * sizeof *k->mask) == 0) {
        taken[b] = 1;
        order[filled++] = b;
      }
    }
    g->count = filled - g->first;
  }
done:
  nax_i_free(taken);
  return status;
}

/* Products of the observations of two groups, weighed by the inverse of the covariance of
 * the channels that both have; for compat by that part of the precision, which is the
 * inverse of the covariance given the missing channels. `all` is one or the other. */
static nax_status
marginal(kernel *k, const double *all, const nax_index *order, group g, group h)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  nax_index p = k->p, q = 0;
  nax_index *at = NULL;
  double *c = NULL, *y = NULL, *ly = NULL, *s = NULL;
  nax_index n = g.count + h.count;
  const double *mg = k->mask + order[g.first] * p, *mh = k->mask + order[h.first] * p;
  NAX_TRY_ALLOC(at, p, sizeof *at);
  for (nax_index i = 0; i < p; i++) {
    if (mg[i] > 0.0 && mh[i] > 0.0) {
      at[q++] = i;
    }
  }
  if (q == 0) {
    goto done; /* s stays 0, and so does w */
  }
  NAX_TRY_ALLOC(c, q * q, sizeof *c);
  NAX_TRY_ALLOC(y, q * n, sizeof *y);
  NAX_TRY_ALLOC(s, g.count * h.count, sizeof *s);
  for (nax_index b = 0; b < q; b++) {
    for (nax_index a = 0; a < q; a++) {
      c[a + b * q] = all[at[a] + at[b] * p];
    }
  }
  for (nax_index o = 0; o < n; o++) {
    nax_index obs = o < g.count ? order[g.first + o] : order[h.first + o - g.count];
    for (nax_index a = 0; a < q; a++) {
      y[a + o * q] = k->z[at[a] + obs * p];
    }
  }
  NAX_TRY(nax_i_potrf(ctx, k->j->fn, "covariance of common channels", q, c, q, 0, NULL));
  if (k->j->o->compat) {
    NAX_TRY_ALLOC(ly, q * n, sizeof *ly);
    NAX_TRY(
        nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, n, q, 1.0, c, q, y, q, 0.0, ly, q));
    memcpy(y, ly, (size_t)(q * n) * sizeof *y);
  } else {
    NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, q, n, c, q, y, q));
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, g.count, h.count, q, 1.0, y, q,
                     y + g.count * q, q, 0.0, s, g.count));
  for (nax_index b = 0; b < h.count; b++) {
    for (nax_index a = 0; a < g.count; a++) {
      nax_index x = order[g.first + a], v = order[h.first + b];
      k->s[x + v * k->n] = k->s[v + x * k->n] = s[a + b * g.count];
    }
  }
done:
  nax_i_free(at);
  nax_i_free(c);
  nax_i_free(y);
  nax_i_free(ly);
  nax_i_free(s);
  return status;
}

static nax_status
by_masks(kernel *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  nax_index n_groups, *order = NULL;
  group *groups = NULL;
  double *cov = NULL;
  NAX_TRY_ALLOC(order, k->n, sizeof *order);
  NAX_TRY_ALLOC(groups, k->n, sizeof *groups);
  NAX_TRY_ALLOC(cov, k->p * k->p, sizeof *cov);
  if (k->j->o->compat) {
    memcpy(cov, k->j->precision, (size_t)(k->p * k->p) * sizeof *cov);
  } else {
    NAX_TRY(nax_rdm_precision(ctx, k->p, k->j->precision, cov));
  }
  NAX_TRY(group_masks(k, order, groups, &n_groups));
  for (nax_index g = 0; g < n_groups; g++) {
    for (nax_index h = g; h < n_groups; h++) {
      NAX_TRY(marginal(k, cov, order, groups[g], groups[h]));
    }
  }
done:
  nax_i_free(order);
  nax_i_free(groups);
  nax_i_free(cov);
  return status;
}

/* ------------------------------------------------------------------ kernels */

static nax_status
inner_products(kernel *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  nax_index p = k->p;
  double *y = NULL;
  if (k->j->precision == NULL) {
    return nax_i_syrk(ctx, NAX_I_TRANS, k->n, p, 1.0, k->z, p, 0.0, k->s, k->n);
  }
  if (k->missing) {
    NAX_TRY(by_masks(k));
  } else {
    NAX_TRY_ALLOC(y, p * k->n, sizeof *y);
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, p, k->n, p, 1.0, k->j->precision, p,
                       k->z, p, 0.0, y, p));
    NAX_TRY(product(k, k->z, y, k->s));
  }
  for (nax_index a = 0; k->j->o->compat && a < k->n * k->n; a++) {
    k->w[a] = (double)p;
  }
done:
  nax_i_free(y);
  return status;
}

/* Half the correlation or cosine over the common channels, times their number. */
static nax_status
correlations(kernel *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  nax_index n = k->n, p = k->p, flat = 0;
  int centre = k->j->o->measure == NAX_RDM_CORRELATION;
  double *square = NULL, *sum = NULL, *sum2 = NULL;
  NAX_TRY_ALLOC(square, p * n, sizeof *square);
  NAX_TRY_ALLOC(sum, n * n, sizeof *sum);
  NAX_TRY_ALLOC(sum2, n * n, sizeof *sum2);
  for (nax_index i = 0; i < p * n; i++) {
    square[i] = k->z[i] * k->z[i];
  }
  NAX_TRY(product(k, k->z, k->z, k->s));
  NAX_TRY(product(k, k->z, k->mask, sum)); /* sum[a, b]: of a where b has values */
  NAX_TRY(product(k, square, k->mask, sum2));
  for (nax_index b = 0; b < n; b++) {
    for (nax_index a = 0; a <= b; a++) {
      nax_index ab = a + b * n, ba = b + a * n;
      double common = k->w[ab], over = k->j->o->compat ? (double)p : common;
      double ma = centre ? sum[ab] / over : 0.0, mb = centre ? sum[ba] / over : 0.0;
      double va = sum2[ab] / over - ma * ma, vb = sum2[ba] / over - mb * mb;
      double r = (k->s[ab] / over - ma * mb) / sqrt(va * vb);
      if (!(va > 0.0) || !(vb > 0.0)) {
        flat += common > 0.0;
        r = NAN;
      }
      sum[ab] = 0.5 * r * (k->j->o->compat ? (double)p : common);
      k->s[ab] = k->s[ba] = sum[ab];
      if (isnan(r)) {
        k->w[ab] = k->w[ba] = 0.0;
      }
    }
  }
  if (flat > 0) {
    nax_i_warn(
        ctx, NAX_VIOLATION, "rsa.constant-pattern",
        "%lld pairs of observations do not vary over their common channels and are "
        "left out",
        (long long)flat);
  }
done:
  nax_i_free(square);
  nax_i_free(sum);
  nax_i_free(sum2);
  return status;
}

/* -1/2 sum (l_a - l_b)(log l_a - log l_b) over the common channels. */
static nax_status
poisson(kernel *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  nax_index n = k->n, p = k->p;
  double *log = NULL, *own = NULL, *cross = NULL;
  NAX_TRY_ALLOC(log, p * n, sizeof *log);
  NAX_TRY_ALLOC(own, n * n, sizeof *own);
  NAX_TRY_ALLOC(cross, n * n, sizeof *cross);
  NAX_TRY(nax_i_rdm_rates(k->j, n, k->z, 0, p, k->z));
  nax_i_logs(p * n, k->z, log);
  for (nax_index i = 0; i < p * n; i++) {
    k->z[i] *= k->mask[i];
    log[i] *= k->mask[i];
  }
  NAX_TRY(product(k, k->z, log, cross));
  for (nax_index i = 0; i < p * n; i++) {
    log[i] *= k->z[i];
  }
  NAX_TRY(product(k, log, k->mask, own));
  for (nax_index b = 0; b < n; b++) {
    for (nax_index a = 0; a < n; a++) {
      k->s[a + b * n] =
          -0.5 * (own[a + b * n] + own[b + a * n] - cross[a + b * n] - cross[b + a * n]);
    }
  }
done:
  nax_i_free(log);
  nax_i_free(own);
  nax_i_free(cross);
  return status;
}

/* --------------------------------------------------------------- their means */

static nax_status
average(kernel *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->j->ctx;
  const nax_i_design *g = k->j->g;
  const nax_rdm_opts *o = k->j->o;
  nax_index n = g->n, none = 0;
  int folds = nax_i_rdm_folds(o->measure), equal = o->design == NAX_RDM_DESIGN_EQUAL;
  double *sum = NULL, *total = NULL;
  NAX_TRY_ALLOC(sum, n * n, sizeof *sum);
  NAX_TRY_ALLOC(total, n * n, sizeof *total);
  for (nax_index b = 0; b < k->n; b++) {
    for (nax_index a = 0; a <= b; a++) {
      double w = k->w[a + b * k->n], s = k->s[a + b * k->n];
      if (!(w > 0.0) || (folds && g->fold[a] == g->fold[b])) {
        continue;
      }
      /* An observation with itself stands for one of the two orders of a pair. */
      double share = a == b ? 0.5 : 1.0;
      nax_index i = g->cond[a], c = g->cond[b];
      nax_index at = i < c ? i + c * n : c + i * n;
      sum[at] += equal ? share * s / w : share * s;
      total[at] += !equal ? share * w : a == b && o->compat ? 0.0 : share;
    }
  }
  for (nax_index a = 0, at = 0; a < n; a++) {
    for (nax_index b = a + 1; b < n; b++, at++) {
      double ta = total[a + a * n], tb = total[b + b * n], tab = total[a + b * n];
      int there = ta > 0.0 && tb > 0.0 && tab > 0.0;
      none += !there;
      k->j->d[at] =
          there ? sum[a + a * n] / ta + sum[b + b * n] / tb - 2.0 * sum[a + b * n] / tab
                : (double)NAN;
    }
  }
  if (none > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "rsa.missing-pair",
               "%lld of %lld pairs of conditions have no common values%s: they are NaN",
               (long long)none, (long long)nax_rdm_pairs(n),
               folds ? " in different folds" : "");
  }
done:
  nax_i_free(sum);
  nax_i_free(total);
  return status;
}

nax_status
nax_i_rdm_by_pairs(nax_i_rdm_job *j)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  kernel k = {.j = j, .n = j->g->n_obs, .p = j->p};
  NAX_TRY_ALLOC(k.z, k.p * k.n, sizeof *k.z);
  memcpy(k.z, j->x, (size_t)(k.p * k.n) * sizeof *k.z);
  NAX_TRY_ALLOC(k.mask, k.p * k.n, sizeof *k.mask);
  NAX_TRY_ALLOC(k.s, k.n * k.n, sizeof *k.s);
  NAX_TRY_ALLOC(k.w, k.n * k.n, sizeof *k.w);
  for (nax_index b = 0; b < k.n; b++) {
    double *z = k.z + b * k.p, mean = 0.0, count = 0.0;
    for (nax_index i = 0; i < k.p; i++) {
      int there = !isnan(z[i]);
      k.mask[i + b * k.p] = there;
      k.missing = k.missing || !there;
      z[i] = there ? z[i] : 0.0;
      mean += z[i];
      count += there;
    }
    for (nax_index i = 0; j->o->remove_mean && i < k.p; i++) {
      z[i] -= k.mask[i + b * k.p] * mean / count;
    }
  }
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, k.n, k.p, 1.0, k.mask, k.p, 0.0, k.w, k.n));
  switch (j->o->measure) {
  case NAX_RDM_POISSON:
  case NAX_RDM_POISSON_CV:
    NAX_TRY(poisson(&k));
    break;
  case NAX_RDM_CORRELATION:
  case NAX_RDM_COSINE:
    NAX_TRY(correlations(&k));
    break;
  default:
    NAX_TRY(inner_products(&k));
    break;
  }
  NAX_TRY(average(&k));
done:
  nax_i_free(k.z);
  nax_i_free(k.mask);
  nax_i_free(k.s);
  nax_i_free(k.w);
  return status;
}
