/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations. LAPACK's own NaN checks are replaced by ours, which name the place. */
#include "linalg_i.h"
#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>

#define NARROW(n, sizes, narrow, rows, cols)                                             \
  NAX_REQUIRE(nax_i_blas_narrow((n), (sizes), (narrow)), NAX_EOVERFLOW,                  \
              "a matrix of %lld x %lld exceeds the integers of LAPACK",                  \
              (long long)(rows), (long long)(cols))

/* ------------------------------------------------------------------- Cholesky */

/* Largest column sum of magnitudes of a symmetric matrix given by its lower triangle. */
static double
norm1(nax_index n, const double *a, nax_index lda, double *sums)
{
  double norm = 0.0;
  for (nax_index j = 0; j < n; j++) {
    sums[j] += fabs(a[j + j * lda]);
    for (nax_index i = j + 1; i < n; i++) {
      sums[i] += fabs(a[i + j * lda]);
      sums[j] += fabs(a[i + j * lda]);
    }
  }
  for (nax_index j = 0; j < n; j++) {
    norm = fmax(norm, sums[j]);
  }
  return norm;
}

static nax_status
judge_condition(nax_ctx *ctx, const char *fn, const char *what, nax_index n, double rcond,
                int force)
{
  if (rcond < (double)n * DBL_EPSILON && !force) {
    return nax_i_fail(ctx, NAX_ENUMERIC, fn,
                      "%s (%lld x %lld) is singular to working precision: reciprocal "
                      "condition %.3g, need at least %.3g; add to its diagonal",
                      what, (long long)n, (long long)n, rcond, (double)n * DBL_EPSILON);
  }
  if (rcond < 1e-12) {
    nax_i_warn(ctx, NAX_VIOLATION, "linalg.ill-conditioned",
               "%s: %s (%lld x %lld) has reciprocal condition %.3g: results may have few "
               "correct digits; add to its diagonal",
               fn, what, (long long)n, (long long)n, rcond);
  }
  return NAX_OK;
}

/* L of a large matrix by panels, so that one can stop between them; *info as LAPACK gives
 * it. */
static nax_status
factor(nax_ctx *ctx, nax_index n, double *a, nax_index lda, nax_i_blasint *info)
{
  enum { WHOLE = 1536, PANEL = 384 };
  nax_status status = NAX_OK;
  nax_index panel = n <= WHOLE ? n : PANEL;
  *info = 0;
  for (nax_index at = 0; at < n; at += panel) {
    nax_index some = n - at < panel ? n - at : panel, rest = n - at - some;
    double *d = a + at + at * lda, *below = d + some;
    nax_i_blas_serial_begin();
    *info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (nax_i_blasint)some, d,
                                (nax_i_blasint)lda);
    if (*info == 0 && rest > 0) {
      cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit,
                  (nax_i_blasint)rest, (nax_i_blasint)some, 1.0, d, (nax_i_blasint)lda,
                  below, (nax_i_blasint)lda);
    }
    nax_i_blas_serial_end();
    if (*info != 0) {
      *info += (nax_i_blasint)at;
      goto done;
    }
    NAX_TRY(nax_i_poll(ctx));
    if (rest > 0) {
      NAX_TRY(nax_i_update_lower(ctx, rest, some, -1.0, below, lda, below, lda, 1.0,
                                 below + some * lda, lda));
    }
  }
done:
  return status;
}

