/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sbm_i.h"

static const nax_opt_info entries[] = {
    NAX_I_INT(nax_sbm_opts, n_restarts, "restarts", "", 10, 1, 100000,
              "independent searches, of which the shortest description is kept"),
    NAX_I_INT(nax_sbm_opts, n_sweeps, "sweeps", "", 200, 0, 1e9,
              "sweeps over all nodes that sample the posterior; 0: no uncertainty"),
    NAX_I_INT(nax_sbm_opts, burn_in, "burn-in", "", 50, 0, 1e9,
              "sweeps before samples count"),
    NAX_I_INT(nax_sbm_opts, min_groups, "min-groups", "", 1, 1, 1e6,
              "fewest groups at the lowest level"),
    NAX_I_INT(nax_sbm_opts, max_groups, "max-groups", "", 0, 0, 1e6,
              "most groups at the lowest level; 0: half the nodes"),
    NAX_I_REAL(nax_sbm_opts, floor, "floor", "", 1e-3, 1e-12, 1.0,
               "positive weights below this share of the largest are raised to it"),
    NAX_I_SEED(nax_sbm_opts, seed, "seed", 1, "seed of searches and samples"),
    NAX_I_ENUM(nax_sbm_opts, weights, "weights", "none|exponential|gamma|lognormal",
               NAX_SBM_EXPONENTIAL, 4, "distribution of positive weights"),
    NAX_I_ENUM(nax_sbm_opts, degrees, "degrees", "plain|corrected|either", NAX_SBM_EITHER,
               3, "what is known of the degrees"),
    NAX_I_FLAG(nax_sbm_opts, nested, "nested", 1, "groups of groups for the edge counts"),
    NAX_I_FLAG(nax_sbm_opts, strength, "strength", 0,
               "divide weights by the mean weight of the edges of both ends first"),
};

const nax_opt_table nax_i_sbm_table =
    NAX_I_TABLE("sbm", nax_sbm_opts, sizeof(nax_sbm_opts), entries);
