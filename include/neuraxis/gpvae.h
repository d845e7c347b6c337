/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multi-modal Gaussian-process variational auto-encoder: latents that neurons and
 * behaviour share, apart from those each keeps to itself.
 *
 * Each latent is an independent Gaussian process over the bins of a trial, in a truncated
 * Fourier basis on a circle longer than the trial. Neurons are linear in the neural-only
 * and the shared latents (Poisson, Gaussian or negative binomial); behaviour, such as
 * images, is a neural network of the shared and the behaviour-only latents plus Gaussian
 * noise. Networks, length scales and noise are fitted by the evidence lower bound (ELBO).
 * With one of the two modalities alone it is GPFA with that likelihood, or a GP-VAE.
 *
 * Symbols: N neurons, P features of behaviour, q latents (neural-only, then shared, then
 * behaviour-only), T bins of a trial, F coefficients of a latent. Source: Gondur,
 * Sikandar, Schaffer, Aoi & Keeley 2024 ("Multi-modal Gaussian process variational
 * autoencoders for neural and behavioral data"); the per-bin potentials, the exact
 * posterior in the space of coefficients and the start are ours. */
#ifndef NEURAXIS_GPVAE_H
#define NEURAXIS_GPVAE_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** Distribution of the neurons given the latents. */
typedef enum nax_gpvae_likelihood {
  NAX_GPVAE_POISSON = 1,           /**< counts, mean exp(W z + d) */
  NAX_GPVAE_GAUSSIAN = 2,          /**< e.g. calcium, mean W z + d, a variance each */
  NAX_GPVAE_NEGATIVE_BINOMIAL = 3, /**< counts, mean exp(W z + d), a shape each */
  NAX_GPVAE_LIKELIHOOD_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_likelihood;

/** What an encoder tells of the latents. */
typedef enum nax_gpvae_encoder {
  NAX_GPVAE_POTENTIAL = 1, /**< a Gaussian potential per bin, combined with the prior
                              exactly: trials of any length, missing bins */
  NAX_GPVAE_FOURIER = 2,   /**< mean and standard deviation of each coefficient through a
                              linear layer over time: trials of one length */
  NAX_GPVAE_ENCODER_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_encoder;

/** What is minimised. */
typedef enum nax_gpvae_objective {
  NAX_GPVAE_ELBO = 1,     /**< minus the evidence lower bound */
  NAX_GPVAE_RELEASED = 2, /**< what the code released with the paper minimises, which is
                             no bound; encoder "fourier" only, for comparison */
  NAX_GPVAE_OBJECTIVE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_objective;

/** Prior of a latent over the bins of a trial. */
typedef enum nax_gpvae_prior {
  NAX_GPVAE_SMOOTH = 1, /**< Gaussian process, exp(-(h / length)^2 / 2) */
  NAX_GPVAE_WHITE = 2,  /**< independent bins: a plain VAE, for comparison */
  NAX_GPVAE_PRIOR_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_prior;

/** Function of a unit of the networks. */
typedef enum nax_gpvae_activation {
  NAX_GPVAE_ELU = 1,                          /**< x, or exp(x) - 1 below 0 */
  NAX_GPVAE_RELU = 2,                         /**< x, or 0 below 0 */
  NAX_GPVAE_TANH = 3,                         /**< tanh(x) */
  NAX_GPVAE_ACTIVATION_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_activation;

/** How the fit begins. */
typedef enum nax_gpvae_start {
  NAX_GPVAE_ROTATE = 1, /**< neurons alone from GPFA; then the decoder sees all their
                           latents, and the directions it uses become the shared ones */
  NAX_GPVAE_GPFA = 2,   /**< neurons alone from GPFA, in an arbitrary rotation */
  NAX_GPVAE_RANDOM = 3, /**< random weights */
  NAX_GPVAE_START_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_start;

/** How features of behaviour are scaled before the networks see them. */
typedef enum nax_gpvae_scale {
  NAX_GPVAE_SCALE_ALL = 1,  /**< less the mean of each, by one common spread: images */
  NAX_GPVAE_SCALE_EACH = 2, /**< less the mean of each, by its own spread */
  NAX_GPVAE_SCALE_NONE = 3, /**< as they are */
  NAX_GPVAE_SCALE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_gpvae_scale;

/** Options of nax_gpvae_fit. Table "gpvae" of options.h. */
typedef struct nax_gpvae_opts {
  size_t struct_size;    /**< set by the INIT macro; do not touch */
  int64_t n_neural;      /**< latents that only neurons have */
  int64_t n_shared;      /**< latents that both have */
  int64_t n_behaviour;   /**< latents that only behaviour has */
  int64_t epochs;        /**< passes over the trials, all parameters together */
  int64_t neural_epochs; /**< before that: passes with the neurons alone */
  int64_t share_epochs;  /**< then: passes in which the decoder sees all neural latents,
                            as many again with those of behaviour besides */
  int64_t batch;         /**< trials per step */
  int64_t patience;      /**< stop after as many epochs without a better bound on the
                            trials held out; 0: never */
  int64_t warmup;        /**< epochs over which the weight of the divergence rises to 1,
                            where nothing was fitted before */
  int64_t alone_every;   /**< after so many steps with all parameters together, one of the
                            encoder of behaviour without the neurons': it learns what
                            behaviour alone tells of the shared latents; 0: never */
  int64_t components;    /**< behaviour of more than twice as many features P is told by
                            so many principal components of the trials trained on:
                            networks see these, and the bound is that of all features,
                            with a decoder within their span; 0: networks see features */
  double hold_out;       /**< share of the trials held out to judge by */
  double bin;            /**< width of a bin, s */
  double min_length;     /**< shortest length scale, s; NaN: from the start */
  double max_length;     /**< longest length scale, s; NaN: from the start */
  double condition;      /**< coefficients with less than 1 / this of the largest prior
                            variance are left out */
  double rate_behaviour; /**< step size of encoder and decoder of behaviour; with all
                            parameters together a twentieth for an encoder that is
                            begun */
  double rate_neural;    /**< step size of the neural encoder */
  double rate_loadings;  /**< step size of W, d and the noise of neurons */
  double rate_scales;    /**< step size of log length scales and log noise of behaviour */
  double clip;           /**< largest norm of the gradient of each of the four; 0: none */
  double weight_neural;  /**< of the log likelihood of neurons */
  double weight_behaviour;   /**< of the log likelihood of behaviour; 1: the bound itself;
                                0: effective dimensions of behaviour / P, for features that
                                err together, such as pixels */
  uint64_t seed;             /**< of weights, order of trials, samples */
  const char *neural_layers; /**< widths of the neural encoder; NULL: "80,40" */
  const char *behaviour_layers; /**< of the encoder of behaviour; NULL: "128,64" */
  const char *decoder_layers;   /**< widths of the decoder; NULL: "128,128,128,128", since
                                   what few latents make of many features is better told
                                   by more layers than by wider ones */
  const char *checkpoint; /**< file that holds the state after each epoch, and from which
                             a fit that was stopped goes on; NULL: none */
  int32_t likelihood;     /**< one of nax_gpvae_likelihood */
  int32_t encoder;        /**< one of nax_gpvae_encoder */
  int32_t objective;      /**< one of nax_gpvae_objective */
  int32_t prior;          /**< one of nax_gpvae_prior */
  int32_t activation;     /**< one of nax_gpvae_activation */
  int32_t start;          /**< one of nax_gpvae_start */
  int32_t scale;          /**< one of nax_gpvae_scale */
  int32_t keep_partial; /**< 1: an interrupt returns the best so far with NAX_STOP_USER */
} nax_gpvae_opts;

/** Defaults of nax_gpvae_opts. */
#define NAX_GPVAE_OPTS_INIT                                                              \
  {                                                                                      \
    sizeof(nax_gpvae_opts), 1, 1, 1, 20, 10, 2, 2, 10, 5, 4, 128, 0.2, 0.02,             \
        NAX_NOT_GIVEN, NAX_NOT_GIVEN, 1e6, 3e-3, 2e-3, 5e-3, 1e-2, 1.0, 1.0, 1.0, 1,     \
        NULL, NULL, NULL, NULL, NAX_GPVAE_POISSON, NAX_GPVAE_POTENTIAL, NAX_GPVAE_ELBO,  \
        NAX_GPVAE_SMOOTH, NAX_GPVAE_ELU, NAX_GPVAE_ROTATE, NAX_GPVAE_SCALE_ALL, 0        \
  }

/** Trials of two modalities recorded in the same bins. */
typedef struct nax_gpvae_trials {
  nax_index n_trials;        /**< trials */
  const nax_view *neural;    /**< n_trials views N x T, or NULL: no neurons at all */
  const nax_view *behaviour; /**< n_trials views P x T, or NULL: no behaviour at all */
} nax_gpvae_trials;

/** A fitted model. Opaque. */
typedef struct nax_gpvae nax_gpvae;

/** Fit the model to trials.
 *
 * By default: GPFA of the neurons alone; their Poisson model; the decoder of behaviour
 * with all neural latents in sight; a rotation by what it uses of them, which tells
 * shared from neural-only latents; then everything together, the best epoch on the trials
 * held out being kept. A step that makes the bound infinite or not a number is taken back
 * and the step size halved.
 *
 * @shape{trials} N x T and P x T per trial, float64 or float32, any strides; lengths may
 * differ between trials (encoder "fourier": not). A view whose data are NULL: that
 * modality was not recorded in that trial
 * @nan missing: single neurons, features, bins or whole trials
 * @status NAX_EDIM, NAX_ETYPE, NAX_EDATA (infinite, negative count, missing everywhere,
 * naming it), NAX_EINVAL (options; no latent for a modality; more neural and shared
 * latents than neurons; a checkpoint of another fit), NAX_ENUMERIC (the bound stays
 * infinite however small the steps), NAX_EINTERRUPT, NAX_EIO (checkpoint), NAX_ENOMEM
 * @stop patience or epochs; see nax_gpvae_stop
 * @cost per epoch 6 flops per weight and bin of a network (4 for the first layer of an
 * encoder), and q F^2 (F + T) per trial; memory: nax_gpvae_memory
 * @random a stream for each epoch and trial
 * @threads over tiles of products and over trials
 * @paper{gondur2024}
 * @owns free with nax_gpvae_free. */
NAX_API NAX_NODISCARD nax_status nax_gpvae_fit(nax_ctx *ctx,
                                               const nax_gpvae_trials *trials,
                                               const nax_gpvae_opts *opts,
                                               nax_gpvae **out);

/** Bytes that nax_gpvae_fit needs besides the trials: networks with gradients and
 * moments, and the layers of one batch.
 * @status as nax_gpvae_fit. */
NAX_API NAX_NODISCARD nax_status nax_gpvae_memory(nax_ctx *ctx,
                                                  const nax_gpvae_trials *trials,
                                                  const nax_gpvae_opts *opts,
                                                  size_t *bytes);

/** Free a model; NULL is accepted. */
NAX_API void nax_gpvae_free(nax_gpvae *m);

/** Parameters outside the networks, borrowed memory. */
typedef struct nax_gpvae_params {
  size_t struct_size;       /**< sizeof(nax_gpvae_params) */
  nax_index n_neurons;      /**< N */
  nax_index n_features;     /**< P */
  nax_index n_neural;       /**< neural-only latents */
  nax_index n_shared;       /**< shared latents */
  nax_index n_behaviour;    /**< behaviour-only latents */
  nax_index n_coefficients; /**< F */
  const double *w;          /**< loadings, N x (n_neural + n_shared), column-major */
  const double *d;          /**< offsets, N */
  const double *noise;      /**< N variances (Gaussian) or shapes (negative binomial), or
                               NULL */
  const double *length;     /**< length scales in s, q; NULL with a white prior */
  const double *relevance; /**< n_neural + n_shared numbers, ascending: how much behaviour
                              changes along each direction of the neural latents (mean
                              square of the decoder's slope, scaled units); a gap tells
                              how many are shared. NULL unless the start was "rotate" */
  double behaviour_noise;  /**< standard deviation of behaviour around the decoder, in the
                              scaled units of the networks; NaN without behaviour */
} nax_gpvae_params;

/** The parameters. @borrows valid until the model is freed. */
NAX_API nax_gpvae_params nax_gpvae_get(const nax_gpvae *m);

/** Why the fit stopped: NAX_STOP_TOL after `patience` epochs without a better bound. */
NAX_API nax_stop nax_gpvae_stop(const nax_gpvae *m);

/** Trials of the fit; whether trial k was held out. */
NAX_API nax_index nax_gpvae_n_trials(const nax_gpvae *m);

/** 1 when trial k of the fit was held out, else 0. */
NAX_API int32_t nax_gpvae_held_out(const nax_gpvae *m, nax_index k);

/** How the fit went: one row per epoch with phase (0 neurons alone, 1 decoder sees all, 2
 * neurons after the rotation, 3 together), objective and its terms (kl, neural,
 * behaviour) per trial, the objective on the trials held out, the noise of behaviour, and
 * the factor of the step sizes.
 * @owns free with nax_table_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_gpvae_trace(nax_ctx *ctx, const nax_gpvae *m,
                                                 nax_table **out);

/** Latents of some trials. Opaque. */
typedef struct nax_gpvae_posterior nax_gpvae_posterior;

/** Latents of trials under a model. Either modality may be left out (NULL): latents and
 * predictions are then told from the other.
 * @shape{trials} as in the fit, with its N and P
 * @nan missing
 * @status NAX_EDIM, NAX_ETYPE, NAX_EDATA, NAX_EINVAL (a trial longer than those of the
 * fit), NAX_EINTERRUPT, NAX_ENOMEM
 * @random stream of each trial, for the bound
 * @owns free with nax_gpvae_posterior_free. */
NAX_API NAX_NODISCARD nax_status nax_gpvae_infer(nax_ctx *ctx, const nax_gpvae *m,
                                                 const nax_gpvae_trials *trials,
                                                 nax_gpvae_posterior **out);

/** Free latents; NULL is accepted. */
NAX_API void nax_gpvae_posterior_free(nax_gpvae_posterior *p);

/** Trials. */
NAX_API nax_index nax_gpvae_posterior_n_trials(const nax_gpvae_posterior *p);

/** Bins of trial k; 0 out of range. */
NAX_API nax_index nax_gpvae_posterior_length(const nax_gpvae_posterior *p, nax_index k);

/** Means of trial k: q x T, column-major. NULL out of range. @borrows */
NAX_API const double *nax_gpvae_posterior_mean(const nax_gpvae_posterior *p, nax_index k);

/** Standard deviations of trial k: q x T. NULL out of range. @borrows */
NAX_API const double *nax_gpvae_posterior_sd(const nax_gpvae_posterior *p, nax_index k);

/** The bound (ELBO) of trial k at one sample: of what was given. NaN out of range. */
NAX_API double nax_gpvae_posterior_bound(const nax_gpvae_posterior *p, nax_index k);

/** What the model says of the neurons and of behaviour in trial k: mean rates (or values)
 * at the posterior, and the decoder at the posterior means, in the units of the data.
 * @param rates N x T, may be NULL
 * @param behaviour P x T, may be NULL
 * @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_gpvae_predict(nax_ctx *ctx, const nax_gpvae *m,
                                                   const nax_gpvae_posterior *p,
                                                   nax_index k, double *rates,
                                                   double *behaviour);

/** The fit as a dataset: latents and their standard deviations (latent x time x trial,
 * NaN after the end of a trial), loadings, offsets, length scales, relevance, tables
 * `trace` and `trials`, and the options.
 * @param p latents of the trials; may be NULL
 * @param labels of neurons, trials and time, or NULL
 * @owns free with nax_dataset_free. @status NAX_ENOMEM, NAX_EDIM (labels do not fit). */
NAX_API NAX_NODISCARD nax_status nax_gpvae_dataset(nax_ctx *ctx, const nax_gpvae *m,
                                                   const nax_gpvae_posterior *p,
                                                   const nax_trial_labels *labels,
                                                   nax_dataset **out);

NAX_END_DECLS
#endif
