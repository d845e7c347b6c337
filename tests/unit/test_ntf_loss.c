/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses other than squares, penalties of single modes, entries missing in a regular way.
 */
#include "ntf_test.h"

/* ------------------------------------------------------------------------ losses */

static double
divergence(double x, double m, double beta)
{
  if (beta == 1.0) { /* NOLINT */
    return (x > 0.0 ? x * log(x / m) : 0.0) - x + m;
  }
  if (beta == 0.0) { /* NOLINT */
    return x / m - log(x / m) - 1.0;
  }
  return (pow(x, beta) + (beta - 1.0) * pow(m, beta) - beta * x * pow(m, beta - 1.0)) /
         (beta * (beta - 1.0));
}

static double
loss_by_definition(const tensor *t, const nax_ntf *m, double beta)
{
  double sum = 0.0;
  for (nax_index i = 0; i < t->size; i++) {
    sum += isnan(t->x[i]) ? 0.0 : divergence(t->x[i], fitted_at(t, m, i), beta);
  }
  return sum;
}

/* Counts of four planted components, and the factors behind them. */
static void
poisson_reference(tensor *t, double *truth[3])
{
  static const char *const name[4] = {"A", "B", "C", "X"};
  const char *path = nax_t_shared("ref/ntf/poisson_40x50x60_R4.npz");
  nax_source *s = NULL;
  *t = new_tensor(3, (nax_index[]){40, 50, 60});
  assert_ok(nax_source_open(NULL, path, NULL, &s));
  for (int k = 0; k < 4; k++) {
    nax_array *a = NULL;
    assert_ok(nax_source_load_array(NULL, s, nax_source_find(s, name[k]), NAX_F64, &a));
    nax_index n = nax_array_size(a);
    double *to = k < 3 ? truth[k] = calloc((size_t)n, sizeof(double)) : t->x;
    assert_non_null(to);
    assert_int_equal(n, k < 3 ? 4 * t->dim[k] : t->size);
    nax_view v = nax_array_view(a);
    assert_ok(nax_view_copy_to(NULL, &v, NAX_F64, to));
    nax_array_free(a);
  }
  nax_source_close(s);
}

static void
counts_reach_the_reference_optimum(void **state)
{
  (void)state;
  tensor t;
  double *truth[3];
  poisson_reference(&t, truth);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  nax_index n;
  double of_truth = 0.0;
  o.rank = 4;
  o.n_restarts = 2;
  o.loss = NAX_NTF_KL;
  o.tol = 1e-9;
  o.max_iter = 400;
  double total = 0.0; /* the rates behind the counts have mean 1 */
  for (nax_index i = 0; i < t.size; i++) {
    total += model_at(&t, 4, truth, i) / (double)t.size;
  }
  for (nax_index i = 0; i < t.size; i++) {
    double mean = model_at(&t, 4, truth, i) / total;
    of_truth += mean > 0.0 ? divergence(t.x[i], mean, 1.0) : 0.0;
  }
  assert_close(of_truth, 36400.2488, 1e-8, 0.0);
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  assert_close(nax_ntf_loss(m), 36223.6560, 2e-7, 0.0);
  assert_close(nax_ntf_loss(m), loss_by_definition(&t, m, 1.0), 1e-9, 0.0);
  assert_close(similarity_to(&t, m, 4, truth, 0), 0.9995774, 0.0, 1e-5);
  assert_close(similarity_to(&t, m, 4, truth, 1), 0.9987329, 0.0, 1e-5);
  const double *trace = nax_ntf_trace(m, &n);
  for (nax_index i = 1; i < n; i++) {
    assert_true(trace[i] <= trace[i - 1] * (1.0 + 1e-12));
  }
  nax_ntf_free(m);
  /* The same counts given by their places. */
  nax_ntf_coo coo = {.n_modes = 3};
  nax_index *index = calloc((size_t)(3 * t.size), sizeof *index);
  double *value = calloc((size_t)t.size, sizeof *value);
  for (nax_index i = 0; i < t.size; i++) {
    coo.n += t.x[i] > 0.0;
  }
  for (nax_index i = 0, e = 0; i < t.size; i++) {
    if (t.x[i] > 0.0) {
      index[e] = i % 40;
      index[e + coo.n] = i / 40 % 50;
      index[e + 2 * coo.n] = i / 2000;
      value[e++] = t.x[i];
    }
  }
  coo.index = index;
  coo.value = value;
  memcpy(coo.dim, t.dim, 3 * sizeof *t.dim);
  o.n_restarts = 1;
  assert_ok(nax_ntf_fit_sparse(NULL, &coo, NULL, &o, &m));
  assert_close(nax_ntf_loss(m), 36223.6560, 2e-7, 0.0);
  nax_ntf_free(m);
  o.loss = NAX_NTF_BETA;
  o.beta = 1.5;
  assert_status(nax_ntf_fit_sparse(NULL, &coo, NULL, &o, &m), NAX_ENOTSUP);
  free(index);
  free(value);
  for (int k = 0; k < 3; k++) {
    free(truth[k]);
  }
  free(t.x);
}

