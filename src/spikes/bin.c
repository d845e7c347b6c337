/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike counts in bins of time. A spike belongs to the bin between whose edges it lies,
 * by comparison with the edges themselves; see nax_i_grid for why that is exact. */
#include "spikes_i.h"
#include <float.h>
#include <math.h>

enum { UNRECORDED = 0, PARTLY = 1, WHOLE = 2, CLOSED = 4 /* a recording ends with it */ };

typedef struct bin_job {
  const nax_spikes *s;
  const nax_i_grid *grid; /* one of the two */
  const double *edges;
  double per_second;  /* grid: 1 / width */
  nax_index n, grain; /* bins, bins of a block */
  nax_index n_runs;   /* recording intervals, touching ones joined */
  double *runs;
  unsigned char *cover;         /* per bin: what of it was recorded */
  int closed_first;             /* a recording ends on the first edge */
  double *counts;               /* n_units x n */
  nax_index *counted, *in_gaps; /* per block */
} bin_job;

static double
edge(const bin_job *j, nax_index i)
{
  return j->grid ? nax_i_grid_edge(j->grid, i) : j->edges[i];
}

/* The i with edge(i) <= t < edge(i + 1); -1 before the first edge, n from the last on. */
static nax_index
find_bin(const bin_job *j, double t)
{
  if (t < edge(j, 0)) {
    return -1;
  }
  if (t >= edge(j, j->n)) {
    return j->n;
  }
  if (j->grid) {
    return nax_i_grid_find(j->grid, t);
  }
  nax_index i = nax_i_lower_bound(j->edges, 0, j->n, t);
  return i < j->n && !(j->edges[i] > t) ? i : i - 1;
}

/* Recording intervals include their ends, so a spike at the very end of one, where that
 * is edge i, counts in the bin that was recorded, the one before: 1 for such an edge. */
static nax_index
ends_on_edge(const bin_job *j, nax_index i)
{
  return i > 0 ? (j->cover[i - 1] & CLOSED) != 0 : j->closed_first;
}

/* The bin of any spike: -1 before the first bin, n after the last. */
static nax_index
bin_of(const bin_job *j, double t)
{
  nax_index i = find_bin(j, t);
  return i < 0 || edge(j, i) < t ? i : i - ends_on_edge(j, i);
}

/* ------------------------------------------------------------------- recorded time */

static nax_status
join_touching(nax_ctx *ctx, bin_job *j)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(j->runs, j->s->n_intervals, 2 * sizeof(double));
  for (nax_index i = 0; i < j->s->n_intervals; i++) {
    double from = j->s->intervals[2 * i], to = j->s->intervals[2 * i + 1];
    if (j->n_runs > 0 && !(from > j->runs[2 * j->n_runs - 1])) {
      j->runs[2 * j->n_runs - 1] = to;
    } else {
      j->runs[2 * j->n_runs] = from;
      j->runs[2 * j->n_runs + 1] = to;
      j->n_runs++;
    }
  }
done:
  return status;
}

/* Mark what of each bin the recording covers. */
static void
mark_cover(bin_job *j)
{
  for (nax_index r = 0; r < j->n_runs; r++) {
    double from = j->runs[2 * r], to = j->runs[2 * r + 1];
    nax_index first = find_bin(j, from), last = find_bin(j, to);
    /* a run that ends on an edge, or is a moment on the last, ends with the bin before */
    if (last >= 0 && !(edge(j, last) < to) && (to > from || last == j->n)) {
      last--;
      first = first < last ? first : last;
      if (last >= 0) {
        j->cover[last] |= CLOSED;
      } else {
        j->closed_first = 1;
      }
    }
    if (last < 0 || first >= j->n) {
      continue;
    }
    first = first < 0 ? 0 : first;
    last = last < j->n ? last : j->n - 1;
    for (nax_index b = first; b <= last; b++) {
      int whole = from <= edge(j, b) && to >= edge(j, b + 1);
      j->cover[b] |= whole ? WHOLE : PARTLY;
    }
  }
}

