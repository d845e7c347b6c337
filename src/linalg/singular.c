/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thin SVD of a large matrix in pieces, so that one can stop between them and several
 * threads can take part: QR by panels, reduction to a bidiagonal matrix by panels, Gu and
 * Eisenstat's division of that (1995, doi:10.1137/S0895479892242232) on LAPACK's steps,
 * and the way back in blocks of columns and rows. */
#include "linalg_i.h"
#include <float.h>
#include <lapacke.h>
#include <math.h>

typedef nax_i_blasint integer;

/* Steps of LAPACK that LAPACKE does not offer. */
void dlabrd_(const integer *m, const integer *n, const integer *nb, double *a,
             const integer *lda, double *d, double *e, double *tauq, double *taup,
             double *x, const integer *ldx, double *y, const integer *ldy);
void dlasdq_(const char *uplo, const integer *sqre, const integer *n, const integer *ncvt,
             const integer *nru, const integer *ncc, double *d, double *e, double *vt,
             const integer *ldvt, double *u, const integer *ldu, double *c,
             const integer *ldc, double *work, integer *info, size_t length);
void dlasd1_(const integer *nl, const integer *nr, const integer *sqre, double *d,
             double *alpha, double *beta, double *u, const integer *ldu, double *vt,
             const integer *ldvt, integer *idxq, integer *iwork, double *work,
             integer *info);

void dlasd2_(const integer *nl, const integer *nr, const integer *sqre, integer *k,
             double *d, double *z, const double *alpha, const double *beta, double *u,
             const integer *ldu, double *vt, const integer *ldvt, double *dsigma,
             double *u2, const integer *ldu2, double *vt2, const integer *ldvt2,
             integer *idxp, integer *idx, integer *idxc, integer *idxq, integer *coltyp,
             integer *info);
void dlasd3_(const integer *nl, const integer *nr, const integer *sqre, const integer *k,
             double *d, double *q, const integer *ldq, double *dsigma, double *u,
             const integer *ldu, double *u2, const integer *ldu2, double *vt,
             const integer *ldvt, double *vt2, const integer *ldvt2, const integer *idxc,
             const integer *ctot, double *z, integer *info);
void dlasd4_(const integer *n, const integer *i, const double *d, const double *z,
             double *delta, const double *rho, double *sigma, double *work,
             integer *info);
void dlamrg_(const integer *n1, const integer *n2, const double *a, const integer *dtrd1,
             const integer *dtrd2, integer *index);

enum { PANEL = 32 };

/* A (m x n, m >= n) becomes R and reflectors. */
static nax_status
factor_qr(nax_ctx *ctx, nax_index m, nax_index n, double *a, double *tau)
{
  nax_status status = NAX_OK;
  double work[PANEL * (PANEL + 1)];
  for (nax_index at = 0; at < n; at += PANEL) {
    nax_index nb = n - at < PANEL ? n - at : PANEL, rest = n - at - nb;
    double *from = a + at + at * m;
    nax_i_blas_serial_begin();
    LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (integer)(m - at), (integer)nb, from,
                        (integer)m, tau + at, work, PANEL * (PANEL + 1));
    nax_i_blas_serial_end();
    NAX_TRY(nax_i_poll(ctx));
    if (rest > 0) {
      NAX_TRY(nax_i_householder(ctx, NAX_I_LEFT_BACK, m - at, nb, from, m, tau + at, rest,
                                from + nb * m, m));
    }
  }
done:
  return status;
}

/* ------------------------------------------------------- to a bidiagonal matrix */

