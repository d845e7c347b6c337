/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detrending, resampling, alignment, averages over trials. */
#include "nax_test.h"
#include "signal/signal_i.h"

/* neuron x time; time regular for t NULL, else with these coordinates. */
static nax_array *
recording(nax_index neurons, nax_index n, const double *t, double rate, nax_dtype dtype)
{
  nax_axis *axes[2] = {NULL};
  nax_array *a = NULL;
  assert_ok(nax_axis_create_index(NULL, "neuron", neurons, &axes[0]));
  if (t == NULL) {
    assert_ok(nax_axis_create_regular(NULL, "time", "s", n, 0.0, rate, &axes[1]));
  } else {
    assert_ok(nax_axis_create_coords(NULL, "time", "s", n, t, &axes[1]));
  }
  assert_ok(nax_array_create(NULL, dtype, 2, (const nax_axis *const *)axes, "au", &a));
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  return a;
}

static double *
data(nax_array *a)
{
  return nax_array_data_mut(a);
}

/* ---------------------------------------------------------------- detrending */

static void
polynomials_are_taken_away_exactly(void **state)
{
  (void)state;
  uint64_t seed = 51;
  for (int64_t order = 0; order <= 5; order++) {
    double t[80];
    for (int i = 0; i < 80; i++) {
      t[i] = 1000.0 + i + 0.8 * nax_t_uniform(&seed); /* irregular, far from 0 */
    }
    nax_array *a = recording(3, 80, t, 0.0, NAX_F64), *b = NULL;
    for (int i = 0; i < 80; i++) {
      double z = (t[i] - 1040.0) / 20.0, p = 1.0;
      for (int64_t k = 0; k < order; k++) {
        p = p * z + 0.7;
      }
      data(a)[3 * i] = p;
      data(a)[3 * i + 1] = i % 3 == 1 ? (double)NAN : p;
      data(a)[3 * i + 2] = NAN;
    }
    nax_signal_detrend_opts o = NAX_SIGNAL_DETREND_OPTS_INIT;
    o.order = order;
    assert_ok(nax_signal_detrend(NULL, a, &o, &b));
    for (int i = 0; i < 80; i++) {
      assert_close(data(b)[3 * i], 0.0, 0.0, 1e-11);
      assert_close(data(b)[3 * i + 1], i % 3 == 1 ? (double)NAN : 0.0, 0.0, 1e-11);
      assert_true(isnan(data(b)[3 * i + 2]));
    }
    nax_array_free(a);
    nax_array_free(b);
  }
}

static void
residuals_are_orthogonal_and_the_mean_can_stay(void **state)
{
  (void)state;
  uint64_t seed = 52;
  nax_array *a = recording(1, 200, NULL, 10.0, NAX_F64), *b = NULL, *c = NULL;
  double mean = 0.0, dot[4] = {0.0}, kept = 0.0;
  for (int i = 0; i < 200; i++) {
    data(a)[i] = 100.0 + nax_t_uniform(&seed) + 0.01 * i;
    mean += data(a)[i] / 200.0;
  }
  nax_signal_detrend_opts o = NAX_SIGNAL_DETREND_OPTS_INIT;
  o.order = 3;
  assert_ok(nax_signal_detrend(NULL, a, &o, &b));
  o.keep_mean = 1;
  assert_ok(nax_signal_detrend(NULL, a, &o, &c));
  for (int i = 0; i < 200; i++) {
    double z = (i - 99.5) / 100.0, p = 1.0;
    for (int k = 0; k < 4; k++, p *= z) {
      dot[k] += p * data(b)[i];
    }
    kept += data(c)[i] / 200.0;
  }
  for (int k = 0; k < 4; k++) {
    assert_close(dot[k], 0.0, 0.0, 1e-10);
  }
  assert_close(kept, mean, 1e-13, 0.0);
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(c);
}

