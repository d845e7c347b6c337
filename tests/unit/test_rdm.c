/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarity matrices from responses, and the noise between channels. */
#include "rsa_reference.h"

/* The recording of the reference numbers: 48 observations of 20 channels, 12 conditions
 * in 4 folds. */
typedef struct recording {
  ref x, counts, precision, per_fold;
  int64_t *condition, *fold;
  nax_index n_obs;
} recording;

static recording
load(void)
{
  recording r = {.x = ref_load("in_X"),
                 .counts = ref_load("in_counts"),
                 .precision = ref_load("in_prec"),
                 .per_fold = ref_load("in_prec_per_run"),
                 .n_obs = 48};
  ref c = ref_load("in_cond"), f = ref_load("in_run");
  r.condition = ref_integers(&c);
  r.fold = ref_integers(&f);
  free(c.x);
  free(f.x);
  return r;
}

static void
drop(recording *r)
{
  free(r->x.x);
  free(r->counts.x);
  free(r->precision.x);
  free(r->per_fold.x);
  free(r->condition);
  free(r->fold);
}

static nax_view
matrix(const double *x, nax_index rows, nax_index cols)
{
  return nax_view_f64(x, 2, (nax_index[]){rows, cols});
}

static void
check(const recording *r, const char *name, const double *data, nax_rdm_opts o,
      const nax_view *precision, double tol)
{
  nax_rdms *d = NULL;
  nax_view x = matrix(data, 20, r->n_obs);
  assert_ok(nax_rdm_fit(NULL, &x, r->condition, r->fold, precision, &o, &d));
  ref_check(name, nax_rdms_vector(d, 0), 66, tol);
  nax_rdms_free(d);
}

static void
balanced_measures_agree_with_the_reference(void **state)
{
  (void)state;
  recording r = load();
  nax_view n = matrix(r.precision.x, 20, 20);
  nax_view each = nax_view_f64(r.per_fold.x, 3, (nax_index[]){20, 20, 4});
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  check(&r, "rdm_euclidean", r.x.x, o, NULL, 1e-12);
  o.remove_mean = 1;
  check(&r, "rdm_euclidean_demean", r.x.x, o, NULL, 1e-12);
  o.measure = NAX_RDM_MAHALANOBIS;
  check(&r, "rdm_mahalanobis_demean", r.x.x, o, &n, 1e-12);
  o.measure = NAX_RDM_CROSSNOBIS;
  check(&r, "rdm_crossnobis_prec_demean", r.x.x, o, &n, 1e-12);
  o.remove_mean = 0;
  check(&r, "rdm_crossnobis_prec", r.x.x, o, &n, 1e-12);
  check(&r, "rdm_crossnobis_id", r.x.x, o, NULL, 1e-12);
  check(&r, "rdm_crossnobis_perrun", r.x.x, o, &each, 1e-11);
  o.measure = NAX_RDM_MAHALANOBIS;
  check(&r, "rdm_mahalanobis", r.x.x, o, &n, 1e-12);
  o.measure = NAX_RDM_CORRELATION;
  check(&r, "rdm_correlation", r.x.x, o, NULL, 1e-12);
  o.measure = NAX_RDM_POISSON;
  check(&r, "rdm_poisson", r.counts.x, o, NULL, 1e-12);
  o.prior = 2.0;
  o.prior_weight = 0.5;
  check(&r, "rdm_poisson_p2", r.counts.x, o, NULL, 1e-12);
  o = (nax_rdm_opts)NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_POISSON_CV;
  check(&r, "rdm_poisson_cv_mean", r.counts.x, o, NULL, 1e-12);
  o.compat = 1;
  check(&r, "rdm_poisson_cv_rsatoolbox_lastfold", r.counts.x, o, NULL, 1e-12);
  drop(&r);
}

/* The reference lists conditions as they first occur; we in the order of their values. */
static void
check_unbalanced(const char *name, const double *x, nax_index n, const int64_t *condition,
                 const int64_t *fold, nax_rdm_opts o, const nax_view *precision,
                 const int *rank)
{
  nax_rdms *d = NULL;
  nax_view v = matrix(x, 20, n);
  double e[66];
  assert_ok(nax_rdm_fit(NULL, &v, condition, fold, precision, &o, &d));
  for (int i = 0, k = 0; i < 12; i++) {
    for (int j = i + 1; j < 12; j++, k++) {
      e[nax_rdm_pair(12, rank[i], rank[j])] = nax_rdms_vector(d, 0)[k];
    }
  }
  ref_check(name, e, 66, 1e-11);
  nax_rdms_free(d);
}

