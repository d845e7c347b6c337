/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smoothing, neuropil, dF/F. */
#include "nax_test.h"
#include "signal/signal_i.h"
#include "reference/signal_scipy.h"

enum { N = 60 };

/* Array neuron x time (x trial) at `rate`, filled by repeating x with an offset per
 * trace. */
static nax_array *
make(const double *x, nax_index n, nax_index neurons, nax_index trials, double rate,
     nax_dtype dtype)
{
  nax_axis *axes[3] = {NULL};
  nax_array *a = NULL;
  assert_ok(nax_axis_create_index(NULL, "neuron", neurons, &axes[0]));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", n, 0.0, rate, &axes[1]));
  assert_ok(nax_axis_create_index(NULL, "trial", trials, &axes[2]));
  assert_ok(nax_array_create(NULL, dtype, 3, (const nax_axis *const *)axes, "au", &a));
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axes[k]);
  }
  for (nax_index r = 0; r < trials; r++) {
    for (nax_index t = 0; t < n; t++) {
      for (nax_index i = 0; i < neurons; i++) {
        nax_index at = i + neurons * (t + n * r);
        double v = x[t] + (double)(i + 10 * r);
        if (dtype == NAX_F64) {
          ((double *)nax_array_data_mut(a))[at] = v;
        } else {
          ((float *)nax_array_data_mut(a))[at] = (float)v;
        }
      }
    }
  }
  return a;
}

static nax_array *
single(const double *x, nax_index n, double rate)
{
  return make(x, n, 1, 1, rate, NAX_F64);
}

static nax_array *
smoothed(const double *x, nax_index n, double rate, int32_t kind, int32_t edge,
         double width, int32_t fill)
{
  nax_signal_smooth_opts o = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  nax_array *a = single(x, n, rate), *b = NULL;
  o.kind = kind;
  o.edge = edge;
  o.width = width;
  o.fill = fill;
  assert_ok(nax_signal_smooth(NULL, a, &o, &b));
  nax_array_free(a);
  return b;
}

static void
check_smooth(const double *expected, int32_t kind, int32_t edge, double width)
{
  nax_array *b = smoothed(ref_x, N, 10.0, kind, edge, width, 0);
  assert_all_close(nax_array_f64(b), expected, N, 1e-13, 1e-13);
  nax_array_free(b);
}

static void
smoothing_has_the_numbers_of_scipy(void **state)
{
  (void)state;
  check_smooth(ref_gauss_reflect, NAX_SMOOTH_GAUSSIAN, NAX_EDGE_REFLECT, 0.3);
  check_smooth(ref_gauss_nearest, NAX_SMOOTH_GAUSSIAN, NAX_EDGE_NEAREST, 0.3);
  check_smooth(ref_gauss_zero, NAX_SMOOTH_GAUSSIAN, NAX_EDGE_ZERO, 0.3);
  check_smooth(ref_gauss_wide, NAX_SMOOTH_GAUSSIAN, NAX_EDGE_REFLECT, 2.5);
  check_smooth(ref_box5, NAX_SMOOTH_BOXCAR, NAX_EDGE_REFLECT, 0.5);
}

/* Value of the record beyond its ends; *ok says whether there is one. */
static double
extended(const double *x, nax_index n, nax_index i, int32_t edge, int *ok)
{
  *ok = 1;
  if (i < 0 || i >= n) {
    switch (edge) {
    case NAX_EDGE_REFLECT:
      while (i < 0 || i >= n) {
        i = i < 0 ? -1 - i : 2 * n - 1 - i;
      }
      break;
    case NAX_EDGE_NEAREST:
      i = i < 0 ? 0 : n - 1;
      break;
    case NAX_EDGE_ZERO:
      return 0.0;
    default:
      *ok = 0;
      return 0.0;
    }
  }
  *ok = isfinite(x[i]) != 0;
  return *ok ? x[i] : 0.0;
}

