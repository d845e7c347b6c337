/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities between conditions, and models of them. */
#include "methods_i.h"
#include <stdlib.h>
#include <string.h>

/* ---- inputs -------------------------------------------------------------------------
 */

/* Whole numbers of input i, one for each of n observations; NULL when not given. Free. */
static nax_status
codes(nxb_call *c, int i, nax_index n, int64_t **out)
{
  const double *x;
  nax_index given;
  *out = NULL;
  nax_status s = nxb_numbers(c, i, &x, &given);
  if (s != NAX_OK || x == NULL) {
    return s;
  }
  if (given != n) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %lld values, expected %lld",
                    c->method->in[i].name, (long long)given, (long long)n);
  }
  *out = calloc((size_t)n + 1, sizeof **out);
  if (*out == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; k < n; k++) {
    if (!(fabs(x[k]) < 1e15) || x[k] != floor(x[k])) {
      free(*out);
      *out = NULL;
      return nxb_fail(c, NAX_EDATA, "`%s` is %g at %lld, expected whole numbers",
                      c->method->in[i].name, x[k], (long long)k + 1);
    }
    (*out)[k] = (int64_t)x[k];
  }
  return NAX_OK;
}

static nax_status
rdms_of(nxb_call *c, const nxb_value *v, nax_rdms **out)
{
  nax_array *a = NULL;
  *out = NULL;
  nax_status s = nax_array_create(c->ctx, v->view.dtype, v->view.ndim,
                                  (const nax_axis *const *)v->axis, v->unit, &a);
  if (s == NAX_OK) {
    s = nax_view_copy_to(c->ctx, &v->view, v->view.dtype, nax_array_data_mut(a));
  }
  if (s == NAX_OK) {
    s = nax_rdms_from_array(c->ctx, a, out);
  }
  nax_array_free(a);
  return s;
}

/* The names that an option of the library has. */
static const char *
choices_of(const char *table, const char *option)
{
  const nax_opt_table *t = nax_options_table(table);
  for (int32_t j = 0; t != NULL && j < t->n_opts; j++) {
    if (strcmp(t->opts[j].name, option) == 0) {
      return t->opts[j].choices;
    }
  }
  return "";
}

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
  nax_array *a = NULL;
  if (x.ndim != 2) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected channel x observation",
                    (int)x.ndim);
  }
  nax_status s = codes(c, 1, x.dim[1], &condition);
  if (s == NAX_OK) {
    s = codes(c, 2, x.dim[1], &fold);
  }
  if (s == NAX_OK) {
    s = nax_rdm_fit(c->ctx, &x, condition, fold, optional_view(c, 3), c->opts[0], &r);
  }
  if (s == NAX_OK) {
    s = nax_rdms_array(c->ctx, r, &a);
  }
  if (s == NAX_OK) {
    s = nxb_give_array(c, "rdm", a);
  }
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
                       choices_of("rsa", "comparator"));
  nax_status s = how > 0 ? rdms_of(c, &c->in[0], &a) : NAX_EINVAL;
  if (s == NAX_OK) {
    s = rdms_of(c, &c->in[1], &b);
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

static nax_status
run_rsa(nxb_call *c)
{
  const nxb_value *models = &c->in[1];
  nax_index n = models->kind == NXB_LIST ? models->n_items : 1;
  nax_rdms *data = NULL, **rdms = calloc((size_t)n + 1, sizeof(nax_rdms *));
  nax_rsa_model *model = calloc((size_t)n + 1, sizeof *model);
  nax_rsa *r = NULL;
  nax_dataset *d = NULL;
  int kind = nxb_choice(c, "kind", nxb_text(c, 2, "fixed"),
                        "fixed|select|weighted|nonnegative|interpolate");
  nax_status s = kind == 0 ? NAX_EINVAL
                 : rdms == NULL || model == NULL
                     ? nxb_fail(c, NAX_ENOMEM, "out of memory")
                     : rdms_of(c, &c->in[0], &data);
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    const nxb_value *v = models->kind == NXB_LIST ? &models->item[k] : models;
    s = rdms_of(c, v, &rdms[k]);
    model[k].name = v->name;
    model[k].rdms = rdms[k];
    model[k].kind = kind;
  }
  if (s == NAX_OK) {
    s = nax_rsa_fit(c->ctx, data, n, model, optional_view(c, 3), c->opts[0], &r);
  }
  if (s == NAX_OK) {
    s = nax_rsa_dataset(c->ctx, r, nax_rdms_axis(data), &d);
  }
  nax_rsa_free(r);
  for (nax_index k = 0; rdms != NULL && k < n; k++) {
    nax_rdms_free(rdms[k]);
  }
  nax_rdms_free(data);
  free(rdms);
  free(model);
  return nxb_give_dataset(c, s, d);
}

#define RDMS "condition,condition_2,rdm"

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
           "inverse of the noise covariance between channels"}},
     .tables = {"rdm"},
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
    {.name = "rsa",
     .title = "Which model explains the geometry",
     .details = "Compares models with the dissimilarity matrices of subjects, and with "
                "each other, under inference that holds for new subjects, new conditions "
                "or both; with noise ceiling.",
     .value =
         "the tables `models` and `differences`, the similarity of each model to each "
         "subject, and their covariance",
     .result = "rsa",
     .r =
         {"x <- array(dim = c(8, 8, 5))\nfor (k in 1:5) x[, , k] <- "
          "as.matrix(dist(matrix(1:8 + rnorm(40), 8)))",
          "rsa(x, list(line = as.matrix(dist(1:8)), other = as.matrix(dist(sin(1:8)))))"},
     .m = {NULL, NULL},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS,
             "matrices of subjects, condition x condition x "
             "subject"},
            {"models", NXB_IN_ARRAY | NXB_IN_LIST, 0, RDMS,
             "a list of models, each condition x condition (x what a flexible model is "
             "made from)"},
            {"kind", NXB_IN_TEXT, 1, NULL,
             "what the models may do to fit: fixed, select, weighted, nonnegative or "
             "interpolate; not given: fixed"},
            {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
             "covariance between conditions of the noise, for whitened comparators"}},
     .tables = {"rsa"},
     .run = run_rsa},
    {.name = NULL},
};
