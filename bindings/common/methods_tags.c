/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that follow the rhythm of a stimulus. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is looked at, or its control: an array, spike trains, or a variable of a file. */
typedef struct condition {
  nax_array *array;
  const nax_spikes *spikes;
  nax_spikes *read; /* spike trains of a file */
  nax_source *file;
  int32_t var;
} condition;

static void
condition_free(condition *o)
{
  nax_array_free(o->array);
  nax_spikes_free(o->read);
  nax_source_close(o->file);
}

static nax_status
condition_of(nxb_call *c, int i, condition *out)
{
  nax_status s = NAX_OK;
  memset(out, 0, sizeof *out);
  if (c->in[i].kind == NXB_ARRAY) {
    s = nxb_array(c, i, &out->array);
  } else if (c->in[i].kind == NXB_SPIKES) {
    out->spikes = c->in[i].spikes;
  } else if (c->in[i].kind == NXB_TEXT) {
    s = nxb_open(c, nxb_text(c, i, ""), &out->file, &out->var);
    if (s == NAX_OK && nax_source_var(out->file, out->var)->kind == NAX_VAR_SPIKES) {
      s = nax_source_load_spikes(c->ctx, out->file, out->var, &out->read);
      out->spikes = out->read;
    }
  }
  return s;
}

/* Which item stands where, slot x trial: numbers from 1, 0 for none. */
typedef struct items {
  int64_t *item; /* from 0, negative for none; NULL when not given */
  nax_index slots, trials, n;
} items;

static nax_status
items_of(nxb_call *c, int i, items *out)
{
  nax_view *v = &c->in[i].view;
  memset(out, 0, sizeof *out);
  if (c->in[i].kind != NXB_ARRAY) {
    return NAX_OK;
  }
  nax_status s = nxb_dense(c, i, 1, 2);
  out->slots = v->dim[0];
  out->trials = v->ndim > 1 ? v->dim[1] : 1;
  if (s == NAX_OK) { /* in one row */
    v->dim[0] = out->slots * out->trials;
    v->ndim = 1;
    s = nxb_labels(c, i, -1, 0, 1, &out->item);
  }
  for (nax_index k = 0; s == NAX_OK && k < v->dim[0]; k++) {
    out->n = out->item[k] >= out->n ? out->item[k] + 1 : out->n;
  }
  return s;
}

/* Values unit x tag as a member with the axes of the others. */
static nax_status
give_like_tagged(nxb_call *c, nax_dataset *d, const char *name, const char *about,
                 const double *x)
{
  nax_array *a = NULL;
  nax_status s = nax_array_copy(c->ctx, nax_dataset_array(d, "tagged"), &a);
  s = s == NAX_OK ? nax_array_set_description(c->ctx, a, about) : s;
  if (s == NAX_OK) {
    memcpy(nax_array_data_mut(a), x, (size_t)nax_array_size(a) * sizeof *x);
    s = nax_dataset_add_array(c->ctx, d, name, a);
  }
  if (s != NAX_OK) {
    nax_array_free(a);
  }
  return s;
}

/* Clusters count, and their first units, from 1 in the hosts. */
static nax_status
host_clusters(nxb_call *c, const nax_table *from, nax_table **out)
{
  nax_index rows = nax_table_n_rows(from);
  double *x = nxb_doubles(c, rows);
  nax_status s =
      x != NULL ? nax_table_create(c->ctx, nax_table_dim(from), rows, out) : NAX_ENOMEM;
  for (int32_t k = 0; s == NAX_OK && k < nax_table_n_columns(from); k++) {
    const char *name = nax_table_column_name(from, k);
    int counts = strcmp(name, "cluster") == 0 || strcmp(name, "first") == 0;
    for (nax_index i = 0; i < rows; i++) {
      x[i] = nax_table_numbers(from, k)[i] + (counts ? 1.0 : 0.0);
    }
    s = nax_table_add_numbers(c->ctx, *out, name, nax_table_column_unit(from, k), x);
  }
  return s;
}

