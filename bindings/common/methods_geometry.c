/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities between conditions. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- methods ------------------------------------------------------------------------
 */

/* Responses to conditions: the last axis is that of observations, each of a condition and
 * a fold. */
typedef struct responses {
  nax_view x;
  int64_t *condition, *fold; /* NULL when not given */
  const nax_view *precision; /* likewise */
} responses;

/* Input 0 has `ndim` axes; the others are inputs of these numbers, -1 for none. */
static nax_status
responses_of(nxb_call *c, int ndim, int condition, int fold, int precision,
             responses *out)
{
  *out = (responses){nxb_view(c, 0), NULL, NULL,
                     precision >= 0 ? nxb_optional(c, precision) : NULL};
  if (out->x.ndim != ndim) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x %sobservation",
                    (int)out->x.ndim, ndim > 2 ? "time x " : "");
  }
  nax_index n = out->x.dim[ndim - 1];
  nax_status s = nxb_labels(c, condition, n, INT64_MIN, 0, &out->condition);
  return s == NAX_OK && fold >= 0 ? nxb_labels(c, fold, n, INT64_MIN, 0, &out->fold) : s;
}

/* Matrices go back; what the page is about. */
static nax_status
give_and_report(nxb_call *c, nax_status s, nax_rdms *r, const char *page)
{
  if (s == NAX_OK && page != NULL) {
    s = nax_report_rdm(c->ctx, r, NULL, nxb_opts(c, "report"), page);
  }
  s = s == NAX_OK ? nxb_give_rdms(c, "rdm", r) : s;
  nax_rdms_free(r);
  return s;
}

static nax_status
run_rdm(nxb_call *c)
{
  responses of;
  nax_rdms *r = NULL;
  const char *page = NULL;
  nax_status s = responses_of(c, 2, 1, 2, 3, &of);
  s = s == NAX_OK ? nxb_page(c, 4, &page) : s;
  s = s == NAX_OK ? nax_rdm_fit(c->ctx, &of.x, of.condition, of.fold, of.precision,
                                nxb_opts(c, "rdm"), &r)
                  : s;
  return give_and_report(c, s, r, page);
}

/* Trials of spike trains, without bins. */
static nax_status
run_rdm_spikes(nxb_call *c)
{
  const double *at;
  int64_t *condition;
  double start = 0.0, stop = 0.0;
  nax_index n;
  nax_rdms *r = NULL;
  nax_rdm_opts *o = nxb_opts(c, "rdm");
  const char *page = NULL;
  int how =
      nxb_choice(c, "measure", nxb_text(c, 5, "van-rossum"), "van-rossum|victor-purpura");
  nax_status s = how > 0 ? nxb_page(c, 6, &page) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_numbers(c, 1, &at, &n) : s;
  s = s == NAX_OK ? nxb_labels(c, 2, n, INT64_MIN, 0, &condition) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 0.0, &stop) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 0.0, &start) : s;
  o->measure = how == 1 ? NAX_RDM_VAN_ROSSUM : NAX_RDM_VICTOR_PURPURA;
  s = s == NAX_OK
          ? nax_rdm_spikes(c->ctx, c->in[0].spikes, n, at, start, stop, condition, o, &r)
          : s;
  return give_and_report(c, s, r, page);
}

static nax_status
run_rdm_compare(nxb_call *c)
{
  nax_rdms *a = NULL, *b = NULL;
  nax_array *out = NULL;
  int how = nxb_choice(c, "comparator", nxb_text(c, 2, "corr"),
                       nxb_choices_of("rsa", "comparator"));
  nax_status s = how > 0 ? nxb_rdms_of(c, &c->in[0], &a) : NAX_EINVAL;
  if (s == NAX_OK) {
    s = nxb_rdms_of(c, &c->in[1], &b);
  }
  if (s == NAX_OK) {
    const char *const names[] = {"rdm", "rdm_2"};
    const nax_index dim[] = {nax_rdms_count(a), nax_rdms_count(b)};
    s = nax_array_create_dims(c->ctx, NAX_F64, 2, names, dim, "", &out);
  }
  if (s == NAX_OK) {
    s = nax_rsa_compare(c->ctx, a, b, (nax_rsa_comparator)how, nxb_optional(c, 3), 0,
                        nax_array_data_mut(out));
  }
  if (s == NAX_OK) {
    s = nxb_give_array(c, "similarity", out);
    out = NULL;
  }
  nax_array_free(out);
  nax_rdms_free(a);
  nax_rdms_free(b);
  return s;
}

/* ---- over time, and over neighbourhoods of channels ---------------------------------
 */

