/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faulty files: what the library says about each, word for word where it matters. The
 * recordings' folder of malformed files is walked, so that a file nobody listed here
 * fails the test; the faults it does not have are made on the spot. */
#include "io_test.h"
#include <dirent.h>
#include <sys/resource.h>
#include <time.h>

/* One file and what has to happen when it is loaded whole. */
typedef struct expectation {
  const char *file;
  nax_status status;
  const char *text;    /* part of the message after a failure */
  const char *warning; /* id of a warning after a success, NULL for none in particular */
  const char *about;   /* part of that warning */
} expectation;

static const expectation expected[] = {
    {"csv_bom_crlf.csv", NAX_OK, NULL, NULL, NULL},
    {"csv_empty.csv", NAX_EFORMAT, "is empty (0 bytes)", NULL, NULL},
    {"csv_header_only.csv", NAX_EFORMAT, "has a header and no data", NULL, NULL},
    {"csv_nonuniform_time.csv", NAX_EDATA,
     "row 5, column 1: time does not ascend (found 0.25 s after 0.3 s)", NULL, NULL},
    {"csv_ragged.csv", NAX_EFORMAT,
     "row 3, column 3: rows differ in length (found 2 cells, expected 3", NULL, NULL},
    {"csv_semicolon_comma.csv", NAX_OK, NULL, NULL, NULL},
    {"csv_tabs.tsv", NAX_OK, NULL, NULL, NULL},
    {"csv_text_cell.csv", NAX_EFORMAT,
     "row 3, column 2: text among numbers (found `abc`, expected a number)", NULL, NULL},
    {"good_5x100.npy", NAX_OK, NULL, "io.rate-unknown", "give option `rate`"},
    {"h5_blosc_filter.h5", NAX_ENOTSUP,
     "dataset /data uses HDF5 filter 32001 (blosc), not available; install "
     "hdf5-filter-plugin-blosc-serial or set HDF5_PLUGIN_PATH",
     NULL, NULL},
    {"mat4.mat", NAX_OK, NULL, "io.axes-assumed", "neuron,time"},
    {"mat5_cell_1based.mat", NAX_OK, NULL, NULL, NULL},
    {"mat5_truncated.mat", NAX_EFORMAT,
     "file is truncated (found 6340 bytes, expected 6640)", NULL, NULL},
    {"mat5_two_arrays.mat", NAX_OK, NULL, NULL, NULL},
    {"npy_0d.npy", NAX_EDATA, "holds a single number (found shape (), expected", NULL,
     NULL},
    {"npy_bad_magic.npy", NAX_EFORMAT, "not a .npy file (found 2128 bytes", NULL, NULL},
    {"npy_complex.npy", NAX_ETYPE, "complex numbers (found dtype <c8, expected", NULL,
     NULL},
    {"npy_empty.npy", NAX_EFORMAT, "not a .npy file (found 0 bytes", NULL, NULL},
    {"npy_inf.npy", NAX_EDATA, "data is infinite at neuron 1, time 3", NULL, NULL},
    {"npy_nan_row.npy", NAX_OK, NULL, NULL, NULL},
    {"npy_object.npy", NAX_ETYPE, "Python objects (a pickle, which is never executed)",
     NULL, NULL},
    {"npy_strings.npy", NAX_ETYPE, "Unicode strings (found dtype <U2, expected", NULL,
     NULL},
    {"npy_trailing_bytes.npy", NAX_OK, NULL, "io.trailing-bytes",
     "16 bytes follow the data"},
    {"npy_truncated_data.npy", NAX_EFORMAT,
     "data has 1600 bytes, shape (5, 100) <f4 needs 2000", NULL, NULL},
    {"npy_truncated_header.npy", NAX_EFORMAT, "header cut at byte 60 of 128", NULL, NULL},
    {"npy_zero_cols.npy", NAX_EDATA, "holds no values (found shape (5, 0), expected",
     NULL, NULL},
    {"nwb_index_not_monotonic.nwb", NAX_EDATA,
     "/units/spike_times_index: entry 1 is 3 (expected at least 4", NULL, NULL},
    {"nwb_index_past_end.nwb", NAX_EDATA,
     "/units/spike_times_index: entry 2 is 12 (expected at most 10", NULL, NULL},
    {"nwb_index_short.nwb", NAX_OK, NULL, "nwb.spike-times-left-over", "value 7 of 10"},
    {"nwb_is_text.nwb", NAX_EFORMAT, "is an HTML page, probably a failed download", NULL,
     NULL},
    {"nwb_no_time.nwb", NAX_EDATA,
     "has neither starting_time nor timestamps, the sampling rate is unknown", NULL,
     NULL},
    {"nwb_rate_and_timestamps.nwb", NAX_EDATA, "has both starting_time and timestamps",
     NULL, NULL},
    {"nwb_rate_zero.nwb", NAX_EDATA, "the rate is 0 Hz (expected more than 0", NULL,
     NULL},
    {"nwb_spike_nan.nwb", NAX_EDATA,
     "/units/spike_times: value 5 (unit 1, spike 1) is NaN", NULL, NULL},
    {"nwb_timestamps_short.nwb", NAX_EDATA,
     "/timestamps has 90 values (expected 100, the length of the data)", NULL, NULL},
    {"nwb_transposed_roi_first.nwb", NAX_OK, NULL, "nwb.data-orientation",
     "is 5 x 100, which only fits ROI x time"},
    {"nwb_truncated.nwb", NAX_EFORMAT, "file is truncated: 1163134 of 2326268 bytes",
     NULL, NULL},
    {"spike_clusters_short.npy", NAX_OK, NULL, NULL, NULL},
    {"spike_times_float_samples.npy", NAX_OK, NULL, NULL, NULL},
    {"spike_times_huge_u8.npy", NAX_EDATA,
     "value 1 is 9223372036854775818 (expected at most 2^53", NULL, NULL},
    {"spike_times_negative.npy", NAX_OK, NULL, NULL, NULL},
    {"spike_times_unsorted_u8.npy", NAX_OK, NULL, NULL, NULL},
};
enum { N_EXPECTED = sizeof expected / sizeof expected[0] };

