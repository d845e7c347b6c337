/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Percentile of a sliding window. The trace is sorted once; the window is a set of bits
 * over the sorted positions. A step of the window moves the wanted order statistic by at
 * most one or two members of the set, and the next member is found a word at a time, so a
 * step costs O(1) whatever the length of the window. */
#include "signal_i.h"
#include "stats/stats_i.h"
#include <math.h>

typedef struct bits {
  uint64_t *word; /* bit r: the value of rank r is in the window */
  uint64_t *any;  /* bit w: word w is not zero */
} bits;

static void
set_bit(const bits *b, nax_index r)
{
  b->word[r >> 6] |= UINT64_C(1) << (r & 63);
  b->any[r >> 12] |= UINT64_C(1) << (r >> 6 & 63);
}

static void
clear_bit(const bits *b, nax_index r)
{
  b->word[r >> 6] &= ~(UINT64_C(1) << (r & 63));
  if (b->word[r >> 6] == 0) {
    b->any[r >> 12] &= ~(UINT64_C(1) << (r >> 6 & 63));
  }
}

/* Member after (or before) r; the caller knows that there is one. */
static nax_index
next_bit(const bits *b, nax_index r)
{
  nax_index w = r >> 6;
  uint64_t m = b->word[w] & (~UINT64_C(0) << (r & 63) << 1);
  if ((r & 63) == 63) {
    m = 0;
  }
  if (m == 0) {
    nax_index s = w >> 6;
    uint64_t a = (w & 63) == 63 ? 0 : b->any[s] & (~UINT64_C(0) << (w & 63) << 1);
    while (a == 0) {
      a = b->any[++s];
    }
    w = s << 6 | __builtin_ctzll(a);
    m = b->word[w];
  }
  return w << 6 | __builtin_ctzll(m);
}

static nax_index
previous_bit(const bits *b, nax_index r)
{
  nax_index w = r >> 6;
  uint64_t m = b->word[w] & ((UINT64_C(1) << (r & 63)) - 1);
  if (m == 0) {
    nax_index s = w >> 6;
    uint64_t a = b->any[s] & ((UINT64_C(1) << (w & 63)) - 1);
    while (a == 0) {
      a = b->any[--s];
    }
    w = s << 6 | (63 - __builtin_clzll(a));
    m = b->word[w];
  }
  return w << 6 | (63 - __builtin_clzll(m));
}

/* The window's members, and one of them with how many are below it. */
typedef struct window {
  bits in;
  nax_index count, at, below;
} window;

static void
enter(window *w, nax_index r)
{
  set_bit(&w->in, r);
  if (w->count++ == 0) {
    w->at = r;
    w->below = 0;
  } else if (r < w->at) {
    w->below++;
  }
}

static void
leave(window *w, nax_index r)
{
  if (--w->count > 0) {
    if (r < w->at) {
      w->below--;
    } else if (r == w->at && w->below < w->count) {
      w->at = next_bit(&w->in, r);
    } else if (r == w->at) {
      w->at = previous_bit(&w->in, r);
      w->below--;
    }
  }
  clear_bit(&w->in, r);
}

static double
window_quantile(window *w, const nax_i_keyed *sorted, double q)
{
  if (w->count == 0) {
    return (double)NAN;
  }
  double h = q * (double)(w->count - 1);
  nax_index k = (nax_index)h;
  while (w->below < k) {
    w->at = next_bit(&w->in, w->at);
    w->below++;
  }
  while (w->below > k) {
    w->at = previous_bit(&w->in, w->at);
    w->below--;
  }
  double low = nax_i_key_value(sorted[w->at].key), part = h - (double)k;
  if (part <= 0.0) {
    return low;
  }
  return low + part * (nax_i_key_value(sorted[next_bit(&w->in, w->at)].key) - low);
}

static nax_index
n_words(nax_index n)
{
  return n / 64 + 1;
}

nax_index
nax_i_rolling_scratch(nax_index n)
{
  /* two arrays of pairs, the ranks, two levels of bits: eight bytes each */
  return 5 * n + n_words(n) + n_words(n_words(n));
}

void
nax_i_rolling_quantile(const double *x, nax_index n, nax_index w, double q, double *y,
                       double *scratch)
{
  nax_i_keyed *sorted = (nax_i_keyed *)scratch, *tmp = sorted + n;
  nax_index *rank = (nax_index *)(tmp + n), m = 0;
  window win = {.count = 0};
  win.in.word = (uint64_t *)(rank + n);
  win.in.any = win.in.word + n_words(n);
  memset(win.in.word, 0, (size_t)(n_words(n) + n_words(n_words(n))) * sizeof(uint64_t));
  for (nax_index i = 0; i < n; i++) {
    rank[i] = -1;
    if (isfinite(x[i])) {
      sorted[m++] = (nax_i_keyed){nax_i_sort_key(x[i]), i};
    }
  }
  nax_i_sort_keyed(sorted, tmp, m);
  for (nax_index r = 0; r < m; r++) {
    rank[sorted[r].at] = r;
  }
  nax_index before = w / 2, after = w - 1 - before;
  for (nax_index i = 0; i < after && i < n; i++) {
    if (rank[i] >= 0) {
      enter(&win, rank[i]);
    }
  }
  for (nax_index i = 0; i < n; i++) {
    if (i + after < n && rank[i + after] >= 0) {
      enter(&win, rank[i + after]);
    }
    if (i - before - 1 >= 0 && rank[i - before - 1] >= 0) {
      leave(&win, rank[i - before - 1]);
    }
    y[i] = window_quantile(&win, sorted, q);
  }
}
