/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of the coefficients of many units, filled trial by trial. */
#include "freqtag_i.h"
#include "linalg/skinny_i.h"
#include <math.h>

/* ----------------------------------------------------------- making, freeing */

static nax_status
resolve(nax_ctx *ctx, const char *fn, const nax_freqtag_spec *spec, nax_freqtag_spec *s)
{
  *s = *spec;
  s->engine = s->engine == 0 ? NAX_FREQTAG_ENGINE_AUTO : s->engine;
  s->trend = s->trend == 0 ? NAX_FREQTAG_TREND_CONSTANT : s->trend;
  s->taper = s->taper == 0 ? NAX_FREQTAG_TAPER_BOXCAR : s->taper;
  s->estimate = s->estimate == 0 ? NAX_FREQTAG_ESTIMATE_DFT : s->estimate;
  if (s->n_units < 1 || s->n_samples < 2 || s->n_freqs < 0) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "%lld units, %lld samples and %lld frequencies, expected at least "
                      "1, 2 and 0",
                      (long long)s->n_units, (long long)s->n_samples,
                      (long long)s->n_freqs);
  }
  if (!(s->rate > 0.0) || !isfinite(s->rate)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "rate, expected a number above 0, got %g",
                      s->rate);
  }
  if (s->engine < 1 || s->engine > NAX_FREQTAG_ENGINE_FOLD || s->trend < 1 ||
      s->trend > NAX_FREQTAG_TREND_LINEAR || s->taper < 1 ||
      s->taper > NAX_FREQTAG_TAPER_HANN || s->estimate < 1 ||
      s->estimate > NAX_FREQTAG_ESTIMATE_LS) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "engine %d, trend %d, taper %d or estimate %d does not exist",
                      (int)s->engine, (int)s->trend, (int)s->taper, (int)s->estimate);
  }
  if (s->n_freqs > 0 && s->freqs == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "freqs, expected %lld frequencies, got NULL",
                      (long long)s->n_freqs);
  }
  for (nax_index i = 0; i < s->n_freqs; i++) {
    double f = s->freqs[i];
    if (!(f >= 0.0) || f > 0.5 * s->rate * (1.0 + 1e-12)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "freqs[%lld], expected 0 to %g Hz (half the rate), got %g Hz",
                        (long long)i, 0.5 * s->rate, f);
    }
  }
  return NAX_OK;
}

/* Everything but the sums. */
static nax_status
create_tables(nax_ctx *ctx, const char *fn, const nax_freqtag_spec *spec,
              nax_freqtag_acc **out)
{
  nax_status status = NAX_OK;
  nax_freqtag_acc *a = NULL;
  nax_freqtag_spec s;
  *out = NULL;
  NAX_TRY(resolve(ctx, fn, spec, &s));
  NAX_TRY_ALLOC(a, 1, sizeof *a);
  a->s = s;
  a->k = s.n_freqs > 0 ? s.n_freqs : s.n_samples / 2 + 1;
  NAX_TRY_ALLOC(a->freqs, a->k, sizeof *a->freqs);
  for (nax_index i = 0; i < a->k; i++) {
    a->freqs[i] = s.n_freqs > 0 ? s.freqs[i] : (double)i * s.rate / (double)s.n_samples;
  }
  a->s.freqs = NULL;
  NAX_TRY(nax_i_ft_engine_create(ctx, fn, a));
  *out = a;
  a = NULL;
done:
  nax_freqtag_acc_free(a);
  return status;
}

nax_status
nax_freqtag_acc_create(nax_ctx *ctx, const nax_freqtag_spec *spec, nax_freqtag_acc **out)
{
  nax_status status = NAX_OK;
  nax_freqtag_acc *a = NULL;
  nax_index size;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(create_tables(ctx, __func__, spec, &a));
  nax_index dim[3] = {a->s.n_units, NAX_I_FT_ROWS, a->k};
  NAX_REQUIRE(nax_i_size_product(3, dim, sizeof(double), &size), NAX_EOVERFLOW,
              "%lld units and %lld frequencies are too many", (long long)a->s.n_units,
              (long long)a->k);
  NAX_TRY_ALLOC(a->sums, size, sizeof *a->sums);
  NAX_TRY_ALLOC(a->n, a->s.n_units, sizeof *a->n);
  NAX_TRY_ALLOC(a->n_bad, a->s.n_units, sizeof *a->n_bad);
  NAX_TRY_ALLOC(a->n_flat, a->s.n_units, sizeof *a->n_flat);
  *out = a;
  a = NULL;
done:
  nax_freqtag_acc_free(a);
  return status;
}

