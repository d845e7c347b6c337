/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small HDF5 files made on the spot, for tests of the readers on top of HDF5. Paths are
 * absolute inside the file; missing groups are made. */
#ifndef H5_MAKE_H
#define H5_MAKE_H
#include "io_test.h"
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static inline hid_t
h5_new(const char *path)
{
  hid_t f = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(f >= 0);
  return f;
}

static inline hid_t
h5_parents(void)
{
  hid_t p = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(p, 1);
  return p;
}

static inline void
h5_group(hid_t f, const char *path)
{
  hid_t p = h5_parents(), g = H5Gcreate2(f, path, p, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(g >= 0);
  H5Gclose(g);
  H5Pclose(p);
}

/* Attribute with one variable-length UTF-8 text. */
static inline void
h5_attr(hid_t f, const char *path, const char *name, const char *text)
{
  hid_t t = H5Tcopy(H5T_C_S1), s = H5Screate(H5S_SCALAR);
  H5Tset_size(t, H5T_VARIABLE);
  H5Tset_cset(t, H5T_CSET_UTF8);
  hid_t a = H5Acreate_by_name(f, path, name, t, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(a >= 0 && H5Awrite(a, t, &text) >= 0);
  H5Aclose(a);
  H5Sclose(s);
  H5Tclose(t);
}

/* Attribute with n texts of fixed length, padded with zeros. */
static inline void
h5_attr_fixed(hid_t f, const char *path, const char *name, hsize_t n,
              const char *const *text)
{
  enum { LENGTH = 32 };
  char *all = calloc(n, LENGTH);
  for (hsize_t i = 0; i < n; i++) {
    snprintf(all + i * LENGTH, LENGTH, "%s", text[i]);
  }
  hid_t t = H5Tcopy(H5T_C_S1), s = H5Screate_simple(1, &n, NULL);
  H5Tset_size(t, LENGTH);
  hid_t a = H5Acreate_by_name(f, path, name, t, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(a >= 0 && H5Awrite(a, t, all) >= 0);
  H5Aclose(a);
  H5Sclose(s);
  H5Tclose(t);
  free(all);
}

static inline void
h5_attr_number(hid_t f, const char *path, const char *name, hid_t type, double x)
{
  hid_t s = H5Screate(H5S_SCALAR);
  hid_t a =
      H5Acreate_by_name(f, path, name, type, s, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(a >= 0 && H5Awrite(a, H5T_NATIVE_DOUBLE, &x) >= 0);
  H5Aclose(a);
  H5Sclose(s);
}

/* Reference attribute to an object. */
static inline void
h5_attr_ref(hid_t f, const char *path, const char *name, const char *target)
{
  hobj_ref_t ref;
  hid_t s = H5Screate(H5S_SCALAR);
  assert_true(H5Rcreate(&ref, f, target, H5R_OBJECT, -1) >= 0);
  hid_t a = H5Acreate_by_name(f, path, name, H5T_STD_REF_OBJ, s, H5P_DEFAULT, H5P_DEFAULT,
                              H5P_DEFAULT);
  assert_true(a >= 0 && H5Awrite(a, H5T_STD_REF_OBJ, &ref) >= 0);
  H5Aclose(a);
  H5Sclose(s);
}

/* Dataset of `type` in the file from values of `memory`; chunk[0] 0 or NULL: contiguous;
 * deflate < 0: no filter. */
static inline void
h5_data(hid_t f, const char *path, hid_t type, int ndim, const hsize_t *dim,
        const hsize_t *chunk, int deflate, hid_t memory, const void *x)
{
  hid_t s = ndim > 0 ? H5Screate_simple(ndim, dim, NULL) : H5Screate(H5S_SCALAR);
  hid_t p = h5_parents(), c = H5Pcreate(H5P_DATASET_CREATE);
  if (chunk != NULL && chunk[0] > 0) {
    H5Pset_chunk(c, ndim, chunk);
    if (deflate >= 0) {
      H5Pset_deflate(c, (unsigned)deflate);
    }
  }
  hid_t d = H5Dcreate2(f, path, type, s, p, c, H5P_DEFAULT);
  assert_true(d >= 0);
  if (x != NULL) {
    assert_true(H5Dwrite(d, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  }
  H5Dclose(d);
  H5Pclose(c);
  H5Pclose(p);
  H5Sclose(s);
}

static inline void
h5_doubles(hid_t f, const char *path, hsize_t n, const double *x)
{
  h5_data(f, path, H5T_IEEE_F64LE, 1, &n, NULL, -1, H5T_NATIVE_DOUBLE, x);
}

static inline void
h5_ints(hid_t f, const char *path, hid_t type, hsize_t n, const long long *x)
{
  h5_data(f, path, type, 1, &n, NULL, -1, H5T_NATIVE_LLONG, x);
}

static inline void
h5_number(hid_t f, const char *path, double x)
{
  h5_data(f, path, H5T_IEEE_F64LE, 0, NULL, NULL, -1, H5T_NATIVE_DOUBLE, &x);
}

/* n texts of variable length; n = 0 makes a scalar. */
static inline void
h5_texts(hid_t f, const char *path, hsize_t n, const char *const *text)
{
  hid_t t = H5Tcopy(H5T_C_S1);
  H5Tset_size(t, H5T_VARIABLE);
  h5_data(f, path, t, n > 0 ? 1 : 0, &n, NULL, -1, t, text);
  H5Tclose(t);
}

/* Load copies of a file with one byte changed, in a child process with a limit of time
 * and memory for each: libraries below ours are known to crash on some (which is what
 * the limits and the child are for), our own code must not. A child that dies by a
 * signal is counted; more than a few fail the test. */
static inline void
io_t_flip_bytes(const char *path, int n_flips)
{
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  size_t n = (size_t)st.st_size;
  unsigned char *data = malloc(n);
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  assert_int_equal(fread(data, 1, n, in), n);
  fclose(in);
  const char *copy = nax_t_tmp("flipped");
  uint64_t r = 12345;
  int n_died = 0, n_errors = 0;
  for (int i = 0; i < n_flips; i++) {
    size_t at = (size_t)(nax_t_random(&r) % n);
    unsigned char old = data[at];
    data[at] = (unsigned char)(old ^ (1u << (nax_t_random(&r) % 8)));
    nax_t_write(copy, data, n);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      struct rlimit cpu = {5, 5};
      signal(SIGSEGV, SIG_DFL); /* cmocka's handlers would go on with the tests */
      signal(SIGABRT, SIG_DFL);
      signal(SIGFPE, SIG_DFL);
      signal(SIGBUS, SIG_DFL);
      signal(SIGILL, SIG_DFL);
      setrlimit(RLIMIT_CPU, &cpu);
      nax_dataset *d = NULL;
      nax_status s = nax_dataset_load(NULL, copy, NULL, &d);
      nax_dataset_free(d);
      _exit(s == NAX_OK ? 0 : s == NAX_EBUG ? 2 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      print_message("# byte %zu changed from %02x to %02x: signal %d\n", at, old,
                    data[at], WTERMSIG(status));
      n_died++;
    }
    n_errors += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    data[at] = old;
  }
  print_message("# %d flips: %d refused, %d died\n", n_flips, n_errors, n_died);
  free(data);
  assert_true(n_died * 50 <= n_flips);
}

/* Members of an NWB file: root attributes, a series, a table of columns. */
static inline hid_t
nwb_new(const char *path)
{
  hid_t f = h5_new(path);
  h5_attr(f, "/", "nwb_version", "2.6.0");
  h5_attr(f, "/", "neurodata_type", "NWBFile");
  h5_attr(f, "/", "namespace", "core");
  return f;
}

/* A series without its time. data[t][k], n_time x n; n = 0 makes it one-dimensional. */
static inline void
nwb_series(hid_t f, const char *path, const char *type, hsize_t n_time, hsize_t n,
           const double *data, const char *unit)
{
  char sub[256];
  hsize_t dim[2] = {n_time, n};
  h5_group(f, path);
  h5_attr(f, path, "neurodata_type", type);
  snprintf(sub, sizeof sub, "%s/data", path);
  h5_data(f, sub, H5T_IEEE_F64LE, n > 0 ? 2 : 1, dim, NULL, -1, H5T_NATIVE_DOUBLE, data);
  if (unit != NULL) {
    h5_attr(f, sub, "unit", unit);
  }
}

static inline void
nwb_rate(hid_t f, const char *path, double start, double rate)
{
  char sub[256];
  snprintf(sub, sizeof sub, "%s/starting_time", path);
  h5_number(f, sub, start);
  h5_attr_number(f, sub, "rate", H5T_IEEE_F32LE, rate);
  h5_attr(f, sub, "unit", "seconds");
}

static inline void
nwb_stamps(hid_t f, const char *path, hsize_t n, const double *t)
{
  char sub[256];
  snprintf(sub, sizeof sub, "%s/timestamps", path);
  h5_doubles(f, sub, n, t);
}

/* /units with ids from 0, an index of `index_type` and n_spikes times. */
static inline void
nwb_units(hid_t f, hid_t index_type, hsize_t n_units, const long long *ends,
          hsize_t n_spikes, const double *times)
{
  static const char *const names[] = {"spike_times"};
  long long id[64];
  for (hsize_t i = 0; i < n_units; i++) {
    id[i] = (long long)i;
  }
  h5_group(f, "/units");
  h5_attr(f, "/units", "neurodata_type", "Units");
  h5_attr_fixed(f, "/units", "colnames", 1, names);
  h5_ints(f, "/units/id", H5T_STD_I64LE, n_units, id);
  h5_ints(f, "/units/spike_times_index", index_type, n_units, ends);
  h5_doubles(f, "/units/spike_times", n_spikes, times);
}

#endif
