/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rsa_i.h"

static const nax_opt_info rdm_entries[] = {
    NAX_I_REAL(nax_rdm_opts, prior, "prior", "", 1.0, 0.0, 1e300,
               "rate that the poisson measures expect before any count"),
    NAX_I_REAL(nax_rdm_opts, prior_weight, "prior-weight", "", 0.1, 0.0, 1e300,
               "number of observations that this rate counts for"),
    NAX_I_REAL(nax_rdm_opts, floor_variance, "floor-variance", "", 0.1, 0.0, 1.0,
               "least variance between folds, as a share of that within (*-cv)"),
    NAX_I_REAL(nax_rdm_opts, floor_denominator, "floor-denominator", "", 0.25, 0.0, 1.0,
               "least denominator, as a share of the mean variance (*-cv)"),
    NAX_I_ENUM(nax_rdm_opts, measure, "measure",
               "euclidean|correlation|cosine|mahalanobis|crossnobis|poisson|poisson-cv|"
               "cosine-cv|correlation-cv|ldt",
               NAX_RDM_EUCLIDEAN, 10, "what a dissimilarity is"),
    NAX_I_ENUM(nax_rdm_opts, noise, "noise",
               "none|full|diag|shrinkage-eye|shrinkage-diag", NAX_RDM_COV_NONE, 5,
               "covariance of the noise, from the residuals, for measures that use one"),
    NAX_I_ENUM(nax_rdm_opts, design, "design", "auto|means|number|equal",
               NAX_RDM_DESIGN_AUTO, 4,
               "means of conditions, or all pairs of observations by their common "
               "channels or alike"),
    NAX_I_FLAG(nax_rdm_opts, remove_mean, "remove-mean", 0,
               "take from each pattern its mean over channels"),
    NAX_I_FLAG(nax_rdm_opts, compat, "compat", 0,
               "give what rsatoolbox 0.3 returns where it is wrong"),
};

const nax_opt_table nax_i_rdm_table =
    NAX_I_TABLE("rdm", nax_rdm_opts, sizeof(nax_rdm_opts), rdm_entries);
