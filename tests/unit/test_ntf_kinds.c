/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of tensors that a fit can work on, against the dense tensor in memory. */
#include "nax_test.h"
#include "ntf/ntf_i.h"

typedef struct coo {
  nax_ntf_coo x;
  nax_index *index;
  double *value, *dense;
  nax_index size;
} coo;

/* A low-rank tensor of which a share of the entries is kept, as a list and dense. Every
 * tenth entry is listed twice, in parts; the order is not sorted. */
static coo
planted(int32_t n_modes, const nax_index *dim, int64_t rank, double share, uint64_t *seed)
{
  coo c = {.x = {.n_modes = n_modes}, .size = 1};
  double *f[6];
  for (int32_t k = 0; k < n_modes; k++) {
    c.x.dim[k] = dim[k];
    c.size *= dim[k];
    f[k] = calloc((size_t)(dim[k] * rank), sizeof(double));
    for (nax_index i = 0; i < dim[k] * rank; i++) {
      f[k][i] = nax_t_uniform(seed) < 0.5 ? 0.0 : nax_t_uniform(seed);
    }
  }
  c.dense = calloc((size_t)c.size, sizeof(double));
  nax_index *at = calloc((size_t)c.size * 2, sizeof *at), n = 0;
  double *value = calloc((size_t)c.size * 2, sizeof *value);
  for (nax_index i = 0; i < c.size; i++) {
    nax_index rest = (i * 7919 + 13) % c.size; /* 7919 is prime */
    if (nax_t_uniform(seed) > share || c.dense[rest] != 0.0) {
      continue;
    }
    double sum = 0.01 * nax_t_uniform(seed);
    for (int64_t r = 0; r < rank; r++) {
      double v = 1.0;
      nax_index left = rest;
      for (int32_t k = 0; k < n_modes; k++) {
        v *= f[k][left % dim[k] * rank + r];
        left /= dim[k];
      }
      sum += v;
    }
    double part = n % 10 == 0 ? 0.25 * sum : 0.0;
    at[n] = rest;
    value[n++] = sum - part;
    if (part > 0.0) {
      at[n] = rest;
      value[n++] = part;
    }
    c.dense[rest] = sum - part + part;
  }
  c.index = calloc((size_t)(n * n_modes), sizeof *c.index);
  for (nax_index e = 0; e < n; e++) {
    nax_index left = at[e];
    for (int32_t k = 0; k < n_modes; k++) {
      c.index[e + k * n] = left % dim[k];
      left /= dim[k];
    }
  }
  for (int32_t k = 0; k < n_modes; k++) {
    free(f[k]);
  }
  free(at);
  c.value = value;
  c.x.index = c.index;
  c.x.value = value;
  c.x.n = n;
  return c;
}

static void
free_coo(coo *c)
{
  free(c->index);
  free(c->value);
  free(c->dense);
}

static void
close_fits(const nax_ntf *a, const nax_ntf *b, double tol)
{
  assert_close(nax_ntf_error(a), nax_ntf_error(b), 0.0, tol);
  for (int32_t k = 0; k < nax_ntf_n_modes(a); k++) {
    const double *x = nax_ntf_factor(a, k), *y = nax_ntf_factor(b, k);
    for (nax_index i = 0; i < nax_ntf_dim(a, k) * nax_ntf_rank(a); i++) {
      assert_close(x[i], y[i], 0.0, tol);
    }
  }
}

static void
same_bits(const nax_ntf *a, const nax_ntf *b)
{
  for (int32_t k = 0; k < nax_ntf_n_modes(a); k++) {
    assert_memory_equal(nax_ntf_factor(a, k), nax_ntf_factor(b, k),
                        (size_t)(nax_ntf_dim(a, k) * nax_ntf_rank(a)) * sizeof(double));
  }
  assert_int_equal(nax_ntf_n_restarts(a), nax_ntf_n_restarts(b));
  for (int64_t i = 0; i < nax_ntf_n_restarts(a); i++) {
    double e = nax_ntf_restart_error(a, i), e2 = nax_ntf_restart_error(b, i);
    assert_memory_equal(&e, &e2, sizeof e);
  }
}

/* --------------------------------------------------------------------- sparse */

static const struct {
  int32_t n;
  nax_index dim[6];
} shapes[] = {{2, {40, 33}},       {3, {30, 4, 50}},     {3, {12, 25, 19}},
              {4, {7, 12, 9, 10}}, {5, {5, 7, 4, 9, 6}}, {6, {4, 3, 5, 4, 3, 6}}};

static void
sparse_products_are_those_of_the_dense_tensor(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
    coo c = planted(shapes[i].n, shapes[i].dim, 3, 0.15, &seed);
    nax_view x = nax_view_f64(c.dense, c.x.n_modes, c.x.dim);
    nax_ntf *sparse = NULL, *dense = NULL, *again = NULL;
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    nax_ctx *ctx;
    assert_ok(nax_ctx_create(&ctx));
    o.rank = 3;
    o.n_restarts = 3;
    o.max_iter = 12; /* the same path, before rounding grows on flat ground */
    assert_ok(nax_ntf_fit(ctx, &x, NULL, &o, &dense));
    assert_ok(nax_ntf_fit_sparse(ctx, &c.x, NULL, &o, &sparse));
    close_fits(sparse, dense, 1e-10);
    assert_ok(nax_ctx_set_threads(ctx, 4));
    assert_ok(nax_ntf_fit_sparse(ctx, &c.x, NULL, &o, &again));
    same_bits(sparse, again);
    nax_ntf_free(sparse);
    nax_ntf_free(dense);
    nax_ntf_free(again);
    nax_ctx_free(ctx);
    free_coo(&c);
  }
}

