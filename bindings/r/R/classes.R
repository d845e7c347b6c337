# SPDX-License-Identifier: GPL-3.0-or-later
# Printing, summaries and data frames of what comes back.

describe_axis <- function(a, n) {
  name <- a$name %||% "axis"
  if (!is.null(a$rate)) {
    sprintf("%s %d (%g to %g %s, %g per %s)", name, n, a$start, a$start + (n - 1) / a$rate,
      a$unit, a$rate, if (nzchar(a$unit)) a$unit else "unit")
  } else if (!is.null(a$coords) && n > 0) {
    sprintf("%s %d (%g to %g %s)", name, n, min(a$coords), max(a$coords), a$unit)
  } else {
    sprintf("%s %d", name, n)
  }
}

describe_array <- function(x) {
  d <- if (is.null(dim(x))) length(x) else dim(x)
  paste(mapply(describe_axis, axes_of(x), d), collapse = " x ")
}

#' @export
print.nax_array <- function(x, ...) {
  unit <- attr(x, "unit")
  cat("array ", describe_array(x), if (length(unit) && nzchar(unit)) paste0(", ", unit),
    "\n", sep = "")
  plain <- x
  attributes(plain) <- list(dim = dim(x), dimnames = dimnames(x))
  if (length(x) <= 60L) {
    print(plain, ...)
  } else {
    v <- x[is.finite(x)]
    cat(sprintf("  %d values, %d missing", length(x), sum(is.na(x))))
    if (length(v)) cat(sprintf(", %g to %g, mean %g", min(v), max(v), mean(v)))
    cat("\n")
  }
  invisible(x)
}

#' @export
print.nax_spikes <- function(x, ...) {
  iv <- attr(x, "intervals")
  cat(sprintf("spike trains: %d units, %d spikes", length(x), sum(lengths(x))))
  if (!is.null(iv)) cat(sprintf(", %g to %g s", min(iv), max(iv)))
  cat("\n")
  invisible(x)
}

#' @export
print.nax_dataset <- function(x, ...) {
  kind <- sub("^nax_", "", class(x)[[1L]])
  cat(if (kind == "dataset") "dataset" else kind, "\n", sep = "")
  width <- max(0L, nchar(names(x)))
  for (name in names(x)) {
    m <- x[[name]]
    what <- if (inherits(m, "nax_spikes")) {
      sprintf("spike trains of %d units", length(m))
    } else if (is.data.frame(m)) {
      sprintf("table %d x %d: %s", nrow(m), ncol(m), paste(utils::head(names(m), 6L),
        collapse = ", "))
    } else {
      describe_array(m)
    }
    cat("  ", formatC(name, width = -width), "  ", what, "\n", sep = "")
  }
  invisible(x)
}

#' Attributes of a dataset or result
#'
#' Where a recording comes from, and the options and figures of a result.
#' @param x a dataset
#' @return A named list.
#' @examples
#' names(nax_attributes(simulate_recording(units = 2, trials = 4)))
#' @export
nax_attributes <- function(x) {
  attr(x, "attributes") %||% list()
}

#' @export
summary.nax_dataset <- function(object, ...) {
  facts <- nax_attributes(object)
  method <- get0(sub("^nax_", "", class(object)[[1L]]), asNamespace("neuraxis"),
    mode = "function", inherits = FALSE)
  name <- gsub("-", "_", sub("^[a-z]+_", "", names(facts)))
  option <- if (is.null(method)) rep(FALSE, length(facts)) else
    name %in% names(formals(method))
  structure(list(class = class(object)[[1L]], attributes = facts[!option],
    options = stats::setNames(facts[option], name[option]),
    members = vapply(unclass(object), function(m) {
      if (is.data.frame(m)) sprintf("table of %d rows", nrow(m)) else
        if (inherits(m, "nax_spikes")) sprintf("%d spike trains", length(m)) else
          describe_array(m)
    }, "")), class = "summary.nax_dataset")
}

