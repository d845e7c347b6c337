/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and text of MATLAB variables, read through matio. */
#include "hdf5_i.h"
#include "mat_tree_i.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_TEXT = 2000 /* characters of an attribute */ };

/* ------------------------------------------------------------- asking matio's tree */

int64_t
nax_i_mat_length(const matvar_t *v)
{
  int64_t n = 1;
  for (int k = 0; k < v->rank; k++) {
    if (v->dims == NULL || v->dims[k] > INT_MAX ||
        __builtin_mul_overflow(n, (int64_t)v->dims[k], &n)) {
      return -1;
    }
  }
  return v->rank > 0 ? n : 0;
}

nax_dtype
nax_i_mat_dtype(const matvar_t *v)
{
  switch (v->class_type) {
  case MAT_C_DOUBLE:
  case MAT_C_SPARSE:
    return NAX_F64;
  case MAT_C_SINGLE:
    return NAX_F32;
  case MAT_C_INT8:
    return NAX_I8;
  case MAT_C_UINT8:
    return v->isLogical ? NAX_BOOL : NAX_U8;
  case MAT_C_INT16:
    return NAX_I16;
  case MAT_C_UINT16:
    return NAX_U16;
  case MAT_C_INT32:
    return NAX_I32;
  case MAT_C_UINT32:
    return NAX_U32;
  case MAT_C_INT64:
    return NAX_I64;
  case MAT_C_UINT64:
    return NAX_U64;
  case MAT_C_EMPTY:
  case MAT_C_CELL:
  case MAT_C_STRUCT:
  case MAT_C_OBJECT:
  case MAT_C_CHAR:
  case MAT_C_FUNCTION:
  case MAT_C_OPAQUE:
    break;
  }
  return NAX_TEXT;
}

/* Numbers that matio reads in blocks. */
int
nax_i_mat_is_dense(const matvar_t *v)
{
  return v != NULL && v->internal != NULL && v->class_type != MAT_C_SPARSE &&
         nax_i_mat_dtype(v) != NAX_TEXT && v->rank >= 2 && v->rank <= NAX_MAX_NDIM &&
         nax_i_mat_length(v) >= 0;
}

int
nax_i_mat_is_vector(const matvar_t *v)
{
  return nax_i_mat_is_dense(v) && !v->isComplex && v->rank == 2 &&
         (v->dims[0] <= 1 || v->dims[1] <= 1);
}

/* An element of a cell array of vectors; an empty one counts. */
static int
is_vector_or_empty(const matvar_t *v)
{
  return v == NULL || v->class_type == MAT_C_EMPTY || v->rank == 0 ||
         (nax_i_mat_length(v) == 0 && nax_i_mat_dtype(v) != NAX_TEXT) ||
         nax_i_mat_is_vector(v);
}

matvar_t **
nax_i_mat_children(const matvar_t *v)
{
  return v->data;
}

int
nax_i_mat_is_cell_of_vectors(const matvar_t *v)
{
  if (v == NULL || v->class_type != MAT_C_CELL || v->data == NULL) {
    return 0;
  }
  int64_t n = nax_i_mat_length(v), filled = 0;
  for (int64_t i = 0; i < n; i++) {
    const matvar_t *c = nax_i_mat_children(v)[i];
    if (!is_vector_or_empty(c)) {
      return 0;
    }
    filled += nax_i_mat_is_dense(c) && nax_i_mat_length(c) > 0;
  }
  return filled > 0;
}

/* Field of element `at` of a struct array, NULL when there is none. */
matvar_t *
nax_i_mat_field(const matvar_t *parent, int64_t at, const char *name)
{
  char *const *names = Mat_VarGetStructFieldnames(parent);
  unsigned n = Mat_VarGetNumberOfFields((matvar_t *)(uintptr_t)parent);
  for (unsigned k = 0; names != NULL && parent->data != NULL && k < n; k++) {
    if (names[k] != NULL && strcmp(names[k], name) == 0) {
      return nax_i_mat_children(parent)[at * n + k];
    }
  }
  return NULL;
}

/* ----------------------------------------------------------------- reading numbers */

void
nax_i_mat_enter(nax_i_mat_state *st)
{
  if (st->level == NAX_I_MAT_73) {
    nax_i_hdf5_lock();
    st->locked = 1;
  }
}

