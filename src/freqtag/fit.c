/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tags of many units: the data in blocks of units, statistics of each, many tests. */
#include "fit_i.h"
#include <math.h>
#include <neuraxis/stats.h>
#include <stdlib.h>

/* ------------------------------------------------------------------- result */

static nax_status
create_result(nax_ctx *ctx, nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = NULL;
  const nax_i_ft_side *s = j->side;
  nax_index n = s->axes.n_units;
  NAX_TRY_ALLOC(f, 1, sizeof *f);
  j->out = f;
  f->n_units = n;
  f->n_tags = j->n_tags;
  f->rate = j->rate;
  f->n_samples = j->spec.n_samples;
  f->n_short = j->n_short;
  f->o = j->o;
  f->o.tags = f->o.exclude = f->o.levels = NULL;
  NAX_TRY_ALLOC(f->tag, j->n_tags, sizeof *f->tag);
  memcpy(f->tag, j->tag, (size_t)j->n_tags * sizeof *f->tag);
  NAX_TRY_DUP(f->tags_text, j->o.tags);
  NAX_TRY_DUP(f->exclude_text, j->o.exclude);
  NAX_TRY_DUP(f->levels_text, j->o.levels);
  for (int k = 0; k < 2; k++) {
    f->n_trials[k] = j->side[k].used ? j->side[k].n_trials : 0;
    f->n_outside[k] = j->side[k].n_outside;
  }
  for (int32_t k = 0; k < s->axes.n_unit_axes; k++) {
    NAX_TRY(nax_axis_copy(ctx, s->axis[s->axes.first_unit + k], f->axis + k));
    f->n_axes++;
  }
  if (f->n_axes == 0) { /* one trace */
    NAX_TRY(nax_axis_create_index(ctx, "unit", 1, f->axis));
    f->n_axes = 1;
  }
  int fields = j->spikes[0] != NULL ? NAX_FREQTAG_N_FIELDS : NAX_FREQTAG_SPIKES;
  for (int k = 0; k < fields; k++) {
    NAX_TRY_ALLOC(f->field[k], n * j->n_tags, sizeof(double));
    for (nax_index i = 0; i < n * j->n_tags; i++) {
      f->field[k][i] = (double)NAN;
    }
  }
  if (j->o.spectrum) {
    f->n_bins = j->n_bins;
    for (int k = 0; k < NAX_I_FT_SPECTRA; k++) {
      NAX_TRY_ALLOC(f->spectrum[k], f->n_bins, sizeof(double));
    }
    NAX_TRY_ALLOC(f->designed, f->n_bins, 1);
    memcpy(f->designed, j->designed, (size_t)f->n_bins);
    NAX_TRY_ALLOC(f->best, f->n_bins * j->n_tags, sizeof *f->best);
    NAX_TRY_ALLOC(f->best_unit, j->n_tags, sizeof *f->best_unit);
    for (nax_index i = 0; i < f->n_bins; i++) {
      f->spectrum[0][i] = (double)i * j->rate / (double)j->spec.n_samples;
    }
    for (nax_index k = 0; k < j->n_tags; k++) {
      f->best_unit[k] = -1;
    }
  }
done:
  return status;
}

/* --------------------------------------------------------------- statistics */

/* Moments of a block of units: of an accumulator, or made from coefficients. */
typedef struct cells {
  const nax_freqtag_acc *acc;
  const nax_freqtag_moments *m; /* frequency x unit */
  nax_index n_freqs;
  double scale; /* from |z| to amplitude */
} cells;

static nax_freqtag_moments
moments_at(const cells *c, nax_index unit, nax_index i)
{
  return c->acc != NULL ? nax_freqtag_acc_moments(c->acc, unit, i)
                        : c->m[i + unit * c->n_freqs];
}

static double
scale_at(const cells *c, nax_index i)
{
  return c->acc != NULL ? nax_freqtag_acc_amplitude(c->acc, i) : c->scale;
}

static int
is_real_at(const cells *c, nax_index i)
{
  return c->acc != NULL && nax_freqtag_acc_is_real(c->acc, i);
}

/* All trials that can be used were constant. */
static int
is_constant(const cells *c, nax_index unit)
{
  nax_freqtag_moments m = moments_at(c, unit, 0);
  return m.n > 0 &&
         (c->acc != NULL ? nax_freqtag_acc_n_flat(c->acc, unit) == m.n
                         : !(m.mean.re * m.mean.re + m.mean.im * m.mean.im + m.ss > 0.0));
}