/* Inputs of freqtag, in their order. */
enum {
  CONTROL = 1,
  EVENTS = 2,
  GROUP = 4,
  ITEMS = 5,
  ADJACENCY = 7,
  CLUSTER = 8,
  PAGE = 9
};

static nax_status
add_clusters(nxb_call *c, const nax_freqtag *f, nax_dataset *d, nax_table **out)
{
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  nax_index units = nax_freqtag_n_units(f), all = units * nax_freqtag_n_tags(f);
  nax_freqtag_adjacency near;
  const nax_freqtag_adjacency *given = NULL;
  nax_table *t = NULL;
  double p;
  nax_status s = nxb_number(c, CLUSTER, 0.0, &p);
  s = s == NAX_OK ? nxb_adjacency(c, ADJACENCY, units, &near, &given) : s;
  int64_t *label = s == NAX_OK ? nxb_room(c, all, sizeof *label) : NULL;
  double *x = label != NULL ? nxb_doubles(c, 2 * all) : NULL;
  if (s == NAX_OK) {
    s = x != NULL ? nax_freqtag_clusters(c->ctx, f, given, p, (nax_index)o->surrogates,
                                         (uint64_t)o->seed, label, x + all, &t)
                  : NAX_ENOMEM;
  }
  for (nax_index i = 0; s == NAX_OK && i < all; i++) {
    x[i] = (double)(label[i] + 1);
  }
  s = s == NAX_OK ? give_like_tagged(c, d, "cluster",
                                     "number of the cluster of the unit; 0: none", x)
                  : s;
  s = s == NAX_OK ? give_like_tagged(c, d, "p_max",
                                     "p against the largest F of all units", x + all)
                  : s;
  s = s == NAX_OK ? host_clusters(c, t, out) : s;
  nax_table_free(t);
  return s;
}

/* A table becomes a member; `t` is then no longer ours. */
static nax_status
add_table(nxb_call *c, nax_status s, nax_dataset *d, const char *name, nax_table **t)
{
  if (s == NAX_OK && *t != NULL) {
    s = nax_dataset_add_table(c->ctx, d, name, *t);
    *t = s == NAX_OK ? NULL : *t;
  }
  return s;
}

/* Groups of units, clusters of units, and the page. */
static nax_status
finish(nxb_call *c, const nax_freqtag *f, nax_dataset *d, const char *page)
{
  int64_t *group;
  nax_index groups;
  nax_table *profile = NULL, *sets = NULL, *clusters = NULL;
  nax_status s = nxb_groups(c, GROUP, nax_freqtag_n_units(f), &group, &groups);
  if (s == NAX_OK && group != NULL) {
    const char **name = nxb_group_names(c, groups);
    s = name != NULL ? nax_freqtag_profile(c->ctx, f, groups, group, name, &profile)
                     : NAX_ENOMEM;
    s = s == NAX_OK && nax_freqtag_n_levels(f) <= 10
            ? nax_freqtag_sets(c->ctx, f, groups, group, name, &sets)
            : s;
  }
  if (s == NAX_OK && c->in[CLUSTER].kind != NXB_NOTHING) {
    s = add_clusters(c, f, d, &clusters);
  }
  if (s == NAX_OK && page != NULL) {
    nax_report_freqtag_info info = {
        .profile = profile, .sets = sets, .clusters = clusters};
    s = nax_report_freqtag(c->ctx, f, &info, nxb_opts(c, "report"), page);
  }
  s = add_table(c, s, d, "profile", &profile);
  s = add_table(c, s, d, "group_sets", &sets);
  s = add_table(c, s, d, "clusters", &clusters);
  nax_table_free(profile);
  nax_table_free(sets);
  nax_table_free(clusters);
  return s;
}

