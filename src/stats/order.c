/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting, selecting, quantiles, ranks. */
#include "stats_i.h"
#include <math.h>

enum { DIGIT_BITS = 11, DIGITS = 6, BUCKETS = 1 << DIGIT_BITS, SMALL = 1024 };
enum { PIECE = 1 << 20 }; /* entries moved between two looks whether to stop */

uint64_t
nax_i_sort_key(double x)
{
  uint64_t u;
  double y = x + 0.0; /* -0 becomes 0 */
  memcpy(&u, &y, sizeof u);
  return u >> 63 ? ~u : u | UINT64_C(1) << 63;
}

double
nax_i_key_value(uint64_t key)
{
  uint64_t u = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  double x;
  memcpy(&x, &u, sizeof x);
  return x;
}

static void
merge_sort(nax_i_keyed *a, nax_i_keyed *tmp, nax_index n)
{
  for (nax_index width = 1; width < n; width *= 2) {
    for (nax_index lo = 0; lo + width < n; lo += 2 * width) {
      nax_index mid = lo + width, hi = n - mid < width ? n : mid + width;
      if (a[mid - 1].key <= a[mid].key) {
        continue;
      }
      nax_index left = mid - lo, i = 0, j = mid, o = lo;
      memcpy(tmp, a + lo, (size_t)left * sizeof *a);
      while (i < left) {
        a[o++] = j < hi && a[j].key < tmp[i].key ? a[j++] : tmp[i++];
      }
    }
  }
}

void
nax_i_sort_keyed(nax_i_keyed *a, nax_i_keyed *tmp, nax_index n)
{
  nax_status never_stopped = nax_i_sort_keyed_long(NULL, a, tmp, n);
  (void)never_stopped;
}

nax_status
nax_i_sort_keyed_long(nax_ctx *ctx, nax_i_keyed *a, nax_i_keyed *tmp, nax_index n)
{
  nax_status status = NAX_OK;
  if (n < SMALL) {
    merge_sort(a, tmp, n);
    return NAX_OK;
  }
  nax_i_keyed *from = a, *to = tmp;
  nax_index start[BUCKETS];
  uint64_t vary = 0;
  for (nax_index i = 1; i < n; i++) {
    vary |= a[i].key ^ a[0].key;
  }
  for (int d = 0; d < DIGITS; d++) {
    int shift = d * DIGIT_BITS;
    if ((vary >> shift & (BUCKETS - 1)) == 0) {
      continue; /* all alike in this digit */
    }
    memset(start, 0, sizeof start);
    for (nax_index i = 0; i < n; i++) {
      start[from[i].key >> shift & (BUCKETS - 1)]++;
    }
    nax_index sum = 0;
    for (int b = 0; b < BUCKETS; b++) {
      nax_index count = start[b];
      start[b] = sum;
      sum += count;
    }
    for (nax_index i = 0; i < n;) {
      nax_index end = n - i < PIECE ? n : i + PIECE;
      for (; i < end; i++) {
        to[start[from[i].key >> shift & (BUCKETS - 1)]++] = from[i];
      }
      NAX_TRY(nax_i_poll(ctx));
    }
    nax_i_keyed *swap = from;
    from = to;
    to = swap;
  }
  if (from != a) {
    memcpy(a, from, (size_t)n * sizeof *a);
  }
done:
  return status;
}

nax_index
nax_i_keep_finite(const double *x, nax_index n, double *y)
{
  nax_index m = 0;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      y[m++] = x[i];
    }
  }
  return m;
}

nax_status
nax_stats_quantile(nax_ctx *ctx, nax_index n, const double *x, nax_index n_q,
                   const double *q, double *out)
{
  nax_status status = NAX_OK;
  double *y = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 0 && n_q >= 0, NAX_EDIM, "lengths must be >= 0, got %lld and %lld",
              (long long)n, (long long)n_q);
  for (nax_index i = 0; i < n_q; i++) {
    NAX_REQUIRE(q[i] >= 0.0 && q[i] <= 1.0, NAX_EINVAL,
                "`q` must lie in [0, 1], entry %lld is %g", (long long)i, q[i]);
  }
  NAX_TRY_ALLOC(y, n, sizeof *y);
  nax_index m = nax_i_keep_finite(x, n, y);
  for (nax_index i = 0; i < n_q; i++) {
    out[i] = m > 0 ? nax_i_quantile(y, m, q[i]) : (double)NAN;
  }
done:
  nax_i_free(y);
  return status;
}

nax_status
nax_stats_median_mad(nax_ctx *ctx, nax_index n, const double *x, double *median,
                     double *mad)
{
  nax_status status = NAX_OK;
  double *y = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 0, NAX_EDIM, "length must be >= 0, got %lld", (long long)n);
  NAX_TRY_ALLOC(y, n, sizeof *y);
  nax_index m = nax_i_keep_finite(x, n, y);
  double centre = m > 0 ? nax_i_quantile(y, m, 0.5) : (double)NAN;
  for (nax_index i = 0; i < m; i++) {
    y[i] = fabs(y[i] - centre);
  }
  *median = centre;
  if (mad != NULL) {
    *mad = m > 0 ? nax_i_quantile(y, m, 0.5) : (double)NAN;
  }
done:
  nax_i_free(y);
  return status;
}

nax_status
nax_stats_ranks(nax_ctx *ctx, nax_index n, const double *x, double *out)
{
  nax_status status = NAX_OK;
  nax_i_keyed *a = NULL;
  nax_index m = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 0, NAX_EDIM, "length must be >= 0, got %lld", (long long)n);
  NAX_TRY_ALLOC(a, 2 * n, sizeof *a);
  for (nax_index i = 0; i < n; i++) {
    if (!isnan(x[i])) {
      a[m++] = (nax_i_keyed){nax_i_sort_key(x[i]), i};
    }
    out[i] = NAN;
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, a, a + n, m));
  for (nax_index i = 0; i < m;) {
    nax_index j = i;
    while (j < m && a[j].key == a[i].key) {
      j++;
    }
    for (nax_index t = i; t < j; t++) {
      out[a[t].at] = 0.5 * (double)(i + j + 1); /* mean of i + 1 .. j */
    }
    i = j;
  }
done:
  nax_i_free(a);
  return status;
}