/* One unit. */
typedef struct one {
  const nax_i_ft_fit *j;
  const cells *a, *b; /* b: control or NULL */
  nax_index unit;     /* in the block */
} one;

static double
amplitude_at(const cells *a, nax_index unit, nax_index i)
{
  nax_freqtag_moments m = moments_at(a, unit, i);
  return m.n > 0 ? scale_at(a, i) * hypot(m.mean.re, m.mean.im) : (double)NAN;
}

/* Power and amplitude of a line against its neighbours. */
typedef struct sides {
  double snr, total, difference, sd2; /* sd2: variance of the neighbours' amplitude */
  nax_freqtag_test test, test_total;
} sides;

static const sides no_sides = {
    (double)NAN,
    (double)NAN,
    (double)NAN,
    (double)NAN,
    {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN},
    {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN}};

/* Mean power of single trials, as squared amplitude. */
static double
power_at(const cells *a, nax_index unit, nax_index i)
{
  nax_freqtag_moments m = moments_at(a, unit, i);
  double scale = scale_at(a, i);
  return m.n > 0 ? scale * scale * nax_freqtag_power_of(&m).total : (double)NAN;
}

static sides
against_neighbours(const one *u, nax_index line)
{
  const nax_i_ft_fit *j = u->j;
  sides s = no_sides;
  nax_index n = j->n_near[line];
  nax_index trials = moments_at(u->a, u->unit, j->line[line]).n;
  double power = 0.0, total = 0.0, sum = 0.0, ss = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double a = amplitude_at(u->a, u->unit, j->near[line * 2 * j->o.side + i]);
    power += a * a;
    total += power_at(u->a, u->unit, j->near[line * 2 * j->o.side + i]);
    sum += a;
  }
  for (nax_index i = 0; i < n; i++) {
    double a = amplitude_at(u->a, u->unit, j->near[line * 2 * j->o.side + i]);
    ss += (a - sum / (double)n) * (a - sum / (double)n);
  }
  double a = amplitude_at(u->a, u->unit, j->line[line]);
  int is_real = is_real_at(u->a, j->line[line]);
  if (n < 1 || !(power > 0.0)) {
    return s;
  }
  /* amplitudes of real coefficients are half of what 2 / N would give */
  double scale = is_real ? 2.0 : 1.0;
  s.snr = scale * scale * a * a / (power / (double)n);
  s.difference = a - sum / (double)n;
  s.sd2 = n > 1 ? ss / (double)(n - 1) : (double)NAN;
  s.test = is_real ? nax_i_ft_f_test(s.snr, 1.0, 2.0 * (double)n)
                   : nax_freqtag_snr_test(s.snr, n, 1);
  s.total = scale * scale * power_at(u->a, u->unit, j->line[line]) / (total / (double)n);
  s.test_total =
      is_real ? nax_i_ft_f_test(s.total, (double)trials, 2.0 * (double)(n * trials))
              : nax_freqtag_snr_test(s.total, n, trials);
  return s;
}

/* Scatter within both conditions as that of one sample with as many degrees of freedom.
 */
static nax_freqtag_moments
pooled(const nax_freqtag_moments *a, const nax_freqtag_moments *b)
{
  nax_freqtag_moments m = *a;
  m.n = a->n + b->n - 1;
  m.ss += b->ss;
  m.square.re += b->square.re;
  m.square.im += b->square.im;
  return m;
}

nax_freqtag_test
nax_i_ft_mean_test(int32_t test, const nax_freqtag_moments *m,
                   const nax_freqtag_moments *c, int is_real)
{
  static const nax_c64 zero = {0.0, 0.0};
  const double alpha = 0.05; /* of sphericity */
  int round = test != NAX_FREQTAG_TEST_T2;
  if (is_real) {
    return c != NULL ? nax_freqtag_real_t_two(m, c) : nax_freqtag_real_t(m);
  }
  if (test == NAX_FREQTAG_TEST_AUTO && c != NULL) {
    nax_freqtag_moments both = pooled(m, c);
    round = !(nax_freqtag_sphericity(&both).p < alpha);
  } else if (test == NAX_FREQTAG_TEST_AUTO) {
    return nax_freqtag_auto(m, zero, alpha, NULL);
  }
  if (c != NULL) {
    return round ? nax_freqtag_t2circ_two(m, c) : nax_freqtag_hotelling_two(m, c);
  }
  return round ? nax_freqtag_t2circ(m, zero) : nax_freqtag_hotelling(m, zero);
}

