/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_test.h"

static const char *
in(const char *dir, const char *name)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return nax_t_tmp(path);
}

static void
copy_shared(const char *dir, const char *name, const char *from)
{
  char path[100];
  static char data[1 << 16];
  snprintf(path, sizeof path, "data/malformed/%s", from);
  FILE *f = fopen(nax_t_shared(path), "rb");
  assert_non_null(f);
  size_t n = fread(data, 1, sizeof data, f);
  fclose(f);
  nax_t_write(in(dir, name), data, n);
}

/* n spikes at `times` of the given type; clusters i4. */
static void
make_phy(const char *dir, const char *descr, const char *shape, const void *times,
         size_t n_bytes, const int32_t *clusters, int n)
{
  char text[40];
  mkdir(nax_t_tmp(dir), 0777);
  snprintf(text, sizeof text, "(%d,)", n);
  io_t_write_npy(in(dir, "spike_times.npy"), descr, "False", shape, times, n_bytes);
  io_t_write_npy(in(dir, "spike_clusters.npy"), "<i4", "False", text, clusters,
                 (size_t)n * 4);
  io_t_write_text(in(dir, "params.py"),
                  "dat_path = '/far/away/x.dat'\nn_channels_dat = 4\ndtype = 'int16'\n"
                  "offset = 0\nsample_rate = 1000.\nhp_filtered = False");
}

static void
spikes_go_to_their_clusters(void **state)
{
  (void)state;
  const int64_t times[] = {10, 20, 30, 40, 50};
  const int32_t clusters[] = {7, 2, 7, 2, 7};
  nax_dataset *d = NULL;
  nax_index n;
  make_phy("p", "<i8", "(5,1)", times, sizeof times, clusters, 5);
  io_t_write_text(in("p", "cluster_group.tsv"),
                  "cluster_id\tgroup\n2\tgood\n5\tgood\n7\tnoise\n");
  io_t_write_text(in("p", "cluster_info.csv"),
                  "cluster_id\tgroup\tdepth\n7\tmua\t100.5\n");
  io_t_write_text(in("p", "cluster_KSLabel.tsv"), "cluster_id\tKSLabel\n");
  d = io_t_load_warned(nax_t_tmp("p"), NULL, "io.silent-clusters", "1 clusters");
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 2);
  assert_close(nax_axis_coord(nax_spikes_units(s), 1), 7, 0, 0);
  const double *t = nax_spikes_times(s, 1, &n);
  assert_int_equal(n, 3);
  assert_close(t[2], 0.05, 1e-15, 0);
  const nax_table *u = nax_dataset_table(d, "units");
  assert_string_equal(nax_table_text(u, nax_table_find(u, "group"))[1], "noise");
  assert_close(nax_table_numbers(u, nax_table_find(u, "depth"))[1], 100.5, 0, 0);
  assert_true(isnan(nax_table_numbers(u, nax_table_find(u, "depth"))[0]));
  assert_close(nax_table_numbers(u, nax_table_find(u, "n_spikes"))[0], 2, 0, 0);
  nax_dataset_free(d);
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.cells_only = 1;
  o.rate = 100;
  d = io_t_load_warned(nax_t_tmp("p"), &o, "io.rate-overridden", "says 1000 Hz, 100 Hz");
  s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 1);
  t = nax_spikes_times(s, 0, &n);
  assert_close(t[0], 0.2, 1e-15, 0);
  nax_dataset_free(d);
  /* The recording lies beside: 80 frames of 4 channels. */
  static const char zeros[640];
  nax_t_write(in("p", "x.dat"), zeros, sizeof zeros);
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("p"), NULL, &d));
  assert_close(nax_spikes_duration(nax_dataset_spikes(d, "spikes")), 0.08, 1e-15, 0);
  nax_dataset_free(d);
  /* A table that nobody can read costs a warning, not the recording. */
  io_t_write_text(in("p", "cluster_bad.tsv"), "cluster_id\tx\n1\n");
  nax_dataset_free(io_t_load_warned(nax_t_tmp("p"), NULL, "io.cluster-table",
                                    "cluster_bad.tsv: row 2"));
  /* Templates stand in for clusters. */
  assert_int_equal(rename(in("p", "spike_clusters.npy"), in("p", "spike_templates.npy")),
                   0);
  nax_dataset_free(
      io_t_load_warned(nax_t_tmp("p"), NULL, "io.templates-as-clusters", "missing"));
}

