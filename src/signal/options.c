/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signal_i.h"

static const nax_opt_info smooth_entries[] = {
    NAX_I_ENUM(nax_signal_smooth_opts, kind, "kind", "gaussian|exponential|boxcar",
               NAX_SMOOTH_GAUSSIAN, 3, "kernel; the exponential one looks back only"),
    NAX_I_POSITIVE(nax_signal_smooth_opts, width, "width", "s", 0.1, 0,
                   "standard deviation, time constant or full width of the kernel"),
    NAX_I_REAL(nax_signal_smooth_opts, truncate, "truncate", "", 4.0, 1.0, 20.0,
               "reach of the gaussian in standard deviations"),
    NAX_I_ENUM(nax_signal_smooth_opts, edge, "edge", "renormalise|reflect|nearest|zero",
               NAX_EDGE_RENORMALISE, 4, "what the kernel sees beyond the ends"),
    NAX_I_FLAG(nax_signal_smooth_opts, fill, "fill", 0,
               "give missing samples the average of what is near them"),
};
const nax_opt_table nax_i_smooth_table = NAX_I_TABLE(
    "smooth", nax_signal_smooth_opts, sizeof(nax_signal_smooth_opts), smooth_entries);

static const nax_opt_info neuropil_entries[] = {
    NAX_I_REAL(nax_signal_neuropil_opts, coefficient, "coefficient", "", 0.7, 0.0, 2.0,
               "share of the neuropil signal to take away"),
};
const nax_opt_table nax_i_neuropil_table =
    NAX_I_TABLE("neuropil", nax_signal_neuropil_opts, sizeof(nax_signal_neuropil_opts),
                neuropil_entries);

static const nax_opt_info dff_entries[] = {
    NAX_I_ENUM(nax_signal_dff_opts, baseline, "baseline",
               "maximin|rolling|percentile|constant", NAX_BASELINE_MAXIMIN, 4,
               "how the resting fluorescence F0 is found"),
    NAX_I_POSITIVE(nax_signal_dff_opts, window, "window", "s", 60.0, 0,
                   "window of maximin and rolling"),
    NAX_I_REAL(nax_signal_dff_opts, sigma_frames, "sigma-frames", "frames", 10.0, 0.0,
               1e5, "standard deviation of the gaussian of maximin and constant"),
    NAX_I_REAL(nax_signal_dff_opts, percentile, "percentile", "%", 8.0, 0.0, 100.0,
               "percentile of rolling and percentile"),
    NAX_I_POSITIVE(nax_signal_dff_opts, floor, "floor", "", NAX_NOT_GIVEN, 1,
                   "smallest F0 to divide by; not given: F0 as it is"),
    NAX_I_ENUM(nax_signal_dff_opts, output, "output", "ratio|difference|baseline",
               NAX_DFF_RATIO, 3, "(F - F0) / F0, F - F0, or F0 itself"),
};
const nax_opt_table nax_i_dff_table =
    NAX_I_TABLE("dff", nax_signal_dff_opts, sizeof(nax_signal_dff_opts), dff_entries);

static const nax_opt_info welch_entries[] = {
    NAX_I_POSITIVE(nax_signal_welch_opts, segment, "segment", "s", NAX_NOT_GIVEN, 1,
                   "length of a segment; not given: an eighth of the recording"),
    {"overlap", "", "", "share of a segment that the next one repeats", NAX_OPT_REAL, 0,
     1, 0, offsetof(nax_signal_welch_opts, overlap), 0.5, 0.0, 1.0},
    NAX_I_ENUM(nax_signal_welch_opts, window, "window", "hann|hamming|boxcar",
               NAX_WINDOW_HANN, 3, "taper of a segment"),
    NAX_I_ENUM(nax_signal_welch_opts, trend, "trend", "constant|linear|none",
               NAX_SEGMENT_CONSTANT, 3, "what is taken from each segment first"),
    NAX_I_ENUM(nax_signal_welch_opts, average, "average", "mean|median", NAX_AVERAGE_MEAN,
               2, "how segments are put together"),
};
const nax_opt_table nax_i_welch_table = NAX_I_TABLE(
    "welch", nax_signal_welch_opts, sizeof(nax_signal_welch_opts), welch_entries);

static const nax_opt_info detrend_entries[] = {
    NAX_I_INT(nax_signal_detrend_opts, order, "order", "", 1, 0, 10,
              "of the polynomial: 0 the mean, 1 a line"),
    NAX_I_FLAG(nax_signal_detrend_opts, keep_mean, "keep-mean", 0,
               "add the mean of the trace again"),
};
const nax_opt_table nax_i_detrend_table = NAX_I_TABLE(
    "detrend", nax_signal_detrend_opts, sizeof(nax_signal_detrend_opts), detrend_entries);

/* A time that may be left out. */
#define TIME_OR_NOT(S, m, name, help)                                                    \
  {                                                                                      \
    (name), "s", "", (help), NAX_OPT_REAL, 0, 0, 1, offsetof(S, m), NAX_NOT_GIVEN,       \
        -1e300, 1e300                                                                    \
  }

static const nax_opt_info resample_entries[] = {
    NAX_I_POSITIVE(nax_signal_resample_opts, rate, "rate", "Hz", NAX_NOT_GIVEN, 1,
                   "of the result; not given: one over the median step"),
    NAX_I_ENUM(nax_signal_resample_opts, method, "method",
               "linear|nearest|previous|average", NAX_INTERPOLATE_LINEAR, 4,
               "how a value between samples is made"),
    NAX_I_POSITIVE(nax_signal_resample_opts, max_gap, "max-gap", "s", NAX_NOT_GIVEN, 1,
                   "longer gaps become missing; not given: 2.5 median steps"),
    TIME_OR_NOT(nax_signal_resample_opts, start, "start",
                "first time; not given: that of the first sample"),
    TIME_OR_NOT(nax_signal_resample_opts, stop, "stop",
                "last time at most; not given: that of the last sample"),
};
const nax_opt_table nax_i_resample_table =
    NAX_I_TABLE("resample", nax_signal_resample_opts, sizeof(nax_signal_resample_opts),
                resample_entries);

static const nax_opt_info align_entries[] = {
    NAX_I_REAL(nax_signal_align_opts, start, "start", "s", -0.5, -1e9, 1e9,
               "start of the window, from the event"),
    NAX_I_REAL(nax_signal_align_opts, stop, "stop", "s", 1.0, -1e9, 1e9,
               "end of the window, from the event"),
    NAX_I_POSITIVE(nax_signal_align_opts, bin, "bin", "s", NAX_NOT_GIVEN, 1,
                   "width of a bin (spikes: 0.01) or step of the result"),
    NAX_I_ENUM(nax_signal_align_opts, method, "method", "linear|nearest",
               NAX_INTERPOLATE_NEAREST, 2, "how a value between samples is made"),
};
const nax_opt_table nax_i_align_table = NAX_I_TABLE(
    "align", nax_signal_align_opts, sizeof(nax_signal_align_opts), align_entries);

static const nax_opt_info psth_entries[] = {
    NAX_I_FLAG(nax_signal_psth_opts, per_second, "per-second", 0,
               "divide by the width of a bin: counts become Hz"),
};
const nax_opt_table nax_i_psth_table =
    NAX_I_TABLE("psth", nax_signal_psth_opts, sizeof(nax_signal_psth_opts), psth_entries);
