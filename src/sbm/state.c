/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A partition with its counts: description length from scratch, and what changes when a
 * node goes from one group to another. */
#include "sbm_i.h"
#include <math.h>

void
nax_i_sbm_state_free(nax_i_sbm_state *s)
{
  nax_index **all[] = {&s->label, &s->size, &s->degree,  &s->active, &s->where, &s->e,
                       &s->eta,   &s->k,    &s->touched, &s->joint,  &s->option};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(*all[i]);
    *all[i] = NULL;
  }
  for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
    nax_i_free(s->x[q]);
    nax_i_free(s->kx[q]);
    s->x[q] = s->kx[q] = NULL;
  }
  for (int l = 0; l < NAX_I_SBM_MAX_UPPER; l++) {
    nax_i_free(s->upper[l].parent);
    nax_i_free(s->upper[l].size);
    nax_i_free(s->upper[l].e);
    nax_i_free(s->upper[l].k);
    s->upper[l] = (nax_i_sbm_upper){.cap = 0};
  }
  for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
    nax_i_free(s->to_x[q]);
    s->to_x[q] = NULL;
  }
  nax_i_free(s->term);
  nax_i_free(s->to);
  nax_i_free(s->home);
  nax_i_free(s->cost);
  nax_i_free(s->above);
  nax_i_free(s->own);
  nax_i_free(s->log_of);
  nax_i_free(s->less);
  nax_i_free(s->q);
  s->cost = s->term = s->above = s->own = s->log_of = s->less = NULL;
  s->to = s->home = NULL;
  s->q = NULL;
}

/* Counts of each node to each group are kept when there are many more neighbours than
 * groups to look at for a move, and the memory for them is no more than a few times that
 * of the graph. */
static int
is_dense(const nax_i_sbm_graph *g, nax_index cap)
{
  enum { MANY = 64 };
  nax_index neighbours = g->first[g->n];
  return neighbours > MANY * g->n && g->n * cap <= 4 * neighbours;
}

nax_status
nax_i_sbm_state_init(nax_ctx *ctx, const nax_i_sbm_graph *g, int corrected, nax_index cap,
                     nax_i_sbm_state *s)
{
  nax_status status = NAX_OK;
  size_t square = (size_t)cap * sizeof(nax_index);
  *s = (nax_i_sbm_state){.g = g,
                         .corrected = corrected,
                         .cap = cap,
                         .min_groups = 1,
                         .max_groups = cap,
                         .n_upper = 1};
  NAX_TRY_ALLOC(s->label, g->n, sizeof *s->label);
  NAX_TRY_ALLOC(s->size, cap, sizeof *s->size);
  NAX_TRY_ALLOC(s->degree, cap, sizeof *s->degree);
  NAX_TRY_ALLOC(s->active, cap, sizeof *s->active);
  NAX_TRY_ALLOC(s->where, cap, sizeof *s->where);
  NAX_TRY_ALLOC(s->e, cap, square);
  NAX_TRY_ALLOC(s->k, cap, sizeof *s->k);
  NAX_TRY_ALLOC(s->touched, cap, sizeof *s->touched);
  NAX_TRY_ALLOC(s->cost, 3 * (cap + 1), sizeof *s->cost);
  NAX_TRY_ALLOC(s->above, cap, sizeof *s->above);
  NAX_TRY_ALLOC(s->joint, cap, sizeof *s->joint);
  NAX_TRY_ALLOC(s->log_of, cap + 8, sizeof *s->log_of); /* to a multiple of 8 */
  NAX_TRY_ALLOC(s->option, cap + 1, sizeof *s->option);
  NAX_TRY_ALLOC(s->own, cap, sizeof *s->own);
  NAX_TRY_ALLOC(s->less, cap, sizeof *s->less);
  NAX_TRY_ALLOC(s->term, cap, (size_t)cap * sizeof(double));
  for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
    NAX_TRY_ALLOC(s->x[q], cap, (size_t)cap * sizeof(double));
    NAX_TRY_ALLOC(s->kx[q], cap, sizeof(double));
  }
  if (is_dense(g, cap)) {
    NAX_TRY_ALLOC(s->home, g->n, sizeof *s->home);
    NAX_TRY_ALLOC(s->to, g->n, (size_t)cap * sizeof *s->to);
    for (int q = 0; q < g->n_sums; q++) {
      NAX_TRY_ALLOC(s->to_x[q], g->n, (size_t)cap * sizeof(double));
    }
  }
  if (corrected) {
    NAX_TRY_ALLOC(s->q, NAX_I_SBM_REMEMBER, sizeof *s->q);
    NAX_TRY_ALLOC(s->eta, cap, (size_t)g->n_degrees * sizeof *s->eta);
  }
  for (int l = 0; l < NAX_I_SBM_MAX_UPPER; l++) {
    nax_i_sbm_upper *u = &s->upper[l];
    u->cap = cap;
    NAX_TRY_ALLOC(u->parent, cap, sizeof *u->parent);
    NAX_TRY_ALLOC(u->size, cap, sizeof *u->size);
    NAX_TRY_ALLOC(u->k, cap, sizeof *u->k);
    NAX_TRY_ALLOC(u->e, cap, square);
    cap = cap > 1 ? (cap + 1) / 2 : 1;
    square = (size_t)cap * sizeof(nax_index);
    u->cap = cap;
  }
