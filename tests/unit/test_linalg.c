/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "nax_test.h"
#include "linalg/linalg_i.h"
#include <dlfcn.h>
#include <float.h>

static double *
noise(nax_index n, uint64_t *seed)
{
  double *x = calloc((size_t)(n > 0 ? n : 1), sizeof *x);
  assert_non_null(x);
  for (nax_index i = 0; i < n; i++) {
    x[i] = nax_t_uniform(seed) - 0.5;
  }
  return x;
}

static double
element(const double *a, nax_index lda, nax_i_trans t, nax_index i, nax_index j)
{
  return t ? a[j + i * lda] : a[i + j * lda];
}

static void
products_agree_with_the_definition(void **state)
{
  (void)state;
  uint64_t seed = 31;
  for (int round = 0; round < 40; round++) {
    nax_i_trans ta = round & 1 ? NAX_I_TRANS : NAX_I_PLAIN;
    nax_i_trans tb = round & 2 ? NAX_I_TRANS : NAX_I_PLAIN;
    nax_index m = (nax_index)(nax_t_random(&seed) % (round < 36 ? 20 : 300));
    nax_index n = (nax_index)(nax_t_random(&seed) % 20);
    nax_index k = round % 9 == 4 ? 0
                  : round < 36   ? (nax_index)(nax_t_random(&seed) % 20)
                                 : 9001;
    nax_index lda = (ta ? k : m) + 3, ldb = (tb ? n : k) + 2, ldc = m + 1;
    double *a = noise(lda * (ta ? m : k), &seed), *b = noise(ldb * (tb ? k : n), &seed);
    double *c = noise(ldc * n, &seed), *before = calloc((size_t)(ldc * n + 1), 8);
    double beta = round % 3 == 0 ? 0.0 : 0.5;
    memcpy(before, c, (size_t)(ldc * n) * sizeof *c);
    for (nax_index j = 0; j < n && beta == 0.0; j++) {
      for (nax_index i = 0; i < m; i++) {
        c[i + j * ldc] = NAN; /* must not be read */
      }
    }
    assert_ok(nax_i_gemm(NULL, ta, tb, m, n, k, 2.0, a, lda, b, ldb, beta, c, ldc));
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < m; i++) {
        double s = 0.0;
        for (nax_index t = 0; t < k; t++) {
          s += element(a, lda, ta, i, t) * element(b, ldb, tb, t, j);
        }
        assert_close(c[i + j * ldc], 2.0 * s + beta * before[i + j * ldc], 1e-11, 1e-11);
      }
    }
    free(a);
    free(b);
    free(c);
    free(before);
  }
}

/* Whole numbers, so that the double product has the very bits that the single one should
 * have. */
static void
single_products_are_the_double_ones_in_single_precision(void **state)
{
  (void)state;
  uint64_t seed = 33;
  const nax_index shapes[3][3] = {{5, 7, 0}, {300, 20, 40}, {4, 3, 9001}};
  for (int s = 0; s < 3; s++) {
    for (int t = 0; t < 4; t++) {
      nax_i_trans ta = t & 1 ? NAX_I_TRANS : NAX_I_PLAIN;
      nax_i_trans tb = t & 2 ? NAX_I_TRANS : NAX_I_PLAIN;
      nax_index m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
      nax_index lda = ta ? k + 1 : m, ldb = tb ? n : k + 1, size = (m + 1) * (k + 1);
      nax_index size_b = (n + 1) * (k + 1);
      double *a = noise(size, &seed), *b = noise(size_b, &seed), *c = noise(m * n, &seed);
      float *fa = malloc((size_t)size * sizeof *fa);
      float *fb = malloc((size_t)size_b * sizeof *fb);
      float *fc = malloc((size_t)(m * n) * sizeof *fc);
      for (nax_index i = 0; i < size; i++) {
        fa[i] = (float)(a[i] = floor(3.0 * a[i]));
      }
      for (nax_index i = 0; i < size_b; i++) {
        fb[i] = (float)(b[i] = floor(3.0 * b[i]));
      }
      for (nax_index i = 0; i < m * n; i++) {
        fc[i] = (float)(c[i] = floor(8.0 * c[i]));
      }
      assert_ok(nax_i_gemm(NULL, ta, tb, m, n, k, 2.0, a, lda, b, ldb, 0.5, c, m));
      assert_ok(nax_i_sgemm(NULL, ta, tb, m, n, k, 2.0f, fa, lda, fb, ldb, 0.5f, fc, m));
      for (nax_index i = 0; i < m * n; i++) {
        assert_true((double)fc[i] == c[i]);
      }
      free(a);
      free(b);
      free(c);
      free(fa);
      free(fb);
      free(fc);
    }
  }
}

