/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces of the bi-clustering, each against numbers from elsewhere: Polya-Gamma
 * variates, partition priors, evidence, dispersion, Gaussian recursions. */
#include "bic_make.h"
#include "bicluster/run_i.h"
#include "stats/stats_i.h"

/* --- elementary functions ------------------------------------------------------------
 */

static void
elementary_functions_are_those_of_libm(void **state)
{
  (void)state;
  double x[16], p[16], s[16], e[16];
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < 16; i++) {
      x[i] = (i - 8) * 0.37 * (round + 1) * 0.1 + 1e-3 * round;
    }
    nax_i_bic_logistic(16, x, p, s);
    nax_i_bic_exp(16, x, e);
    for (int i = 0; i < 16; i++) {
      double sp = x[i] > 0.0 ? x[i] + log1p(exp(-x[i])) : log1p(exp(x[i]));
      assert_close(p[i], 1.0 / (1.0 + exp(-x[i])), 4e-15, 0.0);
      assert_close(s[i], sp, 4e-15, 0.0);
      assert_close(nax_i_bic_softplus(x[i]), sp, 4e-15, 0.0);
      assert_close(e[i], exp(x[i]), 4e-15, 0.0);
      double y = fabs(x[i]) + 0.01;
      assert_close(nax_i_bic_lgamma(y), lgamma(y), 1e-13, 1e-14);
    }
  }
  x[0] = 1e308;
  x[1] = -1e308;
  nax_i_bic_logistic(8, x, p, s);
  assert_true(p[0] == 1.0 && s[0] == 1e308 && p[1] < 1e-300 && s[1] < 1e-300);
  assert_close(nax_i_bic_lgamma(1e-8), lgamma(1e-8), 1e-13, 0.0);
  assert_close(nax_i_bic_lgamma(1e6), lgamma(1e6), 1e-14, 0.0);
}

/* --- Polya-Gamma ---------------------------------------------------------------------
 */

static void
polya_gamma_moments_are_the_exact_ones(void **state)
{
  (void)state;
  const double want[][4] = {{1.0, 2.0, 0.190398538988941, 0.0213512383963587},
                            {2.5, 5.0, 0.246653574537858, 0.00920133731443529},
                            {11.64, -2.0, 2.21623899383128, 0.248528414933615},
                            {60.0, 40.0, 0.75, 0.00046875},
                            {0.3, 0.01, 0.0749993750062499, 0.0124997500037946},
                            {1.0, 0.0, 0.25, 1.0 / 24.0}};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    double m, v;
    nax_i_bic_pg_moments(want[i][0], want[i][1], &m, &v);
    assert_close(m, want[i][2], 1e-13, 0.0);
    assert_close(v, want[i][3], 1e-11, 0.0);
  }
}

static void
check_pg_moments(double h, double z, int exact, int n)
{
  nax_rng r;
  double m, v, sum = 0.0, square = 0.0, k4 = 0.0;
  nax_i_rng_init(&r, 11, (uint64_t)(h * 1000.0 + fabs(z) * 17.0) * 2 + (uint64_t)exact);
  nax_i_bic_pg_moments(h, z, &m, &v);
  for (int i = 0; i < n; i++) {
    double x = nax_i_bic_pg(&r, h, z, exact) - m;
    assert_true(x >= -m && isfinite(x));
    sum += x;
    square += x * x;
  }
  for (int k = 1; k < 200; k++) { /* fourth cumulant: 3! h sum of w_k^4 */
    double odd = (2.0 * k - 1.0) * 3.14159265358979323846, w = 2.0 / (odd * odd + z * z);
    k4 += 6.0 * h * w * w * w * w;
  }
  double z_mean = sum / n / sqrt(v / n);
  double z_var = (square / n - v) / sqrt((k4 + 2.0 * v * v) / n);
  if (fabs(z_mean) > 4.0 || fabs(z_var) > 4.0) {
    fail_msg("PG(%g, %g) exact %d: mean off by %.1f se, variance by %.1f", h, z, exact,
             z_mean, z_var);
  }
}

static void
polya_gamma_draws_have_these_moments_in_all_regimes(void **state)
{
  (void)state;
  const double h[] = {0.05, 0.3, 1.0, 1.5, 3.3, 9.5, 12.3, 30.5, 60.0, 300.0};
  const double z[] = {0.0, 0.01, 1.0, -6.0, 12.0, 40.0};
  int n = getenv("NAX_TEST_LONG") != NULL ? 1000000 : 20000;
  for (int i = 0; i < 10; i++) {
    for (int j = 0; j < 6; j++) {
      check_pg_moments(h[i], z[j], 0, n);
      if (h[i] < 40.0) {
        check_pg_moments(h[i], z[j], 1, n / 4);
      }
    }
  }
}