done:
  return status;
}

/* --- pieces of the description length -------------------------------------------------
 */

/* The weights of m edges add (of_each m + once) log(argument). */
typedef struct power {
  double of_each, once;
} power;

static power
power_of(const nax_i_sbm_graph *g)
{
  switch (g->weights) {
  case NAX_SBM_EXPONENTIAL:
    return (power){1.0, -1.0};
  case NAX_SBM_GAMMA:
    return (power){g->par[0], g->par[1]};
  case NAX_SBM_LOGNORMAL:
    return (power){0.5, g->par[2]};
  case NAX_SBM_NONE:
  case NAX_SBM_WEIGHTS_FORCE_INT:
    break;
  }
  return (power){0.0, 0.0};
}

static double
argument(const nax_i_sbm_graph *g, nax_index edges, double x0, double x1)
{
  if (g->weights == NAX_SBM_LOGNORMAL) {
    double m = (double)edges, mean = x0 / m, off = mean - g->par[0];
    double spread = fmax(x1 - x0 * mean, 0.0);
    return g->par[3] + 0.5 * spread + 0.5 * g->par[1] * m * off * off / (g->par[1] + m);
  }
  return g->weights == NAX_SBM_GAMMA ? g->par[2] + x0 : x0;
}

static double
fixed_term(const nax_i_sbm_graph *g, nax_index edges)
{
  return g->fixed != NULL ? g->fixed[edges] : nax_i_sbm_fixed(g, edges);
}

static const double log_2 = 0.69314718055994530942;

/* Edges and weights between two groups (or within one). */
static double
pair_term(const nax_i_sbm_graph *g, int same, nax_index e, double x0, double x1)
{
  if (e == 0) {
    return 0.0;
  }
  nax_index edges = same ? e / 2 : e;
  double m = (double)edges, s = -fixed_term(g, edges) - (same ? m * log_2 : 0.0);
  if (g->weights != NAX_SBM_NONE) {
    power p = power_of(g);
    s += (p.of_each * m + p.once) * log(argument(g, edges, x0, x1));
  }
  return s;
}

/* The edges alone. */
static double
edges_term(const nax_i_sbm_graph *g, int same, nax_index e)
{
  nax_index edges = same ? e / 2 : e;
  return -nax_i_sbm_log_factorial(&g->table, edges) -
         (same ? (double)edges * log_2 : 0.0);
}

static double
log_q(const nax_i_sbm_state *s, nax_index m, nax_index k)
{
  if (m <= s->g->table.q_max || m <= 0 || k <= 0) {
    return nax_i_sbm_log_q(&s->g->table, m, k);
  }
  nax_i_sbm_remembered *r = &s->q[(size_t)(m * 31 + k) % NAX_I_SBM_REMEMBER];
  if (r->m != m || r->k != k) {
    *r = (nax_i_sbm_remembered){m, k, nax_i_sbm_log_q(&s->g->table, m, k)};
  }
  return r->log_q;
}

/* What the group itself adds: adjacency given e_r and n_r, degrees, partition; without
 * the counts of degrees. */
static double
group_term(const nax_i_sbm_state *s, nax_index size, nax_index degree)
{
  const nax_i_sbm_counts *t = &s->g->table;
  if (size == 0) {
    return 0.0;
  }
  if (!s->corrected) {
    return (double)degree * log((double)size) - nax_i_sbm_log_factorial(t, size);
  }
  /* ln e_r! + ln n_r! + ln q, and -ln n_r! of the partition */
  return nax_i_sbm_log_factorial(t, degree) + log_q(s, degree, size);
}

