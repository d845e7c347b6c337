/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparison of RDMs, pools, ceilings, and models with parameters. */
#include "rsa_reference.h"
#include "rsa/compare_i.h"

static const char *const names[] = {"cosine", "corr",         "spearman",     "rho-a",
                                    "tau-a",  "tau-b",        "cosine_cov",   "corr_cov",
                                    "bures",  "bures_metric", "neg_riem_dist"};

/* Similarities of a x b as the reference has them: b fastest. */
static void
check_compare(const char *name, const nax_rdms *a, const nax_rdms *b,
              nax_rsa_comparator c, const nax_view *sigma, int compat, double tol)
{
  nax_index na = nax_rdms_count(a), nb = nax_rdms_count(b);
  double *s = calloc((size_t)(2 * na * nb), sizeof *s), *t = s + na * nb;
  assert_ok(nax_rsa_compare(NULL, a, b, c, sigma, compat, s));
  for (nax_index i = 0; i < na; i++) {
    for (nax_index j = 0; j < nb; j++) {
      t[i * nb + j] = s[i + j * na];
    }
  }
  ref_check(name, t, na * nb, tol);
  free(s);
}

static nax_rdms *
with_gaps(const char *name)
{
  ref r = ref_load(name), mask = ref_load("in_nan_mask");
  nax_rdms *s = NULL;
  for (int64_t i = 0; i < r.n; i++) {
    r.x[i] = mask.x[i % 66] > 0.0 ? (double)NAN : r.x[i];
  }
  assert_ok(nax_rdms_create(NULL, 12, r.n / 66, r.x, &s));
  free(r.x);
  free(mask.x);
  return s;
}

static void
comparators_agree_with_the_reference(void **state)
{
  (void)state;
  nax_rdms *a = ref_rdms("in_R1"), *b = ref_rdms("in_R2");
  nax_rdms *ta = ref_rdms("in_R1_ties"), *tb = ref_rdms("in_R2_ties");
  nax_rdms *ga = with_gaps("in_R1"), *gb = with_gaps("in_R2");
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_BURES_METRIC; c++) {
    char name[64];
    /* The reference takes roots of eigenvalues that are 0 but for rounding. */
    double tol = c >= NAX_RSA_BURES ? 1e-7 : 1e-12;
    snprintf(name, sizeof name, "cmp_%s", names[c - 1]);
    check_compare(name, a, b, (nax_rsa_comparator)c, NULL, c >= NAX_RSA_BURES, tol);
    snprintf(name, sizeof name, "cmp_ties_%s", names[c - 1]);
    check_compare(name, ta, tb, (nax_rsa_comparator)c, NULL, c >= NAX_RSA_BURES, tol);
    if (c <= NAX_RSA_CORR_COV) {
      snprintf(name, sizeof name, "cmp_nan_%s", names[c - 1]);
      check_compare(name, ga, gb, (nax_rsa_comparator)c, NULL, 0, 1e-10);
    }
  }
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_rdms_free(ta);
  nax_rdms_free(tb);
  nax_rdms_free(ga);
  nax_rdms_free(gb);
}

static void
whitening_is_exact_for_any_noise(void **state)
{
  (void)state;
  nax_rdms *a = ref_rdms("in_R1"), *b = ref_rdms("in_R2");
  nax_rdms *ga = with_gaps("in_R1"), *gb = with_gaps("in_R2");
  ref d = ref_load("in_sigma_k_diag"), f = ref_load("in_sigma_k_full");
  nax_view diag = nax_view_f64(d.x, 1, (nax_index[]){12});
  nax_view full = nax_view_f64(f.x, 2, (nax_index[]){12, 12});
  check_compare("cmp_cosine_cov_exact_diag", a, b, NAX_RSA_COSINE_COV, &diag, 0, 1e-12);
  check_compare("cmp_corr_cov_exact_diag", a, b, NAX_RSA_CORR_COV, &diag, 0, 1e-12);
  check_compare("cmp_nan_cosine_cov_exact_diag", ga, gb, NAX_RSA_COSINE_COV, &diag, 0,
                1e-10);
  check_compare("cmp_cosine_cov_exact_full", a, b, NAX_RSA_COSINE_COV, &full, 0, 1e-10);
  check_compare("cmp_corr_cov_exact_full", a, b, NAX_RSA_CORR_COV, &full, 0, 1e-10);
  check_compare("cmp_nan_cosine_cov_exact_full", ga, gb, NAX_RSA_COSINE_COV, &full, 0,
                1e-10);
  check_compare("cmp_cosine_cov_rsatoolbox_diag", a, b, NAX_RSA_COSINE_COV, &diag, 1,
                1e-12);
  /* The peer's iterative solution, to its own accuracy. */
  check_compare("cmp_cosine_cov_rsatoolbox_full", a, b, NAX_RSA_COSINE_COV, &full, 0,
                1e-4);
  free(d.x);
  free(f.x);
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_rdms_free(ga);
  nax_rdms_free(gb);
}

