/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "connectome_test.h"

/* -------------------------------------------------------------------------- helpers */

static nax_axis *
labels_axis(const char *name, nax_index n, const char *const *label)
{
  nax_axis *a;
  assert_ok(nax_axis_create_labels(NULL, name, n, label, &a));
  return a;
}

/* ------------------------------------------------------------------------ derivatives */

/* scipy 1.x: gaussian_filter1d(x, 1.5, order=1), savgol_filter(x, 7, 2, deriv=1) and
 * (x, 5, 3). */
static void
slopes_are_those_of_scipy(void **state)
{
  (void)state;
  static const double x[12] = {0, 1, 4, 2, -1, -3, 0, 5, 6, 2, 1, 1.5};
  static const double gaussian[12] = {
      0.245868300856742,  0.379320647445358,  -0.156787233010236, -0.783548771917212,
      -0.584451220885019, 0.498361888005374,  1.39854281442229,   1.13739366562433,
      0.0602070442276526, -0.679612716277515, -0.62765621941747,  -0.216191226686374};
  static const double second[12] = {0.75,
                                    0.345238095238095,
                                    -0.0595238095238096,
                                    -0.464285714285715,
                                    -0.0357142857142854,
                                    0.464285714285715,
                                    0.785714285714285,
                                    0.785714285714284,
                                    0.446428571428569,
                                    -0.80357142857143,
                                    -2.05357142857143,
                                    -3.30357142857143};
  static const double third[12] = {1.46428571428572,
                                   1.85714285714286,
                                   0.75,
                                   -3,
                                   -3,
                                   0.416666666666667,
                                   4.75,
                                   3.58333333333333,
                                   -2.08333333333333,
                                   -3.04166666666666,
                                   -1.13095238095236,
                                   4.02976190476193};
  nax_i_slope f;
  double d[12];
  assert_ok(nax_i_slope_gaussian(NULL, 1.5, &f));
  nax_i_slope_apply(&f, 12, x, d);
  assert_all_close(d, gaussian, 12, 1e-12, 1e-13);
  nax_i_slope_apply(&f, 1, x, d);
  assert_true(isnan(d[0]));
  nax_i_slope_free(&f);
  assert_ok(nax_i_slope_polynomial(NULL, 7, 2, &f));
  nax_i_slope_apply(&f, 12, x, d);
  assert_all_close(d, second, 12, 1e-10, 1e-12);
  nax_i_slope_apply(&f, 6, x, d);
  assert_true(isnan(d[0]) && isnan(d[5]));
  nax_i_slope_free(&f);
  assert_ok(nax_i_slope_polynomial(NULL, 5, 3, &f));
  nax_i_slope_apply(&f, 12, x, d);
  assert_all_close(d, third, 12, 1e-10, 1e-12);
  nax_i_slope_free(&f);
}

static nax_array *
noise_traces(nax_index n, nax_index n_time, uint64_t seed)
{
  nax_array *x;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2,
                                  (const char *const[]){"neuron", "time"},
                                  (nax_index[]){n, n_time}, "1", &x));
  double *v = nax_array_data_mut(x);
  for (nax_index k = 0; k < n * n_time; k++) {
    v[k] = nax_t_uniform(&seed);
  }
  return x;
}

static void
derivatives_do_not_hang_on_units(void **state)
{
  (void)state;
  nax_array *x = noise_traces(5, 300, 1), *y = noise_traces(5, 300, 1), *u, *v;
  double *a = nax_array_data_mut(y);
  for (nax_index k = 0; k < 5 * 300; k++) {
    a[k] = 40.0 * a[k] - 7.0;
  }
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  o.clip = NAX_CONNECTOME_CLIP_PAIR;
  assert_ok(nax_connectome_derivatives(NULL, x, &o, &u));
  assert_ok(nax_connectome_derivatives(NULL, y, &o, &v));
  assert_all_close(nax_array_f64(u), nax_array_f64(v), 5 * 300, 1e-9, 1e-12);
  double one[300], q[1];
  for (int t = 0; t < 300; t++) {
    one[t] = fabs(nax_array_f64(u)[2 + 5 * t]);
  }
  assert_ok(nax_stats_quantile(NULL, 300, one, 1, (const double[]){0.99}, q));
  assert_close(q[0], 1.0, 1e-9, 0.0);
  for (nax_index k = 0; k < 5 * 300; k++) {
    double z = fabs(nax_array_f64(u)[k]);
    assert_true(z == 0.0 || z >= 0.05);
  }
  nax_array_free(u);
  nax_array_free(v);
  nax_array_free(x);
  nax_array_free(y);
}

