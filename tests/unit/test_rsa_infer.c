/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inference on models: evaluation, bootstraps, tests. */
#include "rsa_reference.h"
#include "rsa/infer_i.h"

static const char *const names[] = {"cosine", "corr",  "spearman",   "rho-a",
                                    "tau-a",  "tau-b", "cosine_cov", "corr_cov"};

static double
normal(uint64_t *seed)
{
  double u = nax_t_uniform(seed), v = nax_t_uniform(seed);
  return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * v);
}

/* Fixed models of the RDMs of a set. */
static nax_rsa_model *
fixed_models(const nax_rdms *r, nax_rdms **each)
{
  nax_index k = nax_rdms_count(r);
  nax_rsa_model *m = calloc((size_t)k, sizeof *m);
  for (nax_index i = 0; i < k; i++) {
    assert_ok(nax_rdms_take(NULL, r, 1, &i, &each[i]));
    m[i] = (nax_rsa_model){NULL, each[i], NAX_RSA_FIXED};
  }
  return m;
}

static void
fixed_models_agree_with_the_reference(void **state)
{
  (void)state;
  nax_rdms *data = ref_rdms("in_inf_data"), *models = ref_rdms("in_inf_models");
  nax_rdms *each[4];
  nax_rsa_model *m = fixed_models(models, each);
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
    if (c == NAX_RSA_TAU_B) {
      continue;
    }
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa *r = NULL;
    char name[64];
    double x[64], y[16], z[16], ceiling[2];
    o.comparator = c;
    o.n_permutations = 0;
    assert_ok(nax_rsa_fit(NULL, data, 4, m, NULL, &o, &r));
    for (int k = 0; k < 4; k++) {
      for (int s = 0; s < 8; s++) {
        x[k * 8 + s] = nax_rsa_evaluations(r)[k + 4 * s];
      }
    }
    snprintf(name, sizeof name, "fixed_%s_evals", names[c - 1]);
    ref_check(name, x, 32, 1e-11);
    nax_rsa_get_ceiling(r, &ceiling[0], &ceiling[1]);
    snprintf(name, sizeof name, "nc_%s", names[c - 1]);
    ref_check(name, ceiling, 2, 1e-11);
    /* The reference divides by all subjects instead of one less. */
    for (int i = 0; i < 16; i++) {
      x[i] = nax_rsa_covariance(r)[i % 4 + 6 * (i / 4)] * 7.0 / 8.0;
    }
    snprintf(name, sizeof name, "fixed_%s_var", names[c - 1]);
    ref_check(name, x, 16, 1e-11);
    for (int i = 0; i < 4; i++) {
      nax_rsa_estimate e = nax_rsa_get(r, i);
      x[i] = e.se * e.se;
      y[i] = e.p_zero;
      z[i] = e.p_ceiling;
      x[8 + i] = e.lower;
      x[12 + i] = e.upper;
      x[16 + i] = e.p_signed_rank;
      x[20 + 2 * i] = x[21 + 2 * i] = e.se * e.se;
    }
    snprintf(name, sizeof name, "fixed_%s_modelvar", names[c - 1]);
    ref_check(name, x, 4, 1e-12);
    snprintf(name, sizeof name, "fixed_%s_ncvar", names[c - 1]);
    ref_check(name, x + 20, 8, 1e-12);
    snprintf(name, sizeof name, "fixed_%s_ci95", names[c - 1]);
    ref_check(name, x + 8, 8, 1e-10);
    snprintf(name, sizeof name, "fixed_%s_wilcoxon_zero", names[c - 1]);
    ref_check(name, x + 16, 4, 1e-12);
    snprintf(name, sizeof name, "fixed_%s_p_zero", names[c - 1]);
    ref_check(name, y, 4, 1e-9);
    snprintf(name, sizeof name, "fixed_%s_p_noise", names[c - 1]);
    ref_check(name, z, 4, 1e-9);
    for (int i = 0; i < 4; i++) {
      assert_true(y[i] > 0.0); /* the peer's round to 0 */
    }
    double var[6], p[16], w[16];
    for (int i = 0, k = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        nax_rsa_difference d = nax_rsa_get_difference(r, i, j);
        p[i * 4 + j] = i == j ? 1.0 : d.p;
        w[i * 4 + j] = i == j ? 1.0 : d.p_signed_rank;
        if (i < j) {
          var[k++] = d.se * d.se;
        }
      }
    }
    snprintf(name, sizeof name, "fixed_%s_diffvar", names[c - 1]);
    ref_check(name, var, 6, 1e-12);
    snprintf(name, sizeof name, "fixed_%s_p_pair", names[c - 1]);
    ref_check(name, p, 16, 1e-9);
    snprintf(name, sizeof name, "fixed_%s_wilcoxon_pair", names[c - 1]);
    ref_check(name, w, 16, 1e-12);
    nax_rsa_free(r);
  }
  for (int k = 0; k < 4; k++) {
    nax_rdms_free(each[k]);
  }
  free(m);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

