# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C in every function that looks whether to stop, at its first look, in the middle and
# at its last one, on its example: each time a condition of class "interrupt", no further
# look, and nothing left in memory (sigint.c).
# usage: Rscript interrupts.R CALLS; CALLS is written by bindings/common/generate
suppressPackageStartupMessages(library(neuraxis))
at <- Sys.getenv("SIGINT_AT")
again <- 4L
functions <- stops <- bad <- 0
silent <- character()

# Looks, looks after the signal, bytes in use.
seen <- function() scan(paste0(at, ".seen"), quiet = TRUE)

run <- function(call, env, look) {
  writeLines(as.character(look), at)
  on.exit(unlink(at))
  set.seed(1)
  how <- tryCatch({
    suppressWarnings(eval(call, env))
    "ended"
  }, interrupt = function(e) "interrupted", error = conditionMessage)
  list(how = how, seen = seen())
}

wrong <- function(...) {
  bad <<- bad + 1
  cat("#", ..., "\n")
}

bounds <- function(name, setup, call, options) { # as the list has it; options: not used
  env <- new.env(parent = globalenv())
  eval(setup, env)
  whole <- run(call, env, 0)
  n <- whole$seen[1L]
  if (whole$how != "ended") wrong(name, "without a signal:", whole$how)
  if (n == 0) {
    silent <<- c(silent, name)
    return(invisible())
  }
  functions <<- functions + 1
  for (look in unique(c(1, ceiling(n / 2), n))) {
    r <- run(call, env, look)
    # One that waits for other threads looks less often when they end sooner.
    if (r$how == "ended" && r$seen[1L] < look) next
    stops <<- stops + 1
    if (r$how != "interrupted" || r$seen[2L] > 0) {
      wrong(sprintf("%s at look %d of %d: %s, %d looks more", name, look, n, r$how, r$seen[2L]))
    }
  }
  gc()
  before <- run(call, env, ceiling(n / 2))$seen[3L]
  for (i in seq_len(again)) run(call, env, ceiling(n / 2))
  gc()
  grown <- run(call, env, ceiling(n / 2))$seen[3L] - before
  if (grown > 1000 * again) {
    wrong(sprintf("%s: %d bytes more after %d stops", name, grown, again))
  }
  after <- run(call, env, 0)
  if (after$how != "ended") wrong(name, "after the stops:", after$how)
}

source(commandArgs(TRUE)[1L])
cat("# ", functions, " functions, stopped ", stops, " times; these never look on their examples: ",
  paste(silent, collapse = " "), "\n", sep = "")
cat(sprintf("%s R: Ctrl-C stops every function at every look, and nothing is lost\n",
  if (bad == 0 && functions >= 80) "ok" else "not ok"))
