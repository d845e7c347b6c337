/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets of the readers share: the input becomes a file or a folder of
 * files (in memory where the system has such), which is opened as one format, listed,
 * read in small blocks, loaded as far as that stays small, and closed. Whatever is in
 * it, these must hold:
 *  - a call that fails gives NULL and one non-empty line of text;
 *  - what a source says about its variables does not contradict itself. */
#ifndef NAX_FUZZ_READER_H
#define NAX_FUZZ_READER_H
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <neuraxis.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Inputs that got past the door: tests/fuzz/driver.c asks for some. */
extern int fuzz_n_opened;
int fuzz_n_opened = 0;

#define FUZZ_REQUIRE(cond)                                                               \
  do {                                                                                   \
    if (!(cond)) {                                                                       \
      fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);           \
      abort();                                                                           \
    }                                                                                    \
  } while (0)

enum { FUZZ_VARS = 48, FUZZ_BLOCK = 4096, FUZZ_LOAD = 1 << 17 };

static inline void
fuzz_check_failure(const nax_ctx *ctx, nax_status s, const void *out)
{
  const char *text = nax_ctx_error(ctx);
  FUZZ_REQUIRE(s != NAX_EBUG);
  FUZZ_REQUIRE(out == NULL);
  FUZZ_REQUIRE(text[0] != '\0' && strpbrk(text, "\r\n") == NULL);
}

/* First and last positions of each axis, as many as fit a small block. */
static inline void
fuzz_read_blocks(nax_ctx *ctx, nax_source *s, int32_t var, const nax_var_info *v)
{
  static double buf[FUZZ_BLOCK];
  nax_index start[NAX_MAX_NDIM], count[NAX_MAX_NDIM], n = 1;
  for (int32_t k = 0; k < v->ndim; k++) {
    FUZZ_REQUIRE(v->axis[k] != NULL && v->dim[k] == nax_axis_length(v->axis[k]));
    FUZZ_REQUIRE(nax_axis_name(v->axis[k])[0] != '\0');
    nax_index fits = FUZZ_BLOCK / n < 40 ? FUZZ_BLOCK / n : 40;
    count[k] = v->dim[k] < fits ? v->dim[k] : fits;
    n *= count[k] > 0 ? count[k] : 1;
  }
  for (int end = 0; end < 2; end++) {
    for (int32_t k = 0; k < v->ndim; k++) {
      start[k] = end ? v->dim[k] - count[k] : 0;
    }
    nax_dtype type = end ? NAX_F32 : NAX_F64;
    nax_status st = nax_source_read(ctx, s, var, start, count, type, buf, FUZZ_BLOCK);
    if (st != NAX_OK) {
      fuzz_check_failure(ctx, st, NULL);
    }
  }
  FUZZ_REQUIRE(v->ndim == 0 || nax_source_block(s, var, v->ndim - 1, 4096) >= 1);
}

static inline void
fuzz_variable(nax_ctx *ctx, nax_source *s, int32_t i)
{
  const nax_var_info *v = nax_source_var(s, i);
  nax_status st = NAX_OK;
  FUZZ_REQUIRE(v != NULL && v->name != NULL && v->path != NULL && v->unit != NULL);
  FUZZ_REQUIRE(v->description != NULL && v->file_dtype != NULL && v->filters != NULL);
  FUZZ_REQUIRE(v->ndim >= 0 && v->ndim <= NAX_MAX_NDIM && v->n_values >= 0);
  FUZZ_REQUIRE(isnan(v->rate) || v->rate > 0.0);
  int small = v->n_values <= FUZZ_LOAD;
  if (v->kind == NAX_VAR_ARRAY) {
    fuzz_read_blocks(ctx, s, i, v);
    nax_array *a = NULL;
    if (small) {
      st = nax_source_load_array(ctx, s, i, NAX_F64, &a);
      if (st != NAX_OK) {
        fuzz_check_failure(ctx, st, a);
      }
    }
    nax_array_free(a);
  } else if (v->kind == NAX_VAR_SPIKES && small) {
    nax_spikes *sp = NULL;
    st = nax_source_load_spikes(ctx, s, i, &sp);
    if (st != NAX_OK) {
      fuzz_check_failure(ctx, st, sp);
    } else {
      const double *t = nax_spikes_all_times(sp);
      for (nax_index k = 0; k < nax_spikes_n_spikes(sp); k++) {
        FUZZ_REQUIRE(isfinite(t[k]));
      }
    }
    nax_spikes_free(sp);
  } else if (v->kind == NAX_VAR_TABLE && small) {
    nax_table *t = NULL;
    st = nax_source_load_table(ctx, s, i, &t);
    if (st != NAX_OK) {
      fuzz_check_failure(ctx, st, t);
    }
    nax_table_free(t);
  }
}

