/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvectors of a large symmetric matrix in pieces, so that one can stop between them
 * and several threads can take part: Householder's reduction to a tridiagonal matrix by
 * panels, Cuppen's division of that (Gu and Eisenstat 1995,
 * doi:10.1137/S0895479892241287) on LAPACK's steps, and the way back in blocks of
 * columns. */
#include "linalg_i.h"
#include <float.h>
#include <lapacke.h>
#include <math.h>

typedef nax_i_blasint integer;

/* Steps of LAPACK that LAPACKE does not offer. */
void dlatrd_(const char *uplo, const integer *n, const integer *nb, double *a,
             const integer *lda, double *e, double *tau, double *w, const integer *ldw,
             size_t length);
void dlaed2_(integer *k, const integer *n, const integer *n1, double *d, double *q,
             const integer *ldq, integer *indxq, double *rho, const double *z,
             double *dlamda, double *w, double *q2, integer *indx, integer *indxc,
             integer *indxp, integer *coltyp, integer *info);
void dlaed4_(const integer *n, const integer *i, const double *d, const double *z,
             double *delta, const double *rho, double *dlam, integer *info);
void dlamrg_(const integer *n1, const integer *n2, const double *a, const integer *dtrd1,
             const integer *dtrd2, integer *index);

/* ------------------------------------------------------- to a tridiagonal matrix */

/* The lower triangle of A becomes reflectors (tau) as dsytrd leaves them, diagonal d,
 * off-diagonal e. */
static nax_status
tridiagonalise(nax_ctx *ctx, nax_index n, double *a, nax_index lda, double *d, double *e,
               double *tau)
{
  enum { PANEL = 32, LEAST = 8, LAST = 128 };
  const double most = 5e8; /* numbers of the matrix a panel reads */
  nax_status status = NAX_OK;
  double *vw = NULL, *wv = NULL, *w = NULL;
  nax_index at = 0;
  NAX_TRY_ALLOC(w, n * PANEL, sizeof *w);
  NAX_TRY_ALLOC(vw, n * 2 * PANEL, sizeof *vw);
  NAX_TRY_ALLOC(wv, n * 2 * PANEL, sizeof *wv);
  while (n - at > LAST) {
    nax_index size = n - at, nb = PANEL;
    while (nb > LEAST && (double)size * (double)size * (double)nb > most) {
      nb /= 2;
    }
    nax_index rest = size - nb;
    double *from = a + at + at * lda;
    integer i_size = (integer)size, i_nb = (integer)nb, i_lda = (integer)lda;
    nax_i_blas_serial_begin();
    dlatrd_("L", &i_size, &i_nb, from, &i_lda, e + at, tau + at, w, &i_size, 1);
    nax_i_blas_serial_end();
    for (nax_index j = 0; j < nb; j++) {
      const double *v = from + nb + j * lda, *x = w + nb + j * size;
      memcpy(vw + j * rest, v, (size_t)rest * sizeof *v);
      memcpy(vw + (nb + j) * rest, x, (size_t)rest * sizeof *x);
      memcpy(wv + j * rest, x, (size_t)rest * sizeof *x);
      memcpy(wv + (nb + j) * rest, v, (size_t)rest * sizeof *v);
    }
    NAX_TRY(nax_i_poll(ctx));
    NAX_TRY(nax_i_update_lower(ctx, rest, 2 * nb, -1.0, vw, rest, wv, rest, 1.0,
                               from + nb + nb * lda, lda));
    for (nax_index j = 0; j < nb; j++) {
      from[j + 1 + j * lda] = e[at + j];
      d[at + j] = from[j + j * lda];
    }
    at += nb;
  }
  nax_i_blas_serial_begin();
  LAPACKE_dsytrd_work(LAPACK_COL_MAJOR, 'L', (integer)(n - at), a + at + at * lda,
                      (integer)lda, d + at, e + at, tau + at, w, (integer)(n * PANEL));
  nax_i_blas_serial_end();
done:
  nax_i_free(vw);
  nax_i_free(wv);
  nax_i_free(w);
  return status;
}

