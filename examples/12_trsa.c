/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring behind a population that is tuned to orientation: a loop in the geometry of
 * its responses, which shuffled distances do not have, and paths along it. */
#include <neuraxis.h>
#include <math.h>
#include <stdio.h>

enum { N = 24, CELLS = 40, PAIRS = N * (N - 1) / 2 };

int
main(void)
{
  double response[N][CELLS], d[PAIRS], path[PAIRS];
  nax_ctx *ctx = NULL;
  nax_rng *r = NULL;
  nax_ph *p = NULL;
  nax_table *null = NULL;
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  if (nax_rng_create(ctx, 1, 0, &r) != NAX_OK) {
    goto done;
  }
  for (int i = 0; i < N; i++) {
    for (int c = 0; c < CELLS; c++) {
      double angle = 6.283185307179586 * ((double)i / N - (double)c / CELLS);
      response[i][c] = exp(2.0 * (cos(angle) - 1.0)) + nax_rng_normal(r, 0.0, 0.05);
    }
  }
  for (int i = 0; i < N; i++) {
    for (int j = i + 1; j < N; j++) {
      double sum = 0.0;
      for (int c = 0; c < CELLS; c++) {
        double x = response[i][c] - response[j][c];
        sum += x * x;
      }
      d[nax_rdm_pair(N, i, j)] = sqrt(sum);
    }
  }

  nax_index n = 0, longest = 0;
  if (nax_ph_rips(ctx, N, d, NULL, &p) != NAX_OK) {
    goto done;
  }
  const double *bars = nax_ph_bars(p, 1, &n);
  for (nax_index i = 1; i < n; i++) {
    double length = bars[2 * i + 1] - bars[2 * i];
    longest = length > bars[2 * longest + 1] - bars[2 * longest] ? i : longest;
  }
  printf("the longest loop lasts from %.1f to %.1f\n", bars[2 * longest],
         bars[2 * longest + 1]);
  if (nax_ph_null(ctx, N, d, NULL, 99, 1, &null) != NAX_OK) {
    goto done;
  }
  printf("p = %.2f against shuffled distances\n",
         nax_table_numbers(null, nax_table_find(null, "longest_p"))[0]);

  /* Neighbours are linked: opposite orientations are half the ring apart. */
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  o.graph = NAX_TRSA_NEAREST;
  o.neighbours = 2;
  o.scale = NAX_TRSA_VALUES;
  if (nax_trsa_rgdm(ctx, N, 1, d, &o, path, NULL) != NAX_OK) {
    goto done;
  }
  printf("from 0 to 90 degrees: %.1f times the way to 45\n",
         path[nax_rdm_pair(N, 0, N / 2)] / path[nax_rdm_pair(N, 0, N / 4)]);
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_table_free(null);
  nax_ph_free(p);
  nax_rng_free(r);
  nax_ctx_free(ctx);
  return rc;
}
