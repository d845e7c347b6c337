/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "stats/stats_i.h"
#include "reference/stats_scipy.h"

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void
quantiles_agree_with_sorting(void **state)
{
  (void)state;
  uint64_t seed = 21;
  for (int round = 0; round < 200; round++) {
    double x[300], y[300], q[3] = {0.0, nax_t_uniform(&seed), 1.0}, got[3];
    nax_index n = 1 + (nax_index)(nax_t_random(&seed) % 300), m = 0;
    for (nax_index i = 0; i < n; i++) {
      double u = nax_t_uniform(&seed);
      x[i] = round % 2 ? floor(10.0 * u) : u - 0.5;
      x[i] = round % 3 == 0 && u < 0.2 ? (double)NAN : x[i];
      if (!isnan(x[i])) {
        y[m++] = x[i];
      }
    }
    qsort(y, (size_t)m, sizeof *y, by_value);
    assert_ok(nax_stats_quantile(NULL, n, x, 3, q, got));
    for (int k = 0; k < 3; k++) {
      double h = q[k] * (double)(m - 1);
      nax_index lo = (nax_index)h;
      double hi = lo + 1 < m ? y[lo + 1] : y[m > 0 ? m - 1 : 0];
      assert_close(got[k], m ? y[lo] + (h - (double)lo) * (hi - y[lo]) : (double)NAN,
                   1e-15, 0.0);
    }
  }
}

static void
sorting_keeps_the_order_of_equals(void **state)
{
  (void)state;
  uint64_t seed = 22;
  const nax_index sizes[] = {0, 1, 2, 3, 100, 1023, 1024, 5000};
  for (int s = 0; s < 8; s++) {
    nax_index n = sizes[s];
    nax_i_keyed *a = calloc((size_t)(2 * n + 1), sizeof *a);
    for (nax_index i = 0; i < n; i++) {
      double x = floor(200.0 * (nax_t_uniform(&seed) - 0.5)) * (s % 2 ? 1e300 : 1e-3);
      assert_close(nax_i_key_value(nax_i_sort_key(x)), x, 0.0, 0.0);
      a[i] = (nax_i_keyed){nax_i_sort_key(x), i};
    }
    nax_i_sort_keyed(a, a + n, n);
    for (nax_index i = 1; i < n; i++) {
      assert_true(nax_i_key_value(a[i - 1].key) <= nax_i_key_value(a[i].key));
      assert_true(a[i - 1].key < a[i].key || a[i - 1].at < a[i].at);
    }
    free(a);
  }
  assert_true(nax_i_sort_key(-0.0) == nax_i_sort_key(0.0));
  assert_true(nax_i_sort_key(-INFINITY) < nax_i_sort_key(-1e308));
  assert_true(nax_i_sort_key(INFINITY) > nax_i_sort_key(1e308));
}

static int
stop_at_look(const nax_progress *p, void *user)
{
  (void)p;
  return --*(int *)user == 0;
}

static void
sorting_by_the_million_can_be_stopped(void **state)
{
  (void)state;
  const nax_index n = 3 << 19;
  uint64_t seed = 23;
  int looks = 0;
  nax_ctx *ctx;
  nax_i_keyed *a = calloc((size_t)(2 * n), sizeof *a);
  double *p = calloc((size_t)n, sizeof *p), *out = calloc((size_t)n, sizeof *out);
  int64_t *label = calloc((size_t)n, sizeof *label);
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_set_progress(ctx, stop_at_look, &looks, 0.0);
  for (nax_index i = 0; i < n; i++) {
    p[i] = nax_t_uniform(&seed);
    label[i] = (int64_t)(1e9 * p[i]);
    a[i] = (nax_i_keyed){nax_i_sort_key(p[i]), i};
  }
  assert_ok(nax_i_sort_keyed_long(ctx, a, a + n, n));
  assert_true(looks < -5);
  for (nax_index i = 1; i < n; i++) {
    assert_true(a[i - 1].key <= a[i].key);
  }
  looks = 3;
  assert_status(nax_i_sort_keyed_long(ctx, a, a + n, n), NAX_EINTERRUPT);
  looks = 3;
  assert_status(nax_stats_ranks(ctx, n, p, out), NAX_EINTERRUPT);
  looks = 3;
  assert_status(nax_stats_fdr(ctx, n, p, NAX_FDR_BH, out), NAX_EINTERRUPT);
  double same;
  looks = 3;
  assert_status(nax_stats_ari(ctx, n, label, label, &same), NAX_EINTERRUPT);
  free(a);
  free(p);
  free(out);
  free(label);
  nax_ctx_free(ctx);
}

