/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From samples to coefficients, in three ways. Trend and taper are folded into the rows
 * of the partial transform, so that they cost nothing there. */
#include "freqtag_i.h"
#include "linalg/skinny_i.h"
#include <math.h>

int
nax_i_ft_is_real(double f, double rate)
{
  return f == 0.0 || fabs(f / rate - 0.5) < 1e-12;
}

/* cos and sin of 2 pi f t / rate, on the grid with the angle reduced exactly. */
static void
wave(double f, double rate, nax_index n, nax_index t, double *c, double *s)
{
  double cycles = f / rate * (double)n, k = floor(cycles + 0.5);
  double turn;
  if (fabs(cycles - k) < 1e-9 && k <= (double)n) {
    turn = (double)((int64_t)k * t % n) / (double)n;
  } else {
    turn = f / rate * (double)t;
    turn -= floor(turn);
  }
  *c = cos(2.0 * NAX_I_FT_PI * turn);
  *s = sin(2.0 * NAX_I_FT_PI * turn);
}

static double
taper_at(const nax_freqtag_acc *a, nax_index t)
{
  return a->s.taper == NAX_FREQTAG_TAPER_HANN
             ? 0.5 - 0.5 * cos(2.0 * NAX_I_FT_PI * (double)t / (double)a->s.n_samples)
             : 1.0;
}

/* --------------------------------------------------- rows of the partial DFT */

void
nax_i_ft_remove_trend(double *x, nax_index n, int32_t trend)
{
  double mean = 0.0, slope = 0.0, tt = 0.0, middle = 0.5 * (double)(n - 1);
  if (trend == NAX_FREQTAG_TREND_NONE) {
    return;
  }
  mean = nax_i_sum(x, n) / (double)n;
  if (trend == NAX_FREQTAG_TREND_LINEAR) {
    for (nax_index t = 0; t < n; t++) {
      double d = (double)t - middle;
      slope += d * (x[t] - mean);
      tt += d * d;
    }
    slope = tt > 0.0 ? slope / tt : 0.0;
  }
  for (nax_index t = 0; t < n; t++) {
    x[t] -= mean + slope * ((double)t - middle);
  }
}

static double
dot(const double *x, const double *y, nax_index n)
{
  double s = 0.0;
  for (nax_index i = 0; i < n; i++) {
    s += x[i] * y[i];
  }
  return s;
}

/* Rows c and s of one frequency: z = (c + i s) . x. */
static void
fill_rows(const nax_freqtag_acc *a, double f, double *c, double *s)
{
  nax_index n = a->period;
  int least_squares = a->s.estimate == NAX_FREQTAG_ESTIMATE_LS;
  for (nax_index t = 0; t < n; t++) {
    double w = least_squares ? 1.0 : taper_at(a, t);
    wave(f, a->s.rate, n, t, c + t, s + t);
    c[t] *= w;
    s[t] *= -w;
  }
  if (nax_i_ft_is_real(f, a->s.rate)) {
    memset(s, 0, (size_t)n * sizeof *s);
  }
  nax_i_ft_remove_trend(c, n, a->s.trend);
  nax_i_ft_remove_trend(s, n, a->s.trend);
  if (least_squares) {
    /* (a, -b) minimise |x - trend - a cos - b sin|; here s = -sin without the trend */
    double cc = dot(c, c, n), cs = dot(c, s, n), ss = dot(s, s, n),
           half = 0.5 * (double)n;
    double det = cc * ss - cs * cs;
    int one = !(det > 1e-12 * cc * ss);
    for (nax_index t = 0; t < n; t++) {
      double x = c[t], y = s[t];
      c[t] = one ? (cc > 0.0 ? (double)n * x / cc : 0.0) : half * (ss * x - cs * y) / det;
      s[t] = one ? 0.0 : half * (cc * y - cs * x) / det;
    }
  }
}

