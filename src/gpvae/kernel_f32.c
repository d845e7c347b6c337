/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single precision: what networks are trained in. */
#include <math.h>
#include <stdint.h>
#include <string.h>

/* exp(x) - 1 for x <= 0 to an absolute 2e-7: 2^k times a polynomial. x is kept above -80
 * by a minimum of integers, since a comparison of numbers becomes a branch. */
static inline __attribute__((always_inline)) float
exp_less_one(float x)
{
  int32_t size;
  memcpy(&size, &x, sizeof size);
  size &= INT32_MAX;
  size = size < 0x42a00000 ? size : 0x42a00000;
  memcpy(&x, &size, sizeof x);
  x = -x;
  float k = (float)(int32_t)(x * 1.44269504f - 0.5f);
  float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  uint32_t bits = (uint32_t)((int32_t)k + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power - 1.0f;
}

/* By the sign bit, for the same reason. */
static inline __attribute__((always_inline)) float
below_zero(float x)
{
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits &= bits >> 31;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* With e = exp(-2 |x|): (1 - e) / (1 + e), and the sign of x; what is no number stays so.
 */
static inline __attribute__((always_inline)) float
tanh_of(float x)
{
  int32_t given, bits;
  memcpy(&given, &x, sizeof given);
  bits = given | INT32_MIN;
  memcpy(&x, &bits, sizeof x);
  float e = exp_less_one(2.0f * x), y = -e / (2.0f + e);
  memcpy(&bits, &y, sizeof bits);
  bits |= given & INT32_MIN;
  bits = (given & INT32_MAX) > 0x7f800000 ? given : bits;
  memcpy(&y, &bits, sizeof y);
  return y;
}

#define REAL  float
#define EXPM1 exp_less_one
#define TANH  tanh_of
#define ROOT  sqrtf
#define GEMM  nax_i_sgemm
#define NAME  nax_i_real_f32
#include "kernel_i.h"
