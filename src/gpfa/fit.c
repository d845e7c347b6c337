/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fitting: expectation maximisation, and quasi-Newton steps on the likelihood itself. */
#include "gpfa_i.h"
#include "stats/stats_i.h"
#include <math.h>

typedef struct fit {
  nax_ctx *ctx;
  nax_i_gpfa_fit *f;
  nax_i_gpfa_estep e;
  nax_i_gpfa_sites sites; /* Poisson */
  nax_i_stage stage;
  double u_lo, u_hi;
  int64_t done;
  nax_i_gpfa_par at;     /* before the step of EM; where quasi-Newton evaluates */
  nax_i_gpfa_par g;      /* quasi-Newton: gradient */
  const double *scale_c; /* sqrt(R / M) at the start, per neuron */
  double best;
} fit;

/* Length scales between half a bin and four times the longest trial: beyond, the
 * likelihood is flat. */
static void
bounds(fit *s)
{
  s->u_lo = -2.0 * log(4.0 * (double)s->f->data->longest);
  s->u_hi = -2.0 * log(0.5);
}

static nax_status
note(fit *s, double ll)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_i_gpfa_fit *f = s->f;
  if (f->n_trace == f->room) {
    nax_index room = f->room > 0 ? 2 * f->room : 64;
    double *more = nax_i_realloc(f->trace, (size_t)room, sizeof *more);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    f->trace = more;
    f->room = room;
  }
  f->trace[f->n_trace++] = ll;
  status = nax_i_stage_poll(&s->stage, ++s->done, ll);
done:
  return status;
}

/* --- expectation maximisation
 * ------------------------------------------------------------- */

/* The data are finite: where linear algebra refuses its input (NAX_EDATA), the parameters
 * are not. */
static nax_status
is_numeric(fit *s, nax_status status)
{
  if (status != NAX_EDATA) {
    return status;
  }
  return nax_i_fail(s->ctx, NAX_ENUMERIC, "nax_gpfa_fit",
                    "the likelihood is not finite at iteration %lld",
                    (long long)s->done + 1);
}

static nax_status
expect(fit *s, const nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  const nax_gpfa_opts *o = s->f->opts;
  nax_i_gpfa_basis basis = {.phi = NULL};
  if (o->likelihood == NAX_GPFA_POISSON) {
    NAX_TRY(nax_i_gpfa_basis_init(ctx, p, s->f->data->longest, o->rank_tol, &basis));
    NAX_TRY(nax_i_gpfa_estep_poisson(ctx, s->f->data, p, &basis, &s->sites, &s->e));
  } else {
    NAX_TRY(nax_i_gpfa_estep_run(ctx, s->f->data, p, (nax_gpfa_engine)o->engine,
                                 o->rank_tol, &s->e));
  }
done:
  nax_i_gpfa_basis_free(&basis);
  return is_numeric(s, status == NAX_OK && !isfinite(s->e.ll) ? NAX_EDATA : status);
}

static nax_status
maximise(fit *s)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_fit *f = s->f;
  const nax_gpfa_opts *o = f->opts;
  if (o->likelihood == NAX_GPFA_POISSON) {
    NAX_TRY(nax_i_gpfa_mstep_poisson(s->ctx, f->data, &s->e, f->par));
  } else {
    NAX_TRY(nax_i_gpfa_mstep_loadings(s->ctx, f->data, &s->e, f->floor, f->par,
                                      &f->n_floored));
  }
  if (o->kernel_steps > 0) {
    NAX_TRY(nax_i_gpfa_mstep_kernels(s->ctx, f->data, &s->e, o->kernel_steps,
                                     o->learn_noise, s->u_lo, s->u_hi, f->par));
  }
done:
  return is_numeric(s, status);
}

/* With the parameters there are. */
static nax_status
stop_here(fit *s)
{
  s->f->stop = NAX_STOP_NUMERIC;
  nax_i_warn(s->ctx, NAX_VIOLATION, "gpfa.numeric",
             "the fit stopped after %lld iterations: no further step has a finite "
             "likelihood",
             (long long)s->done);
  return NAX_OK;
}