static void
unbalanced_measures_agree_with_the_reference(void **state)
{
  (void)state;
  recording r = load();
  ref keep = ref_load("in_unbal_keep"), gaps = ref_load("in_unbal_Xnan");
  ref count_gaps = ref_load("in_unbal_counts_nan");
  nax_view n_matrix = matrix(r.precision.x, 20, 20);
  double x[44 * 20], counts[44 * 20];
  int64_t condition[44], fold[44];
  int rank[12], seen[12] = {0}, next = 0;
  nax_index n = 0;
  for (int i = 0; i < 48; i++) {
    if (keep.x[i] > 0.0) {
      memcpy(x + n * 20, r.x.x + i * 20, 20 * sizeof *x);
      memcpy(counts + n * 20, r.counts.x + i * 20, 20 * sizeof *x);
      condition[n] = r.condition[i];
      fold[n++] = r.fold[i];
      if (!seen[r.condition[i]]++) {
        rank[r.condition[i]] = next++;
      }
    }
  }
  assert_int_equal(n, 44);
  const struct {
    const char *name;
    nax_rdm_measure measure;
    int counts, whitens, gaps;
  } cases[] = {{"euclidean", NAX_RDM_EUCLIDEAN, 0, 0, 1},
               {"correlation", NAX_RDM_CORRELATION, 0, 0, 1},
               {"mahalanobis", NAX_RDM_MAHALANOBIS, 0, 1, 1},
               {"crossnobis", NAX_RDM_CROSSNOBIS, 0, 1, 1},
               {"poisson", NAX_RDM_POISSON, 1, 0, 0},
               {"poisson_cv", NAX_RDM_POISSON_CV, 1, 0, 1}};
  for (int c = 0; c < 6; c++) {
    for (int equal = 0; equal < 2; equal++) {
      for (int missing = 0; missing <= cases[c].gaps; missing++) {
        char name[64];
        nax_rdm_opts o = NAX_RDM_OPTS_INIT;
        o.measure = cases[c].measure;
        o.design = equal ? NAX_RDM_DESIGN_EQUAL : NAX_RDM_DESIGN_NUMBER;
        o.compat = 1;
        snprintf(name, sizeof name, "unbal%s_%s_%s", missing ? "nan" : "", cases[c].name,
                 equal ? "equal" : "number");
        const double *data = missing ? (cases[c].counts ? count_gaps.x : gaps.x)
                                     : (cases[c].counts ? counts : x);
        const nax_view *p = cases[c].whitens ? &n_matrix : NULL;
        check_unbalanced(name, data, n, condition, fold, o, p, rank);
        /* What is right in the peer is the same without compat. */
        if (!equal && (!missing || cases[c].counts || c == 0)) {
          o.compat = 0;
          check_unbalanced(name, data, n, condition, fold, o, p, rank);
        }
      }
    }
  }
  free(keep.x);
  free(gaps.x);
  free(count_gaps.x);
  drop(&r);
}

static void
pairs_without_gaps_are_the_means(void **state)
{
  (void)state;
  recording r = load();
  nax_view x = matrix(r.x.x, 20, 48), n = matrix(r.precision.x, 20, 20);
  const nax_rdm_measure measures[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_MAHALANOBIS,
                                      NAX_RDM_CROSSNOBIS};
  for (int k = 0; k < 3; k++) {
    nax_rdm_opts o = NAX_RDM_OPTS_INIT;
    nax_rdms *means = NULL, *pairs = NULL;
    const nax_view *p = k > 0 ? &n : NULL;
    o.measure = measures[k];
    o.remove_mean = 1;
    assert_ok(nax_rdm_fit(NULL, &x, r.condition, r.fold, p, &o, &means));
    for (int equal = 0; equal < 2; equal++) {
      o.design = equal ? NAX_RDM_DESIGN_EQUAL : NAX_RDM_DESIGN_NUMBER;
      assert_ok(nax_rdm_fit(NULL, &x, r.condition, r.fold, p, &o, &pairs));
      assert_all_close(nax_rdms_vector(pairs, 0), nax_rdms_vector(means, 0), 66, 1e-11,
                       1e-11);
      nax_rdms_free(pairs);
    }
    nax_rdms_free(means);
  }
  drop(&r);
}

static void
occurrences_are_folds_where_none_are_given(void **state)
{
  (void)state;
  recording r = load();
  nax_view x = matrix(r.x.x, 20, 48);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *d = NULL;
  o.measure = NAX_RDM_CROSSNOBIS;
  assert_ok(nax_rdm_fit(NULL, &x, r.condition, NULL, NULL, &o, &d));
  ref_check("rdm_crossnobis_id", nax_rdms_vector(d, 0), 66, 1e-12);
  nax_rdms_free(d);
  drop(&r);
}

/* Missing channels: by definition, with the inverse of the covariance of what a pair of
 * observations shares. */
