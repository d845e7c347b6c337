/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model as a user sees it: independent searches, the shortest of them with its
 * levels, and samples of the posterior around it. */
#include "sbm_i.h"
#include <math.h>
#include <stdlib.h>

typedef struct search {
  nax_index *label; /* of the nodes */
  double total;
  nax_index n_groups;
  int corrected, goes_on;
  nax_rng rng;
} search;

struct nax_sbm {
  nax_index n;
  nax_sbm_opts opts;
  int corrected;
  int32_t n_levels;
  nax_index n_groups[NAX_I_SBM_MAX_UPPER + 1];
  nax_index *labels[NAX_I_SBM_MAX_UPPER + 1];
  int32_t chosen;
  nax_sbm_terms terms;
  double *together, *uncertainty;
  int64_t n_searches;
  search *searches;
};

void
nax_sbm_free(nax_sbm *m)
{
  if (m == NULL) {
    return;
  }
  for (int l = 0; l <= NAX_I_SBM_MAX_UPPER; l++) {
    nax_i_free(m->labels[l]);
  }
  for (int64_t k = 0; m->searches != NULL && k < m->n_searches; k++) {
    nax_i_free(m->searches[k].label);
  }
  nax_i_free(m->searches);
  nax_i_free(m->together);
  nax_i_free(m->uncertainty);
  nax_i_free(m);
}

/* --- searches -------------------------------------------------------------------------
 */

typedef struct job {
  const nax_i_sbm_graph *g;
  const nax_sbm_opts *o;
  nax_index cap;
  nax_sbm *m;
} job;

static nax_status
ready(nax_ctx *ctx, const job *j, int corrected, nax_i_sbm_state *s)
{
  nax_status status = nax_i_sbm_state_init(ctx, j->g, corrected, j->cap, s);
  s->min_groups = j->o->min_groups;
  s->max_groups = j->cap;
  return status;
}

/* How search r ended up. */
static void
take_search(const nax_i_sbm_state *s, search *r)
{
  r->total = nax_i_sbm_terms(s).total;
  r->n_groups = nax_i_sbm_state_get(s, r->label);
}

static nax_status
do_search(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  job *j = arg;
  search *r = &j->m->searches[block];
  nax_i_sbm_state s = {.g = NULL};
  nax_i_rng_init(&r->rng, j->o->seed, (uint64_t)block);
  NAX_TRY_ALLOC(r->label, j->g->n, sizeof *r->label);
  NAX_TRY(ready(ctx, j, r->corrected, &s));
  NAX_TRY(nax_i_sbm_search(&s, &r->rng));
  take_search(&s, r);
done:
  nax_i_sbm_state_free(&s);
  return status;
}

/* What that began, with all moves and levels. */
static nax_status
go_on(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  job *j = arg;
  search *r = &j->m->searches[block];
  nax_i_sbm_state s = {.g = NULL};
  nax_index *scratch = NULL;
  if (!r->goes_on) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(scratch, 2 * j->g->n, sizeof *scratch);
  NAX_TRY(ready(ctx, j, r->corrected, &s));
  nax_i_sbm_state_set(&s, r->label);
  nax_i_sbm_polish(&s, &r->rng, scratch);
  if (j->o->nested) {
    NAX_TRY(nax_i_sbm_nest(&s, &r->rng));
  }
  take_search(&s, r);
done:
  nax_i_sbm_state_free(&s);
  nax_i_free(scratch);
  return status;
}

/* All searches of a small graph go on; of a large one, where much more is told apart
 * before and going on takes most of the time, the best of either kind. */
static void
choose_searches(nax_sbm *m)
{
  enum { NODES = 2000 };
  int64_t most = NODES / m->n > 1 ? NODES / m->n : 1;
  for (int64_t k = 0; k < m->n_searches; k++) {
    int64_t better = 0;
    for (int64_t q = 0; q < m->n_searches; q++) {
      double d = m->searches[q].total - m->searches[k].total;
      better += m->searches[q].corrected == m->searches[k].corrected &&
                (d < 0.0 || (!(d > 0.0) && q < k));
    }
    m->searches[k].goes_on = better < most;
  }
}

/* --- levels ---------------------------------------------------------------------------
 */

typedef struct sized {
  nax_index size, first, group;
} sized;

static int
larger(const void *a, const void *b)
{
  const sized *x = a, *y = b;
  return x->size != y->size ? (x->size < y->size ? 1 : -1)
                            : (x->first > y->first) - (x->first < y->first);
}

