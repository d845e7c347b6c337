/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a recording to the array that a method takes: smoothing, dF/F, detrending,
 * resampling, alignment to events, spectra.
 *
 * Every function finds the axis called "time" wherever it stands, works along it for all
 * positions of the other axes, and returns a new array of the same element type with the
 * axes, unit and description carried over. Arithmetic is in double.
 *
 * Times and widths are in seconds: the unit of the time axis may be s (or empty), ms, us
 * or min. Functions that need a sampling rate take it from a regular axis, or from
 * coordinates whose steps differ by less than 1 % from their mean; else they fail with
 * NAX_EDATA and say that the recording must be resampled first.
 *
 * Missing values are NaN; infinite values count as missing. Results have the same bits
 * for any number of threads. */
#ifndef NEURAXIS_SIGNAL_H
#define NEURAXIS_SIGNAL_H
#include <neuraxis/array.h>
#include <neuraxis/options.h>
#include <neuraxis/spikes.h>
NAX_BEGIN_DECLS

/* -------------------------------------------------------------- smoothing */

/** Shape of a smoothing kernel. */
typedef enum nax_smooth_kind {
  NAX_SMOOTH_GAUSSIAN = 1,               /**< width is the standard deviation */
  NAX_SMOOTH_EXPONENTIAL = 2,            /**< causal; width is the time constant */
  NAX_SMOOTH_BOXCAR = 3,                 /**< width is the full width, centred */
  NAX_SMOOTH_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_smooth_kind;

/** What a kernel sees beyond the ends of the record a b c ... x y z. */
typedef enum nax_edge {
  NAX_EDGE_RENORMALISE = 1,       /**< nothing: weights inside are scaled to sum 1 */
  NAX_EDGE_REFLECT = 2,           /**< c b a | a b c (scipy's default) */
  NAX_EDGE_NEAREST = 3,           /**< a a a | a b c */
  NAX_EDGE_ZERO = 4,              /**< 0 0 0 | a b c */
  NAX_EDGE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_edge;

/** Options of nax_signal_smooth; start from NAX_SIGNAL_SMOOTH_OPTS_INIT. */
typedef struct nax_signal_smooth_opts {
  size_t struct_size; /**< set by the macro */
  double width;       /**< seconds, > 0; see nax_smooth_kind */
  double truncate;    /**< a Gaussian ends this many standard deviations out */
  int32_t kind;       /**< nax_smooth_kind */
  int32_t edge;       /**< nax_edge */
  int32_t fill;       /**< 1: missing samples get the average of what is near them */
} nax_signal_smooth_opts;
#define NAX_SIGNAL_SMOOTH_OPTS_INIT                                                      \
  {                                                                                      \
    sizeof(nax_signal_smooth_opts), 0.1, 4.0, NAX_SMOOTH_GAUSSIAN, NAX_EDGE_RENORMALISE, \
        0                                                                                \
  }

/** Local weighted averages along time.
 *
 * Kernels, sampled and normalised to sum 1: Gaussian exp(-t^2 / 2 width^2) cut at
 * truncate * width; exponential exp(-t / width) of the past; boxcar of exactly `width`,
 * whose two end samples get the fraction of a sample that it covers (so an even number of
 * samples is centred too; less than one sample leaves the trace as it is).
 * @nan missing samples have weight 0 and the others are scaled to sum 1; the result is
 * NaN where the input is, unless opts->fill, and then only where no sample is in reach.
 * @status NAX_EDIM (no time axis), NAX_EDATA (irregular), NAX_EINVAL (options; width
 * above the length of the recording), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(n) boxcar and exponential; Gaussian O(n r) for a reach of r <= 64 samples, else
 * O(n log n). @threads over blocks of traces. @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_smooth(nax_ctx *ctx, const nax_array *in,
                                                   const nax_signal_smooth_opts *opts,
                                                   nax_array **out);

/* ------------------------------------------------------- neuropil and dF/F */

/** Options of nax_signal_neuropil; start from NAX_SIGNAL_NEUROPIL_OPTS_INIT. */
typedef struct nax_signal_neuropil_opts {
  size_t struct_size; /**< set by the macro */
  double coefficient; /**< share of the neuropil signal to take away, 0 to 2 */
} nax_signal_neuropil_opts;
#define NAX_SIGNAL_NEUROPIL_OPTS_INIT                                                    \
  {                                                                                      \
    sizeof(nax_signal_neuropil_opts), 0.7                                                \
  }

/** Fluorescence without neuropil: in - coefficient * neuropil, shapes and axis names
 * alike. @nan missing in either is missing in the result.
 * @status NAX_EDIM (shapes differ, naming the axis), NAX_EINVAL, NAX_ENOMEM.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_neuropil(nax_ctx *ctx, const nax_array *in,
                                                     const nax_array *neuropil,
                                                     const nax_signal_neuropil_opts *opts,
                                                     nax_array **out);

/** How the resting fluorescence F0 is found. */
typedef enum nax_baseline {
  NAX_BASELINE_MAXIMIN = 1,    /**< Gaussian, then running minimum, then running maximum:
                                    what Suite2p calls maximin */
  NAX_BASELINE_ROLLING = 2,    /**< percentile of a centred window that shrinks at the
                                    ends */
  NAX_BASELINE_PERCENTILE = 3, /**< one percentile of the whole trace */
  NAX_BASELINE_CONSTANT = 4,   /**< minimum of the Gaussian-smoothed trace */
  NAX_BASELINE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_baseline;

/** What nax_signal_dff returns. */
typedef enum nax_dff_output {
  NAX_DFF_RATIO = 1,                    /**< (F - F0) / F0 */
  NAX_DFF_DIFFERENCE = 2,               /**< F - F0 */
  NAX_DFF_BASELINE = 3,                 /**< F0 itself */
  NAX_DFF_OUTPUT_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_dff_output;

/** Options of nax_signal_dff; start from NAX_SIGNAL_DFF_OPTS_INIT. */
typedef struct nax_signal_dff_opts {
  size_t struct_size;  /**< set by the macro */
  double window;       /**< of maximin and rolling, seconds */
  double sigma_frames; /**< standard deviation of the Gaussian, in frames */
  double percentile;   /**< of rolling and percentile, 0 to 100 */
  double floor;        /**< F0 below this is raised to it before dividing; NaN: never */
  int32_t baseline;    /**< nax_baseline */
  int32_t output;      /**< nax_dff_output */
} nax_signal_dff_opts;
#define NAX_SIGNAL_DFF_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_signal_dff_opts), 60.0, 10.0, 8.0, NAX_NOT_GIVEN, NAX_BASELINE_MAXIMIN,   \
        NAX_DFF_RATIO                                                                    \
  }

/** Relative change of fluorescence against a slowly varying F0.
 *
 * The maximin baseline has the numbers of Suite2p (scipy's gaussian_filter,
 * minimum_filter1d and maximum_filter1d with reflected ends, the window cut to whole
 * frames). Percentiles interpolate linearly between order statistics.
 *
 * Dividing by a small or negative F0 (background subtracted twice, neuropil coefficient
 * too large) gives large or inverted numbers that look like activity. So the smallest F0
 * is looked at: warning "signal.f0-not-positive" (critical) says in how many traces it is
 * not above 0 and where it is lowest, "signal.f0-small" (violation) in how many it is
 * under 5 % of the mean of F. Both are for the ratio only.
 * @nan missing samples take no part in F0 and stay missing in ratio and difference; F0 is
 * missing where no sample is in reach.
 * @status NAX_EDIM (no time axis), NAX_EDATA (irregular), NAX_EINVAL, NAX_ENOMEM,
 * NAX_EINTERRUPT.
 * @cost O(n) per trace, O(n log n) for percentiles; @threads over blocks of traces.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_dff(nax_ctx *ctx, const nax_array *in,
                                                const nax_signal_dff_opts *opts,
                                                nax_array **out);

/* ---------------------------------------------------------------- spectrum */

/** Window of a spectral estimate (periodic form). */
typedef enum nax_window {
  NAX_WINDOW_HANN = 1,              /**< 0.5 - 0.5 cos */
  NAX_WINDOW_HAMMING = 2,           /**< 0.54 - 0.46 cos */
  NAX_WINDOW_BOXCAR = 3,            /**< none */
  NAX_WINDOW_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_window;

/** What is taken from each segment before it is transformed. */
typedef enum nax_segment_trend {
  NAX_SEGMENT_CONSTANT = 1,                /**< its mean */
  NAX_SEGMENT_LINEAR = 2,                  /**< its least-squares line */
  NAX_SEGMENT_NONE = 3,                    /**< nothing */
  NAX_SEGMENT_TREND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_segment_trend;

/** How segments are put together. */
typedef enum nax_average {
  NAX_AVERAGE_MEAN = 1,   /**< mean */
  NAX_AVERAGE_MEDIAN = 2, /**< median over its bias: few artefacts do no harm */
  NAX_AVERAGE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_average;

/** Options of nax_signal_welch; start from NAX_SIGNAL_WELCH_OPTS_INIT. */
typedef struct nax_signal_welch_opts {
  size_t struct_size; /**< set by the macro */
  double segment;     /**< length of a segment in seconds; NaN: an eighth of the
                           recording, but 256 to 16384 samples */
  double overlap;     /**< share of a segment that the next one repeats, 0 to below 1 */
  int32_t window;     /**< nax_window */
  int32_t trend;      /**< nax_segment_trend */
  int32_t average;    /**< nax_average */
} nax_signal_welch_opts;
#define NAX_SIGNAL_WELCH_OPTS_INIT                                                       \
  {                                                                                      \
    sizeof(nax_signal_welch_opts), NAX_NOT_GIVEN, 0.5, NAX_WINDOW_HANN,                  \
        NAX_SEGMENT_CONSTANT, NAX_AVERAGE_MEAN                                           \
  }

/** Power spectral density by Welch's method: one-sided, in squared unit per Hz, so that
 * its integral over frequency is the variance. The time axis becomes `frequency`, regular
 * from 0 to half the sampling rate in steps of 1 / segment; the result is float64.
 * Same numbers as scipy.signal.welch.
 * @nan segments with missing samples are left out; a trace without a complete segment is
 * NaN, with warning "signal.no-complete-segment".
 * @status NAX_EDIM (no time axis), NAX_EDATA (irregular), NAX_EINVAL (segment longer than
 * the recording), NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(n log segment) per trace. @threads over blocks of traces.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_welch(nax_ctx *ctx, const nax_array *in,
                                                  const nax_signal_welch_opts *opts,
                                                  nax_array **out);

NAX_END_DECLS
#endif