void
nax_i_mat_leave(nax_i_mat_state *st)
{
  if (st->locked) {
    st->locked = 0;
    nax_i_hdf5_unlock();
  }
}

/* Have all of variable `top` in the image. matio's file buffer may still hold what was
 * there before, so it gets the image afresh; its tree of variables only knows offsets
 * and stays. */
static nax_status
need(nax_ctx *ctx, const nax_source *s, int32_t top)
{
  nax_status status = NAX_OK;
  nax_i_mat_state *st = s->state;
  char path[64];
  if (st->image.image < 0 || st->image.part[top].filled) {
    return NAX_OK;
  }
  NAX_TRY(nax_i_mat_image_fill(ctx, s->path, &st->image, top));
  snprintf(path, sizeof path, NAX_I_MAT_BY_NUMBER, st->image.image);
  mat_t *again = Mat_Open(path, MAT_ACC_RDONLY);
  NAX_REQUIRE_FILE(again != NULL, NAX_EIO, s->path, "its unpacked copy cannot be opened");
  Mat_Close(st->mat);
  st->mat = again;
done:
  return status;
}

/* Runs of neighbours, as long as they come: whole axes and a range of the next one. */
static int
read_runs(mat_t *mat, matvar_t *v, const nax_index *start, const nax_index *count,
          char *buf, size_t size)
{
  nax_index run = 1, n = 1, at[NAX_MAX_NDIM] = {0}, stride[NAX_MAX_NDIM];
  int rank = v->rank, first = 0;
  for (int k = 0; k < rank; k++) {
    stride[k] = k == 0 ? 1 : stride[k - 1] * (nax_index)v->dims[k - 1];
    n *= count[k];
  }
  for (int whole = 1; first < rank && whole; first++) {
    run *= count[first];
    whole = count[first] == (nax_index)v->dims[first];
  }
  for (nax_index done = 0; done < n; done += run) {
    nax_index from = 0;
    for (int k = 0; k < rank; k++) {
      from += (start[k] + at[k]) * stride[k];
    }
    int err =
        Mat_VarReadDataLinear(mat, v, buf + (size_t)done * size, (int)from, 1, (int)run);
    if (err != 0) {
      return err;
    }
    for (int k = first; k < rank && ++at[k] == count[k]; k++) {
      at[k] = 0;
    }
  }
  return 0;
}

/* Block start[], count[] (file axes) of a dense array into buf, in the file's order. */
static nax_status
read_block(nax_ctx *ctx, const nax_source *s, const nax_i_mat_place *p, const char *name,
           const nax_index *start, const nax_index *count, void *buf)
{
  nax_i_mat_state *st = s->state;
  matvar_t *v = p->v;
  int from[NAX_MAX_NDIM], stride[NAX_MAX_NDIM], edge[NAX_MAX_NDIM], err;
  nax_status status = need(ctx, s, p->top);
  if (status != NAX_OK) {
    return status;
  }
  for (int k = 0; k < v->rank; k++) {
    from[k] = (int)start[k];
    edge[k] = (int)count[k];
    stride[k] = 1;
  }
  if (st->level != NAX_I_MAT_73 && nax_i_mat_length(v) < INT_MAX) {
    err = read_runs(st->mat, v, start, count, buf, nax_dtype_size(nax_i_mat_dtype(v)));
  } else {
    err = Mat_VarReadData(st->mat, v, buf, from, stride, edge);
  }
  if (err != 0) {
    return nax_i_fail_file(ctx, NAX_EFORMAT, s->path,
                           "%s: its data cannot be read (matio error %d)", name, err);
  }
  return NAX_OK;
}

/* All numbers of a dense array as doubles, in fresh memory. */
nax_status
nax_i_mat_read_all(nax_ctx *ctx, const nax_source *s, matvar_t *v, int32_t top,
                   const char *name, double *out)
{
  nax_status status = NAX_OK;
  void *buf = NULL;
  nax_i_mat_place p = {.v = v, .top = top};
  nax_index start[NAX_MAX_NDIM] = {0}, count[NAX_MAX_NDIM], n = nax_i_mat_length(v);
  for (int k = 0; k < v->rank; k++) {
    count[k] = (nax_index)v->dims[k];
  }
  NAX_TRY_ALLOC(buf, n, nax_dtype_size(nax_i_mat_dtype(v)));
  NAX_TRY(read_block(ctx, s, &p, name, start, count, buf));
  NAX_TRY(nax_i_convert(ctx, s->path, name, nax_i_mat_dtype(v), buf, n, 1.0, 0.0, NAX_F64,
                        out, 0));
done:
  nax_i_free(buf);
  return status;
}

