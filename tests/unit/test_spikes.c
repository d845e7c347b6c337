/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike trains: intervals, selecting, joining, and which bin a spike falls into. */
#include "nax_test.h"
#include "spikes/spikes_i.h"

/* Units "a", "b", "c" ...; counts[u] of the times belong to unit u. */
static nax_spikes *
make(nax_index n_units, const nax_index *counts, const double *times, nax_index n_int,
     const double *intervals)
{
  static const char *const labels[] = {"a", "b", "c", "d", "e"};
  nax_axis *units;
  nax_spikes *s;
  nax_index offsets[8] = {0};
  for (nax_index u = 0; u < n_units; u++) {
    offsets[u + 1] = offsets[u] + counts[u];
  }
  assert_ok(nax_axis_create_labels(NULL, "neuron", n_units, labels, &units));
  assert_ok(nax_spikes_create(NULL, units, offsets, times, n_int, intervals, &s));
  nax_axis_free(units);
  return s;
}

/* Unit a: 0.5 1 1.5 3; unit b: none; unit c: 0 2 4. Recorded 0 to 4 s. */
static nax_spikes *
three_units(void)
{
  nax_index counts[] = {4, 0, 3};
  double times[] = {0.5, 1.0, 1.5, 3.0, 0.0, 2.0, 4.0}, interval[] = {0.0, 4.0};
  return make(3, counts, times, 1, interval);
}

static void
assert_times(const nax_spikes *s, nax_index u, nax_index n, const double *times)
{
  nax_index m;
  const double *t = nax_spikes_times(s, u, &m);
  assert_int_equal(m, n);
  assert_all_close(t, times, n, 0.0, 0.0);
}

static void
assert_interval(const nax_spikes *s, nax_index i, double start, double stop)
{
  double a, b;
  nax_spikes_interval(s, i, &a, &b);
  assert_close(a, start, 0.0, 0.0);
  assert_close(b, stop, 0.0, 0.0);
}

static void
assert_warned(const nax_ctx *ctx, const char *id, nax_severity severity)
{
  for (nax_index i = 0; i < nax_ctx_n_warnings(ctx); i++) {
    nax_warning w = nax_ctx_warning(ctx, i);
    if (strcmp(w.id, id) == 0) {
      assert_int_equal(w.severity, severity);
      return;
    }
  }
  fail_msg("no warning %s", id);
}

/* ------------------------------------------------------------------ creation */

static void
accessors_give_what_was_put_in(void **state)
{
  (void)state;
  nax_spikes *s = three_units();
  assert_int_equal(nax_spikes_n_units(s), 3);
  assert_int_equal(nax_spikes_n_spikes(s), 7);
  assert_times(s, 0, 4, (double[]){0.5, 1.0, 1.5, 3.0});
  assert_times(s, 1, 0, NULL);
  assert_times(s, 2, 3, (double[]){0.0, 2.0, 4.0});
  nax_index n = 1;
  assert_null(nax_spikes_times(s, 3, &n));
  assert_int_equal(n, 0);
  assert_null(nax_spikes_times(s, -1, &n));
  assert_int_equal(nax_spikes_offsets(s)[2], 4);
  assert_close(nax_spikes_all_times(s)[6], 4.0, 0.0, 0.0);
  assert_string_equal(nax_axis_label(nax_spikes_units(s), 2), "c");
  assert_int_equal(nax_spikes_n_intervals(s), 1);
  assert_interval(s, 0, 0.0, 4.0);
  assert_interval(s, 1, NAN, NAN);
  assert_close(nax_spikes_duration(s), 4.0, 0.0, 0.0);
  nax_spikes_free(s);
  nax_spikes_free(NULL);
}

static void
times_out_of_order_are_sorted_and_reported(void **state)
{
  (void)state;
  nax_ctx *ctx;
  nax_axis *units;
  nax_spikes *s;
  nax_index offsets[] = {0, 2, 5};
  double times[] = {1.0, 2.0, 5.0, 3.0, 4.0};
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_axis_create_index(ctx, "unit", 2, &units));
  assert_ok(nax_spikes_create(ctx, units, offsets, times, 0, NULL, &s));
  assert_times(s, 1, 3, (double[]){3.0, 4.0, 5.0});
  assert_interval(s, 0, 1.0, 5.0);
  assert_int_equal(nax_ctx_n_warnings(ctx), 2);
  assert_string_equal(
      nax_ctx_warning(ctx, 0).text,
      "1 spike times stood before an earlier one (first in unit 1); sorted");
  assert_warned(ctx, "spikes.unsorted", NAX_VIOLATION);
  assert_warned(ctx, "spikes.interval-guessed", NAX_INFO);
  nax_spikes_free(s);
  nax_ctx_clear_warnings(ctx);
  double interval[] = {2.0, 4.5};
  assert_ok(nax_spikes_create(ctx, units, offsets, times, 1, interval, &s));
  assert_warned(ctx, "spikes.outside-intervals", NAX_VIOLATION);
  assert_int_equal(nax_spikes_n_spikes(s), 5);
  nax_spikes_free(s);
  nax_axis_free(units);
  nax_ctx_free(ctx);
}

