/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: opening a recording without reading it, reading blocks of it, loading it
 * whole, saving a dataset, exporting one variable.
 *
 * A format is recognised by content, never by the file's name alone. */
#ifndef NEURAXIS_IO_H
#define NEURAXIS_IO_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/* ---------------------------------------------------------------- options */

/** How to open a recording. Table "source" of options.h. */
typedef struct nax_source_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  double rate; /**< sampling rate in Hz that overrides or supplies the file's; NaN = not
                  given */
  const char
      *format;     /**< force a reader by name, e.g. "csv"; NULL = recognise by content */
  const char *var; /**< main variable; path inside the file, e.g. "spikes.times{3}"; NULL
                      = reader's choice */
  const char *axes;  /**< axis names of `var` in the file's own order, e.g. "neuron,time";
                        NULL = reader's choice */
  const char *rows;  /**< text tables: what a row is, "time", "neuron" or "spike"; NULL =
                        reader's  choice */
  int32_t allow_inf; /**< 1: infinite values are data; 0: they are an error */
  int32_t cells_only; /**< 1: leave out ROIs or units that the file marks as rejected */
  int32_t strict;     /**< 1: what would be a violation warning is an error */
} nax_source_opts;

/** Defaults of nax_source_opts. */
#define NAX_SOURCE_OPTS_INIT                                                             \
  {                                                                                      \
    sizeof(nax_source_opts), NAX_NOT_GIVEN, NULL, NULL, NULL, NULL, 0, 0, 0              \
  }

/** How to write a dataset. Table "save" of options.h. */
typedef struct nax_save_opts {
  size_t struct_size;  /**< set by the INIT macro; do not touch */
  const char *command; /**< command line for the history attribute; NULL = library call */
  int64_t compress;    /**< 0 (off) to 9: deflate level, with shuffle */
  int64_t time;        /**< seconds since 1970 for the history attribute; -1 = now */
  int32_t force;       /**< 1: replace an existing file */
  int32_t no_history;  /**< 1: no time, command or version, for equal bytes */
} nax_save_opts;

/** Defaults of nax_save_opts. */
#define NAX_SAVE_OPTS_INIT                                                               \
  {                                                                                      \
    sizeof(nax_save_opts), NULL, 0, -1, 0, 0                                             \
  }

/* ---------------------------------------------------------------- sources */

