/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers of a model against regions of a brain by the geometry of their spectra. */
#include "nax_test.h"
#include "freqtag/freqtag_i.h"
#include <neuraxis/rsa.h>

enum {
  BINS = 13,
  BLOCKS = 6,
  PAIRS = 15,
  LAYERS = 3,
  KINDS = 2,
  UNITS = 60,
  CHANNELS = 24
};

static double
normal(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  return r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(seed));
}

typedef struct world {
  double model[BINS * BLOCKS * UNITS], brain[BINS * BLOCKS * CHANNELS];
  int64_t layer[UNITS], kind[UNITS], region[CHANNELS];
  char responds[CHANNELS];
} world;

/* Selected units and channels of region 1 share the geometry of the blocks. */
static void
fill(world *w, uint64_t seed)
{
  double common[BINS * BLOCKS];
  for (int i = 0; i < BINS * BLOCKS; i++) {
    common[i] = fabs(normal(&seed));
  }
  for (int u = 0; u < UNITS; u++) {
    w->layer[u] = u / 20;
    w->kind[u] = u % 20 < 3 ? 0 : u % 20 < 6 ? 1 : -1;
    for (int i = 0; i < BINS * BLOCKS; i++) {
      w->model[i + BINS * BLOCKS * u] =
          (w->kind[u] >= 0 ? common[i] : 0.0) + 0.3 * fabs(normal(&seed));
    }
  }
  for (int c = 0; c < CHANNELS; c++) {
    w->region[c] = c < 20 ? c / 5 : -1;
    w->responds[c] = c % 2 == 0;
    for (int i = 0; i < BINS * BLOCKS; i++) {
      w->brain[i + BINS * BLOCKS * c] =
          (w->region[c] == 1 ? common[i] : 0.0) + 0.4 * fabs(normal(&seed));
    }
  }
}

static nax_freqtag_similarity_spec
spec_of(const world *w)
{
  nax_freqtag_similarity_spec s = {.n_bins = BINS,
                                   .n_blocks = BLOCKS,
                                   .n_units = UNITS,
                                   .model = w->model,
                                   .n_layers = LAYERS,
                                   .layer = w->layer,
                                   .n_kinds = KINDS,
                                   .kind = w->kind,
                                   .n_channels = CHANNELS,
                                   .brain = w->brain,
                                   .n_regions = 4,
                                   .region = w->region,
                                   .responds = w->responds,
                                   .n_top = 5,
                                   .n_random = 99,
                                   .seed = 3};
  return s;
}

static int
descending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static void
values_are_those_of_the_definition(void **state)
{
  (void)state;
  static world w;
  nax_freqtag_similarity *o = NULL;
  double rho[CHANNELS], one[PAIRS], mean[PAIRS], brain[PAIRS * CHANNELS], all = 0.0;
  fill(&w, 1);
  nax_freqtag_similarity_spec s = spec_of(&w);
  assert_ok(nax_freqtag_similarity_fit(NULL, &s, &o));
  for (int k = 0; k < KINDS; k++) {
    double of_kind = 0.0;
    for (int l = 0; l < LAYERS; l++) {
      int n = 0, at = l + LAYERS * k;
      memset(mean, 0, sizeof mean);
      for (int u = 0; u < UNITS; u++) {
        if (w.layer[u] != l || w.kind[u] != k) {
          continue;
        }
        /* RDM and channels of one unit by the other function */
        assert_ok(nax_freqtag_alignment(NULL, BINS, BLOCKS, 1,
                                        w.model + BINS * BLOCKS * u, CHANNELS, w.brain, 1,
                                        one, brain, NULL, NULL));
        for (int p = 0; p < PAIRS; p++) {
          mean[p] += one[p];
        }
        n++;
      }
      assert_int_equal(o->n_units[at], n);
      for (int p = 0; p < PAIRS; p++) {
        mean[p] /= n;
        assert_close(o->rdm[p + PAIRS * at], mean[p], 1e-10, 1e-13);
      }
      nax_rdms *a = NULL, *b = NULL;
      assert_ok(nax_rdms_create(NULL, BLOCKS, 1, mean, &a));
      assert_ok(nax_rdms_create(NULL, BLOCKS, CHANNELS, brain, &b));
      assert_ok(nax_rsa_compare(NULL, a, b, NAX_RSA_SPEARMAN, NULL, 0, rho));
      for (int c = 0; c < CHANNELS; c++) {
        assert_close(o->rho[at + LAYERS * KINDS * c], rho[c], 1e-10, 1e-12);
      }
      qsort(rho, CHANNELS, sizeof *rho, descending);
      double top = (rho[0] + rho[1] + rho[2] + rho[3] + rho[4]) / 5.0;
      assert_close(o->top[at], top, 1e-10, 0.0);
      of_kind += top / LAYERS;
      nax_rdms_free(a);
      nax_rdms_free(b);
    }
    assert_close(o->of_kind[k], of_kind, 1e-10, 0.0);
    all += of_kind / KINDS;
  }
  assert_close(o->similarity, all, 1e-10, 0.0);
  nax_freqtag_similarity_free(o);
}

