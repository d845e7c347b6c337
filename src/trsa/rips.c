/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Persistent cohomology of Vietoris-Rips complexes over Z/2.
 *
 * Columns of the coboundary matrix are reduced from the last simplex of the filtration to
 * the first; only the reduction matrix is kept, coboundaries are enumerated when they are
 * needed. Three things make that cheap (Bauer 2021): a simplex that kills a class of the
 * dimension below needs no column (clearing); a simplex and its first cofacet of equal
 * diameter, each the other's nearest, are a pair of persistence 0 without a column
 * (apparent pairs); and a first cofacet of equal diameter that is nobody's pivot is a
 * pivot at once (emergent pairs).
 *
 * A simplex of vertices v_0 > v_1 > ... > v_k is the number sum C(v_i, k + 1 - i). The
 * filtration goes by diameter; of equal ones the larger number comes first. */
#include "ph_i.h"
#include <float.h>
#include <math.h>

enum { MAX_DIM = 2, MAX_VERTICES = MAX_DIM + 2 };

typedef struct simplex {
  double diameter;
  int64_t index; /* -1: none */
} simplex;

static const simplex nothing = {0.0, -1};

/* A list that grows. */
typedef struct list {
  simplex *at;
  nax_index n, room;
} list;

/* From the number of a simplex to its column; -1 marks free places. */
typedef struct places {
  int64_t *key, *value;
  nax_index n, room; /* room is a power of two */
} places;

typedef struct rips {
  nax_ctx *ctx;
  const char *fn;
  nax_index n;
  double *d;       /* n x n; missing pairs are +infinity */
  int64_t *choose; /* C(v, k) at [k * (n + 1) + v] */
  double threshold;
  size_t bytes, limit; /* in use and allowed (0: any number) */
  list edges;          /* of the filtration, in its order */
  list columns;        /* to be reduced, last of the filtration first */
  list entries;        /* of the reduction matrix, off its diagonal */
  nax_index *start;    /* of each column in `entries`; room_start of them */
  nax_index room_start;
  list heap;    /* coboundary of the column at work */
  list working; /* its column of the reduction matrix */
  places pivots;
  nax_ph *out;
} rips;

/* -------------------------------------------------------------------- memory */

/* Count `bytes` more (or, negative, less) as in use. */
static nax_status
account(rips *r, int64_t bytes)
{
  r->bytes += (size_t)bytes;
  if (r->limit > 0 && r->bytes > r->limit) {
    return nax_i_fail(r->ctx, NAX_ENOMEM, r->fn,
                      "the reduction needs more than the %zu MB allowed: raise `memory`, "
                      "or lower `max-dim` or `threshold`",
                      r->limit >> 20);
  }
  return NAX_OK;
}

static nax_status
widen(rips *r, list *l)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = r->ctx;
  nax_index room = l->room > 0 ? 2 * l->room : 256;
  NAX_TRY(account(r, (room - l->room) * (nax_index)sizeof *l->at));
  simplex *wider = nax_i_realloc(l->at, (size_t)room, sizeof *wider);
  NAX_REQUIRE(wider != NULL, NAX_ENOMEM, "out of memory (%lld simplices)",
              (long long)room);
  l->at = wider;
  l->room = room;
done:
  return status;
}

static inline nax_status
append(rips *r, list *l, simplex s)
{
  if (l->n == l->room) {
    nax_status status = widen(r, l);
    if (status != NAX_OK) {
      return status;
    }
  }
  l->at[l->n++] = s;
  return NAX_OK;
}

static nax_index
place(const places *p, int64_t key)
{
  uint64_t at = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
  at ^= at >> 32;
  at &= (uint64_t)p->room - 1;
  while (p->key[at] != key && p->key[at] >= 0) {
    at = (at + 1) & ((uint64_t)p->room - 1);
  }
  return (nax_index)at;
}

static int64_t
find(const places *p, int64_t key)
{
  if (p->n == 0) {
    return -1;
  }
  nax_index at = place(p, key);
  return p->key[at] == key ? p->value[at] : -1;
}

