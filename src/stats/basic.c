/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Skewness, directions, multiple testing, resampling, partitions. */
#include "rng/rng_i.h"
#include "stats_i.h"
#include <math.h>

double
nax_stats_skewness(nax_index n, const double *x)
{
  double mean = 0.0, m2 = 0.0, m3 = 0.0, low = INFINITY, high = -INFINITY;
  nax_index m = 0;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      mean += x[i];
      low = fmin(low, x[i]);
      high = fmax(high, x[i]);
      m++;
    }
  }
  if (m < 3 || !(low < high)) {
    return (double)NAN;
  }
  mean /= (double)m;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      double d = x[i] - mean;
      m2 += d * d;
      m3 += d * d * d;
    }
  }
  m2 /= (double)m;
  m3 /= (double)m;
  return m3 / (m2 * sqrt(m2));
}

/* ---------------------------------------------------------------- directions */

void
nax_stats_circular(nax_index n, const double *angle, const double *weight, double *mean,
                   double *resultant)
{
  double c = 0.0, s = 0.0, total = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double w = weight != NULL ? weight[i] : 1.0;
    if (isfinite(angle[i]) && isfinite(w) && w > 0.0) {
      c += w * cos(angle[i]);
      s += w * sin(angle[i]);
      total += w;
    }
  }
  if (mean != NULL) {
    *mean = total > 0.0 ? atan2(s, c) : (double)NAN;
  }
  if (resultant != NULL) {
    *resultant = total > 0.0 ? fmin(1.0, hypot(c, s) / total) : (double)NAN;
  }
}

double
nax_stats_rayleigh(nax_index n, double r)
{
  if (n < 1 || !(r >= 0.0 && r <= 1.0)) {
    return (double)NAN;
  }
  double m = (double)n, total = r * m;
  return exp(sqrt(1.0 + 4.0 * m + 4.0 * (m * m - total * total)) - (1.0 + 2.0 * m));
}

/* ----------------------------------------------------------- multiple testing */

nax_status
nax_stats_fdr(nax_ctx *ctx, nax_index n, const double *p, nax_fdr method, double *out)
{
  nax_status status = NAX_OK;
  nax_i_keyed *a = NULL;
  nax_index m = 0;
  double harmonic = 0.0, least = 1.0;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 0, NAX_EDIM, "length must be >= 0, got %lld", (long long)n);
  NAX_REQUIRE(method == NAX_FDR_BH || method == NAX_FDR_BY, NAX_EINVAL,
              "`method` must be BH or BY, got %d", (int)method);
  NAX_TRY_ALLOC(a, 2 * n, sizeof *a);
  for (nax_index i = 0; i < n; i++) {
    NAX_REQUIRE(isnan(p[i]) || (p[i] >= 0.0 && p[i] <= 1.0), NAX_EINVAL,
                "`p` must lie in [0, 1], entry %lld is %g", (long long)i, p[i]);
    if (!isnan(p[i])) {
      a[m++] = (nax_i_keyed){nax_i_sort_key(p[i]), i};
      harmonic += 1.0 / (double)m;
    }
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, a, a + n, m));
  double factor = (double)m * (method == NAX_FDR_BY ? harmonic : 1.0);
  for (nax_index i = 0; i < n; i++) {
    out[i] = p[i]; /* keeps the missing ones */
  }
  for (nax_index i = m; i-- > 0;) {
    least = fmin(least, nax_i_key_value(a[i].key) * factor / (double)(i + 1));
    out[a[i].at] = least;
  }
done:
  nax_i_free(a);
  return status;
}

/* ----------------------------------------------------------------- resampling */

nax_status
nax_stats_bootstrap(nax_ctx *ctx, uint64_t seed, uint64_t draw, nax_index n,
                    nax_index *index)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EINVAL, "`n` must be at least 1, got %lld", (long long)n);
  nax_rng r;
  nax_i_rng_init(&r, seed, draw);
  for (nax_index i = 0; i < n; i++) {
    index[i] = nax_rng_below(&r, n);
  }
done:
  return status;
}

nax_status
nax_stats_permutation(nax_ctx *ctx, uint64_t seed, uint64_t draw, nax_index n,
                      nax_index *index)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EINVAL, "`n` must be at least 1, got %lld", (long long)n);
  nax_rng r;
  nax_i_rng_init(&r, seed, draw);
  for (nax_index i = 0; i < n; i++) {
    index[i] = i;
  }
  if (draw > 0) {
    nax_rng_shuffle(&r, n, index);
  }
