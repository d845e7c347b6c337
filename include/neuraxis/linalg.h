/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the linear algebra of this library runs on. */
#ifndef NEURAXIS_LINALG_H
#define NEURAXIS_LINALG_H
#include <neuraxis/context.h>
NAX_BEGIN_DECLS

/** The BLAS that is loaded: name, version, CPU kernel and how it threads, e.g.
 * "OpenBLAS 0.3.21 SkylakeX, pthreads"; "BLAS (unknown)" when it does not say. Results
 * through BLAS are the same bits for any number of threads, and agree to rounding between
 * CPU kernels: so this line goes into results. Static string. */
NAX_API const char *nax_linalg_info(void);

NAX_END_DECLS
#endif