/* With the last parameters whose likelihood is known. */
static nax_status
give_up(fit *s)
{
  nax_i_gpfa_par_copy(&s->at, s->f->par);
  return stop_here(s);
}

/* Halve the step; 0 when nothing is left of it. */
static int
half_way(nax_index n, const double *from, double *to)
{
  int moved = 0;
  for (nax_index i = 0; i < n; i++) {
    to[i] = isfinite(to[i]) ? from[i] + 0.5 * (to[i] - from[i]) : from[i];
    moved |= to[i] != from[i];
  }
  return moved;
}

/* The posterior after a step from `s->at`, which is halved until the likelihood is
 * finite; NAX_ENUMERIC when that does not help. */
static nax_status
expect_after_step(fit *s)
{
  enum { HALVINGS = 20 };
  nax_i_gpfa_par *p = s->f->par;
  nax_status status = expect(s, p);
  for (int k = 0; k < HALVINGS && status == NAX_ENUMERIC; k++) {
    int moved = half_way(p->n * p->q, s->at.c, p->c);
    moved |= half_way(p->n, s->at.d, p->d);
    moved |= half_way(p->n, s->at.r, p->r);
    moved |= half_way(p->q, s->at.u, p->u);
    moved |= half_way(p->q, s->at.noise, p->noise);
    if (!moved) {
      break;
    }
    status = expect(s, p);
  }
  return status;
}

static int
all_finite(const nax_i_gpfa_par *p)
{
  const double *const part[] = {p->c, p->d, p->r, p->u, p->noise};
  const nax_index size[] = {p->n * p->q, p->n, p->n, p->q, p->q};
  double sum = 0.0;
  for (int k = 0; k < 5; k++) {
    for (nax_index i = 0; i < size[k]; i++) {
      sum += 0.0 * part[k][i];
    }
  }
  return sum == 0.0;
}

static nax_status
run_em(fit *s, int64_t n_iter)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_fit *f = s->f;
  const nax_gpfa_opts *o = f->opts;
  double base = 0.0, before = 0.0;
  f->stop = NAX_STOP_ITER;
  for (int64_t i = 0; i < n_iter; i++) {
    status = i == 0 ? expect(s, f->par) : expect_after_step(s);
    if (status == NAX_ENUMERIC && i > 0) {
      status = give_up(s);
      break;
    }
    if (status == NAX_EINTERRUPT && i > 0) { /* amid the step */
      nax_i_gpfa_par_copy(&s->at, f->par);
    }
    NAX_TRY(status);
    double ll = s->e.ll;
    NAX_TRY(note(s, ll));
    if (i <= 1) {
      base = ll;
    } else if (ll - base < (1.0 + o->tol) * (before - base)) {
      f->stop = NAX_STOP_TOL;
      break;
    }
    before = ll;
    nax_i_gpfa_par_copy(f->par, &s->at);
    status = maximise(s);
    if (status == NAX_EINTERRUPT) {
      nax_i_gpfa_par_copy(&s->at, f->par);
    }
    int last = i == n_iter - 1; /* whose likelihood is not looked at */
    if (status == NAX_ENUMERIC || (status == NAX_OK && last && !all_finite(f->par))) {
      status = give_up(s);
      break;
    }
    NAX_TRY(status);
  }
done:
  return status;
}

/* --- quasi-Newton
 * -------------------------------------------------------------------------- */

/* Variables: C and d in units of sqrt(R / M) (R at the start), log(R - floor) in units of
 * sqrt(2 / M), u through a sigmoid between its bounds in units of 0.05, logit of the
 * noise in units of 0.5. */

static double
sigmoid(double x)
{
  return 1.0 / (1.0 + exp(-x));
}

static double
r_unit(const fit *s)
{
  return sqrt(2.0 / (double)s->f->data->n_bins);
}