static void
no_exponent_lets_the_divergence_rise(void **state)
{
  (void)state;
  uint64_t seed = 91;
  static const double betas[] = {-0.7, 0.0, 0.5, 1.0, 1.4, 2.0, 2.6, 3.5};
  tensor t = planted(3, (nax_index[]){9, 8, 7}, 3, 1.0, &seed);
  for (int missing = 0; missing < 2; missing++) {
    nax_view x = view_of(&t);
    for (size_t b = 0; b < sizeof betas / sizeof betas[0]; b++) {
      nax_ntf_opts o = NAX_NTF_OPTS_INIT;
      nax_ntf *m = NULL;
      nax_index n;
      o.rank = 4;
      o.n_restarts = 1;
      o.max_iter = 60;
      o.tol = 0.0;
      o.loss = NAX_NTF_BETA;
      o.beta = betas[b];
      assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
      const double *trace = nax_ntf_trace(m, &n);
      assert_int_equal(n, 60);
      for (nax_index i = 1; i < n; i++) {
        if (!(trace[i] <= trace[i - 1] * (1.0 + 1e-12))) {
          fail_msg("beta %g rises at sweep %d", betas[b], (int)i);
        }
      }
      assert_close(nax_ntf_loss(m), loss_by_definition(&t, m, betas[b]), 1e-9, 0.0);
      assert_close(trace[n - 1], nax_ntf_loss(m), 1e-15, 0.0);
      nax_ntf_free(m);
    }
    for (int i = 0; i < 40; i++) { /* once more with holes */
      t.x[nax_t_random(&seed) % 504] = NAN;
    }
  }
  free(t.x);
}

static void
missing_counts_do_not_matter(void **state)
{
  (void)state;
  uint64_t seed = 7;
  tensor t = planted(3, (nax_index[]){14, 12, 10}, 2, 0.0, &seed);
  double *whole = calloc((size_t)t.size, sizeof *whole);
  memcpy(whole, t.x, (size_t)t.size * sizeof *whole);
  for (nax_index i = 0; i < t.size; i++) {
    t.x[i] = nax_t_uniform(&seed) < 0.3 ? (double)NAN : t.x[i];
  }
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = 2;
  o.n_restarts = 2;
  o.loss = NAX_NTF_KL;
  o.tol = 1e-12;
  o.max_iter = 3000;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  for (nax_index i = 0; i < t.size; i++) {
    assert_close(fitted_at(&t, m, i), whole[i], 0.0, 1e-2);
  }
  nax_ntf_free(m);
  free(whole);
  free(t.x);
}

