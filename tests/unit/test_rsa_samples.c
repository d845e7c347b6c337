/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inference on models: intervals from samples, subjects with several sessions, weights by
 * ranks, clusters of times. */
#include "rsa_reference.h"
#include "rsa/infer_i.h"

static double
normal(uint64_t *seed)
{
  double u = nax_t_uniform(seed), v = nax_t_uniform(seed);
  return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * v);
}

/* RDMs that share a geometry (`shared` NULL: none), with noise. */
static nax_rdms *
noisy(int n, int count, const double *shared, double noise, uint64_t *seed)
{
  nax_index m = nax_rdm_pairs(n);
  double *d = calloc((size_t)(m * count), sizeof *d);
  nax_rdms *r = NULL;
  for (nax_index k = 0; k < m * count; k++) {
    d[k] = (shared != NULL ? shared[k % m] : 1.0) + noise * normal(seed);
  }
  assert_ok(nax_rdms_create(NULL, n, count, d, &r));
  free(d);
  return r;
}

static double
mean_of(const nax_rdms *model, const nax_rdms *data, nax_rsa_comparator c)
{
  double s[64], sum = 0.0;
  nax_index n = nax_rdms_count(data);
  assert_ok(nax_rsa_compare(NULL, model, data, c, NULL, 0, s));
  for (nax_index k = 0; k < n; k++) {
    sum += s[k] / (double)n;
  }
  return sum;
}

