/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bayesian bi-clustering of population activity: which neurons share a latent trajectory,
 * and which stretches of time share the law that the trajectories follow; neither number
 * is chosen beforehand.
 *
 * Symbols: N neurons, T bins, z_i the cluster of neuron i, xi_t the state that leads from
 * bin t - 1 to bin t, L the most states, p the dimension of a cluster's latent, q = p
 * + 1.
 *
 *   y_it ~ NB(r_i, mean exp(eta_it))       eta_it = d_i + m_t + c_i' x_t of cluster z_i
 *   u_t = (m_t, x_t) = A u_(t-1) + b + e,  e ~ N(0, Q), with A, b, Q of cluster and xi_t
 *   u_0 ~ N(0, I);  Q ~ IW(q + noise_dof, noise_scale I)
 *   [A b] | Q ~ MN([dynamics_mean I, 0], Q, I / dynamics_precision)
 *   d_i, c_i ~ N(0, loading_sd^2);  r_i ~ Gamma(dispersion_shape, dispersion_rate)
 *   beta ~ Dir(gamma / L);  pi_j ~ Dir(alpha beta + kappa e_j);  first state uniform
 *   K - 1 ~ Geometric(rho), weights Dir(g), z_i | weights (or a Dirichlet process)
 *
 * With learn_latent_dim each cluster has a p of its own, Poisson(latent_mean) cut off at
 * latent_dim; latents are added and taken away by reversible jumps (Green 1995). With
 * coupled = K there are K clusters, empty ones included, with Dir(g) weights, and one A,
 * b and Q of K q rows for all of them in each state: the published form. Clusters cannot
 * be born then, since dynamics of D rows say nothing of D + q; K comes from a run
 * without.
 *
 * The posterior is sampled by Markov chains whose moves are all exact: Polya-Gamma
 * variables (Polson, Scott & Windle 2013) make paths Gaussian, states are drawn bin by
 * bin and in whole runs, with the paths integrated out (Fox et al. 2011) and with the
 * dynamics and transitions integrated out, label and loadings of a neuron together
 * (telescoping sampler, Fruehwirth-Schnatter et al. 2021). The model follows Wei 2023,
 * with dynamics of its own for each cluster. */
