/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a multi-modal model: latents over time with bands, which are shared and
 * why, what the model says of both modalities, how the fit went. */
#include "gpvae/gpvae_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>

typedef struct page {
  nax_ctx *ctx;
  const nax_gpvae *m;
  const nax_gpvae_posterior *p;
  const nax_report_gpvae_info *info;
  nax_gpvae_params par;
  nax_index q;
  nax_i_page *page;
  nax_index shown[4]; /* trials drawn: held out where there are such */
  int n_shown;
  double bin;
} page;

enum { ROW = 92, FRAMES = 8, FEW_FEATURES = 8, NAME = 32 };

static void
latent_name(const page *g, nax_index l, char text[NAME])
{
  static const char *const name[3] = {"Neural", "Shared", "Behaviour"};
  nax_index shared = g->par.n_neural, own = shared + g->par.n_shared;
  int kind = l < shared ? 0 : l < own ? 1 : 2;
  nax_index from = kind == 0 ? 0 : kind == 1 ? shared : own;
  snprintf(text, NAME, "%s %lld", name[kind], (long long)(l - from) + 1);
}

static int
latent_colour(const page *g, nax_index l)
{
  return l < g->par.n_neural ? 0 : l < g->par.n_neural + g->par.n_shared ? 1 : 2;
}

/* Trials to draw: held out first, for those judge the model. */
static void
choose_trials(page *g)
{
  nax_index n = nax_gpvae_posterior_n_trials(g->p);
  for (int held = 1; held >= 0; held--) {
    for (nax_index k = 0; k < n && g->n_shown < 4; k++) {
      if (nax_gpvae_held_out(g->m, k) == held) {
        g->shown[g->n_shown++] = k;
      }
    }
  }
}

/* --- rows of panels, a column for each trial shown ------------------------------------
 */

static void
name_row(nax_i_fig *f, nax_index row, const char *name)
{
  nax_i_add_text(f, 4.0, 30.0 + (double)row * ROW + 0.5 * (ROW - 22.0), -1, "t", name);
}

/* Panel of the i-th trial shown in one of `rows` rows; its y axis has no limits yet. */
static nax_i_axes
panel(const page *g, int i, nax_index row, nax_index rows)
{
  double width = (NAX_I_FIG_WIDE - 110.0) / g->n_shown;
  nax_index t = nax_gpvae_posterior_length(g->p, g->shown[i]);
  int last = row == rows - 1;
  return (nax_i_axes){.left = 100.0 + width * i,
                      .top = 30.0 + (double)row * ROW,
                      .width = width - 14.0,
                      .height = ROW - 22.0,
                      .x = {.lo = 0.0,
                            .hi = g->bin * (double)(t > 1 ? t - 1 : 1),
                            .label = last ? "Time" : NULL,
                            .unit = "s",
                            .no_ticks = !last},
                      .y = {.no_ticks = i > 0}};
}

/* Its axes, and above the first row which trial it is. */
static void
draw_panel(const page *g, nax_i_fig *f, const nax_i_axes *a, int i, nax_index row)
{
  nax_i_axes_draw(f, a);
  if (row == 0) {
    char title[64];
    snprintf(title, sizeof title, "Trial %lld%s", (long long)g->shown[i],
             nax_gpvae_held_out(g->m, g->shown[i]) ? " (held out)" : "");
    nax_i_add_text(f, a->left, 20.0, -1, "h", title);
  }
}

/* --- latents --------------------------------------------------------------------------
 */