/* ------------------------------------------------------------------- intervals */

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
quantile(int n, const double *sorted, double q)
{
  double at = q * (n - 1);
  int i = (int)at;
  return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

/* x with P(standard normal < x) = p, by bisection. */
static double
normal_quantile(double p)
{
  double lo = -20.0, hi = 20.0;
  for (int k = 0; k < 200; k++) {
    double mid = 0.5 * (lo + hi);
    *(0.5 * erfc(-mid / sqrt(2.0)) < p ? &lo : &hi) = mid;
  }
  return 0.5 * (lo + hi);
}

static void
intervals_from_samples_are_those_of_efron(void **state)
{
  (void)state;
  enum { C = 9, S = 7, N = 300 };
  uint64_t seed = 5;
  nax_rdms *model = noisy(C, 1, NULL, 1.0, &seed);
  nax_rdms *data = noisy(C, S, nax_rdms_vector(model, 0), 1.5, &seed);
  nax_rsa_model m = {"one", model, NAX_RSA_FIXED};
  for (int conditions = 0; conditions < 2; conditions++) {
    nax_index n = conditions ? C : S, index[C];
    double x[N], left[C], estimate = mean_of(model, data, NAX_RSA_SPEARMAN);
    double below = 0.0;
    int valid = 0;
    for (int b = 0; b < N; b++) {
      nax_rdms *d = NULL, *e = NULL;
      int different = 0;
      char seen[C] = {0};
      assert_ok(nax_stats_bootstrap(NULL, 11, 2 * (uint64_t)b + (uint64_t)conditions, n,
                                    index));
      for (nax_index i = 0; i < n; i++) {
        different += !seen[index[i]];
        seen[index[i]] = 1;
      }
      if (different < (conditions ? 3 : 2)) {
        continue;
      }
      if (conditions) {
        assert_ok(nax_rdms_take_conditions(NULL, data, n, index, &d));
        assert_ok(nax_rdms_take_conditions(NULL, model, n, index, &e));
      } else {
        assert_ok(nax_rdms_take(NULL, data, n, index, &d));
      }
      x[valid] = mean_of(e != NULL ? e : model, d, NAX_RSA_SPEARMAN);
      below += x[valid] < estimate - 1e-11   ? 1.0
               : x[valid] > estimate + 1e-11 ? 0.0
                                             : 0.5;
      valid++;
      nax_rdms_free(d);
      nax_rdms_free(e);
    }
    qsort(x, (size_t)valid, sizeof *x, ascending);
    double mean = 0.0, square = 0.0, cube = 0.0;
    for (nax_index out = 0; out < n; out++) {
      nax_rdms *d = NULL, *e = NULL;
      nax_index k = 0;
      for (nax_index i = 0; i < n; i++) {
        index[k] = i;
        k += i != out;
      }
      if (conditions) {
        assert_ok(nax_rdms_take_conditions(NULL, data, n - 1, index, &d));
        assert_ok(nax_rdms_take_conditions(NULL, model, n - 1, index, &e));
      } else {
        assert_ok(nax_rdms_take(NULL, data, n - 1, index, &d));
      }
      left[out] = mean_of(e != NULL ? e : model, d, NAX_RSA_SPEARMAN);
      mean += left[out] / (double)n;
      nax_rdms_free(d);
      nax_rdms_free(e);
    }
    for (nax_index i = 0; i < n; i++) {
      square += pow(mean - left[i], 2.0);
      cube += pow(mean - left[i], 3.0);
    }
    double a = cube / (6.0 * pow(square, 1.5)), z0 = normal_quantile(below / valid);
    for (int kind = NAX_RSA_INTERVAL_PERCENTILE; kind <= NAX_RSA_INTERVAL_BCA; kind++) {
      nax_rsa_opts o = NAX_RSA_OPTS_INIT;
      nax_rsa *r = NULL;
      double q[2] = {0.05, 0.95};
      o.comparator = NAX_RSA_SPEARMAN;
      o.resampling = conditions ? NAX_RSA_RESAMPLE_CONDITIONS : NAX_RSA_RESAMPLE_SUBJECTS;
      o.n_samples = N;
      o.seed = 11;
      o.level = 0.9;
      o.n_permutations = 0;
      o.interval = kind;
      assert_ok(nax_rsa_fit(NULL, data, 1, &m, NULL, &o, &r));
      for (int side = 0; kind == NAX_RSA_INTERVAL_BCA && side < 2; side++) {
        double z = z0 + normal_quantile(q[side]);
        q[side] = 0.5 * erfc(-(z0 + z / (1.0 - a * z)) / sqrt(2.0));
      }
      assert_close(nax_rsa_get(r, 0).lower, quantile(valid, x, q[0]), 1e-8, 1e-9);
      assert_close(nax_rsa_get(r, 0).upper, quantile(valid, x, q[1]), 1e-8, 1e-9);
      nax_rsa_free(r);
      r = NULL;
      if (conditions && kind == NAX_RSA_INTERVAL_BCA) {
        o.n_samples = 40;
        NAX_T_SWEEP_ALLOC(nax_rsa_fit(NULL, data, 1, &m, NULL, &o, &r), r,
                          nax_rsa_free(r), 2000);
      }
    }
  }
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  nax_rsa *r = NULL;
  o.interval = NAX_RSA_INTERVAL_BCA;
  assert_error(
      nax_rsa_fit(NULL, data, 1, &m, NULL, &o, &r), NAX_EINVAL,
      "nax_rsa_fit: intervals from samples need subjects or conditions resampled");
  assert_null(r);
  o.resampling = NAX_RSA_RESAMPLE_DUAL;
  assert_error(nax_rsa_fit(NULL, data, 1, &m, NULL, &o, &r), NAX_EINVAL,
               "nax_rsa_fit: samples of subjects and conditions at once spread more than "
               "the mean does: intervals from samples are for one of them, take t");
  o.resampling = NAX_RSA_RESAMPLE_SUBJECTS;
  o.crossvalidate = 1;
  assert_error(
      nax_rsa_fit(NULL, data, 1, &m, NULL, &o, &r), NAX_EINVAL,
      "nax_rsa_fit: samples of models tested in folds also spread by the "
      "assignments to them: intervals from samples are for fixed models, take t");
  nax_rdms_free(model);
  nax_rdms_free(data);
}

/* -------------------------------------------------------------------- sessions */

static void
equal_sessions_are_one(void **state)
{
  (void)state;
  enum { C = 9, S = 5 }; /* of 8 conditions all orders would be taken */
  uint64_t seed = 6;
  nax_rdms *model = noisy(C, 2, NULL, 1.0, &seed), *each[2], *twice = NULL;
  nax_rdms *data = noisy(C, S, nax_rdms_vector(model, 0), 1.0, &seed);
  nax_rsa_model m[2];
  const nax_index order[2 * S] = {0, 1, 2, 3, 4, 4, 3, 2, 1, 0};
  const int64_t subject[2 * S] = {7, 3, 9, 1, 5, 5, 1, 9, 3, 7};
  for (nax_index k = 0; k < 2; k++) {
    assert_ok(nax_rdms_take(NULL, model, 1, &k, &each[k]));
    m[k] = (nax_rsa_model){NULL, each[k], NAX_RSA_FIXED};
  }
  assert_ok(nax_rdms_take(NULL, data, 2 * S, order, &twice));
  for (int how = NAX_RSA_RESAMPLE_NONE; how <= NAX_RSA_RESAMPLE_DUAL; how++) {
    for (int c = NAX_RSA_CORR; c <= NAX_RSA_COSINE_COV; c++) {
      nax_rsa_opts o = NAX_RSA_OPTS_INIT;
      nax_rsa *one = NULL, *two = NULL;
      double ceiling[4];
      o.resampling = how;
      o.comparator = c;
      o.n_samples = 40;
      o.n_permutations = 20;
      assert_ok(nax_rsa_fit(NULL, data, 2, m, NULL, &o, &one));
      assert_ok(nax_rsa_fit_sessions(NULL, twice, subject, 2, m, NULL, &o, &two));
      assert_int_equal(nax_rsa_n_subjects(two), S);
      assert_all_close(nax_rsa_evaluations(two), nax_rsa_evaluations(one), 2 * S, 1e-11,
                       1e-12);
      assert_all_close(nax_rsa_covariance(two), nax_rsa_covariance(one), 16, 1e-8, 1e-12);
      nax_rsa_get_ceiling(one, &ceiling[0], &ceiling[1]);
      nax_rsa_get_ceiling(two, &ceiling[2], &ceiling[3]);
      assert_all_close(&ceiling[2], &ceiling[0], 2, 1e-11, 1e-12);
      assert_close(nax_rsa_get(two, 0).p_permutation, nax_rsa_get(one, 0).p_permutation,
                   1e-12, 0);
      assert_close(nax_rsa_get(two, 1).p_zero, nax_rsa_get(one, 1).p_zero, 1e-7, 0);
      nax_rsa_free(one);
      nax_rsa_free(two);
    }
  }
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  nax_rsa *r = NULL;
  o.crossvalidate = 1;
  assert_error(
      nax_rsa_fit_sessions(NULL, twice, subject, 2, m, NULL, &o, &r), NAX_EINVAL,
      "nax_rsa_fit_sessions: several RDMs of a subject have no cross-validation: "
      "give their mean");
  o.crossvalidate = 0;
  o.resampling = NAX_RSA_RESAMPLE_NONE;
  o.n_permutations = 5;
  NAX_T_SWEEP_ALLOC(nax_rsa_fit_sessions(NULL, twice, subject, 2, m, NULL, &o, &r), r,
                    nax_rsa_free(r), 2000);
  nax_rdms_free(model);
  nax_rdms_free(data);
  nax_rdms_free(twice);
  nax_rdms_free(each[0]);
  nax_rdms_free(each[1]);
}

static void
subjects_weigh_equally_whatever_their_sessions(void **state)
{
  (void)state;
  enum { C = 8, R = 7, S = 3, N = 80 };
  uint64_t seed = 8;
  const int64_t subject[R] = {1, 1, 2, 2, 2, 2, 3};
  nax_rdms *model = noisy(C, 1, NULL, 1.0, &seed);
  nax_rdms *data = noisy(C, R, nax_rdms_vector(model, 0), 1.0, &seed);
  nax_rsa_model m = {NULL, model, NAX_RSA_FIXED};
  double each[R], mean[S] = {0.0}, size[S] = {2.0, 4.0, 1.0}, lower = 0.0, upper = 0.0;
  assert_ok(nax_rsa_compare(NULL, model, data, NAX_RSA_CORR, NULL, 0, each));
  for (int i = 0; i < R; i++) {
    mean[subject[i] - 1] += each[i] / size[subject[i] - 1];
  }
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  nax_rsa *r = NULL;
  o.resampling = NAX_RSA_RESAMPLE_SUBJECTS;
  o.n_samples = N;
  o.seed = 4;
  o.n_permutations = 0;
  assert_ok(nax_rsa_fit_sessions(NULL, data, subject, 1, &m, NULL, &o, &r));
  assert_all_close(nax_rsa_evaluations(r), mean, S, 1e-12, 1e-13);
  assert_close(nax_rsa_get(r, 0).mean, (mean[0] + mean[1] + mean[2]) / 3.0, 1e-12, 0);
  /* Whole subjects are drawn. */
  double sum = 0.0, square = 0.0;
  int valid = 0;
  for (int b = 0; b < N; b++) {
    nax_index who[S];
    assert_ok(nax_stats_bootstrap(NULL, 4, 2 * (uint64_t)b, S, who));
    if (who[0] == who[1] && who[1] == who[2]) {
      continue;
    }
    double x = (mean[who[0]] + mean[who[1]] + mean[who[2]]) / 3.0;
    sum += x;
    square += x * x;
    valid++;
  }
  double var = (square - sum * sum / valid) / (valid - 1) * S / (S - 1.0);
  assert_int_equal(nax_rsa_n_samples(r), valid);
  assert_close(nax_rsa_get(r, 0).se, sqrt(var), 1e-9, 0);
  /* The ceiling leaves whole subjects out. */
  for (int g = 0; g < S; g++) {
    nax_rdms *others = NULL, *own = NULL, *pooled = NULL;
    nax_index in[R], out[R], n_in = 0, n_out = 0;
    double pool[28];
    for (nax_index i = 0; i < R; i++) {
      if (subject[i] == g + 1) {
        out[n_out++] = i;
      } else {
        in[n_in++] = i;
      }
    }
    assert_ok(nax_rdms_take(NULL, data, n_in, in, &others));
    assert_ok(nax_rdms_take(NULL, data, n_out, out, &own));
    for (int all = 0; all < 2; all++) {
      assert_ok(nax_rsa_pool(NULL, all ? data : others, NAX_RSA_CORR, pool));
      assert_ok(nax_rdms_create(NULL, C, 1, pool, &pooled));
      *(all ? &upper : &lower) += mean_of(pooled, own, NAX_RSA_CORR) / S;
      nax_rdms_free(pooled);
    }
    nax_rdms_free(others);
    nax_rdms_free(own);
  }
  double ceiling[2];
  nax_rsa_get_ceiling(r, &ceiling[0], &ceiling[1]);
  assert_close(ceiling[0], lower, 1e-11, 0);
  assert_close(ceiling[1], upper, 1e-11, 0);
  nax_rsa_free(r);
  nax_rdms_free(model);
  nax_rdms_free(data);
}

/* ------------------------------------------------------------ weights by ranks */

static void
weights_by_ranks_do_not_change_with_the_scale_of_the_data(void **state)
{
  (void)state;
  enum { C = 14, S = 6, K = 3 };
  uint64_t seed = 12;
  nax_index m = nax_rdm_pairs(C);
  nax_rdms *parts = noisy(C, K, NULL, 1.0, &seed), *data = NULL, *bent = NULL;
  double *d = calloc((size_t)(m * S), sizeof *d);
  for (nax_index k = 0; k < m * S; k++) {
    d[k] = 0.8 * nax_rdms_vector(parts, 0)[k % m] +
           0.5 * nax_rdms_vector(parts, 1)[k % m] + 0.2 * normal(&seed);
  }
  assert_ok(nax_rdms_create(NULL, C, S, d, &data));
  for (nax_index k = 0; k < m * S; k++) {
    d[k] = exp(3.0 * d[k]); /* any monotone function */
  }
  assert_ok(nax_rdms_create(NULL, C, S, d, &bent));
  nax_rsa_model models[3] = {{"sum", parts, NAX_RSA_WEIGHTED},
                             {"part", parts, NAX_RSA_NONNEGATIVE},
                             {"best", parts, NAX_RSA_SELECT}};
  for (int c = NAX_RSA_SPEARMAN; c <= NAX_RSA_TAU_B; c++) {
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    nax_rsa *r[2] = {NULL, NULL};
    double theta[2][K];
    o.comparator = c;
    o.n_cv = 4;
    assert_ok(nax_rsa_fit(NULL, data, 3, models, NULL, &o, &r[0]));
    assert_ok(nax_rsa_fit(NULL, bent, 3, models, NULL, &o, &r[1]));
    assert_memory_equal(nax_rsa_evaluations(r[0]), nax_rsa_evaluations(r[1]),
                        3 * S * sizeof(double));
    assert_true(nax_rsa_get(r[0], 0).mean > nax_rsa_get(r[0], 2).mean + 0.05);
    assert_close(nax_rsa_get(r[0], 1).mean, nax_rsa_get(r[0], 0).mean, 0, 0.05);
    double lower, upper;
    nax_rsa_get_ceiling(r[0], &lower, &upper);
    assert_true(nax_rsa_get(r[0], 0).mean < upper &&
                nax_rsa_get(r[0], 0).mean > lower - 0.1);
    nax_rsa_free(r[0]);
    nax_rsa_free(r[1]);
    assert_ok(nax_rsa_model_fit(NULL, parts, NAX_RSA_WEIGHTED, data,
                                (nax_rsa_comparator)c, NULL, 0.0, theta[0]));
    assert_ok(nax_rsa_model_fit(NULL, parts, NAX_RSA_WEIGHTED, bent,
                                (nax_rsa_comparator)c, NULL, 0.0, theta[1]));
    assert_memory_equal(theta[0], theta[1], sizeof theta[0]);
    /* The planted weights, but for their scale; ranks bend them little. */
    assert_close(theta[0][1] / theta[0][0], 0.5 / 0.8, 0, 0.08);
    assert_close(theta[0][2] / theta[0][0], 0.0, 0, 0.08);
  }
  free(d);
  nax_rdms_free(parts);
  nax_rdms_free(data);
  nax_rdms_free(bent);
}

/* -------------------------------------------------------------------- clusters */

enum { T = 12, SUBJECTS = 7 };

/* Largest mass over all clusters of t on a line (or 3 lines of 4), the plainest way:
 * labels spread until nothing changes. */
static double
largest_mass(const double *t, double limit, int two_sided, int n_line, int64_t *label)
{
  for (int i = 0; i < T; i++) {
    label[i] = fabs(t[i]) > limit && (t[i] > 0.0 || two_sided) ? i : -1;
  }
  for (int again = 1; again;) {
    again = 0;
    for (int i = 0; i < T; i++) {
      for (int j = 0; j < T; j++) {
        int beside = n_line > 0 ? (i / n_line == j / n_line && abs(i - j) == 1) ||
                                      abs(i - j) == n_line
                                : abs(i - j) == 1;
        if (beside && label[i] >= 0 && label[j] >= 0 && t[i] * t[j] > 0.0 &&
            label[i] < label[j]) {
          label[j] = label[i];
          again = 1;
        }
      }
    }
  }
  double most = 0.0;
  for (int c = 0; c < T; c++) {
    double sum = 0.0;
    for (int i = 0; i < T; i++) {
      sum += label[i] == c ? t[i] : 0.0;
    }
    most = fmax(most, fabs(sum));
  }
  return most;
}

static void
clusters_are_those_of_all_changes_of_sign(void **state)
{
  (void)state;
  double x[T * SUBJECTS];
  uint64_t seed = 21;
  for (int s = 0; s < SUBJECTS; s++) {
    for (int i = 0; i < T; i++) {
      x[i + T * s] = normal(&seed) + (i >= 2 && i <= 4   ? 1.2
                                      : i == 8 || i == 9 ? -1.2
                                                         : 0.0);
    }
  }
  nax_index offset[T + 1] = {0}, index[4 * T], n = 0;
  for (int i = 0; i < T; i++) { /* 3 lines of 4 as lists */
    const int at[4] = {i % 4 > 0 ? i - 1 : -1, i % 4 < 3 ? i + 1 : -1, i - 4, i + 4};
    for (int k = 0; k < 4; k++) {
      if (at[k] >= 0 && at[k] < T) {
        index[n++] = at[k];
      }
    }
    offset[i + 1] = n;
  }
  const nax_rdm_places lists = {offset, index, T};
  /* t of 6 degrees of freedom that 5 % exceed */
  const double limit = 1.9431802805153;
  for (int shape = 0; shape < 3; shape++) {
    for (int two = 0; two < 2; two++) {
      int n_line = shape > 0 ? 4 : 0;
      double masses[128], t[T];
      int64_t label[T], mine[T], own[T];
      for (int flip = 0; flip < 128; flip++) {
        for (int i = 0; i < T; i++) {
          double sum = 0.0, square = 0.0;
          for (int s = 0; s < SUBJECTS; s++) {
            double v = flip >> s & 1 ? -x[i + T * s] : x[i + T * s];
            sum += v;
            square += v * v;
          }
          double mean = sum / SUBJECTS;
          t[i] = mean / sqrt((square - SUBJECTS * mean * mean) / (SUBJECTS * 6.0));
        }
        masses[flip] = largest_mass(t, limit, two, n_line, flip == 0 ? own : label);
      }
      nax_table *out = NULL;
      assert_ok(nax_rsa_clusters(NULL, T, SUBJECTS, x, shape == 2 ? &lists : NULL,
                                 shape == 1 ? 4 : 0, 0.05, two, 128, 1, mine, &out));
      double reach = 0.0;
      for (int flip = 0; flip < 128; flip++) {
        reach += masses[flip] >= masses[0] * (1.0 - 1e-9);
      }
      assert_true(nax_table_n_rows(out) >= 1);
      assert_close(fabs(nax_table_numbers(out, nax_table_find(out, "sum_t"))[0]),
                   masses[0], 1e-9, 0);
      assert_close(nax_table_numbers(out, nax_table_find(out, "p"))[0], reach / 128.0,
                   1e-12, 0);
      for (int i = 0; i < T; i++) {
        assert_int_equal(mine[i] < 0, own[i] < 0);
        for (int j = 0; j < T; j++) {
          assert_int_equal(mine[i] == mine[j], own[i] == own[j]);
        }
      }
      nax_table_free(out);
    }
  }
  nax_table *out[2] = {NULL, NULL};
  for (int k = 0; k < 2; k++) { /* drawn signs: same bits for any number of threads */
    nax_ctx *ctx = NULL;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, k + 1));
    assert_ok(
        nax_rsa_clusters(ctx, T, SUBJECTS, x, NULL, 0, 0.05, 1, 99, 3, NULL, &out[k]));
    nax_ctx_free(ctx);
  }
  assert_memory_equal(nax_table_numbers(out[0], nax_table_find(out[0], "p")),
                      nax_table_numbers(out[1], nax_table_find(out[1], "p")),
                      (size_t)nax_table_n_rows(out[0]) * sizeof(double));
  nax_table_free(out[0]);
  nax_table_free(out[1]);
  out[0] = NULL;
  NAX_T_SWEEP_ALLOC(
      nax_rsa_clusters(NULL, T, SUBJECTS, x, NULL, 0, 0.05, 1, 20, 3, NULL, &out[0]),
      out[0], nax_table_free(out[0]), 200);
  assert_error(nax_rsa_clusters(NULL, T, 5, x, NULL, 0, 0.05, 1, 99, 3, NULL, &out[0]),
               NAX_EDATA,
               "nax_rsa_clusters: signs of 5 subjects cannot reach p = 0.05: need 6");
  assert_status(nax_rsa_clusters(NULL, T, 7, x, NULL, 5, 0.05, 1, 99, 3, NULL, &out[0]),
                NAX_EDIM);
  assert_status(nax_rsa_clusters(NULL, T, 7, x, NULL, 0, 0.5, 1, 99, 3, NULL, &out[0]),
                NAX_EINVAL);
  /* A missing value takes its point out and parts the cluster. */
  int64_t label[T];
  for (int k = 0; k < T * SUBJECTS; k++) {
    x[k] = 1.0 + 0.01 * k;
  }
  x[5 + T * 2] = NAN;
  assert_ok(
      nax_rsa_clusters(NULL, T, SUBJECTS, x, NULL, 0, 0.05, 0, 128, 3, label, &out[0]));
  assert_int_equal(nax_table_n_rows(out[0]), 2);
  assert_int_equal(label[5], -1);
  assert_int_equal(label[6], 0); /* the longer one first */
  nax_table_free(out[0]);
}

