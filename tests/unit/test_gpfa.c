/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gpfa_test.h"

/* ------------------------------------------------------------------------ the tests */

static void
the_posterior_is_that_of_the_reference(void **state)
{
  (void)state;
  reference r = open_reference("gpfa_small");
  nax_i_gpfa_data d = data_of(&r);
  nax_i_gpfa_par p = start_of(&r);
  static const nax_gpfa_engine engine[] = {NAX_GPFA_NESTED, NAX_GPFA_LOWRANK,
                                           NAX_GPFA_DENSE};
  for (int k = 0; k < 3; k++) {
    nax_i_gpfa_estep e;
    assert_ok(nax_i_gpfa_estep_init(NULL, &d, r.q,
                                    NAX_I_GPFA_MOMENTS | NAX_I_GPFA_BIN_COV, &e));
    assert_ok(nax_i_gpfa_estep_run(NULL, &d, &p, engine[k], 1e-15, &e));
    assert_close(e.ll, -2310.9467408505, 1e-12, 0.0);
    assert_all_close(e.x, numbers(&r, "estep_xsm"), r.q * d.n_bins, 1e-10, 1e-10);
    assert_all_close(e.v, numbers(&r, "estep_Vsm"), r.q * r.q * d.n_bins, 1e-10, 1e-11);
    /* P of length 9 (one trial, the fourth) is its covariance and the mean's square. */
    const double *v = numbers(&r, "estep_VsmGP_trial3");
    for (nax_index l = 0; l < r.q; l++) {
      for (nax_index i = 0; i < 81; i++) {
        nax_index a = d.start[3] + i % 9, b = d.start[3] + i / 9;
        assert_close(e.p[0][i + l * 81],
                     v[i + l * 81] + e.x[l + a * r.q] * e.x[l + b * r.q], 1e-10, 1e-11);
      }
    }
    nax_i_gpfa_estep_free(&e);
  }
  nax_i_gpfa_par_free(&p);
  nax_i_gpfa_data_free(&d);
  close_reference(&r);
}

static void
em_follows_the_reference(void **state)
{
  (void)state;
  reference r = open_reference("gpfa_small");
  double tau[3], noise[3];
  nax_gpfa_params start = params_of(&r, tau, noise, 0.02);
  static const char *const prefix[] = {"emfix", "emtight"};
  for (int k = 0; k < 2; k++) {
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m;
    nax_index n;
    char name[32];
    o.max_iter = 20;
    o.tol = 0.0;
    o.kernel_steps = k == 0 ? 0 : 50;
    assert_ok(nax_gpfa_fit(NULL, r.n_trials, r.trials, &start, &o, &m));
    const double *trace = nax_gpfa_trace(m, &n);
    assert_int_equal(n, 20);
    snprintf(name, sizeof name, "%s_ll", prefix[k]);
    assert_all_close(trace, numbers(&r, name), 20, k == 0 ? 1e-11 : 1e-9, 0.0);
    nax_gpfa_params p = nax_gpfa_get(m);
    double tol = k == 0 ? 1e-9 : 1e-6;
    snprintf(name, sizeof name, "%s_C", prefix[k]);
    assert_all_close(p.c, numbers(&r, name), r.n * r.q, tol, tol);
    snprintf(name, sizeof name, "%s_d", prefix[k]);
    assert_all_close(p.d, numbers(&r, name), r.n, tol, tol);
    snprintf(name, sizeof name, "%s_R", prefix[k]);
    assert_all_close(p.r, numbers(&r, name), r.n, tol, tol);
    for (nax_index l = 0; k == 1 && l < r.q; l++) {
      double gamma = 0.02 / p.tau[l] * (0.02 / p.tau[l]);
      assert_close(gamma, numbers(&r, "emtight_gamma")[l], 1e-7, 0.0);
    }
    nax_gpfa_free(m);
  }
  close_reference(&r);
}

static void
em_follows_the_reference_on_real_ragged_trials(void **state)
{
  (void)state;
  reference r = open_reference("gpe_sqrt20ms");
  double tau[3], noise[3];
  nax_gpfa_params start = params_of(&r, tau, noise, 0.02);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_index n;
  o.max_iter = 20;
  o.tol = 0.0;
  o.kernel_steps = 50;
  assert_ok(nax_gpfa_fit(NULL, r.n_trials, r.trials, &start, &o, &m));
  const double *trace = nax_gpfa_trace(m, &n), *want = numbers(&r, "ll");
  for (int i = 0; i < 20; i++) {
    assert_close(trace[i], want[i], 1e-7, 0.0); /* their kernel step stops earlier */
  }
  nax_gpfa_free(m);
  close_reference(&r);
}

