/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods the library exists for. */
#include "methods_i.h"
#include <stdlib.h>
#include <string.h>

static nax_status
run_ntf(nxb_call *c)
{
  nax_ntf *m = NULL;
  nax_dataset *d = NULL;
  const char *page;
  nax_view x = nxb_view(c, 0), init[NAX_MAX_NDIM];
  nax_status s = nxb_page(c, 2, &page);
  if (s != NAX_OK) {
    return s;
  }
  if (c->in[1].kind == NXB_LIST) {
    if (c->in[1].n_items != x.ndim) {
      return nxb_fail(c, NAX_EDIM, "`init` has %lld elements, expected %d",
                      (long long)c->in[1].n_items, (int)x.ndim);
    }
    for (int k = 0; k < x.ndim; k++) {
      init[k] = c->in[1].item[k].view;
    }
  }
  s = nax_ntf_fit(c->ctx, &x, c->in[1].kind == NXB_LIST ? init : NULL, c->opts[0], &m);
  if (s == NAX_OK) {
    s = nax_ntf_dataset(c->ctx, m, nxb_axes(c, 0), &d);
  }
  if (s == NAX_OK && page != NULL) {
    s = nax_report_ntf(c->ctx, m, nxb_axes(c, 0), NULL, nxb_opts(c, "report"), page);
  }
  nax_ntf_free(m);
  return nxb_give_dataset(c, s, d);
}

/* The factorisation that a result holds. */
static nax_status
ntf_of(nxb_call *c, const nax_dataset *d, nax_ntf **out)
{
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_view f[NAX_MAX_NDIM];
  int32_t n = 0;
  const nax_array *w = nax_dataset_array(d, "weights");
  *out = NULL;
  for (int32_t i = 0; i < nax_dataset_n_vars(d); i++) {
    const char *name = nax_dataset_var_name(d, i);
    const nax_array *a = nax_dataset_array(d, name);
    if (a != NULL && strncmp(name, "factor_", 7) == 0 && n < NAX_MAX_NDIM) {
      f[n++] = nax_array_view(a);
    }
  }
  if (n < 2 || w == NULL || f[0].ndim != 2 || nax_array_size(w) != f[0].dim[1]) {
    return nxb_fail(c, NAX_EINVAL,
                    "`%s` has no factors and weights, expected a result "
                    "of ntf",
                    c->method->in[0].name);
  }
  nax_status s = nxb_kept_options(c, d, "ntf", ",loss,beta,free,", &o);
  return s == NAX_OK ? nax_ntf_create(c->ctx, n, f, nax_array_f64(w), &o, out) : s;
}

static nax_status
run_ntf_project(nxb_call *c)
{
  nax_ntf *m = NULL;
  nax_array *a = NULL;
  nax_view x = nxb_view(c, 1);
  int32_t mode = x.ndim - 1;
  const char *name = nxb_text(c, 2, NULL);
  if (name != NULL && (mode = nax_view_axis(&x, name)) < 0) {
    return nxb_fail(c, NAX_EINVAL, "`x` has no axis `%s`", name);
  }
  nax_status s = ntf_of(c, c->in[0].dataset, &m);
  if (s == NAX_OK) {
    s = nax_ntf_project(c->ctx, m, &x, mode, &a);
  }
  if (s == NAX_OK) {
    s = nax_array_set_axis(c->ctx, a, 0, c->in[1].axis[mode]);
  }
  nax_ntf_free(m);
  if (s != NAX_OK) {
    nax_array_free(a);
    return s;
  }
  return nxb_give_array(c, "loadings", a);
}

