/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alternating fits of several starts in lockstep: sweeps over the modes, late
 * extrapolation, balanced columns, re-seeding of dead components, and the model in the
 * place of missing entries.
 *
 * Only the products with the tensor are common to the starts. Everything else is done for
 * each by itself, so that its result does not depend on the company. */
#include "ntf_i.h"
#include <float.h>
#include <math.h>

/* Once a sweep gains less than this share of the explained part, extrapolation pays; in
 * the first few sweeps, which gain more, it costs. */
static const double STALL = 3e-2;

/* One start. */
typedef struct fit {
  const nax_ntf_opts *o;
  nax_i_ntf_operand *x;
  nax_i_ntf_run *run;
  int64_t rank, ld;
  double *e[NAX_I_NTF_MAX_MODES];    /* where the next update starts; run->f when not
                                        extrapolating */
  double *own[NAX_I_NTF_MAX_MODES];  /* memory of e */
  double *gram[NAX_I_NTF_MAX_MODES]; /* of e */
  double *dual[NAX_I_NTF_MAX_MODES]; /* multipliers of modes updated by ADMM, or NULL */
  double *m, *h, *old, *g; /* MTTKRP, Hadamard of Grams, factor before, scratch */
  double *some;            /* some rows of a factor; only with a mask */
  double *scale, *square;  /* n_modes x ld: what `balance` multiplied columns by, their
                              squared norms */
  double beta, beta_max;
  double norm2;   /* of the tensor as filled for this start */
  double error;   /* squared, after this sweep */
  double penalty; /* of all modes after this sweep */
  double before;  /* squared error and twice the penalties, after the last sweep */
  int has_penalty;
  int moved; /* factors changed otherwise than by updates and `scale` */
  int finished;
  int64_t dead; /* a component that died, or -1 */
} fit;

/* Starts in lockstep. */
typedef struct lockstep {
  nax_ctx *ctx;
  const nax_ntf_opts *o;
  nax_i_ntf_operand *x;
  int64_t n_live;
  int64_t *live; /* starts that still run, ascending */
  fit *fits;
  double *f[NAX_I_NTF_MAX_MODES]; /* factors of all of them, side by side */
  double *m, *scale;
  int64_t ld;
  int32_t mode, last; /* mode being updated; the last one of a sweep */
} lockstep;

static nax_index
longest_mode(const nax_i_ntf_operand *x)
{
  nax_index n = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    n = x->dim[k] > n ? x->dim[k] : n;
  }
  return n;
}

/* Momentum is for problems where what it carries the factors along is seen by the data:
 * not with missing entries, and not where a bound or neighbours hold them back. */
static int
may_extrapolate(const nax_ntf_opts *o, const nax_i_ntf_operand *x)
{
  int32_t any_coupled = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    any_coupled = any_coupled || nax_i_ntf_is_coupled(&x->mode[k]) || x->mode[k].made;
  }
  return o->extrapolate && !any_coupled && x->type->refill == NULL && x->mask == NULL;
}

/* Mode k is updated by ADMM. */
static int
is_split(const nax_ntf_opts *o, const nax_i_ntf_operand *x, int32_t k)
{
  return !x->mode[k].is_fixed &&
         (o->algorithm == NAX_NTF_ADMM || nax_i_ntf_is_coupled(&x->mode[k]));
}

size_t
nax_i_ntf_run_memory(const nax_i_ntf_operand *x, const nax_ntf_opts *o, int64_t n)
{
  size_t rows = 0, longest = (size_t)longest_mode(x);
  size_t modes = (size_t)x->n_modes, ld = (size_t)nax_i_ntf_ld(o->rank);
  for (int32_t k = 0; k < x->n_modes; k++) {
    rows += (size_t)x->dim[k];
  }
  size_t wide = (size_t)nax_i_skinny_pad(x->dtype, n * o->rank);
  size_t each = (rows * (may_extrapolate(o, x) ? 1 : 0) + 2 * longest + (2 + modes) * ld +
                 2 * modes) *
                ld;
  for (int32_t k = 0; k < x->n_modes; k++) {
    each += is_split(o, x, k) ? (size_t)x->dim[k] * ld : 0;
  }
  each += x->mask != NULL ? longest * ld : 0;
  return ((size_t)n * each + (rows + longest + 1) * wide) * sizeof(double) +
         (size_t)n * (sizeof(fit) + sizeof(int64_t));
}