/* An array of ref/gpfa/timing_CASE_PART.npz. */
static const double *
timing(const char *name, const char *part, const char *array, nax_dataset **d)
{
  char path[64];
  snprintf(path, sizeof path, "ref/gpfa/timing_%s_%s.npz", name, part);
  nax_dataset_free(*d);
  *d = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_shared(path), NULL, d));
  const nax_array *a = nax_dataset_array(*d, array);
  assert_non_null(a);
  return nax_array_data(a);
}

/* 100 neurons, 8 latents, 50 trials: all of 100 bins, and of 38 different lengths. The
 * kernel step of the reference stops a little earlier than ours. */
static void
em_follows_the_reference_on_larger_trials(void **state)
{
  (void)state;
  enum { N = 100, Q = 8, TRIALS = 50 };
  static const char *const name[] = {"A", "C"};
  for (int k = 0; k < 2; k++) {
    nax_dataset *data = NULL, *start = NULL, *out = NULL;
    nax_view trials[TRIALS], t;
    double tau[Q], noise[Q], c[N * Q], d[N], r[N];
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m;
    nax_index n;
    const double *y = timing(name[k], "data", "Y", &data);
    memcpy(c, timing(name[k], "init", "C", &start), sizeof c);
    memcpy(d, timing(name[k], "init", "d", &start), sizeof d);
    memcpy(r, timing(name[k], "init", "R", &start), sizeof r);
    t = nax_array_view(nax_dataset_array(data, "T"));
    for (nax_index i = 0; i < TRIALS; i++) {
      nax_index length = (nax_index)nax_view_get(&t, &i);
      trials[i] = nax_view_f64(y, 2, (nax_index[]){N, length});
      y += N * length;
    }
    for (int l = 0; l < Q; l++) {
      tau[l] = o.bin / sqrt(0.04);
      noise[l] = 1e-3;
    }
    nax_gpfa_params par = {sizeof par, N, Q, c, d, r, tau, noise};
    o.max_iter = 10;
    o.tol = 0.0;
    o.kernel_steps = 20;
    assert_ok(nax_gpfa_fit(NULL, TRIALS, trials, &par, &o, &m));
    const double *want = timing(name[k], "out", "ll", &out), *got = nax_gpfa_trace(m, &n);
    assert_int_equal(n, 10);
    assert_close(got[0], want[0], 1e-11, 0.0);
    assert_all_close(got, want, 10, 1e-6, 0.0);
    want = timing(name[k], "out", "C", &out);
    assert_all_close(nax_gpfa_get(m).c, want, N * Q, 0.0, 2e-2);
    nax_gpfa_free(m);
    nax_dataset_free(data);
    nax_dataset_free(start);
    nax_dataset_free(out);
  }
}

static void
the_kernel_objective_is_that_of_the_reference(void **state)
{
  (void)state;
  reference r = open_reference("gpfa_small");
  nax_i_gpfa_data d = data_of(&r);
  nax_i_gpfa_par p = start_of(&r);
  nax_i_gpfa_estep e;
  assert_ok(nax_i_gpfa_estep_init(NULL, &d, r.q, NAX_I_GPFA_MOMENTS, &e));
  assert_ok(nax_i_gpfa_estep_run(NULL, &d, &p, NAX_GPFA_NESTED, 0.0, &e));
  const double *u = numbers(&r, "kern_u"), *f = numbers(&r, "kern_f"),
               *df = numbers(&r, "kern_df");
  for (nax_index l = 0; l < r.q; l++) {
    const double *table[8];
    for (nax_index k = 0; k < d.n_lengths; k++) {
      table[k] = e.p[k] + l * d.length[k] * d.length[k];
    }
    nax_i_gpfa_moments m = {d.n_lengths, d.length, d.count, table};
    for (int k = 0; k < 7; k++) {
      double c[3][64], got[3];
      nax_i_gpfa_kernel(NAX_GPFA_RBF, d.longest, u[k], 1e-3, c[0], c[1], c[2]);
      assert_ok(nax_i_gpfa_kernel_objective(NULL, &m, c[0], c[1], c[2], &got[0], &got[1],
                                            &got[2]));
      assert_close(got[0], f[l + 3 * k], 1e-9, 1e-8);
      assert_close(got[1], df[l + 3 * k], 1e-8, 1e-7);
    }
  }
  nax_i_gpfa_estep_free(&e);
  nax_i_gpfa_par_free(&p);
  nax_i_gpfa_data_free(&d);
  close_reference(&r);
}

/* First and second derivatives against differences, for each kernel, in both variables.
 */