/* Open `path` as `format` (NULL: whatever it looks like) and go through all of it. The
 * input itself decides about the options, so that a finding can be repeated. */
static inline void
fuzz_open(const char *path, const char *format, const uint8_t *data, size_t size)
{
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_ctx *ctx = NULL;
  nax_source *s = NULL;
  uint32_t bits = 2166136261u;
  for (size_t i = 0; i < size; i++) {
    bits = (bits ^ data[i]) * 16777619u;
  }
  o.format = format;
  o.rate = bits & 1 ? 25.0 : NAX_NOT_GIVEN;
  o.cells_only = (bits >> 1 & 7) == 1;
  o.strict = (bits >> 4 & 7) == 1;
  o.allow_inf = (bits >> 7 & 1) == 1;
  o.axes = (bits >> 8 & 15) == 1 ? "time,neuron" : (bits >> 8 & 15) == 2 ? "time" : NULL;
  o.rows = (bits >> 12 & 7) == 1 ? "neuron" : (bits >> 12 & 7) == 2 ? "time" : NULL;
  if (nax_ctx_create(&ctx) != NAX_OK) {
    return;
  }
  nax_status st = nax_source_open(ctx, path, &o, &s);
  if (st != NAX_OK) {
    fuzz_check_failure(ctx, st, s);
  } else {
    fuzz_n_opened++;
    int32_t n = nax_source_n_vars(s);
    FUZZ_REQUIRE(nax_source_main(s) >= -1 && nax_source_main(s) < n);
    for (int32_t i = 0; i < n && i < FUZZ_VARS; i++) {
      fuzz_variable(ctx, s, i);
    }
    for (int32_t i = 0; i < nax_source_n_attrs(s); i++) {
      const char *key, *text;
      double number;
      nax_source_attr(s, i, &key, &text, &number);
      FUZZ_REQUIRE(key != NULL && key[0] != '\0');
    }
  }
  for (nax_index i = 0; i < nax_ctx_n_warnings(ctx); i++) {
    FUZZ_REQUIRE(strchr(nax_ctx_warning(ctx, i).text, '\n') == NULL);
  }
  nax_source_close(s);
  nax_ctx_free(ctx);
}

static char fuzz_dir[64];
static const char *const *fuzz_names;

static inline void
fuzz_empty_folder(void)
{
  char path[256];
  for (int k = 0; fuzz_names != NULL && fuzz_names[k] != NULL; k++) {
    snprintf(path, sizeof path, "%s/%s", fuzz_dir, fuzz_names[k]);
    unlink(path);
  }
}

static inline void
fuzz_remove_folder(void)
{
  fuzz_empty_folder();
  rmdir(fuzz_dir);
}

/* A folder of this process without any file of these names. */
static inline void
fuzz_prepare_folder(const char *const *names)
{
  if (fuzz_dir[0] == '\0') {
    snprintf(fuzz_dir, sizeof fuzz_dir, "%s/nax-fuzz-%ld",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
    fuzz_names = names;
    mkdir(fuzz_dir, 0700);
    atexit(fuzz_remove_folder);
  }
  fuzz_empty_folder();
}

static inline int
fuzz_write(const char *name, const uint8_t *data, size_t size)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", fuzz_dir, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int ok = fd >= 0 && write(fd, data, size) == (ssize_t)size;
  if (fd >= 0) {
    close(fd);
  }
  return ok;
}

/* The input as a file. It has a name, and not one below /proc: HDF5 asks the system for
 * the real path, which a file without a name has not. */
static inline int
fuzz_file(const char *format, const uint8_t *data, size_t size)
{
  static const char *const names[] = {"input", NULL};
  char path[256];
  fuzz_prepare_folder(names);
  snprintf(path, sizeof path, "%s/%s", fuzz_dir, names[0]);
  if (fuzz_write(names[0], data, size)) {
    fuzz_open(path, format, data, size);
  }
  return 0;
}

/* The input as a folder: pieces of one byte (which of the names), two bytes (length, low
 * first) and so many bytes of content. `path` of the target may be a file in it. */
static inline int
fuzz_folder(const char *format, const char *const *names, const char *entry,
            const uint8_t *data, size_t size)
{
  char path[256];
  int n_names = 0;
  while (names[n_names] != NULL) {
    n_names++;
  }
  fuzz_prepare_folder(names);
  for (size_t at = 0; at + 3 <= size;) {
    size_t n = (size_t)data[at + 1] | (size_t)data[at + 2] << 8;
    const char *name = names[data[at] % n_names];
    at += 3;
    n = n < size - at ? n : size - at;
    if (!fuzz_write(name, data + at, n)) {
      return 0;
    }
    at += n;
  }
  snprintf(path, sizeof path, "%s%s%s", fuzz_dir, entry[0] ? "/" : "", entry);
  fuzz_open(path, format, data, size);
  return 0;
}

#endif