#' @export
print.summary.nax_dataset <- function(x, ...) {
  as_text <- function(values) vapply(values, format, "", digits = 7L)
  cat(sub("^nax_", "", x$class), "\n", sep = "")
  for (name in names(x$members)) cat("  ", name, ": ", x$members[[name]], "\n", sep = "")
  for (key in names(x$attributes)) {
    cat("  ", key, " = ", as_text(x$attributes[key]), "\n", sep = "")
  }
  given <- as_text(x$options)
  given <- given[nzchar(given)]
  if (length(given) > 0L) {
    cat(strwrap(paste0("options: ", paste(names(given), "=", given, collapse = ", ")),
      width = 0.9 * getOption("width"), indent = 2L, exdent = 4L), sep = "\n")
  }
  invisible(x)
}

#' @rdname as.data.frame
#' @export
as.data.frame.nax_array <- function(x, row.names = NULL, optional = FALSE, ...,
                                    value = "value") {
  d <- dim(x)
  axes <- axes_of(x)
  columns <- lapply(seq_along(d), function(k) {
    each <- prod(d[seq_len(k - 1L)])
    rep(rep(axis_values(x, k), each = each), length.out = length(x))
  })
  names(columns) <- vapply(seq_along(axes), function(k) axes[[k]]$name %||%
    paste0("axis", k), "")
  columns[[value]] <- as.vector(unclass(x))
  data.frame(columns, row.names = row.names, check.names = !optional)
}

# What a data frame of a result is about.
main_member <- c(nax_ntf_select = "ranks", nax_gpfa = "latents", nax_gpfa_select = "dimensions",
  nax_gpvae = "latents", nax_bicluster = "neurons", nax_rsa = "models", nax_sbm = "labels",
  nax_connectome = "components", nax_trsa_identify = "windows", nax_trsa_agtic = "test",
  nax_persistent_homology = "bars", nax_freqtag_plan = "lines", nax_cluster_test = "clusters",
  nax_cluster_tree = "merges", nax_correlations = "correlation", nax_rdm_mds = "points",
  nax_dpss_tapers = "tapers", nax_freqtag_similarity = "layers", nax_hftp_published = "units",
  nax_line_contrast = "bins", nax_ridge_regression = "weights", nax_rotation_null = "tests",
  nax_rsa_clusters = "clusters")

#' Results as data frames
#'
#' An array becomes one row per value with a column for each axis; a result the table, or
#' the array, that it is about, or another one by name; frequency tags one row per unit and
#' frequency with a column for each measure; spike trains one row per spike.
#' @param x an array, spike trains, a dataset or a result
#' @param row.names,optional as in [base::as.data.frame()]
#' @param member name of the array or table
#' @param value name of the column with the values of an array
#' @param ... not used
#' @return A data frame.
#' @name as.data.frame
#' @examples
#' fit <- ntf(matrix(runif(60), 6), rank = 2, restarts = 1)
#' head(as.data.frame(fit))
#' as.data.frame(fit, member = "restarts")
NULL

#' @rdname as.data.frame
#' @export
as.data.frame.nax_dataset <- function(x, row.names = NULL, optional = FALSE, ...,
                                      member = NULL) {
  if (is.null(member)) {
    member <- stats::na.omit(main_member[class(x)])[1L]
    arrays <- names(x)[vapply(unclass(x), inherits, NA, "nax_array")]
    tables <- names(x)[vapply(unclass(x), is.data.frame, NA)]
    if (is.na(member) || is.null(x[[member]])) {
      member <- c(attr(x, "main"), arrays, tables, names(x))[1L]
    }
  }
  m <- if (length(member) == 1L && !is.na(member)) x[[member]]
  if (is.null(m)) {
    stop(nax_condition("EINVAL", "as.data.frame: there is no such member"))
  }
  if (is.data.frame(m)) m else if (inherits(m, "nax_spikes")) as.data.frame(m) else
    as.data.frame(m, row.names, optional, value = member)
}

# Arrays of one shape side by side.
wide_frame <- function(x) {
  first <- x[[1L]]
  same <- vapply(unclass(x), function(m) inherits(m, "nax_array") &&
    identical(dim(m), dim(first)), NA)
  out <- as.data.frame(first, value = names(x)[[1L]])
  for (name in names(x)[same]) out[[name]] <- as.vector(unclass(x[[name]]))
  out
}

#' @rdname as.data.frame
#' @export
as.data.frame.nax_freqtag <- function(x, row.names = NULL, optional = FALSE, ...,
                                      member = NULL) {
  if (is.null(member)) wide_frame(x) else NextMethod()
}

#' @rdname as.data.frame
#' @export
as.data.frame.nax_freqtag_spikes <- as.data.frame.nax_freqtag

