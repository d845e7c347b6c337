/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian-process factor analysis: smooth low-dimensional trajectories of a population.
 *
 * Each of q latents is an independent Gaussian process over the bins of a trial, with
 * unit variance and its own length scale; the N neurons are linear in the latents with
 * independent Gaussian noise. Exact for trials of any lengths, with missing values.
 *
 * Symbols: N neurons, q latents, T bins of a trial (T_max the longest), M bins of all
 * trials together. Source: Yu, Cunningham, Santhanam, Ryu, Shenoy & Sahani 2009 ("Yu"
 * below). */
#ifndef NEURAXIS_GPFA_H
#define NEURAXIS_GPFA_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** Covariance of a latent over time, of length scale tau, at lag h = |t - t'|. */
typedef enum nax_gpfa_kernel {
  NAX_GPFA_RBF = 1,      /**< exp(-(h / tau)^2 / 2) */
  NAX_GPFA_MATERN32 = 2, /**< (1 + s) exp(-s), s = sqrt(3) h / tau */
  NAX_GPFA_MATERN52 = 3, /**< (1 + s + s^2 / 3) exp(-s), s = sqrt(5) h / tau */
  NAX_GPFA_KERNEL_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpfa_kernel;

/** How the posterior is computed; all are exact and agree to rounding. */
typedef enum nax_gpfa_engine {
  NAX_GPFA_AUTO = 1,   /**< chosen by cost; see nax_gpfa_infer for very long trials */
  NAX_GPFA_NESTED = 2, /**< one Cholesky factorisation at T_max for all lengths */
  NAX_GPFA_LOWRANK =
      3,              /**< in the leading eigenvectors of the covariances (`rank-tol`) */
  NAX_GPFA_DENSE = 4, /**< an inverse per length: slow, for checks */
  NAX_GPFA_ENGINE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpfa_engine;

/** How the likelihood is maximised. */
typedef enum nax_gpfa_optimiser {
  NAX_GPFA_EM = 1,       /**< expectation maximisation */
  NAX_GPFA_LBFGS = 2,    /**< quasi-Newton on the likelihood itself */
  NAX_GPFA_EM_LBFGS = 3, /**< `em-first` iterations of EM, then quasi-Newton */
  NAX_GPFA_OPTIMISER_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpfa_optimiser;

/** What the neurons make of the latents. */
typedef enum nax_gpfa_likelihood {
  NAX_GPFA_GAUSSIAN = 1, /**< C x + d plus independent Gaussian noise */
  NAX_GPFA_POISSON = 2,  /**< counts with the rate exp(C x + d) per bin */
  NAX_GPFA_LIKELIHOOD_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpfa_likelihood;

/** Options of nax_gpfa_fit. Table "gpfa" of options.h. */
typedef struct nax_gpfa_opts {
  size_t struct_size;   /**< set by the INIT macro; do not touch */
  int64_t n_latents;    /**< q */
  int64_t max_iter;     /**< iterations of EM, or evaluations of the likelihood */
  int64_t em_first;     /**< iterations of EM before NAX_GPFA_EM_LBFGS turns */
  int64_t kernel_steps; /**< Newton steps on each length scale per iteration of EM; 0
                           keeps the length scales */
  int64_t segment; /**< cut trials into segments of this many bins for the fit; 0: not */
  double bin;      /**< width of a bin in s */
  double tau;      /**< length scale to start from, in s; NaN: those of the factors */
  double noise;    /**< share of white noise in each latent, in (0, 1) */
  double tol;      /**< stop when an iteration gains less than this share of the gain so
                      far */
  double min_var;  /**< least noise variance of a neuron, as share of its variance */
  double rank_tol; /**< NAX_GPFA_LOWRANK: eigenvalues below this share of the largest are
                      left out */
  uint64_t seed;   /**< of the overlaps of segments */
  int32_t kernel;  /**< one of nax_gpfa_kernel */
  int32_t engine;  /**< one of nax_gpfa_engine */
  int32_t optimiser;   /**< one of nax_gpfa_optimiser */
  int32_t learn_noise; /**< 1: fit `noise` of each latent too */
  int32_t root;        /**< 1: take square roots, as befits counts */
  int32_t
      keep_partial;   /**< 1: an interrupt returns the model so far with NAX_STOP_USER */
  int32_t likelihood; /**< one of nax_gpfa_likelihood */
} nax_gpfa_opts;

/** Defaults of nax_gpfa_opts. */
#define NAX_GPFA_OPTS_INIT                                                               \
  {                                                                                      \
    sizeof(nax_gpfa_opts), 3, 500, 20, 3, 0, 0.02, (double)NAN, 1e-3, 1e-8, 0.01, 1e-14, \
        1, NAX_GPFA_RBF, NAX_GPFA_AUTO, NAX_GPFA_EM, 0, 0, 0, NAX_GPFA_GAUSSIAN          \
  }

/** Parameters of a model, borrowed memory. */
typedef struct nax_gpfa_params {
  size_t struct_size;  /**< sizeof(nax_gpfa_params) */
  nax_index n_neurons; /**< N */
  nax_index n_latents; /**< q */
  const double *c;     /**< loadings, N x q, column-major */
  const double *d;     /**< means, N */
  const double *r;     /**< noise variances, N */
  const double *tau;   /**< length scales in s, q */
  const double *noise; /**< shares of white noise, q */
} nax_gpfa_params;

/** A fitted model. Opaque. */
typedef struct nax_gpfa nax_gpfa;

/** Fit the model to trials.
 *
 * @shape{trials} n_trials views, each N x T, float64 or float32, any strides; lengths may
 * differ
 * @nan missing: the neuron tells nothing about that bin. A neuron that is silent (the
 * same value in all its bins, or missing in all) is left out and has NaN parameters; two
 * that are alike (correlation beyond 0.99) are both kept, with the warning
 * "gpfa.duplicate" that names them; a trial in which nothing is observed has the prior
 * @param start parameters to begin with; NULL: factor analysis of the bins, and the
 * length scale `tau` or, without one, those that its factors have, each by itself, in the
 * rotation that makes their correlation over lags diagonal
 * @status NAX_EDIM (axes; numbers of neurons that differ), NAX_EDATA (infinite, naming
 * it; negative with `root`; counts that are negative or beyond 1e9; nothing but missing;
 * fewer than two neurons that vary; a variance beyond 1e-100 to 1e100),
 * NAX_EINVAL (options, `start`; more latents than neurons that vary), NAX_ENUMERIC,
 * NAX_EINTERRUPT, NAX_ENOMEM
 * @stop tol, or max_iter; a step after which the likelihood is not finite is halved, and
 * NAX_STOP_NUMERIC with the last good parameters (warning "gpfa.numeric") when that does
 * not help; see nax_gpfa_stop
 * @differs trials of more than 2000 bins are cut into segments of 250 bins for the fit
 * (engine "auto"), with info "gpfa.cut"
 * @cost per iteration, engine "nested": (4/3) (q T_max)^3 + q^2 T_max^3 + 4 N q M flops,
 * whatever the number of lengths
 * @paper{yu2009} the model and EM; the nested factorisation is ours
 * @owns free with nax_gpfa_free. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_fit(nax_ctx *ctx, nax_index n_trials,
                                              const nax_view *trials,
                                              const nax_gpfa_params *start,
                                              const nax_gpfa_opts *opts, nax_gpfa **out);

/** Bytes that nax_gpfa_fit needs besides `trials`.
 * @param length bins of each trial
 * @param missing not 0: some values are NaN; trials then share less
 * @status NAX_EINVAL (lengths, options). */
NAX_API NAX_NODISCARD nax_status nax_gpfa_memory(nax_ctx *ctx, nax_index n_neurons,
                                                 nax_index n_trials,
                                                 const nax_index *length, int32_t missing,
                                                 const nax_gpfa_opts *opts,
                                                 size_t *bytes);

/** A model from given parameters, e.g. of a file: `kernel`, `bin`, `root`, `engine` and
 * `rank_tol` of the options count.
 * @status NAX_EINVAL (variance or length scale not positive, not finite), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_create(nax_ctx *ctx,
                                                 const nax_gpfa_params *params,
                                                 const nax_gpfa_opts *opts,
                                                 nax_gpfa **out);

/** Free a model; NULL is accepted. */
NAX_API void nax_gpfa_free(nax_gpfa *m);

/** The parameters. Neurons that were left out have NaN in c, d and r. @borrows valid
 * until the model is freed. */
NAX_API nax_gpfa_params nax_gpfa_get(const nax_gpfa *m);

/** Log likelihood before each iteration (so the last is that of the parameters one
 * iteration earlier) and, in `n`, how many. @borrows */
NAX_API const double *nax_gpfa_trace(const nax_gpfa *m, nax_index *n);

/** Why the fit stopped. */
NAX_API nax_stop nax_gpfa_stop(const nax_gpfa *m);

/** Neurons whose noise variance lies on its floor. */
NAX_API nax_index nax_gpfa_n_floored(const nax_gpfa *m);

/* ------------------------------------------------------------- latents of trials */

/** What is known when a latent is told. */
typedef enum nax_gpfa_given {
  NAX_GPFA_SMOOTHED = 1,                /**< the whole trial */
  NAX_GPFA_FILTERED = 2,                /**< the trial up to that bin: causal */
  NAX_GPFA_GIVEN_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpfa_given;

/** Options of nax_gpfa_infer. Table "gpfa-infer" of options.h. */
typedef struct nax_gpfa_infer_opts {
  size_t struct_size;  /**< set by the INIT macro; do not touch */
  int64_t ahead;       /**< with NAX_GPFA_FILTERED: bins to forecast; 0: the present */
  int32_t given;       /**< one of nax_gpfa_given */
  int32_t covariances; /**< 1: nax_gpfa_dataset gets the covariances of each bin too */
} nax_gpfa_infer_opts;

/** Defaults of nax_gpfa_infer_opts. */
#define NAX_GPFA_INFER_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_gpfa_infer_opts), 0, NAX_GPFA_SMOOTHED, 0                                 \
  }

/** Posterior of the latents of some trials. Opaque. */
typedef struct nax_gpfa_posterior nax_gpfa_posterior;

/** Latents of trials under a model, with their uncertainty.
 *
 * @shape{trials} n_trials views, each N x T with the N of the model; values as the fit
 * took them (square roots are taken when the model was fitted with `root`)
 * @nan missing
 * @status NAX_EDIM, NAX_EDATA, NAX_EINVAL (`ahead` with smoothing), NAX_ENUMERIC,
 * NAX_EINTERRUPT, NAX_ENOMEM
 * @cost one factorisation at the longest trial, then q^2 T per bin. Where a trial has
 * more than 2000 bins (engine "auto"): O(q T log T) per step of conjugate gradients for
 * the means, and factorisations of windows of a few length scales for the covariances;
 * both agree with the other engines to 1e-10. Filtered latents of Poisson counts: an
 * optimum for each bin, from as many bins before it as it can remember
 * @owns free with nax_gpfa_posterior_free. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_infer(nax_ctx *ctx, const nax_gpfa *m,
                                                nax_index n_trials,
                                                const nax_view *trials,
                                                const nax_gpfa_infer_opts *opts,
                                                nax_gpfa_posterior **out);

/** Free a posterior; NULL is accepted. */
NAX_API void nax_gpfa_posterior_free(nax_gpfa_posterior *p);

/** Trials. */
NAX_API nax_index nax_gpfa_posterior_n_trials(const nax_gpfa_posterior *p);

/** Bins of trial k; 0 out of range. */
NAX_API nax_index nax_gpfa_posterior_length(const nax_gpfa_posterior *p, nax_index k);

/** Means of trial k: q x T, column-major. With `ahead` h, column t is the latent at bin
 * t + h. NULL out of range. @borrows */
NAX_API const double *nax_gpfa_posterior_mean(const nax_gpfa_posterior *p, nax_index k);

/** Covariances between the latents of one bin: q x q x T of trial k. @borrows */
NAX_API const double *nax_gpfa_posterior_cov(const nax_gpfa_posterior *p, nax_index k);

/** Latents. */
NAX_API nax_index nax_gpfa_posterior_n_latents(const nax_gpfa_posterior *p);

/** Orthonormal latents of trial k (see nax_gpfa_orthonormal): means and standard
 * deviations, q x T each. @status NAX_EINVAL (no such trial), NAX_ENOMEM, NAX_ENUMERIC.
 */
NAX_API NAX_NODISCARD nax_status nax_gpfa_posterior_orthonormal(
    nax_ctx *ctx, const nax_gpfa *m, const nax_gpfa_posterior *p, nax_index k,
    double *mean, double *sd);

/** Log likelihood of all trials together; of Poisson counts the evidence bound. */
NAX_API double nax_gpfa_posterior_loglik(const nax_gpfa_posterior *p);

/** The latents turned so that the loadings are orthonormal, in the order of the
 * covariance they explain: C = U S V', x becomes S V' x. The entry of largest magnitude
 * of each column of U is positive. Any argument may be NULL.
 * @param loadings U, N x q, column-major (NaN for neurons left out)
 * @param turn S V', q x q, column-major
 * @status NAX_ENOMEM, NAX_ENUMERIC. @paper{yu2009} */
NAX_API NAX_NODISCARD nax_status nax_gpfa_orthonormal(nax_ctx *ctx, const nax_gpfa *m,
                                                      double *loadings, double *turn);

/** Share of the variance of trials that each orthonormal latent explains: q numbers that
 * add up. Of Poisson counts: share of the variance of the log rates that lies in it,
 * which sum to 1. @status as nax_gpfa_infer. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_explained(nax_ctx *ctx, const nax_gpfa *m,
                                                    nax_index n_trials,
                                                    const nax_view *trials,
                                                    double *share);

/** How well each neuron is told from the others. */
typedef struct nax_gpfa_lno {
  double sse; /**< squared error of the predictions, summed over neurons and bins */
  double log_density; /**< of each neuron given all others, summed over neurons; of
                           counts from the evidence bounds with and without it */
} nax_gpfa_lno;

/** Leave-neuron-out prediction: each neuron from all others through the latents, in
 * closed form from one posterior; of Poisson counts, and where a trial has more than 2000
 * bins (engine "auto"), from a posterior without that neuron.
 *
 * @param predicted for trial k N x T at column (bins of the trials before it), so N x M;
 * NaN for neurons left out; of counts the rates per bin; may be NULL
 * @param reduced q squared errors: predictions by the first 1, 2, ..., q orthonormal
 * latents alone; may be NULL
 * @status as nax_gpfa_infer
 * @cost per neuron and trial length T^3 / 3 + q^2 T^2; else nax_gpfa_infer per neuron,
 * and a copy of the trials per thread
 * @paper{yu2009} the criterion; the closed form is ours */
NAX_API NAX_NODISCARD nax_status nax_gpfa_leave_neuron_out(
    nax_ctx *ctx, const nax_gpfa *m, nax_index n_trials, const nax_view *trials,
    double *predicted, double *reduced, nax_gpfa_lno *out);

/** Everything as a dataset: `latents` and `latents_sd` (orthonormal; latent x time x
 * trial, padded with NaN to the longest), `latents_model` (and, with option
 * `covariances`, `latents_model_cov`, latent x latent_2 x time x trial), `loadings`,
 * `means`, `noise_variance`, `timescale`, `latent_noise`, `orthonormal_loadings`, `turn`,
 * `log_likelihood` (iteration), `explained`, and the options as attributes gpfa_*; with
 * `p` also gpfa_trials_log_likelihood, that of its trials.
 * @param p latents of trials, or NULL: the model alone
 * @param explained of nax_gpfa_explained, or NULL
 * @status NAX_EDIM (labels do not fit), NAX_ENOMEM, NAX_ENUMERIC.
 * @owns free with nax_dataset_free. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_dataset(nax_ctx *ctx, const nax_gpfa *m,
                                                  const nax_gpfa_posterior *p,
                                                  const nax_trial_labels *labels,
                                                  const double *explained,
                                                  nax_dataset **out);

/** Add leave-neuron-out prediction to a dataset: `left_out` (neuron x time x trial,
 * padded with NaN to the longest), `left_out_error` (squared error by the first 1, 2, ...
 * latents) and the attributes gpfa_left_out_error and gpfa_left_out_log_density.
 * @status as nax_gpfa_leave_neuron_out; NAX_EDIM (labels do not fit). */
NAX_API NAX_NODISCARD nax_status nax_gpfa_add_left_out(nax_ctx *ctx, nax_dataset *d,
                                                       const nax_gpfa *m,
                                                       nax_index n_trials,
                                                       const nax_view *trials,
                                                       const nax_trial_labels *labels);

/** The model of a dataset of nax_gpfa_dataset, e.g. of a file, to be applied to other
 * trials.
 * @status NAX_EDATA, NAX_EDIM (not such a dataset), NAX_EINVAL as nax_gpfa_create,
 * NAX_ENOMEM.
 * @owns free with nax_gpfa_free. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_from_dataset(nax_ctx *ctx, const nax_dataset *d,
                                                       nax_gpfa **out);

/** The options that a model was fitted with (or created). @borrows until the model is
 * freed */
NAX_API const nax_gpfa_opts *nax_gpfa_options(const nax_gpfa *m);

/** How to look for the number of latents. Table "gpfa-select" of options.h. */
typedef struct nax_gpfa_select_opts {
  size_t struct_size;  /**< set by the INIT macro; do not touch */
  int64_t latents_min; /**< least number tried */
  int64_t latents_max; /**< largest number tried; 0: 8, then twice as many (at most one
                          less than there are neurons, and an eighth of the bins) as long
                          as the largest is best */
  int64_t n_folds;     /**< of the cross-validation over trials, at least 2 */
  int64_t fold_iter;   /**< at most so many iterations in the fits of the folds */
  int32_t full; /**< 1: a fit for every number and fold; 0: one fit per fold, reduced */
} nax_gpfa_select_opts;

/** Defaults of nax_gpfa_select_opts. */
#define NAX_GPFA_SELECT_OPTS_INIT                                                        \
  {                                                                                      \
    sizeof(nax_gpfa_select_opts), 1, 0, 4, 20, 0                                         \
  }

/** Numbers of latents that cross-validation speaks for. */
typedef struct nax_gpfa_selection {
  int64_t latents; /**< the smallest not worse than the best by more than a standard
                      error of the difference over trials */
  int64_t best;    /**< with the best score */
} nax_gpfa_selection;

/** How many latents: K-fold cross-validation over trials. Each neuron of a test trial is
 * predicted from the others (nax_gpfa_leave_neuron_out) by the first 1, 2, ...
 * orthonormal latents of one fit per fold with `latents_max` ("reduced GPFA"), or, with
 * `full`, by a fit for each number. With Poisson counts there is a fit for each number,
 * and its score is minus the evidence bound of the test trials. Trials are dealt to folds
 * at random.
 *
 * @param fit options of the fits; n_latents is ignored
 * @param table a row per number: latents, score (summed over trials, lower is better),
 * score_se (standard error over trials of the difference to the best), predicted (share
 * of the variance of the test trials), log_density and log_likelihood of the test trials
 * (NaN where no fit has that number). May be NULL. @owns free with nax_table_free
 * @status as nax_gpfa_fit; NAX_EINVAL (fewer trials than folds; options)
 * @cost n_folds fits (times the numbers with `full`) and leave-neuron-out of each trial
 * @random stream 2^33 of `fit->seed`
 * @paper{yu2009} */
NAX_API NAX_NODISCARD nax_status nax_gpfa_select(
    nax_ctx *ctx, nax_index n_trials, const nax_view *trials, const nax_gpfa_opts *fit,
    const nax_gpfa_select_opts *opts, nax_table **table, nax_gpfa_selection *out);

/** Draw trials from the model: for trial k a q x T block of latents and an N x T block of
 * activity (NaN for neurons left out), one after the other. Square roots are not undone.
 * @param latents q x M, may be NULL
 * @param activity N x M, may be NULL
 * @random stream k of `seed` for trial k
 * @status NAX_EINVAL, NAX_ENUMERIC, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_gpfa_sample(nax_ctx *ctx, const nax_gpfa *m,
                                                 nax_index n_trials,
                                                 const nax_index *length, uint64_t seed,
                                                 double *latents, double *activity);

NAX_END_DECLS
#endif
