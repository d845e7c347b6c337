/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geo-topological transforms and geodesics: reference numbers, definitions, refusals. */
#include "nax_test.h"
#include "trsa/trsa_i.h"
#include "trsa_test.h"

enum { N = 12, M = 66, R = 6 };

static void
geo_topological_matrices_agree_with_the_reference(void **state)
{
  (void)state;
  static const double at[][2] = {{0, 1},  {.2, .8}, {.2, .6}, {.4, .6},
                                 {0, .2}, {.8, 1},  {.5, .55}};
  static const char *const name[] = {"0.0_1.0", "0.2_0.8", "0.2_0.6", "0.4_0.6",
                                     "0.0_0.2", "0.8_1.0", "0.5_0.55"};
  for (int ties = 0; ties < 2; ties++) {
    double *d = ref(ties ? "in_R1_ties" : "in_R1", R * M), out[R * M];
    for (size_t i = 0; i < 7; i++) {
      char file[64];
      snprintf(file, sizeof file, "trsa_gt_%s%s", ties ? "ties_" : "", name[i]);
      double *want = ref(file, R * M);
      nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
      o.lower = at[i][0];
      o.upper = at[i][1];
      assert_ok(nax_trsa_rgtm(NULL, N, R, d, &o, out));
      for (int k = 0; k < R * M; k++) {
        if (isnan(want[k])) {
          /* equal thresholds, where the published program divides 0 by 0 */
          assert_true(ties && (out[k] == 0.0 || out[k] == 1.0));
        } else {
          assert_close(out[k], want[k], 0.0, 1e-10);
        }
      }
      free(want);
    }
    free(d);
  }
}

static void
the_sigmoid_and_pooled_thresholds_agree_with_the_reference(void **state)
{
  (void)state;
  double *d = ref("in_R1", R * M), out[R * M];
  double *sigmoid = ref("trsa_gt_sigmoid_10_05", R * M);
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  o.shape = NAX_TRSA_SIGMOID;
  assert_ok(nax_trsa_rgtm(NULL, N, R, d, &o, out));
  assert_all_close(out, sigmoid, R * M, 0.0, 1e-10);
  double *pooled = ref("tr_geotopo_rsatoolbox_02_06", R * M);
  o = (nax_trsa_opts)NAX_TRSA_OPTS_INIT;
  o.convention = NAX_TRSA_RSATOOLBOX;
  o.lower = 0.2;
  o.upper = 0.6;
  assert_ok(nax_trsa_rgtm(NULL, N, R, d, &o, out));
  assert_all_close(out, pooled, R * M, 0.0, 1e-10);
  double *paths = ref("tr_geodesic_rsatoolbox", R * M);
  o.lower = 0.0;
  o.upper = 1.0;
  assert_ok(nax_trsa_rgdm(NULL, N, R, d, &o, out, NULL));
  assert_all_close(out, paths, R * M, 0.0, 1e-10);
  free(d);
  free(sigmoid);
  free(pooled);
  free(paths);
}

static void
geodesic_matrices_agree_with_the_reference_in_both_conventions(void **state)
{
  (void)state;
  static const double at[][2] = {{.2, .6}, {0, .3}, {0, .15}, {.1, .4}};
  static const char *const name[] = {"0.2_0.6", "0.0_0.3", "0.0_0.15", "0.1_0.4"};
  double *d = ref("in_R1", R * M), out[R * M];
  for (size_t i = 0; i < 4; i++) {
    char file[64];
    nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
    o.lower = at[i][0];
    o.upper = at[i][1];
    snprintf(file, sizeof file, "trsa_rgdm_proper_%s", name[i]);
    double *want = ref(file, R * M);
    assert_ok(nax_trsa_rgdm(NULL, N, R, d, &o, out, NULL));
    assert_all_close(out, want, R * M, 0.0, 1e-10);
    free(want);
    o.convention = NAX_TRSA_PUBLISHED;
    snprintf(file, sizeof file, "trsa_rgdm_public_%s", name[i]);
    want = ref(file, R * M);
    assert_ok(nax_trsa_rgdm(NULL, N, R, d, &o, out, NULL));
    assert_all_close(out, want, R * M, 0.0, 1e-10);
    free(want);
    o.rank_paths = 1;
    snprintf(file, sizeof file, "trsa_rgdm_public_rank_%s", name[i]);
    want = ref(file, R * M);
    assert_ok(nax_trsa_rgdm(NULL, N, R, d, &o, out, NULL));
    assert_all_close(out, want, R * M, 0.0, 1e-10);
    free(want);
  }
  free(d);
}