/* Position of an axis of a variable by one of these names, separated by '|', else the one
 * that the hosts expect. */
static int32_t
axis_of(const nax_var_info *v, const char *names, int32_t otherwise)
{
  for (int32_t k = 0; k < v->ndim; k++) {
    const char *name = nax_axis_name(v->axis[k]);
    size_t n = strlen(name);
    for (const char *p = names; p != NULL; p = strchr(p, '|'), p = p ? p + 1 : NULL) {
      if (strncmp(p, name, n) == 0 && (p[n] == '|' || p[n] == '\0')) {
        return k;
      }
    }
  }
  return otherwise;
}

/* A variable of a file whose axes are channels, times where `ndim` is 3, and
 * observations: which is which, and condition and fold of each observation. */
typedef struct file_responses {
  nax_source *file;
  int32_t var, axis[3]; /* channel, (time,) observation */
  int64_t *condition, *fold;
} file_responses;

static nax_status
file_responses_of(nxb_call *c, int32_t ndim, int condition, int fold, file_responses *out)
{
  memset(out, 0, sizeof *out);
  nax_status s = nxb_open(c, nxb_text(c, 0, ""), &out->file, &out->var);
  const nax_var_info *v = s == NAX_OK ? nax_source_var(out->file, out->var) : NULL;
  if (s == NAX_OK && (v->kind != NAX_VAR_ARRAY || v->ndim != ndim)) {
    s = nxb_fail(c, NAX_EDIM, "`%.100s` has %d axes, expected channel x %sobservation",
                 v->name, v->kind == NAX_VAR_ARRAY ? (int)v->ndim : 0,
                 ndim > 2 ? "time x " : "");
  }
  if (s == NAX_OK) {
    int32_t last = axis_of(v, "observation|trial|epoch|repeat", ndim - 1);
    int32_t time = ndim > 2 ? axis_of(v, "time|sample", last == 1 ? 2 : 1) : -1;
    int32_t first = 0;
    while (first == last || first == time) {
      first++;
    }
    out->axis[0] = first;
    out->axis[ndim - 1] = last;
    if (ndim > 2) {
      out->axis[1] = time;
    }
    if (time == last) {
      return nxb_fail(c, NAX_EDIM, "axes of `%.100s` are not told apart by their names",
                      v->name);
    }
    s = nxb_labels(c, condition, v->dim[last], INT64_MIN, 0, &out->condition);
    s = s == NAX_OK ? nxb_labels(c, fold, v->dim[last], INT64_MIN, 0, &out->fold) : s;
  }
  return s;
}

static nax_status
run_rdm_movie(nxb_call *c)
{
  nax_rdms *r = NULL;
  nax_index bin = 1;
  nax_status s = nxb_whole(c, 4, 1.0, 1.0, 1e9, &bin);
  if (s == NAX_OK && c->in[0].kind == NXB_TEXT) {
    file_responses of;
    s = file_responses_of(c, 3, 1, 2, &of);
    s = s == NAX_OK ? nax_rdm_movie_source(c->ctx, of.file, of.var, of.axis, of.condition,
                                           of.fold, nxb_optional(c, 3), bin, 0,
                                           nxb_opts(c, "rdm"), &r)
                    : s;
    nax_source_close(of.file);
  } else if (s == NAX_OK) {
    responses of;
    s = responses_of(c, 3, 1, 2, 3, &of);
    s = s == NAX_OK ? nax_rdm_movie(c->ctx, &of.x, of.condition, of.fold, of.precision,
                                    bin, nxb_opts(c, "rdm"), &r)
                    : s;
  }
  return give_and_report(c, s, r, NULL);
}

static nax_status
run_time_by_time(nxb_call *c)
{
  responses of;
  nax_array *a = NULL;
  nax_index bin = 1;
  const char *page = NULL;
  nax_status s = responses_of(c, 3, 1, 2, 3, &of);
  s = s == NAX_OK ? nxb_page(c, 5, &page) : s;
  s = s == NAX_OK ? nxb_whole(c, 4, 1.0, 1.0, 1e9, &bin) : s;
  s = s == NAX_OK ? nax_rdm_time_by_time(c->ctx, &of.x, of.condition, of.fold,
                                         of.precision, bin, nxb_opts(c, "rdm"), &a)
                  : s;
  if (s == NAX_OK && page != NULL) {
    s = nax_report_rdm_times(c->ctx, a, NULL, nxb_opts(c, "report"), page);
  }
  if (s != NAX_OK) {
    nax_array_free(a);
    return s;
  }
  return nxb_give_array(c, "dissimilarity", a);
}