static nax_status
events_of(nxb_call *c, nax_freqtag_events *e)
{
  items of[2];
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  memset(e, 0, sizeof *e);
  nax_status s = nxb_numbers(c, EVENTS, &e->start, &e->n);
  s = s == NAX_OK ? nxb_numbers(c, EVENTS + 1, &e->control, &e->n_control) : s;
  for (int k = 0; s == NAX_OK && k < 2; k++) {
    s = items_of(c, ITEMS + k, &of[k]);
    if (s == NAX_OK && of[k].item != NULL && o->item_length < 1) {
      s = nxb_fail(c, NAX_EINVAL, "`%s` goes with option `item_length`",
                   c->method->in[ITEMS + k].name);
    }
  }
  if (s == NAX_OK && of[0].item != NULL && of[1].item != NULL &&
      of[0].slots != of[1].slots) {
    s = nxb_fail(c, NAX_EDIM, "`control_items` has %lld slots, expected %lld",
                 (long long)of[1].slots, (long long)of[0].slots);
  }
  if (s == NAX_OK) {
    e->item = of[0].item;
    e->control_item = of[1].item;
    e->n_items = of[0].n > of[1].n ? of[0].n : of[1].n;
    e->n_slots = of[0].item != NULL ? of[0].slots : of[1].slots;
    e->n_item_trials[0] = of[0].trials;
    e->n_item_trials[1] = of[1].trials;
  }
  return s;
}

static nax_status
fit(nxb_call *c, const condition *x, const condition *control, nax_freqtag **f)
{
  nax_freqtag_events events;
  nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  if (c->in[CONTROL].kind != NXB_NOTHING &&
      ((x->spikes != NULL) != (control->spikes != NULL) ||
       (x->array != NULL) != (control->array != NULL))) {
    return nxb_fail(c, NAX_EINVAL,
                    "`x` and `control` are not alike, expected two arrays, spike trains "
                    "or files");
  }
  nax_status s = events_of(c, &events);
  if (s != NAX_OK) {
    return s;
  }
  const nax_freqtag_events *e = events.n > 0 || events.n_items > 0 ? &events : NULL;
  if (x->spikes != NULL) {
    return nax_freqtag_fit_spikes(c->ctx, x->spikes, control->spikes, e, o, f);
  }
  return x->file != NULL ? nax_freqtag_fit_source(c->ctx, x->file, x->var, control->file,
                                                  control->var, e, o, f)
                         : nax_freqtag_fit(c->ctx, x->array, control->array, e, o, f);
}

static nax_status
run_freqtag(nxb_call *c)
{
  condition x, control;
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  const char *page = NULL;
  nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  memset(&control, 0, sizeof control);
  nax_status s = condition_of(c, 0, &x);
  s = s == NAX_OK ? condition_of(c, CONTROL, &control) : s;
  s = s == NAX_OK ? nxb_page(c, PAGE, &page) : s;
  if (s == NAX_OK) {
    o->keep = o->keep || c->in[CLUSTER].kind != NXB_NOTHING;
    o->spectrum = o->spectrum || (page != NULL && !o->off_grid); /* for the pictures */
    s = fit(c, &x, &control, &f);
  }
  s = s == NAX_OK ? nax_freqtag_dataset(c->ctx, f, &d) : s;
  s = s == NAX_OK ? finish(c, f, d, page) : s;
  if (s != NAX_OK) {
    nax_dataset_free(d);
    d = NULL;
  }
  nax_freqtag_free(f);
  condition_free(&x);
  condition_free(&control);
  return nxb_give_dataset(c, s, d);
}

/* ---- items ------------------------------------------------------------------------ */

/* Inputs x, item_length, item, cycles. */
static nax_status
items_in(nxb_call *c, items *of, nax_index *length, nax_index *cycles)
{
  nax_view x = nxb_view(c, 0);
  nax_status s = nxb_whole(c, 1, 0.0, 1.0, 1e9, length);
  s = s == NAX_OK ? nxb_whole(c, 3, 1.0, 0.0, 1e9, cycles) : s;
  s = s == NAX_OK ? items_of(c, 2, of) : s;
  nax_index slots = s == NAX_OK && x.ndim > 1 ? x.dim[1] / *length : 0;
  nax_index trials = x.ndim > 2 ? x.dim[2] : 1;
  if (s == NAX_OK && of->item != NULL && of->slots * of->trials != slots * trials) {
    s = nxb_fail(c, NAX_EDIM, "`item` has %lld values, expected %lld slots x %lld trials",
                 (long long)(of->slots * of->trials), (long long)slots,
                 (long long)trials);
  }
  if (s == NAX_OK && of->item == NULL) {
    of->n = slots;
  }
  return s;
}

