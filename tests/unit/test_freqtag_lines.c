/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neighbouring bins, harmonics, multitapers, single series, spikes. */
#include "npy_ref.h"
#include "uniform.h"
#include "freqtag/freqtag_i.h"

#define REF(name, n) nax_t_npy("ref/freqtag/" name ".npy", (n))
#define REF1(name)   nax_t_npy1("ref/freqtag/" name ".npy")

enum { UNITS = 5, BINS = 129 };
static const nax_freqtag_neighbours usual = {1, 4, 0, NULL, 0};
static const nax_freqtag_neighbours cut = {1, 4, 0, NULL, 1};

static void
neighbouring_bins(void **state)
{
  (void)state;
  double *a = REF("case01.out_amp_evoked", UNITS * BINS);
  double *e = REF("case01.out_evoked_power", UNITS * BINS);
  double *t = REF("case01.out_total_power", UNITS * BINS);
  double *snr = REF("case01.out_snr_amp", UNITS * BINS);
  double *bca = REF("case01.out_bca_amp", UNITS * BINS);
  double *z = REF("case01.out_z_amp", UNITS * BINS);
  double *snr_t = REF("case01.out_snr_amp_trunc", UNITS * BINS);
  double *z_t = REF("case01.out_z_amp_trunc", UNITS * BINS);
  double *snr_p = REF("case01.out_snr_pow", UNITS * BINS);
  double *p = REF("case01.out_p_snr_pow", UNITS * BINS);
  double *pt = REF("case01.out_p_snr_total", UNITS * BINS);
  nax_freqtag_contrast c[BINS], d[BINS];
  assert_int_equal(usual.skip, (nax_index)REF1("case01.in_skip"));
  assert_int_equal(usual.side, (nax_index)REF1("case01.in_nb"));
  for (nax_index u = 0; u < UNITS; u++) {
    assert_ok(nax_freqtag_contrast_all(NULL, BINS, a + u * BINS, &usual, c));
    assert_ok(nax_freqtag_contrast_all(NULL, BINS, a + u * BINS, &cut, d));
    for (nax_index k = 0; k < BINS; k++) {
      nax_index i = u * BINS + k;
      assert_close(c[k].snr, snr[i], 1e-10, 0.0);
      assert_close(c[k].difference, bca[i], 1e-10, 1e-15);
      assert_close(c[k].z, z[i], 1e-10, 1e-13);
      assert_close(d[k].snr, snr_t[i], 1e-10, 0.0);
      assert_close(d[k].z, z_t[i], 1e-10, 1e-13);
    }
    assert_ok(nax_freqtag_contrast_all(NULL, BINS, e + u * BINS, &usual, c));
    assert_ok(nax_freqtag_contrast_all(NULL, BINS, t + u * BINS, &usual, d));
    for (nax_index k = 0; k < BINS; k++) {
      nax_index i = u * BINS + k;
      assert_close(c[k].snr, snr_p[i], 1e-10, 0.0);
      assert_close(nax_freqtag_snr_test(c[k].snr, 8, 1).p, p[i], 1e-10, 0.0);
      assert_close(nax_freqtag_snr_test(d[k].snr, 8, 12).p, pt[i], 1e-10, 0.0);
    }
  }
  double *all[] = {a, e, t, snr, bca, z, snr_t, z_t, snr_p, p, pt};
  for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
    free(all[k]);
  }
}

static void
sums_over_harmonics(void **state)
{
  (void)state;
  double *a = REF("case01.out_amp_evoked", UNITS * BINS);
  double *sum = REF("case01h.out_sum_bca", 5), *snr = REF("case01h.out_snr_of_sum", 5);
  double *z = REF("case01h.out_z_of_sum", 5), *root = REF("case01h.out_rss_bca", 5);
  double *at = REF("case01h.in_bins", 3);
  for (int u = 0; u < UNITS; u++) {
    nax_freqtag_harmonics h;
    nax_index bin[3] = {(nax_index)at[0], (nax_index)at[1], (nax_index)at[2]};
    assert_ok(nax_freqtag_harmonics_of(NULL, BINS, a + u * BINS, 3, bin, &usual, &h));
    assert_close(h.sum, sum[u], 1e-10, 0.0);
    assert_close(h.snr, snr[u], 1e-10, 0.0);
    assert_close(h.z, z[u], 1e-10, 0.0);
    assert_close(h.root_power, root[u], 1e-10, 0.0);
    bin[2] = 127;
    assert_ok(nax_freqtag_harmonics_of(NULL, BINS, a + u * BINS, 3, bin, &usual, &h));
    assert_true(isnan(h.sum) && isnan(h.z));
    bin[2] = 129;
    assert_status(nax_freqtag_harmonics_of(NULL, BINS, a + u * BINS, 3, bin, &usual, &h),
                  NAX_EINVAL);
  }
  free(a);
  free(sum);
  free(snr);
  free(z);
  free(root);
  free(at);
}

