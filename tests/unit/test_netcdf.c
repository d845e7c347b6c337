/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The native file: everything comes back, equal data give equal bytes, failures leave
 * nothing behind, damage is noticed. */
#define _GNU_SOURCE /* memmem */
#include "h5_make.h"
#include <dirent.h>

/* ------------------------------------------------------------------- comparing */

static void
same_axis(const nax_axis *a, const nax_axis *b)
{
  assert_string_equal(nax_axis_name(a), nax_axis_name(b));
  assert_string_equal(nax_axis_unit(a), nax_axis_unit(b));
  assert_int_equal(nax_axis_get_kind(a), nax_axis_get_kind(b));
  assert_int_equal(nax_axis_length(a), nax_axis_length(b));
  assert_true(nax_axis_equal(a, b));
}

static void
same_array(const nax_array *a, const nax_array *b)
{
  assert_non_null(b);
  assert_int_equal(nax_array_ndim(a), nax_array_ndim(b));
  assert_string_equal(nax_array_unit(a), nax_array_unit(b));
  assert_string_equal(nax_array_description(a), nax_array_description(b));
  for (int32_t k = 0; k < nax_array_ndim(a); k++) {
    same_axis(nax_array_axis(a, k), nax_array_axis(b, k));
  }
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    double x = nax_array_dtype(a) == NAX_F32
                   ? (double)((const float *)nax_array_data(a))[i]
                   : nax_array_f64(a)[i];
    double y = nax_array_f64(b)[i];
    assert_true((isnan(x) && isnan(y)) || x == y);
  }
}

static void
same_spikes(const nax_spikes *a, const nax_spikes *b)
{
  assert_non_null(b);
  same_axis(nax_spikes_units(a), nax_spikes_units(b));
  assert_int_equal(nax_spikes_n_spikes(a), nax_spikes_n_spikes(b));
  assert_int_equal(nax_spikes_n_intervals(a), nax_spikes_n_intervals(b));
  for (nax_index i = 0; i < nax_spikes_n_intervals(a); i++) {
    double x[2], y[2];
    nax_spikes_interval(a, i, &x[0], &x[1]);
    nax_spikes_interval(b, i, &y[0], &y[1]);
    assert_true(x[0] == y[0] && x[1] == y[1]);
  }
  for (nax_index u = 0; u <= nax_spikes_n_units(a); u++) {
    assert_int_equal(nax_spikes_offsets(a)[u], nax_spikes_offsets(b)[u]);
  }
  for (nax_index i = 0; i < nax_spikes_n_spikes(a); i++) {
    assert_true(nax_spikes_all_times(a)[i] == nax_spikes_all_times(b)[i]);
  }
}

static void
same_table(const nax_table *a, const nax_table *b)
{
  assert_non_null(b);
  assert_string_equal(nax_table_dim(a), nax_table_dim(b));
  assert_int_equal(nax_table_n_rows(a), nax_table_n_rows(b));
  assert_int_equal(nax_table_n_columns(a), nax_table_n_columns(b));
  for (int32_t j = 0; j < nax_table_n_columns(a); j++) {
    assert_string_equal(nax_table_column_name(a, j), nax_table_column_name(b, j));
    assert_string_equal(nax_table_column_unit(a, j), nax_table_column_unit(b, j));
    assert_int_equal(nax_table_column_dtype(a, j), nax_table_column_dtype(b, j));
    for (nax_index i = 0; i < nax_table_n_rows(a); i++) {
      if (nax_table_column_dtype(a, j) == NAX_TEXT) {
        assert_string_equal(nax_table_text(a, j)[i], nax_table_text(b, j)[i]);
      } else {
        assert_close(nax_table_numbers(b, j)[i], nax_table_numbers(a, j)[i], 0, 0);
      }
    }
  }
}

