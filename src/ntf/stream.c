/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A variable of a file that is larger than the memory as the operand of a fit: contracted
 * slab by slab of its last mode, each time it is needed. */
#include "ntf_i.h"
#include <math.h>
#include <neuraxis/io.h>

typedef struct stream {
  nax_i_ntf_problem p; /* its functions are those of the dense tensor */
  nax_i_slabs slabs;
  nax_source *source;
  int32_t var;
} stream;

static nax_status
read_slab(nax_ctx *ctx, void *self, nax_index from, nax_index count, void *slab)
{
  const stream *s = self;
  const nax_i_tensor *x = &s->p.x;
  int32_t last = x->n_modes - 1;
  nax_index start[NAX_MAX_NDIM] = {0}, n[NAX_MAX_NDIM];
  memcpy(n, x->dim, sizeof x->dim);
  start[last] = from;
  n[last] = count;
  return nax_source_read(ctx, s->source, s->var, start, n, x->dtype, slab,
                         x->size / x->dim[last] * count);
}

static size_t
slab_bytes(const nax_i_tensor *x, nax_index count)
{
  return (size_t)(x->size / x->dim[x->n_modes - 1]) * (size_t)count *
         nax_dtype_size(x->dtype);
}

/* Bytes of the fit with `width` starts at a time. */
static size_t
fit_bytes(stream *s, const nax_ntf_opts *o, int64_t width, int32_t thrifty)
{
  s->slabs.thrifty = thrifty;
  s->p.op.columns = width * o->rank;
  return nax_i_ntf_fit_memory(&s->p.op, o) + nax_i_tree_memory(&s->p.x, width, o->rank);
}

/* Starts at a time, kind of contractions and size of slabs, so that the file is read the
 * fewest times. */
static nax_status
plan(nax_ctx *ctx, stream *s, const nax_ntf_opts *o, int64_t n_starts, size_t memory)
{
  const nax_i_tensor *x = &s->p.x;
  int32_t last = x->n_modes - 1;
  int64_t best = 0;
  int32_t best_thrifty = 0;
  double fewest = (double)INFINITY;
  size_t quarter = memory / 4, one = slab_bytes(x, 1);
  size_t reserve = quarter > one ? quarter : one;
  for (int32_t thrifty = 0; thrifty < 2; thrifty++) {
    int64_t width = n_starts;
    while (width > 0 && fit_bytes(s, o, width, thrifty) + reserve > memory) {
      width--;
    }
    double reads = thrifty ? x->n_modes - 1.0 : x->n_modes / (x->n_modes - 1.0);
    double total =
        width > 0 ? reads * ceil((double)n_starts / (double)width) : (double)INFINITY;
    if (total < fewest) {
      fewest = total;
      best = width;
      best_thrifty = thrifty;
    }
  }
  if (best == 0) {
    size_t least = fit_bytes(s, o, 1, 1), other = fit_bytes(s, o, 1, 0);
    least = least < other ? least : other;
    least += one > least / 3 ? one : least / 3 + 1;
    return nax_i_fail(ctx, NAX_ENOMEM, "nax_ntf_fit_source",
                      "%zu bytes of memory do not hold a slab of `%s` and one start: "
                      "allow at least %zu",
                      memory, nax_source_var(s->source, s->var)->name, least);
  }
  size_t left = memory - fit_bytes(s, o, best, best_thrifty);
  nax_index most = (nax_index)(left / one);
  nax_index chunk = nax_source_var(s->source, s->var)->chunk[last];
  most = chunk > 1 && most > chunk ? most - most % chunk : most;
  s->slabs.most = most < x->dim[last] ? most : x->dim[last];
  return NAX_OK;
}

/* One read of all values before the first sweep. */
static nax_status
look_through(nax_ctx *ctx, stream *s, const nax_view *shape)
{
  nax_status status = NAX_OK;
  nax_i_ntf_problem *p = &s->p, part = *p;
  nax_i_stage stage;
  int32_t last = p->x.n_modes - 1;
  nax_index length = p->x.dim[last], each = p->x.size / length;
  part.x.x = s->slabs.slab;
  part.x.slabs = NULL;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_ntf_fit_source", "ntf/read", length));
  for (nax_index from = 0; from < length; from += s->slabs.most) {
    nax_index count = length - from < s->slabs.most ? length - from : s->slabs.most;
    part.x.dim[last] = count;
    part.x.size = each * count;
    NAX_TRY(read_slab(ctx, s, from, count, s->slabs.slab));
    NAX_TRY(nax_i_ntf_scan(ctx, shape, from * each, &part));
    NAX_TRY(nax_i_stage_poll(&stage, from + count, NAN));
  }
  const char *name = nax_source_var(s->source, s->var)->name;
  NAX_REQUIRE(part.n_missing == 0, NAX_EDATA,
              "`%s` has %lld missing values, which only a fit in memory can take: allow "
              "more memory, or fill them in",
              name, (long long)part.n_missing);
  NAX_REQUIRE(part.op.observed2 > 0.0, NAX_EDATA, "`%s` is zero everywhere", name);
  p->op.observed2 = p->op.norm2 = part.op.observed2;
done:
  return status;
}

