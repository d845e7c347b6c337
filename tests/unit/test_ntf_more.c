/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of a fit: new slices, whether components stay when data are left out,
 * whether they are more than chance. */
#include "ntf_test.h"

static nax_ntf *
fitted(const nax_view *x, int64_t rank, const char *free_modes, int32_t loss)
{
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  o.rank = rank;
  o.n_restarts = 2;
  o.tol = 1e-13;
  o.kkt_tol = 1e-8;
  o.max_iter = 3000;
  o.free_modes = free_modes;
  o.loss = loss;
  assert_ok(nax_ntf_fit(NULL, x, NULL, &o, &m));
  return m;
}

static void
slices_of_the_fit_are_projected_onto_themselves(void **state)
{
  (void)state;
  uint64_t seed = 31;
  tensor t = planted(3, (nax_index[]){9, 11, 8}, 3, 0.4, &seed);
  nax_view x = view_of(&t);
  x.name[0] = "neuron";
  for (int c = 0; c < 3; c++) { /* least squares, one free mode, counts */
    nax_ntf *m = fitted(&x, 3, c == 1 ? "0" : NULL, c == 2 ? NAX_NTF_KL : 1);
    for (int32_t mode = 0; mode < 3; mode++) {
      nax_array *a = NULL;
      nax_index n = t.dim[mode];
      assert_ok(nax_ntf_project(NULL, m, &x, mode, &a));
      assert_int_equal(nax_array_dim(a, 0), n);
      assert_int_equal(nax_array_dim(a, 1), 3);
      for (nax_index i = 0; i < 3 * n; i++) {
        double want = nax_ntf_weights(m)[i / n] * nax_ntf_factor(m, mode)[i];
        assert_close(nax_array_f64(a)[i], want, c == 2 ? 1e-2 : 1e-5,
                     c == 2 ? 1e-2 : 1e-3);
      }
      if (mode == 0) {
        assert_string_equal(nax_axis_name(nax_array_axis(a, 0)), "neuron");
      }
      nax_array_free(a);
    }
    nax_ntf_free(m);
  }
  free(t.x);
}

static void
new_slices_with_holes_are_told_from_what_was_seen(void **state)
{
  (void)state;
  uint64_t seed = 32;
  tensor t = planted(3, (nax_index[]){9, 11, 8}, 3, 0.0, &seed), u;
  nax_view x = view_of(&t), y;
  nax_ntf *m = fitted(&x, 3, NULL, NAX_NTF_FROBENIUS);
  nax_array *a = NULL;
  double want[15];
  u = new_tensor(3, (nax_index[]){9, 11, 5});
  for (int i = 0; i < 15; i++) {
    want[i] = i % 4 == 0 ? 0.0 : 10.0 * nax_t_uniform(&seed);
  }
  for (nax_index i = 0; i < u.size; i++) {
    for (int64_t r = 0; r < 3; r++) {
      u.x[i] += want[i / 99 + 5 * r] * nax_ntf_factor(m, 0)[i % 9 + 9 * r] *
                nax_ntf_factor(m, 1)[i / 9 % 11 + 11 * r];
    }
    if (i / 99 != 1 && nax_t_uniform(&seed) < 0.3) {
      u.x[i] = NAN;
    }
    u.x[i] = i / 99 == 4 ? (double)NAN : u.x[i]; /* nothing of this one */
  }
  y = view_of(&u);
  assert_ok(nax_ntf_project(NULL, m, &y, 2, &a));
  for (int i = 0; i < 15; i++) {
    assert_close(nax_array_f64(a)[i], i % 5 == 4 ? (double)NAN : want[i], 1e-9, 1e-9);
  }
  nax_array_free(a);
  assert_error(nax_ntf_project(NULL, m, &y, 1, &a), NAX_EDIM,
               "nax_ntf_project: axis 2 of `x` has 5 positions, expected 8");
  assert_error(nax_ntf_project(NULL, m, &y, 3, &a), NAX_EINVAL,
               "nax_ntf_project: `mode` is 3, expected 0 to 2");
  u.x[2] = INFINITY;
  assert_status(nax_ntf_project(NULL, m, &y, 2, &a), NAX_EDATA);
  u.x[2] = 1.0;
  NAX_T_SWEEP_ALLOC(nax_ntf_project(NULL, m, &y, 2, &a), a, nax_array_free(a), 500);
  nax_ntf_free(m);
  free(t.x);
  free(u.x);
}

