/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU time of the permutation null of the published rule: 200 samples, 1000 permutations,
 * one sentence and one phrase rate. usage: bench_hftp UNITS */
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int
main(int argc, char **argv)
{
  nax_index units = argc > 1 ? atoll(argv[1]) : 20000, n = units * 200;
  double *x = calloc((size_t)n, sizeof *x);
  nax_freqtag_hftp *h = NULL;
  uint64_t state = 1;
  if (x == NULL) {
    return 1;
  }
  for (nax_index i = 0; i < n; i++) {
    double s = 0.0;
    for (int k = 0; k < 4; k++) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      s += (double)(state >> 11) * 0x1p-53 - 0.5;
    }
    x[i] = s;
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){units, 200, 1});
  nax_index phrase = 100;
  clock_t t = clock();
  if (nax_freqtag_hftp_published(NULL, &v, &v, 50, 1, &phrase, 1000, NULL, 1, &h) !=
      NAX_OK) {
    fprintf(stderr, "bench_hftp: %s\n", nax_ctx_error(NULL));
    return 1;
  }
  double seconds = (double)(clock() - t) / CLOCKS_PER_SEC, pass = 0.0;
  for (nax_index u = 0; u < units; u++) {
    pass += h->passed[u] & 1;
  }
  printf("neuraxis\t%.4f\n", 1e3 * seconds / (double)units);
  printf("# %.2f %% of units of noise pass the sentence screen\n",
         100.0 * pass / (double)units);
  nax_freqtag_hftp_free(h);
  free(x);
  return 0;
}
