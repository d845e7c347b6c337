/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Persistence diagrams: the bars, and distances between two sets of them. */
#include "ph_i.h"
#include <float.h>
#include <math.h>

enum { DIMS = 3 };

struct nax_ph {
  int64_t max_dim;
  double threshold;
  nax_i_bar *bar[DIMS];
  nax_index n[DIMS], room[DIMS];
};

nax_status
nax_i_ph_create(nax_ctx *ctx, int64_t max_dim, double threshold, nax_ph **out)
{
  nax_status status = NAX_OK;
  nax_ph *p = NULL;
  *out = NULL;
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  p->max_dim = max_dim;
  p->threshold = threshold;
  *out = p;
done:
  return status;
}

void
nax_ph_free(nax_ph *p)
{
  for (int k = 0; p != NULL && k < DIMS; k++) {
    nax_i_free(p->bar[k]);
  }
  nax_i_free(p);
}

nax_status
nax_i_ph_add(nax_ctx *ctx, nax_ph *p, int64_t dim, double birth, double death)
{
  nax_status status = NAX_OK;
  if (p->n[dim] == p->room[dim]) {
    nax_index room = p->room[dim] > 0 ? 2 * p->room[dim] : 64;
    nax_i_bar *wider = nax_i_realloc(p->bar[dim], (size_t)room, sizeof *wider);
    NAX_REQUIRE(wider != NULL, NAX_ENOMEM, "out of memory (%lld bars)", (long long)room);
    p->bar[dim] = wider;
    p->room[dim] = room;
  }
  p->bar[dim][p->n[dim]++] = (nax_i_bar){birth, death};
done:
  return status;
}

static int
by_birth(const void *a, const void *b)
{
  const nax_i_bar *x = a, *y = b;
  if (x->birth != y->birth) {
    return x->birth < y->birth ? -1 : 1;
  }
  return (x->death > y->death) - (x->death < y->death);
}

void
nax_i_ph_sort(nax_ph *p)
{
  for (int k = 0; k < DIMS; k++) {
    if (p->n[k] > 1) {
      qsort(p->bar[k], (size_t)p->n[k], sizeof *p->bar[k], by_birth);
    }
  }
}

int64_t
nax_ph_max_dim(const nax_ph *p)
{
  return p->max_dim;
}

double
nax_ph_threshold(const nax_ph *p)
{
  return p->threshold;
}

const double *
nax_ph_bars(const nax_ph *p, int64_t dim, nax_index *n)
{
  static const double none[2];
  if (dim < 0 || dim > p->max_dim) {
    *n = 0;
    return NULL;
  }
  *n = p->n[dim];
  return *n > 0 ? &p->bar[dim][0].birth : none;
}

/* -------------------------------------------------------------------- checking */

nax_status
nax_i_ph_check_bars(nax_ctx *ctx, const char *fn, const char *arg, nax_index n,
                    const double *bars)
{
  if (n < 0 || (n > 0 && bars == NULL)) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "`%s` must be 2 x n, n is %lld", arg,
                      (long long)n);
  }
  for (nax_index i = 0; i < n; i++) {
    double birth = bars[2 * i], death = bars[2 * i + 1];
    if (!isfinite(birth) || !(death >= birth)) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "`%s` must have finite births and deaths after them, bar %lld is "
                        "%g to %g",
                        arg, (long long)i, birth, death);
    }
  }
  return NAX_OK;
}

/* Finite bars to `out`, births of the others, ascending, to `endless`. */
static void
part(nax_index n, const double *bars, nax_i_bar *out, nax_index *n_out, double *endless,
     nax_index *n_endless)
{
  *n_out = *n_endless = 0;
  for (nax_index i = 0; i < n; i++) {
    double birth = bars[2 * i], death = bars[2 * i + 1];
    if (!isinf(death)) {
      out[(*n_out)++] = (nax_i_bar){birth, death};
    } else {
      nax_index k = (*n_endless)++;
      for (; k > 0 && endless[k - 1] > birth; k--) {
        endless[k] = endless[k - 1];
      }
      endless[k] = birth;
    }
  }
}

/* Two diagrams as a distance takes them. */
typedef struct two {
  nax_i_bar *a, *b;
  double *more_a, *more_b;
  nax_index n_a, n_b, n_more_a, n_more_b;
} two;

