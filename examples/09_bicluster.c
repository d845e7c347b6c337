/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which neurons share a trajectory: a posterior over partitions, checked against the
 * clusters that were planted. */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL, *result = NULL;
  nax_array *y = NULL;
  nax_bicluster *m = NULL;
  int64_t truth[24];
  double ari = 0.0;
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  nax_simulate_opts sim = NAX_SIMULATE_OPTS_INIT;
  sim.kind = NAX_SIMULATE_SPIKES;
  sim.units = 24;
  sim.trials = 0;
  sim.trial_length = 60.0;
  sim.rate = 50.0;
  sim.assemblies = 0;
  sim.clusters = 2;
  sim.latent_gain = 1.0;
  sim.firing_rate = 8.0;
  sim.seed = 3;
  nax_bin_opts bin = NAX_BIN_OPTS_INIT;
  bin.width = 0.25;
  if (nax_simulate(ctx, &sim, &d) != NAX_OK ||
      nax_spikes_bin(ctx, nax_dataset_spikes(d, "spikes"), &bin, NULL, &y) != NAX_OK) {
    goto done;
  }

  nax_view view = nax_array_view(y);
  nax_bicluster_opts opts = NAX_BICLUSTER_OPTS_INIT;
  opts.n_chains = 2;
  opts.n_sweeps = 120;
  opts.burn_in = 60;
  opts.max_states = 4;
  if (nax_bicluster_fit(ctx, &view, NULL, &opts, &m) != NAX_OK) {
    goto done;
  }
  const nax_table *neurons = nax_dataset_table(d, "neurons");
  const double *planted = nax_table_numbers(neurons, nax_table_find(neurons, "cluster"));
  for (int i = 0; i < 24; i++) {
    truth[i] = (int64_t)planted[i];
  }
  if (nax_stats_ari(ctx, 24, truth, nax_bicluster_clusters(m), &ari) != NAX_OK) {
    goto done;
  }
  printf(
      "%lld neurons x %lld bins: %lld clusters, agreement with the planted ones %.2f\n",
      (long long)nax_bicluster_n_neurons(m), (long long)nax_bicluster_n_bins(m),
      (long long)nax_bicluster_n_clusters(m), ari);
  printf("neurons 0 and 1 are together with probability %.1f\n",
         nax_bicluster_similarity(m)[1]);
  if (nax_bicluster_dataset(ctx, m, nax_array_axis(y, 0), nax_array_axis(y, 1),
                            &result) != NAX_OK) {
    goto done;
  }
  printf("the result has %d variables\n", (int)nax_dataset_n_vars(result));
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_dataset_free(result);
  nax_bicluster_free(m);
  nax_array_free(y);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return rc;
}
