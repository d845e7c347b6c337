/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of dissimilarities, and inference about them. */
#include "methods_i.h"
#include <stdlib.h>

#define MODEL_KINDS "fixed|select|weighted|nonnegative|interpolate"

/* The page shows the first matrix of each model. */
static nax_status
write_rsa_page(nxb_call *c, const nax_rsa *r, const nax_rdms *data, nax_index n,
               nax_rdms *const *models, const char *page)
{
  const nax_index first = 0;
  nax_rdms **one = calloc((size_t)n + 1, sizeof(nax_rdms *)), *all = NULL;
  nax_status s = one != NULL ? NAX_OK : nxb_fail(c, NAX_ENOMEM, "out of memory");
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    s = nax_rdms_take(c->ctx, models[k], 1, &first, &one[k]);
  }
  s = s == NAX_OK ? nax_rdms_concat(c->ctx, n, (const nax_rdms *const *)one, &all) : s;
  s = s == NAX_OK
          ? nax_report_rsa(c->ctx, r, data, all, NULL, nxb_opts(c, "report"), page)
          : s;
  for (nax_index k = 0; one != NULL && k < n; k++) {
    nax_rdms_free(one[k]);
  }
  free(one);
  nax_rdms_free(all);
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
  int kind = nxb_choice(c, "kind", nxb_text(c, 2, "fixed"), MODEL_KINDS);
  const char *page;
  int64_t *subject = NULL;
  nax_status s = nxb_page(c, 5, &page);
  s = s != NAX_OK                     ? s
      : kind == 0                     ? NAX_EINVAL
      : rdms == NULL || model == NULL ? nxb_fail(c, NAX_ENOMEM, "out of memory")
                                      : nxb_rdms_of(c, &c->in[0], &data);
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    const nxb_value *v = models->kind == NXB_LIST ? &models->item[k] : models;
    s = nxb_rdms_of(c, v, &rdms[k]);
    model[k].name = v->name;
    model[k].rdms = rdms[k];
    model[k].kind = kind;
  }
  s = s == NAX_OK ? nxb_labels(c, 4, nax_rdms_count(data), INT64_MIN, 0, &subject) : s;
  s = s == NAX_OK ? nax_rsa_fit_sessions(c->ctx, data, subject, n, model,
                                         nxb_optional(c, 3), nxb_opts(c, "rsa"), &r)
                  : s;
  if (s == NAX_OK) {
    s = nax_rsa_dataset(c->ctx, r, subject != NULL ? NULL : nax_rdms_axis(data), &d);
  }
  if (s == NAX_OK && page != NULL) {
    s = write_rsa_page(c, r, data, n, rdms, page);
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

/* Points that are neighbours of each point, from pairs of them. */
static nax_status
points_of(nxb_call *c, int i, nax_index n, nax_rdm_places *out,
          const nax_rdm_places **given)
{
  nax_freqtag_adjacency near;
  const nax_freqtag_adjacency *any;
  nax_status s = nxb_adjacency(c, i, n, &near, &any);
  *given = NULL;
  if (s == NAX_OK && any != NULL) {
    *out = (nax_rdm_places){near.start, near.neighbour, n};
    *given = out;
  }
  return s;
}

static nax_status
run_clusters(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  const nax_rsa_opts *o = nxb_opts(c, "rsa");
  nax_rdm_places near;
  const nax_rdm_places *given = NULL;
  nax_table *t = NULL;
  double p = 0.0, two_sided = 0.0;
  nax_index line = 0;
  nax_status s = nxb_dense(c, 0, 2, 2);
  nax_index points = s == NAX_OK ? x.dim[0] : 0;
  s = s == NAX_OK ? nxb_number(c, 1, 0.01, &p) : s;
  s = s == NAX_OK ? nxb_number(c, 2, 0.0, &two_sided) : s;
  s = s == NAX_OK ? nxb_whole(c, 3, 0.0, 0.0, 1e9, &line) : s;
  s = s == NAX_OK ? points_of(c, 4, points, &near, &given) : s;
  int64_t *cluster = s == NAX_OK ? nxb_room(c, points, sizeof *cluster) : NULL;
  double *number = cluster != NULL ? nxb_doubles(c, points) : NULL;
  if (s == NAX_OK) {
    s = number != NULL ? nax_rsa_clusters(c->ctx, points, x.dim[1], x.data, given, line,
                                          p, two_sided != 0.0 && !isnan(two_sided),
                                          o->n_permutations, o->seed, cluster, &t)
                       : NAX_ENOMEM;
  }
  /* clusters and points count from 1 in the hosts */
  static const char *const names[] = {"points", "first", "last", "peak", "sum_t", "p"};
  nax_index rows = s == NAX_OK ? nax_table_n_rows(t) : 0;
  double *out = s == NAX_OK ? nxb_doubles(c, 6 * rows) : NULL;
  s = s == NAX_OK && out == NULL ? NAX_ENOMEM : s;
  for (int k = 0; s == NAX_OK && k < 6; k++) {
    const double *from = nax_table_numbers(t, nax_table_find(t, names[k]));
    for (nax_index i = 0; i < rows; i++) {
      out[i + k * rows] = from[i] + (k >= 1 && k <= 3 ? 1.0 : 0.0);
    }
  }
  for (nax_index i = 0; s == NAX_OK && i < points; i++) {
    number[i] = (double)(cluster[i] + 1);
  }
  const char *const axis[] = {"point"};
  s = s == NAX_OK ? nxb_give_columns(c, "clusters", "cluster", rows, 6, names, out) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "cluster", 1, axis, &points, number) : s;
  nax_table_free(t);
  return s;
}

