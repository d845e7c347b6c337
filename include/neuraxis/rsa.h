/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Representational similarity analysis: how differently a population responds to each
 * pair of conditions, and which model predicts these dissimilarities.
 *
 * A representational dissimilarity matrix (RDM) of n conditions is symmetric with a zero
 * diagonal. It is kept as the vector of its m = n (n - 1) / 2 pairs (i < j) in the order
 * (0,1), (0,2), ..., (0,n-1), (1,2), ...: pair (i, j) has number
 * i (2 n - i - 1) / 2 + j - i - 1. NaN marks a pair that is missing.
 *
 * Symbols: n conditions, m pairs, P channels, M folds, R RDMs of subjects, K models. */
#ifndef NEURAXIS_RSA_H
#define NEURAXIS_RSA_H
#include <neuraxis/dataset.h>
#include <neuraxis/io.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/* ------------------------------------------------------------ vectors and squares */

/** Pairs of n conditions, n (n - 1) / 2; 0 for fewer than two. */
NAX_API nax_index nax_rdm_pairs(nax_index n);

/** Conditions whose RDM has m pairs; -1 when no number has. */
NAX_API nax_index nax_rdm_conditions(nax_index m);

/** Number of pair (i, j) of n conditions, in either order; -1 when i == j or one of them
 * is out of range. */
NAX_API nax_index nax_rdm_pair(nax_index n, nax_index i, nax_index j);

/** The square of a vector: n x n, zero diagonal.
 * @shape{d} m @shape{square} n x n @nan kept
 * @status NAX_EDIM (n < 1), NAX_EINVAL (NULL). @cost O(n^2). */
NAX_API NAX_NODISCARD nax_status nax_rdm_to_square(nax_ctx *ctx, nax_index n,
                                                   const double *d, double *square);

/** The vector of a square: the mean of both triangles, which may differ by rounding
 * (1e-8 of the largest entry). The diagonal is not looked at.
 * @shape{square} n x n @shape{d} m
 * @nan missing; both triangles must agree on it
 * @status NAX_EDIM (n < 1), NAX_EINVAL (NULL), NAX_EDATA (not symmetric, naming the
 * pair). @cost O(n^2). */
NAX_API NAX_NODISCARD nax_status nax_rdm_from_square(nax_ctx *ctx, nax_index n,
                                                     const double *square, double *d);

/* --------------------------------------------------------------- sets of RDMs */

/** RDMs over the same conditions: of subjects, sessions, models, times, places. Opaque.
 */
typedef struct nax_rdms nax_rdms;

/** Set of `count` RDMs of n conditions, copied.
 * @shape{d} m x count, one RDM after the other; NULL: all zero
 * @nan a missing pair @status NAX_EDIM (n < 2, count < 1), NAX_EDATA (infinite, naming
 * RDM and pair), NAX_EOVERFLOW, NAX_ENOMEM. @owns free with nax_rdms_free. */
NAX_API NAX_NODISCARD nax_status nax_rdms_create(nax_ctx *ctx, nax_index n,
                                                 nax_index count, const double *d,
                                                 nax_rdms **out);

/** Free a set; NULL is accepted. */
NAX_API void nax_rdms_free(nax_rdms *r);

/** Conditions n. */
NAX_API nax_index nax_rdms_n_conditions(const nax_rdms *r);

/** RDMs in the set. */
NAX_API nax_index nax_rdms_count(const nax_rdms *r);

/** The pairs of RDM k, m values; NULL out of range. @borrows */
NAX_API const double *nax_rdms_vector(const nax_rdms *r, nax_index k);

/** Axis of the conditions, called "condition" unless one was given. @borrows */
NAX_API const nax_axis *nax_rdms_condition_axis(const nax_rdms *r);

/** Axis of the RDMs, called "rdm" unless one was given. @borrows */
NAX_API const nax_axis *nax_rdms_axis(const nax_rdms *r);

/** What the dissimilarities are, e.g. "crossnobis"; "" when that is not known. @borrows
 */
NAX_API const char *nax_rdms_measure(const nax_rdms *r);

