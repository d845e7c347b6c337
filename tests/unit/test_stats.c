/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "stats/stats_i.h"

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

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_agree_with_sorting),
      cmocka_unit_test(sorting_keeps_the_order_of_equals),
      cmocka_unit_test(median_and_its_deviation),
      cmocka_unit_test(equal_values_share_their_ranks),
  };
  return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