/* Terms that hang on the number of groups and of joined pairs alone. */
static double
global_term(const nax_i_sbm_state *s, nax_index n_groups, nax_index n_pairs)
{
  const nax_i_sbm_counts *t = &s->g->table;
  double x = nax_i_sbm_log_factorial(t, s->g->n - 1) -
             nax_i_sbm_log_factorial(t, n_groups - 1) -
             nax_i_sbm_log_factorial(t, s->g->n - n_groups);
  if (s->g->weights == NAX_SBM_EXPONENTIAL && n_pairs > 0) {
    x += (double)(n_pairs - 1) * log(s->g->sum) - nax_i_sbm_log_factorial(t, n_pairs - 1);
  }
  return x;
}

/* Edges between two upper groups of so many groups below. */
static double
upper_pair(const nax_i_sbm_state *s, int same, nax_index a, nax_index b, nax_index e)
{
  return same ? nax_i_sbm_log_multichoose(&s->g->table, a * (a + 1) / 2, e / 2)
              : nax_i_sbm_log_multichoose(&s->g->table, a * b, e);
}

/* Partition of n groups below into the groups of one upper level. */
static double
upper_partition(const nax_i_sbm_state *s, nax_index n, nax_index groups)
{
  const nax_i_sbm_counts *t = &s->g->table;
  if (!s->nested || n == 0) {
    return 0.0;
  }
  return nax_i_sbm_log_factorial(t, n) + nax_i_sbm_log_factorial(t, n - 1) -
         nax_i_sbm_log_factorial(t, groups - 1) - nax_i_sbm_log_factorial(t, n - groups) +
         log((double)n);
}

double
nax_i_sbm_upper_terms(const nax_i_sbm_state *s)
{
  double sum = 0.0;
  nax_index below = s->n_groups;
  for (int l = 0; l < s->n_upper; l++) {
    const nax_i_sbm_upper *u = &s->upper[l];
    for (nax_index r = 0; r < u->n_used; r++) {
      if (u->size[r] == 0) {
        continue;
      }
      sum -= s->nested ? nax_i_sbm_log_factorial(&s->g->table, u->size[r]) : 0.0;
      for (nax_index q = 0; q <= r; q++) {
        if (u->size[q] > 0) {
          sum += upper_pair(s, q == r, u->size[r], u->size[q], u->e[r + q * u->cap]);
        }
      }
    }
    sum += upper_partition(s, below, u->n_groups);
    below = u->n_groups;
  }
  return sum;
}

nax_sbm_terms
nax_i_sbm_terms(const nax_i_sbm_state *s)
{
  const nax_i_sbm_graph *g = s->g;
  const nax_i_sbm_counts *t = &g->table;
  nax_sbm_terms d = {.adjacency = g->adjacency, .weights = g->constant};
  nax_index b = s->n_groups;
  d.partition = nax_i_sbm_log_factorial(t, g->n) + log((double)g->n);
  d.partition += nax_i_sbm_log_factorial(t, g->n - 1) -
                 nax_i_sbm_log_factorial(t, b - 1) - nax_i_sbm_log_factorial(t, g->n - b);
  for (nax_index i = 0; i < b; i++) {
    nax_index r = s->active[i];
    d.partition -= nax_i_sbm_log_factorial(t, s->size[r]);
    if (!s->corrected) {
      d.adjacency += (double)s->degree[r] * log((double)s->size[r]);
    } else {
      d.adjacency += nax_i_sbm_log_factorial(t, s->degree[r]);
      d.degrees += nax_i_sbm_log_factorial(t, s->size[r]) +
                   nax_i_sbm_log_q(t, s->degree[r], s->size[r]);
      for (nax_index k = 0; k < g->n_degrees; k++) {
        d.degrees -= nax_i_sbm_log_factorial(t, s->eta[k + r * g->n_degrees]);
      }
    }
    for (nax_index j = 0; j <= i; j++) {
      nax_index q = s->active[j], at = r + q * s->cap;
      double plain = edges_term(g, i == j, s->e[at]);
      d.adjacency += plain;
      d.weights += pair_term(g, i == j, s->e[at], s->x[0][at], s->x[1][at]) - plain;
    }
  }
  d.adjacency -= s->corrected ? g->degrees : 0.0;
  if (g->weights == NAX_SBM_EXPONENTIAL) {
    d.totals = (double)(s->n_pairs - 1) * log(g->sum) -
               nax_i_sbm_log_factorial(t, s->n_pairs - 1);
  }
  d.edges = nax_i_sbm_upper_terms(s);
  d.total = d.adjacency + d.degrees + d.partition + d.edges + d.weights + d.totals;
  return d;
}