/* A factorisation that was kept as numbers projects as the fit itself, bit by bit. */
static void
given_factors_project_as_the_fit(void **state)
{
  (void)state;
  uint64_t seed = 35;
  tensor t = planted(3, (nax_index[]){9, 11, 8}, 3, 0.4, &seed);
  nax_view x = view_of(&t), f[3];
  nax_array *a = NULL, *b = NULL;
  nax_ntf *kept = NULL;
  for (int c = 0; c < 3; c++) {
    nax_ntf *m = fitted(&x, 3, c == 1 ? "1" : NULL, c == 2 ? NAX_NTF_KL : 1);
    nax_ntf_opts o = NAX_NTF_OPTS_INIT;
    o.free_modes = c == 1 ? "1" : NULL;
    o.loss = c == 2 ? NAX_NTF_KL : NAX_NTF_FROBENIUS;
    for (int k = 0; k < 3; k++) {
      f[k] = nax_view_f64(nax_ntf_factor(m, k), 2, (nax_index[]){t.dim[k], 3});
    }
    assert_ok(nax_ntf_create(NULL, 3, f, nax_ntf_weights(m), &o, &kept));
    assert_int_equal(nax_ntf_rank(kept), 3);
    for (int32_t mode = 0; mode < 3; mode++) {
      assert_ok(nax_ntf_project(NULL, m, &x, mode, &a));
      assert_ok(nax_ntf_project(NULL, kept, &x, mode, &b));
      assert_memory_equal(nax_array_f64(a), nax_array_f64(b),
                          (size_t)nax_array_size(a) * sizeof(double));
      nax_array_free(a);
      nax_array_free(b);
    }
    nax_ntf_free(kept);
    nax_ntf_free(m);
  }
  nax_ntf *m = fitted(&x, 3, NULL, NAX_NTF_FROBENIUS);
  double negative[33];
  for (int k = 0; k < 3; k++) {
    f[k] = nax_view_f64(nax_ntf_factor(m, k), 2, (nax_index[]){t.dim[k], 3});
  }
  memcpy(negative, nax_ntf_factor(m, 1), sizeof negative);
  negative[4] = -0.5;
  f[1].data = negative;
  assert_error(
      nax_ntf_create(NULL, 3, f, NULL, NULL, &kept), NAX_EDATA,
      "nax_ntf_create: factor 1 is -0.5 at row 4, component 0, expected a finite "
      "value of at least 0");
  assert_null(kept);
  f[2].dim[1] = 2;
  assert_status(nax_ntf_create(NULL, 3, f, NULL, NULL, &kept), NAX_EDIM);
  assert_status(nax_ntf_create(NULL, 1, f, NULL, NULL, &kept), NAX_EDIM);
  assert_status(nax_ntf_create(NULL, 3, NULL, NULL, NULL, &kept), NAX_EINVAL);
  f[2].dim[1] = 3;
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.free_modes = "1";
  NAX_T_SWEEP_ALLOC(nax_ntf_create(NULL, 3, f, NULL, &o, &kept), kept, nax_ntf_free(kept),
                    100);
  nax_ntf_free(m);
  free(t.x);
}

/* A free mode given the others is a linear least-squares problem: semi-NMF, semi-NTF. */
static void
a_free_mode_is_the_least_squares_solution(void **state)
{
  (void)state;
  uint64_t seed = 33;
  static const nax_index dims[2][3] = {{9, 40, 1}, {9, 8, 7}};
  for (int c = 0; c < 2; c++) {
    tensor t = new_tensor(2 + c, dims[c]);
    double **f = random_factors(&t, 2, &seed);
    for (int i = 0; i < 18; i++) {
      f[0][i] -= 0.5;
    }
    for (nax_index i = 0; i < t.size; i++) {
      t.x[i] = model_at(&t, 2, f, i) + 0.1 * (nax_t_uniform(&seed) - 0.5);
    }
    free_factors(f);
    nax_view x = view_of(&t);
    nax_ntf *m = fitted(&x, 2, "0", NAX_NTF_FROBENIUS);
    /* Its residual is orthogonal to the other factors, and some loading is negative. */
    double least = 0.0;
    for (nax_index i = 0; i < 9; i++) {
      for (int64_t r = 0; r < 2; r++) {
        double dot = 0.0;
        for (nax_index j = 0; j < t.size / 9; j++) {
          double v = nax_ntf_factor(m, 1)[j % dims[c][1] + r * dims[c][1]];
          v *= c == 1 ? nax_ntf_factor(m, 2)[j / dims[c][1] + r * dims[c][2]] : 1.0;
          dot += v * (t.x[i + 9 * j] - fitted_at(&t, m, i + 9 * j));
        }
        assert_close(dot, 0.0, 0.0, 1e-6);
        least = fmin(least, nax_ntf_factor(m, 0)[i + 9 * r]);
      }
    }
    assert_true(least < 0.0);
    for (nax_index j = 0; j < 2 * dims[c][1]; j++) {
      assert_true(nax_ntf_factor(m, 1)[j] >= 0.0);
    }
    nax_ntf_free(m);
    free(t.x);
  }
}

