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

static nax_trial_labels
labels_of(const trials *t)
{
  nax_trial_labels labels = {t->neurons, t->axis, 0.0};
  if (t->time != NULL && nax_axis_rate(t->time) > 0.0) {
    labels.start = nax_axis_coord(t->time, 0);
  }
  return labels;
}

static nax_status
run_gpfa(nxb_call *c)
{
  trials t;
  nax_gpfa *m = NULL;
  nax_gpfa_posterior *p = NULL;
  nax_dataset *d = NULL;
  double *explained = NULL;
  const char *page;
  nax_gpfa_opts *o = c->opts[0];
  nax_status s = nxb_page(c, 1, &page);
  if (s == NAX_OK) {
    s = trials_of(c, 0, &t);
  } else {
    t.view = NULL;
  }
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
    nax_trial_labels labels = labels_of(&t);
    s = nax_gpfa_dataset(c->ctx, m, p, &labels, explained, &d);
    if (s == NAX_OK && page != NULL) {
      nax_report_gpfa_info info = {.labels = labels, .explained = explained};
      s = nax_report_gpfa(c->ctx, m, p, &info, nxb_opts(c, "report"), page);
    }
  }
  free(explained);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  free(t.view);
  return nxb_give_dataset(c, s, d);
}

static nax_status
run_gpfa_infer(nxb_call *c)
{
  trials t;
  nax_gpfa *m = NULL;
  nax_gpfa_posterior *p = NULL;
  nax_dataset *d = NULL;
  double *explained = NULL;
  nax_status s = trials_of(c, 1, &t);
  s = s == NAX_OK ? nax_gpfa_from_dataset(c->ctx, c->in[0].dataset, &m) : s;
  s = s == NAX_OK ? nax_gpfa_infer(c->ctx, m, t.n, t.view, c->opts[0], &p) : s;
  if (s == NAX_OK) {
    explained = calloc((size_t)nax_gpfa_get(m).n_latents + 1, sizeof *explained);
    s = explained != NULL ? nax_gpfa_explained(c->ctx, m, t.n, t.view, explained)
                          : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  if (s == NAX_OK) {
    nax_trial_labels labels = labels_of(&t);
    s = nax_gpfa_dataset(c->ctx, m, p, &labels, explained, &d);
  }
  if (s == NAX_OK) {
    s = nax_dataset_set_number(c->ctx, d, "gpfa_loglik", nax_gpfa_posterior_loglik(p));
  }
  if (s != NAX_OK) {
    nax_dataset_free(d);
    d = NULL;
  }
  free(explained);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  free(t.view);
  return nxb_give_dataset(c, s, d);
}

/* Blocks of `rows` numbers per bin, one trial after the other, as an array row x time x
 * trial padded with missing values; axes may be NULL. */
static nax_status
give_trials(nxb_call *c, const char *name, const char *row, nax_index rows,
            nax_index n_trials, const nax_index *length, const double *x,
            const nax_axis *const *like)
{
  nax_array *a = NULL;
  nax_index longest = 0, at = 0;
  const char *const names[] = {row, "time", "trial"};
  for (nax_index k = 0; k < n_trials; k++) {
    longest = length[k] > longest ? length[k] : longest;
  }
  const nax_index dim[] = {rows, longest, n_trials};
  nax_status s = nax_array_create_dims(c->ctx, NAX_F64, 3, names, dim, "", &a);
  if (s != NAX_OK) {
    return s;
  }
  double *to = nax_array_data_mut(a);
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    to[i] = (double)NAN;
  }
  for (nax_index k = 0; k < n_trials; k++) {
    memcpy(to + k * rows * longest, x + at, (size_t)(rows * length[k]) * sizeof *x);
    at += rows * length[k];
  }
  for (int32_t k = 0; s == NAX_OK && k < 3; k++) {
    if (like[k] != NULL && nax_axis_length(like[k]) == dim[k]) {
      s = nax_array_set_axis(c->ctx, a, k, like[k]);
    }
  }
  if (s != NAX_OK) {
    nax_array_free(a);
    return s;
  }
  return nxb_give_array(c, name, a);
}

