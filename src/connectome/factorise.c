/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components of the affinities, whichever way the tensor is kept. */
#include "connectome_i.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A tensor of this size is quickly read from memory; beyond, forming it is not worth it.
 */
static const double LARGE = 256e6;

static double
tensor_bytes(const nax_i_derivatives *d, const nax_i_extent *e,
             const nax_connectome_opts *o)
{
  nax_index dim[NAX_MAX_NDIM];
  const char *name[NAX_MAX_NDIM];
  int32_t n = nax_i_affinity_shape(d, e, o, dim, name);
  double bytes = o->single ? 4.0 : 8.0;
  for (int32_t k = 0; k < n; k++) {
    bytes *= (double)dim[k];
  }
  return bytes;
}

/* 1: not formed, 0: formed. */
static nax_status
choose(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d, const nax_i_extent *e,
       const nax_connectome_opts *o, int *is_free)
{
  nax_status status = NAX_OK;
  int gaps = 0;
  *is_free = 0;
  if (o->engine == NAX_CONNECTOME_EXPLICIT ||
      (o->engine == NAX_CONNECTOME_AUTO && tensor_bytes(d, e, o) <= LARGE)) {
    return NAX_OK;
  }
  if (e->missing && !o->interval) {
    int bricks = 0;
    NAX_TRY(nax_i_are_bricks(ctx, d, e, &bricks));
    gaps = !bricks;
  }
  *is_free = !o->interval && !gaps;
  if (o->engine == NAX_CONNECTOME_FREE && !*is_free) {
    return nax_i_fail(ctx, gaps ? NAX_EDATA : NAX_EINVAL, fn, "`engine` free expects %s",
                      gaps
                          ? "only whole neurons and whole bins of an animal to be missing"
                          : "`interval` to be off");
  }
done:
  return status;
}

/* Every how many bins are looked at by the starts; 1: all. */
static nax_index
start_step(const nax_i_extent *e, const nax_connectome_opts *o, const nax_ntf_opts *fit)
{
  int may = o->start_bins > 0 && fit->fixed_modes == NULL;
  return may && e->n_bins >= 2 * o->start_bins ? e->n_bins / o->start_bins : 1;
}

/* Every how many neurons are looked at by the starts; 1: all. */
static nax_index
start_neurons(nax_index n, const nax_connectome_opts *o)
{
  enum { NEURONS = 500 };
  return o->symmetric == 0 && n >= 2 * NEURONS ? n / NEURONS : 1;
}

static size_t
unformed_memory(const nax_i_derivatives *d, const nax_i_extent *e,
                const nax_connectome_opts *o, const nax_ntf_opts *fit)
{
  nax_i_unformed b;
  nax_i_unformed_shape(d, e, o, &b);
  return nax_i_unformed_memory(&b) + nax_i_ntf_fit_memory(&b.op, fit);
}

/* Of derivatives of every so many neurons. */
static size_t
thin_bytes(const nax_i_derivatives *d, nax_index neurons)
{
  return (size_t)(nax_i_n_blocks(d->n, neurons) * d->n_time * d->n_animals *
                  d->n_scales) *
         sizeof *d->u;
}

