/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that need the coefficients of single trials or items: surrogates, items, pairs,
 * Thomson's F. One block of units at a time. */
#include "fit_i.h"
#include <math.h>

/* ------------------------------------------------------------------ beforehand */

/* Which item is in each slot of the trials that are used. */
static nax_status
settle_items(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, int which,
             const nax_freqtag_events *events)
{
  nax_status status = NAX_OK;
  const nax_i_ft_side *s = j->side + which;
  const int64_t *given = events == NULL ? NULL
                         : which == 0   ? events->item
                                        : events->control_item;
  nax_index slots = j->spec.n_samples / (nax_index)j->o.item_length;
  if (given == NULL) {
    return NAX_OK;
  }
  nax_index most = s->event != NULL ? s->event[s->n_trials - 1] + 1 : s->n_trials;
  if (events->n_slots != slots || events->n_item_trials[which] < most) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "items in %lld slots of %lld trials%s, expected %lld slots of %lld",
                      (long long)events->n_slots, (long long)events->n_item_trials[which],
                      which == 1 ? " of the control" : "", (long long)slots,
                      (long long)most);
  }
  NAX_TRY_ALLOC(j->item[which], slots * s->n_trials, sizeof *j->item[which]);
  for (nax_index r = 0; r < s->n_trials; r++) {
    nax_index from = s->event != NULL ? s->event[r] : r;
    for (nax_index k = 0; k < slots; k++) {
      int64_t i = given[k + from * slots];
      if (i >= j->n_items) {
        status = nax_i_fail(
            ctx, NAX_EINVAL, fn,
            "item in slot %lld of trial %lld, expected less than %lld, got "
            "%lld",
            (long long)k, (long long)from, (long long)j->n_items, (long long)i);
        goto done;
      }
      j->item[which][k + r * slots] = i;
    }
  }
done:
  return status;
}

static nax_status
check_items(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j,
            const nax_freqtag_events *events)
{
  nax_status status = NAX_OK;
  nax_index length = (nax_index)j->o.item_length,
            slots = length > 0 ? j->spec.n_samples / length : 0;
  if (length < 1) {
    return NAX_OK;
  }
  if (length < 2 || slots < 1 || slots * length != j->spec.n_samples) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "window of %lld samples, expected a whole number of items of %lld "
                      "samples (at least 2)",
                      (long long)j->spec.n_samples, (long long)length);
  }
  for (nax_index i = 0; i < j->seen_at[j->n_tags]; i++) {
    double cycles = j->seen_freq[i] * (double)length / j->rate;
    if (fabs(cycles - floor(cycles + 0.5)) > 1e-3 || cycles < 0.5) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "%g Hz makes %g cycles in an item of %lld samples, expected a "
                        "whole number",
                        j->seen_freq[i], cycles, (long long)length);
    }
  }
  j->n_items = events != NULL && events->n_items > 0 ? events->n_items : slots;
  if (j->n_items < 2) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "%lld items, expected at least 2",
                      (long long)j->n_items);
  }
  for (int k = 0; k < 1 + j->side[1].used; k++) {
    NAX_TRY(settle_items(ctx, fn, j, k, events));
  }
done:
  return status;
}

static nax_status
check_pairs(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j)
{
  const nax_i_ft_side *a = j->side, *b = j->side + 1;
  if (!j->o.paired || j->n_items > 0) {
    return NAX_OK;
  }
  if (a->n_trials != b->n_trials) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "%lld trials and %lld of the control, expected pairs",
                      (long long)a->n_trials, (long long)b->n_trials);
  }
  for (nax_index i = 0; i < a->n_trials && a->event != NULL && b->event != NULL; i++) {
    if (a->event[i] != b->event[i]) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "trial %lld lies within the recording but not the one that it is "
                        "paired with",
                        (long long)a->event[i]);
    }
  }
  return NAX_OK;
}

