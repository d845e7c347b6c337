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

/* Elements of a line of the cache. */
enum { LINE = 64 / sizeof(REAL) };

/* One product of ROWS elements of X with a row of W; AT(t) is where element t lies. */
#define STEP(V, ROWS, AT)                                                                \
  do {                                                                                   \
    VEC wk[V];                                                                           \
    _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                                  \
    {                                                                                    \
      wk[v] = LOAD(w + k * ldw + v * LANES);                                             \
    }                                                                                    \
    _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                              \
    {                                                                                    \
      VEC s = SET1(AT(t));                                                               \
      _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                                \
      {                                                                                  \
        acc[t][v] = FMA(s, wk[v], acc[t][v]);                                            \
      }                                                                                  \
    }                                                                                    \
  } while (0)
#define AT_UNIT(t) xk[t]
#define AT_LINE(t) four[(t) / 4][(t) % 4 * rs]
#define AT_ANY(t)  xi[at[t] + k * ks]

/* Three ways through X: rows next to each other in memory, columns next to each other,
 * and any strides (also for the last rows). The order of sums is the same.
 *
 * The processor foresees none of the first two: rows next to each other are used a line
 * at a time, far apart. So the block that comes `next` is asked for line by line in the
 * order of memory while this one is worked on; it should fit in the level-2 cache. What
 * the caller reads next in another place it tells with `ahead`, asked for in the second
 * way. */
#define KERNEL(V, ROWS)                                                                  \
  static void rows_##V(const REAL *x, int64_t rs, int64_t ks, int64_t n, const REAL *w,  \
                       int64_t ldw, double *y, int64_t ldy, int64_t m, int64_t cols,     \
                       const REAL *next, nax_i_ahead *ahead, int add)                    \
  {                                                                                      \
    int64_t at_next = 0;                                                                 \
    for (int64_t i = 0; i < m; i += ROWS) {                                              \
      const REAL *xi = x + i * rs;                                                       \
      VEC acc[ROWS][V];                                                                  \
      for (int t = 0; t < ROWS; t++) { /* where the sums go */                           \
        for (int64_t j = 0; j < cols && j < V * LANES; j += 8) {                         \
          __builtin_prefetch(y + (i + t) * ldy + j, 1);                                  \
        }                                                                                \
      }                                                                                  \
      for (int t = 0; t < ROWS; t++) {                                                   \
        for (int v = 0; v < V; v++) {                                                    \
          acc[t][v] = ZERO();                                                            \
        }                                                                                \
      }                                                                                  \
      if (rs == 1 && i + ROWS <= m) {                                                    \
        for (int64_t k = 0; k < n; k++) {                                                \
          const REAL *xk = xi + k * ks;                                                  \
          __builtin_prefetch(next + at_next, 0, 2);                                      \
          at_next += ROWS;                                                               \
          if (at_next >= m) {                                                            \
            at_next = 0;                                                                 \
            next += ks;                                                                  \
          }                                                                              \
          STEP(V, ROWS, AT_UNIT);                                                        \
        }                                                                                \
      } else if (ks == 1 && i + ROWS <= m) {                                             \
        /* every fourth row has a pointer: few enough for registers */                   \
        const REAL *four[(ROWS + 3) / 4];                                                \
        for (int q = 0; q < (ROWS + 3) / 4; q++) {                                       \
          four[q] = xi + 4 * q * rs;                                                     \
        }                                                                                \
        for (int64_t from = 0; from < n; from += LINE) {                                 \
          int64_t to = n - from < LINE ? n : from + LINE;                                \
          for (int t = 0; t < ROWS; t++) {                                               \
            if (ahead->left > 0) {                                                       \
              nax_i_ahead_ask(ahead);                                                    \
            } else {                                                                     \
              __builtin_prefetch(xi + (t + ROWS) * rs + from);                           \
            }                                                                            \
          }                                                                              \
          for (int64_t k = from; k < to; k++) {                                          \
            STEP(V, ROWS, AT_LINE);                                                      \
            _Pragma("GCC unroll 4") for (int q = 0; q < (ROWS + 3) / 4; q++)             \
            {                                                                            \
              four[q]++;                                                                 \
            }                                                                            \
          }                                                                              \
        }                                                                                \
      } else {                                                                           \
        int64_t at[ROWS];                                                                \
        for (int t = 0; t < ROWS; t++) {                                                 \
          /* rows past the end repeat the last one and are not stored */                 \
          at[t] = (i + t < m ? t : m - 1 - i) * rs;                                      \
        }                                                                                \
        for (int64_t k = 0; k < n; k++) {                                                \
          STEP(V, ROWS, AT_ANY);                                                         \
        }                                                                                \
      }                                                                                  \
      for (int t = 0; t < ROWS && i + t < m; t++) {                                      \
        REAL part[V * LANES];                                                            \
        for (int v = 0; v < V; v++) {                                                    \
          STORE(part + v * LANES, acc[t][v]);                                            \
        }                                                                                \
        double *to = y + (i + t) * ldy;                                                  \
        if (cols >= V * LANES) {                                                         \
          _Pragma("omp simd") for (int j = 0; j < V * LANES; j++)                        \
          {                                                                              \
            to[j] = (add ? to[j] : 0.0) + (double)part[j];                               \
          }                                                                              \
        } else {                                                                         \
          for (int64_t j = 0; j < cols; j++) {                                           \
            to[j] = (add ? to[j] : 0.0) + (double)part[j];                               \
          }                                                                              \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
  }
KERNELS(KERNEL)
#undef KERNEL
#undef STEP
#undef AT_UNIT
#undef AT_LINE
#undef AT_ANY

void
NAME(const void *x, int64_t rs, int64_t ks, int64_t n, const void *w, int64_t ldw,
     double *y, int64_t ldy, int64_t m, const void *after, nax_i_ahead *ahead, int add)
{
  typedef void (*rows_fn)(const REAL *, int64_t, int64_t, int64_t, const REAL *, int64_t,
                          double *, int64_t, int64_t, int64_t, const REAL *,
                          nax_i_ahead *, int);
#define ENTRY(V, ROWS) rows_##V,
  static const rows_fn rows[] = {KERNELS(ENTRY)};
#undef ENTRY
  const REAL *X = x, *W = w;
  for (int64_t k = 0; k < n; k += K_BLOCK) {
    int64_t nk = n - k < K_BLOCK ? n - k : K_BLOCK;
    const REAL *xk = X + k * ks;
    const REAL *next = k + nk < n || after == NULL ? xk + nk * ks : after;
    for (int64_t c = 0; c < ldw; c += MAX_VECS * LANES) {
      int64_t left = ldw - c;
      int64_t vecs = left >= MAX_VECS * LANES ? MAX_VECS : (left + LANES - 1) / LANES;
      rows[vecs - 1](xk, rs, ks, nk, W + k * ldw + c, ldw, y + c, ldy, m, ldy - c, next,
                     ahead, add || k > 0);
    }
  }
}
