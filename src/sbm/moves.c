/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves between partitions that leave exp(-beta S) invariant. */
#include "sbm_i.h"
#include <math.h>

/* Draw from n costs: probability proportional to exp(-beta cost); the first smallest when
 * beta is infinite. */
static nax_index
draw(const nax_i_sbm_moves *m, nax_index n, const double *cost)
{
  nax_index best = 0;
  double sum = 0.0, u;
  for (nax_index i = 1; i < n; i++) {
    best = cost[i] < cost[best] ? i : best;
  }
  if (isinf(m->beta)) {
    return best;
  }
  for (nax_index i = 0; i < n; i++) {
    sum += exp(-m->beta * (cost[i] - cost[best]));
  }
  u = nax_rng_uniform(m->rng) * sum;
  for (nax_index i = 0; i < n; i++) {
    u -= exp(-m->beta * (cost[i] - cost[best]));
    if (u < 0.0) {
      return i;
    }
  }
  return best;
}

/* Slots that the node in hand may go to, in s->option; returns how many. It was in slot
 * `home`, or, with -1, alone; `may` says whether it may be alone. What is drawn are the
 * options but that where it was: so the way back is offered as often. */
static nax_index
offer(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index home, int *may)
{
  nax_index n = s->n_groups, *o = s->option;
  memcpy(o, s->active, (size_t)n * sizeof *o);
  nax_index all = n + *may, at = home < 0 ? n : s->where[home];
  if (m->most == 0 || all <= m->most) {
    return n;
  }
  o[n] = -1; /* alone */
  o[at] = o[0];
  o[0] = home;
  for (nax_index k = 1; k < m->most; k++) {
    nax_index q = k + nax_rng_below(m->rng, all - k), was = o[k];
    o[k] = o[q];
    o[q] = was;
  }
  *may = 0;
  n = 0;
  for (nax_index k = 0; k < m->most; k++) {
    *may = *may || o[k] < 0;
    o[n] = o[k];
    n += o[k] >= 0;
  }
  return n;
}

/* Node v into a group drawn from the distribution given all others; 1 when it moved. */
static int
resettle(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index v)
{
  nax_index from = s->label[v], parent = s->upper[0].parent[from];
  int alone = s->size[from] == 1;
  if (alone && (s->n_groups <= s->min_groups || s->upper[0].size[parent] == 1)) {
    return 0; /* groups above must not become empty, and there are enough below */
  }
  nax_i_sbm_detach(s, v);
  nax_index births = 0;
  double *cost = s->cost;
  nax_index slot = alone ? from : nax_i_sbm_free_slot(s);
  int may = (m->births || alone) && slot >= 0 && s->n_groups < s->max_groups;
  nax_index n = offer(s, m, alone ? -1 : from, &may);
  nax_i_sbm_attach_costs(s, v, n, s->option, cost);
  /* A group of its own, under each group of level 1. */
  nax_index above = s->upper[0].n_used;
  for (nax_index r = 0; may && r < above && n + births <= s->cap; r++) {
    if (s->upper[0].size[r] > 0 || (alone && r == parent)) {
      double labels = m->posterior ? log((double)s->n_groups + 1.0) : 0.0;
      s->cost[s->cap + 1 + births] = (double)r;
      cost[n + births++] = nax_i_sbm_attach_cost(s, v, slot, r) - labels;
    }
  }
  nax_index to = draw(m, n + births, cost);
  if (to < n) {
    to = s->option[to];
    parent = 0;
  } else {
    parent = (nax_index)s->cost[s->cap + 1 + to - n];
    to = slot;
  }
  nax_i_sbm_attach(s, v, to, parent);
  return to != from;
}

nax_index
nax_i_sbm_sweep(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index *order)
{
  nax_index moved = 0;
  nax_rng_permutation(m->rng, s->g->n, order);
  for (nax_index i = 0; i < s->g->n; i++) {
    if (i % 8 == 0 && nax_i_stopped(s->g->ctx)) {
      break;
    }
    moved += resettle(s, m, order[i]);
  }
  return moved;
}

/* --- split and merge
 * --------------------------------------------------------------------- */

/* Node v between the groups in slots a and b. `forced` (-1: none) is where it must go;
 * returns the log probability of the choice, and in `change` what it adds to S. */
static double
choose(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index v, const nax_index ab[2],
       nax_index forced, double *change)
{
  double beta = isinf(m->beta) ? 1.0 : m->beta, cost[2];
  nax_index from = s->label[v];
  nax_i_sbm_detach(s, v);
  cost[0] = nax_i_sbm_attach_cost(s, v, ab[0], 0);
  cost[1] = nax_i_sbm_attach_cost(s, v, ab[1], 0);
  double d = beta * (cost[1] - cost[0]); /* log odds of the first */
  double log_p0 = d > 0.0 ? -log1p(exp(-d)) : d - log1p(exp(d));
  double log_p1 = d > 0.0 ? -d - log1p(exp(-d)) : -log1p(exp(d));
  int second = forced >= 0 ? forced == ab[1] : log(nax_rng_uniform_pos(m->rng)) >= log_p0;
  nax_i_sbm_attach(s, v, ab[second], 0);
  *change += cost[second] - (from == ab[0] ? cost[0] : cost[1]);
  return second ? log_p1 : log_p0;
}

enum { SCANS = 3 };

