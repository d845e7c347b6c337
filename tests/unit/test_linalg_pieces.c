/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Large factorisations go in pieces: the same results as in one, for any number of
 * threads, and between the pieces one can stop. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "nax_test.h"
#include "linalg/linalg_i.h"
#include <cblas.h>
#include <dlfcn.h>
#include <float.h>

static nax_ctx *
context(int32_t threads)
{
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, threads));
  return ctx;
}

/* --- how much is done between two looks ------------------------------------------------
 */

/* Multiplications since the last look, the most there were between two, and all of them.
 * BLAS as the library calls it is counted on its way. */
static double since, most, all;

static void
count(double work)
{
  since += work;
  all += work;
}

#define NEXT(name, type)                                                                 \
  static type *next;                                                                     \
  if (next == NULL) {                                                                    \
    void *p = dlsym(RTLD_NEXT, #name);                                                   \
    memcpy(&next, &p, sizeof next);                                                      \
  }

typedef void gemm(CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, int, int, int, double,
                  const double *, int, const double *, int, double, double *, int);
void
cblas_dgemm(CBLAS_LAYOUT layout, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n,
            int k, double alpha, const double *a, int lda, const double *b, int ldb,
            double beta, double *c, int ldc)
{
  NEXT(cblas_dgemm, gemm);
  count((double)m * n * k);
  next(layout, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

typedef void syrk(CBLAS_LAYOUT, CBLAS_UPLO, CBLAS_TRANSPOSE, int, int, double,
                  const double *, int, double, double *, int);
void
cblas_dsyrk(CBLAS_LAYOUT layout, CBLAS_UPLO uplo, CBLAS_TRANSPOSE t, int n, int k,
            double alpha, const double *a, int lda, double beta, double *c, int ldc)
{
  NEXT(cblas_dsyrk, syrk);
  count(0.5 * (double)n * n * k);
  next(layout, uplo, t, n, k, alpha, a, lda, beta, c, ldc);
}

typedef void trsm(CBLAS_LAYOUT, CBLAS_SIDE, CBLAS_UPLO, CBLAS_TRANSPOSE, CBLAS_DIAG, int,
                  int, double, const double *, int, double *, int);
void
cblas_dtrsm(CBLAS_LAYOUT layout, CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE t,
            CBLAS_DIAG diag, int m, int n, double alpha, const double *a, int lda,
            double *b, int ldb)
{
  NEXT(cblas_dtrsm, trsm);
  count(0.5 * (double)m * n * (side == CblasLeft ? m : n));
  next(layout, side, uplo, t, diag, m, n, alpha, a, lda, b, ldb);
}

typedef void latrd(const char *, const int *, const int *, double *, const int *,
                   double *, double *, double *, const int *, size_t);
latrd dlatrd_;
void
dlatrd_(const char *uplo, const int *n, const int *nb, double *a, const int *lda,
        double *e, double *tau, double *w, const int *ldw, size_t length)
{
  NEXT(dlatrd_, latrd);
  count((double)*n * *n * *nb);
  next(uplo, n, nb, a, lda, e, tau, w, ldw, length);
}

typedef void labrd(const int *, const int *, const int *, double *, const int *, double *,
                   double *, double *, double *, double *, const int *, double *,
                   const int *);
labrd dlabrd_;
void
dlabrd_(const int *m, const int *n, const int *nb, double *a, const int *lda, double *d,
        double *e, double *tauq, double *taup, double *x, const int *ldx, double *y,
        const int *ldy)
{
  NEXT(dlabrd_, labrd);
  count(2.0 * (double)*m * *n * *nb);
  next(m, n, nb, a, lda, d, e, tauq, taup, x, ldx, y, ldy);
}

static int looks, stop_at;

static int
look(const nax_progress *p, void *user)
{
  (void)p;
  (void)user;
  most = since > most ? since : most;
  since = 0.0;
  return ++looks == stop_at;
}

static nax_ctx *
watched(int at)
{
  nax_ctx *ctx = context(1);
  nax_ctx_set_progress(ctx, look, NULL, 0.0);
  since = most = all = 0.0;
  looks = 0;
  stop_at = at;
  return ctx;
}

static double *
noise(nax_index n, uint64_t seed)
{
  double *x = calloc((size_t)(n > 0 ? n : 1), sizeof *x);
  assert_non_null(x);
  for (nax_index i = 0; i < n; i++) {
    x[i] = nax_t_uniform(&seed) - 0.5;
  }
  return x;
}

/* --- results ---------------------------------------------------------------------------
 */

enum { NOISE, SMOOTH, IDENTITY, LOW_RANK, HUGE_VALUES, TINY_VALUES, GRADED, ZERO, KINDS };

static double *
matrix(int kind, nax_index m, nax_index n)
{
  double *a = noise(m * n, 5);
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < m; i++) {
      double *x = &a[i + j * m], d = (double)(i - j);
      *x = kind == SMOOTH        ? exp(-0.05 * fabs(d))
           : kind == IDENTITY    ? (double)(i == j)
           : kind == LOW_RANK    ? cos(0.1 * (double)i) * cos(0.1 * (double)j)
           : kind == HUGE_VALUES ? 1e200 * *x
           : kind == TINY_VALUES ? 1e-200 * *x
           : kind == GRADED      ? *x * pow(10.0, -0.05 * (double)(i + j))
           : kind == ZERO        ? 0.0
                                 : *x;
    }
  }
  return a;
}

/* Largest entry of Q'Q - I, of columns (or with `rows`, n rows) of length m. */
static double
skew(const double *q, nax_index m, nax_index n, int rows)
{
  double *g = calloc((size_t)(n * n), sizeof *g), worst = 0.0;
  nax_i_trans t = rows ? NAX_I_PLAIN : NAX_I_TRANS;
  assert_ok(nax_i_syrk(NULL, t, n, m, 1.0, q, rows ? n : m, 0.0, g, n));
  for (nax_index i = 0; i < n * n; i++) {
    worst = fmax(worst, fabs(g[i] - (double)(i % n == i / n)));
  }
  free(g);
  return worst;
}

static double
largest(const double *a, nax_index n)
{
  double m = 0.0;
  for (nax_index i = 0; i < n; i++) {
    m = fmax(m, fabs(a[i]));
  }
  return m;
}

static void
eigenvectors_in_pieces_diagonalise(void **state)
{
  (void)state;
  static const nax_index sizes[] = {1, 2, 33, 66, 131, 260};
  for (int k = 0; k < 6 * KINDS; k++) {
    nax_index n = sizes[k / KINDS], lda = n + 3;
    double *a = matrix(k % KINDS, n, n), *v = noise(lda * n, 1), *w = noise(n, 1);
    double *alone = noise(n * n, 1), *values = noise(n, 1), *one = noise(lda * n, 1);
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < n; i++) {
        a[i + j * n] = i < j ? a[i + j * n] : a[j + i * n]; /* symmetric */
      }
    }
    for (nax_index j = 0; j < n; j++) {
      memcpy(v + j * lda, a + j * n, (size_t)n * sizeof *a);
    }
    memcpy(one, v, (size_t)(lda * n) * sizeof *one);
    memcpy(alone, a, (size_t)(n * n) * sizeof *a);
    assert_ok(nax_i_eigen_pieces(NULL, "f", n, one, lda, 1, w));
    assert_ok(nax_i_syevd(NULL, "f", n, alone, n, 0, values));
    double scale = largest(values, n);
    for (nax_index j = 0; j < n; j++) {
      assert_true(fabs(w[j] - values[j]) <= 1e-13 * scale);
    }
    nax_ctx *ctx = context(2);
    double *again = noise(n, 1);
    assert_ok(nax_i_eigen_pieces(ctx, "f", n, v, lda, 1, again));
    assert_memory_equal(again, w, (size_t)n * sizeof *w);
    for (nax_index j = 0; j < n; j++) {
      assert_memory_equal(v + j * lda, one + j * lda, (size_t)n * sizeof *v);
      memcpy(alone + j * n, v + j * lda, (size_t)n * sizeof *v);
    }
    assert_true(skew(alone, n, n, 0) < 1e-13);
    double *av = calloc((size_t)(n * n), sizeof *av), *only = noise(n * n, 1);
    assert_ok(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, n, n, n, 1.0, a, n, alone, n,
                         0.0, av, n));
    for (nax_index i = 0; i < n * n; i++) {
      assert_true(fabs(av[i] - w[i / n] * alone[i]) <= 1e-13 * scale);
    }
    memcpy(only, a, (size_t)(n * n) * sizeof *a);
    assert_ok(nax_i_eigen_pieces(ctx, "f", n, only, n, 0, again));
    for (nax_index j = 0; j < n; j++) {
      assert_true(fabs(again[j] - values[j]) <= 1e-13 * scale);
    }
    nax_ctx_free(ctx);
    double *all_of[] = {a, v, w, alone, values, one, again, av, only};
    for (size_t i = 0; i < sizeof all_of / sizeof all_of[0]; i++) {
      free(all_of[i]);
    }
  }
}

