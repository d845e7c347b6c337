/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials: windows around events, and pieces of unequal length. */
#include "signal_i.h"
#include "spikes/spikes_i.h"
#include <math.h>

static nax_status
check_times(nax_ctx *ctx, const char *fn, const char *arg, nax_index n, const double *t)
{
  if (n < 1) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "need at least 1 trial, got %lld",
                      (long long)n);
  }
  for (nax_index i = 0; i < n; i++) {
    if (!isfinite(t[i])) {
      return nax_i_fail(ctx, NAX_EDATA, fn, "`%s` must be finite, entry %lld is %g", arg,
                        (long long)i, t[i]);
    }
  }
  return NAX_OK;
}

/* Array with the axes of `in`, its axis k (time) replaced, and a trial axis at the end.
 */
static nax_status
trials_like(nax_ctx *ctx, const char *fn, const nax_array *in, int32_t k,
            const nax_axis *time, nax_index n_trials, const double *events,
            nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *trial = NULL;
  nax_array *a = NULL;
  const nax_axis *axes[NAX_MAX_NDIM];
  if (nax_array_find_axis(in, "trial") >= 0 || in->ndim >= NAX_MAX_NDIM) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`in` must be continuous, without a trial axis and with fewer than "
                      "%d axes",
                      NAX_MAX_NDIM);
  }
  NAX_TRY(nax_axis_create_coords(ctx, "trial", "s", n_trials, events, &trial));
  for (int32_t i = 0; i < in->ndim; i++) {
    axes[i] = i == k ? time : in->axis[i];
  }
  axes[in->ndim] = trial;
  NAX_TRY(nax_array_create(ctx, in->dtype, in->ndim + 1, axes, in->unit, &a));
  NAX_TRY(nax_array_set_description(ctx, a, in->description));
  *out = a;
  a = NULL;
done:
  nax_axis_free(trial);
  nax_array_free(a);
  return status;
}

static double
value_at(const nax_array *a, nax_index i)
{
  return a->dtype == NAX_F64 ? ((const double *)a->data)[i]
                             : (double)((const float *)a->data)[i];
}

static void
set_value(nax_array *a, nax_index i, double x)
{
  if (a->dtype == NAX_F64) {
    ((double *)a->data)[i] = x;
  } else {
    ((float *)a->data)[i] = (float)x;
  }
}

static void
tell_incomplete(nax_ctx *ctx, const uint8_t *incomplete, nax_index n)
{
  nax_index bad = 0;
  for (nax_index i = 0; i < n; i++) {
    bad += incomplete[i];
  }
  if (bad > 0) {
    nax_i_warn(ctx, NAX_INFO, "signal.trial-incomplete",
               "%lld of %lld trials reach beyond what was recorded and are missing there",
               (long long)bad, (long long)n);
  }
}

/* ------------------------------------------------------------ arrays, events */

typedef struct alignment {
  const nax_array *in;
  nax_array *out;
  const double *t, *events;
  nax_index n, n_out, inner, outer;
  double start, bin, step; /* step of the recording */
  int linear;
  uint8_t *incomplete;
} alignment;

/* Samples around time `at` and the share of the later one; 0 when it was not recorded. */
static int
locate(const alignment *g, double at, nax_index *i, double *part)
{
  double near = 1e-6 * g->step;
  nax_index hi = nax_i_lower_bound(g->t, 0, g->n, at - near);
  *part = 0.0;
  *i = hi;
  if (hi < g->n && fabs(g->t[hi] - at) <= near) {
    return 1;
  }
  int have_low = hi > 0, have_high = hi < g->n;
  double below = have_low ? at - g->t[hi - 1] : (double)INFINITY;
  double above = have_high ? g->t[hi] - at : (double)INFINITY;
  if (g->linear) {
    *i = hi - 1;
    *part = below / (below + above);
    return have_low && have_high && below + above <= 1.5 * g->step;
  }
  *i = above <= below ? hi : hi - 1;
  return fmin(above, below) <= 0.5 * g->step + near;
}

