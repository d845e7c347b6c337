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

/* ------------------------------------------------------------------- streamed */

/* A file with a tensor of some noise on three components. */
static nax_source *
file_with(const char *path, nax_dtype dtype, int32_t n, const nax_index *dim,
          double missing, uint64_t *seed)
{
  static const char *const name[] = {"neuron", "time", "trial", "animal"};
  nax_array *a = NULL;
  nax_source *s = NULL;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_source_opts so = NAX_SOURCE_OPTS_INIT;
  o.force = 1;
  so.axes = n == 2 ? "neuron,time" : n == 3 ? "neuron,time,trial" : NULL;
  assert_ok(nax_array_create_dims(NULL, dtype, n, name, dim, "1", &a));
  nax_index size = nax_array_size(a);
  for (nax_index i = 0; i < size; i++) {
    double v = 0.2 * nax_t_uniform(seed);
    for (int r = 1; r < 4; r++) {
      double p = 1.0;
      nax_index rest = i;
      for (int32_t k = 0; k < n; k++) {
        p *= 1.0 + sin((double)(rest % dim[k] * r) * 0.37 + k);
        rest /= dim[k];
      }
      v += p;
    }
    v = i == size / 2 && missing > 0.0 ? (double)NAN : v;
    if (dtype == NAX_F32) {
      ((float *)nax_array_data_mut(a))[i] = (float)v;
    } else {
      ((double *)nax_array_data_mut(a))[i] = v;
    }
  }
  assert_ok(nax_export_npy(NULL, a, path, &o));
  nax_array_free(a);
  assert_ok(nax_source_open(NULL, path, &so, &s));
  return s;
}

/* The number of bytes that the refusal of too few names. */
static size_t
least_memory(nax_source *s, const nax_ntf_opts *o)
{
  nax_ntf *m = NULL;
  assert_status(nax_ntf_fit_source(NULL, s, 0, 1000, NULL, o, NULL, &m), NAX_ENOMEM);
  assert_null(m);
  const char *at = strstr(nax_ctx_error(NULL), "at least ");
  assert_non_null(at);
  return (size_t)strtoull(at + 9, NULL, 10);
}

static void
streamed_fits_are_those_in_memory(void **state)
{
  (void)state;
  uint64_t seed = 31;
  static const struct {
    int32_t n;
    nax_index dim[4];
    double share; /* of memory beyond the least that will do */
    double tol;
  } of[] = {{2, {400, 1500}, 1.0, 1e-10},      {2, {400, 1500}, 1.5, 1e-6},
            {3, {30, 200, 125}, 1.0, 1e-10},   {3, {30, 200, 125}, 1.4, 1e-6},
            {3, {100, 55, 120}, 1.2, 1e-10},   {3, {30, 30, 700}, 1.0, 1e-6},
            {4, {12, 30, 20, 60}, 1.0, 1e-10}, {3, {30, 200, 125}, 1.9, 1e-6}};
  for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
    nax_dtype dtype = i % 2 ? NAX_F32 : NAX_F64;
    const char *path = nax_t_tmp("stream.npy");
    nax_source *s = file_with(path, dtype, of[i].n, of[i].dim, 0.0, &seed);
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    nax_ntf *whole = NULL, *part = NULL, *again = NULL;
    int32_t streamed = -1;
    nax_ctx *ctx;
    assert_ok(nax_ctx_create(&ctx));
    o.rank = 3;
    o.n_restarts = 3;
    o.max_iter = 6;
    assert_ok(
        nax_ntf_fit_source(ctx, s, 0, (size_t)1 << 30, NULL, &o, &streamed, &whole));
    assert_int_equal(streamed, 0);
    size_t memory = (size_t)(of[i].share * (double)least_memory(s, &o));
    assert_ok(nax_ntf_fit_source(ctx, s, 0, memory, NULL, &o, &streamed, &part));
    assert_int_equal(streamed, 1);
    close_fits(part, whole, of[i].tol);
    assert_ok(nax_ctx_set_threads(ctx, 3));
    assert_ok(nax_ntf_fit_source(ctx, s, 0, memory, NULL, &o, NULL, &again));
    same_bits(part, again);
    nax_ntf_free(whole);
    nax_ntf_free(part);
    nax_ntf_free(again);
    nax_ctx_free(ctx);
    nax_source_close(s);
    unlink(path);
  }
}