static double
kernel_weight(int32_t kind, double width, nax_index d)
{
  double t = fabs((double)d);
  switch (kind) {
  case NAX_SMOOTH_GAUSSIAN:
    return t <= floor(4.0 * width + 0.5) ? exp(-0.5 * t * t / (width * width)) : 0.0;
  case NAX_SMOOTH_EXPONENTIAL:
    return d <= 0 ? exp(-t / width) : 0.0;
  default: { /* overlap of sample d, one wide, with the box */
    double half = 0.5 * (width > 1.0 ? width : 1.0);
    double lo = t - 0.5, hi = t + 0.5;
    return d == 0 ? 1.0 : hi <= half + 1e-9 ? 1.0 : lo < half ? half - lo : 0.0;
  }
  }
}

/* The definition, term by term. */
static void
slow_smooth(const double *x, nax_index n, int32_t kind, int32_t edge, double width,
            int32_t fill, double *y)
{
  nax_index reach = kind == NAX_SMOOTH_EXPONENTIAL ? 400 : (nax_index)(4.0 * width) + 2;
  for (nax_index i = 0; i < n; i++) {
    double num = 0.0, den = 0.0;
    for (nax_index d = -reach; d <= reach; d++) {
      int ok;
      double v = extended(x, n, i + d, edge, &ok), w = kernel_weight(kind, width, d);
      if (kind == NAX_SMOOTH_EXPONENTIAL && edge == NAX_EDGE_REFLECT && i + d < -n) {
        ok = 0; /* the past is reflected once */
      }
      num += ok ? w * v : 0.0;
      den += ok ? w : 0.0;
    }
    y[i] = den > 0.0 && (fill || isfinite(x[i])) ? num / den : (double)NAN;
  }
}

static void
smoothing_agrees_with_its_definition(void **state)
{
  (void)state;
  const double widths[] = {0.3, 1.0, 2.0, 2.6, 5.0, 17.0};
  uint64_t seed = 11;
  double x[48], expected[48];
  for (int32_t kind = 1; kind <= 3; kind++) {
    for (int32_t edge = 1; edge <= 4; edge++) {
      for (int w = 0; w < 6; w++) {
        for (int holes = 0; holes < 3; holes++) {
          nax_index n = 20 + (nax_index)(nax_t_random(&seed) % 28);
          for (nax_index i = 0; i < n; i++) {
            double u = nax_t_uniform(&seed);
            x[i] = u < 0.25 * holes ? (double)(u < 0.1 ? INFINITY : NAN) : 10.0 * u;
          }
          /* an end that repeats nothing is missing for ever: leave that to the others */
          x[0] = edge == NAX_EDGE_NEAREST && !isfinite(x[0]) ? 1.0 : x[0];
          for (int32_t fill = 0; fill < 2; fill++) {
            slow_smooth(x, n, kind, edge, widths[w], fill, expected);
            nax_array *b = smoothed(x, n, 1.0, kind, edge, widths[w], fill);
            assert_all_close(nax_array_f64(b), expected, n, 1e-9, 1e-10);
            nax_array_free(b);
          }
        }
      }
    }
  }
}

static void
the_fourier_way_agrees_with_the_sum(void **state)
{
  (void)state;
  enum { LONG = 3000 };
  static double x[LONG], expected[LONG];
  uint64_t seed = 12;
  for (int holes = 0; holes < 2; holes++) {
    for (int i = 0; i < LONG; i++) {
      x[i] = nax_t_uniform(&seed) < 0.01 ? 1.0 : 0.0;
      x[i] = holes && i > 500 && i < 800 ? (double)NAN : x[i];
    }
    for (int32_t edge = 1; edge <= 4; edge++) {
      slow_smooth(x, LONG, NAX_SMOOTH_GAUSSIAN, edge, 30.0, 1, expected);
      nax_array *b = smoothed(x, LONG, 1.0, NAX_SMOOTH_GAUSSIAN, edge, 30.0, 1);
      assert_all_close(nax_array_f64(b), expected, LONG, 1e-10, holes ? 1e-11 : 1e-13);
      for (int i = 0; i < LONG; i++) {
        assert_int_equal(nax_array_f64(b)[i] < 0.0, 0);
      }
      nax_array_free(b);
    }
  }
}

static void
smoothing_keeps_constants(void **state)
{
  (void)state;
  double x[N];
  for (int i = 0; i < N; i++) {
    x[i] = i % 7 == 3 ? (double)NAN : 3.25;
  }
  for (int32_t kind = 1; kind <= 3; kind++) {
    for (int32_t edge = 1; edge <= 3; edge++) {
      nax_array *b = smoothed(x, N, 10.0, kind, edge, 0.7, 1);
      for (int i = 0; i < N; i++) {
        assert_close(nax_array_f64(b)[i], 3.25, 1e-14, 0.0);
      }
      nax_array_free(b);
    }
  }
}

