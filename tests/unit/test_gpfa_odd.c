/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data that are not as one would wish them, and models that come back from files. */
#include "gpfa_test.h"

/* Silent and duplicate neurons, trials of one bin, fewer bins than latents, a trial and
 * bins without any value, more neurons than bins: finite results, whatever the way. */
static void
odd_data_give_finite_results(void **state)
{
  (void)state;
  for (int kind = 0; kind < 12; kind++) {
    int counts = kind % 2, lbfgs = kind == 2;
    nax_index n = kind >= 10 ? 40 : 7, bins = 0;
    nax_index length[5] = {1, 2, 1, 9, 6};
    double *y;
    uint64_t seed = (uint64_t)(300 + kind);
    nax_view trials[5];
    for (int k = 0; k < 5; k++) {
      bins += length[k];
    }
    y = calloc((size_t)(n * bins), sizeof *y);
    for (nax_index i = 0; i < n * bins; i++) {
      y[i] = counts ? floor(4.0 * nax_t_uniform(&seed)) : normal(&seed);
    }
    for (nax_index j = 0; j < bins; j++) {
      double *at = y + j * n;
      at[2] = kind >= 2 && kind < 4 ? 1.0 : at[2];          /* silent */
      at[3] = kind >= 4 && kind < 6 ? at[4] : at[3];        /* duplicate */
      at[5] = kind >= 8 && j % 3 > 0 ? (double)NAN : at[5]; /* gaps */
      for (nax_index i = 0; i < n && kind >= 6 && kind < 10; i++) {
        at[i] = j >= 4 && j < 13 ? (double)NAN : at[i]; /* a trial without values */
      }
    }
    for (nax_index k = 0, at = 0; k < 5; at += length[k], k++) {
      trials[k] = nax_view_f64(y + at * n, 2, (nax_index[]){n, length[k]});
    }
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m;
    nax_gpfa_posterior *p;
    nax_index steps;
    double share[3];
    o.likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    o.optimiser = lbfgs ? NAX_GPFA_LBFGS : NAX_GPFA_EM;
    o.max_iter = 20;
    assert_ok(nax_gpfa_fit(NULL, 5, trials, NULL, &o, &m));
    const double *trace = nax_gpfa_trace(m, &steps);
    for (nax_index i = 0; i < steps; i++) {
      assert_true(isfinite(trace[i]));
    }
    nax_gpfa_params par = nax_gpfa_get(m);
    for (nax_index i = 0; i < n; i++) {
      int out = i == 2 && kind >= 2 && kind < 4;
      assert_true(out ? isnan(par.d[i]) : isfinite(par.d[i]));
      assert_true(out || counts || par.r[i] > 0.0);
    }
    assert_ok(nax_gpfa_infer(NULL, m, 5, trials, NULL, &p));
    for (nax_index j = 0; j < 3 * bins; j++) {
      assert_true(isfinite(nax_gpfa_posterior_mean(p, 0)[j]));
    }
    assert_ok(nax_gpfa_explained(NULL, m, 5, trials, share));
    assert_true(isfinite(share[0] + share[1] + share[2]));
    if (kind >= 6 && kind < 10) { /* nothing was seen: the prior */
      assert_close(nax_gpfa_posterior_mean(p, 3)[4], 0.0, 0.0, 1e-12);
      assert_close(nax_gpfa_posterior_cov(p, 3)[0], 1.0, 1e-9, 0.0);
    }
    nax_gpfa_posterior_free(p);
    nax_gpfa_free(m);
    free(y);
  }
}

/* Neurons without any noise and without a floor, so small that the squares of their
 * residuals are nothing: a whole step makes variances 0. */
