/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that look at single trials and items: surrogates against all that there are,
 * sentences, pairs, tapers. */
#include "nax_test.h"
#include "uniform.h"
#include "freqtag/fit_i.h"

static double
normal(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  return r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(seed));
}

static void
fill(nax_index n, nax_c64 *z, uint64_t seed)
{
  for (nax_index i = 0; i < n; i++) {
    z[i] = (nax_c64){normal(&seed), normal(&seed)};
  }
}

/* ----------------------------------------------------- against all surrogates */

/* -ln p of T2circ with every second half of 2m trials as the control. */
static double
all_exchanges(nax_index n, nax_index m, const nax_c64 *z)
{
  nax_index reach = 0, all = 0;
  double seen = -1.0;
  for (int pass = 0; pass < 2; pass++) {
    for (unsigned set = 0; set < 1U << n; set++) {
      nax_c64 part[2][16];
      nax_index size[2] = {0, 0};
      for (nax_index i = 0; i < n; i++) {
        int second = set >> i & 1U;
        part[second][size[second]++] = z[i];
      }
      if (size[1] != m) {
        continue;
      }
      nax_freqtag_moments a = nax_freqtag_moments_of(size[0], part[0]);
      nax_freqtag_moments b = nax_freqtag_moments_of(size[1], part[1]);
      double t = -nax_freqtag_t2circ_two(&a, &b).log_p;
      if (pass == 0) {
        /* the last m are the control */
        seen = set == (1U << n) - (1U << (n - m)) ? t : seen;
      } else {
        all++;
        reach += t >= seen * (1.0 - 1e-9);
      }
    }
  }
  return (double)reach / (double)all;
}

static void
labels_are_exchanged(void **state)
{
  (void)state;
  enum { N = 9, M = 4, DRAWS = 20000, SERIES = 40 };
  nax_c64 z[N * SERIES];
  double t[SERIES], p[SERIES];
  fill(N * SERIES, z, 3);
  for (int i = 5; i < N; i++) {
    z[i].re += 2.0; /* the first series differs */
  }
  z[N + 2].re = (double)NAN; /* the second lacks a trial */
  nax_freqtag_surrogate_spec s = {.n = N,
                                  .n_control = M,
                                  .n_lines = 1,
                                  .rate = 1.0,
                                  .kind = NAX_FREQTAG_NULL_LABEL,
                                  .n_surrogates = DRAWS,
                                  .seed = 7};
  assert_ok(nax_freqtag_surrogates(NULL, &s, SERIES, z, t, p, NULL));
  for (int u = 0; u < SERIES; u++) {
    nax_c64 y[N];
    nax_index n = 0;
    for (int i = 0; i < N; i++) {
      if (!isnan(z[i + N * u].re)) {
        y[n++] = z[i + N * u];
      }
    }
    nax_freqtag_moments a = nax_freqtag_moments_of(n - M, y);
    nax_freqtag_moments b = nax_freqtag_moments_of(M, y + n - M);
    double want = all_exchanges(n, M, y);
    assert_close(t[u], -nax_freqtag_t2circ_two(&a, &b).log_p, 1e-10, 1e-12);
    assert_close(p[u], want, 0.0, 4.0 * sqrt(want / DRAWS) + 1e-4);
  }
  assert_true(p[0] < 0.05);
}

static void
signs_are_flipped(void **state)
{
  (void)state;
  enum { N = 8, DRAWS = 20000, SERIES = 70 };
  nax_c64 z[N * SERIES];
  double t[SERIES], p[SERIES];
  fill(N * SERIES, z, 5);
  nax_freqtag_surrogate_spec s = {.n = N,
                                  .n_lines = 1,
                                  .rate = 1.0,
                                  .kind = NAX_FREQTAG_NULL_SIGN,
                                  .n_surrogates = DRAWS,
                                  .seed = 1};
  assert_ok(nax_freqtag_surrogates(NULL, &s, SERIES, z, t, p, NULL));
  for (int u = 0; u < SERIES; u++) {
    static const nax_c64 zero = {0.0, 0.0};
    nax_index reach = 0;
    for (unsigned set = 0; set < 1U << N; set++) {
      nax_c64 y[N];
      for (int i = 0; i < N; i++) {
        double sign = set >> i & 1U ? -1.0 : 1.0;
        y[i] = (nax_c64){sign * z[i + N * u].re, sign * z[i + N * u].im};
      }
      nax_freqtag_moments m = nax_freqtag_moments_of(N, y);
      reach += -nax_freqtag_t2circ(&m, zero).log_p >= t[u] * (1.0 - 1e-9);
    }
    assert_true(reach >= 2); /* as they are, and all flipped */
    double want = (double)reach / (1U << N);
    assert_close(p[u], want, 0.0, 4.0 * sqrt(want / DRAWS) + 1e-4);
  }
}