/* --- setting --------------------------------------------------------------------------
 */

static void
activate(nax_i_sbm_state *s, nax_index r)
{
  s->where[r] = s->n_groups;
  s->active[s->n_groups++] = r;
}

static void
deactivate(nax_i_sbm_state *s, nax_index r)
{
  nax_index last = s->active[--s->n_groups];
  s->active[s->where[r]] = last;
  s->where[last] = s->where[r];
}

static void
count_edges(nax_i_sbm_state *s, nax_index r, nax_index q, nax_index e, const double *x)
{
  nax_index at = r + q * s->cap, mirror = q + r * s->cap;
  int before = s->e[at] != 0;
  s->e[at] += e;
  s->e[mirror] = s->e[at];
  for (int k = 0; k < s->g->n_sums; k++) {
    /* what is empty is exactly empty: no rounding stays behind */
    s->x[k][at] = s->e[at] == 0 ? 0.0 : s->x[k][at] + x[k];
    s->x[k][mirror] = s->x[k][at];
  }
  s->n_pairs += (s->e[at] != 0) - before;
}

/* What a pair of groups adds, kept for the many moves that are looked at between two. */
static void
take_term(nax_i_sbm_state *s, nax_index r, nax_index q)
{
  nax_index at = r + q * s->cap;
  s->term[at] = pair_term(s->g, r == q, s->e[at], s->x[0][at], s->x[1][at]);
  s->term[q + r * s->cap] = s->term[at];
}

/* Edges and sums of the neighbours of node v to slot r grow by those to v (sign 1) or
 * shrink (-1). */
static void
tell_neighbours(nax_i_sbm_state *s, nax_index v, nax_index r, nax_index sign)
{
  const nax_i_sbm_graph *g = s->g;
  nax_index *to = s->to + r * g->n;
  for (nax_index a = g->first[v]; a < g->first[v + 1]; a++) {
    to[g->nbr[a]] += sign * g->count[a];
  }
  for (int q = 0; q < g->n_sums; q++) {
    double *x = s->to_x[q] + r * g->n, part = (double)sign;
    for (nax_index a = g->first[v]; a < g->first[v + 1]; a++) {
      x[g->nbr[a]] += part * g->x[q][a];
    }
  }
}

/* Edges of every node to every group from scratch. */
static void
count_neighbours(nax_i_sbm_state *s)
{
  const nax_i_sbm_graph *g = s->g;
  if (s->to == NULL) {
    return;
  }
  memset(s->to, 0, (size_t)(g->n * s->cap) * sizeof *s->to);
  for (int q = 0; q < g->n_sums; q++) {
    memset(s->to_x[q], 0, (size_t)(g->n * s->cap) * sizeof(double));
  }
  memcpy(s->home, s->label, (size_t)g->n * sizeof *s->home);
  for (nax_index v = 0; v < g->n; v++) {
    tell_neighbours(s, v, s->home[v], 1);
  }
}

void
nax_i_sbm_state_set(nax_i_sbm_state *s, const nax_index *label)
{
  const nax_i_sbm_graph *g = s->g;
  size_t square = (size_t)(s->cap * s->cap);
  memset(s->size, 0, (size_t)s->cap * sizeof *s->size);
  memset(s->degree, 0, (size_t)s->cap * sizeof *s->degree);
  memset(s->e, 0, square * sizeof *s->e);
  memset(s->term, 0, square * sizeof *s->term);
  for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
    memset(s->x[q], 0, square * sizeof(double));
  }
  if (s->corrected) {
    memset(s->eta, 0, (size_t)(s->cap * g->n_degrees) * sizeof *s->eta);
  }
  s->n_groups = s->n_pairs = 0;
  for (nax_index i = 0; i < g->n; i++) {
    nax_index r = label[i];
    s->label[i] = r;
    if (s->size[r]++ == 0) {
      activate(s, r);
    }
    s->degree[r] += g->degree[i];
    if (s->corrected) {
      s->eta[g->degree_id[i] + r * g->n_degrees]++;
    }
  }
  for (nax_index i = 0; i < g->n; i++) {
    double x[NAX_I_SBM_SUMS];
    for (nax_index k = g->first[i]; k < g->first[i + 1]; k++) {
      if (g->nbr[k] > i) {
        int same = label[i] == label[g->nbr[k]];
        x[0] = g->x[0][k];
        x[1] = g->x[1][k];
        count_edges(s, label[i], label[g->nbr[k]], g->count[k] * (same ? 2 : 1), x);
      }
    }
    if (g->loop[i] > 0) {
      x[0] = g->loop_x[0][i];
      x[1] = g->loop_x[1][i];
      count_edges(s, label[i], label[i], g->loop[i], x);
    }
  }
  for (nax_index r = 0; r < s->cap; r++) {
    s->own[r] = group_term(s, s->size[r], s->degree[r]);
  }
  for (nax_index i = 0; i < s->n_groups; i++) {
    for (nax_index j = 0; j <= i; j++) {
      take_term(s, s->active[i], s->active[j]);
    }
  }
  count_neighbours(s);
  nax_i_sbm_upper *u = &s->upper[0];
  memset(u->parent, 0, (size_t)s->cap * sizeof *u->parent);
  memset(u->size, 0, (size_t)u->cap * sizeof *u->size);
  memset(u->e, 0, (size_t)(u->cap * u->cap) * sizeof *u->e);
  s->n_upper = 1;
  u->n_groups = u->n_used = 1;
  u->size[0] = s->n_groups;
  u->e[0] = 2 * g->n_edges;
}

