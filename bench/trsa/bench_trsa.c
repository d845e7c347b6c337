/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times one job on a matrix of pairs (.npy, a vector): prints seconds and a check value.
 *   bench_trsa ph MAXDIM FILE       persistent homology; check: sum over bars of length
 *   bench_trsa geodesic SHARE FILE  one graph of the shortest SHARE of the pairs
 *   bench_trsa sweep LOWER FILE     geodesics for 20 upper thresholds in one pass
 * The best of REPEAT runs counts. */
#include <neuraxis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEAT = 3, UPPERS = 20 };

static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    exit(1);
  }
}

/* Processor seconds: a busy machine does not count. */
static double
now(void)
{
  return (double)clock() / CLOCKS_PER_SEC;
}

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
homology(nax_index n, const double *d, double max_dim)
{
  nax_ph_opts o = NAX_PH_OPTS_INIT;
  nax_ph *p;
  double sum = 0.0;
  o.max_dim = (int64_t)max_dim;
  must(nax_ph_rips(NULL, n, d, &o, &p));
  for (int64_t dim = 0; dim <= o.max_dim; dim++) {
    nax_index k;
    const double *bars = nax_ph_bars(p, dim, &k);
    for (nax_index i = 0; i < k; i++) {
      double length = bars[2 * i + 1] - bars[2 * i];
      sum += isinf(length) ? 0.0 : length;
    }
  }
  nax_ph_free(p);
  return sum;
}

static double
total(nax_index m, const double *x)
{
  double sum = 0.0;
  for (nax_index i = 0; i < m; i++) {
    sum += isinf(x[i]) ? 0.0 : x[i];
  }
  return sum;
}

int
main(int argc, char **argv)
{
  if (argc != 4) {
    fprintf(stderr, "usage: bench_trsa ph|geodesic|sweep NUMBER FILE\n");
    return 2;
  }
  nax_dataset *set;
  must(nax_dataset_load(NULL, argv[3], NULL, &set));
  const nax_array *a = nax_dataset_array(set, nax_dataset_var_name(set, 0));
  const double *d = nax_array_data(a);
  nax_index m = nax_array_size(a),
            n = (nax_index)((1.0 + sqrt(1.0 + 8.0 * (double)m)) / 2.0);
  double parameter = atof(argv[2]), best = 1e300, value = 0.0, upper[UPPERS];
  double *sorted = malloc((size_t)m * sizeof *sorted);
  double *out = malloc((size_t)(UPPERS * m) * sizeof *out);
  if (sorted == NULL || out == NULL) {
    return 1;
  }
  memcpy(sorted, d, (size_t)m * sizeof *sorted);
  qsort(sorted, (size_t)m, sizeof *sorted, ascending);
  double lower = parameter > 0.0 ? sorted[(nax_index)(parameter * (double)m)] : 0.0;
  for (int u = 0; u < UPPERS; u++) {
    upper[u] = sorted[(nax_index)((double)(m - 1) *
                                  (parameter + (1.0 - parameter) * (u + 1) / UPPERS))];
  }
  for (int r = 0; r < REPEAT; r++) {
    double from = now();
    if (strcmp(argv[1], "ph") == 0) {
      value = homology(n, d, parameter);
    } else if (strcmp(argv[1], "geodesic") == 0) {
      nax_index last = (nax_index)((double)(m - 1) * parameter);
      for (nax_index i = 0; i < m; i++) {
        out[i] = d[i] <= sorted[last] ? d[i] : (double)INFINITY;
      }
      must(nax_trsa_geodesics(NULL, n, out, out));
      value = total(m, out);
    } else {
      must(nax_trsa_geodesic_sweep(NULL, n, d, lower, UPPERS, upper, out));
      value = total(m, out + (UPPERS / 2) * m);
    }
    double took = now() - from;
    best = took < best ? took : best;
  }
  printf("%.6f\t%.10g\n", best, value);
  nax_dataset_free(set);
  free(sorted);
  free(out);
  return 0;
}