static nax_status
remember(rips *r, int64_t key, int64_t value)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = r->ctx;
  places *p = &r->pivots, wider = {NULL, NULL, 0, 0};
  if (2 * (p->n + 1) > p->room) {
    wider.room = p->room > 0 ? 2 * p->room : 256;
    NAX_TRY(account(r, 2 * (wider.room - p->room) * (nax_index)sizeof(int64_t)));
    NAX_TRY_ALLOC(wider.key, wider.room, sizeof *wider.key);
    NAX_TRY_ALLOC(wider.value, wider.room, sizeof *wider.value);
    for (nax_index i = 0; i < wider.room; i++) {
      wider.key[i] = -1;
    }
    for (nax_index i = 0; i < p->room; i++) {
      if (p->key[i] >= 0) {
        nax_index at = place(&wider, p->key[i]);
        wider.key[at] = p->key[i];
        wider.value[at] = p->value[i];
      }
    }
    wider.n = p->n;
    nax_i_free(p->key);
    nax_i_free(p->value);
    *p = wider;
    wider = (places){NULL, NULL, 0, 0};
  }
  nax_index at = place(p, key);
  p->key[at] = key;
  p->value[at] = value;
  p->n++;
done:
  nax_i_free(wider.key);
  nax_i_free(wider.value);
  return status;
}

static void
forget(rips *r)
{
  r->bytes -= 2 * (size_t)r->pivots.room * sizeof(int64_t);
  nax_i_free(r->pivots.key);
  nax_i_free(r->pivots.value);
  r->pivots = (places){NULL, NULL, 0, 0};
}

/* ------------------------------------------------------------------ simplices */

static inline int64_t
choose(const rips *r, int k, nax_index v)
{
  return r->choose[k * (r->n + 1) + v];
}

static inline double
between(const rips *r, nax_index a, nax_index b)
{
  return r->d[a * r->n + b];
}

/* Vertices of a simplex of `dim`, descending. */
static inline void
vertices_of(const rips *r, int dim, int64_t index, nax_index *v)
{
  nax_index hi = r->n - 1;
  for (int k = dim + 1; k > 0; k--) {
    nax_index lo = k - 1; /* C(lo, k) = 0 <= index */
    if (k == 1) {
      lo = index;
    } else if (k == 2) {
      lo = (nax_index)((1.0 + sqrt(1.0 + 8.0 * (double)index)) / 2.0);
      for (lo = lo > hi ? hi : lo; choose(r, 2, lo) > index;) {
        lo--;
      }
      for (; lo < hi && choose(r, 2, lo + 1) <= index;) {
        lo++;
      }
    } else {
      while (lo < hi) {
        nax_index mid = (lo + hi + 1) / 2;
        lo = choose(r, k, mid) <= index ? mid : lo;
        hi = choose(r, k, mid) <= index ? hi : mid - 1;
      }
    }
    v[dim + 1 - k] = lo;
    index -= choose(r, k, lo);
    hi = lo - 1;
  }
}

/* Walk over the cofacets of a simplex by descending number. */
typedef struct walk {
  const double *row[MAX_VERTICES];
  nax_index v[MAX_VERTICES];
  double diameter;
  int64_t above, below; /* share of the vertices above and below `w` in the number */
  nax_index w, floor;   /* next vertex to be added, and the last before the next of v */
  int above_n;          /* vertices above w */
} walk;

static inline void
walk_from(const rips *r, int dim, const nax_index *v, double diameter, walk *k)
{
  k->diameter = diameter;
  k->above = k->below = 0;
  for (int i = 0; i <= dim; i++) {
    k->v[i] = v[i];
    k->row[i] = r->d + v[i] * r->n;
    k->below += choose(r, dim + 1 - i, v[i]);
  }
  k->above_n = 0;
  k->w = r->n - 1;
  k->floor = v[0] + 1;
}

/* The next cofacet, its added vertex in *w; 0 at the end, or, with `top`, when the added
 * vertex would not be the largest. */