static void
traces_are_found_wherever_time_is(void **state)
{
  (void)state;
  nax_ctx *two = NULL;
  assert_ok(nax_ctx_create(&two));
  assert_ok(nax_ctx_set_threads(two, 2));
  nax_signal_smooth_opts o = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  o.width = 0.3;
  nax_array *a = make(ref_x, N, 37, 2, 10.0, NAX_F64), *b = NULL, *c = NULL;
  assert_ok(nax_signal_smooth(NULL, a, &o, &b));
  assert_ok(nax_signal_smooth(two, a, &o, &c));
  assert_memory_equal(nax_array_f64(b), nax_array_f64(c),
                      (size_t)nax_array_size(b) * sizeof(double));
  nax_array *one =
      smoothed(ref_x, N, 10.0, NAX_SMOOTH_GAUSSIAN, NAX_EDGE_RENORMALISE, 0.3, 0);
  for (nax_index r = 0; r < 2; r++) {
    for (nax_index t = 0; t < N; t++) {
      for (nax_index i = 0; i < 37; i++) {
        assert_close(nax_array_f64(b)[i + 37 * (t + N * r)],
                     nax_array_f64(one)[t] + (double)(i + 10 * r), 1e-12, 0.0);
      }
    }
  }
  assert_string_equal(nax_array_unit(b), "au");
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(c);
  a = make(ref_x, N, 3, 1, 10.0, NAX_F32);
  assert_ok(nax_signal_smooth(NULL, a, &o, &b));
  assert_int_equal(nax_array_dtype(b), NAX_F32);
  assert_close((double)((const float *)nax_array_data(b))[3 * 20], nax_array_f64(one)[20],
               1e-6, 0.0);
  nax_array_free(a);
  nax_array_free(b);
  nax_array_free(one);
  nax_ctx_free(two);
}

static void
check_baseline(const double *expected, int32_t kind, double sigma, double frames,
               double percentile)
{
  nax_signal_dff_opts o = NAX_SIGNAL_DFF_OPTS_INIT;
  nax_array *a = single(ref_x, N, 10.0), *f0 = NULL, *r = NULL, *d = NULL;
  o.baseline = kind;
  o.sigma_frames = sigma;
  o.window = frames / 10.0;
  o.percentile = percentile;
  o.output = NAX_DFF_BASELINE;
  assert_ok(nax_signal_dff(NULL, a, &o, &f0));
  assert_all_close(nax_array_f64(f0), expected, N, 1e-13, 0.0);
  o.output = NAX_DFF_RATIO;
  assert_ok(nax_signal_dff(NULL, a, &o, &r));
  o.output = NAX_DFF_DIFFERENCE;
  assert_ok(nax_signal_dff(NULL, a, &o, &d));
  for (int i = 0; i < N; i++) {
    assert_close(nax_array_f64(r)[i], (ref_x[i] - expected[i]) / expected[i], 1e-11,
                 1e-14);
    assert_close(nax_array_f64(d)[i], ref_x[i] - expected[i], 1e-11, 1e-12);
  }
  assert_string_equal(nax_array_unit(r), "dF/F");
  assert_string_equal(nax_array_unit(d), "au");
  nax_array_free(a);
  nax_array_free(f0);
  nax_array_free(r);
  nax_array_free(d);
}

