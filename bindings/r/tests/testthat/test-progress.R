# SPDX-License-Identifier: GPL-3.0-or-later

x <- matrix(runif(4e5), 400)
# What a fit of two seconds says on stderr, but for what R says of its time limit.
said <- function(...) {
  lines <- capture.output(type = "message", {
    on.exit(setTimeLimit())
    setTimeLimit(elapsed = 2, transient = TRUE)
    tryCatch(ntf(x, rank = 30, restarts = 50, max_iter = 1e5, tol = 1e-15, kkt_tol = 1e-15,
      seed = 1, ...), interrupt = function(e) NULL)
  })
  lines[!grepl("^Error in |time limit", lines)]
}

test_that("a long call shows how far it is when it is asked to", {
  line <- paste(said(progress = TRUE), collapse = "\n")
  expect_match(line, "\rntf, [a-z/ ]+ +\\|=* *\\| +[0-9]+%  [0-9]+ s")
  expect_match(line, "\r +\r$") # and takes it away in the end
})

test_that("nothing is said in scripts, or with the option off", {
  skip_if(interactive())
  expect_false(nax_progress())
  expect_equal(said(), character())
  old <- options(neuraxis.progress = TRUE)
  on.exit(options(old))
  expect_true(nax_progress())
  expect_equal(said(progress = FALSE), character())
  options(neuraxis.progress = FALSE)
  expect_false(nax_progress())
})