static inline int
walk_next(const rips *r, int dim, walk *k, int top, simplex *out, nax_index *w)
{
  while (k->w < k->floor) {
    if (top || k->above_n > dim) {
      return 0;
    }
    nax_index v = k->v[k->above_n];
    k->above += choose(r, dim + 2 - k->above_n, v);
    k->below -= choose(r, dim + 1 - k->above_n, v);
    k->above_n++;
    k->w = v - 1;
    k->floor = k->above_n > dim ? 0 : k->v[k->above_n] + 1;
  }
  double diameter = k->diameter;
  for (int i = 0; i <= dim; i++) {
    double x = k->row[i][k->w];
    diameter = x > diameter ? x : diameter;
  }
  *w = k->w;
  out->diameter = diameter;
  out->index = k->above + choose(r, dim + 2 - k->above_n, k->w) + k->below;
  k->w--;
  return 1;
}

/* v with w in its place, descending. */
static inline void
insert_vertex(int dim, const nax_index *v, nax_index w, nax_index *out)
{
  int i = 0;
  for (; i <= dim && v[i] > w; i++) {
    out[i] = v[i];
  }
  out[i] = w;
  for (; i <= dim; i++) {
    out[i + 1] = v[i];
  }
}

/* First cofacet of the same diameter, its vertices in `u`. */
static inline int64_t
zero_cofacet(const rips *r, int dim, const nax_index *v, double diameter, nax_index *u)
{
  walk k;
  simplex s;
  nax_index w;
  walk_from(r, dim, v, diameter, &k);
  while (walk_next(r, dim, &k, 0, &s, &w)) {
    if (s.diameter == diameter) {
      insert_vertex(dim, v, w, u);
      return s.index;
    }
  }
  return -1;
}

/* Last facet of the same diameter, of the simplex u of dimension dim + 1; its vertices in
 * `v`. */
static inline int64_t
zero_facet(const rips *r, int dim, const nax_index *u, double diameter, nax_index *v)
{
  for (int out = 0; out <= dim + 1; out++) {
    double widest = 0.0;
    int64_t index = 0;
    int k = 0;
    for (int i = 0; i <= dim + 1; i++) {
      if (i != out) {
        v[k] = u[i];
        index += choose(r, dim + 1 - k, u[i]);
        k++;
      }
    }
    for (int i = 0; i <= dim; i++) {
      for (int j = i + 1; j <= dim; j++) {
        double x = between(r, v[i], v[j]);
        widest = x > widest ? x : widest;
      }
    }
    if (widest == diameter) {
      return index;
    }
  }
  return -1;
}

/* 1 when v (of dim) makes an apparent pair with a cofacet. */
static inline int
has_apparent_cofacet(const rips *r, int dim, const nax_index *v, simplex s)
{
  nax_index u[MAX_VERTICES + 1], back[MAX_VERTICES];
  return zero_cofacet(r, dim, v, s.diameter, u) >= 0 &&
         zero_facet(r, dim, u, s.diameter, back) == s.index;
}

/* The facet (of dim) that makes an apparent pair with u (of dim + 1), or nothing. */
static inline simplex
apparent_facet(const rips *r, int dim, const nax_index *u, simplex s, nax_index *v)
{
  nax_index back[MAX_VERTICES + 1];
  int64_t facet = zero_facet(r, dim, u, s.diameter, v);
  if (facet >= 0 && zero_cofacet(r, dim, v, s.diameter, back) == s.index) {
    return (simplex){s.diameter, facet};
  }
  return nothing;
}

/* ----------------------------------------------------------------------- heap */

/* 1 when a comes before b in the filtration. */
static inline int
before(simplex a, simplex b)
{
  return a.diameter < b.diameter || (a.diameter == b.diameter && a.index > b.index);
}

static inline nax_status
push(rips *r, simplex s)
{
  nax_status status = append(r, &r->heap, s);
  if (status == NAX_OK) {
    simplex *h = r->heap.at;
    nax_index i = r->heap.n - 1;
    for (; i > 0 && before(s, h[(i - 1) / 2]); i = (i - 1) / 2) {
      h[i] = h[(i - 1) / 2];
    }
    h[i] = s;
  }
  return status;
}

static inline void
pop(list *heap)
{
  simplex *h = heap->at, last = h[--heap->n];
  nax_index i = 0, n = heap->n;
  for (nax_index c; (c = 2 * i + 1) < n; i = c) {
    c += c + 1 < n && before(h[c + 1], h[c]);
    if (!before(h[c], last)) {
      break;
    }
    h[i] = h[c];
  }
  if (n > 0) {
    h[i] = last;
  }
}

