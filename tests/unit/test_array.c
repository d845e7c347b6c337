/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Views, axes and arrays: contracts, messages, limits. Content on random shapes is tested
 * in tests/property/prop_array.c. */
#include "nax_test.h"
#include "array/array_i.h"

/* ----------------------------------------------------------------------- views */

static void
views_of_dense_memory_know_their_strides(void **state)
{
  (void)state;
  double x[24];
  nax_index dim[] = {2, 3, 4}, at[] = {1, 2, 3}, index[] = {1, 0};
  for (int i = 0; i < 24; i++) {
    x[i] = i;
  }
  nax_view v = nax_view_f64(x, 3, dim);
  assert_int_equal(nax_view_size(&v), 24);
  assert_true(nax_view_is_dense(&v));
  assert_int_equal(v.stride[2], 6);
  assert_close(nax_view_get(&v, at), 23.0, 0.0, 0.0);
  assert_int_equal(nax_view_axis(&v, "time"), -1);
  v.name[1] = "time";
  assert_int_equal(nax_view_axis(&v, "time"), 1);
  float y[2] = {0.5f, 1.5f};
  nax_index two[] = {2, 1};
  nax_view w = nax_view_f32(y, 2, two);
  assert_close(nax_view_get(&w, index), 1.5, 0.0, 0.0);
}

static void
impossible_views_are_harmless(void **state)
{
  (void)state;
  double x[1] = {1.0};
  nax_index dim[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  nax_index huge[] = {INT64_MAX, INT64_MAX, 3}, empty[] = {3, 0, 4}, minus[] = {-2, 3};
  nax_view v = nax_view_f64(x, 9, dim);
  assert_null(v.data);
  assert_int_equal(nax_view_size(&v), 0);
  v = nax_view_f64(x, 0, dim);
  assert_null(v.data);
  v = nax_view_f64(x, 3, huge);
  assert_true(nax_view_size(&v) == INT64_MAX);
  assert_status(nax_view_copy_to(NULL, &v, NAX_F64, x), NAX_EOVERFLOW);
  v = nax_view_f64(x, 2, minus);
  assert_int_equal(nax_view_size(&v), 0);
  assert_status(nax_view_copy_to(NULL, &v, NAX_F64, x), NAX_EOVERFLOW);
  v = nax_view_f64(x, 3, empty);
  assert_int_equal(nax_view_size(&v), 0);
  assert_true(nax_view_is_dense(&v));
  assert_true(v.stride[2] >= 1);
  assert_ok(nax_view_copy_to(NULL, &v, NAX_F64, NULL));
}

static void
permuted_and_sliced_views_borrow(void **state)
{
  (void)state;
  double x[24], y[24];
  nax_index dim[] = {2, 3, 4};
  int32_t order[] = {2, 0, 1}, twice[] = {0, 0, 1}, far[] = {0, 1, 3},
          minus[] = {0, -1, 1};
  for (int i = 0; i < 24; i++) {
    x[i] = i;
  }
  nax_view v = nax_view_f64(x, 3, dim), w;
  v.name[0] = "neuron";
  assert_ok(nax_view_permute(NULL, &v, order, &w));
  assert_ptr_equal(w.data, x);
  assert_int_equal(w.dim[0], 4);
  assert_string_equal(w.name[1], "neuron");
  assert_false(nax_view_is_dense(&w));
  assert_ok(nax_view_copy_to(NULL, &w, NAX_F64, y));
  assert_close(y[1], 6.0, 0.0, 0.0);
  assert_close(y[4], 1.0, 0.0, 0.0);
  assert_close(y[8], 2.0, 0.0, 0.0);
  assert_error(nax_view_permute(NULL, &v, twice, &w), NAX_EINVAL,
               "nax_view_permute: `order` must be a permutation of 0..2, entry 1 is 0");
  assert_status(nax_view_permute(NULL, &v, far, &w), NAX_EINVAL);
  assert_status(nax_view_permute(NULL, &v, minus, &w), NAX_EINVAL);
  assert_ok(nax_view_slice(NULL, &v, 1, 1, 3, 1, &w));
  assert_ptr_equal(w.data, x + 2);
  assert_int_equal(w.dim[1], 2);
  assert_ok(nax_view_slice(NULL, &v, 2, 0, 4, INT64_MAX, &w)); /* one, no overflow */
  assert_int_equal(w.dim[2], 1);
  assert_ok(nax_view_slice(NULL, &v, 2, 4, 4, 1, &w));
  assert_int_equal(w.dim[2], 0);
  assert_error(nax_view_slice(NULL, &v, 3, 0, 1, 1, &w), NAX_EINVAL,
               "nax_view_slice: axis 3 does not exist, the view has 3 axes");
  assert_error(nax_view_slice(NULL, &v, 2, 1, 5, 1, &w), NAX_EINVAL,
               "nax_view_slice: range 1:5:1 does not fit axis 2, which has 4 positions");
  assert_status(nax_view_slice(NULL, &v, 2, -1, 3, 1, &w), NAX_EINVAL);
  assert_status(nax_view_slice(NULL, &v, 2, 3, 2, 1, &w), NAX_EINVAL);
  assert_status(nax_view_slice(NULL, &v, 2, 0, 3, 0, &w), NAX_EINVAL);
}

static void
copies_convert_and_refuse(void **state)
{
  (void)state;
  double x[2] = {0.1, 2.0};
  float y[2];
  nax_index dim[] = {2};
  nax_view v = nax_view_f64(x, 1, dim);
  assert_ok(nax_view_copy_to(NULL, &v, NAX_F32, y));
  assert_true(y[0] == 0.1f && y[1] == 2.0f);
  assert_error(nax_view_copy_to(NULL, &v, NAX_I16, y), NAX_ETYPE,
               "nax_view_copy_to: dtype must be float64 or float32, got int16");
  v.dtype = NAX_U8;
  assert_error(nax_view_copy_to(NULL, &v, NAX_F64, y), NAX_ETYPE,
               "nax_view_copy_to: the view must hold float64 or float32, got uint8");
  v = nax_view_f64(NULL, 1, dim);
  assert_status(nax_view_copy_to(NULL, &v, NAX_F64, y), NAX_EINVAL);
  v = nax_view_f64(x, 1, dim);
  assert_status(nax_view_copy_to(NULL, &v, NAX_F64, NULL), NAX_EINVAL);
  v.ndim = 0;
  assert_status(nax_view_copy_to(NULL, &v, NAX_F64, y), NAX_EDIM);
}

/* Strides in the billions over two numbers that exist. */
static void
indices_are_64_bit(void **state)
{
  (void)state;
  double x[2] = {1.0, 2.0}, y[2] = {0.0, 0.0};
  nax_view v = {.data = x,
                .dtype = NAX_F64,
                .ndim = 2,
                .dim = {1, 2},
                .stride = {INT64_C(1) << 40, 1}};
  assert_ok(nax_view_copy_to(NULL, &v, NAX_F64, y));
  assert_memory_equal(x, y, sizeof x);
  const char *names[] = {"neuron", "time"};
  nax_index dim[] = {INT64_C(1) << 31, INT64_C(1) << 31}, huge[] = {INT64_MAX, 2};
  nax_array *a;
  assert_error(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, NULL, &a),
               NAX_EOVERFLOW,
               "nax_array_create: the array does not fit memory addresses (first axis "
               "`neuron` has 2147483648 positions)");
  assert_null(a);
  assert_status(nax_array_create_dims(NULL, NAX_F32, 2, names, huge, NULL, &a),
                NAX_EOVERFLOW);
}

