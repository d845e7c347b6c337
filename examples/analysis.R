# SPDX-License-Identifier: GPL-3.0-or-later
# One analysis in four languages (analysis.c, .sh, .R and .m print the same). This one is
# for R: Rscript analysis.R [FILE]
library(neuraxis)
file <- c(commandArgs(TRUE), "datasets/assemblies.nc")[[1L]]

recording <- read_recording(file)
x <- transform_values(smooth_time(recording$dff, kind = "gaussian", width = 0.1), "rectify")
fit <- ntf(x, rank = 4, restarts = 5, seed = 1)
pdf(NULL)
plot(fit)
write_dataset(fit, tempfile(fileext = ".nc"))

cat(sprintf("error %.4f\n", nax_attributes(fit)$ntf_error))
top <- apply(unclass(fit$factor_neuron), 2L, which.max)
cat(sprintf("component %d: largest in neuron %d\n", seq_along(top), top), sep = "")