/* ------------------------------------------------------------------- division */

typedef struct division {
  nax_ctx *ctx;
  const char *fn;
  nax_index n;
  double *d, *e, *q, *q2;                       /* q, q2: n x n */
  double *z, *pole, *w;                         /* n each */
  integer *order, *indx, *indxc, *indxp, *type; /* n each */
} division;

/* One merge: the k eigenvalues that are not settled yet. */
typedef struct merge {
  nax_index n, k, ldq;
  const double *pole, *w;
  double *d, *q, rho;
  const integer *indxc;
  double *next; /* k: corrected w */
} merge;

enum { ROOTS = 32 };

static nax_status
find_roots(int64_t block, void *arg)
{
  const merge *m = arg;
  nax_index to = (block + 1) * ROOTS < m->k ? (block + 1) * ROOTS : m->k;
  integer k = (integer)m->k, info = 0;
  for (nax_index j = block * ROOTS; j < to && info == 0; j++) {
    integer i = (integer)j + 1;
    dlaed4_(&k, &i, m->pole, m->w, m->q + j * m->ldq, &m->rho, m->d + j, &info);
  }
  return info == 0 ? NAX_OK : NAX_ENUMERIC;
}

/* The vector for which the roots that were found are exact. */
static nax_status
correct(int64_t block, void *arg)
{
  const merge *m = arg;
  nax_index from = block * ROOTS, to = from + ROOTS < m->k ? from + ROOTS : m->k;
  for (nax_index i = from; i < to; i++) {
    m->next[i] = m->q[i + i * m->ldq];
  }
  for (nax_index j = 0; j < m->k; j++) {
    for (nax_index i = from; i < to; i++) {
      if (i != j) {
        m->next[i] *= m->q[i + j * m->ldq] / (m->pole[i] - m->pole[j]);
      }
    }
  }
  for (nax_index i = from; i < to; i++) {
    m->next[i] = copysign(sqrt(fmax(-m->next[i], 0.0)), m->w[i]);
  }
  return NAX_OK;
}

static nax_status
form_vectors(int64_t block, void *arg)
{
  const merge *m = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  double *s = NULL;
  nax_index to = (block + 1) * ROOTS < m->k ? (block + 1) * ROOTS : m->k;
  NAX_TRY_ALLOC(s, m->k, sizeof *s);
  for (nax_index j = block * ROOTS; j < to; j++) {
    double *x = m->q + j * m->ldq, square = 0.0;
    for (nax_index i = 0; i < m->k; i++) {
      s[i] = m->next[i] / x[i];
      square += s[i] * s[i];
    }
    double by = 1.0 / sqrt(square);
    for (nax_index i = 0; i < m->k; i++) {
      x[i] = s[m->indxc[i] - 1] * by;
    }
  }
done:
  nax_i_free(s);
  return status;
}

/* Eigenvectors of the updated diagonal matrix, k x k, into the top of Q. */
static nax_status
solve_secular(division *v, merge *m)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = v->ctx;
  nax_index blocks = nax_i_n_blocks(m->k, ROOTS);
  status = nax_i_parallel(ctx, NULL, blocks, find_roots, m);
  NAX_REQUIRE(status != NAX_ENUMERIC, NAX_ENUMERIC,
              "eigenvalues of a %lld x %lld matrix did not converge", (long long)v->n,
              (long long)v->n);
  NAX_TRY(status);
  if (m->k == 2) {
    for (nax_index j = 0; j < 2; j++) {
      double *x = m->q + j * m->ldq, both[2] = {x[0], x[1]};
      x[0] = both[m->indxc[0] - 1];
      x[1] = both[m->indxc[1] - 1];
    }
  } else if (m->k > 2) {
    NAX_TRY(nax_i_parallel(ctx, NULL, blocks, correct, m));
    NAX_TRY(nax_i_parallel(ctx, NULL, blocks, form_vectors, m));
  }