/* Covariance of the columns (stride apart) of N rows. */
static void
covariance(const double *x, int n, int q, double *c)
{
  for (int i = 0; i < q; i++) {
    for (int j = 0; j < q; j++) {
      double mi = 0, mj = 0, s = 0;
      for (int b = 0; b < n; b++) {
        mi += x[b * q + i] / n;
        mj += x[b * q + j] / n;
      }
      for (int b = 0; b < n; b++) {
        s += (x[b * q + i] - mi) * (x[b * q + j] - mj) / (n - 1);
      }
      c[i * q + j] = s;
    }
  }
}

static double
contrast(const double *c, int q, int i, int j)
{
  return c[i * q + i] + (j < 0 ? 0.0 : c[j * q + j] - 2.0 * c[i * q + j]);
}

static void
the_dual_bootstrap_agrees_with_the_reference(void **state)
{
  (void)state;
  enum { N = 60, K = 4, S = 8, C = 12, Q = K + 2 };
  nax_rdms *data = ref_rdms("in_inf_data"), *models = ref_rdms("in_inf_models");
  nax_rdms *each[K];
  nax_rsa_model *m = fixed_models(models, each);
  nax_index first[K + 1] = {0, 1, 2, 3, 4};
  ref rdm = ref_load("in_boot_rdm_idx"), pat = ref_load("in_boot_pat_idx");
  double ones[S] = {1, 1, 1, 1, 1, 1, 1, 1};
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
    if (c == NAX_RSA_TAU_B) {
      continue;
    }
    nax_i_engine e;
    nax_i_table now, whole;
    static double sample[3][N][Q];
    double evals[N * K * 3], nc[2 * N * 3], cov[3][Q * Q], var3[3 * Q * Q];
    char name[64];
    assert_ok(
        nax_i_engine_init(NULL, "test", data, K, m, first, (nax_rsa_comparator)c, &e));
    assert_ok(nax_i_table_init(NULL, &e, &now));
    assert_ok(nax_i_table_init(NULL, &e, &whole));
    assert_ok(nax_i_table_fill(NULL, &whole, NULL));
    for (int b = 0; b < N; b++) {
      double w[C] = {0}, v[S] = {0};
      for (int i = 0; i < C; i++) {
        w[(int)pat.x[b * C + i]]++;
      }
      for (int i = 0; i < S; i++) {
        v[(int)rdm.x[b * S + i]]++;
      }
      assert_ok(nax_i_table_fill(NULL, &now, w));
      assert_ok(nax_i_table_evaluate(NULL, &now, v, sample[0][b]));
      assert_ok(nax_i_table_evaluate(NULL, &whole, v, sample[1][b]));
      assert_ok(nax_i_table_evaluate(NULL, &now, ones, sample[2][b]));
      for (int t = 0; t < 3; t++) {
        for (int k = 0; k < K; k++) {
          evals[(b * K + k) * 3 + t] = sample[t][b][k];
        }
        nc[b * 3 + t] = sample[t][b][K];
        nc[(N + b) * 3 + t] = sample[t][b][K + 1];
      }
    }
    snprintf(name, sizeof name, "dual_%s_evals", names[c - 1]);
    ref_check(name, evals, N * K * 3, 1e-10);
    snprintf(name, sizeof name, "dual_%s_nc", names[c - 1]);
    ref_check(name, nc, 2 * N * 3, 1e-10);
    double mean[Q] = {0};
    for (int t = 0; t < 3; t++) {
      covariance(&sample[t][0][0], N, Q, cov[t]);
      memcpy(var3 + t * Q * Q, cov[t], sizeof cov[t]);
      for (int b = 0; b < N; b++) {
        for (int q = 0; q < Q; q++) {
          mean[q] += sample[t][b][q] / (3.0 * N);
        }
      }
    }
    snprintf(name, sizeof name, "dual_%s_var3", names[c - 1]);
    ref_check(name, var3, 3 * Q * Q, 1e-10);
    double mv[K], dv[6], ncv[K * 2], p_zero[K], p_noise[K], p_pair[K * K];
    for (int i = 0, k = 0; i < K; i++) {
      for (int j = -1; j < Q; j++) {
        double v = j == i ? 0.0
                          : nax_i_dual_variance(contrast(cov[0], Q, i, j),
                                                contrast(cov[1], Q, i, j),
                                                contrast(cov[2], Q, i, j), S, C);
        if (j < 0) {
          mv[i] = v;
          p_zero[i] = nax_i_t_p(mean[i], sqrt(v), S - 1, 0);
        } else if (j >= K) {
          ncv[i * 2 + j - K] = v;
          if (j == K) {
            p_noise[i] = nax_i_t_p(mean[i] - mean[j], sqrt(v), S - 1, 1);
          }
        } else {
          p_pair[i * K + j] =
              i == j ? 1.0 : nax_i_t_p(mean[i] - mean[j], sqrt(v), S - 1, 1);
          if (j > i) {
            dv[k++] = v;
          }
        }
      }
    }
    snprintf(name, sizeof name, "dual_%s_modelvar", names[c - 1]);
    ref_check(name, mv, K, 1e-10);
    snprintf(name, sizeof name, "dual_%s_diffvar", names[c - 1]);
    ref_check(name, dv, 6, 1e-10);
    snprintf(name, sizeof name, "dual_%s_ncvar", names[c - 1]);
    ref_check(name, ncv, K * 2, 1e-10);
    snprintf(name, sizeof name, "dual_%s_p_zero", names[c - 1]);
    ref_check(name, p_zero, K, 1e-9);
    snprintf(name, sizeof name, "dual_%s_p_noise", names[c - 1]);
    ref_check(name, p_noise, K, 1e-9);
    snprintf(name, sizeof name, "dual_%s_p_pair", names[c - 1]);
    ref_check(name, p_pair, K * K, 1e-9);
    nax_i_table_clear(&now);
    nax_i_table_clear(&whole);
    nax_i_engine_clear(&e);
  }
  for (int k = 0; k < K; k++) {
    nax_rdms_free(each[k]);
  }
  free(m);
  free(rdm.x);
  free(pat.x);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

