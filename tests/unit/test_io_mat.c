/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB files. The small ones are the seeds of the fuzz target, made by
 * tests/fuzz/make_seeds.py with other software than ours. */
#include "h5_make.h"

static const char *
seed(const char *name)
{
  char path[200];
  snprintf(path, sizeof path, "tests/fuzz/corpus/mat/%s", name);
  return nax_t_source(path);
}

/* Variable `var` of a file as an array; `axes` may be NULL. */
static nax_array *
load(const char *path, const char *var, const char *axes)
{
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_source *s = NULL;
  nax_array *a = NULL;
  o.var = var;
  o.axes = axes;
  assert_ok(nax_source_open(NULL, path, &o, &s));
  assert_string_equal(nax_source_format(s), "mat");
  assert_true(nax_source_main(s) >= 0);
  assert_ok(nax_source_load_array(NULL, s, nax_source_main(s), NAX_F64, &a));
  nax_source_close(s);
  return a;
}

static nax_spikes *
load_spikes(const char *path, const char *var)
{
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_source *s = NULL;
  nax_spikes *sp = NULL;
  o.var = var;
  assert_ok(nax_source_open(NULL, path, &o, &s));
  assert_ok(nax_source_load_spikes(NULL, s, nax_source_main(s), &sp));
  nax_source_close(s);
  return sp;
}

/* sin(0), sin(1) ... row by row, as make_seeds.py has it. */
static void
check_wave(const nax_array *a, nax_index rows, nax_index cols)
{
  assert_int_equal(nax_array_ndim(a), 2);
  assert_int_equal(nax_array_dim(a, 0), rows);
  assert_int_equal(nax_array_dim(a, 1), cols);
  for (nax_index i = 0; i < rows; i++) {
    for (nax_index j = 0; j < cols; j++) {
      assert_close(nax_array_f64(a)[i + rows * j], sin((double)(i * cols + j)), 1e-15,
                   0.0);
    }
  }
}

static void
all_levels_give_the_same_numbers(void **state)
{
  (void)state;
  static const struct {
    const char *file, *version;
    nax_index rows, cols;
  } files[] = {{"v4", "4", 2, 3},
               {"v4_big", "4", 2, 3},
               {"small", "5", 2, 3},
               {"v6", "5", 3, 4},
               {"v7", "7", 3, 4}};
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    nax_array *a = load(seed(files[k].file), "x", NULL);
    nax_source *s = NULL;
    check_wave(a, files[k].rows, files[k].cols);
    nax_array_free(a);
    assert_ok(nax_source_open(NULL, seed(files[k].file), NULL, &s));
    assert_string_equal(nax_source_format_version(s), files[k].version);
    nax_source_close(s);
  }
  /* HDF5 has the dimensions reversed; MATLAB sees 3 x 4. */
  nax_array *a = load(seed("v73"), "x", "time,neuron");
  assert_int_equal(nax_array_dim(a, nax_array_find_axis(a, "time")), 3);
  assert_int_equal(nax_array_dim(a, 0), 4);
  nax_array_free(a);
  a = load(seed("v5_big"), "x", NULL);
  assert_close(nax_array_f64(a)[2], 3.0, 0.0, 0.0);
  nax_array_free(a);
}

static void
integers_logicals_and_sparse_matrices_are_numbers(void **state)
{
  (void)state;
  static const char *const files[] = {"v6", "v7"};
  for (int f = 0; f < 2; f++) {
    nax_source *s = NULL;
    nax_array *a = load(seed(files[f]), "u", NULL);
    const double u[6] = {0, 3, 1, 4, 2, 5};
    assert_all_close(nax_array_f64(a), u, 6, 0.0, 0.0);
    nax_array_free(a);
    a = load(seed(files[f]), "sp", NULL);
    const double sp[9] = {1, 0, 0, 0, 0, 0, 0, 0, 3};
    assert_all_close(nax_array_f64(a), sp, 9, 0.0, 0.0);
    nax_array_free(a);
    a = load(seed(files[f]), "one", NULL);
    assert_close(nax_array_f64(a)[0], 7.0, 0.0, 0.0);
    nax_array_free(a);
    assert_ok(nax_source_open(NULL, seed(files[f]), NULL, &s));
    assert_int_equal(nax_source_var(s, nax_source_find(s, "u"))->dtype, NAX_U8);
    assert_int_equal(nax_source_var(s, nax_source_find(s, "b"))->dtype, NAX_BOOL);
    assert_string_equal(nax_source_var(s, nax_source_find(s, "sp"))->file_dtype,
                        "sparse double");
    assert_int_equal(nax_source_find(s, "z"), -1);
    nax_source_close(s);
  }
}