static void
same_dataset(const nax_dataset *a, const nax_dataset *b)
{
  assert_int_equal(nax_dataset_n_vars(a), nax_dataset_n_vars(b));
  for (int32_t i = 0; i < nax_dataset_n_vars(a); i++) {
    const char *name = nax_dataset_var_name(a, i);
    assert_string_equal(nax_dataset_var_name(b, i), name);
    assert_int_equal(nax_dataset_var_kind(b, i), nax_dataset_var_kind(a, i));
    if (nax_dataset_var_kind(a, i) == NAX_VAR_ARRAY) {
      same_array(nax_dataset_array(a, name), nax_dataset_array(b, name));
    } else if (nax_dataset_var_kind(a, i) == NAX_VAR_SPIKES) {
      same_spikes(nax_dataset_spikes(a, name), nax_dataset_spikes(b, name));
    } else {
      same_table(nax_dataset_table(a, name), nax_dataset_table(b, name));
    }
  }
  assert_int_equal(nax_dataset_n_attrs(a), nax_dataset_n_attrs(b));
  for (int32_t i = 0; i < nax_dataset_n_attrs(a); i++) {
    const char *key = nax_dataset_attr_key(a, i);
    if (nax_dataset_text(a, key) != NULL) {
      assert_non_null(nax_dataset_text(b, key));
      assert_string_equal(nax_dataset_text(b, key), nax_dataset_text(a, key));
    } else {
      assert_null(nax_dataset_text(b, key));
      assert_close(nax_dataset_number(b, key), nax_dataset_number(a, key), 0, 0);
    }
  }
  if (nax_dataset_main(a) != NULL) {
    assert_non_null(nax_dataset_main(b));
    assert_string_equal(nax_dataset_main(b), nax_dataset_main(a));
  }
}

/* -------------------------------------------------------------- random datasets */

static const char *const words[] = {"time",
                                    "neuron",
                                    "a b",
                                    "",
                                    "\xce\x94"
                                    "F/F",
                                    "trial",
                                    "1st",
                                    "with_x",
                                    "a%20b",
                                    "x%41",
                                    "x y",
                                    "_odd",
                                    "Conv/1",
                                    "ends  ",
                                    "-"};

static const char *
word(uint64_t *r, int filled)
{
  for (;;) {
    const char *w = words[nax_t_random(r) % (sizeof words / sizeof words[0])];
    if (!filled || w[0] != '\0') {
      return w;
    }
  }
}

static nax_axis *
random_axis(uint64_t *r, nax_index n)
{
  nax_axis *a = NULL;
  const char *name = word(r, 1);
  switch (nax_t_random(r) % 4) {
  case 0:
    assert_ok(nax_axis_create_index(NULL, name, n, &a));
    break;
  case 1:
    assert_ok(nax_axis_create_regular(NULL, name, word(r, 0), n,
                                      nax_t_uniform(r) * 1e4 - 5e3,
                                      30.0 * nax_t_uniform(r) + 1e-3, &a));
    break;
  case 2: {
    double *x = calloc((size_t)n + 1, sizeof *x);
    for (nax_index i = 0; i < n; i++) {
      x[i] = nax_t_uniform(r) - 0.5;
    }
    assert_ok(nax_axis_create_coords(NULL, name, word(r, 0), n, x, &a));
    free(x);
    break;
  }
  default: {
    const char **x = calloc((size_t)n + 1, sizeof *x);
    for (nax_index i = 0; i < n; i++) {
      x[i] = word(r, 0);
    }
    assert_ok(nax_axis_create_labels(NULL, name, n, x, &a));
    free(x);
    break;
  }
  }
  return a;
}

static double
random_value(uint64_t *r)
{
  static const double odd[] = {0.0, -0.0, 1e308, 5e-324, 9.969209968386869e36, -127, NAN};
  uint64_t k = nax_t_random(r) % 20;
  return k < 7 ? odd[k] : nax_t_uniform(r) * 2.0 - 1.0;
}

static nax_array *
random_array(uint64_t *r)
{
  nax_axis *axis[NAX_MAX_NDIM] = {NULL};
  nax_array *a = NULL;
  int32_t n = 1 + (int32_t)(nax_t_random(r) % 4);
  for (int32_t k = 0; k < n; k++) {
    axis[k] = random_axis(r, (nax_index)(nax_t_random(r) % 9));
  }
  if (n > 1 && nax_t_random(r) % 4 == 0) { /* the same axis twice, as of a matrix */
    nax_axis_free(axis[1]);
    assert_ok(nax_axis_copy(NULL, axis[0], &axis[1]));
  }
  nax_dtype dtype = nax_t_random(r) % 3 ? NAX_F64 : NAX_F32;
  assert_ok(
      nax_array_create(NULL, dtype, n, (const nax_axis *const *)axis, word(r, 0), &a));
  assert_ok(nax_array_set_description(NULL, a, word(r, 0)));
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    double x = random_value(r);
    if (dtype == NAX_F64) {
      ((double *)nax_array_data_mut(a))[i] = x;
    } else {
      ((float *)nax_array_data_mut(a))[i] = fabs(x) > 1e38 ? 1.0F : (float)x;
    }
  }
  for (int32_t k = 0; k < n; k++) {
    nax_axis_free(axis[k]);
  }
  return a;
}