/* m x n, m >= n; upper bidiagonal, as dgebrd leaves it. */
static nax_status
bidiagonalise(nax_ctx *ctx, nax_index m, nax_index n, double *a, double *d, double *e,
              double *tauq, double *taup)
{
  enum { LEAST = 4, LAST = 128 };
  const double most = 2e8; /* numbers of the matrix a panel reads, in each direction */
  nax_status status = NAX_OK;
  double *x = NULL, *y = NULL, *left = NULL, *right = NULL;
  nax_index at = 0;
  NAX_TRY_ALLOC(x, m * PANEL, sizeof *x);
  NAX_TRY_ALLOC(y, n * PANEL, sizeof *y);
  NAX_TRY_ALLOC(left, m * 2 * PANEL, sizeof *left);
  NAX_TRY_ALLOC(right, n * 2 * PANEL, sizeof *right);
  while (n - at > LAST) {
    nax_index rows = m - at, cols = n - at, nb = PANEL;
    while (nb > LEAST && (double)rows * (double)cols * (double)nb > most) {
      nb /= 2;
    }
    nax_index below = rows - nb, after = cols - nb;
    double *from = a + at + at * m, *corner = from + nb + nb * m;
    integer i_rows = (integer)rows, i_cols = (integer)cols, i_nb = (integer)nb,
            i_m = (integer)m;
    nax_i_blas_serial_begin();
    dlabrd_(&i_rows, &i_cols, &i_nb, from, &i_m, d + at, e + at, tauq + at, taup + at, x,
            &i_rows, y, &i_cols);
    nax_i_blas_serial_end();
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index j = 0; j < nb; j++) {
      memcpy(left + j * below, from + nb + j * m, (size_t)below * sizeof *left);
      memcpy(left + (nb + j) * below, x + nb + j * rows, (size_t)below * sizeof *left);
      memcpy(right + j * after, y + nb + j * cols, (size_t)after * sizeof *right);
      for (nax_index i = 0; i < after; i++) {
        right[i + (nb + j) * after] = from[j + (nb + i) * m];
      }
    }
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, below, after, 2 * nb, -1.0, left,
                       below, right, after, 1.0, corner, m));
    for (nax_index j = 0; j < nb; j++) {
      from[j + j * m] = d[at + j];
      from[j + (j + 1) * m] = e[at + j];
    }
    at += nb;
  }
  nax_i_blas_serial_begin();
  LAPACKE_dgebrd_work(LAPACK_COL_MAJOR, (integer)(m - at), (integer)(n - at),
                      a + at + at * m, (integer)m, d + at, e + at, tauq + at, taup + at,
                      x, (integer)(m * PANEL));
  nax_i_blas_serial_end();
done:
  nax_i_free(x);
  nax_i_free(y);
  nax_i_free(left);
  nax_i_free(right);
  return status;
}

/* --------------------------------------------------------------------- division */

typedef struct division {
  nax_ctx *ctx;
  const char *fn;
  nax_index n;
  double *d, *e, *u, *vt, *work; /* u, vt: n x n; work: 3 n^2 + 8 n */
  integer *order, *iwork;        /* n, 4 n */
} division;

/* One merge: the k singular values that are not settled yet, as LAPACK's dlasd3 finds
 * them. u and vt are where the vectors go, which hold distances to the poles first. */
typedef struct merge {
  nax_index k, ld, rows[2], columns;
  nax_index upper, lower, both; /* columns of u2 behind its first: in the first half
                                   alone, in the second alone, in both */
  double *pole, *z, *d, *u, *vt;
  double *u2, *vt2;     /* old vectors: n x n, columns x columns */
  double *q, rho;       /* k x k */
  double *next;         /* k: corrected z */
  const integer *order; /* of the rows of q */
} merge;

enum { ROOTS = 32 };

static nax_index
end_of_block(const merge *m, int64_t block)
{
  return (block + 1) * ROOTS < m->k ? (block + 1) * ROOTS : m->k;
}

static nax_status
find_roots(int64_t block, void *arg)
{
  const merge *m = arg;
  integer k = (integer)m->k, info = 0;
  for (nax_index j = block * ROOTS; j < end_of_block(m, block) && info == 0; j++) {
    integer i = (integer)j + 1;
    dlasd4_(&k, &i, m->pole, m->z, m->u + j * m->ld, &m->rho, m->d + j, m->vt + j * m->ld,
            &info);
  }
  return info == 0 ? NAX_OK : NAX_ENUMERIC;
}

