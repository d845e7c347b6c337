/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Skinny product in plain C, float32: the compiler's own vectors of whatever width it
 * has. */
#include "skinny_i.h"

typedef float vec __attribute__((vector_size(16)));

static inline vec
load(const float *p)
{
  vec v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline void
put(double *to, vec v, int add)
{
  for (int k = 0; k < (int)(sizeof v / sizeof v[0]); k++) {
    to[k] = (add ? to[k] : 0.0) + (double)v[k];
  }
}

#define NAME          nax_i_skinny_portable_f32
#define REAL          float
#define VEC           vec
#define LANES         4
#define MAX_VECS      4
#define ZERO()        ((vec){0})
#define SET1(s)       ((vec){0} + (s))
#define LOAD(p)       load(p)
#define FMA(a, b, c)  ((c) + (a) * (b))
#define STORE(p, v)   memcpy((p), &(v), sizeof(vec))
#define PUT(to, v, a) put((to), (v), (a))
#define KERNELS(K)    K(1, 4) K(2, 4) K(3, 4) K(4, 2)
void NAME(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w, int64_t ldw,
          double *y, int64_t ldy, int64_t m, const void *after, nax_i_ahead *ahead,
          int add);
#include "skinny_kernel_i.h"
