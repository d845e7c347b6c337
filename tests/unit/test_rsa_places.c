/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RDMs over time and places, and conditions as points. */
#include "rsa_reference.h"

static void
movies_agree_with_the_reference(void **state)
{
  (void)state;
  /* 24 observations x 6 channels x 10 times, the last fastest. */
  ref x = ref_load("in_movie"), c = ref_load("in_movie_cond");
  int64_t *condition = ref_integers(&c);
  nax_view v = nax_view_f64(x.x, 3, (nax_index[]){10, 6, 24}), w;
  nax_rdms *r = NULL;
  assert_ok(nax_view_permute(NULL, &v, (int32_t[]){1, 0, 2}, &w));
  assert_ok(nax_rdm_movie(NULL, &w, condition, NULL, NULL, 1, NULL, &r));
  ref_check("movie_euclidean", nax_rdms_vector(r, 0), 280, 1e-12);
  nax_rdms_free(r);
  assert_ok(nax_rdm_movie(NULL, &w, condition, NULL, NULL, 5, NULL, &r));
  ref_check("movie_euclidean_bins", nax_rdms_vector(r, 0), 56, 1e-12);
  assert_close(nax_axis_coord(nax_rdms_axis(r), 1), 5.0, 0, 0);
  assert_string_equal(nax_rdms_measure(r), "euclidean");
  nax_rdms_free(r);
  /* Folds and noise reach every time. */
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_CROSSNOBIS;
  o.noise = NAX_RDM_COV_SHRINKAGE_DIAG;
  assert_ok(nax_rdm_movie(NULL, &w, condition, NULL, NULL, 2, &o, &r));
  assert_int_equal(nax_rdms_count(r), 5);
  double part[6 * 24];
  for (int k = 0; k < 24; k++) {
    for (int i = 0; i < 6; i++) {
      part[i + 6 * k] = 0.5 * (x.x[4 + 10 * (i + 6 * k)] + x.x[5 + 10 * (i + 6 * k)]);
    }
  }
  nax_view one = nax_view_f64(part, 2, (nax_index[]){6, 24});
  nax_rdms *e = NULL;
  assert_ok(nax_rdm_fit(NULL, &one, condition, NULL, NULL, &o, &e));
  assert_all_close(nax_rdms_vector(r, 2), nax_rdms_vector(e, 0), 28, 1e-12, 1e-12);
  nax_rdms_free(e);
  nax_rdms_free(r);
  assert_error(nax_rdm_movie(NULL, &w, condition, NULL, NULL, 11, NULL, &r), NAX_EINVAL,
               "nax_rdm_movie: `bin` must be 1 to 10 samples, got 11");
  assert_null(r);
  free(x.x);
  free(c.x);
  free(condition);
}

static void
neighbourhoods_agree_with_the_reference(void **state)
{
  (void)state;
  ref mask = ref_load("sl_mask");
  unsigned char in[9 * 8 * 7];
  nax_index n, *centre = NULL, *offset = NULL, *index = NULL;
  double x[4851];
  for (int i = 0; i < 504; i++) {
    in[i] = mask.x[i] != 0.0;
  }
  assert_ok(nax_rdm_places_volume(NULL, (nax_index[]){9, 8, 7}, in, 2.5, 0.7, 0, &n,
                                  &centre, &offset, &index));
  assert_int_equal(n, 61);
  for (int i = 0; i < 61; i++) {
    x[i] = (double)centre[i];
  }
  ref_check("sl_centers", x, 61, 0);
  for (int i = 0; i < 61; i++) {
    x[i] = (double)(offset[i + 1] - offset[i]);
  }
  ref_check("sl_nneigh", x, 61, 0);
  assert_int_equal(offset[61], 4851);
  for (int i = 0; i < 4851; i++) {
    x[i] = (double)index[i];
  }
  ref_check("sl_neigh_flat", x, 4851, 0);
  nax_rdm_places_free(centre);
  nax_rdm_places_free(offset);
  nax_rdm_places_free(index);
  /* Cut at the mask: no voxel outside. */
  assert_ok(nax_rdm_places_volume(NULL, (nax_index[]){9, 8, 7}, in, 2.5, 0.7, 1, &n,
                                  &centre, &offset, &index));
  assert_int_equal(n, 61);
  for (nax_index i = 0; i < offset[n]; i++) {
    assert_true(in[index[i]]);
  }
  nax_rdm_places_free(centre);
  nax_rdm_places_free(offset);
  nax_rdm_places_free(index);
  assert_status(nax_rdm_places_volume(NULL, (nax_index[]){9, 8, 7}, in, 0.0, 0.7, 1, &n,
                                      &centre, &offset, &index),
                NAX_EINVAL);
  free(mask.x);
}

