/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identification in windows of thresholds, and adaptive thresholds. */
#include "nax_test.h"
#include "trsa/identify_i.h"
#include "trsa_test.h"

static double
cell(const nax_dataset *d, const char *table, const char *column, nax_index row)
{
  const nax_table *t = nax_dataset_table(d, table);
  assert_non_null(t);
  const double *x = nax_table_numbers(t, nax_table_find(t, column));
  assert_non_null(x);
  return x[row];
}

static int64_t *
whole(const char *name, nax_index n)
{
  double *x = ref(name, n);
  int64_t *out = malloc((size_t)n * sizeof *out);
  for (nax_index i = 0; i < n; i++) {
    out[i] = (int64_t)x[i];
  }
  free(x);
  return out;
}

/* ------------------------------------------------------------------ reference */

enum { REAL = 63, IMAGES = 92, PAIRS = 4186 };

static void
layers_of_a_network_are_identified_as_the_reference_does(void **state)
{
  (void)state;
  double *d = ref("realA2020_rdms", REAL * PAIRS), *want = ref("realA2020_grid", 630);
  int64_t *layer = whole("realA2020_layer", REAL), *meas = whole("realA2020_meas", REAL);
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_trsa_identification s;
  nax_dataset *out;
  o.n_permutations = 0;
  assert_ok(nax_trsa_identify(NULL, IMAGES, REAL, d, meas, layer, &o, &s, &out));
  assert_int_equal(s.n_windows, 210);
  for (nax_index w = 0; w < 210; w++) {
    assert_close(cell(out, "windows", "lower", w), want[3 * w], 0.0, 1e-12);
    assert_close(cell(out, "windows", "upper", w), want[3 * w + 1], 0.0, 1e-12);
    assert_close(cell(out, "windows", "accuracy", w), want[3 * w + 2], 0.0, 1e-12);
  }
  assert_close(s.raw, 18.0 / 63.0, 0.0, 1e-12);    /* .286 */
  assert_close(s.ranked, 55.0 / 63.0, 0.0, 1e-12); /* .873 */
  assert_close(s.best, 58.0 / 63.0, 0.0, 1e-12);   /* .921 */
  assert_close(s.best_lower, 0.25, 0.0, 1e-12);
  assert_close(s.best_upper, 0.75, 0.0, 1e-12);
  assert_close(s.largest_label, 11.0 / 63.0, 0.0, 1e-12);
  /* the best window was chosen on what it was measured on; chosen elsewhere it is no
   * better than that */
  assert_true(s.nested <= s.best && s.nested > 0.8);
  nax_dataset_free(out);
  free(d);
  free(want);
  free(layer);
  free(meas);
}

/* Accuracy in the window with these thresholds. */
static double
in_window(const nax_dataset *d, double lower, double upper)
{
  const nax_table *t = nax_dataset_table(d, "windows");
  for (nax_index w = 0; w < nax_table_n_rows(t); w++) {
    if (fabs(cell(d, "windows", "lower", w) - lower) < 1e-9 &&
        fabs(cell(d, "windows", "upper", w) - upper) < 1e-9) {
      return cell(d, "windows", "accuracy", w);
    }
  }
  return NAN;
}

static void
layers_are_identified_from_geodesics_in_both_conventions(void **state)
{
  (void)state;
  double *d = ref("realA2020_rdms", REAL * PAIRS);
  int64_t *layer = whole("realA2020_layer", REAL), *meas = whole("realA2020_meas", REAL);
  static const double want[2][2] = {{.889, .619}, {.873, .730}};
  for (int c = 0; c < 2; c++) {
    nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
    nax_dataset *out;
    o.n_permutations = 0;
    o.steps = 5;
    o.statistic = NAX_TRSA_RGDM;
    o.zero_links = c == 0;
    assert_ok(nax_trsa_identify(NULL, IMAGES, REAL, d, meas, layer, &o, NULL, &out));
    assert_close(in_window(out, 0.0, 0.2), want[c][0], 0.0, 6e-4);
    assert_close(in_window(out, 0.4, 0.6), want[c][1], 0.0, 6e-4);
    nax_dataset_free(out);
  }
  free(d);
  free(layer);
  free(meas);
}