static nax_status
run_items(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  nax_index length = 1, cycles = 1, n = x.dim[0];
  items of;
  nax_status s = items_in(c, &of, &length, &cycles);
  nax_freqtag_moments *m = s == NAX_OK ? nxb_room(c, n, sizeof *m) : NULL;
  double *out = m != NULL ? nxb_doubles(c, 6 * n) : NULL;
  if (s == NAX_OK) {
    s = out != NULL ? nax_freqtag_items(c->ctx, &x, length, of.n, of.item, cycles, m)
                    : NAX_ENOMEM;
  }
  for (nax_index u = 0; s == NAX_OK && u < n; u++) {
    nax_freqtag_power power = nax_freqtag_power_of(&m[u]);
    nax_freqtag_test t = nax_freqtag_t2circ(&m[u], (nax_c64){0.0, 0.0});
    const double row[] = {(double)m[u].n, m[u].mean.re, m[u].mean.im,
                          power.itpc,     t.statistic,  t.p};
    for (int i = 0; i < 6; i++) {
      out[u + i * n] = row[i];
    }
  }
  static const char *const names[] = {"items",     "mean_re",  "mean_im",
                                      "coherence", "t2circ_f", "t2circ_p"};
  return s == NAX_OK ? nxb_give_columns(c, "units", "unit", n, 6, names, out) : s;
}

static nax_status
run_item_coefficients(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  nax_index length = 1, cycles = 1;
  items of;
  nax_status s = items_in(c, &of, &length, &cycles);
  nax_c64 *z = s == NAX_OK ? nxb_room(c, of.n * x.dim[0], sizeof *z) : NULL;
  if (s == NAX_OK) {
    s = z != NULL
            ? nax_freqtag_item_coefficients(c->ctx, &x, length, of.n, of.item, cycles, z)
            : NAX_ENOMEM;
  }
  const char *const axes[] = {"item", "unit"};
  const nax_index dim[] = {of.n, x.dim[0]};
  return s == NAX_OK ? nxb_give_complex(c, "coefficients", 2, axes, dim, z) : s;
}

/* ---- designs ---------------------------------------------------------------------- */