static void
few_samples_get_a_lower_order(void **state)
{
  (void)state;
  nax_array *a = recording(1, 5, NULL, 1.0, NAX_F64), *b = NULL;
  for (int i = 0; i < 5; i++) {
    data(a)[i] = i < 2 ? i + 3.0 : (double)NAN;
  }
  nax_signal_detrend_opts o = NAX_SIGNAL_DETREND_OPTS_INIT;
  o.order = 7;
  assert_ok(nax_signal_detrend(NULL, a, &o, &b));
  assert_close(data(b)[0], 0.0, 0.0, 1e-14);
  assert_close(data(b)[1], 0.0, 0.0, 1e-14);
  nax_array_free(a);
  nax_array_free(b);
}

/* ---------------------------------------------------------------- resampling */

static void
gaps_are_found(void **state)
{
  (void)state;
  const double t[] = {0.0, 0.1, 0.2, 0.5, 0.6, 0.7, 3.0};
  nax_axis *axis = NULL;
  nax_array *g = NULL;
  assert_ok(nax_axis_create_coords(NULL, "time", "s", 7, t, &axis));
  assert_ok(nax_signal_gaps(NULL, axis, NAX_NOT_GIVEN, &g));
  const double expected[] = {0.2, 0.5, 0.7, 3.0};
  assert_int_equal(nax_array_size(g), 4);
  assert_all_close(nax_array_f64(g), expected, 4, 0.0, 0.0);
  nax_array_free(g);
  assert_ok(nax_signal_gaps(NULL, axis, 1.0, &g));
  assert_int_equal(nax_array_dim(g, 1), 1);
  nax_array_free(g);
  assert_ok(nax_signal_gaps(NULL, axis, 10.0, &g));
  assert_int_equal(nax_array_size(g), 0);
  nax_array_free(g);
  NAX_T_SWEEP_ALLOC(nax_signal_gaps(NULL, axis, 1.0, &g), g, nax_array_free(g), 50);
  nax_axis_free(axis);
  assert_ok(nax_axis_create_coords(NULL, "time", "ms", 3,
                                   (const double[]){0.0, 20.0, 10.0}, &axis));
  assert_error(nax_signal_gaps(NULL, axis, 1.0, &g), NAX_EDATA,
               "nax_signal_gaps: axis `time` must ascend, sample 2 is 0.01 s before the "
               "one before it");
  nax_axis_free(axis);
}

/* The value of one trace at time `at`, by the words of the manual. */
static double
slow_resample(const double *t, const double *x, nax_index n, double at, double rate,
              double max_gap, int32_t method)
{
  nax_index lo = -1, hi = -1, m = 0;
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    if (!isfinite(x[i])) {
      continue;
    }
    if (t[i] >= at - 0.5 / rate && t[i] < at + 0.5 / rate) {
      sum += x[i];
      m++;
    }
    if (t[i] <= at) {
      lo = i;
    }
    if (t[i] >= at && hi < 0) {
      hi = i;
    }
  }
  if (method == NAX_INTERPOLATE_AVERAGE && m > 0) {
    return sum / (double)m;
  }
  if (lo >= 0 && method == NAX_INTERPOLATE_PREVIOUS) {
    return at - t[lo] <= max_gap ? x[lo] : (double)NAN;
  }
  if (lo < 0 || hi < 0 || (lo != hi && t[hi] - t[lo] > max_gap)) {
    return NAN;
  }
  if (lo == hi) {
    return x[lo];
  }
  double w = (at - t[lo]) / (t[hi] - t[lo]);
  return method == NAX_INTERPOLATE_NEAREST ? (w < 0.5 ? x[lo] : x[hi])
                                           : x[lo] + w * (x[hi] - x[lo]);
}

