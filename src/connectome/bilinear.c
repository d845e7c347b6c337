/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tensor of products of same signs, never formed.
 *
 * With p = max(u, 0) and q = max(-u, 0) the affinity of i and j at a time is p_i p_j +
 * q_i q_j. So the product with the time and animal factors is, for each component, the
 * off-diagonal of sum over columns of c (p p' + q q'), a symmetric rank-k update; and
 * that with the pair factor, folded to a symmetric matrix A with zero diagonal, is
 * (p' A p + q' A q) / 2 in each column, which serves both the time and the animal mode
 * until the pair factor changes. */
#include "connectome_i.h"
#include "linalg/linalg_i.h"
#include <math.h>

enum { COLUMNS = 1024 }; /* of u in one product, each as p and as q */

static nax_i_bilinear *
of(nax_i_ntf_operand *x)
{
  return (nax_i_bilinear *)x;
}

static nax_index
block_columns(nax_index n_columns)
{
  return n_columns < COLUMNS ? n_columns : COLUMNS;
}

static nax_status
begin(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n_starts, int64_t rank)
{
  nax_status status = NAX_OK;
  nax_i_bilinear *b = of(x);
  nax_index n = b->n, m = 2 * block_columns(b->n_columns);
  (void)n_starts; /* `columns` is 0: always one */
  x->norm2 = x->observed2;
  b->rank = rank;
  b->held = 0;
  NAX_TRY_ALLOC(b->q, b->n_columns * rank, sizeof *b->q);
  NAX_TRY_ALLOC(b->a, n * n, sizeof *b->a);
  NAX_TRY_ALLOC(b->part, n * m, sizeof *b->part);
  NAX_TRY_ALLOC(b->y, n * m, sizeof *b->y);
done:
  return status;
}

static void
end(nax_i_ntf_operand *x)
{
  nax_i_bilinear *b = of(x);
  nax_i_free(b->q);
  nax_i_free(b->a);
  nax_i_free(b->part);
  nax_i_free(b->y);
  b->q = b->a = b->part = b->y = NULL;
}

/* Positive and negative part of column k of u, times s, as columns `at` and at + 1. */
NAX_I_CLONES static void
split_column(const double *u, nax_index n, double s, double *p, double *q)
{
  for (nax_index i = 0; i < n; i++) {
    double v = s * u[i];
    p[i] = v > 0.0 ? v : 0.0;
    q[i] = v < 0.0 ? -v : 0.0;
  }
}

/* b->q = for each column of u and component r the sum over pairs of affinity times
 * f[pair * ld + r]. */
static nax_status
bilinear_forms(nax_i_bilinear *b, nax_ctx *ctx, const double *f, int64_t ld)
{
  nax_status status = NAX_OK;
  nax_index n = b->n, width = block_columns(b->n_columns);
  for (int64_t r = 0; r < b->rank; r++) {
    double *q = b->q + r * b->n_columns;
    nax_index p = 0;
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < j; i++, p++) {
        b->a[i + n * j] = b->a[j + n * i] = f[p * ld + r];
      }
      b->a[j + n * j] = 0.0;
    }
    for (nax_index from = 0; from < b->n_columns; from += width) {
      nax_index m = b->n_columns - from < width ? b->n_columns - from : width;
      for (nax_index k = 0; k < m; k++) {
        split_column(b->u + n * (from + k), n, 1.0, b->part + n * 2 * k,
                     b->part + n * (2 * k + 1));
      }
      NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, 2 * m, n, 1.0, b->a, n,
                         b->part, n, 0.0, b->y, n));
      for (nax_index k = 0; k < m; k++) {
        const double *x = b->part + n * 2 * k, *y = b->y + n * 2 * k;
        double sum = 0.0;
        for (nax_index i = 0; i < 2 * n; i++) {
          sum += x[i] * y[i];
        }
        q[from + k] = 0.5 * sum;
      }
    }
  }
done:
  return status;
}

/* m of the pair mode: one rank-k update for each component. */
static nax_status
pair_products(nax_i_bilinear *b, nax_ctx *ctx, double *const *f, int64_t ld, double *m)
{
  nax_status status = NAX_OK;
  nax_index n = b->n, n_time = b->op.dim[0], width = block_columns(b->n_columns);
  memset(m, 0, (size_t)(b->op.dim[2] * ld) * sizeof *m);
  for (int64_t r = 0; r < b->rank; r++) {
    memset(b->a, 0, (size_t)(n * n) * sizeof *b->a);
    nax_index held = 0;
    for (nax_index k = 0; k < b->n_columns; k++) {
      double c = f[0][k % n_time * ld + r] * f[1][k / n_time * ld + r];
      if (c > 0.0) { /* most factors have many exact zeros */
        split_column(b->u + n * k, n, sqrt(c), b->part + n * 2 * held,
                     b->part + n * (2 * held + 1));
        held++;
      }
      if (held == width || (k == b->n_columns - 1 && held > 0)) {
        NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, n, 2 * held, 1.0, b->part, n, 1.0, b->a, n));
        held = 0;
      }
    }
    nax_index p = 0;
    for (nax_index j = 0; j < n; j++) {
      for (nax_index i = 0; i < j; i++, p++) {
        m[p * ld + r] = b->a[i + n * j];
      }
    }
  }
done:
  return status;
}