static void
faulty_input_is_refused_by_name(void **state)
{
  (void)state;
  nax_axis *units;
  nax_spikes *s;
  double times[] = {1.0, 2.0, NAN}, iv[] = {0.0, 5.0, 4.0, 9.0};
  nax_index ok[] = {0, 1, 2}, late[] = {1, 1, 2}, down[] = {0, 2, 1}, all[] = {0, 1, 3};
  assert_ok(nax_axis_create_index(NULL, "unit", 2, &units));
  assert_error(nax_spikes_create(NULL, units, late, times, 0, NULL, &s), NAX_EDIM,
               "nax_spikes_create: offset 0 is 1, expected 0");
  assert_null(s);
  assert_error(nax_spikes_create(NULL, units, down, times, 0, NULL, &s), NAX_EDIM,
               "nax_spikes_create: offset 2 is 1, less than the one before (2)");
  assert_error(nax_spikes_create(NULL, units, all, times, 0, NULL, &s), NAX_EDATA,
               "nax_spikes_create: spike 1 of unit 1 is nan, expected a finite time");
  assert_error(nax_spikes_create(NULL, units, ok, times, 2, iv, &s), NAX_EINVAL,
               "nax_spikes_create: recording interval 1 is 4 to 9 s, expected ascending "
               "and not overlapping");
  assert_status(nax_spikes_create(NULL, units, ok, times, -1, iv, &s), NAX_EINVAL);
  assert_status(nax_spikes_create(NULL, units, ok, NULL, 0, NULL, &s), NAX_EINVAL);
  assert_status(nax_spikes_create(NULL, units, ok, times, 1, NULL, &s), NAX_EINVAL);
  assert_status(nax_spikes_create(NULL, NULL, ok, times, 0, NULL, &s), NAX_EINVAL);
  assert_status(nax_spikes_create(NULL, units, NULL, times, 0, NULL, &s), NAX_EINVAL);
  assert_null(s);
  nax_axis_free(units);
}

static void
no_unit_and_no_spike_are_a_recording_too(void **state)
{
  (void)state;
  double interval[] = {0.0, 1.0};
  nax_array *a;
  nax_bin_info info;
  nax_spikes *s = make(0, NULL, NULL, 1, interval), *c;
  assert_int_equal(nax_spikes_n_units(s), 0);
  assert_ok(nax_spikes_copy(NULL, s, &c));
  assert_ok(nax_spikes_bin(NULL, c, NULL, &info, &a));
  assert_int_equal(nax_array_dim(a, 0), 0);
  assert_int_equal(nax_array_dim(a, 1), 50);
  nax_array_free(a);
  nax_spikes_free(c);
  nax_spikes_free(s);
  nax_index none[] = {0, 0};
  s = make(2, none, NULL, 0, NULL);
  assert_interval(s, 0, 0.0, 0.0);
  nax_spikes_free(s);
}

/* ------------------------------------------------------------- selecting, joining */

static void
a_slice_is_half_open_and_cuts_the_intervals(void **state)
{
  (void)state;
  nax_spikes *s = three_units(), *t;
  assert_ok(nax_spikes_slice(NULL, s, 1.0, 3.0, &t));
  assert_times(t, 0, 2, (double[]){1.0, 1.5});
  assert_times(t, 2, 1, (double[]){2.0});
  assert_interval(t, 0, 1.0, 3.0);
  nax_spikes_free(t);
  assert_ok(nax_spikes_slice(NULL, s, -INFINITY, INFINITY, &t));
  assert_int_equal(nax_spikes_n_spikes(t), 7);
  assert_interval(t, 0, 0.0, 4.0);
  nax_spikes_free(t);
  /* 4 is the end of the recording, and a spike stands there */
  assert_ok(nax_spikes_slice(NULL, s, 4.0, 5.0, &t));
  assert_times(t, 2, 1, (double[]){4.0});
  assert_interval(t, 0, 4.0, 4.0);
  nax_spikes_free(t);
  assert_error(nax_spikes_slice(NULL, s, 5.0, 6.0, &t), NAX_EINVAL,
               "nax_spikes_slice: nothing was recorded from 5 to 6 s: the recording runs "
               "from 0 to 4 s");
  assert_null(t);
  assert_status(nax_spikes_slice(NULL, s, 3.0, 3.0, &t), NAX_EINVAL);
  assert_status(nax_spikes_slice(NULL, s, NAN, 3.0, &t), NAX_EINVAL);
  nax_spikes_free(s);
}

