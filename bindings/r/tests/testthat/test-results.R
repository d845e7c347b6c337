# SPDX-License-Identifier: GPL-3.0-or-later
# What comes back prints, summarises, plots and becomes a data frame.

set.seed(4)
calcium <- simulate_recording(units = 6, trials = 4, seed = 1)$dff
rectified <- transform_values(calcium, "rectify")
spiking <- simulate_recording(kind = "spikes", units = 8, trials = 8, latents = 1, seed = 1)
trials <- align_events(spiking$spikes, spiking$trials$start_time, start = 0, stop = 2, bin = 0.1)
squares <- function(n, m) {
  x <- array(runif(n * n * m), c(n, n, m))
  x + aperm(x, c(2, 1, 3))
}
ring <- as.matrix(dist(cbind(cos(1:12), sin(1:12))))
latents <- gpfa(trials, latents = 1, max_iter = 10, root = TRUE)

features <- matrix(rnorm(300), 5)
targets <- rbind(features[1, ] + rnorm(60), rnorm(60))

results <- list(
  nax_ntf = ntf(rectified, rank = 2, restarts = 1),
  nax_ntf_select = ntf_select(rectified, rank_max = 2, restarts = 2, folds = 2),
  nax_sbm = sbm(outer(rep(1:2, each = 6), rep(1:2, each = 6), "==") + 0.1, restarts = 2),
  nax_connectome = connectome(calcium, rank = 2, restarts = 1),
  nax_gpfa = latents,
  nax_gpfa_select = gpfa_select(trials, latents_max = 2, folds = 2, fold_iter = 5),
  nax_gpfa_sample = gpfa_sample(latents, c(10, 12)),
  nax_gpfa_leave_neuron_out = gpfa_leave_neuron_out(latents, trials),
  nax_gpvae = gpvae(trials, shared_latents = 0, behaviour_latents = 0, epochs = 1,
    neural_epochs = 1),
  nax_bicluster = bicluster(bin_spikes(spiking$spikes, bin = 0.5), chains = 2, sweeps = 40),
  nax_rsa = suppressWarnings(rsa(squares(8, 4), list(a = squares(8, 1), b = squares(8, 1)),
    samples = 40, permutations = 20)),
  nax_trsa_identify = suppressWarnings(trsa_identify(squares(8, 12), rep(1:6, each = 2),
    rep(1:2, 6), steps = 3, permutations = 10)),
  nax_trsa_agtic = trsa_agtic(ring, ring^2, levels = 3, permutations = 10),
  nax_persistent_homology = persistent_homology(ring),
  nax_freqtag = freqtag(array(rnorm(4 * 400 * 6), c(4, 400, 6)), tags = "2,4", sampling = 100),
  nax_freqtag_plan = freqtag_plan(20, tags = "1,2", window = 4, sampling = 100),
  nax_freqtag_spikes = freqtag_spikes(spiking$spikes, spiking$trials$start_time, 2, c(1, 2)),
  nax_freqtag_ress = freqtag_ress(array(rnorm(1600), c(4, 200, 2)), 10, rate = 100),
  nax_cluster_test = cluster_test(matrix(rnorm(200), 10), 2, flips = 20),
  nax_cluster_tree = cluster_tree(ring, clusters = 3),
  nax_correlations = correlations(calcium),
  nax_rdm_mds = rdm_mds(ring),
  nax_rdm_rescale = rdm_rescale(squares(6, 3)),
  nax_freqtag_alignment = freqtag_alignment(array(runif(60), c(5, 6, 2)),
    array(runif(90), c(5, 6, 3))),
  nax_freqtag_similarity = freqtag_similarity(array(runif(600), c(5, 6, 20)),
    array(runif(240), c(5, 6, 8)), rep(0:3, 5), top = 4, random = 19),
  nax_hftp_published = hftp_published(array(rnorm(1920), c(6, 64, 5)),
    array(rnorm(1920), c(6, 64, 5)), sentence = 4, phrase = 8, permutations = 100),
  nax_dpss_tapers = dpss_tapers(64, nw = 2),
  nax_line_contrast = line_contrast(abs(rnorm(40))),
  nax_ridge_regression = suppressWarnings(ridge_regression(features, targets)),
  nax_rotation_null = rotation_null(matrix(rnorm(20), 10), matrix(rnorm(20), 10),
    surrogates = 19),
  nax_rsa_clusters = rsa_clusters(matrix(rnorm(320, 1), 40), permutations = 50),
  nax_searchlight_places = searchlight_places(array(1, c(3, 3, 2))),
  nax_rsa_ceiling = rsa_ceiling(squares(6, 3)),
  nax_array = calcium, nax_spikes = spiking$spikes, nax_dataset = spiking)