/* What the file has with at most 24 bits goes into float32 without loss. */
static nax_dtype
type_of(const nax_var_info *info)
{
  switch (info->dtype) {
  case NAX_F32:
  case NAX_F16:
  case NAX_I8:
  case NAX_U8:
  case NAX_I16:
  case NAX_U16:
  case NAX_BOOL:
    return NAX_F32;
  default:
    return NAX_F64;
  }
}

static nax_status
set_up(nax_ctx *ctx, stream *s, const nax_ntf_opts *o, nax_view *shape)
{
  nax_status status = NAX_OK;
  const char *fn = "nax_ntf_fit_source";
  const nax_var_info *info = nax_source_var(s->source, s->var);
  nax_i_ntf_problem *p = &s->p;
  if (info == NULL || info->kind != NAX_VAR_ARRAY) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "variable %d is not an array", (int)s->var);
  }
  if (info->ndim < 2 || info->ndim > NAX_I_NTF_MAX_MODES) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "`%s` must have 2 to %d axes, got %d",
                      info->name, NAX_I_NTF_MAX_MODES, (int)info->ndim);
  }
  p->x = (nax_i_tensor){.dtype = type_of(info), .n_modes = info->ndim};
  p->op = (nax_i_ntf_operand){
      .type = &nax_i_ntf_dense, .n_modes = info->ndim, .dtype = p->x.dtype};
  *shape = nax_view_f64(NULL, info->ndim, info->dim);
  for (int32_t k = 0; k < info->ndim; k++) {
    if (info->dim[k] < 1) {
      return nax_i_fail(ctx, NAX_EDIM, fn, "axis %d of `%s` is empty", (int)k,
                        info->name);
    }
    p->x.dim[k] = p->op.dim[k] = info->dim[k];
    shape->name[k] = nax_axis_name(info->axis[k]);
  }
  if (!nax_i_size_product(info->ndim, info->dim, sizeof(double), &p->x.size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "`%s` has too many elements", info->name);
  }
  NAX_TRY(nax_i_ntf_settle(ctx, &p->op, shape->name, o));
done:
  return status;
}

static int
goes_into_memory(const stream *s, const nax_ntf_opts *o, size_t memory)
{
  nax_i_ntf_operand op = s->p.op;
  op.type = &nax_i_ntf_dense;
  op.columns = nax_i_ntf_dense_columns(op.dtype);
  size_t fit = nax_i_ntf_fit_memory(&op, o) + nax_i_ntf_ratio_memory(s->p.x.size, 0, o);
  return (double)slab_bytes(&s->p.x, op.dim[op.n_modes - 1]) + (double)fit <=
         (double)memory;
}

nax_status
nax_ntf_fit_source(nax_ctx *ctx, nax_source *source, int32_t var, size_t memory,
                   const nax_view *init, const nax_ntf_opts *opts, int32_t *streamed,
                   nax_ntf **out)
{
  nax_status status = NAX_OK;
  stream s = {.source = source, .var = var};
  nax_array *a = NULL;
  nax_view shape;
  nax_ntf_opts o;
  *out = NULL;
  if (streamed != NULL) {
    *streamed = 0;
  }
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  NAX_TRY(set_up(ctx, &s, &o, &shape));
  if (goes_into_memory(&s, &o, memory)) {
    NAX_TRY(nax_source_load_array(ctx, source, var, s.p.x.dtype, &a));
    nax_view x = nax_array_view(a);
    NAX_TRY(nax_ntf_fit(ctx, &x, init, &o, out));
    goto done;
  }
  NAX_REQUIRE(
      o.loss == NAX_NTF_FROBENIUS, NAX_ENOTSUP,
      "`%s` does not go into %zu bytes of memory, and what is read block by block "
      "is fitted by least squares only",
      nax_source_var(source, var)->name, memory);
  s.p.op.type = &nax_i_ntf_dense_streamed;
  s.slabs.read = read_slab;
  s.slabs.self = &s;
  s.p.x.slabs = &s.slabs;
  NAX_TRY(plan(ctx, &s, &o, init != NULL ? 1 : o.n_restarts, memory));
  NAX_TRY_ALLOC(s.slabs.slab, s.slabs.most, slab_bytes(&s.p.x, 1));
  NAX_TRY(look_through(ctx, &s, &shape));
  NAX_TRY(nax_i_ntf_fit_operand(ctx, &s.p.op, init, &o, out));
  if (streamed != NULL) {
    *streamed = 1;
  }
done:
  nax_array_free(a);
  nax_i_free(s.slabs.slab);
  return status;
}
