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
    NAX_I_POSITIVE(nax_rdm_opts, tau, "tau", "s", 0.02, 0,
                   "time constant of the filter (van-rossum)"),
    NAX_I_REAL(nax_rdm_opts, shift_cost, "shift-cost", "1/s", 100.0, 0.0, 1e300,
               "cost of moving a spike, per second (victor-purpura)"),
    NAX_I_ENUM(nax_rdm_opts, measure, "measure",
               "euclidean|correlation|cosine|mahalanobis|crossnobis|poisson|poisson-cv|"
               "cosine-cv|correlation-cv|ldt|van-rossum|victor-purpura",
               NAX_RDM_EUCLIDEAN, 12,
               "what a dissimilarity is; the last two are of spike trains"),
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
    NAX_I_FLAG(
        nax_rdm_opts, subtract_within, "subtract-within", 0,
        "spike trains: less what trials of a condition differ by among themselves"),
};

const nax_opt_table nax_i_rdm_table =
    NAX_I_TABLE("rdm", nax_rdm_opts, sizeof(nax_rdm_opts), rdm_entries);

static const nax_opt_info rsa_entries[] = {
    NAX_I_SEED(nax_rsa_opts, seed, "seed", 1, "seed of all resampling"),
    NAX_I_INT(nax_rsa_opts, n_samples, "samples", "", 1000, 40, 1e8, "bootstrap samples"),
    NAX_I_INT(nax_rsa_opts, n_permutations, "permutations", "", 1000, 0, 1e8,
              "relabellings of the conditions (all of up to 8 conditions); 0: no such "
              "test"),
    NAX_I_INT(nax_rsa_opts, n_cv, "assignments", "", 2, 2, 1000,
              "random assignments to folds, or random test sets, per sample, for models "
              "that are fitted"),
    NAX_I_INT(nax_rsa_opts, subject_folds, "subject-folds", "", 0, 0, 1000,
              "folds of subjects; 0: 2 to 5, by their number"),
    NAX_I_INT(nax_rsa_opts, condition_folds, "condition-folds", "", 0, 0, 1000,
              "folds of conditions; 0: 2 to 5, by their number"),
    NAX_I_REAL(nax_rsa_opts, ridge, "ridge", "", 0.0, 0.0, 1e300,
               "penalty on the weights of weighted models"),
    NAX_I_REAL(nax_rsa_opts, level, "level", "", 0.95, 0.5, 0.9999,
               "level of the intervals"),
    NAX_I_ENUM(nax_rsa_opts, comparator, "comparator",
               "cosine|corr|spearman|rho-a|tau-a|tau-b|cosine-cov|corr-cov|bures|"
               "bures-metric|neg-riemann",
               NAX_RSA_CORR, 11, "how similar two RDMs are"),
    NAX_I_ENUM(
        nax_rsa_opts, resampling, "resample", "none|subjects|conditions|both|dual",
        NAX_RSA_RESAMPLE_NONE, 5,
        "what results should hold for: new subjects (none: from their spread), new "
        "conditions, or both (dual)"),
    NAX_I_FLAG(nax_rsa_opts, crossvalidate, "crossvalidate", 0,
               "evaluate in folds also when every model is fixed"),
    NAX_I_ENUM(nax_rsa_opts, interval, "interval", "t|percentile|bca", NAX_RSA_INTERVAL_T,
               3,
               "intervals by Student's t, or from the samples of subjects or conditions"),
    NAX_I_ENUM(
        nax_rsa_opts, test_sets, "test-sets", "folds|random|outside", NAX_RSA_TEST_FOLDS,
        3,
        "what fitted models are tested on: each fold, random sets, or what a sample "
        "has not"),
    NAX_I_INT(nax_rsa_opts, test_conditions, "test-conditions", "", 0, 0, 1e6,
              "conditions in a random test set; 0: as in a fold"),
    NAX_I_INT(nax_rsa_opts, test_subjects, "test-subjects", "", 0, 0, 1e6,
              "subjects in a random test set; 0: as in a fold"),
};

const nax_opt_table nax_i_rsa_table =
    NAX_I_TABLE("rsa", nax_rsa_opts, sizeof(nax_rsa_opts), rsa_entries);
