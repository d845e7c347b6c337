/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kendall's tau. Pairs are counted in ascending order of x: for each value, how many of
 * those before have a larger y. Up to MAX_BITS values are kept as a set of bits with, for
 * each word, the number of bits in the words after it, which an insertion raises by a
 * vector addition; longer ones are merge-sorted. */
#include "compare_i.h"
#include <math.h>
#include <stdlib.h>

enum { MAX_BITS = 16384 };

/* Order of the values, groups of equal ones, and the place of each in the order. */
nax_status
nax_i_kendall_prepare(nax_ctx *ctx, nax_index m, const double *x, nax_i_kendall *k)
{
  nax_status status = NAX_OK;
  nax_i_keyed *a = NULL;
  *k = (nax_i_kendall){.m = m};
  if (m >= INT32_MAX) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, "nax_rsa_compare", "too many pairs");
  }
  NAX_TRY_ALLOC(a, 2 * m, sizeof *a);
  NAX_TRY_ALLOC(k->order, 5 * m, sizeof *k->order);
  k->place = k->order + m;
  k->start = k->place + m;
  k->end = k->start + m;
  k->upto = k->end + m;
  for (nax_index i = 0; i < m; i++) {
    a[i] = (nax_i_keyed){nax_i_sort_key(x[i]), i};
  }
  nax_i_sort_keyed(a, a + m, m);
  for (nax_index i = 0, j; i < m; i = j) {
    for (j = i; j < m && a[j].key == a[i].key; j++) {
      k->order[j] = (int32_t)a[j].at;
      k->place[a[j].at] = (int32_t)j;
    }
    for (nax_index t = i; t < j; t++) {
      k->start[t] = (int32_t)i;
      k->end[t] = (int32_t)j;
      k->upto[k->order[t]] = (int32_t)j;
    }
    k->tied += (double)(j - i) * (double)(j - i - 1) / 2.0;
  }
done:
  nax_i_free(a);
  if (status != NAX_OK) {
    nax_i_kendall_clear(k);
  }
  return status;
}

void
nax_i_kendall_clear(nax_i_kendall *k)
{
  nax_i_free(k->order);
  *k = (nax_i_kendall){0};
}

size_t
nax_i_kendall_work(nax_index m)
{
  return m <= MAX_BITS ? (size_t)MAX_BITS / 64 * (sizeof(uint64_t) + sizeof(uint16_t))
                       : 2 * (size_t)m * sizeof(int32_t);
}

/* Counts of 16 words: one addition each. */
enum { LANES = 16 };
typedef uint16_t lanes __attribute__((vector_size(2 * LANES), aligned(2), may_alias));

/* Pairs with x and y strictly in opposite order. */
NAX_I_CLONES static int64_t
discordant_bits(const nax_i_kendall *x, const nax_i_kendall *y, void *work)
{
  uint64_t *bits = work;
  int words = (int)((x->m + 63) / 64);
  uint16_t *after = (uint16_t *)(void *)(bits + MAX_BITS / 64);
  lanes part[LANES];
  int64_t count = 0;
  memset(bits, 0, (size_t)words * sizeof *bits);
  memset(after, 0, MAX_BITS / 64 * sizeof *after);
  for (int k = 0; k < LANES; k++) {
    for (int i = 0; i < LANES; i++) {
      part[k][i] = i < k;
    }
  }
  for (nax_index i = 0; i < x->m;) {
    nax_index j = x->end[i];
    for (nax_index t = i; t < j; t++) {
      int32_t from = y->upto[x->order[t]];
      int word = from >> 6;
      if (word < words) {
        count += after[word] + __builtin_popcountll(bits[word] >> (from & 63));
      }
    }
    for (nax_index t = i; t < j; t++) {
      int32_t at = y->place[x->order[t]];
      int below = at >> 6;
      bits[below] |= UINT64_C(1) << (at & 63);
      lanes *v = (lanes *)(void *)after;
      for (int w = 0; w < below / LANES; w++) {
        v[w] += 1;
      }
      v[below / LANES] += part[below % LANES];
    }
    i = j;
  }
  return count;
}

