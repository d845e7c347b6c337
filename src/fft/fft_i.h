/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-dimensional Fourier transforms in batches. The only module that knows FFTW.
 *
 * Plans are made with ESTIMATE, so that the same length always gives the same bits.
 * Making and freeing them takes a lock; executing does not, and one plan may run in many
 * threads at once. */
#ifndef NAX_FFT_I_H
#define NAX_FFT_I_H
#include "core/ahead_i.h"
#include "core/core_i.h"
#include <neuraxis/fft.h>

typedef struct nax_i_c64 {
  double re, im;
} nax_i_c64;

typedef enum nax_i_fft_kind {
  NAX_I_FFT_R2C = 1, /* n doubles -> n/2 + 1 complex, exp(-2 pi i j k / n) */
  NAX_I_FFT_C2R,     /* the inverse without the factor 1/n; keeps its input */
  NAX_I_FFT_C2C,     /* n complex -> n complex, exp(-2 pi i j k / n) */
  NAX_I_FFT_C2C_INV, /* exp(+2 pi i j k / n), without the factor 1/n */
} nax_i_fft_kind;

typedef struct nax_i_fft nax_i_fft;

enum { NAX_I_FFT_ALIGN = 16 };

/* Plan `batch` transforms of length n, one after the other in memory: R2C reads rows of n
 * doubles and writes rows of n/2 + 1 complex, and so on. `fn` is named in the text.
 * NAX_EDIM (n or batch < 1), NAX_ENOMEM, NAX_ENUMERIC (no plan). */
nax_status nax_i_fft_create(nax_ctx *ctx, const char *fn, nax_i_fft_kind kind,
                            nax_index n, nax_index batch, nax_i_fft **out);

/* The same, two to three times as fast, for buffers at multiples of NAX_I_FFT_ALIGN
 * bytes, as allocated memory is. The bits are others than those of the plan that takes
 * any buffer. */
nax_status nax_i_fft_create_aligned(nax_ctx *ctx, const char *fn, nax_i_fft_kind kind,
                                    nax_index n, nax_index batch, nax_i_fft **out);
void nax_i_fft_free(nax_i_fft *p);

/* `in` and `out` must not overlap. */
void nax_i_fft_execute(const nax_i_fft *p, const void *in, void *out);

/* The same; asks for memory where it can. */
void nax_i_fft_execute_ahead(const nax_i_fft *p, const void *in, void *out,
                             nax_i_ahead *ahead);

/* Transforms of one row of n floats in single precision: errors of about 1e-7 of the root
 * of the sum of squares of the row, half the time. */
typedef struct nax_i_fft_f32 nax_i_fft_f32;

/* n >= 1. NAX_ENOMEM, NAX_ENUMERIC (no plan). */
nax_status nax_i_fft_f32_create(nax_ctx *ctx, const char *fn, nax_index n,
                                nax_i_fft_f32 **out);
void nax_i_fft_f32_free(nax_i_fft_f32 *p);

/* `work` has room for n + 2 floats, `out` for n/2 + 1 coefficients. All begin at
 * multiples of NAX_I_FFT_ALIGN bytes and none overlap. */
void nax_i_fft_f32_execute(const nax_i_fft_f32 *p, float *in, float *work, nax_i_c64 *out,
                           nax_i_ahead *ahead);

#endif