static void
short_runs_and_silent_neurons_are_silent(void **state)
{
  (void)state;
  nax_array *x = noise_traces(3, 200, 4), *u;
  double *v = nax_array_data_mut(x);
  for (int t = 0; t < 200; t++) {
    v[1 + 3 * t] = 5.0;
  }
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  o.min_run = 4;
  assert_ok(nax_connectome_derivatives(NULL, x, &o, &u));
  const double *d = nax_array_f64(u);
  for (int i = 0; i < 3; i++) {
    int run = 0, seen = 0;
    for (int t = 0; t < 200; t++) {
      double now = d[i + 3 * t];
      assert_true(fabs(now) <= 1.0);
      seen += now != 0.0;
      if (t > 0 && now != 0.0 && now * d[i + 3 * (t - 1)] > 0.0) {
        run++;
      } else {
        assert_true(run == 0 || run >= 4);
        run = now != 0.0;
      }
    }
    assert_true(i == 1 ? seen == 0 : seen > 20);
  }
  nax_array_free(u);
  nax_array_free(x);
}

/* A gap: each side is differentiated by itself. */
static void
gaps_stay_gaps(void **state)
{
  (void)state;
  nax_array *x = noise_traces(2, 100, 5), *u;
  double *v = nax_array_data_mut(x);
  for (int t = 40; t < 50; t++) {
    v[2 * t] = (double)NAN;
  }
  v[2 * 60] = v[2 * 62] = (double)NAN; /* sample 61 stands alone */
  assert_ok(nax_connectome_derivatives(NULL, x, NULL, &u));
  for (int t = 0; t < 100; t++) {
    int gone = (t >= 40 && t < 50) || (t >= 60 && t <= 62);
    assert_true(!isnan(nax_array_f64(u)[2 * t]) == !gone);
    assert_true(!isnan(nax_array_f64(u)[1 + 2 * t]));
  }
  nax_array_free(u);
  v[7] = HUGE_VAL;
  assert_error(nax_connectome_derivatives(NULL, x, NULL, &u), NAX_EDATA,
               "nax_connectome_derivatives: neuron 1 is infinite at sample 3");
  nax_array_free(x);
}

/* --------------------------------------------------------------------------- alignment
 */

static void
animals_are_matched_by_label_and_bin(void **state)
{
  (void)state;
  nax_array *u[2] = {make_u(3, 4, 1, 1), make_u(2, 5, 1, 1)}, *all;
  nax_axis *a = labels_axis("neuron", 3, (const char *const[]){"AWA", "AWB", "ASE"});
  nax_axis *b = labels_axis("neuron", 2, (const char *const[]){"ASE", "RIA"});
  assert_ok(nax_array_set_axis(NULL, u[0], 0, a));
  assert_ok(nax_array_set_axis(NULL, u[1], 0, b));
  double *u0 = nax_array_data_mut(u[0]), *u1 = nax_array_data_mut(u[1]);
  for (nax_index k = 0; k < 12; k++) {
    u0[k] = (double)k;
  }
  for (nax_index k = 0; k < 10; k++) {
    u1[k] = 100.0 + (double)k;
  }
  /* the second saw the two stimuli in the other order, and its last sample is no part */
  const nax_index swap[5] = {2, 3, 0, 0, -1}, *bin[2] = {NULL, swap};
  assert_ok(
      nax_connectome_align(NULL, 2, (const nax_array *const *)u, bin, 4, NULL, &all));
  assert_int_equal(nax_array_dim(all, 0), 4);
  assert_int_equal(nax_array_dim(all, 1), 4);
  assert_int_equal(nax_array_dim(all, 2), 2);
  assert_string_equal(nax_axis_label(nax_array_axis(all, 0), 3), "RIA");
  const double *v = nax_array_f64(all);
  for (int t = 0; t < 4; t++) {
    for (int i = 0; i < 3; i++) {
      assert_close(v[i + 4 * t], i + 3.0 * t, 0.0, 0.0);
    }
    assert_true(isnan(v[3 + 4 * t]));
    assert_true(isnan(v[0 + 4 * (t + 4)]) && isnan(v[1 + 4 * (t + 4)]));
  }
  const double ase[4] = {105.0, (double)NAN, 100.0, 102.0};
  const double ria[4] = {106.0, (double)NAN, 101.0, 103.0};
  for (int t = 0; t < 4; t++) {
    assert_close(v[2 + 4 * (t + 4)], ase[t], 0.0, 0.0);
    assert_close(v[3 + 4 * (t + 4)], ria[t], 0.0, 0.0);
  }
  nax_array_free(all);
  assert_error(
      nax_connectome_align(NULL, 2, (const nax_array *const *)u, NULL, 4, NULL, &all),
      NAX_EDIM,
      "nax_connectome_align: recording 1 has 5 samples and no map to the 4 common bins");
  const nax_index wrong[5] = {2, 3, 0, 4, -1}, *bad[2] = {NULL, wrong};
  assert_error(
      nax_connectome_align(NULL, 2, (const nax_array *const *)u, bad, 4, NULL, &all),
      NAX_EINVAL,
      "nax_connectome_align: `bin` of recording 1 maps sample 3 to 4, expected -1 to 3");
  nax_axis_free(a);
  nax_axis_free(b);
  nax_array_free(u[0]);
  nax_array_free(u[1]);
}

