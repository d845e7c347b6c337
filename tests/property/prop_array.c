/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays of random shape and content against plain loops over nax_view_get. NAX_TEST_SEED
 * repeats a run; each failure prints the seed. */
#include "nax_test.h"
#include "array/array_i.h"

static uint64_t start_seed = 20240229, round_seed, seed;

enum { ROUNDS = 150 };

static nax_index
pick(nax_index lo, nax_index hi)
{
  return lo + (nax_index)(nax_t_random(&seed) % (uint64_t)(hi - lo + 1));
}

/* Any kind of axis. */
static nax_axis *
random_axis(int32_t k, nax_index n)
{
  static const char *const names[] = {"neuron", "time", "trial", "animal", "component"};
  nax_axis *a = NULL;
  double *x = calloc((size_t)n + 1, sizeof *x);
  char(*text)[24] = calloc((size_t)n + 1, sizeof *text);
  const char **label = calloc((size_t)n + 1, sizeof *label);
  double at = 10.0 * nax_t_uniform(&seed) - 5.0;
  for (nax_index i = 0; i < n; i++) {
    x[i] = at += nax_t_uniform(&seed);
    snprintf(text[i], sizeof text[i], "%c%lld", "uvw"[k % 3], (long long)i);
    label[i] = text[i];
  }
  switch (pick(0, 3)) {
  case 0:
    assert_ok(nax_axis_create_index(NULL, names[k], n, &a));
    break;
  case 1:
    assert_ok(nax_axis_create_regular(NULL, names[k], "s", n, at,
                                      1.0 + 99.0 * nax_t_uniform(&seed), &a));
    break;
  case 2:
    assert_ok(nax_axis_create_coords(NULL, names[k], "s", n, x, &a));
    break;
  default:
    assert_ok(nax_axis_create_labels(NULL, names[k], n, label, &a));
  }
  free(x);
  free(text);
  free(label);
  return a;
}

static void
put(nax_array *a, nax_index i, double x)
{
  if (nax_array_dtype(a) == NAX_F64) {
    ((double *)nax_array_data_mut(a))[i] = x;
  } else {
    ((float *)nax_array_data_mut(a))[i] = (float)x;
  }
}

static nax_array *
random_array(nax_index most)
{
  int32_t ndim = (int32_t)pick(1, 4);
  nax_axis *axis[4];
  nax_array *a = NULL;
  for (int32_t k = 0; k < ndim; k++) {
    axis[k] = random_axis(k, pick(1, most));
  }
  assert_ok(nax_array_create(NULL, pick(0, 1) ? NAX_F64 : NAX_F32, ndim,
                             (const nax_axis *const *)axis, "V", &a));
  assert_ok(nax_array_set_description(NULL, a, "what it is"));
  for (int32_t k = 0; k < ndim; k++) {
    nax_axis_free(axis[k]);
  }
  int missing = pick(0, 2) == 0, few = pick(0, 2) == 0;
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    double x = few ? (double)pick(0, 3) : 10.0 * nax_t_uniform(&seed) - 4.0;
    put(a, i, missing && pick(0, 3) == 0 ? (double)NAN : x);
  }
  return a;
}

/* Advance a column-major index; 0 at the end. */
static int
advance(const nax_view *v, nax_index *index)
{
  for (int32_t k = 0; k < v->ndim; k++) {
    if (++index[k] < v->dim[k]) {
      return 1;
    }
    index[k] = 0;
  }
  return 0;
}

static void
assert_same_number(double x, double y)
{
  assert_true((isnan(x) && isnan(y)) || x == y);
}

static void
assert_same_array(const nax_array *a, const nax_array *b)
{
  assert_int_equal(nax_array_dtype(a), nax_array_dtype(b));
  assert_int_equal(nax_array_ndim(a), nax_array_ndim(b));
  assert_string_equal(nax_array_unit(a), nax_array_unit(b));
  assert_string_equal(nax_array_description(a), nax_array_description(b));
  for (int32_t k = 0; k < nax_array_ndim(a); k++) {
    assert_true(nax_axis_equal(nax_array_axis(a, k), nax_array_axis(b, k)));
  }
  if (nax_array_size(a) > 0) {
    assert_memory_equal(nax_array_data(a), nax_array_data(b),
                        (size_t)nax_array_size(a) * nax_dtype_size(nax_array_dtype(a)));
  }
}

