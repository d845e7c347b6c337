/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates of false positives and coverage of intervals, by simulation. */
#include "rsa_reference.h"

enum { C = 20, S = 8, P = 6, M = C * (C - 1) / 2, RUNS = 400 };

static double
normal(uint64_t *seed)
{
  double u = nax_t_uniform(seed), v = nax_t_uniform(seed);
  return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * v);
}

static void
patterns(double *x, uint64_t *seed)
{
  for (int i = 0; i < C * P; i++) {
    x[i] = normal(seed);
  }
}

/* Squared distances of patterns, some of them shared, plus noise of each pair. */
static void
distances(const double *x, double noise, double *d, uint64_t *seed)
{
  for (int i = 0, k = 0; i < C; i++) {
    for (int j = i + 1; j < C; j++, k++) {
      d[k] = noise * normal(seed);
      for (int p = 0; p < P; p++) {
        double e = x[p + i * P] - x[p + j * P];
        d[k] += e * e / P;
      }
    }
  }
}

typedef struct rates {
  double zero, pair, permutation, max, signed_rank;
} rates;

/* Shares of p values below 0.05 for two models that have nothing to do with the data.
 * shared: the subjects see one geometry, drawn anew in each run; else each has its own.
 */
static rates
false_positives(nax_rsa_resampling how, int shared, uint64_t seed)
{
  rates r = {0};
  static double d[S * M], m[2 * M], x[C * P];
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 1));
  for (int run = 0; run < RUNS; run++) {
    nax_rdms *data = NULL, *one = NULL, *two = NULL;
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa *fit = NULL;
    patterns(x, &seed);
    for (int s = 0; s < S; s++) {
      if (!shared) {
        patterns(x, &seed);
      }
      distances(x, 0.5, d + s * M, &seed);
    }
    for (int k = 0; k < 2; k++) {
      patterns(x, &seed);
      distances(x, 0.0, m + k * M, &seed);
    }
    assert_ok(nax_rdms_create(NULL, C, S, d, &data));
    assert_ok(nax_rdms_create(NULL, C, 1, m, &one));
    assert_ok(nax_rdms_create(NULL, C, 1, m + M, &two));
    nax_rsa_model models[2] = {{NULL, one, NAX_RSA_FIXED}, {NULL, two, NAX_RSA_FIXED}};
    o.resampling = how;
    o.n_samples = 200;
    o.n_permutations = 199;
    o.seed = seed;
    assert_ok(nax_rsa_fit(ctx, data, 2, models, NULL, &o, &fit));
    nax_rsa_estimate e = nax_rsa_get(fit, 0);
    r.zero += (e.p_zero < 0.05) / (double)RUNS;
    r.permutation += (e.p_permutation <= 0.05) / (double)RUNS;
    r.max += (fmin(e.p_max, nax_rsa_get(fit, 1).p_max) <= 0.05) / (double)RUNS;
    r.signed_rank += (e.p_signed_rank < 0.05) / (double)RUNS;
    r.pair += (nax_rsa_get_difference(fit, 0, 1).p < 0.05) / (double)RUNS;
    nax_rsa_free(fit);
    nax_rdms_free(data);
    nax_rdms_free(one);
    nax_rdms_free(two);
  }
  nax_ctx_free(ctx);
  print_message(
      "# resampling %d, %s geometry: above 0 %.3f, pair %.3f, permutation %.3f, "
      "largest %.3f, signed rank %.3f\n",
      (int)how, shared ? "one" : "own", r.zero, r.pair, r.permutation, r.max,
      r.signed_rank);
  return r;
}

/* 5 % within three standard errors of 400 runs. */
#define assert_five_percent(x) assert_true((x) > 0.017 && (x) < 0.083)

static void
tests_for_new_subjects_keep_their_level(void **state)
{
  (void)state;
  nax_t_long();
  rates r = false_positives(NAX_RSA_RESAMPLE_NONE, 0, 1);
  assert_five_percent(r.zero);
  assert_five_percent(r.pair);
  assert_true(r.signed_rank < 0.083); /* discrete: 0.039 at most for 8 */
  r = false_positives(NAX_RSA_RESAMPLE_SUBJECTS, 0, 2);
  assert_five_percent(r.zero);
  assert_five_percent(r.pair);
}

static void
relabelled_conditions_keep_the_level_for_any_data(void **state)
{
  (void)state;
  nax_t_long();
  rates r = false_positives(NAX_RSA_RESAMPLE_NONE, 1, 3);
  assert_five_percent(r.permutation);
  assert_five_percent(r.max);
  /* A geometry that all subjects share and a model drawn with it: not what a test over
   * subjects alone is for, and it shows. */
  assert_true(r.zero > 0.15);
}