static void
the_published_grid_of_a_small_set_is_reproduced(void **state)
{
  (void)state;
  double *d = ref("in_id_rdms", 30 * 120), *grid = ref("id_acc_grid", 400);
  double *raw = ref("id_acc_rdm", 1);
  int64_t *subject = whole("in_id_subj", 30), *region = whole("in_id_roi", 30);
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_trsa_identification s;
  nax_dataset *out;
  o.n_permutations = 0;
  assert_ok(nax_trsa_identify(NULL, 16, 30, d, subject, region, &o, &s, &out));
  assert_close(s.raw, raw[0], 0.0, 1e-12);
  for (int i = 0; i < 20; i++) {
    for (int k = 0; k + i < 20; k++) { /* l = i / 20, u = 1 - k / 20 */
      assert_close(in_window(out, i / 20.0, 1.0 - k / 20.0), grid[20 * i + k], 0.0,
                   1e-12);
    }
  }
  nax_dataset_free(out);
  free(d);
  free(grid);
  free(raw);
  free(subject);
  free(region);
}

/* -------------------------------------------------------------------- oracles */

enum { N = 9, M = N * (N - 1) / 2, S = 4, L = 3, R = S * L };

/* RDMs of S groups and L labels: a pattern of each label, noise of `noise`, and values
 * rounded to `grain` (0: not), so that there are ties. */
static void
plant(double noise, double grain, uint64_t seed, double *d, int64_t *group,
      int64_t *label)
{
  double pattern[L][M];
  for (int l = 0; l < L; l++) {
    for (int i = 0; i < M; i++) {
      pattern[l][i] = nax_t_uniform(&seed);
    }
  }
  for (int r = 0; r < R; r++) {
    group[r] = 10 * (r / L);
    label[r] = 5 - r % L;
    for (int i = 0; i < M; i++) {
      double x = pattern[r % L][i] + noise * (nax_t_uniform(&seed) - 0.5);
      d[r * M + i] = grain > 0.0 ? floor(x / grain) * grain : x;
    }
  }
}

static void
inner_products_of_all_windows_are_those_of_the_transformed(void **state)
{
  (void)state;
  static const double grain[] = {0.0, 0.05, 0.5};
  double d[R * M], t[R * M];
  int64_t group[R], label[R];
  for (int g = 0; g < 3; g++) {
    plant(1.0, grain[g], 5, d, group, label);
    nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
    nax_i_id p = {.n = N, .m = M, .n_rdm = R};
    o.steps = 8;
    o.adjacency = 1; /* with equal thresholds too */
    assert_ok(nax_i_id_grams(NULL, "test", d, &o, &p));
    assert_int_equal(p.n_windows, 36 + 7);
    for (nax_index w = 0; w < p.n_windows; w++) {
      nax_trsa_opts q = NAX_TRSA_OPTS_INIT;
      q.lower = (double)p.lo[w] / 8.0;
      q.upper = (double)p.hi[w] / 8.0;
      assert_ok(nax_trsa_rgtm(NULL, N, R, d, &q, t));
      for (int a = 0; a < R; a++) {
        for (int b = 0; b < R; b++) {
          double want = 0.0;
          for (int i = 0; i < M; i++) {
            want += t[a * M + i] * t[b * M + i];
          }
          assert_close(p.gram[(w * R + a) * R + b], want, 1e-12, 1e-12);
        }
      }
    }
    nax_i_id_free(&p);
  }
}

static void
paths_in_windows_of_equal_thresholds_are_those_of_links_of_length_0(void **state)
{
  (void)state;
  double d[R * M], t[R * M];
  int64_t group[R], label[R];
  plant(1.0, 0.0, 6, d, group, label);
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_i_id p = {.n = N, .m = M, .n_rdm = R}, q = {.n = N, .m = M, .n_rdm = R};
  o.steps = 5;
  o.statistic = NAX_TRSA_RGDM;
  assert_ok(nax_i_id_grams(NULL, "test", d, &o, &q));
  o.adjacency = 1;
  assert_ok(nax_i_id_grams(NULL, "test", d, &o, &p));
  assert_int_equal(p.n_windows, 15 + 4);
  assert_memory_equal(p.gram, q.gram, 15 * R * R * sizeof *p.gram);
  for (nax_index w = 15; w < 19; w++) {
    nax_trsa_opts to = NAX_TRSA_OPTS_INIT;
    to.lower = to.upper = (double)p.lo[w] / 5.0;
    to.rank_paths = 1;
    assert_int_equal(p.lo[w], p.hi[w]);
    assert_ok(nax_trsa_rgdm(NULL, N, R, d, &to, t, NULL));
    for (int a = 0; a < R; a++) {
      for (int b = 0; b < R; b++) {
        double want = 0.0, mean[2] = {0.0, 0.0};
        for (int i = 0; i < M; i++) {
          mean[0] += t[a * M + i] / M;
          mean[1] += t[b * M + i] / M;
        }
        for (int i = 0; i < M; i++) {
          want += (t[a * M + i] - mean[0]) * (t[b * M + i] - mean[1]);
        }
        assert_close(p.gram[(w * R + a) * R + b], want, 1e-10, 1e-9);
      }
    }
  }
  nax_i_id_free(&p);
  nax_i_id_free(&q);
}

