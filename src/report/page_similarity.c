/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about similarities of representations: the matrix of all of them, or how well
 * one predicts each channel of another. */
#include "page_rsa_i.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELLED = 24, SIZE = 480, HEIGHT = 320, LETTER = 8 };

typedef struct page {
  nax_ctx *ctx;
  const nax_dataset *d;
  nax_i_page *p;
} page;

/* Each representation with each other. */
static nax_status
heat_map(page *g, const nax_array *a)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_axis *axis = nax_array_axis(a, 0);
  const double *v = nax_array_data(a);
  const char *measure = nax_array_description(a);
  nax_index n = nax_axis_length(axis);
  const char **name = NULL;
  char(*buf)[48] = NULL;
  double lo, hi, edge = (double)n - 0.5;
  measure = measure != NULL && measure[0] != '\0' ? measure : "Similarity";
  NAX_TRY_ALLOC(name, n, sizeof *name);
  NAX_TRY_ALLOC(buf, n, sizeof *buf);
  size_t longest = 0;
  for (nax_index i = 0; i < n; i++) {
    name[i] = nax_i_condition_label(axis, i, buf[i]);
    longest = strlen(name[i]) > longest ? strlen(name[i]) : longest;
  }
  NAX_REQUIRE(nax_i_colour_limits(n * n, v, 0.0, 0, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  nax_i_fig *f =
      nax_i_fig_new("similarities", NAX_I_FIG_WIDE, SIZE + 70.0, "Similarities");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes x = {.left = 180.0,
                  .top = 20.0,
                  .width = SIZE - 60.0,
                  .height = SIZE - 60.0,
                  .boxed = 1};
  int labelled = n <= LABELLED;
  x.x = (nax_i_side){.lo = -0.5, .hi = edge, .label = "Second", .no_ticks = 1};
  x.y = (nax_i_side){.lo = edge, .hi = -0.5, .label = "First", .no_ticks = 1};
  if (labelled) {
    x.y = (nax_i_side){.lo = edge, .hi = -0.5, .names = name, .n_names = n};
  }
  if (labelled && (double)longest * LETTER < x.width / (double)n) {
    x.x = (nax_i_side){.lo = -0.5, .hi = edge, .names = name, .n_names = n};
  }
  nax_i_add_image(f, &x, n, n, v, 1, n, NAX_I_MAP_VIRIDIS, lo, hi, 0);
  nax_i_axes_draw(f, &x);
  nax_i_add_colourbar(f, &x, NAX_I_MAP_VIRIDIS, lo, hi, measure, NULL);
  nax_i_fig_desc(f, "Heat map of %lld by %lld representations.", (long long)n,
                 (long long)n);
  nax_i_fig_caption(f,
                    "%s of each representation (rows) with each other (columns), both "
                    "in the order given.",
                    measure);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(name);
  nax_i_free(buf);
  return status;
}

static nax_status
matrix(page *g, const nax_array *a)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_table *t = nax_dataset_table(g->d, "pairs");
  char text[48];
  NAX_REQUIRE(nax_array_ndim(a) == 2 && nax_array_dtype(a) == NAX_F64 &&
                  nax_axis_length(nax_array_axis(a, 0)) ==
                      nax_axis_length(nax_array_axis(a, 1)),
              NAX_EINVAL, "`similarity` is not a matrix of each with each other");
  nax_index n = nax_axis_length(nax_array_axis(a, 0));
  nax_i_page_lead(g->p, "%lld representations of the same observations, %s.",
                  (long long)n, nax_array_description(a));
  snprintf(text, sizeof text, "%lld", (long long)n);
  nax_i_page_tile(g->p, text, "representations");
  nax_i_page_section(g->p, "matrix", "Each with each other");
  NAX_TRY(heat_map(g, a));
  if (t != NULL) {
    nax_i_page_table(g->p, "pairs", "Pairs of representations", t, 1, 0, NULL);
  }
done:
  return status;
}

/* Scores of the targets with their standard errors over folds, in the order of the
 * table. */
static nax_status
score_figure(page *g, nax_index n, const double *score, const double *se)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL;
  NAX_TRY_ALLOC(x, 3 * n, sizeof *x);
  double *lower = x + n, *upper = lower + n, lo, hi;
  for (nax_index i = 0; i < n; i++) {
    double error = se != NULL && isfinite(se[i]) ? se[i] : 0.0;
    x[i] = (double)i + 1.0;
    lower[i] = score[i] - error;
    upper[i] = score[i] + error;
  }
  nax_i_range(2 * n, lower, 1, &lo, &hi);
  nax_i_fig *f = nax_i_fig_new("scores", NAX_I_FIG_WIDE, HEIGHT, "Prediction by target");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_WIDE, HEIGHT);
  a.grid = 1;
  a.x = (nax_i_side){.lo = 0.5,
                     .hi = (double)n + 0.5,
                     .label = "Target, in the order of the table",
                     .integers = 1};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = "Score"};
  nax_i_add_hline(f, &a, 0.0, NULL, (nax_i_style){.colour = NAX_I_MUTED, .dash = 1});
  if (se != NULL) {
    nax_i_add_whiskers(f, &a, n, x, lower, upper,
                       (nax_i_style){.colour = NAX_I_INK, .width = 1.0});
  }
  nax_i_add_points(f, &a, n, x, score, NULL,
                   (nax_i_style){.colour = NAX_I_INK, .width = 3.0});
  nax_i_axes_draw(f, &a);
  nax_i_fig_desc(f, "Scores of %lld targets.", (long long)n);
  nax_i_fig_caption(f, "Score of each target on the folds left out%s.",
                    se != NULL ? ", with its standard error over them" : "");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(x);
  return status;
}

static nax_status
prediction(page *g, const nax_table *t)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = nax_table_n_rows(t), have = 0;
  const double *score = nax_table_numbers(t, nax_table_find(t, "score"));
  const double *se = nax_table_numbers(t, nax_table_find(t, "se"));
  double sum = 0.0;
  char text[48];
  NAX_REQUIRE(score != NULL && n > 0, NAX_EINVAL, "table `targets` has no `score`");
  for (nax_index i = 0; i < n; i++) {
    sum += isfinite(score[i]) ? score[i] : 0.0;
    have += isfinite(score[i]);
  }
  nax_i_page_lead(g->p,
                  "How well the channels of one representation predict each of "
                  "%lld of another.",
                  (long long)n);
  snprintf(text, sizeof text, "%lld", (long long)n);
  nax_i_page_tile(g->p, text, "targets");
  if (have > 0) {
    nax_i_human(text, sum / (double)have, 3);
    nax_i_page_tile(g->p, text, "mean score");
  }
  nax_i_page_section(g->p, "prediction", "Prediction");
  NAX_TRY(score_figure(g, n, score, se));
  nax_i_page_table(g->p, "targets", "Targets", t, 1, 0, NULL);
done:
  return status;
}

nax_status
nax_report_similarity(nax_ctx *ctx, const nax_dataset *result, const char *subject,
                      const nax_report_opts *opts, const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx, .d = result};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  const nax_array *a = nax_dataset_array(result, "similarity");
  const nax_table *t = nax_dataset_table(result, "targets");
  NAX_REQUIRE(a != NULL || t != NULL, NAX_EINVAL,
              "the dataset is not one of similarities: it has neither `similarity` nor "
              "`targets`");
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Similarity of representations",
                       subject != NULL ? subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  NAX_TRY(a != NULL ? matrix(&g, a) : prediction(&g, t));
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_page_free(g.p);
  return status;
}
