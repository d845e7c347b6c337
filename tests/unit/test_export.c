/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV and .npy written from arrays and tables. */
#include "nax_test.h"

static nax_array *
neuron_by_time(nax_dtype dtype)
{
  nax_axis *axes[2] = {NULL, NULL};
  const char *labels[3] = {"a", "b,c", "say \"x\""};
  nax_array *a = NULL;
  assert_ok(nax_axis_create_labels(NULL, "neuron", 3, labels, &axes[0]));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 4, 1.0, 10.0, &axes[1]));
  assert_ok(nax_array_create(NULL, dtype, 2, (const nax_axis *const *)axes, "1", &a));
  for (int i = 0; i < 12; i++) {
    double x = i == 5 ? (double)NAN : 0.1 * i;
    if (dtype == NAX_F64) {
      ((double *)nax_array_data_mut(a))[i] = x;
    } else {
      ((float *)nax_array_data_mut(a))[i] = (float)x;
    }
  }
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  return a;
}

typedef struct text {
  char data[4096];
  size_t n;
} text;

static int
collect(const char *piece, size_t length, void *user)
{
  text *t = user;
  if (t->n + length >= sizeof t->data) {
    return 1;
  }
  memcpy(t->data + t->n, piece, length);
  t->n += length;
  t->data[t->n] = '\0';
  return 0;
}

static int
refuse(const char *piece, size_t length, void *user)
{
  (void)piece;
  (void)length;
  (void)user;
  return 1;
}

static void
slurp(const char *path, text *t)
{
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  t->n = fread(t->data, 1, sizeof t->data - 1, f);
  t->data[t->n] = '\0';
  fclose(f);
}

static void
rows_of_csv_are_time_points(void **state)
{
  (void)state;
  const char *want = "time,a,\"b,c\",\"say \"\"x\"\"\"\n"
                     "1,0,0.1,0.2\n"
                     "1.1,0.30000000000000004,0.4,NaN\n"
                     "1.2,0.6000000000000001,0.7000000000000001,0.8\n"
                     "1.3,0.9,1,1.1\n";
  text t = {.n = 0};
  nax_array *a = neuron_by_time(NAX_F64);
  assert_ok(nax_format_csv(NULL, a, collect, &t));
  assert_string_equal(t.data, want);
  nax_array_free(a);
}

static void
floats_keep_their_own_shortest_text(void **state)
{
  (void)state;
  text t = {.n = 0};
  nax_array *a = neuron_by_time(NAX_F32);
  assert_ok(nax_format_csv(NULL, a, collect, &t));
  assert_non_null(strstr(t.data, "\n1.1,0.3,0.4,NaN\n"));
  nax_array_free(a);
}

static void
more_than_two_axes_are_refused(void **state)
{
  (void)state;
  const char *names[3] = {"neuron", "time", "trial"};
  nax_index dim[3] = {2, 3, 4};
  nax_array *a = NULL;
  text t = {.n = 0};
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 3, names, dim, "1", &a));
  assert_error(nax_format_csv(NULL, a, collect, &t), NAX_EDIM,
               "nax_format_csv: the array has 3 axes, expected at most 2 (select one "
               "position of the others first)");
  nax_array_free(a);
}

static void
an_array_without_coordinates_gets_numbered_headers(void **state)
{
  (void)state;
  const char *names[2] = {"neuron", "component"};
  nax_index dim[2] = {2, 2};
  nax_array *a = NULL;
  text t = {.n = 0};
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, "1", &a));
  assert_ok(nax_format_csv(NULL, a, collect, &t));
  assert_string_equal(t.data, "neuron,component_0,component_1\n0,0,0\n1,0,0\n");
  nax_array_free(a);
}

static void
a_failing_writer_is_an_io_error(void **state)
{
  (void)state;
  nax_array *a = neuron_by_time(NAX_F64);
  assert_status(nax_format_csv(NULL, a, refuse, NULL), NAX_EIO);
  nax_array_free(a);
}

static nax_table *
small_table(void)
{
  const double number[2] = {0.5, NAN};
  const char *const label[2] = {"go\tleft", " pad"};
  nax_table *t = NULL;
  assert_ok(nax_table_create(NULL, "trial", 2, &t));
  assert_ok(nax_table_add_numbers(NULL, t, "start", "s", number));
  assert_ok(nax_table_add_text(NULL, t, "cue", label));
  return t;
}

static void
tables_are_quoted_for_their_separator(void **state)
{
  (void)state;
  nax_table *table = small_table();
  text t = {.n = 0};
  assert_ok(nax_format_table(NULL, table, ',', collect, &t));
  assert_string_equal(t.data, "start,cue\n0.5,go\tleft\nNaN,\" pad\"\n");
  t.n = 0;
  assert_ok(nax_format_table(NULL, table, '\t', collect, &t));
  assert_string_equal(t.data, "start\tcue\n0.5\t\"go\tleft\"\nNaN\t\" pad\"\n");
  assert_status(nax_format_table(NULL, table, ';', collect, &t), NAX_EINVAL);
  nax_table_free(table);
}

