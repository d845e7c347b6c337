/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One array or table as CSV or .npy, for the tools that read nothing else. */
#define _POSIX_C_SOURCE 200809L
#include "io_i.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------------ text out */

/* Text is collected and handed on in pieces of about this size, so that a caller which
 * writes to a file or a pipe is not called once per number. */
enum { PIECE = 1 << 16 };

typedef struct sink {
  nax_ctx *ctx;
  const char *fn;
  nax_write_fn write;
  void *user;
  nax_i_buf buf;
} sink;

static nax_status
flush(sink *s)
{
  if (s->buf.failed) {
    return nax_i_fail(s->ctx, NAX_ENOMEM, s->fn, "out of memory");
  }
  if (s->buf.len > 0 && s->write(s->buf.data, s->buf.len, s->user) != 0) {
    return nax_i_fail(s->ctx, NAX_EIO, s->fn, "writing the text failed");
  }
  s->buf.len = 0;
  return NAX_OK;
}

/* End of a line: pass the text on once there is enough of it. */
static nax_status
end_line(sink *s)
{
  nax_i_buf_puts(&s->buf, "\n");
  return s->buf.len >= PIECE || s->buf.failed ? flush(s) : NAX_OK;
}

static void
put_number(sink *s, double x)
{
  char text[32];
  int n = nax_i_format_double(text, x);
  nax_i_buf_add(&s->buf, text, (size_t)n);
}

/* A float keeps its own shortest text: 0.1f is 0.1 and not 0.10000000149011612. */
static void
put_float(sink *s, float x)
{
  char text[32];
  if (!isfinite(x)) {
    put_number(s, (double)x);
    return;
  }
  for (int digits = 6; digits <= 9; digits++) {
    char fmt[8];
    double back;
    snprintf(fmt, sizeof fmt, "%%.%dg", digits);
    int n = nax_i_format_g(text, sizeof text, fmt, (double)x);
    if (digits == 9 || (nax_i_parse_double(text, text + n, &back) && (float)back == x)) {
      nax_i_buf_add(&s->buf, text, (size_t)n);
      return;
    }
  }
}

/* A cell of text, quoted when it holds anything that would end or disguise it. */
static void
put_text(sink *s, const char *text, char separator)
{
  char special[] = {separator, '"', '\n', '\r', '\0'};
  size_t n = strlen(text);
  int blank_ends = n > 0 && (text[0] == ' ' || text[n - 1] == ' ');
  if (strpbrk(text, special) == NULL && text[0] != '#' && !blank_ends) {
    nax_i_buf_puts(&s->buf, text);
    return;
  }
  nax_i_buf_puts(&s->buf, "\"");
  for (const char *p = text; *p != '\0'; p++) {
    nax_i_buf_puts(&s->buf, *p == '"' ? "\"" : "");
    nax_i_buf_add(&s->buf, p, 1);
  }
  nax_i_buf_puts(&s->buf, "\"");
}

/* ---------------------------------------------------------------- an array */

/* Header of a column or first cell of a row: the label, the coordinate or the index. */
static void
put_position(sink *s, const nax_axis *a, nax_index i, const char *prefix)
{
  const char *label = nax_axis_label(a, i);
  if (label != NULL) {
    put_text(s, label, ',');
  } else {
    nax_i_buf_puts(&s->buf, prefix);
    put_number(s, nax_axis_coord(a, i));
  }
}

static void
put_element(sink *s, const nax_array *a, nax_index i)
{
  if (nax_array_dtype(a) == NAX_F32) {
    put_float(s, ((const float *)nax_array_data(a))[i]);
  } else {
    put_number(s, ((const double *)nax_array_data(a))[i]);
  }
}