/* By definition: solve with the dense V of the pairs that are there. */
static double
whitened_cosine_by_definition(nax_index n, const double *x, const double *y,
                              const double *sigma, int corr)
{
  nax_index m = n * (n - 1) / 2, o = 0, at[64];
  double xi[64 * 64], v[64 * 64], a[64], b[64], ma = 0, mb = 0;
  assert_true(m <= 64);
  for (nax_index k = 0; k < m; k++) {
    if (!isnan(x[k]) && !isnan(y[k])) {
      at[o++] = k;
    }
  }
  nax_index row[64], col[64];
  for (nax_index i = 0, k = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, k++) {
      row[k] = i;
      col[k] = j;
    }
  }
  for (nax_index p = 0; p < o; p++) {
    for (nax_index q = 0; q < o; q++) {
      nax_index i = row[at[p]], j = col[at[p]], k = row[at[q]], l = col[at[q]];
      xi[p + q * o] =
          sigma[i + k * n] - sigma[i + l * n] - sigma[j + k * n] + sigma[j + l * n];
      v[p + q * o] = xi[p + q * o] * xi[p + q * o];
    }
    a[p] = x[at[p]];
    b[p] = y[at[p]];
    ma += a[p] / (double)o;
    mb += b[p] / (double)o;
  }
  double both[128];
  for (nax_index p = 0; p < o; p++) {
    a[p] -= corr ? ma : 0.0;
    b[p] -= corr ? mb : 0.0;
    both[p] = a[p];
    both[p + o] = b[p];
  }
  assert_ok(nax_i_potrf(NULL, "test", "V", o, v, o, 1, NULL));
  assert_ok(nax_i_potrs(NULL, o, 2, v, o, both, o));
  double ab = 0, aa = 0, bb = 0;
  for (nax_index p = 0; p < o; p++) {
    ab += a[p] * both[p + o];
    aa += a[p] * both[p];
    bb += b[p] * both[p + o];
  }
  return ab / sqrt(aa * bb);
}

static void
whitened_comparators_are_those_of_the_dense_covariance(void **state)
{
  (void)state;
  uint64_t seed = 31;
  for (int run = 0; run < 20; run++) {
    nax_index n = 4 + (nax_index)(nax_t_random(&seed) % 7), m = n * (n - 1) / 2;
    double x[64], y[64], l[121], sigma[121], out;
    for (nax_index k = 0; k < m; k++) {
      x[k] = nax_t_uniform(&seed) + (run % 2 ? 0.0 : -0.2);
      y[k] = nax_t_uniform(&seed);
    }
    for (nax_index k = 0; k < n * n; k++) {
      l[k] = nax_t_uniform(&seed) - 0.5;
    }
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = 0; j < n; j++) {
        sigma[i + j * n] = i == j ? 0.5 : 0.0;
        for (nax_index k = 0; k < n; k++) {
          sigma[i + j * n] += l[i + k * n] * l[j + k * n];
        }
      }
    }
    if (run % 3 == 1) {
      x[1] = y[1] = NAN;
      y[m - 1] = NAN; /* in one of the two only */
    }
    nax_rdms *a = NULL, *b = NULL;
    nax_view s = nax_view_f64(sigma, 2, (nax_index[]){n, n});
    assert_ok(nax_rdms_create(NULL, n, 1, x, &a));
    assert_ok(nax_rdms_create(NULL, n, 1, y, &b));
    for (int corr = 0; corr < 2; corr++) {
      assert_ok(nax_rsa_compare(NULL, a, b, corr ? NAX_RSA_CORR_COV : NAX_RSA_COSINE_COV,
                                &s, 0, &out));
      assert_close(out, whitened_cosine_by_definition(n, x, y, sigma, corr), 1e-9, 1e-9);
    }
    nax_rdms_free(a);
    nax_rdms_free(b);
  }
}