static void
searchlights_are_rdms_of_their_channels(void **state)
{
  (void)state;
  ref x = ref_load("in_X"), c = ref_load("in_cond"), f = ref_load("in_run");
  ref p = ref_load("in_prec");
  int64_t *condition = ref_integers(&c), *fold = ref_integers(&f);
  nax_index index[7] = {3, 5, 17, 0, 1, 2, 19}, offset[3] = {0, 3, 7};
  nax_rdm_places places = {offset, index, 2};
  nax_view v = nax_view_f64(x.x, 2, (nax_index[]){20, 48});
  nax_view n = nax_view_f64(p.x, 2, (nax_index[]){20, 20});
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *r[2] = {NULL, NULL}, *e = NULL;
  double cov[400], part[4 * 48], cut[16];
  o.measure = NAX_RDM_CROSSNOBIS;
  for (int t = 0; t < 2; t++) {
    nax_ctx *ctx = NULL;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, t + 1));
    assert_ok(nax_rdm_searchlight(ctx, &v, condition, fold, &n, &places, &o, &r[t]));
    nax_ctx_free(ctx);
  }
  assert_memory_equal(nax_rdms_vector(r[0], 0), nax_rdms_vector(r[1], 0),
                      132 * sizeof(double));
  assert_ok(nax_rdm_precision(NULL, 20, p.x, cov));
  for (int k = 0; k < 48; k++) {
    for (int i = 0; i < 4; i++) {
      part[i + 4 * k] = x.x[index[3 + i] + 20 * k];
    }
  }
  for (int i = 0; i < 16; i++) {
    cut[i] = cov[index[3 + i % 4] + 20 * index[3 + i / 4]];
  }
  assert_ok(nax_rdm_precision(NULL, 4, cut, cut));
  nax_view pv = nax_view_f64(part, 2, (nax_index[]){4, 48});
  nax_view cv = nax_view_f64(cut, 2, (nax_index[]){4, 4});
  assert_ok(nax_rdm_fit(NULL, &pv, condition, fold, &cv, &o, &e));
  assert_all_close(nax_rdms_vector(r[0], 1), nax_rdms_vector(e, 0), 66, 1e-11, 1e-11);
  nax_rdms_free(e);
  nax_rdms_free(r[0]);
  nax_rdms_free(r[1]);
  index[4] = 20;
  assert_error(nax_rdm_searchlight(NULL, &v, condition, fold, NULL, &places, &o, &e),
               NAX_EINVAL,
               "nax_rdm_searchlight: neighbourhood 1 has channel 20, there are 0 to 19");
  assert_null(e);
  index[4] = 1;
  NAX_T_SWEEP_ALLOC(nax_rdm_searchlight(NULL, &v, condition, fold, &n, &places, &o, &e),
                    e, nax_rdms_free(e), 500);
  free(x.x);
  free(c.x);
  free(f.x);
  free(p.x);
  free(condition);
  free(fold);
}

static void
points_agree_with_the_reference(void **state)
{
  (void)state;
  /* Squared distances in the reference. */
  ref d = ref_load("rdm_euclidean"), init = ref_load("in_mds_init");
  ref pair = ref_load("mds_classical_dist2d");
  for (int k = 0; k < 66; k++) {
    d.x[k] = sqrt(d.x[k]);
  }
  double start[24], x[24], y[24], stress[2], between[144];
  for (int i = 0; i < 12; i++) {
    start[i] = init.x[2 * i];
    start[i + 12] = init.x[2 * i + 1];
  }
  assert_ok(nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_CLASSICAL, 2, NULL, x, NULL));
  for (int i = 0; i < 12; i++) {
    for (int j = 0; j < 12; j++) {
      between[i * 12 + j] = hypot(x[i] - x[j], x[i + 12] - x[j + 12]);
    }
  }
  ref_check("mds_classical_dist2d", between, 144, 1e-9);
  assert_ok(nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_METRIC, 2, start, x, &stress[0]));
  for (int i = 0; i < 12; i++) {
    y[2 * i] = x[i];
    y[2 * i + 1] = x[i + 12];
  }
  ref_check("mds_smacof_metric", y, 24, 1e-8);
  ref s = ref_load("mds_smacof_stress");
  assert_close(stress[0], s.x[0], 1e-8, 0);
  free(s.x);
  assert_ok(
      nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_NONMETRIC_COMPAT, 2, start, x, &stress[0]));
  for (int i = 0; i < 12; i++) {
    y[2 * i] = x[i];
    y[2 * i + 1] = x[i + 12];
  }
  ref_check("mds_smacof_nonmetric", y, 24, 1e-6);
  s = ref_load("mds_smacof_nonmetric_stress");
  assert_close(stress[0], s.x[0], 1e-6, 0);
  free(s.x);
  /* Distances that grow with the dissimilarities: nothing is left to gain. */
  assert_ok(nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_CLASSICAL, 2, NULL, y, NULL));
  double cubes[66];
  for (int i = 0, k = 0; i < 12; i++) {
    for (int j = i + 1; j < 12; j++, k++) {
      cubes[k] = pow(hypot(y[i] - y[j], y[i + 12] - y[j + 12]), 3.0);
    }
  }
  assert_ok(nax_rdm_mds(NULL, 12, cubes, NAX_RDM_MDS_NONMETRIC, 2, y, x, &stress[0]));
  assert_ok(nax_rdm_mds(NULL, 12, cubes, NAX_RDM_MDS_METRIC, 2, y, x, &stress[1]));
  assert_true(stress[0] < 1e-20 * stress[1] || stress[0] < 1e-12);
  assert_status(nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_METRIC, 12, NULL, x, NULL),
                NAX_EDIM);
  d.x[3] = NAN;
  assert_error(nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_METRIC, 2, NULL, x, NULL),
               NAX_EDATA, "nax_rdm_mds: pair 3 is not finite");
  free(d.x);
  free(init.x);
  free(pair.x);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(movies_agree_with_the_reference),
      cmocka_unit_test(neighbourhoods_agree_with_the_reference),
      cmocka_unit_test(searchlights_are_rdms_of_their_channels),
      cmocka_unit_test(points_agree_with_the_reference),
  };
  return cmocka_run_group_tests_name("rsa-places", tests, NULL, NULL);
}