void
nax_freqtag_acc_free(nax_freqtag_acc *a)
{
  if (a == NULL) {
    return;
  }
  nax_i_fft_free(a->fft);
  nax_i_fft_f32_free(a->fft_f32);
  nax_i_free(a->freqs);
  nax_i_free(a->bin);
  nax_i_free(a->taper);
  nax_i_free(a->w);
  nax_i_free(a->wf);
  nax_i_ft_mirror_free(&a->mirror);
  nax_i_free(a->sums);
  nax_i_free(a->n);
  nax_i_free(a->n_bad);
  nax_i_free(a->n_flat);
  nax_i_free(a->tile);
  nax_i_free(a->tile_first);
  nax_i_free(a->tile_varies);
  nax_i_free(a);
}

void
nax_freqtag_acc_reset(nax_freqtag_acc *a)
{
  size_t n = (size_t)a->s.n_units;
  memset(a->sums, 0, n * NAX_I_FT_ROWS * (size_t)a->k * sizeof *a->sums);
  memset(a->n, 0, n * sizeof *a->n);
  memset(a->n_bad, 0, n * sizeof *a->n_bad);
  memset(a->n_flat, 0, n * sizeof *a->n_flat);
  a->tile_at = 0;
}

nax_status
nax_freqtag_acc_memory(nax_ctx *ctx, const nax_freqtag_spec *spec, int32_t n_threads,
                       size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_freqtag_acc *a = NULL;
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(create_tables(ctx, __func__, spec, &a));
  size_t per_unit = (size_t)a->k * NAX_I_FT_ROWS * sizeof(double) + 3 * sizeof(nax_index);
  size_t tables = (size_t)a->k * 2 * sizeof(double) + nax_i_ft_mirror_bytes(a) +
                  (size_t)(a->period * a->ldw) * sizeof *a->w +
                  (size_t)(a->wf != NULL ? a->period * a->ldwf : 0) * sizeof *a->wf +
                  (size_t)(a->taper != NULL ? a->s.n_samples : 0) * sizeof *a->taper;
  *bytes = per_unit * (size_t)a->s.n_units + tables +
           (size_t)(n_threads > 1 ? n_threads : 1) * nax_i_ft_scratch(a);
done:
  nax_freqtag_acc_free(a);
  return status;
}

/* -------------------------------------------------------------------- adding */

static void
add_trials(void *arg, nax_index unit, nax_index first, nax_index n_trials,
           const double *z, int64_t ldz, const char *flat, nax_i_ahead *ahead)
{
  nax_freqtag_acc *a = arg;
  nax_i_ft_batch b = {.n = 0};
  (void)first;
  for (nax_index t = 0; t < n_trials; t++) {
    /* one value that is not finite spoils all coefficients, those of weight 0 too */
    if (!isfinite(z[t * ldz])) {
      a->n_bad[unit]++;
      continue;
    }
    double m = (double)++a->n[unit];
    a->n_flat[unit] += flat[t];
    b.z[b.n] = z + t * ldz;
    b.gain[b.n] = 1.0 / m;
    b.keep[b.n++] = (m - 1.0) / m;
  }
  nax_i_ft_add(&b, a->k, a->sums + unit * NAX_I_FT_ROWS * a->k, ahead);
}

