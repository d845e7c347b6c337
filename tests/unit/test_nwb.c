/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NWB files: real recordings against numbers known of them, and every fault that such
 * files are known to have, with its message. */
#include "h5_make.h"

static nax_source *
open_ok(nax_ctx *ctx, const char *path, const nax_source_opts *opts)
{
  nax_source *s = NULL;
  if (nax_source_open(ctx, path, opts, &s) != NAX_OK) {
    fail_msg("%s", nax_ctx_error(ctx));
  }
  return s;
}

/* ------------------------------------------------------------ real recordings */

static void
human_units_have_their_known_rates(void **state)
{
  (void)state;
  const char *path =
      nax_t_shared("data/nwb_units_human_mtl/sub-4_ses-4_ecephys+image.nwb");
  static const struct {
    nax_index unit, n;
    double rate, cv, lv;
  } known[] = {{0, 19750, 7.0011, 1.0223, 0.9417},
               {1, 20438, 7.2451, 1.0673, 0.9522},
               {34, 1850, 0.6579, 1.0434, 1.0107}};
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  assert_string_equal(nax_dataset_main(d), "spikes");
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 35);
  assert_int_equal(nax_spikes_n_spikes(s), 214278);
  assert_string_equal(nax_axis_name(nax_spikes_units(s)), "unit");
  for (size_t k = 0; k < 3; k++) {
    nax_index n = 0;
    const double *t = nax_spikes_times(s, known[k].unit, &n);
    assert_int_equal(n, known[k].n);
    assert_close((double)n / (t[n - 1] - t[0]), known[k].rate, 0, 5e-5);
    double sum = 0, square = 0, lv = 0;
    for (nax_index i = 1; i < n; i++) {
      double x = t[i] - t[i - 1], y = i + 1 < n ? t[i + 1] - t[i] : 0;
      assert_true(x >= 0.002);
      sum += x;
      square += x * x;
      lv += i + 1 < n ? 3 * (x - y) * (x - y) / ((x + y) * (x + y)) : 0;
    }
    double m = (double)(n - 1), mean = sum / m, var = square / m - mean * mean;
    assert_close(sqrt(var) / mean, known[k].cv, 0, 2e-4);
    assert_close(lv / (m - 1), known[k].lv, 0, 2e-4);
  }
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "encoding_table")), 90);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "recognition_table")), 180);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "timediscrimination_table")),
                   180);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(d, "events")), 1717);
  const nax_table *t = nax_dataset_table(d, "encoding_table");
  assert_string_equal(nax_table_dim(t), "trial");
  assert_string_equal(nax_table_text(t, nax_table_find(t, "Clip_name"))[0], "NB_24.mp4");
  assert_string_equal(nax_dataset_text(d, "species"), "Homo sapiens");
  assert_string_equal(nax_dataset_text(d, "nwb_version"), "2.4.0");
  nax_dataset_free(d);
}

static void
mouse_units_and_trials_are_read(void **state)
{
  (void)state;
  const char *path =
      nax_t_shared("data/nwb_units_mouse_alm/"
                   "sub_anm00239123_ses_20170627T093549_ecephys_and_ogen.nwb");
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 4);
  assert_int_equal(nax_spikes_n_spikes(s), 34057);
  assert_string_equal(nax_axis_label(nax_spikes_units(s), 0), "1"); /* its id */
  double start, stop;
  nax_spikes_interval(s, 0, &start, &stop);
  assert_close(start, 1498.89, 0, 0.01);
  const nax_table *t = nax_dataset_table(d, "trials");
  assert_int_equal(nax_table_n_rows(t), 412);
  assert_int_equal(nax_table_n_columns(t), 17);
  assert_int_equal(nax_table_column_dtype(t, nax_table_find(t, "response")), NAX_TEXT);
  assert_int_equal(nax_table_column_dtype(t, nax_table_find(t, "is_good")), NAX_F64);
  const nax_table *u = nax_dataset_table(d, "units");
  assert_close(nax_table_numbers(u, nax_table_find(u, "sampling_rate"))[0], 25000, 0, 0);
  assert_string_equal(nax_dataset_text(d, "institution"), "Janelia Research Campus");
  nax_dataset_free(d);
}

