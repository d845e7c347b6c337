/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How similar two representations of the same observations (stimuli, conditions, times)
 * are when their channels differ: without models, beyond dissimilarity matrices.
 *
 * A representation is channel x observation. Symbols: N observations, P and Q channels of
 * the two, A and B the representations with the mean over observations taken from each
 * channel, |.|_* the sum of singular values. */
#ifndef NEURAXIS_SIMILARITY_H
#define NEURAXIS_SIMILARITY_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** How two representations are compared. */
typedef enum nax_similarity_measure {
  NAX_SIMILARITY_CKA = 1,        /**< centred kernel alignment, linear; unbiased */
  NAX_SIMILARITY_CKA_RBF = 2,    /**< the same with a Gaussian kernel */
  NAX_SIMILARITY_RV = 3,         /**< RV coefficient: linear alignment, raised by noise */
  NAX_SIMILARITY_PROCRUSTES = 4, /**< distance after the best rotation (size and shape) */
  NAX_SIMILARITY_SHAPE = 5,      /**< angle after the best rotation, partly whitened */
  NAX_SIMILARITY_PERMUTATION = 6, /**< angle after the best pairing of channels */
  NAX_SIMILARITY_CCA = 7,         /**< mean canonical correlation */
  NAX_SIMILARITY_SVCCA = 8,       /**< the same of the leading principal components */
  NAX_SIMILARITY_PWCCA =
      9, /**< canonical correlations weighted by what A loads on them */
  NAX_SIMILARITY_DISTANCE_CORRELATION = 10, /**< of distances, unbiased, squared */
  NAX_SIMILARITY_NEIGHBOURS = 11, /**< share of nearest neighbours that both have */
  NAX_SIMILARITY_MEASURE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI
                                                 */
} nax_similarity_measure;

/** Options of nax_similarity. Table "similarity" of options.h. */
typedef struct nax_similarity_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  double bandwidth;   /**< of the Gaussian kernel, as a share of the median distance */
  double whitening;   /**< shape: 0 none (Procrustes angle) to 1 full (as canonical
                         correlations) */
  double variance;    /**< svcca: share of the variance that components must hold */
  int64_t neighbours; /**< nearest neighbours of each observation */
  int64_t batch;   /**< cka: alignment from sums over batches of so many observations, a
                      last one that is shorter left out; 0: all at once */
  int32_t measure; /**< one of nax_similarity_measure */
  int32_t biased;  /**< 1: cka, cka-rbf, distance correlation with the bias that
                      independent noise gives them */
} nax_similarity_opts;

/** Defaults of nax_similarity_opts. */
#define NAX_SIMILARITY_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_similarity_opts), 0.5, 0.0, 0.99, 10, 0, NAX_SIMILARITY_CKA, 0            \
  }

/** Compare two representations.
 *
 * Alignment: HSIC(A,B) / sqrt(HSIC(A,A) HSIC(B,B)); unbiased by default, 0 on average for
 * independent ones and sometimes negative. Procrustes: sqrt(|A|^2 + |B|^2 - 2 |A B'|_*).
 * Shape: arccos(|A B'|_* / (|A| |B|)) in radians, a metric, of A and B whose singular
 * values s are replaced by (1 - whitening) s + whitening. Permutation: the same angle
 * with the best pairing of channels in place of a rotation. Distance correlation: of
 * Euclidean distances, bias-corrected and squared (`biased`: the square root of the
 * V-statistic). Neighbours: by Euclidean distance, equal ones in their order.
 * @shape{a} P x N, float64, any strides @shape{b} Q x N
 * @nan refused
 * @status NAX_EDIM (numbers of observations differ; too few of them: 4 for unbiased
 * measures, 2 for others; permutation with P != Q; as many neighbours as observations),
 * NAX_EDATA (not finite; a representation that does not vary), NAX_EINVAL (options),
 * NAX_ENOMEM.
 * @cost linear alignment: N P Q or N^2 (P + Q), whichever is less; distances N^2 (P + Q);
 * singular values N min(N, P)^2. @paper{kornblith2019} (alignment) @paper{song2012}
 * (unbiased) @paper{nguyen2021} (batches) @paper{williams2021} (shapes)
 * @paper{raghu2017} @paper{morcos2018} (canonical correlations) @paper{szekely2013}
 * (distances) @paper{huh2024} (neighbours) */
NAX_API NAX_NODISCARD nax_status nax_similarity(nax_ctx *ctx, const nax_view *a,
                                                const nax_view *b,
                                                const nax_similarity_opts *opts,
                                                double *out);

/** The same for each pair of several representations, e.g. the layers of two networks.
 * @param sets n_sets representations of the same N observations
 * @shape{out} n_sets x n_sets; pwcca weighs by its row and is not symmetric
 * @nan refused @status as nax_similarity, naming the pair; NAX_EDIM (n_sets < 1).
 * @threads over pairs: same bits for any number. */