/* -------------------------------------------------------------------------- affinities
 */

static void
kernels_are_what_they_are_called(void **state)
{
  (void)state;
  static const double a[5] = {0.5, -0.5, 0.5, 0.0, 0.8};
  static const double b[5] = {0.2, -0.2, -0.2, 0.7, (double)NAN};
  const double want[7][5] = {{0},
                             {0.1, 0.1, 0, 0},
                             {sqrt(0.1), sqrt(0.1), 0, 0},
                             {0.2, 0.2, 0, 0},
                             {0.08, 0.08, 0, 0},
                             {sqrt(0.1), 0, 0, 0},
                             {sqrt(0.1), sqrt(0.1), sqrt(0.1), 0}};
  nax_array *u = make_u(2, 5, 1, 1), *x;
  double *v = nax_array_data_mut(u);
  for (int t = 0; t < 5; t++) {
    v[2 * t] = a[t];
    v[2 * t + 1] = b[t];
  }
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  o.single = 0;
  for (int32_t k = 1; k <= 6; k++) {
    o.kernel = k;
    o.channels = NAX_CONNECTOME_SAME;
    assert_ok(nax_connectome_affinity(NULL, u, &o, &x));
    assert_int_equal(nax_array_ndim(x), 3);
    assert_all_close(nax_array_f64(x), want[k], 4, 1e-15, 0.0);
    assert_true(isnan(nax_array_f64(x)[4]));
    nax_array_free(x);
  }
  o.kernel = NAX_CONNECTOME_MIN;
  o.channels = NAX_CONNECTOME_BOTH;
  assert_ok(nax_connectome_affinity(NULL, u, &o, &x));
  assert_int_equal(nax_array_dim(x, 3), 2);
  assert_all_close(nax_array_f64(x), want[3], 4, 1e-15, 0.0);
  assert_all_close(nax_array_f64(x) + 5, ((const double[]){0, 0, 0.2, 0}), 4, 1e-15, 0.0);
  nax_array_free(x);
  /* Intervals of constant signs: bins 0, then 1, then 2; nothing to average but a run. */
  v[1] = 0.4;
  v[2] = 0.5;
  v[3] = 0.2;
  o.channels = NAX_CONNECTOME_SAME;
  o.kernel = NAX_CONNECTOME_PROD;
  o.interval = 1;
  assert_ok(nax_connectome_affinity(NULL, u, &o, &x));
  assert_all_close(nax_array_f64(x), ((const double[]){0.15, 0.15, 0, 0}), 4, 1e-15, 0.0);
  nax_array_free(x);
  nax_array_free(u);
}

static void
scales_are_a_mode_or_their_maximum(void **state)
{
  (void)state;
  nax_array *x = noise_traces(4, 120, 8), *u, *most, *mode;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  o.scales = "1,2,4";
  o.single = 0;
  assert_ok(nax_connectome_derivatives(NULL, x, &o, &u));
  assert_int_equal(nax_array_dim(u, 3), 3);
  assert_ok(nax_connectome_affinity(NULL, u, &o, &most));
  o.scale_mode = 1;
  assert_ok(nax_connectome_affinity(NULL, u, &o, &mode));
  assert_int_equal(nax_array_ndim(most), 3);
  assert_int_equal(nax_array_ndim(mode), 4);
  for (nax_index k = 0; k < 120 * 6; k++) {
    const double *m = nax_array_f64(mode) + k;
    assert_close(nax_array_f64(most)[k], fmax(m[0], fmax(m[720], m[1440])), 0.0, 0.0);
  }
  o.scales = "1,zwei";
  nax_array_free(most);
  assert_error(
      nax_connectome_derivatives(NULL, x, &o, &most), NAX_EINVAL,
      "nax_connectome_derivatives: option `scales` is \"1,zwei\", expected up to "
      "16 positive numbers separated by commas");
  nax_array_free(mode);
  nax_array_free(u);
  nax_array_free(x);
}