static void
assert_same_position(const nax_axis *a, nax_index i, const nax_axis *b, nax_index j)
{
  assert_string_equal(nax_axis_name(a), nax_axis_name(b));
  assert_string_equal(nax_axis_unit(a), nax_axis_unit(b));
  if (nax_axis_get_kind(a) == NAX_AXIS_LABELS) {
    assert_string_equal(nax_axis_label(a, i), nax_axis_label(b, j));
  } else if (nax_axis_get_kind(a) != NAX_AXIS_INDEX) {
    assert_same_number(nax_axis_coord(a, i), nax_axis_coord(b, j));
  }
}

static void
slices_hold_what_was_at_their_place(void **state)
{
  (void)state;
  nax_array *a = random_array(9), *b;
  nax_view v = nax_array_view(a);
  int32_t k = (int32_t)pick(0, v.ndim - 1);
  nax_index start = pick(0, v.dim[k]), stop = pick(start, v.dim[k]), step = pick(1, 4);
  assert_ok(nax_array_slice(NULL, a, k, start, stop, step, &b));
  nax_view w = nax_array_view(b);
  assert_int_equal(w.dim[k], stop > start ? (stop - start + step - 1) / step : 0);
  nax_index index[NAX_MAX_NDIM] = {0};
  if (nax_view_size(&w) > 0) {
    do {
      nax_index from[NAX_MAX_NDIM];
      memcpy(from, index, sizeof from);
      from[k] = start + index[k] * step;
      assert_same_number(nax_view_get(&w, index), nax_view_get(&v, from));
    } while (advance(&w, index));
  }
  for (nax_index i = 0; i < w.dim[k]; i++) {
    assert_same_position(nax_array_axis(b, k), i, nax_array_axis(a, k), start + i * step);
  }
  nax_array_free(a);
  nax_array_free(b);
}

static void
slices_joined_give_the_whole(void **state)
{
  (void)state;
  nax_array *a = random_array(9), *part[4], *b;
  int32_t k = (int32_t)pick(0, nax_array_ndim(a) - 1);
  nax_index at = 0, n = pick(1, 4), dim = nax_array_dim(a, k);
  for (nax_index p = 0; p < n; p++) {
    nax_index to = p == n - 1 ? dim : pick(at, dim);
    assert_ok(nax_array_slice(NULL, a, k, at, to, 1, &part[p]));
    at = to;
  }
  assert_ok(nax_array_concat(NULL, n, (const nax_array *const *)part, k, &b));
  assert_same_array(a, b);
  assert_int_equal(nax_axis_get_kind(nax_array_axis(a, k)),
                   nax_axis_get_kind(nax_array_axis(b, k)));
  for (nax_index p = 0; p < n; p++) {
    nax_array_free(part[p]);
  }
  nax_array_free(a);
  nax_array_free(b);
}

static void
adjacent_coordinate_ranges_share_nothing(void **state)
{
  (void)state;
  nax_array *a = random_array(9);
  int32_t k = (int32_t)pick(0, nax_array_ndim(a) - 1);
  const nax_axis *x = nax_array_axis(a, k);
  nax_axis_kind kind = nax_axis_get_kind(x);
  if (kind == NAX_AXIS_REGULAR || kind == NAX_AXIS_COORDS) {
    nax_index n = nax_axis_length(x), cut = pick(0, n - 1);
    double at = nax_axis_coord(x, cut);
    nax_array *low = NULL, *high = NULL, *again = NULL;
    assert_ok(nax_array_slice_coord(NULL, a, k, at, INFINITY, &high));
    assert_int_equal(nax_array_dim(high, k), n - cut);
    assert_same_number(nax_axis_coord(nax_array_axis(high, k), 0), at);
    if (cut > 0) {
      const nax_array *both[2];
      assert_ok(nax_array_slice_coord(NULL, a, k, -INFINITY, at, &low));
      both[0] = low;
      both[1] = high;
      assert_ok(nax_array_concat(NULL, 2, both, k, &again));
      assert_same_array(a, again);
    } else {
      assert_status(nax_array_slice_coord(NULL, a, k, -INFINITY, at, &low), NAX_EINVAL);
      assert_null(low);
    }
    nax_array_free(low);
    nax_array_free(high);
    nax_array_free(again);
  }
  nax_array_free(a);
}

