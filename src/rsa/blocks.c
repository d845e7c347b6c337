/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of patterns. Few conditions: the channels are cut into fixed parts, each of
 * which is one product of one-thread BLAS, and the parts are summed in order. Many: tiles
 * of the product, block after block of the channels. What is centred, scaled or taken the
 * logarithm of is made in blocks that stay in the cache; patterns that need no centring
 * to keep their digits are multiplied where they are. */
#include "rsa_i.h"
#include <math.h>

enum { ROWS = 1280, CENTRED = 64, SOME = 32, PART = 2048, MOST_PARTS = 16, FEW = 1024 };

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));

/* to = (x + add) / over, n values; 1 when one is not above 0. */
NAX_I_CLONES static int
rates(nax_index n, const double *x, double add, double over, double *to)
{
  int64_t low = 0;
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; k++) {
      double rate = (x[i + k] + add) / over;
      low |= rate <= 0.0;
      to[i + k] = rate;
    }
  }
  for (; i < n; i++) {
    to[i] = (x[i] + add) / over;
    low |= to[i] <= 0.0;
  }
  return low != 0;
}

nax_status
nax_i_rdm_rates(const nax_i_rdm_job *j, nax_index n, const double *x, nax_index first,
                nax_index rows, double *to)
{
  double add = j->o->prior * j->o->prior_weight, over = 1.0 + j->o->prior_weight;
  for (nax_index c = 0; c < n; c++) {
    if (!rates(rows, x + first + c * j->p, add, over, to + c * rows)) {
      continue;
    }
    for (nax_index i = 0; i < rows; i++) {
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

/* to (rows x n) = x (ld x n) without the means of the rows; they may be the same. */
NAX_I_CLONES static void
centre(nax_index rows, nax_index n, const double *x, nax_index ld, double *to)
{
  eight mean[CENTRED / 8];
  nax_index first = 0;
  for (; first + CENTRED <= rows; first += CENTRED) {
    for (int k = 0; k < CENTRED / 8; k++) {
      mean[k] = (eight){0};
    }
    for (nax_index c = 0; c < n; c++) {
      const eight *from = (const eight *)(const void *)(x + first + c * ld);
      for (int k = 0; k < CENTRED / 8; k++) {
        mean[k] += from[k];
      }
    }
    for (int k = 0; k < CENTRED / 8; k++) {
      mean[k] /= (double)n;
    }
    for (nax_index c = 0; c < n; c++) {
      const eight *from = (const eight *)(const void *)(x + first + c * ld);
      eight *out = (eight *)(void *)(to + first + c * rows);
      for (int k = 0; k < CENTRED / 8; k++) {
        out[k] = from[k] - mean[k];
      }
    }
  }
  for (; first < rows; first++) {
    double sum = 0.0;
    for (nax_index c = 0; c < n; c++) {
      sum += x[first + c * ld];
    }
    for (nax_index c = 0; c < n; c++) {
      to[first + c * rows] = x[first + c * ld] - sum / (double)n;
    }
  }
}

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

/* ------------------------------------------------------------------ by parts */

/* What is multiplied. */
typedef enum way { AS_IT_IS, WITHOUT_MEAN, SCALED, RATES } way;

typedef struct product {
  nax_i_rdm_job *j;
  way how;
  const double *a, *b;        /* p x n */
  const double *mean, *scale; /* of each pattern (SCALED) */
  nax_index parts;
  double *g, *others; /* n x n, of the first part and of each other */
} product;

/* x -= y */
NAX_I_CLONES static void
subtract(nax_index n, const double *y, double *x)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    *(eight *)(void *)(x + i) -= *(const eight *)(const void *)(y + i);
  }
  for (; i < n; i++) {
    x[i] -= y[i];
  }
}

/* Rates x of pattern c and logarithms y. */
static nax_status
rate_and_log(const nax_i_rdm_job *j, const product *q, nax_index c, nax_index at,
             nax_index rows, double *x, double *y)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_rdm_rates(j, 1, q->b + c * j->p, at, rows, x));
  nax_i_logs(rows, x, y);
  if (q->a != q->b) {
    NAX_TRY(nax_i_rdm_rates(j, 1, q->a + c * j->p, at, rows, x));
  }
done:
  return status;
}

/* Rates and logarithms of rates of all patterns, in one pass: without the means of some
 * of them, which keep about as many digits as those of all. mean: 2 rows. */
