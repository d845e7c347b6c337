/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tags of whole recordings: planted ones are found, and the numbers do not depend on how
 * the data come. */
#include "nax_test.h"
#include "freqtag/fit_i.h"

enum { UNITS = 48, TIME = 250, TRIALS = 24 };
static const double rate = 50.0;

static double
normal(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  return r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(seed));
}

/* Units 0-11 follow 1 Hz, 6-17 follow 2 Hz; white noise. neuron x time x trial. */
static nax_array *
planted(double depth, uint64_t seed)
{
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  assert_ok(nax_axis_create_index(NULL, "neuron", UNITS, axis));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", TIME, 0.0, rate, axis + 1));
  assert_ok(nax_axis_create_index(NULL, "trial", TRIALS, axis + 2));
  assert_ok(nax_array_create(NULL, NAX_F64, 3, (const nax_axis *const *)axis, "uV", &a));
  double *x = nax_array_data_mut(a);
  for (nax_index i = 0; i < UNITS * TIME * TRIALS; i++) {
    nax_index u = i % UNITS, t = i / UNITS % TIME;
    x[i] = normal(&seed) +
           (u < 12 ? depth : 0.0) * cos(2.0 * NAX_I_FT_PI * (double)t / rate) +
           (u >= 6 && u < 18 ? depth : 0.0) * sin(4.0 * NAX_I_FT_PI * (double)t / rate);
  }
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  return a;
}

static nax_freqtag_opts
usual(void)
{
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  o.tags = "1,2";
  o.side = 3; /* bins 1 to 3 lie below 1 Hz */
  return o;
}

static void
assert_same_values(const nax_freqtag *a, const nax_freqtag *b)
{
  size_t size = (size_t)(nax_freqtag_n_units(a) * nax_freqtag_n_tags(a)) * sizeof(double);
  for (int k = 0; k < NAX_FREQTAG_SPIKES; k++) {
    assert_memory_equal(nax_freqtag_values(a, (nax_freqtag_field)k),
                        nax_freqtag_values(b, (nax_freqtag_field)k), size);
  }
}

/* ------------------------------------------------------------------ finding */

static void
planted_tags_are_found(void **state)
{
  (void)state;
  nax_array *a = planted(0.4, 1);
  for (int32_t test = NAX_FREQTAG_TEST_T2CIRC; test <= NAX_FREQTAG_TEST_LINE; test++) {
    nax_freqtag_opts o = usual();
    nax_freqtag *f = NULL;
    o.test = test;
    assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
    assert_int_equal(nax_freqtag_n_samples(f), 250);
    assert_int_equal(nax_freqtag_n_trials(f, 0), TRIALS);
    nax_index wrong = 0;
    for (nax_index u = 0; u < UNITS; u++) {
      assert_int_equal(u < 12 && !nax_freqtag_is_tagged(f, u, 0), 0);
      assert_int_equal(u >= 6 && u < 18 && !nax_freqtag_is_tagged(f, u, 1), 0);
      wrong += u >= 12 && nax_freqtag_is_tagged(f, u, 0);
      wrong += (u < 6 || u >= 18) && nax_freqtag_is_tagged(f, u, 1);
    }
    assert_true(wrong <= 4);
    const double *amplitude = nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE);
    const double *phase = nax_freqtag_values(f, NAX_FREQTAG_PHASE);
    assert_close(amplitude[0], 0.4, 0.0, 0.08);
    assert_close(phase[0], 0.0, 0.0, 0.2);
    assert_close(phase[6 + UNITS], -NAX_I_FT_PI / 2.0, 0.0, 0.2);
    nax_freqtag_free(f);
  }
  nax_array_free(a);
}

