/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of frequency tagging and their distributions. Reference numbers were computed
 * with numpy, scipy and mpmath from the formulas. */
#include "npy_ref.h"
#include "uniform.h"
#include "freqtag/freqtag_i.h"

#define REF(name, n) nax_t_npy("ref/freqtag/" name ".npy", (n))
#define REF1(name)   nax_t_npy1("ref/freqtag/" name ".npy")

static const nax_c64 zero = {0.0, 0.0};

/* Column k of a row-major n x width complex matrix. */
static void
take_column(const double *z, nax_index n, nax_index width, nax_index k, nax_c64 *out)
{
  for (nax_index i = 0; i < n; i++) {
    out[i].re = z[2 * (i * width + k)];
    out[i].im = z[2 * (i * width + k) + 1];
  }
}

static nax_freqtag_moments
column_moments(const double *z, nax_index n, nax_index width, nax_index k)
{
  nax_c64 *c = calloc((size_t)n, sizeof *c);
  assert_non_null(c);
  take_column(z, n, width, k, c);
  nax_freqtag_moments m = nax_freqtag_moments_of(n, c);
  free(c);
  return m;
}

static nax_c64
normal_pair(uint64_t *seed)
{
  double r = sqrt(-2.0 * log1p(-nax_t_uniform(seed)));
  double a = 2.0 * NAX_I_FT_PI * nax_t_uniform(seed);
  return (nax_c64){r * cos(a), r * sin(a)};
}

/* ------------------------------------------------------------- distributions */

static void
f_tails_agree_with_scipy(void **state)
{
  (void)state;
  /* scipy.stats.f.logsf */
  static const double known[][4] = {
      {1.5, 1.0, 19.0, -1.4454517391933066},    {3.0, 1.0, 4.0, -1.8432480034602454},
      {2.0, 24.0, 192.0, -5.2073024273670505},  {0.7, 24.0, 192.0, -0.16467967958341936},
      {50.0, 12.0, 1056.0, -216.0292426738283}, {1e-3, 3.0, 5.0, -4.983005683610904e-05},
      {400.0, 5.0, 900.0, -518.2045637182331},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    assert_close(nax_freqtag_log_f(known[i][0], known[i][1], known[i][2]), known[i][3],
                 1e-11, 0.0);
  }
  /* the closed form and the continued fraction are the same function */
  for (double f = 0.01; f < 1000.0; f *= 3.0) {
    double closed = nax_freqtag_log_f(f, 2.0, 38.0), x = 38.0 / (38.0 + 2.0 * f);
    assert_close(nax_i_ft_log_beta_inc(19.0, 1.0, x), closed, 1e-11, 1e-13);
  }
  assert_true(nax_freqtag_log_f(1e4, 2.0, 2000.0) < -700.0);
  assert_true(isnan(nax_freqtag_log_f(1.0, 0.0, 3.0)));
}

static void
chi_squared_and_binomial_tails(void **state)
{
  (void)state;
  /* scipy.stats.chi2.logsf(x, 2k), binom.logcdf(k, n, .5) */
  assert_close(exp(nax_i_ft_log_chi2_even(7.5, 1)), exp(-3.75), 1e-14, 0.0);
  assert_close(nax_i_ft_log_chi2_even(7.5, 3),
               log(exp(-3.75) * (1 + 3.75 + 3.75 * 3.75 / 2)), 1e-13, 0.0);
  assert_close(nax_i_ft_log_chi2_even(1.0, 20), 0.0, 0.0, 1e-15);
  assert_true(nax_i_ft_log_chi2_even(3000.0, 4) < -1400.0);
  assert_close(exp(nax_i_ft_log_binomial_half(2, 5)), 0.5, 1e-13, 0.0);
  assert_close(exp(nax_i_ft_log_binomial_half(0, 30)), pow(0.5, 30), 1e-12, 0.0);
  double p[3] = {log(0.05), (double)NAN, log(0.2)};
  for (int i = 0; i < 3; i++) { /* of one p value it is that p value */
    double one = nax_freqtag_fisher(1, p + i).log_p;
    assert_true(isnan(p[i]) ? isnan(one) : one == p[i]);
  }
  nax_freqtag_test t = nax_freqtag_fisher(3, p);
  assert_close(t.p, 0.01 * (1.0 - log(0.01)), 1e-12, 0.0);
  assert_close(t.df1, 4.0, 0.0, 0.0);
}

