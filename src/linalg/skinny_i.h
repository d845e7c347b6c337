/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of a large matrix with a few columns, the kernel of every factorisation here:
 * Y (m x r) = X (m x n) W (n x r), r small, X used where it lies. A general matrix
 * product packs X first and is two to five times slower in this shape. */
#ifndef NAX_SKINNY_I_H
#define NAX_SKINNY_I_H
#include "core/ahead_i.h"
#include "core/core_i.h"

/* Columns that W must have for r of them to be used: rows of W are padded with zeros to 8
 * or a multiple of 8 (float64) or 16 (float32); rows of Y to a multiple of 8. */
static inline int64_t
nax_i_skinny_pad(nax_dtype dtype, int64_t r)
{
  int64_t lanes = dtype == NAX_F32 && r > 8 ? 16 : 8;
  return (r + lanes - 1) / lanes * lanes;
}

/* y[i * ldy + j] += sum_k x[i * rs + k * ks] * w[k * ldw + j] for i < m, j < min(ldw,
 * ldy). X and W have `dtype`; with float32 the products are summed in float32 over blocks
 * of k and these sums in float64. ldw is padded as above, ldy a multiple of 8. The order
 * of all sums depends on n only. One thread; the caller splits rows. `after`
 * (may be NULL) is where the X of the caller's next product of this kind begins. */
void nax_i_skinny(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n,
                  const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                  const void *after);

/* The same, y not being looked at: it becomes the product. */
void nax_i_skinny_new(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n,
                      const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                      const void *after);

/* That which adds; where columns of X lie next to each other, memory that is read after
 * this is asked for. */
void nax_i_skinny_ahead(nax_dtype dtype, const void *x, int64_t rs, int64_t ks, int64_t n,
                        const void *w, int64_t ldw, double *y, int64_t ldy, int64_t m,
                        const void *after, nax_i_ahead *ahead);

/* One run of rows of a matrix that is made where it is used: row k is that of 32 numbers
 * max(sign a b, 0) with a from a[at[k]] (or a[32 k]) on, and b the 32 numbers at `b`, or
 * with `one` the number b[k]. (With `one` there are 32 numbers at b, too.) */
typedef struct nax_i_rectified {
  const float *a, *b, *w; /* w: n x ldw */
  const int64_t *at;
  int64_t n;
  int one;
} nax_i_rectified;

/* y[i * ldy + j] += the sum over all rows of all runs of entry i times w[k * ldw + j], i
 * below 32, j below ldw, a multiple of 8; summed in float32, and that is added in
 * float64. Returns 0 where the processor has no kernel for it: nothing is done. */
int nax_i_skinny_rectified(nax_index n_runs, const nax_i_rectified *run, float sign,
                           int64_t ldw, double *y, int64_t ldy);

/* n numbers, a multiple of 8, to `to`, which has `dtype` and begins at a multiple of 16
 * bytes; where the processor can, past its caches. */
void nax_i_store_past_cache(nax_dtype dtype, const double *from, nax_index n, void *to);

/* Name of the instruction set in use: "avx512", "avx2" or "portable". */
const char *nax_i_skinny_isa(void);

#endif
