/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components of the affinities, whichever way the tensor is kept. */
#include "connectome_i.h"
#include <math.h>

/* A tensor of this size is quickly read from memory; beyond, forming it is not worth it.
 */
static const double LARGE = 256e6;

int
nax_i_can_be_free(const nax_i_derivatives *d, const nax_connectome_opts *o, int missing,
                  const char **why)
{
  *why = o->kernel != NAX_CONNECTOME_PROD     ? "`kernel` to be prod"
         : o->channels != NAX_CONNECTOME_SAME ? "`channels` to be same"
         : d->n_scales > 1                    ? "one scale"
         : o->interval                        ? "`interval` to be off"
         : o->clip != NAX_CONNECTOME_CLIP_TRACE
             ? "`clip` to be trace: a product that is cut is no product"
         : missing ? "derivatives without missing values"
                   : NULL;
  return *why == NULL;
}

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
  const char *why;
  int can = nax_i_can_be_free(d, o, e->missing, &why);
  if (o->engine == NAX_CONNECTOME_FREE && !can) {
    return nax_i_fail(ctx, e->missing ? NAX_EDATA : NAX_EINVAL, fn,
                      "`engine` free expects %s", why);
  }
  *is_free = o->engine == NAX_CONNECTOME_FREE ||
             (o->engine == NAX_CONNECTOME_AUTO && can && tensor_bytes(d, e, o) > LARGE);
  return NAX_OK;
}

/* Every how many bins are looked at by the starts; 1: all. */
static nax_index
start_step(const nax_i_derivatives *d, const nax_connectome_opts *o,
           const nax_ntf_opts *fit)
{
  int may = o->start_bins > 0 && fit->fixed_modes == NULL;
  return may && d->n_time >= 2 * o->start_bins ? d->n_time / o->start_bins : 1;
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
    nax_i_bilinear b;
    nax_i_bilinear_shape(&d, &b);
    *bytes = nax_i_ntf_fit_memory(&b.op, &f);
    nax_index step = start_step(&d, &o, &f);
    if (step > 1) {
      nax_i_derivatives some = d;
      some.n_time = nax_i_n_blocks(d.n_time, step);
      nax_i_bilinear_shape(&some, &b);
      size_t first = nax_i_ntf_fit_memory(&b.op, &f) +
                     (size_t)(d.n * some.n_time * d.n_animals) * sizeof(double);
      nax_ntf_opts one = f;
      one.n_restarts = 1;
      nax_i_bilinear_shape(&d, &b);
      *bytes = nax_i_ntf_fit_memory(&b.op, &one) +
               (size_t)((d.n_time + d.n_animals + e.n_pairs) * f.rank) * sizeof(double);
      *bytes = first > *bytes ? first : *bytes;
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
  if (is_free != NULL) {
    *is_free = without;
  }
done:
  nax_i_extent_free(&e);
  return status;
}

/* Bins `step` apart of all neurons and animals, from half a step on. */
static void
thin(const nax_i_derivatives *d, nax_index step, nax_i_derivatives *some, double *u)
{
  *some = *d;
  some->u = u;
  some->n_time = nax_i_n_blocks(d->n_time - step / 2, step);
  for (nax_index w = 0; w < d->n_animals; w++) {
    for (nax_index t = 0; t < some->n_time; t++) {
      memcpy(u + d->n * (t + some->n_time * w),
             d->u + d->n * (step / 2 + t * step + d->n_time * w),
             (size_t)d->n * sizeof *u);
    }
  }
}

/* Starts on some of the bins; the best of them as `init` for all: its animal and pair
 * factors, and a time factor that is even, since the first update is that of time. */
static nax_status
start_on_some(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d, nax_index step,
              const char *const *name, const nax_ntf_opts *fit, double **f,
              nax_view *init)
{
  nax_status status = NAX_OK;
  nax_i_derivatives some;
  nax_i_bilinear b;
  nax_ntf *m = NULL;
  double *u = NULL;
  nax_index most = nax_i_n_blocks(d->n_time, step);
  NAX_TRY_ALLOC(u, d->n * most, (size_t)d->n_animals * sizeof *u);
  thin(d, step, &some, u);
  nax_i_bilinear_init(&some, &b);
  if (!(b.op.observed2 > 0.0)) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "no two neurons change together in every %lldth bin: raise "
                        "`start-bins`, or set it to 0",
                        (long long)step);
    goto done;
  }
  NAX_TRY(nax_i_ntf_settle(ctx, &b.op, name, fit));
  NAX_TRY(nax_i_ntf_fit_operand(ctx, &b.op, NULL, fit, &m));
  for (int32_t k = 0; k < 3; k++) {
    nax_index n = k == 0 ? d->n_time : nax_ntf_dim(m, k);
    NAX_TRY_ALLOC(f[k], n * fit->rank, sizeof(double));
    for (int64_t r = 0; r < fit->rank; r++) {
      double even = nax_ntf_weights(m)[r] / sqrt((double)some.n_time);
      for (nax_index i = 0; i < n; i++) {
        f[k][i + n * r] = k == 0 ? even : nax_ntf_factor(m, k)[i + n * r];
      }
    }
    init[k] = nax_view_f64(f[k], 2, (nax_index[]){n, fit->rank});
  }