static nax_status
two_init(nax_ctx *ctx, const char *fn, two *t, nax_index n_a, const double *a,
         nax_index n_b, const double *b)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_ph_check_bars(ctx, fn, "a", n_a, a));
  NAX_TRY(nax_i_ph_check_bars(ctx, fn, "b", n_b, b));
  NAX_TRY_ALLOC(t->a, n_a, sizeof *t->a);
  NAX_TRY_ALLOC(t->b, n_b, sizeof *t->b);
  NAX_TRY_ALLOC(t->more_a, n_a, sizeof *t->more_a);
  NAX_TRY_ALLOC(t->more_b, n_b, sizeof *t->more_b);
  part(n_a, a, t->a, &t->n_a, t->more_a, &t->n_more_a);
  part(n_b, b, t->b, &t->n_b, t->more_b, &t->n_more_b);
done:
  return status;
}

static void
two_free(two *t)
{
  nax_i_free(t->a);
  nax_i_free(t->b);
  nax_i_free(t->more_a);
  nax_i_free(t->more_b);
}

/* ------------------------------------------------------------------ bottleneck */

static double
apart(nax_i_bar x, nax_i_bar y)
{
  double b = fabs(x.birth - y.birth), d = fabs(x.death - y.death);
  return b > d ? b : d;
}

static double
half(nax_i_bar x)
{
  return 0.5 * (x.death - x.birth);
}

/* Matching of points of one diagram with those of another (Hopcroft & Karp 1973). */
typedef struct matching {
  nax_ctx *ctx; /* asked whether to stop */
  const nax_i_bar *x, *y;
  nax_index n_x, n_y;
  double most; /* farther pairs cannot be matched */
  nax_index *of_x, *of_y, *layer, *queue, *next, *stack;
} matching;

/* Layers from the free points of x that must be matched: is a free y reached? */
static nax_status
layers(matching *g, int *found)
{
  nax_status status = NAX_OK;
  nax_index head = 0, tail = 0;
  *found = 0;
  for (nax_index i = 0; i < g->n_x; i++) {
    int start = g->of_x[i] < 0 && half(g->x[i]) > g->most;
    g->layer[i] = start ? 0 : -1;
    g->next[i] = 0;
    if (start) {
      g->queue[tail++] = i;
    }
  }
  while (head < tail) {
    NAX_TRY(nax_i_poll_every(g->ctx, head, 64));
    nax_index i = g->queue[head++];
    for (nax_index j = 0; j < g->n_y; j++) {
      if (apart(g->x[i], g->y[j]) <= g->most) {
        nax_index k = g->of_y[j];
        if (k < 0) {
          *found = 1;
        } else if (g->layer[k] < 0) {
          g->layer[k] = g->layer[i] + 1;
          g->queue[tail++] = k;
        }
      }
    }
  }
done:
  return status;
}

/* One augmenting path from i along the layers; 1 when there was one. */
static int
augment(matching *g, nax_index i)
{
  nax_index depth = 0;
  g->stack[0] = i;
  while (depth >= 0) {
    nax_index x = g->stack[depth];
    nax_index j = g->next[x];
    if (j == g->n_y) {
      depth--;
      continue;
    }
    g->next[x]++;
    if (apart(g->x[x], g->y[j]) > g->most) {
      continue;
    }
    nax_index k = g->of_y[j];
    if (k < 0) {
      for (; depth >= 0; depth--) {
        nax_index was = g->of_x[g->stack[depth]];
        g->of_x[g->stack[depth]] = j;
        g->of_y[j] = g->stack[depth];
        j = was;
      }
      return 1;
    }
    if (g->layer[k] == g->layer[x] + 1) {
      g->stack[++depth] = k;
    }
  }
  return 0;
}

/* Can every x that is farther than `most` from the diagonal be matched with a y? */
static nax_status
can_match(matching *g, int *can)
{
  nax_status status = NAX_OK;
  int found;
  *can = 0;
  for (nax_index i = 0; i < g->n_x; i++) {
    g->of_x[i] = -1;
  }
  for (nax_index j = 0; j < g->n_y; j++) {
    g->of_y[j] = -1;
  }
  for (;;) {
    int grew = 0;
    NAX_TRY(layers(g, &found));
    for (nax_index i = 0; found && i < g->n_x; i++) {
      NAX_TRY(nax_i_poll_every(g->ctx, i, 64));
      if (g->of_x[i] < 0 && g->layer[i] == 0) {
        grew |= augment(g, i);
      }
    }
    if (!grew) {
      break;
    }
  }
  for (nax_index i = 0; i < g->n_x; i++) {
    if (g->of_x[i] < 0 && half(g->x[i]) > g->most) {
      goto done;
    }
  }
  *can = 1;
done:
  return status;
}

