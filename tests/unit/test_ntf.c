/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntf_test.h"

/* ------------------------------------------------------------------- kernels */

/* A matrix of which rows or columns lie next to each other, or neither, in numbers of
 * `dtype`; it begins anywhere in a line of the cache and ends where its memory ends. */
typedef struct placed {
  void *memory, *x;
  nax_index rs, ks;
} placed;

static placed
place(nax_dtype dtype, int way, nax_index m, nax_index n, uint64_t *seed)
{
  size_t size = nax_dtype_size(dtype);
  nax_index gap = (nax_index)(nax_t_random(seed) % 3 * (nax_t_random(seed) % 5));
  placed p = {.rs = way == 1 ? 1 : n + gap, .ks = way == 1 ? m + gap : 1};
  if (way == 1 && nax_t_random(seed) % 2 == 0) {
    p.ks = (p.ks + 15) / 16 * 16;
  } else if (way == 2) {
    p.rs *= 2;
    p.ks = 2;
  }
  size_t before = nax_t_random(seed) % 16;
  size_t all = before + (size_t)((m - 1) * p.rs + (n - 1) * p.ks + 1);
  p.memory = calloc(all, size);
  p.x = (char *)p.memory + before * size;
  for (size_t i = 0; i < all; i++) {
    float v = (float)(nax_t_uniform(seed) - 0.5);
    if (dtype == NAX_F32) {
      ((float *)p.memory)[i] = v;
    } else {
      ((double *)p.memory)[i] = (double)v;
    }
  }
  return p;
}

static double
number(nax_dtype dtype, const void *x, nax_index i)
{
  return dtype == NAX_F32 ? (double)((const float *)x)[i] : ((const double *)x)[i];
}

static void
skinny_product_agrees_with_the_definition(void **state)
{
  (void)state;
  uint64_t seed = 5;
  for (int round = 0; round < 300; round++) {
    nax_dtype dtype = round % 2 ? NAX_F32 : NAX_F64;
    nax_index m = 1 + (nax_index)(nax_t_random(&seed) % (round % 5 ? 100 : 9));
    nax_index n = 1 + (nax_index)(nax_t_random(&seed) % (round > 290 ? 9000 : 300));
    nax_index r = 1 + (nax_index)(nax_t_random(&seed) % (round % 3 ? 8 : 70));
    int64_t ldw = nax_i_skinny_pad(dtype, r), ldy = nax_i_skinny_pad(NAX_F64, r);
    placed x = place(dtype, round / 2 % 3, m, n, &seed);
    placed w = place(dtype, 0, 1, n * ldw, &seed);
    double *y = calloc((size_t)(m * ldy), 8), *first = calloc((size_t)(m * 8), 8);
    const void *after = round % 7 ? x.x : NULL;
    double before = round % 4 ? 0.0 : 3.0;
    for (nax_index i = 0; i < m * ldy; i++) {
      y[i] = before;
    }
    if (before > 0.0) {
      nax_i_skinny(dtype, x.x, x.rs, x.ks, n, w.x, ldw, y, ldy, m, after);
    } else {
      y[0] = NAN; /* not looked at */
      nax_i_skinny_new(dtype, x.x, x.rs, x.ks, n, w.x, ldw, y, ldy, m, after);
    }
    for (nax_index i = 0; i < m; i++) {
      for (nax_index j = 0; j < r; j++) {
        double sum = before;
        for (nax_index k = 0; k < n; k++) {
          sum +=
              number(dtype, x.x, i * x.rs + k * x.ks) * number(dtype, w.x, k * ldw + j);
        }
        assert_close(y[i * ldy + j], sum, 0.0,
                     (dtype == NAX_F32 ? 1e-6 : 1e-14) * (double)n);
      }
    }
    /* the first eight columns by themselves: the same bits */
    size_t size = nax_dtype_size(dtype);
    char *w8 = calloc((size_t)(n * 8), size);
    for (nax_index k = 0; k < n; k++) {
      memcpy(w8 + (size_t)(k * 8) * size, (char *)w.x + (size_t)(k * ldw) * size,
             8 * size);
    }
    nax_i_skinny_new(dtype, x.x, x.rs, x.ks, n, w8, 8, first, 8, m, NULL);
    for (nax_index i = 0; i < m * 8 && before == 0.0; i++) {
      assert_true(first[i] == y[i / 8 * ldy + i % 8]);
    }
    free(w8);
    free(x.memory);
    free(w.memory);
    free(y);
    free(first);
  }
}