static void
one_series_per_neuron_becomes_one_array(void **state)
{
  (void)state;
  const char *path =
      nax_t_shared("data/nwb_celegans_scholz2018/"
                   "ScholzEtAl2018.AML175_moving.BrainScanner20180223_142554.nwb");
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_source *s = open_ok(ctx, path, NULL);
  int32_t i = nax_source_main(s);
  const nax_var_info *v = nax_source_var(s, i);
  assert_string_equal(v->name, "Activity");
  assert_int_equal(v->dim[0], 59);
  assert_int_equal(v->dim[1], 3690);
  assert_string_equal(nax_axis_label(v->axis[0], 58), "Activity_0058");
  assert_int_equal(v->rate_source, NAX_RATE_NONE);
  assert_close(v->median_step, 0.166, 0, 0.002);
  assert_close(v->max_gap, 11.164, 0, 0.001);
  assert_int_equal(v->max_gap_at, 3209);
  assert_int_equal(io_t_warned(ctx, "nwb.combined-series", "59 series"), NAX_INFO);
  assert_int_equal(io_t_warned(ctx, "io.irregular-time", "11.164"), NAX_VIOLATION);
  /* A block is the same numbers as the whole. */
  nax_array *a = NULL;
  assert_ok(nax_source_load_array(ctx, s, i, NAX_F64, &a));
  double block[5 * 7];
  nax_index start[2] = {20, 1000}, count[2] = {5, 7};
  assert_ok(nax_source_read(ctx, s, i, start, count, NAX_F64, block, 35));
  for (int k = 0; k < 35; k++) {
    assert_true(block[k] == nax_array_f64(a)[20 + k % 5 + (1000 + k / 5) * 59]);
  }
  nax_array_free(a);
  nax_source_close(s);
  nax_ctx_free(ctx);
}

static void
roi_responses_come_as_neuron_by_time(void **state)
{
  (void)state;
  const char *path = nax_t_shared("data/nwb_ophys_roiresponse/nwb_test.nwb");
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL, *cells = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  assert_string_equal(nax_dataset_main(d), "RoiResponseSeries");
  const nax_array *a = nax_dataset_array(d, "RoiResponseSeries");
  assert_int_equal(nax_array_dim(a, 0), 15);
  assert_int_equal(nax_array_dim(a, 1), 250);
  assert_string_equal(nax_axis_name(nax_array_axis(a, 0)), "neuron");
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 10, 0, 0);
  assert_close(nax_array_f64(a)[0], 489.092, 0, 1e-3);
  const nax_table *t = nax_dataset_table(d, "neurons");
  int32_t accepted = nax_table_find(t, "Accepted");
  nax_index n = 0;
  for (nax_index i = 0; i < 15; i++) {
    n += nax_table_numbers(t, accepted)[i] != 0;
  }
  o.cells_only = 1;
  assert_ok(nax_dataset_load(NULL, path, &o, &cells));
  const nax_array *b = nax_dataset_array(cells, "RoiResponseSeries");
  assert_int_equal(nax_array_dim(b, 0), n);
  assert_int_equal(nax_table_n_rows(nax_dataset_table(cells, "neurons")), n);
  for (nax_index i = 0; i < n; i++) { /* each kept trace is the one of its label */
    const char *label = nax_axis_label(nax_array_axis(b, 0), i);
    nax_index k = nax_axis_find_label(nax_array_axis(a, 0), label);
    assert_true(nax_table_numbers(t, accepted)[k] != 0);
    assert_true(nax_array_f64(b)[i + 200 * n] == nax_array_f64(a)[k + 200 * 15]);
  }
  nax_dataset_free(d);
  nax_dataset_free(cells);
}

static void
the_same_recording_reads_the_same_from_every_container(void **state)
{
  (void)state;
  static const char *const files[] = {"allen_classic.nc", "allen_64bit_offset.nc",
                                      "allen_cdf5.nc", "allen_nc4classic.nc"};
  nax_dataset *d = NULL, *e = NULL;
  assert_ok(nax_dataset_load(
      NULL, nax_t_shared("data/reencoded_real_data/allen_dff_gzip.nwb"), NULL, &d));
  const nax_array *a = nax_dataset_array(d, "RoiResponseSeries");
  const nax_array *b = nax_dataset_array(d, "RoiResponseSeries_int16");
  assert_int_equal(nax_array_size(a), 74 * 6001);
  double worst = 0;
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    worst = fmax(worst, fabs(nax_array_f64(a)[i] - nax_array_f64(b)[i]));
  }
  assert_true(worst > 0 && worst <= 5.0131e-5);
  assert_close(nax_axis_coord(nax_array_axis(a, 1), 0), 12.5, 0, 0);
  assert_close(nax_axis_rate(nax_array_axis(b, 1)), 30, 1e-9, 0);
  for (size_t k = 0; k < 4; k++) {
    char path[128];
    snprintf(path, sizeof path, "data/reencoded_real_data/%s", files[k]);
    assert_ok(nax_dataset_load(NULL, nax_t_shared(path), NULL, &e));
    const nax_array *c = nax_dataset_array(e, "dff");
    assert_int_equal(nax_array_dim(c, 0), 74);
    assert_int_equal(nax_array_dim(c, 1), 6001);
    assert_all_close(nax_array_f64(c), nax_array_f64(b), nax_array_size(b), 0, 1e-12);
    assert_string_equal(nax_dataset_text(e, "time_origin"), "2016-01-01 00:00:00");
    assert_close(nax_axis_rate(nax_array_axis(c, 1)), 30, 1e-9, 0);
    nax_dataset_free(e);
  }
  nax_dataset_free(d);
}

