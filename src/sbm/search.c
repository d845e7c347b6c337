/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking for the shortest description: many groups are merged down with sweeps between
 * the merges, the best number of groups is polished by splits and merges, and upper
 * levels are built from the groups found. */
#include "sbm_i.h"
#include <math.h>

static double
total(const nax_i_sbm_state *s)
{
  return nax_i_sbm_terms(s).total;
}

/* The best of all merges of two groups, done; returns 0 when there is none. */
static int
merge_best(nax_i_sbm_state *s)
{
  nax_index best_r = -1, best_s = -1;
  double best = HUGE_VAL;
  for (nax_index i = 0; i < s->n_groups && !nax_i_stopped(s->g->ctx); i++) {
    for (nax_index j = 0; j < i; j++) {
      double c = nax_i_sbm_merge_cost(s, s->active[i], s->active[j]);
      if (c < best) {
        best = c;
        best_r = s->active[i];
        best_s = s->active[j];
      }
    }
  }
  if (best_r < 0) {
    return 0;
  }
  for (nax_index v = 0; v < s->g->n; v++) {
    if (s->label[v] == best_r) {
      nax_i_sbm_detach(s, v);
      nax_i_sbm_attach(s, v, best_s, 0);
    }
  }
  return 1;
}

/* Greedy sweeps until nothing moves. */
static void
settle(nax_i_sbm_state *s, const nax_i_sbm_moves *m, int at_most, nax_index *order)
{
  for (int k = 0; k < at_most; k++) {
    if (nax_i_sbm_sweep(s, m, order) == 0) {
      break;
    }
  }
}

void
nax_i_sbm_polish(nax_i_sbm_state *s, nax_rng *rng, nax_index *scratch)
{
  nax_i_sbm_moves m = {rng, HUGE_VAL, 1, 0, 0};
  nax_index tries = 20 + 4 * s->n_groups;
  for (int round = 0, idle = 0; round < 40 && idle < 3 && !nax_i_stopped(s->g->ctx);
       round++) {
    int helped = nax_i_sbm_sweep(s, &m, scratch) > 0;
    for (nax_index k = 0; k < tries && !nax_i_stopped(s->g->ctx); k++) {
      helped |= nax_i_sbm_split_merge(s, &m, scratch);
    }
    idle = helped ? 0 : idle + 1;
  }
}

nax_status
nax_i_sbm_search(nax_i_sbm_state *s, nax_rng *rng)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index n = s->g->n, *label = NULL, *best = NULL, *scratch = NULL;
  double least = HUGE_VAL;
  NAX_TRY_ALLOC(label, n, sizeof *label);
  NAX_TRY_ALLOC(best, n, sizeof *best);
  NAX_TRY_ALLOC(scratch, 2 * n, sizeof *scratch);
  /* More groups than there can be reason for, dealt evenly in random order. */
  nax_index b = n / 3 < s->max_groups ? n / 3 : s->max_groups;
  nax_index most = 8 + (nax_index)(2.0 * sqrt((double)s->g->n_edges));
  b = b > most ? most : b;
  b = b > 60 ? 60 : b;
  b = b < s->min_groups ? s->min_groups : b;
  b = b < 1 ? 1 : b;
  nax_rng_permutation(rng, n, scratch);
  for (nax_index i = 0; i < n; i++) {
    label[scratch[i]] = i % b;
  }
  nax_i_sbm_state_set(s, label);
  nax_i_sbm_moves warm = {rng, 1.0, 0, 0, 0}, greedy = {rng, HUGE_VAL, 0, 0, 0};
  for (int k = 0; k < 5; k++) {
    (void)nax_i_sbm_sweep(s, &warm, scratch);
  }
  for (;;) {
    settle(s, &greedy, 3, scratch);
    double now = total(s);
    if (now < least) {
      least = now;
      (void)nax_i_sbm_state_get(s, best);
    }
    if (s->n_groups <= s->min_groups || nax_i_stopped(s->g->ctx)) {
      break;
    }
    /* Several merges between sweeps while there are many groups. */
    nax_index merges = 1 + s->n_groups / 8;
    for (nax_index k = 0; k < merges && s->n_groups > s->min_groups; k++) {
      (void)merge_best(s);
    }
  }
  nax_i_sbm_state_set(s, best);
done:
  nax_i_free(label);
  nax_i_free(best);
  nax_i_free(scratch);
  return status;
}

/* --- upper levels ----------------------------------------------------------------------
 */

/* One level as a problem of its own: n items with counts e (n square) into groups, by
 * what a level costs: the counts between its groups as dealt to pairs, its partition, and
 * one group above all. */
typedef struct layer {
  const nax_i_sbm_counts *t;
  nax_index n;
  const nax_index *e;
  nax_index *label, *size, *sum; /* groups; sum: n square counts between groups */
  nax_index n_groups;
} layer;

