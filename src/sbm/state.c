/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A partition with its counts: description length from scratch, and what changes when a
 * node goes from one group to another. */
#include "sbm_i.h"
#include <math.h>

void
nax_i_sbm_state_free(nax_i_sbm_state *s)
{
  nax_index **all[] = {&s->label, &s->size, &s->degree, &s->active, &s->where,
                       &s->e,     &s->eta,  &s->k,      &s->touched};
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
  nax_i_free(s->q);
  s->cost = s->term = NULL;
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

/* ln Gamma of the shape after m weights. */
static double
log_gamma(const nax_i_sbm_graph *g, nax_index m)
{
  return g->log_gamma != NULL ? g->log_gamma[m] : lgamma(nax_i_sbm_shape(g, (double)m));
}

/* Edges and weights between two groups (or within one). */
static double
pair_term(const nax_i_sbm_graph *g, int same, nax_index e, double x0, double x1)
{
  if (e == 0) {
    return 0.0;
  }
  nax_index edges = same ? e / 2 : e;
  double m = (double)edges;
  double s = -nax_i_sbm_log_factorial(&g->table, edges) - (same ? m * log(2.0) : 0.0);
  switch (g->weights) {
  case NAX_SBM_EXPONENTIAL:
    s += (m - 1.0) * log(x0) - nax_i_sbm_log_factorial(&g->table, edges - 1);
    break;
  case NAX_SBM_GAMMA:
    s += nax_i_sbm_shape(g, m) * log(g->par[2] + x0) - log_gamma(g, edges) -
         g->par[1] * log(g->par[2]) + log_gamma(g, 0);
    break;
  case NAX_SBM_LOGNORMAL: {
    double kappa = g->par[1] + m, alpha = nax_i_sbm_shape(g, m), mean = x0 / m;
    double spread = fmax(x1 - x0 * mean, 0.0), off = mean - g->par[0];
    double beta = g->par[3] + 0.5 * spread + 0.5 * g->par[1] * m * off * off / kappa;
    s += log_gamma(g, 0) - log_gamma(g, edges) + alpha * log(beta) -
         g->par[2] * log(g->par[3]) + 0.5 * log(kappa / g->par[1]) +
         0.5 * m * 1.8378770664093453; /* ln 2 pi */
    break;
  }
  case NAX_SBM_NONE:
  case NAX_SBM_WEIGHTS_FORCE_INT:
    break;
  }
  return s;
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
  nax_i_sbm_graph bare = *g; /* the same graph without weights */
  bare.weights = NAX_SBM_NONE;
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
      double plain = pair_term(&bare, i == j, s->e[at], 0.0, 0.0);
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

static void
add_edges(nax_i_sbm_state *s, nax_index r, nax_index q, nax_index e, const double *x)
{
  count_edges(s, r, q, e, x);
  take_term(s, r, q);
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

static void
move_node(nax_i_sbm_state *s, nax_index v, nax_index r, nax_index sign)
{
  const nax_i_sbm_graph *g = s->g;
  for (nax_index i = 0; i < s->n_touched; i++) {
    nax_index t = s->touched[i];
    double x[NAX_I_SBM_SUMS] = {(double)sign * s->kx[0][t], (double)sign * s->kx[1][t]};
    add_edges(s, r, t, sign * s->k[t] * (t == r ? 2 : 1), x);
  }
  if (g->loop[v] > 0) {
    double x[NAX_I_SBM_SUMS] = {(double)sign * g->loop_x[0][v],
                                (double)sign * g->loop_x[1][v]};
    add_edges(s, r, r, sign * g->loop[v], x);
  }
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

double
nax_i_sbm_attach_cost(const nax_i_sbm_state *s, nax_index v, nax_index r,
                      nax_index parent)
{
  const nax_i_sbm_graph *g = s->g;
  nax_index pairs = s->n_pairs;
  int birth = s->size[r] == 0, met = 0;
  double sum = group_term(s, s->size[r] + 1, s->degree[r] + g->degree[v]) -
               group_term(s, s->size[r], s->degree[r]);
  if (s->corrected) {
    sum -= log((double)s->eta[g->degree_id[v] + r * g->n_degrees] + 1.0);
  }
  for (nax_index i = 0; i < s->n_touched; i++) {
    nax_index t = s->touched[i], at = r + t * s->cap, add = s->k[t];
    double x0 = s->kx[0][t], x1 = s->kx[1][t];
    if (t == r) {
      met = 1;
      add = 2 * add + g->loop[v];
      x0 += g->loop_x[0][v];
      x1 += g->loop_x[1][v];
    }
    sum += pair_term(g, t == r, s->e[at] + add, s->x[0][at] + x0, s->x[1][at] + x1) -
           s->term[at];
    pairs += s->e[at] == 0;
  }
  if (!met && g->loop[v] > 0) {
    nax_index at = r + r * s->cap;
    sum += pair_term(g, 1, s->e[at] + g->loop[v], s->x[0][at] + g->loop_x[0][v],
                     s->x[1][at] + g->loop_x[1][v]) -
           s->term[at];
    pairs += s->e[at] == 0;
  }
  sum += global_term(s, s->n_groups + birth, pairs) -
         global_term(s, s->n_groups > 0 ? s->n_groups : 1, s->n_pairs);
  return sum + upper_cost(s, v, birth ? parent : s->upper[0].parent[r], birth);
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