static void
turned_phases_are_those_of_rayleigh(void **state)
{
  (void)state;
  enum { N = 10, DRAWS = 20000, SERIES = 33 };
  nax_c64 z[N * SERIES];
  double t[SERIES], p[SERIES];
  fill(N * SERIES, z, 6);
  double f[1] = {3.0};
  nax_freqtag_surrogate_spec s = {.n = N,
                                  .n_lines = 1,
                                  .freqs = f,
                                  .rate = 64.0,
                                  .kind = NAX_FREQTAG_NULL_PHASE,
                                  .normalised = 1,
                                  .n_surrogates = DRAWS,
                                  .seed = 2};
  assert_ok(nax_freqtag_surrogates(NULL, &s, SERIES, z, t, p, NULL));
  for (int u = 0; u < SERIES; u++) {
    nax_freqtag_moments m = nax_freqtag_moments_of(N, z + N * u);
    nax_freqtag_test r = nax_freqtag_rayleigh(N, nax_freqtag_power_of(&m).itpc,
                                              NAX_FREQTAG_RAYLEIGH_EXACT);
    assert_close(t[u], r.statistic, 1e-10, 0.0);
    assert_close(p[u], r.p, 0.0, 4.0 * sqrt(r.p / DRAWS) + 1e-4);
  }
  /* real coefficients are not turned but change their sign */
  f[0] = 32.0;
  for (int i = 0; i < N * SERIES; i++) {
    z[i].im = 0.0;
  }
  assert_ok(nax_freqtag_surrogates(NULL, &s, SERIES, z, t, p, NULL));
  for (int u = 0; u < SERIES; u++) {
    nax_freqtag_moments m = nax_freqtag_moments_of(N, z + N * u);
    double want = nax_freqtag_real_sign(&m).p;
    assert_close(p[u], want, 0.0, 4.0 * sqrt(want / DRAWS) + 1e-4);
  }
}

/* A circular shift of the samples is a turn of the coefficient, of a harmonic by the same
 * time. */
static void
shifts_keep_harmonics_together(void **state)
{
  (void)state;
  enum { N = 6, T = 32, DRAWS = 3000 };
  double x[T * N], p = 0.0, t = 0.0, f[2] = {2.0, 4.0};
  nax_c64 z[2 * N], y[2 * N];
  uint64_t seed = 11;
  for (int i = 0; i < T * N; i++) {
    x[i] = normal(&seed) + 0.4 * cos(2.0 * NAX_I_FT_PI * 2.0 * (i % T) / T);
  }
  nax_view v = {.data = x, .dtype = NAX_F64, .ndim = 3, .dim = {1, T, N}};
  v.stride[0] = T * N;
  v.stride[1] = 1;
  v.stride[2] = T;
  nax_freqtag_spec spec = {
      .n_units = 1, .n_samples = T, .rate = T, .n_freqs = 2, .freqs = f};
  assert_ok(nax_freqtag_coefficients(NULL, &spec, &v, z));
  for (int i = 0; i < N; i++) {
    for (int h = 0; h < 2; h++) {
      y[i + N * h] = z[h + 2 * i];
    }
  }
  nax_freqtag_surrogate_spec s = {.n = N,
                                  .n_lines = 2,
                                  .freqs = f,
                                  .rate = T,
                                  .n_samples = T,
                                  .kind = NAX_FREQTAG_NULL_SHIFT,
                                  .n_surrogates = DRAWS,
                                  .seed = 4};
  assert_ok(nax_freqtag_surrogates(NULL, &s, 1, y, &t, &p, NULL));
  /* the same by shifting the samples */
  static const nax_c64 zero = {0.0, 0.0};
  nax_index reach = 0;
  double seen = 0.0;
  for (int r = 0; r <= DRAWS; r++) {
    double moved[T * N], value = 0.0;
    for (int i = 0; i < N; i++) {
      int by = r == 0 ? 0 : (int)(nax_t_uniform(&seed) * T);
      for (int k = 0; k < T; k++) {
        moved[(k + by) % T + T * i] = x[k + T * i];
      }
    }
    v.data = moved;
    assert_ok(nax_freqtag_coefficients(NULL, &spec, &v, z));
    for (int h = 0; h < 2; h++) {
      nax_c64 one[N];
      for (int i = 0; i < N; i++) {
        one[i] = z[h + 2 * i];
      }
      nax_freqtag_moments m = nax_freqtag_moments_of(N, one);
      value -= nax_freqtag_t2circ(&m, zero).log_p;
    }
    seen = r == 0 ? value : seen;
    reach += r > 0 && value >= seen;
  }
  assert_close(t, seen, 1e-10, 0.0);
  double want = (double)(reach + 1) / (DRAWS + 1);
  assert_close(p, want, 0.0, 6.0 * sqrt(want / DRAWS));
}