static void
baselines_have_the_numbers_of_suite2p_and_numpy(void **state)
{
  (void)state;
  check_baseline(ref_maximin_even, NAX_BASELINE_MAXIMIN, 2.0, 12, 8.0);
  check_baseline(ref_maximin_odd, NAX_BASELINE_MAXIMIN, 2.0, 7, 8.0);
  check_baseline(ref_maximin_long, NAX_BASELINE_MAXIMIN, 10.0, 300, 8.0);
  check_baseline(ref_rolling, NAX_BASELINE_ROLLING, 2.0, 15, 8.0);
  check_baseline(ref_rolling_even, NAX_BASELINE_ROLLING, 2.0, 10, 50.0);
}

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Quantile of what is present in x[lo, hi) by sorting. */
static double
slow_quantile(const double *x, nax_index lo, nax_index hi, double q)
{
  static double y[20000];
  size_t m = 0;
  for (nax_index i = lo; i < hi; i++) {
    if (isfinite(x[i])) {
      y[m++] = x[i];
    }
  }
  if (m == 0) {
    return NAN;
  }
  qsort(y, m, sizeof *y, by_value);
  double h = q * (double)(m - 1);
  size_t k = (size_t)h;
  return k + 1 < m ? y[k] + (h - (double)k) * (y[k + 1] - y[k]) : y[m - 1];
}

static void
rolling_quantiles_agree_with_sorting_each_window(void **state)
{
  (void)state;
  uint64_t seed = 13;
  for (int round = 0; round < 60; round++) {
    nax_index n = round < 55 ? 1 + (nax_index)(nax_t_random(&seed) % 400) : 9000;
    nax_index w = 1 + (nax_index)(nax_t_random(&seed) % (uint64_t)(n + n / 2 + 1));
    w = round >= 55 ? 1 + w % 300 : w;
    double q = round % 5 == 0 ? 1.0 : round % 5 == 1 ? 0.0 : nax_t_uniform(&seed);
    double *x = calloc((size_t)n, sizeof *x), *y = calloc((size_t)n, sizeof *y);
    double *scratch = calloc((size_t)nax_i_rolling_scratch(n), sizeof *scratch);
    for (nax_index i = 0; i < n; i++) {
      double u = nax_t_uniform(&seed) - 0.5;
      x[i] = round % 3 == 0 ? floor(6.0 * u) : round % 3 == 1 ? (double)(i % 97) + u : u;
      x[i] = round % 4 == 0 && u < -0.3 ? (double)NAN : x[i];
    }
    nax_i_rolling_quantile(x, n, w, q, y, scratch);
    for (nax_index i = 0; i < n; i++) {
      nax_index lo = i - w / 2, hi = lo + w;
      double expected = slow_quantile(x, lo < 0 ? 0 : lo, hi > n ? n : hi, q);
      if (!nax_t_close(y[i], expected, 1e-14, 0.0)) {
        fail_msg("round %d n %lld w %lld q %g: y[%lld] %g, expected %g", round,
                 (long long)n, (long long)w, q, (long long)i, y[i], expected);
      }
    }
    free(x);
    free(y);
    free(scratch);
  }
}

static void
running_extrema_agree_with_looking_at_each_window(void **state)
{
  (void)state;
  uint64_t seed = 14;
  double x[50], y[50], scratch[400];
  for (int round = 0; round < 300; round++) {
    nax_index n = 1 + (nax_index)(nax_t_random(&seed) % 50);
    nax_index w = 1 + (nax_index)(nax_t_random(&seed) % (uint64_t)(2 * n));
    double sign = round & 1 ? 1.0 : -1.0;
    for (nax_index i = 0; i < n; i++) {
      double u = nax_t_uniform(&seed);
      x[i] = round % 3 == 0 && u < 0.6 ? (double)NAN : floor(20.0 * u);
    }
    nax_i_extremum_filter(x, n, w, sign, y, scratch);
    for (nax_index i = 0; i < n; i++) {
      double best = NAN;
      for (nax_index j = i - w / 2; j < i - w / 2 + w; j++) {
        double v = x[nax_i_reflect(j, n)];
        best = sign > 0.0 ? fmin(best, v) : fmax(best, v);
      }
      assert_close(y[i], best, 0.0, 0.0);
    }
  }
}

static void
a_baseline_that_is_not_positive_is_reported(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  double x[N];
  for (int i = 0; i < N; i++) {
    x[i] = ref_x[i] - 48.0;
  }
  nax_array *a = make(x, N, 3, 1, 10.0, NAX_F64), *b = NULL;
  nax_signal_dff_opts o = NAX_SIGNAL_DFF_OPTS_INIT;
  o.window = 1.0;
  o.sigma_frames = 1.0;
  assert_ok(nax_signal_dff(ctx, a, &o, &b));
  nax_array_free(b);
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  nax_warning w = nax_ctx_warning(ctx, 0);
  assert_string_equal(w.id, "signal.f0-not-positive");
  assert_int_equal(w.severity, NAX_CRITICAL);
  assert_non_null(strstr(w.text, "at neuron 0, trial 0"));
  nax_ctx_clear_warnings(ctx);
  o.floor = 0.5;
  assert_ok(nax_signal_dff(ctx, a, &o, &b));
  for (nax_index i = 0; i < nax_array_size(b); i++) {
    assert_true(isfinite(nax_array_f64(b)[i]));
  }
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "signal.f0-raised");
  nax_array_free(b);
  nax_array_free(a);
  nax_ctx_free(ctx);
}

