# SPDX-License-Identifier: GPL-3.0-or-later
# Base graphics for what comes back. Colours are told apart by colour-blind readers.

palette_nax <- c("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442",
  "#000000")

heat_colours <- function(n = 256L) {
  grDevices::hcl.colors(n, "viridis")
}

# Without the number that a second axis of one name has.
axis_title <- function(a) {
  paste0(sub("_2$", "", a$name %||% ""), if (length(a$unit) && nzchar(a$unit)) paste0(" (", a$unit, ")"))
}

# Images are drawn as one where the device can and positions are regular: the fields of a
# large one would else leave gaps between them.
draw_image <- function(x, y, m, ...) {
  regular <- function(v) length(v) < 3L || diff(range(diff(v))) < 1e-6 * abs(v[2L] - v[1L])
  raster <- grDevices::dev.capabilities("rasterImage")$rasterImage
  graphics::image(x, y, m, col = heat_colours(),
    useRaster = regular(x) && regular(y) && raster %in% c("yes", "non-missing"), ...)
}

# What the colours stand for, in the right margin.
draw_key <- function(range) {
  usr <- graphics::par("usr")
  inch <- diff(usr[1:2]) / graphics::par("pin")[1L]
  y <- seq(usr[3L], usr[4L], length.out = 257L)
  colours <- rev(heat_colours())
  for (i in seq_along(colours)) { # each reaches down to the axis, so that there are no gaps
    graphics::rect(usr[2L] + 0.1 * inch, usr[3L], usr[2L] + 0.25 * inch, y[258L - i],
      col = colours[i], border = NA, xpd = NA)
  }
  ticks <- pretty(range)
  ticks <- ticks[ticks >= range[1L] & ticks <= range[2L]]
  graphics::axis(4L, usr[3L] + (ticks - range[1L]) / diff(range) * diff(usr[3:4]), ticks,
    pos = usr[2L] + 0.25 * inch, las = 1L, tck = -0.01, xpd = NA)
}