static void
values_are_those_of_the_definitions(void **state)
{
  (void)state;
  nax_array *a = planted(0.3, 2);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  nax_view v = nax_array_view(a);
  nax_freqtag_spec s = {.n_units = UNITS, .n_samples = TIME, .rate = rate};
  nax_freqtag_acc *acc = NULL;
  assert_ok(nax_freqtag_acc_create(NULL, &s, &acc));
  assert_ok(nax_freqtag_acc_push(NULL, acc, &v));
  static const nax_c64 zero = {0.0, 0.0};
  char designed[TIME / 2 + 1] = {0};
  for (int h = 0; h <= TIME / 2; h += 5) {
    designed[h] = 1;
  }
  nax_freqtag_neighbours around = {1, 3, 0, designed, 0};
  for (nax_index u = 0; u < UNITS; u++) {
    double power[TIME / 2 + 1];
    for (nax_index i = 0; i <= TIME / 2; i++) {
      nax_freqtag_moments m = nax_freqtag_acc_moments(acc, u, i);
      power[i] = nax_freqtag_power_of(&m).evoked;
    }
    for (nax_index k = 0; k < 2; k++) {
      nax_index cell = u + k * UNITS, bin = 5 * (k + 1);
      nax_freqtag_moments m = nax_freqtag_acc_moments(acc, u, bin);
      nax_freqtag_power p = nax_freqtag_power_of(&m);
      nax_freqtag_contrast c;
      assert_ok(nax_freqtag_contrast_at(NULL, TIME / 2 + 1, power, bin, &around, &c));
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_ITPC)[cell], p.itpc, 1e-10, 0.0);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_PPC)[cell], p.ppc, 1e-9, 1e-13);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE)[cell],
                   2.0 / TIME * sqrt(p.evoked), 1e-10, 0.0);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_SNR)[cell], c.snr, 1e-9, 0.0);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P_SNR)[cell],
                   nax_freqtag_snr_test(c.snr, 6, 1).log_p, 1e-9, 0.0);
      double total = 0.0;
      nax_index bins[8];
      assert_int_equal(nax_freqtag_neighbour_bins(TIME / 2 + 1, bin, &around, bins), 6);
      for (int i = 0; i < 6; i++) {
        nax_freqtag_moments b = nax_freqtag_acc_moments(acc, u, bins[i]);
        total += nax_freqtag_power_of(&b).total / 6.0;
      }
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_SNR_TOTAL)[cell], p.total / total,
                   1e-9, 0.0);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P_TOTAL)[cell],
                   nax_freqtag_snr_test(p.total / total, 6, TRIALS).log_p, 1e-8, 1e-12);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P)[cell],
                   nax_freqtag_t2circ(&m, zero).log_p, 1e-9, 0.0);
      assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P_PHASE)[cell],
                   nax_freqtag_rayleigh(TRIALS, p.itpc, NAX_FREQTAG_RAYLEIGH_AUTO).log_p,
                   1e-6, 1e-9);
    }
  }
  nax_freqtag_acc_free(acc);
  nax_freqtag_free(f);
  nax_array_free(a);
}

static void
a_control_condition_takes_out_what_both_have(void **state)
{
  (void)state;
  nax_array *a = planted(0.5, 3), *b = planted(0.5, 4), *quiet = planted(0.0, 5);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  assert_ok(nax_freqtag_fit(NULL, a, b, NULL, &o, &f));
  assert_true(nax_freqtag_n_tagged(f, 0) <= 2);
  assert_close(nax_freqtag_values(f, NAX_FREQTAG_CONTROL)[0], 0.5, 0.0, 0.1);
  nax_freqtag_free(f);
  assert_ok(nax_freqtag_fit(NULL, a, quiet, NULL, &o, &f));
  assert_true(nax_freqtag_n_tagged(f, 0) >= 12);
  nax_freqtag_free(f);
  o.test = NAX_FREQTAG_TEST_RAYLEIGH;
  assert_error(
      nax_freqtag_fit(NULL, a, b, NULL, &o, &f), NAX_EINVAL,
      "nax_freqtag_fit: tests rayleigh, snr, power, thomson, line and z2 take one "
      "condition, expected t2circ, t2 or auto with a control");
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(quiet);
}

/* A recording of 20 windows of 5 s, every other one with a line of 2 Hz in unit 0. */
static nax_array *
continuous(void)
{
  nax_axis *axis[2] = {NULL, NULL};
  nax_array *a = NULL;
  uint64_t seed = 8;
  assert_ok(nax_axis_create_index(NULL, "channel", 3, axis));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 5000, 10.0, rate, axis + 1));
  assert_ok(nax_array_create(NULL, NAX_F32, 2, (const nax_axis *const *)axis, "uV", &a));
  float *x = nax_array_data_mut(a);
  for (nax_index t = 0; t < 5000; t++) {
    int on = t / 250 % 2 == 0;
    x[3 * t] = (float)(normal(&seed) + (on ? 0.5 : 0.0) * cos(4.0 * NAX_I_FT_PI *
                                                              (double)(t % 250) / rate));
    x[3 * t + 1] = (float)normal(&seed);
    x[3 * t + 2] = 7.0F;
  }
  nax_axis_free(axis[0]);
  nax_axis_free(axis[1]);
  return a;
}

