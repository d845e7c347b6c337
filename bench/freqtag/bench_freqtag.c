/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU time of coefficients and statistics on one core, in milliseconds per unit, and the
 * rates of the library calls below them.
 * usage: bench_freqtag UNITS TRIALS SAMPLES */
#include "fft/fft_i.h"
#include "linalg/linalg_i.h"
#include <neuraxis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
cpu(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
die(const char *what)
{
  fprintf(stderr, "bench_freqtag: %s: %s\n", what, nax_ctx_error(NULL));
  exit(1);
}

enum { REPEATS = 3 };

/* Least of some repeats, ms per unit. */
static double
accumulate(const nax_freqtag_spec *spec, const nax_view *x)
{
  double best = INFINITY;
  nax_freqtag_acc *a = NULL;
  if (nax_freqtag_acc_create(NULL, spec, &a) != NAX_OK) {
    die("create");
  }
  for (int r = 0; r < REPEATS; r++) {
    nax_freqtag_acc_reset(a);
    double t = cpu();
    if (nax_freqtag_acc_push(NULL, a, x) != NAX_OK) {
      die("push");
    }
    /* what is asked for in the end: total, evoked, coherence at every frequency */
    double sum = 0.0;
    for (nax_index u = 0; u < x->dim[0]; u++) {
      for (nax_index i = 0; i < nax_freqtag_acc_n_freqs(a); i++) {
        nax_freqtag_moments m = nax_freqtag_acc_moments(a, u, i);
        nax_freqtag_power p = nax_freqtag_power_of(&m);
        sum += p.total + p.evoked + p.itpc;
      }
    }
    t = cpu() - t;
    best = sum > 0.0 && t < best ? t : best;
  }
  nax_freqtag_acc_free(a);
  return 1e3 * best / (double)x->dim[0];
}

/* The bare transform of the same rows, from the cache. */
static double
bare_fft(nax_index n, nax_index rows)
{
  nax_i_fft *p = NULL;
  double *x = calloc((size_t)n, sizeof *x), *z = calloc((size_t)n + 2, sizeof *z);
  double best = INFINITY;
  if (x == NULL || z == NULL ||
      nax_i_fft_create(NULL, "bench", NAX_I_FFT_R2C, n, 1, &p) != NAX_OK) {
    die("fft");
  }
  for (nax_index t = 0; t < n; t++) {
    x[t] = sin((double)t);
  }
  for (int r = 0; r < REPEATS; r++) {
    double t = cpu();
    for (nax_index i = 0; i < rows; i++) {
      nax_i_fft_execute(p, x, z);
    }
    t = cpu() - t;
    best = t < best ? t : best;
  }
  nax_i_fft_free(p);
  free(x);
  free(z);
  return best / (double)rows;
}

/* Flops per second of a square product. */
static double
gemm_rate(void)
{
  enum { N = 768 };
  double *a = calloc(N * N, sizeof *a), *c = calloc(N * N, sizeof *c), best = INFINITY;
  if (a == NULL || c == NULL) {
    die("memory");
  }
  for (int i = 0; i < N * N; i++) {
    a[i] = sin((double)i);
  }
  for (int r = 0; r < REPEATS; r++) {
    double t = cpu();
    if (nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, N, N, N, 1.0, a, N, a, N, 0.0, c, N) !=
        NAX_OK) {
      die("gemm");
    }
    t = cpu() - t;
    best = t < best ? t : best;
  }
  free(a);
  free(c);
  return 2.0 * N * N * (double)N / best;
}

int
main(int argc, char **argv)
{
  if (argc != 4) {
    fprintf(stderr, "usage: bench_freqtag UNITS TRIALS SAMPLES\n");
    return 2;
  }
  nax_index units = atoll(argv[1]), trials = atoll(argv[2]), n = atoll(argv[3]);
  nax_index size = units * trials * n;
  double *x = calloc((size_t)size, sizeof *x);
  float *f = calloc((size_t)size, sizeof *f);
  if (x == NULL || f == NULL) {
    die("memory");
  }
  uint64_t state = 1;
  for (nax_index i = 0; i < size; i++) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    x[i] = (double)(state >> 11) * 0x1p-53 - 0.5;
    f[i] = (float)x[i];
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){units, n, trials});
  v.stride[0] = trials * n; /* recordings: time fastest */
  v.stride[1] = 1;
  v.stride[2] = n;
  nax_view w = v, across = nax_view_f64(x, 3, (nax_index[]){units, n, trials});
  w.data = f;
  w.dtype = NAX_F32;
  double fft = bare_fft(n, units * trials > 4096 ? 4096 : units * trials);
  double gemm = gemm_rate();
  printf("what\tms_per_unit\tshare\n");
  printf("bare transforms\t%.4f\t1\n", 1e3 * fft * (double)trials);
  nax_freqtag_spec s = {.n_units = units,
                        .n_samples = n,
                        .rate = (double)n,
                        .trend = NAX_FREQTAG_TREND_NONE,
                        .engine = NAX_FREQTAG_ENGINE_FFT};
  double ms = accumulate(&s, &v);
  printf("fft f64 all bins\t%.4f\t%.3f\n", ms, 1e3 * fft * (double)trials / ms);
  ms = accumulate(&s, &w);
  printf("fft f32 all bins\t%.4f\t%.3f\n", ms, 1e3 * fft * (double)trials / ms);
  static const nax_index counts[] = {1, 3, 8, 12, 16, 20, 27, 33};
  for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
    double freqs[64], flops = 4.0 * (double)(counts[k] * n * trials);
    for (nax_index i = 0; i < counts[k]; i++) {
      freqs[i] = (double)(8 * i + 7); /* no common period */
    }
    s.n_freqs = counts[k];
    s.freqs = freqs;
    s.engine = NAX_FREQTAG_ENGINE_DFT;
    ms = accumulate(&s, &v);
    printf("dft f64 %lld freqs\t%.4f\t%.3f\n", (long long)counts[k], ms,
           flops / (1e-3 * ms) / gemm);
    ms = accumulate(&s, &w);
    printf("dft f32 %lld freqs\t%.4f\t%.3f\n", (long long)counts[k], ms,
           flops / (1e-3 * ms) / gemm);
    ms = accumulate(&s, &across);
    printf("dft f64 %lld freqs, unit fastest\t%.4f\t%.3f\n", (long long)counts[k], ms,
           flops / (1e-3 * ms) / gemm);
    s.engine = NAX_FREQTAG_ENGINE_FFT;
    ms = accumulate(&s, &v);
    printf("fft f64 %lld freqs\t%.4f\t%.3f\n", (long long)counts[k], ms,
           1e3 * fft * (double)trials / ms);
  }
  double three[3] = {8.0, 16.0, 32.0};
  s.n_freqs = 3;
  s.freqs = three;
  s.engine = NAX_FREQTAG_ENGINE_FOLD;
  printf("fold f64 3 freqs\t%.4f\t\n", accumulate(&s, &v));
  printf("# product rate %.1f GF/s\n", 1e-9 * gemm);
  free(x);
  free(f);
  return 0;
}