/* Positions count from 1 in the hosts. */
static nax_status
run_ntf_sparse(nxb_call *c)
{
  nax_view at = nxb_view(c, 0);
  nax_ntf_coo x = {.n = at.dim[0], .n_modes = at.ndim == 2 ? (int32_t)at.dim[1] : 0};
  const double *length;
  nax_index n_values, n_lengths, *index = NULL;
  nax_ntf *m = NULL;
  nax_dataset *d = NULL;
  if (at.ndim != 2 || at.dim[1] < 2 || at.dim[1] > 6) {
    return nxb_fail(c, NAX_EDIM,
                    "`position` has %d axes, expected entry x mode with 2 "
                    "to 6 modes",
                    (int)at.ndim);
  }
  nax_status s = nxb_numbers(c, 1, &x.value, &n_values);
  s = s == NAX_OK ? nxb_numbers(c, 2, &length, &n_lengths) : s;
  if (s == NAX_OK && (n_values != x.n || n_lengths != at.dim[1])) {
    s = nxb_fail(c, NAX_EDIM, "%lld values and %lld lengths, expected %lld and %lld",
                 (long long)n_values, (long long)n_lengths, (long long)x.n,
                 (long long)at.dim[1]);
  }
  if (s == NAX_OK) {
    index = calloc((size_t)(x.n * at.dim[1]) + 1, sizeof *index);
    s = index != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (int k = 0; s == NAX_OK && k < x.n_modes; k++) {
    if (!(length[k] >= 1.0 && length[k] < 1e15)) {
      s = nxb_fail(c, NAX_EDIM, "length %d is %g, expected at least 1", k + 1, length[k]);
      break;
    }
    x.dim[k] = (nax_index)length[k];
    for (nax_index e = 0; s == NAX_OK && e < x.n; e++) {
      double p = nax_view_get(&at, (nax_index[]){e, k});
      if (!(p >= 1.0 && p <= (double)x.dim[k])) {
        s = nxb_fail(c, NAX_EDIM,
                     "`position` is %g at entry %lld, mode %d, expected 1 to "
                     "%lld",
                     p, (long long)e + 1, k + 1, (long long)x.dim[k]);
      } else {
        index[e + k * x.n] = (nax_index)p - 1;
      }
    }
  }
  x.index = index;
  if (s == NAX_OK) {
    s = nax_ntf_fit_sparse(c->ctx, &x, NULL, nxb_opts(c, "ntf"), &m);
  }
  if (s == NAX_OK) {
    s = nax_ntf_dataset(c->ctx, m, NULL, &d);
  }
  nax_ntf_free(m);
  free(index);
  return nxb_give_dataset(c, s, d);
}

static nax_status
run_ntf_file(nxb_call *c)
{
  nax_source *file = NULL;
  nax_ntf *m = NULL;
  nax_dataset *d = NULL;
  double memory;
  int32_t var = -1, streamed = 0;
  nax_source_opts *o = nxb_opts(c, "source");
  o->var = nxb_text(c, 1, o->var);
  nax_status s = nxb_number(c, 2, 1024.0, &memory);
  if (s == NAX_OK && !(memory > 0.0 && memory < 1e9)) {
    s = nxb_fail(c, NAX_EINVAL, "`memory` is %g, expected megabytes above 0", memory);
  }
  s = s == NAX_OK ? nxb_open(c, nxb_text(c, 0, ""), &file, &var) : s;
  if (s == NAX_OK) {
    s = nax_ntf_fit_source(c->ctx, file, var, (size_t)(memory * 1048576.0), NULL,
                           nxb_opts(c, "ntf"), &streamed, &m);
  }
  if (s == NAX_OK) {
    s = nax_ntf_dataset(c->ctx, m,
                        (const nax_axis *const *)nax_source_var(file, var)->axis, &d);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, d, "ntf_streamed", (double)streamed);
  }
  nax_ntf_free(m);
  nax_source_close(file);
  if (s != NAX_OK) {
    nax_dataset_free(d);
    d = NULL;
  }
  return nxb_give_dataset(c, s, d);
}

