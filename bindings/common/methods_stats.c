/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics that several analyses share. */
#include "methods_i.h"
#include <stdlib.h>
#include <string.h>

/* Positions in an order, from 1 as the hosts count. */
static nax_status
give_order(nxb_call *c, const char *name, nax_index n, const nax_index *order)
{
  const char *const axis[] = {"position"};
  double *x = calloc((size_t)n + 1, sizeof *x);
  for (nax_index i = 0; x != NULL && i < n; i++) {
    x[i] = (double)(order[i] + 1);
  }
  nax_status s = x != NULL ? nxb_give_numbers(c, name, 1, axis, &n, x)
                           : nxb_fail(c, NAX_ENOMEM, "out of memory");
  free(x);
  return s;
}

static nax_status
run_correlations(nxb_call *c)
{
  nax_array *x = NULL, *r = NULL;
  nax_index *order = NULL;
  nax_status s = nxb_array(c, 0, &x);
  s = s == NAX_OK ? nax_stats_correlation(c->ctx, x, c->opts[0], &r) : s;
  nax_index n = s == NAX_OK ? nax_array_dim(r, 0) : 0;
  if (s == NAX_OK) {
    order = calloc((size_t)n + 1, sizeof *order);
    s = order != NULL ? nax_stats_correlation_order(c->ctx, r, order, NULL)
                      : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  nax_array_free(x);
  if (s == NAX_OK) {
    s = nxb_give_array(c, "correlation", r);
    r = NULL;
  }
  s = s == NAX_OK ? give_order(c, "order", n, order) : s;
  nax_array_free(r);
  free(order);
  return s;
}

static nax_status
run_covariance(nxb_call *c)
{
  nax_array *x = NULL, *out = NULL;
  double amount = 0.0;
  int how =
      nxb_choice(c, "method", nxb_text(c, 1, "ledoit-wolf"), "none|ledoit-wolf|oas");
  nax_status s = how > 0 ? nxb_array(c, 0, &x) : NAX_EINVAL;
  s = s == NAX_OK ? nax_stats_covariance(c->ctx, x, nxb_text(c, 2, NULL),
                                         (nax_shrinkage)how, &amount, &out)
                  : s;
  nax_array_free(x);
  s = s == NAX_OK ? nxb_give_array(c, "covariance", out) : s;
  return s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "shrinkage", amount) : s;
}