/* The vector for which the roots that were found are exact. */
static nax_status
correct(int64_t block, void *arg)
{
  const merge *m = arg;
  nax_index from = block * ROOTS, to = end_of_block(m, block), last = m->k - 1;
  for (nax_index i = from; i < to; i++) {
    m->next[i] = m->u[i + last * m->ld] * m->vt[i + last * m->ld];
  }
  for (nax_index j = 0; j < last; j++) {
    for (nax_index i = from; i < to; i++) {
      double other = m->pole[j < i ? j : j + 1];
      m->next[i] *= m->u[i + j * m->ld] * m->vt[i + j * m->ld] / (m->pole[i] - other) /
                    (m->pole[i] + other);
    }
  }
  for (nax_index i = from; i < to; i++) {
    m->next[i] = copysign(sqrt(fabs(m->next[i])), m->z[i]);
  }
  return NAX_OK;
}

static double
length(nax_index n, const double *x)
{
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    sum += x[i] * x[i];
  }
  return sqrt(sum);
}

/* Left vectors into q, what the right ones are made of stays in vt. */
static nax_status
form_left(int64_t block, void *arg)
{
  const merge *m = arg;
  for (nax_index j = block * ROOTS; j < end_of_block(m, block); j++) {
    double *u = m->u + j * m->ld, *vt = m->vt + j * m->ld, *q = m->q + j * m->k;
    for (nax_index i = 0; i < m->k; i++) {
      vt[i] = m->next[i] / u[i] / vt[i];
      u[i] = i == 0 ? -1.0 : m->pole[i] * vt[i];
    }
    double by = 1.0 / length(m->k, u);
    q[0] = u[0] * by;
    for (nax_index i = 1; i < m->k; i++) {
      q[i] = u[m->order[i] - 1] * by;
    }
  }
  return NAX_OK;
}

/* Right vectors into the rows of q. */
static nax_status
form_right(int64_t block, void *arg)
{
  const merge *m = arg;
  for (nax_index j = block * ROOTS; j < end_of_block(m, block); j++) {
    const double *vt = m->vt + j * m->ld;
    double by = 1.0 / length(m->k, vt);
    m->q[j] = vt[0] * by;
    for (nax_index i = 1; i < m->k; i++) {
      m->q[j + i * m->k] = vt[m->order[i] - 1] * by;
    }
  }
  return NAX_OK;
}

static nax_status
solve(division *v, merge *m)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = v->ctx;
  nax_index k = m->k, ld = m->ld, first = m->rows[0], second = m->rows[1];
  nax_index n = first + second + 1, columns = m->columns, right = columns - first - 1;
  nax_index blocks = nax_i_n_blocks(k, ROOTS), upper = m->upper, both = m->both;
  nax_index from = 1 + upper, shared = from + m->lower, later = m->lower + both;
  double *q = m->q, *u = m->u, *vt = m->vt, size = length(k, m->z);
  for (nax_index i = 0; i < k; i++) {
    m->z[i] /= size;
  }
  m->rho = size * size;
  status = nax_i_parallel(ctx, NULL, blocks, find_roots, m);
  NAX_REQUIRE(status != NAX_ENUMERIC, NAX_ENUMERIC,
              "singular values of a %lld x %lld matrix did not converge", (long long)v->n,
              (long long)v->n);
  NAX_TRY(status);
  NAX_TRY(nax_i_parallel(ctx, NULL, blocks, correct, m));
  NAX_TRY(nax_i_parallel(ctx, NULL, blocks, form_left, m));
  for (nax_index j = 0; j < k; j++) {
    u[first + j * ld] = q[j * k];
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, first, k, upper, 1.0, m->u2 + n, n,
                     q + 1, k, 0.0, u, ld));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, first, k, both, 1.0,
                     m->u2 + shared * n, n, q + shared, k, 1.0, u, ld));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, second, k, later, 1.0,
                     m->u2 + first + 1 + from * n, n, q + from, k, 0.0, u + first + 1,
                     ld));
  NAX_TRY(nax_i_parallel(ctx, NULL, blocks, form_right, m));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, k, first + 1, from, 1.0, q, k, m->vt2,
                     columns, 0.0, vt, ld));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, k, first + 1, both, 1.0,
                     q + shared * k, k, m->vt2 + shared, columns, 1.0, vt, ld));
  if (upper > 0) { /* the first one goes with the second half too: next to it */
    memcpy(q + upper * k, q, (size_t)k * sizeof *q);
    for (nax_index j = first + 1; j < columns; j++) {
      m->vt2[upper + j * columns] = m->vt2[j * columns];
    }
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, k, right, 1 + later, 1.0,
                     q + upper * k, k, m->vt2 + upper + (first + 1) * columns, columns,
                     0.0, vt + (first + 1) * ld, ld));