nax_status
nax_i_ft_observe_prepare(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j,
                         const nax_freqtag_events *events)
{
  nax_status status = NAX_OK;
  const double half = 0.5 * j->rate;
  j->observing = j->o.null != NAX_FREQTAG_NULL_NONE || j->o.item_length > 0 ||
                 j->o.paired || j->o.keep || j->o.test == NAX_FREQTAG_TEST_THOMSON ||
                 (j->o.test == NAX_FREQTAG_TEST_LINE && !j->uneven);
  if (!j->observing) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(j->seen_at, j->n_tags + 1, sizeof *j->seen_at);
  NAX_TRY_ALLOC(j->seen_line, j->n_tags * j->o.harmonics, sizeof *j->seen_line);
  NAX_TRY_ALLOC(j->seen_freq, j->n_tags * j->o.harmonics, sizeof *j->seen_freq);
  for (nax_index k = 0, n = 0; k < j->n_tags; k++) {
    for (nax_index h = 0; h < j->n_lines[k]; h++) {
      /* positions are bins when all bins are computed */
      nax_index at = j->line[k * j->o.harmonics + h];
      double f = j->o.spectrum && !nax_i_ft_is_series(j)
                     ? (double)at * j->rate / (double)j->spec.n_samples
                     : j->freq[at];
      j->seen_line[n] = at;
      j->seen_freq[n++] = f > half && !j->uneven ? half : f;
    }
    j->seen_at[k + 1] = n;
  }
  if (j->o.test == NAX_FREQTAG_TEST_THOMSON &&
      !(j->o.bandwidth < 0.5 * (double)j->spec.n_samples &&
        (double)j->o.tapers <= 2.0 * j->o.bandwidth)) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "%lld tapers with time-bandwidth product %g, expected at most "
                        "twice as many, and less than half the samples",
                        (long long)j->o.tapers, j->o.bandwidth);
    goto done;
  }
  NAX_TRY(check_items(ctx, fn, j, events));
  NAX_TRY(check_pairs(ctx, fn, j));
done:
  return status;
}

/* --------------------------------------------------------------------- windows */

/* The windows of a side as unit x time x trial; `own` gets memory when they are cut. */
static nax_status
windows(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j, int which, const nax_view *v,
        nax_view *out, void **own)
{
  const nax_i_ft_side *s = j->side + which;
  nax_index n = j->spec.n_samples, units = v->dim[0];
  size_t size = nax_dtype_size(v->dtype);
  *out = *v;
  out->dim[1] = n;
  if (!s->cut) {
    out->data = (const char *)v->data + (size_t)(s->offset * v->stride[1]) * size;
    return NAX_OK;
  }
  char *to = nax_i_calloc((size_t)(n * s->n_trials * units), size);
  *own = to;
  if (to == NULL) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory for %lld windows",
                      (long long)s->n_trials);
  }
  for (nax_index u = 0; u < units; u++) {
    for (nax_index r = 0; r < s->n_trials; r++) {
      for (nax_index t = 0; t < n; t++, to += size) {
        nax_index at = u * v->stride[0] + (s->start[r] + t) * v->stride[1];
        memcpy(to, (const char *)v->data + (size_t)at * size, size);
      }
    }
  }
  out->data = *own;
  out->ndim = 3;
  out->dim[2] = s->n_trials;
  out->stride[0] = n * s->n_trials;
  out->stride[1] = 1;
  out->stride[2] = n;
  return NAX_OK;
}

/* ---------------------------------------------------------------- coefficients */

static nax_index
observations(const nax_i_ft_fit *j, int which)
{
  return j->n_items > 0 ? j->n_items : j->side[which].n_trials;
}