static void
resampling_agrees_with_its_definition(void **state)
{
  (void)state;
  uint64_t seed = 53;
  for (int round = 0; round < 60; round++) {
    double t[60];
    nax_index n = 10 + (nax_index)(nax_t_random(&seed) % 50);
    t[0] = 5.0;
    for (nax_index i = 1; i < n; i++) {
      t[i] = t[i - 1] + 0.05 + 0.1 * nax_t_uniform(&seed) + (i % 17 == 0 ? 1.0 : 0.0);
    }
    nax_array *a = recording(2, n, t, 0.0, NAX_F64), *b = NULL;
    for (nax_index i = 0; i < 2 * n; i++) {
      double u = nax_t_uniform(&seed);
      data(a)[i] = u < 0.1 ? (double)NAN : u;
    }
    nax_signal_resample_opts o = NAX_SIGNAL_RESAMPLE_OPTS_INIT;
    o.method = 1 + round % 4;
    o.rate = round % 2 ? 3.0 : 23.0;
    o.max_gap = 0.4;
    o.start = 4.0;
    o.stop = t[n - 1] + 1.0;
    assert_ok(nax_signal_resample(NULL, a, &o, &b));
    nax_index m = nax_array_dim(b, 1);
    assert_int_equal(m, (nax_index)floor((o.stop - 4.0) * o.rate + 1e-6) + 1);
    for (int neuron = 0; neuron < 2; neuron++) {
      double x[60];
      for (nax_index i = 0; i < n; i++) {
        x[i] = data(a)[neuron + 2 * i];
      }
      for (nax_index j = 0; j < m; j++) {
        double at = 4.0 + (double)j / o.rate;
        double expected = slow_resample(t, x, n, at, o.rate, 0.4, o.method);
        if (!nax_t_close(data(b)[neuron + 2 * j], expected, 1e-9, 1e-12)) {
          fail_msg("round %d neuron %d time %g: %g, expected %g", round, neuron, at,
                   data(b)[neuron + 2 * j], expected);
        }
      }
    }
    nax_array_free(a);
    nax_array_free(b);
  }
}

static void
a_regular_recording_resampled_at_its_own_rate_is_itself(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  uint64_t seed = 54;
  nax_array *a = recording(4, 1000, NULL, 29.97, NAX_F64), *b = NULL;
  for (nax_index i = 0; i < 4000; i++) {
    data(a)[i] = nax_t_uniform(&seed);
  }
  assert_ok(nax_signal_resample(ctx, a, NULL, &b));
  assert_int_equal(nax_array_dim(b, 1), 1000);
  assert_memory_equal(data(a), data(b), 4000 * sizeof(double));
  assert_close(nax_axis_rate(nax_array_axis(b, 1)), 29.97, 1e-14, 0.0);
  assert_int_equal(nax_ctx_n_warnings(ctx), 0);
  nax_array_free(b);
  nax_signal_resample_opts o = NAX_SIGNAL_RESAMPLE_OPTS_INIT;
  o.rate = 5.0;
  assert_ok(nax_signal_resample(ctx, a, &o, &b));
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "signal.aliasing");
  nax_array_free(b);
  o.stop = -1.0;
  assert_error(nax_signal_resample(NULL, a, &o, &b), NAX_EINVAL,
               "nax_signal_resample: `stop` must not be before `start`, got -1 and 0");
  NAX_T_SWEEP_ALLOC(nax_signal_resample(NULL, a, NULL, &b), b, nax_array_free(b), 50);
  NAX_T_SWEEP_ALLOC(nax_signal_detrend(NULL, a, NULL, &b), b, nax_array_free(b), 50);
  nax_array_free(a);
  nax_ctx_free(ctx);
}

/* -------------------------------------------------------------------- events */

