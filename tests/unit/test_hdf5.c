/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 of any layout, CaImAn results, netCDF of other programs. */
#include "h5_make.h"
#include <netcdf.h>

static const double ramp[24] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};

/* ------------------------------------------------------------------ any HDF5 file */

static void
plain_files_are_read_by_path_and_axes(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("plain.h5");
  const hsize_t dim[3] = {2, 3, 4}, chunk[3] = {1, 2, 3};
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  hid_t f = h5_new(path);
  h5_data(f, "/a/x", H5T_STD_I16BE, 3, dim, chunk, 4, H5T_NATIVE_DOUBLE, ramp);
  h5_attr(f, "/a/x", "units", "mV");
  h5_data(f, "/b/x", H5T_IEEE_F32LE, 2, dim, NULL, -1, H5T_NATIVE_DOUBLE, ramp);
  h5_number(f, "/scalar", 3);
  H5Fclose(f);
  nax_source *s = NULL;
  o.var = "/a/x";
  o.axes = "trial,time,neuron";
  o.rate = 10;
  assert_ok(nax_source_open(NULL, path, &o, &s));
  assert_string_equal(nax_source_format(s), "hdf5");
  assert_int_equal(nax_source_n_vars(s), 2); /* a scalar is no array */
  const nax_var_info *v = nax_source_var(s, nax_source_main(s));
  assert_string_equal(v->path, "/a/x");
  assert_string_equal(v->unit, "mV");
  assert_string_equal(v->file_dtype, "int16 big-endian");
  assert_string_equal(v->filters, "deflate");
  assert_int_equal(v->chunk[0], 3);
  nax_array *a = NULL;
  assert_ok(nax_source_load_array(NULL, s, nax_source_main(s), NAX_F64, &a));
  static const char *const names[] = {"neuron", "time", "trial"};
  for (int32_t k = 0; k < 3; k++) {
    assert_string_equal(nax_axis_name(nax_array_axis(a, k)), names[k]);
  }
  for (int i = 0; i < 24; i++) { /* the last of the file's dimensions is the fastest */
    assert_close(nax_array_f64(a)[i], i, 0, 0);
  }
  nax_array_free(a);
  nax_source_close(s);
}

static void
blocks_of_any_order_are_parts_of_the_whole(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("order.h5");
  static const char *const orders[] = {"neuron,time,trial", "time,neuron,trial",
                                       "trial,time,neuron", "time,trial,neuron",
                                       "neuron,trial,time", "trial,neuron,time"};
  const hsize_t dim[3] = {7, 11, 13}, chunk[3] = {3, 4, 5};
  double x[7 * 11 * 13];
  uint64_t r = 9;
  for (int i = 0; i < 7 * 11 * 13; i++) {
    x[i] = nax_t_uniform(&r);
  }
  hid_t f = h5_new(path);
  h5_data(f, "/x", H5T_IEEE_F64BE, 3, dim, chunk, 1, H5T_NATIVE_DOUBLE, x);
  H5Fclose(f);
  for (size_t k = 0; k < 6; k++) {
    nax_source_opts o = NAX_SOURCE_OPTS_INIT;
    nax_source *s = NULL;
    nax_array *a = NULL;
    o.axes = orders[k];
    o.rate = 1;
    assert_ok(nax_source_open(NULL, path, &o, &s));
    assert_ok(nax_source_load_array(NULL, s, 0, NAX_F64, &a));
    /* Where each of our axes lies in the file, by name. */
    int at[3];
    char list[64], *save = NULL;
    snprintf(list, sizeof list, "%s", orders[k]);
    int d = 0;
    for (char *p = strtok_r(list, ",", &save); p != NULL;
         p = strtok_r(NULL, ",", &save)) {
      at[nax_array_find_axis(a, p)] = d++;
    }
    for (int trial = 0; trial < 20; trial++) {
      nax_index start[3], count[3], n = 1;
      for (int j = 0; j < 3; j++) {
        nax_index l = nax_array_dim(a, j);
        assert_int_equal(l, dim[at[j]]);
        start[j] = (nax_index)(nax_t_random(&r) % (uint64_t)l);
        count[j] = 1 + (nax_index)(nax_t_random(&r) % (uint64_t)(l - start[j]));
        n *= count[j];
      }
      float got[7 * 11 * 13];
      assert_ok(nax_source_read(NULL, s, 0, start, count, NAX_F32, got, n));
      for (nax_index i = 0; i < n; i++) {
        nax_index p[3];
        p[at[0]] = start[0] + i % count[0];
        p[at[1]] = start[1] + i / count[0] % count[1];
        p[at[2]] = start[2] + i / count[0] / count[1];
        assert_true(got[i] == (float)x[(p[0] * 11 + p[1]) * 13 + p[2]]);
      }
    }
    nax_array_free(a);
    nax_source_close(s);
  }
}