static void
median_and_its_deviation(void **state)
{
  (void)state;
  const double x[] = {1.0, NAN, 9.0, 2.0, 4.0, 4.0, INFINITY};
  double median, mad;
  assert_ok(nax_stats_median_mad(NULL, 7, x, &median, &mad));
  assert_close(median, 4.0, 0.0, 0.0);
  assert_close(mad, 2.0, 0.0, 0.0);
  assert_ok(nax_stats_median_mad(NULL, 0, x, &median, NULL));
  assert_true(isnan(median));
}

static void
equal_values_share_their_ranks(void **state)
{
  (void)state;
  const double x[] = {3.0, NAN, 1.0, 3.0, -INFINITY, 3.0, 0.0, -0.0};
  const double expected[] = {6.0, NAN, 4.0, 6.0, 1.0, 6.0, 2.5, 2.5};
  double r[8];
  assert_ok(nax_stats_ranks(NULL, 8, x, r));
  assert_all_close(r, expected, 8, 0.0, 0.0);
}

enum { ROWS = 12, OBS = 40 };

/* Array of the given axes (at most 3) over x, dense column-major. */
static nax_array *
array(const double *x, nax_dtype dtype, int32_t ndim, const char *const *names,
      const nax_index *dim)
{
  nax_array *a = NULL;
  assert_ok(nax_array_create_dims(NULL, dtype, ndim, names, dim, "", &a));
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    if (dtype == NAX_F64) {
      ((double *)nax_array_data_mut(a))[i] = x[i];
    } else {
      ((float *)nax_array_data_mut(a))[i] = (float)x[i];
    }
  }
  return a;
}

static nax_array *
neurons(const double *x)
{
  return array(x, NAX_F64, 2, (const char *const[]){"neuron", "time"},
               (const nax_index[]){ROWS, OBS});
}

static void
correlations_have_the_numbers_of_numpy_and_scipy(void **state)
{
  (void)state;
  nax_array *a = neurons(ref_rows), *r = NULL;
  nax_stats_correlation_opts o = NAX_STATS_CORRELATION_OPTS_INIT;
  assert_ok(nax_stats_correlation(NULL, a, NULL, &r));
  assert_all_close(nax_array_f64(r), ref_pearson, ROWS * ROWS, 1e-12, 1e-13);
  assert_string_equal(nax_axis_name(nax_array_axis(r, 0)), "neuron");
  assert_string_equal(nax_axis_name(nax_array_axis(r, 1)), "neuron_2");
  nax_array_free(r);
  o.kind = NAX_CORRELATION_SPEARMAN;
  assert_ok(nax_stats_correlation(NULL, a, &o, &r));
  assert_all_close(nax_array_f64(r), ref_spearman, ROWS * ROWS, 1e-12, 1e-13);
  nax_array_free(r);
  double *x = nax_array_data_mut(a);
  for (int i = 0; i < ROWS * OBS; i++) {
    x[i] = ref_hole[i] ? (double)NAN : x[i];
  }
  o.kind = NAX_CORRELATION_PEARSON;
  assert_ok(nax_stats_correlation(NULL, a, &o, &r));
  assert_all_close(nax_array_f64(r), ref_pairwise, ROWS * ROWS, 1e-12, 1e-13);
  nax_array_free(r);
  /* holes in two rows only, and one frame that nobody has */
  for (int i = 0; i < ROWS * OBS; i++) {
    int row = i % ROWS, t = i / ROWS;
    x[i] = (row < 2 && ref_hole[i]) || t == 17 ? (double)NAN : ref_rows[i];
  }
  assert_ok(nax_stats_correlation(NULL, a, &o, &r));
  for (int i = 0; i < ROWS; i++) {
    for (int j = 0; j < ROWS; j++) {
      double n = 0, si = 0, sj = 0, ii = 0, jj = 0, ij = 0;
      for (int t = 0; t < OBS; t++) {
        double u = x[i + ROWS * t], v = x[j + ROWS * t];
        if (!isnan(u) && !isnan(v)) {
          n++;
          si += u;
          sj += v;
          ii += u * u;
          jj += v * v;
          ij += u * v;
        }
      }
      double c = (ij - si * sj / n) / sqrt((ii - si * si / n) * (jj - sj * sj / n));
      assert_close(nax_array_f64(r)[i + ROWS * j], c, 1e-11, 1e-12);
    }
  }
  nax_array_free(r);
  nax_array_free(a);
}

