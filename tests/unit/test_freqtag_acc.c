/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coefficients and their moments: engines, layouts, tiles, missing values. */
#include "npy_ref.h"
#include "freqtag/freqtag_i.h"

#define REF(name, n) nax_t_npy("ref/freqtag/" name ".npy", (n))
#define REF1(name)   nax_t_npy1("ref/freqtag/" name ".npy")

enum { UNITS = 5, TRIALS = 12, N = 256, BINS = 129 };

/* Row-major unit x trial x time as a view unit x time x trial. */
static nax_view
recording_view(const double *x, nax_index units, nax_index trials, nax_index n)
{
  nax_view v = nax_view_f64(x, 3, (nax_index[]){units, n, trials});
  v.stride[0] = trials * n;
  v.stride[1] = 1;
  v.stride[2] = n;
  return v;
}

static nax_freqtag_spec
spec_of(nax_index units, nax_index n, double rate)
{
  return (nax_freqtag_spec){
      .n_units = units, .n_samples = n, .rate = rate, .trend = NAX_FREQTAG_TREND_NONE};
}

static nax_freqtag_acc *
filled(const nax_freqtag_spec *s, const nax_view *x)
{
  nax_freqtag_acc *a = NULL;
  assert_ok(nax_freqtag_acc_create(NULL, s, &a));
  assert_ok(nax_freqtag_acc_push(NULL, a, x));
  return a;
}

static double *
noise(nax_index n, uint64_t seed)
{
  double *x = calloc((size_t)n, sizeof *x);
  assert_non_null(x);
  for (nax_index i = 0; i < n; i++) {
    x[i] = nax_t_uniform(&seed) + nax_t_uniform(&seed) - 1.0;
  }
  return x;
}

static void
assert_same_moments(const nax_freqtag_acc *a, const nax_freqtag_acc *b, double rtol,
                    double scale)
{
  for (nax_index u = 0; u < nax_freqtag_acc_n_units(a); u++) {
    for (nax_index i = 0; i < nax_freqtag_acc_n_freqs(a); i++) {
      nax_freqtag_moments x = nax_freqtag_acc_moments(a, u, i);
      nax_freqtag_moments y = nax_freqtag_acc_moments(b, u, i);
      assert_int_equal(x.n, y.n);
      assert_int_equal(x.n_zero, y.n_zero);
      assert_close(x.mean.re, y.mean.re, rtol, rtol * scale);
      assert_close(x.mean.im, y.mean.im, rtol, rtol * scale);
      assert_close(x.ss, y.ss, rtol, rtol * scale * scale);
      assert_close(x.square.re, y.square.re, rtol, rtol * scale * scale);
      assert_close(x.square.im, y.square.im, rtol, rtol * scale * scale);
      assert_close(x.phase.re, y.phase.re, rtol, 10.0 * rtol);
      assert_close(x.phase.im, y.phase.im, rtol, 10.0 * rtol);
    }
  }
}

/* ----------------------------------------------------------- reference cases */