/* ---------------------------------------------------------- sets of conditions */

/* `of` as often as `weight` says, or with `weight` NULL those where `fold` is f. */
static nax_index
listed(nax_index n, const double *weight, const nax_index *fold, nax_index f,
       nax_index *of)
{
  nax_index k = 0;
  for (nax_index i = 0; i < n; i++) {
    for (int t = 0; t < (weight != NULL ? (int)weight[i] : fold[i] == f); t++) {
      of[k++] = i;
    }
  }
  return k;
}

/* RDMs of some subjects and conditions. */
static nax_rdms *
part(const nax_rdms *r, nax_index n_s, const nax_index *subjects, nax_index n_c,
     const nax_index *conditions)
{
  nax_rdms *some = NULL, *out = NULL;
  assert_ok(nax_rdms_take(NULL, r, n_s, subjects, &some));
  assert_ok(nax_rdms_take_conditions(NULL, some, n_c, conditions, &out));
  nax_rdms_free(some);
  return out;
}

enum { SETS_C = 14, SETS_S = 7, SETS_CHOICE = 3 };

/* What a fixed model and the best of some come to when RDMs are cut up and put together:
 * the best one is that of the training part. */
static void
check_sets(const nax_rdms *data, const nax_rdms *fixed, const nax_rdms *choice,
           nax_rsa_comparator c, nax_index n_ct, const nax_index *ct, nax_index n_st,
           const nax_index *st, nax_index n_ce, const nax_index *ce, nax_index n_se,
           const nax_index *se, const double *out)
{
  const nax_index all[] = {0, 1, 2, 3, 4, 5, 6}, none[] = {0};
  nax_rdms *train = part(data, n_st, st, n_ct, ct),
           *test = part(data, n_se, se, n_ce, ce);
  nax_rdms *choice_train = part(choice, SETS_CHOICE, all, n_ct, ct);
  nax_index best = 0;
  double s[64], most = -2.0;
  assert_ok(nax_rsa_compare(NULL, choice_train, train, c, NULL, 0, s));
  for (nax_index i = 0; i < SETS_CHOICE; i++) {
    double sum = 0.0;
    for (nax_index k = 0; k < n_st; k++) {
      sum += s[i + k * SETS_CHOICE];
    }
    best = sum > most ? i : best;
    most = sum > most ? sum : most;
  }
  nax_rdms *f = part(fixed, 1, none, n_ce, ce), *b = part(choice, 1, &best, n_ce, ce);
  assert_close(out[0], mean_of(f, test, c), 1e-12, 1e-12);
  assert_close(out[1], mean_of(b, test, c), 1e-12, 1e-12);
  /* ceilings: the pool of the training subjects, and of all that take part */
  nax_index every[64];
  memcpy(every, st, (size_t)n_st * sizeof *st);
  memcpy(every + n_st, se, (size_t)n_se * sizeof *se);
  double pool[SETS_C * SETS_C];
  nax_rdms *low = part(data, n_st, st, n_ce, ce), *pooled = NULL;
  nax_rdms *high = part(data, n_st + n_se, every, n_ce, ce);
  assert_ok(nax_rsa_pool(NULL, low, c, pool));
  assert_ok(nax_rdms_create(NULL, n_ce, 1, pool, &pooled));
  assert_close(out[2], mean_of(pooled, test, c), 1e-12, 1e-12);
  nax_rdms_free(pooled);
  assert_ok(nax_rsa_pool(NULL, high, c, pool));
  assert_ok(nax_rdms_create(NULL, n_ce, 1, pool, &pooled));
  assert_close(out[3], mean_of(pooled, test, c), 1e-12, 1e-12);
  nax_rdms_free(pooled);
  nax_rdms_free(low);
  nax_rdms_free(high);
  nax_rdms_free(train);
  nax_rdms_free(test);
  nax_rdms_free(choice_train);
  nax_rdms_free(f);
  nax_rdms_free(b);
}

