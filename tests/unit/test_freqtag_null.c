/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surrogates, clusters, RESS and the published HFTP rule. */
#include "npy_ref.h"
#include "freqtag/freqtag_i.h"

#define REF(name, n) nax_t_npy("ref/freqtag/" name ".npy", (n))
#define REF1(name)   nax_t_npy1("ref/freqtag/" name ".npy")

/* Row-major rows x cols to column-major. */
static double *
transposed(double *x, nax_index rows, nax_index cols)
{
  double *y = calloc((size_t)(rows * cols), sizeof *y);
  assert_non_null(y);
  for (nax_index i = 0; i < rows; i++) {
    for (nax_index j = 0; j < cols; j++) {
      y[i + j * rows] = x[i * cols + j];
    }
  }
  free(x);
  return y;
}

static double
normal(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  return r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(seed));
}

/* ---------------------------------------------------------------- surrogates */

static void
turned_trials(void **state)
{
  (void)state;
  double *z = REF("case08.in_z", 160),
         *theta = transposed(REF("case08.in_theta", 8000), 500, 16);
  double *want = transposed(REF("case08.out_null_itpc", 2500), 500, 5);
  double *p = REF("case08.out_p_itpc", 5), *null = calloc(2500, sizeof *null);
  nax_c64 c[80];
  for (int i = 0; i < 16; i++) {
    for (int k = 0; k < 5; k++) {
      c[i + 16 * k] = (nax_c64){z[2 * (5 * i + k)], z[2 * (5 * i + k) + 1]};
    }
  }
  assert_ok(nax_freqtag_null_rotation(NULL, 16, 5, c, 1, 500, theta, 0, null));
  assert_all_close(null, want, 2500, 1e-10, 0.0);
  for (int k = 0; k < 5; k++) {
    nax_freqtag_moments m = nax_freqtag_moments_of(16, c + 16 * k);
    double r = nax_freqtag_power_of(&m).itpc;
    assert_close(nax_freqtag_p_of_null(500, null + 500 * k, r), p[k], 1e-10, 0.0);
  }
  /* circular shifts are turns by -2 pi k tau / N */
  double *x = REF("case08.in_x", 16 * 64), *shift = REF("case08.in_shift", 8000);
  double *by_shift = REF("case08.out_shift_null", 500), k = REF1("case08.in_k");
  double f[1] = {k};
  nax_view v = nax_view_f64(x, 3, (nax_index[]){1, 64, 16});
  nax_freqtag_spec s = {.n_units = 1,
                        .n_samples = 64,
                        .rate = 64.0,
                        .n_freqs = 1,
                        .freqs = f,
                        .trend = NAX_FREQTAG_TREND_NONE};
  assert_ok(nax_freqtag_coefficients(NULL, &s, &v, c));
  for (int i = 0; i < 500; i++) {
    for (int j = 0; j < 16; j++) {
      theta[i + 500 * j] = -2.0 * NAX_I_FT_PI * k * shift[16 * i + j] / 64.0;
    }
  }
  assert_ok(nax_freqtag_null_rotation(NULL, 16, 1, c, 1, 500, theta, 0, null));
  assert_all_close(null, by_shift, 500, 1e-10, 0.0);
  double *all[] = {z, theta, want, p, null, x, shift, by_shift};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    free(all[i]);
  }
}

static void
random_turns_give_the_exact_null(void **state)
{
  (void)state;
  enum { N = 10, DRAWS = 20000 };
  nax_c64 z[N];
  double *null = calloc(DRAWS, sizeof *null), mean2 = 0.0, p;
  nax_index used;
  for (int i = 0; i < N; i++) {
    z[i] = (nax_c64){1.0 + i, 2.0 - i};
  }
  assert_ok(nax_freqtag_null_rotation(NULL, N, 1, z, 1, DRAWS, NULL, 5, null));
  for (int i = 0; i < DRAWS; i++) {
    mean2 += null[i] * null[i] / DRAWS;
  }
  assert_close(mean2, 1.0 / N, 0.0, 4.0 / N / sqrt(DRAWS));
  double exact = nax_freqtag_rayleigh(N, 0.5, NAX_FREQTAG_RAYLEIGH_EXACT).p;
  assert_close(nax_freqtag_p_of_null(DRAWS, null, 0.5), exact, 0.0,
               4.0 * sqrt(exact / DRAWS));
  /* sequential: a unit without response stops early, a locked one never */
  assert_ok(nax_freqtag_itpc_sequential(NULL, N, z, 10, 5000, 1, 0, &p, &used));
  nax_freqtag_moments m = nax_freqtag_moments_of(N, z);
  double q =
      nax_freqtag_rayleigh(N, nax_freqtag_power_of(&m).itpc, NAX_FREQTAG_RAYLEIGH_EXACT)
          .p;
  assert_true(used < 5000 || p < 0.01);
  assert_close(p, q, 1.5, 0.01);
  for (int i = 0; i < N; i++) {
    z[i] = (nax_c64){1.0, 0.5};
  }
  assert_ok(nax_freqtag_itpc_sequential(NULL, N, z, 10, 999, 1, 0, &p, &used));
  assert_int_equal(used, 999);
  assert_close(p, 1e-3, 1e-12, 0.0);
  z[3].re = (double)NAN;
  assert_status(nax_freqtag_null_rotation(NULL, N, 1, z, 1, 10, NULL, 5, null),
                NAX_EDATA);
  free(null);
}