static void
spectra_of_trials(void **state)
{
  (void)state;
  double *x = REF("case01.in_x", UNITS * TRIALS * N);
  double *z = REF("case01.out_Z", 2 * UNITS * TRIALS * BINS);
  static const char *const name[] = {
      "total_power", "evoked_power", "induced_biased", "induced_unbiased", "itpc",
      "itpc_sq",     "ppc",          "amp_evoked"};
  double *want[8], *single = REF("case01.out_amp_single", UNITS * BINS);
  for (int k = 0; k < 8; k++) {
    char path[80];
    snprintf(path, sizeof path, "ref/freqtag/case01.out_%s.npy", name[k]);
    want[k] = nax_t_npy(path, UNITS * BINS);
  }
  nax_view v = recording_view(x, UNITS, TRIALS, N);
  nax_c64 *got = calloc(UNITS * TRIALS * BINS, sizeof *got);
  for (int32_t engine = NAX_FREQTAG_ENGINE_FFT; engine <= NAX_FREQTAG_ENGINE_DFT;
       engine++) {
    nax_freqtag_spec s = spec_of(UNITS, N, REF1("case01.in_fs"));
    s.engine = engine;
    assert_ok(nax_freqtag_coefficients(NULL, &s, &v, got));
    assert_all_close(&got[0].re, z, 2 * UNITS * TRIALS * BINS, 1e-10, 1e-12);
    nax_freqtag_acc *a = filled(&s, &v);
    assert_int_equal(nax_freqtag_acc_engine(a), engine);
    for (nax_index u = 0; u < UNITS; u++) {
      for (nax_index i = 0; i < BINS; i++) {
        double mean = 0.0;
        for (nax_index r = 0; r < TRIALS; r++) {
          nax_c64 c = got[i + BINS * (r + TRIALS * u)];
          mean += nax_freqtag_acc_amplitude(a, i) * hypot(c.re, c.im) / TRIALS;
        }
        assert_close(mean, single[u * BINS + i], 1e-10, 1e-14);
        nax_freqtag_moments m = nax_freqtag_acc_moments(a, u, i);
        nax_freqtag_power p = nax_freqtag_power_of(&m);
        double have[8] = {p.total,   p.evoked,
                          p.induced, p.induced_unbiased,
                          p.itpc,    p.itpc_squared,
                          p.ppc,     nax_freqtag_acc_amplitude(a, i) * sqrt(p.evoked)};
        /* coherence near 0 is a difference of larger numbers */
        for (int k = 0; k < 8; k++) {
          assert_close(have[k], want[k][u * BINS + i], 1e-10, 1e-14);
        }
        assert_close(p.total, p.evoked + p.induced, 1e-16, 0.0);
      }
    }
    nax_freqtag_acc_free(a);
  }
  for (int k = 0; k < 8; k++) {
    free(want[k]);
  }
  free(single);
  free(got);
  free(x);
  free(z);
}

static void
trends_and_tapers(void **state)
{
  (void)state;
  double *x = REF("case01.in_x", UNITS * TRIALS * N);
  double *want[3] = {REF("case01d.out_Z_demean", 2 * UNITS * TRIALS * BINS),
                     REF("case01d.out_Z_linear", 2 * UNITS * TRIALS * BINS),
                     REF("case01d.out_Z_linear_hann", 2 * UNITS * TRIALS * BINS)};
  nax_view v = recording_view(x, UNITS, TRIALS, N);
  nax_c64 *got = calloc(UNITS * TRIALS * BINS, sizeof *got);
  for (int k = 0; k < 3; k++) {
    for (int32_t engine = NAX_FREQTAG_ENGINE_FFT; engine <= NAX_FREQTAG_ENGINE_DFT;
         engine++) {
      nax_freqtag_spec s = spec_of(UNITS, N, 64.0);
      s.engine = engine;
      s.trend = k == 0 ? NAX_FREQTAG_TREND_CONSTANT : NAX_FREQTAG_TREND_LINEAR;
      s.taper = k == 2 ? NAX_FREQTAG_TAPER_HANN : NAX_FREQTAG_TAPER_BOXCAR;
      assert_ok(nax_freqtag_coefficients(NULL, &s, &v, got));
      assert_all_close(&got[0].re, want[k], 2 * UNITS * TRIALS * BINS, 1e-10, 1e-11);
    }
    free(want[k]);
  }
  /* the window itself: the transform of an impulse */
  double *hann = REF("case01d.in_hann", N), impulse[N];
  nax_freqtag_spec s = spec_of(1, N, 64.0);
  s.taper = NAX_FREQTAG_TAPER_HANN;
  s.trend = NAX_FREQTAG_TREND_NONE;
  for (int t = 0; t < N; t++) {
    nax_view one = nax_view_f64(impulse, 2, (nax_index[]){1, N});
    memset(impulse, 0, sizeof impulse);
    impulse[t] = 1.0;
    assert_ok(nax_freqtag_coefficients(NULL, &s, &one, got));
    assert_close(got[0].re, hann[t], 1e-10, 1e-15);
  }
  free(hann);
  free(got);
  free(x);
}

