/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences as observations: what a unit does in general, not with these sentences. */
#include "freqtag_i.h"
#include <math.h>

typedef struct job {
  const nax_view *x;
  nax_index length, n_slots, n_items, cycles;
  const int64_t *item;
  double *wave; /* 2 x length */
  nax_freqtag_moments *out;
} job;

enum { UNITS = 32 };

static nax_status
unit_block(int64_t block, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const job *j = arg;
  const nax_view *x = j->x;
  nax_c64 *sum = NULL;
  nax_index *count = NULL;
  NAX_TRY_ALLOC(sum, j->n_items, sizeof *sum);
  NAX_TRY_ALLOC(count, j->n_items, sizeof *count);
  for (nax_index u = block * UNITS; u < (block + 1) * UNITS && u < x->dim[0]; u++) {
    memset(sum, 0, (size_t)j->n_items * sizeof *sum);
    memset(count, 0, (size_t)j->n_items * sizeof *count);
    for (nax_index r = 0; r < x->dim[2]; r++) {
      for (nax_index s = 0; s < j->n_slots; s++) {
        nax_c64 z = {0.0, 0.0};
        int64_t i = j->item != NULL ? j->item[s + r * j->n_slots] : s;
        for (nax_index t = 0; t < j->length; t++) {
          nax_index at[3] = {u, s * j->length + t, r};
          double v = nax_view_get(x, at);
          z.re += v * j->wave[2 * t];
          z.im += v * j->wave[2 * t + 1];
        }
        if (i >= 0 && isfinite(z.re) && isfinite(z.im)) {
          sum[i].re += z.re;
          sum[i].im += z.im;
          count[i]++;
        }
      }
    }
    for (nax_index i = 0; i < j->n_items; i++) {
      double n =
          count[i] > 0 ? (double)count[i] : (double)NAN; /* then it takes no part */
      sum[i].re /= n;
      sum[i].im /= n;
    }
    j->out[u] = nax_freqtag_moments_of(j->n_items, sum);
  }
done:
  nax_i_free(sum);
  nax_i_free(count);
  return status;
}

nax_status
nax_freqtag_items(nax_ctx *ctx, const nax_view *x, nax_index item_length,
                  nax_index n_items, const int64_t *item, nax_index cycles,
                  nax_freqtag_moments *out)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  job j = {.x = x, .length = item_length, .n_items = n_items, .item = item, .out = out};
  nax_i_begin(ctx);
  NAX_REQUIRE(x->data != NULL && (x->dtype == NAX_F64 || x->dtype == NAX_F32), NAX_ETYPE,
              "`x` must be float64 or float32");
  NAX_REQUIRE(x->ndim == 3 && item_length >= 2 && x->dim[1] >= item_length, NAX_EDIM,
              "`x`, expected unit x time x trial with at least one item of %lld samples",
              (long long)item_length);
  NAX_REQUIRE(cycles >= 1 && 2 * cycles <= item_length, NAX_EINVAL,
              "cycles per item, expected 1 to %lld, got %lld",
              (long long)(item_length / 2), (long long)cycles);
  j.n_slots = x->dim[1] / item_length;
  NAX_REQUIRE(n_items >= 1 && (item != NULL || n_items == j.n_slots), NAX_EINVAL,
              "%lld items, expected the %lld that a trial holds, or which one is where",
              (long long)n_items, (long long)j.n_slots);
  for (nax_index k = 0; item != NULL && k < j.n_slots * x->dim[2]; k++) {
    NAX_REQUIRE(item[k] < n_items, NAX_EINVAL,
                "item[%lld], expected less than %lld, got %lld", (long long)k,
                (long long)n_items, (long long)item[k]);
  }
  NAX_TRY_ALLOC(j.wave, 2 * item_length, sizeof *j.wave);
  for (nax_index t = 0; t < item_length; t++) {
    double a =
        2.0 * NAX_I_FT_PI * (double)(cycles * t % item_length) / (double)item_length;
    j.wave[2 * t] = cos(a);
    j.wave[2 * t + 1] = 2 * cycles == item_length ? 0.0 : -sin(a);
  }
  nax_index blocks = nax_i_n_blocks(x->dim[0], UNITS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/items", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, unit_block, &j));
done:
  nax_i_free(j.wave);
  return status;
}
