/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables, attributes and the members of a dataset. */
#include "nax_test.h"
#include "dataset/dataset_i.h"

static nax_array *
small_array(const char *first, const char *second)
{
  const char *names[2] = {first, second};
  nax_index dim[2] = {2, 3};
  nax_array *a;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, "V", &a));
  return a;
}

static nax_spikes *
small_spikes(void)
{
  nax_axis *units;
  nax_spikes *s;
  nax_index offsets[] = {0, 2};
  double times[] = {1.0, 2.0};
  assert_ok(nax_axis_create_index(NULL, "unit", 1, &units));
  assert_ok(nax_spikes_create(NULL, units, offsets, times, 0, NULL, &s));
  nax_axis_free(units);
  return s;
}

static nax_table *
small_table(void)
{
  nax_table *t;
  double onset[] = {0.5, NAN, 2.5};
  const char *kind[] = {"go", NULL, "stop"};
  assert_ok(nax_table_create(NULL, "trial", 3, &t));
  assert_ok(nax_table_add_numbers(NULL, t, "onset", "s", onset));
  assert_ok(nax_table_add_text(NULL, t, "kind", kind));
  return t;
}

/* ---------------------------------------------------------------------- tables */

static void
columns_come_back_as_they_went_in(void **state)
{
  (void)state;
  nax_table *t = small_table();
  assert_string_equal(nax_table_dim(t), "trial");
  assert_int_equal(nax_table_n_rows(t), 3);
  assert_int_equal(nax_table_n_columns(t), 2);
  assert_int_equal(nax_table_find(t, "kind"), 1);
  assert_int_equal(nax_table_find(t, "king"), -1);
  assert_string_equal(nax_table_column_name(t, 0), "onset");
  assert_string_equal(nax_table_column_unit(t, 0), "s");
  assert_string_equal(nax_table_column_unit(t, 1), "");
  assert_int_equal(nax_table_column_dtype(t, 0), NAX_F64);
  assert_int_equal(nax_table_column_dtype(t, 1), NAX_TEXT);
  double expected[] = {0.5, NAN, 2.5};
  assert_all_close(nax_table_numbers(t, 0), expected, 3, 0.0, 0.0);
  assert_string_equal(nax_table_text(t, 1)[0], "go");
  assert_string_equal(nax_table_text(t, 1)[1], "");
  assert_null(nax_table_numbers(t, 1));
  assert_null(nax_table_text(t, 0));
  for (int32_t j = -1; j <= 2; j += 3) { /* outside */
    assert_null(nax_table_column_name(t, j));
    assert_null(nax_table_column_unit(t, j));
    assert_null(nax_table_numbers(t, j));
    assert_null(nax_table_text(t, j));
    assert_int_equal(nax_table_column_dtype(t, j), 0);
  }
  nax_table_free(t);
  nax_table_free(NULL);
}

static void
a_table_of_no_rows_keeps_its_column_types(void **state)
{
  (void)state;
  nax_table *t;
  assert_ok(nax_table_create(NULL, "trial", 0, &t));
  assert_ok(nax_table_add_numbers(NULL, t, "onset", NULL, NULL));
  assert_ok(nax_table_add_text(NULL, t, "kind", NULL));
  assert_int_equal(nax_table_column_dtype(t, 0), NAX_F64);
  assert_int_equal(nax_table_column_dtype(t, 1), NAX_TEXT);
  assert_string_equal(nax_table_column_unit(t, 0), "");
  nax_table_free(t);
}

