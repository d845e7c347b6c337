/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics that several methods share, on plain buffers and on arrays.
 *
 * Unless a function says otherwise, non-finite values are missing and take no part. */
#ifndef NEURAXIS_STATS_H
#define NEURAXIS_STATS_H
#include <neuraxis/array.h>
#include <neuraxis/options.h>
#include <neuraxis/rng.h>
NAX_BEGIN_DECLS

/* --------------------------------------------------------- order statistics */

/** Quantiles `q` (each 0 to 1) of x: linear between the order statistics around
 * q (m - 1) of the m values present (R's type 7). NaN when there are none.
 * @status NAX_EDIM, NAX_EINVAL (q out of range), NAX_ENOMEM. @cost O(n) per quantile. */
NAX_API NAX_NODISCARD nax_status nax_stats_quantile(nax_ctx *ctx, nax_index n,
                                                    const double *x, nax_index n_q,
                                                    const double *q, double *out);

/** Median and median absolute deviation from it (not scaled: 1.4826 times it estimates
 * the standard deviation of a normal variable). `mad` may be NULL. NaN when nothing is
 * present. @status NAX_EDIM, NAX_ENOMEM. @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_median_mad(nax_ctx *ctx, nax_index n,
                                                      const double *x, double *median,
                                                      double *mad);

/** Ranks from 1, equal values sharing the mean of their ranks. NaN keeps NaN and no rank;
 * infinities are ranked. @status NAX_EDIM, NAX_ENOMEM. @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_ranks(nax_ctx *ctx, nax_index n,
                                                 const double *x, double *out);

/** Skewness of the values present: third central moment over the standard deviation cubed
 * (both with divisor n). NaN for fewer than 3 values or constant ones. @cost O(n). */
NAX_API double nax_stats_skewness(nax_index n, const double *x);

/* ----------------------------------------------------------- circular basics */

/** Mean direction of angles (radians), in (-pi, pi], and mean resultant length (0 spread
 * all round, 1 all alike). `weight` NULL: all 1. Missing angles and those of weight 0 or
 * less take no part; NaN when nothing is left. Either output may be NULL. @cost O(n). */
NAX_API void nax_stats_circular(nax_index n, const double *angle, const double *weight,
                                double *mean, double *resultant);

/** p value of the Rayleigh test that n directions of mean resultant length r have no
 * preferred direction (Zar 1999, eq. 27.4). NaN when n < 1 or r is not in [0, 1]. */
NAX_API double nax_stats_rayleigh(nax_index n, double r);

/* ------------------------------------------------------------ multiple testing */