static void
noncentral_f_agrees_with_simulation_and_its_limits(void **state)
{
  (void)state;
  assert_close(nax_freqtag_noncentral_f(2.0, 2.0, 22.0, 0.0),
               exp(nax_freqtag_log_f(2.0, 2.0, 22.0)), 1e-12, 0.0);
  /* scipy.stats.ncf.sf */
  assert_close(nax_freqtag_noncentral_f(3.4, 2.0, 22.0, 5.0), 0.45424271211257405, 1e-10,
               0.0);
  double before = 0.0;
  for (double l = 0.0; l < 200.0; l += 10.0) {
    double p = nax_freqtag_noncentral_f(4.0, 2.0, 30.0, l);
    assert_true(p >= before - 1e-12 && p <= 1.0);
    before = p;
  }
}

/* ----------------------------------------------------------- reference cases */

static void
rayleigh_table(void **state)
{
  (void)state;
  double *n = REF("case03.in_n", 6), *r = REF("case03.in_r", 6);
  double *p = REF("case03.out_p_exp_zar_fisher_exact", 6 * 6 * 4);
  static const nax_freqtag_rayleigh_method method[4] = {
      NAX_FREQTAG_RAYLEIGH_FIRST, NAX_FREQTAG_RAYLEIGH_ZAR, NAX_FREQTAG_RAYLEIGH_SERIES,
      NAX_FREQTAG_RAYLEIGH_EXACT};
  for (int i = 0; i < 6; i++) {
    for (int j = 0; j < 6; j++) {
      for (int k = 0; k < 4; k++) {
        double want = p[(i * 6 + j) * 4 + k];
        nax_freqtag_test t = nax_freqtag_rayleigh((nax_index)n[i], r[j], method[k]);
        /* exact values of the table are good to 1e-13 absolute */
        assert_close(t.p, want, 1e-10, k == 3 ? 2e-13 : 1e-17);
      }
    }
  }
  free(n);
  free(r);
  free(p);
}

static void
rayleigh_exact_has_the_known_values_of_short_walks(void **state)
{
  (void)state;
  /* P(length <= 1) = 1 / (n + 1) for n >= 2 steps */
  for (nax_index n = 4; n < 12; n++) {
    nax_freqtag_test t =
        nax_freqtag_rayleigh(n, 1.0 / (double)n, NAX_FREQTAG_RAYLEIGH_EXACT);
    assert_close(t.p, (double)n / ((double)n + 1.0), 1e-10, 0.0);
  }
  assert_close(nax_freqtag_rayleigh(20, 0.95, NAX_FREQTAG_RAYLEIGH_AUTO).log_p,
               nax_freqtag_rayleigh(20, 0.95, NAX_FREQTAG_RAYLEIGH_ZAR).log_p, 0.0, 0.0);
  assert_true(isnan(nax_freqtag_rayleigh(0, 0.5, NAX_FREQTAG_RAYLEIGH_AUTO).p));
  assert_true(isnan(nax_freqtag_rayleigh(5, 1.5, NAX_FREQTAG_RAYLEIGH_AUTO).p));
}

