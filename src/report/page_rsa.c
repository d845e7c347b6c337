/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about models of the geometry. */
#include "page_rsa_i.h"
#include "rsa/infer_i.h"
#include <math.h>
#include <stdlib.h>

enum { MOST_MAPS = 11, MAP = 150 };

typedef struct page {
  nax_ctx *ctx;
  const nax_rsa *r;
  const nax_rdms *data, *models;
  const nax_rsa_opts *o;
  nax_i_page *p;
  nax_index k, s;      /* models, subjects */
  nax_index *order;    /* of the models, by their mean */
  const char **name;   /* in that order */
  double lower, upper; /* noise ceiling */
} page;

static int
by_mean(const void *a, const void *b)
{
  const nax_i_keyed *x = a, *y = b;
  return x->key != y->key ? (x->key > y->key ? -1 : 1)
                          : (x->at > y->at) - (x->at < y->at);
}

static nax_status
sort_models(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_i_keyed *key = NULL;
  NAX_TRY_ALLOC(key, g->k, sizeof *key);
  NAX_TRY_ALLOC(g->order, g->k, sizeof *g->order);
  NAX_TRY_ALLOC(g->name, g->k, sizeof *g->name);
  for (nax_index i = 0; i < g->k; i++) {
    key[i] = (nax_i_keyed){nax_i_sort_key(nax_rsa_get(g->r, i).mean), i};
  }
  qsort(key, (size_t)g->k, sizeof *key, by_mean);
  for (nax_index i = 0; i < g->k; i++) {
    g->order[i] = key[i].at;
    g->name[i] = nax_rsa_model_name(g->r, key[i].at);
  }
done:
  nax_i_free(key);
  return status;
}

static const char *
option(const page *g, const char *name, char buf[96])
{
  for (int32_t i = 0; i < nax_i_rsa_table.n_opts; i++) {
    if (strcmp(nax_i_rsa_table.opts[i].name, name) == 0) {
      nax_options_format(&nax_i_rsa_table, g->o, i, buf, 96);
      return buf;
    }
  }
  return "";
}

/* Bars from the best model to the worst: mean, interval, subjects, ceiling; a star where
 * the model is above 0 beyond chance, a ring where it is below the ceiling. */
static nax_status
bars(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *w = NULL, lo, hi;
  char buf[96];
  nax_index k = g->k, s = g->s, all = k * (s + 3) + 2;
  NAX_TRY_ALLOC(w, all + 7 * k + 2 + 2 * k * s, sizeof *w);
  double *edge = w + all, *mean = edge + k + 1, *low = mean + k, *high = low + k,
         *x = high + k, *dot_x = x + k, *dot_y = dot_x + k * s;
  nax_index n = 0;
  for (nax_index i = 0; i < k; i++) {
    nax_rsa_estimate e = nax_rsa_get(g->r, g->order[i]);
    x[i] = (double)i;
    edge[i] = (double)i - 0.5;
    mean[i] = e.mean;
    low[i] = e.lower;
    high[i] = e.upper;
    w[n++] = e.mean;
    w[n++] = e.lower;
    w[n++] = e.upper;
    for (nax_index a = 0; a < s; a++) {
      double spread = s > 1 ? 0.5 * ((double)a / (double)(s - 1) - 0.5) : 0.0;
      dot_x[a + i * s] = (double)i + spread;
      dot_y[a + i * s] = nax_rsa_evaluations(g->r)[g->order[i] + a * k];
      w[n++] = dot_y[a + i * s];
    }
  }
  edge[k] = (double)k - 0.5;
  if (!isnan(g->lower)) {
    w[n++] = g->lower;
    w[n++] = g->upper;
  }
  nax_i_range(n, w, 1, &lo, &hi);
  hi += 0.06 * (hi - lo); /* room for the marks */
  nax_i_fig *f = nax_i_fig_new("models", NAX_I_FIG_WIDE, 420.0, "How well models do");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_WIDE, 420.0);
  a.x = (nax_i_side){.lo = -0.5, .hi = (double)k - 0.5, .names = g->name, .n_names = k};
  char label[160];
  snprintf(label, sizeof label, "Similarity (%s)", option(g, "comparator", buf));
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = label};
  a.grid = 1;
  nax_i_style bar = {.colour = 0}, dots = {.colour = NAX_I_MUTED, .width = 2.0};
  nax_i_style ink = {.colour = NAX_I_INK}, ceiling = {.colour = 2, .alpha = 0.35};
  nax_i_style star = {.colour = 1, .shape = 4, .width = 4.0};
  nax_i_style ring = {.colour = 3, .shape = 5, .width = 4.0};
  if (!isnan(g->lower)) {
    nax_i_add_band(f, &a, 2, (double[]){-0.5, (double)k - 0.5},
                   (double[]){g->lower, g->lower}, (double[]){g->upper, g->upper},
                   ceiling);
  }
  nax_i_add_bars(f, &a, k, edge, mean, 0.0, 0.3, bar);
  nax_i_add_whiskers(f, &a, k, x, low, high, ink);
  nax_i_add_points(f, &a, k * s, dot_x, dot_y, NULL, dots);
  for (nax_index i = 0; i < k; i++) {
    nax_rsa_estimate e = nax_rsa_get(g->r, g->order[i]);
    double top = hi - 0.03 * (hi - lo);
    if (e.p_zero_fdr < 0.05) {
      nax_i_add_points(f, &a, 1, (double[]){(double)i - 0.08}, &top, NULL, star);
    }
    if (e.p_ceiling < 0.05) {
      nax_i_add_points(f, &a, 1, (double[]){(double)i + 0.08}, &top, NULL, ring);
    }
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, 3,
                   (nax_i_key[]){{"above 0", star, 1},
                                 {"differs from the ceiling", ring, 1},
                                 {"noise ceiling", ceiling, 2}});
  nax_i_fig_desc(f, "Bars of %lld models.", (long long)k);
  nax_i_fig_caption(
      f,
      "Mean over %lld RDMs with intervals; points: single RDMs; band: noise "
      "ceiling. Cross: above 0 (one-sided t, false discovery rate 5 %%); "
      "ring: differs from the lower ceiling (two-sided t, 5 %%).",
      (long long)s);
  nax_i_fig_columns(
      f, "model", k,
      (nax_i_column[]){{"mean", NULL, mean}, {"lower", NULL, low}, {"upper", NULL, high}},
      3);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(w);
  return status;
}

