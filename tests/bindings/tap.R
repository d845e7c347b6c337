# SPDX-License-Identifier: GPL-3.0-or-later
# Rscript tap.R DIR: runs the tests and prints a line "ok NAME" or "not ok NAME" for each.
library(testthat)
library(neuraxis)
results <- as.data.frame(test_dir(commandArgs(TRUE)[[1L]], reporter = "silent",
  stop_on_failure = FALSE, env = new.env(parent = asNamespace("neuraxis"))))
for (i in seq_len(nrow(results))) {
  r <- results[i, ]
  cat(if (r$failed > 0 || r$error) "not ok" else "ok", "R:", r$test, "\n")
  if (r$failed > 0 || r$error) {
    for (e in r$result[[1L]]) cat(gsub("(?m)^", "  ", conditionMessage(e), perl = TRUE), "\n")
  }
}
cat(nrow(results), "tests of the package\n")
