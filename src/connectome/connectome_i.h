/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the dynamic connectome. */
#ifndef NAX_CONNECTOME_I_H
#define NAX_CONNECTOME_I_H
#include "ntf/ntf_i.h"
#include "rng/rng_i.h"
#include "stats/stats_i.h"
#include <neuraxis/connectome.h>

enum { NAX_I_CONNECTOME_SCALES = 16 };

/* Values of sigma that the options ask for. */
nax_status nax_i_connectome_scales(nax_ctx *ctx, const char *fn,
                                   const nax_connectome_opts *o,
                                   double scale[NAX_I_CONNECTOME_SCALES], int32_t *n);

/* A derivative as weighted sums of neighbours. */
typedef struct nax_i_slope {
  nax_index reach;
  double *weight; /* Gaussian: 2 reach + 1. Polynomial: for each place in the window, the
                     2 reach + 1 weights of its slope */
  int polynomial;
} nax_i_slope;
/* scipy's gaussian_filter1d of order 1, reflected ends, cut at 4 sigma. */
nax_status nax_i_slope_gaussian(nax_ctx *ctx, double sigma, nax_i_slope *f);
/* scipy's savgol_filter with deriv 1, ends by the polynomial of the outermost window. */
nax_status nax_i_slope_polynomial(nax_ctx *ctx, nax_index w, nax_index order,
                                  nax_i_slope *f);
void nax_i_slope_free(nax_i_slope *f);
/* Derivative of n samples without gaps, per sample; NaN where there are too few. */
void nax_i_slope_apply(const nax_i_slope *f, nax_index n, const double *x, double *d);

/* Derivatives as the rest of the module sees them. */
typedef struct nax_i_derivatives {
  const double *u; /* neuron x time x animal x scale */
  nax_index n, n_time, n_animals, n_scales;
} nax_i_derivatives;
nax_status nax_i_derivatives_of(nax_ctx *ctx, const char *fn, const nax_array *u,
                                nax_i_derivatives *d);

static inline nax_index
nax_i_n_pairs(nax_index n)
{
  return n * (n - 1) / 2;
}

/* What of the tensor is there: bins and pairs that some animal has. */
typedef struct nax_i_extent {
  nax_index n_bins, n_pairs; /* kept */
  nax_index *bin;            /* ascending */
  nax_index *i, *j;          /* neurons of each kept pair, i < j */
  int missing;               /* 1: some affinity of those kept is missing */
} nax_i_extent;
nax_status nax_i_extent_init(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                             nax_i_extent *e);
void nax_i_extent_free(nax_i_extent *e);
/* Every so many bins, from the `first` on, and the pairs of every so many neurons. */
nax_status nax_i_extent_thin(nax_ctx *ctx, const nax_i_extent *e, nax_index first,
                             nax_index bins, nax_index neurons, nax_i_extent *some);

/* Shape of the tensor of what is kept: time, animal, pair, and channel and scale where
 * there are two or more; returns the number of modes. */
int32_t nax_i_affinity_shape(const nax_i_derivatives *d, const nax_i_extent *e,
                             const nax_connectome_opts *o, nax_index dim[NAX_MAX_NDIM],
                             const char *name[NAX_MAX_NDIM]);
/* Fill it; `out` is dense of type `dtype`. */
nax_status nax_i_affinity_fill(nax_ctx *ctx, const char *fn, const nax_i_derivatives *d,
                               const nax_i_extent *e, const nax_connectome_opts *o,
                               nax_dtype dtype, void *out);

/* Gaps that are whole neurons and whole bins of an animal. */
typedef struct nax_i_bricks {
  nax_i_ntf_mask mask; /* first, so that one leads to the other */
  const nax_i_extent *e;
  char *bin, *neuron; /* animal x kept bin, animal x neuron: 1 where it is there */
} nax_i_bricks;
/* Whether all gaps are of that kind. */
nax_status nax_i_are_bricks(nax_ctx *ctx, const nax_i_derivatives *d,
                            const nax_i_extent *e, int *they_are);
/* The mask of such gaps for an operand of the shape of x. */
nax_status nax_i_bricks_init(nax_ctx *ctx, const nax_i_derivatives *d,
                             const nax_i_extent *e, const nax_i_ntf_operand *x,
                             nax_i_bricks *b);
void nax_i_bricks_free(nax_i_bricks *b);

/* The tensor as the operand of a fit, never formed. Keeps d, e and o. */
typedef struct nax_i_unformed {
  nax_i_ntf_operand op;
  const nax_i_derivatives *d;
  const nax_i_extent *e;
  const nax_connectome_opts *o;
  nax_index all;                  /* kept bins x animals */
  nax_index n_channels, n_layers; /* layers: channels x scales that are a mode */
  nax_index padded_all, padded_n; /* to whole rows of a tile */
  nax_index times;                /* that are gone through together */
  void *by_time;    /* derivatives, missing ones 0: a tile's times x neuron, for each tile
                       of bins x animal, x scale */
  void *by_neuron;  /* the same, a tile's neurons x bins x animal, for each tile of
                       neurons,  x scale */
  nax_index *first; /* n + 1: where the pairs of a neuron with those before it begin */
  nax_i_bricks bricks;
  int64_t ld; /* of q */
  int held;   /* `q` is that of the pair factor */
  double *q;  /* (bins x animal x layer) x ld: tensor times pair factor */
  void *w;    /* weights of a pass */
} nax_i_unformed;
nax_status nax_i_unformed_init(nax_ctx *ctx, const nax_i_derivatives *d,
                               const nax_i_extent *e, const nax_connectome_opts *o,
                               nax_i_unformed *b);