static void
products_have_the_same_bits_for_any_number_of_threads(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  uint64_t seed = 32;
  const nax_index shapes[3][3] = {{600, 520, 300}, {30, 40, 50000}, {1, 1, 20000}};
  for (int s = 0; s < 3; s++) {
    nax_index m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
    double *a = noise(m * k, &seed), *b = noise(k * n, &seed);
    double *c = noise(m * n, &seed), *d = noise(m * n, &seed);
    assert_ok(
        nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, m, n, k, 1.0, a, m, b, k, 0.0, c, m));
    for (int32_t threads = 2; threads <= 3; threads++) {
      assert_ok(nax_ctx_set_threads(ctx, threads));
      assert_ok(
          nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, m, n, k, 1.0, a, m, b, k, 0.0, d, m));
      assert_memory_equal(c, d, (size_t)(m * n) * sizeof *c);
    }
    double *g = noise(m * m, &seed), *h = noise(m * m, &seed);
    assert_ok(nax_i_syrk(NULL, NAX_I_PLAIN, m, k, 1.0, a, m, 0.0, g, m));
    assert_ok(nax_i_syrk(ctx, NAX_I_PLAIN, m, k, 1.0, a, m, 0.0, h, m));
    assert_memory_equal(g, h, (size_t)(m * m) * sizeof *g);
    double expected = 0.0;
    for (nax_index t = 0; t < k; t++) {
      expected += a[m * t] * a[m - 1 + m * t];
    }
    assert_close(g[m - 1], expected, 1e-10, 1e-10);
    for (nax_index i = 0; i < m; i++) {
      assert_true(g[i * m] == g[i]);
    }
    free(a);
    free(b);
    free(c);
    free(d);
    free(g);
    free(h);
  }
  nax_ctx_free(ctx);
}

static void
half_tiles_make_the_same_product(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 3));
  uint64_t seed = 33;
  const nax_index shapes[3][2] = {{600, 300}, {30, 50000}, {1, 5}};
  for (int s = 0; s < 3; s++) {
    nax_index n = shapes[s][0], k = shapes[s][1];
    double *a = noise(n * k, &seed), *g = noise(n * n, &seed), *h = noise(n * n, &seed);
    double *expected = noise(n * n, &seed);
    assert_ok(nax_i_syrk(NULL, NAX_I_TRANS, n, k, 1.0, a, k, 0.0, expected, n));
    assert_ok(nax_i_self_product(NULL, n, k, 1.0, a, k, 0.0, g, n));
    assert_ok(nax_i_self_product(ctx, n, k, 1.0, a, k, 0.0, h, n));
    assert_memory_equal(g, h, (size_t)(n * n) * sizeof *g);
    assert_all_close(g, expected, n * n, 1e-11, 1e-10);
    assert_ok(nax_i_self_product(NULL, n, k, -2.0, a, k, 3.0, g, n));
    assert_all_close(g, expected, n * n, 1e-11, 1e-10);
    free(a);
    free(g);
    free(h);
    free(expected);
  }
  nax_ctx_free(ctx);
}

/* A symmetric positive definite matrix n x n: X X' / k + shift. */
static double *
spd(nax_index n, nax_index k, double shift, uint64_t *seed)
{
  double *x = noise(n * k, seed), *a = noise(n * n, seed);
  assert_ok(nax_i_syrk(NULL, NAX_I_PLAIN, n, k, 1.0, x, n, 0.0, a, n));
  for (nax_index i = 0; i < n; i++) {
    a[i * (n + 1)] += shift;
  }
  free(x);
  return a;
}