/* Number groups by size, the largest 0; ties by their first node. */
static nax_status
by_size(nax_ctx *ctx, nax_index n, nax_index groups, nax_index *label)
{
  nax_status status = NAX_OK;
  sized *s = NULL;
  nax_index *number = NULL;
  NAX_TRY_ALLOC(s, groups, sizeof *s);
  NAX_TRY_ALLOC(number, groups, sizeof *number);
  for (nax_index r = 0; r < groups; r++) {
    s[r] = (sized){0, -1, r};
  }
  for (nax_index i = 0; i < n; i++) {
    sized *r = &s[label[i]];
    r->size++;
    r->first = r->first < 0 ? i : r->first;
  }
  qsort(s, (size_t)groups, sizeof *s, larger);
  for (nax_index r = 0; r < groups; r++) {
    number[s[r].group] = r;
  }
  for (nax_index i = 0; i < n; i++) {
    label[i] = number[label[i]];
  }
done:
  nax_i_free(s);
  nax_i_free(number);
  return status;
}

/* Labels of the nodes at all levels of s that have more than one group. */
static nax_status
take_levels(nax_ctx *ctx, const nax_i_sbm_state *s, nax_sbm *m)
{
  nax_status status = NAX_OK;
  nax_index n = m->n, *slot = NULL;
  NAX_TRY_ALLOC(slot, n, sizeof *slot);
  memcpy(slot, s->label, (size_t)n * sizeof *slot);
  m->n_levels = 0;
  for (int l = 0; l <= s->n_upper; l++) {
    nax_index groups = l == 0 ? s->n_groups : s->upper[l - 1].n_groups;
    if (l > 0) {
      for (nax_index i = 0; i < n; i++) {
        slot[i] = s->upper[l - 1].parent[slot[i]];
      }
      if (groups == 1) {
        break;
      }
    }
    NAX_TRY_ALLOC(m->labels[l], n, sizeof **m->labels);
    nax_index *label = m->labels[l], next = 0;
    for (nax_index i = 0; i < n; i++) { /* slots to numbers in order of appearance */
      nax_index k = 0;
      while (k < i && slot[k] != slot[i]) {
        k++;
      }
      label[i] = k < i ? label[k] : next++;
    }
    NAX_TRY(by_size(ctx, n, next, label));
    m->n_groups[l] = next;
    m->n_levels = l + 1;
  }
  m->chosen = 0;
  while (m->chosen + 1 < m->n_levels && 2 * m->n_groups[m->chosen] > n) {
    m->chosen++;
  }
done:
  nax_i_free(slot);
  return status;
}

/* --- samples --------------------------------------------------------------------------
 */

/* Count of samples in which node i was in the group that matches group r of level 0. */
static nax_status
count_matched(nax_ctx *ctx, const nax_sbm *m, const nax_index *label, nax_index groups,
              double *count)
{
  nax_status status = NAX_OK;
  nax_index b = m->n_groups[0], side = b > groups ? b : groups;
  double *gain = NULL;
  int64_t *match = NULL;
  NAX_TRY_ALLOC(gain, side, (size_t)side * sizeof *gain);
  NAX_TRY_ALLOC(match, side, sizeof *match);
  for (nax_index i = 0; i < m->n; i++) {
    gain[label[i] * side + m->labels[0][i]] += 1.0;
  }
  NAX_TRY(nax_i_assign(ctx, side, gain, match));
  for (nax_index i = 0; i < m->n; i++) {
    nax_index r = match[label[i]];
    count[i + (r < b ? r : b) * m->n] += 1.0; /* b: in none of them */
  }
done:
  nax_i_free(gain);
  nax_i_free(match);
  return status;
}

/* Chains that begin at the shortest description, each with a stream of its own, and of
 * how many groups a node is offered some at a time. */
enum { CHAINS = 4, OFFERED = 24, SPLITS = 5, KEPT = 64 };

typedef struct sampling {
  const job *j;
  const nax_i_sbm_state *at;
  double *count;
} sampling;

NAX_I_CLONES static void
count_together(nax_index n, const int32_t *restrict label, int32_t of,
               double *restrict count)
{
#pragma omp simd
  for (nax_index c = 0; c < n; c++) {
    count[c] += label[c] == of ? 1.0 : 0.0;
  }
}

