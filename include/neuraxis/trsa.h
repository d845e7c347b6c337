/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topological representational similarity: which distances carry the information, and
 * which holes the geometry has.
 *
 * Symbols: n conditions, m = n (n - 1) / 2 pairs in the order (0,1), (0,2) ... (1,2) ...,
 * d a representational dissimilarity matrix (RDM) as its m values. A stack of R RDMs is
 * m x R, each RDM contiguous.
 *
 * The geo-topological transform sets dissimilarities below a lower threshold to 0, above
 * an upper one to 1, and is linear between: RGTM. All-pairs shortest paths over the links
 * it leaves are the RGDM. Persistent homology follows components, loops and voids of the
 * Vietoris-Rips complex over all thresholds at once.
 *
 * Sources: Lin & Kriegeskorte 2024 (RGTM, RGDM, identification of regions and layers);
 * Lin & Kriegeskorte 2018 (adaptive thresholds); Bauer 2021 (cohomology of Rips
 * complexes); Cohen-Steiner, Edelsbrunner & Harer 2007 (bottleneck distance); Adams et
 * al. 2017 (persistence images); Bubenik 2015 (landscapes). */
#ifndef NEURAXIS_TRSA_H
#define NEURAXIS_TRSA_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/* --------------------------------------------------------------- the transforms */