static void
the_place_of_the_rows_and_the_type_do_not_matter(void **state)
{
  (void)state;
  nax_stats_correlation_opts o = NAX_STATS_CORRELATION_OPTS_INIT;
  double y[ROWS * OBS];
  for (int i = 0; i < ROWS; i++) {
    for (int t = 0; t < OBS; t++) {
      y[t % 10 + 10 * (i + ROWS * (t / 10))] = ref_rows[i + ROWS * t];
    }
  }
  nax_array *a = array(y, NAX_F64, 3, (const char *const[]){"time", "unit", "trial"},
                       (const nax_index[]){10, ROWS, 4});
  nax_array *b = array(y, NAX_F32, 3, (const char *const[]){"time", "unit", "trial"},
                       (const nax_index[]){10, ROWS, 4});
  nax_array *r = NULL;
  assert_ok(nax_stats_correlation(NULL, a, NULL, &r));
  assert_all_close(nax_array_f64(r), ref_pearson, ROWS * ROWS, 1e-12, 1e-13);
  nax_array_free(r);
  assert_ok(nax_stats_correlation(NULL, b, NULL, &r));
  assert_all_close(nax_array_f64(r), ref_pearson, ROWS * ROWS, 0.0, 1e-6);
  nax_array_free(r);
  o.axis = "trial";
  assert_ok(nax_stats_correlation(NULL, a, &o, &r));
  assert_int_equal(nax_array_dim(r, 0), 4);
  nax_array_free(r);
  o.axis = "animal";
  assert_error(nax_stats_correlation(NULL, a, &o, &r), NAX_EINVAL,
               "nax_stats_correlation: `in` has no axis called `animal`");
  nax_array_free(a);
  nax_array_free(b);
}

static void
complete_observations_constant_rows_and_few_samples(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_stats_correlation_opts o = NAX_STATS_CORRELATION_OPTS_INIT;
  nax_array *a = neurons(ref_rows), *r = NULL, *q = NULL, *s = NULL;
  double *x = nax_array_data_mut(a), kept[ROWS * OBS];
  int m = 0;
  for (int t = 0; t < OBS; t++) {
    if (t % 5 == 2) {
      x[t % ROWS + ROWS * t] = NAN;
    } else {
      memcpy(kept + ROWS * m++, x + ROWS * t, ROWS * sizeof *x);
    }
  }
  nax_array *b = array(kept, NAX_F64, 2, (const char *const[]){"neuron", "time"},
                       (const nax_index[]){ROWS, m});
  for (int kind = 1; kind <= 2; kind++) {
    o.kind = kind;
    o.missing = NAX_PAIRING_COMPLETE;
    assert_ok(nax_stats_correlation(NULL, a, &o, &r));
    o.missing = NAX_PAIRING_PAIRWISE;
    assert_ok(nax_stats_correlation(NULL, b, &o, &q));
    assert_all_close(nax_array_f64(r), nax_array_f64(q), ROWS * ROWS, 1e-12, 1e-13);
    nax_array_free(r);
    nax_array_free(q);
  }
  /* constant; constant only where the other is present; hardly ever present */
  for (int t = 0; t < OBS; t++) {
    x[ROWS * t] = 0.1;
    x[1 + ROWS * t] = t < 20 ? 0.3 : x[1 + ROWS * t];
    x[2 + ROWS * t] = t < 20 ? x[2 + ROWS * t] : (double)NAN;
    x[3 + ROWS * t] = t < 2 ? x[3 + ROWS * t] : (double)NAN;
  }
  o.kind = NAX_CORRELATION_PEARSON;
  assert_ok(nax_stats_correlation(ctx, a, &o, &s));
  const double *c = nax_array_f64(s);
  assert_true(isnan(c[0]) && isnan(c[5]) && isnan(c[5 * ROWS]));
  assert_true(isnan(c[1 + 2 * ROWS]) && !isnan(c[1 + 4 * ROWS]));
  assert_true(isnan(c[3 + 3 * ROWS]));
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "stats.constant-row");
  nax_array_free(s);
  nax_array_free(a);
  nax_array_free(b);
  nax_ctx_free(ctx);
}

