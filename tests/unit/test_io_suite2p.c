/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_test.h"
#include "io/pickle_i.h"

static float ramp[60];
static const double marks[] = {1, 0.9, 0, 0.2, 1, 0.8, 0, 0.1};

static const char *
in(const char *dir, const char *name)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return nax_t_tmp(path);
}

/* A folder with F (4 ROIs x 15 frames), iscell and a pickle that holds `ops`. */
static void
make_plane(const char *dir, const void *ops, size_t n_ops)
{
  mkdir(nax_t_tmp(dir), 0777);
  for (int i = 0; i < 60; i++) {
    ramp[i] = (float)i;
  }
  io_t_write_npy(in(dir, "F.npy"), "<f4", "False", "(4, 15)", ramp, sizeof ramp);
  io_t_write_npy(in(dir, "Fneu.npy"), "<f4", "False", "(4, 15)", ramp, sizeof ramp);
  io_t_write_npy(in(dir, "iscell.npy"), "<f8", "False", "(4, 2)", marks, sizeof marks);
  unlink(in(dir, "ops.npy"));
  if (ops != NULL) {
    io_t_write_npy(in(dir, "ops.npy"), "|O", "False", "()", ops, n_ops);
  }
}

static void
a_number_is_found_in_every_pickle_protocol(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t n;
    nax_i_pickled found;
    double value;
  } cases[] = {
#define BYTES(s) s, sizeof(s) - 1
      {BYTES("\x80\x02}q\x00X\x02\x00\x00\x00"
             "fsq\x01G\x40\x3e\x00\x00\x00\x00\x00\x00s."),
       NAX_I_PICKLED_NUMBER, 30},
      {BYTES("X\x02\x00\x00\x00"
             "fsr\x01\x02\x00\x00K\x07"),
       NAX_I_PICKLED_NUMBER, 7},
      {BYTES("\x80\x04\x8c\x02"
             "fs\x94M\x10\x27."),
       NAX_I_PICKLED_NUMBER, 10000},
      {BYTES("\x8c\x02"
             "fs\x94J\x00\x00\x01\x00"),
       NAX_I_PICKLED_NUMBER, 65536},
      {BYTES("\x8c\x02"
             "fs\x94J\xff\xff\xff\xff"),
       NAX_I_PICKLED_NUMBER, -1},
      {BYTES("\x8c\x02"
             "fs\x94\x8c\x05numpy"),
       NAX_I_PICKLED_OTHER, 0},
      {BYTES("\x8c\x02"
             "fs\x94K\x05 \x8c\x02"
             "fs\x94K\x06"),
       NAX_I_PICKLED_SEVERAL, 0},
      {BYTES("\x8c\x02"
             "fs\x94K\x05 \x8c\x02"
             "fs\x94K\x05"),
       NAX_I_PICKLED_NUMBER, 5},
      {BYTES("\x8c\x02"
             "fx\x94K\x05"),
       NAX_I_PICKLED_NONE, 0},
      {BYTES("\x8c\x02"
             "fsq"),
       NAX_I_PICKLED_OTHER, 0},
      {BYTES("\x8c\x02"
             "fsr\x01"),
       NAX_I_PICKLED_OTHER, 0},
      {BYTES("\x8c\x02"
             "fsG\x40"),
       NAX_I_PICKLED_OTHER, 0},
#undef BYTES
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double x;
    nax_i_pickled found;
    const char *path = nax_t_tmp("o.npy");
    io_t_write_npy(path, "|O", "False", "()", cases[i].bytes, cases[i].n);
    assert_ok(nax_i_pickle_number(NULL, path, "fs", &x, &found));
    assert_int_equal(found, cases[i].found);
    if (found == NAX_I_PICKLED_NUMBER) {
      assert_close(x, cases[i].value, 0, 0);
    }
  }
  /* Across the border of two chunks, wherever it falls. */
  enum { N = (1 << 20) + 4096 };
  char *big = calloc(N, 1);
  assert_non_null(big);
  for (int shift = -40; shift < 8; shift++) {
    double x;
    nax_i_pickled found;
    memset(big, 'z', N);
    memcpy(big + (1 << 20) + shift,
           "\x8c\x02"
           "fs\x94K\x1e",
           7);
    io_t_write_npy(nax_t_tmp("o.npy"), "|O", "False", "()", big, N);
    assert_ok(nax_i_pickle_number(NULL, nax_t_tmp("o.npy"), "fs", &x, &found));
    assert_int_equal(found, NAX_I_PICKLED_NUMBER);
    assert_close(x, 30, 0, 0);
  }
  free(big);
}

static void
cells_only_leaves_the_others_out(void **state)
{
  (void)state;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  make_plane("p",
             "\x8c\x02"
             "fs\x94K\x1e",
             7);
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("p"), NULL, &d));
  const nax_array *a = nax_dataset_array(d, "F");
  assert_string_equal(nax_dataset_main(d), "F");
  assert_int_equal(nax_array_dim(a, 0), 4);
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 30, 0, 0);
  assert_close(nax_array_f64(a)[1], 15, 0, 0);
  nax_dataset_free(d);
  nax_dataset_free(io_t_load_warned(in("p", "F.npy"), NULL, "io.part-of-folder",
                                    "part of a Suite2p folder"));
  o.cells_only = 1;
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("p"), &o, &d));
  a = nax_dataset_array(d, "Fneu");
  assert_int_equal(nax_array_dim(a, 0), 2);
  assert_close(nax_array_f64(a)[1], 30, 0, 0);
  assert_close(nax_axis_coord(nax_array_axis(a, 0), 1), 2, 0, 0);
  const nax_table *t = nax_dataset_table(d, "neurons");
  assert_int_equal(nax_table_n_rows(t), 2);
  assert_close(nax_table_numbers(t, nax_table_find(t, "iscell_probability"))[1], 0.8, 0,
               0);
  nax_dataset_free(d);
}