void nax_i_unformed_free(nax_i_unformed *b);
/* The same without a look at the values: enough for the memory it takes. */
void nax_i_unformed_shape(const nax_i_derivatives *d, const nax_i_extent *e,
                          const nax_connectome_opts *o, nax_i_unformed *b);
/* Bytes that nax_i_unformed_init keeps. */
size_t nax_i_unformed_memory(const nax_i_unformed *b);

/* Pair factors made of memberships (neuron x component x community, community fastest).
 */
typedef struct nax_i_symmetric {
  nax_i_ntf_made made; /* first, so that one leads to the other */
  const nax_i_extent *e;
  nax_index n;
  int64_t rank, q, n_starts;
  const double *init; /* memberships to start at, or NULL */
  uint64_t seed;
  double *h;       /* of all starts */
  nax_index *pair; /* n x n: number of the pair, -1: not kept */
} nax_i_symmetric;
nax_status nax_i_symmetric_init(nax_ctx *ctx, nax_index n, const nax_i_extent *e,
                                int64_t rank, int64_t q, int64_t n_starts,
                                const double *init, nax_i_symmetric *s);
void nax_i_symmetric_free(nax_i_symmetric *s);
/* Bytes that nax_i_symmetric_init allocates. */
size_t nax_i_symmetric_memory(nax_index n, int64_t rank, int64_t q, int64_t n_starts);
/* Memberships behind the pair factors of a fit. */
nax_status nax_i_symmetric_take(nax_ctx *ctx, const nax_i_symmetric *s, const nax_ntf *m,
                                double **out);

/* Where a fit starts: one view per mode, and memberships with `symmetric`. */
typedef struct nax_i_start {
  const nax_view *init;
  const double *member;
} nax_i_start;

/* Factorise what is kept; `start` may be NULL, as may `member`, which is NULL on return
 * unless pair factors are made of memberships. */
nax_status nax_i_connectome_factorise(nax_ctx *ctx, const char *fn,
                                      const nax_i_derivatives *d, const nax_i_extent *e,
                                      const nax_connectome_opts *o,
                                      const nax_i_start *start, const nax_ntf_opts *fit,
                                      nax_ntf **out, double **member);

/* out (kept pairs x rank) = the tensor contracted with c (kept bins x animal x rank) and
 * with `rest` (channel x scale x rank; ones where there is no such mode). Missing entries
 * count as 0. */
nax_status nax_i_affinity_project(nax_ctx *ctx, const char *fn,
                                  const nax_i_derivatives *d, const nax_i_extent *e,
                                  const nax_connectome_opts *o, int64_t rank,
                                  const double *c, const double *rest, double *out);

/* --- communities -------------------------------------------------------------------- */

/* Components of one fit, folded. */
typedef struct nax_i_motifs {
  nax_i_extent e;
  nax_ntf *ntf;
  nax_index n;
  int64_t rank;
  double *motif;    /* n x n x rank */
  int64_t q;        /* communities that a motif is made of; 0: any motif */
  double *member;   /* n x rank x q, q fastest; NULL when q is 0 */
  nax_sbm **blocks; /* rank; NULL: the motif has no edge, or is made of communities */
  nax_index *label; /* n x rank */
  nax_index *n_groups;
} nax_i_motifs;

void nax_i_motifs_free(nax_i_motifs *s);
/* Fit and fold. `from` (may be NULL): start at the components of that fit, whose animals
 * are taken in the order `animal`. The block models make n_searches searches and
 * n_samples sweeps. */
nax_status nax_i_motifs_fit(nax_ctx *ctx, const nax_i_derivatives *d,
                            const nax_connectome_opts *o, const nax_ntf_opts *fit,
                            const nax_i_motifs *from, const int64_t *animal,
                            int64_t n_searches, int64_t n_samples, nax_i_motifs *out);

/* Affinity that the profiles of `s` collect in data d, whose extent is that of s: `out`
 * has for component r at out[r * (n + 1)] all of it, then that within each community. */
nax_status nax_i_motifs_collect(nax_ctx *ctx, const nax_i_motifs *s,
                                const nax_i_derivatives *d, const nax_connectome_opts *o,
                                double *out);

struct nax_connectome {
  nax_connectome_opts opts;
  char *scales;
  nax_i_motifs s;
  nax_index n_time, n_animals, n_scales;
  double *when;
  nax_index *state;
  double *excess, *p; /* rank x (n + 1), n + 1 fastest; NULL without null */
  double *together;   /* n x n x rank; NULL without bootstrap */
  double *stability;
};

/* Null and bootstrap of a fit that is otherwise done. */
nax_status nax_i_connectome_null(nax_ctx *ctx, const nax_i_derivatives *d,
                                 nax_connectome *m);
nax_status nax_i_connectome_bootstrap(nax_ctx *ctx, const nax_i_derivatives *d,
                                      nax_connectome *m);

#endif
