/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spikes_i.h"
#include <math.h>
#include <stdlib.h>

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sort each unit; returns how many times stood before a larger one, and the first such
 * unit in *where. */
static nax_status
sort_units(nax_ctx *ctx, nax_spikes *s, nax_index n_units, nax_index *unsorted,
           nax_index *where)
{
  nax_status status = NAX_OK;
  nax_index total = 0;
  for (nax_index u = 0; u < n_units; u++) {
    NAX_TRY(nax_i_poll_every(ctx, u, 16));
    double *t = s->times + s->offsets[u];
    nax_index n = s->offsets[u + 1] - s->offsets[u], bad = 0;
    for (nax_index i = 1; i < n; i++) {
      bad += t[i] < t[i - 1];
    }
    if (bad > 0) {
      qsort(t, (size_t)n, sizeof *t, by_value);
      *where = total == 0 ? u : *where;
      total += bad;
    }
  }
  *unsorted = total;
done:
  return status;
}

static nax_status
check_ragged(nax_ctx *ctx, const char *fn, nax_index n_units, const nax_index *offsets,
             const double *times)
{
  if (offsets[0] != 0) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "offset 0 is %lld, expected 0",
                      (long long)offsets[0]);
  }
  for (nax_index u = 0; u < n_units; u++) {
    if (offsets[u + 1] < offsets[u]) {
      return nax_i_fail(
          ctx, NAX_EDIM, fn, "offset %lld is %lld, less than the one before (%lld)",
          (long long)u + 1, (long long)offsets[u + 1], (long long)offsets[u]);
    }
  }
  /* Only now is the last offset, which says how many times there are, the largest. */
  for (nax_index u = 0; u < n_units; u++) {
    nax_status stop = nax_i_poll_every(ctx, u, 16);
    if (stop != NAX_OK) {
      return stop;
    }
    for (nax_index i = offsets[u]; i < offsets[u + 1]; i++) {
      if (!isfinite(times[i])) {
        return nax_i_fail(ctx, NAX_EDATA, fn,
                          "spike %lld of unit %lld is %g, expected a finite time",
                          (long long)(i - offsets[u]), (long long)u, times[i]);
      }
    }
  }
  return NAX_OK;
}

static nax_status
check_intervals(nax_ctx *ctx, const char *fn, nax_index n, const double *intervals)
{
  if (n < 0) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "n_intervals must be at least 0, got %lld",
                      (long long)n);
  }
  for (nax_index i = 0; i < n; i++) {
    double start = intervals[2 * i], stop = intervals[2 * i + 1];
    if (!isfinite(start) || !isfinite(stop) || stop < start ||
        (i > 0 && start < intervals[2 * i - 1])) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "recording interval %lld is %g to %g s, expected ascending and "
                        "not overlapping",
                        (long long)i, start, stop);
    }
  }
  return NAX_OK;
}

/* One interval around all spikes; the times are sorted within each unit already. */
static void
guess_interval(nax_ctx *ctx, nax_spikes *s)
{
  int any = 0;
  for (nax_index u = 0; u < s->units->length; u++) {
    if (s->offsets[u + 1] > s->offsets[u]) {
      double first = s->times[s->offsets[u]], last = s->times[s->offsets[u + 1] - 1];
      s->intervals[0] = !any || first < s->intervals[0] ? first : s->intervals[0];
      s->intervals[1] = !any || last > s->intervals[1] ? last : s->intervals[1];
      any = 1;
    }
  }
  nax_i_warn(ctx, NAX_INFO, "spikes.interval-guessed",
             "recording interval is not stated: taken as first to last spike, %g to %g s",
             s->intervals[0], s->intervals[1]);
}

static void
warn_outside(nax_ctx *ctx, const nax_spikes *s)
{
  nax_index outside = 0;
  for (nax_index u = 0; u < s->units->length; u++) {
    nax_index k = 0;
    for (nax_index i = s->offsets[u]; i < s->offsets[u + 1]; i++) {
      while (k < s->n_intervals && s->times[i] > s->intervals[2 * k + 1]) {
        k++;
      }
      outside += k == s->n_intervals || s->times[i] < s->intervals[2 * k];
    }
  }
  if (outside > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "spikes.outside-intervals",
               "%lld of %lld spikes lie outside the recording intervals",
               (long long)outside, (long long)nax_spikes_n_spikes(s));
  }
}

nax_status
nax_i_spikes_adopt(nax_ctx *ctx, const char *fn, nax_axis *units, nax_index *offsets,
                   double *times, nax_index n_intervals, const double *intervals,
                   nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_spikes *s = NULL;
  nax_index unsorted = 0, where = 0;
  *out = NULL;
  NAX_TRY(check_ragged(ctx, fn, units->length, offsets, times));
  NAX_TRY(check_intervals(ctx, fn, n_intervals, intervals));
  NAX_TRY_ALLOC(s, 1, sizeof *s);
  s->n_intervals = n_intervals > 0 ? n_intervals : 1;
  NAX_TRY_ALLOC(s->intervals, s->n_intervals, 2 * sizeof(double));
  s->units = units;
  s->offsets = offsets;
  s->times = times;
  NAX_TRY(sort_units(ctx, s, units->length, &unsorted, &where));
  if (unsorted > 0) {
    nax_i_warn(
        ctx, NAX_VIOLATION, "spikes.unsorted",
        "%lld spike times stood before an earlier one (first in unit %lld); sorted",
        (long long)unsorted, (long long)where);
  }
  if (n_intervals > 0) {
    memcpy(s->intervals, intervals, (size_t)n_intervals * 2 * sizeof(double));
    warn_outside(ctx, s);
  } else {
    guess_interval(ctx, s);
  }
  *out = s;
  s = NULL;
done:
  if (s != NULL) {
    nax_i_free(s->intervals);
    nax_i_free(s);
  }
  return status;
}