static void
derivatives_of_the_kernel_objective_are_right(void **state)
{
  (void)state;
  uint64_t seed = 3;
  nax_index length[2] = {4, 9}, count[2] = {3, 2};
  double p0[16], p1[81], x[9];
  const double *table[2] = {p0, p1};
  for (int k = 0; k < 2; k++) {
    double *p = k == 0 ? p0 : p1;
    nax_index t = length[k];
    memset(p, 0, (size_t)(t * t) * sizeof *p);
    for (int s = 0; s < 20; s++) {
      for (nax_index i = 0; i < t; i++) {
        x[i] = normal(&seed) + (i > 0 ? 0.7 * x[i - 1] : 0.0);
      }
      for (nax_index i = 0; i < t * t; i++) {
        p[i] += 0.1 * x[i % t] * x[i / t];
      }
    }
  }
  nax_i_gpfa_moments m = {2, length, count, table};
  for (int kind = 1; kind <= 3; kind++) {
    for (int on_noise = 0; on_noise < 2; on_noise++) {
      double at = on_noise ? -2.0 : -1.7, h = 1e-4, f[3], df[3], df2[3], c[3][9];
      for (int s = 0; s < 3; s++) {
        double v = at + h * (s - 1);
        if (on_noise) {
          nax_i_gpfa_kernel_noise((nax_gpfa_kernel)kind, 9, -1.0, 1.0 / (1.0 + exp(-v)),
                                  c[0], c[1], c[2]);
        } else {
          nax_i_gpfa_kernel((nax_gpfa_kernel)kind, 9, v, 0.05, c[0], c[1], c[2]);
        }
        assert_ok(nax_i_gpfa_kernel_objective(NULL, &m, c[0], c[1], c[2], &f[s], &df[s],
                                              &df2[s]));
      }
      assert_close(df[1], (f[2] - f[0]) / (2.0 * h), 1e-6, 1e-6);
      assert_close(df2[1], (df[2] - df[0]) / (2.0 * h), 1e-6, 1e-6);
    }
  }
}

/* Engines agree on random shapes: ragged, with missing bins, neurons and whole trials'
 * neurons, fewer observed neurons than latents. */
static void
engines_agree(void **state)
{
  (void)state;
  for (uint64_t round = 0; round < 12; round++) {
    uint64_t seed = 100 + round;
    nax_index n = 3 + (nax_index)(nax_t_random(&seed) % 5);
    nax_index q = 1 + (nax_index)(nax_t_random(&seed) % 3), length[6];
    for (int k = 0; k < 6; k++) {
      length[k] = 1 + (nax_index)(nax_t_random(&seed) % 12);
    }
    length[3] = length[1];
    simulated s = simulate(n, q, 6, length, &seed);
    for (nax_index j = 0; round % 3 > 0 && j < s.bins; j++) {
      for (nax_index i = 0; i < n; i++) {
        double u = nax_t_uniform(&seed);
        if (round % 3 == 1 ? u < 0.2 : (i == 1 || (i == 0 && j < 5))) {
          s.y[i + j * n] = (double)NAN;
        }
      }
      if (round % 3 == 1 && j == 2) {
        for (nax_index i = 0; i < n; i++) {
          s.y[i + j * n] = (double)NAN;
        }
      }
    }
    nax_i_gpfa_data d;
    nax_i_gpfa_par p = random_par(n, q, &seed);
    p.kernel = (nax_gpfa_kernel)(1 + round % 3);
    nax_i_gpfa_estep e[3];
    assert_ok(nax_i_gpfa_data_init(NULL, __func__, 6, s.trials, NULL, 0, &d));
    for (int k = 0; k < 3; k++) {
      static const nax_gpfa_engine engine[] = {NAX_GPFA_DENSE, NAX_GPFA_NESTED,
                                               NAX_GPFA_LOWRANK};
      assert_ok(nax_i_gpfa_estep_init(NULL, &d, q,
                                      NAX_I_GPFA_MOMENTS | NAX_I_GPFA_BIN_COV, &e[k]));
      assert_ok(nax_i_gpfa_estep_run(NULL, &d, &p, engine[k], 1e-15, &e[k]));
      assert_close(e[k].ll, e[0].ll, 1e-11, 0.0);
      assert_all_close(e[k].x, e[0].x, q * d.n_bins, 1e-10, 1e-10);
      assert_all_close(e[k].v, e[0].v, q * q * d.n_bins, 1e-10, 1e-10);
      assert_all_close(e[k].vsum, e[0].vsum, q * q, 1e-10, 1e-10);
      for (nax_index u = 0; u < d.n_lengths; u++) {
        assert_all_close(e[k].p[u], e[0].p[u], d.length[u] * d.length[u] * q, 1e-10,
                         1e-10);
      }
    }
    for (int k = 0; k < 3; k++) {
      nax_i_gpfa_estep_free(&e[k]);
    }
    nax_i_gpfa_par_free(&p);
    nax_i_gpfa_data_free(&d);
    free_simulated(&s);
  }
}