static void
trials_begin_at_events(void **state)
{
  (void)state;
  nax_array *a = continuous();
  nax_ctx *ctx = NULL;
  double on[11], off[10];
  for (int i = 0; i < 10; i++) {
    on[i] = 10.0 + 10.0 * i;
    off[i] = 15.0 + 10.0 * i;
  }
  on[10] = 109.0; /* the last trial would end after the recording */
  nax_freqtag_events e = {.n = 11, .start = on, .n_control = 10, .control = off};
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  o.tags = "2";
  o.window = 4.0;
  o.skip = 1.0;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_freqtag_fit(ctx, a, NULL, &e, &o, &f));
  assert_int_equal(nax_freqtag_n_trials(f, 0), 10);
  assert_int_equal(nax_freqtag_n_trials(f, 1), 10);
  assert_int_equal(nax_ctx_n_warnings(ctx), 2);
  assert_string_equal(nax_ctx_warning(ctx, 0).text,
                      "1 of 11 trials do not lie within the recording and are left out");
  assert_string_equal(nax_ctx_warning(ctx, 1).text,
                      "1 of 3 units are constant and cannot be tested");
  assert_int_equal(nax_freqtag_is_tagged(f, 0, 0), 1);
  assert_int_equal(nax_freqtag_is_tagged(f, 1, 0), 0);
  assert_true(isnan(nax_freqtag_values(f, NAX_FREQTAG_LOG_P)[2]));
  nax_freqtag_free(f);
  /* without events: windows end to end */
  nax_ctx_clear_warnings(ctx);
  assert_ok(nax_freqtag_fit(ctx, a, NULL, NULL, &o, &f));
  assert_int_equal(nax_freqtag_n_trials(f, 0), 24);
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "freqtag.segments");
  nax_freqtag_free(f);
  nax_ctx_free(ctx);
  nax_array_free(a);
}

static void
a_tag_at_half_the_rate_has_its_own_test(void **state)
{
  (void)state;
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  uint64_t seed = 15;
  assert_ok(nax_axis_create_index(NULL, "neuron", 40, axis));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 200, 0.0, 4.0, axis + 1));
  assert_ok(nax_axis_create_index(NULL, "rendering", 30, axis + 2));
  assert_ok(nax_array_create(NULL, NAX_F64, 3, (const nax_axis *const *)axis, "1", &a));
  double *x = nax_array_data_mut(a);
  for (nax_index i = 0; i < 40 * 200 * 30; i++) {
    x[i] = normal(&seed) + (i % 40 < 4 ? 0.2 : 0.0) * (i / 40 % 2 == 0 ? 1.0 : -1.0);
  }
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  o.side = 0;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  for (nax_index u = 0; u < 4; u++) {
    assert_int_equal(nax_freqtag_is_tagged(f, u, 1), 1);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE)[u + 40], 0.2, 0.0, 0.05);
  }
  assert_true(nax_freqtag_n_tagged(f, 1) <= 6);
  nax_freqtag_free(f);
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  nax_array_free(a);
}

/* -------------------------------------------------------- the same, differently */

static void
files_in_blocks_give_the_bits_of_memory(void **state)
{
  (void)state;
  nax_array *a = planted(0.4, 6);
  nax_dataset *d = NULL;
  nax_source *s = NULL;
  nax_freqtag *f = NULL, *g = NULL;
  nax_ctx *ctx = NULL;
  const char *path = nax_t_tmp("tags.nc");
  nax_freqtag_opts o = usual();
  o.spectrum = 1;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_dataset_add_array(NULL, d, "x", a));
  assert_ok(nax_dataset_save(NULL, d, path, NULL));
  o.memory = 1; /* 2.3 MB of data */
  for (int32_t threads = 1; threads <= 4; threads *= 2) {
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_source_open(NULL, path, NULL, &s));
    assert_ok(
        nax_freqtag_fit_source(ctx, s, nax_source_find(s, "x"), NULL, 0, NULL, &o, &g));
    assert_same_values(f, g);
    nax_index n, unit, other;
    (void)nax_freqtag_spectrum(f, 0, &n);
    assert_int_equal(n, TIME / 2 + 1);
    for (int k = 0; k < 4; k++) {
      assert_memory_equal(nax_freqtag_spectrum(f, k, &n), nax_freqtag_spectrum(g, k, &n),
                          (size_t)n * sizeof(double));
    }
    assert_memory_equal(nax_freqtag_best(f, 1, &unit), nax_freqtag_best(g, 1, &other),
                        (size_t)n * sizeof(double));
    assert_int_equal(unit, other);
    assert_true(unit >= 6 && unit < 18);
    nax_freqtag_free(g);
    nax_source_close(s);
  }
  nax_ctx_free(ctx);
  nax_freqtag_free(f);
  nax_dataset_free(d);
}

