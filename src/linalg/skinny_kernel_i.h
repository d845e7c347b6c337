/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Body of the skinny product, included once per instruction set and element type.
 *
 * The file that includes this defines: NAME (function name), REAL (float or double), VEC,
 * LANES (elements of a VEC), ZERO(), SET1(x), LOAD(p), FMA(a, b, c), STORE(p, v),
 * PUT(to, v, add) (v as double into `to`, or with `add` added to it), and
 * KERNELS(K) listing K(vectors per row, rows held in registers), fewest vectors first and
 * without holes, and MAX_VECS, the largest number of vectors listed.
 *
 * Bound: one read of X from memory, or 2 m n r flops at the FMA rate. X is not packed:
 * each x is broadcast from where it lies and used `vectors` times from a register, so for
 * few columns the memory is the limit and for many the FMA units are. */

/* Rows of W in one block: with the lines of X that are used meanwhile they stay in the
 * level-1 cache. The same for any number of columns, so that a column has the same bits
 * in any company. */
enum { K_BLOCK = 128 };

/* Of Y: from so many on, a part of W is copied to where it is used. */
enum { PACK_ROWS = 64 };

/* Elements of a line of the cache. */
enum { LINE = 64 / sizeof(REAL) };

/* One product of ROWS elements of X with a row of W; AT(t) is where element t lies. What
 * there is less of, vectors of W or elements of X, stays in registers meanwhile. */
