/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small layer over HDF5 for the formats that are HDF5 inside.
 *
 * Everything goes by path inside the file; nothing of the HDF5 library shows. Every
 * function takes the one lock and keeps the library's error printing off while it holds
 * it, leaving the host's setting as it was. */
#ifndef NAX_HDF5_I_H
#define NAX_HDF5_I_H
#include "io_i.h"

/* An open file, read-only. */
typedef struct nax_i_h5 nax_i_h5;

typedef enum nax_i_h5_class {
  NAX_I_H5_NUMBER = 1, /* integers, floats, booleans */
  NAX_I_H5_ENUM,       /* named integers other than booleans */
  NAX_I_H5_STRING,
  NAX_I_H5_REFERENCE, /* to objects */
  NAX_I_H5_OTHER      /* compound, opaque, ragged ... */
} nax_i_h5_class;

/* An open dataset and what is known without reading it. Dimensions and chunks in the
 * file's own order, slowest first. */
typedef struct nax_i_h5_data {
  nax_i_h5 *file;
  int64_t id;
  char *path;
  nax_i_h5_class klass;
  nax_dtype dtype; /* of numbers; NAX_TEXT for strings */
  char
      file_dtype[32]; /* "float32", ">i2"-like oddities spelled out: "int16 big-endian" */
  char filters[96];   /* "deflate, shuffle"; "" for none */
  int filter_missing; /* id of a filter that is not available, or 0 */
  int32_t ndim;       /* 0 for scalars; more than NAX_MAX_NDIM: treat as unreadable */
  nax_index dim[NAX_MAX_NDIM], chunk[NAX_MAX_NDIM];
  nax_index n;      /* elements */
  uint64_t storage; /* bytes that the file holds for it */
  uint64_t addr;    /* the same for two links to one dataset of one file */
} nax_i_h5_data;

/* Open, with texts such as "file is truncated: 10 of 20 bytes". */
nax_status nax_i_h5_open(nax_ctx *ctx, const char *path, nax_i_h5 **out);
void nax_i_h5_close(nax_i_h5 *f);
const char *nax_i_h5_path(const nax_i_h5 *f);
uint64_t nax_i_h5_size(const nax_i_h5 *f);

/* NAX_EFORMAT when blocks of an HDF5 file contradict themselves: for files that another
 * library is to open, which would not notice. Reads headers, attributes and texts. */
nax_status nax_i_h5_survey(nax_ctx *ctx, const char *path);

/* --- objects ----------------------------------------------------------------------- */

typedef enum nax_i_h5_what {
  NAX_I_H5_ABSENT = 0, /* no link of that name */
  NAX_I_H5_GROUP,
  NAX_I_H5_DATASET,
  NAX_I_H5_BROKEN, /* a link whose target is missing or unreadable */
  NAX_I_H5_STRANGE /* a named type or the like */
} nax_i_h5_what;

/* What is at `path`, links followed. `addr` (may be NULL) tells objects apart. */
nax_i_h5_what nax_i_h5_look(nax_i_h5 *f, const char *path, uint64_t addr[2]);

/* Names in a group, sorted; at most `max` (the rest is left out). Free with
 * nax_i_free_strings. */
nax_status nax_i_h5_list(nax_ctx *ctx, nax_i_h5 *f, const char *path, nax_index max,
                         char ***names, nax_index *n);

/* Why `path` cannot be opened, for a person: names the link and its missing target. */
void nax_i_h5_explain(nax_i_h5 *f, const char *path, char *buf, size_t size);

/* --- attributes -------------------------------------------------------------------- */

/* 1 when the object at `path` has that attribute. */
int nax_i_h5_has_attr(nax_i_h5 *f, const char *path, const char *name);
/* Text of a string attribute (first element) in fresh memory; NULL when there is none. */
nax_status nax_i_h5_attr_text(nax_ctx *ctx, nax_i_h5 *f, const char *path,
                              const char *name, char **out);
/* Number of a numeric attribute (first element), or `otherwise`. */
double nax_i_h5_attr_number(nax_i_h5 *f, const char *path, const char *name,
                            double otherwise);
/* All elements of a string attribute; 0 elements when there is none. */
nax_status nax_i_h5_attr_strings(nax_ctx *ctx, nax_i_h5 *f, const char *path,
                                 const char *name, char ***out, nax_index *n);
/* Path of the object that a reference attribute points to, in fresh memory; NULL when
 * there is none. */
nax_status nax_i_h5_attr_target(nax_ctx *ctx, nax_i_h5 *f, const char *path,
                                const char *name, char **out);

