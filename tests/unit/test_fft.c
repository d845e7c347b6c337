/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "fft/fft_i.h"

static const double pi = 3.14159265358979323846;

/* Definition of the discrete Fourier transform, O(n^2). */
static void
slow_dft(const nax_i_c64 *x, nax_i_c64 *y, nax_index n, double sign)
{
  for (nax_index k = 0; k < n; k++) {
    double re = 0.0, im = 0.0;
    for (nax_index j = 0; j < n; j++) {
      double a = sign * 2.0 * pi * (double)(j * k % n) / (double)n;
      re += x[j].re * cos(a) - x[j].im * sin(a);
      im += x[j].re * sin(a) + x[j].im * cos(a);
    }
    y[k] = (nax_i_c64){re, im};
  }
}

static void
transforms_agree_with_the_definition(void **state)
{
  (void)state;
  const nax_index sizes[] = {1, 2, 3, 7, 16, 30, 31, 101};
  uint64_t seed = 5;
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    nax_index n = sizes[s];
    nax_i_c64 x[202], y[202], z[101];
    for (nax_index i = 0; i < 2 * n; i++) {
      x[i] = (nax_i_c64){nax_t_uniform(&seed) - 0.5, nax_t_uniform(&seed) - 0.5};
    }
    for (int inverse = 0; inverse < 2; inverse++) {
      nax_i_fft *p = NULL;
      assert_ok(nax_i_fft_create(NULL, __func__,
                                 inverse ? NAX_I_FFT_C2C_INV : NAX_I_FFT_C2C, n, 2, &p));
      nax_i_fft_execute(p, x, y);
      for (int b = 0; b < 2; b++) {
        slow_dft(x + b * n, z, n, inverse ? 1.0 : -1.0);
        assert_all_close(&y[b * n].re, &z[0].re, 2 * n, 0.0, 1e-13 * (double)n);
      }
      nax_i_fft_free(p);
    }
  }
}

static void
real_transforms_match_complex_ones_and_invert(void **state)
{
  (void)state;
  uint64_t seed = 6;
  for (nax_index n = 1; n <= 40; n++) {
    nax_index half = n / 2 + 1;
    double x[120], back[120];
    nax_i_c64 full[40], spectrum[63], expected[40], kept[63];
    for (nax_index i = 0; i < 3 * n; i++) {
      x[i] = nax_t_uniform(&seed);
    }
    nax_i_fft *f = NULL, *g = NULL;
    assert_ok(nax_i_fft_create(NULL, __func__, NAX_I_FFT_R2C, n, 3, &f));
    assert_ok(nax_i_fft_create(NULL, __func__, NAX_I_FFT_C2R, n, 3, &g));
    nax_i_fft_execute(f, x, spectrum);
    for (int b = 0; b < 3; b++) {
      for (nax_index i = 0; i < n; i++) {
        full[i] = (nax_i_c64){x[b * n + i], 0.0};
      }
      slow_dft(full, expected, n, -1.0);
      assert_all_close(&spectrum[b * half].re, &expected[0].re, 2 * half, 0.0, 1e-12);
    }
    memcpy(kept, spectrum, sizeof kept);
    nax_i_fft_execute(g, spectrum, back);
    assert_memory_equal(kept, spectrum, (size_t)(3 * half) * sizeof *spectrum);
    for (nax_index i = 0; i < 3 * n; i++) {
      assert_close(back[i] / (double)n, x[i], 0.0, 1e-14);
    }
    nax_i_fft_free(f);
    nax_i_fft_free(g);
  }
}

static void
any_alignment_gives_the_same_bits(void **state)
{
  (void)state;
  double buffer[2][132];
  nax_i_c64 out[2][70];
  uint64_t seed = 7;
  for (int i = 0; i < 128; i++) {
    buffer[0][i] = buffer[1][i + 1] = nax_t_uniform(&seed);
  }
  nax_i_fft *f = NULL;
  assert_ok(nax_i_fft_create(NULL, __func__, NAX_I_FFT_R2C, 128, 1, &f));
  nax_i_fft_execute(f, buffer[0], out[0]);
  nax_i_fft_execute(f, buffer[1] + 1, out[1]);
  assert_memory_equal(out[0], out[1], 65 * sizeof out[0][0]);
  nax_i_fft_free(f);
}