static void
a_slice_keeps_the_gaps(void **state)
{
  (void)state;
  nax_index counts[] = {4};
  double times[] = {1.0, 10.0, 16.0, 31.0}, iv[] = {0, 10, 15, 20, 30, 40};
  nax_spikes *s = make(1, counts, times, 3, iv), *t;
  assert_ok(nax_spikes_slice(NULL, s, 5.0, 35.0, &t));
  assert_int_equal(nax_spikes_n_intervals(t), 3);
  assert_interval(t, 0, 5.0, 10.0);
  assert_interval(t, 2, 30.0, 35.0);
  assert_close(nax_spikes_duration(t), 15.0, 0.0, 0.0);
  nax_spikes_free(t);
  assert_ok(nax_spikes_slice(NULL, s, 10.0, 20.0, &t));
  assert_int_equal(nax_spikes_n_intervals(t), 2); /* the spike at 10 keeps a moment */
  assert_interval(t, 0, 10.0, 10.0);
  nax_spikes_free(t);
  assert_ok(nax_spikes_slice(NULL, s, 20.0, 31.0, &t));
  assert_int_equal(nax_spikes_n_intervals(t), 1); /* no spike at 20 */
  assert_interval(t, 0, 30.0, 31.0);
  nax_spikes_free(t);
  assert_error(nax_spikes_slice(NULL, s, 21.0, 29.0, &t), NAX_EINVAL,
               "nax_spikes_slice: nothing was recorded from 21 to 29 s: the recording "
               "runs from 0 to 40 s, with gaps");
  nax_spikes_free(s);
}

static void
units_are_taken_by_index_and_label(void **state)
{
  (void)state;
  nax_spikes *s = three_units(), *t;
  nax_index index[] = {2, 0, 2}, bad[] = {3};
  const char *labels[] = {"c", "a"}, *wrong[] = {"a", "z"};
  assert_ok(nax_spikes_take(NULL, s, 3, index, &t));
  assert_times(t, 0, 3, (double[]){0.0, 2.0, 4.0});
  assert_times(t, 1, 4, (double[]){0.5, 1.0, 1.5, 3.0});
  assert_string_equal(nax_axis_label(nax_spikes_units(t), 2), "c");
  assert_interval(t, 0, 0.0, 4.0);
  nax_spikes_free(t);
  assert_ok(nax_spikes_take_labels(NULL, s, 2, labels, &t));
  assert_times(t, 1, 4, (double[]){0.5, 1.0, 1.5, 3.0});
  nax_spikes_free(t);
  assert_ok(nax_spikes_take(NULL, s, 0, NULL, &t));
  assert_int_equal(nax_spikes_n_units(t), 0);
  nax_spikes_free(t);
  assert_error(
      nax_spikes_take(NULL, s, 1, bad, &t), NAX_EINVAL,
      "nax_axis_take: index 3 does not exist on axis `neuron`, which has 3 positions");
  assert_null(t);
  assert_error(nax_spikes_take_labels(NULL, s, 2, wrong, &t), NAX_EINVAL,
               "nax_spikes_take_labels: axis `neuron` has no label \"z\" among its 3, "
               "such as \"a\"");
  assert_status(nax_spikes_take(NULL, s, -1, index, &t), NAX_EINVAL);
  assert_status(nax_spikes_take_labels(NULL, s, 1, NULL, &t), NAX_EINVAL);
  nax_spikes_free(s);
}