static void
methods_can_name_the_wrong_axis(void **state)
{
  (void)state;
  double x[6] = {0};
  nax_index dim[] = {2, 3};
  const char *names[] = {"neuron", "time"};
  nax_view v = nax_view_f64(x, 2, dim);
  assert_ok(nax_i_view_check(NULL, "nax_f", "y", &v, 2, names));
  v.name[0] = "neuron";
  v.name[1] = "trial";
  assert_error(nax_i_view_check(NULL, "nax_f", "y", &v, 2, names), NAX_EDIM,
               "nax_f: axis 1 of `y` is called `trial`, expected `time`");
  assert_error(nax_i_view_check(NULL, "nax_f", "y", &v, 3, NULL), NAX_EDIM,
               "nax_f: `y` must have 3 axes, got 2");
  assert_error(nax_i_view_check(NULL, "nax_f", "y", NULL, 2, NULL), NAX_EINVAL,
               "nax_f: `y` is NULL");
  v.dtype = NAX_F32;
  assert_error(nax_i_view_check(NULL, "nax_f", "y", &v, 2, NULL), NAX_ETYPE,
               "nax_f: `y` must hold float64, got float32");
  v = nax_view_f64(x, 2, dim);
  v.stride[0] = 0;
  assert_status(nax_i_view_check(NULL, "nax_f", "y", &v, 2, NULL), NAX_EDIM);
}

static void
values_that_are_not_finite_are_located(void **state)
{
  (void)state;
  double x[6] = {0, 1, 2, NAN, INFINITY, NAN};
  nax_index dim[] = {2, 3};
  nax_view v = nax_view_f64(x, 2, dim);
  v.name[0] = "neuron";
  v.name[1] = "time";
  assert_error(nax_i_view_finite(NULL, "nax_f", "y", &v), NAX_EDATA,
               "nax_f: `y` has 2 missing and 1 infinite values, expected none; the first "
               "stands at (neuron 1, time 1)");
  x[3] = 0.0;
  v.name[0] = NULL;
  assert_error(nax_i_view_finite(NULL, "nax_f", "y", &v), NAX_EDATA,
               "nax_f: `y` has 1 missing and 1 infinite values, expected none; the first "
               "stands at (0, time 2)");
  x[4] = x[5] = 0.0;
  assert_ok(nax_i_view_finite(NULL, "nax_f", "y", &v));
  nax_summary s;
  v.data = NULL;
  assert_status(nax_view_summary(NULL, &v, &s), NAX_EINVAL);
  v = nax_view_f64(x, 2, dim);
  v.dtype = NAX_I32;
  assert_status(nax_view_summary(NULL, &v, &s), NAX_ETYPE);
}