static void
frequencies_off_the_grid(void **state)
{
  (void)state;
  double *x = REF("case02.in_x", 6 * 201), *f = REF("case02.in_f", 8);
  double *zoom = REF("case02.out_zoom", 96), *ls = REF("case02.out_ls_coef", 96);
  nax_view v = recording_view(x, 6, 1, 201);
  nax_c64 got[48];
  nax_freqtag_spec s = spec_of(6, 201, REF1("case02.in_fs"));
  s.n_freqs = 8;
  s.freqs = f;
  assert_ok(nax_freqtag_coefficients(NULL, &s, &v, got));
  assert_all_close(&got[0].re, zoom, 96, 1e-10, 1e-11);
  s.estimate = NAX_FREQTAG_ESTIMATE_LS;
  s.trend = NAX_FREQTAG_TREND_LINEAR;
  assert_ok(nax_freqtag_coefficients(NULL, &s, &v, got));
  for (int i = 0; i < 48; i++) {
    double scale = f[i % 8] == 2.0 ? 201.0 : 100.5;
    assert_close(got[i].re, scale * ls[2 * i], 1e-10, 1e-11);
    assert_close(got[i].im, scale * ls[2 * i + 1], 1e-10, 1e-11);
  }
  free(x);
  free(f);
  free(zoom);
  free(ls);
}

/* ------------------------------------------------------- engines and layouts */

static void
engines_and_layouts_agree(void **state)
{
  (void)state;
  enum { U = 37, T = 35, M = 240 };
  double *x = noise(U * T * M, 7);
  float *narrow = calloc(U * T * M, sizeof *narrow);
  double *across = calloc(U * T * M, sizeof *across); /* unit fastest */
  double freqs[3] = {2.0, 4.0, 6.0}; /* 240 samples at 60 Hz: cycles of 30 samples */
  for (nax_index u = 0; u < U; u++) {
    for (nax_index j = 0; j < T; j++) {
      for (nax_index t = 0; t < M; t++) {
        nax_index from = (u * T + j) * M + t;
        x[from] += 0.3 * cos(2.0 * NAX_I_FT_PI * 2.0 * (double)t / 60.0);
        narrow[from] = (float)x[from];
        x[from] = (double)narrow[from];
        across[u + U * (t + M * j)] = x[from];
      }
    }
  }
  nax_view a = recording_view(x, U, T, M),
           b = nax_view_f64(across, 3, (nax_index[]){U, M, T});
  nax_view c = a;
  c.data = narrow;
  c.dtype = NAX_F32;
  nax_freqtag_spec s = spec_of(U, M, 60.0);
  s.trend = NAX_FREQTAG_TREND_CONSTANT;
  s.n_freqs = 3;
  s.freqs = freqs;
  s.engine = NAX_FREQTAG_ENGINE_FFT;
  nax_freqtag_acc *first = filled(&s, &a);
  assert_true(nax_freqtag_acc_moments(first, 0, 0).mean.re > 10.0);
  for (int32_t engine = NAX_FREQTAG_ENGINE_AUTO; engine <= NAX_FREQTAG_ENGINE_FOLD;
       engine++) {
    s.engine = engine;
    const nax_view *views[3] = {&a, &b, &c};
    nax_freqtag_acc *same = NULL;
    for (int k = 0; k < 3; k++) {
      nax_freqtag_acc *other = filled(&s, views[k]);
      if (engine == NAX_FREQTAG_ENGINE_AUTO) {
        assert_int_equal(nax_freqtag_acc_engine(other), NAX_FREQTAG_ENGINE_FOLD);
      }
      int rough = k == 2 && (engine == NAX_FREQTAG_ENGINE_DFT ||
                             engine == NAX_FREQTAG_ENGINE_FFT); /* in float32 */
      assert_same_moments(first, other, rough ? 1e-4 : 1e-11, M);
      if (k == 1) { /* either layout gives the very same bits */
        size_t size = (size_t)(U * NAX_I_FT_ROWS * 3) * sizeof(double);
        assert_memory_equal(same->sums, other->sums, size);
      }
      if (k == 0) {
        same = other;
      } else {
        nax_freqtag_acc_free(other);
      }
    }
    nax_freqtag_acc_free(same);
  }
  nax_freqtag_acc_free(first);
  free(x);
  free(narrow);
  free(across);
}