static void
each_malformed_recording_says_what_is_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *file;
    nax_status code;
    const char *text;
  } faults[] = {
      {"nwb_index_not_monotonic.nwb", NAX_EDATA,
       "/units/spike_times_index: entry 1 is 3 (expected at least 4, the entry before)"},
      {"nwb_index_past_end.nwb", NAX_EDATA,
       "/units/spike_times_index: entry 2 is 12 (expected at most 10, the number of "
       "values)"},
      {"nwb_no_time.nwb", NAX_EDATA,
       "/processing/ophys/DfOverF/RoiResponseSeries has neither starting_time nor "
       "timestamps, the sampling rate is unknown (give option `rate`)"},
      {"nwb_rate_and_timestamps.nwb", NAX_EDATA,
       "/processing/ophys/DfOverF/RoiResponseSeries has both starting_time and "
       "timestamps (expected one of them)"},
      {"nwb_rate_zero.nwb", NAX_EDATA,
       "/processing/ophys/DfOverF/RoiResponseSeries/starting_time: the rate is 0 Hz "
       "(expected more than 0; option `rate` overrides it)"},
      {"nwb_spike_nan.nwb", NAX_EDATA,
       "/units/spike_times: value 5 (unit 1, spike 1) is NaN (expected a time in "
       "seconds)"},
      {"nwb_timestamps_short.nwb", NAX_EDATA,
       "/processing/ophys/DfOverF/RoiResponseSeries/timestamps has 90 values (expected "
       "100, the length of the data)"},
      {"nwb_truncated.nwb", NAX_EFORMAT, "file is truncated: 1163134 of 2326268 bytes"},
      {"nwb_is_text.nwb", NAX_EFORMAT, "HTML"},
      {"h5_blosc_filter.h5", NAX_ENOTSUP,
       "dataset /data uses HDF5 filter 32001 (blosc), not available; install "
       "hdf5-filter-plugin-blosc-serial or set HDF5_PLUGIN_PATH"}};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    char path[128];
    snprintf(path, sizeof path, "data/malformed/%s", faults[i].file);
    io_t_refuses(nax_t_shared(path), NULL, faults[i].code, faults[i].text);
  }
  nax_dataset_free(io_t_load_warned(nax_t_shared("data/malformed/nwb_index_short.nwb"),
                                    NULL, "nwb.spike-times-left-over",
                                    "only up to value 7 of 10"));
  nax_dataset *d =
      io_t_load_warned(nax_t_shared("data/malformed/nwb_transposed_roi_first.nwb"), NULL,
                       "nwb.data-orientation", "5 x 100");
  assert_int_equal(nax_array_dim(nax_dataset_array(d, "RoiResponseSeries"), 0), 5);
  nax_dataset_free(d);
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.strict = 1;
  io_t_refuses(nax_t_shared("data/malformed/nwb_index_short.nwb"), &o, NAX_EDATA,
               "only up to value 7 of 10");
}

/* -------------------------------------------------------------- made on the spot */

static const double ramp[24] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};

static void
an_index_may_have_any_integer_type(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("index.nwb");
  const hid_t types[] = {H5T_STD_U8LE,  H5T_STD_U16LE, H5T_STD_U32LE, H5T_STD_U64LE,
                         H5T_STD_I32BE, H5T_STD_I64LE, H5T_IEEE_F64LE};
  const long long ends[] = {4, 4, 10};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    hid_t f = nwb_new(path);
    nwb_units(f, types[i], 3, ends, 10, ramp);
    H5Fclose(f);
    nax_dataset *d = NULL;
    assert_ok(nax_dataset_load(NULL, path, NULL, &d));
    const nax_spikes *s = nax_dataset_spikes(d, "spikes");
    nax_index n = -1;
    nax_spikes_times(s, 1, &n);
    assert_int_equal(n, 0);
    assert_close(nax_spikes_times(s, 2, &n)[0], 4, 0, 0);
    assert_int_equal(n, 6);
    nax_dataset_free(d);
  }
}

