/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which channels follow a rhythm of the stimulus: a simulated recording of 20 channels,
 * of which five follow 2 Hz in the trials of one condition and none in those of the
 * other. */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL;
  nax_freqtag *f = NULL;
  nax_simulate_opts sim = NAX_SIMULATE_OPTS_INIT;
  double start[2][30];
  nax_index n[2] = {0, 0}, right = 0;
  int rc = 1;

  sim.kind = NAX_SIMULATE_FIELD;
  sim.seed = 4;
  sim.units = 20;
  sim.trials = 60;
  sim.trial_length = 4.0;
  sim.rate = 100.0;
  sim.assemblies = 0;
  sim.conditions = 2;
  sim.pattern_gain = 0.0;
  sim.tags = "2";
  sim.tag_share = 0.25;
  sim.tag_depth = 1.0;
  sim.tag_conditions = 1;
  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  if (nax_simulate(ctx, &sim, &d) != NAX_OK) {
    goto done;
  }

  /* trials of both conditions begin where the table says */
  const nax_table *t = nax_dataset_table(d, "trials");
  const double *at = nax_table_numbers(t, nax_table_find(t, "start_time"));
  const double *condition = nax_table_numbers(t, nax_table_find(t, "condition"));
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    int c = condition[i] > 0.5;
    start[c][n[c]++] = at[i];
  }

  nax_freqtag_opts opts = NAX_FREQTAG_OPTS_INIT;
  nax_freqtag_events events = {
      .n = n[0], .start = start[0], .n_control = n[1], .control = start[1]};
  opts.tags = "2";
  opts.window = 4.0;
  opts.q = 0.01;
  if (nax_freqtag_fit(ctx, nax_dataset_array(d, "field"), NULL, &events, &opts, &f) !=
      NAX_OK) {
    goto done;
  }
  const double *truth = nax_array_f64(nax_dataset_array(d, "truth_tag_depth"));
  for (nax_index u = 0; u < nax_freqtag_n_units(f); u++) {
    right += nax_freqtag_is_tagged(f, u, 0) == (truth[u] > 0.0);
  }
  printf("%lld trials against %lld: %lld of %lld channels follow 2 Hz, %lld are judged "
         "rightly\n",
         (long long)nax_freqtag_n_trials(f, 0), (long long)nax_freqtag_n_trials(f, 1),
         (long long)nax_freqtag_n_tagged(f, 0), (long long)nax_freqtag_n_units(f),
         (long long)right);
  rc = 0;

done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_freqtag_free(f);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return rc;
}