static void
tests_for_new_conditions_do_not_exceed_their_level(void **state)
{
  (void)state;
  nax_t_long();
  rates r = false_positives(NAX_RSA_RESAMPLE_CONDITIONS, 1, 4);
  assert_true(r.zero < 0.083 && r.pair < 0.083);
  r = false_positives(NAX_RSA_RESAMPLE_DUAL, 1, 5);
  assert_true(r.zero < 0.083 && r.pair < 0.083);
  r = false_positives(NAX_RSA_RESAMPLE_DUAL, 0, 6);
  assert_true(r.zero < 0.083 && r.pair < 0.083);
}

static void
intervals_cover_what_they_say(void **state)
{
  (void)state;
  nax_t_long();
  uint64_t seed = 7;
  static double x[C * P], d[2000 * M];
  double truth = 0.0, covered = 0.0;
  nax_rdms *model = NULL, *many = NULL;
  static double s[2000], m[M];
  patterns(x, &seed);
  distances(x, 0.0, m, &seed);
  assert_ok(nax_rdms_create(NULL, C, 1, m, &model));
  /* Subjects share the geometry; the truth is the mean over very many of them. */
  for (int k = 0; k < 2000; k++) {
    distances(x, 1.5, d + k * M, &seed);
  }
  assert_ok(nax_rdms_create(NULL, C, 2000, d, &many));
  assert_ok(nax_rsa_compare(NULL, model, many, NAX_RSA_CORR, NULL, 0, s));
  for (int k = 0; k < 2000; k++) {
    truth += s[k] / 2000.0;
  }
  nax_rdms_free(many);
  for (int run = 0; run < 1000; run++) {
    nax_rdms *data = NULL;
    nax_rsa *fit = NULL;
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa_model one = {NULL, model, NAX_RSA_FIXED};
    for (int k = 0; k < S; k++) {
      distances(x, 1.5, d + k * M, &seed);
    }
    assert_ok(nax_rdms_create(NULL, C, S, d, &data));
    o.n_permutations = 0;
    assert_ok(nax_rsa_fit(NULL, data, 1, &one, NULL, &o, &fit));
    nax_rsa_estimate e = nax_rsa_get(fit, 0);
    covered += (e.lower <= truth && truth <= e.upper) / 1000.0;
    nax_rsa_free(fit);
    nax_rdms_free(data);
  }
  print_message("# intervals of 95 %%: %.3f\n", covered);
  assert_true(covered > 0.925 && covered < 0.975);
  nax_rdms_free(model);
}

/* Coverage of 95 % intervals for the similarity of a model, over RUNS experiments with
 * new subjects (and `conditions`: new conditions, drawn from a large set). */
