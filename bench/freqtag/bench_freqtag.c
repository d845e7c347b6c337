/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU time of coefficients and statistics on one core, in milliseconds per unit, beside
 * that of the library calls below them on the same data in memory.
 * usage: bench_freqtag UNITS TRIALS SAMPLES */
#include "linalg/linalg_i.h"
#include <neuraxis.h>
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void *
array(nax_index n, size_t size)
{
  void *p = fftw_malloc((size_t)n * size);
  if (p == NULL) {
    die("memory");
  }
  return p;
}

/* Things that are timed in turn, so that a change of the machine's speed meets all. */
typedef struct task {
  char name[48];
  void (*run)(const struct task *task);
  const nax_view *x;
  const nax_freqtag_spec *spec;
  nax_freqtag_acc *acc;
  fftw_plan plan;
  nax_index columns;
  double best, flops;
} task;

enum { REPEATS = 7, TASKS = 64, SIDE = 1024 };

static double *out, *square[3];

/* Transforms and sums. */
static void
run_push(const task *k)
{
  nax_freqtag_acc_reset(k->acc);
  if (nax_freqtag_acc_push(NULL, k->acc, k->x) != NAX_OK) {
    die("push");
  }
}

/* And what is asked for in the end: total, evoked and coherence at every frequency, power
 * against neighbours at three. */
static void
run_accumulator(const task *k)
{
  double sum = 0.0;
  nax_index n = nax_freqtag_acc_n_freqs(k->acc), bins = k->x->dim[1] / 2 + 1;
  nax_freqtag_neighbours rule = {1, 4, 0, NULL, 0};
  double *evoked = out;
  run_push(k);
  for (nax_index u = 0; u < k->x->dim[0]; u++) {
    for (nax_index i = 0; i < n; i++) {
      nax_freqtag_moments m = nax_freqtag_acc_moments(k->acc, u, i);
      nax_freqtag_power p = nax_freqtag_power_of(&m);
      evoked[i] = p.evoked;
      sum += p.total + p.itpc;
    }
    for (nax_index f = 8; f <= 32 && n == bins; f *= 2) {
      nax_freqtag_contrast c;
      if (nax_freqtag_contrast_at(NULL, n, evoked, f, &rule, &c) != NAX_OK) {
        die("contrast");
      }
      sum += c.snr;
    }
  }
  if (!(sum > 0.0)) {
    die("sum");
  }
}

/* The bare transform of the same rows, from where they lie to one place. */
static void
run_fftw(const task *k)
{
  const double *x = k->x->data;
  nax_index n = k->x->dim[1], rows = k->x->dim[0] * k->x->dim[2];
  for (nax_index i = 0; i < rows; i++) {
    fftw_execute_dft_r2c(k->plan, (double *)(uintptr_t)(x + i * n), (fftw_complex *)out);
  }
}

/* And of one row that is in the cache. */
static void
run_fftw_cached(const task *k)
{
  nax_index rows = k->x->dim[0] * k->x->dim[2];
  for (nax_index i = 0; i < rows; i++) {
    fftw_execute_dft_r2c(k->plan, square[0], (fftw_complex *)out);
  }
}

/* The same product by BLAS: trials x samples by samples x columns, unit by unit. */
static void
run_product(const task *k)
{
  const double *x = k->x->data;
  nax_index n = k->x->dim[1], trials = k->x->dim[2];
  for (nax_index u = 0; u < k->x->dim[0]; u++) {
    if (nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, k->columns, trials, n, 1.0, square[0],
                   k->columns, x + u * trials * n, n, 0.0, out, k->columns) != NAX_OK) {
      die("gemm");
    }
  }
}

/* And for values that lie with the units side by side, trial by trial. */
static void
run_product_across(const task *k)
{
  const double *x = k->x->data;
  nax_index units = k->x->dim[0], n = k->x->dim[1], trials = k->x->dim[2];
  for (nax_index j = 0; j < trials; j++) {
    if (nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, units, k->columns, n, 1.0,
                   x + j * units * n, units, square[0], n, 0.0, out, units) != NAX_OK) {
      die("gemm");
    }
  }
}

static void
run_square(const task *k)
{
  (void)k;
  if (nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, SIDE, SIDE, SIDE, 1.0, square[0], SIDE,
                 square[1], SIDE, 0.0, square[2], SIDE) != NAX_OK) {
    die("gemm");
  }
}

static void
measure(int n, task *all)
{
  for (int i = 0; i < n; i++) {
    all[i].best = (double)INFINITY;
  }
  for (int r = 0; r < REPEATS; r++) {
    for (int i = 0; i < n; i++) {
      double t = cpu();
      all[i].run(all + i);
      t = cpu() - t;
      all[i].best = t < all[i].best ? t : all[i].best;
    }
  }
}

static void
add_accumulator(task *all, int *n, const char *name, const nax_freqtag_spec *spec,
                const nax_view *x)
{
  task *k = all + (*n)++;
  *k = (task){.run = run_accumulator, .x = x, .spec = spec};
  snprintf(k->name, sizeof k->name, "%s", name);
  if (nax_freqtag_acc_create(NULL, spec, &k->acc) != NAX_OK) {
    die("create");
  }
}