static nax_status
make_rows(nax_ctx *ctx, nax_freqtag_acc *a)
{
  nax_status status = NAX_OK;
  double *c = NULL;
  nax_index n = a->period;
  a->ldw = nax_i_skinny_pad(NAX_F64, 2 * a->k);
  a->ldwf = nax_i_skinny_pad(NAX_F32, 2 * a->k);
  a->ldz = (2 * a->k + 7) / 8 * 8;
  NAX_TRY_ALLOC(c, 2 * n, sizeof *c);
  NAX_TRY_ALLOC(a->w, n * a->ldw, sizeof *a->w);
  if (a->s.engine == NAX_FREQTAG_ENGINE_DFT) {
    NAX_TRY_ALLOC(a->wf, n * a->ldwf, sizeof *a->wf);
  }
  for (nax_index k = 0; k < a->k; k++) {
    fill_rows(a, a->freqs[k], c, c + n);
    for (nax_index t = 0; t < n; t++) {
      for (int part = 0; part < 2; part++) {
        a->w[t * a->ldw + 2 * k + part] = c[part * n + t];
        if (a->wf != NULL) {
          a->wf[t * a->ldwf + 2 * k + part] = (float)c[part * n + t];
        }
      }
    }
  }
done:
  nax_i_free(c);
  return status;
}

/* ---------------------------------------------------------- choosing the way */

/* Bin of a frequency, or -1 when it is between bins. */
static nax_index
bin_of(const nax_freqtag_acc *a, double f)
{
  double k = f / a->s.rate * (double)a->s.n_samples, whole = floor(k + 0.5);
  return fabs(k - whole) < 1e-9 * fmax(1.0, k) ? (nax_index)whole : -1;
}

static nax_index
gcd(nax_index a, nax_index b)
{
  while (b != 0) {
    nax_index r = a % b;
    a = b;
    b = r;
  }
  return a;
}

/* Samples of the shortest period that all frequencies share, or 0 when there is none
 * within the trial. */
static nax_index
common_period(const nax_freqtag_acc *a)
{
  nax_index all = 0;
  for (nax_index i = 0; i < a->k; i++) {
    nax_index k = bin_of(a, a->freqs[i]);
    if (k < 0) {
      return 0;
    }
    all = gcd(all, k);
  }
  return all > 1 ? a->s.n_samples / gcd(a->s.n_samples, all) : 0;
}

enum { FEW = 32, CYCLES = 4 }; /* where the ways cross, from bench/freqtag */

static int
all_on_grid(const nax_freqtag_acc *a)
{
  for (nax_index i = 0; i < a->k; i++) {
    if (bin_of(a, a->freqs[i]) < 0) {
      return 0;
    }
  }
  return 1;
}

/* Whether the rows of sample N - t mirror those of sample t. */
static int
is_mirrored(const nax_freqtag_acc *a)
{
  return a->s.engine == NAX_FREQTAG_ENGINE_DFT &&
         a->s.estimate == NAX_FREQTAG_ESTIMATE_DFT &&
         a->s.trend != NAX_FREQTAG_TREND_LINEAR && all_on_grid(a);
}

static nax_status
choose(nax_ctx *ctx, const char *fn, nax_freqtag_acc *a)
{
  const nax_freqtag_spec *s = &a->s;
  int on_grid = all_on_grid(a), plain = s->estimate == NAX_FREQTAG_ESTIMATE_DFT;
  nax_index period = common_period(a);
  int folds = period > 0 && plain && s->taper == NAX_FREQTAG_TAPER_BOXCAR &&
              s->trend != NAX_FREQTAG_TREND_LINEAR && s->n_samples % period == 0;
  if (s->engine == NAX_FREQTAG_ENGINE_AUTO) {
    a->s.engine = folds && s->n_samples >= CYCLES * period ? NAX_FREQTAG_ENGINE_FOLD
                  : a->k <= FEW || !on_grid || !plain      ? NAX_FREQTAG_ENGINE_DFT
                                                           : NAX_FREQTAG_ENGINE_FFT;
  }
  if (s->engine == NAX_FREQTAG_ENGINE_FFT && (!on_grid || !plain)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "engine fft, expected frequencies that are multiples of %g Hz and "
                      "no least squares: use dft",
                      s->rate / (double)s->n_samples);
  }
  if (s->engine == NAX_FREQTAG_ENGINE_FOLD && !folds) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "engine fold, expected frequencies with a common period of whole "
                      "samples that fits the trial several times, no taper and no linear "
                      "trend: use dft");
  }
  a->period = s->engine == NAX_FREQTAG_ENGINE_FOLD ? period : s->n_samples;
  return NAX_OK;
}