static void
what_cannot_be_is_refused_before_it_is_allocated(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("huge.h5");
  const hsize_t dim[2] = {1000000, 1000000}, chunk[2] = {1000, 1000};
  const unsigned long long big[] = {1, 18446744073709551615ull};
  hid_t f = h5_new(path);
  h5_data(f, "/x", H5T_IEEE_F64LE, 2, dim, chunk, 1, H5T_NATIVE_DOUBLE, NULL);
  H5Fclose(f);
  io_t_refuses(
      path, NULL, NAX_EFORMAT,
      "dataset /x claims 8000000000000 bytes, more than the file can hold (found 0 "
      "bytes stored)");
  const hsize_t two = 2;
  f = h5_new(path);
  h5_data(f, "/x", H5T_STD_U64LE, 1, &two, NULL, -1, H5T_NATIVE_ULLONG, big);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EDATA, "/x: value 1 is 18446744073709551615");
  f = h5_new(path);
  h5_group(f, "/empty");
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EFORMAT, "is an HDF5 file without numeric datasets");
  f = h5_new(path);
  h5_attr(f, "/", "format", "nix");
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EFORMAT, "is a NIX file");
}

/* Four gigabytes of driver block in a file of 200 bytes are refused before the library
 * makes room for them, wherever the superblock stands. */
static void
a_driver_block_beyond_the_end_is_refused(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("driver.h5");
  for (int at = 0; at <= 512; at += 512) {
    unsigned char b[712] = {0};
    unsigned char *s = b + at;
    memcpy(s, "\211HDF\r\n\032\n", 8);
    s[13] = s[14] = 8; /* sizes of offsets and lengths */
    s[16] = 4;         /* leaf and internal nodes of groups */
    s[18] = 16;
    s[24] = (unsigned char)(at & 0xff); /* base address */
    s[25] = (unsigned char)(at >> 8);
    s[40] = 200; /* end of file */
    s[48] = 100; /* driver block: its size is at +4 */
    memset(s + 104, 0xf0, 4);
    nax_t_write(path, b, (size_t)at + 200);
    io_t_refuses(path, NULL, NAX_EFORMAT,
                 "is a damaged HDF5 file (it points beyond its own end)");
  }
}

/* Each place in the file at `path`, damaged, must make it refused. */
typedef struct damage {
  const char *what;
  size_t at;
  uint64_t value;
  const char *var; /* the one asked for, NULL: all */
} damage;

static void
each_damage_is_refused(const char *path, unsigned char *b, size_t size, const damage *d,
                       size_t n)
{
  for (size_t i = 0; i < n; i++) {
    uint64_t before = io_t_get8(b + d[i].at);
    nax_dataset *loaded = NULL;
    nax_source_opts o = NAX_SOURCE_OPTS_INIT;
    o.var = d[i].var;
    io_t_put8(b + d[i].at, d[i].value);
    nax_t_write(path, b, size);
    nax_status got = nax_dataset_load(NULL, path, &o, &loaded);
    /* A variable that was asked for may be no more, too. */
    if (got == NAX_OK || (d[i].var == NULL && got != NAX_EFORMAT)) {
      fail_msg("%s: %s, expected NAX_EFORMAT", d[i].what, nax_status_name(got));
    }
    io_t_put8(b + d[i].at, before);
  }
  nax_t_write(path, b, size);
}