int
main(int argc, char **argv)
{
  if (argc != 4) {
    fprintf(stderr, "usage: bench_freqtag UNITS TRIALS SAMPLES\n");
    return 2;
  }
  nax_index units = atoll(argv[1]), trials = atoll(argv[2]), n = atoll(argv[3]);
  nax_index size = units * trials * n, large = 2 * 64 * n + 4 * n;
  double *x = array(size, sizeof *x);
  float *f = array(size, sizeof *f);
  large = large > SIDE * SIDE ? large : SIDE * SIDE;
  out = array(large, sizeof *out);
  for (int i = 0; i < 3; i++) {
    square[i] = array(large, sizeof *square[i]);
  }
  /* planned before the values are there, which planning overwrites */
  fftw_plan plan =
      fftw_plan_dft_r2c_1d((int)n, square[0], (fftw_complex *)out, FFTW_MEASURE);
  uint64_t state = 1;
  for (nax_index i = 0; i < size; i++) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    x[i] = (double)(state >> 11) * 0x1p-53 - 0.5;
    f[i] = (float)x[i];
  }
  for (nax_index i = 0; i < large; i++) {
    square[0][i] = square[1][i] = sin((double)i);
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){units, n, trials});
  v.stride[0] = trials * n; /* recordings: time fastest */
  v.stride[1] = 1;
  v.stride[2] = n;
  nax_view w = v, across = nax_view_f64(x, 3, (nax_index[]){units, n, trials});
  w.data = f;
  w.dtype = NAX_F32;

  static task all[TASKS];
  int m = 0;
  const double ms = 1e3 / (double)units;
  nax_freqtag_spec s = {.n_units = units,
                        .n_samples = n,
                        .rate = (double)n,
                        .trend = NAX_FREQTAG_TREND_NONE,
                        .engine = NAX_FREQTAG_ENGINE_FFT};
  all[m++] = (task){.name = "fftw", .run = run_fftw, .x = &v, .plan = plan};
  all[m++] =
      (task){.name = "fftw, in cache", .run = run_fftw_cached, .x = &v, .plan = plan};
  add_accumulator(all, &m, "neuraxis fft f64", &s, &v);
  add_accumulator(all, &m, "neuraxis fft f64, sums only", &s, &v);
  all[m - 1].run = run_push;
  add_accumulator(all, &m, "neuraxis fft f32", &s, &w);
  add_accumulator(all, &m, "neuraxis fft f64, unit fastest", &s, &across);
  measure(m, all);
  printf("all bins\tms per unit\trate of bare fftw\tof fftw in cache\n");
  for (int i = 0; i < m; i++) {
    printf("%s\t%.4f\t%.3f\t%.3f\n", all[i].name, ms * all[i].best,
           all[0].best / all[i].best, all[1].best / all[i].best);
    nax_freqtag_acc_free(all[i].acc);
  }

  static const nax_index counts[] = {1, 3, 8, 12, 16, 20, 27, 33};
  /* few columns are bound by the memory, for dgemm as for us: the last column is against
   * dgemm on the same values as they lie */
  printf("some bins\tms per unit\tGF/s\trate of dgemm\tof dgemm on the same product\n");
  for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
    nax_index k = counts[c];
    double freqs[64], flops = 4.0 * (double)(k * n * trials * units);
    for (nax_index i = 0; i < k; i++) {
      freqs[i] = (double)(8 * i + 7); /* no common period */
    }
    nax_freqtag_spec d = s;
    d.n_freqs = k;
    d.freqs = freqs;
    d.engine = NAX_FREQTAG_ENGINE_DFT;
    nax_freqtag_spec t = d;
    t.engine = NAX_FREQTAG_ENGINE_FFT;
    m = 0;
    all[m++] = (task){.name = "square dgemm", .run = run_square};
    all[m++] = (task){.name = "dgemm", .run = run_product, .x = &v, .columns = 2 * k};
    all[m++] = (task){.name = "dgemm, unit fastest",
                      .run = run_product_across,
                      .x = &across,
                      .columns = 2 * k};
    add_accumulator(all, &m, "neuraxis dft f64", &d, &v);
    add_accumulator(all, &m, "neuraxis dft f32", &d, &w);
    add_accumulator(all, &m, "neuraxis dft f64, unit fastest", &d, &across);
    add_accumulator(all, &m, "neuraxis fft f64", &t, &v);
    measure(m, all);
    double rate = 2.0 * SIDE * SIDE * (double)SIDE / all[0].best;
    for (int i = 1; i < m; i++) {
      int same = strstr(all[i].name, "unit fastest") != NULL ? 2 : 1;
      printf("%s, %lld bins\t%.4f\t%.1f\t%.2f\t%.2f\n", all[i].name, (long long)k,
             ms * all[i].best, 1e-9 * flops / all[i].best, flops / all[i].best / rate,
             all[same].best / all[i].best);
      nax_freqtag_acc_free(all[i].acc);
    }
  }
  double three[3] = {8.0, 16.0, 32.0};
  s.n_freqs = 3;
  s.freqs = three;
  s.engine = NAX_FREQTAG_ENGINE_FOLD;
  m = 0;
  add_accumulator(all, &m, "neuraxis fold f64, 3 bins", &s, &v);
  measure(m, all);
  printf("%s\t%.4f\n", all[0].name, ms * all[0].best);
  nax_freqtag_acc_free(all[0].acc);
  fftw_destroy_plan(plan);
  fftw_free(x);
  fftw_free(f);
  fftw_free(out);
  for (int i = 0; i < 3; i++) {
    fftw_free(square[i]);
  }
  return 0;
}