static int
recorded(const bin_job *j, double t)
{
  nax_index lo = 0, hi = j->n_runs; /* first run that ends at t or later */
  while (lo < hi) {
    nax_index mid = lo + (hi - lo) / 2;
    if (j->runs[2 * mid + 1] < t) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo < j->n_runs && j->runs[2 * lo] <= t;
}

/* ------------------------------------------------------------------------ counting */

/* Bin of a spike among the m bins with edges e[0..m], e[0] <= t <= e[m]: the k with
 * e[k] <= t < e[k + 1], or m for the last edge. `k` is the bin of the spike before. */
static nax_index
find_near(const bin_job *j, const double *e, nax_index m, double t, nax_index k)
{
  if (j->grid) {
    k = (nax_index)((t - e[0]) * j->per_second);
    k = k < 0 ? 0 : k < m ? k : m - 1;
    while (e[k] > t) {
      k--;
    }
  }
  while (k < m && e[k + 1] <= t) {
    k++;
  }
  return k;
}

/* A block is a range of bins, so that its counts stay in cache while all units pass. */
static nax_status
count_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const bin_job *j = arg;
  const nax_spikes *s = j->s;
  nax_index n_units = s->units->length, counted = 0, in_gaps = 0;
  nax_index b0 = block * j->grain, m = j->n - b0 < j->grain ? j->n - b0 : j->grain;
  double *own = NULL;
  const double *e = j->grid ? NULL : j->edges + b0;
  double *counts = j->counts + b0 * n_units;
  const unsigned char *cover = j->cover + b0;
  if (j->grid) {
    NAX_TRY_ALLOC(own, m + 1, sizeof *own);
    for (nax_index b = 0; b <= m; b++) {
      own[b] = nax_i_grid_edge(j->grid, b0 + b);
    }
    e = own;
  }
  for (nax_index b = 0; b < m; b++) {
    for (nax_index u = 0; u < n_units && (cover[b] & (PARTLY | WHOLE)) == 0; u++) {
      counts[u + b * n_units] = NAN;
    }
  }
  for (nax_index u = 0; u < n_units; u++) {
    nax_index end = s->offsets[u + 1], k = 0;
    nax_index i = nax_i_lower_bound(s->times, s->offsets[u], end, e[0]);
    for (; i < end && s->times[i] <= e[m]; i++) {
      double t = s->times[i];
      k = find_near(j, e, m, t, k);
      nax_index b = e[k] < t ? k : k - ends_on_edge(j, b0 + k);
      if (b < 0 || b >= m) {
        continue; /* on an edge of the block and counted by its neighbour */
      }
      if (!(cover[b] & WHOLE) && !recorded(j, t)) {
        in_gaps++;
        continue;
      }
      counts[u + b * n_units] += 1.0;
      counted++;
    }
  }
  j->counted[block] = counted;
  j->in_gaps[block] = in_gaps;
done:
  nax_i_free(own);
  return status;
}

/* Spikes before the first bin or after the last. */
static nax_index
count_outside(const bin_job *j)
{
  const nax_spikes *s = j->s;
  nax_index outside = 0;
  for (nax_index u = 0; u < s->units->length; u++) {
    nax_index begin = s->offsets[u], end = s->offsets[u + 1];
    nax_index i = nax_i_lower_bound(s->times, begin, end, edge(j, 0));
    while (i < end && bin_of(j, s->times[i]) < 0) {
      i++;
    }
    outside += i - begin;
    i = nax_i_lower_bound(s->times, i, end, edge(j, j->n));
    while (i < end && bin_of(j, s->times[i]) < j->n) {
      i++; /* the end of the recording */
    }
    outside += end - i;
  }
  return outside;
}