static void
free_fit(fit *s)
{
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(s->own[k]);
    nax_i_free(s->gram[k]);
    nax_i_free(s->dual[k]);
  }
  nax_i_free(s->m);
  nax_i_free(s->h);
  nax_i_free(s->old);
  nax_i_free(s->g);
  nax_i_free(s->some);
  nax_i_free(s->scale);
  nax_i_free(s->square);
}

/* Penalties of all modes; mode k as in run->f, the others where the next update starts.
 */
static double
penalties(const fit *s, int32_t k)
{
  double sum = 0.0;
  for (int32_t j = 0; s->has_penalty && j < s->x->n_modes; j++) {
    sum += nax_i_ntf_penalty(&s->x->mode[j], j == k ? s->run->f[j] : s->e[j],
                             s->x->dim[j], s->rank, s->ld);
  }
  return sum;
}

/* One mode of one start, its M being in place. */
static nax_status
step(nax_ctx *ctx, fit *s, int32_t k, int is_last)
{
  nax_index n = s->x->dim[k] * s->ld;
  double *f = s->run->f[k];
  int extrapolating = s->e[k] != f;
  nax_i_ntf_update u = {.o = s->o,
                        .x = s->x,
                        .rank = s->rank,
                        .ld = s->ld,
                        .e = s->e,
                        .gram = s->gram,
                        .a = f,
                        .m = s->m,
                        .dual = s->dual[k],
                        .h = s->h,
                        .g = s->g,
                        .some_m = s->old,
                        .some_a = s->some,
                        .start = s->run->start,
                        .mode = k,
                        .wants_error = is_last};
  if (extrapolating) {
    memcpy(s->old, f, (size_t)n * sizeof(double));
    memcpy(f, s->e[k], (size_t)n * sizeof(double));
  }
  nax_status status = nax_i_ntf_update_mode(ctx, &u);
  if (status != NAX_OK) {
    return status;
  }
  s->run->kkt = fmax(s->run->kkt, u.violation);
  if (is_last) {
    s->error = s->norm2 + u.error;
    s->penalty = penalties(s, k);
  }
  if (extrapolating) {
    for (nax_index i = 0; i < n; i++) {
      double to = f[i] + s->beta * (f[i] - s->old[i]);
      s->e[k][i] = to > 0.0 || s->x->mode[k].is_free ? to : 0.0;
    }
  }
  nax_i_gram(s->e[k], s->x->dim[k], s->ld, s->gram[k]);
  return NAX_OK;
}

/* From now on updates start from extrapolated factors. */
static void
start_extrapolating(fit *s)
{
  s->beta = 0.5;
  s->beta_max = 1.0;
  for (int32_t k = 0; k < s->x->n_modes; k++) {
    if (!s->x->mode[k].is_fixed) {
      memcpy(s->own[k], s->run->f[k], (size_t)(s->x->dim[k] * s->ld) * sizeof(double));
      s->e[k] = s->own[k];
    }
  }
}

/* The error rose: fall back to the factors themselves and be more careful. */
static void
restart_extrapolation(fit *s)
{
  for (int32_t k = 0; k < s->x->n_modes; k++) {
    if (s->e[k] != s->run->f[k]) {
      memcpy(s->e[k], s->run->f[k], (size_t)(s->x->dim[k] * s->ld) * sizeof(double));
      nax_i_gram(s->e[k], s->x->dim[k], s->ld, s->gram[k]);
    }
  }
  s->moved = 1;
  s->beta_max = s->beta;
  s->beta /= 1.5;
}

/* Scale the columns of all modes that may change (see scale.c); the model stays. A column
 * that died is told by the return value (its position, else -1). */
static int64_t
balance(fit *s)
{
  const nax_i_ntf_operand *x = s->x;
  for (int32_t k = 0; k < x->n_modes; k++) {
    for (int64_t r = 0; r < s->rank; r++) {
      s->square[k * s->ld + r] = s->gram[k][r * s->ld + r];
    }
  }
  int64_t dead = nax_i_ntf_find_scale(x, s->rank, s->ld, s->run->f, s->square, s->scale);
  for (int32_t k = 0; k < x->n_modes; k++) {
    double *c = s->scale + k * s->ld;
    if (x->mode[k].is_fixed) {
      continue;
    }
    nax_i_ntf_scale_columns(s->run->f[k], x->dim[k], s->rank, s->ld, c);
    if (s->e[k] != s->run->f[k]) {
      nax_i_ntf_scale_columns(s->e[k], x->dim[k], s->rank, s->ld, c);
    }
    if (s->dual[k] != NULL) {
      nax_i_ntf_scale_columns(s->dual[k], x->dim[k], s->rank, s->ld, c);
    }
    for (int64_t r = 0; r < s->rank; r++) {
      for (int64_t q = 0; q < s->rank; q++) {
        s->gram[k][r * s->ld + q] *= c[r] * c[q];
      }
      c[r] = s->has_penalty ? 1.0 : c[r];
    }
  }
  s->moved = s->moved || s->has_penalty; /* not by powers of two */
  return dead;
}