#ifndef NEURAXIS_BICLUSTER_H
#define NEURAXIS_BICLUSTER_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** What is observed. */
typedef enum nax_bicluster_observation {
  NAX_BICLUSTER_NEGATIVE_BINOMIAL = 1, /**< counts, variance mu + mu^2 / r */
  NAX_BICLUSTER_POISSON = 2,           /**< counts, variance mu */
  NAX_BICLUSTER_GAUSSIAN = 3, /**< real values (calcium), standardised per neuron; r_i is
                                   the variance of the noise, inverse gamma */
  NAX_BICLUSTER_OBSERVATION_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_bicluster_observation;

/** Prior of the partition of the neurons. */
typedef enum nax_bicluster_partition {
  NAX_BICLUSTER_MFM = 1,                         /**< mixture of finite mixtures */
  NAX_BICLUSTER_DP = 2,                          /**< Dirichlet process */
  NAX_BICLUSTER_PARTITION_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_bicluster_partition;

/** Which entries are left out to be predicted. */
typedef enum nax_bicluster_holdout {
  NAX_BICLUSTER_SPECKLED = 1,                  /**< single entries */
  NAX_BICLUSTER_BLOCKED = 2,                   /**< stretches of 10 bins of a neuron */
  NAX_BICLUSTER_HOLDOUT_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_bicluster_holdout;

/** Options of nax_bicluster_fit. Table "bicluster" of options.h. */
typedef struct nax_bicluster_opts {
  size_t struct_size;        /**< set by the INIT macro; do not touch */
  int64_t n_chains;          /**< independent chains, at least 2 for a verdict */
  int64_t n_sweeps;          /**< sweeps of each chain */
  int64_t burn_in;           /**< of those, sweeps that do not count; -1: a half */
  int64_t thin;              /**< every so many sweeps one draw is kept */
  int64_t latent_dim;        /**< p, 0 to 8; the most when it is learned */
  int64_t max_states;        /**< L, 1 to 64 */
  int64_t n_temperatures;    /**< replicas of each chain, the likelihood raised to powers
                                  from 1 down to `coldest`; 1: none */
  int64_t checkpoint_every;  /**< seconds between checkpoints */
  int64_t path_draws;        /**< draws per chain whose trajectories are kept */
  double cluster_rho;        /**< rho */
  double cluster_weight;     /**< g */
  double cluster_alpha;      /**< concentration of the Dirichlet process */
  double region_weight;      /**< of the regions of neurons in the partition: each cluster
                                  has region probabilities Dir(this) */
  double state_alpha;        /**< alpha */
  double state_kappa;        /**< kappa */
  double state_gamma;        /**< gamma */
  double dynamics_mean;      /**< A is expected to be this times I */
  double dynamics_precision; /**< and how firmly */
  double noise_dof;          /**< degrees of freedom of Q beyond q */
  double noise_scale;        /**< scale of Q */
  double loading_sd;         /**< of d and c */
  double dispersion_shape;   /**< prior of r (Gaussian: of the noise variance) */
  double dispersion_rate;    /**< prior of r (Gaussian: of the noise variance) */
  double poisson_r;          /**< dispersion of the proposals for Poisson counts */
  double holdout;            /**< share of the entries left out and predicted */
  double coldest;            /**< smallest power of the likelihood */
  uint64_t seed;             /**< of all chains */
  const char *checkpoint;    /**< file that the run can be taken up from; draws stream to
                                  FILE.draws.nc, trajectories to FILE.paths.nc, and memory
                                  does not grow with sweeps. NULL: none, draws are in
                                  memory */
  int32_t observation;       /**< one of nax_bicluster_observation */
  int32_t partition;         /**< one of nax_bicluster_partition */
  int32_t holdout_kind;      /**< one of nax_bicluster_holdout */
  int32_t learn_concentrations; /**< 1: alpha + kappa, its share kappa and gamma have
                                     priors around the values given */
  int32_t exact;                /**< 1: Polya-Gamma variables by exact rejection (slow) */
  int32_t resume;               /**< 1: go on from `checkpoint` */
  int32_t learn_latent_dim;     /**< 1: p is a cluster's own, from 0 to latent_dim, with a
                                     Poisson prior cut off there */
  double latent_mean;           /**< mean of that prior before it is cut off */
  int64_t coupled; /**< K > 0: a fixed number of clusters whose dynamics are joint, as
                        published: A, Q of K q rows; 0: each cluster has its own */
  int32_t rates;   /**< 1: the result has the posterior mean of what is expected of each
                        entry, also of those missing or held out: N T more numbers per
                        chain */
} nax_bicluster_opts;

/** Defaults of nax_bicluster_opts. */
#define NAX_BICLUSTER_OPTS_INIT                                                          \
  {                                                                                      \
    sizeof(nax_bicluster_opts), 4, 2000, -1, 1, 2, 10, 1, 60, 200, 0.2, 1.0, 1.0, 1.0,   \
        5.0, 10.0, 5.0, 1.0, 1.0, 2.0, 0.01, 1.0, 1.0, 1.0, 100.0, 0.0, 0.3, 1, NULL,    \
        NAX_BICLUSTER_NEGATIVE_BINOMIAL, NAX_BICLUSTER_MFM, NAX_BICLUSTER_SPECKLED, 0,   \
        0, 0, 0, 2.0, 0, 0                                                               \
  }

/** The posterior of a recording, summarised. Opaque. */
typedef struct nax_bicluster nax_bicluster;

/** Sample the posterior and summarise the draws.
 *
 * Chains begin with neurons put together while the evidence of one common trajectory
 * gains from it, all neurons following it alike or each with a slope of its own; the
 * target knows nothing of that. They begin apart, so that R-hat can tell whether they
 * met: the first with the partition that stands firmest, the others with those that
 * trajectories of other smoothness, or with slopes, give, in turn; with 2 to 5 states in
 * turn, drawn from their prior. Structure between well separated modes is explored by
 * several chains or by tempering, which is why convergence is judged over chains.
 *
 * @shape{y} neuron x time (x trial), axes by name or in this order; float64 or float32. A
 * trial is a segment: no transition and no dynamics lead from one to the next; bins after
 * the last one of a trial with any value do not exist
 * @param region one whole number from 0 per neuron, or NULL: neurons of one cluster tend
 * to be of one region (region_weight)
 * @nan missing
 * @status NAX_EDIM (fewer than 2 neurons or 10 bins), NAX_EDATA (a count that is
 * negative, not whole or above 1e6, an infinite value, a neuron without any value or, for
 * calcium, without variance: naming it), NAX_EINVAL (options, regions; a checkpoint of
 * other data), NAX_EIO, NAX_EFORMAT (checkpoint), NAX_EINTERRUPT (a checkpoint is written
 * first, of the last sweep that all chains had done), NAX_ENOMEM. Neurons that never fire
 * are kept, with suggestion "bicluster.silent".
 * @cost per sweep N T (q^2 + 40) + T L K q^3; memory: nax_bicluster_memory
 * @threads over chains: the same bits for any number
 * @random a stream for every (chain, sweep, move, neuron or cluster)
 * @paper{wei2023}
 * @owns free with nax_bicluster_free. */
NAX_API NAX_NODISCARD nax_status nax_bicluster_fit(nax_ctx *ctx, const nax_view *y,
                                                   const nax_index *region,
                                                   const nax_bicluster_opts *opts,
                                                   nax_bicluster **out);

/** Bytes that nax_bicluster_fit needs besides its input, as long as there are at most 20
 * components at a time. @status NAX_EDIM, NAX_EINVAL, NAX_EOVERFLOW. */
NAX_API NAX_NODISCARD nax_status nax_bicluster_memory(nax_ctx *ctx, nax_index n_neurons,
                                                      nax_index n_bins,
                                                      const nax_bicluster_opts *opts,
                                                      size_t *bytes);

/** Free a result; NULL is accepted. */
NAX_API void nax_bicluster_free(nax_bicluster *m);

/** Neurons N. */
NAX_API nax_index nax_bicluster_n_neurons(const nax_bicluster *m);

/** Bins T: those of all trials, laid end to end. */
NAX_API nax_index nax_bicluster_n_bins(const nax_bicluster *m);

/** Clusters of the point estimate (least expected variation of information). */
NAX_API nax_index nax_bicluster_n_clusters(const nax_bicluster *m);

/** States of the point estimate. */
NAX_API nax_index nax_bicluster_n_states(const nax_bicluster *m);

/** Cluster of each neuron in the point estimate, the largest is 0. @borrows */
NAX_API const int64_t *nax_bicluster_clusters(const nax_bicluster *m);

/** State of each bin in the point estimate, the longest is 0. @borrows */
NAX_API const int64_t *nax_bicluster_states(const nax_bicluster *m);

/** Posterior probability that two neurons share a cluster, N x N. @borrows */
NAX_API const double *nax_bicluster_similarity(const nax_bicluster *m);

/** Posterior probability that two bins share a state, T x T; NULL above 2500 bins.
 * @borrows */
NAX_API const double *nax_bicluster_state_similarity(const nax_bicluster *m);

/** Posterior mean of what is expected of each entry, N x T, in the units of the data: the
 * mean of exp(eta), for calcium of eta as it was before standardising; NULL without
 * option `rates`. @borrows */
NAX_API const double *nax_bicluster_rates(const nax_bicluster *m);

/** 1 when the chains may be trusted: at least two, R-hat below 1.05 and at least 100
 * effective draws of every scalar, and no pair of neurons whose probability of being
 * together differs by more than 0.3 between chains. */
NAX_API int32_t nax_bicluster_converged(const nax_bicluster *m);

/** The same as a sentence that says what is wrong, into `buf` (always terminated). */
NAX_API void nax_bicluster_verdict(const nax_bicluster *m, char *buf, size_t size);

/** Mean, standard deviation, rank-normalised split R-hat and effective sample sizes of
 * each scalar (Vehtari et al. 2021); of the dispersions, the worst.
 * @owns free with nax_table_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_bicluster_diagnostics(nax_ctx *ctx,
                                                           const nax_bicluster *m,
                                                           nax_table **out);

/** The result as a dataset: "similarity" (neuron x neuron), "state_similarity" (time x
 * time, without trials), table "neurons" (point partitions by variation of information,
 * Binder's loss and PEAR; certainty; dispersion), "states" and "state_certainty" (time (x
 * trial)), "trajectory", "trajectory_low" and "trajectory_high" (row x time (x trial) x
 * cluster: posterior mean and 95 % band of u, each row centred, latent rows turned to
 * their principal axes), tables "cluster_counts", "state_counts" and "diagnostics",
 * "trace" (scalar x draw x chain, burn-in included), "draw_clusters" (neuron x draw x
 * chain) and "draw_states" (bin x draw x chain), facts and options as attributes. With
 * `rates` also "rate" (neuron x time (x trial)), see nax_bicluster_rates. With
 * learn_latent_dim also table "latent_counts", for each cluster of the point estimate the
 * probability of each number of latents, and column "latent_dim" of "neurons", its mean.
 * @param neuron axis of the neurons, NULL: counted; @param time axis of the time, NULL:
 * counted
 * @status NAX_EDIM (axes do not fit), NAX_ENOMEM. @owns free with nax_dataset_free. */
NAX_API NAX_NODISCARD nax_status nax_bicluster_dataset(nax_ctx *ctx,
                                                       const nax_bicluster *m,
                                                       const nax_axis *neuron,
                                                       const nax_axis *time,
                                                       nax_dataset **out);

NAX_END_DECLS
#endif