static void
the_mean_of_a_large_offset_is_exact(void **state)
{
  (void)state;
  enum { N = 300000 };
  double *x = calloc(N, sizeof *x);
  nax_index dim[] = {N};
  for (int i = 0; i < N; i++) {
    x[i] = 1e9 + (i % 2);
  }
  nax_view v = nax_view_f64(x, 1, dim);
  nax_summary s;
  assert_ok(nax_view_summary(NULL, &v, &s));
  assert_close(s.mean, 1e9 + 0.5, 0.0, 1e-6);
  assert_close(s.sd, 0.5 * sqrt(N / (N - 1.0)), 1e-9, 0.0);
  free(x);
}

/* ------------------------------------------------------------------------ axes */

static void
regular_axes_are_exact_and_slices_of_them_too(void **state)
{
  (void)state;
  nax_axis *a, *b, *c;
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 1000000, 0.1, 30.0, &a));
  assert_int_equal(nax_axis_get_kind(a), NAX_AXIS_REGULAR);
  assert_close(nax_axis_coord(a, 999999), 0.1 + 999999.0 / 30.0, 0.0, 0.0);
  assert_true(isnan(nax_axis_coord(a, -1)) && isnan(nax_axis_coord(a, 1000000)));
  assert_null(nax_axis_label(a, 0));
  assert_int_equal(nax_axis_find_label(a, "0"), -1);
  nax_index index[] = {7, 17, 27};
  assert_ok(nax_axis_take(NULL, a, 3, index, &b));
  assert_int_equal(nax_axis_get_kind(b), NAX_AXIS_REGULAR);
  assert_close(nax_axis_rate(b), 3.0, 0.0, 0.0);
  for (nax_index i = 0; i < 3; i++) {
    assert_close(nax_axis_coord(b, i), nax_axis_coord(a, index[i]), 0.0, 0.0);
  }
  assert_ok(nax_axis_copy(NULL, b, &c));
  assert_true(nax_axis_equal(b, c));
  nax_axis_free(c);
  assert_ok(nax_axis_rename(NULL, b, "lag", &c));
  assert_string_equal(nax_axis_name(c), "lag");
  assert_false(nax_axis_equal(b, c));
  nax_axis_free(c);
  nax_axis_free(b);
  index[1] = 18; /* uneven */
  assert_ok(nax_axis_take(NULL, a, 3, index, &b));
  assert_int_equal(nax_axis_get_kind(b), NAX_AXIS_COORDS);
  assert_true(isnan(nax_axis_rate(b)));
  nax_axis_free(b);
  index[1] = 7; /* repeated */
  index[2] = 7;
  assert_ok(nax_axis_take(NULL, a, 3, index, &b));
  assert_int_equal(nax_axis_get_kind(b), NAX_AXIS_COORDS);
  nax_axis_free(b);
  assert_ok(nax_axis_take(NULL, a, 0, NULL, &b));
  assert_int_equal(nax_axis_length(b), 0);
  nax_axis_free(b);
  nax_axis_free(a);
  nax_axis_free(NULL);
}

static void
lower_bound_finds_the_first_not_below(void **state)
{
  (void)state;
  nax_axis *a;
  double up[] = {1.0, 2.0, 2.0, 5.0}, down[] = {3.0, 2.0};
  assert_ok(nax_axis_create_coords(NULL, "time", "s", 4, up, &a));
  assert_int_equal(nax_axis_lower_bound(a, 0.0), 0);
  assert_int_equal(nax_axis_lower_bound(a, 2.0), 1);
  assert_int_equal(nax_axis_lower_bound(a, 2.1), 3);
  assert_int_equal(nax_axis_lower_bound(a, 5.1), 4);
  assert_int_equal(nax_axis_lower_bound(a, INFINITY), 4);
  assert_int_equal(nax_axis_lower_bound(a, NAN), -1);
  nax_axis_free(a);
  assert_ok(nax_axis_create_coords(NULL, "time", "s", 2, down, &a));
  assert_int_equal(nax_axis_lower_bound(a, 2.5), -1);
  nax_axis_free(a);
  assert_ok(nax_axis_create_index(NULL, "time", 4, &a));
  assert_int_equal(nax_axis_lower_bound(a, 2.5), -1);
  assert_close(nax_axis_coord(a, 3), 3.0, 0.0, 0.0);
  nax_axis_free(a);
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 100, 0.0, 10.0, &a));
  for (nax_index i = 0; i < 100; i++) {
    double x = nax_axis_coord(a, i);
    assert_int_equal(nax_axis_lower_bound(a, x), i);
    assert_int_equal(nax_axis_lower_bound(a, nextafter(x, INFINITY)), i + 1);
  }
  nax_axis_free(a);
}

static void
label_axes_find_their_labels(void **state)
{
  (void)state;
  nax_axis *a, *b;
  const char *labels[] = {"x", NULL, "x", "\xc3\xa4"};
  assert_ok(nax_axis_create_labels(NULL, "neuron", 4, labels, &a));
  assert_int_equal(nax_axis_find_label(a, "x"), 0);
  assert_int_equal(nax_axis_find_label(a, ""), 1);
  assert_int_equal(nax_axis_find_label(a, "\xc3\xa4"), 3);
  assert_int_equal(nax_axis_find_label(a, "y"), -1);
  assert_null(nax_axis_label(a, 4));
  assert_string_equal(nax_axis_unit(a), "");
  labels[2] = "z";
  assert_ok(nax_axis_create_labels(NULL, "neuron", 4, labels, &b));
  assert_false(nax_axis_equal(a, b));
  nax_axis_free(a);
  nax_axis_free(b);
}