static nax_status
lengths_of(nxb_call *c, const trials *t, nax_index **out, nax_index *total)
{
  *total = 0;
  *out = calloc((size_t)t->n + 1, sizeof **out);
  for (nax_index k = 0; *out != NULL && k < t->n; k++) {
    (*out)[k] = t->view[k].ndim > 1 ? t->view[k].dim[1] : 0;
    *total += (*out)[k];
  }
  return *out != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
}

static nax_status
run_leave_neuron_out(nxb_call *c)
{
  trials t;
  nax_gpfa *m = NULL;
  double *predicted = NULL, *reduced = NULL;
  nax_index *length = NULL, bins = 0, n = 0, q = 0;
  nax_gpfa_lno found;
  nax_status s = trials_of(c, 1, &t);
  s = s == NAX_OK ? nax_gpfa_from_dataset(c->ctx, c->in[0].dataset, &m) : s;
  s = s == NAX_OK ? lengths_of(c, &t, &length, &bins) : s;
  if (s == NAX_OK) {
    n = nax_gpfa_get(m).n_neurons;
    q = nax_gpfa_get(m).n_latents;
    predicted = calloc((size_t)(n * bins) + 1, sizeof *predicted);
    reduced = calloc((size_t)q + 1, sizeof *reduced);
    s = predicted != NULL && reduced != NULL
            ? nax_gpfa_leave_neuron_out(c->ctx, m, t.n, t.view, predicted, reduced,
                                        &found)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  if (s == NAX_OK) {
    const nax_axis *const like[] = {t.neurons, t.time, t.axis};
    s = give_trials(c, "predicted", "neuron", n, t.n, length, predicted, like);
  }
  if (s == NAX_OK) {
    const char *const axis[] = {"latents"};
    s = nxb_give_numbers(c, "reduced", 1, axis, &q, reduced);
  }
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "sse", found.sse) : s;
  s = s == NAX_OK
          ? nax_dataset_set_number(c->ctx, c->out, "log_density", found.log_density)
          : s;
  free(predicted);
  free(reduced);
  free(length);
  nax_gpfa_free(m);
  free(t.view);
  return s;
}

