/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user asks of a fit: recovery of known latents, counts, the number of latents,
 * memory, reproducibility. */
#include "gpfa_test.h"
#include "memory_test.h"

/* Orthonormal basis of the columns of a (n x q), in place. */
static void
orthonormalise(nax_index n, nax_index q, double *a)
{
  double r[64];
  assert_true(q * q <= 64);
  assert_ok(nax_i_qr(NULL, __func__, n, q, a, n, r, q));
}

/* Cosines of the principal angles between the column spaces of a and b (destroyed), n x q
 * each: the smallest. */
static double
smallest_cosine(nax_index n, nax_index q, double *a, double *b)
{
  double m[64], s[8];
  orthonormalise(n, q, a);
  orthonormalise(n, q, b);
  assert_ok(
      nax_i_gemm(NULL, NAX_I_TRANS, NAX_I_PLAIN, q, q, n, 1.0, a, n, b, n, 0.0, m, q));
  assert_ok(nax_i_gesdd(NULL, __func__, q, q, m, q, s, NULL, 1, NULL, 1));
  return s[q - 1];
}

/* Bins x q, centred, from q x bins. */
static double *
centred(nax_index q, nax_index bins, const double *x)
{
  double *out = calloc((size_t)(q * bins), sizeof *out);
  for (nax_index l = 0; l < q; l++) {
    double mean = 0.0;
    for (nax_index j = 0; j < bins; j++) {
      mean += x[l + j * q] / (double)bins;
    }
    for (nax_index j = 0; j < bins; j++) {
      out[j + l * bins] = x[l + j * q] - mean;
    }
  }
  return out;
}

/* The smallest canonical correlation of two sets of latents. */
static double
canonical(nax_index q, nax_index bins, const double *x, const double *y)
{
  double *a = centred(q, bins, x), *b = centred(q, bins, y);
  double out = smallest_cosine(bins, q, a, b);
  free(a);
  free(b);
  return out;
}

/* ------------------------------------------------------------------------- recovery */

static void
latents_of_ragged_trials_are_recovered(void **state)
{
  (void)state;
  reference r = open_reference("recover");
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_posterior *p;
  nax_index bins = nax_array_dim(get(&r, "Y"), 1);
  o.optimiser = NAX_GPFA_EM_LBFGS;
  o.max_iter = 80;
  assert_ok(nax_gpfa_fit(NULL, r.n_trials, r.trials, NULL, &o, &m));
  assert_ok(nax_gpfa_infer(NULL, m, r.n_trials, r.trials, NULL, &p));
  assert_true(canonical(3, bins, numbers(&r, "X"), nax_gpfa_posterior_mean(p, 0)) > 0.98);
  double *a = calloc((size_t)(r.n * 3), sizeof *a), *b = calloc((size_t)(r.n * 3), 8);
  memcpy(a, numbers(&r, "C"), (size_t)(r.n * 3) * sizeof *a);
  memcpy(b, nax_gpfa_get(m).c, (size_t)(r.n * 3) * sizeof *b);
  assert_true(smallest_cosine(r.n, 3, a, b) > cos(5.0 * pi / 180.0));
  /* 150 iterations of EM from the start of the reference reach less. */
  assert_true(nax_gpfa_posterior_loglik(p) > numbers(&r, "ll")[149] - 1.0);
  free(a);
  free(b);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  close_reference(&r);
}

/* Without iterations the model is the start: loadings at the maximum of factor analysis,
 * where S Sigma^-1 C = C (S the covariance of the bins, Sigma = C C' + R), and length
 * scales near the planted ones. */
static void
the_start_knows_loadings_and_length_scales(void **state)
{
  (void)state;
  enum { N = 30 };
  drawn d = draw(N, 2, 60, 20, 90, NAX_GPFA_GAUSSIAN, 3);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  double s[N * N] = {0}, mean[N] = {0}, w[N * 2], g[4] = {1.0, 0.0, 0.0, 1.0};
  o.n_latents = 2;
  o.max_iter = 0;
  assert_ok(nax_gpfa_fit(NULL, d.n_trials, d.trials, NULL, &o, &m));
  nax_gpfa_params p = nax_gpfa_get(m);
  assert_close(p.tau[0], 3.0 * o.bin, 0.25, 0.0);
  assert_close(p.tau[1], 6.0 * o.bin, 0.25, 0.0);
  for (nax_index j = 0; j < d.bins * N; j++) {
    mean[j % N] += d.y[j] / (double)d.bins;
  }
  for (nax_index j = 0; j < d.bins; j++) {
    for (int b = 0; b < N; b++) {
      for (int a = 0; a < N; a++) {
        s[a + b * N] += (d.y[a + j * N] - mean[a]) * (d.y[b + j * N] - mean[b]);
      }
    }
  }
  for (int k = 0; k < 4; k++) {
    for (int i = 0; i < N; i++) {
      g[k] += p.c[i + k % 2 * N] * p.c[i + k / 2 * N] / p.r[i];
    }
  }
  double det = g[0] * g[3] - g[1] * g[2], size = 0.0, apart = 0.0;
  for (int i = 0; i < N; i++) { /* Sigma^-1 C = R^-1 C (I + C' R^-1 C)^-1 */
    w[i] = (p.c[i] * g[3] - p.c[i + N] * g[1]) / det / p.r[i];
    w[i + N] = (p.c[i + N] * g[0] - p.c[i] * g[2]) / det / p.r[i];
  }
  for (int i = 0; i < N * 2; i++) {
    double x = 0.0;
    for (int k = 0; k < N; k++) {
      x += s[i % N + k * N] / (double)d.bins * w[k + i / N * N];
    }
    apart += (x - p.c[i]) * (x - p.c[i]);
    size += p.c[i] * p.c[i];
  }
  assert_true(sqrt(apart / size) < 1e-2);
  nax_gpfa_free(m);
  free_drawn(&d);
}