static void
faulty_axes_are_refused(void **state)
{
  (void)state;
  nax_axis *a;
  double x[] = {1.0, INFINITY};
  nax_index far[] = {0, 5};
  assert_error(nax_axis_create_index(NULL, "", 3, &a), NAX_EINVAL,
               "nax_axis_create_index: axis name is empty");
  assert_null(a);
  assert_status(nax_axis_create_index(NULL, NULL, 3, &a), NAX_EINVAL);
  assert_error(nax_axis_create_index(NULL, "t", -3, &a), NAX_EINVAL,
               "nax_axis_create_index: axis `t` has length -3, need at least 0");
  assert_status(nax_axis_create_regular(NULL, "t", "s", 3, NAN, 1.0, &a), NAX_EINVAL);
  assert_error(nax_axis_create_regular(NULL, "t", "s", 3, 0.0, 0.0, &a), NAX_EINVAL,
               "nax_axis_create_regular: rate must be finite and greater than 0, got 0");
  assert_status(nax_axis_create_regular(NULL, "t", "s", 3, 0.0, INFINITY, &a),
                NAX_EINVAL);
  assert_error(nax_axis_create_coords(NULL, "t", "s", 2, x, &a), NAX_EINVAL,
               "nax_axis_create_coords: coordinate 1 of axis `t` is inf, expected a "
               "finite number");
  assert_status(nax_axis_create_coords(NULL, "t", "s", 2, NULL, &a), NAX_EINVAL);
  assert_status(nax_axis_create_labels(NULL, "t", 2, NULL, &a), NAX_EINVAL);
  assert_null(a);
  nax_axis *ok;
  assert_ok(nax_axis_create_index(NULL, "t", 3, &ok));
  assert_error(
      nax_axis_take(NULL, ok, 2, far, &a), NAX_EINVAL,
      "nax_axis_take: index 5 does not exist on axis `t`, which has 3 positions");
  assert_null(a);
  nax_axis_free(ok);
}

/* ---------------------------------------------------------------------- arrays */

/* neuron (a, b, c) x time (10 samples at 2 Hz from 1 s), element = 10 neuron + time. */
static nax_array *
small_array(void)
{
  static const char *const labels[] = {"a", "b", "c"};
  nax_axis *axis[2];
  nax_array *a;
  assert_ok(nax_axis_create_labels(NULL, "neuron", 3, labels, &axis[0]));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 10, 1.0, 2.0, &axis[1]));
  assert_ok(nax_array_create(NULL, NAX_F64, 2, (const nax_axis *const *)axis, "V", &a));
  for (nax_index t = 0; t < 10; t++) {
    for (nax_index n = 0; n < 3; n++) {
      ((double *)nax_array_data_mut(a))[n + 3 * t] = (double)(10 * n + t);
    }
  }
  nax_axis_free(axis[0]);
  nax_axis_free(axis[1]);
  return a;
}

static void
arrays_know_what_they_are(void **state)
{
  (void)state;
  nax_array *a = small_array(), *b;
  assert_int_equal(nax_array_ndim(a), 2);
  assert_int_equal(nax_array_dim(a, 1), 10);
  assert_int_equal(nax_array_dim(a, 2), 0);
  assert_int_equal(nax_array_dim(a, -1), 0);
  assert_int_equal(nax_array_size(a), 30);
  assert_int_equal(nax_array_dtype(a), NAX_F64);
  assert_null(nax_array_axis(a, 2));
  assert_null(nax_array_axis(a, -1));
  assert_int_equal(nax_array_find_axis(a, "time"), 1);
  assert_int_equal(nax_array_find_axis(a, "trial"), -1);
  assert_string_equal(nax_array_unit(a), "V");
  assert_string_equal(nax_array_description(a), "");
  assert_ok(nax_array_set_unit(NULL, a, NULL));
  assert_string_equal(nax_array_unit(a), "");
  assert_ok(nax_array_set_description(NULL, a, "what"));
  assert_ok(nax_array_set_description(NULL, a, nax_array_description(a)));
  assert_ok(nax_array_copy(NULL, a, &b));
  assert_string_equal(nax_array_description(b), "what");
  assert_memory_equal(nax_array_data(a), nax_array_data(b), 30 * sizeof(double));
  assert_true(nax_array_data(a) != nax_array_data(b));
  nax_view v = nax_array_view(b);
  assert_string_equal(v.name[1], "time");
  nax_array_free(b);
  assert_ok(nax_array_convert(NULL, a, NAX_F32, &b));
  assert_null(nax_array_f64(b));
  nax_array_free(b);
  nax_array_free(a);
  nax_array_free(NULL);
}

static void
axes_of_an_array_can_be_replaced(void **state)
{
  (void)state;
  nax_array *a = small_array();
  nax_axis *x, *y;
  assert_ok(nax_axis_create_index(NULL, "sample", 10, &x));
  assert_ok(nax_axis_create_index(NULL, "sample", 9, &y));
  assert_ok(nax_array_set_axis(NULL, a, 1, x));
  assert_int_equal(nax_array_find_axis(a, "sample"), 1);
  assert_ok(nax_array_set_axis(NULL, a, 1, nax_array_axis(a, 1))); /* by itself */
  assert_error(nax_array_set_axis(NULL, a, 1, y), NAX_EDIM,
               "nax_array_set_axis: axis `sample` has 9 positions, axis 1 of the array "
               "has 10");
  assert_status(nax_array_set_axis(NULL, a, 2, x), NAX_EINVAL);
  assert_int_equal(nax_array_dim(a, 1), 10);
  nax_axis_free(x);
  nax_axis_free(y);
  nax_array_free(a);
}

