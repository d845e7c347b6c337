/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smooth trajectories behind the spikes of a population, in trials of unequal length. The
 * recording is simulated with two latents. */
#include <neuraxis.h>
#include <stdio.h>

enum { MAX_TRIALS = 64, Q = 2 };

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL, *result = NULL;
  nax_array *counts = NULL;
  nax_gpfa *m = NULL;
  nax_gpfa_posterior *p = NULL;
  nax_view trials[MAX_TRIALS];
  nax_index length[MAX_TRIALS], n_trials = 0;
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  nax_simulate_opts sim = NAX_SIMULATE_OPTS_INIT;
  sim.kind = NAX_SIMULATE_SPIKES;
  sim.units = 20;
  sim.trials = 16;
  sim.trial_length = 0.8;
  sim.trial_jitter = 0.4;
  sim.assemblies = 0;
  sim.latents = Q;
  sim.latent_gain = 0.7;
  sim.firing_rate = 20.0;
  sim.seed = 1;
  if (nax_simulate(ctx, &sim, &d) != NAX_OK) {
    goto done;
  }

  /* Counts in bins of 40 ms from the start of each trial, padded with NaN. */
  const nax_table *t = nax_dataset_table(d, "trials");
  const double *start = nax_table_numbers(t, nax_table_find(t, "start_time"));
  const double *stop = nax_table_numbers(t, nax_table_find(t, "stop_time"));
  n_trials = nax_table_n_rows(t);
  if (nax_signal_cut_spikes(ctx, nax_dataset_spikes(d, "spikes"), n_trials, start, stop,
                            0.04, length, &counts) != NAX_OK) {
    goto done;
  }
  const double *data = nax_array_data(counts);
  nax_index n = nax_array_dim(counts, 0), longest = nax_array_dim(counts, 1);
  nax_index shortest = longest;
  for (nax_index k = 0; k < n_trials; k++) {
    trials[k] = nax_view_f64(data + k * n * longest, 2, (nax_index[]){n, length[k]});
    shortest = length[k] < shortest ? length[k] : shortest;
  }
  printf("%lld trials of %lld to %lld bins\n", (long long)n_trials, (long long)shortest,
         (long long)longest);

  /* How many latents: each neuron of a held-out trial is predicted from the others. */
  nax_gpfa_opts opts = NAX_GPFA_OPTS_INIT;
  nax_gpfa_select_opts select = NAX_GPFA_SELECT_OPTS_INIT;
  nax_gpfa_selection found;
  opts.bin = 0.04;
  opts.root = 1; /* square roots of the counts */
  opts.max_iter = 40;
  select.latents_max = 4;
  if (nax_gpfa_select(ctx, n_trials, trials, &opts, &select, NULL, &found) != NAX_OK) {
    goto done;
  }
  printf("cross-validation asks for %lld latents\n", (long long)found.latents);

  size_t bytes = 0;
  double share[Q];
  opts.n_latents = Q;
  if (nax_gpfa_memory(ctx, n, n_trials, length, 0, &opts, &bytes) != NAX_OK ||
      nax_gpfa_fit(ctx, n_trials, trials, NULL, &opts, &m) != NAX_OK ||
      nax_gpfa_explained(ctx, m, n_trials, trials, share) != NAX_OK ||
      nax_gpfa_infer(ctx, m, n_trials, trials, NULL, &p) != NAX_OK) {
    goto done;
  }
  printf("the larger of two latents explains %.0f %%, both %.0f %%\n", 100.0 * share[0],
         100.0 * (share[0] + share[1]));

  nax_trial_labels labels = {nax_array_axis(counts, 0), NULL, 0.0};
  if (nax_gpfa_dataset(ctx, m, p, &labels, share, &result) != NAX_OK) {
    goto done;
  }
  printf("the result has %d members, first %s\n", (int)nax_dataset_n_vars(result),
         nax_dataset_var_name(result, 0));
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_dataset_free(result);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  nax_array_free(counts);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return rc;
}
