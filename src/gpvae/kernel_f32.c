/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single precision: what networks are trained in. */
#include <math.h>
#include <stdint.h>
#include <string.h>

/* exp(x) - 1 for x <= 0 to an absolute 2e-7, without a branch: 2^k times a polynomial. */
static inline __attribute__((always_inline)) float
exp_less_one(float x)
{
  x = x < -80.0f ? -80.0f : x;
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

#define REAL  float
#define EXPM1 exp_less_one
#define TANH  tanhf
#define ROOT  sqrtf
#define GEMM  nax_i_sgemm
#define NAME  nax_i_real_f32
#include "kernel_i.h"
