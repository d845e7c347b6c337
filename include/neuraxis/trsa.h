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

/* ------------------------------------------------ which windows carry the information */

/** What is computed in each window. */
typedef enum nax_trsa_statistic {
  NAX_TRSA_RGTM = 1,                        /**< geo-topological matrices */
  NAX_TRSA_RGDM = 2,                        /**< ranks of geodesic matrices */
  NAX_TRSA_STATISTIC_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_trsa_statistic;

/** Options of nax_trsa_identify. Table "trsa-identify" of options.h. */
typedef struct nax_trsa_identify_opts {
  size_t struct_size;     /**< set by the INIT macro; do not touch */
  int64_t steps;          /**< thresholds at multiples of 1 / steps: steps (steps + 1) / 2
                             windows */
  int64_t n_permutations; /**< of labels within groups; 0: no tests */
  uint64_t seed;          /**< permutation k is stream k */
  int32_t statistic;      /**< one of nax_trsa_statistic */
  int32_t zero_links;     /**< geodesics: 1: pairs below the window are links of length 0;
                             0: they are none, as in the authors' program */
  int32_t adjacency;      /**< 1: also windows of equal thresholds, which say no more than
                             who is linked: topology alone. Geodesics: with zero_links */
} nax_trsa_identify_opts;

/** Defaults of nax_trsa_identify_opts. */
#define NAX_TRSA_IDENTIFY_OPTS_INIT                                                      \
  {                                                                                      \
    sizeof(nax_trsa_identify_opts), 20, 1000, 1, NAX_TRSA_RGTM, 1, 0                     \
  }

/** What nax_trsa_identify found; accuracies are shares of the RDMs. */
typedef struct nax_trsa_identification {
  nax_index n_rdm;      /**< RDMs */
  nax_index n_groups;   /**< distinct groups */
  nax_index n_labels;   /**< distinct labels */
  nax_index n_windows;  /**< windows looked at */
  double largest_label; /**< share of the most frequent label: what guessing reaches */
  double raw;           /**< accuracy of the RDMs as they are */
  double ranked;        /**< of their ranks */
  double best;          /**< best of all windows: chosen on what it is measured on */
  double best_lower;    /**< its lower threshold (the first of equals) */
  double best_upper;    /**< its upper threshold */
  double nested;        /**< accuracy with the window chosen, for each group, within the
                           other groups; NaN with 2 groups */
  double se_raw;    /**< standard errors over groups, which are the sample: of raw ... */
  double se_ranked; /**< ... */
  double se_best;   /**< ... (does not know of the choice) */
  double se_nested; /**< ... */
  double p_raw;     /**< p values against labels permuted within groups ... */
  double p_ranked;  /**< ... */
  double p_best;    /**< ... of the best window among the best of each permutation */
  double p_nested;  /**< ... with the choice made anew in each */
  double p_nested_ranked; /**< nested against ranked: two-sided sign flips over groups */
  double class_mean[5];   /**< mean accuracy over windows sensitive to topology (lower >=
                             .4, upper <= .6), geometry (width >= .8), local (centre <=
                             .2), global (centre >= .8), and the others */
} nax_trsa_identification;

/** Identify regions or layers from their RDMs: each group (subject, seed, measurement) is
 * left out in turn and its RDMs get the label of the nearest centroid (Euclidean, over
 * pairs) of the other groups; for the RDMs as they are, their ranks, and every window of
 * thresholds. The window is also chosen without the group it is tested on, so that the
 * accuracy of the choice is told and not that of the luckiest window.
 *
 * The tests ask whether labels matter, given the groups: permutations within groups are
 * exact for that question. Sign flips of nested - ranked take groups as a sample of
 * groups, whose differences are symmetric when there is none.
 *
 * @param n conditions, >= 4
 * @shape{d} m x n_rdm
 * @param group of each RDM, any numbers, at least 2 different ones
 * @param label of each RDM, any numbers, at least 2 different ones
 * @param summary may be NULL
 * @param out tables "windows" (lower, upper, kind, accuracy, its standard error over
 * groups, p value corrected for all windows), "groups" (accuracies, chosen windows),
 * "rdms" (labels given), and attributes
 * @nan a pair missing in any RDM is left out of all, with info "trsa.missing-pairs";
 * paths go round it
 * @status NAX_EDIM, NAX_EDATA (infinite, constant RDM, one group, one label), NAX_EINVAL
 * (options), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost n_rdm^2 m / 2 for all windows (geodesics: the sweeps, and n_rdm^2 m / 2 for each
 * window), and n_rdm^2 per window and permutation. Memory: nax_trsa_identify_memory
 * @threads over RDMs and permutations: same bits for any number
 * @owns free `out` with nax_dataset_free. @paper{lin2024} */
NAX_API NAX_NODISCARD nax_status nax_trsa_identify(
    nax_ctx *ctx, nax_index n, nax_index n_rdm, const double *d, const int64_t *group,
    const int64_t *label, const nax_trsa_identify_opts *opts,
    nax_trsa_identification *summary, nax_dataset **out);

/** Bytes that nax_trsa_identify needs at most besides `d`, with the threads of `ctx`.
 * @status NAX_EDIM, NAX_EINVAL. */
NAX_API NAX_NODISCARD nax_status
nax_trsa_identify_memory(nax_ctx *ctx, nax_index n, nax_index n_rdm,
                         const nax_trsa_identify_opts *opts, size_t *bytes);

/* ------------------------------------------------------------- adaptive thresholds */

/** Options of nax_trsa_agtic. Table "agtic" of options.h. */
typedef struct nax_trsa_agtic_opts {
  size_t struct_size;     /**< set by the INIT macro; do not touch */
  int64_t levels;         /**< thresholds: `levels` evenly spaced from 0 to 1 */
  int64_t n_permutations; /**< of the conditions of one matrix; 0: no test */
  uint64_t seed;          /**< permutation k is stream k */
  int32_t quantiles;      /**< thresholds: 1: quantiles of the distances, 0: shares of
                             the largest */
  int32_t hard;           /**< 1: between the thresholds distances stay as they are,
                             beyond the upper one they are the largest; 0: linear ramp */
} nax_trsa_agtic_opts;

/** Defaults of nax_trsa_agtic_opts. */
#define NAX_TRSA_AGTIC_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_trsa_agtic_opts), 6, 1000, 1, 0, 0                                        \
  }

