/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shortest paths between all pairs: by blocks for one graph, link by link for a family of
 * graphs that grow. Links of length 0 are contracted first. */
#include "trsa_i.h"
#include <float.h>
#include <math.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_WIDE 1
#endif

/* Sides of tiles, of what these are multiples of, and below which a graph is one tile. */
enum { BLOCK = 64, STEP = 16, SMALL = 2 * STEP, CHUNK = 32 };

void
nax_i_paths_free(nax_i_paths *p)
{
  nax_i_free(p->group);
  nax_i_free(p->memory);
  nax_i_free(p->s);
  nax_i_free(p->t);
  nax_i_free(p->at);
  nax_i_free(p->edge);
  nax_i_free(p->tmp);
}

static nax_index
padded(nax_index n, nax_index to)
{
  return (n + to - 1) / to * to;
}

/* Distance between rows: with a power of two, rows of a tile would share cache lines. */
static nax_index
stride(nax_index n)
{
  return padded(n, CHUNK) + 8;
}

size_t
nax_i_paths_memory(nax_index n)
{
  size_t ld = (size_t)stride(n), m = (size_t)n * (size_t)(n - 1) / 2;
  return ld * (ld + 2 * BLOCK) * sizeof(double) + (size_t)n * 5 * sizeof(double) +
         2 * m * sizeof(nax_i_keyed);
}

nax_status
nax_i_paths_init(nax_ctx *ctx, nax_i_paths *p, nax_index n, int links)
{
  nax_status status = NAX_OK;
  nax_index ld = stride(n), m = n * (n - 1) / 2;
  p->n = n;
  NAX_TRY_ALLOC(p->group, n, sizeof *p->group);
  /* rows begin where cache lines do */
  NAX_TRY_ALLOC(p->memory, ld * (ld + 2 * BLOCK) + 8, sizeof *p->memory);
  p->d = p->memory + (64 - (uintptr_t)p->memory % 64) / sizeof *p->memory % 8;
  p->panel = p->d + ld * ld;
  NAX_TRY_ALLOC(p->s, n, sizeof *p->s);
  NAX_TRY_ALLOC(p->t, n, sizeof *p->t);
  NAX_TRY_ALLOC(p->at, 2 * n, sizeof *p->at);
  if (links) {
    NAX_TRY_ALLOC(p->edge, m, sizeof *p->edge);
    NAX_TRY_ALLOC(p->tmp, m, sizeof *p->tmp);
  }
done:
  return status; /* the caller frees */
}

/* ---------------------------------------------------------------- contraction */

/* Groups of nodes joined by links of length <= zero, numbered by their first node;
 * returns how many. */
static nax_index
contract(nax_i_paths *p, const double *w, double zero)
{
  nax_index n = p->n, n_groups = 0, *parent = p->at;
  for (nax_index i = 0; i < n; i++) {
    parent[i] = i;
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, w++) {
      if (*w <= zero) {
        nax_index a = nax_i_root(parent, i), b = nax_i_root(parent, j);
        parent[a > b ? a : b] = a > b ? b : a;
      }
    }
  }
  for (nax_index i = 0; i < n; i++) {
    nax_index r = nax_i_root(parent, i);
    p->group[i] = r == i ? n_groups++ : p->group[r];
  }
  return n_groups;
}

/* ---------------------------------------------------------------- one graph */

/* row = min(row, via + other), n entries. */
static inline void
shorten(nax_index n, double via, const double *restrict other, double *restrict row)
{
  for (nax_index j = 0; j < n; j++) {
    double x = via + other[j];
    row[j] = x < row[j] ? x : row[j];
  }
}

/* row = min(row, via[0] + other, via[1] + the row of `other` after it ...) for four rows
 * that are ld apart: `row` is read and written once. */
static inline void
shorten_4(nax_index n, const double via[4], const double *restrict other, nax_index ld,
          double *restrict row)
{
  const double *p = other + ld, *q = p + ld, *r = q + ld;
  double v0 = via[0], v1 = via[1], v2 = via[2], v3 = via[3];
  for (nax_index j = 0; j < n; j++) {
    double x = v0 + other[j], y = v1 + p[j], z = v2 + q[j], w = v3 + r[j];
    x = y < x ? y : x;
    z = w < z ? w : z;
    x = z < x ? z : x;
    row[j] = x < row[j] ? x : row[j];
  }
}

/* c (rows x columns) = min(c, column-wise a' + b) over `via` nodes: rows k of a and b are
 * distances from node k to those of the two tiles, all of them whole numbers of STEP. */
