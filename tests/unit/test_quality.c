/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality measures against plain restatements of their definitions, and against the
 * numbers known of the shared recordings. */
#include "nax_test.h"
#include "quality/quality_i.h"

static double
cell(const nax_table *t, const char *column, nax_index row)
{
  int32_t j = nax_table_find(t, column);
  if (j < 0 || nax_table_numbers(t, j) == NULL) {
    fail_msg("there is no column of numbers called %s", column);
    return 0.0;
  }
  return nax_table_numbers(t, j)[row];
}

static const char *
text(const nax_table *t, const char *column, nax_index row)
{
  int32_t j = nax_table_find(t, column);
  assert_true(j >= 0 && nax_table_text(t, j) != NULL);
  return nax_table_text(t, j)[row];
}

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Linear between order statistics; sorts x. */
static double
quantile(double *x, int n, double q)
{
  if (n == 0) {
    return NAN;
  }
  qsort(x, (size_t)n, sizeof *x, ascending);
  double at = q * (n - 1);
  int k = (int)at;
  return k + 1 < n ? x[k] + (at - k) * (x[k + 1] - x[k]) : x[k];
}

static double
normal(uint64_t *seed)
{
  double s = 0.0;
  for (int k = 0; k < 12; k++) {
    s += nax_t_uniform(seed);
  }
  return s - 6.0;
}

/* ---- spikes ------------------------------------------------------------------------ */

static nax_spikes *
make_spikes(int units, const int *n, double *const *t, int intervals, const double *span)
{
  nax_index offsets[65] = {0};
  double *all = calloc(200000, sizeof *all);
  for (int u = 0; u < units; u++) {
    memcpy(all + offsets[u], t[u], (size_t)n[u] * sizeof *all);
    offsets[u + 1] = offsets[u] + n[u];
  }
  nax_axis *axis;
  nax_spikes *s;
  assert_ok(nax_axis_create_index(NULL, "unit", units, &axis));
  assert_ok(nax_spikes_create(NULL, axis, offsets, all, intervals, span, &s));
  nax_axis_free(axis);
  free(all);
  return s;
}

/* Which of two recording intervals holds t. */
static int
part(double t)
{
  return t >= 120.0;
}