static void
files_appear_whole_and_replace_only_when_told(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("a.csv");
  nax_array *a = neuron_by_time(NAX_F64);
  nax_table *table = small_table();
  nax_save_opts force = NAX_SAVE_OPTS_INIT;
  text t = {.n = 0};
  force.force = 1;
  assert_ok(nax_export_csv(NULL, a, path, NULL));
  assert_status(nax_export_csv(NULL, a, path, NULL), NAX_EIO);
  assert_non_null(strstr(nax_ctx_error(NULL), "exists already"));
  slurp(path, &t);
  assert_memory_equal(t.data, "time,a,", 7);
  assert_ok(nax_export_table_csv(NULL, table, path, &force));
  slurp(path, &t);
  assert_memory_equal(t.data, "start,cue\n", 10);
  /* A full disk: nothing appears, and the text says why. */
  assert_status(nax_export_csv(NULL, a, nax_t_tmp("none/a.csv"), NULL), NAX_EIO);
  assert_non_null(strstr(nax_ctx_error(NULL), "No such file"));
  nax_array_free(a);
  nax_table_free(table);
}

static void
npy_is_c_order_with_a_padded_header(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("a.npy");
  nax_array *a = neuron_by_time(NAX_F64);
  text t = {.n = 0};
  double x[12];
  assert_ok(nax_export_npy(NULL, a, path, NULL));
  slurp(path, &t);
  assert_int_equal(t.n, 128 + sizeof x);
  assert_memory_equal(t.data, "\x93NUMPY\x01\x00\x76\x00", 10);
  assert_memory_equal(t.data + 10,
                      "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }", 59);
  assert_int_equal(t.data[127], '\n');
  memcpy(x, t.data + 128, sizeof x);
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 4; j++) {
      assert_close(x[4 * i + j], nax_array_f64(a)[i + 3 * j], 0.0, 0.0);
    }
  }
  nax_array_free(a);
}

/* What was written reads back as the same numbers, axes and labels. */
static void
our_own_readers_read_it_back(void **state)
{
  (void)state;
  nax_array *a = neuron_by_time(NAX_F64);
  nax_table *table = small_table();
  nax_dataset *d = NULL;
  assert_ok(nax_export_csv(NULL, a, nax_t_tmp("round.csv"), NULL));
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("round.csv"), NULL, &d));
  const nax_array *b = nax_dataset_array(d, nax_dataset_main(d));
  assert_non_null(b);
  assert_all_close(nax_array_f64(a), nax_array_f64(b), 12, 0.0, 0.0);
  assert_string_equal(nax_axis_label(nax_array_axis(b, 0), 2), "say \"x\"");
  assert_close(nax_axis_coord(nax_array_axis(b, 1), 3), 1.3, 1e-12, 0.0);
  nax_dataset_free(d);
  assert_ok(nax_export_npy(NULL, a, nax_t_tmp("round.npy"), NULL));
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("round.npy"), NULL, &d));
  b = nax_dataset_array(d, nax_dataset_main(d));
  assert_non_null(b);
  assert_int_equal(nax_array_dim(b, 0), 3);
  assert_all_close(nax_array_f64(a), nax_array_f64(b), 12, 0.0, 0.0);
  nax_dataset_free(d);
  assert_ok(nax_export_table_csv(NULL, table, nax_t_tmp("round_table.csv"), NULL));
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("round_table.csv"), NULL, &d));
  const char *name = nax_dataset_var_name(d, 0);
  const nax_table *t = nax_dataset_table(d, name);
  assert_non_null(t);
  assert_string_equal(nax_table_text(t, nax_table_find(t, "cue"))[1], " pad");
  assert_close(nax_table_numbers(t, nax_table_find(t, "start"))[0], 0.5, 0.0, 0.0);
  nax_dataset_free(d);
  nax_array_free(a);
  nax_table_free(table);
}

static void
running_out_of_memory_leaves_no_file(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("oom.npy");
  nax_array *a = neuron_by_time(NAX_F64);
  /* Not every allocation matters: syncing the folder is best effort. */
  for (int kind = 0; kind < 2; kind++) {
    int failed = 0;
    for (long k = 0; k < 20; k++) {
      remove(path);
      nax_i_alloc_fail_at = k;
      nax_status s = kind ? nax_export_csv(NULL, a, path, NULL)
                          : nax_export_npy(NULL, a, path, NULL);
      nax_i_alloc_fail_at = -1;
      assert_true(s == NAX_OK || s == NAX_ENOMEM);
      assert_int_equal(access(path, F_OK), s == NAX_OK ? 0 : -1);
      failed += s != NAX_OK;
    }
    assert_true(failed > 2);
  }
  nax_array_free(a);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_csv_are_time_points),
      cmocka_unit_test(floats_keep_their_own_shortest_text),
      cmocka_unit_test(more_than_two_axes_are_refused),
      cmocka_unit_test(an_array_without_coordinates_gets_numbered_headers),
      cmocka_unit_test(a_failing_writer_is_an_io_error),
      cmocka_unit_test(tables_are_quoted_for_their_separator),
      cmocka_unit_test(files_appear_whole_and_replace_only_when_told),
      cmocka_unit_test(npy_is_c_order_with_a_padded_header),
      cmocka_unit_test(our_own_readers_read_it_back),
      cmocka_unit_test(running_out_of_memory_leaves_no_file),
  };
  return cmocka_run_group_tests_name("export", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
