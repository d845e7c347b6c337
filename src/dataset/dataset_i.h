/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of tables, attributes and datasets. */
#ifndef NAX_DATASET_I_H
#define NAX_DATASET_I_H
#include "spikes/spikes_i.h"
#include <neuraxis/dataset.h>

/* A list of attributes, also used by sources. */
typedef struct nax_i_attr {
  char *key;
  char *text; /* NULL: a number */
  double number;
} nax_i_attr;

typedef struct nax_i_attrs {
  nax_i_attr *item;
  int32_t n, cap;
} nax_i_attrs;

/* Set or replace; `text` NULL stores `number`. */
nax_status nax_i_attrs_set(nax_ctx *ctx, const char *fn, nax_i_attrs *a, const char *key,
                           const char *text, double number);
const nax_i_attr *nax_i_attrs_find(const nax_i_attrs *a, const char *key);
void nax_i_attrs_free(nax_i_attrs *a);

#endif
