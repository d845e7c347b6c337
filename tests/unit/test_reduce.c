/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reductions, scores, element functions; all array operations under several threads. */
#include "nax_test.h"

/* ------------------------------------------------------------------ statistics */

static nax_array *
row(nax_index n, const double *x)
{
  const char *name[] = {"time"};
  nax_array *a;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 1, name, &n, "mV", &a));
  if (n > 0) {
    memcpy(nax_array_data_mut(a), x, (size_t)n * sizeof *x);
  }
  return a;
}

static double
reduced(const nax_array *a, nax_reduction what, double param)
{
  nax_array *b;
  assert_ok(nax_array_reduce(NULL, a, 0, what, param, &b));
  assert_int_equal(nax_array_size(b), 1);
  double x = nax_array_f64(b)[0];
  nax_array_free(b);
  return x;
}

static void
one_axis_reduces_to_one_value(void **state)
{
  (void)state;
  double x[] = {2.0, NAN, 4.0, 9.0};
  nax_array *a = row(4, x), *b;
  assert_close(reduced(a, NAX_REDUCE_MEAN, 0), 5.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_SUM, 0), 15.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_VAR, 1), 13.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_VAR, 0), 26.0 / 3.0, 1e-15, 0.0);
  assert_close(reduced(a, NAX_REDUCE_SD, 1), sqrt(13.0), 1e-15, 0.0);
  assert_close(reduced(a, NAX_REDUCE_MIN, 0), 2.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_MAX, 0), 9.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_MEDIAN, 0), 4.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_QUANTILE, 0.75), 6.5, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_COUNT, 0), 3.0, 0.0, 0.0);
  assert_ok(nax_array_reduce(NULL, a, 0, NAX_REDUCE_VAR, 1.0, &b));
  assert_string_equal(nax_axis_name(nax_array_axis(b, 0)), "value");
  assert_string_equal(nax_array_unit(b), "mV^2");
  nax_array_free(b);
  assert_ok(nax_array_set_unit(NULL, a, "spikes/s"));
  assert_ok(nax_array_reduce(NULL, a, 0, NAX_REDUCE_VAR, 1.0, &b));
  assert_string_equal(nax_array_unit(b), "(spikes/s)^2");
  nax_array_free(b);
  assert_ok(nax_array_reduce(NULL, a, 0, NAX_REDUCE_COUNT, 1.0, &b));
  assert_string_equal(nax_array_unit(b), "counts");
  nax_array_free(b);
  nax_array_free(a);
}

static void
nothing_left_reduces_to_missing(void **state)
{
  (void)state;
  double x[] = {NAN, NAN};
  for (nax_index n = 0; n <= 2; n += 2) {
    nax_array *a = row(n, x);
    for (int what = NAX_REDUCE_MEAN; what <= NAX_REDUCE_QUANTILE; what++) {
      assert_true(isnan(reduced(a, (nax_reduction)what, 0.0)));
    }
    assert_close(reduced(a, NAX_REDUCE_COUNT, 0.0), 0.0, 0.0, 0.0);
    nax_array_free(a);
  }
  double one[] = {5.0};
  nax_array *a = row(1, one);
  assert_true(isnan(reduced(a, NAX_REDUCE_SD, 1.0)));
  assert_close(reduced(a, NAX_REDUCE_SD, 0.0), 0.0, 0.0, 0.0);
  nax_array_free(a);
}

static void
infinite_values_take_part(void **state)
{
  (void)state;
  double x[] = {1.0, INFINITY, 3.0};
  nax_array *a = row(3, x);
  assert_true(isinf(reduced(a, NAX_REDUCE_MEAN, 0)));
  assert_true(isinf(reduced(a, NAX_REDUCE_MAX, 0)));
  assert_true(isnan(reduced(a, NAX_REDUCE_VAR, 0)));
  assert_close(reduced(a, NAX_REDUCE_MEDIAN, 0), 3.0, 0.0, 0.0);
  assert_close(reduced(a, NAX_REDUCE_COUNT, 0), 2.0, 0.0, 0.0);
  nax_array_free(a);
}