nax_status
nax_ph_bottleneck(nax_ctx *ctx, nax_index n_a, const double *a, nax_index n_b,
                  const double *b, double *out)
{
  nax_status status = NAX_OK;
  two t = {0};
  matching g = {.ctx = ctx};
  nax_i_keyed *cost = NULL, *tmp = NULL;
  nax_index most, n_cost = 0;
  *out = (double)NAN;
  nax_i_begin(ctx);
  NAX_TRY(two_init(ctx, __func__, &t, n_a, a, n_b, b));
  if (t.n_more_a != t.n_more_b) {
    *out = (double)INFINITY;
    goto done;
  }
  most = t.n_a > t.n_b ? t.n_a : t.n_b;
  NAX_TRY_ALLOC(g.of_x, most, sizeof *g.of_x);
  NAX_TRY_ALLOC(g.of_y, most, sizeof *g.of_y);
  NAX_TRY_ALLOC(g.layer, most, sizeof *g.layer);
  NAX_TRY_ALLOC(g.queue, most, sizeof *g.queue);
  NAX_TRY_ALLOC(g.next, most, sizeof *g.next);
  NAX_TRY_ALLOC(g.stack, most + 1, sizeof *g.stack);
  NAX_TRY_ALLOC(cost, t.n_a * t.n_b + t.n_a + t.n_b + 1, sizeof *cost);
  NAX_TRY_ALLOC(tmp, t.n_a * t.n_b + t.n_a + t.n_b + 1, sizeof *tmp);
  cost[n_cost++].key = nax_i_sort_key(0.0);
  for (nax_index i = 0; i < t.n_a; i++) {
    NAX_TRY(nax_i_poll_every(ctx, i, 256));
    cost[n_cost++].key = nax_i_sort_key(half(t.a[i]));
    for (nax_index j = 0; j < t.n_b; j++) {
      cost[n_cost++].key = nax_i_sort_key(apart(t.a[i], t.b[j]));
    }
  }
  for (nax_index j = 0; j < t.n_b; j++) {
    cost[n_cost++].key = nax_i_sort_key(half(t.b[j]));
  }
  NAX_TRY(nax_i_sort_keyed_long(ctx, cost, tmp, n_cost));
  /* Who must be matched can be matched on either side alone exactly when both can at
   * once (Mendelsohn & Dulmage 1958). */
  nax_index lo = 0, hi = n_cost - 1;
  while (lo < hi) {
    nax_index mid = (lo + hi) / 2;
    g.most = nax_i_key_value(cost[mid].key);
    g.x = t.a;
    g.y = t.b;
    g.n_x = t.n_a;
    g.n_y = t.n_b;
    int can;
    NAX_TRY(can_match(&g, &can));
    if (can) {
      g.x = t.b;
      g.y = t.a;
      g.n_x = t.n_b;
      g.n_y = t.n_a;
      NAX_TRY(can_match(&g, &can));
    }
    hi = can ? mid : hi;
    lo = can ? lo : mid + 1;
  }
  double worst = nax_i_key_value(cost[lo].key);
  for (nax_index i = 0; i < t.n_more_a; i++) {
    double x = fabs(t.more_a[i] - t.more_b[i]);
    worst = x > worst ? x : worst;
  }
  *out = worst;
done:
  two_free(&t);
  nax_i_free(g.of_x);
  nax_i_free(g.of_y);
  nax_i_free(g.layer);
  nax_i_free(g.queue);
  nax_i_free(g.next);
  nax_i_free(g.stack);
  nax_i_free(cost);
  nax_i_free(tmp);
  return status;
}

/* ----------------------------------------------------------------- Wasserstein */

static double
norm(double x, double y, double p)
{
  x = fabs(x);
  y = fabs(y);
  if (isinf(p)) {
    return x > y ? x : y;
  }
  return p == 1.0 ? x + y : p == 2.0 ? hypot(x, y) : pow(pow(x, p) + pow(y, p), 1.0 / p);
}