/* --------------------------------------------------------------------------- counts */

static void
the_poisson_optimum_is_that_of_the_reference(void **state)
{
  (void)state;
  nax_dataset *d;
  assert_ok(
      nax_dataset_load(NULL, nax_t_shared("ref/gpfa/poisson_gpfa_small.npz"), NULL, &d));
  reference r = {.d = d};
  double noise[2] = {1e-3, 1e-3};
  nax_gpfa_params par = {
      sizeof par,         8,    2, numbers(&r, "C"), numbers(&r, "d"), numbers(&r, "d"),
      numbers(&r, "tau"), noise};
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_posterior *p;
  nax_view y = nax_view_f64(numbers(&r, "Y"), 2, (nax_index[]){8, 20});
  o.likelihood = NAX_GPFA_POISSON;
  o.bin = 1.0;
  assert_ok(nax_gpfa_create(NULL, &par, &o, &m));
  assert_ok(nax_gpfa_infer(NULL, m, 1, &y, NULL, &p));
  assert_close(nax_gpfa_posterior_loglik(p), -246.727929694969, 1e-11, 0.0);
  assert_all_close(nax_gpfa_posterior_mean(p, 0), numbers(&r, "vb_m"), 40, 1e-8, 1e-9);
  const double *v = numbers(&r, "vb_V"), *cov = nax_gpfa_posterior_cov(p, 0);
  for (int t = 0; t < 20; t++) {
    for (int l = 0; l < 2; l++) {
      for (int k = 0; k < 2; k++) {
        assert_close(cov[l + 2 * k + 4 * t], v[l * 20 + t + 40 * (k * 20 + t)], 1e-8,
                     1e-9);
      }
    }
  }
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  nax_dataset_free(d);
}

/* Counts simulated for another program (vLGP), which explains .88, .96 and .98 of the
 * variance of their three latents: a canonical correlation of .94 at the least. */
static void
latents_of_sparse_counts_are_recovered(void **state)
{
  (void)state;
  enum { TRIALS = 20, N = 100, BINS = 100, Q = 3 };
  reference r = {.d = NULL};
  assert_ok(nax_dataset_load(NULL, nax_t_shared("ref/gpfa/vlgp_sim.npz"), NULL, &r.d));
  const double *from = numbers(&r, "Y"), *latents = numbers(&r, "X");
  double *y = calloc(TRIALS * N * BINS, sizeof *y), *x = calloc(TRIALS * Q * BINS, 8);
  nax_view trial[TRIALS];
  nax_index all = nax_array_dim(get(&r, "Y"), 0);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_posterior *p;
  for (int k = 0; k < TRIALS; k++) {
    for (int t = 0; t < BINS; t++) {
      for (int i = 0; i < N; i++) {
        y[i + N * (t + BINS * k)] = from[k + all * (t + BINS * i)];
      }
      for (int l = 0; l < Q; l++) {
        x[l + Q * (t + BINS * k)] = latents[k + all * (l + Q * t)];
      }
    }
    trial[k] = nax_view_f64(y + k * N * BINS, 2, (nax_index[]){N, BINS});
  }
  o.likelihood = NAX_GPFA_POISSON;
  o.n_latents = Q;
  o.max_iter = 4;
  assert_ok(nax_gpfa_fit(NULL, TRIALS, trial, NULL, &o, &m));
  assert_ok(nax_gpfa_infer(NULL, m, TRIALS, trial, NULL, &p));
  double least = canonical(Q, TRIALS * BINS, x, nax_gpfa_posterior_mean(p, 0));
  print_message("# least canonical correlation %.4f\n", least);
  assert_true(least > 0.985);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  nax_dataset_free(r.d);
  free(x);
  free(y);
}

