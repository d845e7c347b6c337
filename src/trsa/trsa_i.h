/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of topological RSA. */
#ifndef NAX_TRSA_I_H
#define NAX_TRSA_I_H
#include "dataset/dataset_i.h"
#include "rsa/rsa_i.h"
#include <neuraxis/trsa.h>

/* Representative of i in a forest of parents (union-find), paths halved on the way. */
static inline nax_index
nax_i_root(nax_index *parent, nax_index i)
{
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

/* n >= 4 conditions and n_rdm >= 1 RDMs that fit; *m the number of pairs. */
nax_status nax_i_trsa_shape(nax_ctx *ctx, const char *fn, nax_index n, nax_index n_rdm,
                            const double *d, nax_index *m);
/* No infinite value, and not all values of an RDM alike. */
nax_status nax_i_trsa_check(nax_ctx *ctx, const char *fn, nax_index m, nax_index n_rdm,
                            const double *d);

/* Average ranks of the m values (NaN kept), scaled to 0..1 unless `plain`. Room for `a`
 * and `tmp`: m entries each. */
void nax_i_trsa_ranks(nax_index m, const double *x, int plain, nax_i_keyed *a,
                      nax_i_keyed *tmp, double *out);

/* Working space of one thread for paths among n nodes. */
typedef struct nax_i_paths {
  nax_index n;
  nax_index *group;        /* component of links of length 0 that a node is in */
  double *memory;          /* of both that follow */
  double *d;               /* distances between components, rows padded to `ld` */
  double *panel;           /* two block rows of it */
  double *s, *t;           /* n each */
  nax_index *at;           /* 2 n */
  nax_i_keyed *edge, *tmp; /* with `links` */
  nax_index n_edges;
} nax_i_paths;

/* Bytes of them; `links`: with room to sort all of them, for a sweep. */
size_t nax_i_paths_memory(nax_index n);
nax_status nax_i_paths_init(nax_ctx *ctx, nax_i_paths *p, nax_index n, int links);
void nax_i_paths_free(nax_i_paths *p);
/* As nax_trsa_geodesics, inputs checked. */
void nax_i_paths_all(nax_i_paths *p, const double *w, double *out);
/* As nax_trsa_geodesic_sweep, inputs checked. */
void nax_i_paths_sweep(nax_i_paths *p, const double *d, double lower, nax_index n_upper,
                       const double *upper, double *out);

#endif