static nax_spikes *
random_spikes(uint64_t *r)
{
  nax_spikes *s = NULL;
  nax_index n = 1 + (nax_index)(nax_t_random(r) % 6), offset[8] = {0};
  double t[200], intervals[4] = {0.0, 5.0, 7.5, 40.0};
  for (nax_index u = 0; u < n; u++) {
    nax_index many = (nax_index)(nax_t_random(r) % 20);
    offset[u + 1] = offset[u] + many;
    double at = 0.0;
    for (nax_index i = offset[u]; i < offset[u + 1]; i++) {
      at += nax_t_uniform(r) * 0.2;
      t[i] = at;
    }
  }
  nax_axis *units = random_axis(r, n);
  assert_ok(nax_spikes_create(NULL, units, offset, t, 2, intervals, &s));
  nax_axis_free(units);
  return s;
}

static nax_table *
random_table(uint64_t *r)
{
  nax_table *t = NULL;
  nax_index n = (nax_index)(nax_t_random(r) % 6);
  assert_ok(nax_table_create(NULL, word(r, 1), n, &t));
  double x[8];
  const char *y[8];
  for (int j = 0; j < 4; j++) {
    for (nax_index i = 0; i < n; i++) {
      x[i] = random_value(r);
      y[i] = word(r, 0);
    }
    const char *name = word(r, 1);
    if (nax_table_find(t, name) >= 0) {
      continue;
    }
    if (nax_t_random(r) % 2) {
      assert_ok(nax_table_add_numbers(NULL, t, name, word(r, 0), x));
    } else {
      assert_ok(nax_table_add_text(NULL, t, name, y));
    }
  }
  return t;
}

static nax_dataset *
random_dataset(uint64_t seed)
{
  uint64_t r = seed;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_create(NULL, &d));
  for (int i = 0; i < 8; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s%d", word(&r, 0), i % 6);
    if (nax_dataset_array(d, name) || nax_dataset_spikes(d, name) ||
        nax_dataset_table(d, name)) {
      continue;
    }
    switch (nax_t_random(&r) % 4) {
    case 0:
      assert_ok(nax_dataset_add_spikes(NULL, d, name, random_spikes(&r)));
      break;
    case 1:
      assert_ok(nax_dataset_add_table(NULL, d, name, random_table(&r)));
      break;
    default:
      assert_ok(nax_dataset_add_array(NULL, d, name, random_array(&r)));
    }
  }
  assert_ok(nax_dataset_set_main(NULL, d, nax_dataset_var_name(d, 0)));
  for (int i = 0; i < 6; i++) {
    const char *key = word(&r, 1);
    if (nax_t_random(&r) % 2) {
      assert_ok(nax_dataset_set_text(NULL, d, key, word(&r, 0)));
    } else {
      assert_ok(nax_dataset_set_number(NULL, d, key, random_value(&r)));
    }
  }
  return d;
}

static void
a_random_dataset_comes_back_as_it_was(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("random.nc");
  nax_save_opts opts = NAX_SAVE_OPTS_INIT;
  opts.force = opts.no_history = 1;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    nax_dataset *d = random_dataset(seed), *e = NULL;
    opts.compress = seed % 3 == 0 ? 4 : 0;
    assert_ok(nax_dataset_save(NULL, d, path, &opts));
    assert_ok(nax_dataset_load(NULL, path, NULL, &e));
    same_dataset(d, e);
    nax_dataset_free(d);
    nax_dataset_free(e);
  }
}

/* ------------------------------------------------------------------ the file itself */

static nax_dataset *
small_dataset(void)
{
  nax_dataset *d = NULL;
  nax_axis *axis[2] = {NULL, NULL};
  nax_array *a = NULL;
  static const char *const labels[] = {"a", "b", "c"};
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_axis_create_labels(NULL, "neuron", 3, labels, &axis[0]));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", 50, 1.5, 30.0003, &axis[1]));
  assert_ok(
      nax_array_create(NULL, NAX_F64, 2, (const nax_axis *const *)axis, "dF/F", &a));
  for (int i = 0; i < 150; i++) {
    ((double *)nax_array_data_mut(a))[i] = sin(i);
  }
  assert_ok(nax_dataset_add_array(NULL, d, "dff", a));
  assert_ok(nax_dataset_set_text(NULL, d, "subject", "m1"));
  nax_axis_free(axis[0]);
  nax_axis_free(axis[1]);
  return d;
}

static char *
slurp(const char *path, size_t *n)
{
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  *n = (size_t)st.st_size;
  char *data = malloc(*n);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  assert_int_equal(fread(data, 1, *n, f), *n);
  fclose(f);
  return data;
}