/* Partitions to the sums: whole numbers, whose order is of no matter. */
static nax_status
add_samples(nax_ctx *ctx, const sampling *a, int64_t kept, const nax_index *label,
            const nax_index *groups)
{
  nax_status status = NAX_OK;
  nax_sbm *m = a->j->m;
  nax_index n = m->n;
  int32_t *narrow = NULL;
  NAX_TRY_ALLOC(narrow, n, sizeof *narrow);
  for (int64_t k = 0; k < kept; k++) {
    const nax_index *l = label + k * n;
    NAX_TRY(count_matched(ctx, m, l, groups[k], a->count));
    for (nax_index i = 0; i < n; i++) {
      narrow[i] = (int32_t)l[i];
    }
    for (nax_index i = 0; i < n; i++) {
      count_together(n, narrow, narrow[i], m->together + i * n);
    }
  }
done:
  nax_i_free(narrow);
  return status;
}

static nax_status
run_chain(int64_t chain, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  sampling *a = arg;
  const job *j = a->j;
  nax_sbm *m = j->m;
  nax_index n = m->n, *scratch = NULL, *label = NULL, groups[KEPT];
  int64_t from = chain * j->o->n_sweeps / CHAINS, kept = 0;
  int64_t sweeps = (chain + 1) * j->o->n_sweeps / CHAINS - from;
  nax_i_sbm_state s = {.g = NULL};
  nax_rng rng;
  nax_i_rng_init(&rng, j->o->seed, (uint64_t)(m->n_searches + chain));
  nax_i_sbm_moves moves = {&rng, 1.0, 1, 1, OFFERED};
  if (sweeps == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(scratch, 2 * n, sizeof *scratch);
  NAX_TRY_ALLOC(label, KEPT * n, sizeof *label);
  NAX_TRY(ready(ctx, j, m->corrected, &s));
  nax_i_sbm_copy(&s, a->at);
  for (int64_t k = -j->o->burn_in; k < sweeps && !nax_i_stopped(s.g->ctx); k++) {
    (void)nax_i_sbm_sweep(&s, &moves, scratch);
    for (int q = 0; q < SPLITS && !nax_i_stopped(s.g->ctx); q++) {
      (void)nax_i_sbm_split_merge(&s, &moves, scratch);
    }
    if (k >= 0) {
      groups[kept] = nax_i_sbm_state_get(&s, label + kept * n);
      kept++;
    }
    if (kept == KEPT || k == sweeps - 1) {
#ifdef _OPENMP
#pragma omp critical(nax_i_sbm_samples)
#endif
      status = add_samples(ctx, a, kept, label, groups);
      NAX_TRY(status);
      kept = 0;
    }
  }
done:
  nax_i_sbm_state_free(&s);
  nax_i_free(scratch);
  nax_i_free(label);
  return status;
}

static nax_status
sample(nax_ctx *ctx, const job *j, const nax_i_sbm_state *s)
{
  nax_status status = NAX_OK;
  nax_sbm *m = j->m;
  nax_index n = m->n, b = m->n_groups[0];
  nax_i_stage stage;
  sampling a = {.j = j, .at = s};
  NAX_TRY_ALLOC(m->together, n, (size_t)n * sizeof(double));
  NAX_TRY_ALLOC(m->uncertainty, n, sizeof(double));
  NAX_TRY_ALLOC(a.count, n * (b + 1), sizeof *a.count);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_sbm_fit", "sbm/sample", CHAINS));
  NAX_TRY(nax_i_parallel(ctx, &stage, CHAINS, run_chain, &a));
  double total = (double)j->o->n_sweeps;
  for (nax_index k = 0; k < n * n; k++) {
    m->together[k] /= total;
  }
  for (nax_index i = 0; i < n; i++) {
    double entropy = 0.0;
    for (nax_index r = 0; r <= b; r++) {
      double p = a.count[i + r * n] / total;
      entropy -= p > 0.0 ? p * log(p) : 0.0;
    }
    m->uncertainty[i] = fmax(entropy, 0.0) / log((double)b + 1.0);
  }
done:
  nax_i_free(a.count);
  return status;
}

/* --- fitting ---------------------------------------------------------------------------
 */

static nax_status
check_bounds(nax_ctx *ctx, nax_index n, nax_sbm_opts *o)
{
  int64_t most = o->max_groups > 0 ? o->max_groups : (n + 1) / 2;
  most = most > n ? n : most;
  if (o->min_groups > most) {
    return nax_i_fail(ctx, NAX_EINVAL, "nax_sbm_fit",
                      "`min-groups` is %lld, but at most %lld groups are possible or "
                      "allowed for %lld nodes",
                      (long long)o->min_groups, (long long)most, (long long)n);
  }
  o->max_groups = most;
  return NAX_OK;
}

static nax_status
fit(nax_ctx *ctx, const nax_i_sbm_graph *g, const nax_sbm_opts *opts, nax_sbm **out)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  nax_sbm *m = NULL;
  nax_i_sbm_state s = {.g = NULL};
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  m->n = g->n;
  m->opts = *opts;
  NAX_TRY(check_bounds(ctx, g->n, &m->opts));
  int both = m->opts.degrees == NAX_SBM_EITHER;
  m->n_searches = m->opts.n_restarts * (both ? 2 : 1);
  NAX_TRY_ALLOC(m->searches, m->n_searches, sizeof *m->searches);
  for (int64_t k = 0; k < m->n_searches; k++) {
    m->searches[k].corrected = both ? (int)(k % 2) : m->opts.degrees == NAX_SBM_CORRECTED;
  }
  job j = {g, &m->opts, m->opts.max_groups, m};
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_sbm_fit", "sbm/search", m->n_searches));
  NAX_TRY(nax_i_parallel(ctx, &stage, m->n_searches, do_search, &j));
  choose_searches(m);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_sbm_fit", "sbm/polish", m->n_searches));
  NAX_TRY(nax_i_parallel(ctx, &stage, m->n_searches, go_on, &j));
  const search *best = NULL;
  for (int64_t k = 0; k < m->n_searches; k++) {
    const search *r = &m->searches[k];
    best = r->goes_on && (best == NULL || r->total < best->total) ? r : best;
  }
  m->corrected = best->corrected;
  NAX_TRY(ready(ctx, &j, best->corrected, &s));
  nax_i_sbm_state_set(&s, best->label);
  if (m->opts.nested) {
    NAX_TRY(nax_i_sbm_stack(&s));
  }
  m->terms = nax_i_sbm_terms(&s);
  NAX_TRY(take_levels(ctx, &s, m));
  if (m->opts.n_sweeps > 0) {
    NAX_TRY(sample(ctx, &j, &s));
  }
  *out = m;
  m = NULL;
done:
  nax_i_sbm_state_free(&s);
  nax_sbm_free(m);
  return status;
}

