/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests by surrogates of many units: what turns, flips or exchanges trials acts on their
 * coefficients as a weight, so that all surrogates of all units are one matrix product.
 */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include <math.h>
#include <stdlib.h>

enum { ROWS = 256, FIRST_ROWS = 32, CHUNK = 32 };

/* A share of 1 has no logarithm; below this ties of equal surrogates stay ties. */
static const double most_share = 1.0 - 1e-7;
/* Surrogates that equal the observed value but for rounding count as reaching it. */
static const double tie = 1.0 - 1e-9;

typedef struct job {
  const nax_freqtag_surrogate_spec *s;
  nax_index n_series, from, rows; /* the surrogates in hand */
  int parts;                      /* 1: real weights, 2: complex ones */
  int apart;                      /* each line has weights of its own */
  const nax_c64 *raw;
  nax_c64 *z;     /* n x series x line: finite, centred or of unit length as needed */
  double *factor; /* series x line: |sum|^2 to its share of the total; NaN: no test */
  double *weight; /* series x line: what a share counts */
  nax_index *n_valid, *n_second;
  double *turn; /* ROWS x parts n, per line where they differ */
  double *key;  /* LABEL: n x ROWS */
  double *observed, *p, *chunk_most;
  nax_index *hits, *active, n_active;
} job;

static int
is_missing(nax_c64 z)
{
  return !isfinite(z.re) || !isfinite(z.im);
}

/* ------------------------------------------------------------------ one series */

static double
share_of(const job *j, nax_index at, double re, double im)
{
  double share = (re * re + im * im) * j->factor[at];
  return share < most_share ? share : most_share;
}

/* What one line adds to the statistic. */
static double
term(const job *j, nax_index at, double re, double im)
{
  if (isnan(j->factor[at])) {
    return 0.0;
  }
  double share = share_of(j, at, re, im);
  return j->s->normalised ? j->weight[at] * share : -j->weight[at] * log1p(-share);
}

/* Coefficients of a series at a line as the surrogates need them. */
static void
prepare_line(const job *j, nax_index series, nax_index line)
{
  const nax_freqtag_surrogate_spec *s = j->s;
  nax_index at = series + line * j->n_series, n[2] = {0, 0};
  const nax_c64 *from = j->raw + at * s->n;
  nax_c64 *z = j->z + at * s->n, mean = {0.0, 0.0};
  double total = 0.0;
  for (nax_index i = 0; i < s->n; i++) {
    if (!is_missing(from[i])) {
      z[i] = from[i];
      double size = s->normalised ? hypot(z[i].re, z[i].im) : 1.0;
      z[i].re = size > 0.0 ? z[i].re / size : 0.0;
      z[i].im = size > 0.0 ? z[i].im / size : 0.0;
      n[i >= s->n - s->n_control]++;
      mean.re += z[i].re;
      mean.im += z[i].im;
    }
  }
  double all = (double)(n[0] + n[1]);
  if (s->kind != NAX_FREQTAG_NULL_LABEL) {
    mean = (nax_c64){0.0, 0.0};
  }
  for (nax_index i = 0; i < s->n; i++) {
    if (!is_missing(from[i])) {
      z[i].re -= mean.re / all;
      z[i].im -= mean.im / all;
      total += z[i].re * z[i].re + z[i].im * z[i].im;
    }
  }
  if (line == 0) {
    j->n_valid[series] = n[0] + n[1];
    j->n_second[series] = n[1];
  }
  j->factor[at] = (double)NAN;
  if (s->kind == NAX_FREQTAG_NULL_LABEL) {
    if (n[0] > 0 && n[1] > 0 && all > 2.0 && total > 0.0) {
      j->factor[at] = (1.0 / (double)n[0] + 1.0 / (double)n[1]) / total;
      j->weight[at] = all - 2.0;
    }
  } else if (all > 1.0 && total > 0.0) {
    /* of unit length: the share is the squared length of the mean of the phases */
    j->factor[at] = 1.0 / (all * total);
    j->weight[at] = s->normalised ? total : all - 1.0;
  }
}

static void
observe(const job *j, nax_index series)
{
  const nax_freqtag_surrogate_spec *s = j->s;
  int usable = 0;
  double sum = 0.0;
  nax_index from = s->kind == NAX_FREQTAG_NULL_LABEL ? s->n - s->n_control : 0;
  for (nax_index h = 0; h < s->n_lines; h++) {
    nax_index at = series + h * j->n_series;
    double re = 0.0, im = 0.0;
    prepare_line(j, series, h);
    for (nax_index i = from; i < s->n; i++) {
      re += j->z[at * s->n + i].re;
      im += j->z[at * s->n + i].im;
    }
    usable += !isnan(j->factor[at]);
    sum += term(j, at, re, im);
  }
  j->observed[series] = usable > 0 ? sum : (double)NAN;
}

