/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coefficients that are not transforms of even samples: of spike times, and by least
 * squares of samples at uneven times. */
#include "fit_i.h"
#include <math.h>

typedef struct job {
  nax_i_ft_fit *j;
  int which;
  nax_index from;
  const nax_view *v;
  nax_c64 *z; /* frequency x trial x unit */
} job;

static nax_c64 *
place(const job *w, nax_index trial, nax_index unit)
{
  return w->z + (trial + w->j->side[w->which].n_trials * unit) * w->j->n_freqs;
}

/* ---------------------------------------------------------------- uneven times */

/* Samples of a trial: positions [*first, *last) of the time axis and its begin. */
static double
window_of(const nax_i_ft_fit *j, const nax_i_ft_side *s, nax_index trial,
          nax_index *first, nax_index *last)
{
  const nax_axis *time = s->axis[s->axes.time];
  double begin = s->when[s->axes.trial >= 0 ? 0 : trial];
  double end = begin + (double)j->spec.n_samples / j->rate, step = 0.25 / j->rate;
  nax_index n = nax_axis_length(time), a = 0;
  while (a < n && nax_axis_coord(time, a) < begin - 1e-9 * step) {
    a++;
  }
  *first = a;
  while (a < n && nax_axis_coord(time, a) < end + (s->cut ? 0.0 : step)) {
    a++;
  }
  *last = a;
  return begin;
}

static nax_status
uneven_unit(int64_t unit, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const job *w = arg;
  nax_i_ft_fit *j = w->j;
  const nax_i_ft_side *s = j->side + w->which;
  const nax_axis *time = s->axis[s->axes.time];
  nax_index length = nax_axis_length(time);
  double *t = NULL, *y = NULL, *log_p = NULL;
  nax_freqtag_line *line = NULL;
  NAX_TRY_ALLOC(t, length, sizeof *t);
  NAX_TRY_ALLOC(y, length, sizeof *y);
  NAX_TRY_ALLOC(line, j->n_freqs, sizeof *line);
  NAX_TRY_ALLOC(log_p, s->n_trials * j->o.harmonics * j->n_tags, sizeof *log_p);
  for (nax_index r = 0; r < s->n_trials; r++) {
    nax_index first, last, n = 0;
    double begin = window_of(j, s, r, &first, &last), lo = INFINITY, hi = -INFINITY;
    for (nax_index i = first; i < last; i++) {
      nax_index at[3] = {unit, i, r};
      double value = nax_view_get(w->v, at);
      if (isfinite(value)) {
        t[n] = nax_axis_coord(time, i) - begin;
        y[n++] = value;
        lo = fmin(lo, value);
        hi = fmax(hi, value);
      }
    }
    nax_c64 *z = place(w, r, unit);
    int usable = n >= 4 && hi > lo;
    if (usable) {
      NAX_TRY(nax_freqtag_lomb_scargle(NULL, n, t, y, j->n_freqs, j->freq, 1, line));
    }
    for (nax_index k = 0; k < j->n_freqs; k++) {
      z[k] = usable   ? line[k].coefficient
             : n >= 4 ? (nax_c64){0.0, 0.0}
                      : (nax_c64){(double)NAN, (double)NAN};
    }
    for (nax_index k = 0; k < j->n_tags; k++) {
      for (nax_index h = 0; h < j->n_lines[k]; h++) {
        nax_index at = j->line[k * j->o.harmonics + h];
        log_p[(k * j->o.harmonics + h) * s->n_trials + r] =
            usable ? line[at].test.log_p : (double)NAN;
      }
    }
  }
  if (j->o.test == NAX_FREQTAG_TEST_LINE && w->which == 0) {
    for (nax_index k = 0; k < j->n_tags; k++) {
      nax_index all = j->n_lines[k] * s->n_trials;
      const double *p = log_p + k * j->o.harmonics * s->n_trials;
      j->out->field[NAX_FREQTAG_LOG_P][w->from + unit + k * j->out->n_units] =
          nax_freqtag_fisher(all, p).log_p;
    }
  }
done:
  nax_i_free(t);
  nax_i_free(y);
  nax_i_free(log_p);
  nax_i_free(line);
  return status;
}

/* ----------------------------------------------------------------------- spikes */

/* Spikes of a unit in the windows, as times from the begin of theirs. */
static nax_status
collect(nax_ctx *ctx, const nax_i_ft_side *s, const double *time, nax_index n,
        double length, double **t, nax_index **trial, nax_index *n_out)
{
  nax_status status = NAX_OK;
  nax_index m = 0;
  for (int pass = 0; pass < 2; pass++) {
    m = 0;
    for (nax_index r = 0; r < s->n_trials; r++) {
      nax_index lo = 0, hi = n;
      while (lo < hi) {
        nax_index middle = lo + (hi - lo) / 2;
        if (time[middle] < s->when[r]) {
          lo = middle + 1;
        } else {
          hi = middle;
        }
      }
      for (; lo < n && time[lo] < s->when[r] + length; lo++, m++) {
        if (pass == 1) {
          (*t)[m] = fmin(time[lo] - s->when[r], length);
          (*trial)[m] = r;
        }
      }
    }
    if (pass == 0) {
      NAX_TRY_ALLOC(*t, m, sizeof **t);
      NAX_TRY_ALLOC(*trial, m, sizeof **trial);
    }
  }
  *n_out = m;
done:
  return status;
}

