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

/* The movie of the reference as channel x time x observation. */
static nax_view
movie_view(const ref *x)
{
  nax_view v = nax_view_f64(x->x, 3, (nax_index[]){10, 6, 24}), w;
  assert_ok(nax_view_permute(NULL, &v, (int32_t[]){1, 0, 2}, &w));
  return w;
}

static void
equal_times_are_the_movie(void **state)
{
  (void)state;
  ref x = ref_load("in_movie"), c = ref_load("in_movie_cond");
  int64_t *condition = ref_integers(&c);
  nax_view w = movie_view(&x);
  double n_matrix[36];
  for (int k = 0; k < 36; k++) {
    n_matrix[k] = k % 7 == 0 ? 1.5 : 0.2;
  }
  nax_view precision = nax_view_f64(n_matrix, 2, (nax_index[]){6, 6});
  const nax_rdm_measure measures[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_CORRELATION,
                                      NAX_RDM_COSINE, NAX_RDM_MAHALANOBIS,
                                      NAX_RDM_CROSSNOBIS};
  for (int k = 0; k < 5; k++) {
    nax_rdm_opts o = NAX_RDM_OPTS_INIT;
    const nax_view *p = measures[k] >= NAX_RDM_MAHALANOBIS ? &precision : NULL;
    nax_rdms *movie = NULL;
    nax_array *a = NULL;
    double square[64];
    o.measure = measures[k];
    assert_ok(nax_rdm_movie(NULL, &w, condition, NULL, p, 3, &o, &movie));
    assert_ok(nax_rdm_time_by_time(NULL, &w, condition, NULL, p, 3, &o, &a));
    assert_int_equal(nax_array_ndim(a), 4);
    assert_int_equal(nax_array_dim(a, 0), 8);
    assert_int_equal(nax_array_dim(a, 3), 3);
    const double *d = nax_array_data(a);
    for (int t = 0; t < 3; t++) {
      assert_ok(nax_rdm_to_square(NULL, 8, nax_rdms_vector(movie, t), square));
      assert_all_close(d + 64 * (t + 3 * t), square, 64, 1e-10, 1e-12);
      for (int u = 0; u < 3; u++) { /* balanced: either time may come first */
        assert_all_close(d + 64 * (t + 3 * u), d + 64 * (u + 3 * t), 64, 1e-10, 1e-12);
      }
    }
    nax_rdms_free(movie);
    nax_array_free(a);
  }
  free(x.x);
  free(c.x);
  free(condition);
}

static void
two_times_are_compared_by_their_differences(void **state)
{
  (void)state;
  /* Unequal folds: training means of all other observations at t, test means at t'. */
  enum { P = 3, T = 2, N = 9 };
  const int64_t condition[N] = {1, 2, 1, 2, 1, 2, 2, 1, 2};
  const int64_t fold[N] = {1, 1, 1, 2, 2, 2, 3, 3, 3};
  double x[P * T * N];
  uint64_t seed = 3;
  for (int k = 0; k < P * T * N; k++) {
    x[k] = nax_t_uniform(&seed);
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){P, T, N});
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_array *a = NULL;
  o.measure = NAX_RDM_CROSSNOBIS;
  assert_ok(nax_rdm_time_by_time(NULL, &v, condition, fold, NULL, 1, &o, &a));
  for (int t = 0; t < T; t++) {
    for (int u = 0; u < T; u++) {
      double expected = 0.0;
      for (int f = 1; f <= 3; f++) {
        for (int p = 0; p < P; p++) {
          double delta[2] = {0.0, 0.0};
          for (int test = 0; test < 2; test++) {
            for (int c = 1; c <= 2; c++) {
              double sum = 0.0, n = 0.0;
              for (int k = 0; k < N; k++) {
                if (condition[k] == c && (fold[k] == f) == test) {
                  sum += x[p + P * ((test ? u : t) + T * k)];
                  n += 1.0;
                }
              }
              delta[test] += (c == 1 ? sum : -sum) / n;
            }
          }
          expected += delta[0] * delta[1] / (3.0 * P);
        }
      }
      assert_close(((const double *)nax_array_data(a))[2 + 4 * (t + T * u)], expected,
                   1e-12, 1e-14);
    }
  }
  nax_array_free(a);
  a = NULL;
  o.noise = NAX_RDM_COV_DIAG;
  assert_error(
      nax_rdm_time_by_time(NULL, &v, condition, fold, NULL, 1, &o, &a), NAX_EINVAL,
      "nax_rdm_time_by_time: the noise differs between times: give the precision "
      "that all share");
  o.measure = NAX_RDM_POISSON;
  assert_status(nax_rdm_time_by_time(NULL, &v, condition, fold, NULL, 1, &o, &a),
                NAX_EINVAL);
  o = (nax_rdm_opts)NAX_RDM_OPTS_INIT;
  x[7] = NAN;
  assert_error(
      nax_rdm_time_by_time(NULL, &v, condition, NULL, NULL, 1, &o, &a), NAX_EDATA,
      "nax_rdm_time_by_time: `x` is not finite at channel 1, observation 1, time "
      "0 to 0");
  x[7] = 0.5;
  o.measure = NAX_RDM_CROSSNOBIS;
  NAX_T_SWEEP_ALLOC(nax_rdm_time_by_time(NULL, &v, condition, fold, NULL, 1, &o, &a), a,
                    nax_array_free(a), 500);
}