/* Conjugate gradients and windows against one factorisation of everything, with noisy and
 * with nearly noiseless neurons. */
static void
long_trials_agree_with_short_ones(void **state)
{
  (void)state;
  for (uint64_t round = 0; round < 8; round++) {
    uint64_t seed = 600 + round;
    const nax_index n = 5, q = 1 + (nax_index)(round % 2), length[2] = {420, 260};
    simulated s = simulate(n, q, 2, length, &seed);
    for (nax_index j = 0; round >= 3 && j < s.bins; j++) {
      for (nax_index i = 0; i < n; i++) { /* gaps, lost neurons, bins with nothing */
        int gone = j % 97 < 3 || (i == 1 && j > 200) || (i == 2 && j % 5 == 0);
        s.y[i + j * n] = gone ? (double)NAN : s.y[i + j * n];
      }
    }
    nax_i_gpfa_data d;
    nax_i_gpfa_par p = random_par(n, q, &seed);
    p.kernel = round >= 6 ? NAX_GPFA_RBF : (nax_gpfa_kernel)(1 + round % 3);
    nax_i_gpfa_estep e[2];
    assert_ok(nax_i_gpfa_data_init(NULL, __func__, 2, s.trials, NULL, 0, &d));
    for (nax_index l = 0; l < q; l++) {
      p.u[l] = -2.0 * log(2.0 + 2.0 * (double)l);
      p.noise[l] = round >= 6 ? 1e-3 : p.noise[l];
      for (nax_index i = 0; round >= 6 && i < n; i++) {
        p.c[i + l * n] *= 10.0;
      }
    }
    for (int k = 0; k < 2; k++) {
      assert_ok(nax_i_gpfa_estep_init(NULL, &d, q, NAX_I_GPFA_BIN_COV, &e[k]));
    }
    assert_ok(nax_i_gpfa_estep_run(NULL, &d, &p, NAX_GPFA_NESTED, 0.0, &e[0]));
    assert_ok(nax_i_gpfa_estep_circulant(NULL, &d, &p, &e[1]));
    assert_close(e[1].ll, e[0].ll, 1e-11, 0.0);
    assert_all_close(e[1].x, e[0].x, q * d.n_bins, 1e-10, 1e-10);
    assert_all_close(e[1].v, e[0].v, q * q * d.n_bins, 1e-10, 1e-10);
    assert_all_close(e[1].vsum, e[0].vsum, q * q, 1e-10, 1e-10);
    for (int k = 0; k < 2; k++) {
      nax_i_gpfa_estep_free(&e[k]);
    }
    nax_i_gpfa_par_free(&p);
    nax_i_gpfa_data_free(&d);
    free_simulated(&s);
  }
}

static void
a_very_long_trial_is_fitted_and_its_latents_told(void **state)
{
  (void)state;
  uint64_t seed = 71;
  nax_index length = 2100;
  simulated s = simulate(6, 1, 1, &length, &seed);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m, *same;
  o.n_latents = 1;
  o.max_iter = 3;
  assert_ok(nax_gpfa_fit(NULL, 1, s.trials, NULL, &o, &m));
  nax_gpfa_params par = nax_gpfa_get(m);
  o.engine = NAX_GPFA_NESTED;
  assert_ok(nax_gpfa_create(NULL, &par, &o, &same));
  for (int64_t ahead = -1; ahead < 4; ahead += 4) {
    nax_gpfa_infer_opts io = NAX_GPFA_INFER_OPTS_INIT;
    nax_gpfa_posterior *a, *b;
    io.given = ahead >= 0 ? NAX_GPFA_FILTERED : NAX_GPFA_SMOOTHED;
    io.ahead = ahead >= 0 ? ahead : 0;
    assert_ok(nax_gpfa_infer(NULL, m, 1, s.trials, &io, &a));
    assert_ok(nax_gpfa_infer(NULL, same, 1, s.trials, &io, &b));
    assert_close(nax_gpfa_posterior_loglik(a), nax_gpfa_posterior_loglik(b), 1e-11, 0.0);
    assert_all_close(nax_gpfa_posterior_mean(a, 0), nax_gpfa_posterior_mean(b, 0), length,
                     1e-9, 1e-9);
    assert_all_close(nax_gpfa_posterior_cov(a, 0), nax_gpfa_posterior_cov(b, 0), length,
                     1e-9, 1e-9);
    nax_gpfa_posterior_free(a);
    nax_gpfa_posterior_free(b);
  }
  nax_gpfa_free(m);
  nax_gpfa_free(same);
  free_simulated(&s);
}