nax_status
nax_format_csv(nax_ctx *ctx, const nax_array *a, nax_write_fn write, void *user)
{
  nax_status status = NAX_OK;
  sink s = {ctx, __func__, write, user, {0}};
  nax_i_stage stage;
  nax_i_begin(ctx);
  int32_t ndim = nax_array_ndim(a);
  NAX_REQUIRE(ndim <= 2, NAX_EDIM,
              "the array has %d axes, expected at most 2 (select one position of the "
              "others first)",
              (int)ndim);
  int32_t rows = nax_array_find_axis(a, "time");
  rows = rows < 0 ? 0 : rows;
  int32_t cols = ndim == 2 ? 1 - rows : -1;
  const nax_axis *row = nax_array_axis(a, rows), *col = nax_array_axis(a, cols);
  nax_index n = nax_array_dim(a, rows), m = col != NULL ? nax_array_dim(a, cols) : 1;
  nax_index row_step = rows == 0 ? 1 : nax_array_dim(a, 0);
  nax_index col_step = rows == 0 ? n : 1;

  /* The reader takes a first column called "time" for the time axis. */
  put_text(&s, nax_axis_name(row), ',');
  for (nax_index j = 0; j < m; j++) {
    nax_i_buf_puts(&s.buf, ",");
    if (col == NULL) {
      nax_i_buf_puts(&s.buf, "value");
    } else {
      char prefix[64];
      snprintf(prefix, sizeof prefix, "%.60s_", nax_axis_name(col));
      put_position(&s, col, j, prefix);
    }
  }
  NAX_TRY(end_line(&s));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "io/write", n));
  for (nax_index i = 0; i < n; i++) {
    put_position(&s, row, i, "");
    for (nax_index j = 0; j < m; j++) {
      nax_i_buf_puts(&s.buf, ",");
      put_element(&s, a, i * row_step + j * col_step);
    }
    NAX_TRY(end_line(&s));
    NAX_TRY(nax_i_stage_poll(&stage, i + 1, NAN));
  }
  NAX_TRY(flush(&s));
done:
  nax_i_buf_free(&s.buf);
  return status;
}

/* ----------------------------------------------------------------- a table */

nax_status
nax_format_table(nax_ctx *ctx, const nax_table *t, char separator, nax_write_fn write,
                 void *user)
{
  nax_status status = NAX_OK;
  sink s = {ctx, __func__, write, user, {0}};
  char between[2] = {separator, '\0'};
  nax_i_begin(ctx);
  NAX_REQUIRE(separator == ',' || separator == '\t', NAX_EINVAL,
              "`separator` must be a comma or a tab, got character %d", (int)separator);
  int32_t m = nax_table_n_columns(t);
  for (int32_t j = 0; j < m; j++) {
    nax_i_buf_puts(&s.buf, j > 0 ? between : "");
    put_text(&s, nax_table_column_name(t, j), separator);
  }
  NAX_TRY(end_line(&s));
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    for (int32_t j = 0; j < m; j++) {
      const double *x = nax_table_numbers(t, j);
      nax_i_buf_puts(&s.buf, j > 0 ? between : "");
      if (x != NULL) {
        put_number(&s, x[i]);
      } else {
        put_text(&s, nax_table_text(t, j)[i], separator);
      }
    }
    NAX_TRY(end_line(&s));
  }
  NAX_TRY(flush(&s));
done:
  nax_i_buf_free(&s.buf);
  return status;
}

/* ---------------------------------------------------------------- into files */

static int
write_to_file(const char *text, size_t length, void *user)
{
  return fwrite(text, 1, length, user) == length ? 0 : -1;
}

/* Open the temporary file of an atomic write. */
static nax_status
begin_file(nax_ctx *ctx, const char *fn, const char *path, const nax_save_opts *opts,
           nax_save_opts *loaded, nax_i_atomic *a, FILE **f)
{
  nax_status status = NAX_OK;
  if (path == NULL || path[0] == '\0') {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`path` is empty");
  }
  NAX_TRY(nax_i_options_load(ctx, fn, &nax_i_save_table, loaded, opts));
  NAX_TRY(nax_i_atomic_begin(ctx, path, loaded->force, a));
  *f = fopen(a->temp, "wbe");
  NAX_REQUIRE_FILE(*f != NULL, NAX_EIO, path, "cannot write: %s", strerror(errno));
done:
  return status;
}

/* Close and put in place, or clean up when `status` is a failure already. A write error
 * is reported with the file and the reason, which the formatter does not know. */
static nax_status
end_file(nax_ctx *ctx, nax_status status, const nax_save_opts *opts, nax_i_atomic *a,
         FILE *f)
{
  if (f != NULL) {
    int bad = ferror(f), why = errno;
    if (fclose(f) != 0 && !bad) {
      bad = 1;
      why = errno;
    }
    if (bad && (status == NAX_OK || status == NAX_EIO)) {
      status = nax_i_fail_file(ctx, NAX_EIO, a->path, "cannot write: %s", strerror(why));
    }
  }
  if (status == NAX_OK) {
    status = nax_i_atomic_commit(ctx, a, opts->force);
  }
  nax_i_atomic_abort(a);
  return status;
}

nax_status
nax_export_csv(nax_ctx *ctx, const nax_array *a, const char *path,
               const nax_save_opts *opts)
{
  nax_status status = NAX_OK;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_i_atomic file = {NULL, NULL};
  FILE *f = NULL;
  nax_i_begin(ctx);
  NAX_TRY(begin_file(ctx, __func__, path, opts, &o, &file, &f));
  NAX_TRY(nax_format_csv(ctx, a, write_to_file, f));
done:
  return end_file(ctx, status, &o, &file, f);
}

