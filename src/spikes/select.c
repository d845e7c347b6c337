/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a recording: a range of time, some of the units; and putting parts together.
 */
#include "spikes_i.h"
#include <math.h>

nax_index
nax_i_lower_bound(const double *t, nax_index from, nax_index to, double x)
{
  while (from < to) {
    nax_index mid = from + (to - from) / 2;
    if (t[mid] < x) {
      from = mid + 1;
    } else {
      to = mid;
    }
  }
  return from;
}

/* What is being put together; all of it is the builder's until `finish`. */
typedef struct builder {
  nax_axis *units;
  nax_index *offsets;
  double *times, *intervals;
  nax_index n_intervals;
} builder;

static nax_status
finish(nax_ctx *ctx, const char *fn, builder *b, nax_spikes **out)
{
  nax_status s = nax_i_spikes_adopt(ctx, fn, b->units, b->offsets, b->times,
                                    b->n_intervals, b->intervals, out);
  if (s == NAX_OK) {
    b->units = NULL;
    b->offsets = NULL;
    b->times = NULL;
  }
  return s;
}

static void
discard(builder *b)
{
  nax_axis_free(b->units);
  nax_i_free(b->offsets);
  nax_i_free(b->times);
  nax_i_free(b->intervals);
}

/* -------------------------------------------------------------------- a range */

/* Does any unit have a spike exactly at t? */
static int
spike_at(const nax_spikes *s, double t)
{
  for (nax_index u = 0; u < s->units->length; u++) {
    nax_index end = s->offsets[u + 1];
    nax_index i = nax_i_lower_bound(s->times, s->offsets[u], end, t);
    if (i < end && !(s->times[i] > t)) {
      return 1;
    }
  }
  return 0;
}

nax_status
nax_spikes_slice(nax_ctx *ctx, const nax_spikes *s, double start, double stop,
                 nax_spikes **out)
{
  nax_status status = NAX_OK;
  builder b = {0};
  nax_index n_units = s->units->length, n = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(start < stop, NAX_EINVAL,
              "the range must begin before it ends, got %g to %g s", start, stop);
  NAX_TRY_ALLOC(b.intervals, s->n_intervals, 2 * sizeof(double));
  for (nax_index i = 0; i < s->n_intervals; i++) {
    double from = fmax(start, s->intervals[2 * i]);
    double to = fmin(stop, s->intervals[2 * i + 1]);
    int moment = !(s->intervals[2 * i + 1] > s->intervals[2 * i]);
    /* an interval that only touches the range counts when a spike stands there */
    if (from < to || (!(from > to) && from < stop && (moment || spike_at(s, from)))) {
      b.intervals[2 * b.n_intervals] = from;
      b.intervals[2 * b.n_intervals + 1] = to;
      b.n_intervals++;
    }
  }
  NAX_REQUIRE(
      b.n_intervals > 0, NAX_EINVAL,
      "nothing was recorded from %g to %g s: the recording runs from %g to %g s%s", start,
      stop, s->intervals[0], s->intervals[2 * s->n_intervals - 1],
      s->n_intervals > 1 ? ", with gaps" : "");
  NAX_TRY_ALLOC(b.offsets, n_units + 1, sizeof *b.offsets);
  for (nax_index u = 0; u < n_units; u++) {
    nax_index end = s->offsets[u + 1];
    nax_index from = nax_i_lower_bound(s->times, s->offsets[u], end, start);
    n += nax_i_lower_bound(s->times, from, end, stop) - from;
    b.offsets[u + 1] = n;
  }
  NAX_TRY_ALLOC(b.times, n, sizeof *b.times);
  for (nax_index u = 0; u < n_units; u++) {
    nax_index m = b.offsets[u + 1] - b.offsets[u];
    nax_index from = nax_i_lower_bound(s->times, s->offsets[u], s->offsets[u + 1], start);
    memcpy(b.times + b.offsets[u], s->times + from, (size_t)m * sizeof *b.times);
  }
  NAX_TRY(nax_axis_copy(ctx, s->units, &b.units));
  NAX_TRY(finish(ctx, __func__, &b, out));
done:
  discard(&b);
  return status;
}

