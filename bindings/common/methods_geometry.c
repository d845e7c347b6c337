/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities between conditions, and models of them. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- inputs -------------------------------------------------------------------------
 */

static const nax_view *
optional_view(const nxb_call *c, int i)
{
  return c->in[i].kind == NXB_ARRAY ? &c->in[i].view : NULL;
}

/* ---- methods ------------------------------------------------------------------------
 */

static nax_status
run_rdm(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  int64_t *condition = NULL, *fold = NULL;
  nax_rdms *r = NULL;
  const char *page;
  if (x.ndim != 2) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x observation",
                    (int)x.ndim);
  }
  nax_status s = nxb_page(c, 4, &page);
  s = s == NAX_OK ? nxb_codes(c, 1, x.dim[1], &condition, NULL) : s;
  if (s == NAX_OK) {
    s = nxb_codes(c, 2, x.dim[1], &fold, NULL);
  }
  if (s == NAX_OK) {
    s = nax_rdm_fit(c->ctx, &x, condition, fold, optional_view(c, 3), c->opts[0], &r);
  }
  if (s == NAX_OK && page != NULL) {
    s = nax_report_rdm(c->ctx, r, NULL, nxb_opts(c, "report"), page);
  }
  s = s == NAX_OK ? nxb_give_rdms(c, "rdm", r) : s;
  nax_rdms_free(r);
  free(condition);
  free(fold);
  return s;
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
    s = nax_rsa_compare(c->ctx, a, b, (nax_rsa_comparator)how, optional_view(c, 3), 0,
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

/* RDMs over time, and over neighbourhoods of channels. */
static nax_status
run_rdm_movie(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  int64_t *condition = NULL, *fold = NULL;
  nax_rdms *r = NULL;
  nax_index bin = 1;
  if (x.ndim != 3) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x time x observation",
                    (int)x.ndim);
  }
  nax_status s = nxb_codes(c, 1, x.dim[2], &condition, NULL);
  s = s == NAX_OK ? nxb_codes(c, 2, x.dim[2], &fold, NULL) : s;
  s = s == NAX_OK ? nxb_whole(c, 4, 1.0, 1.0, 1e9, &bin) : s;
  s = s == NAX_OK ? nax_rdm_movie(c->ctx, &x, condition, fold, optional_view(c, 3), bin,
                                  nxb_opts(c, "rdm"), &r)
                  : s;
  s = s == NAX_OK ? nxb_give_rdms(c, "rdm", r) : s;
  nax_rdms_free(r);
  free(condition);
  free(fold);
  return s;
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
  nax_view x = nxb_view(c, 0);
  int64_t *condition = NULL, *fold = NULL;
  nax_index *offset = NULL, *index = NULL;
  nax_rdm_places places;
  nax_rdms *r = NULL;
  if (x.ndim != 2) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x observation",
                    (int)x.ndim);
  }
  nax_status s = nxb_codes(c, 1, x.dim[1], &condition, NULL);
  s = s == NAX_OK ? places_of(c, 2, &places, &offset, &index) : s;
  s = s == NAX_OK ? nxb_codes(c, 3, x.dim[1], &fold, NULL) : s;
  s = s == NAX_OK ? nax_rdm_searchlight(c->ctx, &x, condition, fold, optional_view(c, 4),
                                        &places, nxb_opts(c, "rdm"), &r)
                  : s;
  s = s == NAX_OK ? nxb_give_rdms(c, "rdm", r) : s;
  nax_rdms_free(r);
  free(offset);
  free(index);
  free(condition);
  free(fold);
  return s;
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
    double *y = calloc((size_t)many + 1, sizeof *y);
    for (nax_index i = 0; y != NULL && i < many; i++) {
      y[i] = (double)found[k][i] + (k == 1 ? 0.0 : 1.0);
    }
    s = y != NULL ? nxb_give_numbers(c, names[k], 1, &axis[k], &many, y)
                  : nxb_fail(c, NAX_ENOMEM, "out of memory");
    free(y);
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
  nax_view x = nxb_view(c, 0);
  int64_t *condition = NULL;
  double dof, *out = NULL;
  int how = nxb_choice(c, "method", nxb_text(c, 2, "shrinkage-eye"),
                       nxb_choices_of("rdm", "noise"));
  if (x.ndim != 2) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x observation",
                    (int)x.ndim);
  }
  nax_status s = how > 0 ? nxb_codes(c, 1, x.dim[1], &condition, NULL) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_number(c, 3, NAX_NOT_GIVEN, &dof) : s;
  if (s == NAX_OK) {
    out = calloc((size_t)(x.dim[0] * x.dim[0]) + 1, sizeof *out);
    s = out != NULL
            ? nax_rdm_noise(c->ctx, &x, condition, (nax_rdm_covariance)how, dof, 0, out)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? square(c, "neuron", x.dim[0], out) : s;
  free(out);
  free(condition);
  return s;
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
  nax_view x = nxb_view(c, 0);
  int64_t *condition = NULL, *fold = NULL;
  double *out = NULL;
  nax_index n = 0;
  if (x.ndim != 2) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x observation",
                    (int)x.ndim);
  }
  nax_status s = nxb_codes(c, 1, x.dim[1], &condition, NULL);
  s = s == NAX_OK ? nxb_codes(c, 2, x.dim[1], &fold, NULL) : s;
  if (s == NAX_OK) {
    n = distinct(condition, x.dim[1]);
    out = calloc((size_t)(n * n) + 1, sizeof *out);
    s = out != NULL
            ? nax_rdm_sigma_k(c->ctx, &x, condition, fold, optional_view(c, 3), out)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? square(c, "condition", n, out) : s;
  free(out);
  free(condition);
  free(fold);
  return s;
}

