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

/* Columns of X that are gone through at a time: the part of them that comes next is asked
 * for meanwhile, and both stay in the level-2 cache; the rows of W stay in the level-1
 * cache. The same for any number of columns of W, so that one has the same bits in any
 * company. */
enum { K_BLOCK = 512 / sizeof(REAL) };

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
#define AT_LAST(t) last[t]
#define AT_LINE(t) four[(t) / 4][(t) % 4 * rs + u]
#define AT_ANY(t)  x[at[t] + k * ks]

/* Blocks of about K_BLOCK columns, as equal as lines of the cache allow. */
static inline int64_t
n_blocks(int64_t n)
{
  return (n + K_BLOCK - 1) / K_BLOCK;
}

static inline int64_t
block_start(int64_t n, int64_t b)
{
  int64_t all = n_blocks(n);
  return b < all ? n * b / all / LINE * LINE : n;
}

/* Memory that is read after this: runs of numbers, asked for in the order in which they
 * lie. */
typedef struct coming {
  const REAL *at, *end; /* of this run */
  const REAL *run;
  int64_t step, left; /* runs after this */
} coming;

static inline void
ask(coming *c, int64_t pace)
{
  __builtin_prefetch(c->at, 0, 2);
  c->at += pace;
  if (__builtin_expect(c->at >= c->end, 0)) {
    int64_t length = c->end - c->run;
    c->run += c->left > 0 ? c->step : 0; /* at the end the last run again */
    c->left--;
    c->at = c->run;
    c->end = c->run + length;
  }
}

/* What comes after block b, of m rows next to each other: the next one or, after the
 * last, the first one `after` (where that is NULL, nothing that matters: `idle`). */
static inline coming
block_coming(const REAL *x, int64_t ks, int64_t n, int64_t b, int64_t m,
             const REAL *after, const REAL *idle)
{
  int last = b + 1 == n_blocks(n);
  int64_t from = last ? 0 : block_start(n, b + 1);
  int64_t columns = block_start(n, last ? 1 : b + 2) - from;
  const REAL *run = last ? after : x + from * ks;
  if (run == NULL) {
    return (coming){idle, idle + LINE, idle, 0, 0};
  }
  return ks == m ? (coming){run, run + columns * m, run, 0, 0}
                 : (coming){run, run + m, run, ks, columns - 1};
}

/* The same for m rows of n numbers, each with its numbers next to each other: those after
 * them, where rows follow each other without a gap and where they are said. */
static inline coming
lines_coming(int64_t rs, int64_t n, int64_t m, const REAL *after)
{
  return after != NULL && rs == n ? (coming){after, after + m * n, after, 0, 1}
                                  : (coming){NULL, NULL, NULL, 0, 0};
}

/* A line for each of `rows` rows: of what comes next, of what the caller told or, where
 * nothing is known, of the rows after these. */
static inline __attribute__((always_inline)) void
ask_lines(coming *next, nax_i_ahead *ahead, const REAL *x, int64_t rs, int rows)
{
  if (next->at < next->end) {
    _Pragma("GCC unroll 16") for (int t = 0; t < rows; t++)
    {
      __builtin_prefetch(next->at + t * LINE, 0, 2);
    }
    next->at += rows * LINE;
  } else if (ahead->left > 0) {
    for (int t = 0; t < rows; t++) {
      nax_i_ahead_ask(ahead);
    }
  } else if (next->left == 0) {
    _Pragma("GCC unroll 16") for (int t = 0; t < rows; t++)
    {
      __builtin_prefetch(x + (t + rows) * rs, 0, 2);
    }
  }
}

/* Rows before the first that begins a line of the cache, where columns far apart would
 * otherwise share the few places that they have in the level-1 cache: each row would be
 * fetched twice. */
static inline int64_t
rows_before_line(const REAL *x, int64_t ks, int64_t m)
{
  int64_t past = (int64_t)((uintptr_t)x / sizeof(REAL)) % LINE;
  int64_t n = ks >= LINE && ks % LINE == 0 && past > 0 ? LINE - past : 0;
  return n < m ? n : 0;
}

