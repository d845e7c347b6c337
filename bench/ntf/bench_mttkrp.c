/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of a tensor with all factors but one against what the machine allows: the time
 * of a sweep is at least 1.5 max(bytes / bandwidth, 2 n R / arithmetic rate), both
 * measured here, in turn with the sweeps, since a busy machine changes them. The
 * arithmetic rate is that of the matrix product or, where this is faster (a BLAS that
 * does not know the processor may be four times too slow), of multiply-adds between
 * registers. Prints one line for each size, type and rank. usage: bench_mttkrp [THREADS
 * [REPEATS]] */
#define _POSIX_C_SOURCE 200809L
#include "linalg/linalg_i.h"
#include "ntf/ntf_i.h"
#include <cblas.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static nax_ctx *ctx;

static void
must(int good)
{
  if (!good) {
    fprintf(stderr, "bench_mttkrp: %s\n", nax_ctx_error(ctx));
    exit(1);
  }
}

/* With one thread the processor time, which other work on the machine disturbs least. */
static double
seconds(void)
{
  struct timespec t;
  clock_gettime(nax_ctx_threads(ctx) == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC,
                &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double
random_number(uint64_t *s)
{
  *s = *s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*s >> 40) * 0x1p-24;
}

/* ------------------------------------------------------- what the machine allows */

enum { SUMS = 32, PARTS = 64 };

NAX_I_CLONES static double
sum_of(const double *x, nax_index n)
{
  double s[SUMS] = {0.0}, all = 0.0;
  for (nax_index i = 0; i + SUMS <= n; i += SUMS) {
#pragma omp simd
    for (int k = 0; k < SUMS; k++) {
      s[k] += x[i + k];
    }
  }
  for (int k = 0; k < SUMS; k++) {
    all += s[k];
  }
  return all;
}

typedef struct reading {
  const double *x;
  nax_index n;
  double sum[PARTS];
} reading;

static nax_status
read_part(int64_t part, void *arg)
{
  reading *r = arg;
  r->sum[part] = sum_of(r->x + part * (r->n / PARTS), r->n / PARTS);
  return NAX_OK;
}

/* Bytes read in a second. */
static double
bandwidth(const double *x, nax_index n)
{
  reading r = {.x = x, .n = n};
  double t = seconds();
  must(nax_i_parallel(ctx, NULL, PARTS, read_part, &r) == NAX_OK);
  t = seconds() - t;
  must(nax_i_sum(r.sum, PARTS) > 0.0);
  return 8.0 * (double)n / t;
}

/* Multiply-adds between registers, ten at a time of which none waits for another. */
enum { CHAINS = 10, ROUNDS = 4000000 };
#if defined(__x86_64__)
#define MULTIPLY_ADD(NAME, ISA, VEC, SET, FMA)                                           \
  __attribute__((target(ISA))) static void NAME(double *out)                             \
  {                                                                                      \
    VEC a[CHAINS], b = SET(0.999), c = SET(1e-3);                                        \
    for (int i = 0; i < CHAINS; i++) {                                                   \
      a[i] = SET((double)i);                                                             \
    }                                                                                    \
    for (int k = 0; k < ROUNDS; k++) {                                                   \
      _Pragma("GCC unroll 10") for (int i = 0; i < CHAINS; i++)                          \
      {                                                                                  \
        a[i] = FMA(a[i], b, c);                                                          \
      }                                                                                  \
    }                                                                                    \
    memcpy(out, a, sizeof a);                                                            \
  }
MULTIPLY_ADD(multiply_add_512, "avx512f", __m512d, _mm512_set1_pd, _mm512_fmadd_pd)
MULTIPLY_ADD(multiply_add_256, "avx2,fma", __m256d, _mm256_set1_pd, _mm256_fmadd_pd)
#endif

/* Operations in a second of one thread in float64; 0 where this is not known. */
static double
register_rate(void)
{
#if defined(__x86_64__)
  double out[CHAINS * 8] = {0.0};
  int wide = __builtin_cpu_supports("avx512f");
  if (wide || (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) {
    double t = seconds();
    (wide ? multiply_add_512 : multiply_add_256)(out);
    t = seconds() - t;
    must(out[1] > 0.0);
    return 2.0 * CHAINS * (wide ? 8 : 4) * ROUNDS / t;
  }
#endif
  return 0.0;
}

enum { N = 1024 };

/* Floating-point operations in a second. */
static double
arithmetic_rate(nax_dtype dtype, const double *x, double *y)
{
  double best = 0.0;
  for (int k = 0; k < 2; k++) {
    double t = seconds();
    if (dtype == NAX_F64) {
      must(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, N, N, N, 1.0, x, N, x, N, 0.0, y,
                      N) == NAX_OK);
    } else {
      nax_i_blas_serial_begin();
      cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1.0F,
                  (const float *)x, N, (const float *)x, N, 0.0F, (float *)y, N);
      nax_i_blas_serial_end();
    }
    t = seconds() - t;
    best = 2.0 * N * N * N / t > best ? 2.0 * N * N * N / t : best;
  }
  best *= dtype == NAX_F32 ? nax_ctx_threads(ctx) : 1;
  double bare = register_rate() * nax_ctx_threads(ctx) * (dtype == NAX_F32 ? 2 : 1);
  return bare > best ? bare : best;
}