static void
faulty_folders_are_named(void **state)
{
  (void)state;
  const int64_t times[] = {10, 20, 30};
  const int32_t clusters[] = {0, 1, 1}, negative[] = {0, -1, 1};
  make_phy("f", "<i8", "(3,)", times, sizeof times, clusters, 3);
  unlink(in("f", "params.py"));
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EDATA,
               "sampling rate unknown (found no params.py, expected sample_rate = ...; "
               "give option `rate`)");
  io_t_write_text(in("f", "params.py"), "sample_rate = fast\n");
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EDATA, "that is no positive number");
  make_phy("f", "<i8", "(3,)", times, sizeof times, clusters, 2);
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EFORMAT,
               "spike_clusters.npy: number of spikes does not fit spike_times.npy (found "
               "2, expected 3)");
  make_phy("f", "<i8", "(3,)", times, sizeof times, negative, 3);
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EDATA, "cluster of spike 1 is -1");
  make_phy("f", "<i8", "(1,3,1)", times, sizeof times, clusters, 3);
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EFORMAT, "is not a vector (found shape (1,3,1)");
  make_phy("f", "<i8", "(0,)", times, 0, clusters, 0);
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EDATA, "holds no spikes");
  const double fraction[] = {1, 2.5, 3}, nan3[] = {1, (double)NAN, 3};
  make_phy("f", "<f8", "(3,)", fraction, sizeof fraction, clusters, 3);
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EDATA,
               "spike time 1 is no whole number (found 2.5");
  make_phy("f", "<f8", "(3,)", nan3, sizeof nan3, clusters, 3);
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EDATA, "spike time 1 is nan");
  unlink(in("f", "spike_clusters.npy"));
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EFORMAT,
               "neither spike_clusters.npy nor spike_templates.npy");
  unlink(in("f", "spike_times.npy"));
  io_t_refuses(nax_t_tmp("f"), NULL, NAX_EFORMAT, "no spike_times.npy");
}

static void
times_that_start_again_are_explained(void **state)
{
  (void)state;
  int64_t times[40];
  int32_t clusters[40];
  for (int i = 0; i < 40; i++) {
    times[i] = 10 * (i % 20);
    clusters[i] = i % 2;
  }
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  make_phy("r", "<i8", "(40,)", times, sizeof times, clusters, 40);
  nax_dataset *d = io_t_load_warned(nax_t_tmp("r"), NULL, "spikes.unsorted",
                                    "spike times start again at index 20 (from 0.18 s "
                                    "back to 0 s): perhaps two recordings");
  nax_index n;
  const double *t = nax_spikes_times(nax_dataset_spikes(d, "spikes"), 0, &n);
  for (nax_index i = 1; i < n; i++) {
    assert_true(t[i] >= t[i - 1]);
  }
  nax_dataset_free(d);
  o.strict = 1;
  io_t_refuses(nax_t_tmp("r"), &o, NAX_EDATA, "start again");
}

static void
spikes_of_the_shared_folder_answer_as_documented(void **state)
{
  (void)state;
  const int64_t times[] = {10, 20, 30};
  const int32_t clusters[] = {0, 1, 1};
  nax_dataset *d = NULL;
  make_phy("b", "<i8", "(3,)", times, sizeof times, clusters, 3);
  copy_shared("b", "spike_times.npy", "spike_times_huge_u8.npy");
  io_t_refuses(nax_t_tmp("b"), NULL, NAX_EDATA, "value 1 is 9223372036854775818");
  copy_shared("b", "spike_times.npy", "spike_times_negative.npy");
  io_t_refuses(nax_t_tmp("b"), NULL, NAX_EDATA,
               "spike time 0 is negative (found -3, expected samples of at least 0)");
  copy_shared("b", "spike_times.npy", "spike_times_float_samples.npy");
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("b"), NULL, &d));
  assert_int_equal(nax_spikes_n_spikes(nax_dataset_spikes(d, "spikes")), 3);
  nax_dataset_free(d);
  copy_shared("b", "spike_times.npy", "spike_times_unsorted_u8.npy");
  copy_shared("b", "spike_clusters.npy", "spike_clusters_short.npy");
  io_t_refuses(nax_t_tmp("b"), NULL, NAX_EFORMAT, "(found 3, expected 5)");
  const int32_t one[] = {0, 0, 0, 0, 0};
  io_t_write_npy(in("b", "spike_clusters.npy"), "<i4", "False", "(5,)", one, sizeof one);
  nax_dataset_free(io_t_load_warned(nax_t_tmp("b"), NULL, "spikes.unsorted",
                                    "spike times stand after a later one"));
}