static void
mttkrp_agrees_with_the_definition_in_any_order(void **state)
{
  (void)state;
  uint64_t seed = 17;
  for (int round = 0; round < 30; round++) {
    int32_t n = 2 + round % 5;
    nax_index dim[6];
    for (int32_t k = 0; k < n; k++) {
      dim[k] = 1 + (nax_index)(nax_t_random(&seed) % (n > 4 ? 5 : 12));
    }
    int64_t rank = 1 + (int64_t)(nax_t_random(&seed) % 11);
    tensor t = planted(n, dim, 2, 0.5, &seed);
    double **f = random_factors(&t, rank, &seed);
    nax_i_tensor x = {.x = t.x, .dtype = NAX_F64, .n_modes = n, .size = t.size};
    memcpy(x.dim, t.dim, sizeof x.dim);
    nax_i_tree tree;
    assert_ok(nax_i_tree_init(&tree, NULL, &x, 1, rank));
    double *rows[6] = {NULL}, *m = calloc((size_t)(12 * tree.ld), 8);
    for (int32_t k = 0; k < n; k++) {
      rows[k] = calloc((size_t)(dim[k] * tree.ld), 8);
      for (nax_index i = 0; i < dim[k] * rank; i++) {
        rows[k][i % dim[k] * tree.ld + i / dim[k]] = f[k][i];
      }
    }
    for (int step = 0; step < 12; step++) {
      int32_t mode = step < 8 ? step % n : (int32_t)(nax_t_random(&seed) % (uint64_t)n);
      assert_ok(nax_i_tree_mttkrp(&tree, rows, mode, m));
      for (nax_index i = 0; i < dim[mode]; i++) {
        for (int64_t r = 0; r < rank; r++) {
          double sum = 0.0;
          for (nax_index at = 0; at < t.size; at++) {
            nax_index rest = at;
            double v = t.x[at];
            int mine = 1;
            for (int32_t k = 0; k < n; k++) {
              nax_index j = rest % dim[k];
              rest /= dim[k];
              if (k == mode) {
                mine = j == i;
              } else {
                v *= rows[k][j * tree.ld + r];
              }
            }
            sum += mine ? v : 0.0;
          }
          assert_close(m[i * tree.ld + r], sum, 1e-11, 1e-12);
        }
      }
      for (nax_index i = 0; i < dim[mode] * tree.ld; i++) {
        rows[mode][i] *= 1.0 + 0.1 * nax_t_uniform(&seed);
      }
      nax_i_tree_changed(&tree, mode);
    }
    nax_i_tree_free(&tree);
    for (int32_t k = 0; k < n; k++) {
      free(rows[k]);
    }
    free(m);
    free_factors(f);
    free(t.x);
  }
}

static void
row_solvers_reach_the_same_optimum(void **state)
{
  (void)state;
  uint64_t seed = 23;
  for (int round = 0; round < 20; round++) {
    int64_t rank = 1 + (int64_t)(nax_t_random(&seed) % 12),
            ld = nax_i_skinny_pad(NAX_F64, rank);
    nax_index n = 1 + (nax_index)(nax_t_random(&seed) % 300), tall = 30;
    double *b = calloc((size_t)(tall * ld), 8), *g = calloc((size_t)(ld * ld), 8);
    double *m = calloc((size_t)(n * ld), 8), *a = calloc((size_t)(n * ld), 8);
    double *c = calloc((size_t)(n * ld), 8);
    for (nax_index i = 0; i < tall; i++) {
      for (int64_t r = 0; r < rank; r++) {
        b[i * ld + r] = nax_t_uniform(&seed);
      }
    }
    nax_i_gram(b, tall, ld, g);
    for (nax_index i = 0; i < n; i++) {
      for (int64_t r = 0; r < rank; r++) {
        m[i * ld + r] = 20.0 * nax_t_uniform(&seed) - 5.0;
        a[i * ld + r] = c[i * ld + r] = nax_t_uniform(&seed);
      }
    }
    nax_i_rows rows = {.g = g,
                       .m = m,
                       .a = a,
                       .n = n,
                       .rank = rank,
                       .ld = ld,
                       .max_sweeps = 20000,
                       .ridge = 0.1 * (round % 2),
                       .l1 = round % 3};
    assert_ok(nax_i_rows_descend(NULL, &rows));
    rows.a = c;
    assert_ok(nax_i_rows_pivot(NULL, &rows));
    assert_all_close(a, c, n * ld, 1e-6, 1e-7);
    for (nax_index i = 0; i < n; i++) { /* and it is the optimum */
      for (int64_t r = 0; r < rank; r++) {
        double grad = rows.l1 - m[i * ld + r] + rows.ridge * c[i * ld + r];
        for (int64_t k = 0; k < rank; k++) {
          grad += g[r * ld + k] * c[i * ld + k];
        }
        assert_true(c[i * ld + r] >= 0.0);
        assert_true(grad > -1e-7 && (c[i * ld + r] < 1e-9 || fabs(grad) < 1e-7));
      }
    }
    free(b);
    free(g);
    free(m);
    free(a);
    free(c);
  }
}