static void
other_lines_are_no_neighbours(void **state)
{
  (void)state;
  char other[40] = {0};
  nax_index bin[8];
  nax_freqtag_neighbours around = {1, 3, 0, other, 0};
  other[23] = other[15] = 1;
  assert_int_equal(nax_freqtag_neighbour_bins(40, 20, &around, bin), 6);
  static const nax_index want[6] = {16, 17, 18, 22, 24, 25};
  for (int i = 0; i < 6; i++) {
    assert_int_equal(bin[i], want[i]);
  }
  /* at the end of the spectrum there are fewer */
  assert_int_equal(nax_freqtag_neighbour_bins(40, 38, &around, bin), 3);
  double x[40];
  for (int i = 0; i < 40; i++) {
    x[i] = 1.0 + 0.1 * (i % 3);
  }
  x[23] = 100.0;
  nax_freqtag_contrast c;
  assert_ok(nax_freqtag_contrast_at(NULL, 40, x, 20, &around, &c));
  assert_true(c.mean < 1.3);
  around.excluded = NULL;
  assert_ok(nax_freqtag_contrast_at(NULL, 40, x, 20, &around, &c));
  assert_true(c.mean > 10.0);
  around.trim = 1;
  assert_ok(nax_freqtag_contrast_at(NULL, 40, x, 20, &around, &c));
  assert_int_equal(c.n, 4);
  assert_true(c.mean < 1.3);
  around.trim = 3;
  assert_error(nax_freqtag_contrast_at(NULL, 40, x, 20, &around, &c), NAX_EINVAL,
               "nax_freqtag_contrast_at: neighbours, expected at least 1 on a side and "
               "fewer trimmed, got 3 and 3");
}

static void
tapers_and_thomson_f(void **state)
{
  (void)state;
  double *x = REF("case05.in_x", 3 * 512), *want = REF("case05.out_tapers", 5 * 512);
  double *ratio = REF("case05.out_ratios", 5), *mu = REF("case05.out_mu", 3 * 257 * 2);
  double *f = REF("case05.out_F", 3 * 257), *p = REF("case05.out_p", 3 * 257);
  double *psd = REF("case05.out_psd_uniform", 3 * 257);
  double tapers[5 * 512], r[5], power[257], fs = REF1("case05.in_fs"),
                                            nw = REF1("case05.in_NW");
  nax_index n_tapers = (nax_index)REF1("case05.in_K");
  nax_c64 m[257];
  nax_freqtag_test t[257];
  assert_ok(nax_freqtag_dpss(NULL, 512, nw, n_tapers, tapers, r));
  assert_all_close(tapers, want, 5 * 512, 1e-10, 1e-12);
  assert_all_close(r, ratio, 5, 1e-10, 0.0);
  for (int k = 0; k < 3; k++) {
    assert_ok(
        nax_freqtag_thomson(NULL, 512, 1, x + 512 * k, fs, nw, n_tapers, m, t, power));
    assert_all_close(power, psd + 257 * k, 257, 1e-10, 0.0);
    for (int i = 0; i < 257; i++) {
      assert_close(m[i].re, mu[2 * (257 * k + i)], 1e-10, 1e-13);
      assert_close(m[i].im, mu[2 * (257 * k + i) + 1], 1e-10, 1e-13);
      assert_close(t[i].statistic, f[257 * k + i], 1e-10, 1e-14);
      assert_close(t[i].p, p[257 * k + i], 1e-10, 0.0);
    }
  }
  free(mu);
  free(f);
  free(p);
  free(x);
  x = REF("case05b.in_x", 5120);
  mu = REF("case05b.out_mu", 514);
  f = REF("case05b.out_F", 257);
  p = REF("case05b.out_p", 257);
  assert_ok(nax_freqtag_thomson(NULL, 512, 10, x, fs, nw, n_tapers, m, t, NULL));
  for (int i = 0; i < 257; i++) {
    assert_close(m[i].re, mu[2 * i], 1e-10, 1e-13);
    assert_close(m[i].im, mu[2 * i + 1], 1e-10, 1e-13);
    assert_close(t[i].statistic, f[i], 1e-10, 1e-14);
    assert_close(t[i].p, p[i], 1e-10, 0.0);
    assert_close(t[i].df2, 98.0, 0.0, 0.0);
  }
  assert_status(nax_freqtag_thomson(NULL, 512, 1, x, 128.0, 3.0, 1, m, t, NULL),
                NAX_EINVAL);
  assert_status(nax_freqtag_dpss(NULL, 16, 8.0, 2, tapers, r), NAX_EINVAL);
  x[7] = (double)NAN;
  assert_status(nax_freqtag_thomson(NULL, 512, 1, x, 128.0, 3.0, 5, m, t, NULL),
                NAX_EDATA);
  free(x);
  free(want);
  free(ratio);
  free(mu);
  free(f);
  free(p);
  free(psd);
}