static void
faults_of_units_name_row_and_value(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("units.nwb");
  const long long ends[] = {4, 7, 10}, wrapped[] = {4, -1, 10};
  double t[10];
  hid_t f = nwb_new(path);
  nwb_units(f, H5T_STD_U64LE, 3, wrapped, 10, ramp);
  /* Stored through a signed type, -1 arrives as 0 there: write the bits themselves. */
  unsigned long long bits[] = {4, 18446744073709551615ull, 10};
  hid_t d = H5Dopen2(f, "/units/spike_times_index", H5P_DEFAULT);
  H5Dwrite(d, H5T_NATIVE_ULLONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, bits);
  H5Dclose(d);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EDATA,
               "/units/spike_times_index: value 1 is 18446744073709551615 (a negative "
               "number stored as unsigned looks like this)");
  f = nwb_new(path);
  nwb_units(f, H5T_STD_I32LE, 3, wrapped, 10, ramp);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EDATA,
               "/units/spike_times_index: entry 1 is -1 (expected at least 4");
  memcpy(t, ramp, sizeof t);
  t[5] = INFINITY;
  f = nwb_new(path);
  nwb_units(f, H5T_STD_I32LE, 3, ends, 10, t);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EDATA,
               "/units/spike_times: value 5 (unit 1, spike 1) is infinite");
  f = nwb_new(path);
  nwb_units(f, H5T_STD_I32LE, 3, ends, 10, ramp);
  H5Ldelete(f, "/units/id", H5P_DEFAULT);
  const long long id[] = {0, 1};
  h5_ints(f, "/units/id", H5T_STD_I64LE, 2, id);
  H5Fclose(f);
  io_t_refuses(
      path, NULL, NAX_EDATA,
      "/units/spike_times_index has 3 entries (expected 2, the number of units)");
  memcpy(t, ramp, sizeof t);
  t[0] = -1;
  t[8] = 0.5; /* unit 2 has 7, 0.5, 9 */
  f = nwb_new(path);
  nwb_units(f, H5T_STD_I32LE, 3, ends, 10, t);
  H5Fclose(f);
  nax_dataset_free(io_t_load_warned(path, NULL, "nwb.negative-spike-times", "1 times"));
  nax_dataset_free(io_t_load_warned(path, NULL, "spikes.unsorted", ""));
}

static void
observation_intervals_are_joined(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("obs.nwb");
  const long long ends[] = {4, 10};
  const double obs[] = {8, 20, 0, 5, 4, 6, 8, 20};
  const hsize_t dim[2] = {4, 2};
  hid_t f = nwb_new(path);
  nwb_units(f, H5T_STD_U8LE, 2, ends, 10, ramp);
  h5_data(f, "/units/obs_intervals", H5T_IEEE_F64LE, 2, dim, NULL, -1, H5T_NATIVE_DOUBLE,
          obs);
  H5Fclose(f);
  nax_dataset *d = io_t_load_warned(path, NULL, "spikes.outside-intervals", "");
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_intervals(s), 2);
  assert_close(nax_spikes_duration(s), 18, 0, 0);
  nax_dataset_free(d);
}