static nax_status
init_fit(nax_ctx *ctx, fit *s)
{
  nax_status status = NAX_OK;
  const nax_i_ntf_operand *x = s->x;
  nax_index longest = longest_mode(x);
  size_t row = (size_t)s->ld * sizeof(double);
  for (int32_t k = 0; k < x->n_modes; k++) {
    NAX_TRY_ALLOC(s->gram[k], s->ld, row);
    if (is_split(s->o, x, k)) {
      NAX_TRY_ALLOC(s->dual[k], x->dim[k], row);
    }
    if (may_extrapolate(s->o, x)) {
      NAX_TRY_ALLOC(s->own[k], x->dim[k], row);
    }
    s->e[k] = s->run->f[k];
    nax_i_gram(s->e[k], x->dim[k], s->ld, s->gram[k]);
  }
  NAX_TRY_ALLOC(s->m, longest, row);
  NAX_TRY_ALLOC(s->old, longest, row);
  NAX_TRY_ALLOC(s->h, s->ld, row);
  NAX_TRY_ALLOC(s->g, s->ld, row);
  NAX_TRY_ALLOC(s->scale, x->n_modes, row);
  NAX_TRY_ALLOC(s->square, x->n_modes, row);
  if (x->mask != NULL) {
    NAX_TRY_ALLOC(s->some, longest, row);
  }
  if (s->has_penalty) {
    (void)balance(s);
  }
done:
  return status;
}

/* Even profiles, alike in no two modes or components: deterministic and never zero. */
static void
even_profiles(const fit *s, int64_t r, double *const *profile)
{
  const nax_i_ntf_operand *x = s->x;
  double error = s->error > 0.0 ? s->error : 0.0;
  double size = pow(0.01 * sqrt(error), 1.0 / x->n_modes);
  for (int32_t k = 0; k < x->n_modes; k++) {
    for (nax_index i = 0; i < x->dim[k]; i++) {
      /* Weyl sequence: even over (0, 1), different for each mode and component. */
      double u = fmod(((double)i + 1.0) * 0.6180339887498949 +
                          0.7548776662466927 * (double)r + 0.5698402909980532 * k,
                      1.0);
      profile[k][i] = size / sqrt((double)x->dim[k]) * (0.5 + u);
    }
  }
}

/* A component that died starts again from what is left over where that is most. */
static nax_status
reseed(nax_ctx *ctx, fit *s)
{
  nax_status status = NAX_OK;
  nax_i_ntf_operand *x = s->x;
  double *profile[NAX_I_NTF_MAX_MODES] = {NULL}, product = 1.0;
  double norm[NAX_I_NTF_MAX_MODES];
  for (int32_t k = 0; k < x->n_modes; k++) {
    NAX_TRY_ALLOC(profile[k], x->dim[k], sizeof(double));
  }
  if (x->type->left_over != NULL) {
    NAX_TRY(x->type->left_over(x, ctx, s->rank, s->ld, s->run->f, profile));
  }
  for (int again = 0; again < 2; again++) {
    product = 1.0;
    for (int32_t k = 0; k < x->n_modes; k++) {
      double sum = 0.0;
      for (nax_index i = 0; i < x->dim[k]; i++) {
        sum += profile[k][i] * profile[k][i];
      }
      norm[k] = sqrt(sum);
      product *= norm[k];
    }
    if (product > 0.0) {
      break;
    }
    even_profiles(s, s->dead, profile);
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    double each = pow(product, 1.0 / x->n_modes) / norm[k];
    for (nax_index i = 0; !x->mode[k].is_fixed && i < x->dim[k]; i++) {
      s->run->f[k][i * s->ld + s->dead] = each * profile[k][i];
      s->e[k][i * s->ld + s->dead] = each * profile[k][i];
    }
    nax_i_gram(s->e[k], x->dim[k], s->ld, s->gram[k]);
  }
  s->moved = 1;
done:
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(profile[k]);
  }
  return status;
}

/* What follows the sweep of one start: error, extrapolation, balance; 1 when it is
 * finished. `dead` is a component that is to start again, or -1. */