static void
scrambled_phases(void **state)
{
  (void)state;
  double *x = REF("case08b.in_x", 256), *phase = REF("case08b.in_phase", 124);
  double *want = REF("case08b.out_y", 256), y[64];
  for (int i = 0; i < 4; i++) {
    double turned[31];
    /* the reference turns the phases that are there by the given angles or sets them */
    memcpy(turned, phase + 31 * i, sizeof turned);
    assert_ok(nax_freqtag_phase_scramble(NULL, 64, x + 64 * i, turned, y));
    assert_all_close(y, want + 64 * i, 64, 1e-10, 1e-12);
  }
  free(x);
  free(phase);
  free(want);
}

static void
cluster_masses(void **state)
{
  (void)state;
  double *d = transposed(REF("case08.in_D", 960), 12, 80);
  double *sign = transposed(REF("case08.in_signs", 6000), 500, 12);
  double *want = REF("case08.out_clusters", 18), *p = REF("case08.out_cluster_p", 6);
  double *t = REF("case08.out_t", 80), *h0 = REF("case08.out_H0", 500), got[80],
         null[500];
  double p_max[80];
  int64_t label[80];
  nax_freqtag_cluster c[80];
  nax_index n;
  assert_ok(nax_freqtag_cluster_test(NULL, 12, 0, 80, d, 0, REF1("case08.in_thr"), NULL,
                                     500, sign, 0, got, label, c, &n, p_max, null));
  assert_int_equal(n, 6);
  assert_all_close(got, t, 80, 1e-10, 1e-13);
  assert_all_close(null, h0, 500, 1e-10, 0.0);
  for (int i = 0; i < 6; i++) {
    assert_int_equal(c[i].first, (int)want[3 * i]);
    assert_int_equal(c[i].first + c[i].n - 1, (int)want[3 * i + 1]);
    assert_close(c[i].mass, want[3 * i + 2], 1e-10, 0.0);
    assert_close(c[i].p, p[i], 1e-10, 0.0);
    assert_int_equal(label[c[i].first], i);
  }
  int most = 0;
  for (int i = 1; i < 80; i++) {
    most = fabs(got[i]) > fabs(got[most]) ? i : most;
  }
  for (int i = 0; i < 80; i++) {
    assert_true(p_max[most] <= p_max[i]);
  }
  assert_true(p_max[most] < 0.1 && p_max[0] > 0.5);
  /* the same cells in a ring, and complex data with F of T2circ */
  nax_index start[81], near[160];
  for (int i = 0; i <= 80; i++) {
    start[i] = 2 * i;
  }
  for (int i = 0; i < 80; i++) {
    near[2 * i] = (i + 79) % 80;
    near[2 * i + 1] = (i + 1) % 80;
  }
  nax_freqtag_adjacency ring = {start, near};
  assert_ok(nax_freqtag_cluster_test(NULL, 12, 0, 80, d, 0, 2.2, &ring, 100, NULL, 3,
                                     NULL, NULL, c, &n, NULL, NULL));
  assert_true(n >= 1 && n <= 6);
  assert_ok(nax_freqtag_cluster_test(NULL, 12, 0, 40, d, 1, 3.0, NULL, 100, NULL, 3, got,
                                     NULL, c, &n, NULL, NULL));
  nax_c64 z[12];
  memcpy(z, d + 24 * 7, sizeof z);
  nax_freqtag_moments m = nax_freqtag_moments_of(12, z);
  assert_close(got[7], nax_freqtag_t2circ(&m, (nax_c64){0.0, 0.0}).statistic, 1e-10, 0.0);
  assert_status(nax_freqtag_cluster_test(NULL, 1, 0, 80, d, 0, 2.2, NULL, 100, NULL, 3,
                                         NULL, NULL, c, &n, NULL, NULL),
                NAX_EDIM);
  double *all[] = {d, sign, want, p, t, h0};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    free(all[i]);
  }
}

