/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Double precision: for checks of the gradients. */
static inline double
below_zero(double x)
{
  return x > 0.0 ? 0.0 : x;
}

#define REAL  double
#define EXPM1 expm1
#define TANH  tanh
#define ROOT  sqrt
#define GEMM  nax_i_gemm
#define NAME  nax_i_real_f64
#include "kernel_i.h"