static void
standard_errors_are_those_of_groups(void **state)
{
  (void)state;
  double d[R * M];
  int64_t group[R], label[R];
  plant(1.0, 1.5, 7, d, group, label);
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_trsa_identification sum;
  nax_dataset *out = NULL;
  o.steps = 6;
  o.n_permutations = 0;
  assert_ok(nax_trsa_identify(NULL, N, R, d, group, label, &o, &sum, &out));
  const nax_table *t = nax_dataset_table(out, "rdms");
  const char *const column[] = {"given_raw", "given_ranked", "given_nested"};
  const double se[] = {sum.se_raw, sum.se_ranked, sum.se_nested};
  const double accuracy[] = {sum.raw, sum.ranked, sum.nested};
  for (int k = 0; k < 3; k++) {
    const double *given = nax_table_numbers(t, nax_table_find(t, column[k]));
    double square = 0.0;
    int groups = 0;
    for (int64_t g = -100; g < 100; g++) {
      double e = 0.0;
      int any = 0;
      for (int x = 0; x < R; x++) {
        any = any || group[x] == g;
        e += group[x] == g ? (given[x] == (double)label[x]) - accuracy[k] : 0.0;
      }
      square += e * e;
      groups += any;
    }
    assert_close(se[k], sqrt(square * groups / (groups - 1.0)) / R, 1e-12, 0);
  }
  assert_true(sum.se_best >= 0.0 && sum.se_ranked > 0.0);
  nax_dataset_free(out);
}

/* Label of RDM x by the nearest centroid over RDMs not in groups g and h. */
static int
centroid_oracle(const double *t, const int64_t *group, const int64_t *label, int x,
                int64_t g, int64_t h)
{
  double least = INFINITY;
  int best = -1;
  for (int64_t l = 3; l <= 5; l++) {
    double mean[M] = {0.0}, far = 0.0;
    int n = 0;
    for (int r = 0; r < R; r++) {
      if (label[r] == l && group[r] != g && group[r] != h) {
        n++;
        for (int i = 0; i < M; i++) {
          mean[i] += t[r * M + i];
        }
      }
    }
    for (int i = 0; i < M; i++) {
      double e = t[x * M + i] - mean[i] / n;
      far += e * e;
    }
    if (far < least) {
      least = far;
      best = (int)l;
    }
  }
  return best;
}

static void
the_nested_choice_is_that_of_an_oracle(void **state)
{
  (void)state;
  enum { K = 4, W = K * (K + 1) / 2 };
  for (uint64_t round = 0; round < 6; round++) {
    double d[R * M], t[W][R * M];
    int64_t group[R], label[R];
    plant(1.6, 0.0, 100 + round, d, group, label);
    nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
    nax_trsa_identification sum;
    nax_dataset *out;
    o.steps = K;
    o.n_permutations = 0;
    assert_ok(nax_trsa_identify(NULL, N, R, d, group, label, &o, &sum, &out));
    double lower[W], upper[W];
    int right = 0;
    for (int w = 0; w < W; w++) {
      nax_trsa_opts q = NAX_TRSA_OPTS_INIT;
      q.lower = lower[w] = cell(out, "windows", "lower", w);
      q.upper = upper[w] = cell(out, "windows", "upper", w);
      assert_ok(nax_trsa_rgtm(NULL, N, R, d, &q, t[w]));
    }
    for (int g = 0; g < S; g++) {
      int best = -1, best_right = -1;
      for (int w = 0; w < W; w++) {
        int inner = 0;
        for (int x = 0; x < R; x++) {
          if (group[x] != 10 * g) {
            inner += centroid_oracle(t[w], group, label, x, group[x], 10 * g) == label[x];
          }
        }
        double wide = upper[w] - lower[w];
        if (inner > best_right ||
            (inner == best_right && wide > upper[best] - lower[best] + 1e-9)) {
          best = w;
          best_right = inner;
        }
      }
      assert_close(cell(out, "groups", "nested_lower", g), lower[best], 0.0, 0.0);
      assert_close(cell(out, "groups", "nested_upper", g), upper[best], 0.0, 0.0);
      for (int x = 0; x < R; x++) {
        if (group[x] == 10 * g) {
          int given = centroid_oracle(t[best], group, label, x, group[x], -1);
          assert_close(cell(out, "rdms", "given_nested", x), given, 0.0, 0.0);
          right += given == label[x];
        }
      }
    }
    assert_close(sum.nested, (double)right / R, 0.0, 1e-12);
    nax_dataset_free(out);
  }
}