static void
faulty_tables_are_refused(void **state)
{
  (void)state;
  nax_table *t;
  double x[3] = {0};
  assert_error(nax_table_create(NULL, "", 3, &t), NAX_EINVAL,
               "nax_table_create: `dim` is empty");
  assert_null(t);
  assert_status(nax_table_create(NULL, NULL, 3, &t), NAX_EINVAL);
  assert_status(nax_table_create(NULL, "trial", -1, &t), NAX_EINVAL);
  t = small_table();
  assert_error(nax_table_add_numbers(NULL, t, "kind", NULL, x), NAX_EINVAL,
               "nax_table_add_numbers: the table has a column `kind` already");
  assert_status(nax_table_add_numbers(NULL, t, "", NULL, x), NAX_EINVAL);
  assert_status(nax_table_add_text(NULL, t, NULL, NULL), NAX_EINVAL);
  assert_error(nax_table_add_numbers(NULL, t, "n", NULL, NULL), NAX_EINVAL,
               "nax_table_add_numbers: `values` is NULL");
  assert_status(nax_table_add_text(NULL, t, "n", NULL), NAX_EINVAL);
  assert_int_equal(nax_table_n_columns(t), 2);
  nax_table_free(t);
}

static void
many_columns_fit(void **state)
{
  (void)state;
  nax_table *t = small_table();
  for (int j = 0; j < 100; j++) {
    char name[16];
    double x[3] = {j, j + 1, j + 2};
    snprintf(name, sizeof name, "c%d", j);
    assert_ok(nax_table_add_numbers(NULL, t, name, "s", x));
  }
  assert_int_equal(nax_table_n_columns(t), 102);
  assert_close(nax_table_numbers(t, nax_table_find(t, "c99"))[2], 101.0, 0.0, 0.0);
  nax_table_free(t);
}

/* --------------------------------------------------------------------- members */

static void
members_are_found_by_name_and_kind(void **state)
{
  (void)state;
  nax_dataset *d;
  assert_ok(nax_dataset_create(NULL, &d));
  nax_array *a = small_array("neuron", "time");
  nax_spikes *s = small_spikes();
  nax_table *t = small_table();
  assert_ok(nax_dataset_add_array(NULL, d, "dff", a));
  assert_ok(nax_dataset_add_spikes(NULL, d, "units", s));
  assert_ok(nax_dataset_add_table(NULL, d, "trials", t));
  assert_int_equal(nax_dataset_n_vars(d), 3);
  assert_string_equal(nax_dataset_var_name(d, 2), "trials");
  assert_int_equal(nax_dataset_var_kind(d, 0), NAX_VAR_ARRAY);
  assert_int_equal(nax_dataset_var_kind(d, 1), NAX_VAR_SPIKES);
  assert_int_equal(nax_dataset_var_kind(d, 2), NAX_VAR_TABLE);
  assert_null(nax_dataset_var_name(d, 3));
  assert_null(nax_dataset_var_name(d, -1));
  assert_int_equal(nax_dataset_var_kind(d, 3), 0);
  assert_ptr_equal(nax_dataset_array(d, "dff"), a);
  assert_ptr_equal(nax_dataset_spikes(d, "units"), s);
  assert_ptr_equal(nax_dataset_table(d, "trials"), t);
  assert_null(nax_dataset_array(d, "units")); /* there, but no array */
  assert_null(nax_dataset_spikes(d, "dff"));
  assert_null(nax_dataset_table(d, "nothing"));
  assert_null(nax_dataset_array(d, NULL));
  nax_dataset_remove(d, nax_dataset_var_name(d, 1)); /* the name dies with the member */
  nax_dataset_remove(d, "nothing");
  assert_int_equal(nax_dataset_n_vars(d), 2);
  assert_string_equal(nax_dataset_var_name(d, 1), "trials");
  nax_dataset_free(d);
  nax_dataset_free(NULL);
}