#define STEP(V, ROWS, AT, WK)                                                            \
  do {                                                                                   \
    if (V <= ROWS) {                                                                     \
      VEC row[V];                                                                        \
      _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                                \
      {                                                                                  \
        row[v] = LOAD((WK) + v * LANES);                                                 \
      }                                                                                  \
      _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                            \
      {                                                                                  \
        VEC s = SET1(AT(t));                                                             \
        _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                              \
        {                                                                                \
          acc[t][v] = FMA(s, row[v], acc[t][v]);                                         \
        }                                                                                \
      }                                                                                  \
    } else {                                                                             \
      VEC s[ROWS];                                                                       \
      _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                            \
      {                                                                                  \
        s[t] = SET1(AT(t));                                                              \
      }                                                                                  \
      _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                                \
      {                                                                                  \
        VEC one = LOAD((WK) + v * LANES);                                                \
        _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                          \
        {                                                                                \
          acc[t][v] = FMA(s[t], one, acc[t][v]);                                         \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
  } while (0)
#define AT_UNIT(t) xi[t]
#define AT_LINE(t) four[(t) / 4][(t) % 4 * rs + u]
#define AT_ANY(t)  xi[at[t] + k * ks]

/* What comes after this, where rows lie next to each other: asked for line by line. */
typedef struct coming {
  const REAL *column;
  int64_t at, left; /* next row, columns */
  int64_t pace;     /* rows for each ROWS of a column of this */
} coming;

/* Three ways through X: rows next to each other in memory, columns next to each other,
 * and any strides (also for the last rows). The order of sums is the same.
 *
 * The processor foresees none of the first two: rows next to each other are used a line
 * at a time, far apart. So the block that comes `next` is asked for line by line in the
 * order of memory while this one is worked on, in all of the turns in which that is done;
 * both should fit in the level-2 cache. A processor may drop what it is asked for while
 * it waits for much else, so each line is asked for again one turn before its use. Of
 * columns next to each other the following rows are asked for, or what the caller tells
 * with `ahead`: for the level-2 cache, since what waits for memory in the queue of the
 * level-1 cache holds up what is there. */
#define KERNEL(V, ROWS)                                                                  \
  static void rows_##V(const REAL *x, int64_t rs, int64_t ks, int64_t n, const REAL *w,  \
                       int64_t ldw, double *y, int64_t ldy, int64_t m, int64_t cols,     \
                       coming *next, nax_i_ahead *ahead, int add)                        \
  {                                                                                      \
    coming then = *next;                                                                 \
    int64_t pace = then.pace > 1 ? (ROWS + 1) / 2 : ROWS;                                \
    for (int64_t i = 0; i < m; i += ROWS) {                                              \
      const REAL *xi = x + i * rs, *wk = w;                                              \
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
          __builtin_prefetch(then.column + then.at, 0, 2);                               \
          __builtin_prefetch(xi + LINE);                                                 \
          then.at += pace;                                                               \
          if (then.at >= m) {                                                            \
            then.at = 0;                                                                 \
            then.column += ks;                                                           \
            if (--then.left <= 0) { /* all is asked for: a line that is there */         \
              then.column = w;                                                           \
              pace = 0;                                                                  \
            }                                                                            \
          }                                                                              \
          STEP(V, ROWS, AT_UNIT, wk);                                                    \
          xi += ks;                                                                      \
          wk += ldw;                                                                     \
        }                                                                                \
      } else if (ks == 1 && i + ROWS <= m) {                                             \
        /* every fourth row has a pointer: few enough for registers */                   \
        const REAL *four[(ROWS + 3) / 4];                                                \
        for (int q = 0; q < (ROWS + 3) / 4; q++) {                                       \
          four[q] = xi + 4 * q * rs;                                                     \
        }                                                                                \
        for (int64_t from = 0; from < n; from += LINE) {                                 \
          int64_t to = n - from < LINE ? n : from + LINE;                                \
          if (ahead->left > 0) {                                                         \
            for (int t = 0; t < ROWS; t++) {                                             \
              nax_i_ahead_ask(ahead);                                                    \
            }                                                                            \
          } else {                                                                       \
            _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                      \
            {                                                                            \
              __builtin_prefetch(xi + (t + ROWS) * rs + from, 0, 2);                     \
            }                                                                            \
          }                                                                              \
          for (int64_t u = from; u < to; u++) {                                          \
            STEP(V, ROWS, AT_LINE, wk);                                                  \
            wk += ldw;                                                                   \
          }                                                                              \
        }                                                                                \
      } else {                                                                           \
        int64_t at[ROWS];                                                                \
        for (int t = 0; t < ROWS; t++) {                                                 \
          /* rows past the end repeat the last one and are not stored */                 \
          at[t] = (i + t < m ? t : m - 1 - i) * rs;                                      \
        }                                                                                \
        for (int64_t k = 0; k < n; k++) {                                                \
          STEP(V, ROWS, AT_ANY, wk);                                                     \
          wk += ldw;                                                                     \
        }                                                                                \
      }                                                                                  \
      if (cols >= V * LANES && i + ROWS <= m) {                                          \
        _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                          \
        {                                                                                \
          double *to = y + (i + t) * ldy;                                                \
          _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                            \
          {                                                                              \
            PUT(to + v * LANES, acc[t][v], add);                                         \
          }                                                                              \
        }                                                                                \
      } else {                                                                           \
        for (int t = 0; t < ROWS && i + t < m; t++) {                                    \
          REAL part[V * LANES];                                                          \
          for (int v = 0; v < V; v++) {                                                  \
            STORE(part + v * LANES, acc[t][v]);                                          \
          }                                                                              \
          double *to = y + (i + t) * ldy;                                                \
          for (int64_t j = 0; j < cols && j < V * LANES; j++) {                          \
            to[j] = (add ? to[j] : 0.0) + (double)part[j];                               \
          }                                                                              \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
    *next = then;                                                                        \
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
                          double *, int64_t, int64_t, int64_t, coming *, nax_i_ahead *,
                          int);
#define ENTRY(V, ROWS) rows_##V,
  static const rows_fn rows[] = {KERNELS(ENTRY)};
#undef ENTRY
  const REAL *X = x, *W = w;
  /* vectors of a row, and how many go together: as equal as can be */
  int64_t all = (ldw + LANES - 1) / LANES, turns = (all + MAX_VECS - 1) / MAX_VECS;
  int64_t each = (all + turns - 1) / turns;
  for (int64_t k = 0; k < n; k += K_BLOCK) {
    int64_t nk = n - k < K_BLOCK ? n - k : K_BLOCK;
    const REAL *xk = X + k * ks;
    coming next = {.column = xk + nk * ks, .left = n - k - nk, .pace = turns};
    if (after != NULL) {
      next.column = (const REAL *)after + k * ks;
      next.left = nk;
    } else if (next.left == 0) {
      next.column = W;
      next.left = 1;
    }
    for (int64_t c = 0; c < ldw; c += each * LANES) {
      int64_t vecs = c + each * LANES <= all * LANES ? each : all - c / LANES;
      const REAL *wk = W + k * ldw + c;
      REAL packed[K_BLOCK * MAX_VECS * LANES];
      int pack = turns > 1 && m >= PACK_ROWS;
      if (pack) { /* rows far apart would share few places of the level-1 cache */
        for (int64_t q = 0; q < nk; q++) {
          memcpy(packed + q * vecs * LANES, wk + q * ldw,
                 (size_t)(vecs * LANES) * sizeof(REAL));
        }
        wk = packed;
      }
      rows[vecs - 1](xk, rs, ks, nk, wk, pack ? vecs * LANES : ldw, y + c, ldy, m,
                     ldy - c, &next, ahead, add || k > 0);
    }
  }
}
