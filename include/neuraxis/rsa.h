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

/* --------------------------------------------------- noise between channels */

/** How a covariance between channels is estimated. */
typedef enum nax_rdm_covariance {
  NAX_RDM_COV_NONE = 1,              /**< none: channels count as they are */
  NAX_RDM_COV_FULL = 2,              /**< sample covariance */
  NAX_RDM_COV_DIAG = 3,              /**< its diagonal */
  NAX_RDM_COV_SHRINKAGE_EYE = 4,     /**< towards a multiple of the identity */
  NAX_RDM_COV_SHRINKAGE_DIAG = 5,    /**< towards its diagonal */
  NAX_RDM_COV_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rdm_covariance;

/** Covariance of the noise between channels, from residuals.
 *
 * Residuals are the observations about the mean of their condition, or, with `condition`
 * NULL, about the mean of all. Degrees of freedom are `dof`, or, when that is NaN,
 * observations minus conditions.
 * @shape{x} channel x observation, P x N, float64, any strides
 * @param condition N values, or NULL: `x` holds residuals of a model already
 * @param compat 1: degrees of freedom (conditions - 1) x repetitions of
 * rsatoolbox's cov_from_measurements, which are wrong unless both agree; balanced
 * designs only
 * @shape{covariance} P x P
 * @nan refused @status NAX_EDIM, NAX_EDATA (not finite; no degrees of freedom left; a
 * channel without variance for NAX_RDM_COV_SHRINKAGE_DIAG, naming it), NAX_EINVAL,
 * NAX_ENOMEM.
 * @cost one product N P^2 / 2, whatever the shrinkage; memory 2 N P.
 * @paper{ledoit2004} (identity), @paper{schaefer2005} (diagonal) */
NAX_API NAX_NODISCARD nax_status nax_rdm_noise(nax_ctx *ctx, const nax_view *x,
                                               const int64_t *condition,
                                               nax_rdm_covariance method, double dof,
                                               int32_t compat, double *covariance);

/** Inverse of a covariance: what the measures take as `precision`.
 * @shape{covariance} P x P @shape{precision} P x P, may be the same
 * @status NAX_ENUMERIC (singular: fewer observations than channels need shrinkage),
 * NAX_EDATA (not finite), NAX_EDIM, NAX_ENOMEM. @cost O(P^3). */
NAX_API NAX_NODISCARD nax_status nax_rdm_precision(nax_ctx *ctx, nax_index n_channels,
                                                   const double *covariance,
                                                   double *precision);

/* ---------------------------------------------------- dissimilarity matrices */

/** What a dissimilarity is. b_i: mean response to condition i; N: precision. */
typedef enum nax_rdm_measure {
  NAX_RDM_EUCLIDEAN = 1,      /**< |b_i - b_j|^2 / P */
  NAX_RDM_CORRELATION = 2,    /**< 1 - Pearson correlation over channels */
  NAX_RDM_COSINE = 3,         /**< 1 - cosine */
  NAX_RDM_MAHALANOBIS = 4,    /**< (b_i - b_j)' N (b_i - b_j) / P */
  NAX_RDM_CROSSNOBIS = 5,     /**< the same between folds, so without bias by noise */
  NAX_RDM_POISSON = 6,        /**< symmetrised Kullback-Leibler divergence of rates / P */
  NAX_RDM_POISSON_CV = 7,     /**< the same between folds */
  NAX_RDM_COSINE_CV = 8,      /**< 1 - cosine between folds */
  NAX_RDM_CORRELATION_CV = 9, /**< 1 - correlation between folds */
  NAX_RDM_LDT = 10,        /**< t value of the linear discriminant of the other folds */
  NAX_RDM_VAN_ROSSUM = 11, /**< of spike trains: squared distance of filtered trains */
  NAX_RDM_VICTOR_PURPURA = 12, /**< of spike trains: cost of editing one into the other */
  NAX_RDM_MEASURE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rdm_measure;

/** Which observations are put together, and how. */
typedef enum nax_rdm_design {
  NAX_RDM_DESIGN_AUTO = 1,   /**< means, or `number` where values are missing */
  NAX_RDM_DESIGN_MEANS = 2,  /**< means of conditions (and folds) */
  NAX_RDM_DESIGN_NUMBER = 3, /**< all pairs of observations, by their common channels */
  NAX_RDM_DESIGN_EQUAL = 4,  /**< all pairs of observations alike */
  NAX_RDM_DESIGN_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rdm_design;

/** Options of the measures. Table "rdm" of options.h. */
typedef struct nax_rdm_opts {
  size_t struct_size;       /**< set by the INIT macro; do not touch */
  double prior;             /**< rate that Poisson measures expect before any count ... */
  double prior_weight;      /**< ... and the number of observations it counts for */
  double floor_variance;    /**< least between-fold variance, as share of that within */
  double floor_denominator; /**< least denominator, as share of the mean variance */
  double tau;               /**< time constant of van Rossum's filter in seconds */
  double shift_cost;        /**< of Victor and Purpura: moving a spike, per second */
  int32_t measure;          /**< nax_rdm_measure */
  int32_t noise;            /**< nax_rdm_covariance estimated from the residuals of the
                               data, for measures that use one when none is given */
  int32_t design;           /**< nax_rdm_design */
  int32_t remove_mean;      /**< 1: each pattern loses its mean over channels first */
  int32_t compat;           /**< 1: what rsatoolbox 0.3 returns where it is wrong */
  int32_t subtract_within;  /**< spike trains: 1: less what trials of a condition differ
                               by among themselves */
} nax_rdm_opts;

/** Defaults of nax_rdm_opts. */
#define NAX_RDM_OPTS_INIT                                                                \
  {                                                                                      \
    sizeof(nax_rdm_opts), 1.0, 0.1, 0.1, 0.25, 0.02, 100.0, NAX_RDM_EUCLIDEAN,           \
        NAX_RDM_COV_NONE, NAX_RDM_DESIGN_AUTO, 0, 0, 0                                   \
  }

/** The dissimilarity of each pair of conditions.
 *
 * Conditions are the distinct values of `condition`, ascending; the condition axis has
 * them as coordinates. Measures between folds need each condition in each fold unless
 * `design` is by pairs; with `fold` NULL the k-th occurrence of a condition is its fold
 * k, and all must occur equally often. They may be negative, which is as it should be.
 *
 * With missing values, dissimilarities are k_ii + k_jj - 2 k_ij, where k_ij is the mean
 * product of observations of i and j over channels that both have; mahalanobis and
 * crossnobis weigh these by the inverse of the covariance of exactly these channels.
 *
 * NAX_RDM_LDT: mean over folds of the contrast of the test means along the discriminant
 * of the other folds, over its standard error under the noise N^-1.
 * @shape{x} channel x observation, P x N, float64, any strides
 * @param condition N values
 * @param fold N values, or NULL
 * @param precision NULL: identity, or estimated (`noise`); else P x P, or P x P x folds
 * (ascending) for crossnobis: pairs of folds then use the inverse of their mean
 * covariance
 * @nan missing for `design` auto, number and equal (measures 1 to 7), else refused
 * @status NAX_EDIM, NAX_EDATA (fewer than two conditions or folds; a condition missing in
 * a fold, naming both; unequal repetitions; a rate <= 0; no value in a pair),
 * NAX_EINVAL, NAX_ENUMERIC (singular covariance), NAX_EOVERFLOW, NAX_ENOMEM,
 * NAX_EINTERRUPT. Patterns without variance give NaN in correlations, with warning
 * "rsa.constant-pattern"; pairs without common values likewise, "rsa.missing-pair".
 * @differs compat 1: poisson_cv is that of the last fold; pairs with missing channels are
 * normalised by all channels; `equal` does not count an observation with itself
 * @cost means: n^2 P M multiplications at the speed of BLAS, and n P^2 M with a
 * precision; by pairs: N^2 P. Memory: nax_rdm_memory.
 * @threads in the products: same bits for any number
 * @owns free with nax_rdms_free. @paper{walther2016} */
NAX_API NAX_NODISCARD nax_status nax_rdm_fit(nax_ctx *ctx, const nax_view *x,
                                             const int64_t *condition,
                                             const int64_t *fold,
                                             const nax_view *precision,
                                             const nax_rdm_opts *opts, nax_rdms **out);

/** The dissimilarity of each pair of conditions from spike times, without bins.
 *
 * Mean over all pairs of a trial of the one and a trial of the other condition, and over
 * units, of the squared distance of van Rossum, 1 / tau times the integral of (f - g)^2
 * where each spike adds exp(-t / tau) (a spike more or less makes 1/2), or of the edit
 * distance of Victor and Purpura, where a spike more or less costs 1 and moving one costs
 * `shift_cost` per second. Trials of one condition differ too; with `subtract_within`
 * half the mean distance between different trials of either condition is taken off, so
 * that conditions that do not differ are 0 on average: for van Rossum's measure this is
 * the crossnobis dissimilarity of the filtered trains by pairs of trials.
 * @param at time of each of n_obs trials in seconds; a trial is [at + start, at + stop)
 * @param condition n_obs values; conditions are the distinct ones, ascending
 * @status NAX_EDIM, NAX_EINVAL (a measure of arrays, stop <= start), NAX_EDATA (fewer
 * than two conditions, a time that is not finite, a trial in which nothing was recorded,
 * one trial of a condition with `subtract_within`), NAX_ENOMEM, NAX_EINTERRUPT. Trials
 * that are recorded in part are counted by warning "rsa.partial-trials".
 * @cost van Rossum: spikes x n. Victor and Purpura: the product of the numbers of spikes,
 * for each pair of trials and each unit. @threads same bits for any number
 * @owns free with nax_rdms_free.
 * @paper{vanrossum2001} eq. 2, by the recursion of @paper{houghton2012};
 * @paper{victor1996} */
NAX_API NAX_NODISCARD nax_status nax_rdm_spikes(nax_ctx *ctx, const nax_spikes *s,
                                                nax_index n_obs, const double *at,
                                                double start, double stop,
                                                const int64_t *condition,
                                                const nax_rdm_opts *opts, nax_rdms **out);

/** Bytes that nax_rdm_fit needs besides its arguments, at most.
 * @status NAX_EINVAL, NAX_EDIM, NAX_EOVERFLOW. */
NAX_API NAX_NODISCARD nax_status nax_rdm_memory(nax_ctx *ctx, nax_index n_channels,
                                                nax_index n_observations,
                                                nax_index n_conditions, nax_index n_folds,
                                                const nax_rdm_opts *opts, size_t *bytes);

/** Covariance between conditions of the noise in their fold means, per channel: what the
 * whitened comparators take as sigma_k. Zero where two conditions never share a fold.
 * @shape{sigma_k} n x n, conditions ascending
 * @param fold may be NULL as in nax_rdm_fit @param precision P x P or NULL
 * @nan refused @status as nax_rdm_fit. @cost n^2 P M. */
NAX_API NAX_NODISCARD nax_status nax_rdm_sigma_k(nax_ctx *ctx, const nax_view *x,
                                                 const int64_t *condition,
                                                 const int64_t *fold,
                                                 const nax_view *precision,
                                                 double *sigma_k);

/** Covariance of the entries of a crossnobis RDM of whitened channels:
 * 4/M (contrasts of the true Gram matrix) o Xi / P + 2 / (M (M - 1) P) Xi o Xi, with
 * Xi = C Sigma_k C' over the pairs. The square roots of the diagonal are standard errors
 * that need no bootstrap.
 * @param d m dissimilarities taken as the true ones, or NULL: none differs
 * @param sigma_k n x n as from nax_rdm_sigma_k, or NULL: identity
 * @shape{v} m x m @status NAX_EDIM (n < 2, folds < 2, channels < 1), NAX_EDATA (not
 * finite). @cost O(m^2). @paper{diedrichsen2016} */
NAX_API NAX_NODISCARD nax_status nax_rdm_variance(nax_ctx *ctx, nax_index n,
                                                  const double *d, const double *sigma_k,
                                                  nax_index n_folds, nax_index n_channels,
                                                  double *v);

/* ------------------------------------------------------------ comparing RDMs */

/** How similar two RDMs are. */
typedef enum nax_rsa_comparator {
  NAX_RSA_COSINE = 1,        /**< cosine of the vectors */
  NAX_RSA_CORR = 2,          /**< Pearson correlation */
  NAX_RSA_SPEARMAN = 3,      /**< correlation of ranks */
  NAX_RSA_RHO_A = 4,         /**< its expectation when ties are broken at random */
  NAX_RSA_TAU_A = 5,         /**< Kendall's tau-a: ties count against */
  NAX_RSA_TAU_B = 6,         /**< Kendall's tau-b */
  NAX_RSA_COSINE_COV = 7,    /**< cosine whitened by the covariance of the distances */
  NAX_RSA_CORR_COV = 8,      /**< correlation whitened likewise */
  NAX_RSA_BURES = 9,         /**< Bures similarity of the centred Gram matrices, 0 to 1 */
  NAX_RSA_BURES_METRIC = 10, /**< squared Bures distance: larger is less similar */
  NAX_RSA_NEG_RIEMANN = 11,  /**< minus the affine-invariant Riemannian distance */
  NAX_RSA_COMPARATOR_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rsa_comparator;

/** Similarity of each RDM of one set to each of another.
 *
 * Whitened comparators weigh by the inverse of V = Xi o Xi, Xi = C sigma_k C', in closed
 * form: V is never made, for any sigma_k and with any pairs missing.
 * @param sigma_k NULL: identity; n variances; or n x n: for the whitened comparators, and
 * in full for neg-riemann
 * @param compat 1: what rsatoolbox 0.3 returns for whitened comparators with variances,
 * and for Bures where a Gram matrix has negative eigenvalues (it then depends on the
 * order of the two; by default they count as 0)
 * @shape{out} a x b: similarity of RDM i of `a` to RDM j of `b` at i + j count(a)
 * @nan a pair missing in any RDM of either set is left out of all comparisons
 * @status NAX_EDIM (conditions differ, fewer than 3), NAX_EDATA (fewer than 2 common
 * pairs; missing pairs in Bures or Riemannian), NAX_EINVAL, NAX_ENUMERIC (sigma_k not
 * positive definite; neg-riemann with an RDM that has no Euclidean embedding),
 * NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost inner products: m each after O(m log m) or, whitened, O(n^3) per RDM; tau
 * O(m^2 / 256) up to m = 16384, O(m log m) above; Bures O(n^3) each.
 * @threads over RDMs: same bits for any number
 * @paper{nili2014} @paper{diedrichsen2021} (whitened) */
NAX_API NAX_NODISCARD nax_status nax_rsa_compare(nax_ctx *ctx, const nax_rdms *a,
                                                 const nax_rdms *b,
                                                 nax_rsa_comparator comparator,
                                                 const nax_view *sigma_k, int32_t compat,
                                                 double *out);

/** Models together: what each adds to the others. */
typedef enum nax_rsa_partial_kind {
  NAX_RSA_PARTIAL_PEARSON = 1,  /**< correlation given the other models */
  NAX_RSA_PARTIAL_SPEARMAN = 2, /**< the same of ranks */
  NAX_RSA_REGRESSION = 3,       /**< weights of multiple regression on centred models */
  NAX_RSA_PARTIAL_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rsa_partial_kind;

/** Partial correlation of, or regression weight for, each model and each RDM.
 * @shape{out} model x RDM, at k + r K @nan left out as in nax_rsa_compare
 * @status NAX_EDIM, NAX_EDATA (constant RDM, dependent models, too few pairs),
 * NAX_ENUMERIC (models nearly dependent), NAX_EINVAL, NAX_ENOMEM. @cost O(m K^2). */
NAX_API NAX_NODISCARD nax_status nax_rsa_partial(nax_ctx *ctx, const nax_rdms *data,
                                                 const nax_rdms *models,
                                                 nax_rsa_partial_kind kind, double *out);

/** The RDM that is most similar to all of a set on average (for tau: nearly): mean of the
 * RDMs scaled to unit root mean square (cosine), to mean 0 and variance 1 (correlation;
 * moved to minimum 0), of ranks (rank comparators), or as they are.
 * @shape{out} m @nan a pair missing in any RDM is missing
 * @status NAX_EINVAL, NAX_EDATA (an RDM without variance), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rsa_pool(nax_ctx *ctx, const nax_rdms *r,
                                              nax_rsa_comparator comparator, double *out);

/** What a perfect model could reach: the mean similarity of each RDM to the pool of all
 * (upper bound), and to the pool of all others (lower bound).
 * @param sigma_k as nax_rsa_compare @param compat as nax_rsa_compare
 * @shape{ceiling} lower, upper @status as nax_rsa_compare; NAX_EDATA for fewer than two
 * RDMs. @paper{nili2014} */
NAX_API NAX_NODISCARD nax_status nax_rsa_ceiling(nax_ctx *ctx, const nax_rdms *r,
                                                 nax_rsa_comparator comparator,
                                                 const nax_view *sigma_k, int32_t compat,
                                                 double ceiling[2]);

/* ---------------------------------------------------------------- models */

/** What a model may do to fit the data. */
typedef enum nax_rsa_model_kind {
  NAX_RSA_FIXED = 1,       /**< nothing: one RDM */
  NAX_RSA_SELECT = 2,      /**< the best one of its RDMs */
  NAX_RSA_WEIGHTED = 3,    /**< a weighted sum of its RDMs */
  NAX_RSA_NONNEGATIVE = 4, /**< a sum with weights >= 0 */
  NAX_RSA_INTERPOLATE = 5, /**< a point between two RDMs that follow each other */
  NAX_RSA_MODEL_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rsa_model_kind;

/** Parameters of a model that make it most similar to a set of RDMs: regression on their
 * pool for weights (cosine, correlation, and whitened; rank comparators: correlation with
 * the mean of the ranks of the data).
 * @param ridge added to the diagonal of the normal equations, >= 0
 * @shape{theta} as many as the model has RDMs, of unit norm for weights; for a selection
 * 1 at the best RDM; for interpolation w and 1 - w at two neighbours
 * @status NAX_EINVAL (a comparator for which the kind has no fit), NAX_EDIM, NAX_EDATA
 * (missing pairs in a fit, no positive weight), NAX_ENUMERIC (dependent models without
 * ridge), NAX_ENOMEM. @cost O(m K^2); non-negative weights by an active set that ends
 * after finitely many steps. @paper{bro1997} */
NAX_API NAX_NODISCARD nax_status nax_rsa_model_fit(
    nax_ctx *ctx, const nax_rdms *model, nax_rsa_model_kind kind, const nax_rdms *data,
    nax_rsa_comparator comparator, const nax_view *sigma_k, double ridge, double *theta);

/* -------------------------------------------------------------- inference */

struct nax_rdm_places;

/** A model of the geometry. */
typedef struct nax_rsa_model {
  const char *name;     /**< for results; NULL: "model 1" and so on */
  const nax_rdms *rdms; /**< one RDM, or what a flexible model is made from */
  int32_t kind;         /**< nax_rsa_model_kind */
} nax_rsa_model;

/** What stands for the population that results should hold for. */
typedef enum nax_rsa_resampling {
  NAX_RSA_RESAMPLE_NONE = 1,       /**< new subjects, from the spread over subjects */
  NAX_RSA_RESAMPLE_SUBJECTS = 2,   /**< new subjects, by bootstrap */
  NAX_RSA_RESAMPLE_CONDITIONS = 3, /**< new conditions, by bootstrap */
  NAX_RSA_RESAMPLE_BOTH = 4, /**< both at once: too wide, as rsatoolbox had it first */
  NAX_RSA_RESAMPLE_DUAL = 5, /**< both, by the corrected dual bootstrap */
  NAX_RSA_RESAMPLING_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rsa_resampling;

/** How intervals are made. */
typedef enum nax_rsa_interval {
  NAX_RSA_INTERVAL_T = 1,          /**< mean and standard error, Student's t */
  NAX_RSA_INTERVAL_PERCENTILE = 2, /**< quantiles of the samples */
  NAX_RSA_INTERVAL_BCA = 3, /**< the same, corrected for bias and acceleration (Efron) */
  NAX_RSA_INTERVAL_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rsa_interval;

/** What models that are fitted are tested on. */
typedef enum nax_rsa_test_sets {
  NAX_RSA_TEST_FOLDS = 1,   /**< each fold of conditions and subjects in turn */
  NAX_RSA_TEST_RANDOM = 2,  /**< for each assignment one random set of conditions and one
                               of  subjects, fitted to all the others */
  NAX_RSA_TEST_OUTSIDE = 3, /**< fitted to a bootstrap sample, tested on the conditions
                               and subjects that are not in it */
  NAX_RSA_TEST_SETS_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rsa_test_sets;

/** Options of nax_rsa_fit. Table "rsa" of options.h. */
typedef struct nax_rsa_opts {
  size_t struct_size;     /**< set by the INIT macro; do not touch */
  uint64_t seed;          /**< of all resampling */
  int64_t n_samples;      /**< bootstrap samples */
  int64_t n_permutations; /**< relabellings of the conditions; 0: no such test. All n! are
                             taken when there are at most 40320 of them */
  int64_t n_cv;          /**< random assignments to folds, or random test sets, per sample
                            (flexible models) */
  int64_t subject_folds; /**< 0: 2 to 5, by the number of subjects */
  int64_t condition_folds; /**< 0: 2 to 5, by the number of conditions */
  double ridge;            /**< of weighted models */
  double level;            /**< of the intervals */
  int32_t comparator;      /**< nax_rsa_comparator */
  int32_t resampling;      /**< nax_rsa_resampling */
  int32_t crossvalidate;   /**< 1: also when every model is fixed */
  int32_t interval;        /**< nax_rsa_interval; the samples of subjects or conditions,
                              one of them, for all but t */
  int64_t test_conditions; /**< conditions in a random test set; 0: as in a fold */
  int64_t test_subjects;   /**< subjects in it, under a bootstrap over them; 0: as in a
                              fold */
  int32_t test_sets;       /**< nax_rsa_test_sets */
} nax_rsa_opts;

/** Defaults of nax_rsa_opts. */
#define NAX_RSA_OPTS_INIT                                                                \
  {                                                                                      \
    sizeof(nax_rsa_opts), 1, 1000, 1000, 2, 0, 0, 0.0, 0.95, NAX_RSA_CORR,               \
        NAX_RSA_RESAMPLE_NONE, 0, NAX_RSA_INTERVAL_T, 0, 0, NAX_RSA_TEST_FOLDS           \
  }

/** Models compared with the RDMs of subjects. Opaque. */
typedef struct nax_rsa nax_rsa;

/** Compare models with the RDMs of subjects, and with each other.
 *
 * Means are those of the data as they are; their standard errors come from the spread
 * over subjects, or from a bootstrap. A sample of conditions is kept as multiplicities:
 * pairs of a condition with itself drop out, nothing is resampled or sorted anew. The
 * dual bootstrap corrects the variance for the two factors (Schuett et al. 2023, eq. 5):
 * of the same samples, subjects alone, conditions alone and both are evaluated. Flexible
 * models are fitted and tested in separate folds of subjects and conditions, and the
 * variance over assignments to folds is taken out. With random test sets one pair of sets
 * is drawn per assignment instead of going through all folds: as many different ones as
 * n_cv, and the same correction. With the sets outside of a sample there is one test per
 * sample; means are still those over folds. Intervals from samples (percentile, bca) are
 * refused with both factors resampled, whose samples spread more than the mean does and
 * whose corrected variance belongs to no sample, and for models tested in folds, whose
 * samples also spread by the assignments and have fewer different conditions than the
 * data.
 *
 * Tests use the upper tails of Student's t with (subjects or conditions, whichever is
 * resampled and fewer) - 1 degrees of freedom; p values are never 0.
 * @param data RDMs of R subjects
 * @param models K models over the same conditions
 * @param sigma_k as nax_rsa_compare; whitened comparators under a bootstrap over
 * conditions take none
 * @nan a pair missing in any RDM is left out
 * @status NAX_EDIM (conditions differ), NAX_EDATA (a design too small for the test asked
 * for, with what would do: fewer than 4 conditions, fewer than 6 under a bootstrap over
 * them, one subject where they are what varies; test sets that leave fewer than 3
 * conditions on either side; an RDM without variance), NAX_EINVAL (a comparator that has
 * no bootstrap or a model no fit by it; test sets outside of samples without samples),
 * NAX_ENUMERIC, NAX_ENOMEM,
 * NAX_EINTERRUPT.
 * @cost inner products: a product of the models' and subjects' RDMs per sample; ranks
 * O(m R), tau O(m^2 / 4096) per pair of RDMs and sample. Memory: nax_rsa_memory.
 * @random one stream per sample and factor, one per permutation
 * @threads over samples and permutations: same bits for any number
 * @owns free with nax_rsa_free. @paper{schuett2023} @paper{nili2014} */
NAX_API NAX_NODISCARD nax_status nax_rsa_fit(nax_ctx *ctx, const nax_rdms *data,
                                             int64_t n_models,
                                             const nax_rsa_model *models,
                                             const nax_view *sigma_k,
                                             const nax_rsa_opts *opts, nax_rsa **out);

/** The same where subjects have several RDMs (sessions): subjects are resampled with all
 * of theirs, weigh equally, and are left out of the lower noise ceiling as a whole.
 * @param subject R values: whose each RDM is; NULL: each is a subject of its own
 * @status as nax_rsa_fit; NAX_EINVAL (flexible models and cross-validation with several
 * RDMs of a subject). Tests over subjects take the mean over the RDMs of each.
 * @owns free with nax_rsa_free. */
NAX_API NAX_NODISCARD nax_status
nax_rsa_fit_sessions(nax_ctx *ctx, const nax_rdms *data, const int64_t *subject,
                     int64_t n_models, const nax_rsa_model *models,
                     const nax_view *sigma_k, const nax_rsa_opts *opts, nax_rsa **out);

/** Bytes that nax_rsa_fit needs besides its arguments, at most, on `threads` threads.
 * @status NAX_EDIM, NAX_EINVAL, NAX_EOVERFLOW. */
NAX_API NAX_NODISCARD nax_status nax_rsa_memory(nax_ctx *ctx, nax_index n_conditions,
                                                nax_index n_subjects,
                                                nax_index n_model_rdms, int32_t threads,
                                                const nax_rsa_opts *opts, size_t *bytes);

/** Free a comparison; NULL is accepted. */
NAX_API void nax_rsa_free(nax_rsa *r);

/** What is known about one model. NAX_NOT_GIVEN where a test was not made. */
typedef struct nax_rsa_estimate {
  double mean;          /**< similarity, mean over subjects */
  double se;            /**< its standard error */
  double lower;         /**< interval of level `level` ... */
  double upper;         /**< ... as option `interval` says */
  double p_zero;        /**< that the mean is above 0 by chance, one-sided */
  double p_zero_fdr;    /**< the same, adjusted over models (Benjamini and Hochberg) */
  double p_ceiling;     /**< that it differs from the lower ceiling, two-sided */
  double p_signed_rank; /**< Wilcoxon's test over subjects that it differs from 0 */
  double p_bootstrap;   /**< share of samples at or below 0 */
  double p_permutation; /**< conditions relabelled */
  double p_max;         /**< the same against the largest of all models */
} nax_rsa_estimate;

/** Two models against each other. NAX_NOT_GIVEN where a test was not made. */
typedef struct nax_rsa_difference {
  double difference;    /**< first minus second */
  double se;            /**< its standard error */
  double p;             /**< two-sided */
  double p_bonferroni;  /**< times the number of pairs of models, at most 1 */
  double p_fdr;         /**< adjusted over the pairs */
  double p_signed_rank; /**< Wilcoxon's test over subjects */
  double p_bootstrap;   /**< from the share of samples that say otherwise */
} nax_rsa_difference;

/** Models K. */
NAX_API int64_t nax_rsa_n_models(const nax_rsa *r);

/** Subjects R. */
NAX_API int64_t nax_rsa_n_subjects(const nax_rsa *r);

/** Bootstrap samples that could be evaluated: at least 3 different conditions, and for
 * the ceiling 2 different subjects. 0 without a bootstrap. */
NAX_API int64_t nax_rsa_n_samples(const nax_rsa *r);

/** Degrees of freedom of the tests. */
NAX_API double nax_rsa_dof(const nax_rsa *r);

/** Name of model k; NULL out of range. @borrows */
NAX_API const char *nax_rsa_model_name(const nax_rsa *r, int64_t k);

/** Model k; all NaN out of range. */
NAX_API nax_rsa_estimate nax_rsa_get(const nax_rsa *r, int64_t k);

/** Model i against model j; all NaN out of range and for i == j. */
NAX_API nax_rsa_difference nax_rsa_get_difference(const nax_rsa *r, int64_t i, int64_t j);

/** Noise ceiling: lower and upper bound; NaN with a single subject. */
NAX_API void nax_rsa_get_ceiling(const nax_rsa *r, double *lower, double *upper);

/** Similarity of each model to each subject, K x R (flexible models: to subjects that
 * took no part in the fit). @borrows */
NAX_API const double *nax_rsa_evaluations(const nax_rsa *r);

/** Covariance of models and then lower and upper ceiling, (K + 2) x (K + 2). @borrows */
NAX_API const double *nax_rsa_covariance(const nax_rsa *r);

/** The comparison as a dataset: tables "models" and "differences", array "evaluations"
 * (model x subject), "covariance", ceiling and options as attributes.
 * @param subjects axis of the subjects, or NULL
 * @owns free with nax_dataset_free. @status NAX_EDIM, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rsa_dataset(nax_ctx *ctx, const nax_rsa *r,
                                                 const nax_axis *subjects,
                                                 nax_dataset **out);

/** One model in two groups of subjects. */
typedef struct nax_rsa_group_difference {
  double mean_a;        /**< similarity in the first group */
  double mean_b;        /**< in the second */
  double difference;    /**< first minus second */
  double se;            /**< its standard error, without equal variances */
  double p;             /**< Welch's t, two-sided */
  double p_permutation; /**< subjects exchanged between the groups, two-sided */
  double p_max;         /**< the same against the largest |t| of all models */
} nax_rsa_group_difference;

/** Compare how well fixed models do in two groups of subjects.
 * @param n_permutations exchanges; all are taken when there are no more of them
 * @shape{out} K
 * @status NAX_EDIM, NAX_EDATA (fewer than 2 subjects in a group; so few that no exchange
 * can reach p = 0.05), NAX_EINVAL (a model that is not one RDM), NAX_ENOMEM.
 * @random one stream per exchange. @cost K (R_a + R_b) per exchange. */
NAX_API NAX_NODISCARD nax_status nax_rsa_compare_groups(
    nax_ctx *ctx, const nax_rdms *a, const nax_rdms *b, const nax_rdms *models,
    nax_rsa_comparator comparator, const nax_view *sigma_k, int64_t n_permutations,
    uint64_t seed, nax_rsa_group_difference *out);

/** Where, over times, pairs of times or places, a value differs from 0 across subjects:
 * neighbouring points whose t exceeds that of `p_point` make a cluster; its mass, the sum
 * of t, is compared with the largest mass of any cluster when the values of subjects
 * change sign at random. The chance of any false cluster anywhere is the level of p; that
 * a cluster begins or ends at some point is not tested.
 * @shape{x} n_points x n_subjects, e.g. similarities to a model, or their difference
 * between two models
 * @param neighbours of each point, one of nax_rdm_places per point (symmetric, without
 * the point); NULL: points are a line, or with n_line > 0 a plane of lines of n_line
 * points
 * @param p_point one-sided p of a single point that makes it part of a cluster
 * @param two_sided 1: also clusters below 0; p values are then of both sides
 * @param n_permutations sign changes; all 2^n_subjects are taken when there are no more
 * @param cluster of each point: number from 0, or -1; n_points; may be NULL
 * @param out table "clusters": points, first and last point, peak, sum of t, p; by p
 * @nan points with a missing value are in no cluster
 * @status NAX_EDIM, NAX_EINVAL (p_point not in (0, 0.5), no sign change, a neighbour that
 * does not exist), NAX_EDATA (fewer than 5 subjects: no sign change reaches p = 0.05),
 * NAX_ENOMEM, NAX_EINTERRUPT.
 * @random one stream per sign change @threads over sign changes: same bits
 * @cost points x subjects per sign change @owns free with nax_table_free.
 * @paper{maris2007} */
NAX_API NAX_NODISCARD nax_status nax_rsa_clusters(nax_ctx *ctx, nax_index n_points,
                                                  nax_index n_subjects, const double *x,
                                                  const struct nax_rdm_places *neighbours,
                                                  nax_index n_line, double p_point,
                                                  int32_t two_sided,
                                                  int64_t n_permutations, uint64_t seed,
                                                  int64_t *cluster, nax_table **out);

/* ------------------------------------------- RDMs over time and over places */

/** An RDM for each time, or for the mean over each stretch of times.
 * @shape{x} channel x time x observation, P x T x N, float64, any strides
 * @param condition N values @param fold N values or NULL
 * @param precision as nax_rdm_fit, the same for all times
 * @param bin samples averaged into one RDM; a last stretch that is shorter is left out
 * @nan as nax_rdm_fit; a mean over times is missing where one of them is
 * @status as nax_rdm_fit; NAX_EINVAL (bin not in 1..T). @cost T / bin of nax_rdm_fit
 * @threads over times: same bits for any number
 * @owns free with nax_rdms_free; its axis "time" has the number of the first sample. */
NAX_API NAX_NODISCARD nax_status nax_rdm_movie(nax_ctx *ctx, const nax_view *x,
                                               const int64_t *condition,
                                               const int64_t *fold,
                                               const nax_view *precision, nax_index bin,
                                               const nax_rdm_opts *opts, nax_rdms **out);

/** The same from an opened file: a block of times is in memory at a time. Same bits.
 * @param axis which axes of the variable are channel, time and observation
 * @param bytes for a block; 0: 64 MB @status also as nax_source_read.
 * @owns free with nax_rdms_free. */
NAX_API NAX_NODISCARD nax_status nax_rdm_movie_source(
    nax_ctx *ctx, nax_source *source, int32_t var, const int32_t axis[3],
    const int64_t *condition, const int64_t *fold, const nax_view *precision,
    nax_index bin, size_t bytes, const nax_rdm_opts *opts, nax_rdms **out);

/** Dissimilarities between two times: with delta(t) the difference between the patterns
 * of two conditions at time t, delta(t)' N delta(t') / P, for each pair of times. Where
 * t = t' these are the RDMs of nax_rdm_movie; off the diagonal they are positive where a
 * difference between conditions stays the same, 0 where it is another one, negative where
 * it turns round. Crossnobis takes the training folds at t and the test fold at t', so
 * that noise that lasts does not count. Correlation and cosine are of patterns of unit
 * norm: half the product of their differences.
 * @shape{x} channel x time x observation, P x T x N, float64, any strides
 * @param condition N values @param fold N values or NULL
 * @param precision P x P, shared by all times, or NULL: identity
 * @param bin samples averaged into one time; a last stretch that is shorter is left out
 * @shape{out} condition x condition_2 x time x time_2 (t, then t'); coordinates of times
 * are numbers of the first samples
 * @nan refused @status as nax_rdm_fit; NAX_EINVAL (measures other than euclidean,
 * correlation, cosine, mahalanobis and crossnobis; `noise` without a precision; designs
 * by pairs). Patterns without variance give NaN in correlations, with warning
 * "rsa.constant-pattern".
 * @cost n^2 P T^2, times M between folds; memory n P T, twice times M between folds
 * @threads over times: same bits for any number
 * @owns free with nax_array_free. @paper{king2014} */
NAX_API NAX_NODISCARD nax_status nax_rdm_time_by_time(
    nax_ctx *ctx, const nax_view *x, const int64_t *condition, const int64_t *fold,
    const nax_view *precision, nax_index bin, const nax_rdm_opts *opts, nax_array **out);

/** Neighbourhoods of channels: centre i has the channels index[offset[i]] ..
 * index[offset[i + 1] - 1]. Memory is the caller's. */
typedef struct nax_rdm_places {
  const nax_index *offset; /**< n + 1 */
  const nax_index *index;  /**< channels, from 0 */
  nax_index n;             /**< centres */
} nax_rdm_places;

/** An RDM for each neighbourhood of channels, a searchlight. Every measure, fold and
 * noise covariance of nax_rdm_fit is possible: with `noise`, each neighbourhood has the
 * covariance of its own channels; with `precision`, the covariance is its inverse, cut to
 * the channels of the neighbourhood.
 * @shape{x} channel x observation, P x N, float64, any strides
 * @param precision P x P, or NULL
 * @nan as nax_rdm_fit @status as nax_rdm_fit; NAX_EINVAL (a channel that does not exist,
 * an empty neighbourhood, naming the centre)
 * @cost that of nax_rdm_fit for each neighbourhood; nothing but its own channels is
 * copied @threads over neighbourhoods: same bits for any number
 * @owns free with nax_rdms_free; its axis is called "place". */
NAX_API NAX_NODISCARD nax_status nax_rdm_searchlight(
    nax_ctx *ctx, const nax_view *x, const int64_t *condition, const int64_t *fold,
    const nax_view *precision, const nax_rdm_places *places, const nax_rdm_opts *opts,
    nax_rdms **out);

/** The same from an opened file: the channels between the lowest and the highest of some
 * neighbourhoods are in memory at a time, so centres that follow each other should be
 * near each other, as those of nax_rdm_places_volume are. Same bits.
 * @param axis which axes of the variable are channel and observation
 * @param bytes for a block, unless one neighbourhood reaches farther; 0: 64 MB
 * @status also as nax_source_read. @owns free with nax_rdms_free. */
NAX_API NAX_NODISCARD nax_status nax_rdm_searchlight_source(
    nax_ctx *ctx, nax_source *source, int32_t var, const int32_t axis[2],
    const int64_t *condition, const int64_t *fold, const nax_rdm_places *places,
    size_t bytes, const nax_rdm_opts *opts, nax_rdms **out);

/** Neighbourhoods of a volume: voxels nearer than `radius` to each voxel of the mask,
 * where at least `share` of them lie in the mask. Voxels are numbered with the last axis
 * fastest.
 * @shape{mask} nx x ny x nz, last axis fastest; not 0: inside
 * @param truncate 1: neighbours outside the mask are left out
 * @param centre,offset,index what was found; `offset` has n + 1 entries
 * @status NAX_EDIM, NAX_EINVAL (radius <= 0, share not in [0, 1]), NAX_ENOMEM.
 * @owns each of the three: free with nax_rdm_places_free. @cost n radius^3. */
NAX_API NAX_NODISCARD nax_status
nax_rdm_places_volume(nax_ctx *ctx, const nax_index dim[3], const unsigned char *mask,
                      double radius, double share, int32_t truncate, nax_index *n,
                      nax_index **centre, nax_index **offset, nax_index **index);

/** Free what nax_rdm_places_volume returned; NULL is accepted. */
NAX_API void nax_rdm_places_free(nax_index *list);

/* ------------------------------------------------------------------- pictures */

/** How conditions are laid out. */
typedef enum nax_rdm_mds_kind {
  NAX_RDM_MDS_CLASSICAL = 1, /**< principal axes of the centred Gram matrix */
  NAX_RDM_MDS_METRIC = 2,    /**< least squares of distances (SMACOF) */
  NAX_RDM_MDS_NONMETRIC = 3, /**< least squares of monotone distances; a dissimilarity of
                                  0 counts as missing */
  NAX_RDM_MDS_NONMETRIC_COMPAT = 4, /**< the same as scikit-learn 1.2 has it: of the two
                                  orders of a pair one keeps its distance */
  NAX_RDM_MDS_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_rdm_mds_kind;

/** Points whose distances resemble dissimilarities.
 * @param d m dissimilarities; the classical form takes them as distances, not squared
 * @param start n x dims, or NULL: the classical solution
 * @shape{points} n x dims, column-major
 * @param stress half the squared error over all ordered pairs; may be NULL
 * @nan refused @status NAX_EDIM (n < 2, dims not in 1..n - 1), NAX_EDATA, NAX_EINVAL,
 * NAX_ENOMEM.
 * @stop the stress, over the sum of the points' distances from 0, falls by less than
 * 1e-3, or 300 turns
 * @cost O(n^2 dims) per turn; the classical form O(n^3). */
NAX_API NAX_NODISCARD nax_status nax_rdm_mds(nax_ctx *ctx, nax_index n, const double *d,
                                             nax_rdm_mds_kind kind, nax_index dims,
                                             const double *start, double *points,
                                             double *stress);

NAX_END_DECLS
#endif