static nax_status
latents_figure(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL, *mean = NULL, *lo = NULL, *hi = NULL;
  nax_index longest = 1;
  for (int i = 0; i < g->n_shown; i++) {
    nax_index t = nax_gpvae_posterior_length(g->p, g->shown[i]);
    longest = t > longest ? t : longest;
  }
  NAX_TRY_ALLOC(x, longest, sizeof *x);
  NAX_TRY_ALLOC(mean, longest, sizeof *mean);
  NAX_TRY_ALLOC(lo, longest, sizeof *lo);
  NAX_TRY_ALLOC(hi, longest, sizeof *hi);
  nax_index rows = g->q < 12 ? g->q : 12;
  nax_i_fig *f = nax_i_fig_new("latents", NAX_I_FIG_WIDE, (double)rows * ROW + 70.0,
                               "Latents over time");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  for (nax_index l = 0; l < rows; l++) {
    char name[NAME];
    double most = 0.5;
    latent_name(g, l, name);
    name_row(f, l, name);
    for (int i = 0; i < g->n_shown; i++) {
      nax_index t = nax_gpvae_posterior_length(g->p, g->shown[i]);
      const double *m = nax_gpvae_posterior_mean(g->p, g->shown[i]);
      const double *s = nax_gpvae_posterior_sd(g->p, g->shown[i]);
      for (nax_index j = 0; j < t; j++) {
        most = fmax(most, fabs(m[l + g->q * j]) + 2.0 * s[l + g->q * j]);
      }
    }
    for (int i = 0; i < g->n_shown; i++) {
      nax_index k = g->shown[i], t = nax_gpvae_posterior_length(g->p, k);
      const double *m = nax_gpvae_posterior_mean(g->p, k);
      const double *s = nax_gpvae_posterior_sd(g->p, k);
      for (nax_index j = 0; j < t; j++) {
        x[j] = g->bin * (double)j;
        mean[j] = m[l + g->q * j];
        lo[j] = mean[j] - 2.0 * s[l + g->q * j];
        hi[j] = mean[j] + 2.0 * s[l + g->q * j];
      }
      nax_i_axes a = panel(g, i, l, rows);
      a.y.lo = -most;
      a.y.hi = most;
      nax_i_style style = {.colour = latent_colour(g, l)};
      nax_i_style band = {.colour = latent_colour(g, l), .alpha = 0.25};
      nax_i_add_band(f, &a, t, x, lo, hi, band);
      nax_i_add_line(f, &a, t, x, mean, style);
      draw_panel(g, f, &a, i, l);
    }
  }
  nax_i_fig_desc(f, "Posterior means with bands for %lld latents in %d trials.",
                 (long long)rows, g->n_shown);
  nax_i_fig_caption(f, "Posterior means of the latents, and two standard deviations to "
                       "either side. One row per latent, one column per trial.");
  if (rows < g->q) {
    nax_i_fig_caption(f, " The first %lld of %lld are drawn.", (long long)rows,
                      (long long)g->q);
  }
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  nax_i_free(mean);
  nax_i_free(lo);
  nax_i_free(hi);
  return status;
}

/* Path of two latents in the trials drawn. */
static nax_status
path_figure(page *g, nax_index a_latent, nax_index b_latent)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL, lo = -1.0, hi = 1.0;
  char name[2][NAME];
  nax_index longest = 1;
  for (int i = 0; i < g->n_shown; i++) {
    nax_index t = nax_gpvae_posterior_length(g->p, g->shown[i]);
    const double *m = nax_gpvae_posterior_mean(g->p, g->shown[i]);
    longest = t > longest ? t : longest;
    for (nax_index j = 0; j < t; j++) {
      hi = fmax(hi, fmax(fabs(m[a_latent + g->q * j]), fabs(m[b_latent + g->q * j])));
    }
  }
  hi *= 1.05;
  lo = -hi;
  NAX_TRY_ALLOC(x, 2 * longest, sizeof *x);
  nax_i_fig *f = nax_i_fig_new("paths", NAX_I_FIG_HALF, 380.0, "Paths of trials");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  latent_name(g, a_latent, name[0]);
  latent_name(g, b_latent, name[1]);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 380.0);
  a.x = (nax_i_side){.lo = lo, .hi = hi, .label = name[0]};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = name[1]};
  for (int i = 0; i < g->n_shown; i++) {
    nax_index t = nax_gpvae_posterior_length(g->p, g->shown[i]);
    const double *m = nax_gpvae_posterior_mean(g->p, g->shown[i]);
    for (nax_index j = 0; j < t; j++) {
      x[j] = m[a_latent + g->q * j];
      x[longest + j] = m[b_latent + g->q * j];
    }
    nax_i_add_line(f, &a, t, x, x + longest, (nax_i_style){.colour = i + 3});
    nax_i_add_points(f, &a, 1, x, x + longest, NULL, (nax_i_style){.colour = i + 3});
  }
  nax_i_axes_draw(f, &a);
  nax_i_fig_desc(f, "Paths of %d trials in the plane of two latents.", g->n_shown);
  nax_i_fig_caption(f, "Posterior means of two latents against each other, a line per "
                       "trial of the figure above; the dot marks its start.");
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  return status;
}

