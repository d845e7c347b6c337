/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense linear algebra on column-major doubles (one product also on floats). The only
 * module that knows BLAS and LAPACK.
 *
 * Products give the same bits for any number of threads: the output is cut into fixed
 * tiles (and, when it is small and the inner length long, the inner length into fixed
 * blocks whose partial sums are added in order), each computed by one-thread BLAS. While
 * our work runs, OpenBLAS is set to one thread and afterwards back to what it was; that
 * setting belongs to the process, so another thread that calls BLAS at that moment runs
 * on one thread too.
 *
 * What would take long is cut: between the pieces the context is asked whether to stop
 * (nax_i_poll), and the result is then unfinished.
 *
 * Leading dimensions are in elements. Sizes beyond the BLAS integer give NAX_EOVERFLOW.
 * Inputs must be finite (BLAS does not promise where a NaN goes): the factorisations look
 * and refuse with NAX_EDATA, the products leave it to the caller (nax_i_require_finite).
 */
#ifndef NAX_LINALG_I_H
#define NAX_LINALG_I_H
#include "core/core_i.h"
#include <neuraxis/linalg.h>

/* Integer of the BLAS that is linked (Debian: 32 bits). */
typedef int nax_i_blasint;

/* The one place where lengths are narrowed: 0 when one of n values does not fit. */
int nax_i_blas_narrow(int n, const nax_index *from, nax_i_blasint *to);

/* OpenBLAS to one thread, and back. Pairs nest and may come from several threads. */
void nax_i_blas_serial_begin(void);
void nax_i_blas_serial_end(void);

/* Sum of eight lanes. */
static inline __attribute__((always_inline)) double
nax_i_sum_lanes(const double *part)
{
  return ((part[0] + part[4]) + (part[1] + part[5])) +
         ((part[2] + part[6]) + (part[3] + part[7]));
}

/* Sum of a[i] b[i], in an order that no instruction set changes; for functions that have
 * versions per instruction set. */
static inline __attribute__((always_inline)) double
nax_i_dot(nax_index n, const double *a, const double *b)
{
  double part[8] = {0.0};
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
#pragma omp simd
    for (int k = 0; k < 8; k++) {
      part[k] += a[i + k] * b[i + k];
    }
  }
  for (int k = 0; i < n; i++, k++) {
    part[k] += a[i] * b[i];
  }
  return nax_i_sum_lanes(part);
}

/* NAX_EDATA naming count and first index (row, column) unless all is finite. */
nax_status nax_i_require_finite(nax_ctx *ctx, const char *fn, const char *arg,
                                nax_index rows, nax_index cols, const double *a,
                                nax_index lda);

typedef enum nax_i_trans { NAX_I_PLAIN = 0, NAX_I_TRANS = 1 } nax_i_trans;

/* C = alpha op(A) op(B) + beta C; op(A) m x k, op(B) k x n. With beta 0, C is not read.
 */
nax_status nax_i_gemm(nax_ctx *ctx, nax_i_trans ta, nax_i_trans tb, nax_index m,
                      nax_index n, nax_index k, double alpha, const double *a,
                      nax_index lda, const double *b, nax_index ldb, double beta,
                      double *c, nax_index ldc);

/* The same in single precision. */
nax_status nax_i_sgemm(nax_ctx *ctx, nax_i_trans ta, nax_i_trans tb, nax_index m,
                       nax_index n, nax_index k, float alpha, const float *a,
                       nax_index lda, const float *b, nax_index ldb, float beta, float *c,
                       nax_index ldc);

/* C = alpha op(A) op(A)' + beta C, both triangles; op(A) n x k. With beta 0, C is not
 * read; else C must be symmetric. */
nax_status nax_i_syrk(nax_ctx *ctx, nax_i_trans ta, nax_index n, nax_index k,
                      double alpha, const double *a, nax_index lda, double beta,
                      double *c, nax_index ldc);

/* C = alpha A'A + beta C of A (k x n), both triangles: nax_i_syrk with half the work in
 * the tiles on the diagonal, a fifth of all for four of them a side, and other last bits.
 */
nax_status nax_i_self_product(nax_ctx *ctx, nax_index n, nax_index k, double alpha,
                              const double *a, nax_index lda, double beta, double *c,
                              nax_index ldc);

/* The same, of which only the lower triangle is read and written. */
nax_status nax_i_self_product_lower(nax_ctx *ctx, nax_index n, nax_index k, double alpha,
                                    const double *a, nax_index lda, double beta,
                                    double *c, nax_index ldc);

/* C = alpha A B' + beta C, of which only the lower triangle is read and written; B = A,
 * or A = (V W) and B = (W V) with V and W of k / 2 columns. A, B: n x k. */
nax_status nax_i_update_lower(nax_ctx *ctx, nax_index n, nax_index k, double alpha,
                              const double *a, nax_index lda, const double *b,
                              nax_index ldb, double beta, double *c, nax_index ldc);

/* On one thread, for tasks of a parallel loop over a fixed grid: the lower triangle of C
 * = alpha op(A) op(A)' + beta C, op(A) n x k, and C = alpha A'B + beta C, A k x m, B k x
 * n. */
nax_status nax_i_block_syrk(nax_ctx *ctx, nax_i_trans ta, nax_index n, nax_index k,
                            double alpha, const double *a, nax_index lda, double beta,
                            double *c, nax_index ldc);