static void
adjusted_p_values(void **state)
{
  (void)state;
  double *p = REF("case08.in_p", 10), *bh = REF("case08.out_bh", 10);
  double *by = REF("case08.out_by", 10), q[10];
  assert_ok(nax_stats_fdr(NULL, 10, p, NAX_FDR_BH, q));
  assert_all_close(q, bh, 10, 1e-12, 0.0);
  assert_ok(nax_stats_fdr(NULL, 10, p, NAX_FDR_BY, q));
  assert_all_close(q, by, 10, 1e-12, 0.0);
  free(p);
  free(bh);
  free(by);
}

/* ---------------------------------------------------------------------- RESS */

enum { CH = 8, TIME = 1024, TRIALS = 6 };

static double *
ress_data(void)
{
  double *x = REF("case07.in_x", TRIALS * CH * TIME), *y = calloc(TRIALS * CH * TIME, 8);
  assert_non_null(y);
  for (nax_index j = 0; j < TRIALS; j++) {
    for (nax_index c = 0; c < CH; c++) {
      for (nax_index t = 0; t < TIME; t++) {
        y[c + CH * (t + TIME * j)] = x[(j * CH + c) * TIME + t];
      }
    }
  }
  free(x);
  return y;
}

static void
entrained_source(void **state)
{
  (void)state;
  double *x = ress_data(), *s = REF("case07.out_S", 64), *r = REF("case07.out_R", 64);
  double *value = REF("case07.out_eval", 8), *w = REF("case07.out_W", 64);
  double *pattern = REF("case07.out_pattern0", 8),
         *comp = REF("case07.out_comp", TRIALS * TIME);
  nax_freqtag_ress_spec spec = {REF1("case07.in_fs"),
                                REF1("case07.in_f0"),
                                REF1("case07.in_fwhm"),
                                REF1("case07.in_nb"),
                                REF1("case07.in_nb_fwhm"),
                                REF1("case07.in_gamma"),
                                0,
                                NULL};
  double gs[64], gr[64], gv[8], gw[64], gp[8], *gc = calloc(TRIALS * TIME, sizeof *gc);
  assert_ok(nax_freqtag_ress(NULL, CH, TIME, TRIALS, x, &spec, gv, gw, gp, gs, gr, gc));
  assert_all_close(gs, s, 64, 1e-10, 1e-13);
  assert_all_close(gr, r, 64, 1e-10, 1e-13);
  assert_all_close(gv, value, 8, 1e-10, 0.0);
  for (int i = 0; i < CH; i++) {
    assert_close(gp[i], pattern[i], 1e-10, 1e-12);
    for (int k = 0; k < CH; k++) {
      assert_close(gw[i + CH * k], w[i * CH + k], 1e-10, 1e-12);
    }
  }
  assert_all_close(gc, comp, TRIALS * TIME, 1e-10, 1e-11);
  /* filters that have not seen the trial are nearly the same here */
  spec.leave_out = 1;
  double *out = calloc(TRIALS * TIME, sizeof *out), dot = 0.0, a = 0.0, b = 0.0;
  assert_ok(nax_freqtag_ress(NULL, CH, TIME, TRIALS, x, &spec, NULL, NULL, NULL, NULL,
                             NULL, out));
  for (int i = 0; i < TRIALS * TIME; i++) {
    dot += out[i] * gc[i];
    a += out[i] * out[i];
    b += gc[i] * gc[i];
  }
  assert_true(dot / sqrt(a * b) > 0.8 && dot / sqrt(a * b) < 1.0 - 1e-9);
  spec.frequency = 0.5;
  assert_status(
      nax_freqtag_ress(NULL, CH, TIME, TRIALS, x, &spec, gv, gw, gp, gs, gr, gc),
      NAX_EINVAL);
  double *all[] = {x, s, r, value, w, pattern, comp, gc, out};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    free(all[i]);
  }
}

/* ---------------------------------------------------------------------- HFTP */