/* A table of ranks, which is taken over, and what it says. */
static nax_status
give_ranks(nxb_call *c, nax_table *t, const nax_ntf_selection *chosen)
{
  static const char *const names[] = {"rank", "rank_cv", "rank_stable"};
  const double x[] = {(double)chosen->rank, (double)chosen->rank_cv,
                      (double)chosen->rank_stable};
  nax_status s = nxb_give_table(c, "ranks", t);
  for (int k = 0; s == NAX_OK && k < 3; k++) {
    s = nax_dataset_set_number(c->ctx, c->out, names[k], x[k]);
  }
  return s;
}

static nax_status
run_ntf_select(nxb_call *c)
{
  nax_ntf_selection chosen;
  nax_table *t = NULL;
  nax_view x = nxb_view(c, 0);
  nax_status s = nax_ntf_select(c->ctx, &x, c->opts[0], c->opts[1], &t, &chosen);
  return s == NAX_OK ? give_ranks(c, t, &chosen) : s;
}

static nax_status
run_ntf_null(nxb_call *c)
{
  nax_ntf *m = NULL;
  nax_table *t = NULL;
  nax_view x = nxb_view(c, 0);
  nax_status s = nax_ntf_fit(c->ctx, &x, NULL, c->opts[0], &m);
  if (s == NAX_OK) {
    s = nax_ntf_null(c->ctx, &x, m, c->opts[1], &t);
  }
  nax_ntf_free(m);
  return s == NAX_OK ? nxb_give_table(c, "components", t) : s;
}

static nax_status
run_sbm(nxb_call *c)
{
  nax_sbm *m = NULL;
  nax_dataset *d = NULL;
  nax_view w = nxb_view(c, 0);
  nax_status s = nax_sbm_fit(c->ctx, &w, c->opts[0], &m);
  if (s == NAX_OK) {
    s = nax_sbm_dataset(c->ctx, m, c->in[0].axis[0], &d);
  }
  nax_sbm_free(m);
  return nxb_give_dataset(c, s, d);
}

/* Ends of edges, from 1 in the hosts, from 0 here; the largest of both in `most`. */
static nax_status
ends_of(nxb_call *c, int i, nax_index n, nax_index **out, nax_index *given,
        nax_index *most)
{
  int64_t *code;
  *out = NULL;
  nax_status s = nxb_codes(c, i, n, &code, given);
  if (s == NAX_OK) {
    *out = calloc((size_t)*given + 1, sizeof **out);
    s = *out != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index e = 0; s == NAX_OK && e < *given; e++) {
    if (code[e] < 1) {
      s = nxb_fail(c, NAX_EINVAL, "`%s` is %lld at %lld, expected numbers from 1",
                   c->method->in[i].name, (long long)code[e], (long long)e + 1);
      break;
    }
    (*out)[e] = code[e] - 1;
    *most = code[e] > *most ? code[e] : *most;
  }
  free(code);
  return s;
}

/* A graph given by its edges: inputs from, to, and, from `weight` on, weight, nodes. */
typedef struct graph {
  nax_index n_nodes, n_edges, *from, *to;
  const double *weight;
} graph;

static nax_status
graph_of(nxb_call *c, int weight, graph *g)
{
  nax_index n, most = 0;
  memset(g, 0, sizeof *g);
  nax_status s = ends_of(c, 0, -1, &g->from, &g->n_edges, &most);
  s = s == NAX_OK ? ends_of(c, 1, g->n_edges, &g->to, &n, &most) : s;
  s = s == NAX_OK ? nxb_numbers(c, weight, &g->weight, &n) : s;
  if (s == NAX_OK && g->weight != NULL && n != g->n_edges) {
    s = nxb_fail(c, NAX_EDIM, "`weight` has %lld values, expected %lld", (long long)n,
                 (long long)g->n_edges);
  }
  return s == NAX_OK ? nxb_whole(c, weight + 1, (double)most, 1.0, 1e9, &g->n_nodes) : s;
}

static void
graph_free(graph *g)
{
  free(g->from);
  free(g->to);
}

