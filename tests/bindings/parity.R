# SPDX-License-Identifier: GPL-3.0-or-later
# Rscript parity.R DIR: the methods from R against what parity.c wrote, bit for bit. A case
# has the name of the function; one without a case fails.
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
  report(name, same)
}

# Files with the same bytes.
compare_files <- function(name, mine, c = file.path(dir, basename(mine))) {
  bytes <- function(path) readBin(path, "raw", file.size(path))
  report(name, identical(bytes(mine), bytes(c)))
}

cases <- character()
report <- function(name, same) {
  cases <<- c(cases, name)
  cat(if (same) "ok" else "not ok", "R and C agree to the last bit:", name, "\n")
}

compare("smooth_time", smooth_time(input$dff, width = 0.2))
compare("bin_spikes", bin_spikes(input$spikes, bin = 0.25))
compare("power_spectrum", power_spectrum(input$dff))
compare("ntf", ntf(input$rectified, rank = 3, restarts = 3, seed = 11))
compare("sbm", sbm(input$weights, restarts = 2, seed = 5))
compare("gpfa", gpfa(input$trials, latents = 2, max_iter = 10, seed = 3))
d <- rdm(input$patterns, condition = rep(1:6, 2), measure = "crossnobis")
compare("rdm", d)
subjects <- read_recording(file("subjects"))$subjects
compare("rsa", rsa(subjects, list(first = d), samples = 50, permutations = 50, seed = 9))
compare("ntf_select", ntf_select(input$rectified, restarts = 2, rank_max = 2, folds = 2,
  seed = 4))
compare("ntf_null", ntf_null(input$rectified, rank = 2, restarts = 2, draws = 5, seed = 4))
compare("gpfa_select", gpfa_select(input$trials, latents_max = 2, folds = 2, fold_iter = 5,
  seed = 4))
compare("unit_quality", unit_quality(input$dff))
compare("connectome", connectome(input$dff, rank = 2, restarts = 1, seed = 6))
compare("bicluster", bicluster(bin_spikes(input$spikes, bin = 0.25), chains = 2,
  sweeps = 60, rates = TRUE, seed = 8))
compare("gpvae", gpvae(input$trials, likelihood = "gaussian", shared_latents = 0,
  behaviour_latents = 0, epochs = 1, neural_epochs = 1, seed = 2))
compare("freqtag", freqtag(input$trials, tags = "3,5"))
topology <- trsa_transform(input$weights)
compare("trsa_transform", topology)
compare("rdm_compare", rdm_compare(input$weights, topology, comparator = "spearman"))
compare("persistent_homology", persistent_homology(input$weights))
compare("simulate_recording", simulate_recording(kind = "spikes", units = 12, trials = 4, seed = 7))

# The rest; of results with several members, the one that is named.
fit <- ntf(input$rectified, rank = 2, restarts = 2, seed = 12)
compare("ntf_project", ntf_project(fit, input$rectified, "time"))
at <- as.matrix(expand.grid(k = 1:2, j = 1:3, i = 1:4))[, 3:1]
at <- at[(rowSums(at) - 3) %% 2 == 0, ]
compare("ntf_sparse", ntf_sparse(at, 1 + (at[, 1] - 1) * (at[, 2] - 1) + at[, 3] - 1, c(4, 3, 2),
  rank = 2, restarts = 2, seed = 12))
model <- gpfa(input$trials, latents = 2, max_iter = 5, seed = 3)
compare("gpfa_infer", gpfa_infer(model, input$trials, covariances = TRUE))
compare("gpfa_leave_neuron_out", gpfa_leave_neuron_out(model, input$trials)$predicted)
compare("gpfa_sample", gpfa_sample(model, c(5, 7), seed = 4)$activity)
cube <- array(as.vector(unclass(input$patterns)), c(12, 2, 6))
compare("rdm_movie", rdm_movie(cube, condition = 1:6))
compare("rdm_searchlight", rdm_searchlight(input$patterns, rep(1:6, 2), list(1:6, 7:12)))
noise <- rdm_noise(input$patterns, rep(1:6, 2))
compare("rdm_noise", noise)
compare("rdm_precision", rdm_precision(noise))
sigma_k <- rdm_sigma_k(input$patterns, rep(1:6, 2))
compare("rdm_sigma_k", sigma_k)
r <- rdm(input$patterns, rep(1:6, 2))
compare("rdm_variance", rdm_variance(r, 2, 12, sigma_k))
compare("rdm_map", rdm_map(r))
compare("rdm_mds", rdm_mds(r)$points)
both <- read_recording(file("both"))$both
compare("rdm_rescale", rdm_rescale(both, "simple")$rdm)
compare("rsa_partial", rsa_partial(r, both, "regression"))
compare("rsa_ceiling", rsa_ceiling(both)$pool)
compare("rsa_model_fit", rsa_model_fit(r, both, ridge = 0.01))
compare("trsa_agtic", trsa_agtic(input$weights, input$weights, levels = 3, permutations = 10)$map)
bars <- persistent_homology(input$weights)
compare("persistence_image", persistence_image(bars, dimension = 0, n_birth = 6, n_persistence = 5))
compare("persistence_landscape", persistence_landscape(bars, 0:3, dimension = 0))
compare("betti_curve", betti_curve(bars, 0:3, dimension = 0))
compare("shortest_paths", shortest_paths(input$weights))
compare("correlations", correlations(input$dff)$correlation)
compare("covariance", covariance(input$dff, "oas"))
t <- c(0.1, 0.2, 0.4, 0.5, 0.9, 1.1, 1.2, 1.8)
y <- c(0.3, -0.1, 0.8, 0.2, -0.5, 0.4, 0.1, -0.9)
compare("lomb_scargle", lomb_scargle(t, y, 1:2))
compare("z2_test", z2_test(t, 1:2, 2)[, 1:3])
compare("freqtag_ress", freqtag_ress(input$trials, 3)$component)
compare("freqtag_coefficients", freqtag_coefficients(input$trials, 1:2))