static void
missing_samples_stay_missing_and_leave_the_baseline_alone(void **state)
{
  (void)state;
  double x[N];
  for (int i = 0; i < N; i++) {
    x[i] = i >= 20 && i < 26 ? (double)NAN : 10.0;
  }
  nax_array *a = single(x, N, 10.0), *b = NULL;
  for (int32_t kind = 1; kind <= 4; kind++) {
    nax_signal_dff_opts o = NAX_SIGNAL_DFF_OPTS_INIT;
    o.baseline = kind;
    o.window = 1.0;
    o.sigma_frames = 1.0;
    assert_ok(nax_signal_dff(NULL, a, &o, &b));
    for (int i = 0; i < N; i++) {
      assert_close(nax_array_f64(b)[i], isnan(x[i]) ? (double)NAN : 0.0, 0.0, 1e-15);
    }
    nax_array_free(b);
  }
  nax_array_free(a);
}

static void
neuropil_is_taken_away(void **state)
{
  (void)state;
  nax_array *f = make(ref_x, N, 2, 1, 10.0, NAX_F64), *b = NULL;
  nax_array *g = make(ref_x, N, 2, 1, 10.0, NAX_F32), *h = NULL;
  nax_signal_neuropil_opts o = NAX_SIGNAL_NEUROPIL_OPTS_INIT;
  o.coefficient = 0.25;
  assert_ok(nax_signal_neuropil(NULL, f, g, &o, &b));
  for (nax_index i = 0; i < 2 * N; i++) {
    assert_close(nax_array_f64(b)[i], 0.75 * nax_array_f64(f)[i], 1e-6, 0.0);
  }
  nax_array_free(b);
  h = make(ref_x, N, 3, 1, 10.0, NAX_F64);
  assert_error(nax_signal_neuropil(NULL, f, h, &o, &b), NAX_EDIM,
               "nax_signal_neuropil: axis 0 of `neuropil` must be `neuron` with 2 "
               "positions, got `neuron` with 3");
  assert_null(b);
  nax_array_free(f);
  nax_array_free(g);
  nax_array_free(h);
}

static nax_status
smooth_with_axis(nax_axis *time)
{
  nax_array *a = NULL, *b = NULL;
  const nax_axis *axes[1] = {time};
  assert_ok(nax_array_create(NULL, NAX_F64, 1, axes, "", &a));
  nax_axis_free(time);
  nax_status s = nax_signal_smooth(NULL, a, NULL, &b);
  nax_array_free(a);
  nax_array_free(b);
  return s;
}