static void
one_sample_of_phases(void **state)
{
  (void)state;
  double *phase = REF("case03b.in_phase", 40);
  nax_c64 z[40];
  for (int i = 0; i < 40; i++) {
    z[i] = (nax_c64){cos(phase[i]), sin(phase[i])};
  }
  nax_freqtag_moments m = nax_freqtag_moments_of(40, z);
  nax_freqtag_power p = nax_freqtag_power_of(&m);
  double mean = atan2(m.phase.im, m.phase.re);
  assert_close(p.itpc, REF1("case03b.out_r"), 1e-12, 0.0);
  assert_close(p.ppc, REF1("case03b.out_ppc"), 1e-11, 0.0);
  assert_close(mean, REF1("case03b.out_mean_phase"), 1e-12, 0.0);
  nax_freqtag_test t = nax_freqtag_rayleigh(40, p.itpc, NAX_FREQTAG_RAYLEIGH_FIRST);
  assert_close(t.statistic, REF1("case03b.out_z"), 1e-12, 0.0);
  assert_close(t.p, REF1("case03b.out_p_exp"), 1e-11, 0.0);
  t = nax_freqtag_rayleigh(40, p.itpc, NAX_FREQTAG_RAYLEIGH_ZAR);
  assert_close(t.p, REF1("case03b.out_p_zar"), 1e-10, 0.0);
  t = nax_freqtag_rayleigh(40, p.itpc, NAX_FREQTAG_RAYLEIGH_SERIES);
  assert_close(t.p, REF1("case03b.out_p_fisher"), 1e-10, 0.0);
  assert_close(nax_freqtag_v_test(40, p.itpc, mean, 0.4).statistic,
               REF1("case03b.out_vtest_u"), 1e-11, 0.0);
  free(phase);
}

static void
circular_tests_of_complex_samples(void **state)
{
  (void)state;
  double *a = REF("case04.in_a", 15 * 4 * 2), *b = REF("case04.in_b", 11 * 4 * 2);
  double *one = REF("case04.out_t2circ_F_p_rad", 16);
  double *two = REF("case04.out_t2circ_two", 12),
         *h1 = REF("case04.out_hotelling_one", 12);
  double *h2 = REF("case04.out_hotelling_two", 12),
         *ci = REF("case04.out_condindex_p", 8);
  for (int k = 0; k < 4; k++) {
    nax_freqtag_moments ma = column_moments(a, 15, 4, k),
                        mb = column_moments(b, 11, 4, k);
    nax_freqtag_test t = nax_freqtag_t2circ(&ma, zero);
    assert_close(t.statistic / 15.0, one[4 * k], 1e-10, 0.0);
    assert_close(t.statistic, one[4 * k + 1], 1e-10, 0.0);
    assert_close(t.p, one[4 * k + 2], 1e-10, 0.0);
    assert_close(nax_freqtag_t2circ_radius(&ma, 0.05), one[4 * k + 3], 1e-10, 0.0);
    t = nax_freqtag_t2circ_two(&ma, &mb);
    assert_close(t.statistic * 26.0 / 165.0, two[3 * k], 1e-10, 0.0);
    assert_close(t.statistic, two[3 * k + 1], 1e-10, 0.0);
    assert_close(t.p, two[3 * k + 2], 1e-10, 0.0);
    t = nax_freqtag_hotelling(&ma, zero);
    assert_close(t.statistic * 28.0 / 13.0, h1[3 * k], 1e-10, 0.0);
    assert_close(t.statistic, h1[3 * k + 1], 1e-10, 0.0);
    assert_close(t.p, h1[3 * k + 2], 1e-10, 0.0);
    t = nax_freqtag_hotelling_two(&ma, &mb);
    assert_close(t.statistic * 48.0 / 23.0, h2[3 * k], 1e-10, 0.0);
    assert_close(t.statistic, h2[3 * k + 1], 1e-10, 0.0);
    assert_close(t.p, h2[3 * k + 2], 1e-10, 0.0);
    t = nax_freqtag_sphericity(&ma);
    assert_close(t.statistic, ci[2 * k], 1e-10, 0.0);
    assert_close(t.p, ci[2 * k + 1], 1e-10, 0.0);
  }
  free(a);
  free(b);
  free(one);
  free(two);
  free(h1);
  free(h2);
  free(ci);
}

