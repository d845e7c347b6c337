/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What neurons and behaviour share: latents of spikes and pictures whose truth is known,
 * and behaviour told from the neurons alone. */
#include <neuraxis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { UNITS = 40, TRIALS = 40, SIDE = 12, RATE = 30, BINS = 30, GAP = 6 };

/* Squared correlation of a latent (of q) with a truth (of m) over all trials. */
static double
agreement(const nax_gpvae_posterior *p, nax_index q, nax_index latent,
          const double *truth, nax_index m, nax_index row)
{
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
  for (nax_index k = 0; k < TRIALS; k++) {
    const double *mean = nax_gpvae_posterior_mean(p, k);
    for (nax_index j = 0; j < BINS; j++) {
      double a = mean[latent + q * j];
      double b = truth[row + m * (GAP + k * (BINS + GAP) + j)];
      n += 1.0;
      x += a;
      y += b;
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
  }
  xy -= x * y / n;
  return xy * xy / ((xx - x * x / n) * (yy - y * y / n));
}

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL;
  nax_array *counts = NULL;
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *both = NULL, *neural = NULL;
  nax_view spikes[TRIALS], frames[TRIALS];
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  nax_simulate_opts world = NAX_SIMULATE_OPTS_INIT;
  world.seed = 4;
  world.kind = NAX_SIMULATE_SPIKES;
  world.units = UNITS;
  world.trials = TRIALS;
  world.trial_length = (double)BINS / RATE;
  world.gap = (double)GAP / RATE;
  world.rate = RATE;
  world.firing_rate = 30.0;
  world.assemblies = 0;
  world.latents = 2; /* the first turns the pictures, the second is the neurons' own */
  world.latent_gain = 0.8;
  world.timescale = 1.0 / 3.0;
  world.images = SIDE;
  nax_bin_opts bins = NAX_BIN_OPTS_INIT;
  bins.width = 1.0 / RATE;
  bins.t_start = 0.0;
  if (nax_simulate(ctx, &world, &d) != NAX_OK ||
      nax_spikes_bin(ctx, nax_dataset_spikes(d, "spikes"), &bins, NULL, &counts) !=
          NAX_OK) {
    goto done;
  }
  const double *y = nax_array_f64(counts);
  const float *x = nax_array_data(nax_dataset_array(d, "images"));
  for (nax_index k = 0; k < TRIALS; k++) {
    nax_index at = GAP + k * (BINS + GAP);
    spikes[k] = nax_view_f64(y + at * UNITS, 2, (nax_index[]){UNITS, BINS});
    frames[k] = nax_view_f32(x + at * SIDE * SIDE, 2, (nax_index[]){SIDE * SIDE, BINS});
  }

  nax_gpvae_trials trials = {TRIALS, spikes, frames};
  nax_gpvae_opts opts = NAX_GPVAE_OPTS_INIT;
  opts.bin = 1.0 / RATE;
  opts.neural_layers = "30";
  opts.behaviour_layers = "48,24";
  opts.batch = 8;
  opts.epochs = 15;
  opts.share_epochs = 8;
  opts.rate_behaviour = 3e-3;
  if (nax_gpvae_fit(ctx, &trials, &opts, &m) != NAX_OK ||
      nax_gpvae_infer(ctx, m, &trials, &both) != NAX_OK) {
    goto done;
  }
  const double *latent = nax_array_f64(nax_dataset_array(d, "truth_latents"));
  const double *own = nax_array_f64(nax_dataset_array(d, "truth_image_latent"));
  nax_gpvae_params par = nax_gpvae_get(m);
  nax_index q = par.n_neural + par.n_shared + par.n_behaviour;
  printf("neural-only latent found: %s\n",
         agreement(both, q, 0, latent, 2, 1) > 0.7 ? "yes" : "no");
  printf("shared latent found: %s\n",
         agreement(both, q, 1, latent, 2, 0) > 0.8 ? "yes" : "no");
  printf("behaviour-only latent found: %s\n",
         agreement(both, q, 2, own, 1, 0) > 0.5 ? "yes" : "no");
  printf("behaviour depends on the shared direction %s\n",
         par.relevance[1] > 2.0 * par.relevance[0] ? "far more" : "hardly more");

  /* from the spikes alone: the shared latent is told, behaviour's own is not */
  trials.behaviour = NULL;
  if (nax_gpvae_infer(ctx, m, &trials, &neural) != NAX_OK) {
    goto done;
  }
  const double *sd = nax_gpvae_posterior_sd(neural, 0);
  printf("without behaviour its own latent is as uncertain as before: %s\n",
         sd[2] > 0.9 ? "yes" : "no");
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_gpvae_posterior_free(both);
  nax_gpvae_posterior_free(neural);
  nax_gpvae_free(m);
  nax_array_free(counts);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return rc;
}