/* RDMs of patterns on a line plus noise: subjects of a common geometry. */
static nax_rdms *
simulated(nax_index n, nax_index count, double noise, double ties, uint64_t *seed)
{
  nax_index m = nax_rdm_pairs(n);
  double *d = calloc((size_t)(m * count), sizeof *d), at[64];
  nax_rdms *r = NULL;
  for (nax_index i = 0; i < n; i++) {
    at[i] = nax_t_uniform(seed);
  }
  for (nax_index s = 0; s < count; s++) {
    for (nax_index i = 0, k = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++, k++) {
        double v = fabs(at[i] - at[j]) + noise * nax_t_uniform(seed);
        d[k + s * m] = ties > 0.0 ? floor(v * ties) + 1.0 : v;
      }
    }
  }
  assert_ok(nax_rdms_create(NULL, n, count, d, &r));
  free(d);
  return r;
}

/* The definition: conditions and subjects resampled one by one. */
static void
multiplicities_are_resampled_rdms(void **state)
{
  (void)state;
  uint64_t seed = 41;
  for (int run = 0; run < 6; run++) {
    nax_index n = 7 + run, s = 5;
    nax_rdms *data = simulated(n, s, 0.6, run % 2 ? 6.0 : 0.0, &seed);
    nax_rdms *model = simulated(n, 2, 1.0, run % 2 ? 4.0 : 0.0, &seed), *each[2];
    nax_rsa_model *m = fixed_models(model, each);
    for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
      nax_i_engine e;
      nax_i_table t;
      const nax_index first[3] = {0, 1, 2};
      double w[16] = {0}, v[8] = {0}, out[4], expected[2], both[10];
      nax_index at[16], subject[8];
      for (nax_index i = 0; i < n; i++) {
        /* The last run has one condition more than half of the time. */
        at[i] = run == 5 && i > 4 ? 3 : (nax_index)(nax_t_uniform(&seed) * (double)n);
        w[at[i]]++;
      }
      for (nax_index i = 0; i < s; i++) {
        subject[i] = (nax_index)(nax_t_uniform(&seed) * (double)s);
        v[subject[i]]++;
      }
      assert_ok(
          nax_i_engine_init(NULL, "test", data, 2, m, first, (nax_rsa_comparator)c, &e));
      assert_ok(nax_i_table_init(NULL, &e, &t));
      assert_ok(nax_i_table_fill(NULL, &t, w));
      assert_ok(nax_i_table_evaluate(NULL, &t, v, out));
      nax_rdms *d1 = NULL, *d2 = NULL, *m2 = NULL;
      assert_ok(nax_rdms_take(NULL, data, s, subject, &d1));
      assert_ok(nax_rdms_take_conditions(NULL, d1, n, at, &d2));
      assert_ok(nax_rdms_take_conditions(NULL, model, n, at, &m2));
      assert_ok(nax_rsa_compare(NULL, m2, d2, (nax_rsa_comparator)c, NULL, 0, both));
      for (int k = 0; k < 2; k++) {
        expected[k] = 0.0;
        for (nax_index i = 0; i < s; i++) {
          expected[k] += both[k + 2 * i] / (double)s;
        }
        assert_close(out[k], expected[k], 1e-9, 1e-9);
      }
      nax_rdms_free(d1);
      nax_rdms_free(d2);
      nax_rdms_free(m2);
      nax_i_table_clear(&t);
      nax_i_engine_clear(&e);
    }
    nax_rdms_free(each[0]);
    nax_rdms_free(each[1]);
    free(m);
    nax_rdms_free(data);
    nax_rdms_free(model);
  }
}