done:
  return status;
}

/* ----------------------------------------------------------------- partitions */

static uint64_t
label_key(int64_t label)
{
  return (uint64_t)label ^ UINT64_C(1) << 63;
}

/* Replace labels by 0..k-1 in order of value; `a` has room for 2 n. */
static nax_status
condense(nax_ctx *ctx, nax_index n, const int64_t *label, nax_i_keyed *a, nax_index *out,
         nax_index *distinct)
{
  nax_status status = NAX_OK;
  nax_index k = -1;
  for (nax_index i = 0; i < n; i++) {
    a[i] = (nax_i_keyed){label_key(label[i]), i};
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, a, a + n, n));
  for (nax_index i = 0; i < n; i++) {
    k += i == 0 || a[i].key != a[i - 1].key;
    out[a[i].at] = k;
  }
  *distinct = k + 1;
done:
  return status;
}

/* What both indices need: sums over the cells of the table of counts and its margins of
 * pairs c (c - 1) / 2 and of c log c. */
typedef struct table_sums {
  double pairs, pairs_a, pairs_b;
  double log_cells, log_a, log_b;
  nax_index n_a, n_b;
} table_sums;

static void
add_count(double count, double *pairs, double *logs)
{
  *pairs += 0.5 * count * (count - 1.0);
  *logs += count > 0.0 ? count * log(count) : 0.0;
}

static nax_status
compare(nax_ctx *ctx, nax_index n, const int64_t *a, const int64_t *b, table_sums *t)
{
  nax_status status = NAX_OK;
  nax_i_keyed *key = NULL;
  nax_index *la = NULL, *lb = NULL, *count = NULL;
  *t = (table_sums){0};
  NAX_REQUIRE(n >= 1, NAX_EDIM, "need at least 1 item, got %lld", (long long)n);
  NAX_TRY_ALLOC(key, 2 * n, sizeof *key);
  NAX_TRY_ALLOC(la, n, sizeof *la);
  NAX_TRY_ALLOC(lb, n, sizeof *lb);
  NAX_TRY_ALLOC(count, 2 * n, sizeof *count);
  NAX_TRY(condense(ctx, n, a, key, la, &t->n_a));
  NAX_TRY(condense(ctx, n, b, key, lb, &t->n_b));
  for (nax_index i = 0; i < n; i++) {
    count[la[i]]++;
    count[n + lb[i]]++;
    key[i] = (nax_i_keyed){(uint64_t)la[i] * (uint64_t)t->n_b + (uint64_t)lb[i], i};
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, key, key + n, n));
  for (nax_index i = 0, j; i < n; i = j) {
    for (j = i; j < n && key[j].key == key[i].key; j++) {
    }
    add_count((double)(j - i), &t->pairs, &t->log_cells);
  }
  for (nax_index i = 0; i < n; i++) {
    add_count((double)count[i], &t->pairs_a, &t->log_a);
    add_count((double)count[n + i], &t->pairs_b, &t->log_b);
  }
done:
  nax_i_free(key);
  nax_i_free(la);
  nax_i_free(lb);
  nax_i_free(count);
  return status;
}

nax_status
nax_stats_ari(nax_ctx *ctx, nax_index n, const int64_t *a, const int64_t *b, double *out)
{
  table_sums t;
  nax_i_begin(ctx);
  nax_status status = compare(ctx, n, a, b, &t);
  if (status == NAX_OK) {
    double all = 0.5 * (double)n * (double)(n - 1);
    double chance = all > 0.0 ? t.pairs_a * t.pairs_b / all : 0.0;
    double most = 0.5 * (t.pairs_a + t.pairs_b);
    *out = most > chance ? (t.pairs - chance) / (most - chance) : 1.0;
  }
  return status;
}

nax_status
nax_stats_nmi(nax_ctx *ctx, nax_index n, const int64_t *a, const int64_t *b, double *out)
{
  table_sums t;
  nax_i_begin(ctx);
  nax_status status = compare(ctx, n, a, b, &t);
  if (status == NAX_OK) {
    double m = (double)n, log_m = log(m);
    double ha = log_m - t.log_a / m, hb = log_m - t.log_b / m;
    double information = log_m + (t.log_cells - t.log_a - t.log_b) / m;
    double mean = 0.5 * (ha + hb);
    if (t.n_a == 1 && t.n_b == 1) {
      *out = 1.0;
    } else {
      *out = fmin(1.0, fmax(0.0, information / mean));
    }
  }
  return status;
}