static void
singular_vectors_in_pieces_rebuild_the_matrix(void **state)
{
  (void)state;
  static const nax_index shape[][2] = {{1, 1},    {7, 1},     {1, 7},
                                       {40, 40},  {150, 140}, {70, 66},
                                       {300, 90}, {90, 300},  {161, 161}};
  for (int k = 0; k < 9 * KINDS; k++) {
    nax_index m = shape[k / KINDS][0], n = shape[k / KINDS][1], p = m < n ? m : n;
    double *a = matrix(k % KINDS, m, n), *s = noise(p, 1), *u = noise(m * p, 1);
    double *vt = noise(p * n, 1), *same = noise(p, 1), *u2 = noise(m * p, 1);
    double *vt2 = noise(p * n, 1), *work = noise(m * n, 1), *values = noise(p, 1);
    nax_ctx *ctx = context(2);
    assert_ok(nax_i_svd_pieces(NULL, "f", m, n, a, m, s, u, m, vt, p));
    assert_ok(nax_i_svd_pieces(ctx, "f", m, n, a, m, same, u2, m, vt2, p));
    assert_memory_equal(s, same, (size_t)p * sizeof *s);
    assert_memory_equal(u, u2, (size_t)(m * p) * sizeof *u);
    assert_memory_equal(vt, vt2, (size_t)(p * n) * sizeof *vt);
    assert_true(skew(u, m, p, 0) < 1e-13);
    assert_true(skew(vt, n, p, 1) < 1e-13);
    memcpy(work, a, (size_t)(m * n) * sizeof *a);
    assert_ok(nax_i_gesdd(NULL, "f", m, n, work, m, values, NULL, m, NULL, p));
    double scale = values[0];
    for (nax_index j = 0; j < p; j++) {
      assert_true(fabs(s[j] - values[j]) <= 1e-13 * scale);
      assert_true(j == 0 || s[j] <= s[j - 1]);
      for (nax_index i = 0; i < m; i++) {
        u2[i + j * m] = u[i + j * m] * s[j];
      }
    }
    assert_ok(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, m, n, p, 1.0, u2, m, vt, p, 0.0,
                         work, m));
    for (nax_index i = 0; i < m * n; i++) {
      assert_true(fabs(work[i] - a[i]) <= 1e-13 * scale);
    }
    assert_ok(nax_i_svd_pieces(ctx, "f", m, n, a, m, same, NULL, m, NULL, p));
    for (nax_index j = 0; j < p; j++) {
      assert_true(fabs(same[j] - values[j]) <= 1e-13 * scale);
    }
    nax_ctx_free(ctx);
    double *all_of[] = {a, s, u, vt, same, u2, vt2, work, values};
    for (size_t i = 0; i < sizeof all_of / sizeof all_of[0]; i++) {
      free(all_of[i]);
    }
  }
}