static void
recordings_follow_each_other_in_time(void **state)
{
  (void)state;
  nax_spikes *s = three_units(), *t, *part[2];
  const nax_spikes *both[2] = {s, s};
  double shift[2] = {0.0, 10.0};
  assert_ok(nax_spikes_concat(NULL, 2, both, shift, &t));
  assert_times(t, 2, 6, (double[]){0.0, 2.0, 4.0, 10.0, 12.0, 14.0});
  assert_int_equal(nax_spikes_n_intervals(t), 2);
  assert_interval(t, 1, 10.0, 14.0);
  nax_spikes_free(t);
  assert_error(nax_spikes_concat(NULL, 2, both, NULL, &t), NAX_EINVAL,
               "nax_spikes_concat: part 1 begins at 0 s, before part 0 ends (4 s)");
  assert_null(t);
  /* cut and put together again */
  assert_ok(nax_spikes_slice(NULL, s, -INFINITY, 1.5, &part[0]));
  assert_ok(nax_spikes_slice(NULL, s, 1.5, INFINITY, &part[1]));
  assert_ok(nax_spikes_concat(NULL, 2, (const nax_spikes *const *)part, NULL, &t));
  assert_int_equal(nax_spikes_n_intervals(t), 1);
  assert_interval(t, 0, 0.0, 4.0);
  assert_int_equal(nax_spikes_n_spikes(t), 7);
  assert_times(t, 0, 4, (double[]){0.5, 1.0, 1.5, 3.0});
  nax_spikes_free(t);
  shift[1] = NAN;
  assert_status(nax_spikes_concat(NULL, 2, both, shift, &t), NAX_EINVAL);
  assert_status(nax_spikes_concat(NULL, 0, both, NULL, &t), NAX_EINVAL);
  both[1] = NULL;
  assert_error(nax_spikes_concat(NULL, 2, both, NULL, &t), NAX_EINVAL,
               "nax_spikes_concat: part 1 is NULL");
  nax_spikes *fewer;
  assert_ok(nax_spikes_take(NULL, s, 2, (nax_index[]){0, 1}, &fewer));
  both[1] = fewer;
  assert_error(nax_spikes_concat(NULL, 2, both, NULL, &t), NAX_EDIM,
               "nax_spikes_concat: part 1 has other units than part 0");
  nax_spikes_free(fewer);
  nax_spikes_free(part[0]);
  nax_spikes_free(part[1]);
  nax_spikes_free(s);
}

static void
probes_stand_beside_each_other(void **state)
{
  (void)state;
  nax_spikes *s = three_units(), *t, *u;
  const nax_spikes *both[2] = {s, s};
  assert_ok(nax_spikes_stack(NULL, 2, both, &t));
  assert_int_equal(nax_spikes_n_units(t), 6);
  assert_times(t, 3, 4, (double[]){0.5, 1.0, 1.5, 3.0});
  assert_times(t, 5, 3, (double[]){0.0, 2.0, 4.0});
  assert_interval(t, 0, 0.0, 4.0);
  nax_spikes_free(t);
  assert_ok(nax_spikes_slice(NULL, s, 0.0, 3.0, &u));
  both[1] = u;
  assert_error(nax_spikes_stack(NULL, 2, both, &t), NAX_EDIM,
               "nax_spikes_stack: part 1 was recorded from 0 to 3 s in 1 intervals, part "
               "0 from 0 to 4 s in 1; cut both to the time they share");
  assert_null(t);
  nax_spikes_free(u);
  nax_spikes_free(s);
}

/* ---------------------------------------------------------------------- binning */

static nax_array *
bin(const nax_spikes *s, double width, nax_bin_info *info)
{
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  nax_array *a;
  o.width = width;
  assert_ok(nax_spikes_bin(NULL, s, &o, info, &a));
  return a;
}

static void
counts_stand_in_half_open_bins(void **state)
{
  (void)state;
  nax_bin_info info;
  nax_spikes *s = three_units();
  nax_array *a = bin(s, 1.0, &info);
  /* the spike at 4, the end of the recording, counts in the last bin */
  double expected[] = {1, 0, 1, 2, 0, 0, 0, 0, 1, 1, 0, 1};
  assert_int_equal(nax_array_ndim(a), 2);
  assert_int_equal(nax_array_dim(a, 1), 4);
  assert_all_close(nax_array_f64(a), expected, 12, 0.0, 0.0);
  assert_string_equal(nax_array_unit(a), "counts");
  assert_true(nax_axis_equal(nax_array_axis(a, 0), nax_spikes_units(s)));
  const nax_axis *time = nax_array_axis(a, 1);
  assert_string_equal(nax_axis_name(time), "time");
  assert_string_equal(nax_axis_unit(time), "s");
  assert_int_equal(nax_axis_get_kind(time), NAX_AXIS_REGULAR);
  assert_close(nax_axis_rate(time), 1.0, 0.0, 0.0);
  assert_close(nax_axis_coord(time, 0), 0.5, 0.0, 0.0);
  assert_close(nax_axis_coord(time, 3), 3.5, 0.0, 0.0);
  assert_int_equal(info.n_counted, 7);
  assert_int_equal(info.n_outside + info.n_in_gaps + info.n_unrecorded + info.n_partly,
                   0);
  nax_array_free(a);
  nax_spikes_free(s);
}

