/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph as the model sees it: neighbours with counts and sums of weights. */
#include "sbm_i.h"
#include <math.h>
#include <stdlib.h>

void
nax_i_sbm_graph_free(nax_i_sbm_graph *g)
{
  nax_i_free(g->first);
  nax_i_free(g->nbr);
  nax_i_free(g->count);
  nax_i_free(g->loop);
  for (int k = 0; k < NAX_I_SBM_SUMS; k++) {
    nax_i_free(g->x[k]);
    nax_i_free(g->loop_x[k]);
  }
  nax_i_free(g->degree);
  nax_i_free(g->degree_id);
  nax_i_free(g->fixed);
  nax_i_sbm_counts_free(&g->table);
  *g = (nax_i_sbm_graph){.n = 0};
}

/* --- weights ------------------------------------------------------------------------ */

static double
digamma(double x)
{
  double shift = 0.0;
  for (; x < 10.0; x += 1.0) {
    shift -= 1.0 / x;
  }
  double y = 1.0 / (x * x);
  return shift + log(x) - 0.5 / x -
         y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y / 240.0)));
}

/* Shape of a gamma distribution by maximum likelihood: ln k - digamma(k) = gap. */
static double
gamma_shape(double gap)
{
  double lo = 1e-3, hi = 1e4;
  for (int i = 0; i < 200; i++) {
    double k = sqrt(lo * hi);
    if (log(k) - digamma(k) > gap) {
      lo = k;
    } else {
      hi = k;
    }
  }
  return sqrt(lo * hi);
}

/* Sums over one weight, by the distribution. */
static void
sums_of(const nax_i_sbm_graph *g, double w, double x[NAX_I_SBM_SUMS])
{
  x[0] = g->weights == NAX_SBM_LOGNORMAL ? log(w) : w;
  x[1] = x[0] * x[0];
}

/* Weights divided by the mean weight of the edges of either end, times that of all edges
 * squared so that their size stays: how many edges a node has is not a matter of weights.
 * Loops count twice for their node. */
static nax_status
correct_strength(nax_ctx *ctx, nax_index n, nax_index n_edges, const nax_index *from,
                 const nax_index *to, double *w)
{
  nax_status status = NAX_OK;
  double *s = NULL, *k = NULL, total = 0.0;
  NAX_TRY_ALLOC(s, n, sizeof *s);
  NAX_TRY_ALLOC(k, n, sizeof *k);
  for (nax_index e = 0; e < n_edges; e++) {
    s[from[e]] += w[e];
    s[to[e]] += w[e];
    k[from[e]] += 1.0;
    k[to[e]] += 1.0;
    total += w[e];
  }
  for (nax_index e = 0; e < n_edges; e++) {
    nax_index i = from[e], j = to[e];
    double mean = total / (double)n_edges;
    w[e] *= mean * k[i] / s[i] * (mean * k[j] / s[j]);
  }
done:
  nax_i_free(s);
  nax_i_free(k);
  return status;
}

/* Prior of the weights, from all of them together, and what no partition changes. */
static void
weight_prior(nax_i_sbm_graph *g, nax_index n_edges, const double *w)
{
  double n = (double)n_edges, sum = 0.0, log_sum = 0.0, log_sq = 0.0;
  for (nax_index k = 0; k < n_edges; k++) {
    double l = log(w[k]);
    sum += w[k];
    log_sum += l;
    log_sq += l * l;
  }
  g->sum = sum;
  if (g->weights == NAX_SBM_GAMMA) {
    double mean = sum / n, shape = gamma_shape(fmax(log(mean) - log_sum / n, 1e-6));
    g->par[0] = shape;
    g->par[1] = 1.0;
    g->par[2] = mean / shape;
    g->constant = -((shape - 1.0) * log_sum - n * lgamma(shape));
  } else if (g->weights == NAX_SBM_LOGNORMAL) {
    double mean = log_sum / n, var = log_sq / n - mean * mean;
    g->par[0] = mean;
    g->par[1] = 1.0; /* the prior weighs as much as one edge */
    g->par[2] = 1.0;
    g->par[3] = fmax(var, 1e-6);
    g->constant = log_sum;
  }
}

/* --- reading the list ------------------------------------------------------------------
 */

static nax_status
check_edges(nax_ctx *ctx, const char *fn, nax_index n, nax_index n_edges,
            const nax_index *from, const nax_index *to, const double *weight)
{
  if (n < 2) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "the graph has %lld nodes, expected at least 2", (long long)n);
  }
  for (nax_index k = 0; k < n_edges; k++) {
    if (from[k] < 0 || from[k] >= n || to[k] < 0 || to[k] >= n) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "edge %lld joins %lld and %lld, expected nodes from 0 to %lld",
                        (long long)k, (long long)from[k], (long long)to[k],
                        (long long)n - 1);
    }
    if (weight != NULL && !(weight[k] >= 0.0 && isfinite(weight[k]))) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "the edge of %lld and %lld has weight %g, expected a finite "
                        "number of at least 0",
                        (long long)from[k], (long long)to[k], weight[k]);
    }
  }
  if (n_edges < 1) {
    return nax_i_fail(ctx, NAX_EDATA, fn, "the graph has no edge");
  }
  return NAX_OK;
}

