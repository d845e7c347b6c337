/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tags of spike trains and of samples at uneven times. */
#include "nax_test.h"
#include "uniform.h"
#include "freqtag/fit_i.h"

enum { UNITS = 8, TRIALS = 20 };
static const double length = 2.0; /* s */

static double
normal(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  return r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(seed));
}

/* ------------------------------------------------------------------ spike trains */

/* Poisson spikes at 30 Hz over `stop` s; units 0 to 3 follow 5 Hz with depth m. */
static nax_spikes *
trains(double stop, double m, uint64_t seed)
{
  nax_axis *axis = NULL;
  nax_spikes *s = NULL;
  static double t[200000];
  nax_index offset[UNITS + 1] = {0}, n = 0;
  for (int u = 0; u < UNITS; u++) {
    double at = 0.0;
    for (;;) {
      at -= log1p(-nax_t_uniform(&seed)) / 60.0;
      if (at >= stop) {
        break;
      }
      double rate = 0.5 * (1.0 + (u < 4 ? m : 0.0) * cos(10.0 * NAX_I_FT_PI * at));
      if (nax_t_uniform(&seed) < rate) {
        t[n++] = at;
      }
    }
    offset[u + 1] = n;
  }
  double whole[2] = {0.0, stop};
  assert_ok(nax_axis_create_index(NULL, "unit", UNITS, &axis));
  assert_ok(nax_spikes_create(NULL, axis, offset, t, 1, whole, &s));
  nax_axis_free(axis);
  return s;
}

static nax_freqtag_opts
usual(void)
{
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  o.tags = "5";
  o.window = length;
  o.q = 1e-3;
  return o;
}

static void
spikes_that_follow_are_found(void **state)
{
  (void)state;
  nax_spikes *s = trains(40.0, 0.5, 3);
  static const int32_t test[] = {NAX_FREQTAG_TEST_T2CIRC,   NAX_FREQTAG_TEST_T2,
                                 NAX_FREQTAG_TEST_RAYLEIGH, NAX_FREQTAG_TEST_SNR,
                                 NAX_FREQTAG_TEST_POWER,    NAX_FREQTAG_TEST_AUTO,
                                 NAX_FREQTAG_TEST_Z2};
  for (size_t k = 0; k < sizeof test / sizeof test[0]; k++) {
    nax_freqtag_opts o = usual();
    nax_freqtag *f = NULL;
    o.test = test[k];
    o.spectrum = k == 0;
    assert_ok(nax_freqtag_fit_spikes(NULL, s, NULL, NULL, &o, &f));
    assert_int_equal(nax_freqtag_n_trials(f, 0), TRIALS);
    for (nax_index u = 0; u < UNITS; u++) {
      assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u < 4);
    }
    if (k == 0) {
      /* depth 0.5 of 30 spikes a second */
      const double *a = nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE);
      const double *phase = nax_freqtag_values(f, NAX_FREQTAG_PHASE);
      assert_close(a[0], 15.0, 0.0, 4.0);
      assert_close(phase[0], 0.0, 0.0, 0.3);
      nax_index n;
      const double *x = nax_freqtag_spectrum(f, 0, &n);
      const double *y = nax_freqtag_spectrum(f, 1, &n);
      assert_close(x[10], 5.0, 1e-12, 0.0);
      for (nax_index i = 1; i < n; i++) {
        assert_true(i == 10 || y[i] < y[10]);
      }
    }
    nax_freqtag_free(f);
  }
  nax_spikes_free(s);
}