/* Frequencies of the option `tags`; free. */
static nax_status
tags_of(nxb_call *c, double **out, nax_index *n)
{
  const char *list = ((const nax_freqtag_opts *)nxb_opts(c, "freqtag"))->tags;
  size_t most = 1;
  *n = 0;
  for (const char *p = list; p != NULL && *p != '\0'; p++) {
    most += *p == ',';
  }
  *out = calloc(most + 1, sizeof **out);
  if (*out == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  while (list != NULL && *list != '\0') {
    /* read as the library reads numbers, whatever the locale */
    char one[64];
    size_t k = strcspn(list, ",");
    nax_source_opts read = NAX_SOURCE_OPTS_INIT;
    (void)snprintf(one, sizeof one, "%.*s", (int)(k < 60 ? k : 60), list);
    if (nax_options_set(c->ctx, nax_options_table("source"), &read, "rate", one) !=
        NAX_OK) {
      return nxb_fail(c, NAX_EINVAL,
                      "`tags` has \"%s\", expected frequencies such as "
                      "\"1,2,4\"",
                      one);
    }
    (*out)[(*n)++] = read.rate;
    list += k + (list[k] == ',');
  }
  return *n > 0 ? NAX_OK
                : nxb_fail(c, NAX_EINVAL,
                           "`tags` is missing, expected frequencies such as "
                           "\"1,2,4\"");
}

static nax_status
run_plan(nxb_call *c)
{
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  nax_freqtag_neighbours around = {o->gap, o->side, 0, NULL, 0};
  double *tag = NULL, trials, miss = 0.0;
  nax_index n_tags, n = 0;
  nax_table *t = NULL;
  nax_status s = tags_of(c, &tag, &n_tags);
  s = s == NAX_OK ? nxb_number(c, 0, NAX_NOT_GIVEN, &trials) : s;
  if (s == NAX_OK && (isnan(o->rate) || isnan(o->window))) {
    s = nxb_fail(c, NAX_EINVAL, "`%s` is missing",
                 isnan(o->rate) ? "sampling" : "window");
  }
  s = s == NAX_OK ? nax_freqtag_window(c->ctx, o->rate, n_tags, tag,
                                       (nax_index)floor(o->window * o->rate + 0.5), 1e-3,
                                       &n, &miss)
                  : s;
  s = s == NAX_OK
          ? nax_freqtag_plan(c->ctx, o->rate, n, n_tags, tag, o->harmonics, &around, &t)
          : s;
  free(tag);
  s = s == NAX_OK ? nxb_give_table(c, "lines", t) : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "samples", (double)n) : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "window", (double)n / o->rate)
                  : s;
  s = s == NAX_OK
          ? nax_dataset_set_number(c->ctx, c->out, "bin_width", o->rate / (double)n)
          : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "residual_cycles", miss) : s;
  if (s == NAX_OK && !isnan(trials)) {
    /* amplitude that is found with power 0.8 at level 0.05, in sd of white noise */
    double kappa = nax_freqtag_detectable((nax_index)trials, 0.05, 0.8);
    s = nax_dataset_set_number(c->ctx, c->out, "detectable_amplitude",
                               2.0 * sqrt(kappa / (double)n));
  }
  return s;
}

/* A number for each of one row. */
static nax_status
give_row(nxb_call *c, const char *name, const char *axis, nax_index n, const double *x)
{
  return nxb_give_numbers(c, name, 1, &axis, &n, x);
}

/* Input 0, a row of numbers, and room for `columns` of as many. */
static nax_status
row_of(nxb_call *c, int columns, const double **in, nax_index *n, double **out)
{
  nax_status s = nxb_numbers(c, 0, in, n);
  *out = s == NAX_OK ? nxb_doubles(c, columns * *n) : NULL;
  return s == NAX_OK && *out == NULL ? NAX_ENOMEM : s;
}

static nax_status
run_detectable(nxb_call *c)
{
  const double *trials;
  double alpha = 0.0, power = 0.0, *x;
  nax_index n;
  nax_status s = row_of(c, 1, &trials, &n, &x);
  s = s == NAX_OK ? nxb_number(c, 1, 0.05, &alpha) : s;
  s = s == NAX_OK ? nxb_number(c, 2, 0.8, &power) : s;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    nax_index many = trials[i] >= 2.0 && trials[i] < 1e15 ? (nax_index)trials[i] : 0;
    x[i] = nax_freqtag_detectable(many, alpha, power);
    s = nxb_look(c, i, 16);
  }
  return s == NAX_OK ? give_row(c, "kappa", "design", n, x) : s;
}

static nax_status
run_expected(nxb_call *c)
{
  const double *kappa;
  double *x;
  nax_index n, trials = 0;
  nax_status s = row_of(c, 3, &kappa, &n, &x);
  s = s == NAX_OK ? nxb_whole(c, 1, 0.0, 1.0, 1e15, &trials) : s;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    x[i] = kappa[i];
    x[n + i] = nax_freqtag_expected_itpc_squared(kappa[i], trials, &x[2 * n + i]);
    s = nxb_look(c, i, 1024);
  }
  static const char *const names[] = {"kappa", "itpc_squared", "limit"};
  return s == NAX_OK ? nxb_give_columns(c, "expected", "line", n, 3, names, x) : s;
}

