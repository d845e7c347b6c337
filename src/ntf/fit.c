/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One start of the alternating fit: sweeps over the modes, late extrapolation, balanced
 * columns, re-seeding of dead components, and the model in the place of missing entries.
 */
#include "ntf_i.h"
#include <float.h>
#include <math.h>

/* A sweep that gains less than this share of the explained part has stalled: from then on
 * extrapolation pays, before that it costs sweeps. */
static const double STALL = 1e-4;

/* With missing entries there may be directions on which the observed ones say nothing:
 * momentum would carry the factors along them without end, so there is none. */

typedef struct fit {
  nax_ctx *ctx;
  const nax_ntf_opts *o;
  nax_i_ntf_problem *p;
  nax_i_ntf_run *run;
  nax_i_tree tree;
  int64_t rank, ld;
  double *e[NAX_I_NTF_MAX_MODES];    /* where the next update starts; run->f when not
                                        extrapolating */
  double *own[NAX_I_NTF_MAX_MODES];  /* memory of e */
  double *gram[NAX_I_NTF_MAX_MODES]; /* of e */
  double *m, *h, *old, *g; /* MTTKRP, Hadamard of Grams, factor before, scratch */
  double beta, beta_max;
  double fill_change; /* sum over missing entries of (filled - model)^2, last refill */
} fit;

static void
free_fit(fit *s)
{
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(s->own[k]);
    nax_i_free(s->gram[k]);
  }
  nax_i_free(s->m);
  nax_i_free(s->h);
  nax_i_free(s->old);
  nax_i_free(s->g);
  nax_i_tree_free(&s->tree);
}

static nax_status
init_fit(fit *s)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  const nax_i_tensor *x = &s->p->x;
  nax_index longest = 0;
  NAX_TRY(nax_i_tree_init(&s->tree, ctx, x, s->rank));
  size_t row = (size_t)s->ld * sizeof(double);
  for (int32_t k = 0; k < x->n_modes; k++) {
    longest = x->dim[k] > longest ? x->dim[k] : longest;
    NAX_TRY_ALLOC(s->gram[k], s->ld, row);
    if (s->o->extrapolate) {
      NAX_TRY_ALLOC(s->own[k], x->dim[k], row);
    }
    s->e[k] = s->run->f[k];
    nax_i_gram(s->e[k], x->dim[k], s->ld, s->gram[k]);
  }
  NAX_TRY_ALLOC(s->m, longest, row);
  NAX_TRY_ALLOC(s->old, longest, row);
  NAX_TRY_ALLOC(s->h, s->ld, row);
  NAX_TRY_ALLOC(s->g, s->ld, row);
done:
  return status;
}

static void
hadamard(fit *s, int32_t mode)
{
  int64_t n = s->ld * s->ld;
  for (int64_t i = 0; i < n; i++) {
    s->h[i] = 1.0;
  }
  for (int32_t k = 0; k < s->p->x.n_modes; k++) {
    for (int64_t i = 0; k != mode && i < n; i++) {
      s->h[i] *= s->gram[k][i];
    }
  }
}

/* ||min(A, AG - M)|| / ||M|| (without min for free modes): how far the mode is from its
 * optimum given the others. */
static double
violation(const fit *s, int32_t mode)
{
  const double *a = s->e[mode];
  double bad = 0.0, all = 0.0;
  for (nax_index i = 0; i < s->p->x.dim[mode]; i++) {
    for (int64_t r = 0; r < s->rank; r++) {
      double m = s->m[i * s->ld + r], x = a[i * s->ld + r];
      double grad = s->o->ridge * x - m;
      for (int64_t k = 0; k < s->rank; k++) {
        grad += s->h[r * s->ld + k] * a[i * s->ld + k];
      }
      double v;
      if (s->p->is_free[mode]) {
        v = x > 0.0   ? grad + s->o->l1
            : x < 0.0 ? grad - s->o->l1
                      : fmax(fabs(grad) - s->o->l1, 0.0);
      } else {
        v = fmin(x, grad + s->o->l1);
      }
      bad += v * v;
      all += m * m;
    }
  }
  return all > 0.0 ? sqrt(bad / all) : 0.0;
}

static nax_status
update_mode(fit *s, int32_t mode)
{
  nax_i_rows rows = {.g = s->h,
                     .m = s->m,
                     .a = s->run->f[mode],
                     .n = s->p->x.dim[mode],
                     .rank = s->rank,
                     .ld = s->ld,
                     .is_free = s->p->is_free[mode],
                     .max_sweeps = s->o->inner_sweeps,
                     .inner_tol = 0.01,
                     .ridge = s->o->ridge,
                     .l1 = s->o->l1};
  switch ((nax_ntf_algorithm)s->o->algorithm) {
  case NAX_NTF_HALS:
    rows.inner_tol = 0.0;
    return nax_i_rows_descend(s->ctx, &rows);
  case NAX_NTF_PIVOT:
    return rows.is_free ? nax_i_rows_descend(s->ctx, &rows)
                        : nax_i_rows_pivot(s->ctx, &rows);
  case NAX_NTF_MU:
    return rows.is_free ? nax_i_rows_descend(s->ctx, &rows)
                        : nax_i_rows_multiply(s->ctx, &rows);
  case NAX_NTF_NNLS:
  case NAX_NTF_ALGORITHM_FORCE_INT:
    break;
  }
  return nax_i_rows_descend(s->ctx, &rows);
}