/* --- datasets ---------------------------------------------------------------------- */

/* Open a dataset. NAX_EFORMAT when it is missing (naming a broken link's target), not a
 * dataset, or claims more than the file can hold. */
nax_status nax_i_h5_data_open(nax_ctx *ctx, nax_i_h5 *f, const char *path,
                              nax_i_h5_data **out);
void nax_i_h5_data_close(nax_i_h5_data *d);

/* NAX_ENOTSUP with the name of the plugin package when a filter is missing. */
nax_status nax_i_h5_check_filters(nax_ctx *ctx, const nax_i_h5_data *d);

/* Read a block. Axis k of the result (0 fastest) is dimension map[k] of the file, n_axes
 * of them, start[k] and count[k]; the file's other dimensions are read at fixed[dim].
 * Values times scale plus offset, as `dtype`. Reads in whole rows of chunks. */
nax_status nax_i_h5_read(nax_ctx *ctx, nax_i_h5_data *d, int32_t n_axes,
                         const int32_t *map, const nax_index *fixed,
                         const nax_index *start, const nax_index *count, double scale,
                         double offset, nax_dtype dtype, void *dst);

/* Facts for nax_var_info: chunk and dim by the same map, dtype, texts. 0 when out of
 * memory. */
int nax_i_h5_describe(const nax_i_h5_data *d, int32_t n_axes, const int32_t *map,
                      nax_i_var *v);

/* The whole dataset, flat in the file's order, in fresh memory. More than `max` elements
 * are NAX_EFORMAT. Integers: of any width, also stored as floats that are whole;
 * uint64 beyond int64 is NAX_EDATA naming index and value. */
nax_status nax_i_h5_numbers(nax_ctx *ctx, nax_i_h5_data *d, nax_index max, double **out,
                            nax_index *n);
nax_status nax_i_h5_integers(nax_ctx *ctx, nax_i_h5_data *d, nax_index max, int64_t **out,
                             nax_index *n);
/* Strings of any kind, names of enum members, or last path components of referenced
 * objects. Free with nax_i_free_strings. */
nax_status nax_i_h5_strings(nax_ctx *ctx, nax_i_h5_data *d, nax_index max, char ***out,
                            nax_index *n);

/* The dataset at `path` if it is a string (several elements are joined by ", ") or a
 * number of one element; NULL or `otherwise` when it is anything else. */
nax_status nax_i_h5_text_at(nax_ctx *ctx, nax_i_h5 *f, const char *path, char **out);
double nax_i_h5_number_at(nax_i_h5 *f, const char *path, double otherwise);

/* --- for the files of this layer only ---------------------------------------------- */

struct nax_i_h5 {
  int64_t id;
  char *path;
  uint64_t size;
};

/* The file, read-only, through a driver that turns back what would make the library read
 * memory that is not its own; negative when it cannot be opened, the reason is on the
 * library's stack of errors. Call it with the lock held. */
int64_t nax_i_h5_fopen(const char *path);
/* Why a block or a chunk was turned back since the last call, or NULL. */
const char *nax_i_h5_refusal(void);
void nax_i_h5_refuse(const char *why);
/* Whether the first chunk of a dataset, where deflate made it shorter, unpacks to as many
 * bytes as a chunk has: the library takes that for granted and would read past the end of
 * what came out. All chunks are of one size, so that a damaged size shows in the first.
 */
int nax_i_h5_first_chunk_is_whole(int64_t id, int64_t dcpl, int64_t type);
/* Closes those of an attribute that are open, and forgets the library's errors. */
void nax_i_h5_close_attr(int64_t id, int64_t type, int64_t space);
/* From 1 to 0 a dataset of texts of any length, without filters, is read: its references
 * are looked at, too. */
void nax_i_h5_texts_are_read(int on);
/* The text for a dataset whose bytes do not come out. */
nax_status nax_i_h5_read_failed(nax_ctx *ctx, const nax_i_h5_data *d);
/* NAX_EFORMAT when a dataset that is wanted whole has more than `max` elements. */
nax_status nax_i_h5_check_whole(nax_ctx *ctx, const nax_i_h5_data *d, nax_index max);
/* Native type of an enumeration; close it with H5Tclose. */
nax_status nax_i_h5_enum_type(nax_ctx *ctx, const nax_i_h5_data *d, int64_t *out);
/* Strings of an open dataset (is_attr 0) or attribute, n of them; NAX_TEXT kinds only. */
nax_status nax_i_h5_read_strings(nax_ctx *ctx, nax_i_h5 *f, const char *what, int64_t id,
                                 int is_attr, nax_index n, char **out);

#endif