/* Text of a row of characters as UTF-8 in fresh memory; NULL when it is anything else. */
char *
nax_i_mat_read_text(nax_ctx *ctx, nax_source *s, matvar_t *v, int32_t top)
{
  nax_i_mat_state *st = s->state;
  nax_i_buf b = {0};
  int64_t n = nax_i_mat_length(v);
  if (v->internal == NULL || n < 0 || n > MAX_TEXT || (n > 0 && v->dims[0] != 1) ||
      need(ctx, s, top) != NAX_OK ||
      (v->data == NULL && Mat_VarReadDataAll(st->mat, v) != 0)) {
    return NULL;
  }
  nax_i_buf_add(&b, "", 0);
  size_t width = v->data_type == MAT_T_UINT16 || v->data_type == MAT_T_UTF16   ? 2
                 : v->data_type == MAT_T_UINT32 || v->data_type == MAT_T_UTF32 ? 4
                                                                               : 1;
  for (size_t i = 0; v->data != NULL && i < v->nbytes / width; i++) {
    const unsigned char *p = (const unsigned char *)v->data + i * width;
    uint16_t wide = 0;
    uint32_t c = p[0];
    if (width == 2) {
      memcpy(&wide, p, 2);
      c = wide;
    } else if (width == 4) {
      memcpy(&c, p, 4);
    }
    char utf8[4] = {(char)c, 0, 0, 0};
    size_t k = 1;
    if (width > 1 && c >= 0x80 && c < 0x800) {
      utf8[0] = (char)(0xc0 | c >> 6);
      utf8[1] = (char)(0x80 | (c & 0x3f));
      k = 2;
    } else if (width > 1 && c >= 0x800) {
      c = c < 0x10000 ? c : 0xfffd;
      utf8[0] = (char)(0xe0 | c >> 12);
      utf8[1] = (char)(0x80 | (c >> 6 & 0x3f));
      utf8[2] = (char)(0x80 | (c & 0x3f));
      k = 3;
    }
    if (c != 0) {
      nax_i_buf_add(&b, utf8, k);
    }
  }
  if (b.failed) {
    nax_i_buf_free(&b);
  }
  return b.data;
}

/* ------------------------------------------------------------------------- reading */

/* The block of a sparse matrix, of which matio reads everything. */
static nax_status
read_sparse(nax_ctx *ctx, nax_source *s, const nax_i_mat_place *p, const char *name,
            const nax_index *start, const nax_index *count, double *out)
{
  nax_status status = NAX_OK;
  nax_i_mat_state *st = s->state;
  matvar_t *v = p->v;
  NAX_TRY(need(ctx, s, p->top));
  if (v->data == NULL && Mat_VarReadDataAll(st->mat, v) != 0) {
    v->data = NULL;
  }
  const mat_sparse_t *m = v->data;
  NAX_REQUIRE_FILE(m != NULL && m->ir != NULL && m->jc != NULL && m->data != NULL &&
                       m->njc == v->dims[1] + 1 && v->data_type == MAT_T_DOUBLE,
                   NAX_EFORMAT, s->path, "%s: its sparse data cannot be read", name);
  memset(out, 0, (size_t)(count[0] * count[1]) * sizeof *out);
  for (nax_index j = start[1]; j < start[1] + count[1]; j++) {
    uint32_t from = m->jc[j], to = m->jc[j + 1];
    NAX_REQUIRE_FILE(from <= to && to <= m->nir && to <= m->ndata, NAX_EFORMAT, s->path,
                     "%s: column %lld of the sparse matrix has values %u to %u (found "
                     "%u values)",
                     name, (long long)j + 1, (unsigned)from, (unsigned)to,
                     (unsigned)m->ndata);
    for (uint32_t k = from; k < to; k++) {
      NAX_REQUIRE_FILE(m->ir[k] < v->dims[0], NAX_EFORMAT, s->path,
                       "%s: a value of column %lld stands in row %u (expected less than "
                       "%lld)",
                       name, (long long)j + 1, (unsigned)m->ir[k], (long long)v->dims[0]);
      nax_index i = (nax_index)m->ir[k] - start[0];
      if (i >= 0 && i < count[0]) {
        out[i + (j - start[1]) * count[0]] = ((const double *)m->data)[k];
      }
    }
  }
done:
  return status;
}

