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
