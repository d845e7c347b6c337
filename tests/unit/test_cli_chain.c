/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of `neuraxis preprocess` gives what the library gives: the same bytes. */
#include <nax_test.h>

/* Runs the command of this build; the words are ours, so the shell may see them. */
static void
preprocess(const char *input, const char *steps, const char *output)
{
  const char *build = getenv("NAX_BUILDDIR");
  if (build == NULL) {
    print_message("# set NAX_BUILDDIR to where the command was built\n");
    skip();
  }
  char line[8192];
  int n = snprintf(line, sizeof line, "'%s/neuraxis' preprocess -q -f '%s' %s -o '%s'",
                   build, input, steps, output);
  assert_true(n > 0 && n < (int)sizeof line);
  assert_int_equal(system(line), 0);
}

static nax_source *
open_bundled(const char *name)
{
  nax_source *s = NULL;
  assert_ok(nax_source_open(NULL, nax_t_source(name), NULL, &s));
  return s;
}

/* The main member of a file that the command wrote has the values and axes of `want`. */
static void
assert_result(const char *path, const nax_array *want)
{
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, path, NULL, &d));
  const nax_array *got = nax_dataset_array(d, nax_dataset_main(d));
  assert_non_null(got);
  assert_int_equal(nax_array_ndim(got), nax_array_ndim(want));
  for (int32_t k = 0; k < nax_array_ndim(want); k++) {
    const nax_axis *a = nax_array_axis(got, k), *b = nax_array_axis(want, k);
    assert_string_equal(nax_axis_name(a), nax_axis_name(b));
    assert_int_equal(nax_axis_length(a), nax_axis_length(b));
    for (nax_index i = 0; i < nax_axis_length(a); i++) {
      assert_close(nax_axis_coord(a, i), nax_axis_coord(b, i), 1e-14, 1e-14);
    }
  }
  assert_string_equal(nax_array_unit(got), nax_array_unit(want));
  nax_view v = nax_array_view(want);
  double *x = malloc((size_t)nax_view_size(&v) * sizeof *x);
  assert_non_null(x);
  assert_ok(nax_view_copy_to(NULL, &v, NAX_F64, x));
  assert_all_close(nax_array_f64(got), x, nax_view_size(&v), 0, 0);
  free(x);
  nax_dataset_free(d);
}

static void
a_calcium_chain_is_that_of_the_library(void **state)
{
  (void)state;
  const char *in = "datasets/calcium.nc", *out = nax_t_tmp("calcium.nc");
  nax_source *s = open_bundled(in);
  nax_array *f = NULL, *around = NULL, *clean = NULL, *dff = NULL, *smooth = NULL,
            *part = NULL, *z = NULL;
  nax_signal_neuropil_opts np = NAX_SIGNAL_NEUROPIL_OPTS_INIT;
  nax_signal_dff_opts o = NAX_SIGNAL_DFF_OPTS_INIT;
  nax_signal_smooth_opts g = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  np.coefficient = 0.6;
  o.baseline = NAX_BASELINE_ROLLING;
  o.window = 20.0;
  g.width = 0.2;
  assert_ok(nax_source_load_array(NULL, s, nax_source_find(s, "F"), NAX_F32, &f));
  assert_ok(nax_source_load_array(NULL, s, nax_source_find(s, "Fneu"), NAX_F32, &around));
  assert_ok(nax_signal_neuropil(NULL, f, around, &np, &clean));
  assert_ok(nax_signal_dff(NULL, clean, &o, &dff));
  assert_ok(nax_signal_smooth(NULL, dff, &g, &smooth));
  assert_ok(nax_array_slice_coord(NULL, smooth, 1, 10.0, 40.0, &part));
  assert_ok(nax_array_zscore(NULL, part, 1, 0.0, &z));
  preprocess(nax_t_source(in),
             "--neuropil=0.6 --dff=rolling:20 --smooth=gaussian:sd=0.2 "
             "--slice=time:10:40 --zscore",
             out);
  assert_result(out, z);
  /* The order of the steps counts. */
  preprocess(nax_t_source(in),
             "--zscore --neuropil=0.6 --dff=rolling:20 --smooth=gaussian:sd=0.2 "
             "--slice=time:10:40",
             out);
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, out, NULL, &d));
  const nax_array *other = nax_dataset_array(d, "F");
  assert_true(fabs(nax_array_f64(other)[0] -
                   (double)((const float *)nax_array_data(z))[0]) > 1e-6);
  nax_dataset_free(d);
  nax_array *all[] = {f, around, clean, dff, smooth, part, z};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_array_free(all[i]);
  }
  nax_source_close(s);
}