static nax_status
run_rdm_variance(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL, *out = NULL;
  nax_index folds, channels;
  const nax_view *sigma = optional_view(c, 3);
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

static nax_status
run_similarity(nxb_call *c)
{
  nax_view a = nxb_view(c, 0), b = nxb_view(c, 1);
  nax_array *out = NULL;
  const char *const name[] = {"comparison"};
  nax_status s =
      nax_array_create_dims(c->ctx, NAX_F64, 1, name, (nax_index[]){1}, "", &out);
  if (s == NAX_OK) {
    s = nax_similarity(c->ctx, &a, &b, c->opts[0], nax_array_data_mut(out));
  }
  if (s == NAX_OK) {
    s = nxb_give_array(c, "similarity", out);
    out = NULL;
  }
  nax_array_free(out);
  return s;
}

static nax_status
run_encoding(nxb_call *c)
{
  nax_view x = nxb_view(c, 0), y = nxb_view(c, 1);
  int64_t *fold = NULL;
  const double *ceiling = NULL;
  nax_index n = 0;
  nax_table *t = NULL;
  if (x.ndim != 2 || y.ndim != 2) {
    return nxb_fail(c, NAX_EDIM, "`x` and `y` must have two axes");
  }
  nax_status s = nxb_codes(c, 2, x.dim[1], &fold, NULL);
  if (s == NAX_OK) {
    s = nxb_numbers(c, 3, &ceiling, &n);
  }
  if (s == NAX_OK && ceiling != NULL && n != y.dim[0]) {
    s = nxb_fail(c, NAX_EDIM, "`ceiling` has %lld values, expected %lld", (long long)n,
                 (long long)y.dim[0]);
  }
  if (s == NAX_OK) {
    s = nax_encoding_score(c->ctx, &x, &y, fold, ceiling, c->opts[0], &t);
  }
  if (s == NAX_OK) {
    s = nxb_give_table(c, "targets", t);
    t = NULL;
  }
  nax_table_free(t);
  free(fold);
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
          {"condition", NXB_IN_ARRAY, 0, "trial", "condition of each observation"},
          {"fold", NXB_IN_ARRAY, 1, "trial",
           "fold (run, session) of each observation; not given: the k-th occurrence of a "
           "condition is in fold k"},
          {"precision", NXB_IN_ARRAY, 1, "neuron,neuron_2",
           "inverse of the noise covariance between channels"},
          NXB_REPORT},
     .tables = {"rdm", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_rdm},
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
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial",
             "responses, channel x time x observation"},
            CONDITION,
            FOLD,
            PRECISION,
            {"bin", NXB_IN_ARRAY, 1, "value",
             "samples averaged into one matrix; not given: 1"}},
     .tables = {"rdm"},
     .run = run_rdm_movie},
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
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,trial", "responses, channel x observation"},
            CONDITION,
            {"places", NXB_IN_LIST | NXB_IN_DATASET, 0, "channel",
             "a list of channel numbers from 1, or a result of searchlight_places"},
            FOLD,
            PRECISION},
     .tables = {"rdm"},
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
    {.name = "similarity",
     .title = "How similar two representations of the same observations are",
     .details =
         "Centred kernel alignment (unbiased unless asked otherwise), the RV coefficient, "
         "Procrustes and shape distances, canonical correlations, distance correlation and "
         "shared nearest neighbours: without models, for any numbers of channels.",
     .value = "one number",
     .result = "",
     .r = {"x <- matrix(rnorm(200), 10)", "similarity(x, x[1:4, ], measure = \"cka\")"},
     .m = {"x = randn(10, 20);", "neuraxis.similarity(x, x(1:4, :))"},
     .in = {{"x", NXB_IN_ARRAY, 0, "channel,observation", "channel x observation"},
            {"y", NXB_IN_ARRAY, 0, "channel,observation",
             "the same observations in other channels"}},
     .tables = {"similarity"},
     .run = run_similarity},
    {.name = "encoding_score",
     .title = "How well features predict responses",
     .details =
         "Ridge regression of each target on the features, with its penalty chosen by "
         "leaving out each observation, scored by the correlation with folds that took no "
         "part in the fit.",
     .value = "the table `targets` with the score of each, its standard error over folds "
              "and the penalty",
     .result = "",
     .r = {"x <- matrix(rnorm(300), 5)",
           "encoding_score(x, rbind(x[1, ] + rnorm(60), rnorm(60)))"},
     .m = {"x = randn(5, 60);",
           "neuraxis.encoding_score(x, [x(1, :) + randn(1, 60); randn(1, 60)])"},
     .in = {{"x", NXB_IN_ARRAY, 0, "feature,observation", "feature x observation"},
            {"y", NXB_IN_ARRAY, 0, "target,observation", "target x observation"},
            {"fold", NXB_IN_ARRAY, 1, "observation",
             "fold of each observation, whole numbers; not given: five blocks"},
            {"ceiling", NXB_IN_ARRAY, 1, "target",
             "noise ceiling of each target, as a squared correlation"}},
     .tables = {"encoding"},
     .run = run_encoding},
    {.name = NULL},
};