static nax_status
mttkrp(nax_i_ntf_operand *x, nax_ctx *ctx, const nax_i_ntf_pack *pack, int32_t mode,
       double *m)
{
  nax_status status = NAX_OK;
  nax_i_bilinear *b = of(x);
  nax_index n_time = x->dim[0], n_animals = x->dim[1];
  int64_t ld = pack->ld;
  double *const *f = pack->f;
  if (mode == 2) {
    return pair_products(b, ctx, f, ld, m);
  }
  if (!b->held) {
    NAX_TRY(bilinear_forms(b, ctx, f[2], ld));
    b->held = 1;
  }
  memset(m, 0, (size_t)(x->dim[mode] * ld) * sizeof *m);
  for (int64_t r = 0; r < b->rank; r++) {
    const double *q = b->q + r * b->n_columns;
    for (nax_index w = 0; w < n_animals; w++) {
      for (nax_index t = 0; t < n_time; t++) {
        double v = q[t + n_time * w];
        if (mode == 0) {
          m[t * ld + r] += v * f[1][w * ld + r];
        } else {
          m[w * ld + r] += v * f[0][t * ld + r];
        }
      }
    }
  }
done:
  return status;
}

static void
changed(nax_i_ntf_operand *x, int32_t mode)
{
  of(x)->held = mode == 2 ? 0 : of(x)->held;
}

static void
scaled(nax_i_ntf_operand *x, int32_t mode, const double *s)
{
  nax_i_bilinear *b = of(x);
  for (int64_t r = 0; r < b->rank && mode == 2; r++) {
    for (nax_index k = 0; k < b->n_columns; k++) {
      b->q[k + r * b->n_columns] *= s[r];
    }
  }
}

/* ||X||^2 - 2 <X, M> + ||M||^2: entries are not formed. Affinities are far from a model
 * of few components, so nothing cancels. */
static nax_status
residual(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n, int64_t rank, int64_t ld,
         double *const *const *f, double *out)
{
  nax_status status = NAX_OK;
  nax_i_bilinear *b = of(x);
  double *gram = NULL, *all = NULL;
  NAX_TRY_ALLOC(gram, ld * ld, sizeof *gram);
  NAX_TRY_ALLOC(all, ld * ld, sizeof *all);
  for (int64_t s = 0; s < n; s++) {
    double inner = 0.0;
    NAX_TRY(bilinear_forms(b, ctx, f[s][2], ld));
    b->held = 0;
    for (int64_t r = 0; r < rank; r++) {
      for (nax_index k = 0; k < b->n_columns; k++) {
        inner += b->q[k + r * b->n_columns] * f[s][0][k % x->dim[0] * ld + r] *
                 f[s][1][k / x->dim[0] * ld + r];
      }
    }
    for (int64_t k = 0; k < ld * ld; k++) {
      all[k] = 1.0;
    }
    for (int32_t mode = 0; mode < 3; mode++) {
      nax_i_gram(f[s][mode], x->dim[mode], ld, gram);
      for (int64_t k = 0; k < ld * ld; k++) {
        all[k] *= gram[k];
      }
    }
    double sum = x->observed2 - 2.0 * inner + nax_i_sum(all, ld * ld);
    out[s] = sum > 0.0 ? sum : 0.0;
  }
done:
  nax_i_free(gram);
  nax_i_free(all);
  return status;
}

static size_t
memory(const nax_i_ntf_operand *x, int64_t n_starts, int64_t rank)
{
  const nax_i_bilinear *b = (const nax_i_bilinear *)x;
  (void)n_starts;
  size_t n = (size_t)b->n, columns = (size_t)b->n_columns;
  return (columns * (size_t)rank + n * n + 4 * n * (size_t)block_columns(b->n_columns)) *
         sizeof(double);
}

static const nax_i_ntf_operand_type bilinear_type = {.begin = begin,
                                                     .end = end,
                                                     .mttkrp = mttkrp,
                                                     .changed = changed,
                                                     .scaled = scaled,
                                                     .residual = residual,
                                                     .memory = memory};

/* Sum over pairs of (p_i p_j + q_i q_j)^2: the mixed terms vanish, p_i q_i being 0. */
static double
sum_of_squares(const double *u, nax_index n)
{
  double p2 = 0.0, q2 = 0.0, fourth = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double v = u[i] * u[i];
    p2 += u[i] > 0.0 ? v : 0.0;
    q2 += u[i] < 0.0 ? v : 0.0;
    fourth += v * v;
  }
  return 0.5 * (p2 * p2 + q2 * q2 - fourth);
}

void
nax_i_bilinear_shape(const nax_i_derivatives *d, nax_i_bilinear *b)
{
  *b = (nax_i_bilinear){.u = d->u, .n = d->n, .n_columns = d->n_time * d->n_animals};
  b->op.type = &bilinear_type;
  b->op.dtype = NAX_F64;
  b->op.n_modes = 3;
  b->op.dim[0] = d->n_time;
  b->op.dim[1] = d->n_animals;
  b->op.dim[2] = nax_i_n_pairs(d->n);
}

void
nax_i_bilinear_init(const nax_i_derivatives *d, nax_i_bilinear *b)
{
  nax_i_bilinear_shape(d, b);
  for (nax_index k = 0; k < b->n_columns; k++) {
    b->op.observed2 += sum_of_squares(d->u + d->n * k, d->n);
  }
}