/* From a random division of the members between two groups through restricted scans; the
 * last scan ends in `target` when given. Returns its log probability. */
static double
divide(nax_i_sbm_state *s, const nax_i_sbm_moves *m, const nax_index *member, nax_index n,
       const nax_index ab[2], const nax_index *target, double *change)
{
  double log_p = 0.0;
  for (nax_index i = 0; i < n; i++) {
    nax_index to = ab[nax_rng_below(m->rng, 2)], from = s->label[member[i]];
    nax_i_sbm_detach(s, member[i]);
    *change += nax_i_sbm_attach_cost(s, member[i], to, 0) -
               nax_i_sbm_attach_cost(s, member[i], from, 0);
    nax_i_sbm_attach(s, member[i], to, 0);
  }
  for (int k = 0; k <= SCANS; k++) {
    log_p = 0.0;
    for (nax_index i = 0; i < n; i++) {
      nax_index forced = k == SCANS && target != NULL ? target[i] : -1;
      log_p += choose(s, m, member[i], ab, forced, change);
    }
  }
  return log_p;
}

/* Put members back to where they were. */
static void
restore(nax_i_sbm_state *s, const nax_index *member, nax_index n, const nax_index *was,
        nax_index parent)
{
  for (nax_index i = 0; i < n; i++) {
    if (s->label[member[i]] != was[i]) {
      nax_i_sbm_detach(s, member[i]);
      nax_i_sbm_attach(s, member[i], was[i], parent);
    }
  }
}

static int
accept(const nax_i_sbm_moves *m, double change, double log_q)
{
  if (isinf(m->beta)) {
    return change < -1e-9;
  }
  double log_a = -m->beta * change + log_q;
  return log_a >= 0.0 || log(nax_rng_uniform_pos(m->rng)) < log_a;
}

/* Members of the groups of i and j but those two, and where they are. */
static nax_index
gather_members(const nax_i_sbm_state *s, nax_index i, nax_index j, nax_index *member,
               nax_index *was)
{
  nax_index n = 0;
  for (nax_index v = 0; v < s->g->n; v++) {
    if (v != i && v != j && (s->label[v] == s->label[i] || s->label[v] == s->label[j])) {
      member[n] = v;
      was[n++] = s->label[v];
    }
  }
  return n;
}

static int
try_split(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index i, nax_index *member,
          nax_index *was, nax_index n)
{
  nax_index old = s->label[i], parent = s->upper[0].parent[old];
  nax_index slot = s->n_groups < s->max_groups ? nax_i_sbm_free_slot(s) : -1;
  if (slot < 0) {
    return 0;
  }
  double change, log_p;
  nax_index ab[2] = {slot, old}, groups = s->n_groups;
  nax_i_sbm_detach(s, i);
  change = nax_i_sbm_attach_cost(s, i, slot, parent) -
           nax_i_sbm_attach_cost(s, i, old, parent);
  nax_i_sbm_attach(s, i, slot, parent);
  log_p = divide(s, m, member, n, ab, NULL, &change);
  change -= m->posterior ? log((double)groups + 1.0) : 0.0;
  if (accept(m, change, -log_p)) {
    return 1;
  }
  restore(s, member, n, was, parent);
  nax_i_sbm_detach(s, i);
  nax_i_sbm_attach(s, i, old, parent);
  return 0;
}

static int
try_merge(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index i, nax_index j,
          nax_index *member, nax_index *was, nax_index n)
{
  nax_index a = s->label[i], b = s->label[j], parent = s->upper[0].parent[a];
  if (s->upper[0].parent[b] != parent || s->n_groups <= s->min_groups) {
    return 0;
  }
  double change = 0.0, log_p = 0.0;
  nax_index ab[2] = {a, b}, groups = s->n_groups;
  if (!isinf(m->beta)) { /* how probable is the split that would lead back? */
    log_p = divide(s, m, member, n, ab, was, &change);
  } else if (!accept(m, nax_i_sbm_merge_cost(s, a, b), 0.0)) {
    return 0;
  }
  change = 0.0; /* the forced scan ended where it began */
  for (nax_index k = 0; k < n; k++) {
    if (s->label[member[k]] == a) {
      nax_i_sbm_detach(s, member[k]);
      change += nax_i_sbm_attach_cost(s, member[k], b, parent) -
                nax_i_sbm_attach_cost(s, member[k], a, parent);
      nax_i_sbm_attach(s, member[k], b, parent);
    }
  }
  nax_i_sbm_detach(s, i);
  change +=
      nax_i_sbm_attach_cost(s, i, b, parent) - nax_i_sbm_attach_cost(s, i, a, parent);
  nax_i_sbm_attach(s, i, b, parent);
  change += m->posterior ? log((double)groups) : 0.0;
  if (accept(m, change, log_p)) {
    return 1;
  }
  nax_i_sbm_detach(s, i);
  nax_i_sbm_attach(s, i, a, parent);
  restore(s, member, n, was, parent);
  return 0;
}

int
nax_i_sbm_split_merge(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index *scratch)
{
  nax_index n = s->g->n, i = nax_rng_below(m->rng, n), j = nax_rng_below(m->rng, n - 1);
  nax_index *member = scratch, *was = scratch + n;
  j += j >= i;
  nax_index k = gather_members(s, i, j, member, was);
  return s->label[i] == s->label[j] ? try_split(s, m, i, member, was, k)
                                    : try_merge(s, m, i, j, member, was, k);
}