/* The test that decides, at one line. */
static nax_freqtag_test
decide(const one *u, nax_index at, int is_real, double log_p_phase, const sides *near)
{
  nax_freqtag_moments m = moments_at(u->a, u->unit, at), c = {0};
  nax_freqtag_test t = nax_i_ft_none;
  if (u->b != NULL) {
    c = moments_at(u->b, u->unit, at);
    return nax_i_ft_mean_test(u->j->o.test, &m, &c, is_real);
  }
  switch (u->j->o.test) {
  case NAX_FREQTAG_TEST_RAYLEIGH:
    t.log_p = log_p_phase;
    t.p = exp(t.log_p);
    return t;
  case NAX_FREQTAG_TEST_SNR:
    return near->test;
  case NAX_FREQTAG_TEST_POWER:
    return near->test_total;
  default:
    return nax_i_ft_mean_test(u->j->o.test, &m, NULL, is_real);
  }
}

static void
unit_tag(const one *u, nax_index at_unit, nax_index k)
{
  const nax_i_ft_fit *j = u->j;
  nax_freqtag *f = j->out;
  nax_index cell = at_unit + k * f->n_units, first = k * j->o.harmonics;
  double bca = 0.0, sd2 = 0.0, log_p[NAX_I_FT_HARMONICS], log_snr[NAX_I_FT_HARMONICS],
         log_total[NAX_I_FT_HARMONICS];
  nax_freqtag_moments m = moments_at(u->a, u->unit, j->line[first]);
  nax_freqtag_power p = nax_freqtag_power_of(&m);
  double scale = scale_at(u->a, j->line[first]);
  if (m.n < 1) {
    return;
  }
  f->field[NAX_FREQTAG_AMPLITUDE][cell] = scale * sqrt(p.evoked);
  f->field[NAX_FREQTAG_PHASE][cell] =
      p.evoked > 0.0 ? atan2(m.mean.im, m.mean.re) : (double)NAN;
  f->field[NAX_FREQTAG_ITPC][cell] = p.itpc;
  f->field[NAX_FREQTAG_PPC][cell] = p.ppc;
  f->field[NAX_FREQTAG_INDUCED][cell] = scale * sqrt(p.induced_unbiased);
  if (!is_real_at(u->a, j->line[first])) {
    nax_freqtag_test round = nax_freqtag_sphericity(&m);
    f->field[NAX_FREQTAG_CONDITION][cell] = round.statistic;
    f->field[NAX_FREQTAG_LOG_P_SPHERICITY][cell] = round.log_p;
  }
  if (u->b != NULL) {
    f->field[NAX_FREQTAG_CONTROL][cell] = amplitude_at(u->b, u->unit, j->line[first]);
  }
  for (nax_index h = 0; h < j->n_lines[k]; h++) {
    nax_index at = j->line[first + h];
    int is_real = is_real_at(u->a, at);
    sides s = no_sides;
    if (j->use_sides) {
      s = against_neighbours(u, first + h);
    }
    bca += s.difference;
    sd2 += s.sd2;
    m = moments_at(u->a, u->unit, at);
    p = nax_freqtag_power_of(&m);
    double phase = is_real ? nax_freqtag_real_sign(&m).log_p
                           : nax_i_ft_walk_log_p(j->walk.n_terms > 0 ? &j->walk : NULL,
                                                 m.n - m.n_zero, p.itpc);
    if (h == 0) {
      f->field[NAX_FREQTAG_SNR][cell] = s.snr;
      f->field[NAX_FREQTAG_SNR_TOTAL][cell] = s.total;
      f->field[NAX_FREQTAG_LOG_P_PHASE][cell] = phase;
    }
    log_snr[h] = s.test.log_p;
    log_total[h] = s.test_total.log_p;
    log_p[h] = decide(u, at, is_real, phase, &s).log_p;
  }
  f->field[NAX_FREQTAG_BCA][cell] = bca;
  f->field[NAX_FREQTAG_Z][cell] = sd2 > 0.0 ? bca / sqrt(sd2) : (double)NAN;
  int alone = j->n_lines[k] == 1;
  f->field[NAX_FREQTAG_LOG_P_SNR][cell] =
      nax_freqtag_fisher(j->n_lines[k], log_snr).log_p;
  f->field[NAX_FREQTAG_LOG_P_TOTAL][cell] =
      nax_freqtag_fisher(j->n_lines[k], log_total).log_p;
  switch (j->o.test) {
  case NAX_FREQTAG_TEST_LINE: /* decided where the samples are */
    break;
  case NAX_FREQTAG_TEST_Z2:
    f->field[NAX_FREQTAG_LOG_P][cell] =
        f->field[alone ? NAX_FREQTAG_LOG_P_SPIKES : NAX_FREQTAG_LOG_P_Z2][cell];
    break;
  default:
    f->field[NAX_FREQTAG_LOG_P][cell] = nax_freqtag_fisher(j->n_lines[k], log_p).log_p;
  }
}

