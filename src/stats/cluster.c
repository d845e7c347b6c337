/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hierarchical clustering by chains of nearest neighbours, and what to do with the tree.
 */
#include "array/array_i.h"
#include "stats_i.h"
#include <math.h>

/* Distance of cluster k to the union of a and b. */
static double
joined_distance(nax_linkage method, double ka, double kb, double na, double nb)
{
  switch (method) {
  case NAX_LINKAGE_COMPLETE:
    return fmax(ka, kb);
  case NAX_LINKAGE_SINGLE:
    return fmin(ka, kb);
  case NAX_LINKAGE_AVERAGE:
  case NAX_LINKAGE_FORCE_INT:
    break;
  }
  return (na * ka + nb * kb) / (na + nb);
}

static nax_index
find_root(nax_index *parent, nax_index i)
{
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

/* Steps as the chain found them (by one item of each side) into order of height, with
 * clusters numbered by step. */
static nax_status
number_steps(nax_ctx *ctx, nax_index n, nax_merge *merges)
{
  nax_status status = NAX_OK;
  nax_i_keyed *key = NULL;
  nax_merge *found = NULL;
  nax_index *parent = NULL;
  NAX_TRY_ALLOC(key, 2 * n, sizeof *key);
  NAX_TRY_ALLOC(found, n, sizeof *found);
  NAX_TRY_ALLOC(parent, 2 * n, sizeof *parent);
  for (nax_index i = 0; i < 2 * n; i++) {
    parent[i] = i;
  }
  for (nax_index i = 0; i + 1 < n; i++) {
    found[i] = merges[i];
    key[i] = (nax_i_keyed){nax_i_sort_key(merges[i].height), i};
  }
  nax_i_sort_keyed(key, key + n, n - 1);
  for (nax_index i = 0; i + 1 < n; i++) {
    nax_merge m = found[key[i].at];
    nax_index a = find_root(parent, m.a), b = find_root(parent, m.b);
    m.a = a < b ? a : b;
    m.b = a < b ? b : a;
    merges[i] = m;
    merges[i].count =
        (m.a < n ? 1 : merges[m.a - n].count) + (m.b < n ? 1 : merges[m.b - n].count);
    parent[a] = parent[b] = n + i;
  }
done:
  nax_i_free(key);
  nax_i_free(found);
  nax_i_free(parent);
  return status;
}

/* Working state: distances between clusters, each standing in the row of one item. */
typedef struct chains {
  nax_index n, length;
  nax_linkage method;
  double *d;        /* n x n, both triangles */
  nax_index *size;  /* 0: joined to another */
  nax_index *chain; /* each the nearest neighbour of the one before */
} chains;

/* Join the clusters of a and b, which then stand in b's row. */
static void
join(chains *c, nax_index a, nax_index b)
{
  double na = (double)c->size[a], nb = (double)c->size[b];
  for (nax_index i = 0; i < c->n; i++) {
    if (c->size[i] > 0 && i != a && i != b) {
      c->d[i + b * c->n] = c->d[b + i * c->n] =
          joined_distance(c->method, c->d[i + a * c->n], c->d[i + b * c->n], na, nb);
    }
  }
  c->size[b] += c->size[a];
  c->size[a] = 0;
}

/* Grow the chain until its last two are each other's nearest; join them. */
static nax_merge
next_merge(chains *c, nax_index *first)
{
  if (c->length == 0) {
    while (c->size[*first] == 0) {
      (*first)++;
    }
    c->chain[c->length++] = *first;
  }
  for (;;) {
    nax_index x = c->chain[c->length - 1];
    nax_index y = c->length > 1 ? c->chain[c->length - 2] : -1;
    double best = y >= 0 ? c->d[y + x * c->n] : (double)INFINITY;
    for (nax_index i = 0; i < c->n; i++) {
      if (c->size[i] > 0 && i != x && c->d[i + x * c->n] < best) {
        best = c->d[i + x * c->n];
        y = i;
      }
    }
    if (c->length > 1 && y == c->chain[c->length - 2]) {
      c->length -= 2;
      nax_merge m = {x < y ? x : y, x < y ? y : x, best, 0};
      join(c, m.a, m.b);
      return m;
    }
    c->chain[c->length++] = y;
  }
}

nax_status
nax_stats_cluster(nax_ctx *ctx, nax_index n, const double *d, nax_linkage method,
                  nax_merge *merges)
{
  nax_status status = NAX_OK;
  chains c = {.n = n, .method = method};
  nax_index shape[2] = {n, n}, total, first = 0;
  nax_i_stage stage;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1, NAX_EDIM, "need at least 1 item, got %lld", (long long)n);
  NAX_REQUIRE(method >= NAX_LINKAGE_AVERAGE && method <= NAX_LINKAGE_SINGLE, NAX_EINVAL,
              "`method` must be average, complete or single, got %d", (int)method);
  NAX_REQUIRE(nax_i_size_product(2, shape, sizeof(double), &total), NAX_EOVERFLOW,
              "distances of %lld items do not fit memory", (long long)n);
  NAX_TRY_ALLOC(c.d, total, sizeof(double));
  NAX_TRY_ALLOC(c.size, n, sizeof(nax_index));
  NAX_TRY_ALLOC(c.chain, n, sizeof(nax_index));
  for (nax_index j = 0; j < n; j++) {
    c.size[j] = 1;
    for (nax_index i = j + 1; i < n; i++) {
      double x = d[i + j * n];
      NAX_REQUIRE(isfinite(x) && x >= 0.0, NAX_EDATA,
                  "`d` must be finite and >= 0, items %lld and %lld have %g",
                  (long long)j, (long long)i, x);
      c.d[i + j * n] = c.d[j + i * n] = x;
    }
  }
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "stats/cluster", n - 1));
  for (nax_index i = 0; i + 1 < n; i++) {
    merges[i] = next_merge(&c, &first);
    NAX_TRY(nax_i_stage_poll(&stage, i + 1, NAN));
  }
  NAX_TRY(number_steps(ctx, n, merges));