/* Channel numbers, from 1 in the hosts: of a list, or of searchlight_places. */
static nax_status
places_of(nxb_call *c, int i, nax_rdm_places *out, nax_index **offset, nax_index **index)
{
  nxb_value *v = &c->in[i];
  const nax_array *starts = NULL, *all = NULL;
  nax_index n = 0, total = 0;
  *offset = *index = NULL;
  if (v->kind == NXB_DATASET) {
    starts = nax_dataset_array(v->dataset, "offset");
    all = nax_dataset_array(v->dataset, "index");
    if (starts == NULL || all == NULL || nax_array_size(starts) < 2) {
      return nxb_fail(
          c, NAX_EINVAL,
          "`%s` has no offset and index, expected a list of channel numbers or "
          "a result of searchlight_places",
          c->method->in[i].name);
    }
    n = nax_array_size(starts) - 1;
    total = nax_array_size(all);
  } else {
    n = v->n_items;
    for (nax_index k = 0; k < n; k++) {
      total += nax_view_size(&v->item[k].view);
    }
  }
  *offset = calloc((size_t)n + 2, sizeof **offset);
  *index = calloc((size_t)total + 1, sizeof **index);
  if (*offset == NULL || *index == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  nax_index at = 0;
  for (nax_index k = 0; k < n; k++) {
    const double *x = starts != NULL ? nax_array_f64(all) : v->item[k].view.data;
    nax_index many = starts != NULL ? (nax_index)nax_array_f64(starts)[k + 1] -
                                          (nax_index)nax_array_f64(starts)[k]
                                    : nax_view_size(&v->item[k].view);
    if (starts == NULL && !nax_view_is_dense(&v->item[k].view)) {
      return nxb_fail(c, NAX_EDIM, "`%s` %lld, expected numbers in one row",
                      c->method->in[i].name, (long long)k + 1);
    }
    for (nax_index j = 0; j < many && at < total; j++, at++) {
      double number = x[starts != NULL ? at : j];
      if (!(number >= 1.0 && number < 1e15)) {
        return nxb_fail(c, NAX_EINVAL,
                        "`%s` has channel %g at place %lld, expected numbers "
                        "from 1",
                        c->method->in[i].name, number, (long long)k + 1);
      }
      (*index)[at] = (nax_index)number - 1;
    }
    (*offset)[k + 1] = at;
  }
  *out = (nax_rdm_places){*offset, *index, n};
  return NAX_OK;
}

static nax_status
run_rdm_searchlight(nxb_call *c)
{
  nax_index *offset = NULL, *index = NULL;
  nax_rdm_places places;
  nax_rdms *r = NULL;
  nax_status s = places_of(c, 2, &places, &offset, &index);
  if (s == NAX_OK && c->in[0].kind == NXB_TEXT) {
    file_responses of;
    s = c->in[4].kind == NXB_NOTHING
            ? file_responses_of(c, 2, 1, 3, &of)
            : nxb_fail(c, NAX_EINVAL, "`precision` goes with arrays, not with a file");
    s = s == NAX_OK
            ? nax_rdm_searchlight_source(c->ctx, of.file, of.var, of.axis, of.condition,
                                         of.fold, &places, 0, nxb_opts(c, "rdm"), &r)
            : s;
    nax_source_close(c->in[4].kind == NXB_NOTHING ? of.file : NULL);
  } else if (s == NAX_OK) {
    responses of;
    s = responses_of(c, 2, 1, 3, 4, &of);
    s = s == NAX_OK ? nax_rdm_searchlight(c->ctx, &of.x, of.condition, of.fold,
                                          of.precision, &places, nxb_opts(c, "rdm"), &r)
                    : s;
  }
  free(offset);
  free(index);
  return give_and_report(c, s, r, NULL);
}

/* The hosts number voxels with the first axis fastest, the library with the last: seen
 * from there the axes are in the other order. */
static nax_status
run_places(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  double radius, share, truncate;
  nax_index n = 0, *found[3] = {NULL, NULL, NULL}, dim[3] = {1, 1, 1};
  nax_status s = nxb_number(c, 1, 1.0, &radius);
  s = s == NAX_OK ? nxb_number(c, 2, 1.0, &share) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &truncate) : s;
  if (s == NAX_OK && (x.ndim > 3 || !nax_view_is_dense(&x))) {
    s = nxb_fail(c, NAX_EDIM, "`mask` has %d axes, expected at most 3", (int)x.ndim);
  }
  nax_index size = s == NAX_OK ? nax_view_size(&x) : 0;
  unsigned char *mask = s == NAX_OK ? calloc((size_t)size + 1, 1) : NULL;
  if (s == NAX_OK && mask == NULL) {
    s = nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index i = 0; s == NAX_OK && i < size; i++) {
    double v = ((const double *)x.data)[i];
    mask[i] = v != 0.0 && !isnan(v);
  }
  for (int32_t k = 0; k < x.ndim && k < 3; k++) {
    dim[2 - k] = x.dim[k];
  }
  if (s == NAX_OK) {
    s = nax_rdm_places_volume(c->ctx, dim, mask, radius, share, truncate != 0.0, &n,
                              &found[0], &found[1], &found[2]);
  }
  static const char *const names[] = {"centre", "offset", "index"};
  static const char *const axis[] = {"place", "bound", "member"};
  for (int k = 0; s == NAX_OK && k < 3; k++) {
    nax_index many = k == 0 ? n : k == 1 ? n + 1 : found[1][n];
    s = nxb_give_indices(c, names[k], axis[k], many, found[k], k == 1 ? 0.0 : 1.0);
  }
  for (int k = 0; k < 3; k++) {
    nax_rdm_places_free(found[k]);
  }
  free(mask);
  return s;
}