typedef struct stat_job {
  const nax_i_ft_fit *j;
  const cells *a, *b;
  nax_index from, n;
} stat_job;

enum { STAT_UNITS = 128 };

static nax_status
stat_block(int64_t block, void *arg)
{
  const stat_job *s = arg;
  for (nax_index u = block * STAT_UNITS; u < (block + 1) * STAT_UNITS && u < s->n; u++) {
    one w = {s->j, s->a, s->b, u};
    for (nax_index k = 0; k < s->j->n_tags; k++) {
      unit_tag(&w, s->from + u, k);
    }
  }
  return NAX_OK;
}

/* Sums over units of the spectra, in the order of the units, and the best unit of each
 * tag. */
static void
add_spectra(nax_i_ft_fit *j, const cells *a, nax_index from, nax_index n)
{
  nax_freqtag *f = j->out;
  for (nax_index u = 0; u < n; u++) {
    if (moments_at(a, u, 0).n < 1 || is_constant(a, u)) {
      continue;
    }
    j->n_seen++;
    for (nax_index i = j->bin != NULL ? 1 : 0; i < f->n_bins; i++) {
      nax_index at = j->bin != NULL ? j->bin[i] : i;
      nax_freqtag_moments m = moments_at(a, u, at);
      nax_freqtag_power p = nax_freqtag_power_of(&m);
      double scale = scale_at(a, at);
      f->spectrum[1][i] += scale * sqrt(p.evoked);
      f->spectrum[2][i] += scale * sqrt(p.total);
      f->spectrum[3][i] += isnan(p.itpc) ? 0.0 : p.itpc;
    }
    for (nax_index k = 0; k < j->n_tags; k++) {
      double log_p = f->field[NAX_FREQTAG_LOG_P][from + u + k * f->n_units];
      nax_index best = f->best_unit[k];
      if (!isnan(log_p) &&
          (best < 0 || log_p < f->field[NAX_FREQTAG_LOG_P][best + k * f->n_units])) {
        f->best_unit[k] = from + u;
        for (nax_index i = j->bin != NULL ? 1 : 0; i < f->n_bins; i++) {
          nax_index at = j->bin != NULL ? j->bin[i] : i;
          f->best[i + k * f->n_bins] = j->o.test == NAX_FREQTAG_TEST_POWER
                                           ? sqrt(power_at(a, u, at))
                                           : amplitude_at(a, u, at);
        }
      }
    }
  }
}

/* ----------------------------------------------------------------- the blocks */

/* Push the trials of a side; `v` is unit x time (x trial) of the whole recording. */
static nax_status
push_side(nax_ctx *ctx, const nax_i_ft_fit *j, const nax_i_ft_side *s, const nax_view *v,
          nax_freqtag_acc *a)
{
  nax_status status = NAX_OK;
  nax_view w = *v;
  w.dim[1] = j->spec.n_samples;
  for (nax_index t = 0; t < (s->cut ? s->n_trials : 1); t++) {
    nax_index from = (s->cut ? s->start[t] : s->offset) * v->stride[1];
    w.data = (const char *)v->data + (size_t)from * nax_dtype_size(v->dtype);
    NAX_TRY(nax_freqtag_acc_push(ctx, a, &w));
  }
done:
  return status;
}

