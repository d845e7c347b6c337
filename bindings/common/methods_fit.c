/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods the library exists for. */
#include "methods_i.h"
#include <string.h>

static nax_status
run_ntf(nxb_call *c)
{
  nax_ntf *m = NULL;
  nax_dataset *d = NULL;
  nax_view x = nxb_view(c, 0), init[NAX_MAX_NDIM];
  nax_status s = NAX_OK;
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
  nax_ntf_free(m);
  return nxb_give_dataset(c, s, d);
}

static nax_status
run_ntf_select(nxb_call *c)
{
  nax_ntf_selection chosen;
  nax_table *t = NULL;
  nax_view x = nxb_view(c, 0);
  nax_status s = nax_ntf_select(c->ctx, &x, c->opts[0], c->opts[1], &t, &chosen);
  if (s == NAX_OK) {
    s = nxb_give_table(c, "ranks", t);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, c->out, "rank", (double)chosen.rank);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, c->out, "rank_cv", (double)chosen.rank_cv);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, c->out, "rank_stable", (double)chosen.rank_stable);
  }
  return s;
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

static nax_status
run_connectome(nxb_call *c)
{
  nax_array *x = NULL, *u = NULL;
  nax_connectome *m = NULL;
  nax_dataset *d = NULL;
  nax_status s = nxb_array(c, 0, &x);
  if (s == NAX_OK) {
    s = nax_connectome_derivatives(c->ctx, x, c->opts[0], &u);
  }
  if (s == NAX_OK) {
    s = nax_connectome_fit(c->ctx, u, c->opts[0], c->opts[1], &m);
  }
  if (s == NAX_OK) {
    s = nax_connectome_dataset(c->ctx, m, u, &d);
  }
  nax_connectome_free(m);
  nax_array_free(u);
  nax_array_free(x);
  return nxb_give_dataset(c, s, d);
}

#define TENSOR                                                                           \
  {                                                                                      \
    "x", NXB_IN_ARRAY, 0, "neuron,time,trial,axis4,axis5,axis6",                         \
        "array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed"   \
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
             "one matrix per axis (length x rank) to start from"}},
     .tables = {"ntf"},
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
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,animal",
             "traces, neuron x time (x animal)"}},
     .tables = {"connectome", "ntf"},
     .run = run_connectome},
    {.name = NULL},
};