static nax_status
run_sbm_edges(nxb_call *c)
{
  graph g;
  nax_sbm *m = NULL;
  nax_dataset *d = NULL;
  nax_sbm_opts *o = nxb_opts(c, "sbm");
  nax_status s = graph_of(c, 2, &g);
  if (s == NAX_OK && g.weight == NULL && !nxb_was_set(c, "weights")) {
    o->weights = NAX_SBM_NONE;
  }
  if (s == NAX_OK) {
    s = nax_sbm_fit_edges(c->ctx, g.n_nodes, g.n_edges, g.from, g.to, g.weight, o, &m);
  }
  if (s == NAX_OK) {
    s = nax_sbm_dataset(c->ctx, m, NULL, &d);
  }
  nax_sbm_free(m);
  graph_free(&g);
  return nxb_give_dataset(c, s, d);
}

static nax_status
run_sbm_describe(nxb_call *c)
{
  graph g;
  int64_t *group = NULL;
  nax_sbm_opts *o = nxb_opts(c, "sbm");
  nax_status s = graph_of(c, 3, &g);
  if (s == NAX_OK && g.weight == NULL && !nxb_was_set(c, "weights")) {
    o->weights = NAX_SBM_NONE;
  }
  s = s == NAX_OK ? nxb_codes(c, 2, g.n_nodes, &group, NULL) : s;
  nax_index *label = calloc((size_t)g.n_nodes + 1, sizeof *label);
  if (s == NAX_OK && label == NULL) {
    s = nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index i = 0; s == NAX_OK && i < g.n_nodes; i++) {
    label[i] = group[i];
  }
  /* both models unless one was asked for, a row each */
  double x[16];
  nax_index rows = o->degrees == NAX_SBM_EITHER ? 2 : 1;
  for (nax_index k = 0; s == NAX_OK && k < rows; k++) {
    nax_sbm_opts one = *o;
    nax_sbm_terms t;
    if (rows > 1) {
      one.degrees = k == 0 ? NAX_SBM_PLAIN : NAX_SBM_CORRECTED;
    }
    s = nax_sbm_describe_edges(c->ctx, g.n_nodes, g.n_edges, g.from, g.to, g.weight,
                               label, &one, &t);
    if (s == NAX_OK) {
      const double row[] = {one.degrees == NAX_SBM_CORRECTED ? 1.0 : 0.0,
                            t.adjacency,
                            t.degrees,
                            t.partition,
                            t.edges,
                            t.weights,
                            t.totals,
                            t.total};
      for (int i = 0; i < 8; i++) {
        x[k + i * rows] = row[i];
      }
    }
  }
  static const char *const names[] = {"corrected", "adjacency", "degrees", "partition",
                                      "edges",     "weights",   "totals",  "total"};
  s = s == NAX_OK ? nxb_give_columns(c, "description", "model", rows, 8, names, x) : s;
  free(label);
  free(group);
  graph_free(&g);
  return s;
}

/* Derivatives of one recording, or of several on their common neurons, bin by bin from
 * their beginnings; what the shorter ones lack is missing. */