/* Many frequencies: samples are added to their mirror images first. */
static void
mirror_images_agree_with_the_transform(void **state)
{
  (void)state;
  static const nax_index lengths[] = {64, 101, 1040, 1041, 1056, 2500};
  enum { U = 3, T = 37, K = 27 };
  for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
    nax_index n = lengths[l];
    double *x = noise(U * T * n, 11 + l), freqs[K];
    double *across = calloc((size_t)(U * T * n), sizeof *across);
    float *narrow = calloc((size_t)(U * T * n), sizeof *narrow);
    for (int k = 0; k < K; k++) { /* half of an even length is among them */
      freqs[k] = k == K - 1 && n % 2 == 0 ? 0.5 * (double)n : (double)(k + 1);
    }
    for (nax_index i = 0; i < U * T * n; i++) {
      narrow[i] = (float)x[i];
      x[i] = (double)narrow[i];
      across[i / (T * n) + U * (i % n + n * (i / n % T))] = x[i];
    }
    nax_view a = recording_view(x, U, T, n), c = a;
    nax_view b = nax_view_f64(across, 3, (nax_index[]){U, n, T});
    c.data = narrow;
    c.dtype = NAX_F32;
    for (int32_t taper = NAX_FREQTAG_TAPER_BOXCAR; taper <= NAX_FREQTAG_TAPER_HANN;
         taper++) {
      nax_freqtag_spec s = spec_of(U, n, (double)n);
      s.n_freqs = K;
      s.freqs = freqs;
      s.taper = taper;
      s.trend = taper; /* none with the one, the mean with the other */
      s.engine = NAX_FREQTAG_ENGINE_FFT;
      nax_freqtag_acc *first = filled(&s, &a);
      s.engine = NAX_FREQTAG_ENGINE_DFT;
      nax_freqtag_acc *one = filled(&s, &a), *other = filled(&s, &b);
      nax_freqtag_acc *rough = filled(&s, &c);
      assert_non_null(one->mirror.even[0]);
      assert_same_moments(first, one, 1e-11, (double)n);
      assert_same_moments(first, rough, 1e-3, (double)n);
      assert_memory_equal(one->sums, other->sums,
                          (size_t)(U * NAX_I_FT_ROWS * K) * sizeof(double));
      nax_freqtag_acc_free(first);
      nax_freqtag_acc_free(one);
      nax_freqtag_acc_free(other);
      nax_freqtag_acc_free(rough);
    }
    free(x);
    free(across);
    free(narrow);
  }
}

/* Float32 data are transformed in float32: what is asked for is a small error beside the
 * length of the row without its mean, however large that is. */
static void
single_precision_is_that_of_the_data(void **state)
{
  (void)state;
  static const nax_index lengths[] = {31, 63, 64, 66, 250, 1000, 4096};
  for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
    nax_index n = lengths[l], bins = n / 2 + 1;
    double *x = noise(n, 3 + l);
    float *f = calloc((size_t)n, sizeof *f);
    nax_c64 *want = calloc((size_t)bins, sizeof *want);
    nax_c64 *got = calloc((size_t)bins, sizeof *got);
    for (int large = 0; large < 3; large++) {
      double size = 0.0, scale = large == 2 ? 1e18 : 1.0, offset = large ? 1e3 : 0.0;
      for (nax_index t = 0; t < n; t++) {
        f[t] = (float)(scale * (x[t] + offset));
        size += scale * scale * x[t] * x[t];
      }
      double *wide = calloc((size_t)n, sizeof *wide);
      for (nax_index t = 0; t < n; t++) {
        wide[t] = (double)f[t];
      }
      nax_view v = nax_view_f32(f, 2, (nax_index[]){1, n});
      nax_view w = nax_view_f64(wide, 2, (nax_index[]){1, n});
      for (int32_t trend = NAX_FREQTAG_TREND_NONE; trend <= NAX_FREQTAG_TREND_LINEAR;
           trend++) {
        for (int32_t taper = NAX_FREQTAG_TAPER_BOXCAR; taper <= NAX_FREQTAG_TAPER_HANN;
             taper++) {
          nax_freqtag_spec s = spec_of(1, n, (double)n);
          s.engine = NAX_FREQTAG_ENGINE_FFT;
          s.trend = trend;
          s.taper = taper;
          assert_ok(nax_freqtag_coefficients(NULL, &s, &w, want));
          assert_ok(nax_freqtag_coefficients(NULL, &s, &v, got));
          for (nax_index k = 0; k < bins; k++) {
            /* 1e-13 of the offset, which double precision loses in either */
            double tol = 1e-6 * sqrt(size) + 1e-13 * scale * offset * (double)n;
            assert_close(got[k].re, want[k].re, 1e-14, tol);
            assert_close(got[k].im, want[k].im, 0.0, tol);
          }
        }
      }
      free(wide);
    }
    free(x);
    free(f);
    free(want);
    free(got);
  }
}

