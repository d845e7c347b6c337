/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of the multi-modal model on one recording, for run.sh.
 *   bench_gpvae epoch FRAMES.npy COUNTS.npy BATCH   CPU seconds per epoch, networks and
 *                                                   encoder over time as published
 *   bench_gpvae bound FRAMES.npy COUNTS.npy TRAIN EPOCHS...
 *                                                   CPU seconds, bound of the trials
 *                                                   after the first TRAIN, defaults
 * The arrays are rows x time x trial; one thread. */
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static nax_array *
load(const char *path)
{
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  nax_array *a = NULL;
  if (nax_dataset_load(NULL, path, &o, &d) != NAX_OK ||
      nax_array_copy(NULL, nax_dataset_array(d, nax_dataset_var_name(d, 0)), &a) !=
          NAX_OK ||
      nax_array_ndim(a) != 3) {
    fprintf(stderr, "%s: %s\n", path, nax_ctx_error(NULL));
    exit(1);
  }
  nax_dataset_free(d);
  return a;
}

static nax_view *
cut(const nax_array *a)
{
  nax_view whole = nax_array_view(a);
  nax_view *v = calloc((size_t)whole.dim[2], sizeof *v);
  for (nax_index k = 0; v != NULL && k < whole.dim[2]; k++) {
    nax_index at = k * whole.dim[0] * whole.dim[1];
    v[k] = whole.dtype == NAX_F32
               ? nax_view_f32((const float *)whole.data + at, 2, whole.dim)
               : nax_view_f64((const double *)whole.data + at, 2, whole.dim);
  }
  return v;
}

static double
cpu(void)
{
  return (double)clock() / CLOCKS_PER_SEC;
}

static double
fit(const nax_gpvae_trials *t, const nax_gpvae_opts *o, nax_gpvae **m)
{
  double start = cpu();
  if (nax_gpvae_fit(NULL, t, o, m) != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    exit(1);
  }
  return cpu() - start;
}

static void
time_epochs(const nax_gpvae_trials *t, int64_t batch)
{
  nax_gpvae_opts o = NAX_GPVAE_OPTS_INIT;
  nax_gpvae *m = NULL;
  double seconds[2];
  o.neural_layers = "80,40,20";
  o.behaviour_layers = "784,512,256,256";
  o.decoder_layers = "256,256,512,784";
  o.encoder = NAX_GPVAE_FOURIER;
  o.start = NAX_GPVAE_RANDOM;
  o.alone_every = 0;
  o.components = 0;
  o.rate_behaviour = 1.6e-4;
  o.hold_out = 0.0;
  o.batch = batch;
  for (int i = 0; i < 2; i++) { /* what is not an epoch cancels */
    o.epochs = i == 0 ? 1 : 4;
    seconds[i] = fit(t, &o, &m);
    nax_gpvae_free(m);
  }
  printf("neuraxis\t%.3f\n", (seconds[1] - seconds[0]) / 3.0);
}

static void
time_bound(const nax_gpvae_trials *t, nax_index train, int64_t epochs)
{
  nax_gpvae_opts o = NAX_GPVAE_OPTS_INIT;
  nax_gpvae_trials first = *t, rest = *t;
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *p = NULL;
  double bound = 0.0;
  first.n_trials = train;
  rest.n_trials = t->n_trials - train;
  rest.neural += train;
  rest.behaviour += train;
  o.hold_out = 0.1;
  o.epochs = epochs;
  double seconds = fit(&first, &o, &m);
  if (nax_gpvae_infer(NULL, m, &rest, &p) != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    exit(1);
  }
  for (nax_index k = 0; k < rest.n_trials; k++) {
    bound += nax_gpvae_posterior_bound(p, k) / (double)rest.n_trials;
  }
  printf("neuraxis\t%lld\t%.2f\t%.1f\n", (long long)epochs, seconds, bound);
  nax_gpvae_posterior_free(p);
  nax_gpvae_free(m);
}

int
main(int argc, char **argv)
{
  if (argc < 5) {
    fprintf(stderr,
            "usage: bench_gpvae epoch|bound FRAMES COUNTS BATCH|TRAIN EPOCHS...\n");
    return 2;
  }
  nax_array *frames = load(argv[2]), *counts = load(argv[3]);
  nax_view *x = cut(frames), *y = cut(counts);
  nax_gpvae_trials t = {nax_array_dim(frames, 2), y, x};
  if (x == NULL || y == NULL || nax_array_dim(counts, 2) != t.n_trials) {
    fprintf(stderr, "frames and counts differ in trials\n");
    return 1;
  }
  if (strcmp(argv[1], "epoch") == 0) {
    time_epochs(&t, atoll(argv[4]));
  }
  for (int i = 5; i < argc && strcmp(argv[1], "bound") == 0; i++) {
    time_bound(&t, atoll(argv[4]), atoll(argv[i]));
  }
  free(x);
  free(y);
  nax_array_free(frames);
  nax_array_free(counts);
  return 0;
}
