/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_test.h"
#include "io/text_number_i.h"
#include <float.h>

static const char *
write_csv(const char *text)
{
  const char *path = nax_t_tmp("a.csv");
  io_t_write_text(path, text);
  return path;
}

static nax_dataset *
load(const char *text, const char *rows)
{
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  o.rows = rows;
  assert_ok(nax_dataset_load(NULL, write_csv(text), &o, &d));
  return d;
}

static void
numbers_are_those_of_the_c_library(void **state)
{
  (void)state;
  /* Some emulators, Valgrind among them, compute long double as double. */
  volatile long double one = 1.0L, least = LDBL_EPSILON;
  if (one + least == one) {
    print_message("# long double has less precision here than its type says\n");
    skip();
  }
  uint64_t seed = 11;
  for (int i = 0; i < 400000; i++) {
    char text[64];
    double x = 0, want;
    uint64_t r = nax_t_random(&seed);
    int digits = 1 + (int)(r % 19), e = (int)((r >> 8) % 60) - 30;
    if (i % 4 == 0) {
      memcpy(&want, &r, sizeof want);
      if (!isfinite(want)) {
        continue;
      }
      snprintf(text, sizeof text, "%.17g", want);
    } else if (i % 4 == 1) {
      snprintf(text, sizeof text, "%.*fe%d", digits, nax_t_uniform(&seed) * 1000, e);
    } else if (i % 4 == 2) {
      snprintf(text, sizeof text, "-0.%019llu", (unsigned long long)(r >> 3));
    } else { /* near the middle between two doubles */
      snprintf(text, sizeof text, "%lluE%d",
               (unsigned long long)((UINT64_C(1) << 53) + (r >> 40)) * 2 + 1, e % 5);
    }
    const char *p = text;
    assert_int_equal(nax_i_scan_number(&p, text + strlen(text), '.', &x), NAX_I_NUMBER);
    want = strtod(text, NULL);
    if (*p != '\0' || memcmp(&x, &want, sizeof x) != 0) {
      fail_msg("%s is read as %.17g, expected %.17g", text, x, want);
    }
  }
}

static void
dialects_give_the_same_table(void **state)
{
  (void)state;
  static const char *const dialect[] = {
      "t,a,b\n0,1,2.5\n0.1,,3\n0.2,-4e1,NaN\n",
      "\xef\xbb\xbft,a,b\r\n0,1,2.5\r\n0.1,NA,3\r\n0.2,-40,nan\r\n",
      "t;a;b\n0;1;2,5\n0,1;;3\n0,2;-40,0;NaN\n",
      "t;a;b\n0;1;2.5\n0.1;;3\n0.2;-40.0;NaN\n",
      "# made by hand\nt\ta\tb\n\n0\t1\t2.5\n# more\n0.1\t\t3\n0.2\t-40\tnull\n",
      "  t   a  b \n 0 1  2.5\n0.1 NA\t3 \n0.2 -40 NaN",
      "\"t\",\"a\",\"b\"\n\"0\",\"1\",\"2.5\"\n0.1,\"\",3\n0.2,-40,\n",
      "time_s,a,b\n0,1,2.5\n0.1,,3\n0.2,-4e1,NaN\n",
      "Time (ms),a,b\n0,1,2.5\n100,,3\n200,-4e1,NaN\n",
  };
  const double want[] = {1, 2.5, (double)NAN, 3, -40, (double)NAN};
  for (size_t i = 0; i < sizeof dialect / sizeof dialect[0]; i++) {
    nax_dataset *d = load(dialect[i], NULL);
    const nax_array *a = nax_dataset_array(d, "data");
    assert_non_null(a);
    assert_int_equal(nax_array_dim(a, 0), 2);
    assert_int_equal(nax_array_dim(a, 1), 3);
    assert_all_close(nax_array_f64(a), want, 6, 0, 0);
    assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 0), "a");
    assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 1), "b");
    assert_close(nax_axis_rate(nax_array_axis(a, 1)), 10, 1e-12, 0);
    nax_dataset_free(d);
  }
}