/* The netCDF library would follow all of these. */
static void
damaged_texts_of_netcdf_files_are_refused(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("texts.nc");
  const char *label[] = {"the label of a", "the label of b"},
             *note = "a note of 19 bytes!", *none = "no label at all";
  const double x[2] = {1, 2};
  int nc, dim, labels, values;
  assert_int_equal(nc_create(path, NC_NETCDF4, &nc), 0);
  assert_int_equal(nc_def_dim(nc, "unit", 2, &dim), 0);
  assert_int_equal(nc_def_var(nc, "label", NC_STRING, 1, &dim, &labels), 0);
  assert_int_equal(nc_def_var_fill(nc, labels, 0, &none), 0);
  assert_int_equal(nc_def_var(nc, "x", NC_DOUBLE, 1, &dim, &values), 0);
  assert_int_equal(nc_put_att_string(nc, values, "note", 1, &note), 0);
  assert_int_equal(nc_put_var_string(nc, labels, label), 0);
  assert_int_equal(nc_put_var_double(nc, values, x), 0);
  assert_int_equal(nc_close(nc), 0);
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  nax_dataset_free(d);
  static unsigned char b[1 << 17];
  size_t size = io_t_read(path, b, sizeof b);
  size_t object = io_t_where(b, size, 0, note, strlen(note)) - 8;
  size_t text = io_t_where(b, size, 0, label[1], strlen(label[1])) - 8;
  size_t fill = io_t_where(b, size, 0, none, strlen(none)) - 8;
  size_t heap = io_t_where(b, size, 0, "GCOL", 4);
  const damage all[] = {
      {"a heap without an end", heap + 8, UINT64_MAX, NULL},
      {"a heap of nothing", heap + 8, 0, NULL},
      {"an object longer than its heap", object, 5000, NULL},
      {"an object that wraps around", object, UINT64_MAX - 20, NULL},
      {"an attribute longer than its text", object, strlen(note) + 1, NULL},
      {"a text longer than its room", text, strlen(label[1]) + 1, NULL},
      {"a fill value longer than its room", fill, strlen(none) + 1, NULL},
  };
  each_damage_is_refused(path, b, size, all, sizeof all / sizeof *all);
}