static void
missing_channels_use_the_covariance_of_the_others(void **state)
{
  (void)state;
  enum { P = 3, N = 4 };
  /* Two conditions in two folds; channel 1 of observation 0 is missing. */
  double x[P * N] = {1, NAN, 2, 0.5, 1, -1, 0.3, 2, 1, -1, 0.4, 0.2};
  int64_t condition[N] = {0, 1, 0, 1}, fold[N] = {0, 0, 1, 1};
  double cov[9] = {2, 0.5, 0.3, 0.5, 1, 0.2, 0.3, 0.2, 1.5}, n[9];
  assert_ok(nax_rdm_precision(NULL, P, cov, n));
  nax_view v = matrix(x, P, N), nv = matrix(n, P, P);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *d = NULL;
  o.measure = NAX_RDM_CROSSNOBIS;
  assert_ok(nax_rdm_fit(NULL, &v, condition, fold, &nv, &o, &d));
  double k[2][2];
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 2; j++) {
      /* Ordered: condition i in fold 0 with condition j in fold 1. */
      const double *a = x + i * P, *b = x + (2 + j) * P;
      if (i == 0) { /* channels 0 and 2 */
        double det = cov[0] * cov[8] - cov[2] * cov[2];
        k[i][j] = (a[0] * (cov[8] * b[0] - cov[2] * b[2]) +
                   a[2] * (cov[0] * b[2] - cov[2] * b[0])) /
                  det / 2.0;
      } else {
        k[i][j] = 0.0;
        for (int s = 0; s < P; s++) {
          for (int t = 0; t < P; t++) {
            k[i][j] += a[s] * n[s + P * t] * b[t] / 3.0;
          }
        }
      }
    }
  }
  /* The two orders of the mixed pair weigh by their numbers of channels, 2 and 3. */
  double mixed = (2.0 * k[0][1] + 3.0 * k[1][0]) / 5.0;
  assert_close(nax_rdms_vector(d, 0)[0], k[0][0] + k[1][1] - 2.0 * mixed, 1e-13, 1e-13);
  nax_rdms_free(d);
}

static void
noise_covariances_agree_with_the_reference(void **state)
{
  (void)state;
  recording r = load();
  ref res = ref_load("in_residuals"), keep = ref_load("in_unbal_keep");
  nax_view x = matrix(r.x.x, 20, 48), e = matrix(res.x, 20, 60);
  double part[44 * 20];
  int64_t part_condition[44];
  for (int i = 0, k = 0; i < 48; i++) {
    if (keep.x[i] > 0.0) {
      memcpy(part + k * 20, r.x.x + i * 20, 20 * sizeof *part);
      part_condition[k++] = r.condition[i];
    }
  }
  nax_view some = matrix(part, 20, 44);
  const char *names[] = {"full", "diag", "shrinkage_eye", "shrinkage_diag"};
  double c[400];
  for (int k = 0; k < 4; k++) {
    nax_rdm_covariance method = (nax_rdm_covariance)(NAX_RDM_COV_FULL + k);
    char name[64];
    assert_ok(nax_rdm_noise(NULL, &e, NULL, method, NAX_NOT_GIVEN, 0, c));
    snprintf(name, sizeof name, "cov_res_%s", names[k]);
    ref_check(name, c, 400, 1e-12);
    assert_ok(nax_rdm_noise(NULL, &e, NULL, method, 50.0, 0, c));
    snprintf(name, sizeof name, "cov_res_dof50_%s", names[k]);
    ref_check(name, c, 400, 1e-12);
    assert_ok(nax_rdm_noise(NULL, &some, part_condition, method, NAX_NOT_GIVEN, 0, c));
    snprintf(name, sizeof name, "cov_unb_%s", names[k]);
    ref_check(name, c, 400, 1e-12);
    assert_ok(nax_rdm_noise(NULL, &x, r.condition, method, NAX_NOT_GIVEN, 1, c));
    snprintf(name, sizeof name, "cov_meas_%s", names[k]);
    ref_check(name, c, 400, 1e-12);
  }
  /* The precision of the reference is that of its residuals, and can be asked for. */
  double n[400];
  assert_ok(
      nax_rdm_noise(NULL, &e, NULL, NAX_RDM_COV_SHRINKAGE_DIAG, NAX_NOT_GIVEN, 0, c));
  assert_ok(nax_rdm_precision(NULL, 20, c, n));
  ref_check("in_prec", n, 400, 1e-10);
  free(res.x);
  free(keep.x);
  drop(&r);
}

