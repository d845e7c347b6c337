/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording on disk: what is in it, one stretch of it without loading the rest, and its
 * spikes. Any format works; run it from the top of the source tree or name a file. */
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
  const char *path = argc > 1 ? argv[1] : "datasets/assemblies.nc";
  nax_source *s = NULL;
  nax_spikes *spikes = NULL;
  double *block = NULL;
  int rc = 1;

  if (nax_source_open(NULL, path, NULL, &s) != NAX_OK) {
    goto done;
  }
  for (int32_t i = 0; i < nax_source_n_vars(s); i++) {
    const nax_var_info *v = nax_source_var(s, i);
    if (v->kind == NAX_VAR_ARRAY) {
      printf("%s:", v->name);
      for (int32_t k = 0; k < v->ndim; k++) {
        printf(" %s %lld", nax_axis_name(v->axis[k]), (long long)v->dim[k]);
      }
      printf("\n");
    }
  }

  /* Ten seconds of all neurons, read straight into our own memory. */
  int32_t dff = nax_source_find(s, "dff");
  if (dff < 0) {
    fprintf(stderr, "%s has no dff\n", path);
    goto done;
  }
  const nax_var_info *v = nax_source_var(s, dff);
  nax_index from = nax_axis_lower_bound(v->axis[1], 10.0);
  nax_index to = nax_axis_lower_bound(v->axis[1], 20.0);
  const nax_index start[2] = {0, from}, count[2] = {v->dim[0], to - from};
  nax_index n = count[0] * count[1];
  block = malloc((size_t)n * sizeof *block);
  if (block == NULL ||
      nax_source_read(NULL, s, dff, start, count, NAX_F64, block, n) != NAX_OK) {
    goto done;
  }
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    sum += block[i];
  }
  printf("mean dF/F from 10 s to 20 s: %.2f\n", sum / (double)n);

  if (nax_source_load_spikes(NULL, s, nax_source_find(s, "spikes"), &spikes) != NAX_OK) {
    goto done;
  }
  printf("%lld spikes of %lld neurons\n", (long long)nax_spikes_n_spikes(spikes),
         (long long)nax_spikes_n_units(spikes));
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
  }
  nax_spikes_free(spikes);
  free(block);
  nax_source_close(s);
  return rc;
}