/* Sum of squares of x - model over all entries (filled ones included) from what the last
 * update of a mode left behind: ||x||^2 - 2 <M, A> + <H, A'A>. */
static double
cheap_error(fit *s, int32_t mode)
{
  nax_index n = s->p->x.dim[mode];
  const double *a = s->run->f[mode];
  double cross = 0.0, model = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double row = 0.0;
    for (int64_t r = 0; r < s->rank; r++) {
      row += s->m[i * s->ld + r] * a[i * s->ld + r];
    }
    cross += row;
  }
  nax_i_gram(a, n, s->ld, s->g);
  for (int64_t i = 0; i < s->ld * s->ld; i++) {
    model += s->h[i] * s->g[i];
  }
  return s->p->norm2 - 2.0 * cross + model;
}

static nax_status
sweep(fit *s, double *kkt, double *error)
{
  nax_status status = NAX_OK;
  int32_t last = s->p->x.n_modes - 1;
  while (last > 0 && s->p->is_fixed[last]) {
    last--;
  }
  *kkt = 0.0;
  for (int32_t k = 0; k <= last; k++) {
    if (s->p->is_fixed[k]) {
      continue;
    }
    size_t bytes = (size_t)(s->p->x.dim[k] * s->ld) * sizeof(double);
    NAX_TRY(nax_i_tree_mttkrp(&s->tree, s->e, k, s->m));
    hadamard(s, k);
    *kkt = fmax(*kkt, violation(s, k));
    double *f = s->run->f[k];
    int extrapolating = s->e[k] != f;
    if (extrapolating) {
      memcpy(s->old, f, bytes);
      memcpy(f, s->e[k], bytes);
    }
    NAX_TRY(update_mode(s, k));
    if (k == last) {
      *error = cheap_error(s, k);
    }
    if (extrapolating) {
      for (int64_t i = 0; i < s->p->x.dim[k] * s->ld; i++) {
        double to = f[i] + s->beta * (f[i] - s->old[i]);
        s->e[k][i] = to > 0.0 || s->p->is_free[k] ? to : 0.0;
      }
    }
    nax_i_gram(s->e[k], s->p->x.dim[k], s->ld, s->gram[k]);
    nax_i_tree_changed(&s->tree, k);
  }
done:
  return status;
}

/* From now on updates start from extrapolated factors. */
static void
start_extrapolating(fit *s)
{
  s->beta = 0.5;
  s->beta_max = 1.0;
  for (int32_t k = 0; k < s->p->x.n_modes; k++) {
    if (!s->p->is_fixed[k]) {
      memcpy(s->own[k], s->run->f[k], (size_t)(s->p->x.dim[k] * s->ld) * sizeof(double));
      s->e[k] = s->own[k];
    }
  }
}

/* The error rose: fall back to the factors themselves and be more careful. */
static void
restart_extrapolation(fit *s)
{
  for (int32_t k = 0; k < s->p->x.n_modes; k++) {
    if (s->e[k] != s->run->f[k]) {
      memcpy(s->e[k], s->run->f[k], (size_t)(s->p->x.dim[k] * s->ld) * sizeof(double));
      nax_i_gram(s->e[k], s->p->x.dim[k], s->ld, s->gram[k]);
    }
    nax_i_tree_changed(&s->tree, k);
  }
  s->beta_max = s->beta;
  s->beta /= 1.5;
}

/* Give the columns of all modes that may change equal norms; the model stays. A column
 * that died is told by the return value (its position, else -1). */
static int64_t
balance(fit *s)
{
  const nax_i_tensor *x = &s->p->x;
  int64_t dead = -1;
  double norm[NAX_I_NTF_MAX_MODES];
  for (int64_t r = 0; r < s->rank; r++) {
    double sum = 0.0;
    int32_t n = 0;
    for (int32_t k = 0; k < x->n_modes; k++) {
      norm[k] = sqrt(s->gram[k][r * s->ld + r]);
      if (!s->p->is_fixed[k]) {
        sum += log(norm[k]);
        n++;
      }
    }
    if (!isfinite(sum)) {
      dead = dead < 0 ? r : dead;
      sum = 0.0;
    }
    for (int32_t k = 0; k < x->n_modes; k++) {
      s->g[k * s->ld + r] = s->p->is_fixed[k] || !(norm[k] > 0.0) || dead == r
                                ? 1.0
                                : exp(sum / n) / norm[k];
    }
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    const double *c = s->g + k * s->ld;
    if (s->p->is_fixed[k]) {
      continue;
    }
    for (nax_index i = 0; i < x->dim[k]; i++) {
      for (int64_t r = 0; r < s->rank; r++) {
        s->run->f[k][i * s->ld + r] *= c[r];
        if (s->e[k] != s->run->f[k]) {
          s->e[k][i * s->ld + r] *= c[r];
        }
      }
    }
    for (int64_t r = 0; r < s->rank; r++) {
      for (int64_t q = 0; q < s->rank; q++) {
        s->gram[k][r * s->ld + q] *= c[r] * c[q];
      }
    }
    nax_i_tree_scaled(&s->tree, k, c);
  }
  return dead;
}