/* At bins the same as by transforms; between them the line is found where it is. */
static void
thomson_between_bins(void **state)
{
  (void)state;
  enum { N = 200, TRIALS = 3 };
  double x[N * TRIALS], freqs[4] = {10.0, 10.5, 33.0, 50.0}, at[4];
  nax_c64 mu[N / 2 + 1], here[4];
  nax_freqtag_test all[N / 2 + 1], one[4];
  uint64_t seed = 17;
  for (int t = 0; t < N * TRIALS; t++) {
    double r = sqrt(-2.0 * log1p(-nax_t_uniform(&seed)));
    x[t] = 0.3 * r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(&seed)) +
           0.8 * cos(2.0 * NAX_I_FT_PI * 20.37 * (t % N) / 100.0 + 0.4);
  }
  assert_ok(nax_freqtag_thomson(NULL, N, TRIALS, x, 100.0, 3.0, 5, mu, all, NULL));
  assert_ok(nax_freqtag_thomson_at(NULL, N, TRIALS, x, 100.0, 3.0, 5, 4, freqs, 0, at,
                                   here, one));
  for (int i = 0; i < 4; i++) {
    int bin = (int)(2.0 * freqs[i] + 0.5);
    assert_close(here[i].re, mu[bin].re, 1e-10, 1e-13);
    assert_close(here[i].im, mu[bin].im, 1e-10, 1e-13);
    assert_close(one[i].statistic, all[bin].statistic, 1e-9, 0.0);
    assert_close(at[i], freqs[i], 1e-14, 0.0);
    assert_close(one[i].df1, freqs[i] == 50.0 ? 1.0 : 2.0, 0.0, 0.0);
  }
  for (double from = 19.6; from < 21.2; from += 0.25) {
    assert_ok(nax_freqtag_thomson_at(NULL, N, TRIALS, x, 100.0, 3.0, 5, 1, &from, 1, at,
                                     here, one));
    assert_close(at[0], 20.37, 0.0, 0.02);
    assert_close(2.0 * hypot(here[0].re, here[0].im), 0.8, 0.0, 0.05);
    assert_close(atan2(here[0].im, here[0].re), 0.4, 0.0, 0.15);
    assert_true(one[0].log_p < -30.0);
    /* no place nearby is better */
    double near[2] = {at[0] - 1e-4, at[0] + 1e-4};
    nax_c64 z[2];
    assert_ok(nax_freqtag_thomson_at(NULL, N, TRIALS, x, 100.0, 3.0, 5, 2, near, 0, NULL,
                                     z, NULL));
    for (int i = 0; i < 2; i++) {
      assert_true(hypot(z[i].re, z[i].im) < hypot(here[0].re, here[0].im));
    }
  }
  freqs[0] = 51.0;
  assert_error(
      nax_freqtag_thomson_at(NULL, N, TRIALS, x, 100.0, 3.0, 5, 1, freqs, 0, at, here,
                             one),
      NAX_EINVAL,
      "nax_freqtag_thomson_at: freqs[0], expected 0 to 50 Hz (half the rate), got "
      "51 Hz");
  freqs[0] = 10.0;
  assert_status(
      nax_freqtag_thomson_at(NULL, N, 1, x, 100.0, 3.0, 1, 1, freqs, 0, at, here, one),
      NAX_EINVAL);
  void *none = NULL;
  NAX_T_SWEEP_ALLOC(
      nax_freqtag_thomson_at(NULL, N, 1, x, 100.0, 3.0, 3, 1, freqs, 0, at, here, one),
      none, (void)0, 30);
}