static double
layer_pair(const layer *y, int same, nax_index a, nax_index b, nax_index e)
{
  return same ? nax_i_sbm_log_multichoose(y->t, a * (a + 1) / 2, e / 2)
              : nax_i_sbm_log_multichoose(y->t, a * b, e);
}

static double
layer_partition(const nax_i_sbm_counts *t, nax_index n, nax_index groups)
{
  return nax_i_sbm_log_factorial(t, n) + nax_i_sbm_log_factorial(t, n - 1) -
         nax_i_sbm_log_factorial(t, groups - 1) - nax_i_sbm_log_factorial(t, n - groups) +
         log((double)n);
}

/* What hangs on the number of groups alone; above them stands one group of all. */
static double
layer_global(const layer *y, nax_index groups, nax_index edges)
{
  double s = layer_partition(y->t, y->n, groups);
  if (groups > 1) {
    s += nax_i_sbm_log_multichoose(y->t, groups * (groups + 1) / 2, edges) +
         layer_partition(y->t, groups, 1) - nax_i_sbm_log_factorial(y->t, groups);
  }
  return s;
}

/* From scratch; labels may be any numbers below n. */
static double
layer_total(layer *y)
{
  nax_index n = y->n, all = 0;
  double s = 0.0;
  memset(y->size, 0, (size_t)n * sizeof *y->size);
  memset(y->sum, 0, (size_t)(n * n) * sizeof *y->sum);
  for (nax_index i = 0; i < n; i++) {
    y->size[y->label[i]]++;
    for (nax_index j = 0; j < n; j++) {
      y->sum[y->label[i] + y->label[j] * n] += y->e[i + j * n];
      all += y->e[i + j * n];
    }
  }
  y->n_groups = 0;
  for (nax_index r = 0; r < n; r++) {
    if (y->size[r] == 0) {
      continue;
    }
    y->n_groups++;
    s -= nax_i_sbm_log_factorial(y->t, y->size[r]);
    for (nax_index q = 0; q <= r; q++) {
      if (y->size[q] > 0) {
        s += layer_pair(y, q == r, y->size[r], y->size[q], y->sum[r + q * n]);
      }
    }
  }
  return s + layer_global(y, y->n_groups, all / 2);
}

/* Change when groups a and b become one, but for what every merge changes alike; sizes
 * and sums are those of the labels. */
static double
layer_merge_cost(const layer *y, nax_index a, nax_index b)
{
  nax_index n = y->n, na = y->size[a], nb = y->size[b];
  double s = nax_i_sbm_log_factorial(y->t, na) + nax_i_sbm_log_factorial(y->t, nb) -
             nax_i_sbm_log_factorial(y->t, na + nb);
  for (nax_index t = 0; t < n; t++) {
    if (t != a && t != b && y->size[t] > 0) {
      s += layer_pair(y, 0, na + nb, y->size[t], y->sum[a + t * n] + y->sum[b + t * n]) -
           layer_pair(y, 0, na, y->size[t], y->sum[a + t * n]) -
           layer_pair(y, 0, nb, y->size[t], y->sum[b + t * n]);
    }
  }
  nax_index within = y->sum[a + a * n] + y->sum[b + b * n] + 2 * y->sum[a + b * n];
  return s + layer_pair(y, 1, na + nb, na + nb, within) -
         layer_pair(y, 1, na, na, y->sum[a + a * n]) -
         layer_pair(y, 1, nb, nb, y->sum[b + b * n]) -
         layer_pair(y, 0, na, nb, y->sum[a + b * n]);
}

/* Item by item into the group that shortens the description, while one does. */
static double
layer_settle(layer *y, double now)
{
  nax_index n = y->n;
  for (int moved = 1, round = 0; moved && round < 10; round++) {
    moved = 0;
    for (nax_index i = 0; i < n; i++) {
      nax_index home = y->label[i], go = home;
      for (nax_index r = 0; r < n; r++) {
        if (r == home || y->size[r] == 0) {
          continue;
        }
        y->label[i] = r;
        double s = layer_total(y);
        if (s < now - 1e-9) {
          now = s;
          go = r;
        }
        y->label[i] = home;
        (void)layer_total(y);
      }
      moved |= go != home;
      y->label[i] = go;
      (void)layer_total(y);
    }
  }
  return now;
}

/* Groups of the items of y: merged one by one from single items, the best kept; item by
 * item moves where there are few. */