/* --------------------------------------------------------------- some of the units */

nax_status
nax_spikes_take(nax_ctx *ctx, const nax_spikes *s, nax_index n, const nax_index *index,
                nax_spikes **out)
{
  nax_status status = NAX_OK;
  builder b = {0};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 0 && (n == 0 || index != NULL), NAX_EINVAL,
              "need a list of at least 0 indices, got %lld%s", (long long)n,
              n > 0 ? " and NULL" : "");
  NAX_TRY(nax_axis_take(ctx, s->units, n, index, &b.units));
  NAX_TRY_ALLOC(b.offsets, n + 1, sizeof *b.offsets);
  for (nax_index i = 0; i < n; i++) {
    nax_index m = s->offsets[index[i] + 1] - s->offsets[index[i]];
    NAX_REQUIRE(!__builtin_add_overflow(b.offsets[i], m, &b.offsets[i + 1]),
                NAX_EOVERFLOW, "the taken units have too many spikes");
  }
  NAX_TRY_ALLOC(b.times, b.offsets[n], sizeof *b.times);
  for (nax_index i = 0; i < n; i++) {
    memcpy(b.times + b.offsets[i], s->times + s->offsets[index[i]],
           (size_t)(b.offsets[i + 1] - b.offsets[i]) * sizeof *b.times);
  }
  NAX_TRY_ALLOC(b.intervals, s->n_intervals, 2 * sizeof(double));
  memcpy(b.intervals, s->intervals, (size_t)s->n_intervals * 2 * sizeof(double));
  b.n_intervals = s->n_intervals;
  NAX_TRY(finish(ctx, __func__, &b, out));
done:
  discard(&b);
  return status;
}

nax_status
nax_spikes_take_labels(nax_ctx *ctx, const nax_spikes *s, nax_index n,
                       const char *const *labels, nax_spikes **out)
{
  nax_status status = NAX_OK;
  nax_index *index = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 0 && (n == 0 || labels != NULL), NAX_EINVAL,
              "need a list of at least 0 labels, got %lld%s", (long long)n,
              n > 0 ? " and NULL" : "");
  NAX_TRY_ALLOC(index, n, sizeof *index);
  NAX_TRY(nax_i_axis_find_labels(ctx, __func__, s->units, n, labels, index));
  NAX_TRY(nax_spikes_take(ctx, s, n, index, out));
done:
  nax_i_free(index);
  return status;
}

/* ---------------------------------------------------------------- parts together */

static nax_status
check_parts(nax_ctx *ctx, const char *fn, nax_index n, const nax_spikes *const *parts)
{
  if (n < 1 || parts == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "need at least one part, got %lld",
                      (long long)n);
  }
  for (nax_index p = 0; p < n; p++) {
    if (parts[p] == NULL) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "part %lld is NULL", (long long)p);
    }
  }
  return NAX_OK;
}

