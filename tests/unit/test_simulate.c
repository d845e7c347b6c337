/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <nax_test.h>

static const double two_pi = 6.28318530717958647692;

static nax_dataset *
simulate(const nax_simulate_opts *o)
{
  nax_dataset *d = NULL;
  assert_ok(nax_simulate(NULL, o, &d));
  return d;
}

static const double *
values(const nax_dataset *d, const char *name)
{
  const nax_array *a = nax_dataset_array(d, name);
  assert_non_null(a);
  return nax_array_f64(a);
}

static const double *
column(const nax_dataset *d, const char *table, const char *name)
{
  const nax_table *t = nax_dataset_table(d, table);
  assert_non_null(t);
  const double *x = nax_table_numbers(t, nax_table_find(t, name));
  assert_non_null(x);
  return x;
}

static double
correlation(const double *x, nax_index sx, const double *y, nax_index sy, nax_index n)
{
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (nax_index k = 0; k < n; k++) {
    mx += x[sx * k] / (double)n;
    my += y[sy * k] / (double)n;
  }
  for (nax_index k = 0; k < n; k++) {
    double a = x[sx * k] - mx, b = y[sy * k] - my;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xy / sqrt(xx * yy);
}

static void
the_default_is_calcium_with_trials_and_assemblies(void **state)
{
  (void)state;
  nax_dataset *d = simulate(NULL);
  const nax_array *x = nax_dataset_array(d, "dff");
  assert_string_equal(nax_dataset_main(d), "dff");
  assert_int_equal(nax_array_dim(x, 0), 60);
  assert_int_equal(nax_array_dim(x, 1), 30 * (20 * 5 + 1));
  assert_int_equal(nax_array_dtype(x), NAX_F32);
  assert_close(nax_axis_rate(nax_array_axis(x, 1)), 30.0, 0, 0);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "trials")), 20);
  assert_non_null(nax_dataset_array(d, "truth_assemblies"));
  assert_non_null(nax_dataset_table(d, "truth_events"));
  assert_null(nax_dataset_array(d, "truth_latents"));
  nax_dataset_free(d);
}

/* The same bits for any number of threads; another seed gives another recording. */
static void
the_seed_decides(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.trials = 3;
  o.seed = 7;
  o.tags = "1,2";
  o.latents = 1;
  o.clusters = 2;
  nax_ctx *ctx = NULL;
  nax_dataset *one = NULL, *two = NULL, *three = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_simulate(ctx, &o, &one));
  assert_ok(nax_ctx_set_threads(ctx, 3));
  assert_ok(nax_simulate(ctx, &o, &two));
  o.seed = 8;
  assert_ok(nax_simulate(ctx, &o, &three));
  const nax_array *a = nax_dataset_array(one, "dff"), *b = nax_dataset_array(two, "dff"),
                  *c = nax_dataset_array(three, "dff");
  size_t bytes = (size_t)nax_array_size(a) * sizeof(float);
  assert_memory_equal(nax_array_data(a), nax_array_data(b), bytes);
  assert_int_not_equal(memcmp(nax_array_data(a), nax_array_data(c), bytes), 0);
  nax_dataset_free(one);
  nax_dataset_free(two);
  nax_dataset_free(three);
  nax_ctx_free(ctx);
}

/* More trials leave the neurons' own rates as they are: streams are independent. */
static void
structure_is_independent_of_what_else_there_is(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.trials = 2;
  nax_dataset *few = simulate(&o);
  o.trials = 4;
  o.latents = 2;
  nax_dataset *more = simulate(&o);
  assert_memory_equal(column(few, "neurons", "base_rate"),
                      column(more, "neurons", "base_rate"), 60 * sizeof(double));
  assert_memory_equal(values(few, "truth_assemblies"), values(more, "truth_assemblies"),
                      60 * 4 * sizeof(double));
  nax_dataset_free(few);
  nax_dataset_free(more);
}

