# SPDX-License-Identifier: GPL-3.0-or-later
# Arrays with axes, spike trains, datasets: what R has and what the library takes.

#' Arrays whose axes have names
#'
#' Methods find their axes by name: `neuron`, `time`, `trial`, `condition`, ... An ordinary
#' array gets the names from `dimnames`, or in this order when it has none. `nax_array()`
#' says more: units, coordinates, the rate of a regular time axis. It keeps the numbers as
#' they are; the array can be used like any other.
#'
#' @param x numeric array
#' @param axes names of the axes, one for each dimension
#' @param rate samples per second of the axis called `time`
#' @param start first time in s
#' @param coords a named list with the coordinates (numbers) or labels (strings) of axes
#' @param unit unit of the values
#' @return `x` with class `nax_array` and attribute `axes`, a list with one entry for each
#'   dimension: `name`, `unit`, and `start` and `rate`, or `coords`, or `labels`, or
#'   nothing. Subsetting with `[` keeps the axes.
#' @examples
#' x <- nax_array(matrix(runif(200), 4), c("neuron", "time"), rate = 30,
#'   coords = list(neuron = c("a", "b", "c", "d")))
#' x[c("a", "c"), 1:3]
#' @export
nax_array <- function(x, axes = NULL, rate = NULL, start = 0, coords = list(),
                      unit = NULL) {
  if (!is.numeric(x) && !is.logical(x)) {
    stop(nax_condition("ETYPE", "nax_array: `x`, expected numbers"))
  }
  if (is.null(dim(x))) {
    dim(x) <- length(x)
  }
  if (!is.null(axes) && length(axes) != length(dim(x))) {
    stop(nax_condition("EDIM", sprintf("nax_array: `axes` has %d names, expected %d",
      length(axes), length(dim(x)))))
  }
  storage.mode(x) <- "double"
  described <- axes_of(x)
  for (k in seq_along(described)) {
    if (!is.null(axes)) described[[k]]$name <- axes[[k]]
    name <- described[[k]]$name
    given <- if (is.null(name)) NULL else coords[[name]]
    if (is.character(given) || is.factor(given)) {
      described[[k]] <- list(name = name, unit = "", labels = as.character(given))
    } else if (!is.null(given)) {
      described[[k]] <- list(name = name, unit = if (name == "time") "s" else "",
        coords = as.double(given))
    } else if (identical(name, "time") && !is.null(rate)) {
      described[[k]] <- list(name = name, unit = "s", start = as.double(start),
        rate = as.double(rate), length = dim(x)[[k]])
    }
    n <- max(length(described[[k]]$labels), length(described[[k]]$coords))
    if (n > 0L && n != dim(x)[[k]]) {
      stop(nax_condition("EDIM", sprintf("nax_array: axis `%s` has %d positions, expected %d",
        name, n, dim(x)[[k]])))
    }
  }
  labels <- lapply(described, function(a) a$labels)
  if (any(lengths(labels) > 0L)) {
    names(labels) <- vapply(described, function(a) a$name %||% "", "")
    dimnames(x) <- labels
  }
  structure(x, axes = described, unit = unit %||% "", class = "nax_array")
}

`%||%` <- function(a, b) if (is.null(a)) b else a

# One list for each dimension: from attribute `axes` where it fits, else from dimnames.
axes_of <- function(x) {
  d <- if (is.null(dim(x))) length(x) else dim(x)
  known <- attr(x, "axes", exact = TRUE)
  if (is.list(known) && length(known) == length(d)) {
    return(known)
  }
  names <- names(dimnames(x))
  lapply(seq_along(d), function(k) {
    name <- if (is.null(names) || !nzchar(names[[k]])) NULL else enc2utf8(names[[k]])
    labels <- dimnames(x)[[k]]
    if (is.null(name)) {
      return(if (is.null(labels)) list() else
        list(name = c("neuron", "time", "trial")[k] %or_na% paste0("axis", k), unit = "",
          labels = enc2utf8(labels)))
    }
    if (is.null(labels)) {
      return(list(name = name, unit = ""))
    }
    numbers <- suppressWarnings(as.double(labels))
    if (anyNA(numbers)) {
      return(list(name = name, unit = "", labels = enc2utf8(labels)))
    }
    list(name = name, unit = if (name == "time") "s" else "", coords = numbers)
  })
}

`%or_na%` <- function(a, b) if (length(a) != 1L || is.na(a)) b else a

#' Coordinates or labels along an axis
#'
#' @param x an array
#' @param axis name or number of the axis
#' @return Numbers (times in s, frequencies, ...) or labels; 1, 2, ... when the axis knows
#'   neither.
#' @examples
#' x <- nax_array(matrix(0, 2, 3), c("neuron", "time"), rate = 10)
#' axis_values(x, "time")
#' @export
axis_values <- function(x, axis) {
  all <- axes_of(x)
  if (is.character(axis)) {
    axis <- match(axis, vapply(all, function(a) a$name %||% "", ""))
  }
  n <- if (is.null(dim(x))) length(x) else dim(x)[axis]
  if (is.na(axis) || axis < 1 || axis > length(all)) {
    stop(nax_condition("EINVAL", "axis_values: no such axis"))
  }
  a <- all[[axis]]
  if (!is.null(a$labels)) {
    a$labels
  } else if (!is.null(a$coords)) {
    a$coords
  } else if (!is.null(a$rate)) {
    a$start + (seq_len(n) - 1) / a$rate
  } else {
    seq_len(n)
  }
}