/** Set the axes (copied) and the measure; NULL leaves what is there.
 * @status NAX_EDIM (lengths), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rdms_describe(nax_ctx *ctx, nax_rdms *r,
                                                   const nax_axis *condition,
                                                   const nax_axis *rdm,
                                                   const char *measure);

/** RDMs from an array: condition x condition (x anything more, one RDM per position), or,
 * where its first axis is called "pair", pairs (x anything more). Infinite entries are
 * refused.
 * @status NAX_EDIM (not square, not a number of pairs), NAX_EDATA (not symmetric,
 * infinite), NAX_ENOMEM. @owns free with nax_rdms_free. */
NAX_API NAX_NODISCARD nax_status nax_rdms_from_array(nax_ctx *ctx, const nax_array *a,
                                                     nax_rdms **out);

/** The set as an array condition x condition_2 x rdm.
 * @owns free with nax_array_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rdms_array(nax_ctx *ctx, const nax_rdms *r,
                                                nax_array **out);

/** The RDMs index[0..count-1], in that order. @owns free with nax_rdms_free.
 * @status NAX_EINVAL (naming an index out of range), NAX_EDIM, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rdms_take(nax_ctx *ctx, const nax_rdms *r,
                                               nax_index count, const nax_index *index,
                                               nax_rdms **out);

/** The conditions index[0..n-1], in that order. A condition may be repeated: the pair of
 * it with itself is then missing. @owns free with nax_rdms_free.
 * @status NAX_EINVAL (naming an index out of range), NAX_EDIM, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rdms_take_conditions(nax_ctx *ctx, const nax_rdms *r,
                                                          nax_index n,
                                                          const nax_index *index,
                                                          nax_rdms **out);

/** The sets one after the other, over the same number of conditions; axes of the first.
 * @owns free with nax_rdms_free. @status NAX_EDIM, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rdms_concat(nax_ctx *ctx, nax_index n_sets,
                                                 const nax_rdms *const *sets,
                                                 nax_rdms **out);

/** Functions of the dissimilarities of one RDM. */
typedef enum nax_rdm_map {
  NAX_RDM_RANK_AVERAGE = 1,          /**< ranks from 1, equal values share their mean */
  NAX_RDM_RANK_MIN = 2,              /**< equal values have the smallest of theirs */
  NAX_RDM_RANK_MAX = 3,              /**< the largest */
  NAX_RDM_RANK_DENSE = 4,            /**< the number of the distinct value */
  NAX_RDM_RANK_ORDINAL = 5,          /**< ties by position */
  NAX_RDM_SQRT = 6,                  /**< square root; negative values become 0 */
  NAX_RDM_POSITIVE = 7,              /**< negative values become 0 */
  NAX_RDM_MINMAX = 8,                /**< to [0, 1]; a constant RDM becomes 0 */
  NAX_RDM_MAP_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rdm_map;

/** Each RDM transformed by itself; the input stays as it is.
 * @nan stays missing @owns free with nax_rdms_free. @status NAX_EINVAL, NAX_ENOMEM.
 * @cost O(m) each (ranks by radix sort). */
NAX_API NAX_NODISCARD nax_status nax_rdms_map(nax_ctx *ctx, const nax_rdms *r,
                                              nax_rdm_map map, nax_rdms **out);

/** How partial RDMs weigh when they are brought to one scale. */
typedef enum nax_rdm_weights {
  NAX_RDM_WEIGHTS_EVIDENCE = 1,          /**< the larger of d^2 and 0.04, each pair */
  NAX_RDM_WEIGHTS_SETSIZE = 2,           /**< one over the pairs that an RDM has */
  NAX_RDM_WEIGHTS_SIMPLE = 3,            /**< alike */
  NAX_RDM_WEIGHTS_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rdm_weights;

/** Bring RDMs that each lack some pairs to one scale, by turns scaling each to the norm
 * that the mean has on its pairs and taking the weighted mean.
 * @param mean m values, weighted mean of the aligned RDMs, NaN where no RDM has the pair;
 * may be NULL
 * @status NAX_EINVAL, NAX_EDATA (an RDM without a pair, or all zero), NAX_ENOMEM.
 * @stop the squared change of the mean is below 1e-8
 * @cost O(m R) per turn. @owns free with nax_rdms_free. */
NAX_API NAX_NODISCARD nax_status nax_rdms_rescale(nax_ctx *ctx, const nax_rdms *r,
                                                  nax_rdm_weights weights, double *mean,
                                                  nax_rdms **out);

NAX_END_DECLS
#endif
