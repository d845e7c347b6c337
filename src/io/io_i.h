/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a reader plugs in, and what readers and writers share.
 *
 * A reader hands out plain data only: the list of variables with their axes, and blocks
 * of doubles or floats, spike trains, tables. It never sees the caller's objects, so it
 * could run in a process of its own. */
#ifndef NAX_IO_I_H
#define NAX_IO_I_H
#include "dataset/dataset_i.h"
#include <neuraxis/io.h>
#include <stdio.h>

/* --- what detection looks at -------------------------------------------------- */

typedef enum nax_i_hdf5_kind {
  NAX_I_HDF5_NO = 1, /* not HDF5, or not openable */
  NAX_I_HDF5_PLAIN,  /* HDF5 of unknown content */
  NAX_I_HDF5_NWB,
  NAX_I_HDF5_CAIMAN,
  NAX_I_HDF5_NETCDF,
  NAX_I_HDF5_MAT,
  NAX_I_HDF5_NIX
} nax_i_hdf5_kind;

typedef struct nax_i_probe {
  const char *path;
  int is_dir;
  uint64_t size;            /* bytes of the file */
  size_t n_head;            /* bytes in head[] */
  unsigned char head[4096]; /* first bytes, zero beyond n_head */
  int has_hdf5_signature;   /* at 0, 512, 1024, ... */
  nax_i_hdf5_kind hdf5;     /* set when the signature is there, else NAX_I_HDF5_NO */
} nax_i_probe;

/* Ends (case-insensitively) with ".ext"; only ever a tie-breaker. */
int nax_i_has_ext(const char *path, const char *ext);
/* There is a file or folder of that name. */
int nax_i_exists(const char *path);
/* dir/name exists (file or folder). */
int nax_i_dir_has(const char *dir, const char *name);
/* Some name in the folder is one that `match` says 1 to. Like nax_i_dir_has without
 * allocation, for probes. */
int nax_i_dir_any(const char *dir, int (*match)(const char *name));
/* dir + "/" + name in fresh memory, NULL when out of memory. */
char *nax_i_join(const char *dir, const char *name);
/* Names in a folder, sorted, without "." and ".."; free with nax_i_free_strings. */
nax_status nax_i_list_dir(nax_ctx *ctx, const char *dir, char ***names, nax_index *n);
/* Open a regular file for reading (never blocks on a pipe, never a device): descriptor
 * and size in bytes. */
nax_status nax_i_open_regular(nax_ctx *ctx, const char *path, int *fd, uint64_t *size);
/* Exactly n bytes from offset `at`; NAX_EFORMAT when the file ends before. */
nax_status nax_i_pread(nax_ctx *ctx, const char *path, int fd, uint64_t at, void *dst,
                       size_t n);
/* Whole (small) file into memory, terminated by a zero byte that is not counted. A file
 * of more than `max` bytes is NAX_EFORMAT. */
nax_status nax_i_read_file(nax_ctx *ctx, const char *path, size_t max, char **data,
                           size_t *n);

/* --- variables ------------------------------------------------------------------ */

/* One variable of a source: the public facts (strings and axes owned here) and what the
 * reader needs to find it again. */
typedef struct nax_i_var {
  nax_var_info info; /* its pointers point to the members below */
  char *name, *path, *unit, *description, *file_dtype, *filters;
  nax_axis *axis[NAX_MAX_NDIM];
  int64_t key; /* free use of the reader */
  int whole;   /* blocks cost as much as everything: load the array in one read */
  void *priv;  /* free use too; freed by free_priv when that is set */
  void (*free_priv)(void *p);
} nax_i_var;

struct nax_i_format;

enum { NAX_I_NO_MAIN = -2 };

struct nax_source {
  const struct nax_i_format *format;
  char *path, *version;
  nax_source_opts opts; /* strings owned by this struct */
  char *opt_format, *opt_var, *opt_axes, *opt_rows;
  nax_i_var *vars;
  int32_t n_vars, cap_vars;
  /* Rate that the file states for all its arrays, for formats in which an array has none
   * of its own (a number called `fs` beside them); NaN. */
  double stated_rate;
  int32_t main; /* -1: reader makes no choice, the framework applies the common rule;
                   NAX_I_NO_MAIN: no choice is to be made */
  nax_i_attrs attrs;
  void *state; /* the reader's own */
};

/* Append a variable of `kind` with zeroed facts (rate etc. NaN, max_gap_at -1); returns
 * it, or NULL when out of memory. The pointer is valid until the next call. */
nax_i_var *nax_i_source_add(nax_source *s, nax_var_kind kind, const char *name);

/* Take the variable added last away again. */
void nax_i_source_drop(nax_source *s);