static int
conclude(fit *s)
{
  const nax_ntf_opts *o = s->o;
  nax_i_ntf_run *run = s->run;
  double observed2 = s->x->observed2;
  s->error = s->error > 0.0 ? s->error : 0.0;
  run->trace[run->n_iter++] = sqrt(s->error / observed2);
  double explained = fmax(observed2 - s->error, 1e-12 * observed2);
  double now = s->error + 2.0 * s->penalty, gain = (s->before - now) / explained;
  if (s->beta > 0.0 && now > s->before) {
    restart_extrapolation(s);
  } else if (s->beta > 0.0) {
    s->beta_max = fmin(1.0, 1.01 * s->beta_max);
    s->beta = fmin(s->beta_max, 1.05 * s->beta);
  } else if (may_extrapolate(o, s->x) && fabs(gain) < STALL) {
    start_extrapolating(s);
  }
  s->before = now;
  s->dead = balance(s);
  if (s->dead >= 0 && run->n_iter % 10 == 1 && run->n_iter < o->max_iter / 2) {
    s->before = DBL_MAX;
    return 0;
  }
  s->dead = -1;
  if (fabs(gain) <= o->tol && run->kkt <= o->kkt_tol) {
    run->stop = NAX_STOP_TOL;
    return 1;
  }
  return run->n_iter >= o->max_iter;
}

/* ------------------------------------------------------------------- lockstep */

static void
free_lockstep(lockstep *l, int64_t n)
{
  for (int64_t j = 0; l->fits != NULL && j < n; j++) {
    free_fit(&l->fits[j]);
  }
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(l->f[k]);
  }
  nax_i_free(l->fits);
  nax_i_free(l->live);
  nax_i_free(l->m);
  nax_i_free(l->scale);
}

static nax_status
init_lockstep(lockstep *l, int64_t n, nax_i_ntf_run *run)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = l->ctx;
  nax_i_ntf_operand *x = l->x;
  l->ld = nax_i_skinny_pad(x->dtype, n * l->o->rank);
  size_t row = (size_t)l->ld * sizeof(double);
  NAX_TRY_ALLOC(l->fits, n, sizeof *l->fits);
  NAX_TRY_ALLOC(l->live, n, sizeof *l->live);
  NAX_TRY_ALLOC(l->m, longest_mode(x), row);
  NAX_TRY_ALLOC(l->scale, 1, row);
  for (int32_t k = 0; k < x->n_modes; k++) {
    NAX_TRY_ALLOC(l->f[k], x->dim[k], row);
    l->last = x->mode[k].is_fixed ? l->last : k;
  }
  for (int64_t j = 0; j < n; j++) {
    fit *s = &l->fits[j];
    *s = (fit){.o = l->o,
               .x = x,
               .run = &run[j],
               .rank = l->o->rank,
               .ld = nax_i_ntf_ld(l->o->rank),
               .norm2 = x->norm2,
               .has_penalty = nax_i_ntf_any_penalty(x),
               .before = DBL_MAX};
    NAX_TRY(init_fit(ctx, s));
    run[j].stop = NAX_STOP_ITER;
    run[j].n_iter = 0;
    l->live[l->n_live++] = j;
  }
done:
  return status;
}

/* Columns of one start among those of all. */
static void
put_columns(const lockstep *l, int64_t j, int32_t k)
{
  const fit *s = &l->fits[l->live[j]];
  for (nax_index i = 0; i < l->x->dim[k]; i++) {
    memcpy(l->f[k] + i * l->ld + j * s->rank, s->e[k] + i * s->ld,
           (size_t)s->rank * sizeof(double));
  }
}

/* All factors as the starts that still run have them, padded with zeros. */
static void
put_all(lockstep *l)
{
  l->ld = nax_i_skinny_pad(l->x->dtype, l->n_live * l->o->rank);
  for (int32_t k = 0; k < l->x->n_modes; k++) {
    memset(l->f[k], 0, (size_t)(l->x->dim[k] * l->ld) * sizeof(double));
    for (int64_t j = 0; j < l->n_live; j++) {
      put_columns(l, j, k);
    }
  }
}

static nax_status
step_of(const lockstep *l, nax_ctx *ctx, int64_t j)
{
  fit *s = &l->fits[l->live[j]];
  for (nax_index i = 0; i < l->x->dim[l->mode]; i++) {
    memcpy(s->m + i * s->ld, l->m + i * l->ld + j * s->rank,
           (size_t)s->rank * sizeof(double));
  }
  nax_status status = step(ctx, s, l->mode, l->mode == l->last);
  put_columns(l, j, l->mode);
  return status;
}

