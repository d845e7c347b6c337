/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Fourier transforms of this library run on. */
#ifndef NEURAXIS_FFT_H
#define NEURAXIS_FFT_H
#include <neuraxis/context.h>
NAX_BEGIN_DECLS

/** Name and version of the Fourier library, e.g. "fftw-3.3.10-sse2-avx". Static string.
 */
NAX_API const char *nax_fft_info(void);

/** Smallest length >= n without prime factors above 7: transforms of such lengths are up
 * to ten times as fast as those of primes. 1 for n < 1, and n itself when the result
 * would not fit. */
NAX_API nax_index nax_fft_next_fast(nax_index n);

NAX_END_DECLS
#endif
