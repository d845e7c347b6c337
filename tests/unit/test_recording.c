/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real recording, read and worked on as a user would: numbers as from scipy. */
#include "nax_test.h"
#include "reference/suite2p_fissa.h"

enum { ROIS = 23, FRAMES = 864 };

static nax_dataset *dataset;
static nax_array *corrected;

static void
fluorescence_loses_its_neuropil(void **state)
{
  (void)state;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  const char *path = nax_t_shared("data/suite2p_fissa_plane0/suite2p/plane0");
  o.rate = 10.0;
  assert_ok(nax_dataset_load(NULL, path, &o, &dataset));
  const nax_array *f = nax_dataset_array(dataset, "F");
  const nax_array *g = nax_dataset_array(dataset, "Fneu");
  assert_non_null(f);
  assert_non_null(g);
  assert_ok(nax_signal_neuropil(NULL, f, g, NULL, &corrected));
  assert_int_equal(nax_array_dim(corrected, nax_array_find_axis(corrected, "neuron")),
                   ROIS);
  assert_int_equal(nax_array_dim(corrected, nax_array_find_axis(corrected, "time")),
                   FRAMES);
}

static double
at(const nax_array *a, const char *second, nax_index roi, nax_index j)
{
  nax_view v = nax_array_view(a);
  nax_index index[2];
  index[nax_view_axis(&v, "neuron")] = roi;
  index[nax_view_axis(&v, second)] = j;
  return nax_view_get(&v, index);
}

static void
its_dff_is_that_of_suite2p(void **state)
{
  (void)state;
  if (corrected == NULL) {
    skip();
  }
  static const nax_index frame[3] = {0, 431, 863};
  nax_signal_dff_opts o = NAX_SIGNAL_DFF_OPTS_INIT;
  nax_array *f0 = NULL, *dff = NULL;
  o.window = 30.0;
  assert_ok(nax_signal_dff(NULL, corrected, &o, &dff));
  o.output = NAX_DFF_BASELINE;
  assert_ok(nax_signal_dff(NULL, corrected, &o, &f0));
  for (nax_index i = 0; i < ROIS; i++) {
    double mean = 0.0;
    for (int j = 0; j < 3; j++) {
      assert_close(at(f0, "time", i, frame[j]), ref_f0[3 * i + j], 1e-12, 0.0);
    }
    for (nax_index t = 0; t < FRAMES; t++) {
      mean += at(dff, "time", i, t) / FRAMES;
    }
    assert_close(mean, ref_dff_mean[i], 1e-10, 1e-12);
  }
  nax_array_free(f0);
  nax_array_free(dff);
  static const nax_index where[3] = {0, 400, 863};
  o.baseline = NAX_BASELINE_ROLLING;
  assert_ok(nax_signal_dff(NULL, corrected, &o, &f0));
  for (nax_index i = 0; i < ROIS; i++) {
    for (int j = 0; j < 3; j++) {
      assert_close(at(f0, "time", i, where[j]), ref_rolling[3 * i + j], 1e-12, 0.0);
    }
  }
  nax_array_free(f0);
}

static void
its_statistics_are_those_of_scipy(void **state)
{
  (void)state;
  if (corrected == NULL) {
    skip();
  }
  nax_stats_correlation_opts o = NAX_STATS_CORRELATION_OPTS_INIT;
  nax_array *r = NULL, *q = NULL;
  nax_index order[ROIS];
  double trace[FRAMES];
  assert_ok(nax_stats_correlation(NULL, corrected, &o, &r));
  o.kind = NAX_CORRELATION_SPEARMAN;
  assert_ok(nax_stats_correlation(NULL, corrected, &o, &q));
  assert_ok(nax_stats_correlation_order(NULL, r, order, NULL));
  assert_all_close(nax_array_f64(r), ref_first_row, ROIS, 1e-11, 1e-13);
  assert_all_close(nax_array_f64(q), ref_rank_row, ROIS, 1e-11, 1e-13);
  for (nax_index i = 0; i < ROIS; i++) {
    assert_int_equal(order[i], ref_order[i]);
    for (nax_index t = 0; t < FRAMES; t++) {
      trace[t] = at(corrected, "time", i, t);
    }
    assert_close(nax_stats_skewness(FRAMES, trace), ref_skew[i], 1e-11, 1e-12);
  }
  nax_array_free(r);
  nax_array_free(q);
}

static void
its_spectrum_is_that_of_scipy(void **state)
{
  (void)state;
  if (corrected == NULL) {
    skip();
  }
  static const nax_index bin[3] = {1, 10, 128};
  nax_array *p = NULL;
  assert_ok(nax_signal_welch(NULL, corrected, NULL, &p)); /* 256 samples by default */
  for (nax_index i = 0; i < ROIS; i++) {
    for (int j = 0; j < 3; j++) {
      assert_close(at(p, "frequency", i, bin[j]), ref_psd[3 * i + j], 1e-10, 1e-14);
    }
  }
  nax_array_free(p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fluorescence_loses_its_neuropil),
      cmocka_unit_test(its_dff_is_that_of_suite2p),
      cmocka_unit_test(its_statistics_are_those_of_scipy),
      cmocka_unit_test(its_spectrum_is_that_of_scipy),
  };
  int failed = cmocka_run_group_tests_name("recording", tests, NULL, NULL);
  nax_dataset_free(dataset);
  nax_array_free(corrected);
  return failed;
}
