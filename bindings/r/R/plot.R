# SPDX-License-Identifier: GPL-3.0-or-later
# Base graphics for what comes back. Colours are told apart by colour-blind readers.

palette_nax <- c("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442",
  "#000000")

heat_colours <- function(n = 256L) {
  grDevices::hcl.colors(n, "viridis")
}

axis_title <- function(a) {
  paste0(a$name %||% "", if (length(a$unit) && nzchar(a$unit)) paste0(" (", a$unit, ")"))
}

draw_matrix <- function(x, main = NULL, ...) {
  axes <- axes_of(x)
  at <- lapply(1:2, function(k) {
    v <- axis_values(x, k)
    if (is.numeric(v) && !is.unsorted(v, strictly = TRUE)) v else seq_along(v)
  })
  plain <- matrix(as.vector(unclass(x)), nrow(x), ncol(x))
  graphics::image(at[[2L]], at[[1L]], t(plain), col = heat_colours(), useRaster = FALSE,
    xlab = axis_title(axes[[2L]]), ylab = axis_title(axes[[1L]]), main = main, ...)
  graphics::box()
}

#' Plots
#'
#' Heatmaps of arrays, rasters of spike trains, and for each result the picture that shows
#' it: the components of a factorisation over all axes, a matrix ordered by communities.
#' @param x an array, spike trains or a result
#' @param ... further arguments of [graphics::image()] or [graphics::plot.default()]
#' @return `x`, invisibly.
#' @name plot
#' @examples
#' d <- simulate_recording(units = 8, trials = 4, assemblies = 2, seed = 1)
#' plot(d$dff)
#' plot(ntf(transform_values(d$dff, "rectify"), rank = 2, restarts = 2, seed = 1))
NULL

#' @rdname plot
#' @export
plot.nax_array <- function(x, ...) {
  d <- dim(x)
  if (sum(d > 1L) > 2L) { # the mean over what is beyond the first two axes
    m <- apply(unclass(x), 1:2, mean, na.rm = TRUE)
    x <- structure(m, axes = axes_of(x)[1:2], class = "nax_array")
  }
  if (length(dim(x)) == 2L && nrow(x) > 1L && ncol(x) > 1L) {
    draw_matrix(x, ...)
  } else {
    k <- which.max(dim(x))
    v <- axis_values(x, k)
    graphics::plot(if (is.numeric(v)) v else seq_along(v), as.vector(unclass(x)), type = "l",
      xlab = axis_title(axes_of(x)[[k]]), ylab = attr(x, "unit") %||% "", ...)
  }
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_spikes <- function(x, ...) {
  t <- unlist(unclass(x), use.names = FALSE)
  unit <- rep(seq_along(x), lengths(x))
  graphics::plot(t, unit, pch = "|", cex = 0.5, xlab = "time (s)", ylab = "unit", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_dataset <- function(x, ...) {
  main <- attr(x, "main") %||% names(x)[[1L]]
  plot(x[[main]], ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_ntf <- function(x, ...) {
  factors <- ntf_factors(x)
  rank <- length(x$weights)
  old <- graphics::par(mfrow = c(rank, length(factors)), mar = c(2.5, 2.5, 1, 0.5),
    mgp = c(1.4, 0.5, 0))
  on.exit(graphics::par(old))
  for (c in seq_len(rank)) {
    for (f in factors) {
      a <- axes_of(f)[[1L]]
      v <- axis_values(f, 1L)
      y <- as.vector(unclass(f)[, c])
      colour <- palette_nax[(c - 1L) %% length(palette_nax) + 1L]
      if (is.null(a$rate) && is.null(a$coords)) {
        graphics::plot(seq_along(y), y, type = "h", lwd = 2, lend = 1, col = colour,
          xlab = axis_title(a), ylab = "")
      } else {
        graphics::plot(v, y, type = "l", col = colour, xlab = axis_title(a), ylab = "")
      }
    }
  }
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_sbm <- function(x, ...) {
  label <- as.vector(unclass(x$labels)[, 1L])
  order <- order(label)
  m <- if (is.null(x$coassignment)) outer(label, label, "==") + 0 else
    unclass(x$coassignment)
  m <- structure(m[order, order], axes = list(list(name = "node", unit = ""),
    list(name = "node", unit = "")), dimnames = NULL, class = "nax_array")
  draw_matrix(m, main = "share of samples in one group", ...)
  graphics::abline(h = which(diff(label[order]) != 0) + 0.5,
    v = which(diff(label[order]) != 0) + 0.5, col = "white")
  invisible(x)
}