static void
published_rule(void **state)
{
  (void)state;
  enum { LAYERS = 3, G = 10, T = 200, U = 60, ALL = LAYERS * U };
  double *x = REF("case09.in_exp", LAYERS * G * T * U),
         *y = REF("case09.in_ctrl", LAYERS * G * T * U);
  double *perm = REF("case09.in_perm", 200 * T),
         *amp = REF("case09.out_amp", LAYERS * 2 * U);
  double *ts = REF("case09.out_thr_s", ALL), *tp = REF("case09.out_thr_p", ALL);
  double *ms = REF("case09.out_mask_s", ALL), *mp = REF("case09.out_mask_p", ALL);
  double *si = REF("case09.out_si", ALL), *pi = REF("case09.out_pi", ALL);
  double *zs = REF("case09.out_zs", ALL), *zp = REF("case09.out_zp", ALL);
  double *set[3] = {REF("case09.out_sentence", ALL), REF("case09.out_phrase", ALL),
                    REF("case09.out_shared", ALL)};
  double *a = calloc(ALL * T * G, sizeof *a), *b = calloc(ALL * T * G, sizeof *b);
  int64_t *p = calloc(200 * T, sizeof *p);
  for (nax_index l = 0; l < LAYERS; l++) {
    for (nax_index g = 0; g < G; g++) {
      for (nax_index t = 0; t < T; t++) {
        for (nax_index u = 0; u < U; u++) {
          nax_index from = ((l * G + g) * T + t) * U + u,
                    to = l * U + u + ALL * (t + T * g);
          a[to] = x[from];
          b[to] = y[from];
        }
      }
    }
  }
  for (int i = 0; i < 200 * T; i++) {
    p[i] = (int64_t)perm[i];
  }
  nax_view va = nax_view_f64(a, 3, (nax_index[]){ALL, T, G});
  nax_view vb = nax_view_f64(b, 3, (nax_index[]){ALL, T, G});
  double *kp = REF("case09.in_kp", 1);
  nax_index phrase[1] = {(nax_index)kp[0]};
  nax_freqtag_hftp *h = NULL;
  assert_ok(nax_freqtag_hftp_published(NULL, &va, &vb, (nax_index)REF1("case09.in_ks"), 1,
                                       phrase, 200, p, 0, &h));
  free(kp);
  for (nax_index u = 0; u < ALL; u++) {
    assert_close(h->amplitude[2 * u], amp[(u / U * 2) * U + u % U], 1e-10, 0.0);
    assert_close(h->amplitude[2 * u + 1], amp[(u / U * 2 + 1) * U + u % U], 1e-10, 0.0);
    assert_close(h->threshold[2 * u], ts[u], 1e-10, 0.0);
    assert_close(h->threshold[2 * u + 1], tp[u], 1e-10, 0.0);
    assert_int_equal(h->passed[u], (int)ms[u] + 2 * (int)mp[u]);
    assert_close(h->contrast[2 * u], si[u], 1e-10, 1e-12);
    assert_close(h->contrast[2 * u + 1], pi[u], 1e-10, 1e-12);
    assert_close(h->z[2 * u], zs[u], 1e-10, 1e-13);
    assert_close(h->z[2 * u + 1], zp[u], 1e-10, 1e-13);
    /* "sentence" and "phrase" are exclusive of "shared" */
    assert_int_equal(h->flagged[u] == 1, (int)set[0][u]);
    assert_int_equal(h->flagged[u] == 2, (int)set[1][u]);
    assert_int_equal(h->flagged[u] == 3, (int)set[2][u]);
  }
  nax_freqtag_hftp_free(h);
  p[7] = p[8];
  assert_status(nax_freqtag_hftp_published(NULL, &va, &vb, 50, 1, phrase, 200, p, 0, &h),
                NAX_EINVAL);
  a[5] = (double)NAN;
  assert_status(
      nax_freqtag_hftp_published(NULL, &va, &vb, 50, 1, phrase, 20, NULL, 0, &h),
      NAX_EDATA);
  assert_null(h);
  double *all[] = {x,  y,  perm, amp,    ts,     tp,     ms, mp, si,
                   pi, zs, zp,   set[0], set[1], set[2], a,  b};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    free(all[i]);
  }
  free(p);
}