static void
equal_data_give_equal_bytes(void **state)
{
  (void)state;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_dataset *d = small_dataset();
  o.force = 1;
  for (int k = 0; k < 2; k++) { /* without a history, and with a time that is given */
    size_t n = 0, m = 0;
    o.no_history = k == 0;
    o.time = k == 0 ? -1 : 1700000000;
    assert_ok(nax_dataset_save(NULL, d, nax_t_tmp("a.nc"), &o));
    sleep(1); /* HDF5 would store times in whole seconds */
    assert_ok(nax_dataset_save(NULL, d, nax_t_tmp("b.nc"), &o));
    char *a = slurp(nax_t_tmp("a.nc"), &n), *b = slurp(nax_t_tmp("b.nc"), &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
  }
  nax_dataset *e = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("a.nc"), NULL, &e));
  assert_string_equal(nax_dataset_text(e, "history"),
                      "2023-11-14T22:13:20Z nax_dataset_save");
  /* The next file keeps what the last one said. */
  o.command = "neuraxis convert";
  o.time = 1700000001;
  assert_ok(nax_dataset_save(NULL, e, nax_t_tmp("b.nc"), &o));
  nax_dataset_free(e);
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("b.nc"), NULL, &e));
  assert_string_equal(nax_dataset_text(e, "history"),
                      "2023-11-14T22:13:21Z neuraxis convert\n"
                      "2023-11-14T22:13:20Z nax_dataset_save");
  nax_dataset_free(e);
  nax_dataset_free(d);
}

static void
an_existing_file_needs_force(void **state)
{
  (void)state;
  nax_dataset *d = small_dataset();
  const char *path = nax_t_tmp("exists.nc");
  nax_t_write(path, "old", 3);
  assert_status(nax_dataset_save(NULL, d, path, NULL), NAX_EIO);
  assert_non_null(strstr(nax_ctx_error(NULL), "exists already"));
  size_t n = 0;
  char *data = slurp(path, &n);
  assert_int_equal(n, 3);
  free(data);
  assert_status(nax_dataset_save(NULL, d, nax_t_tmp("no/such/dir.nc"), NULL), NAX_EIO);
  nax_dataset_free(d);
}

static int
count_files(void)
{
  int n = 0;
  DIR *dir = opendir(nax_t_tmp(""));
  assert_non_null(dir);
  while (readdir(dir) != NULL) {
    n++;
  }
  closedir(dir);
  return n;
}

/* In a child, whose limit on the size of files stands for a full disk. */
static void
a_full_disk_is_reported_and_leaves_nothing(void **state)
{
  (void)state;
  char path[4096]; /* the buffers of nax_t_tmp are used in turn */
  snprintf(path, sizeof path, "%s", nax_t_tmp("full.nc"));
  nax_dataset *d = NULL;
  nax_array *a = NULL;
  const char *const names[] = {"neuron", "time"};
  const nax_index dim[] = {64, 20000};
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, "1", &a));
  assert_ok(nax_dataset_add_array(NULL, d, "x", a));
  int before = count_files();
  fflush(NULL);
  for (rlim_t size = 0; size < 12000000; size += 1500000) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      struct rlimit limit = {size, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
      signal(SIGSEGV, SIG_DFL);
      signal(SIGABRT, SIG_DFL);
      signal(SIGXFSZ, SIG_IGN);
      setrlimit(RLIMIT_FSIZE, &limit);
      nax_status s = nax_dataset_save(NULL, d, path, NULL);
      const char *text = nax_ctx_error(NULL);
      setrlimit(RLIMIT_FSIZE, &none);
      int ok = s == NAX_EIO ? strstr(text, "full.nc: cannot write") != NULL &&
                                  strstr(text, "File too large") != NULL
                            : s == NAX_OK;
      if (!ok) {
        fprintf(stderr, "# limit %lld: %s %s\n", (long long)size, nax_status_name(s),
                text);
      }
      _exit(!ok ? 1 : s == NAX_OK ? 2 : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), size >= 10500000 ? 2 : 0);
    if (size >= 10500000) {
      assert_int_equal(remove(path), 0);
    }
    assert_int_equal(count_files(), before);
  }
  nax_dataset_free(d);
}

static void
every_failed_allocation_is_reported(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("alloc.nc");
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_dataset *d = random_dataset(7), *e = NULL;
  o.force = 1;
  nax_status got = NAX_ENOMEM;
  for (long k = 0; got == NAX_ENOMEM && k < 4000; k++) {
    /* The very last one, for the name of the folder to flush, may fail unharmed. */
    nax_i_alloc_fail_at = k;
    got = nax_dataset_save(NULL, d, path, &o);
    nax_i_alloc_fail_at = -1;
    assert_true(got == NAX_ENOMEM || got == NAX_OK);
  }
  assert_int_equal(got, NAX_OK);
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, path, NULL, &e), e, nax_dataset_free(e), 4000);
  nax_dataset_free(d);
}