/** Which false discovery rate procedure. */
typedef enum nax_fdr {
  NAX_FDR_BH = 1, /**< Benjamini and Hochberg 1995: independent or positively dependent */
  NAX_FDR_BY = 2, /**< Benjamini and Yekutieli 2001: any dependence */
  NAX_FDR_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_fdr;

/** Adjusted p values: rejecting those <= q keeps the false discovery rate at q. `out` may
 * be `p` itself. NaN stays NaN and is not counted as a test.
 * @status NAX_EINVAL (a value outside [0, 1], naming the index), NAX_EDIM, NAX_ENOMEM.
 * @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_fdr(nax_ctx *ctx, nax_index n, const double *p,
                                               nax_fdr method, double *out);

/* ------------------------------------------------------------------ resampling */

/** Indices of bootstrap draw number `draw`: n of 0..n-1 with replacement. Draws are
 * independent of each other and of who asks for them in which order.
 * @random stream `draw` under `seed`. @status NAX_EINVAL (n < 1), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_stats_bootstrap(nax_ctx *ctx, uint64_t seed,
                                                     uint64_t draw, nax_index n,
                                                     nax_index *index);

/** Indices of permutation number `draw` of 0..n-1; number 0 is the identity, so that the
 * observed statistic is one of the null's (p values are never 0).
 * @random stream `draw` under `seed`. @status NAX_EINVAL (n < 1), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_stats_permutation(nax_ctx *ctx, uint64_t seed,
                                                       uint64_t draw, nax_index n,
                                                       nax_index *index);

/* ----------------------------------------------------- correlation, covariance */

/** Kind of correlation. */
typedef enum nax_correlation {
  NAX_CORRELATION_PEARSON = 1,           /**< of the values */
  NAX_CORRELATION_SPEARMAN = 2,          /**< of their ranks within each row */
  NAX_CORRELATION_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_correlation;

/** What missing values do to statistics of pairs of rows. */
typedef enum nax_pairing {
  NAX_PAIRING_PAIRWISE = 1, /**< each pair uses what both have */
  NAX_PAIRING_COMPLETE = 2, /**< an observation that any row misses is left out */
  NAX_PAIRING_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_pairing;

/** Options of nax_stats_correlation; start from NAX_STATS_CORRELATION_OPTS_INIT. */
typedef struct nax_stats_correlation_opts {
  size_t struct_size;  /**< set by the macro */
  int64_t min_samples; /**< pairs with fewer common observations are NaN */
  const char *axis;    /**< whose positions are correlated; NULL: see below */
  int32_t kind;        /**< nax_correlation */
  int32_t missing;     /**< nax_pairing */
} nax_stats_correlation_opts;
#define NAX_STATS_CORRELATION_OPTS_INIT                                                  \
  {                                                                                      \
    sizeof(nax_stats_correlation_opts), 3, NULL, NAX_CORRELATION_PEARSON,                \
        NAX_PAIRING_PAIRWISE                                                             \
  }

/** Correlation of each position of an axis with each other one, over all positions of the
 * remaining axes (neuron x time x trial: neurons, over all bins of all trials).
 *
 * The axis is opts->axis, or else the first that is not called time, trial, sample,
 * frequency or bin. The result is float64, axes NAME and NAME_2, exactly symmetric, 1 on
 * the diagonal. Rows without variance give NaN, with info "stats.constant-row".
 * @differs Spearman with pairwise missing values ranks each row once, over all it has,
 * not anew for each pair.
 * @status NAX_EINVAL (no such axis; options), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost rows^2 x observations at the speed of BLAS, up to seven times that when many rows
 * have missing values (frames that all rows miss cost nothing);
 * memory rows^2 and blocks of the observations (Spearman: a copy of the data).
 * @threads over tiles of the result: same bits for any number.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status
nax_stats_correlation(nax_ctx *ctx, const nax_array *in,
                      const nax_stats_correlation_opts *opts, nax_array **out);

/** How a covariance matrix is pulled towards (trace / rows) times the identity. */
typedef enum nax_shrinkage {
  NAX_SHRINKAGE_NONE = 1,              /**< not at all */
  NAX_SHRINKAGE_LEDOIT_WOLF = 2,       /**< Ledoit and Wolf 2004 */
  NAX_SHRINKAGE_OAS = 3,               /**< oracle approximating, Chen et al. 2010 */
  NAX_SHRINKAGE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_shrinkage;

/** Covariance (divisor: number of observations) of the positions of an axis over all
 * other axes, shrunk. `axis` as in nax_stats_correlation, NULL likewise; observations
 * that any row misses are left out. `amount` (may be NULL) gets the share of the target,
 * 0 to 1.
 * @status NAX_EINVAL (no such axis; method), NAX_EDATA (no complete observation),
 * NAX_ENOMEM, NAX_EINTERRUPT. @cost as nax_stats_correlation.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_stats_covariance(nax_ctx *ctx, const nax_array *in,
                                                      const char *axis,
                                                      nax_shrinkage method,
                                                      double *amount, nax_array **out);

/* ------------------------------------------------------------------ clustering */

/** Distance between clusters. */
typedef enum nax_linkage {
  NAX_LINKAGE_AVERAGE = 1,           /**< mean over pairs (UPGMA) */
  NAX_LINKAGE_COMPLETE = 2,          /**< largest over pairs */
  NAX_LINKAGE_SINGLE = 3,            /**< smallest over pairs */
  NAX_LINKAGE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_linkage;

/** One step of hierarchical clustering: items are 0..n-1, step i makes cluster n + i. */
typedef struct nax_merge {
  nax_index a;     /**< the smaller of the two that are joined */
  nax_index b;     /**< the larger */
  double height;   /**< their distance; never decreases from step to step */
  nax_index count; /**< items in the new cluster */
} nax_merge;

/** Hierarchical clustering of n items from their distances.
 * @shape{d} n x n, symmetric (the lower triangle is read), diagonal ignored
 * @param merges room for n - 1
 * @nan refused @status NAX_EDIM (n < 1), NAX_EDATA (not finite or negative, naming the
 * pair), NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(n^2) time (chains of nearest neighbours), n^2 doubles of memory. */
NAX_API NAX_NODISCARD nax_status nax_stats_cluster(nax_ctx *ctx, nax_index n,
                                                   const double *d, nax_linkage method,
                                                   nax_merge *merges);

/** The items in an order in which no branches of the tree cross, `a` before `b`.
 * @status NAX_EINVAL (not a tree of n items), NAX_ENOMEM. @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_leaf_order(nax_ctx *ctx, nax_index n,
                                                      const nax_merge *merges,
                                                      nax_index *order);

/** Cut the tree into k clusters, numbered from 0 by their first item.
 * @status NAX_EINVAL (k not in 1..n; not a tree), NAX_ENOMEM. @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_cut_tree(nax_ctx *ctx, nax_index n,
                                                    const nax_merge *merges, nax_index k,
                                                    int64_t *label);

/** Order that puts rows of similar correlation together: leaf order of average linkage on
 * 1 - r, where a missing r counts as -1. `merges` (n - 1) may be NULL.
 * @shape{r} n x n, float64, as from nax_stats_correlation
 * @status NAX_EDIM, NAX_ENOMEM, NAX_EINTERRUPT. @cost O(n^2). */
NAX_API NAX_NODISCARD nax_status nax_stats_correlation_order(nax_ctx *ctx,
                                                             const nax_array *r,
                                                             nax_index *order,
                                                             nax_merge *merges);

/* ------------------------------------------------------- comparing partitions */

/** Adjusted Rand index of two labellings of n items: 1 the same partition, 0 what chance
 * gives on average (Hubert and Arabie 1985). @status NAX_EDIM (n < 1), NAX_ENOMEM.
 * @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_ari(nax_ctx *ctx, nax_index n,
                                               const int64_t *a, const int64_t *b,
                                               double *out);

/** Mutual information of two labellings over the mean of their entropies, 0 to 1; two
 * labellings of one class each have 1. @status NAX_EDIM (n < 1), NAX_ENOMEM.
 * @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_nmi(nax_ctx *ctx, nax_index n,
                                               const int64_t *a, const int64_t *b,
                                               double *out);

NAX_END_DECLS
#endif
