/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trsa_i.h"

static const nax_opt_info entries[] = {
    NAX_I_REAL(nax_trsa_opts, lower, "lower", "", 0.0, 0.0, 1.0,
               "lower threshold, as a quantile of the pairs"),
    NAX_I_REAL(nax_trsa_opts, upper, "upper", "", 1.0, 0.0, 1.0,
               "upper threshold, as a quantile of the pairs"),
    NAX_I_REAL(nax_trsa_opts, slope, "slope", "", 10.0, 1e-6, 1e6,
               "slope of the sigmoid, at ranks scaled to 0..1"),
    NAX_I_REAL(nax_trsa_opts, centre, "centre", "", 0.5, 0.0, 1.0,
               "centre of the sigmoid"),
    NAX_I_REAL(nax_trsa_opts, share, "share", "", 0.1, 0.0, 1.0,
               "share of the pairs that are links, or of the conditions as neighbours"),
    NAX_I_INT(nax_trsa_opts, neighbours, "neighbours", "", 0, 0, 1048576,
              "nearest conditions that are linked; 0: by share"),
    NAX_I_ENUM(nax_trsa_opts, scale, "scale", "ranks|values", NAX_TRSA_RANKS, 2,
               "what thresholds are laid on"),
    NAX_I_ENUM(nax_trsa_opts, shape, "shape", "ramp|sigmoid", NAX_TRSA_RAMP, 2,
               "shape between small and large dissimilarities"),
    NAX_I_ENUM(nax_trsa_opts, graph, "graph", "window|shortest|nearest|mutual",
               NAX_TRSA_WINDOW, 4, "which pairs are links of the graph of paths"),
    NAX_I_ENUM(nax_trsa_opts, convention, "convention", "exact|published|rsatoolbox",
               NAX_TRSA_EXACT, 3, "the definitions, or the numbers of other programs"),
    NAX_I_FLAG(nax_trsa_opts, rank_paths, "rank-paths", 0, "rank the path lengths"),
};

const nax_opt_table nax_i_trsa_table =
    NAX_I_TABLE("trsa", nax_trsa_opts, sizeof(nax_trsa_opts), entries);
