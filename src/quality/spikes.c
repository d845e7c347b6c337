/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality of spike trains. */
#include "quality_i.h"
#include <math.h>
#include <stdio.h>

enum { COLUMNS = 16 };

static const struct {
  const char *name, *unit;
} columns[COLUMNS] = {
    {"spikes", "1"},     {"rate", "Hz"},    {"hill_n", "1"},     {"hill_ratio", "1"},
    {"hill_rate", "Hz"}, {"llobet_n", "1"}, {"llobet", "1"},     {"presence", "1"},
    {"cv", "1"},         {"cv2", "1"},      {"lv", "1"},         {"lvr", "1"},
    {"fano", "1"},       {"burst", "1"},    {"duplicates", "1"}, {"firing_range", "Hz"},
};

enum {
  SPIKES,
  RATE,
  HILL_N,
  HILL_RATIO,
  HILL_RATE,
  LLOBET_N,
  LLOBET,
  PRESENCE,
  CV,
  CV2,
  LV,
  LVR,
  FANO,
  BURST,
  DUPLICATES,
  RANGE
};

typedef struct job {
  const nax_spikes *s;
  const nax_quality_opts *o;
  double total;     /* seconds of recording */
  nax_index n_bins; /* most bins or windows of any kind */
  double *value[COLUMNS];
} job;

/* Interval that holds time t: the last that starts at or before it, -1 before the
 * first. */
static nax_index
interval_of(const nax_spikes *s, double t)
{
  nax_index lo = 0, hi = nax_spikes_n_intervals(s);
  while (lo < hi) {
    nax_index mid = (lo + hi) / 2;
    double start, stop;
    nax_spikes_interval(s, mid, &start, &stop);
    if (start <= t) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo - 1;
}

/* Sums over neighbouring intervals. */
typedef struct sums {
  nax_index n, n_pairs; /* intervals, neighbouring intervals */
  double sum, cv2, lv, lvr;
  nax_index hill, duplicates;
} sums;

static double
interval_spread(const nax_spikes *s, const double *t, nax_index n, double mean)
{
  double sum = 0.0;
  nax_index at = n > 0 ? interval_of(s, t[0]) : 0;
  for (nax_index i = 1; i < n; i++) {
    nax_index now = at;
    double start, stop;
    nax_spikes_interval(s, at, &start, &stop);
    if (t[i] > stop) {
      now = interval_of(s, t[i]);
    }
    if (now == at) {
      double d = t[i] - t[i - 1] - mean;
      sum += d * d;
    }
    at = now;
  }
  return sum;
}

static void
measure_intervals(const job *j, const double *t, nax_index n, double *v[COLUMNS],
                  nax_index u)
{
  sums k = {0};
  double before = -1.0; /* the interval before this one, < 0: none */
  nax_index at = n > 0 ? interval_of(j->s, t[0]) : 0;
  for (nax_index i = 1; i < n; i++) {
    nax_index now = at;
    double start, stop;
    nax_spikes_interval(j->s, at, &start, &stop);
    if (t[i] > stop) {
      now = interval_of(j->s, t[i]);
    }
    if (now != at) { /* across a gap */
      at = now;
      before = -1.0;
      continue;
    }
    double d = t[i] - t[i - 1];
    k.n++;
    k.sum += d;
    k.hill += d < j->o->isi_threshold;
    k.duplicates += d == 0.0;
    double both = d + before;
    if (before >= 0.0 && both > 0.0) {
      double r = (d - before) / both;
      k.cv2 += 2.0 * fabs(r);
      k.lv += r * r;
      k.lvr += (1.0 - 4.0 * d * before / (both * both)) *
               (1.0 + 4.0 * j->o->lvr_refractory / both);
      k.n_pairs++;
    }
    before = d;
  }
  double mean = k.n > 0 ? k.sum / (double)k.n : 0.0, pairs = (double)k.n_pairs;
  v[HILL_N][u] = (double)k.hill;
  v[DUPLICATES][u] = (double)k.duplicates;
  v[CV][u] = k.n > 1 && mean > 0.0
                 ? sqrt(interval_spread(j->s, t, n, mean) / (double)k.n) / mean
                 : (double)NAN;
  v[CV2][u] = k.n_pairs > 0 ? k.cv2 / pairs : (double)NAN;
  v[LV][u] = k.n_pairs > 0 ? 3.0 * k.lv / pairs : (double)NAN;
  v[LVR][u] = k.n_pairs > 0 ? 3.0 * k.lvr / pairs : (double)NAN;
}

static void
measure_contamination(const job *j, const double *t, nax_index n, double *v[COLUMNS],
                      nax_index u)
{
  const nax_quality_opts *o = j->o;
  double count = (double)n, total = j->total;
  nax_index pairs = 0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index m = i + 1; m < n && t[m] - t[i] <= o->refractory; m++) {
      pairs += t[m] - t[i] >= o->censored;
    }
  }
  int known = n > 0 && total > 0.0;
  double window = o->isi_threshold - o->isi_min;
  v[HILL_RATE][u] = total > 0.0 ? v[HILL_N][u] / total : (double)NAN;
  v[HILL_RATIO][u] = known && window > 0.0
                         ? v[HILL_N][u] / (2.0 * count * window) / (count / total)
                         : (double)NAN;
  v[LLOBET_N][u] = (double)pairs;
  double span = o->refractory - o->censored;
  v[LLOBET][u] = (double)NAN;
  if (known && span > 0.0) {
    double d = 1.0 - (double)pairs * (total - 2.0 * count * o->censored) /
                         (count * count * span);
    v[LLOBET][u] = d >= 0.0 ? 1.0 - sqrt(d) : 1.0;
  }
}

