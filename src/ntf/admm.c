/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The factor of one mode by the alternating direction method of multipliers, for what
 * couples its rows: smoothness along the mode and columns of bounded norm (Huang,
 * Sidiropoulos & Liavas 2016). Everything quadratic is solved exactly in one half, the
 * signs, l1 and the bound by projection in the other. */
#include "linalg/linalg_i.h"
#include "ntf_i.h"
#include <math.h>

/* Scratch: rows of ld columns unless said. */
typedef struct scratch {
  double *q, *qt;      /* eigenvectors of G, row-major, and their transpose */
  double *value;       /* eigenvalues */
  double *column;      /* for LAPACK, rank x rank */
  double *a, *b;       /* solution of the quadratic half, and in the eigenbasis */
  double *start, *was; /* a on entry, and before the last projection */
  double *lower;       /* multipliers of the tridiagonal elimination, n */
} scratch;

static void
free_scratch(scratch *s)
{
  nax_i_free(s->q);
  nax_i_free(s->qt);
  nax_i_free(s->value);
  nax_i_free(s->column);
  nax_i_free(s->a);
  nax_i_free(s->b);
  nax_i_free(s->start);
  nax_i_free(s->was);
  nax_i_free(s->lower);
}

static nax_status
eigenbasis(nax_ctx *ctx, const nax_i_rows *r, scratch *s)
{
  nax_status status = NAX_OK;
  for (int64_t i = 0; i < r->rank; i++) {
    for (int64_t j = 0; j < r->rank; j++) {
      s->column[i + j * r->rank] = r->g[i * r->ld + j];
    }
  }
  NAX_TRY(nax_i_syevd(ctx, "nax_ntf_fit", r->rank, s->column, r->rank, 1, s->value));
  for (int64_t i = 0; i < r->rank; i++) {
    for (int64_t j = 0; j < r->rank; j++) {
      s->q[i * r->ld + j] = s->qt[j * r->ld + i] = s->column[i + j * r->rank];
    }
  }
done:
  return status;
}

/* (d I + smooth L) y = b for one column of b, in place; L is the second difference with
 * free ends. */
static void
solve_smooth(const nax_i_rows *r, scratch *s, int64_t j, double d)
{
  double *b = s->b + j, off = -r->smooth;
  double before = 0.0;
  for (nax_index i = 0; i < r->n; i++) {
    int ends = (i > 0) + (i < r->n - 1);
    double pivot = d + r->smooth * ends - (i > 0 ? off * s->lower[i - 1] : 0.0);
    s->lower[i] = off / pivot;
    before = (b[i * r->ld] - (i > 0 ? off * before : 0.0)) / pivot;
    b[i * r->ld] = before;
  }
  for (nax_index i = r->n - 1; i-- > 0;) {
    b[i * r->ld] -= s->lower[i] * b[(i + 1) * r->ld];
  }
}

/* a = argmin of the quadratic part + rho/2 ||a - (z - u)||^2. */
static void
solve_quadratic(const nax_i_rows *r, scratch *s, double rho)
{
  size_t bytes = (size_t)(r->n * r->ld) * sizeof(double);
  for (nax_index i = 0; i < r->n * r->ld; i++) {
    s->a[i] = r->m[i] + rho * (r->a[i] - r->dual[i]);
  }
  memset(s->b, 0, bytes);
  nax_i_skinny(NAX_F64, s->a, r->ld, 1, r->rank, s->q, r->ld, s->b, r->ld, r->n, NULL);
  for (int64_t j = 0; j < r->rank; j++) {
    double value = s->value[j] > 0.0 ? s->value[j] : 0.0;
    solve_smooth(r, s, j, value + r->ridge + rho);
  }
  memset(s->a, 0, bytes);
  nax_i_skinny(NAX_F64, s->b, r->ld, 1, r->rank, s->qt, r->ld, s->a, r->ld, r->n, NULL);
}

static void
into_ball(const nax_i_rows *r, double *a)
{
  for (int64_t j = 0; r->in_ball && j < r->rank; j++) {
    double sum = 0.0;
    for (nax_index i = 0; i < r->n; i++) {
      sum += a[i * r->ld + j] * a[i * r->ld + j];
    }
    for (nax_index i = 0; sum > 1.0 && i < r->n; i++) {
      a[i * r->ld + j] /= sqrt(sum);
    }
  }
}

