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

/* -------------------------------------------------------------- detrending */

/** Options of nax_signal_detrend; start from NAX_SIGNAL_DETREND_OPTS_INIT. */
typedef struct nax_signal_detrend_opts {
  size_t struct_size; /**< set by the macro */
  int64_t order;      /**< of the polynomial: 0 the mean, 1 a line, ... up to 10 */
  int32_t keep_mean;  /**< 1: the mean of the trace is added again */
} nax_signal_detrend_opts;
#define NAX_SIGNAL_DETREND_OPTS_INIT                                                     \
  {                                                                                      \
    sizeof(nax_signal_detrend_opts), 1, 0                                                \
  }

/** Each trace minus its least-squares polynomial in time (at the times the axis has, so
 * irregular ones are fine; a trace of n samples gets at most order n - 1).
 * @nan missing samples take no part in the fit and stay missing.
 * @status NAX_EDIM (no time axis), NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(order n) per trace. @threads over blocks of traces.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_detrend(nax_ctx *ctx, const nax_array *in,
                                                    const nax_signal_detrend_opts *opts,
                                                    nax_array **out);

/* -------------------------------------------------------------- resampling */

/** Where a recording pauses: steps of the time axis longer than `max_gap` seconds (NaN:
 * 2.5 times the median step). A regular axis has no gaps.
 * @shape{result} bound (start, stop) x gap, seconds; the gap axis may have length 0
 * @status NAX_EDIM (fewer than 2 samples), NAX_EDATA (times run backwards, naming the
 * index), NAX_EINVAL (unit), NAX_ENOMEM. @cost O(n). @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_gaps(nax_ctx *ctx, const nax_axis *time,
                                                 double max_gap, nax_array **out);

/** How a value between samples is made. */
typedef enum nax_interpolation {
  NAX_INTERPOLATE_LINEAR = 1,   /**< on the line between the samples around it */
  NAX_INTERPOLATE_NEAREST = 2,  /**< the nearer sample, the later of two equally near */
  NAX_INTERPOLATE_PREVIOUS = 3, /**< the last sample: for states and counters */
  NAX_INTERPOLATE_AVERAGE = 4,  /**< mean of the samples within half a new step, linear
                                     where there is none: for lower rates */
  NAX_INTERPOLATION_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_interpolation;

/** Options of nax_signal_resample; start from NAX_SIGNAL_RESAMPLE_OPTS_INIT. */
typedef struct nax_signal_resample_opts {
  size_t struct_size; /**< set by the macro */
  double rate;        /**< of the result in Hz; NaN: one over the median step */
  double max_gap;     /**< longer gaps become NaN, seconds; NaN: 2.5 median steps */
  double start;       /**< first time in seconds; NaN: that of the first sample */
  double stop;        /**< last time in seconds at most; NaN: that of the last sample */
  int32_t method;     /**< nax_interpolation */
} nax_signal_resample_opts;
#define NAX_SIGNAL_RESAMPLE_OPTS_INIT                                                    \
  {                                                                                      \
    sizeof(nax_signal_resample_opts), NAX_NOT_GIVEN, NAX_NOT_GIVEN, NAX_NOT_GIVEN,       \
        NAX_NOT_GIVEN, NAX_INTERPOLATE_LINEAR                                            \
  }

/** The recording on a regular grid of times.
 *
 * A lower rate than the recording's folds fast changes into slow ones unless the method
 * is the average: info "signal.aliasing". "signal.gaps" (info) says how many gaps there
 * were.
 * @nan a missing sample counts as not taken: it is bridged unless the gap it makes is
 * longer than max_gap. Times in longer gaps, and outside the recording, become NaN.
 * @status NAX_EDIM (no time axis), NAX_EDATA (times run backwards, naming the index),
 * NAX_EINVAL (no times; options), NAX_EOVERFLOW, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost O(n + result) per trace. @threads over blocks of traces.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_resample(nax_ctx *ctx, const nax_array *in,
                                                     const nax_signal_resample_opts *opts,
                                                     nax_array **out);

/* --------------------------------------------------------- trials and events */

/** Options of nax_signal_align and nax_signal_align_spikes; start from
 * NAX_SIGNAL_ALIGN_OPTS_INIT. */
typedef struct nax_signal_align_opts {
  size_t struct_size; /**< set by the macro */
  double start;       /**< of the window, seconds from the event, mostly negative */
  double stop;        /**< of the window, seconds from the event, > start */
  double bin;         /**< seconds; spikes: width of a bin (NaN: 0.01); arrays: step of
                           the result (NaN: that of the recording) */
  int32_t method;     /**< arrays: NAX_INTERPOLATE_NEAREST or NAX_INTERPOLATE_LINEAR */
} nax_signal_align_opts;
#define NAX_SIGNAL_ALIGN_OPTS_INIT                                                       \
  {                                                                                      \
    sizeof(nax_signal_align_opts), -0.5, 1.0, NAX_NOT_GIVEN, NAX_INTERPOLATE_NEAREST     \
  }

/** The recording around each event: neuron x time becomes neuron x time x trial, time
 * from the event on. Sample j of a trial is taken at event + start + j bin; the nearest
 * sample is off by up to half a step of the recording, linear interpolation is not but
 * smooths.
 * @param events times in seconds on the clock of the recording, any order, one trial each
 * @nan missing samples stay missing; times outside the recording or in a gap of more than
 * 1.5 steps are NaN, with info "signal.trial-incomplete" saying in how many trials.
 * @status NAX_EDIM (no time axis; a trial axis already), NAX_EDATA (an event is not
 * finite; times run backwards; irregular and no bin given), NAX_EINVAL, NAX_EOVERFLOW,
 * NAX_ENOMEM, NAX_EINTERRUPT. @cost O(result). @threads over trials.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_align(nax_ctx *ctx, const nax_array *in,
                                                  nax_index n_events,
                                                  const double *events,
                                                  const nax_signal_align_opts *opts,
                                                  nax_array **out);

/** Spike counts around each event: unit x time x trial, unit "counts". Bin j of a trial
 * is [event + start + j bin, event + start + (j + 1) bin); the time axis marks bin
 * centres. A last bin that the window would cut is left out.
 * @nan bins that do not lie wholly in a recording interval are NaN, with info
 * "signal.trial-incomplete".
 * @status NAX_EDATA (an event is not finite), NAX_EINVAL (window shorter than a bin),
 * NAX_EOVERFLOW, NAX_ENOMEM, NAX_EINTERRUPT. @cost O(result + spikes in windows).
 * @threads over trials. @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_align_spikes(
    nax_ctx *ctx, const nax_spikes *s, nax_index n_events, const double *events,
    const nax_signal_align_opts *opts, nax_array **out);

/** Trials of unequal length: the samples with start[i] <= time < stop[i] of a regular
 * recording, neuron x time x trial, padded with NaN up to the longest; the trial axis has
 * the starts. Time counts from each trial's first sample, which is up to one step after
 * its start.
 * @param length room for n_trials: samples of each trial; may be NULL
 * @status NAX_EDIM (no time axis; a trial axis already), NAX_EDATA (irregular; not finite
 * or stop < start, naming the trial), NAX_EINVAL (n_trials < 1), NAX_EOVERFLOW,
 * NAX_ENOMEM. @cost O(result). @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_cut(nax_ctx *ctx, const nax_array *in,
                                                nax_index n_trials, const double *start,
                                                const double *stop, nax_index *length,
                                                nax_array **out);

/** The same for spikes: counts in bins of `bin` seconds from each start, only whole bins,
 * padded with NaN; bins outside the recording intervals are NaN too.
 * @param length room for n_trials: bins of each trial; may be NULL
 * @status as nax_signal_cut, NAX_EINVAL (bin). @cost O(result + spikes in trials).
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_cut_spikes(
    nax_ctx *ctx, const nax_spikes *s, nax_index n_trials, const double *start,
    const double *stop, double bin, nax_index *length, nax_array **out);

/** Options of nax_signal_psth; start from NAX_SIGNAL_PSTH_OPTS_INIT. */
typedef struct nax_signal_psth_opts {
  size_t struct_size; /**< set by the macro */
  int32_t per_second; /**< 1: divided by the width of a bin: counts become Hz */
} nax_signal_psth_opts;
#define NAX_SIGNAL_PSTH_OPTS_INIT                                                        \
  {                                                                                      \
    sizeof(nax_signal_psth_opts), 0                                                      \
  }

/** Mean over trials, its standard error and the number of trials: the trial axis becomes
 * `statistic` with labels mean, sem, n; the result is float64.
 * @nan missing trials are passed over; the mean of none is NaN, as is the error of fewer
 * than two.
 * @status NAX_EDIM (no trial axis), NAX_EDATA or NAX_EINVAL (per_second without a regular
 * time axis), NAX_ENOMEM, NAX_EINTERRUPT. @cost O(n). @threads over blocks of traces.
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_signal_psth(nax_ctx *ctx, const nax_array *in,
                                                 const nax_signal_psth_opts *opts,
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