static void
pack(const fit *s, const nax_i_gpfa_par *p, double *x)
{
  const nax_gpfa_opts *o = s->f->opts;
  for (nax_index i = 0; i < p->n * p->q; i++) {
    *x++ = p->c[i] / s->scale_c[i % p->n];
  }
  for (nax_index i = 0; i < p->n; i++) {
    *x++ = p->d[i] / s->scale_c[i];
  }
  for (nax_index i = 0; i < p->n; i++) {
    double floor = s->f->floor[i];
    *x++ = log(fmax(p->r[i] - floor, 1e-3 * floor)) / r_unit(s);
  }
  for (nax_index l = 0; l < p->q && o->kernel_steps > 0; l++) {
    double share = (p->u[l] - s->u_lo) / (s->u_hi - s->u_lo);
    share = fmin(fmax(share, 1e-6), 1.0 - 1e-6);
    *x++ = log(share / (1.0 - share)) * (s->u_hi - s->u_lo) / 4.0 / 0.05;
  }
  for (nax_index l = 0; l < p->q && o->kernel_steps > 0 && o->learn_noise; l++) {
    *x++ = log(p->noise[l] / (1.0 - p->noise[l])) / 0.5;
  }
}

/* Parameters at x; where `g` is not NULL also minus the gradient there in x. */
static void
unpack(const fit *s, const double *x, nax_i_gpfa_par *p, const nax_i_gpfa_par *grad,
       double *g)
{
  const nax_gpfa_opts *o = s->f->opts;
  nax_index k = 0;
  for (nax_index i = 0; i < p->n * p->q; i++, k++) {
    p->c[i] = x[k] * s->scale_c[i % p->n];
    if (g != NULL) {
      g[k] = -grad->c[i] * s->scale_c[i % p->n];
    }
  }
  for (nax_index i = 0; i < p->n; i++, k++) {
    p->d[i] = x[k] * s->scale_c[i];
    if (g != NULL) {
      g[k] = -grad->d[i] * s->scale_c[i];
    }
  }
  for (nax_index i = 0; i < p->n; i++, k++) {
    double over = exp(x[k] * r_unit(s));
    p->r[i] = s->f->floor[i] + over;
    if (g != NULL) {
      g[k] = -grad->r[i] * over / p->r[i] * r_unit(s);
    }
  }
  for (nax_index l = 0; l < p->q && o->kernel_steps > 0; l++, k++) {
    double width = s->u_hi - s->u_lo, unit = 4.0 * 0.05 / width;
    double share = sigmoid(x[k] * unit);
    p->u[l] = s->u_lo + width * share;
    if (g != NULL) {
      g[k] = -grad->u[l] * width * share * (1.0 - share) * unit;
    }
  }
  for (nax_index l = 0; l < p->q && o->kernel_steps > 0 && o->learn_noise; l++, k++) {
    p->noise[l] = fmin(fmax(sigmoid(0.5 * x[k]), 1e-6), 0.99);
    if (g != NULL) {
      g[k] = p->noise[l] > 1e-6 && p->noise[l] < 0.99 ? -grad->noise[l] * 0.5 : 0.0;
    }
  }
}

static nax_status
evaluate(void *arg, const double *x, double *value, double *g)
{
  nax_status status = NAX_OK;
  fit *s = arg;
  nax_i_gpfa_fit *f = s->f;
  unpack(s, x, &s->at, NULL, NULL);
  NAX_TRY(expect(s, &s->at));
  int kernels = f->opts->kernel_steps > 0 ? 1 + f->opts->learn_noise : 0;
  NAX_TRY(
      is_numeric(s, nax_i_gpfa_gradient(s->ctx, f->data, &s->e, &s->at, kernels, &s->g)));
  unpack(s, x, &s->at, &s->g, g);
  *value = -s->e.ll;
  if (s->e.ll > s->best) { /* what an interrupt would keep */
    s->best = s->e.ll;
    nax_i_gpfa_par_copy(&s->at, f->par);
  }
  NAX_TRY(note(s, s->e.ll));
done:
  return status;
}