static void
noise_between_conditions_agrees_with_the_reference(void **state)
{
  (void)state;
  recording r = load();
  double s[144];
  nax_view x = matrix(r.x.x, 20, 48), n = matrix(r.precision.x, 20, 20);
  assert_ok(nax_rdm_sigma_k(NULL, &x, r.condition, r.fold, NULL, s));
  ref_check("sigmak", s, 144, 1e-9);
  assert_ok(nax_rdm_sigma_k(NULL, &x, r.condition, r.fold, &n, s));
  ref_check("sigmak_prec", s, 144, 1e-8);
  drop(&r);
}

/* Normal numbers for simulations. */
static double
normal(uint64_t *seed)
{
  double u = nax_t_uniform(seed), v = nax_t_uniform(seed);
  return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * v);
}

static void
crossnobis_is_unbiased_with_the_covariance_it_says(void **state)
{
  (void)state;
  enum { N = 3, P = 8, M = 4, RUNS = 4000 };
  uint64_t seed = 11;
  double u[N * P], sigma[9] = {1, 0.3, 0, 0.3, 1, 0, 0, 0, 0.5};
  double l[9] = {1, 0.3, 0, 0, sqrt(0.91), 0, 0, 0, sqrt(0.5)}; /* sigma = L L' */
  double truth[3], v[9], mean[3] = {0}, cov[9] = {0};
  for (int i = 0; i < N * P; i++) {
    u[i] = 0.6 * normal(&seed);
  }
  for (int i = 0, k = 0; i < N; i++) {
    for (int j = i + 1; j < N; j++, k++) {
      truth[k] = 0.0;
      for (int p = 0; p < P; p++) {
        double e = u[p + i * P] - u[p + j * P];
        truth[k] += e * e / P;
      }
    }
  }
  assert_ok(nax_rdm_variance(NULL, N, truth, sigma, M, P, v));
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_CROSSNOBIS;
  for (int run = 0; run < RUNS; run++) {
    double x[N * P * M];
    int64_t condition[N * M], fold[N * M];
    for (int f = 0; f < M; f++) {
      for (int p = 0; p < P; p++) {
        double z[N] = {normal(&seed), normal(&seed), normal(&seed)};
        for (int i = 0; i < N; i++) {
          double e = 0.0;
          for (int j = 0; j <= i; j++) {
            e += l[i + 0 * N] * z[0] * (j == 0) + l[i + j * N] * z[j] * (j > 0);
          }
          x[p + (i + f * N) * P] = u[p + i * P] + e;
          condition[i + f * N] = i;
          fold[i + f * N] = f;
        }
      }
    }
    nax_rdms *d = NULL;
    nax_view w = matrix(x, P, N * M);
    assert_ok(nax_rdm_fit(NULL, &w, condition, fold, NULL, &o, &d));
    const double *e = nax_rdms_vector(d, 0);
    for (int a = 0; a < 3; a++) {
      mean[a] += e[a] / RUNS;
      for (int b = 0; b < 3; b++) {
        cov[a + b * 3] += (e[a] - truth[a]) * (e[b] - truth[b]) / RUNS;
      }
    }
    nax_rdms_free(d);
  }
  for (int a = 0; a < 3; a++) {
    assert_close(mean[a], truth[a], 0, 4.0 * sqrt(v[a + a * 3] / RUNS));
    for (int b = 0; b < 3; b++) {
      assert_close(cov[a + b * 3], v[a + b * 3], 0,
                   6.0 * sqrt(v[a + a * 3] * v[b + b * 3] / RUNS));
    }
  }
}

static void
fold_measures_of_noise_free_data_are_those_without_folds(void **state)
{
  (void)state;
  recording r = load();
  /* Every fold repeats the first. */
  for (int i = 12; i < 48; i++) {
    memcpy(r.x.x + i * 20, r.x.x + (i % 12) * 20, 20 * sizeof(double));
    memcpy(r.counts.x + i * 20, r.counts.x + (i % 12) * 20, 20 * sizeof(double));
    r.condition[i] = r.condition[i % 12];
  }
  nax_view x = matrix(r.x.x, 20, 48), counts = matrix(r.counts.x, 20, 48);
  const nax_rdm_measure with[] = {NAX_RDM_CROSSNOBIS, NAX_RDM_COSINE_CV,
                                  NAX_RDM_CORRELATION_CV, NAX_RDM_POISSON_CV};
  const nax_rdm_measure without[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_COSINE,
                                     NAX_RDM_CORRELATION, NAX_RDM_POISSON};
  for (int k = 0; k < 4; k++) {
    nax_rdms *a = NULL, *b = NULL;
    nax_rdm_opts o = NAX_RDM_OPTS_INIT;
    o.floor_denominator = 0.0;
    o.measure = with[k];
    assert_ok(nax_rdm_fit(NULL, k < 3 ? &x : &counts, r.condition, r.fold, NULL, &o, &a));
    o.measure = without[k];
    assert_ok(nax_rdm_fit(NULL, k < 3 ? &x : &counts, r.condition, r.fold, NULL, &o, &b));
    assert_all_close(nax_rdms_vector(a, 0), nax_rdms_vector(b, 0), 66, 1e-11, 1e-11);
    nax_rdms_free(a);
    nax_rdms_free(b);
  }
  drop(&r);
}