#' @rdname as.data.frame
#' @export
as.data.frame.nax_spikes <- function(x, row.names = NULL, optional = FALSE, ...) {
  unit <- if (is.null(names(x))) seq_along(x) else names(x)
  data.frame(unit = rep(unit, lengths(x)), time = unlist(unclass(x), use.names = FALSE) %||%
    numeric(), row.names = row.names)
}

#' @export
summary.nax_spikes <- function(object, ...) {
  iv <- attr(object, "intervals")
  seconds <- if (is.null(iv)) NA_real_ else sum(iv[2L, ] - iv[1L, ])
  n <- lengths(object)
  data.frame(unit = if (is.null(names(object))) seq_along(object) else names(object),
    spikes = unname(n), rate = unname(n) / seconds)
}

#' @export
summary.nax_array <- function(object, ...) {
  summary(as.vector(unclass(object)), ...)
}

#' The model of a factorisation, and what it leaves
#'
#' `predict()` gives the sum of the components, in the shape of the array that was
#' factorised; `residuals()` that array less the model.
#' @param object result of [ntf()]
#' @param x the array that was factorised
#' @param components numbers of the components to sum; not given: all
#' @param ... not used
#' @return An array.
#' @examples
#' x <- transform_values(simulate_recording(units = 5, trials = 4)$dff, "rectify")
#' fit <- ntf(x, rank = 2, restarts = 1, seed = 1)
#' sqrt(sum(residuals(fit, x)^2) / sum(x^2))
#' @export
predict.nax_ntf <- function(object, components = NULL, ...) {
  factors <- ntf_factors(object)
  w <- as.vector(object$weights)
  r <- components %||% seq_along(w)
  out <- 0
  for (c in r) {
    part <- w[[c]]
    for (f in factors) part <- outer(part, as.vector(unclass(f)[, c]))
    out <- out + part
  }
  dim(out) <- unname(vapply(factors, nrow, 1L))
  axes <- lapply(factors, function(f) axes_of(f)[[1L]])
  structure(out, axes = unname(axes), unit = "", class = "nax_array")
}

#' @rdname predict.nax_ntf
#' @export
residuals.nax_ntf <- function(object, x, ...) {
  model <- predict(object)
  out <- x
  out[] <- as.vector(unclass(x)) - as.vector(unclass(model))
  out
}

#' Affinities that the motifs stand for, and what they leave
#'
#' `predict()` gives the sum over components of weight times time course times animal times
#' motif, pair by pair; `residuals()` the affinities less that. For affinities without
#' channels and scales.
#' @param object result of [connectome()]
#' @param x the affinities that were factorised, of [connectome_affinity()]
#' @param ... not used
#' @return An array time x animal x pair.
#' @examples
#' x <- simulate_recording(units = 5, trials = 4)$dff
#' fit <- connectome(x, rank = 2, restarts = 1, seed = 1)
#' left <- residuals(fit, connectome_affinity(x))
#' sqrt(sum(left^2) / sum(connectome_affinity(x)^2))
#' nax_attributes(fit)$ntf_error
#' @export
predict.nax_connectome <- function(object, ...) {
  a <- nax_attributes(object)
  if (!identical(a$connectome_channels %in% c("same", "opposite"), TRUE) ||
    grepl(",", a$connectome_scales %||% "")) {
    stop(nax_condition("EINVAL",
      "predict: the result does not keep what its components are over channels and scales"))
  }
  n <- dim(object$motifs)[[1L]]
  r <- nrow(object$components)
  motifs <- matrix(as.vector(unclass(object$motifs)), n * n)
  # pairs as of the upper triangle of a matrix, column by column
  pairs <- motifs[which(upper.tri(diag(n))), , drop = FALSE]
  when <- matrix(as.vector(unclass(object$when)), ncol = r)
  who <- matrix(as.vector(unclass(object$who)), ncol = r)
  out <- 0
  for (k in seq_len(r)) {
    out <- out + object$components$weight[[k]] * outer(outer(when[, k], who[, k]), pairs[, k])
  }
  structure(out, axes = list(axes_of(object$when)[[1L]], axes_of(object$who)[[1L]],
    list(name = "pair", unit = "")), unit = "", class = "nax_array")
}

#' @rdname predict.nax_connectome
#' @export
residuals.nax_connectome <- function(object, x, ...) {
  left_over(predict(object), x)
}