nax_status
nax_sbm_fit_edges(nax_ctx *ctx, nax_index n_nodes, nax_index n_edges,
                  const nax_index *from, const nax_index *to, const double *weight,
                  const nax_sbm_opts *opts, nax_sbm **out)
{
  nax_status status = NAX_OK;
  nax_sbm_opts o;
  nax_i_sbm_graph g = {.n = 0};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_sbm_table, &o, opts));
  NAX_TRY(
      nax_i_sbm_graph_init(ctx, __func__, n_nodes, n_edges, from, to, weight, &o, &g));
  NAX_TRY(fit(ctx, &g, &o, out));
done:
  nax_i_sbm_graph_free(&g);
  return status;
}

nax_status
nax_sbm_fit(nax_ctx *ctx, const nax_view *w, const nax_sbm_opts *opts, nax_sbm **out)
{
  nax_status status = NAX_OK;
  nax_sbm_opts o;
  nax_i_sbm_graph g = {.n = 0};
  nax_index *from = NULL, *to = NULL, n_edges = 0;
  double *weight = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_sbm_table, &o, opts));
  NAX_REQUIRE(w->ndim == 2 && w->dim[0] == w->dim[1], NAX_EDIM,
              "`w` must be a square matrix, got %d axes of %lld and %lld", (int)w->ndim,
              (long long)w->dim[0], (long long)(w->ndim > 1 ? w->dim[1] : 0));
  nax_index n = w->dim[0];
  NAX_TRY_ALLOC(from, n * (n - 1) / 2 + 1, sizeof *from);
  NAX_TRY_ALLOC(to, n * (n - 1) / 2 + 1, sizeof *to);
  NAX_TRY_ALLOC(weight, n * (n - 1) / 2 + 1, sizeof *weight);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index k = 0; k < i; k++) {
      double x = nax_view_get(w, (nax_index[]){i, k});
      double y = nax_view_get(w, (nax_index[]){k, i});
      NAX_REQUIRE(isfinite(x) && x >= 0.0, NAX_EDATA,
                  "`w` is %g at (%lld, %lld), expected a finite number of at least 0", x,
                  (long long)i, (long long)k);
      NAX_REQUIRE(fabs(x - y) <= 1e-9 * fabs(x), NAX_EDATA,
                  "`w` is %.17g at (%lld, %lld) and %.17g mirrored, expected symmetry", x,
                  (long long)i, (long long)k, y);
      if (x > 0.0) {
        from[n_edges] = k;
        to[n_edges] = i;
        weight[n_edges++] = x;
      }
    }
  }
  NAX_TRY(nax_i_sbm_graph_init(ctx, __func__, n, n_edges, from, to, weight, &o, &g));
  NAX_TRY(fit(ctx, &g, &o, out));