static void
real_sortings_have_their_known_numbers(void **state)
{
  (void)state;
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/phy_kilosort4_ibl90s"), NULL, &d));
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  nax_index most = 0, least = 1 << 30, n;
  double last = 0;
  assert_int_equal(nax_spikes_n_units(s), 403);
  assert_int_equal(nax_spikes_n_spikes(s), 290360);
  for (nax_index u = 0; u < 403; u++) {
    const double *t = nax_spikes_times(s, u, &n);
    most = n > most ? n : most;
    least = n < least ? n : least;
    last = t[n - 1] > last ? t[n - 1] : last;
    for (nax_index i = 1; i < n; i++) {
      assert_true(t[i] > t[i - 1]);
    }
  }
  assert_int_equal(most, 8159);
  assert_int_equal(least, 39);
  assert_close(last, 2699982.0 / 30000.0, 1e-15, 0);
  const nax_table *u = nax_dataset_table(d, "units");
  assert_string_equal(nax_table_text(u, nax_table_find(u, "KSLabel"))[0], "mua");
  nax_dataset_free(d);
  assert_ok(nax_dataset_load(NULL, nax_t_shared("data/phy_tiny_kilosort25"), NULL, &d));
  s = nax_dataset_spikes(d, "spikes");
  assert_int_equal(nax_spikes_n_units(s), 13);
  assert_int_equal(nax_spikes_n_spikes(s), 788);
  nax_dataset_free(d);
}

static void
alf_folders_are_in_seconds(void **state)
{
  (void)state;
  const double times[] = {-0.5, 1.25, 2, 3}, depth[] = {10, 20, 30, 40};
  const uint32_t clusters[] = {3, 1, 3, 1};
  mkdir(nax_t_tmp("a"), 0777);
  io_t_write_npy(in("a", "spikes.times.probe0.npy"), "<f8", "False", "(4,)", times,
                 sizeof times);
  io_t_refuses(nax_t_tmp("a"), NULL, NAX_EFORMAT, "has no spikes.clusters.npy");
  io_t_write_npy(in("a", "spikes.clusters.probe0.npy"), "<u4", "False", "(4,)", clusters,
                 sizeof clusters);
  io_t_write_npy(in("a", "clusters.depths.npy"), "<f8", "False", "(4,)", depth,
                 sizeof depth);
  io_t_write_npy(in("a", "clusters.uuids.npy"), "|O", "False", "(4,)", depth,
                 sizeof depth);
  io_t_write_text(in("a", "clusters.metrics.csv"),
                  ",cluster_id,label\n0,1,ok\n1,3,bad\n");
  nax_dataset *d =
      io_t_load_warned(nax_t_tmp("a"), NULL, "spikes.negative", "1 spike times");
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  nax_index n;
  assert_int_equal(nax_spikes_n_units(s), 2);
  assert_close(nax_spikes_times(s, 1, &n)[0], -0.5, 0, 0);
  const nax_table *u = nax_dataset_table(d, "units");
  assert_close(nax_table_numbers(u, nax_table_find(u, "depths"))[1], 40, 0, 0);
  assert_string_equal(nax_table_text(u, nax_table_find(u, "label"))[1], "bad");
  nax_dataset_free(d);
}

static void
out_of_memory_is_reported_and_leaks_nothing(void **state)
{
  (void)state;
  const int64_t times[] = {10, 20, 30, 25, 50};
  const int32_t clusters[] = {7, 2, 7, 2, 7};
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  make_phy("m", "<i8", "(5,)", times, sizeof times, clusters, 5);
  io_t_write_text(in("m", "cluster_group.tsv"), "cluster_id\tgroup\n2\tgood\n7\tmua\n");
  char dir[300];
  snprintf(dir, sizeof dir, "%s", nax_t_tmp("m"));
  for (int i = 0; i < 2; i++) {
    o.cells_only = i;
    NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, dir, &o, &d), d, nax_dataset_free(d), 900);
  }
  const double depth[] = {1, 2, 3, 4, 5, 6, 7, 8};
  const double seconds[] = {1, 2, 3, 4, 5};
  mkdir(nax_t_tmp("n"), 0777);
  io_t_write_npy(in("n", "spikes.times.npy"), "<f8", "False", "(5,)", seconds, 40);
  io_t_write_npy(in("n", "spikes.clusters.npy"), "<i4", "False", "(5,)", clusters, 20);
  io_t_write_npy(in("n", "clusters.depths.npy"), "<f8", "False", "(8,)", depth, 64);
  snprintf(dir, sizeof dir, "%s", nax_t_tmp("n"));
  NAX_T_SWEEP_ALLOC(nax_dataset_load(NULL, dir, NULL, &d), d, nax_dataset_free(d), 900);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spikes_go_to_their_clusters),
      cmocka_unit_test(faulty_folders_are_named),
      cmocka_unit_test(times_that_start_again_are_explained),
      cmocka_unit_test(spikes_of_the_shared_folder_answer_as_documented),
      cmocka_unit_test(real_sortings_have_their_known_numbers),
      cmocka_unit_test(alf_folders_are_in_seconds),
      cmocka_unit_test(out_of_memory_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("io_sorting", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
