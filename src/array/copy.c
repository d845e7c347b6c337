/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying strided views to dense memory: in tiles, so that a transposition reads and
 * writes whole cache lines, and in parallel over fixed blocks of tiles. */
#include "array_i.h"

enum {
  BLOCK = 1 << 16, /* elements of one parallel block, about */
  TILE_TO = 16,    /* transposition: two cache lines of doubles to write ... */
  TILE_FROM = 64   /* ... and eight to read */
};

typedef struct copy_job {
  const void *src;
  void *dst;
  nax_dtype from, to;
  int32_t ndim;
  nax_index dim[NAX_MAX_NDIM], in[NAX_MAX_NDIM], out[NAX_MAX_NDIM]; /* strides */
  int32_t g;        /* second axis of a tile, beside axis 0; -1 when there is none */
  nax_index t0, tg; /* tile */
  nax_index n0, ng; /* tiles along the two axes */
  nax_index tiles, group; /* all tiles, tiles of one block */
} copy_job;

static void
copy_row(const copy_job *c, nax_index n, nax_index at, nax_index to)
{
  nax_index s = c->in[0];
  if (c->from == NAX_F64 && c->to == NAX_F64) {
    const double *x = (const double *)c->src + at;
    double *y = (double *)c->dst + to;
    if (s == 1) {
      memcpy(y, x, (size_t)n * sizeof *y);
      return;
    }
    for (nax_index i = 0; i < n; i++) {
      y[i] = x[i * s];
    }
  } else if (c->from == NAX_F64) {
    const double *x = (const double *)c->src + at;
    float *y = (float *)c->dst + to;
    for (nax_index i = 0; i < n; i++) {
      y[i] = (float)x[i * s];
    }
  } else if (c->to == NAX_F64) {
    const float *x = (const float *)c->src + at;
    double *y = (double *)c->dst + to;
    for (nax_index i = 0; i < n; i++) {
      y[i] = (double)x[i * s];
    }
  } else {
    const float *x = (const float *)c->src + at;
    float *y = (float *)c->dst + to;
    if (s == 1) {
      memcpy(y, x, (size_t)n * sizeof *y);
      return;
    }
    for (nax_index i = 0; i < n; i++) {
      y[i] = x[i * s];
    }
  }
}

static nax_index
smaller(nax_index a, nax_index b)
{
  return a < b ? a : b;
}

static nax_status
copy_tiles(int64_t block, void *arg)
{
  const copy_job *c = arg;
  nax_index end = smaller(c->tiles, (block + 1) * c->group);
  for (nax_index t = block * c->group; t < end; t++) {
    nax_index i0 = t % c->n0 * c->t0, rest = t / c->n0, ig = 0;
    nax_index at = i0 * c->in[0], to = i0;
    if (c->g > 0) {
      ig = rest % c->ng * c->tg;
      rest /= c->ng;
      at += ig * c->in[c->g];
      to += ig * c->out[c->g];
    }
    for (int32_t k = 1; k < c->ndim; k++) {
      if (k != c->g) {
        nax_index i = rest % c->dim[k];
        rest /= c->dim[k];
        at += i * c->in[k];
        to += i * c->out[k];
      }
    }
    nax_index rows = c->g > 0 ? smaller(c->tg, c->dim[c->g] - ig) : 1;
    nax_index n = smaller(c->t0, c->dim[0] - i0);
    for (nax_index r = 0; r < rows; r++) {
      copy_row(c, n, at, to);
      at += c->g > 0 ? c->in[c->g] : 0;
      to += c->g > 0 ? c->out[c->g] : 0;
    }
  }
  return NAX_OK;
}

/* Axes of length 1 do not matter, and axes that follow each other in memory are one. */
static void
simplify(copy_job *c, const nax_view *v)
{
  for (int32_t k = 0; k < v->ndim; k++) {
    int32_t last = c->ndim - 1;
    if (v->dim[k] == 1) {
      continue;
    }
    if (last >= 0 && v->stride[k] == c->in[last] * c->dim[last]) {
      c->dim[last] *= v->dim[k];
      continue;
    }
    c->dim[c->ndim] = v->dim[k];
    c->in[c->ndim] = v->stride[k];
    c->ndim++;
  }
  if (c->ndim == 0) {
    c->dim[0] = 1;
    c->in[0] = 1;
    c->ndim = 1;
  }
  c->out[0] = 1;
  for (int32_t k = 1; k < c->ndim; k++) {
    c->out[k] = c->out[k - 1] * c->dim[k - 1];
  }
}

nax_status
nax_i_view_copy(nax_ctx *ctx, const nax_view *v, nax_dtype dtype, void *dst)
{
  nax_index size = nax_view_size(v);
  if (size == 0) {
    return NAX_OK;
  }
  copy_job c = {.src = v->data, .dst = dst, .from = v->dtype, .to = dtype, .g = -1};
  simplify(&c, v);
  int32_t fast = 0; /* axis along which the source lies closest together */
  for (int32_t k = 1; k < c.ndim; k++) {
    fast = c.in[k] < c.in[fast] ? k : fast;
  }
  if (fast > 0) {
    c.g = fast;
    c.t0 = TILE_TO;
    c.tg = TILE_FROM;
  } else {
    c.g = c.ndim > 1 ? 1 : -1;
    c.t0 = smaller(c.dim[0], BLOCK);
    c.tg = BLOCK / c.t0;
  }
  c.n0 = nax_i_n_blocks(c.dim[0], c.t0);
  c.ng = c.g > 0 ? nax_i_n_blocks(c.dim[c.g], c.tg) : 1;
  c.tiles = c.n0 * c.ng;
  for (int32_t k = 1; k < c.ndim; k++) {
    c.tiles *= k != c.g ? c.dim[k] : 1;
  }
  c.group = BLOCK / (c.t0 * c.tg);
  c.group = c.group > 0 ? c.group : 1;
  nax_index blocks = nax_i_n_blocks(c.tiles, c.group);
  return nax_i_parallel(blocks > 1 ? ctx : NULL, NULL, blocks, copy_tiles, &c);
}

nax_status
nax_view_copy_to(nax_ctx *ctx, const nax_view *v, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  nax_index size = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(dtype == NAX_F64 || dtype == NAX_F32, NAX_ETYPE,
              "dtype must be float64 or float32, got %s", nax_dtype_name(dtype));
  NAX_REQUIRE(v->dtype == NAX_F64 || v->dtype == NAX_F32, NAX_ETYPE,
              "the view must hold float64 or float32, got %s", nax_dtype_name(v->dtype));
  NAX_REQUIRE(v->ndim >= 1 && v->ndim <= NAX_MAX_NDIM, NAX_EDIM,
              "a view has 1 to %d axes, got %d", NAX_MAX_NDIM, (int)v->ndim);
  NAX_REQUIRE(nax_i_size_product(v->ndim, v->dim, nax_dtype_size(dtype), &size),
              NAX_EOVERFLOW, "the view has more elements than memory has addresses");
  NAX_REQUIRE(size == 0 || (v->data != NULL && dst != NULL), NAX_EINVAL, "`%s` is NULL",
              dst == NULL ? "dst" : "data");
  NAX_TRY(nax_i_view_copy(ctx, v, dtype, dst));
done:
  return status;
}
