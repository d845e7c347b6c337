/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times a fit from given parameters: prints CPU seconds and log likelihood after each
 * iteration, tab-separated, as the peers' script does. usage: bench_gpfa DATA.npz
 * em|lbfgs|em+lbfgs ITERATIONS KERNEL-STEPS THREADS. DATA.npz holds Y (neurons x bins of
 * all trials), T (bins of each trial), C0, d0, R0, gamma0 (per latent) and bin. */
#include <neuraxis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static nax_ctx *ctx;
static clock_t begin;

static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "bench_gpfa: %s\n", nax_ctx_error(ctx));
    exit(1);
  }
}

static const nax_array *
get(const nax_dataset *d, const char *name)
{
  const nax_array *a = nax_dataset_array(d, name);
  if (a == NULL || nax_array_dtype(a) != NAX_F64) {
    fprintf(stderr, "bench_gpfa: the data have no float64 `%s`\n", name);
    exit(1);
  }
  return a;
}

static int
print_iteration(const nax_progress *p, void *user)
{
  int64_t *last = user;
  if (p->iter > 0 && p->iter != *last && strcmp(p->stage, "gpfa/fit") == 0) {
    printf("%.6f\t%.12g\n", (double)(clock() - begin) / CLOCKS_PER_SEC, p->objective);
    *last = p->iter;
  }
  return 0;
}

int
main(int argc, char **argv)
{
  if (argc != 6) {
    fprintf(stderr,
            "usage: bench_gpfa DATA.npz em|lbfgs|em+lbfgs ITERATIONS KERNEL-STEPS "
            "THREADS\n");
    return 2;
  }
  nax_dataset *d = NULL;
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m = NULL;
  double tau[64], noise[64];
  must(nax_ctx_create(&ctx));
  must(nax_ctx_set_threads(ctx, atoi(argv[5])));
  must(nax_dataset_load(ctx, argv[1], NULL, &d));
  const nax_array *y = get(d, "Y"), *t = get(d, "T"), *c = get(d, "C0");
  nax_index n = nax_array_dim(y, 0), q = nax_array_dim(c, 1);
  nax_index n_trials = nax_array_dim(t, 0);
  const double *gamma = nax_array_data(get(d, "gamma0")), *length = nax_array_data(t);
  nax_view *trials = malloc((size_t)n_trials * sizeof *trials);
  if (trials == NULL || q > 64) {
    fprintf(stderr, "bench_gpfa: too much\n");
    return 1;
  }
  for (nax_index k = 0, at = 0; k < n_trials; k++) {
    trials[k] = nax_view_f64((const double *)nax_array_data(y) + at * n, 2,
                             (nax_index[]){n, (nax_index)length[k]});
    at += (nax_index)length[k];
  }
  for (nax_index l = 0; l < q; l++) {
    tau[l] = o.bin / sqrt(gamma[l]);
    noise[l] = 1e-3;
  }
  nax_gpfa_params start = {sizeof start,
                           n,
                           q,
                           nax_array_data(c),
                           nax_array_data(get(d, "d0")),
                           nax_array_data(get(d, "R0")),
                           tau,
                           noise};
  must(nax_options_set(ctx, nax_options_table("gpfa"), &o, "optimiser", argv[2]));
  o.max_iter = atoi(argv[3]);
  o.kernel_steps = atoi(argv[4]);
  o.tol = 0.0;
  int64_t last = 0;
  nax_ctx_set_progress(ctx, print_iteration, &last, 0.0);
  begin = clock();
  must(nax_gpfa_fit(ctx, n_trials, trials, &start, &o, &m));
  fprintf(stderr, "%.6f CPU seconds in all\n",
          (double)(clock() - begin) / CLOCKS_PER_SEC);
  nax_gpfa_free(m);
  free(trials);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return 0;
}
