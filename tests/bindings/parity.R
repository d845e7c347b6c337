# SPDX-License-Identifier: GPL-3.0-or-later
# Rscript parity.R DIR: the methods from R against what parity.c wrote, bit for bit.
library(neuraxis)
dir <- commandArgs(TRUE)[[1L]]
file <- function(name) file.path(dir, paste0(name, ".nc"))
input <- read_recording(file("input"))

# The same numbers, name by name; what only one side has is a difference.
compare <- function(name, result) {
  expected <- read_recording(file(name))
  if (!inherits(result, "nax_dataset")) result <- structure(list(result), names = name)
  same <- setequal(names(expected), names(result))
  for (member in intersect(names(expected), names(result))) {
    a <- expected[[member]]
    b <- result[[member]]
    same <- same && (if (is.data.frame(a)) isTRUE(all.equal(unclass(a), unclass(b),
      tolerance = 0, check.attributes = FALSE)) else
      identical(as.vector(unclass(a)), as.vector(unclass(b))))
  }
  cat(if (same) "ok" else "not ok", "R and C agree to the last bit:", name, "\n")
}

compare("smooth", smooth_time(input$dff, width = 0.2))
compare("bin", bin_spikes(input$spikes, bin = 0.25))
compare("welch", power_spectrum(input$dff))
compare("ntf", ntf(input$rectified, rank = 3, restarts = 3, seed = 11))
compare("sbm", sbm(input$weights, restarts = 2, seed = 5))
compare("gpfa", gpfa(input$trials, latents = 2, max_iter = 10, seed = 3))
d <- rdm(input$patterns, condition = rep(1:6, 2), measure = "crossnobis")
compare("rdm", d)
subjects <- read_recording(file("subjects"))$subjects
compare("rsa", rsa(subjects, list(first = d), samples = 50, permutations = 50, seed = 9))
compare("ranks", ntf_select(input$rectified, restarts = 2, rank_max = 2, folds = 2,
  seed = 4))
compare("null", ntf_null(input$rectified, rank = 2, restarts = 2, draws = 5, seed = 4))
compare("dimensions", gpfa_select(input$trials, latents_max = 2, folds = 2, fold_iter = 5,
  seed = 4))
compare("quality", unit_quality(input$dff))
compare("connectome", connectome(input$dff, rank = 2, restarts = 1, seed = 6))
compare("bicluster", bicluster(bin_spikes(input$spikes, bin = 0.25), chains = 2,
  sweeps = 60, seed = 8))
compare("gpvae", gpvae(input$trials, likelihood = "gaussian", shared_latents = 0,
  behaviour_latents = 0, epochs = 1, neural_epochs = 1, seed = 2))
compare("freqtag", freqtag(input$trials, tags = "3,5"))
topology <- trsa_transform(input$weights)
compare("topology", topology)
compare("similarity", rdm_compare(input$weights, topology, comparator = "spearman"))
compare("bars", persistent_homology(input$weights))
compare("simulated", simulate_recording(kind = "spikes", units = 12, trials = 4, seed = 7))

# The rest; of results with several members, the one that is named.
fit <- ntf(input$rectified, rank = 2, restarts = 2, seed = 12)
compare("project", ntf_project(fit, input$rectified, "time"))
at <- as.matrix(expand.grid(k = 1:2, j = 1:3, i = 1:4))[, 3:1]
at <- at[(rowSums(at) - 3) %% 2 == 0, ]
compare("sparse", ntf_sparse(at, 1 + (at[, 1] - 1) * (at[, 2] - 1) + at[, 3] - 1, c(4, 3, 2),
  rank = 2, restarts = 2, seed = 12))
model <- gpfa(input$trials, latents = 2, max_iter = 5, seed = 3)
compare("infer", gpfa_infer(model, input$trials))
compare("told", gpfa_leave_neuron_out(model, input$trials)$predicted)
compare("drawn", gpfa_sample(model, c(5, 7), seed = 4)$activity)
cube <- array(as.vector(unclass(input$patterns)), c(12, 2, 6))
compare("movie", rdm_movie(cube, condition = 1:6))
compare("places", rdm_searchlight(input$patterns, rep(1:6, 2), list(1:6, 7:12)))
noise <- rdm_noise(input$patterns, rep(1:6, 2))
compare("noise", noise)
compare("precision", rdm_precision(noise))
sigma_k <- rdm_sigma_k(input$patterns, rep(1:6, 2))
compare("sigma_k", sigma_k)
r <- rdm(input$patterns, rep(1:6, 2))
compare("variance", rdm_variance(r, 2, 12, sigma_k))
compare("map", rdm_map(r))
compare("points", rdm_mds(r)$points)
both <- read_recording(file("both"))$both
compare("rescaled", rdm_rescale(both, "simple")$rdm)
compare("partial", rsa_partial(r, both, "regression"))
compare("pool", rsa_ceiling(both)$pool)
compare("theta", rsa_model_fit(r, both, ridge = 0.01))
compare("agtic", trsa_agtic(input$weights, input$weights, levels = 3, permutations = 10)$map)
bars <- persistent_homology(input$weights)
compare("image", persistence_image(bars, dimension = 0, n_birth = 6, n_persistence = 5))
compare("landscape", persistence_landscape(bars, 0:3, dimension = 0))
compare("betti", betti_curve(bars, 0:3, dimension = 0))
compare("paths", shortest_paths(input$weights))
compare("correlation", correlations(input$dff)$correlation)
compare("covariance", covariance(input$dff, "oas"))
t <- c(0.1, 0.2, 0.4, 0.5, 0.9, 1.1, 1.2, 1.8)
y <- c(0.3, -0.1, 0.8, 0.2, -0.5, 0.4, 0.1, -0.9)
compare("lomb", lomb_scargle(t, y, 1:2))
compare("z2", z2_test(t, 1:2, 2)[, 1:3])
compare("ress", freqtag_ress(input$trials, 3)$component)
compare("coefficients", freqtag_coefficients(input$trials, 1:2))
