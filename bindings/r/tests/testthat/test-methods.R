# SPDX-License-Identifier: GPL-3.0-or-later

recording <- simulate_recording(units = 8, trials = 4, assemblies = 2, seed = 1)
rectified <- transform_values(recording$dff, "rectify")

test_that("set.seed() governs, and seeds are recorded", {
  set.seed(1)
  a <- ntf(rectified, rank = 2, restarts = 1)
  set.seed(1)
  b <- ntf(rectified, rank = 2, restarts = 1)
  expect_identical(a, b)
  expect_match(nax_attributes(a)$ntf_seed, "^[0-9]+$")
})

test_that("threads do not change a bit", {
  a <- ntf(rectified, rank = 3, restarts = 2, seed = 1, threads = 1)
  b <- ntf(rectified, rank = 3, restarts = 2, seed = 1, threads = 2)
  expect_identical(a, b)
})

test_that("the model and its residuals give the error that is reported", {
  fit <- ntf(rectified, rank = 2, restarts = 2, seed = 1)
  expect_s3_class(fit, "nax_fit")
  error <- sqrt(sum(residuals(fit, rectified)^2) / sum(rectified^2))
  expect_equal(error, nax_attributes(fit)$ntf_error, tolerance = 1e-10)
  expect_equal(dim(predict(fit)), dim(rectified))
  expect_output(print(fit), "factor_neuron")
  expect_output(print(summary(fit)), "options: rank = 2")
  expect_s3_class(as.data.frame(fit), "data.frame")
})

test_that("factors may be given to start from", {
  init <- list(matrix(runif(16), 8), matrix(runif(2 * ncol(rectified)), ncol(rectified)))
  fit <- ntf(rectified, init = init, rank = 2, restarts = 1, seed = 1)
  expect_s3_class(fit, "nax_ntf")
  expect_error(ntf(rectified, init = init[1], rank = 2), class = "nax_error_EDIM")
})

test_that("failures are conditions with a class and the text of the library", {
  expect_error(ntf(-rectified - 1, rank = 2), class = "nax_error_EDATA")
  expect_error(ntf(rectified, rank = 0), class = "nax_error_EINVAL")
  expect_error(ntf(rectified, rank = 2, algorithm = "magic"), class = "nax_error_EINVAL")
  expect_error(ntf(matrix(0, 0, 3), rank = 2), class = "nax_error_EDIM")
  expect_error(read_recording("/nonexistent/file"), class = "nax_error_EIO")
  e <- tryCatch(ntf(rectified, rank = 0), nax_error = identity)
  expect_match(conditionMessage(e), "rank")
  expect_equal(e$code, "EINVAL")
})

test_that("the warnings of the library are warnings of R", {
  expect_warning(zscore(matrix(1, 2, 5)), class = "nax_warning")
})

test_that("trials can be cut and averaged", {
  a <- align_events(recording$dff, c(5, 10), start = -1, stop = 1)
  expect_equal(dim(a)[c(1, 3)], c(8L, 2L))
  p <- psth(a)
  expect_equal(as.vector(unclass(p)[, , 1]), as.vector(apply(unclass(a), 1:2, mean)))
  cut <- cut_trials(recording$dff, start = c(1, 8), stop = c(3, 12))
  expect_equal(cut$trials$bins, c(60, 120))
})

test_that("latents predict the activity that was fitted", {
  d <- simulate_recording(kind = "spikes", units = 10, trials = 8, latents = 1, seed = 2)
  x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.1)
  fit <- gpfa(x, latents = 1, root = TRUE, max_iter = 20)
  left <- residuals(fit, x)
  expect_equal(dim(left), dim(x))
  rooted <- sqrt(unclass(x))
  centred <- rooted - apply(rooted, 1L, mean)
  explained <- 1 - sum(left^2) / sum(centred^2)
  expect_equal(explained, sum(fit$explained), tolerance = 0.05)
  expect_error(residuals(fit, x[, 1:3, ]), class = "nax_error_EDIM")
})

test_that("communities of a block matrix are its blocks", {
  w <- outer(rep(1:2, each = 10), rep(1:2, each = 10), function(a, b) ifelse(a == b, 5, 0.2))
  fit <- sbm(w, restarts = 3, seed = 1)
  expect_equal(length(unique(as.vector(unclass(fit$labels)[, 1]))), 2L)
})

test_that("pages are written", {
  path <- tempfile(fileext = ".html")
  on.exit(unlink(path))
  expect_null(write_report(recording, path))
  expect_match(readLines(path, n = 1L), "<!DOCTYPE html>", fixed = TRUE)
})

test_that("plots are drawn", {
  pdf(NULL)
  on.exit(dev.off())
  expect_silent(plot(recording$dff))
  expect_silent(plot(recording))
  expect_silent(plot(ntf(rectified, rank = 2, restarts = 1, seed = 1)))
  expect_silent(plot(nax_spikes(list(c(0.1, 0.2), 0.3))))
})