/* ------------------------------------------------------------------- weights */

typedef struct ranked {
  double key;
  nax_index at;
} ranked;

static int
descending(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  return x->key > y->key ? -1 : x->key < y->key ? 1 : (x->at > y->at) - (x->at < y->at);
}

static double
turned(double cycles)
{
  return 2.0 * NAX_I_FT_PI * (cycles - floor(cycles + 0.5));
}

/* Weights of one surrogate into row r. */
static void
draw(const job *j, nax_index r, ranked *order)
{
  const nax_freqtag_surrogate_spec *s = j->s;
  nax_rng rng;
  nax_i_rng_init(&rng, s->seed, (uint64_t)(j->from + r));
  if (s->kind == NAX_FREQTAG_NULL_LABEL) {
    for (nax_index i = 0; i < s->n; i++) {
      j->key[i + r * s->n] = nax_rng_uniform(&rng);
      order[i] = (ranked){j->key[i + r * s->n], i};
      j->turn[r + i * ROWS] = 0.0;
    }
    qsort(order, (size_t)s->n, sizeof *order, descending);
    for (nax_index i = 0; i < s->n_control; i++) {
      j->turn[r + order[i].at * ROWS] = 1.0;
    }
    return;
  }
  if (s->kind == NAX_FREQTAG_NULL_SIGN) {
    for (nax_index i = 0; i < s->n; i++) {
      j->turn[r + i * ROWS] = nax_rng_uniform(&rng) < 0.5 ? -1.0 : 1.0;
    }
    return;
  }
  for (nax_index h = 0; h < s->n_lines; h++) {
    double *t = j->turn + h * ROWS * 2 * s->n;
    double f = s->freqs != NULL ? s->freqs[h] : 0.25 * s->rate;
    int real = s->freqs != NULL && nax_i_ft_is_real(f, s->rate);
    if (s->kind == NAX_FREQTAG_NULL_SHIFT) {
      /* all lines of a trial are shifted together */
      nax_i_rng_init(&rng, s->seed, (uint64_t)(j->from + r));
    }
    for (nax_index i = 0; i < s->n; i++) {
      double a;
      if (s->kind == NAX_FREQTAG_NULL_SHIFT) {
        a = turned(-f * (double)nax_rng_below(&rng, s->n_samples) / s->rate);
      } else {
        double u = nax_rng_uniform(&rng);
        a = turned(real ? (u < 0.5 ? 0.0 : 0.5) : u);
      }
      t[r + i * ROWS] = cos(a);
      t[r + (s->n + i) * ROWS] = real ? 0.0 : sin(a);
    }
  }
}

/* -------------------------------------------------------------------- chunks */

/* Sums of a series whose missing trials take no part in the exchange. */
static void
label_by_key(const job *j, nax_index series, nax_index line, ranked *order, double *re,
             double *im)
{
  const nax_freqtag_surrogate_spec *s = j->s;
  const nax_c64 *z = j->z + (series + line * j->n_series) * s->n,
                *raw = j->raw + (series + line * j->n_series) * s->n;
  for (nax_index r = 0; r < j->rows; r++) {
    nax_index n = 0;
    for (nax_index i = 0; i < s->n; i++) {
      if (!is_missing(raw[i])) {
        order[n++] = (ranked){j->key[i + r * s->n], i};
      }
    }
    qsort(order, (size_t)n, sizeof *order, descending);
    re[r] = im[r] = 0.0;
    for (nax_index i = 0; i < j->n_second[series]; i++) {
      re[r] += z[order[i].at].re;
      im[r] += z[order[i].at].im;
    }
  }
}

static void
fill_columns(const job *j, const nax_c64 *z, double *re, double *im)
{
  nax_index n = j->s->n;
  for (nax_index i = 0; i < n; i++) {
    re[i] = z[i].re;
    im[i] = z[i].im;
    if (j->parts == 2) {
      re[n + i] = -z[i].im;
      im[n + i] = z[i].re;
    }
  }
}

