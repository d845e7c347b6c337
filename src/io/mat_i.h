/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands between a MATLAB file and matio.
 *
 * matio believes what a file says about itself, and its history of faults comes from
 * there. Nothing reaches it that was not walked before: levels 4 and 5 by mat_check.c,
 * level 7.3 by hdf5_mat.c. */
#ifndef NAX_MAT_I_H
#define NAX_MAT_I_H
#include "io_i.h"

/* One variable of a level 5 file, in the file's order. */
typedef struct nax_i_mat_part {
  int64_t from;   /* byte of its tag in the file */
  int64_t length; /* bytes of its content in the file */
  int64_t at;     /* byte of its tag in the image */
  int64_t size;   /* bytes of its content in the image */
  int compressed; /* content is a zlib stream */
  int filled;     /* the image has all of it */
  char name[64];  /* for messages and to compare with what matio says */
} nax_i_mat_part;

/* What matio gets to see of a level 4 or 5 file: the file itself when nothing in it is
 * compressed, else an unlinked temporary file in which each variable stands unpacked.
 * Reading blocks then costs no inflating from the start each time, the checksum of the
 * compressed data (which matio never looks at) has been compared, and variables that
 * were not asked for remain holes. */
typedef struct nax_i_mat_image {
  int source, image; /* file descriptors, -1 for none; image is -1 for the file itself */
  char *image_path;  /* of the temporary file, until nax_i_mat_image_hide */
  nax_i_mat_part *part;
  int32_t n_parts, cap_parts;
  int32_t n_skipped; /* variables of classes that hold no numbers (objects, functions) */
  int level;         /* 4 or 5 */
  int compressed;    /* at least one variable is */
  int swap;          /* the file has the other byte order */
} nax_i_mat_image;

/* Walk a level 4 or 5 file: every tag, length and shape has to agree with what contains
 * it. `path` goes into messages. Fails with NAX_EFORMAT naming variable and byte. */
nax_status nax_i_mat_image_open(nax_ctx *ctx, const char *path, nax_i_mat_image *m);

/* Name of an open file by its number, for matio, which takes only names. */
#define NAX_I_MAT_BY_NUMBER "/proc/self/fd/%d"

/* The name under which matio shall open it. */
const char *nax_i_mat_image_path(const nax_i_mat_image *m, const char *path);

/* matio has it open: take its name away, so that nothing is left behind by a crash. */
void nax_i_mat_image_hide(nax_i_mat_image *m);

/* See to it that variable i is in the image whole; its checksum is compared. */
nax_status nax_i_mat_image_fill(nax_ctx *ctx, const char *path, nax_i_mat_image *m,
                                int32_t i);

void nax_i_mat_image_close(nax_i_mat_image *m);

/* Walk a level 7.3 file the way matio will: attributes scalar, references valid and
 * without loops, lengths of the columns of a struct array equal. *n_top is the number of
 * variables that matio has to find. */
nax_status nax_i_hdf5_mat_check(nax_ctx *ctx, const char *path, int32_t *n_top);

#endif