static void
faulty_reductions_are_refused(void **state)
{
  (void)state;
  double x[] = {1.0, 2.0};
  nax_array *a = row(2, x), *b;
  assert_error(nax_array_reduce(NULL, a, 0, NAX_REDUCE_QUANTILE, 1.5, &b), NAX_EINVAL,
               "nax_array_reduce: quantile must lie in [0, 1], got 1.5");
  assert_null(b);
  assert_status(nax_array_reduce(NULL, a, 0, NAX_REDUCE_QUANTILE, NAN, &b), NAX_EINVAL);
  assert_status(nax_array_reduce(NULL, a, 0, NAX_REDUCE_VAR, -1.0, &b), NAX_EINVAL);
  assert_status(nax_array_reduce(NULL, a, 0, NAX_REDUCE_SD, NAN, &b), NAX_EINVAL);
  assert_status(nax_array_reduce(NULL, a, 0, (nax_reduction)0, 0.0, &b), NAX_EINVAL);
  assert_status(nax_array_reduce(NULL, a, 0, (nax_reduction)10, 0.0, &b), NAX_EINVAL);
  assert_status(nax_array_reduce(NULL, a, 1, NAX_REDUCE_MEAN, 0.0, &b), NAX_EINVAL);
  assert_status(nax_array_zscore(NULL, a, 1, 0.0, &b), NAX_EINVAL);
  assert_status(nax_array_zscore(NULL, a, 0, -1.0, &b), NAX_EINVAL);
  assert_status(nax_array_map(NULL, a, (nax_map)0, &b), NAX_EINVAL);
  assert_status(nax_array_map(NULL, a, (nax_map)8, &b), NAX_EINVAL);
  assert_null(b);
  nax_array_free(a);
}

static void
lines_that_do_not_vary_score_0_with_a_warning(void **state)
{
  (void)state;
  const char *names[] = {"neuron", "time"};
  nax_index dim[] = {3, 4};
  nax_array *a, *z;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_array_create_dims(ctx, NAX_F64, 2, names, dim, "V", &a));
  double *x = nax_array_data_mut(a);
  for (int t = 0; t < 4; t++) {
    x[3 * t] = t;
    x[3 * t + 1] = 0.1; /* the mean of 0.1 three times is not 0.1 in doubles */
    x[3 * t + 2] = NAN;
  }
  x[4] = NAN;
  assert_ok(nax_array_zscore(ctx, a, 1, 0.0, &z));
  double sd = sqrt(1.25);
  double expected[] = {-1.5 / sd, 0, NAN, -0.5 / sd, NAN, NAN,
                       0.5 / sd,  0, NAN, 1.5 / sd,  0,   NAN};
  assert_all_close(nax_array_f64(z), expected, 12, 1e-15, 0.0);
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "array.constant");
  assert_string_equal(nax_ctx_warning(ctx, 0).text,
                      "1 of 3 lines along `time` do not vary and got the z-score 0 "
                      "(first: line 1)");
  nax_array_free(z);
  nax_array_free(a);
  nax_ctx_free(ctx);
}

static void
maps_keep_missing_values_and_report_new_ones(void **state)
{
  (void)state;
  double x[] = {4.0, -1.0, NAN, 0.0};
  nax_array *a = row(4, x), *b;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_array_map(ctx, a, NAX_MAP_SQRT, &b));
  double expected[] = {2.0, NAN, NAN, 0.0};
  assert_all_close(nax_array_f64(b), expected, 4, 0.0, 0.0);
  assert_string_equal(nax_array_unit(b), "sqrt(mV)");
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "array.map-domain");
  assert_string_equal(nax_ctx_warning(ctx, 0).text,
                      "1 values lie outside the domain of sqrt and became NaN");
  nax_array_free(b);
  nax_ctx_clear_warnings(ctx);
  static const struct {
    nax_map what;
    double of_4;
  } maps[] = {{NAX_MAP_SQUARE, 16.0},
              {NAX_MAP_ABS, 4.0},
              {NAX_MAP_EXP, 54.598150033144236},
              {NAX_MAP_RECTIFY, 4.0},
              {NAX_MAP_LOG, 1.3862943611198906},
              {NAX_MAP_LOG1P, 1.6094379124341003}};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
    assert_ok(nax_array_map(ctx, a, maps[i].what, &b));
    assert_close(nax_array_f64(b)[0], maps[i].of_4, 1e-15, 0.0);
    assert_true(isnan(nax_array_f64(b)[2]));
    nax_array_free(b);
  }
  assert_ok(nax_array_map(NULL, a, NAX_MAP_ABS, &b));
  assert_string_equal(nax_array_unit(b), "mV");
  nax_array_free(b);
  nax_array_free(a);
  nax_ctx_free(ctx);
}

