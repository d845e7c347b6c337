/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms of single RDMs, and partial RDMs on one scale. */
#include "rsa_i.h"
#include <math.h>

nax_status
nax_i_rdm_rank(nax_ctx *ctx, nax_index n, const double *x, nax_rdm_map rule,
               nax_i_keyed *work, double *out)
{
  nax_status status = NAX_OK;
  for (nax_index i = 0; i < n; i++) {
    work[i] = (nax_i_keyed){nax_i_sort_key(x[i]), i};
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, work, work + n, n));
  nax_index distinct = 0;
  for (nax_index i = 0, j; i < n; i = j) {
    for (j = i; j < n && work[j].key == work[i].key; j++) {
    }
    distinct++;
    for (nax_index t = i; t < j; t++) {
      out[work[t].at] = rule == NAX_RDM_RANK_AVERAGE ? 0.5 * (double)(i + j + 1)
                        : rule == NAX_RDM_RANK_MIN   ? (double)(i + 1)
                        : rule == NAX_RDM_RANK_MAX   ? (double)j
                        : rule == NAX_RDM_RANK_DENSE ? (double)distinct
                                                     : (double)(t + 1);
    }
  }
done:
  return status;
}

/* Values present into `x`, their places into `at`; how many. */
static nax_index
gather(nax_index m, const double *d, double *x, nax_index *at)
{
  nax_index n = 0;
  for (nax_index k = 0; k < m; k++) {
    if (!isnan(d[k])) {
      x[n] = d[k];
      at[n++] = k;
    }
  }
  return n;
}

static void
minmax(nax_index n, double *x)
{
  double lo = INFINITY, hi = -INFINITY;
  for (nax_index k = 0; k < n; k++) {
    lo = x[k] < lo ? x[k] : lo;
    hi = x[k] > hi ? x[k] : hi;
  }
  for (nax_index k = 0; k < n; k++) {
    x[k] = hi > lo ? (x[k] - lo) / (hi - lo) : 0.0;
  }
}

nax_status
nax_rdms_map(nax_ctx *ctx, const nax_rdms *r, nax_rdm_map map, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *t = NULL;
  double *x = NULL, *y = NULL;
  nax_index *at = NULL;
  nax_i_keyed *work = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_REQUIRE(map >= NAX_RDM_RANK_AVERAGE && map <= NAX_RDM_MINMAX, NAX_EINVAL,
              "there is no transform %d", (int)map);
  NAX_TRY(nax_i_rdms_like(ctx, __func__, r, &t));
  NAX_TRY_ALLOC(x, r->m, sizeof *x);
  NAX_TRY_ALLOC(y, r->m, sizeof *y);
  NAX_TRY_ALLOC(at, r->m, sizeof *at);
  NAX_TRY_ALLOC(work, 2 * r->m, sizeof *work);
  for (nax_index k = 0; k < r->count; k++) {
    double *to = t->d + k * r->m;
    nax_index n = gather(r->m, r->d + k * r->m, x, at);
    if (map <= NAX_RDM_RANK_ORDINAL) {
      NAX_TRY(nax_i_rdm_rank(ctx, n, x, map, work, y));
    } else {
      for (nax_index i = 0; i < n; i++) {
        double v = map != NAX_RDM_MINMAX && x[i] < 0.0 ? 0.0 : x[i];
        y[i] = map == NAX_RDM_SQRT ? sqrt(v) : v;
      }
      if (map == NAX_RDM_MINMAX) {
        minmax(n, y);
      }
    }
    for (nax_index i = 0; i < r->m; i++) {
      to[i] = NAN;
    }
    for (nax_index i = 0; i < n; i++) {
      to[at[i]] = y[i];
    }
    NAX_TRY(nax_i_poll(ctx));
  }
  *out = t;
  t = NULL;
done:
  nax_rdms_free(t);
  nax_i_free(x);
  nax_i_free(y);
  nax_i_free(at);
  nax_i_free(work);
  return status;
}

/* ------------------------------------------------------------ partial RDMs */

