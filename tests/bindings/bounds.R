# SPDX-License-Identifier: GPL-3.0-or-later
# Each option of a number at both of its bounds, just outside of them and at what is no
# number, on the small example of its function: it works, it is refused by an error of the
# package, or it goes on until it is stopped.
# usage: Rscript bounds.R CALLS QUICK; CALLS is written by bindings/common/generate, QUICK
# gets what came to its end by itself.
args <- commandArgs(TRUE)
suppressPackageStartupMessages(library(neuraxis))
limit <- 0.5
counts <- c(works = 0, refused = 0, stopped = 0)
bad <- 0
quick <- file(args[2L], "w")

with_option <- function(call, name, option, value) {
  if (is.call(call)) {
    if (identical(call[[1L]], as.name(name))) {
      call[[option]] <- value
      return(call)
    }
    call[] <- lapply(call, with_option, name, option, value)
  }
  call
}

once <- function(call, env) {
  setTimeLimit(elapsed = limit, transient = TRUE)
  on.exit(setTimeLimit())
  tryCatch({
    suppressWarnings(eval(call, env))
    "works"
  }, nax_error = function(e) "refused", interrupt = function(e) "stopped",
  error = function(e) {
    text <- conditionMessage(e)
    if (grepl("elapsed time limit", text, fixed = TRUE)) "stopped" else text
  })
}

outside <- function(range) {
  step <- pmax(1, 1e-9 * abs(range)) * c(-1, 1)
  (range + step)[abs(range) < 1e300]
}

bounds <- function(name, setup, call, options) {
  env <- new.env(parent = globalenv())
  set.seed(1)
  eval(setup, env)
  for (option in names(options)) {
    for (value in c(options[[option]], outside(options[[option]]), NaN, Inf, -Inf)) {
      t0 <- proc.time()
      how <- once(with_option(call, name, option, value), env)
      took <- sum((proc.time() - t0)[1:2])
      cat(sprintf("%s(%s = %.17g) %s\n", name, option, value, how), file = quick)
      if (!how %in% names(counts) || took > limit + 2) {
        bad <<- bad + 1
        cat(sprintf("# %s(%s = %.17g): %s, %.1f s\n", name, option, value, how, took))
      } else {
        counts[[how]] <<- counts[[how]] + 1
      }
    }
  }
}

source(args[1L])
close(quick)
cat(sprintf("# %d work, %d are refused, %d were stopped\n", counts[["works"]],
  counts[["refused"]], counts[["stopped"]]))
cat(sprintf("%s - options at their bounds work or are refused\n",
  if (bad == 0 && counts[["works"]] > 500) "ok" else "not ok"))