static void
report(nax_ctx *ctx, const bin_job *j, const nax_bin_info *info)
{
  if (info->n_outside > 0) {
    nax_i_warn(
        ctx, NAX_INFO, "spikes.outside-bins",
        "%lld of %lld spikes lie outside the bins (%g to %g s) and are not counted",
        (long long)info->n_outside, (long long)nax_spikes_n_spikes(j->s), edge(j, 0),
        edge(j, j->n));
  }
  if (info->n_in_gaps > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "spikes.in-gaps",
               "%lld spikes lie where nothing was recorded and are not counted",
               (long long)info->n_in_gaps);
  }
  if (info->n_unrecorded > 0) {
    nax_i_warn(ctx, NAX_INFO, "spikes.unrecorded-bins",
               "%lld of %lld bins lie where nothing was recorded and are missing (NaN)",
               (long long)info->n_unrecorded, (long long)j->n);
  }
  if (info->n_partly > 0) {
    nax_i_warn(ctx, NAX_INFO, "spikes.partial-bins",
               "%lld of %lld bins were recorded in part: their counts are low",
               (long long)info->n_partly, (long long)j->n);
  }
}

static nax_status
count_all(nax_ctx *ctx, const char *fn, bin_job *j, nax_axis **time,
          nax_bin_info *info_out, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *axes[2] = {NULL};
  nax_array *a = NULL;
  nax_i_stage st;
  nax_bin_info info = {0};
  nax_index n_units = j->s->units->length;
  NAX_TRY(nax_axis_copy(ctx, j->s->units, &axes[0]));
  axes[1] = *time;
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, 2, axes, "counts", &a));
  *time = NULL;
  axes[0] = NULL;
  NAX_TRY(nax_array_set_description(ctx, a, "spike counts"));
  j->counts = a->data;
  NAX_TRY(join_touching(ctx, j));
  NAX_TRY_ALLOC(j->cover, j->n, 1);
  mark_cover(j);
  /* about a megabyte of counts, but not so few bins that finding the first spike of each
   * unit costs more than counting */
  j->grain = n_units > 0 ? 131072 / n_units : 131072;
  j->grain = j->grain < 64 ? 64 : j->grain > 32768 ? 32768 : j->grain;
  j->per_second = j->grid ? 1.0 / j->grid->width : 0.0;
  nax_index blocks = nax_i_n_blocks(j->n, j->grain);
  NAX_TRY_ALLOC(j->counted, blocks, sizeof(nax_index));
  NAX_TRY_ALLOC(j->in_gaps, blocks, sizeof(nax_index));
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "spikes/bin", blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, count_block, j));
  for (nax_index b = 0; b < blocks; b++) {
    info.n_counted += j->counted[b];
    info.n_in_gaps += j->in_gaps[b];
  }
  for (nax_index b = 0; b < j->n; b++) {
    info.n_unrecorded += (j->cover[b] & (PARTLY | WHOLE)) == 0;
    info.n_partly += (j->cover[b] & WHOLE) == 0 && (j->cover[b] & PARTLY) != 0;
  }
  info.n_outside = count_outside(j);
  NAX_REQUIRE(info.n_counted + info.n_in_gaps + info.n_outside ==
                  nax_spikes_n_spikes(j->s),
              NAX_EBUG, "%lld spikes counted, %lld in gaps and %lld outside are not %lld",
              (long long)info.n_counted, (long long)info.n_in_gaps,
              (long long)info.n_outside, (long long)nax_spikes_n_spikes(j->s));
  report(ctx, j, &info);
  if (info_out != NULL) {
    *info_out = info;
  }
  *out = a;
  a = NULL;
done:
  nax_i_free(j->runs);
  nax_i_free(j->cover);
  nax_i_free(j->counted);
  nax_i_free(j->in_gaps);
  nax_axis_free(axes[0]);
  nax_array_free(a);
  return status;
}

/* ----------------------------------------------------------------------- functions */