static void
steps_to_where_nothing_is_finite_are_halved(void **state)
{
  (void)state;
  enum { N = 3, T = 6 };
  double y[N * T], floor[N] = {0.0, 0.0, 0.0};
  for (int t = 0; t < T; t++) {
    for (int i = 0; i < N; i++) {
      y[i + t * N] = 1e-150 * (1.0 + i) * sin(0.9 * t);
    }
  }
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, T});
  nax_i_gpfa_data d;
  nax_i_gpfa_par p;
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  assert_ok(nax_i_gpfa_data_init(NULL, __func__, 1, &v, NULL, 0, &d));
  assert_ok(nax_i_gpfa_par_init(NULL, N, 1, &p));
  for (int i = 0; i < N; i++) {
    p.c[i] = 1e-150 * (1.0 + i);
    p.r[i] = 1e-290;
  }
  p.u[0] = log(0.04);
  p.noise[0] = 1e-3;
  o.max_iter = 200;
  o.tol = 0.0;
  o.kernel_steps = 0;
  nax_i_gpfa_fit f = {.data = &d, .opts = &o, .floor = floor, .par = &p};
  assert_ok(nax_i_gpfa_fit_run(NULL, &f));
  assert_true(f.n_trace > 10);
  for (nax_index i = 1; i < f.n_trace; i++) {
    assert_true(isfinite(f.trace[i]));
  }
  assert_true(f.trace[f.n_trace - 1] > f.trace[0] + 50.0);
  for (int i = 0; i < N; i++) {
    assert_true(isfinite(p.c[i]) && isfinite(p.d[i]) && p.r[i] > 0.0 && p.r[i] < 1e-290);
  }
  nax_i_free(f.trace);
  nax_i_gpfa_par_free(&p);
  nax_i_gpfa_data_free(&d);
}

/* Values whose likelihood is finite, but whose products with the latents are not. */
static void
a_fit_without_a_finite_step_stops_with_a_reason(void **state)
{
  (void)state;
  enum { N = 2, T = 4 };
  double y[N * T], floor[N] = {1e8, 1e8};
  for (int t = 0; t < T; t++) {
    y[t * N] = y[1 + t * N] = 1e157 * cos(0.7 * t);
  }
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, T});
  nax_i_gpfa_data d;
  nax_i_gpfa_par p;
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_i_gpfa_data_init(NULL, __func__, 1, &v, NULL, 0, &d));
  assert_ok(nax_i_gpfa_par_init(NULL, N, 1, &p));
  for (int i = 0; i < N; i++) {
    p.c[i] = 1e4;
    p.r[i] = 1e8;
  }
  p.u[0] = log(0.04);
  p.noise[0] = 1e-3;
  o.kernel_steps = 0;
  for (o.max_iter = 1; o.max_iter < 10; o.max_iter += 8) {
    nax_i_gpfa_fit f = {.data = &d, .opts = &o, .floor = floor, .par = &p};
    assert_ok(nax_i_gpfa_fit_run(ctx, &f));
    assert_int_equal(f.stop, NAX_STOP_NUMERIC);
    assert_int_equal(f.n_trace, 1);
    assert_string_equal(nax_ctx_warning(ctx, nax_ctx_n_warnings(ctx) - 1).id,
                        "gpfa.numeric");
    for (int i = 0; i < N; i++) { /* those it began with */
      assert_true(p.c[i] == 1e4 && p.d[i] == 0.0 && p.r[i] == 1e8);
    }
    nax_i_free(f.trace);
  }
  nax_i_gpfa_par_free(&p);
  nax_i_gpfa_data_free(&d);
  nax_ctx_free(ctx);
}