/* Without structure the spikes of a neuron are Poisson with its base rate. */
static void
spikes_have_the_rates_they_are_said_to_have(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_SPIKES;
  o.assemblies = 0;
  o.trials = 0;
  o.trial_length = 400.0;
  o.units = 100;
  nax_dataset *d = simulate(&o);
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  const double *rate = column(d, "neurons", "base_rate");
  double chi2 = 0.0;
  assert_close(nax_spikes_duration(s), 400.0, 1e-12, 0);
  for (nax_index i = 0; i < 100; i++) {
    nax_index n;
    const double *t = nax_spikes_times(s, i, &n);
    double expected = rate[i] * 400.0;
    chi2 += ((double)n - expected) * ((double)n - expected) / expected;
    assert_true(n == 0 || (t[0] >= 0.0 && t[n - 1] < 400.0));
    for (nax_index k = 1; k < n; k++) {
      assert_true(t[k] - t[k - 1] >= 0.002);
    }
  }
  /* chi-square with 100 degrees of freedom: sd 14 */
  assert_true(chi2 > 50.0 && chi2 < 160.0);
  nax_dataset_free(d);
}

static void
assemblies_fire_in_their_events(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_SPIKES;
  o.trials = 60;
  o.event_gain = 20.0;
  nax_dataset *d = simulate(&o);
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  const double *w = values(d, "truth_assemblies");
  const double *which = column(d, "truth_events", "assembly"),
               *when = column(d, "truth_events", "time");
  nax_index n_events = nax_table_n_rows(nax_dataset_table(d, "truth_events"));
  double in = 0, in_s = 0, all = 0, all_s = 0;
  assert_true(n_events > 40);
  for (nax_index a = 0; a < 4; a++) {
    nax_index n_members = 0;
    for (nax_index i = 0; i < 60; i++) {
      nax_index n;
      const double *t = nax_spikes_times(s, i, &n);
      if (w[i + 60 * a] <= 0.0) {
        continue;
      }
      n_members++;
      all += (double)n;
      all_s += nax_spikes_duration(s);
      for (nax_index e = 0; e < n_events; e++) {
        if ((nax_index)which[e] != a) {
          continue;
        }
        in_s += 1.0;
        for (nax_index k = 0; k < n; k++) {
          in += t[k] >= when[e] && t[k] < when[e] + 1.0;
        }
      }
    }
    assert_int_equal(n_members, 12);
  }
  assert_true(in / in_s > 3.0 * all / all_s);
  nax_dataset_free(d);
}

static void
trials_differ_in_length_when_asked(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.trials = 200;
  o.trial_jitter = 0.5;
  o.conditions = 5;
  o.units = 2;
  nax_dataset *d = simulate(&o);
  const double *start = column(d, "trials", "start_time"),
               *stop = column(d, "trials", "stop_time"),
               *condition = column(d, "trials", "condition");
  double least = 1e9, most = 0.0;
  int count[5] = {0};
  for (int i = 0; i < 200; i++) {
    double length = stop[i] - start[i];
    least = length < least ? length : least;
    most = length > most ? length : most;
    count[(int)condition[i]]++;
    assert_true(i == 0 || start[i] >= stop[i - 1] + 0.999);
    assert_close(start[i] * 30.0, round(start[i] * 30.0), 0, 1e-6);
  }
  assert_true(least >= 1.95 && least < 2.2 && most > 5.8 && most <= 6.05);
  for (int c = 0; c < 5; c++) {
    assert_int_equal(count[c], 40);
  }
  nax_dataset_free(d);
}

static void
latents_have_their_variance_and_timescale(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_SPIKES;
  o.units = 1;
  o.assemblies = 0;
  o.latents = 3;
  o.trials = 0;
  o.trial_length = 500.0;
  o.rate = 50.0;
  nax_dataset *d = simulate(&o);
  const double *x = values(d, "truth_latents");
  nax_index n = 25000, lag = 10; /* 0.2 s, one timescale */
  for (int l = 0; l < 3; l++) {
    double square = 0.0, shifted = 0.0;
    for (nax_index k = 0; k + lag < n; k++) {
      square += x[l + 3 * k] * x[l + 3 * k];
      shifted += x[l + 3 * k] * x[l + 3 * (k + lag)];
    }
    assert_close(square / (double)(n - lag), 1.0, 0, 0.12);
    assert_close(shifted / square, exp(-0.5), 0, 0.06);
  }
  nax_dataset_free(d);
}