static void
series_are_scaled_as_the_file_says(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("scale.nwb"), *es = "/acquisition/lfp";
  const double gain[] = {1, 10, 100};
  hid_t f = nwb_new(path);
  nwb_series(f, es, "ElectricalSeries", 8, 3, ramp, "volts");
  nwb_rate(f, es, 2.5, 30.0003);
  h5_attr_number(f, "/acquisition/lfp/data", "conversion", H5T_IEEE_F32LE, 0.5);
  h5_attr_number(f, "/acquisition/lfp/data", "offset", H5T_IEEE_F32LE, 0.25);
  h5_doubles(f, "/acquisition/lfp/channel_conversion", 3, gain);
  H5Fclose(f);
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_source *s = open_ok(ctx, path, NULL);
  const nax_var_info *v = nax_source_var(s, 0);
  assert_string_equal(v->unit, "volts");
  assert_string_equal(nax_axis_name(v->axis[0]), "channel");
  assert_true(v->rate == (double)30.0003F); /* float32 in the file, no more is known */
  nax_array *a = NULL;
  float one = 0;
  nax_index at[2] = {2, 1}, single[2] = {1, 1};
  assert_ok(nax_source_load_array(ctx, s, 0, NAX_F64, &a));
  for (int i = 0; i < 24; i++) {
    assert_close(nax_array_f64(a)[i], i * 0.5 * gain[i % 3] + 0.25, 1e-15, 0);
  }
  assert_ok(nax_source_read(ctx, s, 0, at, single, NAX_F32, &one, 1));
  assert_close((double)one, 5 * 0.5 * 100 + 0.25, 1e-6, 0);
  nax_array_free(a);
  nax_source_close(s);
  nax_ctx_free(ctx);
  f = nwb_new(path);
  nwb_series(f, es, "ElectricalSeries", 8, 3, ramp, "volts");
  nwb_rate(f, es, 0, 30);
  h5_attr_number(f, "/acquisition/lfp/data", "conversion", H5T_IEEE_F32LE, NAN);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EDATA, "/acquisition/lfp/data: conversion is nan");
  f = nwb_new(path);
  nwb_series(f, es, "ElectricalSeries", 8, 3, ramp, NULL);
  nwb_rate(f, es, 0, 30);
  h5_attr_number(f, "/acquisition/lfp/data", "conversion", H5T_IEEE_F32LE, 0);
  H5Fclose(f);
  nax_dataset_free(io_t_load_warned(path, NULL, "nwb.conversion", "conversion is 0"));
  nax_dataset_free(io_t_load_warned(path, NULL, "nwb.missing-unit", "lfp/data"));
}

static void
timestamps_are_checked(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("stamps.nwb"), *p = "/processing/a/b";
  double t[8];
  static const struct {
    int at;
    double value;
    const char *text;
  } faults[] = {{3, NAN, "timestamp 3 is nan"},
                {3, INFINITY, "timestamp 3 is inf"},
                {3, 0.2, "timestamp 3 is 0.2 s, not after the one before (0.2 s)"},
                {3, 0.1, "timestamp 3 is 0.1 s, not after the one before (0.2 s)"}};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    for (int k = 0; k < 8; k++) {
      t[k] = k * 0.1;
    }
    t[faults[i].at] = faults[i].value;
    hid_t f = nwb_new(path);
    nwb_series(f, p, "TimeSeries", 8, 3, ramp, "V");
    nwb_stamps(f, p, 8, t);
    H5Fclose(f);
    io_t_refuses(path, NULL, NAX_EDATA, faults[i].text);
  }
  for (int k = 0; k < 8; k++) {
    t[k] = k * 0.1;
  }
  hid_t f = nwb_new(path);
  nwb_series(f, p, "TimeSeries", 8, 3, ramp, "V");
  nwb_stamps(f, p, 8, t);
  /* Another series links to these, softly. */
  nwb_series(f, "/processing/a/c", "TimeSeries", 8, 0, ramp, "V");
  H5Lcreate_soft("/processing/a/b/timestamps", f, "/processing/a/c/timestamps",
                 H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(f);
  nax_dataset *d = io_t_load_warned(path, NULL, "nwb.regular-timestamps", "10 Hz");
  assert_close(nax_axis_rate(nax_array_axis(nax_dataset_array(d, "c"), 0)), 10, 1e-12, 0);
  nax_dataset_free(d);
}

static void
a_faulty_series_does_not_lock_up_the_others(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("one.nwb");
  hid_t f = nwb_new(path);
  nwb_series(f, "/processing/a/good", "TimeSeries", 8, 3, ramp, "V");
  nwb_rate(f, "/processing/a/good", 0, 10);
  nwb_series(f, "/processing/a/bad", "TimeSeries", 8, 3, ramp, "V");
  H5Fclose(f);
  nax_dataset *d = io_t_load_warned(path, NULL, "nwb.left-out", "/processing/a/bad");
  assert_int_equal(nax_dataset_n_vars(d), 1);
  nax_dataset_free(d);
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.var = "bad";
  io_t_refuses(path, &o, NAX_EDATA, "/processing/a/bad has neither");
  o.rate = 25;
  assert_ok(nax_dataset_load(NULL, path, &o, &d));
  assert_close(nax_axis_rate(nax_array_axis(nax_dataset_array(d, "bad"), 1)), 25, 0, 0);
  nax_dataset_free(d);
}

