/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latent trajectories of trials. */
#include "methods_i.h"
#include <stdlib.h>
#include <string.h>

/* ---- trials -------------------------------------------------------------------------
 */

/* One view per trial: of an array neuron x time x trial, each without what is missing at
 * its end, or of a list of matrices. Free `view`. */
typedef struct trials {
  nax_view *view;
  nax_index n;
  const nax_axis *neurons, *time, *axis; /* borrowed; `axis` of the trials, or NULL */
} trials;

/* Bins up to the last that has a value. */
static nax_index
length_of(const nax_view *v)
{
  for (nax_index t = v->dim[1]; t > 0; t--) {
    for (nax_index i = 0; i < v->dim[0]; i++) {
      const nax_index at[NAX_MAX_NDIM] = {i, t - 1};
      if (!isnan(nax_view_get(v, at))) {
        return t;
      }
    }
  }
  return 0;
}

static nax_status
trials_of(nxb_call *c, int i, trials *out)
{
  const nxb_value *v = &c->in[i];
  memset(out, 0, sizeof *out);
  out->n = v->kind == NXB_LIST ? v->n_items : v->view.ndim > 2 ? v->view.dim[2] : 1;
  if (v->kind == NXB_ARRAY && v->view.ndim != 2 && v->view.ndim != 3) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %d axes, expected neuron x time (x trial)",
                    c->method->in[i].name, (int)v->view.ndim);
  }
  if (out->n < 1) {
    return nxb_fail(c, NAX_EDIM, "`%s` has no trial", c->method->in[i].name);
  }
  out->view = calloc((size_t)out->n, sizeof *out->view);
  if (out->view == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; k < out->n; k++) {
    if (v->kind == NXB_LIST) {
      out->view[k] = v->item[k].view;
      continue;
    }
    nax_view one = v->view;
    if (one.ndim == 3) {
      one.data = (const double *)v->view.data + k * v->view.stride[2];
      one.ndim = 2;
    }
    nax_index bins = length_of(&one);
    one.dim[1] = bins > 0 ? bins : one.dim[1]; /* all missing: the library says so */
    out->view[k] = one;
  }
  const nxb_value *first = v->kind == NXB_LIST ? &v->item[0] : v;
  out->neurons = first->axis[0];
  out->time = first->view.ndim > 1 ? first->axis[1] : NULL;
  out->axis = v->kind == NXB_ARRAY && v->view.ndim == 3 ? v->axis[2] : NULL;
  return NAX_OK;
}

/* The width of a bin is that of the time axis unless it was given. */
static void
bin_of(const nxb_call *c, const trials *t, double *bin)
{
  if (!nxb_was_set(c, "bin") && t->time != NULL && nax_axis_rate(t->time) > 0.0) {
    *bin = 1.0 / nax_axis_rate(t->time);
  }
}

/* ---- GPFA ---------------------------------------------------------------------------
 */

static nax_status
run_gpfa(nxb_call *c)
{
  trials t;
  nax_gpfa *m = NULL;
  nax_gpfa_posterior *p = NULL;
  nax_dataset *d = NULL;
  double *explained = NULL;
  nax_gpfa_opts *o = c->opts[0];
  nax_status s = trials_of(c, 0, &t);
  if (s == NAX_OK) {
    bin_of(c, &t, &o->bin);
    s = nax_gpfa_fit(c->ctx, t.n, t.view, NULL, o, &m);
  }
  if (s == NAX_OK) {
    s = nax_gpfa_infer(c->ctx, m, t.n, t.view, c->opts[1], &p);
  }
  if (s == NAX_OK) {
    explained = calloc((size_t)nax_gpfa_get(m).n_latents + 1, sizeof *explained);
    s = explained != NULL ? nax_gpfa_explained(c->ctx, m, t.n, t.view, explained)
                          : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  if (s == NAX_OK) {
    nax_gpfa_labels labels = {
        t.neurons, t.axis,
        t.time != NULL && nax_axis_rate(t.time) > 0.0 ? nax_axis_coord(t.time, 0) : 0.0};
    s = nax_gpfa_dataset(c->ctx, m, p, &labels, explained, &d);
  }
  free(explained);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  free(t.view);
  return nxb_give_dataset(c, s, d);
}

static nax_status
run_gpfa_select(nxb_call *c)
{
  trials t;
  nax_table *table = NULL;
  nax_gpfa_selection chosen = {0, 0};
  nax_gpfa_opts *o = c->opts[0];
  nax_status s = trials_of(c, 0, &t);
  if (s == NAX_OK) {
    bin_of(c, &t, &o->bin);
    s = nax_gpfa_select(c->ctx, t.n, t.view, o, c->opts[1], &table, &chosen);
  }
  free(t.view);
  if (s == NAX_OK) {
    s = nxb_give_table(c, "dimensions", table);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, c->out, "latents", (double)chosen.latents);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, c->out, "best", (double)chosen.best);
  }
  return s;
}

#define TRIALS                                                                              \
  {                                                                                         \
    "x", NXB_IN_ARRAY | NXB_IN_LIST, 0, "neuron,time,trial",                                \
        "array neuron x time x trial (missing at the end of shorter trials), or a list of " \
        "matrices neuron x time"                                                            \
  }
#define R_TRIALS                                                                         \
  "d <- simulate_recording(kind = \"spikes\", units = 12, trials = 12, latents = 2)\n"   \
  "x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)"
#define M_TRIALS                                                                         \
  "d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = "   \
  "neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05);"

const nxb_method nxb_latent_methods[] = {
    {.name = "gpfa",
     .title = "Smooth low-dimensional trajectories (GPFA)",
     .details =
         "Gaussian-process factor analysis: each latent is a smooth function of time with "
         "its own time scale, each neuron a linear readout of the latents with its own "
         "noise. Exact for trials of any lengths, with missing values. The width of a bin "
         "is that of a regular time axis unless given. Yu et al. 2009.",
     .value =
         "orthonormal latents of each trial with standard deviations, loadings, time "
         "scales, log likelihood of each iteration, and the share of variance that "
         "each latent explains",
     .result = "gpfa",
     .r = {R_TRIALS, "gpfa(x, latents = 2, root = TRUE, max_iter = 20)"},
     .m = {M_TRIALS, "neuraxis.gpfa(x, 'latents', 2, 'root', true, 'max_iter', 20)"},
     .in = {TRIALS},
     .tables = {"gpfa", "gpfa-infer"},
     .derived = ",bin,",
     .run = run_gpfa},
    {.name = "gpfa_select",
     .title = "How many latents the trials support",
     .details = "Cross-validation over trials: each neuron of a test trial is predicted "
                "from the others by the first 1, 2, ... latents.",
     .value =
         "the table `dimensions`, and `latents` (the smallest not worse than the best "
         "by more than a standard error) and `best`",
     .result = "gpfa_select",
     .r = {R_TRIALS,
           "gpfa_select(x, latents_max = 3, root = TRUE, folds = 2, fold_iter = 10)"},
     .m = {M_TRIALS, "neuraxis.gpfa_select(x, 'latents_max', 3, 'folds', 2)"},
     .in = {TRIALS},
     .tables = {"gpfa", "gpfa-select"},
     .hidden = ",latents,",
     .derived = ",bin,",
     .run = run_gpfa_select},
    {.name = NULL},
};