/* Sums in the order of the trials, from coefficients that the transform gives. */
static void
sums_agree_with_their_definition(void **state)
{
  (void)state;
  enum { U = 2, T = 40, M = 150 };
  double *x = noise(U * T * M, 31);
  memset(x + 5 * M, 0, M * sizeof *x); /* a trial without phases */
  nax_view v = recording_view(x, U, T, M);
  for (nax_index k = 0; k <= 27; k += 9) { /* all bins; whole vectors and remainders */
    double freqs[27];
    for (nax_index i = 0; i < k; i++) {
      freqs[i] = (double)(i + 2);
    }
    nax_freqtag_spec s = spec_of(U, M, M);
    s.engine = NAX_FREQTAG_ENGINE_FFT;
    s.n_freqs = k;
    s.freqs = freqs;
    nax_freqtag_acc *a = filled(&s, &v);
    nax_index count = nax_freqtag_acc_n_freqs(a);
    nax_c64 *z = calloc((size_t)(U * T * count), sizeof *z);
    nax_c64 one[T];
    assert_ok(nax_freqtag_coefficients(NULL, &s, &v, z));
    for (nax_index u = 0; u < U; u++) {
      for (nax_index i = 0; i < count; i++) {
        for (nax_index t = 0; t < T; t++) {
          one[t] = z[(u * T + t) * count + i];
        }
        nax_freqtag_moments want = nax_freqtag_moments_of(T, one);
        nax_freqtag_moments got = nax_freqtag_acc_moments(a, u, i);
        assert_int_equal(got.n_zero, u == 0);
        assert_int_equal(got.n_zero, want.n_zero);
        assert_close(got.mean.re, want.mean.re, 1e-13, 1e-13);
        assert_close(got.mean.im, want.mean.im, 1e-13, 1e-13);
        assert_close(got.ss, want.ss, 1e-13, 0.0);
        assert_close(got.square.re, want.square.re, 1e-12, 1e-12 * want.ss);
        assert_close(got.square.im, want.square.im, 1e-12, 1e-12 * want.ss);
        assert_close(got.phase.re, want.phase.re, 1e-13, 1e-13);
        assert_close(got.phase.im, want.phase.im, 1e-13, 1e-13);
      }
    }
    free(z);
    nax_freqtag_acc_free(a);
  }
  free(x);
}

