/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shortest paths between all pairs: by blocks for one graph, link by link for a family of
 * graphs that grow. Links of length 0 are contracted first. */
#include "trsa_i.h"
#include <float.h>
#include <math.h>

enum { BLOCK = 64, SMALL = 2 * BLOCK };

void
nax_i_paths_free(nax_i_paths *p)
{
  nax_i_free(p->group);
  nax_i_free(p->d);
  nax_i_free(p->panel);
  nax_i_free(p->s);
  nax_i_free(p->t);
  nax_i_free(p->at);
  nax_i_free(p->edge);
  nax_i_free(p->tmp);
}

static nax_index
padded(nax_index n)
{
  return (n + BLOCK - 1) / BLOCK * BLOCK;
}

size_t
nax_i_paths_memory(nax_index n)
{
  size_t ld = (size_t)padded(n), m = (size_t)n * (size_t)(n - 1) / 2;
  return ld * (ld + BLOCK) * sizeof(double) + (size_t)n * 4 * sizeof(double) +
         2 * m * sizeof(nax_i_keyed);
}

nax_status
nax_i_paths_init(nax_ctx *ctx, nax_i_paths *p, nax_index n)
{
  nax_status status = NAX_OK;
  nax_index ld = padded(n), m = n * (n - 1) / 2;
  p->n = n;
  NAX_TRY_ALLOC(p->group, n, sizeof *p->group);
  NAX_TRY_ALLOC(p->d, ld * ld, sizeof *p->d);
  NAX_TRY_ALLOC(p->panel, ld * BLOCK, sizeof *p->panel);
  NAX_TRY_ALLOC(p->s, n, sizeof *p->s);
  NAX_TRY_ALLOC(p->t, n, sizeof *p->t);
  NAX_TRY_ALLOC(p->at, n, sizeof *p->at);
  NAX_TRY_ALLOC(p->edge, m, sizeof *p->edge);
  NAX_TRY_ALLOC(p->tmp, m, sizeof *p->tmp);
done:
  return status; /* the caller frees */
}

/* ---------------------------------------------------------------- contraction */

static nax_index
root(nax_index *parent, nax_index i)
{
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

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
        nax_index a = root(parent, i), b = root(parent, j);
        parent[a > b ? a : b] = a > b ? b : a;
      }
    }
  }
  for (nax_index i = 0; i < n; i++) {
    nax_index r = root(parent, i);
    p->group[i] = r == i ? n_groups++ : p->group[r];
  }
  return n_groups;
}

/* ---------------------------------------------------------------- one graph */

/* c (BLOCK x BLOCK) = min(c, column-wise a' + b): rows k of a and b are distances from
 * node k of the block to those of the two tiles. */
NAX_I_CLONES static void
relax(const double *a, const double *b, nax_index ld, double *c, nax_index ldc)
{
  for (nax_index r = 0; r < BLOCK; r++) {
    double *row = c + r * ldc;
    for (nax_index k = 0; k < BLOCK; k++) {
      double via = a[k * ld + r];
      const double *q = b + k * ld;
      if (via <= DBL_MAX) {
        for (nax_index j = 0; j < BLOCK; j++) {
          double x = via + q[j];
          row[j] = x < row[j] ? x : row[j];
        }
      }
    }
  }
}

/* d (n rows of ld, symmetric, both triangles) by Floyd's loop. */
NAX_I_CLONES static void
plain(double *d, nax_index n, nax_index ld)
{
  for (nax_index k = 0; k < n; k++) {
    const double *q = d + k * ld;
    for (nax_index i = 0; i < n; i++) {
      double *row = d + i * ld, via = row[k];
      if (via <= DBL_MAX && i != k) {
        for (nax_index j = 0; j < n; j++) {
          double x = via + q[j];
          row[j] = x < row[j] ? x : row[j];
        }
      }
    }
  }
}

/* panel row r = min(panel row r, diag[r][k] + panel row k) for each k. */
NAX_I_CLONES static void
relax_panel(const double *diag, nax_index ld, double *panel)
{
  for (nax_index k = 0; k < BLOCK; k++) {
    const double *q = panel + k * ld;
    for (nax_index r = 0; r < BLOCK; r++) {
      double via = diag[r * ld + k], *row = panel + r * ld;
      if (via <= DBL_MAX && r != k) {
        for (nax_index j = 0; j < ld; j++) {
          double x = via + q[j];
          row[j] = x < row[j] ? x : row[j];
        }
      }
    }
  }
}

/* The same for many nodes, on the blocks of the lower triangle: the matrix is symmetric,
 * so that is half the work. */
