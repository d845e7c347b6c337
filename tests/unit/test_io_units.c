/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MClust and Neurosuite sortings. */
#include "io_test.h"

static const char *
in(const char *dir, const char *name)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return nax_t_tmp(path);
}

static void
write_t(const char *path, const char *about, const void *data, size_t n)
{
  char b[400];
  int k = snprintf(b, sizeof b, "%%%%BEGINHEADER\n%% %s\n%%%%ENDHEADER\n", about);
  memcpy(b + k, data, n);
  nax_t_write(path, b, (size_t)k + n);
}

static void
mclust_files_are_units(void **state)
{
  (void)state;
  nax_index n;
  nax_dataset *d = NULL;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  mkdir(nax_t_tmp("c"), 0777);
  write_t(in("c", "TT1_1.t"), "(tenths of msecs)", "\0\0\x27\x10\0\0\x4e\x20", 8);
  write_t(in("c", "TT1_2._t"), "(tenths of msecs)", "\0\0\0\1", 4);
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("c"), NULL, &d));
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 2);
  assert_string_equal(nax_axis_label(nax_spikes_units(s), 0), "TT1_1");
  assert_close(nax_spikes_times(s, 0, &n)[1], 2, 1e-15, 0);
  assert_string_equal(nax_table_text(nax_dataset_table(d, "units"), 1)[1], "poor");
  nax_dataset_free(d);
  o.cells_only = 1;
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("c"), &o, &d));
  assert_int_equal(nax_spikes_n_units(nax_dataset_spikes(d, "spikes")), 1);
  nax_dataset_free(d);
  assert_ok(nax_dataset_load(NULL, in("c", "TT1_2._t"), NULL, &d));
  assert_int_equal(nax_spikes_n_spikes(nax_dataset_spikes(d, "spikes")), 1);
  nax_dataset_free(d);
  write_t(in("c", "TT1_2._t"), "uint64, microseconds", "\0\0\0\0\0\x0f\x42\x40\1", 9);
  d = io_t_load_warned(in("c", "TT1_2._t"), NULL, "io.trailing-bytes", "1 bytes follow");
  assert_close(nax_spikes_times(nax_dataset_spikes(d, "spikes"), 0, &n)[0], 1, 1e-15, 0);
  nax_dataset_free(d);
  io_t_write_text(in("c", "TT1_2._t"), "%%BEGINHEADER\nnothing");
  io_t_refuses(in("c", "TT1_2._t"), NULL, NAX_EFORMAT, "found no %%ENDHEADER");
}

static void
the_rat_is_the_same_in_both_formats(void **state)
{
  (void)state;
  nax_dataset *a = NULL, *b = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/mclust_rat_R050/t"), NULL, &a));
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/mclust_rat_R050/R050_spikes.csv"),
                             NULL, &b));
  const nax_spikes *x = nax_dataset_spikes(a, "spikes"),
                   *y = nax_dataset_spikes(b, "spikes");
  assert_int_equal(nax_spikes_n_units(x), 128);
  assert_int_equal(nax_spikes_n_spikes(x), 319267);
  assert_int_equal(nax_spikes_n_units(y), 128);
  for (nax_index u = 0; u < 128; u++) {
    const char *name = nax_axis_label(nax_spikes_units(x), u);
    nax_index k = nax_axis_find_label(nax_spikes_units(y), strstr(name, "TT")), n, m;
    assert_true(k >= 0);
    const double *s = nax_spikes_times(x, u, &n), *t = nax_spikes_times(y, k, &m);
    assert_int_equal(n, m);
    assert_all_close(s, t, n, 1e-14, 0);
    assert_string_equal(nax_table_text(nax_dataset_table(a, "units"), 1)[u],
                        nax_table_text(nax_dataset_table(b, "units"), 0)[k]);
  }
  nax_dataset_free(a);
  nax_dataset_free(b);
}

static void
write_neurosuite(void)
{
  mkdir(nax_t_tmp("k"), 0777);
  io_t_write_text(in("k", "rat.res.1"), "100\n200\n300\n");
  io_t_write_text(in("k", "rat.clu.1"), "2\n3\n0\n3\n");
  io_t_write_text(in("k", "rat.res.2"), "150\n");
  io_t_write_text(in("k", "rat.clu.2"), "1\n2\n");
  io_t_write_text(in("k", "rat.xml"),
                  "<parameters><acquisitionSystem>\n<samplingRate>1000</samplingRate>\n");
}

static void
neurosuite_pairs_are_units(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  nax_index n;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  write_neurosuite();
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("k"), NULL, &d));
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 3);
  assert_string_equal(nax_axis_label(nax_spikes_units(s), 1), "1_3");
  assert_close(nax_spikes_times(s, 1, &n)[1], 0.3, 1e-15, 0);
  assert_int_equal(n, 2);
  assert_close(nax_table_numbers(nax_dataset_table(d, "units"), 0)[2], 2, 0, 0);
  nax_dataset_free(d);
  o.cells_only = 1;
  o.rate = 100;
  d = io_t_load_warned(in("k", "rat.clu.2"), &o, "io.rate-overridden", "says 1000 Hz");
  s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 2);
  assert_close(nax_spikes_times(s, 1, &n)[0], 1.5, 1e-15, 0);
  nax_dataset_free(d);
  io_t_write_text(in("k", "rat.clu.2"), "1\n2\n2\n");
  io_t_refuses(nax_t_tmp("k"), NULL, NAX_EFORMAT, "(found 3 lines, expected 2");
  io_t_write_text(in("k", "rat.clu.2"), "1\n-2\n");
  io_t_refuses(nax_t_tmp("k"), NULL, NAX_EDATA, "row 2: not a whole number");
  io_t_write_text(in("k", "rat.clu.2"), "1\n99999\n");
  io_t_refuses(nax_t_tmp("k"), NULL, NAX_EDATA, "row 2: cluster is 99999");
  io_t_write_text(in("k", "cat.clu.2"), "1\n2\n");
  io_t_refuses(nax_t_tmp("k"), NULL, NAX_EFORMAT, "holds several recordings");
  unlink(in("k", "cat.clu.2"));
  unlink(in("k", "rat.xml"));
  io_t_refuses(nax_t_tmp("k"), NULL, NAX_EDATA, "sampling rate unknown");
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  char dir[300];
  write_neurosuite();
  snprintf(dir, sizeof dir, "%s", nax_t_tmp("k"));
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, dir, NULL, &d), d, nax_dataset_free(d), 600);
  mkdir(nax_t_tmp("m"), 0777);
  write_t(in("m", "TT1_1.t"), "(tenths of msecs)", "\0\0\x27\x10\0\0\x4e\x20", 8);
  write_t(in("m", "TT1_2._t"), "(tenths of msecs)", "\0\0\0\1", 4);
  snprintf(dir, sizeof dir, "%s", nax_t_tmp("m"));
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, dir, NULL, &d), d, nax_dataset_free(d), 600);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mclust_files_are_units),
      cmocka_unit_test(the_rat_is_the_same_in_both_formats),
      cmocka_unit_test(neurosuite_pairs_are_units),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_units", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
