/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dynamic connectomes: which neurons change together, when, in which animal, and which
 * communities they form.
 *
 * Traces become unit-free smoothed derivatives u_i(t); the affinity of two neurons is a
 * function of u_i(t) and u_j(t) alone, non-negative, at most 1, and 0 when either is
 * silent. The tensor time x animal x pair is factorised; the pair factor of a component,
 * folded to a symmetric matrix, is its motif, and a nested block model finds the
 * communities of the motif.
 *
 * Symbols: N neurons, T time bins, W animals, P = N(N-1)/2 pairs (pair p of i < j is
 * j(j-1)/2 + i), R components. Sources: Dyballa et al. 2024 (the pipeline; the affinity
 * itself is not printed there and is defined here); Peixoto 2014, 2018 (communities). */
#ifndef NEURAXIS_CONNECTOME_H
#define NEURAXIS_CONNECTOME_H
#include <neuraxis/ntf.h>
#include <neuraxis/sbm.h>
NAX_BEGIN_DECLS

/** How a derivative is estimated. */
typedef enum nax_connectome_smoother {
  NAX_CONNECTOME_GAUSSIAN = 1, /**< derivative of a Gaussian of `sigma` samples */
  NAX_CONNECTOME_SAVGOL = 2,   /**< slope of a local polynomial (Savitzky & Golay) */
  NAX_CONNECTOME_SMOOTHER_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_connectome_smoother;

/** Affinity of two neurons from their derivatives a and b at one time. All are 0 unless
 * the two have the same sign, but for the last. */
typedef enum nax_connectome_kernel {
  NAX_CONNECTOME_PROD = 1,                     /**< a b */
  NAX_CONNECTOME_GM = 2,                       /**< sqrt(a b) */
  NAX_CONNECTOME_MIN = 3,                      /**< the smaller of |a| and |b| */
  NAX_CONNECTOME_RATIO = 4,                    /**< min^2 / max: size times similarity */
  NAX_CONNECTOME_UP = 5,                       /**< sqrt(a b) where both rise */
  NAX_CONNECTOME_ABS = 6,                      /**< sqrt(|a b|), whatever the signs */
  NAX_CONNECTOME_KERNEL_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_connectome_kernel;

/** Which pairs of signs count. */
typedef enum nax_connectome_channels {
  NAX_CONNECTOME_SAME = 1,     /**< both rise or both fall */
  NAX_CONNECTOME_OPPOSITE = 2, /**< one rises while the other falls */
  NAX_CONNECTOME_BOTH = 3,     /**< each as a channel of its own: one more mode of 2 */
  NAX_CONNECTOME_CHANNELS_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_connectome_channels;

/** How an affinity is kept from exceeding 1. */
typedef enum nax_connectome_clip {
  NAX_CONNECTOME_CLIP_TRACE = 1, /**< derivatives are held within -1 and 1: a product of
                                      derivatives stays one */
  NAX_CONNECTOME_CLIP_PAIR = 2,  /**< the affinity itself is held below 1 */
  NAX_CONNECTOME_CLIP_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_connectome_clip;

/** How the tensor is kept. */
typedef enum nax_connectome_engine {
  NAX_CONNECTOME_AUTO = 1,     /**< computed where needed once it exceeds 256 MB and that
                                    is possible, else in memory */
  NAX_CONNECTOME_EXPLICIT = 2, /**< in memory */
  NAX_CONNECTOME_FREE = 3,     /**< never formed: affinities are made from the derivatives
                                    where a product with them is due. Not with
                                    `interval`, and what is missing must be whole neurons
                                    and whole bins of an animal */
  NAX_CONNECTOME_ENGINE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized */
} nax_connectome_engine;

/** Options of the affinity and of what is made of it. Table "connectome" of options.h. */
typedef struct nax_connectome_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  double sigma;       /**< of the Gaussian, samples */
  int64_t window;     /**< of the local polynomial, samples, odd */
  int64_t order;      /**< of the local polynomial */
  double threshold;   /**< smaller derivatives count as none */
  int64_t min_run;    /**< shorter runs of one sign count as none, samples */
  const char *scales; /**< several values of sigma instead of one, comma-separated */
  int32_t smoother;   /**< one of nax_connectome_smoother */
  int32_t kernel;     /**< one of nax_connectome_kernel */
  int32_t channels;   /**< one of nax_connectome_channels */
  int32_t clip;       /**< one of nax_connectome_clip */
  int32_t interval;   /**< 1: affinity is averaged over each interval in which both
                           derivatives keep their signs */
  int32_t scale_mode; /**< several scales: 1: one more mode; 0: the largest affinity */
  int32_t engine;     /**< one of nax_connectome_engine */
  int32_t single;     /**< 1: affinities are float32, in memory or not */
  int64_t n_searches; /**< block model: searches for each motif */
  int64_t n_samples;  /**< block model: posterior sweeps for the uncertainty of labels */
  double floor;       /**< block model: as in nax_sbm_opts */
  int32_t weights;    /**< block model: one of nax_sbm_weights */
  int32_t degrees;    /**< block model: one of nax_sbm_degrees */
  int32_t strength;   /**< block model: as in nax_sbm_opts */
  double state;       /**< standard deviation of the Gaussian over time with which the
                           motif in force is told, bins */
  int64_t n_boot;     /**< bootstrap draws of animals; 0: none */
  int64_t n_null;     /**< draws of shifted data; 0: none */
  int64_t start_bins; /**< a tensor that is not formed and has at least twice as many
                           bins: starts are made on about so many, evenly spaced, and, of
                           1000 neurons and more without `symmetric`, on about 500 of
                           these; the best goes on with all; 0: starts are made on all */
  int64_t symmetric;  /**< a motif is the sum of so many h h', h >= 0 being the strengths
                           of the neurons in one community; 0: any symmetric matrix */
  int64_t average;    /**< time factors are constant over stretches of so many bins, as if
                           affinities were averaged over them. More than 1 where animals do
                           not do the same at the same time: what is shared is then who is
                           active with whom, and single events of single animals, of which
                           a component would explain more squares, are no motifs. A
                           stretch ends early where, of a tensor that is not formed, what
                           animals lack changes */
  double full_tol; /**< after starts on some of the bins: the sweep over all of them that
                        gains less than this share of the explained part is the last,
                        where `tol` is finer, and optimality conditions need not hold
                        better than to 1e-2; 0: `tol` and `kkt_tol` decide */
} nax_connectome_opts;

/** Defaults of nax_connectome_opts. */
#define NAX_CONNECTOME_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_connectome_opts), 1.5, 7, 2, 0.05, 1, NULL, NAX_CONNECTOME_GAUSSIAN,      \
        NAX_CONNECTOME_PROD, NAX_CONNECTOME_SAME, NAX_CONNECTOME_CLIP_TRACE, 0, 0,       \
        NAX_CONNECTOME_AUTO, 1, 5, 200, 1e-3, NAX_SBM_GAMMA, NAX_SBM_EITHER, 1, 8.0, 0,  \
        0, 2000, 0, 1, 1e-5                                                              \
  }

/** Unit-free derivatives of traces.
 *
 * Each trace of each animal is brought to [0, 1] by its 1 % and 99.5 % quantiles, what is
 * beyond is cut; differentiated; divided by the 99 % quantile of the absolute derivative;
 * set to 0 below `threshold` and in runs of one sign shorter than `min_run`; and, with
 * `clip` trace, held within -1 and 1. A trace that never changes is 0.
 *
 * @shape{x} neuron x time, or with a third axis of animals (or trials); time is found by
 * its name, of the other two the first is the neurons
 * @shape{out} neuron x time x animal x scale, float64; animal and scale have length 1
 * when there is one
 * @nan missing samples are missing in the result; stretches between them are
 * differentiated each by itself (ends reflected), those of one sample are missing
 * @status NAX_EDIM (axes), NAX_EDATA (times not evenly spaced: resample first; infinite,
 * naming it), NAX_EINVAL (options), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(N T W sigma). @threads over traces.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_derivatives(
    nax_ctx *ctx, const nax_array *x, const nax_connectome_opts *opts, nax_array **out);

/** Several recordings on common neurons and common time bins.
 *
 * Neurons are matched by label, in order of first appearance; neurons that a recording
 * does not have are missing in it. Without labels all must have the same number of
 * neurons, matched by position.
 *
 * @param u from nax_connectome_derivatives; their animals are put side by side
 * @param bin for each recording NULL (bin k is sample k; then all of these must have
 * n_bins samples) or, for each of its samples, the common bin it belongs to, or -1 for
 * none; may be NULL as a whole. Samples of one bin are averaged
 * @param time axis of the common bins, copied; NULL: that of the first recording when its
 * length is n_bins, else positions
 * @nan bins without a sample are missing
 * @status NAX_EDIM (axes that do not match; a label twice), NAX_EINVAL (a bin out of
 * range, naming it), NAX_ENOMEM. @cost O(result).
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_align(
    nax_ctx *ctx, nax_index n, const nax_array *const *u, const nax_index *const *bin,
    nax_index n_bins, const nax_axis *time, nax_array **out);

/** The affinities of all pairs.
 *
 * @param u from nax_connectome_derivatives or nax_connectome_align
 * @shape{out} time x animal x pair (x channel) (x scale), float32 or float64 by `single`
 * @nan missing where either neuron is
 * @status NAX_EDIM, NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(N^2 T W). @threads over pairs. Memory: nax_connectome_memory
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_affinity(nax_ctx *ctx, const nax_array *u,
                                                         const nax_connectome_opts *opts,
                                                         nax_array **out);

/** Bytes that nax_connectome_factorise needs besides `u`.
 * @param is_free 1 when the tensor will not be formed; may be NULL
 * @status as nax_connectome_factorise. */
NAX_API NAX_NODISCARD nax_status nax_connectome_memory(nax_ctx *ctx, const nax_array *u,
                                                       const nax_connectome_opts *opts,
                                                       const nax_ntf_opts *fit,
                                                       size_t *bytes, int32_t *is_free);

/** Factorise the affinities: modes time, animal, pair (, channel) (, scale).
 *
 * Where the tensor is not formed, affinities are made from the derivatives tile by tile
 * where a product with them is due, twice a sweep. In memory and not, factors agree to
 * rounding (of float32 with `single`).
 *
 * With `symmetric` the pair factor of a component is the off-diagonal of H H', H (N x
 * `symmetric`) >= 0, updated neuron by neuron: the tensor has no diagonal, so that the
 * model is linear in the row of H of one neuron.
 *
 * @param u from nax_connectome_derivatives or nax_connectome_align
 * @nan missing affinities are left out of the fit; bins and pairs that no animal has are
 * left out altogether
 * @status as nax_ntf_fit and nax_connectome_affinity; NAX_EINVAL when `engine` is free or
 * `symmetric` is set and other options do not allow it; NAX_EDATA when `engine` is free
 * and more is missing than whole neurons and whole bins of an animal.
 * @cost per sweep not formed: 2 N^2 T W R flops, and N^2 T W affinities; formed: 1.5 N^2
 * T W R
 * @random as nax_ntf_fit
 * @paper{dyballa2024}
 * @owns free with nax_ntf_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_factorise(nax_ctx *ctx,
                                                          const nax_array *u,
                                                          const nax_connectome_opts *opts,
                                                          const nax_ntf_opts *fit,
                                                          nax_ntf **out);

/** How many components the affinities support: nax_ntf_select on them.
 *
 * A tensor beyond 256 MB is looked at in part: at every so many bins, and when fewer than
 * 500 would be left, of every so many neurons. Unless `block_mode` says otherwise, what
 * is held out are stretches of time at least as long as a derivative reaches.
 *
 * @param table as nax_ntf_select, may be NULL
 * @status as nax_connectome_factorise and nax_ntf_select
 * @cost as nax_ntf_select. @random as nax_ntf_select
 * @owns free the table with nax_table_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_select(nax_ctx *ctx, const nax_array *u,
                                                       const nax_connectome_opts *opts,
                                                       const nax_ntf_opts *fit,
                                                       const nax_ntf_select_opts *select,
                                                       nax_table **table,
                                                       nax_ntf_selection *out);

/** Components with their motifs and communities. Opaque. */
typedef struct nax_connectome nax_connectome;

/** Factorise, fold, find communities; and, where asked for, how sure all that is.
 *
 * Motif r is the pair factor of component r as a symmetric matrix; its communities are
 * the groups of the nested block model at the lowest level that is not trivial, with
 * exact zeros as absent edges. A motif of one group is background: how much is going on,
 * not who with whom. With `symmetric` motifs are made of communities, and a neuron
 * belongs to the one it is strongest in; those in none (below a thousandth of the
 * strongest) share the last group.
 *
 * The motif in force at a time is the one whose time factor, smoothed over `state` bins,
 * is highest in units of its own mean, among the motifs with communities; none where all
 * are below their mean.
 *
 * Bootstrap: animals are drawn with replacement, the fit starts from the components
 * found, motifs are matched by their cosine, communities found again: how often two
 * neurons are together, and how alike the motif is.
 *
 * Null: each neuron of each animal is shifted around in time by an offset of its own,
 * which keeps all it does by itself, and everything is done again. The excess of a
 * component (or of one community of it) is the affinity that its profiles, of unit norm,
 * collect in the data, less what they collect after shifting; p is the share of draws
 * whose own largest excess is at least that (with one added to both), so that being
 * fitted to the data and there being many components are allowed for.
 *
 * @param u from nax_connectome_derivatives or nax_connectome_align
 * @param fit options of the factorisation; its seed is that of everything
 * @nan as nax_connectome_factorise; pairs that no animal has are NaN in the motif and no
 * edge
 * @status as nax_connectome_factorise; NAX_EINVAL when n_boot is set with fewer than 2
 * animals
 * @cost the factorisation, R block models, and both again for each draw
 * @random streams of seed + 1 (block models), seed + 2 (shifts), nax_stats_bootstrap
 * @owns free with nax_connectome_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_fit(nax_ctx *ctx, const nax_array *u,
                                                    const nax_connectome_opts *opts,
                                                    const nax_ntf_opts *fit,
                                                    nax_connectome **out);

/** Free; NULL is accepted. */
NAX_API void nax_connectome_free(nax_connectome *m);

/** The factorisation. @borrows */
NAX_API const nax_ntf *nax_connectome_ntf(const nax_connectome *m);

/** Components R. */
NAX_API int64_t nax_connectome_rank(const nax_connectome *m);

/** Neurons N. */
NAX_API nax_index nax_connectome_n_neurons(const nax_connectome *m);

/** Time bins T, those that no animal has included. */
NAX_API nax_index nax_connectome_n_time(const nax_connectome *m);

/** Animals W. */
NAX_API nax_index nax_connectome_n_animals(const nax_connectome *m);

/** Motif r: N x N, symmetric, zero diagonal, NaN for pairs that no animal has. NULL out
 * of range. @borrows */
NAX_API const double *nax_connectome_motif(const nax_connectome *m, int64_t r);

/** Time factors, T x R: unit norm, NaN in bins that no animal has. @borrows */
NAX_API const double *nax_connectome_when(const nax_connectome *m);

/** Communities of motif r. 0 out of range. */
NAX_API nax_index nax_connectome_n_groups(const nax_connectome *m, int64_t r);

/** Community of each neuron in motif r, the largest 0. NULL out of range. @borrows */
NAX_API const nax_index *nax_connectome_labels(const nax_connectome *m, int64_t r);

/** How strongly a neuron is in a community of motif r, which is the sum over communities
 * of the products of these for two neurons; NaN without `symmetric` or out of range. A
 * community without a neuron that is strongest in it comes after all others. */
NAX_API double nax_connectome_membership(const nax_connectome *m, int64_t r,
                                         nax_index neuron, nax_index community);

/** Block model of motif r; NULL when the motif has no edge, and with `symmetric`.
 * @borrows */
NAX_API const nax_sbm *nax_connectome_blocks(const nax_connectome *m, int64_t r);

/** Motif in force in each of the T bins, -1 for none. @borrows */
NAX_API const nax_index *nax_connectome_state(const nax_connectome *m);

/** p of component r (group -1) or of one of its communities; NaN without null draws. */
NAX_API double nax_connectome_p_value(const nax_connectome *m, int64_t r,
                                      nax_index group);

/** The excess behind it; NaN without null draws. */
NAX_API double nax_connectome_excess(const nax_connectome *m, int64_t r, nax_index group);

/** Share of the bootstrap draws in which two neurons are in one community of motif r, N x
 * N; NULL without bootstrap. @borrows */
NAX_API const double *nax_connectome_coassignment(const nax_connectome *m, int64_t r);

/** Mean cosine between motif r and its match over the bootstrap draws; NaN without. */
NAX_API double nax_connectome_stability(const nax_connectome *m, int64_t r);

/** The result as a dataset: "when" (time x component), "who" (animal x component),
 * "motifs" (neuron x neuron_other x component), "communities" and "uncertainty" (neuron x
 * component), with `symmetric` "membership" (neuron x component x community), "dynamics"
 * (time x animal x component: weight x when x who), "state" (time), "coassignment" with
 * bootstrap, tables "components" and "communities_table", options as attributes.
 * @param u what was fitted: its axes name the result
 * @status NAX_EDIM, NAX_ENOMEM. @owns free with nax_dataset_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_dataset(nax_ctx *ctx,
                                                        const nax_connectome *m,
                                                        const nax_array *u,
                                                        nax_dataset **out);

NAX_END_DECLS
#endif
