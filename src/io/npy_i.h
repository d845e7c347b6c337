/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What .npy files, .npz members and the folders made of .npy files share. */
#ifndef NAX_NPY_I_H
#define NAX_NPY_I_H
#include "io_i.h"

/* Bytes to read from: a file, or one member of an archive. */
typedef struct nax_i_bytes {
  const char *path;   /* file named in messages, borrowed */
  const char *member; /* put before messages, e.g. "member dff.npy: ", or "" */
  uint64_t size;
  int forward; /* going back is expensive: read in the file's order */
  /* Exactly n bytes from offset `at`, both inside `size`. */
  nax_status (*read)(nax_ctx *ctx, struct nax_i_bytes *b, uint64_t at, void *dst,
                     size_t n);
  int fd;       /* of a file, else -1 */
  void *handle; /* of a member */
} nax_i_bytes;

/* A file. */
nax_status nax_i_bytes_open(nax_ctx *ctx, const char *path, nax_i_bytes *b);
/* Close the descriptor of a file; safe when it was never opened (fd -1). */
void nax_i_bytes_close(nax_i_bytes *b);

/* What the header of a .npy says, checked against the size. */
typedef struct nax_i_npy {
  nax_dtype dtype;
  int swap;    /* bytes are in the other order */
  int fortran; /* first axis is fastest, else the last one */
  int32_t ndim;
  nax_index dim[NAX_MAX_NDIM];
  nax_index n;      /* elements */
  uint64_t data_at; /* offset of the first */
  int major, minor;
  char descr[8];   /* e.g. "<f4" */
  char shape[200]; /* e.g. "(5, 100)", for messages */
} nax_i_npy;

/* Parse and check. Bytes behind the data are a violation (an error with opts.strict). A
 * pickled or text array is NAX_ETYPE naming the type. */
nax_status nax_i_npy_header(nax_ctx *ctx, nax_source *s, nax_i_bytes *b, nax_i_npy *h);

/* The header's own text, without any check of the data: the dictionary (terminated by a
 * zero byte) in `*text`, the offset of what follows in h->data_at. */
nax_status nax_i_npy_header_text(nax_ctx *ctx, nax_i_bytes *b, nax_i_npy *h, char **text);

/* A block, as nax_i_format.read wants it. Axis k of the block is axis order[k] of the
 * file; position i of its axis 0 is position pick[i] of the file when `pick` is not NULL.
 * `what` names the variable in messages. */
nax_status nax_i_npy_read(nax_ctx *ctx, nax_i_bytes *b, const nax_i_npy *h,
                          const char *what, const int32_t *order, const nax_index *pick,
                          const nax_index *start, const nax_index *count, nax_dtype dtype,
                          void *dst);

/* n elements from element `first` on, in the file's order, as doubles. */
nax_status nax_i_npy_values(nax_ctx *ctx, nax_i_bytes *b, const nax_i_npy *h,
                            const char *what, nax_index first, nax_index n, double *dst);

/* A file of folder `dir` that holds one vector ((n), (n,1) or (1,n)): opened and its
 * header checked. `path` (to be freed) is the full name and must outlive `b`. */
nax_status nax_i_npy_open_vector(nax_ctx *ctx, nax_source *s, const char *dir,
                                 const char *name, char **path, nax_i_bytes *b,
                                 nax_i_npy *h);

#endif