/* Neuron by neuron against the closed form, with gaps and a short trial beside. */
static void
neurons_of_a_very_long_trial_are_left_out(void **state)
{
  (void)state;
  uint64_t seed = 72;
  const nax_index n = 4, length[2] = {2050, 30}, bins = 2080;
  simulated s = simulate(n, 1, 2, length, &seed);
  for (nax_index j = 0; j < bins; j++) {
    s.y[1 + j * n] = j % 40 < 3 ? (double)NAN : s.y[1 + j * n];
  }
  nax_i_gpfa_par p = random_par(n, 1, &seed);
  p.u[0] = -2.0 * log(5.0);
  double *predicted[2], reduced[2];
  nax_gpfa_lno out[2];
  for (int way = 0; way < 2; way++) {
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    double tau = 5.0 * o.bin;
    nax_gpfa_params par = {sizeof par, n, 1, p.c, p.d, p.r, &tau, p.noise};
    nax_gpfa *m;
    o.engine = way == 0 ? NAX_GPFA_NESTED : NAX_GPFA_AUTO;
    assert_ok(nax_gpfa_create(NULL, &par, &o, &m));
    predicted[way] = calloc((size_t)(n * bins), sizeof(double));
    assert_ok(nax_gpfa_leave_neuron_out(NULL, m, 2, s.trials, predicted[way],
                                        &reduced[way], &out[way]));
    nax_gpfa_free(m);
  }
  for (nax_index i = 0; i < n * bins; i++) {
    assert_true(isnan(predicted[0][i]) == isnan(s.y[i]));
    assert_true(isnan(predicted[1][i]) == isnan(s.y[i]));
    if (!isnan(s.y[i])) {
      assert_close(predicted[1][i], predicted[0][i], 1e-8, 1e-8);
    }
  }
  assert_close(out[1].sse, out[0].sse, 1e-9, 0.0);
  assert_close(out[1].log_density, out[0].log_density, 1e-8, 0.0);
  assert_close(reduced[1], reduced[0], 1e-9, 0.0);
  free(predicted[0]);
  free(predicted[1]);
  nax_i_gpfa_par_free(&p);
  free_simulated(&s);
}

/* Fisher's identity against differences of the likelihood. */
static void
the_gradient_is_right(void **state)
{
  (void)state;
  for (uint64_t round = 0; round < 2; round++) {
    uint64_t seed = 40 + round;
    simulated s = simulate(5, 2, 3, (nax_index[]){7, 4, 7}, &seed);
    if (round == 1) {
      s.y[3] = s.y[17] = s.y[30] = (double)NAN;
    }
    nax_i_gpfa_data d;
    nax_i_gpfa_par p = random_par(5, 2, &seed), g;
    nax_i_gpfa_estep e;
    assert_ok(nax_i_gpfa_data_init(NULL, __func__, 3, s.trials, NULL, 0, &d));
    assert_ok(nax_i_gpfa_par_init(NULL, 5, 2, &g));
    assert_ok(
        nax_i_gpfa_estep_init(NULL, &d, 2, NAX_I_GPFA_MOMENTS | NAX_I_GPFA_BIN_COV, &e));
    assert_ok(nax_i_gpfa_estep_run(NULL, &d, &p, NAX_GPFA_NESTED, 0.0, &e));
    assert_ok(nax_i_gpfa_gradient(NULL, &d, &e, &p, 2, &g));
    double *value[] = {&p.c[3], &p.c[7], &p.d[1], &p.r[0],
                       &p.r[3], &p.u[0], &p.u[1], &p.noise[1]};
    double want[] = {g.c[3], g.c[7], g.d[1], g.r[0], g.r[3], g.u[0], g.u[1], g.noise[1]};
    for (int k = 0; k < 8; k++) {
      double ll[4], at = *value[k], h = 1e-3;
      for (int side = 0; side < 4; side++) { /* of the fourth order */
        double step = (side < 2 ? side - 2 : side - 1) * h;
        *value[k] = k == 3 || k == 4 ? at * exp(step)
                    : k == 7         ? 1.0 / (1.0 + (1.0 - at) / at * exp(-step))
                                     : at + step;
        assert_ok(nax_i_gpfa_estep_run(NULL, &d, &p, NAX_GPFA_NESTED, 0.0, &e));
        ll[side] = e.ll;
      }
      *value[k] = at;
      assert_close(want[k], (ll[0] - 8.0 * ll[1] + 8.0 * ll[2] - ll[3]) / (12.0 * h),
                   1e-7, 1e-8);
    }
    nax_i_gpfa_estep_free(&e);
    nax_i_gpfa_par_free(&p);
    nax_i_gpfa_par_free(&g);
    nax_i_gpfa_data_free(&d);
    free_simulated(&s);
  }
}