static void
blocked(double *d, nax_index ld, double *panel)
{
  nax_index n_blocks = ld / BLOCK;
  for (nax_index b = 0; b < n_blocks; b++) {
    nax_index from = b * BLOCK;
    double *diag = d + from * ld + from;
    plain(diag, BLOCK, ld);
    for (nax_index r = 0; r < BLOCK; r++) {
      memcpy(panel + r * ld, d + (from + r) * ld, (size_t)(from + BLOCK) * sizeof *panel);
      for (nax_index j = from + BLOCK; j < ld; j++) {
        panel[r * ld + j] = d[j * ld + from + r];
      }
    }
    relax_panel(diag, ld, panel);
    for (nax_index r = 0; r < BLOCK; r++) {
      memcpy(d + (from + r) * ld, panel + r * ld, (size_t)(from + BLOCK) * sizeof *panel);
      for (nax_index j = from + BLOCK; j < ld; j++) {
        d[j * ld + from + r] = panel[r * ld + j];
      }
    }
    for (nax_index i = 0; i < n_blocks; i++) {
      for (nax_index j = 0; j <= i && i != b; j++) {
        if (j != b) {
          relax(panel + i * BLOCK, panel + j * BLOCK, ld, d + i * BLOCK * ld + j * BLOCK,
                ld);
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
  nax_index ld = small ? n_groups : padded(n_groups), at = 0;
  no_paths(p->d, ld, ld);
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
    blocked(p->d, ld, p->panel);
  }
  spread(p, ld, 1.0, out);
}

/* ------------------------------------------------------------- growing graphs */

/* row = min(row, to + s) */
NAX_I_CLONES static void
relax_row(nax_index n, double to, const double *s, double *row)
{
  for (nax_index j = 0; j < n; j++) {
    double x = to + s[j];
    row[j] = x < row[j] ? x : row[j];
  }
}

/* What the link a - b of length w shortens: s[x] = d(x, a) + w where that is a new best
 * way to b, t[y] = d(b, y) where the link is a new best way from y to a; infinite
 * elsewhere. Returns how many there are of each. */
NAX_I_CLONES static void
sides(nax_index n, const double *da, const double *db, double w, double *s, double *t,
      nax_index *n_s, nax_index *n_t)
{
  nax_index p = 0, q = 0;
  for (nax_index x = 0; x < n; x++) {
    double via_a = da[x] + w, via_b = db[x] + w;
    s[x] = via_a < db[x] ? via_a : (double)INFINITY;
    t[x] = via_b < da[x] ? db[x] : (double)INFINITY;
    p += via_a < db[x];
    q += via_b < da[x];
  }
  *n_s = p;
  *n_t = q;
}

static void
insert(nax_i_paths *p, nax_index n, nax_index ld, nax_index a, nax_index b, double w)
{
  double *d = p->d;
  nax_index n_s, n_t, k = 0;
  if (d[a * ld + b] <= w) {
    return;
  }
  sides(n, d + a * ld, d + b * ld, w, p->s, p->t, &n_s, &n_t);
  /* Few pairs one by one, many by whole rows: both give the same sums. */
  if (n_s * n_t * 4 < (n_s + n_t) * n / 4) {
    for (nax_index y = 0; y < n; y++) {
      if (p->t[y] <= DBL_MAX) {
        p->at[k++] = y;
      }
    }
    for (nax_index x = 0; x < n; x++) {
      if (p->s[x] <= DBL_MAX) {
        for (nax_index i = 0; i < n_t; i++) {
          nax_index y = p->at[i];
          double via = p->t[y] + p->s[x];
          if (via < d[x * ld + y]) {
            d[x * ld + y] = d[y * ld + x] = via;
          }
        }
      }
    }
    return;
  }
  for (nax_index x = 0; x < n; x++) {
    if (p->s[x] <= DBL_MAX) {
      relax_row(n, p->s[x], p->t, d + x * ld);
    }
    if (p->t[x] <= DBL_MAX) {
      relax_row(n, p->t[x], p->s, d + x * ld);
    }
  }
}

void
nax_i_paths_sweep(nax_i_paths *p, const double *d, double lower, nax_index n_upper,
                  const double *upper, double *out)
{
  nax_index n = p->n, m = n * (n - 1) / 2, at = 0, next = 0;
  nax_index n_groups = contract(p, d, lower), ld = (n_groups + 7) / 8 * 8;
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
  NAX_TRY(nax_i_paths_init(ctx, &p, n));
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
  NAX_TRY(nax_i_paths_init(ctx, &p, n));
  nax_i_paths_sweep(&p, d, lower, n_upper, upper, out);
done:
  nax_i_paths_free(&p);
  return status;
}
