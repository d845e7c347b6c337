# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by parity.R: what parity_tags.c wrote.
compare("freqtag_file", freqtag(file("trials"), tags = "3,5"))
compare("freqtag_trains", freqtag(input$spikes, events = c(0, 3, 6, 9), tags = "3,5",
  window = 2))
rate <- neuraxis:::axes_of(input$trials)[[2]]$rate
slots <- dim(input$trials)[[2]] %/% 10
item <- outer(seq_len(slots) - 1, 0:3, function(s, k) (s + k) %% slots + 1)
other <- outer(seq_len(slots) - 1, 0:3, function(s, k) (s + 2 * k) %% slots + 1)
near <- cbind(1:10, 3:12)
compare("freqtag_sentences", freqtag(input$trials, input$trials^2, items = item,
  control_items = other, group = rep(0:2, 4), adjacency = near, cluster = 0.9,
  tags = sprintf("%.17g", c(rate / 10, rate / 5)), levels = c("word", "phrase"),
  item_length = 10, surrogates = 99, seed = 3))
compare("freqtag_item_coefficients", freqtag_item_coefficients(input$trials, 10, item))

re <- matrix(as.vector(unclass(input$weights)), 12)
im <- matrix(as.vector(unclass(input$patterns)), 12)
a <- 1:2
b <- 4:5
compare("circular_tests", circular_tests(re[, a], im[, a], c(0.1, 0.2)))
compare("circular_compare", circular_compare(re[, a], im[, a], re[, b], im[, b]))
compare("circular_pairs", circular_compare(re[, a], im[, a], re[, b], im[, b], paired = 1))
compare("circular_anova", circular_anova(re[, a], im[, a], group = rep(0:2, 4)))
compare("circular_repeated", circular_anova(re[, a], im[, a]))
compare("phase_tests", phase_tests(im[, 1], 0.5, "exact"))
compare("combine_p", combine_p(c(-1, -900, -0.25)))

compare("rotation_null", rotation_null(re[, a], im[, a], 30, seed = 6))
lines <- function(x) array(x[, a], c(12, 1, 2))
compare("surrogate_test", surrogate_test(lines(re), lines(im), "label", control = 5,
  frequencies = c(2, 4), rate = 20, surrogates = 40, seed = 6))
compare("sequential_test", sequential_test(re[, a], im[, a], 5, 100, seed = 6))
compare("phase_scramble", phase_scramble(im[, 1], seed = 6))
compare("cluster_complex", cluster_test(im, 0.5, 50, im = re, control = 5,
  adjacency = near, seed = 4))

compare("dpss_tapers", dpss_tapers(16, 2, 3))
spectrum <- as.vector(im)[1:24]
compare("line_contrast", line_contrast(spectrum, exclude = c(5, 10), trim = 1,
  neighbours = 3))
compare("harmonic_response", harmonic_response(spectrum, c(8, 15), exclude = c(5, 10),
  trim = 1, neighbours = 3))
compare("trim_bias", trim_bias(c(0, 2), 8))
compare("thomson_lines", thomson_lines(spectrum, c(0.21, 0.3), 2, 3, 1, 1))
compare("snr_test", snr_test(8, 6, 3))
compare("freqtag_detectable", freqtag_detectable(c(10, 40), 0.01, 0.9))
compare("freqtag_expected", freqtag_expected(0.5, 20))
compare("tag_alias", tag_alias(c(3, 40), 50))
compare("scalloping", scalloping(0.3, 200))
compare("f_tail", f_tail(5000, 3, 38))
compare("f_noncentral", f_tail(4, 2, 38, 6))
compare("permutation_moments", permutation_moments(spectrum))

compare("block_spectra", block_spectra(input$trials, c(0, 1, 0, 1), 1, 4, coherence = 1))
blocks <- function(x) array(as.vector(x), c(3, 4, 12))
compare("freqtag_similarity", freqtag_similarity(blocks(re), blocks(im), rep(0:3, 3),
  layer = rep(0:1, each = 6), region = c(rep(0:1, 5), 0, -1),
  responds = c(rep(1, 10), 0, 1), top = 3, random = 9, seed = 5))