static void
likelihood_rises_and_both_optimisers_meet(void **state)
{
  (void)state;
  uint64_t seed = 8;
  simulated s = simulate(12, 2, 6, (nax_index[]){20, 25, 20, 31, 25, 12}, &seed);
  double last[3];
  for (int k = 0; k < 3; k++) {
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m;
    nax_index n;
    o.n_latents = 2;
    o.optimiser = k + 1;
    o.max_iter = k == 0 ? 400 : 150;
    assert_ok(nax_gpfa_fit(NULL, s.n_trials, s.trials, NULL, &o, &m));
    const double *trace = nax_gpfa_trace(m, &n);
    last[k] = trace[0];
    for (nax_index i = 0; i < n; i++) {
      if (k == 0 && i > 0) {
        assert_true(trace[i] >= trace[i - 1] - 1e-9 * fabs(trace[i - 1]));
      }
      last[k] = fmax(last[k], trace[i]);
    }
    nax_gpfa_free(m);
  }
  assert_true(last[1] > last[0] - 0.5);
  assert_close(last[1], last[2], 0.0, 0.5);
  free_simulated(&s);
}

/* --- inference ---------------------------------------------------------------------- */

/* What is known at bin t is what smoothing says of a trial that ends there, and a
 * forecast is smoothing of a trial that goes on without data. */
static void
filtering_is_smoothing_of_what_there_was(void **state)
{
  (void)state;
  uint64_t seed = 77;
  const nax_index n = 4, q = 2, length[3] = {9, 6, 9};
  simulated s = simulate(n, q, 3, length, &seed);
  s.y[5] = s.y[11] = s.y[12] = (double)NAN;
  nax_i_gpfa_par p = random_par(n, q, &seed);
  nax_gpfa *m = model_of(&p);
  for (int64_t ahead = 0; ahead < 4; ahead += 3) {
    nax_gpfa_infer_opts o = NAX_GPFA_INFER_OPTS_INIT, plain = NAX_GPFA_INFER_OPTS_INIT;
    nax_gpfa_posterior *f, *g;
    o.given = NAX_GPFA_FILTERED;
    o.ahead = ahead;
    assert_ok(nax_gpfa_infer(NULL, m, 3, s.trials, &o, &f));
    for (nax_index k = 0; k < 3; k++) {
      for (nax_index t = 0; t < length[k]; t++) {
        double y[4 * 12];
        for (nax_index i = 0; i < n * (t + 1 + ahead); i++) {
          y[i] = i < n * (t + 1) ? ((const double *)s.trials[k].data)[i] : (double)NAN;
        }
        nax_view v = nax_view_f64(y, 2, (nax_index[]){n, t + 1 + ahead});
        assert_ok(nax_gpfa_infer(NULL, m, 1, &v, &plain, &g));
        assert_all_close(nax_gpfa_posterior_mean(f, k) + t * q,
                         nax_gpfa_posterior_mean(g, 0) + (t + ahead) * q, q, 1e-9, 1e-10);
        assert_all_close(nax_gpfa_posterior_cov(f, k) + t * q * q,
                         nax_gpfa_posterior_cov(g, 0) + (t + ahead) * q * q, q * q, 1e-9,
                         1e-10);
        nax_gpfa_posterior_free(g);
      }
    }
    nax_gpfa_posterior_free(f);
  }
  nax_gpfa_infer_opts far = NAX_GPFA_INFER_OPTS_INIT;
  nax_gpfa_posterior *f;
  far.ahead = 3;
  assert_error(nax_gpfa_infer(NULL, m, 3, s.trials, &far, &f), NAX_EINVAL,
               "nax_gpfa_infer: `ahead` is 3, but a forecast needs `given` filtered");
  far.given = NAX_GPFA_FILTERED;
  far.ahead = 300;
  assert_ok(nax_gpfa_infer(NULL, m, 3, s.trials, &far, &f));
  assert_close(nax_gpfa_posterior_mean(f, 0)[3], 0.0, 0.0, 1e-10);
  assert_close(nax_gpfa_posterior_cov(f, 0)[0], 1.0, 1e-10, 0.0);
  nax_gpfa_posterior_free(f);
  nax_gpfa_free(m);
  nax_i_gpfa_par_free(&p);
  free_simulated(&s);
}