/* ------------------------------------------------------------------------- communities
 */

/* Planted groups that change between epochs: how well the motif in force tells the epoch,
 * and how well its communities, time by time, tell the groups of the neurons that are in
 * one. Neither number needs a component to be assigned to an epoch. */
static void
recovery(uint64_t seed, double *epochs, double *communities)
{
  nax_simulate_opts so = NAX_SIMULATE_OPTS_INIT;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_dataset *d;
  nax_array *u;
  nax_connectome *m;
  so.seed = seed;
  so.animals = 8;
  so.trials = 0;
  so.trial_length = 240.0;
  so.rate = 4.0;
  so.assemblies = 9;
  so.epochs = 3;
  so.event_rate = 0.3;
  so.event_length = 3.0;
  so.event_gain = 30.0;
  so.firing_rate = 0.3;
  assert_ok(nax_simulate(NULL, &so, &d));
  f.rank = 4;
  f.n_restarts = 2;
  o.n_samples = 0;
  o.n_searches = 2;
  o.average = 40; /* events are each animal's own, 3 s long and some seconds apart */
  assert_ok(nax_connectome_derivatives(NULL, nax_dataset_array(d, "dff"), &o, &u));
  assert_ok(nax_connectome_fit(NULL, u, &o, &f, &m));
  const double *truth = nax_array_f64(nax_dataset_array(d, "truth_communities"));
  nax_index n_time = nax_connectome_n_time(m), n = nax_connectome_n_neurons(m);
  int64_t *epoch = calloc((size_t)n_time, sizeof *epoch), a[60], b[60];
  int64_t *state = calloc((size_t)n_time, sizeof *state);
  double sum = 0.0;
  assert_int_equal(n, 60);
  for (nax_index t = 0; t < n_time; t++) {
    nax_index k = 0, r = nax_connectome_state(m)[t];
    epoch[t] = t * 3 / n_time;
    state[t] = r + 1;
    for (nax_index i = 0; i < n && r >= 0; i++) {
      if (truth[i + n * epoch[t]] >= 0.0) {
        a[k] = (int64_t)truth[i + n * epoch[t]];
        b[k++] = nax_connectome_labels(m, r)[i];
      }
    }
    double ari = 0.0;
    if (r >= 0) {
      assert_ok(nax_stats_ari(NULL, k, a, b, &ari));
    }
    sum += ari / (double)n_time;
  }
  assert_ok(nax_stats_ari(NULL, n_time, epoch, state, epochs));
  *communities = sum;
  free(epoch);
  free(state);
  nax_connectome_free(m);
  nax_array_free(u);
  nax_dataset_free(d);
}

static void
planted_communities_and_epochs_are_found(void **state)
{
  (void)state;
  double epochs, communities;
  recovery(1, &epochs, &communities);
  print_message("# ARI of epochs %.3f, of communities %.3f\n", epochs, communities);
  assert_true(epochs >= 0.7);
  assert_true(communities >= 0.7);
}

static void
other_recordings_give_them_too(void **state)
{
  (void)state;
  nax_t_long();
  double epochs, communities;
  for (uint64_t seed = 2; seed <= 20; seed++) {
    recovery(seed, &epochs, &communities);
    print_message("# seed %d: ARI of epochs %.3f, of communities %.3f\n", (int)seed,
                  epochs, communities);
    assert_true(epochs >= 0.7);
    assert_true(communities >= 0.7);
  }
}