static void
the_last_bin_may_reach_past_the_end_or_be_left_out(void **state)
{
  (void)state;
  nax_bin_info info;
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  nax_spikes *s = three_units();
  nax_array *a = bin(s, 1.5, &info);
  assert_int_equal(nax_array_dim(a, 1), 3);
  assert_int_equal(info.n_partly, 1);
  assert_int_equal(info.n_counted, 7);
  nax_array_free(a);
  o.width = 1.5;
  o.drop_partial = 1;
  assert_ok(nax_spikes_bin(NULL, s, &o, &info, &a));
  assert_int_equal(nax_array_dim(a, 1), 2);
  assert_int_equal(info.n_partly, 0);
  assert_int_equal(info.n_outside, 2); /* at 3 and at 4 */
  nax_array_free(a);
  o.width = 5.0;
  assert_error(nax_spikes_bin(NULL, s, &o, NULL, &a), NAX_EINVAL,
               "nax_spikes_bin: no bin of 5 s fits between 0 and 4 s");
  assert_null(a);
  nax_spikes_free(s);
}

static void
a_range_within_the_recording_stays_half_open(void **state)
{
  (void)state;
  nax_bin_info info;
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  nax_spikes *s = three_units();
  nax_array *a;
  o.width = 0.5;
  o.t_start = 1.0;
  o.t_stop = 2.0;
  assert_ok(nax_spikes_bin(NULL, s, &o, &info, &a));
  double expected[] = {1, 0, 0, 1, 0, 0}; /* the spike at 2 belongs to the next bin */
  assert_int_equal(nax_array_size(a), 6);
  assert_all_close(nax_array_f64(a), expected, 6, 0.0, 0.0);
  assert_int_equal(info.n_counted, 2);
  assert_int_equal(info.n_outside, 5);
  nax_array_free(a);
  /* bins beyond the recording are missing, not silent */
  o.t_start = -1.0;
  o.t_stop = 5.0;
  o.width = 1.0;
  assert_ok(nax_spikes_bin(NULL, s, &o, &info, &a));
  assert_int_equal(nax_array_dim(a, 1), 6);
  assert_true(isnan(nax_array_f64(a)[0]) && isnan(nax_array_f64(a)[17]));
  assert_int_equal(info.n_unrecorded, 2);
  assert_int_equal(info.n_counted, 7);
  nax_array_free(a);
  o.t_start = 3.0;
  o.t_stop = 2.0;
  assert_error(nax_spikes_bin(NULL, s, &o, NULL, &a), NAX_EINVAL,
               "nax_spikes_bin: the bins must begin before they end, got 3 to 2 s");
  o.width = 1e-20;
  o.t_stop = 4.0;
  assert_status(nax_spikes_bin(NULL, s, &o, NULL, &a), NAX_EINVAL);
  o.width = 0.0;
  assert_error(nax_spikes_bin(NULL, s, &o, NULL, &a), NAX_EINVAL,
               "nax_spikes_bin: option `bin` must be greater than 0, got 0");
  nax_spikes_free(s);
}

/* A spike at tick k of a clock, given as k / rate, belongs to bin floor of the ratio in
 * whole numbers, whatever doubles make of width and start. */
static void
spikes_on_edges_go_to_the_bin_that_begins_there(void **state)
{
  (void)state;
  static const struct {
    int64_t clock, first, per_bin; /* ticks per second, first tick, ticks of a bin */
    double width;
  } cases[] = {
      {10, 0, 1, 0.1},        {10, 1, 1, 0.1},
      {1000, 0, 1, 0.001},    {1000, 7, 3, 0.003},
      {30000, 0, 600, 0.02},  {30000, 12345, 600, 0.02},
      {30000, 1, 30, 0.001},  {30000, 100, 1000, 1.0 / 30.0},
      {25000, 3, 25, 0.001},  {32000, 17, 320, 0.01},
      {24000, 5, 12, 0.0005}, {20000, -4321, 100, 0.005},
      {100, 33, 7, 0.07},
  };
  enum { BINS = 700 };
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    double clock = (double)cases[c].clock, times[BINS], interval[2];
    nax_index count = BINS;
    for (int i = 0; i < BINS; i++) {
      times[i] = (double)(cases[c].first + i * cases[c].per_bin) / clock;
    }
    interval[0] = (double)cases[c].first / clock;
    interval[1] = (double)(cases[c].first + BINS * cases[c].per_bin) / clock;
    nax_spikes *s = make(1, &count, times, 1, interval);
    nax_bin_info info;
    nax_array *a = bin(s, cases[c].width, &info);
    assert_int_equal(nax_array_dim(a, 1), BINS);
    assert_int_equal(info.n_partly, 0);
    for (int i = 0; i < BINS; i++) {
      if (nax_array_f64(a)[i] < 1.0 || nax_array_f64(a)[i] > 1.0) {
        fail_msg("case %zu: bin %d has %g spikes", c, i, nax_array_f64(a)[i]);
      }
    }
    nax_array_free(a);
    nax_spikes_free(s);
  }
}