# `edges`: where lines part groups. A key has room where the matrix is alone on its page.
draw_matrix <- function(x, main = NULL, edges = NULL, zlim = NULL, ...) {
  axes <- axes_of(x)
  at <- lapply(1:2, function(k) {
    v <- axis_values(x, k)
    if (is.numeric(v) && !is.unsorted(v, strictly = TRUE)) v else seq_along(v)
  })
  plain <- matrix(as.vector(unclass(x)), nrow(x), ncol(x))
  if (is.null(zlim)) {
    zlim <- if (any(is.finite(plain))) range(plain, finite = TRUE) else c(0, 1)
    if (diff(zlim) == 0) zlim <- zlim + c(-0.5, 0.5)
  }
  alone <- prod(graphics::par("mfrow")) == 1L
  if (alone) {
    old <- graphics::par(mar = c(4.1, 4.1, if (is.null(main)) 1.1 else 2.6, 4.6))
    on.exit(graphics::par(old))
  }
  draw_image(at[[2L]], at[[1L]], t(plain), zlim = zlim, xlab = axis_title(axes[[2L]]),
    ylab = axis_title(axes[[1L]]), main = main, ...)
  graphics::box()
  graphics::abline(h = edges, v = edges, col = "white")
  if (alone) draw_key(zlim)
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
  long <- which(dim(x) > 1L)
  if (length(long) > 1L) { # the mean over what is beyond the first two
    m <- apply(unclass(x), long[1:2], mean, na.rm = TRUE)
    draw_matrix(structure(m, axes = axes_of(x)[long[1:2]], class = "nax_array"), ...)
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
  t <- as.numeric(unlist(unclass(x), use.names = FALSE))
  unit <- rep(seq_along(x), lengths(x))
  old <- graphics::par(mar = c(4.1, 4.1, 1.1, 1.1))
  on.exit(graphics::par(old))
  graphics::plot(if (length(t) > 0L) range(t) else 0:1, c(0.5, length(x) + 0.5), type = "n",
    xlab = "time (s)", ylab = "unit", ...)
  graphics::segments(t, unit - 0.4, t, unit + 0.4, lwd = 0.5)
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
  m <- x$coassignment
  if (is.null(m)) m <- nax_array(outer(label, label, "==") + 0, c("node", "node_2"))
  draw_ordered(m, label, "share of samples in one group", zlim = c(0, 1), ...)
  invisible(x)
}

# Latents over time: a panel for each, a line for each trial.
draw_latents <- function(x, ...) {
  l <- x$latents
  t <- axis_values(l, 2L)
  plain <- array(as.vector(unclass(l)), c(dim(l), 1L)[1:3])
  old <- graphics::par(mfrow = c(dim(plain)[1L], 1L), mar = c(2.5, 2.5, 1, 0.5),
    mgp = c(1.4, 0.5, 0))
  on.exit(graphics::par(old))
  for (k in seq_len(dim(plain)[1L])) {
    graphics::matplot(t, matrix(plain[k, , ], length(t)), type = "l", lty = 1,
      col = grDevices::adjustcolor(palette_nax[(k - 1L) %% length(palette_nax) + 1L], 0.5),
      xlab = axis_title(axes_of(l)[[2L]]), ylab = paste("latent", k), ...)
  }
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_gpfa <- function(x, ...) draw_latents(x, ...)

#' @rdname plot
#' @export
plot.nax_gpvae <- function(x, ...) draw_latents(x, ...)

# A square matrix in the order of a labelling, with lines between the groups.
draw_ordered <- function(m, label, main, ...) {
  order <- order(label)
  plain <- matrix(as.vector(unclass(m)), nrow(m))[order, order]
  axis <- list(name = axes_of(m)[[1L]]$name, unit = "")
  draw_matrix(structure(plain, axes = list(axis, axis), class = "nax_array"), main = main,
    edges = which(diff(label[order]) != 0) + 0.5, ...)
}

#' @rdname plot
#' @export
plot.nax_bicluster <- function(x, ...) {
  s <- x$similarity
  label <- stats::cutree(stats::hclust(stats::as.dist(1 - matrix(as.vector(unclass(s)),
    nrow(s))), "average"), h = 0.5)
  draw_ordered(s, label, "probability of one cluster", zlim = c(0, 1), ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_connectome <- function(x, ...) {
  motifs <- x$motifs
  n <- dim(motifs)[1L]
  r <- if (length(dim(motifs)) > 2L) dim(motifs)[3L] else 1L
  plain <- array(as.vector(unclass(motifs)), c(n, n, r))
  label <- matrix(as.vector(unclass(x$communities)), n)
  old <- graphics::par(mfrow = c(2L, r), mar = c(2.5, 2.5, 1.5, 0.5), mgp = c(1.4, 0.5, 0))
  on.exit(graphics::par(old))
  for (k in seq_len(r)) {
    draw_ordered(structure(plain[, , k], axes = axes_of(motifs)[1:2], class = "nax_array"),
      label[, k], paste("motif", k), ...)
  }
  when <- matrix(as.vector(unclass(x$when)), ncol = r)
  for (k in seq_len(r)) {
    graphics::plot(axis_values(x$when, 1L), when[, k], type = "l",
      col = palette_nax[(k - 1L) %% length(palette_nax) + 1L],
      xlab = axis_title(axes_of(x$when)[[1L]]), ylab = "")
  }
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_rsa <- function(x, ...) {
  m <- x$models
  a <- nax_attributes(x)
  ceiling <- suppressWarnings(as.numeric(unlist(a[grep("ceiling", names(a))])))
  range <- range(0, m$lower, m$upper, ceiling, finite = TRUE)
  at <- graphics::barplot(m$mean, names.arg = m$model, ylim = range * 1.05,
    col = palette_nax[1L], border = NA, ylab = "similarity", ...)
  graphics::segments(at, m$lower, at, m$upper)
  if (length(ceiling) >= 2L) graphics::abline(h = ceiling[1:2], lty = 2L, col = "grey40")
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_freqtag <- function(x, ...) {
  amplitude <- x$amplitude
  f <- axis_values(amplitude, length(dim(amplitude)))
  plain <- matrix(as.vector(unclass(amplitude)), ncol = length(f))
  tagged <- matrix(as.vector(unclass(x$tagged)), ncol = length(f))
  graphics::matplot(seq_len(nrow(plain)), plain, pch = 16, cex = ifelse(tagged > 0, 1, 0.4),
    col = palette_nax, xlab = "unit", ylab = "amplitude", # with room for the legend
    ylim = c(0, 1.15 * max(plain, 0, na.rm = TRUE)), ...)
  graphics::legend("topright", legend = paste(f, "Hz"), pch = 16, col = palette_nax,
    bty = "n")
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_persistent_homology <- function(x, ...) {
  b <- x$bars
  last <- max(b$birth, b$death[is.finite(b$death)])
  there <- sort(unique(b$dimension)) + 1L
  graphics::plot(b$birth, pmin(b$death, last * 1.05), pch = 16, xlim = c(0, last * 1.05),
    ylim = c(0, last * 1.05), xlab = "birth", ylab = "death",
    col = palette_nax[b$dimension + 1L], ...)
  graphics::abline(0, 1, col = "grey60")
  graphics::legend("bottomright", legend = c("components", "loops", "voids")[there],
    pch = 16, col = palette_nax[there], bty = "n")
  invisible(x)
}

# A column of a table over another, with what was chosen marked.
draw_choice <- function(t, x, y, se, chosen, ylab, ...) {
  off <- if (is.null(t[[se]])) 0 else ifelse(is.finite(t[[se]]), t[[se]], 0)
  graphics::plot(t[[x]], t[[y]], type = "b", pch = 16, col = palette_nax[1L], xlab = x,
    ylab = ylab, ylim = range(t[[y]] - off, t[[y]] + off, finite = TRUE), ...)
  graphics::segments(t[[x]], t[[y]] - off, t[[x]], t[[y]] + off)
  graphics::abline(v = chosen, lty = 2L, col = "grey40")
}

#' @rdname plot
#' @export
plot.nax_ntf_select <- function(x, ...) {
  chosen <- as.numeric(nax_attributes(x)$rank)
  held_out <- any(is.finite(x$ranks$held_out_error))
  draw_choice(x$ranks, "rank", if (held_out) "held_out_error" else "error", "held_out_se",
    chosen, if (held_out) "error on entries left out" else "error", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_gpfa_select <- function(x, ...) {
  draw_choice(x$dimensions, "latents", "score", "score_se",
    as.numeric(nax_attributes(x)$latents), "prediction error", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_trsa_identify <- function(x, ...) {
  w <- x$windows
  lower <- sort(unique(w$lower))
  upper <- sort(unique(w$upper))
  m <- matrix(NA_real_, length(lower), length(upper))
  m[cbind(match(w$lower, lower), match(w$upper, upper))] <- w$accuracy
  alone <- prod(graphics::par("mfrow")) == 1L
  if (alone) {
    old <- graphics::par(mar = c(4.1, 4.1, 2.6, 4.6))
    on.exit(graphics::par(old))
  }
  range <- range(m, finite = TRUE)
  if (diff(range) == 0) range <- range + c(-0.5, 0.5)
  draw_image(lower, upper, m, zlim = range, xlab = "lower threshold",
    ylab = "upper threshold", main = "accuracy", ...)
  graphics::box()
  if (alone) draw_key(range)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_trsa_agtic <- function(x, ...) {
  draw_matrix(x$map, main = "distance correlation", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_rdm_mds <- function(x, ...) {
  p <- matrix(as.vector(unclass(x$points)), nrow(x$points))
  if (ncol(p) == 1L) p <- cbind(p, 0)
  graphics::plot(p[, 1L], p[, 2L], type = "n", asp = 1, xlab = "", ylab = "", ...)
  graphics::text(p[, 1L], p[, 2L], axis_values(x$points, 1L), col = palette_nax[1L])
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_correlations <- function(x, ...) {
  order <- as.vector(unclass(x$order))
  m <- matrix(as.vector(unclass(x$correlation)), length(order))[order, order]
  axis <- list(name = axes_of(x$correlation)[[1L]]$name, unit = "")
  draw_matrix(structure(m, axes = list(axis, axis), class = "nax_array"), zlim = c(-1, 1),
    ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_cluster_tree <- function(x, ...) {
  m <- x$merges
  n <- nrow(m) + 1L
  at <- numeric(n + nrow(m))
  height <- numeric(n + nrow(m))
  at[as.vector(unclass(x$order))] <- seq_len(n)
  graphics::plot(NA, xlim = c(1, n), ylim = c(0, max(m$height, 0)), xlab = "item",
    ylab = "height", ...)
  for (i in seq_len(nrow(m))) {
    a <- m$a[i]
    b <- m$b[i]
    graphics::lines(c(at[a], at[a], at[b], at[b]), c(height[a], m$height[i], m$height[i],
      height[b]))
    at[n + i] <- (at[a] + at[b]) / 2
    height[n + i] <- m$height[i]
  }
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_cluster_test <- function(x, ...) {
  cells <- x$cells
  graphics::plot(seq_len(nrow(cells)), cells$statistic, type = "h", lwd = 2,
    col = ifelse(cells$cluster > 0, palette_nax[1L], "grey60"), xlab = "cell",
    ylab = "statistic", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_freqtag_ress <- function(x, ...) {
  graphics::barplot(as.vector(unclass(x$pattern)), col = palette_nax[1L], border = NA,
    xlab = "channel", ylab = "pattern", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_freqtag_spikes <- function(x, ...) {
  f <- axis_values(x$vector_strength, 2L)
  graphics::matplot(matrix(as.vector(unclass(x$vector_strength)), ncol = length(f)), pch = 16,
    col = palette_nax, xlab = "unit", ylab = "vector strength", ...)
  graphics::legend("topright", legend = paste(f, "Hz"), pch = 16, col = palette_nax,
    bty = "n")
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_freqtag_plan <- function(x, ...) {
  l <- x$lines
  graphics::plot(l$frequency, rep(1, nrow(l)), type = "h", lwd = 2, col = palette_nax[1L],
    ylim = c(0, 1.2), yaxt = "n", xlab = "frequency (Hz)", ylab = "", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_gpfa_sample <- function(x, ...) draw_latents(x, ...)

#' @rdname plot
#' @export
plot.nax_gpfa_leave_neuron_out <- function(x, ...) {
  graphics::plot(as.vector(unclass(x$reduced)), type = "b", pch = 16, xlab = "latents",
    ylab = "squared error", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_dpss_tapers <- function(x, ...) {
  graphics::matplot(matrix(as.vector(unclass(x$tapers)), nrow(x$tapers)), type = "l", lty = 1,
    col = palette_nax, xlab = "sample", ylab = "taper", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_freqtag_similarity <- function(x, ...) {
  draw_matrix(x$rho, main = "similarity", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_hftp_published <- function(x, ...) {
  u <- x$units
  graphics::plot(u$sentence_z, u$phrase_z, pch = 16,
    col = ifelse(u$flagged > 0, palette_nax[1L], "grey60"), xlab = "sentence (z)",
    ylab = "phrase (z)", ...)
  graphics::abline(h = 2, v = 2, lty = 2L, col = "grey40")
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_line_contrast <- function(x, ...) {
  snr <- x$bins$snr
  graphics::plot(seq_along(snr), snr, type = "h", lwd = 2, col = palette_nax[1L],
    xlab = "bin", ylab = "line over neighbours", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_ridge_regression <- function(x, ...) {
  draw_matrix(x$weights, main = "weight", ...)
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_rotation_null <- function(x, ...) {
  null <- matrix(as.vector(unclass(x$null)), nrow(x$null))
  graphics::matplot(t(null), pch = 16, cex = 0.4, col = "grey60", xlab = "column",
    ylab = "coherence", ylim = range(null, x$tests$observed, finite = TRUE), ...)
  graphics::points(seq_along(x$tests$observed), x$tests$observed, pch = 16,
    col = palette_nax[1L])
  invisible(x)
}

#' @rdname plot
#' @export
plot.nax_rsa_clusters <- function(x, ...) {
  cluster <- as.vector(unclass(x$cluster)) # each point in the middle of its step
  graphics::plot(seq_len(length(cluster) + 1L) - 0.5, c(cluster, cluster[length(cluster)]),
    type = "s", col = palette_nax[1L], xlab = "point", ylab = "cluster", ...)
  invisible(x)
}