/* Of the median for odd n the known series; of any trimmed mean what noise shows. */
static void
bias_of_trimmed_powers(void **state)
{
  (void)state;
  for (nax_index n = 1; n < 40; n += 2) {
    double want = 1.0;
    for (nax_index i = 1; i <= (n - 1) / 2; i++) {
      want += 1.0 / (double)(2 * i + 1) - 1.0 / (double)(2 * i);
    }
    assert_close(nax_freqtag_trim_bias(n, (n - 1) / 2), want, 1e-12, 0.0);
  }
  assert_close(nax_freqtag_trim_bias(100001, 50000), log(2.0), 1e-4, 0.0);
  assert_close(nax_freqtag_trim_bias(8, 0), 1.0, 1e-14, 0.0);
  assert_true(isnan(nax_freqtag_trim_bias(8, 4)) && isnan(nax_freqtag_trim_bias(0, 0)));
  enum { BINS_HERE = 21, RUNS = 20000 };
  uint64_t seed = 5;
  for (nax_index trim = 1; trim < 4; trim++) {
    nax_freqtag_neighbours around = {1, 4, trim, NULL, 0};
    double mean = 0.0;
    for (int run = 0; run < RUNS; run++) {
      double power[BINS_HERE];
      nax_freqtag_contrast c;
      for (int i = 0; i < BINS_HERE; i++) {
        power[i] = -log1p(-nax_t_uniform(&seed));
      }
      assert_ok(nax_freqtag_contrast_at(NULL, BINS_HERE, power, 10, &around, &c));
      mean += c.mean / nax_freqtag_trim_bias(8, trim) / RUNS;
    }
    assert_close(mean, 1.0, 0.0, 4.0 * 0.45 / sqrt(RUNS));
  }
}

static void
line_with_trend(void **state)
{
  (void)state;
  double *x = REF("case02.in_x", 6 * 201), *f = REF("case02.in_f", 8);
  double *c = REF("case02.out_ls_coef", 96), *p = REF("case02.out_ls_p", 48);
  double *r2 = REF("case02.out_ls_r2", 48);
  for (int u = 0; u < 6; u++) {
    for (int k = 0; k < 8; k++) {
      nax_freqtag_line l;
      int i = 8 * u + k;
      assert_ok(nax_freqtag_fit_line(NULL, 201, x + 201 * u, REF1("case02.in_fs"), f[k],
                                     NAX_FREQTAG_TREND_LINEAR, &l));
      assert_close(l.coefficient.re, c[2 * i], 1e-10, 1e-13);
      assert_close(l.coefficient.im, c[2 * i + 1], 1e-10, 1e-13);
      assert_close(l.r_squared, r2[i], 1e-10, 1e-14);
      assert_close(l.test.p, p[i], 1e-10, 0.0);
    }
  }
  nax_freqtag_line l;
  assert_error(nax_freqtag_fit_line(NULL, 201, x, 4.0, 2.5, NAX_FREQTAG_TREND_LINEAR, &l),
               NAX_EINVAL,
               "nax_freqtag_fit_line: frequency, expected 0 to 2 Hz (half the rate), got "
               "2.5 Hz");
  free(x);
  free(f);
  free(c);
  free(p);
  free(r2);
}

static void
uneven_sampling(void **state)
{
  (void)state;
  double *t = REF("case12.in_t", 150), *y = REF("case12.in_y", 150);
  double *f = REF("case12.in_f", 6), *g = REF("case12.out_gls_power", 6);
  double *c = REF("case12.out_classic_power", 6), *p = REF("case12.out_gls_p", 6);
  nax_freqtag_line l[6], classic[6];
  assert_ok(nax_freqtag_lomb_scargle(NULL, 150, t, y, 6, f, 1, l));
  assert_ok(nax_freqtag_lomb_scargle(NULL, 150, t, y, 6, f, 0, classic));
  for (int k = 0; k < 6; k++) {
    assert_close(l[k].r_squared, g[k], 1e-10, 1e-14);
    assert_close(classic[k].r_squared, c[k], 1e-10, 1e-14);
    assert_close(l[k].test.p, p[k], 1e-10, 0.0);
  }
  y[3] = (double)NAN;
  assert_ok(nax_freqtag_lomb_scargle(NULL, 150, t, y, 6, f, 1, l));
  assert_close(l[0].test.df2, 146.0, 0.0, 0.0);
  assert_status(nax_freqtag_lomb_scargle(NULL, 3, t, y, 6, f, 1, l), NAX_EDIM);
  free(t);
  free(y);
  free(f);
  free(g);
  free(c);
  free(p);
}

