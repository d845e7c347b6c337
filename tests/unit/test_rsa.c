/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RDMs as vectors, squares and sets. */
#include "rsa_reference.h"

static void
pairs_are_numbered_row_by_row(void **state)
{
  (void)state;
  nax_index n = 7, k = 0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, k++) {
      assert_int_equal(nax_rdm_pair(n, i, j), k);
      assert_int_equal(nax_rdm_pair(n, j, i), k);
    }
  }
  assert_int_equal(nax_rdm_pairs(n), k);
  assert_int_equal(nax_rdm_pair(n, 3, 3), -1);
  assert_int_equal(nax_rdm_pair(n, 0, n), -1);
  assert_int_equal(nax_rdm_pair(n, -1, 2), -1);
  assert_int_equal(nax_rdm_pairs(1), 0);
  assert_int_equal(nax_rdm_conditions(0), -1);
  for (n = 2; n < 3000; n++) {
    assert_int_equal(nax_rdm_conditions(nax_rdm_pairs(n)), n);
    assert_int_equal(nax_rdm_conditions(nax_rdm_pairs(n) + 1), -1);
  }
}

static void
squares_and_vectors_are_the_same_thing(void **state)
{
  (void)state;
  double d[6] = {1, 2, NAN, 4, 5, 6}, square[16], back[6];
  assert_ok(nax_rdm_to_square(NULL, 4, d, square));
  assert_true(square[0] == 0.0 && square[5] == 0.0);
  assert_true(square[1] == 1.0 && square[4] == 1.0 && square[2] == 2.0);
  assert_ok(nax_rdm_from_square(NULL, 4, square, back));
  assert_all_close(back, d, 6, 0, 0);
  square[1] = 1.5;
  assert_error(
      nax_rdm_from_square(NULL, 4, square, back), NAX_EDATA,
      "nax_rdm_from_square: the RDM must be symmetric, pair (0, 1) is 1.5 and 1");
  square[1] = NAN;
  assert_status(nax_rdm_from_square(NULL, 4, square, back), NAX_EDATA);
  assert_status(nax_rdm_to_square(NULL, 0, d, square), NAX_EDIM);
  assert_status(nax_rdm_to_square(NULL, 4, NULL, square), NAX_EINVAL);
}

static void
sets_survive_arrays(void **state)
{
  (void)state;
  double d[12] = {1, 2, 3, 4, 5, 6, 7, 8, NAN, 10, 11, 12};
  nax_rdms *r = NULL, *back = NULL;
  nax_array *a = NULL;
  nax_axis *c = NULL;
  assert_ok(nax_rdms_create(NULL, 4, 2, d, &r));
  assert_ok(nax_axis_create_labels(NULL, "image", 4,
                                   (const char *[]){"cat", "dog", "car", "cup"}, &c));
  assert_ok(nax_rdms_describe(NULL, r, c, NULL, "euclidean"));
  assert_ok(nax_rdms_array(NULL, r, &a));
  assert_int_equal(nax_array_find_axis(a, "image_2"), 1);
  assert_ok(nax_rdms_from_array(NULL, a, &back));
  assert_int_equal(nax_rdms_count(back), 2);
  assert_int_equal(nax_rdms_n_conditions(back), 4);
  assert_all_close(nax_rdms_vector(back, 0), d, 6, 0, 0);
  assert_all_close(nax_rdms_vector(back, 1), d + 6, 6, 0, 0);
  assert_null(nax_rdms_vector(back, 2));
  assert_string_equal(nax_rdms_measure(back), "euclidean");
  assert_string_equal(nax_axis_label(nax_rdms_condition_axis(back), 2), "car");
  assert_string_equal(nax_axis_name(nax_rdms_axis(back)), "rdm");
  assert_status(nax_rdms_describe(NULL, r, nax_rdms_axis(r), NULL, NULL), NAX_EDIM);
  nax_rdms_free(back);
  nax_array_free(a);
  nax_axis_free(c);
  nax_rdms_free(r);

  nax_array *pairs = NULL;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, (const char *[]){"pair", "subject"},
                                  (nax_index[]){6, 2}, NULL, &pairs));
  assert_ok(nax_rdms_from_array(NULL, pairs, &r));
  assert_int_equal(nax_rdms_n_conditions(r), 4);
  assert_string_equal(nax_axis_name(nax_rdms_axis(r)), "subject");
  nax_array_free(pairs);
  nax_rdms_free(r);
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, (const char *[]){"a", "b"},
                                  (nax_index[]){4, 3}, NULL, &pairs));
  assert_error(nax_rdms_from_array(NULL, pairs, &r), NAX_EDIM,
               "nax_rdms_from_array: an RDM is condition x condition, the first two axes "
               "have 4 and 3 positions");
  assert_null(r);
  nax_array_free(pairs);
  d[3] = INFINITY;
  assert_error(nax_rdms_create(NULL, 4, 2, d, &r), NAX_EDATA,
               "nax_rdms_create: pair 3 of RDM 0 is infinite");
}