static nax_status
fill_rates(const nax_i_rdm_job *j, const product *q, nax_index at, nax_index rows,
           double *mean, double *x, double *y)
{
  nax_status status = NAX_OK;
  nax_index n = j->g->n, step = nax_i_n_blocks(n, SOME), some = nax_i_n_blocks(n, step);
  memset(mean, 0, (size_t)(2 * rows) * sizeof *mean);
  for (nax_index c = 0; c < n; c += step) {
    NAX_TRY(rate_and_log(j, q, c, at, rows, x, y));
    for (nax_index i = 0; i < rows; i++) {
      mean[i] += x[i] / (double)some;
      mean[i + rows] += y[i] / (double)some;
    }
  }
  for (nax_index c = 0; c < n; c++) {
    NAX_TRY(rate_and_log(j, q, c, at, rows, x + c * rows, y + c * rows));
    subtract(rows, mean, x + c * rows);
    subtract(rows, mean + rows, y + c * rows);
  }
done:
  return status;
}

/* `rows` channels from `at` on, ready to be multiplied: x, and y for RATES, which take
 * `mean`. */
static nax_status
fill_block(nax_ctx *ctx, const product *q, nax_index at, nax_index rows, double *mean,
           double *x, double *y)
{
  nax_i_rdm_job j = *q->j;
  nax_index n = j.g->n, p = j.p;
  j.ctx = ctx;
  switch (q->how) {
  case AS_IT_IS:
    break;
  case WITHOUT_MEAN:
    centre(rows, n, q->a + at, p, x);
    break;
  case SCALED:
    for (nax_index c = 0; c < n; c++) {
      shift_and_scale(rows, q->a + at + c * p, q->mean[c], q->scale[c], x + c * rows);
    }
    break;
  case RATES:
    return fill_rates(&j, q, at, rows, mean, x, y);
  }
  return NAX_OK;
}

/* The channels of one part, block by block. */
static nax_status
multiply_part(int64_t part, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const product *q = arg;
  nax_index n = q->j->g->n, p = q->j->p;
  nax_index at = p * part / q->parts, end = p * (part + 1) / q->parts;
  nax_index most = end - at < ROWS ? end - at : ROWS;
  double *g = part == 0 ? q->g : q->others + (part - 1) * n * n;
  double *x = NULL, *y = NULL, *mean = NULL;
  double beta = part == 0 ? 0.0 : 1.0; /* memory of the others is fresh, and 0 */
  if (q->how == AS_IT_IS) {
    return nax_i_block_syrk(q->j->ctx, NAX_I_TRANS, n, end - at, 1.0, q->a + at, p, beta,
                            g, n);
  }
  NAX_TRY_ALLOC(x, most * n, sizeof *x);
  if (q->how == RATES) {
    NAX_TRY_ALLOC(y, most * n, sizeof *y);
    NAX_TRY_ALLOC(mean, 2 * most, sizeof *mean);
  }
  for (; at < end; at += most, beta = 1.0) {
    nax_index rows = end - at < most ? end - at : most;
    NAX_TRY(fill_block(ctx, q, at, rows, mean, x, y));
    NAX_TRY(q->how == RATES ? nax_i_block_gemm(q->j->ctx, n, n, rows, 1.0, x, rows, y,
                                               rows, beta, g, n)
                            : nax_i_block_syrk(q->j->ctx, NAX_I_TRANS, n, rows, 1.0, x,
                                               rows, beta, g, n));
  }
done:
  nax_i_free(x);
  nax_i_free(y);
  nax_i_free(mean);
  return status;
}

/* g = the product: all of it for RATES, else its lower triangle. */
static nax_status
multiply_parts(product *q, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = q->j->ctx;
  nax_index n = q->j->g->n, p = q->j->p, nn = n * n;
  double *parts = NULL;
  nax_i_stage st;
  q->parts = p < 2 * PART ? 1 : p / PART < MOST_PARTS ? p / PART : MOST_PARTS;
  if (q->parts > 1) {
    NAX_TRY_ALLOC(parts, (q->parts - 1) * nn, sizeof *parts);
  }
  q->g = g;
  q->others = parts;
  NAX_TRY(nax_i_stage_begin(&st, ctx, q->j->fn, "rdm/product", q->parts));
  NAX_TRY(nax_i_parallel(ctx, &st, q->parts, multiply_part, q));
  for (nax_index c = 0; parts != NULL && c < n; c++) {
    nax_index from = q->how == RATES ? 0 : c;
    for (nax_index k = 1; k < q->parts; k++) {
      const double *more = parts + (k - 1) * nn;
      for (nax_index i = from; i < n; i++) {
        g[i + c * n] += more[i + c * n];
      }
    }
  }
done:
  nax_i_free(parts);
  return status;
}

