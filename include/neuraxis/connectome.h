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
  NAX_CONNECTOME_FREE = 3,     /**< never formed: products with it are computed from the
                                    derivatives. Kernel prod of same signs alone */
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
  int32_t single;     /**< 1: a tensor in memory is kept in float32 */
} nax_connectome_opts;

/** Defaults of nax_connectome_opts. */
#define NAX_CONNECTOME_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_connectome_opts), 1.5, 7, 2, 0.05, 1, NULL, NAX_CONNECTOME_GAUSSIAN,      \
        NAX_CONNECTOME_PROD, NAX_CONNECTOME_SAME, NAX_CONNECTOME_CLIP_TRACE, 0, 0,       \
        NAX_CONNECTOME_AUTO, 1                                                           \
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
 * For the kernel prod of same signs the tensor is u+ u+' + u- u-' at each time, so that
 * the product needed for the pair mode is a symmetric rank-k update for each component,
 * and those for time and animal are bilinear forms u' A u: nothing of the size of the
 * tensor is formed. In memory and not, factors agree to rounding (when the tensor is kept
 * in float64).
 *
 * @param u from nax_connectome_derivatives or nax_connectome_align
 * @nan missing affinities are left out of the fit (in memory); bins and pairs that no
 * animal has are left out altogether
 * @status as nax_ntf_fit and nax_connectome_affinity; NAX_EINVAL when `engine` is free
 * and the options do not allow it; NAX_EDATA with missing values then.
 * @cost per sweep not formed: 6 N^2 T W R flops, formed: 1.5 N^2 T W R
 * @random as nax_ntf_fit
 * @paper{dyballa2024}
 * @owns free with nax_ntf_free. */
NAX_API NAX_NODISCARD nax_status nax_connectome_factorise(nax_ctx *ctx,
                                                          const nax_array *u,
                                                          const nax_connectome_opts *opts,
                                                          const nax_ntf_opts *fit,
                                                          nax_ntf **out);

NAX_END_DECLS
#endif
