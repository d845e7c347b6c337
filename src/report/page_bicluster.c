/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a bi-clustering: activity in the order of clusters and states,
 * similarity matrices, trajectories, traces of the chains, diagnostics. */
#include "bicluster/run_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>
#include <stdlib.h>

typedef struct page {
  nax_ctx *ctx;
  const nax_bicluster *m;
  const nax_report_bicluster_info *info;
  nax_i_page *p;
  nax_index *neuron; /* in the order of clusters */
  nax_index *bin;    /* in the order of states */
  double *edge;      /* of each bin: t + 1 */
} page;

enum { ROW = 84, MAX_CLUSTERS = 12 };

static const char *
time_unit(const page *g)
{
  return g->info->time != NULL && g->m->trial == 0 ? nax_axis_unit(g->info->time) : NULL;
}

static const char *
time_label(const page *g)
{
  return g->m->trial > 0 ? "Bins of all trials" : "Time";
}

/* Positions 0..n-1 by label, within a label in their order. */
static void
by_label(nax_index n, const int64_t *label, nax_index groups, nax_index *order)
{
  nax_index at = 0;
  for (nax_index k = 0; k < groups; k++) {
    for (nax_index i = 0; i < n; i++) {
      if (label[i] == k) {
        order[at++] = i;
      }
    }
  }
}

static nax_status
find_orders(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_bicluster *m = g->m;
  const nax_axis *time = g->info->time;
  NAX_TRY_ALLOC(g->neuron, m->n, sizeof *g->neuron);
  NAX_TRY_ALLOC(g->bin, m->t, sizeof *g->bin);
  NAX_TRY_ALLOC(g->edge, m->t + 1, sizeof *g->edge);
  by_label(m->n, m->cluster[0], m->n_cluster[0], g->neuron);
  by_label(m->t, m->state[0], m->n_state[0], g->bin);
  for (nax_index t = 0; t <= m->t; t++) {
    g->edge[t] = (double)t;
  }
  if (time != NULL && m->trial == 0 && m->t > 1) {
    double step =
        (nax_axis_coord(time, m->t - 1) - nax_axis_coord(time, 0)) / (double)(m->t - 1);
    for (nax_index t = 0; t <= m->t; t++) {
      g->edge[t] = nax_axis_coord(time, 0) + ((double)t - 0.5) * step;
    }
  }
done:
  return status;
}

static double
observed(const page *g, nax_index i, nax_index t)
{
  const nax_view *y = g->info->y;
  const nax_bicluster *m = g->m;
  nax_index at[3] = {0, 0, 0}, bin = m->source[t];
  int32_t time = nax_view_axis(y, "time") >= 0 ? nax_view_axis(y, "time") : 1;
  int32_t neuron = time == 0 ? 1 : 0, trial = time == 2 ? 1 : 2;
  at[neuron] = i;
  at[time] = bin % m->time;
  at[trial] = bin / m->time;
  return nax_view_get(y, at);
}

/* Coloured strip of states over the top of a plot. */
static void
state_strip(const page *g, nax_i_fig *f, const nax_i_axes *a, double top,
            const nax_index *order)
{
  const nax_bicluster *m = g->m;
  nax_i_axes strip = *a;
  strip.top = top;
  strip.height = 12.0;
  for (nax_index t = 0, from = 0; t < m->t; t++) {
    int64_t s = m->state[0][order != NULL ? order[t] : t];
    int64_t next = t + 1 < m->t ? m->state[0][order != NULL ? order[t + 1] : t + 1] : -1;
    if (next != s) {
      nax_i_add_span(
          f, &strip, g->edge[from], g->edge[t + 1],
          (nax_i_style){.colour = (int)(s % NAX_I_N_CATEGORIES), .alpha = 0.9});
      from = t + 1;
    }
  }
}