test_that("each class that the functions return is among these results", {
  returned <- unlist(lapply(.Call(C_methods), function(name) {
    call <- body(get(name, asNamespace("neuraxis")))[[2L]]
    if (identical(call[[1L]], quote(invisible))) call[[2L]][[5L]] else call[[5L]]
  }))
  returned <- paste0("nax_", setdiff(returned, ""))
  expect_setequal(setdiff(returned, names(results)), character())
})

test_that("each result has the methods of its language", {
  pdf(NULL)
  on.exit(dev.off())
  for (class in names(results)) {
    r <- results[[class]]
    expect_s3_class(r, class)
    expect_gt(length(capture.output(print(r))), 0L)
    expect_gt(length(capture.output(print(summary(r)))), 0L)
    expect_silent(plot(r))
    frame <- as.data.frame(r)
    expect_s3_class(frame, "data.frame")
    expect_gt(nrow(frame), 0L)
    if (inherits(r, "nax_fit")) {
      expect_true(is.list(nax_attributes(r)))
      expect_error(as.data.frame(r, member = "no such"), class = "nax_error_EINVAL")
    }
  }
  expect_true(all(c("amplitude", "itpc", "frequency", "tagged") %in%
    names(as.data.frame(results$nax_freqtag))))
})

test_that("models predict what they were fitted to, and new data", {
  expect_equal(dim(predict(results$nax_gpvae)), dim(trials))
  left <- residuals(results$nax_gpvae, trials)
  expect_equal(as.vector(unclass(left)), as.vector(unclass(trials)) -
    as.vector(unclass(predict(results$nax_gpvae))))
  expect_error(predict(results$nax_gpvae, "behaviour"), class = "nax_error_EINVAL")
  again <- predict(latents, trials)
  expect_equal(as.vector(again), as.vector(predict(latents)), tolerance = 1e-8)
  told <- residuals(results$nax_gpfa_leave_neuron_out, sqrt(unclass(trials)))
  expect_equal(sum(told^2, na.rm = TRUE), nax_attributes(results$nax_gpfa_leave_neuron_out)$sse,
    tolerance = 1e-8)
  fit <- results$nax_ntf
  expect_equal(as.vector(unclass(ntf_project(fit, rectified, "time"))),
    as.vector(sweep(unclass(fit$factor_time), 2, fit$weights, "*")), tolerance = 1e-2)
  expect_equal(rowSums(residuals(results$nax_rsa)), c(0, 0), ignore_attr = TRUE)
})

test_that("motifs and points give back what they were made from, but for the error", {
  affinity <- connectome_affinity(calcium)
  fit <- results$nax_connectome
  expect_equal(dim(predict(fit)), dim(affinity))
  expect_equal(sqrt(sum(residuals(fit, affinity)^2) / sum(affinity^2)),
    nax_attributes(fit)$ntf_error, tolerance = 1e-6)
  expect_error(residuals(fit, affinity[1:5, , ]), class = "nax_error_EDIM")
  both <- connectome(calcium, rank = 2, restarts = 1, channels = "both", seed = 1)
  expect_error(predict(both), class = "nax_error_EINVAL")
  plane <- as.matrix(dist(cbind(c(0, 0, 3, 3), c(0, 4, 0, 4))))
  expect_equal(as.vector(predict(rdm_mds(plane, "classical"))), as.vector(plane),
    tolerance = 1e-10)
  left <- residuals(results$nax_rdm_mds, ring)
  expect_equal(sum(left^2) / 2, as.numeric(nax_attributes(results$nax_rdm_mds)$stress),
    tolerance = 0.05)
})