/* First simplex of the coboundary that does not cancel; it stays at the top. */
static simplex
pivot_of(list *heap)
{
  while (heap->n > 0) {
    simplex top = heap->at[0];
    pop(heap);
    if (heap->n == 0 || heap->at[0].index != top.index) {
      /* put it back, at the place it came from */
      heap->at[heap->n++] = top;
      simplex *h = heap->at;
      nax_index i = heap->n - 1;
      for (; i > 0 && before(top, h[(i - 1) / 2]); i = (i - 1) / 2) {
        h[i] = h[(i - 1) / 2];
      }
      h[i] = top;
      return top;
    }
    pop(heap);
  }
  return nothing;
}

/* ------------------------------------------------------------------ reduction */

static inline nax_status
add_coboundary(rips *r, int dim, simplex s)
{
  nax_status status = NAX_OK;
  nax_index v[MAX_VERTICES], w;
  walk k;
  simplex c;
  vertices_of(r, dim, s.index, v);
  walk_from(r, dim, v, s.diameter, &k);
  while (walk_next(r, dim, &k, 0, &c, &w)) {
    if (c.diameter <= r->threshold) {
      NAX_TRY(push(r, c));
    }
  }
done:
  return status;
}

/* Coboundary of a fresh column on the heap, and its pivot; an emergent one is returned
 * before the heap is complete. */
static inline nax_status
open_column(rips *r, int dim, simplex s, simplex *pivot, int *emergent)
{
  nax_status status = NAX_OK;
  nax_index v[MAX_VERTICES], u[MAX_VERTICES + 1], facet[MAX_VERTICES], w;
  walk k;
  simplex c;
  int look = 1;
  *emergent = 0;
  r->heap.n = 0;
  vertices_of(r, dim, s.index, v);
  walk_from(r, dim, v, s.diameter, &k);
  while (walk_next(r, dim, &k, 0, &c, &w)) {
    if (c.diameter > r->threshold) {
      continue;
    }
    if (look && c.diameter == s.diameter) {
      insert_vertex(dim, v, w, u);
      if (find(&r->pivots, c.index) < 0 &&
          apparent_facet(r, dim, u, c, facet).index < 0) {
        *pivot = c;
        *emergent = 1;
        return NAX_OK;
      }
      look = 0;
    }
    NAX_TRY(push(r, c));
  }
  *pivot = pivot_of(&r->heap);
done:
  return status;
}

static int
by_index(const void *a, const void *b)
{
  int64_t x = ((const simplex *)a)->index, y = ((const simplex *)b)->index;
  return (x > y) - (x < y);
}

/* The column of the reduction matrix with what occurs twice left out. */
static nax_status
close_column(rips *r, nax_index column)
{
  nax_status status = NAX_OK;
  list *w = &r->working;
  if (w->n > 1) {
    qsort(w->at, (size_t)w->n, sizeof *w->at, by_index);
  }
  for (nax_index i = 0; i < w->n; i++) {
    if (i + 1 < w->n && w->at[i + 1].index == w->at[i].index) {
      i++;
    } else {
      NAX_TRY(append(r, &r->entries, w->at[i]));
    }
  }
  r->start[column + 1] = r->entries.n;
done:
  return status;
}

static inline nax_status
reduce_column(rips *r, int dim, nax_index column)
{
  nax_status status = NAX_OK;
  simplex s = r->columns.at[column], pivot;
  nax_index u[MAX_VERTICES + 1], v[MAX_VERTICES];
  int emergent;
  r->working.n = 0;
  NAX_TRY(open_column(r, dim, s, &pivot, &emergent));
  for (nax_index turn = 1; pivot.index >= 0 && !emergent; turn++) {
    int64_t other = find(&r->pivots, pivot.index);
    if (other >= 0) {
      simplex t = r->columns.at[other];
      NAX_TRY(append(r, &r->working, t));
      NAX_TRY(add_coboundary(r, dim, t));
      for (nax_index e = r->start[other]; e < r->start[other + 1]; e++) {
        NAX_TRY(append(r, &r->working, r->entries.at[e]));
        NAX_TRY(add_coboundary(r, dim, r->entries.at[e]));
      }
    } else {
      vertices_of(r, dim + 1, pivot.index, u);
      simplex t = apparent_facet(r, dim, u, pivot, v);
      if (t.index < 0) {
        break;
      }
      NAX_TRY(append(r, &r->working, t));
      NAX_TRY(add_coboundary(r, dim, t));
    }
    pivot = pivot_of(&r->heap);
    if (turn % 64 == 0) {
      NAX_TRY(nax_i_poll(r->ctx));
    }
  }
  if (pivot.index >= 0) {
    NAX_TRY(remember(r, pivot.index, column));
    if (pivot.diameter > s.diameter) {
      NAX_TRY(nax_i_ph_add(r->ctx, r->out, dim, s.diameter, pivot.diameter));
    }
  } else {
    NAX_TRY(nax_i_ph_add(r->ctx, r->out, dim, s.diameter, (double)INFINITY));
  }
  NAX_TRY(close_column(r, column));
done:
  return status;
}