/* Each tagged channel has a peak of the planted height and phase, the others have none.
 */
static void
tags_are_where_the_truth_says(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_FIELD;
  o.assemblies = 0;
  o.tags = "1,2,4";
  o.noise = 0.0;
  o.gap = 0.0;
  o.trials = 5;
  o.units = 20;
  nax_dataset *d = simulate(&o);
  const nax_array *a = nax_dataset_array(d, "field");
  const float *x = nax_array_data(a);
  const double *depth = values(d, "truth_tag_depth"),
               *phase = values(d, "truth_tag_phase");
  nax_index n = nax_array_dim(a, 1);
  int tagged = 0;
  assert_int_equal(n, 4000);
  for (int f = 0; f < 3; f++) {
    double freq = (double)(1 << f);
    for (int i = 0; i < 20; i++) {
      double re = 0.0, im = 0.0;
      for (nax_index k = 0; k < n; k++) {
        re += (double)x[i + 20 * k] * cos(two_pi * freq * (double)k / 200.0);
        im += (double)x[i + 20 * k] * sin(two_pi * freq * (double)k / 200.0);
      }
      re *= 2.0 / (double)n;
      im *= 2.0 / (double)n;
      double want = 10.0 * depth[i + 20 * f];
      assert_close(hypot(re, im), want, 0, 1e-5);
      if (want > 0.0) {
        tagged++;
        assert_close(re, want * cos(phase[i + 20 * f]), 0, 1e-5);
        assert_close(im, -want * sin(phase[i + 20 * f]), 0, 1e-5);
      }
    }
  }
  assert_int_equal(tagged, 3 * 6);
  nax_dataset_free(d);
}

/* With tag conditions the others are controls: the same but for the tags. */
static void
controls_have_no_tags(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_FIELD;
  o.assemblies = 0;
  o.tags = "2";
  o.tag_share = 1.0;
  o.noise = 0.0;
  o.gap = 0.0;
  o.trials = 6;
  o.units = 3;
  o.conditions = 2;
  o.pattern_gain = 0.0;
  o.tag_conditions = 1;
  nax_dataset *d = simulate(&o);
  const nax_table *t = nax_dataset_table(d, "trials");
  const double *condition = nax_table_numbers(t, nax_table_find(t, "condition"));
  const float *x = nax_array_data(nax_dataset_array(d, "field"));
  double first = INFINITY;
  for (int j = 0; j < 6; j++) {
    first = fmin(first, condition[j]);
  }
  for (int j = 0; j < 6; j++) {
    double ss = 0.0;
    for (nax_index k = 0; k < 3 * 800; k++) {
      ss += (double)x[3 * 800 * j + k] * (double)x[3 * 800 * j + k];
    }
    assert_true(condition[j] > first ? ss == 0.0 : ss > 100.0);
  }
  nax_dataset_free(d);
}

