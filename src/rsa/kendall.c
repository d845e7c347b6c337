/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kendall's tau: concordant minus discordant pairs of values, each of which may count
 * several times. Values are taken in ascending order of x, and for each it is looked up
 * how many of those before have a smaller and how many a larger y (kendall_kernel_i.h).
 * Where y has more ranks than fit, blocks of ranks are compared with each other and then
 * the ranks within each block. */
#include "compare_i.h"
#include <math.h>

/* Ranks that one pass takes: one more is looked at but never taken. */
enum { MOST_BLOCKS = 32, MOST_RANKS = MOST_BLOCKS * 256 - 1 };

#define COUNT      uint16_t
#define VECTOR     lanes_16
#define LANES      16
#define NAME(what) what##_16
typedef uint16_t lanes_16 __attribute__((vector_size(32), aligned(2), may_alias));
#include "kendall_kernel_i.h"
#undef COUNT
#undef VECTOR
#undef LANES
#undef NAME
#define COUNT      uint32_t
#define VECTOR     lanes_32
#define LANES      8
#define NAME(what) what##_32
typedef uint32_t lanes_32 __attribute__((vector_size(32), aligned(4), may_alias));
#include "kendall_kernel_i.h"

/* Bytes of the counters, with what aligns them. */
enum { COUNTERS = (sizeof(counters_32) + 127) / 64 * 64 };

/* Order of the values, groups of equal ones, and the rank of each, equal ones alike. */
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
  NAX_TRY_ALLOC(k->order, 2 * m, sizeof *k->order);
  NAX_TRY_ALLOC(k->last, m, sizeof *k->last);
  k->rank = k->order + m;
  for (nax_index i = 0; i < m; i++) {
    a[i] = (nax_i_keyed){nax_i_sort_key(x[i]), i};
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, a, a + m, m));
  for (nax_index i = 0, start = 0; i < m; i++) {
    k->order[i] = (int32_t)a[i].at;
    k->rank[a[i].at] = k->ranks;
    k->last[i] = i + 1 == m || a[i + 1].key != a[i].key;
    if (k->last[i]) {
      k->tied += (double)(i + 1 - start) * (double)(i - start) / 2.0;
      k->ranks++;
      start = i + 1;
    }
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
  nax_i_free(k->last);
  *k = (nax_i_kendall){0};
}

/* Bytes of one level of blocks of n values. */
static size_t
level(nax_index n)
{
  return 5 * (size_t)(n + 1) * sizeof(int32_t) + ((size_t)n + 7) / 8 * 8;
}

size_t
nax_i_kendall_work(nax_index m)
{
  size_t bytes = COUNTERS + (size_t)(m + 1) * sizeof(int32_t) + 4;
  for (nax_index ranks = m; ranks > MOST_RANKS; ranks = (ranks - 1) / MOST_RANKS + 1) {
    bytes += level(m);
  }
  return bytes;
}

/* Concordant minus discordant pairs among values of x that are equal, in the order that
 * they have; 0 when these are too many to be looked at one by one. */
static int
among_equal(nax_index n, const int32_t *order, const int32_t *rank, const int32_t *count,
            const char *last, int64_t *sum)
{
  const char *end = last + n;
  nax_index steps = 0;
  *sum = 0;
  for (const char *p = last; (p = memchr(p, 0, (size_t)(end - p))) != NULL; p++) {
    nax_index b = p - last + 1;
    int32_t y = rank[order[b]];
    for (nax_index a = b - 1; a >= 0 && !last[a]; a--) {
      int32_t x = rank[order[a]];
      *sum += (int64_t)count[a] * count[b] * ((y > x) - (y < x));
      if (++steps > n / 4) {
        return 0;
      }
    }
  }
  return 1;
}

/* Sum of the squares of counts. */
NAX_I_CLONES static int64_t
squares(nax_index n, const int32_t *count)
{
  uint64_t sum[8] = {0}, all = 0;
  nax_index t = 0;
  for (; t + 8 <= n; t += 8) {
    for (int k = 0; k < 8; k++) {
      sum[k] += (uint64_t)(uint32_t)count[t + k] * (uint32_t)count[t + k];
    }
  }
  for (; t < n; t++) {
    all += (uint64_t)(uint32_t)count[t] * (uint32_t)count[t];
  }
  for (int k = 0; k < 8; k++) {
    all += sum[k];
  }
  return (int64_t)all;
}