static void
spike_measures_follow_their_definitions(void **state)
{
  (void)state;
  enum { U = 5, MOST = 6000 };
  const double span[] = {0.0, 100.0, 120.0, 320.0}; /* a gap of 20 s */
  const double total = 300.0;
  uint64_t seed = 77;
  double *t[U];
  int n[U] = {0};
  for (int u = 0; u < U; u++) {
    t[u] = calloc(MOST, sizeof(double));
    double rate = u == 3 ? 0.0 : 0.5 * pow(4.0, u), at = 0.0;
    while (rate > 0.0 && n[u] < MOST - 2) {
      at += -log(1.0 - nax_t_uniform(&seed)) / rate;
      if (at >= 320.0) {
        break;
      }
      if (at >= 100.0 && at < 120.0) {
        continue;
      }
      t[u][n[u]++] = at;
      if (u == 2 && nax_t_uniform(&seed) < 0.02) { /* bursts and copies */
        t[u][n[u]++] = at;
        at += 0.0008;
      }
    }
  }
  nax_spikes *s = make_spikes(U, n, t, 2, span);
  nax_quality_opts o = NAX_QUALITY_OPTS_INIT;
  o.censored = 0.0002;
  o.isi_min = 0.0001;
  o.fano_window = 0.7;
  o.presence_bin = 30.0;
  nax_table *q;
  assert_ok(nax_quality_spikes(NULL, s, &o, &q));
  assert_int_equal(nax_table_n_rows(q), U);
  for (int u = 0; u < U; u++) {
    const double *x = t[u];
    int m = n[u], hill = 0, same = 0, pairs = 0, n_isi = 0, n_two = 0;
    double sum = 0, sum2 = 0, cv2 = 0, lv = 0, lvr = 0;
    double *isi = calloc(MOST, sizeof *isi);
    for (int i = 1; i < m; i++) {
      if (part(x[i]) == part(x[i - 1])) {
        double d = x[i] - x[i - 1];
        isi[n_isi++] = d;
        hill += d < o.isi_threshold;
        same += d == 0.0;
        sum += d;
        if (i > 1 && part(x[i - 2]) == part(x[i])) {
          double b = x[i - 1] - x[i - 2];
          if (d + b > 0) {
            cv2 += 2 * fabs(d - b) / (d + b);
            lv += pow((d - b) / (d + b), 2);
            lvr += (1 - 4 * d * b / pow(d + b, 2)) * (1 + 4 * o.lvr_refractory / (d + b));
            n_two++;
          }
        }
      }
    }
    for (int i = 0; i < n_isi; i++) {
      sum2 += pow(isi[i] - sum / n_isi, 2);
    }
    for (int i = 0; i < m; i++) {
      for (int k = i + 1; k < m && k < i + 40; k++) {
        pairs += x[k] - x[i] <= o.refractory && x[k] - x[i] >= o.censored;
      }
    }
    assert_close(cell(q, "spikes", u), m, 0, 0);
    assert_close(cell(q, "rate", u), m / total, 1e-12, 0);
    assert_close(cell(q, "hill_n", u), hill, 0, 0);
    assert_close(cell(q, "duplicates", u), same, 0, 0);
    assert_close(cell(q, "hill_rate", u), hill / total, 1e-12, 0);
    assert_close(cell(q, "hill_ratio", u),
                 m ? hill / (2.0 * m * (o.isi_threshold - o.isi_min)) / (m / total)
                   : (double)NAN,
                 1e-12, 0);
    assert_close(cell(q, "llobet_n", u), pairs, 0, 0);
    double d = 1 - pairs * (total - 2.0 * m * o.censored) /
                       ((double)m * m * (o.refractory - o.censored));
    assert_close(cell(q, "llobet", u), m ? (d >= 0 ? 1 - sqrt(d) : 1.0) : (double)NAN,
                 1e-9, 1e-12);
    assert_close(cell(q, "cv", u),
                 n_isi > 1 ? sqrt(sum2 / n_isi) / (sum / n_isi) : (double)NAN, 1e-9, 0);
    assert_close(cell(q, "cv2", u), n_two ? cv2 / n_two : (double)NAN, 1e-9, 0);
    assert_close(cell(q, "lv", u), n_two ? 3 * lv / n_two : (double)NAN, 1e-9, 0);
    assert_close(cell(q, "lvr", u), n_two ? 3 * lvr / n_two : (double)NAN, 1e-9, 0);
    /* Whole bins: 100 / 30 -> 3, 200 / 30 -> 6; 100 / 0.7 -> 142, 200 / 0.7 -> 285. */
    int present = 0, bins = 0;
    double count[500] = {0};
    for (int p = 0; p < 2; p++) {
      for (int b = 0; b < (p ? 6 : 3); b++) {
        double lo = (p ? 120 : 0) + 30.0 * b;
        int any = 0;
        for (int i = 0; i < m; i++) {
          any += x[i] >= lo && x[i] < lo + 30.0;
        }
        present += any > 0;
      }
      for (int b = 0; b < (p ? 285 : 142); b++, bins++) {
        for (int i = 0; i < m; i++) {
          count[bins] += floor((x[i] - (p ? 120 : 0)) / 0.7) == b && part(x[i]) == p;
        }
      }
    }
    assert_close(cell(q, "presence", u), present / 9.0, 1e-12, 0);
    double mean = 0, spread = 0;
    for (int b = 0; b < bins; b++) {
      mean += count[b] / bins;
    }
    for (int b = 0; b < bins; b++) {
      spread += pow(count[b] - mean, 2);
    }
    assert_close(cell(q, "fano", u), m ? spread / (bins - 1) / mean : (double)NAN, 1e-9,
                 0);
    double rate[60] = {0};
    for (int i = 0; i < m; i++) {
      rate[part(x[i]) ? 20 + (int)((x[i] - 120) / 5) : (int)(x[i] / 5)] += 0.2;
    }
    double high = quantile(rate, 60, 0.95), low = quantile(rate, 60, 0.05);
    assert_close(cell(q, "firing_range", u), high - low, 1e-9, 1e-9);
    free(isi);
  }
  assert_string_equal(text(q, "flag", 3), "silent");
  assert_non_null(strstr(text(q, "flag", 2), "duplicates"));
  assert_string_equal(text(q, "unit", 4), "4");
  nax_table_free(q);
  nax_spikes_free(s);
  for (int u = 0; u < U; u++) {
    free(t[u]);
  }
}