nax_status
nax_i_ft_engine_create(nax_ctx *ctx, const char *fn, nax_freqtag_acc *a)
{
  nax_status status = NAX_OK;
  nax_index n = a->s.n_samples;
  NAX_TRY(choose(ctx, fn, a));
  for (nax_index t = 0; t < n; t++) {
    a->taper_sum += taper_at(a, t);
  }
  if (a->s.engine != NAX_FREQTAG_ENGINE_FFT) {
    NAX_TRY(make_rows(ctx, a));
    if (is_mirrored(a)) {
      NAX_TRY(nax_i_ft_mirror_create(ctx, a));
    }
    goto done;
  }
  NAX_TRY(nax_i_fft_create_aligned(ctx, fn, NAX_I_FFT_R2C, n, 1, &a->fft));
  NAX_TRY(nax_i_fft_f32_create(ctx, fn, n, &a->fft_f32));
  int all = a->k == n / 2 + 1;
  NAX_TRY_ALLOC(a->bin, a->k, sizeof *a->bin);
  for (nax_index i = 0; i < a->k; i++) {
    a->bin[i] = bin_of(a, a->freqs[i]);
    all = all && a->bin[i] == i;
  }
  if (all) {
    nax_i_free(a->bin);
    a->bin = NULL;
  }
  a->ldz = (2 * a->k + 7) / 8 * 8;
  if (a->s.taper != NAX_FREQTAG_TAPER_BOXCAR) {
    NAX_TRY_ALLOC(a->taper, n, sizeof *a->taper);
    for (nax_index t = 0; t < n; t++) {
      a->taper[t] = taper_at(a, t);
    }
  }
done:
  return status;
}

/* -------------------------------------------------------------- transforming */

/* Units that one block works on, and trials whose coefficients wait in scratch. */
enum { UNITS = 16, TRIALS = NAX_I_FT_TRIALS, CACHE = 256 * 1024, LINE = 64 };

typedef struct job {
  const nax_freqtag_acc *a;
  const nax_view *x; /* unit x time x trial */
  nax_i_ft_sink sink;
  void *arg;
} job;

typedef struct scratch {
  nax_index units, trials; /* that z has room for */
  void *all;               /* allocated; what follows begins at lines of the cache */
  double *z;               /* units x trials x ldz */
  double *row;       /* FFT: rows of samples; FOLD: cycles; DFT: for mirror images */
  double *spectrum;  /* FFT: N + 2 */
  float *narrow;     /* FFT of float32: N, and N + 2 to work in */
  nax_i_ahead ahead; /* what the next rows are */
  char flat[TRIALS];
} scratch;

static nax_index
whole_lines(nax_index doubles)
{
  const nax_index line = LINE / (nax_index)sizeof(double);
  return (doubles + line - 1) / line * line;
}

/* Room for N + 2 floats, in doubles. */
static nax_index
float_lines(const nax_freqtag_acc *a)
{
  return whole_lines((a->s.n_samples + 3) / 2);
}

/* Doubles from row to row of samples: whole lines, and no two rows of the same length a
 * power of two apart. */
static nax_index
row_length(const nax_freqtag_acc *a)
{
  return whole_lines(a->s.n_samples) + LINE / (nax_index)sizeof(double);
}

