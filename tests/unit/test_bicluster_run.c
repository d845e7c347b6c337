/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of the bi-clustering: structure found, the same bits whatever the threads
 * and however often the run was stopped, mistakes told, diagnostics. */
#include "bic_make.h"
#include "bicluster/run_i.h"
#include "stats/stats_i.h"

/* --- data
 * -------------------------------------------------------------------------------- */

/* Rates of 2 clusters of n / 2 neurons: unlike sinusoids are their logarithms. */
static double
rate_of(nax_index n, nax_index i, nax_index j)
{
  double phase = 0.21 * (double)j + (i < n / 2 ? 0.0 : 1.7);
  return exp(0.6 + 0.9 * sin(i < n / 2 ? phase : 2.0 * phase));
}

static double *
two_clusters(nax_index n, nax_index t, uint64_t seed)
{
  double *y = calloc((size_t)(n * t), sizeof *y);
  nax_rng r;
  nax_i_rng_init(&r, seed, 0);
  for (nax_index j = 0; j < t; j++) {
    for (nax_index i = 0; i < n; i++) {
      double mu = rate_of(n, i, j);
      y[i + j * n] = (double)nax_rng_poisson(&r, nax_rng_gamma(&r, 8.0, mu / 8.0));
    }
  }
  return y;
}

static nax_bicluster_opts
short_run(void)
{
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  o.n_chains = 2;
  o.n_sweeps = 60;
  o.burn_in = 30;
  o.latent_dim = 1;
  o.max_states = 4;
  o.path_draws = 10;
  return o;
}

static void
same_result(const nax_bicluster *a, const nax_bicluster *b)
{
  assert_int_equal(a->n_trace, b->n_trace);
  assert_memory_equal(a->trace, b->trace,
                      (size_t)(a->n_trace * a->o.n_chains * NAX_I_BIC_SCALARS) *
                          sizeof(double));
  assert_memory_equal(a->psm, b->psm, (size_t)(a->n * a->n) * sizeof(double));
  assert_memory_equal(a->psm_t, b->psm_t, (size_t)(a->t * a->t) * sizeof(double));
  assert_memory_equal(a->band[0].high, b->band[0].high,
                      (size_t)(a->q * a->t) * sizeof(double));
  assert_true(a->held_lpd == b->held_lpd);
  assert_int_equal(a->rate != NULL, b->rate != NULL);
  if (a->rate != NULL) {
    assert_memory_equal(a->rate, b->rate, (size_t)(a->n * a->t) * sizeof(double));
  }
}

/* --- runs
 * --------------------------------------------------------------------------------- */

static void
clusters_with_unlike_trajectories_are_found(void **state)
{
  (void)state;
  enum { N = 8, T = 60 };
  double *y = two_clusters(N, T, 1), ari;
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, T});
  nax_bicluster_opts o = short_run();
  nax_bicluster *m = NULL;
  nax_dataset *d = NULL;
  const int64_t truth[N] = {0, 0, 0, 0, 1, 1, 1, 1};
  char text[512];
  size_t bytes;
  o.holdout = 0.1;
  o.rates = 1;
  assert_ok(nax_bicluster_memory(NULL, N, T, &o, &bytes));
  assert_true(bytes > 1000000);
  assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m));
  assert_ok(nax_stats_ari(NULL, N, truth, nax_bicluster_clusters(m), &ari));
  assert_true(ari == 1.0);
  assert_int_equal(nax_bicluster_n_clusters(m), 2);
  assert_true(nax_bicluster_similarity(m)[1] > 0.9);
  assert_true(nax_bicluster_similarity(m)[N - 1] < 0.1);
  assert_true(m->held_lpd > m->held_null + 0.05);
  assert_true(m->member.accepted > 0.9 * m->member.proposed);
  nax_bicluster_verdict(m, text, sizeof text);
  assert_true(strlen(text) > 10);
  assert_ok(nax_bicluster_dataset(NULL, m, NULL, NULL, &d));
  assert_non_null(nax_dataset_array(d, "trajectory"));
  assert_non_null(nax_dataset_table(d, "diagnostics"));
  assert_true(nax_dataset_number(d, "bicluster_held_out") > 20.0);
  /* what is expected of each entry is closer to the rate behind it than its count is */
  const double *rate = nax_array_f64(nax_dataset_array(d, "rate"));
  double off = 0.0, noise = 0.0;
  for (nax_index j = 0; j < T; j++) {
    for (nax_index i = 0; i < N; i++) {
      double mu = rate_of(N, i, j);
      off += (rate[i + j * N] - mu) * (rate[i + j * N] - mu);
      noise += (y[i + j * N] - mu) * (y[i + j * N] - mu);
    }
  }
  assert_true(off < 0.3 * noise);
  assert_memory_equal(rate, nax_bicluster_rates(m), N * T * sizeof *rate);
  /* the trajectory of a cluster follows the log rate behind it */
  const nax_i_bic_band *b = &m->band[m->cluster[0][0]];
  double xy = 0.0, xx = 0.0, yy = 0.0;
  for (int t = 0; t < T; t++) {
    double s = sin(0.21 * t);
    xy += s * b->mean[t];
    xx += s * s;
    yy += b->mean[t] * b->mean[t];
    assert_true(b->low[t] <= b->high[t]);
  }
  assert_true(xy / sqrt(xx * yy) > 0.8);
  nax_dataset_free(d);
  nax_bicluster_free(m);
  free(y);
}