static void
cholesky_factors_solves_and_judges(void **state)
{
  (void)state;
  enum { SIZE = 30 };
  uint64_t seed = 33;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  double *a = spd(SIZE, 60, 0.1, &seed), *l = calloc(SIZE * SIZE, sizeof *l);
  double *x = noise(2 * SIZE, &seed), *b = calloc(2 * SIZE, sizeof *b), rcond;
  memcpy(l, a, SIZE * SIZE * sizeof *l);
  assert_ok(nax_i_potrf(ctx, "f", "covariance", SIZE, l, SIZE, 0, &rcond));
  assert_true(rcond > 1e-4 && rcond <= 1.0);
  assert_int_equal(nax_ctx_n_warnings(ctx), 0);
  assert_ok(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, SIZE, 2, SIZE, 1.0, a, SIZE, x,
                       SIZE, 0.0, b, SIZE));
  assert_ok(nax_i_potrs(NULL, SIZE, 2, l, SIZE, b, SIZE));
  assert_all_close(b, x, 2 * SIZE, 1e-10, 1e-12);
  double values[SIZE], logdet = 0.0;
  double *v = calloc(SIZE * SIZE, sizeof *v);
  memcpy(v, a, SIZE * SIZE * sizeof *v);
  assert_ok(nax_i_syevd(NULL, "f", SIZE, v, SIZE, 0, values));
  for (int i = 0; i < SIZE; i++) {
    logdet += log(values[i]);
  }
  assert_close(nax_i_chol_logdet(SIZE, l, SIZE), logdet, 1e-12, 0.0);

  /* rank 5 with a small ridge: a warning; with none: refused; not definite: refused */
  free(a);
  a = spd(SIZE, 5, 2e-13, &seed);
  memcpy(l, a, SIZE * SIZE * sizeof *l);
  assert_ok(nax_i_potrf(ctx, "f", "covariance", SIZE, l, SIZE, 0, &rcond));
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "linalg.ill-conditioned");
  double d4[4] = {1.0, 1.0, 1.0, 1.0 + DBL_EPSILON};
  assert_status(nax_i_potrf(NULL, "f", "covariance", 2, d4, 2, 0, NULL), NAX_ENUMERIC);
  double e4[4] = {1.0, 1.0, 1.0, 1.0 + DBL_EPSILON};
  assert_ok(nax_i_potrf(NULL, "f", "covariance", 2, e4, 2, 1, NULL));
  double f4[4] = {1.0, 2.0, 2.0, 1.0};
  assert_error(
      nax_i_potrf(NULL, "f", "covariance", 2, f4, 2, 1, NULL), NAX_ENUMERIC,
      "f: covariance (2 x 2) must be positive definite, its leading block of 2 is not; "
      "add to its diagonal");
  double g4[4] = {1.0, NAN, 0.0, 1.0};
  assert_error(nax_i_potrf(NULL, "f", "covariance", 2, g4, 2, 1, NULL), NAX_EDATA,
               "f: `covariance` must be finite, 1 of 2 values are not, the first at (1, "
               "0)");
  free(a);
  free(l);
  free(x);
  free(b);
  free(v);
  nax_ctx_free(ctx);
}

/* Largest |Q'Q - 1| over n columns of length m. */
static double
worst_overlap(const double *q, nax_index m, nax_index n)
{
  double worst = 0.0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; j <= i; j++) {
      double s = i == j ? -1.0 : 0.0;
      for (nax_index t = 0; t < m; t++) {
        s += q[t + i * m] * q[t + j * m];
      }
      worst = fmax(worst, fabs(s));
    }
  }
  return worst;
}

static void
eigenvectors_diagonalise(void **state)
{
  (void)state;
  enum { SIZE = 25 };
  uint64_t seed = 34;
  double *a = spd(SIZE, 30, 0.0, &seed), *v = calloc(SIZE * SIZE, sizeof *v);
  double values[SIZE], av[SIZE * SIZE];
  memcpy(v, a, SIZE * SIZE * sizeof *v);
  assert_ok(nax_i_syevd(NULL, "f", SIZE, v, SIZE, 1, values));
  assert_true(worst_overlap(v, SIZE, SIZE) < 1e-13);
  assert_ok(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, SIZE, SIZE, SIZE, 1.0, a, SIZE, v,
                       SIZE, 0.0, av, SIZE));
  for (int j = 0; j < SIZE; j++) {
    double most = 0.0;
    for (int i = 0; i < SIZE; i++) {
      assert_close(av[i + j * SIZE], values[j] * v[i + j * SIZE], 1e-12, 1e-12);
      most = fabs(v[i + j * SIZE]) > fabs(most) ? v[i + j * SIZE] : most;
    }
    assert_true(most > 0.0);
    assert_true(j == 0 || values[j] >= values[j - 1]);
  }
  free(a);
  free(v);
}