static void
taking_everything_in_order_is_a_copy(void **state)
{
  (void)state;
  nax_array *a = random_array(9), *b, *c;
  nax_view v = nax_array_view(a);
  int32_t k = (int32_t)pick(0, v.ndim - 1);
  nax_index index[9], m = pick(0, 9), back[9];
  for (nax_index i = 0; i < v.dim[k]; i++) {
    index[i] = i;
  }
  assert_ok(nax_array_take(NULL, a, k, v.dim[k], index, &b));
  assert_same_array(a, b);
  nax_array_free(b);
  for (nax_index i = 0; i < m; i++) {
    index[i] = pick(0, v.dim[k] - 1);
  }
  assert_ok(nax_array_take(NULL, a, k, m, index, &b));
  nax_view w = nax_array_view(b);
  nax_index at[NAX_MAX_NDIM] = {0};
  if (nax_view_size(&w) > 0) {
    do {
      nax_index from[NAX_MAX_NDIM];
      memcpy(from, at, sizeof from);
      from[k] = index[at[k]];
      assert_same_number(nax_view_get(&w, at), nax_view_get(&v, from));
    } while (advance(&w, at));
  }
  if (nax_axis_get_kind(nax_array_axis(a, k)) == NAX_AXIS_LABELS) {
    const char *label[9];
    for (nax_index i = 0; i < m; i++) {
      label[i] = nax_axis_label(nax_array_axis(a, k), index[i]);
    }
    assert_ok(nax_array_take_labels(NULL, a, k, m, label, &c));
    assert_same_array(b, c);
    nax_array_free(c);
  }
  (void)back;
  nax_array_free(a);
  nax_array_free(b);
}

static void
permuting_back_gives_the_array(void **state)
{
  (void)state;
  nax_array *a = random_array(pick(0, 3) ? 9 : 40), *b, *c;
  nax_view v = nax_array_view(a);
  int32_t order[4], inverse[4];
  for (int32_t k = 0; k < v.ndim; k++) {
    order[k] = k;
  }
  for (int32_t k = v.ndim - 1; k > 0; k--) {
    int32_t j = (int32_t)pick(0, k), t = order[k];
    order[k] = order[j];
    order[j] = t;
  }
  for (int32_t k = 0; k < v.ndim; k++) {
    inverse[order[k]] = k;
  }
  assert_ok(nax_array_permute(NULL, a, order, &b));
  nax_view w = nax_array_view(b);
  nax_index at[NAX_MAX_NDIM] = {0};
  do {
    nax_index from[NAX_MAX_NDIM];
    for (int32_t k = 0; k < v.ndim; k++) {
      from[order[k]] = at[k];
    }
    assert_same_number(nax_view_get(&w, at), nax_view_get(&v, from));
  } while (advance(&w, at));
  assert_ok(nax_array_permute(NULL, b, inverse, &c));
  assert_same_array(a, c);
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(c);
}

/* ------------------------------------------------------------------ statistics */

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Straight from the definitions. */
static double
reference(double *x, int n, nax_reduction what, double param)
{
  long double sum = 0.0L, ss = 0.0L;
  int m = 0;
  for (int i = 0; i < n; i++) {
    if (!isnan(x[i])) {
      x[m++] = x[i];
    }
  }
  qsort(x, (size_t)m, sizeof *x, by_value);
  for (int i = 0; i < m; i++) {
    sum += (long double)x[i];
  }
  for (int i = 0; i < m; i++) {
    long double d = (long double)x[i] - sum / m;
    ss += d * d;
  }
  double h = what == NAX_REDUCE_MEDIAN ? 0.5 : param;
  h *= m - 1;
  int k = (int)floor(h);
  switch (what) {
  case NAX_REDUCE_COUNT:
    return m;
  case NAX_REDUCE_MEAN:
    return m ? (double)(sum / m) : (double)NAN;
  case NAX_REDUCE_SUM:
    return m ? (double)sum : (double)NAN;
  case NAX_REDUCE_VAR:
    return m > param ? (double)(ss / ((long double)m - (long double)param)) : (double)NAN;
  case NAX_REDUCE_SD:
    return m > param ? sqrt((double)(ss / ((long double)m - (long double)param)))
                     : (double)NAN;
  case NAX_REDUCE_MIN:
    return m ? x[0] : (double)NAN;
  case NAX_REDUCE_MAX:
    return m ? x[m - 1] : (double)NAN;
  default:
    return m == 0      ? (double)NAN
           : k + 1 < m ? x[k] + (h - k) * (x[k + 1] - x[k])
                       : x[m - 1];
  }
}

