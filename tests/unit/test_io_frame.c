/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the frame around the readers answers, whichever reader it is. */
#include "io_test.h"
#include "io/io_i.h"

static void
foreign_files_are_called_by_their_name(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t n;
    const char *says;
  } files[] = {
      {"", 0, "is empty (0 bytes)"},
      {"version https://git-lfs.github.com/spec/v1\n", 43, "git-lfs pointer"},
      {"<!DOCTYPE html>\n", 16, "HTML page"},
      {"\xff\xfe"
       "a\0,\0b\0",
       8, "UTF-16"},
      {"\x1f\x8b\x08\0", 4, "gzip"},
      {"GDF 1.25", 8, "GDF recording"},
      {"\0\0\0\x64\0\0\0\x1f", 8, "FIF recording"},
      {"\x80\x04\x95 pickle", 10, "Python pickle"},
      {"PK\x03\x04 no arrays in this archive at all", 38, "zip archive"},
      {"\x7f"
       "ELF something",
       14, "is not in a format that can be read"},
  };
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    const char *path = nax_t_tmp("foreign.bin");
    nax_t_write(path, files[i].bytes, files[i].n);
    io_t_refuses(path, NULL, NAX_EFORMAT, files[i].says);
  }
  mkdir(nax_t_tmp("empty"), 0777);
  io_t_refuses(nax_t_tmp("empty"), NULL, NAX_EFORMAT, "is a folder without the files of");
  mkdir(nax_t_tmp("store"), 0777);
  nax_t_write(nax_t_tmp("store/.zgroup"), "{}", 2);
  io_t_refuses(nax_t_tmp("store"), NULL, NAX_EFORMAT, "is a Zarr store");
  io_t_refuses(nax_t_tmp("absent"), NULL, NAX_EIO, "cannot open");
  assert_int_equal(mkfifo(nax_t_tmp("pipe.csv"), 0600), 0);
  io_t_refuses(nax_t_tmp("pipe.csv"), NULL, NAX_EIO, "neither a regular file");
}

static void
asking_wrongly_is_answered_too(void **state)
{
  (void)state;
  nax_source *s = NULL;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  const float x[6] = {0};
  io_t_write_npy(nax_t_tmp("x.npy"), "<f4", "False", "(2, 3)", x, sizeof x);
  o.format = "xyz";
  assert_status(nax_source_open(NULL, nax_t_tmp("x.npy"), &o, &s), NAX_EINVAL);
  assert_null(s);
  o.format = NULL;
  o.var = "no";
  io_t_refuses(nax_t_tmp("x.npy"), &o, NAX_EINVAL, "no variable `no` (found data)");
  o.var = NULL;
  o.axes = "neuron";
  io_t_refuses(nax_t_tmp("x.npy"), &o, NAX_EINVAL, "option `axes` names 1 axes");
  o.axes = "neuron,neuron";
  io_t_refuses(nax_t_tmp("x.npy"), &o, NAX_EINVAL, "names `neuron` twice");
  o.axes = NULL;
  assert_ok(nax_source_open(NULL, nax_t_tmp("x.npy"), &o, &s));
  double dst[6];
  const nax_index start[] = {0, 1}, count[] = {2, 3}, fine[] = {2, 2};
  assert_status(nax_source_read(NULL, s, 0, start, count, NAX_F64, dst, 6), NAX_EDIM);
  assert_status(nax_source_read(NULL, s, 1, start, fine, NAX_F64, dst, 6), NAX_EINVAL);
  assert_status(nax_source_read(NULL, s, 0, start, fine, NAX_I8, dst, 6), NAX_ETYPE);
  assert_status(nax_source_read(NULL, s, 0, start, fine, NAX_F64, dst, 3), NAX_EDIM);
  assert_ok(nax_source_read(NULL, s, 0, start, fine, NAX_F64, dst, 4));
  nax_spikes *spikes = NULL;
  assert_status(nax_source_load_spikes(NULL, s, 0, &spikes), NAX_EINVAL);
  nax_table *table = NULL;
  assert_status(nax_source_load_table(NULL, s, 0, &table), NAX_EINVAL);
  assert_null(nax_source_var(s, 5));
  assert_int_equal(nax_source_block(s, 0, 1, 1), 1);
  assert_int_equal(nax_source_block(s, 0, 1, 1 << 20), 3);
  nax_source_close(s);
}

static void
files_appear_whole_or_not_at_all(void **state)
{
  (void)state;
  nax_i_atomic a;
  struct stat st;
  char *data = NULL;
  size_t n;
  /* A device is never replaced, not even by force. */
  assert_status(nax_i_atomic_begin(NULL, "/dev/null", 1, &a), NAX_EIO);
  assert_non_null(strstr(nax_ctx_error(NULL), "/dev/null: is not a regular file"));
  assert_status(nax_i_atomic_begin(NULL, nax_t_tmp(""), 1, &a), NAX_EIO);
  io_t_write_text(nax_t_tmp("old"), "old");
  assert_status(nax_i_atomic_begin(NULL, nax_t_tmp("old"), 0, &a), NAX_EIO);
  assert_status(nax_i_atomic_begin(NULL, nax_t_tmp("no/where"), 0, &a), NAX_EIO);
  /* Behind a link it is the file that changes. */
  assert_int_equal(symlink("old", nax_t_tmp("link")), 0);
  assert_ok(nax_i_atomic_begin(NULL, nax_t_tmp("link"), 1, &a));
  io_t_write_text(a.temp, "new");
  assert_ok(nax_i_read_file(NULL, nax_t_tmp("old"), 100, &data, &n));
  assert_string_equal(data, "old");
  nax_i_free(data);
  assert_ok(nax_i_atomic_commit(NULL, &a, 1));
  assert_int_equal(lstat(nax_t_tmp("link"), &st), 0);
  assert_true(S_ISLNK(st.st_mode));
  assert_ok(nax_i_read_file(NULL, nax_t_tmp("old"), 100, &data, &n));
  assert_string_equal(data, "new");
  nax_i_free(data);
  /* Given up: nothing is left. */
  assert_ok(nax_i_atomic_begin(NULL, nax_t_tmp("never"), 0, &a));
  nax_i_atomic_abort(&a);
  assert_int_equal(nax_i_exists(nax_t_tmp("never")), 0);
  /* Somebody else was faster. */
  assert_ok(nax_i_atomic_begin(NULL, nax_t_tmp("race"), 0, &a));
  io_t_write_text(nax_t_tmp("race"), "theirs");
  assert_status(nax_i_atomic_commit(NULL, &a, 0), NAX_EIO);
  assert_ok(nax_i_read_file(NULL, nax_t_tmp("race"), 100, &data, &n));
  assert_string_equal(data, "theirs");
  nax_i_free(data);
  assert_status(nax_i_read_file(NULL, nax_t_tmp("race"), 3, &data, &n), NAX_EFORMAT);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(foreign_files_are_called_by_their_name),
      cmocka_unit_test(asking_wrongly_is_answered_too),
      cmocka_unit_test(files_appear_whole_or_not_at_all),
  };
  return cmocka_run_group_tests_name("io_frame", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