static void
permutation_null_in_closed_form(void **state)
{
  (void)state;
  double *x = REF("case11.in_x", 600), *e = REF("case11.out_second_moment", 3);
  double *in = REF("case11.out_thr95_rayleigh", 3),
         *ny = REF("case11.out_thr95_nyquist", 3);
  double power, inside, nyquist;
  for (int i = 0; i < 3; i++) {
    nax_freqtag_permutation_moments(200, x + 200 * i, &power, &inside, &nyquist);
    assert_close(power, e[i], 1e-10, 0.0);
    assert_close(inside, in[i], 1e-10, 0.0);
    assert_close(nyquist, ny[i], 1e-10, 0.0);
  }
  /* all orders of six values */
  double *y = REF("case11.in_x6", 6), *e2 = REF("case11.out_E2_x6", 4);
  double *e4 = REF("case11.out_E4_x6", 4), second[4] = {0.0}, fourth[4] = {0.0};
  nax_freqtag_permutation_moments(6, y, &power, NULL, NULL);
  assert_close(power, e2[1], 1e-10, 0.0);
  assert_close(power, e2[3], 1e-10, 0.0);
  nax_index orders = 0;
  for (int code = 0; code < 46656; code++) {
    double z[6];
    int used = 0;
    for (int i = 0, rest = code; i < 6; i++, rest /= 6) {
      z[i] = y[rest % 6];
      used |= 1 << rest % 6;
    }
    if (used == 63) {
      nax_c64 c[4];
      nax_view v = nax_view_f64(z, 2, (nax_index[]){1, 6});
      nax_freqtag_spec spec = {
          .n_units = 1, .n_samples = 6, .rate = 6.0, .trend = NAX_FREQTAG_TREND_NONE};
      assert_ok(nax_freqtag_coefficients(NULL, &spec, &v, c));
      for (int k = 0; k < 4; k++) {
        double p = c[k].re * c[k].re + c[k].im * c[k].im;
        second[k] += p / 720.0;
        fourth[k] += p * p / 720.0;
      }
      orders++;
    }
  }
  assert_int_equal(orders, 720);
  assert_all_close(second, e2, 4, 1e-10, 0.0);
  assert_all_close(fourth, e4, 4, 1e-10, 0.0);
  double *all[] = {x, e, in, ny, y, e2, e4};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    free(all[i]);
  }
}

/* Coefficients of n renderings of 200 samples with a line of amplitude `a` in noise of
 * variance 10. */
static nax_freqtag_moments
renderings(nax_index n, double a, uint64_t *seed)
{
  nax_c64 z[100];
  double mean = a * 100.0, sd = sqrt(200.0 * 10.0 / 2.0);
  for (nax_index j = 0; j < n; j++) {
    double r = sd * sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
    double turn = 2.0 * NAX_I_FT_PI * nax_t_uniform(seed);
    z[j] = (nax_c64){mean + r * cos(turn), r * sin(turn)};
  }
  return nax_freqtag_moments_of(n, z);
}

/* 1 % of 20,000 units follow a line in 100 renderings: T2circ with BH keeps its promise,
 * alone and against a control of 100 renderings, which doubles the noise: the same power
 * at sqrt(2) of the amplitude. */
static void
default_rule_holds_its_false_discovery_rate(void **state)
{
  (void)state;
  nax_t_long();
  enum { UNITS = 20000, TAGGED = 200, N = 100, SEEDS = 20 };
  static const double amplitude[3] = {0.10, 0.15, 0.20};
  /* power in the reference simulation 0.120, 0.797, 0.992 */
  static const double least[3] = {0.09, 0.77, 0.98};
  double *p = calloc(UNITS, sizeof *p);
  for (int two = 0; two < 2; two++) {
    for (int level = 0; level < 3; level++) {
      double fdp = 0.0, power = 0.0;
      for (uint64_t k = 0; k < SEEDS; k++) {
        uint64_t seed = k + 100 + 1000 * (uint64_t)level;
        double a = amplitude[level] * (two ? sqrt(2.0) : 1.0);
        for (int u = 0; u < UNITS; u++) {
          nax_freqtag_moments m = renderings(N, u < TAGGED ? a : 0.0, &seed);
          if (two) {
            nax_freqtag_moments c = renderings(N, 0.0, &seed);
            p[u] = nax_freqtag_t2circ_two(&m, &c).p;
          } else {
            p[u] = nax_freqtag_t2circ(&m, (nax_c64){0.0, 0.0}).p;
          }
        }
        assert_ok(nax_stats_fdr(NULL, UNITS, p, NAX_FDR_BH, p));
        double hits = 0.0, wrong = 0.0;
        for (int u = 0; u < UNITS; u++) {
          hits += u < TAGGED && p[u] <= 0.05;
          wrong += u >= TAGGED && p[u] <= 0.05;
        }
        power += hits / TAGGED / SEEDS;
        fdp += wrong / fmax(1.0, hits + wrong) / SEEDS;
      }
      print_message("# %s, amplitude %.2f: power %.3f, false discovery proportion %.4f\n",
                    two ? "against a control" : "alone", amplitude[level], power, fdp);
      assert_true(fdp <= 0.06);
      assert_true(power >= least[level]);
    }
  }
  free(p);
}

/* Group means of noise of variance 1, with a cosine at `bin` in the first `tagged` units:
 * unit x time x group, float32. */