nax_status
nax_connectome_memory(nax_ctx *ctx, const nax_array *u, const nax_connectome_opts *opts,
                      const nax_ntf_opts *fit, size_t *bytes, int32_t *is_free)
{
  nax_status status = NAX_OK;
  nax_connectome_opts o;
  nax_ntf_opts f;
  nax_i_derivatives d;
  nax_i_extent e = {.n_bins = 0};
  int without = 0;
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_connectome_table, &o, opts));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &f, fit));
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &d));
  NAX_TRY(nax_i_extent_init(ctx, __func__, &d, &e));
  NAX_TRY(choose(ctx, __func__, &d, &e, &o, &without));
  if (without) {
    *bytes = unformed_memory(&d, &e, &o, &f);
    nax_index step = start_step(&e, &o, &f);
    if (step > 1) {
      /* the starts; the best with all neurons; and with all bins: these two have the
       * factors they begin with beside them */
      nax_i_extent some = e, few;
      some.n_bins = nax_i_n_blocks(e.n_bins, step);
      few = some;
      nax_index neurons = start_neurons(d.n, &o);
      nax_i_derivatives thin = d;
      thin.n = nax_i_n_blocks(d.n, neurons);
      nax_index pairs = nax_i_n_pairs(thin.n);
      few.n_pairs = pairs < e.n_pairs ? pairs : e.n_pairs;
      nax_ntf_opts one = f;
      one.n_restarts = 1;
      size_t lists =
          (size_t)(2 * (e.n_pairs + few.n_pairs) + d.n_time) * sizeof(nax_index);
      size_t own =
          (size_t)((d.n_time + d.n_animals + e.n_pairs) * f.rank) * sizeof(double);
      size_t first = unformed_memory(&thin, &few, &o, &f) + lists +
                     (neurons > 1 ? thin_bytes(&d, neurons) : 0);
      size_t second = unformed_memory(&d, &some, &o, &one) + lists + own;
      *bytes = unformed_memory(&d, &e, &o, &one) + own;
      *bytes = first > *bytes ? first : *bytes;
      *bytes = second > *bytes ? second : *bytes;
    }
  } else {
    nax_index dim[NAX_MAX_NDIM];
    const char *name[NAX_MAX_NDIM];
    int32_t n = nax_i_affinity_shape(&d, &e, &o, dim, name);
    nax_view v = o.single ? nax_view_f32(NULL, n, dim) : nax_view_f64(NULL, n, dim);
    NAX_TRY(nax_ntf_memory(ctx, &v, &f, e.missing, bytes));
    *bytes += (size_t)tensor_bytes(&d, &e, &o) +
              (size_t)(d.n * e.n_bins * d.n_animals * d.n_scales) * sizeof(double);
  }
  *bytes += (size_t)(2 * e.n_pairs + d.n_time) * sizeof(nax_index);
  if (o.symmetric > 0) {
    *bytes += nax_i_symmetric_memory(d.n, f.rank, o.symmetric, f.n_restarts);
  }
  if (is_free != NULL) {
    *is_free = without;
  }
done:
  nax_i_extent_free(&e);
  return status;
}

/* Check what is asked of the pair mode, and give it its memberships. */
static nax_status
set_made(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d, const nax_i_extent *e,
         const nax_connectome_opts *o, const nax_i_start *start, const nax_ntf_opts *fit,
         nax_i_ntf_operand *x, nax_i_symmetric *s)
{
  nax_status status = NAX_OK;
  nax_i_ntf_mode *pair = &x->mode[2];
  if (o->symmetric == 0) {
    return NAX_OK;
  }
  const char *why = pair->is_free                    ? "`free` to leave out pair"
                    : pair->is_fixed                 ? "`fixed` to leave out pair"
                    : nax_i_ntf_is_penalised(pair)   ? "no penalty on pair"
                    : pair->in_ball                  ? "no penalties"
                    : fit->loss != NAX_NTF_FROBENIUS ? "`loss` to be frobenius"
                                                     : NULL;
  if (why != NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`symmetric` expects %s", why);
  }
  int64_t n_starts = start != NULL && start->init != NULL ? 1 : fit->n_restarts;
  NAX_TRY(nax_i_symmetric_init(ctx, d->n, e, fit->rank, o->symmetric, n_starts,
                               start != NULL ? start->member : NULL, s));
  pair->made = &s->made;
done:
  return status;
}