NAX_I_CLONES static void
relax(nax_index rows, nax_index columns, nax_index via, const double *a, const double *b,
      nax_index ld, double *c, nax_index ldc)
{
  for (nax_index r = 0; r < rows; r++) {
    for (nax_index k = 0; k < via; k += 4) {
      const double *v = a + k * ld + r;
      double each[4] = {v[0], v[ld], v[2 * ld], v[3 * ld]};
      if (each[0] > DBL_MAX && each[1] > DBL_MAX && each[2] > DBL_MAX &&
          each[3] > DBL_MAX) {
        continue;
      }
      if (columns == BLOCK) { /* a number that the compiler knows */
        shorten_4(BLOCK, each, b + k * ld, ld, c + r * ldc);
        continue;
      }
      for (nax_index j = 0; j < columns; j += STEP) {
        shorten_4(STEP, each, b + k * ld + j, ld, c + r * ldc + j);
      }
    }
  }
}

#ifdef HAVE_WIDE
/* The same, where vectors have 8 numbers: 8 rows of 16 stay in registers. Sums and least
 * values have no rounding to differ in. Numbers of one sign are in the order of their
 * bits, and the least of two integers does not wait for the units that add. */
__attribute__((target("avx512f"))) static void
relax_wide(nax_index rows, nax_index columns, nax_index via, const double *a,
           const double *b, nax_index ld, double *c, nax_index ldc)
{
  for (nax_index r = 0; r < rows; r += 8) {
    for (nax_index j = 0; j < columns; j += 16) {
      __m512i x[8], y[8];
#pragma GCC unroll 8
      for (int i = 0; i < 8; i++) {
        x[i] = _mm512_loadu_si512(c + (r + i) * ldc + j);
        y[i] = _mm512_loadu_si512(c + (r + i) * ldc + j + 8);
      }
      for (nax_index k = 0; k < via; k++) {
        __m512d p = _mm512_loadu_pd(b + k * ld + j);
        __m512d q = _mm512_loadu_pd(b + k * ld + j + 8);
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
          __m512d v = _mm512_set1_pd(a[k * ld + r + i]);
          x[i] = _mm512_min_epi64(_mm512_castpd_si512(_mm512_add_pd(v, p)), x[i]);
          y[i] = _mm512_min_epi64(_mm512_castpd_si512(_mm512_add_pd(v, q)), y[i]);
        }
      }
#pragma GCC unroll 8
      for (int i = 0; i < 8; i++) {
        _mm512_storeu_si512(c + (r + i) * ldc + j, x[i]);
        _mm512_storeu_si512(c + (r + i) * ldc + j + 8, y[i]);
      }
    }
  }
}
#endif

/* d (n rows of ld, symmetric, both triangles) by Floyd's loop. */
NAX_I_CLONES static void
plain(double *d, nax_index n, nax_index ld)
{
  for (nax_index k = 0; k < n; k++) {
    for (nax_index i = 0; i < n; i++) {
      double via = d[i * ld + k];
      if (via <= DBL_MAX && i != k) {
        shorten(n, via, d + k * ld, d + i * ld);
      }
    }
  }
}

/* The same of one tile, n at most BLOCK and a whole number of STEP. */
NAX_I_CLONES static void
close_tile(double *d, nax_index n, nax_index ld)
{
  double by[BLOCK];
  for (nax_index k = 0; k < n; k++) {
    memcpy(by, d + k * ld, (size_t)n * sizeof *by);
    for (nax_index i = 0; i < n; i++) {
      double *row = d + i * ld, via = by[i];
      for (nax_index j = 0; j < n; j += STEP) {
#pragma GCC unroll 16
        for (nax_index o = 0; o < STEP; o++) {
          double x = via + by[j + o];
          row[j + o] = x < row[j + o] ? x : row[j + o];
        }
      }
    }
  }
}

/* to (rows x columns) = from', a tile at a time. */
static void
transpose(nax_index rows, nax_index columns, const double *from, nax_index ld_from,
          double *to, nax_index ld_to)
{
  for (nax_index i = 0; i < rows; i += 8) {
    for (nax_index j = 0; j < columns; j += 8) {
      for (nax_index r = i; r < i + 8; r++) {
        for (nax_index c = j; c < j + 8; c++) {
          to[r * ld_to + c] = from[c * ld_from + r];
        }
      }
    }
  }
}

/* The same for many nodes, on the blocks of the lower triangle: the matrix is symmetric,
 * so that is half the work. n is a whole number of STEP. */