static float *
group_means(nax_index units, nax_index t, nax_index groups, nax_index tagged,
            double amplitude, nax_index bin, uint64_t *seed)
{
  float *x = calloc((size_t)(units * t * groups), sizeof *x);
  double *line = calloc((size_t)t, sizeof *line);
  assert_non_null(x);
  for (nax_index i = 0; i < t; i++) {
    line[i] = amplitude * cos(2.0 * NAX_I_FT_PI * (double)(bin * i % t) / (double)t);
  }
  for (nax_index g = 0; g < groups; g++) {
    for (nax_index i = 0; i < t; i++) {
      for (nax_index u = 0; u < units; u++) {
        x[u + units * (i + t * g)] = (float)(normal(seed) + (u < tagged ? line[i] : 0.0));
      }
    }
  }
  free(line);
  return x;
}

/* The published rule, without any structure and with 1 % of units that follow sentences:
 * shares of units as in the reference simulation. */
static void
published_rule_flags_noise_as_known(void **state)
{
  (void)state;
  nax_t_long();
  enum { UNITS = 10000, G = 10, RUNS = 3 };
  /* 4 words (200 samples at 4 Hz): sentence bin 50, phrase 100. 8 and 9 words: phrases of
   * 2 to 7 and 2 to 8 words, at the nearest bins */
  static const nax_index four[] = {100}, eight[] = {200, 133, 100, 80, 67, 57},
                         nine[] = {225, 150, 112, 90, 75, 64, 56};
  static const struct {
    nax_index t, n;
    const nax_index *phrase;
    double sentence, phrase_share; /* % of 352,256 units */
  } corpus[] = {{200, 1, four, 2.69, 2.85},
                {400, 6, eight, 2.69, 6.90},
                {450, 7, nine, 2.69, 6.23}};
  uint64_t seed = 4;
  for (int c = 0; c < 3; c++) {
    double flagged[2] = {0.0, 0.0};
    for (int r = 0; r < RUNS; r++) {
      nax_index dim[3] = {UNITS, corpus[c].t, G};
      float *x = group_means(UNITS, corpus[c].t, G, 0, 0.0, 50, &seed);
      float *y = group_means(UNITS, corpus[c].t, G, 0, 0.0, 50, &seed);
      nax_view v = nax_view_f32(x, 3, dim), w = nax_view_f32(y, 3, dim);
      nax_freqtag_hftp *h = NULL;
      assert_ok(nax_freqtag_hftp_published(NULL, &v, &w, 50, corpus[c].n,
                                           corpus[c].phrase, 1000, NULL, (uint64_t)r + 1,
                                           &h));
      for (nax_index u = 0; u < UNITS; u++) {
        flagged[0] += 100.0 * (h->flagged[u] & 1) / (UNITS * RUNS);
        flagged[1] += 100.0 * (h->flagged[u] >> 1 & 1) / (UNITS * RUNS);
      }
      nax_freqtag_hftp_free(h);
      free(x);
      free(y);
    }
    print_message("# noise, T = %d: %.2f %% sentence, %.2f %% phrase\n", (int)corpus[c].t,
                  flagged[0], flagged[1]);
    /* four standard errors of a share of 30,000 */
    assert_close(flagged[0], corpus[c].sentence, 0.0, 0.38);
    assert_close(flagged[1], corpus[c].phrase_share, 0.0, 0.6);
  }
  static const double amplitude[] = {0.10, 0.15, 0.20}, hit[] = {0.561, 0.871, 0.983},
                      proportion[] = {0.82, 0.72, 0.65};
  for (int a = 0; a < 3; a++) {
    double hits = 0.0, wrong = 0.0;
    for (int r = 0; r < RUNS; r++) {
      nax_index dim[3] = {UNITS, 200, G};
      float *x = group_means(UNITS, 200, G, UNITS / 100, amplitude[a], 50, &seed);
      float *y = group_means(UNITS, 200, G, 0, 0.0, 50, &seed);
      nax_view v = nax_view_f32(x, 3, dim), w = nax_view_f32(y, 3, dim);
      nax_freqtag_hftp *h = NULL;
      assert_ok(nax_freqtag_hftp_published(NULL, &v, &w, 50, 1, four, 1000, NULL,
                                           (uint64_t)r + 1, &h));
      for (nax_index u = 0; u < UNITS; u++) {
        hits += u < UNITS / 100 && h->flagged[u] & 1;
        wrong += u >= UNITS / 100 && h->flagged[u] & 1;
      }
      nax_freqtag_hftp_free(h);
      free(x);
      free(y);
    }
    print_message("# amplitude %.2f: hits %.3f, false discovery proportion %.3f\n",
                  amplitude[a], hits / (RUNS * UNITS / 100), wrong / (hits + wrong));
    double share = hits / (RUNS * UNITS / 100),
           se = sqrt(hit[a] * (1.0 - hit[a]) / 300.0);
    assert_close(share, hit[a], 0.0, 4.0 * se);
    assert_close(wrong / (hits + wrong), proportion[a], 0.0, 0.05);
  }
}