/* Of every observation of one side: z[line][observation][unit], line fastest. */
static nax_status
coefficients(nax_ctx *ctx, const nax_i_ft_fit *j, int which, nax_index units,
             const nax_view *x, nax_c64 *z)
{
  nax_status status = NAX_OK;
  nax_index lines = j->seen_at[j->n_tags], n = j->n_items;
  nax_c64 *one = NULL;
  if (j->series[which] != NULL) {
    nax_index all = j->side[which].n_trials * units;
    for (nax_index i = 0; i < all; i++) {
      for (nax_index h = 0; h < lines; h++) {
        z[h + lines * i] = j->series[which][j->seen_line[h] + j->n_freqs * i];
      }
    }
    return NAX_OK;
  }
  if (n == 0) {
    nax_freqtag_spec spec = j->spec;
    spec.n_units = units;
    spec.n_freqs = lines;
    spec.freqs = j->seen_freq;
    spec.engine = NAX_FREQTAG_ENGINE_AUTO;
    return nax_freqtag_coefficients(ctx, &spec, x, z);
  }
  NAX_TRY_ALLOC(one, n * units, sizeof *one);
  for (nax_index h = 0; h < lines; h++) {
    nax_index length = (nax_index)j->o.item_length,
              cycles = (nax_index)floor(j->seen_freq[h] * (double)length / j->rate + 0.5);
    NAX_TRY(
        nax_freqtag_item_coefficients(ctx, x, length, n, j->item[which], cycles, one));
    for (nax_index i = 0; i < n * units; i++) {
      z[h + i * lines] = one[i];
    }
  }
done:
  nax_i_free(one);
  return status;
}

/* Both sides, or the differences of pairs, as observation x unit x line. */
typedef struct seen {
  nax_index n, n_control, units, lines;
  nax_c64 *z;
} seen;

static nax_c64 *
cell(const seen *o, nax_index unit, nax_index line)
{
  return o->z + (unit + line * o->units) * o->n;
}

static nax_status
see(nax_ctx *ctx, const nax_i_ft_fit *j, nax_index n_units, const nax_view x[2], seen *o)
{
  nax_status status = NAX_OK;
  nax_c64 *z[2] = {NULL, NULL};
  int two = j->side[1].used, pairs = j->o.paired;
  nax_index n[2] = {observations(j, 0), two ? observations(j, 1) : 0};
  o->units = n_units;
  o->lines = j->seen_at[j->n_tags];
  o->n_control = pairs ? 0 : n[1];
  o->n = n[0] + o->n_control;
  for (int k = 0; k < 1 + two; k++) {
    NAX_TRY_ALLOC(z[k], o->lines * n[k] * o->units, sizeof *z[k]);
    NAX_TRY(coefficients(ctx, j, k, o->units, x + k, z[k]));
  }
  NAX_TRY_ALLOC(o->z, o->n * o->units * o->lines, sizeof *o->z);
  for (nax_index u = 0; u < o->units; u++) {
    for (nax_index h = 0; h < o->lines; h++) {
      nax_c64 *to = cell(o, u, h);
      for (nax_index i = 0; i < n[0]; i++) {
        to[i] = z[0][h + (i + u * n[0]) * o->lines];
        if (pairs) {
          nax_c64 c = z[1][h + (i + u * n[1]) * o->lines];
          to[i].re -= c.re;
          to[i].im -= c.im;
        }
      }
      for (nax_index i = 0; i < o->n_control; i++) {
        to[n[0] + i] = z[1][h + (i + u * n[1]) * o->lines];
      }
    }
  }
done:
  nax_i_free(z[0]);
  nax_i_free(z[1]);
  return status;
}

/* ------------------------------------------------------------------- decisions */

