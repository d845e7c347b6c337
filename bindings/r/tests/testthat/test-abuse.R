# SPDX-License-Identifier: GPL-3.0-or-later
# No call can take R down, and each refusal is a condition.

# What is left of things that are gone: there are no handles to results, which are lists.
closed_connection <- function() {
  f <- file(tempfile(), "w")
  close(f)
  f
}
dead_pointer <- function() unserialize(serialize(C_call$address, NULL))
removed_file <- function() {
  path <- tempfile()
  file.create(path)
  unlink(path)
  path
}

odd <- list(NULL, NA, NaN, Inf, -1, 1e300, "a", "", character(), list(), list(1),
  list(a = list()), list(NULL), sum, quote(x), 1i, as.raw(1), matrix(0, 0, 0),
  matrix(0, 0, .Machine$integer.max), array(0, c(1, 1, 1, 1, 1, 1, 1, 1, 1)),
  array(0, c(2, 0, 3)), matrix(NA_real_, 3, 3), matrix("a", 2, 2), data.frame(),
  data.frame(a = 1:3), structure(list(), class = "nax_spikes"),
  structure(list("a"), class = "nax_spikes"), structure(list(NaN), class = "nax_spikes"),
  structure(1, axes = list(list(name = 1))), structure(matrix(1, 2, 2), axes = "x"),
  structure(list(weights = "a"), class = c("nax_ntf", "nax_fit", "nax_dataset")),
  new.env(), factor("a"), dead_pointer(), closed_connection(), removed_file(),
  array(0, c(.Machine$integer.max, 0, .Machine$integer.max)),
  structure(matrix(1, 2, 2), axes = list(list(name = "time", rate = NaN), list(name = "a"))),
  structure(list(a = 1), class = c("nax_gpfa", "nax_fit", "nax_dataset"), attributes = 1),
  structure(list(numeric()), class = "nax_spikes", intervals = matrix(NaN, 2, 2)))

# Something that a method can at least look at, by the kinds that it takes.
plain <- function(kinds) {
  kinds <- abs(kinds)
  has <- function(kind) bitwAnd(kinds, bitwShiftL(1L, kind)) != 0L
  if (has(1L)) matrix(abs(sin(1:60)), 6) else if (has(2L)) nax_spikes(list(c(0.1, 0.5), 1)) else
    if (has(4L)) list(a = matrix(1:4 + 0, 2)) else if (has(5L)) list(1:2, 2:3) else
      tempfile("missing")
}

# Small runs, whatever the method.
small <- list(restarts = 1, max_iter = 2, rank = 2, rank_max = 2, sweeps = 20, chains = 2,
  epochs = 1, neural_epochs = 1, share_epochs = 1, permutations = 10, samples = 10,
  draws = 3, shuffles = 19, searches = 1, folds = 2, fold_iter = 2, latents = 1,
  latents_max = 2, levels = 3, steps = 3, flips = 10, units = 2, trials = 2)

test_that("every input of every function refuses what it cannot take", {
  methods <- .Call(C_methods)
  expect_gt(length(methods), 80L)
  old <- setwd(tempdir())
  on.exit(setwd(old))
  calls <- 0L
  for (name in methods) {
    f <- get(name, asNamespace("neuraxis"))
    inputs <- .Call(C_inputs, name)
    needed <- names(inputs)[inputs > 0]
    options <- small[setdiff(intersect(names(small), names(formals(f))), names(inputs))]
    for (input in names(inputs)) {
      for (value in odd) {
        args <- c(lapply(inputs[needed], plain), options)
        args[input] <- list(value)
        answer <- tryCatch(suppressWarnings(do.call(f, args, quote = TRUE)), error = identity)
        calls <- calls + 1L
        if (inherits(answer, "error")) expect_true(nzchar(conditionMessage(answer)), info = name)
      }
    }
    for (value in odd) { # all at once
      args <- stats::setNames(rep(list(value), length(inputs)), names(inputs))
      if (length(args)) {
        tryCatch(suppressWarnings(do.call(f, c(args, options), quote = TRUE)),
          error = identity)
        calls <- calls + 1L
      }
    }
  }
  expect_gt(calls, 5000L)
  # and R is as it was
  expect_s3_class(zscore(matrix(1:6 + 0, 2)), "nax_array")
})

test_that("every option of every function refuses what it cannot take", {
  for (name in .Call(C_methods)) {
    f <- get(name, asNamespace("neuraxis"))
    inputs <- .Call(C_inputs, name)
    needed <- names(inputs)[inputs > 0]
    options <- setdiff(names(formals(f)), c(names(inputs), "progress", "force"))
    for (option in options) {
      for (value in list(c(1, 2), list(1), sum, 1i, new.env(), raw(1))) {
        args <- lapply(inputs[needed], plain)
        args[option] <- list(value)
        answer <- tryCatch(suppressWarnings(do.call(f, args, quote = TRUE)), error = identity)
        expect_s3_class(answer, "error")
      }
    }
  }
})

test_that("options of the wrong type or size are refused", {
  x <- matrix(runif(20), 4)
  for (value in list("a", c(1, 2), list(), sum, 1i, -1e300, Inf, matrix(1, 2, 2))) {
    expect_error(ntf(x, rank = value), info = deparse(value)[1])
  }
  expect_error(ntf(x, rank = 2, threads = -1))
  expect_error(ntf(x, rank = 2, threads = "many"))
  expect_error(.Call(C_call, 1, 2, 3, 4, 5, 6))
  expect_error(.Call(C_call, "nothing", list(), character(), character(), 1L, FALSE))
  expect_length(.Call(C_inputs, 1), 0L)
})

test_that("results outlive the session that made them, and are refused when damaged", {
  x <- matrix(abs(sin(1:60)), 6)
  fit <- ntf(x, rank = 2, restarts = 1, seed = 1)
  path <- tempfile()
  on.exit(unlink(path))
  saveRDS(fit, path)
  back <- readRDS(path)
  expect_identical(ntf_project(back, x), ntf_project(fit, x))
  for (damage in list(function(d) { d$weights <- NULL; d }, function(d) { d$weights[1] <- NA; d },
    function(d) { d$factor_neuron <- d$factor_time; d }, function(d) { d[] <- list(1); d },
    function(d) { d$factor_time[] <- -Inf; d }, function(d) structure(list(), class = class(d)))) {
    answer <- tryCatch(ntf_project(damage(fit), x), error = identity)
    expect_true(inherits(answer, "nax_error") || inherits(answer, "nax_array"))
  }
})