static void
spike_values_are_those_of_the_statistics(void **state)
{
  (void)state;
  nax_spikes *s = trains(40.0, 0.5, 4);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  static double t[5000];
  static nax_index trial[5000];
  nax_c64 j[TRIALS];
  double freq[1] = {5.0};
  o.harmonics = 2;
  assert_ok(nax_freqtag_fit_spikes(NULL, s, NULL, NULL, &o, &f));
  for (nax_index u = 0; u < UNITS; u++) {
    nax_index n;
    const double *time = nax_spikes_times(s, u, &n);
    for (nax_index i = 0; i < n; i++) {
      trial[i] = (nax_index)floor(time[i] / length);
      t[i] = time[i] - length * (double)trial[i];
    }
    nax_freqtag_spike_stats want;
    assert_ok(
        nax_freqtag_spikes(NULL, n, t, trial, TRIALS, length, 1, freq, NULL, j, &want));
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_SPIKES)[u], (double)n, 0.0, 0.0);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_VECTOR_STRENGTH)[u],
                 want.vector_strength, 1e-9, 0.0);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_PPC0)[u], want.ppc0, 1e-7, 1e-11);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_PPC1)[u], want.ppc1, 1e-7, 1e-11);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_PPC2)[u], want.ppc2, 1e-7, 1e-11);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_SPIKE_POWER)[u], want.power, 1e-9,
                 0.0);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P_SPIKES)[u], want.rayleigh.log_p,
                 1e-8, 1e-10);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P_Z2)[u],
                 nax_freqtag_z2(n, t, 5.0, 2).log_p, 1e-8, 1e-10);
    nax_freqtag_moments m = nax_freqtag_moments_of(TRIALS, j);
    nax_freqtag_power p = nax_freqtag_power_of(&m);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_ITPC)[u], p.itpc, 1e-9, 0.0);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE)[u],
                 sqrt(p.evoked) * 2.0 / length, 1e-9, 0.0);
  }
  nax_dataset *d = NULL;
  assert_ok(nax_freqtag_dataset(NULL, f, &d));
  assert_non_null(nax_dataset_array(d, "ppc2"));
  nax_dataset_free(d);
  nax_freqtag_free(f);
  nax_spikes_free(s);
}

static void
spikes_begin_at_events_and_have_controls(void **state)
{
  (void)state;
  nax_spikes *s = trains(80.0, 0.6, 5), *quiet = trains(80.0, 0.0, 6);
  nax_ctx *ctx = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL, *g = NULL;
  double on[TRIALS + 1], off[TRIALS];
  for (int i = 0; i < TRIALS; i++) {
    on[i] = 4.0 * i;
    off[i] = 4.0 * i + 0.1 * (1 + i % 2); /* opposite phases of 5 Hz cancel */
  }
  on[TRIALS] = 79.5;
  nax_freqtag_events e = {
      .n = TRIALS + 1, .start = on, .n_control = TRIALS, .control = off};
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_freqtag_fit_spikes(ctx, s, NULL, &e, &o, &f));
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "freqtag.outside");
  assert_int_equal(nax_freqtag_n_trials(f, 0), TRIALS);
  for (nax_index u = 0; u < UNITS; u++) {
    assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u < 4);
  }
  nax_freqtag_free(f);
  /* another recording as the control, exchanged labels, any number of threads */
  e.n = TRIALS;
  e.control = on;
  o.null = NAX_FREQTAG_NULL_LABEL;
  o.surrogates = 9999;
  for (int threads = 1; threads <= 4; threads *= 4) {
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_freqtag_fit_spikes(ctx, s, quiet, &e, &o, &f));
    for (nax_index u = 0; u < UNITS; u++) {
      assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u < 4);
    }
    if (threads == 1) {
      g = f;
    }
  }
  for (int k = 0; k < NAX_FREQTAG_N_FIELDS; k++) {
    assert_memory_equal(nax_freqtag_values(f, (nax_freqtag_field)k),
                        nax_freqtag_values(g, (nax_freqtag_field)k),
                        UNITS * sizeof(double));
  }
  nax_freqtag_free(f);
  nax_freqtag_free(g);
  f = NULL;
  o = usual();
  o.test = NAX_FREQTAG_TEST_THOMSON;
  assert_status(nax_freqtag_fit_spikes(NULL, s, NULL, NULL, &o, &f), NAX_EINVAL);
  o = usual();
  o.tags = "600";
  assert_error(
      nax_freqtag_fit_spikes(NULL, s, NULL, NULL, &o, &f), NAX_EINVAL,
      "nax_freqtag_fit_spikes: tag of 600 Hz lies beyond half the rate (500 Hz): "
      "it would be seen at 400 Hz");
  assert_null(f);
  nax_ctx_free(ctx);
  nax_spikes_free(s);
  nax_spikes_free(quiet);
}