/* Kendall by counting every pair. */
static double
tau_by_counting(int64_t m, const double *x, const double *y, int b)
{
  double s = 0, tx = 0, ty = 0, total = (double)m * (double)(m - 1) / 2.0;
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = i + 1; j < m; j++) {
      int cx = (x[i] > x[j]) - (x[i] < x[j]), cy = (y[i] > y[j]) - (y[i] < y[j]);
      s += cx * cy;
      tx += cx == 0;
      ty += cy == 0;
    }
  }
  return b ? s / sqrt((total - tx) * (total - ty)) : s / total;
}

static void
kendall_counts_every_pair_of_pairs(void **state)
{
  (void)state;
  uint64_t seed = 17;
  for (int run = 0; run < 30; run++) {
    nax_index n = 3 + (nax_index)(nax_t_random(&seed) % 30), m = n * (n - 1) / 2;
    double *x = calloc((size_t)m, sizeof *x), *y = calloc((size_t)m, sizeof *y), out;
    double levels = run % 3 == 0 ? 4.0 : run % 3 == 1 ? 40.0 : 1e9;
    for (nax_index k = 0; k < m; k++) {
      x[k] = floor(nax_t_uniform(&seed) * levels);
      y[k] = floor(nax_t_uniform(&seed) * levels) + (run % 2 ? x[k] : 0.0);
    }
    nax_rdms *a = NULL, *b = NULL;
    assert_ok(nax_rdms_create(NULL, n, 1, x, &a));
    assert_ok(nax_rdms_create(NULL, n, 1, y, &b));
    for (int t = 0; t < 2; t++) {
      double expected = tau_by_counting(m, x, y, t);
      if (isnan(expected)) {
        continue;
      }
      assert_ok(
          nax_rsa_compare(NULL, a, b, t ? NAX_RSA_TAU_B : NAX_RSA_TAU_A, NULL, 0, &out));
      assert_close(out, expected, 1e-13, 1e-13);
    }
    nax_rdms_free(a);
    nax_rdms_free(b);
    free(x);
    free(y);
  }
}

static void
kendall_of_long_vectors_is_that_of_short_ones(void **state)
{
  (void)state;
  /* 190 conditions: more pairs than the set of bits takes. Blocks of the same values in
   * the same order: tau of the whole follows from counting distinct values only. */
  uint64_t seed = 3;
  nax_index n = 190, m = n * (n - 1) / 2;
  double *x = calloc((size_t)m, sizeof *x), *y = calloc((size_t)m, sizeof *y), out;
  double table[6][6] = {{0}};
  for (nax_index k = 0; k < m; k++) {
    x[k] = floor(nax_t_uniform(&seed) * 6.0);
    y[k] = floor(nax_t_uniform(&seed) * 3.0 + 0.5 * x[k]);
    y[k] = y[k] > 5.0 ? 5.0 : y[k];
    table[(int)x[k]][(int)y[k]]++;
  }
  double s = 0.0;
  for (int a = 0; a < 6; a++) {
    for (int b = 0; b < 6; b++) {
      for (int c = a + 1; c < 6; c++) {
        for (int d = 0; d < 6; d++) {
          s += table[a][b] * table[c][d] * ((d > b) - (d < b));
        }
      }
    }
  }
  nax_rdms *a = NULL, *b = NULL;
  assert_ok(nax_rdms_create(NULL, n, 1, x, &a));
  assert_ok(nax_rdms_create(NULL, n, 1, y, &b));
  assert_ok(nax_rsa_compare(NULL, a, b, NAX_RSA_TAU_A, NULL, 0, &out));
  assert_close(out, s / ((double)m * (double)(m - 1) / 2.0), 1e-13, 0);
  nax_rdms_free(a);
  nax_rdms_free(b);
  free(x);
  free(y);
}