static nax_status
square(nxb_call *c, const char *name, nax_index n, const double *x)
{
  char other[64];
  const char *const axes[] = {name, other};
  const nax_index dim[] = {n, n};
  (void)snprintf(other, sizeof other, "%.50s_2", name);
  return nxb_give_numbers(c, "x", 2, axes, dim, x);
}

static nax_status
run_rdm_noise(nxb_call *c)
{
  responses of;
  double dof = 0.0;
  int how = nxb_choice(c, "method", nxb_text(c, 2, "shrinkage-eye"),
                       nxb_choices_of("rdm", "noise"));
  nax_status s = how > 0 ? responses_of(c, 2, 1, -1, -1, &of) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_number(c, 3, NAX_NOT_GIVEN, &dof) : s;
  nax_index n = s == NAX_OK ? of.x.dim[0] : 0;
  double *out = s == NAX_OK ? nxb_doubles(c, n * n) : NULL;
  if (s == NAX_OK) {
    s = out != NULL ? nax_rdm_noise(c->ctx, &of.x, of.condition, (nax_rdm_covariance)how,
                                    dof, 0, out)
                    : NAX_ENOMEM;
  }
  return s == NAX_OK ? square(c, "neuron", n, out) : s;
}

static nax_status
run_rdm_precision(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  if (x.ndim != 2 || x.dim[0] != x.dim[1] || !nax_view_is_dense(&x)) {
    return nxb_fail(c, NAX_EDIM, "`covariance`, expected a square matrix");
  }
  double *out = calloc((size_t)(x.dim[0] * x.dim[0]) + 1, sizeof *out);
  nax_status s = out != NULL ? nax_rdm_precision(c->ctx, x.dim[0], x.data, out)
                             : nxb_fail(c, NAX_ENOMEM, "out of memory");
  s = s == NAX_OK ? square(c, "neuron", x.dim[0], out) : s;
  free(out);
  return s;
}

static nax_index
distinct(const int64_t *code, nax_index n)
{
  nax_index many = 0;
  for (nax_index i = 0; i < n; i++) {
    nax_index j = 0;
    while (j < i && code[j] != code[i]) {
      j++;
    }
    many += j == i;
  }
  return many;
}

static nax_status
run_sigma_k(nxb_call *c)
{
  responses of;
  nax_status s = responses_of(c, 2, 1, 2, 3, &of);
  nax_index n = s == NAX_OK ? distinct(of.condition, of.x.dim[1]) : 0;
  double *out = s == NAX_OK ? nxb_doubles(c, n * n) : NULL;
  if (s == NAX_OK) {
    s = out != NULL
            ? nax_rdm_sigma_k(c->ctx, &of.x, of.condition, of.fold, of.precision, out)
            : NAX_ENOMEM;
  }
  return s == NAX_OK ? square(c, "condition", n, out) : s;
}

static nax_status
run_rdm_variance(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL, *out = NULL;
  nax_index folds, channels;
  const nax_view *sigma = nxb_optional(c, 3);
  nax_status s = nxb_vectors_of(c, 0, &r, &d);
  nax_index n = s == NAX_OK ? nax_rdms_n_conditions(r) : 0, m = nax_rdm_pairs(n);
  s = s == NAX_OK ? nxb_whole(c, 1, 0.0, 2.0, 1e9, &folds) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 0.0, 1.0, 1e9, &channels) : s;
  if (s == NAX_OK && sigma != NULL &&
      (sigma->ndim != 2 || sigma->dim[0] != n || sigma->dim[1] != n ||
       !nax_view_is_dense(sigma))) {
    s = nxb_fail(c, NAX_EDIM, "`sigma_k`, expected %lld x %lld", (long long)n,
                 (long long)n);
  }
  if (s == NAX_OK) {
    out = calloc((size_t)(m * m) + 1, sizeof *out);
    s = out != NULL ? nax_rdm_variance(c->ctx, n, d, sigma != NULL ? sigma->data : NULL,
                                       folds, channels, out)
                    : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? square(c, "pair", m, out) : s;
  free(out);
  free(d);
  nax_rdms_free(r);
  return s;
}