static nax_status
derivatives_of(nxb_call *c, nax_array **out)
{
  const nxb_value *v = &c->in[0];
  const nax_connectome_opts *o = nxb_opts(c, "connectome");
  nax_index n = v->kind == NXB_LIST ? v->n_items : 1, most = 0, longest = 0;
  nax_array **u = calloc((size_t)n + 1, sizeof(nax_array *));
  nax_index **bin = calloc((size_t)n + 1, sizeof(nax_index *));
  nax_status s =
      u != NULL && bin != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
  *out = NULL;
  if (s == NAX_OK && n < 1) {
    s = nxb_fail(c, NAX_EDIM, "`x` has no recording");
  }
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    nax_array *x = NULL;
    s = nxb_array_of(c, v->kind == NXB_LIST ? &v->item[k] : v, &x);
    if (s == NAX_OK) {
      s = nax_connectome_derivatives(c->ctx, x, o, &u[k]);
    }
    nax_array_free(x);
    nax_index bins = s == NAX_OK ? nax_array_dim(u[k], 1) : 0;
    longest = bins > most ? k : longest;
    most = bins > most ? bins : most;
    bin[k] = calloc((size_t)bins + 1, sizeof **bin);
    if (s == NAX_OK && bin[k] == NULL) {
      s = nxb_fail(c, NAX_ENOMEM, "out of memory");
    }
    for (nax_index t = 0; s == NAX_OK && t < bins; t++) {
      bin[k][t] = t;
    }
  }
  if (s == NAX_OK && v->kind != NXB_LIST) {
    *out = u[0];
    u[0] = NULL;
  } else if (s == NAX_OK) {
    s = nax_connectome_align(c->ctx, n, (const nax_array *const *)u,
                             (const nax_index *const *)bin, most,
                             nax_array_axis(u[longest], 1), out);
  }
  for (nax_index k = 0; u != NULL && bin != NULL && k < n; k++) {
    nax_array_free(u[k]);
    free(bin[k]);
  }
  free(u);
  free(bin);
  return s;
}

static nax_status
run_connectome(nxb_call *c)
{
  nax_array *u = NULL;
  nax_connectome *m = NULL;
  nax_dataset *d = NULL;
  const char *page;
  nax_status s = nxb_page(c, 1, &page);
  if (s == NAX_OK) {
    s = derivatives_of(c, &u);
  }
  if (s == NAX_OK) {
    s = nax_connectome_fit(c->ctx, u, c->opts[0], c->opts[1], &m);
  }
  if (s == NAX_OK) {
    s = nax_connectome_dataset(c->ctx, m, u, &d);
  }
  if (s == NAX_OK && page != NULL) {
    s = nax_report_connectome(c->ctx, m, u, NULL, nxb_opts(c, "report"), page);
  }
  nax_connectome_free(m);
  nax_array_free(u);
  return nxb_give_dataset(c, s, d);
}

static nax_status
run_connectome_select(nxb_call *c)
{
  nax_array *u = NULL;
  nax_table *t = NULL;
  nax_ntf_selection chosen;
  nax_status s = derivatives_of(c, &u);
  s = s == NAX_OK ? nax_connectome_select(c->ctx, u, nxb_opts(c, "connectome"),
                                          nxb_opts(c, "ntf"), nxb_opts(c, "ntf-select"),
                                          &t, &chosen)
                  : s;
  nax_array_free(u);
  return s == NAX_OK ? give_ranks(c, t, &chosen) : s;
}

static nax_status
run_derivatives(nxb_call *c)
{
  nax_array *u = NULL;
  nax_status s = derivatives_of(c, &u);
  return s == NAX_OK ? nxb_give_array(c, "derivatives", u) : s;
}

static nax_status
run_affinity(nxb_call *c)
{
  nax_array *u = NULL, *a = NULL;
  nax_status s = derivatives_of(c, &u);
  if (s == NAX_OK) {
    s = nax_connectome_affinity(c->ctx, u, c->opts[0], &a);
  }
  nax_array_free(u);
  return s == NAX_OK ? nxb_give_array(c, "affinity", a) : s;
}

#define TENSOR                                                                           \
  {                                                                                      \
    "x", NXB_IN_ARRAY, 0, "neuron,time,trial,axis4,axis5,axis6",                         \
        "array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed"   \
  }

#define RECORDINGS                                                                       \
  {                                                                                      \
    "x", NXB_IN_ARRAY | NXB_IN_LIST, 0, "neuron,time,animal",                            \
        "traces, neuron x time (x animal), or a list of recordings, whose neurons are "  \
        "matched by label"                                                               \
  }

