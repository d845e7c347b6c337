/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components of all channels: what no channel shows, without a bias by the filter. */
#include "nax_test.h"
#include "freqtag/fit_i.h"
#include "uniform.h"

enum { CH = 10, TIME = 256, TRIALS = 16 };
static const double rate = 64.0;

static double
normal(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  return r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(seed));
}

/* What channel c gets of the source of tag k and of the noise that all channels share. */
static double
weight(int c, int k)
{
  return cos(0.9 * c + 1.7 * k) + (k == 2 ? 1.5 : 0.0);
}

/* channel x time x trial: weak sources at 8 and 12 Hz under strong noise that all
 * channels share, so that no channel shows them. */
static nax_array *
mixture(double depth, nax_index trials, uint64_t seed)
{
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  assert_ok(nax_axis_create_index(NULL, "channel", CH, axis));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", TIME, 0.0, rate, axis + 1));
  assert_ok(nax_axis_create_index(NULL, "trial", trials, axis + 2));
  assert_ok(nax_array_create(NULL, NAX_F64, 3, (const nax_axis *const *)axis, "uV", &a));
  double *x = nax_array_data_mut(a);
  for (nax_index r = 0; r < trials; r++) {
    for (nax_index t = 0; t < TIME; t++) {
      double at = 2.0 * NAX_I_FT_PI * (double)t / rate, shared = 4.0 * normal(&seed);
      double source[2] = {depth * cos(8.0 * at), depth * sin(12.0 * at)};
      for (int c = 0; c < CH; c++) {
        *x++ = 0.5 * normal(&seed) + weight(c, 0) * source[0] + weight(c, 1) * source[1] +
               weight(c, 2) * shared;
      }
    }
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
  o.tags = "8,12,20";
  o.ress = 1;
  return o;
}

static double
log_p_of(const nax_freqtag *f, nax_index k)
{
  const nax_freqtag_components *c = nax_freqtag_get_components(f);
  return nax_freqtag_values(c->tags, NAX_FREQTAG_LOG_P)[k + k * nax_freqtag_n_tags(f)];
}

static void
sources_are_found_where_no_channel_shows_them(void **state)
{
  (void)state;
  nax_array *a = mixture(0.1, TRIALS, 1);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_int_equal(nax_freqtag_n_tagged(f, 0) + nax_freqtag_n_tagged(f, 1), 0);
  assert_true(log_p_of(f, 0) < -20.0 && log_p_of(f, 1) < -20.0);
  assert_true(log_p_of(f, 2) > log(1e-3));
  const nax_freqtag_components *c = nax_freqtag_get_components(f);
  assert_int_equal(c->n_channels, CH);
  assert_int_equal(c->n_trials, TRIALS);
  const double *phase = nax_freqtag_values(c->tags, NAX_FREQTAG_PHASE);
  for (int k = 0; k < 2; k++) {
    /* the filter lets the source through and the noise that all share not */
    double dot = 0.0, shared = 0.0;
    for (int i = 0; i < CH; i++) {
      dot += c->filter[i + CH * k] * weight(i, k);
      shared += c->filter[i + CH * k] * weight(i, 2);
    }
    assert_true(fabs(dot) > 10.0 * fabs(shared));
    double want = (k == 1 ? -0.5 * NAX_I_FT_PI : 0.0) + (dot < 0.0 ? NAX_I_FT_PI : 0.0);
    assert_true(cos(phase[k + 3 * k] - want) > 0.95);
    assert_true(c->value[k] > c->value[2]);
  }
  nax_freqtag_free(f);
  nax_array_free(a);
}

/* Filters that have seen the trial make power of noise; these do not. */
static void
filters_are_not_judged_by_what_they_have_seen(void **state)
{
  (void)state;
  double unseen = 0.0, seen = 0.0;
  enum { RUNS = 60 };
  for (uint64_t run = 0; run < RUNS; run++) {
    nax_array *a = mixture(0.0, 5, 100 + run);
    nax_freqtag_opts o = usual();
    nax_freqtag *f = NULL;
    nax_freqtag_ress_spec s = {rate, 8.0, 0.5, 1.0, 1.0, 1e-4, 0, NULL};
    nax_view v = nax_array_view(a);
    static double course[TIME * 5], spectrum[TIME / 2 + 1];
    nax_freqtag_contrast c;
    nax_freqtag_neighbours around = {1, 4, 0, NULL, 0};
    o.ress_shrinkage = 1e-4;
    assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
    unseen += nax_freqtag_values(nax_freqtag_get_components(f)->tags,
                                 NAX_FREQTAG_SNR_TOTAL)[0] /
              RUNS;
    assert_ok(nax_freqtag_ress(NULL, CH, TIME, 5, v.data, &s, NULL, NULL, NULL, NULL,
                               NULL, course));
    nax_freqtag_spec spec = {.n_units = 1, .n_samples = TIME, .rate = rate};
    nax_freqtag_acc *acc = NULL;
    nax_view y = nax_view_f64(course, 3, (nax_index[]){1, TIME, 5});
    assert_ok(nax_freqtag_acc_create(NULL, &spec, &acc));
    assert_ok(nax_freqtag_acc_push(NULL, acc, &y));
    for (nax_index i = 0; i <= TIME / 2; i++) {
      nax_freqtag_moments m = nax_freqtag_acc_moments(acc, 0, i);
      spectrum[i] = nax_freqtag_power_of(&m).total;
    }
    assert_ok(nax_freqtag_contrast_at(NULL, TIME / 2 + 1, spectrum, 32, &around, &c));
    seen += c.snr / RUNS;
    nax_freqtag_acc_free(acc);
    nax_freqtag_free(f);
    nax_array_free(a);
  }
  assert_close(unseen, 1.02, 0.0, 0.25); /* mean of F(10, 80) is 80 / 78 */
  assert_true(seen > 2.0);
}

/* Filters that left a trial out have signs of their own, which must not turn trials. */
static void
trials_keep_their_sign(void **state)
{
  (void)state;
  for (uint64_t run = 0; run < 20; run++) {
    nax_array *a = mixture(0.0, 6, 500 + run);
    nax_view v = nax_array_view(a);
    static double all[TIME * 6], left[TIME * 6];
    nax_freqtag_ress_spec s = {rate, 8.0, 0.5, 1.0, 1.0, 0.01, 0, NULL};
    double filters[CH * CH], pattern[CH];
    assert_ok(nax_freqtag_ress(NULL, CH, TIME, 6, v.data, &s, NULL, filters, pattern,
                               NULL, NULL, all));
    s.leave_out = 1;
    assert_ok(nax_freqtag_ress(NULL, CH, TIME, 6, v.data, &s, NULL, NULL, NULL, NULL,
                               NULL, left));

    for (int q = 0; q < 6; q++) {
      static double others[CH * TIME * 5];
      double w[CH * CH], dot = 0.0, unit = 0.0, at = 0.0;
      for (int r = 0, n = 0; r < 6; r++) {
        if (r != q) {
          memcpy(others + CH * TIME * n++, (const double *)v.data + CH * TIME * r,
                 sizeof(double) * CH * TIME);
        }
      }
      s.leave_out = 0;
      assert_ok(nax_freqtag_ress(NULL, CH, TIME, 5, others, &s, NULL, w, NULL, NULL, NULL,
                                 NULL));
      for (int c = 0; c < CH; c++) {
        dot += w[c] * pattern[c];
        at += w[c] * ((const double *)v.data)[c + CH * (7 + TIME * q)];
      }
      unit = dot < 0.0 ? -1.0 : 1.0;
      assert_close(left[7 + TIME * q], unit * at, 1e-7, 1e-9);
    }
    nax_array_free(a);
  }
}

static void
missing_trials_and_dead_channels_are_counted(void **state)
{
  (void)state;
  nax_array *a = mixture(0.1, TRIALS, 1);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  double *x = nax_array_data_mut(a);
  for (nax_index r = 0; r < TRIALS; r++) {
    for (nax_index t = 0; t < TIME; t++) {
      x[3 + CH * (t + TIME * r)] = 5.0;
      x[4 + CH * (t + TIME * r)] = (double)NAN;
    }
  }
  x[0 + CH * (9 + TIME * 2)] = (double)NAN;
  x[1 + CH * (9 + TIME * 5)] = (double)INFINITY;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  const nax_freqtag_components *c = nax_freqtag_get_components(f);
  assert_int_equal(c->n_channels, CH - 2);
  assert_int_equal(c->n_trials, TRIALS - 2);
  assert_true(isnan(c->pattern[3]) && isnan(c->filter[4]) && isfinite(c->filter[5]));
  assert_int_equal(nax_freqtag_n_constant(f), 1);
  assert_int_equal(nax_freqtag_n_left_out(f), TRIALS + 2);
  assert_true(log_p_of(f, 0) < -15.0);
  nax_table *t = NULL;
  assert_ok(nax_freqtag_components_table(NULL, f, &t));
  assert_int_equal(nax_table_n_rows(t), 3);
  assert_close(nax_table_numbers(t, nax_table_find(t, "trials"))[2], TRIALS - 2, 0.0,
               0.0);
  nax_table_free(t);
  nax_freqtag_free(f);
  for (nax_index r = 1; r < TRIALS; r++) {
    x[r % 3 + CH * (9 + TIME * r)] = (double)NAN;
  }
  assert_error(
      nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EDATA,
      "nax_freqtag_fit: components: 8 of 10 channels vary and 1 of 16 trials are "
      "whole in all of these, expected at least 2 and 2");
  nax_array_free(a);
}

static void
what_cannot_be_combined_is_said(void **state)
{
  (void)state;
  nax_array *a = mixture(0.1, TRIALS, 1), *one = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_table *t = NULL;
  assert_ok(nax_array_slice(NULL, a, 0, 0, 1, 1, &one));
  assert_status(nax_freqtag_fit(NULL, one, NULL, NULL, &o, &f), NAX_EDATA);
  o.null = NAX_FREQTAG_NULL_LABEL;
  assert_status(nax_freqtag_fit(NULL, a, a, NULL, &o, &f), NAX_EINVAL);
  o = usual();
  o.ress_distance = 9.0;
  assert_error(
      nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
      "nax_freqtag_ress: 8 Hz with references 9 Hz away, expected them between 0 "
      "and 32 Hz, widths above 0 and shrinkage of 0 to 1");
  o.ress = 0;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_null(nax_freqtag_get_components(f));
  assert_status(nax_freqtag_components_table(NULL, f, &t), NAX_EINVAL);
  nax_freqtag_free(f);
  nax_array_free(a);
  nax_array_free(one);
}

/* From a file in blocks of channels, and by several threads. */
static void
blocks_and_threads_give_the_same_bits(void **state)
{
  (void)state;
  nax_array *a = mixture(0.1, TRIALS, 3);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL, *g = NULL;
  nax_dataset *d = NULL;
  nax_source *s = NULL;
  nax_ctx *ctx = NULL;
  const char *path = nax_t_tmp("channels.nc");
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_dataset_add_array(NULL, d, "x", a));
  assert_ok(nax_dataset_save(NULL, d, path, NULL));
  assert_ok(nax_source_open(NULL, path, NULL, &s));
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 3));
  o.memory = 1;
  assert_ok(
      nax_freqtag_fit_source(ctx, s, nax_source_find(s, "x"), NULL, 0, NULL, &o, &g));
  const nax_freqtag_components *p = nax_freqtag_get_components(f),
                               *q = nax_freqtag_get_components(g);
  assert_memory_equal(p->course, q->course, sizeof(double) * TIME * TRIALS * 3);
  assert_memory_equal(p->filter, q->filter, sizeof(double) * CH * 3);
  for (nax_index k = 0; k < 3; k++) {
    assert_true(log_p_of(f, k) == log_p_of(g, k));
  }
  nax_freqtag_free(f);
  nax_freqtag_free(g);
  nax_source_close(s);
  nax_dataset_free(d);
  nax_ctx_free(ctx);
}