/* The bootstrap of the interface against one written out in the plainest way. */
static void
bootstrap_variance_is_that_of_the_samples(void **state)
{
  (void)state;
  enum { N = 200, S = 5, C = 8 };
  uint64_t seed = 7;
  nax_rdms *data = simulated(C, S, 0.5, 0.0, &seed),
           *model = simulated(C, 1, 1.0, 0.0, &seed);
  nax_rsa_model m = {"line", model, NAX_RSA_FIXED};
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  nax_rsa *r = NULL;
  o.n_samples = N;
  o.seed = 99;
  o.n_permutations = 0;
  o.resampling = NAX_RSA_RESAMPLE_DUAL;
  assert_ok(nax_rsa_fit(NULL, data, 1, &m, NULL, &o, &r));
  double x[3][N];
  int n = 0;
  for (int b = 0; b < N; b++) {
    nax_index s[S], c[C], different_s = 0, different_c = 0;
    char seen[C] = {0}, seen_s[S] = {0};
    assert_ok(nax_stats_bootstrap(NULL, 99, 2 * (uint64_t)b, S, s));
    assert_ok(nax_stats_bootstrap(NULL, 99, 2 * (uint64_t)b + 1, C, c));
    for (int i = 0; i < C; i++) {
      different_c += !seen[c[i]];
      seen[c[i]] = 1;
    }
    for (int i = 0; i < S; i++) {
      different_s += !seen_s[s[i]];
      seen_s[s[i]] = 1;
    }
    if (different_c < 3 || different_s < 2) {
      continue;
    }
    for (int t = 0; t < 3; t++) {
      nax_rdms *d1 = NULL, *d2 = NULL, *m2 = NULL;
      nax_index all_s[S] = {0, 1, 2, 3, 4}, all_c[C] = {0, 1, 2, 3, 4, 5, 6, 7};
      double e[S];
      assert_ok(nax_rdms_take(NULL, data, S, t == 2 ? all_s : s, &d1));
      assert_ok(nax_rdms_take_conditions(NULL, d1, C, t == 1 ? all_c : c, &d2));
      assert_ok(nax_rdms_take_conditions(NULL, model, C, t == 1 ? all_c : c, &m2));
      assert_ok(nax_rsa_compare(NULL, m2, d2, NAX_RSA_CORR, NULL, 0, e));
      x[t][n] = (e[0] + e[1] + e[2] + e[3] + e[4]) / S;
      nax_rdms_free(d1);
      nax_rdms_free(d2);
      nax_rdms_free(m2);
    }
    n++;
  }
  assert_int_equal(nax_rsa_n_samples(r), n);
  double v[3];
  for (int t = 0; t < 3; t++) {
    covariance(x[t], n, 1, &v[t]);
  }
  double a = S / (S - 1.0), b = C / (C - 1.0);
  double expected = a * v[1] + b * v[2] - a * b * (v[0] - v[1] - v[2]);
  expected = fmin(fmax(fmax(expected, a * v[1]), b * v[2]), v[0]);
  assert_close(nax_rsa_get(r, 0).se, sqrt(expected), 1e-9, 0);
  assert_close(nax_rsa_dof(r), S - 1, 0, 0);
  nax_rsa_free(r);
  nax_rdms_free(data);
  nax_rdms_free(model);
}

static void
permutation_tests_take_every_order_of_few_conditions(void **state)
{
  (void)state;
  uint64_t seed = 3;
  nax_rdms *data = simulated(5, 3, 0.3, 0.0, &seed),
           *two = simulated(5, 2, 0.8, 0.0, &seed);
  nax_rdms *each[2];
  nax_rsa_model *m = fixed_models(two, each);
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_BURES; c++) {
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa *r = NULL;
    o.comparator = c;
    assert_ok(nax_rsa_fit(NULL, data, 2, m, NULL, &o, &r));
    /* All 120 orders by nested loops. */
    double reach[2] = {0}, reach_max[2] = {0}, own[2] = {0};
    for (int code = -1; code < 3125; code++) {
      nax_index p[5];
      int used = 0, x = code;
      for (int i = 0; i < 5; i++, x /= 5) {
        p[i] = code < 0 ? i : x % 5;
        used |= 1 << p[i];
      }
      if (used != 31) {
        continue;
      }
      nax_rdms *moved = NULL;
      double s[6], mean[2];
      assert_ok(nax_rdms_take_conditions(NULL, two, 5, p, &moved));
      assert_ok(nax_rsa_compare(NULL, moved, data, (nax_rsa_comparator)c, NULL, 0, s));
      nax_rdms_free(moved);
      for (int k = 0; k < 2; k++) {
        mean[k] = (s[k] + s[k + 2] + s[k + 4]) / 3.0;
        if (code < 0) {
          own[k] = mean[k];
        }
      }
      for (int k = 0; code >= 0 && k < 2; k++) {
        reach[k] += mean[k] >= own[k] - 1e-9;
        reach_max[k] += fmax(mean[0], mean[1]) >= own[k] - 1e-9;
      }
    }
    for (int k = 0; k < 2; k++) {
      assert_close(nax_rsa_get(r, k).p_permutation, reach[k] / 120.0, 1e-12, 0);
      assert_close(nax_rsa_get(r, k).p_max, reach_max[k] / 120.0, 1e-12, 0);
      assert_true(nax_rsa_get(r, k).p_permutation >= 1.0 / 120.0);
    }
    nax_rsa_free(r);
  }
  nax_rdms_free(each[0]);
  nax_rdms_free(each[1]);
  free(m);
  nax_rdms_free(data);
  nax_rdms_free(two);
}

