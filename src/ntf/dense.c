/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dense tensor in memory as the operand of a fit. */
#include "ntf_i.h"

int64_t
nax_i_ntf_dense_columns(nax_dtype dtype)
{
  /* As many as the skinny product takes in one read; with more, arithmetic is the limit
   * and the contraction only grows. */
  return dtype == NAX_F32 ? 64 : 32;
}

static nax_i_ntf_problem *
dense_of(nax_i_ntf_operand *x)
{
  return (nax_i_ntf_problem *)x;
}

/* Put a value where an entry is missing; returns what is stored. */
static double
put(nax_i_ntf_problem *p, nax_index at, double v)
{
  if (p->x.dtype == NAX_F32) {
    ((float *)p->own)[at] = (float)v;
    return (double)((float *)p->own)[at];
  }
  ((double *)p->own)[at] = v;
  return v;
}

static nax_status
dense_begin(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n_starts, int64_t rank)
{
  nax_i_ntf_problem *p = dense_of(x);
  x->norm2 = x->observed2;
  for (nax_index j = 0; j < p->n_missing; j++) {
    double v = x->mask != NULL ? 0.0 : p->fill[p->missing[j] % p->x.dim[0]];
    v = put(p, p->missing[j], v);
    x->norm2 += v * v;
  }
  return nax_i_tree_init(&p->tree, ctx, &p->x, n_starts, rank);
}

static void
dense_end(nax_i_ntf_operand *x)
{
  nax_i_ntf_problem *p = dense_of(x);
  nax_i_tree_free(&p->tree);
  nax_i_tree_free(&p->ratio_tree);
  nax_i_free(p->ratio[0]);
  nax_i_free(p->ratio[1]);
  p->ratio[0] = p->ratio[1] = NULL;
}

static nax_status
dense_mttkrp(nax_i_ntf_operand *x, nax_ctx *ctx, const nax_i_ntf_pack *pack, int32_t mode,
             double *m)
{
  nax_i_tree *tree = &dense_of(x)->tree;
  tree->ctx = ctx;
  if (tree->ld != pack->ld) {
    nax_i_tree_narrow(tree, pack->n_starts);
  }
  return nax_i_tree_mttkrp(tree, pack->f, mode, m);
}

static void
dense_changed(nax_i_ntf_operand *x, int32_t mode)
{
  nax_i_tree_changed(&dense_of(x)->tree, mode);
}

static void
dense_scaled(nax_i_ntf_operand *x, int32_t mode, const double *s)
{
  nax_i_tree_scaled(&dense_of(x)->tree, mode, s);
}

static nax_status
dense_refill(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t start, int64_t rank, int64_t ld,
             double *const *f, double *norm2, double *change)
{
  nax_i_ntf_problem *p = dense_of(x);
  double sum = 0.0, filled = 0.0;
  (void)ctx;
  (void)start;
  for (nax_index j = 0; j < p->n_missing; j++) {
    nax_index rest = p->missing[j];
    const double *row[NAX_I_NTF_MAX_MODES];
    for (int32_t k = 0; k < x->n_modes; k++) {
      row[k] = f[k] + rest % x->dim[k] * ld;
      rest /= x->dim[k];
    }
    double model = 0.0;
    for (int64_t r = 0; r < rank; r++) {
      double v = row[0][r];
      for (int32_t k = 1; k < x->n_modes; k++) {
        v *= row[k][r];
      }
      model += v;
    }
    double was = nax_i_tensor_at(&p->x, p->missing[j]);
    model = put(p, p->missing[j], model);
    sum += (model - was) * (model - was);
    filled += model * model;
  }
  *change = sum;
  *norm2 = x->observed2 + filled;
  p->tree.stale |= p->n_missing > 0; /* X itself changed */
  return NAX_OK;
}

static nax_status
dense_left_over(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t rank, int64_t ld,
                double *const *f, double *const *profile)
{
  return nax_i_ntf_left_over(ctx, dense_of(x), rank, ld, f, profile);
}

static nax_status
dense_residual(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n, int64_t rank, int64_t ld,
               double *const *const *f, double *out)
{
  nax_status status = NAX_OK;
  for (int64_t j = 0; j < n && status == NAX_OK; j++) {
    status = nax_i_ntf_residual(ctx, dense_of(x), rank, ld, f[j], &out[j]);
  }
  return status;
}

/* The same slab by slab, all starts at each. */
static nax_status
streamed_residual(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n, int64_t rank, int64_t ld,
                  double *const *const *f, double *out)
{
  nax_status status = NAX_OK;
  const nax_i_slabs *slabs = dense_of(x)->x.slabs;
  nax_i_ntf_problem part = *dense_of(x);
  int32_t last = x->n_modes - 1;
  nax_index length = x->dim[last], each = part.x.size / length;
  part.x.x = slabs->slab;
  part.x.slabs = NULL;
  memset(out, 0, (size_t)n * sizeof *out);
  for (nax_index from = 0; from < length; from += slabs->most) {
    part.x.dim[last] = length - from < slabs->most ? length - from : slabs->most;
    part.x.size = each * part.x.dim[last];
    NAX_TRY(slabs->read(ctx, slabs->self, from, part.x.dim[last], slabs->slab));
    for (int64_t j = 0; j < n; j++) {
      double *g[NAX_I_NTF_MAX_MODES], sum;
      memcpy(g, f[j], sizeof g);
      g[last] += from * ld;
      NAX_TRY(nax_i_ntf_residual(ctx, &part, rank, ld, g, &sum));
      out[j] += sum;
    }
  }
done:
  return status;
}

static size_t
dense_memory(const nax_i_ntf_operand *x, int64_t n_starts, int64_t rank)
{
  nax_i_tensor t = {.dtype = x->dtype, .n_modes = x->n_modes, .size = 1};
  for (int32_t k = 0; k < x->n_modes; k++) {
    t.dim[k] = x->dim[k];
    t.size *= x->dim[k];
  }
  return nax_i_tree_memory(&t, n_starts, rank);
}

const nax_i_ntf_operand_type nax_i_ntf_dense = {.begin = dense_begin,
                                                .end = dense_end,
                                                .mttkrp = dense_mttkrp,
                                                .changed = dense_changed,
                                                .scaled = dense_scaled,
                                                .residual = dense_residual,
                                                .memory = dense_memory,
                                                .left_over = dense_left_over,
                                                .divergence = nax_i_ntf_dense_divergence};

const nax_i_ntf_operand_type nax_i_ntf_dense_missing = {.begin = dense_begin,
                                                        .end = dense_end,
                                                        .mttkrp = dense_mttkrp,
                                                        .changed = dense_changed,
                                                        .scaled = dense_scaled,
                                                        .refill = dense_refill,
                                                        .residual = dense_residual,
                                                        .memory = dense_memory,
                                                        .left_over = dense_left_over,
                                                        .divergence =
                                                            nax_i_ntf_dense_divergence};

const nax_i_ntf_operand_type nax_i_ntf_dense_streamed = {.begin = dense_begin,
                                                         .end = dense_end,
                                                         .mttkrp = dense_mttkrp,
                                                         .changed = dense_changed,
                                                         .scaled = dense_scaled,
                                                         .residual = streamed_residual};
