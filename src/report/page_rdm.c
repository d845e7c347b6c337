/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about dissimilarity matrices. */
#include "page_rsa_i.h"
#include <math.h>
#include <stdlib.h>

enum { LABELLED = 48, MOST_RDMS = 600, SHOWN_PAIRS = 10 };

const char *
nax_i_condition_label(const nax_axis *a, nax_index i, char buf[48])
{
  const char *label = nax_axis_label(a, i);
  if (label != NULL && label[0] != '\0') {
    return label;
  }
  nax_i_human(buf, nax_axis_coord(a, i), 6);
  return buf;
}

nax_status
nax_i_rdm_mean(nax_ctx *ctx, const nax_rdms *r, double **out)
{
  nax_status status = NAX_OK;
  nax_index m = nax_rdm_pairs(nax_rdms_n_conditions(r)), count = nax_rdms_count(r);
  NAX_TRY_ALLOC(*out, m, sizeof **out);
  for (nax_index k = 0; k < m; k++) {
    double sum = 0.0, n = 0.0;
    for (nax_index s = 0; s < count; s++) {
      double d = nax_rdms_vector(r, s)[k];
      if (!isnan(d)) {
        sum += d;
        n += 1.0;
      }
    }
    (*out)[k] = n > 0.0 ? sum / n : (double)NAN;
  }
done:
  return status;
}

nax_status
nax_i_rdm_image(nax_ctx *ctx, nax_i_fig *f, const nax_i_axes *a, nax_index n,
                const double *d, const nax_index *order, double lo, double hi)
{
  nax_status status = NAX_OK;
  double *v = NULL;
  NAX_TRY_ALLOC(v, n * n, sizeof *v);
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; j < n; j++) {
      nax_index p = order != NULL ? order[i] : i, q = order != NULL ? order[j] : j;
      v[i + j * n] = p == q ? lo : d[nax_rdm_pair(n, p, q)];
    }
  }
  nax_i_add_image(f, a, n, n, v, 1, n, NAX_I_MAP_VIRIDIS, lo, hi, 0);
done:
  nax_i_free(v);
  return status;
}

nax_status
nax_i_points_figure(nax_ctx *ctx, nax_i_page *p, const char *id, const char *title,
                    nax_index n, const double *d, const char *const *tip,
                    nax_index n_special, const char *caption)
{
  nax_status status = NAX_OK;
  double *x = NULL, lo[2], hi[2];
  if (n < 3) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(x, 2 * n, sizeof *x);
  NAX_TRY(nax_rdm_mds(ctx, n, d, NAX_RDM_MDS_METRIC, 2, NULL, x, NULL));
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 420.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 420.0);
  double reach = 0.0;
  for (int k = 0; k < 2; k++) {
    lo[k] = hi[k] = x[k * n];
    for (nax_index i = 0; i < n; i++) {
      lo[k] = fmin(lo[k], x[i + k * n]);
      hi[k] = fmax(hi[k], x[i + k * n]);
    }
    reach = fmax(reach, 0.55 * (hi[k] - lo[k]) + 1e-12);
  }
  /* One scale for both directions: distances are what the picture shows. */
  double unit = 2.0 * reach / fmin(a.width, a.height);
  a.x = (nax_i_side){.lo = 0.5 * (lo[0] + hi[0] - unit * a.width),
                     .hi = 0.5 * (lo[0] + hi[0] + unit * a.width),
                     .no_ticks = 1,
                     .label = "First dimension"};
  a.y = (nax_i_side){.lo = 0.5 * (lo[1] + hi[1] - unit * a.height),
                     .hi = 0.5 * (lo[1] + hi[1] + unit * a.height),
                     .no_ticks = 1,
                     .label = "Second dimension"};
  a.boxed = 1;
  nax_i_style first = {.colour = 0, .width = 4.0};
  nax_i_style other = {.colour = 1, .shape = 1, .width = 4.0};
  nax_index m = n - n_special;
  nax_i_add_points(f, &a, m, x, x + n, tip, first);
  nax_i_add_points(f, &a, n_special, x + m, x + n + m, tip + m, other);
  for (nax_index i = 0; n <= LABELLED && i < n; i++) {
    nax_i_add_text(f, nax_i_px(&a, x[i]) + 6.0, nax_i_py(&a, x[i + n]) - 4.0, -1, "t",
                   tip[i]);
  }
  nax_i_axes_draw(f, &a);
  nax_i_fig_desc(f, "%lld points in the plane.", (long long)n);
  nax_i_fig_caption(f, "%s", caption);
  nax_i_fig_columns(f, "point", n, (nax_i_column[]){{"x", NULL, x}, {"y", NULL, x + n}},
                    2);
  nax_i_page_figure(p, f);