static void
aligned_plans_agree_with_the_definition(void **state)
{
  (void)state;
  uint64_t seed = 8;
  for (nax_index n = 1; n <= 300; n += n < 150 ? 1 : 7) {
    nax_index half = n / 2 + 1;
    double *x = calloc((size_t)(3 * n) + 2, sizeof *x);
    nax_i_c64 *full = calloc((size_t)n, sizeof *full),
              *want = calloc((size_t)n, sizeof *want);
    nax_i_c64 *got = calloc((size_t)(3 * half), sizeof *got);
    nax_i_c64 *again = calloc((size_t)(3 * half) + 1, sizeof *again);
    for (nax_index i = 0; i < 3 * n; i++) {
      x[i] = nax_t_uniform(&seed) - 0.5;
    }
    nax_i_fft *f = NULL;
    assert_ok(nax_i_fft_create_aligned(NULL, __func__, NAX_I_FFT_R2C, n, 3, &f));
    nax_i_fft_execute(f, x, got);
    for (int b = 0; b < 3; b++) {
      for (nax_index i = 0; i < n; i++) {
        full[i] = (nax_i_c64){x[b * n + i], 0.0};
      }
      slow_dft(full, want, n, -1.0);
      assert_all_close(&got[b * half].re, &want[0].re, 2 * half, 0.0, 1e-12);
    }
    memmove(x + 2, x, (size_t)(3 * n) * sizeof *x);
    nax_i_fft_execute(f, x + 2, again + 1); /* other lines of the cache, same bits */
    assert_memory_equal(got, again + 1, (size_t)(3 * half) * sizeof *got);
    nax_i_fft_free(f);
    free(x);
    free(full);
    free(want);
    free(got);
    free(again);
  }
}

static void
single_precision_agrees_with_the_definition(void **state)
{
  (void)state;
  uint64_t seed = 9;
  for (nax_index n = 1; n <= 300; n += n < 150 ? 1 : 7) {
    nax_index half = n / 2 + 1;
    float *x = calloc((size_t)n, sizeof *x), *work = calloc((size_t)n + 2, sizeof *work);
    nax_i_c64 *full = calloc((size_t)n, sizeof *full),
              *want = calloc((size_t)n, sizeof *want);
    nax_i_c64 *got = calloc((size_t)half, sizeof *got);
    nax_i_ahead nothing = {NULL, 0, 0, 0, 0};
    double size = 0.0;
    for (nax_index i = 0; i < n; i++) {
      x[i] = (float)(nax_t_uniform(&seed) - 0.5);
      full[i] = (nax_i_c64){(double)x[i], 0.0};
      size += (double)x[i] * (double)x[i];
    }
    nax_i_fft_f32 *f = NULL;
    assert_ok(nax_i_fft_f32_create(NULL, __func__, n, &f));
    nax_i_fft_f32_execute(f, x, work, got, &nothing);
    slow_dft(full, want, n, -1.0);
    assert_all_close(&got[0].re, &want[0].re, 2 * half, 0.0, 1e-6 * sqrt(size));
    nax_i_fft_f32_free(f);
    free(x);
    free(work);
    free(full);
    free(want);
    free(got);
  }
  nax_i_fft_f32 *f = NULL;
  NAX_T_SWEEP_ALLOC(nax_i_fft_f32_create(NULL, "f", 128, &f), f, nax_i_fft_f32_free(f),
                    10);
}

static void
next_fast_is_the_smallest_seven_smooth_length(void **state)
{
  (void)state;
  for (nax_index n = -1; n < 5000; n++) {
    nax_index expected = n < 1 ? 1 : n;
    for (;; expected++) {
      nax_index m = expected;
      for (nax_index p = 2; p <= 7; p++) {
        while (m % p == 0) {
          m /= p;
        }
      }
      if (m == 1) {
        break;
      }
    }
    assert_int_equal(nax_fft_next_fast(n), expected);
  }
  assert_int_equal(nax_fft_next_fast(INT64_MAX), INT64_MAX);
}

static void
impossible_transforms_are_refused(void **state)
{
  (void)state;
  nax_i_fft *f = NULL;
  assert_status(nax_i_fft_create(NULL, "f", NAX_I_FFT_R2C, 0, 1, &f), NAX_EDIM);
  assert_status(nax_i_fft_create(NULL, "f", NAX_I_FFT_R2C, 4, 0, &f), NAX_EDIM);
  assert_status(nax_i_fft_create(NULL, "f", NAX_I_FFT_C2C, INT64_MAX / 4, 8, &f),
                NAX_EOVERFLOW);
  assert_null(f);
  NAX_T_SWEEP_ALLOC(nax_i_fft_create(NULL, "f", NAX_I_FFT_R2C, 8, 1, &f), f,
                    nax_i_fft_free(f), 10);
  NAX_T_SWEEP_ALLOC(nax_i_fft_create_aligned(NULL, "f", NAX_I_FFT_R2C, 128, 1, &f), f,
                    nax_i_fft_free(f), 10);
  assert_non_null(strstr(nax_fft_info(), "fftw"));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(transforms_agree_with_the_definition),
      cmocka_unit_test(real_transforms_match_complex_ones_and_invert),
      cmocka_unit_test(any_alignment_gives_the_same_bits),
      cmocka_unit_test(aligned_plans_agree_with_the_definition),
      cmocka_unit_test(single_precision_agrees_with_the_definition),
      cmocka_unit_test(next_fast_is_the_smallest_seven_smooth_length),
      cmocka_unit_test(impossible_transforms_are_refused),
  };
  return cmocka_run_group_tests_name("fft", tests, NULL, NULL);
}