void
nax_i_sbm_copy(nax_i_sbm_state *s, const nax_i_sbm_state *from)
{
  nax_i_sbm_state_set(s, from->label);
  nax_index below = s->cap;
  s->nested = from->nested;
  s->n_upper = from->n_upper;
  for (int l = 0; l < from->n_upper; l++) {
    const nax_i_sbm_upper *u = &from->upper[l];
    nax_i_sbm_upper *to = &s->upper[l];
    memcpy(to->parent, u->parent, (size_t)below * sizeof *u->parent);
    memcpy(to->size, u->size, (size_t)u->cap * sizeof *u->size);
    memcpy(to->e, u->e, (size_t)(u->cap * u->cap) * sizeof *u->e);
    to->n_groups = u->n_groups;
    to->n_used = u->n_used;
    below = u->cap;
  }
}

nax_index
nax_i_sbm_state_get(const nax_i_sbm_state *s, nax_index *label)
{
  for (nax_index i = 0; i < s->g->n; i++) {
    nax_index r = s->label[i];
    label[i] = 0;
    for (nax_index q = 0; q < r; q++) {
      label[i] += s->size[q] > 0;
    }
  }
  return s->n_groups;
}

nax_index
nax_i_sbm_free_slot(const nax_i_sbm_state *s)
{
  for (nax_index r = 0; r < s->cap && s->n_groups < s->cap; r++) {
    if (s->size[r] == 0) {
      return r;
    }
  }
  return -1;
}

/* --- one node in hand ------------------------------------------------------------------
 */

/* Half-edges and sums of node v to each group, from the labels of its neighbours. */
static void
take_in_hand(nax_i_sbm_state *s, nax_index v)
{
  const nax_i_sbm_graph *g = s->g;
  for (nax_index i = 0; i < s->n_touched; i++) {
    s->k[s->touched[i]] = 0;
    s->kx[0][s->touched[i]] = s->kx[1][s->touched[i]] = 0.0;
  }
  s->n_touched = 0;
  for (nax_index i = 0; s->to != NULL && i < s->n_groups; i++) {
    nax_index r = s->active[i], k = s->to[v + r * g->n];
    if (k > 0) {
      s->touched[s->n_touched++] = r;
      s->k[r] = k;
      for (int q = 0; q < g->n_sums; q++) {
        s->kx[q][r] = s->to_x[q][v + r * g->n];
      }
    }
  }
  for (nax_index a = g->first[v]; s->to == NULL && a < g->first[v + 1]; a++) {
    nax_index r = s->label[g->nbr[a]];
    if (s->k[r] == 0) {
      s->touched[s->n_touched++] = r;
    }
    s->k[r] += g->count[a];
    for (int q = 0; q < g->n_sums; q++) {
      s->kx[q][r] += g->x[q][a];
    }
  }
  for (int l = 0; l < s->n_upper; l++) {
    nax_i_sbm_upper *u = &s->upper[l];
    memset(u->k, 0, (size_t)u->n_used * sizeof *u->k);
    if (l == 0) {
      for (nax_index i = 0; i < s->n_touched; i++) {
        u->k[u->parent[s->touched[i]]] += s->k[s->touched[i]];
      }
    } else {
      const nax_i_sbm_upper *below = &s->upper[l - 1];
      for (nax_index r = 0; r < below->n_used; r++) {
        if (below->k[r] > 0) {
          u->k[u->parent[r]] += below->k[r];
        }
      }
    }
  }
}