/* A view of three axes that fits, or why not. */
static nax_status
check_view(nax_ctx *ctx, const char *fn, const nax_freqtag_acc *a, const nax_view *x,
           nax_view *out)
{
  if (x->data == NULL || (x->dtype != NAX_F64 && x->dtype != NAX_F32)) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "`x` must be float64 or float32");
  }
  *out = *x;
  if (x->ndim == 2) {
    out->ndim = 3;
    out->dim[2] = 1;
    out->stride[2] = 0;
  }
  if (out->ndim != 3 || out->dim[0] != a->s.n_units || out->dim[1] != a->s.n_samples) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`x`, expected unit x time x trial with %lld units and %lld "
                      "samples, got %d axes, %lld x %lld",
                      (long long)a->s.n_units, (long long)a->s.n_samples, (int)x->ndim,
                      (long long)x->dim[0], (long long)(x->ndim > 1 ? x->dim[1] : 0));
  }
  if (a->tile_at != 0) {
    return nax_i_fail(
        ctx, NAX_EINVAL, fn,
        "a trial is begun with nax_freqtag_acc_tile (%lld of %lld samples): "
        "finish it first",
        (long long)a->tile_at, (long long)a->s.n_samples);
  }
  return NAX_OK;
}

nax_status
nax_freqtag_acc_push(nax_ctx *ctx, nax_freqtag_acc *a, const nax_view *x)
{
  nax_status status = NAX_OK;
  nax_view v;
  nax_i_begin(ctx);
  NAX_TRY(check_view(ctx, __func__, a, x, &v));
  NAX_TRY(nax_i_ft_transform(ctx, __func__, a, &v, add_trials, a));
done:
  return status;
}

/* --------------------------------------------------------------------- tiles */

enum { TILE_UNITS = 256 };

typedef struct tile_job {
  nax_freqtag_acc *a;
  const nax_view *x;
} tile_job;

static nax_status
tile_block(int64_t block, void *arg)
{
  const tile_job *j = arg;
  nax_freqtag_acc *a = j->a;
  const nax_view *x = j->x;
  nax_index u0 = block * TILE_UNITS, left = a->s.n_units - u0;
  nax_index units = left < TILE_UNITS ? left : TILE_UNITS, n = x->dim[1];
  int narrow = x->dtype == NAX_F32;
  const char *from =
      (const char *)x->data + (size_t)(u0 * x->stride[0]) * nax_dtype_size(x->dtype);
  const void *w = narrow ? (const void *)(a->wf + a->tile_at * a->ldwf)
                         : (const void *)(a->w + a->tile_at * a->ldw);
  if (a->tile_at == 0) {
    memset(a->tile + u0 * a->ldz, 0, (size_t)(units * a->ldz) * sizeof *a->tile);
  }
  nax_i_skinny(x->dtype, from, x->stride[0], x->stride[1], n, w,
               narrow ? a->ldwf : a->ldw, a->tile + u0 * a->ldz, a->ldz, units, NULL);
  for (nax_index u = 0; u < units; u++) {
    nax_index at[2] = {u0 + u, 0};
    if (a->tile_at == 0) {
      a->tile_first[u0 + u] = nax_view_get(x, at);
      a->tile_varies[u0 + u] = 0;
    }
    for (; at[1] < n && !a->tile_varies[u0 + u]; at[1]++) {
      /* NaN differs from everything: then the coefficient tells */
      a->tile_varies[u0 + u] = !(nax_view_get(x, at) == a->tile_first[u0 + u]);
    }
    if (a->tile_at + n == a->s.n_samples) {
      double *z = a->tile + (u0 + u) * a->ldz;
      int flat = !a->tile_varies[u0 + u] && isfinite(a->tile_first[u0 + u]);
      if (flat) {
        memset(z, 0, (size_t)a->ldz * sizeof *z);
      }
      nax_i_ahead none = {NULL, 0, 0, 0, 0};
      char is_flat = (char)flat;
      add_trials(a, u0 + u, 0, 1, z, a->ldz, &is_flat, &none);
    }
  }
  return NAX_OK;
}