/* Neurons by cluster; bins in time, or by state. */
static nax_status
activity(page *g, int sorted)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_bicluster *m = g->m;
  double *v = NULL, lo = 0.0, hi = 1.0;
  int counts = m->o.observation != NAX_BICLUSTER_GAUSSIAN;
  if (g->info->y == NULL) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(v, m->n * m->t, sizeof *v);
  for (nax_index i = 0; i < m->n; i++) {
    for (nax_index t = 0; t < m->t; t++) {
      double x = observed(g, g->neuron[i], sorted ? g->bin[t] : t);
      v[i + t * m->n] = counts ? log2(1.0 + x) : x;
    }
  }
  NAX_REQUIRE(nax_i_colour_limits(m->n * m->t, v, 0.5, 0, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  lo = counts ? 0.0 : lo;
  nax_i_fig *f =
      nax_i_fig_new(sorted ? "activity-by-state" : "activity", NAX_I_FIG_WIDE, 360.0,
                    sorted ? "Activity, neurons by cluster and bins by state"
                           : "Activity, neurons by cluster");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_WIDE - 70.0, 360.0);
  a.boxed = 1;
  a.x = (nax_i_side){.lo = g->edge[0],
                     .hi = g->edge[m->t],
                     .label = sorted ? "Bins, by state" : time_label(g),
                     .unit = sorted ? NULL : time_unit(g),
                     .no_ticks = sorted};
  a.y = (nax_i_side){
      .lo = (double)m->n, .hi = 0.0, .label = "Neuron, by cluster", .integers = 1};
  nax_i_add_image(f, &a, m->n, m->t, v, 1, m->n, NAX_I_MAP_VIRIDIS, lo, hi, 0);
  double at = 0.0;
  for (nax_index k = 0; k + 1 < m->n_cluster[0]; k++) {
    for (nax_index i = 0; i < m->n; i++) {
      at += m->cluster[0][i] == k;
    }
    nax_i_add_hline(f, &a, at, NULL, (nax_i_style){.colour = NAX_I_INK, .width = 1.2});
  }
  nax_i_axes_draw(f, &a);
  state_strip(g, f, &a, a.top - 15.0, sorted ? g->bin : NULL);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, lo, hi,
                      counts ? "log2(1 + count)" : "Value", NULL);
  nax_i_fig_desc(f,
                 "Heat map of %lld neurons in the order of %lld clusters by %lld bins; "
                 "a strip above has the state of each bin.",
                 (long long)m->n, (long long)m->n_cluster[0], (long long)m->t);
  nax_i_fig_caption(f,
                    "Each row a neuron, rules part the clusters (largest first); the "
                    "strip shows the state of each bin in the point estimate%s.",
                    sorted ? ", by which the bins are sorted here" : "");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(v);
  return status;
}

/* A similarity matrix in an order. */
static nax_status
matrix(page *g, const char *id, const char *title, const char *label, nax_index n,
       const double *psm, const nax_index *order, const char *caption)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *v = NULL;
  NAX_TRY_ALLOC(v, n * n, sizeof *v);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; j < n; j++) {
      v[i + j * n] = psm[(order != NULL ? order[i] : i) * n + (order ? order[j] : j)];
    }
  }
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 390.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, 390.0);
  a.boxed = 1;
  a.x = (nax_i_side){.lo = 0.0, .hi = (double)n, .label = label, .integers = 1};
  a.y = (nax_i_side){.lo = (double)n, .hi = 0.0, .label = label, .integers = 1};
  nax_i_add_image(f, &a, n, n, v, 1, n, NAX_I_MAP_VIRIDIS, 0.0, 1.0, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, 0.0, 1.0, "Probability", NULL);
  nax_i_fig_desc(f, "Matrix of %lld by %lld probabilities.", (long long)n, (long long)n);
  nax_i_fig_caption(f, "%s", caption);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(v);
  return status;
}