static void
spikes_that_follow(void **state)
{
  (void)state;
  enum { N = 716 };
  double *t = REF("case06.in_spikes", N), *trial = REF("case06.in_trial", N);
  double *freqs = REF("case06.in_freqs", 6), *power = REF("case06.out_power_norm", 6);
  double *j = REF("case06.out_J_ratecorr", 96), *ppc = REF("case06.out_ppc012", 3);
  double *z2 = REF("case06.out_Zm2", 3), *pz = REF("case06.out_p_Zm2", 3);
  double *raw = REF("case06.out_J", 96), length = REF1("case06.in_T");
  nax_index q[N], count[8] = {0};
  nax_c64 got[48];
  nax_freqtag_spike_stats s[6];
  for (int i = 0; i < N; i++) {
    q[i] = (nax_index)trial[i];
    count[q[i]]++;
  }
  assert_ok(nax_freqtag_spikes(NULL, N, t, q, 8, length, 6, freqs, NULL, got, s));
  assert_close(freqs[3], REF1("case06.in_f"), 0.0, 0.0);
  for (int k = 0; k < 6; k++) {
    assert_close(s[k].power, power[k], 1e-10, 0.0);
    for (int r = 0; r < 8; r++) {
      assert_close(got[r + 8 * k].re, j[2 * (6 * r + k)], 1e-10, 1e-11);
      assert_close(got[r + 8 * k].im, j[2 * (6 * r + k) + 1], 1e-10, 1e-11);
      /* with the transform of a constant rate put back: the plain sum */
      double w = 2.0 * NAX_I_FT_PI * freqs[k], rate = (double)count[r] / length;
      assert_close(got[r + 8 * k].re + rate * sin(w * length) / w, raw[2 * (6 * r + k)],
                   1e-10, 1e-11);
      assert_close(got[r + 8 * k].im - rate * (1.0 - cos(w * length)) / w,
                   raw[2 * (6 * r + k) + 1], 1e-10, 1e-11);
    }
  }
  assert_close(s[3].vector_strength, REF1("case06.out_vs"), 1e-10, 0.0);
  assert_close(s[3].phase, REF1("case06.out_phase"), 1e-10, 0.0);
  assert_close(s[3].rayleigh.statistic, REF1("case06.out_rayleigh_z"), 1e-10, 0.0);
  assert_close(
      nax_freqtag_rayleigh(N, s[3].vector_strength, NAX_FREQTAG_RAYLEIGH_FIRST).p,
      REF1("case06.out_p_exp"), 1e-10, 0.0);
  assert_close(s[3].ppc0, ppc[0], 1e-10, 0.0);
  assert_close(s[3].ppc1, ppc[1], 1e-10, 0.0);
  assert_close(s[3].ppc2, ppc[2], 1e-10, 0.0);
  for (int m = 1; m <= 3; m++) {
    nax_freqtag_test test = nax_freqtag_z2(N, t, 4.0, m);
    assert_close(test.statistic, z2[m - 1], 1e-10, 0.0);
    assert_close(test.p, pz[m - 1], 1e-10, 0.0);
    const double both[] = {3.0, 4.0};
    nax_freqtag_test of[2];
    nax_ctx *ctx;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_freqtag_z2_of(ctx, N, t, 2, both, m, of));
    assert_memory_equal(&of[1], &test, sizeof test);
    nax_ctx_cancel(ctx);
    assert_status(nax_freqtag_z2_of(ctx, N, t, 2, both, m, of), NAX_EINTERRUPT);
    nax_ctx_free(ctx);
  }
  q[5] = 8;
  assert_error(nax_freqtag_spikes(NULL, N, t, q, 8, length, 6, freqs, NULL, got, s),
               NAX_EINVAL, "nax_freqtag_spikes: trial[5], expected 0 to 7, got 8");
  double *all[] = {t, trial, freqs, power, j, ppc, z2, pz, raw};
  for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
    free(all[k]);
  }
}

/* Coefficients of all trials of an array of a recording, 0 to 500 Hz. */
static void
coefficients_of(const nax_array *a, double *x, nax_c64 *z)
{
  enum { Q = 100, T = 1000 };
  nax_view v = nax_array_view(a);
  int time = v.dim[0] == T ? 0 : 1;
  for (nax_index q = 0; q < Q; q++) {
    for (nax_index i = 0; i < T; i++) {
      nax_index at[2] = {time == 0 ? i : q, time == 0 ? q : i};
      x[i + T * q] = nax_view_get(&v, at);
    }
  }
  nax_view w = nax_view_f64(x, 3, (nax_index[]){1, T, Q});
  nax_freqtag_spec s = {.n_units = 1, .n_samples = T, .rate = 1000.0};
  assert_ok(nax_freqtag_coefficients(NULL, &s, &w, z));
}

/* Spikes and field of a recording: consistency and coherence at one frequency and nowhere
 * near. */