/* Moments of a side of the block in an accumulator, by one pass over the samples. */
static nax_status
transform_side(nax_ctx *ctx, nax_i_ft_fit *j, int k, nax_index n, const nax_view *v,
               nax_freqtag_acc **acc)
{
  nax_status status = NAX_OK;
  if (*acc != NULL && nax_freqtag_acc_n_units(*acc) == n) {
    nax_freqtag_acc_reset(*acc);
  } else {
    nax_freqtag_spec spec = j->spec;
    spec.n_units = n;
    nax_freqtag_acc_free(*acc);
    *acc = NULL;
    NAX_TRY(nax_freqtag_acc_create(ctx, &spec, acc));
  }
  NAX_TRY(push_side(ctx, j, j->side + k, v, *acc));
done:
  return status;
}

/* Moments of a side from coefficients of its own, which are kept for the block. */
static nax_status
series_side(nax_ctx *ctx, nax_i_ft_fit *j, int k, nax_index from, nax_index n,
            const nax_view *v, nax_freqtag_moments **moments)
{
  nax_status status = NAX_OK;
  nax_index trials = j->side[k].n_trials, freqs = j->n_freqs;
  nax_c64 *row = NULL;
  nax_i_free(j->series[k]);
  nax_i_free(*moments);
  *moments = NULL;
  NAX_TRY_ALLOC(j->series[k], freqs * trials * n, sizeof *j->series[k]);
  NAX_TRY_ALLOC(*moments, freqs * n, sizeof **moments);
  NAX_TRY_ALLOC(row, trials, sizeof *row);
  NAX_TRY(nax_i_ft_series_block(ctx, j, k, from, n, v, j->series[k]));
  for (nax_index u = 0; u < n; u++) {
    for (nax_index i = 0; i < freqs; i++) {
      for (nax_index r = 0; r < trials; r++) {
        row[r] = j->series[k][i + freqs * (r + trials * u)];
      }
      (*moments)[i + freqs * u] = nax_freqtag_moments_of(trials, row);
    }
  }
done:
  nax_i_free(row);
  return status;
}

/* What a run keeps from block to block. */
typedef struct sums {
  nax_freqtag_acc *acc[2];
  nax_freqtag_moments *moments[2];
} sums;

static nax_status
block_of_units(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, nax_index from, nax_index n,
               sums *kept)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  int two = j->side[1].used, series = nax_i_ft_is_series(j);
  nax_view v[2] = {{0}, {0}};
  cells c[2];
  for (int k = 0; k < 1 + two; k++) {
    if (k == 1 && j->same_recording) {
      v[1] = v[0];
    } else if (j->spikes[0] == NULL) {
      NAX_TRY(j->get(ctx, j, k, from, n, v + k));
    }
    if (series) {
      NAX_TRY(series_side(ctx, j, k, from, n, v + k, kept->moments + k));
    } else {
      NAX_TRY(transform_side(ctx, j, k, n, v + k, kept->acc + k));
    }
    c[k] = (cells){kept->acc[k], kept->moments[k], j->n_freqs,
                   j->uneven ? 1.0 : 2.0 * j->rate / (double)j->spec.n_samples};
  }
  stat_job s = {j, c, two ? c + 1 : NULL, from, n};
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(n, STAT_UNITS), stat_block, &s));
  if (j->observing) {
    NAX_TRY(nax_i_ft_observe(ctx, fn, j, from, n, v));
  }
  if (j->o.spectrum) {
    add_spectra(j, c, from, n);
  }
  if (j->windows != NULL) {
    nax_i_ft_components_take(j, from, n, v);
  }
  for (nax_index u = 0; u < n; u++) {
    for (int k = 0; k < 1 + two; k++) {
      f->n_left_out += j->side[k].n_trials - moments_at(c + k, u, 0).n;
    }
    f->n_constant += is_constant(c, u);
    f->n_empty += moments_at(c, u, 0).n < 1 || (two && moments_at(c + 1, u, 0).n < 1);
  }
done:
  return status;
}

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* p of each unit against the largest statistic of all units in each surrogate. */
static void
family_wise(const nax_i_ft_fit *j, nax_index k)
{
  const nax_freqtag *f = j->out;
  nax_index n = j->o.surrogates;
  double *most = j->most + k * n, *q = f->field[NAX_FREQTAG_Q] + k * f->n_units;
  qsort(most, (size_t)n, sizeof *most, ascending);
  for (nax_index u = 0; u < f->n_units; u++) {
    double limit = (1.0 - 1e-9) * j->statistic[u + k * f->n_units];
    nax_index below = 0, above = n;
    while (below < above) {
      nax_index middle = below + (above - below) / 2;
      if (most[middle] < limit) {
        below = middle + 1;
      } else {
        above = middle;
      }
    }
    q[u] = isnan(limit) ? (double)NAN : (double)(n - below + 1) / (double)(n + 1);
  }
}

