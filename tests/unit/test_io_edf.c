/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EDF and BDF: files written here byte by byte, and the seeds of the fuzz target. */
#include "io_test.h"

/* ------------------------------------------------------------- writing small files */

typedef struct channel {
  const char *label, *unit;
  double pmin, pmax;
  int dmin, dmax, n;
} channel;

enum { MAX_FILE = 1 << 16 };

static size_t
field(char *to, const char *text, size_t width)
{
  size_t n = strlen(text);
  memset(to, ' ', width);
  memcpy(to, text, n < width ? n : width);
  return width;
}

static size_t
number(char *to, double x, size_t width)
{
  char text[32];
  snprintf(text, sizeof text, "%.7g", x);
  return field(to, text, width);
}

/* Header of an EDF file; returns its length. */
static size_t
put_header(char *b, const channel *c, int ns, const char *reserved, int n_records,
           double duration)
{
  size_t n = 0;
  n += field(b + n, "0", 8);
  n += field(b + n, reserved[0] ? "X X X X" : "patient one", 80);
  n += field(b + n, reserved[0] ? "Startdate 02-MAR-2002 X X X" : "recording one", 80);
  n += field(b + n, "02.03.02", 8);
  n += field(b + n, "10.11.12", 8);
  n += number(b + n, 256.0 * (ns + 1), 8);
  n += field(b + n, reserved, 44);
  n += number(b + n, n_records, 8);
  n += number(b + n, duration, 8);
  n += number(b + n, ns, 4);
  for (int k = 0; k < 10; k++) {
    for (int i = 0; i < ns; i++) {
      switch (k) {
      case 0:
        n += field(b + n, c[i].label, 16);
        break;
      case 2:
        n += field(b + n, c[i].unit, 8);
        break;
      case 3:
        n += number(b + n, c[i].pmin, 8);
        break;
      case 4:
        n += number(b + n, c[i].pmax, 8);
        break;
      case 5:
        n += number(b + n, c[i].dmin, 8);
        break;
      case 6:
        n += number(b + n, c[i].dmax, 8);
        break;
      case 8:
        n += number(b + n, c[i].n, 8);
        break;
      default:
        n += field(b + n, "", k == 9 ? 32 : 80);
        break;
      }
    }
  }
  return n;
}

static size_t
put_sample(char *b, int x)
{
  b[0] = (char)(x & 255);
  b[1] = (char)(x >> 8 & 255);
  return 2;
}

static const channel two[2] = {{"EEG Fp1", "uV", -100, 100, -2048, 2047, 4},
                               {"ECG", "mV", -5, 5, -32768, 32767, 2}};

/* `n` records of the two channels: sample k of the first is 3 k, of the second -7 k. */
static size_t
two_rates(char *b, int declared, int n)
{
  size_t size = put_header(b, two, 2, "", declared, 0.5);
  for (int r = 0; r < n; r++) {
    for (int i = 0; i < 4; i++) {
      size += put_sample(b + size, 3 * (4 * r + i));
    }
    for (int i = 0; i < 2; i++) {
      size += put_sample(b + size, -7 * (2 * r + i));
    }
  }
  return size;
}

static double
physical(const channel *c, int d)
{
  return (d - c->dmin) * (c->pmax - c->pmin) / (c->dmax - c->dmin) + c->pmin;
}

static const nax_array *
array_of(const nax_dataset *d, const char *name)
{
  const nax_array *a = nax_dataset_array(d, name);
  assert_non_null(a);
  return a;
}

/* -------------------------------------------------------------------------- tests */

static void
signals_of_one_rate_make_one_array(void **state)
{
  (void)state;
  static char b[MAX_FILE];
  const char *path = nax_t_tmp("two.edf");
  nax_dataset *d = NULL;
  nax_t_write(path, b, two_rates(b, 6, 6));
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  const nax_array *x = array_of(d, "signals_8Hz"), *y = array_of(d, "signals_4Hz");
  assert_int_equal(nax_array_dim(x, 1), 24);
  assert_int_equal(nax_array_dim(y, 1), 12);
  assert_string_equal(nax_array_unit(x), "uV");
  assert_string_equal(nax_array_unit(y), "mV");
  assert_string_equal(nax_axis_label(nax_array_axis(x, 0), 0), "EEG Fp1");
  assert_close(nax_axis_rate(nax_array_axis(x, 1)), 8.0, 1e-12, 0.0);
  for (int i = 0; i < 24; i++) {
    assert_close(nax_array_f64(x)[i], physical(&two[0], 3 * i), 1e-12, 0.0);
  }
  for (int i = 0; i < 12; i++) {
    assert_close(nax_array_f64(y)[i], physical(&two[1], -7 * i), 1e-12, 0.0);
  }
  const nax_table *t = nax_dataset_table(d, "channels");
  assert_non_null(t);
  assert_int_equal(nax_table_n_rows(t), 2);
  assert_string_equal(nax_table_text(t, nax_table_find(t, "unit"))[1], "mV");
  assert_string_equal(nax_dataset_text(d, "session_start_time"), "2002-03-02T10:11:12");
  nax_dataset_free(d);
}

