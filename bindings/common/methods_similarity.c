/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Representations compared without dissimilarity matrices, and encoding models. */
#include "methods_i.h"
#include <stdlib.h>

static nax_status
run_similarity(nxb_call *c)
{
  nax_view a = nxb_view(c, 0), b = nxb_view(c, 1);
  const char *const axis[] = {"comparison"};
  const nax_index one = 1;
  double found;
  nax_status s = nax_similarity(c->ctx, &a, &b, nxb_opts(c, "similarity"), &found);
  return s == NAX_OK ? nxb_give_numbers(c, "similarity", 1, axis, &one, &found) : s;
}

static nax_status
run_similarity_matrix(nxb_call *c)
{
  const nxb_value *v = &c->in[0];
  nax_view *set = nxb_room(c, v->n_items, sizeof *set);
  double *out = set != NULL ? nxb_doubles(c, v->n_items * v->n_items) : NULL;
  nax_status s = out != NULL ? NAX_OK : NAX_ENOMEM;
  for (nax_index k = 0; s == NAX_OK && k < v->n_items; k++) {
    set[k] = v->item[k].view;
  }
  s = s == NAX_OK
          ? nax_similarity_matrix(c->ctx, v->n_items, set, nxb_opts(c, "similarity"), out)
          : s;
  const char *const axes[] = {"representation", "representation_2"};
  const nax_index dim[] = {v->n_items, v->n_items};
  return s == NAX_OK ? nxb_give_numbers(c, "similarity", 2, axes, dim, out) : s;
}

static nax_status
run_canonical(nxb_call *c)
{
  nax_view a = nxb_view(c, 0), b = nxb_view(c, 1);
  double variance = 0.0;
  nax_index n = 0, room = a.dim[0] < b.dim[0] ? a.dim[0] : b.dim[0];
  nax_status s = nxb_number(c, 2, 1.0, &variance);
  double *rho = s == NAX_OK ? nxb_doubles(c, room) : NULL;
  if (s == NAX_OK) {
    s = rho != NULL ? nax_similarity_cca(c->ctx, &a, &b, variance, room, rho, &n)
                    : NAX_ENOMEM;
  }
  const char *const axis[] = {"pair"};
  return s == NAX_OK ? nxb_give_numbers(c, "correlation", 1, axis, &n, rho) : s;
}

/* ---- encoding models -------------------------------------------------------------- */

/* The penalties of the options. */
static nax_status
penalties_of(nxb_call *c, const nax_encoding_opts *o, double **out)
{
  *out = nxb_doubles(c, o->n_alphas);
  for (int64_t k = 0; *out != NULL && k < o->n_alphas; k++) {
    double share = o->n_alphas > 1 ? (double)k / (double)(o->n_alphas - 1) : 0.0;
    (*out)[k] = o->alpha_min * pow(o->alpha_max / o->alpha_min, share);
  }
  return *out != NULL ? NAX_OK : NAX_ENOMEM;
}

static nax_status
run_ridge(nxb_call *c)
{
  nax_view x = nxb_view(c, 0), y = nxb_view(c, 1);
  const nax_encoding_opts *o = nxb_opts(c, "encoding");
  const double *given;
  double *made = NULL;
  nax_index n_alphas, edge = 0, p = x.dim[0], t = y.dim[0];
  nax_status s = nxb_numbers(c, 2, &given, &n_alphas);
  if (s == NAX_OK && given == NULL) {
    n_alphas = o->n_alphas;
    s = penalties_of(c, o, &made);
  }
  double *weights = s == NAX_OK ? nxb_doubles(c, p * t) : NULL;
  double *more = weights != NULL ? nxb_doubles(c, 2 * t) : NULL;
  if (s == NAX_OK) {
    s = more != NULL
            ? nax_ridge_loo(c->ctx, &x, &y, n_alphas, given != NULL ? given : made,
                            o->per_target, weights, more, more + t, &edge)
            : NAX_ENOMEM;
  }
  const char *const axes[] = {"feature", "target"};
  const nax_index dim[] = {p, t};
  s = s == NAX_OK ? nxb_give_numbers(c, "weights", 2, axes, dim, weights) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "intercept", 1, axes + 1, &t, more) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "alpha", 1, axes + 1, &t, more + t) : s;
  return s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "at_edge", (double)edge)
                     : s;
}