/* Units and trials whose coefficients stay in the level-2 cache until they are added:
 * units side by side in memory are read together, others one after the other. Returns
 * the doubles of scratch, `row` of them before the spectrum. */
static nax_index
settle_scratch(const nax_freqtag_acc *a, int across, scratch *s, nax_index *row)
{
  nax_index fit = CACHE / (a->ldz * (nax_index)sizeof(double));
  nax_index per = UNITS > TRIALS ? UNITS : TRIALS, spectrum = 0;
  s->units = a->s.engine != NAX_FREQTAG_ENGINE_FFT ? UNITS : across ? UNITS / 2 : 1;
  while (s->units > 1 && s->units > fit && !across) {
    s->units /= 2;
  }
  s->trials = fit / s->units;
  s->trials = s->trials < 1 ? 1 : s->trials > TRIALS ? TRIALS : s->trials;
  *row = 0;
  if (a->s.engine == NAX_FREQTAG_ENGINE_FFT) {
    *row = (across ? s->units : 1) * row_length(a);
    spectrum = whole_lines(a->s.n_samples + 2) + 2 * float_lines(a);
  } else if (a->s.engine == NAX_FREQTAG_ENGINE_FOLD) {
    *row = whole_lines(per * a->period);
  } else {
    *row = whole_lines(nax_i_ft_mirror_scratch(a));
  }
  return s->units * s->trials * a->ldz + *row + spectrum;
}

static nax_status
create_scratch(const nax_freqtag_acc *a, int across, scratch *s)
{
  nax_index row, all = settle_scratch(a, across, s, &row);
  s->all = nax_i_realloc(NULL, (size_t)all + LINE / sizeof(double), sizeof(double));
  if (s->all == NULL) {
    return NAX_ENOMEM;
  }
  s->z = (double *)(((uintptr_t)s->all + LINE - 1) / LINE * LINE);
  s->row = s->z + s->units * s->trials * a->ldz;
  s->spectrum = s->row + row;
  s->narrow = (float *)(s->spectrum + whole_lines(a->s.n_samples + 2));
  return NAX_OK;
}

size_t
nax_i_ft_scratch(const nax_freqtag_acc *a)
{
  scratch s;
  nax_index row, one = settle_scratch(a, 0, &s, &row),
                 other = settle_scratch(a, 1, &s, &row);
  return (size_t)(one > other ? one : other) * sizeof(double) + LINE + sizeof(scratch);
}

static double
at(const nax_view *x, nax_index offset)
{
  return x->dtype == NAX_F64 ? ((const double *)x->data)[offset]
                             : (double)((const float *)x->data)[offset];
}

static const void *
address(const nax_view *x, nax_index offset)
{
  return (const char *)x->data + (size_t)offset * nax_dtype_size(x->dtype);
}

/* A row of one value: looked at only as far as it is. */
static int
is_flat(const nax_view *x, nax_index offset)
{
  double first = at(x, offset);
  for (nax_index t = 1; t < x->dim[1]; t++) {
    if (at(x, offset + t * x->stride[1]) != first) {
      return 0;
    }
  }
  return isfinite(first);
}

NAX_I_CLONES static void
to_double(const nax_view *x, nax_index offset, nax_index stride, nax_index n,
          double *restrict out, nax_index out_stride)
{
  if (x->dtype == NAX_F64) {
    const double *from = (const double *)x->data + offset;
    if (stride == 1 && out_stride == 1) {
      memcpy(out, from, (size_t)n * sizeof *out);
      return;
    }
    for (nax_index t = 0; t < n; t++) {
      out[t * out_stride] = from[t * stride];
    }
  } else {
    const float *from = (const float *)x->data + offset;
    if (stride == 1 && out_stride == 1) {
#pragma omp simd
      for (nax_index t = 0; t < n; t++) {
        out[t] = (double)from[t];
      }
      return;
    }
    for (nax_index t = 0; t < n; t++) {
      out[t * out_stride] = (double)from[t * stride];
    }
  }
}