static void
check_spikes_and_field(const char *file, const double *want, const double *coherence,
                       nax_index peak, double height, double ppc1)
{
  enum { Q = 100, T = 1000, B = 501 };
  nax_dataset *d = NULL;
  assert_ok(nax_dataset_load(NULL, file, NULL, &d));
  const nax_array *n = nax_dataset_array(d, "n"), *y = nax_dataset_array(d, "y");
  assert_non_null(n);
  assert_non_null(y);
  double *spike = calloc(Q * T, sizeof *spike), *field = calloc(Q * T, sizeof *field);
  nax_c64 *zn = calloc(Q * B, sizeof *zn), *zy = calloc(Q * B, sizeof *zy);
  coefficients_of(n, spike, zn);
  coefficients_of(y, field, zy);
  nax_index best = 1;
  double most = 0.0;
  for (nax_index i = 1; i < B; i++) { /* at 0 Hz there is nothing but rounding */
    double re = 0.0, im = 0.0, nn = 0.0, yy = 0.0;
    for (nax_index q = 0; q < Q; q++) {
      nax_c64 a = zn[i + B * q], b = zy[i + B * q];
      re += a.re * b.re + a.im * b.im;
      im += a.im * b.re - a.re * b.im;
      nn += a.re * a.re + a.im * a.im;
      yy += b.re * b.re + b.im * b.im;
    }
    double c = hypot(re, im) / sqrt(nn * yy);
    assert_close(c, coherence[i], 1e-10, 1e-15);
    best = c > most ? i : best;
    most = fmax(most, c);
  }
  assert_int_equal(best, peak);
  assert_close(most, height, 0.0, 5e-4);
  double *t = calloc(Q * T, sizeof *t), phase[6 * Q], freqs[6];
  nax_index *trial = calloc(Q * T, sizeof *trial), spikes = 0;
  nax_freqtag_spike_stats s[6];
  for (nax_index q = 0; q < Q; q++) {
    for (nax_index i = 0; i < T; i++) {
      if (spike[i + T * q] > 0.5) {
        t[spikes] = 0.001 * (double)i;
        trial[spikes++] = q;
      }
    }
    for (int k = 0; k < 6; k++) {
      nax_c64 z = zy[(nax_index)want[4 * k] + B * q];
      freqs[k] = want[4 * k];
      phase[q + Q * k] = atan2(z.im, z.re);
    }
  }
  assert_ok(nax_freqtag_spikes(NULL, spikes, t, trial, Q, 1.0, 6, freqs, phase, NULL, s));
  for (int k = 0; k < 6; k++) {
    assert_close(s[k].vector_strength, want[4 * k + 1], 1e-10, 0.0);
    assert_close(s[k].ppc0, want[4 * k + 2], 1e-10, 1e-15);
    assert_close(s[k].ppc1, want[4 * k + 3], 1e-10, 1e-15);
    if ((nax_index)freqs[k] == peak) {
      assert_close(s[k].ppc1, ppc1, 0.0, 5e-5);
    }
  }
  free(spike);
  free(field);
  free(zn);
  free(zy);
  free(t);
  free(trial);
  nax_dataset_free(d);
}

static void
spikes_in_the_cycle_of_a_field(void **state)
{
  (void)state;
  double *want = REF("real_spikes-LFP-1.out_f_vs_ppc0_ppc1", 24);
  double *coherence = REF("real_spikes-LFP-1.out_coherence", 501);
  check_spikes_and_field(nax_t_shared("data/kramer_casestudies/spikes-LFP-1.mat"), want,
                         coherence, 45, 0.825, 0.0226);
  assert_true(want[3 * 4 + 3] <= 2e-4 && want[5 * 4 + 3] <= 2.1e-4); /* 44, 46 Hz */
  free(want);
  free(coherence);
}

static void
spikes_in_the_cycle_of_another_field(void **state)
{
  (void)state;
  const char *name = "data/kramer_casestudies/spikes-LFP-2.mat";
  (void)nax_t_shared(name); /* skips before anything is allocated */
  double *want = REF("real_spikes-LFP-2.out_f_vs_ppc0_ppc1", 24);
  double *coherence = REF("real_spikes-LFP-2.out_coherence", 501);
  check_spikes_and_field(nax_t_shared(name), want, coherence, 10, 0.668, 0.0327);
  free(want);
  free(coherence);
}

/* Laser-evoked potentials, 23 trials of 32 channels, 1 to 30 Hz: T2circ from the powers
 * alone, and the figures known of them. */