/* ---------------------------------------------------------------------- tests */

static void
labels_that_matter_are_significant(void **state)
{
  (void)state;
  double d[R * M];
  int64_t group[R], label[R];
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_trsa_identification s[2];
  nax_ctx *ctx;
  o.n_permutations = 199;
  o.steps = 5;
  plant(0.6, 0.0, 8, d, group, label);
  assert_ok(nax_ctx_create(&ctx));
  for (int threads = 1; threads <= 2; threads++) {
    nax_dataset *out;
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_trsa_identify(ctx, N, R, d, group, label, &o, &s[threads - 1], &out));
    nax_dataset_free(out);
  }
  assert_memory_equal(&s[0], &s[1], sizeof s[0]);
  assert_close(s[0].nested, 1.0, 0.0, 0.0);
  assert_true(s[0].p_ranked <= 0.01 && s[0].p_best <= 0.05 && s[0].p_nested <= 0.02);
  assert_true(s[0].p_raw >= 1.0 / 200.0 && s[0].p_nested_ranked <= 1.0);
  nax_ctx_free(ctx);
}

static void
labels_that_do_not_matter_are_significant_as_often_as_stated(void **state)
{
  (void)state;
  nax_t_long();
  enum { ROUNDS = 2000 };
  double d[R * M];
  int64_t group[R], label[R];
  int ranked = 0, best = 0, nested = 0;
  uint64_t seed = 12;
  for (int round = 0; round < ROUNDS; round++) {
    for (int r = 0; r < R; r++) {
      group[r] = r / L;
      label[r] = r % L;
      uint64_t own = (uint64_t)(round * S + r / L); /* groups differ, labels do not */
      for (int i = 0; i < M; i++) {
        d[r * M + i] = nax_t_uniform(&own) + 0.5 * nax_t_uniform(&seed);
      }
    }
    nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
    nax_trsa_identification s;
    nax_dataset *out;
    o.n_permutations = 99;
    o.steps = 5;
    o.seed = (uint64_t)round;
    assert_ok(nax_trsa_identify(NULL, N, R, d, group, label, &o, &s, &out));
    ranked += s.p_ranked <= 0.05;
    best += s.p_best <= 0.05;
    nested += s.p_nested <= 0.05;
    nax_dataset_free(out);
  }
  print_message("# of %d at 5 %%: ranked %d, best window %d, nested %d\n", ROUNDS, ranked,
                best, nested);
  /* at most 100 expected (accuracies have ties, which make the tests conservative),
   * standard deviation 9.7 */
  assert_in_range(ranked, 20, 134);
  assert_in_range(best, 20, 134);
  assert_in_range(nested, 20, 134);
}

static void
missing_pairs_are_left_out_of_all_and_told(void **state)
{
  (void)state;
  double d[R * M];
  int64_t group[R], label[R];
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_trsa_identification s;
  nax_ctx *ctx;
  o.n_permutations = 0;
  o.steps = 4;
  plant(0.4, 0.0, 3, d, group, label);
  d[5] = d[3 * M + 7] = NAN;
  assert_ok(nax_ctx_create(&ctx));
  for (int statistic = NAX_TRSA_RGTM; statistic <= NAX_TRSA_RGDM; statistic++) {
    nax_dataset *out;
    o.statistic = statistic;
    assert_ok(nax_trsa_identify(ctx, N, R, d, group, label, &o, &s, &out));
    assert_true(s.ranked > 0.9);
    nax_dataset_free(out);
  }
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "trsa.missing-pairs");
  nax_ctx_free(ctx);
}