static void
singular_values_rebuild_the_matrix(void **state)
{
  (void)state;
  uint64_t seed = 35;
  const nax_index shapes[3][2] = {{12, 7}, {7, 12}, {5, 5}};
  for (int s = 0; s < 3; s++) {
    nax_index m = shapes[s][0], n = shapes[s][1], p = m < n ? m : n;
    double *a = noise(m * n, &seed), *copy = noise(m * n, &seed);
    double u[144], vt[144], w[12], alone[12];
    memcpy(copy, a, (size_t)(m * n) * sizeof *a);
    assert_ok(nax_i_gesdd(NULL, "f", m, n, copy, m, w, u, m, vt, p));
    assert_true(worst_overlap(u, m, p) < 1e-13);
    for (nax_index i = 0; i < m; i++) {
      for (nax_index j = 0; j < n; j++) {
        double x = 0.0;
        for (nax_index t = 0; t < p; t++) {
          x += u[i + t * m] * w[t] * vt[t + j * p];
        }
        assert_close(x, a[i + j * m], 1e-12, 1e-13);
      }
    }
    memcpy(copy, a, (size_t)(m * n) * sizeof *a);
    assert_ok(nax_i_gesdd(NULL, "f", m, n, copy, m, alone, NULL, 0, NULL, 0));
    assert_all_close(alone, w, p, 1e-12, 0.0);
    free(a);
    free(copy);
  }
}

static void
qr_and_least_squares(void **state)
{
  (void)state;
  enum { M = 20, K = 6 };
  uint64_t seed = 36;
  double *a = noise(M * K, &seed), *q = calloc(M * K, sizeof *q), r[K * K];
  memcpy(q, a, M * K * sizeof *q);
  assert_ok(nax_i_qr(NULL, "f", M, K, q, M, r, K));
  assert_true(worst_overlap(q, M, K) < 1e-14);
  for (int i = 0; i < M; i++) {
    for (int j = 0; j < K; j++) {
      double x = 0.0;
      for (int t = 0; t <= j; t++) {
        x += q[i + t * M] * r[t + j * K];
      }
      assert_close(x, a[i + j * M], 1e-12, 1e-14);
      assert_true(i > j || i >= K || r[i + i * K] >= 0.0);
    }
  }
  /* exact coefficients come back; a repeated column lowers the rank, not the fit */
  double x[K] = {1, -2, 3, 0.5, 0, 4}, b[M], copy[M * K];
  nax_index rank;
  assert_ok(nax_i_gemv(NULL, NAX_I_PLAIN, M, K, 1.0, a, M, x, 0.0, b));
  memcpy(copy, a, sizeof copy);
  assert_ok(nax_i_lstsq(NULL, "f", M, K, 1, copy, M, b, M, 1e-12, &rank));
  assert_int_equal(rank, K);
  assert_all_close(b, x, K, 1e-11, 1e-12);
  memcpy(a + M, a, M * sizeof *a);
  assert_ok(nax_i_gemv(NULL, NAX_I_PLAIN, M, K, 1.0, a, M, x, 0.0, b));
  memcpy(copy, a, sizeof copy);
  assert_ok(nax_i_lstsq(NULL, "f", M, K, 1, copy, M, b, M, 1e-12, &rank));
  assert_int_equal(rank, K - 1);
  assert_close(b[0], -0.5, 1e-10, 0.0);
  assert_close(b[1], -0.5, 1e-10, 0.0);
  double y[K];
  assert_ok(nax_i_gemv(NULL, NAX_I_TRANS, M, K, 1.0, a, M, a, 0.0, y));
  assert_close(y[0], y[1], 0.0, 0.0);
  free(a);
  free(q);
}

typedef int (*get_threads_fn)(void);
typedef void (*set_threads_fn)(int);