static void
result_as_dataset_and_profile(void **state)
{
  (void)state;
  nax_array *a = planted(0.6, 9);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  nax_table *t = NULL;
  o.spectrum = 1;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_ok(nax_freqtag_dataset(NULL, f, &d));
  const nax_array *q = nax_dataset_array(d, "q");
  assert_non_null(q);
  assert_int_equal(nax_array_dim(q, 0), UNITS);
  assert_int_equal(nax_array_dim(q, 1), 2);
  assert_non_null(nax_dataset_array(d, "mean_amplitude"));
  assert_null(nax_dataset_array(d, "control_amplitude"));
  assert_string_equal(nax_dataset_text(d, "freqtag_tags"), "1,2");
  int64_t group[UNITS];
  for (int u = 0; u < UNITS; u++) {
    group[u] = u / 12 < 2 ? u / 12 : -1;
  }
  static const char *const name[2] = {"deep", "shallow"};
  assert_ok(nax_freqtag_profile(NULL, f, 2, group, name, &t));
  assert_int_equal(nax_table_n_rows(t), 4);
  const double *share = nax_table_numbers(t, nax_table_find(t, "share"));
  assert_close(share[0], 1.0, 0.0, 0.0);
  assert_true(share[1] < 0.3 && share[2] >= 0.5 && share[3] >= 0.5);
  assert_string_equal(nax_table_text(t, nax_table_find(t, "group"))[1], "shallow");
  const double *responding = nax_table_numbers(t, nax_table_find(t, "responding"));
  assert_close(responding[0], 1.0, 0.0, 0.0);
  nax_table_free(t);
  nax_dataset_free(d);
  nax_freqtag_free(f);
  nax_array_free(a);
}

static void
harmonics_are_tested_together(void **state)
{
  (void)state;
  nax_array *a = planted(0.3, 10);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  o.tags = "1";
  o.harmonics = 2;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  /* units 12-17 follow the harmonic alone */
  assert_true(nax_freqtag_n_tagged(f, 0) >= 17);
  nax_freqtag_free(f);
  /* a harmonic that is a tag of its own counts for that one */
  o.tags = "1,2";
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_true(nax_freqtag_n_tagged(f, 0) <= 14);
  nax_freqtag_free(f);
  nax_array_free(a);
}

/* ------------------------------------------------------------------ mistakes */