/** What nax_trsa_agtic found. */
typedef struct nax_trsa_agtic_result {
  nax_index n_windows; /**< levels (levels - 1) / 2 */
  double plain;        /**< distance correlation without thresholds */
  double max;          /**< largest of the map */
  double x_lower;      /**< where: window of x ... */
  double x_upper;      /**< ... */
  double y_lower;      /**< ... and of y */
  double y_upper;      /**< ... */
  double standardised; /**< largest of (map - mean) / sd over permutations, NaN without */
  double p_plain;      /**< permutation p value of `plain`, NaN without */
  double p_max;        /**< of `max`: the search is made anew in each permutation */
  double p_standardised; /**< of `standardised`, likewise */
} nax_trsa_agtic_result;

/** Are two sets of conditions' distances related in some window of each? The distance
 * correlation (V-statistic, square root) of two distance matrices, each transformed with
 * its own window, for all pairs of windows (adaptive geo-topological independence
 * criterion).
 *
 * @param n conditions, >= 4
 * @shape{x} m distances >= 0 @shape{y} m distances >= 0
 * @param map n_windows x n_windows, windows of y fastest, ordered by upper threshold,
 * then lower; may be NULL
 * @nan refused
 * @status NAX_EDIM, NAX_EDATA (NaN, infinite, negative, all equal), NAX_EINVAL,
 * NAX_ENOMEM, NAX_EINTERRUPT.
 * @differs the published program divides the ramp of y by the width of the window of x;
 * here each matrix has its own
 * @cost 2 n^2 n_windows^2 flops, and as much per permutation; memory 2 n^2 n_windows
 * doubles, and n^2 n_windows per thread
 * @threads over permutations: same bits. @random permutation k is stream k of the seed
 * @paper{lin2018} */
NAX_API NAX_NODISCARD nax_status nax_trsa_agtic(nax_ctx *ctx, nax_index n,
                                                const double *x, const double *y,
                                                const nax_trsa_agtic_opts *opts,
                                                double *map, nax_trsa_agtic_result *out);

/* ----------------------------------------------------------- persistent homology */

/** Options of nax_ph_rips. Table "ph" of options.h. */
typedef struct nax_ph_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  double threshold;   /**< largest distance looked at; NaN: the enclosing radius (smallest
                         over conditions of the largest distance to another), beyond which
                         nothing is left to find */
  int64_t max_dim;    /**< 0 components, 1 also loops, 2 also voids */
  int64_t memory;     /**< MB that may be used; 0: any number */
} nax_ph_opts;

/** Defaults of nax_ph_opts. */
#define NAX_PH_OPTS_INIT                                                                 \
  {                                                                                      \
    sizeof(nax_ph_opts), NAX_NOT_GIVEN, 1, 0                                             \
  }

/** Persistence diagrams of dimensions 0 to max_dim. Opaque. */
typedef struct nax_ph nax_ph;