static double
now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
load_as_expected(const char *path, const expectation *e)
{
  double begun = now();
  if (e->status == NAX_OK) {
    nax_dataset_free(io_t_load_warned(path, NULL, e->warning, e->about));
  } else {
    io_t_refuses(path, NULL, e->status, e->text);
  }
  if (now() - begun > 5.0) {
    fail_msg("%s took %.1f s", path, now() - begun);
  }
}

static void
every_malformed_file_gets_its_message(void **state)
{
  (void)state;
  char dir[2048], path[4096];
  snprintf(dir, sizeof dir, "%s", nax_t_shared("data/malformed"));
  int seen[N_EXPECTED] = {0};
  DIR *d = opendir(dir);
  assert_non_null(d);
  for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
    if (e->d_name[0] == '.' || strcmp(e->d_name, "README.md") == 0) {
      continue;
    }
    int k = 0;
    while (k < N_EXPECTED && strcmp(expected[k].file, e->d_name) != 0) {
      k++;
    }
    if (k == N_EXPECTED) {
      fail_msg("%s is not in the table of this test", e->d_name);
    }
    seen[k] = 1;
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    load_as_expected(path, &expected[k]);
  }
  closedir(d);
  for (int k = 0; k < N_EXPECTED; k++) {
    if (!seen[k]) {
      fail_msg("%s is missing from %s", expected[k].file, dir);
    }
  }
}

/* ru_maxrss never shrinks, so this is the peak of all tests before. */
static void
none_of_them_took_much_memory(void **state)
{
  (void)state;
#if defined(__SANITIZE_ADDRESS__)
  skip();
#endif
  struct rusage u;
  assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
  assert_true(u.ru_maxrss < 200 * 1024);
}

/* ------------------------------------------------ files that are something else */

typedef struct stranger {
  const char *name, *content;
  size_t size;
  const char *text;
} stranger;