nax_status
nax_spikes_concat(nax_ctx *ctx, nax_index n, const nax_spikes *const *parts,
                  const double *shift, nax_spikes **out)
{
  nax_status status = NAX_OK;
  builder b = {0};
  nax_index n_intervals = 0, at = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check_parts(ctx, __func__, n, parts));
  const nax_axis *units = parts[0]->units;
  for (nax_index p = 0; p < n; p++) {
    NAX_REQUIRE(nax_axis_equal(units, parts[p]->units), NAX_EDIM,
                "part %lld has other units than part 0", (long long)p);
    NAX_REQUIRE(shift == NULL || isfinite(shift[p]), NAX_EINVAL,
                "shift %lld is %g, expected a finite number of seconds", (long long)p,
                shift[p]);
    n_intervals += parts[p]->n_intervals;
    at += nax_spikes_n_spikes(parts[p]);
  }
  NAX_TRY(nax_axis_copy(ctx, units, &b.units));
  NAX_TRY_ALLOC(b.intervals, n_intervals, 2 * sizeof(double));
  NAX_TRY_ALLOC(b.offsets, units->length + 1, sizeof *b.offsets);
  NAX_TRY_ALLOC(b.times, at, sizeof *b.times);
  for (nax_index p = 0; p < n; p++) {
    double by = shift ? shift[p] : 0.0;
    for (nax_index i = 0; i < parts[p]->n_intervals; i++) {
      double from = parts[p]->intervals[2 * i] + by;
      double to = parts[p]->intervals[2 * i + 1] + by;
      double before = b.n_intervals > 0 ? b.intervals[2 * b.n_intervals - 1] : from;
      NAX_REQUIRE(i > 0 || from >= before, NAX_EINVAL,
                  "part %lld begins at %g s, before part %lld ends (%g s)", (long long)p,
                  from, (long long)p - 1, before);
      if (i == 0 && p > 0 && !(from > before)) {
        b.intervals[2 * b.n_intervals - 1] = to; /* recorded on without a gap */
        continue;
      }
      b.intervals[2 * b.n_intervals] = from;
      b.intervals[2 * b.n_intervals + 1] = to;
      b.n_intervals++;
    }
  }
  at = 0;
  for (nax_index u = 0; u < units->length; u++) {
    for (nax_index p = 0; p < n; p++) {
      const nax_spikes *s = parts[p];
      double by = shift ? shift[p] : 0.0;
      for (nax_index i = s->offsets[u]; i < s->offsets[u + 1]; i++) {
        b.times[at++] = s->times[i] + by;
      }
    }
    b.offsets[u + 1] = at;
  }
  NAX_TRY(finish(ctx, __func__, &b, out));
done:
  discard(&b);
  return status;
}

nax_status
nax_spikes_stack(nax_ctx *ctx, nax_index n, const nax_spikes *const *parts,
                 nax_spikes **out)
{
  nax_status status = NAX_OK;
  builder b = {0};
  const nax_axis **units = NULL;
  nax_index total = 0, unit = 0, at = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check_parts(ctx, __func__, n, parts));
  NAX_TRY_ALLOC(units, n, sizeof *units);
  for (nax_index p = 0; p < n; p++) {
    const nax_spikes *s = parts[p], *first = parts[0];
    int same = s->n_intervals == first->n_intervals;
    for (nax_index i = 0; same && i < 2 * s->n_intervals; i++) {
      same = !(s->intervals[i] < first->intervals[i] ||
               s->intervals[i] > first->intervals[i]);
    }
    NAX_REQUIRE(
        same, NAX_EDIM,
        "part %lld was recorded from %g to %g s in %lld intervals, part 0 from %g to %g "
        "s in %lld; cut both to the time they share",
        (long long)p, s->intervals[0], s->intervals[2 * s->n_intervals - 1],
        (long long)s->n_intervals, first->intervals[0],
        first->intervals[2 * first->n_intervals - 1], (long long)first->n_intervals);
    units[p] = s->units;
    total += nax_spikes_n_spikes(s);
  }
  NAX_TRY(nax_i_axis_concat(ctx, __func__, n, units, &b.units));
  NAX_TRY_ALLOC(b.offsets, b.units->length + 1, sizeof *b.offsets);
  NAX_TRY_ALLOC(b.times, total, sizeof *b.times);
  for (nax_index p = 0; p < n; p++) {
    const nax_spikes *s = parts[p];
    nax_index m = nax_spikes_n_spikes(s);
    memcpy(b.times + at, s->times, (size_t)m * sizeof *b.times);
    for (nax_index u = 0; u < s->units->length; u++) {
      b.offsets[++unit] = at + s->offsets[u + 1];
    }
    at += m;
  }
  NAX_TRY_ALLOC(b.intervals, parts[0]->n_intervals, 2 * sizeof(double));
  b.n_intervals = parts[0]->n_intervals;
  memcpy(b.intervals, parts[0]->intervals, (size_t)b.n_intervals * 2 * sizeof(double));
  NAX_TRY(finish(ctx, __func__, &b, out));
done:
  nax_i_free(units);
  discard(&b);
  return status;
}
