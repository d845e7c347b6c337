/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "similarity_i.h"

static const nax_opt_info entries[] = {
    NAX_I_POSITIVE(nax_similarity_opts, bandwidth, "bandwidth", "", 0.5, 0,
                   "width of the Gaussian kernel, as a share of the median distance"),
    NAX_I_REAL(nax_similarity_opts, whitening, "whitening", "", 0.0, 0.0, 1.0,
               "shape: 0 Procrustes angle, 1 as canonical correlations"),
    NAX_I_REAL(nax_similarity_opts, variance, "variance", "", 0.99, 0.01, 1.0,
               "svcca: share of the variance that components must hold"),
    NAX_I_INT(nax_similarity_opts, neighbours, "neighbours", "", 10, 1, 1e9,
              "nearest neighbours of each observation"),
    NAX_I_INT(nax_similarity_opts, batch, "batch", "", 0, 0, 1e9,
              "cka: observations of a batch; 0: all at once"),
    NAX_I_ENUM(nax_similarity_opts, measure, "measure",
               "cka|cka-rbf|rv|procrustes|shape|permutation|cca|svcca|pwcca|"
               "distance-correlation|neighbours",
               NAX_SIMILARITY_CKA, 11, "how two representations are compared"),
    NAX_I_FLAG(nax_similarity_opts, biased, "biased", 0,
               "cka, cka-rbf, distance correlation: with the bias that noise gives them"),
};

const nax_opt_table nax_i_similarity_table =
    NAX_I_TABLE("similarity", nax_similarity_opts, sizeof(nax_similarity_opts), entries);

static const nax_opt_info encoding_entries[] = {
    NAX_I_POSITIVE(nax_encoding_opts, alpha_min, "alpha-min", "", 1e-3, 0,
                   "smallest penalty tried"),
    NAX_I_POSITIVE(nax_encoding_opts, alpha_max, "alpha-max", "", 1e7, 0,
                   "largest penalty tried"),
    NAX_I_INT(nax_encoding_opts, n_alphas, "n-alphas", "", 21, 1, 1000,
              "penalties, evenly spaced on a logarithmic scale"),
    NAX_I_FLAG(nax_encoding_opts, per_target, "per-target", 1,
               "choose the penalty of each target by itself"),
    NAX_I_FLAG(nax_encoding_opts, standardise, "standardise", 1,
               "bring features to unit variance in the training data"),
};

const nax_opt_table nax_i_encoding_table = NAX_I_TABLE(
    "encoding", nax_encoding_opts, sizeof(nax_encoding_opts), encoding_entries);