/* Two groups that change together, in turn, three animals; the rest is noise. */
static nax_array *
two_groups(nax_index n_animals)
{
  uint64_t seed = 31;
  nax_array *u = make_u(24, 120, n_animals, 1);
  double *v = nax_array_data_mut(u);
  for (nax_index k = 0; k < 120 * n_animals; k++) {
    nax_index t = k % 120, on = t < 60 ? 0 : 8; /* neurons 0-7, then 8-15 */
    double x = nax_t_uniform(&seed) < 0.4 ? 2.0 * nax_t_uniform(&seed) - 1.0 : 0.0;
    for (nax_index i = 0; i < 24; i++) {
      double noise = nax_t_uniform(&seed) < 0.3 ? nax_t_uniform(&seed) - 0.5 : 0.0;
      v[i + 24 * k] = i >= on && i < on + 8 && x != 0.0 ? 0.9 * x : 0.6 * noise;
    }
  }
  return u;
}

static void
certainty_is_told(void **state)
{
  (void)state;
  nax_array *u = two_groups(3);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_connectome *m;
  nax_dataset *d;
  o.n_searches = 2;
  o.n_samples = 20;
  o.n_boot = 5;
  o.n_null = 9;
  f.rank = 2;
  f.n_restarts = 3;
  assert_ok(nax_connectome_fit(NULL, u, &o, &f, &m));
  for (int64_t r = 0; r < 2; r++) {
    const double *a = nax_connectome_motif(m, r), *c = nax_connectome_coassignment(m, r);
    /* one motif has the first eight together, the other the next eight */
    nax_index at = a[0 + 24 * 1] > a[8 + 24 * 9] ? 0 : 8;
    assert_close(nax_connectome_p_value(m, r, -1), 0.1, 1e-12, 0.0);
    assert_true(nax_connectome_excess(m, r, -1) >
                0.5 * nax_ntf_weights(nax_connectome_ntf(m))[r]);
    assert_true(nax_connectome_stability(m, r) > 0.9);
    assert_true(nax_connectome_n_groups(m, r) >= 2);
    for (nax_index i = at; i < at + 8; i++) {
      assert_int_equal(nax_connectome_labels(m, r)[i], nax_connectome_labels(m, r)[at]);
      assert_true(c[i + 24 * at] > 0.7);
      assert_close(c[i + 24 * i], 1.0, 1e-12, 0.0);
    }
    assert_int_equal(nax_connectome_state(m)[at == 0 ? 30 : 90], r);
    assert_true(isnan(nax_connectome_p_value(m, r, 24)));
  }
  assert_true(isnan(nax_connectome_p_value(m, 2, -1)));
  assert_ok(nax_connectome_dataset(NULL, m, u, &d));
  assert_int_equal(nax_array_ndim(nax_dataset_array(d, "motifs")), 3);
  const double *dynamics = nax_array_f64(nax_dataset_array(d, "dynamics"));
  const nax_ntf *ntf = nax_connectome_ntf(m);
  assert_close(dynamics[7 + 120 * (2 + 3 * 1)],
               nax_ntf_weights(ntf)[1] * nax_ntf_factor(ntf, 0)[7 + 120] *
                   nax_ntf_factor(ntf, 1)[2 + 3],
               1e-12, 0.0);
  assert_non_null(nax_dataset_array(d, "coassignment"));
  assert_non_null(nax_dataset_array(d, "uncertainty"));
  assert_true(nax_table_find(nax_dataset_table(d, "communities_table"), "p_value") >= 0);
  nax_dataset_free(d);
  nax_connectome_free(m);
  nax_array_free(u);
  u = two_groups(1);
  assert_error(
      nax_connectome_fit(NULL, u, &o, &f, &m), NAX_EINVAL,
      "nax_connectome_fit: option `bootstraps` is 5, expected 0 with one animal");
  nax_array_free(u);
}

/* Neurons that change on their own: p below 0.1 for the best of the components as often
 * as chance has it. */
static void
chance_is_told_from_structure(void **state)
{
  (void)state;
  nax_t_long();
  int small = 0, n_sets = 30;
  for (int set = 0; set < n_sets; set++) {
    uint64_t seed = 77 + (uint64_t)set;
    nax_array *u = make_u(10, 100, 2, 1);
    double *v = nax_array_data_mut(u);
    for (nax_index k = 0; k < 10 * 200; k++) {
      v[k] = nax_t_uniform(&seed) < 0.4 ? 2.0 * nax_t_uniform(&seed) - 1.0 : 0.0;
    }
    nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
    nax_ntf_opts f = NAX_NTF_OPTS_INIT;
    nax_connectome *m;
    o.n_searches = 1;
    o.n_samples = 0;
    o.n_null = 9;
    f.rank = 2;
    f.n_restarts = 1;
    f.seed = 1 + (uint64_t)set;
    assert_ok(nax_connectome_fit(NULL, u, &o, &f, &m));
    small +=
        fmin(nax_connectome_p_value(m, 0, -1), nax_connectome_p_value(m, 1, -1)) < 0.11;
    nax_connectome_free(m);
    nax_array_free(u);
  }
  print_message("# p of 0.1 in %d of %d\n", small, n_sets);
  assert_true(small <= n_sets / 3);
}