static nax_status
step_block(int64_t j, void *arg)
{
  return step_of(arg, NULL, j);
}

static nax_status
sweep(lockstep *l)
{
  nax_status status = NAX_OK;
  nax_i_ntf_operand *x = l->x;
  nax_i_ntf_pack pack = {.n_starts = l->n_live,
                         .rank = l->o->rank,
                         .ld = l->ld,
                         .start = l->live,
                         .f = l->f};
  for (int64_t j = 0; j < l->n_live; j++) {
    l->fits[l->live[j]].run->kkt = 0.0;
  }
  for (l->mode = 0; l->mode <= l->last; l->mode++) {
    if (x->mode[l->mode].is_fixed) {
      continue;
    }
    NAX_TRY(x->type->mttkrp(x, l->ctx, &pack, l->mode, l->m));
    if (l->n_live == 1) {
      NAX_TRY(step_of(l, l->ctx, 0));
    } else {
      NAX_TRY(nax_i_parallel(l->ctx, NULL, l->n_live, step_block, l));
    }
    if (x->type->changed != NULL) {
      x->type->changed(x, l->mode);
    }
  }
done:
  return status;
}

/* Tell the operand what `conclude` did to the factors. */
static void
tell_operand(lockstep *l, int any_moved, int any_left)
{
  nax_i_ntf_operand *x = l->x;
  int64_t rank = l->o->rank;
  for (int32_t k = 0; k < x->n_modes; k++) {
    int is_fixed = x->mode[k].is_fixed;
    for (int64_t c = l->n_live * rank; c < l->ld; c++) {
      l->scale[c] = 1.0;
    }
    for (int64_t j = 0; j < l->n_live; j++) {
      const fit *s = &l->fits[l->live[j]];
      memcpy(l->scale + j * rank, s->scale + k * s->ld, (size_t)rank * sizeof(double));
    }
    if (!is_fixed && x->type->scaled != NULL) {
      x->type->scaled(x, k, l->scale);
    }
    if (x->type->changed != NULL && (any_left || (any_moved && !is_fixed))) {
      x->type->changed(x, k); /* when a start left, columns have other places */
    }
  }
}

/* Conclude the sweep of all starts; those that are finished leave. `least` is the least
 * relative error. */
static nax_status
conclude_all(lockstep *l, double *least)
{
  nax_status status = NAX_OK;
  nax_i_ntf_operand *x = l->x;
  int64_t n = 0;
  int any_moved = 0, any_left = 0;
  *least = INFINITY;
  for (int64_t j = 0; j < l->n_live; j++) {
    fit *s = &l->fits[l->live[j]];
    s->moved = 0;
    if (x->type->refill != NULL) {
      double change = 0.0;
      NAX_TRY(x->type->refill(x, l->ctx, l->live[j], s->rank, s->ld, s->run->f, &s->norm2,
                              &change));
      s->error -= change;
    }
    s->finished = conclude(s);
    if (s->dead >= 0) {
      NAX_TRY(reseed(l->ctx, s));
    }
    any_moved = any_moved || s->moved;
    any_left = any_left || s->finished;
    *least = fmin(*least, s->run->trace[s->run->n_iter - 1]);
  }
  tell_operand(l, any_moved, any_left);
  for (int64_t j = 0; j < l->n_live; j++) {
    if (!l->fits[l->live[j]].finished) {
      l->live[n++] = l->live[j];
    }
  }
  l->n_live = n;
  put_all(l);
done:
  return status;
}

nax_status
nax_i_ntf_run_fit(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_operand *x, int64_t n,
                  nax_i_ntf_run *run)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  lockstep l = {.ctx = ctx, .o = o, .x = x};
  double least = 0.0;
  NAX_TRY(init_lockstep(&l, n, run));
  put_all(&l);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_ntf_fit", "ntf/sweep", o->max_iter));
  for (int64_t i = 1; l.n_live > 0; i++) {
    NAX_TRY(sweep(&l));
    NAX_TRY(conclude_all(&l, &least));
    status = nax_i_stage_poll(&stage, i, least);
    if (status == NAX_EINTERRUPT && o->keep_partial) {
      for (int64_t j = 0; j < l.n_live; j++) {
        run[l.live[j]].stop = NAX_STOP_USER;
      }
      status = NAX_OK;
      break;
    }
    NAX_TRY(status);
  }
done:
  free_lockstep(&l, n);
  return status;
}