#define BEGIN(V, ROWS)                                                                   \
  VEC acc[ROWS][V];                                                                      \
  for (int t = 0; t < ROWS; t++) {                                                       \
    for (int v = 0; v < V; v++) {                                                        \
      acc[t][v] = ZERO();                                                                \
    }                                                                                    \
  }

/* The sums to `count` rows at yi. */
#define END(V, ROWS)                                                                     \
  if (cols >= V * LANES && count == ROWS) {                                              \
    _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                              \
    {                                                                                    \
      _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                                \
      {                                                                                  \
        PUT(yi + t * ldy + v * LANES, acc[t][v], add);                                   \
      }                                                                                  \
    }                                                                                    \
  } else {                                                                               \
    REAL part[ROWS][V * LANES];                                                          \
    _Pragma("GCC unroll 16") for (int t = 0; t < ROWS; t++)                              \
    {                                                                                    \
      _Pragma("GCC unroll 8") for (int v = 0; v < V; v++)                                \
      {                                                                                  \
        STORE(part[t] + v * LANES, acc[t][v]);                                           \
      }                                                                                  \
    }                                                                                    \
    for (int64_t t = 0; t < count; t++) {                                                \
      for (int64_t j = 0; j < cols && j < V * LANES; j++) {                              \
        yi[t * ldy + j] = (add ? yi[t * ldy + j] : 0.0) + (double)part[t][j];            \
      }                                                                                  \
    }                                                                                    \
  }

/* Three ways through X: rows next to each other in memory, columns next to each other,
 * and any strides (also for the last rows of the second). The order of sums is the same.
 *
 * The processor foresees none of the first two: rows next to each other are used a line
 * at a time, far apart. So what comes `next` is asked for line by line in the order of
 * memory, which is twice as fast as any other, while this is worked on, in all of the
 * turns in which that is done; both should fit in the level-2 cache. A processor may drop
 * what it is asked for while it waits for much else, so of rows next to each other each
 * line is asked for again one turn before its use. Where nothing is said to come next, of
 * columns next to each other the following rows are asked for, or what the caller tells
 * with `ahead`. All that for the level-2 cache, since what waits for memory in the queue
 * of the level-1 cache holds up what is there. */
