/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spikes_io_i.h"
#include <stdlib.h>

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct disorder {
  nax_index n;     /* spikes before an earlier one of their unit */
  nax_index first; /* the first of them in the file */
  double from, to; /* the time before it, and its own */
  double least, most;
} disorder;

static nax_status
report_disorder(nax_ctx *ctx, nax_source *s, nax_index n, nax_index n_units,
                const disorder *d)
{
  if (d->n == 0) {
    return NAX_OK;
  }
  /* One long way back, once in each unit, is a clock that was reset. */
  if (d->from - d->to > 0.25 * (d->most - d->least) && d->n <= n_units && n >= 20) {
    return nax_i_source_violation(
        ctx, s, "spikes.unsorted",
        "spike times start again at index %lld (from %g s back to %g s): perhaps two "
        "recordings in one file; sorted",
        (long long)d->first, d->from, d->to);
  }
  return nax_i_source_violation(
      ctx, s, "spikes.unsorted",
      "%lld of %lld spike times stand after a later one of their unit (first at index "
      "%lld: %g s after %g s); sorted",
      (long long)d->n, (long long)n, (long long)d->first, d->to, d->from);
}

nax_status
nax_i_spikes_group(nax_ctx *ctx, nax_source *s, const nax_axis *units, nax_index n,
                   const int32_t *unit, const double *times, nax_index n_intervals,
                   const double *intervals, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_index *offsets = NULL, *next = NULL, n_units = nax_axis_length(units);
  double *sorted = NULL;
  disorder d = {0};
  *out = NULL;
  NAX_TRY_ALLOC(offsets, n_units + 1, sizeof *offsets);
  NAX_TRY_ALLOC(next, n_units, sizeof *next);
  for (nax_index i = 0; i < n; i++) {
    if (unit[i] >= 0) {
      offsets[unit[i] + 1]++;
    }
  }
  for (nax_index u = 0; u < n_units; u++) {
    next[u] = offsets[u];
    offsets[u + 1] += offsets[u];
  }
  NAX_TRY_ALLOC(sorted, offsets[n_units], sizeof *sorted);
  for (nax_index i = 0; i < n; i++) {
    int32_t u = unit[i];
    if (u < 0) {
      continue;
    }
    double t = times[i], before = next[u] > offsets[u] ? sorted[next[u] - 1] : t;
    if (t < before) {
      if (d.n == 0) {
        d.first = i;
        d.from = before;
        d.to = t;
      }
      d.n++;
    }
    d.least = i == 0 || t < d.least ? t : d.least;
    d.most = i == 0 || t > d.most ? t : d.most;
    sorted[next[u]++] = t;
  }
  NAX_TRY(report_disorder(ctx, s, n, n_units, &d));
  for (nax_index u = 0; u < n_units && d.n > 0; u++) {
    qsort(sorted + offsets[u], (size_t)(offsets[u + 1] - offsets[u]), sizeof *sorted,
          by_value);
  }
  NAX_TRY(nax_spikes_create(ctx, units, offsets, sorted, n_intervals, intervals, out));
done:
  nax_i_free(offsets);
  nax_i_free(next);
  nax_i_free(sorted);
  return status;
}