static void
faulty_arrays_are_refused(void **state)
{
  (void)state;
  nax_array *a;
  const char *names[] = {"neuron", ""};
  nax_index dim[] = {2, 3};
  const nax_axis *none[1] = {NULL};
  assert_status(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, NULL, &a),
                NAX_EINVAL);
  assert_null(a);
  names[1] = "time";
  assert_status(nax_array_create_dims(NULL, NAX_I16, 2, names, dim, NULL, &a), NAX_ETYPE);
  assert_status(nax_array_create_dims(NULL, NAX_F64, 0, names, dim, NULL, &a), NAX_EDIM);
  assert_status(nax_array_create_dims(NULL, NAX_F64, 9, names, dim, NULL, &a), NAX_EDIM);
  assert_status(nax_array_create(NULL, NAX_F64, 1, none, NULL, &a), NAX_EINVAL);
  assert_status(nax_array_create(NULL, NAX_F64, 0, none, NULL, &a), NAX_EDIM);
  assert_null(a);
}

static void
time_is_cut_by_seconds(void **state)
{
  (void)state;
  nax_array *a = small_array(), *b; /* 1 to 5.5 s */
  assert_ok(nax_array_slice_coord(NULL, a, 1, 2.0, 3.0, &b));
  assert_int_equal(nax_array_dim(b, 1), 2); /* 2 and 2.5, not 3 */
  assert_close(nax_axis_coord(nax_array_axis(b, 1), 0), 2.0, 0.0, 0.0);
  assert_close(nax_array_f64(b)[0], 2.0, 0.0, 0.0);
  assert_string_equal(nax_array_unit(b), "V");
  nax_array_free(b);
  assert_error(nax_array_slice_coord(NULL, a, 1, 10.0, 60.0, &b), NAX_EINVAL,
               "nax_array_slice_coord: no position of axis `time` lies in 10 to 60 s: it "
               "has 10, from 1 to 5.5");
  assert_null(b);
  assert_error(nax_array_slice_coord(NULL, a, 0, 1.0, 2.0, &b), NAX_EINVAL,
               "nax_array_slice_coord: axis `neuron` has labels, expected coordinates");
  assert_error(nax_array_slice_coord(NULL, a, 1, 3.0, 2.0, &b), NAX_EINVAL,
               "nax_array_slice_coord: the range must begin before it ends, got 3 to 2");
  assert_status(nax_array_slice_coord(NULL, a, 1, NAN, 2.0, &b), NAX_EINVAL);
  assert_error(
      nax_array_slice_coord(NULL, a, nax_array_find_axis(a, "tim"), 1.0, 2.0, &b),
      NAX_EINVAL,
      "nax_array_slice_coord: axis -1 does not exist, the array has neuron, time");
  nax_axis *down;
  double x[10] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  assert_ok(nax_axis_create_coords(NULL, "time", "s", 10, x, &down));
  assert_ok(nax_array_set_axis(NULL, a, 1, down));
  assert_error(nax_array_slice_coord(NULL, a, 1, 1.0, 2.0, &b), NAX_EINVAL,
               "nax_array_slice_coord: the coordinates of axis `time` are not ascending");
  nax_axis_free(down);
  nax_array_free(a);
}

static void
faulty_slices_and_lists_are_refused(void **state)
{
  (void)state;
  nax_array *a = small_array(), *b;
  nax_index index[] = {1, 3};
  const char *labels[] = {"b", "z"};
  assert_error(nax_array_slice(NULL, a, 1, 5, 11, 1, &b), NAX_EINVAL,
               "nax_array_slice: range 5 to 11 does not fit axis `time`, which has 10 "
               "positions");
  assert_null(b);
  assert_error(nax_array_slice(NULL, a, 1, 5, 10, 0, &b), NAX_EINVAL,
               "nax_array_slice: step must be at least 1, got 0");
  assert_status(nax_array_slice(NULL, a, 2, 0, 1, 1, &b), NAX_EINVAL);
  assert_status(nax_array_slice(NULL, a, 1, -1, 1, 1, &b), NAX_EINVAL);
  assert_status(nax_array_slice(NULL, NULL, 1, 0, 1, 1, &b), NAX_EINVAL);
  assert_ok(nax_array_slice(NULL, a, 1, 3, 10, INT64_MAX, &b));
  assert_int_equal(nax_array_dim(b, 1), 1);
  nax_array_free(b);
  assert_ok(nax_array_slice(NULL, a, 1, 3, 3, 1, &b));
  assert_int_equal(nax_array_size(b), 0);
  nax_array_free(b);
  assert_error(nax_array_take(NULL, a, 0, 2, index, &b), NAX_EINVAL,
               "nax_axis_take: index 3 does not exist on axis `neuron`, which has 3 "
               "positions");
  assert_null(b);
  assert_status(nax_array_take(NULL, a, 0, 2, NULL, &b), NAX_EINVAL);
  assert_status(nax_array_take(NULL, a, 0, -1, index, &b), NAX_EINVAL);
  assert_error(nax_array_take_labels(NULL, a, 0, 2, labels, &b), NAX_EINVAL,
               "nax_array_take_labels: axis `neuron` has no label \"z\" among its 3, "
               "such as \"a\"");
  assert_status(nax_array_take_labels(NULL, a, 0, 2, NULL, &b), NAX_EINVAL);
  assert_error(nax_array_take_labels(NULL, a, 1, 1, labels, &b), NAX_EINVAL,
               "nax_array_take_labels: axis `time` has coordinates, expected labels");
  int32_t order[] = {0, 0};
  assert_status(nax_array_permute(NULL, a, order, &b), NAX_EINVAL);
  assert_status(nax_array_convert(NULL, a, NAX_I8, &b), NAX_ETYPE);
  assert_null(b);
  nax_array_free(a);
}

