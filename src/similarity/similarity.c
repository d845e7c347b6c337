/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing two representations, and all pairs of several. */
#include "similarity_i.h"
#include <stdio.h>

static nax_status
load_options(nax_ctx *ctx, const char *fn, const nax_similarity_opts *opts,
             nax_similarity_opts *o)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_options_load(ctx, fn, &nax_i_similarity_table, o, opts));
  if (o->batch != 0 && o->batch < (o->biased ? 2 : 4)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "a batch of %lld observations is too small",
                      (long long)o->batch);
  }
done:
  return status;
}

nax_status
nax_similarity(nax_ctx *ctx, const nax_view *a, const nax_view *b,
               const nax_similarity_opts *opts, double *out)
{
  nax_status status = NAX_OK;
  nax_similarity_opts o;
  nax_i_side sa = {0}, sb = {0};
  nax_i_stage st;
  nax_i_begin(ctx);
  NAX_TRY(load_options(ctx, __func__, opts, &o));
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "similarity", 1));
  NAX_TRY(nax_i_side_init(ctx, __func__, "a", a, &o, &sa));
  NAX_TRY(nax_i_side_init(ctx, __func__, "b", b, &o, &sb));
  NAX_TRY(nax_i_side_compare(ctx, __func__, &sa, &sb, &o, out));
  NAX_TRY(nax_i_stage_poll(&st, 1, (double)NAN));
done:
  nax_i_side_clear(&sa);
  nax_i_side_clear(&sb);
  return status;
}

/* Several representations. */
typedef struct many {
  nax_ctx *ctx; /* that may stop it */
  const char *fn;
  nax_index n;
  const nax_view *view;
  nax_i_side *side;
  const nax_similarity_opts *o;
  double *out;
} many;

static nax_status
prepare(int64_t k, void *arg)
{
  many *m = arg;
  char name[32];
  snprintf(name, sizeof name, "sets[%lld]", (long long)k);
  return nax_i_side_init(m->ctx, m->fn, name, &m->view[k], m->o, &m->side[k]);
}

/* Row k of the matrix, from the diagonal on unless the measure has an order. */
static nax_status
compare_row(int64_t k, void *arg)
{
  nax_status status = NAX_OK;
  many *m = arg;
  int ordered = m->o->measure == NAX_SIMILARITY_PWCCA;
  for (nax_index j = ordered ? 0 : k; j < m->n; j++) {
    double v;
    NAX_TRY(nax_i_side_compare(m->ctx, m->fn, &m->side[k], &m->side[j], m->o, &v));
    m->out[k + j * m->n] = v;
    if (!ordered) {
      m->out[j + k * m->n] = v;
    }
  }
done:
  return status;
}

nax_status
nax_similarity_matrix(nax_ctx *ctx, nax_index n_sets, const nax_view *sets,
                      const nax_similarity_opts *opts, double *out)
{
  nax_status status = NAX_OK;
  nax_similarity_opts o;
  many m = {.ctx = ctx, .fn = __func__, .n = n_sets, .view = sets, .o = &o, .out = out};
  nax_i_stage st;
  nax_i_begin(ctx);
  NAX_TRY(load_options(ctx, __func__, opts, &o));
  NAX_REQUIRE(n_sets >= 1 && sets != NULL, NAX_EDIM, "there is no representation");
  NAX_TRY_ALLOC(m.side, n_sets, sizeof *m.side);
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "similarity/prepare", n_sets));
  NAX_TRY(nax_i_parallel(ctx, &st, n_sets, prepare, &m));
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "similarity", n_sets));
  NAX_TRY(nax_i_parallel(ctx, &st, n_sets, compare_row, &m));
done:
  for (nax_index k = 0; m.side != NULL && k < n_sets; k++) {
    nax_i_side_clear(&m.side[k]);
  }
  nax_i_free(m.side);
  return status;
}