static void
blocks_agree_with_the_whole_and_two_sources_share_a_file(void **state)
{
  (void)state;
  static char b[MAX_FILE];
  const char *path = nax_t_tmp("twice.edf");
  nax_source *s = NULL, *again = NULL;
  nax_array *whole = NULL;
  nax_t_write(path, b, two_rates(b, 6, 6));
  assert_ok(nax_source_open(NULL, path, NULL, &s));
  assert_ok(nax_source_open(NULL, path, NULL, &again)); /* edflib alone refuses this */
  assert_string_equal(nax_source_format_version(s), "EDF");
  assert_ok(nax_source_load_array(NULL, s, 0, NAX_F64, &whole));
  for (nax_index from = 0; from < 24; from++) {
    for (nax_index n = 0; from + n <= 24; n++) {
      nax_index start[2] = {0, from}, count[2] = {1, n};
      float part[24];
      assert_ok(nax_source_read(NULL, again, 0, start, count, NAX_F32, part, 24));
      for (nax_index i = 0; i < n; i++) {
        assert_close((double)part[i], nax_array_f64(whole)[from + i], 1e-6, 0.0);
      }
    }
  }
  nax_array_free(whole);
  nax_source_close(s);
  nax_source_close(again);
}

static const char *
seed(const char *name)
{
  char path[200];
  snprintf(path, sizeof path, "tests/fuzz/corpus/edf/%s", name);
  return nax_t_source(path);
}

static void
annotations_become_the_table_of_events(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, seed("edf_plus"), NULL, &d));
  const nax_table *t = nax_dataset_table(d, "events");
  assert_non_null(t);
  assert_int_equal(nax_table_n_rows(t), 1);
  assert_close(nax_table_numbers(t, nax_table_find(t, "onset"))[0], 0.25, 0.0, 0.0);
  assert_close(nax_table_numbers(t, nax_table_find(t, "duration"))[0], 0.5, 0.0, 0.0);
  assert_string_equal(nax_table_text(t, nax_table_find(t, "label"))[0], "go");
  assert_string_equal(nax_dataset_main(d), "signals");
  nax_dataset_free(d);
}

static void
gaps_of_discontinuous_files_are_in_the_time_axis(void **state)
{
  (void)state;
  nax_dataset *d = io_t_load_warned(seed("edf_gaps"), NULL, "io.irregular-time",
                                    "largest gap 6.25 s after index 3");
  const nax_axis *time = nax_array_axis(array_of(d, "signals"), 1);
  assert_close(nax_axis_coord(time, 3), 0.75, 1e-12, 0.0);
  assert_close(nax_axis_coord(time, 4), 7.0, 1e-12, 0.0);
  nax_dataset_free(d);
}

static void
bdf_samples_have_three_bytes(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, seed("bdf"), NULL, &d));
  const nax_array *a = array_of(d, "signals");
  assert_int_equal(nax_array_dim(a, 1), 4);
  assert_close(nax_array_f64(a)[0], 0x020100, 0.0, 0.0);
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 4.0, 0.0, 0.0);
  nax_dataset_free(d);
}

static void
unfinished_and_padded_files_are_read_with_a_warning(void **state)
{
  (void)state;
  static char b[MAX_FILE];
  const char *path = nax_t_tmp("odd.edf");
  nax_source_opts strict = NAX_SOURCE_OPTS_INIT;
  size_t n = two_rates(b, -1, 6);
  nax_t_write(path, b, n + 5); /* and a piece of a seventh record */
  nax_dataset *d = io_t_load_warned(path, NULL, "io.edf-records", "6 whole records");
  assert_int_equal(nax_array_dim(array_of(d, "signals_8Hz"), 1), 24);
  nax_dataset_free(d);
  strict.strict = 1;
  io_t_refuses(path, &strict, NAX_EDATA, "number of records is -1");
  n = two_rates(b, 5, 5);
  nax_t_write(path, b, n + 5);
  d = io_t_load_warned(path, NULL, "io.trailing-bytes", "5 bytes follow");
  assert_int_equal(nax_array_dim(array_of(d, "signals_8Hz"), 1), 20);
  nax_dataset_free(d);
}