static nax_status
run_encoding_ceiling(nxb_call *c)
{
  nax_view y = nxb_view(c, 0);
  nax_index repeats = 0, n = y.dim[0];
  nax_status s = nxb_whole(c, 1, y.ndim > 1 ? (double)y.dim[1] : 1.0, 1.0, 1e9, &repeats);
  double *out = s == NAX_OK ? nxb_doubles(c, n) : NULL;
  if (s == NAX_OK) {
    s = out != NULL ? nax_encoding_ceiling(c->ctx, &y, repeats, out) : NAX_ENOMEM;
  }
  const char *const axis[] = {"target"};
  return s == NAX_OK ? nxb_give_numbers(c, "ceiling", 1, axis, &n, out) : s;
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

#define REPRESENTATIONS                                                                  \
  {"x", NXB_IN_ARRAY, 0, "channel,observation", "channel x observation"},                \
  {                                                                                      \
    "y", NXB_IN_ARRAY, 0, "channel,observation",                                         \
        "the same observations in other channels"                                        \
  }

const nxb_method nxb_similarity_methods[] = {
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
     .in = {REPRESENTATIONS},
     .tables = {"similarity"},
     .run = run_similarity},
    {.name = "similarity_matrix",
     .title = "How similar several representations are, pair by pair",
     .details =
         "As similarity, for example of the layers of two networks; pwcca weighs by "
         "its row and is not symmetric.",
     .value = "an array representation x representation",
     .result = "",
     .r = {"x <- matrix(rnorm(200), 10)", "similarity_matrix(list(x, x[1:4, ], x^2))"},
     .m = {"x = randn(10, 20);", "neuraxis.similarity_matrix({x, x(1:4, :), x .^ 2})"},
     .in = {{"x", NXB_IN_LIST, 0, "channel,observation",
             "a list of representations, each channel x observation"}},
     .tables = {"similarity"},
     .run = run_similarity_matrix},
    {.name = "canonical_correlations",
     .title = "Canonical correlations",
     .details = "Of all channels, or of the leading principal components that hold a "
                "share of the variance. Hotelling 1936.",
     .value = "the correlations, descending",
     .result = "",
     .r = {"x <- matrix(rnorm(200), 5)", "canonical_correlations(x, x[1:3, ]^2)"},
     .m = {"x = randn(5, 40);", "neuraxis.canonical_correlations(x, x(1:3, :) .^ 2)"},
     .in =
         {REPRESENTATIONS,
          {"variance", NXB_IN_ARRAY, 1, "value",
           "share of the variance that components must hold; not given: 1, all of them"}},
     .run = run_canonical},
    {.name = "ridge_regression",
     .title = "Ridge regression of targets on features",
     .details = "With an intercept that is not penalised, and the penalty chosen by "
                "leaving out each observation, in closed form. Golub and others 1979.",
     .value = "`weights`, feature x target, `intercept` and `alpha` of each target; "
              "attribute at_edge: targets for which the first or last penalty was best",
     .result = "ridge_regression",
     .r = {"x <- matrix(rnorm(300), 5)",
           "ridge_regression(x, rbind(x[1, ] + rnorm(60), rnorm(60)))"},
     .m = {"x = randn(5, 60);",
           "neuraxis.ridge_regression(x, [x(1, :) + randn(1, 60); randn(1, 60)])"},
     .in = {{"x", NXB_IN_ARRAY, 0, "feature,observation", "feature x observation"},
            {"y", NXB_IN_ARRAY, 0, "target,observation", "target x observation"},
            {"alphas", NXB_IN_ARRAY, 1, "alpha",
             "penalties to try; not given: those of the options"}},
     .tables = {"encoding"},
     .hidden = ",standardise,",
     .run = run_ridge},
    {.name = "encoding_ceiling",
     .title = "Noise ceiling of each target from repetitions",
     .details =
         "The squared correlation between the mean of so many repetitions and the "
         "response without noise: what encoding_score takes as `ceiling`. Allen and "
         "others 2022.",
     .value = "a number for each target",
     .result = "",
     .r = {"y <- array(rnorm(2 * 3 * 20), c(2, 3, 20)) + rep(rnorm(20), each = 6)",
           "encoding_ceiling(y)"},
     .m = {"y = randn(2, 3, 20) + randn(1, 1, 20);", "neuraxis.encoding_ceiling(y)"},
     .in = {{"y", NXB_IN_ARRAY, 0, "target,repetition,observation",
             "target x repetition x observation"},
            {"repeats", NXB_IN_ARRAY, 1, "value",
             "repetitions that the data to predict are means of; not given: those of y"}},
     .run = run_encoding_ceiling},
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