static nax_status
run_partial(nxb_call *c)
{
  nax_rdms *data = NULL, *models = NULL;
  double *out = NULL;
  int how =
      nxb_choice(c, "kind", nxb_text(c, 2, "pearson"), "pearson|spearman|regression");
  nax_status s = how > 0 ? nxb_rdms_of(c, &c->in[0], &data) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_rdms_of(c, &c->in[1], &models) : s;
  if (s == NAX_OK) {
    const char *const axes[] = {"model", "rdm"};
    const nax_index dim[] = {nax_rdms_count(models), nax_rdms_count(data)};
    out = calloc((size_t)(dim[0] * dim[1]) + 1, sizeof *out);
    s = out != NULL
            ? nax_rsa_partial(c->ctx, data, models, (nax_rsa_partial_kind)how, out)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
    s = s == NAX_OK ? nxb_give_numbers(c, "partial", 2, axes, dim, out) : s;
  }
  free(out);
  nax_rdms_free(data);
  nax_rdms_free(models);
  return s;
}

static nax_status
run_ceiling(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *pool = NULL, ceiling[2];
  int how = nxb_choice(c, "comparator", nxb_text(c, 1, "corr"),
                       nxb_choices_of("rsa", "comparator"));
  nax_status s = how > 0 ? nxb_rdms_of(c, &c->in[0], &r) : NAX_EINVAL;
  s = s == NAX_OK ? nax_rsa_ceiling(c->ctx, r, (nax_rsa_comparator)how,
                                    nxb_optional(c, 2), 0, ceiling)
                  : s;
  if (s == NAX_OK) {
    pool = calloc((size_t)nax_rdm_pairs(nax_rdms_n_conditions(r)) + 1, sizeof *pool);
    s = pool != NULL ? nax_rsa_pool(c->ctx, r, (nax_rsa_comparator)how, pool)
                     : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? nxb_give_one(c, "pool", r, pool) : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "lower", ceiling[0]) : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "upper", ceiling[1]) : s;
  free(pool);
  nax_rdms_free(r);
  return s;
}

static nax_status
run_model_fit(nxb_call *c)
{
  nax_rdms *data = NULL, *model = NULL;
  double *theta = NULL, ridge;
  int how = nxb_choice(c, "comparator", nxb_text(c, 3, "corr"),
                       nxb_choices_of("rsa", "comparator"));
  int kind =
      how > 0 ? nxb_choice(c, "kind", nxb_text(c, 2, "nonnegative"), MODEL_KINDS) : 0;
  nax_status s = kind > 0 ? nxb_rdms_of(c, &c->in[0], &data) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_rdms_of(c, &c->in[1], &model) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 0.0, &ridge) : s;
  if (s == NAX_OK) {
    const char *const axes[] = {"rdm"};
    nax_index n = nax_rdms_count(model);
    theta = calloc((size_t)n + 1, sizeof *theta);
    s = theta != NULL
            ? nax_rsa_model_fit(c->ctx, model, (nax_rsa_model_kind)kind, data,
                                (nax_rsa_comparator)how, nxb_optional(c, 5), ridge, theta)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
    s = s == NAX_OK ? nxb_give_numbers(c, "theta", 1, axes, &n, theta) : s;
  }
  free(theta);
  nax_rdms_free(data);
  nax_rdms_free(model);
  return s;
}