/* Each model against each other, crosses where they differ. */
static nax_status
matrix(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *v = NULL, most = 0.0;
  nax_index k = g->k;
  if (k < 2) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(v, k * k, sizeof *v);
  for (nax_index i = 0; i < k; i++) {
    for (nax_index j = 0; j < k; j++) {
      nax_rsa_difference d = nax_rsa_get_difference(g->r, g->order[i], g->order[j]);
      v[i + j * k] = i == j ? 0.0 : d.difference;
      most = fmax(most, fabs(v[i + j * k]));
    }
  }
  nax_i_fig *f =
      nax_i_fig_new("differences", NAX_I_FIG_HALF, 420.0, "Model against model");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = {
      .left = 120.0, .top = 20.0, .width = 220.0, .height = 220.0, .boxed = 1};
  a.x = (nax_i_side){.lo = -0.5, .hi = (double)k - 0.5, .names = g->name, .n_names = k};
  a.y = (nax_i_side){.lo = (double)k - 0.5, .hi = -0.5, .names = g->name, .n_names = k};
  most = most > 0.0 ? most : 1.0;
  nax_i_add_image(f, &a, k, k, v, 1, k, NAX_I_MAP_DIVERGING, -most, most, 0);
  for (nax_index i = 0; i < k; i++) {
    for (nax_index j = 0; j < k; j++) {
      nax_rsa_difference d = nax_rsa_get_difference(g->r, g->order[i], g->order[j]);
      if (d.p_fdr < 0.05) {
        nax_i_add_points(f, &a, 1, (double[]){(double)j}, (double[]){(double)i}, NULL,
                         (nax_i_style){.colour = NAX_I_INK, .shape = 4, .width = 3.0});
      }
    }
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, -most, most, "Row minus column", NULL);
  nax_i_fig_desc(f, "Differences between %lld models.", (long long)k);
  nax_i_fig_caption(f, "Similarity of the model in the row minus that in the column; "
                       "crosses: two-sided t, false discovery rate 5 %% over pairs.");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(v);
  return status;
}

/* Ranks, so that RDMs of different units share one scale; NaN stays. */
static nax_status
ranks_of(nax_ctx *ctx, nax_index m, const double *d, double *out)
{
  nax_status status = nax_stats_ranks(ctx, m, d, out);
  for (nax_index k = 0; status == NAX_OK && k < m; k++) {
    out[k] = out[k] / (double)m;
  }
  return status;
}