static void
a_loss_says_what_it_does_not_go_with(void **state)
{
  (void)state;
  uint64_t seed = 2;
  tensor t = planted(3, (nax_index[]){5, 6, 7}, 2, 0.1, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = 2;
  o.loss = NAX_NTF_KL;
  o.algorithm = NAX_NTF_PIVOT;
  assert_status(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EINVAL);
  assert_non_null(strstr(nax_ctx_error(NULL), "multiplicative updates"));
  o.algorithm = NAX_NTF_NNLS;
  o.free_modes = "1";
  assert_status(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EINVAL);
  o.free_modes = NULL;
  o.penalty = "1:smooth=1";
  assert_status(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EINVAL);
  o.penalty = NULL;
  o.loss = NAX_NTF_BETA;
  o.beta = 0.0;
  t.x[17] = 0.0;
  assert_error(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EDATA,
               "nax_ntf_fit: `x` is 0 at mode 0 2, mode 1 3, mode 2 0, where the "
               "divergence with beta 0 is infinite, expected values above 0");
  o.n_restarts = 2;
  o.max_iter = 3;
  o.loss = NAX_NTF_KL;
  t.x[3] = NAN;
  NAX_T_SWEEP_ALLOC(nax_ntf_fit(NULL, &x, NULL, &o, &m), m, nax_ntf_free(m), 2000);
  free(t.x);
}

/* --------------------------------------------------------------------- penalties */

/* ||x - model||^2 / 2 and the penalties, of a fit whose scale the test undoes: columns of
 * mode `carrier` bear the weights. */
static double
objective(const tensor *t, const nax_ntf *m, int32_t carrier, double ridge, double l1,
          double smooth)
{
  double sum = 0.0;
  nax_index n = t->dim[carrier];
  for (nax_index i = 0; i < t->size; i++) {
    double d = t->x[i] - fitted_at(t, m, i);
    sum += 0.5 * d * d;
  }
  for (int64_t r = 0; r < nax_ntf_rank(m); r++) {
    for (nax_index i = 0; i < n; i++) {
      double a = nax_ntf_weights(m)[r] * nax_ntf_factor(m, carrier)[i + r * n];
      double before =
          i > 0 ? nax_ntf_weights(m)[r] * nax_ntf_factor(m, carrier)[i - 1 + r * n] : a;
      sum +=
          0.5 * ridge * a * a + l1 * fabs(a) + 0.5 * smooth * (a - before) * (a - before);
    }
  }
  return sum;
}

/* A smooth course over time, noisy data. */
static tensor
smooth_data(double *course, uint64_t *seed)
{
  tensor t = new_tensor(3, (nax_index[]){8, 60, 5});
  double loading[8], trial[5];
  for (int i = 0; i < 8; i++) {
    loading[i] = 0.5 + nax_t_uniform(seed);
  }
  for (int i = 0; i < 5; i++) {
    trial[i] = 0.5 + nax_t_uniform(seed);
  }
  for (nax_index i = 0; i < t.size; i++) {
    nax_index time = i / 8 % 60;
    course[time] = 1.0 + sin(0.1 * (double)time);
    t.x[i] = loading[i % 8] * course[time] * trial[i / 480] + 1.5 * nax_t_uniform(seed);
  }
  return t;
}

static void
smoothness_is_a_penalty_of_one_mode(void **state)
{
  (void)state;
  uint64_t seed = 15;
  double course[60], rough = 0.0, smooth = 0.0;
  tensor t = smooth_data(course, &seed);
  nax_view x = view_of(&t);
  x.name[1] = "time";
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *plain = NULL, *m = NULL;
  o.rank = 2;
  o.n_restarts = 2;
  o.tol = 1e-12;
  o.kkt_tol = 1e-6;
  o.max_iter = 3000;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &plain));
  o.penalty = "time:smooth=200";
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  assert_int_equal(nax_ntf_stop(m), NAX_STOP_TOL);
  for (int64_t r = 0; r < 2; r++) {
    for (int i = 1; i < 60; i++) {
      double a =
          nax_ntf_factor(plain, 1)[i + 60 * r] - nax_ntf_factor(plain, 1)[i - 1 + 60 * r];
      double b = nax_ntf_factor(m, 1)[i + 60 * r] - nax_ntf_factor(m, 1)[i - 1 + 60 * r];
      rough += a * a;
      smooth += b * b;
    }
  }
  assert_true(smooth < 0.2 * rough);
  /* Nothing is cheaper: not the plain fit, not what is next to it. */
  double best = objective(&t, m, 1, 0.0, 0.0, 200.0);
  assert_true(best < objective(&t, plain, 1, 0.0, 0.0, 200.0));
  assert_true(nax_ntf_kkt(m) < 1e-6);
  nax_ntf_free(plain);
  nax_ntf_free(m);
  free(t.x);
}