/** Where a sampling rate comes from. */
typedef enum nax_rate_source {
  NAX_RATE_NONE = 0,       /**< no rate: irregular, or no time axis */
  NAX_RATE_FILE = 1,       /**< stated by the file */
  NAX_RATE_USER = 2,       /**< given by the caller */
  NAX_RATE_TIMESTAMPS = 3, /**< computed from the file's timestamps, which are regular */
  NAX_RATE_PLACEHOLDER =
      4, /**< stated by the file, but a known default that nobody set */
  NAX_RATE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rate_source;

/** What a source says about one of its variables; strings and axes are borrowed from
 * the source. */
typedef struct nax_var_info {
  const char *name;        /**< unique in the source */
  const char *path;        /**< where it is inside the file, e.g. "/units" */
  const char *unit;        /**< of the values, "" when unknown */
  const char *description; /**< what the file says about it, "" when nothing */
  const char *file_dtype;  /**< element type as the file has it, e.g. "int16", "<u8" */
  const char *filters;     /**< compression, e.g. "deflate, shuffle"; "" for none */
  const nax_axis
      *axis[NAX_MAX_NDIM]; /**< arrays: all axes; spikes: the units; tables: none */
  nax_index
      dim[NAX_MAX_NDIM]; /**< arrays: lengths; spikes: units; tables: rows, columns */
  nax_index
      chunk[NAX_MAX_NDIM]; /**< storage chunk per axis, 0 when stored contiguously */
  nax_index n_values;      /**< elements, spikes or cells */
  double rate;             /**< of the time axis in Hz, NaN when irregular or absent */
  double t_start;          /**< first time in seconds, NaN without a time axis */
  double t_stop;           /**< end of the recording in seconds, NaN likewise */
  double median_step;      /**< irregular time: median step in seconds, else NaN */
  double max_gap;          /**< irregular time: largest step in seconds, else NaN */
  nax_index max_gap_at;    /**< index before that step, -1 when there is none */
  nax_var_kind kind;       /**< array, spikes or table */
  nax_rate_source rate_source; /**< where `rate` comes from */
  nax_dtype dtype;             /**< what the file stores, as one of ours */
  int32_t ndim;                /**< axes of an array; 1 for spikes; 2 for tables */
} nax_var_info;

/** An opened recording that has not been read. Opaque; one thread at a time. */
typedef struct nax_source nax_source;

/** Open a file or folder and list what is in it.
 * @status NAX_EIO (missing, unreadable), NAX_EFORMAT (not recognised or faulty; the text
 * names the file, what was found and what was expected), NAX_EDATA, NAX_EINVAL,
 * NAX_ENOTSUP (a compression filter is missing), NAX_ENOMEM.
 * @owns close with nax_source_close. @cost metadata and timestamps only. */
NAX_API NAX_NODISCARD nax_status nax_source_open(nax_ctx *ctx, const char *path,
                                                 const nax_source_opts *opts,
                                                 nax_source **out);

/** Close a source; NULL is accepted. */
NAX_API void nax_source_close(nax_source *s);

/** Name of the recognised format, e.g. "nwb", "suite2p". @borrows */
NAX_API const char *nax_source_format(const nax_source *s);

/** Version of the format as the file states it, "" when it does not. @borrows */
NAX_API const char *nax_source_format_version(const nax_source *s);

/** Path as it was given. @borrows */
NAX_API const char *nax_source_path(const nax_source *s);

/** Number of variables. */
NAX_API int32_t nax_source_n_vars(const nax_source *s);

/** What is known of variable i; NULL out of range. @borrows valid until closed. */
NAX_API const nax_var_info *nax_source_var(const nax_source *s, int32_t i);

/** Position of a variable by name (or by its path inside the file), or -1. */
NAX_API int32_t nax_source_find(const nax_source *s, const char *name);

/** Position of the variable that methods take unless told otherwise, or -1 when the
 * file leaves a choice. */
NAX_API int32_t nax_source_main(const nax_source *s);

/** Number of attributes (subject, species, session start ...). */
NAX_API int32_t nax_source_n_attrs(const nax_source *s);

/** Attribute i: key and either text or, when `text` comes back NULL, a number.
 * @borrows valid until closed. */
NAX_API void nax_source_attr(const nax_source *s, int32_t i, const char **key,
                             const char **text, double *number);

/** Read a block of an array variable: count[k] positions from start[k] on of axis k,
 * scaled to physical units, dense column-major into `dst`.
 * @param dtype NAX_F64 or NAX_F32, type of `dst`
 * @param dst_size elements that `dst` holds, at least the product of count[]
 * @nan missing and fill values arrive as NaN; infinite values are NAX_EDATA unless
 * allow_inf, naming variable and index
 * @status NAX_EINVAL, NAX_EDIM, NAX_EDATA, NAX_EIO, NAX_EFORMAT, NAX_ENOTSUP. */
NAX_API NAX_NODISCARD nax_status nax_source_read(nax_ctx *ctx, nax_source *s, int32_t var,
                                                 const nax_index *start,
                                                 const nax_index *count, nax_dtype dtype,
                                                 void *dst, nax_index dst_size);

/** Positions along `axis` that one block should have so that it takes at most `bytes`
 * with all other axes whole, rounded to whole storage chunks where they fit; at least 1.
 */
NAX_API nax_index nax_source_block(const nax_source *s, int32_t var, int32_t axis,
                                   size_t bytes);

/** Read an array variable whole, as NAX_F64 or NAX_F32.
 * @owns free with nax_array_free. @status as nax_source_read, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_source_load_array(nax_ctx *ctx, nax_source *s,
                                                       int32_t var, nax_dtype dtype,
                                                       nax_array **out);

/** Read spike trains. @owns free with nax_spikes_free.
 * @status as nax_source_read, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_source_load_spikes(nax_ctx *ctx, nax_source *s,
                                                        int32_t var, nax_spikes **out);

/** Read a table. @owns free with nax_table_free. @status as nax_source_read, NAX_ENOMEM.
 */
NAX_API NAX_NODISCARD nax_status nax_source_load_table(nax_ctx *ctx, nax_source *s,
                                                       int32_t var, nax_table **out);

/** Read everything: all variables as NAX_F64, all tables, all attributes.
 * @owns free with nax_dataset_free. @status as nax_source_read, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_source_load(nax_ctx *ctx, nax_source *s,
                                                 nax_dataset **out);

/** Open, load whole and close. @owns free with nax_dataset_free.
 * @status as nax_source_open and nax_source_load. */
NAX_API NAX_NODISCARD nax_status nax_dataset_load(nax_ctx *ctx, const char *path,
                                                  const nax_source_opts *opts,
                                                  nax_dataset **out);

/* ---------------------------------------------------------------- writing */

/** Write a dataset as native NetCDF-4, atomically: to a temporary name beside `path`,
 * flushed to disk, renamed. A crash or failure leaves the old file or the new one.
 * @status NAX_EIO (exists and not `force`, no space, not writable), NAX_ENOMEM.
 * @cost one pass over the data. */
NAX_API NAX_NODISCARD nax_status nax_dataset_save(nax_ctx *ctx, const nax_dataset *d,
                                                  const char *path,
                                                  const nax_save_opts *opts);

/** Write one array as .npy (C order with axes reversed back: neuron x time x ...),
 * atomically. @status as nax_dataset_save. */
NAX_API NAX_NODISCARD nax_status nax_export_npy(nax_ctx *ctx, const nax_array *a,
                                                const char *path,
                                                const nax_save_opts *opts);

/** Receives text piece by piece; returns 0 to go on, anything else to fail with NAX_EIO.
 */
typedef int (*nax_write_fn)(const char *text, size_t length, void *user);

/** Format one array of at most two axes as CSV: one row per time point where there is a
 * time axis (else per position of axis 0), first column the coordinate, header line with
 * the labels; numbers shortest round-trip, missing values as NaN.
 * @status NAX_EDIM (more than two axes), NAX_EIO (`write` failed), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_format_csv(nax_ctx *ctx, const nax_array *a,
                                                nax_write_fn write, void *user);

/** Format a table as CSV, header line first. `separator` is a comma or a tab.
 * @status NAX_EINVAL, NAX_EIO (`write` failed), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_format_table(nax_ctx *ctx, const nax_table *t,
                                                  char separator, nax_write_fn write,
                                                  void *user);

/** nax_format_csv to a file, atomically. @status as nax_format_csv and nax_dataset_save.
 */
NAX_API NAX_NODISCARD nax_status nax_export_csv(nax_ctx *ctx, const nax_array *a,
                                                const char *path,
                                                const nax_save_opts *opts);

/** nax_format_table (comma) to a file, atomically.
 * @status as nax_format_table and nax_dataset_save. */
NAX_API NAX_NODISCARD nax_status nax_export_table_csv(nax_ctx *ctx, const nax_table *t,
                                                      const char *path,
                                                      const nax_save_opts *opts);

/** SHA-256 of a file as 64 hexadecimal digits and a final zero into `hex` (of a folder:
 * of the names, sizes and digests of the files in it, sorted by name).
 * @status NAX_EIO. @cost one pass over the file. */
NAX_API NAX_NODISCARD nax_status nax_file_sha256(nax_ctx *ctx, const char *path,
                                                 char hex[65]);

/** Number of file formats that can be read. */
NAX_API int32_t nax_n_formats(void);

/** Name and one-line description of format i; NULL out of range. Static strings. */
NAX_API void nax_format_info(int32_t i, const char **name, const char **description);

NAX_END_DECLS
#endif
