/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntf_i.h"

static const nax_opt_info entries[] = {
    NAX_I_INT(nax_ntf_opts, rank, "rank", "", 8, 1, 1024, "number of components"),
    NAX_I_INT(nax_ntf_opts, n_restarts, "restarts", "", 10, 1, 100000,
              "random starts, of which the best is kept"),
    NAX_I_INT(nax_ntf_opts, max_iter, "max-iter", "", 500, 1, 1000000,
              "sweeps over all modes per start"),
    NAX_I_INT(nax_ntf_opts, inner_sweeps, "inner-sweeps", "", 100, 1, 100000,
              "most sweeps of coordinate descent per update (hals: exactly as many)"),
    NAX_I_REAL(nax_ntf_opts, tol, "tol", "", 1e-7, 0.0, 1.0,
               "stop when a sweep gains less than this share of the explained part"),
    NAX_I_REAL(nax_ntf_opts, kkt_tol, "kkt-tol", "", 1e-3, 0.0, 1e300,
               "and the optimality conditions hold to this relative size"),
    NAX_I_REAL(nax_ntf_opts, ridge, "ridge", "", 0.0, 0.0, 1e300,
               "penalty on the sum of squares of the factors, halved"),
    NAX_I_REAL(nax_ntf_opts, l1, "l1", "", 0.0, 0.0, 1e300,
               "penalty on the sum of absolute values of the factors"),
    NAX_I_SEED(nax_ntf_opts, seed, "seed", 1, "seed of the random starts"),
    NAX_I_STRING(nax_ntf_opts, free_modes, "free",
                 "axes whose factor may be negative, comma-separated"),
    NAX_I_STRING(nax_ntf_opts, fixed_modes, "fixed",
                 "axes whose factor stays as it was given, comma-separated"),
    NAX_I_ENUM(nax_ntf_opts, algorithm, "algorithm", "nnls|hals|pivot|mu|admm",
               NAX_NTF_NNLS, 5, "how one factor is updated given the others"),
    NAX_I_FLAG(nax_ntf_opts, extrapolate, "extrapolate", 1,
               "extrapolate once progress stalls"),
    NAX_I_FLAG(nax_ntf_opts, keep_partial, "keep-partial", 0,
               "an interrupt returns the best factors so far"),
    NAX_I_ENUM(nax_ntf_opts, loss, "loss", "frobenius|kl|beta", NAX_NTF_FROBENIUS, 3,
               "what is minimised; kl is for counts"),
    NAX_I_REAL(nax_ntf_opts, beta, "beta", "", 1.0, -1.0, 4.0,
               "exponent of the beta-divergence"),
    NAX_I_STRING(nax_ntf_opts, penalty, "penalty",
                 "penalties of single axes, AXIS:ridge|l1|smooth=VALUE, comma-separated"),
};

const nax_opt_table nax_i_ntf_table =
    NAX_I_TABLE("ntf", nax_ntf_opts, sizeof(nax_ntf_opts), entries);

static const nax_opt_info select_entries[] = {
    NAX_I_INT(nax_ntf_select_opts, rank_min, "rank-min", "", 1, 1, 1024,
              "smallest rank tried"),
    NAX_I_INT(nax_ntf_select_opts, rank_max, "rank-max", "", 10, 1, 1024,
              "largest rank tried"),
    NAX_I_INT(nax_ntf_select_opts, n_folds, "folds", "", 3, 0, 1000,
              "held-out sets; 0 leaves cross-validation out"),
    NAX_I_INT(nax_ntf_select_opts, block, "block", "", 1, 1, 1e15,
              "length of held-out blocks; 1 holds out single entries"),
    NAX_I_INT(nax_ntf_select_opts, fold_starts, "fold-starts", "", 2, 1, 100000,
              "random starts of each held-out fit"),
    NAX_I_REAL(nax_ntf_select_opts, fraction, "fraction", "", 0.1, 1e-6, 0.5,
               "share of the entries held out in each fold"),
    NAX_I_REAL(nax_ntf_select_opts, similar, "similar", "", 0.98, 0.0, 1.0,
               "median similarity between starts that counts as stable"),
    NAX_I_STRING(nax_ntf_select_opts, block_mode, "block-axis",
                 "axis along which held-out blocks run"),
    NAX_I_INT(
        nax_ntf_select_opts, leave_out, "leave-out", "", 0, 0, 100000,
        "parts of the slice axis left out in turn; as many as it is long: one each"),
    NAX_I_INT(nax_ntf_select_opts, halves, "halves", "", 0, 0, 100000,
              "splits of the slice axis into two halves"),
    NAX_I_REAL(nax_ntf_select_opts, similar_parts, "similar-parts", "", 0.9, 0.0, 1.0,
               "median similarity under both that counts as stable"),
    NAX_I_STRING(nax_ntf_select_opts, slice_mode, "slice-axis",
                 "slice axis, which parts and halves are of; not given: animal or trial"),
};

const nax_opt_table nax_i_ntf_select_table = NAX_I_TABLE(
    "ntf-select", nax_ntf_select_opts, sizeof(nax_ntf_select_opts), select_entries);

static const nax_opt_info null_entries[] = {
    NAX_I_INT(nax_ntf_null_opts, n_draws, "draws", "", 99, 1, 1e6,
              "fits of shifted data; the least p-value is 1 / (draws + 1)"),
    NAX_I_INT(nax_ntf_null_opts, starts, "null-starts", "", 1, 1, 100000,
              "random starts of each of them"),
    NAX_I_STRING(nax_ntf_null_opts, shift_mode, "shift-axis",
                 "axis along which courses are shifted; not given: time"),
    NAX_I_STRING(nax_ntf_null_opts, each, "shift-each",
                 "axes whose positions shift each by itself; not given: all others"),
};

const nax_opt_table nax_i_ntf_null_table =
    NAX_I_TABLE("ntf-null", nax_ntf_null_opts, sizeof(nax_ntf_null_opts), null_entries);