static int
by_value(const void *a, const void *b)
{
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* The same by merging runs of y (as end of its group) in the order of x. */
static int64_t
discordant_merge(const nax_i_kendall *x, const nax_i_kendall *y, void *work)
{
  int32_t *a = work, *b = a + x->m;
  nax_index m = x->m;
  int64_t count = 0;
  for (nax_index i = 0; i < m;) {
    nax_index j = x->end[i];
    for (nax_index t = i; t < j; t++) {
      a[t] = y->upto[x->order[t]];
    }
    if (j - i > 1) {
      qsort(a + i, (size_t)(j - i), sizeof *a, by_value);
    }
    i = j;
  }
  for (nax_index width = 1; width < m; width *= 2) {
    for (nax_index lo = 0; lo < m; lo += 2 * width) {
      nax_index mid = lo + width < m ? lo + width : m;
      nax_index hi = mid + width < m ? mid + width : m;
      nax_index p = lo, q = mid;
      for (nax_index o = lo; o < hi; o++) {
        if (q >= hi || (p < mid && a[p] <= a[q])) {
          b[o] = a[p++];
        } else {
          count += mid - p;
          b[o] = a[q++];
        }
      }
    }
    int32_t *swap = a;
    a = b;
    b = swap;
  }
  return count;
}

/* Pairs equal in both. */
static double
tied_in_both(const nax_i_kendall *x, const nax_i_kendall *y, int32_t *work)
{
  double count = 0.0;
  for (nax_index i = 0; i < x->m;) {
    nax_index j = x->end[i];
    if (j - i > 1) {
      for (nax_index t = i; t < j; t++) {
        work[t] = y->upto[x->order[t]];
      }
      qsort(work + i, (size_t)(j - i), sizeof *work, by_value);
      for (nax_index t = i, u; t < j; t = u) {
        for (u = t; u < j && work[u] == work[t]; u++) {
        }
        count += (double)(u - t) * (double)(u - t - 1) / 2.0;
      }
    }
    i = j;
  }
  return count;
}

double
nax_i_kendall_tau(const nax_i_kendall *x, const nax_i_kendall *y, int b, void *work,
                  int32_t *ties)
{
  double total = (double)x->m * (double)(x->m - 1) / 2.0;
  double both = x->tied > 0.0 && y->tied > 0.0 ? tied_in_both(x, y, ties) : 0.0;
  int64_t d =
      x->m <= MAX_BITS ? discordant_bits(x, y, work) : discordant_merge(x, y, work);
  double s = total - x->tied - y->tied + both - 2.0 * (double)d;
  return b ? s / sqrt((total - x->tied) * (total - y->tied)) : s / total;
}

/* ---------------------------------------------------------------- multiplicities */

/* Words of 64 places with the count of each, and of each word the counts after it. */
double
nax_i_kendall_weighted(const nax_i_kendall *x, const nax_i_kendall *y, const double *c,
                       nax_i_kendall_counts *w)
{
  nax_index words = (x->m + 63) / 64;
  double s = 0.0, before = 0.0;
  memset(w->at, 0, (size_t)(words * 64) * sizeof *w->at);
  memset(w->after, 0, (size_t)words * sizeof *w->after);
  for (nax_index i = 0; i < x->m;) {
    nax_index j = x->end[i];
    double added = 0.0;
    for (nax_index t = i; t < j; t++) {
      nax_index k = x->order[t];
      if (c[k] == 0.0) {
        continue;
      }
      /* Those with smaller y before minus those with larger y. */
      nax_index place = y->place[k], end = y->end[place], start = y->start[place];
      int32_t larger = 0, not_smaller = 0;
      if (end < x->m) {
        larger = w->after[end >> 6];
        for (nax_index p = end; p < ((end >> 6) + 1) << 6; p++) {
          larger += w->at[p];
        }
      }
      not_smaller = w->after[start >> 6];
      for (nax_index p = start; p < ((start >> 6) + 1) << 6; p++) {
        not_smaller += w->at[p];
      }
      s += c[k] * (before - (double)not_smaller - (double)larger);
    }
    for (nax_index t = i; t < j; t++) {
      nax_index k = x->order[t];
      int32_t add = (int32_t)c[k];
      if (add == 0) {
        continue;
      }
      nax_index place = y->place[k];
      w->at[place] += add;
      added += c[k];
      for (nax_index v = 0; v < place >> 6; v++) {
        w->after[v] += add;
      }
    }
    before += added;
    i = j;
  }
  return s;
}
