/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks of fully connected layers: one product per layer, forwards and backwards. */
#include "gpvae_i.h"

/* Fixed grid of the loops between the products. */
enum { COLUMNS = 64, ROWS = 64 };

void
nax_i_mlp_add(nax_i_mlp *net, nax_index in, nax_index out, int act, nax_index *used)
{
  nax_i_layer *l = &net->layer[net->n];
  net->first = net->n == 0 ? *used : net->first;
  *l = (nax_i_layer){.in = in, .out = out, .w = *used, .b = *used + in * out, .act = act};
  *used = l->b + out;
  net->last = *used;
  net->n++;
}

nax_index
nax_i_mlp_widest(const nax_i_mlp *net)
{
  nax_index widest = 0;
  for (int i = 0; i < net->n; i++) {
    widest = net->layer[i].out > widest ? net->layer[i].out : widest;
    widest = net->layer[i].in > widest ? net->layer[i].in : widest;
  }
  return widest;
}

nax_status
nax_i_mlp_run_init(nax_ctx *ctx, const nax_i_real *r, const nax_i_mlp *net,
                   nax_index cols, nax_i_mlp_run *run)
{
  nax_status status = NAX_OK;
  run->cols = cols;
  for (int i = 0; i < net->n; i++) {
    NAX_TRY_ALLOC(run->out[i], net->layer[i].out * cols, r->size);
  }
done:
  return status;
}

void
nax_i_mlp_run_free(nax_i_mlp_run *run)
{
  for (int i = 0; i < NAX_I_MLP_LAYERS; i++) {
    nax_i_free(run->out[i]);
    run->out[i] = NULL;
  }
}

/* One loop between products, cut into blocks. */
typedef struct loop {
  const nax_i_real *real;
  nax_index rows, cols;
  char *y;       /* rows x cols */
  const char *b; /* bias, or output whose slope is wanted, or where sums go */
  int act;
} loop;

static nax_status
activate_block(int64_t block, void *arg)
{
  const loop *l = arg;
  nax_index from = block * COLUMNS;
  nax_index n = l->cols - from < COLUMNS ? l->cols - from : COLUMNS;
  l->real->bias_act(l->rows, n, l->y + (size_t)(from * l->rows) * l->real->size, l->b,
                    l->act);
  return NAX_OK;
}

static nax_status
slope_block(int64_t block, void *arg)
{
  const loop *l = arg;
  nax_index from = block * COLUMNS;
  nax_index n = l->cols - from < COLUMNS ? l->cols - from : COLUMNS;
  size_t at = (size_t)(from * l->rows) * l->real->size;
  l->real->act_back(n * l->rows, l->y + at, l->b + at, l->act);
  return NAX_OK;
}

static nax_status
bias_block(int64_t block, void *arg)
{
  const loop *l = arg;
  nax_index lo = block * ROWS, hi = lo + ROWS < l->rows ? lo + ROWS : l->rows;
  l->real->add_columns(l->rows, l->cols, lo, hi, l->y, (void *)(uintptr_t)l->b);
  return NAX_OK;
}

static char *
at(const nax_i_arena *a, void *p, nax_index offset)
{
  return (char *)p + (size_t)offset * a->real->size;
}

nax_status
nax_i_mlp_forward(nax_ctx *ctx, const nax_i_arena *a, const nax_i_mlp *net,
                  nax_index cols, const void *x, nax_i_mlp_run *run)
{
  nax_status status = NAX_OK;
  for (int i = 0; i < net->n; i++) {
    const nax_i_layer *l = &net->layer[i];
    NAX_TRY(a->real->gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, l->out, cols, l->in,
                          at(a, a->p, l->w), l->in, i == 0 ? x : run->out[i - 1], l->in,
                          0.0, run->out[i], l->out));
    loop job = {a->real, l->out, cols, run->out[i], at(a, a->p, l->b), l->act};
    NAX_TRY(
        nax_i_parallel(ctx, NULL, nax_i_n_blocks(cols, COLUMNS), activate_block, &job));
  }
done:
  return status;
}

nax_status
nax_i_mlp_backward(nax_ctx *ctx, nax_i_arena *a, const nax_i_mlp *net, nax_index cols,
                   const void *x, const nax_i_mlp_run *run, void *d, void *work, void *dx)
{
  nax_status status = NAX_OK;
  void *now = d, *next = work;
  for (int i = net->n - 1; i >= 0; i--) {
    const nax_i_layer *l = &net->layer[i];
    const void *in = i == 0 ? x : run->out[i - 1];
    loop job = {a->real, l->out, cols, now, run->out[i], l->act};
    if (l->act != NAX_I_ACT_NONE) {
      NAX_TRY(
          nax_i_parallel(ctx, NULL, nax_i_n_blocks(cols, COLUMNS), slope_block, &job));
    }
    job.b = at(a, a->g, l->b);
    NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(l->out, ROWS), bias_block, &job));
    NAX_TRY(a->real->gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, l->in, l->out, cols, in, l->in,
                          now, l->out, 1.0, at(a, a->g, l->w), l->in));
    void *to = i == 0 ? dx : next;
    if (to != NULL) {
      NAX_TRY(a->real->gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, l->in, cols, l->out,
                            at(a, a->p, l->w), l->in, now, l->out, 0.0, to, l->in));
    }
    next = now;
    now = to;
  }
done:
  return status;
}