static void
mouse_steady_state_response(void **state)
{
  (void)state;
  double *s = REF("case04m.in_mouse_sound", 12), *l = REF("case04m.in_mouse_light", 12);
  double *want = REF("case04m.out_paired_t2circ_F_p", 3), *ci = REF("case04m.out_ci", 4);
  nax_c64 d[6];
  for (int i = 0; i < 6; i++) {
    d[i] = (nax_c64){s[2 * i] - l[2 * i], s[2 * i + 1] - l[2 * i + 1]};
  }
  nax_freqtag_moments m = nax_freqtag_moments_of(6, d);
  nax_freqtag_moments ms = column_moments(s, 6, 1, 0), ml = column_moments(l, 6, 1, 0);
  nax_freqtag_test t = nax_freqtag_t2circ(&m, zero);
  assert_close(t.statistic / 6.0, want[0], 1e-10, 0.0);
  assert_close(t.statistic, want[1], 1e-10, 0.0);
  assert_close(t.p, want[2], 1e-10, 0.0);
  assert_close(nax_freqtag_mahalanobis(&ms, &ml), REF1("case04m.out_D"), 1e-10, 0.0);
  assert_close(nax_freqtag_sphericity(&ms).statistic, ci[0], 1e-10, 0.0);
  assert_close(nax_freqtag_sphericity(&ms).p, ci[1], 1e-10, 0.0);
  assert_close(nax_freqtag_sphericity(&ml).statistic, ci[2], 1e-10, 0.0);
  assert_close(nax_freqtag_sphericity(&ml).p, ci[3], 1e-10, 0.0);
  free(s);
  free(l);
  free(want);
  free(ci);
}

static void
human_contrast_series(void **state)
{
  (void)state;
  double *oz = REF("case04s.in_oz", 100 * 7 * 2), *keep = REF("case04s.out_keep", 100);
  double *rm = REF("case04s.out_rm_anova", 4), *pair = REF("case04s.out_pairwise", 18);
  double *ci = REF("case04s.out_ci", 14), *one = REF("case04s.out_t2circ_one", 28);
  nax_c64 z[7 * 89];
  nax_index n = 0;
  for (int i = 0; i < 100; i++) {
    for (int k = 0; keep[i] != 0.0 && k < 7; k++) {
      z[n + 89 * k] = (nax_c64){oz[2 * (7 * i + k)], oz[2 * (7 * i + k) + 1]};
    }
    n += keep[i] != 0.0;
  }
  assert_int_equal(n, 89);
  assert_close(rm[0], 38.898, 0.0, 5e-4); /* published 38.9 */
  nax_freqtag_test t = nax_freqtag_anova_repeated(89, 7, z);
  assert_close(t.statistic, rm[0], 1e-10, 0.0);
  assert_close(t.df1, rm[1], 0.0, 0.0);
  assert_close(t.df2, rm[2], 0.0, 0.0);
  assert_close(t.p, rm[3], 1e-10, 0.0);
  for (int k = 0; k < 7; k++) {
    nax_freqtag_moments m = nax_freqtag_moments_of(89, z + 89 * k);
    t = nax_freqtag_t2circ(&m, zero);
    assert_close(t.statistic / 89.0, one[4 * k], 1e-10, 0.0);
    assert_close(t.statistic, one[4 * k + 1], 1e-10, 0.0);
    assert_close(t.p, one[4 * k + 2], 1e-10, 0.0);
    assert_close(nax_freqtag_t2circ_radius(&m, 0.05), one[4 * k + 3], 1e-10, 0.0);
    assert_close(nax_freqtag_sphericity(&m).statistic, ci[2 * k], 1e-10, 0.0);
    assert_close(nax_freqtag_sphericity(&m).p, ci[2 * k + 1], 1e-10, 0.0);
    if (k > 0) {
      nax_c64 d[89];
      for (int i = 0; i < 89; i++) {
        d[i] = (nax_c64){z[i].re - z[i + 89 * k].re, z[i].im - z[i + 89 * k].im};
      }
      m = nax_freqtag_moments_of(89, d);
      t = nax_freqtag_t2circ(&m, zero);
      assert_close(t.statistic / 89.0, pair[3 * (k - 1)], 1e-10, 0.0);
      assert_close(t.statistic, pair[3 * (k - 1) + 1], 1e-10, 0.0);
      assert_close(t.p, pair[3 * (k - 1) + 2], 1e-10, 0.0);
    }
  }
  free(oz);
  free(keep);
  free(rm);
  free(pair);
  free(ci);
  free(one);
}

