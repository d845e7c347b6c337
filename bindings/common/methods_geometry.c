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
  nax_status s = nxb_array_of(c, v, &a);
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

/* Input i as a set of RDMs; its vectors one after the other in `d` (free). */
static nax_status
vectors_of(nxb_call *c, int i, nax_rdms **r, double **d)
{
  *d = NULL;
  nax_status s = rdms_of(c, &c->in[i], r);
  if (s != NAX_OK) {
    return s;
  }
  nax_index m = nax_rdm_pairs(nax_rdms_n_conditions(*r)), count = nax_rdms_count(*r);
  *d = calloc((size_t)(m * count) + 1, sizeof **d);
  if (*d == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; k < count; k++) {
    memcpy(*d + k * m, nax_rdms_vector(*r, k), (size_t)m * sizeof **d);
  }
  return NAX_OK;
}

/* A set of the same conditions and RDMs with other numbers. */
static nax_status
give_vectors(nxb_call *c, const nax_rdms *like, const double *d)
{
  nax_rdms *r = NULL;
  nax_array *a = NULL;
  nax_status s =
      nax_rdms_create(c->ctx, nax_rdms_n_conditions(like), nax_rdms_count(like), d, &r);
  if (s == NAX_OK) {
    s = nax_rdms_describe(c->ctx, r, nax_rdms_condition_axis(like), nax_rdms_axis(like),
                          nax_rdms_measure(like));
  }
  if (s == NAX_OK) {
    s = nax_rdms_array(c->ctx, r, &a);
  }
  nax_rdms_free(r);
  return s == NAX_OK ? nxb_give_array(c, "rdm", a) : s;
}

static nax_status
run_topology(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL;
  int what = nxb_choice(c, "what", nxb_text(c, 1, "matrix"), "matrix|geodesics");
  nax_status s = what > 0 ? vectors_of(c, 0, &r, &d) : NAX_EINVAL;
  if (s == NAX_OK) {
    nax_index n = nax_rdms_n_conditions(r), count = nax_rdms_count(r);
    double *out = calloc((size_t)(nax_rdm_pairs(n) * count) + 1, sizeof *out);
    s = out == NULL ? nxb_fail(c, NAX_ENOMEM, "out of memory")
        : what == 1 ? nax_trsa_rgtm(c->ctx, n, count, d, c->opts[0], out)
                    : nax_trsa_rgdm(c->ctx, n, count, d, c->opts[0], out, NULL);
    if (s == NAX_OK) {
      s = give_vectors(c, r, out);
    }
    free(out);
  }
  free(d);
  nax_rdms_free(r);
  return s;
}

static nax_status
run_identify(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL;
  int64_t *group = NULL, *label = NULL;
  nax_dataset *result = NULL;
  nax_status s = vectors_of(c, 0, &r, &d);
  if (s == NAX_OK) {
    s = codes(c, 1, nax_rdms_count(r), &group);
  }
  if (s == NAX_OK) {
    s = codes(c, 2, nax_rdms_count(r), &label);
  }
  if (s == NAX_OK) {
    s = nax_trsa_identify(c->ctx, nax_rdms_n_conditions(r), nax_rdms_count(r), d, group,
                          label, c->opts[0], NULL, &result);
  }
  free(group);
  free(label);
  free(d);
  nax_rdms_free(r);
  return nxb_give_dataset(c, s, result);
}

/* One table of bars for all dimensions. */
static nax_status
run_homology(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL, *column = NULL;
  nax_ph *p = NULL;
  nax_table *t = NULL;
  nax_index total = 0;
  nax_status s = vectors_of(c, 0, &r, &d);
  if (s == NAX_OK && nax_rdms_count(r) != 1) {
    s = nxb_fail(c, NAX_EDIM, "`x` has %lld matrices, expected one",
                 (long long)nax_rdms_count(r));
  }
  if (s == NAX_OK) {
    s = nax_ph_rips(c->ctx, nax_rdms_n_conditions(r), d, c->opts[0], &p);
  }
  for (int64_t k = 0; s == NAX_OK && k <= nax_ph_max_dim(p); k++) {
    nax_index n;
    (void)nax_ph_bars(p, k, &n);
    total += n;
  }
  if (s == NAX_OK) {
    column = calloc((size_t)total + 1, sizeof *column);
    s = column != NULL ? nax_table_create(c->ctx, "bar", total, &t)
                       : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  static const char *const names[] = {"dimension", "birth", "death"};
  for (int col = 0; s == NAX_OK && col < 3; col++) {
    nax_index at = 0;
    for (int64_t k = 0; k <= nax_ph_max_dim(p); k++) {
      nax_index n;
      const double *bars = nax_ph_bars(p, k, &n);
      for (nax_index i = 0; i < n; i++) {
        column[at++] = col == 0 ? (double)k : bars[2 * i + col - 1];
      }
    }
    s = nax_table_add_numbers(c->ctx, t, names[col], "", column);
  }
  if (s == NAX_OK) {
    s = nxb_give_table(c, "bars", t);
    t = NULL;
  }
  nax_table_free(t);
  nax_ph_free(p);
  free(column);
  free(d);
  nax_rdms_free(r);
  return s;
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
    {.name = "trsa_transform",
     .title = "Geo-topological forms of dissimilarity matrices",
     .details =
         "Distances below a lower threshold become 0, those above an upper one 1, with a "
         "ramp between (RGTM); or the geodesic distances over the graph that the "
         "thresholds leave (RGDM). Lin and Kriegeskorte 2024.",
     .value = "an array condition x condition x rdm",
     .result = "",
     .r = {"x <- rdm(matrix(rnorm(100), 10), condition = 1:10)",
           "trsa_transform(x, lower = 0.2, upper = 0.8)"},
     .m = {"x = neuraxis.rdm(randn(10, 10), 1:10);", "neuraxis.trsa_transform(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x rdm)"},
            {"what", NXB_IN_TEXT, 1, NULL, "matrix or geodesics; not given: matrix"}},
     .tables = {"trsa"},
     .run = run_topology},
    {.name = "trsa_identify",
     .title = "Regions or layers told from their geometry and topology",
     .details =
         "Each group (subject, seed) is left out in turn and its matrices get the label of "
         "the nearest centroid of the others; for the matrices as they are, their ranks, "
         "and every window of thresholds, chosen within the other groups.",
     .value = "the tables `windows`, `groups` and `rdms`, accuracies and p values",
     .result = "trsa_identify",
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition x rdm"},
            {"group", NXB_IN_ARRAY, 0, "rdm", "group of each matrix, whole numbers"},
            {"label", NXB_IN_ARRAY, 0, "rdm", "label of each matrix, whole numbers"}},
     .tables = {"trsa-identify"},
     .run = run_identify},
    {.name = "persistent_homology",
     .title = "Persistent homology of a dissimilarity matrix",
     .details =
         "Components, loops and voids of the Vietoris-Rips filtration: at distance t "
         "all sets of conditions whose distances are at most t.",
     .value = "the table `bars` with dimension, birth and death",
     .result = "persistent_homology",
     .r = {"x <- as.matrix(dist(cbind(cos(1:12), sin(1:12))))", "persistent_homology(x)"},
     .m = {"a = 1:12; x = abs(exp(1i * a) - exp(1i * a.'));",
           "neuraxis.persistent_homology(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition"}},
     .tables = {"ph"},
     .run = run_homology},
    {.name = NULL},
};