static void
a_clock_has_no_variability_and_bursts_have_an_index(void **state)
{
  (void)state;
  double *t[2] = {calloc(1000, sizeof(double)), calloc(1000, sizeof(double))};
  int n[] = {1000, 1000};
  for (int i = 0; i < 1000; i++) {
    t[0][i] = 0.1 * i;
    t[1][i] = 0.3 * (i / 3) + 0.004 * (i % 3); /* triplets 4 ms apart */
  }
  nax_spikes *s = make_spikes(2, n, t, 1, (double[]){0, 100});
  nax_table *q;
  assert_ok(nax_quality_spikes(NULL, s, NULL, &q));
  assert_close(cell(q, "cv", 0), 0, 0, 1e-9);
  assert_close(cell(q, "lv", 0), 0, 0, 1e-9);
  assert_close(cell(q, "fano", 0), 0, 0, 1e-2);
  assert_close(cell(q, "burst", 1), 1.0, 0, 0);
  assert_true(isnan(cell(q, "burst", 0)));
  assert_close(cell(q, "llobet", 1), 0, 0, 1e-12);
  nax_table_free(q);
  nax_spikes_free(s);
  free(t[0]);
  free(t[1]);
}

static void
no_units_and_short_recordings_are_tables_too(void **state)
{
  (void)state;
  nax_spikes *s = make_spikes(0, NULL, NULL, 1, (double[]){0, 1});
  nax_table *q;
  assert_ok(nax_quality_spikes(NULL, s, NULL, &q));
  assert_int_equal(nax_table_n_rows(q), 0);
  nax_table_free(q);
  nax_spikes_free(s);
  double one[] = {0.5}, *t[] = {one};
  s = make_spikes(1, (int[]){1}, t, 1, (double[]){0, 0.9});
  assert_ok(nax_quality_spikes(NULL, s, NULL, &q));
  assert_true(isnan(cell(q, "presence", 0)) && isnan(cell(q, "cv", 0)) &&
              isnan(cell(q, "fano", 0)));
  nax_table_free(q);
  nax_quality_opts o = NAX_QUALITY_OPTS_INIT;
  o.range_bin = 1e-12;
  assert_status(nax_quality_spikes(NULL, s, &o, &q), NAX_EINVAL);
  assert_null(q);
  o = (nax_quality_opts)NAX_QUALITY_OPTS_INIT;
  o.refractory = 0.0;
  assert_status(nax_quality_spikes(NULL, s, &o, &q), NAX_EINVAL);
  nax_spikes_free(s);
}

/* --- traces ------------------------------------------------------------------------ */

static nax_array *
make_array(int units, int samples, int trials, double rate, const char *unit)
{
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a;
  assert_ok(nax_axis_create_index(NULL, "neuron", units, &axis[0]));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", samples, 0.0, rate, &axis[1]));
  assert_ok(nax_axis_create_index(NULL, "trial", trials, &axis[2]));
  assert_ok(nax_array_create(NULL, NAX_F64, trials > 1 ? 3 : 2,
                             (const nax_axis *const *)axis, unit, &a));
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  return a;
}