static void
rates_that_nobody_set_are_pointed_out(void **state)
{
  (void)state;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  make_plane("r",
             "\x8c\x02"
             "fs\x94K\x01",
             7);
  nax_dataset_free(io_t_load_warned(nax_t_tmp("r"), NULL, "io.rate-placeholder",
                                    "F: the sampling rate 1 Hz"));
  make_plane("r",
             "\x8c\x02"
             "fs\x94\x8c\x05numpy",
             12);
  io_t_refuses(nax_t_tmp("r"), NULL, NAX_EDATA,
               "sampling rate unknown (found an fs that is no plain positive number, "
               "expected a number; give option `rate`)");
  make_plane("r", NULL, 0);
  io_t_refuses(nax_t_tmp("r"), NULL, NAX_EDATA, "sampling rate unknown (found no fs in");
  io_t_write_npy(in("r", "settings.npy"), "|O", "False", "()",
                 "\x8c\x02"
                 "fs\x94K\x0f",
                 7);
  nax_dataset *d = io_t_load_warned(nax_t_tmp("r"), NULL, NULL, NULL);
  assert_close(nax_axis_rate(nax_array_axis(nax_dataset_array(d, "F"), 1)), 15, 0, 0);
  nax_dataset_free(d);
  o.rate = 20;
  nax_dataset_free(io_t_load_warned(nax_t_tmp("r"), &o, "io.rate-overridden",
                                    "the file says 15 Hz, 20 Hz"));
}

static void
shapes_that_disagree_are_refused(void **state)
{
  (void)state;
  make_plane("s",
             "\x8c\x02"
             "fs\x94K\x1e",
             7);
  io_t_write_npy(in("s", "spks.npy"), "<f4", "False", "(4, 14)", ramp, 4 * 14 * 4);
  io_t_refuses(nax_t_tmp("s"), NULL, NAX_EFORMAT,
               "spks.npy: does not fit F.npy (found shape (4, 14), expected (4, 15))");
  unlink(in("s", "spks.npy"));
  io_t_write_npy(in("s", "iscell.npy"), "<f8", "False", "(3, 2)", marks, 6 * 8);
  io_t_refuses(nax_t_tmp("s"), NULL, NAX_EFORMAT,
               "iscell.npy: does not fit F.npy (found shape (3, 2), expected (4, 2))");
  unlink(in("s", "iscell.npy"));
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.cells_only = 1;
  nax_dataset_free(
      io_t_load_warned(nax_t_tmp("s"), &o, "io.no-iscell", "all ROIs are kept"));
  io_t_write_npy(in("s", "F.npy"), "<f4", "False", "(60,)", ramp, sizeof ramp);
  io_t_refuses(nax_t_tmp("s"), NULL, NAX_EFORMAT,
               "is not ROI x frame (found shape (60,)");
  io_t_write_npy(in("s", "F.npy"), "|O", "False", "(60,)", ramp, sizeof ramp);
  io_t_refuses(nax_t_tmp("s"), NULL, NAX_ETYPE, "Python objects");
}

static void
the_two_real_folders_are_read(void **state)
{
  (void)state;
  nax_dataset *d =
      io_t_load_warned(nax_t_shared("data/suite2p_fissa_plane0/suite2p/plane0"), NULL,
                       "io.rate-placeholder", "1 Hz is a default");
  assert_int_equal(nax_array_dim(nax_dataset_array(d, "F"), 0), 23);
  assert_int_equal(nax_array_dim(nax_dataset_array(d, "spks"), 1), 864);
  const nax_table *t = nax_dataset_table(d, "neurons");
  int cells = 0;
  for (int i = 0; i < 23; i++) {
    cells += nax_table_numbers(t, nax_table_find(t, "iscell"))[i] > 0.5;
  }
  assert_int_equal(cells, 21);
  nax_dataset_free(d);
  d = io_t_load_warned(nax_t_shared("data/suite2p_multiplane/suite2p"), NULL,
                       "io.combined-skipped", "combined/");
  assert_int_equal(nax_array_dim(nax_dataset_array(d, "plane0/F"), 0), 15);
  assert_int_equal(nax_array_dim(nax_dataset_array(d, "plane1/F_chan2"), 0), 25);
  assert_null(nax_dataset_array(d, "combined/F"));
  assert_close(nax_axis_rate(nax_array_axis(nax_dataset_array(d, "plane1/F"), 1)), 10, 0,
               0);
  nax_dataset_free(d);
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  mkdir(nax_t_tmp("m"), 0777);
  make_plane("m/plane0",
             "\x8c\x02"
             "fs\x94K\x1e",
             7);
  make_plane("m/plane1",
             "\x8c\x02"
             "fs\x94K\x1e",
             7);
  const char *dir = nax_t_tmp("m");
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, dir, NULL, &d), d, nax_dataset_free(d), 900);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_number_is_found_in_every_pickle_protocol),
      cmocka_unit_test(cells_only_leaves_the_others_out),
      cmocka_unit_test(rates_that_nobody_set_are_pointed_out),
      cmocka_unit_test(shapes_that_disagree_are_refused),
      cmocka_unit_test(the_two_real_folders_are_read),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_suite2p", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