static void
paths_lead_into_structs_and_cells(void **state)
{
  (void)state;
  static const char *const files[] = {"v6", "v7"};
  for (int f = 0; f < 2; f++) {
    nax_array *a = load(seed(files[f]), "s.times{2}", NULL);
    assert_int_equal(nax_array_ndim(a), 1);
    assert_int_equal(nax_array_dim(a, 0), 2);
    assert_close(nax_array_f64(a)[1], 1.0, 0.0, 0.0);
    nax_array_free(a);
    a = load(seed(files[f]), "a(2).p", NULL);
    assert_close(nax_array_f64(a)[1], sin(1.0), 1e-15, 0.0);
    nax_array_free(a);
    a = load(seed(files[f]), "a(1).p", NULL);
    assert_close(nax_array_f64(a)[0], 1.5, 0.0, 0.0);
    nax_array_free(a);
    nax_spikes *sp = load_spikes(seed(files[f]), "s.times");
    assert_int_equal(nax_spikes_n_units(sp), 2);
    assert_int_equal(nax_spikes_n_spikes(sp), 5);
    assert_string_equal(nax_axis_label(nax_spikes_units(sp), 0), "3");
    nax_spikes_free(sp);
    nax_dataset *d = NULL;
    assert_ok(nax_dataset_load(NULL, seed(files[f]), NULL, &d));
    assert_close(nax_dataset_number(d, "s.sr"), 20000.0, 0.0, 0.0);
    assert_string_equal(nax_dataset_text(d, "s.note"), "text");
    assert_non_null(nax_dataset_spikes(d, "s.times"));
    nax_dataset_free(d);
  }
}

static void
what_is_no_array_of_numbers_is_refused_by_name(void **state)
{
  (void)state;
  static const struct {
    const char *var, *text;
    nax_status status;
  } asked[] = {
      {"z", "`z` is complex (expected real numbers)", NAX_ETYPE},
      {"s", "`s` is a struct (expected an array; name a field such as `s.", NAX_ETYPE},
      {"a", "name a field such as `a(1).p`", NAX_ETYPE},
      {"s.note", "`s.note` is text (expected numbers)", NAX_ETYPE},
      {"q", "there is no variable `q` (found ", NAX_EINVAL}};
  for (size_t k = 0; k < sizeof asked / sizeof asked[0]; k++) {
    nax_source_opts o = NAX_SOURCE_OPTS_INIT;
    o.var = asked[k].var;
    io_t_refuses(seed("v6"), &o, asked[k].status, asked[k].text);
    io_t_refuses(seed("v7"), &o, asked[k].status, asked[k].text);
  }
}

static void
every_block_is_the_part_of_the_whole(void **state)
{
  (void)state;
  static const char *const axes[] = {NULL, "time,neuron,trial", "trial,time,neuron"};
  for (int f = 0; f < 6; f++) {
    nax_source_opts o = NAX_SOURCE_OPTS_INIT;
    nax_source *s = NULL;
    nax_array *whole = NULL;
    double part[12];
    o.var = "d3";
    o.axes = axes[f % 3];
    assert_ok(nax_source_open(NULL, seed(f < 3 ? "v6" : "v7"), &o, &s));
    int32_t v = nax_source_main(s);
    assert_ok(nax_source_load_array(NULL, s, v, NAX_F64, &whole));
    nax_view w = nax_array_view(whole);
    if (o.axes == NULL) {
      assert_int_equal(w.dim[1], 3); /* 2 x 3 x 2 in the file */
    }
    nax_index a[3], n[3];
    for (int64_t code = 0; code < 1 << 12; code++) {
      int inside = 1;
      for (int k = 0; k < 3; k++) {
        a[k] = code >> 4 * k & 3;
        n[k] = code >> (4 * k + 2) & 3;
        inside = inside && a[k] + n[k] <= w.dim[k];
      }
      if (!inside) {
        continue;
      }
      assert_ok(nax_source_read(NULL, s, v, a, n, NAX_F64, part, 12));
      for (nax_index i = 0; i < n[0] * n[1] * n[2]; i++) {
        nax_index at[3] = {a[0] + i % n[0], a[1] + i / n[0] % n[1],
                           a[2] + i / n[0] / n[1]};
        assert_close(part[i], nax_view_get(&w, at), 0.0, 0.0);
      }
    }
    nax_array_free(whole);
    nax_source_close(s);
  }
}

/* ------------------------------------------------------------------- recordings */