static void
weighted_kendall_is_that_of_counting_pairs(void **state)
{
  (void)state;
  /* Few and many values, ranks and counts: each width of counters, alone and by blocks.
   */
  const struct {
    nax_index m;
    double x, y; /* different values, about */
    uint32_t count;
  } run[] = {{2, 9, 9, 1},          {90, 20, 20, 4},         {700, 1e9, 1e9, 4},
             {2100, 300, 1e9, 3},   {3000, 1e9, 1e9, 90},    {6500, 1e9, 5000, 2},
             {9000, 1e9, 1e9, 1},   {9000, 1e9, 1e9, 60},    {9000, 40, 1e9, 60},
             {9000, 1e9, 7, 60000}, {12000, 1e9, 11000, 3},  {8500, 1e9, 1e9, 0},
             {3000, 20000, 1e9, 5}, {3000, 20000, 20000, 5}, {9000, 60000, 1e9, 3}};
  uint64_t seed = 23;
  for (size_t k = 0; k < sizeof run / sizeof *run; k++) {
    nax_index m = run[k].m;
    double *x = calloc(2 * (size_t)m, sizeof *x), *y = x + m;
    int32_t *c = calloc((size_t)m, sizeof *c);
    int64_t total = 0, expected = 0;
    for (nax_index i = 0; i < m; i++) {
      x[i] = floor(nax_t_uniform(&seed) * run[k].x);
      y[i] = floor((nax_t_uniform(&seed) + x[i] / run[k].x) * run[k].y);
      c[i] = run[k].count == 0 ? 1 : (int32_t)(nax_t_random(&seed) % (run[k].count + 1));
      total += c[i];
      for (nax_index j = 0; j < i; j++) {
        int sign = ((x[i] > x[j]) - (x[i] < x[j])) * ((y[i] > y[j]) - (y[i] < y[j]));
        expected += sign * (int64_t)c[i] * c[j];
      }
    }
    nax_i_kendall a, b;
    void *work = malloc(nax_i_kendall_work(m));
    assert_ok(nax_i_kendall_prepare(NULL, m, x, &a));
    assert_ok(nax_i_kendall_prepare(NULL, m, y, &b));
    int32_t *along = calloc((size_t)m, sizeof *along);
    for (nax_index i = 0; i < m; i++) {
      along[i] = c[a.order[i]];
    }
    int64_t s = nax_i_kendall_score(m, a.order, a.last, b.rank, b.ranks,
                                    run[k].count == 0 ? NULL : along, total, work);
    free(along);
    assert_int_equal(s, expected);
    nax_i_kendall_clear(&a);
    nax_i_kendall_clear(&b);
    free(work);
    free(x);
    free(c);
  }
}

static void
riemannian_distance_is_not_worse_than_the_reference(void **state)
{
  (void)state;
  nax_rdms *all = ref_rdms("in_Rpd"), *two = NULL;
  ref f = ref_load("in_sigma_k_full");
  nax_view full = nax_view_f64(f.x, 2, (nax_index[]){12, 12});
  assert_ok(nax_rdms_take(NULL, all, 2, (nax_index[]){0, 1}, &two));
  check_compare("cmp_pd_bures", two, all, NAX_RSA_BURES, NULL, 0, 1e-10);
  check_compare("cmp_pd_bures_metric", two, all, NAX_RSA_BURES_METRIC, NULL, 0, 1e-10);
  for (int sigma = 0; sigma < 2; sigma++) {
    ref e = ref_load(sigma ? "cmp_neg_riem_dist_sigma" : "cmp_neg_riem_dist");
    double s[6];
    assert_ok(
        nax_rsa_compare(NULL, two, all, NAX_RSA_NEG_RIEMANN, sigma ? &full : NULL, 0, s));
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        assert_close(s[i + 2 * j], e.x[i * 3 + j], 0, 1e-3);
        assert_true(s[i + 2 * j] >= e.x[i * 3 + j] - 1e-5);
      }
    }
    free(e.x);
  }
  free(f.x);
  nax_rdms_free(all);
  nax_rdms_free(two);
}

static void
partial_forms_agree_with_the_reference(void **state)
{
  (void)state;
  nax_rdms *data = ref_rdms("in_inf_data"), *models = ref_rdms("in_inf_models");
  double out[32];
  assert_ok(nax_rsa_partial(NULL, data, models, NAX_RSA_PARTIAL_PEARSON, out));
  ref_check("partial_pearson", out, 32, 1e-9);
  assert_ok(nax_rsa_partial(NULL, data, models, NAX_RSA_PARTIAL_SPEARMAN, out));
  ref_check("partial_spearman", out, 32, 1e-9);
  assert_ok(nax_rsa_partial(NULL, data, models, NAX_RSA_REGRESSION, out));
  ref_check("rsa_regression", out, 32, 1e-9);
  nax_rdms *twice = NULL;
  assert_ok(nax_rdms_take(NULL, models, 2, (nax_index[]){1, 1}, &twice));
  assert_error(nax_rsa_partial(NULL, data, twice, NAX_RSA_REGRESSION, out), NAX_EDATA,
               "nax_rsa_partial: the models are linearly dependent");
  nax_rdms_free(twice);
  nax_rdms_free(data);
  nax_rdms_free(models);
}