static void
damaged_headers_are_refused(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("headers.h5"), *name = "one_of_a_kind";
  const hsize_t dim[2] = {4, 6};
  double within[24];
  for (int i = 0; i < 24; i++) {
    within[i] = -1 - i;
  }
  hid_t f = h5_new(path), p = H5Pcreate(H5P_GROUP_CREATE);
  assert_true(H5Pset_link_creation_order(p, H5P_CRT_ORDER_TRACKED) >= 0);
  hid_t g = H5Gcreate2(f, "/g", H5P_DEFAULT, p, H5P_DEFAULT);
  assert_true(g >= 0);
  h5_data(g, "first", H5T_IEEE_F64LE, 2, dim, NULL, -1, H5T_NATIVE_DOUBLE, ramp);
  h5_attr(g, "first", "note", "a text");
  h5_attr_ref(g, "first", "of", "/g");
  h5_data(g, name, H5T_IEEE_F64LE, 2, dim, NULL, -1, H5T_NATIVE_DOUBLE, ramp);
  h5_data(g, "pieces", H5T_IEEE_F64LE, 2, dim, dim, 9, H5T_NATIVE_DOUBLE, ramp);
  assert_true(
      H5Lcreate_external("other.h5", "/there", g, "far", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  hid_t c = H5Pcreate(H5P_DATASET_CREATE), s = H5Screate_simple(2, dim, NULL);
  assert_true(H5Pset_layout(c, H5D_COMPACT) >= 0);
  hid_t d = H5Dcreate2(g, "within", H5T_IEEE_F64LE, s, H5P_DEFAULT, c, H5P_DEFAULT);
  assert_true(d >= 0 &&
              H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, within) >= 0);
  H5Dclose(d);
  H5Sclose(s);
  H5Pclose(c);
  H5Gclose(g);
  H5Pclose(p);
  H5Fclose(f);
  static unsigned char b[1 << 17];
  size_t size = io_t_read(path, b, sizeof b);
  /* Version and flags, order of creation, length of the name, name. */
  size_t text = io_t_where(b, size, 0, name, strlen(name)), link = text - 11;
  size_t far = io_t_where(b, size, 0, "/there", 7) + 6;
  size_t type = io_t_where(b, size, 0, "\x11\x20\x3f\0\x08\0\0\0", 8);
  size_t list = io_t_where(b, size, io_t_where(b, size, 0, "note", 5), "\x19\x01", 2);
  size_t reference = io_t_where(b, size, io_t_where(b, size, 0, "of", 3), "\x17\0", 2);
  size_t data = io_t_where(b, size, 0, within, sizeof within) - 4;
  size_t key = io_t_where(b, size, 0, "TREE\1", 5) + 24;
  size_t chunk = io_t_where(b, size, 0, "\4\0\0\0\6\0\0\0\10\0\0\0", 12);
  uint64_t head = io_t_get8(b + link), length = io_t_get8(b + text - 1);
  const damage all[] = {
      {"a name beyond its link", text - 1, length | 0xff, NULL},
      {"a link without a name", text - 1, length & ~UINT64_C(0xff), NULL},
      {"a link of unknown flags", link, head | 0xff00, NULL},
      {"a link of no known version", link, head ^ 2, NULL},
      {"a link to an object whose name has no end", far, io_t_get8(b + far) | 0xff, NULL},
      {"a number that names its values", type, io_t_get8(b + type) ^ 9, "/g/first"},
      {"a number of kilobytes", type, io_t_get8(b + type) | UINT64_C(1) << 48,
       "/g/first"},
      {"a list of neither elements nor text", list, io_t_get8(b + list) ^ 8 << 8,
       "/g/first"},
      {"a reference to no known thing", reference, io_t_get8(b + reference) ^ 8 << 8,
       "/g/first"},
      {"a dataset that is not all there", data, io_t_get8(b + data) - (1 << 16),
       "/g/within"},
      {"the same as older files lay it out", data,
       (io_t_get8(b + data) & ~UINT64_C(0xffffff)) | 0x0101, "/g/within"},
      {"a chunk that was not filtered and is short", key,
       io_t_get8(b + key) | UINT64_C(1) << 32, "/g/pieces"},
      {"a chunk of more elements than come out of it", chunk,
       io_t_get8(b + chunk) | UINT64_C(1) << 40, "/g/pieces"},
  };
  each_damage_is_refused(path, b, size, all, sizeof all / sizeof *all);
}

/* The netCDF library would free what it has not read. */
static void
attributes_that_lead_nowhere_are_refused(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("nowhere.h5"), *text = "a text of its own";
  static unsigned char b[1 << 16];
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  /* attributes outside of object headers, which are looked through by themselves */
  hid_t latest = H5Pcreate(H5P_FILE_ACCESS), dense = H5Pcreate(H5P_GROUP_CREATE);
  assert_true(H5Pset_libver_bounds(latest, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST) >= 0);
  assert_true(H5Pset_attr_phase_change(dense, 0, 0) >= 0);
  hid_t f = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, latest);
  assert_true(f >= 0);
  H5Gclose(H5Gcreate2(f, "/g", H5P_DEFAULT, dense, H5P_DEFAULT));
  h5_doubles(f, "/x", 2, ramp);
  h5_attr(f, "/g", "note", text);
  H5Fclose(f);
  H5Pclose(latest);
  H5Pclose(dense);
  size_t size = io_t_read(path, b, sizeof b);
  io_t_put8(b + io_t_where(b, size, 0, "GCOL", 4), 0);
  nax_t_write(path, b, size);
  o.format = "netcdf";
  assert_status(nax_dataset_load(NULL, path, &o, &d), NAX_EFORMAT);
  assert_non_null(strstr(nax_ctx_error(NULL), "(an attribute cannot be read)"));
}