static nax_status
align_trial(int64_t trial, void *arg)
{
  const alignment *g = arg;
  nax_index inner = g->inner, base = trial * inner * g->n_out * g->outer;
  for (nax_index j = 0; j < g->n_out; j++) {
    double at = g->events[trial] + (g->start + (double)j * g->bin), part;
    nax_index s;
    int ok = locate(g, at, &s, &part);
    if (!ok) {
      g->incomplete[trial] = 1;
    }
    for (nax_index o = 0; o < g->outer; o++) {
      nax_index from = inner * (s + g->n * o), to = base + inner * (j + g->n_out * o);
      for (nax_index i = 0; i < inner; i++) {
        double x = ok ? value_at(g->in, from + i) : (double)NAN;
        if (ok && part > 0.0) {
          x += part * (value_at(g->in, from + inner + i) - x);
        }
        set_value(g->out, to + i, x);
      }
    }
  }
  return NAX_OK;
}

nax_status
nax_signal_align(nax_ctx *ctx, const nax_array *in, nax_index n_events,
                 const double *events, const nax_signal_align_opts *opts, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_signal_align_opts o;
  alignment g = {.in = in, .events = events, .inner = 1, .outer = 1};
  nax_array *a = NULL;
  nax_axis *axis = NULL;
  nax_i_stage stage;
  double *t = NULL, scale, rate;
  int32_t k;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_align_table, &o, opts));
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  const nax_axis *time = in->axis[k];
  NAX_TRY(check_times(ctx, __func__, "events", n_events, events));
  NAX_TRY(nax_i_time_scale(ctx, __func__, time, &scale));
  NAX_TRY(nax_i_time_seconds(ctx, __func__, time, &t, &g.step));
  if (isnan(o.bin)) {
    NAX_TRY(nax_i_time_rate(ctx, __func__, time, &rate));
    o.bin = 1.0 / rate;
  }
  double steps = floor((o.stop - o.start) / o.bin + 1e-6);
  NAX_REQUIRE(steps >= 1.0 && steps < 1e15, NAX_EINVAL,
              "the window from %g to %g s must hold at least one sample of %g s", o.start,
              o.stop, o.bin);
  g.t = t;
  g.n = time->length;
  g.n_out = (nax_index)steps;
  g.start = o.start;
  g.bin = o.bin;
  g.linear = o.method == NAX_INTERPOLATE_LINEAR;
  for (int32_t i = 0; i < in->ndim; i++) {
    g.inner *= i < k ? in->axis[i]->length : 1;
    g.outer *= i > k ? in->axis[i]->length : 1;
  }
  NAX_TRY(
      nax_axis_create_regular(ctx, "time", "s", g.n_out, o.start, 1.0 / o.bin, &axis));
  NAX_TRY(trials_like(ctx, __func__, in, k, axis, n_events, events, &a));
  NAX_TRY_ALLOC(g.incomplete, n_events, 1);
  g.out = a;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "signal/align", n_events));
  NAX_TRY(nax_i_parallel(ctx, &stage, n_events, align_trial, &g));
  tell_incomplete(ctx, g.incomplete, n_events);
  *out = a;
  a = NULL;
done:
  nax_i_free(t);
  nax_i_free(g.incomplete);
  nax_axis_free(axis);
  nax_array_free(a);
  return status;
}

/* ------------------------------------------------------------ spikes, events */

typedef struct counting {
  const nax_spikes *s;
  nax_array *out;
  const double *from;      /* start of each trial, seconds */
  const nax_index *length; /* bins of each trial; NULL: all */
  nax_index n_units, n_bins;
  double bin;
  uint8_t *incomplete;
} counting;

/* Sums of decimals are decimals: 1.3 - 0.5 is 0.8 also where the doubles differ in the
 * last place. Keeps spikes on bin edges in the bins that begin there. */
static double
tidy(double sum, double a, double b)
{
  double rounded = nearbyint(sum * 1e9) / 1e9, slack = 4e-16 * (fabs(a) + fabs(b));
  return fabs(rounded - sum) <= slack ? rounded : sum;
}

static int
recorded(const nax_spikes *s, double from, double to)
{
  double slack = 1e-9 * (to - from);
  for (nax_index i = 0; i < s->n_intervals; i++) {
    if (s->intervals[2 * i] <= from + slack && to - slack <= s->intervals[2 * i + 1]) {
      return 1;
    }
  }
  return 0;
}