static nax_status
loadings_figure(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = g->par.n_neurons, q = g->par.n_neural + g->par.n_shared;
  double lo, hi;
  NAX_REQUIRE(nax_i_colour_limits(n * q, g->par.w, 0.5, 1, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  nax_i_fig *f = nax_i_fig_new("loadings", NAX_I_FIG_HALF, 380.0, "Loadings");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, 380.0);
  a.boxed = 1;
  a.x = (nax_i_side){.lo = 0.5,
                     .hi = (double)q + 0.5,
                     .label = "Neural and shared latents",
                     .integers = 1};
  a.y = (nax_i_side){.lo = (double)n, .hi = 0.0, .label = "Neuron"};
  nax_i_add_image(f, &a, n, q, g->par.w, 1, n, NAX_I_MAP_DIVERGING, lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, lo, hi, "Loading", NULL);
  nax_i_fig_desc(f, "Heat map of %lld neurons by %lld latents.", (long long)n,
                 (long long)q);
  nax_i_fig_caption(f,
                    "How each neuron follows the latents: the first %lld are "
                    "neural-only, the others shared.",
                    (long long)g->par.n_neural);
  nax_i_page_figure(g->page, f);
done:
  return status;
}

static nax_status
latent_table(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_table *t = NULL;
  char(*name)[NAME] = NULL;
  const char **text = NULL;
  double *column = NULL;
  NAX_TRY_ALLOC(name, g->q, sizeof *name);
  NAX_TRY_ALLOC(text, g->q, sizeof *text);
  NAX_TRY_ALLOC(column, g->q, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "latent", g->q, &t));
  for (nax_index l = 0; l < g->q; l++) {
    latent_name(g, l, name[l]);
    text[l] = name[l];
  }
  NAX_TRY(nax_table_add_text(ctx, t, "latent", text));
  if (g->par.length != NULL) {
    NAX_TRY(nax_table_add_numbers(ctx, t, "length scale", "s", g->par.length));
  }
  if (g->par.relevance != NULL) {
    for (nax_index l = 0; l < g->q; l++) {
      int neural = l < g->par.n_neural + g->par.n_shared;
      column[l] = neural ? g->par.relevance[l] : (double)NAN;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, "behaviour depends on it", NULL, column));
  }
  nax_i_page_table(g->page, "latent-table", "Latents", t, 1, 0, NULL);
done:
  nax_i_free(name);
  nax_i_free(text);
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

/* --- reconstructions ------------------------------------------------------------------
 */

/* A trial of one modality as it was, rows x T, dense. */
static nax_status
observed(page *g, int arm, nax_index k, nax_index rows, nax_index t, double *out)
{
  const nax_view *v = arm == 0 ? g->info->trials->neural : g->info->trials->behaviour;
  for (nax_index j = 0; j < t; j++) {
    for (nax_index i = 0; i < rows; i++) {
      out[i + rows * j] = v == NULL || v[k].data == NULL
                              ? (double)NAN
                              : nax_view_get(&v[k], (nax_index[]){i, j});
    }
  }
  return NAX_OK;
}

