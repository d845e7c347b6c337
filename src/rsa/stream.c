/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RDMs over time and over places from an opened file, a part of which is in memory at a
 * time: the same numbers, to the bit, as from the whole array. */
#include "rsa_i.h"

enum { DEFAULT_BYTES = 1 << 26 };

/* An array of a file with its axes in another order, and room for a part of it. */
typedef struct window {
  nax_source *source;
  const nax_var_info *info;
  int32_t var, ndim, order[3]; /* axis of the file at each of our positions */
  nax_dtype dtype;
  void *data;
  nax_index room; /* elements */
} window;

static nax_status
window_init(nax_ctx *ctx, const char *fn, nax_source *source, int32_t var, int32_t ndim,
            const int32_t *order, window *w)
{
  *w = (window){.source = source, .var = var, .ndim = ndim};
  w->info = source != NULL ? nax_source_var(source, var) : NULL;
  if (w->info == NULL || w->info->kind != NAX_VAR_ARRAY || w->info->ndim != ndim) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "variable %d must be an array of %d axes",
                      (int)var, (int)ndim);
  }
  for (int32_t k = 0, seen = 0; k < ndim; k++) {
    if (order[k] < 0 || order[k] >= ndim || (seen & 1 << order[k]) != 0) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "`axis` must have 0 to %d once each",
                        (int)ndim - 1);
    }
    seen |= 1 << order[k];
    w->order[k] = order[k];
  }
  w->dtype = w->info->dtype == NAX_F32 ? NAX_F32 : NAX_F64;
  return NAX_OK;
}

static nax_index
length(const window *w, int32_t k)
{
  return w->info->dim[w->order[k]];
}

static size_t
element(const window *w)
{
  return w->dtype == NAX_F32 ? sizeof(float) : sizeof(double);
}

/* Positions [from, from + n) of our axis k, all of the others, as a view in our order. */
static nax_status
window_read(nax_ctx *ctx, const char *fn, window *w, int32_t k, nax_index from,
            nax_index n, nax_view *out)
{
  nax_status status = NAX_OK;
  nax_index start[3] = {0, 0, 0}, count[3] = {1, 1, 1}, stride[3], size;
  for (int32_t i = 0; i < w->ndim; i++) {
    count[i] = w->info->dim[i];
  }
  start[w->order[k]] = from;
  count[w->order[k]] = n;
  if (!nax_i_size_product(3, count, element(w), &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "a part does not fit into memory");
  }
  if (size > w->room) {
    nax_i_free(w->data);
    w->room = 0;
    NAX_TRY_ALLOC(w->data, size, element(w));
    w->room = size;
  }
  NAX_TRY(
      nax_source_read(ctx, w->source, w->var, start, count, w->dtype, w->data, w->room));
  stride[0] = 1;
  stride[1] = count[0];
  stride[2] = count[0] * count[1];
  *out = nax_view_f64(w->data, w->ndim, count);
  out->dtype = w->dtype;
  for (int32_t i = 0; i < w->ndim; i++) {
    out->dim[i] = count[w->order[i]];
    out->stride[i] = stride[w->order[i]];
  }
done:
  return status;
}

/* The RDMs of a part behind those that are there; the first part says what they are. */
static nax_status
append(nax_ctx *ctx, const char *fn, const nax_rdms *part, nax_index total, nax_index at,
       nax_rdms **all)
{
  nax_status status = NAX_OK;
  if (*all == NULL) {
    NAX_TRY(nax_i_rdms_new(ctx, fn, part->n, total, all));
    NAX_TRY(nax_rdms_describe(ctx, *all, part->condition, NULL, part->measure));
  }
  memcpy((*all)->d + at * part->m, part->d,
         (size_t)(part->m * part->count) * sizeof *part->d);
done:
  return status;
}