static void
fit_layer(layer *y, nax_index *best)
{
  enum { FEW = 40 };
  nax_index n = y->n;
  memset(y->label, 0, (size_t)n * sizeof *y->label);
  memset(best, 0, (size_t)n * sizeof *best);
  double least = layer_total(y);
  for (nax_index i = 0; i < n; i++) {
    y->label[i] = i;
  }
  (void)layer_total(y);
  while (y->n_groups > 1) {
    nax_index from = -1, to = -1;
    double lowest = HUGE_VAL;
    for (nax_index a = 0; a < n; a++) {
      for (nax_index b = 0; y->size[a] > 0 && b < a; b++) {
        double s = y->size[b] > 0 ? layer_merge_cost(y, a, b) : HUGE_VAL;
        if (s < lowest) {
          lowest = s;
          from = a;
          to = b;
        }
      }
    }
    for (nax_index i = 0; i < n; i++) {
      y->label[i] = y->label[i] == from ? to : y->label[i];
    }
    double now = layer_total(y);
    if (n <= FEW) {
      now = layer_settle(y, now);
    }
    if (now < least) {
      least = now;
      memcpy(best, y->label, (size_t)n * sizeof *best);
    }
  }
  memcpy(y->label, best, (size_t)n * sizeof *best);
  (void)layer_total(y);
}

/* Upper levels of s from the groups it has. */
nax_status
nax_i_sbm_stack(nax_i_sbm_state *s)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index n = s->n_groups;
  nax_index *e = NULL, *label = NULL, *work = NULL, *best = NULL, *slot = NULL;
  NAX_TRY_ALLOC(e, n, (size_t)n * sizeof *e);
  NAX_TRY_ALLOC(label, n, sizeof *label);
  NAX_TRY_ALLOC(work, n + 1, (size_t)(n + 1) * sizeof *work);
  NAX_TRY_ALLOC(best, n, sizeof *best);
  NAX_TRY_ALLOC(slot, n, sizeof *slot); /* items of this level in the level below */
  for (nax_index i = 0; i < n; i++) {
    slot[i] = s->active[i];
    for (nax_index j = 0; j < n; j++) {
      e[i + j * n] = s->e[s->active[i] + s->active[j] * s->cap];
    }
  }
  s->n_upper = 0;
  s->nested = 1;
  for (int l = 0; l < NAX_I_SBM_MAX_UPPER; l++) {
    nax_i_sbm_upper *u = &s->upper[l];
    layer y = {&s->g->table, n, e, label, work, work + n, 0};
    int last = l == NAX_I_SBM_MAX_UPPER - 1 || n == 1;
    for (nax_index i = 0; i < n; i++) {
      label[i] = 0;
    }
    if (!last) {
      fit_layer(&y, best);
    }
    /* number the groups, and write the level */
    nax_index groups = 0;
    for (nax_index i = 0; i < n; i++) {
      best[i] = -1;
    }
    for (nax_index i = 0; i < n; i++) {
      if (best[label[i]] < 0) {
        best[label[i]] = groups++;
      }
    }
    if (groups > u->cap) { /* hardly a grouping: leave it at one */
      memset(label, 0, (size_t)n * sizeof *label);
      best[0] = 0;
      groups = 1;
    }
    memset(u->size, 0, (size_t)u->cap * sizeof *u->size);
    memset(u->e, 0, (size_t)(u->cap * u->cap) * sizeof *u->e);
    for (nax_index i = 0; i < n; i++) {
      nax_index r = best[label[i]];
      u->parent[slot[i]] = r;
      u->size[r]++;
      for (nax_index j = 0; j < n; j++) {
        u->e[r + best[label[j]] * u->cap] += e[i + j * n];
      }
    }
    u->n_groups = u->n_used = groups;
    s->n_upper = l + 1;
    if (groups == 1) {
      break;
    }
    for (nax_index i = 0; i < groups; i++) {
      slot[i] = i;
      for (nax_index j = 0; j < groups; j++) {
        e[i + j * groups] = u->e[i + j * u->cap];
      }
    }
    n = groups;
  }
done:
  nax_i_free(e);
  nax_i_free(label);
  nax_i_free(work);
  nax_i_free(best);
  nax_i_free(slot);
  return status;
}

nax_status
nax_i_sbm_nest(nax_i_sbm_state *s, nax_rng *rng)
{
  enum { ROUNDS = 8 };
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_index n = s->g->n, *best = NULL, *scratch = NULL;
  NAX_TRY_ALLOC(best, n, sizeof *best);
  NAX_TRY_ALLOC(scratch, 2 * n, sizeof *scratch);
  NAX_TRY(nax_i_sbm_stack(s));
  double least = total(s);
  (void)nax_i_sbm_state_get(s, best);
  for (int k = 0; k < ROUNDS; k++) {
    nax_i_sbm_polish(s, rng, scratch);
    NAX_TRY(nax_i_sbm_stack(s));
    double now = total(s);
    if (now >= least - 1e-9) {
      break;
    }
    least = now;
    (void)nax_i_sbm_state_get(s, best);
  }
  nax_i_sbm_state_set(s, best);
  NAX_TRY(nax_i_sbm_stack(s));
done:
  nax_i_free(best);
  nax_i_free(scratch);
  return status;
}