nax_status
nax_spikes_bin(nax_ctx *ctx, const nax_spikes *s, const nax_bin_opts *opts,
               nax_bin_info *info, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_bin_opts o;
  nax_axis *time = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_bin_table, &o, opts));
  double start = isnan(o.t_start) ? s->intervals[0] : o.t_start;
  double stop = isnan(o.t_stop) ? s->intervals[2 * s->n_intervals - 1] : o.t_stop;
  NAX_REQUIRE(start <= stop, NAX_EINVAL,
              "the bins must begin before they end, got %g to %g s", start, stop);
  double most = (stop - start) / o.width;
  NAX_REQUIRE(o.width > 8.0 * DBL_EPSILON * fmax(fabs(start), fabs(stop)), NAX_EINVAL,
              "bins of %g s are too narrow for times of %g s", o.width,
              fmax(fabs(start), fabs(stop)));
  NAX_REQUIRE(most < 4e15, NAX_EOVERFLOW, "bins of %g s from %g to %g s are too many",
              o.width, start, stop);
  nax_i_grid g = nax_i_grid_make(start, o.width, most + 2.0);
  /* whole bins that end by `stop`, and one more when something is left */
  nax_index n = nax_i_grid_find(&g, stop);
  if (!o.drop_partial && (nax_i_grid_edge(&g, n) < stop || n == 0)) {
    n++;
  }
  NAX_REQUIRE(n >= 1, NAX_EINVAL, "no bin of %g s fits between %g and %g s", o.width,
              start, stop);
  bin_job j = {.s = s, .grid = &g, .n = n};
  NAX_TRY(nax_i_grid_centres(ctx, &g, n, &time));
  NAX_TRY(count_all(ctx, __func__, &j, &time, info, out));
done:
  nax_axis_free(time);
  return status;
}

/* Centres of the bins; regular when they are so to within rounding. */
static nax_status
centres(nax_ctx *ctx, nax_index n, const double *edges, nax_axis **out)
{
  nax_status status = NAX_OK;
  double *x = NULL;
  NAX_TRY_ALLOC(x, n, sizeof *x);
  for (nax_index i = 0; i < n; i++) {
    x[i] = edges[i] + 0.5 * (edges[i + 1] - edges[i]);
  }
  double rate = (double)n / (edges[n] - edges[0]);
  double ulp = 4.0 * DBL_EPSILON * fmax(fabs(edges[0]), fabs(edges[n]));
  int regular = isfinite(rate);
  for (nax_index i = 0; i < n && regular; i++) {
    regular = fabs(x[0] + (double)i / rate - x[i]) <= ulp;
  }
  if (regular) {
    NAX_TRY(nax_axis_create_regular(ctx, "time", "s", n, x[0], rate, out));
  } else {
    NAX_TRY(nax_axis_create_coords(ctx, "time", "s", n, x, out));
  }
done:
  nax_i_free(x);
  return status;
}

nax_status
nax_spikes_bin_edges(nax_ctx *ctx, const nax_spikes *s, nax_index n_edges,
                     const double *edges, nax_bin_info *info, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *time = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_edges >= 2 && edges != NULL, NAX_EINVAL,
              "need at least 2 edges, got %lld", (long long)n_edges);
  for (nax_index i = 0; i < n_edges; i++) {
    NAX_REQUIRE(isfinite(edges[i]) && (i == 0 || edges[i] > edges[i - 1]), NAX_EINVAL,
                "edge %lld is %g, expected finite and ascending edges", (long long)i,
                edges[i]);
  }
  bin_job j = {.s = s, .edges = edges, .n = n_edges - 1};
  NAX_TRY(centres(ctx, j.n, edges, &time));
  NAX_TRY(count_all(ctx, __func__, &j, &time, info, out));
done:
  nax_axis_free(time);
  return status;
}

/* ------------------------------------------------------------------------- options */

static const nax_opt_info bin_options[] = {
    NAX_I_POSITIVE(nax_bin_opts, width, "bin", "s", 0.02, 0, "width of a time bin"),
    {"bin-start", "s", "", "where the first bin begins; not given: with the recording",
     NAX_OPT_REAL, 0, 0, 1, offsetof(nax_bin_opts, t_start), NAX_NOT_GIVEN, -1e12, 1e12},
    {"bin-stop", "s", "", "where the last bin ends; not given: with the recording",
     NAX_OPT_REAL, 0, 0, 1, offsetof(nax_bin_opts, t_stop), NAX_NOT_GIVEN, -1e12, 1e12},
    NAX_I_FLAG(nax_bin_opts, drop_partial, "drop-partial", 0,
               "leave out a last bin that is not full"),
};

const nax_opt_table nax_i_bin_table =
    NAX_I_TABLE("bin", nax_bin_opts, sizeof(nax_bin_opts), bin_options);
