/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exponentials of many numbers at once. */
#include "core_i.h"
#include <math.h>

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));
typedef uint64_t eight_bits __attribute__((vector_size(64), aligned(8), may_alias));

/* Where 2^k below is a normal number. */
static const double least = -708.0, most = 709.0;

/* x = k log 2 + r with |r| <= log(2) / 2: exp x = 2^k exp r, by a series whose terms from
 * r^14 on are below the last bit. log 2 is in two parts, the first with so few bits that
 * its multiples are exact. */
static inline __attribute__((always_inline)) void
exp_eight(const double *from, double *to)
{
  eight x = *(const eight *)(const void *)from;
  const double log2_high = 0x1.62e42fefap-1, log2_low = 0x1.cf79abc9e3b3ap-40;
  const double shift = 0x1.8p52; /* adding it rounds to an integer, in the lowest bits */
  eight t = x * 0x1.71547652b82fep+0 + shift, k = t - shift;
  eight r = (x - k * log2_high) - k * log2_low;
  eight p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = (p * r) * r + r;
  eight power = (eight)(((eight_bits)t + 1023) << 52);
  *(eight *)(void *)to = p * power + power;
}

/* Those of up to 8 numbers of any kind. */
static void
exp_some(nax_index n, const double *x, double *out)
{
  double given[8], some[8];
  for (nax_index k = 0; k < 8; k++) {
    given[k] = k < n ? x[k] : 0.0;
    some[k] = given[k] >= least && given[k] <= most ? given[k] : 0.0;
  }
  exp_eight(some, some);
  for (nax_index k = 0; k < n; k++) {
    out[k] = given[k] >= least && given[k] <= most ? some[k] : exp(given[k]);
  }
}

NAX_I_CLONES static void
exp_all(nax_index n, const double *x, double *out)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    int usual = 1;
    for (int k = 0; k < 8; k++) {
      usual &= (x[i + k] >= least) & (x[i + k] <= most);
    }
    if (usual) {
      exp_eight(x + i, out + i);
    } else {
      exp_some(8, x + i, out + i);
    }
  }
  if (i < n) {
    exp_some(n - i, x + i, out + i);
  }
}

/* Versions per instruction set are of functions that stay in their file. */
void
nax_i_exps(nax_index n, const double *x, double *out)
{
  exp_all(n, x, out);
}