done:
  nax_i_free(x);
  return status;
}

typedef struct page {
  nax_ctx *ctx;
  const nax_rdms *r;
  nax_i_page *p;
  nax_index n, m, count;
  double *mean;
  nax_index *order;
  nax_merge *merges;
  const char **label;
  char (*buf)[48];
  int complete;
  double lo, hi;
} page;

/* Clustering of the conditions, where the mean has every pair. */
static nax_status
cluster(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *square = NULL, least = 0.0;
  NAX_TRY_ALLOC(g->order, g->n, sizeof *g->order);
  NAX_TRY_ALLOC(g->merges, g->n, sizeof *g->merges);
  g->complete = 1;
  for (nax_index k = 0; k < g->m; k++) {
    g->complete = g->complete && !isnan(g->mean[k]);
    least = fmin(least, g->mean[k]);
  }
  for (nax_index i = 0; i < g->n; i++) {
    g->order[i] = i;
  }
  if (g->complete) {
    NAX_TRY_ALLOC(square, g->n * g->n, sizeof *square);
    NAX_TRY(nax_rdm_to_square(ctx, g->n, g->mean, square));
    /* Unbiased estimates may be negative; the tree only needs their order. */
    for (nax_index k = 0; k < g->n * g->n; k++) {
      square[k] -= least;
    }
    NAX_TRY(nax_stats_cluster(ctx, g->n, square, NAX_LINKAGE_AVERAGE, g->merges));
    NAX_TRY(nax_stats_leaf_order(ctx, g->n, g->merges, g->order));
  }
done:
  nax_i_free(square);
  return status;
}

static nax_status
heat_map(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const char **names = NULL;
  NAX_REQUIRE(nax_i_colour_limits(g->m, g->mean, 0.5, 0, &g->lo, &g->hi), NAX_ENOMEM,
              "out of memory");
  g->lo = fmin(g->lo, 0.0);
  double tree = g->complete ? 110.0 : 0.0, size = 560.0;
  nax_i_fig *f = nax_i_fig_new("rdm", NAX_I_FIG_WIDE, size + 70.0,
                               g->count > 1 ? "Mean dissimilarity" : "Dissimilarity");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = {.left = tree + 130.0,
                  .top = 20.0,
                  .width = size - 60.0,
                  .height = size - 60.0,
                  .boxed = 1};
  int labelled = g->n <= LABELLED;
  NAX_TRY_ALLOC(names, g->n, sizeof *names);
  for (nax_index i = 0; i < g->n; i++) {
    names[i] = g->label[g->order[i]];
  }
  const char *axis = nax_axis_name(nax_rdms_condition_axis(g->r));
  a.x = (nax_i_side){.lo = -0.5,
                     .hi = (double)g->n - 0.5,
                     .label = axis,
                     .no_ticks = !labelled || g->n > 24};
  a.y = (nax_i_side){.lo = (double)g->n - 0.5,
                     .hi = -0.5,
                     .label = labelled ? NULL : axis,
                     .no_ticks = !labelled};
  if (labelled) {
    a.y.names = names;
    a.y.n_names = g->n;
  }
  if (labelled && g->n <= 24) {
    a.x.names = names;
    a.x.n_names = g->n;
  }
  status = nax_i_rdm_image(ctx, f, &a, g->n, g->mean, g->order, g->lo, g->hi);
  if (status != NAX_OK) {
    nax_i_fig_free(f);
    goto done;
  }
  nax_i_axes_draw(f, &a);
  if (g->complete) {
    nax_i_add_dendrogram(f, 4.0, a.top, tree - 10.0, a.height, g->n, g->merges, g->order,
                         (nax_i_style){.colour = NAX_I_INK, .width = 1.0});
  }
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, g->lo, g->hi,
                      g->count > 1 ? "Mean dissimilarity" : "Dissimilarity", NULL);
  nax_i_fig_desc(f, "Heat map of %lld by %lld conditions%s.", (long long)g->n,
                 (long long)g->n, g->complete ? " with a tree" : "");
  nax_i_fig_caption(f, "%s of each pair of conditions%s%s.",
                    g->count > 1 ? "Dissimilarity, mean over RDMs," : "Dissimilarity",
                    g->complete ? ", in the order of the tree (average linkage)" : "",
                    g->complete ? "" : "; hatched where it is missing");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(names);
  return status;
}