static void
analysis_of_variance(void **state)
{
  (void)state;
  double *a = REF("case04.in_a", 120), *f = REF("case04.out_anova_between", 4);
  double *rm = REF("case04.out_anova_rm", 4);
  nax_freqtag_moments m[4];
  nax_c64 z[60];
  for (int k = 0; k < 4; k++) {
    m[k] = column_moments(a, 15, 4, k);
    take_column(a, 15, 4, k, z + 15 * k);
  }
  nax_freqtag_test t = nax_freqtag_anova_repeated(15, 4, z);
  assert_close(t.statistic, rm[0], 1e-10, 0.0);
  assert_close(t.df1, rm[1], 0.0, 0.0);
  assert_close(t.df2, rm[2], 0.0, 0.0);
  assert_close(t.p, rm[3], 1e-10, 0.0);
  double *b = REF("case04.in_b", 88);
  nax_freqtag_moments groups[3] = {m[0], m[1], column_moments(b, 11, 4, 2)};
  nax_freqtag_test g = nax_freqtag_anova(3, groups);
  assert_close(g.df1, f[1], 0.0, 0.0);
  assert_close(g.df2, f[2], 0.0, 0.0);
  assert_close(g.statistic, f[0], 1e-10, 0.0);
  assert_close(g.p, f[3], 1e-10, 0.0);
  free(a);
  free(b);
  free(f);
  free(rm);
}

static void
real_coefficients_have_their_own_tests(void **state)
{
  (void)state;
  double *z = REF("case14.in_z", 60), *t = REF("case14.out_t", 3),
         *f = REF("case14.out_F", 3);
  double *p = REF("case14.out_p_t", 3), *r = REF("case14.out_itpc", 3);
  double *sign = REF("case14.out_p_sign", 3);
  for (int k = 0; k < 3; k++) {
    nax_c64 c[20];
    for (int i = 0; i < 20; i++) {
      c[i] = (nax_c64){z[3 * i + k], 0.0};
    }
    nax_freqtag_moments m = nax_freqtag_moments_of(20, c);
    nax_freqtag_test test = nax_freqtag_real_t(&m);
    assert_close(test.statistic, f[k], 1e-10, 0.0);
    assert_close(test.statistic, t[k] * t[k], 1e-10, 0.0);
    assert_close(test.p, p[k], 1e-10, 0.0);
    test = nax_freqtag_real_sign(&m);
    assert_close(test.statistic, r[k], 1e-12, 0.0);
    assert_close(test.p, sign[k], 1e-10, 0.0);
  }
  free(z);
  free(t);
  free(f);
  free(p);
  free(r);
  free(sign);
}

static void
expected_coherence(void **state)
{
  (void)state;
  double *kappa = REF("case13.in_kappa", 7), *n = REF("case13.in_n", 3);
  double *rho = REF("case13.out_rho", 7), *e = REF("case13.out_E_itpc_sq", 21), r;
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 7; k++) {
      double got = nax_freqtag_expected_itpc_squared(kappa[k], (nax_index)n[i], &r);
      assert_close(got, e[7 * i + k], 1e-10, 0.0);
      assert_close(r, rho[k], 1e-10, 0.0);
    }
  }
  /* the series and the expansion meet */
  double lo, hi;
  nax_freqtag_expected_itpc_squared(39.9999999, 5, &lo);
  nax_freqtag_expected_itpc_squared(40.0000001, 5, &hi);
  assert_close(lo, hi, 1e-9, 0.0);
  free(kappa);
  free(n);
  free(rho);
  free(e);
}

/* ---------------------------------------------------------------- properties */