nax_status
nax_i_potrf(nax_ctx *ctx, const char *fn, const char *what, nax_index n, double *a,
            nax_index lda, int force, double *rcond)
{
  nax_status status = NAX_OK;
  nax_index sizes[2] = {n, lda};
  nax_i_blasint d[2], info, *iwork = NULL;
  double *work = NULL, r = 1.0;
  NARROW(2, sizes, d, n, n);
  if (n > 0) {
    for (nax_index j = 0; j < n; j++) {
      NAX_TRY(nax_i_require_finite(ctx, fn, what, n - j, 1, a + j + j * lda, lda));
    }
    NAX_TRY_ALLOC(work, 3 * n, sizeof *work);
    NAX_TRY_ALLOC(iwork, n, sizeof *iwork);
    double norm = norm1(n, a, lda, work);
    NAX_TRY(factor(ctx, n, a, lda, &info));
    nax_i_blas_serial_begin();
    if (info == 0) {
      LAPACKE_dpocon_work(LAPACK_COL_MAJOR, 'L', d[0], a, d[1], norm, &r, work, iwork);
    }
    nax_i_blas_serial_end();
    if (info != 0) {
      status = nax_i_fail(ctx, NAX_ENUMERIC, fn,
                          "%s (%lld x %lld) must be positive definite, its leading block "
                          "of %lld is not; add to its diagonal",
                          what, (long long)n, (long long)n, (long long)info);
      goto done;
    }
    NAX_TRY(judge_condition(ctx, fn, what, n, r, force));
    for (nax_index j = 1; j < n; j++) {
      memset(a + j * lda, 0, (size_t)j * sizeof *a);
    }
  }
  if (rcond != NULL) {
    *rcond = r;
  }
done:
  nax_i_free(work);
  nax_i_free(iwork);
  return status;
}

nax_status
nax_i_potrs(nax_ctx *ctx, nax_index n, nax_index n_rhs, const double *l, nax_index ldl,
            double *b, nax_index ldb)
{
  nax_status status = nax_i_trsm(ctx, NAX_I_PLAIN, n, n_rhs, l, ldl, b, ldb);
  return status == NAX_OK ? nax_i_trsm(ctx, NAX_I_TRANS, n, n_rhs, l, ldl, b, ldb)
                          : status;
}

double
nax_i_chol_logdet(nax_index n, const double *l, nax_index ldl)
{
  double s = 0.0;
  for (nax_index i = 0; i < n; i++) {
    s += log(l[i + i * ldl]);
  }
  return 2.0 * s;
}

/* ------------------------------------------------------- eigenvalues and SVD */

/* 1 when the entry of largest magnitude is negative. Entries that differ in rounding only
 * count as equal, so that the choice does not hang on it; the first one decides. */
static int
points_down(const double *v, nax_index n)
{
  double most = 0.0;
  for (nax_index i = 0; i < n; i++) {
    most = fmax(most, fabs(v[i]));
  }
  for (nax_index i = 0; i < n; i++) {
    if (fabs(v[i]) >= most * (1.0 - 1e-10)) {
      return v[i] < 0.0;
    }
  }
  return 0;
}

static void
negate(double *v, nax_index n, nax_index stride)
{
  for (nax_index i = 0; i < n; i++) {
    v[i * stride] = -v[i * stride];
  }
}

nax_status
nax_i_syevd(nax_ctx *ctx, const char *fn, nax_index n, double *a, nax_index lda,
            int vectors, double *values)
{
  enum { WHOLE = 500 };
  nax_status status = NAX_OK;
  nax_index sizes[2] = {n, lda};
  nax_i_blasint d[2], info = 0, n_int = 0, *iwork = NULL;
  double *work = NULL, n_work = 0.0;
  char job = vectors ? 'V' : 'N';
  NARROW(2, sizes, d, n, n);
  NAX_REQUIRE(n <= 32000, NAX_EOVERFLOW,
              "%lld eigenvectors exceed the work space LAPACK can count", (long long)n);
  if (n == 0) {
    goto done;
  }
  for (nax_index j = 0; j < n; j++) {
    NAX_TRY(nax_i_require_finite(ctx, fn, "matrix", n - j, 1, a + j + j * lda, lda));
  }
  if (n > WHOLE) {
    NAX_TRY(nax_i_eigen_pieces(ctx, fn, n, a, lda, vectors, values));
    goto orient;
  }
  nax_i_blas_serial_begin();
  LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'L', d[0], a, d[1], values, &n_work, -1,
                      &n_int, -1);
  nax_i_blas_serial_end();
  NAX_TRY_ALLOC(work, n_work, sizeof *work);
  NAX_TRY_ALLOC(iwork, n_int, sizeof *iwork);
  nax_i_blas_serial_begin();
  info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'L', d[0], a, d[1], values, work,
                             (nax_i_blasint)n_work, iwork, n_int);
  nax_i_blas_serial_end();
  if (info != 0) {
    status = nax_i_fail(ctx, NAX_ENUMERIC, fn,
                        "eigenvalues of a %lld x %lld matrix did not converge",
                        (long long)n, (long long)n);
    goto done;
  }