static void
threads_and_splits_give_the_same_bits(void **state)
{
  (void)state;
  enum { U = 70, T = 40, M = 128 };
  double *x = noise(U * T * M, 21);
  nax_view v = recording_view(x, U, T, M);
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  /* few frequencies, many, and all */
  static const nax_index counts[] = {2, 20, 0, 2, 20};
  double freqs[20];
  for (int k = 0; k < 20; k++) {
    freqs[k] = (double)(4 * k % 61 + 3);
  }
  for (int c = 0; c < 5; c++) {
    nax_freqtag_spec s = spec_of(U, M, 128.0);
    s.engine = c < 3 ? NAX_FREQTAG_ENGINE_FFT : NAX_FREQTAG_ENGINE_DFT;
    s.n_freqs = counts[c];
    s.freqs = freqs;
    nax_freqtag_acc *first = filled(&s, &v), *other = NULL;
    nax_index per_unit = NAX_I_FT_ROWS * nax_freqtag_acc_n_freqs(first);
    size_t size = (size_t)(U * per_unit) * sizeof(double);
    for (int32_t threads = 2; threads <= 4; threads += 2) {
      assert_ok(nax_ctx_set_threads(ctx, threads));
      assert_ok(nax_freqtag_acc_create(ctx, &s, &other));
      for (nax_index from = 0; from < T;) { /* uneven blocks of trials */
        nax_index to = from + 3 + from / 4 < T ? from + 3 + from / 4 : T;
        nax_view part;
        assert_ok(nax_view_slice(ctx, &v, 2, from, to, 1, &part));
        assert_ok(nax_freqtag_acc_push(ctx, other, &part));
        from = to;
      }
      assert_memory_equal(first->sums, other->sums, size);
      nax_freqtag_acc_free(other);
    }
    /* blocks of units */
    s.n_units = 11;
    assert_ok(nax_freqtag_acc_create(ctx, &s, &other));
    nax_view part;
    assert_ok(nax_view_slice(ctx, &v, 0, 13, 24, 1, &part));
    assert_ok(nax_freqtag_acc_push(ctx, other, &part));
    assert_memory_equal(first->sums + 13 * per_unit, other->sums, size / U * 11);
    nax_freqtag_acc_free(other);
    nax_freqtag_acc_free(first);
  }
  nax_ctx_free(ctx);
  free(x);
}

static void
tiles_and_merging_give_all_trials(void **state)
{
  (void)state;
  enum { U = 300, T = 6, M = 100 };
  double *x = noise(U * T * M, 5), freqs[2] = {0.1, 0.25};
  nax_view v = nax_view_f64(x, 3, (nax_index[]){U, M, T});
  nax_freqtag_spec s = spec_of(U, M, 1.0);
  s.engine = NAX_FREQTAG_ENGINE_DFT;
  s.n_freqs = 2;
  s.freqs = freqs;
  nax_freqtag_acc *all = filled(&s, &v), *tiled = NULL, *other = NULL;
  assert_ok(nax_freqtag_acc_create(NULL, &s, &tiled));
  assert_ok(nax_freqtag_acc_create(NULL, &s, &other));
  for (nax_index j = 0; j < T; j++) {
    nax_freqtag_acc *to = j < 4 ? tiled : other;
    for (nax_index t = 0; t < M; t += 32) {
      nax_index n = M - t < 32 ? M - t : 32;
      nax_view tile = nax_view_f64(x + U * (t + M * j), 2, (nax_index[]){U, n});
      assert_ok(nax_freqtag_acc_tile(NULL, to, &tile));
    }
  }
  assert_ok(nax_freqtag_acc_merge(NULL, tiled, other));
  assert_same_moments(all, tiled, 1e-11, 10.0);
  nax_view tile = nax_view_f64(x, 2, (nax_index[]){U, 60});
  assert_ok(nax_freqtag_acc_tile(NULL, tiled, &tile));
  assert_error(nax_freqtag_acc_push(NULL, tiled, &v), NAX_EINVAL,
               "nax_freqtag_acc_push: a trial is begun with nax_freqtag_acc_tile (60 of "
               "100 samples): finish it first");
  assert_error(nax_freqtag_acc_tile(NULL, tiled, &tile), NAX_EDIM,
               "nax_freqtag_acc_tile: `x`, expected unit x time with 300 units and 1 to "
               "40 samples, got 2 axes, 300 x 60");
  nax_freqtag_acc_reset(tiled);
  assert_ok(nax_freqtag_acc_push(NULL, tiled, &v));
  assert_memory_equal(all->sums, tiled->sums,
                      (size_t)(U * NAX_I_FT_ROWS * 2) * sizeof(double));
  nax_freqtag_acc_free(all);
  nax_freqtag_acc_free(tiled);
  nax_freqtag_acc_free(other);
  free(x);
}