static void
the_threads_of_blas_are_as_before_afterwards(void **state)
{
  (void)state;
  void *get = dlsym(RTLD_DEFAULT, "openblas_get_num_threads");
  void *set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
  if (get == NULL || set == NULL) {
    skip();
  }
  get_threads_fn get_threads;
  set_threads_fn set_threads;
  memcpy(&get_threads, &get, sizeof get);
  memcpy(&set_threads, &set, sizeof set);
  uint64_t seed = 37;
  nax_index n = 300;
  double *a = noise(n * n, &seed), *c[2], *v[2], *w = noise(n, &seed);
  int before = get_threads();
  for (int i = 0; i < 2; i++) {
    set_threads(i + 1);
    c[i] = noise(n * n, &seed);
    v[i] = noise(n * n, &seed);
    assert_ok(nax_i_syrk(NULL, NAX_I_PLAIN, n, n, 1.0, a, n, 0.0, c[i], n));
    memcpy(v[i], c[i], (size_t)(n * n) * sizeof(double));
    assert_ok(nax_i_syevd(NULL, "f", n, v[i], n, 1, w));
    assert_int_equal(get_threads(), i + 1);
  }
  set_threads(before);
  assert_memory_equal(c[0], c[1], (size_t)(n * n) * sizeof(double));
  assert_memory_equal(v[0], v[1], (size_t)(n * n) * sizeof(double));
  free(a);
  free(w);
  for (int i = 0; i < 2; i++) {
    free(c[i]);
    free(v[i]);
  }
}

static void
sizes_beyond_the_blas_integer_are_refused(void **state)
{
  (void)state;
  double x = 0.0;
  nax_index big = (nax_index)1 << 31;
  assert_status(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, 1, 1, big, 1.0, &x, 1, &x, big,
                           0.0, &x, 1),
                NAX_EOVERFLOW);
  assert_status(nax_i_potrf(NULL, "f", "x", 1, &x, big, 0, NULL), NAX_EOVERFLOW);
  assert_status(nax_i_syevd(NULL, "f", 40000, &x, 40000, 1, &x), NAX_EOVERFLOW);
  assert_status(nax_i_gemv(NULL, NAX_I_PLAIN, -1, 1, 1.0, &x, 1, &x, 0.0, &x),
                NAX_EOVERFLOW);
}

static void
allocation_failures_are_reported(void **state)
{
  (void)state;
  double a[4] = {2.0, 0.5, 0.5, 1.0}, w[2], *none = NULL;
  NAX_T_SWEEP_ALLOC(nax_i_potrf(NULL, "f", "x", 2, a, 2, 0, NULL), none, (void)0, 10);
  double b[4] = {2.0, 0.5, 0.5, 1.0};
  NAX_T_SWEEP_ALLOC(nax_i_syevd(NULL, "f", 2, b, 2, 1, w), none, (void)0, 10);
  NAX_T_SWEEP_ALLOC(nax_i_gesdd(NULL, "f", 2, 2, b, 2, w, NULL, 0, NULL, 0), none,
                    (void)0, 10);
  double c[4] = {2.0, 0.5, 0.5, 1.0}, r[4];
  NAX_T_SWEEP_ALLOC(nax_i_qr(NULL, "f", 2, 2, c, 2, r, 2), none, (void)0, 10);
  NAX_T_SWEEP_ALLOC(nax_i_lstsq(NULL, "f", 2, 2, 1, c, 2, w, 2, 1e-12, NULL), none,
                    (void)0, 10);
  assert_true(strlen(nax_linalg_info()) > 3);
  print_message("# %s\n", nax_linalg_info());
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_agree_with_the_definition),
      cmocka_unit_test(single_products_are_the_double_ones_in_single_precision),
      cmocka_unit_test(products_have_the_same_bits_for_any_number_of_threads),
      cmocka_unit_test(half_tiles_make_the_same_product),
      cmocka_unit_test(cholesky_factors_solves_and_judges),
      cmocka_unit_test(eigenvectors_diagonalise),
      cmocka_unit_test(singular_values_rebuild_the_matrix),
      cmocka_unit_test(qr_and_least_squares),
      cmocka_unit_test(the_threads_of_blas_are_as_before_afterwards),
      cmocka_unit_test(sizes_beyond_the_blas_integer_are_refused),
      cmocka_unit_test(allocation_failures_are_reported),
  };
  return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}