done:
  return status;
}

/* dlasd1 in pieces: `first` and `second` rows with one between them become n, of n +
 * extra columns. */
static nax_status
join(division *v, nax_index at, nax_index first, nax_index second, nax_index extra)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = v->ctx;
  nax_index n = first + second + 1, columns = n + extra, ld = v->n;
  double *d = v->d + at, *u = v->u + at + at * ld, *vt = v->vt + at + at * ld;
  double *z = v->work, *pole = z + columns, *next = pole + n, *u2 = next + n;
  double *vt2 = u2 + n * n, *q = vt2 + columns * columns;
  double alpha = d[first], beta = v->e[at + first], most = fmax(fabs(alpha), fabs(beta));
  integer *idxp = v->iwork, *idx = idxp + n, *idxc = idx + n, *type = idxc + n;
  integer k = 0, info = 0, one = 1, down = -1;
  integer i_first = (integer)first, i_second = (integer)second, i_extra = (integer)extra;
  integer i_ld = (integer)ld, i_n = (integer)n, i_columns = (integer)columns;
  d[first] = 0.0;
  for (nax_index i = 0; i < n; i++) {
    most = fmax(most, fabs(d[i]));
  }
  for (nax_index i = 0; i < n; i++) {
    d[i] /= most;
  }
  alpha /= most;
  beta /= most;
  dlasd2_(&i_first, &i_second, &i_extra, &k, d, z, &alpha, &beta, u, &i_ld, vt, &i_ld,
          pole, u2, &i_n, vt2, &i_columns, idxp, idx, idxc, v->order + at, type, &info);
  NAX_REQUIRE(info == 0, NAX_EBUG, "dlasd2 returned %d", (int)info);
  if (k <= ROOTS) {
    dlasd3_(&i_first, &i_second, &i_extra, &k, d, q, &k, pole, u, &i_ld, u2, &i_n, vt,
            &i_ld, vt2, &i_columns, idxc, type, z, &info);
    NAX_REQUIRE(info == 0, NAX_ENUMERIC,
                "singular values of a %lld x %lld matrix did not converge",
                (long long)v->n, (long long)v->n);
  } else {
    merge m = {.k = k,
               .ld = ld,
               .rows = {first, second},
               .columns = columns,
               .upper = type[0],
               .lower = type[1],
               .both = type[2],
               .pole = pole,
               .z = z,
               .d = d,
               .u = u,
               .vt = vt,
               .u2 = u2,
               .vt2 = vt2,
               .q = q,
               .next = next,
               .order = idxc};
    NAX_TRY(solve(v, &m));
  }
  for (nax_index i = 0; i < n; i++) {
    d[i] *= most;
  }
  integer settled = i_n - k;
  dlamrg_(&k, &settled, d, &one, &down, v->order + at);
done:
  return status;
}