static void
values_too_large_for_float32_are_reported(void **state)
{
  (void)state;
  double x[] = {1.0, 1e39, INFINITY, NAN};
  nax_array *a = row(4, x), *b, *c;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_array_convert(ctx, a, NAX_F32, &b));
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "array.convert-overflow");
  assert_string_equal(nax_ctx_warning(ctx, 0).text,
                      "1 values are too large for float32 and became infinite (first: "
                      "element 1, 1e+39)");
  assert_ok(nax_array_convert(ctx, b, NAX_F64, &c));
  double expected[] = {1.0, INFINITY, INFINITY, NAN};
  assert_all_close(nax_array_f64(c), expected, 4, 0.0, 0.0);
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(c);
  nax_ctx_free(ctx);
}

/* -------------------------------------------------------------------- threads, stop */

static nax_array *
large_array(nax_dtype dtype)
{
  const char *names[] = {"neuron", "time", "trial"};
  nax_index dim[] = {61, 257, 23};
  nax_array *a;
  uint64_t seed = 5;
  assert_ok(nax_array_create_dims(NULL, dtype, 3, names, dim, "V", &a));
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    double x = nax_t_uniform(&seed);
    x = x < 0.05 ? (double)NAN : x;
    if (dtype == NAX_F64) {
      ((double *)nax_array_data_mut(a))[i] = x;
    } else {
      ((float *)nax_array_data_mut(a))[i] = (float)x;
    }
  }
  return a;
}

/* All operations that run in parallel; the k-th result, NULL beyond the last. */
static nax_array *
result(nax_ctx *ctx, const nax_array *a, int k)
{
  nax_array *b = NULL;
  int32_t order[] = {2, 0, 1};
  nax_index index[] = {3, 1, 20, 3};
  if (k < 27) {
    nax_reduction what = (nax_reduction)(1 + k / 3);
    assert_ok(nax_array_reduce(ctx, a, k % 3, what,
                               what == NAX_REDUCE_QUANTILE ? 0.3 : 1.0, &b));
  } else if (k < 30) {
    assert_ok(nax_array_zscore(ctx, a, k - 27, 1.0, &b));
  } else if (k < 33) {
    assert_ok(nax_array_take(ctx, a, k - 30, 4, index, &b));
  } else if (k == 33) {
    assert_ok(nax_array_permute(ctx, a, order, &b));
  } else if (k == 34) {
    assert_ok(nax_array_map(ctx, a, NAX_MAP_SQRT, &b));
  } else if (k == 35) {
    assert_ok(nax_array_convert(ctx, a, NAX_F32, &b));
  } else if (k == 36) {
    const nax_array *both[2] = {a, a};
    assert_ok(nax_array_concat(ctx, 2, both, 2, &b));
  } else if (k == 37) {
    assert_ok(nax_array_slice(ctx, a, 1, 3, 250, 2, &b));
  }
  return b;
}

static void
results_do_not_depend_on_the_number_of_threads(void **state)
{
  (void)state;
  for (int type = NAX_F64; type <= NAX_F32; type++) {
    nax_array *a = large_array((nax_dtype)type), *first, *b;
    nax_summary s[3];
    for (int k = 0; (first = result(NULL, a, k)) != NULL; k++) {
      for (int32_t t = 2; t <= 3; t++) {
        nax_ctx *ctx;
        assert_ok(nax_ctx_create(&ctx));
        assert_ok(nax_ctx_set_threads(ctx, t));
        b = result(ctx, a, k);
        assert_memory_equal(nax_array_data(first), nax_array_data(b),
                            (size_t)nax_array_size(b) *
                                nax_dtype_size(nax_array_dtype(b)));
        nax_array_free(b);
        nax_ctx_free(ctx);
      }
      nax_array_free(first);
    }
    for (int32_t t = 0; t < 3; t++) {
      nax_ctx *ctx;
      nax_view v = nax_array_view(a);
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, t + 1));
      assert_ok(nax_view_summary(ctx, &v, &s[t]));
      assert_memory_equal(&s[t], &s[0], sizeof s[0]);
      nax_ctx_free(ctx);
    }
    nax_array_free(a);
  }
}