static void
assignment_is_the_best_of_all(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (int round = 0; round < 50; round++) {
    enum { N = 5 };
    double gain[N * N];
    int64_t match[N];
    for (int i = 0; i < N * N; i++) {
      gain[i] = nax_t_uniform(&seed);
    }
    assert_ok(nax_i_assign(NULL, N, gain, match));
    double found = 0.0, best = -1.0;
    int used = 0;
    for (int i = 0; i < N; i++) {
      found += gain[i * N + match[i]];
      used |= 1 << match[i];
    }
    assert_int_equal(used, (1 << N) - 1);
    for (int code = 0; code < 3125; code++) { /* all maps, permutations among them */
      int c = code, seen = 0;
      double sum = 0.0;
      for (int i = 0; i < N; i++, c /= N) {
        seen |= 1 << c % N;
        sum += gain[i * N + c % N];
      }
      best = seen == (1 << N) - 1 && sum > best ? sum : best;
    }
    assert_close(found, best, 1e-14, 0.0);
  }
}

/* ----------------------------------------------------------------- reference */

static nax_ntf *
fit_reference(const char *set, const tensor *t, int64_t rank, nax_ntf_opts o)
{
  static const char mode[3] = {'A', 'B', 'C'};
  nax_view x = view_of(t), init[3];
  double *start[3];
  nax_ntf *m = NULL;
  for (int k = 0; k < 3; k++) {
    char name[64];
    snprintf(name, sizeof name, "%s_R%d_init_%c_f64.bin", set, (int)rank, mode[k]);
    start[k] = reference(name, t->dim[k] * rank);
    init[k] = nax_view_f64(start[k], 2, (nax_index[]){t->dim[k], rank});
    init[k].stride[0] = rank; /* row-major file */
    init[k].stride[1] = 1;
  }
  o.rank = rank;
  assert_ok(nax_ntf_fit(NULL, &x, init, &o, &m));
  for (int k = 0; k < 3; k++) {
    free(start[k]);
  }
  return m;
}

/* Similarity to what was planted: cosines averaged over modes and, in `product`,
 * multiplied.
 */
static double
score(const char *set, const tensor *t, const nax_ntf *m, double *product)
{
  static const char mode[3] = {'A', 'B', 'C'};
  enum { R = 4 };
  double *truth[3], mean;
  for (int k = 0; k < 3; k++) {
    char name[64];
    nax_index n = t->dim[k];
    snprintf(name, sizeof name, "%s_true_%c_%dx%d_f64.bin", set, mode[k], (int)n, R);
    double *rows = reference(name, n * R);
    truth[k] = calloc((size_t)(n * R), sizeof(double));
    for (nax_index i = 0; i < n * R; i++) {
      truth[k][i / R + n * (i % R)] = rows[i];
    }
    free(rows);
  }
  mean = similarity_to(t, m, R, truth, 0);
  *product = similarity_to(t, m, R, truth, 1);
  for (int k = 0; k < 3; k++) {
    free(truth[k]);
  }
  return mean;
}

static void
published_start_gives_the_reference_errors(void **state)
{
  (void)state;
  double *raw = reference("S1_40x50x60_f64.bin", 120000);
  tensor t = column_major(raw, 40, 50, 60);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.algorithm = NAX_NTF_HALS;
  o.inner_sweeps = 3;
  o.extrapolate = 0;
  o.max_iter = 20;
  o.tol = 0.0;
  nax_ntf *m = fit_reference("S1", &t, 4, o);
  static const int at[5] = {1, 2, 5, 10, 20};
  static const double want[5] = {0.4181775824, 0.2785304767, 0.0893750626, 0.0446247968,
                                 0.0444049458};
  nax_index n;
  const double *trace = nax_ntf_trace(m, &n);
  assert_int_equal(n, 20);
  for (int i = 0; i < 5; i++) {
    assert_close(trace[at[i] - 1], want[i], 0.0, 2e-10);
  }
  nax_ntf_free(m);
  free(raw);
  free(t.x);
}