static void
joined_axes_stay_regular_only_when_they_continue(void **state)
{
  (void)state;
  nax_array *a = small_array(), *b, *c, *d;
  const nax_array *both[2] = {a, NULL};
  nax_axis *x;
  assert_ok(nax_array_copy(NULL, a, &b));
  both[1] = b;
  /* continues by its own start, not by the same origin */
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 10, 6.0, 2.0, &x));
  assert_ok(nax_array_set_axis(NULL, b, 1, x));
  nax_axis_free(x);
  assert_ok(nax_array_concat(NULL, 2, both, 1, &c));
  assert_int_equal(nax_axis_get_kind(nax_array_axis(c, 1)), NAX_AXIS_REGULAR);
  assert_int_equal(nax_array_dim(c, 1), 20);
  assert_close(nax_axis_coord(nax_array_axis(c, 1), 19), 10.5, 0.0, 0.0);
  nax_array_free(c);
  /* a gap */
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 10, 6.001, 2.0, &x));
  assert_ok(nax_array_set_axis(NULL, b, 1, x));
  nax_axis_free(x);
  assert_ok(nax_array_concat(NULL, 2, both, 1, &c));
  assert_int_equal(nax_axis_get_kind(nax_array_axis(c, 1)), NAX_AXIS_COORDS);
  assert_close(nax_axis_coord(nax_array_axis(c, 1), 10), 6.001, 0.0, 0.0);
  nax_array_free(c);
  /* another rate */
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 10, 6.0, 4.0, &x));
  assert_ok(nax_array_set_axis(NULL, b, 1, x));
  nax_axis_free(x);
  assert_ok(nax_array_concat(NULL, 2, both, 1, &c));
  assert_int_equal(nax_axis_get_kind(nax_array_axis(c, 1)), NAX_AXIS_COORDS);
  nax_array_free(c);
  /* an empty part changes nothing */
  assert_ok(nax_array_slice(NULL, a, 1, 0, 0, 1, &d));
  const nax_array *three[3] = {d, a, d};
  assert_ok(nax_array_concat(NULL, 3, three, 1, &c));
  assert_true(nax_axis_equal(nax_array_axis(c, 1), nax_array_axis(a, 1)));
  nax_array_free(c);
  nax_array_free(d);
  nax_array_free(a);
  nax_array_free(b);
}

static void
parts_that_do_not_agree_are_named(void **state)
{
  (void)state;
  nax_array *a = small_array(), *b = NULL, *c;
  const nax_array *both[2] = {a, NULL};
  assert_ok(nax_array_slice(NULL, a, 0, 0, 2, 1, &b));
  both[1] = b;
  assert_error(nax_array_concat(NULL, 2, both, 1, &c), NAX_EDIM,
               "nax_array_concat: axis `neuron` of part 1 has 2 positions, part 0 has 3");
  assert_null(c);
  nax_array_free(b);
  nax_index order[] = {0, 2, 1};
  assert_ok(nax_array_take(NULL, a, 0, 3, order, &b));
  both[1] = b;
  assert_error(
      nax_array_concat(NULL, 2, both, 1, &c), NAX_EDIM,
      "nax_array_concat: axis `neuron` of part 1 has other labels than in part 0");
  assert_ok(nax_array_set_unit(NULL, b, "mV"));
  assert_error(nax_array_concat(NULL, 2, both, 0, &c), NAX_EINVAL,
               "nax_array_concat: part 1 holds values in \"mV\", part 0 in \"V\"");
  nax_array_free(b);
  int32_t swap[] = {1, 0};
  assert_ok(nax_array_permute(NULL, a, swap, &b));
  both[1] = b;
  assert_error(nax_array_concat(NULL, 2, both, 1, &c), NAX_EDIM,
               "nax_array_concat: axis 0 of part 1 is called `time`, expected `neuron`");
  nax_array_free(b);
  assert_ok(nax_array_copy(NULL, a, &b));
  both[1] = b;
  nax_axis *x;
  assert_ok(nax_axis_create_index(NULL, "time", 10, &x));
  assert_ok(nax_array_set_axis(NULL, b, 1, x));
  nax_axis_free(x);
  assert_error(nax_array_concat(NULL, 2, both, 1, &c), NAX_EDIM,
               "nax_array_concat: axis `time` of part 1 has neither coordinates nor "
               "labels, in part 0 it has coordinates");
  assert_ok(nax_axis_create_regular(NULL, "time", "ms", 10, 6.0, 2.0, &x));
  assert_ok(nax_array_set_axis(NULL, b, 1, x));
  nax_axis_free(x);
  assert_error(
      nax_array_concat(NULL, 2, both, 1, &c), NAX_EDIM,
      "nax_array_concat: axis `time` of part 1 is in \"ms\", in part 0 in \"s\"");
  nax_array_free(b);
  assert_ok(nax_array_reduce(NULL, a, 1, NAX_REDUCE_MEAN, 0.0, &b));
  both[1] = b;
  assert_error(nax_array_concat(NULL, 2, both, 0, &c), NAX_EDIM,
               "nax_array_concat: part 1 has 1 axes, part 0 has 2");
  assert_status(nax_array_concat(NULL, 0, both, 0, &c), NAX_EINVAL);
  both[1] = NULL;
  assert_error(nax_array_concat(NULL, 2, both, 0, &c), NAX_EINVAL,
               "nax_array_concat: part 1 is NULL");
  nax_array_free(a);
  nax_array_free(b);
}

