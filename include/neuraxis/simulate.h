/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings with known structure: calcium traces, spike trains or field potentials with
 * planted assemblies, latent trajectories, switching clusters, condition patterns and
 * frequency tags, in trials that may differ in length. The truth is in the same dataset,
 * so that every method can be tried on data whose answer is known. */
#ifndef NEURAXIS_SIMULATE_H
#define NEURAXIS_SIMULATE_H
#include <neuraxis/dataset.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** What is recorded. */
typedef enum nax_simulate_kind {
  NAX_SIMULATE_CALCIUM = 1,                /**< `dff`: neuron x time (x animal) */
  NAX_SIMULATE_SPIKES = 2,                 /**< `spikes` */
  NAX_SIMULATE_BOTH = 3,                   /**< `dff` and the spikes behind it */
  NAX_SIMULATE_FIELD = 4,                  /**< `field`: channel x time, in uV */
  NAX_SIMULATE_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_simulate_kind;

/** How the patterns of the conditions lie to each other. */
typedef enum nax_simulate_geometry {
  NAX_SIMULATE_RING = 1,                       /**< evenly on a circle */
  NAX_SIMULATE_LINE = 2,                       /**< evenly on a line */
  NAX_SIMULATE_GROUPS = 3,                     /**< two tight groups */
  NAX_SIMULATE_SCATTER = 4,                    /**< anywhere in the plane */
  NAX_SIMULATE_GEOMETRY_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_simulate_geometry;

/** Options of nax_simulate; start from NAX_SIMULATE_OPTS_INIT. Counts of 0 leave a kind
 * of structure out; any may be combined. */
typedef struct nax_simulate_opts {
  size_t struct_size;  /**< set by the macro */
  uint64_t seed;       /**< same seed, same recording */
  int64_t units;       /**< neurons or channels */
  int64_t trials;      /**< 0: none, the recording lasts for `trial_length` */
  int64_t animals;     /**< that share their neurons; above 1 for calcium only */
  int64_t assemblies;  /**< groups of neurons that are active together */
  int64_t epochs;      /**< 0: none; else assembly k is active in the (k mod epochs)-th
                          part of the recording only, in each animal at times of its
                          own, and the assemblies of one part share no neuron */
  int64_t latents;     /**< smooth latent trajectories, shared by all */
  int64_t clusters;    /**< groups of neurons with latent dynamics of their own */
  int64_t states;      /**< of those dynamics, taking turns */
  int64_t conditions;  /**< of the trials; each has a pattern over the neurons */
  double rate;         /**< frames or samples per second; NaN: 30 calcium, else 200 */
  double trial_length; /**< s */
  double trial_jitter; /**< trials last trial_length * (1 +- this), uniformly */
  double gap;          /**< s before the first, between and after the trials */
  double firing_rate;  /**< median over neurons at rest, Hz; NaN: 0.5 calcium, else 5 */
  double refractory;   /**< shortest time between two spikes of a neuron, s */
  double member_share; /**< of the neurons in each assembly */
  double event_rate;   /**< of each assembly, Hz */
  double event_length; /**< s */
  double event_gain;   /**< of the firing rate in an event, as a factor */
  double timescale;    /**< of the latents, s: exp(-d^2 / 2 timescale^2) */
  double latent_gain;  /**< standard deviation of the log rate that latents cause */
  double state_length; /**< mean, s */
  double pattern_gain; /**< standard deviation of the log rate over the patterns */
  double tag_depth;    /**< of the log rate, half peak to peak */
  double tag_share;    /**< of the neurons that follow each tag */
  double amplitude;    /**< of the calcium transient of one spike, dF/F */
  double decay;        /**< of that transient, s */
  double noise;        /**< standard deviation, dF/F (field: in 100 uV) */
  double missing;      /**< share of frames lost at random: NaN in every neuron */
  const char *tags;    /**< frequencies in Hz, separated by commas; NULL: none */
  int32_t kind;        /**< nax_simulate_kind */
  int32_t geometry;    /**< nax_simulate_geometry */
  int32_t raw;         /**< 1: calcium as `F` and `Fneu` with neuropil, and `truth_dff` */
  int64_t
      images; /**< pixels per side of pictures of behaviour; 0: none. Needs a latent */
  int64_t tag_conditions; /**< tags are in trials of the first so many conditions only,
                             the others being controls; 0: in all */
} nax_simulate_opts;
#define NAX_SIMULATE_OPTS_INIT                                                           \
  {                                                                                      \
    sizeof(nax_simulate_opts), 0, 60, 20, 1, 4, 0, 0, 0, 2, 0, NAX_NOT_GIVEN, 4.0, 0.0,  \
        1.0, NAX_NOT_GIVEN, 0.002, 0.2, 0.1, 1.0, 10.0, 0.2, 0.7, 5.0, 0.7, 0.3, 0.3,    \
        0.7, 0.7, 0.1, 0.0, NULL, NAX_SIMULATE_CALCIUM, NAX_SIMULATE_RING, 0, 0, 0       \
  }

/** A recording with known structure.
 *
 * Every neuron has the rate base * exp(u(t)), held within a frame, where u is the sum of
 * assembly activations, latents, cluster dynamics, the pattern of the trial's condition
 * and tags (cosines from the start of each trial); the first of the two dimensions of a
 * cluster drives its neurons alike, the second each with a weight of its own. Spikes are
 * Poisson with a dead time that leaves the rate as it is. Calcium is their sum of
 * transients (rise of a tenth of the decay) plus white noise; a field is u itself (10 uV
 * each) plus 1/f noise.
 *
 * Members of the dataset besides `dff`, `F`, `Fneu`, `spikes` or `field`: tables `trials`
 * (start_time, stop_time, condition) and `neurons` (base_rate, assembly, cluster), and
 * where there is such structure `truth_assemblies` (neuron x component), table
 * `truth_events` (assembly, animal, time, gain), `truth_activations` (component x time
 * (x animal)), table `truth_epochs` (start_time, stop_time), `truth_communities` (neuron
 * x epoch: assembly, -1 for none), `truth_latents` (latent x time), `truth_loadings`
 * (neuron x latent), `truth_paths` (dimension x time x cluster), `truth_states` (time),
 * `truth_patterns` (neuron x condition), `truth_distances` (condition x condition_2,
 * Euclidean, mean 1), `truth_models` (condition x condition_2 x model: from the true
 * distances to those of other points in equal steps, so that their ranking is known),
 * `truth_tag_depth` and `truth_tag_phase` (neuron x frequency).
 * With `images`, `images` (y x x x time, 0 to 1) shows a figure, written differently in
 * every frame, turned by `truth_angle` (degrees; 120 sqrt(0.3) times latent 0) and scaled
 * by `truth_zoom` (|1 + sqrt(0.8) times `truth_image_latent`|).
 * @random streams of their own for trials, each assembly, latent, cluster and neuron
 * @status NAX_EINVAL (options; tags not below rate / 2; animals without calcium; images
 * without latents),
 * NAX_EOVERFLOW, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(units * frames * animals * structure). @threads over neurons.
 * @owns free with nax_dataset_free. */
NAX_API NAX_NODISCARD nax_status nax_simulate(nax_ctx *ctx, const nax_simulate_opts *opts,
                                              nax_dataset **out);

NAX_END_DECLS
#endif