static void
reductions_can_be_stopped(void **state)
{
  (void)state;
  nax_array *a = large_array(NAX_F64), *b;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_cancel(ctx);
  assert_status(nax_array_reduce(ctx, a, 1, NAX_REDUCE_MEAN, 0.0, &b), NAX_EINTERRUPT);
  assert_null(b);
  nax_ctx_cancel(ctx);
  assert_status(nax_array_zscore(ctx, a, 1, 0.0, &b), NAX_EINTERRUPT);
  assert_null(b);
  assert_string_equal(
      nax_ctx_error(ctx),
      "nax_array_zscore: stopped by the caller in array/zscore after 0 steps");
  nax_ctx_free(ctx);
  nax_array_free(a);
}

static void
scaling_divides_each_position_by_its_own_size(void **state)
{
  (void)state;
  static const double x[] = {3.0, 5.0, -4.0, 5.0, NAN, 5.0, 0.0, 5.0};
  /* by position 0 {3, -4, NaN, 0} and position 1 {5, 5, 5, 5} */
  static const double want[4][8] = {
      {0.75, 1.0, -1.0, 1.0, NAN, 1.0, 0.0, 1.0},
      {0.6, 0.5, -0.8, 0.5, NAN, 0.5, 0.0, 0.5},
      {1.0462287486943735, 5.0, -1.3949716649258313, 5.0, NAN, 5.0, 0.0, 5.0},
      {1.0, 5.0, 0.0, 5.0, NAN, 5.0, 0.5714285714285714, 5.0}};
  const char *names[] = {"neuron", "time"};
  nax_array *a, *b;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, names, (nax_index[]){2, 4}, "V", &a));
  memcpy(nax_array_data_mut(a), x, sizeof x);
  for (int how = NAX_SCALE_MAX; how <= NAX_SCALE_RANGE; how++) {
    assert_ok(nax_array_scale(NULL, a, 0, (nax_scale)how, &b));
    assert_all_close(nax_array_f64(b), want[how - 1], 8, 1e-15, 0.0);
    assert_string_equal(nax_array_unit(b), "1");
    nax_array_free(b);
  }
  double offset[8] = {1e9, 0, 1e9 + 1, 0, 1e9, 0, 1e9 + 1, 0}; /* sd 0.5 */
  memcpy(nax_array_data_mut(a), offset, sizeof offset);
  assert_ok(nax_array_scale(NULL, a, 0, NAX_SCALE_SD, &b));
  assert_close(nax_array_f64(b)[0], 2e9, 1e-15, 0.0);
  nax_array_free(b);
  assert_status(nax_array_scale(NULL, a, 2, NAX_SCALE_MAX, &b), NAX_EINVAL);
  assert_status(nax_array_scale(NULL, a, 0, (nax_scale)5, &b), NAX_EINVAL);
  assert_null(b);
  nax_array_free(a);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_axis_reduces_to_one_value),
      cmocka_unit_test(nothing_left_reduces_to_missing),
      cmocka_unit_test(infinite_values_take_part),
      cmocka_unit_test(faulty_reductions_are_refused),
      cmocka_unit_test(lines_that_do_not_vary_score_0_with_a_warning),
      cmocka_unit_test(maps_keep_missing_values_and_report_new_ones),
      cmocka_unit_test(values_too_large_for_float32_are_reported),
      cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
      cmocka_unit_test(reductions_can_be_stopped),
      cmocka_unit_test(scaling_divides_each_position_by_its_own_size),
  };
  return cmocka_run_group_tests_name("reduce", tests, NULL, NULL);
}
