/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transform of n real numbers x by one of n/2 complex numbers x(2t) + i x(2t+1).
 *
 * Its coefficients Z give those of x, with m = n/2 - k and w = -i exp(-2 pi i k / n) / 2,
 *
 *   X(k) = (Z(k) + Z(m)*) / 2 + w (Z(k) - Z(m)*),   X(m)* = (Z(k) + Z(m)*) / 2 - w (...)
 *
 * which costs less than the transforms of reals of the FFT library, where the processor
 * has wide vectors. */
#ifndef NAX_FFT_UNTANGLE_I_H
#define NAX_FFT_UNTANGLE_I_H
#include "fft_i.h"

/* Whether a transform of n reals goes this way, on this processor. */
int nax_i_fft_goes_by_halves(nax_index n);
/* w of k = 0 to half/2. */
void nax_i_fft_fill_turn(nax_index half, nax_i_c64 *turn);

/* `z` has half = n/2 coefficients and room for one more; `turn` has w of k = 0 to
 * half/2. */
#if defined(__x86_64__)
void nax_i_fft_untangle_avx512(nax_index half, const nax_i_c64 *turn, nax_i_c64 *z,
                               nax_i_ahead *ahead);
/* From `z`, half complex numbers of two floats, to half + 1 coefficients. */
void nax_i_fft_untangle_f32_avx512(nax_index half, const nax_i_c64 *turn, const float *z,
                                   nax_i_c64 *out, nax_i_ahead *ahead);
#endif

#endif
