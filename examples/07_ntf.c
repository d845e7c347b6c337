/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of neurons that act together: how many, which neurons, how sure. The recording
 * is simulated with four groups (datasets/assemblies.nc). */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_dataset *d = NULL, *result = NULL;
  nax_array *x = NULL, *loadings = NULL;
  nax_ntf *m = NULL;
  nax_table *ranks = NULL, *chance = NULL;
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  if (nax_dataset_load(ctx, "datasets/assemblies.nc", NULL, &d) != NAX_OK ||
      nax_array_map(ctx, nax_dataset_array(d, nax_dataset_main(d)), NAX_MAP_RECTIFY,
                    &x) != NAX_OK) {
    goto done;
  }

  nax_view view = nax_array_view(x);
  nax_ntf_opts opts = NAX_NTF_OPTS_INIT;
  nax_ntf_select_opts select = NAX_NTF_SELECT_OPTS_INIT;
  nax_ntf_selection found;
  size_t bytes = 0;
  opts.n_restarts = 5;
  select.rank_max = 6;
  select.block = 30; /* one second: neighbours in time know too much of each other */
  if (nax_ntf_select(ctx, &view, &opts, &select, &ranks, &found) != NAX_OK) {
    goto done;
  }
  char text[200];
  nax_ntf_selection_text(&found, text, sizeof text);
  printf("of %lld ranks: %s\n", (long long)nax_table_n_rows(ranks), text);

  opts.rank = 4;
  if (nax_ntf_memory(ctx, &view, &opts, 0, &bytes) != NAX_OK ||
      nax_ntf_fit(ctx, &view, NULL, &opts, &m) != NAX_OK) {
    goto done;
  }
  double e = nax_ntf_error(m);
  printf("%lld components over %d modes explain %.0f %%%s\n", (long long)nax_ntf_rank(m),
         (int)nax_ntf_n_modes(m), 100.0 * (1.0 - e * e),
         nax_ntf_stop(m) == NAX_STOP_TOL ? "" : ", not converged");
  for (int64_t r = 0; r < nax_ntf_rank(m); r++) {
    const double *f = nax_ntf_factor(m, 0) + r * nax_ntf_dim(m, 0);
    nax_index best = 0;
    for (nax_index i = 0; i < nax_ntf_dim(m, 0); i++) {
      best = f[i] > f[best] ? i : best;
    }
    printf("component %lld: largest in neuron %lld\n", (long long)r, (long long)best);
  }

  /* More than chance? The same fit of traces that are shifted against each other. */
  nax_ntf_null_opts null = NAX_NTF_NULL_OPTS_INIT;
  null.n_draws = 19;
  if (nax_ntf_null(ctx, &view, m, &null, &chance) != NAX_OK) {
    goto done;
  }
  const double *p = nax_table_numbers(chance, nax_table_find(chance, "p"));
  int n_groups = 0;
  for (int64_t r = 0; r < nax_ntf_rank(m); r++) {
    n_groups += p[r] <= 0.05;
  }
  printf("%d of them have more in common in time than chance allows\n", n_groups);

  /* New time bins (here the first hundred again) on the same groups. */
  nax_view bins;
  if (nax_view_slice(ctx, &view, 1, 0, 100, 1, &bins) != NAX_OK ||
      nax_ntf_project(ctx, m, &bins, 1, &loadings) != NAX_OK) {
    goto done;
  }
  printf("loadings of new bins: %lld x %lld\n", (long long)nax_array_dim(loadings, 0),
         (long long)nax_array_dim(loadings, 1));

  const nax_axis *axes[2] = {nax_array_axis(x, 0), nax_array_axis(x, 1)};
  if (nax_ntf_dataset(ctx, m, axes, &result) != NAX_OK) {
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
  nax_table_free(chance);
  nax_array_free(loadings);
  nax_table_free(ranks);
  nax_ntf_free(m);
  nax_array_free(x);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
  return rc;
}