static void
the_discriminant_t_is_standard_normal_without_signal(void **state)
{
  (void)state;
  enum { P = 6, M = 2, RUNS = 3000 };
  uint64_t seed = 5;
  double sum = 0.0, sum2 = 0.0;
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_LDT;
  for (int run = 0; run < RUNS; run++) {
    double x[P * 8];
    int64_t condition[8] = {0, 0, 1, 1, 0, 0, 1, 1}, fold[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    for (int i = 0; i < P * 8; i++) {
      x[i] = normal(&seed);
    }
    nax_rdms *d = NULL;
    nax_view w = matrix(x, P, 8);
    assert_ok(nax_rdm_fit(NULL, &w, condition, fold, NULL, &o, &d));
    sum += nax_rdms_vector(d, 0)[0] / RUNS;
    sum2 += nax_rdms_vector(d, 0)[0] * nax_rdms_vector(d, 0)[0] / RUNS;
    nax_rdms_free(d);
  }
  assert_close(sum, 0.0, 0, 0.07);
  /* Mean of two t values that share their product: c / |d_1| and c / |d_2|, so the
   * variance lies between that of independent and of equal ones. */
  assert_true(sum2 > 0.7 && sum2 < 1.05);
}

static void
data_that_cannot_be_used_are_refused_with_a_reason(void **state)
{
  (void)state;
  double x[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13};
  int64_t condition[6] = {3, 5, 3, 5, 3, 5}, fold[6] = {0, 0, 1, 1, 2, 2};
  nax_view v = matrix(x, 2, 6);
  nax_rdms *d = NULL;
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_CROSSNOBIS;
  fold[5] = 1;
  assert_error(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), NAX_EDATA,
               "nax_rdm_fit: condition 5 is missing in fold 2: leave one of them out, or "
               "set `design` to number");
  assert_null(d);
  o.design = NAX_RDM_DESIGN_NUMBER;
  assert_ok(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d));
  assert_true(isfinite(nax_rdms_vector(d, 0)[0]));
  nax_rdms_free(d);
  o.design = NAX_RDM_DESIGN_AUTO;
  nax_view two = matrix(x, 2, 2);
  assert_error(nax_rdm_fit(NULL, &two, condition, NULL, NULL, &o, &d), NAX_EDATA,
               "nax_rdm_fit: a measure between folds needs at least 2 of them, each "
               "condition has 1 repetition");
  nax_view five = matrix(x, 2, 5);
  assert_error(nax_rdm_fit(NULL, &five, condition, NULL, NULL, &o, &d), NAX_EDATA,
               "nax_rdm_fit: condition 3 occurs 3 times, condition 5 2 times: folds must "
               "be given");
  int64_t one[6] = {3, 3, 3, 3, 3, 3};
  assert_error(nax_rdm_fit(NULL, &v, one, fold, NULL, &o, &d), NAX_EDATA,
               "nax_rdm_fit: need at least 2 conditions, all observations are of "
               "condition 3");
  o.measure = NAX_RDM_POISSON;
  o.prior_weight = 0.0;
  x[4] = x[0] = x[8] = 0.0;
  assert_error(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), NAX_EDATA,
               "nax_rdm_fit: a Poisson measure needs rates above 0, channel 0 has 0 with "
               "the prior");
  o.remove_mean = 1;
  assert_status(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), NAX_EINVAL);
  o = (nax_rdm_opts)NAX_RDM_OPTS_INIT;
  x[3] = INFINITY;
  assert_error(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), NAX_EDATA,
               "nax_rdm_fit: `x` is infinite at channel 1, observation 1");
  x[3] = NAN;
  o.design = NAX_RDM_DESIGN_MEANS;
  assert_error(
      nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), NAX_EDATA,
      "nax_rdm_fit: `x` has missing values, for which `design` must be number or "
      "equal");
  o.measure = NAX_RDM_LDT;
  o.design = NAX_RDM_DESIGN_NUMBER;
  assert_status(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), NAX_EINVAL);
  nax_view n = matrix(x, 2, 2);
  o.measure = NAX_RDM_EUCLIDEAN;
  assert_status(nax_rdm_fit(NULL, &v, condition, fold, &n, &o, &d), NAX_EINVAL);
  assert_null(d);
  double singular[4] = {1, 1, 1, 1};
  assert_status(nax_rdm_precision(NULL, 2, singular, singular), NAX_ENUMERIC);
  x[3] = 4;
  double c[4];
  nax_view flat = matrix((double[]){1, 2, 1, 3, 1, 4}, 2, 3);
  assert_error(
      nax_rdm_noise(NULL, &flat, NULL, NAX_RDM_COV_SHRINKAGE_DIAG, NAX_NOT_GIVEN, 0, c),
      NAX_EDATA, "nax_rdm_noise: channel 0 has no variance");
  assert_status(
      nax_rdm_noise(NULL, &two, condition, NAX_RDM_COV_FULL, NAX_NOT_GIVEN, 0, c),
      NAX_EDATA);
}

