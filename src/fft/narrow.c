/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms of float32 rows. */
#include "untangle_i.h"
#include <fftw3.h>
#include <pthread.h>

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

struct nax_i_fft_f32 {
  nax_index n;
  fftwf_plan plan;
  nax_i_c64 *turn; /* NULL: FFTW's own transform of reals */
};

static fftwf_plan
make_plan(nax_index n, int halves)
{
  _Alignas(NAX_I_FFT_ALIGN) float a[4], b[4];
  fftw_iodim64 dim = {halves ? n / 2 : n, 1, 1};
  return halves ? fftwf_plan_guru64_dft(1, &dim, 0, NULL, (fftwf_complex *)a,
                                        (fftwf_complex *)b, FFTW_FORWARD, FFTW_ESTIMATE)
                : fftwf_plan_guru64_dft_r2c(1, &dim, 0, NULL, a, (fftwf_complex *)b,
                                            FFTW_ESTIMATE);
}

nax_status
nax_i_fft_f32_create(nax_ctx *ctx, const char *fn, nax_index n, nax_i_fft_f32 **out)
{
  nax_status status = NAX_OK;
  nax_i_fft_f32 *p = NULL;
  int halves = nax_i_fft_goes_by_halves(n);
  *out = NULL;
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  p->n = n;
  if (halves) {
    NAX_TRY_ALLOC(p->turn, n / 4 + 1, sizeof *p->turn);
    nax_i_fft_fill_turn(n / 2, p->turn);
  }
  pthread_mutex_lock(&planner);
  p->plan = make_plan(n, halves);
  pthread_mutex_unlock(&planner);
  if (p->plan == NULL) {
    status = nax_i_fail(ctx, NAX_ENUMERIC, fn, "no plan for a Fourier transform of %lld",
                        (long long)n);
    goto done;
  }
  *out = p;
  p = NULL;
done:
  nax_i_fft_f32_free(p);
  return status;
}

void
nax_i_fft_f32_free(nax_i_fft_f32 *p)
{
  if (p == NULL) {
    return;
  }
  if (p->plan != NULL) {
    pthread_mutex_lock(&planner);
    fftwf_destroy_plan(p->plan);
    pthread_mutex_unlock(&planner);
  }
  nax_i_free(p->turn);
  nax_i_free(p);
}

void
nax_i_fft_f32_execute(const nax_i_fft_f32 *p, float *in, float *work, nax_i_c64 *out,
                      nax_i_ahead *ahead)
{
  if (p->turn == NULL) {
    fftwf_execute_dft_r2c(p->plan, in, (fftwf_complex *)work);
    for (nax_index k = 0; k <= p->n / 2; k++) {
      out[k] = (nax_i_c64){(double)work[2 * k], (double)work[2 * k + 1]};
    }
    return;
  }
#if defined(__x86_64__)
  fftwf_execute_dft(p->plan, (fftwf_complex *)in, (fftwf_complex *)work);
  nax_i_fft_untangle_f32_avx512(p->n / 2, p->turn, work, out, ahead);
#else
  (void)ahead;
#endif
}