static nax_status
run_alias(nxb_call *c)
{
  const double *f;
  double rate = 0.0, *x;
  nax_index n;
  nax_status s = row_of(c, 1, &f, &n, &x);
  s = s == NAX_OK ? nxb_number(c, 1, 0.0, &rate) : s;
  if (s == NAX_OK && !(rate > 0.0 && rate < (double)INFINITY)) {
    s = nxb_fail(c, NAX_EINVAL, "`rate` is %g, expected more than 0", rate);
  }
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    x[i] = nax_freqtag_alias(f[i], rate);
    s = nxb_look(c, i, 1 << 16);
  }
  return s == NAX_OK ? give_row(c, "seen_at", "frequency", n, x) : s;
}

static nax_status
run_scalloping(nxb_call *c)
{
  const double *offset;
  double *x;
  nax_index n, samples = 0;
  nax_status s = row_of(c, 1, &offset, &n, &x);
  s = s == NAX_OK ? nxb_whole(c, 1, 0.0, 1.0, 1e15, &samples) : s;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    x[i] = nax_freqtag_scalloping(samples, offset[i]);
    s = nxb_look(c, i, 1 << 16);
  }
  return s == NAX_OK ? give_row(c, "share", "line", n, x) : s;
}

static nax_status
run_f_tail(nxb_call *c)
{
  const double *f;
  double df[3] = {0.0, 0.0, 0.0}, *x;
  nax_index n;
  nax_status s = row_of(c, 3, &f, &n, &x);
  for (int k = 0; s == NAX_OK && k < 3; k++) {
    s = nxb_number(c, 1 + k, 0.0, &df[k]);
    if (s == NAX_OK && !((k == 2 ? df[k] >= 0.0 : df[k] > 0.0) && df[k] < 1e9)) {
      s = nxb_fail(c, NAX_EINVAL, "`%s` is %g, expected a number from 0 to 1e9",
                   c->method->in[1 + k].name, df[k]);
    }
  }
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    double log_p = df[2] > 0.0 ? log(nax_freqtag_noncentral_f(f[i], df[0], df[1], df[2]))
                               : nax_freqtag_log_f(f[i], df[0], df[1]);
    x[i] = f[i];
    x[n + i] = exp(log_p);
    x[2 * n + i] = log_p;
    s = nxb_look(c, i, 1024);
  }
  static const char *const names[] = {"f", "p", "log_p"};
  return s == NAX_OK ? nxb_give_columns(c, "tail", "value", n, 3, names, x) : s;
}

#define TRIALS                                                                           \
  "array with the axis time, trials where there are some, and units; spike trains; or "  \
  "the path of a file, which is read block by block"
#define SOURCES (NXB_IN_ARRAY | NXB_IN_SPIKES | NXB_IN_TEXT)