static void
laser_evoked_potentials(void **state)
{
  (void)state;
  enum { C = 32, F = 30, N = 23 };
  double *f = REF("real_lep.out_F_t2circ", C * F),
         *evoked = REF("real_lep.out_evoked", C * F);
  double *total = REF("real_lep.out_total", C * F),
         *itpc = REF("real_lep.out_itpc", C * F);
  int most = 0;
  for (int i = 0; i < C * F; i++) {
    nax_freqtag_moments m = {.n = N, .mean = {sqrt(evoked[i]), 0.0}};
    m.ss = N * (total[i] - evoked[i]);
    assert_close(nax_freqtag_t2circ(&m, (nax_c64){0.0, 0.0}).statistic, f[i], 1e-10, 0.0);
    nax_freqtag_power p = nax_freqtag_power_of(&m);
    assert_close(p.total, total[i], 1e-10, 0.0);
    assert_close(p.evoked, evoked[i], 1e-10, 0.0);
    /* the same bound for phases alone: locked where the mean is */
    assert_true(itpc[i] >= 0.0 && itpc[i] <= 1.0);
    most = itpc[i] > itpc[most] ? i : most;
  }
  assert_int_equal(most, 20 * F);
  assert_close(itpc[most], 0.8437, 0.0, 5e-5);
  assert_close(f[most], 56.7, 0.0, 0.05);
  assert_close(sqrt(NAX_I_FT_PI / 4.0 / N), 0.185, 0.0, 5e-4);
  assert_close(sqrt(nax_freqtag_expected_itpc_squared(0.0, N, NULL)), 1.0 / sqrt(N),
               1e-12, 0.0);
  assert_true(nax_freqtag_rayleigh(N, itpc[most], NAX_FREQTAG_RAYLEIGH_AUTO).p < 1e-6);
  free(f);
  free(evoked);
  free(total);
  free(itpc);
}

static void
mouse_spectra(void **state)
{
  (void)state;
  double *z = REF("real_mouse.in_spectra", 6 * 2 * 100 * 2),
         *snr = REF("real_mouse.out_snr40", 2);
  for (int c = 0; c < 2; c++) {
    double amplitude[100];
    nax_freqtag_contrast r;
    for (int k = 0; k < 100; k++) {
      double re = 0.0, im = 0.0;
      for (int m = 0; m < 6; m++) {
        re += z[2 * ((m * 2 + c) * 100 + k)] / 6.0;
        im += z[2 * ((m * 2 + c) * 100 + k) + 1] / 6.0;
      }
      amplitude[k] = hypot(re, im);
    }
    assert_ok(nax_freqtag_contrast_at(NULL, 100, amplitude, 39, &usual, &r));
    assert_close(r.snr, snr[c], 1e-10, 0.0);
  }
  free(z);
  free(snr);
}

static void
poisson_spikes_have_power_one(void **state)
{
  (void)state;
  enum { TRIALS = 400 };
  double *t = calloc(TRIALS * 100, sizeof *t), f[2] = {3.0, 3.37};
  nax_index *q = calloc(TRIALS * 100, sizeof *q), n = 0;
  uint64_t seed = 4;
  for (nax_index k = 0; k < TRIALS; k++) {
    for (double at = -log1p(-nax_t_uniform(&seed)) / 30.0; at < 2.0;
         at -= log1p(-nax_t_uniform(&seed)) / 30.0) {
      if (n < TRIALS * 100) {
        t[n] = at;
        q[n++] = k;
      }
    }
  }
  nax_freqtag_spike_stats s[2];
  assert_ok(nax_freqtag_spikes(NULL, n, t, q, TRIALS, 2.0, 2, f, NULL, NULL, s));
  for (int k = 0; k < 2; k++) {
    assert_close(s[k].power, 1.0, 0.0, 0.2);
    assert_true(fabs(s[k].ppc1) < 1e-3);
  }
  free(t);
  free(q);
}

