/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Body of the skinny product, included once per instruction set and element type.
 *
 * The file that includes this defines: NAME (function name), REAL (float or double), VEC,
 * LANES (elements of a VEC), ZERO(), SET1(x), LOAD(p), FMA(a, b, c), STORE(p, v), and
 * KERNELS(K) listing K(vectors per row, rows held in registers), fewest vectors first and
 * without holes, and MAX_VECS, the largest number of vectors listed.
 *
 * Bound: one read of X from memory, or 2 m n r flops at the FMA rate. Nothing is packed:
 * each x is broadcast from where it lies and used `vectors` times from a register, so for
 * few columns the memory is the limit and for many the FMA units are. */

/* Rows of W in one block: they stay in the level-2 cache. The same for any number of
 * columns, so that a column has the same bits in any company. */
enum { K_BLOCK = 512 };

#define KERNEL(V, ROWS)                                                                  \
  static void rows_##V(const REAL *x, int64_t rs, int64_t ks, int64_t n, const REAL *w,  \
                       int64_t ldw, double *y, int64_t ldy, int64_t m, int64_t cols)     \
  {                                                                                      \
    for (int64_t i = 0; i < m; i += ROWS) {                                              \
      VEC acc[ROWS][V];                                                                  \
      int64_t at[ROWS];                                                                  \
      for (int t = 0; t < ROWS; t++) {                                                   \
        /* rows past the end repeat the last one and are not stored */                   \
        at[t] = (i + t < m ? i + t : m - 1) * rs;                                        \
        for (int v = 0; v < V; v++) {                                                    \
          acc[t][v] = ZERO();                                                            \
        }                                                                                \
      }                                                                                  \
      for (int64_t k = 0; k < n; k++) {                                                  \
        const REAL *xk = x + k * ks;                                                     \
        VEC wk[V];                                                                       \
        for (int v = 0; v < V; v++) {                                                    \
          wk[v] = LOAD(w + k * ldw + v * LANES);                                         \
        }                                                                                \
        if (rs == 1) {                                                                   \
          __builtin_prefetch(xk + i + 4 * ROWS);                                         \
        }                                                                                \
        _Pragma("GCC unroll 8") for (int t = 0; t < ROWS; t++)                           \
        {                                                                                \
          VEC s = SET1(xk[at[t]]);                                                       \
          _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                            \
          {                                                                              \
            acc[t][v] = FMA(s, wk[v], acc[t][v]);                                        \
          }                                                                              \
        }                                                                                \
      }                                                                                  \
      for (int t = 0; t < ROWS && i + t < m; t++) {                                      \
        REAL part[V * LANES];                                                            \
        for (int v = 0; v < V; v++) {                                                    \
          STORE(part + v * LANES, acc[t][v]);                                            \
        }                                                                                \
        for (int64_t j = 0; j < V * LANES && j < cols; j++) {                            \
          y[(i + t) * ldy + j] += (double)part[j];                                       \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
  }
KERNELS(KERNEL)
#undef KERNEL

void
NAME(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w, int64_t ldw,
     double *y, int64_t ldy, int64_t m)
{
  typedef void (*rows_fn)(const REAL *, int64_t, int64_t, int64_t, const REAL *, int64_t,
                          double *, int64_t, int64_t, int64_t);
#define ENTRY(V, ROWS) rows_##V,
  static const rows_fn rows[] = {KERNELS(ENTRY)};
#undef ENTRY
  const REAL *X = x, *W = w;
  for (int64_t k = 0; k < n; k += K_BLOCK) {
    int64_t nk = n - k < K_BLOCK ? n - k : K_BLOCK;
    for (int64_t c = 0; c < ldw; c += MAX_VECS * LANES) {
      int64_t left = ldw - c;
      int64_t vecs = left >= MAX_VECS * LANES ? MAX_VECS : (left + LANES - 1) / LANES;
      rows[vecs - 1](X + k * ks, rs, ks, nk, W + k * ldw + c, ldw, y + c, ldy, m,
                     ldy - c);
    }
  }
}
