/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the time of a sweep of nax_ntf_fit grows with rank, size and threads: wall time of
 * a fit of many sweeps less that of a fit of few, so that what comes once is left out.
 * `relative` is against the first line of its kind, `proportional` what that would be
 * were the time proportional to rank and size and to one over the threads: with few
 * components reading the tensor is the limit, and the rank costs less than that. usage:
 * bench_scaling [THREADS [REPEATS]] */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static nax_ctx *ctx;

static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "bench_scaling: %s\n", nax_ctx_error(ctx));
    exit(1);
  }
}

static double
seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double
fit(const nax_array *x, int64_t rank, int64_t sweeps)
{
  nax_view v = nax_array_view(x);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = rank;
  o.n_restarts = 1;
  o.max_iter = sweeps;
  o.tol = 0.0;
  double t = seconds();
  must(nax_ntf_fit(ctx, &v, NULL, &o, &m));
  t = seconds() - t;
  nax_ntf_free(m);
  return t;
}

/* Milliseconds of a sweep, the least of several. */
static double
sweep(nax_index length, nax_dtype dtype, int64_t rank, int threads, int repeats)
{
  enum { FEW = 2, MANY = 14 };
  nax_array *x = NULL;
  uint64_t s = 1;
  double least = HUGE_VAL;
  must(nax_array_create_dims(ctx, dtype, 3,
                             (const char *const[]){"neuron", "time", "trial"},
                             (nax_index[]){200, 200, length}, "1", &x));
  void *data = nax_array_data_mut(x);
  for (nax_index i = 0; i < nax_array_size(x); i++) {
    s = s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    double u = (double)(s >> 40) * 0x1p-24;
    if (dtype == NAX_F32) {
      ((float *)data)[i] = (float)u;
    } else {
      ((double *)data)[i] = u;
    }
  }
  must(nax_ctx_set_threads(ctx, threads));
  for (int k = 0; k < repeats; k++) {
    double t = 1e3 * (fit(x, rank, MANY) - fit(x, rank, FEW)) / (MANY - FEW);
    least = t < least ? t : least;
  }
  nax_array_free(x);
  return least;
}

int
main(int argc, char **argv)
{
  static const int64_t ranks[] = {4, 8, 16, 32, 64};
  static const nax_index lengths[] = {75, 150, 300, 600};
  int most = argc > 1 ? atoi(argv[1]) : 2, repeats = argc > 2 ? atoi(argv[2]) : 3;
  must(nax_ctx_create(&ctx));
  printf("varied\ttype\tsize\trank\tthreads\tms_per_sweep\trelative\tproportional\n");
  for (int single = 0; single < 2; single++) {
    nax_dtype dtype = single ? NAX_F32 : NAX_F64;
    const char *type = single ? "f32" : "f64";
    double first = 0.0;
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
      double t = sweep(300, dtype, ranks[i], 1, repeats);
      first = i == 0 ? t : first;
      printf("rank\t%s\t200x200x300\t%lld\t1\t%.2f\t%.2f\t%.2f\n", type,
             (long long)ranks[i], t, t / first, (double)ranks[i] / (double)ranks[0]);
      fflush(stdout);
    }
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
      double t = sweep(lengths[i], dtype, 8, 1, repeats);
      first = i == 0 ? t : first;
      printf("size\t%s\t200x200x%lld\t8\t1\t%.2f\t%.2f\t%.2f\n", type,
             (long long)lengths[i], t, t / first,
             (double)lengths[i] / (double)lengths[0]);
      fflush(stdout);
    }
    for (int k = 1; k <= most; k *= 2) {
      double t = sweep(300, dtype, 16, k, repeats);
      first = k == 1 ? t : first;
      printf("threads\t%s\t200x200x300\t16\t%d\t%.2f\t%.2f\t%.2f\n", type, k, t,
             t / first, 1.0 / k);
      fflush(stdout);
    }
  }
  nax_ctx_free(ctx);
  return 0;
}