/* Patterns lie to each other as the conditions do, on a ring: neighbours are nearest. */
static void
patterns_have_the_planted_geometry(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.conditions = 8;
  o.trials = 8;
  nax_dataset *d = simulate(&o);
  const double *p = values(d, "truth_patterns"), *m = values(d, "truth_distances");
  double scale = -1.0;
  for (int a = 0; a < 8; a++) {
    for (int b = 0; b < 8; b++) {
      double square = 0.0;
      for (int i = 0; i < 60; i++) {
        double e = p[i + 60 * a] - p[i + 60 * b];
        square += e * e;
      }
      if (a != b && scale < 0.0) {
        scale = sqrt(square) / m[a + 8 * b];
      }
      assert_close(sqrt(square), scale * m[a + 8 * b], 1e-9, 1e-9);
    }
  }
  assert_close(m[0 + 8 * 1], m[3 + 8 * 4], 1e-9, 0);
  assert_true(m[0 + 8 * 4] > 2.0 * m[0 + 8 * 1]);
  /* Each model is less correlated with the truth than the one before. */
  nax_rdms *models = NULL, *truth = NULL;
  double r[5];
  assert_ok(nax_rdms_from_array(NULL, nax_dataset_array(d, "truth_models"), &models));
  assert_ok(nax_rdms_from_array(NULL, nax_dataset_array(d, "truth_distances"), &truth));
  assert_ok(nax_rsa_compare(NULL, models, truth, NAX_RSA_CORR, NULL, 0, r));
  assert_close(r[0], 1.0, 1e-12, 0);
  for (int k = 1; k < 5; k++) {
    assert_true(r[k] < r[k - 1] - 0.02);
  }
  assert_string_equal(nax_axis_label(nax_rdms_axis(models), 4), "other");
  nax_rdms_free(models);
  nax_rdms_free(truth);
  nax_dataset_free(d);
}

static void
states_take_turns_and_clusters_are_balanced(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_SPIKES;
  o.assemblies = 0;
  o.clusters = 3;
  o.states = 3;
  o.units = 30;
  o.trials = 0;
  o.trial_length = 600.0;
  o.rate = 20.0;
  nax_dataset *d = simulate(&o);
  const double *s = values(d, "truth_states"), *cluster = column(d, "neurons", "cluster");
  const double *path = values(d, "truth_paths");
  int count[3] = {0}, switches = 0;
  for (int i = 0; i < 30; i++) {
    count[(int)cluster[i]]++;
  }
  for (int c = 0; c < 3; c++) {
    assert_int_equal(count[c], 10);
  }
  for (nax_index k = 1; k < 12000; k++) {
    assert_true(s[k] >= 0.0 && s[k] <= 2.0);
    switches += s[k] < s[k - 1] || s[k] > s[k - 1];
  }
  assert_true(switches > 90 && switches < 150); /* 600 s of 5 s each */
  double square = 0.0;
  for (nax_index k = 0; k < 2 * 12000 * 3; k++) {
    square += path[k] * path[k] / (2.0 * 12000.0 * 3.0);
  }
  assert_close(square, 1.0, 0, 0.2);
  nax_dataset_free(d);
}

/* Members of an assembly follow it in every animal that responds. */
static void
animals_share_neurons_and_events(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.animals = 6;
  o.units = 30;
  o.noise = 0.0;
  o.firing_rate = 2.0;
  o.assemblies = 1;
  nax_dataset *d = simulate(&o);
  const nax_array *a = nax_dataset_array(d, "dff");
  const nax_array *act = nax_dataset_array(d, "truth_activations");
  assert_int_equal(nax_array_ndim(a), 3);
  assert_int_equal(nax_array_dim(a, 2), 6);
  assert_int_equal(nax_array_dim(act, 2), 6);
  const float *x = nax_array_data(a);
  const double *w = values(d, "truth_assemblies"), *z = nax_array_f64(act);
  nax_index n = nax_array_dim(a, 1);
  int deaf = 0;
  double *mean = calloc((size_t)n, sizeof *mean);
  for (int v = 0; v < 6; v++) {
    double most = 0.0;
    for (nax_index k = 0; k < n; k++) {
      mean[k] = 0.0;
      for (int i = 0; i < 30; i++) {
        mean[k] += w[i] > 0.0 ? (double)x[i + 30 * (k + n * v)] : 0.0;
      }
      most = fmax(most, z[k + n * v]);
    }
    deaf += most < 0.1;
    if (most > 0.1) {
      /* calcium comes half a second later */
      double r = correlation(mean + 12, 1, z + n * v, 1, n - 12);
      assert_true(r > 0.3);
    }
  }
  assert_true(deaf < 6);
  free(mean);
  nax_dataset_free(d);
}