/* One component of a matrix: given the loadings u (unit norm), the course v solves
 * (1 + ridge + smooth L) v = X'u - l1 wherever it is positive. */
static void
a_penalised_course_solves_its_equations(void **state)
{
  (void)state;
  uint64_t seed = 16;
  tensor t = planted(2, (nax_index[]){7, 40}, 1, 0.6, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = 1;
  o.n_restarts = 1;
  o.tol = 1e-14;
  o.kkt_tol = 1e-9;
  o.max_iter = 5000;
  o.inner_sweeps = 1000;
  for (int free = 0; free < 2; free++) {
    o.penalty = "1:smooth=5,1:ridge=0.5,1:l1=0.25";
    o.free_modes = free ? "1" : NULL;
    assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
    const double *u = nax_ntf_factor(m, 0), *f = nax_ntf_factor(m, 1);
    double w = nax_ntf_weights(m)[0];
    for (int i = 0; i < 40; i++) {
      double left = 1.5 * w * f[i] + 0.25;
      left += i > 0 ? 5.0 * w * (f[i] - f[i - 1]) : 0.0;
      left += i < 39 ? 5.0 * w * (f[i] - f[i + 1]) : 0.0;
      for (int j = 0; j < 7; j++) {
        left -= u[j] * t.x[j + 7 * i];
      }
      assert_close(left, 0.0, 0.0, 1e-6);
      assert_true(f[i] > 0.0);
    }
    nax_ntf_free(m);
  }
  free(t.x);
}

static void
l1_of_one_mode_makes_that_mode_sparse(void **state)
{
  (void)state;
  uint64_t seed = 17;
  tensor t = planted(3, (nax_index[]){30, 20, 6}, 3, 0.8, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  int zeros[3] = {0};
  static const char *const penalty[3] = {NULL, "0:l1=3", "0:l1=3,1:ridge=1,2:ridge=1"};
  o.rank = 3;
  o.n_restarts = 1;
  o.tol = 1e-10;
  o.max_iter = 2000;
  for (int c = 0; c < 3; c++) {
    o.penalty = penalty[c];
    assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
    assert_true(nax_ntf_kkt(m) < 1e-3);
    for (int i = 0; i < 90; i++) {
      zeros[c] += nax_ntf_factor(m, 0)[i] == 0.0; /* NOLINT: exact zeros */
    }
    nax_ntf_free(m);
  }
  assert_true(zeros[1] > zeros[0] + 5 && zeros[2] > zeros[0] + 5);
  o.penalty = "0:smooth=1,1:ridge=1";
  assert_status(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EINVAL);
  assert_non_null(strstr(nax_ctx_error(NULL), "mode 0 is penalised by `smooth` alone"));
  static const char *const wrong[] = {"0:l1",    "0:l3=1", "7:l1=1",
                                      "0:l1=-1", "l1=2",   "0:=1"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    o.penalty = wrong[i];
    assert_status(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EINVAL);
    assert_non_null(strstr(nax_ctx_error(NULL), "option `penalty`"));
  }
  free(t.x);
}

/* With penalties the objective is what must not rise, and its scale is the cheapest. */
static void
penalties_settle_the_scale(void **state)
{
  (void)state;
  uint64_t seed = 18;
  tensor t = planted(3, (nax_index[]){9, 11, 7}, 2, 0.3, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL, *again = NULL;
  o.rank = 2;
  o.n_restarts = 1;
  o.tol = 1e-13;
  o.kkt_tol = 1e-8;
  o.max_iter = 3000;
  o.ridge = 2.0;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  /* sum over modes of ridge/2 c^2 with a given product w of three: 3/2 ridge w^(2/3) */
  double loss = nax_ntf_loss(m), best = loss;
  for (int r = 0; r < 2; r++) {
    best += 3.0 * pow(nax_ntf_weights(m)[r], 2.0 / 3.0);
  }
  o.algorithm = NAX_NTF_ADMM;
  o.inner_sweeps = 500;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &again));
  double other = nax_ntf_loss(again);
  for (int r = 0; r < 2; r++) {
    other += 3.0 * pow(nax_ntf_weights(again)[r], 2.0 / 3.0);
  }
  assert_close(other, best, 1e-8, 0.0);
  nax_ntf_free(m);
  nax_ntf_free(again);
  free(t.x);
}

static void
admm_reaches_what_descent_reaches(void **state)
{
  (void)state;
  uint64_t seed = 19;
  tensor t = planted(3, (nax_index[]){12, 10, 8}, 3, 0.5, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *a = NULL, *b = NULL;
  nax_index n;
  o.rank = 3;
  o.n_restarts = 1;
  o.tol = 1e-13;
  o.kkt_tol = 1e-7;
  o.max_iter = 4000;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &a));
  o.algorithm = NAX_NTF_ADMM;
  o.extrapolate = 0;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &b));
  assert_close(nax_ntf_error(b), nax_ntf_error(a), 1e-9, 0.0);
  const double *trace = nax_ntf_trace(b, &n);
  for (nax_index i = 1; i < n; i++) {
    assert_true(trace[i] <= trace[i - 1] * (1.0 + 1e-12));
  }
  nax_ntf_free(a);
  nax_ntf_free(b);
  o.max_iter = 3;
  o.penalty = "1:smooth=1";
  NAX_T_SWEEP_ALLOC(nax_ntf_fit(NULL, &x, NULL, &o, &b), b, nax_ntf_free(b), 4000);
  free(t.x);
}