static double
closed_form(const nax_i_ft_fit *j, const seen *o, nax_index unit, nax_index k)
{
  double log_p[NAX_I_FT_HARMONICS];
  nax_index first = j->seen_at[k], lines = j->seen_at[k + 1] - first;
  for (nax_index h = 0; h < lines; h++) {
    const nax_c64 *z = cell(o, unit, first + h);
    int real =
        !nax_i_ft_is_series(j) && nax_i_ft_is_real(j->seen_freq[first + h], j->rate);
    nax_freqtag_moments m = nax_freqtag_moments_of(o->n - o->n_control, z), c;
    if (j->o.test == NAX_FREQTAG_TEST_RAYLEIGH) {
      log_p[h] = real
                     ? nax_freqtag_real_sign(&m).log_p
                     : nax_freqtag_rayleigh(m.n - m.n_zero, nax_freqtag_power_of(&m).itpc,
                                            NAX_FREQTAG_RAYLEIGH_AUTO)
                           .log_p;
    } else if (o->n_control > 0) {
      c = nax_freqtag_moments_of(o->n_control, z + o->n - o->n_control);
      log_p[h] = nax_i_ft_mean_test(j->o.test, &m, &c, real).log_p;
    } else {
      log_p[h] = nax_i_ft_mean_test(j->o.test, &m, NULL, real).log_p;
    }
  }
  return nax_freqtag_fisher(lines, log_p).log_p;
}

static nax_status
by_surrogates(nax_ctx *ctx, const nax_i_ft_fit *j, const seen *o, nax_index from,
              nax_index k, double *p)
{
  nax_index first = j->seen_at[k], n = j->out->n_units;
  nax_freqtag_surrogate_spec s = {
      .n = o->n,
      .n_control = o->n_control,
      .n_lines = j->seen_at[k + 1] - first,
      .freqs = j->seen_freq + first,
      .rate = j->rate,
      .n_samples = j->n_items > 0 ? (nax_index)j->o.item_length : j->spec.n_samples,
      .kind = j->o.null,
      .normalised = j->o.test == NAX_FREQTAG_TEST_RAYLEIGH,
      .n_surrogates = (nax_index)j->o.surrogates,
      .enough = (nax_index)j->o.stop,
      .seed = (uint64_t)j->o.seed};
  return nax_freqtag_surrogates(ctx, &s, o->units, cell(o, 0, first),
                                j->statistic != NULL ? j->statistic + from + k * n : NULL,
                                p, j->most != NULL ? j->most + k * s.n_surrogates : NULL);
}

static nax_status
decide_on(nax_ctx *ctx, nax_i_ft_fit *j, const seen *o, nax_index from)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  double *p = NULL;
  int decides = j->o.null != NAX_FREQTAG_NULL_NONE || j->n_items > 0 || j->o.paired;
  NAX_TRY_ALLOC(p, o->units, sizeof *p);
  for (nax_index k = 0; k < j->n_tags; k++) {
    double *log_p = f->field[NAX_FREQTAG_LOG_P] + from + k * f->n_units;
    if (j->o.null != NAX_FREQTAG_NULL_NONE) {
      NAX_TRY(by_surrogates(ctx, j, o, from, k, p));
    }
    for (nax_index u = 0; u < o->units && decides; u++) {
      log_p[u] = j->o.null != NAX_FREQTAG_NULL_NONE ? log(p[u]) : closed_form(j, o, u, k);
    }
    for (nax_index u = 0; u < o->units && f->kept != NULL; u++) {
      memcpy(f->kept + (from + u + k * f->n_units) * o->n, cell(o, u, j->seen_at[k]),
             (size_t)o->n * sizeof *f->kept);
    }
  }
done:
  nax_i_free(p);
  return status;
}

/* ---------------------------------------------- Thomson's F, lines by least squares */

typedef struct thomson {
  const nax_i_ft_fit *j;
  const nax_view *x;
  nax_index n, tapers, lines, from;
  double *wave; /* n x (re, im) x taper x line */
  double *sum;  /* of each taper */
} thomson;