static void
what_cannot_be_done_is_said(void **state)
{
  (void)state;
  nax_array *a = planted(0.3, 11), *one = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  o.tags = "1,30";
  assert_error(
      nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
      "nax_freqtag_fit: tag of 30 Hz lies beyond half the rate (25 Hz): it would "
      "be seen at 20 Hz");
  o.tags = "1,x";
  assert_status(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL);
  o.tags = NULL;
  assert_status(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL);
  o.tags = "1,2";
  o.window = 4.5;
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: window of 4.5 s has no whole cycles of every tag; 4 s "
               "has; or give option `off-grid`");
  o.off_grid = 1;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_true(isnan(nax_freqtag_values(f, NAX_FREQTAG_SNR)[0]));
  assert_close(nax_freqtag_values(f, NAX_FREQTAG_AMPLITUDE)[0], 0.3, 0.0, 0.1);
  nax_freqtag_free(f);
  o.off_grid = 0;
  o.window = 50.0;
  assert_status(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL);
  o.window = NAX_NOT_GIVEN;
  o.side = 20;
  nax_ctx *noted = NULL;
  assert_ok(nax_ctx_create(&noted));
  assert_ok(nax_freqtag_fit(noted, a, NULL, NULL, &o, &f));
  assert_string_equal(nax_ctx_warning(noted, 0).id, "freqtag.neighbours");
  assert_close(
      nax_freqtag_values(f, NAX_FREQTAG_LOG_P_SNR)[0],
      nax_freqtag_snr_test(nax_freqtag_values(f, NAX_FREQTAG_SNR)[0], 23, 1).log_p, 1e-10,
      0.0);
  nax_freqtag_free(f);
  nax_ctx_free(noted);
  o.test = NAX_FREQTAG_TEST_SNR;
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: 1 Hz has 23 neighbouring bins of the 40 asked for: a "
               "longer window has more, or give fewer `neighbours`");
  o.side = 3;
  o.test = NAX_FREQTAG_TEST_T2CIRC;
  assert_ok(nax_array_slice(NULL, a, 2, 0, 1, 1, &one));
  assert_error(
      nax_freqtag_fit(NULL, one, NULL, NULL, &o, &f), NAX_EDIM,
      "nax_freqtag_fit: one trial, expected at least 2 (of one trial: test snr, thomson or "
      "line)");
  o.test = NAX_FREQTAG_TEST_SNR;
  assert_ok(nax_freqtag_fit(NULL, one, NULL, NULL, &o, &f));
  nax_freqtag_free(f);
  nax_array_free(one);
  o.test = NAX_FREQTAG_TEST_T2CIRC;
  double *x = nax_array_data_mut(a);
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  x[5] = (double)NAN;
  assert_ok(nax_freqtag_fit(ctx, a, NULL, NULL, &o, &f));
  assert_int_equal(nax_freqtag_n_left_out(f), 1);
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "freqtag.left-out");
  nax_freqtag_free(f);
  for (nax_index i = 0; i < UNITS * TIME * TRIALS; i++) {
    x[i] = 3.0;
  }
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EDATA,
               "nax_freqtag_fit: no unit can be tested: 48 of 48 are constant, 0 trials "
               "were left out for missing values");
  assert_null(f);
  nax_ctx_free(ctx);
  nax_array_free(a);
}

static void
a_design_is_looked_through(void **state)
{
  (void)state;
  nax_index n;
  double f[3] = {1.0, 2.0, 4.0}, miss;
  assert_ok(nax_freqtag_window(NULL, 512.0, 3, f, 4500, 1e-3, &n, &miss));
  assert_int_equal(n, 4096);
  assert_close(miss, 0.0, 0.0, 0.0);
  double ssvep[3] = {13.0, 17.0, 21.0};
  assert_ok(nax_freqtag_window(NULL, 256.0, 3, ssvep, 1300, 1e-3, &n, NULL));
  assert_int_equal(n, 1280);
  assert_status(nax_freqtag_window(NULL, 256.0, 3, ssvep, 200, 1e-3, &n, NULL),
                NAX_EINVAL);
  assert_close(nax_freqtag_alias(30.0, 50.0), 20.0, 1e-12, 0.0);
  assert_close(nax_freqtag_alias(4.0, 4.0), 0.0, 0.0, 1e-12);
  double kappa = nax_freqtag_detectable(20, 0.05, 0.8);
  double critical = 19.0 * expm1(-log(0.05) / 19.0);
  assert_close(nax_freqtag_noncentral_f(critical, 2.0, 38.0, 40.0 * kappa), 0.8, 1e-9,
               0.0);
  nax_table *t = NULL;
  nax_freqtag_neighbours around = {1, 4, 0, NULL, 0};
  assert_ok(nax_freqtag_plan(NULL, 4.0, 200, 3, f, 2, &around, &t));
  assert_int_equal(nax_table_n_rows(t), 6);
  const char *const *remark = nax_table_text(t, nax_table_find(t, "remark"));
  assert_string_equal(remark[0], "");
  assert_non_null(strstr(remark[1], "at half the rate"));
  assert_non_null(strstr(remark[1], "same as harmonic 1 of 2 Hz"));
  assert_non_null(strstr(remark[4], "seen at 0 Hz"));
  nax_table_free(t);
  assert_ok(nax_freqtag_plan(NULL, 512.0, 4096, 3, f, 1, &around, &t));
  remark = nax_table_text(t, nax_table_find(t, "remark"));
  assert_string_equal(remark[0], "");
  assert_string_equal(remark[1], "same as 1 x 4 Hz - 2 x 1 Hz");
  assert_string_equal(remark[2], "same as 2 x 1 Hz + 1 x 2 Hz");
  nax_table_free(t);
  assert_ok(nax_freqtag_plan(NULL, 256.0, 1024, 3, ssvep, 1, &around, &t));
  remark = nax_table_text(t, nax_table_find(t, "remark"));
  assert_string_equal(remark[0], "same as 2 x 17 Hz - 1 x 21 Hz");
  assert_string_equal(remark[1], "");
  assert_string_equal(remark[2], "same as 2 x 17 Hz - 1 x 13 Hz");
  nax_table_free(t);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_array *a = planted(0.3, 12), *few = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  nax_table *t = NULL;
  int64_t group[3] = {0, 0, 0};
  size_t bytes = 0;
  o.spectrum = 1;
  assert_ok(nax_array_slice(NULL, a, 0, 5, 8, 1, &few));
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit(NULL, few, NULL, NULL, &o, &f), f, (void)0, 200);
  NAX_T_SWEEP_ALLOC(nax_freqtag_dataset(NULL, f, &d), d, nax_dataset_free(d), 800);
  NAX_T_SWEEP_ALLOC(nax_freqtag_profile(NULL, f, 1, group, NULL, &t), t,
                    nax_table_free(t), 200);
  double tag = 1.0;
  NAX_T_SWEEP_ALLOC(nax_freqtag_plan(NULL, 4.0, 200, 1, &tag, 2, NULL, &t), t,
                    nax_table_free(t), 200);
  assert_ok(nax_freqtag_memory(NULL, a, &o, &bytes));
  assert_true(bytes > 48 * 2 * 13 * 8);
  nax_freqtag_free(f);
  nax_array_free(a);
  nax_array_free(few);
}

