# SPDX-License-Identifier: GPL-3.0-or-later
# How a function of the package becomes a call of the library.

#' Analysis of neural population recordings
#'
#' Functions take ordinary arrays, neuron x time x trial, and return lists of arrays, spike
#' trains and data frames. The axes of an array have names; see [nax_array()]. A failure is
#' a condition of class `nax_error` and of a class that says what can be done about it,
#' such as `nax_error_EDIM`; the warnings of the library are conditions of class
#' `nax_warning`. Long calls can be interrupted.
#'
#' Options `neuraxis.threads` (1) and `neuraxis.progress` are the defaults of the arguments
#' of that name. In interactive sessions a call of more than a second shows how far it is,
#' unless `options(neuraxis.progress = FALSE)`; elsewhere only with `TRUE`. Random numbers come from streams of the library
#' whose seed, unless given, is drawn from R's generator, so that [set.seed()] governs it.
#'
#' @keywords internal
#' @importFrom stats predict
#' @useDynLib neuraxis, .registration = TRUE, .fixes = "C_"
"_PACKAGE"

#' Version of the library that is linked
#' @return A string.
#' @examples
#' nax_version()
#' @export
nax_version <- function() {
  .Call(C_version)
}

nax_threads <- function() {
  as.integer(getOption("neuraxis.threads", 1L))
}

nax_progress <- function() {
  isTRUE(getOption("neuraxis.progress", interactive()))
}

draw_seed <- function(seed) {
  if (is.null(seed)) floor(stats::runif(1) * 2^31) else seed
}

# The text of an option, as the library reads it; NULL when it was not given.
option_text <- function(value, name) {
  if (is.null(value) || is.atomic(value) && length(value) == 0L) {
    return(NULL)
  }
  if (is.character(value)) {
    return(paste(enc2utf8(value), collapse = ","))
  }
  if (length(value) != 1L || !(is.numeric(value) || is.logical(value))) {
    stop(nax_condition("EINVAL", sprintf("option `%s`, expected one value", name)))
  }
  if (is.na(value) && !is.nan(value)) {
    return(NULL)
  }
  if (is.logical(value)) {
    return(if (value) "1" else "0")
  }
  if (is.finite(value) && value == floor(value) && abs(value) < 2^63) {
    return(sprintf("%.0f", value))
  }
  sprintf("%.17g", value)
}

nax_condition <- function(code, message, call = NULL) {
  structure(class = c(paste0("nax_error_", code), "nax_error", "error", "condition"),
    list(message = message, call = call, code = code))
}

call_method <- function(method, inputs, options, result, threads, progress) {
  options <- Map(option_text, options, names(options))
  options <- options[!vapply(options, is.null, NA)]
  number <- is.numeric(threads) && length(threads) == 1L
  threads <- if (number) suppressWarnings(as.integer(threads)) else NA_integer_
  if (is.na(threads)) {
    stop(nax_condition("EINVAL", sprintf("%s: `threads`, expected one number", method)))
  }
  values <- lapply(inputs, as_value)
  # What the C side leaves to R fails for want of memory only.
  answer <- tryCatch(.Call(C_call, method, values, as.character(names(options)),
    as.character(unlist(options, use.names = FALSE)), threads, isTRUE(progress)),
    error = function(e) {
      stop(nax_condition("ENOMEM", sprintf("%s: %s", method, conditionMessage(e))))
    })
  for (i in seq_along(answer$warnings)) {
    warning(structure(class = c("nax_warning", "warning", "condition"),
      list(message = answer$warnings[[i]], call = NULL,
        id = names(answer$warnings)[[i]])))
  }
  code <- sub("^NAX_", "", answer$status)
  if (code == "EINTERRUPT") {
    signalCondition(structure(class = c("interrupt", "condition"),
      list(message = answer$message, call = NULL)))
    if (is.null(findRestart("abort"))) stop("interrupted")
    invokeRestart("abort")
  }
  if (code != "OK") {
    stop(nax_condition(code, answer$message))
  }
  if (is.null(result)) {
    return(NULL)
  }
  value <- answer$value
  if (result == "") {
    return(value[[1L]])
  }
  structure(value, class = c(paste0("nax_", result), if (result != "dataset") "nax_fit",
    if (result != "dataset") "nax_dataset"))
}