/* Latents fixed, learned, and all dynamics coupled. */
enum { KINDS = 3 };
static void
set_kind(int kind, nax_bicluster_opts *o)
{
  o->learn_latent_dim = kind == 1;
  o->latent_dim = kind == 1 ? 2 : 1;
  o->coupled = kind == 2 ? 3 : 0;
}

static void
any_number_of_threads_gives_the_same_bits(void **state)
{
  (void)state;
  double *y = two_clusters(6, 40, 2);
  nax_view v = nax_view_f64(y, 2, (nax_index[]){6, 40});
  nax_bicluster_opts o = short_run();
  nax_bicluster *m[2] = {NULL, NULL};
  o.holdout = 0.1;
  o.n_temperatures = 2;
  for (int kind = 0; kind < KINDS; kind++) {
    set_kind(kind, &o);
    for (int k = 0; k < 2; k++) {
      nax_ctx *ctx = NULL;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, k == 0 ? 1 : 4));
      assert_ok(nax_bicluster_fit(ctx, &v, NULL, &o, &m[k]));
      nax_ctx_free(ctx);
    }
    same_result(m[0], m[1]);
    assert_true(m[0]->swap.proposed > 0.0);
    assert_true((m[0]->dimension.proposed > 0.0) == (kind == 1));
    nax_bicluster_free(m[0]);
    nax_bicluster_free(m[1]);
  }
  free(y);
}

static void
a_chain_does_not_know_how_many_there_are(void **state)
{
  (void)state;
  double *y = two_clusters(6, 40, 2);
  nax_view v = nax_view_f64(y, 2, (nax_index[]){6, 40});
  nax_bicluster_opts o = short_run();
  nax_bicluster *m[2] = {NULL, NULL};
  for (int k = 0; k < 2; k++) {
    o.n_chains = 1 + k;
    assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m[k]));
  }
  assert_memory_equal(m[0]->trace, m[1]->trace,
                      (size_t)(m[0]->n_trace * NAX_I_BIC_SCALARS) * sizeof(double));
  nax_bicluster_free(m[0]);
  nax_bicluster_free(m[1]);
  free(y);
}

/* At a number of sweeps, or at a number of looks, which come within sweeps too. */
typedef struct stop {
  int64_t sweeps, looks;
  int64_t at_sweep; /* where it was stopped */
} stop;

static int
stop_at(const nax_progress *p, void *user)
{
  stop *s = user;
  if (strcmp(p->stage, "bicluster/sweeps") != 0) {
    return 0;
  }
  s->at_sweep = p->iter;
  s->looks--;
  return p->iter >= s->sweeps || s->looks == 0;
}

static void
stop_and_go_on(int kind)
{
  double *y = two_clusters(6, 40, 3);
  nax_view v = nax_view_f64(y, 2, (nax_index[]){6, 40});
  nax_bicluster_opts o = short_run();
  nax_bicluster *whole = NULL, *m = NULL;
  char name[16];
  o.holdout = 0.1;
  o.rates = 1;
  set_kind(kind, &o);
  assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &whole));
  snprintf(name, sizeof name, "run%d.ck", kind);
  o.checkpoint = nax_t_tmp(name);
  o.checkpoint_every = 0;
  for (int64_t at = 2; at < 60 && m == NULL; at += 13) {
    nax_ctx *ctx = NULL;
    stop when = {at, at % 2 == 0 ? -1 : 40, 0}; /* 40 looks: within a sweep */
    assert_ok(nax_ctx_create(&ctx));
    nax_ctx_set_progress(ctx, stop_at, &when, 0.0);
    nax_status s = nax_bicluster_fit(ctx, &v, NULL, &o, &m);
    assert_true(s == NAX_EINTERRUPT || s == NAX_OK);
    assert_true(s == NAX_OK || strstr(nax_ctx_error(ctx), "stopped by") != NULL);
    o.resume = 1;
    nax_ctx_free(ctx);
  }
  if (m == NULL) {
    assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m));
  }
  same_result(whole, m);
  nax_bicluster_free(m);
  m = NULL;
  o.resume = 0;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EIO);
  o.resume = 1;
  o.seed = 99;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL);
  assert_non_null(strstr(nax_ctx_error(NULL), "belongs to other data or options"));
  o.seed = 1;
  FILE *f = fopen(o.checkpoint, "r+b"); /* one byte in the middle */
  assert_non_null(f);
  fseek(f, 500, SEEK_SET);
  int c = fgetc(f);
  fseek(f, 500, SEEK_SET);
  fputc(c ^ 1, f);
  fclose(f);
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EFORMAT);
  assert_null(m);
  nax_bicluster_free(whole);
  free(y);
}