static void
sparse_fits_reach_the_error_of_the_dense_ones(void **state)
{
  (void)state;
  uint64_t seed = 8;
  coo c = planted(3, (nax_index[]){50, 40, 60}, 4, 0.04, &seed);
  nax_view x = nax_view_f64(c.dense, 3, c.x.dim);
  nax_ntf *sparse = NULL, *dense = NULL;
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 4;
  o.n_restarts = 4;
  o.free_modes = "signed";
  c.x.name[1] = "signed";
  x.name[1] = "signed";
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &dense));
  assert_ok(nax_ntf_fit_sparse(NULL, &c.x, NULL, &o, &sparse));
  assert_close(nax_ntf_error(sparse), nax_ntf_error(dense), 0.0, 1e-6);
  nax_ntf_free(sparse);
  nax_ntf_free(dense);
  free_coo(&c);
}

static void
bad_entries_are_named(void **state)
{
  (void)state;
  nax_index index[] = {0, 1, 4, 0, 2, 1, 1, 0, 2};
  double value[] = {1.0, 2.0, 3.0};
  nax_ntf_coo x = {
      .index = index, .value = value, .n = 3, .dim = {4, 3, 3}, .n_modes = 3};
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = 2;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDIM);
  assert_non_null(strstr(nax_ctx_error(NULL), "entry 2 is at position 4 of mode 0"));
  index[2] = 3;
  value[1] = -2.0;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "entry 1 is -2"));
  value[1] = NAN;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "missing"));
  value[1] = INFINITY;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDATA);
  value[0] = value[1] = value[2] = 0.0;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "zero everywhere"));
  value[0] = 1.0;
  o.rank = 100;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EINVAL);
  o.rank = 2;
  o.free_modes = "5";
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EINVAL);
  o.free_modes = NULL;
  x.n_modes = 1;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDIM);
  x.n_modes = 3;
  x.dim[1] = 0;
  assert_status(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m), NAX_EDIM);
  assert_status(nax_ntf_fit_sparse(NULL, NULL, NULL, &o, &m), NAX_EINVAL);
  assert_null(m);
}

static void
every_allocation_of_a_sparse_fit_may_fail(void **state)
{
  (void)state;
  uint64_t seed = 9;
  coo c = planted(3, (nax_index[]){6, 5, 7}, 2, 0.3, &seed);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 2;
  o.n_restarts = 2;
  o.max_iter = 3;
  for (long n = 0;; n++) {
    nax_ntf *m = NULL;
    nax_i_alloc_fail_at = n;
    nax_status status = nax_ntf_fit_sparse(NULL, &c.x, NULL, &o, &m);
    int reached = nax_i_alloc_fail_at < 0;
    nax_i_alloc_fail_at = -1;
    if (status == NAX_OK) {
      nax_ntf_free(m);
      assert_false(reached);
      break;
    }
    assert_status(status, NAX_ENOMEM);
    assert_null(m);
  }
  free_coo(&c);
}

/* 100 000 entries of a tensor that would take hundreds of gigabytes when dense. */
static void
a_large_sparse_tensor_is_factorised(void **state)
{
  (void)state;
  FILE *in = fopen(nax_t_shared("data/tensors/med.tns"), "r");
  assert_non_null(in);
  enum { N = 100000 };
  nax_index *index = calloc((size_t)3 * N, sizeof *index), n = 0;
  double *value = calloc(N, sizeof *value);
  nax_ntf_coo x = {.index = index, .value = value, .n_modes = 3};
  long i, j, k;
  for (double v; n < N && fscanf(in, "%ld %ld %ld %lf", &i, &j, &k, &v) == 4; n++) {
    nax_index at[3] = {i - 1, j - 1, k - 1};
    value[n] = v;
    for (int m = 0; m < 3; m++) {
      index[n + (nax_index)m * N] = at[m];
      x.dim[m] = at[m] + 1 > x.dim[m] ? at[m] + 1 : x.dim[m];
    }
  }
  fclose(in);
  assert_int_equal(n, N);
  x.n = n;
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  size_t bytes;
  o.rank = 5;
  o.n_restarts = 2;
  o.max_iter = 20;
  assert_ok(nax_ntf_sparse_memory(NULL, &x, &o, &bytes));
  assert_true(bytes < (size_t)100 << 20);
  assert_ok(nax_ntf_fit_sparse(NULL, &x, NULL, &o, &m));
  nax_index n_iter;
  const double *trace = nax_ntf_trace(m, &n_iter);
  assert_true(trace[n_iter - 1] < trace[0]);
  assert_close(nax_ntf_error(m), trace[n_iter - 1], 0.0, 1e-9);
  nax_ntf_free(m);
  free(index);
  free(value);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sparse_products_are_those_of_the_dense_tensor),
      cmocka_unit_test(sparse_fits_reach_the_error_of_the_dense_ones),
      cmocka_unit_test(bad_entries_are_named),
      cmocka_unit_test(every_allocation_of_a_sparse_fit_may_fail),
      cmocka_unit_test(a_large_sparse_tensor_is_factorised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