nax_status
nax_i_mat_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
               const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  nax_i_mat_state *st = s->state;
  const nax_i_mat_place *p = v->priv;
  void *raw = NULL, *plain = NULL;
  nax_dtype from = nax_i_mat_dtype(p->v);
  nax_index file_start[NAX_MAX_NDIM] = {0}, file_count[NAX_MAX_NDIM], n = 1;
  nax_index kept[NAX_MAX_NDIM];
  int moved = 0;
  for (int k = 0; k < p->v->rank; k++) {
    file_count[k] = 1;
  }
  for (int32_t k = 0; k < p->ndim; k++) {
    int32_t axis = p->file_axis[p->order[k]];
    file_start[axis] = start[k];
    file_count[axis] = count[k];
    kept[p->order[k]] = count[k];
    moved = moved || p->order[k] != k;
    n *= count[k];
  }
  nax_i_mat_enter(st);
  NAX_TRY_ALLOC(raw, n, nax_dtype_size(from));
  NAX_TRY(p->v->class_type == MAT_C_SPARSE
              ? read_sparse(ctx, s, p, v->name, file_start, file_count, raw)
              : read_block(ctx, s, p, v->name, file_start, file_count, raw));
  if (!moved) {
    NAX_TRY(nax_i_convert(ctx, s->path, v->name, from, raw, n, 1.0, 0.0, dtype, dst, 0));
    goto done;
  }
  NAX_TRY_ALLOC(plain, n, nax_dtype_size(dtype));
  NAX_TRY(nax_i_convert(ctx, s->path, v->name, from, raw, n, 1.0, 0.0, dtype, plain, 0));
  nax_view view = dtype == NAX_F64 ? nax_view_f64(plain, p->ndim, kept)
                                   : nax_view_f32(plain, p->ndim, kept);
  nax_view moved_view;
  NAX_TRY(nax_view_permute(ctx, &view, p->order, &moved_view));
  NAX_TRY(nax_view_copy_to(ctx, &moved_view, dtype, dst));
done:
  nax_i_mat_leave(st);
  nax_i_free(raw);
  nax_i_free(plain);
  return status;
}

nax_status
nax_i_mat_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_i_mat_state *st = s->state;
  const nax_i_mat_place *p = v->priv;
  nax_index n_units = nax_i_mat_length(p->v), total = 0;
  nax_index *offsets = NULL;
  double *times = NULL;
  char name[NAX_I_MAT_PATH + 32];
  nax_i_mat_enter(st);
  NAX_TRY_ALLOC(offsets, n_units + 1, sizeof *offsets);
  for (nax_index i = 0; i < n_units; i++) {
    const matvar_t *c = nax_i_mat_children(p->v)[i];
    total += nax_i_mat_is_dense(c) ? nax_i_mat_length(c) : 0;
    offsets[i + 1] = total;
  }
  NAX_TRY_ALLOC(times, total, sizeof *times);
  int whole = total > 0;
  for (nax_index i = 0; i < n_units; i++) {
    matvar_t *c = nax_i_mat_children(p->v)[i];
    if (offsets[i + 1] > offsets[i]) {
      double *t = times + offsets[i];
      snprintf(name, sizeof name, "%s{%lld}", v->name, (long long)i + 1);
      NAX_TRY(nax_i_mat_read_all(ctx, s, c, p->top, name, t));
      for (nax_index k = 0; k < offsets[i + 1] - offsets[i]; k++) {
        NAX_REQUIRE_FILE(isfinite(t[k]), NAX_EDATA, s->path,
                         "%s: spike %lld is %g (expected a finite time)", name,
                         (long long)k + 1, t[k]);
        whole = whole && t[k] == floor(t[k]);
      }
    }
  }
  if (whole) {
    nax_i_warn(ctx, NAX_CRITICAL, "io.mat-samples",
               "%s: all times are whole numbers, read as seconds although they look "
               "like samples or indices",
               v->name);
  }
  NAX_TRY(nax_spikes_create(ctx, v->axis[0], offsets, times, 0, NULL, out));
done:
  nax_i_mat_leave(st);
  nax_i_free(offsets);
  nax_i_free(times);
  return status;
}