static void
faults_of_the_header_are_named(void **state)
{
  (void)state;
  static char good[MAX_FILE], b[MAX_FILE];
  const char *path = nax_t_tmp("bad.edf");
  size_t n = two_rates(good, 6, 6);
  static const struct {
    size_t at;
    const char *bytes, *text;
    nax_status status;
  } faults[] = {
      {184, "999     ", "size of the header is 999 bytes (expected 768 for 2 signals)",
       NAX_EFORMAT},
      {236, "7       ", "file is truncated (found 840 bytes, expected 852)", NAX_EFORMAT},
      {236, "0       ", "holds no records", NAX_EDATA},
      {236, "abc     ", "number of records is `abc` (expected a number)", NAX_EFORMAT},
      {244, "0       ", "duration of a record is 0 s", NAX_EFORMAT},
      {244, "nan     ", "duration of a record is `nan`", NAX_EFORMAT},
      {252, "900 ", "has 900 signals (edflib reads at most 640)", NAX_ENOTSUP},
      {256 + 2 * (16 + 80 + 8 + 8), "-100    ",
       "physical minimum and maximum of signal 1 (EEG Fp1) are both -100", NAX_EFORMAT},
      {256 + 2 * (16 + 80 + 8 + 8 + 8), "2047    ",
       "digital range of signal 1 (EEG Fp1) is 2047 to 2047", NAX_EFORMAT},
      {256 + 2 * (16 + 80 + 8 + 8 + 8 + 8 + 8 + 80), "0       ",
       "number of samples of signal 1 is 0", NAX_EFORMAT}};
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
    memcpy(b, good, n);
    memcpy(b + faults[k].at, faults[k].bytes, strlen(faults[k].bytes));
    nax_t_write(path, b, n);
    io_t_refuses(path, NULL, faults[k].status, faults[k].text);
  }
  nax_t_write(path, good, 500);
  io_t_refuses(path, NULL, NAX_EFORMAT, "header is cut at byte 500 of 768");
}

/* The numbers of a recording against its bytes: 139 channels at 512 Hz. */
static void
a_recording_has_the_values_of_its_bytes(void **state)
{
  (void)state;
  const char *path = nax_t_shared("data/eeg_edf_mne/test.edf");
  nax_dataset *d = io_t_load_warned(path, NULL, "io.edf-cut", "channel A11: ");
  const nax_array *a = array_of(d, "signals");
  assert_int_equal(nax_array_dim(a, 0), 139);
  assert_int_equal(nax_array_dim(a, 1), 3072);
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 512.0, 0.0, 0.0);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "events")), 5);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char field_text[9] = "";
  double scale[4]; /* pmin, pmax, dmin, dmax of channel 10 */
  const long ns = 140, widths[4] = {104, 112, 120, 128};
  for (int k = 0; k < 4; k++) {
    assert_int_equal(fseek(f, 256 + ns * widths[k] + 8 * 10, SEEK_SET), 0);
    assert_int_equal(fread(field_text, 1, 8, f), 8);
    scale[k] = strtod(field_text, NULL);
  }
  for (int i = 0; i < 512; i++) { /* the first record is one second long */
    unsigned char b[2];
    assert_int_equal(fseek(f, 256 * (ns + 1) + 2 * (512 * 10 + i), SEEK_SET), 0);
    assert_int_equal(fread(b, 1, 2, f), 2);
    int raw = (int16_t)(b[0] | b[1] << 8);
    /* Its declared range is 0 to 100, and edflib cuts what lies outside. */
    raw = raw < scale[2] ? (int)scale[2] : raw > scale[3] ? (int)scale[3] : raw;
    double want =
        (raw - scale[2]) * (scale[1] - scale[0]) / (scale[3] - scale[2]) + scale[0];
    assert_close(nax_array_f64(a)[10 + 139 * i], want, 1e-9, 1e-9);
  }
  fclose(f);
  nax_dataset_free(d);
}

static void
memory_that_ends_is_a_clean_failure(void **state)
{
  (void)state;
  static const char *const files[] = {"edf", "edf_plus", "edf_gaps", "unfinished"};
  for (int f = 0; f < 4; f++) {
    for (long k = 0; k < 2000; k++) {
      nax_dataset *d = NULL;
      nax_i_alloc_fail_at = k;
      nax_status s = nax_dataset_load(NULL, seed(files[f]), NULL, &d);
      long left = nax_i_alloc_fail_at;
      nax_i_alloc_fail_at = -1;
      assert_true(s == NAX_OK || (s == NAX_ENOMEM && d == NULL));
      nax_dataset_free(d);
      if (s == NAX_OK && left >= 0) {
        break;
      }
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signals_of_one_rate_make_one_array),
      cmocka_unit_test(blocks_agree_with_the_whole_and_two_sources_share_a_file),
      cmocka_unit_test(annotations_become_the_table_of_events),
      cmocka_unit_test(gaps_of_discontinuous_files_are_in_the_time_axis),
      cmocka_unit_test(bdf_samples_have_three_bytes),
      cmocka_unit_test(unfinished_and_padded_files_are_read_with_a_warning),
      cmocka_unit_test(faults_of_the_header_are_named),
      cmocka_unit_test(a_recording_has_the_values_of_its_bytes),
      cmocka_unit_test(memory_that_ends_is_a_clean_failure),
  };
  return cmocka_run_group_tests_name("edf", tests, nax_t_tmp_setup, nax_t_tmp_teardown);
}