static void
constant_patterns_are_missing_and_told(void **state)
{
  (void)state;
  double x[9] = {1, 1, 1, 1, 2, 3, 3, 1, 2};
  int64_t condition[3] = {0, 1, 2};
  nax_view v = matrix(x, 3, 3);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *d = NULL;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  o.measure = NAX_RDM_CORRELATION;
  assert_ok(nax_rdm_fit(ctx, &v, condition, NULL, NULL, &o, &d));
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  assert_true(isnan(nax_rdms_vector(d, 0)[0]) && isnan(nax_rdms_vector(d, 0)[1]));
  assert_close(nax_rdms_vector(d, 0)[2], 1.5, 1e-14, 0);
  nax_rdms_free(d);
  nax_ctx_free(ctx);
}

static void
large_common_responses_cost_no_digits(void **state)
{
  (void)state;
  uint64_t seed = 2;
  enum { P = 50, N = 6 };
  double x[P * N], shifted[P * N];
  int64_t condition[N] = {0, 1, 2, 3, 4, 5};
  for (int i = 0; i < P * N; i++) {
    x[i] = ldexp(floor(nax_t_uniform(&seed) * 1024.0), -10);
    shifted[i] = x[i] + 1e9;
  }
  nax_view a = matrix(x, P, N), b = matrix(shifted, P, N);
  nax_rdms *d = NULL, *e = NULL;
  assert_ok(nax_rdm_fit(NULL, &a, condition, NULL, NULL, NULL, &d));
  assert_ok(nax_rdm_fit(NULL, &b, condition, NULL, NULL, NULL, &e));
  assert_all_close(nax_rdms_vector(e, 0), nax_rdms_vector(d, 0), 15, 1e-6, 0);
  nax_rdms_free(d);
  nax_rdms_free(e);
}

static void
noise_about_a_large_mean_is_that_about_none(void **state)
{
  (void)state;
  /* Few observations and several parts of them, few and many channels; a constant channel
   * and whole numbers, which have exact sums. */
  const struct {
    int p, n;
    double mean;
  } run[] = {
      {5, 40, 1.0}, {5, 40, 1e6}, {37, 5000, 1.0}, {37, 5000, 1e6}, {1030, 12, 3.0}};
  uint64_t seed = 77;
  nax_ctx *two = NULL;
  assert_ok(nax_ctx_create(&two));
  assert_ok(nax_ctx_set_threads(two, 2));
  for (size_t k = 0; k < sizeof run / sizeof *run; k++) {
    int p = run[k].p, n = run[k].n;
    double *x = calloc((size_t)(n * p), sizeof *x);
    double *c = calloc((size_t)(3 * p * p), sizeof *c), *again = c + p * p;
    double *diag = again + p * p;
    for (int i = 0; i < p * n; i++) {
      x[i] = run[k].mean + (i % p == 1 ? 0.0 : floor(8.0 * nax_t_uniform(&seed)));
    }
    nax_view v = matrix(x, p, n);
    assert_ok(nax_rdm_noise(NULL, &v, NULL, NAX_RDM_COV_FULL, NAX_NOT_GIVEN, 0, c));
    assert_ok(nax_rdm_noise(two, &v, NULL, NAX_RDM_COV_FULL, NAX_NOT_GIVEN, 0, again));
    assert_ok(nax_rdm_noise(NULL, &v, NULL, NAX_RDM_COV_DIAG, NAX_NOT_GIVEN, 0, diag));
    assert_memory_equal(c, again, (size_t)(p * p) * sizeof *c);
    for (int i = 0; i<p; i += p> 100 ? 103 : 1) {
      for (int j = 0; j<p; j += p> 100 ? 101 : 1) {
        int64_t product = 0, a = 0, b = 0, shift = (int64_t)run[k].mean;
        for (int o = 0; o < n; o++) {
          int64_t xi = (int64_t)x[i + o * p] - shift, xj = (int64_t)x[j + o * p] - shift;
          product += xi * xj;
          a += xi;
          b += xj;
        }
        double want = ((double)product - (double)a * (double)b / n) / (n - 1);
        assert_close(c[i + j * p], want, 1e-12, 1e-12);
        assert_close(diag[i + j * p], i == j ? want : 0.0, 1e-12, 1e-12);
      }
    }
    free(x);
    free(c);
  }
  nax_ctx_free(two);
}

