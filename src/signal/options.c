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
               1e6, "standard deviation of the gaussian of maximin and constant"),
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