/* F0 at every sample, as quality.h states it. */
static void
oracle_baseline(const double *x, int n, int width, double *f0, double *knots,
                int *n_knots)
{
  int hop = width / 2, k = 0;
  double centre[200], tmp[4000];
  for (int from = 0;; from += hop, k++) {
    int last = from + width >= n;
    from = last ? (n > width ? n - width : 0) : from;
    int to = from + width < n ? from + width : n, m = 0;
    for (int i = from; i < to; i++) {
      if (isfinite(x[i])) {
        tmp[m++] = x[i];
      }
    }
    knots[k] = quantile(tmp, m, 0.08);
    centre[k] = 0.5 * (from + to - 1);
    if (last) {
      k++;
      break;
    }
  }
  *n_knots = k;
  for (int i = 0; i < n; i++) {
    int b = 0;
    while (b < k && centre[b] <= i) {
      b++;
    }
    f0[i] = b == 0   ? knots[0]
            : b == k ? knots[k - 1]
                     : knots[b - 1] + (knots[b] - knots[b - 1]) * (i - centre[b - 1]) /
                                          (centre[b] - centre[b - 1]);
  }
}

static void
trace_measures_follow_their_definitions(void **state)
{
  (void)state;
  enum { U = 6, T = 3000 };
  const double rate = 10.0;
  nax_array *a = make_array(U, T, 1, rate, "dF/F");
  double *v = nax_array_data_mut(a);
  uint64_t seed = 5;
  for (int u = 0; u < U; u++) {
    double calcium = 0.0;
    for (int t = 0; t < T; t++) {
      calcium *= 0.95;
      calcium += nax_t_uniform(&seed) < 0.01 ? 1.0 : 0.0;
      v[u + t * U] = 0.05 * normal(&seed) + 0.3 * calcium - 1e-4 * t + 0.2 * u;
    }
  }
  for (int t = 0; t < 40; t++) {
    v[1 + (100 + t) * U] = NAN;
  }
  for (int t = 0; t < T; t++) {
    v[4 + t * U] = v[2 + t * U] * 2.0 + 1.0; /* a duplicate of unit 2 */
    v[3 + t * U] = fmin(v[3 + t * U], 0.65); /* saturates */
  }
  nax_table *q;
  assert_ok(nax_quality_array(NULL, a, NULL, &q));
  for (int u = 0; u < U; u++) {
    double x[T], tmp[T], f0[T], resid[T], knots[200];
    int n = 0, n_knots, m = 0;
    double sum = 0, m2 = 0, m3 = 0;
    for (int t = 0; t < T; t++) {
      x[t] = v[u + t * U];
      if (isfinite(x[t])) {
        sum += x[t];
        n++;
      }
    }
    int top = 0;
    for (int t = 0; t < T; t++) {
      if (isfinite(x[t])) {
        m2 += pow(x[t] - sum / n, 2);
        m3 += pow(x[t] - sum / n, 3);
        top += x[t] == cell(q, "max", u);
      }
    }
    assert_close(cell(q, "mean", u), sum / n, 1e-12, 1e-12);
    assert_close(cell(q, "sd", u), sqrt(m2 / (n - 1)), 1e-10, 0);
    assert_close(cell(q, "skewness", u), m3 / n / pow(m2 / n, 1.5), 1e-9, 1e-12);
    assert_close(cell(q, "missing", u), 100.0 * (T - n) / T, 1e-12, 0);
    assert_close(cell(q, "saturated", u), top > 1 ? 100.0 * top / n : 0.0, 1e-12, 0);
    for (int t = 1; t < T; t++) {
      double d = fabs(x[t] - x[t - 1]);
      if (isfinite(d)) {
        tmp[m++] = d;
      }
    }
    assert_close(cell(q, "noise", u), 100 * quantile(tmp, m, 0.5) / sqrt(rate), 1e-12, 0);
    oracle_baseline(x, T, 600, f0, knots, &n_knots);
    double fx = 0, fy = 0, fxx = 0, fxy = 0;
    for (int k = 0; k < n_knots; k++) {
      double at = k + 1 < n_knots ? 300.0 * k + 299.5 : T - 600 + 299.5;
      fx += at;
      fy += knots[k];
      fxx += at * at;
      fxy += at * knots[k];
    }
    double slope = (n_knots * fxy - fx * fy) / (n_knots * fxx - fx * fx);
    assert_close(cell(q, "drift", u), slope * rate * 60, 1e-9, 1e-12);
    double least = knots[0];
    for (int k = 0; k < n_knots; k++) {
      least = fmin(least, knots[k]);
    }
    assert_close(cell(q, "min_baseline", u), least, 1e-12, 1e-12);
    assert_close(cell(q, "baseline", u), quantile(knots, n_knots, 0.5), 1e-12, 1e-12);
    m = 0;
    for (int t = 0; t < T; t++) {
      resid[t] = x[t] - f0[t];
      if (isfinite(resid[t])) {
        tmp[m++] = resid[t];
      }
    }
    double p99 = quantile(tmp, m, 0.99), median = quantile(tmp, m, 0.5);
    for (int i = 0; i < m; i++) {
      tmp[i] = fabs(tmp[i] - median);
    }
    double sigma = 1.4826 * quantile(tmp, m, 0.5);
    assert_close(cell(q, "snr", u), p99 / sigma, 1e-9, 0);
    int events = 0, armed = 1;
    for (int t = 0; t < T; t++) {
      if (armed && resid[t] > 5 * sigma) {
        events++;
        armed = 0;
      } else if (resid[t] < 2.5 * sigma) {
        armed = 1;
      }
    }
    assert_close(cell(q, "event_rate", u), events / (n / rate / 60), 1e-9, 0);
  }
  assert_close(cell(q, "nearest", 2), 1.0, 1e-5, 0);
  assert_string_equal(text(q, "nearest_unit", 2), "4");
  assert_string_equal(text(q, "nearest_unit", 4), "2");
  assert_string_equal(text(q, "flag", 2), "duplicate");
  assert_string_equal(text(q, "flag", 3), "saturated");
  assert_string_equal(text(q, "flag", 0), "");
  nax_table_free(q);
  nax_array_free(a);
}

