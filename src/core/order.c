/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selecting by rank in linear time. */
#include "core_i.h"
#include <math.h>

static void
swap_values(double *a, double *b)
{
  double t = *a;
  *a = *b;
  *b = t;
}

static double
median3(double a, double b, double c)
{
  return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

double
nax_i_select(double *x, nax_index n, nax_index k)
{
  nax_index lo = 0, hi = n - 1;
  uint64_t draw = UINT64_C(0x9e3779b97f4a7c15); /* fixed: same work for same data */
  while (lo < hi) {
    /* Pivots from changing places, so that no order of the data is slow. */
    uint64_t span = (uint64_t)(hi - lo + 1);
    draw = draw * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    double p = median3(x[lo + (nax_index)((draw >> 33) % span)], x[lo + (hi - lo) / 2],
                       x[lo + (nax_index)((draw >> 17) % span)]);
    nax_index lt = lo, gt = hi, i = lo; /* [lo, lt) < p, [lt, i) == p, (gt, hi] > p */
    while (i <= gt) {
      if (x[i] < p) {
        swap_values(&x[lt++], &x[i++]);
      } else if (x[i] > p) {
        swap_values(&x[i], &x[gt--]);
      } else {
        i++;
      }
    }
    if (k < lt) {
      hi = lt - 1;
    } else if (k > gt) {
      lo = gt + 1;
    } else {
      break;
    }
  }
  return x[k];
}

double
nax_i_quantile(double *x, nax_index n, double q)
{
  if (n < 1) {
    return NAN;
  }
  double at = q * (double)(n - 1);
  nax_index k = (nax_index)at;
  k = k > n - 1 ? n - 1 : k;
  double low = nax_i_select(x, n, k), part = at - (double)k;
  if (!(part > 0.0) || k + 1 >= n) {
    return low;
  }
  double next = x[k + 1];
  for (nax_index i = k + 2; i < n; i++) {
    next = x[i] < next ? x[i] : next;
  }
  if (!(next > low)) {
    return low;
  }
  /* weights keep an infinite neighbour infinite where the difference would be NaN */
  return isinf(low) || isinf(next) ? (1.0 - part) * low + part * next
                                   : low + part * (next - low);
}