/* Neurons 2 and 5 are one unit twice, 1 and 4 crosstalk and partly missing. */
static void
neurons_that_are_alike_are_named(void **state)
{
  (void)state;
  drawn d = draw(7, 2, 5, 20, 30, NAX_GPFA_GAUSSIAN, 61);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_ctx *ctx;
  uint64_t seed = 4;
  for (nax_index j = 0; j < d.bins; j++) {
    double *y = d.y + 7 * j;
    y[0] = 3.0; /* silent: numbers are the caller's */
    y[5] = y[2];
    y[4] = -2.0 * y[1] + 0.05 * normal(&seed);
    y[1] = j % 10 == 3 ? (double)NAN : y[1];
  }
  o.n_latents = 2;
  o.max_iter = 10;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_gpfa_fit(ctx, d.n_trials, d.trials, NULL, &o, &m));
  int seen = 0;
  for (nax_index i = 0; i < nax_ctx_n_warnings(ctx); i++) {
    const nax_warning w = nax_ctx_warning(ctx, i);
    if (strcmp(w.id, "gpfa.duplicate") == 0) {
      assert_non_null(strstr(w.text, seen == 0
                                         ? "neurons 1 and 4 are alike (correlation -0."
                                         : "neurons 2 and 5 are alike (correlation 1)"));
      seen++;
    }
  }
  assert_int_equal(seen, 2);
  for (int i = 1; i < 7; i++) {
    assert_true(isfinite(nax_gpfa_get(m).c[i]) && nax_gpfa_get(m).r[i] > 0.0);
  }
  nax_gpfa_free(m);
  nax_ctx_free(ctx);
  free_drawn(&d);
}

/* Trials of one bin only, and fewer bins in all than latents. */
static void
very_few_bins_are_fitted(void **state)
{
  (void)state;
  for (int kind = 0; kind < 6; kind++) {
    enum { N = 5, MOST = 8 };
    int counts = kind % 2, few = kind >= 2, one = kind >= 4;
    nax_index n_trials = one ? 1 : few ? 2 : MOST, bins = few ? 2 : MOST, steps;
    double y[N * MOST];
    uint64_t seed = (uint64_t)(80 + kind);
    nax_view trials[MOST];
    for (int i = 0; i < N * MOST; i++) {
      y[i] = counts ? (double)((i + i / N) % 4) : normal(&seed);
    }
    for (nax_index k = 0; k < n_trials; k++) {
      trials[k] = nax_view_f64(y + N * k, 2, (nax_index[]){N, one ? 2 : 1});
    }
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m;
    nax_gpfa_posterior *p;
    nax_gpfa_lno lno;
    o.n_latents = 3;
    o.max_iter = 20;
    o.likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    assert_ok(nax_gpfa_fit(NULL, n_trials, trials, NULL, &o, &m));
    const double *trace = nax_gpfa_trace(m, &steps);
    for (nax_index i = 0; i < steps; i++) {
      assert_true(isfinite(trace[i]));
    }
    assert_ok(nax_gpfa_infer(NULL, m, n_trials, trials, NULL, &p));
    for (nax_index j = 0; j < 3 * bins; j++) {
      assert_true(isfinite(nax_gpfa_posterior_mean(p, 0)[j]));
    }
    assert_ok(nax_gpfa_leave_neuron_out(NULL, m, n_trials, trials, NULL, NULL, &lno));
    assert_true(isfinite(lno.sse) && isfinite(lno.log_density));
    nax_gpfa_posterior_free(p);
    nax_gpfa_free(m);
  }
}

/* Units in which squares overflow, counts that are none. */
static void
values_of_another_world_are_refused(void **state)
{
  (void)state;
  double y[12] = {0.0};
  nax_view v = nax_view_f64(y, 2, (nax_index[]){3, 4});
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  o.n_latents = 1;
  for (int i = 0; i < 12; i++) {
    y[i] = (double)(i * i % 7) * (i % 3 == 1 ? 1e160 : 1.0);
  }
  assert_status(nax_gpfa_fit(NULL, 1, &v, NULL, &o, &m), NAX_EDATA);
  assert_null(m);
  y[4] = 1e12;
  o.likelihood = NAX_GPFA_POISSON;
  assert_status(nax_gpfa_fit(NULL, 1, &v, NULL, &o, &m), NAX_EDATA);
  for (int i = 0; i < 12; i++) { /* as large as counts may be */
    y[i] = i % 2 ? 1e9 : 0.0;
  }
  o.max_iter = 20;
  assert_ok(nax_gpfa_fit(NULL, 1, &v, NULL, &o, &m));
  for (int i = 0; i < 3; i++) {
    assert_true(isfinite(nax_gpfa_get(m).c[i]) && isfinite(nax_gpfa_get(m).d[i]));
  }
  nax_gpfa_free(m);
}

