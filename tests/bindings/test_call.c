/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call that all hosts make: what is missing, of the wrong kind or not an option is
 * named, and nothing is lost. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include "nax_test.h"
#include "call.h"
#include <sys/mman.h>

static void
every_method_has_its_tables_and_a_help_text(void **state)
{
  (void)state;
  int n = 0;
  for (const nxb_method *m; (m = nxb_method_at(n)) != NULL; n++) {
    assert_ptr_equal(nxb_find(m->name), m);
    assert_true(strlen(m->title) > 0 && m->title[strlen(m->title) - 1] != '.');
    assert_true(strlen(m->details) > 0);
    for (int i = 0; i < NXB_MAX_TABLES && m->tables[i] != NULL; i++) {
      if (nax_options_table(m->tables[i]) == NULL) {
        fail_msg("%s: no table %s", m->name, m->tables[i]);
      }
    }
    for (int i = 0; i < nxb_n_inputs(m); i++) {
      assert_true(strlen(m->in[i].help) > 0);
      assert_true(m->in[i].kinds != 0);
    }
    nxb_call *c = nxb_new(m->name);
    assert_non_null(c);
    nxb_free(c);
  }
  assert_true(n > 20);
  assert_null(nxb_method_at(-1));
  assert_null(nxb_find("nothing of the kind"));
  assert_null(nxb_new("nothing of the kind"));
}

static void
a_missing_input_is_named(void **state)
{
  (void)state;
  for (int i = 0; nxb_method_at(i) != NULL; i++) {
    const nxb_method *m = nxb_method_at(i);
    if (nxb_n_inputs(m) == 0 || m->in[0].optional) {
      continue;
    }
    char text[128];
    nxb_call *c = nxb_new(m->name);
    assert_status(nxb_run(c), NAX_EINVAL);
    (void)snprintf(text, sizeof text, "%s: `%s` is missing", m->name, m->in[0].name);
    assert_string_equal(nxb_error(c), text);
    nxb_free(c);
  }
}

static void
inputs_of_another_kind_are_refused(void **state)
{
  (void)state;
  nxb_call *c = nxb_new("ntf");
  c->in[0].kind = NXB_TEXT;
  c->in[0].text = "x";
  assert_status(nxb_run(c), NAX_EINVAL);
  assert_string_equal(nxb_error(c), "ntf: `x` is a string, expected an array");
  nxb_free(c);
  c = nxb_new("align_events");
  c->in[0].kind = NXB_OTHER;
  assert_status(nxb_run(c), NAX_EINVAL);
  assert_string_equal(nxb_error(c),
                      "align_events: `x` is something else, expected an array or spike "
                      "trains");
  nxb_free(c);
}

static void
options_are_set_by_the_spelling_of_the_host(void **state)
{
  (void)state;
  nxb_call *c = nxb_new("ntf");
  assert_ok(nxb_set(c, "max_iter", "7"));
  assert_int_equal(((nax_ntf_opts *)c->opts[0])->max_iter, 7);
  assert_status(nxb_set(c, "max_iter", "-1"), NAX_EINVAL);
  assert_true(strstr(nxb_error(c), "max-iter") != NULL);
  assert_status(nxb_set(c, "no_such", "1"), NAX_EINVAL);
  assert_string_equal(nxb_error(c), "ntf: there is no option `no_such`");
  nxb_free(c);
}

static void
results_come_back_as_members(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5, 6};
  const nax_index dim[] = {2, 3};
  nxb_call *c = nxb_new("zscore");
  c->in[0].kind = NXB_ARRAY;
  c->in[0].view = nax_view_f64(x, 2, dim);
  assert_ok(nxb_run(c));
  assert_string_equal(nxb_error(c), "");
  const nax_array *a = nax_dataset_array(c->out, "x");
  assert_non_null(a);
  assert_string_equal(nax_axis_name(nax_array_axis(a, 0)), "neuron");
  assert_string_equal(nax_axis_name(nax_array_axis(a, 1)), "time");
  assert_close(nax_array_f64(a)[0], -sqrt(1.5), 1e-14, 0);
  nxb_free(c);
}