static void
note_spikes(const job *w, nax_index unit, nax_index n, const double *t,
            const nax_freqtag_spike_stats *stats)
{
  const nax_i_ft_fit *j = w->j;
  nax_freqtag *f = j->out;
  for (nax_index k = 0; k < j->n_tags; k++) {
    const nax_freqtag_spike_stats *s = stats + j->line[k * j->o.harmonics];
    nax_index at = w->from + unit + k * f->n_units;
    f->field[NAX_FREQTAG_SPIKES][at] = (double)n;
    f->field[NAX_FREQTAG_VECTOR_STRENGTH][at] = s->vector_strength;
    f->field[NAX_FREQTAG_SPIKE_PHASE][at] = s->phase;
    f->field[NAX_FREQTAG_PPC0][at] = s->ppc0;
    f->field[NAX_FREQTAG_PPC1][at] = s->ppc1;
    f->field[NAX_FREQTAG_PPC2][at] = s->ppc2;
    f->field[NAX_FREQTAG_SPIKE_POWER][at] = s->power;
    f->field[NAX_FREQTAG_LOG_P_SPIKES][at] = s->rayleigh.log_p;
    f->field[NAX_FREQTAG_LOG_P_Z2][at] =
        nax_freqtag_z2(n, t, j->tag[k], (int32_t)j->n_lines[k]).log_p;
  }
}

static nax_status
spike_unit(int64_t unit, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const job *w = arg;
  nax_i_ft_fit *j = w->j;
  const nax_i_ft_side *s = j->side + w->which;
  double length = (double)j->spec.n_samples / j->rate, *t = NULL;
  nax_index n = 0, all, *trial = NULL;
  nax_freqtag_spike_stats *stats = NULL;
  nax_c64 *z = NULL;
  const nax_spikes *from = j->spikes[j->same_recording ? 0 : w->which];
  const double *time = nax_spikes_times(from, w->from + unit, &all);
  NAX_TRY(collect(ctx, s, time, all, length, &t, &trial, &n));
  NAX_TRY_ALLOC(stats, j->n_freqs, sizeof *stats);
  NAX_TRY_ALLOC(z, s->n_trials * j->n_freqs, sizeof *z);
  NAX_TRY(nax_freqtag_spikes(NULL, n, t, trial, s->n_trials, length, j->n_freqs, j->freq,
                             NULL, z, stats));
  for (nax_index r = 0; r < s->n_trials; r++) {
    for (nax_index k = 0; k < j->n_freqs; k++) {
      place(w, r, unit)[k] = z[r + k * s->n_trials];
    }
  }
  if (w->which == 0) {
    note_spikes(w, unit, n, t, stats);
  }
done:
  nax_i_free(t);
  nax_i_free(trial);
  nax_i_free(stats);
  nax_i_free(z);
  return status;
}

/* -------------------------------------------------------------------------- all */

nax_status
nax_i_ft_series_block(nax_ctx *ctx, nax_i_ft_fit *j, int which, nax_index from,
                      nax_index n, const nax_view *v, nax_c64 *z)
{
  job w = {j, which, from, v, z};
  return nax_i_parallel(ctx, NULL, n, j->spikes[0] != NULL ? spike_unit : uneven_unit,
                        &w);
}

/* A window must lie in one interval of the recording. */
static nax_index
keep_recorded(const nax_spikes *s, double length, nax_i_ft_side *side)
{
  nax_index kept = 0, all = side->n_trials;
  for (nax_index r = 0; r < all; r++) {
    int inside = 0;
    for (nax_index i = 0; i < nax_spikes_n_intervals(s) && !inside; i++) {
      double start, stop;
      nax_spikes_interval(s, i, &start, &stop);
      inside = side->when[r] >= start - 1e-9 && side->when[r] + length <= stop + 1e-9;
    }
    if (inside) {
      side->when[kept] = side->when[r];
      side->start[kept] = side->start[r];
      side->event[kept++] = side->event[r];
    }
  }
  side->n_trials = kept;
  return all - kept;
}

nax_index
nax_i_ft_series_recorded(nax_i_ft_fit *j)
{
  nax_index lost = 0;
  double length = (double)j->spec.n_samples / j->rate;
  for (int k = 0; k < 1 + j->side[1].used; k++) {
    lost += keep_recorded(j->spikes[j->same_recording ? 0 : k], length, j->side + k);
  }
  return lost;
}

nax_status
nax_freqtag_fit_spikes(nax_ctx *ctx, const nax_spikes *s, const nax_spikes *control,
                       const nax_freqtag_events *events, const nax_freqtag_opts *opts,
                       nax_freqtag **out)
{
  nax_status status = NAX_OK;
  nax_i_ft_fit j = {.spikes = {s, control}};
  nax_axis *time[2] = {NULL, NULL};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_freqtag_table, &j.o, opts));
  double rate = isnan(j.o.rate) ? 1000.0 : j.o.rate, begin, end, unused;
  j.o.rate = rate;
  for (int k = 0; k < 2 && j.spikes[k] != NULL; k++) {
    nax_i_ft_side *side = j.side + k;
    nax_spikes_interval(j.spikes[k], 0, &begin, &unused);
    nax_spikes_interval(j.spikes[k], nax_spikes_n_intervals(j.spikes[k]) - 1, &unused,
                        &end);
    nax_index n = (nax_index)floor((end - begin) * rate + 1e-6);
    NAX_TRY(nax_axis_create_regular(ctx, "time", "s", n, begin, rate, time + k));
    side->used = 1;
    side->ndim = 2;
    side->axis[0] = nax_spikes_units(j.spikes[k]);
    side->axis[1] = time[k];
  }
  NAX_TRY(nax_i_ft_fit_prepare(ctx, __func__, &j, events));
  NAX_TRY(nax_i_ft_fit_run(ctx, __func__, &j, nax_i_ft_fit_block(&j), out));
done:
  nax_axis_free(time[0]);
  nax_axis_free(time[1]);
  nax_i_ft_fit_free(&j);
  return status;
}