done:
  nax_i_sbm_graph_free(&g);
  nax_i_free(from);
  nax_i_free(to);
  nax_i_free(weight);
  return status;
}

nax_status
nax_sbm_describe_edges(nax_ctx *ctx, nax_index n_nodes, nax_index n_edges,
                       const nax_index *from, const nax_index *to, const double *weight,
                       const nax_index *label, const nax_sbm_opts *opts,
                       nax_sbm_terms *out)
{
  nax_status status = NAX_OK;
  nax_sbm_opts o;
  nax_i_sbm_graph g = {.n = 0};
  nax_i_sbm_state s = {.g = NULL};
  nax_index groups = 0;
  char *used = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_sbm_table, &o, opts));
  NAX_REQUIRE(o.degrees != NAX_SBM_EITHER, NAX_EINVAL,
              "`degrees` must be plain or corrected for a given partition");
  NAX_TRY(
      nax_i_sbm_graph_init(ctx, __func__, n_nodes, n_edges, from, to, weight, &o, &g));
  NAX_TRY_ALLOC(used, n_nodes, 1);
  for (nax_index i = 0; i < n_nodes; i++) {
    NAX_REQUIRE(label[i] >= 0 && label[i] < n_nodes, NAX_EINVAL,
                "`label` of node %lld is %lld, expected 0 to %lld", (long long)i,
                (long long)label[i], (long long)n_nodes - 1);
    used[label[i]] = 1;
    groups = label[i] + 1 > groups ? label[i] + 1 : groups;
  }
  for (nax_index r = 0; r < groups; r++) {
    NAX_REQUIRE(used[r], NAX_EINVAL, "`label` has no node in group %lld of %lld",
                (long long)r, (long long)groups);
  }
  NAX_TRY(nax_i_sbm_state_init(ctx, &g, o.degrees == NAX_SBM_CORRECTED, groups, &s));
  nax_i_sbm_state_set(&s, label);
  *out = nax_i_sbm_terms(&s);
done:
  nax_i_sbm_state_free(&s);
  nax_i_sbm_graph_free(&g);
  nax_i_free(used);
  return status;
}

/* --- accessors
 * -------------------------------------------------------------------------- */

nax_index
nax_sbm_n_nodes(const nax_sbm *m)
{
  return m->n;
}

int32_t
nax_sbm_n_levels(const nax_sbm *m)
{
  return m->n_levels;
}

nax_index
nax_sbm_n_groups(const nax_sbm *m, int32_t level)
{
  return level >= 0 && level < m->n_levels ? m->n_groups[level] : 0;
}

const nax_index *
nax_sbm_labels(const nax_sbm *m, int32_t level)
{
  return level >= 0 && level < m->n_levels ? m->labels[level] : NULL;
}

int32_t
nax_sbm_chosen_level(const nax_sbm *m)
{
  return m->chosen;
}

nax_sbm_terms
nax_sbm_description(const nax_sbm *m)
{
  return m->terms;
}

int32_t
nax_sbm_is_corrected(const nax_sbm *m)
{
  return m->corrected;
}

const double *
nax_sbm_coassignment(const nax_sbm *m)
{
  return m->together;
}

const double *
nax_sbm_uncertainty(const nax_sbm *m)
{
  return m->uncertainty;
}

nax_status
nax_sbm_searches(nax_ctx *ctx, const nax_sbm *m, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *x = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(x, m->n_searches, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "search", m->n_searches, &t));
  for (int c = 0; c < 3; c++) {
    static const char *const name[] = {"description_length", "n_groups",
                                       "degree_corrected"};
    for (int64_t k = 0; k < m->n_searches; k++) {
      const search *s = &m->searches[k];
      x[k] = c == 0 ? s->total : c == 1 ? (double)s->n_groups : (double)s->corrected;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[c], c == 0 ? "nat" : "1", x));
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