static void
an_axis_of_another_length_is_refused(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5, 6};
  const nax_index dim[] = {2, 3};
  nxb_call *c = nxb_new("zscore");
  c->in[0].kind = NXB_ARRAY;
  c->in[0].view = nax_view_f64(x, 2, dim);
  assert_ok(nax_axis_create_index(NULL, "time", 4, &c->in[0].axis[1]));
  assert_status(nxb_run(c), NAX_EDIM);
  assert_string_equal(nxb_error(c), "zscore: axis `time` has 4 positions, expected 3");
  nxb_free(c);
}

/* A host that counts to four only. */
static void
results_longer_than_the_host_can_count_are_refused(void **state)
{
  (void)state;
  const double x[] = {1, 2, 3, 4, 5, 6};
  const nax_index dim[] = {2, 3}, more[] = {1, 5};
  nxb_call *c = nxb_new("zscore");
  c->in[0].kind = NXB_ARRAY;
  c->in[0].view = nax_view_f64(x, 2, dim);
  assert_ok(nxb_run(c));
  assert_ok(nxb_check_lengths(c, 4));
  nxb_free(c);
  c = nxb_new("zscore");
  c->in[0].kind = NXB_ARRAY;
  c->in[0].view = nax_view_f64(x, 2, more);
  assert_ok(nxb_run(c));
  assert_status(nxb_check_lengths(c, 4), NAX_EOVERFLOW);
  assert_string_equal(nxb_error(c),
                      "zscore: `x` of the result has 5 positions, here there can be 4");
  nxb_free(c);
  c = nxb_new("file_formats");
  assert_ok(nxb_run(c));
  assert_status(nxb_check_lengths(c, 4), NAX_EOVERFLOW);
  nxb_free(c);
}

/* 3 x 2^30 values, 24 GB of addresses of which only what is touched becomes memory. */
static void
arrays_of_more_than_2_31_values_keep_all_of_their_positions(void **state)
{
  (void)state;
  const nax_index n = (nax_index)1 << 30, dim[] = {3, n};
  size_t bytes = 3 * (size_t)n * sizeof(double);
  double *x = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (x == MAP_FAILED) {
    print_message("[  SKIPPED ] no address space for %zu bytes\n", bytes);
    skip();
  }
  for (nax_index i = 0; i < 30; i++) {
    x[3 * (n - 10) + i] = (double)(i + 1);
  }
  double start = (double)(n - 10), stop = (double)(n - 5);
  nxb_call *c = nxb_new("slice_time");
  const nax_index one = 1;
  c->in[0].kind = c->in[1].kind = c->in[2].kind = NXB_ARRAY;
  c->in[0].view = nax_view_f64(x, 2, dim);
  assert_ok(nax_axis_create_regular(NULL, "time", "s", n, 0.0, 1.0, &c->in[0].axis[1]));
  c->in[1].view = nax_view_f64(&start, 1, &one);
  c->in[2].view = nax_view_f64(&stop, 1, &one);
  assert_ok(nxb_run(c));
  const nax_array *a = nax_dataset_array(c->out, "x");
  assert_non_null(a);
  assert_int_equal(nax_array_dim(a, 1), 5);
  for (int i = 0; i < 15; i++) {
    assert_close(nax_array_f64(a)[i], i + 1.0, 0.0, 0.0);
  }
  nxb_free(c);
  assert_int_equal(munmap(x, bytes), 0);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_method_has_its_tables_and_a_help_text),
      cmocka_unit_test(a_missing_input_is_named),
      cmocka_unit_test(inputs_of_another_kind_are_refused),
      cmocka_unit_test(options_are_set_by_the_spelling_of_the_host),
      cmocka_unit_test(results_come_back_as_members),
      cmocka_unit_test(an_axis_of_another_length_is_refused),
      cmocka_unit_test(results_longer_than_the_host_can_count_are_refused),
      cmocka_unit_test(arrays_of_more_than_2_31_values_keep_all_of_their_positions),
  };
  return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