nax_status nax_i_block_gemm(nax_ctx *ctx, nax_index m, nax_index n, nax_index k,
                            double alpha, const double *a, nax_index lda, const double *b,
                            nax_index ldb, double beta, double *c, nax_index ldc);

/* y = alpha op(A) x + beta y; A m x n. One thread. */
nax_status nax_i_gemv(nax_ctx *ctx, nax_i_trans ta, nax_index m, nax_index n,
                      double alpha, const double *a, nax_index lda, const double *x,
                      double beta, double *y);

/* B (m x n) = L^-1 B, or L'^-1 B with `trans`; L lower triangular. */
nax_status nax_i_trsm(nax_ctx *ctx, nax_i_trans trans, nax_index m, nax_index n,
                      const double *l, nax_index ldl, double *b, nax_index ldb);

/* Cholesky: the lower triangle of the symmetric A becomes L, what is above is set to 0.
 * `*rcond` (may be NULL) gets the reciprocal condition estimate. `what` names the matrix.
 * rcond < 1e-12 warns ("linalg.ill-conditioned"), rcond < n * eps is NAX_ENUMERIC unless
 * `force`; a matrix that is not positive definite is NAX_ENUMERIC always. Adding to the
 * diagonal is the caller's business, never done silently. */
nax_status nax_i_potrf(nax_ctx *ctx, const char *fn, const char *what, nax_index n,
                       double *a, nax_index lda, int force, double *rcond);
/* B (n x n_rhs) = A^-1 B from the L of nax_i_potrf. */
nax_status nax_i_potrs(nax_ctx *ctx, nax_index n, nax_index n_rhs, const double *l,
                       nax_index ldl, double *b, nax_index ldb);
/* log det A = 2 sum log L_ii. */
double nax_i_chol_logdet(nax_index n, const double *l, nax_index ldl);

/* Eigenvalues of symmetric A (lower triangle read) in ascending order, and its
 * eigenvectors into A, unless `vectors` is 0 (A is destroyed then). The entry of largest
 * magnitude of each vector is positive (the first one of equals). */
nax_status nax_i_syevd(nax_ctx *ctx, const char *fn, nax_index n, double *a,
                       nax_index lda, int vectors, double *values);

/* C becomes Q C (or Q' C) with Q = H1 H2 .. Hk of the k reflectors in the columns of A
 * below its diagonal, as QR leaves them, C: m x others; or, from the right, C (others x
 * m) becomes C P' with P = G1 G2 .. Gk of the reflectors in the rows of A. */
typedef enum nax_i_householder_side {
  NAX_I_LEFT,      /* Q C */
  NAX_I_LEFT_BACK, /* Q' C */
  NAX_I_RIGHT_BACK /* C P' */
} nax_i_householder_side;
nax_status nax_i_householder(nax_ctx *ctx, nax_i_householder_side how, nax_index m,
                             nax_index k, const double *a, nax_index lda,
                             const double *tau, nax_index others, double *c,
                             nax_index ldc);

/* The way nax_i_syevd goes with a large matrix; vectors of either sign. */
nax_status nax_i_eigen_pieces(nax_ctx *ctx, const char *fn, nax_index n, double *a,
                              nax_index lda, int vectors, double *values);

/* The `k` largest eigenvalues, descending, of the symmetric tridiagonal matrix with
 * diagonal d (n) and off-diagonal e (n - 1 of n entries; both destroyed), and their
 * eigenvectors in the columns of v, of either sign. values: room for n. */
nax_status nax_i_stev_largest(nax_ctx *ctx, const char *fn, nax_index n, double *d,
                              double *e, nax_index k, double *values, double *v,
                              nax_index ldv);

/* The way it goes with a long one, whose eigenvalues are well apart; d and e stay. */
nax_status nax_i_tridiagonal_largest(nax_ctx *ctx, const char *fn, nax_index n,
                                     const double *d, const double *e, nax_index k,
                                     double *values, double *v, nax_index ldv);

/* Thin SVD A (m x n, destroyed) = U diag(s) Vt: U m x p, Vt p x n, p = min(m, n), s
 * descending. Signs as above, by the columns of U. u and vt may both be NULL. */
nax_status nax_i_gesdd(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, double *a,
                       nax_index lda, double *s, double *u, nax_index ldu, double *vt,
                       nax_index ldvt);

/* The way nax_i_gesdd goes with a large matrix; vectors of either sign, none with u NULL.
 */
nax_status nax_i_svd_pieces(nax_ctx *ctx, const char *fn, nax_index m, nax_index n,
                            const double *a, nax_index lda, double *s, double *u,
                            nax_index ldu, double *vt, nax_index ldvt);

/* Thin QR of A (m x n, m >= n): A becomes Q, R (n x n, upper, diagonal >= 0) goes to r.
 */
nax_status nax_i_qr(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, double *a,
                    nax_index lda, double *r, nax_index ldr);

/* Least squares min |A X - B|, A m x n (destroyed), B max(m, n) x n_rhs (m rows in, n
 * rows out), by QR with column pivoting; directions with a condition above 1 / rcond are
 * left out and X is the shortest solution. *rank may be NULL. */
nax_status nax_i_lstsq(nax_ctx *ctx, const char *fn, nax_index m, nax_index n,
                       nax_index n_rhs, double *a, nax_index lda, double *b,
                       nax_index ldb, double rcond, nax_index *rank);

#endif