static void
widths_that_are_no_ratio_keep_to_their_own_edges(void **state)
{
  (void)state;
  double start = 0.1234567890123, width = 0.0317284931827364;
  nax_i_grid g = nax_i_grid_make(start, width, 1000.0);
  for (nax_index i = 0; i < 1000; i++) {
    double e = nax_i_grid_edge(&g, i);
    assert_close(e, start + (double)i * width, 1e-15, 0.0);
    assert_int_equal(nax_i_grid_find(&g, e), i);
    assert_int_equal(nax_i_grid_find(&g, nextafter(e, -INFINITY)), i - 1);
  }
}

static void
gaps_are_missing_and_their_spikes_reported(void **state)
{
  (void)state;
  nax_ctx *ctx;
  nax_index counts[] = {6, 1};
  double times[] = {0.5, 2.0, 2.25, 4.5, 5.5, 9.0, 7.0};
  double iv[] = {0.0, 2.0, 4.25, 6.0, 8.0, 9.0};
  nax_spikes *s = make(2, counts, times, 3, iv);
  nax_bin_info info;
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  nax_array *a;
  assert_ok(nax_ctx_create(&ctx));
  o.width = 1.0;
  assert_ok(nax_spikes_bin(ctx, s, &o, &info, &a));
  /* bins 2 and 3 (but 2.0 counts in bin 1), 6 and 7 were not recorded; 4 in part */
  double first[] = {1, 1, NAN, NAN, 1, 1, NAN, NAN, 1};
  double second[] = {0, 0, NAN, NAN, 0, 0, NAN, NAN, 0};
  for (int b = 0; b < 9; b++) {
    assert_close(nax_array_f64(a)[2 * b], first[b], 0.0, 0.0);
    assert_close(nax_array_f64(a)[2 * b + 1], second[b], 0.0, 0.0);
  }
  assert_int_equal(info.n_counted, 5);
  assert_int_equal(info.n_in_gaps, 2);
  assert_int_equal(info.n_outside, 0);
  assert_int_equal(info.n_unrecorded, 4);
  assert_int_equal(info.n_partly, 1);
  assert_warned(ctx, "spikes.in-gaps", NAX_VIOLATION);
  assert_warned(ctx, "spikes.unrecorded-bins", NAX_INFO);
  assert_warned(ctx, "spikes.partial-bins", NAX_INFO);
  nax_array_free(a);
  /* a spike in the unrecorded part of a partly recorded bin is in a gap as well */
  nax_ctx_clear_warnings(ctx);
  o.width = 3.0;
  assert_ok(nax_spikes_bin(ctx, s, &o, &info, &a));
  assert_int_equal(info.n_counted, 5);
  assert_int_equal(info.n_in_gaps, 2);
  assert_int_equal(info.n_partly, 3);
  nax_array_free(a);
  o.t_start = 2.0;
  o.t_stop = 6.0;
  o.width = 2.0;
  nax_ctx_clear_warnings(ctx);
  assert_ok(nax_spikes_bin(ctx, s, &o, &info, &a));
  /* the spike at 2, the end of an interval, belongs to the bin before: outside */
  assert_int_equal(info.n_outside, 4);
  assert_int_equal(info.n_in_gaps, 1);
  assert_int_equal(info.n_counted, 2);
  assert_warned(ctx, "spikes.outside-bins", NAX_INFO);
  nax_array_free(a);
  nax_ctx_free(ctx);
  nax_spikes_free(s);
}

