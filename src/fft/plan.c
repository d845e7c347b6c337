/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "untangle_i.h"
#include <fftw3.h>
#include <math.h>
#include <pthread.h>

/* Everything but executing shares tables inside FFTW. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

struct nax_i_fft {
  nax_i_fft_kind kind;
  fftw_plan plan;
  nax_index half, batch; /* of a transform of reals through complex numbers */
  nax_i_c64 *turn;       /* half/2 + 1; NULL: FFTW's own */
};

const char *
nax_fft_info(void)
{
  return fftw_version;
}

nax_index
nax_fft_next_fast(nax_index n)
{
  const nax_index limit = INT64_MAX / 8;
  if (n <= 1) {
    return 1;
  }
  if (n > limit) {
    return n;
  }
  nax_index best = 1;
  while (best < n) {
    best *= 2;
  }
  for (nax_index a = 1; a < best; a *= 7) {
    for (nax_index b = a; b < best; b *= 5) {
      for (nax_index c = b; c < best; c *= 3) {
        nax_index d = c;
        while (d < n) {
          d *= 2;
        }
        best = d < best ? d : best;
      }
    }
  }
  return best;
}

int
nax_i_fft_goes_by_halves(nax_index n)
{
#if defined(__x86_64__)
  return n % 2 == 0 && n >= 64 && __builtin_cpu_supports("avx512f");
#else
  (void)n;
  return 0;
#endif
}

void
nax_i_fft_fill_turn(nax_index half, nax_i_c64 *turn)
{
  for (nax_index k = 0; k <= half / 2; k++) {
    double angle = 3.14159265358979323846 * (double)k / (double)half;
    turn[k] = (nax_i_c64){-0.5 * sin(angle), -0.5 * cos(angle)};
  }
}

static fftw_plan
make_plan(nax_i_fft_kind kind, nax_index n, nax_index batch, int aligned)
{
  const unsigned flags = FFTW_ESTIMATE | (aligned ? 0 : FFTW_UNALIGNED);
  /* With ESTIMATE the planner looks at the addresses only, to see that they differ and
   * how they are aligned. */
  _Alignas(NAX_I_FFT_ALIGN) double a[2], b[2];
  fftw_complex *ca = (fftw_complex *)a, *cb = (fftw_complex *)b;
  ptrdiff_t half = n / 2 + 1;
  fftw_iodim64 dim = {n, 1, 1}, many = {batch, n, n};
  switch (kind) {
  case NAX_I_FFT_R2C:
    many.os = half;
    return fftw_plan_guru64_dft_r2c(1, &dim, 1, &many, a, cb, flags);
  case NAX_I_FFT_C2R:
    many.is = half;
    return fftw_plan_guru64_dft_c2r(1, &dim, 1, &many, ca, b,
                                    flags | FFTW_PRESERVE_INPUT);
  case NAX_I_FFT_C2C:
  case NAX_I_FFT_C2C_INV:
    break;
  }
  return fftw_plan_guru64_dft(1, &dim, 1, &many, ca, cb,
                              kind == NAX_I_FFT_C2C ? FFTW_FORWARD : FFTW_BACKWARD,
                              flags);
}

/* Rows of half complex numbers to rows of one more. */
static fftw_plan
plan_halves(nax_index half, nax_index batch)
{
  _Alignas(NAX_I_FFT_ALIGN) double a[2], b[2];
  fftw_iodim64 dim = {half, 1, 1}, many = {batch, half, half + 1};
  return fftw_plan_guru64_dft(1, &dim, 1, &many, (fftw_complex *)a, (fftw_complex *)b,
                              FFTW_FORWARD, FFTW_ESTIMATE);
}

static nax_status
create(nax_ctx *ctx, const char *fn, nax_i_fft_kind kind, nax_index n, nax_index batch,
       int aligned, nax_i_fft **out)
{
  int halves = aligned && kind == NAX_I_FFT_R2C && nax_i_fft_goes_by_halves(n);
  nax_index one[2] = {n, batch}, size;
  *out = NULL;
  if (n < 1 || batch < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "a Fourier transform needs length and count >= 1, got %lld and "
                      "%lld",
                      (long long)n, (long long)batch);
  }
  if (!nax_i_size_product(2, one, 2 * sizeof(nax_i_c64), &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn,
                      "%lld Fourier transforms of length %lld do not fit memory",
                      (long long)batch, (long long)n);
  }
  nax_i_fft *p = nax_i_calloc(1, sizeof *p);
  if (p == NULL) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
  }
  p->kind = kind;
  if (halves) {
    p->half = n / 2;
    p->batch = batch;
    p->turn = nax_i_calloc((size_t)(p->half / 2) + 1, sizeof *p->turn);
    if (p->turn == NULL) {
      nax_i_fft_free(p);
      return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
    }
    nax_i_fft_fill_turn(p->half, p->turn);
  }
  pthread_mutex_lock(&planner);
  p->plan = halves ? plan_halves(n / 2, batch) : make_plan(kind, n, batch, aligned);
  pthread_mutex_unlock(&planner);
  if (p->plan == NULL) {
    nax_i_fft_free(p);
    return nax_i_fail(ctx, NAX_ENUMERIC, fn, "no plan for a Fourier transform of %lld",
                      (long long)n);
  }
  *out = p;
  return NAX_OK;
}

nax_status
nax_i_fft_create(nax_ctx *ctx, const char *fn, nax_i_fft_kind kind, nax_index n,
                 nax_index batch, nax_i_fft **out)
{
  return create(ctx, fn, kind, n, batch, 0, out);
}

nax_status
nax_i_fft_create_aligned(nax_ctx *ctx, const char *fn, nax_i_fft_kind kind, nax_index n,
                         nax_index batch, nax_i_fft **out)
{
  return create(ctx, fn, kind, n, batch, 1, out);
}

void
nax_i_fft_free(nax_i_fft *p)
{
  if (p == NULL) {
    return;
  }
  if (p->plan != NULL) {
    pthread_mutex_lock(&planner);
    fftw_destroy_plan(p->plan);
    pthread_mutex_unlock(&planner);
  }
  nax_i_free(p->turn);
  nax_i_free(p);
}

/* FFTW's prototypes lack const; with PRESERVE_INPUT nothing is written. */
static void *
writable(const void *p)
{
  union {
    const void *c;
    void *v;
  } u = {p};
  return u.v;
}

void
nax_i_fft_execute_ahead(const nax_i_fft *p, const void *in, void *out, nax_i_ahead *ahead)
{
  switch (p->kind) {
  case NAX_I_FFT_R2C:
    if (p->turn == NULL) {
      fftw_execute_dft_r2c(p->plan, writable(in), out);
      break;
    }
#if defined(__x86_64__)
    fftw_execute_dft(p->plan, writable(in), out);
    for (nax_index r = 0; r < p->batch; r++) {
      nax_i_fft_untangle_avx512(p->half, p->turn, (nax_i_c64 *)out + r * (p->half + 1),
                                ahead);
    }
#endif
    break;
  case NAX_I_FFT_C2R:
    fftw_execute_dft_c2r(p->plan, writable(in), out);
    break;
  case NAX_I_FFT_C2C:
  case NAX_I_FFT_C2C_INV:
    fftw_execute_dft(p->plan, writable(in), out);
    break;
  }
}

void
nax_i_fft_execute(const nax_i_fft *p, const void *in, void *out)
{
  nax_i_ahead nothing = {NULL, 0, 0, 0, 0};
  nax_i_fft_execute_ahead(p, in, out, &nothing);
}

const char *
nax_i_version_fftw(void)
{
  return fftw_version;
}