static void
polya_gamma_draws_follow_the_distribution_function(void **state)
{
  (void)state;
  /* h, z, x, F(x): by inversion of the characteristic function */
  const double want[][4] = {
      {1.0, 0.0, 0.1, 0.227688393141},    {1.0, 0.0, 0.25, 0.6292225702},
      {1.0, 0.0, 0.5, 0.892022955556},    {2.0, 1.0, 1.0, 0.956378469737},
      {1.0, 2.0, 0.1, 0.307231859022},    {1.0, 2.0, 0.2, 0.650769106894},
      {1.0, 2.0, 0.4, 0.912735852053},    {2.5, 5.0, 0.15, 0.133001794824},
      {2.5, 5.0, 0.25, 0.586167320027},   {2.5, 5.0, 0.4, 0.927993246895},
      {0.5, 1.0, 0.05, 0.390277091648},   {0.5, 1.0, 0.2, 0.83217419938},
      {11.64, -2.0, 1.8, 0.207207433165}, {11.64, -2.0, 2.2, 0.524615492467},
      {11.64, -2.0, 2.6, 0.792043625381}};
  int n = 60000;
  for (int exact = 0; exact < 2; exact++) {
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
      nax_rng r;
      int below = 0;
      nax_i_rng_init(&r, 5 + (uint64_t)exact, i);
      for (int k = 0; k < n; k++) {
        below += nax_i_bic_pg(&r, want[i][0], want[i][1], exact) <= want[i][2];
      }
      double f = want[i][3], se = sqrt(f * (1.0 - f) / n);
      if (fabs((double)below / n - f) > 4.0 * se) {
        fail_msg("PG(%g, %g) exact %d: F(%g) is %.5f, expected %.5f", want[i][0],
                 want[i][1], exact, want[i][2], (double)below / n, f);
      }
    }
  }
}

/* --- partitions ----------------------------------------------------------------------
 */

static void
partition_coefficients_are_the_exact_sums(void **state)
{
  (void)state;
  const double v30[] = {-76.2132707398511, -79.0695685580748, -80.8068076886588,
                        -81.8305391955707, -82.3232139649039};
  const double v5[] = {-6.04087658691182, -6.71248498505738, -6.20623119738073,
                       -4.96323428727819, -3.19698471802753};
  const double v63[] = {-201.870174417690, -205.835189912450, -208.699219782572};
  for (int t = 1; t <= 5; t++) {
    assert_close(nax_i_bic_log_v(30, t, 0.2, 1.0), v30[t - 1], 1e-13, 0.0);
    assert_close(nax_i_bic_log_v(5, t, 0.2, 1.0), v5[t - 1], 1e-13, 0.0);
  }
  for (int t = 1; t <= 3; t++) {
    assert_close(nax_i_bic_log_v(63, t, 0.415, 1.0), v63[t - 1], 1e-13, 0.0);
  }
  assert_close(nax_i_bic_log_v(100, 1, 0.2, 1.0), -365.332717334024, 1e-13, 0.0);
  assert_close(nax_i_bic_log_v(171, 1, 0.2, 1.0), -713.314774, 1e-8, 0.0);
  assert_close(nax_i_bic_log_v(300, 1, 0.2, 1.0), -1416.509944, 1e-9, 0.0);
  for (int t = 1; t < 6; t++) { /* V_(n+1)(t+1) = V_n(t)/g - (n/g + t) V_(n+1)(t) */
    double g = 0.5, n = 12.0;
    double left = exp(nax_i_bic_log_v(13, t + 1, 0.3, g));
    double right = exp(nax_i_bic_log_v(12, t, 0.3, g)) / g -
                   (n / g + t) * exp(nax_i_bic_log_v(13, t, 0.3, g));
    assert_close(left, right, 1e-8, 0.0);
  }
}

static void
components_given_clusters_have_the_exact_probabilities(void **state)
{
  (void)state;
  const double want[] = {0.7247208878, 0.2108278946, 0.0496065634};
  int n = 100000, seen[3] = {0};
  nax_rng r;
  nax_i_rng_init(&r, 3, 0);
  for (int i = 0; i < n; i++) {
    nax_index k = nax_i_bic_draw_k(&r, 30, 3, 0.2, 1.0);
    assert_true(k >= 3);
    seen[k - 3 < 3 ? k - 3 : 2] += k - 3 < 3;
  }
  for (int j = 0; j < 3; j++) {
    double se = sqrt(want[j] * (1.0 - want[j]) / n);
    assert_true(fabs((double)seen[j] / n - want[j]) < 4.0 * se);
  }
}