static void
trials_do_not_touch_each_other(void **state)
{
  (void)state;
  nax_array *a = make_array(1, 50, 4, 10.0, "dF/F");
  double *v = nax_array_data_mut(a);
  for (int i = 0; i < 200; i++) {
    v[i] = 100.0 * (i / 50) + 0.25 * (i % 2); /* steps of 0.25, jumps between trials */
  }
  nax_table *q;
  assert_ok(nax_quality_array(NULL, a, NULL, &q));
  assert_close(cell(q, "noise", 0), 25.0 / sqrt(10.0), 1e-12, 0);
  nax_table_free(q);
  nax_array_free(a);
}

static void
odd_traces_are_flagged(void **state)
{
  (void)state;
  enum { U = 5, T = 400 };
  nax_array *a = make_array(U, T, 1, 10.0, "lumens");
  double *v = nax_array_data_mut(a);
  uint64_t seed = 1;
  for (int t = 0; t < T; t++) {
    v[0 + t * U] = NAN;
    v[1 + t * U] = 0.0;
    v[2 + t * U] = 7.0;
    v[3 + t * U] = 100.0 + normal(&seed);
    v[4 + t * U] = 20.0 * pow(normal(&seed), 2); /* F0 near 0 */
  }
  nax_table *q;
  assert_ok(nax_quality_array(NULL, a, NULL, &q));
  assert_string_equal(text(q, "flag", 0), "missing");
  assert_string_equal(text(q, "flag", 1), "dead");
  assert_string_equal(text(q, "flag", 2), "constant");
  assert_string_equal(text(q, "flag", 3), "");
  assert_string_equal(text(q, "flag", 4), "f0");
  assert_true(isnan(cell(q, "nearest", 1)));
  /* Fluorescence: noise relative to F0, so about 1 % of 100. */
  double steps[T];
  for (int t = 1; t < T; t++) {
    steps[t - 1] = fabs(v[3 + t * U] - v[3 + (t - 1) * U]);
  }
  assert_close(cell(q, "noise", 3),
               100 * quantile(steps, T - 1, 0.5) / sqrt(10.0) / cell(q, "baseline", 3),
               1e-12, 0);
  nax_table_free(q);
  nax_quality_opts o = NAX_QUALITY_OPTS_INIT;
  o.signal = NAX_SIGNAL_INFERRED;
  assert_ok(nax_quality_array(NULL, a, &o, &q));
  assert_close(cell(q, "event_rate", 3), 10.0 * 60, 1e-9, 0); /* every sample above 0 */
  assert_close(cell(q, "event_rate", 1), 0.0, 0, 0);
  nax_table_free(q);
  nax_array_free(a);
}

