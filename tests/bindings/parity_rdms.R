# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by parity.R: what parity_rdms.c wrote.
condition <- c(1, 2, 1, 2)
at <- c(0, 3, 6, 9)
compare("rdm_spikes", rdm_spikes(input$spikes, at, condition, stop = 2, start = 0.5,
  subtract_within = TRUE))
compare("rdm_edits", rdm_spikes(input$spikes, at, condition, stop = 1,
  measure = "victor-purpura", shift_cost = 20))
compare("connectome_select", connectome_select(input$dff, restarts = 1, rank_max = 2,
  folds = 2, seed = 6))
compare("rdm_time_by_time", rdm_time_by_time(input$trials, condition, bin = 8,
  measure = "crossnobis"))
compare("rdm_movie_file", rdm_movie(file("trials"), condition, bin = 5,
  measure = "crossnobis"))
compare("rdm_searchlight_file", rdm_searchlight(file("observations"), rep(1:6, 2),
  list(1:6, 7:12), measure = "crossnobis"))

compare("rsa_sessions", rsa(subjects, list(first = subjects[, , 1]),
  subject = c(1, 1, 2, 3), permutations = 50, seed = 9))
compare("rsa_clusters", rsa_clusters(as.matrix(input$patterns), 0.2, two_sided = 1,
  line = 4, permutations = 64, seed = 5))
x <- persistent_homology(input$weights)
y <- persistent_homology(2 * input$weights)
compare("diagram_sliced", diagram_sliced(x, y, 0, 20))
compare("diagram_kernel", diagram_kernel(x, y, 0, 0.3))

compare("similarity_matrix", similarity_matrix(list(input$patterns, input$weights),
  measure = "procrustes"))
compare("canonical_correlations", canonical_correlations(input$patterns, input$weights, 0.9))
compare("ridge_regression", ridge_regression(input$dff[4:12, ], input$dff[1:3, ],
  c(0.1, 1, 10)))
compare("encoding_ceiling", encoding_ceiling(aperm(unclass(input$trials), c(1, 3, 2)), 3))
compare("quality_file", unit_quality(file("trials")))
