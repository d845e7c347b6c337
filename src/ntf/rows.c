/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updates of the rows of one factor. Rows do not depend on each other, so eight of them
 * are worked on at once, one per vector lane.
 *
 * Sources: coordinate descent with all sweeps of a row in cache is the arithmetic of HALS
 * (Cichocki & Phan 2009) carried on until a sweep gains little; block principal pivoting
 * is Kim & Park 2011. */
#include "ntf_i.h"
#include <math.h>

enum { LANES = 8, GRAIN = 128 };

typedef double lanes[LANES];

/* Squared step of one sweep over all coordinates of eight rows, weighted by curvature.
 * `grad` is G a - m (+ penalties), kept up to date. */
NAX_I_CLONES static double
sweep(const nax_i_rows *r, lanes *restrict a, lanes *restrict grad)
{
  lanes gain = {0};
  for (int64_t j = 0; j < r->rank; j++) {
    double curve = r->g[j * r->ld + j] + r->ridge;
    if (curve <= 0.0) {
      continue;
    }
    double inverse = 1.0 / curve;
    lanes step;
    for (int t = 0; t < LANES; t++) {
      double to = a[j][t] - (grad[j][t] + r->ridge * a[j][t]) * inverse;
      if (r->is_free) {
        to = to > r->l1 * inverse    ? to - r->l1 * inverse
             : to < -r->l1 * inverse ? to + r->l1 * inverse
                                     : 0.0;
      } else {
        to -= r->l1 * inverse;
        to = to > 0.0 ? to : 0.0;
      }
      step[t] = to - a[j][t];
      a[j][t] = to;
      gain[t] += step[t] * step[t] * curve;
    }
    for (int64_t k = 0; k < r->rank; k++) {
      double g = r->g[k * r->ld + j];
#pragma omp simd
      for (int t = 0; t < LANES; t++) {
        grad[k][t] += g * step[t];
      }
    }
  }
  double sum = 0.0;
  for (int t = 0; t < LANES; t++) {
    sum += gain[t];
  }
  return sum;
}

static void
descend_eight(const nax_i_rows *r, nax_index from, lanes *a, lanes *grad)
{
  nax_index n = r->n - from < LANES ? r->n - from : LANES;
  for (int64_t j = 0; j < r->rank; j++) {
    for (int t = 0; t < LANES; t++) {
      nax_index at = (from + (t < n ? t : n - 1)) * r->ld + j;
      a[j][t] = r->a[at];
      grad[j][t] = -r->m[at];
    }
  }
  for (int64_t j = 0; j < r->rank; j++) {
    for (int64_t k = 0; k < r->rank; k++) {
      double g = r->g[k * r->ld + j];
      for (int t = 0; t < LANES; t++) {
        grad[k][t] += g * a[j][t];
      }
    }
  }
  double first = 0.0;
  for (int64_t s = 0; s < r->max_sweeps; s++) {
    double gain = sweep(r, a, grad);
    first = s == 0 ? gain : first;
    if (gain <= r->inner_tol * first) {
      break;
    }
  }
  for (int64_t j = 0; j < r->rank; j++) {
    for (int t = 0; t < (int)n; t++) {
      r->a[(from + t) * r->ld + j] = a[j][t];
    }
  }
}

static nax_status
descend_block(int64_t block, void *arg)
{
  const nax_i_rows *r = arg;
  nax_index from = block * GRAIN, to = r->n - from < GRAIN ? r->n : from + GRAIN;
  lanes *a = nax_i_calloc((size_t)r->rank, 2 * sizeof *a);
  if (a == NULL) {
    return nax_i_fail(NULL, NAX_ENOMEM, __func__, "out of memory");
  }
  for (; from < to; from += LANES) {
    descend_eight(r, from, a, a + r->rank);
  }
  nax_i_free(a);
  return NAX_OK;
}

nax_status
nax_i_rows_descend(nax_ctx *ctx, const nax_i_rows *r)
{
  nax_i_rows copy = *r;
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(r->n, GRAIN), descend_block, &copy);
}

/* ------------------------------------------------------ multiplicative update */

static nax_status
multiply_block(int64_t block, void *arg)
{
  const nax_i_rows *r = arg;
  nax_index from = block * GRAIN, to = r->n - from < GRAIN ? r->n : from + GRAIN;
  double *old = nax_i_calloc((size_t)r->rank, sizeof *old);
  if (old == NULL) {
    return nax_i_fail(NULL, NAX_ENOMEM, __func__, "out of memory");
  }
  for (nax_index i = from; i < to; i++) {
    double *a = r->a + i * r->ld;
    const double *m = r->m + i * r->ld;
    memcpy(old, a, (size_t)r->rank * sizeof *old);
    for (int64_t j = 0; j < r->rank; j++) {
      double below = r->ridge * old[j] + r->l1;
      for (int64_t k = 0; k < r->rank; k++) {
        below += r->g[j * r->ld + k] * old[k];
      }
      double above = m[j] > 0.0 ? m[j] : 0.0;
      a[j] = below > 0.0 ? old[j] * (above / below) : 0.0;
    }
  }
  nax_i_free(old);
  return NAX_OK;
}

nax_status
nax_i_rows_multiply(nax_ctx *ctx, const nax_i_rows *r)
{
  nax_i_rows copy = *r;
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(r->n, GRAIN), multiply_block, &copy);
}