static void
windows_around_events_have_the_samples_at_their_times(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 2));
  nax_array *a = recording(3, 200, NULL, 10.0, NAX_F64), *b = NULL;
  for (nax_index i = 0; i < 600; i++) {
    data(a)[i] = (double)(i / 3) + 1000.0 * (double)(i % 3);
  }
  data(a)[3 * 52] = NAN;
  const double events[] = {5.0, 10.04, 0.2, 19.7};
  nax_signal_align_opts o = NAX_SIGNAL_ALIGN_OPTS_INIT;
  o.stop = 0.5;
  assert_ok(nax_signal_align(ctx, a, 4, events, &o, &b));
  assert_int_equal(nax_array_ndim(b), 3);
  assert_int_equal(nax_array_dim(b, 1), 10);
  const nax_axis *time = nax_array_axis(b, 1), *trial = nax_array_axis(b, 2);
  assert_close(nax_axis_coord(time, 0), -0.5, 0.0, 1e-15);
  assert_close(nax_axis_coord(time, 5), 0.0, 0.0, 1e-15);
  assert_string_equal(nax_axis_name(trial), "trial");
  assert_close(nax_axis_coord(trial, 1), 10.04, 0.0, 0.0);
  for (int e = 0; e < 4; e++) {
    for (int j = 0; j < 10; j++) {
      for (int i = 0; i < 3; i++) {
        double s = round(10.0 * events[e] - 5.0 + j);
        double expected = s < 0.0 || s > 199.0 ? (double)NAN : s + 1000.0 * i;
        expected = i == 0 && s == 52.0 ? (double)NAN : expected;
        assert_close(data(b)[i + 3 * (j + 10 * e)], expected, 0.0, 0.0);
      }
    }
  }
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  assert_string_equal(
      nax_ctx_warning(ctx, 0).text,
      "2 of 4 trials reach beyond what was recorded and are missing there");
  nax_array_free(b);
  o.method = NAX_INTERPOLATE_LINEAR;
  o.bin = 0.05;
  assert_ok(nax_signal_align(NULL, a, 2, events, &o, &b));
  assert_int_equal(nax_array_dim(b, 1), 20);
  for (int j = 0; j < 20; j++) { /* the data are a line in time */
    assert_close(data(b)[1 + 3 * (j + 20)], 1000.0 + 10.0 * (10.04 - 0.5 + 0.05 * j),
                 1e-12, 0.0);
  }
  nax_array_free(b);
  NAX_T_SWEEP_ALLOC(nax_signal_align(NULL, a, 2, events, &o, &b), b, nax_array_free(b),
                    50);
  nax_array_free(a);
  nax_ctx_free(ctx);
}

static void
events_must_make_sense(void **state)
{
  (void)state;
  nax_array *a = recording(1, 20, NULL, 10.0, NAX_F64), *b = NULL, *c = NULL;
  const double events[] = {1.0, NAN};
  nax_signal_align_opts o = NAX_SIGNAL_ALIGN_OPTS_INIT;
  assert_error(nax_signal_align(NULL, a, 2, events, NULL, &b), NAX_EDATA,
               "nax_signal_align: `events` must be finite, entry 1 is nan");
  assert_status(nax_signal_align(NULL, a, 0, events, NULL, &b), NAX_EINVAL);
  o.stop = -0.5;
  assert_error(nax_signal_align(NULL, a, 1, events, &o, &b), NAX_EINVAL,
               "nax_signal_align: the window from -0.5 to -0.5 s must hold at least one "
               "sample of 0.1 s");
  assert_ok(nax_signal_align(NULL, a, 1, events, NULL, &b));
  assert_error(nax_signal_align(NULL, b, 1, events, NULL, &c), NAX_EDIM,
               "nax_signal_align: `in` must be continuous, without a trial axis and with "
               "fewer than 8 axes");
  nax_array_free(a);
  nax_array_free(b);
}

static nax_spikes *
spike_trains(void)
{
  nax_axis *units = NULL;
  nax_spikes *s = NULL;
  const char *const names[] = {"a", "b", "c"};
  /* on decimals that doubles do not hold: edges must not lose them */
  const double times[] = {0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 4.95, 1.299999, 1.3};
  const nax_index offsets[] = {0, 8, 8, 10};
  const double intervals[] = {0.0, 2.0, 4.0, 5.0};
  assert_ok(nax_axis_create_labels(NULL, "neuron", 3, names, &units));
  assert_ok(nax_spikes_create(NULL, units, offsets, times, 2, intervals, &s));
  nax_axis_free(units);
  return s;
}