static void
correlations_have_the_same_bits_for_any_number_of_threads(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 3));
  uint64_t seed = 23;
  nax_index n = 300, t = 5000;
  nax_array *a = NULL, *r = NULL, *q = NULL;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2,
                                  (const char *const[]){"neuron", "time"},
                                  (const nax_index[]){n, t}, "", &a));
  double *x = nax_array_data_mut(a);
  for (nax_index i = 0; i < n * t; i++) {
    x[i] = nax_t_uniform(&seed);
    x[i] = x[i] < 0.05 ? (double)NAN : x[i];
  }
  assert_ok(nax_stats_correlation(NULL, a, NULL, &r));
  assert_ok(nax_stats_correlation(ctx, a, NULL, &q));
  assert_memory_equal(nax_array_f64(r), nax_array_f64(q), (size_t)(n * n) * 8);
  nax_array_free(a);
  nax_array_free(r);
  nax_array_free(q);
  nax_ctx_free(ctx);
}

static void
covariances_have_the_numbers_of_scikit_learn(void **state)
{
  (void)state;
  nax_array *a = neurons(ref_rows), *c = NULL;
  double amount;
  assert_ok(nax_stats_covariance(NULL, a, NULL, NAX_SHRINKAGE_NONE, &amount, &c));
  assert_all_close(nax_array_f64(c), ref_cov, ROWS * ROWS, 1e-12, 1e-13);
  assert_close(amount, 0.0, 0.0, 0.0);
  nax_array_free(c);
  assert_ok(nax_stats_covariance(NULL, a, NULL, NAX_SHRINKAGE_LEDOIT_WOLF, &amount, &c));
  assert_close(amount, ref_amounts[0], 1e-12, 0.0);
  assert_all_close(nax_array_f64(c), ref_lw, ROWS * ROWS, 1e-12, 1e-13);
  nax_array_free(c);
  assert_ok(nax_stats_covariance(NULL, a, NULL, NAX_SHRINKAGE_OAS, &amount, &c));
  assert_close(amount, ref_amounts[1], 1e-12, 0.0);
  assert_all_close(nax_array_f64(c), ref_oas, ROWS * ROWS, 1e-12, 1e-13);
  nax_array_free(c);
  double *x = nax_array_data_mut(a);
  for (int t = 0; t < OBS; t++) {
    x[3 + ROWS * t] = NAN;
  }
  assert_error(nax_stats_covariance(NULL, a, NULL, NAX_SHRINKAGE_OAS, NULL, &c),
               NAX_EDATA,
               "nax_stats_covariance: `in` has no observation without missing values (40 "
               "observations)");
  nax_array_free(a);
}

static void
skewness_and_directions(void **state)
{
  (void)state;
  for (int i = 0; i < ROWS; i++) {
    double x[OBS + 1];
    for (int t = 0; t < OBS; t++) {
      x[t] = ref_rows[i + ROWS * t];
    }
    x[OBS] = NAN;
    assert_close(nax_stats_skewness(OBS + 1, x), ref_skewness[i], 1e-11, 1e-13);
  }
  assert_true(isnan(nax_stats_skewness(3, (const double[]){1.0, 1.0, 1.0})));
  const double angle[] = {3.0, -3.0, NAN, 1.0}, weight[] = {1.0, 1.0, 1.0, 0.0};
  double mean, r;
  nax_stats_circular(4, angle, weight, &mean, &r);
  assert_close(fabs(mean), 3.14159265358979323846, 1e-15, 0.0);
  assert_close(r, -cos(3.0), 1e-15, 0.0);
  nax_stats_circular(0, angle, NULL, &mean, &r);
  assert_true(isnan(mean) && isnan(r));
  /* Zar 1999, example 27.4: n = 8, r = 0.82522, 0.001 < p < 0.002 */
  double p = nax_stats_rayleigh(8, 0.82522);
  assert_true(p > 0.001 && p < 0.002);
  assert_close(nax_stats_rayleigh(100, 0.0), 1.0, 1e-12, 0.0);
  assert_true(isnan(nax_stats_rayleigh(8, 1.1)));
}