/* A window must not reach over a gap of the recording, where there are no spikes. */
static void
gaps_are_no_silence(void **state)
{
  (void)state;
  nax_axis *axis = NULL;
  nax_spikes *s = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  double t[400], whole[4] = {0.0, 9.0, 15.0, 40.0};
  nax_index offset[2] = {0, 400};
  uint64_t seed = 9;
  for (int i = 0; i < 400; i++) {
    double at = 34.0 * nax_t_uniform(&seed);
    t[i] = at < 9.0 ? at : at + 6.0;
  }
  assert_ok(nax_axis_create_index(NULL, "unit", 1, &axis));
  assert_ok(nax_spikes_create(NULL, axis, offset, t, 2, whole, &s));
  assert_ok(nax_freqtag_fit_spikes(NULL, s, NULL, NULL, &o, &f));
  /* windows of 2 s from 0: 0-8 are four, 16-40 twelve */
  assert_int_equal(nax_freqtag_n_trials(f, 0), 16);
  nax_freqtag_free(f);
  nax_spikes_free(s);
  nax_axis_free(axis);
}

/* ------------------------------------------------------------------ uneven times */

/* Jittered samples at 20 Hz on average; units 0 to 3 follow 3 Hz. */
static nax_array *
uneven(nax_index time, nax_index trials, double depth, uint64_t seed)
{
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  double *t = calloc((size_t)time, sizeof *t);
  for (nax_index i = 0; i < time; i++) {
    t[i] = 7.0 + ((double)i + 0.8 * nax_t_uniform(&seed)) / 20.0;
  }
  assert_ok(nax_axis_create_index(NULL, "channel", UNITS, axis));
  assert_ok(nax_axis_create_coords(NULL, "time", "s", time, t, axis + 1));
  assert_ok(nax_axis_create_index(NULL, "trial", trials, axis + 2));
  assert_ok(nax_array_create(NULL, NAX_F64, trials > 0 ? 3 : 2,
                             (const nax_axis *const *)axis, "uV", &a));
  double *x = nax_array_data_mut(a);
  for (nax_index r = 0; r < (trials > 0 ? trials : 1); r++) {
    for (nax_index i = 0; i < time; i++) {
      for (int u = 0; u < UNITS; u++) {
        *x++ = normal(&seed) + 5.0 +
               (u < 4 ? depth : 0.0) * cos(6.0 * NAX_I_FT_PI * (t[i] - t[0]));
      }
    }
  }
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  free(t);
  return a;
}

static void
uneven_samples_are_taken_as_they_are(void **state)
{
  (void)state;
  nax_array *a = uneven(100, 12, 0.8, 1), *b = uneven(400, 0, 0.8, 2);
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  nax_freqtag *f = NULL;
  o.tags = "3";
  o.q = 1e-3;
  for (int k = 0; k < 2; k++) {
    o.test = k == 0 ? NAX_FREQTAG_TEST_T2CIRC : NAX_FREQTAG_TEST_LINE;
    o.spectrum = k;
    assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
    for (nax_index u = 0; u < UNITS; u++) {
      assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u < 4);
    }
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE)[0], 0.8, 0.0, 0.2);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_PHASE)[0], 0.0, 0.0, 0.3);
    nax_freqtag_free(f);
  }
  /* one series: p is that of Lomb-Scargle */
  o.spectrum = 0;
  assert_ok(nax_freqtag_fit(NULL, b, NULL, NULL, &o, &f));
  assert_int_equal(nax_freqtag_n_trials(f, 0), 1);
  double t[400], y[400], freq[1] = {3.0};
  const nax_axis *time = nax_array_axis(b, 1);
  const double *x = nax_array_data(b);
  for (nax_index u = 0; u < UNITS; u++) {
    nax_freqtag_line l;
    for (int i = 0; i < 400; i++) {
      t[i] = nax_axis_coord(time, i);
      y[i] = x[u + UNITS * i];
    }
    assert_ok(nax_freqtag_lomb_scargle(NULL, 400, t, y, 1, freq, 1, &l));
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P)[u], l.test.log_p, 1e-8, 1e-11);
    assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u < 4);
  }
  nax_freqtag_free(f);
  f = NULL;
  o.test = NAX_FREQTAG_TEST_T2CIRC;
  assert_error(nax_freqtag_fit(NULL, b, NULL, NULL, &o, &f), NAX_EDIM,
               "nax_freqtag_fit: one trial, expected at least 2 (of one trial: test snr, "
               "thomson or line)");
  o.test = NAX_FREQTAG_TEST_SNR;
  assert_status(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL);
  o.test = NAX_FREQTAG_TEST_LINE;
  o.tags = "1e5";
  assert_status(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL);
  /* events cut a long one */
  double start[10];
  for (int i = 0; i < 10; i++) {
    start[i] = 7.2 + 1.9 * i;
  }
  nax_freqtag_events e = {.n = 10, .start = start};
  o = (nax_freqtag_opts)NAX_FREQTAG_OPTS_INIT;
  o.tags = "3";
  o.q = 1e-3;
  o.window = 1.5;
  o.test = NAX_FREQTAG_TEST_LINE;
  assert_ok(nax_freqtag_fit(NULL, b, NULL, &e, &o, &f));
  assert_int_equal(nax_freqtag_n_trials(f, 0), 10);
  assert_int_equal(nax_freqtag_n_tagged(f, 0), 4);
  nax_freqtag_free(f);
  nax_array_free(a);
  nax_array_free(b);
}