static nax_status
run_cluster_tree(nxb_call *c)
{
  nax_view d = nxb_view(c, 0);
  nax_index k = 0, *order = NULL;
  nax_merge *merges = NULL;
  int64_t *label = NULL;
  double *x = NULL;
  int how =
      nxb_choice(c, "linkage", nxb_text(c, 1, "average"), "average|complete|single");
  nax_status s = how > 0 ? nxb_whole(c, 2, 0.0, 0.0, 1e9, &k) : NAX_EINVAL;
  if (s == NAX_OK && (d.ndim != 2 || d.dim[0] != d.dim[1] || !nax_view_is_dense(&d))) {
    s = nxb_fail(c, NAX_EDIM, "`x`, expected a square matrix of distances");
  }
  nax_index n = d.dim[0], rows = n > 0 ? n - 1 : 0;
  if (s == NAX_OK) {
    merges = calloc((size_t)n + 1, sizeof *merges);
    order = calloc((size_t)n + 1, sizeof *order);
    label = calloc((size_t)n + 1, sizeof *label);
    x = calloc(4 * (size_t)n + 4, sizeof *x);
    s = merges != NULL && order != NULL && label != NULL && x != NULL
            ? nax_stats_cluster(c->ctx, n, d.data, (nax_linkage)how, merges)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? nax_stats_leaf_order(c->ctx, n, merges, order) : s;
  s = s == NAX_OK && k > 0 ? nax_stats_cut_tree(c->ctx, n, merges, k, label) : s;
  for (nax_index i = 0; s == NAX_OK && i < rows; i++) {
    x[i] = (double)(merges[i].a + 1);
    x[i + rows] = (double)(merges[i].b + 1);
    x[i + 2 * rows] = merges[i].height;
    x[i + 3 * rows] = (double)merges[i].count;
  }
  static const char *const names[] = {"a", "b", "height", "items"};
  s = s == NAX_OK ? nxb_give_columns(c, "merges", "step", rows, 4, names, x) : s;
  s = s == NAX_OK ? give_order(c, "order", n, order) : s;
  if (s == NAX_OK && k > 0) {
    const char *const axis[] = {"item"};
    for (nax_index i = 0; i < n; i++) {
      x[i] = (double)(label[i] + 1);
    }
    s = nxb_give_numbers(c, "label", 1, axis, &n, x);
  }
  free(merges);
  free(order);
  free(label);
  free(x);
  return s;
}

static nax_status
run_agreement(nxb_call *c)
{
  int64_t *a = NULL, *b = NULL;
  nax_index n;
  double x[2] = {0.0, 0.0};
  nax_status s = nxb_codes(c, 0, -1, &a, &n);
  s = s == NAX_OK ? nxb_codes(c, 1, n, &b, NULL) : s;
  s = s == NAX_OK ? nax_stats_ari(c->ctx, n, a, b, &x[0]) : s;
  s = s == NAX_OK ? nax_stats_nmi(c->ctx, n, a, b, &x[1]) : s;
  static const char *const names[] = {"ari", "nmi"};
  s = s == NAX_OK ? nxb_give_columns(c, "agreement", "pair", 1, 2, names, x) : s;
  free(a);
  free(b);
  return s;
}

static nax_status
run_adjust(nxb_call *c)
{
  const double *p;
  nax_index n;
  int how = nxb_choice(c, "method", nxb_text(c, 1, "bh"), "bh|by");
  nax_status s = how > 0 ? nxb_numbers(c, 0, &p, &n) : NAX_EINVAL;
  double *out = s == NAX_OK ? calloc((size_t)n + 1, sizeof *out) : NULL;
  if (s == NAX_OK) {
    s = out != NULL ? nax_stats_fdr(c->ctx, n, p, (nax_fdr)how, out)
                    : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  const char *const axis[] = {"test"};
  s = s == NAX_OK ? nxb_give_numbers(c, "q", 1, axis, &n, out) : s;
  free(out);
  return s;
}

static nax_status
run_circular(nxb_call *c)
{
  const double *angle, *weight;
  nax_index n, n_weights, kept = 0;
  nax_status s = nxb_numbers(c, 0, &angle, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &weight, &n_weights) : s;
  if (s == NAX_OK && weight != NULL && n_weights != n) {
    s = nxb_fail(c, NAX_EDIM, "`weight` has %lld values, expected %lld",
                 (long long)n_weights, (long long)n);
  }
  if (s == NAX_OK) {
    double x[4];
    for (nax_index i = 0; i < n; i++) {
      kept += isfinite(angle[i]) && (weight == NULL || weight[i] > 0.0);
    }
    x[0] = (double)kept;
    nax_stats_circular(n, angle, weight, &x[1], &x[2]);
    x[3] = weight == NULL ? nax_stats_rayleigh(kept, x[2]) : (double)NAN;
    static const char *const names[] = {"n", "mean", "resultant", "rayleigh_p"};
    s = nxb_give_columns(c, "circular", "sample", 1, 4, names, x);
  }
  return s;
}

const nxb_method nxb_stats_methods[] = {
    {.name = "correlations",
     .title = "Correlation of each pair of neurons",
     .details =
         "Pearson's or Spearman's, over all bins of all trials, with missing values; "
         "and an order that puts similar neurons together.",
     .value = "`correlation`, neuron x neuron, and `order`",
     .result = "correlations",
     .r = {R_CALCIUM, "correlations(x)"},
     .m = {M_CALCIUM, "neuraxis.correlations(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "array with an axis of neurons"}},
     .tables = {"correlation"},
     .run = run_correlations},
    {.name = "covariance",
     .title = "Shrunk covariance between neurons",
     .details = "Pulled towards a multiple of the identity as far as the data ask for: "
                "Ledoit and Wolf 2004, or oracle approximating shrinkage.",
     .value = "an array neuron x neuron",
     .result = "",
     .r = {R_CALCIUM, "covariance(x)"},
     .m = {M_CALCIUM, "neuraxis.covariance(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "array with an axis of neurons"},
            {"method", NXB_IN_TEXT, 1, NULL,
             "none, ledoit-wolf or oas; not given: ledoit-wolf"},
            {"axis", NXB_IN_TEXT, 1, NULL,
             "name of the axis; not given: of the neurons"}},
     .run = run_covariance},
    {.name = "cluster_tree",
     .title = "Hierarchical clustering from distances",
     .details = "The tree, an order in which no branches cross, and, when `clusters` is "
                "given, the clusters.",
     .value = "the table `merges`, `order` and, on request, `label`",
     .result = "cluster_tree",
     .r = {"x <- as.matrix(dist(c(1, 2, 6, 7)))", "cluster_tree(x, clusters = 2)"},
     .m = {"y = [1 2 6 7]; x = abs(y' - y);", "neuraxis.cluster_tree(x, 'clusters', 2)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "item,item_2", "symmetric matrix of distances"},
            {"linkage", NXB_IN_TEXT, 1, NULL,
             "average, complete or single; not given: average"},
            {"clusters", NXB_IN_ARRAY, 1, "value", "number of clusters"}},
     .run = run_cluster_tree},
    {.name = "partition_agreement",
     .title = "How alike two partitions are",
     .details = "Adjusted Rand index (1 the same, 0 as chance) and normalised mutual "
                "information of two labellings.",
     .value = "a table with ari and nmi",
     .result = "",
     .r = {NULL, "partition_agreement(c(1, 1, 2, 2), c(5, 5, 6, 7))"},
     .m = {NULL, "neuraxis.partition_agreement([1 1 2 2], [5 5 6 7])"},
     .in = {{"a", NXB_IN_ARRAY, 0, "item", "label of each item, whole numbers"},
            {"b", NXB_IN_ARRAY, 0, "item", "the other labelling"}},
     .run = run_agreement},
    {.name = "adjust_p",
     .title = "p values at a false discovery rate",
     .details = "Rejecting those that are at most q keeps the false discovery rate at q.",
     .value = "as many numbers; missing ones stay missing",
     .result = "",
     .r = {NULL, "adjust_p(c(0.01, 0.02, 0.5))"},
     .m = {NULL, "neuraxis.adjust_p([0.01 0.02 0.5])"},
     .in =
         {{"p", NXB_IN_ARRAY, 0, "test", "p values"},
          {"method", NXB_IN_TEXT, 1, NULL,
           "bh (Benjamini and Hochberg) or by (Benjamini and Yekutieli); not given: bh"}},
     .run = run_adjust},
    {.name = "circular_mean",
     .title = "Mean direction and its strength",
     .details = "Of angles in radians, with Rayleigh's test that they have no preferred "
                "direction.",
     .value = "a table with n, mean, resultant and rayleigh_p",
     .result = "",
     .r = {NULL, "circular_mean(c(0.1, -0.1, 0.2))"},
     .m = {NULL, "neuraxis.circular_mean([0.1 -0.1 0.2])"},
     .in = {{"angle", NXB_IN_ARRAY, 0, "sample", "radians"},
            {"weight", NXB_IN_ARRAY, 1, "sample",
             "weight of each; with weights there is no test"}},
     .run = run_circular},
    {.name = NULL},
};