/* ---------------------------------------------------------------------- memory */

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_array *a = small_array(), *b;
  const nax_array *both[2] = {a, a};
  nax_axis *x;
  const char *labels[] = {"a", "c"}, *names[] = {"neuron", "time"};
  nax_index index[] = {2, 0, 1}, dim[] = {2, 3};
  int32_t order[] = {1, 0};
  double coords[] = {1.0, 2.0};
  nax_view v = nax_array_view(a);
  const nax_axis *axes[2] = {nax_array_axis(a, 0), nax_array_axis(a, 1)};
#define AXIS(call)  NAX_T_SWEEP_ALLOC(call, x, nax_axis_free(x), 100)
#define ARRAY(call) NAX_T_SWEEP_ALLOC(call, b, nax_array_free(b), 100)
  AXIS(nax_axis_create_index(NULL, "t", 5, &x));
  AXIS(nax_axis_create_regular(NULL, "t", "s", 5, 0.0, 1.0, &x));
  AXIS(nax_axis_create_coords(NULL, "t", "s", 2, coords, &x));
  AXIS(nax_axis_create_labels(NULL, "t", 2, labels, &x));
  AXIS(nax_axis_copy(NULL, axes[0], &x));
  AXIS(nax_axis_rename(NULL, axes[0], "other", &x));
  AXIS(nax_axis_take(NULL, axes[0], 3, index, &x));
  AXIS(nax_axis_take(NULL, axes[1], 3, index, &x));
  ARRAY(nax_array_create(NULL, NAX_F64, 2, axes, "V", &b));
  ARRAY(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, "V", &b));
  ARRAY(nax_array_copy(NULL, a, &b));
  ARRAY(nax_array_slice(NULL, a, 0, 0, 3, 2, &b));
  ARRAY(nax_array_slice_coord(NULL, a, 1, 2.0, 3.0, &b));
  ARRAY(nax_array_take(NULL, a, 1, 3, index, &b));
  ARRAY(nax_array_take_labels(NULL, a, 0, 2, labels, &b));
  ARRAY(nax_array_permute(NULL, a, order, &b));
  ARRAY(nax_array_concat(NULL, 2, both, 0, &b));
  ARRAY(nax_array_concat(NULL, 2, both, 1, &b));
  ARRAY(nax_array_convert(NULL, a, NAX_F32, &b));
  ARRAY(nax_array_reduce(NULL, a, 0, NAX_REDUCE_VAR, 1.0, &b));
  ARRAY(nax_array_reduce(NULL, a, 1, NAX_REDUCE_MEDIAN, 0.0, &b));
  ARRAY(nax_array_zscore(NULL, a, 1, 1.0, &b));
  ARRAY(nax_array_map(NULL, a, NAX_MAP_SQRT, &b));
#undef AXIS
#undef ARRAY
  nax_summary s;
  void *none = NULL;
  NAX_T_SWEEP_ALLOC(nax_view_summary(NULL, &v, &s), none, (void)0, 100);
  /* calls that change an array leave it as it was */
  for (long k = 0; k < 2; k++) {
    nax_i_alloc_fail_at = 0;
    assert_status(k ? nax_array_set_unit(NULL, a, "x")
                    : nax_array_set_description(NULL, a, "x"),
                  NAX_ENOMEM);
    nax_i_alloc_fail_at = 1;
    assert_status(nax_array_set_axis(NULL, a, 0, axes[0]), NAX_ENOMEM);
    nax_i_alloc_fail_at = -1;
  }
  assert_string_equal(nax_array_unit(a), "V");
  assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 2), "c");
  nax_array_free(a);
}