static void
blocked(double *d, nax_index n, nax_index ld, double *work)
{
  double *panel = work + BLOCK * ld;
  void (*best)(nax_index, nax_index, nax_index, const double *, const double *, nax_index,
               double *, nax_index) = relax;
#ifdef HAVE_WIDE
  if (__builtin_cpu_supports("avx512f")) {
    best = relax_wide;
  }
#endif
  for (nax_index from = 0; from < n; from += BLOCK) {
    nax_index size = n - from < BLOCK ? n - from : BLOCK, end = from + size;
    double *diag = d + from * ld + from;
    close_tile(diag, size, ld);
    for (nax_index r = 0; r < size; r++) {
      memcpy(work + r * ld, d + (from + r) * ld, (size_t)end * sizeof *work);
    }
    transpose(size, n - end, d + end * ld + from, ld, work + end, ld);
    /* the block itself is closed, and symmetric */
    memcpy(panel, work, (size_t)(size * ld) * sizeof *panel);
    for (nax_index j = 0; j < n; j += BLOCK) {
      best(size, n - j < BLOCK ? n - j : BLOCK, size, diag, work + j, ld, panel + j, ld);
    }
    for (nax_index r = 0; r < size; r++) {
      memcpy(d + (from + r) * ld, panel + r * ld, (size_t)end * sizeof *panel);
    }
    transpose(n - end, size, panel + end, ld, d + end * ld + from, ld);
    for (nax_index i = 0; i < n; i += BLOCK) {
      nax_index rows = n - i < BLOCK ? n - i : BLOCK;
      for (nax_index j = 0; j <= i && i != from; j += BLOCK) {
        if (j != from) {
          best(rows, n - j < BLOCK ? n - j : BLOCK, size, panel + i, panel + j, ld,
               d + i * ld + j, ld);
        }
      }
    }
  }
}

static void
no_paths(double *d, nax_index n, nax_index ld)
{
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; j < ld; j++) {
      d[i * ld + j] = i == j ? 0.0 : (double)INFINITY;
    }
  }
}

/* Lengths between groups to lengths between nodes, times `scale`. */
static void
spread(const nax_i_paths *p, nax_index ld, double divisor, double *out)
{
  for (nax_index i = 0; i < p->n; i++) {
    for (nax_index j = i + 1; j < p->n; j++, out++) {
      nax_index a = p->group[i], b = p->group[j];
      double x = a > b ? p->d[a * ld + b] : p->d[b * ld + a];
      *out = a == b ? 0.0 : x <= DBL_MAX ? x / divisor : x;
    }
  }
}

void
nax_i_paths_all(nax_i_paths *p, const double *w, double *out)
{
  nax_index n_groups = contract(p, w, 0.0), n = p->n;
  int small = n_groups <= SMALL;
  nax_index ld = small ? n_groups : stride(n_groups), at = 0;
  no_paths(p->d, small ? n_groups : padded(n_groups, STEP), ld);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, at++) {
      nax_index a = p->group[i], b = p->group[j];
      double *lower = a > b ? p->d + a * ld + b : p->d + b * ld + a;
      if (a != b && w[at] < *lower) {
        *lower = w[at];
        p->d[a > b ? b * ld + a : a * ld + b] = w[at];
      }
    }
  }
  if (small) {
    plain(p->d, n_groups, ld);
  } else {
    blocked(p->d, padded(n_groups, STEP), ld, p->panel);
  }
  spread(p, ld, 1.0, out);
}

/* ------------------------------------------------------------- growing graphs */

/* 1 when the link a - b of length w brings one of CHUNK nodes nearer to either end. */
static inline int64_t
any_nearer(const double *restrict da, const double *restrict db, double w)
{
  int64_t any = 0;
  for (int x = 0; x < CHUNK; x++) {
    any |= (int64_t)(da[x] + w < db[x]) | (int64_t)(db[x] + w < da[x]);
  }
  return any;
}

/* The link a - b of length w enters: it shortens x - y only when it is a new best way
 * from x to b (by a) and from y to a (by b). Rows are padded to whole chunks. */