static void
every_algorithm_reaches_the_reference_optimum(void **state)
{
  (void)state;
  double *raw = reference("S1_40x50x60_f64.bin", 120000);
  tensor t = column_major(raw, 40, 50, 60);
  static const double lambda[4] = {2988.437855, 2715.696990, 2621.510327, 1928.748268};
  double norm2 = 0.0, product;
  for (nax_index i = 0; i < t.size; i++) {
    norm2 += t.x[i] * t.x[i];
  }
  assert_close(sqrt(norm2), 5993.6317769268, 0.0, 1e-9);
  for (int algorithm = NAX_NTF_NNLS; algorithm <= NAX_NTF_PIVOT; algorithm++) {
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    o.algorithm = algorithm;
    o.tol = 1e-14;
    o.kkt_tol = 1e-9;
    nax_ntf *m = fit_reference("S1", &t, 4, o);
    assert_close(nax_ntf_error(m), 0.044404937282, 0.0, 1e-11);
    assert_true(nax_ntf_kkt(m) < 1e-8);
    for (int r = 0; r < 4; r++) {
      assert_close(nax_ntf_weights(m)[r], lambda[r], 1e-6, 0.0);
    }
    assert_close(score("S1", &t, m, &product), 0.9999871, 0.0, 1e-7);
    assert_close(product, 0.9999614, 0.0, 1e-7);
    nax_ntf_free(m);
  }
  free(raw);
  raw = reference("S2_40x50x60_f64.bin", 120000);
  tensor u = column_major(raw, 40, 50, 60);
  static const double best[2] = {0.360952261055, 0.351761942543};
  for (int64_t rank = 4; rank <= 5; rank++) {
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    o.tol = 1e-13;
    o.kkt_tol = 1e-9;
    nax_ntf *m = fit_reference("S2", &u, rank, o);
    assert_close(nax_ntf_error(m), best[rank - 4], 0.0, 1e-10);
    assert_true(nax_ntf_kkt(m) < 1e-8);
    if (rank == 4) {
      assert_close(score("S2", &u, m, &product), 0.9980533, 0.0, 1e-7);
      assert_close(product, 0.9941708, 0.0, 1e-7);
    }
    nax_ntf_free(m);
  }
  free(raw);
  free(t.x);
  free(u.x);
}

/* Rectified noise has a positive mean: the fifth component of these data is real. */
static void
select_background(int64_t n_folds)
{
  double *raw = reference("S2_40x50x60_f64.bin", 120000);
  tensor t = column_major(raw, 40, 50, 60);
  nax_view x = view_of(&t);
  nax_ntf_opts fit = NAX_NTF_OPTS_INIT;
  nax_ntf_select_opts o = NAX_NTF_SELECT_OPTS_INIT;
  nax_table *table = NULL;
  nax_ntf_selection found;
  fit.n_restarts = 5;
  o.rank_max = 7;
  o.n_folds = n_folds;
  assert_ok(nax_ntf_select(NULL, &x, &fit, &o, &table, &found));
  assert_int_equal(found.rank_cv, 5);
  assert_int_equal(found.rank_stable, 5);
  assert_int_equal(found.rank, 5);
  static const double want[7] = {0.59618, 0.52307, 0.43635, 0.37306,
                                 0.36415, 0.36421, 0.36487};
  const double *test = nax_table_numbers(table, nax_table_find(table, "held_out_error"));
  assert_all_close(test, want, 7, 0.05,
                   0.0);        /* one fold there, and folds differ by 2 % */
  for (int i = 3; i < 6; i++) { /* ranks differ by less, and alike in each */
    assert_close(test[i + 1] - test[i], want[i + 1] - want[i], 0.0, 1e-3);
  }
  nax_table_free(table);
  free(raw);
  free(t.x);
}

static void
rank_selection_finds_the_background_component_too(void **state)
{
  (void)state;
  select_background(3);
}

static void
ten_folds_agree(void **state)
{
  (void)state;
  nax_t_long();
  select_background(10);
}

/* ---------------------------------------------------------------- properties */