static nax_status
divide(division *v, nax_index at, nax_index n, integer extra)
{
  enum { WHOLE = 32, PIECES = 64 };
  nax_status status = NAX_OK;
  nax_ctx *ctx = v->ctx;
  integer info = 0, ld = (integer)v->n, none = 0, i_n = (integer)n;
  double *u = v->u + at + at * v->n, *vt = v->vt + at + at * v->n;
  if (n <= WHOLE) {
    integer columns = i_n + extra;
    for (nax_index j = 0; j < columns; j++) {
      vt[j + j * v->n] = 1.0;
      if (j < n) {
        u[j + j * v->n] = 1.0;
      }
    }
    nax_i_blas_serial_begin();
    dlasdq_("U", &extra, &i_n, &columns, &i_n, &none, v->d + at, v->e + at, vt, &ld, u,
            &ld, u, &ld, v->work, &info, 1);
    nax_i_blas_serial_end();
    for (nax_index j = 0; j < n; j++) {
      v->order[at + j] = (integer)j + 1;
    }
  } else {
    integer first = i_n / 2, second = i_n - first - 1;
    NAX_TRY(divide(v, at, first, 1));
    NAX_TRY(divide(v, at + first + 1, second, extra));
    if (n > PIECES) {
      NAX_TRY(join(v, at, first, second, extra));
      goto done;
    }
    double alpha = v->d[at + first], beta = v->e[at + first];
    nax_i_blas_serial_begin();
    dlasd1_(&first, &second, &extra, v->d + at, &alpha, &beta, u, &ld, vt, &ld,
            v->order + at, v->iwork, v->work, &info);
    nax_i_blas_serial_end();
    NAX_TRY(nax_i_poll(ctx));
  }
  if (info != 0) {
    status = nax_i_fail(ctx, NAX_ENUMERIC, v->fn,
                        "singular values of a %lld x %lld matrix did not converge",
                        (long long)v->n, (long long)v->n);
  }
done:
  return status;
}

/* -------------------------------------------------------------------- all of it */

static double
largest(nax_index n, const double *x)
{
  double most = 0.0;
  for (nax_index i = 0; i < n; i++) {
    most = fmax(most, fabs(x[i]));
  }
  return most;
}

/* The values in descending order, with vectors: `u` into the top of U (ldu), `vt` to
 * `to`.
 */
static void
sort(const division *v, double scale, double *s, double *u, nax_index ldu, double *to)
{
  nax_index n = v->n;
  for (nax_index j = 0; j < n; j++) {
    nax_index from = v->order[n - 1 - j] - 1;
    s[j] = v->d[from] * scale;
    memcpy(u + j * ldu, v->u + from * n, (size_t)n * sizeof *u);
    for (nax_index i = 0; i < n; i++) {
      to[j + i * n] = v->vt[from + i * n];
    }
  }
}

/* m >= n. A (dense, ld m) is destroyed; U is m x n, Vt n x n, both dense, or both
 * NULL. */
static nax_status
tall(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, double *a, double *s,
     double *u, double *vt)
{
  nax_status status = NAX_OK;
  division v = {.ctx = ctx, .fn = fn, .n = n};
  double *line = NULL, *r = NULL, scale = 0.0, most = largest(m * n, a);
  int extreme = most > 0.0 && (most < 1e-140 || most > 1e140);
  for (nax_index i = 0; i < m * n && extreme; i++) {
    a[i] /= most;
  }
  NAX_TRY_ALLOC(line, 5 * n, sizeof *line);
  NAX_TRY_ALLOC(v.order, 5 * n, sizeof *v.order);
  if (u != NULL) {
    NAX_TRY_ALLOC(v.u, n * n, sizeof *v.u);
    NAX_TRY_ALLOC(v.vt, n * n, sizeof *v.vt);
  }
  NAX_TRY_ALLOC(v.work, u != NULL ? 3 * n * n + 8 * n : 8 * n, sizeof *v.work);
  v.d = line;
  v.e = line + n;
  double *tau = line + 2 * n, *tauq = line + 3 * n, *taup = line + 4 * n, *b = a;
  v.iwork = v.order + n;
  nax_index rows = m;
  if (3 * m > 5 * n) {
    NAX_TRY_ALLOC(r, n * n, sizeof *r);
    NAX_TRY(factor_qr(ctx, m, n, a, tau));
    for (nax_index j = 0; j < n; j++) {
      memcpy(r + j * n, a + j * m, (size_t)(j + 1) * sizeof *r);
    }
    b = r;
    rows = n;
  }
  NAX_TRY(bidiagonalise(ctx, rows, n, b, v.d, v.e, tauq, taup));
  scale = fmax(largest(n, v.d), largest(n - 1, v.e));
  for (nax_index j = 0; j < n; j++) {
    v.d[j] = scale > 0.0 ? v.d[j] / scale : 0.0;
    v.e[j] = scale > 0.0 ? v.e[j] / scale : 0.0;
    v.d[j] = fabs(v.d[j]) < DBL_EPSILON ? copysign(DBL_EPSILON, v.d[j]) : v.d[j];
  }
  if (u == NULL) {
    integer info = LAPACKE_dbdsdc_work(LAPACK_COL_MAJOR, 'U', 'N', (integer)n, v.d, v.e,
                                       NULL, 1, NULL, 1, NULL, NULL, v.work, v.iwork);
    NAX_REQUIRE(info == 0, NAX_ENUMERIC,
                "singular values of a %lld x %lld matrix did not converge", (long long)m,
                (long long)n);
    for (nax_index j = 0; j < n; j++) {
      s[j] = v.d[j] * scale * (extreme ? most : 1.0);
    }
    goto done;
  }
  NAX_TRY(divide(&v, 0, n, 0));
  memset(u, 0, (size_t)(m * n) * sizeof *u);
  sort(&v, extreme ? scale * most : scale, s, u, m, vt);
  NAX_TRY(nax_i_householder(ctx, NAX_I_LEFT, rows, n, b, rows, tauq, n, u, m));
  NAX_TRY(nax_i_householder(ctx, NAX_I_RIGHT_BACK, n - 1, n - 1, b + rows, rows, taup, n,
                            vt + n, n));
  if (r != NULL) {
    NAX_TRY(nax_i_householder(ctx, NAX_I_LEFT, m, n, a, m, tau, n, u, m));
  }
done:
  nax_i_free(line);
  nax_i_free(v.order);
  nax_i_free(v.u);
  nax_i_free(v.vt);
  nax_i_free(v.work);
  nax_i_free(r);
  return status;
}