/* Second differences plus a slope. */
static void
eigenvectors_of_a_long_tridiagonal_matrix_come_one_by_one(void **state)
{
  (void)state;
  enum { N = 20001, K = 3 };
  double *d = calloc(N, sizeof *d), *e = calloc(N, sizeof *e), *w = calloc(N, sizeof *w);
  double *v = calloc((size_t)N * K, sizeof *v);
  for (int i = 0; i < N; i++) {
    d[i] = 2.0 + 1e-3 * (double)i; /* well apart */
    e[i] = -1.0;
  }
  nax_ctx *ctx = context(2);
  assert_ok(nax_i_stev_largest(ctx, "f", N, d, e, K, w, v, N));
  assert_true(skew(v, N, K, 0) < 1e-10);
  for (int q = 0; q < K; q++) {
    assert_true(q == 0 || w[q] < w[q - 1]);
    for (int i = 0; i < N; i++) {
      double *x = v + (size_t)q * N, tv = (2.0 + 1e-3 * (double)i) * x[i];
      tv -= (i > 0 ? x[i - 1] : 0.0) + (i < N - 1 ? x[i + 1] : 0.0);
      assert_true(fabs(tv - w[q] * x[i]) < 1e-11);
    }
  }
  nax_ctx_free(ctx);
  free(d);
  free(e);
  free(w);
  free(v);
}