/* One row of small plots per cluster: rows of the path with their bands. */
static nax_status
trajectories(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_bicluster *m = g->m;
  nax_index rows = m->n_cluster[0] < MAX_CLUSTERS ? m->n_cluster[0] : MAX_CLUSTERS;
  nax_index columns = m->q < 3 ? m->q : 3;
  double *x = NULL;
  static const char *const head[] = {"common to all neurons", "latent 1", "latent 2"};
  NAX_TRY_ALLOC(x, m->t, sizeof *x);
  for (nax_index t = 0; t < m->t; t++) {
    x[t] = 0.5 * (g->edge[t] + g->edge[t + 1]);
  }
  nax_i_fig *f = nax_i_fig_new("trajectories", NAX_I_FIG_WIDE, (double)rows * ROW + 100.0,
                               "Trajectories");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  double width = (NAX_I_FIG_WIDE - 90.0) / (double)columns - 34.0;
  for (nax_index a = 0; a < columns; a++) {
    double left = 100.0 + (double)a * (width + 34.0);
    nax_i_add_text(f, left, 16.0, -1, "h", head[a]);
    for (nax_index k = 0; k < rows; k++) {
      const nax_i_bic_band *b = &m->band[k];
      nax_index at = a * m->t;
      double lo, hi, low, high;
      nax_i_range(m->t, b->low + at, 1, &lo, &hi);
      nax_i_range(m->t, b->high + at, 1, &low, &high);
      nax_i_axes plot = {.left = left,
                         .top = 28.0 + (double)k * ROW,
                         .width = width,
                         .height = ROW - 24.0,
                         .x = {.lo = g->edge[0],
                               .hi = g->edge[m->t],
                               .label = k + 1 == rows ? time_label(g) : NULL,
                               .unit = k + 1 == rows ? time_unit(g) : NULL,
                               .no_ticks = k + 1 < rows},
                         .y = {.lo = lo < low ? lo : low, .hi = hi > high ? hi : high}};
      nax_i_style s = {.colour = (int)(k % NAX_I_N_CATEGORIES), .width = 1.2};
      nax_i_style pale = {.colour = s.colour, .alpha = 0.3};
      if (b->n_draws > 0) {
        nax_i_add_band(f, &plot, m->t, x, b->low + at, b->high + at, pale);
        nax_i_add_line(f, &plot, m->t, x, b->mean + at, s);
      }
      nax_i_axes_draw(f, &plot);
    }
  }
  for (nax_index k = 0; k < rows; k++) {
    char text[64];
    nax_index size = 0;
    for (nax_index i = 0; i < m->n; i++) {
      size += m->cluster[0][i] == k;
    }
    snprintf(text, sizeof text, "cluster %lld", (long long)k);
    nax_i_add_text(f, 4.0, 48.0 + (double)k * ROW, -1, "h", text);
    snprintf(text, sizeof text, "%lld neurons", (long long)size);
    nax_i_add_text(f, 4.0, 64.0 + (double)k * ROW, -1, "t", text);
  }
  nax_i_fig_desc(f, "One row per cluster, %lld in all; the lines are posterior means.",
                 (long long)m->n_cluster[0]);
  nax_i_fig_caption(f, "Posterior mean and 95 %% band of each cluster's trajectory, "
                       "centred over time; latents are turned to their principal axes "
                       "(their sign and scale are a convention).");
  if (rows < m->n_cluster[0]) {
    nax_i_fig_caption(f, " The first %lld clusters are drawn.", (long long)rows);
  }
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(x);
  return status;
}

/* A scalar over sweeps, a line for each chain. */
static nax_status
trace(page *g, int which, const char *id, const char *title)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_bicluster *m = g->m;
  nax_index n = m->n_trace, from = n > 40 ? n / 20 : 0;
  double *x = NULL, *y = NULL, lo, hi;
  NAX_TRY_ALLOC(x, n, sizeof *x);
  NAX_TRY_ALLOC(y, n * m->o.n_chains, sizeof *y);
  for (nax_index i = 0; i < n; i++) {
    x[i] = (double)((i + 1) * m->o.thin);
  }
  for (nax_index c = 0; c < m->o.n_chains; c++) {
    for (nax_index i = from; i < n; i++) {
      y[c * (n - from) + i - from] = m->trace[(c * n + i) * NAX_I_BIC_SCALARS + which];
    }
  }
  nax_i_range((n - from) * m->o.n_chains, y, 0, &lo, &hi);
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 260.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 260.0);
  a.x = (nax_i_side){.lo = 0.0, .hi = x[n - 1], .label = "Sweep", .integers = 1};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = title};
  a.grid = 1;
  for (nax_index c = 0; c < m->o.n_chains; c++) {
    nax_i_add_line(f, &a, n - from, x + from, y + c * (n - from),
                   (nax_i_style){.colour = (int)(c % NAX_I_N_CATEGORIES), .width = 0.8});
  }
  nax_i_add_vline(f, &a, (double)nax_i_bic_burn_in(&m->o), NULL,
                  (nax_i_style){.colour = NAX_I_MUTED});
  nax_i_axes_draw(f, &a);
  nax_i_fig_desc(f, "%s over sweeps for %lld chains.", title, (long long)m->o.n_chains);
  nax_i_fig_caption(f, "One line per chain; sweeps left of the rule do not count%s.",
                    from > 0 ? "; the first twentieth is not drawn" : "");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(x);
  nax_i_free(y);
  return status;
}

