/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences as observations: what a unit does in general, not with these sentences. */
#include "freqtag_i.h"
#include <math.h>

typedef struct job {
  const nax_view *x;
  nax_index length, n_slots, n_items, cycles;
  const int64_t *item;
  double *wave; /* 2 x length */
  nax_c64 *z;   /* item x unit */
} job;

enum { UNITS = 32 };

static nax_status
unit_block(int64_t block, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const job *j = arg;
  const nax_view *x = j->x;
  nax_index *count = NULL;
  NAX_TRY_ALLOC(count, j->n_items, sizeof *count);
  for (nax_index u = block * UNITS; u < (block + 1) * UNITS && u < x->dim[0]; u++) {
    nax_c64 *sum = j->z + u * j->n_items;
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
  }
done:
  nax_i_free(count);
  return status;
}

static nax_status
check(nax_ctx *ctx, const char *fn, const job *j)
{
  const nax_view *x = j->x;
  nax_index m = j->length;
  if (x->data == NULL || (x->dtype != NAX_F64 && x->dtype != NAX_F32)) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "`x` must be float64 or float32");
  }
  if (x->ndim != 3 || m < 2 || x->dim[1] < m) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`x`, expected unit x time x trial with at least one item of %lld "
                      "samples",
                      (long long)m);
  }
  if (j->cycles < 1 || 2 * j->cycles > m) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "cycles per item, expected 1 to %lld, got %lld", (long long)(m / 2),
                      (long long)j->cycles);
  }
  nax_index slots = x->dim[1] / m;
  if (j->n_items < 1 || (j->item == NULL && j->n_items != slots)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%lld items, expected the %lld that a trial holds, or which one is "
                      "where",
                      (long long)j->n_items, (long long)slots);
  }
  for (nax_index k = 0; j->item != NULL && k < slots * x->dim[2]; k++) {
    if (j->item[k] >= j->n_items) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "item[%lld], expected less than %lld, got %lld", (long long)k,
                        (long long)j->n_items, (long long)j->item[k]);
    }
  }
  return NAX_OK;
}

static nax_status
items(nax_ctx *ctx, const char *fn, const nax_view *x, nax_index item_length,
      nax_index n_items, const int64_t *item, nax_index cycles, nax_c64 *z)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  job j = {.x = x,
           .length = item_length,
           .n_items = n_items,
           .cycles = cycles,
           .item = item,
           .z = z};
  NAX_TRY(check(ctx, fn, &j));
  j.n_slots = x->dim[1] / item_length;
  NAX_TRY_ALLOC(j.wave, 2 * item_length, sizeof *j.wave);
  for (nax_index t = 0; t < item_length; t++) {
    double a =
        2.0 * NAX_I_FT_PI * (double)(cycles * t % item_length) / (double)item_length;
    j.wave[2 * t] = cos(a);
    j.wave[2 * t + 1] = 2 * cycles == item_length ? 0.0 : -sin(a);
  }
  nax_index blocks = nax_i_n_blocks(x->dim[0], UNITS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "freqtag/items", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, unit_block, &j));
done:
  nax_i_free(j.wave);
  return status;
}

nax_status
nax_freqtag_item_coefficients(nax_ctx *ctx, const nax_view *x, nax_index item_length,
                              nax_index n_items, const int64_t *item, nax_index cycles,
                              nax_c64 *z)
{
  nax_i_begin(ctx);
  return items(ctx, __func__, x, item_length, n_items, item, cycles, z);
}

nax_status
nax_freqtag_items(nax_ctx *ctx, const nax_view *x, nax_index item_length,
                  nax_index n_items, const int64_t *item, nax_index cycles,
                  nax_freqtag_moments *out)
{
  nax_status status = NAX_OK;
  nax_c64 *z = NULL;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(z, n_items > 0 && x->ndim > 0 ? n_items * x->dim[0] : 0, sizeof *z);
  NAX_TRY(items(ctx, __func__, x, item_length, n_items, item, cycles, z));
  for (nax_index u = 0; u < x->dim[0]; u++) {
    out[u] = nax_freqtag_moments_of(n_items, z + u * n_items);
  }
done:
  nax_i_free(z);
  return status;
}