static void
given_edges_are_the_edges(void **state)
{
  (void)state;
  nax_spikes *s = three_units();
  nax_bin_info info;
  nax_array *a;
  double edges[] = {0.0, 0.5, 1.5, 4.0}, even[] = {0.0, 1.0, 2.0, 3.0, 4.0};
  double bad[] = {0.0, 1.0, 1.0};
  assert_ok(nax_spikes_bin_edges(NULL, s, 4, edges, &info, &a));
  double expected[] = {0, 0, 1, 2, 0, 0, 2, 0, 2};
  assert_all_close(nax_array_f64(a), expected, 9, 0.0, 0.0);
  const nax_axis *time = nax_array_axis(a, 1);
  assert_int_equal(nax_axis_get_kind(time), NAX_AXIS_COORDS);
  assert_close(nax_axis_coord(time, 2), 2.75, 0.0, 0.0);
  nax_array_free(a);
  nax_array *b = bin(s, 1.0, NULL);
  assert_ok(nax_spikes_bin_edges(NULL, s, 5, even, &info, &a));
  assert_memory_equal(nax_array_f64(a), nax_array_f64(b), 12 * sizeof(double));
  assert_int_equal(nax_axis_get_kind(nax_array_axis(a, 1)), NAX_AXIS_REGULAR);
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 1.0, 0.0, 0.0);
  nax_array_free(a);
  nax_array_free(b);
  assert_error(nax_spikes_bin_edges(NULL, s, 3, bad, NULL, &a), NAX_EINVAL,
               "nax_spikes_bin_edges: edge 2 is 1, expected finite and ascending edges");
  assert_null(a);
  assert_status(nax_spikes_bin_edges(NULL, s, 1, edges, NULL, &a), NAX_EINVAL);
  bad[1] = NAN;
  assert_status(nax_spikes_bin_edges(NULL, s, 2, bad, NULL, &a), NAX_EINVAL);
  nax_spikes_free(s);
}

static void
a_recording_of_a_moment_has_one_bin(void **state)
{
  (void)state;
  nax_index counts[] = {2};
  double times[] = {3.0, 3.0};
  nax_spikes *s = make(1, counts, times, 0, NULL);
  nax_bin_info info;
  nax_array *a = bin(s, 0.5, &info);
  assert_int_equal(nax_array_size(a), 1);
  assert_close(nax_array_f64(a)[0], 2.0, 0.0, 0.0);
  assert_int_equal(info.n_counted, 2);
  nax_array_free(a);
  double edges[] = {1.0, 2.0, 3.0};
  assert_ok(nax_spikes_bin_edges(NULL, s, 3, edges, &info, &a));
  assert_close(nax_array_f64(a)[1], 2.0, 0.0, 0.0);
  assert_int_equal(info.n_unrecorded, 1);
  nax_array_free(a);
  nax_spikes_free(s);
}

/* ----------------------------------------------------------- threads, memory, stop */

static nax_spikes *
many_units(void)
{
  enum { UNITS = 300, SPIKES = 400 };
  static double times[UNITS * SPIKES];
  static nax_index offsets[UNITS + 1];
  uint64_t seed = 99;
  nax_axis *units;
  nax_spikes *s;
  for (nax_index u = 0; u < UNITS; u++) {
    double t = 0.0;
    for (nax_index i = 0; i < SPIKES; i++) {
      times[u * SPIKES + i] = t += 0.5 * nax_t_uniform(&seed);
    }
    offsets[u + 1] = (u + 1) * SPIKES;
  }
  assert_ok(nax_axis_create_index(NULL, "unit", UNITS, &units));
  assert_ok(nax_spikes_create(NULL, units, offsets, times, 0, NULL, &s));
  nax_axis_free(units);
  return s;
}

static void
counts_do_not_depend_on_the_number_of_threads(void **state)
{
  (void)state;
  nax_spikes *s = many_units();
  nax_array *a[3];
  for (int32_t t = 0; t < 3; t++) {
    nax_ctx *ctx;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, t + 1));
    assert_ok(nax_spikes_bin(ctx, s, NULL, NULL, &a[t]));
    assert_memory_equal(nax_array_data(a[t]), nax_array_data(a[0]),
                        (size_t)nax_array_size(a[0]) * sizeof(double));
    nax_ctx_free(ctx);
  }
  for (int t = 0; t < 3; t++) {
    nax_array_free(a[t]);
  }
  nax_spikes_free(s);
}

