/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of patterns, by blocks of channels that stay in the cache while they are
 * centred or scaled and then multiplied. */
#include "rsa_i.h"
#include <math.h>

enum { ROWS = 640 };

nax_status
nax_i_rdm_rates(const nax_i_rdm_job *j, nax_index n, const double *x, nax_index first,
                nax_index rows, double *to)
{
  double add = j->o->prior * j->o->prior_weight, over = 1.0 + j->o->prior_weight;
  for (nax_index c = 0; c < n; c++) {
    const double *from = x + first + c * j->p;
    int low = 0;
    for (nax_index i = 0; i < rows; i++) {
      double rate = (from[i] + add) / over;
      low |= rate <= 0.0;
      to[i + c * rows] = rate;
    }
    for (nax_index i = 0; low && i < rows; i++) {
      if (to[i + c * rows] <= 0.0) {
        return nax_i_fail(j->ctx, NAX_EDATA, j->fn,
                          "a Poisson measure needs rates above 0, channel %lld has %g "
                          "with the prior",
                          (long long)(first + i), to[i + c * rows]);
      }
    }
  }
  return NAX_OK;
}

nax_status
nax_i_rdm_poisson_product(nax_i_rdm_job *j, const double *a, const double *b, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, most = p < ROWS ? p : ROWS;
  double *rate = NULL, *logs = NULL;
  NAX_TRY_ALLOC(rate, most * n, sizeof *rate);
  NAX_TRY_ALLOC(logs, most * n, sizeof *logs);
  for (nax_index first = 0; first < p; first += most) {
    nax_index rows = p - first < most ? p - first : most;
    NAX_TRY(nax_i_rdm_rates(j, n, b, first, rows, logs));
    if (a == b) {
      memcpy(rate, logs, (size_t)(rows * n) * sizeof *rate);
    } else {
      NAX_TRY(nax_i_rdm_rates(j, n, a, first, rows, rate));
    }
    nax_i_logs(rows * n, logs, logs);
    nax_i_rdm_centre_rows(rows, n, rate, rows);
    nax_i_rdm_centre_rows(rows, n, logs, rows);
    NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, rows, 1.0, rate, rows, logs,
                       rows, first > 0 ? 1.0 : 0.0, g, n));
  }
done:
  nax_i_free(rate);
  nax_i_free(logs);
  return status;
}

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));

/* Sum of (x - mean) (x - mean), or of x - mean, in eight sums: the same for every width
 * of vectors. */
NAX_I_CLONES static double
total(nax_index p, const double *x, double mean, int squares)
{
  eight sum = {0};
  double rest = 0.0;
  nax_index i = 0;
  for (; squares && i + 8 <= p; i += 8) {
    eight v = *(const eight *)(const void *)(x + i) - mean;
    sum += v * v;
  }
  for (; !squares && i + 8 <= p; i += 8) {
    sum += *(const eight *)(const void *)(x + i) - mean;
  }
  for (; i < p; i++) {
    double v = x[i] - mean;
    rest += squares ? v * v : v;
  }
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
         ((sum[4] + sum[5]) + (sum[6] + sum[7])) + rest;
}

/* to = (x - mean) * scale */
NAX_I_CLONES static void
shift_and_scale(nax_index n, const double *x, double mean, double scale, double *to)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    eight v = *(const eight *)(const void *)(x + i) - mean;
    *(eight *)(void *)(to + i) = v * scale;
  }
  for (; i < n; i++) {
    to[i] = (x[i] - mean) * scale;
  }
}

static double
largest(nax_index p, const double *x)
{
  double most = 0.0;
  for (nax_index i = 0; i < p; i++) {
    most = fabs(x[i]) > most ? fabs(x[i]) : most;
  }
  return most;
}

/* Mean over channels and one over the norm of each pattern, 0 for those that are flat. */
static void
norms(const nax_i_rdm_job *j, const double *u, double *mean, double *scale, char *flat)
{
  nax_index p = j->p;
  for (nax_index c = 0; c < j->g->n; c++) {
    const double *x = u + c * p;
    mean[c] =
        j->o->measure == NAX_RDM_CORRELATION ? total(p, x, 0.0, 0) / (double)p : 0.0;
    double norm = sqrt(total(p, x, mean[c], 1));
    /* rounding alone leaves no more than the second of a constant; the first is enough */
    flat[c] = !(norm > 1e-6 * fabs(mean[c]) * sqrt((double)p)) &&
              !(norm > 1e-14 * largest(p, x) * sqrt((double)p));
    scale[c] = flat[c] ? 0.0 : 1.0 / norm;
  }
}

nax_status
nax_i_rdm_gram(nax_i_rdm_job *j, const double *u, double *g, char *flat)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, most = p < ROWS ? p : ROWS;
  int centre = j->o->measure == NAX_RDM_EUCLIDEAN;
  double *x = NULL, *mean = NULL;
  NAX_TRY_ALLOC(x, most * n, sizeof *x);
  NAX_TRY_ALLOC(mean, 2 * n, sizeof *mean);
  double *scale = mean + n;
  if (!centre) {
    norms(j, u, mean, scale, flat);
  }
  for (nax_index first = 0; first < p; first += most) {
    nax_index rows = p - first < most ? p - first : most;
    for (nax_index c = 0; c < n; c++) {
      const double *from = u + first + c * p;
      if (centre) {
        memcpy(x + c * rows, from, (size_t)rows * sizeof *x);
      } else {
        shift_and_scale(rows, from, mean[c], scale[c], x + c * rows);
      }
    }
    if (centre) {
      nax_i_rdm_centre_rows(rows, n, x, rows);
    }
    NAX_TRY(nax_i_self_product_lower(ctx, n, rows, 1.0, x, rows, first > 0 ? 1.0 : 0.0, g,
                                     n));
  }
done:
  nax_i_free(x);
  nax_i_free(mean);
  return status;
}