static void
drawing_ends_where_enough_reach(void **state)
{
  (void)state;
  enum { N = 12, SERIES = 200, DRAWS = 999, ENOUGH = 10 };
  static nax_c64 z[N * SERIES];
  static double full[SERIES], early[SERIES], t[SERIES];
  fill(N * SERIES, z, 8);
  for (int i = 0; i < N; i++) {
    z[i].re += 3.0;
  }
  nax_freqtag_surrogate_spec s = {.n = N,
                                  .n_lines = 1,
                                  .rate = 1.0,
                                  .kind = NAX_FREQTAG_NULL_PHASE,
                                  .n_surrogates = DRAWS,
                                  .seed = 9};
  assert_ok(nax_freqtag_surrogates(NULL, &s, SERIES, z, t, full, NULL));
  s.enough = ENOUGH;
  assert_ok(nax_freqtag_surrogates(NULL, &s, SERIES, z, t, early, NULL));
  assert_close(early[0], 1e-3, 1e-12, 0.0);
  for (int u = 0; u < SERIES; u++) {
    /* the same draws: who never met enough has the same p, others a whole fraction */
    if (full[u] < (double)(ENOUGH + 1) / (DRAWS + 1)) {
      assert_close(early[u], full[u], 1e-12, 0.0);
    } else {
      double drawn = ENOUGH / early[u];
      assert_close(drawn, floor(drawn + 0.5), 0.0, 1e-6);
      assert_close(early[u], full[u], 0.0, 6.0 * full[u] / sqrt(ENOUGH));
    }
  }
}

static void
series_do_not_see_each_other(void **state)
{
  (void)state;
  enum { N = 10, SERIES = 101, DRAWS = 500 };
  static nax_c64 z[N * SERIES];
  static double one[SERIES], two[SERIES], a[DRAWS], b[DRAWS];
  fill(N * SERIES, z, 13);
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  for (int kind = NAX_FREQTAG_NULL_PHASE; kind <= NAX_FREQTAG_NULL_LABEL; kind++) {
    double f[1] = {1.0};
    nax_freqtag_surrogate_spec s = {.n = N,
                                    .n_lines = 1,
                                    .freqs = f,
                                    .rate = 16.0,
                                    .n_samples = 16,
                                    .kind = kind,
                                    .n_surrogates = DRAWS,
                                    .seed = 3};
    s.n_control = kind == NAX_FREQTAG_NULL_LABEL ? 4 : 0;
    memset(a, 0, sizeof a);
    memset(b, 0, sizeof b);
    assert_ok(nax_ctx_set_threads(ctx, 1));
    assert_ok(nax_freqtag_surrogates(ctx, &s, SERIES, z, NULL, one, a));
    assert_ok(nax_ctx_set_threads(ctx, 4));
    assert_ok(nax_freqtag_surrogates(ctx, &s, 37, z, NULL, two, b));
    assert_ok(
        nax_freqtag_surrogates(ctx, &s, SERIES - 37, z + 37 * N, NULL, two + 37, b));
    assert_memory_equal(one, two, sizeof one);
    assert_all_close(a, b, DRAWS, 1e-12, 0.0);
  }
  nax_ctx_free(ctx);
}

static nax_index
enough_of(int kind)
{
  return kind == 4 ? 20 : 0;
}

/* p that stops early is coarse near 1, but no value comes more often than it says. */
static void
assert_right_where_attained(nax_index n, double *p)
{
  (void)ks_uniform(n, p); /* sorts */
  for (nax_index i = 0; i + 1 < n; i++) {
    if (p[i + 1] > p[i]) {
      assert_close((double)(i + 1) / (double)n, p[i], 0.0, 1.95 / sqrt((double)n));
    }
  }
}