static nax_status
chunk_block(int64_t chunk, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const job *j = arg;
  const nax_freqtag_surrogate_spec *s = j->s;
  nax_index first = chunk * CHUNK, left = j->n_active - first, rows = j->parts * s->n;
  nax_index m = left < CHUNK ? left : CHUNK;
  double *columns = NULL, *sums = NULL, *value = NULL, *most = j->chunk_most;
  ranked *order = NULL;
  NAX_TRY_ALLOC(columns, rows * 2 * m, sizeof *columns);
  NAX_TRY_ALLOC(sums, ROWS * 2 * m, sizeof *sums);
  NAX_TRY_ALLOC(value, ROWS * m, sizeof *value);
  NAX_TRY_ALLOC(order, s->n, sizeof *order);
  for (nax_index h = 0; h < s->n_lines; h++) {
    for (nax_index k = 0; k < m; k++) {
      const nax_c64 *z = j->z + (j->active[first + k] + h * j->n_series) * s->n;
      fill_columns(j, z, columns + 2 * k * rows, columns + (2 * k + 1) * rows);
    }
    NAX_TRY(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, j->rows, 2 * m, rows, 1.0,
                       j->turn + (j->apart ? h * ROWS * rows : 0), ROWS, columns, rows,
                       0.0, sums, ROWS));
    for (nax_index k = 0; k < m; k++) {
      nax_index u = j->active[first + k];
      double *re = sums + 2 * k * ROWS, *im = re + ROWS;
      if (s->kind == NAX_FREQTAG_NULL_LABEL && j->n_valid[u] < s->n) {
        label_by_key(j, u, h, order, re, im);
      }
      for (nax_index r = 0; r < j->rows; r++) {
        value[r + k * ROWS] += term(j, u + h * j->n_series, re[r], im[r]);
      }
    }
  }
  for (nax_index k = 0; k < m; k++) {
    nax_index u = j->active[first + k];
    for (nax_index r = 0; r < j->rows && isnan(j->p[u]); r++) {
      j->hits[u] += value[r + k * ROWS] >= tie * j->observed[u];
      if (s->enough > 0 && j->hits[u] == s->enough) {
        j->p[u] = (double)s->enough / (double)(j->from + r + 1);
      }
    }
    for (nax_index r = 0; r < j->rows && most != NULL; r++) {
      double *to = most + r + chunk * ROWS;
      *to = fmax(*to, value[r + k * ROWS]);
    }
  }
done:
  nax_i_free(columns);
  nax_i_free(sums);
  nax_i_free(value);
  nax_i_free(order);
  return status;
}

/* ----------------------------------------------------------------------- all */

static nax_status
check(nax_ctx *ctx, const char *fn, const nax_freqtag_surrogate_spec *s,
      nax_index n_series, const double *most)
{
  if (s->n < 2 || n_series < 1 || s->n_lines < 1 || s->n_surrogates < 1) {
    return nax_i_fail(
        ctx, NAX_EDIM, fn,
        "%lld trials, %lld series, %lld lines, %lld surrogates, expected at "
        "least 2, 1, 1 and 1",
        (long long)s->n, (long long)n_series, (long long)s->n_lines,
        (long long)s->n_surrogates);
  }
  if (s->kind < NAX_FREQTAG_NULL_PHASE || s->kind > NAX_FREQTAG_NULL_LABEL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "kind of surrogates, got %d", (int)s->kind);
  }
  int label = s->kind == NAX_FREQTAG_NULL_LABEL;
  if (label ? s->n_control < 1 || s->n_control >= s->n : s->n_control != 0) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%lld of %lld trials of the control, expected %s",
                      (long long)s->n_control, (long long)s->n,
                      label ? "some of both conditions" : "none without labels");
  }
  if (s->kind == NAX_FREQTAG_NULL_SHIFT && (s->freqs == NULL || s->n_samples < 1)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "shifts need frequencies and the samples of a trial");
  }
  if (!(s->rate > 0.0) || (label && s->normalised)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      label && s->normalised ? "labels and phases alone do not go "
                                               "together"
                                             : "rate, expected more than 0");
  }
  if (s->enough < 0 || (s->enough > 0 && most != NULL)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "stopping after %lld surrogates, expected 0 with the largest "
                      "statistic of all series",
                      (long long)s->enough);
  }
  return NAX_OK;
}