/* Take the last variable away again. */
void nax_i_source_drop_last(nax_source *s);

/* Set one of the string members of a variable, e.g. nax_i_var_text(&v->unit, "V").
 * Returns 0 when out of memory. Bytes that are not UTF-8 are replaced. */
int nax_i_var_text(char **slot, const char *text);

/* Attribute of the source; text NULL stores the number. */
nax_status nax_i_source_attr(nax_ctx *ctx, nax_source *s, const char *key,
                             const char *text, double number);

/* Facts on the time axis of a variable from a start and a rate (NaN when there is none:
 * then opts.rate is used, and without that the status is NAX_EDATA with the text
 * "FILE: sampling rate unknown, give --rate"). Creates the regular axis `time` in s as
 * axis k of v with n positions. opts.rate overrides the file's, with an info warning
 * when they differ. */
nax_status nax_i_var_regular_time(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k,
                                  nax_index n, double start, double rate,
                                  nax_rate_source from);

/* The same from n timestamps in seconds: refuses NaN, infinite, descending and duplicated
 * ones naming the index. Where none is further than 2 % of the mean step from an even
 * grid the axis is regular (NAX_RATE_TIMESTAMPS), anything else is a coordinate axis with
 * gap facts and the warning "io.irregular-time" (median step, largest gap, position).
 * opts.rate replaces the timestamps, with an info warning. */
nax_status nax_i_var_timestamps(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k,
                                nax_index n, const double *t);

/* Names and order for an array of a format that does not name its axes. `dim` and
 * `defaults` are in the order a user of the format sees; names come from opts.axes (when
 * `v` is the variable it speaks of, i.e. `apply` is 1) or else from `defaults`. Fills
 * name[] (file order; storage in `text`, 256 bytes) and order[]: axis k of ours is axis
 * order[k] of the file's: neuron-like axes first, then frequency, time, trial-like ones,
 * the others keep their place. NAX_EINVAL when opts.axes has another number of names or
 * one twice. */
nax_status nax_i_plan_axes(nax_ctx *ctx, nax_source *s, int apply, int32_t ndim,
                           const char *const *defaults, char text[256],
                           const char *name[NAX_MAX_NDIM], int32_t order[NAX_MAX_NDIM]);

/* A time axis (axis k, n positions) for formats that may leave the rate out: regular at
 * opts.rate or s->stated_rate, else an index axis `time` with the suggestion
 * "io.rate-unknown". Recording formats, which always have a rate, use
 * nax_i_var_regular_time instead. */
nax_status nax_i_var_unrated_time(nax_ctx *ctx, nax_source *s, nax_i_var *v, int32_t k,
                                  nax_index n);

/* All axes of an array of a format that names none and knows no rate (npy, mat): names
 * from --axes or else neuron,time,trial,... with the info warning "io.axes-assumed". A
 * single axis is `time` when the variable is `alone` in its file, `sample` otherwise.
 * dim[] is in the file's order; order[] as in nax_i_plan_axes. --axes speaks of --var,
 * without it of every array with that many axes. */
nax_status nax_i_var_plain_axes(nax_ctx *ctx, nax_source *s, nax_i_var *v, int alone,
                                int32_t ndim, const nax_index *dim,
                                int32_t order[NAX_MAX_NDIM]);

/* A breach of the format's rules: NAX_OK after a violation warning, or NAX_EDATA with the
 * same text "PATH: ..." when opts.strict is set. */
nax_status nax_i_source_violation(nax_ctx *ctx, nax_source *s, const char *id,
                                  const char *fmt, ...) NAX_PRINTF(4, 5);

/* --- readers -------------------------------------------------------------------- */

typedef struct nax_i_format {
  const char *name;        /* e.g. "nwb" */
  const char *description; /* one line for the help */
  /* 0 not mine, 100 certain; cheap, never fails, looks at the probe only (or, for
   * folders, at which names are there). */
  int (*probe)(const nax_i_probe *p);
  /* Fill s->vars, s->attrs, s->version, s->state. Errors with nax_i_fail_file. On failure
   * `close` is called too. */
  nax_status (*open)(nax_ctx *ctx, nax_source *s);
  void (*close)(nax_source *s); /* frees s->state; may be NULL */
  /* Dense column-major block, already checked to lie inside; dst has the given dtype
   * (NAX_F64 or NAX_F32). Missing values become NaN. */
  nax_status (*read)(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
                     const nax_index *count, nax_dtype dtype, void *dst);
  nax_status (*spikes)(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out);
  nax_status (*table)(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out);
} nax_i_format;

/* The readers, in the order in which ties are decided; each lives in a file of its own.
 */
extern const nax_i_format *const nax_i_formats[];
extern const int32_t nax_i_n_formats;