static void
tables_have_the_moments_of_the_restaurant(void **state)
{
  (void)state;
  nax_rng r;
  double sum = 0.0, square = 0.0;
  int n = 100000;
  nax_i_rng_init(&r, 4, 0);
  for (int i = 0; i < n; i++) {
    double x = (double)nax_i_bic_crt(&r, 5, 2.0);
    sum += x;
    square += x * x;
  }
  double mean = sum / n;
  assert_close(mean, 2.9, 0.0, 4.0 * sqrt(0.9344 / n));
  assert_close(square / n - mean * mean, 0.934444, 0.02, 0.0);
}

static void
tiny_dirichlet_parameters_do_not_end_in_nan(void **state)
{
  (void)state;
  double alpha[3] = {0.0, 1e-12, 1e-9}, x[3], sum = 0.0;
  nax_rng r;
  nax_i_rng_init(&r, 4, 1);
  for (int i = 0; i < 1000; i++) {
    nax_i_bic_dirichlet(&r, 3, alpha, x);
    assert_close(x[0] + x[1] + x[2], 1.0, 1e-12, 0.0);
    sum += x[2];
  }
  assert_true(sum > 950.0);
}

/* --- one neuron ------------------------------------------------------------------------
 */

/* One neuron with these counts on a path whose rows are given. */
static nax_i_bic_chain *
one_neuron(nax_bicluster_opts *o, nax_index t, const double *y, const double *x,
           nax_i_bic_data **d)
{
  nax_i_bic_chain *c = NULL;
  *d = bic_data(o, 1, t, NULL);
  memcpy((*d)->y, y, (size_t)t * sizeof *y);
  assert_ok(nax_i_bic_data_refresh(NULL, *d));
  assert_ok(nax_i_bic_chain_new(NULL, *d, 0, &c));
  assert_ok(nax_i_bic_reserve(NULL, c, 1));
  c->k = 1;
  for (nax_index j = 0; x != NULL && j < t; j++) {
    c->cluster[0]->u[j * (*d)->q + 1] = x[j];
  }
  nax_i_bic_transpose(c, 0);
  return c;
}

static void
evidence_of_a_neuron_is_laplaces(void **state)
{
  (void)state;
  const double y[] = {0, 1, 3, 2, 0, 5}, x[] = {-1, -0.5, 0, 0.5, 1, 1.5};
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  nax_i_bic_data *d;
  nax_i_bic_mode m;
  for (int p = 0; p < 2; p++) {
    o.latent_dim = p;
    nax_i_bic_chain *c = one_neuron(&o, 6, y, p ? x : NULL, &d);
    c->r[0] = 4.0;
    assert_int_equal(nax_i_bic_find_mode(c, 0, d->q, c->cluster[0]->f, c->work, &m), 1);
    /* the constants of the likelihood come from its value at eta = 0 */
    double eta[8] = {0.0}, all = nax_i_bic_loglik_one(c, 0, eta), plain = 0.0;
    for (int t = 0; t < 6; t++) {
      plain += y[t] * -log(4.0) - (y[t] + 4.0) * log1p(0.25);
    }
    double evidence = m.evidence + all - plain;
    if (p == 0) {
      assert_close(evidence, -12.2994095665029, 1e-10, 0.0);
      assert_close(m.b[0], 0.534322411100954, 1e-9, 0.0);
      assert_close(m.chol[0] * m.chol[0], 8.33623737761951, 1e-8, 0.0);
    } else {
      assert_close(evidence, -12.039574233215788, 1e-10, 0.0);
      assert_close(m.b[0], 0.27627809, 1e-7, 0.0);
      assert_close(m.b[1], 0.60438701, 1e-7, 0.0);
    }
    nax_i_bic_chain_free(c);
    bic_data_drop(d);
  }
}