const nxb_method nxb_fit_methods[] = {
    {.name = "ntf",
     .title = "Non-negative tensor factorisation",
     .details =
         "Approximates an array by a sum of components, each the product of one "
         "non-negative profile per axis: which neurons act together, when, and in which "
         "trials or animals. The best of several random starts is returned.",
     .value = "weights, one factor per axis, the error after each sweep, and how each "
              "start went",
     .result = "ntf",
     .r = {R_CALCIUM R_RECTIFY, "ntf(x, rank = 2, restarts = 2)"},
     .m = {M_CALCIUM M_RECTIFY, "neuraxis.ntf(x, 'rank', 2, 'restarts', 2)"},
     .in = {TENSOR,
            {"init", NXB_IN_LIST, 1, "position,component",
             "one matrix per axis (length x rank) to start from"},
            NXB_REPORT},
     .tables = {"ntf", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_ntf},
    {.name = "ntf_select",
     .title = "How many components the data support",
     .details = "Two criteria that need not agree: the error on entries left out of the "
                "fit, and the agreement between random starts. Where they differ the "
                "recommendation is the smaller one.",
     .value = "the table `ranks`, and `rank`, `rank_cv` and `rank_stable`",
     .result = "ntf_select",
     .r = {R_CALCIUM R_RECTIFY, "ntf_select(x, rank_max = 2, restarts = 2, folds = 2)"},
     .m = {M_CALCIUM M_RECTIFY, "neuraxis.ntf_select(x, 'rank_max', 2, 'restarts', 2)"},
     .in = {TENSOR},
     .tables = {"ntf", "ntf-select"},
     .hidden = ",rank,",
     .run = run_ntf_select},
    {.name = "ntf_null",
     .title = "Are the components more than chance",
     .details = "A p value for each component, from fits of data whose courses were "
                "shifted circularly against each other: each keeps its spectrum and its "
                "values, and what courses have in common goes.",
     .value = "a table with one row per component",
     .result = "",
     .r = {R_CALCIUM R_RECTIFY, "ntf_null(x, rank = 2, restarts = 2, draws = 19)"},
     .m = {M_CALCIUM M_RECTIFY,
           "neuraxis.ntf_null(x, 'rank', 2, 'restarts', 2, 'draws', 19)"},
     .in = {TENSOR},
     .tables = {"ntf", "ntf-null"},
     .hidden = ",fixed,",
     .run = run_ntf_null},
    {.name = "ntf_project",
     .title = "New slices on the components of a factorisation",
     .details = "The loadings of new trials, animals or stretches of time: each slice is "
                "solved by itself with the other factors as they are. On the slices of "
                "the fit this is weight times factor.",
     .value = "an array, length of the axis x component",
     .result = "",
     .r = {R_CALCIUM R_RECTIFY "\nfit <- ntf(x, rank = 2, restarts = 2)",
           "ntf_project(fit, x[, 1:50], \"time\")"},
     .m = {M_CALCIUM M_RECTIFY " fit = neuraxis.ntf(x, 'rank', 2, 'restarts', 2);",
           "neuraxis.ntf_project(fit, x.values(:, 1:50), 'axis', 'time')"},
     .in = {{"fit", NXB_IN_DATASET, 0, NULL, "result of ntf"},
            {"x", NXB_IN_ARRAY, 0, "neuron,time,trial,axis4,axis5,axis6",
             "array like the one of the fit but for the length of one axis"},
            {"axis", NXB_IN_TEXT, 1, NULL,
             "name of the axis that is new; not given: the last"}},
     .run = run_ntf_project},
    {.name = "ntf_sparse",
     .title = "Factorisation of an array that is mostly zero",
     .details = "As ntf, from the entries that are not zero: what is not listed is zero "
                "and counts as data.",
     .value = "as ntf; the axes are called mode1, mode2, ...",
     .result = "ntf",
     .r = {"x <- matrix(rpois(400, 0.05), 20)\nat <- which(x > 0, arr.ind = TRUE)",
           "ntf_sparse(at, x[at], dim(x), rank = 2, restarts = 2)"},
     .m = {"[i, j, v] = find(sprand(20, 20, 0.1));",
           "neuraxis.ntf_sparse([i, j], v, [20 20], 'rank', 2, 'restarts', 2)"},
     .in = {{"position", NXB_IN_ARRAY, 0, "entry,mode",
             "positions from 1, one row per entry and one column per axis"},
            {"value", NXB_IN_ARRAY, 0, "entry", "value of each entry"},
            {"dim", NXB_IN_ARRAY, 0, "mode", "lengths of the axes"}},
     .tables = {"ntf"},
     .hidden = ",fixed,",
     .run = run_ntf_sparse},
    {.name = "ntf_file",
     .title = "Factorisation of a file that may be larger than memory",
     .details =
         "As ntf of a variable of a file. When it does not go into `memory`, it is "
         "read block by block in every sweep.",
     .value = "as ntf",
     .result = "ntf",
     .r = {R_CALCIUM R_RECTIFY
           "\npath <- tempfile(fileext = \".nc\")\nwrite_dataset(list(x = x), path)",
           "ntf_file(path, \"x\", rank = 2, restarts = 2)"},
     .m = {M_CALCIUM M_RECTIFY
           " p = [tempname() '.nc']; neuraxis.write_dataset(struct('x', x), p);",
           "neuraxis.ntf_file(p, 'variable', 'x', 'rank', 2, 'restarts', 2)"},
     .in = {{"path", NXB_IN_TEXT, 0, NULL, "file or folder"},
            {"variable", NXB_IN_TEXT, 1, NULL,
             "name of the variable; not given: the main one"},
            {"memory", NXB_IN_ARRAY, 1, "value", "megabytes to use; not given: 1024"}},
     .tables = {"ntf", "source"},
     .hidden = ",fixed,",
     .run = run_ntf_file},
    {.name = "sbm",
     .title = "Communities of a weighted graph",
     .details = "The nested microcanonical stochastic block model: groups of nodes that "
                "are joined alike, their number chosen by description length.",
     .value = "the group of each node at each level, how sure that is, and the "
              "description lengths",
     .result = "sbm",
     .r = {"x <- outer(rep(1:2, each = 6), rep(1:2, each = 6), \"==\") + 0.1",
           "sbm(x, restarts = 2)"},
     .m = {"x = kron(eye(2), ones(6)) + 0.1;", "neuraxis.sbm(x, 'restarts', 2)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "node,node_2",
             "symmetric matrix of weights >= 0; 0: not joined"}},
     .tables = {"sbm"},
     .run = run_sbm},
    {.name = "sbm_edges",
     .title = "Communities of a graph given by its edges",
     .details = "As sbm, for large sparse graphs. Several edges of one pair are parallel "
                "edges.",
     .value = "as sbm",
     .result = "sbm",
     .r = {"from <- c(1, 1, 2, 4, 4, 5, 3)\nto <- c(2, 3, 3, 5, 6, 6, 4)",
           "sbm_edges(from, to, restarts = 2)"},
     .m = {"from = [1 1 2 4 4 5 3]; to = [2 3 3 5 6 6 4];",
           "neuraxis.sbm_edges(from, to, 'restarts', 2)"},
     .in = {{"from", NXB_IN_ARRAY, 0, "edge", "one end of each edge, numbers from 1"},
            {"to", NXB_IN_ARRAY, 0, "edge", "the other end"},
            {"weight", NXB_IN_ARRAY, 1, "edge", "weight of each edge; not given: none"},
            {"nodes", NXB_IN_ARRAY, 1, "value",
             "number of nodes; not given: the largest end"}},
     .tables = {"sbm"},
     .derived = ",weights,",
     .run = run_sbm_edges},
    {.name = "sbm_describe",
     .title = "Description length of a partition of a graph",
     .details = "How many nats it takes to tell the graph by these groups, and what they "
                "are spent on: the shorter, the better the partition.",
     .value = "a table with one row for each model of the degrees",
     .result = "",
     .r = {"from <- c(1, 1, 2, 4, 4, 5, 3)\nto <- c(2, 3, 3, 5, 6, 6, 4)",
           "sbm_describe(from, to, label = c(0, 0, 0, 1, 1, 1))"},
     .m = {"from = [1 1 2 4 4 5 3]; to = [2 3 3 5 6 6 4];",
           "neuraxis.sbm_describe(from, to, [0 0 0 1 1 1])"},
     .in = {{"from", NXB_IN_ARRAY, 0, "edge", "one end of each edge, numbers from 1"},
            {"to", NXB_IN_ARRAY, 0, "edge", "the other end"},
            {"label", NXB_IN_ARRAY, 0, "node",
             "group of each node, whole numbers from 0, each used"},
            {"weight", NXB_IN_ARRAY, 1, "edge", "weight of each edge; not given: none"},
            {"nodes", NXB_IN_ARRAY, 1, "value",
             "number of nodes; not given: the largest end"}},
     .tables = {"sbm"},
     .shown = ",weights,degrees,floor,",
     .derived = ",weights,",
     .run = run_sbm_describe},
    {.name = "connectome_derivatives",
     .title = "Unit-free derivatives of traces",
     .details = "Each trace is scaled to its own range, smoothed and differentiated; "
                "small and short changes count as none. Several recordings are put on "
                "their common neurons.",
     .value = "an array neuron x time x animal x scale",
     .result = "",
     .r = {R_CALCIUM, "connectome_derivatives(x)"},
     .m = {M_CALCIUM, "neuraxis.connectome_derivatives(x)"},
     .in = {RECORDINGS},
     .tables = {"connectome"},
     .shown = ",smoother,sigma,scales,window,order,threshold,min_run,clip,",
     .run = run_derivatives},
    {.name = "connectome_affinity",
     .title = "Affinity of each pair of neurons over time",
     .details = "How much two neurons change together at each time, 0 to 1, from their "
                "derivatives.",
     .value = "an array time x animal x pair (x channel) (x scale)",
     .result = "",
     .r = {R_CALCIUM, "connectome_affinity(x)"},
     .m = {M_CALCIUM, "neuraxis.connectome_affinity(x)"},
     .in = {RECORDINGS},
     .tables = {"connectome"},
     .shown = ",smoother,sigma,scales,scale_mode,window,order,threshold,min_run,clip,"
              "kernel,channels,interval,single,",
     .run = run_affinity},
    {.name = "connectome_select",
     .title = "How many motifs the affinities support",
     .details = "As ntf_select, on the affinities of all pairs of neurons; what is held "
                "out are stretches of time at least as long as a derivative reaches.",
     .value = "the table `ranks`, and `rank`, `rank_cv` and `rank_stable`",
     .result = "ntf_select",
     .r = {R_CALCIUM, "connectome_select(x, rank_max = 2, restarts = 2, folds = 2)"},
     .m = {M_CALCIUM, "neuraxis.connectome_select(x, 'rank_max', 2, 'restarts', 2)"},
     .in = {RECORDINGS},
     .tables = {"connectome", "ntf", "ntf-select"},
     .hidden = ",rank,",
     .run = run_connectome_select},
    {.name = "connectome",
     .title = "Dynamic connectome: which neurons change together, when, in which animal",
     .details =
         "Affinities of the smoothed derivatives of all pairs of neurons are factorised "
         "over time, animals and pairs; the motif of each component, a weighted graph, is "
         "split into communities by a nested block model.",
     .value = "motifs, their time courses, animals and communities, with uncertainty",
     .result = "connectome",
     .r = {R_CALCIUM, "connectome(x, rank = 2, restarts = 1)"},
     .m = {M_CALCIUM, "neuraxis.connectome(x, 'rank', 2, 'restarts', 1)"},
     .in = {RECORDINGS, NXB_REPORT},
     .tables = {"connectome", "ntf", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_connectome},
    {.name = NULL},
};