# Preprocessing and statistics.
raw <- read_recording(file("raw"))
compare("subtract_neuropil", subtract_neuropil(raw$F, raw$Fneu))
compare("dff", dff(raw$F))
compare("detrend_time", detrend_time(input$dff))
compare("resample_time", resample_time(input$dff, rate = 10, method = "average"))
compare("align_events", align_events(input$dff, c(1, 5), start = -0.5, stop = 1))
compare("cut_trials", cut_trials(input$dff, start = c(1, 8), stop = c(3, 10.5)))
compare("psth", psth(input$trials))
compare("find_gaps", find_gaps(nax_array(matrix(0, 1, 5), c("neuron", "time"),
  coords = list(time = c(0, 1, 2, 9, 10)))))
compare("slice_time", slice_time(input$dff, 2, 5))
compare("zscore", zscore(input$dff))
compare("transform_values", transform_values(input$dff, "exp"))
compare("rescale", rescale(input$dff, "sd"))
compare("cluster_tree", cluster_tree(input$weights, "complete", clusters = 2))
compare("partition_agreement", partition_agreement(c(1, 1, 2, 2, 3), c(5, 5, 6, 7, 7)))
compare("adjust_p", adjust_p(c(0.01, 0.02, 0.5, 0.04), "by"))
compare("circular_mean", circular_mean(c(0.1, -0.1, 0.2, 2)))

# Graphs and comparisons.
from <- c(1, 1, 2, 4, 4, 5, 3)
to <- c(2, 3, 3, 5, 6, 6, 4)
compare("sbm_edges", sbm_edges(from, to, restarts = 2, seed = 5))
compare("sbm_describe", sbm_describe(from, to, label = c(0, 0, 0, 1, 1, 1)))
compare("connectome_derivatives", connectome_derivatives(input$dff))
compare("connectome_affinity", connectome_affinity(input$dff))
mask <- array(1, c(3, 3, 2))
mask[5] <- 0
compare("searchlight_places", searchlight_places(mask))
compare("similarity", similarity(input$patterns, input$weights))
compare("encoding_score", encoding_score(input$weights, input$patterns, rep(1:3, 4)))
squares <- subjects^2
compare("rsa_compare_groups", rsa_compare_groups(subjects, squares, d, permutations = 20,
  seed = 3))
compare("trsa_identify", trsa_identify(subjects, c(1, 1, 2, 2), c(1, 2, 1, 2), steps = 3,
  permutations = 10, seed = 2))
compare("diagram_distances", diagram_distances(squares, dimension = 0))
compare("diagram_distance", diagram_distance(persistent_homology(squares[, , 1]),
  persistent_homology(squares[, , 4]), dimension = 0, order = 2, norm = 2))
compare("persistence_null", persistence_null(squares[, , 1], shuffles = 19, seed = 3))
compare("geodesic_sweep", geodesic_sweep(input$weights, c(0.5, 4)))

# Tests of tagging.
compare("freqtag_plan", freqtag_plan(20, tags = "1,2,4", window = 9, sampling = 512))
first <- input$dff[1, ]
compare("fit_lines", fit_lines(first, c(2, 3)))
compare("thomson_test", thomson_test(first))
compare("freqtag_spikes", freqtag_spikes(input$spikes, c(0, 4, 8), 2, c(1, 2)))
compare("cluster_test", cluster_test(as.matrix(input$patterns), 1, flips = 50, seed = 4))
compare("freqtag_items", freqtag_items(input$trials, 10))
blocks <- function(x) array(as.vector(x), c(3, 4, 12))
compare("freqtag_alignment", freqtag_alignment(blocks(input$weights), blocks(input$patterns),
  top = 2))
compare("hftp_published", hftp_published(input$trials, input$trials^2, 2, 4,
  permutations = 20, seed = 5))

# Files.
compare("recording_info", recording_info(file("input"))$variables[
  c("values", "rate", "t_start", "t_stop")])
compare("read_variable", read_variable(file("input"), "dff", c(2, 5), c(3, 10)))
compare("ntf_file", ntf_file(file("input"), "rectified", memory = 1, rank = 2, restarts = 2,
  seed = 12))
compare("file_formats", file_formats())
compare("file_sha256", file_sha256(file("input")))
values <- readBin(file.path(dir, "read_recording.bin"), "double", length(input$dff) + 1)
report("read_recording", identical(values, as.vector(input$dff)))
mine <- tempfile()
dir.create(mine)
path <- file.path(mine, "write_values.npy")
write_values(input$dff, path)
compare_files("write_values", path)
path <- file.path(mine, "write_dataset.out")
write_dataset(input, path, no_history = TRUE)
compare_files("write_dataset", path)
path <- file.path(mine, "write_report.html")
write_report(input, path)
compare_files("write_report", path)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "parity_tags.R"))
source(file.path(here, "parity_rdms.R"))

without <- setdiff(.Call(neuraxis:::C_methods), cases)
cat(if (length(without)) "not ok" else "ok", "every function of R is compared with C:",
  without, "\n")