/* LED flicker of 13, 17 and 21 Hz that does not begin with the trial: each is found on
 * its own trials and on no others. */
static void
flicker_is_found_on_its_trials(void **state)
{
  (void)state;
  nax_source *s = NULL;
  nax_table *t = NULL;
  assert_ok(nax_source_open(NULL, nax_t_shared("data/ssvep_exoskeleton/sub12_ssvep.nc"),
                            NULL, &s));
  assert_ok(nax_source_load_table(NULL, s, nax_source_find(s, "event"), &t));
  const double *time = nax_table_numbers(t, nax_table_find(t, "event_time"));
  const double *code = nax_table_numbers(t, nax_table_find(t, "event_code"));
  static const double tag_of[5] = {0.0, 0.0, 13.0, 21.0, 17.0};
  for (int c = 1; c <= 4; c++) {
    double start[32];
    nax_freqtag_events e = {.n = 0, .start = start};
    for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
      if ((int)code[i] == c) {
        start[e.n++] = time[i];
      }
    }
    assert_int_equal(e.n, 8);
    nax_freqtag_opts o = usual();
    nax_freqtag *f = NULL;
    o.tags = "13,17,21";
    o.window = 4.0;
    o.skip = 1.0;
    o.test = NAX_FREQTAG_TEST_POWER;
    o.q = 0.01;
    o.ress = 1;
    assert_ok(
        nax_freqtag_fit_source(NULL, s, nax_source_find(s, "eeg"), NULL, 0, &e, &o, &f));
    const nax_freqtag *all = nax_freqtag_get_components(f)->tags;
    for (nax_index k = 0; k < 3; k++) {
      nax_index hits = nax_freqtag_n_tagged(f, k);
      double log_p = nax_freqtag_values(all, NAX_FREQTAG_LOG_P)[k + 3 * k];
      if (nax_freqtag_tag(f, k) == tag_of[c]) {
        assert_true(hits >= 7);
        assert_true(log_p < -60.0);
      } else {
        assert_true(hits == 0);
        assert_true(log_p > log(1e-4));
      }
    }
    nax_freqtag_free(f);
  }
  nax_table_free(t);
  nax_source_close(s);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(planted_tags_are_found),
      cmocka_unit_test(values_are_those_of_the_definitions),
      cmocka_unit_test(a_control_condition_takes_out_what_both_have),
      cmocka_unit_test(trials_begin_at_events),
      cmocka_unit_test(a_tag_at_half_the_rate_has_its_own_test),
      cmocka_unit_test(files_in_blocks_give_the_bits_of_memory),
      cmocka_unit_test(result_as_dataset_and_profile),
      cmocka_unit_test(harmonics_are_tested_together),
      cmocka_unit_test(what_cannot_be_done_is_said),
      cmocka_unit_test(a_design_is_looked_through),
      cmocka_unit_test(flicker_is_found_on_its_trials),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_fit", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