static void
random_sets_and_what_samples_lack_are_tested_by_cutting_up_rdms(void **state)
{
  (void)state;
  uint64_t seed = 77;
  nax_rdms *fixed = noisy(SETS_C, 1, NULL, 1.0, &seed);
  nax_rdms *data = noisy(SETS_C, SETS_S, nax_rdms_vector(fixed, 0), 1.5, &seed);
  nax_rdms *choice = noisy(SETS_C, SETS_CHOICE, nax_rdms_vector(fixed, 0), 2.0, &seed);
  nax_rsa_model m[] = {{"one", fixed, NAX_RSA_FIXED}, {"best", choice, NAX_RSA_SELECT}};
  const nax_index first[] = {0, 1, 1 + SETS_CHOICE};
  const nax_rsa_comparator what[] = {NAX_RSA_COSINE, NAX_RSA_CORR, NAX_RSA_SPEARMAN,
                                     NAX_RSA_RHO_A, NAX_RSA_TAU_A};
  for (int k = 0; k < 5; k++) {
    nax_i_engine e;
    nax_i_folds f;
    double out[4];
    nax_index ct[64], st[64], ce[64], se[64], seen[SETS_C] = {0};
    int valid;
    assert_ok(nax_i_engine_init(NULL, "test", data, 2, m, first, what[k], &e));
    assert_ok(nax_i_folds_init(NULL, &e, 3, 2, &f));
    f.test_conditions = 5;
    f.test_subjects = 2;
    for (uint64_t draw = 0; draw < 20; draw++) {
      assert_ok(nax_i_folds_evaluate(NULL, &f, NULL, NULL, 9, draw, out, NULL, &valid));
      assert_true(valid);
      nax_index n_ct = listed(SETS_C, NULL, f.fold_c, 1, ct);
      nax_index n_ce = listed(SETS_C, NULL, f.fold_c, 0, ce);
      nax_index n_st = listed(SETS_S, NULL, f.fold_s, 1, st);
      nax_index n_se = listed(SETS_S, NULL, f.fold_s, 0, se);
      assert_int_equal(n_ce, 5);
      assert_int_equal(n_ct, SETS_C - 5);
      assert_int_equal(n_se, 2);
      assert_int_equal(n_st, SETS_S - 2);
      for (nax_index i = 0; i < n_ce; i++) {
        seen[ce[i]]++;
      }
      check_sets(data, fixed, choice, what[k], n_ct, ct, n_st, st, n_ce, ce, n_se, se,
                 out);
    }
    for (nax_index i = 0; i < SETS_C; i++) { /* 20 draws of 5 of 14: about 7 */
      assert_in_range(seen[i], 1, 15);
    }
    /* Fitted to a sample, tested on what it has not. */
    const double w[SETS_C] = {2, 0, 1, 3, 0, 0, 1, 1, 0, 2, 0, 1, 2, 1};
    const double v[SETS_S] = {1, 0, 3, 0, 2, 1, 0};
    double w_out[SETS_C], v_out[SETS_S];
    for (int i = 0; i < SETS_C; i++) {
      w_out[i] = w[i] == 0.0;
    }
    for (int i = 0; i < SETS_S; i++) {
      v_out[i] = v[i] == 0.0;
    }
    assert_ok(nax_i_folds_outside(NULL, &f, w, v, out, &valid));
    assert_true(valid);
    nax_index n_ct = listed(SETS_C, w, NULL, 0, ct),
              n_st = listed(SETS_S, v, NULL, 0, st);
    nax_index n_ce = listed(SETS_C, w_out, NULL, 0, ce);
    nax_index n_se = listed(SETS_S, v_out, NULL, 0, se);
    check_sets(data, fixed, choice, what[k], n_ct, ct, n_st, st, n_ce, ce, n_se, se, out);
    const double most[SETS_C] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    assert_ok(nax_i_folds_outside(NULL, &f, most, v, out, &valid));
    assert_false(valid); /* two conditions have one pair */
    nax_i_folds_clear(&f);
    nax_i_engine_clear(&e);
  }
  nax_rdms_free(fixed);
  nax_rdms_free(data);
  nax_rdms_free(choice);
}