static void
all_resamplings_give_the_same_bits_for_any_number_of_threads(void **state)
{
  (void)state;
  uint64_t seed = 5;
  nax_rdms *data = simulated(14, 6, 0.5, 0.0, &seed),
           *models = simulated(14, 3, 0.8, 0.0, &seed);
  nax_rdms *each[3];
  nax_rsa_model *m = fixed_models(models, each);
  nax_rsa_model flexible[2] = {{"sum", models, NAX_RSA_NONNEGATIVE},
                               {"one", each[0], NAX_RSA_FIXED}};
  for (int how = NAX_RSA_RESAMPLE_NONE; how <= NAX_RSA_RESAMPLE_DUAL; how++) {
    for (int flex = 0; flex < 2; flex++) {
      nax_rsa *r[2] = {NULL, NULL};
      for (int t = 0; t < 2; t++) {
        nax_ctx *ctx = NULL;
        nax_rsa_opts o = NAX_RSA_OPTS_INIT;
        o.resampling = how;
        o.n_samples = 120;
        o.n_permutations = 100;
        o.comparator = flex ? NAX_RSA_CORR : NAX_RSA_RHO_A;
        assert_ok(nax_ctx_create(&ctx));
        assert_ok(nax_ctx_set_threads(ctx, t + 1));
        assert_ok(
            nax_rsa_fit(ctx, data, flex ? 2 : 3, flex ? flexible : m, NULL, &o, &r[t]));
        nax_ctx_free(ctx);
      }
      for (int k = 0; k < (flex ? 2 : 3); k++) {
        nax_rsa_estimate a = nax_rsa_get(r[0], k), b = nax_rsa_get(r[1], k);
        assert_memory_equal(&a, &b, sizeof a);
        assert_true(a.p_zero > 0.0 && a.p_zero <= 1.0);
        assert_true(a.se > 0.0 && isfinite(a.se));
        assert_true(a.p_signed_rank > 0.0 && a.p_ceiling > 0.0);
      }
      nax_rsa_free(r[0]);
      nax_rsa_free(r[1]);
    }
  }
  for (int k = 0; k < 3; k++) {
    nax_rdms_free(each[k]);
  }
  free(m);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

static void
fitted_models_find_the_mixture_in_data_they_have_not_seen(void **state)
{
  (void)state;
  enum { N = 16, S = 6 };
  uint64_t seed = 13;
  nax_index m = nax_rdm_pairs(N);
  nax_rdms *parts = simulated(N, 1, 0.0, 0.0, &seed),
           *other = simulated(N, 1, 0.0, 0.0, &seed);
  nax_rdms *both = NULL, *data = NULL;
  double *d = calloc((size_t)(m * S), sizeof *d);
  for (nax_index k = 0; k < m * S; k++) {
    d[k] = 0.7 * nax_rdms_vector(parts, 0)[k % m] +
           0.5 * nax_rdms_vector(other, 0)[k % m] + 0.1 * normal(&seed);
  }
  assert_ok(nax_rdms_create(NULL, N, S, d, &data));
  assert_ok(nax_rdms_concat(NULL, 2, (const nax_rdms *[]){parts, other}, &both));
  nax_rsa_model models[4] = {{"sum", both, NAX_RSA_WEIGHTED},
                             {"line", both, NAX_RSA_INTERPOLATE},
                             {"best", both, NAX_RSA_SELECT},
                             {"first", parts, NAX_RSA_FIXED}};
  for (int c = 0; c < 4; c++) {
    const nax_rsa_comparator all[] = {NAX_RSA_COSINE, NAX_RSA_CORR, NAX_RSA_COSINE_COV,
                                      NAX_RSA_CORR_COV};
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa *r = NULL;
    double lower, upper;
    o.comparator = all[c];
    o.n_cv = 4;
    assert_ok(nax_rsa_fit(NULL, data, 4, models, NULL, &o, &r));
    nax_rsa_get_ceiling(r, &lower, &upper);
    double sum = nax_rsa_get(r, 0).mean, best = nax_rsa_get(r, 2).mean;
    assert_true(lower <= upper);
    assert_true(sum > best && sum <= upper + 0.02 && sum > lower - 0.1);
    assert_close(nax_rsa_get(r, 1).mean, sum, 0, 0.05);
    assert_true(isnan(nax_rsa_get(r, 0).p_permutation));
    assert_true(nax_rsa_get_difference(r, 0, 3).p < 0.01);
    nax_rsa_free(r);
  }
  free(d);
  nax_rdms_free(parts);
  nax_rdms_free(other);
  nax_rdms_free(both);
  nax_rdms_free(data);
}

static void
signed_ranks_are_those_of_all_signs(void **state)
{
  (void)state;
  uint64_t seed = 19;
  nax_i_keyed work[40];
  for (int n = 1; n <= 12; n++) {
    double x[12], own = 0, count = 0;
    for (int i = 0; i < n; i++) {
      x[i] = normal(&seed) + 0.3;
    }
    int rank[12];
    for (int i = 0; i < n; i++) {
      rank[i] = 1;
      for (int j = 0; j < n; j++) {
        rank[i] += fabs(x[j]) < fabs(x[i]);
      }
      own += x[i] > 0 ? rank[i] : -rank[i];
    }
    for (int signs = 0; signs < 1 << n; signs++) {
      double s = 0;
      for (int i = 0; i < n; i++) {
        s += signs >> i & 1 ? rank[i] : -rank[i];
      }
      count += fabs(s) >= fabs(own);
    }
    assert_close(nax_i_signed_rank(n, x, work), count / ldexp(1, n), 1e-13, 0);
  }
  double zero[3] = {0, 0, 0};
  assert_true(nax_i_signed_rank(3, zero, work) == 1.0);
  double ties[6] = {1, 1, 2, -1, 2, 3};
  double p = nax_i_signed_rank(6, ties, work);
  assert_true(p > 0.05 && p < 0.2);
}

static void
two_groups_differ_only_where_they_do(void **state)
{
  (void)state;
  uint64_t seed = 29;
  nax_rdms *all = simulated(10, 8, 0.4, 0.0, &seed), *model = NULL, *a = NULL, *b = NULL;
  nax_rdms *noise = simulated(10, 4, 8.0, 0.0, &seed);
  assert_ok(nax_rdms_take(NULL, all, 2, (nax_index[]){6, 7}, &model));
  assert_ok(nax_rdms_take(NULL, all, 4, (nax_index[]){0, 1, 2, 3}, &a));
  assert_ok(nax_rdms_take(NULL, all, 2, (nax_index[]){4, 5}, &b));
  nax_rsa_group_difference out[2], again[2];
  assert_ok(
      nax_rsa_compare_groups(NULL, a, noise, model, NAX_RSA_CORR, NULL, 1000, 1, out));
  for (int k = 0; k < 2; k++) {
    assert_true(out[k].difference > 0.3 && out[k].p < 0.05);
    /* All 70 exchanges were taken; the two extreme ones are equally far. */
    assert_close(out[k].p_permutation, 2.0 / 70.0, 1e-12, 0);
    assert_true(out[k].p_max >= out[k].p_permutation);
    assert_close(out[k].difference, out[k].mean_a - out[k].mean_b, 1e-12, 0);
  }
  assert_ok(
      nax_rsa_compare_groups(NULL, noise, a, model, NAX_RSA_CORR, NULL, 1000, 1, again));
  assert_close(again[0].difference, -out[0].difference, 1e-12, 0);
  assert_close(again[0].p_permutation, out[0].p_permutation, 1e-12, 0);
  assert_error(
      nax_rsa_compare_groups(NULL, a, b, model, NAX_RSA_CORR, NULL, 1000, 1, out),
      NAX_EDATA,
      "nax_rsa_compare_groups: 4 and 2 subjects can be exchanged in 15 ways only, "
      "which cannot reach p = 0.05");
  nax_rdms_free(all);
  nax_rdms_free(noise);
  nax_rdms_free(model);
  nax_rdms_free(a);
  nax_rdms_free(b);
}

static void
designs_too_small_for_a_test_are_refused_with_a_reason(void **state)
{
  (void)state;
  uint64_t seed = 2;
  nax_rdms *three = simulated(3, 4, 0.5, 0.0, &seed),
           *five = simulated(5, 4, 0.5, 0.0, &seed);
  nax_rdms *one = simulated(8, 1, 0.5, 0.0, &seed),
           *m8 = simulated(8, 1, 0.5, 0.0, &seed);
  nax_rdms *m3 = simulated(3, 1, 0.5, 0.0, &seed), *m5 = simulated(5, 1, 0.5, 0.0, &seed);
  nax_rsa_model model = {NULL, m3, NAX_RSA_FIXED};
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  nax_rsa *r = NULL;
  assert_error(nax_rsa_fit(NULL, three, 1, &model, NULL, &o, &r), NAX_EDATA,
               "nax_rsa_fit: 3 conditions have 3 pairs, which cannot tell models apart: "
               "need at least 4 conditions");
  model.rdms = m5;
  o.resampling = NAX_RSA_RESAMPLE_DUAL;
  assert_error(
      nax_rsa_fit(NULL, five, 1, &model, NULL, &o, &r), NAX_EDATA,
      "nax_rsa_fit: 5 conditions are too few to resample them: need 6, or "
      "resample subjects and look at the permutation test, which is exact for so "
      "few");
  model.kind = NAX_RSA_SELECT;
  o.resampling = NAX_RSA_RESAMPLE_NONE;
  assert_error(nax_rsa_fit(NULL, five, 1, &model, NULL, &o, &r), NAX_EDATA,
               "nax_rsa_fit: models that are fitted need 2 folds of 3 conditions, there "
               "are 5");
  model = (nax_rsa_model){NULL, m8, NAX_RSA_FIXED};
  assert_error(nax_rsa_fit(NULL, one, 1, &model, NULL, &o, &r), NAX_EDATA,
               "nax_rsa_fit: one RDM tells nothing about other subjects: resample "
               "conditions");
  o.resampling = NAX_RSA_RESAMPLE_CONDITIONS;
  assert_ok(nax_rsa_fit(NULL, one, 1, &model, NULL, &o, &r));
  nax_rsa_estimate e = nax_rsa_get(r, 0);
  assert_true(e.p_zero > 0.0 && e.p_zero <= 1.0 && e.se > 0.0);
  assert_true(isnan(e.p_ceiling) && isnan(e.p_signed_rank));
  assert_close(nax_rsa_dof(r), 7, 0, 0);
  nax_rsa_free(r);
  o.comparator = NAX_RSA_BURES;
  assert_status(nax_rsa_fit(NULL, one, 1, &model, NULL, &o, &r), NAX_EINVAL);
  model.kind = NAX_RSA_WEIGHTED;
  assert_error(nax_rsa_fit(NULL, one, 1, &model, NULL, &o, &r), NAX_EINVAL,
               "nax_rsa_fit: model 0 has weights, which are fitted for cosine and corr, "
               "plain or whitened, and for ranks");
  o.comparator = NAX_RSA_TAU_A;
  model = (nax_rsa_model){NULL, m5, NAX_RSA_FIXED};
  assert_error(nax_rsa_fit(NULL, one, 1, &model, NULL, &o, &r), NAX_EDIM,
               "nax_rsa_fit: model 0 has 5 conditions, the data have 8");
  assert_null(r);
  nax_rdms_free(three);
  nax_rdms_free(five);
  nax_rdms_free(one);
  nax_rdms_free(m3);
  nax_rdms_free(m5);
  nax_rdms_free(m8);
}

/* 92 images, four subjects in two sessions, eight models. */
static void
the_92_images_give_the_published_comparison(void **state)
{
  (void)state;
  ref hit = ref_load("real92_hIT");
  nax_rdms *models = ref_rdms("real92_models"), *data = NULL, *each[8];
  double *mean = calloc(4 * 4186, sizeof *mean);
  for (int s = 0; s < 4; s++) {
    for (int k = 0; k < 4186; k++) {
      mean[s * 4186 + k] =
          0.5 * (hit.x[(2 * s) * 4186 + k] + hit.x[(2 * s + 1) * 4186 + k]);
    }
  }
  assert_ok(nax_rdms_create(NULL, 92, 4, mean, &data));
  nax_rsa_model *m = fixed_models(models, each);
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
    if (c == NAX_RSA_TAU_B) {
      continue;
    }
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa *r = NULL;
    char name[64];
    double x[32], ceiling[2];
    o.comparator = c;
    o.n_permutations = c == NAX_RSA_SPEARMAN ? 500 : 0;
    assert_ok(nax_rsa_fit(NULL, data, 8, m, NULL, &o, &r));
    for (int k = 0; k < 8; k++) {
      for (int s = 0; s < 4; s++) {
        x[k * 4 + s] = nax_rsa_evaluations(r)[k + 8 * s];
      }
    }
    snprintf(name, sizeof name, "real92_fixed_%s", names[c - 1]);
    ref_check(name, x, 32, 1e-10);
    nax_rsa_get_ceiling(r, &ceiling[0], &ceiling[1]);
    snprintf(name, sizeof name, "real92_fixed_%s_nc", names[c - 1]);
    ref_check(name, ceiling, 2, 1e-10);
    if (o.n_permutations > 0) {
      /* Monkey IT is related to human IT beyond what relabelling gives. */
      assert_close(nax_rsa_get(r, 2).p_permutation, 1.0 / 501.0, 1e-12, 0);
      assert_close(nax_rsa_get(r, 2).p_max, 1.0 / 501.0, 1e-12, 0);
    }
    nax_rsa_free(r);
  }
  nax_rdms *pair = ref_rdms("real92_mIT_hIT");
  double s[4];
  assert_ok(nax_rsa_compare(NULL, pair, pair, NAX_RSA_SPEARMAN, NULL, 0, s));
  assert_close(s[1], 0.43892380943522, 1e-12, 0);
  assert_ok(nax_rsa_compare(NULL, pair, pair, NAX_RSA_TAU_A, NULL, 0, s));
  assert_close(s[1], 0.3040482555209063, 1e-12, 0);
  assert_ok(nax_rsa_compare(NULL, pair, pair, NAX_RSA_CORR, NULL, 0, s));
  assert_close(s[1], 0.4912097961460494, 1e-12, 0);
  nax_rdms_free(pair);
  /* What 16 people say of the images goes with human IT, and more so than with the
   * silhouettes of the images. */
  nax_rdms *behaviour = ref_rdms("real92_behav"), *it = NULL, *outline = NULL;
  nax_rsa *r = NULL;
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  double pool[4186], lower, upper;
  assert_int_equal(nax_rdms_count(behaviour), 16);
  assert_ok(nax_rsa_pool(NULL, data, NAX_RSA_CORR, pool));
  assert_ok(nax_rdms_create(NULL, 92, 1, pool, &it));
  assert_ok(nax_rdms_take(NULL, models, 1, (nax_index[]){6}, &outline));
  const nax_rsa_model both[2] = {{"hIT", it, NAX_RSA_FIXED},
                                 {"silhouette", outline, NAX_RSA_FIXED}};
  o.n_permutations = 200;
  assert_ok(nax_rsa_fit(NULL, behaviour, 2, both, NULL, &o, &r));
  nax_rsa_get_ceiling(r, &lower, &upper);
  assert_true(0.0 < lower && lower < upper && upper < 1.0);
  assert_close(nax_rsa_get(r, 0).p_max, 1.0 / 201.0, 1e-12, 0);
  assert_true(nax_rsa_get(r, 0).mean < upper && nax_rsa_get(r, 0).p_signed_rank < 1e-3);
  assert_true(nax_rsa_get_difference(r, 0, 1).difference > 0.0 &&
              nax_rsa_get_difference(r, 0, 1).p_bonferroni < 1e-3);
  nax_rsa_free(r);
  nax_rdms_free(behaviour);
  nax_rdms_free(it);
  nax_rdms_free(outline);
  for (int k = 0; k < 8; k++) {
    nax_rdms_free(each[k]);
  }
  free(m);
  free(hit.x);
  free(mean);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

static void
results_are_datasets(void **state)
{
  (void)state;
  uint64_t seed = 6;
  nax_rdms *data = simulated(8, 5, 0.5, 0.0, &seed),
           *models = simulated(8, 2, 0.5, 0.0, &seed);
  nax_rdms *each[2];
  nax_rsa_model *m = fixed_models(models, each);
  nax_rsa *r = NULL;
  nax_dataset *d = NULL;
  assert_ok(nax_rsa_fit(NULL, data, 2, m, NULL, NULL, &r));
  assert_ok(nax_rsa_dataset(NULL, r, nax_rdms_axis(data), &d));
  const nax_table *t = nax_dataset_table(d, "models");
  assert_int_equal(nax_table_n_rows(t), 2);
  assert_string_equal(nax_table_text(t, nax_table_find(t, "model"))[1], "model 2");
  assert_true(nax_table_numbers(t, nax_table_find(t, "mean"))[1] ==
              nax_rsa_get(r, 1).mean);
  assert_int_equal(nax_table_find(t, "p_bootstrap"), -1); /* not made */
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "differences")), 1);
  assert_int_equal(nax_array_dim(nax_dataset_array(d, "evaluations"), 1), 5);
  assert_string_equal(nax_dataset_text(d, "option_comparator"), "corr");
  assert_true(isnan(nax_rsa_get(r, 2).mean));
  assert_null(nax_rsa_model_name(r, 2));
  nax_dataset_free(d);
  NAX_T_SWEEP_ALLOC(nax_rsa_dataset(NULL, r, NULL, &d), d, nax_dataset_free(d), 500);
  nax_rsa_free(r);
  nax_rdms_free(each[0]);
  nax_rdms_free(each[1]);
  free(m);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