/* p of components of noise: T2circ in closed form, and by turned trials, which is exact.
 * Filters that left out different trials share the others, so that the powers of trials
 * go together: power against neighbours is too large too often, by what the header says.
 */
static void
null_p_values_of_components_are_uniform(void **state)
{
  (void)state;
  nax_t_long();
  enum { DRAWS = 100000, TURNED = 20000, N = 64, C = 4, R = 10, TESTS = 4 };
  static const char *const name[TESTS] = {
      "T2circ of a component", "turned trials of a component",
      "power of the mean of a component", "power of the trials of a component"};
  double *p[TESTS], *x = calloc(C * N * R, sizeof *x);
  uint64_t seed = 77;
  nax_axis *axis[3] = {NULL, NULL, NULL};
  assert_ok(nax_axis_create_index(NULL, "channel", C, axis));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", N, 0.0, N, axis + 1));
  assert_ok(nax_axis_create_index(NULL, "trial", R, axis + 2));
  for (int k = 0; k < TESTS; k++) {
    p[k] = calloc(DRAWS, sizeof(double));
  }
  for (int i = 0; i < DRAWS; i++) {
    for (int t = 0; t < N * R; t++) {
      double shared = normal(&seed);
      for (int c = 0; c < C; c++) {
        x[c + C * t] = normal(&seed) + weight(c, 2) * shared;
      }
    }
    nax_view v = nax_view_f64(x, 3, (nax_index[]){C, N, R});
    nax_array *a = NULL;
    assert_ok(nax_array_borrow(NULL, &v, (const nax_axis *const *)axis, "uV", &a));
    nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
    nax_freqtag *f = NULL;
    o.tags = "12";
    o.ress = 1;
    o.ress_width = o.ress_distance = 2.0;
    assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
    const nax_freqtag *c = nax_freqtag_get_components(f)->tags;
    p[0][i] = exp(nax_freqtag_values(c, NAX_FREQTAG_LOG_P)[0]);
    p[2][i] = exp(nax_freqtag_values(c, NAX_FREQTAG_LOG_P_SNR)[0]);
    p[3][i] = exp(nax_freqtag_values(c, NAX_FREQTAG_LOG_P_TOTAL)[0]);
    nax_freqtag_free(f);
    if (i < TURNED) {
      o.null = NAX_FREQTAG_NULL_PHASE;
      o.surrogates = 999;
      o.seed = i;
      o.side = 0;
      assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
      p[1][i] = exp(log_p_of(f, 0)) * (1.0 - 1e-12); /* 1e-3 is not beyond 1e-3 */
      nax_freqtag_free(f);
    }
    nax_array_free(a);
  }
  for (int k = 0; k < TESTS; k++) {
    nax_index n = k == 1 ? TURNED : DRAWS, below[2] = {0, 0};
    double d = ks_uniform(n, p[k]);
    for (nax_index i = 0; i < n; i++) {
      below[0] += p[k][i] <= 1e-2;
      below[1] += p[k][i] <= 1e-3;
    }
    print_message("# %s: KS %.4f, below 1e-2 %.4f, below 1e-3 %.5f\n", name[k], d,
                  (double)below[0] / (double)n, (double)below[1] / (double)n);
    if (k < 2) {
      assert_uniform(name[k], n, p[k]);
    } else {
      assert_close((double)below[0] / (double)n, k == 2 ? 0.0134 : 0.0279, 0.0, 0.004);
    }
    free(p[k]);
  }
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  free(x);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_array *a = mixture(0.1, 3, 1);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  nax_table *t = NULL;
  o.tags = "8";
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), f, (void)0, 400);
  NAX_T_SWEEP_ALLOC(nax_freqtag_components_table(NULL, f, &t), t, nax_table_free(t), 100);
  NAX_T_SWEEP_ALLOC(nax_freqtag_dataset(NULL, f, &d), d, nax_dataset_free(d), 1200);
  nax_freqtag_free(f);
  nax_array_free(a);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sources_are_found_where_no_channel_shows_them),
      cmocka_unit_test(filters_are_not_judged_by_what_they_have_seen),
      cmocka_unit_test(trials_keep_their_sign),
      cmocka_unit_test(missing_trials_and_dead_channels_are_counted),
      cmocka_unit_test(what_cannot_be_combined_is_said),
      cmocka_unit_test(blocks_and_threads_give_the_same_bits),
      cmocka_unit_test(null_p_values_of_components_are_uniform),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_components", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