nax_status
nax_spikes_create(nax_ctx *ctx, const nax_axis *units, const nax_index *offsets,
                  const double *times, nax_index n_intervals, const double *intervals,
                  nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_axis *own_units = NULL;
  nax_index *own_offsets = NULL;
  double *own_times = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(units != NULL && offsets != NULL, NAX_EINVAL, "`%s` is NULL",
              units == NULL ? "units" : "offsets");
  nax_index n_units = units->length, n = offsets[n_units];
  NAX_REQUIRE(n >= 0, NAX_EDIM, "offset %lld is %lld, expected at least 0",
              (long long)n_units, (long long)n);
  NAX_REQUIRE(n == 0 || times != NULL, NAX_EINVAL, "`times` is NULL");
  NAX_REQUIRE(n_intervals <= 0 || intervals != NULL, NAX_EINVAL, "`intervals` is NULL");
  NAX_TRY(nax_axis_copy(ctx, units, &own_units));
  NAX_TRY_ALLOC(own_offsets, n_units + 1, sizeof *offsets);
  memcpy(own_offsets, offsets, (size_t)(n_units + 1) * sizeof *offsets);
  NAX_TRY_ALLOC(own_times, n, sizeof *times);
  NAX_TRY(nax_i_copy(ctx, own_times, times, (size_t)n * sizeof *times));
  NAX_TRY(nax_i_spikes_adopt(ctx, __func__, own_units, own_offsets, own_times,
                             n_intervals, intervals, out));
  own_units = NULL;
  own_offsets = NULL;
  own_times = NULL;
done:
  nax_axis_free(own_units);
  nax_i_free(own_offsets);
  nax_i_free(own_times);
  return status;
}

nax_status
nax_spikes_copy(nax_ctx *ctx, const nax_spikes *s, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_spikes *c = NULL;
  nax_index n = nax_spikes_n_spikes(s), n_units = s->units->length;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(c, 1, sizeof *c);
  NAX_TRY(nax_axis_copy(ctx, s->units, &c->units));
  NAX_TRY_ALLOC(c->offsets, n_units + 1, sizeof *c->offsets);
  NAX_TRY_ALLOC(c->times, n, sizeof *c->times);
  NAX_TRY_ALLOC(c->intervals, s->n_intervals, 2 * sizeof(double));
  memcpy(c->offsets, s->offsets, (size_t)(n_units + 1) * sizeof *c->offsets);
  NAX_TRY(nax_i_copy(ctx, c->times, s->times, (size_t)n * sizeof *c->times));
  memcpy(c->intervals, s->intervals, (size_t)s->n_intervals * 2 * sizeof(double));
  c->n_intervals = s->n_intervals;
  *out = c;
  c = NULL;
done:
  nax_spikes_free(c);
  return status;
}

void
nax_spikes_free(nax_spikes *s)
{
  if (s == NULL) {
    return;
  }
  nax_axis_free(s->units);
  nax_i_free(s->offsets);
  nax_i_free(s->times);
  nax_i_free(s->intervals);
  nax_i_free(s);
}

nax_index
nax_spikes_n_units(const nax_spikes *s)
{
  return s->units->length;
}

nax_index
nax_spikes_n_spikes(const nax_spikes *s)
{
  return s->offsets[s->units->length];
}

const double *
nax_spikes_times(const nax_spikes *s, nax_index unit, nax_index *n)
{
  if (unit < 0 || unit >= s->units->length) {
    *n = 0;
    return NULL;
  }
  *n = s->offsets[unit + 1] - s->offsets[unit];
  return s->times + s->offsets[unit];
}

const nax_index *
nax_spikes_offsets(const nax_spikes *s)
{
  return s->offsets;
}

const double *
nax_spikes_all_times(const nax_spikes *s)
{
  return s->times;
}

const nax_axis *
nax_spikes_units(const nax_spikes *s)
{
  return s->units;
}

nax_index
nax_spikes_n_intervals(const nax_spikes *s)
{
  return s->n_intervals;
}

void
nax_spikes_interval(const nax_spikes *s, nax_index i, double *start, double *stop)
{
  int exists = i >= 0 && i < s->n_intervals;
  *start = exists ? s->intervals[2 * i] : (double)NAN;
  *stop = exists ? s->intervals[2 * i + 1] : (double)NAN;
}

double
nax_spikes_duration(const nax_spikes *s)
{
  double sum = 0.0;
  for (nax_index i = 0; i < s->n_intervals; i++) {
    sum += s->intervals[2 * i + 1] - s->intervals[2 * i];
  }
  return sum;
}