static nax_status
reduce(rips *r, int dim, const char *stage)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = r->ctx;
  nax_i_stage st;
  nax_index n = r->columns.n;
  NAX_TRY(account(r, (n + 1 - r->room_start) * (nax_index)sizeof *r->start));
  nax_i_free(r->start);
  r->room_start = n + 1;
  NAX_TRY_ALLOC(r->start, n + 1, sizeof *r->start);
  r->entries.n = 0;
  NAX_TRY(nax_i_stage_begin(&st, ctx, r->fn, stage, n));
  for (nax_index c = 0; c < n; c++) {
    if (dim == 1) {
      NAX_TRY(reduce_column(r, 1, c));
    } else {
      NAX_TRY(reduce_column(r, 2, c));
    }
    if (c % 16 == 15 || c == n - 1) {
      NAX_TRY(nax_i_stage_poll(&st, c + 1, (double)NAN));
    }
  }
done:
  return status;
}

/* ---------------------------------------------------------------- the columns */

/* Edges of the filtration, in its order. */
static nax_status
list_edges(rips *r)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = r->ctx;
  nax_i_keyed *a = NULL, *tmp = NULL;
  nax_index n = r->n, count = 0, m = n * (n - 1) / 2;
  NAX_TRY(account(r, 2 * m * (nax_index)sizeof *a));
  NAX_TRY_ALLOC(a, m, sizeof *a);
  NAX_TRY_ALLOC(tmp, m, sizeof *tmp);
  for (nax_index i = n - 1; i > 0; i--) {
    for (nax_index j = i - 1; j >= 0; j--) {
      if (between(r, i, j) <= r->threshold) {
        a[count++] = (nax_i_keyed){nax_i_sort_key(between(r, i, j)), choose(r, 2, i) + j};
      }
    }
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, a, tmp, count));
  NAX_TRY(account(r, count * (nax_index)sizeof *r->edges.at));
  NAX_TRY_ALLOC(r->edges.at, count, sizeof *r->edges.at);
  r->edges.room = r->edges.n = count;
  for (nax_index i = 0; i < count; i++) {
    r->edges.at[i] = (simplex){nax_i_key_value(a[i].key), a[i].at};
  }
  NAX_TRY(account(r, -2 * m * (nax_index)sizeof *a));
done:
  nax_i_free(a);
  nax_i_free(tmp);
  return status;
}

/* Components: they are born at 0 and end at the edges of the minimum spanning tree. The
 * other edges become columns, unless they are half of an apparent pair. With `count` not
 * NULL, columns are counted only. */
static nax_status
components(rips *r, int columns, nax_index *count)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = r->ctx;
  nax_index *parent = NULL, v[2], alive = r->n;
  NAX_TRY_ALLOC(parent, r->n, sizeof *parent);
  for (nax_index i = 0; i < r->n; i++) {
    parent[i] = i;
  }
  for (nax_index e = 0; e < r->edges.n; e++) {
    simplex s = r->edges.at[e];
    vertices_of(r, 1, s.index, v);
    nax_index a = nax_i_root(parent, v[0]), b = nax_i_root(parent, v[1]);
    if (a != b) {
      parent[a] = b;
      alive--;
      if (count == NULL && s.diameter > 0.0) {
        NAX_TRY(nax_i_ph_add(ctx, r->out, 0, 0.0, s.diameter));
      }
    } else if (columns && !has_apparent_cofacet(r, 1, v, s)) {
      if (count != NULL) {
        ++*count;
      } else {
        NAX_TRY(append(r, &r->columns, s));
      }
    }
  }
  for (nax_index i = 0; i < alive && count == NULL; i++) {
    NAX_TRY(nax_i_ph_add(ctx, r->out, 0, 0.0, (double)INFINITY));
  }
  for (nax_index i = 0, j = r->columns.n - 1; i < j; i++, j--) {
    simplex s = r->columns.at[i];
    r->columns.at[i] = r->columns.at[j];
    r->columns.at[j] = s;
  }