/* --- converting what a file stores --------------------------------------------- */

/* n elements of `from` (a file's type, native byte order) at `src` into dst[to + i] of
 * dtype NAX_F64 or NAX_F32, times `scale` plus `offset` (1 and 0: exact). 64-bit
 * integers beyond 2^53 are NAX_EDATA naming `what`, index and value. */
nax_status nax_i_convert(nax_ctx *ctx, const char *path, const char *what, nax_dtype from,
                         const void *src, nax_index n, double scale, double offset,
                         nax_dtype dtype, void *dst, nax_index to);

/* The same check alone, for elements that are number base, base + 1 ... of the file;
 * other types pass. */
nax_status nax_i_check_i64(nax_ctx *ctx, const char *path, const char *what,
                           nax_dtype from, const void *src, nax_index n, nax_index base);

/* Reverse the bytes of each of n elements of `size` bytes in place. */
void nax_i_swap_bytes(void *data, nax_index n, size_t size);

/* dst (cols x rows) = transpose of src (rows x cols, both column-major), blocked. */
void nax_i_transpose(nax_dtype dtype, const void *src, nax_index rows, nax_index cols,
                     void *dst);

/* Both dense, n_axes of them: axis k of dst (0 fastest) is dimension map[k] of src, whose
 * last dimension is fastest; count[] belongs to dst. */
void nax_i_reorder(int32_t n_axes, const int32_t *map, const nax_index *count,
                   nax_dtype dtype, const void *src, void *dst);

/* Which kind of HDF5 file this is; opens and closes it, quietly. */
nax_i_hdf5_kind nax_i_hdf5_sniff(const char *path);

/* The one lock around HDF5 and everything built on it (netCDF, MATLAB 7.3 files); may be
 * taken again by the thread that has it. While it is held HDF5 prints no errors; the
 * host's setting comes back with the last unlock. */
void nax_i_hdf5_lock(void);
void nax_i_hdf5_unlock(void);

/* 16-bit IEEE half to double. */
double nax_i_half(uint16_t h);

/* --- writing --------------------------------------------------------------------- */

/* A file that appears whole or not at all. */
typedef struct nax_i_atomic {
  char *path, *temp; /* temp is beside path */
} nax_i_atomic;

/* Choose the temporary name and create the file (empty). NAX_EIO when `path` exists and
 * `force` is 0, is a folder, or its folder is not writable. */
nax_status nax_i_atomic_begin(nax_ctx *ctx, const char *path, int force, nax_i_atomic *a);
/* fsync the file, rename it onto path, fsync the folder. On failure the temporary file is
 * removed and the text says why. */
nax_status nax_i_atomic_commit(nax_ctx *ctx, nax_i_atomic *a, int force);
/* Remove the temporary file, if any, and free the names. Safe after commit. */
void nax_i_atomic_abort(nax_i_atomic *a);

/* --- files that grow (netcdf_records.c) ----------------------------------------------
 */

enum { NAX_I_RECORD_DIMS = 3, NAX_I_RECORD_VARS = 8 };

/* A variable of which each record holds a box: NAX_F64, NAX_F32, NAX_I64, NAX_U16 or
 * NAX_U8. Dimensions of the same name are one. */
typedef struct nax_i_record_var {
  const char *name, *description;
  nax_dtype dtype;
  int ndim;
  const char *dim[NAX_I_RECORD_DIMS];
  nax_index size[NAX_I_RECORD_DIMS];
} nax_i_record_var;

/* A netCDF file whose variables grow along one unlimited dimension. It can be read at any
 * time and survives a stop in the middle of writing. `var` must outlive it. */
typedef struct nax_i_records nax_i_records;

/* A new file in the place of what is there; `record` names the unlimited dimension. */
nax_status nax_i_records_create(nax_ctx *ctx, const char *path, const char *record,
                                int n_vars, const nax_i_record_var *var,
                                const char *title, nax_i_records **out);
/* Go on after the first n records of a file made with the same variables; what follows
 * them is dropped. NAX_EFORMAT when there are fewer. */
nax_status nax_i_records_open(nax_ctx *ctx, const char *path, nax_index n, int n_vars,
                              const nax_i_record_var *var, nax_i_records **out);
/* Record `at` of a variable; part >= 0: only that index of its first dimension. */
nax_status nax_i_records_put(nax_ctx *ctx, nax_i_records *r, int var, nax_index at,
                             nax_index part, const void *from);
nax_status nax_i_records_get(nax_ctx *ctx, const nax_i_records *r, int var, nax_index at,
                             nax_index part, void *to);
/* To the disk. */
nax_status nax_i_records_flush(nax_ctx *ctx, nax_i_records *r);
void nax_i_records_close(nax_i_records *r);

#endif