static void
dispersion_has_its_exact_conditional(void **state)
{
  (void)state;
  const double y[] = {0, 1, 3, 2, 0, 5, 9, 1}, mu[] = {1, 1, 2, 2, 0.5, 3, 4, 1.5};
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  o.latent_dim = 0;
  o.loading_sd = 1e-9; /* keeps the other move of r from being taken */
  nax_i_bic_data *d;
  nax_i_bic_chain *c = one_neuron(&o, 8, y, NULL, &d);
  int n = 40000;
  double sum = 0.0, square = 0.0;
  c->r[0] = 1.0;
  for (int i = 0; i < n; i++) {
    for (int t = 0; t < 8; t++) {
      c->eta[t] = log(mu[t]);
    }
    c->b[0] = 0.0;
    nax_i_bic_dispersion(c);
    c->sweep++;
    sum += c->r[0];
    square += c->r[0] * c->r[0];
  }
  double mean = sum / n, sd = sqrt(square / n - mean * mean);
  assert_close(mean, 2.1342900804, 0.0, 6.0 * 1.2248 / sqrt(n));
  assert_close(sd, 1.22484789669, 0.04, 0.0);
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

/* --- Gaussian recursions
 * ---------------------------------------------------------------- */

/* Dense precision and linear term of all rows of a path, from the definition. */
static void
dense_path(const nax_i_bic_chain *c, const uint8_t *xi, double *j, double *h)
{
  const nax_i_bic_data *d = c->d;
  int q = d->q;
  nax_index n = d->t * q;
  memset(j, 0, (size_t)(n * n) * sizeof *j);
  for (nax_index t = 0; t < d->t; t++) {
    const nax_i_bic_dyn *x = &c->cluster[0]->dyn[xi[t]];
    for (int a = 0; a < q; a++) {
      h[t * q + a] = c->ht[t * q + a];
      for (int b = 0; b < q; b++) {
        j[(t * q + a) * n + t * q + b] +=
            c->rt[(t * q + a) * q + b] +
            (d->first[t] ? (double)(a == b) : x->p[a * q + b]);
      }
    }
  }
  for (nax_index t = 0; t < d->t; t++) {
    const nax_i_bic_dyn *x = &c->cluster[0]->dyn[xi[t]];
    if (d->first[t]) {
      continue;
    }
    for (int a = 0; a < q; a++) {
      for (int b = 0; b < q; b++) {
        double pa = 0.0;
        for (int m = 0; m < q; m++) {
          pa += x->p[a * q + m] * x->a[m * q + b];
        }
        j[(t * q + a) * n + (t - 1) * q + b] -= pa;
        j[((t - 1) * q + b) * n + t * q + a] -= pa;
        for (int m = 0; m < q; m++) {
          j[((t - 1) * q + m) * n + (t - 1) * q + b] += x->a[a * q + m] * pa;
        }
        h[t * q + a] += x->p[a * q + b] * x->b[b];
        for (int m = 0; m < q; m++) {
          h[(t - 1) * q + m] -= x->a[a * q + m] * x->p[a * q + b] * x->b[b];
        }
      }
    }
  }
}

/* log of the integral over a path of its prior times the pseudo-data. */
static double
dense_evidence(const nax_i_bic_chain *c, const uint8_t *xi, double *j, double *h,
               double *l)
{
  const nax_i_bic_data *d = c->d;
  int q = d->q;
  nax_index n = d->t * q;
  double out = 0.0;
  dense_path(c, xi, j, h);
  assert_int_equal(nax_i_bic_chol((int)n, j, l), 0);
  nax_i_bic_solve_l((int)n, l, h);
  for (nax_index i = 0; i < n; i++) {
    out += 0.5 * h[i] * h[i] - log(l[i * n + i]);
  }
  for (nax_index t = 0; t < d->t; t++) {
    const nax_i_bic_dyn *x = &c->cluster[0]->dyn[xi[t]];
    for (int a = 0; a < q && !d->first[t]; a++) {
      for (int b = 0; b < q; b++) {
        out -= 0.5 * x->b[a] * x->p[a * q + b] * x->b[b];
      }
    }
    out -= d->first[t] ? 0.0 : 0.5 * x->logdet;
  }
  return out;
}

/* A chain of one neuron with two states whose dynamics differ, pseudo-data drawn. */
static nax_i_bic_chain *
gaussian_toy(nax_index t, int p, const uint8_t *first, nax_i_bic_data **d)
{
  nax_bicluster_opts o = bic_small_opts();
  o.latent_dim = p;
  o.dynamics_precision = 4.0;
  nax_i_bic_chain *c = NULL;
  nax_rng r;
  nax_i_rng_init(&r, 77, (uint64_t)(t * 10 + p));
  *d = bic_data(&o, 3, t, first);
  (*d)->mask[1] = 0.0; /* a missing count */
  assert_ok(nax_i_bic_chain_new(NULL, *d, 0, &c));
  bic_draw_prior(c, *d, &r);
  for (nax_index i = 0; i < 3; i++) {
    c->z[i] = 0;
  }
  c->k = 1;
  bic_draw_y(c, *d, &r);
  nax_i_bic_omega(c);
  nax_i_bic_information(c);
  return c;
}

static void
paths_have_the_mean_and_covariance_of_the_dense_solution(void **state)
{
  (void)state;
  const uint8_t first[] = {1, 0, 0, 1, 0, 0};
  for (int p = 0; p < 5; p++) {
    for (nax_index t = 1; t <= 6; t += 5) {
      nax_i_bic_data *d;
      nax_i_bic_chain *c = gaussian_toy(t, p, p % 2 ? first : NULL, &d);
      nax_index n = t * d->q;
      int draws = 4000;
      double j[900], l[900], h[30], mean[30] = {0.0}, sd[30] = {0.0};
      nax_rng r;
      nax_i_rng_init(&r, 9, (uint64_t)p);
      dense_path(c, c->xi, j, h);
      assert_int_equal(nax_i_bic_chol((int)n, j, l), 0);
      nax_i_bic_solve_l((int)n, l, h);
      nax_i_bic_solve_lt((int)n, l, h);
      for (int k = 0; k < draws; k++) {
        double *u = c->cluster[0]->u;
        nax_i_bic_draw_path(c, 0, &r, u);
        for (nax_index i = 0; i < n; i++) {
          double e = u[i] - h[i], x = 0.0;
          mean[i] += e;
          for (nax_index m = i; m < n; m++) { /* L' (u - mean) is white */
            x += l[m * n + i] * (u[m] - h[m]);
          }
          sd[i] += x * x;
        }
      }
      for (nax_index i = 0; i < n; i++) {
        double e[30] = {0.0}, var = 0.0;
        e[i] = 1.0;
        nax_i_bic_solve_l((int)n, l, e);
        for (nax_index m = 0; m < n; m++) {
          var += e[m] * e[m];
        }
        assert_true(fabs(mean[i] / draws) < 4.5 * sqrt(var / draws));
        assert_true(fabs(sd[i] / draws - 1.0) < 4.5 * sqrt(2.0 / draws));
      }
      assert_true(c->repaired == 0.0);
      nax_i_bic_chain_free(c);
      bic_data_drop(d);
    }
  }
}

static void
scans_leave_the_enumerated_law_of_the_states(void **state)
{
  (void)state;
  enum { T = 7, SEQ = 64 };
  const uint8_t first[T] = {1, 0, 0, 0, 1, 0, 0};
  nax_i_bic_data *d;
  nax_i_bic_chain *c = gaussian_toy(T, 1, first, &d);
  double j[T * T * 4], l[T * T * 4], h[T * 2], log_p[SEQ], seen[2][SEQ] = {{0.0}};
  for (int s = 0; s < SEQ; s++) { /* bins 1, 2, 3, 5, 6 have states */
    uint8_t xi[T] = {0};
    int bit = 0;
    for (int t = 1; t < T; t++) {
      xi[t] = first[t] ? 0 : (uint8_t)(s >> bit++ & 1);
    }
    log_p[s] = s < 32 ? dense_evidence(c, xi, j, h, l) : -HUGE_VAL;
    for (int t = 2; t < T && s < 32; t++) {
      log_p[s] += first[t] || first[t - 1] ? 0.0 : log(c->pi[xi[t - 1] * 2 + xi[t]]);
    }
  }
  double all = nax_i_bic_logsum(SEQ, log_p);
  int n = 30000;
  nax_rng r;
  nax_i_rng_init(&r, 21, 0);
  for (int way = 0; way < 2; way++) {
    for (int k = 0; k < n; k++) {
      nax_i_bic_scan(c, &r, way);
      int s = 0, bit = 0;
      for (int t = 1; t < T; t++) {
        s |= first[t] ? 0 : c->xi[t] << bit++;
      }
      seen[way][s] += 1.0 / n;
    }
    for (int s = 0; s < 32; s++) { /* successive scans depend on each other: 6 se */
      double p = exp(log_p[s] - all), se = sqrt(p * (1.0 - p) / n);
      if (fabs(seen[way][s] - p) > 6.0 * se + 1e-4) {
        fail_msg("direction %d, sequence %d: %.4f, expected %.4f", way, s, seen[way][s],
                 p);
      }
    }
  }
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

static void
marginal_of_the_dynamics_is_the_product_of_predictions(void **state)
{
  (void)state;
  enum { T = 6 };
  nax_bicluster_opts o = bic_small_opts();
  o.dynamics_precision = 2.0;
  nax_i_bic_data *d = bic_data(&o, 1, T, NULL);
  uint8_t xi[T] = {0};
  double u[T * 2], before = 0.0;
  nax_rng r;
  nax_i_bic_moments m;
  nax_i_bic_dyn x;
  nax_i_rng_init(&r, 31, 0);
  for (int i = 0; i < T * 2; i++) {
    u[i] = nax_rng_normal(&r, 0.0, 1.0);
  }
  for (int t = 1; t < T; t++) {
    double z[3] = {u[2 * t - 2], u[2 * t - 1], 1.0}, ln[9] = {0.0}, mn[6] = {0.0};
    double psi[4] = {0.0}, l[9], quad, lev = 0.0, e[2], nu = 2.0 + o.noise_dof + t - 1;
    d->t = t + 1;
    nax_i_bic_find_moments(d, 2, u, xi, 0, &m);
    double log_m = nax_i_bic_log_marginal(d, 2, &m);
    /* multivariate t of step t given the steps before: from a recursion of its own */
    for (int a = 0; a < 3; a++) {
      ln[a * 3 + a] = o.dynamics_precision;
    }
    mn[0] = mn[4] = o.dynamics_precision * o.dynamics_mean;
    double yy[4] = {
        o.noise_scale + o.dynamics_precision * o.dynamics_mean * o.dynamics_mean, 0.0,
        0.0, o.noise_scale + o.dynamics_precision * o.dynamics_mean * o.dynamics_mean};
    for (int s = 1; s < t; s++) {
      double w[3] = {u[2 * s - 2], u[2 * s - 1], 1.0};
      for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
          ln[a * 3 + b] += w[a] * w[b];
        }
        mn[a] += u[2 * s] * w[a];
        mn[3 + a] += u[2 * s + 1] * w[a];
      }
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 2; b++) {
          yy[a * 2 + b] += u[2 * s + a] * u[2 * s + b];
        }
      }
    }
    nax_i_bic_chol(3, ln, l);
    double half[6];
    memcpy(half, mn, sizeof half);
    for (int a = 0; a < 2; a++) {
      nax_i_bic_solve_l(3, l, half + 3 * a);
    }
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 2; b++) {
        psi[a * 2 + b] = yy[a * 2 + b];
        for (int k = 0; k < 3; k++) {
          psi[a * 2 + b] -= half[3 * a + k] * half[3 * b + k];
        }
      }
    }
    nax_i_bic_solve_l(3, l, z);
    for (int a = 0; a < 2; a++) {
      e[a] = u[2 * t + a];
      for (int k = 0; k < 3; k++) {
        e[a] -= half[3 * a + k] * z[k];
      }
    }
    for (int k = 0; k < 3; k++) {
      lev += z[k] * z[k];
    }
    double det = psi[0] * psi[3] - psi[1] * psi[2];
    quad = (psi[3] * e[0] * e[0] - 2.0 * psi[1] * e[0] * e[1] + psi[0] * e[1] * e[1]) /
           det / (1.0 + lev);
    double log_t = lgamma(0.5 * (nu + 1.0)) - lgamma(0.5 * (nu - 1.0)) -
                   log(3.14159265358979323846) - log(1.0 + lev) - 0.5 * log(det) -
                   0.5 * (nu + 1.0) * log1p(quad);
    assert_close(log_m - before, log_t, 1e-9, 1e-9);
    before = log_m;
    /* the same by the densities at any dynamics before and after the steps */
    nax_i_bic_moments none;
    nax_i_bic_find_moments(d, 2, NULL, NULL, 0, &none);
    nax_i_bic_draw_dyn(&r, 2, &m, &x);
    double log_d = nax_i_bic_log_dyn(2, &none, &x) - nax_i_bic_log_dyn(2, &m, &x);
    for (int s = 1; s <= t; s++) {
      log_d += nax_i_bic_log_step(2, &x, u + 2 * s - 2, u + 2 * s);
    }
    assert_close(log_d, log_m, 1e-9, 1e-9);
    /* what comes with a draw belongs together */
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 2; b++) {
        double one = x.q[a * 2] * x.p[b] + x.q[a * 2 + 1] * x.p[2 + b];
        assert_close(one, a == b ? 1.0 : 0.0, 0.0, 1e-8);
      }
    }
    assert_close(x.logdet, log(x.q[0] * x.q[3] - x.q[1] * x.q[2]), 1e-8, 1e-8);
  }
  d->t = T;
  bic_data_drop(d);
}