static void
blocks_are_parts_of_the_whole(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("blocks.nc");
  nax_save_opts so = NAX_SAVE_OPTS_INIT;
  nax_dataset *d = NULL;
  nax_array *a = NULL;
  const char *const names[] = {"neuron", "time", "trial"};
  const nax_index dim[] = {130, 1111, 3};
  so.force = 1;
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_array_create_dims(NULL, NAX_F32, 3, names, dim, "1", &a));
  uint64_t r = 5;
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    ((float *)nax_array_data_mut(a))[i] = (float)nax_t_uniform(&r);
  }
  const float *x = nax_array_data(a);
  assert_ok(nax_dataset_add_array(NULL, d, "x", a));
  for (int compress = 0; compress < 2; compress++) {
    so.compress = compress;
    assert_ok(nax_dataset_save(NULL, d, path, &so));
    nax_source *s = NULL;
    assert_ok(nax_source_open(NULL, path, NULL, &s));
    assert_string_equal(nax_source_format(s), "neuraxis");
    const nax_var_info *v = nax_source_var(s, 0);
    assert_int_equal(v->dtype, NAX_F32);
    assert_non_null(strstr(v->filters, "fletcher32"));
    nax_index bytes = v->chunk[0] * v->chunk[1] * v->chunk[2] * 4;
    assert_true(bytes >= (200 << 10) && bytes <= (1 << 20));
    assert_true(v->chunk[1] > v->chunk[0]); /* tall in time */
    for (int k = 0; k < 20; k++) {
      nax_index start[3], count[3], n = 1;
      for (int j = 0; j < 3; j++) {
        start[j] = (nax_index)(nax_t_random(&r) % (uint64_t)dim[j]);
        count[j] = 1 + (nax_index)(nax_t_random(&r) % (uint64_t)(dim[j] - start[j]));
        n *= count[j];
      }
      double *got = malloc((size_t)n * sizeof *got);
      assert_ok(nax_source_read(NULL, s, 0, start, count, NAX_F64, got, n));
      for (nax_index i = 0; i < n; i++) {
        nax_index p[3] = {start[0] + i % count[0], start[1] + i / count[0] % count[1],
                          start[2] + i / count[0] / count[1]};
        assert_true(got[i] == (double)x[p[0] + dim[0] * (p[1] + dim[1] * p[2])]);
      }
      free(got);
    }
    nax_source_close(s);
  }
  nax_dataset_free(d);
}

static void
damage_is_noticed(void **state)
{
  (void)state;
  const char *path = nax_t_tmp("damage.nc");
  nax_dataset *d = small_dataset(), *e = NULL;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  o.force = 1;
  assert_ok(nax_dataset_save(NULL, d, path, &o));
  size_t n = 0;
  char *data = slurp(path, &n);
  /* A byte of the numbers themselves. */
  double seventh = sin(7);
  char *at = memmem(data, n, &seventh, sizeof seventh);
  assert_non_null(at);
  at[3] ^= 1;
  nax_t_write(path, data, n);
  assert_status(nax_dataset_load(NULL, path, NULL, &e), NAX_EFORMAT);
  assert_non_null(
      strstr(nax_ctx_error(NULL), "dff cannot be read (damaged data or checksum)"));
  /* Cut short. */
  nax_t_write(path, data, n / 2);
  assert_status(nax_dataset_load(NULL, path, NULL, &e), NAX_EFORMAT);
  assert_non_null(strstr(nax_ctx_error(NULL), "file is truncated"));
  free(data);
  nax_dataset_free(d);
}

static void
flipped_bytes_never_crash(void **state)
{
  (void)state;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_dataset *d = random_dataset(3);
  o.force = 1;
  assert_ok(nax_dataset_save(NULL, d, nax_t_tmp("flip.nc"), &o));
  nax_dataset_free(d);
  io_t_flip_bytes(nax_t_tmp("flip.nc"), 100);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_random_dataset_comes_back_as_it_was),
      cmocka_unit_test(equal_data_give_equal_bytes),
      cmocka_unit_test(an_existing_file_needs_force),
      cmocka_unit_test(a_full_disk_is_reported_and_leaves_nothing),
      cmocka_unit_test(every_failed_allocation_is_reported),
      cmocka_unit_test(blocks_are_parts_of_the_whole),
      cmocka_unit_test(damage_is_noticed),
      cmocka_unit_test(flipped_bytes_never_crash),
  };
  return cmocka_run_group_tests_name("netcdf", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