NAX_I_CLONES static void
add_row(const nax_view *x, nax_index offset, nax_index n, double *restrict out)
{
  if (x->dtype == NAX_F64) {
    const double *from = (const double *)x->data + offset;
#pragma omp simd
    for (nax_index t = 0; t < n; t++) {
      out[t] += from[t];
    }
  } else {
    const float *from = (const float *)x->data + offset;
#pragma omp simd
    for (nax_index t = 0; t < n; t++) {
      out[t] += (double)from[t];
    }
  }
}

/* One row with its mean (in fixed order) taken out, and what else the spec says. */
NAX_I_CLONES static double
row_sum(const double *x, nax_index n)
{
  double part[16] = {0.0}, s = 0.0;
  nax_index t = 0;
  for (; t + 16 <= n; t += 16) {
#pragma omp simd
    for (int l = 0; l < 16; l++) {
      part[l] += x[t + l];
    }
  }
  for (; t < n; t++) {
    part[0] += x[t];
  }
  for (int l = 0; l < 16; l++) {
    s += part[l];
  }
  return s;
}

NAX_I_CLONES static void
prepare(double *restrict x, nax_index n, double mean, const double *restrict taper)
{
  if (taper == NULL) {
#pragma omp simd
    for (nax_index t = 0; t < n; t++) {
      x[t] -= mean;
    }
  } else {
#pragma omp simd
    for (nax_index t = 0; t < n; t++) {
      x[t] = (x[t] - mean) * taper[t];
    }
  }
}

/* Whether a row needs no copy: nothing is taken out of it and it can be read where it
 * is. */
static int
as_it_lies(const nax_freqtag_acc *a, const nax_view *x, nax_index offset)
{
  return a->s.trend == NAX_FREQTAG_TREND_NONE && a->taper == NULL &&
         x->dtype == NAX_F64 && (uintptr_t)address(x, offset) % NAX_I_FFT_ALIGN == 0;
}

/* The same sum of a row of floats. */
NAX_I_CLONES static double
row_sum_f32(const float *x, nax_index n)
{
  double part[16] = {0.0}, s = 0.0;
  nax_index t = 0;
  for (; t + 16 <= n; t += 16) {
#pragma omp simd
    for (int l = 0; l < 16; l++) {
      part[l] += (double)x[t + l];
    }
  }
  for (; t < n; t++) {
    part[0] += (double)x[t];
  }
  for (int l = 0; l < 16; l++) {
    s += part[l];
  }
  return s;
}

/* x - mean; 0 when it has values that squares of floats cannot hold. */
NAX_I_CLONES static int
subtract_f32(const float *restrict x, nax_index n, double mean, float *restrict out)
{
  float most = 0.0f;
#pragma omp simd reduction(max : most)
  for (nax_index t = 0; t < n; t++) {
    float y = (float)((double)x[t] - mean), size = fabsf(y);
    most = size > most ? size : most;
    out[t] = y;
  }
  return most > 1e-15f && most < 1e15f;
}

/* x as floats; 0 when it has values that squares of floats cannot hold. */
NAX_I_CLONES static int
to_floats(const double *restrict x, nax_index n, float *restrict out)
{
  double most = 0.0;
#pragma omp simd reduction(max : most)
  for (nax_index t = 0; t < n; t++) {
    double size = fabs(x[t]);
    most = size > most ? size : most;
    out[t] = (float)x[t];
  }
  return most > 1e-15 && most < 1e15;
}

