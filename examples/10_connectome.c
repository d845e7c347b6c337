/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which neurons change together, when, and in which animal: groups that are others in
 * each of two epochs, simulated in four animals and found again. */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL;
  nax_array *u = NULL;
  nax_connectome *m = NULL;
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  nax_simulate_opts sim = NAX_SIMULATE_OPTS_INIT;
  sim.seed = 1;
  sim.units = 30;
  sim.trials = 0;
  sim.animals = 4;
  sim.rate = 4.0;
  sim.trial_length = 200.0;
  sim.assemblies = 4;
  sim.epochs = 2;
  sim.member_share = 0.3;
  sim.event_rate = 0.3;
  sim.event_length = 3.0;
  sim.event_gain = 30.0;
  nax_connectome_opts opts = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts fit = NAX_NTF_OPTS_INIT;
  opts.n_searches = 2;
  opts.n_samples = 0;
  fit.rank = 3;
  fit.n_restarts = 3;
  if (nax_simulate(ctx, &sim, &d) != NAX_OK ||
      nax_connectome_derivatives(ctx, nax_dataset_array(d, "dff"), &opts, &u) != NAX_OK ||
      nax_connectome_fit(ctx, u, &opts, &fit, &m) != NAX_OK) {
    goto done;
  }
  nax_index n = nax_connectome_n_neurons(m), n_time = nax_connectome_n_time(m);
  printf("%lld motifs of %lld neurons, %lld time bins, %lld animals\n",
         (long long)nax_connectome_rank(m), (long long)n, (long long)n_time,
         (long long)nax_connectome_n_animals(m));

  /* The motif that is in force most of the time in each epoch is not the same. */
  const nax_index *state = nax_connectome_state(m);
  nax_index most[2] = {0, 0};
  for (int epoch = 0; epoch < 2; epoch++) {
    nax_index count[3] = {0, 0, 0};
    for (nax_index t = epoch * n_time / 2; t < (epoch + 1) * n_time / 2; t++) {
      if (state[t] >= 0) {
        count[state[t]]++;
      }
    }
    for (nax_index r = 0; r < 3; r++) {
      most[epoch] = count[r] > count[most[epoch]] ? r : most[epoch];
    }
  }
  printf("the epochs have %s\n", most[0] != most[1] ? "motifs of their own" : "the same");
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_connectome_free(m);
  nax_array_free(u);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return rc;
}