NAX_I_CLONES static void
insert(nax_i_paths *p, nax_index n, nax_index ld, nax_index a, nax_index b, double w)
{
  double *d = p->d, *da = d + a * ld, *db = d + b * ld;
  nax_index n_s = 0, n_t = 0, *at_s = p->at, *at_t = p->at + p->n;
  if (da[b] <= w) {
    return;
  }
  for (nax_index from = 0; from < ld; from += CHUNK) {
    if (any_nearer(da + from, db + from, w)) {
      for (nax_index x = from; x < from + CHUNK; x++) {
        if (da[x] + w < db[x]) {
          p->s[n_s] = da[x] + w;
          at_s[n_s++] = x;
        } else if (db[x] + w < da[x]) {
          p->t[n_t] = db[x];
          at_t[n_t++] = x;
        }
      }
    }
  }
  /* Few pairs one by one, many by whole rows: both give the same sums. */
  if (n_s * n_t * 4 < (n_s + n_t) * n / 4) {
    for (nax_index i = 0; i < n_s; i++) {
      double *row = d + at_s[i] * ld, s = p->s[i];
      for (nax_index j = 0; j < n_t; j++) {
        double via = p->t[j] + s;
        if (via < row[at_t[j]]) {
          row[at_t[j]] = d[at_t[j] * ld + at_s[i]] = via;
        }
      }
    }
    return;
  }
  double *s = p->panel, *t = p->panel + ld;
  for (nax_index x = 0; x < ld; x++) {
    s[x] = t[x] = (double)INFINITY;
  }
  for (nax_index i = 0; i < n_s; i++) {
    s[at_s[i]] = p->s[i];
  }
  for (nax_index j = 0; j < n_t; j++) {
    t[at_t[j]] = p->t[j];
  }
  for (nax_index i = 0; i < n_s; i++) {
    shorten(ld, p->s[i], t, d + at_s[i] * ld);
  }
  for (nax_index j = 0; j < n_t; j++) {
    shorten(ld, p->t[j], s, d + at_t[j] * ld);
  }
}

void
nax_i_paths_sweep(nax_i_paths *p, const double *d, double lower, nax_index n_upper,
                  const double *upper, double *out)
{
  nax_index n = p->n, m = n * (n - 1) / 2, at = 0, next = 0;
  nax_index n_groups = contract(p, d, lower), ld = padded(n_groups, CHUNK);
  p->n_edges = 0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, at++) {
      if (d[at] > lower && p->group[i] != p->group[j]) {
        p->edge[p->n_edges++] = (nax_i_keyed){nax_i_sort_key(d[at]), i * n + j};
      }
    }
  }
  nax_i_sort_keyed(p->edge, p->tmp, p->n_edges);
  no_paths(p->d, n_groups, ld);
  for (nax_index u = 0; u < n_upper; u++) {
    uint64_t stop = nax_i_sort_key(upper[u]);
    for (; next < p->n_edges && p->edge[next].key < stop; next++) {
      nax_index i = p->edge[next].at / n, j = p->edge[next].at % n;
      insert(p, n_groups, ld, p->group[i], p->group[j],
             nax_i_key_value(p->edge[next].key) - lower);
    }
    spread(p, ld, upper[u] - lower, out + u * m);
  }
}

/* ------------------------------------------------------------------- public */

nax_status
nax_trsa_geodesics(nax_ctx *ctx, nax_index n, const double *w, double *out)
{
  nax_status status = NAX_OK;
  nax_i_paths p = {0};
  nax_index at = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 2 && n <= 1 << 20, NAX_EDIM, "n must be 2 to 1048576, got %lld",
              (long long)n);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, at++) {
      NAX_REQUIRE(!(w[at] < 0.0), NAX_EDATA,
                  "`w` must not be negative, found %g for the pair %lld, %lld", w[at],
                  (long long)i, (long long)j);
    }
  }
  NAX_TRY(nax_i_paths_init(ctx, &p, n, 0));
  nax_i_paths_all(&p, w, out);
done:
  nax_i_paths_free(&p);
  return status;
}

nax_status
nax_trsa_geodesic_sweep(nax_ctx *ctx, nax_index n, const double *d, double lower,
                        nax_index n_upper, const double *upper, double *out)
{
  nax_status status = NAX_OK;
  nax_i_paths p = {0};
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 2 && n <= 1 << 20 && n_upper >= 1, NAX_EDIM,
              "n must be 2 to 1048576 and n_upper at least 1, got %lld and %lld",
              (long long)n, (long long)n_upper);
  NAX_REQUIRE(isfinite(lower), NAX_EINVAL, "`lower` must be finite, got %g", lower);
  for (nax_index u = 0; u < n_upper; u++) {
    NAX_REQUIRE(isfinite(upper[u]) && upper[u] >= (u > 0 ? upper[u - 1] : lower),
                NAX_EINVAL,
                "`upper` must ascend from `lower` on, entry %lld is %g after %g",
                (long long)u, upper[u], u > 0 ? upper[u - 1] : lower);
  }
  for (nax_index i = 0; i < n * (n - 1) / 2; i++) {
    NAX_REQUIRE(!isinf(d[i]), NAX_EDATA, "`d` must be finite or missing, pair %lld is %g",
                (long long)i, d[i]);
  }
  NAX_TRY(nax_i_paths_init(ctx, &p, n, 1));
  nax_i_paths_sweep(&p, d, lower, n_upper, upper, out);
done:
  nax_i_paths_free(&p);
  return status;
}
