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

/* ---- GP-VAE -------------------------------------------------------------------------
 */

static nax_status
run_gpvae(nxb_call *c)
{
  trials neural = {0}, behaviour = {0};
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *p = NULL;
  nax_dataset *d = NULL;
  nax_gpvae_opts *o = c->opts[0];
  nax_status s = c->in[0].kind != NXB_NOTHING ? trials_of(c, 0, &neural) : NAX_OK;
  if (s == NAX_OK && c->in[1].kind != NXB_NOTHING) {
    s = trials_of(c, 1, &behaviour);
  }
  if (s == NAX_OK && neural.view == NULL && behaviour.view == NULL) {
    s = nxb_fail(c, NAX_EINVAL, "`x` and `behaviour` are missing, expected one of them");
  }
  if (s == NAX_OK && neural.view != NULL && behaviour.view != NULL &&
      neural.n != behaviour.n) {
    s = nxb_fail(c, NAX_EDIM, "`behaviour` has %lld trials, expected %lld as `x`",
                 (long long)behaviour.n, (long long)neural.n);
  }
  if (s == NAX_OK) {
    nax_gpvae_trials t = {neural.view != NULL ? neural.n : behaviour.n, neural.view,
                          behaviour.view};
    /* Both modalities of a trial have the bins of the longer one. */
    for (nax_index k = 0; neural.view != NULL && behaviour.view != NULL && k < t.n_trials;
         k++) {
      nax_index bins = neural.view[k].dim[1] > behaviour.view[k].dim[1]
                           ? neural.view[k].dim[1]
                           : behaviour.view[k].dim[1];
      if (c->in[0].kind == NXB_ARRAY && bins <= c->in[0].view.dim[1]) {
        neural.view[k].dim[1] = bins;
      }
      if (c->in[1].kind == NXB_ARRAY && bins <= c->in[1].view.dim[1]) {
        behaviour.view[k].dim[1] = bins;
      }
    }
    bin_of(c, neural.view != NULL ? &neural : &behaviour, &o->bin);
    s = nax_gpvae_fit(c->ctx, &t, o, &m);
    if (s == NAX_OK) {
      s = nax_gpvae_infer(c->ctx, m, &t, &p);
    }
  }
  if (s == NAX_OK) {
    s = nax_gpvae_dataset(c->ctx, m, p, &d);
  }
  nax_gpvae_posterior_free(p);
  nax_gpvae_free(m);
  free(neural.view);
  free(behaviour.view);
  return nxb_give_dataset(c, s, d);
}

/* ---- clusters and states ------------------------------------------------------------
 */

static nax_status
run_bicluster(nxb_call *c)
{
  nax_view y = nxb_view(c, 0);
  const nax_axis *neuron = NULL, *time = NULL;
  const double *x;
  nax_index n, *region = NULL;
  nax_bicluster *m = NULL;
  nax_dataset *d = NULL;
  nax_status s = nxb_numbers(c, 1, &x, &n);
  for (int k = 0; k < y.ndim; k++) {
    const char *name = nax_axis_name(c->in[0].axis[k]);
    neuron = strcmp(name, "neuron") == 0 || strcmp(name, "unit") == 0 ? c->in[0].axis[k]
                                                                      : neuron;
    time = strcmp(name, "time") == 0 ? c->in[0].axis[k] : time;
  }
  if (s == NAX_OK && x != NULL) {
    if (n != y.dim[0]) {
      return nxb_fail(c, NAX_EDIM, "`region` has %lld values, expected %lld",
                      (long long)n, (long long)y.dim[0]);
    }
    region = calloc((size_t)n + 1, sizeof *region);
    s = region != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
    for (nax_index i = 0; s == NAX_OK && i < n; i++) {
      if (!(x[i] >= 0.0 && x[i] < 1e9) || x[i] != floor(x[i])) {
        s = nxb_fail(c, NAX_EDATA,
                     "`region` is %g at %lld, expected whole numbers from 0", x[i],
                     (long long)i + 1);
        break;
      }
      region[i] = (nax_index)x[i];
    }
  }
  if (s == NAX_OK) {
    s = nax_bicluster_fit(c->ctx, &y, region, c->opts[0], &m);
  }
  if (s == NAX_OK) {
    s = nax_bicluster_dataset(c->ctx, m, neuron, time, &d);
  }
  nax_bicluster_free(m);
  free(region);
  return nxb_give_dataset(c, s, d);
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
    {.name = "gpvae",
     .title = "Latents that neurons and behaviour share, and those of each alone",
     .details =
         "Multi-modal Gaussian-process variational autoencoder: smooth latents, some seen "
         "by both modalities and some by one of them. Neurons are a linear readout "
         "(Poisson, Gaussian or negative binomial), behaviour a neural network. Gondur et "
         "al. 2024.",
     .value = "latents of each trial with standard deviations, loadings, length scales, "
              "and the tables `trace` and `trials`",
     .result = "gpvae",
     .r =
         {R_TRIALS,
          "gpvae(x, shared_latents = 0, behaviour_latents = 0, epochs = 1, neural_epochs = 1)"},
     .m = {NULL, NULL},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_LIST, 1, "neuron,time,trial",
             "spike counts or traces, as for gpfa"},
            {"behaviour", NXB_IN_ARRAY | NXB_IN_LIST, 1, "feature,time,trial",
             "behaviour in the same bins: array feature x time x trial, or a list"}},
     .tables = {"gpvae"},
     .derived = ",bin,",
     .run = run_gpvae},
    {.name = "bicluster",
     .title = "Which neurons share a trajectory, which periods share a state",
     .details =
         "The posterior over clusters of neurons and states of time together, by Markov "
         "chain Monte Carlo, without choosing either number beforehand; with diagnostics "
         "that say whether to trust the chains. Wei 2023.",
     .value = "posterior similarity of neurons and of bins, point partitions, states, "
              "trajectories with bands, draws and diagnostics",
     .result = "bicluster",
     .r = {R_COUNTS "\nx <- bin_spikes(x, bin = 0.2)",
           "bicluster(x, chains = 2, sweeps = 60)"},
     .m = {M_COUNTS " x = neuraxis.bin_spikes(x, 'bin', 0.2);",
           "neuraxis.bicluster(x, 'chains', 2, 'sweeps', 60)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
             "spike counts (or traces), neuron x time (x trial)"},
            {"region", NXB_IN_ARRAY, 1, "neuron",
             "region of each neuron, whole numbers from 0"}},
     .tables = {"bicluster"},
     .run = run_bicluster},
    {.name = NULL},
};