static nax_status
adjust(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  nax_freqtag *f = j->out;
  double *p = NULL;
  nax_index usable = 0;
  NAX_TRY_ALLOC(p, f->n_units, sizeof *p);
  for (nax_index k = 0; k < f->n_tags; k++) {
    const double *log_p = f->field[NAX_FREQTAG_LOG_P] + k * f->n_units;
    for (nax_index u = 0; u < f->n_units; u++) {
      p[u] = isnan(log_p[u]) ? (double)NAN : fmin(1.0, exp(log_p[u]));
      usable += !isnan(p[u]);
    }
    if (j->o.fdr == NAX_FREQTAG_MAX) {
      family_wise(j, k);
    } else {
      NAX_TRY(nax_stats_fdr(ctx, f->n_units, p, (nax_fdr)j->o.fdr,
                            f->field[NAX_FREQTAG_Q] + k * f->n_units));
    }
  }
  if (usable == 0) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "no unit can be tested: %lld of %lld are constant, %lld trials "
                        "were left out for missing values",
                        (long long)f->n_constant, (long long)f->n_units,
                        (long long)f->n_left_out);
    goto done;
  }
  NAX_TRY(nax_i_ft_levels_adjust(ctx, f));
  if (f->n_left_out > 0) {
    nax_i_warn(ctx, NAX_INFO, "freqtag.left-out",
               "%lld of %lld trials of units have missing values and are left out",
               (long long)f->n_left_out,
               (long long)((f->n_trials[0] + f->n_trials[1]) * f->n_units));
  }
  if (f->n_constant > 0) {
    nax_i_warn(ctx, NAX_INFO, "freqtag.constant",
               "%lld of %lld units are constant and cannot be tested",
               (long long)f->n_constant, (long long)f->n_units);
  }
  if (f->n_empty > 0) {
    nax_i_warn(ctx, NAX_INFO, "freqtag.empty",
               "%lld of %lld units have no trial without missing values and cannot be "
               "tested",
               (long long)f->n_empty, (long long)f->n_units);
  }
done:
  nax_i_free(p);
  return status;
}

void
nax_i_ft_fit_free(nax_i_ft_fit *j)
{
  nax_freqtag_free(j->out);
  nax_i_free(j->tag);
  nax_i_free(j->freq);
  nax_i_free(j->line);
  nax_i_free(j->n_lines);
  nax_i_free(j->near);
  nax_i_free(j->n_near);
  nax_i_free(j->designed);
  nax_i_free(j->side[0].start);
  nax_i_free(j->side[1].start);
  nax_i_free(j->side[0].event);
  nax_i_free(j->side[1].event);
  nax_i_free(j->side[0].when);
  nax_i_free(j->side[1].when);
  nax_i_free(j->series[0]);
  nax_i_free(j->series[1]);
  nax_i_free(j->bin);
  nax_i_free(j->seen_line);
  nax_i_free(j->seen_freq);
  nax_i_free(j->seen_at);
  nax_i_free(j->item[0]);
  nax_i_free(j->item[1]);
  nax_i_free(j->most);
  nax_i_free(j->statistic);
  nax_i_free(j->windows);
  nax_i_ft_walk_free(&j->walk);
}

/* Units whose sums take at most half of the memory allowed. */
nax_index
nax_i_ft_fit_block(const nax_i_ft_fit *j)
{
  int series = nax_i_ft_is_series(j);
  nax_index k = j->o.spectrum && !series ? j->spec.n_samples / 2 + 1 : j->n_freqs;
  double bytes = series ? 64.0 + 16.0 * (double)j->side[0].n_trials : 64.0;
  double each = (double)k * bytes * (1 + j->side[1].used);
  double n = floor((double)j->o.memory * 5e5 / each / 16.0) * 16.0;
  nax_index all = j->side[0].axes.n_units;
  return n >= (double)all ? all : n < 16.0 ? 16 : (nax_index)n;
}

