/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "signal/signal_i.h"
#define NAX_REF_SPECTRUM
#include "reference/signal_scipy.h"

static nax_array *
traces(const double *x, nax_index n, nax_index n_traces, double rate)
{
  nax_axis *axes[2] = {NULL};
  nax_array *a = NULL;
  assert_ok(nax_axis_create_regular(NULL, "time", "s", n, 3.0, rate, &axes[0]));
  assert_ok(nax_axis_create_index(NULL, "neuron", n_traces, &axes[1]));
  assert_ok(nax_array_create(NULL, NAX_F64, 2, (const nax_axis *const *)axes, "uV", &a));
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  for (nax_index i = 0; i < n_traces; i++) {
    memcpy((double *)nax_array_data_mut(a) + i * n, x, (size_t)n * sizeof *x);
  }
  return a;
}

static void
check(const double *expected, nax_index bins, nax_signal_welch_opts o)
{
  nax_array *a = traces(ref_long, 400, 2, 100.0), *p = NULL;
  assert_ok(nax_signal_welch(NULL, a, &o, &p));
  assert_int_equal(nax_array_dim(p, 0), bins);
  assert_all_close(nax_array_f64(p), expected, bins, 1e-11, 1e-16);
  assert_all_close(nax_array_f64(p) + bins, expected, bins, 1e-11, 1e-16);
  const nax_axis *f = nax_array_axis(p, 0);
  assert_string_equal(nax_axis_name(f), "frequency");
  assert_string_equal(nax_axis_unit(f), "Hz");
  assert_close(nax_axis_coord(f, bins - 1), bins == 38 ? 37.0 * 100.0 / 75.0 : 50.0,
               1e-14, 0.0);
  assert_string_equal(nax_array_unit(p), "(uV)^2/Hz");
  nax_array_free(a);
  nax_array_free(p);
}

static void
spectra_have_the_numbers_of_scipy(void **state)
{
  (void)state;
  nax_signal_welch_opts o = NAX_SIGNAL_WELCH_OPTS_INIT;
  o.segment = 1.0;
  check(ref_welch_hann, 51, o);
  o.segment = 0.75;
  o.overlap = 1.0 / 3.0;
  o.window = NAX_WINDOW_HAMMING;
  o.trend = NAX_SEGMENT_LINEAR;
  o.average = NAX_AVERAGE_MEDIAN;
  check(ref_welch_median, 38, o);
  o = (nax_signal_welch_opts)NAX_SIGNAL_WELCH_OPTS_INIT;
  o.segment = 4.0;
  o.overlap = 0.0;
  o.window = NAX_WINDOW_BOXCAR;
  o.trend = NAX_SEGMENT_NONE;
  check(ref_welch_whole, 201, o);
}

static void
the_integral_of_the_spectrum_is_the_power(void **state)
{
  (void)state;
  uint64_t seed = 41;
  for (nax_index n = 1; n < 60; n += 7) {
    double x[60], power = 0.0, sum = 0.0;
    for (nax_index i = 0; i < n; i++) {
      x[i] = nax_t_uniform(&seed);
      power += x[i] * x[i] / (double)n;
    }
    nax_signal_welch_opts o = NAX_SIGNAL_WELCH_OPTS_INIT;
    o.window = NAX_WINDOW_BOXCAR;
    o.trend = NAX_SEGMENT_NONE;
    nax_array *a = traces(x, n, 1, 20.0), *p = NULL;
    assert_ok(nax_signal_welch(NULL, a, &o, &p));
    for (nax_index f = 0; f < nax_array_size(p); f++) {
      sum += nax_array_f64(p)[f] * 20.0 / (double)n;
    }
    assert_close(sum, power, 1e-13, 0.0);
    nax_array_free(a);
    nax_array_free(p);
  }
}

static void
segments_with_holes_are_left_out(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_signal_welch_opts o = NAX_SIGNAL_WELCH_OPTS_INIT;
  o.segment = 1.0;
  o.overlap = 0.0;
  nax_array *a = traces(ref_long, 400, 2, 100.0), *p = NULL, *q = NULL;
  double *x = nax_array_data_mut(a);
  x[250] = NAN; /* third second of trace 0 */
  for (int i = 0; i < 4; i++) {
    x[400 + 100 * i + 7] = NAN; /* every second of trace 1 */
  }
  assert_ok(nax_signal_welch(ctx, a, &o, &p));
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "signal.no-complete-segment");
  double kept[300];
  memcpy(kept, ref_long, 200 * sizeof *kept);
  memcpy(kept + 200, ref_long + 300, 100 * sizeof *kept);
  nax_array *b = traces(kept, 300, 1, 100.0);
  assert_ok(nax_signal_welch(NULL, b, &o, &q));
  assert_all_close(nax_array_f64(p), nax_array_f64(q), 51, 1e-13, 0.0);
  assert_true(isnan(nax_array_f64(p)[51]));
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(p);
  nax_array_free(q);
  nax_ctx_free(ctx);
}

static void
faults(void **state)
{
  (void)state;
  nax_array *a = traces(ref_long, 400, 1, 100.0), *p = NULL;
  nax_signal_welch_opts o = NAX_SIGNAL_WELCH_OPTS_INIT, d;
  o.segment = 4.01;
  assert_error(nax_signal_welch(NULL, a, &o, &p), NAX_EINVAL,
               "nax_signal_welch: `segment` must hold at least one sample and fit the "
               "recording of 4 s, got 4.01 s");
  o.segment = 1.0;
  o.overlap = 1.0;
  assert_status(nax_signal_welch(NULL, a, &o, &p), NAX_EINVAL);
  NAX_T_SWEEP_ALLOC(nax_signal_welch(NULL, a, NULL, &p), p, nax_array_free(p), 100);
  nax_array_free(a);
  o = (nax_signal_welch_opts)NAX_SIGNAL_WELCH_OPTS_INIT;
  nax_options_default(nax_options_table("welch"), &d);
  assert_true(isnan(o.segment) && isnan(d.segment) && o.overlap == d.overlap &&
              o.window == d.window && o.trend == d.trend && o.average == d.average);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spectra_have_the_numbers_of_scipy),
      cmocka_unit_test(the_integral_of_the_spectrum_is_the_power),
      cmocka_unit_test(segments_with_holes_are_left_out),
      cmocka_unit_test(faults),
  };
  return cmocka_run_group_tests_name("welch", tests, NULL, NULL);
}