static void
links_are_followed_and_missing_targets_named(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("links.nwb"), *other = nax_t_tmp("other.h5");
  hid_t f = h5_new(other);
  nwb_series(f, "/far", "TimeSeries", 8, 3, ramp, "V");
  nwb_rate(f, "/far", 0, 10);
  H5Fclose(f);
  f = nwb_new(path);
  h5_group(f, "/acquisition");
  H5Lcreate_external("other.h5", "/far", f, "/acquisition/near", H5P_DEFAULT,
                     H5P_DEFAULT);
  H5Lcreate_external("gone.h5", "/x", f, "/acquisition/lost", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", f, "/acquisition/void", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/acquisition/b", f, "/acquisition/a", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/acquisition/a", f, "/acquisition/b", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_hard(f, "/", f, "/acquisition/loop", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(f);
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  nax_source *s = open_ok(ctx, path, NULL);
  assert_int_equal(nax_source_n_vars(s), 1);
  assert_string_equal(nax_source_var(s, 0)->name, "near");
  nax_array *a = NULL;
  assert_ok(nax_source_load_array(ctx, s, 0, NAX_F64, &a));
  assert_close(nax_array_f64(a)[23], 23, 0, 0);
  nax_array_free(a);
  nax_source_close(s);
  assert_true(io_t_warned(ctx, "nwb.broken-link",
                          "/acquisition/lost is a link to /x in the file gone.h5"));
  assert_true(
      io_t_warned(ctx, "nwb.broken-link", "/acquisition/void is a link to /nowhere"));
  assert_true(io_t_warned(ctx, "nwb.broken-link", "/acquisition/a is a link to"));
  nax_ctx_free(ctx);
  f = nwb_new(path);
  h5_group(f, "/units");
  h5_attr(f, "/units", "neurodata_type", "Units");
  H5Lcreate_external("gone.h5", "/t", f, "/units/spike_times", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EFORMAT,
               "/units/spike_times is a link to /t in the file gone.h5, which cannot be "
               "opened");
}

static void
tables_take_what_they_can(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("table.nwb"), *t = "/intervals/trials";
  const char *const colnames[] = {"start_time", "stop_time", "kind", "tags", "pos"};
  const char *const text[] = {"go", "", "\xc3\xa9"};
  const double start[] = {0, 10, 20}, stop[] = {5, 9, 25};
  const long long id[] = {7, 8, 8}, ends[] = {0, 1, 2};
  const hsize_t dim[2] = {3, 2};
  hid_t f = nwb_new(path);
  h5_group(f, t);
  h5_attr(f, t, "neurodata_type", "TimeIntervals");
  h5_attr_fixed(f, t, "colnames", 5, colnames);
  h5_ints(f, "/intervals/trials/id", H5T_STD_I32LE, 3, id);
  h5_doubles(f, "/intervals/trials/start_time", 3, start);
  h5_doubles(f, "/intervals/trials/stop_time", 3, stop);
  h5_texts(f, "/intervals/trials/kind", 3, text);
  h5_texts(f, "/intervals/trials/tags", 2, text);
  h5_ints(f, "/intervals/trials/tags_index", H5T_STD_U8LE, 3, ends);
  h5_data(f, "/intervals/trials/pos", H5T_STD_I16LE, 2, dim, NULL, -1, H5T_NATIVE_DOUBLE,
          ramp);
  signed char yes[] = {1, 0, 1}, zero = 0, one = 1;
  hid_t b = H5Tenum_create(H5T_NATIVE_SCHAR);
  H5Tenum_insert(b, "FALSE", &zero);
  H5Tenum_insert(b, "TRUE", &one);
  const hsize_t three = 3;
  h5_data(f, "/intervals/trials/good", b, 1, &three, NULL, -1, b, yes);
  H5Tclose(b);
  H5Fclose(f);
  nax_dataset *d = io_t_load_warned(path, NULL, "nwb.column-skipped", "tags (ragged)");
  nax_dataset_free(io_t_load_warned(path, NULL, "nwb.time-intervals-stop-after-start",
                                    "row 1 (10 to 9 s)"));
  nax_dataset_free(io_t_load_warned(path, NULL, "nwb.ids-unique", "rows 1 and 2"));
  const nax_table *x = nax_dataset_table(d, "trials");
  static const char *const want[] = {"id",    "start_time", "stop_time", "kind",
                                     "pos_0", "pos_1",      "good"};
  assert_int_equal(nax_table_n_columns(x), 7);
  for (int32_t j = 0; j < 7; j++) {
    assert_string_equal(nax_table_column_name(x, j), want[j]);
  }
  assert_string_equal(nax_table_text(x, 3)[2], "\xc3\xa9");
  assert_close(nax_table_numbers(x, 5)[1], 3, 0, 0);
  assert_close(nax_table_numbers(x, 6)[1], 0, 0, 0);
  assert_string_equal(nax_table_column_unit(x, 1), "s");
  nax_dataset_free(d);
}

/* Blocks of the file that the HDF5 library follows without a look, each damaged so that
 * it would read what is not its own, make room for gigabytes or run for ever. */
static void
what_hdf5_would_believe_is_looked_at(void **state)
{
  (void)state;
  enum { N = 300, LONG = 6000 };
  const char *path = nax_t_tmp("believed.nwb");
  const char *const colnames[] = {"start_time", "kind"};
  static char store[N][LONG + 1];
  const char *text[N];
  double start[N];
  for (int i = 0; i < N; i++) {
    start[i] = i;
    snprintf(store[i], sizeof store[i], "text number %d of its column", i);
    text[i] = store[i];
  }
  memset(store[N / 2], 'x', LONG); /* a heap of more than the usual 4096 bytes */
  hid_t f = nwb_new(path);
  h5_group(f, "/intervals/trials");
  h5_attr(f, "/intervals/trials", "neurodata_type", "TimeIntervals");
  h5_attr_fixed(f, "/intervals/trials", "colnames", 2, colnames);
  h5_doubles(f, "/intervals/trials/start_time", N, start);
  h5_texts(f, "/intervals/trials/kind", N, text);
  H5Fclose(f);
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  for (int i = 0; i < N; i++) {
    const nax_table *t = nax_dataset_table(d, "trials");
    assert_string_equal(nax_table_text(t, nax_table_n_columns(t) - 1)[i], text[i]);
  }
  nax_dataset_free(d);

  static unsigned char b[1 << 20];
  size_t size = io_t_read(path, b, sizeof b);
  size_t object = io_t_where(b, size, 0, text[0], strlen(text[0])) - 16, heap = object;
  while (heap > 0 && memcmp(b + heap, "GCOL", 4) != 0) {
    heap--;
  }
  unsigned char ref[16] = {(unsigned char)strlen(text[0])};
  io_t_put8(ref + 4, heap);
  memcpy(ref + 12, b + object, 2);
  size_t reference = io_t_where(b, size, 0, ref, sizeof ref);
  size_t node = io_t_where(b, size, 0, "SNOD", 4),
         names = io_t_where(b, size, 0, "HEAP", 4);
  size_t free_list = (size_t)(io_t_get8(b + names + 24) + io_t_get8(b + names + 16));
  /* The attribute: 8 bytes, its name padded to 16, its type to 24, its space 8. */
  size_t attribute = io_t_where(b, size, 0, "nwb_version", 12) - 8;
  const struct {
    const char *what;
    size_t at;
    uint64_t value;
  } damage[] = {
      {"a heap without an end", heap + 8, UINT64_MAX},
      {"a heap of nothing", heap + 8, 0},
      {"an object longer than its heap", object + 8, 5000},
      {"an object that wraps around", object + 8, UINT64_MAX - 20},
      {"free space of no size", object, 0},
      {"a text of gigabytes", reference, io_t_get8(b + reference) | 0xf0000000},
      {"a text elsewhere", reference + 4, heap + 8},
      {"a name without an end", attribute + 8 + 8, UINT64_C(0x7878787878787878)},
      {"an attribute of gigabytes", attribute + 56,
       io_t_get8(b + attribute + 56) | 0xf0000000},
      {"an attribute elsewhere", attribute + 60, heap + 8},
      {"an attribute of wide elements", attribute + 28, UINT64_C(0x1000000019)},
      {"a name outside of its heap", node + 8, 1 << 20},
      {"a heap of names beyond the file", names + 8, 1 << 20},
      {"free names that go round", free_list, io_t_get8(b + names + 16)},
  };
  b[io_t_get8(b + 64) + 1] = 7; /* of the root's header, reserved: nobody looks at it */
  for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
    uint64_t before = io_t_get8(b + damage[i].at),
             second = io_t_get8(b + damage[i].at + 8);
    io_t_put8(b + damage[i].at, damage[i].value);
    if (damage[i].at == object) {
      io_t_put8(b + object + 8, 0);
    }
    nax_t_write(path, b, size);
    nax_status got = nax_dataset_load(NULL, path, NULL, &d);
    if (got != NAX_EFORMAT) {
      fail_msg("%s: %s, expected NAX_EFORMAT", damage[i].what, nax_status_name(got));
    }
    io_t_put8(b + damage[i].at, before);
    io_t_put8(b + damage[i].at + 8, second);
  }
}