static void
faults_name_row_and_column(void **state)
{
  (void)state;
  static const struct {
    const char *text, *says;
    nax_status code;
  } bad[] = {
      {"", "is empty (0 bytes)", NAX_EFORMAT},
      {"# nothing\n\n", "has no data", NAX_EFORMAT},
      {"t,a\n", "has a header and no data", NAX_EFORMAT},
      {"t,a,b\n0,1,2\n1,3\n",
       "row 3, column 3: rows differ in length (found 2 cells, expected 3", NAX_EFORMAT},
      {"t,a\n0,1\n1,2,3,4\n",
       "row 3, column 3: rows differ in length (found 4 cells, expected 2", NAX_EFORMAT},
      {"t,a\n0,1\n\n# x\n1,abc\n", "row 5, column 2: text among numbers (found `abc`",
       NAX_EFORMAT},
      {"t,a\n0,1\n1,1e400\n", "row 3, column 2: number out of range (found 1e400",
       NAX_EDATA},
      {"t,a\n0,1\n1,inf\n", "row 3, column 2: infinite value (found inf", NAX_EDATA},
      {"t,a,a\n0,1,2\n", "row 1, column 3: the name `a` is used twice", NAX_EFORMAT},
      {"t,a\n0,\"1\n", "row 2, column 2: the quote is never closed", NAX_EFORMAT},
      {"t,a\n0,1\n1,\"1\"2\n", "row 3, column 2: text after the closing quote",
       NAX_EFORMAT},
      {"t,a\n0,1\n0,2\n", "row 3, column 1: time does not ascend", NAX_EDATA},
      {"t,a\n0,1\n,2\n", "row 3, column 1: time is missing", NAX_EDATA},
      {"t;a\n0;1\n1;1.234,5\n", "row 3, column 2: text among numbers (found `1.234,5`",
       NAX_EFORMAT},
      {"t\n0\n1\n", "has no data column", NAX_EFORMAT},
      {"unit,time\n1,0.5\n2,\n", "row 3, column 2: spike time is missing", NAX_EDATA},
      {"\xff\xfet\0,\0", "UTF-16", NAX_EFORMAT},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    io_t_refuses(write_csv(bad[i].text), NULL, bad[i].code, bad[i].says);
  }
  const char *path = nax_t_tmp("n.csv");
  nax_t_write(path, "t,a\n0,\0001\n", 10);
  io_t_refuses(path, NULL, NAX_EFORMAT, "row 2, byte 3: zero byte");
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.rows = "cow";
  io_t_refuses(write_csv("1,2\n"), &o, NAX_EINVAL, "option `rows` is `cow`");
}

static void
files_of_the_shared_folder_answer_as_documented(void **state)
{
  (void)state;
  static const struct {
    const char *name, *says;
    nax_status code;
  } bad[] = {
      {"csv_empty.csv", "is empty (0 bytes)", NAX_EFORMAT},
      {"csv_header_only.csv", "has a header and no data", NAX_EFORMAT},
      {"csv_nonuniform_time.csv",
       "row 5, column 1: time does not ascend (found 0.25 s after 0.3 s)", NAX_EDATA},
      {"csv_ragged.csv", "row 3, column 3: rows differ", NAX_EFORMAT},
      {"csv_text_cell.csv", "row 3, column 2: text among numbers (found `abc`",
       NAX_EFORMAT},
  };
  static const char *const good[] = {"csv_bom_crlf.csv", "csv_semicolon_comma.csv",
                                     "csv_tabs.tsv"};
  char name[100];
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    snprintf(name, sizeof name, "data/malformed/%s", bad[i].name);
    io_t_refuses(nax_t_shared(name), NULL, bad[i].code, bad[i].says);
  }
  for (size_t i = 0; i < 3; i++) {
    nax_dataset *d = NULL;
    snprintf(name, sizeof name, "data/malformed/%s", good[i]);
    assert_ok(nax_dataset_load(NULL, nax_t_shared(name), NULL, &d));
    assert_int_equal(nax_array_size(nax_dataset_array(d, "data")), 2);
    nax_dataset_free(d);
  }
}

static void
rows_may_be_neurons(void **state)
{
  (void)state;
  const double want[] = {1, 4, 2, 5, 3, 6};
  nax_dataset *d = load("1,2,3\n4,5,6\n", "neuron");
  const nax_array *a = nax_dataset_array(d, "data");
  assert_int_equal(nax_array_dim(a, 0), 2);
  assert_string_equal(nax_axis_name(nax_array_axis(a, 0)), "neuron");
  assert_all_close(nax_array_f64(a), want, 6, 0, 0);
  nax_dataset_free(d);
  d = load("roi,f0,f1,f2\nx,1,2,3\ny,4,5,6\n", "neuron");
  a = nax_dataset_array(d, "data");
  assert_int_equal(nax_array_dim(a, 1), 3);
  assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 1), "y");
  assert_all_close(nax_array_f64(a), want, 6, 0, 0);
  nax_dataset_free(d);
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.axes = "condition,channel";
  assert_ok(nax_dataset_load(NULL, write_csv("1,4\n2,5\n3,6\n"), &o, &d));
  a = nax_dataset_array(d, "data");
  assert_string_equal(nax_axis_name(nax_array_axis(a, 0)), "channel");
  assert_string_equal(nax_axis_name(nax_array_axis(a, 1)), "condition");
  assert_all_close(nax_array_f64(a), want, 6, 0, 0);
  nax_dataset_free(d);
  d = io_t_load_warned(write_csv("1,2,3\n4,5,6\n"), NULL, "io.rows-assumed",
                       "2 rows and 3 columns without a header");
  nax_dataset_free(d);
}

