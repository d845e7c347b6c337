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
    nax_i_bilinear_init(&d, &b);
    *bytes = nax_i_ntf_fit_memory(&b.op, &f);
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

nax_status
nax_i_connectome_factorise(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                           const nax_i_extent *e, const nax_connectome_opts *o,
                           const nax_view *init, const nax_ntf_opts *fit, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_index dim[NAX_MAX_NDIM], size = 0;
  const char *name[NAX_MAX_NDIM];
  nax_i_bilinear b;
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