static void
neighbourhood_graphs_agree_with_the_published_ones(void **state)
{
  (void)state;
  static const char *const name[] = {"pshortest_0.1", "pshortest_0.3", "pshortest_0.5",
                                     "pnearest_0.1",  "pnearest_0.3",  "pnearest_0.5",
                                     "knearest_1",    "knearest_3",    "knearest_5"};
  double *d = ref("in_R1", R * M), out[R * M];
  for (int i = 0; i < 9; i++) {
    char file[64];
    nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
    o.convention = NAX_TRSA_PUBLISHED;
    o.graph = i < 3 ? NAX_TRSA_SHORTEST : NAX_TRSA_NEAREST;
    o.share = 0.1 + 0.2 * (i % 3);
    o.neighbours = i < 6 ? 0 : 1 + 2 * (i % 3);
    snprintf(file, sizeof file, "trsa_rgdm_%s", name[i]);
    double *want = ref(file, R * M);
    assert_ok(nax_trsa_rgdm(NULL, N, R, d, &o, out, NULL));
    assert_all_close(out, want, R * M, 0.0, 1e-10);
    free(want);
  }
  free(d);
}

/* --------------------------------------------------------------- against oracles */

static nax_index
at(nax_index n, nax_index i, nax_index j)
{
  return i < j ? nax_i_rdm_at(n, i, j) : nax_i_rdm_at(n, j, i);
}

/* Bellman and Ford's rounds from every node. */
static void
oracle(nax_index n, const double *w, double *out)
{
  double *dist = malloc((size_t)n * sizeof *dist);
  for (nax_index s = 0; s < n; s++) {
    for (nax_index i = 0; i < n; i++) {
      dist[i] = i == s ? 0.0 : (double)INFINITY;
    }
    for (int changed = 1; changed;) {
      changed = 0;
      for (nax_index i = 0; i < n; i++) {
        for (nax_index j = 0; j < n; j++) {
          if (i != j && dist[i] + w[at(n, i, j)] < dist[j]) {
            dist[j] = dist[i] + w[at(n, i, j)];
            changed = 1;
          }
        }
      }
    }
    for (nax_index i = s + 1; i < n; i++) {
      out[at(n, s, i)] = dist[i];
    }
  }
  free(dist);
}

static void
shortest_paths_equal_those_of_an_oracle(void **state)
{
  (void)state;
  uint64_t seed = 3;
  /* beyond the size from which the matrix is worked on by blocks, and below */
  for (int round = 0; round < 24; round++) {
    nax_index n = round < 20 ? 4 + (nax_index)(nax_t_uniform(&seed) * 90.0)
                             : 129 + 37 * (round - 20);
    nax_index m = n * (n - 1) / 2;
    double *w = malloc((size_t)m * sizeof *w), *want = malloc((size_t)m * sizeof *w);
    double *out = malloc((size_t)m * sizeof *w), density = nax_t_uniform(&seed) * 0.4;
    for (nax_index i = 0; i < m; i++) {
      double u = nax_t_uniform(&seed);
      w[i] = u < density ? floor(u * 40.0) : (double)INFINITY; /* ties and zeros */
    }
    oracle(n, w, want);
    assert_ok(nax_trsa_geodesics(NULL, n, w, out));
    assert_all_close(out, want, m, 1e-14, 0.0);
    free(w);
    free(want);
    free(out);
  }
}

static void
the_sweep_gives_the_geodesics_of_each_threshold(void **state)
{
  (void)state;
  uint64_t seed = 11;
  for (int round = 0; round < 12; round++) {
    nax_index n = 6 + 7 * round, m = n * (n - 1) / 2;
    double upper[5], lower = round % 3 == 0 ? 0.0 : 0.15;
    double *d = malloc((size_t)m * sizeof *d), *w = malloc((size_t)m * sizeof *d);
    double *out = malloc((size_t)(5 * m) * sizeof *d);
    double *one = malloc((size_t)m * sizeof *d);
    for (nax_index i = 0; i < m; i++) {
      double u = nax_t_uniform(&seed);
      d[i] = round % 2 ? u : floor(20.0 * u) / 20.0;
      d[i] = u > 0.97 ? (double)NAN : d[i];
    }
    for (int u = 0; u < 5; u++) {
      upper[u] = lower + 0.2 * (u + 1) * (1.0 - lower);
    }
    assert_ok(nax_trsa_geodesic_sweep(NULL, n, d, lower, 5, upper, out));
    for (int u = 0; u < 5; u++) {
      for (nax_index i = 0; i < m; i++) {
        double x = (d[i] - lower) / (upper[u] - lower);
        w[i] = d[i] < upper[u] ? (x > 0.0 ? x : 0.0) : (double)INFINITY;
      }
      assert_ok(nax_trsa_geodesics(NULL, n, w, one));
      assert_all_close(out + u * m, one, m, 1e-13, 1e-14);
    }
    free(d);
    free(w);
    free(out);
    free(one);
  }
}