static void
missing_and_constant_trials_are_counted(void **state)
{
  (void)state;
  enum { U = 3, T = 5, M = 64 };
  for (int32_t engine = NAX_FREQTAG_ENGINE_FFT; engine <= NAX_FREQTAG_ENGINE_FOLD;
       engine++) {
    double *x = noise(U * T * M, 9), freqs[1] = {8.0};
    nax_view v = recording_view(x, U, T, M);
    x[(0 * T + 2) * M + 17] = (double)NAN;
    x[(0 * T + 3) * M + 63] = (double)INFINITY;
    for (int t = 0; t < M; t++) {
      x[(1 * T + 1) * M + t] = 1e6 / 3.0;
      for (int j = 0; j < T; j++) {
        x[(2 * T + j) * M + t] = 0.1 * (j + 1);
      }
    }
    nax_freqtag_spec s = spec_of(U, M, 64.0);
    s.engine = engine;
    s.n_freqs = 1;
    s.freqs = freqs;
    nax_freqtag_acc *a = filled(&s, &v);
    nax_freqtag_moments m = nax_freqtag_acc_moments(a, 0, 0);
    assert_int_equal(m.n, 3);
    assert_int_equal(nax_freqtag_acc_n_bad(a, 0), 2);
    assert_true(isfinite(nax_freqtag_power_of(&m).itpc));
    m = nax_freqtag_acc_moments(a, 1, 0);
    assert_int_equal(m.n, 5);
    assert_int_equal(m.n_zero, 1);
    assert_int_equal(nax_freqtag_acc_n_flat(a, 1), 1);
    /* rounding of a constant is no response that locks to the stimulus */
    m = nax_freqtag_acc_moments(a, 2, 0);
    assert_int_equal(nax_freqtag_acc_n_flat(a, 2), 5);
    assert_close(m.mean.re, 0.0, 0.0, 0.0);
    assert_true(isnan(nax_freqtag_power_of(&m).itpc));
    assert_true(isnan(nax_freqtag_t2circ(&m, (nax_c64){0.0, 0.0}).p));
    nax_freqtag_acc_free(a);
    free(x);
  }
}

static void
a_line_is_found_where_it_is(void **state)
{
  (void)state;
  enum { M = 512 };
  double x[M];
  for (int t = 0; t < M; t++) {
    x[t] = 3.0 * cos(2.0 * NAX_I_FT_PI * 20.0 * t / M + 0.7);
  }
  nax_view v = nax_view_f64(x, 2, (nax_index[]){1, M});
  nax_freqtag_spec s = spec_of(1, M, (double)M);
  s.engine = NAX_FREQTAG_ENGINE_FFT;
  nax_freqtag_acc *a = filled(&s, &v);
  for (nax_index i = 0; i < M / 2 + 1; i++) {
    nax_freqtag_moments m = nax_freqtag_acc_moments(a, 0, i);
    double size = hypot(m.mean.re, m.mean.im);
    if (i == 20) {
      assert_close(size * nax_freqtag_acc_amplitude(a, i), 3.0, 1e-13, 0.0);
      assert_close(atan2(m.mean.im, m.mean.re), 0.7, 1e-12, 0.0);
    } else {
      assert_true(size < 1e-12 * 3.0 * M);
    }
  }
  nax_freqtag_acc_free(a);
  /* off the grid the transform loses what the Dirichlet kernel says; least squares, with
   * a trend, does not */
  double freqs[1] = {20.0 + 0.25}, *loss = REF("case02s.out_loss", 6);
  double *delta = REF("case02s.in_delta", 6);
  for (int k = 0; k < 6; k++) {
    assert_close(nax_freqtag_scalloping(1024, delta[k]), loss[k], 1e-10, 1e-16);
  }
  for (int t = 0; t < M; t++) {
    x[t] = 3.0 * cos(2.0 * NAX_I_FT_PI * freqs[0] * t / M + 0.7) + 5.0 + 0.01 * t;
  }
  s.n_freqs = 1;
  s.freqs = freqs;
  s.engine = 0;
  s.estimate = NAX_FREQTAG_ESTIMATE_LS;
  s.trend = NAX_FREQTAG_TREND_LINEAR;
  a = filled(&s, &v);
  nax_freqtag_moments m = nax_freqtag_acc_moments(a, 0, 0);
  assert_close(hypot(m.mean.re, m.mean.im) * nax_freqtag_acc_amplitude(a, 0), 3.0, 1e-11,
               0.0);
  nax_freqtag_acc_free(a);
  free(loss);
  free(delta);
}