nax_status
nax_ph_wasserstein(nax_ctx *ctx, nax_index n_a, const double *a, nax_index n_b,
                   const double *b, double q, double p, double *out)
{
  nax_status status = NAX_OK;
  two t = {0};
  double *gain = NULL;
  int64_t *match = NULL;
  nax_index n;
  *out = (double)NAN;
  nax_i_begin(ctx);
  NAX_REQUIRE(q >= 1.0 && isfinite(q), NAX_EINVAL, "`q` must be at least 1, got %g", q);
  NAX_REQUIRE(p >= 1.0, NAX_EINVAL, "`p` must be at least 1 or infinite, got %g", p);
  NAX_TRY(two_init(ctx, __func__, &t, n_a, a, n_b, b));
  if (t.n_more_a != t.n_more_b) {
    *out = (double)INFINITY;
    goto done;
  }
  n = t.n_a + t.n_b;
  double sum = 0.0;
  if (n > 0) {
    NAX_TRY_ALLOC(gain, n * n, sizeof *gain);
    NAX_TRY_ALLOC(match, n, sizeof *match);
    for (nax_index i = 0; i < n; i++) {
      NAX_TRY(nax_i_poll_every(ctx, i, 64));
      for (nax_index j = 0; j < n; j++) {
        double cost = 0.0;
        if (i < t.n_a && j < t.n_b) {
          cost = norm(t.a[i].birth - t.b[j].birth, t.a[i].death - t.b[j].death, p);
        } else if (i < t.n_a) {
          cost = norm(half(t.a[i]), half(t.a[i]), p);
        } else if (j < t.n_b) {
          cost = norm(half(t.b[j]), half(t.b[j]), p);
        }
        gain[i * n + j] = -pow(cost, q);
      }
    }
    NAX_TRY(nax_i_assign(ctx, n, gain, match));
    for (nax_index i = 0; i < n; i++) {
      sum -= gain[i * n + match[i]];
    }
  }
  for (nax_index i = 0; i < t.n_more_a; i++) {
    sum += pow(fabs(t.more_a[i] - t.more_b[i]), q);
  }
  *out = pow(sum, 1.0 / q);
done:
  two_free(&t);
  nax_i_free(gain);
  nax_i_free(match);
  return status;
}

/* ---------------------------------------------------------------- all of a set */

typedef struct pairs {
  nax_index n;
  const nax_ph *const *sets;
  int64_t dim;
  double q, p, *out;
} pairs;

/* Diagram b against those behind it. */
static nax_status
pairs_block(int64_t b, void *arg)
{
  const pairs *j = arg;
  nax_status status = NAX_OK;
  nax_index n_a, n_b;
  const double *x = nax_ph_bars(j->sets[b], j->dim, &n_a);
  for (nax_index k = b + 1; k < j->n; k++) {
    const double *y = nax_ph_bars(j->sets[k], j->dim, &n_b);
    double *to = j->out + nax_i_rdm_at(j->n, b, k);
    if (isinf(j->q)) {
      NAX_TRY(nax_ph_bottleneck(NULL, n_a, x, n_b, y, to));
    } else {
      NAX_TRY(nax_ph_wasserstein(NULL, n_a, x, n_b, y, j->q, j->p, to));
    }
  }
done:
  return status;
}

nax_status
nax_ph_distances(nax_ctx *ctx, nax_index n_sets, const nax_ph *const *sets, int64_t dim,
                 double q, double p, double *out)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  pairs j = {n_sets, sets, dim, q, p, out};
  nax_i_begin(ctx);
  NAX_REQUIRE(n_sets >= 2, NAX_EDIM, "at least 2 diagrams, got %lld", (long long)n_sets);
  NAX_REQUIRE(q >= 1.0 && p >= 1.0, NAX_EINVAL,
              "`q` and `p` must be at least 1, got %g and %g", q, p);
  for (nax_index k = 0; k < n_sets; k++) {
    NAX_REQUIRE(dim >= 0 && dim <= nax_ph_max_dim(sets[k]), NAX_EINVAL,
                "`dim` must be 0 to %lld for diagram %lld, got %lld",
                (long long)nax_ph_max_dim(sets[k]), (long long)k, (long long)dim);
  }
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "ph/distances", n_sets - 1));
  NAX_TRY(nax_i_parallel(ctx, &st, n_sets - 1, pairs_block, &j));
done:
  return status;
}