static nax_status
make_job(nax_ctx *ctx, job *j, const double *most)
{
  nax_status status = NAX_OK;
  const nax_freqtag_surrogate_spec *s = j->s;
  nax_index cells = j->n_series * s->n_lines;
  j->apart = s->kind == NAX_FREQTAG_NULL_PHASE || s->kind == NAX_FREQTAG_NULL_SHIFT;
  j->parts = j->apart ? 2 : 1;
  NAX_TRY_ALLOC(j->z, s->n * cells, sizeof *j->z);
  NAX_TRY_ALLOC(j->factor, cells, sizeof *j->factor);
  NAX_TRY_ALLOC(j->weight, cells, sizeof *j->weight);
  NAX_TRY_ALLOC(j->n_valid, j->n_series, sizeof *j->n_valid);
  NAX_TRY_ALLOC(j->n_second, j->n_series, sizeof *j->n_second);
  NAX_TRY_ALLOC(j->hits, j->n_series, sizeof *j->hits);
  NAX_TRY_ALLOC(j->active, j->n_series, sizeof *j->active);
  NAX_TRY_ALLOC(j->turn, ROWS * j->parts * s->n * (j->apart ? s->n_lines : 1),
                sizeof *j->turn);
  if (s->kind == NAX_FREQTAG_NULL_LABEL) {
    NAX_TRY_ALLOC(j->key, ROWS * s->n, sizeof *j->key);
  }
  if (most != NULL) {
    NAX_TRY_ALLOC(j->chunk_most, ROWS * nax_i_n_blocks(j->n_series, CHUNK),
                  sizeof *j->chunk_most);
  }
done:
  return status;
}

static void
free_job(job *j)
{
  nax_i_free(j->z);
  nax_i_free(j->factor);
  nax_i_free(j->weight);
  nax_i_free(j->n_valid);
  nax_i_free(j->n_second);
  nax_i_free(j->hits);
  nax_i_free(j->active);
  nax_i_free(j->turn);
  nax_i_free(j->key);
  nax_i_free(j->chunk_most);
}

/* Largest values over the chunks into those over all series so far. */
static void
gather_most(const job *j, double *most)
{
  nax_index chunks = nax_i_n_blocks(j->n_active, CHUNK);
  for (nax_index r = 0; r < j->rows; r++) {
    for (nax_index c = 0; c < chunks; c++) {
      most[j->from + r] = fmax(most[j->from + r], j->chunk_most[r + c * ROWS]);
      j->chunk_most[r + c * ROWS] = 0.0;
    }
  }
}

nax_status
nax_freqtag_surrogates(nax_ctx *ctx, const nax_freqtag_surrogate_spec *spec,
                       nax_index n_series, const nax_c64 *z, double *statistic, double *p,
                       double *most)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  ranked *order = NULL;
  double *observed = NULL;
  job j = {.s = spec, .n_series = n_series, .raw = z, .p = p};
  nax_i_begin(ctx);
  NAX_TRY(check(ctx, __func__, spec, n_series, most));
  NAX_TRY(make_job(ctx, &j, most));
  NAX_TRY_ALLOC(order, spec->n, sizeof *order);
  NAX_TRY_ALLOC(observed, n_series, sizeof *observed);
  j.observed = observed;
  for (nax_index u = 0; u < n_series; u++) {
    observe(&j, u);
    p[u] = (double)NAN;
    if (!isnan(observed[u])) {
      j.active[j.n_active++] = u;
    }
  }
  NAX_TRY(
      nax_i_stage_begin(&stage, ctx, __func__, "freqtag/surrogates", spec->n_surrogates));
  while (j.from < spec->n_surrogates && j.n_active > 0) {
    nax_index size = spec->enough > 0 && j.from < ROWS ? FIRST_ROWS : ROWS, n = 0;
    j.rows = spec->n_surrogates - j.from < size ? spec->n_surrogates - j.from : size;
    for (nax_index r = 0; r < j.rows; r++) {
      draw(&j, r, order);
    }
    NAX_TRY(
        nax_i_parallel(ctx, NULL, nax_i_n_blocks(j.n_active, CHUNK), chunk_block, &j));
    if (most != NULL) {
      gather_most(&j, most);
    }
    for (nax_index k = 0; k < j.n_active; k++) {
      if (isnan(p[j.active[k]])) {
        j.active[n++] = j.active[k];
      }
    }
    j.n_active = n;
    j.from += j.rows;
    NAX_TRY(nax_i_stage_poll(&stage, j.from, (double)NAN));
  }
  for (nax_index k = 0; k < j.n_active; k++) {
    p[j.active[k]] = (double)(j.hits[j.active[k]] + 1) / (double)(spec->n_surrogates + 1);
  }
  if (statistic != NULL) {
    memcpy(statistic, observed, (size_t)n_series * sizeof *statistic);
  }
done:
  free_job(&j);
  nax_i_free(order);
  nax_i_free(observed);
  return status;
}
