# SPDX-License-Identifier: GPL-3.0-or-later

test_that("dimnames become axes", {
  x <- matrix(1:6 + 0, 2, dimnames = list(neuron = c("a", "b"), time = c("0", "0.5", "1")))
  axes <- axes_of(x)
  expect_equal(axes[[1]]$labels, c("a", "b"))
  expect_equal(axes[[2]]$coords, c(0, 0.5, 1))
  expect_equal(axis_values(x, "time"), c(0, 0.5, 1))
  expect_error(axis_values(x, "trial"), class = "nax_error_EINVAL")
})

test_that("subsets keep their axes", {
  x <- nax_array(array(runif(60), c(3, 10, 2)), c("neuron", "time", "trial"), rate = 10,
    coords = list(neuron = c("a", "b", "c")))
  y <- x[c("c", "a"), 3:6, ]
  expect_equal(dim(y), c(2L, 4L, 2L))
  expect_equal(axis_values(y, "neuron"), c("c", "a"))
  expect_equal(axis_values(y, "time"), c(0.2, 0.3, 0.4, 0.5))
  expect_equal(as.vector(unclass(y)), as.vector(unclass(x)[c(3, 1), 3:6, ]))
  z <- x[, c(1, 4, 5), 1]
  expect_equal(dim(z), c(3L, 3L))
  expect_equal(axis_values(z, "time"), c(0, 0.3, 0.4))
  expect_equal(axis_values(x[, seq(1, 9, 2), ], "time"), c(0, 0.2, 0.4, 0.6, 0.8))
  expect_error(x[4, , ], class = "nax_error_EINVAL")
  expect_error(x["d", , ], class = "nax_error_EINVAL")
})

test_that("wrong descriptions of arrays are refused", {
  expect_error(nax_array("a"), class = "nax_error_ETYPE")
  expect_error(nax_array(matrix(0, 2, 2), "neuron"), class = "nax_error_EDIM")
  expect_error(nax_array(matrix(0, 2, 2), c("neuron", "time"),
    coords = list(neuron = letters)), class = "nax_error_EDIM")
})

test_that("a dataset survives a file", {
  d <- simulate_recording(units = 4, trials = 2, seed = 3)
  path <- tempfile(fileext = ".nc")
  on.exit(unlink(path))
  expect_null(write_dataset(d, path))
  e <- read_recording(path)
  expect_setequal(names(e), names(d))
  expect_identical(as.vector(unclass(e$dff)), as.vector(unclass(d$dff)))
  expect_equal(e$trials$start_time, d$trials$start_time)
  expect_true(nzchar(attr(d$dff, "description")))
  expect_equal(attr(e$dff, "description"), attr(d$dff, "description"))
  expect_equal(attr(d$dff[1:2, 1:5], "description"), attr(d$dff, "description"))
  expect_true("s" %in% attr(d$trials, "units"))
  expect_equal(attr(e$trials, "units"), attr(d$trials, "units"))
  expect_equal(axis_values(e$dff, "time"), axis_values(d$dff, "time"))
  expect_error(write_dataset(d, path), class = "nax_error")
  expect_equal(recording_info(path)$variables$name[1:2], names(d)[1:2])
})

test_that("spike trains go out and come back", {
  s <- nax_spikes(list(a = c(0.1, 0.4), b = 0.25), intervals = c(0, 1))
  counts <- bin_spikes(s, bin = 0.5)
  expect_equal(as.vector(unclass(counts)), c(2, 1, 0, 0))
  expect_equal(axis_values(counts, 1), c("a", "b"))
  path <- tempfile(fileext = ".nc")
  on.exit(unlink(path))
  write_dataset(list(units = s), path)
  back <- read_recording(path)$units
  expect_identical(lapply(unclass(back), identity)[["a"]], c(0.1, 0.4))
  expect_equal(as.vector(attr(back, "intervals")), c(0, 1))
})

test_that("spike trains need no names", {
  s <- nax_spikes(list(c(0.1, 0.4), 0.25), intervals = c(0, 1))
  expect_equal(as.vector(unclass(bin_spikes(s, bin = 0.5))), c(2, 1, 0, 0))
  expect_equal(dim(rdm_spikes(s, c(0, 0.5), c(1, 2), stop = 0.5)), c(2, 2, 1))
})

test_that("text and missing values in tables survive", {
  path <- tempfile(fileext = ".nc")
  on.exit(unlink(path))
  t <- data.frame(name = c("a", "\u00e9"), x = c(1, NA))
  write_dataset(list(t = t, m = matrix(1:4 + 0, 2)), path)
  e <- read_recording(path)
  expect_equal(e$t$name, t$name)
  expect_equal(is.na(e$t$x), c(FALSE, TRUE))
})

test_that("arrays become data frames", {
  x <- nax_array(matrix(1:4 + 0, 2), c("neuron", "time"), rate = 2)
  f <- as.data.frame(x)
  expect_equal(f$time, c(0, 0, 0.5, 0.5))
  expect_equal(f$value, c(1, 2, 3, 4))
})