static void
the_host_keeps_its_error_printer(void **state)
{
  (void)state;
  H5E_auto2_t before = NULL, after = NULL;
  void *data = NULL;
  nax_dataset *d = NULL;
  H5Eset_auto2(H5E_DEFAULT, (H5E_auto2_t)H5Eprint2, stderr);
  H5Eget_auto2(H5E_DEFAULT, &before, &data);
  nax_t_write(nax_t_tmp("bad.h5"), "\x89HDF\r\n\x1a\nrubbish", 15);
  assert_status(nax_dataset_load(NULL, nax_t_tmp("bad.h5"), NULL, &d), NAX_EFORMAT);
  assert_non_null(strstr(nax_ctx_error(NULL), "is a damaged HDF5 file"));
  H5Eget_auto2(H5E_DEFAULT, &after, &data);
  assert_true(before == after && data == stderr);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* -------------------------------------------------------------------------- CaImAn */

static void
the_real_caiman_result_is_read(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/caiman_hdf5/caiman_analysis.hdf5"),
                             NULL, &d));
  assert_string_equal(nax_dataset_main(d), "F_dff");
  const nax_array *a = nax_dataset_array(d, "F_dff"), *c = nax_dataset_array(d, "C");
  assert_int_equal(nax_array_dim(a, 0), 72);
  assert_int_equal(nax_array_dim(a, 1), 1000);
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 30, 0, 0);
  double sum = 0, raw = 0;
  for (nax_index i = 0; i < 72000; i++) {
    sum += nax_array_f64(a)[i];
    raw += nax_array_f64(nax_dataset_array(d, "raw"))[i];
  }
  assert_close(sum, 286.7739618, 1e-8, 0);
  assert_close(raw, 3469718.03125, 1e-8, 0);
  assert_close(nax_array_f64(c)[0], 98.326, 0, 1e-3);
  nax_dataset_free(d);
}

static void
caiman_components_can_be_left_out(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("cnmf.hdf5"), *const none[] = {"NoneType"};
  const hsize_t dim[2] = {4, 6};
  const long long good[] = {3, 1};
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  hid_t f = h5_new(path);
  h5_data(f, "/estimates/C", H5T_IEEE_F64LE, 2, dim, NULL, -1, H5T_NATIVE_DOUBLE, ramp);
  h5_texts(f, "/estimates/F_dff", 0, none);
  h5_ints(f, "/estimates/idx_components", H5T_STD_I64LE, 2, good);
  h5_doubles(f, "/estimates/SNR_comp", 4, ramp);
  h5_number(f, "/params/data/fr", 15);
  H5Fclose(f);
  o.cells_only = 1;
  assert_ok(nax_dataset_load(NULL, path, &o, &d));
  assert_string_equal(nax_dataset_main(d), "C");
  const nax_array *a = nax_dataset_array(d, "C");
  assert_int_equal(nax_array_dim(a, 0), 2);
  assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 1), "3");
  assert_close(nax_array_f64(a)[0], 6, 0, 0);
  assert_close(nax_array_f64(a)[1], 18, 0, 0);
  const nax_table *t = nax_dataset_table(d, "neurons");
  assert_close(nax_table_numbers(t, nax_table_find(t, "SNR_comp"))[1], 3, 0, 0);
  nax_dataset_free(d);
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &d), d, nax_dataset_free(d), 2000);
  f = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(f, "/params/data/fr", H5P_DEFAULT);
  H5Fclose(f);
  io_t_refuses(path, NULL, NAX_EDATA, "sampling rate unknown (give option `rate`)");
}

/* ------------------------------------------------------- netCDF of other programs */

#define NC(call) assert_int_equal((call), NC_NOERR)