static void
null_p_values_of_series_are_uniform(void **state)
{
  (void)state;
  nax_t_long();
  enum { DRAWS = 100000, N = 300 };
  double *p[4];
  uint64_t seed = 21;
  for (int k = 0; k < 4; k++) {
    p[k] = calloc(DRAWS, sizeof(double));
  }
  for (int i = 0; i < DRAWS; i++) {
    double t[N], y[64], at[64], f[1] = {0.11};
    nax_freqtag_line l;
    for (int s = 0; s < N; s++) {
      t[s] = 10.0 * nax_t_uniform(&seed);
    }
    p[0][i] = nax_freqtag_z2(N, t, 3.0, 1).p;
    p[1][i] = nax_freqtag_z2(N, t, 3.0, 3).p;
    for (int s = 0; s < 64; s++) {
      y[s] = normal(&seed);
      at[s] = (double)s + 0.9 * nax_t_uniform(&seed);
    }
    assert_ok(nax_freqtag_lomb_scargle(NULL, 64, at, y, 1, f, 1, &l));
    p[2][i] = l.test.p;
    double re = 0.0, im = 0.0;
    for (int s = 0; s < N; s++) {
      re += cos(6.0 * NAX_I_FT_PI * t[s]);
      im += sin(6.0 * NAX_I_FT_PI * t[s]);
    }
    p[3][i] = nax_freqtag_rayleigh(N, hypot(re, im) / N, NAX_FREQTAG_RAYLEIGH_AUTO).p;
  }
  static const char *const name[] = {"Z2, one harmonic", "Z2, three harmonics",
                                     "Lomb-Scargle", "Rayleigh of spikes"};
  for (int k = 0; k < 4; k++) {
    assert_uniform(name[k], DRAWS, p[k]);
    free(p[k]);
  }
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_spikes *s = trains(12.0, 0.5, 12);
  nax_array *a = uneven(40, 3, 0.5, 13);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  o.spectrum = 1;
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit_spikes(NULL, s, NULL, NULL, &o, &f), f,
                    nax_freqtag_free(f), 400);
  o = (nax_freqtag_opts)NAX_FREQTAG_OPTS_INIT;
  o.tags = "3";
  o.test = NAX_FREQTAG_TEST_LINE;
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), f, nax_freqtag_free(f),
                    400);
  nax_spikes_free(s);
  nax_array_free(a);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spikes_that_follow_are_found),
      cmocka_unit_test(spike_values_are_those_of_the_statistics),
      cmocka_unit_test(spikes_begin_at_events_and_have_controls),
      cmocka_unit_test(gaps_are_no_silence),
      cmocka_unit_test(uneven_samples_are_taken_as_they_are),
      cmocka_unit_test(null_p_values_of_series_are_uniform),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_series", tests, NULL, NULL);
}