static void
files_of_another_kind_are_called_by_name(void **state)
{
  (void)state;
  static const stranger strangers[] = {
      {"a.nwb", "", 0, "is empty (0 bytes)"},
      {"b.nwb", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n", 64,
       "is a git-lfs pointer"},
      {"c.npy", "<!DOCTYPE html><html>\n", 22, "HTML page"},
      {"d.csv",
       "\xff\xfe"
       "1\0,\0"
       "2\0",
       8, "UTF-16"},
      {"e.mat", "\x1f\x8b\x08\0\0\0\0\0", 8, "gzip"},
      {"f.xyz", "\x01\x02\x03\x04\x05\x06\x07\x08\x80\x81", 10, ""},
  };
  for (size_t k = 0; k < sizeof strangers / sizeof strangers[0]; k++) {
    const char *path = nax_t_tmp(strangers[k].name);
    nax_source *s = NULL;
    nax_t_write(path, strangers[k].content, strangers[k].size);
    nax_status got = nax_source_open(NULL, path, NULL, &s);
    const char *said = nax_ctx_error(NULL);
    if (got != NAX_EFORMAT || strstr(said, strangers[k].text) == NULL) {
      fail_msg("%s: %s `%s`, expected `...%s...`", path, nax_status_name(got), said,
               strangers[k].text);
    }
    assert_null(s);
    assert_null(strchr(said, '\n'));
  }
}

static void
missing_files_and_strange_folders_are_called_by_name(void **state)
{
  (void)state;
  nax_source *s = NULL;
  char path[4200];
  assert_status(nax_source_open(NULL, nax_t_tmp("none.nwb"), NULL, &s), NAX_EIO);
  assert_non_null(strstr(nax_ctx_error(NULL), "No such file"));
  assert_status(nax_source_open(NULL, "/dev/null", NULL, &s), NAX_EIO);
  assert_non_null(strstr(nax_ctx_error(NULL), "neither a regular file nor a folder"));
  snprintf(path, sizeof path, "%s", nax_t_tmp("folder"));
  assert_int_equal(mkdir(path, 0700), 0);
  assert_status(nax_source_open(NULL, path, NULL, &s), NAX_EFORMAT);
  assert_non_null(strstr(nax_ctx_error(NULL), "is a folder without"));
  nax_t_write(nax_t_tmp("folder/.zgroup"), "{}", 2);
  assert_status(nax_source_open(NULL, path, NULL, &s), NAX_EFORMAT);
  assert_non_null(strstr(nax_ctx_error(NULL), "is a Zarr store"));
  assert_null(s);
}

/* Any file cut anywhere: refused with one line, or read; never a crash or a hang. */
static void
cut_files_are_refused_or_read(void **state)
{
  (void)state;
  static const char *const files[] = {
      "data/malformed/good_5x100.npy", "data/malformed/mat4.mat",
      "data/malformed/mat5_two_arrays.mat", "data/malformed/csv_semicolon_comma.csv",
      "data/malformed/nwb_index_short.nwb"};
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    static char bytes[1 << 16];
    FILE *f = fopen(nax_t_shared(files[k]), "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    const char *path = nax_t_tmp("cut");
    for (size_t i = 0; i < 60; i++) {
      nax_dataset *d = NULL;
      size_t keep = i < 30 ? i * n / 30 : n > i - 29 ? n - (i - 29) : 0;
      nax_t_write(path, bytes, keep);
      nax_status got = nax_dataset_load(NULL, path, NULL, &d);
      const char *said = nax_ctx_error(NULL);
      if (got != NAX_OK && (said[0] == '\0' || strchr(said, '\n') != NULL || d != NULL)) {
        fail_msg("%s cut to %zu bytes: `%s`", files[k], i, said);
      }
      nax_dataset_free(d);
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_malformed_file_gets_its_message),
      cmocka_unit_test(files_of_another_kind_are_called_by_name),
      cmocka_unit_test(missing_files_and_strange_folders_are_called_by_name),
      cmocka_unit_test(cut_files_are_refused_or_read),
      cmocka_unit_test(none_of_them_took_much_memory),
  };
  return cmocka_run_group_tests_name("malformed", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
