/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for every faulty file, whichever reader has it. */
#include "io_test.h"
#include <dirent.h>
#include <sys/resource.h>
#include <time.h>

static double
seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Each file of the folder either loads or is refused on one line that names it, quickly
 * and in little memory. What exactly is said, the tests of the readers look at. */
static void
every_malformed_file_is_answered_quickly_on_one_line(void **state)
{
  (void)state;
  char dir[300], path[600];
  int n = 0;
  snprintf(dir, sizeof dir, "%s", nax_t_shared("data/malformed"));
  DIR *d = opendir(dir);
  assert_non_null(d);
  for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
    if (e->d_name[0] == '.' || strcmp(e->d_name, "README.md") == 0) {
      continue;
    }
    nax_ctx *ctx = NULL;
    nax_dataset *loaded = NULL;
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    assert_ok(nax_ctx_create(&ctx));
    double t0 = seconds();
    nax_status got = nax_dataset_load(ctx, path, NULL, &loaded);
    double took = seconds() - t0;
    const char *said = nax_ctx_error(ctx);
    if (took > 5) {
      fail_msg("%s took %g s", path, took);
    }
    if (got != NAX_OK &&
        (got == NAX_EBUG || got == NAX_ENOMEM || strchr(said, '\n') != NULL ||
         strncmp(said, path, strlen(path)) != 0 || strlen(said) < strlen(path) + 10)) {
      fail_msg("%s: %s `%s`", path, nax_status_name(got), said);
    }
    assert_true((got == NAX_OK) == (loaded != NULL));
    nax_dataset_free(loaded);
    nax_ctx_free(ctx);
    n++;
  }
  closedir(d);
  assert_true(n >= 42);
#ifndef __SANITIZE_ADDRESS__
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  assert_true(use.ru_maxrss < 200 * 1024);
#endif
}

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
  io_t_refuses(nax_t_tmp("empty"), NULL, NAX_EFORMAT,
               "is a folder in which nothing was recognised");
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
  io_t_refuses(nax_t_tmp("x.npy"), &o, NAX_EINVAL, "--axes names 1 axes");
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

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_malformed_file_is_answered_quickly_on_one_line),
      cmocka_unit_test(foreign_files_are_called_by_their_name),
      cmocka_unit_test(asking_wrongly_is_answered_too),
  };
  return cmocka_run_group_tests_name("io_faults", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