/* The same of all, with few enough ranks for one pass. */
static int64_t
score_few(nax_index n, const int32_t *order, const int32_t *rank, const int32_t *count,
          const char *last, int32_t ranks, int64_t total, void *counters)
{
  int64_t among = 0;
  int narrow = total <= UINT16_MAX;
  if (!among_equal(n, order, rank, count, last, &among)) {
    return narrow ? score_16(n, order, rank, count, last, ranks, counters)
                  : score_32(n, order, rank, count, last, ranks, counters);
  }
  /* few are equal: they are counted as if none were, and taken out */
  return (narrow ? score_16(n, order, rank, count, NULL, ranks, counters)
                 : score_32(n, order, rank, count, NULL, ranks, counters)) +
         (total * total - squares(n, count)) / 2 - among;
}

static int64_t
score(nax_index n, const int32_t *order, const int32_t *rank, const int32_t *count,
      const char *last, int32_t ranks, int64_t total, void *counters, char *room)
{
  if (ranks <= MOST_RANKS) {
    return score_few(n, order, rank, count, last, ranks, total, counters);
  }
  int32_t blocks = (ranks - 1) / MOST_RANKS + 1, group = 0;
  int32_t *block = (int32_t *)(void *)room, *start = block + n, *of = start + n + 1;
  int32_t *inner = of + n, *inner_count = inner + n;
  char *inner_last = room + 5 * (size_t)(n + 1) * sizeof(int32_t);
  memset(start, 0, (size_t)(blocks + 1) * sizeof *start);
  for (nax_index t = 0; t < n; t++) {
    block[t] = rank[order[t]] / MOST_RANKS;
    start[block[t] + 1]++;
    inner[t] = (int32_t)t; /* for a while: in the order given */
  }
  for (int32_t b = 0; b < blocks; b++) {
    start[b + 1] += start[b];
  }
  int64_t sum =
      score(n, inner, block, count, last, blocks, total, counters, room + level(n));
  for (nax_index t = 0; t < n; t++) {
    int32_t to = start[block[t]]++;
    inner[to] = rank[order[t]] % MOST_RANKS;
    inner_count[to] = count[t];
    of[to] = group;
    group += last[t];
  }
  for (nax_index t = 0; t < n; t++) {
    inner_last[t] = t + 1 == n || of[t + 1] != of[t];
    of[t] = (int32_t)t;
  }
  for (int32_t b = 0, from = 0; b < blocks; from = start[b++]) {
    nax_index size = start[b] - from;
    int64_t some = 0;
    for (nax_index t = from; t < from + size; t++) {
      some += inner_count[t];
    }
    if (size > 1) {
      inner_last[from + size - 1] = 1;
      sum +=
          score_few(size, of, inner + from, inner_count + from, inner_last + from,
                    b + 1 < blocks ? MOST_RANKS : ranks - b * MOST_RANKS, some, counters);
    }
  }
  return sum;
}

int64_t
nax_i_kendall_score(nax_index n, const int32_t *order, const char *last,
                    const int32_t *rank, int32_t ranks, const int32_t *count,
                    int64_t total, void *work)
{
  char *counters = (char *)work + (64 - (uintptr_t)work % 64) % 64;
  int32_t *once = (int32_t *)(void *)((char *)work + COUNTERS);
  size_t room = COUNTERS + ((size_t)(n + 1) * sizeof *once + 7) / 8 * 8;
  for (nax_index t = 0; count == NULL && t < n; t++) {
    once[t] = 1;
  }
  return n < 2 ? 0
               : score(n, order, rank, count != NULL ? count : once, last, ranks, total,
                       counters, (char *)work + room);
}

double
nax_i_kendall_tau(const nax_i_kendall *x, const nax_i_kendall *y, int b, void *work)
{
  double total = (double)x->m * (double)(x->m - 1) / 2.0;
  double s = (double)nax_i_kendall_score(x->m, x->order, x->last, y->rank, y->ranks, NULL,
                                         x->m, work);
  return b ? s / sqrt((total - x->tied) * (total - y->tied)) : s / total;
}
