/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Communities of a weighted undirected graph: the nested microcanonical stochastic block
 * model, with the number of groups chosen by description length.
 *
 * Symbols: N nodes, E edges, B groups of sizes n_r, e_rs half-edges between groups r and
 * s (e_rr counted twice), m_rs edges and mu_rs total weight between them, k_i degrees.
 * Description lengths are in nats. Weights are modelled by a hurdle: 0 is "no edge",
 * a positive weight is drawn from a distribution of its pair of groups. Sources: Peixoto
 * 2014 (nested model), 2017 (microcanonical, degree-corrected), 2018 (weights); Jain &
 * Neal 2004 (split and merge moves). */
#ifndef NEURAXIS_SBM_H
#define NEURAXIS_SBM_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** Distribution of the positive weights between two groups. */
typedef enum nax_sbm_weights {
  NAX_SBM_NONE = 1,        /**< weights are not looked at: who is joined, only */
  NAX_SBM_EXPONENTIAL = 2, /**< exponential given the total weight (microcanonical) */
  NAX_SBM_GAMMA = 3, /**< gamma of the shape that fits all weights, its rate integrated */
  NAX_SBM_LOGNORMAL = 4,                 /**< log-normal, mean and variance integrated */
  NAX_SBM_WEIGHTS_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_sbm_weights;

/** What is known of the degrees. */
typedef enum nax_sbm_degrees {
  NAX_SBM_PLAIN = 1,     /**< nodes of a group are alike */
  NAX_SBM_CORRECTED = 2, /**< each node has its own degree */
  NAX_SBM_EITHER = 3,    /**< whichever gives the smaller description length */
  NAX_SBM_DEGREES_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_sbm_degrees;

/** Options of nax_sbm_fit. Table "sbm" of options.h. */
typedef struct nax_sbm_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  int64_t n_restarts; /**< independent searches; the shortest description is kept */
  int64_t n_sweeps;   /**< sweeps over all nodes that sample the posterior around it; 0:
                         no uncertainty */
  int64_t burn_in;    /**< sweeps of each chain before its samples count */
  int64_t min_groups; /**< fewest groups at the lowest level */
  int64_t max_groups; /**< most groups there; 0: N / 2 */
  double floor;       /**< positive weights below this share of the largest are raised to
                         it: a vanishing weight would count without bound */
  uint64_t seed;      /**< search k uses stream k */
  int32_t weights;    /**< one of nax_sbm_weights */
  int32_t degrees;    /**< one of nax_sbm_degrees */
  int32_t nested;     /**< 1: the edge counts have groups of groups; 0: flat */
  int32_t strength; /**< 1: weights are divided by the mean weight of the edges (strength
                         over degree) of both ends first; where all are joined, this is
                         to divide by their strengths */
} nax_sbm_opts;

/** Defaults of nax_sbm_opts. */
#define NAX_SBM_OPTS_INIT                                                                \
  {                                                                                      \
    sizeof(nax_sbm_opts), 10, 200, 50, 1, 0, 1e-3, 1, NAX_SBM_EXPONENTIAL,               \
        NAX_SBM_EITHER, 1, 0                                                             \
  }

/** A description length and its parts, in nats. */
typedef struct nax_sbm_terms {
  double adjacency; /**< the edges, given their counts between groups */
  double degrees;   /**< the degrees, when corrected for */
  double partition; /**< which node is in which group */
  double edges;     /**< the counts between groups (flat, or of all upper levels) */
  double weights;   /**< the positive weights, given their groups */
  double totals;    /**< the total weights between groups (microcanonical) */
  double total;     /**< the sum */
} nax_sbm_terms;

/** A fitted model. Opaque. */
typedef struct nax_sbm nax_sbm;

/** Fit the model to a graph.
 *
 * Every search merges many groups down to the number that describes the graph best; with
 * more than 400 nodes only the best 2000 / N of either kind of degrees (at least one) go
 * on to splits, merges and levels. Samples are drawn by four chains that begin at the
 * shortest description; a node is offered 24 groups at a time.
 *
 * @shape{w} N x N, symmetric, float64 or float32, any strides; entries >= 0, 0 = no edge.
 * The diagonal is not looked at
 * @nan not allowed
 * @status NAX_EDIM, NAX_EDATA (negative, infinite, NaN, not symmetric: naming the pair;
 * no edge at all), NAX_EINVAL (options; bounds on the groups that exclude each other),
 * NAX_EINTERRUPT, NAX_ENOMEM
 * @cost a sweep is O(E + N B^2), one that samples O(E + 24 N B); @threads over searches
 * and chains
 * @random a stream for each search (twice n_restarts of them with `degrees` either), and
 * for each of the four chains; the same bits for any number of threads
 * @paper{peixoto2018}
 * @owns free with nax_sbm_free. */
NAX_API NAX_NODISCARD nax_status nax_sbm_fit(nax_ctx *ctx, const nax_view *w,
                                             const nax_sbm_opts *opts, nax_sbm **out);

/** The same for a list of edges; several of one pair are parallel edges, and a pair of
 * equal ends is a loop.
 * @param weight one per edge, 0: no edge; or NULL with NAX_SBM_NONE
 * @status also NAX_EINVAL for an end outside 0 .. n_nodes - 1. */
NAX_API NAX_NODISCARD nax_status nax_sbm_fit_edges(
    nax_ctx *ctx, nax_index n_nodes, nax_index n_edges, const nax_index *from,
    const nax_index *to, const double *weight, const nax_sbm_opts *opts, nax_sbm **out);

/** Description length of a given partition of the nodes, flat (one level).
 * `degrees` of the options must be plain or corrected.
 * @param label one per node, 0 .. B - 1, every one used
 * @status as nax_sbm_fit_edges. */
NAX_API NAX_NODISCARD nax_status nax_sbm_describe_edges(
    nax_ctx *ctx, nax_index n_nodes, nax_index n_edges, const nax_index *from,
    const nax_index *to, const double *weight, const nax_index *label,
    const nax_sbm_opts *opts, nax_sbm_terms *out);

/** Free a model; NULL is accepted. */
NAX_API void nax_sbm_free(nax_sbm *m);

/** Nodes. */
NAX_API nax_index nax_sbm_n_nodes(const nax_sbm *m);

/** Levels with more than one group, at least 1: level 0 has groups of nodes, level k
 * groups of the groups of level k - 1. */
NAX_API int32_t nax_sbm_n_levels(const nax_sbm *m);

/** Groups at a level; 0 out of range. */
NAX_API nax_index nax_sbm_n_groups(const nax_sbm *m, int32_t level);

/** Group of each node at a level, 0 .. B - 1 with the largest group first. NULL out of
 * range. @borrows */
NAX_API const nax_index *nax_sbm_labels(const nax_sbm *m, int32_t level);

/** The lowest level whose groups are not trivial (at most N / 2 of them). */
NAX_API int32_t nax_sbm_chosen_level(const nax_sbm *m);

/** The description length and its parts. */
NAX_API nax_sbm_terms nax_sbm_description(const nax_sbm *m);

/** 1 when the degree-corrected model was shorter (or asked for). */
NAX_API int32_t nax_sbm_is_corrected(const nax_sbm *m);

/** Share of the posterior samples in which nodes i and j have the same group, N x N; NULL
 * without samples. @borrows */
NAX_API const double *nax_sbm_coassignment(const nax_sbm *m);

/** Uncertainty of each node, 0 to 1: entropy of its group over the samples, groups
 * matched to those of level 0, in units of the largest possible; NULL without samples.
 * @borrows */
NAX_API const double *nax_sbm_uncertainty(const nax_sbm *m);

/** Description lengths of the searches and how many groups each had.
 * @owns free with nax_table_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_sbm_searches(nax_ctx *ctx, const nax_sbm *m,
                                                  nax_table **out);

/** The result as a dataset: "labels" (node x level), "coassignment" (node x node),
 * "uncertainty", table "searches", description length and options as attributes.
 * @param node axis of the nodes, copied; NULL: "node" 0 .. N - 1
 * @status NAX_EDIM, NAX_ENOMEM. @owns free with nax_dataset_free. */
NAX_API NAX_NODISCARD nax_status nax_sbm_dataset(nax_ctx *ctx, const nax_sbm *m,
                                                 const nax_axis *node, nax_dataset **out);

NAX_END_DECLS
#endif