static void
cellexplorer_is_the_same_in_both_containers(void **state)
{
  (void)state;
  char old[4096];
  snprintf(old, sizeof old, "%s",
           nax_t_shared("data/mat5_mat73_cellexplorer/"
                        "Peter_MS22_180629_110319_concat_stubbed.spikes.cellinfo.mat"));
  nax_dataset *a = NULL, *b = NULL;
  assert_ok(nax_dataset_load(NULL, old, NULL, &a));
  assert_ok(nax_dataset_load(
      NULL,
      nax_t_shared("data/mat5_mat73_cellexplorer/"
                   "Peter_MS22_180629_110319_concat_stubbed_hdf5.spikes.cellinfo.mat"),
      NULL, &b));
  assert_string_equal(nax_dataset_main(a), "spikes.times");
  assert_string_equal(nax_dataset_main(b), "spikes.times");
  const nax_spikes *x = nax_dataset_spikes(a, "spikes.times");
  const nax_spikes *y = nax_dataset_spikes(b, "spikes.times");
  assert_int_equal(nax_spikes_n_spikes(x), 5612);
  assert_int_equal(nax_spikes_n_spikes(y), 5612);
  assert_true(nax_axis_equal(nax_spikes_units(x), nax_spikes_units(y)));
  assert_all_close(nax_spikes_all_times(x), nax_spikes_all_times(y), 5612, 0.0, 0.0);
  assert_close(nax_dataset_number(a, "spikes.sr"), 20000.0, 0.0, 0.0);
  assert_close(nax_dataset_number(b, "spikes.sr"), 20000.0, 0.0, 0.0);
  assert_int_equal(nax_dataset_n_vars(a), nax_dataset_n_vars(b));
  for (int32_t i = 0; i < nax_dataset_n_vars(a); i++) {
    const char *name = nax_dataset_var_name(a, i);
    const nax_array *p = nax_dataset_array(a, name), *q = nax_dataset_array(b, name);
    if (p != NULL) {
      assert_non_null(q);
      assert_int_equal(nax_array_size(p), nax_array_size(q));
      assert_all_close(nax_array_f64(p), nax_array_f64(q), nax_array_size(p), 0.0, 0.0);
    }
  }
  nax_dataset_free(a);
  nax_dataset_free(b);
}

static double
sum_of(const nax_array *a, nax_index *n_missing)
{
  double sum = 0.0;
  *n_missing = 0;
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    double x = nax_array_f64(a)[i];
    sum += isnan(x) ? 0.0 : x;
    *n_missing += isnan(x);
  }
  return sum;
}

/* Sums are those that scipy.io.loadmat and h5py give. */
static void
recordings_have_the_known_numbers(void **state)
{
  (void)state;
  static const struct {
    const char *file, *var;
    nax_index n, missing;
    double sum;
  } known[] = {
      {"cascade_population_dff/Calcium_traces_01.mat", NULL, 261300, 520, 22456.374249},
      {"monkey_pfc_trials_kiani/spikes.mat", NULL, 12019280, 0, 15754163.0},
      {"monkey_pfc_trials_kiani/LMH.mat", "time_values", 40, 0, -2000.0},
      {"zebrafish_tectum_triplett2018/zf_20151104-f1.mat", "detected_assemblies{3}", 31,
       0, 1932.0},
      {"zebrafish_tectum_triplett2018/zf_20151104-f1.mat", "cell_coordinates", 228, 0,
       41133.0},
      {"songbird_hvc_seqnmf/MackeviciusData.mat", "VIDEOfs", 1, 0, 30.0},
      {"monkey_counts_8targets/sample_dat.mat", "spike_counts", 150970, 0, 2528878.0},
      {"rsa_92images/92_modelRDMs.mat", "Models(2).RDM", 8464, 0, 6342.0},
      {"mat73_extract_calcium/2014_04_01_p203_m19_check01_extractAnalysis.mat",
       "extractAnalysisOutput.traces", 41250, 0, 229.9507573},
      {"kramer_casestudies/10_spikes-1.mat", "train", 100000, 0, 4696.0}};
  for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
    char path[300];
    nax_index missing;
    snprintf(path, sizeof path, "data/%s", known[k].file);
    nax_array *a = load(nax_t_shared(path), known[k].var, NULL);
    assert_int_equal(nax_array_size(a), known[k].n);
    assert_close(sum_of(a, &missing), known[k].sum, 1e-8, 0.0);
    assert_int_equal(missing, known[k].missing);
    nax_array_free(a);
  }
}