/* Bins, neurons and pairs that are not there come back as missing, not as zeros. */
static void
what_is_missing_stays_missing(void **state)
{
  (void)state;
  nax_array *u = two_groups(2);
  double *v = nax_array_data_mut(u);
  for (nax_index t = 0; t < 120; t++) {
    v[2 + 24 * t] = v[5 + 24 * (t + 120)] = (double)NAN;
  }
  for (nax_index i = 0; i < 24; i++) {
    v[i + 24 * 40] = v[i + 24 * (40 + 120)] = (double)NAN;
  }
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_connectome *m;
  o.n_searches = 1;
  o.n_samples = 5;
  o.n_boot = 2;
  o.n_null = 1;
  f.rank = 2;
  f.n_restarts = 1;
  assert_ok(nax_connectome_fit(NULL, u, &o, &f, &m));
  assert_true(isnan(nax_connectome_motif(m, 0)[2 + 24 * 5]));
  assert_true(!isnan(nax_connectome_motif(m, 0)[2 + 24 * 4]));
  assert_true(isnan(nax_connectome_when(m)[40]));
  assert_int_equal(nax_connectome_state(m)[40], -1);
  nax_connectome_free(m);
  nax_array_free(u);
}

static void
failed_allocations_are_reported(void **state)
{
  (void)state;
  nax_array *x = noise_traces(3, 20, 21);
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  int done = 0;
  f.rank = 1;
  f.n_restarts = 1;
  f.max_iter = 1;
  for (long k = 0; k < 4000 && !done; k++) {
    nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
    nax_array *u = NULL, *v = NULL, *a = NULL;
    nax_ntf *m = NULL, *q = NULL;
    nax_connectome *c = NULL;
    nax_dataset *d = NULL;
    nax_i_alloc_fail_at = k;
    nax_status s = nax_connectome_derivatives(NULL, x, &o, &u);
    const nax_array *both[2] = {u, u};
    s = s == NAX_OK ? nax_connectome_align(NULL, 2, both, NULL, 20, NULL, &v) : s;
    s = s == NAX_OK ? nax_connectome_affinity(NULL, v, &o, &a) : s;
    s = s == NAX_OK ? nax_connectome_factorise(NULL, v, &o, &f, &m) : s;
    o.engine = NAX_CONNECTOME_FREE;
    s = s == NAX_OK ? nax_connectome_factorise(NULL, v, &o, &f, &q) : s;
    o.n_searches = o.n_boot = o.n_null = 1;
    o.n_samples = 1;
    s = s == NAX_OK ? nax_connectome_fit(NULL, v, &o, &f, &c) : s;
    s = s == NAX_OK ? nax_connectome_dataset(NULL, c, v, &d) : s;
    done = s == NAX_OK && nax_i_alloc_fail_at >= 0;
    nax_i_alloc_fail_at = -1;
    assert_true(s == NAX_OK || s == NAX_ENOMEM);
    nax_array_free(u);
    nax_array_free(v);
    nax_array_free(a);
    nax_ntf_free(m);
    nax_ntf_free(q);
    nax_connectome_free(c);
    nax_dataset_free(d);
  }
  assert_true(done);
  nax_array_free(x);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slopes_are_those_of_scipy),
      cmocka_unit_test(derivatives_do_not_hang_on_units),
      cmocka_unit_test(short_runs_and_silent_neurons_are_silent),
      cmocka_unit_test(gaps_stay_gaps),
      cmocka_unit_test(animals_are_matched_by_label_and_bin),
      cmocka_unit_test(kernels_are_what_they_are_called),
      cmocka_unit_test(scales_are_a_mode_or_their_maximum),
      cmocka_unit_test(planted_communities_and_epochs_are_found),
      cmocka_unit_test(other_recordings_give_them_too),
      cmocka_unit_test(certainty_is_told),
      cmocka_unit_test(chance_is_told_from_structure),
      cmocka_unit_test(what_is_missing_stays_missing),
      cmocka_unit_test(failed_allocations_are_reported),
  };
  return cmocka_run_group_tests_name("connectome", tests, NULL, NULL);
}