static void
counts_are_fitted_and_their_latents_recovered(void **state)
{
  (void)state;
  drawn d = draw(25, 2, 16, 20, 30, NAX_GPFA_POISSON, 5);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_posterior *p, *truth;
  nax_index n;
  o.likelihood = NAX_GPFA_POISSON;
  o.n_latents = 2;
  o.max_iter = 50;
  assert_ok(nax_gpfa_fit(NULL, d.n_trials, d.trials, NULL, &o, &m));
  const double *trace = nax_gpfa_trace(m, &n);
  for (nax_index i = 1; i < n; i++) {
    assert_true(trace[i] >= trace[i - 1] - 1e-9 * fabs(trace[i - 1]));
  }
  assert_ok(nax_gpfa_infer(NULL, m, d.n_trials, d.trials, NULL, &p));
  assert_ok(nax_gpfa_infer(NULL, d.truth, d.n_trials, d.trials, NULL, &truth));
  assert_true(nax_gpfa_posterior_loglik(p) > nax_gpfa_posterior_loglik(truth));
  assert_true(canonical(2, d.bins, d.x, nax_gpfa_posterior_mean(p, 0)) > 0.95);
  assert_true(isnan(nax_gpfa_get(m).r[0]));
  /* what has no meaning for counts is refused */
  nax_gpfa *bad;
  o.root = 1;
  assert_status(nax_gpfa_fit(NULL, d.n_trials, d.trials, NULL, &o, &bad), NAX_EINVAL);
  o.root = 0;
  d.y[3] = -1.0;
  assert_error(nax_gpfa_fit(NULL, d.n_trials, d.trials, NULL, &o, &bad), NAX_EDATA,
               "nax_gpfa_fit: trial 0 has -1 for neuron 3 in bin 0, expected a finite "
               "value from 0 to 1e9 (Poisson)");
  nax_gpfa_posterior_free(p);
  nax_gpfa_posterior_free(truth);
  nax_gpfa_free(m);
  free_drawn(&d);
}

/* What is known at bin t is what smoothing says of counts that end there, and a forecast
 * is smoothing of a trial that goes on without counts. */
static void
filtering_counts_is_smoothing_of_what_there_was(void **state)
{
  (void)state;
  enum { N = 6, Q = 2, LONGEST = 14 };
  drawn d = draw(N, Q, 3, 8, LONGEST - 3, NAX_GPFA_POISSON, 41);
  d.y[2] = d.y[N + 4] = d.y[3 * N] = (double)NAN;
  for (int64_t ahead = 0; ahead < 4; ahead += 3) {
    nax_gpfa_infer_opts o = NAX_GPFA_INFER_OPTS_INIT;
    nax_gpfa_posterior *f, *g;
    o.given = NAX_GPFA_FILTERED;
    o.ahead = ahead;
    assert_ok(nax_gpfa_infer(NULL, d.truth, 3, d.trials, &o, &f));
    for (nax_index k = 0; k < 3; k++) {
      for (nax_index t = 0; t < d.length[k]; t++) {
        double y[N * LONGEST];
        for (nax_index i = 0; i < N * (t + 1 + ahead); i++) {
          y[i] = i < N * (t + 1) ? ((const double *)d.trials[k].data)[i] : (double)NAN;
        }
        nax_view v = nax_view_f64(y, 2, (nax_index[]){N, t + 1 + ahead});
        assert_ok(nax_gpfa_infer(NULL, d.truth, 1, &v, NULL, &g));
        assert_all_close(nax_gpfa_posterior_mean(f, k) + t * Q,
                         nax_gpfa_posterior_mean(g, 0) + (t + ahead) * Q, Q, 1e-7, 1e-8);
        assert_all_close(nax_gpfa_posterior_cov(f, k) + t * Q * Q,
                         nax_gpfa_posterior_cov(g, 0) + (t + ahead) * Q * Q, Q * Q, 1e-7,
                         1e-8);
        nax_gpfa_posterior_free(g);
      }
    }
    nax_gpfa_posterior_free(f);
  }
  nax_gpfa_infer_opts far = NAX_GPFA_INFER_OPTS_INIT;
  nax_gpfa_posterior *f, *whole;
  far.given = NAX_GPFA_FILTERED;
  far.ahead = 200;
  assert_ok(nax_gpfa_infer(NULL, d.truth, 3, d.trials, &far, &f));
  assert_close(nax_gpfa_posterior_mean(f, 0)[3], 0.0, 0.0, 1e-9);
  assert_close(nax_gpfa_posterior_cov(f, 0)[0], 1.0, 1e-9, 0.0);
  nax_gpfa_posterior_free(f);
  free_drawn(&d);
  /* more bins than are remembered: the last one against smoothing of everything */
  d = draw(5, 1, 1, 260, 260, NAX_GPFA_POISSON, 42);
  far.ahead = 0;
  assert_ok(nax_gpfa_infer(NULL, d.truth, 1, d.trials, &far, &f));
  assert_ok(nax_gpfa_infer(NULL, d.truth, 1, d.trials, NULL, &whole));
  assert_close(nax_gpfa_posterior_mean(f, 0)[259], nax_gpfa_posterior_mean(whole, 0)[259],
               1e-7, 1e-8);
  assert_close(nax_gpfa_posterior_cov(f, 0)[259], nax_gpfa_posterior_cov(whole, 0)[259],
               1e-7, 1e-8);
  nax_gpfa_posterior_free(f);
  nax_gpfa_posterior_free(whole);
  free_drawn(&d);
}