/* The mean RDM of the data and that of each model, as ranks. */
static nax_status
maps(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *mean = NULL, *rank = NULL;
  nax_i_fig *f = NULL;
  if (g->data == NULL) {
    return NAX_OK;
  }
  nax_index n = nax_rdms_n_conditions(g->data), m = nax_rdm_pairs(n);
  nax_index shown = 1 + (g->models == NULL ? 0 : g->k < MOST_MAPS ? g->k : MOST_MAPS);
  NAX_TRY(nax_i_rdm_mean(ctx, g->data, &mean));
  NAX_TRY_ALLOC(rank, m, sizeof *rank);
  double rows = (double)((shown + 4) / 5);
  f = nax_i_fig_new("rdms", NAX_I_FIG_WIDE, rows * (MAP + 34.0) + 10.0, "RDMs as ranks");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  for (nax_index i = 0; i < shown; i++) {
    nax_index model = i > 0 ? g->order[i - 1] : -1;
    nax_i_axes a = {.left = 4.0 + (double)(i % 5) * (MAP + 20.0),
                    .top = 24.0 + (double)(i / 5) * (MAP + 34.0),
                    .width = MAP,
                    .height = MAP,
                    .boxed = 1};
    a.x = (nax_i_side){.lo = -0.5, .hi = (double)n - 0.5, .no_ticks = 1};
    a.y = (nax_i_side){.lo = (double)n - 0.5, .hi = -0.5, .no_ticks = 1};
    NAX_TRY(ranks_of(ctx, m, i == 0 ? mean : nax_rdms_vector(g->models, model), rank));
    NAX_TRY(nax_i_rdm_image(ctx, f, &a, n, rank, NULL, 0.0, 1.0));
    nax_i_axes_draw(f, &a);
    nax_i_add_text(f, a.left, a.top - 6.0, -1, i == 0 ? "h" : "t",
                   i == 0 ? "data (mean)" : g->name[i - 1]);
  }
  nax_i_fig_desc(f, "Heat maps of the mean RDM of the data and of %lld models.",
                 (long long)(shown - 1));
  nax_i_fig_caption(f,
                    "Mean RDM of the data, and those of the models from the best on, as "
                    "ranks (dark: alike); conditions in their own order.");
  nax_i_page_figure(g->p, f);
  f = NULL;
done:
  nax_i_fig_free(f);
  nax_i_free(mean);
  nax_i_free(rank);
  return status;
}

/* Data and models as points: distance 1 - Spearman's correlation. */
static nax_status
model_map(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_rdms *all = NULL;
  double *s = NULL, *d = NULL;
  const char **tip = NULL;
  char(*buf)[48] = NULL;
  if (g->data == NULL || g->models == NULL || g->s + g->k < 3 || g->s + g->k > 300) {
    return NAX_OK;
  }
  NAX_TRY(nax_rdms_concat(ctx, 2, (const nax_rdms *[]){g->data, g->models}, &all));
  nax_index n = g->s + g->k;
  NAX_TRY_ALLOC(s, n * n, sizeof *s);
  NAX_TRY_ALLOC(d, nax_rdm_pairs(n), sizeof *d);
  NAX_TRY_ALLOC(tip, n, sizeof *tip);
  NAX_TRY_ALLOC(buf, n, sizeof *buf);
  status = nax_rsa_compare(ctx, all, all, NAX_RSA_SPEARMAN, NULL, 0, s);
  if (status == NAX_EDATA) {
    status = NAX_OK;
    goto done;
  }
  NAX_TRY(status);
  for (nax_index i = 0, k = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, k++) {
      d[k] = fmax(1.0 - s[i + j * n], 0.0);
    }
    if (i < g->s) {
      tip[i] = nax_i_condition_label(nax_rdms_axis(g->data), i, buf[i]);
    } else {
      tip[i] = nax_rsa_model_name(g->r, i - g->s);
    }
  }
  NAX_TRY(nax_i_points_figure(ctx, g->p, "model-map", "Data and models in the plane", n,
                              d, tip, g->k,
                              "Each RDM as a point (discs: data, squares: models), "
                              "distances as near as can be to 1 minus the rank "
                              "correlation."));
done:
  nax_rdms_free(all);
  nax_i_free(s);
  nax_i_free(d);
  nax_i_free(tip);
  nax_i_free(buf);
  return status;
}

