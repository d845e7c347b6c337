/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of persistent homology. */
#ifndef NAX_TRSA_PH_I_H
#define NAX_TRSA_PH_I_H
#include "trsa_i.h"
#include <stdio.h>
#include <stdlib.h>

/* A bar: where a class begins and ends. */
typedef struct nax_i_bar {
  double birth, death;
} nax_i_bar;

/* Empty diagrams of dimensions 0 to max_dim. */
nax_status nax_i_ph_create(nax_ctx *ctx, int64_t max_dim, double threshold, nax_ph **out);
nax_status nax_i_ph_add(nax_ctx *ctx, nax_ph *p, int64_t dim, double birth, double death);
/* Bars by birth, then death. */
void nax_i_ph_sort(nax_ph *p);
/* n bars with finite births and deaths not before them. */
nax_status nax_i_ph_check_bars(nax_ctx *ctx, const char *fn, const char *arg, nax_index n,
                               const double *bars);

#endif