/* Leave-neuron-out of counts against inference with that neuron missing. */
static void
counts_are_left_out_as_if_missing(void **state)
{
  (void)state;
  enum { N = 5, Q = 2 };
  drawn d = draw(N, Q, 3, 6, 9, NAX_GPFA_POISSON, 43);
  nax_gpfa_lno out;
  nax_gpfa_posterior *all;
  double *predicted = calloc((size_t)(N * d.bins), sizeof *predicted);
  double *kept = calloc((size_t)(N * d.bins), sizeof *kept), reduced[Q];
  double density = 0.0, sse = 0.0;
  d.y[7] = (double)NAN;
  assert_ok(
      nax_gpfa_leave_neuron_out(NULL, d.truth, 3, d.trials, predicted, reduced, &out));
  assert_close(reduced[Q - 1], out.sse, 1e-10, 0.0);
  assert_ok(nax_gpfa_infer(NULL, d.truth, 3, d.trials, NULL, &all));
  memcpy(kept, d.y, (size_t)(N * d.bins) * sizeof *kept);
  for (nax_index i = 0; i < N; i++) {
    nax_gpfa_posterior *p;
    for (nax_index b = 0; b < d.bins; b++) {
      d.y[i + b * N] = (double)NAN;
    }
    assert_ok(nax_gpfa_infer(NULL, d.truth, 3, d.trials, NULL, &p));
    density += nax_gpfa_posterior_loglik(all) - nax_gpfa_posterior_loglik(p);
    for (nax_index b = 0; b < d.bins; b++) {
      const double *x = nax_gpfa_posterior_mean(p, 0) + b * Q;
      const double *v = nax_gpfa_posterior_cov(p, 0) + b * Q * Q;
      const double c[Q] = {d.p.c[i], d.p.c[i + N]};
      double rate =
          exp(d.p.d[i] + c[0] * x[0] + c[1] * x[1] +
              0.5 * (c[0] * c[0] * v[0] + 2.0 * c[0] * c[1] * v[1] + c[1] * c[1] * v[3]));
      if (isnan(kept[i + b * N])) {
        assert_true(isnan(predicted[i + b * N]));
      } else {
        assert_close(predicted[i + b * N], rate, 1e-7, 0.0);
        sse += (kept[i + b * N] - rate) * (kept[i + b * N] - rate);
      }
    }
    memcpy(d.y, kept, (size_t)(N * d.bins) * sizeof *kept);
    nax_gpfa_posterior_free(p);
  }
  assert_close(out.log_density, density, 1e-9, 0.0);
  assert_close(out.sse, sse, 1e-6, 0.0);
  nax_gpfa_posterior_free(all);
  free(predicted);
  free(kept);
  free_drawn(&d);
}

/* One latent in one bin: the density of each neuron given the others by quadrature. */
static void
the_density_of_counts_left_out_is_near_the_exact_one(void **state)
{
  (void)state;
  enum { N = 4, GRID = 4001 };
  const double y[N] = {3, 0, 5, 1}, c[N] = {0.7, -0.5, 0.4, 0.6},
               mean[N] = {0, 0.2, 1, 0};
  double tau = 0.1, noise = 1e-3, evidence[N + 1] = {0.0}, want = 0.0;
  for (int k = 0; k < GRID; k++) {
    double x = -8.0 + 16.0 * k / (GRID - 1), log_p[N], all = 0.0;
    for (int i = 0; i < N; i++) {
      double eta = mean[i] + c[i] * x;
      log_p[i] = y[i] * eta - exp(eta) - lgamma(y[i] + 1.0);
      all += log_p[i];
    }
    double weight = exp(-0.5 * x * x) / sqrt(2.0 * pi) * 16.0 / (GRID - 1);
    for (int i = 0; i <= N; i++) { /* without neuron i; of all with i = N */
      evidence[i] += weight * exp(all - (i < N ? log_p[i] : 0.0));
    }
  }
  for (int i = 0; i < N; i++) {
    want += log(evidence[N] / evidence[i]);
  }
  nax_gpfa_params par = {sizeof par, N, 1, c, mean, mean, &tau, &noise};
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_lno out;
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, 1});
  o.likelihood = NAX_GPFA_POISSON;
  assert_ok(nax_gpfa_create(NULL, &par, &o, &m));
  assert_ok(nax_gpfa_leave_neuron_out(NULL, m, 1, &v, NULL, NULL, &out));
  assert_close(out.log_density, want, 0.0, 0.02);
  nax_gpfa_free(m);
}