static void
null_p_values_of_surrogates_are_uniform(void **state)
{
  (void)state;
  nax_t_long();
  enum { N = 20, SETS = 200, SERIES = 500, DRAWS = 999 };
  static const char *const name[] = {"phase", "shift", "sign", "label", "stopped"};
  static double p[SETS * SERIES];
  static nax_c64 z[2 * N * SERIES];
  double f[2] = {3.0, 6.0};
  for (int kind = 0; kind < 5; kind++) {
    for (int set = 0; set < SETS; set++) {
      fill(2 * N * SERIES, z, (uint64_t)(set + 1000 * kind + 1));
      nax_freqtag_surrogate_spec s = {.n = N,
                                      .n_lines = 2,
                                      .freqs = f,
                                      .rate = 97.0,
                                      .n_samples = 97,
                                      .kind =
                                          kind < 4 ? kind + 2 : NAX_FREQTAG_NULL_PHASE,
                                      .n_surrogates = DRAWS,
                                      .seed = (uint64_t)set};
      s.n_control = kind == 3 ? 8 : 0;
      s.enough = enough_of(kind);
      assert_ok(
          nax_freqtag_surrogates(NULL, &s, SERIES, z, NULL, p + SERIES * set, NULL));
    }
    if (enough_of(kind) == 0) {
      assert_uniform(name[kind], SETS * SERIES, p);
    } else {
      assert_right_where_attained(SETS * SERIES, p);
    }
  }
}

/* -------------------------------------------------------------- through the fit */

enum { UNITS = 12, ITEMS = 20, LENGTH = 4, TRIALS = 30 };

/* neuron x time x trial at 4 samples a second, items of one second. Units 0 to 3 answer
 * each item in a way of their own, 4 to 7 all items alike, 8 to 11 not at all. */
static nax_array *
sentences(uint64_t seed, double depth, int64_t *item)
{
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  double own[ITEMS][4];
  uint64_t fixed = 99;
  assert_ok(nax_axis_create_index(NULL, "neuron", UNITS, axis));
  assert_ok(
      nax_axis_create_regular(NULL, "time", "s", ITEMS * LENGTH, 0.0, LENGTH, axis + 1));
  assert_ok(nax_axis_create_index(NULL, "trial", TRIALS, axis + 2));
  assert_ok(nax_array_create(NULL, NAX_F64, 3, (const nax_axis *const *)axis, "1", &a));
  double *x = nax_array_data_mut(a);
  for (int u = 0; u < 4; u++) {
    double sum = 0.0;
    for (int i = 0; i < ITEMS; i++) {
      own[i][u] = normal(&fixed);
      sum += own[i][u];
    }
    for (int i = 0; i < ITEMS; i++) {
      own[i][u] += 0.12 - sum / ITEMS;
    }
  }
  for (int r = 0; r < TRIALS; r++) {
    for (int s = 0; s < ITEMS; s++) {
      item[s + ITEMS * r] = s;
    }
    for (int s = ITEMS - 1; s > 0; s--) {
      int other = (int)(nax_t_uniform(&seed) * (s + 1));
      int64_t keep = item[s + ITEMS * r];
      item[s + ITEMS * r] = item[other + ITEMS * r];
      item[other + ITEMS * r] = keep;
    }
    for (int t = 0; t < ITEMS * LENGTH; t++) {
      double wave = cos(2.0 * NAX_I_FT_PI * t / LENGTH);
      double *v = x + UNITS * (t + ITEMS * LENGTH * r);
      for (int u = 0; u < UNITS; u++) {
        v[u] = 0.5 * normal(&seed);
        v[u] += u < 4   ? depth * own[item[t / LENGTH + ITEMS * r]][u] * wave
                : u < 8 ? 0.5 * depth * wave
                        : 0.0;
      }
    }
  }
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  return a;
}

static nax_freqtag_opts
usual(void)
{
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  o.tags = "1";
  o.side = 0;
  return o;
}

static nax_freqtag_events
with_items(const int64_t *item, const int64_t *control)
{
  nax_freqtag_events e = {.n_items = ITEMS,
                          .n_slots = ITEMS,
                          .n_item_trials = {TRIALS, control != NULL ? TRIALS : 0},
                          .item = item,
                          .control_item = control};
  return e;
}