#define KERNEL(V, ROWS)                                                                  \
  static __attribute__((noinline)) void unit_##V(                                        \
      const REAL *x, int64_t ks, int64_t n, const REAL *w, int64_t ldw, double *y,       \
      int64_t ldy, int64_t m, int64_t cols, coming *next, int add)                       \
  {                                                                                      \
    coming then = *next;                                                                 \
    int64_t count = rows_before_line(x, ks, m) % ROWS;                                   \
    count = count > 0 ? count : m < ROWS ? m : ROWS;                                     \
    for (int64_t i = 0; i < m; i += count, count = m - i < ROWS ? m - i : ROWS) {        \
      const REAL *xi = x + i, *wk = w;                                                   \
      double *yi = y + i * ldy;                                                          \
      BEGIN(V, ROWS)                                                                     \
      for (int64_t t = 0; t < count; t++) { /* where the sums go */                      \
        for (int64_t j = 0; j < cols && j < V * LANES; j += 8) {                         \
          __builtin_prefetch(yi + t * ldy + j, 1);                                       \
        }                                                                                \
      }                                                                                  \
      /* with fewer rows the numbers that follow are read, too; after the last           \
       * column there may be none */                                                     \
      for (int64_t k = count < ROWS; k < n; k++) {                                       \
        ask(&then, ROWS);                                                                \
        __builtin_prefetch(xi + LINE);                                                   \
        STEP(V, ROWS, AT_UNIT, wk);                                                      \
        xi += ks;                                                                        \
        wk += ldw;                                                                       \
      }                                                                                  \
      if (count < ROWS) {                                                                \
        REAL last[ROWS] = {0};                                                           \
        memcpy(last, xi, (size_t)count * sizeof(REAL));                                  \
        STEP(V, ROWS, AT_LAST, wk);                                                      \
      }                                                                                  \
      END(V, ROWS)                                                                       \
    }                                                                                    \
    *next = then;                                                                        \
  }                                                                                      \
  static __attribute__((noinline)) void line_##V(                                        \
      const REAL *x, int64_t rs, int64_t n, const REAL *w, int64_t ldw, double *y,       \
      int64_t ldy, int64_t m, int64_t cols, coming *next, nax_i_ahead *ahead, int add)   \
  {                                                                                      \
    const int64_t count = ROWS;                                                          \
    for (int64_t i = 0; i < m; i += ROWS) {                                              \
      const REAL *xi = x + i * rs, *wk = w;                                              \
      double *yi = y + i * ldy;                                                          \
      /* every fourth row has a pointer: few enough for registers */                     \
      const REAL *four[(ROWS + 3) / 4];                                                  \
      for (int q = 0; q < (ROWS + 3) / 4; q++) {                                         \
        four[q] = xi + 4 * q * rs;                                                       \
      }                                                                                  \
      BEGIN(V, ROWS)                                                                     \
      for (int64_t from = 0; from < n; from += LINE) {                                   \
        int64_t to = n - from < LINE ? n : from + LINE;                                  \
        ask_lines(next, ahead, xi + from, rs, ROWS);                                     \
        for (int64_t u = from; u < to; u++) {                                            \
          STEP(V, ROWS, AT_LINE, wk);                                                    \
          wk += ldw;                                                                     \
        }                                                                                \
      }                                                                                  \
      END(V, ROWS)                                                                       \
    }                                                                                    \
  }                                                                                      \
  static __attribute__((noinline)) void any_##V(                                         \
      const REAL *x, int64_t rs, int64_t ks, int64_t n, const REAL *w, int64_t ldw,      \
      double *y, int64_t ldy, int64_t m, int64_t cols, int add)                          \
  {                                                                                      \
    for (int64_t i = 0; i < m; i += ROWS) {                                              \
      int64_t count = m - i < ROWS ? m - i : ROWS, at[ROWS];                             \
      double *yi = y + i * ldy;                                                          \
      for (int64_t t = 0; t < ROWS; t++) {                                               \
        /* rows past the end repeat the last one and are not stored */                   \
        at[t] = (i + (t < count ? t : count - 1)) * rs;                                  \
      }                                                                                  \
      BEGIN(V, ROWS)                                                                     \
      for (int64_t k = 0; k < n; k++) {                                                  \
        STEP(V, ROWS, AT_ANY, w + k * ldw);                                              \
      }                                                                                  \
      END(V, ROWS)                                                                       \
    }                                                                                    \
  }                                                                                      \
  static void rows_##V(const REAL *x, int64_t rs, int64_t ks, int64_t n, const REAL *w,  \
                       int64_t ldw, double *y, int64_t ldy, int64_t m, int64_t cols,     \
                       coming *next, nax_i_ahead *ahead, int add)                        \
  {                                                                                      \
    int64_t full = ks == 1 ? m - m % ROWS : 0;                                           \
    if (rs == 1 && (ks >= ROWS || m % ROWS == 0)) {                                      \
      unit_##V(x, ks, n, w, ldw, y, ldy, m, cols, next, add);                            \
      return;                                                                            \
    }                                                                                    \
    line_##V(x, rs, n, w, ldw, y, ldy, full, cols, next, ahead, add);                    \
    any_##V(x + full * rs, rs, ks, n, w, ldw, y + full * ldy, ldy, m - full, cols, add); \
  }
KERNELS(KERNEL)
#undef KERNEL
#undef BEGIN
#undef END
#undef STEP
#undef AT_UNIT
#undef AT_LAST
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
  coming next = lines_coming(rs, n, m, ks == 1 ? after : NULL);
  for (int64_t b = 0; b < n_blocks(n); b++) {
    int64_t k = block_start(n, b), nk = block_start(n, b + 1) - k;
    const REAL *xk = X + k * ks;
    if (rs == 1) {
      next = block_coming(X, ks, n, b, m, after, W);
    }
    for (int64_t c = 0; c < ldw; c += each * LANES) {
      int64_t vecs = c + each * LANES <= all * LANES ? each : all - c / LANES;
      const REAL *wk = W + k * ldw + c;
      REAL packed[(K_BLOCK + LINE) * MAX_VECS * LANES];
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
