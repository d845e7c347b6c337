/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limited-memory BFGS with a line search that meets the strong Wolfe conditions (Nocedal
 * & Wright, Numerical Optimization, algorithms 7.4, 3.5 and 3.6). */
#include "stats_i.h"
#include <math.h>

enum { PAIRS = 12, SEARCH = 25, SMALL_STEPS = 3 };

typedef struct point {
  double *x, *g, f;
} point;

typedef struct search {
  const nax_i_lbfgs *o;
  nax_index n;
  const double *dir;
  point at, *to; /* start of the line; where it is evaluated */
  int64_t *n_eval;
} search;

static double
dot(nax_index n, const double *a, const double *b)
{
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

/* Value and slope at step `a` along the line; a point where the function cannot be
 * computed counts as infinitely high. */
static nax_status
look(search *s, double a, double *f, double *slope)
{
  for (nax_index i = 0; i < s->n; i++) {
    s->to->x[i] = s->at.x[i] + a * s->dir[i];
  }
  ++*s->n_eval;
  nax_status status = s->o->fn(s->o->arg, s->to->x, &s->to->f, s->to->g);
  if (status == NAX_ENUMERIC || (status == NAX_OK && !isfinite(s->to->f))) {
    s->to->f = HUGE_VAL;
    *slope = HUGE_VAL;
    status = NAX_OK;
  } else if (status == NAX_OK) {
    *slope = dot(s->n, s->dir, s->to->g);
  }
  *f = s->to->f;
  return status;
}

/* Minimum of the cubic through two values and slopes, kept well inside the bracket. */
static double
cubic(double a, double fa, double da, double b, double fb, double db)
{
  double lo = fmin(a, b), hi = fmax(a, b), width = hi - lo, mid = 0.5 * (lo + hi);
  if (!isfinite(fb) || !isfinite(db)) {
    return lo + 0.1 * width;
  }
  double d1 = da + db - 3.0 * (fa - fb) / (a - b);
  double root = d1 * d1 - da * db;
  if (!(root >= 0.0)) {
    return mid;
  }
  double d2 = copysign(sqrt(root), b - a);
  double x = b - (b - a) * (db + d2 - d1) / (db - da + 2.0 * d2);
  return x > lo + 0.05 * width && x < hi - 0.05 * width ? x : mid;
}

/* A step that lowers f enough and flattens the slope; *ok 0 when there is none. */
static nax_status
line_search(search *s, double first, int *ok)
{
  nax_status status = NAX_OK;
  double f0 = s->at.f, d0 = dot(s->n, s->dir, s->at.g), f, d;
  double lo = 0.0, flo = f0, dlo = d0, hi = 0.0, fhi = 0.0, dhi = 0.0, a = first;
  int bracket = 0;
  *ok = 0;
  for (int k = 0; k < SEARCH; k++) {
    NAX_TRY(look(s, a, &f, &d));
    if (f > f0 + 1e-4 * a * d0 || (f >= flo && (bracket || k > 0))) {
      hi = a;
      fhi = f;
      dhi = d;
      bracket = 1;
    } else {
      if (fabs(d) <= -0.9 * d0) {
        *ok = 1;
        break;
      }
      if (bracket ? d * (hi - lo) >= 0.0 : d >= 0.0) {
        hi = lo;
        fhi = flo;
        dhi = dlo;
        bracket = 1;
      }
      lo = a;
      flo = f;
      dlo = d;
    }
    if (bracket && fabs(hi - lo) < 1e-12 * (1.0 + fabs(lo))) {
      break;
    }
    a = bracket ? cubic(lo, flo, dlo, hi, fhi, dhi) : 2.0 * a;
  }
  if (!*ok && lo > 0.0 && flo < f0) { /* low enough, if not flat */
    NAX_TRY(look(s, lo, &f, &d));
    *ok = 1;
  }
done:
  return status;
}

nax_status
nax_i_lbfgs_run(nax_ctx *ctx, const nax_i_lbfgs *o, nax_index n, double *x, double *f,
                int64_t *n_eval, nax_stop *stop)
{
  nax_status status = NAX_OK;
  double *mem = NULL, *pair[2][PAIRS], rho[PAIRS], alpha[PAIRS];
  int64_t have = 0;
  int small = 0; /* steps in a row that gained next to nothing */
  NAX_TRY_ALLOC(mem, n, (size_t)(2 * PAIRS + 5) * sizeof *mem);
  double *p = mem;
  for (int k = 0; k < PAIRS; k++) {
    pair[0][k] = p;
    pair[1][k] = p + n;
    p += 2 * n;
  }
  point now = {p, p + n, 0.0}, next = {p + 2 * n, p + 3 * n, 0.0};
  double *dir = p + 4 * n;
  size_t bytes = (size_t)n * sizeof *x;
  memcpy(now.x, x, bytes);
  *n_eval = 1;
  *stop = NAX_STOP_ITER;
  NAX_TRY(o->fn(o->arg, now.x, &now.f, now.g));
  double start = now.f;
  while (*n_eval < o->max_eval) {
    for (nax_index i = 0; i < n; i++) {
      dir[i] = -now.g[i];
    }
    int64_t used = have < PAIRS ? have : PAIRS;
    for (int64_t k = 0; k < used; k++) {
      int j = (int)((have - 1 - k) % PAIRS);
      alpha[j] = rho[j] * dot(n, pair[0][j], dir);
      for (nax_index i = 0; i < n; i++) {
        dir[i] -= alpha[j] * pair[1][j][i];
      }
    }
    if (used > 0) {
      int j = (int)((have - 1) % PAIRS);
      double scale = 1.0 / (rho[j] * dot(n, pair[1][j], pair[1][j]));
      for (nax_index i = 0; i < n; i++) {
        dir[i] *= scale;
      }
    }
    for (int64_t k = used; k > 0; k--) {
      int j = (int)((have - k) % PAIRS);
      double beta = rho[j] * dot(n, pair[1][j], dir);
      for (nax_index i = 0; i < n; i++) {
        dir[i] += (alpha[j] - beta) * pair[0][j][i];
      }
    }
    double norm = sqrt(dot(n, dir, dir));
    search s = {o, n, dir, now, &next, n_eval};
    int ok;
    if (!(norm > 0.0)) {
      *stop = NAX_STOP_TOL;
      break;
    }
    NAX_TRY(line_search(&s, used > 0 ? 1.0 : fmin(1.0, 1.0 / norm), &ok));
    if (!ok) {
      if (have > 0) { /* from steepest descent again */
        have = 0;
        continue;
      }
      *stop = NAX_STOP_TOL;
      break;
    }
    int j = (int)(have % PAIRS);
    for (nax_index i = 0; i < n; i++) {
      pair[0][j][i] = next.x[i] - now.x[i];
      pair[1][j][i] = next.g[i] - now.g[i];
    }
    double sy = dot(n, pair[0][j], pair[1][j]);
    if (sy > 1e-10 * dot(n, pair[1][j], pair[1][j])) {
      rho[j] = 1.0 / sy;
      have++;
    }
    double gain = now.f - next.f;
    point swap = now;
    now = next;
    next = swap;
    small = gain <= o->tol * (o->gained + start - now.f) ? small + 1 : 0;
    if (small == SMALL_STEPS) {
      *stop = NAX_STOP_TOL;
      break;
    }
  }
  memcpy(x, now.x, bytes);
  *f = now.f;
done:
  nax_i_free(mem);
  return status;
}