/* Posterior of a number. */
static nax_status
numbers(page *g, const char *id, const char *title, nax_index n, const double *prob)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *edge = NULL;
  nax_index last = 1;
  for (nax_index j = 0; j < n; j++) {
    last = prob[j] > 0.0 ? j : last;
  }
  NAX_TRY_ALLOC(edge, last + 2, sizeof *edge);
  for (nax_index j = 0; j <= last + 1; j++) {
    edge[j] = (double)j - 0.5;
  }
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 220.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 220.0);
  a.x = (nax_i_side){.lo = -0.5, .hi = (double)last + 0.5, .label = title, .integers = 1};
  a.y = (nax_i_side){.lo = 0.0, .hi = 1.0, .label = "Probability"};
  nax_i_add_bars(f, &a, last + 1, edge, prob, 0.0, 0.2, (nax_i_style){.colour = 0});
  nax_i_axes_draw(f, &a);
  nax_i_fig_desc(f, "Bars of the posterior probability of each number.");
  nax_i_fig_caption(f, "Posterior probability of each number.");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(edge);
  return status;
}

static void
summary(page *g)
{
  const nax_bicluster *m = g->m;
  char text[512];
  nax_i_page_lead(g->p,
                  "%lld neurons in %lld cluster%s, %lld bins in %lld state%s (point "
                  "estimates).",
                  (long long)m->n, (long long)m->n_cluster[0],
                  m->n_cluster[0] == 1 ? "" : "s", (long long)m->t,
                  (long long)m->n_state[0], m->n_state[0] == 1 ? "" : "s");
  snprintf(text, sizeof text, "%lld", (long long)m->n_cluster[0]);
  nax_i_page_tile(g->p, text, "clusters");
  snprintf(text, sizeof text, "%lld", (long long)m->n_state[0]);
  nax_i_page_tile(g->p, text, "states");
  snprintf(text, sizeof text, "%lld to %lld", (long long)m->ball_k[0],
           (long long)m->ball_k[1]);
  nax_i_page_tile(g->p, text, "clusters in the 95 % credible ball");
  nax_bicluster_verdict(m, text, sizeof text);
  nax_i_page_note(g->p, nax_bicluster_converged(m) ? NAX_INFO : NAX_VIOLATION,
                  nax_bicluster_converged(m) ? "bicluster.converged"
                                             : "bicluster.not-converged",
                  text);
}

static nax_status
trust(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_bicluster *m = g->m;
  nax_table *t = NULL;
  NAX_TRY(trace(g, NAX_I_BIC_LOGLIK, "trace-likelihood", "Log likelihood"));
  NAX_TRY(trace(g, NAX_I_BIC_CLUSTERS, "trace-clusters", "Clusters"));
  NAX_TRY(
      trace(g, NAX_I_BIC_STATES_LARGE, "trace-states", "States over 2 % of the bins"));
  NAX_TRY(trace(g, NAX_I_BIC_LOG_R, "trace-dispersion", "Mean log dispersion"));
  if (m->o.learn_latent_dim) {
    NAX_TRY(trace(g, NAX_I_BIC_LATENT_DIM, "trace-latents",
                  "Latents of a neuron's cluster (mean)"));
  }
  NAX_TRY(nax_bicluster_diagnostics(ctx, m, &t));
  nax_i_page_table(g->p, "diagnostics",
                   "Convergence of each scalar: rank-normalised "
                   "split R-hat, effective sample sizes",
                   t, 0, 0, NULL);
  nax_i_page_fact(g->p, "label and loadings accepted", "%.1f %%",
                  100.0 * m->member.accepted / m->member.proposed);
  if (m->path.proposed > 0.0) {
    nax_i_page_fact(g->p, "paths accepted", "%.1f %%",
                    100.0 * m->path.accepted / m->path.proposed);
    nax_i_page_fact(g->p, "states with paths accepted", "%.1f %%",
                    100.0 * m->together.accepted / m->together.proposed);
  }
  if (m->dimension.proposed > 0.0) {
    nax_i_page_fact(g->p, "latents more or less accepted", "%.2f %%",
                    100.0 * m->dimension.accepted / m->dimension.proposed);
  }
  if (m->swap.proposed > 0.0) {
    nax_i_page_fact(g->p, "swaps of temperatures accepted", "%.1f %%",
                    100.0 * m->swap.accepted / m->swap.proposed);
  }
  nax_i_page_fact(g->p, "largest difference of a probability between chains", "%.3f",
                  m->psm_spread);
  nax_i_page_fact(g->p, "95 % credible ball of the clusters (nats)", "%.3f", m->ball);
  nax_i_page_fact(g->p, "95 % credible ball of the states (nats)", "%.3f", m->ball_t);
  if (m->n_held > 0) {
    nax_i_page_fact(g->p, "held-out entries", "%lld", (long long)m->n_held);
    nax_i_page_fact(g->p, "their log density (nats per entry)", "%.4f", m->held_lpd);
    nax_i_page_fact(g->p, "under constant rates", "%.4f", m->held_null);
  }
done:
  nax_table_free(t);
  return status;
}

