/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inference on models: intervals from samples, subjects with several sessions, weights by
 * ranks, clusters of times. */
#include "rsa_reference.h"

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
      "nax_rsa_fit: intervals from samples are for fixed models, with subjects or "
      "conditions resampled, not both");
  assert_null(r);
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

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intervals_from_samples_are_those_of_efron),
      cmocka_unit_test(equal_sessions_are_one),
      cmocka_unit_test(subjects_weigh_equally_whatever_their_sessions),
      cmocka_unit_test(weights_by_ranks_do_not_change_with_the_scale_of_the_data),
      cmocka_unit_test(clusters_are_those_of_all_changes_of_sign),
  };
  return cmocka_run_group_tests_name("rsa-samples", tests, NULL, NULL);
}