/* Counts in whole bins of `width` inside each recording interval; returns how many bins,
 * never more than fit. */
static nax_index
count_bins(const job *j, const double *t, nax_index n, double width, double *count)
{
  nax_index total = 0, i = 0;
  for (nax_index k = 0; k < nax_spikes_n_intervals(j->s); k++) {
    double start, stop;
    nax_spikes_interval(j->s, k, &start, &stop);
    /* A hair more, so that 10 s hold ten bins of 0.1 s x 10. */
    double whole = floor((stop - start) / width * (1.0 + 1e-12) + 1e-9);
    nax_index bins = whole > 0.0 ? (nax_index)whole : 0;
    if (bins > j->n_bins - total) {
      bins = j->n_bins - total;
    }
    for (nax_index b = 0; b < bins; b++) {
      count[total + b] = 0.0;
    }
    while (i < n && t[i] < start) {
      i++;
    }
    for (; i < n && t[i] <= stop; i++) {
      double at = floor((t[i] - start) / width);
      if (at < (double)bins) {
        count[total + (nax_index)at] += 1.0;
      }
    }
    total += bins;
  }
  return total;
}

/* Peak of the autocorrelogram within 10 ms against its level at 40 to 50 ms. */
static double
burst_index(const double *t, nax_index n)
{
  double bin[50] = {0};
  for (nax_index i = 0; i < n; i++) {
    for (nax_index m = i + 1; m < n; m++) {
      double ms = (t[m] - t[i]) * 1000.0;
      if (ms >= 50.0) {
        break;
      }
      bin[(int)ms] += 1.0;
    }
  }
  double peak = 0.0, level = 0.0;
  for (int i = 0; i < 10; i++) {
    peak = bin[i] > peak ? bin[i] : peak;
    level += bin[40 + i] / 10.0;
  }
  double larger = peak > level ? peak : level;
  return larger > 0.0 ? (peak - level) / larger : (double)NAN;
}