static void
times_need_a_rate_and_a_unit(void **state)
{
  (void)state;
  nax_axis *t = NULL;
  double steady[5] = {0.0, 0.1, 0.2001, 0.2999, 0.4}, gap[5] = {0.0, 0.1, 0.2, 0.9, 1.0};
  assert_ok(nax_axis_create_coords(NULL, "time", "s", 5, steady, &t));
  assert_ok(smooth_with_axis(t));
  assert_ok(nax_axis_create_coords(NULL, "time", "s", 5, gap, &t));
  assert_error(smooth_with_axis(t), NAX_EDATA,
               "nax_signal_smooth: axis `time` is not regular: step 1 is 0.1 s, the mean "
               "is 0.25; resample first");
  assert_ok(nax_axis_create_index(NULL, "time", 5, &t));
  assert_status(smooth_with_axis(t), NAX_EINVAL);
  assert_ok(nax_axis_create_regular(NULL, "time", "furlong", 5, 0.0, 10.0, &t));
  assert_error(smooth_with_axis(t), NAX_EINVAL,
               "nax_signal_smooth: axis `time` must be in s, ms, us or min, its unit is "
               "`furlong`");
  assert_ok(nax_axis_create_regular(NULL, "time", "ms", 500, 0.0, 1.0, &t));
  assert_ok(smooth_with_axis(t));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 5, 0.0, 100.0, &t));
  assert_error(
      smooth_with_axis(t), NAX_EINVAL,
      "nax_signal_smooth: `width` is 0.1 s, must not exceed the recording, which lasts "
      "0.05 s");
  assert_ok(nax_axis_create_regular(NULL, "lag", "s", 5, 0.0, 10.0, &t));
  assert_error(smooth_with_axis(t), NAX_EDIM,
               "nax_signal_smooth: `in` has no axis called `time` (its first axis is "
               "`lag`)");
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 0, 0.0, 10.0, &t));
  assert_status(smooth_with_axis(t), NAX_EDIM);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_array *a = make(ref_x, N, 2, 1, 1.0, NAX_F64), *b = NULL;
  nax_signal_smooth_opts o = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  o.width = 20.0; /* long reach: plans too */
  NAX_T_SWEEP_ALLOC(nax_signal_smooth(NULL, a, &o, &b), b, nax_array_free(b), 100);
  NAX_T_SWEEP_ALLOC(nax_signal_dff(NULL, a, NULL, &b), b, nax_array_free(b), 100);
  NAX_T_SWEEP_ALLOC(nax_signal_neuropil(NULL, a, a, NULL, &b), b, nax_array_free(b), 100);
  nax_array_free(a);
}

static int
stop_at_once(const nax_progress *p, void *user)
{
  (void)user;
  return p->iter > 0;
}

static void
the_caller_can_stop_it(void **state)
{
  (void)state;
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_set_progress(ctx, stop_at_once, NULL, 0.0);
  nax_array *a = make(ref_x, N, 1000, 1, 10.0, NAX_F64), *b = NULL;
  assert_status(nax_signal_dff(ctx, a, NULL, &b), NAX_EINTERRUPT);
  assert_null(b);
  nax_array_free(a);
  nax_ctx_free(ctx);
}

static void
option_tables_agree_with_their_macros(void **state)
{
  (void)state;
  nax_signal_smooth_opts s0 = NAX_SIGNAL_SMOOTH_OPTS_INIT, s1;
  nax_options_default(nax_options_table("smooth"), &s1);
  assert_true(s0.width == s1.width && s0.truncate == s1.truncate && s0.kind == s1.kind &&
              s0.edge == s1.edge && s0.fill == s1.fill);
  nax_signal_dff_opts d0 = NAX_SIGNAL_DFF_OPTS_INIT, d1;
  nax_options_default(nax_options_table("dff"), &d1);
  assert_true(d0.window == d1.window && d0.sigma_frames == d1.sigma_frames &&
              d0.percentile == d1.percentile && isnan(d0.floor) && isnan(d1.floor) &&
              d0.baseline == d1.baseline && d0.output == d1.output);
  nax_signal_neuropil_opts n0 = NAX_SIGNAL_NEUROPIL_OPTS_INIT, n1;
  nax_options_default(nax_options_table("neuropil"), &n1);
  assert_true(n0.coefficient == n1.coefficient);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(smoothing_has_the_numbers_of_scipy),
      cmocka_unit_test(smoothing_agrees_with_its_definition),
      cmocka_unit_test(the_fourier_way_agrees_with_the_sum),
      cmocka_unit_test(smoothing_keeps_constants),
      cmocka_unit_test(traces_are_found_wherever_time_is),
      cmocka_unit_test(baselines_have_the_numbers_of_suite2p_and_numpy),
      cmocka_unit_test(rolling_quantiles_agree_with_sorting_each_window),
      cmocka_unit_test(running_extrema_agree_with_looking_at_each_window),
      cmocka_unit_test(a_baseline_that_is_not_positive_is_reported),
      cmocka_unit_test(missing_samples_stay_missing_and_leave_the_baseline_alone),
      cmocka_unit_test(neuropil_is_taken_away),
      cmocka_unit_test(times_need_a_rate_and_a_unit),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(the_caller_can_stop_it),
      cmocka_unit_test(option_tables_agree_with_their_macros),
  };
  return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