static void
times_beside_the_data_become_its_axis(void **state)
{
  (void)state;
  nax_source *s = NULL;
  /* `t` is a row and `EEG` a column. */
  assert_ok(
      nax_source_open(NULL, nax_t_shared("data/kramer_casestudies/EEG-2.mat"), NULL, &s));
  const nax_var_info *v = nax_source_var(s, nax_source_main(s));
  assert_non_null(v);
  assert_string_equal(v->name, "EEG");
  assert_close(v->rate, 1000.0, 1e-9, 0.0);
  assert_int_equal(v->rate_source, NAX_RATE_TIMESTAMPS);
  nax_source_close(s);
  assert_ok(nax_source_open(
      NULL,
      nax_t_shared("data/cascade_groundtruth_ca_spikes/DS22-OGB1-m-SST-V1/"
                   "CAttached_Kwan2012_OGB_L23_SST_GIN_cell33_mini.mat"),
      NULL, &s));
  int32_t i = nax_source_find(s, "CAttached{1}.fluo_mean");
  assert_true(i >= 0);
  assert_string_equal(nax_axis_name(nax_source_var(s, i)->axis[0]), "time");
  assert_int_equal(nax_source_main(s), i);
  nax_source_close(s);
}

static void
axes_are_named_and_ordered_by_the_user(void **state)
{
  (void)state;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_source *s = NULL;
  o.axes = "time,neuron,trial";
  o.rate = 10.0;
  assert_ok(nax_source_open(NULL, nax_t_shared("data/monkey_pfc_trials_kiani/spikes.mat"),
                            &o, &s));
  const nax_var_info *v = nax_source_var(s, 0);
  assert_int_equal(v->dim[0], 169);
  assert_int_equal(v->dim[1], 40);
  assert_int_equal(v->dim[2], 1778);
  assert_close(v->rate, 10.0, 0.0, 0.0);
  nax_source_close(s);
  o.axes = "time,neuron";
  assert_status(nax_source_open(NULL,
                                nax_t_shared("data/monkey_pfc_trials_kiani/spikes.mat"),
                                &o, &s),
                NAX_EINVAL);
}

static void
two_candidates_leave_the_choice(void **state)
{
  (void)state;
  nax_source *s = NULL;
  assert_ok(nax_source_open(NULL, nax_t_shared("data/malformed/mat5_two_arrays.mat"),
                            NULL, &s));
  assert_int_equal(nax_source_n_vars(s), 2);
  assert_int_equal(nax_source_main(s), -1);
  nax_source_close(s);
  /* A cell of three, one of them empty: a neuron without spikes, once it is asked for. */
  assert_ok(nax_source_open(NULL, nax_t_shared("data/malformed/mat5_cell_1based.mat"),
                            NULL, &s));
  assert_int_equal(nax_source_main(s), -1);
  nax_source_close(s);
  nax_spikes *sp =
      load_spikes(nax_t_shared("data/malformed/mat5_cell_1based.mat"), "spk");
  nax_index n = -1;
  assert_int_equal(nax_spikes_n_units(sp), 3);
  (void)nax_spikes_times(sp, 2, &n);
  assert_int_equal(n, 0);
  nax_spikes_free(sp);
}

/* ----------------------------------------------------------------------- faults */

/* A seed with `n` bytes replaced at `at` (from the end when negative). */
static const char *
patched(const char *name, long at, const void *bytes, size_t n)
{
  static unsigned char b[1 << 16];
  FILE *f = fopen(seed(name), "rb");
  assert_non_null(f);
  size_t size = fread(b, 1, sizeof b, f);
  fclose(f);
  memcpy(b + (at < 0 ? (long)size + at : at), bytes, n);
  nax_t_write(nax_t_tmp("patched.mat"), b, size);
  return nax_t_tmp("patched.mat");
}

static void
damage_is_named(void **state)
{
  (void)state;
  io_t_refuses(patched("small", 126, "XX", 2), NULL, NAX_EFORMAT,
               "byte order mark of the MATLAB header is 0x5858 (expected IM or MI)");
  io_t_refuses(patched("small", 124, "\0\7", 2), NULL, NAX_EFORMAT,
               "version in the MATLAB header is 0x0700");
  io_t_refuses(patched("small", 124, "\0\2", 2), NULL, NAX_EFORMAT,
               "has a MATLAB 7.3 header but no HDF5 content");
  io_t_refuses(patched("small", 128, "\x07", 1), NULL, NAX_EFORMAT,
               "no variable begins at byte 128 (found type 7, expected 14 or 15)");
  io_t_refuses(patched("small", 132, "\xff\xff", 2), NULL, NAX_EFORMAT,
               "file is truncated (found 232 bytes, expected 65671)");
  io_t_refuses(patched("small", 144, "\x20", 1), NULL, NAX_EFORMAT,
               "variable 1 is damaged: class of an array (found 32, expected 6)");
  io_t_refuses(patched("small", 160, "\xff\xff\xff\x7f\xff\xff\xff\x7f", 8), NULL,
               NAX_EFORMAT, "its dimensions multiply to more than a file can hold");
  io_t_refuses(patched("small", 160, "\x03", 1), NULL, NAX_EFORMAT,
               "variable 1 (`x`) is damaged: bytes of data (found 48, expected 72)");
  /* The last byte is the end of a checksum that matio does not look at. */
  io_t_refuses(patched("v7", -1, "\x01", 1), NULL, NAX_EFORMAT, "checksum is wrong");
  io_t_refuses(patched("v4_big", 2, "\0\2", 2), NULL, NAX_EFORMAT, "other way round");
  io_t_refuses(patched("v4", 4, "\xff\xff\xff", 3), NULL, NAX_EFORMAT, "");
}

