/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What values a view holds: missing, infinite, smallest, largest, mean, spread. */
#include "array_i.h"
#include <math.h>

enum { GRAIN = 1 << 16 };

typedef struct part {
  nax_index n_nan, n_inf, first_nan, first_inf;
  double min, max, sum, ss; /* of finite values; ss about the part's own mean */
} part;

typedef struct summary_job {
  nax_view v; /* of any strides */
  nax_index size;
  part *parts;
} summary_job;

/* Elements from `first` on, in column-major order, as doubles. */
static void
fetch(const nax_view *v, nax_index first, nax_index n, double *out)
{
  nax_index index[NAX_MAX_NDIM], rest = first, at = 0;
  for (int32_t k = 0; k < v->ndim; k++) {
    index[k] = rest % v->dim[k];
    rest /= v->dim[k];
    at += index[k] * v->stride[k];
  }
  const double *d = v->data;
  const float *f = v->data;
  for (nax_index i = 0; i < n; i++) {
    out[i] = v->dtype == NAX_F64 ? d[at] : (double)f[at];
    at += v->stride[0];
    for (int32_t k = 0; ++index[k] == v->dim[k] && k + 1 < v->ndim; k++) {
      at += v->stride[k + 1] - v->stride[k] * v->dim[k];
      index[k] = 0;
    }
  }
}

static void
summarise_chunk(const double *x, nax_index n, nax_index first, part *p, double *kept,
                nax_index *n_kept)
{
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(x[i])) {
      p->min = x[i] < p->min ? x[i] : p->min;
      p->max = x[i] > p->max ? x[i] : p->max;
      kept[(*n_kept)++] = x[i];
    } else if (isnan(x[i])) {
      p->first_nan = p->n_nan++ == 0 ? first + i : p->first_nan;
    } else {
      p->first_inf = p->n_inf++ == 0 ? first + i : p->first_inf;
    }
  }
}

static nax_status
summarise_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const summary_job *j = arg;
  double *kept = NULL, chunk[256];
  part p = {0, 0, -1, -1, INFINITY, -INFINITY, 0.0, 0.0};
  nax_index from = block * GRAIN, n_kept = 0;
  nax_index n = j->size - from < GRAIN ? j->size - from : GRAIN;
  NAX_TRY_ALLOC(kept, n, sizeof *kept);
  for (nax_index i = 0; i < n; i += 256) {
    nax_index m = n - i < 256 ? n - i : 256;
    fetch(&j->v, from + i, m, chunk);
    summarise_chunk(chunk, m, from + i, &p, kept, &n_kept);
  }
  p.sum = nax_i_sum(kept, n_kept);
  double mean = n_kept > 0 ? p.sum / (double)n_kept : 0.0;
  for (nax_index i = 0; i < n_kept; i++) {
    kept[i] = (kept[i] - mean) * (kept[i] - mean);
  }
  p.ss = nax_i_sum(kept, n_kept);
  j->parts[block] = p;
done:
  nax_i_free(kept);
  return status;
}

nax_status
nax_i_view_summary(nax_ctx *ctx, const char *fn, const nax_view *v, nax_summary *out)
{
  nax_status status = NAX_OK;
  summary_job j = {.v = *v, .size = nax_view_size(v)};
  nax_index blocks = nax_i_n_blocks(j.size, GRAIN), n = 0;
  nax_summary s = {j.size, 0, 0, 0, -1, -1, NAN, NAN, NAN, NAN};
  if (v->ndim < 1 || v->ndim > NAX_MAX_NDIM || (j.size > 0 && v->data == NULL)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "the view holds nothing");
  }
  if (v->dtype != NAX_F64 && v->dtype != NAX_F32) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "the view must hold float64 or float32, got %s",
                      nax_dtype_name(v->dtype));
  }
  NAX_TRY_ALLOC(j.parts, blocks, sizeof *j.parts);
  NAX_TRY(nax_i_parallel(ctx, NULL, blocks, summarise_block, &j));
  double mean = 0.0, ss = 0.0;
  for (nax_index b = 0; b < blocks; b++) {
    const part *p = &j.parts[b];
    nax_index size = j.size - b * GRAIN < GRAIN ? j.size - b * GRAIN : GRAIN;
    nax_index m = size - p->n_nan - p->n_inf;
    s.first_nan = s.n_nan == 0 ? p->first_nan : s.first_nan;
    s.first_inf = s.n_inf == 0 ? p->first_inf : s.first_inf;
    s.n_nan += p->n_nan;
    s.n_inf += p->n_inf;
    if (m == 0) {
      continue;
    }
    s.min = n == 0 || p->min < s.min ? p->min : s.min;
    s.max = n == 0 || p->max > s.max ? p->max : s.max;
    /* Chan's update keeps the sum of squares exact to rounding whatever the offset */
    double delta = p->sum / (double)m - mean, share = (double)m / (double)(n + m);
    mean += delta * share;
    ss += p->ss + delta * delta * (double)n * share;
    n += m;
  }
  s.n_finite = n;
  s.mean = n > 0 ? mean : (double)NAN;
  s.sd = n > 1 ? sqrt(ss / (double)(n - 1)) : (double)NAN;
  *out = s;
done:
  nax_i_free(j.parts);
  return status;
}

nax_status
nax_view_summary(nax_ctx *ctx, const nax_view *v, nax_summary *out)
{
  nax_i_begin(ctx);
  return nax_i_view_summary(ctx, __func__, v, out);
}

nax_status
nax_i_view_finite(nax_ctx *ctx, const char *fn, const char *arg, const nax_view *v)
{
  nax_summary s;
  nax_status status = nax_i_view_summary(ctx, fn, v, &s);
  if (status != NAX_OK || s.n_finite == s.n) {
    return status;
  }
  int nan_first = s.n_nan > 0 && (s.n_inf == 0 || s.first_nan < s.first_inf);
  nax_index rest = nan_first ? s.first_nan : s.first_inf;
  char at[256];
  int len = 0;
  for (int32_t k = 0; k < v->ndim; k++) {
    nax_index i = rest % v->dim[k];
    rest /= v->dim[k];
    if (len < (int)sizeof at) {
      len += nax_i_snprintf(at + len, sizeof at - (size_t)len, "%s%s%s%lld",
                            k > 0 ? ", " : "", v->name[k] ? v->name[k] : "",
                            v->name[k] ? " " : "", (long long)i);
    }
  }
  return nax_i_fail(ctx, NAX_EDATA, fn,
                    "`%s` has %lld missing and %lld infinite values, expected none; the "
                    "first stands at (%s)",
                    arg, (long long)s.n_nan, (long long)s.n_inf, at);
}