static void
the_first_version_is_refused_by_name(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("old.nwb"), *const text[] = {"NWB-1.0.6"};
  hid_t f = h5_new(path);
  h5_texts(f, "/nwb_version", 0, text);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EFORMAT,
               "is NWB version 1 (found NWB-1.0.6, expected 2.x");
}

static void
every_failed_allocation_is_reported(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("alloc.nwb"), *const text[] = {"a", "b", "c"};
  const char *const colnames[] = {"start_time", "kind"};
  const long long ends[] = {4, 7, 10};
  double t[8];
  for (int k = 0; k < 8; k++) {
    t[k] = k * k;
  }
  hid_t f = nwb_new(path);
  nwb_units(f, H5T_STD_U8LE, 3, ends, 10, ramp);
  nwb_series(f, "/processing/a/b", "TimeSeries", 8, 3, ramp, "V");
  nwb_stamps(f, "/processing/a/b", 8, t);
  h5_group(f, "/intervals/trials");
  h5_attr(f, "/intervals/trials", "neurodata_type", "TimeIntervals");
  h5_attr_fixed(f, "/intervals/trials", "colnames", 2, colnames);
  h5_doubles(f, "/intervals/trials/start_time", 3, ramp);
  h5_texts(f, "/intervals/trials/kind", 3, text);
  for (int k = 0; k < 3; k++) {
    char p[64];
    snprintf(p, sizeof p, "/acquisition/n%d", k);
    nwb_series(f, p, "TimeSeries", 8, 0, ramp, "V");
    nwb_rate(f, p, 0, 10);
  }
  H5Fclose(f);
  nax_dataset *d = NULL;
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &d), d, nax_dataset_free(d), 4000);
}