const nxb_method nxb_tag_methods[] = {
    {.name = "freqtag",
     .title = "Which units follow the tagged frequencies",
     .details =
         "Effect sizes and p values of each unit at each tagged frequency: amplitude and "
         "phase locked to the stimulus, coherence between trials, power against the "
         "neighbouring frequencies; units that follow a tag at a controlled false "
         "discovery rate. With a control condition the tests compare the two; with items "
         "(sentences) as observations they speak of items like these. Spike trains are "
         "taken as they are, without bins.",
     .value =
         "one array unit x frequency per measure, `tagged` (1 or 0), the levels that each "
         "unit follows (`set`, table `sets`), tables of groups and clusters where asked "
         "for, and the options",
     .result = "freqtag",
     .r = {"d <- simulate_recording(kind = \"field\", units = 6, trials = 12,\n"
           "  trial_length = 4, tags = \"2,3\")\n"
           "x <- cut_trials(d$field, d$trials$start_time, d$trials$stop_time)$x",
           "freqtag(x, tags = \"2,3\")"},
     .m =
         {"d = neuraxis.simulate_recording('kind', 'field', 'units', 6, 'tags', '2,3'); x "
          "= neuraxis.cut_trials(d.field, d.trials.start_time, d.trials.stop_time);",
          "neuraxis.freqtag(x.x, 'tags', '2,3')"},
     .in = {{"x", SOURCES, 0, "neuron,time,trial", TRIALS},
            {"control", SOURCES, 1, "neuron,time,trial",
             "the same units in a control condition, given likewise"},
            {"events", NXB_IN_ARRAY, 1, "event",
             "starts of the trials, for a recording without a trial axis"},
            {"control_events", NXB_IN_ARRAY, 1, "event",
             "starts of the trials of the control condition in `x`"},
            {"group", NXB_IN_ARRAY, 1, "neuron",
             "group of each unit, whole numbers from 0, or -1: adds the tables `profile` "
             "and `group_sets`"},
            {"items", NXB_IN_ARRAY, 1, "slot,trial",
             "with option `item_length`: item in each slot of each trial, numbers from "
             "1, 0 for none; not given: slot s is item s"},
            {"control_items", NXB_IN_ARRAY, 1, "slot,trial",
             "the same for the control condition"},
            {"adjacency", NXB_IN_ARRAY, 1, "pair,end",
             "pairs of units that are neighbours, two columns of numbers from 1; not "
             "given: units that follow each other"},
            {"cluster", NXB_IN_ARRAY, 1, "value",
             "p that a unit of a cluster must reach by itself: adds clusters of "
             "neighbouring units, tested by their mass against `surrogates` surrogates"},
            NXB_REPORT},
     .tables = {"freqtag", "source", "report"},
     .hidden = ",command,signal,no_hash,rate,strict,",
     .run = run_freqtag},
    {.name = "freqtag_plan",
     .title = "A tagging design looked through before anything is recorded",
     .details =
         "The longest window with whole cycles of every tag, the bin of each tag and "
         "harmonic, what they share or are too near to, and the amplitude that so many "
         "trials find.",
     .value = "the table `lines`, and samples, window, bin_width and "
              "detectable_amplitude (standard deviations of white noise) as attributes",
     .result = "freqtag_plan",
     .r = {NULL,
           "freqtag_plan(trials = 20, tags = \"1,2,4\", window = 9, sampling = 512)"},
     .m = {NULL, "neuraxis.freqtag_plan('trials', 20, 'tags', '1,2,4', 'window', 9, "
                 "'sampling', 512)"},
     .in = {{"trials", NXB_IN_ARRAY, 1, "value", "number of trials"}},
     .tables = {"freqtag"},
     .shown = ",tags,window,sampling,harmonics,neighbours,gap,",
     .run = run_plan},
    {.name = "freqtag_items",
     .title = "Items as observations",
     .details = "When trials are the same items (sentences) in other orders, tests that "
                "speak of items like these: coefficients of an item are averaged over "
                "trials first.",
     .value = "a table with one row per unit",
     .result = "",
     .r = {"x <- array(rnorm(4 * 200 * 5), c(4, 200, 5))",
           "freqtag_items(x, 20, item = replicate(5, sample(10)))"},
     .m = {"x = randn(4, 200, 5);", "neuraxis.freqtag_items(x, 20)"},
     .in =
         {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
           "unit x time x trial, items end to end"},
          {"item_length", NXB_IN_ARRAY, 0, "value", "samples of an item"},
          {"item", NXB_IN_ARRAY, 1, "slot,trial",
           "item in each slot of each trial, numbers from 1, 0 for none; not given: slot "
           "s is item s"},
          {"cycles", NXB_IN_ARRAY, 1, "value", "per item; not given: 1"}},
     .run = run_items},
    {.name = "freqtag_item_coefficients",
     .title = "Coefficients of items",
     .details = "What freqtag_items makes its moments from: the coefficient within each "
                "item, averaged over trials.",
     .value = "an array item x unit x part (real, imaginary); missing for items that no "
              "trial has",
     .result = "",
     .r = {"x <- array(rnorm(4 * 200 * 5), c(4, 200, 5))",
           "dim(freqtag_item_coefficients(x, 20))"},
     .m = {"x = randn(4, 200, 5);", "neuraxis.freqtag_item_coefficients(x, 20)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
             "unit x time x trial, items end to end"},
            {"item_length", NXB_IN_ARRAY, 0, "value", "samples of an item"},
            {"item", NXB_IN_ARRAY, 1, "slot,trial", "as for freqtag_items"},
            {"cycles", NXB_IN_ARRAY, 1, "value", "per item; not given: 1"}},
     .run = run_item_coefficients},
    {.name = "freqtag_detectable",
     .title = "The smallest response that so many trials find",
     .details = "kappa = A^2 N / (4 s^2) of a line of amplitude A in N samples of white "
                "noise of standard deviation s that T2circ finds.",
     .value = "kappa for each number of trials; A = 2 s sqrt(kappa / N)",
     .result = "",
     .r = {NULL, "freqtag_detectable(c(10, 20, 40))"},
     .m = {NULL, "neuraxis.freqtag_detectable([10 20 40])"},
     .in = {{"trials", NXB_IN_ARRAY, 0, "design", "numbers of trials"},
            {"alpha", NXB_IN_ARRAY, 1, "value", "level of the test; not given: 0.05"},
            {"power", NXB_IN_ARRAY, 1, "value",
             "probability of finding it; not given: 0.8"}},
     .run = run_detectable},
    {.name = "freqtag_expected",
     .title = "Phase coherence that a line in white noise is expected to have",
     .details = "For lines of kappa = A^2 N / (4 s^2).",
     .value = "a table: kappa, expected squared ITPC, and the limit of ITPC for many "
              "trials",
     .result = "",
     .r = {NULL, "freqtag_expected(c(0, 0.5, 2), trials = 20)"},
     .m = {NULL, "neuraxis.freqtag_expected([0 0.5 2], 20)"},
     .in = {{"kappa", NXB_IN_ARRAY, 0, "line", "of each line"},
            {"trials", NXB_IN_ARRAY, 0, "value", "number of trials"}},
     .run = run_expected},
    {.name = "tag_alias",
     .title = "Where a tag is seen at a sampling rate",
     .details = "Tags above half the rate are folded back.",
     .value = "a frequency for each",
     .result = "",
     .r = {NULL, "tag_alias(c(3, 40), rate = 50)"},
     .m = {NULL, "neuraxis.tag_alias([3 40], 50)"},
     .in = {{"frequency", NXB_IN_ARRAY, 0, "frequency", "frequencies in Hz"},
            {"rate", NXB_IN_ARRAY, 0, "value", "samples per second"}},
     .run = run_alias},
    {.name = "scalloping",
     .title = "What a bin still sees of a line off the grid",
     .details = "The share of the amplitude that is left at so many bins from the line.",
     .value = "a share for each offset",
     .result = "",
     .r = {NULL, "scalloping(c(0, 0.25, 0.5), samples = 200)"},
     .m = {NULL, "neuraxis.scalloping([0 0.25 0.5], 200)"},
     .in = {{"offset", NXB_IN_ARRAY, 0, "line", "distances from a bin, in bins"},
            {"samples", NXB_IN_ARRAY, 0, "value", "length of the window"}},
     .run = run_scalloping},
    {.name = "f_tail",
     .title = "Upper tail of F, also where it underflows",
     .details = "P(F > f), central or not, and its logarithm.",
     .value = "a table: f, p, log_p",
     .result = "",
     .r = {NULL, "f_tail(c(4, 4000), 2, 38)"},
     .m = {NULL, "neuraxis.f_tail([4 4000], 2, 38)"},
     .in = {{"f", NXB_IN_ARRAY, 0, "value", "values of F"},
            {"df1", NXB_IN_ARRAY, 0, "value", "degrees of freedom of the numerator"},
            {"df2", NXB_IN_ARRAY, 0, "value", "of the denominator"},
            {"lambda", NXB_IN_ARRAY, 1, "value", "non-centrality; not given: 0"}},
     .run = run_f_tail},
    {.name = NULL},
};