static void
parts_of_sets_are_those_asked_for(void **state)
{
  (void)state;
  double d[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  nax_rdms *r = NULL, *t = NULL, *both = NULL;
  assert_ok(nax_rdms_create(NULL, 4, 2, d, &r));
  assert_ok(nax_rdms_take(NULL, r, 3, (nax_index[]){1, 0, 1}, &t));
  assert_int_equal(nax_rdms_count(t), 3);
  assert_all_close(nax_rdms_vector(t, 2), d + 6, 6, 0, 0);
  assert_ok(nax_rdms_concat(NULL, 2, (const nax_rdms *[]){r, t}, &both));
  assert_int_equal(nax_rdms_count(both), 5);
  assert_all_close(nax_rdms_vector(both, 3), d, 6, 0, 0);
  nax_rdms_free(both);
  nax_rdms_free(t);
  /* Conditions 3, 1, 1: pairs (3,1), (3,1), (1,1). */
  assert_ok(nax_rdms_take_conditions(NULL, r, 3, (nax_index[]){3, 1, 1}, &t));
  const double expected[3] = {5, 5, NAN};
  assert_all_close(nax_rdms_vector(t, 0), expected, 3, 0, 0);
  nax_rdms_free(t);
  assert_error(nax_rdms_take(NULL, r, 1, (nax_index[]){2}, &t), NAX_EINVAL,
               "nax_rdms_take: RDM 2 does not exist, there are 0 to 1");
  assert_null(t);
  assert_status(nax_rdms_take_conditions(NULL, r, 3, (nax_index[]){0, 1, 4}, &t),
                NAX_EINVAL);
  nax_rdms_free(r);
}

static void
transforms_agree_with_the_reference(void **state)
{
  (void)state;
  nax_rdms *ties = ref_rdms("in_R1_ties"), *t = NULL;
  const char *names[] = {"tr_rank_average", "tr_rank_min", "tr_rank_max", "tr_rank_dense",
                         "tr_rank_ordinal"};
  for (int k = 0; k < 5; k++) {
    assert_ok(nax_rdms_map(NULL, ties, (nax_rdm_map)(k + 1), &t));
    ref_check(names[k], nax_rdms_vector(t, 0), 6 * 66, 0);
    nax_rdms_free(t);
  }
  ref r1 = ref_load("in_R1");
  nax_rdms *plain = NULL, *less = NULL;
  assert_ok(nax_rdms_create(NULL, 12, 6, r1.x, &plain));
  for (int64_t i = 0; i < r1.n; i++) {
    r1.x[i] -= 0.5;
  }
  assert_ok(nax_rdms_create(NULL, 12, 6, r1.x, &less));
  assert_ok(nax_rdms_map(NULL, plain, NAX_RDM_MINMAX, &t));
  ref_check("tr_minmax", nax_rdms_vector(t, 0), 6 * 66, 1e-12);
  nax_rdms_free(t);
  assert_ok(nax_rdms_map(NULL, less, NAX_RDM_SQRT, &t));
  ref_check("tr_sqrt", nax_rdms_vector(t, 0), 6 * 66, 1e-12);
  nax_rdms_free(t);
  assert_ok(nax_rdms_map(NULL, less, NAX_RDM_POSITIVE, &t));
  ref_check("tr_positive", nax_rdms_vector(t, 0), 6 * 66, 1e-12);
  nax_rdms_free(t);
  assert_all_close(nax_rdms_vector(less, 0), r1.x, r1.n, 0, 0); /* untouched */
  assert_status(nax_rdms_map(NULL, less, (nax_rdm_map)9, &t), NAX_EINVAL);
  assert_null(t);
  free(r1.x);
  nax_rdms_free(ties);
  nax_rdms_free(plain);
  nax_rdms_free(less);
}

static void
missing_pairs_have_no_rank(void **state)
{
  (void)state;
  double d[6] = {3, NAN, 1, 3, NAN, 2}, expected[6] = {3.5, NAN, 1, 3.5, NAN, 2};
  nax_rdms *r = NULL, *t = NULL;
  assert_ok(nax_rdms_create(NULL, 4, 1, d, &r));
  assert_ok(nax_rdms_map(NULL, r, NAX_RDM_RANK_AVERAGE, &t));
  assert_all_close(nax_rdms_vector(t, 0), expected, 6, 0, 0);
  nax_rdms_free(t);
  nax_rdms_free(r);
}

static void
partial_rdms_come_to_one_scale(void **state)
{
  (void)state;
  nax_rdms *r = ref_rdms("in_partial_rdms"), *t = NULL;
  const char *names[] = {"evidence", "setsize", "simple"};
  for (int k = 0; k < 3; k++) {
    double mean[66];
    char name[64];
    assert_ok(nax_rdms_rescale(NULL, r, (nax_rdm_weights)(k + 1), mean, &t));
    snprintf(name, sizeof name, "rescale_%s", names[k]);
    ref_check(name, nax_rdms_vector(t, 0), 4 * 66, 1e-9);
    snprintf(name, sizeof name, "rescale_mean_%s", names[k]);
    ref_check(name, mean, 66, 1e-9);
    nax_rdms_free(t);
  }
  nax_rdms_free(r);
  double zero[6] = {0};
  assert_ok(nax_rdms_create(NULL, 4, 1, zero, &r));
  assert_error(nax_rdms_rescale(NULL, r, NAX_RDM_WEIGHTS_SIMPLE, NULL, &t), NAX_EDATA,
               "nax_rdms_rescale: RDM 0 is all zero or missing");
  nax_rdms_free(r);
}

static void
transforms_can_be_stopped(void **state)
{
  (void)state;
  double d[6] = {1, 2, 3, 4, 5, 6};
  nax_rdms *r, *t;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_rdms_create(NULL, 4, 1, d, &r));
  nax_ctx_cancel(ctx);
  assert_status(nax_rdms_map(ctx, r, NAX_RDM_RANK_AVERAGE, &t), NAX_EINTERRUPT);
  assert_null(t);
  nax_ctx_cancel(ctx);
  assert_status(nax_rdms_rescale(ctx, r, NAX_RDM_WEIGHTS_SIMPLE, NULL, &t),
                NAX_EINTERRUPT);
  assert_null(t);
  nax_rdms_free(r);
  nax_ctx_free(ctx);
}