static void
geometry_of_spectra(void **state)
{
  (void)state;
  double *model = REF("case10.in_model", 4 * 6 * 13),
         *brain = REF("case10.in_brain", 20 * 78);
  double *rm = REF("case10.out_rdm_model", 144), *rb = REF("case10.out_rdm_brain", 720);
  double *rho = REF("case10.out_rho", 80), *top = REF("case10.out_topk_mean", 4);
  double gm[60], gb[300], gr[80], gt[4];
  assert_ok(nax_freqtag_alignment(NULL, 13, 6, 4, model, 20, brain,
                                  (nax_index)REF1("case10.in_topk"), gm, gb, gr, gt));
  for (nax_index i = 0; i < 6; i++) {
    for (nax_index j = i + 1; j < 6; j++) {
      nax_index pair = nax_rdm_pair(6, i, j);
      for (int k = 0; k < 20; k++) {
        assert_close(gb[pair + 15 * k], rb[(k * 6 + i) * 6 + j], 1e-10, 1e-15);
        if (k < 4) {
          assert_close(gm[pair + 15 * k], rm[(k * 6 + i) * 6 + j], 1e-10, 1e-15);
        }
      }
    }
  }
  for (int i = 0; i < 4; i++) {
    assert_close(gt[i], top[i], 1e-10, 0.0);
    for (int k = 0; k < 20; k++) {
      assert_close(gr[i + 4 * k], rho[20 * i + k], 1e-10, 1e-15);
    }
  }
  assert_status(
      nax_freqtag_alignment(NULL, 13, 6, 4, model, 20, brain, 21, gm, gb, gr, gt),
      NAX_EINVAL);
  double *all[] = {model, brain, rm, rb, rho, top};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    free(all[i]);
  }
}

/* A unit that answers each sentence in a way of its own follows these sentences, not
 * sentences: over renderings it is tagged for certain, over items it is not. */