/* The bound is at a maximum in the loadings after the M-step, for a fixed posterior. */
static void
loadings_of_counts_are_at_the_maximum(void **state)
{
  (void)state;
  drawn s = draw(6, 2, 4, 10, 14, NAX_GPFA_POISSON, 11);
  nax_i_gpfa_data d;
  nax_i_gpfa_estep e;
  nax_i_gpfa_sites sites;
  nax_i_gpfa_basis basis;
  nax_i_gpfa_par p = s.p;
  assert_ok(
      nax_i_gpfa_data_init(NULL, __func__, 4, s.trials, NULL, NAX_I_GPFA_COUNTS, &d));
  assert_ok(nax_i_gpfa_estep_init(NULL, &d, 2, NAX_I_GPFA_BIN_COV, &e));
  assert_ok(nax_i_gpfa_sites_init(NULL, &d, 2, &sites));
  assert_ok(nax_i_gpfa_basis_init(NULL, &p, d.longest, 1e-14, &basis));
  assert_ok(nax_i_gpfa_estep_poisson(NULL, &d, &p, &basis, &sites, &e));
  assert_ok(nax_i_gpfa_mstep_poisson(NULL, &d, &e, &p));
  for (nax_index i = 0; i < 6; i++) { /* the gradient, written out */
    double g[3] = {0.0, 0.0, 0.0}, scale = 0.0;
    for (nax_index t = 0; t < d.n_bins; t++) {
      const double *m = e.x + 2 * t, *v = e.v + 4 * t;
      double c[2] = {p.c[i], p.c[i + 6]}, vc[2];
      for (int l = 0; l < 2; l++) {
        vc[l] = v[l] * c[0] + v[l + 2] * c[1];
      }
      double lambda =
          exp(p.d[i] + c[0] * m[0] + c[1] * m[1] + 0.5 * (c[0] * vc[0] + c[1] * vc[1]));
      double y = d.y[i + 6 * t];
      for (int l = 0; l < 2; l++) {
        g[l] += y * m[l] - lambda * (m[l] + vc[l]);
      }
      g[2] += y - lambda;
      scale += y;
    }
    for (int l = 0; l < 3; l++) {
      assert_close(g[l], 0.0, 0.0, 1e-4 * (1.0 + scale));
    }
  }
  nax_i_gpfa_sites_free(&sites);
  nax_i_gpfa_basis_free(&basis);
  nax_i_gpfa_estep_free(&e);
  nax_i_gpfa_data_free(&d);
  free_drawn(&s);
}

/* ------------------------------------------------------------------ properties */

/* A neuron that is missing throughout says nothing, whatever the likelihood. */
static void
a_missing_neuron_is_no_neuron(void **state)
{
  (void)state;
  for (int counts = 0; counts < 2; counts++) {
    nax_gpfa_likelihood likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    drawn d = draw(5, 2, 3, 6, 9, likelihood, 21);
    double *less = calloc((size_t)(4 * d.bins), sizeof *less), c[8], tau[2];
    for (nax_index j = 0; j < d.bins; j++) {
      memcpy(less + 4 * j, d.y + 5 * j, 4 * sizeof *less);
      d.y[4 + 5 * j] = (double)NAN;
    }
    nax_gpfa_params par = nax_gpfa_get(d.truth);
    for (int l = 0; l < 2; l++) {
      memcpy(c + 4 * l, par.c + 5 * l, 4 * sizeof *c);
      tau[l] = par.tau[l];
    }
    nax_gpfa_params fewer = {sizeof fewer, 4, 2, c, par.d, d.p.r, tau, par.noise};
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m;
    nax_gpfa_posterior *p, *q;
    nax_view trials[3];
    o.likelihood = likelihood;
    for (nax_index k = 0, at = 0; k < 3; at += d.length[k], k++) {
      trials[k] = nax_view_f64(less + 4 * at, 2, (nax_index[]){4, d.length[k]});
    }
    assert_ok(nax_gpfa_create(NULL, &fewer, &o, &m));
    assert_ok(nax_gpfa_infer(NULL, d.truth, 3, d.trials, NULL, &p));
    assert_ok(nax_gpfa_infer(NULL, m, 3, trials, NULL, &q));
    assert_close(nax_gpfa_posterior_loglik(p), nax_gpfa_posterior_loglik(q), 1e-11, 0.0);
    assert_all_close(nax_gpfa_posterior_mean(p, 0), nax_gpfa_posterior_mean(q, 0),
                     2 * d.bins, 1e-8, 1e-10);
    assert_all_close(nax_gpfa_posterior_cov(p, 0), nax_gpfa_posterior_cov(q, 0),
                     4 * d.bins, 1e-8, 1e-10);
    nax_gpfa_posterior_free(p);
    nax_gpfa_posterior_free(q);
    nax_gpfa_free(m);
    free(less);
    free_drawn(&d);
  }
}

