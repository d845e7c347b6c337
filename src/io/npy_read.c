/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of a .npy: any axis order, read in runs along the file's fastest axis. */
#define _POSIX_C_SOURCE 200809L
#include "npy_i.h"
#include <unistd.h>

enum { BUFFER_BYTES = 8 << 20 };

static nax_status
read_fd(nax_ctx *ctx, nax_i_bytes *b, uint64_t at, void *dst, size_t n)
{
  return nax_i_pread(ctx, b->path, b->fd, at, dst, n);
}

nax_status
nax_i_bytes_open(nax_ctx *ctx, const char *path, nax_i_bytes *b)
{
  *b = (nax_i_bytes){path, "", 0, 0, read_fd, -1, NULL};
  return nax_i_open_regular(ctx, path, &b->fd, &b->size);
}

void
nax_i_bytes_close(nax_i_bytes *b)
{
  if (b->read == read_fd && b->fd >= 0) {
    close(b->fd);
  }
  b->read = NULL;
  b->fd = -1;
}

/* Reading with a little look-ahead, so that many short runs close to each other do not
 * become as many calls. Every byte is read once as long as the offsets ascend. */
typedef struct window {
  unsigned char *data;
  uint64_t at; /* offset of data[0] */
  size_t n;    /* bytes that are valid */
  uint64_t last;
} window;

enum { WINDOW_BYTES = 1 << 18, NEAR_BYTES = 1 << 15 };

static nax_status
fetch(nax_ctx *ctx, nax_i_bytes *b, window *w, const nax_i_npy *h, nax_index first,
      nax_index n, void *raw)
{
  nax_status status = NAX_OK;
  size_t size = nax_dtype_size(h->dtype), want = (size_t)n * size, got = 0;
  uint64_t at = h->data_at + (uint64_t)first * size;
  if (w->n > 0 && at >= w->at && at < w->at + w->n) {
    size_t skip = (size_t)(at - w->at);
    got = w->n - skip < want ? w->n - skip : want;
    memcpy(raw, w->data + skip, got);
  }
  if (got < want) {
    uint64_t end = h->data_at + (uint64_t)h->n * size;
    int near = at >= w->last && at - w->last < NEAR_BYTES && want - got < NEAR_BYTES;
    if (near && w->data == NULL) {
      NAX_TRY_ALLOC(w->data, WINDOW_BYTES, 1);
    }
    if (near) {
      w->at = at + got;
      size_t ahead = end - w->at < WINDOW_BYTES ? (size_t)(end - w->at) : WINDOW_BYTES;
      w->n = 0;
      NAX_TRY(b->read(ctx, b, w->at, w->data, ahead));
      w->n = ahead;
      memcpy((char *)raw + got, w->data, want - got);
    } else {
      NAX_TRY(b->read(ctx, b, at + got, (char *)raw + got, want - got));
    }
  }
  w->last = at;
  if (h->swap) {
    nax_i_swap_bytes(raw, n, size);
  }
done:
  return status;
}