/* A A' of noise, with 1 added to the diagonal. */
static double *
definite(nax_index n)
{
  double *x = noise(n * 40, 9), *a = calloc((size_t)(n * n), sizeof *a);
  assert_non_null(a);
  assert_ok(nax_i_syrk(NULL, NAX_I_PLAIN, n, 40, 1.0, x, n, 0.0, a, n));
  for (nax_index i = 0; i < n; i++) {
    a[i + i * n] += 1.0;
  }
  free(x);
  return a;
}

static void
a_large_cholesky_factor_is_that_of_its_matrix(void **state)
{
  (void)state;
  enum { N = 1700 };
  double *a = definite(N), *l = calloc((size_t)N * N, sizeof *l), *two;
  double *b = noise(N, 3), *x = calloc(N, sizeof *x);
  two = calloc((size_t)N * N, sizeof *two);
  memcpy(l, a, sizeof(double) * N * N);
  memcpy(two, a, sizeof(double) * N * N);
  nax_ctx *ctx = context(2);
  assert_ok(nax_i_potrf(NULL, "f", "matrix", N, l, N, 0, NULL));
  assert_ok(nax_i_potrf(ctx, "f", "matrix", N, two, N, 0, NULL));
  assert_memory_equal(l, two, sizeof(double) * N * N);
  memcpy(x, b, N * sizeof *x);
  assert_ok(nax_i_potrs(NULL, N, 1, l, N, x, N));
  assert_ok(nax_i_gemv(NULL, NAX_I_PLAIN, N, N, 1.0, a, N, x, -1.0, b));
  assert_true(largest(b, N) < 1e-11);
  a[1500 + (size_t)1500 * N] = -1.0;
  assert_error(nax_i_potrf(NULL, "f", "matrix", N, a, N, 0, NULL), NAX_ENUMERIC,
               "f: matrix (1700 x 1700) must be positive definite, its leading block of "
               "1501 is not; add to its diagonal");
  nax_ctx_free(ctx);
  free(a);
  free(l);
  free(two);
  free(b);
  free(x);
}

/* --- stopping --------------------------------------------------------------------------
 */

enum {
  PRODUCT,
  SELF_PRODUCT,
  BLOCK,
  BLOCK_SELF,
  SOLVE,
  CHOLESKY,
  EIGEN,
  SINGULAR,
  WORKS
};

/* Each is more than most machines do in a second when it is large. */
static nax_status
work_on(nax_ctx *ctx, int what, nax_index n)
{
  nax_index k = what <= BLOCK_SELF ? 3 * n : n;
  double *a = what == SOLVE || what == CHOLESKY ? definite(n) : noise(n * k, 2);
  double *c = calloc((size_t)(n * n), sizeof *c), *s = calloc((size_t)n, sizeof *s);
  double *v = calloc((size_t)(n * n), sizeof *v);
  nax_status status = NAX_EBUG;
  nax_i_stage st;
  assert_true(c != NULL && s != NULL && v != NULL);
  if (what == SOLVE) {
    for (nax_index j = 1; j < n; j++) {
      memset(a + j * n, 0, (size_t)j * sizeof *a);
    }
    memcpy(c, a, (size_t)(n * n) * sizeof *c);
  }
  since = most = all = 0.0;
  looks = 0;
  assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/long", -1));
  switch (what) {
  case PRODUCT:
    status =
        nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, k, 1.0, a, k, a, k, 0.0, c, n);
    break;
  case SELF_PRODUCT:
    status = nax_i_self_product(ctx, n, k, 1.0, a, k, 0.0, c, n);
    break;
  case BLOCK:
    status = nax_i_block_gemm(ctx, n, n, k, 1.0, a, k, a, k, 0.0, c, n);
    break;
  case BLOCK_SELF:
    status = nax_i_block_syrk(ctx, NAX_I_TRANS, n, k, 1.0, a, k, 0.0, c, n);
    break;
  case SOLVE:
    status = nax_i_trsm(ctx, NAX_I_PLAIN, n, n, a, n, c, n);
    break;
  case CHOLESKY:
    status = nax_i_potrf(ctx, "nax_f", "matrix", n, a, n, 0, NULL);
    break;
  case EIGEN:
    status = nax_i_syevd(ctx, "nax_f", n, a, n, 1, s);
    break;
  default:
    status = nax_i_gesdd(ctx, "nax_f", n, n, a, n, s, c, n, v, n);
  }
  most = since > most ? since : most;
  free(a);
  free(c);
  free(s);
  free(v);
  return status;
}