static void
failing_allocations_leave_nothing(void **state)
{
  (void)state;
  uint64_t seed = 8;
  nax_rdms *data = simulated(6, 3, 0.5, 0.0, &seed),
           *models = simulated(6, 2, 0.5, 0.0, &seed);
  nax_rdms *each[2];
  nax_rsa_model *m = fixed_models(models, each);
  nax_rsa_model flexible[1] = {{NULL, models, NAX_RSA_NONNEGATIVE}};
  nax_rsa *r = NULL;
  for (int how = 0; how < 4; how++) {
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    o.n_samples = 40;
    o.n_permutations = how == 0;
    o.comparator = how == 2 ? NAX_RSA_TAU_A : NAX_RSA_CORR;
    o.resampling = how == 0 ? NAX_RSA_RESAMPLE_NONE : NAX_RSA_RESAMPLE_DUAL;
    o.subject_folds = 1;
    o.condition_folds = 1;
    int flex = how == 3;
    NAX_T_SWEEP_ALLOC(
        nax_rsa_fit(NULL, data, flex ? 1 : 2, flex ? flexible : m, NULL, &o, &r), r,
        nax_rsa_free(r), 12000);
    r = NULL;
  }
  size_t bytes = 0;
  assert_ok(nax_rsa_memory(NULL, 92, 20, 5, 2, NULL, &bytes));
  assert_true(bytes > 92 * 91 / 2 * 25 * sizeof(double));
  nax_rdms_free(each[0]);
  nax_rdms_free(each[1]);
  free(m);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fixed_models_agree_with_the_reference),
      cmocka_unit_test(the_dual_bootstrap_agrees_with_the_reference),
      cmocka_unit_test(multiplicities_are_resampled_rdms),
      cmocka_unit_test(bootstrap_variance_is_that_of_the_samples),
      cmocka_unit_test(permutation_tests_take_every_order_of_few_conditions),
      cmocka_unit_test(all_resamplings_give_the_same_bits_for_any_number_of_threads),
      cmocka_unit_test(fitted_models_find_the_mixture_in_data_they_have_not_seen),
      cmocka_unit_test(signed_ranks_are_those_of_all_signs),
      cmocka_unit_test(two_groups_differ_only_where_they_do),
      cmocka_unit_test(designs_too_small_for_a_test_are_refused_with_a_reason),
      cmocka_unit_test(the_92_images_give_the_published_comparison),
      cmocka_unit_test(results_are_datasets),
      cmocka_unit_test(failing_allocations_leave_nothing),
  };
  return cmocka_run_group_tests_name("rsa-infer", tests, NULL, NULL);
}