static void
arrays_of_any_shape_are_measured(void **state)
{
  (void)state;
  nax_array *a;
  nax_table *q;
  const char *names[] = {"time"};
  assert_ok(nax_array_create_dims(NULL, NAX_F32, 1, names, (nax_index[]){5}, "V", &a));
  assert_ok(nax_quality_array(NULL, a, NULL, &q));
  assert_int_equal(nax_table_n_rows(q), 1);
  nax_table_free(q);
  nax_array_free(a);
  const char *two[] = {"trial", "neuron"};
  assert_ok(
      nax_array_create_dims(NULL, NAX_F64, 2, two, (nax_index[]){3, 4}, "counts", &a));
  double *v = nax_array_data_mut(a);
  for (int i = 0; i < 12; i++) {
    v[i] = i;
  }
  assert_ok(nax_quality_array(NULL, a, NULL, &q));
  assert_int_equal(nax_table_n_rows(q), 4);
  assert_close(cell(q, "mean", 1), 4.0, 1e-12, 0);
  assert_true(isnan(cell(q, "noise", 1)));
  nax_table_free(q);
  nax_array_free(a);
  for (int empty = 0; empty < 2; empty++) {
    const char *n2[] = {"neuron", "time"};
    assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, n2,
                                    (nax_index[]){empty ? 0 : 2, empty ? 7 : 0}, "", &a));
    assert_ok(nax_quality_array(NULL, a, NULL, &q));
    assert_int_equal(nax_table_n_rows(q), empty ? 0 : 2);
    nax_table_free(q);
    nax_array_free(a);
  }
}

static void
tiny_windows_fit_their_scratch(void **state)
{
  (void)state;
  nax_array *a = make_array(2, 257, 3, 10.0, "dF/F");
  double *v = nax_array_data_mut(a);
  uint64_t seed = 8;
  for (int i = 0; i < 2 * 257 * 3; i++) {
    v[i] = normal(&seed);
  }
  nax_quality_opts o = NAX_QUALITY_OPTS_INIT;
  for (int w = 1; w < 40; w++) {
    nax_table *q;
    o.baseline_window = 0.05 * w * w;
    assert_ok(nax_quality_array(NULL, a, &o, &q));
    assert_true(isfinite(cell(q, "snr", 1)));
    nax_table_free(q);
  }
  nax_array_free(a);
}

static void
threads_do_not_change_a_bit(void **state)
{
  (void)state;
  enum { U = 70, T = 500 };
  nax_array *a = make_array(U, T, 1, 30.0, "dF/F");
  double *v = nax_array_data_mut(a);
  uint64_t seed = 2;
  for (int i = 0; i < U * T; i++) {
    v[i] = normal(&seed);
  }
  nax_table *q[2];
  for (int k = 0; k < 2; k++) {
    nax_ctx *ctx;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, k + 1));
    assert_ok(nax_quality_array(ctx, a, NULL, &q[k]));
    nax_ctx_free(ctx);
  }
  for (int32_t j = 0; j < nax_table_n_columns(q[0]); j++) {
    if (nax_table_numbers(q[0], j) != NULL) {
      assert_memory_equal(nax_table_numbers(q[0], j), nax_table_numbers(q[1], j),
                          U * sizeof(double));
    }
  }
  nax_table_free(q[0]);
  nax_table_free(q[1]);
  nax_array_free(a);
}

static void
a_failed_allocation_frees_everything(void **state)
{
  (void)state;
  nax_array *a = make_array(3, 40, 2, 10.0, "dF/F");
  nax_table *q = NULL;
  NAX_T_SWEEP_ALLOC(nax_quality_array(NULL, a, NULL, &q), q, nax_table_free(q), 200);
  nax_array_free(a);
  double one[] = {0.5, 0.6}, *t[] = {one, one};
  nax_spikes *s = make_spikes(2, (int[]){2, 1}, t, 1, (double[]){0, 0.9});
  NAX_T_SWEEP_ALLOC(nax_quality_spikes(NULL, s, NULL, &q), q, nax_table_free(q), 200);
  nax_spikes_free(s);
}