/* Covariances of each bin go into the dataset where they are asked for; their turn to the
 * orthonormal latents has the variances that stand there. */
static void
covariances_of_each_bin_are_kept_on_request(void **state)
{
  (void)state;
  drawn d = draw(6, 2, 3, 10, 15, NAX_GPFA_GAUSSIAN, 92);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa_infer_opts infer = NAX_GPFA_INFER_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_posterior *p;
  nax_dataset *ds;
  o.n_latents = 2;
  o.max_iter = 5;
  assert_ok(nax_gpfa_fit(NULL, 3, d.trials, NULL, &o, &m));
  assert_ok(nax_gpfa_infer(NULL, m, 3, d.trials, &infer, &p));
  assert_ok(nax_gpfa_dataset(NULL, m, p, NULL, NULL, &ds));
  assert_null(nax_dataset_array(ds, "latents_model_cov"));
  nax_dataset_free(ds);
  nax_gpfa_posterior_free(p);
  infer.covariances = 1;
  assert_ok(nax_gpfa_infer(NULL, m, 3, d.trials, &infer, &p));
  assert_ok(nax_gpfa_dataset(NULL, m, p, NULL, NULL, &ds));
  const nax_array *a = nax_dataset_array(ds, "latents_model_cov");
  const double *sd = nax_array_f64(nax_dataset_array(ds, "latents_sd"));
  const double *turn = nax_array_f64(nax_dataset_array(ds, "turn"));
  assert_non_null(a);
  assert_int_equal(nax_array_ndim(a), 4);
  nax_index longest = nax_array_dim(a, 2);
  for (nax_index k = 0; k < 3; k++) {
    for (nax_index t = 0; t < longest; t++) {
      const double *v = nax_array_f64(a) + 4 * (t + longest * k);
      const double *s = sd + 2 * (t + longest * k);
      if (t >= d.length[k]) {
        assert_true(isnan(v[0]) && isnan(v[1]) && isnan(v[2]) && isnan(v[3]));
        continue;
      }
      assert_memory_equal(v, nax_gpfa_posterior_cov(p, k) + 4 * t, 4 * sizeof *v);
      for (int l = 0; l < 2; l++) {
        double x = turn[l], y = turn[l + 2];
        assert_close(x * x * v[0] + x * y * (v[1] + v[2]) + y * y * v[3], s[l] * s[l],
                     1e-10, 0.0);
      }
    }
  }
  nax_dataset_free(ds);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  free_drawn(&d);
}