orient:
  for (nax_index j = 0; j < n && vectors; j++) {
    if (points_down(a + j * lda, n)) {
      negate(a + j * lda, n, 1);
    }
  }
done:
  nax_i_free(work);
  nax_i_free(iwork);
  return status;
}

nax_status
nax_i_stev_largest(nax_ctx *ctx, const char *fn, nax_index n, double *d, double *e,
                   nax_index k, double *values, double *v, nax_index ldv)
{
  enum { TOGETHER = 20000 };
  nax_status status = NAX_OK;
  nax_index sizes[3] = {n, ldv, 5 * n};
  nax_i_blasint b[3], found = 0, info = 0, *iwork = NULL;
  double *work = NULL;
  NARROW(3, sizes, b, n, n);
  NAX_TRY(nax_i_require_finite(ctx, fn, "diagonal", n, 1, d, n));
  NAX_TRY(nax_i_require_finite(ctx, fn, "off-diagonal", n - 1, 1, e, n));
  if (n > TOGETHER) {
    status = nax_i_tridiagonal_largest(ctx, fn, n, d, e, k, values, v, ldv);
    goto done;
  }
  NAX_TRY_ALLOC(work, 5 * n, sizeof *work);
  NAX_TRY_ALLOC(iwork, 6 * n, sizeof *iwork);
  nax_i_blas_serial_begin();
  info = LAPACKE_dstevx_work(LAPACK_COL_MAJOR, 'V', 'I', b[0], d, e, 0.0, 0.0,
                             b[0] - (nax_i_blasint)k + 1, b[0], 2.0 * DBL_MIN, &found,
                             values, v, b[1], work, iwork, iwork + 5 * n);
  nax_i_blas_serial_end();
  NAX_REQUIRE(info == 0 && found == (nax_i_blasint)k, NAX_ENUMERIC,
              "eigenvalues of a tridiagonal matrix of %lld did not converge",
              (long long)n);
  for (nax_index i = 0; i < k / 2; i++) {
    double *a = v + i * ldv, *z = v + (k - 1 - i) * ldv, swap = values[i];
    values[i] = values[k - 1 - i];
    values[k - 1 - i] = swap;
    for (nax_index r = 0; r < n; r++) {
      swap = a[r];
      a[r] = z[r];
      z[r] = swap;
    }
  }
done:
  nax_i_free(work);
  nax_i_free(iwork);
  return status;
}

nax_status
nax_i_gesdd(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, double *a,
            nax_index lda, double *s, double *u, nax_index ldu, double *vt,
            nax_index ldvt)
{
  enum { WHOLE = 400 };
  nax_status status = NAX_OK;
  nax_index p = m < n ? m : n;
  int vectors = u != NULL && vt != NULL;
  nax_index sizes[5] = {m, n, lda, vectors ? ldu : 1, vectors ? ldvt : 1};
  nax_i_blasint d[5], info = 0, *iwork = NULL;
  double *work = NULL, n_work = 0.0;
  char job = vectors ? 'S' : 'N';
  NARROW(5, sizes, d, m, n);
  NAX_REQUIRE(p <= 20000, NAX_EOVERFLOW,
              "an SVD of %lld x %lld exceeds the work space LAPACK can count",
              (long long)m, (long long)n);
  if (p == 0) {
    goto done;
  }
  NAX_TRY(nax_i_require_finite(ctx, fn, "matrix", m, n, a, lda));
  if (p > WHOLE) {
    NAX_TRY(
        nax_i_svd_pieces(ctx, fn, m, n, a, lda, s, vectors ? u : NULL, ldu, vt, ldvt));
    goto orient;
  }
  NAX_TRY_ALLOC(iwork, 8 * p, sizeof *iwork);
  nax_i_blas_serial_begin();
  LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, job, d[0], d[1], a, d[2], s, u, d[3], vt, d[4],
                      &n_work, -1, iwork);
  nax_i_blas_serial_end();
  NAX_TRY_ALLOC(work, n_work, sizeof *work);
  nax_i_blas_serial_begin();
  info = LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, job, d[0], d[1], a, d[2], s, u, d[3], vt,
                             d[4], work, (nax_i_blasint)n_work, iwork);
  nax_i_blas_serial_end();
  if (info != 0) {
    status = nax_i_fail(ctx, NAX_ENUMERIC, fn,
                        "singular values of a %lld x %lld matrix did not converge",
                        (long long)m, (long long)n);
    goto done;
  }