static void
packed_and_missing_values_follow_cf(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("cf.nc");
  static const int formats[] = {0, NC_64BIT_OFFSET, NC_64BIT_DATA, NC_NETCDF4,
                                NC_NETCDF4 | NC_CLASSIC_MODEL};
  const short x[6] = {0, 100, -999, -32767, 5000, 200}, range[2] = {-100, 1000};
  const short missing = -999;
  const double t[3] = {0, 40, 80}, scale = 0.5, offset = 10;
  for (size_t k = 0; k < 5; k++) {
    int nc, dim[2], var, time, names, length;
    NC(nc_create(path, NC_CLOBBER | formats[k], &nc));
    NC(nc_def_dim(nc, "time", 3, &dim[0]));
    NC(nc_def_dim(nc, "neuron", 2, &dim[1]));
    NC(nc_def_dim(nc, "strlen", 4, &length));
    NC(nc_def_var(nc, "dff", NC_SHORT, 2, dim, &var));
    NC(nc_put_att_double(nc, var, "scale_factor", NC_DOUBLE, 1, &scale));
    NC(nc_put_att_double(nc, var, "add_offset", NC_DOUBLE, 1, &offset));
    NC(nc_put_att_short(nc, var, "missing_value", NC_SHORT, 1, &missing));
    NC(nc_put_att_short(nc, var, "valid_range", NC_SHORT, 2, range));
    NC(nc_put_att_text(nc, var, "units", 1, "1"));
    NC(nc_def_var(nc, "time", NC_DOUBLE, 1, dim, &time));
    NC(nc_put_att_text(nc, time, "units", 35, "milliseconds since 2020-01-01 00:00"));
    const int name_dims[2] = {dim[1], length};
    NC(nc_def_var(nc, "region", NC_CHAR, 2, name_dims, &names));
    NC(nc_enddef(nc));
    NC(nc_put_var_short(nc, var, x));
    NC(nc_put_var_double(nc, time, t));
    NC(nc_put_var_text(nc, names, "V1  CA1 "));
    NC(nc_close(nc));
    nax_dataset *d = NULL;
    assert_ok(nax_dataset_load(NULL, path, NULL, &d));
    const nax_array *a = nax_dataset_array(d, "dff");
    const double want[6] = {10, 60, NAN, NAN, NAN, 110};
    assert_all_close(nax_array_f64(a), want, 6, 0, 0);
    assert_string_equal(nax_axis_name(nax_array_axis(a, 0)), "neuron");
    assert_string_equal(nax_axis_label(nax_array_axis(a, 0), 1), "CA1");
    assert_close(nax_axis_rate(nax_array_axis(a, 1)), 25, 1e-9, 0);
    assert_string_equal(nax_dataset_text(d, "time_origin"), "2020-01-01 00:00");
    nax_dataset_free(d);
  }
}

static void
ragged_arrays_of_both_kinds_are_spikes(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("ragged.nc");
  const double t[5] = {1, 2, 3, 1.5, 2.5};
  const int rows[3] = {3, 0, 2}, of[5] = {2, 0, 2, 0, 0};
  for (int contiguous = 0; contiguous < 2; contiguous++) {
    int nc, unit, obs, var, row;
    NC(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc));
    NC(nc_def_dim(nc, "unit", 3, &unit));
    NC(nc_def_dim(nc, "obs", 5, &obs));
    NC(nc_def_var(nc, "spike_time", NC_DOUBLE, 1, &obs, &var));
    NC(nc_put_att_text(nc, var, "units", 1, "s"));
    NC(nc_def_var(nc, "row", NC_INT, 1, contiguous ? &unit : &obs, &row));
    NC(contiguous ? nc_put_att_text(nc, row, "sample_dimension", 3, "obs")
                  : nc_put_att_text(nc, row, "instance_dimension", 4, "unit"));
    NC(nc_put_var_double(nc, var, t));
    NC(nc_put_var_int(nc, row, contiguous ? rows : of));
    NC(nc_close(nc));
    nax_dataset *d = NULL;
    assert_ok(nax_dataset_load(NULL, path, NULL, &d));
    const nax_spikes *s = nax_dataset_spikes(d, "spike_time");
    nax_index n = 0;
    assert_int_equal(nax_spikes_n_units(s), 3);
    assert_close(nax_spikes_times(s, 2, &n)[0], contiguous ? 1.5 : 1, 0, 0);
    assert_int_equal(n, 2);
    nax_spikes_times(s, 1, &n);
    assert_int_equal(n, 0);
    nax_dataset_free(d);
  }
}