static void
each_kind_of_test_set_finds_the_model_and_has_its_limits(void **state)
{
  (void)state;
  uint64_t seed = 8;
  nax_rdms *parts = noisy(16, 3, NULL, 1.0, &seed), *data = NULL;
  nax_index m = nax_rdm_pairs(16);
  double *d = calloc((size_t)(m * 8), sizeof *d);
  for (nax_index k = 0; k < m * 8; k++) {
    d[k] = nax_rdms_vector(parts, 0)[k % m] + 0.5 * nax_rdms_vector(parts, 1)[k % m] +
           normal(&seed);
  }
  assert_ok(nax_rdms_create(NULL, 16, 8, d, &data));
  nax_rsa_model models[] = {{"mix", parts, NAX_RSA_WEIGHTED}};
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  o.n_samples = 200;
  o.n_permutations = 0;
  o.n_cv = 6;
  double se[3], mean[3];
  for (int kind = NAX_RSA_TEST_FOLDS; kind <= NAX_RSA_TEST_OUTSIDE; kind++) {
    nax_rsa *r = NULL, *again = NULL;
    nax_ctx *two = NULL;
    o.test_sets = kind;
    o.resampling = NAX_RSA_RESAMPLE_DUAL;
    assert_ok(nax_rsa_fit(NULL, data, 1, models, NULL, &o, &r));
    nax_rsa_estimate x = nax_rsa_get(r, 0);
    mean[kind - 1] = x.mean;
    se[kind - 1] = x.se;
    assert_true(x.mean > 0.3 && x.se > 0.0 && x.p_zero < 0.05);
    assert_ok(nax_ctx_create(&two));
    assert_ok(nax_ctx_set_threads(two, 2));
    assert_ok(nax_rsa_fit(two, data, 1, models, NULL, &o, &again));
    nax_rsa_estimate y = nax_rsa_get(again, 0);
    assert_memory_equal(&x, &y, sizeof x);
    nax_ctx_free(two);
    nax_rsa_free(r);
    nax_rsa_free(again);
  }
  assert_close(mean[1], mean[0], 0.08, 0.0);
  assert_true(se[1] > 0.3 * se[0] && se[1] < 3.0 * se[0]);
  assert_true(se[2] > 0.3 * se[0] && se[2] < 6.0 * se[0]);
  nax_rsa *r = NULL;
  o.resampling = NAX_RSA_RESAMPLE_NONE;
  assert_error(nax_rsa_fit(NULL, data, 1, models, NULL, &o, &r), NAX_EINVAL,
               "nax_rsa_fit: without a bootstrap no condition or subject is outside of a "
               "sample");
  o.test_sets = NAX_RSA_TEST_FOLDS;
  o.test_conditions = 4;
  assert_error(nax_rsa_fit(NULL, data, 1, models, NULL, &o, &r), NAX_EINVAL,
               "nax_rsa_fit: sizes of test sets are for random ones");
  o.test_sets = NAX_RSA_TEST_RANDOM;
  o.test_conditions = 14;
  assert_error(nax_rsa_fit(NULL, data, 1, models, NULL, &o, &r), NAX_EDATA,
               "nax_rsa_fit: a test set of 14 of 16 conditions: need 3 in it and 3 "
               "outside");
  o.test_conditions = 0;
  o.test_subjects = 8;
  assert_error(nax_rsa_fit(NULL, data, 1, models, NULL, &o, &r), NAX_EDATA,
               "nax_rsa_fit: a test set of 8 of 8 subjects leaves none to fit to");
  nax_rdms_free(parts);
  nax_rdms_free(data);
  free(d);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_sets_and_what_samples_lack_are_tested_by_cutting_up_rdms),
      cmocka_unit_test(each_kind_of_test_set_finds_the_model_and_has_its_limits),
      cmocka_unit_test(intervals_from_samples_are_those_of_efron),
      cmocka_unit_test(equal_sessions_are_one),
      cmocka_unit_test(subjects_weigh_equally_whatever_their_sessions),
      cmocka_unit_test(weights_by_ranks_do_not_change_with_the_scale_of_the_data),
      cmocka_unit_test(clusters_are_those_of_all_changes_of_sign),
  };
  return cmocka_run_group_tests_name("rsa-samples", tests, NULL, NULL);
}