#' Distances between points that stand for conditions, and what they miss
#'
#' @param object result of [rdm_mds()]
#' @param x the dissimilarities that were laid out
#' @param ... not used
#' @return `predict()`: a matrix condition x condition of the distances between the points;
#'   `residuals()`: the dissimilarities less those.
#' @examples
#' x <- as.matrix(dist(cbind(1:6, c(1, 3, 2, 5, 4, 6), c(2, 1, 1, 2, 1, 2))))
#' max(abs(residuals(rdm_mds(x), x)))
#' @export
predict.nax_rdm_mds <- function(object, ...) {
  points <- matrix(as.vector(unclass(object$points)), nrow(object$points))
  nax_array(unname(as.matrix(stats::dist(points))), c("condition", "condition_2"))
}

#' @rdname predict.nax_rdm_mds
#' @export
residuals.nax_rdm_mds <- function(object, x, ...) {
  left_over(predict(object), x)
}

#' Activity that the latents stand for, and what they leave
#'
#' `predict()` gives loadings times latents plus means: of counts fitted with
#' `root = TRUE` their square roots, of Poisson models log rates. `residuals()` gives the
#' trials, on that scale, less the prediction; it is for Gaussian models.
#' @param object result of [gpfa()]
#' @param newdata other trials of the same neurons, whose latents are inferred first; not
#'   given: the trials of the fit
#' @param x the trials that were fitted, neuron x time x trial
#' @param ... not used
#' @return An array neuron x time x trial; missing after the end of a trial and for neurons
#'   that were left out.
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 8, trials = 8, latents = 1, seed = 1)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.1)
#' fit <- gpfa(x, latents = 1, root = TRUE, max_iter = 10)
#' mean(residuals(fit, x)^2, na.rm = TRUE)
#' @export
predict.nax_gpfa <- function(object, newdata = NULL, ...) {
  if (!is.null(newdata)) object <- gpfa_infer(object, newdata)
  latents <- object$latents_model
  d <- c(dim(latents), 1L)[1:3]
  loadings <- matrix(as.vector(unclass(object$loadings)), ncol = d[1L])
  flat <- loadings %*% matrix(as.vector(unclass(latents)), d[1L]) +
    as.vector(unclass(object$means))
  axes <- axes_of(latents)
  axes[[1L]] <- axes_of(object$loadings)[[1L]]
  structure(array(flat, c(nrow(loadings), d[2:3])[seq_along(dim(latents))]), axes = axes,
    unit = "", class = "nax_array")
}

#' @rdname predict.nax_gpfa
#' @export
residuals.nax_gpfa <- function(object, x, ...) {
  model <- predict(object)
  if (identical(nax_attributes(object)$gpfa_likelihood, "poisson")) {
    stop(nax_condition("EINVAL", "residuals: a Poisson model has none on its scale"))
  }
  values <- as.vector(unclass(x))
  if (as.numeric(nax_attributes(object)$gpfa_root) == 1) values <- sqrt(values)
  left_over(model, values)
}

#' What a multi-modal model says of the trials, and what it leaves
#'
#' `predict()` gives mean rates (or values) of the neurons, or behaviour, at the latents of
#' the trials of the fit, or of the new trials that [gpvae()] was given; `residuals()` the
#' trials less that.
#' @param object result of [gpvae()]
#' @param what `"neurons"` or `"behaviour"`
#' @param new the trials that took no part in the fit?
#' @param x the trials that were fitted: neurons or behaviour
#' @param ... not used
#' @return An array neuron (or feature) x time x trial, missing after the end of a trial.
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 8, trials = 8, latents = 1, seed = 1)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.1)
#' fit <- gpvae(x, shared_latents = 0, behaviour_latents = 0, epochs = 1, neural_epochs = 2)
#' mean(residuals(fit, x)^2, na.rm = TRUE)
#' @export
predict.nax_gpvae <- function(object, what = c("neurons", "behaviour"), new = FALSE, ...) {
  name <- paste0(if (new) "new_", if (match.arg(what) == "neurons") "rates" else
    "behaviour")
  if (is.null(object[[name]])) {
    stop(nax_condition("EINVAL", sprintf("predict: the result has no `%s`", name)))
  }
  object[[name]]
}