static void
sentences_are_the_observations(void **state)
{
  (void)state;
  enum { ITEMS = 20, M = 4, R = 30 };
  static double x[2 * ITEMS * M * R];
  static int64_t item[ITEMS * R];
  uint64_t seed = 31;
  double own[ITEMS], sum = 0.0;
  nax_freqtag_moments m[2];
  static const nax_c64 zero = {0.0, 0.0};
  for (int i = 0; i < ITEMS; i++) {
    own[i] = normal(&seed);
    sum += own[i];
  }
  for (int i = 0; i < ITEMS; i++) {
    own[i] += 0.15 - sum / ITEMS;
  }
  for (int r = 0; r < R; r++) {
    for (int s = 0; s < ITEMS; s++) {
      item[s + ITEMS * r] = s;
    }
    for (int s = ITEMS - 1; s > 0; s--) {
      int other = (int)(nax_t_uniform(&seed) * (s + 1));
      int64_t keep = item[s + ITEMS * r];
      item[s + ITEMS * r] = item[other + ITEMS * r];
      item[other + ITEMS * r] = keep;
    }
    for (int t = 0; t < ITEMS * M; t++) {
      double wave = cos(2.0 * NAX_I_FT_PI * t / M), *v = x + 2 * (t + ITEMS * M * r);
      v[0] = 0.05 * normal(&seed) + own[item[t / M + ITEMS * r]] * wave;
      v[1] = 0.05 * normal(&seed) + wave;
    }
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){2, ITEMS * M, R});
  assert_ok(nax_freqtag_items(NULL, &v, M, ITEMS, item, 1, m));
  assert_int_equal(m[0].n, ITEMS);
  assert_true(nax_freqtag_t2circ(&m[0], zero).p > 0.01);
  assert_true(nax_freqtag_t2circ(&m[1], zero).p < 1e-10);
  double f[1] = {1.0};
  nax_freqtag_spec spec = {
      .n_units = 2, .n_samples = ITEMS * M, .rate = M, .n_freqs = 1, .freqs = f};
  nax_freqtag_acc *a = NULL;
  assert_ok(nax_freqtag_acc_create(NULL, &spec, &a));
  assert_ok(nax_freqtag_acc_push(NULL, a, &v));
  nax_freqtag_moments over_trials = nax_freqtag_acc_moments(a, 0, 0);
  assert_true(nax_freqtag_t2circ(&over_trials, zero).p < 1e-10);
  /* the mean over items is the mean over trials per item */
  assert_close(m[0].mean.re * ITEMS, over_trials.mean.re, 1e-10, 1e-12);
  /* whole items in another order leave the coefficient at their rate as it is: that is no
   * surrogate */
  static double y[2 * ITEMS * M * R];
  for (int r = 0; r < R; r++) {
    for (int s = 0; s < ITEMS; s++) {
      int from = (7 * s + r) % ITEMS;
      memcpy(y + 2 * M * (s + ITEMS * r), x + 2 * M * (from + ITEMS * r),
             2 * M * sizeof *y);
    }
  }
  nax_view other = nax_view_f64(y, 3, (nax_index[]){2, ITEMS * M, R});
  nax_freqtag_acc_reset(a);
  assert_ok(nax_freqtag_acc_push(NULL, a, &other));
  nax_freqtag_moments reordered = nax_freqtag_acc_moments(a, 0, 0);
  assert_close(reordered.mean.re, over_trials.mean.re, 1e-12, 1e-12);
  assert_close(reordered.mean.im, over_trials.mean.im, 1e-12, 1e-12);
  assert_close(reordered.ss, over_trials.ss, 1e-11, 0.0);
  nax_freqtag_acc_free(a);
  item[3] = ITEMS;
  assert_error(nax_freqtag_items(NULL, &v, M, ITEMS, item, 1, m), NAX_EINVAL,
               "nax_freqtag_items: item[3], expected less than 20, got 20");
  item[3] = -1;
  assert_ok(nax_freqtag_items(NULL, &v, M, ITEMS, item, 2, m));
  assert_close(m[0].mean.im, 0.0, 0.0, 0.0);
  assert_status(nax_freqtag_items(NULL, &v, M, ITEMS, item, 3, m), NAX_EINVAL);
  void *none = NULL;
  NAX_T_SWEEP_ALLOC(nax_freqtag_items(NULL, &v, M, ITEMS, item, 1, m), none, (void)0, 20);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  uint64_t seed = 6;
  double x[4 * 64 * 3], out[64], p;
  nax_c64 z[12];
  void *none = NULL;
  nax_freqtag_cluster c[64];
  nax_freqtag_hftp *h = NULL;
  nax_index n, phrase[1] = {16};
  for (int i = 0; i < 4 * 64 * 3; i++) {
    x[i] = normal(&seed);
  }
  memcpy(z, x, sizeof z);
  NAX_T_SWEEP_ALLOC(nax_freqtag_null_rotation(NULL, 12, 1, z, 1, 20, NULL, 1, out), none,
                    (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_freqtag_itpc_sequential(NULL, 12, z, 3, 20, 1, 0, &p, NULL), none,
                    (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_freqtag_phase_scramble(NULL, 64, x, x + 64, out), none, (void)0,
                    20);
  NAX_T_SWEEP_ALLOC(nax_freqtag_cluster_test(NULL, 12, 0, 64, x, 0, 2.0, NULL, 20, NULL,
                                             1, NULL, NULL, c, &n, NULL, NULL),
                    none, (void)0, 40);
  nax_freqtag_ress_spec s = {64.0, 10.0, 1.0, 2.0, 1.0, 0.05, 1, NULL};
  NAX_T_SWEEP_ALLOC(
      nax_freqtag_ress(NULL, 4, 64, 3, x, &s, NULL, NULL, NULL, NULL, NULL, x), none,
      (void)0, 200);
  nax_view v = nax_view_f64(x, 3, (nax_index[]){4, 64, 3});
  NAX_T_SWEEP_ALLOC(
      nax_freqtag_hftp_published(NULL, &v, &v, 8, 1, phrase, 20, NULL, 1, &h), h,
      nax_freqtag_hftp_free(h), 60);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(turned_trials),
      cmocka_unit_test(random_turns_give_the_exact_null),
      cmocka_unit_test(scrambled_phases),
      cmocka_unit_test(cluster_masses),
      cmocka_unit_test(adjusted_p_values),
      cmocka_unit_test(entrained_source),
      cmocka_unit_test(published_rule),
      cmocka_unit_test(permutation_null_in_closed_form),
      cmocka_unit_test(default_rule_holds_its_false_discovery_rate),
      cmocka_unit_test(published_rule_flags_noise_as_known),
      cmocka_unit_test(geometry_of_spectra),
      cmocka_unit_test(sentences_are_the_observations),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_null", tests, NULL, NULL);
}