/* Coefficients of the row in `row`, or with NULL of the floats in scratch. */
static void
transform(const nax_freqtag_acc *a, scratch *s, const double *row, double *z)
{
  double *spectrum = a->bin == NULL ? z : s->spectrum;
  if (row == NULL) {
    float *work = s->narrow + 2 * float_lines(a);
    nax_i_fft_f32_execute(a->fft_f32, s->narrow, work, (nax_i_c64 *)spectrum, &s->ahead);
  } else {
    nax_i_fft_execute_ahead(a->fft, row, spectrum, &s->ahead);
  }
  for (nax_index i = 0; i < a->k && a->bin != NULL; i++) {
    z[2 * i] = spectrum[2 * a->bin[i]];
    z[2 * i + 1] = spectrum[2 * a->bin[i] + 1];
  }
}

/* The sum of a row, known better than from its transform in single precision. */
static void
set_sum(const nax_freqtag_acc *a, double sum, double *z)
{
  for (nax_index i = 0; i < (a->bin == NULL ? 1 : a->k); i++) {
    if ((a->bin == NULL || a->bin[i] == 0) && isfinite(z[2 * i])) {
      z[2 * i] = sum;
    }
  }
}

/* A row of doubles, of float32 data when it is `narrow`: the mean goes first, whatever
 * the trend, which in single precision would cost digits. */
static void
transform_row(const nax_freqtag_acc *a, scratch *s, double *row, int narrow, double *z)
{
  nax_index n = a->s.n_samples;
  int plain = a->s.trend == NAX_FREQTAG_TREND_NONE;
  double sum = 0.0;
  narrow = narrow && !(plain && a->taper != NULL);
  if (a->s.trend == NAX_FREQTAG_TREND_LINEAR) {
    nax_i_ft_remove_trend(row, n, a->s.trend);
    prepare(row, n, 0.0, a->taper);
  } else if (!plain || narrow) {
    sum = row_sum(row, n);
    prepare(row, n, sum / (double)n, a->taper);
  } else if (a->taper != NULL) {
    prepare(row, n, 0.0, a->taper);
  }
  transform(a, s, narrow && to_floats(row, n, s->narrow) ? NULL : row, z);
  if (narrow && a->taper == NULL) {
    set_sum(a, plain ? sum : 0.0, z);
  }
}

/* The same of floats where they lie; 0 when that cannot be. */
static int
transform_floats(const nax_freqtag_acc *a, scratch *s, const float *x, double *z)
{
  nax_index n = a->s.n_samples;
  if (a->s.trend == NAX_FREQTAG_TREND_LINEAR || a->taper != NULL) {
    return 0;
  }
  double sum = row_sum_f32(x, n);
  if (!subtract_f32(x, n, sum / (double)n, s->narrow)) {
    return 0;
  }
  transform(a, s, NULL, z);
  set_sum(a, a->s.trend == NAX_FREQTAG_TREND_NONE ? sum : 0.0, z);
  return 1;
}

/* All trials j0.. of units u0.. by FFT into scratch. */
static void
by_fft(const job *j, scratch *s, nax_index u0, nax_index units, nax_index j0,
       nax_index trials)
{
  const nax_freqtag_acc *a = j->a;
  const nax_view *x = j->x;
  nax_index n = a->s.n_samples, length = row_length(a);
  for (nax_index t = 0; t < trials; t++) {
    nax_index base = u0 * x->stride[0] + (j0 + t) * x->stride[2];
    int across = x->stride[1] != 1;
    if (across) { /* units lie side by side: read them so */
      for (nax_index i = 0; i < n; i++) {
        to_double(x, base + i * x->stride[1], x->stride[0], units, s->row + i, length);
      }
    }
    for (nax_index u = 0; u < units; u++) {
      double *row = s->row + (across ? u * length : 0);
      double *z = s->z + (u * s->trials + t) * a->ldz;
      nax_index from = base + u * x->stride[0];
      if (!across) {
        if (as_it_lies(a, x, from)) {
          transform(a, s, address(x, from), z);
          continue;
        }
        if (x->dtype == NAX_F32 && transform_floats(a, s, address(x, from), z)) {
          continue;
        }
        to_double(x, from, 1, n, row, 1);
      }
      transform_row(a, s, row, x->dtype == NAX_F32, z);
    }
  }
}