static int
by_size(const void *a, const void *b)
{
  const nax_i_keyed *x = a, *y = b;
  return x->key != y->key ? (x->key < y->key ? -1 : 1)
                          : (x->at > y->at) - (x->at < y->at);
}

/* The most alike and the most different pairs. */
static nax_status
pair_table(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_i_keyed *k = NULL;
  const char **text = NULL;
  double *value = NULL;
  nax_table *t = NULL;
  nax_index have = 0;
  NAX_TRY_ALLOC(k, g->m, sizeof *k);
  for (nax_index p = 0; p < g->m; p++) {
    if (!isnan(g->mean[p])) {
      k[have++] = (nax_i_keyed){nax_i_sort_key(g->mean[p]), p};
    }
  }
  qsort(k, (size_t)have, sizeof *k, by_size);
  nax_index half = have / 2 < SHOWN_PAIRS / 2 ? have / 2 : SHOWN_PAIRS / 2;
  nax_index rows = have < SHOWN_PAIRS ? have : 2 * half;
  NAX_TRY_ALLOC(text, 3 * rows, sizeof *text);
  NAX_TRY_ALLOC(value, rows, sizeof *value);
  for (nax_index row = 0; row < rows; row++) {
    nax_index from = have < SHOWN_PAIRS || row < half ? row : have - rows + row;
    nax_index at = k[from].at, i = 0;
    while (at >= g->n - i - 1) {
      at -= g->n - i - 1;
      i++;
    }
    text[row] = g->label[i];
    text[rows + row] = g->label[i + 1 + at];
    value[row] = g->mean[k[from].at];
  }
  NAX_TRY(nax_table_create(ctx, "pair", rows, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "condition", text));
  NAX_TRY(nax_table_add_text(ctx, t, "other", text + rows));
  NAX_TRY(nax_table_add_numbers(ctx, t, "dissimilarity", NULL, value));
  nax_i_page_table(g->p, "pairs", "The most alike and the most different pairs", t, 1, 0,
                   NULL);
done:
  nax_i_free(k);
  nax_i_free(text);
  nax_i_free(value);
  nax_table_free(t);
  return status;
}

/* Conditions as points; distances of squared measures are roots. */
static nax_status
condition_points(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *d = NULL;
  if (!g->complete) {
    return NAX_OK;
  }
  const char *m = nax_rdms_measure(g->r);
  int squared = strcmp(m, "euclidean") == 0 || strcmp(m, "mahalanobis") == 0 ||
                strcmp(m, "crossnobis") == 0 || strncmp(m, "poisson", 7) == 0;
  NAX_TRY_ALLOC(d, g->m, sizeof *d);
  for (nax_index k = 0; k < g->m; k++) {
    double v = g->mean[k] > 0.0 ? g->mean[k] : 0.0;
    d[k] = squared ? sqrt(v) : v;
  }
  NAX_TRY(nax_i_points_figure(ctx, g->p, "mds", "Conditions in the plane", g->n, d,
                              g->label, 0,
                              squared ? "Multidimensional scaling of the roots of the "
                                        "dissimilarities, which are squared distances: "
                                        "what lies close is alike."
                                      : "Multidimensional scaling (least squares): what "
                                        "lies close is alike."));
done:
  nax_i_free(d);
  return status;
}