static void
a_run_that_was_stopped_goes_on_to_the_same_bits(void **state)
{
  (void)state;
  for (int kind = 0; kind < KINDS; kind++) {
    stop_and_go_on(kind);
  }
}

static void
mistakes_are_told(void **state)
{
  (void)state;
  enum { N = 3, T = 12 };
  double y[N * T] = {0.0};
  nax_bicluster *m = NULL;
  nax_bicluster_opts o = short_run();
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, T});
  for (int i = 0; i < N * T; i++) {
    y[i] = i % 3;
  }
  y[4] = 1.5;
  assert_error(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EDATA,
               "nax_bicluster_fit: neuron 1, time 1, trial 0: expected a count (whole, "
               "from 0 to 1e6), found 1.5");
  y[4] = -1.0;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EDATA);
  y[4] = INFINITY;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EDATA);
  y[4] = 1e7;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EDATA);
  y[4] = 1.0;
  for (int t = 0; t < T; t++) {
    y[1 + t * N] = NAN;
  }
  assert_error(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EDATA,
               "nax_bicluster_fit: neuron 1 has no value at all: leave it out");
  o.observation = NAX_BICLUSTER_GAUSSIAN;
  for (int t = 0; t < T; t++) {
    y[1 + t * N] = 2.0;
  }
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EDATA);
  nax_view few = nax_view_f64(y, 2, (nax_index[]){N, 9});
  assert_status(nax_bicluster_fit(NULL, &few, NULL, &o, &m), NAX_EDIM);
  nax_view line = nax_view_f64(y, 1, (nax_index[]){N});
  assert_status(nax_bicluster_fit(NULL, &line, NULL, &o, &m), NAX_EDIM);
  o = short_run();
  o.burn_in = 60;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL);
  o.burn_in = 3;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL);
  o = short_run();
  o.resume = 1;
  assert_status(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL);
  o = short_run();
  assert_status(nax_bicluster_fit(NULL, &v, (nax_index[]){0, 5, 0}, &o, &m), NAX_EINVAL);
  o.coupled = 13;
  assert_error(nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL,
               "nax_bicluster_fit: 13 coupled clusters of 2 rows each: at most 24 rows "
               "together");
  o.coupled = 2;
  o.learn_latent_dim = 1;
  assert_error(
      nax_bicluster_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL,
      "nax_bicluster_fit: coupled dynamics have a fixed number of clusters, each "
      "of 1 latents: leave out learn-latent-dim");
  assert_null(m);
}

/* Silent and constant neurons, empty bins, huge counts, missing stretches, trials that
 * end early: every sweep ends in numbers. */