static void
by_dft(const job *j, scratch *s, nax_index u0, nax_index units, nax_index j0,
       nax_index trials)
{
  const nax_freqtag_acc *a = j->a;
  const nax_view *x = j->x;
  int narrow = x->dtype == NAX_F32;
  const void *w = narrow ? (const void *)a->wf : (const void *)a->w;
  int64_t ldw = narrow ? a->ldwf : a->ldw;
  int mirrored = a->mirror.ld[narrow] > 0;
  memset(s->z, 0, (size_t)(s->units * s->trials * a->ldz) * sizeof *s->z);
  if (x->stride[1] == 1 || x->stride[0] != 1) {
    for (nax_index u = 0; u < units; u++) {
      nax_index from = (u0 + u) * x->stride[0] + j0 * x->stride[2];
      if (mirrored) {
        int more = j0 + trials < x->dim[2]; /* of this unit */
        nax_index next =
            more ? from + trials * x->stride[2] : (u0 + u + 1) * x->stride[0];
        const void *after = more || u0 + u + 1 < x->dim[0] ? address(x, next) : NULL;
        nax_i_ft_mirror_rows(a, x->dtype, address(x, from), x->stride[2], x->stride[1],
                             trials, after, s->row, s->z + u * s->trials * a->ldz,
                             a->ldz);
        continue;
      }
      nax_i_skinny(x->dtype, address(x, from), x->stride[2], x->stride[1], a->s.n_samples,
                   w, ldw, s->z + u * s->trials * a->ldz, a->ldz, trials, NULL);
    }
  } else {
    for (nax_index t = 0; t < trials; t++) {
      nax_index from = u0 * x->stride[0] + (j0 + t) * x->stride[2];
      if (mirrored) {
        nax_i_ft_mirror_rows(a, x->dtype, address(x, from), 1, x->stride[1], units, NULL,
                             s->row, s->z + t * a->ldz, s->trials * a->ldz);
        continue;
      }
      nax_i_skinny(x->dtype, address(x, from), x->stride[0], x->stride[1], a->s.n_samples,
                   w, ldw, s->z + t * a->ldz, s->trials * a->ldz, units, NULL);
    }
  }
}

static void
by_fold(const job *j, scratch *s, nax_index u0, nax_index units, nax_index j0,
        nax_index trials)
{
  const nax_freqtag_acc *a = j->a;
  const nax_view *x = j->x;
  nax_index p = a->period, cycles = a->s.n_samples / p;
  memset(s->z, 0, (size_t)(s->units * s->trials * a->ldz) * sizeof *s->z);
  if (x->stride[1] == 1) {
    for (nax_index u = 0; u < units; u++) {
      for (nax_index t = 0; t < trials; t++) {
        nax_index from = (u0 + u) * x->stride[0] + (j0 + t) * x->stride[2];
        double *row = s->row + t * p;
        to_double(x, from, 1, p, row, 1);
        for (nax_index c = 1; c < cycles; c++) {
          add_row(x, from + c * p, p, row);
        }
      }
      nax_i_skinny(NAX_F64, s->row, p, 1, p, a->w, a->ldw, s->z + u * s->trials * a->ldz,
                   a->ldz, trials, NULL);
    }
    return;
  }
  for (nax_index t = 0; t < trials; t++) {
    for (nax_index i = 0; i < p; i++) {
      double *row = s->row + i * units;
      for (nax_index c = 0; c < cycles; c++) {
        nax_index from =
            u0 * x->stride[0] + (c * p + i) * x->stride[1] + (j0 + t) * x->stride[2];
        if (c == 0) {
          to_double(x, from, x->stride[0], units, row, 1);
        } else if (x->stride[0] == 1) {
          add_row(x, from, units, row);
        } else {
          for (nax_index u = 0; u < units; u++) {
            row[u] += at(x, from + u * x->stride[0]);
          }
        }
      }
    }
    nax_i_skinny(NAX_F64, s->row, 1, units, p, a->w, a->ldw, s->z + t * a->ldz,
                 s->trials * a->ldz, units, NULL);
  }
}