/* Neuropil takes the raw trace back to a multiple of 1 + dF/F. */
static void
raw_fluorescence_has_the_parts_it_is_said_to_have(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.raw = 1;
  o.units = 4;
  o.trials = 3;
  nax_dataset *d = simulate(&o);
  const float *f = nax_array_data(nax_dataset_array(d, "F")),
              *g = nax_array_data(nax_dataset_array(d, "Fneu")),
              *x = nax_array_data(nax_dataset_array(d, "truth_dff"));
  nax_index n = nax_array_dim(nax_dataset_array(d, "F"), 1);
  assert_string_equal(nax_dataset_main(d), "F");
  for (int i = 0; i < 4; i++) {
    double f0 = 0.0;
    for (nax_index k = 0; k < n; k++) {
      double clean = (double)f[i + 4 * k] - 0.7 * (double)g[i + 4 * k];
      double bleach = 1.0 - 0.1 * (double)k / (double)n;
      double now = clean / (bleach * (1.0 + (double)x[i + 4 * k]));
      if (1.0 + (double)x[i + 4 * k] < 0.5) {
        continue; /* too near to 0 to divide by */
      }
      f0 = f0 > 0.0 ? f0 : now;
      assert_close(now, f0, 1e-4, 0);
    }
    assert_true(f0 >= 100.0 && f0 <= 400.0);
  }
  nax_dataset_free(d);
}

static void
lost_frames_are_missing_everywhere(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.missing = 0.1;
  o.units = 3;
  nax_dataset *d = simulate(&o);
  const float *x = nax_array_data(nax_dataset_array(d, "dff"));
  nax_index n = nax_array_dim(nax_dataset_array(d, "dff"), 1), lost = 0;
  for (nax_index k = 0; k < n; k++) {
    assert_true(isnan(x[3 * k]) == isnan(x[3 * k + 1]) &&
                isnan(x[3 * k]) == isnan(x[3 * k + 2]));
    lost += isnan(x[3 * k]) != 0;
  }
  assert_close((double)lost / (double)n, 0.1, 0, 0.03);
  nax_dataset_free(d);
}

static void
options_that_do_not_go_together_are_refused(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  nax_dataset *d = NULL;
  o.animals = 2;
  o.kind = NAX_SIMULATE_SPIKES;
  assert_error(
      nax_simulate(NULL, &o, &d), NAX_EINVAL,
      "nax_simulate: option `animals` is 2, expected 1 unless `kind` is calcium");
  assert_null(d);
  o = (nax_simulate_opts)NAX_SIMULATE_OPTS_INIT;
  o.tags = "1,15";
  assert_status(nax_simulate(NULL, &o, &d), NAX_EINVAL);
  o.tags = "1,x";
  assert_status(nax_simulate(NULL, &o, &d), NAX_EINVAL);
  o.tags = NULL;
  o.conditions = 3;
  o.trials = 0;
  assert_status(nax_simulate(NULL, &o, &d), NAX_EINVAL);
  o.conditions = 0;
  o.trial_length = 1e300;
  assert_status(nax_simulate(NULL, &o, &d), NAX_EOVERFLOW);
  assert_null(d);
}

/* The table and the INIT macro say the same. */
static void
table_and_macro_agree(void **state)
{
  (void)state;
  nax_simulate_opts a = NAX_SIMULATE_OPTS_INIT, b;
  const nax_opt_table *t = nax_options_table("simulate");
  assert_non_null(t);
  nax_options_default(t, &b);
  for (int32_t i = 0; i < t->n_opts; i++) {
    char x[64], y[64];
    nax_options_format(t, &a, i, x, sizeof x);
    nax_options_format(t, &b, i, y, sizeof y);
    assert_string_equal(x, y);
  }
}

