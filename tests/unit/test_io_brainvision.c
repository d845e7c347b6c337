/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_test.h"

static const char *
header(const char *more, const char *channels)
{
  static char text[2000];
  snprintf(text, sizeof text,
           "Brain Vision Data Exchange Header File Version 1.0\r\n; made here\r\n"
           "[Common Infos]\r\nDataFile=$b.eeg\r\nMarkerFile=r.vmrk\r\n"
           "DataFormat=BINARY\r\nNumberOfChannels=2\r\n%s\r\n[Channel Infos]\r\n%s\r\n"
           "[Comment]\r\nCh1=not me\r\n",
           more, channels);
  const char *path = nax_t_tmp("r.vhdr");
  io_t_write_text(path, text);
  return path;
}

static const char two[] = "Ch1=A\\1x,ref,0.5,\xb5V\r\nCh2=B,,2,mV";
static const char usual[] = "DataOrientation=MULTIPLEXED\r\nSamplingInterval=4000\r\n"
                            "[Binary Infos]\r\nBinaryFormat=INT_16";

static void
write_data(void)
{
  const int16_t x[] = {1, 10, 2, 20, 3, 30};
  nax_t_write(nax_t_tmp("r.eeg"), x, sizeof x);
  io_t_write_text(nax_t_tmp("r.vmrk"),
                  "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n"
                  "Mk1=New Segment,,1,1,0,2013\nMk2=Stimulus,S\\1 1,3,2,1\n"
                  "Mk3=Stimulus,S2,none,1,0\n");
}

static void
samples_are_scaled_and_markers_timed(void **state)
{
  (void)state;
  const double want[] = {0.5, 20000, 1, 40000, 1.5, 60000};
  nax_dataset *d;
  write_data();
  d = io_t_load_warned(header(usual, two), NULL, "io.markers",
                       "1 markers without a position");
  const nax_array *a = nax_dataset_array(d, "eeg");
  assert_string_equal(nax_dataset_main(d), "eeg");
  assert_string_equal(nax_array_unit(a), "\xc2\xb5V");
  assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 0), "A,x");
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 250, 1e-15, 0);
  assert_all_close(nax_array_f64(a), want, 6, 1e-15, 0);
  const nax_table *t = nax_dataset_table(d, "events");
  assert_int_equal(nax_table_n_rows(t), 2);
  assert_close(nax_table_numbers(t, nax_table_find(t, "onset"))[1], 0.008, 1e-15, 0);
  assert_string_equal(nax_table_text(t, nax_table_find(t, "description"))[1], "S, 1");
  t = nax_dataset_table(d, "channels");
  assert_string_equal(nax_table_text(t, nax_table_find(t, "unit"))[0], "\xc2\xb5V");
  assert_string_equal(nax_table_text(t, nax_table_find(t, "reference"))[0], "ref");
  nax_dataset_free(d);
  /* By the other two names as well. */
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("r.eeg"), NULL, &d));
  nax_dataset_free(d);
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("r.vmrk"), NULL, &d));
  nax_dataset_free(d);
}

static void
the_other_layout_and_units_are_kept(void **state)
{
  (void)state;
  const float x[] = {1, 2, 3, 10, 20, 30};
  const double want[] = {0.5, 20, 1, 40, 1.5, 60};
  write_data();
  nax_t_write(nax_t_tmp("r.eeg"), x, sizeof x);
  nax_dataset *d =
      io_t_load_warned(header("DataOrientation=VECTORIZED\r\nSamplingInterval=3906.25\r\n"
                              "[Binary Infos]\r\nBinaryFormat=IEEE_FLOAT_32",
                              "Ch1=A,,0.5\r\nCh2=B,,2,ARU"),
                       NULL, "io.mixed-units", "1 of 2 channels are voltages");
  const nax_array *a = nax_dataset_array(d, "eeg");
  assert_string_equal(nax_array_unit(a), "");
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 256, 1e-15, 0);
  assert_all_close(nax_array_f64(a), want, 6, 1e-15, 0);
  nax_dataset_free(d);
}

static void
faults_are_named(void **state)
{
  (void)state;
  static const struct {
    const char *more, *channels, *says;
    nax_status code;
  } bad[] = {
      {"DataOrientation=X\n", two, "DataOrientation is X", NAX_EFORMAT},
      {"SamplingInterval=0\n", two, "SamplingInterval is 0", NAX_EFORMAT},
      {"[Binary Infos]\nBinaryFormat=INT_8", two, "BinaryFormat is INT_8", NAX_ENOTSUP},
      {"DataType=FREQUENCYDOMAIN", two, "expected TIMEDOMAIN", NAX_ENOTSUP},
      {usual, "Ch1=A,,0.5,V", "channel 2 of 2 is not described", NAX_EFORMAT},
      {usual, "Ch1=A,,x,V\r\nCh2=B", "Ch1: resolution is `x`", NAX_EFORMAT},
      {"DataPoints=4\r\nSamplingInterval=4000", two, "is cut (found 3 time points",
       NAX_EFORMAT},
      {"", two, "sampling rate unknown (give option `rate`)", NAX_EDATA},
  };
  write_data();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    nax_dataset *d = NULL;
    assert_int_equal(
        nax_dataset_load(NULL, header(bad[i].more, bad[i].channels), NULL, &d),
        bad[i].code);
    if (strstr(nax_ctx_error(NULL), bad[i].says) == NULL) {
      fail_msg("`%s`, expected `%s`", nax_ctx_error(NULL), bad[i].says);
    }
  }
  const char *path = nax_t_tmp("r.vhdr");
  io_t_write_text(path, "Brain Vision Data Exchange Header File\n[Common Infos]\n"
                        "NumberOfChannels=100000000\n");
  io_t_refuses(path, NULL, NAX_EFORMAT, "NumberOfChannels is 100000000");
  unlink(nax_t_tmp("r.vmrk"));
  nax_dataset_free(
      io_t_load_warned(header(usual, two), NULL, "io.markers", "r.vmrk is missing"));
  nax_t_write(nax_t_tmp("r.eeg"), "123456", 6);
  nax_dataset_free(io_t_load_warned(header(usual, two), NULL, "io.trailing-bytes",
                                    "2 bytes behind the last whole time point"));
  unlink(nax_t_tmp("r.eeg"));
  nax_dataset *d = NULL;
  assert_status(nax_dataset_load(NULL, header(usual, two), NULL, &d), NAX_EIO);
}

static void
the_real_recording_is_read(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/eeg_edf_mne/test.vhdr"), NULL, &d));
  const nax_array *a = nax_dataset_array(d, "eeg");
  double sum = 0;
  assert_int_equal(nax_array_dim(a, 0), 32);
  assert_int_equal(nax_array_dim(a, 1), 7900);
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    sum += nax_array_f64(a)[i];
  }
  assert_close(sum, 3317710, 1e-12, 0);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "events")), 14);
  nax_dataset_free(d);
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  write_data();
  char path[300];
  snprintf(path, sizeof path, "%s", header(usual, two));
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &d), d, nax_dataset_free(d), 600);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(samples_are_scaled_and_markers_timed),
      cmocka_unit_test(the_other_layout_and_units_are_kept),
      cmocka_unit_test(faults_are_named),
      cmocka_unit_test(the_real_recording_is_read),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_brainvision", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