static void
awkward_data_end_in_numbers(void **state)
{
  (void)state;
  enum { N = 6, T = 15, R = 3 };
  double y[N * T * R];
  nax_rng r;
  nax_i_rng_init(&r, 8, 0);
  for (int i = 0; i < N * T * R; i++) {
    int neuron = i % N, t = i / N % T;
    y[i] = (double)nax_rng_poisson(&r, neuron == 5 ? 900.0 : 2.0);
    y[i] = neuron == 0 ? 0.0 : neuron == 1 ? 7.0 : y[i];
    y[i] = t == 3 ? 0.0 : y[i];
    y[i] = t == 4 || (t > 9 && i / N / T == 1) ? (double)NAN : y[i];
    y[i] = neuron == 2 && t == 6 ? 1e6 : y[i];
  }
  nax_view v = nax_view_f64(y, 3, (nax_index[]){N, T, R});
  for (int kind = 0; kind < 8; kind++) {
    nax_bicluster_opts o = short_run();
    nax_bicluster *m = NULL;
    nax_dataset *d = NULL;
    o.n_sweeps = 40;
    o.burn_in = 20;
    o.n_chains = 1;
    o.latent_dim = kind == 0 ? 0 : kind == 1 ? 8 : 1;
    o.observation = kind == 2 ? NAX_BICLUSTER_POISSON : NAX_BICLUSTER_NEGATIVE_BINOMIAL;
    o.partition = kind == 3 ? NAX_BICLUSTER_DP : NAX_BICLUSTER_MFM;
    o.dynamics_precision = kind == 4 ? 0.01 : 1.0; /* dynamics that explode */
    o.noise_scale = kind == 5 ? 1e-8 : 0.01;
    o.learn_latent_dim = kind == 6;
    o.latent_dim = kind == 6 ? 3 : o.latent_dim;
    o.coupled = kind == 7 ? 4 : 0;
    o.holdout_kind = NAX_BICLUSTER_BLOCKED;
    o.holdout = 0.1;
    assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m));
    assert_int_equal(m->t, 40);
    for (nax_index j = 0; j < m->n_trace * NAX_I_BIC_SCALARS; j++) {
      assert_true(isfinite(m->trace[j]));
    }
    for (nax_index j = 0; j < N; j++) {
      assert_true(isfinite(m->r_mean[j]));
    }
    assert_ok(nax_bicluster_dataset(NULL, m, NULL, NULL, &d));
    assert_int_equal(nax_array_ndim(nax_dataset_array(d, "states")), 2);
    nax_dataset_free(d);
    nax_bicluster_free(m);
  }
}

static void
calcium_is_clustered_too(void **state)
{
  (void)state;
  enum { N = 8, T = 80 };
  double *y = two_clusters(N, T, 5), ari;
  nax_rng r;
  nax_i_rng_init(&r, 6, 0);
  for (int i = 0; i < N * T; i++) {
    double phase = 0.21 * (double)(i / N) + (i % N < 4 ? 0.0 : 1.7);
    y[i] =
        3.0 + 0.1 * sin(i % N < 4 ? phase : 2.0 * phase) + nax_rng_normal(&r, 0.0, 0.05);
  }
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, T});
  nax_bicluster_opts o = short_run();
  nax_bicluster *m = NULL;
  const int64_t truth[N] = {0, 0, 0, 0, 1, 1, 1, 1};
  o.observation = NAX_BICLUSTER_GAUSSIAN;
  assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m));
  assert_ok(nax_stats_ari(NULL, N, truth, nax_bicluster_clusters(m), &ari));
  assert_true(ari == 1.0);
  nax_bicluster_free(m);
  free(y);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  double *y = two_clusters(3, 10, 4);
  nax_view v = nax_view_f64(y, 2, (nax_index[]){3, 10});
  nax_bicluster_opts o = short_run();
  nax_bicluster *m = NULL;
  nax_dataset *d = NULL;
  o.n_chains = 1;
  o.n_sweeps = 22;
  o.burn_in = 20;
  o.max_states = 2;
  o.holdout = 0.1;
  NAX_T_SWEEP_ALLOC(nax_bicluster_fit(NULL, &v, NULL, &o, &m), m, nax_bicluster_free(m),
                    3000);
  m = NULL;
  assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m));
  NAX_T_SWEEP_ALLOC(nax_bicluster_dataset(NULL, m, NULL, NULL, &d), d,
                    nax_dataset_free(d), 3000);
  nax_bicluster_free(m);
  free(y);
}

/* --- diagnostics -----------------------------------------------------------------------
 */

static void
convergence_is_judged_as_by_theory(void **state)
{
  (void)state;
  enum { N = 2000, M = 4 };
  double *x = calloc(N * M, sizeof *x), rhat, bulk, tail, rho = 0.8;
  nax_rng r;
  nax_i_rng_init(&r, 12, 0);
  for (int c = 0; c < M; c++) {
    for (int i = 0; i < N; i++) {
      x[c * N + i] =
          nax_rng_normal(&r, 0.0, 1.0) + (i > 0 ? rho * x[c * N + i - 1] : 0.0);
    }
  }
  assert_ok(nax_i_mcmc_summary(NULL, N, M, x, &rhat, &bulk, &tail));
  assert_true(rhat < 1.02);
  /* autoregression: n (1 - rho) / (1 + rho) */
  assert_close(bulk, N * M * (1.0 - rho) / (1.0 + rho), 0.2, 0.0);
  assert_true(tail > 300.0 && tail < 2500.0);
  for (int i = 0; i < N; i++) {
    x[i] += 3.0;
  }
  assert_ok(nax_i_mcmc_summary(NULL, N, M, x, &rhat, &bulk, &tail));
  assert_true(rhat > 1.1 && bulk < 100.0);
  for (int i = 0; i < N * M; i++) {
    x[i] = 2.0;
  }
  assert_ok(nax_i_mcmc_summary(NULL, N, M, x, &rhat, &bulk, &tail));
  assert_true(isnan(rhat) && isnan(bulk));
  for (int i = 0; i < N * M; i++) {
    x[i] = i / N % 2 == 0 ? 10.0 : 12.0;
  }
  assert_ok(nax_i_mcmc_summary(NULL, N, M, x, &rhat, &bulk, &tail));
  assert_true(isinf(rhat) && isnan(bulk));
  free(x);
}