static void
faults_of_foreign_files_are_named(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("fault.nc");
  const float x[6] = {1, 2, 3, 4, 5, 6};
  int nc, dim[2], var;
  NC(nc_create(path, NC_CLOBBER, &nc));
  NC(nc_def_dim(nc, "time", 3, &dim[0]));
  NC(nc_def_dim(nc, "neuron", 2, &dim[1]));
  NC(nc_def_var(nc, "dff", NC_FLOAT, 2, dim, &var));
  NC(nc_enddef(nc));
  NC(nc_put_var_float(nc, var, x));
  NC(nc_close(nc));
  io_t_refuses(path, NULL, NAX_EDATA, "dff: sampling rate unknown (give option `rate`)");
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(truncate(path, st.st_size - 10), 0);
  char text[80];
  snprintf(text, sizeof text, "file is truncated: %lld of %lld bytes",
           (long long)st.st_size - 10, (long long)st.st_size);
  io_t_refuses(path, NULL, NAX_EFORMAT, text);
  NC(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc));
  NC(nc_def_dim(nc, "time", NC_UNLIMITED, &dim[0]));
  NC(nc_def_dim(nc, "neuron", 2, &dim[1]));
  NC(nc_def_var(nc, "dff", NC_FLOAT, 2, dim, &var));
  NC(nc_close(nc));
  io_t_refuses(path, NULL, NAX_EDATA,
               "variable /dff is empty: dimension time has length 0");
  const double rate = 10;
  NC(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc));
  NC(nc_put_att_double(nc, NC_GLOBAL, "sampling_rate", NC_DOUBLE, 1, &rate));
  NC(nc_def_dim(nc, "time", 3, &dim[0]));
  NC(nc_def_dim(nc, "neuron", 2, &dim[1]));
  NC(nc_def_var(nc, "dff", NC_FLOAT, 2, dim, &var));
  NC(nc_close(nc));
  io_t_refuses(path, NULL, NAX_EDATA,
               "variable dff has no data: all its values are missing");
  nc_type pair;
  NC(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc));
  NC(nc_def_dim(nc, "time", 3, &dim[0]));
  NC(nc_def_compound(nc, 8, "pair", &pair));
  NC(nc_insert_compound(nc, pair, "a", 0, NC_FLOAT));
  NC(nc_insert_compound(nc, pair, "b", 4, NC_FLOAT));
  NC(nc_def_var(nc, "odd", pair, 1, dim, &var));
  NC(nc_close(nc));
  io_t_refuses(path, NULL, NAX_EFORMAT, "user-defined types: /odd");
  /* A header that claims a list of four thousand million attributes. */
  nax_t_write(path, "CDF\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0c\xff\xff\xff\xff", 24);
  io_t_refuses(path, NULL, NAX_EFORMAT,
               "is a damaged netCDF file (its header claims more");
}

static void
flipped_bytes_of_classic_files_never_crash(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("flip.nc");
  const float x[6] = {1, 2, 3, 4, 5, 6};
  const double rate = 10;
  int nc, dim[2], var;
  NC(nc_create(path, NC_CLOBBER, &nc));
  NC(nc_put_att_double(nc, NC_GLOBAL, "sampling_rate", NC_DOUBLE, 1, &rate));
  NC(nc_def_dim(nc, "time", NC_UNLIMITED, &dim[0]));
  NC(nc_def_dim(nc, "neuron", 2, &dim[1]));
  NC(nc_def_var(nc, "dff", NC_FLOAT, 2, dim, &var));
  NC(nc_enddef(nc));
  const size_t start[2] = {0, 0}, count[2] = {3, 2};
  NC(nc_put_vara_float(nc, var, start, count, x));
  NC(nc_close(nc));
  io_t_flip_bytes(path, 150);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_files_are_read_by_path_and_axes),
      cmocka_unit_test(blocks_of_any_order_are_parts_of_the_whole),
      cmocka_unit_test(what_cannot_be_is_refused_before_it_is_allocated),
      cmocka_unit_test(a_driver_block_beyond_the_end_is_refused),
      cmocka_unit_test(damaged_texts_of_netcdf_files_are_refused),
      cmocka_unit_test(damaged_headers_are_refused),
      cmocka_unit_test(attributes_that_lead_nowhere_are_refused),
      cmocka_unit_test(the_host_keeps_its_error_printer),
      cmocka_unit_test(the_real_caiman_result_is_read),
      cmocka_unit_test(caiman_components_can_be_left_out),
      cmocka_unit_test(packed_and_missing_values_follow_cf),
      cmocka_unit_test(ragged_arrays_of_both_kinds_are_spikes),
      cmocka_unit_test(faults_of_foreign_files_are_named),
      cmocka_unit_test(flipped_bytes_of_classic_files_never_crash),
  };
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return cmocka_run_group_tests_name("hdf5", tests, nax_t_tmp_setup, nax_t_tmp_teardown);
}
