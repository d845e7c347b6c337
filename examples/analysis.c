/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One analysis in four languages (analysis.c, .sh, .R and .m print the same): load a
 * recording, prepare it, factorise it, draw it, save it. This one is for C. */
#define _POSIX_C_SOURCE 200809L
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Every step of a small program ends it when it fails. */
static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    exit(1);
  }
}

int
main(void)
{
  nax_dataset *recording, *result;
  nax_array *smooth, *x;
  nax_ntf *fit;
  nax_signal_smooth_opts width = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  nax_ntf_opts opts = NAX_NTF_OPTS_INIT;
  nax_report_opts page = NAX_REPORT_OPTS_INIT;
  nax_save_opts save = NAX_SAVE_OPTS_INIT;
  char dir[] = "/tmp/same.XXXXXX", html[64], nc[64];

  must(nax_dataset_load(NULL, "datasets/assemblies.nc", NULL, &recording));
  width.width = 0.1;
  must(nax_signal_smooth(NULL, nax_dataset_array(recording, "dff"), &width, &smooth));
  must(nax_array_map(NULL, smooth, NAX_MAP_RECTIFY, &x));

  nax_view view = nax_array_view(x);
  opts.rank = 4;
  opts.n_restarts = 5;
  opts.seed = 1;
  must(nax_ntf_fit(NULL, &view, NULL, &opts, &fit));
  const nax_axis *axes[] = {nax_array_axis(x, 0), nax_array_axis(x, 1)};
  if (mkdtemp(dir) == NULL) {
    perror(dir);
    return 1;
  }
  snprintf(html, sizeof html, "%s/factors.html", dir);
  snprintf(nc, sizeof nc, "%s/factors.nc", dir);
  must(nax_report_ntf(NULL, fit, axes, NULL, &page, html));
  must(nax_ntf_dataset(NULL, fit, axes, &result));
  must(nax_dataset_save(NULL, result, nc, &save));

  printf("error %.4f\n", nax_ntf_error(fit));
  for (int64_t r = 0; r < nax_ntf_rank(fit); r++) {
    const double *f = nax_ntf_factor(fit, 0) + r * nax_ntf_dim(fit, 0);
    nax_index best = 0;
    for (nax_index i = 1; i < nax_ntf_dim(fit, 0); i++) {
      best = f[i] > f[best] ? i : best;
    }
    printf("component %lld: largest in neuron %lld\n", (long long)r + 1,
           (long long)best + 1);
  }
  remove(html);
  remove(nc);
  rmdir(dir);
  nax_dataset_free(result);
  nax_ntf_free(fit);
  nax_array_free(x);
  nax_array_free(smooth);
  nax_dataset_free(recording);
  return 0;
}