/* Frames of a trial as pictures: above as recorded, below as decoded. */
static void
draw_frames(page *g, const double *was, const double *is, nax_index t, double lo,
            double hi)
{
  nax_index rows = g->info->image_rows, cols = g->par.n_features / rows;
  double side = (NAX_I_FIG_WIDE - 100.0) / FRAMES;
  double tall = side * (double)rows / (double)cols;
  tall = tall > 160.0 ? 160.0 : tall;
  nax_i_fig *f = nax_i_fig_new("frames", NAX_I_FIG_WIDE, 2.0 * tall + 64.0,
                               "Behaviour, recorded and decoded");
  if (f == NULL) {
    nax_i_page_figure(g->page, f);
    return;
  }
  nax_i_add_text(f, 4.0, 34.0 + 0.5 * tall, -1, "t", "recorded");
  nax_i_add_text(f, 4.0, 42.0 + 1.5 * tall, -1, "t", "decoded");
  for (int i = 0; i < FRAMES; i++) {
    nax_index j = (t - 1) * i / (FRAMES - 1);
    for (int which = 0; which < 2; which++) {
      nax_i_axes a = {.left = 80.0 + side * i,
                      .top = 30.0 + (tall + 8.0) * which,
                      .width = side - 8.0,
                      .height = tall,
                      .x = {.lo = 0.0, .hi = (double)cols, .no_ticks = 1},
                      .y = {.lo = (double)rows, .hi = 0.0, .no_ticks = 1},
                      .boxed = 1};
      const double *from = (which ? is : was) + g->par.n_features * j;
      nax_i_add_image(f, &a, rows, cols, from, 1, rows, NAX_I_MAP_VIRIDIS, lo, hi, 0);
      nax_i_axes_draw(f, &a);
    }
    char text[48], number[48];
    nax_i_human(number, g->bin * (double)j, 3);
    snprintf(text, sizeof text, "%.40s s", number);
    nax_i_add_text(f, 80.0 + side * i, 20.0, -1, "t", text);
  }
  nax_i_fig_desc(f, "%d frames of trial %lld and what the decoder makes of the latents.",
                 FRAMES, (long long)g->shown[0]);
  nax_i_fig_caption(f,
                    "Frames of trial %lld, and the decoder at the posterior means of "
                    "the latents.",
                    (long long)g->shown[0]);
  nax_i_page_figure(g->page, f);
}

static nax_status
draw_map(page *g, const char *id, const char *title, const char *rows_label,
         nax_index rows, nax_index t, const double *v, double lo, double hi)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 320.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, 320.0);
  a.boxed = 1;
  a.x = (nax_i_side){.lo = 0.0, .hi = g->bin * (double)t, .label = "Time", .unit = "s"};
  a.y = (nax_i_side){.lo = (double)rows, .hi = 0.0, .label = rows_label};
  nax_i_add_image(f, &a, rows, t, v, 1, rows, NAX_I_MAP_VIRIDIS, lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, lo, hi, title, NULL);
  nax_i_fig_desc(f, "Heat map of %lld rows over %lld bins.", (long long)rows,
                 (long long)t);
  nax_i_fig_caption(f, "%s in trial %lld.", title, (long long)g->shown[0]);
  nax_i_page_figure(g->page, f);
done:
  return status;
}