static void
units_of_some_sentences_do_not_follow_sentences(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS], other[ITEMS * TRIALS];
  nax_array *a = sentences(1, 1.0, item), *b = sentences(2, 0.0, other);
  nax_freqtag_opts o = usual();
  nax_freqtag_events e = with_items(item, NULL);
  nax_freqtag *f = NULL;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  for (nax_index u = 0; u < 8; u++) {
    assert_int_equal(nax_freqtag_is_tagged(f, u, 0), 1);
  }
  nax_freqtag_free(f);
  /* over items, in closed form and by surrogates */
  static const int32_t null[] = {NAX_FREQTAG_NULL_NONE, NAX_FREQTAG_NULL_PHASE,
                                 NAX_FREQTAG_NULL_SHIFT, NAX_FREQTAG_NULL_SIGN};
  o.item_length = LENGTH;
  for (int k = 0; k < 4; k++) {
    o.null = null[k];
    assert_ok(nax_freqtag_fit(NULL, a, NULL, &e, &o, &f));
    assert_int_equal(nax_freqtag_n_observations(f, 0), ITEMS);
    for (nax_index u = 0; u < 8; u++) {
      assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u >= 4);
    }
    nax_freqtag_free(f);
  }
  /* against a control, also in pairs of the same sentence */
  e = with_items(item, other);
  for (int paired = 0; paired < 2; paired++) {
    o.paired = paired;
    for (int k = 0; k < 2; k++) {
      o.null = k == 0   ? NAX_FREQTAG_NULL_NONE
               : paired ? NAX_FREQTAG_NULL_SIGN
                        : NAX_FREQTAG_NULL_LABEL;
      assert_ok(nax_freqtag_fit(NULL, a, b, &e, &o, &f));
      assert_int_equal(nax_freqtag_n_observations(f, 1), paired ? 0 : ITEMS);
      for (nax_index u = 0; u < UNITS; u++) {
        assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u >= 4 && u < 8);
      }
      nax_freqtag_free(f);
    }
  }
  /* p is that of the moments over items */
  nax_freqtag_moments m[UNITS];
  nax_view v = nax_array_view(a);
  static const nax_c64 zero = {0.0, 0.0};
  o = usual();
  o.item_length = LENGTH;
  e = with_items(item, NULL);
  assert_ok(nax_freqtag_fit(NULL, a, NULL, &e, &o, &f));
  assert_ok(nax_freqtag_items(NULL, &v, LENGTH, ITEMS, item, 1, m));
  for (nax_index u = 0; u < UNITS; u++) {
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P)[u],
                 nax_freqtag_t2circ(m + u, zero).log_p, 1e-12, 0.0);
  }
  nax_freqtag_free(f);
  nax_array_free(a);
  nax_array_free(b);
}

static void
pairs_are_tested_by_their_differences(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(3, 1.0, item), *b = sentences(4, 0.9, item);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_view v[2] = {nax_array_view(a), nax_array_view(b)};
  double freq[1] = {1.0};
  nax_freqtag_spec spec = {.n_units = UNITS,
                           .n_samples = ITEMS * LENGTH,
                           .rate = LENGTH,
                           .n_freqs = 1,
                           .freqs = freq};
  nax_c64 z[2][TRIALS * UNITS];
  static const nax_c64 zero = {0.0, 0.0};
  o.paired = 1;
  o.keep = 1;
  o.test = NAX_FREQTAG_TEST_AUTO;
  assert_ok(nax_freqtag_fit(NULL, a, b, NULL, &o, &f));
  for (int k = 0; k < 2; k++) {
    assert_ok(nax_freqtag_coefficients(NULL, &spec, v + k, z[k]));
  }
  for (nax_index u = 0; u < UNITS; u++) {
    nax_c64 d[TRIALS];
    for (int i = 0; i < TRIALS; i++) {
      d[i].re = z[0][i + TRIALS * u].re - z[1][i + TRIALS * u].re;
      d[i].im = z[0][i + TRIALS * u].im - z[1][i + TRIALS * u].im;
      assert_close(nax_freqtag_kept(f, 0)[i + TRIALS * u].re, d[i].re, 1e-10, 1e-12);
    }
    nax_freqtag_moments m = nax_freqtag_moments_of(TRIALS, d);
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P)[u],
                 nax_freqtag_auto(&m, zero, 0.05, NULL).log_p, 1e-9, 0.0);
  }
  nax_dataset *d = NULL;
  assert_ok(nax_freqtag_dataset(NULL, f, &d));
  const nax_array *re = nax_dataset_array(d, "coefficient_re");
  assert_non_null(re);
  assert_int_equal(nax_array_dim(re, 1), TRIALS);
  const double *x = nax_array_data(re);
  assert_close(x[5 + UNITS * 2], nax_freqtag_kept(f, 0)[2 + TRIALS * 5].re, 0.0, 0.0);
  nax_dataset_free(d);
  nax_freqtag_free(f);
  nax_array_free(a);
  nax_array_free(b);
}