static void
binning_can_be_stopped(void **state)
{
  (void)state;
  nax_spikes *s = three_units();
  nax_array *a;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_cancel(ctx);
  assert_status(nax_spikes_bin(ctx, s, NULL, NULL, &a), NAX_EINTERRUPT);
  assert_null(a);
  assert_string_equal(
      nax_ctx_error(ctx),
      "nax_spikes_bin: stopped by the caller in spikes/bin after 0 steps");
  assert_ok(nax_spikes_bin(ctx, s, NULL, NULL, &a));
  nax_array_free(a);
  nax_ctx_free(ctx);
  nax_spikes_free(s);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_spikes *s = three_units(), *t;
  nax_array *a;
  const nax_spikes *both[2] = {s, s};
  double shift[2] = {0.0, 10.0}, edges[] = {0.0, 1.0, 3.0};
  nax_index index[] = {2, 0};
  const char *labels[] = {"c", "a"};
  const nax_axis *units = nax_spikes_units(s);
  const nax_index *offsets = nax_spikes_offsets(s);
  const double *times = nax_spikes_all_times(s);
  NAX_T_SWEEP_ALLOC(nax_spikes_create(NULL, units, offsets, times, 0, NULL, &t), t,
                    nax_spikes_free(t), 100);
  NAX_T_SWEEP_ALLOC(nax_spikes_copy(NULL, s, &t), t, nax_spikes_free(t), 100);
  NAX_T_SWEEP_ALLOC(nax_spikes_slice(NULL, s, 1, 3, &t), t, nax_spikes_free(t), 100);
  NAX_T_SWEEP_ALLOC(nax_spikes_take(NULL, s, 2, index, &t), t, nax_spikes_free(t), 100);
  NAX_T_SWEEP_ALLOC(nax_spikes_take_labels(NULL, s, 2, labels, &t), t, nax_spikes_free(t),
                    100);
  NAX_T_SWEEP_ALLOC(nax_spikes_concat(NULL, 2, both, shift, &t), t, nax_spikes_free(t),
                    100);
  NAX_T_SWEEP_ALLOC(nax_spikes_stack(NULL, 2, both, &t), t, nax_spikes_free(t), 100);
  NAX_T_SWEEP_ALLOC(nax_spikes_bin(NULL, s, NULL, NULL, &a), a, nax_array_free(a), 100);
  NAX_T_SWEEP_ALLOC(nax_spikes_bin_edges(NULL, s, 3, edges, NULL, &a), a,
                    nax_array_free(a), 100);
  nax_spikes_free(s);
}

static void
trains_can_be_stopped_while_they_are_taken(void **state)
{
  (void)state;
  enum { UNITS = 20, EACH = 200000 }; /* 32 MB: the copy looks too */
  nax_index offset[UNITS + 1] = {0};
  double *t = malloc((size_t)UNITS * EACH * sizeof *t);
  nax_axis *units;
  nax_spikes *s, *copy;
  nax_ctx *ctx;
  for (nax_index u = 0; u < UNITS; u++) {
    offset[u + 1] = offset[u] + EACH;
    for (nax_index i = 0; i < EACH; i++) {
      t[offset[u] + i] = (double)i;
    }
  }
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_axis_create_index(NULL, "unit", UNITS, &units));
  nax_ctx_cancel(ctx);
  assert_status(nax_spikes_create(ctx, units, offset, t, 0, NULL, &s), NAX_EINTERRUPT);
  assert_null(s);
  assert_ok(nax_spikes_create(ctx, units, offset, t, 0, NULL, &s));
  nax_ctx_cancel(ctx);
  assert_status(nax_spikes_copy(ctx, s, &copy), NAX_EINTERRUPT);
  assert_null(copy);
  nax_spikes_free(s);
  nax_axis_free(units);
  nax_ctx_free(ctx);
  free(t);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accessors_give_what_was_put_in),
      cmocka_unit_test(times_out_of_order_are_sorted_and_reported),
      cmocka_unit_test(faulty_input_is_refused_by_name),
      cmocka_unit_test(no_unit_and_no_spike_are_a_recording_too),
      cmocka_unit_test(a_slice_is_half_open_and_cuts_the_intervals),
      cmocka_unit_test(a_slice_keeps_the_gaps),
      cmocka_unit_test(units_are_taken_by_index_and_label),
      cmocka_unit_test(recordings_follow_each_other_in_time),
      cmocka_unit_test(probes_stand_beside_each_other),
      cmocka_unit_test(counts_stand_in_half_open_bins),
      cmocka_unit_test(the_last_bin_may_reach_past_the_end_or_be_left_out),
      cmocka_unit_test(a_range_within_the_recording_stays_half_open),
      cmocka_unit_test(spikes_on_edges_go_to_the_bin_that_begins_there),
      cmocka_unit_test(widths_that_are_no_ratio_keep_to_their_own_edges),
      cmocka_unit_test(gaps_are_missing_and_their_spikes_reported),
      cmocka_unit_test(given_edges_are_the_edges),
      cmocka_unit_test(a_recording_of_a_moment_has_one_bin),
      cmocka_unit_test(counts_do_not_depend_on_the_number_of_threads),
      cmocka_unit_test(binning_can_be_stopped),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(trains_can_be_stopped_while_they_are_taken),
  };
  return cmocka_run_group_tests_name("spikes", tests, NULL, NULL);
}