nax_status
nax_i_npy_values(nax_ctx *ctx, nax_i_bytes *b, const nax_i_npy *h, const char *what,
                 nax_index first, nax_index n, double *dst)
{
  nax_status status = NAX_OK;
  void *raw = NULL;
  window w = {0};
  nax_index most = BUFFER_BYTES / (nax_index)nax_dtype_size(h->dtype);
  if (n == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(raw, n < most ? n : most, nax_dtype_size(h->dtype));
  for (nax_index i = 0; i < n; i += most) {
    nax_index k = n - i < most ? n - i : most;
    NAX_TRY(fetch(ctx, b, &w, h, first + i, k, raw));
    NAX_TRY(nax_i_check_i64(ctx, b->path, what, h->dtype, raw, k, first + i));
    NAX_TRY(
        nax_i_convert(ctx, b->path, what, h->dtype, raw, k, 1.0, 0.0, NAX_F64, dst, i));
  }
done:
  nax_i_free(raw);
  nax_i_free(w.data);
  return status;
}

/* One axis of the block after neighbours that are contiguous in both places were merged:
 * length and strides, in elements, in the file and in memory. */
typedef struct span {
  nax_index count, file, mem;
  int picked; /* positions come from pick[] */
} span;

typedef struct plan {
  span axis[NAX_MAX_NDIM + 1];
  int32_t n;
  int32_t run; /* axis along which is read */
  int32_t row; /* another axis, the fastest in memory: runs are turned; -1: one by one */
  nax_index base;
} plan;

static plan
make_plan(const nax_i_bytes *b, const nax_i_npy *h, const int32_t *order,
          const nax_index *pick, const nax_index *start, const nax_index *count)
{
  plan p = {.n = 0, .run = -1, .row = -1, .base = 0};
  nax_index of_file[NAX_MAX_NDIM], stride = 1, mem = 1;
  for (int32_t i = 0; i < h->ndim; i++) {
    int32_t axis = h->fortran ? i : h->ndim - 1 - i;
    of_file[axis] = stride;
    stride *= h->dim[axis];
  }
  for (int32_t k = 0; k < h->ndim; k++) {
    span s = {count[k], of_file[order[k]], mem, k == 0 && pick != NULL && count[k] > 1};
    mem *= count[k];
    if (!s.picked) {
      p.base += (k == 0 && pick != NULL ? pick[start[k]] : start[k]) * s.file;
    }
    span *last = p.n > 0 ? &p.axis[p.n - 1] : NULL;
    if (s.count == 1) {
      continue;
    }
    if (last != NULL && !last->picked && s.file == last->file * last->count) {
      last->count *= s.count;
    } else {
      p.axis[p.n++] = s;
    }
  }
  for (int32_t k = 0; k < p.n; k++) {
    if (!p.axis[k].picked && (p.run < 0 || p.axis[k].file < p.axis[p.run].file)) {
      p.run = k;
    }
  }
  if (p.run < 0) { /* one element, or picked ones only */
    p.run = p.n;
    p.axis[p.n++] = (span){1, 1, 1, 0};
  }
  /* Turning pays for long runs, and must not make a stream go back. */
  const span *run = &p.axis[p.run];
  int turn = p.run != 0 && p.axis[0].mem == 1;
  for (int32_t k = 1; k < p.n; k++) {
    int between = k != p.run && p.axis[k].file < p.axis[0].file;
    int is_short = run->count * (nax_index)nax_dtype_size(h->dtype) < 4096;
    turn = turn && !(between && (b->forward || is_short));
  }
  p.row = turn ? 0 : -1;
  return p;
}

/* Move `rows` runs of `cols` converted elements (run after run) to memory in which rows
 * are neighbours and columns `stride` apart, in tiles that stay in the cache. */
static void
scatter(nax_dtype dtype, const void *src, nax_index rows, nax_index cols, void *dst,
        nax_index to, nax_index stride)
{
  enum { TILE = 32 };
  for (nax_index c0 = 0; c0 < cols; c0 += TILE) {
    nax_index c1 = c0 + TILE < cols ? c0 + TILE : cols;
    for (nax_index r0 = 0; r0 < rows; r0 += TILE) {
      nax_index r1 = r0 + TILE < rows ? r0 + TILE : rows;
      for (nax_index c = c0; c < c1; c++) {
        if (dtype == NAX_F64) {
          double *d = (double *)dst + to + c * stride;
          for (nax_index r = r0; r < r1; r++) {
            d[r] = ((const double *)src)[r * cols + c];
          }
        } else {
          float *d = (float *)dst + to + c * stride;
          for (nax_index r = r0; r < r1; r++) {
            d[r] = ((const float *)src)[r * cols + c];
          }
        }
      }
    }
  }
}

/* Next combination of the axes that are neither run nor row, in the file's order. */
static int
advance(const plan *p, nax_index *at)
{
  int done[NAX_MAX_NDIM + 1] = {0};
  for (;;) {
    int32_t k = -1;
    for (int32_t i = 0; i < p->n; i++) {
      int free_axis = i != p->run && i != p->row && !done[i];
      if (free_axis && (k < 0 || p->axis[i].file < p->axis[k].file)) {
        k = i;
      }
    }
    if (k < 0) {
      return 0;
    }
    if (++at[k] < p->axis[k].count) {
      return 1;
    }
    at[k] = 0;
    done[k] = 1;
  }
}

/* `n` elements along the run axis from element `first` of the file on. */
static nax_status
fetch_run(nax_ctx *ctx, nax_i_bytes *b, window *w, const nax_i_npy *h, nax_index first,
          nax_index step, nax_index n, void *raw)
{
  if (step == 1) {
    return fetch(ctx, b, w, h, first, n, raw);
  }
  nax_status status = NAX_OK;
  size_t size = nax_dtype_size(h->dtype);
  for (nax_index i = 0; i < n && status == NAX_OK; i++) {
    status = fetch(ctx, b, w, h, first + i * step, 1, (char *)raw + (size_t)i * size);
  }
  return status;
}

nax_status
nax_i_npy_read(nax_ctx *ctx, nax_i_bytes *b, const nax_i_npy *h, const char *what,
               const int32_t *order, const nax_index *pick, const nax_index *start,
               const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  void *raw = NULL, *turned = NULL;
  window w = {0};
  size_t size = nax_dtype_size(h->dtype);
  for (int32_t k = 0; k < h->ndim; k++) {
    if (count[k] == 0) {
      return NAX_OK;
    }
  }
  plan p = make_plan(b, h, order, pick, start, count);
  const span *run = &p.axis[p.run];
  nax_index cols = run->count, rows = p.row < 0 ? 1 : p.axis[p.row].count;
  /* At least eight rows at a time keep whole cache lines busy on the writing side; a
   * stream that cannot go back takes whole runs instead. */
  nax_index room = BUFFER_BYTES / 8;
  nax_index wide = rows > 8 && !b->forward ? room / 8 : room;
  wide = cols < wide ? cols : wide;
  nax_index high = b->forward && wide < cols ? 1 : room / wide;
  high = rows < high ? rows : high;
  NAX_TRY_ALLOC(raw, wide * high, size);
  NAX_TRY_ALLOC(turned, wide * high, nax_dtype_size(dtype));
  nax_index at[NAX_MAX_NDIM + 1] = {0};
  do {
    nax_index from = p.base, to = 0;
    for (int32_t k = 0; k < p.n; k++) {
      if (k != p.row) {
        from += (p.axis[k].picked ? pick[start[0] + at[k]] : at[k]) * p.axis[k].file;
      }
      to += at[k] * p.axis[k].mem;
    }
    for (nax_index r0 = 0; r0 < rows; r0 += high) {
      nax_index nr = rows - r0 < high ? rows - r0 : high;
      for (nax_index c0 = 0; c0 < cols; c0 += wide) {
        nax_index nc = cols - c0 < wide ? cols - c0 : wide;
        for (nax_index r = 0; r < nr; r++) {
          nax_index first = from + c0 * run->file;
          if (p.row >= 0) {
            nax_index i = p.axis[p.row].picked ? pick[start[0] + r0 + r] : r0 + r;
            first += i * p.axis[p.row].file;
          }
          NAX_TRY(fetch_run(ctx, b, &w, h, first, run->file, nc,
                            (char *)raw + (size_t)(r * nc) * size));
        }
        nax_index put = to + r0 + c0 * run->mem;
        if (p.row < 0 && run->mem == 1) {
          NAX_TRY(nax_i_convert(ctx, b->path, what, h->dtype, raw, nc, 1.0, 0.0, dtype,
                                dst, put));
        } else {
          NAX_TRY(nax_i_convert(ctx, b->path, what, h->dtype, raw, nr * nc, 1.0, 0.0,
                                dtype, turned, 0));
          scatter(dtype, turned, nr, nc, dst, put, run->mem);
        }
      }
    }
  } while (advance(&p, at));
done:
  nax_i_free(raw);
  nax_i_free(turned);
  nax_i_free(w.data);
  return status;
}

nax_status
nax_i_npy_open_vector(nax_ctx *ctx, nax_source *s, const char *dir, const char *name,
                      char **path, nax_i_bytes *b, nax_i_npy *h)
{
  nax_status status = NAX_OK;
  int32_t long_axes = 0;
  b->read = NULL;
  b->fd = -1;
  *path = nax_i_join(dir, name);
  NAX_REQUIRE(*path != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_i_bytes_open(ctx, *path, b));
  NAX_TRY(nax_i_npy_header(ctx, s, b, h));
  for (int32_t k = 0; k < h->ndim; k++) {
    long_axes += h->dim[k] != 1;
  }
  NAX_REQUIRE_FILE(h->ndim >= 1 && h->ndim <= 2 && long_axes <= 1, NAX_EFORMAT, *path,
                   "is not a vector (found shape %s, expected (n,) or (n, 1))", h->shape);
done:
  if (status != NAX_OK) {
    nax_i_bytes_close(b);
  }
  return status;
}
