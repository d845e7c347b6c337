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

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tests_for_new_subjects_keep_their_level),
      cmocka_unit_test(relabelled_conditions_keep_the_level_for_any_data),
      cmocka_unit_test(tests_for_new_conditions_do_not_exceed_their_level),
      cmocka_unit_test(intervals_cover_what_they_say),
  };
  return cmocka_run_group_tests_name("rsa-calibration", tests, NULL, NULL);
}