static void
spike_lists_become_trains(void **state)
{
  (void)state;
  nax_index n;
  nax_dataset *d = load("cluster_id,time_ms,group,amp\n7,100,good,1\n3,200,mua,2\n"
                        "7,300,good,3\n",
                        NULL);
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_non_null(s);
  assert_int_equal(nax_spikes_n_units(s), 2);
  assert_close(nax_axis_coord(nax_spikes_units(s), 1), 7, 0, 0);
  const double *t = nax_spikes_times(s, 1, &n);
  assert_int_equal(n, 2);
  assert_close(t[0], 0.1, 1e-15, 0);
  assert_close(t[1], 0.3, 1e-15, 0);
  const nax_table *u = nax_dataset_table(d, "units");
  assert_int_equal(nax_table_n_columns(u), 1);
  assert_string_equal(nax_table_text(u, 0)[0], "mua");
  const nax_table *e = nax_dataset_table(d, "events");
  assert_int_equal(nax_table_n_rows(e), 3);
  assert_int_equal(nax_table_n_columns(e), 4);
  nax_dataset_free(d);
  d = load("unit,t\nb,1\na,2\nb,0.5\n", NULL);
  s = nax_dataset_spikes(d, "spikes");
  assert_string_equal(nax_axis_label(nax_spikes_units(s), 0), "a");
  t = nax_spikes_times(s, 1, &n);
  assert_close(t[0], 0.5, 0, 0);
  nax_dataset_free(d);
  d = io_t_load_warned(write_csv("unit,t\nb,1\na,2\nb,0.5\n"), NULL, "spikes.unsorted",
                       "1 of 3 spike times");
  nax_dataset_free(d);
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.strict = 1;
  io_t_refuses(write_csv("unit,t\nb,1\na,2\nb,0.5\n"), &o, NAX_EDATA, "1 of 3");
  o.strict = 0;
  o.rows = "spike";
  o.rate = 1e6;
  assert_ok(nax_dataset_load(NULL, write_csv("# us\n500000\n1500000\n"), &o, &d));
  t = nax_spikes_times(nax_dataset_spikes(d, "spikes"), 0, &n);
  assert_int_equal(n, 2);
  assert_close(t[1], 1.5, 1e-15, 0);
  nax_dataset_free(d);
}

static void
text_columns_make_a_table(void **state)
{
  (void)state;
  nax_dataset *d =
      load("start_s,stop_s,tag\n1,2,rest\n3,4,13\n5,6,\"a, \"\"b\"\"\"\n", NULL);
  const nax_table *t = nax_dataset_table(d, "events");
  assert_non_null(t);
  assert_int_equal(nax_table_n_rows(t), 3);
  assert_string_equal(nax_table_text(t, 2)[1], "13");
  assert_string_equal(nax_table_text(t, 2)[2], "a, \"b\"");
  assert_close(nax_table_numbers(t, 1)[2], 6, 0, 0);
  nax_dataset_free(d);
}

static void
the_tectum_recording_is_read(void **state)
{
  (void)state;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  o.rows = "neuron";
  o.rate = 2.2;
  assert_ok(nax_dataset_load(
      NULL,
      nax_t_shared(
          "data/zebrafish_tectum_triplett2018/zf_20151104-f1_activity_matrix.csv"),
      &o, &d));
  const nax_array *a = nax_dataset_array(d, "data");
  assert_int_equal(nax_array_dim(a, 0), 114);
  assert_int_equal(nax_array_dim(a, 1), 4245);
  assert_close(nax_array_f64(a)[114], 0.17771, 0, 0);
  nax_dataset_free(d);
}

static void
the_rat_has_128_units(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/mclust_rat_R050/R050_spikes.csv"),
                             NULL, &d));
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 128);
  assert_int_equal(nax_spikes_n_spikes(s), 319267);
  nax_dataset_free(d);
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  static const char *const text[] = {"t,a\n0,1\n1,2\n", "unit,t,q\na,1,x\nb,2,y\na,3,x\n",
                                     "start,stop,c\n1,2,x\n3,4,\"y\"\"z\"\n"};
  nax_dataset *d = NULL;
  for (int i = 0; i < 3; i++) {
    const char *path = write_csv(text[i]);
    NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &d), d, nax_dataset_free(d),
                      400);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_those_of_the_c_library),
      cmocka_unit_test(dialects_give_the_same_table),
      cmocka_unit_test(faults_name_row_and_column),
      cmocka_unit_test(files_of_the_shared_folder_answer_as_documented),
      cmocka_unit_test(rows_may_be_neurons),
      cmocka_unit_test(spike_lists_become_trains),
      cmocka_unit_test(text_columns_make_a_table),
      cmocka_unit_test(the_tectum_recording_is_read),
      cmocka_unit_test(the_rat_has_128_units),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_csv", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