static void
any_number_of_threads_gives_the_same_bits(void **state)
{
  (void)state;
  enum { P = 700, N = 300 };
  uint64_t seed = 9;
  double *x = calloc((size_t)P * N, sizeof *x);
  int64_t condition[N];
  for (int i = 0; i < P * N; i++) {
    x[i] = normal(&seed);
  }
  for (int i = 0; i < N; i++) {
    condition[i] = i % 100;
  }
  nax_view v = matrix(x, P, N);
  const nax_rdm_measure measures[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_CROSSNOBIS};
  for (int k = 0; k < 2; k++) {
    nax_rdms *d[2] = {NULL, NULL};
    for (int t = 0; t < 2; t++) {
      nax_ctx *ctx = NULL;
      nax_rdm_opts o = NAX_RDM_OPTS_INIT;
      o.measure = measures[k];
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, t + 1));
      assert_ok(nax_rdm_fit(ctx, &v, condition, NULL, NULL, &o, &d[t]));
      nax_ctx_free(ctx);
    }
    assert_memory_equal(nax_rdms_vector(d[0], 0), nax_rdms_vector(d[1], 0),
                        4950 * sizeof(double));
    nax_rdms_free(d[0]);
    nax_rdms_free(d[1]);
  }
  free(x);
}

static void
failing_allocations_leave_nothing(void **state)
{
  (void)state;
  uint64_t seed = 4;
  double x[4 * 12], n[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  double each[32];
  int64_t condition[12], fold[12];
  for (int i = 0; i < 48; i++) {
    x[i] = 1.0 + nax_t_uniform(&seed);
  }
  for (int i = 0; i < 12; i++) {
    condition[i] = i % 3;
    fold[i] = i / 6;
  }
  memcpy(each, n, sizeof n);
  memcpy(each + 16, n, sizeof n);
  nax_view v = matrix(x, 4, 12), nv = matrix(n, 4, 4);
  nax_view nf = nax_view_f64(each, 3, (nax_index[]){4, 4, 2});
  nax_rdms *d = NULL;
  for (int measure = NAX_RDM_EUCLIDEAN; measure <= NAX_RDM_LDT; measure++) {
    for (int design = NAX_RDM_DESIGN_MEANS; design <= NAX_RDM_DESIGN_NUMBER; design++) {
      if (measure > NAX_RDM_POISSON_CV && design == NAX_RDM_DESIGN_NUMBER) {
        continue;
      }
      nax_rdm_opts o = NAX_RDM_OPTS_INIT;
      o.measure = measure;
      o.design = design;
      o.noise = NAX_RDM_COV_SHRINKAGE_EYE;
      NAX_T_SWEEP_ALLOC(nax_rdm_fit(NULL, &v, condition, fold, NULL, &o, &d), d,
                        nax_rdms_free(d), 200);
    }
  }
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_CROSSNOBIS;
  NAX_T_SWEEP_ALLOC(nax_rdm_fit(NULL, &v, condition, fold, &nf, &o, &d), d,
                    nax_rdms_free(d), 200);
  x[5] = NAN;
  NAX_T_SWEEP_ALLOC(nax_rdm_fit(NULL, &v, condition, fold, &nv, &o, &d), d,
                    nax_rdms_free(d), 400);
  x[5] = 1.0;
  void *none = NULL;
  double c[16], s[9];
  NAX_T_SWEEP_ALLOC(
      nax_rdm_noise(NULL, &v, condition, NAX_RDM_COV_SHRINKAGE_DIAG, NAX_NOT_GIVEN, 0, c),
      none, (void)none, 100);
  NAX_T_SWEEP_ALLOC(nax_rdm_sigma_k(NULL, &v, condition, fold, &nv, s), none, (void)none,
                    100);
  size_t bytes = 0;
  assert_ok(nax_rdm_memory(NULL, 4, 12, 3, 2, &o, &bytes));
  assert_true(bytes > 48 * sizeof(double));
}

/* By the formula, in long double. */
static double
by_definition(nax_rdm_measure measure, int p, const double *a, const double *b)
{
  long double sum = 0.0L, mean[2] = {0}, norm[2] = {0};
  for (int i = 0; i < p && measure == NAX_RDM_CORRELATION; i++) {
    mean[0] += a[i] / (long double)p;
    mean[1] += b[i] / (long double)p;
  }
  for (int i = 0; i < p; i++) {
    long double x = a[i] - mean[0], y = b[i] - mean[1];
    norm[0] += x * x;
    norm[1] += y * y;
    if (measure == NAX_RDM_EUCLIDEAN) {
      sum += (x - y) * (x - y) / p;
    } else if (measure == NAX_RDM_POISSON) {
      long double l = (a[i] + 0.1L) / 1.1L, k = (b[i] + 0.1L) / 1.1L;
      sum += (l - k) * (logl(l) - logl(k)) / p;
    } else {
      sum += x * y;
    }
  }
  return (double)(measure == NAX_RDM_EUCLIDEAN || measure == NAX_RDM_POISSON
                      ? sum
                      : 1.0L - sum / sqrtl(norm[0] * norm[1]));
}

static void
products_by_parts_and_tiles_are_those_of_the_definition(void **state)
{
  (void)state;
  /* Few conditions and many channels, many conditions and few channels; with a response
   * common to all that is small or large beside what differs. */
  const struct {
    int n, p;
    double common;
  } run[] = {{7, 9001, 0.0},
             {7, 4500, 3000.0},
             {9, 13, 0.0},
             {1030, 11, 0.0},
             {1030, 11, 500.0}};
  const nax_rdm_measure what[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_CORRELATION, NAX_RDM_COSINE,
                                  NAX_RDM_POISSON};
  uint64_t seed = 31;
  nax_ctx *two = NULL;
  assert_ok(nax_ctx_create(&two));
  assert_ok(nax_ctx_set_threads(two, 2));
  for (size_t k = 0; k < sizeof run / sizeof *run; k++) {
    int n = run[k].n, p = run[k].p;
    double *x = calloc((size_t)(n * p), sizeof *x);
    int64_t *condition = calloc((size_t)n, sizeof *condition);
    for (int c = 0; c < n; c++) {
      condition[c] = c;
      for (int i = 0; i < p; i++) {
        x[i + c * p] = run[k].common + 0.05 + 4.0 * nax_t_uniform(&seed);
      }
    }
    nax_view v = nax_view_f64(x, 2, (nax_index[]){p, n});
    for (int m = 0; m < 4; m++) {
      nax_rdm_opts o = NAX_RDM_OPTS_INIT;
      nax_rdms *r = NULL, *again = NULL;
      o.measure = what[m];
      assert_ok(nax_rdm_fit(NULL, &v, condition, NULL, NULL, &o, &r));
      assert_ok(nax_rdm_fit(two, &v, condition, NULL, NULL, &o, &again));
      const double *d = nax_rdms_vector(r, 0);
      assert_memory_equal(d, nax_rdms_vector(again, 0),
                          (size_t)nax_rdm_pairs(n) * sizeof *d);
      for (int i = 0; i<n; i += n> 100 ? 257 : 1) {
        for (int j = i + 1; j<n; j += n> 100 ? 101 : 1) {
          double expected = by_definition(what[m], p, x + i * p, x + j * p);
          double tol = what[m] == NAX_RDM_POISSON && run[k].common > 0.0 ? 1e-9 : 1e-12;
          assert_close(d[nax_rdm_pair(n, i, j)], expected, tol, 1e-13);
        }
      }
      nax_rdms_free(r);
      nax_rdms_free(again);
    }
    free(x);
    free(condition);
  }
  nax_ctx_free(two);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_by_parts_and_tiles_are_those_of_the_definition),
      cmocka_unit_test(balanced_measures_agree_with_the_reference),
      cmocka_unit_test(unbalanced_measures_agree_with_the_reference),
      cmocka_unit_test(pairs_without_gaps_are_the_means),
      cmocka_unit_test(occurrences_are_folds_where_none_are_given),
      cmocka_unit_test(missing_channels_use_the_covariance_of_the_others),
      cmocka_unit_test(noise_covariances_agree_with_the_reference),
      cmocka_unit_test(noise_between_conditions_agrees_with_the_reference),
      cmocka_unit_test(crossnobis_is_unbiased_with_the_covariance_it_says),
      cmocka_unit_test(fold_measures_of_noise_free_data_are_those_without_folds),
      cmocka_unit_test(the_discriminant_t_is_standard_normal_without_signal),
      cmocka_unit_test(data_that_cannot_be_used_are_refused_with_a_reason),
      cmocka_unit_test(constant_patterns_are_missing_and_told),
      cmocka_unit_test(large_common_responses_cost_no_digits),
      cmocka_unit_test(noise_about_a_large_mean_is_that_about_none),
      cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
      cmocka_unit_test(failing_allocations_leave_nothing),
  };
  return cmocka_run_group_tests_name("rdm", tests, NULL, NULL);
}