static void
tapers_decide(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(5, 0.3, item);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  enum { N = ITEMS * LENGTH };
  static double x[N * TRIALS];
  nax_freqtag_test test[N / 2 + 1];
  o.test = NAX_FREQTAG_TEST_THOMSON;
  o.trend = NAX_FREQTAG_TREND_NONE;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  const double *v = nax_array_data(a);
  for (nax_index u = 0; u < UNITS; u++) {
    for (int i = 0; i < N * TRIALS; i++) {
      x[i] = v[u + UNITS * i];
    }
    assert_ok(nax_freqtag_thomson(NULL, N, TRIALS, x, LENGTH, 2.0, 3, NULL, test, NULL));
    assert_close(nax_freqtag_values(f, NAX_FREQTAG_LOG_P)[u], test[ITEMS].log_p, 1e-8,
                 1e-12);
  }
  nax_freqtag_free(f);
  o.tapers = 9;
  assert_status(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL);
  nax_array_free(a);
}

/* With the largest statistic of all units p is family-wise, and still finds what is
 * there. */
static void
largest_statistic_of_all_units(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(6, 0.7, item), *quiet = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL, *g = NULL;
  o.null = NAX_FREQTAG_NULL_SIGN;
  o.fdr = NAX_FREQTAG_MAX;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  const double *q = nax_freqtag_values(f, NAX_FREQTAG_Q);
  const double *log_p = nax_freqtag_values(f, NAX_FREQTAG_LOG_P);
  for (nax_index u = 0; u < UNITS; u++) {
    assert_true(q[u] >= exp(log_p[u]) * (1.0 - 1e-12));
    assert_int_equal(nax_freqtag_is_tagged(f, u, 0), u < 8);
  }
  /* a file in blocks gives the same bits */
  nax_dataset *d = NULL;
  nax_source *s = NULL;
  const char *path = nax_t_tmp("sentences.nc");
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_array_copy(NULL, a, &quiet));
  assert_ok(nax_dataset_add_array(NULL, d, "x", quiet));
  assert_ok(nax_dataset_save(NULL, d, path, NULL));
  assert_ok(nax_source_open(NULL, path, NULL, &s));
  assert_ok(
      nax_freqtag_fit_source(NULL, s, nax_source_find(s, "x"), NULL, 0, NULL, &o, &g));
  assert_memory_equal(q, nax_freqtag_values(g, NAX_FREQTAG_Q), UNITS * sizeof *q);
  nax_source_close(s);
  nax_dataset_free(d);
  nax_freqtag_free(g);
  nax_freqtag_free(f);
  nax_array_free(a);
}