/* ---------------------------------------------------------------- missing fibres */

/* Entries of whole fibres along mode `along` become NaN. */
static void
drop_fibres(tensor *t, int32_t along, double share, uint64_t *seed)
{
  nax_index stride = 1, n = t->dim[along];
  for (int32_t k = 0; k < along; k++) {
    stride *= t->dim[k];
  }
  for (nax_index i = 0; i < t->size; i++) {
    if (i / stride % n == 0 && nax_t_uniform(seed) < share) {
      for (nax_index j = 0; j < n; j++) {
        t->x[i + j * stride] = NAN;
      }
    }
  }
}

static void
missing_fibres_are_taken_exactly(void **state)
{
  (void)state;
  uint64_t seed = 21;
  static const nax_index dims[2][4] = {{13, 12, 11, 1}, {6, 7, 5, 8}};
  static const int32_t n_modes[2] = {3, 4};
  for (int c = 0; c < 2; c++) {
    for (int32_t along = 0; along < n_modes[c]; along++) {
      tensor t = planted(n_modes[c], dims[c], 2, 0.0, &seed);
      double *whole = calloc((size_t)t.size, sizeof *whole);
      memcpy(whole, t.x, (size_t)t.size * sizeof *whole);
      drop_fibres(&t, along, 0.3, &seed);
      nax_view x = view_of(&t);
      nax_ntf_opts o = NAX_NTF_OPTS_INIT;
      nax_ntf *m = NULL;
      nax_i_ntf_problem p;
      nax_index n;
      assert_ok(nax_i_ntf_problem_init(NULL, &x, &o, &p));
      assert_non_null(p.op.mask);
      assert_int_equal(p.op.mask->along, along);
      nax_i_ntf_problem_free(&p);
      o.rank = 2;
      o.n_restarts = 2;
      o.tol = 1e-12;
      o.kkt_tol = 1e-5;
      o.max_iter = 2000;
      assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
      assert_true(nax_ntf_error(m) < 1e-4);
      for (nax_index i = 0; i < t.size; i++) { /* what was missing is known again */
        assert_close(fitted_at(&t, m, i), whole[i], 0.0, 5e-3);
      }
      const double *trace = nax_ntf_trace(m, &n);
      for (nax_index i = 1; i < n; i++) {
        assert_true(trace[i] <= trace[i - 1] * (1.0 + 1e-9) + 1e-9);
      }
      nax_ntf_free(m);
      free(whole);
      free(t.x);
    }
  }
}

/* The exact updates, filling in by the model, and a tensor without the gaps agree where
 * they should. */