static void
planted_components_come_back(void **state)
{
  (void)state;
  uint64_t seed = 41;
  static const nax_index dims[4][4] = {
      {20, 25, 1, 1}, {12, 15, 18, 1}, {30, 4, 20, 1}, {6, 7, 8, 9}};
  static const int32_t n[4] = {2, 3, 3, 4};
  for (int c = 0; c < 4; c++) {
    tensor t = planted(n[c], dims[c], 3, 0.0, &seed);
    nax_view x = view_of(&t);
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    o.rank = 3;
    o.n_restarts = 3;
    o.max_iter = 3000;
    o.tol = 1e-13;
    o.kkt_tol = 1e-6;
    nax_ntf *m = NULL;
    assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
    if (!(nax_ntf_error(m) < 1e-4)) {
      fail_msg("case %d: relative error %g", c, nax_ntf_error(m));
    }
    /* The error is what the factors say it is. */
    double **f = calloc(6, sizeof *f), sum = 0.0, all = 0.0;
    for (int32_t k = 0; k < t.n; k++) {
      f[k] = calloc((size_t)(t.dim[k] * 3), 8);
      for (nax_index i = 0; i < t.dim[k] * 3; i++) {
        f[k][i] =
            nax_ntf_factor(m, k)[i] * (k == 0 ? nax_ntf_weights(m)[i / t.dim[k]] : 1.0);
      }
    }
    for (nax_index i = 0; i < t.size; i++) {
      double d = t.x[i] - model_at(&t, 3, f, i);
      sum += d * d;
      all += t.x[i] * t.x[i];
    }
    assert_close(nax_ntf_error(m), sqrt(sum / all), 1e-6, 1e-12);
    free_factors(f);
    nax_ntf_free(m);
    free(t.x);
  }
}

static void
error_never_rises_without_extrapolation(void **state)
{
  (void)state;
  uint64_t seed = 77;
  tensor t = planted(3, (nax_index[]){15, 16, 17}, 4, 1.0, &seed);
  nax_view x = view_of(&t);
  for (int algorithm = NAX_NTF_NNLS; algorithm <= NAX_NTF_MU; algorithm++) {
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    o.rank = 6;
    o.n_restarts = 1;
    o.extrapolate = 0;
    o.max_iter = 100;
    o.tol = 0.0;
    o.algorithm = algorithm;
    nax_ntf *m = NULL;
    nax_index n;
    assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
    const double *trace = nax_ntf_trace(m, &n);
    for (nax_index i = 1; i < n; i++) {
      assert_true(trace[i] <= trace[i - 1] * (1.0 + 1e-12));
    }
    nax_ntf_free(m);
  }
  free(t.x);
}

static void
missing_entries_do_not_matter(void **state)
{
  (void)state;
  uint64_t seed = 99;
  tensor t = planted(3, (nax_index[]){14, 15, 16}, 3, 0.0, &seed), u = t;
  u.x = calloc((size_t)t.size, 8);
  for (nax_index i = 0; i < t.size; i++) {
    u.x[i] = nax_t_uniform(&seed) < 0.1 ? (double)NAN : t.x[i];
  }
  nax_view x = view_of(&u);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 3;
  o.n_restarts = 2;
  o.max_iter = 2000;
  o.tol = 1e-12;
  o.kkt_tol = 1e-6;
  nax_ntf *m = NULL;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  assert_true(nax_ntf_error(m) < 1e-4);
  double worst = 0.0; /* and the model fills them */
  for (nax_index i = 0; i < t.size; i++) {
    double v = 0.0;
    for (int64_t r = 0; r < 3; r++) {
      v += nax_ntf_weights(m)[r] * nax_ntf_factor(m, 0)[i % 14 + 14 * r] *
           nax_ntf_factor(m, 1)[i / 14 % 15 + 15 * r] *
           nax_ntf_factor(m, 2)[i / 210 + 16 * r];
    }
    worst = fmax(worst, isnan(u.x[i]) ? fabs(v - t.x[i]) : 0.0);
  }
  assert_true(worst < 1e-2);
  nax_ntf_free(m);
  for (nax_index i = 0; i < 15 * 16; i++) {
    u.x[3 + 14 * i] = NAN;
  }
  assert_error(
      nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EDATA,
      "nax_ntf_fit: every entry of axis 0, slice 3 is missing: leave that slice out");
  assert_null(m);
  free(t.x);
  free(u.x);
}

/* Where stretches are missing some directions are free; momentum along them once carried
 * the factors to infinity. */