/** Persistent homology over Z/2 of the Vietoris-Rips filtration: at distance t all sets
 * of conditions whose distances are <= t. Distances need not be a metric. Ranks in their
 * place (nax_trsa_rgtm) give diagrams that monotone changes of the distances leave alone.
 *
 * @param n conditions, 2 to 65536
 * @shape{d} m distances >= 0
 * @nan a missing pair is never joined
 * @status NAX_EDIM, NAX_EDATA (negative, naming the pair), NAX_EINVAL (options),
 * NAX_ENOMEM (also beyond opts->memory, before the run where that can be told),
 * NAX_EINTERRUPT.
 * @cost memory: nax_ph_memory; time grows with the simplices that are not in apparent
 * pairs, mostly a small share of all n^(max_dim + 2).
 * @owns free with nax_ph_free. @paper{bauer2021} */
NAX_API NAX_NODISCARD nax_status nax_ph_rips(nax_ctx *ctx, nax_index n, const double *d,
                                             const nax_ph_opts *opts, nax_ph **out);

/** Bytes that nax_ph_rips needs, from counting the simplices it will hold: an upper bound
 * but for the working space of the column being reduced, which is small unless the
 * topology is rich. @nan as nax_ph_rips. @status as nax_ph_rips.
 * @cost about that of listing simplices in the run: n^2 for loops, n^3 for voids. */
NAX_API NAX_NODISCARD nax_status nax_ph_memory(nax_ctx *ctx, nax_index n, const double *d,
                                               const nax_ph_opts *opts, size_t *bytes);

/** Free diagrams; NULL is accepted. */
NAX_API void nax_ph_free(nax_ph *p);

/** Highest dimension. */
NAX_API int64_t nax_ph_max_dim(const nax_ph *p);

/** Largest distance that was looked at. */
NAX_API double nax_ph_threshold(const nax_ph *p);

/** Bars of a dimension by birth, then death: *n pairs (birth, death), 2 x n; a death of
 * +infinity: the class outlives the threshold. Bars of length 0 are left out. NULL out of
 * range. @borrows valid until the diagrams are freed. */
NAX_API const double *nax_ph_bars(const nax_ph *p, int64_t dim, nax_index *n);

/** Bottleneck distance between two diagrams: the smallest over matchings, points of the
 * diagonal included, of the largest difference of a coordinate. Classes that never die
 * are matched by their births; different numbers of them are infinitely far apart.
 * @shape{a} 2 x n_a, as from nax_ph_bars @shape{b} 2 x n_b
 * @nan refused @status NAX_EDIM, NAX_EDATA (NaN, death before birth), NAX_ENOMEM.
 * @cost O(k^2.5 log k) for k bars at most, k^2 doubles. @paper{cohensteiner2007} */
NAX_API NAX_NODISCARD nax_status nax_ph_bottleneck(nax_ctx *ctx, nax_index n_a,
                                                   const double *a, nax_index n_b,
                                                   const double *b, double *out);

/** Wasserstein distance of order q between two diagrams: the q-th root of the smallest
 * sum of q-th powers of distances, in the p-norm of the plane.
 * @param q >= 1
 * @param p >= 1; infinity: the largest difference of a coordinate
 * @shape{a} 2 x n_a @shape{b} 2 x n_b
 * @nan refused @status as nax_ph_bottleneck, and NAX_EINVAL (q, p).
 * @cost O((n_a + n_b)^3) (shortest augmenting paths), (n_a + n_b)^2 doubles. */
NAX_API NAX_NODISCARD nax_status nax_ph_wasserstein(nax_ctx *ctx, nax_index n_a,
                                                    const double *a, nax_index n_b,
                                                    const double *b, double q, double p,
                                                    double *out);

/** Sliced Wasserstein distance between two diagrams: the mean over n_slices directions,
 * evenly spaced over half a turn, of the distance on a line between the projections of
 * each diagram and of the other one's projection onto the diagonal. Classes that never
 * die are left out.
 * @shape{a} 2 x n_a @shape{b} 2 x n_b
 * @nan refused @status NAX_EDIM, NAX_EDATA, NAX_EINVAL (n_slices < 1), NAX_ENOMEM.
 * @cost n_slices (n_a + n_b) log(n_a + n_b). @paper{carriere2017} algorithm 1 */
NAX_API NAX_NODISCARD nax_status nax_ph_sliced(nax_ctx *ctx, nax_index n_a,
                                               const double *a, nax_index n_b,
                                               const double *b, int64_t n_slices,
                                               double *out);

/** Persistence scale-space kernel of two diagrams: the inner product of the heat that
 * their points, and cold mirror points below the diagonal, spread within time `sigma`.
 * Classes that never die are left out. The distance between diagrams that it stands for
 * is sqrt(k(a,a) + k(b,b) - 2 k(a,b)).
 * @param sigma > 0 @shape{a} 2 x n_a @shape{b} 2 x n_b
 * @nan refused @status NAX_EDIM, NAX_EDATA, NAX_EINVAL (sigma). @cost n_a n_b.
 * @paper{reininghaus2015} eq. 10 */