static void
levels_and_sets_of_units(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(11, 1.0, item);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_table *t = NULL;
  nax_dataset *d = NULL;
  double *x = nax_array_data_mut(a);
  /* units 6 to 9 follow half the rate of the items, too */
  for (nax_index i = 0; i < ITEMS * LENGTH * TRIALS; i++) {
    for (int u = 6; u < 10; u++) {
      x[u + UNITS * i] += cos(NAX_I_FT_PI * (double)(i % (ITEMS * LENGTH)) / LENGTH);
    }
  }
  o.tags = "1,0.5,1.5";
  o.levels = "item, pair,pair";
  o.q = 1e-4;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_int_equal(nax_freqtag_n_levels(f), 2);
  assert_string_equal(nax_freqtag_level_name(f, 1), "pair");
  for (nax_index u = 0; u < UNITS; u++) {
    assert_int_equal(nax_freqtag_set_of(f, u), (u < 8) + 2 * (u >= 6 && u < 10));
  }
  const int64_t group[UNITS] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1};
  const char *const name[] = {"front", "back"};
  assert_ok(nax_freqtag_sets(NULL, f, 2, group, name, &t));
  assert_int_equal(nax_table_n_rows(t), 6);
  static const double want[6] = {6, 0, 0, 2, 0, 2};
  static const char *const set[6] = {"item", "item", "pair", "pair", "shared", "shared"};
  const double *n = nax_table_numbers(t, nax_table_find(t, "units"));
  const double *low = nax_table_numbers(t, nax_table_find(t, "share_low"));
  for (int i = 0; i < 6; i++) {
    assert_string_equal(nax_table_text(t, 0)[i], name[i % 2]);
    assert_string_equal(nax_table_text(t, 1)[i], set[i]);
    assert_close(n[i], want[i], 0.0, 0.0);
  }
  assert_true(low[0] > 0.5 && low[0] < 1.0);
  nax_table_free(t);
  assert_ok(nax_freqtag_dataset(NULL, f, &d));
  assert_non_null(nax_dataset_array(d, "set"));
  assert_close(((const double *)nax_array_data(nax_dataset_array(d, "set")))[6], 3.0, 0.0,
               0.0);
  nax_dataset_free(d);
  nax_freqtag_free(f);
  f = NULL;
  o.levels = "item,pair";
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: option `levels` takes one name for each of the 3 tags, "
               "got \"item,pair\"");
  nax_array_free(a);
}

/* Units 4 to 7 lie next to each other and follow; a control that does the same takes it
 * away. */
static void
neighbouring_units_make_clusters(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(12, 0.25, item), *same = sentences(13, 0.25, item),
            *quiet = sentences(14, 0.0, item);
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  nax_table *t = NULL;
  int64_t label[UNITS];
  double p_max[UNITS];
  o.keep = 1;
  const nax_array *control[3] = {NULL, quiet, same};
  for (int k = 0; k < 3; k++) {
    assert_ok(nax_freqtag_fit(NULL, a, control[k], NULL, &o, &f));
    assert_ok(nax_freqtag_clusters(NULL, f, NULL, 1e-3, 499, 3, label, p_max, &t));
    const double *p = nax_table_numbers(t, nax_table_find(t, "p"));
    const double *n = nax_table_numbers(t, nax_table_find(t, "units"));
    if (k < 2) {
      assert_true(nax_table_n_rows(t) >= 1);
      assert_true(label[4] >= 0 && label[4] == label[7]);
      assert_close(p[label[4]], 1.0 / 500.0, 1e-12, 0.0);
      assert_true(n[label[4]] >= 4.0);
      assert_close(p_max[5], 1.0 / 500.0, 1e-12, 0.0);
      assert_true(p_max[10] > 0.01);
    } else {
      assert_true(label[5] < 0);
    }
    nax_table_free(t);
    nax_freqtag_free(f);
  }
  o.keep = 0;
  assert_ok(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f));
  assert_status(nax_freqtag_clusters(NULL, f, NULL, 1e-3, 499, 3, label, p_max, &t),
                NAX_EINVAL);
  nax_freqtag_free(f);
  nax_array_free(a);
  nax_array_free(same);
  nax_array_free(quiet);
}

/* Two conditions exchanged: F of each cell, and the share of null data sets whose largest
 * cluster reaches 5 %. */
static void
clusters_of_two_conditions_hold_their_level(void **state)
{
  (void)state;
  enum { CELLS = 12, N = 12, M = 5, SETS = 400 };
  nax_c64 x[CELLS * N];
  nax_freqtag_cluster c[CELLS];
  double stat[CELLS];
  int hits = 0;
  for (int set = 0; set < SETS; set++) {
    nax_index n;
    double best = 1.0;
    fill(CELLS * N, x, (uint64_t)set + 50);
    for (int i = N; i < CELLS * N; i++) { /* neighbours correlate */
      x[i].re += x[i - N].re;
      x[i].im += x[i - N].im;
    }
    assert_ok(nax_freqtag_cluster_test(NULL, N, M, CELLS, x, 1, 3.0, NULL, 99, NULL, 1,
                                       stat, NULL, c, &n, NULL, NULL));
    for (nax_index i = 0; i < n; i++) {
      best = fmin(best, c[i].p);
    }
    hits += best <= 0.05;
    nax_freqtag_moments a = nax_freqtag_moments_of(N - M, x + 3 * N);
    nax_freqtag_moments b = nax_freqtag_moments_of(M, x + 3 * N + N - M);
    assert_close(stat[3], nax_freqtag_t2circ_two(&a, &b).statistic, 1e-9, 1e-12);
  }
  assert_close((double)hits / SETS, 0.05, 0.0, 4.0 * sqrt(0.05 * 0.95 / SETS));
}