static void
null_p_values_of_lines_are_uniform(void **state)
{
  (void)state;
  nax_t_long();
  enum { DRAWS = 100000, M = 64, TRIALS = 3, BIN = 12, TESTS = 8 };
  static const char *const name[TESTS] = {
      "power of the mean against neighbours",
      "power of trials against neighbours",
      "Thomson, one trial",
      "Thomson, three trials",
      "line with a trend",
      "Lomb-Scargle, floating mean",
      "three p values combined",
      "V test",
  };
  double *p[TESTS];
  uint64_t seed = 12;
  for (int k = 0; k < TESTS; k++) {
    p[k] = calloc(DRAWS, sizeof(double));
  }
  for (int i = 0; i < DRAWS; i++) {
    double x[M * TRIALS], mean[M / 2 + 1], total[M / 2 + 1] = {0.0}, at[M], log_p[3];
    nax_c64 z[(M / 2 + 1) * TRIALS], mu[M / 2 + 1];
    nax_freqtag_test test[M / 2 + 1];
    for (int t = 0; t < M * TRIALS; t++) {
      double r = sqrt(-2.0 * log1p(-nax_t_uniform(&seed)));
      x[t] = r * cos(2.0 * NAX_I_FT_PI * nax_t_uniform(&seed));
    }
    for (int t = 0; t < M; t++) {
      at[t] = (double)t + 0.9 * nax_t_uniform(&seed);
    }
    nax_view v = {.data = x, .dtype = NAX_F64, .ndim = 3, .dim = {1, M, TRIALS}};
    v.stride[0] = M * TRIALS;
    v.stride[1] = 1;
    v.stride[2] = M;
    nax_freqtag_spec spec = {.n_units = 1, .n_samples = M, .rate = M};
    assert_ok(nax_freqtag_coefficients(NULL, &spec, &v, z));
    for (int k = 0; k <= M / 2; k++) {
      nax_c64 sum = {0.0, 0.0};
      for (int r = 0; r < TRIALS; r++) {
        nax_c64 c = z[k + (M / 2 + 1) * r];
        sum.re += c.re;
        sum.im += c.im;
        total[k] += c.re * c.re + c.im * c.im;
      }
      mean[k] = sum.re * sum.re + sum.im * sum.im;
    }
    nax_freqtag_contrast c;
    nax_freqtag_line l;
    double f = 0.11;
    assert_ok(nax_freqtag_contrast_at(NULL, M / 2 + 1, mean, BIN, &usual, &c));
    p[0][i] = nax_freqtag_snr_test(c.snr, 8, 1).p;
    assert_ok(nax_freqtag_contrast_at(NULL, M / 2 + 1, total, BIN, &usual, &c));
    p[1][i] = nax_freqtag_snr_test(c.snr, 8, TRIALS).p;
    assert_ok(nax_freqtag_thomson(NULL, M, 1, x, M, 3.0, 5, mu, test, NULL));
    p[2][i] = test[BIN].p;
    assert_ok(nax_freqtag_thomson(NULL, M, TRIALS, x, M, 3.0, 5, mu, test, NULL));
    p[3][i] = test[BIN].p;
    assert_ok(nax_freqtag_fit_line(NULL, M, x + M, M, 7.3, NAX_FREQTAG_TREND_LINEAR, &l));
    p[4][i] = l.test.p;
    assert_ok(nax_freqtag_lomb_scargle(NULL, M, at, x, 1, &f, 1, &l));
    p[5][i] = l.test.p;
    for (int k = 0; k < 3; k++) {
      log_p[k] = log(nax_t_uniform(&seed) + 1e-300);
    }
    p[6][i] = nax_freqtag_fisher(3, log_p).p;
    double re = 0.0, im = 0.0;
    for (int k = 0; k < 200; k++) {
      double a = 2.0 * NAX_I_FT_PI * nax_t_uniform(&seed);
      re += cos(a) / 200.0;
      im += sin(a) / 200.0;
    }
    p[7][i] = nax_freqtag_v_test(200, hypot(re, im), atan2(im, re), 0.4).p;
  }
  for (int k = 0; k < TESTS; k++) {
    assert_uniform(name[k], DRAWS, p[k]);
    free(p[k]);
  }
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  double x[64], tapers[128], at[64];
  void *none = NULL;
  nax_c64 mu[33];
  nax_freqtag_contrast c;
  nax_freqtag_line l;
  for (int i = 0; i < 64; i++) {
    x[i] = sin(i * i);
    at[i] = i;
  }
  double f = 0.1;
  NAX_T_SWEEP_ALLOC(nax_freqtag_contrast_at(NULL, 64, x, 30, &usual, &c), none, (void)0,
                    20);
  NAX_T_SWEEP_ALLOC(nax_freqtag_dpss(NULL, 64, 2.0, 2, tapers, NULL), none, (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_freqtag_thomson(NULL, 64, 1, x, 1.0, 2.0, 2, mu, NULL, NULL),
                    none, (void)0, 30);
  NAX_T_SWEEP_ALLOC(
      nax_freqtag_fit_line(NULL, 64, x, 1.0, f, NAX_FREQTAG_TREND_LINEAR, &l), none,
      (void)0, 20);
  NAX_T_SWEEP_ALLOC(nax_freqtag_lomb_scargle(NULL, 64, at, x, 1, &f, 1, &l), none,
                    (void)0, 20);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(neighbouring_bins),
      cmocka_unit_test(sums_over_harmonics),
      cmocka_unit_test(other_lines_are_no_neighbours),
      cmocka_unit_test(tapers_and_thomson_f),
      cmocka_unit_test(thomson_between_bins),
      cmocka_unit_test(bias_of_trimmed_powers),
      cmocka_unit_test(line_with_trend),
      cmocka_unit_test(uneven_sampling),
      cmocka_unit_test(spikes_that_follow),
      cmocka_unit_test(spikes_in_the_cycle_of_a_field),
      cmocka_unit_test(spikes_in_the_cycle_of_another_field),
      cmocka_unit_test(laser_evoked_potentials),
      cmocka_unit_test(mouse_spectra),
      cmocka_unit_test(poisson_spikes_have_power_one),
      cmocka_unit_test(null_p_values_of_lines_are_uniform),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_lines", tests, NULL, NULL);
}