/* z = what is feasible next to a + u, with l1; then the multipliers. The squared primal
 * and dual steps, relative to the size of what they are steps of, decide when to stop. */
static double
project(const nax_i_rows *r, scratch *s, double rho)
{
  double primal = 0.0, dual = 0.0, size = 0.0, size_dual = 0.0;
  memcpy(s->was, r->a, (size_t)(r->n * r->ld) * sizeof(double));
  for (nax_index i = 0; i < r->n * r->ld; i++) {
    double v = s->a[i] + r->dual[i], shrink = r->l1 / rho;
    if (r->is_free) {
      v = v > shrink ? v - shrink : v < -shrink ? v + shrink : 0.0;
    } else {
      v = v > shrink ? v - shrink : 0.0;
    }
    r->a[i] = v;
  }
  into_ball(r, r->a);
  for (nax_index i = 0; i < r->n * r->ld; i++) {
    double gap = s->a[i] - r->a[i], step = r->a[i] - s->was[i];
    r->dual[i] += gap;
    primal += gap * gap;
    dual += step * step;
    size += r->a[i] * r->a[i];
    size_dual += r->dual[i] * r->dual[i];
  }
  double first = size > 0.0 ? primal / size : 0.0;
  double second = size_dual > 0.0 ? dual / size_dual : dual > 0.0 ? 1.0 : 0.0;
  return first > second ? first : second;
}

double
nax_i_rows_objective(const nax_i_rows *r)
{
  nax_i_ntf_mode mode = {.ridge = r->ridge, .l1 = r->l1, .smooth = r->smooth};
  double sum = 0.0;
  for (nax_index i = 0; i < r->n; i++) {
    const double *a = r->a + i * r->ld;
    double row = 0.0;
    for (int64_t j = 0; j < r->rank; j++) {
      double ga = 0.0;
      for (int64_t k = 0; k < r->rank; k++) {
        ga += r->g[j * r->ld + k] * a[k];
      }
      row += a[j] * (0.5 * ga - r->m[i * r->ld + j]);
    }
    sum += row;
  }
  return sum + nax_i_ntf_penalty(&mode, r->a, r->n, r->rank, r->ld);
}

nax_status
nax_i_rows_admm(nax_ctx *ctx, const nax_i_rows *r)
{
  nax_status status = NAX_OK;
  scratch s = {.q = NULL};
  size_t row = (size_t)r->ld * sizeof(double);
  double rho = 0.0;
  for (int64_t j = 0; j < r->rank; j++) {
    rho += r->g[j * r->ld + j] / (double)r->rank;
  }
  if (!(rho > 0.0)) {
    return NAX_OK; /* all other factors are zero: nothing is said on this one */
  }
  NAX_TRY_ALLOC(s.q, r->ld, row);
  NAX_TRY_ALLOC(s.qt, r->ld, row);
  NAX_TRY_ALLOC(s.value, r->rank, sizeof(double));
  NAX_TRY_ALLOC(s.column, r->rank * r->rank, sizeof(double));
  NAX_TRY_ALLOC(s.a, r->n, row);
  NAX_TRY_ALLOC(s.b, r->n, row);
  NAX_TRY_ALLOC(s.start, r->n, row);
  NAX_TRY_ALLOC(s.was, r->n, row);
  NAX_TRY_ALLOC(s.lower, r->n, sizeof(double));
  NAX_TRY(eigenbasis(ctx, r, &s));
  into_ball(r, r->a);
  memcpy(s.start, r->a, (size_t)r->n * row);
  double before = nax_i_rows_objective(r);
  for (int64_t i = 0; i < r->max_sweeps; i++) {
    NAX_TRY(nax_i_poll(ctx));
    solve_quadratic(r, &s, rho);
    if (project(r, &s, rho) <= r->inner_tol * r->inner_tol &&
        nax_i_rows_objective(r) <= before) {
      break;
    }
  }
  if (nax_i_rows_objective(r) > before) { /* multipliers are not there yet: next time */
    memcpy(r->a, s.start, (size_t)r->n * row);
  }
done:
  free_scratch(&s);
  return status;
}
