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

static const nax_opt_info identify_entries[] = {
    NAX_I_INT(nax_trsa_identify_opts, steps, "steps", "", 20, 1, 100,
              "thresholds are multiples of 1 / steps"),
    NAX_I_INT(nax_trsa_identify_opts, n_permutations, "permutations", "", 1000, 0, 1e9,
              "permutations of the labels within groups; 0: no tests"),
    NAX_I_SEED(nax_trsa_identify_opts, seed, "seed", 1, "seed of the permutations"),
    NAX_I_ENUM(nax_trsa_identify_opts, statistic, "statistic", "rgtm|rgdm", NAX_TRSA_RGTM,
               2,
               "what is computed in each window: geo-topological or geodesic matrices"),
    NAX_I_FLAG(nax_trsa_identify_opts, zero_links, "zero-links", 1,
               "paths: pairs below the window are links of length 0"),
    NAX_I_FLAG(nax_trsa_identify_opts, adjacency, "adjacency", 0,
               "also windows of equal thresholds: who is linked, and no more"),
};

const nax_opt_table nax_i_trsa_identify_table =
    NAX_I_TABLE("trsa-identify", nax_trsa_identify_opts, sizeof(nax_trsa_identify_opts),
                identify_entries);

static const nax_opt_info agtic_entries[] = {
    NAX_I_INT(nax_trsa_agtic_opts, levels, "levels", "", 6, 2, 32,
              "thresholds, evenly spaced from 0 to 1"),
    NAX_I_INT(nax_trsa_agtic_opts, n_permutations, "permutations", "", 1000, 0, 1e9,
              "permutations of the conditions; 0: no test"),
    NAX_I_SEED(nax_trsa_agtic_opts, seed, "seed", 1, "seed of the permutations"),
    NAX_I_FLAG(nax_trsa_agtic_opts, quantiles, "quantiles", 0,
               "thresholds are quantiles instead of shares of the largest distance"),
    NAX_I_FLAG(nax_trsa_agtic_opts, hard, "hard", 0,
               "distances between the thresholds stay as they are"),
};

const nax_opt_table nax_i_agtic_table =
    NAX_I_TABLE("agtic", nax_trsa_agtic_opts, sizeof(nax_trsa_agtic_opts), agtic_entries);

static const nax_opt_info ph_entries[] = {
    {"threshold", "", "", "largest distance looked at (not given: the enclosing radius)",
     NAX_OPT_REAL, 0, 0, 1, offsetof(nax_ph_opts, threshold), NAX_NOT_GIVEN, 0.0, 1e300},
    NAX_I_INT(nax_ph_opts, max_dim, "max-dim", "", 1, 0, 2,
              "0 components, 1 also loops, 2 also voids"),
    NAX_I_INT(nax_ph_opts, memory, "memory", "MB", 0, 0, 1e9,
              "memory that may be used; 0: any amount"),
};

const nax_opt_table nax_i_ph_table =
    NAX_I_TABLE("ph", nax_ph_opts, sizeof(nax_ph_opts), ph_entries);

static const nax_opt_info image_entries[] = {
    NAX_I_REAL(nax_ph_image_opts, birth_min, "birth-min", "", 0.0, -1e300, 1e300,
               "left edge"),
    NAX_I_REAL(nax_ph_image_opts, birth_max, "birth-max", "", 1.0, -1e300, 1e300,
               "right edge"),
    NAX_I_REAL(nax_ph_image_opts, persistence_min, "persistence-min", "", 0.0, -1e300,
               1e300, "lower edge"),
    NAX_I_REAL(nax_ph_image_opts, persistence_max, "persistence-max", "", 1.0, -1e300,
               1e300, "upper edge"),
    NAX_I_POSITIVE(nax_ph_image_opts, sd, "sd", "", 0.1, 0,
                   "standard deviation of the Gaussian around each point"),
    NAX_I_REAL(nax_ph_image_opts, power, "power", "", 1.0, 0.0, 100.0,
               "a point weighs its persistence to this power"),
    NAX_I_INT(nax_ph_image_opts, n_birth, "n-birth", "", 20, 1, 4096, "pixels across"),
    NAX_I_INT(nax_ph_image_opts, n_persistence, "n-persistence", "", 20, 1, 4096,
              "pixels up"),
    NAX_I_FLAG(nax_ph_image_opts, integral, "integral", 1,
               "integrate over each pixel instead of the density at a point"),
};

const nax_opt_table nax_i_ph_image_table =
    NAX_I_TABLE("ph-image", nax_ph_image_opts, sizeof(nax_ph_image_opts), image_entries);
