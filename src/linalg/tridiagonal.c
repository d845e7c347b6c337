/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Largest eigenvalues of a long symmetric tridiagonal matrix, each on its own: bisection
 * by Sturm counts (Barth, Martin & Wilkinson 1967, doi:10.1007/BF02162154) and inverse
 * iteration, in runs of rows between which one can stop. */
#include "linalg_i.h"
#include <float.h>
#include <math.h>

enum { ROWS = 1 << 18, POINTS = 3 };

typedef struct tridiagonal {
  nax_ctx *ctx;
  const char *fn;
  nax_index n, ldv;
  double norm;
  double *d, *e, *e2; /* divided by `norm`; e2: squares of e */
  double *values, *v;
} tridiagonal;

/* How many eigenvalues lie below each of POINTS places. */
static nax_status
count_below(const tridiagonal *t, const double x[POINTS], nax_index n_below[POINTS])
{
  nax_status status = NAX_OK;
  double q[POINTS];
  for (int p = 0; p < POINTS; p++) {
    q[p] = 1.0;
    n_below[p] = 0;
  }
  for (nax_index from = 0; from < t->n; from += ROWS) {
    nax_index to = t->n - from < ROWS ? t->n : from + ROWS;
    for (nax_index i = from; i < to; i++) {
      double square = i > 0 ? t->e2[i - 1] : 0.0;
      for (int p = 0; p < POINTS; p++) {
        q[p] = t->d[i] - x[p] - square / q[p];
        q[p] = fabs(q[p]) < DBL_MIN ? -DBL_MIN : q[p];
        n_below[p] += q[p] < 0.0;
      }
    }
    NAX_TRY(nax_i_poll(t->ctx));
  }
done:
  return status;
}

/* The eigenvalue that has `below` others below it. */
static nax_status
find_value(const tridiagonal *t, nax_index below, double *out)
{
  nax_status status = NAX_OK;
  double low = -1.0 - 1e-10, high = 1.0 + 1e-10; /* Gershgorin, since the norm is 1 */
  while (high - low > 2.0 * DBL_EPSILON * fmax(fabs(low), fabs(high)) + DBL_MIN) {
    double x[POINTS], step = (high - low) / (POINTS + 1);
    nax_index n_below[POINTS];
    for (int p = 0; p < POINTS; p++) {
      x[p] = low + step * (p + 1);
    }
    NAX_TRY(count_below(t, x, n_below));
    int p = 0;
    while (p < POINTS && n_below[p] <= below) {
      p++;
    }
    double before = high - low;
    high = p < POINTS ? x[p] : high;
    low = p > 0 ? x[p - 1] : low;
    if (!(high - low < before)) {
      break; /* no number lies between */
    }
  }
  *out = 0.5 * (low + high);
done:
  return status;
}

/* T - x I = P L U by rows: `swap[i]` says whether rows i and i + 1 changed places, `l` is
 * what was taken off, u0, u1, u2 are the diagonals of U. */
typedef struct factors {
  double *l, *u0, *u1, *u2;
  unsigned char *swap;
} factors;

static nax_status
factorise(const tridiagonal *t, double x, factors *f)
{
  nax_status status = NAX_OK;
  double at = t->d[0] - x, right = t->n > 1 ? t->e[0] : 0.0; /* of the row in hand */
  for (nax_index i = 0; i < t->n; i++) {
    f->u2[i] = 0.0;
    f->u1[i] = right;
    if (i + 1 < t->n) {
      double below = t->e[i], d = t->d[i + 1] - x, e = i + 2 < t->n ? t->e[i + 1] : 0.0;
      f->swap[i] = fabs(below) > fabs(at);
      if (f->swap[i]) {
        f->u0[i] = below;
        f->u1[i] = d;
        f->u2[i] = e;
        f->l[i] = at / below;
        at = right - f->l[i] * d;
        right = -f->l[i] * e;
      } else {
        at = fabs(at) < DBL_EPSILON ? copysign(DBL_EPSILON, at) : at;
        f->u0[i] = at;
        f->l[i] = below / at;
        at = d - f->l[i] * right;
        right = e;
      }
    } else {
      f->u0[i] = fabs(at) < DBL_EPSILON ? copysign(DBL_EPSILON, at) : at;
    }
    NAX_TRY(nax_i_poll_every(t->ctx, i, ROWS));
  }
done:
  return status;
}