/* A model through a dataset, applied to other trials. */
static void
a_model_comes_back_from_its_dataset(void **state)
{
  (void)state;
  for (int counts = 0; counts < 2; counts++) {
    drawn d = draw(6, 2, 6, 10, 15, counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN, 91);
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m, *same, *none;
    nax_gpfa_posterior *p, *q;
    nax_dataset *ds;
    nax_gpfa_lno lno;
    nax_index n;
    for (nax_index j = 0; j < d.bins; j++) {
      d.y[2 + j * 6] = 1.0; /* silent: NaN parameters go through the file */
    }
    o.n_latents = 2;
    o.max_iter = 8;
    o.kernel = NAX_GPFA_MATERN52;
    o.bin = 0.05;
    o.likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    assert_ok(nax_gpfa_fit(NULL, 3, d.trials, NULL, &o, &m));
    assert_ok(nax_gpfa_dataset(NULL, m, NULL, NULL, NULL, &ds));
    assert_ok(nax_gpfa_from_dataset(NULL, ds, &same));
    assert_int_equal(nax_gpfa_options(same)->kernel, NAX_GPFA_MATERN52);
    assert_int_equal(nax_gpfa_stop(same), nax_gpfa_stop(m));
    (void)nax_gpfa_trace(same, &n);
    assert_int_equal(n, 8);
    assert_memory_equal(nax_gpfa_get(same).c, nax_gpfa_get(m).c, 12 * sizeof(double));
    assert_ok(nax_gpfa_infer(NULL, m, 3, d.trials + 3, NULL, &p));
    assert_ok(nax_gpfa_infer(NULL, same, 3, d.trials + 3, NULL, &q));
    assert_close(nax_gpfa_posterior_loglik(q), nax_gpfa_posterior_loglik(p), 1e-12, 0.0);
    for (nax_index k = 0; k < 3; k++) {
      assert_all_close(nax_gpfa_posterior_mean(q, k), nax_gpfa_posterior_mean(p, k),
                       2 * d.length[3 + k], 1e-9, 1e-10);
    }
    assert_ok(nax_gpfa_leave_neuron_out(NULL, m, 3, d.trials + 3, NULL, NULL, &lno));
    assert_ok(nax_gpfa_add_left_out(NULL, ds, same, 3, d.trials + 3, NULL));
    assert_close(nax_dataset_number(ds, "gpfa_left_out_error"), lno.sse, 1e-9, 0.0);
    assert_close(nax_dataset_number(ds, "gpfa_left_out_log_density"), lno.log_density,
                 1e-9, 0.0);
    const nax_array *left = nax_dataset_array(ds, "left_out");
    assert_int_equal(nax_array_dim(left, 0), 6);
    assert_int_equal(nax_array_dim(left, 2), 3);
    nax_view w = nax_array_view(left);
    assert_true(isnan(nax_view_get(&w, (nax_index[]){2, 0, 0})));
    assert_true(isfinite(nax_view_get(&w, (nax_index[]){1, 9, 2})));
    nax_gpfa_posterior_free(p);
    nax_gpfa_posterior_free(q);
    nax_gpfa_free(same);
    nax_dataset_free(ds);
    /* what is no such dataset */
    assert_ok(nax_dataset_create(NULL, &ds));
    assert_error(nax_gpfa_from_dataset(NULL, ds, &none), NAX_EDATA,
                 "nax_gpfa_from_dataset: the dataset has no attribute `gpfa_bin`, "
                 "expected a result of gpfa");
    assert_null(none);
    assert_ok(nax_dataset_set_number(NULL, ds, "gpfa_bin", 0.05));
    assert_error(nax_gpfa_from_dataset(NULL, ds, &none), NAX_EDATA,
                 "nax_gpfa_from_dataset: the dataset has no float64 array `means`, "
                 "expected a result of gpfa");
    nax_dataset_free(ds);
    nax_gpfa_free(m);
    free_drawn(&d);
  }
}

/* One bin knows no time: its posterior is that of factor analysis. */
static void
trials_of_one_bin_are_factor_analysis(void **state)
{
  (void)state;
  uint64_t seed = 9;
  nax_i_gpfa_par p = random_par(4, 1, &seed);
  nax_gpfa *m = model_of(&p);
  nax_gpfa_posterior *post;
  double y[4] = {0.3, -1.0, 2.0, 0.1}, precision = 1.0, b = 0.0;
  nax_view v = nax_view_f64(y, 2, (nax_index[]){4, 1});
  for (int i = 0; i < 4; i++) {
    precision += p.c[i] * p.c[i] / p.r[i];
    b += p.c[i] / p.r[i] * (y[i] - p.d[i]);
  }
  assert_ok(nax_gpfa_infer(NULL, m, 1, &v, NULL, &post));
  assert_close(nax_gpfa_posterior_mean(post, 0)[0], b / precision, 1e-12, 0.0);
  assert_close(nax_gpfa_posterior_cov(post, 0)[0], 1.0 / precision, 1e-12, 0.0);
  nax_gpfa_posterior_free(post);
  nax_gpfa_free(m);
  nax_i_gpfa_par_free(&p);
}