static void
merged_moments_are_those_of_all_trials(void **state)
{
  (void)state;
  double *z = REF("case15.in_z", 240), *sums = REF("case15.out_accu", 32);
  double *t2 = REF("case15.out_t2circ", 16), *h = REF("case15.out_hotelling", 12);
  for (int k = 0; k < 4; k++) {
    nax_c64 c[30];
    take_column(z, 30, 4, k, c);
    nax_freqtag_moments all = nax_freqtag_moments_of(30, c);
    for (nax_index cut = 0; cut <= 30; cut += 5) {
      nax_freqtag_moments a = nax_freqtag_moments_of(cut, c);
      nax_freqtag_moments b = nax_freqtag_moments_of(30 - cut, c + cut);
      nax_freqtag_moments m = nax_freqtag_moments_merge(&a, &b);
      assert_int_equal(m.n, 30);
      assert_close(m.mean.re, all.mean.re, 1e-12, 1e-14);
      assert_close(m.mean.im, all.mean.im, 1e-12, 1e-14);
      assert_close(m.ss, all.ss, 1e-12, 0.0);
      assert_close(m.square.re, all.square.re, 1e-11, 1e-12);
      assert_close(m.square.im, all.square.im, 1e-11, 1e-12);
      assert_close(m.phase.re, all.phase.re, 1e-12, 1e-13);
      nax_freqtag_test t = nax_freqtag_t2circ(&m, zero);
      assert_close(t.statistic, t2[4 * k + 1], 1e-10, 0.0);
      assert_close(t.log_p, log(t2[4 * k + 2]), 1e-10, 0.0);
      t = nax_freqtag_hotelling(&m, zero);
      assert_close(t.statistic, h[3 * k + 1], 1e-10, 0.0);
      assert_close(t.p, h[3 * k + 2], 1e-10, 0.0);
    }
    /* the plain sums of the reference */
    double n = 30.0, mean2 = all.mean.re * all.mean.re + all.mean.im * all.mean.im;
    assert_close(n, sums[k], 0.0, 0.0);
    assert_close(n * all.mean.re, sums[4 + k], 1e-10, 1e-12);
    assert_close(n * all.mean.im, sums[8 + k], 1e-10, 1e-12);
    assert_close(all.ss + n * mean2, sums[12 + k], 1e-10, 0.0);
    assert_close(all.phase.re, sums[16 + k], 1e-10, 1e-12);
    assert_close(all.phase.im, sums[20 + k], 1e-10, 1e-12);
    assert_close(all.square.re +
                     n * (all.mean.re * all.mean.re - all.mean.im * all.mean.im),
                 sums[24 + k], 1e-10, 1e-10);
    assert_close(all.square.im + n * 2.0 * all.mean.re * all.mean.im, sums[28 + k], 1e-10,
                 1e-10);
  }
  free(z);
  free(sums);
  free(t2);
  free(h);
}

static void
statistics_do_not_change_with_scale_and_rotation(void **state)
{
  (void)state;
  uint64_t seed = 11;
  nax_c64 z[25], y[25];
  for (int i = 0; i < 25; i++) {
    z[i] = normal_pair(&seed);
    z[i].re += 0.4;
    double c = 3.0 * cos(1.1), s = 3.0 * sin(1.1);
    y[i] = (nax_c64){c * z[i].re - s * z[i].im, s * z[i].re + c * z[i].im};
  }
  nax_freqtag_moments a = nax_freqtag_moments_of(25, z),
                      b = nax_freqtag_moments_of(25, y);
  nax_freqtag_power p = nax_freqtag_power_of(&a), q = nax_freqtag_power_of(&b);
  assert_close(nax_freqtag_t2circ(&a, zero).statistic,
               nax_freqtag_t2circ(&b, zero).statistic, 1e-12, 0.0);
  assert_close(nax_freqtag_hotelling(&a, zero).statistic,
               nax_freqtag_hotelling(&b, zero).statistic, 1e-12, 0.0);
  assert_close(nax_freqtag_sphericity(&a).p, nax_freqtag_sphericity(&b).p, 1e-11, 0.0);
  assert_close(p.itpc, q.itpc, 1e-13, 0.0);
  assert_close(9.0 * p.evoked, q.evoked, 1e-13, 0.0);
  assert_close(p.total, p.evoked + p.induced, 0.0, 0.0);
}