done:
  return status;
}

/* `rows` x k of Q from row `at` on: old vectors times rows `first` .. of the new ones. */
static nax_status
turn(division *v, const merge *m, nax_index rows, nax_index inner, const double *old,
     const double *s, nax_index at)
{
  double *to = m->q + at;
  if (inner == 0) {
    for (nax_index j = 0; j < m->k; j++) {
      memset(to + j * m->ldq, 0, (size_t)rows * sizeof *to);
    }
    return NAX_OK;
  }
  return nax_i_gemm(v->ctx, NAX_I_PLAIN, NAX_I_PLAIN, rows, m->k, inner, 1.0, old, rows,
                    s, inner, 0.0, to, m->ldq);
}

static void
take_rows(const merge *m, nax_index from, nax_index rows, double *s)
{
  for (nax_index j = 0; j < m->k; j++) {
    memcpy(s + j * rows, m->q + from + j * m->ldq, (size_t)rows * sizeof *s);
  }
}

/* Two neighbours, `first` and n - first positions from `at` on, become one. */
static nax_status
join(division *v, nax_index at, nax_index n, nax_index first)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = v->ctx;
  nax_index ldq = v->n, second = n - first;
  integer k = 0, i_n = (integer)n, i_first = (integer)first, i_ldq = (integer)ldq,
          info = 0, one = 1, down = -1, *order = v->order + at;
  double *q = v->q + at + at * ldq, *s = NULL, rho = v->e[at + first - 1];
  for (nax_index j = 0; j < n; j++) {
    v->z[j] = q[(j < first ? first - 1 : first) + j * ldq];
  }
  dlaed2_(&k, &i_n, &i_first, v->d + at, q, &i_ldq, order, &rho, v->z, v->pole, v->w,
          v->q2, v->indx, v->indxc, v->indxp, v->type, &info);
  NAX_REQUIRE(info == 0, NAX_EBUG, "dlaed2 returned %d", (int)info);
  if (k == 0) {
    for (nax_index j = 0; j < n; j++) {
      order[j] = (integer)j + 1;
    }
    goto done;
  }
  /* kinds of columns: in the first half alone, in both, in the second alone */
  nax_index upper = v->type[0] + v->type[1], lower = v->type[1] + v->type[2];
  merge m = {n, k, ldq, v->pole, v->w, v->d + at, q, rho, v->indxc, v->z};
  NAX_TRY(solve_secular(v, &m));
  NAX_TRY_ALLOC(s, (upper > lower ? upper : lower) * k, sizeof *s);
  take_rows(&m, v->type[0], lower, s);
  NAX_TRY(turn(v, &m, second, lower, v->q2 + first * upper, s, first));
  take_rows(&m, 0, upper, s);
  NAX_TRY(turn(v, &m, first, upper, v->q2, s, 0));
  integer settled = i_n - k;
  dlamrg_(&k, &settled, v->d + at, &one, &down, order);
done:
  nax_i_free(s);
  return status;
}

static nax_status
divide(division *v, nax_index at, nax_index n)
{
  enum { WHOLE = 32 };
  nax_status status = NAX_OK;
  nax_ctx *ctx = v->ctx;
  nax_index first = n / 2;
  if (n <= WHOLE) {
    nax_i_blas_serial_begin();
    integer info =
        LAPACKE_dsteqr_work(LAPACK_COL_MAJOR, 'I', (integer)n, v->d + at, v->e + at,
                            v->q + at + at * v->n, (integer)v->n, v->q2);
    nax_i_blas_serial_end();
    NAX_REQUIRE(info == 0, NAX_ENUMERIC,
                "eigenvalues of a %lld x %lld matrix did not converge", (long long)v->n,
                (long long)v->n);
    for (nax_index j = 0; j < n; j++) {
      v->order[at + j] = (integer)j + 1;
    }
    goto done;
  }
  v->d[at + first - 1] -= fabs(v->e[at + first - 1]);
  v->d[at + first] -= fabs(v->e[at + first - 1]);
  NAX_TRY(divide(v, at, first));
  NAX_TRY(divide(v, at + first, n - first));
  NAX_TRY(join(v, at, n, first));
done:
  return status;
}