/* -------------------------------------------------------- what the likelihood knows */

static double
loglik(const nax_gpfa_params *par, nax_index n_trials, const nax_view *trials)
{
  nax_gpfa *m;
  nax_gpfa_posterior *p;
  assert_ok(nax_gpfa_create(NULL, par, NULL, &m));
  assert_ok(nax_gpfa_infer(NULL, m, n_trials, trials, NULL, &p));
  double ll = nax_gpfa_posterior_loglik(p);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  return ll;
}

/* Latents that forget everything within a bin are independent from bin to bin. */
static void
latents_without_memory_are_factor_analysis(void **state)
{
  (void)state;
  enum { T = 9 };
  double c[2] = {0.8, -1.3}, d[2] = {0.2, -0.5}, r[2] = {0.4, 0.7};
  double tau = 0.05 * 0.02, noise = 0.99, y[2 * T], want = 0.0;
  uint64_t seed = 12;
  double a = c[0] * c[0] + r[0], b = c[1] * c[1] + r[1], both = c[0] * c[1];
  double det = a * b - both * both;
  for (int t = 0; t < T; t++) {
    double u = 4.0 * nax_t_uniform(&seed) - 2.0, v = 4.0 * nax_t_uniform(&seed) - 2.0;
    y[2 * t] = d[0] + u;
    y[2 * t + 1] = d[1] + v;
    want -= 0.5 * ((b * u * u - 2.0 * both * u * v + a * v * v) / det + log(det)) +
            log(2.0 * pi);
  }
  nax_gpfa_params par = {sizeof par, 2, 1, c, d, r, &tau, &noise};
  nax_view v = nax_view_f64(y, 2, (nax_index[]){2, T});
  assert_close(loglik(&par, 1, &v), want, 1e-12, 0.0);
}

/* Trials of several lengths share a factorisation, not what they say. */
static void
a_trial_says_the_same_alone_and_among_others(void **state)
{
  (void)state;
  drawn d = draw(6, 2, 5, 3, 25, NAX_GPFA_GAUSSIAN, 37);
  nax_gpfa_params par = nax_gpfa_get(d.truth);
  nax_gpfa_posterior *all, *one;
  double sum = 0.0;
  assert_ok(nax_gpfa_infer(NULL, d.truth, 5, d.trials, NULL, &all));
  for (nax_index k = 0; k < 5; k++) {
    sum += loglik(&par, 1, d.trials + k);
    assert_ok(nax_gpfa_infer(NULL, d.truth, 1, d.trials + k, NULL, &one));
    assert_all_close(nax_gpfa_posterior_mean(one, 0), nax_gpfa_posterior_mean(all, k),
                     2 * d.length[k], 1e-10, 1e-12);
    nax_gpfa_posterior_free(one);
  }
  assert_close(nax_gpfa_posterior_loglik(all), sum, 1e-12, 0.0);
  nax_gpfa_posterior_free(all);
  free_drawn(&d);
}

static void
latents_turn_freely_only_when_they_are_equally_slow(void **state)
{
  (void)state;
  drawn d = draw(5, 2, 3, 8, 14, NAX_GPFA_GAUSSIAN, 17);
  nax_gpfa_params par = nax_gpfa_get(d.truth);
  double turned[10], tau[2] = {par.tau[0], par.tau[0]}, s = sin(0.7), c = cos(0.7);
  for (int i = 0; i < 5; i++) {
    turned[i] = c * par.c[i] + s * par.c[5 + i];
    turned[5 + i] = c * par.c[5 + i] - s * par.c[i];
  }
  for (int equal = 0; equal < 2; equal++) {
    nax_gpfa_params one = par, two;
    one.tau = equal ? tau : par.tau;
    two = one;
    two.c = turned;
    double x = loglik(&one, 3, d.trials), y = loglik(&two, 3, d.trials);
    assert_true(equal ? fabs(x - y) < 1e-10 * fabs(x) : fabs(x - y) > 1e-3 * fabs(x));
  }
  free_drawn(&d);
}