static nax_status
measure_unit(int64_t u, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  job *j = arg;
  double **v = j->value, *count = NULL;
  nax_index n;
  const double *t = nax_spikes_times(j->s, u, &n);
  NAX_TRY_ALLOC(count, j->n_bins + 1, sizeof *count);
  v[SPIKES][u] = (double)n;
  v[RATE][u] = j->total > 0.0 ? (double)n / j->total : (double)NAN;
  measure_intervals(j, t, n, v, u);
  measure_contamination(j, t, n, v, u);
  nax_index bins = count_bins(j, t, n, j->o->presence_bin, count), with = 0;
  for (nax_index b = 0; b < bins; b++) {
    with += count[b] > 0.0;
  }
  v[PRESENCE][u] = bins > 0 ? (double)with / (double)bins : (double)NAN;
  bins = count_bins(j, t, n, j->o->fano_window, count);
  double mean = 0.0, spread = 0.0;
  for (nax_index b = 0; b < bins; b++) {
    mean += count[b] / (double)bins;
  }
  for (nax_index b = 0; b < bins; b++) {
    spread += (count[b] - mean) * (count[b] - mean);
  }
  nax_index df = bins - (nax_index)j->o->fano_ddof;
  v[FANO][u] = df > 0 && mean > 0.0 ? spread / (double)df / mean : (double)NAN;
  bins = count_bins(j, t, n, j->o->range_bin, count);
  v[RANGE][u] = (double)NAN;
  if (bins > 0) {
    double high = nax_i_quantile(count, bins, 0.95),
           low = nax_i_quantile(count, bins, 0.05);
    v[RANGE][u] = (high - low) / j->o->range_bin;
  }
  v[BURST][u] = burst_index(t, n);
done:
  nax_i_free(count);
  return status;
}

static void
flag_unit(const job *j, nax_index u, char text[64])
{
  double *const *v = j->value;
  int silent = v[SPIKES][u] == 0.0;
  snprintf(text, 64, "%s%s%s%s", silent ? "silent " : "",
           v[LLOBET][u] > 0.1 ? "contaminated " : "",
           !silent && v[PRESENCE][u] < 0.9 ? "absent " : "",
           v[DUPLICATES][u] > 0.0 ? "duplicates " : "");
  size_t n = strlen(text);
  if (n > 0) {
    text[n - 1] = '\0';
  }
}

/* Columns of text: names and flags. */
static nax_status
add_text(nax_ctx *ctx, const job *j, nax_table *t, int flags)
{
  nax_status status = NAX_OK;
  nax_index n = nax_spikes_n_units(j->s);
  char **text = NULL, buf[256];
  NAX_TRY_ALLOC(text, n, sizeof *text);
  for (nax_index u = 0; u < n; u++) {
    if (flags) {
      flag_unit(j, u, buf);
    } else {
      nax_i_unit_name(nax_spikes_units(j->s), u, buf, sizeof buf);
    }
    NAX_TRY_DUP(text[u], buf);
  }
  NAX_TRY(nax_table_add_text(ctx, t, flags ? "flag" : "unit", (const char *const *)text));
done:
  nax_i_free_strings(text, n);
  return status;
}

nax_status
nax_quality_spikes(nax_ctx *ctx, const nax_spikes *s, const nax_quality_opts *opts,
                   nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_quality_opts o;
  nax_i_stage stage;
  job j = {0};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_quality_table_opts, &o, opts));
  NAX_REQUIRE(s != NULL, NAX_EINVAL, "`s` is NULL");
  nax_index n = nax_spikes_n_units(s);
  j.s = s;
  j.o = &o;
  j.total = nax_spikes_duration(s);
  double least = fmin(o.presence_bin, fmin(o.fano_window, o.range_bin));
  double bins = j.total / least + 2.0;
  NAX_REQUIRE(bins < 1e9, NAX_EINVAL,
              "a window of %g s would cut the recording of %g s into more than 10^9 bins",
              least, j.total);
  j.n_bins = (nax_index)bins;
  for (int c = 0; c < COLUMNS; c++) {
    NAX_TRY_ALLOC(j.value[c], n, sizeof(double));
  }
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "quality/spikes", n));
  NAX_TRY(nax_i_parallel(ctx, &stage, n, measure_unit, &j));
  NAX_TRY(nax_table_create(ctx, "unit", n, &t));
  NAX_TRY(add_text(ctx, &j, t, 0));
  for (int c = 0; c < COLUMNS; c++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, columns[c].name, columns[c].unit, j.value[c]));
  }
  NAX_TRY(add_text(ctx, &j, t, 1));
  *out = t;
  t = NULL;
done:
  for (int c = 0; c < COLUMNS; c++) {
    nax_i_free(j.value[c]);
  }
  nax_table_free(t);
  return status;
}