static nax_status
run_rdm_map(nxb_call *c)
{
  nax_rdms *r = NULL, *out = NULL;
  int how = nxb_choice(c, "what", nxb_text(c, 1, "rank-average"),
                       "rank-average|rank-min|rank-max|rank-dense|rank-ordinal|sqrt|"
                       "positive|minmax");
  nax_status s = how > 0 ? nxb_rdms_of(c, &c->in[0], &r) : NAX_EINVAL;
  s = s == NAX_OK ? nax_rdms_map(c->ctx, r, (nax_rdm_map)how, &out) : s;
  s = s == NAX_OK ? nxb_give_rdms(c, "rdm", out) : s;
  nax_rdms_free(out);
  nax_rdms_free(r);
  return s;
}

static nax_status
run_rdm_rescale(nxb_call *c)
{
  nax_rdms *r = NULL, *out = NULL;
  double *mean = NULL;
  int how =
      nxb_choice(c, "weights", nxb_text(c, 1, "evidence"), "evidence|setsize|simple");
  nax_status s = how > 0 ? nxb_rdms_of(c, &c->in[0], &r) : NAX_EINVAL;
  if (s == NAX_OK) {
    mean = calloc((size_t)nax_rdm_pairs(nax_rdms_n_conditions(r)) + 1, sizeof *mean);
    s = mean != NULL ? nax_rdms_rescale(c->ctx, r, (nax_rdm_weights)how, mean, &out)
                     : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? nxb_give_rdms(c, "rdm", out) : s;
  s = s == NAX_OK ? nxb_give_one(c, "mean", r, mean) : s;
  free(mean);
  nax_rdms_free(out);
  nax_rdms_free(r);
  return s;
}

static nax_status
run_mds(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL, *points = NULL, stress = 0.0;
  nax_index dims = 2;
  int how = nxb_choice(c, "kind", nxb_text(c, 1, "metric"), "classical|metric|nonmetric");
  nax_status s = how > 0 ? nxb_vectors_of(c, 0, &r, &d) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_whole(c, 2, 2.0, 1.0, 1e6, &dims) : s;
  if (s == NAX_OK && nax_rdms_count(r) != 1) {
    s = nxb_fail(c, NAX_EDIM, "`x` has %lld matrices, expected one",
                 (long long)nax_rdms_count(r));
  }
  nax_index n = s == NAX_OK ? nax_rdms_n_conditions(r) : 0;
  if (s == NAX_OK && dims >= n) {
    s = nxb_fail(c, NAX_EDIM, "`dims` is %lld, expected fewer than the %lld conditions",
                 (long long)dims, (long long)n);
  }
  if (s == NAX_OK) {
    points = calloc((size_t)(n * dims) + 1, sizeof *points);
    s = points != NULL ? nax_rdm_mds(c->ctx, n, d, (nax_rdm_mds_kind)how, dims, NULL,
                                     points, &stress)
                       : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  if (s == NAX_OK) {
    const char *const axes[] = {"condition", "dimension"};
    const nax_index dim[] = {n, dims};
    s = nxb_give_numbers(c, "points", 2, axes, dim, points);
  }
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "stress", stress) : s;
  free(points);
  free(d);
  nax_rdms_free(r);
  return s;
}

#define RDMS "condition,condition_2,rdm"
#define CONDITION                                                                        \
  {                                                                                      \
    "condition", NXB_IN_ARRAY, 0, "trial",                                               \
        "condition of each observation, whole numbers"                                   \
  }
#define FOLD                                                                             \
  {                                                                                      \
    "fold", NXB_IN_ARRAY, 1, "trial",                                                    \
        "fold of each observation; not given: the k-th occurrence of a condition is in " \
        "fold k"                                                                         \
  }
#define PRECISION                                                                        \
  {                                                                                      \
    "precision", NXB_IN_ARRAY, 1, "neuron,neuron_2",                                     \
        "inverse of the noise covariance between channels"                               \
  }

const nxb_method nxb_geometry_methods[] = {
    {.name = "rdm",
     .title = "Dissimilarity of each pair of conditions",
     .details =
         "Euclidean, correlation, cosine, Mahalanobis and Poisson dissimilarities of "
         "condition means, and their forms between folds, which noise does not bias: "
         "crossnobis and others. Conditions and folds are whole numbers, one for each "
         "observation.",
     .value = "an array condition x condition x rdm",
     .result = "",
     .r = {"x <- matrix(rnorm(20 * 24), 20)",
           "rdm(x, condition = rep(1:6, 4), fold = rep(1:4, each = 6), measure = "
           "\"crossnobis\")"},
     .m = {"x = randn(20, 24);",
           "neuraxis.rdm(x, repmat(1:6, 1, 4), 'measure', 'cosine')"},
     .in =
         {{"x", NXB_IN_ARRAY, 0, "neuron,trial", "responses, channel x observation"},
          CONDITION,
          {"fold", NXB_IN_ARRAY, 1, "trial",
           "fold (run, session) of each observation; not given: the k-th occurrence of a "
           "condition is in fold k"},
          PRECISION,
          NXB_REPORT},
     .tables = {"rdm", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_rdm},
    {.name = "rdm_spikes",
     .title = "Dissimilarity of each pair of conditions from spike times",
     .details =
         "Without bins: the mean over pairs of trials, and over units, of the distance of "
         "van Rossum or of the edit distance of Victor and Purpura. With "
         "`subtract_within` conditions that do not differ are 0 on average.",
     .value = "an array condition x condition x rdm",
     .result = "",
     .r = {"d <- simulate_recording(kind = \"spikes\", units = 4, trials = 12)",
           "rdm_spikes(d$spikes, d$trials$start_time, rep(1:3, 4), stop = 1)"},
     .m = {"d = neuraxis.simulate_recording('kind', 'spikes', 'units', 4, 'trials', 12);",
           "neuraxis.rdm_spikes(d.spikes, d.trials.start_time, repmat(1:3, 1, 4), 1)"},
     .in = {{"x", NXB_IN_SPIKES, 0, NULL, "spike trains"},
            {"at", NXB_IN_ARRAY, 0, "trial", "time of each trial in s"},
            CONDITION,
            {"stop", NXB_IN_ARRAY, 0, "value", "where a trial ends, in s from its time"},
            {"start", NXB_IN_ARRAY, 1, "value", "and where it begins; not given: 0"},
            {"measure", NXB_IN_TEXT, 1, NULL,
             "van-rossum or victor-purpura; not given: van-rossum"},
            NXB_REPORT},
     .tables = {"rdm", "report"},
     .hidden = ",command,memory,signal,no_hash,measure,prior,prior_weight,floor_variance,"
               "floor_denominator,noise,design,remove_mean,compat,",
     .run = run_rdm_spikes},
    {.name = "rdm_compare",
     .title = "How similar dissimilarity matrices are",
     .details = "Cosine, Pearson, Spearman, Kendall, and the cosine and correlation that "
                "are whitened by the covariance of the dissimilarities.",
     .value = "an array: each matrix of the first set against each of the second",
     .result = "",
     .r = {"x <- rdm(matrix(rnorm(100), 10), condition = 1:10)",
           "rdm_compare(x, x, comparator = \"spearman\")"},
     .m = {"x = neuraxis.rdm(randn(10, 10), 1:10);", "neuraxis.rdm_compare(x, x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x rdm)"},
            {"y", NXB_IN_ARRAY, 0, RDMS, "the same for the second set"},
            {"comparator", NXB_IN_TEXT, 1, NULL,
             "cosine, corr, spearman, rho-a, tau-a, tau-b, cosine-cov, corr-cov, bures, "
             "bures-metric or neg-riemann; not given: corr"},
            {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
             "covariance between conditions of the noise, for whitened comparators"}},
     .run = run_rdm_compare},
    {.name = "rdm_movie",
     .title = "Dissimilarity matrices over time",
     .details = "A matrix for each sample, or for the mean over each stretch of samples.",
     .value = "an array condition x condition x time",
     .result = "",
     .r = {"x <- array(rnorm(10 * 6 * 24), c(10, 6, 24))",
           "rdm_movie(x, condition = rep(1:6, 4), bin = 2)"},
     .m = {"x = randn(10, 6, 24);", "neuraxis.rdm_movie(x, repmat(1:6, 1, 4), 'bin', 2)"},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_TEXT, 0, "neuron,time,trial",
             "responses, channel x time x observation, or the path of a file, which is "
             "read block by block"},
            CONDITION,
            FOLD,
            PRECISION,
            {"bin", NXB_IN_ARRAY, 1, "value",
             "samples averaged into one matrix; not given: 1"}},
     .tables = {"rdm", "source"},
     .hidden = ",strict,",
     .run = run_rdm_movie},
    {.name = "rdm_time_by_time",
     .title = "Dissimilarities between two times",
     .details =
         "What the differences between conditions at one time have in common with those "
         "at another: positive where a difference stays the same, 0 where it is another "
         "one, negative where it turns round. King and Dehaene 2014.",
     .value = "an array condition x condition x time x time",
     .result = "",
     .r = {"x <- array(rnorm(10 * 6 * 24), c(10, 6, 24))",
           "dim(rdm_time_by_time(x, condition = rep(1:6, 4), bin = 2))"},
     .m = {"x = randn(10, 6, 24);",
           "neuraxis.rdm_time_by_time(x, repmat(1:6, 1, 4), 'bin', 2)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
             "responses, channel x time x observation"},
            CONDITION,
            FOLD,
            PRECISION,
            {"bin", NXB_IN_ARRAY, 1, "value",
             "samples averaged into one time; not given: 1"},
            NXB_REPORT},
     .tables = {"rdm", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_time_by_time},
    {.name = "rdm_searchlight",
     .title = "A dissimilarity matrix for each neighbourhood of channels",
     .details = "A searchlight: each place is a set of channels that is looked at by "
                "itself, with the noise covariance of its own channels.",
     .value = "an array condition x condition x place",
     .result = "",
     .r = {"x <- matrix(rnorm(20 * 24), 20)",
           "rdm_searchlight(x, rep(1:6, 4), list(1:10, 5:14, 11:20))"},
     .m = {"x = randn(20, 24);",
           "neuraxis.rdm_searchlight(x, repmat(1:6, 1, 4), {1:10, 5:14, 11:20})"},
     .in =
         {{"x", NXB_IN_ARRAY | NXB_IN_TEXT, 0, "neuron,trial",
           "responses, channel x observation, or the path of a file, which is read block "
           "by block"},
          CONDITION,
          {"places", NXB_IN_LIST | NXB_IN_DATASET, 0, "channel",
           "a list of channel numbers from 1, or a result of searchlight_places"},
          FOLD,
          PRECISION},
     .tables = {"rdm", "source"},
     .hidden = ",strict,",
     .run = run_rdm_searchlight},
    {.name = "searchlight_places",
     .title = "Neighbourhoods of a volume",
     .details = "For each voxel of a mask the voxels nearer than a radius; voxels are "
                "numbered as the host numbers the elements of an array.",
     .value =
         "`centre`, the voxel in the middle of each place; its voxels are those from "
         "`offset` + 1 on of `index`",
     .result = "searchlight_places",
     .r = {"mask <- array(1, c(4, 4, 4))", "searchlight_places(mask, radius = 1.5)"},
     .m = {"mask = ones(4, 4, 4);", "neuraxis.searchlight_places(mask, 'radius', 1.5)"},
     .in = {{"mask", NXB_IN_ARRAY, 0, "x,y,z", "array x x y x z, not 0 inside"},
            {"radius", NXB_IN_ARRAY, 1, "value", "in voxels; not given: 1"},
            {"share", NXB_IN_ARRAY, 1, "value",
             "least share of the neighbours in the mask; not given: 1"},
            {"truncate", NXB_IN_ARRAY, 1, "value",
             "leave out neighbours outside the mask; not given: 1"}},
     .run = run_places},
    {.name = "rdm_noise",
     .title = "Covariance of the noise between channels",
     .details = "From the observations about the mean of their condition, as they are or "
                "shrunk.",
     .value = "an array channel x channel",
     .result = "",
     .r = {"x <- matrix(rnorm(20 * 24), 20)", "rdm_noise(x, rep(1:6, 4))"},
     .m = {"x = randn(20, 24);", "neuraxis.rdm_noise(x, 'condition', repmat(1:6, 1, 4))"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,trial", "responses, channel x observation"},
            {"condition", NXB_IN_ARRAY, 1, "trial",
             "condition of each observation; not given: `x` holds residuals"},
            {"method", NXB_IN_TEXT, 1, NULL,
             "none, full, diag, shrinkage-eye or shrinkage-diag; not given: "
             "shrinkage-eye"},
            {"dof", NXB_IN_ARRAY, 1, "value",
             "degrees of freedom; not given: observations less conditions"}},
     .run = run_rdm_noise},
    {.name = "rdm_precision",
     .title = "Inverse of a noise covariance",
     .details = "What rdm and others take as `precision`.",
     .value = "an array channel x channel",
     .result = "",
     .r = {"x <- rdm_noise(matrix(rnorm(20 * 24), 20), rep(1:6, 4))", "rdm_precision(x)"},
     .m = {"x = neuraxis.rdm_noise(randn(20, 24), 'condition', repmat(1:6, 1, 4));",
           "neuraxis.rdm_precision(x)"},
     .in = {{"covariance", NXB_IN_ARRAY, 0, "neuron,neuron_2",
             "covariance between channels"}},
     .run = run_rdm_precision},
    {.name = "rdm_sigma_k",
     .title = "Covariance between conditions of the noise",
     .details = "Of the means of conditions in folds, per channel: what whitened "
                "comparators take as `sigma_k`.",
     .value = "an array condition x condition",
     .result = "",
     .r = {"x <- matrix(rnorm(20 * 24), 20)", "rdm_sigma_k(x, rep(1:6, 4))"},
     .m = {"x = randn(20, 24);", "neuraxis.rdm_sigma_k(x, repmat(1:6, 1, 4))"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,trial", "responses, channel x observation"},
            CONDITION,
            FOLD,
            PRECISION},
     .run = run_sigma_k},
    {.name = "rdm_variance",
     .title = "Covariance of the entries of a crossnobis matrix",
     .details =
         "In closed form; the square roots of its diagonal are standard errors that "
         "need no bootstrap.",
     .value = "an array pair x pair",
     .result = "",
     .r = {"x <- rdm(matrix(rnorm(20 * 24), 20), rep(1:6, 4), measure = \"crossnobis\")",
           "rdm_variance(x, folds = 4, channels = 20)"},
     .m = {"x = neuraxis.rdm(randn(20, 24), repmat(1:6, 1, 4), 'measure', 'crossnobis');",
           "neuraxis.rdm_variance(x, 4, 20)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition, taken as the true ones"},
            {"folds", NXB_IN_ARRAY, 0, "value", "number of folds"},
            {"channels", NXB_IN_ARRAY, 0, "value", "number of channels"},
            {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
             "from rdm_sigma_k; not given: identity"}},
     .run = run_rdm_variance},
    {.name = "rdm_map",
     .title = "A function of each dissimilarity matrix",
     .details = "Ranks, square roots, negative values to 0, or to the range 0 to 1.",
     .value = "an array condition x condition x rdm",
     .result = "",
     .r = {"x <- rdm(matrix(rnorm(100), 10), condition = 1:10)",
           "rdm_map(x, \"rank-average\")"},
     .m = {"x = neuraxis.rdm(randn(10, 10), 1:10);",
           "neuraxis.rdm_map(x, 'what', 'rank-average')"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x rdm)"},
            {"what", NXB_IN_TEXT, 1, NULL,
             "rank-average, rank-min, rank-max, rank-dense, rank-ordinal, sqrt, positive "
             "or minmax; not given: rank-average"}},
     .run = run_rdm_map},
    {.name = "rdm_rescale",
     .title = "Matrices that each lack some pairs on one scale",
     .details = "Each is scaled to the norm that the mean has on its pairs, by turns.",
     .value = "`rdm`, the matrices, and `mean`",
     .result = "rdm_rescale",
     .r = {"x <- rdm(matrix(rnorm(100), 10), condition = 1:10)\ny <- array(c(x, 2 * x), "
           "c(10, 10, 2))\ny[1, 2, 1] <- y[2, 1, 1] <- NA",
           "rdm_rescale(y)"},
     .m = {"x = neuraxis.rdm(randn(10, 10), 1:10); y = cat(3, x.values, 2 * x.values); "
           "y(1, 2, 1) = NaN; y(2, 1, 1) = NaN;",
           "neuraxis.rdm_rescale(y)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition x rdm"},
            {"weights", NXB_IN_TEXT, 1, NULL,
             "evidence, setsize or simple; not given: evidence"}},
     .run = run_rdm_rescale},
    {.name = "rdm_mds",
     .title = "Conditions as points in the plane",
     .details = "Points whose distances resemble the dissimilarities (multidimensional "
                "scaling).",
     .value = "`points`, condition x dimension, and the attribute stress",
     .result = "rdm_mds",
     .r = {"x <- rdm(matrix(rnorm(100), 10), condition = 1:10)", "rdm_mds(x)"},
     .m = {"x = neuraxis.rdm(randn(10, 10), 1:10);", "neuraxis.rdm_mds(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition"},
            {"kind", NXB_IN_TEXT, 1, NULL,
             "classical, metric or nonmetric; not given: metric"},
            {"dims", NXB_IN_ARRAY, 1, "value", "dimensions; not given: 2"}},
     .run = run_mds},
    {.name = NULL},
};