static void
geodesics_are_a_metric_not_longer_than_the_links(void **state)
{
  (void)state;
  enum { K = 30, P = K * (K - 1) / 2 };
  double d[P], g[P], w[P];
  uint64_t seed = 5;
  for (int i = 0; i < P; i++) {
    d[i] = nax_t_uniform(&seed);
  }
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  o.lower = 0.05;
  o.upper = 0.5;
  nax_index apart = -1;
  assert_ok(nax_trsa_rgtm(NULL, K, 1, d, &o, w));
  assert_ok(nax_trsa_rgdm(NULL, K, 1, d, &o, g, &apart));
  assert_int_equal(apart, 0);
  for (nax_index i = 0; i < K; i++) {
    for (nax_index j = 0; j < K; j++) {
      for (nax_index k = 0; k < K; k++) {
        if (i != j && j != k && i != k) {
          assert_true(g[at(K, i, k)] <= g[at(K, i, j)] + g[at(K, j, k)] + 1e-12);
        }
      }
    }
  }
  for (int i = 0; i < P; i++) {
    assert_true(w[i] >= 1.0 || g[i] <= w[i]);
  }
}

static void
the_order_of_conditions_does_not_matter(void **state)
{
  (void)state;
  enum { K = 25, P = K * (K - 1) / 2 };
  double d[P], e[P], g[P], h[P];
  nax_index order[K];
  uint64_t seed = 17;
  for (int i = 0; i < P; i++) {
    d[i] = floor(nax_t_uniform(&seed) * 50.0); /* with ties */
  }
  assert_ok(nax_stats_permutation(NULL, 1, 1, K, order));
  for (nax_index i = 0; i < K; i++) {
    for (nax_index j = i + 1; j < K; j++) {
      e[at(K, i, j)] = d[at(K, order[i], order[j])];
    }
  }
  for (int graph = NAX_TRSA_WINDOW; graph <= NAX_TRSA_MUTUAL; graph++) {
    nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
    o.graph = graph;
    o.lower = 0.1;
    o.upper = 0.4;
    o.neighbours = 4;
    assert_ok(nax_trsa_rgdm(NULL, K, 1, d, &o, g, NULL));
    assert_ok(nax_trsa_rgdm(NULL, K, 1, e, &o, h, NULL));
    for (nax_index i = 0; i < K; i++) {
      for (nax_index j = i + 1; j < K; j++) {
        assert_close(h[at(K, i, j)], g[at(K, order[i], order[j])], 1e-13, 1e-14);
      }
    }
  }
}

static void
missing_pairs_stay_missing_and_are_no_links(void **state)
{
  (void)state;
  double d[6] = {1, NAN, 3, 2, 5, NAN}, out[6];
  assert_ok(nax_trsa_rgtm(NULL, 4, 1, d, NULL, out));
  assert_all_close(out, ((double[]){0, NAN, 2.0 / 3, 1.0 / 3, 1, NAN}), 6, 0.0, 1e-14);
  /* 0-1 merge; 1-2 and 0-3 are links; the largest is none */
  assert_ok(nax_trsa_rgdm(NULL, 4, 1, d, NULL, out, NULL));
  assert_all_close(out, ((double[]){0, 1.0 / 3, 2.0 / 3, 1.0 / 3, 2.0 / 3, 1}), 6, 0.0,
                   1e-14);
}