nax_status
nax_freqtag_acc_tile(nax_ctx *ctx, nax_freqtag_acc *a, const nax_view *x)
{
  nax_status status = NAX_OK;
  tile_job j = {a, x};
  nax_i_begin(ctx);
  NAX_REQUIRE(a->s.engine == NAX_FREQTAG_ENGINE_DFT, NAX_EINVAL,
              "tiles need the engine dft, which was not chosen");
  NAX_REQUIRE(x->data != NULL && (x->dtype == NAX_F64 || x->dtype == NAX_F32), NAX_ETYPE,
              "`x` must be float64 or float32");
  NAX_REQUIRE(x->ndim == 2 && x->dim[0] == a->s.n_units && x->dim[1] >= 1 &&
                  x->dim[1] <= a->s.n_samples - a->tile_at,
              NAX_EDIM,
              "`x`, expected unit x time with %lld units and 1 to %lld samples, got %d "
              "axes, %lld x %lld",
              (long long)a->s.n_units, (long long)(a->s.n_samples - a->tile_at),
              (int)x->ndim, (long long)x->dim[0],
              (long long)(x->ndim > 1 ? x->dim[1] : 0));
  if (a->tile == NULL) {
    NAX_TRY_ALLOC(a->tile_varies, a->s.n_units, 1);
    NAX_TRY_ALLOC(a->tile_first, a->s.n_units, sizeof *a->tile_first);
    NAX_TRY_ALLOC(a->tile, a->s.n_units * a->ldz, sizeof *a->tile);
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(a->s.n_units, TILE_UNITS), tile_block,
                         &j));
  a->tile_at = (a->tile_at + x->dim[1]) % a->s.n_samples;
done:
  if (status == NAX_ENOMEM) {
    nax_i_free(a->tile_varies);
    nax_i_free(a->tile_first);
    a->tile_varies = NULL;
    a->tile_first = NULL;
  }
  return status;
}

/* ------------------------------------------------------------ merging, asking */

static void
store(nax_freqtag_acc *a, nax_index unit, nax_index i, const nax_freqtag_moments *m)
{
  double *s = a->sums + unit * NAX_I_FT_ROWS * a->k + i;
  s[NAX_I_FT_MEAN_RE * a->k] = m->mean.re;
  s[NAX_I_FT_MEAN_IM * a->k] = m->mean.im;
  s[NAX_I_FT_RE_RE * a->k] = 0.5 * (m->ss + m->square.re);
  s[NAX_I_FT_IM_IM * a->k] = 0.5 * (m->ss - m->square.re);
  s[NAX_I_FT_RE_IM * a->k] = 0.5 * m->square.im;
  s[NAX_I_FT_PHASE_RE * a->k] = m->phase.re;
  s[NAX_I_FT_PHASE_IM * a->k] = m->phase.im;
  s[NAX_I_FT_ZERO * a->k] = (double)m->n_zero;
}

nax_freqtag_moments
nax_freqtag_acc_moments(const nax_freqtag_acc *a, nax_index unit, nax_index i)
{
  nax_freqtag_moments m = {0};
  if (unit < 0 || unit >= a->s.n_units || i < 0 || i >= a->k) {
    return m;
  }
  const double *s = a->sums + unit * NAX_I_FT_ROWS * a->k + i;
  m.n = a->n[unit];
  m.mean.re = s[NAX_I_FT_MEAN_RE * a->k];
  m.mean.im = s[NAX_I_FT_MEAN_IM * a->k];
  m.ss = s[NAX_I_FT_RE_RE * a->k] + s[NAX_I_FT_IM_IM * a->k];
  m.square.re = s[NAX_I_FT_RE_RE * a->k] - s[NAX_I_FT_IM_IM * a->k];
  m.square.im = 2.0 * s[NAX_I_FT_RE_IM * a->k];
  m.phase.re = s[NAX_I_FT_PHASE_RE * a->k];
  m.phase.im = s[NAX_I_FT_PHASE_IM * a->k];
  m.n_zero = (nax_index)s[NAX_I_FT_ZERO * a->k];
  return m;
}