static void
missing_stretches_do_not_let_factors_run_away(void **state)
{
  (void)state;
  uint64_t seed = 31;
  tensor t = planted(2, (nax_index[]){12, 300}, 2, 2.0, &seed);
  for (int b = 0; b < 14; b++) {
    nax_index unit = (nax_index)(nax_t_random(&seed) % 12);
    nax_index from = (nax_index)(nax_t_random(&seed) % 270);
    for (nax_index i = from; i < from + 30; i++) {
      t.x[unit + 12 * i] = NAN;
    }
  }
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 7;
  o.n_restarts = 4;
  o.tol = 0.0;
  nax_ntf *m = NULL;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  for (int64_t r = 0; r < 7; r++) {
    assert_true(isfinite(nax_ntf_weights(m)[r]) && nax_ntf_weights(m)[r] < 1e4);
  }
  for (int64_t i = 0; i < 4; i++) { /* each start sees the same data */
    assert_close(nax_ntf_restart_error(m, i), nax_ntf_error(m), 0.02, 0.0);
  }
  nax_ntf_free(m);
  free(t.x);
}

static void
threads_and_strides_do_not_change_a_bit(void **state)
{
  (void)state;
  uint64_t seed = 7;
  tensor t = planted(3, (nax_index[]){33, 70, 41}, 4, 0.3, &seed);
  nax_view x = view_of(&t), y;
  assert_ok(nax_view_permute(NULL, &x, (int32_t[]){2, 0, 1}, &y));
  double *packed = calloc((size_t)t.size, 8);
  assert_ok(nax_view_copy_to(NULL, &y, NAX_F64, packed));
  nax_view z = nax_view_f64(packed, 3, y.dim);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 5;
  o.n_restarts = 2;
  o.max_iter = 40;
  nax_ntf *first = NULL;
  for (int32_t threads = 1; threads <= 4; threads++) {
    nax_ctx *ctx;
    nax_ntf *m = NULL;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_ntf_fit(ctx, threads == 2 ? &z : &y, NULL, &o, &m));
    if (first == NULL) {
      first = m;
    } else {
      for (int32_t k = 0; k < 3; k++) {
        assert_memory_equal(nax_ntf_factor(m, k), nax_ntf_factor(first, k),
                            (size_t)(nax_ntf_dim(m, k) * 5) * sizeof(double));
      }
      nax_ntf_free(m);
    }
    nax_ctx_free(ctx);
  }
  nax_ntf_free(first);
  free(packed);
  free(t.x);
}

static void
float32_data_give_nearly_the_same(void **state)
{
  (void)state;
  uint64_t seed = 8;
  tensor t = planted(3, (nax_index[]){20, 30, 25}, 3, 0.5, &seed);
  float *x32 = calloc((size_t)t.size, sizeof *x32);
  for (nax_index i = 0; i < t.size; i++) {
    x32[i] = (float)t.x[i];
  }
  nax_view x = view_of(&t), y = nax_view_f32(x32, 3, t.dim);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 3;
  o.n_restarts = 2;
  nax_ntf *a = NULL, *b = NULL;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &a));
  assert_ok(nax_ntf_fit(NULL, &y, NULL, &o, &b));
  assert_close(nax_ntf_error(b), nax_ntf_error(a), 1e-5, 0.0);
  nax_ntf_free(a);
  nax_ntf_free(b);
  free(x32);
  free(t.x);
}

static void
free_and_fixed_modes_are_kept(void **state)
{
  (void)state;
  uint64_t seed = 12;
  tensor t = new_tensor(3, (nax_index[]){10, 12, 9});
  double **f = random_factors(&t, 3, &seed);
  for (nax_index i = 0; i < 12 * 3; i++) {
    f[1][i] -= 0.5;
  }
  for (nax_index i = 0; i < t.size; i++) {
    t.x[i] = model_at(&t, 3, f, i);
  }
  nax_view x = view_of(&t), init[3];
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 3;
  o.max_iter = 5000;
  o.tol = 1e-14;
  nax_ntf *m = NULL;
  assert_status(nax_ntf_fit(NULL, &x, NULL, &o, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "declare a mode free"));
  o.free_modes = "1";
  o.kkt_tol = 1e-7;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  assert_true(nax_ntf_error(m) < 1e-3);
  double least = 0.0;
  for (nax_index i = 0; i < 36; i++) {
    least = fmin(least, nax_ntf_factor(m, 1)[i]);
    assert_true(i >= 30 || nax_ntf_factor(m, 0)[i] >= 0.0);
  }
  assert_true(least < 0.0);
  nax_ntf_free(m);
  for (int k = 0; k < 3; k++) {
    init[k] = nax_view_f64(f[k], 2, (nax_index[]){t.dim[k], 3});
  }
  for (nax_index i = 0; i < 27; i++) {
    f[2][i] = 0.5; /* to be found again from the other two */
  }
  o.fixed_modes = "0,1";
  o.l1 = 0.0;
  assert_ok(nax_ntf_fit(NULL, &x, init, &o, &m));
  assert_true(nax_ntf_error(m) < 1e-6);
  assert_memory_equal(nax_ntf_factor(m, 0), f[0], 30 * sizeof(double));
  assert_memory_equal(nax_ntf_factor(m, 1), f[1], 36 * sizeof(double));
  for (nax_index i = 0; i < t.size; i++) { /* weights go with them */
    assert_close(fitted_at(&t, m, i), t.x[i], 0.0, 1e-5);
  }
  nax_ntf_free(m);
  free_factors(f);
  free(t.x);
}