static void
equal_thresholds_give_the_adjacency_matrix(void **state)
{
  (void)state;
  double d[6] = {1, 2, 3, 4, 5, 6}, out[6];
  nax_index apart = 0;
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  o.lower = o.upper = 0.4; /* the third of six values */
  assert_ok(nax_trsa_rgtm(NULL, 4, 1, d, &o, out));
  assert_all_close(out, ((double[]){0, 0, 0, 1, 1, 1}), 6, 0.0, 0.0);
  o.lower = o.upper = 0.2;
  assert_ok(nax_trsa_rgdm(NULL, 4, 1, d, &o, out, &apart));
  assert_int_equal(apart, 3); /* 0, 1, 2 are one, 3 is apart */
  assert_all_close(out, ((double[]){0, 0, INFINITY, 0, INFINITY, INFINITY}), 6, 0.0, 0.0);
}

static void
what_cannot_be_transformed_is_refused(void **state)
{
  (void)state;
  double d[12] = {1, 2, 3, 4, 5, 6, 2, 2, 2, 2, 2, 2}, out[12];
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  assert_fails(nax_trsa_rgtm(NULL, 3, 1, d, NULL, out), NAX_EDIM, "at least 4");
  assert_fails(nax_trsa_rgtm(NULL, 4, 2, d, NULL, out), NAX_EDATA, "RDM 1 has no");
  assert_fails(nax_trsa_rgdm(NULL, 4, 2, d, NULL, out, NULL), NAX_EDATA, "RDM 1");
  d[7] = INFINITY;
  assert_fails(nax_trsa_rgtm(NULL, 4, 2, d, NULL, out), NAX_EDATA, "pair 1 of RDM 1");
  o.lower = 0.7;
  o.upper = 0.5;
  assert_fails(nax_trsa_rgtm(NULL, 4, 1, d, &o, out), NAX_EINVAL, "`lower`");
  o = (nax_trsa_opts)NAX_TRSA_OPTS_INIT;
  o.graph = NAX_TRSA_NEAREST;
  assert_fails(nax_trsa_rgdm(NULL, 4, 1, d, &o, out, NULL), NAX_EINVAL, "no neighbour");
  d[0] = -1.0;
  assert_fails(nax_trsa_geodesics(NULL, 4, d, out), NAX_EDATA, "0, 1");
  assert_fails(nax_trsa_geodesic_sweep(NULL, 4, d, 0.5, 2, (double[]){1, 0.7}, out),
               NAX_EINVAL, "ascend");
}

static void
threads_and_failing_memory_change_nothing(void **state)
{
  (void)state;
  enum { K = 20, P = K * (K - 1) / 2, S = 7 };
  double d[P * S], one[P * S], two[P * S], *none = NULL;
  uint64_t seed = 23;
  for (int i = 0; i < P * S; i++) {
    d[i] = nax_t_uniform(&seed);
  }
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  o.upper = 0.3;
  for (int threads = 1; threads <= 2; threads++) {
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_trsa_rgdm(ctx, K, S, d, &o, threads == 1 ? one : two, NULL));
  }
  assert_memory_equal(one, two, sizeof one);
  nax_ctx_free(ctx);
  NAX_T_SWEEP_ALLOC(nax_trsa_rgdm(NULL, K, 2, d, &o, one, NULL), none, (void)0, 100);
  NAX_T_SWEEP_ALLOC(nax_trsa_rgtm(NULL, K, 2, d, &o, one), none, (void)0, 100);
  NAX_T_SWEEP_ALLOC(nax_trsa_geodesics(NULL, K, d, one), none, (void)0, 100);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(geo_topological_matrices_agree_with_the_reference),
      cmocka_unit_test(the_sigmoid_and_pooled_thresholds_agree_with_the_reference),
      cmocka_unit_test(geodesic_matrices_agree_with_the_reference_in_both_conventions),
      cmocka_unit_test(neighbourhood_graphs_agree_with_the_published_ones),
      cmocka_unit_test(shortest_paths_equal_those_of_an_oracle),
      cmocka_unit_test(the_sweep_gives_the_geodesics_of_each_threshold),
      cmocka_unit_test(geodesics_are_a_metric_not_longer_than_the_links),
      cmocka_unit_test(the_order_of_conditions_does_not_matter),
      cmocka_unit_test(missing_pairs_stay_missing_and_are_no_links),
      cmocka_unit_test(equal_thresholds_give_the_adjacency_matrix),
      cmocka_unit_test(what_cannot_be_transformed_is_refused),
      cmocka_unit_test(threads_and_failing_memory_change_nothing),
  };
  return cmocka_run_group_tests_name("trsa", tests, NULL, NULL);
}