/* Add (sign 1) or take away (-1) the edges of the node in hand at the upper levels. */
static void
move_upper(nax_i_sbm_state *s, nax_index v, nax_index r, nax_index sign)
{
  for (int l = 0; l < s->n_upper; l++) {
    nax_i_sbm_upper *u = &s->upper[l];
    r = u->parent[r];
    for (nax_index t = 0; t < u->n_used; t++) {
      if (u->k[t] > 0) {
        u->e[r + t * u->cap] += sign * u->k[t] * (t == r ? 2 : 1);
        u->e[t + r * u->cap] = u->e[r + t * u->cap];
      }
    }
    u->e[r + r * u->cap] += sign * s->g->loop[v];
  }
}

/* What slot r and each touched slot have together when the node in hand is in r too
 * (`more` 1) or as they are (0): the edges, the logarithms of their weights and the fixed
 * terms, in that order of slots. */
NAX_I_CLONES static void
join(nax_index n, const nax_index *restrict at, const nax_index *restrict e,
     const nax_index *restrict k, const double *restrict x, const double *restrict kx,
     nax_index more, double base, nax_index *restrict joint, double *restrict arg)
{
#pragma omp simd
  for (nax_index i = 0; i < n; i++) {
    nax_index t = at[i];
    joint[i] = e[t] + more * k[t];
    arg[i] = base + (x[t] + (double)more * kx[t]);
  }
}

static void
join_slots(const nax_i_sbm_state *s, nax_index v, nax_index r, int more)
{
  const nax_i_sbm_graph *g = s->g;
  nax_index n = s->n_touched, row = r * s->cap;
  double base = g->weights == NAX_SBM_GAMMA ? g->par[2] : 0.0;
  join(n, s->touched, s->e + row, s->k, s->x[0] + row, s->kx[0], more, base, s->joint,
       s->log_of);
  for (nax_index i = 0; i < n; i++) {
    nax_index t = s->touched[i];
    double part = more, x0 = s->x[0][row + t] + part * s->kx[0][t];
    if (t == r) {
      nax_index add = more ? 2 * s->k[t] + g->loop[v] : 0;
      s->joint[i] = (s->e[row + t] + add) / 2;
      x0 += part * g->loop_x[0][v];
      s->log_of[i] = base + x0;
    }
    if (g->weights == NAX_SBM_LOGNORMAL) {
      double x1 = s->x[1][row + t] + part * s->kx[1][t];
      x1 += t == r ? part * g->loop_x[1][v] : 0.0;
      s->log_of[i] = s->joint[i] > 0 ? argument(g, s->joint[i], x0, x1) : 1.0;
    }
    s->less[i] =
        fixed_term(g, s->joint[i]) + (t == r ? (double)s->joint[i] * log_2 : 0.0);
  }
  if (g->weights != NAX_SBM_NONE) {
    nax_index whole = nax_i_n_blocks(n, 8) * 8;
    for (nax_index i = n; i < whole; i++) {
      s->log_of[i] = 1.0;
    }
    nax_i_logs(whole, s->log_of, s->log_of);
  }
}

/* Terms of slot r with the touched ones after edges have come or gone. */
static void
take_terms(nax_i_sbm_state *s, nax_index v, nax_index r)
{
  power p = power_of(s->g);
  join_slots(s, v, r, 0);
  for (nax_index i = 0; i < s->n_touched; i++) {
    nax_index t = s->touched[i];
    double term = (p.of_each * (double)s->joint[i] + p.once) * s->log_of[i] - s->less[i];
    s->term[t + r * s->cap] = s->joint[i] > 0 ? term : 0.0;
    s->term[r + t * s->cap] = s->term[t + r * s->cap];
  }
}

static void
move_node(nax_i_sbm_state *s, nax_index v, nax_index r, nax_index sign)
{
  const nax_i_sbm_graph *g = s->g;
  for (nax_index i = 0; i < s->n_touched; i++) {
    nax_index t = s->touched[i];
    double x[NAX_I_SBM_SUMS] = {(double)sign * s->kx[0][t], (double)sign * s->kx[1][t]};
    count_edges(s, r, t, sign * s->k[t] * (t == r ? 2 : 1), x);
  }
  if (g->loop[v] > 0) {
    double x[NAX_I_SBM_SUMS] = {(double)sign * g->loop_x[0][v],
                                (double)sign * g->loop_x[1][v]};
    count_edges(s, r, r, sign * g->loop[v], x);
    take_term(s, r, r);
  }
  take_terms(s, v, r);
  s->degree[r] += sign * g->degree[v];
  if (s->corrected) {
    s->eta[g->degree_id[v] + r * g->n_degrees] += sign;
  }
  move_upper(s, v, r, sign);
}