static void
failing_allocations_leave_nothing(void **state)
{
  (void)state;
  double d[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  nax_rdms *r = NULL, *t = NULL;
  nax_array *a = NULL;
  NAX_T_SWEEP_ALLOC(nax_rdms_create(NULL, 4, 2, d, &t), t, nax_rdms_free(t), 50);
  assert_ok(nax_rdms_create(NULL, 4, 2, d, &r));
  NAX_T_SWEEP_ALLOC(nax_rdms_array(NULL, r, &a), a, nax_array_free(a), 50);
  assert_ok(nax_rdms_array(NULL, r, &a));
  NAX_T_SWEEP_ALLOC(nax_rdms_from_array(NULL, a, &t), t, nax_rdms_free(t), 80);
  NAX_T_SWEEP_ALLOC(nax_rdms_take(NULL, r, 1, (nax_index[]){1}, &t), t, nax_rdms_free(t),
                    50);
  NAX_T_SWEEP_ALLOC(nax_rdms_take_conditions(NULL, r, 2, (nax_index[]){1, 0}, &t), t,
                    nax_rdms_free(t), 50);
  NAX_T_SWEEP_ALLOC(nax_rdms_concat(NULL, 1, (const nax_rdms *[]){r}, &t), t,
                    nax_rdms_free(t), 50);
  NAX_T_SWEEP_ALLOC(nax_rdms_map(NULL, r, NAX_RDM_SQRT, &t), t, nax_rdms_free(t), 50);
  NAX_T_SWEEP_ALLOC(nax_rdms_rescale(NULL, r, NAX_RDM_WEIGHTS_SIMPLE, NULL, &t), t,
                    nax_rdms_free(t), 50);
  nax_array_free(a);
  nax_rdms_free(r);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_are_numbered_row_by_row),
      cmocka_unit_test(squares_and_vectors_are_the_same_thing),
      cmocka_unit_test(sets_survive_arrays),
      cmocka_unit_test(parts_of_sets_are_those_asked_for),
      cmocka_unit_test(transforms_agree_with_the_reference),
      cmocka_unit_test(missing_pairs_have_no_rank),
      cmocka_unit_test(partial_rdms_come_to_one_scale),
      cmocka_unit_test(failing_allocations_leave_nothing),
      cmocka_unit_test(transforms_can_be_stopped),
  };
  return cmocka_run_group_tests_name("rsa", tests, NULL, NULL);
}