static void
a_spike_chain_is_that_of_the_library(void **state)
{
  (void)state;
  const char *in = "datasets/spikes.nc", *out = nax_t_tmp("spikes.nc");
  nax_source *s = open_bundled(in);
  nax_spikes *sp = NULL;
  nax_array *counts = NULL, *root = NULL, *mean = NULL;
  nax_bin_opts b = NAX_BIN_OPTS_INIT;
  b.width = 0.05;
  assert_ok(nax_source_load_spikes(NULL, s, nax_source_find(s, "spikes"), &sp));
  assert_ok(nax_spikes_bin(NULL, sp, &b, NULL, &counts));
  assert_ok(nax_array_map(NULL, counts, NAX_MAP_SQRT, &root));
  assert_ok(nax_array_reduce(NULL, root, 0, NAX_REDUCE_MEAN, 0.0, &mean));
  preprocess(nax_t_source(in), "--bin=0.05 --sqrt --reduce=mean:neuron", out);
  assert_result(out, mean);
  nax_array_free(counts);
  nax_array_free(root);
  nax_array_free(mean);
  nax_spikes_free(sp);
  nax_source_close(s);
}

static void
trials_are_those_of_the_library(void **state)
{
  (void)state;
  const char *in = "datasets/spikes.nc", *out = nax_t_tmp("trials.nc");
  nax_source *s = open_bundled(in);
  nax_spikes *sp = NULL;
  nax_table *t = NULL;
  nax_array *aligned = NULL, *psth = NULL, *cut = NULL;
  nax_signal_align_opts a = NAX_SIGNAL_ALIGN_OPTS_INIT;
  nax_signal_psth_opts p = NAX_SIGNAL_PSTH_OPTS_INIT;
  a.start = -0.2;
  a.stop = 1.2;
  a.bin = 0.02;
  p.per_second = 1;
  assert_ok(nax_source_load_spikes(NULL, s, nax_source_find(s, "spikes"), &sp));
  assert_ok(nax_source_load_table(NULL, s, nax_source_find(s, "trials"), &t));
  const double *start = nax_table_numbers(t, nax_table_find(t, "start_time")),
               *stop = nax_table_numbers(t, nax_table_find(t, "stop_time"));
  nax_index n = nax_table_n_rows(t);
  assert_ok(nax_signal_align_spikes(NULL, sp, n, start, &a, &aligned));
  assert_ok(nax_signal_psth(NULL, aligned, &p, &psth));
  preprocess(nax_t_source(in), "--align=-0.2:1.2:0.02 --psth=yes", out);
  assert_result(out, psth);
  assert_ok(nax_signal_cut_spikes(NULL, sp, n, start, stop, 0.05, NULL, &cut));
  preprocess(nax_t_source(in), "--cut=0.05", out);
  assert_result(out, cut);
  nax_array_free(aligned);
  nax_array_free(psth);
  nax_array_free(cut);
  nax_table_free(t);
  nax_spikes_free(sp);
  nax_source_close(s);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_calcium_chain_is_that_of_the_library),
      cmocka_unit_test(a_spike_chain_is_that_of_the_library),
      cmocka_unit_test(trials_are_those_of_the_library),
  };
  return cmocka_run_group_tests_name("cli chain", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