/* Trials and neurons in another order, latents turned round, trials twice. */
static void
likelihood_knows_no_order_and_no_sign(void **state)
{
  (void)state;
  const nax_index n = 6, q = 2, n_trials = 4;
  drawn d = draw(n, q, n_trials, 5, 12, NAX_GPFA_GAUSSIAN, 31);
  nax_gpfa_posterior *p;
  assert_ok(nax_gpfa_infer(NULL, d.truth, n_trials, d.trials, NULL, &p));
  double ll = nax_gpfa_posterior_loglik(p);
  nax_gpfa_posterior_free(p);
  nax_view other[8];
  for (nax_index k = 0; k < 2 * n_trials; k++) {
    other[k] = d.trials[n_trials - 1 - k % n_trials];
  }
  assert_ok(nax_gpfa_infer(NULL, d.truth, 2 * n_trials, other, NULL, &p));
  assert_close(nax_gpfa_posterior_loglik(p), 2.0 * ll, 1e-12, 0.0);
  nax_gpfa_posterior_free(p);
  nax_gpfa_params par = nax_gpfa_get(d.truth);
  double c[12], mean[6], r[6], *y = calloc((size_t)(n * d.bins), sizeof *y);
  for (nax_index i = 0; i < n; i++) {
    mean[i] = par.d[n - 1 - i];
    r[i] = par.r[n - 1 - i];
    c[i] = -par.c[n - 1 - i];
    c[i + n] = par.c[n - 1 - i + n];
    for (nax_index j = 0; j < d.bins; j++) {
      y[i + j * n] = d.y[n - 1 - i + j * n];
    }
  }
  nax_gpfa_params turned = {sizeof turned, n, q, c, mean, r, par.tau, par.noise};
  nax_gpfa *m;
  assert_ok(nax_gpfa_create(NULL, &turned, NULL, &m));
  for (nax_index k = 0, at = 0; k < n_trials; at += d.length[k], k++) {
    other[k] = nax_view_f64(y + at * n, 2, (nax_index[]){n, d.length[k]});
  }
  assert_ok(nax_gpfa_infer(NULL, m, n_trials, other, NULL, &p));
  assert_close(nax_gpfa_posterior_loglik(p), ll, 1e-12, 0.0);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  /* so does a fit: floors belong to their neurons */
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *a, *b;
  nax_index steps;
  for (nax_index j = 0; j < d.bins; j++) {
    d.y[j * n] *= 30.0;
    y[n - 1 + j * n] *= 30.0;
  }
  o.max_iter = 15;
  o.min_var = 0.3;
  assert_ok(nax_gpfa_fit(NULL, n_trials, d.trials, &par, &o, &a));
  o.max_iter = 15;
  assert_ok(nax_gpfa_fit(NULL, n_trials, other, &turned, &o, &b));
  (void)nax_gpfa_trace(a, &steps);
  assert_true(steps > 5);
  for (nax_index i = 0; i < n; i++) {
    assert_close(nax_gpfa_get(a).r[i], nax_gpfa_get(b).r[n - 1 - i], 1e-6, 0.0);
  }
  nax_gpfa_free(a);
  nax_gpfa_free(b);
  free(y);
  free_drawn(&d);
}

/* -------------------------------------------------------------- number of latents */

static void
the_number_of_latents_is_found(void **state)
{
  (void)state;
  for (int way = 0; way < 3; way++) {
    int counts = way == 2;
    drawn d = draw(14, 2, 16, 12, 18, counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN, 3);
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa_select_opts so = NAX_GPFA_SELECT_OPTS_INIT;
    nax_gpfa_selection chosen;
    nax_table *t;
    o.likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    o.max_iter = counts ? 8 : 25;
    so.latents_max = counts ? 3 : 5;
    so.full = way == 1;
    assert_ok(nax_gpfa_select(NULL, d.n_trials, d.trials, &o, &so, &t, &chosen));
    assert_int_equal(chosen.latents, 2);
    assert_true(chosen.best >= 2);
    assert_int_equal(nax_table_n_rows(t), so.latents_max);
    const double *score = nax_table_numbers(t, nax_table_find(t, "score"));
    const double *predicted = nax_table_numbers(t, nax_table_find(t, "predicted"));
    const double *ll = nax_table_numbers(t, nax_table_find(t, "log_likelihood"));
    assert_true(score[1] < score[0]);
    assert_true(counts ? isnan(predicted[1]) : predicted[1] > predicted[0]);
    assert_true(way > 0 ? ll[1] > ll[0] : isnan(ll[1]) && isfinite(ll[4]));
    nax_table_free(t);
    free_drawn(&d);
  }
  nax_gpfa_selection chosen;
  nax_view one = nax_view_f64((double[]){1, 2}, 2, (nax_index[]){2, 1});
  assert_error(nax_gpfa_select(NULL, 1, &one, NULL, NULL, NULL, &chosen), NAX_EINVAL,
               "nax_gpfa_select: 1 trials are fewer than the 4 folds of the "
               "cross-validation");
}