done:
  nax_ntf_free(m);
  nax_i_free(u);
  return status;
}

nax_status
nax_i_connectome_factorise(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                           const nax_i_extent *e, const nax_connectome_opts *o,
                           const nax_view *init, const nax_ntf_opts *fit, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_index dim[NAX_MAX_NDIM], size = 0;
  const char *name[NAX_MAX_NDIM];
  nax_i_bilinear b;
  nax_view start[3];
  double *f[3] = {NULL};
  void *x = NULL;
  int without = 0;
  NAX_TRY(choose(ctx, fn, d, e, o, &without));
  int32_t n = nax_i_affinity_shape(d, e, o, dim, name);
  if (without) {
    nax_i_bilinear_init(d, &b);
    if (!(b.op.observed2 > 0.0)) {
      status = nax_i_fail(ctx, NAX_EDATA, fn, "no two neurons ever change together");
      goto done;
    }
    NAX_TRY(nax_i_ntf_settle(ctx, &b.op, name, fit));
    for (int32_t k = 0; k < 3; k++) {
      if (b.op.mode[k].is_free) {
        status = nax_i_fail(ctx, NAX_EINVAL, fn,
                            "`free` names axis %s, which `engine` free does not allow",
                            name[k]);
        goto done;
      }
    }
    nax_index step = init == NULL ? start_step(d, o, fit) : 1;
    if (step > 1) {
      NAX_TRY(start_on_some(ctx, fn, d, step, name, fit, f, start));
      init = start;
    }
    NAX_TRY(nax_i_ntf_fit_operand(ctx, &b.op, init, fit, out));
  } else {
    size_t each = o->single ? sizeof(float) : sizeof(double);
    if (!nax_i_size_product(n, dim, each, &size)) {
      status = nax_i_fail(ctx, NAX_EOVERFLOW, fn, "there are too many affinities");
      goto done;
    }
    NAX_TRY_ALLOC(x, size, each);
    NAX_TRY(nax_i_affinity_fill(ctx, fn, d, e, o, o->single ? NAX_F32 : NAX_F64, x));
    nax_view v = o->single ? nax_view_f32(x, n, dim) : nax_view_f64(x, n, dim);
    memcpy(v.name, name, (size_t)n * sizeof *name);
    NAX_TRY(nax_ntf_fit(ctx, &v, init, fit, out));
  }
done:
  for (int k = 0; k < 3; k++) {
    nax_i_free(f[k]);
  }
  nax_i_free(x);
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
  NAX_TRY(nax_i_connectome_factorise(ctx, __func__, &d, &e, &o, NULL, &f, out));
done:
  nax_i_extent_free(&e);
  return status;
}