/* Assemblies with sparse courses over animals (or pure noise, with no assembly at all).
 */
static tensor
assemblies(int64_t rank, nax_index animals, uint64_t *seed)
{
  tensor t = new_tensor(3, (nax_index[]){24, 60, animals});
  for (nax_index i = 0; i < t.size; i++) {
    t.x[i] = nax_t_uniform(seed);
  }
  for (int64_t r = 0; r < rank; r++) {
    double course[60];
    for (int j = 0; j < 60; j++) {
      course[j] = nax_t_uniform(seed) < 0.2 ? 1.0 + nax_t_uniform(seed) : 0.0;
    }
    for (nax_index a = 0; a < animals; a++) {
      double gain = 1.0 + nax_t_uniform(seed);
      for (nax_index i = 0; i < 60 * 8; i++) { /* eight neurons each */
        t.x[i % 8 + 8 * r + 24 * (i / 8) + 1440 * a] += gain * course[i / 8];
      }
    }
  }
  return t;
}

static void
components_that_stay_without_some_animals_are_told(void **state)
{
  (void)state;
  uint64_t seed = 34;
  tensor t = assemblies(3, 8, &seed);
  nax_view x = view_of(&t);
  nax_ntf_opts fit = NAX_NTF_OPTS_INIT;
  nax_ntf_select_opts o = NAX_NTF_SELECT_OPTS_INIT;
  nax_ntf_selection found;
  nax_table *table = NULL;
  char text[256];
  x.name[0] = "neuron";
  x.name[1] = "time";
  x.name[2] = "animal";
  fit.n_restarts = 3;
  fit.max_iter = 300;
  o.rank_min = 3;
  o.rank_max = 7;
  o.n_folds = 2;
  o.leave_out = 8;
  o.halves = 3;
  o.similar_parts = 0.95;
  assert_ok(nax_ntf_select(NULL, &x, &fit, &o, &table, &found));
  const double *out =
      nax_table_numbers(table, nax_table_find(table, "similarity_left_out"));
  const double *half =
      nax_table_numbers(table, nax_table_find(table, "similarity_halves"));
  assert_true(out[1] > 0.95 && half[1] > 0.95); /* three groups and the level: 4 */
  assert_true(half[4] < 0.9);
  assert_int_equal(found.rank_left_out >= 4, 1);
  assert_int_equal(found.rank_half, 4);
  assert_int_equal(found.rank, 4);
  nax_ntf_selection_text(&found, text, sizeof text);
  assert_non_null(strstr(text, "4 components (held-out error: "));
  assert_non_null(strstr(text, "halves: 4"));
  nax_table_free(table);
  /* Along time the parts are stretches. */
  o.slice_mode = "time";
  o.rank_max = 3;
  assert_ok(nax_ntf_select(NULL, &x, &fit, &o, NULL, &found));
  assert_int_equal(found.rank_half, 3);
  assert_int_equal(found.rank_max, 3);
  o.slice_mode = "trial";
  assert_error(nax_ntf_select(NULL, &x, &fit, &o, NULL, &found), NAX_EINVAL,
               "set_up: option `slice-axis` names `trial`, which is not an axis of `x`");
  free(t.x);
}

static void
the_text_of_a_choice_says_where_criteria_differ(void **state)
{
  (void)state;
  char text[256];
  nax_ntf_selection s = {4, 6, 4, -1, -1, 8};
  nax_ntf_selection_text(&s, text, sizeof text);
  assert_string_equal(text,
                      "4 components (held-out error: 6, agreement of starts: 4; the "
                      "smallest is used)");
  s = (nax_ntf_selection){1, 1, 1, 1, 0, 3};
  nax_ntf_selection_text(&s, text, sizeof text);
  assert_string_equal(text, "1 component (held-out error: 1, agreement of starts: 1, "
                            "slices left out: 1, halves: at no rank)");
  s = (nax_ntf_selection){2, 0, 2, -1, 2, 3};
  nax_ntf_selection_text(&s, text, sizeof text);
  assert_string_equal(text, "2 components (agreement of starts: 2, halves: 2)");
  s.rank_max = 2;
  nax_ntf_selection_text(&s, text, sizeof text);
  assert_string_equal(text,
                      "2 components (agreement of starts: 2, halves: 2; none larger "
                      "was tried: more may be supported)");
  nax_ntf_selection_text(&s, text, 10);
  assert_string_equal(text, "2 compone");
}

