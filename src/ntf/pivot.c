/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact non-negative least squares for the rows of a factor by block principal pivoting:
 * exchange all infeasible variables at once, and one at a time when that stops helping
 * (Kim & Park 2011, SIAM J. Sci. Comput. 33(6), algorithm 2). */
#include "ntf_i.h"
#include <math.h>

enum { GRAIN = 64 };

typedef struct scratch {
  double *l, *x, *y; /* factor of the passive block, solution, gradient */
  int64_t *set;      /* indices of the passive variables */
  char *passive;
} scratch;

/* Cholesky of g[set][set] + ridge, and l l' z = rhs; 0 when not positive definite. */
static int
solve_passive(const nax_i_rows *r, scratch *s, int64_t n, const double *m)
{
  double *l = s->l, *x = s->x;
  for (int64_t j = 0; j < n; j++) {
    for (int64_t i = j; i < n; i++) {
      double v = r->g[s->set[i] * r->ld + s->set[j]] + (i == j ? r->ridge : 0.0);
      for (int64_t k = 0; k < j; k++) {
        v -= l[i * r->rank + k] * l[j * r->rank + k];
      }
      if (i == j) {
        if (!(v > 0.0)) {
          return 0;
        }
        l[j * r->rank + j] = sqrt(v);
      } else {
        l[i * r->rank + j] = v / l[j * r->rank + j];
      }
    }
  }
  for (int64_t i = 0; i < n; i++) {
    double v = m[s->set[i]] - r->l1;
    for (int64_t k = 0; k < i; k++) {
      v -= l[i * r->rank + k] * x[k];
    }
    x[i] = v / l[i * r->rank + i];
  }
  for (int64_t i = n; i-- > 0;) {
    double v = x[i];
    for (int64_t k = i + 1; k < n; k++) {
      v -= l[k * r->rank + i] * x[k];
    }
    x[i] = v / l[i * r->rank + i];
  }
  return 1;
}

/* Solution of row a for the current passive set, and how many variables break the
 * conditions; the one with the largest index in *worst. */
static int64_t
evaluate(const nax_i_rows *r, scratch *s, const double *m, double *a, int64_t *worst)
{
  int64_t n = 0, bad = 0;
  for (int64_t j = 0; j < r->rank; j++) {
    if (s->passive[j]) {
      s->set[n++] = j;
    }
    a[j] = 0.0;
  }
  if (!solve_passive(r, s, n, m)) {
    return -1;
  }
  for (int64_t i = 0; i < n; i++) {
    a[s->set[i]] = s->x[i];
  }
  for (int64_t j = 0; j < r->rank; j++) {
    double y = r->l1 - m[j];
    for (int64_t i = 0; i < n; i++) {
      y += r->g[j * r->ld + s->set[i]] * s->x[i];
    }
    s->y[j] = y;
    double scale = 1e-12 * (fabs(m[j]) + r->l1);
    if (s->passive[j] ? a[j] < 0.0 : y < -scale) {
      bad++;
      *worst = j;
    }
  }
  return bad;
}

/* 1 when solved, 0 when the block is singular or the exchanges do not end. */
static int
pivot_row(const nax_i_rows *r, scratch *s, const double *m, double *a)
{
  int64_t fewest = r->rank + 1, worst = 0;
  int tries = 3;
  for (int64_t j = 0; j < r->rank; j++) {
    s->passive[j] = a[j] > 0.0;
  }
  for (int64_t round = 0; round < 100 + 10 * r->rank; round++) {
    int64_t bad = evaluate(r, s, m, a, &worst);
    if (bad <= 0) {
      return bad == 0;
    }
    int all = bad < fewest || tries > 0;
    tries = bad < fewest ? 3 : tries - 1;
    fewest = bad < fewest ? bad : fewest;
    for (int64_t j = 0; j < r->rank; j++) {
      double scale = 1e-12 * (fabs(m[j]) + r->l1);
      int wrong = s->passive[j] ? a[j] < 0.0 : s->y[j] < -scale;
      if (wrong && (all || j == worst)) {
        s->passive[j] = (char)!s->passive[j];
      }
    }
  }
  return 0;
}

static nax_status
pivot_block(int64_t block, void *arg)
{
  const nax_i_rows *r = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  scratch s = {0};
  double *keep = NULL;
  size_t n = (size_t)r->rank;
  NAX_TRY_ALLOC(s.l, n * n, sizeof(double));
  NAX_TRY_ALLOC(s.x, n, sizeof(double));
  NAX_TRY_ALLOC(s.y, n, sizeof(double));
  NAX_TRY_ALLOC(s.set, n, sizeof(int64_t));
  NAX_TRY_ALLOC(s.passive, n, 1);
  NAX_TRY_ALLOC(keep, n, sizeof(double));
  nax_index from = block * GRAIN, to = r->n - from < GRAIN ? r->n : from + GRAIN;
  for (nax_index i = from; i < to; i++) {
    double *a = r->a + i * r->ld;
    memcpy(keep, a, n * sizeof *a);
    if (!pivot_row(r, &s, r->m + i * r->ld, a)) {
      /* Singular passive block: descend from where the row was instead. */
      memcpy(a, keep, n * sizeof *a);
      nax_i_rows one = *r;
      one.a = a;
      one.m = r->m + i * r->ld;
      one.n = 1;
      one.max_sweeps = 500;
      one.inner_tol = 1e-12;
      NAX_TRY(nax_i_rows_descend(NULL, &one));
    }
  }
done:
  nax_i_free(s.l);
  nax_i_free(s.x);
  nax_i_free(s.y);
  nax_i_free(s.set);
  nax_i_free(s.passive);
  nax_i_free(keep);
  return status;
}

nax_status
nax_i_rows_pivot(nax_ctx *ctx, const nax_i_rows *r)
{
  nax_i_rows copy = *r;
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(r->n, GRAIN), pivot_block, &copy);
}