static void
adjusted_p_values_have_the_numbers_of_scipy(void **state)
{
  (void)state;
  double out[16], p[16];
  assert_ok(nax_stats_fdr(NULL, 15, ref_p, NAX_FDR_BH, out));
  assert_all_close(out, ref_bh, 15, 1e-14, 0.0);
  assert_ok(nax_stats_fdr(NULL, 15, ref_p, NAX_FDR_BY, out));
  assert_all_close(out, ref_by, 15, 1e-14, 0.0);
  memcpy(p, ref_p, sizeof ref_p);
  p[15] = NAN;
  assert_ok(nax_stats_fdr(NULL, 16, p, NAX_FDR_BH, p));
  assert_all_close(p, ref_bh, 15, 1e-14, 0.0);
  assert_true(isnan(p[15]));
  p[2] = 1.5;
  assert_error(nax_stats_fdr(NULL, 16, p, NAX_FDR_BH, p), NAX_EINVAL,
               "nax_stats_fdr: `p` must lie in [0, 1], entry 2 is 1.5");
}

static void
draws_are_numbered(void **state)
{
  (void)state;
  nax_index a[50], b[50], seen[50] = {0};
  assert_ok(nax_stats_permutation(NULL, 9, 0, 50, a));
  for (nax_index i = 0; i < 50; i++) {
    assert_int_equal(a[i], i);
  }
  assert_ok(nax_stats_permutation(NULL, 9, 3, 50, a));
  assert_ok(nax_stats_permutation(NULL, 9, 4, 50, b));
  assert_memory_not_equal(a, b, sizeof a);
  assert_ok(nax_stats_permutation(NULL, 9, 3, 50, b));
  assert_memory_equal(a, b, sizeof a);
  for (int i = 0; i < 50; i++) {
    seen[a[i]]++;
  }
  for (int i = 0; i < 50; i++) {
    assert_int_equal(seen[i], 1);
  }
  double mean = 0.0;
  for (uint64_t draw = 0; draw < 200; draw++) {
    assert_ok(nax_stats_bootstrap(NULL, 9, draw, 50, a));
    for (int i = 0; i < 50; i++) {
      assert_in_range(a[i], 0, 49);
      mean += (double)a[i] / (200.0 * 50.0);
    }
  }
  assert_close(mean, 24.5, 0.0, 0.7); /* five standard errors */
  assert_status(nax_stats_bootstrap(NULL, 9, 0, 0, a), NAX_EINVAL);
}

static void
check_tree_of(nax_linkage method, const double *z)
{
  double d[ROWS * ROWS];
  nax_merge m[ROWS];
  for (int i = 0; i < ROWS * ROWS; i++) {
    d[i] = 1.0 - ref_pearson[i];
  }
  assert_ok(nax_stats_cluster(NULL, ROWS, d, method, m));
  for (int i = 0; i + 1 < ROWS; i++) {
    assert_int_equal(m[i].a, (nax_index)z[4 * i]);
    assert_int_equal(m[i].b, (nax_index)z[4 * i + 1]);
    assert_close(m[i].height, z[4 * i + 2], 1e-13, 0.0);
    assert_int_equal(m[i].count, (nax_index)z[4 * i + 3]);
  }
}

static void
trees_have_the_numbers_of_scipy(void **state)
{
  (void)state;
  check_tree_of(NAX_LINKAGE_AVERAGE, ref_average);
  check_tree_of(NAX_LINKAGE_COMPLETE, ref_complete);
  check_tree_of(NAX_LINKAGE_SINGLE, ref_single);
  nax_array *r = array(ref_pearson, NAX_F64, 2, (const char *const[]){"a", "b"},
                       (const nax_index[]){ROWS, ROWS});
  nax_index order[ROWS];
  nax_merge m[ROWS];
  int64_t label[ROWS];
  assert_ok(nax_stats_correlation_order(NULL, r, order, m));
  for (int i = 0; i < ROWS; i++) {
    assert_int_equal(order[i], ref_leaves[i]);
  }
  assert_ok(nax_stats_cut_tree(NULL, ROWS, m, 4, label));
  for (int i = 0; i < ROWS; i++) {
    for (int j = 0; j < ROWS; j++) {
      assert_int_equal(label[i] == label[j], ref_cut4[i] == ref_cut4[j]);
    }
  }
  assert_int_equal(label[0], 0);
  ((double *)nax_array_data_mut(r))[3] = NAN; /* a missing correlation is no obstacle */
  assert_ok(nax_stats_correlation_order(NULL, r, order, NULL));
  nax_array_free(r);
}

