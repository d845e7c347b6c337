/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops of the networks for one type: REAL, its EXPM1 for arguments <= 0, TANH, NAME,
 * and below_zero(x), which is x where it is negative, else 0 (or NaN).
 * Nothing in them hangs on a branch, so that the compiler makes vectors of them. */
#include "gpvae_i.h"
#include <math.h>

enum { LANES = 16 };

static inline __attribute__((always_inline)) void
activate(REAL *y, nax_index n, int act)
{
  if (act == NAX_GPVAE_ELU) {
#pragma omp simd
    for (nax_index k = 0; k < n; k++) {
      REAL low = below_zero(y[k]);
      y[k] = (y[k] - low) + EXPM1(low);
    }
  } else if (act == NAX_GPVAE_RELU) {
#pragma omp simd
    for (nax_index k = 0; k < n; k++) {
      y[k] = y[k] < 0 ? 0 : y[k];
    }
  } else if (act == NAX_GPVAE_TANH) {
#pragma omp simd
    for (nax_index k = 0; k < n; k++) {
      y[k] = TANH(y[k]);
    }
  }
}

NAX_I_CLONES static void
bias_act(nax_index rows, nax_index cols, void *y, const void *b, int act)
{
  const REAL *bias = b;
  for (nax_index j = 0; j < cols; j++) {
    REAL *column = (REAL *)y + j * rows;
    if (bias != NULL) {
#pragma omp simd
      for (nax_index i = 0; i < rows; i++) {
        column[i] += bias[i];
      }
    }
    activate(column, rows, act);
  }
}

NAX_I_CLONES static void
act_back(nax_index n, void *d, const void *out, int act)
{
  REAL *a = d;
  const REAL *b = out;
  if (act == NAX_GPVAE_ELU) {
#pragma omp simd
    for (nax_index k = 0; k < n; k++) {
      REAL low = b[k] > 0 ? 0 : b[k];
      a[k] *= low + 1;
    }
  } else if (act == NAX_GPVAE_RELU) {
#pragma omp simd
    for (nax_index k = 0; k < n; k++) {
      REAL on = b[k] > 0 ? 1 : 0;
      a[k] *= on;
    }
  } else if (act == NAX_GPVAE_TANH) {
#pragma omp simd
    for (nax_index k = 0; k < n; k++) {
      a[k] *= 1 - b[k] * b[k];
    }
  }
}

/* Sums in double, of LANES rows at a time. */
NAX_I_CLONES static void
add_columns(nax_index rows, nax_index cols, nax_index lo, nax_index hi, const void *d,
            void *db)
{
  for (nax_index from = lo; from < hi; from += LANES) {
    double sum[LANES] = {0.0};
    int n = hi - from < LANES ? (int)(hi - from) : LANES;
    for (nax_index j = 0; j < cols; j++) {
      const REAL *x = (const REAL *)d + from + j * rows;
      if (n == LANES) {
        for (int k = 0; k < LANES; k++) {
          sum[k] += (double)x[k];
        }
      } else {
        for (int k = 0; k < n; k++) {
          sum[k] += (double)x[k];
        }
      }
    }
    for (int k = 0; k < n; k++) {
      ((REAL *)db)[from + k] += (REAL)sum[k];
    }
  }
}

NAX_I_CLONES static double
square(nax_index n, const void *g)
{
  const REAL *x = g;
  double part[LANES] = {0.0}, sum = 0.0;
  nax_index i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      part[k] += (double)x[i + k] * (double)x[i + k];
    }
  }
  for (int k = 0; i < n; i++, k++) {
    part[k] += (double)x[i] * (double)x[i];
  }
  for (int k = 0; k < LANES; k++) {
    sum += part[k];
  }
  return sum;
}

static inline __attribute__((always_inline)) void
step(REAL *p, const REAL *g, REAL *m, REAL *v, int n, REAL rate, REAL scale, REAL c1,
     REAL c2)
{
  const REAL b1 = (REAL)0.9, b2 = (REAL)0.999, tiny = (REAL)1e-8;
  for (int k = 0; k < n; k++) {
    REAL x = g[k] * scale;
    m[k] = b1 * m[k] + (1 - b1) * x;
    v[k] = b2 * v[k] + (1 - b2) * x * x;
    p[k] -= rate * (m[k] * c1) / (ROOT(v[k] * c2) + tiny);
  }
}

NAX_I_CLONES static void
adam(nax_index n, void *p, const void *g, void *m, void *v, double rate, double scale,
     double c1, double c2)
{
  REAL r = (REAL)rate, s = (REAL)scale, a = (REAL)c1, b = (REAL)c2;
  nax_index i = 0;
  for (; i + LANES <= n; i += LANES) {
    step((REAL *)p + i, (const REAL *)g + i, (REAL *)m + i, (REAL *)v + i, LANES, r, s, a,
         b);
  }
  step((REAL *)p + i, (const REAL *)g + i, (REAL *)m + i, (REAL *)v + i, (int)(n - i), r,
       s, a, b);
}

static void
to_double(nax_index n, const void *x, double *y)
{
  for (nax_index i = 0; i < n; i++) {
    y[i] = (double)((const REAL *)x)[i];
  }
}

static void
from_double(nax_index n, const double *x, void *y)
{
  for (nax_index i = 0; i < n; i++) {
    ((REAL *)y)[i] = (REAL)x[i];
  }
}

NAX_I_CLONES static double
residual(nax_index n, void *out, const void *x, const unsigned char *seen,
         const double *weight, double inverse)
{
  REAL *a = out, factor = (REAL)inverse;
  const REAL *b = x;
  double part[LANES] = {0.0}, sum = 0.0;
  nax_index i = 0;
  for (; i + LANES <= n && seen == NULL && weight == NULL; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      REAL r = a[i + k] - b[i + k];
      part[k] += (double)r * (double)r;
      a[i + k] = r * factor;
    }
  }
  for (int k = 0; i < n; i++, k = (k + 1) % LANES) {
    REAL r = seen == NULL || seen[i] ? a[i] - b[i] : 0;
    double w = weight != NULL ? weight[i] : 1.0;
    part[k] += w * (double)r * (double)r;
    a[i] = r * (REAL)w * factor;
  }
  for (int k = 0; k < LANES; k++) {
    sum += part[k];
  }
  return sum;
}

NAX_I_CLONES static nax_index
standardize(nax_index n, const double *x, const double *mean, const double *sd, void *out,
            unsigned char *seen)
{
  REAL *y = out;
  nax_index count = 0;
  for (nax_index i = 0; i < n; i++) {
    double scaled = (x[i] - mean[i]) / sd[i];
    y[i] = x[i] == x[i] ? (REAL)scaled : 0;
    seen[i] = x[i] == x[i];
    count += seen[i];
  }
  return count;
}

static nax_status
gemm(nax_ctx *ctx, nax_i_trans ta, nax_i_trans tb, nax_index m, nax_index n, nax_index k,
     const void *a, nax_index lda, const void *b, nax_index ldb, double beta, void *c,
     nax_index ldc)
{
  return GEMM(ctx, ta, tb, m, n, k, 1, a, lda, b, ldb, (REAL)beta, c, ldc);
}

const nax_i_real NAME = {sizeof(REAL), bias_act,    act_back, add_columns, square, adam,
                         to_double,    from_double, residual, standardize, gemm};