test_that("a regression predicts its targets", {
  fit <- results$nax_ridge_regression
  left <- residuals(fit, features, targets)
  expect_equal(dim(left), dim(targets))
  expect_equal(rowMeans(left), c(0, 0), tolerance = 1e-10) # the intercept is not penalised
  expect_lt(sum(left^2), sum((targets - rowMeans(targets))^2))
  expect_error(predict(fit, features[1:3, ]), class = "nax_error_EDIM")
})

test_that("new trials are told from what is there of them", {
  fit <- gpvae(trials[, , 1:6], new_x = trials[, , 7:8], shared_latents = 0,
    behaviour_latents = 0, epochs = 1, neural_epochs = 1, seed = 1)
  expect_equal(dim(predict(fit, new = TRUE)), c(8L, 20L, 2L))
  expect_true(all(predict(fit, new = TRUE) > 0))
  expect_equal(dim(fit$new_latents)[3], 2L)
})

test_that("each method writes its page, and replaces none unasked", {
  page <- function(f, ...) {
    path <- tempfile(fileext = ".html")
    on.exit(unlink(path))
    f(..., report = path)
    expect_match(readLines(path, n = 1L), "<!DOCTYPE html>", fixed = TRUE)
    expect_error(f(..., report = path), class = "nax_error_EIO")
    suppressWarnings(f(..., report = path, force = TRUE))
  }
  page(ntf, rectified, rank = 2, restarts = 1)
  page(connectome, calcium, rank = 2, restarts = 1)
  page(gpfa, trials, latents = 1, max_iter = 5)
  page(gpvae, trials, shared_latents = 0, behaviour_latents = 0, epochs = 1,
    neural_epochs = 1)
  page(bicluster, bin_spikes(spiking$spikes, bin = 0.5), chains = 2, sweeps = 40)
  page(rdm, matrix(rnorm(60), 10), condition = 1:6)
  page(function(...) suppressWarnings(rsa(...)), squares(8, 4), list(a = squares(8, 1)),
    samples = 40, permutations = 20)
  page(function(...) suppressWarnings(trsa_identify(...)), squares(8, 12),
    rep(1:6, each = 2), rep(1:2, 6), steps = 3, permutations = 10)
  page(freqtag, array(rnorm(4 * 400 * 6), c(4, 400, 6)), tags = "2,4", sampling = 100,
    group = c(0, 0, 1, 1))
  path <- tempfile(fileext = ".html")
  on.exit(unlink(path))
  write_report(list(rgtm = trsa_transform(ring), bars = persistent_homology(ring)$bars), path)
  expect_match(readLines(path, n = 1L), "<!DOCTYPE html>", fixed = TRUE)
})

test_that("spikes and variables can be cut and read in part", {
  part <- slice_time(spiking$spikes, 1, 3)
  expect_true(all(unlist(part) >= 1 & unlist(part) < 3))
  path <- tempfile(fileext = ".nc")
  on.exit(unlink(path))
  write_dataset(list(x = calcium), path)
  block <- read_variable(path, "x", from = c(2, 5), count = c(3, 10))
  expect_equal(as.vector(unclass(block)), as.vector(unclass(calcium[2:4, 5:14])))
  expect_equal(axis_values(block, "time"), axis_values(calcium[2:4, 5:14], "time"))
  expect_error(read_variable(path, "y"), class = "nax_error_EINVAL")
  expect_error(read_variable(path, "x", from = c(1, 1), count = c(9, 1)),
    class = "nax_error_EINVAL")
  expect_true("nwb" %in% file_formats()$name)
  same <- ntf_file(path, "x", rank = 2, restarts = 2, seed = 1, free = "neuron,time")
  expect_identical(same$weights[], ntf(calcium, rank = 2, restarts = 2, seed = 1,
    free = "neuron,time")$weights[])
})

test_that("a table of known agreement", {
  expect_equal(unlist(partition_agreement(c(1, 1, 2, 2), c(5, 5, 9, 9))), c(ari = 1, nmi = 1))
  p <- c(0.01, 0.02, 0.5, NA)
  expect_equal(as.vector(adjust_p(p)), p.adjust(p, "BH"))
  expect_equal(as.vector(adjust_p(p, "by")), p.adjust(p, "BY"))
  expect_equal(as.vector(diagram_distance(results$nax_persistent_homology,
    results$nax_persistent_homology)), 0)
})