static void
little_or_odd_data_give_no_p(void **state)
{
  (void)state;
  nax_c64 z[4] = {{1.0, 1.0}, {0.0, 0.0}, {(double)NAN, 0.0}, {2.0, 0.0}};
  nax_freqtag_moments none = nax_freqtag_moments_of(0, z),
                      one = nax_freqtag_moments_of(1, z);
  nax_freqtag_moments all = nax_freqtag_moments_of(4, z), same;
  assert_true(isnan(nax_freqtag_t2circ(&none, zero).p));
  assert_true(isnan(nax_freqtag_t2circ(&one, zero).p));
  assert_true(isnan(nax_freqtag_hotelling(&one, zero).p));
  assert_true(isnan(nax_freqtag_power_of(&none).itpc));
  assert_int_equal(all.n, 3);
  assert_int_equal(all.n_zero, 1);
  assert_close(nax_freqtag_power_of(&all).itpc,
               hypot(1.0 + sqrt(2.0), 1.0) / sqrt(2.0) / 2.0, 1e-12, 0.0);
  z[1] = z[2] = z[3] = z[0];
  same = nax_freqtag_moments_of(4, z);
  assert_close(nax_freqtag_t2circ(&same, zero).p, 0.0, 0.0, 0.0);
  z[0] = z[1] = z[2] = z[3] = zero;
  same = nax_freqtag_moments_of(4, z);
  assert_true(isnan(nax_freqtag_t2circ(&same, zero).p));
  assert_true(isnan(nax_freqtag_power_of(&same).itpc));
}

/* ------------------------------------------------------ calibration and power */

static void
null_p_values_are_uniform(void **state)
{
  (void)state;
  nax_t_long();
  enum { DRAWS = 100000, N = 12, M = 9, TESTS = 12 };
  static const char *const name[TESTS] = {
      "T2circ",     "T2",       "T2circ two", "T2 two",     "sphericity",
      "ANOVA2circ", "Rayleigh", "real t",     "real t two", "ANOVA2circ, repeated",
      "pairs",      "auto"};
  double *p[TESTS];
  uint64_t seed = 3;
  nax_i_ft_walk walk;
  assert_ok(nax_i_ft_walk_create(NULL, N, 1e-13, &walk));
  for (int k = 0; k < TESTS; k++) {
    p[k] = calloc(DRAWS, sizeof(double));
  }
  for (nax_index i = 0; i < DRAWS; i++) {
    nax_c64 z[N], y[M], re[N], rm[M];
    for (int j = 0; j < N; j++) {
      z[j] = normal_pair(&seed);
      re[j] = (nax_c64){z[j].re, 0.0};
    }
    for (int j = 0; j < M; j++) {
      y[j] = normal_pair(&seed);
      rm[j] = (nax_c64){y[j].re, 0.0};
    }
    nax_freqtag_moments g[3] = {nax_freqtag_moments_of(N, z),
                                nax_freqtag_moments_of(M, y),
                                nax_freqtag_moments_of(5, z + 7)};
    nax_freqtag_moments first = nax_freqtag_moments_of(7, z);
    nax_freqtag_moments three[3] = {first, g[1], g[2]};
    nax_freqtag_moments r1 = nax_freqtag_moments_of(N, re),
                        r2 = nax_freqtag_moments_of(M, rm);
    p[0][i] = nax_freqtag_t2circ(&g[0], zero).p;
    p[1][i] = nax_freqtag_hotelling(&g[0], zero).p;
    p[2][i] = nax_freqtag_t2circ_two(&g[0], &g[1]).p;
    p[3][i] = nax_freqtag_hotelling_two(&g[0], &g[1]).p;
    p[4][i] = nax_freqtag_sphericity(&g[0]).p;
    p[5][i] = nax_freqtag_anova(3, three).p;
    p[6][i] = exp(nax_i_ft_walk_log_p(&walk, N, nax_freqtag_power_of(&g[0]).itpc));
    p[7][i] = nax_freqtag_real_t(&r1).p;
    p[8][i] = nax_freqtag_real_t_two(&r1, &r2).p;
    /* four subjects in three conditions, each with a level of its own */
    nax_c64 w[12], d[M];
    for (int j = 0; j < 12; j++) {
      w[j] = (nax_c64){z[j].re + 5.0 * (j % 4), z[j].im - 3.0 * (j % 4)};
    }
    p[9][i] = nax_freqtag_anova_repeated(4, 3, w).p;
    for (int j = 0; j < M; j++) {
      d[j] = (nax_c64){z[j].re - y[j].re, z[j].im - y[j].im};
    }
    nax_freqtag_moments pairs = nax_freqtag_moments_of(M, d);
    p[10][i] = nax_freqtag_t2circ(&pairs, zero).p;
    p[11][i] = nax_freqtag_auto(&g[0], zero, 0.05, NULL).p;
  }
  for (int k = 0; k < TESTS; k++) {
    if (k < 11) {
      assert_uniform(name[k], DRAWS, p[k]);
    } else {
      /* the choice between two tests costs at most a fifth of the level */
      nax_index hits = 0;
      for (nax_index i = 0; i < DRAWS; i++) {
        hits += p[k][i] <= 0.01;
      }
      assert_true((double)hits < 0.012 * DRAWS + 4.0 * sqrt(0.01 * DRAWS));
    }
    free(p[k]);
  }
  nax_i_ft_walk_free(&walk);
}