static double
coverage(nax_rsa_resampling how, nax_rsa_interval interval, int subjects, int conditions,
         uint64_t seed)
{
  enum { ALL = 200, ALL_M = ALL * (ALL - 1) / 2, MANY = 40 };
  double *x = calloc(2 * ALL * P, sizeof *x),
         *d = calloc((size_t)MANY * ALL_M, sizeof *d);
  double *near = x + ALL * P, s[MANY], truth = 0.0, covered = 0.0;
  int n = conditions ? ALL : C, m = n * (n - 1) / 2;
  nax_rdms *model = NULL, *many = NULL;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 1));
  for (int k = 0; k < ALL * P; k++) { /* patterns, and a model's that are like them */
    x[k] = normal(&seed);
    near[k] = x[k] + 0.8 * normal(&seed);
  }
  for (int i = 0, k = 0; i < n; i++) {
    for (int j = i + 1; j < n; j++, k++) {
      for (int p = 0; p < P; p++) {
        double e = near[p + i * P] - near[p + j * P];
        d[k] += e * e;
      }
    }
  }
  assert_ok(nax_rdms_create(NULL, n, 1, d, &model));
  /* The truth: the mean over very many subjects. */
  int batches = conditions ? 1 : 100;
  for (int batch = 0; batch < batches; batch++) {
    for (int r = 0; r < MANY; r++) {
      for (int i = 0, k = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++, k++) {
          double *to = &d[(size_t)k + (size_t)r * (size_t)m];
          *to = 1.5 * normal(&seed);
          for (int p = 0; p < P; p++) {
            double e = x[p + i * P] - x[p + j * P];
            *to += e * e / P;
          }
        }
      }
    }
    assert_ok(nax_rdms_create(NULL, n, MANY, d, &many));
    assert_ok(nax_rsa_compare(NULL, model, many, NAX_RSA_CORR, NULL, 0, s));
    for (int k = 0; k < MANY; k++) {
      truth += s[k] / (MANY * batches);
    }
    nax_rdms_free(many);
  }
  for (int run = 0; run < RUNS; run++) {
    nax_index at[C];
    double part[C * P];
    static double own[32 * M], mine[M];
    nax_rdms *data = NULL, *one = NULL;
    nax_rsa *fit = NULL;
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    for (int i = 0; i < C; i++) {
      at[i] = i;
      for (int again = conditions; again;) { /* C different ones */
        at[i] = (nax_index)(nax_t_uniform(&seed) * ALL);
        again = 0;
        for (int q = 0; q < i; q++) {
          again = again || at[q] == at[i];
        }
      }
    }
    for (int i = 0, k = 0; i < C; i++) {
      memcpy(part + i * P, x + at[i] * P, P * sizeof *part);
      for (int j = i + 1; j < C; j++, k++) {
        mine[k] = 0.0;
        for (int p = 0; p < P; p++) {
          double e = near[p + at[i] * P] - near[p + at[j] * P];
          mine[k] += e * e;
        }
      }
    }
    for (int k = 0; k < subjects; k++) {
      distances(part, 1.5, own + k * M, &seed);
    }
    assert_ok(nax_rdms_create(NULL, C, subjects, own, &data));
    assert_ok(nax_rdms_create(NULL, C, 1, mine, &one));
    nax_rsa_model m1 = {NULL, one, NAX_RSA_FIXED};
    o.resampling = how;
    o.interval = interval;
    o.n_samples = 400;
    o.n_permutations = 0;
    o.seed = seed;
    assert_ok(nax_rsa_fit(ctx, data, 1, &m1, NULL, &o, &fit));
    nax_rsa_estimate e = nax_rsa_get(fit, 0);
    covered += (e.lower <= truth && truth <= e.upper) / (double)RUNS;
    nax_rsa_free(fit);
    nax_rdms_free(data);
    nax_rdms_free(one);
  }
  print_message("# resampling %d, interval %d, %d subjects, new conditions %d: %.3f\n",
                (int)how, (int)interval, subjects, conditions, covered);
  nax_rdms_free(model);
  nax_ctx_free(ctx);
  free(x);
  free(d);
  return covered;
}

static void
intervals_from_samples_cover_what_they_say(void **state)
{
  (void)state;
  nax_t_long();
  /* Three standard errors of 400 runs about 95 %; samples of 24 are known to be narrow,
   * by sqrt(23 / 24) and normal in place of t quantiles: 93 %. */
  for (int kind = NAX_RSA_INTERVAL_T; kind <= NAX_RSA_INTERVAL_BCA; kind++) {
    double v = coverage(NAX_RSA_RESAMPLE_SUBJECTS, (nax_rsa_interval)kind, 24, 0, 41);
    double expected = kind == NAX_RSA_INTERVAL_T ? 0.95 : 0.932;
    assert_true(fabs(v - expected) < 3.0 * sqrt(expected * (1.0 - expected) / RUNS));
  }
}

static void
intervals_for_new_conditions_cover_at_least_what_they_say(void **state)
{
  (void)state;
  nax_t_long();
  assert_true(coverage(NAX_RSA_RESAMPLE_CONDITIONS, NAX_RSA_INTERVAL_T, 8, 1, 42) >
              0.917);
  assert_true(coverage(NAX_RSA_RESAMPLE_DUAL, NAX_RSA_INTERVAL_T, 8, 1, 43) > 0.917);
}

static void
clusters_of_noise_are_as_rare_as_stated(void **state)
{
  (void)state;
  enum { T = 24, N = 8 };
  uint64_t seed = 51;
  double any[2] = {0.0, 0.0};
  for (int run = 0; run < RUNS; run++) {
    double x[T * N];
    for (int s = 0; s < N; s++) { /* smooth over time */
      double before = normal(&seed);
      for (int i = 0; i < T; i++) {
        before = 0.7 * before + normal(&seed);
        x[i + T * s] = before;
      }
    }
    for (int two = 0; two < 2; two++) {
      nax_table *t = NULL;
      assert_ok(nax_rsa_clusters(NULL, T, N, x, NULL, 0, 0.05, two, 256, 1, NULL, &t));
      any[two] += nax_table_n_rows(t) > 0 &&
                  nax_table_numbers(t, nax_table_find(t, "p"))[0] <= 0.05;
      nax_table_free(t);
    }
  }
  print_message("# clusters of noise: %.3f, two-sided %.3f\n", any[0] / RUNS,
                any[1] / RUNS);
  assert_five_percent(any[0] / RUNS);
  assert_five_percent(any[1] / RUNS);
}