static void
a_borrowed_array_has_the_values_of_the_caller(void **state)
{
  (void)state;
  double x[6] = {1, 2, 3, 4, 5, 6};
  nax_view v = nax_view_f64(x, 2, (nax_index[]){2, 3}), odd;
  nax_axis *axes[2] = {NULL};
  nax_array *a = NULL, *b = NULL;
  assert_ok(nax_axis_create_index(NULL, "neuron", 2, &axes[0]));
  assert_ok(nax_axis_create_index(NULL, "time", 3, &axes[1]));
  const nax_axis *const *given = (const nax_axis *const *)axes;
  assert_ok(nax_array_borrow(NULL, &v, given, "V", &a));
  assert_ptr_equal(nax_array_data(a), x);
  assert_null(nax_array_data_mut(a));
  assert_string_equal(nax_array_unit(a), "V");
  assert_int_equal(nax_array_size(a), 6);
  assert_int_equal(nax_array_find_axis(a, "time"), 1);
  assert_ok(nax_array_copy(NULL, a, &b));
  assert_true(nax_array_data(b) != (const void *)x);
  assert_memory_equal(nax_array_data(b), x, sizeof x);
  nax_array_free(a);
  nax_array_free(b);
  assert_close(x[5], 6.0, 0.0, 0.0); /* still the caller's */
  odd = v;
  odd.stride[0] = 3;
  odd.stride[1] = 1;
  assert_status(nax_array_borrow(NULL, &odd, given, NULL, &a), NAX_EINVAL);
  assert_null(a);
  odd = v;
  odd.dim[1] = 2;
  assert_status(nax_array_borrow(NULL, &odd, given, NULL, &a), NAX_EDIM);
  odd.ndim = 0;
  assert_status(nax_array_borrow(NULL, &odd, given, NULL, &a), NAX_EDIM);
  odd = v;
  odd.dtype = NAX_I32;
  assert_status(nax_array_borrow(NULL, &odd, given, NULL, &a), NAX_ETYPE);
  assert_status(nax_array_borrow(NULL, NULL, given, NULL, &a), NAX_EINVAL);
  NAX_T_SWEEP_ALLOC(nax_array_borrow(NULL, &v, given, NULL, &a), a, nax_array_free(a),
                    50);
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
}

enum { WAYS = 6 };

static nax_status
copied(nax_ctx *ctx, const nax_array *a, int way, double *x, nax_array **out)
{
  static const int32_t order[] = {1, 0};
  const nax_array *twice[] = {a, a};
  nax_view v = nax_array_view(a);
  *out = NULL;
  switch (way) {
  case 0:
    return nax_view_copy_to(ctx, &v, NAX_F64, x);
  case 1:
    return nax_array_copy(ctx, a, out);
  case 2:
    return nax_array_slice(ctx, a, 1, 1, nax_array_dim(a, 1), 1, out);
  case 3:
    return nax_array_permute(ctx, a, order, out);
  case 4:
    return nax_array_convert(ctx, a, NAX_F32, out);
  default:
    return nax_array_concat(ctx, 2, twice, 1, out);
  }
}

static int
stop_at_look(const nax_progress *p, void *user)
{
  (void)p;
  return --*(int *)user == 0;
}

static void
a_copy_that_is_stopped_says_so(void **state)
{
  (void)state;
  const char *names[] = {"neuron", "time"};
  nax_index dim[] = {400, 3000}; /* many blocks */
  nax_array *a, *b;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, NULL, &a));
  double *x = calloc(400 * 3000, sizeof *x);
  for (int32_t threads = 1; threads <= 2; threads++) {
    for (int way = 0; way < WAYS; way++) {
      nax_ctx *ctx;
      int looks = 0;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, threads));
      nax_ctx_set_progress(ctx, stop_at_look, &looks, 0.0);
      assert_ok(copied(ctx, a, way, x, &b));
      nax_array_free(b);
      assert_true(looks <= (threads == 1 ? -10 : -1));
      looks = threads == 1 ? 5 : 1; /* the other thread may take all but one block */
      assert_status(copied(ctx, a, way, x, &b), NAX_EINTERRUPT);
      assert_null(b);
      assert_int_equal(looks, 0); /* and nobody is asked again */
      assert_ok(copied(ctx, a, way, x, &b));
      nax_array_free(b);
      nax_ctx_free(ctx);
    }
  }
  free(x);
  nax_array_free(a);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(views_of_dense_memory_know_their_strides),
      cmocka_unit_test(impossible_views_are_harmless),
      cmocka_unit_test(permuted_and_sliced_views_borrow),
      cmocka_unit_test(copies_convert_and_refuse),
      cmocka_unit_test(indices_are_64_bit),
      cmocka_unit_test(methods_can_name_the_wrong_axis),
      cmocka_unit_test(values_that_are_not_finite_are_located),
      cmocka_unit_test(the_mean_of_a_large_offset_is_exact),
      cmocka_unit_test(regular_axes_are_exact_and_slices_of_them_too),
      cmocka_unit_test(lower_bound_finds_the_first_not_below),
      cmocka_unit_test(label_axes_find_their_labels),
      cmocka_unit_test(faulty_axes_are_refused),
      cmocka_unit_test(arrays_know_what_they_are),
      cmocka_unit_test(axes_of_an_array_can_be_replaced),
      cmocka_unit_test(faulty_arrays_are_refused),
      cmocka_unit_test(time_is_cut_by_seconds),
      cmocka_unit_test(faulty_slices_and_lists_are_refused),
      cmocka_unit_test(joined_axes_stay_regular_only_when_they_continue),
      cmocka_unit_test(parts_that_do_not_agree_are_named),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(a_borrowed_array_has_the_values_of_the_caller),
      cmocka_unit_test(a_copy_that_is_stopped_says_so),
  };
  return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}