static void
spikes_on_bin_edges_count_in_the_bin_that_begins_there(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_spikes *s = spike_trains();
  nax_array *b = NULL;
  const double events[] = {1.3, 4.9};
  nax_signal_align_opts o = NAX_SIGNAL_ALIGN_OPTS_INIT;
  o.stop = 0.2;
  o.bin = 0.1;
  assert_ok(nax_signal_align_spikes(ctx, s, 2, events, &o, &b));
  assert_int_equal(nax_array_dim(b, 0), 3);
  assert_int_equal(nax_array_dim(b, 1), 7);
  const double a1[] = {1, 1, 1, 1, 1, 1, 1}, c1[] = {0, 0, 0, 0, 1, 1, 0};
  const double a2[] = {0, 0, 0, 0, 0, 1, NAN};
  for (int j = 0; j < 7; j++) {
    assert_close(data(b)[3 * j], a1[j], 0.0, 0.0);
    assert_close(data(b)[3 * j + 1], 0.0, 0.0, 0.0);
    assert_close(data(b)[3 * j + 2], c1[j], 0.0, 0.0);
    assert_close(data(b)[3 * (j + 7)], a2[j], 0.0, 0.0);
  }
  const nax_axis *time = nax_array_axis(b, 1);
  assert_close(nax_axis_coord(time, 0), -0.45, 1e-14, 0.0);
  assert_close(nax_axis_rate(time), 10.0, 1e-14, 0.0);
  assert_string_equal(nax_array_unit(b), "counts");
  assert_string_equal(nax_axis_label(nax_array_axis(b, 0), 2), "c");
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "signal.trial-incomplete");
  nax_array_free(b);
  NAX_T_SWEEP_ALLOC(nax_signal_align_spikes(NULL, s, 2, events, &o, &b), b,
                    nax_array_free(b), 50);
  o.bin = 2.0;
  assert_error(
      nax_signal_align_spikes(NULL, s, 2, events, &o, &b), NAX_EINVAL,
      "nax_signal_align_spikes: the window from -0.5 to 0.2 s must hold at least one bin "
      "of 2 s");
  nax_spikes_free(s);
  nax_ctx_free(ctx);
}

static void
trials_of_unequal_length_are_padded(void **state)
{
  (void)state;
  nax_array *a = recording(2, 100, NULL, 10.0, NAX_F64), *b = NULL;
  for (nax_index i = 0; i < 200; i++) {
    data(a)[i] = (double)(i / 2) + 1000.0 * (double)(i % 2);
  }
  const double start[] = {1.0, 2.05, 9.7, 3.0}, stop[] = {1.3, 2.55, 12.0, 3.0};
  const nax_index expected[] = {3, 5, 3, 0}, first[] = {10, 21, 97, 0};
  nax_index length[4];
  assert_ok(nax_signal_cut(NULL, a, 4, start, stop, length, &b));
  assert_int_equal(nax_array_dim(b, 1), 5);
  for (int r = 0; r < 4; r++) {
    assert_int_equal(length[r], expected[r]);
    for (int j = 0; j < 5; j++) {
      for (int i = 0; i < 2; i++) {
        assert_close(data(b)[i + 2 * (j + 5 * r)],
                     j < length[r] ? (double)(first[r] + j + 1000 * i) : (double)NAN, 0.0,
                     0.0);
      }
    }
  }
  nax_array_free(b);
  NAX_T_SWEEP_ALLOC(nax_signal_cut(NULL, a, 4, start, stop, length, &b), b,
                    nax_array_free(b), 50);
  assert_error(nax_signal_cut(NULL, a, 4, stop, start, length, &b), NAX_EDATA,
               "nax_signal_cut: trial 0 must not stop before it starts, got 1.3 to 1 s");
  nax_array_free(a);

  nax_spikes *s = spike_trains();
  const double begin[] = {0.8, 1.3}, end[] = {1.5, 1.5};
  assert_ok(nax_signal_cut_spikes(NULL, s, 2, begin, end, 0.1, length, &b));
  assert_int_equal(length[0], 7);
  assert_int_equal(length[1], 2);
  for (int j = 0; j < 7; j++) {
    assert_close(data(b)[3 * j], 1.0, 0.0, 0.0);
    assert_close(data(b)[3 * (j + 7)], j < 2 ? 1.0 : (double)NAN, 0.0, 0.0);
  }
  nax_array_free(b);
  NAX_T_SWEEP_ALLOC(nax_signal_cut_spikes(NULL, s, 2, begin, end, 0.1, length, &b), b,
                    nax_array_free(b), 50);
  assert_status(nax_signal_cut_spikes(NULL, s, 2, begin, end, 0.0, NULL, &b), NAX_EINVAL);
  nax_spikes_free(s);
}