done:
  nax_i_free(parent);
  return status;
}

/* Triangles that need a column: not pivots, not in apparent pairs. */
static nax_status
list_triangles(rips *r, nax_index *count)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  NAX_TRY(nax_i_stage_begin(&st, r->ctx, r->fn, "ph/triangles", r->edges.n));
  for (nax_index e = 0; e < r->edges.n; e++) {
    nax_index v[2], u[MAX_VERTICES], facet[MAX_VERTICES], w;
    walk k;
    simplex t;
    vertices_of(r, 1, r->edges.at[e].index, v);
    walk_from(r, 1, v, r->edges.at[e].diameter, &k);
    while (walk_next(r, 1, &k, 1, &t, &w)) {
      if (t.diameter > r->threshold) {
        continue;
      }
      insert_vertex(1, v, w, u);
      if (apparent_facet(r, 1, u, t, facet).index < 0 &&
          !has_apparent_cofacet(r, 2, u, t)) {
        if (count != NULL) {
          ++*count;
        } else if (find(&r->pivots, t.index) < 0) {
          NAX_TRY(append(r, &r->columns, t));
        }
      }
    }
    if (e % 1024 == 1023) {
      NAX_TRY(nax_i_stage_poll(&st, e + 1, (double)NAN));
    }
  }
done:
  return status;
}

static int
later_first(const void *a, const void *b)
{
  simplex x = *(const simplex *)a, y = *(const simplex *)b;
  return before(y, x) ? -1 : before(x, y);
}

/* ------------------------------------------------------------------ the whole */

static void
release(rips *r)
{
  nax_i_free(r->d);
  nax_i_free(r->choose);
  nax_i_free(r->edges.at);
  nax_i_free(r->columns.at);
  nax_i_free(r->entries.at);
  nax_i_free(r->start);
  nax_i_free(r->heap.at);
  nax_i_free(r->working.at);
  forget(r);
}

/* Matrix, threshold, binomials, edges. */
static nax_status
set_up(rips *r, const double *d, const nax_ph_opts *o)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = r->ctx;
  nax_index n = r->n, at = 0;
  double radius = (double)INFINITY, largest = 0.0;
  NAX_TRY(account(r, (n * n + (MAX_VERTICES + 1) * (n + 1)) * (nax_index)sizeof *r->d));
  NAX_TRY_ALLOC(r->d, n * n, sizeof *r->d);
  NAX_TRY_ALLOC(r->choose, (MAX_VERTICES + 1) * (n + 1), sizeof *r->choose);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, at++) {
      double x = isnan(d[at]) ? (double)INFINITY : d[at];
      r->d[i * n + j] = r->d[j * n + i] = x;
      largest = x <= DBL_MAX && x > largest ? x : largest;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    double far = 0.0;
    for (nax_index j = 0; j < n; j++) {
      double x = i == j ? 0.0 : between(r, i, j);
      far = x > far ? x : far;
    }
    radius = far < radius ? far : radius;
  }
  /* beyond the enclosing radius the complex is a cone */
  r->threshold = isnan(o->threshold) ? radius : o->threshold;
  r->threshold = r->threshold < largest ? r->threshold : largest;
  for (nax_index v = 0; v <= n; v++) {
    r->choose[v] = 1;
    for (int k = 1; k <= MAX_VERTICES && v > 0; k++) {
      if (k <= o->max_dim + 2) {
        r->choose[k * (n + 1) + v] = choose(r, k, v - 1) + choose(r, k - 1, v - 1);
      }
    }
  }
  NAX_TRY(list_edges(r));