#' @rdname predict.nax_gpvae
#' @export
residuals.nax_gpvae <- function(object, x, what = c("neurons", "behaviour"), ...) {
  model <- predict(object, match.arg(what))
  left_over(model, x)
}

#' What clusters, states and trajectories say of each entry, and what they leave
#'
#' `predict()` gives the posterior mean of what is expected of each neuron in each bin, also
#' where the counts were missing or held out; `residuals()` the counts less that.
#' @param object result of [bicluster()] with `rates = TRUE`
#' @param x the counts (or traces) that were fitted
#' @param ... not used
#' @return An array neuron x time (x trial).
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 5, trials = 4, seed = 1)
#' x <- bin_spikes(d$spikes, bin = 0.2)
#' fit <- bicluster(x, chains = 2, sweeps = 60, rates = TRUE)
#' mean(residuals(fit, x)^2)
#' @export
predict.nax_bicluster <- function(object, ...) {
  if (is.null(object$rate)) {
    stop(nax_condition("EINVAL",
      "predict: the result has no `rate`, expected a fit with `rates = TRUE`"))
  }
  object$rate
}

#' @rdname predict.nax_bicluster
#' @export
residuals.nax_bicluster <- function(object, x, ...) {
  left_over(predict(object), x)
}

left_over <- function(model, x) {
  values <- as.vector(unclass(x))
  if (length(values) != length(model)) {
    stop(nax_condition("EDIM", sprintf("residuals: `x` has %d values, expected %d",
      length(values), length(model))))
  }
  model[] <- values - as.vector(unclass(model))
  model
}

#' Activity of each neuron as the others tell it
#'
#' @param object result of [gpfa_leave_neuron_out()]
#' @param x the trials, neuron x time x trial; of a model with `root` their square roots
#' @param ... not used
#' @return An array neuron x time x trial.
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 8, trials = 8, latents = 1, seed = 1)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.1)
#' told <- gpfa_leave_neuron_out(gpfa(x, latents = 1, max_iter = 10), x)
#' mean(residuals(told, x)^2, na.rm = TRUE)
#' @export
predict.nax_gpfa_leave_neuron_out <- function(object, ...) {
  object$predicted
}

#' @rdname predict.nax_gpfa_leave_neuron_out
#' @export
residuals.nax_gpfa_leave_neuron_out <- function(object, x, ...) {
  left_over(predict(object), x)
}

#' Targets as the features tell them, and what they leave
#'
#' @param object result of [ridge_regression()]
#' @param newdata,x features, feature x observation
#' @param y the targets, target x observation
#' @param ... not used
#' @return A matrix target x observation.
#' @examples
#' x <- matrix(rnorm(300), 5)
#' y <- rbind(x[1, ] + rnorm(60), rnorm(60))
#' fit <- ridge_regression(x, y)
#' rowMeans(residuals(fit, x, y)^2)
#' @export
predict.nax_ridge_regression <- function(object, newdata, ...) {
  w <- matrix(as.vector(unclass(object$weights)), nrow(object$weights))
  if (!is.numeric(newdata) || length(dim(newdata)) != 2L || nrow(newdata) != nrow(w)) {
    stop(nax_condition("EDIM", sprintf("predict: expected %d features x observation", nrow(w))))
  }
  plain <- matrix(as.vector(unclass(newdata)), nrow(w))
  crossprod(w, plain) + as.vector(unclass(object$intercept))
}

#' @rdname predict.nax_ridge_regression
#' @export
residuals.nax_ridge_regression <- function(object, x, y, ...) {
  left_over(predict(object, x), y)
}

#' What models leave of the subjects
#'
#' The similarity of each model to each subject less its mean over subjects.
#' @param object result of [rsa()]
#' @param ... not used
#' @return A matrix model x subject.
#' @examples
#' x <- array(dim = c(8, 8, 6))
#' for (k in 1:6) x[, , k] <- as.matrix(dist(matrix(1:8 + rnorm(40), 8)))
#' residuals(rsa(x, list(line = as.matrix(dist(1:8))), samples = 40, permutations = 10))
#' @export
residuals.nax_rsa <- function(object, ...) {
  e <- matrix(as.vector(unclass(object$evaluations)), nrow(object$models))
  e - rowMeans(e)
}

ntf_factors <- function(object) {
  unclass(object)[grepl("^factor_", names(object))]
}