static void
flipped_bytes_never_crash(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("flip.nwb");
  const long long ends[] = {4, 7, 10};
  hid_t f = nwb_new(path);
  nwb_units(f, H5T_STD_U8LE, 3, ends, 10, ramp);
  nwb_series(f, "/processing/a/b", "TimeSeries", 8, 3, ramp, "V");
  nwb_rate(f, "/processing/a/b", 0, 10);
  H5Fclose(f);
  io_t_flip_bytes(path, 150);
}

static void
what_was_read_is_saved_as_a_file_of_our_own(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("saved.nwb");
  char copy[300];
  snprintf(copy, sizeof copy, "%s", nax_t_tmp("saved.nc"));
  hid_t f = nwb_new(path);
  nwb_series(f, "/processing/a/b", "TimeSeries", 8, 3, ramp, "V");
  nwb_rate(f, "/processing/a/b", 0, 10);
  H5Fclose(f);
  nax_dataset *d = NULL, *e = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  assert_ok(nax_dataset_save(NULL, d, copy, NULL));
  assert_ok(nax_dataset_load(NULL, copy, NULL, &e));
  assert_string_equal(nax_dataset_main(e), nax_dataset_main(d));
  nax_dataset_free(d);
  nax_dataset_free(e);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(human_units_have_their_known_rates),
      cmocka_unit_test(mouse_units_and_trials_are_read),
      cmocka_unit_test(one_series_per_neuron_becomes_one_array),
      cmocka_unit_test(roi_responses_come_as_neuron_by_time),
      cmocka_unit_test(the_same_recording_reads_the_same_from_every_container),
      cmocka_unit_test(each_malformed_recording_says_what_is_wrong),
      cmocka_unit_test(an_index_may_have_any_integer_type),
      cmocka_unit_test(faults_of_units_name_row_and_value),
      cmocka_unit_test(observation_intervals_are_joined),
      cmocka_unit_test(series_are_scaled_as_the_file_says),
      cmocka_unit_test(timestamps_are_checked),
      cmocka_unit_test(a_faulty_series_does_not_lock_up_the_others),
      cmocka_unit_test(links_are_followed_and_missing_targets_named),
      cmocka_unit_test(tables_take_what_they_can),
      cmocka_unit_test(what_hdf5_would_believe_is_looked_at),
      cmocka_unit_test(the_first_version_is_refused_by_name),
      cmocka_unit_test(every_failed_allocation_is_reported),
      cmocka_unit_test(flipped_bytes_never_crash),
      cmocka_unit_test(what_was_read_is_saved_as_a_file_of_our_own),
  };
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return cmocka_run_group_tests_name("nwb", tests, nax_t_tmp_setup, nax_t_tmp_teardown);
}