static void
every_failing_allocation_is_survived(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.kind = NAX_SIMULATE_BOTH;
  o.units = 3;
  o.trials = 2;
  o.trial_length = 0.2;
  o.gap = 0.1;
  o.latents = 1;
  o.clusters = 2;
  o.conditions = 2;
  o.tags = "1,2";
  o.raw = 1;
  o.event_rate = 5.0;
  o.event_length = 0.1;
  nax_dataset *d = NULL;
  NAX_T_SWEEP_ALLOC(nax_simulate(NULL, &o, &d), d, nax_dataset_free(d), 2000);
}

/* A picture turned by half a turn is the figure upside down: its ink lies on the other
 * side; a larger figure has more of it. */
static void
pictures_turn_and_grow_with_their_latents(void **state)
{
  (void)state;
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  nax_dataset *d = NULL;
  o.seed = 2;
  o.units = 2;
  o.trials = 0;
  o.trial_length = 60.0;
  o.assemblies = 0;
  o.images = 16;
  assert_status(nax_simulate(NULL, &o, &d), NAX_EINVAL); /* no latent to turn them */
  o.latents = 1;
  assert_ok(nax_simulate(NULL, &o, &d));
  const nax_array *a = nax_dataset_array(d, "images");
  const float *x = nax_array_data(a);
  const double *angle = nax_array_data(nax_dataset_array(d, "truth_angle"));
  const double *zoom = nax_array_data(nax_dataset_array(d, "truth_zoom"));
  const double *latent = nax_array_data(nax_dataset_array(d, "truth_latents"));
  nax_index n = nax_array_dim(a, 2);
  double along = 0.0, weight = 0.0, small = 0.0, large = 0.0, n_small = 0.0,
         n_large = 0.0;
  for (nax_index k = 0; k < n; k++) {
    double ink = 0.0, mx = 0.0, my = 0.0;
    assert_close(angle[k], 120.0 * sqrt(0.3) * latent[k], 1e-12, 1e-12);
    for (nax_index i = 0; i < 256; i++) {
      double v = (double)x[256 * k + i];
      assert_true(v >= 0.0 && v <= 1.0);
      ink += v;
      my += v * ((double)(i % 16) - 7.5);
      mx += v * ((double)(i / 16) - 7.5);
    }
    /* the centre of the ink, turned back, is right of the middle */
    double turn = angle[k] * 3.14159265358979323846 / 180.0;
    if (zoom[k] > 0.7 && zoom[k] < 1.3) {
      along += mx * cos(turn) + my * sin(turn);
      weight += hypot(mx, my);
    }
    small += zoom[k] < 0.6 ? ink : 0.0;
    n_small += zoom[k] < 0.6;
    large += zoom[k] > 1.2 ? ink : 0.0;
    n_large += zoom[k] > 1.2;
  }
  assert_true(along > 0.5 * weight);
  assert_true(large / n_large > 2.0 * small / n_small);
  nax_dataset_free(d);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_default_is_calcium_with_trials_and_assemblies),
      cmocka_unit_test(the_seed_decides),
      cmocka_unit_test(structure_is_independent_of_what_else_there_is),
      cmocka_unit_test(spikes_have_the_rates_they_are_said_to_have),
      cmocka_unit_test(assemblies_fire_in_their_events),
      cmocka_unit_test(trials_differ_in_length_when_asked),
      cmocka_unit_test(latents_have_their_variance_and_timescale),
      cmocka_unit_test(tags_are_where_the_truth_says),
      cmocka_unit_test(controls_have_no_tags),
      cmocka_unit_test(patterns_have_the_planted_geometry),
      cmocka_unit_test(states_take_turns_and_clusters_are_balanced),
      cmocka_unit_test(animals_share_neurons_and_events),
      cmocka_unit_test(raw_fluorescence_has_the_parts_it_is_said_to_have),
      cmocka_unit_test(lost_frames_are_missing_everywhere),
      cmocka_unit_test(options_that_do_not_go_together_are_refused),
      cmocka_unit_test(table_and_macro_agree),
      cmocka_unit_test(every_failing_allocation_is_survived),
      cmocka_unit_test(pictures_turn_and_grow_with_their_latents),
  };
  return cmocka_run_group_tests_name("simulate", tests, NULL, NULL);
}
