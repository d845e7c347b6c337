/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums, means and variances along an axis that is not the first: the lines lie side by
 * side, so whole rows are added up as they stand in memory, without gathering lines. */
#include "array_i.h"
#include <math.h>

enum {
  WIDTH = 128, /* lines of a block */
  LANES = 8,   /* lines of one vector: a length the compiler knows */
  ROWS = 128,  /* rows added one by one before sums are paired */
  LEVELS = 56  /* pairs of pairs: more than rows can be counted */
};

typedef struct side_job {
  const nax_array *a;
  nax_i_fold f;
  nax_reduction what;
  double ddof;
  double *out;
  nax_index per_outer; /* blocks of one outer position */
} side_job;

/* What is known of the lines of a block; everything per line. */
typedef struct side_sums {
  double sum[WIDTH], n[WIDTH], min[WIDTH], max[WIDTH], mean[WIDTH];
  double level[LEVELS][WIDTH]; /* sums of 1, 2, 4 ... chunks of rows */
} side_sums;

/* One row as doubles. */
static const double *
fetch_row(const nax_array *a, nax_index at, nax_index w, double buf[WIDTH])
{
  if (a->dtype == NAX_F64) {
    return (const double *)a->data + at;
  }
  const float *x = (const float *)a->data + at;
  for (nax_index i = 0; i < w; i++) {
    buf[i] = (double)x[i];
  }
  return buf;
}

NAX_I_CLONES static void
add_values(const double *restrict x, nax_index w, double *restrict part,
           double *restrict n, double *restrict min, double *restrict max)
{
  nax_index i = 0;
  for (; i + LANES <= w; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      double v = x[i + k], there = isnan(v) ? 0.0 : 1.0;
      part[i + k] += isnan(v) ? 0.0 : v;
      n[i + k] += there;
      min[i + k] = v < min[i + k] ? v : min[i + k];
      max[i + k] = v > max[i + k] ? v : max[i + k];
    }
  }
  for (; i < w; i++) {
    part[i] += isnan(x[i]) ? 0.0 : x[i];
    n[i] += isnan(x[i]) ? 0.0 : 1.0;
    min[i] = x[i] < min[i] ? x[i] : min[i];
    max[i] = x[i] > max[i] ? x[i] : max[i];
  }
}

NAX_I_CLONES static void
add_squares(const double *restrict x, nax_index w, const double *restrict mean,
            double *restrict part)
{
  nax_index i = 0;
  for (; i + LANES <= w; i += LANES) {
    for (int k = 0; k < LANES; k++) {
      double d = x[i + k] - mean[i + k];
      part[i + k] += isnan(x[i + k]) ? 0.0 : d * d;
    }
  }
  for (; i < w; i++) {
    double d = x[i] - mean[i];
    part[i] += isnan(x[i]) ? 0.0 : d * d;
  }
}

/* Sum over all rows, of the values or (`squares`) of their squared deviations from the
 * mean. Chunks are paired like the digits of a binary counter, so that errors grow with
 * the logarithm of the number of rows. */
static void
sum_rows(const side_job *j, nax_index from, nax_index w, int squares, side_sums *s)
{
  double part[WIDTH], buf[WIDTH];
  nax_index chunks = 0;
  for (nax_index r = 0; r < j->f.n; r += ROWS, chunks++) {
    nax_index end = j->f.n - r < ROWS ? j->f.n : r + ROWS;
    memset(part, 0, sizeof part);
    for (nax_index t = r; t < end; t++) {
      const double *x = fetch_row(j->a, from + t * j->f.inner, w, buf);
      if (squares) {
        add_squares(x, w, s->mean, part);
      } else {
        add_values(x, w, part, s->n, s->min, s->max);
      }
    }
    int level = 0;
    for (; chunks >> level & 1; level++) {
      for (nax_index i = 0; i < w; i++) {
        part[i] += s->level[level][i];
      }
    }
    memcpy(s->level[level], part, (size_t)w * sizeof *part);
  }
  memset(s->sum, 0, sizeof s->sum);
  for (int level = 0; chunks >> level > 0; level++) {
    for (nax_index i = 0; i < w && (chunks >> level & 1); i++) {
      s->sum[i] += s->level[level][i];
    }
  }
}

/* The rule of a line that does not vary is that of nax_i_line_moments. */
static double
line_result(const side_job *j, const side_sums *s, nax_index i)
{
  double n = s->n[i], sum = s->sum[i];
  if (!(n > 0.0)) {
    return NAN;
  }
  switch (j->what) {
  case NAX_REDUCE_SUM:
    return sum;
  case NAX_REDUCE_MEAN:
    return sum / n;
  case NAX_REDUCE_MIN:
    return s->min[i];
  case NAX_REDUCE_MAX:
    return s->max[i];
  default:
    break;
  }
  if (!(n - j->ddof > 0.0)) {
    return NAN;
  }
  double var = s->max[i] > s->min[i] ? sum / (n - j->ddof)
               : isinf(s->max[i])    ? (double)NAN
                                     : 0.0;
  return j->what == NAX_REDUCE_SD ? sqrt(var) : var;
}

static nax_status
reduce_side(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const side_job *j = arg;
  side_sums *s = NULL;
  nax_index o = block / j->per_outer, first = block % j->per_outer * WIDTH;
  nax_index w = j->f.inner - first < WIDTH ? j->f.inner - first : WIDTH;
  nax_index from = o * j->f.n * j->f.inner + first;
  NAX_TRY_ALLOC(s, 1, sizeof *s);
  for (nax_index i = 0; i < w; i++) {
    s->min[i] = INFINITY;
    s->max[i] = -INFINITY;
  }
  sum_rows(j, from, w, 0, s);
  if (j->what == NAX_REDUCE_VAR || j->what == NAX_REDUCE_SD) {
    for (nax_index i = 0; i < w; i++) {
      s->mean[i] = s->sum[i] / s->n[i];
    }
    sum_rows(j, from, w, 1, s);
  }
  for (nax_index i = 0; i < w; i++) {
    j->out[o * j->f.inner + first + i] = line_result(j, s, i);
  }
done:
  nax_i_free(s);
  return status;
}

int
nax_i_reduces_side_by_side(const nax_array *a, int32_t k, nax_reduction what)
{
  return nax_i_array_fold(a, k).inner > 1 && what >= NAX_REDUCE_MEAN &&
         what <= NAX_REDUCE_MAX;
}

nax_status
nax_i_reduce_side_by_side(nax_ctx *ctx, const char *fn, const nax_array *a, int32_t k,
                          nax_reduction what, double ddof, double *out)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  side_job j = {a, nax_i_array_fold(a, k), what, ddof, out, 0};
  j.per_outer = nax_i_n_blocks(j.f.inner, WIDTH);
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "array/reduce", j.per_outer * j.f.outer));
  NAX_TRY(nax_i_parallel(ctx, &st, j.per_outer * j.f.outer, reduce_side, &j));
done:
  return status;
}