static nax_status
run_compare_groups(nxb_call *c)
{
  nax_rdms *a = NULL, *b = NULL, *models = NULL;
  nax_rsa_group_difference *g = NULL;
  double *x = NULL;
  const nax_rsa_opts *o = nxb_opts(c, "rsa");
  nax_status s = nxb_rdms_of(c, &c->in[0], &a);
  s = s == NAX_OK ? nxb_rdms_of(c, &c->in[1], &b) : s;
  s = s == NAX_OK ? nxb_rdms_of(c, &c->in[2], &models) : s;
  nax_index n = s == NAX_OK ? nax_rdms_count(models) : 0;
  if (s == NAX_OK) {
    g = calloc((size_t)n + 1, sizeof *g);
    x = calloc((size_t)(7 * n) + 1, sizeof *x);
    s = g != NULL && x != NULL
            ? nax_rsa_compare_groups(c->ctx, a, b, models,
                                     (nax_rsa_comparator)o->comparator,
                                     nxb_optional(c, 3), o->n_permutations, o->seed, g)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  static const char *const names[] = {"mean_a", "mean_b",        "difference", "se",
                                      "p",      "p_permutation", "p_max"};
  for (nax_index k = 0; s == NAX_OK && k < n; k++) {
    const double row[] = {g[k].mean_a, g[k].mean_b,        g[k].difference, g[k].se,
                          g[k].p,      g[k].p_permutation, g[k].p_max};
    for (int i = 0; i < 7; i++) {
      x[k + i * n] = row[i];
    }
  }
  s = s == NAX_OK ? nxb_give_columns(c, "models", "model", n, 7, names, x) : s;
  free(g);
  free(x);
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_rdms_free(models);
  return s;
}

#define RDMS "condition,condition_2,rdm"

const nxb_method nxb_model_methods[] = {
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
         {"x <- array(dim = c(8, 8, 6))\nfor (k in 1:6) x[, , k] <- "
          "as.matrix(dist(matrix(1:8 + rnorm(40), 8)))",
          "rsa(x, list(line = as.matrix(dist(1:8)), other = as.matrix(dist(sin(1:8)))))"},
     .m = {"x = rand(8, 8, 6); x = x + permute(x, [2 1 3]); d = abs((1:8)' - (1:8));",
           "neuraxis.rsa(x, struct('line', d, 'square', d .^ 2))"},
     .in =
         {{"x", NXB_IN_ARRAY, 0, RDMS,
           "matrices of subjects, condition x condition x "
           "subject"},
          {"models", NXB_IN_ARRAY | NXB_IN_LIST, 0, RDMS,
           "a list of models, each condition x condition (x what a flexible model is "
           "made from)"},
          {"kind", NXB_IN_TEXT, 1, NULL,
           "what the models may do to fit: fixed, select, weighted, nonnegative or "
           "interpolate; not given: fixed"},
          {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
           "covariance between conditions of the noise, for whitened comparators"},
          {"subject", NXB_IN_ARRAY, 1, "rdm",
           "whose each matrix is, whole numbers, where subjects have several (sessions); "
           "not given: each is a subject of its own"},
          NXB_REPORT},
     .tables = {"rsa", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .run = run_rsa},
    {.name = "rsa_partial",
     .title = "What each model adds to the others",
     .details = "Partial correlation of, or regression weight for, each model and each "
                "matrix.",
     .value = "an array model x rdm",
     .result = "",
     .r = {"x <- array(runif(128), c(8, 8, 2))\nx <- x + aperm(x, c(2, 1, 3))\n"
           "models <- array(runif(128), c(8, 8, 2))\nmodels <- models + aperm(models, "
           "c(2, 1, 3))",
           "rsa_partial(x, models)"},
     .m = {"x = rand(8, 8); x = x + x'; m = rand(8, 8, 2); m = m + permute(m, [2 1 3]);",
           "neuraxis.rsa_partial(x, m)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x subject)"},
            {"models", NXB_IN_ARRAY, 0, RDMS, "condition x condition x model"},
            {"kind", NXB_IN_TEXT, 1, NULL,
             "pearson, spearman or regression; not given: pearson"}},
     .run = run_partial},
    {.name = "rsa_ceiling",
     .title = "What a perfect model could reach",
     .details = "The noise ceiling of a set of subjects, and the matrix that is most "
                "similar to all of them.",
     .value = "`pool` and the attributes lower and upper",
     .result = "rsa_ceiling",
     .r = {"x <- array(dim = c(8, 8, 5))\nfor (k in 1:5) x[, , k] <- "
           "as.matrix(dist(matrix(1:8 + rnorm(40), 8)))",
           "rsa_ceiling(x)"},
     .m = {"x = rand(8, 8, 5); x = x + permute(x, [2 1 3]);", "neuraxis.rsa_ceiling(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition x subject"},
            {"comparator", NXB_IN_TEXT, 1, NULL, "as rdm_compare; not given: corr"},
            {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
             "covariance between conditions of the noise, for whitened comparators"}},
     .run = run_ceiling},
    {.name = "rsa_model_fit",
     .title = "Weights of a flexible model",
     .details = "What makes a model that is made of several matrices most similar to the "
                "data.",
     .value = "an array with a number for each matrix of the model",
     .result = "",
     .r = {"model <- array(runif(128), c(8, 8, 2))\nmodel <- model + aperm(model, "
           "c(2, 1, 3))\nx <- model[, , 1] + 2 * model[, , 2]",
           "rsa_model_fit(x, model)"},
     .m = {"m = rand(8, 8, 2); m = m + permute(m, [2 1 3]); x = m(:, :, 1) + 2 * m(:, :, "
           "2);",
           "neuraxis.rsa_model_fit(x, m)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x subject)"},
            {"model", NXB_IN_ARRAY, 0, RDMS,
             "condition x condition x what it is made of"},
            {"kind", NXB_IN_TEXT, 1, NULL,
             "select, weighted, nonnegative or interpolate; not given: nonnegative"},
            {"comparator", NXB_IN_TEXT, 1, NULL, "as rdm_compare; not given: corr"},
            {"ridge", NXB_IN_ARRAY, 1, "value", "penalty on weights; not given: 0"},
            {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
             "covariance between conditions of the noise, for whitened comparators"}},
     .run = run_model_fit},
    {.name = "rsa_compare_groups",
     .title = "Models in two groups of subjects",
     .details = "How well fixed models do in one group and in the other, by Welch's test "
                "and by exchanging subjects between the groups.",
     .value = "a table with one row per model",
     .result = "",
     .r = {"x <- array(dim = c(8, 8, 8))\nfor (k in 1:8) x[, , k] <- "
           "as.matrix(dist(matrix(1:8 + rnorm(40), 8)))",
           "rsa_compare_groups(x[, , 1:4], x[, , 5:8], as.matrix(dist(1:8)))"},
     .m = {"x = rand(8, 8, 8); x = x + permute(x, [2 1 3]);",
           "neuraxis.rsa_compare_groups(x(:, :, 1:4), x(:, :, 5:8), x(:, :, 1))"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "matrices of the first group"},
            {"y", NXB_IN_ARRAY, 0, RDMS, "matrices of the second group"},
            {"models", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x model)"},
            {"sigma_k", NXB_IN_ARRAY, 1, "condition,condition_2",
             "covariance between conditions of the noise, for whitened comparators"}},
     .tables = {"rsa"},
     .shown = ",comparator,permutations,seed,",
     .run = run_compare_groups},
    {.name = "rsa_clusters",
     .title = "Where over times or places a value differs from 0",
     .details =
         "Neighbouring points whose t over subjects exceeds that of a single point make a "
         "cluster; its mass, the sum of t, is compared with the largest of any cluster when "
         "the values of subjects change sign at random. Maris and Oostenveld 2007.",
     .value =
         "the table `clusters` (points, first, last and peak point, sum of t, p), and "
         "`cluster`, the number of that of each point, 0 for none",
     .result = "rsa_clusters",
     .r = {"x <- matrix(rnorm(40 * 8), 40)\nx[11:20, ] <- x[11:20, ] + 1",
           "rsa_clusters(x, permutations = 200)"},
     .m = {"x = randn(40, 8); x(11:20, :) = x(11:20, :) + 1;",
           "neuraxis.rsa_clusters(x, 'permutations', 200)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "point,subject",
             "point x subject, e.g. similarities to a model, or their difference between "
             "two models"},
            {"p_point", NXB_IN_ARRAY, 1, "value",
             "one-sided p of a point that makes it part of a cluster; not given: 0.01"},
            {"two_sided", NXB_IN_ARRAY, 1, "value",
             "1: also clusters below 0; not given: 0"},
            {"line", NXB_IN_ARRAY, 1, "value",
             "points are a plane of lines of so many; not given: one line"},
            {"adjacency", NXB_IN_ARRAY, 1, "pair,end",
             "pairs of points that are neighbours instead, two columns of numbers from "
             "1"}},
     .tables = {"rsa"},
     .shown = ",permutations,seed,",
     .run = run_clusters},
    {.name = NULL},
};