nax_status
nax_export_table_csv(nax_ctx *ctx, const nax_table *t, const char *path,
                     const nax_save_opts *opts)
{
  nax_status status = NAX_OK;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_i_atomic file = {NULL, NULL};
  FILE *f = NULL;
  nax_i_begin(ctx);
  NAX_TRY(begin_file(ctx, __func__, path, opts, &o, &file, &f));
  NAX_TRY(nax_format_table(ctx, t, ',', write_to_file, f));
done:
  return end_file(ctx, status, &o, &file, f);
}

/* --------------------------------------------------------------------- .npy */

/* Version 1.0 header: the dictionary padded with blanks so that data begin at a multiple
 * of 64. Eight lengths of at most 19 digits stay far below its 65535 bytes. */
static size_t
npy_header(const nax_array *a, char text[512])
{
  const int one = 1;
  char order = *(const char *)&one ? '<' : '>';
  int n =
      snprintf(text + 10, 500, "{'descr': '%cf%d', 'fortran_order': False, 'shape': (",
               order, (int)nax_dtype_size(nax_array_dtype(a)));
  size_t used = 10 + (size_t)n;
  for (int32_t k = 0; k < nax_array_ndim(a); k++) {
    n = snprintf(text + used, 512 - used, "%s%lld%s", k > 0 ? ", " : "",
                 (long long)nax_array_dim(a, k), nax_array_ndim(a) == 1 ? "," : "");
    used += (size_t)n;
  }
  n = snprintf(text + used, 512 - used, "), }");
  used += (size_t)n;
  size_t total = (used + 1 + 63) / 64 * 64;
  memset(text + used, ' ', total - used);
  text[total - 1] = '\n';
  memcpy(text, "\x93NUMPY\x01\x00", 8);
  text[8] = (char)((total - 10) & 0xff);
  text[9] = (char)((total - 10) >> 8);
  return total;
}

/* Elements in C order: the last axis runs fastest. Positions of all axes but the last
 * are gathered into rows of it, a piece of memory at a time. */
static int
write_c_order(FILE *f, const nax_array *a)
{
  size_t size = nax_dtype_size(nax_array_dtype(a));
  int32_t ndim = nax_array_ndim(a);
  nax_index n = nax_array_dim(a, ndim - 1), n_rows = 1, at[NAX_MAX_NDIM] = {0};
  nax_index stride[NAX_MAX_NDIM] = {1};
  const char *data = nax_array_data(a);
  char *row = nax_i_calloc((size_t)n, size);
  if (row == NULL) {
    return -1;
  }
  for (int32_t k = 1; k < ndim; k++) {
    stride[k] = stride[k - 1] * nax_array_dim(a, k - 1);
  }
  for (int32_t k = 0; k < ndim - 1; k++) {
    n_rows *= nax_array_dim(a, k);
  }
  int bad = 0;
  for (nax_index r = 0; r < n_rows && n > 0 && !bad; r++) {
    nax_index from = 0;
    for (int32_t k = 0; k < ndim - 1; k++) {
      from += at[k] * stride[k];
    }
    for (nax_index i = 0; i < n; i++) {
      memcpy(row + (size_t)i * size, data + (size_t)(from + i * stride[ndim - 1]) * size,
             size);
    }
    bad = fwrite(row, size, (size_t)n, f) != (size_t)n;
    for (int32_t k = ndim - 2; k >= 0 && ++at[k] == nax_array_dim(a, k); k--) {
      at[k] = 0;
    }
  }
  nax_i_free(row);
  return bad ? 1 : 0;
}

nax_status
nax_export_npy(nax_ctx *ctx, const nax_array *a, const char *path,
               const nax_save_opts *opts)
{
  nax_status status = NAX_OK;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_i_atomic file = {NULL, NULL};
  FILE *f = NULL;
  char header[512];
  nax_i_begin(ctx);
  NAX_TRY(begin_file(ctx, __func__, path, opts, &o, &file, &f));
  size_t n = npy_header(a, header);
  NAX_REQUIRE_FILE(fwrite(header, 1, n, f) == n, NAX_EIO, path, "cannot write: %s",
                   strerror(errno));
  int bad = write_c_order(f, a);
  NAX_REQUIRE(bad >= 0, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(!bad, NAX_EIO, path, "cannot write: %s", strerror(errno));
done:
  return end_file(ctx, status, &o, &file, f);
}
