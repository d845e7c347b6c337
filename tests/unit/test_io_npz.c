/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_test.h"

/* A small zip writer: method 0, or 8 with deflate's uncompressed blocks. */
typedef struct zip {
  unsigned char data[1 << 17], central[4096];
  size_t n, n_central;
  int members;
} zip;

static uint32_t
crc32(const unsigned char *p, size_t n)
{
  uint32_t c = 0xffffffffu;
  for (size_t i = 0; i < n; i++) {
    c ^= p[i];
    for (int k = 0; k < 8; k++) {
      c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
    }
  }
  return ~c;
}

static void
le(unsigned char **p, uint32_t x, int bytes)
{
  for (int i = 0; i < bytes; i++) {
    *(*p)++ = (unsigned char)(x >> 8 * i);
  }
}

/* `claim` is the uncompressed size that the archive states (0: the true one). */
static void
zip_add(zip *z, const char *name, int method, const unsigned char *data, size_t n,
        uint32_t claim, uint32_t crc_error)
{
  static unsigned char packed[1 << 16];
  size_t n_packed = 0, n_name = strlen(name);
  uint32_t crc = crc32(data, n) ^ crc_error, size = claim ? claim : (uint32_t)n;
  uint32_t at = (uint32_t)z->n;
  if (method == 0) {
    memcpy(packed, data, n);
    n_packed = n;
  } else {
    for (size_t i = 0; i < n || i == 0; i += 1000) {
      size_t k = n - i < 1000 ? n - i : 1000;
      unsigned char *p = packed + n_packed;
      le(&p, i + k >= n, 1);
      le(&p, (uint32_t)k, 2);
      le(&p, ~(uint32_t)k & 0xffff, 2);
      memcpy(p, data + i, k);
      n_packed += 5 + k;
    }
  }
  for (int central = 0; central < 2; central++) {
    unsigned char *p = central ? z->central + z->n_central : z->data + z->n;
    le(&p, central ? 0x02014b50 : 0x04034b50, 4);
    le(&p, 20, central ? 4 : 2); /* versions */
    le(&p, 0, 2);
    le(&p, (uint32_t)method, 2);
    le(&p, 0, 4);
    le(&p, crc, 4);
    le(&p, (uint32_t)n_packed, 4);
    le(&p, size, 4);
    le(&p, (uint32_t)n_name, 2);
    le(&p, 0, 2);
    if (central) {
      le(&p, 0, 4);
      le(&p, 0, 4);
      le(&p, 0, 2);
      le(&p, at, 4);
    }
    memcpy(p, name, n_name);
    p += n_name;
    if (central) {
      z->n_central = (size_t)(p - z->central);
    } else {
      memcpy(p, packed, n_packed);
      z->n = (size_t)(p - z->data) + n_packed;
    }
  }
  z->members++;
}

static const char *
zip_write(zip *z)
{
  const char *path = nax_t_tmp("a.npz");
  size_t at = z->n;
  memcpy(z->data + z->n, z->central, z->n_central);
  unsigned char *p = z->data + z->n + z->n_central;
  le(&p, 0x06054b50, 4);
  le(&p, 0, 4);
  le(&p, (uint32_t)z->members, 2);
  le(&p, (uint32_t)z->members, 2);
  le(&p, (uint32_t)z->n_central, 4);
  le(&p, (uint32_t)at, 4);
  le(&p, 0, 2);
  nax_t_write(path, z->data, (size_t)(p - z->data));
  return path;
}

static zip z; /* too large for the stack */

static void
add_ramp(const char *name, int method, const char *shape, const char *order, int n)
{
  static double data[4000];
  static unsigned char b[40000];
  for (int i = 0; i < n; i++) {
    data[i] = i;
  }
  zip_add(&z, name, method, b,
          io_t_npy(b, "<f8", order, shape, data, (size_t)n * sizeof *data), 0, 0);
}

static void
members_are_variables_and_numbers_attributes(void **state)
{
  (void)state;
  const double fs = 20;
  unsigned char b[400];
  memset(&z, 0, sizeof z);
  add_ramp("dff.npy", 8, "(40, 100)", "False", 4000);
  add_ramp("ids.npy", 0, "(40,)", "False", 40);
  zip_add(&z, "names.npy", 0, b, io_t_npy(b, "<U2", "False", "(1,)", "a\0\0\0b\0\0\0", 8),
          0, 0);
  zip_add(&z, "fs.npy", 8, b, io_t_npy(b, "<f8", "False", "()", &fs, 8), 0, 0);
  zip_add(&z, "note.txt", 0, b, 4, 0, 0);
  nax_dataset *d =
      io_t_load_warned(zip_write(&z), NULL, "io.member-skipped",
                       "member names.npy: elements are Unicode strings (found dtype <U2");
  assert_int_equal(nax_dataset_n_vars(d), 2);
  assert_string_equal(nax_dataset_main(d), "dff");
  assert_close(nax_dataset_number(d, "fs"), 20, 0, 0);
  const nax_array *a = nax_dataset_array(d, "dff");
  assert_close(nax_axis_rate(nax_array_axis(a, 1)), 20, 0, 0);
  assert_close(nax_array_f64(a)[1], 100, 0, 0);
  assert_close(nax_array_f64(a)[3999], 3999, 0, 0);
  nax_dataset_free(d);
}