static nax_status
count_trial(int64_t trial, void *arg)
{
  const counting *c = arg;
  nax_index units = c->n_units;
  nax_index bins = c->length != NULL ? c->length[trial] : c->n_bins;
  double *y = (double *)c->out->data + trial * units * c->n_bins;
  nax_i_grid grid = nax_i_grid_make(c->from[trial], c->bin, (double)(bins + 1));
  double first = nax_i_grid_edge(&grid, 0), last = nax_i_grid_edge(&grid, bins);
  for (nax_index u = 0; u < units; u++) {
    nax_index at =
        nax_i_lower_bound(c->s->times, c->s->offsets[u], c->s->offsets[u + 1], first);
    for (; at < c->s->offsets[u + 1] && c->s->times[at] < last; at++) {
      y[u + units * nax_i_grid_find(&grid, c->s->times[at])] += 1.0;
    }
  }
  for (nax_index j = 0; j < c->n_bins; j++) {
    int inside = j < bins;
    int ok = inside &&
             recorded(c->s, nax_i_grid_edge(&grid, j), nax_i_grid_edge(&grid, j + 1));
    if (inside && !ok) {
      c->incomplete[trial] = 1;
    }
    for (nax_index u = 0; u < units && !ok; u++) {
      y[u + units * j] = NAN;
    }
  }
  return NAX_OK;
}

/* Count into unit x time x trial; `origin` is the time of the first edge on the result's
 * axis. */
static nax_status
count_trials(nax_ctx *ctx, const char *fn, const nax_spikes *s, counting *c,
             nax_index n_trials, const double *events, double origin, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *time = NULL, *trial = NULL;
  nax_array *a = NULL;
  nax_i_stage stage;
  c->s = s;
  c->n_units = s->units->length;
  nax_i_grid grid = nax_i_grid_make(origin, c->bin, (double)c->n_bins);
  NAX_TRY(nax_i_grid_centres(ctx, &grid, c->n_bins, &time));
  NAX_TRY(nax_axis_create_coords(ctx, "trial", "s", n_trials, events, &trial));
  const nax_axis *axes[3] = {s->units, time, trial};
  NAX_TRY(nax_array_create(ctx, NAX_F64, 3, axes, "counts", &a));
  NAX_TRY_ALLOC(c->incomplete, n_trials, 1);
  c->out = a;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "signal/count", n_trials));
  NAX_TRY(nax_i_parallel(ctx, &stage, n_trials, count_trial, c));
  tell_incomplete(ctx, c->incomplete, n_trials);
  *out = a;
  a = NULL;
done:
  nax_i_free(c->incomplete);
  nax_axis_free(time);
  nax_axis_free(trial);
  nax_array_free(a);
  return status;
}

nax_status
nax_signal_align_spikes(nax_ctx *ctx, const nax_spikes *s, nax_index n_events,
                        const double *events, const nax_signal_align_opts *opts,
                        nax_array **out)
{
  nax_status status = NAX_OK;
  nax_signal_align_opts o;
  counting c = {.s = s};
  double *from = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_align_table, &o, opts));
  NAX_TRY(check_times(ctx, __func__, "events", n_events, events));
  c.bin = isnan(o.bin) ? 0.01 : o.bin;
  double steps = floor((o.stop - o.start) / c.bin + 1e-6);
  NAX_REQUIRE(steps >= 1.0 && steps < 1e15, NAX_EINVAL,
              "the window from %g to %g s must hold at least one bin of %g s", o.start,
              o.stop, c.bin);
  c.n_bins = (nax_index)steps;
  NAX_TRY_ALLOC(from, n_events, sizeof *from);
  for (nax_index i = 0; i < n_events; i++) {
    from[i] = tidy(events[i] + o.start, events[i], o.start);
  }
  c.from = from;
  NAX_TRY(count_trials(ctx, __func__, s, &c, n_events, events, o.start, out));
done:
  nax_i_free(from);
  return status;
}

/* ------------------------------------------------------------ unequal trials */