/* Few features as traces of the trials that are shown. */
static nax_status
draw_traces(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index rows = g->par.n_features, bins = 0, at = 0;
  double *x = NULL, *was = NULL, *is = NULL, *one = NULL;
  for (int i = 0; i < g->n_shown; i++) {
    bins += nax_gpvae_posterior_length(g->p, g->shown[i]);
  }
  NAX_TRY_ALLOC(x, bins, sizeof *x);
  NAX_TRY_ALLOC(one, bins, sizeof *one);
  NAX_TRY_ALLOC(was, rows * bins, sizeof *was);
  NAX_TRY_ALLOC(is, rows * bins, sizeof *is);
  for (int i = 0; i < g->n_shown; i++) {
    nax_index k = g->shown[i], t = nax_gpvae_posterior_length(g->p, k);
    NAX_TRY(observed(g, 1, k, rows, t, was + rows * at));
    NAX_TRY(nax_gpvae_predict(ctx, g->m, g->p, k, NULL, is + rows * at));
    at += t;
  }
  nax_i_fig *f = nax_i_fig_new("traces", NAX_I_FIG_WIDE, (double)rows * ROW + 70.0,
                               "Behaviour, recorded and decoded");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_style style[2] = {{.colour = NAX_I_MUTED}, {.colour = 1}};
  for (nax_index l = 0; l < rows; l++) {
    char name[NAME];
    double lo = INFINITY, hi = -INFINITY;
    snprintf(name, sizeof name, "Feature %lld", (long long)l);
    name_row(f, l, name);
    for (nax_index j = 0; j < bins; j++) {
      lo = fmin(lo, fmin(was[l + rows * j], is[l + rows * j]));
      hi = fmax(hi, fmax(was[l + rows * j], is[l + rows * j]));
    }
    double pad = hi > lo ? 0.05 * (hi - lo) : 0.5;
    at = 0;
    for (int i = 0; i < g->n_shown; i++) {
      nax_index t = nax_gpvae_posterior_length(g->p, g->shown[i]);
      nax_i_axes a = panel(g, i, l, rows);
      a.y.lo = lo - pad;
      a.y.hi = hi + pad;
      for (int which = 0; which < 2; which++) {
        const double *from = (which ? is : was) + rows * at;
        for (nax_index j = 0; j < t; j++) {
          x[j] = g->bin * (double)j;
          one[j] = from[l + rows * j];
        }
        nax_i_add_line(f, &a, t, x, one, style[which]);
      }
      draw_panel(g, f, &a, i, l);
      at += t;
    }
  }
  nax_i_fig_desc(f, "Traces of %lld features in %d trials.", (long long)rows, g->n_shown);
  nax_i_fig_caption(f, "Behaviour as recorded (grey), and the decoder at the posterior "
                       "means of the latents (orange).");
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  nax_i_free(one);
  nax_i_free(was);
  nax_i_free(is);
  return status;
}

static nax_status
reconstructions(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *was = NULL, *is = NULL, lo, hi;
  nax_index k = g->shown[0], t = nax_gpvae_posterior_length(g->p, k);
  for (int arm = 0; arm < 2; arm++) {
    nax_index rows = arm == 0 ? g->par.n_neurons : g->par.n_features;
    if (rows == 0 ||
        (arm == 0 ? g->info->trials->neural : g->info->trials->behaviour) == NULL) {
      continue;
    }
    nax_i_free(was);
    nax_i_free(is);
    was = is = NULL;
    NAX_TRY_ALLOC(was, rows * t, sizeof *was);
    NAX_TRY_ALLOC(is, rows * t, sizeof *is);
    NAX_TRY(observed(g, arm, k, rows, t, was));
    NAX_TRY(nax_gpvae_predict(ctx, g->m, g->p, k, arm ? NULL : is, arm ? is : NULL));
    NAX_REQUIRE(nax_i_colour_limits(rows * t, is, 0.5, 0, &lo, &hi), NAX_ENOMEM,
                "out of memory");
    if (arm == 1 && g->info->image_rows > 1 && rows % g->info->image_rows == 0) {
      draw_frames(g, was, is, t, lo, hi);
      continue;
    }
    if (arm == 1 && rows <= FEW_FEATURES) {
      NAX_TRY(draw_traces(g));
      continue;
    }
    const char *row = arm ? "Feature" : "Neuron";
    NAX_TRY(draw_map(g, arm ? "recorded" : "counts",
                     arm ? "Behaviour, recorded" : "Activity, recorded", row, rows, t,
                     was, lo, hi));
    NAX_TRY(draw_map(g, arm ? "decoded" : "rates",
                     arm ? "Behaviour, decoded" : "Activity, mean of the model", row,
                     rows, t, is, lo, hi));
  }
done:
  nax_i_free(was);
  nax_i_free(is);
  return status;
}

/* --- the fit --------------------------------------------------------------------------
 */

static const double *
numbers(const nax_table *t, const char *name)
{
  return nax_table_numbers(t, nax_table_find(t, name));
}

/* One or more columns of the trace over the last phase (or all epochs, when it was never
 * reached); `from_first`: less their value in its first epoch. */