typedef struct half {
  nax_index i, j;
  double x[NAX_I_SBM_SUMS];
} half;

static int
by_ends(const void *a, const void *b)
{
  const half *x = a, *y = b;
  return x->i != y->i ? (x->i > y->i) - (x->i < y->i) : (x->j > y->j) - (x->j < y->j);
}

/* Neighbour lists from sorted half-edges, parallel edges gathered. */
static nax_status
gather(nax_ctx *ctx, nax_i_sbm_graph *g, half *h, nax_index n_half)
{
  nax_status status = NAX_OK;
  qsort(h, (size_t)n_half, sizeof *h, by_ends);
  NAX_TRY_ALLOC(g->first, g->n + 1, sizeof *g->first);
  NAX_TRY_ALLOC(g->nbr, n_half, sizeof *g->nbr);
  NAX_TRY_ALLOC(g->count, n_half, sizeof *g->count);
  for (int k = 0; k < NAX_I_SBM_SUMS; k++) {
    NAX_TRY_ALLOC(g->x[k], n_half, sizeof(double));
  }
  nax_index m = 0;
  for (nax_index k = 0; k < n_half; k++) {
    if (k == 0 || h[k].i != h[k - 1].i || h[k].j != h[k - 1].j) {
      g->nbr[m++] = h[k].j;
      g->first[h[k].i + 1]++;
    }
    g->count[m - 1]++;
    for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
      g->x[q][m - 1] += h[k].x[q];
    }
  }
  for (nax_index i = 0; i < g->n; i++) {
    g->first[i + 1] += g->first[i];
  }
done:
  return status;
}

static int
by_value(const void *a, const void *b)
{
  nax_index x = *(const nax_index *)a, y = *(const nax_index *)b;
  return (x > y) - (x < y);
}

static nax_status
number_degrees(nax_ctx *ctx, nax_i_sbm_graph *g)
{
  nax_status status = NAX_OK;
  nax_index *value = NULL, m = 0;
  NAX_TRY_ALLOC(value, g->n, sizeof *value);
  NAX_TRY_ALLOC(g->degree_id, g->n, sizeof *g->degree_id);
  memcpy(value, g->degree, (size_t)g->n * sizeof *value);
  qsort(value, (size_t)g->n, sizeof *value, by_value);
  for (nax_index k = 0; k < g->n; k++) {
    if (m == 0 || value[m - 1] != value[k]) {
      value[m++] = value[k];
    }
  }
  g->n_degrees = m;
  for (nax_index i = 0; i < g->n; i++) {
    const nax_index *at =
        bsearch(&g->degree[i], value, (size_t)m, sizeof *value, by_value);
    g->degree_id[i] = at - value;
  }
done:
  nax_i_free(value);
  return status;
}

/* Terms of the adjacency and the degrees that no partition changes. */
static void
constants(nax_i_sbm_graph *g)
{
  const nax_i_sbm_counts *t = &g->table;
  g->adjacency = g->degrees = 0.0;
  for (nax_index i = 0; i < g->n; i++) {
    nax_index loops = g->loop[i] / 2;
    g->degrees += nax_i_sbm_log_factorial(t, g->degree[i]);
    g->adjacency += (double)loops * log(2.0) + nax_i_sbm_log_factorial(t, loops);
    for (nax_index k = g->first[i]; k < g->first[i + 1]; k++) {
      if (g->nbr[k] > i) {
        g->adjacency += nax_i_sbm_log_factorial(t, g->count[k]);
      }
    }
  }
}

double
nax_i_sbm_fixed(const nax_i_sbm_graph *g, nax_index edges)
{
  double m = (double)edges, s = nax_i_sbm_log_factorial(&g->table, edges);
  if (edges == 0) {
    return 0.0;
  }
  switch (g->weights) {
  case NAX_SBM_EXPONENTIAL:
    s += nax_i_sbm_log_factorial(&g->table, edges - 1);
    break;
  case NAX_SBM_GAMMA:
    s += lgamma(nax_i_sbm_shape(g, m)) - lgamma(nax_i_sbm_shape(g, 0.0)) +
         g->par[1] * log(g->par[2]);
    break;
  case NAX_SBM_LOGNORMAL:
    s += lgamma(nax_i_sbm_shape(g, m)) - lgamma(nax_i_sbm_shape(g, 0.0)) +
         g->par[2] * log(g->par[3]) - 0.5 * log((g->par[1] + m) / g->par[1]) -
         0.5 * m * 1.8378770664093453; /* ln 2 pi */
    break;
  case NAX_SBM_NONE:
  case NAX_SBM_WEIGHTS_FORCE_INT:
    break;
  }
  return s;
}