static void
blocks_are_right_in_any_order(void **state)
{
  (void)state;
  uint64_t seed = 3;
  for (int method = 0; method <= 8; method += 8) {
    for (int fortran = 0; fortran < 2; fortran++) {
      nax_source *s = NULL;
      double got[4000];
      memset(&z, 0, sizeof z);
      add_ramp("x.npy", method, "(8, 50, 10)", fortran ? "True" : "False", 4000);
      assert_ok(nax_source_open(NULL, zip_write(&z), NULL, &s));
      for (int round = 0; round < 30; round++) {
        nax_index dim[] = {8, 50, 10}, start[3], count[3];
        for (int k = 0; k < 3; k++) {
          start[k] = (nax_index)(nax_t_random(&seed) % (uint64_t)dim[k]);
          count[k] = 1 + (nax_index)(nax_t_random(&seed) % (uint64_t)(dim[k] - start[k]));
        }
        assert_ok(nax_source_read(NULL, s, 0, start, count, NAX_F64, got, 4000));
        for (nax_index i = 0; i < count[0] * count[1] * count[2]; i++) {
          nax_index a = start[0] + i % count[0], b = start[1] + i / count[0] % count[1],
                    c = start[2] + i / count[0] / count[1];
          nax_index want = fortran ? a + 8 * (b + 50 * c) : (a * 50 + b) * 10 + c;
          assert_close(got[i], (double)want, 0, 0);
        }
      }
      nax_source_close(s);
    }
  }
}

static void
damaged_archives_are_named(void **state)
{
  (void)state;
  unsigned char b[1000];
  const double x[20] = {1};
  size_t n = io_t_npy(b, "<f8", "False", "(4, 5)", x, sizeof x);
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 8, b, n, 0, 1);
  io_t_refuses(zip_write(&z), NULL, NAX_EFORMAT, "member x.npy: damaged in the archive");
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 8, b, n, 2000000000u, 0);
  io_t_refuses(zip_write(&z), NULL, NAX_EFORMAT,
               "member x.npy: size cannot be true (found 2000000000 bytes");
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 8, b, n, (uint32_t)n + 8, 0);
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.strict = 1;
  io_t_refuses(zip_write(&z), &o, NAX_EDATA, "8 bytes follow the data");
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 0, b, n - 40, 0, 0);
  io_t_refuses(zip_write(&z), NULL, NAX_EFORMAT,
               "member x.npy: data has 120 bytes, shape (4, 5) <f8 needs 160");
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 0, b, n, 0, 0);
  zip_add(&z, "x.npy", 0, b, n, 0, 0);
  io_t_refuses(zip_write(&z), NULL, NAX_EFORMAT, "member x.npy: is there twice");
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 0, b, io_t_npy(b, "|O", "False", "(4, 5)", x, 0), 0, 0);
  io_t_refuses(zip_write(&z), NULL, NAX_EDATA, "has no numeric array (found 1 members");
  memset(&z, 0, sizeof z);
  zip_add(&z, "x.npy", 12, b, 100, 0, 0);
  io_t_refuses(zip_write(&z), NULL, NAX_ENOTSUP, "has compression method 12");
  zip_write(&z);
  nax_t_write(nax_t_tmp("b.npz"), z.data, z.n); /* no central directory */
  io_t_refuses(nax_t_tmp("b.npz"), NULL, NAX_EFORMAT, "is no whole zip archive");
}

static void
real_archives_equal_the_npy(void **state)
{
  (void)state;
  nax_dataset *one = NULL;
  assert_ok(nax_dataset_load(
      NULL, nax_t_shared("data/reencoded_real_data/allen_C_f4.npy"), NULL, &one));
  const double *want = nax_array_f64(nax_dataset_array(one, "data"));
  for (int i = 0; i < 2; i++) {
    nax_dataset *d = NULL;
    assert_ok(
        nax_dataset_load(NULL,
                         nax_t_shared(i ? "data/reencoded_real_data/allen_stored.npz"
                                        : "data/reencoded_real_data/allen_deflated.npz"),
                         NULL, &d));
    const nax_array *a = nax_dataset_array(d, "dff");
    assert_int_equal(nax_array_dim(a, 1), 1500);
    assert_all_close(nax_array_f64(a), want, 74 * 1500, 0, 0);
    nax_dataset_free(d);
  }
  nax_dataset_free(one);
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  const double fs = 20;
  unsigned char b[400];
  memset(&z, 0, sizeof z);
  add_ramp("a.npy", 8, "(4, 10)", "False", 40);
  add_ramp("b.npy", 0, "(4,)", "False", 4);
  zip_add(&z, "fs.npy", 8, b, io_t_npy(b, "<f8", "False", "()", &fs, 8), 0, 0);
  const char *path = zip_write(&z);
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &d), d, nax_dataset_free(d), 400);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_are_variables_and_numbers_attributes),
      cmocka_unit_test(blocks_are_right_in_any_order),
      cmocka_unit_test(damaged_archives_are_named),
      cmocka_unit_test(real_archives_equal_the_npy),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_npz", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