static nax_status
thomson_waves(nax_ctx *ctx, thomson *w)
{
  nax_status status = NAX_OK;
  double *taper = NULL;
  NAX_TRY_ALLOC(taper, w->n * w->tapers, sizeof *taper);
  NAX_TRY_ALLOC(w->sum, w->tapers, sizeof *w->sum);
  NAX_TRY_ALLOC(w->wave, w->n * 2 * w->tapers * w->lines, sizeof *w->wave);
  NAX_TRY(nax_freqtag_dpss(ctx, w->n, w->j->o.bandwidth, w->tapers, taper, NULL));
  for (nax_index q = 0; q < w->tapers; q++) {
    const double *v = taper + q * w->n;
    w->sum[q] = q % 2 == 0 ? nax_i_sum(v, w->n) : 0.0;
    for (nax_index h = 0; h < w->lines; h++) {
      double *re = w->wave + (q + h * w->tapers) * 2 * w->n, *im = re + w->n;
      for (nax_index t = 0; t < w->n; t++) {
        double a = w->j->seen_freq[h] / w->j->rate * (double)t;
        a = 2.0 * NAX_I_FT_PI * (a - floor(a + 0.5));
        re[t] = v[t] * cos(a);
        im[t] = -v[t] * sin(a);
      }
    }
  }
done:
  nax_i_free(taper);
  return status;
}

/* Sums over tapers and trials at one line. */
typedef struct harmonic {
  nax_c64 cross;
  double power, weight, pairs;
} harmonic;

static void
add_trial(const thomson *w, const double *row, harmonic *sums)
{
  for (nax_index h = 0; h < w->lines; h++) {
    for (nax_index q = 0; q < w->tapers; q++) {
      const double *re = w->wave + (q + h * w->tapers) * 2 * w->n, *im = re + w->n;
      nax_c64 z = {0.0, 0.0};
      for (nax_index t = 0; t < w->n; t++) {
        z.re += row[t] * re[t];
        z.im += row[t] * im[t];
      }
      sums[h].cross.re += w->sum[q] * z.re;
      sums[h].cross.im += w->sum[q] * z.im;
      sums[h].power += z.re * z.re + z.im * z.im;
      sums[h].weight += w->sum[q] * w->sum[q];
      sums[h].pairs += 1.0;
    }
  }
}

/* ln p of each line in one trial, one row per line. */
static nax_status
lines_of_trial(const thomson *w, const double *row, nax_index trial, double *log_p)
{
  nax_status status = NAX_OK;
  for (nax_index h = 0; h < w->lines; h++) {
    nax_freqtag_line l;
    NAX_TRY(nax_freqtag_fit_line(NULL, w->n, row, w->j->rate, w->j->seen_freq[h],
                                 (nax_freqtag_trend)w->j->spec.trend, &l));
    log_p[trial + h * w->x->dim[2]] = l.test.log_p;
  }
done:
  return status;
}

static double
harmonic_log_p(const harmonic *s, int real)
{
  double line = (s->cross.re * s->cross.re + s->cross.im * s->cross.im) / s->weight;
  double rest = s->power - line, df = real ? 1.0 : 2.0;
  if (!(s->pairs > 1.0) || !(rest > 0.0)) {
    return (double)NAN;
  }
  return nax_freqtag_log_f((s->pairs - 1.0) * line / rest, df, df * (s->pairs - 1.0));
}