done:
  nax_i_free(c.d);
  nax_i_free(c.size);
  nax_i_free(c.chain);
  return status;
}

/* Every cluster but the last is joined exactly once, after it was made. */
static nax_status
check_tree(nax_ctx *ctx, const char *fn, nax_index n, const nax_merge *merges)
{
  nax_status status = NAX_OK;
  uint8_t *used = NULL;
  NAX_REQUIRE(n >= 1, NAX_EINVAL, "need at least 1 item, got %lld", (long long)n);
  NAX_TRY_ALLOC(used, 2 * n, 1);
  for (nax_index i = 0; i + 1 < n; i++) {
    nax_index a = merges[i].a, b = merges[i].b;
    int ok = a >= 0 && b >= 0 && a < n + i && b < n + i && a != b && !used[a] && !used[b];
    if (!ok) {
      status =
          nax_i_fail(ctx, NAX_EINVAL, fn,
                     "`merges` is not a tree of %lld items: step %lld joins %lld and "
                     "%lld",
                     (long long)n, (long long)i, (long long)a, (long long)b);
      goto done;
    }
    used[a] = used[b] = 1;
  }
done:
  nax_i_free(used);
  return status;
}

nax_status
nax_stats_leaf_order(nax_ctx *ctx, nax_index n, const nax_merge *merges, nax_index *order)
{
  nax_status status = NAX_OK;
  nax_index *stack = NULL, depth = 0, k = 0;
  nax_i_begin(ctx);
  NAX_TRY(check_tree(ctx, __func__, n, merges));
  NAX_TRY_ALLOC(stack, n + 1, sizeof *stack);
  stack[depth++] = n > 1 ? 2 * n - 2 : 0;
  while (depth > 0) {
    nax_index c = stack[--depth];
    if (c < n) {
      order[k++] = c;
    } else {
      stack[depth++] = merges[c - n].b;
      stack[depth++] = merges[c - n].a;
    }
  }
done:
  nax_i_free(stack);
  return status;
}

nax_status
nax_stats_cut_tree(nax_ctx *ctx, nax_index n, const nax_merge *merges, nax_index k,
                   int64_t *label)
{
  nax_status status = NAX_OK;
  nax_index *parent = NULL, *number = NULL, next = 0;
  nax_i_begin(ctx);
  NAX_TRY(check_tree(ctx, __func__, n, merges));
  NAX_REQUIRE(k >= 1 && k <= n, NAX_EINVAL, "`k` must lie in 1..%lld, got %lld",
              (long long)n, (long long)k);
  NAX_TRY_ALLOC(parent, 2 * n, sizeof *parent);
  NAX_TRY_ALLOC(number, 2 * n, sizeof *number);
  for (nax_index i = 0; i < 2 * n; i++) {
    parent[i] = i;
    number[i] = -1;
  }
  for (nax_index i = 0; i < n - k; i++) {
    parent[merges[i].a] = parent[merges[i].b] = n + i;
  }
  for (nax_index i = 0; i < n; i++) {
    nax_index root = find_root(parent, i);
    if (number[root] < 0) {
      number[root] = next++;
    }
    label[i] = number[root];
  }
done:
  nax_i_free(parent);
  nax_i_free(number);
  return status;
}

nax_status
nax_stats_correlation_order(nax_ctx *ctx, const nax_array *r, nax_index *order,
                            nax_merge *merges)
{
  nax_status status = NAX_OK;
  double *d = NULL;
  nax_merge *own = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(r->ndim == 2 && r->axis[0]->length == r->axis[1]->length &&
                  r->dtype == NAX_F64 && r->size > 0,
              NAX_EDIM, "`r` must be a square float64 matrix with at least one row");
  nax_index n = r->axis[0]->length;
  const double *c = r->data;
  NAX_TRY_ALLOC(d, r->size, sizeof *d);
  for (nax_index i = 0; i < r->size; i++) {
    d[i] = isnan(c[i]) ? 2.0 : fmax(0.0, 1.0 - c[i]);
  }
  if (merges == NULL) {
    NAX_TRY_ALLOC(own, n, sizeof *own);
    merges = own;
  }
  NAX_TRY(nax_stats_cluster(ctx, n, d, NAX_LINKAGE_AVERAGE, merges));
  NAX_TRY(nax_stats_leaf_order(ctx, n, merges, order));
done:
  nax_i_free(d);
  nax_i_free(own);
  return status;
}