static void
more_latents_are_tried_while_the_largest_number_is_best(void **state)
{
  (void)state;
  drawn d = draw(30, 10, 30, 14, 18, NAX_GPFA_GAUSSIAN, 5);
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa_select_opts so = NAX_GPFA_SELECT_OPTS_INIT;
  nax_gpfa_selection chosen;
  nax_table *t;
  so.fold_iter = 25;
  so.n_folds = 2;
  assert_ok(nax_gpfa_select(NULL, d.n_trials, d.trials, &o, &so, &t, &chosen));
  assert_int_equal(nax_table_n_rows(t), 16);
  assert_in_range(chosen.best, 9, 12);
  nax_table_free(t);
  /* a recording of few bins is not asked for many */
  drawn few = draw(30, 2, 4, 10, 10, NAX_GPFA_GAUSSIAN, 5);
  assert_ok(nax_gpfa_select(NULL, few.n_trials, few.trials, &o, &so, &t, &chosen));
  assert_int_equal(nax_table_n_rows(t), 5);
  nax_table_free(t);
  free_drawn(&few);
  /* with a fit for each number, what the first eight gave is kept */
  double *score[2];
  so.full = 1;
  so.fold_iter = 4;
  for (int given = 0; given < 2; given++) {
    so.latents_max = given ? 16 : 0;
    assert_ok(nax_gpfa_select(NULL, d.n_trials, d.trials, &o, &so, &t, &chosen));
    assert_int_equal(nax_table_n_rows(t), 16);
    score[given] = calloc(3 * 16, sizeof **score);
    const char *const column[3] = {"score", "predicted", "log_likelihood"};
    for (int k = 0; k < 3; k++) {
      memcpy(score[given] + 16 * k, nax_table_numbers(t, nax_table_find(t, column[k])),
             16 * sizeof **score);
    }
    nax_table_free(t);
  }
  assert_memory_equal(score[0], score[1], 3 * 16 * sizeof **score);
  free(score[0]);
  free(score[1]);
  free_drawn(&d);
  so = (nax_gpfa_select_opts)NAX_GPFA_SELECT_OPTS_INIT;
  so.fold_iter = 25;
  so.n_folds = 2;
  /* not beyond what the neurons allow */
  d = draw(4, 3, 12, 6, 9, NAX_GPFA_GAUSSIAN, 6);
  assert_ok(nax_gpfa_select(NULL, d.n_trials, d.trials, &o, &so, &t, &chosen));
  assert_int_equal(nax_table_n_rows(t), 3);
  nax_table_free(t);
  free_drawn(&d);
}

/* ------------------------------------------------- reproducibility, memory, failure */

static void
threads_do_not_change_a_bit(void **state)
{
  (void)state;
  for (int counts = 0; counts < 2; counts++) {
    drawn d = draw(9, 2, 7, 10, 30, counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN, 15);
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa *m[2];
    o.n_latents = 2;
    o.max_iter = 5;
    o.likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    for (int k = 0; k < 2; k++) {
      nax_ctx *ctx;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, 1 + k));
      assert_ok(nax_gpfa_fit(ctx, d.n_trials, d.trials, NULL, &o, &m[k]));
      nax_ctx_free(ctx);
    }
    nax_gpfa_params a = nax_gpfa_get(m[0]), b = nax_gpfa_get(m[1]);
    assert_memory_equal(a.c, b.c, 18 * sizeof(double));
    assert_memory_equal(a.tau, b.tau, 2 * sizeof(double));
    nax_gpfa_free(m[0]);
    nax_gpfa_free(m[1]);
    free_drawn(&d);
  }
}

/* As NAX_T_SWEEP_ALLOC, with steps that grow: the iterations of a fit repeat themselves.
 */
#define SWEEP(call, out, cleanup)                                                        \
  do {                                                                                   \
    nax_status s_ = NAX_ENOMEM;                                                          \
    for (long k_ = 0; s_ != NAX_OK; k_ += 1 + k_ / 10) {                                 \
      nax_i_alloc_fail_at = k_;                                                          \
      s_ = (call);                                                                       \
      nax_i_alloc_fail_at = -1;                                                          \
      assert_true(s_ == NAX_OK || (s_ == NAX_ENOMEM && (out) == NULL));                  \
    }                                                                                    \
    cleanup;                                                                             \
  } while (0)

static void
failing_allocations_are_told(void **state)
{
  (void)state;
  for (int counts = 0; counts < 2; counts++) {
    drawn d = draw(3, 1, 3, 2, 4, counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN, 16);
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    nax_gpfa_select_opts so = NAX_GPFA_SELECT_OPTS_INIT;
    nax_gpfa_infer_opts io = NAX_GPFA_INFER_OPTS_INIT;
    nax_gpfa_selection chosen;
    nax_gpfa *m, *same;
    nax_gpfa_posterior *p;
    nax_dataset *ds;
    nax_gpfa_lno lno;
    const void *nothing = NULL;
    nax_table *t;
    o.n_latents = 1;
    o.max_iter = 2;
    so.latents_max = 1;
    so.n_folds = 3;
    o.likelihood = counts ? NAX_GPFA_POISSON : NAX_GPFA_GAUSSIAN;
    SWEEP(nax_gpfa_fit(NULL, 3, d.trials, NULL, &o, &m), m, (void)0);
    SWEEP(nax_gpfa_infer(NULL, m, 3, d.trials, NULL, &p), p, nax_gpfa_posterior_free(p));
    io.given = NAX_GPFA_FILTERED;
    io.ahead = 1;
    SWEEP(nax_gpfa_infer(NULL, m, 3, d.trials, &io, &p), p, nax_gpfa_posterior_free(p));
    SWEEP(nax_gpfa_leave_neuron_out(NULL, m, 3, d.trials, NULL, NULL, &lno), nothing,
          (void)0);
    assert_ok(nax_gpfa_dataset(NULL, m, NULL, NULL, NULL, &ds));
    SWEEP(nax_gpfa_from_dataset(NULL, ds, &same), same, nax_gpfa_free(same));
    nax_dataset_free(ds);
    SWEEP(nax_gpfa_select(NULL, 3, d.trials, &o, &so, &t, &chosen), t, nax_table_free(t));
    nax_gpfa_free(m);
    free_drawn(&d);
  }
}