/* Similarity of each RDM to each other: over time, when patterns of distance hold. */
static nax_status
agreement(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *s = NULL;
  nax_index k = g->count;
  if (k < 2 || k > MOST_RDMS || g->n < 3) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(s, k * k, sizeof *s);
  status = nax_rsa_compare(ctx, g->r, g->r, NAX_RSA_SPEARMAN, NULL, 0, s);
  if (status == NAX_EDATA) { /* too few pairs in common: no picture */
    status = NAX_OK;
    goto done;
  }
  NAX_TRY(status);
  nax_i_fig *f =
      nax_i_fig_new("agreement", NAX_I_FIG_HALF, 420.0, "Agreement of the RDMs");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = {.left = 60.0, .top = 20.0, .width = 270.0, .height = 270.0, .boxed = 1};
  const nax_axis *axis = nax_rdms_axis(g->r);
  double lo = nax_axis_coord(axis, 0), hi = nax_axis_coord(axis, k - 1);
  int numbers = nax_axis_get_kind(axis) != NAX_AXIS_LABELS && hi > lo;
  double half = numbers ? 0.5 * (hi - lo) / (double)(k - 1) : 0.5;
  lo = numbers ? lo - half : -0.5;
  hi = numbers ? hi + half : (double)k - 0.5;
  a.x = (nax_i_side){
      .lo = lo, .hi = hi, .label = nax_axis_name(axis), .unit = nax_axis_unit(axis)};
  a.y = (nax_i_side){
      .lo = hi, .hi = lo, .label = nax_axis_name(axis), .unit = nax_axis_unit(axis)};
  nax_i_add_image(f, &a, k, k, s, 1, k, NAX_I_MAP_DIVERGING, -1.0, 1.0, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, -1.0, 1.0, "Spearman correlation",
                      NULL);
  nax_i_fig_desc(f, "Correlation of each of %lld RDMs with each other.", (long long)k);
  nax_i_fig_caption(f, "Rank correlation of each RDM with each other.");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(s);
  return status;
}

static void
summary(page *g)
{
  const char *m = nax_rdms_measure(g->r);
  char text[64];
  nax_index missing = 0, negative = 0;
  for (nax_index k = 0; k < g->m; k++) {
    missing += isnan(g->mean[k]);
    negative += g->mean[k] < 0.0;
  }
  nax_i_page_lead(g->p, "%lld conditions in %lld %s%s%s.", (long long)g->n,
                  (long long)g->count,
                  g->count == 1 ? "dissimilarity matrix" : "dissimilarity matrices",
                  m[0] != '\0' ? ", " : "", m);
  snprintf(text, sizeof text, "%lld", (long long)g->n);
  nax_i_page_tile(g->p, text, "conditions");
  snprintf(text, sizeof text, "%lld", (long long)g->m);
  nax_i_page_tile(g->p, text, "pairs");
  snprintf(text, sizeof text, "%lld", (long long)g->count);
  nax_i_page_tile(g->p, text, g->count == 1 ? "RDM" : "RDMs");
  if (missing > 0) {
    snprintf(text, sizeof text, "%lld of %lld pairs are missing.", (long long)missing,
             (long long)g->m);
    nax_i_page_note(g->p, NAX_VIOLATION, "rsa.missing-pair", text);
  }
  if (negative > 0) {
    nax_i_page_note(g->p, NAX_INFO, "rsa.negative",
                    "Some dissimilarities are negative: estimates without bias scatter "
                    "around 0 where conditions do not differ.");
  }
}

static nax_status
set_labels(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  NAX_TRY_ALLOC(g->label, g->n, sizeof *g->label);
  NAX_TRY_ALLOC(g->buf, g->n, sizeof *g->buf);
  for (nax_index i = 0; i < g->n; i++) {
    g->label[i] = nax_i_condition_label(nax_rdms_condition_axis(g->r), i, g->buf[i]);
  }
done:
  return status;
}

nax_status
nax_report_rdm(nax_ctx *ctx, const nax_rdms *r, const char *subject,
               const nax_report_opts *opts, const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {
      .ctx = ctx, .r = r, .n = nax_rdms_n_conditions(r), .count = nax_rdms_count(r)};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  g.m = nax_rdm_pairs(g.n);
  NAX_TRY(set_labels(&g));
  NAX_TRY(nax_i_rdm_mean(ctx, r, &g.mean));
  NAX_TRY(cluster(&g));
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Dissimilarity matrices",
                       subject != NULL ? subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.p, "geometry", "Geometry");
  NAX_TRY(heat_map(&g));
  NAX_TRY(condition_points(&g));
  NAX_TRY(agreement(&g));
  NAX_TRY(pair_table(&g));
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_free(g.mean);
  nax_i_free(g.order);
  nax_i_free(g.merges);
  nax_i_free(g.label);
  nax_i_free(g.buf);
  nax_i_page_free(g.p);
  return status;
}
