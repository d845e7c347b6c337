/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "connectome_i.h"

#define S nax_connectome_opts
static const nax_opt_info entries[] = {
    NAX_I_ENUM(S, kernel, "kernel", "prod|gm|min|ratio|up|abs", NAX_CONNECTOME_PROD, 6,
               "affinity of two neurons from their derivatives"),
    NAX_I_ENUM(S, channels, "channels", "same|opposite|both", NAX_CONNECTOME_SAME, 3,
               "which signs of the two derivatives count"),
    NAX_I_ENUM(S, smoother, "smoother", "gaussian|savgol", NAX_CONNECTOME_GAUSSIAN, 2,
               "how a derivative is estimated"),
    NAX_I_POSITIVE(S, sigma, "sigma", "samples", 1.5, 0,
                   "standard deviation of the Gaussian"),
    NAX_I_STRING(S, scales, "scales", "several values of sigma, comma-separated"),
    NAX_I_FLAG(
        S, scale_mode, "scale-mode", 0,
        "several scales are a mode of their own; else the largest affinity counts"),
    NAX_I_INT(S, window, "window", "samples", 7, 3, 1001,
              "length of the local polynomial, odd"),
    NAX_I_INT(S, order, "order", "", 2, 1, 6, "order of the local polynomial"),
    NAX_I_REAL(S, threshold, "threshold", "", 0.05, 0.0, 1.0,
               "derivatives below this share of their 99 % quantile count as none"),
    NAX_I_INT(S, min_run, "min-run", "samples", 1, 1, 1e6,
              "runs of one sign shorter than this count as none"),
    NAX_I_ENUM(S, clip, "clip", "trace|pair", NAX_CONNECTOME_CLIP_TRACE, 2,
               "what is held below 1: derivatives or affinities"),
    NAX_I_FLAG(S, interval, "interval", 0,
               "average the affinity over each interval of constant signs"),
    NAX_I_ENUM(S, engine, "engine", "auto|explicit|free", NAX_CONNECTOME_AUTO, 3,
               "whether the tensor of all pairs is formed"),
    NAX_I_FLAG(S, single, "single", 1, "affinities are float32"),
    NAX_I_INT(S, symmetric, "symmetric", "", 0, 0, 256,
              "motifs are made of so many communities each; 0: of any pairs"),
    NAX_I_INT(S, n_searches, "searches", "", 5, 1, 100000,
              "searches for the communities of each motif"),
    NAX_I_INT(S, n_samples, "samples", "", 200, 0, 1e9,
              "posterior sweeps for the uncertainty of communities; 0: none"),
    NAX_I_REAL(S, floor, "floor", "", 1e-3, 1e-12, 1.0,
               "weights of a motif below this share of its largest are raised to it"),
    NAX_I_ENUM(S, weights, "weights", "none|exponential|gamma|lognormal", NAX_SBM_GAMMA,
               4, "distribution of the weights between two communities"),
    NAX_I_ENUM(S, degrees, "degrees", "plain|corrected|either", NAX_SBM_EITHER, 3,
               "what is known of the degrees"),
    NAX_I_FLAG(S, strength, "strength", 1,
               "divide weights by the mean weight of the edges of both neurons first"),
    NAX_I_INT(S, average, "average", "bins", 1, 1, 1e9,
              "motifs are constant in time over so many bins: for animals that do not do "
              "the same at the same time"),
    NAX_I_POSITIVE(S, state, "state", "bins", 8.0, 0,
                   "smoothing over time for the motif in force"),
    NAX_I_INT(S, n_boot, "bootstraps", "", 0, 0, 1e6,
              "bootstrap draws of animals; 0: none"),
    NAX_I_INT(S, n_null, "nulls", "", 0, 0, 1e6,
              "draws of data shifted in time, for p-values; 0: none"),
    NAX_I_INT(S, start_bins, "start-bins", "bins", 2000, 0, 1e9,
              "starts of a tensor not formed are made on so many bins; 0: on all"),
    NAX_I_REAL(
        S, full_tol, "full-tol", "", 1e-5, 0.0, 1.0,
        "after these, stop when a sweep over all bins gains less than this share of "
        "the explained part; 0: as tol says"),
};

const nax_opt_table nax_i_connectome_table =
    NAX_I_TABLE("connectome", nax_connectome_opts, sizeof(nax_connectome_opts), entries);