static void
a_member_that_is_refused_stays_with_the_caller(void **state)
{
  (void)state;
  nax_dataset *d;
  nax_array *a = small_array("neuron", "time"), *b = small_array("neuron", "time");
  nax_spikes *s = small_spikes();
  nax_table *t = small_table();
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_dataset_add_array(NULL, d, "x", a));
  assert_error(nax_dataset_add_array(NULL, d, "x", b), NAX_EINVAL,
               "nax_dataset_add_array: the dataset has a member `x` already");
  assert_status(nax_dataset_add_spikes(NULL, d, "x", s), NAX_EINVAL);
  assert_status(nax_dataset_add_table(NULL, d, "", t), NAX_EINVAL);
  assert_status(nax_dataset_add_table(NULL, d, NULL, t), NAX_EINVAL);
  assert_error(nax_dataset_add_array(NULL, d, "y", NULL), NAX_EINVAL,
               "nax_dataset_add_array: member `y` is NULL");
  for (long k = 0; k < 1; k++) {
    nax_i_alloc_fail_at = k;
    assert_status(nax_dataset_add_array(NULL, d, "y", b), NAX_ENOMEM);
    nax_i_alloc_fail_at = -1;
  }
  assert_int_equal(nax_dataset_n_vars(d), 1);
  nax_array_free(b);
  nax_spikes_free(s);
  nax_table_free(t);
  nax_dataset_free(d);
}

static void
the_main_member_is_the_one_there_is_no_choice_about(void **state)
{
  (void)state;
  nax_dataset *d;
  assert_ok(nax_dataset_create(NULL, &d));
  assert_null(nax_dataset_main(d));
  assert_ok(nax_dataset_add_table(NULL, d, "trials", small_table()));
  assert_null(nax_dataset_main(d));
  assert_ok(
      nax_dataset_add_array(NULL, d, "weights", small_array("neuron", "component")));
  assert_string_equal(nax_dataset_main(d), "weights");
  assert_ok(nax_dataset_add_spikes(NULL, d, "units", small_spikes()));
  assert_string_equal(nax_dataset_main(d), "units");
  assert_ok(nax_dataset_add_array(NULL, d, "dff", small_array("neuron", "time")));
  assert_string_equal(nax_dataset_main(d), "dff");
  assert_ok(nax_dataset_add_array(NULL, d, "lfp", small_array("channel", "time")));
  assert_null(nax_dataset_main(d)); /* two with time: a choice */
  assert_ok(nax_dataset_set_main(NULL, d, "lfp"));
  assert_string_equal(nax_dataset_main(d), "lfp");
  assert_error(nax_dataset_set_main(NULL, d, "nothing"), NAX_EINVAL,
               "nax_dataset_set_main: the dataset has no member `nothing`");
  assert_status(nax_dataset_set_main(NULL, d, NULL), NAX_EINVAL);
  assert_string_equal(nax_dataset_main(d), "lfp");
  nax_dataset_remove(d, "lfp");
  assert_string_equal(nax_dataset_main(d), "dff");
  nax_dataset_free(d);
}

/* ------------------------------------------------------------------ attributes */

static void
attributes_are_text_or_numbers_and_can_be_replaced(void **state)
{
  (void)state;
  nax_dataset *d;
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_dataset_set_text(NULL, d, "species", "Mus musculus"));
  assert_ok(nax_dataset_set_number(NULL, d, "rate", 30.5));
  assert_int_equal(nax_dataset_n_attrs(d), 2);
  assert_string_equal(nax_dataset_attr_key(d, 1), "rate");
  assert_null(nax_dataset_attr_key(d, 2));
  assert_null(nax_dataset_attr_key(d, -1));
  assert_string_equal(nax_dataset_text(d, "species"), "Mus musculus");
  assert_null(nax_dataset_text(d, "rate"));
  assert_null(nax_dataset_text(d, "nothing"));
  assert_close(nax_dataset_number(d, "rate"), 30.5, 0.0, 0.0);
  assert_true(isnan(nax_dataset_number(d, "species")));
  assert_true(isnan(nax_dataset_number(d, "nothing")));
  assert_ok(nax_dataset_set_number(NULL, d, "species", 10090.0));
  assert_null(nax_dataset_text(d, "species"));
  assert_ok(nax_dataset_set_text(NULL, d, "rate", "unknown"));
  assert_ok(nax_dataset_set_text(NULL, d, "rate", nax_dataset_text(d, "rate")));
  assert_string_equal(nax_dataset_text(d, "rate"), "unknown");
  assert_ok(nax_dataset_set_text(NULL, d, "note", NULL));
  assert_string_equal(nax_dataset_text(d, "note"), "");
  assert_int_equal(nax_dataset_n_attrs(d), 3);
  assert_error(nax_dataset_set_text(NULL, d, "", "x"), NAX_EINVAL,
               "nax_dataset_set_text: attribute key is empty");
  assert_status(nax_dataset_set_number(NULL, d, NULL, 1.0), NAX_EINVAL);
  for (int i = 0; i < 50; i++) {
    char key[16];
    snprintf(key, sizeof key, "k%d", i);
    assert_ok(nax_dataset_set_number(NULL, d, key, i));
  }
  assert_int_equal(nax_dataset_n_attrs(d), 53);
  assert_close(nax_dataset_number(d, "k49"), 49.0, 0.0, 0.0);
  nax_dataset_free(d);
}