static void
bad_requests_are_refused(void **state)
{
  (void)state;
  nax_freqtag_acc *a = NULL;
  double f[2] = {1.0, 300.0}, x[64] = {0.0};
  nax_freqtag_spec s = spec_of(1, 64, 256.0);
  s.n_freqs = 2;
  s.freqs = f;
  assert_error(nax_freqtag_acc_create(NULL, &s, &a), NAX_EINVAL,
               "nax_freqtag_acc_create: freqs[1], expected 0 to 128 Hz (half the rate), "
               "got 300 Hz");
  assert_null(a);
  f[1] = 5.0;
  s.engine = NAX_FREQTAG_ENGINE_FFT;
  assert_error(nax_freqtag_acc_create(NULL, &s, &a), NAX_EINVAL,
               "nax_freqtag_acc_create: engine fft, expected frequencies that are "
               "multiples of 4 Hz and no least squares: use dft");
  s.engine = NAX_FREQTAG_ENGINE_FOLD;
  assert_status(nax_freqtag_acc_create(NULL, &s, &a), NAX_EINVAL);
  s.engine = 0;
  s.rate = 0.0;
  assert_status(nax_freqtag_acc_create(NULL, &s, &a), NAX_EINVAL);
  s.rate = 256.0;
  s.n_samples = 1;
  assert_status(nax_freqtag_acc_create(NULL, &s, &a), NAX_EDIM);
  s.n_samples = 64;
  assert_ok(nax_freqtag_acc_create(NULL, &s, &a));
  nax_view v = nax_view_f64(x, 2, (nax_index[]){1, 63});
  assert_status(nax_freqtag_acc_push(NULL, a, &v), NAX_EDIM);
  assert_true(isnan(nax_freqtag_acc_freq(a, 2)));
  assert_int_equal(nax_freqtag_acc_moments(a, 1, 0).n, 0);
  nax_freqtag_acc_free(a);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  double *x = noise(4 * 3 * 32, 2), f[1] = {4.0};
  nax_view v = recording_view(x, 4, 3, 32);
  nax_freqtag_acc *a = NULL;
  for (int32_t engine = NAX_FREQTAG_ENGINE_FFT; engine <= NAX_FREQTAG_ENGINE_FOLD;
       engine++) {
    nax_freqtag_spec s = spec_of(4, 32, 32.0);
    s.engine = engine;
    s.n_freqs = 1;
    s.freqs = f;
    NAX_T_SWEEP_ALLOC(nax_freqtag_acc_create(NULL, &s, &a), a, (void)0, 50);
    void *none = NULL;
    NAX_T_SWEEP_ALLOC(nax_freqtag_acc_push(NULL, a, &v), none, (void)0, 50);
    nax_freqtag_acc_free(a);
    a = NULL;
    size_t bytes = 0;
    assert_ok(nax_freqtag_acc_memory(NULL, &s, 2, &bytes));
    assert_true(bytes > 4 * 64);
  }
  free(x);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spectra_of_trials),
      cmocka_unit_test(trends_and_tapers),
      cmocka_unit_test(frequencies_off_the_grid),
      cmocka_unit_test(engines_and_layouts_agree),
      cmocka_unit_test(mirror_images_agree_with_the_transform),
      cmocka_unit_test(single_precision_is_that_of_the_data),
      cmocka_unit_test(sums_agree_with_their_definition),
      cmocka_unit_test(threads_and_splits_give_the_same_bits),
      cmocka_unit_test(tiles_and_merging_give_all_trials),
      cmocka_unit_test(missing_and_constant_trials_are_counted),
      cmocka_unit_test(a_line_is_found_where_it_is),
      cmocka_unit_test(bad_requests_are_refused),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("freqtag_acc", tests, NULL, NULL);
}