static nax_status
trace_figure(page *g, const nax_table *trace, const char *id, const char *title,
             const char *const *name, const char *const *legend, int n_lines,
             int from_first)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL, *all = NULL, lo, hi;
  const double *phase = numbers(trace, "phase");
  nax_index n = nax_table_n_rows(trace), first = 0;
  while (first < n && phase[first] < (double)NAX_I_PHASE_JOINT) {
    first++;
  }
  first = first < n ? first : 0;
  n -= first;
  NAX_TRY_ALLOC(x, n, sizeof *x);
  NAX_TRY_ALLOC(all, n * n_lines, sizeof *all);
  for (nax_index i = 0; i < n; i++) {
    x[i] = (double)i + 1.0;
    for (int c = 0; c < n_lines; c++) {
      const double *v = numbers(trace, name[c]) + first;
      all[i + n * c] = v[i] - (from_first ? v[0] : 0.0);
    }
  }
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 280.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(n * n_lines, all, 0, &lo, &hi);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 280.0);
  a.x = (nax_i_side){
      .lo = 1.0, .hi = n > 1 ? (double)n : 2.0, .label = "Epoch", .integers = 1};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = "Per trial, nats"};
  a.grid = 1;
  nax_i_key keys[4];
  nax_i_column columns[5] = {{"epoch", NULL, x}};
  for (int c = 0; c < n_lines; c++) {
    nax_i_style s = {.colour = c, .dash = c};
    nax_i_add_line(f, &a, n, x, all + n * c, s);
    keys[c] = (nax_i_key){legend[c], s, 0};
    columns[c + 1] = (nax_i_column){name[c], NULL, all + n * c};
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, n_lines, keys);
  nax_i_fig_desc(f, "%s over %lld epochs.", title, (long long)n);
  nax_i_fig_caption(f, "%s after each epoch in which all parameters moved.", title);
  nax_i_fig_columns(f, "epoch", n, columns, n_lines + 1);
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  nax_i_free(all);
  return status;
}

static nax_status
fit_section(page *g)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  static const char *const objective[2] = {"objective", "held_out"};
  static const char *const objective_key[2] = {"trained on", "held out"};
  static const char *const terms[2] = {"neural", "behaviour"};
  static const char *const terms_key[2] = {"neurons", "behaviour"};
  static const char *const kl[1] = {"kl"}, *const kl_key[1] = {"divergence"};
  NAX_TRY(nax_gpvae_trace(g->ctx, g->m, &t));
  if (nax_table_n_rows(t) == 0) {
    goto done;
  }
  nax_i_page_section(g->page, "fit", "How the fit went");
  NAX_TRY(
      trace_figure(g, t, "objective", "Minus the bound", objective, objective_key, 2, 0));
  NAX_TRY(
      trace_figure(g, t, "divergence", "Divergence from the prior", kl, kl_key, 1, 0));
  int from = g->par.n_neurons > 0 ? 0 : 1, n = g->par.n_features > 0 ? 2 - from : 1;
  NAX_TRY(trace_figure(g, t, "terms", "Minus the log likelihood, less its first value",
                       terms + from, terms_key + from, n, 1));
  nax_i_page_details(g->page, "All epochs of all phases", t, 0);
done:
  nax_table_free(t);
  return status;
}

/* --- in words -------------------------------------------------------------------------
 */