static void
reductions_agree_with_their_definitions(void **state)
{
  (void)state;
  nax_array *a = random_array(pick(0, 9) ? 9 : 40), *b;
  nax_view v = nax_array_view(a);
  int32_t k = (int32_t)pick(0, v.ndim - 1);
  nax_reduction what = (nax_reduction)pick(NAX_REDUCE_MEAN, NAX_REDUCE_COUNT);
  double param = what == NAX_REDUCE_QUANTILE ? nax_t_uniform(&seed) : (double)pick(0, 1);
  assert_ok(nax_array_reduce(NULL, a, k, what, param, &b));
  assert_int_equal(nax_array_dtype(b), NAX_F64);
  assert_int_equal(nax_array_ndim(b), v.ndim > 1 ? v.ndim - 1 : 1);
  const double *y = nax_array_f64(b);
  nax_index line = 0;
  nax_view lines = v;
  lines.dim[k] = 1;
  nax_index at[NAX_MAX_NDIM] = {0};
  do {
    double x[64];
    nax_index from[NAX_MAX_NDIM];
    memcpy(from, at, sizeof from);
    for (nax_index i = 0; i < v.dim[k]; i++) {
      from[k] = i;
      x[i] = nax_view_get(&v, from);
    }
    assert_close(y[line], reference(x, (int)v.dim[k], what, param), 1e-12, 1e-12);
    line++;
  } while (advance(&lines, at));
  assert_int_equal(line, nax_array_size(b));
  for (int32_t i = 0, j = 0; i < v.ndim && v.ndim > 1; i++) {
    if (i != k) {
      assert_true(nax_axis_equal(nax_array_axis(a, i), nax_array_axis(b, j++)));
    }
  }
  nax_array_free(a);
  nax_array_free(b);
}

static void
scores_have_mean_0_and_sd_1(void **state)
{
  (void)state;
  nax_array *a = random_array(12), *z, *mean, *sd, *low, *high, *n, *nz;
  int32_t k = (int32_t)pick(0, nax_array_ndim(a) - 1);
  double ddof = (double)pick(0, 1);
  int single = nax_array_dtype(a) == NAX_F32;
  assert_ok(nax_array_zscore(NULL, a, k, ddof, &z));
  assert_string_equal(nax_array_unit(z), "z");
  assert_ok(nax_array_reduce(NULL, z, k, NAX_REDUCE_MEAN, 0.0, &mean));
  assert_ok(nax_array_reduce(NULL, z, k, NAX_REDUCE_SD, ddof, &sd));
  assert_ok(nax_array_reduce(NULL, a, k, NAX_REDUCE_MIN, 0.0, &low));
  assert_ok(nax_array_reduce(NULL, a, k, NAX_REDUCE_MAX, 0.0, &high));
  assert_ok(nax_array_reduce(NULL, a, k, NAX_REDUCE_COUNT, 0.0, &n));
  assert_ok(nax_array_reduce(NULL, z, k, NAX_REDUCE_COUNT, 0.0, &nz));
  for (nax_index i = 0; i < nax_array_size(mean); i++) {
    assert_same_number(nax_array_f64(n)[i], nax_array_f64(nz)[i]);
    if (nax_array_f64(n)[i] > 0.0) {
      double lo = nax_array_f64(low)[i], hi = nax_array_f64(high)[i];
      int varies = hi > lo;
      /* values that differ little lose digits in x - mean */
      double lost = varies ? 1e-14 * (fabs(lo) + fabs(hi)) / (hi - lo) : 0.0;
      assert_close(nax_array_f64(mean)[i], 0.0, 0.0, lost + (single ? 1e-6 : 1e-12));
      if (varies || nax_array_f64(n)[i] > ddof) {
        assert_close(nax_array_f64(sd)[i], varies, lost + (single ? 1e-6 : 1e-12),
                     1e-300);
      }
    }
  }
  nax_array *all[] = {a, z, mean, sd, low, high, n, nz};
  for (int i = 0; i < 8; i++) {
    nax_array_free(all[i]);
  }
}

