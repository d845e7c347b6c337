/* SPDX-License-Identifier: GPL-3.0-or-later */
/* matio's tree of variables, as mat.c lists it and mat_data.c reads from it. */
#ifndef NAX_MAT_TREE_I_H
#define NAX_MAT_TREE_I_H
#include "mat_i.h"
#include <matio.h>

enum { NAX_I_MAT_73 = 73, NAX_I_MAT_PATH = 500 };

typedef struct nax_i_mat_state {
  mat_t *mat;
  nax_i_mat_image image;
  matvar_t **top;
  int32_t n_top;
  int level;                  /* 4, 5 or 73 */
  int locked;                 /* matio of level 7.3 uses HDF5 */
  int32_t candidates;         /* arrays that could be the recording */
  char alone[NAX_I_MAT_PATH]; /* the only candidate */
  int32_t hidden, n_complex, n_attrs;
} nax_i_mat_state;

/* Where a variable of ours is in matio's tree. */
typedef struct nax_i_mat_place {
  matvar_t *v;
  int32_t top;                     /* variable of the file that it is part of */
  int32_t file_axis[NAX_MAX_NDIM]; /* axis k of ours is this one of the file's */
  int32_t order[NAX_MAX_NDIM];     /* among the axes that are kept */
  int32_t ndim;
} nax_i_mat_place;

/* Elements of an array; -1 when that does not fit. */
int64_t nax_i_mat_length(const matvar_t *v);

/* Type of the elements, NAX_TEXT for what is no number. */
nax_dtype nax_i_mat_dtype(const matvar_t *v);

/* Numbers that matio reads in blocks. */
int nax_i_mat_is_dense(const matvar_t *v);

/* A row or a column of real numbers. */
int nax_i_mat_is_vector(const matvar_t *v);

/* Elements of a cell array, fields of a struct array (fields of one element together). */
matvar_t **nax_i_mat_children(const matvar_t *v);

/* All elements are vectors or empty, and not all are empty. */
int nax_i_mat_is_cell_of_vectors(const matvar_t *v);

/* Field of element `at` of a struct array, NULL when there is none. */
matvar_t *nax_i_mat_field(const matvar_t *parent, int64_t at, const char *name);

/* Around every use of matio: level 7.3 is HDF5. */
void nax_i_mat_enter(nax_i_mat_state *st);
void nax_i_mat_leave(nax_i_mat_state *st);

/* All numbers of a dense array as doubles into `out`. */
nax_status nax_i_mat_read_all(nax_ctx *ctx, const nax_source *s, matvar_t *v, int32_t top,
                              const char *name, double *out);

/* Text of a row of characters as UTF-8 in fresh memory; NULL when it is anything else. */
char *nax_i_mat_read_text(nax_ctx *ctx, nax_source *s, matvar_t *v, int32_t top);

/* The functions of nax_i_format. */
nax_status nax_i_mat_read(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                          const nax_index *start, const nax_index *count, nax_dtype dtype,
                          void *dst);
nax_status nax_i_mat_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out);

#endif