static void
what_cannot_be_streamed_is_told(void **state)
{
  (void)state;
  uint64_t seed = 32;
  const char *path = nax_t_tmp("told.npy");
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = 3;
  o.n_restarts = 2;
  o.max_iter = 5;
  nax_source *s = file_with(path, NAX_F64, 3, (nax_index[]){30, 200, 25}, 1.0, &seed);
  assert_status(nax_ntf_fit_source(NULL, s, 0, 1000000, NULL, &o, NULL, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "1 missing value"));
  assert_ok(nax_ntf_fit_source(NULL, s, 0, (size_t)1 << 30, NULL, &o, NULL, &m));
  nax_ntf_free(m);
  o.loss = NAX_NTF_KL;
  assert_ok(nax_ntf_fit_source(NULL, s, 0, (size_t)1 << 30, NULL, &o, NULL, &m));
  nax_ntf_free(m);
  assert_status(nax_ntf_fit_source(NULL, s, 0, 1000000, NULL, &o, NULL, &m), NAX_ENOTSUP);
  o.loss = NAX_NTF_FROBENIUS;
  size_t least = least_memory(s, &o);
  /* that many are enough to begin, and then the missing value is found */
  assert_status(nax_ntf_fit_source(NULL, s, 0, least, NULL, &o, NULL, &m), NAX_EDATA);
  assert_status(nax_ntf_fit_source(NULL, s, 0, least - 9, NULL, &o, NULL, &m),
                NAX_ENOMEM);
  assert_status(nax_ntf_fit_source(NULL, s, 7, least, NULL, &o, NULL, &m), NAX_EINVAL);
  o.rank = 1000;
  assert_status(nax_ntf_fit_source(NULL, s, 0, least, NULL, &o, NULL, &m), NAX_EINVAL);
  assert_null(m);
  nax_source_close(s);
  unlink(path);
}

static void
a_dead_component_of_a_sparse_tensor_starts_again(void **state)
{
  (void)state;
  nax_index index[] = {0, 1, 2, 5, 0, 1, 3, 4, 0, 1, 2, 3};
  const double value[] = {3.0, 2.0, 1.0, 9.0};
  nax_ntf_coo x = {
      .index = index, .value = value, .n = 4, .n_modes = 3, .dim = {6, 5, 4}};
  double f[3][12] = {{0.0}};
  nax_view init[3];
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  for (int k = 0; k < 3; k++) { /* component 1 is dead from the start */
    for (int i = 0; i < x.dim[k]; i++) {
      f[k][i] = 1.0;
    }
    init[k] = nax_view_f64(f[k], 2, (nax_index[]){x.dim[k], 2});
  }
  o.rank = 2;
  o.max_iter = 200;
  assert_ok(nax_ntf_fit_sparse(NULL, &x, init, &o, &m));
  assert_true(nax_ntf_weights(m)[1] > 1.0);
  /* What is left is explained by the two largest entries. */
  assert_close(nax_ntf_error(m), sqrt((4.0 + 1.0) / 95.0), 1e-3, 0.0);
  nax_ntf_free(m);
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
      cmocka_unit_test(streamed_fits_are_those_in_memory),
      cmocka_unit_test(what_cannot_be_streamed_is_told),
      cmocka_unit_test(a_dead_component_of_a_sparse_tensor_starts_again),
  };
  return cmocka_run_group_tests(tests, nax_t_tmp_setup, nax_t_tmp_teardown);
}
