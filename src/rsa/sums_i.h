/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops over pairs of conditions for boot.c, by whole vectors. */
#ifndef NAX_RSA_SUMS_I_H
#define NAX_RSA_SUMS_I_H
#include "core/core_i.h"
#include <math.h>

/* Sums in eight parts: the same for every width of vectors. */
typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));

#define NAX_I_ADD_EIGHT(s)                                                               \
  ((((s)[0] + (s)[1]) + ((s)[2] + (s)[3])) + (((s)[4] + (s)[5]) + ((s)[6] + (s)[7])))

/* a'b */
NAX_I_CLONES static double
dot(nax_index n, const double *a, const double *b)
{
  eight sum = {0};
  double rest = 0.0;
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    sum += *(const eight *)(const void *)(a + i) * *(const eight *)(const void *)(b + i);
  }
  for (; i < n; i++) {
    rest += a[i] * b[i];
  }
  return NAX_I_ADD_EIGHT(sum) + rest;
}

/* Sum of root^2 f. */
NAX_I_CLONES static double
weighted(nax_index n, const double *root, const double *f)
{
  eight sum = {0};
  double rest = 0.0;
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    eight r = *(const eight *)(const void *)(root + i);
    sum += r * r * *(const eight *)(const void *)(f + i);
  }
  for (; i < n; i++) {
    rest += root[i] * root[i] * f[i];
  }
  return NAX_I_ADD_EIGHT(sum) + rest;
}

/* f = root (f - mean); the sum of its squares. */
NAX_I_CLONES static double
weigh(nax_index n, const double *root, double mean, double *f)
{
  eight sum = {0};
  double rest = 0.0;
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    eight v = *(const eight *)(const void *)(f + i) - mean;
    v *= *(const eight *)(const void *)(root + i);
    *(eight *)(void *)(f + i) = v;
    sum += v * v;
  }
  for (; i < n; i++) {
    f[i] = root[i] * (f[i] - mean);
    rest += f[i] * f[i];
  }
  return NAX_I_ADD_EIGHT(sum) + rest;
}

/* c = x y where `there` is 1, else 0; the sum, exact for whole numbers. */
NAX_I_CLONES static double
products(nax_index n, double x, const double *y, const char *there, double *c)
{
  double sum[8] = {0}, rest = 0.0;
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; k++) {
      c[i + k] = x * y[i + k] * (double)there[i + k];
    }
    for (int k = 0; k < 8; k++) {
      sum[k] += c[i + k];
    }
  }
  for (; i < n; i++) {
    c[i] = x * y[i] * (double)there[i];
    rest += c[i];
  }
  return NAX_I_ADD_EIGHT(sum) + rest;
}

/* x = sqrt(x) */
NAX_I_CLONES static void
roots(nax_index n, double *x)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; k++) {
      x[i + k] = sqrt(x[i + k]);
    }
  }
  for (; i < n; i++) {
    x[i] = sqrt(x[i]);
  }
}

/* to += w x, n values: exact for ranks and whole weights. */
NAX_I_CLONES static void
add(nax_index n, double w, const double *x, double *to)
{
  nax_index o = 0;
  for (; o + 8 <= n; o += 8) {
    *(eight *)(void *)(to + o) += w * *(const eight *)(const void *)(x + o);
  }
  for (; o < n; o++) {
    to[o] += w * x[o];
  }
}

/* key = 2 x - least */
NAX_I_CLONES static void
keys(nax_index n, const double *x, double least, uint32_t *key)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; k++) {
      key[i + k] = (uint32_t)(int32_t)(2.0 * x[i + k] - least);
    }
  }
  for (; i < n; i++) {
    key[i] = (uint32_t)(int32_t)(2.0 * x[i] - least);
  }
}

/* What sorted words say: numbers in a row, and whether the next key is another one. */
NAX_I_CLONES static void
unpack(nax_index n, const uint64_t *a, int32_t *order, char *last)
{
  nax_index i = 0;
  for (; i + 16 < n; i += 16) {
    for (int k = 0; k < 16; k++) {
      order[i + k] = (int32_t)(uint32_t)a[i + k];
    }
    for (int k = 0; k < 16; k++) {
      last[i + k] = a[i + k] >> 32 != a[i + k + 1] >> 32;
    }
  }
  for (; i < n; i++) {
    order[i] = (int32_t)(uint32_t)a[i];
    last[i] = i + 1 == n || a[i] >> 32 != a[i + 1] >> 32;
  }
}

#endif