/** What thresholds are laid on. */
typedef enum nax_trsa_scale {
  NAX_TRSA_RANKS = 1,                   /**< ranks of the pairs within each RDM */
  NAX_TRSA_VALUES = 2,                  /**< the dissimilarities themselves */
  NAX_TRSA_SCALE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_trsa_scale;

/** Shape of the transform between small and large dissimilarities. */
typedef enum nax_trsa_shape {
  NAX_TRSA_RAMP = 1,                    /**< linear between the two thresholds */
  NAX_TRSA_SIGMOID = 2,                 /**< logistic, by `slope` and `centre` */
  NAX_TRSA_SHAPE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_trsa_shape;

/** Which pairs are links of the graph whose shortest paths are taken. */
typedef enum nax_trsa_graph {
  NAX_TRSA_WINDOW = 1,   /**< those below the upper threshold, as long as the ramp says */
  NAX_TRSA_SHORTEST = 2, /**< the share `share` of smallest pairs */
  NAX_TRSA_NEAREST = 3,  /**< where either end is among the nearest of the other */
  NAX_TRSA_MUTUAL = 4,   /**< where both are */
  NAX_TRSA_GRAPH_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_trsa_graph;

/** Whose numbers are wanted. */
typedef enum nax_trsa_convention {
  NAX_TRSA_EXACT = 1,      /**< the definitions */
  NAX_TRSA_PUBLISHED = 2,  /**< as the authors' program: links of length 0 (the closest
                                pairs) are lost, and neighbours count only for the end that
                                comes first in the order of conditions */
  NAX_TRSA_RSATOOLBOX = 3, /**< as rsatoolbox: no ranks, thresholds from the pooled values
                                of all RDMs of the stack, links of length 0 are lost */
  NAX_TRSA_CONVENTION_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_trsa_convention;

/** Options of nax_trsa_rgtm and nax_trsa_rgdm. Table "trsa" of options.h. */
typedef struct nax_trsa_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  double lower;       /**< lower threshold, as a quantile of the pairs */
  double upper;       /**< upper threshold, likewise; >= lower */
  double slope;       /**< of the sigmoid, at ranks scaled to 0..1 */
  double centre;      /**< of the sigmoid */
  double share; /**< graph: share of the pairs, or of the conditions as neighbours */
  int64_t neighbours; /**< graph: number of neighbours; 0: share x n, rounded down */
  int32_t scale;      /**< one of nax_trsa_scale */
  int32_t shape;      /**< one of nax_trsa_shape; RGTM only */
  int32_t graph;      /**< one of nax_trsa_graph; RGDM only */
  int32_t convention; /**< one of nax_trsa_convention */
  int32_t rank_paths; /**< RGDM: 1: ranks of the path lengths, unreachable pairs last */
} nax_trsa_opts;

/** Defaults of nax_trsa_opts. */
#define NAX_TRSA_OPTS_INIT                                                               \
  {                                                                                      \
    sizeof(nax_trsa_opts), 0.0, 1.0, 10.0, 0.5, 0.1, 0, NAX_TRSA_RANKS, NAX_TRSA_RAMP,   \
        NAX_TRSA_WINDOW, NAX_TRSA_EXACT, 0                                               \
  }

/** Geo-topological transform of each RDM of a stack: 0 up to the lower threshold, 1 from
 * the upper one on, linear between. Equal thresholds (also from ties) give a step: 0 up
 * to the threshold, 1 above, which is the adjacency matrix. Lower 0 and upper 1 give the
 * ranks scaled to 0..1.
 *
 * @param n conditions, >= 4
 * @shape{d} m x n_rdm
 * @param out room for m x n_rdm; may be `d`
 * @nan missing pairs stay missing, and have no rank
 * @status NAX_EDIM (n, n_rdm), NAX_EDATA (infinite, or an RDM whose pairs are all equal,
 * naming it), NAX_EINVAL (options), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(m) per RDM. @threads over RDMs. @paper{lin2024} */
NAX_API NAX_NODISCARD nax_status nax_trsa_rgtm(nax_ctx *ctx, nax_index n, nax_index n_rdm,
                                               const double *d, const nax_trsa_opts *opts,
                                               double *out);

/** Geodesic distance matrix of each RDM of a stack: all-pairs shortest paths over the
 * links that `graph` leaves. Pairs at or below the lower threshold are links of length 0.
 *
 * @param n conditions, >= 4
 * @shape{d} m x n_rdm
 * @param out room for m x n_rdm; may be `d`. Pairs that no path joins are +infinity
 * (with rank_paths: they share the last rank)
 * @param n_apart pairs that no path joins, over the whole stack; may be NULL
 * @nan a missing pair is no link
 * @status as nax_trsa_rgtm.
 * @cost n'^3 / 2 per RDM, n' what is left when links of length 0 are contracted.
 * @threads over RDMs. @paper{lin2024} */
NAX_API NAX_NODISCARD nax_status nax_trsa_rgdm(nax_ctx *ctx, nax_index n, nax_index n_rdm,
                                               const double *d, const nax_trsa_opts *opts,
                                               double *out, nax_index *n_apart);

/** All-pairs shortest paths of an undirected graph of n nodes.
 * @param w m lengths >= 0; +infinity or NaN: no link
 * @param out room for m path lengths, +infinity where there is no path; may be `w`
 * @nan no link
 * @status NAX_EDIM (n < 2), NAX_EDATA (negative length, naming the pair), NAX_ENOMEM.
 * @cost n'^3 / 2 by blocks after contraction of links of length 0 (Floyd 1962). */
NAX_API NAX_NODISCARD nax_status nax_trsa_geodesics(nax_ctx *ctx, nax_index n,
                                                    const double *w, double *out);

/** Geodesics for one lower threshold and many upper ones in one pass: links enter in
 * ascending order, and each touches only the pairs that it brings nearer.
 *
 * @param d m dissimilarities; NaN: no link
 * @param lower value at or below which a link has length 0
 * @param n_upper number of upper thresholds
 * @param upper ascending, each >= lower: pairs below it are links of length
 * (d - lower) / (upper - lower)
 * @param out m x n_upper path lengths, +infinity where there is no path
 * @nan no link
 * @status NAX_EDIM, NAX_EINVAL (thresholds not ascending), NAX_EDATA (infinite),
 * NAX_ENOMEM.
 * @cost the sum over links of the pairs they bring nearer, and m per threshold: a small
 * part of n_upper runs of nax_trsa_geodesics. */
NAX_API NAX_NODISCARD nax_status nax_trsa_geodesic_sweep(nax_ctx *ctx, nax_index n,
                                                         const double *d, double lower,
                                                         nax_index n_upper,
                                                         const double *upper,
                                                         double *out);

NAX_END_DECLS
#endif