/* Fit the operand x, of which only the pair mode has not been looked at. */
static nax_status
fit_operand(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
            const nax_i_extent *e, const nax_connectome_opts *o, const nax_i_start *start,
            const nax_ntf_opts *fit, nax_i_ntf_operand *x, nax_ntf **out, double **member)
{
  nax_status status = NAX_OK;
  nax_i_symmetric s = {.n = 0};
  nax_ntf *m = NULL;
  nax_index *tied = NULL;
  if (o->average > 1) {
    NAX_TRY_ALLOC(tied, e->n_bins, sizeof *tied);
    for (nax_index t = 0; t < e->n_bins; t++) {
      tied[t] = e->bin[t] / o->average;
    }
    x->mode[0].tied = tied;
  }
  NAX_TRY(set_made(ctx, fn, d, e, o, start, fit, x, &s));
  NAX_TRY(nax_i_ntf_fit_operand(ctx, x, start != NULL ? start->init : NULL, fit, &m));
  if (o->symmetric > 0 && member != NULL) {
    NAX_TRY(nax_i_symmetric_take(ctx, &s, m, member));
  }
  *out = m;
  m = NULL;
done:
  x->mode[0].tied = NULL;
  nax_i_free(tied);
  nax_ntf_free(m);
  nax_i_symmetric_free(&s);
  return status;
}

static nax_status
fit_unformed(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
             const nax_i_extent *e, const nax_connectome_opts *o,
             const nax_i_start *start, const nax_ntf_opts *fit, nax_ntf **out,
             double **member)
{
  nax_status status = NAX_OK;
  nax_i_unformed b = {.all = 0};
  nax_index dim[NAX_MAX_NDIM];
  const char *name[NAX_MAX_NDIM];
  int32_t n = nax_i_affinity_shape(d, e, o, dim, name);
  NAX_TRY(nax_i_unformed_init(ctx, d, e, o, &b));
  if (!(b.op.observed2 > 0.0)) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "no two neurons ever change together");
    goto done;
  }
  NAX_TRY(nax_i_ntf_settle(ctx, &b.op, name, fit));
  if (fit->loss != NAX_NTF_FROBENIUS) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "`loss` is not frobenius, which a tensor that is not formed "
                        "expects: set `engine` to explicit");
    goto done;
  }
  for (int32_t k = 0; k < n; k++) {
    if (b.op.mode[k].is_free) {
      status =
          nax_i_fail(ctx, NAX_EINVAL, fn,
                     "`free` names axis %s, which `engine` free does not allow", name[k]);
      goto done;
    }
  }
  NAX_TRY(fit_operand(ctx, fn, d, e, o, start, fit, &b.op, out, member));
done:
  nax_i_unformed_free(&b);
  return status;
}

/* Factors of m as a start: those of mode `but` are even, n of them, with the weights of
 * the components. */
static nax_status
take_start(nax_ctx *ctx, const nax_ntf *m, int32_t but, nax_index n, double **f,
           nax_view *init)
{
  nax_status status = NAX_OK;
  int64_t rank = nax_ntf_rank(m);
  for (int32_t k = 0; k < nax_ntf_n_modes(m); k++) {
    nax_index rows = k == but ? n : nax_ntf_dim(m, k);
    nax_i_free(f[k]);
    f[k] = NULL;
    NAX_TRY_ALLOC(f[k], rows * rank, sizeof(double));
    for (int64_t r = 0; r < rank; r++) {
      double even = nax_ntf_weights(m)[r] / sqrt((double)nax_ntf_dim(m, k));
      for (nax_index i = 0; i < rows; i++) {
        f[k][i + rows * r] = k == but ? even : nax_ntf_factor(m, k)[i + rows * r];
      }
    }
    init[k] = nax_view_f64(f[k], 2, (nax_index[]){rows, rank});
  }
done:
  return status;
}

