# SPDX-License-Identifier: GPL-3.0-or-later

resident <- function() {
  line <- grep("^VmRSS", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) * 1024
}

test_that("a call that is stopped again and again leaves nothing behind", {
  skip_if_not(file.exists("/proc/self/status"))
  x <- matrix(runif(4e5), 400)
  # A time limit is noticed where an interrupt is.
  stopped <- function() {
    on.exit(setTimeLimit())
    t0 <- proc.time()[["elapsed"]]
    setTimeLimit(elapsed = 0.15, transient = TRUE)
    answer <- tryCatch(ntf(x, rank = 30, restarts = 50, max_iter = 1e5, tol = 1e-15,
      kkt_tol = 1e-15, seed = 1), error = function(e) "stopped", interrupt = function(e)
      "stopped")
    setTimeLimit()
    expect_identical(answer, "stopped")
    proc.time()[["elapsed"]] - t0
  }
  stopped()
  gc()
  before <- resident()
  took <- vapply(1:8, function(i) stopped(), 0)
  gc()
  expect_lt(resident() - before, 5 * object.size(x))
  expect_lt(median(took), 0.15 + 1)
})

test_that("the input is not copied on its way to the library", {
  skip_if_not(file.exists("/proc/self/status"))
  x <- matrix(1, 1000, 1000)
  x[1] <- -1 # refused at the first value that is looked at
  gc(reset = TRUE)
  before <- gc()[2L, 6L]
  e <- tryCatch(ntf(x, rank = 2), nax_error_EDATA = identity)
  expect_s3_class(e, "nax_error_EDATA")
  expect_lt(gc()[2L, 6L] - before, 4) # MB; a copy would be 8
  # nor is it where the library takes an array with axes
  big <- nax_array(matrix(1, 1000, 10000), c("neuron", "time"), rate = 30)
  gc(full = TRUE)
  before <- resident()
  for (i in 1:3) find_gaps(big)
  expect_lt(resident() - before, 20e6) # a copy would be 80 MB
})