static void
pools_and_ceilings_agree_with_the_reference(void **state)
{
  (void)state;
  nax_rdms *data = ref_rdms("in_inf_data");
  const nax_rsa_comparator pools[] = {
      NAX_RSA_COSINE,   NAX_RSA_CORR,  NAX_RSA_COSINE_COV, NAX_RSA_CORR_COV,
      NAX_RSA_SPEARMAN, NAX_RSA_TAU_A, NAX_RSA_NEG_RIEMANN};
  double out[66], ceiling[2];
  char name[64];
  for (int k = 0; k < 7; k++) {
    assert_ok(nax_rsa_pool(NULL, data, pools[k], out));
    snprintf(name, sizeof name, "pool_%s", names[pools[k] - 1]);
    ref_check(name, out, 66, 1e-12);
  }
  /* without a scale of its own: the mean */
  assert_ok(nax_rsa_pool(NULL, data, NAX_RSA_BURES, out));
  ref_check("pool_euclid", out, 66, 1e-12);
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
    if (c == NAX_RSA_TAU_B) {
      continue;
    }
    assert_ok(nax_rsa_ceiling(NULL, data, (nax_rsa_comparator)c, NULL, 0, ceiling));
    snprintf(name, sizeof name, "nc_%s", names[c - 1]);
    ref_check(name, ceiling, 2, 1e-11);
  }
  nax_rdms *one = NULL;
  assert_ok(nax_rdms_take(NULL, data, 1, (nax_index[]){0}, &one));
  assert_error(nax_rsa_ceiling(NULL, one, NAX_RSA_CORR, NULL, 0, ceiling), NAX_EDATA,
               "nax_rsa_ceiling: a noise ceiling needs at least 2 RDMs, got 1");
  nax_rdms_free(one);
  nax_rdms_free(data);
}

static void
model_fits_agree_with_the_reference(void **state)
{
  (void)state;
  nax_rdms *data = ref_rdms("in_inf_data"), *models = ref_rdms("in_inf_models");
  const nax_rsa_comparator all[] = {NAX_RSA_COSINE, NAX_RSA_CORR, NAX_RSA_COSINE_COV,
                                    NAX_RSA_CORR_COV};
  double theta[4];
  for (int k = 0; k < 4; k++) {
    const char *n = names[all[k] - 1];
    char name[64];
    /* The peer solves whitened problems by iteration. */
    double tol = k < 2 ? 1e-10 : 1e-6;
    assert_ok(nax_rsa_model_fit(NULL, models, NAX_RSA_WEIGHTED, data, all[k], NULL, 0.0,
                                theta));
    snprintf(name, sizeof name, "fit_regress_%s", n);
    ref_check(name, theta, 4, tol);
    assert_ok(nax_rsa_model_fit(NULL, models, NAX_RSA_WEIGHTED, data, all[k], NULL, 0.5,
                                theta));
    snprintf(name, sizeof name, "fit_regress_ridge_%s", n);
    ref_check(name, theta, 4, tol);
    assert_ok(nax_rsa_model_fit(NULL, models, NAX_RSA_NONNEGATIVE, data, all[k], NULL,
                                0.0, theta));
    snprintf(name, sizeof name, "fit_regress_nn_%s", n);
    ref_check(name, theta, 4, tol);
    assert_ok(nax_rsa_model_fit(NULL, models, NAX_RSA_INTERPOLATE, data, all[k], NULL,
                                0.0, theta));
    snprintf(name, sizeof name, "fit_interpolate_%s", n);
    ref_check(name, theta, 4, 1e-4);
    assert_ok(
        nax_rsa_model_fit(NULL, models, NAX_RSA_SELECT, data, all[k], NULL, 0.0, theta));
    snprintf(name, sizeof name, "fit_select_%s", n);
    ref best = ref_load(name);
    for (int i = 0; i < 4; i++) {
      assert_true(theta[i] == (i == (int)best.x[0] ? 1.0 : 0.0));
    }
    free(best.x);
  }
  nax_rdms_free(data);
  nax_rdms_free(models);
}