static void
power_of_t2circ_is_that_of_the_noncentral_f(void **state)
{
  (void)state;
  enum { DRAWS = 4000, N = 10 };
  uint64_t seed = 8;
  double critical = 9.0 * expm1(-log(0.05) / 9.0), mu = 0.55;
  /* parts have variance 1: kappa = mu^2 / 2, lambda = 2 n kappa = n mu^2 */
  double want = nax_freqtag_noncentral_f(critical, 2.0, 18.0, N * mu * mu);
  nax_index hits = 0;
  for (nax_index i = 0; i < DRAWS; i++) {
    nax_c64 z[N];
    for (int j = 0; j < N; j++) {
      z[j] = normal_pair(&seed);
      z[j].re += mu;
    }
    nax_freqtag_moments m = nax_freqtag_moments_of(N, z);
    hits += nax_freqtag_t2circ(&m, zero).p < 0.05;
  }
  assert_close((double)hits / DRAWS, want, 0.0, 4.0 * sqrt(want * (1.0 - want) / DRAWS));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(f_tails_agree_with_scipy),
      cmocka_unit_test(chi_squared_and_binomial_tails),
      cmocka_unit_test(noncentral_f_agrees_with_simulation_and_its_limits),
      cmocka_unit_test(rayleigh_table),
      cmocka_unit_test(rayleigh_exact_has_the_known_values_of_short_walks),
      cmocka_unit_test(one_sample_of_phases),
      cmocka_unit_test(circular_tests_of_complex_samples),
      cmocka_unit_test(mouse_steady_state_response),
      cmocka_unit_test(human_contrast_series),
      cmocka_unit_test(analysis_of_variance),
      cmocka_unit_test(real_coefficients_have_their_own_tests),
      cmocka_unit_test(expected_coherence),
      cmocka_unit_test(merged_moments_are_those_of_all_trials),
      cmocka_unit_test(statistics_do_not_change_with_scale_and_rotation),
      cmocka_unit_test(little_or_odd_data_give_no_p),
      cmocka_unit_test(null_p_values_are_uniform),
      cmocka_unit_test(power_of_t2circ_is_that_of_the_noncentral_f),
  };
  return cmocka_run_group_tests_name("freqtag", tests, NULL, NULL);
}