static void
neurons_are_left_out_as_in_the_reference(void **state)
{
  (void)state;
  reference r = open_reference("gpfa_small");
  double tau[3], noise[3], reduced[3];
  nax_gpfa_params par = params_of(&r, tau, noise, 0.02);
  par.c = numbers(&r, "em_C");
  par.d = numbers(&r, "em_d");
  par.r = numbers(&r, "em_R");
  for (nax_index l = 0; l < 3; l++) {
    tau[l] = 0.02 / sqrt(numbers(&r, "em_gamma")[l]);
  }
  nax_gpfa *m;
  nax_gpfa_lno out;
  assert_ok(nax_gpfa_create(NULL, &par, NULL, &m));
  double *predicted = calloc((size_t)(r.n * 128), sizeof *predicted);
  assert_ok(
      nax_gpfa_leave_neuron_out(NULL, m, r.n_trials, r.trials, predicted, reduced, &out));
  assert_all_close(predicted, numbers(&r, "lno_Yhat"), r.n * 128, 1e-7, 1e-7);
  assert_close(out.sse, 1092.683744123615, 1e-8, 0.0);
  assert_close(out.log_density, -1891.946204883, 1e-8, 0.0);
  assert_all_close(reduced, numbers(&r, "lno_sse_m"), 3, 1e-8, 0.0);
  free(predicted);
  nax_gpfa_free(m);
  close_reference(&r);
}

/* Leave-neuron-out against inference with that neuron missing, with missing bins too. */
static void
neurons_are_left_out_as_if_missing(void **state)
{
  (void)state;
  uint64_t seed = 5;
  const nax_index n = 5, q = 2, length[3] = {7, 4, 7};
  simulated s = simulate(n, q, 3, length, &seed);
  s.y[1] = s.y[13] = s.y[40] = (double)NAN;
  nax_i_gpfa_par p = random_par(n, q, &seed);
  nax_gpfa *m = model_of(&p);
  nax_gpfa_lno out;
  double *predicted = calloc((size_t)(n * s.bins), sizeof *predicted), density = 0.0;
  double *kept = calloc((size_t)(n * s.bins), sizeof *kept), reduced[2];
  assert_ok(nax_gpfa_leave_neuron_out(NULL, m, 3, s.trials, predicted, reduced, &out));
  assert_close(reduced[1], out.sse, 1e-10, 0.0);
  memcpy(kept, s.y, (size_t)(n * s.bins) * sizeof *kept);
  for (nax_index i = 0; i < n; i++) {
    nax_gpfa_posterior *with, *without;
    assert_ok(nax_gpfa_infer(NULL, m, 3, s.trials, NULL, &with));
    density += nax_gpfa_posterior_loglik(with);
    for (nax_index b = 0; b < s.bins; b++) {
      s.y[i + b * n] = (double)NAN;
    }
    assert_ok(nax_gpfa_infer(NULL, m, 3, s.trials, NULL, &without));
    density -= nax_gpfa_posterior_loglik(without);
    for (nax_index k = 0, at = 0; k < 3; at += length[k], k++) {
      for (nax_index t = 0; t < length[k]; t++) {
        const double *x = nax_gpfa_posterior_mean(without, k) + t * q;
        double y = p.d[i] + p.c[i] * x[0] + p.c[i + n] * x[1];
        double got = predicted[i + (at + t) * n];
        if (isnan(kept[i + (at + t) * n])) {
          assert_true(isnan(got));
        } else {
          assert_close(got, y, 1e-9, 1e-9);
        }
      }
    }
    memcpy(s.y, kept, (size_t)(n * s.bins) * sizeof *kept);
    nax_gpfa_posterior_free(with);
    nax_gpfa_posterior_free(without);
  }
  assert_close(out.log_density, density, 1e-9, 0.0);
  free(predicted);
  free(kept);
  nax_gpfa_free(m);
  nax_i_gpfa_par_free(&p);
  free_simulated(&s);
}

static void
orthonormal_latents_are_those_of_the_reference(void **state)
{
  (void)state;
  reference r = open_reference("gpfa_small");
  double tau[3], noise[3], u[36], turn[9], share[3];
  nax_gpfa_params par = params_of(&r, tau, noise, 0.02);
  par.c = numbers(&r, "em_C");
  par.d = numbers(&r, "em_d");
  par.r = numbers(&r, "em_R");
  for (nax_index l = 0; l < 3; l++) {
    tau[l] = 0.02 / sqrt(numbers(&r, "em_gamma")[l]);
  }
  nax_gpfa *m;
  assert_ok(nax_gpfa_create(NULL, &par, NULL, &m));
  assert_ok(nax_gpfa_orthonormal(NULL, m, u, turn));
  const double *c = numbers(&r, "orth_C"), *x = numbers(&r, "orth_X");
  const double *mean = numbers(&r, "em_xsm");
  for (int l = 0; l < 3; l++) {
    double sign = c[l * 12] * u[l * 12] < 0.0 ? -1.0 : 1.0, most = 0.0;
    for (int i = 0; i < 12; i++) {
      assert_close(u[i + l * 12], sign * c[i + l * 12], 0.0, 1e-8);
      most = fabs(u[i + l * 12]) > fabs(most) ? u[i + l * 12] : most;
    }
    assert_true(most > 0.0);
    for (int t = 0; t < 128; t++) {
      double y = 0.0;
      for (int k = 0; k < 3; k++) {
        y += turn[l + 3 * k] * mean[k + 3 * t];
      }
      assert_close(y, sign * x[l + 3 * t], 1e-8, 1e-8);
    }
  }
  assert_ok(nax_gpfa_explained(NULL, m, r.n_trials, r.trials, share));
  /* Shares add up to what the model explains altogether. */
  nax_gpfa_posterior *post;
  double rest = 0.0, total = 0.0;
  assert_ok(nax_gpfa_infer(NULL, m, r.n_trials, r.trials, NULL, &post));
  const double *y = numbers(&r, "Y"), *z = nax_gpfa_posterior_mean(post, 0);
  for (int t = 0; t < 128; t++) {
    for (int i = 0; i < 12; i++) {
      double e = y[i + 12 * t] - par.d[i];
      total += e * e;
      for (int l = 0; l < 3; l++) {
        e -= par.c[i + 12 * l] * z[l + 3 * t];
      }
      rest += e * e;
    }
  }
  assert_close(share[0] + share[1] + share[2], 1.0 - rest / total, 1e-10, 0.0);
  nax_gpfa_posterior_free(post);
  nax_gpfa_free(m);
  close_reference(&r);
}