static nax_status
solve(const tridiagonal *t, const factors *f, double *v)
{
  nax_status status = NAX_OK;
  for (nax_index i = 0; i + 1 < t->n; i++) {
    double upper = f->swap[i] ? v[i + 1] : v[i], lower = f->swap[i] ? v[i] : v[i + 1];
    v[i] = upper;
    v[i + 1] = lower - f->l[i] * upper;
    NAX_TRY(nax_i_poll_every(t->ctx, i, ROWS));
  }
  for (nax_index i = t->n - 1; i >= 0; i--) {
    double x = v[i];
    x -= i + 1 < t->n ? f->u1[i] * v[i + 1] : 0.0;
    x -= i + 2 < t->n ? f->u2[i] * v[i + 2] : 0.0;
    v[i] = x / f->u0[i];
    if (i % ROWS == 0) {
      NAX_TRY(nax_i_poll(t->ctx));
    }
  }
done:
  return status;
}

/* To unit length; returns the length before. */
static double
normalise(nax_index n, double *v)
{
  double most = 0.0, sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    most = fmax(most, fabs(v[i]));
  }
  for (nax_index i = 0; i < n; i++) {
    v[i] /= most;
    sum += v[i] * v[i];
  }
  double length = sqrt(sum);
  for (nax_index i = 0; i < n; i++) {
    v[i] /= length;
  }
  return most * length;
}

static nax_status
find_one(int64_t q, void *arg)
{
  enum { TURNS = 8 };
  const tridiagonal *t = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  factors f = {.l = NULL};
  double x, *v = t->v + q * t->ldv;
  NAX_TRY_ALLOC(f.l, t->n, sizeof(double));
  NAX_TRY_ALLOC(f.u0, t->n, sizeof(double));
  NAX_TRY_ALLOC(f.u1, t->n, sizeof(double));
  NAX_TRY_ALLOC(f.u2, t->n, sizeof(double));
  NAX_TRY_ALLOC(f.swap, t->n, 1);
  NAX_TRY(find_value(t, t->n - 1 - q, &x));
  NAX_TRY(factorise(t, x, &f));
  for (nax_index i = 0; i < t->n; i++) { /* neither even nor odd, nor smooth */
    v[i] = fmod((double)i * 0.61803398874989485, 1.0) - 0.3;
  }
  (void)normalise(t->n, v);
  int settled = 0;
  for (int turn = 0; turn < TURNS && settled < 2; turn++) {
    NAX_TRY(solve(t, &f, v));
    /* what is left of (T - x I) v is one over the growth; once more for good measure */
    settled += 1.0 / normalise(t->n, v) < 1e-13;
    NAX_TRY(nax_i_poll(t->ctx));
  }
  if (settled < 2) {
    status = nax_i_fail(NULL, NAX_ENUMERIC, t->fn,
                        "eigenvector %lld of a tridiagonal matrix of %lld did not "
                        "converge",
                        (long long)q + 1, (long long)t->n);
  }
  t->values[q] = x * t->norm;
done:
  nax_i_free(f.l);
  nax_i_free(f.u0);
  nax_i_free(f.u1);
  nax_i_free(f.u2);
  nax_i_free(f.swap);
  return status;
}

nax_status
nax_i_tridiagonal_largest(nax_ctx *ctx, const char *fn, nax_index n, const double *d,
                          const double *e, nax_index k, double *values, double *v,
                          nax_index ldv)
{
  nax_status status = NAX_OK;
  tridiagonal t = {.ctx = ctx, .fn = fn, .n = n, .ldv = ldv, .values = values, .v = v};
  NAX_TRY_ALLOC(t.d, n, sizeof *t.d);
  NAX_TRY_ALLOC(t.e, n, sizeof *t.e);
  NAX_TRY_ALLOC(t.e2, n, sizeof *t.e2);
  for (nax_index i = 0; i < n; i++) {
    double row = fabs(d[i]) + (i > 0 ? fabs(e[i - 1]) : 0.0);
    t.norm = fmax(t.norm, row + (i + 1 < n ? fabs(e[i]) : 0.0));
  }
  t.norm = t.norm > 0.0 ? t.norm : 1.0;
  for (nax_index i = 0; i < n; i++) {
    t.d[i] = d[i] / t.norm;
    t.e[i] = i + 1 < n ? e[i] / t.norm : 0.0;
    t.e2[i] = t.e[i] * t.e[i];
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, k, find_one, &t));
done:
  nax_i_free(t.d);
  nax_i_free(t.e);
  nax_i_free(t.e2);
  return status;
}