/* Average linkage by looking at all pairs of clusters each time. */
static void
slow_heights(const double *d, nax_index n, double *height)
{
  double *w = calloc((size_t)(n * n), sizeof *w), size[64];
  memcpy(w, d, (size_t)(n * n) * sizeof *w);
  for (nax_index i = 0; i < n; i++) {
    size[i] = 1.0;
  }
  for (nax_index step = 0; step + 1 < n; step++) {
    nax_index a = -1, b = -1;
    double best = INFINITY;
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = 0; j < i; j++) {
        if (size[i] > 0.0 && size[j] > 0.0 && w[i + j * n] < best) {
          best = w[i + j * n];
          a = i;
          b = j;
        }
      }
    }
    height[step] = best;
    for (nax_index i = 0; i < n; i++) {
      double x = (size[a] * w[a + i * n] + size[b] * w[b + i * n]) / (size[a] + size[b]);
      w[b + i * n] = w[i + b * n] = x;
    }
    size[b] += size[a];
    size[a] = 0.0;
  }
  free(w);
}

static void
trees_agree_with_the_slow_way(void **state)
{
  (void)state;
  uint64_t seed = 24;
  for (int round = 0; round < 30; round++) {
    nax_index n = 1 + (nax_index)(nax_t_random(&seed) % 60);
    double d[3600], height[64];
    nax_merge m[64];
    nax_index order[64], seen[64] = {0};
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = 0; j <= i; j++) {
        d[i + j * n] = d[j + i * n] = i == j ? 0.0 : nax_t_uniform(&seed);
      }
    }
    slow_heights(d, n, height);
    assert_ok(nax_stats_cluster(NULL, n, d, NAX_LINKAGE_AVERAGE, m));
    for (nax_index i = 0; i + 1 < n; i++) {
      assert_close(m[i].height, height[i], 1e-12, 0.0);
    }
    assert_ok(nax_stats_leaf_order(NULL, n, m, order));
    for (nax_index i = 0; i < n; i++) {
      assert_in_range(order[i], 0, n - 1);
      seen[order[i]]++;
    }
    for (nax_index i = 0; i < n; i++) {
      assert_int_equal(seen[i], 1);
    }
  }
}

static void
bad_trees_and_distances_are_refused(void **state)
{
  (void)state;
  double d[4] = {0.0, -1.0, 0.0, 0.0};
  nax_merge m[2] = {{0, 0, 1.0, 2}, {0, 0, 0.0, 0}};
  nax_index order[2];
  int64_t label[2];
  assert_error(nax_stats_cluster(NULL, 2, d, NAX_LINKAGE_AVERAGE, m), NAX_EDATA,
               "nax_stats_cluster: `d` must be finite and >= 0, items 0 and 1 have -1");
  assert_status(nax_stats_cluster(NULL, 0, d, NAX_LINKAGE_AVERAGE, m), NAX_EDIM);
  assert_status(nax_stats_cluster(NULL, 2, d, (nax_linkage)9, m), NAX_EINVAL);
  assert_error(nax_stats_leaf_order(NULL, 2, m, order), NAX_EINVAL,
               "nax_stats_leaf_order: `merges` is not a tree of 2 items: step 0 joins 0 "
               "and 0");
  m[0].b = 1;
  assert_status(nax_stats_cut_tree(NULL, 2, m, 3, label), NAX_EINVAL);
  assert_ok(nax_stats_cut_tree(NULL, 2, m, 2, label));
  assert_int_equal(label[1], 1);
}

