# SPDX-License-Identifier: GPL-3.0-or-later
library(neuraxis)
resident <- function() {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
x <- nax_array(matrix(1, 1000, 10000), c("neuron", "time"), rate = 30)
invisible(gc(full = TRUE))
invisible(find_gaps(x)) # loads what is loaded once
before <- resident()
took <- vapply(1:200, function(i) {
  t0 <- Sys.time()
  find_gaps(x)
  as.numeric(Sys.time() - t0, units = "secs")
}, 0)
cat(sprintf("R       %.3f ms per call (least %.3f), memory grows by %.1f MB\n",
  1e3 * median(took), 1e3 * min(took), resident() - before))