static void
groups_are_more_than_chance_and_noise_is_not(void **state)
{
  (void)state;
  uint64_t seed = 35;
  nax_ntf_null_opts o = NAX_NTF_NULL_OPTS_INIT;
  o.n_draws = 19;
  for (int groups = 0; groups < 2; groups++) {
    tensor t = assemblies(groups ? 2 : 0, 4, &seed);
    nax_view x = view_of(&t);
    nax_ntf_opts fit = NAX_NTF_OPTS_INIT;
    nax_ntf *m = NULL;
    nax_table *table = NULL;
    x.name[1] = "time";
    x.name[2] = "animal";
    fit.rank = 3;
    fit.n_restarts = 3;
    fit.max_iter = 200;
    assert_ok(nax_ntf_fit(NULL, &x, NULL, &fit, &m));
    for (int by_animal = 0; by_animal < 2; by_animal++) {
      int low = 0;
      o.each = by_animal ? "animal" : NULL;
      assert_ok(nax_ntf_null(NULL, &x, m, &o, &table));
      const double *p = nax_table_numbers(table, nax_table_find(table, "p"));
      for (int r = 0; r < 3; r++) {
        assert_true(p[r] >= 0.05 && p[r] <= 1.0);
        low += p[r] < 0.051;
      }
      assert_true(groups ? low >= 2 : low == 0); /* the third is what is left */
      nax_table_free(table);
    }
    if (groups) {
      o.each = "time";
      assert_status(nax_ntf_null(NULL, &x, m, &o, &table), NAX_EINVAL);
      o.each = NULL;
      o.shift_mode = "trial";
      assert_status(nax_ntf_null(NULL, &x, m, &o, &table), NAX_EINVAL);
      o.shift_mode = NULL;
      o.n_draws = 2;
      nax_ntf_free(m);
      fit.max_iter = 2;
      fit.n_restarts = 1;
      assert_ok(nax_ntf_fit(NULL, &x, NULL, &fit, &m));
      NAX_T_SWEEP_ALLOC(nax_ntf_null(NULL, &x, m, &o, &table), table,
                        nax_table_free(table), 1000);
    }
    nax_ntf_free(m);
    free(t.x);
  }
}

/* The error does not depend on the order of modes or the scale of the data. */
static void
order_and_scale_do_not_matter(void **state)
{
  (void)state;
  uint64_t seed = 36;
  tensor t = planted(3, (nax_index[]){12, 10, 8}, 3, 0.5, &seed);
  nax_view x = view_of(&t), y;
  nax_ntf *m = fitted(&x, 3, NULL, NAX_NTF_FROBENIUS), *n;
  assert_ok(nax_view_permute(NULL, &x, (int32_t[]){1, 2, 0}, &y));
  n = fitted(&y, 3, NULL, NAX_NTF_FROBENIUS);
  assert_close(nax_ntf_error(n), nax_ntf_error(m), 1e-8, 0.0);
  nax_ntf_free(n);
  for (nax_index i = 0; i < t.size; i++) {
    t.x[i] *= 1e-5;
  }
  n = fitted(&x, 3, NULL, NAX_NTF_FROBENIUS);
  assert_close(nax_ntf_error(n), nax_ntf_error(m), 1e-8, 0.0);
  for (int r = 0; r < 3; r++) {
    assert_close(1e5 * nax_ntf_weights(n)[r], nax_ntf_weights(m)[r], 1e-4, 0.0);
  }
  nax_ntf_free(n);
  nax_ntf_free(m);
  free(t.x);
}

/* A slice of zeros is data: its loadings are zero. */
static void
a_slice_of_zeros_has_no_part_in_any_component(void **state)
{
  (void)state;
  uint64_t seed = 37;
  tensor t = planted(3, (nax_index[]){8, 9, 7}, 2, 0.2, &seed);
  for (nax_index i = 0; i < t.size; i++) {
    t.x[i] *= i % 8 != 3;
  }
  nax_view x = view_of(&t);
  for (int loss = NAX_NTF_FROBENIUS; loss <= NAX_NTF_KL; loss++) {
    nax_ntf *m = fitted(&x, 2, NULL, loss);
    for (int r = 0; r < 2; r++) {
      assert_close(nax_ntf_factor(m, 0)[3 + 8 * r], 0.0, 0.0, 1e-30);
      assert_true(nax_ntf_weights(m)[r] > 0.0);
    }
    nax_ntf_free(m);
  }
  free(t.x);
}