/* A component that died starts again small, with profiles that are even and alike in no
 * two modes or components: deterministic and never zero. */
static void
reseed(fit *s, int64_t r, double error)
{
  const nax_i_tensor *x = &s->p->x;
  double size = pow(0.01 * sqrt(error > 0.0 ? error : 0.0), 1.0 / x->n_modes);
  for (int32_t k = 0; k < x->n_modes; k++) {
    if (s->p->is_fixed[k]) {
      continue;
    }
    double each = size / sqrt((double)x->dim[k]);
    for (nax_index i = 0; i < x->dim[k]; i++) {
      /* Weyl sequence: even over (0, 1), different for each mode and component. */
      double u = fmod(((double)i + 1.0) * 0.6180339887498949 +
                          0.7548776662466927 * (double)r + 0.5698402909980532 * k,
                      1.0);
      s->run->f[k][i * s->ld + r] = each * (0.5 + u);
      s->e[k][i * s->ld + r] = s->run->f[k][i * s->ld + r];
    }
    nax_i_gram(s->e[k], x->dim[k], s->ld, s->gram[k]);
    nax_i_tree_changed(&s->tree, k);
  }
}

/* Put the model where entries are missing; what that changes goes to fill_change, and the
 * norm of the filled tensor is kept up to date. */
static void
refill(fit *s)
{
  nax_i_ntf_problem *p = s->p;
  double change = 0.0, filled = 0.0;
  for (nax_index j = 0; j < p->n_missing; j++) {
    nax_index rest = p->missing[j];
    const double *row[NAX_I_NTF_MAX_MODES];
    for (int32_t k = 0; k < p->x.n_modes; k++) {
      row[k] = s->run->f[k] + rest % p->x.dim[k] * s->ld;
      rest /= p->x.dim[k];
    }
    double model = 0.0;
    for (int64_t r = 0; r < s->rank; r++) {
      double v = row[0][r];
      for (int32_t k = 1; k < p->x.n_modes; k++) {
        v *= row[k][r];
      }
      model += v;
    }
    double was = nax_i_tensor_at(&p->x, p->missing[j]);
    model = nax_i_ntf_put(p, p->missing[j], model);
    change += (model - was) * (model - was);
    filled += model * model - was * was;
  }
  s->fill_change = change;
  p->norm2 += filled;
  if (p->n_missing > 0) {
    s->tree.held = -1; /* X itself changed */
  }
}

nax_status
nax_i_ntf_run_fit(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_problem *p,
                  nax_i_ntf_run *run)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  fit s = {.ctx = ctx,
           .o = o,
           .p = p,
           .run = run,
           .rank = o->rank,
           .ld = nax_i_skinny_pad(p->x.dtype, o->rank)};
  nax_i_ntf_first_fill(p);
  NAX_TRY(init_fit(&s));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_ntf_fit", "ntf/sweep", o->max_iter));
  double observed2 = p->observed2, before = DBL_MAX, error = 0.0;
  run->stop = NAX_STOP_ITER;
  run->n_iter = 0;
  while (run->n_iter < o->max_iter) {
    NAX_TRY(sweep(&s, &run->kkt, &error));
    if (p->n_missing > 0) {
      refill(&s);
      error -= s.fill_change;
    }
    error = error > 0.0 ? error : 0.0;
    run->trace[run->n_iter++] = sqrt(error / observed2);
    int extrapolating = s.beta > 0.0;
    double explained = fmax(observed2 - error, 1e-12 * observed2);
    double gain = (before - error) / explained;
    if (extrapolating && error > before) {
      restart_extrapolation(&s);
    } else if (extrapolating) {
      s.beta_max = fmin(1.0, 1.01 * s.beta_max);
      s.beta = fmin(s.beta_max, 1.05 * s.beta);
    } else if (o->extrapolate && p->n_missing == 0 && fabs(gain) < STALL) {
      start_extrapolating(&s);
    }
    int64_t dead = balance(&s);
    if (dead >= 0 && run->n_iter % 10 == 1 && run->n_iter < o->max_iter / 2) {
      reseed(&s, dead, error);
    } else if (fabs(gain) <= o->tol && run->kkt <= o->kkt_tol) {
      run->stop = NAX_STOP_TOL;
      break;
    }
    before = error;
    status = nax_i_stage_poll(&stage, run->n_iter, sqrt(error / observed2));
    if (status == NAX_EINTERRUPT && o->keep_partial) {
      run->stop = NAX_STOP_USER;
      status = NAX_OK;
      break;
    }
    NAX_TRY(status);
  }
done:
  free_fit(&s);
  return status;
}
