/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the readers share: small files made on the spot, and the two ways in
 * which a faulty one has to answer. */
#ifndef IO_TEST_H
#define IO_TEST_H
#include "nax_test.h"

/* Bytes of a version 1.0 .npy into `out` (at least 256 + n_data long); returns how many.
 */
static inline size_t
io_t_npy(unsigned char *out, const char *descr, const char *order, const char *shape,
         const void *data, size_t n_data)
{
  char text[200];
  int n =
      snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
               descr, order, shape);
  assert_true(n > 0 && n < 150);
  size_t total = ((size_t)n + 11 + 63) / 64 * 64, head = total - 10;
  memcpy(out, "\x93NUMPY\x01\x00", 8);
  out[8] = (unsigned char)(head & 255);
  out[9] = (unsigned char)(head >> 8);
  memset(out + 10, ' ', head);
  memcpy(out + 10, text, (size_t)n);
  out[total - 1] = '\n';
  if (n_data > 0) {
    memcpy(out + total, data, n_data);
  }
  return total + n_data;
}

static inline void
io_t_write_npy(const char *path, const char *descr, const char *order, const char *shape,
               const void *data, size_t n_data)
{
  unsigned char *b = malloc(256 + n_data);
  assert_non_null(b);
  nax_t_write(path, b, io_t_npy(b, descr, order, shape, data, n_data));
  free(b);
}

static inline void
io_t_write_text(const char *path, const char *text)
{
  nax_t_write(path, text, strlen(text));
}

/* `path` is opened and loaded whole; the first failure must have this code, and a text
 * that begins with the path and contains `text`, on one line. */
static inline void
io_t_refuses(const char *path, const nax_source_opts *opts, nax_status code,
             const char *text)
{
  nax_dataset *d = NULL;
  nax_status got = nax_dataset_load(NULL, path, opts, &d);
  const char *said = nax_ctx_error(NULL);
  if (got != code || strstr(said, text) == NULL) {
    fail_msg("%s: %s `%s`, expected %s `...%s...`", path, nax_status_name(got), said,
             nax_status_name(code), text);
  }
  assert_null(d);
  assert_null(strchr(said, '\n'));
  assert_int_equal(strncmp(said, path, strlen(path)), 0);
}

/* Severity of the collected warning with this id whose text contains `text`; 0 when there
 * is none. */
static inline int
io_t_warned(const nax_ctx *ctx, const char *id, const char *text)
{
  for (nax_index i = 0; i < nax_ctx_n_warnings(ctx); i++) {
    nax_warning w = nax_ctx_warning(ctx, i);
    if (strcmp(w.id, id) == 0 && strstr(w.text, text) != NULL) {
      return (int)w.severity;
    }
  }
  return 0;
}

static inline void
io_t_show_warnings(const nax_ctx *ctx)
{
  for (nax_index i = 0; i < nax_ctx_n_warnings(ctx); i++) {
    nax_warning w = nax_ctx_warning(ctx, i);
    print_message("# %s %s: %s\n", nax_severity_name(w.severity), w.id, w.text);
  }
}

/* Load with a context that collects warnings; one with this id and text must be there. */
static inline nax_dataset *
io_t_load_warned(const char *path, const nax_source_opts *opts, const char *id,
                 const char *text)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_status got = nax_dataset_load(ctx, path, opts, &d);
  if (got != NAX_OK) {
    fail_msg("%s: %s", path, nax_ctx_error(ctx));
  }
  if (id != NULL && !io_t_warned(ctx, id, text)) {
    io_t_show_warnings(ctx);
    fail_msg("%s: no warning %s with `%s`", path, id, text);
  }
  nax_ctx_free(ctx);
  return d;
}

/* The whole of a file shorter than `room`; returns how many bytes. */
static inline size_t
io_t_read(const char *path, unsigned char *out, size_t room)
{
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  size_t size = fread(out, 1, room, in);
  fclose(in);
  assert_true(size > 0 && size < room);
  return size;
}

/* Numbers of 8 bytes, little-endian, for files that are damaged on purpose. */
static inline uint64_t
io_t_get8(const unsigned char *b)
{
  uint64_t v = 0;
  for (int i = 8; i-- > 0;) {
    v = v << 8 | b[i];
  }
  return v;
}

static inline void
io_t_put8(unsigned char *b, uint64_t v)
{
  for (int i = 0; i < 8; i++) {
    b[i] = (unsigned char)(v >> 8 * i);
  }
}

/* Where `what` is next from `from` on; it has to be somewhere. */
static inline size_t
io_t_where(const unsigned char *b, size_t size, size_t from, const void *what, size_t n)
{
  for (; from + n <= size; from++) {
    if (memcmp(b + from, what, n) == 0) {
      return from;
    }
  }
  fail_msg("not in the file");
  return 0;
}

#endif