nax_status
nax_rdm_movie_source(nax_ctx *ctx, nax_source *source, int32_t var, const int32_t axis[3],
                     const int64_t *condition, const int64_t *fold,
                     const nax_view *precision, nax_index bin, size_t bytes,
                     const nax_rdm_opts *opts, nax_rdms **out)
{
  nax_status status = NAX_OK;
  window w = {0};
  nax_rdms *all = NULL, *part = NULL;
  nax_view v;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(window_init(ctx, __func__, source, var, 3, axis, &w));
  NAX_REQUIRE(bin >= 1 && bin <= length(&w, 1), NAX_EINVAL,
              "`bin` must be 1 to %lld samples, got %lld", (long long)length(&w, 1),
              (long long)bin);
  nax_index total = length(&w, 1) / bin;
  nax_index step =
      nax_source_block(source, var, axis[1], bytes > 0 ? bytes : DEFAULT_BYTES) / bin;
  step = step > 0 ? step : 1;
  for (nax_index k = 0; k < total; k += step) {
    nax_index n = total - k < step ? total - k : step;
    NAX_TRY(window_read(ctx, __func__, &w, 1, k * bin, n * bin, &v));
    NAX_TRY(nax_rdm_movie(ctx, &v, condition, fold, precision, bin, opts, &part));
    NAX_TRY(append(ctx, __func__, part, total, k, &all));
    nax_rdms_free(part);
    part = NULL;
  }
  NAX_TRY(nax_i_rdms_number(ctx, all, "time", (double)bin));
  *out = all;
  all = NULL;
done:
  nax_rdms_free(all);
  nax_rdms_free(part);
  nax_i_free(w.data);
  return status;
}

/* Lowest and highest channel of neighbourhood k. */
static void
reach(const nax_rdm_places *p, nax_index k, nax_index *low, nax_index *high)
{
  for (nax_index i = p->offset[k]; i < p->offset[k + 1]; i++) {
    *low = p->index[i] < *low ? p->index[i] : *low;
    *high = p->index[i] > *high ? p->index[i] : *high;
  }
}

nax_status
nax_rdm_searchlight_source(nax_ctx *ctx, nax_source *source, int32_t var,
                           const int32_t axis[2], const int64_t *condition,
                           const int64_t *fold, const nax_rdm_places *places,
                           size_t bytes, const nax_rdm_opts *opts, nax_rdms **out)
{
  nax_status status = NAX_OK;
  window w = {0};
  nax_rdms *all = NULL, *part = NULL;
  nax_index *index = NULL, *offset = NULL;
  nax_view v;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(window_init(ctx, __func__, source, var, 2, axis, &w));
  NAX_REQUIRE(places != NULL && places->n >= 1, NAX_EDIM, "there is no neighbourhood");
  NAX_TRY(nax_i_rdm_check_places(ctx, __func__, places, length(&w, 0)));
  nax_index most =
      nax_source_block(source, var, axis[0], bytes > 0 ? bytes : DEFAULT_BYTES);
  nax_index n_index = places->offset[places->n];
  NAX_TRY_ALLOC(index, n_index, sizeof *index);
  NAX_TRY_ALLOC(offset, places->n + 1, sizeof *offset);
  for (nax_index k = 0, end; k < places->n; k = end) {
    nax_index low = length(&w, 0), high = 0;
    reach(places, k, &low, &high);
    for (end = k + 1; end < places->n; end++) {
      nax_index lower = low, higher = high;
      reach(places, end, &lower, &higher);
      if (higher - lower >= most) {
        break;
      }
      low = lower;
      high = higher;
    }
    for (nax_index i = k; i <= end; i++) {
      offset[i - k] = places->offset[i] - places->offset[k];
    }
    for (nax_index i = 0; i < offset[end - k]; i++) {
      index[i] = places->index[places->offset[k] + i] - low;
    }
    const nax_rdm_places some = {offset, index, end - k};
    NAX_TRY(window_read(ctx, __func__, &w, 0, low, high - low + 1, &v));
    NAX_TRY(nax_rdm_searchlight(ctx, &v, condition, fold, NULL, &some, opts, &part));
    NAX_TRY(append(ctx, __func__, part, places->n, k, &all));
    nax_rdms_free(part);
    part = NULL;
  }
  NAX_TRY(nax_i_rdms_number(ctx, all, "place", 1.0));
  *out = all;
  all = NULL;
done:
  nax_rdms_free(all);
  nax_rdms_free(part);
  nax_i_free(index);
  nax_i_free(offset);
  nax_i_free(w.data);
  return status;
}