done:
  return status;
}

static nax_status
check(nax_ctx *ctx, const char *fn, nax_index n, const double *d, const nax_ph_opts *opts,
      nax_ph_opts *o)
{
  nax_status s = nax_i_options_load(ctx, fn, &nax_i_ph_table, o, opts);
  if (s != NAX_OK) {
    return s;
  }
  if (n < 2 || n > 65536) { /* C(n, 4) and n^2 doubles stay far below 2^63 */
    return nax_i_fail(ctx, NAX_EDIM, fn, "n must be 2 to 65536, got %lld", (long long)n);
  }
  nax_index at = 0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, at++) {
      if (d[at] < 0.0) {
        return nax_i_fail(ctx, NAX_EDATA, fn,
                          "distances must not be negative, found %g for the pair %lld, "
                          "%lld (ranks keep the order of any dissimilarities)",
                          d[at], (long long)i, (long long)j);
      }
    }
  }
  return NAX_OK;
}

/* Bytes of the run but for its working space, known before it. */
static nax_status
predict(rips *r, const nax_ph_opts *o, size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_index edges = 0, triangles = 0;
  if (o->max_dim >= 1) {
    NAX_TRY(components(r, 1, &edges));
  }
  if (o->max_dim >= 2) {
    NAX_TRY(list_triangles(r, &triangles));
  }
  nax_index most = edges > triangles ? edges : triangles;
  size_t n = (size_t)r->n, m = n * (n - 1) / 2;
  size_t base = (n * n + (MAX_VERTICES + 1) * (n + 1)) * sizeof(double) +
                (size_t)r->edges.n * sizeof(simplex);
  size_t sorting = 2 * m * sizeof(nax_i_keyed);
  /* a list has at most twice the room it needs, a table of places four times */
  size_t columns = (size_t)most * (2 * sizeof(simplex) + sizeof(nax_index)) +
                   (size_t)most * 4 * 2 * sizeof(int64_t);
  *bytes = base + (sorting > columns ? sorting : columns);
done:
  return status;
}

nax_status
nax_ph_memory(nax_ctx *ctx, nax_index n, const double *d, const nax_ph_opts *opts,
              size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_ph_opts o;
  rips r = {.ctx = ctx, .fn = __func__, .n = n};
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(check(ctx, __func__, n, d, opts, &o));
  NAX_TRY(set_up(&r, d, &o));
  NAX_TRY(predict(&r, &o, bytes));
done:
  release(&r);
  return status;
}

nax_status
nax_ph_rips(nax_ctx *ctx, nax_index n, const double *d, const nax_ph_opts *opts,
            nax_ph **out)
{
  nax_status status = NAX_OK;
  nax_ph_opts o;
  rips r = {.ctx = ctx, .fn = __func__, .n = n};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check(ctx, __func__, n, d, opts, &o));
  r.limit = (size_t)o.memory << 20;
  NAX_TRY(set_up(&r, d, &o));
  if (o.memory > 0) {
    size_t bytes = 0;
    NAX_TRY(predict(&r, &o, &bytes));
    NAX_REQUIRE(bytes <= r.limit, NAX_ENOMEM,
                "%zu MB are needed and %lld MB allowed: raise `memory`, or lower "
                "`max-dim` or `threshold`",
                (bytes >> 20) + 1, (long long)o.memory);
  }
  NAX_TRY(nax_i_ph_create(ctx, o.max_dim, r.threshold, &r.out));
  NAX_TRY(components(&r, o.max_dim >= 1, NULL));
  if (o.max_dim >= 1) {
    NAX_TRY(reduce(&r, 1, "ph/loops"));
  }
  if (o.max_dim >= 2) {
    r.columns.n = 0;
    NAX_TRY(list_triangles(&r, NULL));
    forget(&r);
    if (r.columns.n > 0) {
      qsort(r.columns.at, (size_t)r.columns.n, sizeof *r.columns.at, later_first);
    }
    NAX_TRY(reduce(&r, 2, "ph/voids"));
  }
  nax_i_ph_sort(r.out);
  *out = r.out;
  r.out = NULL;
done:
  nax_ph_free(r.out);
  release(&r);
  return status;
}