/* ------------------------------------------------------------------ all of it */

/* Vectors of the tridiagonal matrix in ascending order, into q2. */
static void
sort(division *v, double scale, double *values)
{
  for (nax_index j = 0; j < v->n; j++) {
    nax_index from = v->order[j] - 1;
    values[j] = v->d[from] * scale;
    memcpy(v->q2 + j * v->n, v->q + from * v->n, (size_t)v->n * sizeof *v->q);
  }
}

nax_status
nax_i_eigen_pieces(nax_ctx *ctx, const char *fn, nax_index n, double *a, nax_index lda,
                   int vectors, double *values)
{
  nax_status status = NAX_OK;
  division v = {.ctx = ctx, .fn = fn, .n = n};
  double *line = NULL, *tau = NULL, largest = 0.0, scale = 0.0;
  NAX_TRY_ALLOC(line, 6 * n, sizeof *line);
  NAX_TRY_ALLOC(v.order, 5 * n, sizeof *v.order);
  NAX_TRY_ALLOC(v.q, vectors ? n * n : 1, sizeof *v.q);
  NAX_TRY_ALLOC(v.q2, vectors ? n * n : 1, sizeof *v.q2);
  v.d = line;
  v.e = line + n;
  v.z = line + 2 * n;
  v.pole = line + 3 * n;
  v.w = line + 4 * n;
  tau = line + 5 * n;
  v.indx = v.order + n;
  v.indxc = v.order + 2 * n;
  v.indxp = v.order + 3 * n;
  v.type = v.order + 4 * n;
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = j; i < n; i++) {
      largest = fmax(largest, fabs(a[i + j * lda]));
    }
  }
  int extreme = largest > 0.0 && (largest < 1e-140 || largest > 1e140);
  for (nax_index j = 0; j < n && extreme; j++) {
    for (nax_index i = j; i < n; i++) {
      a[i + j * lda] /= largest;
    }
  }
  NAX_TRY(tridiagonalise(ctx, n, a, lda, v.d, v.e, tau));
  for (nax_index j = 0; j < n; j++) {
    scale = fmax(scale, fmax(fabs(v.d[j]), j < n - 1 ? fabs(v.e[j]) : 0.0));
  }
  for (nax_index j = 0; j < n && scale > 0.0; j++) {
    v.d[j] /= scale;
    v.e[j] /= scale;
  }
  if (!vectors) {
    integer info = LAPACKE_dsterf_work((integer)n, v.d, v.e);
    NAX_REQUIRE(info == 0, NAX_ENUMERIC,
                "eigenvalues of a %lld x %lld matrix did not converge", (long long)n,
                (long long)n);
    for (nax_index j = 0; j < n; j++) {
      values[j] = v.d[j] * scale * (extreme ? largest : 1.0);
    }
    goto done;
  }
  NAX_TRY(divide(&v, 0, n));
  sort(&v, extreme ? scale * largest : scale, values);
  NAX_TRY(
      nax_i_householder(ctx, NAX_I_LEFT, n - 1, n - 1, a + 1, lda, tau, n, v.q2 + 1, n));
  for (nax_index j = 0; j < n; j++) {
    memcpy(a + j * lda, v.q2 + j * n, (size_t)n * sizeof *a);
  }
done:
  nax_i_free(line);
  nax_i_free(v.order);
  nax_i_free(v.q);
  nax_i_free(v.q2);
  return status;
}