static void
what_cannot_be_identified_is_refused(void **state)
{
  (void)state;
  double d[R * M];
  int64_t group[R], label[R], same[R] = {0};
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_trsa_identification s;
  nax_dataset *out;
  o.n_permutations = 19;
  o.steps = 3;
  plant(0.4, 0.0, 3, d, group, label);
  assert_fails(nax_trsa_identify(NULL, N, R, d, same, label, &o, NULL, &out), NAX_EDATA,
               "at least 2 groups");
  assert_null(out);
  assert_fails(nax_trsa_identify(NULL, N, R, d, group, same, &o, NULL, &out), NAX_EDATA,
               "at least 2 labels");
  assert_fails(nax_trsa_identify(NULL, 3, R, d, group, label, &o, NULL, &out), NAX_EDIM,
               "at least 4 conditions");
  for (int i = 0; i < M; i++) {
    d[2 * M + i] = 1.0;
  }
  assert_fails(nax_trsa_identify(NULL, N, R, d, group, label, &o, NULL, &out), NAX_EDATA,
               "RDM 2");
  /* two groups: no nested choice, and it is said; too few arrangements likewise */
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  plant(0.4, 0.0, 3, d, group, label);
  assert_ok(nax_trsa_identify(ctx, N, 4, d, (int64_t[]){1, 1, 2, 2},
                              (int64_t[]){1, 2, 1, 2}, &o, &s, &out));
  assert_true(isnan(s.nested) && isnan(s.p_nested) && s.p_ranked >= 0.05);
  assert_int_equal(nax_ctx_n_warnings(ctx), 2);
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "trsa.two-groups");
  assert_string_equal(nax_ctx_warning(ctx, 1).id, "trsa.few-arrangements");
  nax_dataset_free(out);
  nax_ctx_free(ctx);
}

static void
failing_memory_leaves_nothing_behind(void **state)
{
  (void)state;
  double d[R * M], map[9];
  int64_t group[R], label[R];
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  nax_dataset *out;
  size_t bytes = 0;
  o.n_permutations = 2;
  o.steps = 2;
  plant(0.4, 0.0, 3, d, group, label);
  assert_ok(nax_trsa_identify_memory(NULL, N, R, &o, &bytes));
  assert_true(bytes > 3 * R * R * sizeof(double));
  NAX_T_SWEEP_ALLOC(nax_trsa_identify(NULL, N, R, d, group, label, &o, NULL, &out), out,
                    nax_dataset_free(out), 1000);
  o.statistic = NAX_TRSA_RGDM;
  NAX_T_SWEEP_ALLOC(nax_trsa_identify(NULL, N, R, d, group, label, &o, NULL, &out), out,
                    nax_dataset_free(out), 1000);
  nax_trsa_agtic_opts a = NAX_TRSA_AGTIC_OPTS_INIT;
  nax_trsa_agtic_result r;
  double *none = NULL;
  a.levels = 3;
  a.n_permutations = 2;
  for (int i = 0; i < 2 * M; i++) {
    d[i] = fabs(d[i]);
  }
  NAX_T_SWEEP_ALLOC(nax_trsa_agtic(NULL, N, d, d + M, &a, map, &r), none, (void)0, 200);
}

/* ------------------------------------------------------------ adaptive windows */

static void
distances(const double *x, int n, int k, double *d)
{
  for (int i = 0; i < n; i++) {
    for (int j = i + 1; j < n; j++) {
      double s = 0.0;
      for (int c = 0; c < k; c++) {
        s += (x[i * k + c] - x[j * k + c]) * (x[i * k + c] - x[j * k + c]);
      }
      *d++ = sqrt(s);
    }
  }
}