static void
state_prior_is_the_simulated_one(void **state)
{
  (void)state;
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  o.latent_dim = 0;
  nax_i_bic_data *d = bic_data(&o, 1, 500, NULL);
  nax_i_bic_chain *c = NULL;
  nax_rng r;
  double used = 0.0, stay = 0.0;
  int n = 2000;
  assert_ok(nax_i_bic_chain_new(NULL, d, 0, &c));
  nax_i_rng_init(&r, 41, 0);
  for (int k = 0; k < n; k++) {
    int seen[10] = {0};
    bic_draw_prior(c, d, &r);
    /* transitions given states, states given transitions: the prior stays */
    nax_i_bic_transitions(c, &r);
    for (nax_index t = 1; t < d->t; t++) {
      used += !seen[c->xi[t]];
      seen[c->xi[t]] = 1;
      stay += t > 1 ? c->pi[c->xi[t - 1] * 10 + c->xi[t - 1]] / 498.0 : 0.0;
    }
  }
  /* 7.357 states used, se .026, probability of staying .785 */
  assert_close(used / n, 7.357, 0.0, 0.15);
  assert_close(stay / n, 0.7848, 0.0, 0.01);
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

/* Posterior of the number of latents, and of neurons being together, against that from
 * draws of the prior weighted by their likelihood. */
static void
latents_have_the_posterior_that_the_prior_weighted_by_the_likelihood_has(void **state)
{
  (void)state;
  enum { N = 3, T = 5, STATS = 4, BATCHES = 20 };
  static const double y[N][T] = {{0, 2, 3, 0, 0}, {3, 0, 0, 2, 3}, {1, 2, 1, 1, 1}};
  int n[2] = {400000, getenv("NAX_TEST_LONG") != NULL ? 100000 : 20000};
  nax_bicluster_opts o = bic_small_opts();
  o.latent_dim = 2;
  o.learn_latent_dim = 1;
  o.latent_mean = 1.0;
  o.loading_sd = 1.5;
  o.noise_scale = 1.0;
  o.dynamics_mean = 0.0;
  o.exact = 0;
  nax_i_bic_data *d = bic_data(&o, N, T, NULL);
  nax_i_bic_chain *c = NULL;
  double mean[2][STATS] = {{0.0}}, se[2][STATS] = {{0.0}};
  for (int i = 0; i < N; i++) {
    memcpy(d->y + i * d->tp, y[i], sizeof y[i]);
  }
  assert_ok(nax_i_bic_data_refresh(NULL, d));
  assert_ok(nax_i_bic_chain_new(NULL, d, 0, &c));
  for (int sampled = 0; sampled < 2; sampled++) {
    double batch[BATCHES][STATS + 1] = {{0.0}}, top = -20.0;
    nax_rng r;
    nax_i_rng_init(&r, 63, (uint64_t)sampled);
    bic_draw_prior(c, d, &r);
    for (int k = 0; k < n[sampled]; k++) {
      double ll = 0.0, *to = batch[(int64_t)k * BATCHES / n[sampled]];
      if (sampled) {
        assert_ok(nax_i_bic_sweep(NULL, c));
        ll = top;
      } else {
        bic_draw_prior(c, d, &r);
        nax_i_bic_eta(c);
        for (int i = 0; i < N; i++) {
          ll += nax_i_bic_loglik_one(c, i, c->eta + i * d->tp);
        }
      }
      double w = exp(ll - top);
      int p = c->cluster[c->z[0]]->q - 1;
      for (int a = 0; a < 3; a++) {
        to[a] += p == a ? w : 0.0;
      }
      to[3] += c->z[0] == c->z[1] ? w : 0.0;
      to[STATS] += w;
    }
    for (int j = 0; j < STATS; j++) {
      double sum = 0.0, all = 0.0, square = 0.0;
      for (int b = 0; b < BATCHES; b++) {
        sum += batch[b][j];
        all += batch[b][STATS];
      }
      mean[sampled][j] = sum / all;
      for (int b = 0; b < BATCHES; b++) {
        double e = (batch[b][j] - mean[sampled][j] * batch[b][STATS]) / all;
        square += e * e;
      }
      se[sampled][j] = sqrt(square * BATCHES / (BATCHES - 1.0));
    }
  }
  for (int j = 0; j < STATS; j++) {
    double z = (mean[1][j] - mean[0][j]) / hypot(se[0][j], se[1][j]);
    if (getenv("BIC_SHOW") != NULL) {
      printf("  %d: weighted prior %.4f (%.4f), chain %.4f (%.4f), z %.2f\n", j,
             mean[0][j], se[0][j], mean[1][j], se[1][j], z);
    }
    if (!(fabs(z) < 4.0) || !(hypot(se[0][j], se[1][j]) < 0.04)) {
      fail_msg("statistic %d: %.4f (%.4f) by weights, %.4f (%.4f) by the chain", j,
               mean[0][j], se[0][j], mean[1][j], se[1][j]);
    }
  }
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
}

/* Loadings that are proposed have the density that is said: it gives the same number to a
 * draw as to what was drawn, and weighed by it draws have the integral of any function.
 */
static void
proposed_loadings_have_their_density(void **state)
{
  (void)state;
  enum { N = 3, DRAWS = 40000 };
  const double center[N] = {1.0, -0.6, 0.3}, variance[N] = {0.3, 0.2, 0.5};
  double sum = 0.0, square = 0.0;
  nax_rng r;
  nax_i_rng_init(&r, 31, 0);
  for (int k = 0; k < DRAWS; k++) {
    double x[N], scale, again, log_f = -0.5 * N * log(2.0 * 3.14159265358979323846);
    double q = nax_i_bic_scaled_density(N, center, variance, x, &r, &scale);
    assert_close(nax_i_bic_scaled_density(N, center, variance, x, NULL, &again), q, 1e-9,
                 1e-9);
    assert_close(again, scale, 1e-9, 1e-12);
    for (int i = 0; i < N; i++) { /* a normal density well within */
      double z = (x[i] - 1.2 * center[i]) / 0.3;
      log_f -= 0.5 * z * z + log(0.3);
    }
    sum += exp(log_f - q) / DRAWS;
    square += exp(2.0 * (log_f - q)) / DRAWS;
  }
  double se = sqrt((square - sum * sum) / DRAWS);
  print_message("# integral %.4f (%.4f)\n", sum, se);
  assert_true(se < 0.02);
  assert_true(fabs(sum - 1.0) < 4.0 * se);
}

/* --- partitions ------------------------------------------------------------------------
 */

static void
distances_between_partitions_are_the_known_ones(void **state)
{
  (void)state;
  const int64_t a[] = {0, 0, 0, 1, 1, 2}, b[] = {0, 0, 1, 1, 1, 2};
  double vi, ari;
  assert_ok(nax_i_bic_vi(NULL, 6, a, b, &vi));
  assert_close(vi, 0.6365141682948129, 1e-12, 0.0);
  assert_ok(nax_stats_ari(NULL, 6, a, b, &ari));
  assert_close(ari, 0.3181818181818182, 1e-12, 0.0);
  int64_t c[] = {5, 9, 9, 5, 9, 2};
  assert_int_equal(nax_i_bic_by_size(6, c), 3);
  assert_int_equal(c[1], 0);
  assert_int_equal(c[0], 1);
  assert_int_equal(c[5], 2);
}

/* All partitions of 6 items: what the search returns scores as the best of them. */
static void
point_partitions_are_the_best_of_all(void **state)
{
  (void)state;
  enum { N = 6 };
  uint64_t seed = 5;
  for (int round = 0; round < 20; round++) {
    double psm[N * N] = {0.0};
    int64_t draw[30][N], given[3 * N], label[N];
    for (int k = 0; k < 30; k++) {
      for (int i = 0; i < N; i++) {
        double u = nax_t_uniform(&seed);
        draw[k][i] = u < 0.6 ? i / 2 : (int64_t)(u * 100.0) % 3;
      }
      for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
          psm[i * N + j] += (draw[k][i] == draw[k][j]) / 30.0;
        }
      }
    }
    memcpy(given, draw, sizeof given);
    for (int how = 0; how < NAX_I_BIC_CRITERIA; how++) {
      nax_index groups;
      double best = -HUGE_VAL;
      assert_ok(nax_i_bic_point(NULL, (nax_i_bic_criterion)how, N, psm, 3, given, label,
                                &groups));
      double found = nax_i_bic_score((nax_i_bic_criterion)how, N, psm, label);
      for (int code = 0; code < 46656; code++) { /* labels below 6 */
        int64_t trial[N];
        for (int i = 0, x = code; i < N; i++, x /= 6) {
          trial[i] = x % 6;
        }
        double s = nax_i_bic_score((nax_i_bic_criterion)how, N, psm, trial);
        best = s > best ? s : best;
      }
      assert_true(found <= best + 1e-9);
      assert_true(found >= best - 0.03 * (1.0 + fabs(best))); /* local search */
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_between_partitions_are_the_known_ones),
      cmocka_unit_test(point_partitions_are_the_best_of_all),
      cmocka_unit_test(elementary_functions_are_those_of_libm),
      cmocka_unit_test(polya_gamma_moments_are_the_exact_ones),
      cmocka_unit_test(polya_gamma_draws_have_these_moments_in_all_regimes),
      cmocka_unit_test(polya_gamma_draws_follow_the_distribution_function),
      cmocka_unit_test(partition_coefficients_are_the_exact_sums),
      cmocka_unit_test(components_given_clusters_have_the_exact_probabilities),
      cmocka_unit_test(tables_have_the_moments_of_the_restaurant),
      cmocka_unit_test(tiny_dirichlet_parameters_do_not_end_in_nan),
      cmocka_unit_test(evidence_of_a_neuron_is_laplaces),
      cmocka_unit_test(dispersion_has_its_exact_conditional),
      cmocka_unit_test(paths_have_the_mean_and_covariance_of_the_dense_solution),
      cmocka_unit_test(scans_leave_the_enumerated_law_of_the_states),
      cmocka_unit_test(marginal_of_the_dynamics_is_the_product_of_predictions),
      cmocka_unit_test(state_prior_is_the_simulated_one),
      cmocka_unit_test(proposed_loadings_have_their_density),
      cmocka_unit_test(
          latents_have_the_posterior_that_the_prior_weighted_by_the_likelihood_has),
  };
  return cmocka_run_group_tests_name("bicluster", tests, NULL, NULL);
}
