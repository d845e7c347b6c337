# SPDX-License-Identifier: GPL-3.0-or-later
# No call can take R down, and each refusal is a condition.

odd <- list(NULL, NA, NaN, Inf, -1, "a", character(), list(), list(1), list(a = list()),
  sum, quote(x), 1i, as.raw(1), matrix(0, 0, 0), array(0, c(1, 1, 1, 1, 1, 1, 1, 1, 1)),
  matrix(NA_real_, 3, 3), matrix("a", 2, 2), data.frame(), data.frame(a = 1:3),
  structure(list(), class = "nax_spikes"), structure(list("a"), class = "nax_spikes"),
  structure(list(NaN), class = "nax_spikes"), structure(1, axes = list(list(name = 1))),
  structure(matrix(1, 2, 2), axes = "x"), new.env(), factor("a"))

test_that("every function answers odd arguments with a condition or a result", {
  for (name in .Call(C_methods)) {
    f <- get(name, asNamespace("neuraxis"))
    inputs <- intersect(names(formals(f)), c("x", "path", "events", "edges", "neuropil",
      "start", "stop", "init", "axis", "what", "by"))
    if (!length(inputs)) next
    for (value in odd) {
      args <- stats::setNames(rep(list(value), length(inputs)), inputs)
      if ("path" %in% inputs && is.character(value)) args$path <- "/nonexistent/a/b"
      answer <- tryCatch(suppressWarnings(do.call(f, args)), error = function(e) e)
      expect_false(is.null(class(answer)), info = name)
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
})