/* to (n x m) = from' (m x n). */
static void
transpose(nax_index m, nax_index n, const double *from, nax_index ldf, double *to,
          nax_index ldt)
{
  enum { TILE = 32 };
  for (nax_index j0 = 0; j0 < n; j0 += TILE) {
    for (nax_index i0 = 0; i0 < m; i0 += TILE) {
      for (nax_index j = j0; j < n && j < j0 + TILE; j++) {
        for (nax_index i = i0; i < m && i < i0 + TILE; i++) {
          to[j + i * ldt] = from[i + j * ldf];
        }
      }
    }
  }
}

static void
copy(nax_index m, nax_index n, const double *from, nax_index ldf, double *to,
     nax_index ldt)
{
  for (nax_index j = 0; j < n; j++) {
    memcpy(to + j * ldt, from + j * ldf, (size_t)m * sizeof *to);
  }
}

nax_status
nax_i_svd_pieces(nax_ctx *ctx, const char *fn, nax_index m, nax_index n, const double *a,
                 nax_index lda, double *s, double *u, nax_index ldu, double *vt,
                 nax_index ldvt)
{
  nax_status status = NAX_OK;
  int wide = m < n;
  nax_index most = wide ? n : m, p = wide ? m : n;
  double *b = NULL, *long_side = NULL, *short_side = NULL;
  NAX_TRY_ALLOC(b, m * n, sizeof *b);
  if (u != NULL) {
    NAX_TRY_ALLOC(long_side, most * p, sizeof *b);
    NAX_TRY_ALLOC(short_side, p * p, sizeof *b);
  }
  if (wide) { /* A' = V S U' */
    transpose(m, n, a, lda, b, n);
  } else {
    copy(m, n, a, lda, b, m);
  }
  NAX_TRY(tall(ctx, fn, most, p, b, s, long_side, short_side));
  if (u == NULL) {
    goto done;
  }
  if (wide) {
    transpose(most, p, long_side, most, vt, ldvt);
    transpose(p, p, short_side, p, u, ldu);
  } else {
    copy(most, p, long_side, most, u, ldu);
    copy(p, p, short_side, p, vt, ldvt);
  }
done:
  nax_i_free(b);
  nax_i_free(long_side);
  nax_i_free(short_side);
  return status;
}