static nax_status
run_gpfa_sample(nxb_call *c)
{
  nax_gpfa *m = NULL;
  int64_t *length = NULL;
  nax_index n = 0, bins = 0, *bins_of = NULL, rows[2] = {0, 0};
  double *x[2] = {NULL, NULL};
  nax_status s = nax_gpfa_from_dataset(c->ctx, c->in[0].dataset, &m);
  s = s == NAX_OK ? nxb_codes(c, 1, -1, &length, &n) : s;
  bins_of = s == NAX_OK ? calloc((size_t)n + 1, sizeof *bins_of) : NULL;
  if (s == NAX_OK && bins_of == NULL) {
    s = nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    if (length[k] < 1 || length[k] > 1000000) {
      s = nxb_fail(c, NAX_EINVAL, "`bins` is %lld at %lld, expected 1 to 1000000",
                   (long long)length[k], (long long)k + 1);
      break;
    }
    bins_of[k] = length[k];
    bins += length[k];
  }
  if (s == NAX_OK) {
    rows[0] = nax_gpfa_get(m).n_latents;
    rows[1] = nax_gpfa_get(m).n_neurons;
    for (int k = 0; k < 2; k++) {
      x[k] = calloc((size_t)(rows[k] * bins) + 1, sizeof **x);
    }
    s = x[0] != NULL && x[1] != NULL
            ? nax_gpfa_sample(c->ctx, m, n, bins_of,
                              ((nax_gpfa_opts *)nxb_opts(c, "gpfa"))->seed, x[0], x[1])
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  const nax_axis *const none[] = {NULL, NULL, NULL};
  const nax_array *loadings = nax_dataset_array(c->in[0].dataset, "loadings");
  const nax_axis *const neurons[] = {
      loadings != NULL ? nax_array_axis(loadings, 0) : NULL, NULL, NULL};
  s = s == NAX_OK ? give_trials(c, "latents", "latent", rows[0], n, bins_of, x[0], none)
                  : s;
  s = s == NAX_OK
          ? give_trials(c, "activity", "neuron", rows[1], n, bins_of, x[1], neurons)
          : s;
  free(x[0]);
  free(x[1]);
  free(bins_of);
  free(length);
  nax_gpfa_free(m);
  return s;
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

/* Trials of two modalities: inputs i (neurons) and i + 1 (behaviour), one of which may be
 * missing. */
typedef struct pair {
  trials neural, behaviour;
  nax_gpvae_trials t;
} pair;

static void
pair_free(pair *p)
{
  free(p->neural.view);
  free(p->behaviour.view);
}

static nax_status
pair_of(nxb_call *c, int i, pair *p)
{
  memset(p, 0, sizeof *p);
  nax_status s = c->in[i].kind != NXB_NOTHING ? trials_of(c, i, &p->neural) : NAX_OK;
  if (s == NAX_OK && c->in[i + 1].kind != NXB_NOTHING) {
    s = trials_of(c, i + 1, &p->behaviour);
  }
  trials *a = &p->neural, *b = &p->behaviour;
  if (s == NAX_OK && a->view != NULL && b->view != NULL && a->n != b->n) {
    s = nxb_fail(c, NAX_EDIM, "`%s` has %lld trials, expected %lld as `%s`",
                 c->method->in[i + 1].name, (long long)b->n, (long long)a->n,
                 c->method->in[i].name);
  }
  p->t = (nax_gpvae_trials){a->view != NULL ? a->n : b->n, a->view, b->view};
  /* Both modalities of a trial have the bins of the longer one. */
  for (nax_index k = 0;
       s == NAX_OK && a->view != NULL && b->view != NULL && k < p->t.n_trials; k++) {
    nax_index bins =
        a->view[k].dim[1] > b->view[k].dim[1] ? a->view[k].dim[1] : b->view[k].dim[1];
    if (c->in[i].kind == NXB_ARRAY && bins <= c->in[i].view.dim[1]) {
      a->view[k].dim[1] = bins;
    }
    if (c->in[i + 1].kind == NXB_ARRAY && bins <= c->in[i + 1].view.dim[1]) {
      b->view[k].dim[1] = bins;
    }
  }
  return s;
}

static nax_trial_labels
labels_of_pair(const pair *p)
{
  nax_trial_labels labels = labels_of(p->t.neural != NULL ? &p->neural : &p->behaviour);
  labels.neurons = p->t.neural != NULL ? p->neural.neurons : NULL;
  return labels;
}

/* What the model says of neurons and of behaviour in each trial. */
static nax_status
give_modelled(nxb_call *c, const nax_gpvae *m, const nax_gpvae_posterior *p,
              const pair *of, const char *rates, const char *behaviour)
{
  nax_gpvae_params par = nax_gpvae_get(m);
  nax_index n = nax_gpvae_posterior_n_trials(p), bins = 0;
  nax_index rows[2] = {par.n_neurons, par.n_features};
  const char *const name[2] = {rates, behaviour}, *const row[2] = {"neuron", "feature"};
  const trials *const from[2] = {&of->neural, &of->behaviour};
  const nax_axis *time = of->neural.time != NULL ? of->neural.time : of->behaviour.time;
  nax_index *length = calloc((size_t)n + 1, sizeof *length);
  double *x[2] = {NULL, NULL};
  nax_status s = length != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    length[k] = nax_gpvae_posterior_length(p, k);
    bins += length[k];
  }
  for (int i = 0; s == NAX_OK && i < 2; i++) {
    x[i] = rows[i] > 0 ? calloc((size_t)(rows[i] * bins) + 1, sizeof **x) : NULL;
    s = rows[i] < 1 || x[i] != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0, at = 0; s == NAX_OK && k < n; at += length[k++]) {
    s = nax_gpvae_predict(c->ctx, m, p, k, x[0] != NULL ? x[0] + at * rows[0] : NULL,
                          x[1] != NULL ? x[1] + at * rows[1] : NULL);
  }
  for (int i = 0; s == NAX_OK && i < 2; i++) {
    const nax_axis *const like[] = {from[i]->neurons, time, from[i]->axis};
    if (x[i] != NULL) {
      s = give_trials(c, name[i], row[i], rows[i], n, length, x[i], like);
    }
  }
  free(x[0]);
  free(x[1]);
  free(length);
  return s;
}

/* Latents of trials that took no part in the fit. */
static nax_status
give_new(nxb_call *c, const nax_gpvae *m)
{
  pair p;
  nax_gpvae_posterior *q = NULL;
  nax_dataset *d = NULL;
  nax_status s = pair_of(c, 2, &p);
  s = s == NAX_OK ? nax_gpvae_infer(c->ctx, m, &p.t, &q) : s;
  nax_trial_labels labels = labels_of_pair(&p);
  s = s == NAX_OK ? nax_gpvae_dataset(c->ctx, m, q, &labels, &d) : s;
  static const char *const names[][2] = {{"latents", "new_latents"},
                                         {"latents_sd", "new_latents_sd"}};
  for (int k = 0; s == NAX_OK && k < 2; k++) {
    const nax_array *a = nax_dataset_array(d, names[k][0]);
    nax_array *copy = NULL;
    if (a != NULL) {
      s = nax_array_copy(c->ctx, a, &copy);
      s = s == NAX_OK ? nxb_give_array(c, names[k][1], copy) : s;
    }
  }
  s = s == NAX_OK ? give_modelled(c, m, q, &p, "new_rates", "new_behaviour") : s;
  nax_dataset_free(d);
  nax_gpvae_posterior_free(q);
  pair_free(&p);
  return s;
}

static nax_status
run_gpvae(nxb_call *c)
{
  pair p;
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *q = NULL;
  nax_dataset *d = NULL;
  const char *page;
  nax_gpvae_opts *o = c->opts[0];
  memset(&p, 0, sizeof p);
  nax_status s = nxb_page(c, 4, &page);
  s = s == NAX_OK ? pair_of(c, 0, &p) : s;
  if (s == NAX_OK && p.t.neural == NULL && p.t.behaviour == NULL) {
    s = nxb_fail(c, NAX_EINVAL, "`x` and `behaviour` are missing, expected one of them");
  }
  if (s == NAX_OK) {
    bin_of(c, p.t.neural != NULL ? &p.neural : &p.behaviour, &o->bin);
    s = nax_gpvae_fit(c->ctx, &p.t, o, &m);
  }
  s = s == NAX_OK ? nax_gpvae_infer(c->ctx, m, &p.t, &q) : s;
  nax_trial_labels labels = labels_of_pair(&p);
  s = s == NAX_OK ? nax_gpvae_dataset(c->ctx, m, q, &labels, &d) : s;
  s = nxb_give_dataset(c, s, d);
  s = s == NAX_OK ? give_modelled(c, m, q, &p, "rates", "behaviour") : s;
  if (s == NAX_OK && (c->in[2].kind != NXB_NOTHING || c->in[3].kind != NXB_NOTHING)) {
    s = give_new(c, m);
  }
  if (s == NAX_OK && page != NULL) {
    nax_report_gpvae_info info = {.trials = &p.t};
    s = nax_report_gpvae(c->ctx, m, q, &info, nxb_opts(c, "report"), page);
  }
  nax_gpvae_posterior_free(q);
  nax_gpvae_free(m);
  pair_free(&p);
  return s;
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
  const char *page;
  nax_status s = nxb_page(c, 2, &page);
  s = s == NAX_OK ? nxb_numbers(c, 1, &x, &n) : s;
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
  if (s == NAX_OK && page != NULL) {
    nax_report_bicluster_info info = {NULL, &y, neuron, time};
    s = nax_report_bicluster(c->ctx, m, &info, nxb_opts(c, "report"), page);
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

#define R_FITTED R_TRIALS "\nfit <- gpfa(x[, , 1:8], latents = 2, max_iter = 10)"
#define M_FITTED                                                                         \
  M_TRIALS " fit = neuraxis.gpfa(x.values(:, :, 1:8), 'latents', 2, 'max_iter', 10);"
#define FIT                                                                              \
  {                                                                                      \
    "fit", NXB_IN_DATASET, 0, NULL, "result of gpfa"                                     \
  }
#define NEW_TRIALS                                                                       \
  {                                                                                      \
    "x", NXB_IN_ARRAY | NXB_IN_LIST, 0, "neuron,time,trial",                             \
        "trials of the neurons of the fit, as for gpfa"                                  \
  }

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
     .in = {TRIALS, NXB_REPORT},
     .tables = {"gpfa", "gpfa-infer", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .derived = ",bin,",
     .run = run_gpfa},
    {.name = "gpfa_infer",
     .title = "Latents of new trials under a fitted model",
     .details = "The trajectories of trials that took no part in the fit, with their "
                "uncertainty, and their log likelihood.",
     .value = "as gpfa; attribute gpfa_loglik",
     .result = "gpfa",
     .r = {R_FITTED, "gpfa_infer(fit, x[, , 9:12])"},
     .m = {M_FITTED, "neuraxis.gpfa_infer(fit, x.values(:, :, 9:12))"},
     .in = {FIT, NEW_TRIALS},
     .tables = {"gpfa-infer"},
     .run = run_gpfa_infer},
    {.name = "gpfa_leave_neuron_out",
     .title = "How well each neuron is told from the others",
     .details =
         "Each neuron of each trial predicted from all others through the latents, "
         "in closed form.",
     .value =
         "`predicted`, neuron x time x trial; `reduced`, squared errors of the first "
         "1, 2, ... latents; attributes sse and log_density",
     .result = "gpfa_leave_neuron_out",
     .r = {R_FITTED, "gpfa_leave_neuron_out(fit, x)"},
     .m = {M_FITTED, "neuraxis.gpfa_leave_neuron_out(fit, x)"},
     .in = {FIT, NEW_TRIALS},
     .run = run_leave_neuron_out},
    {.name = "gpfa_sample",
     .title = "Draw trials from a fitted model",
     .details = "Latents and activity of trials as the model has them; square roots are "
                "not undone.",
     .value = "`latents` and `activity`, each x time x trial",
     .result = "gpfa_sample",
     .r = {R_FITTED, "gpfa_sample(fit, bins = c(40, 40))"},
     .m = {M_FITTED, "neuraxis.gpfa_sample(fit, [40 40])"},
     .in = {FIT, {"bins", NXB_IN_ARRAY, 0, "trial", "length of each trial in bins"}},
     .tables = {"gpfa"},
     .shown = ",seed,",
     .run = run_gpfa_sample},
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
              "the tables `trace` and `trials`, and what the model says of the trials: "
              "`rates` and `behaviour`; with new trials the same of these, `new_...`",
     .result = "gpvae",
     .r =
         {R_TRIALS,
          "gpvae(x, shared_latents = 0, behaviour_latents = 0, epochs = 1, neural_epochs = 1)"},
     .m = {M_TRIALS,
           "neuraxis.gpvae('x', x, 'shared_latents', 0, 'behaviour_latents', 0, "
           "'epochs', 1, 'neural_epochs', 1)"},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_LIST, 1, "neuron,time,trial",
             "spike counts or traces, as for gpfa"},
            {"behaviour", NXB_IN_ARRAY | NXB_IN_LIST, 1, "feature,time,trial",
             "behaviour in the same bins: array feature x time x trial, or a list"},
            {"new_x", NXB_IN_ARRAY | NXB_IN_LIST, 1, "neuron,time,trial",
             "trials that take no part in the fit: neurons"},
            {"new_behaviour", NXB_IN_ARRAY | NXB_IN_LIST, 1, "feature,time,trial",
             "and behaviour; what is left out is told from the other"},
            NXB_REPORT},
     .tables = {"gpvae", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .derived = ",bin,",
     .run = run_gpvae},
    {.name = "bicluster",
     .title = "Which neurons share a trajectory, which periods share a state",
     .details =
         "The posterior over clusters of neurons and states of time together, by Markov "
         "chain Monte Carlo, without choosing either number beforehand; with diagnostics "
         "that say whether to trust the chains. Wei 2023.",
     .value = "posterior similarity of neurons and of bins, point partitions, states, "
              "trajectories with bands, draws and diagnostics; with `rates` also `rate`, "
              "the posterior mean of what is expected of each entry",
     .result = "bicluster",
     .r = {R_COUNTS "\nx <- bin_spikes(x, bin = 0.2)",
           "bicluster(x, chains = 2, sweeps = 60)"},
     .m = {M_COUNTS " x = neuraxis.bin_spikes(x, 'bin', 0.2);",
           "neuraxis.bicluster(x, 'chains', 2, 'sweeps', 60)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
             "spike counts (or traces), neuron x time (x trial)"},
            {"region", NXB_IN_ARRAY, 1, "neuron",
             "region of each neuron, whole numbers from 0"},
            NXB_REPORT},
     .tables = {"bicluster", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_bicluster},
    {.name = NULL},
};