/* --- recordings -------------------------------------------------------------------- */

static nax_source *
open_shared(const char *path, const nax_source_opts *opts)
{
  nax_source *s = NULL;
  if (nax_source_open(NULL, nax_t_shared(path), opts, &s) != NAX_OK) {
    print_message("# %s\n", nax_ctx_error(NULL));
    skip();
  }
  return s;
}

static void
human_units_have_their_known_numbers(void **state)
{
  (void)state;
  nax_source *s =
      open_shared("data/nwb_units_human_mtl/sub-4_ses-4_ecephys+image.nwb", NULL);
  int32_t var = -1;
  for (int32_t i = 0; i < nax_source_n_vars(s); i++) {
    var = nax_source_var(s, i)->kind == NAX_VAR_SPIKES ? i : var;
  }
  nax_spikes *spikes;
  assert_ok(nax_source_load_spikes(NULL, s, var, &spikes));
  nax_table *q;
  assert_ok(nax_quality_spikes(NULL, spikes, NULL, &q));
  assert_int_equal(nax_table_n_rows(q), 35);
  static const struct {
    int row, n;
    double cv, lv;
  } known[] = {
      {0, 19750, 1.0223, 0.9417}, {1, 20438, 1.0673, 0.9522}, {34, 1850, 1.0434, 1.0107}};
  for (int i = 0; i < 3; i++) {
    assert_close(cell(q, "spikes", known[i].row), known[i].n, 0, 0);
    assert_close(cell(q, "cv", known[i].row), known[i].cv, 0, 5e-5);
    assert_close(cell(q, "lv", known[i].row), known[i].lv, 0, 5e-5);
  }
  for (int u = 0; u < 35; u++) {
    assert_close(cell(q, "hill_n", u), 0, 0, 0); /* nothing below 2 ms */
    assert_close(cell(q, "llobet", u), 0, 0, 0);
  }
  nax_table_free(q);
  nax_spikes_free(spikes);
  nax_source_close(s);
}

static void
allen_noise_levels_are_known(void **state)
{
  (void)state;
  nax_source_opts opts = NAX_SOURCE_OPTS_INIT;
  opts.rate = 30.0;
  opts.axes = "neuron,time";
  nax_source *s = open_shared("data/reencoded_real_data/allen_F_f8.npy", &opts);
  int32_t var = nax_source_main(s) >= 0 ? nax_source_main(s) : 0;
  nax_table *q;
  nax_quality_opts o = NAX_QUALITY_OPTS_INIT;
  for (int64_t memory = 1; memory <= 128; memory += 127) { /* many groups, one group */
    o.memory = memory;
    o.signal = NAX_SIGNAL_DFF;
    assert_ok(nax_quality_source(NULL, s, var, &o, &q));
    assert_int_equal(nax_table_n_rows(q), 74);
    double nu[74];
    memcpy(nu, nax_table_numbers(q, nax_table_find(q, "noise")), sizeof nu);
    assert_close(quantile(nu, 74, 0.5), 0.9283, 0, 5e-5);
    assert_close(nu[0], 0.5466, 0, 5e-5);
    assert_close(nu[73], 1.6497, 0, 5e-5);
    nax_table_free(q);
  }
  nax_source_close(s);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spike_measures_follow_their_definitions),
      cmocka_unit_test(a_clock_has_no_variability_and_bursts_have_an_index),
      cmocka_unit_test(no_units_and_short_recordings_are_tables_too),
      cmocka_unit_test(trace_measures_follow_their_definitions),
      cmocka_unit_test(trials_do_not_touch_each_other),
      cmocka_unit_test(odd_traces_are_flagged),
      cmocka_unit_test(arrays_of_any_shape_are_measured),
      cmocka_unit_test(tiny_windows_fit_their_scratch),
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(a_failed_allocation_frees_everything),
      cmocka_unit_test(human_units_have_their_known_numbers),
      cmocka_unit_test(allen_noise_levels_are_known),
  };
  return cmocka_run_group_tests_name("quality", tests, NULL, NULL);
}
