/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_test.h"
#include "io/npy_i.h"

static const char *const types[] = {"f8", "f4", "i1", "i2", "i4", "i8",
                                    "u1", "u2", "u4", "u8", "f2"};
static const size_t type_size[] = {8, 4, 1, 2, 4, 8, 1, 2, 4, 8, 2};

/* Value number i of a file: small whole numbers, which every type can hold. */
static double
value(size_t i)
{
  return (double)(i % 97);
}

static void
put(unsigned char *to, int type, double x, int big)
{
  union {
    double f8;
    float f4;
    int64_t i8;
    unsigned char byte[8];
  } u = {.i8 = (int64_t)x};
  if (type == 0) {
    u.f8 = x;
  } else if (type == 1) {
    u.f4 = (float)x;
  } else if (type == 10) { /* half: 1 <= x < 128 */
    uint16_t e = 0;
    while (x >= 2 * (double)(1 << e)) {
      e++;
    }
    uint16_t f = x > 0 ? (uint16_t)((x / (1 << e) - 1) * 1024) : 0;
    u.i8 = x > 0 ? (uint16_t)((e + 15) << 10 | f) : 0;
  }
  for (size_t j = 0; j < type_size[type]; j++) {
    to[j] = u.byte[big ? type_size[type] - 1 - j : j];
  }
}

static void
every_type_order_and_block_arrives_where_it_belongs(void **state)
{
  (void)state;
  uint64_t seed = 7;
  static const char *const names[] = {"neuron", "time", "trial", "condition"};
  for (int round = 0; round < 300; round++) {
    int ndim = 1 + (int)(nax_t_random(&seed) % 4), type = (int)(nax_t_random(&seed) % 11);
    int fortran = (int)(nax_t_random(&seed) & 1), big = (int)(nax_t_random(&seed) & 1);
    nax_index dim[4] = {1, 1, 1, 1}, n = 1;
    int name[4] = {0, 1, 2, 3};
    char shape[80] = "(", descr[8], axes[80] = "";
    for (int k = 0; k < ndim; k++) {
      dim[k] = 1 + (nax_index)(nax_t_random(&seed) % 9);
      n *= dim[k];
      int j = k + (int)(nax_t_random(&seed) % (uint64_t)(4 - k)), swap = name[k];
      name[k] = name[j];
      name[j] = swap;
      snprintf(shape + strlen(shape), 20, "%d,", (int)dim[k]);
      snprintf(axes + strlen(axes), 20, "%s%s", k ? "," : "", names[name[k]]);
    }
    strcat(shape, ")");
    snprintf(descr, sizeof descr, "%c%s", big ? '>' : '<', types[type]);
    unsigned char *data = malloc((size_t)n * 8);
    assert_non_null(data);
    for (nax_index i = 0; i < n; i++) {
      put(data + (size_t)i * type_size[type], type, value((size_t)i), big);
    }
    const char *path = nax_t_tmp("a.npy");
    io_t_write_npy(path, descr, fortran ? "True" : "False", shape, data,
                   (size_t)n * type_size[type]);
    free(data);
    nax_source_opts o = NAX_SOURCE_OPTS_INIT;
    o.axes = axes;
    o.rate = 10;
    nax_source *s = NULL;
    assert_ok(nax_source_open(NULL, path, &o, &s));
    const nax_var_info *v = nax_source_var(s, 0);
    assert_int_equal(v->ndim, ndim);
    assert_int_equal(v->n_values, n);
    nax_index start[4] = {0}, count[4] = {1, 1, 1, 1}, file_axis[4] = {0}, size = 1;
    for (int k = 0; k < ndim; k++) {
      for (int j = 0; j < ndim; j++) {
        if (strcmp(nax_axis_name(v->axis[k]), names[name[j]]) == 0) {
          file_axis[k] = j;
        }
      }
      assert_true(k == 0 || name[file_axis[k]] > name[file_axis[k - 1]]);
      assert_int_equal(v->dim[k], dim[file_axis[k]]);
      start[k] = (nax_index)(nax_t_random(&seed) % (uint64_t)v->dim[k]);
      count[k] = 1 + (nax_index)(nax_t_random(&seed) % (uint64_t)(v->dim[k] - start[k]));
      size *= count[k];
    }
    double block[9 * 9 * 9 * 9];
    assert_ok(nax_source_read(NULL, s, 0, start, count, NAX_F64, block, size));
    for (nax_index i = 0; i < size; i++) {
      nax_index rest = i, at[4] = {0}, where = 0;
      for (int k = 0; k < ndim; k++) {
        at[file_axis[k]] = start[k] + rest % count[k];
        rest /= count[k];
      }
      for (int j = 0; j < ndim; j++) {
        int k = fortran ? ndim - 1 - j : j;
        where = where * dim[k] + at[k];
      }
      if (block[i] != value((size_t)where)) {
        fail_msg("round %d %s %s axes %s fortran %d: element %d is %g, expected %g",
                 round, descr, shape, axes, fortran, (int)i, block[i],
                 value((size_t)where));
      }
    }
    nax_source_close(s);
  }
}