static void
the_truth_is_likelier_than_what_is_near_it(void **state)
{
  (void)state;
  enum { N = 6, Q = 2 };
  drawn d = draw(N, Q, 120, 20, 30, NAX_GPFA_GAUSSIAN, 23);
  nax_gpfa_params par = nax_gpfa_get(d.truth);
  double truth = loglik(&par, d.n_trials, d.trials);
  const double *of[4] = {par.c, par.d, par.r, par.tau};
  nax_index n[4] = {N * Q, N, N, Q};
  for (int which = 0; which < 4; which++) {
    for (int way = -1; way <= 1; way += 2) {
      double moved[N * Q];
      nax_gpfa_params other = par;
      for (nax_index i = 0; i < n[which]; i++) {
        moved[i] =
            which == 1 ? of[which][i] + 0.15 * way : of[which][i] * (1.0 + 0.15 * way);
      }
      other.c = which == 0 ? moved : par.c;
      other.d = which == 1 ? moved : par.d;
      other.r = which == 2 ? moved : par.r;
      other.tau = which == 3 ? moved : par.tau;
      assert_true(loglik(&other, d.n_trials, d.trials) < truth - 1.0);
    }
  }
  free_drawn(&d);
}

static void
a_far_forecast_is_the_prior(void **state)
{
  (void)state;
  drawn d = draw(5, 2, 1, 15, 15, NAX_GPFA_GAUSSIAN, 29);
  nax_gpfa_infer_opts o = NAX_GPFA_INFER_OPTS_INIT;
  nax_gpfa_posterior *p;
  o.given = NAX_GPFA_FILTERED;
  o.ahead = 300;
  assert_ok(nax_gpfa_infer(NULL, d.truth, 1, d.trials, &o, &p));
  const double *mean = nax_gpfa_posterior_mean(p, 0) + 14 * 2;
  const double *cov = nax_gpfa_posterior_cov(p, 0) + 14 * 4;
  for (int i = 0; i < 4; i++) {
    assert_close(mean[i / 2], 0.0, 0.0, 1e-9);
    assert_close(cov[i], i % 3 == 0 ? 1.0 : 0.0, 0.0, 1e-9);
  }
  nax_gpfa_posterior_free(p);
  free_drawn(&d);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(odd_data_give_finite_results),
      cmocka_unit_test(steps_to_where_nothing_is_finite_are_halved),
      cmocka_unit_test(a_fit_without_a_finite_step_stops_with_a_reason),
      cmocka_unit_test(neurons_that_are_alike_are_named),
      cmocka_unit_test(very_few_bins_are_fitted),
      cmocka_unit_test(values_of_another_world_are_refused),
      cmocka_unit_test(a_model_comes_back_from_its_dataset),
      cmocka_unit_test(trials_of_one_bin_are_factor_analysis),
      cmocka_unit_test(latents_without_memory_are_factor_analysis),
      cmocka_unit_test(a_trial_says_the_same_alone_and_among_others),
      cmocka_unit_test(latents_turn_freely_only_when_they_are_equally_slow),
      cmocka_unit_test(the_truth_is_likelier_than_what_is_near_it),
      cmocka_unit_test(a_far_forecast_is_the_prior),
      cmocka_unit_test(covariances_of_each_bin_are_kept_on_request),
  };
  return cmocka_run_group_tests_name("gpfa-odd", tests, NULL, NULL);
}
