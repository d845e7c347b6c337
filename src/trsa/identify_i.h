/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of identification: RDMs in groups, and their inner products in each window.
 */
#ifndef NAX_TRSA_IDENTIFY_I_H
#define NAX_TRSA_IDENTIFY_I_H
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include "trsa_i.h"

typedef struct nax_i_id {
  nax_index n, m, n_rdm, n_groups, n_labels, n_windows;
  int64_t *group, *label;             /* of each RDM, numbered from 0 */
  int64_t *group_value, *label_value; /* as the caller has them */
  nax_index *member, *start;          /* RDMs of group g: member[start[g]] ... */
  nax_index *lo, *hi;                 /* window w: levels lo[w] <= hi[w] */
  nax_index whole;                    /* the window of all levels */
  double *gram;                       /* n_rdm x n_rdm for each window */
  double *raw;                        /* the same of the RDMs as they are */
} nax_i_id;

/* How many windows the options make: those of l < u by l, then those of l = u. */
nax_index nax_i_trsa_windows(const nax_trsa_identify_opts *o);

void nax_i_id_free(nax_i_id *p);
/* Windows and inner products (lo, hi, whole, gram, raw) of m x n_rdm dissimilarities. */
nax_status nax_i_id_grams(nax_ctx *ctx, const char *fn, const double *d,
                          const nax_trsa_identify_opts *o, nax_i_id *p);

/* What a window is sensitive to; *which is its position in nax_trsa_identification. */
const char *nax_i_trsa_window_class(double lower, double upper, int *which);

#endif