static void
bad_input_is_named(void **state)
{
  (void)state;
  double x[24];
  nax_ntf *m = NULL;
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  for (int i = 0; i < 24; i++) {
    x[i] = 1.0 + i;
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){2, 3, 4});
  v.name[0] = "neuron";
  v.name[1] = "time";
  v.name[2] = "trial";
  o.rank = 7;
  assert_error(
      nax_ntf_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL,
      "nax_ntf_fit: rank is 7, the axes other than 2 allow at most 6 components");
  o.rank = 2;
  o.free_modes = "neurons";
  assert_error(nax_ntf_fit(NULL, &v, NULL, &o, &m), NAX_EINVAL,
               "nax_ntf_fit: option `free` names `neurons`, which is not an axis of `x`");
  o.free_modes = NULL;
  x[7] = -2.0;
  assert_status(nax_ntf_fit(NULL, &v, NULL, &o, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "`x` is -2 at neuron 1, time 0, trial 1"));
  x[7] = INFINITY;
  assert_status(nax_ntf_fit(NULL, &v, NULL, &o, &m), NAX_EDATA);
  assert_non_null(strstr(nax_ctx_error(NULL), "infinite at neuron 1, time 0, trial 1"));
  memset(x, 0, sizeof x);
  assert_error(nax_ntf_fit(NULL, &v, NULL, &o, &m), NAX_EDATA,
               "nax_ntf_fit: `x` is zero everywhere");
  v.dim[1] = 0;
  assert_error(nax_ntf_fit(NULL, &v, NULL, &o, &m), NAX_EDIM,
               "nax_ntf_fit: axis 1 of `x` is empty");
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  uint64_t seed = 4;
  tensor t = planted(4, (nax_index[]){4, 5, 3, 2}, 2, 0.1, &seed);
  t.x[7] = NAN;
  nax_view x = view_of(&t);
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 2;
  o.n_restarts = 2;
  o.max_iter = 3;
  nax_ntf *m = NULL;
  NAX_T_SWEEP_ALLOC(nax_ntf_fit(NULL, &x, NULL, &o, &m), m, (void)0, 2000);
  nax_dataset *d = NULL;
  NAX_T_SWEEP_ALLOC(nax_ntf_dataset(NULL, m, NULL, &d), d, (void)0, 2000);
  assert_non_null(nax_dataset_array(d, "factor_mode3"));
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "restarts")), 2);
  nax_dataset_free(d);
  nax_ntf_free(m);
  free(t.x);
}

/* The same starts in packs of `columns` / rank. */
static nax_ntf *
fit_in_packs(const nax_view *x, const nax_ntf_opts *o, int64_t columns)
{
  nax_i_ntf_problem p;
  nax_ntf *m = NULL;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, columns > 0 ? 2 : 1));
  assert_ok(nax_i_ntf_problem_init(ctx, x, o, &p));
  p.op.columns = columns;
  assert_ok(nax_i_ntf_fit_operand(ctx, &p.op, NULL, o, &m));
  nax_i_ntf_problem_free(&p);
  nax_ctx_free(ctx);
  return m;
}

static void
same_bits(const nax_ntf *a, const nax_ntf *b)
{
  nax_index n, n2;
  const double *trace = nax_ntf_trace(a, &n), *trace2 = nax_ntf_trace(b, &n2);
  assert_int_equal(n, n2);
  assert_memory_equal(trace, trace2, (size_t)n * sizeof *trace);
  assert_int_equal(nax_ntf_n_restarts(a), nax_ntf_n_restarts(b));
  for (int64_t i = 0; i < nax_ntf_n_restarts(a); i++) {
    double e = nax_ntf_restart_error(a, i), e2 = nax_ntf_restart_error(b, i);
    assert_memory_equal(&e, &e2, sizeof e);
    e = nax_ntf_restart_similarity(a, i, 1);
    e2 = nax_ntf_restart_similarity(b, i, 1);
    assert_memory_equal(&e, &e2, sizeof e);
  }
  for (int32_t k = 0; k < nax_ntf_n_modes(a); k++) {
    assert_memory_equal(nax_ntf_factor(a, k), nax_ntf_factor(b, k),
                        (size_t)(nax_ntf_dim(a, k) * nax_ntf_rank(a)) * sizeof(double));
  }
}