static void
little_is_done_between_two_looks(void **state)
{
  (void)state;
  static const nax_index size[WORKS] = {1500, 1500, 1500, 1500, 2400, 2400, 900, 700};
  for (int what = 0; what < WORKS; what++) {
    nax_ctx *ctx = watched(0);
    assert_ok(work_on(ctx, what, size[what]));
    print_message("# %d: %.2g multiplications, at most %.2g between two of %d looks\n",
                  what, all, most, looks);
    assert_true(all > 4e8);
    assert_true(most < 1.3e9);
    assert_true(most < 0.5 * all);
    nax_ctx_free(ctx);
  }
}

static void
at_each_of_them_the_work_ends(void **state)
{
  (void)state;
  static const nax_index size[WORKS] = {900, 900, 900, 900, 1600, 1600, 520, 420};
  for (int what = 0; what < WORKS; what++) {
    nax_ctx *ctx = watched(0);
    assert_ok(work_on(ctx, what, size[what]));
    int n = looks;
    nax_ctx_free(ctx);
    assert_true(n >= 3);
    for (int i = 1; i <= 4; i++) {
      ctx = watched(2 + (n - 2) * i / 5);
      assert_status(work_on(ctx, what, size[what]), NAX_EINTERRUPT);
      assert_string_equal(nax_ctx_error(ctx),
                          "nax_f: stopped by the caller in test/long after 0 steps");
      assert_int_equal(looks, stop_at); /* and nobody is asked again */
      nax_ctx_free(ctx);
    }
  }
}

static nax_status
multiply_in_block(int64_t block, void *arg)
{
  enum { N = 300, K = 20000 };
  double *a = noise(N * K, (uint64_t)block), *c = noise(N * N, 1);
  nax_status s =
      nax_i_gemm(arg, NAX_I_TRANS, NAX_I_PLAIN, N, N, K, 1.0, a, K, a, K, 0.0, c, N);
  free(a);
  free(c);
  return s;
}

static void
a_cancelled_block_leaves_its_reason_with_the_call(void **state)
{
  (void)state;
  for (int32_t threads = 1; threads <= 2; threads++) {
    nax_ctx *ctx = context(threads);
    nax_i_stage st;
    assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/blocks", 3));
    nax_ctx_cancel(ctx);
    assert_status(nax_i_parallel(ctx, NULL, 3, multiply_in_block, ctx), NAX_EINTERRUPT);
    assert_string_equal(nax_ctx_error(ctx),
                        "nax_f: stopped by the caller in test/blocks after 0 steps");
    assert_ok(nax_i_parallel(ctx, NULL, 1, multiply_in_block, ctx)); /* once only */
    nax_i_hold(ctx, 1);
    nax_ctx_cancel(ctx);
    assert_ok(nax_i_parallel(ctx, NULL, 1, multiply_in_block, ctx));
    nax_i_hold(ctx, -1);
    assert_status(nax_i_stage_poll(&st, 1, 0.0), NAX_EINTERRUPT);
    nax_ctx_free(ctx);
  }
}

static nax_status
run_pieces(void)
{
  enum { N = 140 };
  double *a = noise(N * N, 2), *u = noise(N * N, 2), *vt = noise(N * N, 2), s[N];
  nax_status status = nax_i_svd_pieces(NULL, "f", N, N, a, N, s, u, N, vt, N);
  status = status == NAX_OK ? nax_i_eigen_pieces(NULL, "f", N, a, N, 1, s) : status;
  free(a);
  free(u);
  free(vt);
  return status;
}

static void
each_allocation_may_fail(void **state)
{
  (void)state;
  NAX_T_SWEEP_ALLOC(run_pieces(), NULL, (void)0, 500);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(eigenvectors_in_pieces_diagonalise),
      cmocka_unit_test(singular_vectors_in_pieces_rebuild_the_matrix),
      cmocka_unit_test(eigenvectors_of_a_long_tridiagonal_matrix_come_one_by_one),
      cmocka_unit_test(a_large_cholesky_factor_is_that_of_its_matrix),
      cmocka_unit_test(little_is_done_between_two_looks),
      cmocka_unit_test(at_each_of_them_the_work_ends),
      cmocka_unit_test(a_cancelled_block_leaves_its_reason_with_the_call),
      cmocka_unit_test(each_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("linalg_pieces", tests, NULL, NULL);
}