/* A file with one array, open. */
static nax_source *
source_of(const char *name, const nax_view *v, const char *const *axes)
{
  nax_array *a = NULL;
  nax_dataset *d = NULL;
  nax_source *s = NULL;
  assert_ok(nax_array_create_dims(NULL, NAX_F64, v->ndim, axes, v->dim, "1", &a));
  assert_ok(nax_view_copy_to(NULL, v, NAX_F64, nax_array_data_mut(a)));
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_dataset_add_array(NULL, d, "x", a));
  assert_ok(nax_dataset_save(NULL, d, nax_t_tmp(name), NULL));
  nax_dataset_free(d);
  assert_ok(nax_source_open(NULL, nax_t_tmp(name), NULL, &s));
  return s;
}

static void
parts_of_a_file_give_the_same_bits(void **state)
{
  (void)state;
  ref x = ref_load("in_movie"), c = ref_load("in_movie_cond");
  int64_t *condition = ref_integers(&c);
  nax_view w = movie_view(&x);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *whole = NULL, *r = NULL;
  nax_source *s = source_of("movie.nc", &w, (const char *[]){"neuron", "time", "trial"});
  int32_t var = nax_source_find(s, "x");
  const int32_t axis[3] = {0, 1, 2};
  o.measure = NAX_RDM_CROSSNOBIS;
  o.noise = NAX_RDM_COV_SHRINKAGE_DIAG;
  assert_ok(nax_rdm_movie(NULL, &w, condition, NULL, NULL, 3, &o, &whole));
  for (size_t bytes = 0; bytes < 10000; bytes += 4000) { /* all at once; 1 or 2 times */
    assert_ok(nax_rdm_movie_source(NULL, s, var, axis, condition, NULL, NULL, 3, bytes,
                                   &o, &r));
    assert_int_equal(nax_rdms_count(r), 3);
    assert_memory_equal(nax_rdms_vector(r, 0), nax_rdms_vector(whole, 0),
                        3 * 28 * sizeof(double));
    assert_string_equal(nax_rdms_measure(r), "crossnobis");
    assert_close(nax_axis_coord(nax_rdms_axis(r), 2), 6.0, 0, 0);
    nax_rdms_free(r);
  }
  assert_status(nax_rdm_movie_source(NULL, s, var, (int32_t[]){0, 1, 1}, condition, NULL,
                                     NULL, 3, 0, &o, &r),
                NAX_EINVAL);
  assert_null(r);
  nax_rdms_free(whole);
  nax_source_close(s);
  free(x.x);
  free(c.x);
  free(condition);
  /* Places: the observations first in the file. */
  x = ref_load("in_X");
  c = ref_load("in_cond");
  condition = ref_integers(&c);
  nax_view v = nax_view_f64(x.x, 2, (nax_index[]){20, 48}), turned;
  assert_ok(nax_view_permute(NULL, &v, (int32_t[]){1, 0}, &turned));
  s = source_of("places.nc", &turned, (const char *[]){"trial", "channel"});
  nax_index index[12] = {3, 4, 5, 4, 5, 6, 19, 0, 1, 8, 9, 10},
            offset[5] = {0, 3, 6, 9, 12};
  const nax_rdm_places places = {offset, index, 4};
  assert_ok(nax_rdm_searchlight(NULL, &v, condition, NULL, NULL, &places, &o, &whole));
  for (size_t bytes = 0; bytes < 4000; bytes += 1600) { /* at least 4 channels of 48 */
    assert_ok(nax_rdm_searchlight_source(NULL, s, nax_source_find(s, "x"),
                                         (int32_t[]){1, 0}, condition, NULL, &places,
                                         bytes, &o, &r));
    assert_memory_equal(nax_rdms_vector(r, 0), nax_rdms_vector(whole, 0),
                        4 * 66 * sizeof(double));
    nax_rdms_free(r);
  }
  nax_rdms_free(whole);
  nax_source_close(s);
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
  /* In as many dimensions as are real, the squared lengths of the axes are the
   * eigenvalues that are not negative. */
  double all[12 * 11], length[12] = {0.0};
  assert_ok(nax_rdm_mds(NULL, 12, d.x, NAX_RDM_MDS_CLASSICAL, 11, NULL, all, NULL));
  for (int k = 0; k < 11; k++) {
    for (int i = 0; i < 12; i++) {
      length[k] += all[i + 12 * k] * all[i + 12 * k];
    }
  }
  ref eigen = ref_load("mds_classical_eig");
  for (int k = 0; k < 11; k++) { /* ascending or descending in the reference */
    double e = eigen.x[eigen.x[0] > eigen.x[11] ? k : 11 - k];
    assert_close(length[k], e > 0.0 ? e : 0.0, 1e-9, 1e-9);
  }
  free(eigen.x);
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
      cmocka_unit_test(equal_times_are_the_movie),
      cmocka_unit_test(two_times_are_compared_by_their_differences),
      cmocka_unit_test(parts_of_a_file_give_the_same_bits),
      cmocka_unit_test(neighbourhoods_agree_with_the_reference),
      cmocka_unit_test(searchlights_are_rdms_of_their_channels),
      cmocka_unit_test(points_agree_with_the_reference),
  };
  return cmocka_run_group_tests_name("rsa-places", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