typedef struct whole_fit {
  nax_index n_trials;
  const nax_view *trials;
  const nax_gpfa_opts *o;
} whole_fit;

static nax_status
run_fit(void *arg)
{
  const whole_fit *f = arg;
  nax_gpfa *m;
  nax_status s = nax_gpfa_fit(NULL, f->n_trials, f->trials, NULL, f->o, &m);
  nax_gpfa_free(m);
  return s;
}

static void
memory_is_as_predicted(void **state)
{
  (void)state;
  static const struct {
    nax_index n, n_trials, t;
    int64_t q;
    nax_gpfa_engine engine;
    int optimiser, likelihood, missing;
  } c[] = {{30, 4, 330, 6, NAX_GPFA_NESTED, NAX_GPFA_EM, NAX_GPFA_GAUSSIAN, 0},
           {30, 10, 400, 6, NAX_GPFA_LOWRANK, NAX_GPFA_EM, NAX_GPFA_GAUSSIAN, 0},
           {400, 120, 60, 3, NAX_GPFA_AUTO, NAX_GPFA_LBFGS, NAX_GPFA_GAUSSIAN, 0},
           {400, 120, 60, 3, NAX_GPFA_AUTO, NAX_GPFA_EM, NAX_GPFA_GAUSSIAN, 1},
           {30, 4, 330, 6, NAX_GPFA_NESTED, NAX_GPFA_EM, NAX_GPFA_GAUSSIAN, 1},
           {200, 60, 80, 3, NAX_GPFA_AUTO, NAX_GPFA_EM, NAX_GPFA_POISSON, 0}};
  nax_t_memory_is_ours();
  for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
    nax_index length[200], bins = 0;
    uint64_t seed = 4;
    size_t predicted;
    for (nax_index k = 0; k < c[i].n_trials; k++) {
      length[k] = c[i].engine == NAX_GPFA_NESTED ? c[i].t - 10 * k : c[i].t;
      bins += length[k];
    }
    nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
    o.n_latents = c[i].q;
    o.max_iter = 1;
    o.tau = 0.1;
    o.engine = c[i].engine;
    o.optimiser = c[i].optimiser;
    o.likelihood = c[i].likelihood;
    o.kernel_steps = 1;
    assert_ok(nax_gpfa_memory(NULL, c[i].n, c[i].n_trials, length, c[i].missing, &o,
                              &predicted));
    double *y = malloc((size_t)(bins * c[i].n) * sizeof *y);
    nax_view trials[200];
    for (nax_index j = 0; j < bins * c[i].n; j++) {
      y[j] = floor(5.0 * nax_t_uniform(&seed));
      y[j] = c[i].missing && j % 37 == 5 ? (double)NAN : y[j];
    }
    for (nax_index k = 0, at = 0; k < c[i].n_trials; at += length[k], k++) {
      trials[k] = nax_view_f64(y + at * c[i].n, 2, (nax_index[]){c[i].n, length[k]});
    }
    whole_fit fit = {c[i].n_trials, trials, &o};
    double grown = nax_t_growth(run_fit, &fit);
    print_message("# predicted %.1f MB, grew by %.1f MB\n", 1e-6 * (double)predicted,
                  1e-6 * grown);
    assert_true((double)predicted > 0.75 * grown && (double)predicted < 1.25 * grown);
    free(y);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(latents_of_ragged_trials_are_recovered),
      cmocka_unit_test(the_start_knows_loadings_and_length_scales),
      cmocka_unit_test(the_poisson_optimum_is_that_of_the_reference),
      cmocka_unit_test(latents_of_sparse_counts_are_recovered),
      cmocka_unit_test(counts_are_fitted_and_their_latents_recovered),
      cmocka_unit_test(filtering_counts_is_smoothing_of_what_there_was),
      cmocka_unit_test(counts_are_left_out_as_if_missing),
      cmocka_unit_test(the_density_of_counts_left_out_is_near_the_exact_one),
      cmocka_unit_test(loadings_of_counts_are_at_the_maximum),
      cmocka_unit_test(a_missing_neuron_is_no_neuron),
      cmocka_unit_test(likelihood_knows_no_order_and_no_sign),
      cmocka_unit_test(the_number_of_latents_is_found),
      cmocka_unit_test(more_latents_are_tried_while_the_largest_number_is_best),
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(failing_allocations_are_told),
      cmocka_unit_test(memory_is_as_predicted),
  };
  return cmocka_run_group_tests_name("gpfa-fit", tests, NULL, NULL);
}