static void
summary(page *g)
{
  char number[48], text[64];
  nax_index n = nax_gpvae_n_trials(g->m), held = 0;
  double bound = 0.0;
  for (nax_index k = 0; k < n && k < nax_gpvae_posterior_n_trials(g->p); k++) {
    if (nax_gpvae_held_out(g->m, k)) {
      bound += nax_gpvae_posterior_bound(g->p, k);
      held++;
    }
  }
  nax_i_page_lead(g->page,
                  "Latents: %lld of neurons alone, %lld shared, %lld of behaviour alone, "
                  "over %lld trials.",
                  (long long)g->par.n_neural, (long long)g->par.n_shared,
                  (long long)g->par.n_behaviour, (long long)n);
  snprintf(text, sizeof text, "%lld", (long long)n);
  nax_i_page_tile(g->page, text, "trials");
  if (g->par.n_neurons > 0) {
    snprintf(text, sizeof text, "%lld", (long long)g->par.n_neurons);
    nax_i_page_tile(g->page, text, "neurons");
  }
  if (g->par.n_features > 0) {
    snprintf(text, sizeof text, "%lld", (long long)g->par.n_features);
    nax_i_page_tile(g->page, text, "features of behaviour");
  }
  if (held > 0) {
    nax_i_human(number, bound / (double)held, 5);
    nax_i_page_tile(g->page, number, "bound per trial held out");
  }
  if (nax_gpvae_stop(g->m) != NAX_STOP_TOL && g->m->opts.patience > 0) {
    nax_i_page_note(g->page, NAX_INFO, "gpvae.still-rising",
                    "The bound was still rising when the epochs were over: more epochs "
                    "may help.");
  }
  const double *r = g->par.relevance;
  nax_index q = g->par.n_neural + g->par.n_shared;
  if (r != NULL && g->par.n_neural > 0 && g->par.n_shared > 0) {
    double below = r[g->par.n_neural - 1], above = r[g->par.n_neural];
    nax_i_human(number, above / below, 2);
    nax_i_page_text(g->page,
                    "Behaviour depends %s times more on the weakest shared direction of "
                    "the %lld neural ones than on the strongest neural-only one.",
                    number, (long long)q);
    if (above < 3.0 * below) {
      nax_i_page_note(g->page, NAX_SUGGESTION, "gpvae.no-gap",
                      "There is no clear gap between shared and neural-only directions: "
                      "another number of shared latents may fit as well.");
    }
  }
}

static void
method(page *g)
{
  nax_i_page_section(g->page, "method", "Method");
  nax_i_page_text(g->page,
                  "Multi-modal Gaussian-process variational auto-encoder (Gondur et al. "
                  "2024) in a padded Fourier basis of %lld coefficients per latent, with "
                  "Gaussian potentials per bin that combine with the prior exactly. "
                  "Shared directions are those along which the decoder changes.",
                  (long long)g->par.n_coefficients);
  nax_i_page_options(g->page, &nax_i_gpvae_table, &g->m->opts);
}

nax_status
nax_report_gpvae(nax_ctx *ctx, const nax_gpvae *m, const nax_gpvae_posterior *p,
                 const nax_report_gpvae_info *info, const nax_report_opts *opts,
                 const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  static const nax_report_gpvae_info nothing = {NULL, NULL, 0};
  page g = {.ctx = ctx, .m = m, .p = p, .info = info != NULL ? info : &nothing};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  NAX_REQUIRE(
      nax_gpvae_posterior_n_trials(p) == nax_gpvae_n_trials(m) &&
          (g.info->trials == NULL || g.info->trials->n_trials == nax_gpvae_n_trials(m)),
      NAX_EDIM, "latents or trials are not those of the fit (%lld trials)",
      (long long)nax_gpvae_n_trials(m));
  g.par = nax_gpvae_get(m);
  g.q = g.par.n_neural + g.par.n_shared + g.par.n_behaviour;
  g.bin = m->opts.bin;
  choose_trials(&g);
  g.page = nax_i_page_new(o.title != NULL ? o.title : "Latents of neurons and behaviour",
                          g.info->subject != NULL ? g.info->subject : "");
  NAX_REQUIRE(g.page != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.page, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.page, "latents-section", "Latents");
  NAX_TRY(latents_figure(&g));
  if (g.q > 1) {
    nax_index first = g.par.n_neural + g.par.n_shared > 1 && g.par.n_neural > 0
                          ? g.par.n_neural - 1
                          : 0;
    NAX_TRY(path_figure(&g, first, first + 1));
  }
  if (g.par.n_neurons > 0) {
    NAX_TRY(loadings_figure(&g));
  }
  NAX_TRY(latent_table(&g));
  if (g.info->trials != NULL) {
    nax_i_page_section(g.page, "reconstructions", "What the model says of the data");
    NAX_TRY(reconstructions(&g));
  }
  NAX_TRY(fit_section(&g));
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.page, &o, path));
done:
  nax_i_page_free(g.page);
  return status;
}