static void
picked_rows_are_read_alone(void **state)
{
  (void)state;
  double data[6 * 50];
  for (int i = 0; i < 300; i++) {
    data[i] = i;
  }
  const nax_index pick[] = {1, 2, 5};
  const int32_t order[] = {0, 1};
  for (int fortran = 0; fortran < 2; fortran++) {
    nax_source *s = NULL;
    nax_i_bytes b;
    nax_i_npy h;
    double got[3 * 50];
    const char *path = nax_t_tmp("p.npy");
    io_t_write_npy(path, "<f8", fortran ? "True" : "False", "(6, 50)", data, sizeof data);
    assert_ok(nax_source_open(NULL, path, NULL, &s));
    assert_ok(nax_i_bytes_open(NULL, path, &b));
    assert_ok(nax_i_npy_header(NULL, s, &b, &h));
    for (nax_index first = 0; first < 3; first++) {
      for (nax_index n = 1; n <= 3 - first; n++) {
        nax_index start[] = {first, 10}, count[] = {n, 30};
        assert_ok(
            nax_i_npy_read(NULL, &b, &h, "x", order, pick, start, count, NAX_F64, got));
        for (nax_index t = 0; t < 30; t++) {
          for (nax_index i = 0; i < n; i++) {
            nax_index r = pick[first + i], c = t + 10;
            assert_close(got[i + t * n], (double)(fortran ? r + 6 * c : r * 50 + c), 0,
                         0);
          }
        }
      }
    }
    nax_i_bytes_close(&b);
    nax_source_close(s);
  }
}

/* A header as text, with a data part of n zero bytes. */
static const char *
with_header(const char *text, int version, size_t n)
{
  static unsigned char b[4096];
  const char *path = nax_t_tmp("h.npy");
  size_t len = strlen(text), at = version == 1 ? 10 : 12;
  memset(b, 0, sizeof b);
  memcpy(b, "\x93NUMPY", 6);
  b[6] = (unsigned char)version;
  b[8] = (unsigned char)(len & 255);
  b[9] = (unsigned char)(len >> 8);
  memcpy(b + at, text, len);
  nax_t_write(path, b, at + len + n);
  return path;
}

static void
headers_of_any_python_are_understood(void **state)
{
  (void)state;
  static const char *const good[] = {
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }  \n",
      "{\"shape\":(2,),\"descr\":\"<f8\",\"fortran_order\":True}\n",
      "{'descr': u'<f8', u'fortran_order': False, 'shape': (2L,)}",
      "  { 'fortran_order' : False , 'shape' : ( 2 , ) , 'descr' : '=f8' }\n",
      "{'descr': 'f8', 'fortran_order': False, 'shape': (1, 2)}",
  };
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    for (int version = 1; version <= 3; version++) {
      nax_dataset *d = NULL;
      assert_ok(nax_dataset_load(NULL, with_header(good[i], version, 16), NULL, &d));
      assert_int_equal(nax_array_size(nax_dataset_array(d, "data")), 2);
      nax_dataset_free(d);
    }
  }
}

static void
lying_headers_are_refused_by_name(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    nax_status code;
    const char *says;
  } bad[] = {
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}", NAX_EFORMAT,
       "negative length in the shape (found (-2,)"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,)}",
       NAX_EFORMAT, "shape overflows"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296,4294967296)}",
       NAX_EFORMAT, "shape overflows"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
       NAX_EFORMAT, "shape overflows"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,)}", NAX_EFORMAT,
       "data has 16 bytes, shape (1000000000,) <f8 needs 8000000000"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2)}",
       NAX_EFORMAT, "too many axes (found 9, expected at most 8)"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': 2}", NAX_EFORMAT, "`shape`"},
      {"{'descr': '<f8', 'fortran_order': 2, 'shape': (2,)}", NAX_EFORMAT,
       "neither True nor False"},
      {"{'descr': '<f8', 'shape': (2,)}", NAX_EFORMAT, "lacks"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}", NAX_EFORMAT,
       "unknown or a repeated key"},
      {"__import__('os').system('true')", NAX_EFORMAT, "no Python dictionary"},
      {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", NAX_ETYPE, "<f16"},
      {"{'descr': '|V8', 'fortran_order': False, 'shape': (2,)}", NAX_ETYPE, "void"},
      {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (2,)}", NAX_ETYPE,
       "dates (found dtype <M8[ns]"},
      {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", NAX_ETYPE,
       "structured"},
      {"{'descr': '<S8', 'fortran_order': False, 'shape': (2,)}", NAX_ETYPE,
       "byte strings"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    io_t_refuses(with_header(bad[i].text, 1, 16), NULL, bad[i].code, bad[i].says);
  }
  const char *path = with_header("{}", 4, 0);
  io_t_refuses(path, NULL, NAX_EFORMAT, "unknown .npy version (found 4.0");
  nax_t_write(path, "\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13);
  io_t_refuses(path, NULL, NAX_EFORMAT, "header cut at byte 13 of 4294967307");
}