orient:
  for (nax_index j = 0; j < p && vectors; j++) {
    if (points_down(u + j * ldu, m)) {
      negate(u + j * ldu, m, 1);
      negate(vt + j, n, ldvt);
    }
  }
done:
  nax_i_free(work);
  nax_i_free(iwork);
  return status;
}

/* ---------------------------------------------------------- QR, least squares */

nax_status
nax_i_qr(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, double *a, nax_index lda,
         double *r, nax_index ldr)
{
  nax_status status = NAX_OK;
  nax_index sizes[3] = {m, n, lda};
  nax_i_blasint d[3], n_work = 0;
  double *work = NULL, *tau = NULL, w1 = 0.0, w2 = 0.0;
  NARROW(3, sizes, d, m, n);
  NAX_REQUIRE(m >= n, NAX_EDIM,
              "a thin QR needs at least as many rows as columns, got %lld x %lld",
              (long long)m, (long long)n);
  if (n == 0) {
    goto done;
  }
  NAX_TRY(nax_i_require_finite(ctx, fn, "matrix", m, n, a, lda));
  NAX_TRY_ALLOC(tau, n, sizeof *tau);
  nax_i_blas_serial_begin();
  LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, d[0], d[1], a, d[2], tau, &w1, -1);
  LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, d[0], d[1], d[1], a, d[2], tau, &w2, -1);
  nax_i_blas_serial_end();
  n_work = (nax_i_blasint)fmax(w1, w2);
  NAX_TRY_ALLOC(work, n_work, sizeof *work);
  nax_i_blas_serial_begin();
  LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, d[0], d[1], a, d[2], tau, work, n_work);
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      r[i + j * ldr] = i <= j ? a[i + j * lda] : 0.0;
    }
  }
  LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, d[0], d[1], d[1], a, d[2], tau, work, n_work);
  nax_i_blas_serial_end();
  for (nax_index j = 0; j < n; j++) {
    if (r[j + j * ldr] < 0.0) {
      negate(a + j * lda, m, 1);
      negate(r + j, n, ldr);
    }
  }
done:
  nax_i_free(work);
  nax_i_free(tau);
  return status;
}

nax_status
nax_i_lstsq(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, nax_index n_rhs,
            double *a, nax_index lda, double *b, nax_index ldb, double rcond,
            nax_index *rank)
{
  nax_status status = NAX_OK;
  nax_index sizes[5] = {m, n, n_rhs, lda, ldb};
  nax_i_blasint d[5], info = 0, r = 0, *pivot = NULL;
  double *work = NULL, n_work = 0.0;
  NARROW(5, sizes, d, m, n);
  if (m > 0 && n > 0) {
    NAX_TRY(nax_i_require_finite(ctx, fn, "matrix", m, n, a, lda));
    NAX_TRY(nax_i_require_finite(ctx, fn, "right-hand side", m, n_rhs, b, ldb));
    NAX_TRY_ALLOC(pivot, n, sizeof *pivot);
    nax_i_blas_serial_begin();
    LAPACKE_dgelsy_work(LAPACK_COL_MAJOR, d[0], d[1], d[2], a, d[3], b, d[4], pivot,
                        rcond, &r, &n_work, -1);
    nax_i_blas_serial_end();
    NAX_TRY_ALLOC(work, n_work, sizeof *work);
    nax_i_blas_serial_begin();
    info = LAPACKE_dgelsy_work(LAPACK_COL_MAJOR, d[0], d[1], d[2], a, d[3], b, d[4],
                               pivot, rcond, &r, work, (nax_i_blasint)n_work);
    nax_i_blas_serial_end();
    NAX_REQUIRE(info == 0, NAX_EBUG, "dgelsy returned %d", (int)info);
  } else {
    for (nax_index j = 0; j < n_rhs; j++) {
      memset(b + j * ldb, 0, (size_t)n * sizeof *b);
    }
  }
  if (rank != NULL) {
    *rank = r;
  }
done:
  nax_i_free(work);
  nax_i_free(pivot);
  return status;
}