/* ------------------------------------------------------------------ by tiles */

/* The same of many conditions: blocks of the channels one after the other, tiles of each
 * product side by side. */
static nax_status
multiply_tiles(product *q, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = q->j->ctx;
  nax_index n = q->j->g->n, p = q->j->p, most = p < ROWS ? p : ROWS;
  double *x = NULL, *y = NULL, *mean = NULL, beta = 0.0;
  if (q->how == AS_IT_IS) {
    return nax_i_self_product_lower(ctx, n, p, 1.0, q->a, p, 0.0, g, n);
  }
  NAX_TRY_ALLOC(x, most * n, sizeof *x);
  if (q->how == RATES) {
    NAX_TRY_ALLOC(y, most * n, sizeof *y);
    NAX_TRY_ALLOC(mean, 2 * most, sizeof *mean);
  }
  for (nax_index at = 0; at < p; at += most, beta = 1.0) {
    nax_index rows = p - at < most ? p - at : most;
    NAX_TRY(fill_block(ctx, q, at, rows, mean, x, y));
    if (q->how == RATES) {
      NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, rows, 1.0, x, rows, y, rows,
                         beta, g, n));
    } else {
      NAX_TRY(nax_i_self_product_lower(ctx, n, rows, 1.0, x, rows, beta, g, n));
    }
  }
done:
  nax_i_free(x);
  nax_i_free(y);
  nax_i_free(mean);
  return status;
}

static nax_status
multiply(product *q, double *g)
{
  return q->j->g->n > FEW ? multiply_tiles(q, g) : multiply_parts(q, g);
}

/* ------------------------------------------------------------------ measures */

nax_status
nax_i_rdm_poisson_product(nax_i_rdm_job *j, const double *a, const double *b, double *g)
{
  product q = {.j = j, .how = RATES, .a = a, .b = b};
  return multiply(&q, g);
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

/* Mean over channels and one over the norm of each pattern, 0 for those that are flat;
 * returns the largest ratio of the mean's square to the norm's. */
static double
norms(const nax_i_rdm_job *j, const double *u, double *mean, double *scale, char *flat)
{
  nax_index p = j->p;
  double most = 0.0;
  for (nax_index c = 0; c < j->g->n; c++) {
    const double *x = u + c * p;
    mean[c] =
        j->o->measure == NAX_RDM_CORRELATION ? total(p, x, 0.0, 0) / (double)p : 0.0;
    double norm = sqrt(total(p, x, mean[c], 1));
    /* rounding alone leaves no more than the second of a constant; the first is enough */
    flat[c] = !(norm > 1e-6 * fabs(mean[c]) * sqrt((double)p)) &&
              !(norm > 1e-14 * largest(p, x) * sqrt((double)p));
    scale[c] = flat[c] ? 0.0 : 1.0 / norm;
    most = fmax(most, (double)p * mean[c] * mean[c] * scale[c] * scale[c]);
  }
  return most;
}

/* 1 when no distance is so small beside the squares it is the difference of that digits
 * are missed. */
static int
keeps_digits(nax_index n, const double *g)
{
  int keeps = 1;
  for (nax_index i = 0; i < n && keeps; i++) {
    for (nax_index o = i + 1; o < n; o++) {
      double both = g[i + i * n] + g[o + o * n];
      keeps &= both - 2.0 * g[o + i * n] > 0.02 * both;
    }
  }
  return keeps;
}

nax_status
nax_i_rdm_gram(nax_i_rdm_job *j, const double *u, double *g, char *flat)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p;
  product q = {.j = j, .how = AS_IT_IS, .a = u};
  double *mean = NULL;
  if (j->o->measure == NAX_RDM_EUCLIDEAN) {
    NAX_TRY(multiply(&q, g));
    if (!keeps_digits(n, g)) {
      q.how = WITHOUT_MEAN;
      NAX_TRY(multiply(&q, g));
    }
    goto done;
  }
  NAX_TRY_ALLOC(mean, 2 * n, sizeof *mean);
  double *scale = mean + n;
  if (norms(j, u, mean, scale, flat) > 50.0) {
    q.how = SCALED;
    q.mean = mean;
    q.scale = scale;
    NAX_TRY(multiply(&q, g));
    goto done;
  }
  NAX_TRY(multiply(&q, g));
  for (nax_index c = 0; c < n; c++) {
    for (nax_index i = c; i < n; i++) {
      double shared = (double)p * mean[i] * mean[c];
      g[i + c * n] = (g[i + c * n] - shared) * scale[i] * scale[c];
    }
  }
done:
  nax_i_free(mean);
  return status;
}