take_axis <- function(a, n, i) {
  if (!is.null(a$labels)) {
    a$labels <- a$labels[i]
  } else if (!is.null(a$coords)) {
    a$coords <- a$coords[i]
  } else if (!is.null(a$rate)) {
    steps <- diff(i)
    if (length(i) == 1L || (length(i) > 1L && steps[1L] > 0L && all(steps == steps[1L]))) {
      a$start <- a$start + (i[1L] - 1) / a$rate
      if (length(i) > 1L) a$rate <- a$rate / steps[1L]
    } else {
      a <- list(name = a$name, unit = a$unit, coords = a$start + (i - 1) / a$rate)
    }
    if (!is.null(a$length)) a$length <- length(i)
  } else if (!is.null(a$length)) {
    a$length <- length(i)
  }
  a
}

#' @export
`[.nax_array` <- function(x, ..., drop = TRUE) {
  d <- dim(x)
  axes <- axes_of(x)
  parts <- as.list(substitute(list(...)))[-1L]
  plain <- x
  attributes(plain) <- list(dim = d, dimnames = dimnames(x))
  if (length(parts) != length(d) || length(d) == 1L && !nzchar(as.character(parts[[1L]])[1L])) {
    return(plain[...])
  }
  index <- lapply(seq_along(parts), function(k) {
    if (identical(parts[[k]], quote(expr = ))) {
      return(seq_len(d[[k]]))
    }
    i <- eval(parts[[k]], parent.frame(3L))
    at <- seq_len(d[[k]])
    names(at) <- axes[[k]]$labels %||% dimnames(x)[[k]]
    unname(at[i])
  })
  if (anyNA(unlist(index))) {
    stop(nax_condition("EINVAL", "subscript out of bounds"))
  }
  out <- do.call(`[`, c(list(plain), index, list(drop = FALSE)))
  axes <- Map(take_axis, axes, d, index)
  if (drop && any(dim(out) != 1L)) {
    keep <- dim(out) != 1L
    names <- dimnames(out)[keep]
    out <- array(out, dim(out)[keep], if (is.null(names)) NULL else names)
    axes <- axes[keep]
  }
  structure(out, axes = axes, unit = attr(x, "unit"), description = attr(x, "description"),
    class = "nax_array")
}

#' Spike trains
#'
#' @param times a list with the spike times of each unit in s; its names are the labels
#' @param intervals start and stop of what was recorded, a vector of two or a matrix with
#'   two rows; not given: from the first spike to the last
#' @return A list of class `nax_spikes`.
#' @examples
#' nax_spikes(list(a = c(0.1, 0.4), b = 0.2), intervals = c(0, 1))
#' @export
nax_spikes <- function(times, intervals = NULL) {
  times <- lapply(times, as.double)
  structure(times, class = "nax_spikes",
    intervals = if (is.null(intervals)) NULL else matrix(as.double(intervals), 2L))
}

# What the C side reads; it checks no more than the types that it finds.
as_value <- function(x) {
  if (is.null(x)) {
    return(NULL)
  }
  if (inherits(x, "nax_spikes")) {
    units <- attr(x, "units") %||% list(name = "unit", unit = "",
      labels = if (!is.null(names(x))) enc2utf8(names(x)))
    n <- length(units$labels %||% units$coords)
    if (n > 0L && n != length(x) || is.null(names(x)) && is.null(attr(x, "units"))) {
      units <- list(name = "unit", unit = "")
    }
    return(list(kind = "spikes", times = lapply(unclass(x), as.double), units = units,
      intervals = attr(x, "intervals")))
  }
  if (is.data.frame(x)) {
    columns <- lapply(x, function(col) {
      if (is.character(col) || is.factor(col)) enc2utf8(as.character(col)) else
        as.double(col)
    })
    units <- attr(x, "units")
    units <- if (is.character(units) && length(units) == length(columns)) {
      stats::setNames(as.list(enc2utf8(units)), names(columns))
    }
    return(list(kind = "table", columns = columns, units = units, rows = as.double(nrow(x)),
      dim = attr(x, "rows") %||% "row"))
  }
  if (is.character(x) && length(x) == 1L && is.null(dim(x))) {
    return(list(kind = "text", text = enc2utf8(x)))
  }
  if (is.numeric(x) || is.logical(x)) {
    axes <- axes_of(x)
    text <- lapply(c(unit = "unit", description = "description"), function(name) {
      value <- attr(x, name, exact = TRUE)
      if (is.character(value)) enc2utf8(value) else ""
    })
    if (!is.double(x)) storage.mode(x) <- "double"
    return(c(list(kind = "array", x = x, axes = axes), text))
  }
  if (is.list(x) && (inherits(x, "nax_dataset") || is_dataset_like(x))) {
    attributes <- attr(x, "attributes") %||% list()
    attributes <- lapply(attributes, function(a) {
      if (is.character(a)) enc2utf8(a) else as.double(a)
    })
    return(list(kind = "dataset", members = lapply(unclass(x), as_value),
      attributes = attributes, main = attr(x, "main")))
  }
  if (is.list(x)) {
    return(list(kind = "list", items = lapply(x, as_value)))
  }
  list(kind = class(x)[[1L]])
}

is_dataset_like <- function(x) {
  !is.null(names(x)) && all(nzchar(names(x))) && length(x) > 0L
}