static nax_status
check_bounds(nax_ctx *ctx, const char *fn, nax_index n, const double *start,
             const double *stop)
{
  nax_status status = check_times(ctx, fn, "start", n, start);
  if (status == NAX_OK) {
    status = check_times(ctx, fn, "stop", n, stop);
  }
  for (nax_index i = 0; i < n && status == NAX_OK; i++) {
    if (stop[i] < start[i]) {
      status = nax_i_fail(ctx, NAX_EDATA, fn,
                          "trial %lld must not stop before it starts, got %g to %g s",
                          (long long)i, start[i], stop[i]);
    }
  }
  return status;
}

nax_status
nax_signal_cut(nax_ctx *ctx, const nax_array *in, nax_index n_trials, const double *start,
               const double *stop, nax_index *length, nax_array **out)
{
  enum { LOOK = 1024 };
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_axis *axis = NULL;
  nax_index *first = NULL, *count = NULL, longest = 0;
  double scale, rate;
  int32_t k;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_time_axis(ctx, __func__, in, &k));
  NAX_TRY(check_bounds(ctx, __func__, n_trials, start, stop));
  const nax_axis *time = in->axis[k];
  NAX_TRY(nax_i_time_scale(ctx, __func__, time, &scale));
  NAX_TRY(nax_i_time_rate(ctx, __func__, time, &rate));
  NAX_TRY_ALLOC(first, n_trials, sizeof *first);
  NAX_TRY_ALLOC(count, n_trials, sizeof *count);
  for (nax_index i = 0; i < n_trials; i++) {
    double slack = 1e-6 / rate; /* a start on a sample takes it, whatever its rounding */
    first[i] = nax_axis_lower_bound(time, (start[i] - slack) / scale);
    count[i] = nax_axis_lower_bound(time, (stop[i] - slack) / scale) - first[i];
    longest = count[i] > longest ? count[i] : longest;
  }
  NAX_TRY(nax_axis_create_regular(ctx, "time", "s", longest, 0.0, rate, &axis));
  NAX_TRY(trials_like(ctx, __func__, in, k, axis, n_trials, start, &a));
  nax_i_fold f = nax_i_array_fold(in, k);
  for (nax_index r = 0, to = 0; r < n_trials; r++) {
    for (nax_index o = 0; o < f.outer; o++) {
      for (nax_index j = 0; j < longest; j++) {
        nax_index from = f.inner * (first[r] + j + f.n * o);
        for (nax_index i = 0; i < f.inner; i++, to++) {
          set_value(a, to, j < count[r] ? value_at(in, from + i) : (double)NAN);
        }
        NAX_TRY(nax_i_poll_every(ctx, j, LOOK));
      }
    }
    NAX_TRY(nax_i_poll(ctx));
  }
  if (length != NULL) {
    memcpy(length, count, (size_t)n_trials * sizeof *length);
  }
  *out = a;
  a = NULL;
done:
  nax_i_free(first);
  nax_i_free(count);
  nax_axis_free(axis);
  nax_array_free(a);
  return status;
}

nax_status
nax_signal_cut_spikes(nax_ctx *ctx, const nax_spikes *s, nax_index n_trials,
                      const double *start, const double *stop, double bin,
                      nax_index *length, nax_array **out)
{
  nax_status status = NAX_OK;
  counting c = {.s = s, .from = start, .bin = bin};
  nax_index *count = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check_bounds(ctx, __func__, n_trials, start, stop));
  NAX_REQUIRE(isfinite(bin) && bin > 0.0, NAX_EINVAL,
              "`bin` must be greater than 0, got %g", bin);
  NAX_TRY_ALLOC(count, n_trials, sizeof *count);
  for (nax_index i = 0; i < n_trials; i++) {
    double bins = floor((stop[i] - start[i]) / bin + 1e-6);
    NAX_REQUIRE(bins < 1e15, NAX_EOVERFLOW, "trial %lld has %g bins", (long long)i, bins);
    count[i] = (nax_index)bins;
    c.n_bins = count[i] > c.n_bins ? count[i] : c.n_bins;
  }
  c.length = count;
  NAX_TRY(count_trials(ctx, __func__, s, &c, n_trials, start, 0.0, out));
  if (length != NULL) {
    memcpy(length, count, (size_t)n_trials * sizeof *length);
  }
done:
  nax_i_free(count);
  return status;
}