static void
partitions_are_compared_as_by_scikit_learn(void **state)
{
  (void)state;
  double ari, nmi;
  assert_ok(nax_stats_ari(NULL, 50, ref_label_a, ref_label_b, &ari));
  assert_ok(nax_stats_nmi(NULL, 50, ref_label_a, ref_label_b, &nmi));
  assert_close(ari, ref_ari_nmi[0], 1e-13, 0.0);
  assert_close(nmi, ref_ari_nmi[1], 1e-12, 0.0);
  int64_t other[50], one[50] = {0};
  for (int i = 0; i < 50; i++) {
    other[i] = INT64_MIN + 7 * ref_label_a[i] + 100;
  }
  assert_ok(nax_stats_ari(NULL, 50, ref_label_a, other, &ari));
  assert_ok(nax_stats_nmi(NULL, 50, ref_label_a, other, &nmi));
  assert_close(ari, 1.0, 1e-15, 0.0);
  assert_close(nmi, 1.0, 1e-14, 0.0);
  assert_ok(nax_stats_ari(NULL, 50, one, one, &ari));
  assert_ok(nax_stats_nmi(NULL, 50, one, one, &nmi));
  assert_true(ari == 1.0 && nmi == 1.0);
  assert_ok(nax_stats_nmi(NULL, 50, one, ref_label_a, &nmi));
  assert_close(nmi, 0.0, 0.0, 1e-15);
  assert_status(nax_stats_ari(NULL, 0, one, one, &ari), NAX_EDIM);
}

static void
allocation_failures_are_reported(void **state)
{
  (void)state;
  nax_array *a = neurons(ref_rows), *r = NULL, *none = NULL;
  nax_stats_correlation_opts o = NAX_STATS_CORRELATION_OPTS_INIT;
  double x[4] = {0.0, 1.0, 1.0, 0.0}, y[4];
  int64_t label[4] = {0};
  nax_index order[4];
  nax_merge m[4];
  o.kind = NAX_CORRELATION_SPEARMAN;
  o.missing = NAX_PAIRING_COMPLETE;
  ((double *)nax_array_data_mut(a))[5] = NAN;
  NAX_T_SWEEP_ALLOC(nax_stats_correlation(NULL, a, &o, &r), r, nax_array_free(r), 200);
  NAX_T_SWEEP_ALLOC(nax_stats_correlation(NULL, a, NULL, &r), r, nax_array_free(r), 200);
  NAX_T_SWEEP_ALLOC(nax_stats_covariance(NULL, a, NULL, NAX_SHRINKAGE_OAS, NULL, &r), r,
                    nax_array_free(r), 200);
  NAX_T_SWEEP_ALLOC(nax_stats_cluster(NULL, 2, x, NAX_LINKAGE_SINGLE, m), none, (void)0,
                    20);
  NAX_T_SWEEP_ALLOC(nax_stats_leaf_order(NULL, 2, m, order), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_stats_cut_tree(NULL, 2, m, 1, label), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_stats_ari(NULL, 4, label, label, y), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_stats_fdr(NULL, 4, x, NAX_FDR_BH, y), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_stats_ranks(NULL, 4, x, y), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_stats_median_mad(NULL, 4, x, y, y + 1), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_stats_quantile(NULL, 4, x, 1, x, y), none, (void)0, 20);
  nax_array_free(a);
}

static void
the_option_table_agrees_with_its_macro(void **state)
{
  (void)state;
  nax_stats_correlation_opts o = NAX_STATS_CORRELATION_OPTS_INIT, d;
  nax_options_default(nax_options_table("correlation"), &d);
  assert_true(o.min_samples == d.min_samples && o.axis == d.axis && o.kind == d.kind &&
              o.missing == d.missing);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_agree_with_sorting),
      cmocka_unit_test(sorting_keeps_the_order_of_equals),
      cmocka_unit_test(sorting_by_the_million_can_be_stopped),
      cmocka_unit_test(median_and_its_deviation),
      cmocka_unit_test(equal_values_share_their_ranks),
      cmocka_unit_test(correlations_have_the_numbers_of_numpy_and_scipy),
      cmocka_unit_test(the_place_of_the_rows_and_the_type_do_not_matter),
      cmocka_unit_test(complete_observations_constant_rows_and_few_samples),
      cmocka_unit_test(correlations_have_the_same_bits_for_any_number_of_threads),
      cmocka_unit_test(covariances_have_the_numbers_of_scikit_learn),
      cmocka_unit_test(skewness_and_directions),
      cmocka_unit_test(adjusted_p_values_have_the_numbers_of_scipy),
      cmocka_unit_test(draws_are_numbered),
      cmocka_unit_test(trees_have_the_numbers_of_scipy),
      cmocka_unit_test(trees_agree_with_the_slow_way),
      cmocka_unit_test(bad_trees_and_distances_are_refused),
      cmocka_unit_test(partitions_are_compared_as_by_scikit_learn),
      cmocka_unit_test(allocation_failures_are_reported),
      cmocka_unit_test(the_option_table_agrees_with_its_macro),
  };
  return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