NAX_API NAX_NODISCARD nax_status nax_ph_heat_kernel(nax_ctx *ctx, nax_index n_a,
                                                    const double *a, nax_index n_b,
                                                    const double *b, double sigma,
                                                    double *out);

/** Distances between the diagrams of several RDMs in one dimension: what differs in their
 * topology, as an RDM of the RDMs.
 * @param sets n_sets diagrams, each with max_dim >= dim
 * @param q order of the Wasserstein distance; infinity: the bottleneck distance
 * @param p norm of the plane, as in nax_ph_wasserstein (bottleneck: not used)
 * @param out room for n_sets (n_sets - 1) / 2 distances, in the order of pairs
 * @nan none; infinite where numbers of classes that never die differ
 * @status NAX_EDIM (n_sets < 2), NAX_EINVAL (dim, q, p), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost one distance per pair. @threads over pairs: same bits. */
NAX_API NAX_NODISCARD nax_status nax_ph_distances(nax_ctx *ctx, nax_index n_sets,
                                                  const nax_ph *const *sets, int64_t dim,
                                                  double q, double p, double *out);

/** How a persistence image is made. Table "ph-image" of options.h. */
typedef struct nax_ph_image_opts {
  size_t struct_size;     /**< set by the INIT macro; do not touch */
  double birth_min;       /**< left edge */
  double birth_max;       /**< right edge */
  double persistence_min; /**< lower edge */
  double persistence_max; /**< upper edge */
  double sd;              /**< of the Gaussian around each point */
  double power;           /**< weight of a point: its persistence to this power */
  int64_t n_birth;        /**< pixels across */
  int64_t n_persistence;  /**< pixels up */
  int32_t integral;       /**< 1: integral over each pixel; 0: density at points evenly
                             spaced from edge to edge */
} nax_ph_image_opts;

/** Defaults of nax_ph_image_opts. */
#define NAX_PH_IMAGE_OPTS_INIT                                                           \
  {                                                                                      \
    sizeof(nax_ph_image_opts), 0.0, 1.0, 0.0, 1.0, 0.1, 1.0, 20, 20, 1                   \
  }

/** Persistence image: a sum of Gaussians over birth and persistence (death - birth), each
 * weighted by persistence. Classes that never die are left out.
 * @shape{bars} 2 x n
 * @param out n_birth x n_persistence, birth fastest
 * @nan refused @status NAX_EDIM, NAX_EDATA, NAX_EINVAL (options). @paper{adams2017} */
NAX_API NAX_NODISCARD nax_status nax_ph_image(nax_ctx *ctx, nax_index n,
                                              const double *bars,
                                              const nax_ph_image_opts *opts, double *out);

/** Landscapes: function k at t is the k-th largest over bars of
 * max(0, min(t - birth, death - t)).
 * @shape{bars} 2 x n
 * @param t n_t positions
 * @param out n_t x n_levels
 * @nan refused @status NAX_EDIM, NAX_EDATA, NAX_ENOMEM.
 * @cost O(n_t n log n). @paper{bubenik2015} */
NAX_API NAX_NODISCARD nax_status nax_ph_landscape(nax_ctx *ctx, nax_index n,
                                                  const double *bars, nax_index n_t,
                                                  const double *t, nax_index n_levels,
                                                  double *out);

/** Betti curve: bars that are alive (birth <= t < death) at each of n_t positions.
 * @shape{bars} 2 x n @nan refused @status NAX_EDIM, NAX_EDATA. @cost O(n_t n). */
NAX_API NAX_NODISCARD nax_status nax_ph_betti(nax_ctx *ctx, nax_index n,
                                              const double *bars, nax_index n_t,
                                              const double *t, double *out);

/** Entropy (nats) of the shares that bars have in their total length, those that never
 * die left out; NaN when there is none. @shape{bars} 2 x n */
NAX_API double nax_ph_entropy(nax_index n, const double *bars);

/** Are the bars longer than chance makes them? The distances are shuffled among the pairs
 * and the diagrams made again; p values count the observed order among the shuffles, so
 * that they are never 0.
 *
 * @param table one row per dimension from 1: dimension, bars, the longest with its p
 * value and the 95 % point of the shuffles, and the same for the total length
 * @nan missing pairs stay where they are
 * @status as nax_ph_rips; NAX_EINVAL when n_shuffles < 19 or max_dim is 0.
 * @cost n_shuffles + 1 runs of nax_ph_rips. @threads over shuffles: same bits.
 * @random shuffle k is stream k of `seed`. @owns free with nax_table_free. */
NAX_API NAX_NODISCARD nax_status nax_ph_null(nax_ctx *ctx, nax_index n, const double *d,
                                             const nax_ph_opts *opts, int64_t n_shuffles,
                                             uint64_t seed, nax_table **table);

NAX_END_DECLS
#endif