/* --- dataset
 * ----------------------------------------------------------------------------- */

/* An array over the nodes and perhaps a second axis, whose values are copied. */
static nax_status
add_array(nax_ctx *ctx, nax_dataset *d, const char *name, const char *what,
          const nax_axis *node, nax_axis *second, const double *x)
{
  nax_status status = NAX_OK;
  nax_axis *axes[2] = {NULL, second};
  nax_array *a = NULL;
  NAX_TRY(nax_axis_copy(ctx, node, &axes[0]));
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, second != NULL ? 2 : 1, axes, "1", &a));
  axes[0] = axes[1] = NULL;
  memcpy(nax_array_data_mut(a), x, (size_t)nax_array_size(a) * sizeof *x);
  NAX_TRY(nax_array_set_description(ctx, a, what));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  nax_array_free(a);
  return status;
}

static nax_status
add_labels(nax_ctx *ctx, const nax_sbm *m, const nax_axis *node, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *level = NULL;
  double *x = NULL;
  NAX_TRY_ALLOC(x, m->n * m->n_levels, sizeof *x);
  for (int32_t l = 0; l < m->n_levels; l++) {
    for (nax_index i = 0; i < m->n; i++) {
      x[i + l * m->n] = (double)m->labels[l][i];
    }
  }
  NAX_TRY(nax_axis_create_index(ctx, "level", m->n_levels, &level));
  NAX_TRY(
      add_array(ctx, d, "labels", "group of each node, the largest 0", node, level, x));
done:
  nax_i_free(x);
  return status;
}

static nax_status
add_attributes(nax_ctx *ctx, const nax_sbm *m, nax_dataset *d)
{
  nax_status status = NAX_OK;
  const nax_sbm_terms *t = &m->terms;
  const double value[] = {t->total,     t->adjacency,      t->degrees,
                          t->partition, t->edges,          t->weights,
                          t->totals,    (double)m->chosen, (double)m->corrected};
  static const char *const name[] = {"sbm_description_length",
                                     "sbm_adjacency",
                                     "sbm_degrees_term",
                                     "sbm_partition",
                                     "sbm_edges",
                                     "sbm_weights_term",
                                     "sbm_totals",
                                     "sbm_chosen_level",
                                     "sbm_degree_corrected"};
  for (size_t k = 0; k < sizeof value / sizeof value[0]; k++) {
    NAX_TRY(nax_dataset_set_number(ctx, d, name[k], value[k]));
  }
  for (int32_t i = 0; i < nax_i_sbm_table.n_opts; i++) {
    char key[64], text[256];
    snprintf(key, sizeof key, "sbm_%.50s", nax_i_sbm_table.opts[i].name);
    nax_options_format(&nax_i_sbm_table, &m->opts, i, text, sizeof text);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, text));
  }
done:
  return status;
}

nax_status
nax_sbm_dataset(nax_ctx *ctx, const nax_sbm *m, const nax_axis *node, nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  nax_axis *own = NULL, *other = NULL;
  nax_table *t = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  if (node == NULL) {
    NAX_TRY(nax_axis_create_index(ctx, "node", m->n, &own));
    node = own;
  }
  NAX_REQUIRE(nax_axis_length(node) == m->n, NAX_EDIM,
              "axis `%s` has %lld positions, the graph %lld nodes", nax_axis_name(node),
              (long long)nax_axis_length(node), (long long)m->n);
  NAX_TRY(nax_dataset_create(ctx, &d));
  NAX_TRY(add_labels(ctx, m, node, d));
  if (m->together != NULL) {
    char name[300];
    snprintf(name, sizeof name, "%.280s_other", nax_axis_name(node));
    NAX_TRY(nax_axis_rename(ctx, node, name, &other));
    NAX_TRY(add_array(ctx, d, "coassignment",
                      "share of posterior samples with both nodes in one group", node,
                      other, m->together));
    other = NULL;
    NAX_TRY(add_array(ctx, d, "uncertainty",
                      "entropy of the group of each node over posterior samples, of the "
                      "largest possible",
                      node, NULL, m->uncertainty));
  }
  NAX_TRY(nax_sbm_searches(ctx, m, &t));
  NAX_TRY(nax_dataset_add_table(ctx, d, "searches", t));
  t = NULL;
  NAX_TRY(add_attributes(ctx, m, d));
  *out = d;
  d = NULL;
done:
  nax_axis_free(own);
  nax_table_free(t);
  nax_dataset_free(d);
  return status;
}
