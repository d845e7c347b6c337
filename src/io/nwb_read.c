/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of NWB series: of one dataset, of some of its columns, of one dataset for each
 * neuron. */
#include "nwb_i.h"

static void
put(nax_dtype dtype, void *dst, nax_index to, const void *src, nax_index from)
{
  if (dtype == NAX_F64) {
    ((double *)dst)[to] = ((const double *)src)[from];
  } else {
    ((float *)dst)[to] = ((const float *)src)[from];
  }
}

static nax_status
read_parts(nax_ctx *ctx, nax_i_nwb_var *x, const nax_index *start, const nax_index *count,
           nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  void *one = NULL;
  int32_t map[1] = {0};
  nax_index fixed[NAX_MAX_NDIM] = {0};
  NAX_TRY_ALLOC(one, count[1], nax_dtype_size(dtype));
  for (nax_index i = 0; i < count[0]; i++) {
    NAX_TRY(nax_i_h5_read(ctx, x->part[start[0] + i], 1, map, fixed, &start[1], &count[1],
                          x->scale, x->offset, dtype, one));
    for (nax_index j = 0; j < count[1]; j++) {
      put(dtype, dst, i + j * count[0], one, j);
    }
  }
done:
  nax_i_free(one);
  return status;
}

/* Only some columns are wanted: read the span they lie in, a stretch at a time. */
static nax_status
read_kept(nax_ctx *ctx, nax_i_nwb_var *x, const nax_index *start, const nax_index *count,
          nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  void *span = NULL;
  nax_index from[2] = {x->keep[start[0]], start[1]};
  nax_index many[2] = {x->keep[start[0] + count[0] - 1] - from[0] + 1, 0};
  enum { STRETCH = 1 << 20 };
  nax_index step = STRETCH / many[0] > 0 ? STRETCH / many[0] : 1;
  NAX_TRY_ALLOC(span, many[0] * (step < count[1] ? step : count[1]),
                nax_dtype_size(dtype));
  for (nax_index j = 0; j < count[1]; j += step) {
    from[1] = start[1] + j;
    many[1] = count[1] - j < step ? count[1] - j : step;
    NAX_TRY(nax_i_h5_read(ctx, x->part[0], 2, x->map, NULL, from, many, x->scale,
                          x->offset, dtype, span));
    for (nax_index k = 0; k < many[1]; k++) {
      for (nax_index i = 0; i < count[0]; i++) {
        put(dtype, dst, i + (j + k) * count[0], span,
            x->keep[start[0] + i] - from[0] + k * many[0]);
      }
    }
  }
done:
  nax_i_free(span);
  return status;
}

nax_status
nax_i_nwb_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
               const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  nax_i_nwb_var *x = v->priv;
  (void)s;
  if (x->n_parts > 1) {
    return read_parts(ctx, x, start, count, dtype, dst);
  }
  if (x->keep != NULL) {
    NAX_TRY(read_kept(ctx, x, start, count, dtype, dst));
  } else {
    NAX_TRY(nax_i_h5_read(ctx, x->part[0], x->n_axes, x->map, NULL, start, count,
                          x->channel_scale != NULL ? 1.0 : x->scale,
                          x->channel_scale != NULL ? 0.0 : x->offset, dtype, dst));
  }
  /* value = data * conversion * channel_conversion + offset */
  for (nax_index j = 0; x->channel_scale != NULL && j < count[1]; j++) {
    for (nax_index i = 0; i < count[0]; i++) {
      double f = x->scale * x->channel_scale[start[0] + i];
      nax_index at = i + j * count[0];
      if (dtype == NAX_F64) {
        ((double *)dst)[at] = ((double *)dst)[at] * f + x->offset;
      } else {
        ((float *)dst)[at] = (float)((double)((float *)dst)[at] * f + x->offset);
      }
    }
  }
done:
  return status;
}