static void
summary(page *g)
{
  char number[48], text[128], buf[96];
  nax_rsa_estimate best = nax_rsa_get(g->r, g->order[0]);
  nax_i_human(number, best.mean, 3);
  nax_index beaten = 0;
  for (nax_index i = 1; i < g->k; i++) {
    beaten += nax_rsa_get_difference(g->r, g->order[0], g->order[i]).p_fdr < 0.05;
  }
  nax_i_page_lead(g->p, "%s is most similar to the data: %s%s.", g->name[0], number,
                  g->k < 2             ? ""
                  : beaten == g->k - 1 ? ", above every other model"
                  : beaten == 0        ? ", but above no other model beyond chance"
                                       : ", above some of the other models");
  snprintf(text, sizeof text, "%lld", (long long)g->k);
  nax_i_page_tile(g->p, text, g->k == 1 ? "model" : "models");
  snprintf(text, sizeof text, "%lld", (long long)g->s);
  nax_i_page_tile(g->p, text, g->s == 1 ? "RDM" : "RDMs");
  if (!isnan(g->lower)) {
    char high[48];
    nax_i_human(number, g->lower, 3);
    nax_i_human(high, g->upper, 3);
    snprintf(text, sizeof text, "%s \xe2\x80\x93 %s", number, high);
    nax_i_page_tile(g->p, text, "noise ceiling");
  }
  const char *how = option(g, "resample", buf);
  nax_i_page_text(g->p, "Results hold for %s.",
                  strcmp(how, "none") == 0 || strcmp(how, "subjects") == 0
                      ? "new subjects and these conditions"
                  : strcmp(how, "conditions") == 0 ? "these subjects and new conditions"
                                                   : "new subjects and new conditions");
  if (strcmp(option(g, "comparator", buf), "cosine") == 0 ||
      strcmp(buf, "cosine-cov") == 0) {
    nax_i_page_note(g->p, NAX_INFO, "rsa.cosine",
                    "Cosines of dissimilarities that are all positive are large for any "
                    "model: being above 0 says little, differences between models do.");
  }
}

static nax_status
tables(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_dataset *d = NULL;
  NAX_TRY(nax_rsa_dataset(ctx, g->r, NULL, &d));
  nax_i_page_table(g->p, "model-table", "Models", nax_dataset_table(d, "models"), 1, 0,
                   NULL);
  if (nax_dataset_table(d, "differences") != NULL) {
    nax_i_page_table(g->p, "difference-table", "Models against each other",
                     nax_dataset_table(d, "differences"), 1, 200, NULL);
  }
done:
  nax_dataset_free(d);
  return status;
}

static void
method(page *g)
{
  nax_i_page_section(g->p, "method", "Method");
  nax_i_page_text(
      g->p, "Representational similarity analysis (Nili et al. 2014, PLOS Comput. "
            "Biol. 10). Variance over subjects and conditions from the corrected dual "
            "bootstrap where both are resampled (Sch\xc3\xbctt et al. 2023, eLife "
            "12); tests by Student's t.");
  for (int32_t i = 0; i < nax_i_rsa_table.n_opts; i++) {
    char value[96];
    nax_options_format(&nax_i_rsa_table, g->o, i, value, sizeof value);
    nax_i_page_fact(g->p, nax_i_rsa_table.opts[i].name, "%s", value);
  }
  nax_i_page_fact(g->p, "degrees of freedom", "%g", nax_rsa_dof(g->r));
  if (nax_rsa_n_samples(g->r) > 0) {
    nax_i_page_fact(g->p, "samples evaluated", "%lld",
                    (long long)nax_rsa_n_samples(g->r));
  }
}

nax_status
nax_report_rsa(nax_ctx *ctx, const nax_rsa *r, const nax_rdms *data,
               const nax_rdms *models, const char *subject, const nax_report_opts *opts,
               const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx,
            .r = r,
            .data = data,
            .models = models,
            .o = nax_i_rsa_options(r),
            .k = nax_rsa_n_models(r),
            .s = nax_rsa_n_subjects(r)};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  NAX_REQUIRE(data == NULL || nax_rdms_count(data) == g.s, NAX_EDIM,
              "%lld RDMs of data, the comparison has %lld",
              (long long)nax_rdms_count(data), (long long)g.s);
  NAX_REQUIRE(models == NULL ||
                  (data != NULL && nax_rdms_count(models) == g.k &&
                   nax_rdms_n_conditions(models) == nax_rdms_n_conditions(data)),
              NAX_EDIM,
              "`models` must have an RDM for each of %lld models over the "
              "conditions of the data",
              (long long)g.k);
  nax_rsa_get_ceiling(r, &g.lower, &g.upper);
  NAX_TRY(sort_models(&g));
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Models of the geometry",
                       subject != NULL ? subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.p, "comparison", "Models");
  NAX_TRY(bars(&g));
  NAX_TRY(matrix(&g));
  NAX_TRY(model_map(&g));
  NAX_TRY(tables(&g));
  if (data != NULL) {
    nax_i_page_section(g.p, "matrices", "Dissimilarity matrices");
    NAX_TRY(maps(&g));
  }
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_free(g.order);
  nax_i_free(g.name);
  nax_i_page_free(g.p);
  return status;
}