static void
starts_side_by_side_give_the_bits_of_each_alone(void **state)
{
  (void)state;
  uint64_t seed = 23;
  const struct {
    int32_t n;
    nax_index dim[5];
    int64_t rank;
    int free;
  } shape[] = {{2, {30, 741}, 3, 0},
               {3, {9, 60, 21}, 4, 0},
               {3, {40, 3, 50}, 6, 1},
               {4, {6, 11, 5, 9}, 5, 0},
               {5, {4, 5, 6, 3, 4}, 3, 1}};
  for (size_t i = 0; i < 2 * sizeof shape / sizeof shape[0]; i++) {
    int32_t n = shape[i / 2].n;
    tensor t = planted(n, shape[i / 2].dim, shape[i / 2].rank - 1, 0.4, &seed);
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    float *x32 = calloc((size_t)t.size, sizeof *x32);
    for (nax_index j = 0; j < t.size; j++) {
      x32[j] = (float)t.x[j];
    }
    nax_view x = i % 2 ? nax_view_f32(x32, n, t.dim) : view_of(&t);
    o.rank = shape[i / 2].rank;
    o.n_restarts = 7;
    o.max_iter = 60;
    o.free_modes = shape[i / 2].free ? "1" : NULL;
    nax_ntf *alone = fit_in_packs(&x, &o, 0);
    for (int64_t columns = 2 * o.rank; columns < 9 * o.rank; columns += 3 * o.rank) {
      nax_ntf *together = fit_in_packs(&x, &o, columns);
      same_bits(alone, together);
      nax_ntf_free(together);
    }
    nax_ntf_free(alone);
    free(x32);
    free(t.x);
  }
}

static int
stop_after_five(const nax_progress *p, void *user)
{
  (void)user;
  return strcmp(p->stage, "ntf/sweep") == 0 && p->iter >= 5;
}

static void
interrupt_stops_or_keeps_what_there_is(void **state)
{
  (void)state;
  uint64_t seed = 6;
  tensor t = planted(3, (nax_index[]){10, 11, 12}, 3, 0.5, &seed);
  nax_view x = view_of(&t);
  nax_ctx *ctx;
  nax_ntf *m = NULL;
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_set_progress(ctx, stop_after_five, NULL, 0.0);
  assert_status(nax_ntf_fit(ctx, &x, NULL, &o, &m), NAX_EINTERRUPT);
  assert_null(m);
  o.keep_partial = 1;
  assert_int_equal(nax_ntf_fit(ctx, &x, NULL, &o, &m), NAX_OK);
  assert_int_equal(nax_ntf_stop(m), NAX_STOP_USER);
  assert_int_equal(nax_ntf_n_restarts(m), 4); /* side by side */
  nax_ntf_free(m);
  nax_ctx_free(ctx);
  free(t.x);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(skinny_product_agrees_with_the_definition),
      cmocka_unit_test(mttkrp_agrees_with_the_definition_in_any_order),
      cmocka_unit_test(row_solvers_reach_the_same_optimum),
      cmocka_unit_test(assignment_is_the_best_of_all),
      cmocka_unit_test(published_start_gives_the_reference_errors),
      cmocka_unit_test(every_algorithm_reaches_the_reference_optimum),
      cmocka_unit_test(rank_selection_finds_the_background_component_too),
      cmocka_unit_test(ten_folds_agree),
      cmocka_unit_test(planted_components_come_back),
      cmocka_unit_test(error_never_rises_without_extrapolation),
      cmocka_unit_test(missing_entries_do_not_matter),
      cmocka_unit_test(missing_stretches_do_not_let_factors_run_away),
      cmocka_unit_test(threads_and_strides_do_not_change_a_bit),
      cmocka_unit_test(float32_data_give_nearly_the_same),
      cmocka_unit_test(free_and_fixed_modes_are_kept),
      cmocka_unit_test(bad_input_is_named),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(starts_side_by_side_give_the_bits_of_each_alone),
      cmocka_unit_test(interrupt_stops_or_keeps_what_there_is),
  };
  return cmocka_run_group_tests_name("ntf", tests, NULL, NULL);
}
