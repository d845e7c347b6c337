/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logarithms of many numbers at once. */
#include "core_i.h"
#include <float.h>
#include <math.h>

typedef double eight __attribute__((vector_size(64), aligned(8), may_alias));
typedef uint64_t eight_bits __attribute__((vector_size(64), aligned(8), may_alias));

/* x = 2^k m with m in [sqrt(1/2), sqrt(2)): log x = k log 2 + log m, and with f = m - 1,
 * s = f / (2 + f) and z = s^2, log m = f - s (f - 2 (z/3 + z^2/5 + ...)), whose terms
 * from z^11 on are below the last bit. log 2 is in two parts, the first with so few bits
 * that its multiples are exact. */
static inline __attribute__((always_inline)) void
log_eight(const double *from, double *to)
{
  eight x = *(const eight *)(const void *)from;
  const uint64_t root = UINT64_C(0x3fe6a09e667f3bcd), one = UINT64_C(1) << 52;
  const uint64_t big = UINT64_C(0x4330000000000000); /* 2^52 */
  const double log2_high = 0x1.62e42fefap-1, log2_low = 0x1.cf79abc9e3b3ap-40;
  eight_bits bits = (eight_bits)x;
  eight_bits k = (bits - root + (one << 10)) >> 52; /* exponent + 1024 */
  eight m = (eight)(bits - ((k - 1024) << 52));
  eight e = (eight)(k | big) - (0x1p52 + 1024.0);
  eight f = m - 1.0, s = f / (2.0 + f), z = s * s;
  eight r = z * (1.0 / 21.0) + 1.0 / 19.0;
  r = r * z + 1.0 / 17.0;
  r = r * z + 1.0 / 15.0;
  r = r * z + 1.0 / 13.0;
  r = r * z + 1.0 / 11.0;
  r = r * z + 1.0 / 9.0;
  r = r * z + 1.0 / 7.0;
  r = r * z + 1.0 / 5.0;
  r = r * z + 1.0 / 3.0;
  *(eight *)(void *)to = e * log2_high - ((s * (f - 2.0 * (r * z)) - e * log2_low) - f);
}

/* Those of up to 8 numbers of any kind. */
static void
log_some(nax_index n, const double *x, double *out)
{
  double given[8], some[8];
  for (nax_index k = 0; k < 8; k++) {
    given[k] = k < n ? x[k] : 1.0;
    some[k] = given[k] >= DBL_MIN && given[k] <= DBL_MAX ? given[k] : 1.0;
  }
  log_eight(some, some);
  for (nax_index k = 0; k < n; k++) {
    out[k] = given[k] >= DBL_MIN && given[k] <= DBL_MAX ? some[k] : log(given[k]);
  }
}

NAX_I_CLONES static void
log_all(nax_index n, const double *x, double *out)
{
  nax_index i = 0;
  for (; i + 8 <= n; i += 8) {
    int usual = 1;
    for (int k = 0; k < 8; k++) {
      usual &= (x[i + k] >= DBL_MIN) & (x[i + k] <= DBL_MAX);
    }
    if (usual) {
      log_eight(x + i, out + i);
    } else {
      log_some(8, x + i, out + i);
    }
  }
  if (i < n) {
    log_some(n - i, x + i, out + i);
  }
}

/* Versions per instruction set are of functions that stay in their file. */
void
nax_i_logs(nax_index n, const double *x, double *out)
{
  log_all(n, x, out);
}