/* ---------------------------------------------------------------------- memory */

/* A call that changes an object: fails n times with the object as it was, then works. */
#define SWEEP_CHANGE(call, n_before)                                                     \
  do {                                                                                   \
    nax_status s_ = NAX_ENOMEM;                                                          \
    for (long k_ = 0; s_ != NAX_OK && k_ < 20; k_++) {                                   \
      int64_t before_ = (n_before);                                                      \
      nax_i_alloc_fail_at = k_;                                                          \
      s_ = (call);                                                                       \
      nax_i_alloc_fail_at = -1;                                                          \
      assert_true(s_ == NAX_OK || s_ == NAX_ENOMEM);                                     \
      assert_true(s_ == NAX_OK || before_ == (n_before));                                \
      assert_true(s_ != NAX_OK || k_ > 0);                                               \
    }                                                                                    \
    assert_int_equal(s_, NAX_OK);                                                        \
  } while (0)

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_table *t;
  nax_dataset *d;
  double x[3] = {1, 2, 3};
  const char *text[3] = {"a", "b", "c"};
  NAX_T_SWEEP_ALLOC(nax_table_create(NULL, "trial", 3, &t), t, nax_table_free(t), 20);
  NAX_T_SWEEP_ALLOC(nax_dataset_create(NULL, &d), d, nax_dataset_free(d), 20);
  assert_ok(nax_table_create(NULL, "trial", 3, &t));
  assert_ok(nax_dataset_create(NULL, &d));
  SWEEP_CHANGE(nax_table_add_numbers(NULL, t, "x", "s", x), nax_table_n_columns(t));
  SWEEP_CHANGE(nax_table_add_text(NULL, t, "text", text), nax_table_n_columns(t));
  nax_array *a = small_array("neuron", "time");
  nax_spikes *s = small_spikes();
  SWEEP_CHANGE(nax_dataset_add_array(NULL, d, "a", a), nax_dataset_n_vars(d));
  SWEEP_CHANGE(nax_dataset_add_spikes(NULL, d, "s", s), nax_dataset_n_vars(d));
  SWEEP_CHANGE(nax_dataset_add_table(NULL, d, "t", t), nax_dataset_n_vars(d));
  SWEEP_CHANGE(nax_dataset_set_text(NULL, d, "k", "v"), nax_dataset_n_attrs(d));
  SWEEP_CHANGE(nax_dataset_set_number(NULL, d, "n", 1.0), nax_dataset_n_attrs(d));
  SWEEP_CHANGE(nax_dataset_set_text(NULL, d, "n", "v"), nax_dataset_n_attrs(d));
  SWEEP_CHANGE(nax_dataset_set_main(NULL, d, "s"), 0);
  assert_string_equal(nax_dataset_main(d), "s");
  nax_dataset_free(d);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_come_back_as_they_went_in),
      cmocka_unit_test(a_table_of_no_rows_keeps_its_column_types),
      cmocka_unit_test(faulty_tables_are_refused),
      cmocka_unit_test(many_columns_fit),
      cmocka_unit_test(members_are_found_by_name_and_kind),
      cmocka_unit_test(a_member_that_is_refused_stays_with_the_caller),
      cmocka_unit_test(the_main_member_is_the_one_there_is_no_choice_about),
      cmocka_unit_test(attributes_are_text_or_numbers_and_can_be_replaced),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}