/* ---------------------------------------------------------------------- sweeps */

typedef struct times {
  double two_sweeps, bandwidth, rate;
} times;

static void
one_line(const nax_index *dim, nax_dtype dtype, int64_t rank, int repeats,
         const double *scratch, double *out)
{
  nax_i_tensor x = {.dtype = dtype, .n_modes = 3, .size = dim[0] * dim[1] * dim[2]};
  nax_i_tree tree;
  uint64_t seed = 1;
  double *f[3], *m = NULL;
  void *data = nax_i_calloc((size_t)x.size, nax_dtype_size(dtype));
  must(data != NULL);
  memcpy(x.dim, dim, 3 * sizeof *dim);
  for (nax_index i = 0; i < x.size; i++) {
    if (dtype == NAX_F32) {
      ((float *)data)[i] = (float)random_number(&seed);
    } else {
      ((double *)data)[i] = random_number(&seed);
    }
  }
  x.x = data;
  must(nax_i_tree_init(&tree, ctx, &x, 1, rank) == NAX_OK);
  m = calloc((size_t)(2000 * tree.ld), sizeof *m);
  for (int k = 0; k < 3; k++) {
    f[k] = calloc((size_t)(dim[k] * tree.ld), sizeof(double));
    for (nax_index i = 0; i < dim[k]; i++) {
      for (int64_t r = 0; r < rank; r++) {
        f[k][i * tree.ld + r] = random_number(&seed);
      }
    }
  }
  times best = {1e300, 0.0, 0.0};
  for (int i = 0; i < repeats; i++) {
    double bytes = bandwidth(scratch, (nax_index)1 << 25);
    double rate = arithmetic_rate(dtype, scratch, out);
    double t = seconds();
    for (int32_t k = 0; k < 6; k++) {
      must(nax_i_tree_mttkrp(&tree, f, k % 3, m) == NAX_OK);
    }
    t = seconds() - t;
    best.two_sweeps = t < best.two_sweeps ? t : best.two_sweeps;
    best.bandwidth = bytes > best.bandwidth ? bytes : best.bandwidth;
    best.rate = rate > best.rate ? rate : best.rate;
  }
  double to_read = (double)x.size * (double)nax_dtype_size(dtype) / best.bandwidth;
  double to_compute = 2.0 * (double)x.size * (double)rank / best.rate;
  double bound = 1.5 * (to_read > to_compute ? to_read : to_compute);
  printf("%lldx%lldx%lld\t%s\t%lld\t%.2f\t%.2f\t%s\t%.0f\t%.1f\t%.1f\n",
         (long long)dim[0], (long long)dim[1], (long long)dim[2],
         dtype == NAX_F32 ? "f32" : "f64", (long long)rank, 500.0 * best.two_sweeps,
         1e3 * bound, to_read > to_compute ? "reading" : "computing",
         100.0 * bound / (0.5 * best.two_sweeps), 1e-9 * best.bandwidth,
         1e-9 * best.rate);
  fflush(stdout);
  nax_i_tree_free(&tree);
  for (int k = 0; k < 3; k++) {
    free(f[k]);
  }
  free(m);
  free(data);
}

int
main(int argc, char **argv)
{
  static const nax_index dims[][3] = {{200, 200, 300}, {60, 500, 200}, {500, 500, 100}};
  static const int64_t ranks[] = {4, 8, 16, 32};
  int repeats = argc > 2 ? atoi(argv[2]) : 10;
  must(nax_ctx_create(&ctx) == NAX_OK);
  must(nax_ctx_set_threads(ctx, argc > 1 ? atoi(argv[1]) : 1) == NAX_OK);
  double *scratch = nax_i_calloc((size_t)1 << 25, sizeof *scratch);
  double *out = calloc((size_t)N * N, sizeof *out);
  must(scratch != NULL && out != NULL);
  uint64_t seed = 2;
  for (nax_index i = 0; i < (nax_index)1 << 25; i++) {
    scratch[i] = random_number(&seed);
  }
  printf("size\ttype\trank\tms_per_sweep\tbound_ms\tlimit\tpercent_of_bound\tread_GB_s\t"
         "arithmetic_GF_s\n");
  for (size_t i = 0; i < sizeof dims / sizeof dims[0]; i++) {
    for (int single = 0; single < 2; single++) {
      for (size_t r = 0; r < sizeof ranks / sizeof ranks[0]; r++) {
        one_line(dims[i], single ? NAX_F32 : NAX_F64, ranks[r], repeats, scratch, out);
      }
    }
  }
  free(scratch);
  free(out);
  nax_ctx_free(ctx);
  return 0;
}
