/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are p values of a true null hypothesis uniform? Include after nax_test.h. */
#ifndef NAX_UNIFORM_H
#define NAX_UNIFORM_H
#include <math.h>
#include <stdlib.h>

static int
nax_t_ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Largest distance between the distribution of n values and the uniform one. */
static double
ks_uniform(nax_index n, double *p)
{
  double d = 0.0;
  qsort(p, (size_t)n, sizeof *p, nax_t_ascending);
  for (nax_index i = 0; i < n; i++) {
    d = fmax(d, fmax(p[i] - (double)i / (double)n, (double)(i + 1) / (double)n - p[i]));
  }
  return d;
}

/* p is uniform: KS at 0.1 %, and the counts below 1e-2 and 1e-3 within four standard
 * deviations. */
static void
assert_uniform(const char *what, nax_index n, double *p)
{
  double d = ks_uniform(n, p), limit = 1.95 / sqrt((double)n);
  if (d > limit) {
    fail_msg("%s: p values are not uniform (KS %.5f, limit %.5f)", what, d, limit);
  }
  for (double at = 1e-2; at > 5e-4; at /= 10.0) {
    double seen = 0.0, want = at * (double)n;
    for (nax_index i = 0; i < n; i++) {
      seen += p[i] <= at;
    }
    if (fabs(seen - want) > 4.0 * sqrt(want)) {
      fail_msg("%s: %.0f p values below %g, expected %.0f", what, seen, at, want);
    }
  }
}

#endif