/* Norm of `c` over the pairs that `d` has. */
static double
norm_on(nax_index m, const double *c, const double *d)
{
  double sum = 0.0;
  for (nax_index k = 0; k < m; k++) {
    if (!isnan(d[k])) {
      sum += c[k] * c[k];
    }
  }
  return sqrt(sum);
}

/* Weighted mean over RDMs, NaN where none has the pair. */
static void
weighted_mean(const nax_rdms *r, const double *w, double *c)
{
  for (nax_index k = 0; k < r->m; k++) {
    double sum = 0.0, total = 0.0;
    for (nax_index s = 0; s < r->count; s++) {
      double d = r->d[k + s * r->m];
      if (!isnan(d)) {
        sum += w[k + s * r->m] * d;
        total += w[k + s * r->m];
      }
    }
    c[k] = total > 0.0 ? sum / total : (double)NAN;
  }
}

static void
unit_norm(nax_index m, double *c)
{
  double norm = norm_on(m, c, c);
  for (nax_index k = 0; k < m; k++) {
    c[k] /= norm;
  }
}

static void
set_weights(const nax_rdms *r, nax_rdm_weights rule, double *w)
{
  for (nax_index s = 0; s < r->count; s++) {
    const double *d = r->d + s * r->m;
    nax_index have = 0;
    for (nax_index k = 0; k < r->m; k++) {
      have += !isnan(d[k]);
    }
    for (nax_index k = 0; k < r->m; k++) {
      w[k + s * r->m] = rule == NAX_RDM_WEIGHTS_EVIDENCE  ? fmax(d[k] * d[k], 0.04)
                        : rule == NAX_RDM_WEIGHTS_SETSIZE ? 1.0 / (double)have
                                                          : 1.0;
    }
  }
}

nax_status
nax_rdms_rescale(nax_ctx *ctx, const nax_rdms *r, nax_rdm_weights weights, double *mean,
                 nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdms *t = NULL;
  double *w = NULL, *c = NULL, *next = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_REQUIRE(weights >= NAX_RDM_WEIGHTS_EVIDENCE && weights <= NAX_RDM_WEIGHTS_SIMPLE,
              NAX_EINVAL, "there are no weights %d", (int)weights);
  for (nax_index s = 0; s < r->count; s++) {
    double norm = norm_on(r->m, r->d + s * r->m, r->d + s * r->m);
    NAX_REQUIRE(norm > 0.0, NAX_EDATA, "RDM %lld is all zero or missing", (long long)s);
  }
  NAX_TRY(nax_i_rdms_like(ctx, __func__, r, &t));
  memcpy(t->d, r->d, (size_t)(r->m * r->count) * sizeof *t->d);
  NAX_TRY_ALLOC(w, r->m * r->count, sizeof *w);
  NAX_TRY_ALLOC(c, r->m, sizeof *c);
  NAX_TRY_ALLOC(next, r->m, sizeof *next);
  for (nax_index k = 0; k < r->m * r->count; k++) {
    w[k] = 1.0;
  }
  weighted_mean(t, w, c);
  unit_norm(r->m, c);
  set_weights(r, weights, w);
  for (int turn = 0; turn < 10000; turn++) {
    double change = 0.0;
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index s = 0; s < r->count; s++) {
      double *d = t->d + s * r->m;
      double scale = norm_on(r->m, c, d) / norm_on(r->m, d, d);
      for (nax_index k = 0; k < r->m; k++) {
        d[k] *= scale;
      }
    }
    weighted_mean(t, w, next);
    unit_norm(r->m, next);
    for (nax_index k = 0; k < r->m; k++) {
      change += isnan(next[k]) ? 0.0 : (next[k] - c[k]) * (next[k] - c[k]);
      c[k] = next[k];
    }
    if (change < 1e-8) {
      break;
    }
  }
  if (mean != NULL) {
    weighted_mean(t, w, mean);
  }
  *out = t;
  t = NULL;
done:
  nax_rdms_free(t);
  nax_i_free(w);
  nax_i_free(c);
  nax_i_free(next);
  return status;
}