nax_status
nax_freqtag_acc_merge(nax_ctx *ctx, nax_freqtag_acc *a, const nax_freqtag_acc *b)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_REQUIRE(
      a->s.n_units == b->s.n_units && a->k == b->k && a->s.n_samples == b->s.n_samples &&
          memcmp(a->freqs, b->freqs, (size_t)a->k * sizeof *a->freqs) == 0,
      NAX_EDIM,
      "accumulators of %lld and %lld units, %lld and %lld frequencies, expected "
      "the same units, samples and frequencies",
      (long long)a->s.n_units, (long long)b->s.n_units, (long long)a->k, (long long)b->k);
  NAX_REQUIRE(a->tile_at == 0 && b->tile_at == 0, NAX_EINVAL,
              "a trial is begun with nax_freqtag_acc_tile: finish it first");
  for (nax_index u = 0; u < a->s.n_units; u++) {
    for (nax_index i = 0; i < a->k; i++) {
      nax_freqtag_moments x = nax_freqtag_acc_moments(a, u, i);
      nax_freqtag_moments y = nax_freqtag_acc_moments(b, u, i);
      x = nax_freqtag_moments_merge(&x, &y);
      store(a, u, i, &x);
    }
    a->n[u] += b->n[u];
    a->n_bad[u] += b->n_bad[u];
    a->n_flat[u] += b->n_flat[u];
  }
done:
  return status;
}

nax_index
nax_freqtag_acc_n_units(const nax_freqtag_acc *a)
{
  return a->s.n_units;
}

nax_index
nax_freqtag_acc_n_freqs(const nax_freqtag_acc *a)
{
  return a->k;
}

double
nax_freqtag_acc_freq(const nax_freqtag_acc *a, nax_index i)
{
  return i >= 0 && i < a->k ? a->freqs[i] : (double)NAN;
}

nax_freqtag_engine
nax_freqtag_acc_engine(const nax_freqtag_acc *a)
{
  return (nax_freqtag_engine)a->s.engine;
}

int32_t
nax_freqtag_acc_is_real(const nax_freqtag_acc *a, nax_index i)
{
  return i >= 0 && i < a->k && nax_i_ft_is_real(a->freqs[i], a->s.rate);
}

nax_index
nax_freqtag_acc_n_bad(const nax_freqtag_acc *a, nax_index unit)
{
  return unit >= 0 && unit < a->s.n_units ? a->n_bad[unit] : 0;
}

nax_index
nax_freqtag_acc_n_flat(const nax_freqtag_acc *a, nax_index unit)
{
  return unit >= 0 && unit < a->s.n_units ? a->n_flat[unit] : 0;
}

double
nax_freqtag_acc_amplitude(const nax_freqtag_acc *a, nax_index i)
{
  double sum =
      a->s.estimate == NAX_FREQTAG_ESTIMATE_LS ? (double)a->s.n_samples : a->taper_sum;
  return (nax_freqtag_acc_is_real(a, i) ? 1.0 : 2.0) / sum;
}

/* ------------------------------------------------------------- coefficients */

typedef struct keeper {
  nax_c64 *z;
  nax_index k, n_trials;
} keeper;

static void
keep(void *arg, nax_index unit, nax_index first, nax_index n_trials, const double *z,
     int64_t ldz, const char *flat, nax_i_ahead *ahead)
{
  const keeper *to = arg;
  (void)flat;
  (void)ahead;
  for (nax_index t = 0; t < n_trials; t++) {
    nax_c64 *out = to->z + (unit * to->n_trials + first + t) * to->k;
    int bad = !isfinite(z[t * ldz]);
    for (nax_index i = 0; i < to->k; i++) {
      out[i].re = bad ? (double)NAN : z[t * ldz + 2 * i];
      out[i].im = bad ? (double)NAN : z[t * ldz + 2 * i + 1];
    }
  }
}

nax_status
nax_freqtag_coefficients(nax_ctx *ctx, const nax_freqtag_spec *spec, const nax_view *x,
                         nax_c64 *z)
{
  nax_status status = NAX_OK;
  nax_freqtag_acc *a = NULL;
  nax_view v;
  nax_i_begin(ctx);
  NAX_TRY(create_tables(ctx, __func__, spec, &a));
  NAX_TRY(check_view(ctx, __func__, a, x, &v));
  keeper to = {z, a->k, v.dim[2]};
  NAX_TRY(nax_i_ft_transform(ctx, __func__, a, &v, keep, &to));
done:
  nax_freqtag_acc_free(a);
  return status;
}