/* Cytokines over ligand, time, dose and cell: what is missing is missing by whole fibres.
 */
static void
real_gaps_are_regular_and_taken_exactly(void **state)
{
  (void)state;
  const char *path = nax_t_shared("data/tensors/IL2_Response_Tensor.npy");
  nax_source *s = NULL;
  nax_array *a = NULL;
  nax_i_ntf_problem p;
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  assert_ok(nax_source_open(NULL, path, NULL, &s));
  assert_ok(nax_source_load_array(NULL, s, 0, NAX_F64, &a));
  nax_view x = nax_array_view(a);
  assert_ok(nax_i_ntf_problem_init(NULL, &x, &o, &p));
  assert_int_equal(p.n_missing, 192);
  assert_non_null(p.op.mask);
  nax_i_ntf_problem_free(&p);
  o.rank = 3;
  o.n_restarts = 3;
  o.tol = 1e-10;
  o.max_iter = 2000;
  assert_ok(nax_ntf_fit(NULL, &x, NULL, &o, &m));
  assert_close(nax_ntf_error(m), 0.2498, 0.0, 2e-4);
  nax_ntf_free(m);
  nax_array_free(a);
  nax_source_close(s);
}

/* What was made for five starts serves one of them that is left, in several parts of the
 * tensor (a sanitizer sees whether each of these has room). */
static void
one_start_has_room_in_what_was_made_for_more(void **state)
{
  (void)state;
  enum { A = 64, C = 600, STARTS = 5, R = 8 };
  uint64_t seed = 41;
  nax_i_tensor x = {
      .dtype = NAX_F32, .n_modes = 3, .dim = {A, A, C}, .size = (nax_index)A * A * C};
  float *data = malloc((size_t)x.size * sizeof *data);
  double *f[3], *few[3], *m = NULL;
  double *alone = calloc((size_t)C * R, sizeof *alone);
  nax_i_tree many, one;
  for (nax_index i = 0; i < x.size; i++) {
    data[i] = (float)nax_t_uniform(&seed);
  }
  x.x = data;
  assert_ok(nax_i_tree_init(&many, NULL, &x, STARTS, R));
  assert_ok(nax_i_tree_init(&one, NULL, &x, 1, R));
  for (int k = 0; k < 3; k++) {
    f[k] = calloc((size_t)(x.dim[k] * many.ld), sizeof **f);
    few[k] = calloc((size_t)(x.dim[k] * one.ld), sizeof **few);
    for (nax_index i = 0; i < x.dim[k]; i++) {
      for (int64_t r = 0; r < R; r++) {
        few[k][i * one.ld + r] = f[k][i * many.ld + r] = nax_t_uniform(&seed);
      }
    }
  }
  m = calloc((size_t)(C * many.ld), sizeof *m);
  assert_ok(nax_i_tree_mttkrp(&many, f, 0, m));
  nax_i_tree_narrow(&many, 1);
  assert_int_equal(many.ld, one.ld);
  for (int32_t k = 0; k < 3; k++) {
    nax_i_tree_changed(&many, k);
    nax_i_tree_changed(&one, k);
    assert_ok(nax_i_tree_mttkrp(&many, few, k, m));
    assert_ok(nax_i_tree_mttkrp(&one, few, k, alone));
    for (nax_index i = 0; i < x.dim[k] * one.ld; i++) {
      assert_close(m[i], alone[i], 1e-4, 0.0); /* of other contractions, in float32 */
    }
  }
  nax_i_tree_free(&many);
  nax_i_tree_free(&one);
  for (int k = 0; k < 3; k++) {
    free(f[k]);
    free(few[k]);
  }
  free(m);
  free(alone);
  free(data);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slices_of_the_fit_are_projected_onto_themselves),
      cmocka_unit_test(given_factors_project_as_the_fit),
      cmocka_unit_test(new_slices_with_holes_are_told_from_what_was_seen),
      cmocka_unit_test(a_free_mode_is_the_least_squares_solution),
      cmocka_unit_test(components_that_stay_without_some_animals_are_told),
      cmocka_unit_test(the_text_of_a_choice_says_where_criteria_differ),
      cmocka_unit_test(groups_are_more_than_chance_and_noise_is_not),
      cmocka_unit_test(order_and_scale_do_not_matter),
      cmocka_unit_test(a_slice_of_zeros_has_no_part_in_any_component),
      cmocka_unit_test(real_gaps_are_regular_and_taken_exactly),
      cmocka_unit_test(one_start_has_room_in_what_was_made_for_more),
  };
  return cmocka_run_group_tests_name("ntf-more", tests, NULL, NULL);
}
