/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text tables: separated values with or without a header, as spreadsheets, scripts and
 * spike sorters write them. */
#ifndef NAX_TEXT_I_H
#define NAX_TEXT_I_H
#include "io_i.h"

/* Strings met in one column, numbered in order of first appearance. */
typedef struct nax_i_dict {
  char *bytes; /* the strings, each with its final zero */
  size_t n_bytes, cap_bytes;
  size_t *at; /* where string k begins */
  int32_t n, cap;
  int32_t *slot; /* open addressing: number + 1, 0 is free */
  size_t n_slots;
} nax_i_dict;

const char *nax_i_dict_text(const nax_i_dict *d, int32_t k);

typedef struct nax_i_text {
  nax_index n_rows, n_cols;
  char **header;     /* n_cols names; NULL when the first row is data */
  double *cells;     /* cell (row, col) at [row * n_cols + col]; NaN when missing */
  nax_i_dict **dict; /* per column: NULL for numbers, else cells number its strings */
  nax_index *line;   /* of each row in the file, from 1 */
  char separator;    /* ',' ';' '\t' or ' ' */
} nax_i_text;

/* Parse `path`. Faults are NAX_EFORMAT or NAX_EDATA naming row (line of the file) and
 * column: ragged rows, text among numbers, numbers beyond double, NUL bytes, infinite
 * values unless `allow_inf`. A file without data rows has n_rows 0. */
nax_status nax_i_text_read(nax_ctx *ctx, const char *path, int allow_inf, nax_i_text *t);
void nax_i_text_free(nax_i_text *t);

/* Column by header name (case-sensitive), or -1. */
nax_index nax_i_text_find(const nax_i_text *t, const char *name);

/* Add column j under `name` to a table of t->n_rows rows, or, when `row` is not NULL, of
 * n rows of which row i takes the text's row row[i] (missing when negative). */
nax_status nax_i_text_to_table(nax_ctx *ctx, const nax_i_text *t, nax_index j,
                               const char *name, const char *unit, const nax_index *row,
                               nax_table *table);

/* 1 when the head of a file of any name looks like a table: text, and mostly numbers. */
int nax_i_text_looks(const unsigned char *head, size_t n);

#endif