nax_status
nax_i_ft_fit_run(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, nax_index block,
                 nax_freqtag **out)
{
  nax_status status = NAX_OK;
  sums kept = {{NULL, NULL}, {NULL, NULL}};
  nax_index n = j->side[0].axes.n_units, trials = j->side[0].n_trials;
  NAX_TRY(create_result(ctx, j));
  NAX_TRY(nax_i_ft_levels_create(ctx, fn, j));
  if (trials > 2) {
    NAX_TRY(nax_i_ft_walk_create(ctx, trials, trials < 5 ? 1e-8 : 1e-11, &j->walk));
  }
  if (j->o.ress) {
    NAX_TRY_ALLOC(j->windows, n * trials * j->spec.n_samples, sizeof *j->windows);
  }
  for (nax_index from = 0; from < n; from += block) {
    NAX_TRY(block_of_units(ctx, fn, j, from, n - from < block ? n - from : block, &kept));
  }
  for (int k = 1; k < NAX_I_FT_SPECTRA && j->o.spectrum && j->n_seen > 0; k++) {
    for (nax_index i = 0; i < j->out->n_bins; i++) {
      j->out->spectrum[k][i] /= (double)j->n_seen;
    }
  }
  NAX_TRY(adjust(ctx, fn, j));
  if (j->o.ress) {
    NAX_TRY(nax_i_ft_components(ctx, fn, j));
  }
  *out = j->out;
  j->out = NULL;
done:
  for (int k = 0; k < 2; k++) {
    nax_freqtag_acc_free(kept.acc[k]);
    nax_i_free(kept.moments[k]);
  }
  return status;
}

/* ------------------------------------------------------------------ in memory */

static nax_status
get_view(nax_ctx *ctx, nax_i_ft_fit *j, int which, nax_index from, nax_index n,
         nax_view *out)
{
  const nax_view *v = j->whole + which;
  (void)ctx;
  *out = *v;
  out->dim[0] = n;
  out->data =
      (const char *)v->data + (size_t)(from * v->stride[0]) * nax_dtype_size(v->dtype);
  return NAX_OK;
}

static nax_status
begin(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, const nax_array *x,
      const nax_array *control, const nax_freqtag_events *events,
      const nax_freqtag_opts *opts)
{
  nax_status status = NAX_OK;
  const nax_array *a[2] = {x, control};
  NAX_TRY(nax_i_options_load(ctx, fn, &nax_i_freqtag_table, &j->o, opts));
  for (int k = 0; k < 2; k++) {
    nax_i_ft_side *s = j->side + k;
    s->used = a[k] != NULL;
    for (int32_t d = 0; s->used && d < nax_array_ndim(a[k]); d++) {
      s->axis[s->ndim++] = nax_array_axis(a[k], d);
    }
  }
  NAX_TRY(nax_i_ft_fit_prepare(ctx, fn, j, events));
  for (int k = 0; k < 2 && a[k] != NULL; k++) {
    nax_view v = nax_array_view(a[k]);
    nax_i_ft_collapse(&j->side[k].axes, &v, j->whole + k);
  }
  j->get = get_view;
done:
  return status;
}

nax_status
nax_freqtag_fit(nax_ctx *ctx, const nax_array *x, const nax_array *control,
                const nax_freqtag_events *events, const nax_freqtag_opts *opts,
                nax_freqtag **out)
{
  nax_status status = NAX_OK;
  nax_i_ft_fit j = {0};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(begin(ctx, __func__, &j, x, control, events, opts));
  NAX_TRY(nax_i_ft_fit_run(ctx, __func__, &j, nax_i_ft_fit_block(&j), out));
done:
  nax_i_ft_fit_free(&j);
  return status;
}

nax_status
nax_freqtag_memory(nax_ctx *ctx, const nax_array *x, const nax_freqtag_opts *opts,
                   size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_i_ft_fit j = {0};
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(begin(ctx, __func__, &j, x, NULL, NULL, opts));
  nax_freqtag_spec spec = j.spec;
  spec.n_units = nax_i_ft_fit_block(&j);
  NAX_TRY(nax_freqtag_acc_memory(ctx, &spec, nax_ctx_threads(ctx), bytes));
  *bytes +=
      (size_t)(j.side[0].axes.n_units * j.n_tags * NAX_FREQTAG_N_FIELDS) * sizeof(double);
  if (j.o.ress) { /* windows twice: as they are, and those that take part */
    *bytes += (size_t)(j.side[0].axes.n_units * j.side[0].n_trials * j.spec.n_samples) *
              2 * sizeof(double);
  }
done:
  nax_i_ft_fit_free(&j);
  return status;
}