static nax_status
run_lbfgs(fit *s, int64_t n_eval)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_i_gpfa_fit *f = s->f;
  nax_index n = f->par->n, q = f->par->q, size = n * q + 2 * n + 2 * q;
  double *x = NULL, *scale = NULL, value;
  int64_t used;
  double gained = f->n_trace > 0 ? f->trace[f->n_trace - 1] - f->trace[0] : 0.0;
  nax_i_lbfgs o = {evaluate, s, n_eval, f->opts->tol, gained};
  NAX_TRY_ALLOC(x, size, sizeof *x);
  NAX_TRY_ALLOC(scale, n, sizeof *scale);
  NAX_TRY(nax_i_gpfa_par_init(ctx, n, q, &s->g));
  nax_i_gpfa_par_copy(f->par, &s->at);
  for (nax_index i = 0; i < n; i++) {
    scale[i] = sqrt(f->par->r[i] / (double)f->data->n_bins);
  }
  s->scale_c = scale;
  s->best = -HUGE_VAL;
  pack(s, f->par, x);
  size = n * q + 2 * n + (f->opts->kernel_steps > 0 ? q * (1 + f->opts->learn_noise) : 0);
  NAX_TRY(nax_i_lbfgs_run(ctx, &o, size, x, &value, &used, &f->stop));
  unpack(s, x, f->par, NULL, NULL);
  f->n_floored = 0;
  for (nax_index i = 0; i < n; i++) {
    f->n_floored += f->par->r[i] < 1.01 * f->floor[i];
  }
done:
  nax_i_free(x);
  nax_i_free(scale);
  nax_i_gpfa_par_free(&s->g);
  s->scale_c = NULL;
  return status;
}

nax_status
nax_i_gpfa_fit_run(nax_ctx *ctx, nax_i_gpfa_fit *f)
{
  nax_status status = NAX_OK;
  fit s = {.ctx = ctx, .f = f};
  const nax_gpfa_opts *o = f->opts;
  int want =
      (o->kernel_steps > 0 ? NAX_I_GPFA_MOMENTS : 0) |
      (f->data->n_missing > 0 || o->likelihood == NAX_GPFA_POISSON ? NAX_I_GPFA_BIN_COV
                                                                   : 0);
  int64_t em = o->optimiser == NAX_GPFA_EM      ? o->max_iter
               : o->optimiser == NAX_GPFA_LBFGS ? 0
               : o->em_first < o->max_iter      ? o->em_first
                                                : o->max_iter;
  bounds(&s);
  f->stop = NAX_STOP_ITER;
  NAX_TRY(nax_i_gpfa_par_init(ctx, f->par->n, f->par->q, &s.at));
  NAX_TRY(nax_i_gpfa_estep_init(ctx, f->data, f->par->q, want, &s.e));
  if (o->likelihood == NAX_GPFA_POISSON) {
    NAX_TRY(nax_i_gpfa_sites_init(ctx, f->data, f->par->q, &s.sites));
  }
  NAX_TRY(nax_i_stage_begin(&s.stage, ctx, "nax_gpfa_fit", "gpfa/fit", o->max_iter));
  status = run_em(&s, em);
  if (status == NAX_OK && o->max_iter > em && f->stop != NAX_STOP_NUMERIC) {
    status = run_lbfgs(&s, o->max_iter - em);
    if (status == NAX_ENUMERIC && f->n_trace > 0) { /* not even where EM ended */
      status = stop_here(&s);
    }
  }
  if (status == NAX_EINTERRUPT && o->keep_partial && f->n_trace > 0) {
    f->stop = NAX_STOP_USER;
    status = NAX_OK;
  }
done:
  nax_i_gpfa_par_free(&s.at);
  nax_i_gpfa_estep_free(&s.e);
  nax_i_gpfa_sites_free(&s.sites);
  return status;
}