static void
the_map_of_distance_correlations_agrees_with_the_reference(void **state)
{
  (void)state;
  enum { K = 40, P = K * (K - 1) / 2 };
  double *a = ref("in_rep_A", K * 7), *b = ref("in_rep_B", K * 5);
  double *want = ref("agtic_map", 225), *dcor = ref("dcor", 1);
  double x[P], y[P], map[225];
  nax_trsa_agtic_opts o = NAX_TRSA_AGTIC_OPTS_INIT;
  nax_trsa_agtic_result r;
  distances(a, K, 7, x);
  distances(b, K, 5, y);
  o.n_permutations = 99;
  assert_ok(nax_trsa_agtic(NULL, K, x, y, &o, map, &r));
  assert_int_equal(r.n_windows, 15);
  assert_all_close(map, want, 225, 0.0, 1e-10);
  assert_close(r.plain, dcor[0], 0.0, 1e-10);
  assert_close(r.max, want[0], 0.0, 1e-10); /* both windows from 0 to the first level */
  assert_close(r.x_lower, 0.0, 0.0, 0.0);
  assert_close(r.x_upper, 0.2, 0.0, 1e-15);
  assert_true(r.p_plain >= 0.01 && r.p_max <= 1.0 && r.standardised > 0.0);
  free(a);
  free(b);
  free(want);
  free(dcor);
}

static void
dependence_in_a_window_is_found_and_independence_is_not(void **state)
{
  (void)state;
  enum { K = 30, P = K * (K - 1) / 2, ROUNDS = 40 };
  double u[K], v[K], w[K], x[P], y[P], z[P];
  uint64_t seed = 6;
  int hits = 0;
  nax_trsa_agtic_opts o = NAX_TRSA_AGTIC_OPTS_INIT;
  nax_trsa_agtic_result r;
  o.n_permutations = 39;
  o.levels = 4;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < K; i++) {
      u[i] = nax_t_uniform(&seed);
      v[i] = u[i] * u[i] + 0.02 * nax_t_uniform(&seed);
      w[i] = nax_t_uniform(&seed);
    }
    distances(u, K, 1, x);
    distances(v, K, 1, y);
    distances(w, K, 1, z);
    o.quantiles = round % 2;
    o.hard = round % 4 > 1;
    o.seed = (uint64_t)round;
    assert_ok(nax_trsa_agtic(NULL, K, x, y, &o, NULL, &r));
    assert_close(r.p_max, 1.0 / 40.0, 0.0, 1e-12);
    assert_ok(nax_trsa_agtic(NULL, K, x, z, &o, NULL, &r));
    hits += r.p_max <= 0.05;
  }
  assert_true(hits <= 7); /* 2 expected; more have probability 0.001 */
}

static void
what_is_no_distance_is_refused(void **state)
{
  (void)state;
  double x[6] = {1, 2, 3, 4, 5, 6}, y[6] = {1, 1, 1, 1, 1, 1};
  nax_trsa_agtic_result r;
  assert_fails(nax_trsa_agtic(NULL, 4, x, y, NULL, NULL, &r), NAX_EDATA, "no two");
  y[2] = -1.0;
  assert_fails(nax_trsa_agtic(NULL, 4, x, y, NULL, NULL, &r), NAX_EDATA, "`y`");
  y[2] = NAN;
  y[3] = 3;
  assert_fails(nax_trsa_agtic(NULL, 4, x, y, NULL, NULL, &r), NAX_EDATA, "pair 2");
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layers_of_a_network_are_identified_as_the_reference_does),
      cmocka_unit_test(layers_are_identified_from_geodesics_in_both_conventions),
      cmocka_unit_test(the_published_grid_of_a_small_set_is_reproduced),
      cmocka_unit_test(inner_products_of_all_windows_are_those_of_the_transformed),
      cmocka_unit_test(
          paths_in_windows_of_equal_thresholds_are_those_of_links_of_length_0),
      cmocka_unit_test(standard_errors_are_those_of_groups),
      cmocka_unit_test(the_nested_choice_is_that_of_an_oracle),
      cmocka_unit_test(labels_that_matter_are_significant),
      cmocka_unit_test(labels_that_do_not_matter_are_significant_as_often_as_stated),
      cmocka_unit_test(missing_pairs_are_left_out_of_all_and_told),
      cmocka_unit_test(what_cannot_be_identified_is_refused),
      cmocka_unit_test(failing_memory_leaves_nothing_behind),
      cmocka_unit_test(the_map_of_distance_correlations_agrees_with_the_reference),
      cmocka_unit_test(dependence_in_a_window_is_found_and_independence_is_not),
      cmocka_unit_test(what_is_no_distance_is_refused),
  };
  return cmocka_run_group_tests_name("trsa-identify", tests, NULL, NULL);
}