static nax_status
sample_unit(int64_t unit, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const thomson *w = arg;
  const nax_i_ft_fit *j = w->j;
  nax_index trials = w->x->dim[2];
  double *row = NULL, *log_p = NULL, by_taper[NAX_I_FT_HARMONICS];
  harmonic *sums = NULL;
  NAX_TRY_ALLOC(row, w->n, sizeof *row);
  NAX_TRY_ALLOC(sums, w->lines, sizeof *sums);
  NAX_TRY_ALLOC(log_p, trials * w->lines, sizeof *log_p);
  for (nax_index i = 0; i < trials * w->lines; i++) {
    log_p[i] = (double)NAN;
  }
  for (nax_index r = 0; r < trials; r++) {
    int usable = 1;
    for (nax_index t = 0; t < w->n; t++) {
      nax_index at[3] = {unit, t, r};
      row[t] = nax_view_get(w->x, at);
      usable = usable && isfinite(row[t]);
    }
    if (usable && w->wave != NULL) {
      nax_i_ft_remove_trend(row, w->n, j->spec.trend);
      add_trial(w, row, sums);
    } else if (usable) {
      NAX_TRY(lines_of_trial(w, row, r, log_p));
    }
  }
  for (nax_index k = 0; k < j->n_tags; k++) {
    nax_index first = j->seen_at[k], lines = j->seen_at[k + 1] - first;
    const double *p = by_taper;
    nax_index n = lines;
    if (w->wave == NULL) {
      p = log_p + first * trials;
      n = lines * trials;
    }
    for (nax_index h = 0; h < lines && w->wave != NULL; h++) {
      by_taper[h] = harmonic_log_p(sums + first + h,
                                   nax_i_ft_is_real(j->seen_freq[first + h], j->rate));
    }
    j->out->field[NAX_FREQTAG_LOG_P][w->from + unit + k * j->out->n_units] =
        nax_freqtag_fisher(n, p).log_p;
  }
done:
  nax_i_free(row);
  nax_i_free(log_p);
  nax_i_free(sums);
  return status;
}

static nax_status
by_samples(nax_ctx *ctx, const nax_i_ft_fit *j, nax_index from, const nax_view *x)
{
  nax_status status = NAX_OK;
  thomson w = {.j = j,
               .x = x,
               .n = j->spec.n_samples,
               .tapers = (nax_index)j->o.tapers,
               .lines = j->seen_at[j->n_tags],
               .from = from};
  if (j->o.test == NAX_FREQTAG_TEST_THOMSON) {
    NAX_TRY(thomson_waves(ctx, &w));
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, x->dim[0], sample_unit, &w));
done:
  nax_i_free(w.wave);
  nax_i_free(w.sum);
  return status;
}

/* ------------------------------------------------------------------------ all */

static nax_status
make_room(nax_ctx *ctx, nax_i_ft_fit *j, const seen *o)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  f->n_seen[0] = o->n - o->n_control;
  f->n_seen[1] = o->n_control;
  if (j->o.fdr == NAX_FREQTAG_MAX && j->most == NULL) {
    NAX_TRY_ALLOC(j->most, j->o.surrogates * j->n_tags, sizeof *j->most);
    NAX_TRY_ALLOC(j->statistic, f->n_units * j->n_tags, sizeof *j->statistic);
  }
  if (j->o.keep && f->kept == NULL) {
    NAX_TRY_ALLOC(f->kept, o->n * f->n_units * j->n_tags, sizeof *f->kept);
  }
done:
  return status;
}

nax_status
nax_i_ft_observe(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, nax_index from,
                 nax_index n, const nax_view v[2])
{
  nax_status status = NAX_OK;
  nax_view x[2] = {{0}, {0}};
  void *own[2] = {NULL, NULL};
  seen o = {.z = NULL};
  for (int k = 0; k < 1 + j->side[1].used && !nax_i_ft_is_series(j); k++) {
    NAX_TRY(windows(ctx, fn, j, k, v + k, x + k, own + k));
  }
  int by_sample = j->o.test == NAX_FREQTAG_TEST_THOMSON ||
                  (j->o.test == NAX_FREQTAG_TEST_LINE && !j->uneven);
  if (by_sample) {
    NAX_TRY(by_samples(ctx, j, from, x));
  }
  if (!by_sample || j->o.keep) {
    NAX_TRY(see(ctx, j, n, x, &o));
    NAX_TRY(make_room(ctx, j, &o));
    NAX_TRY(decide_on(ctx, j, &o, from));
  }
done:
  nax_i_free(own[0]);
  nax_i_free(own[1]);
  nax_i_free(o.z);
  return status;
}
