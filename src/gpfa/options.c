/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gpfa_i.h"
#include <math.h>

static const nax_opt_info entries[] = {
    NAX_I_INT(nax_gpfa_opts, n_latents, "latents", "", 3, 1, 1000, "number of latents"),
    NAX_I_INT(nax_gpfa_opts, max_iter, "max-iter", "", 500, 0, 1000000,
              "iterations of EM, or evaluations of the likelihood"),
    NAX_I_INT(nax_gpfa_opts, em_first, "em-first", "", 20, 0, 1000000,
              "iterations of EM before em+lbfgs turns to the likelihood itself"),
    NAX_I_INT(nax_gpfa_opts, kernel_steps, "kernel-steps", "", 3, 0, 1000,
              "Newton steps on each length scale per iteration of EM; 0 keeps them"),
    NAX_I_INT(nax_gpfa_opts, segment, "segment", "bins", 0, 0, 1e9,
              "cut trials into segments of this length for the fit; 0: not"),
    NAX_I_POSITIVE(nax_gpfa_opts, bin, "bin", "s", 0.02, 0, "width of a bin"),
    NAX_I_POSITIVE(nax_gpfa_opts, tau, "tau", "s", (double)NAN, 1,
                   "length scale to start from; not given: those of the factors"),
    NAX_I_REAL(nax_gpfa_opts, noise, "latent-noise", "", 1e-3, 1e-6, 0.99,
               "share of white noise in each latent"),
    NAX_I_REAL(nax_gpfa_opts, tol, "tol", "", 1e-8, 0.0, 1.0,
               "stop when an iteration gains less than this share of the gain so far"),
    NAX_I_REAL(nax_gpfa_opts, min_var, "min-var", "", 0.01, 1e-9, 1.0,
               "least noise variance of a neuron, as share of its variance"),
    NAX_I_REAL(nax_gpfa_opts, rank_tol, "rank-tol", "", 1e-14, 0.0, 0.1,
               "eigenvalues below this share of the largest are left out (lowrank)"),
    NAX_I_SEED(nax_gpfa_opts, seed, "seed", 1, "seed of the start and of segments"),
    NAX_I_ENUM(nax_gpfa_opts, kernel, "kernel", "rbf|matern32|matern52", NAX_GPFA_RBF, 3,
               "covariance of a latent over time"),
    NAX_I_ENUM(nax_gpfa_opts, engine, "engine", "auto|nested|lowrank|dense",
               NAX_GPFA_AUTO, 4, "how the posterior is computed"),
    NAX_I_ENUM(nax_gpfa_opts, optimiser, "optimiser", "em|lbfgs|em+lbfgs", NAX_GPFA_EM, 3,
               "how the likelihood is maximised"),
    NAX_I_FLAG(nax_gpfa_opts, learn_noise, "learn-noise", 0,
               "fit the share of white noise of each latent too"),
    NAX_I_FLAG(nax_gpfa_opts, root, "root", 0, "take square roots, as befits counts"),
    NAX_I_FLAG(nax_gpfa_opts, keep_partial, "keep-partial", 0,
               "an interrupt returns the model so far"),
    NAX_I_ENUM(nax_gpfa_opts, likelihood, "likelihood", "gaussian|poisson",
               NAX_GPFA_GAUSSIAN, 2,
               "noise of the neurons: gaussian, or poisson for counts as they are"),
};

const nax_opt_table nax_i_gpfa_table =
    NAX_I_TABLE("gpfa", nax_gpfa_opts, sizeof(nax_gpfa_opts), entries);

static const nax_opt_info infer_entries[] = {
    NAX_I_INT(nax_gpfa_infer_opts, ahead, "ahead", "bins", 0, 0, 1e9,
              "how far to forecast (filtered only)"),
    NAX_I_ENUM(nax_gpfa_infer_opts, given, "given", "smoothed|filtered",
               NAX_GPFA_SMOOTHED, 2, "what is known when a latent is told"),
    NAX_I_FLAG(nax_gpfa_infer_opts, covariances, "covariances", 0,
               "keep the covariances between the latents of each bin"),
};

const nax_opt_table nax_i_gpfa_infer_table = NAX_I_TABLE(
    "gpfa-infer", nax_gpfa_infer_opts, sizeof(nax_gpfa_infer_opts), infer_entries);

static const nax_opt_info select_entries[] = {
    NAX_I_INT(nax_gpfa_select_opts, latents_min, "latents-min", "", 1, 1, 1000,
              "least number of latents tried"),
    NAX_I_INT(nax_gpfa_select_opts, latents_max, "latents-max", "", 0, 0, 1000,
              "largest number of latents tried; 0: 8, then twice as many as long as the "
              "largest predicts best"),
    NAX_I_INT(nax_gpfa_select_opts, n_folds, "folds", "", 4, 2, 1000,
              "folds of the cross-validation over trials"),
    NAX_I_INT(nax_gpfa_select_opts, fold_iter, "fold-iter", "", 20, 1, 1000000,
              "at most so many iterations in the fits of the folds"),
    NAX_I_FLAG(nax_gpfa_select_opts, full, "full", 0,
               "a fit for every number of latents instead of one per fold"),
};

const nax_opt_table nax_i_gpfa_select_table = NAX_I_TABLE(
    "gpfa-select", nax_gpfa_select_opts, sizeof(nax_gpfa_select_opts), select_entries);