NAX_API NAX_NODISCARD nax_status nax_similarity_matrix(nax_ctx *ctx, nax_index n_sets,
                                                       const nax_view *sets,
                                                       const nax_similarity_opts *opts,
                                                       double *out);

/** Canonical correlations, descending.
 * @param variance share of the variance that the components kept must hold; 1: all
 * @param room length of `rho`: min(P, Q, N - 1) is enough
 * @param n how many there are
 * @nan refused @status as nax_similarity; NAX_EDIM (room). @paper{hotelling1936} */
NAX_API NAX_NODISCARD nax_status nax_similarity_cca(nax_ctx *ctx, const nax_view *a,
                                                    const nax_view *b, double variance,
                                                    nax_index room, double *rho,
                                                    nax_index *n);

/* -------------------------------------------------------------- encoding models */

/** Options of nax_encoding_fit and nax_encoding_score. Table "encoding" of options.h. */
typedef struct nax_encoding_opts {
  size_t struct_size;  /**< set by the INIT macro; do not touch */
  double alpha_min;    /**< smallest penalty tried */
  double alpha_max;    /**< largest */
  int64_t n_alphas;    /**< penalties, evenly spaced on a logarithmic scale */
  int32_t per_target;  /**< 1: each target has its own penalty; 0: one for all */
  int32_t standardise; /**< 1: features to unit variance in the training data */
} nax_encoding_opts;

/** Defaults of nax_encoding_opts. */
#define NAX_ENCODING_OPTS_INIT                                                           \
  {                                                                                      \
    sizeof(nax_encoding_opts), 1e-3, 1e7, 21, 1, 1                                       \
  }

/** Ridge regression of targets on features, the penalty chosen by leaving out each
 * observation, in closed form: error (y_i - yhat_i) / (1 - H_ii), with an intercept that
 * is not penalised.
 * @shape{x} feature x observation, P x N, float64, any strides
 * @shape{y} target x observation, T x N
 * @param n_alphas @param alphas penalties >= 0; the first of equally good ones is taken
 * @shape{weights} P x T @param intercept T values @param alpha T values: the chosen one
 * @param n_edge targets for which the first or the last penalty was the best, which asks
 * for a wider range (warning "similarity.alpha-at-edge"); may be NULL
 * @nan refused
 * @status NAX_EDIM (N < 3, numbers of observations differ), NAX_EDATA (not finite),
 * NAX_EINVAL (a negative penalty, `per_target`), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost one decomposition, N P min(N, P), and 2 N T min(N, P) per penalty; wide designs
 * are solved among observations. @threads over blocks of targets: same bits
 * @paper{golub1979} */
NAX_API NAX_NODISCARD nax_status nax_ridge_loo(nax_ctx *ctx, const nax_view *x,
                                               const nax_view *y, nax_index n_alphas,
                                               const double *alphas, int32_t per_target,
                                               double *weights, double *intercept,
                                               double *alpha, nax_index *n_edge);

/** How well features predict targets that were not used to fit: ridge regression on all
 * folds but one (nax_ridge_loo), Pearson correlation of prediction and data on that one,
 * averaged over folds.
 * @shape{x} feature x observation, P x N @shape{y} target x observation, T x N
 * @param fold N values, at least 2 different ones; NULL: 5 blocks of observations that
 * follow each other
 * @param ceiling T noise ceilings (correlation of data and their expectation, squared),
 * or NULL: scores are also divided by their roots
 * @param out table "targets": score, se (over folds), score_normalised, alpha (geometric
 * mean over folds)
 * @nan refused; a score is NaN where prediction or data do not vary in a fold
 * @status as nax_ridge_loo; NAX_EDATA (one fold; fewer than 3 observations in a fold or
 * outside it, naming it; a ceiling not in (0, 1]).
 * @owns free with nax_table_free. @cost nax_ridge_loo for each fold
 * @threads over blocks of targets: same bits. */
NAX_API NAX_NODISCARD nax_status nax_encoding_score(
    nax_ctx *ctx, const nax_view *x, const nax_view *y, const int64_t *fold,
    const double *ceiling, const nax_encoding_opts *opts, nax_table **out);

/** Noise ceiling of each target from repetitions, as squared correlation between the mean
 * of `repeats` of them and the response without noise: ncsnr^2 / (ncsnr^2 + 1 / repeats),
 * ncsnr = ratio of the standard deviations of signal and noise, negative signal variance
 * counting as 0.
 * @shape{y} target x repetition x observation, T x R x N, R >= 2
 * @param repeats that the data to predict are means of, >= 1 @param out T values
 * @nan refused @status NAX_EDIM, NAX_EINVAL (repeats), NAX_EDATA (not finite),
 * NAX_ENOMEM. @paper{allen2022} */
NAX_API NAX_NODISCARD nax_status nax_encoding_ceiling(nax_ctx *ctx, const nax_view *y,
                                                      int64_t repeats, double *out);

NAX_END_DECLS
#endif