/* From components of some neurons to those of all: pair factors given the others. */
static nax_status
add_pairs(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
          const nax_i_extent *some, const nax_connectome_opts *o, const nax_ntf_opts *fit,
          double **f, nax_view *init, nax_ntf **m)
{
  nax_status status = NAX_OK;
  nax_index dim[NAX_MAX_NDIM];
  const char *name[NAX_MAX_NDIM];
  char fixed[256] = "";
  nax_i_start start = {init, NULL};
  nax_ntf_opts once = *fit;
  int32_t n = nax_i_affinity_shape(d, some, o, dim, name);
  for (int32_t k = 0; k < n; k++) {
    size_t used = strlen(fixed);
    if (k != 2) {
      snprintf(fixed + used, sizeof fixed - used, "%s%s", used > 0 ? "," : "", name[k]);
    }
  }
  once.fixed_modes = fixed;
  once.max_iter = 1;
  NAX_TRY(take_start(ctx, *m, 2, some->n_pairs, f, init));
  nax_ntf_free(*m);
  *m = NULL;
  NAX_TRY(fit_unformed(ctx, fn, d, some, o, &start, &once, m, NULL));
  NAX_TRY(take_start(ctx, *m, -1, 0, f, init));
  for (int64_t r = 0; r < fit->rank; r++) { /* which the factors do not have */
    for (nax_index t = 0; t < some->n_bins; t++) {
      f[0][t + some->n_bins * r] *= nax_ntf_weights(*m)[r];
    }
  }
  nax_ntf_free(*m);
  *m = NULL;
  NAX_TRY(fit_unformed(ctx, fn, d, some, o, &start, fit, m, NULL));
done:
  return status;
}

/* What is good enough for starts, or where sweeps take long. */
static nax_ntf_opts
coarser(const nax_ntf_opts *fit, double tol)
{
  nax_ntf_opts f = *fit;
  f.tol = fmax(fit->tol, tol);
  f.kkt_tol = fmax(fit->kkt_tol, 1e-2);
  return f;
}

/* Derivatives of every so many neurons, which `own` keeps, and the same pairs of these.
 * An operand goes through all pairs of the neurons it has, also those not kept. */
static nax_status
thin_neurons(nax_ctx *ctx, const nax_i_derivatives *d, nax_index neurons, double **own,
             nax_i_derivatives *thin, nax_i_extent *e)
{
  nax_status status = NAX_OK;
  nax_index n = nax_i_n_blocks(d->n, neurons);
  NAX_TRY_ALLOC(*own, thin_bytes(d, neurons), 1);
  *thin = *d;
  thin->n = n;
  thin->u = *own;
  for (nax_index k = 0; k < d->n_time * d->n_animals * d->n_scales; k++) {
    for (nax_index i = 0; i < n; i++) {
      (*own)[i + n * k] = d->u[i * neurons + d->n * k];
    }
  }
  for (nax_index p = 0; p < e->n_pairs; p++) {
    e->i[p] /= neurons;
    e->j[p] /= neurons;
  }
done:
  return status;
}

/* Starts on some of the bins and, where there are many, neurons; the best of them goes on
 * with all neurons, and becomes a start for all bins: its factors but that of time, which
 * is even, since the first update is that of time. */
static nax_status
start_on_some(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
              const nax_i_extent *e, nax_index step, const nax_connectome_opts *o,
              const nax_ntf_opts *fit, double **f, nax_view *init, double **member)
{
  nax_status status = NAX_OK;
  nax_i_extent few = {.n_bins = 0}, some = {.n_bins = 0};
  nax_i_derivatives thin = *d;
  nax_ntf *m = NULL;
  double *own = NULL;
  nax_index neurons = start_neurons(d->n, o);
  NAX_TRY(nax_i_extent_thin(ctx, e, step / 2, step, neurons, &few));
  if (neurons > 1) {
    NAX_TRY(thin_neurons(ctx, d, neurons, &own, &thin, &few));
  }
  NAX_TRY(nax_i_extent_thin(ctx, e, step / 2, step, 1, &some));
  nax_ntf_opts rough = coarser(fit, 1e-5); /* tells starts apart: the best goes on */
  status = fit_unformed(ctx, fn, &thin, &few, o, NULL, &rough, &m, member);
  if (status == NAX_EDATA) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "no two neurons change together in every %lldth bin: raise "
                        "`start-bins`, or set it to 0",
                        (long long)step);
  }
  NAX_TRY(status);
  nax_i_free(own);
  own = NULL;
  if (neurons > 1) {
    NAX_TRY(add_pairs(ctx, fn, d, &some, o, &rough, f, init, &m));
  }
  NAX_TRY(take_start(ctx, m, 0, e->n_bins, f, init));