/* Trials drawn from a model have its covariances. */
static void
samples_follow_the_model(void **state)
{
  (void)state;
  enum { TRIALS = 4000, T = 6, N = 3 };
  uint64_t seed = 12;
  nax_i_gpfa_par p = random_par(N, 2, &seed);
  p.kernel = NAX_GPFA_MATERN32;
  nax_gpfa *m = model_of(&p);
  nax_index *length = calloc(TRIALS, sizeof *length);
  double *x = calloc(TRIALS * T * 2, sizeof *x), *y = calloc(TRIALS * T * N, sizeof *y);
  double k[2][T], cross = 0.0, lag[3] = {0, 0, 0};
  for (int i = 0; i < TRIALS; i++) {
    length[i] = T;
  }
  assert_ok(nax_gpfa_sample(NULL, m, TRIALS, length, 5, x, y));
  for (int l = 0; l < 2; l++) {
    nax_i_gpfa_kernel(p.kernel, T, p.u[l], p.noise[l], k[l], NULL, NULL);
  }
  for (int i = 0; i < TRIALS; i++) {
    const double *a = x + i * T * 2, *b = y + i * T * N;
    lag[0] += a[0] * a[0] / TRIALS;
    lag[1] += a[2 * 1] * a[2 * 3] / TRIALS;
    lag[2] += a[1] * a[1 + 2 * 4] / TRIALS;
    cross += (b[0] - p.d[0]) * (b[1 + N * 2] - p.d[1]) / TRIALS;
  }
  assert_close(lag[0], 1.0, 0.0, 0.09); /* four standard errors */
  assert_close(lag[1], k[0][2], 0.0, 0.09);
  assert_close(lag[2], k[1][4], 0.0, 0.09);
  double want = p.c[0] * p.c[1] * k[0][2] + p.c[3] * p.c[4] * k[1][2];
  double sd = sqrt((p.c[0] * p.c[0] + p.c[3] * p.c[3] + p.r[0]) *
                   (p.c[1] * p.c[1] + p.c[4] * p.c[4] + p.r[1]) * 2.0 / TRIALS);
  assert_close(cross, want, 0.0, 4.0 * sd);
  free(x);
  free(y);
  free(length);
  nax_gpfa_free(m);
  nax_i_gpfa_par_free(&p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_posterior_is_that_of_the_reference),
      cmocka_unit_test(the_kernel_objective_is_that_of_the_reference),
      cmocka_unit_test(derivatives_of_the_kernel_objective_are_right),
      cmocka_unit_test(em_follows_the_reference),
      cmocka_unit_test(em_follows_the_reference_on_real_ragged_trials),
      cmocka_unit_test(em_follows_the_reference_on_larger_trials),
      cmocka_unit_test(engines_agree),
      cmocka_unit_test(long_trials_agree_with_short_ones),
      cmocka_unit_test(a_very_long_trial_is_fitted_and_its_latents_told),
      cmocka_unit_test(neurons_of_a_very_long_trial_are_left_out),
      cmocka_unit_test(the_gradient_is_right),
      cmocka_unit_test(likelihood_rises_and_both_optimisers_meet),
      cmocka_unit_test(filtering_is_smoothing_of_what_there_was),
      cmocka_unit_test(neurons_are_left_out_as_in_the_reference),
      cmocka_unit_test(neurons_are_left_out_as_if_missing),
      cmocka_unit_test(orthonormal_latents_are_those_of_the_reference),
      cmocka_unit_test(samples_follow_the_model),
  };
  return cmocka_run_group_tests_name("gpfa", tests, NULL, NULL);
}