static void
groups_that_do_not_differ_are_told_apart_as_rarely_as_stated(void **state)
{
  (void)state;
  uint64_t seed = 52;
  double p = 0.0, permutation = 0.0, most = 0.0;
  static double x[C * P], m[2 * M], d[2 * S * M];
  for (int run = 0; run < RUNS; run++) {
    nax_rdms *a = NULL, *b = NULL, *models = NULL;
    nax_rsa_group_difference g[2];
    patterns(x, &seed);
    distances(x, 0.0, m, &seed);
    distances(x, 0.5, m + M, &seed);
    for (int s = 0; s < 2 * S; s++) {
      distances(x, 1.5, d + s * M, &seed);
    }
    assert_ok(nax_rdms_create(NULL, C, 2, m, &models));
    assert_ok(nax_rdms_create(NULL, C, S, d, &a));
    assert_ok(nax_rdms_create(NULL, C, S, d + S * M, &b));
    assert_ok(
        nax_rsa_compare_groups(NULL, a, b, models, NAX_RSA_CORR, NULL, 199, seed, g));
    p += (g[0].p < 0.05) / (double)RUNS;
    permutation += (g[0].p_permutation <= 0.05) / (double)RUNS;
    most += (fmin(g[0].p_max, g[1].p_max) <= 0.05) / (double)RUNS;
    nax_rdms_free(a);
    nax_rdms_free(b);
    nax_rdms_free(models);
  }
  print_message("# groups: t %.3f, exchanged %.3f, largest %.3f\n", p, permutation, most);
  assert_five_percent(p);
  assert_five_percent(permutation);
  assert_five_percent(most);
}

static void
sessions_are_no_subjects(void **state)
{
  (void)state;
  enum { SESSIONS = 3 };
  uint64_t seed = 53;
  double grouped = 0.0, naive = 0.0;
  static double x[C * P], d[S * SESSIONS * M], m[M];
  int64_t subject[S * SESSIONS];
  for (int run = 0; run < RUNS; run++) {
    nax_rdms *data = NULL, *one = NULL;
    nax_rsa *fit = NULL;
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    o.n_permutations = 0;
    for (int s = 0; s < S; s++) { /* each subject has a geometry of its own */
      patterns(x, &seed);
      for (int k = 0; k < SESSIONS; k++) {
        subject[k + SESSIONS * s] = s;
        distances(x, 0.3, d + (k + SESSIONS * s) * M, &seed);
      }
    }
    patterns(x, &seed);
    distances(x, 0.0, m, &seed);
    assert_ok(nax_rdms_create(NULL, C, S * SESSIONS, d, &data));
    assert_ok(nax_rdms_create(NULL, C, 1, m, &one));
    nax_rsa_model model = {NULL, one, NAX_RSA_FIXED};
    assert_ok(nax_rsa_fit_sessions(NULL, data, subject, 1, &model, NULL, &o, &fit));
    grouped += (nax_rsa_get(fit, 0).p_zero < 0.05) / (double)RUNS;
    nax_rsa_free(fit);
    assert_ok(nax_rsa_fit(NULL, data, 1, &model, NULL, &o, &fit));
    naive += (nax_rsa_get(fit, 0).p_zero < 0.05) / (double)RUNS;
    nax_rsa_free(fit);
    nax_rdms_free(data);
    nax_rdms_free(one);
  }
  print_message("# sessions: grouped %.3f, taken for subjects %.3f\n", grouped, naive);
  assert_five_percent(grouped);
  assert_true(naive > 0.1); /* what it would be without */
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tests_for_new_subjects_keep_their_level),
      cmocka_unit_test(relabelled_conditions_keep_the_level_for_any_data),
      cmocka_unit_test(tests_for_new_conditions_do_not_exceed_their_level),
      cmocka_unit_test(intervals_cover_what_they_say),
      cmocka_unit_test(intervals_from_samples_cover_what_they_say),
      cmocka_unit_test(intervals_for_new_conditions_cover_at_least_what_they_say),
      cmocka_unit_test(clusters_of_noise_are_as_rare_as_stated),
      cmocka_unit_test(groups_that_do_not_differ_are_told_apart_as_rarely_as_stated),
      cmocka_unit_test(sessions_are_no_subjects),
  };
  return cmocka_run_group_tests_name("rsa-calibration", tests, NULL, NULL);
}