static void
what_does_not_go_together_is_said(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(7, 0.7, item), *few = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag *f = NULL;
  o.null = NAX_FREQTAG_NULL_LABEL;
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: null `label` exchanges two conditions: it needs a "
               "control, not paired (there: sign)");
  o.null = NAX_FREQTAG_NULL_PHASE;
  assert_error(nax_freqtag_fit(NULL, a, a, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: with a control, expected null `label`, or `sign` with "
               "`paired`");
  o = usual();
  o.fdr = NAX_FREQTAG_MAX;
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: the largest statistic needs option `null` without "
               "`stop`");
  o = usual();
  o.item_length = 3;
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: window of 80 samples, expected a whole number of items "
               "of 3 samples (at least 2)");
  o.item_length = 5;
  assert_error(
      nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
      "nax_freqtag_fit: 1 Hz makes 1.25 cycles in an item of 5 samples, expected "
      "a whole number");
  o.item_length = LENGTH;
  nax_freqtag_events e = with_items(item, NULL);
  item[7] = ITEMS;
  assert_error(nax_freqtag_fit(NULL, a, NULL, &e, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: item in slot 7 of trial 0, expected less than 20, got "
               "20");
  e.n_item_trials[0] = 3;
  assert_error(nax_freqtag_fit(NULL, a, NULL, &e, &o, &f), NAX_EDIM,
               "nax_freqtag_fit: items in 20 slots of 3 trials, expected 20 slots of 30");
  o = usual();
  o.paired = 1;
  assert_error(nax_freqtag_fit(NULL, a, NULL, NULL, &o, &f), NAX_EINVAL,
               "nax_freqtag_fit: option `paired` needs a control");
  assert_ok(nax_array_slice(NULL, a, 2, 0, 12, 1, &few));
  assert_error(nax_freqtag_fit(NULL, a, few, NULL, &o, &f), NAX_EDIM,
               "nax_freqtag_fit: 30 trials and 12 of the control, expected pairs");
  assert_null(f);
  nax_array_free(a);
  nax_array_free(few);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  static int64_t item[ITEMS * TRIALS];
  nax_array *a = sentences(8, 0.7, item), *few = NULL;
  nax_freqtag_opts o = usual();
  nax_freqtag_events e = with_items(item, NULL);
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  o.null = NAX_FREQTAG_NULL_SIGN;
  o.surrogates = 40;
  o.keep = 1;
  o.fdr = NAX_FREQTAG_MAX;
  assert_ok(nax_array_slice(NULL, a, 0, 3, 6, 1, &few));
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit(NULL, few, NULL, &e, &o, &f), f, nax_freqtag_free(f),
                    300);
  o.item_length = LENGTH;
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit(NULL, few, NULL, &e, &o, &f), f, (void)0, 300);
  NAX_T_SWEEP_ALLOC(nax_freqtag_dataset(NULL, f, &d), d, nax_dataset_free(d), 800);
  nax_freqtag_free(f);
  o = usual();
  o.test = NAX_FREQTAG_TEST_THOMSON;
  NAX_T_SWEEP_ALLOC(nax_freqtag_fit(NULL, few, NULL, NULL, &o, &f), f,
                    nax_freqtag_free(f), 300);
  nax_array_free(a);
  nax_array_free(few);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_are_exchanged),
      cmocka_unit_test(signs_are_flipped),
      cmocka_unit_test(turned_phases_are_those_of_rayleigh),
      cmocka_unit_test(shifts_keep_harmonics_together),
      cmocka_unit_test(drawing_ends_where_enough_reach),
      cmocka_unit_test(series_do_not_see_each_other),
      cmocka_unit_test(null_p_values_of_surrogates_are_uniform),
      cmocka_unit_test(units_of_some_sentences_do_not_follow_sentences),
      cmocka_unit_test(pairs_are_tested_by_their_differences),
      cmocka_unit_test(tapers_decide),
      cmocka_unit_test(largest_statistic_of_all_units),
      cmocka_unit_test(levels_and_sets_of_units),
      cmocka_unit_test(neighbouring_units_make_clusters),
      cmocka_unit_test(clusters_of_two_conditions_hold_their_level),
      cmocka_unit_test(what_does_not_go_together_is_said),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_observe", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