/* --- the simulated sets
 * ---------------------------------------------------------------------- */

/* Rows of a CSV file of whole numbers: rows x columns. */
static double *
read_csv(const char *path, nax_index *rows, nax_index *columns)
{
  FILE *f = fopen(path, "r");
  double *x = NULL, v;
  nax_index n = 0, cap = 0;
  int c = ',';
  assert_non_null(f);
  *rows = 0;
  while (fscanf(f, "%lf", &v) == 1) {
    if (n == cap) {
      cap = 2 * cap + 1024;
      x = realloc(x, (size_t)cap * sizeof *x);
    }
    x[n++] = v;
    c = fgetc(f);
    *rows += c == '\n' || c == EOF;
  }
  fclose(f);
  *columns = n / *rows;
  return x;
}

static void
simulated_sets_start_from_the_truth(void **state)
{
  (void)state;
  const struct {
    const char *y;
    double smooth, spread, least_loss;
    nax_index k;
  } sets[] = {{"ref/bicluster/sim_paper_y.csv", 300.0, 0.0, 300.0, 3},
              {"ref/bicluster/sim_test_y.csv", 300.0, 0.0, 50.0, 3},
              {"ref/bicluster/sim_paper_y.csv", 300.0, 1.0, 100.0, 3},
              {"ref/bicluster/sim_test_y.csv", 300.0, 1.0, 30.0, 3},
              {"ref/bicluster/mixdpfa_sim_Y.csv", 300.0, 1.0, 200.0, 10}};
  for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++) {
    nax_index n, t, label[64], k;
    double *y = read_csv(nax_t_shared(sets[s].y), &n, &t), score, gain;
    nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
    nax_i_bic_data *d = bic_data(&o, n, t, NULL);
    for (nax_index i = 0; i < n; i++) {
      memcpy(d->y + i * d->tp, y + i * t, (size_t)t * sizeof *y);
    }
    assert_ok(nax_i_bic_data_refresh(NULL, d));
    assert_ok(nax_i_bic_agglomerate(NULL, d, sets[s].smooth, sets[s].spread, label, &k,
                                    &score, &gain));
    assert_int_equal(k, sets[s].k);
    for (nax_index i = 0; i < n; i++) {
      assert_int_equal(label[i], i / (n / sets[s].k));
    }
    assert_true(gain < -sets[s].least_loss);
    bic_data_drop(d);
    free(y);
  }
}

/* Thresholds: those of the validated prototype. */
static void
published_simulation_is_recovered_by_five_chains(void **state)
{
  (void)state;
  nax_t_long();
  nax_index n, t, tn, tc;
  double *y = read_csv(nax_t_shared("ref/bicluster/sim_paper_y.csv"), &n, &t);
  double *lab = read_csv(nax_t_shared("ref/bicluster/sim_paper_lab_t.csv"), &tn, &tc);
  double *column = calloc((size_t)(n * t), sizeof *column), ari;
  int64_t truth[30], *states = calloc((size_t)t, sizeof *states);
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  nax_bicluster *m = NULL;
  nax_ctx *ctx = NULL;
  for (nax_index i = 0; i < n; i++) {
    truth[i] = i / 10;
    for (nax_index j = 0; j < t; j++) {
      column[i + j * n] = y[i * t + j];
    }
  }
  for (nax_index j = 0; j < t; j++) {
    states[j] = (int64_t)lab[j];
  }
  nax_view v = nax_view_f64(column, 2, (nax_index[]){n, t});
  o.n_chains = 5;
  o.n_sweeps = 3000;
  o.burn_in = 1000;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 2));
  assert_ok(nax_bicluster_fit(ctx, &v, NULL, &o, &m));
  assert_ok(nax_stats_ari(NULL, n, truth, m->cluster[0], &ari));
  assert_true(ari == 1.0);
  assert_true(m->k_prob[3] >= 0.95);
  double mean = 0.0;
  for (nax_index k = 0; k < m->n_kept * o.n_chains; k++) {
    int64_t *xi = calloc((size_t)t, sizeof *xi);
    for (nax_index j = 0; j < t; j++) {
      xi[j] = m->kept_xi[k * t + (j > 0 ? j : 1)];
    }
    assert_ok(nax_stats_ari(NULL, t, states, xi, &ari));
    mean += ari / (double)(m->n_kept * o.n_chains);
    free(xi);
  }
  print_message("# mean ARI of states %.3f, point estimates:", mean);
  for (int c = 0; c < NAX_I_BIC_CRITERIA; c++) {
    assert_ok(nax_stats_ari(NULL, t, states, m->state[c], &ari));
    print_message(" %.3f (%d states)", ari, (int)m->n_state[c]);
  }
  print_message("\n# R-hat: log likelihood %.3f, log r %.3f, worst r %.3f\n", m->r_hat[0],
                m->r_hat[NAX_I_BIC_LOG_R], m->r_hat[NAX_I_BIC_SCALARS]);
  print_message("# mean log likelihood %.1f, log r %.3f\n", m->mean[0],
                m->mean[NAX_I_BIC_LOG_R]);
  assert_true(mean >= 0.60);
  assert_true(m->mean[0] > -22430.0 && m->mean[0] < -22240.0);
  double r = 0.0;
  for (nax_index i = 0; i < n; i++) {
    r += m->r_mean[i] / (double)n;
  }
  print_message("# mean r %.3f\n", r);
  assert_true(r >= 5.0 && r <= 6.3);
  assert_true(m->member.accepted >= 0.95 * m->member.proposed);
  assert_true(m->r_hat[0] < 1.05 && m->r_hat[NAX_I_BIC_LOG_R] < 1.05);
  assert_true(m->r_hat[NAX_I_BIC_SCALARS] < 1.05);
  nax_bicluster_free(m);
  nax_ctx_free(ctx);
  free(y);
  free(lab);
  free(column);
  free(states);
}