void
nax_i_sbm_detach(nax_i_sbm_state *s, nax_index v)
{
  nax_index r = s->label[v];
  take_in_hand(s, v);
  move_node(s, v, r, -1);
  s->label[v] = -1;
  if (--s->size[r] == 0) {
    deactivate(s, r);
    s->upper[0].size[s->upper[0].parent[r]]--;
  }
  s->own[r] = group_term(s, s->size[r], s->degree[r]);
}

void
nax_i_sbm_attach(nax_i_sbm_state *s, nax_index v, nax_index r, nax_index parent)
{
  if (s->size[r]++ == 0) {
    activate(s, r);
    s->upper[0].parent[r] = parent;
    s->upper[0].size[parent]++;
  }
  s->label[v] = r;
  move_node(s, v, r, 1);
  s->own[r] = group_term(s, s->size[r], s->degree[r]);
  if (s->to != NULL && s->home[v] != r) {
    tell_neighbours(s, v, s->home[v], -1);
    tell_neighbours(s, v, r, 1);
    s->home[v] = r;
  }
}

/* The upper levels' share of putting the node in hand under `parent`; `birth`: as a group
 * of its own. */
static double
upper_cost(const nax_i_sbm_state *s, nax_index v, nax_index parent, int birth)
{
  double sum = 0.0;
  nax_index r = parent;
  for (int l = 0; l < s->n_upper; l++) {
    const nax_i_sbm_upper *u = &s->upper[l];
    r = l == 0 ? r : u->parent[r];
    nax_index size = u->size[r], more = size + (birth && l == 0);
    for (nax_index t = 0; t < u->n_used; t++) {
      nax_index other = u->size[t], e = u->e[r + t * u->cap];
      nax_index add = u->k[t] * (t == r ? 2 : 1) + (t == r ? s->g->loop[v] : 0);
      if ((add > 0 || more != size) && (other > 0 || t == r)) {
        sum += upper_pair(s, t == r, more, t == r ? more : other, e + add) -
               upper_pair(s, t == r, size, other, e);
      }
    }
  }
  if (birth && s->nested) {
    const nax_i_sbm_upper *u = &s->upper[0];
    sum += upper_partition(s, s->n_groups + 1, u->n_groups) -
           upper_partition(s, s->n_groups, u->n_groups) -
           log((double)u->size[parent] + 1.0);
  }
  return sum;
}