/* What is read after trials j0.. of one unit, when rows are read as they lie: asked for
 * while these are added and then while the first of the next are transformed. */
static nax_i_ahead
what_is_next(const job *j, const scratch *s, nax_index u, nax_index j0, nax_index trials)
{
  const nax_view *x = j->x;
  nax_index size = (nax_index)nax_dtype_size(x->dtype), from = j0 + trials;
  nax_i_ahead next = {NULL, 0, 0, 0, 0};
  if (s->units > 1 || x->stride[1] != 1) {
    return next;
  }
  u += from == x->dim[2];
  from = from == x->dim[2] ? 0 : from;
  if (u < x->dim[0]) {
    next.row = address(x, u * x->stride[0] + from * x->stride[2]);
    next.bytes = (size_t)(x->dim[1] * size);
    next.step = (ptrdiff_t)(x->stride[2] * size);
    next.left = x->dim[2] - from < s->trials ? x->dim[2] - from : s->trials;
  }
  return next;
}

/* Some trials of some units: into scratch, then to the sink. */
static void
transform_part(const job *j, scratch *s, nax_index u0, nax_index units, nax_index j0,
               nax_index trials)
{
  const nax_freqtag_acc *a = j->a;
  const nax_view *x = j->x;
  switch (a->s.engine) {
  case NAX_FREQTAG_ENGINE_FFT:
    by_fft(j, s, u0, units, j0, trials);
    break;
  case NAX_FREQTAG_ENGINE_FOLD:
    by_fold(j, s, u0, units, j0, trials);
    break;
  default:
    by_dft(j, s, u0, units, j0, trials);
  }
  for (nax_index u = 0; u < units; u++) {
    double *z = s->z + u * s->trials * a->ldz;
    for (nax_index t = 0; t < trials; t++) {
      s->flat[t] = (char)is_flat(x, (u0 + u) * x->stride[0] + (j0 + t) * x->stride[2]);
      if (s->flat[t]) {
        memset(z + t * a->ldz, 0, (size_t)a->ldz * sizeof *z);
      }
    }
    s->ahead = what_is_next(j, s, u0 + u, j0, trials);
    j->sink(j->arg, u0 + u, j0, trials, z, a->ldz, s->flat, &s->ahead);
  }
}

static nax_status
transform_block(int64_t block, void *arg)
{
  const job *j = arg;
  const nax_view *x = j->x;
  nax_index end = (block + 1) * UNITS < x->dim[0] ? (block + 1) * UNITS : x->dim[0];
  scratch s = {0};
  if (create_scratch(j->a, x->stride[1] != 1, &s) != NAX_OK) {
    return NAX_ENOMEM;
  }
  for (nax_index u0 = block * UNITS; u0 < end; u0 += s.units) {
    nax_index units = end - u0 < s.units ? end - u0 : s.units;
    for (nax_index j0 = 0; j0 < x->dim[2]; j0 += s.trials) {
      nax_index trials = x->dim[2] - j0 < s.trials ? x->dim[2] - j0 : s.trials;
      transform_part(j, &s, u0, units, j0, trials);
    }
  }
  nax_i_free(s.all);
  return NAX_OK;
}

nax_status
nax_i_ft_transform(nax_ctx *ctx, const char *fn, const nax_freqtag_acc *a,
                   const nax_view *x, nax_i_ft_sink sink, void *arg)
{
  nax_status status = NAX_OK;
  job j = {a, x, sink, arg};
  nax_i_stage stage;
  nax_index blocks = nax_i_n_blocks(x->dim[0], UNITS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "freqtag/transform", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, transform_block, &j));
done:
  return status;
}