/* What pair terms ask for over and over. */
static nax_status
tabulate(nax_ctx *ctx, nax_i_sbm_graph *g)
{
  enum { MOST = 1 << 22 };
  nax_status status = NAX_OK;
  if (g->n_edges > MOST) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(g->fixed, g->n_edges + 1, sizeof *g->fixed);
  for (nax_index k = 0; k <= g->n_edges; k++) {
    g->fixed[k] = nax_i_sbm_fixed(g, k);
  }
done:
  return status;
}

/* The edges that are there, copied: a weight of 0 is no edge. */
static nax_status
present(nax_ctx *ctx, nax_index n_edges, const nax_index *from, const nax_index *to,
        const double *weight, nax_index **a, nax_index **b, double **w, nax_index *n)
{
  nax_status status = NAX_OK;
  nax_index m = 0;
  NAX_TRY_ALLOC(*a, n_edges, sizeof **a);
  NAX_TRY_ALLOC(*b, n_edges, sizeof **b);
  NAX_TRY_ALLOC(*w, n_edges, sizeof **w);
  for (nax_index k = 0; k < n_edges; k++) {
    if (weight == NULL || weight[k] > 0.0) {
      (*a)[m] = from[k];
      (*b)[m] = to[k];
      (*w)[m++] = weight != NULL ? weight[k] : 1.0;
    }
  }
  *n = m;
done:
  return status;
}

nax_status
nax_i_sbm_graph_init(nax_ctx *ctx, const char *fn, nax_index n, nax_index n_given,
                     const nax_index *from_given, const nax_index *to_given,
                     const double *weight, const nax_sbm_opts *o, nax_i_sbm_graph *g)
{
  enum { TABLE = 1 << 23, Q_TABLE = 500 };
  nax_status status = NAX_OK;
  half *h = NULL;
  double *w = NULL, largest = 0.0;
  nax_index n_half = 0, n_edges = 0, *from = NULL, *to = NULL;
  *g = (nax_i_sbm_graph){.ctx = ctx, .n = n, .weights = (nax_sbm_weights)o->weights};
  if (weight == NULL && g->weights != NAX_SBM_NONE) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "`weight` is NULL, expected with `weights` none");
  }
  NAX_TRY(check_edges(ctx, fn, n, n_given, from_given, to_given, weight));
  g->n_sums = g->weights == NAX_SBM_NONE ? 0 : g->weights == NAX_SBM_LOGNORMAL ? 2 : 1;
  NAX_TRY(present(ctx, n_given, from_given, to_given, weight, &from, &to, &w, &n_edges));
  g->n_edges = n_edges;
  if (o->strength && g->n_sums > 0) {
    NAX_TRY(correct_strength(ctx, n, n_edges, from, to, w));
  }
  for (nax_index k = 0; k < n_edges; k++) {
    largest = fmax(largest, w[k]);
  }
  if (!(largest > 0.0)) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "all edges have weight 0");
    goto done;
  }
  for (nax_index k = 0; k < n_edges; k++) {
    w[k] = fmax(w[k], o->floor * largest);
  }
  weight_prior(g, n_edges, w);
  NAX_TRY_ALLOC(h, 2 * n_edges, sizeof *h);
  NAX_TRY_ALLOC(g->loop, n, sizeof *g->loop);
  NAX_TRY_ALLOC(g->degree, n, sizeof *g->degree);
  for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
    NAX_TRY_ALLOC(g->loop_x[q], n, sizeof(double));
  }
  for (nax_index k = 0; k < n_edges; k++) {
    double x[NAX_I_SBM_SUMS];
    sums_of(g, w[k], x);
    g->degree[from[k]]++;
    g->degree[to[k]]++;
    if (from[k] == to[k]) {
      g->loop[from[k]] += 2;
      for (int q = 0; q < NAX_I_SBM_SUMS; q++) {
        g->loop_x[q][from[k]] += x[q];
      }
    } else {
      h[n_half] = (half){.i = from[k], .j = to[k]};
      memcpy(h[n_half++].x, x, sizeof x);
      h[n_half] = (half){.i = to[k], .j = from[k]};
      memcpy(h[n_half++].x, x, sizeof x);
    }
  }
  NAX_TRY(gather(ctx, g, h, n_half));
  NAX_TRY(number_degrees(ctx, g));
  nax_index top = 2 * n_edges + n * (n + 1) / 2 + n;
  NAX_TRY(nax_i_sbm_counts_init(ctx, top < TABLE ? top : TABLE,
                                o->degrees == NAX_SBM_PLAIN ? -1
                                : 2 * n_edges < Q_TABLE     ? 2 * n_edges
                                                            : Q_TABLE,
                                &g->table));
  constants(g);
  NAX_TRY(tabulate(ctx, g));
done:
  nax_i_free(h);
  nax_i_free(w);
  nax_i_free(from);
  nax_i_free(to);
  return status;
}