static void
the_summary_agrees_with_its_definitions(void **state)
{
  (void)state;
  nax_array *a = random_array(9);
  if (pick(0, 2) == 0) {
    put(a, pick(0, nax_array_size(a) - 1), pick(0, 1) ? INFINITY : -INFINITY);
  }
  nax_view v = nax_array_view(a);
  int32_t k = (int32_t)pick(0, v.ndim - 1);
  nax_index start = pick(0, v.dim[k]);
  assert_ok(nax_view_slice(NULL, &v, k, start, v.dim[k], pick(1, 3), &v));
  nax_summary s;
  assert_ok(nax_view_summary(NULL, &v, &s));
  assert_int_equal(s.n, nax_view_size(&v));
  assert_int_equal(s.n, s.n_finite + s.n_nan + s.n_inf);
  double *x = calloc((size_t)s.n + 1, sizeof *x);
  nax_index n = 0, i = 0, first_nan = -1, first_inf = -1;
  nax_index at[NAX_MAX_NDIM] = {0};
  if (s.n > 0) {
    do {
      double y = nax_view_get(&v, at);
      first_nan = isnan(y) && first_nan < 0 ? i : first_nan;
      first_inf = isinf(y) && first_inf < 0 ? i : first_inf;
      if (isfinite(y)) {
        x[n++] = y;
      }
      i++;
    } while (advance(&v, at));
  }
  assert_int_equal(n, s.n_finite);
  assert_int_equal(first_nan, s.first_nan);
  assert_int_equal(first_inf, s.first_inf);
  assert_close(s.min, reference(x, (int)n, NAX_REDUCE_MIN, 0.0), 0.0, 0.0);
  assert_close(s.max, reference(x, (int)n, NAX_REDUCE_MAX, 0.0), 0.0, 0.0);
  assert_close(s.mean, reference(x, (int)n, NAX_REDUCE_MEAN, 0.0), 1e-12, 1e-12);
  assert_close(s.sd, reference(x, (int)n, NAX_REDUCE_SD, 1.0), 1e-12, 1e-12);
  free(x);
  nax_array_free(a);
}

/* ------------------------------------------------------------------- the rounds */

typedef void (*property)(void **state);

static void
rounds(void **state)
{
  property p = *(property *)*state;
  for (int i = 0; i < ROUNDS; i++) {
    seed = round_seed = start_seed + (uint64_t)i;
    p(state);
  }
}

/* Seed of the round that failed. */
static int
teardown(void **state)
{
  (void)state;
  print_message("# NAX_TEST_SEED=%llu repeats the last round\n",
                (unsigned long long)round_seed);
  return 0;
}

int
main(void)
{
  static property props[] = {slices_hold_what_was_at_their_place,
                             slices_joined_give_the_whole,
                             adjacent_coordinate_ranges_share_nothing,
                             taking_everything_in_order_is_a_copy,
                             permuting_back_gives_the_array,
                             reductions_agree_with_their_definitions,
                             scores_have_mean_0_and_sd_1,
                             the_summary_agrees_with_its_definitions};
  static const char *const names[] = {"slices_hold_what_was_at_their_place",
                                      "slices_joined_give_the_whole",
                                      "adjacent_coordinate_ranges_share_nothing",
                                      "taking_everything_in_order_is_a_copy",
                                      "permuting_back_gives_the_array",
                                      "reductions_agree_with_their_definitions",
                                      "scores_have_mean_0_and_sd_1",
                                      "the_summary_agrees_with_its_definitions"};
  enum { N = sizeof props / sizeof props[0] };
  struct CMUnitTest tests[N];
  const char *given = getenv("NAX_TEST_SEED");
  if (given != NULL) {
    start_seed = strtoull(given, NULL, 10);
  }
  for (int i = 0; i < N; i++) {
    tests[i] = (struct CMUnitTest){names[i], rounds, NULL, teardown, &props[i]};
  }
  return cmocka_run_group_tests_name("array properties", tests, NULL, NULL);
}