static void
both_ways_with_gaps_reach_the_same_optimum(void **state)
{
  (void)state;
  uint64_t seed = 22;
  tensor t = planted(3, (nax_index[]){12, 14, 9}, 2, 0.4, &seed);
  drop_fibres(&t, 1, 0.2, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m[2] = {NULL, NULL};
  nax_index sweeps[2];
  o.rank = 2;
  o.n_restarts = 1;
  o.tol = 1e-13;
  o.kkt_tol = 1e-7;
  o.max_iter = 5000;
  for (int em = 0; em < 2; em++) {
    nax_i_ntf_problem p;
    assert_ok(nax_i_ntf_problem_init(NULL, &x, &o, &p));
    if (em) {
      p.op.mask = NULL;
      p.op.type = &nax_i_ntf_dense_missing;
      p.op.columns = 0;
    }
    assert_ok(nax_i_ntf_fit_operand(NULL, &p.op, NULL, &o, &m[em]));
    (void)nax_ntf_trace(m[em], &sweeps[em]);
    nax_i_ntf_problem_free(&p);
  }
  assert_close(nax_ntf_error(m[0]), nax_ntf_error(m[1]), 1e-7, 0.0);
  assert_true(sweeps[0] < sweeps[1]);
  double held = nax_ntf_error(m[0]);
  nax_ntf_free(m[0]);
  nax_ntf_free(m[1]);
  /* A mask of nothing is no mask, and every solver takes one. */
  for (int algorithm = NAX_NTF_NNLS; algorithm <= NAX_NTF_ADMM; algorithm++) {
    o.algorithm = algorithm;
    o.kkt_tol = algorithm == NAX_NTF_MU ? 1e-3 : 1e-6;
    assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m[0]));
    assert_close(nax_ntf_error(m[0]), held, algorithm == NAX_NTF_MU ? 1e-4 : 1e-6, 0.0);
    nax_ntf_free(m[0]);
  }
  o.algorithm = NAX_NTF_NNLS;
  o.n_restarts = 2;
  o.max_iter = 2;
  NAX_T_SWEEP_ALLOC(nax_ntf_fit(NULL, &x, NULL, &o, &m[0]), m[0], nax_ntf_free(m[0]),
                    4000);
  free(t.x);
}

/* What stands in masked entries before they are marked missing is of no account. */
static void
masked_entries_have_no_say(void **state)
{
  (void)state;
  uint64_t seed = 23;
  tensor t = planted(3, (nax_index[]){12, 14, 9}, 3, 0.4, &seed), u = t;
  u.x = calloc((size_t)t.size, sizeof *u.x);
  memcpy(u.x, t.x, (size_t)t.size * sizeof *u.x);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *a = NULL, *b = NULL;
  o.rank = 3;
  o.n_restarts = 2;
  for (int whole = 0; whole < 2; whole++) {
    nax_view x = view_of(&t), y = view_of(&u);
    for (nax_index i = 0; i < t.size; i++) {
      if (whole ? i / 12 == 5 || i / 12 == 33 : nax_t_uniform(&seed) < 0.1) {
        t.x[i] = NAN;
        u.x[i] = 999.0;
      }
    }
    for (nax_index i = 0; i < t.size; i++) {
      u.x[i] = u.x[i] == 999.0 ? (double)NAN : u.x[i]; /* NOLINT */
    }
    for (int loss = NAX_NTF_FROBENIUS; loss <= NAX_NTF_KL; loss++) {
      o.loss = loss;
      assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &a));
      assert_ok(nax_ntf_fit(NULL, &y, NULL, &o, &b));
      for (int32_t k = 0; k < 3; k++) {
        assert_memory_equal(nax_ntf_factor(a, k), nax_ntf_factor(b, k),
                            (size_t)(t.dim[k] * 3) * sizeof(double));
      }
      nax_ntf_free(a);
      nax_ntf_free(b);
    }
  }
  free(t.x);
  free(u.x);
}