static void
chunks_that_unpack_to_too_little_are_refused(void **state)
{
  (void)state;
  static unsigned char b[1 << 15];
  static const char header[] = "MATLAB 7.3 MAT-file";
  const char *path = nax_t_tmp("chunk.mat");
  const hsize_t dim[2] = {4, 6};
  double x[24];
  for (int i = 0; i < 24; i++) {
    x[i] = i;
  }
  hid_t p = H5Pcreate(H5P_FILE_CREATE);
  assert_true(H5Pset_userblock(p, 512) >= 0);
  hid_t f = H5Fcreate(path, H5F_ACC_TRUNC, p, H5P_DEFAULT);
  assert_true(f >= 0);
  h5_data(f, "/x", H5T_IEEE_F64LE, 2, dim, dim, 9, H5T_NATIVE_DOUBLE, x);
  hid_t t = H5Tcopy(H5T_C_S1), s = H5Screate(H5S_SCALAR);
  assert_true(H5Tset_size(t, 6) >= 0);
  hid_t a = H5Acreate_by_name(f, "/x", "MATLAB_class", t, s, H5P_DEFAULT, H5P_DEFAULT,
                              H5P_DEFAULT);
  assert_true(a >= 0 && H5Awrite(a, t, "double") >= 0);
  H5Aclose(a);
  H5Sclose(s);
  H5Tclose(t);
  H5Fclose(f);
  H5Pclose(p);
  size_t size = io_t_read(path, b, sizeof b);
  memcpy(b, header, sizeof header);
  memcpy(b + 124, "\0\2IM", 4);
  nax_t_write(path, b, size);
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  assert_close(nax_array_f64(nax_dataset_array(d, "x"))[23], 23.0, 0.0, 0.0);
  nax_dataset_free(d);
  b[io_t_where(b, size, 0, "\4\0\0\0\6\0\0\0\10\0\0\0", 12) + 5] = 1;
  nax_t_write(path, b, size);
  io_t_refuses(path, NULL, NAX_EFORMAT, "unpacks to fewer bytes than its elements have");
}

static void
nothing_leaks_when_memory_ends(void **state)
{
  (void)state;
  static const char *const files[] = {"v6", "v7", "v73", "v4"};
  for (int f = 0; f < 4; f++) {
    nax_dataset *d = NULL;
    for (long k = 0; k < 4000; k++) {
      nax_i_alloc_fail_at = k;
      nax_status s = nax_dataset_load(NULL, seed(files[f]), NULL, &d);
      long left = nax_i_alloc_fail_at;
      nax_i_alloc_fail_at = -1;
      if (s == NAX_OK) {
        nax_dataset_free(d);
        d = NULL;
        if (left >= 0) {
          break;
        }
      } else {
        assert_null(d);
      }
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_levels_give_the_same_numbers),
      cmocka_unit_test(integers_logicals_and_sparse_matrices_are_numbers),
      cmocka_unit_test(paths_lead_into_structs_and_cells),
      cmocka_unit_test(what_is_no_array_of_numbers_is_refused_by_name),
      cmocka_unit_test(every_block_is_the_part_of_the_whole),
      cmocka_unit_test(cellexplorer_is_the_same_in_both_containers),
      cmocka_unit_test(recordings_have_the_known_numbers),
      cmocka_unit_test(times_beside_the_data_become_its_axis),
      cmocka_unit_test(axes_are_named_and_ordered_by_the_user),
      cmocka_unit_test(two_candidates_leave_the_choice),
      cmocka_unit_test(damage_is_named),
      cmocka_unit_test(chunks_that_unpack_to_too_little_are_refused),
      cmocka_unit_test(nothing_leaks_when_memory_ends),
  };
  return cmocka_run_group_tests_name("mat", tests, nax_t_tmp_setup, nax_t_tmp_teardown);
}