/* Non-negative least squares over every subset of free entries. */
static void
nonnegative_fits_are_the_best_of_all_subsets(void **state)
{
  (void)state;
  uint64_t seed = 77;
  for (int run = 0; run < 60; run++) {
    enum { K = 5 };
    double f[K * 12], a[K * K], b[K], x[K], best = 0.0, value = 0.0;
    double scale = run % 3 == 0 ? 1.0 : run % 3 == 1 ? 1e8 : 1e-8;
    for (int i = 0; i < K * 12; i++) {
      f[i] = scale * (nax_t_uniform(&seed) - 0.3);
    }
    for (int i = 0; i < K; i++) {
      b[i] = 0.0;
      for (int t = 0; t < 12; t++) {
        b[i] += f[i * 12 + t] * scale * sin((double)(t + run));
      }
      for (int j = 0; j < K; j++) {
        a[i + j * K] = 0.0;
        for (int t = 0; t < 12; t++) {
          a[i + j * K] += f[i * 12 + t] * f[j * 12 + t];
        }
      }
    }
    for (int set = 1; set < 1 << K; set++) {
      double l[K * K], z[K], v = 0.0;
      int at[K], n = 0, ok = 1;
      for (int i = 0; i < K; i++) {
        if (set >> i & 1) {
          at[n++] = i;
        }
      }
      for (int i = 0; i < n; i++) {
        z[i] = b[at[i]];
        for (int j = 0; j < n; j++) {
          l[i + j * n] = a[at[i] + at[j] * K];
        }
      }
      assert_ok(nax_i_potrf(NULL, "test", "A", n, l, n, 1, NULL));
      assert_ok(nax_i_potrs(NULL, n, 1, l, n, z, n));
      for (int i = 0; i < n; i++) {
        ok = ok && z[i] >= 0.0;
        v -= z[i] * b[at[i]];
      }
      best = ok && v < best ? v : best;
    }
    assert_ok(nax_i_nnls(NULL, "test", K, a, b, x));
    for (int i = 0; i < K; i++) {
      assert_true(x[i] >= 0.0);
      value -= 2.0 * x[i] * b[i];
      for (int j = 0; j < K; j++) {
        value += x[i] * a[i + j * K] * x[j];
      }
    }
    assert_close(value, best, 1e-9, 1e-12 * scale * scale);
  }
}

static void
relabelling_conditions_changes_nothing(void **state)
{
  (void)state;
  nax_rdms *a = ref_rdms("in_R1"), *b = ref_rdms("in_R2"), *pa = NULL, *pb = NULL;
  nax_index order[12] = {5, 3, 11, 0, 7, 9, 1, 10, 2, 4, 8, 6};
  assert_ok(nax_rdms_take_conditions(NULL, a, 12, order, &pa));
  assert_ok(nax_rdms_take_conditions(NULL, b, 12, order, &pb));
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_BURES_METRIC; c++) {
    double s[30], t[30];
    assert_ok(nax_rsa_compare(NULL, a, b, (nax_rsa_comparator)c, NULL, 0, s));
    assert_ok(nax_rsa_compare(NULL, pa, pb, (nax_rsa_comparator)c, NULL, 0, t));
    assert_all_close(t, s, 30, 1e-10, 1e-10);
  }
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_rdms_free(pa);
  nax_rdms_free(pb);
}

static void
what_cannot_be_compared_is_refused(void **state)
{
  (void)state;
  nax_rdms *a = NULL, *b = NULL, *small = NULL;
  double d[6] = {1, 2, 3, 4, 5, 6}, gap[6] = {1, NAN, 3, 4, 5, 6}, out[4];
  assert_ok(nax_rdms_create(NULL, 4, 1, d, &a));
  assert_ok(nax_rdms_create(NULL, 4, 1, gap, &b));
  assert_ok(nax_rdms_create(NULL, 2, 1, d, &small));
  assert_error(nax_rsa_compare(NULL, a, small, NAX_RSA_CORR, NULL, 0, out), NAX_EDIM,
               "nax_rsa_compare: RDMs of 4 and of 2 conditions");
  assert_error(nax_rsa_compare(NULL, small, small, NAX_RSA_CORR, NULL, 0, out), NAX_EDIM,
               "nax_rsa_compare: comparing RDMs needs at least 3 conditions");
  assert_error(nax_rsa_compare(NULL, a, b, NAX_RSA_BURES, NULL, 0, out), NAX_EDATA,
               "nax_rsa_compare: 1 pairs are missing, this comparator needs all of them");
  nax_view sigma = nax_view_f64(d, 1, (nax_index[]){4});
  assert_status(nax_rsa_compare(NULL, a, b, NAX_RSA_CORR, &sigma, 0, out), NAX_EINVAL);
  d[2] = -1.0;
  assert_status(nax_rsa_compare(NULL, a, b, NAX_RSA_COSINE_COV, &sigma, 0, out),
                NAX_ENUMERIC);
  assert_status(nax_rsa_compare(NULL, a, b, (nax_rsa_comparator)12, NULL, 0, out),
                NAX_EINVAL);
  double theta[2];
  assert_status(
      nax_rsa_model_fit(NULL, a, NAX_RSA_WEIGHTED, b, NAX_RSA_BURES, NULL, 0.0, theta),
      NAX_EINVAL);
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_rdms_free(small);
}