/* --- the sampler as a whole
 * ------------------------------------------------------------------- */

/* Simulation-based calibration (Talts et al. 2018): the rank of a true value among draws
 * of its posterior is uniform. */
static void
ranks_of_true_values_are_uniform(void **state)
{
  (void)state;
  enum { BINS = 8, RANKS = 63, STATS = 4 };
  int replicates = getenv("NAX_TEST_LONG") != NULL ? 1600 : 48, thin = 8;
  nax_bicluster_opts o = bic_small_opts();
  nax_i_bic_data *d = bic_data(&o, 4, 10, NULL);
  nax_i_bic_chain *c = NULL;
  double count[STATS][BINS] = {{0.0}};
  assert_ok(nax_i_bic_chain_new(NULL, d, 0, &c));
  for (int k = 0; k < replicates; k++) {
    nax_rng r;
    double truth[STATS];
    int below[STATS] = {0};
    nax_i_rng_init(&r, 900, (uint64_t)k);
    bic_draw_prior(c, d, &r);
    bic_draw_y(c, d, &r);
    for (int i = -1; i < RANKS; i++) {
      for (int s = 0; i >= 0 && s < thin; s++) {
        assert_ok(nax_i_bic_sweep(NULL, c));
      }
      double ll = 0.0;
      for (nax_index j = 0; j < d->n; j++) {
        ll += nax_i_bic_loglik_one(c, j, c->eta + j * d->tp);
      }
      double now[STATS] = {c->r[0], c->eta[5], ll,
                           (double)c->k + 1e-6 * nax_rng_uniform(&r)};
      for (int s = 0; s < STATS; s++) {
        truth[s] = i < 0 ? now[s] : truth[s];
        below[s] += i >= 0 && now[s] < truth[s];
      }
    }
    c->sweep += 1000;
    for (int s = 0; s < STATS; s++) {
      count[s][below[s] * BINS / (RANKS + 1)] += 1.0;
    }
  }
  for (int s = 0; s < STATS; s++) {
    double chi = 0.0, want = (double)replicates / BINS;
    for (int b = 0; b < BINS; b++) {
      chi += (count[s][b] - want) * (count[s][b] - want) / want;
    }
    if (chi > 26.0) { /* 7 degrees of freedom: p below 0.0005 */
      fail_msg("ranks of statistic %d: chi-square %.1f", s, chi);
    }
  }
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

/* With the likelihood to the power 0 the sampler must give the prior of the partition. */
static void
without_data_the_partition_has_its_prior(void **state)
{
  (void)state;
  const double want[5] = {0.314712010726742, 0.223455871279093, 0.111727935639546,
                          0.253296622151052, 0.0968075602035667};
  nax_bicluster_opts o = bic_small_opts();
  nax_i_bic_data *d = bic_data(&o, 4, 4, NULL);
  nax_i_bic_chain *c = NULL;
  nax_rng r;
  double seen[5] = {0.0};
  int n = 6000;
  assert_ok(nax_i_bic_chain_new(NULL, d, 0, &c));
  nax_i_rng_init(&r, 61, 0);
  bic_draw_prior(c, d, &r);
  c->power = 0.0;
  for (int k = 0; k < n; k++) {
    assert_ok(nax_i_bic_sweep(NULL, c));
    nax_index size[4] = {0}, most = 0;
    for (int i = 0; i < 4; i++) {
      size[c->z[i]]++;
      most = size[c->z[i]] > most ? size[c->z[i]] : most;
    }
    int kind = most == 4 ? 0 : most == 3 ? 1 : most == 1 ? 4 : c->k == 2 ? 2 : 3;
    seen[kind] += 1.0 / n;
  }
  for (int j = 0; j < 5; j++) { /* draws follow each other closely: 5 se of a tenth */
    double se = sqrt(want[j] * (1.0 - want[j]) / (n / 4.0));
    if (fabs(seen[j] - want[j]) > 5.0 * se) {
      fail_msg("partitions of kind %d: %.4f, expected %.4f", j, seen[j], want[j]);
    }
  }
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

/* The same for states: how many, how often they change, how long the longest is. */
static void
without_data_the_states_have_their_prior(void **state)
{
  (void)state;
  enum { T = 30, STATS = 4 };
  nax_bicluster_opts o = bic_small_opts();
  o.max_states = 4;
  o.state_kappa = 4.0;
  nax_i_bic_data *d = bic_data(&o, 3, T, NULL);
  nax_i_bic_chain *c = NULL;
  nax_rng r;
  double sum[2][STATS] = {{0.0}}, square[STATS] = {0.0};
  int n[2] = {20000, 6000};
  assert_ok(nax_i_bic_chain_new(NULL, d, 0, &c));
  nax_i_rng_init(&r, 62, 0);
  c->power = 0.0;
  for (int k = 0; k < n[0] + n[1]; k++) {
    int sampled = k >= n[0];
    if (sampled) {
      assert_ok(nax_i_bic_sweep(NULL, c));
    } else {
      bic_draw_prior(c, d, &r);
    }
    double count[4] = {0.0}, s[STATS] = {0.0};
    for (int t = 1; t < T; t++) {
      s[0] += count[c->xi[t]] == 0.0;
      count[c->xi[t]] += 1.0;
      s[1] += t > 1 && c->xi[t] != c->xi[t - 1];
      s[2] += c->beta[c->xi[t]] / T;
    }
    for (int j = 0; j < 4; j++) {
      s[3] = count[j] > s[3] ? count[j] : s[3];
    }
    for (int j = 0; j < STATS; j++) {
      sum[sampled][j] += s[j] / n[sampled];
      square[j] += sampled ? 0.0 : s[j] * s[j] / n[0];
    }
  }
  for (int j = 0; j < STATS; j++) { /* 10 sweeps to a draw that knows nothing of it */
    double var = square[j] - sum[0][j] * sum[0][j];
    double se = sqrt(var / n[0] + var / (n[1] / 10.0));
    if (fabs(sum[1][j] - sum[0][j]) > 4.0 * se) {
      fail_msg("statistic %d: %.4f, the prior has %.4f (%.4f)", j, sum[1][j], sum[0][j],
               se);
    }
  }
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

/* Neurons of one cluster that follow its path with unlike slopes: without slopes they
 * are taken apart. */
static void
unlike_slopes_do_not_part_a_cluster(void **state)
{
  (void)state;
  enum { N = 12, T = 150 };
  nax_bicluster_opts o = short_run();
  nax_i_bic_data *d = bic_data(&o, N, T, NULL);
  nax_index label[N], k, plain;
  double score, without, gain;
  nax_rng r;
  nax_i_rng_init(&r, 21, 0);
  for (nax_index i = 0; i < N; i++) {
    double slope = 0.3 + 0.3 * (double)(i % 6);
    for (nax_index t = 0; t < T; t++) {
      double path = sin((i < N / 2 ? 0.1 : 0.17) * (double)t);
      d->y[i * d->tp + t] = (double)nax_rng_poisson(&r, exp(1.5 + slope * path));
    }
  }
  assert_ok(nax_i_bic_data_refresh(NULL, d));
  assert_ok(nax_i_bic_agglomerate(NULL, d, 300.0, 0.0, label, &plain, &without, &gain));
  assert_ok(nax_i_bic_agglomerate(NULL, d, 300.0, 1.0, label, &k, &score, &gain));
  assert_true(plain > 2);
  assert_int_equal(k, 2);
  assert_true(score > without);
  for (nax_index i = 0; i < N; i++) {
    assert_int_equal(label[i], i / (N / 2));
  }
  bic_data_drop(d);
}

static void
chains_begin_apart(void **state)
{
  (void)state;
  enum { N = 12, T = 60 };
  double *y = two_clusters(N, T, 1);
  nax_bicluster_opts o = short_run();
  nax_i_bic_data *d = bic_data(&o, N, T, NULL);
  nax_i_bic_start start[NAX_I_BIC_STARTS] = {{.k = 0}};
  for (nax_index i = 0; i < N; i++) {
    for (nax_index t = 0; t < T; t++) {
      d->y[i * d->tp + t] = y[i + t * N];
    }
  }
  assert_ok(nax_i_bic_data_refresh(NULL, d));
  assert_ok(nax_i_bic_starts(NULL, d, start));
  assert_true(start[0].spread == 0.0 && start[0].gain < -20.0); /* they differ by far */
  for (int j = 0; j < NAX_I_BIC_STARTS; j++) {
    nax_index size[N] = {0};
    int firm = start[j].spread == 0.0 && start[j].gain < -20.0;
    for (nax_index i = 0; i < N; i++) {
      assert_in_range(start[j].label[i], 0, start[j].k - 1);
      size[start[j].label[i]]++;
    }
    for (nax_index k = 0; k < start[j].k; k++) {
      assert_true(size[k] > 0);
    }
    assert_true(j == 0 || (firm ? start[j].gain >= start[j - 1].gain
                                : start[j].spread == 0.0 || start[j - 1].spread == 0.0 ||
                                      start[j].score <= start[j - 1].score));
    for (int i = 0; i < j; i++) {
      assert_true(start[i].smooth != start[j].smooth ||
                  start[i].spread != start[j].spread);
    }
  }
  for (int64_t chain = 0; chain < 6; chain++) {
    nax_i_bic_chain *c = NULL;
    assert_ok(nax_i_bic_chain_new(NULL, d, (uint64_t)chain, &c));
    int64_t want = 2 + chain % 4;
    assert_int_equal(nax_i_bic_start_states(c), want < d->l ? want : d->l);
    nax_i_bic_chain_free(c);
  }
  nax_i_bic_starts_free(start);
  bic_data_drop(d);
  free(y);
}

/* Draws that go to files are those that stay in memory; the files can be read by
 * anybody, and what a stop left behind the checkpoint is written again. */
static void
draws_stream_to_netcdf(void **state)
{
  (void)state;
  enum { N = 6, T = 40 };
  double *y = two_clusters(N, T, 3);
  nax_view v = nax_view_f64(y, 2, (nax_index[]){N, T});
  nax_bicluster_opts o = short_run();
  nax_bicluster *m = NULL;
  nax_source *s = NULL;
  nax_array *a = NULL;
  char name[4096];
  o.checkpoint = nax_t_tmp("stream.ck");
  assert_ok(nax_bicluster_fit(NULL, &v, NULL, &o, &m));
  snprintf(name, sizeof name, "%s.draws.nc", o.checkpoint);
  assert_ok(nax_source_open(NULL, name, NULL, &s));
  int32_t i = nax_source_find(s, "scalar");
  assert_true(i >= 0);
  assert_ok(nax_source_load_array(NULL, s, i, NAX_F64, &a));
  assert_int_equal(nax_array_size(a), 60 * 2 * NAX_I_BIC_SCALARS);
  double sum = 0.0, want = 0.0;
  for (nax_index j = 0; j < nax_array_size(a); j++) {
    sum += nax_array_f64(a)[j];
    want += m->trace[j];
  }
  assert_close(sum, want, 1e-12, 0.0);
  nax_array_free(a);
  nax_source_close(s);
  nax_bicluster_free(m);
  free(y);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(clusters_with_unlike_trajectories_are_found),
      cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
      cmocka_unit_test(a_chain_does_not_know_how_many_there_are),
      cmocka_unit_test(a_run_that_was_stopped_goes_on_to_the_same_bits),
      cmocka_unit_test(mistakes_are_told),
      cmocka_unit_test(awkward_data_end_in_numbers),
      cmocka_unit_test(calcium_is_clustered_too),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(convergence_is_judged_as_by_theory),
      cmocka_unit_test(simulated_sets_start_from_the_truth),
      cmocka_unit_test(without_data_the_partition_has_its_prior),
      cmocka_unit_test(without_data_the_states_have_their_prior),
      cmocka_unit_test(unlike_slopes_do_not_part_a_cluster),
      cmocka_unit_test(chains_begin_apart),
      cmocka_unit_test(draws_stream_to_netcdf),
      cmocka_unit_test(ranks_of_true_values_are_uniform),
      cmocka_unit_test(published_simulation_is_recovered_by_five_chains),
  };
  return cmocka_run_group_tests_name("bicluster runs", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