static void
the_region_that_shares_the_geometry_is_found(void **state)
{
  (void)state;
  static world w;
  nax_freqtag_similarity *o = NULL, *again = NULL;
  fill(&w, 2);
  nax_freqtag_similarity_spec s = spec_of(&w);
  assert_ok(nax_freqtag_similarity_fit(NULL, &s, &o));
  assert_true(o->similarity > 0.5);
  assert_close(o->p, 0.01, 1e-12, 0.0);
  for (int k = 0; k < KINDS; k++) {
    for (int g = 0; g < 4; g++) {
      assert_true(g == 1 || !(o->region[g + 4 * k] >= o->region[1 + 4 * k]));
    }
  }
  assert_true(o->found[1] > 1.5);
  assert_true(o->spread.statistic > 1.0 && o->spread.df1 == 3.0);
  /* chi squared with 3 degrees of freedom */
  double x = o->spread.statistic;
  assert_close(o->spread.p,
               erfc(sqrt(x / 2.0)) + sqrt(2.0 * x / NAX_I_FT_PI) * exp(-x / 2.0), 1e-6,
               0.0);
  assert_ok(nax_freqtag_similarity_fit(NULL, &s, &again));
  assert_memory_equal(o->random, again->random, 99 * sizeof(double));
  nax_freqtag_similarity_free(again);
  nax_freqtag_similarity_free(o);
  /* units that are like the others are no better than these */
  int low = 0;
  for (uint64_t set = 0; set < 40; set++) {
    uint64_t seed = set + 3;
    fill(&w, seed);
    for (int i = 0; i < BINS * BLOCKS * UNITS; i++) {
      w.model[i] = fabs(normal(&seed));
    }
    s.n_random = 19;
    assert_ok(nax_freqtag_similarity_fit(NULL, &s, &o));
    low += o->p <= 0.1;
    nax_freqtag_similarity_free(o);
  }
  assert_true(low <= 12);
}

static void
spectra_of_blocks(void **state)
{
  (void)state;
  enum { T = 32, N = 9 };
  double x[2 * T * N], out[4 * 3 * 2];
  const int64_t block[N] = {0, 1, 2, 0, 1, 2, 0, -1, 2};
  nax_index bins;
  uint64_t seed = 4;
  for (int i = 0; i < 2 * T * N; i++) {
    int r = i / (2 * T), t = i / 2 % T;
    x[i] = 0.01 * normal(&seed);
    x[i] += block[r] == 1 ? cos(2.0 * NAX_I_FT_PI * 4.0 * t / T) : 0.0;
    x[i] += block[r] == 2 ? (r == 2 ? 1.0 : -1.0) * cos(2.0 * NAX_I_FT_PI * 6.0 * t / T)
                          : 0.0;
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){2, T, N});
  /* 8 samples a second: bins are 0.25 Hz apart */
  assert_ok(
      nax_freqtag_block_spectra(NULL, &v, 8.0, 0.75, 1.5, 3, block, 0, &bins, NULL));
  assert_int_equal(bins, 4);
  assert_ok(nax_freqtag_block_spectra(NULL, &v, 8.0, 0.75, 1.5, 3, block, 0, &bins, out));
  for (int u = 0; u < 2; u++) {
    const double *a = out + 12 * u;
    assert_close(a[1 + 4], 1.0, 0.0, 0.02);
    assert_close(a[1], 0.0, 0.0, 0.02);
    assert_close(a[3 + 8], 1.0 / 3.0, 0.0, 0.02); /* 1, -1, -1 */
  }
  assert_ok(nax_freqtag_block_spectra(NULL, &v, 8.0, 0.75, 1.5, 3, block, 1, &bins, out));
  assert_close(out[1 + 4], 1.0, 0.0, 0.01);
  assert_close(out[3 + 8], 1.0 / 3.0, 0.0, 0.01);
  assert_status(
      nax_freqtag_block_spectra(NULL, &v, 8.0, 0.75, 5.0, 3, block, 1, &bins, out),
      NAX_EINVAL);
  assert_status(
      nax_freqtag_block_spectra(NULL, &v, 8.0, 0.76, 0.99, 3, block, 1, &bins, out),
      NAX_EINVAL);
}

static void
what_has_no_geometry_is_left_out(void **state)
{
  (void)state;
  static world w;
  nax_freqtag_similarity *o = NULL;
  fill(&w, 5);
  memset(w.model, 0, 3 * BINS * BLOCKS * sizeof(double)); /* all of layer 0, kind 0 */
  w.brain[7] = (double)NAN;
  nax_freqtag_similarity_spec s = spec_of(&w);
  assert_ok(nax_freqtag_similarity_fit(NULL, &s, &o));
  assert_int_equal(o->n_units[0], 0);
  assert_true(isnan(o->top[0]) && isnan(o->rho[1]) && isfinite(o->similarity));
  nax_freqtag_similarity_free(o);
  o = NULL;
  s.n_blocks = 2;
  assert_status(nax_freqtag_similarity_fit(NULL, &s, &o), NAX_EDIM);
  s = spec_of(&w);
  w.kind[4] = 2;
  assert_status(nax_freqtag_similarity_fit(NULL, &s, &o), NAX_EINVAL);
  w.kind[4] = 1;
  memset(w.brain, 0, sizeof w.brain);
  assert_status(nax_freqtag_similarity_fit(NULL, &s, &o), NAX_EDATA);
  assert_null(o);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  static world w;
  nax_freqtag_similarity *o = NULL;
  fill(&w, 6);
  nax_freqtag_similarity_spec s = spec_of(&w);
  s.n_random = 2;
  NAX_T_SWEEP_ALLOC(nax_freqtag_similarity_fit(NULL, &s, &o), o,
                    nax_freqtag_similarity_free(o), 300);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_those_of_the_definition),
      cmocka_unit_test(the_region_that_shares_the_geometry_is_found),
      cmocka_unit_test(spectra_of_blocks),
      cmocka_unit_test(what_has_no_geometry_is_left_out),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_similarity", tests, NULL, NULL);
}