static void
failing_allocations_are_told(void **state)
{
  (void)state;
  uint64_t seed = 8;
  double d[30], g[30], out[9], theta[3], ceiling[2], sigma[25] = {0};
  for (int i = 0; i < 30; i++) {
    d[i] = 1.0 + nax_t_uniform(&seed);
    g[i] = i % 10 == 3 ? (double)NAN : d[i];
  }
  for (int i = 0; i < 5; i++) {
    sigma[6 * i] = 1.0 + i;
  }
  nax_rdms *a = NULL, *b = NULL;
  void *none = NULL;
  nax_view full = nax_view_f64(sigma, 2, (nax_index[]){5, 5});
  assert_ok(nax_rdms_create(NULL, 5, 3, d, &a));
  assert_ok(nax_rdms_create(NULL, 5, 3, g, &b));
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_BURES_METRIC; c++) {
    NAX_T_SWEEP_ALLOC(nax_rsa_compare(NULL, a, c < NAX_RSA_BURES ? b : a,
                                      (nax_rsa_comparator)c,
                                      c == NAX_RSA_COSINE_COV ? &full : NULL, 0, out),
                      none, (void)none, 300);
  }
  for (int k = NAX_RSA_SELECT; k <= NAX_RSA_INTERPOLATE; k++) {
    NAX_T_SWEEP_ALLOC(nax_rsa_model_fit(NULL, a, (nax_rsa_model_kind)k, a, NAX_RSA_CORR,
                                        NULL, 0.1, theta),
                      none, (void)none, 300);
  }
  NAX_T_SWEEP_ALLOC(nax_rsa_ceiling(NULL, a, NAX_RSA_TAU_A, NULL, 0, ceiling), none,
                    (void)none, 300);
  nax_rdms *model = NULL, *data = NULL;
  assert_ok(nax_rdms_take(NULL, a, 1, (nax_index[]){1}, &model));
  assert_ok(nax_rdms_take(NULL, b, 2, (nax_index[]){0, 2}, &data));
  NAX_T_SWEEP_ALLOC(nax_rsa_partial(NULL, data, model, NAX_RSA_PARTIAL_SPEARMAN, out),
                    none, (void)none, 100);
  nax_rdms_free(model);
  nax_rdms_free(data);
  nax_rdms_free(a);
  nax_rdms_free(b);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comparators_agree_with_the_reference),
      cmocka_unit_test(whitening_is_exact_for_any_noise),
      cmocka_unit_test(whitened_comparators_are_those_of_the_dense_covariance),
      cmocka_unit_test(kendall_counts_every_pair_of_pairs),
      cmocka_unit_test(kendall_of_long_vectors_is_that_of_short_ones),
      cmocka_unit_test(weighted_kendall_is_that_of_counting_pairs),
      cmocka_unit_test(riemannian_distance_is_not_worse_than_the_reference),
      cmocka_unit_test(partial_forms_agree_with_the_reference),
      cmocka_unit_test(pools_and_ceilings_agree_with_the_reference),
      cmocka_unit_test(model_fits_agree_with_the_reference),
      cmocka_unit_test(nonnegative_fits_are_the_best_of_all_subsets),
      cmocka_unit_test(relabelling_conditions_changes_nothing),
      cmocka_unit_test(what_cannot_be_compared_is_refused),
      cmocka_unit_test(failing_allocations_are_told),
  };
  return cmocka_run_group_tests_name("rsa-compare", tests, NULL, NULL);
}