/* Sum of (of_each m + once) log - less - term; the order of the sum is fixed. */
NAX_I_CLONES static double
sum_terms(nax_index n, power p, const nax_index *restrict at, const nax_index *restrict m,
          const double *restrict log_of, const double *restrict less,
          const double *restrict term)
{
  enum { LANES = 8 };
  double s[LANES] = {0.0};
  nax_index i = 0;
  for (; i + LANES <= n; i += LANES) {
#pragma omp simd
    for (int q = 0; q < LANES; q++) {
      double now = (p.of_each * (double)m[i + q] + p.once) * log_of[i + q] - less[i + q];
      s[q] += now - term[at[i + q]];
    }
  }
  for (; i < n; i++) {
    double now = (p.of_each * (double)m[i] + p.once) * log_of[i] - less[i];
    s[0] += now - term[at[i]];
  }
  return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

/* All but the upper levels' share. */
static double
own_cost(const nax_i_sbm_state *s, nax_index v, nax_index r)
{
  const nax_i_sbm_graph *g = s->g;
  nax_index pairs = s->n_pairs, row = r * s->cap;
  int birth = s->size[r] == 0, met = s->k[r] > 0;
  double sum = group_term(s, s->size[r] + 1, s->degree[r] + g->degree[v]) - s->own[r];
  if (s->corrected) {
    sum -= log((double)s->eta[g->degree_id[v] + r * g->n_degrees] + 1.0);
  }
  join_slots(s, v, r, 1);
  sum += sum_terms(s->n_touched, power_of(g), s->touched, s->joint, s->log_of, s->less,
                   s->term + row);
  if (s->g->weights == NAX_SBM_EXPONENTIAL) { /* else their number is of no matter */
    for (nax_index i = 0; i < s->n_touched; i++) {
      pairs += s->e[row + s->touched[i]] == 0;
    }
  }
  if (!met && g->loop[v] > 0) {
    nax_index at = r + row;
    sum += pair_term(g, 1, s->e[at] + g->loop[v], s->x[0][at] + g->loop_x[0][v],
                     s->x[1][at] + g->loop_x[1][v]) -
           s->term[at];
    pairs += s->e[at] == 0;
  }
  return sum + global_term(s, s->n_groups + birth, pairs) -
         global_term(s, s->n_groups > 0 ? s->n_groups : 1, s->n_pairs);
}

double
nax_i_sbm_attach_cost(const nax_i_sbm_state *s, nax_index v, nax_index r,
                      nax_index parent)
{
  int birth = s->size[r] == 0;
  return own_cost(s, v, r) +
         upper_cost(s, v, birth ? parent : s->upper[0].parent[r], birth);
}

void
nax_i_sbm_attach_costs(const nax_i_sbm_state *s, nax_index v, nax_index n,
                       const nax_index *slot, double *cost)
{
  const nax_i_sbm_upper *u = &s->upper[0];
  for (nax_index q = 0; q < u->n_used; q++) {
    s->above[q] = u->size[q] > 0 ? upper_cost(s, v, q, 0) : 0.0;
  }
  for (nax_index i = 0; i < n; i++) {
    cost[i] = own_cost(s, v, slot[i]) + s->above[u->parent[slot[i]]];
  }
}

/* The upper levels' share when there is one group less under `parent`. */
static double
upper_loss(const nax_i_sbm_state *s, nax_index parent)
{
  const nax_i_sbm_upper *u = &s->upper[0];
  nax_index size = u->size[parent];
  double sum = 0.0;
  for (nax_index t = 0; t < u->n_used; t++) {
    nax_index other = u->size[t], e = u->e[parent + t * u->cap];
    if (other > 0) {
      sum += upper_pair(s, t == parent, size - 1, t == parent ? size - 1 : other, e) -
             upper_pair(s, t == parent, size, other, e);
    }
  }
  if (s->nested) {
    sum += upper_partition(s, s->n_groups - 1, u->n_groups) -
           upper_partition(s, s->n_groups, u->n_groups) + log((double)size);
  }
  return sum;
}

double
nax_i_sbm_merge_cost(const nax_i_sbm_state *st, nax_index r, nax_index s)
{
  const nax_i_sbm_graph *g = st->g;
  const nax_index cap = st->cap;
  nax_index pairs = st->n_pairs;
  double sum = group_term(st, st->size[r] + st->size[s], st->degree[r] + st->degree[s]) -
               group_term(st, st->size[r], st->degree[r]) -
               group_term(st, st->size[s], st->degree[s]);
  for (nax_index k = 0; st->corrected && k < g->n_degrees; k++) {
    nax_index a = st->eta[k + r * g->n_degrees], b = st->eta[k + s * g->n_degrees];
    if (a > 0 && b > 0) {
      sum -= nax_i_sbm_log_factorial(&g->table, a + b) -
             nax_i_sbm_log_factorial(&g->table, a) -
             nax_i_sbm_log_factorial(&g->table, b);
    }
  }
  for (nax_index i = 0; i < st->n_groups; i++) {
    nax_index t = st->active[i], a = r + t * cap, b = s + t * cap;
    if (t == r || t == s || st->e[b] == 0) {
      continue;
    }
    sum += pair_term(g, 0, st->e[a] + st->e[b], st->x[0][a] + st->x[0][b],
                     st->x[1][a] + st->x[1][b]) -
           st->term[a] - st->term[b];
    pairs -= st->e[a] > 0;
  }
  nax_index rr = r + r * cap, ss = s + s * cap, rs = r + s * cap;
  nax_index e = st->e[rr] + st->e[ss] + 2 * st->e[rs];
  sum += pair_term(g, 1, e, st->x[0][rr] + st->x[0][ss] + st->x[0][rs],
                   st->x[1][rr] + st->x[1][ss] + st->x[1][rs]) -
         st->term[rr] - st->term[ss] - st->term[rs];
  pairs -= (st->e[rr] > 0) + (st->e[ss] > 0) + (st->e[rs] > 0) - (e > 0);
  nax_index b = st->n_groups;
  sum += global_term(st, b - 1, pairs) - global_term(st, b, st->n_pairs);
  return sum + upper_loss(st, st->upper[0].parent[r]);
}
