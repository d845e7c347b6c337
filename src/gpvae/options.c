/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gpvae_i.h"

#define S nax_gpvae_opts
static const nax_opt_info entries[] = {
    NAX_I_INT(S, n_neural, "neural-latents", "", 1, 0, 100,
              "latents that only neurons have"),
    NAX_I_INT(S, n_shared, "shared-latents", "", 1, 0, 100,
              "latents that neurons and behaviour share"),
    NAX_I_INT(S, n_behaviour, "behaviour-latents", "", 1, 0, 100,
              "latents that only behaviour has"),
    NAX_I_INT(S, epochs, "epochs", "", 20, 0, 1000000,
              "passes over the trials with all parameters together"),
    NAX_I_INT(S, neural_epochs, "neural-epochs", "", 10, 0, 1000000,
              "passes with the neurons alone, before that"),
    NAX_I_INT(S, share_epochs, "share-epochs", "", 2, 0, 1000000,
              "in between: passes in which the decoder sees all neural latents, as many "
              "without and with those of behaviour"),
    NAX_I_INT(S, batch, "batch", "trials", 2, 1, 1000000, "trials per step"),
    NAX_I_INT(S, patience, "patience", "epochs", 10, 0, 1000000,
              "stop after as many without a better bound on held-out trials; 0: never"),
    NAX_I_INT(
        S, warmup, "warm-up", "epochs", 5, 0, 1000000,
        "over which the weight of the divergence rises to 1, where nothing was fitted "
        "before"),
    NAX_I_INT(S, alone_every, "alone-every", "steps", 4, 0, 1000000,
              "after so many, one of the encoder of behaviour without the neurons, so "
              "that behaviour alone tells of the shared latents too; 0: never"),
    NAX_I_INT(S, components, "components", "", 128, 0, 100000,
              "principal components by which behaviour of more than twice as many "
              "features is told; 0: networks see the features"),
    NAX_I_REAL(S, hold_out, "hold-out", "", 0.2, 0.0, 0.9,
               "share of the trials held out to judge by"),
    NAX_I_POSITIVE(S, bin, "bin-width", "s", 0.02, 0, "width of a bin"),
    NAX_I_POSITIVE(S, min_length, "min-length", "s", NAX_NOT_GIVEN, 1,
                   "shortest length scale; not given: 0.9 times the shortest of GPFA"),
    NAX_I_POSITIVE(S, max_length, "max-length", "s", NAX_NOT_GIVEN, 1,
                   "longest length scale; not given: twice the longest of GPFA"),
    NAX_I_REAL(S, condition, "condition", "", 1e6, 10.0, 1e12,
               "coefficients whose prior variance is this much smaller than the largest "
               "are left out"),
    NAX_I_REAL(
        S, rate_behaviour, "behaviour-rate", "", 3e-3, 0.0, 1.0,
        "step size of the networks of behaviour; a twentieth for an encoder well begun"),
    NAX_I_REAL(S, rate_neural, "neural-rate", "", 2e-3, 0.0, 1.0,
               "step size of the neural encoder"),
    NAX_I_REAL(S, rate_loadings, "loadings-rate", "", 5e-3, 0.0, 1.0,
               "step size of loadings, offsets and noise of neurons"),
    NAX_I_REAL(S, rate_scales, "scales-rate", "", 1e-2, 0.0, 1.0,
               "step size of log length scales and of the log noise of behaviour"),
    NAX_I_REAL(S, clip, "clip", "", 1.0, 0.0, 1e300,
               "largest norm of the gradient of each of these four; 0: any"),
    NAX_I_REAL(S, weight_neural, "neural-weight", "", 1.0, 0.0, 1e6,
               "weight of the log likelihood of neurons"),
    NAX_I_REAL(S, weight_behaviour, "behaviour-weight", "", 1.0, 0.0, 1e6,
               "weight of the log likelihood of behaviour; 1: the bound itself; 0: its "
               "effective dimensions / features, for features that err together"),
    NAX_I_SEED(S, seed, "seed", 1, "seed of weights, order of trials and samples"),
    NAX_I_STRING(S, neural_layers, "neural-layers",
                 "widths of the neural encoder (default 80,40)"),
    NAX_I_STRING(S, behaviour_layers, "behaviour-layers",
                 "widths of the encoder of behaviour (default 128,64)"),
    NAX_I_STRING(S, decoder_layers, "decoder-layers",
                 "widths of the decoder (default 128,128,128,128)"),
    NAX_I_STRING(S, checkpoint, "checkpoint",
                 "file that holds the state after each epoch, to go on from"),
    NAX_I_ENUM(S, likelihood, "likelihood", "poisson|gaussian|negative-binomial",
               NAX_GPVAE_POISSON, 3, "distribution of the neurons"),
    NAX_I_ENUM(S, encoder, "encoder", "potential|fourier", NAX_GPVAE_POTENTIAL, 2,
               "what the encoders tell: a potential per bin, or coefficients"),
    NAX_I_ENUM(S, objective, "objective", "elbo|released", NAX_GPVAE_ELBO, 2,
               "the bound, or what the published code minimises"),
    NAX_I_ENUM(S, prior, "prior", "smooth|white", NAX_GPVAE_SMOOTH, 2,
               "Gaussian process, or independent bins"),
    NAX_I_ENUM(S, activation, "activation", "elu|relu|tanh", NAX_GPVAE_ELU, 3,
               "function of the units of the networks"),
    NAX_I_ENUM(S, start, "start", "rotate|gpfa|random", NAX_GPVAE_ROTATE, 3,
               "how the fit begins"),
    NAX_I_ENUM(S, scale, "scale-behaviour", "all|each|none", NAX_GPVAE_SCALE_ALL, 3,
               "one spread for all features, one each, or neither mean nor spread"),
    NAX_I_FLAG(S, keep_partial, "keep-partial", 0,
               "an interrupt returns the best so far"),
};
#undef S

const nax_opt_table nax_i_gpvae_table =
    NAX_I_TABLE("gpvae", nax_gpvae_opts, sizeof(nax_gpvae_opts), entries);