done:
  nax_ntf_free(m);
  nax_i_free(own);
  nax_i_extent_free(&few);
  nax_i_extent_free(&some);
  return status;
}

static nax_status
fit_formed(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
           const nax_i_extent *e, const nax_connectome_opts *o, const nax_i_start *start,
           const nax_ntf_opts *fit, nax_ntf **out, double **member)
{
  nax_status status = NAX_OK;
  nax_i_ntf_problem p = {.own = NULL};
  nax_index dim[NAX_MAX_NDIM], size = 0;
  const char *name[NAX_MAX_NDIM];
  void *x = NULL;
  int32_t n = nax_i_affinity_shape(d, e, o, dim, name);
  size_t each = o->single ? sizeof(float) : sizeof(double);
  if (!nax_i_size_product(n, dim, each, &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "there are too many affinities");
  }
  NAX_TRY_ALLOC(x, size, each);
  NAX_TRY(nax_i_affinity_fill(ctx, fn, d, e, o, o->single ? NAX_F32 : NAX_F64, x));
  nax_view v = o->single ? nax_view_f32(x, n, dim) : nax_view_f64(x, n, dim);
  memcpy(v.name, name, (size_t)n * sizeof *name);
  NAX_TRY(nax_i_ntf_problem_init(ctx, &v, fit, &p));
  NAX_TRY(fit_operand(ctx, fn, d, e, o, start, fit, &p.op, out, member));
done:
  nax_i_ntf_problem_free(&p);
  nax_i_free(x);
  return status;
}

nax_status
nax_i_connectome_factorise(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                           const nax_i_extent *e, const nax_connectome_opts *o,
                           const nax_i_start *start, const nax_ntf_opts *fit,
                           nax_ntf **out, double **member)
{
  nax_status status = NAX_OK;
  nax_view init[NAX_I_NTF_MAX_MODES];
  double *f[NAX_I_NTF_MAX_MODES] = {NULL}, *first = NULL;
  nax_i_start some = {init, NULL};
  int without = 0;
  if (member != NULL) {
    *member = NULL;
  }
  NAX_TRY(choose(ctx, fn, d, e, o, &without));
  if (!without) {
    NAX_TRY(fit_formed(ctx, fn, d, e, o, start, fit, out, member));
    goto done;
  }
  nax_index step = start == NULL ? start_step(e, o, fit) : 1;
  nax_ntf_opts last = *fit;
  if (step > 1) {
    last = o->full_tol > 0.0 ? coarser(fit, o->full_tol) : last;
    NAX_TRY(start_on_some(ctx, fn, d, e, step, o, fit, f, init, &first));
    some.member = first;
    start = &some;
  }
  NAX_TRY(fit_unformed(ctx, fn, d, e, o, start, &last, out, member));
done:
  for (int k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(f[k]);
  }
  nax_i_free(first);
  return status;
}

nax_status
nax_connectome_factorise(nax_ctx *ctx, const nax_array *u,
                         const nax_connectome_opts *opts, const nax_ntf_opts *fit,
                         nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_connectome_opts o;
  nax_ntf_opts f;
  nax_i_derivatives d;
  nax_i_extent e = {.n_bins = 0};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_connectome_table, &o, opts));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &f, fit));
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &d));
  NAX_TRY(nax_i_extent_init(ctx, __func__, &d, &e));
  NAX_TRY(nax_i_connectome_factorise(ctx, __func__, &d, &e, &o, NULL, &f, out, NULL));
done:
  nax_i_extent_free(&e);
  return status;
}