static void
averages_over_trials_have_their_standard_error(void **state)
{
  (void)state;
  nax_spikes *s = spike_trains();
  nax_array *a = NULL, *p = NULL;
  const double events[] = {1.3, 4.9, 1.2};
  nax_signal_align_opts o = NAX_SIGNAL_ALIGN_OPTS_INIT;
  o.stop = 0.2;
  o.bin = 0.1;
  assert_ok(nax_signal_align_spikes(NULL, s, 3, events, &o, &a));
  nax_signal_psth_opts po = NAX_SIGNAL_PSTH_OPTS_INIT;
  po.per_second = 1;
  assert_ok(nax_signal_psth(NULL, a, &po, &p));
  assert_string_equal(nax_array_unit(p), "Hz");
  assert_string_equal(nax_axis_label(nax_array_axis(p, 2), 1), "sem");
  /* unit a, first bin: counts 1, 0 and (0.7 to 0.8) 0; last bin: 1, missing, 1 */
  assert_close(data(p)[0], 10.0 / 3.0, 1e-14, 0.0);
  assert_close(data(p)[21], 10.0 * sqrt((4.0 + 1.0 + 1.0) / 9.0 / 2.0 / 3.0), 1e-14, 0.0);
  assert_close(data(p)[42], 3.0, 0.0, 0.0);
  assert_close(data(p)[18], 10.0, 1e-14, 0.0);
  assert_close(data(p)[18 + 42], 2.0, 0.0, 0.0);
  nax_array_free(p);
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    data(a)[i] = i < 21 ? data(a)[i] : (double)NAN;
  }
  assert_ok(nax_signal_psth(NULL, a, NULL, &p));
  assert_close(data(p)[0], 1.0, 0.0, 0.0);
  assert_true(isnan(data(p)[21]));
  nax_array_free(p);
  NAX_T_SWEEP_ALLOC(nax_signal_psth(NULL, a, NULL, &p), p, nax_array_free(p), 50);
  nax_array_free(a);
  nax_spikes_free(s);
  a = recording(1, 5, NULL, 1.0, NAX_F64);
  assert_status(nax_signal_psth(NULL, a, NULL, &p), NAX_EDIM);
  nax_array_free(a);
}

static void
option_tables_agree_with_their_macros(void **state)
{
  (void)state;
  nax_signal_detrend_opts d = NAX_SIGNAL_DETREND_OPTS_INIT, e;
  nax_options_default(nax_options_table("detrend"), &e);
  assert_true(d.order == e.order && d.keep_mean == e.keep_mean);
  nax_signal_resample_opts r = NAX_SIGNAL_RESAMPLE_OPTS_INIT, q;
  nax_options_default(nax_options_table("resample"), &q);
  assert_true(r.method == q.method && isnan(r.rate) && isnan(q.rate) &&
              isnan(q.max_gap) && isnan(q.start) && isnan(q.stop) && isnan(r.max_gap) &&
              isnan(r.start) && isnan(r.stop));
  nax_signal_align_opts a = NAX_SIGNAL_ALIGN_OPTS_INIT, b;
  nax_options_default(nax_options_table("align"), &b);
  assert_true(a.start == b.start && a.stop == b.stop && isnan(a.bin) && isnan(b.bin) &&
              a.method == b.method);
  nax_signal_psth_opts p = NAX_SIGNAL_PSTH_OPTS_INIT, w;
  nax_options_default(nax_options_table("psth"), &w);
  assert_true(p.per_second == w.per_second);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(polynomials_are_taken_away_exactly),
      cmocka_unit_test(residuals_are_orthogonal_and_the_mean_can_stay),
      cmocka_unit_test(few_samples_get_a_lower_order),
      cmocka_unit_test(gaps_are_found),
      cmocka_unit_test(resampling_agrees_with_its_definition),
      cmocka_unit_test(a_regular_recording_resampled_at_its_own_rate_is_itself),
      cmocka_unit_test(windows_around_events_have_the_samples_at_their_times),
      cmocka_unit_test(events_must_make_sense),
      cmocka_unit_test(spikes_on_bin_edges_count_in_the_bin_that_begins_there),
      cmocka_unit_test(trials_of_unequal_length_are_padded),
      cmocka_unit_test(averages_over_trials_have_their_standard_error),
      cmocka_unit_test(option_tables_agree_with_their_macros),
  };
  return cmocka_run_group_tests_name("trials", tests, NULL, NULL);
}