static void
method(page *g)
{
  nax_i_page_section(g->p, "method", "Method");
  nax_i_page_text(
      g->p,
      "Bayesian bi-clustering after Wei 2023 (arXiv:2309.02213); each cluster has dynamics "
      "of its own unless they are coupled. Paths by Polya-Gamma augmentation (Polson, Scott & "
      "Windle 2013), states with the paths integrated out and a sticky hierarchical "
      "Dirichlet process (Fox et al. 2011), labels by the telescoping sampler "
      "(Fruehwirth-Schnatter et al. 2021) with Laplace proposals and the exact "
      "likelihood; point partitions by variation of information (Wade & Ghahramani "
      "2018); convergence after Vehtari et al. 2021.");
  for (int32_t i = 0; i < nax_i_bicluster_table.n_opts; i++) {
    char value[256];
    const char *name = nax_i_bicluster_table.opts[i].name;
    if (strncmp(name, "checkpoint", 10) != 0 && strcmp(name, "resume") != 0) {
      nax_options_format(&nax_i_bicluster_table, &g->m->o, i, value, sizeof value);
      nax_i_page_fact(g->p, name, "%s", value[0] ? value : "none");
    }
  }
}

nax_status
nax_report_bicluster(nax_ctx *ctx, const nax_bicluster *m,
                     const nax_report_bicluster_info *info, const nax_report_opts *opts,
                     const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  nax_report_bicluster_info none = {NULL, NULL, NULL, NULL};
  page g = {.ctx = ctx, .m = m, .info = info != NULL ? info : &none};
  nax_table *latents = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  const nax_axis *time = g.info->time;
  NAX_REQUIRE(time == NULL || nax_axis_length(time) == m->time, NAX_EDIM,
              "axis `%s` has %lld positions, expected %lld", nax_axis_name(time),
              (long long)nax_axis_length(time), (long long)m->time);
  NAX_TRY(find_orders(&g));
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Clusters and states",
                       g.info->subject != NULL ? g.info->subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.p, "activity-section", "Activity by cluster and state");
  NAX_TRY(activity(&g, 0));
  NAX_TRY(activity(&g, 1));
  nax_i_page_section(g.p, "similarity-section", "Who belongs together");
  NAX_TRY(matrix(
      &g, "similarity", "Neurons together", "Neuron, by cluster", m->n, m->psm, g.neuron,
      "Posterior probability that two neurons share a cluster, in the order of "
      "the point estimate."));
  if (m->psm_t != NULL) {
    NAX_TRY(matrix(&g, "state-similarity", "Bins together", "Bin", m->t, m->psm_t, NULL,
                   "Posterior probability that two bins share a state, in time."));
  }
  NAX_TRY(numbers(&g, "number-clusters", "Clusters", m->n + 1, m->k_prob));
  NAX_TRY(
      numbers(&g, "number-states", "States over 2 % of the bins", m->l + 1, m->s_prob));
  nax_i_page_section(g.p, "trajectories-section", "Trajectories");
  NAX_TRY(trajectories(&g));
  if (m->o.learn_latent_dim) {
    NAX_TRY(nax_i_bic_latent_table(ctx, m, &latents));
    nax_i_page_table(g.p, "latent-counts",
                     "Posterior probability of each number of latents, by cluster",
                     latents, 0, 0, NULL);
  }
  nax_i_page_section(g.p, "trust", "Whether to trust the chains");
  NAX_TRY(trust(&g));
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_table_free(latents);
  nax_i_free(g.neuron);
  nax_i_free(g.bin);
  nax_i_free(g.edge);
  nax_i_page_free(g.p);
  return status;
}