/* Counts, gaps by fibres, smoothness: each by one, two and four threads. */
static void
threads_do_not_change_a_bit_of_these_either(void **state)
{
  (void)state;
  uint64_t seed = 26;
  for (int c = 0; c < 3; c++) {
    tensor t = planted(3, (nax_index[]){150, 40, 12}, 3, 0.4, &seed);
    nax_view x = view_of(&t);
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    nax_ntf *first = NULL;
    if (c == 1) {
      drop_fibres(&t, 1, 0.2, &seed);
    }
    o.rank = 4;
    o.n_restarts = 3;
    o.max_iter = 15;
    o.loss = c == 0 ? NAX_NTF_KL : NAX_NTF_FROBENIUS;
    o.penalty = c == 2 ? "1:smooth=3" : NULL;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
      nax_ctx *ctx;
      nax_ntf *m = NULL;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, threads));
      assert_ok(nax_ntf_fit(ctx, &x, NULL, &o, &m));
      for (int32_t k = 0; k < 3 && first != NULL; k++) {
        assert_memory_equal(nax_ntf_factor(m, k), nax_ntf_factor(first, k),
                            (size_t)(t.dim[k] * 4) * sizeof(double));
      }
      nax_ntf_free(first);
      first = m;
      nax_ctx_free(ctx);
    }
    nax_ntf_free(first);
    free(t.x);
  }
}

/* ------------------------------------------------------------------ dead columns */

static void
a_dead_component_starts_again_where_most_is_left(void **state)
{
  (void)state;
  uint64_t seed = 24;
  tensor t = planted(3, (nax_index[]){10, 12, 8}, 2, 0.0, &seed);
  nax_view x = view_of(&t), init[3];
  double **f = random_factors(&t, 3, &seed);
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < t.dim[k]; i++) {
      f[k][i + t.dim[k]] = 0.0; /* component 1 is dead from the start */
      f[k][i + 2 * t.dim[k]] = k == 2 ? 0.0 : f[k][i + 2 * t.dim[k]];
    }
    init[k] = nax_view_f64(f[k], 2, (nax_index[]){t.dim[k], 3});
  }
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = 3;
  o.tol = 1e-10;
  o.max_iter = 3000;
  assert_ok(nax_ntf_fit(NULL, &x, init, &o, &m));
  assert_true(nax_ntf_error(m) < 1e-3);
  assert_true(nax_ntf_weights(m)[1] > 0.0);
  nax_ntf_free(m);
  /* and the profiles are those of the slice that is explained worst */
  nax_i_ntf_problem p;
  assert_ok(nax_i_ntf_problem_init(NULL, &x, &o, &p));
  int64_t ld = nax_i_ntf_ld(1);
  double *g[3], *profile[3];
  for (int k = 0; k < 3; k++) {
    g[k] = calloc((size_t)(t.dim[k] * ld), sizeof(double));
    profile[k] = calloc((size_t)t.dim[k], sizeof(double));
  }
  for (nax_index i = 0; i < 120; i++) {
    t.x[i + 120 * 6] += 100.0 * (i % 10 == 3 && i / 10 == 7);
  }
  assert_ok(p.op.type->left_over(&p.op, NULL, 1, ld, g, profile));
  for (int k = 0; k < 3; k++) {
    static const int want[3] = {3, 7, 6};
    int best = 0;
    for (int i = 0; i < t.dim[k]; i++) {
      best = profile[k][i] > profile[k][best] ? i : best;
    }
    assert_int_equal(best, want[k]);
    free(g[k]);
    free(profile[k]);
  }
  nax_i_ntf_problem_free(&p);
  free_factors(f);
  free(t.x);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_reach_the_reference_optimum),
      cmocka_unit_test(no_exponent_lets_the_divergence_rise),
      cmocka_unit_test(missing_counts_do_not_matter),
      cmocka_unit_test(a_loss_says_what_it_does_not_go_with),
      cmocka_unit_test(smoothness_is_a_penalty_of_one_mode),
      cmocka_unit_test(a_penalised_course_solves_its_equations),
      cmocka_unit_test(l1_of_one_mode_makes_that_mode_sparse),
      cmocka_unit_test(penalties_settle_the_scale),
      cmocka_unit_test(admm_reaches_what_descent_reaches),
      cmocka_unit_test(missing_fibres_are_taken_exactly),
      cmocka_unit_test(both_ways_with_gaps_reach_the_same_optimum),
      cmocka_unit_test(masked_entries_have_no_say),
      cmocka_unit_test(threads_do_not_change_a_bit_of_these_either),
      cmocka_unit_test(a_dead_component_starts_again_where_most_is_left),
  };
  return cmocka_run_group_tests_name("ntf-loss", tests, NULL, NULL);
}