static void
faulty_files_of_labs_are_named(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    nax_status code;
    const char *says;
  } bad[] = {
      {"npy_0d", NAX_EDATA, "single number (found shape ()"},
      {"npy_bad_magic", NAX_EFORMAT, "not a .npy file"},
      {"npy_complex", NAX_ETYPE, "complex numbers (found dtype <c8"},
      {"npy_empty", NAX_EFORMAT, "not a .npy file (found 0 bytes"},
      {"npy_inf", NAX_EDATA, "data is infinite at neuron 1, time 3"},
      {"npy_object", NAX_ETYPE, "Python objects (a pickle, which is never executed)"},
      {"npy_strings", NAX_ETYPE, "Unicode strings (found dtype <U2"},
      {"npy_truncated_data", NAX_EFORMAT,
       "data has 1600 bytes, shape (5, 100) <f4 needs 2000"},
      {"npy_truncated_header", NAX_EFORMAT, "header cut at byte 60 of 128"},
      {"npy_zero_cols", NAX_EDATA, "holds no values (found shape (5, 0)"},
      {"spike_times_huge_u8", NAX_EDATA, "value 1 is 9223372036854775818"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char name[100];
    snprintf(name, sizeof name, "data/malformed/%s.npy", bad[i].name);
    io_t_refuses(nax_t_shared(name), NULL, bad[i].code, bad[i].says);
  }
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.allow_inf = 1;
  nax_dataset_free(io_t_load_warned(nax_t_shared("data/malformed/npy_inf.npy"), &o,
                                    "io.rate-unknown", "give option `rate`"));
  const char *extra = nax_t_shared("data/malformed/npy_trailing_bytes.npy");
  nax_dataset_free(
      io_t_load_warned(extra, NULL, "io.trailing-bytes", "16 bytes follow the data"));
  o.strict = 1;
  io_t_refuses(extra, &o, NAX_EDATA, "16 bytes follow");
  nax_dataset *d = io_t_load_warned(nax_t_shared("data/malformed/npy_nan_row.npy"), NULL,
                                    "io.axes-assumed", "neuron,time");
  const nax_array *a = nax_dataset_array(d, "data");
  int missing = 0;
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    missing += isnan(nax_array_f64(a)[i]) != 0;
  }
  assert_int_equal(missing, 100);
  nax_dataset_free(d);
}

static void
one_recording_in_five_encodings_is_the_same(void **state)
{
  (void)state;
  static const char *const name[] = {"C_f4", "F_f8", "bigendian_f4", "v2_header", "f2"};
  nax_dataset *first = NULL;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.rate = 30;
  for (int i = 0; i < 5; i++) {
    char path[100];
    nax_dataset *d = NULL;
    snprintf(path, sizeof path, "data/reencoded_real_data/allen_%s.npy", name[i]);
    assert_ok(nax_dataset_load(NULL, nax_t_shared(path), &o, &d));
    const nax_array *a = nax_dataset_array(d, "data");
    assert_int_equal(nax_array_dim(a, 0), 74);
    assert_int_equal(nax_array_dim(a, 1), 6001);
    assert_close(nax_axis_rate(nax_array_axis(a, 1)), 30, 0, 0);
    if (first == NULL) {
      first = d;
      continue;
    }
    assert_all_close(nax_array_f64(a), nax_array_f64(nax_dataset_array(first, "data")),
                     nax_array_size(a), i == 4 ? 1e-3 : 0, i == 4 ? 1e-6 : 0);
    nax_dataset_free(d);
  }
  nax_dataset_free(first);
}

static void
pointers_and_pages_under_that_name_are_named(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("lfs.npy");
  io_t_write_text(path, "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
  io_t_refuses(path, NULL, NAX_EFORMAT, "git-lfs pointer");
  io_t_write_text(path, "<!DOCTYPE html><html></html>");
  io_t_refuses(path, NULL, NAX_EFORMAT, "HTML page");
  io_t_refuses(nax_t_tmp("missing.npy"), NULL, NAX_EIO, "cannot open");
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  float data[20] = {0};
  nax_dataset *d = NULL;
  const char *path = nax_t_tmp("m.npy");
  io_t_write_npy(path, "<f4", "False", "(4, 5)", data, sizeof data);
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &d), d, nax_dataset_free(d), 200);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_order_and_block_arrives_where_it_belongs),
      cmocka_unit_test(picked_rows_are_read_alone),
      cmocka_unit_test(headers_of_any_python_are_understood),
      cmocka_unit_test(lying_headers_are_refused_by_name),
      cmocka_unit_test(faulty_files_of_labs_are_named),
      cmocka_unit_test(one_recording_in_five_encodings_is_the_same),
      cmocka_unit_test(pointers_and_pages_under_that_name_are_named),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_npy", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
