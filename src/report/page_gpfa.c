/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about latent trajectories: latents over time, trajectories by condition, what
 * the latents are made of, how many there are. */
#include "gpfa/gpfa_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>
#include <stdlib.h>

typedef struct page {
  nax_ctx *ctx;
  const nax_gpfa *m;
  const nax_gpfa_posterior *p;
  const nax_report_gpfa_info *info;
  nax_i_page *page;
  nax_gpfa_params par;
  nax_index q, n_trials, longest;
  double *mean, *sd; /* q x longest x trial, NaN beyond the trial's end */
  double *time;      /* longest */
  nax_index n_groups;
  double *group; /* longest x q x group: mean over trials */
} page;

enum { MAX_LATENTS = 6, MAX_TRIALS = 24, ROW = 112 };

/* --- data for the pictures -------------------------------------------------------- */

static int32_t
group_of(const page *g, nax_index k)
{
  if (g->n_groups == 1) {
    return 0;
  }
  return g->info->condition[k] < g->n_groups ? g->info->condition[k] : -1;
}

static double
at(const page *g, const double *v, nax_index l, nax_index t, nax_index k)
{
  return v[l + (t + k * g->longest) * g->q];
}

/* Means over the trials of each condition, where at least half of them go on. */
static nax_status
group_means(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  NAX_TRY_ALLOC(g->group, g->longest * g->q, (size_t)g->n_groups * sizeof(double));
  for (nax_index c = 0; c < g->n_groups; c++) {
    nax_index members = 0;
    for (nax_index k = 0; k < g->n_trials; k++) {
      members += group_of(g, k) == c;
    }
    for (nax_index l = 0; l < g->q; l++) {
      for (nax_index t = 0; t < g->longest; t++) {
        double sum = 0.0;
        nax_index n = 0;
        for (nax_index k = 0; k < g->n_trials; k++) {
          double x = at(g, g->mean, l, t, k);
          if (group_of(g, k) == c && !isnan(x)) {
            sum += x;
            n++;
          }
        }
        g->group[t + (l + c * g->q) * g->longest] =
            n > 0 && 2 * n >= members ? sum / (double)n : (double)NAN;
      }
    }
  }
done:
  return status;
}

static nax_status
prepare(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  for (nax_index k = 0; k < g->n_trials; k++) {
    nax_index t = nax_gpfa_posterior_length(g->p, k);
    g->longest = t > g->longest ? t : g->longest;
  }
  nax_index n = g->q * g->longest;
  NAX_TRY_ALLOC(g->mean, n, (size_t)g->n_trials * sizeof(double));
  NAX_TRY_ALLOC(g->sd, n, (size_t)g->n_trials * sizeof(double));
  NAX_TRY_ALLOC(g->time, g->longest, sizeof(double));
  for (nax_index i = 0; i < n * g->n_trials; i++) {
    g->mean[i] = g->sd[i] = (double)NAN;
  }
  for (nax_index k = 0; k < g->n_trials; k++) {
    NAX_TRY(nax_gpfa_posterior_orthonormal(ctx, g->m, g->p, k, g->mean + k * n,
                                           g->sd + k * n));
  }
  double bin = nax_gpfa_options(g->m)->bin;
  for (nax_index t = 0; t < g->longest; t++) {
    g->time[t] = (g->info != NULL ? g->info->labels.start : 0.0) + bin * (double)t;
  }
  g->n_groups = g->info != NULL && g->info->condition != NULL && g->info->n_conditions > 0
                    ? g->info->n_conditions
                    : 1;
  NAX_TRY(group_means(g));
done:
  return status;
}

/* Every so many trials are drawn one by one. */
static nax_index
stride(const page *g)
{
  return (g->n_trials + MAX_TRIALS - 1) / MAX_TRIALS;
}

static int
colour_of(const page *g, int32_t group)
{
  return g->n_groups == 1 ? 0 : group < 0 ? NAX_I_MUTED : group % NAX_I_N_CATEGORIES;
}

static void
legend(const page *g, nax_i_fig *f, const nax_i_axes *a)
{
  nax_i_key keys[NAX_I_N_CATEGORIES];
  int n = 0;
  if (g->n_groups > 1 && g->info->condition_name != NULL) {
    for (; n < NAX_I_N_CATEGORIES && n < g->n_groups; n++) {
      keys[n] = (nax_i_key){
          g->info->condition_name[n], {.colour = colour_of(g, n), .width = 2.2}, 0};
    }
    nax_i_add_legend(f, a, n, keys);
  }
}

static void
caption_trials(const page *g, nax_i_fig *f)
{
  if (stride(g) > 1) {
    nax_i_fig_caption(f, " One trial in %lld is drawn.", (long long)stride(g));
  }
}

/* --- latents over time ----------------------------------------------------------------
 */

static nax_i_axes
row_axes(const page *g, nax_index l, nax_index rows, double lo, double hi, char *label)
{
  nax_i_axes a = {.left = 64.0,
                  .top = 34.0 + (double)l * ROW,
                  .width = NAX_I_FIG_WIDE - 84.0,
                  .height = ROW - 22.0,
                  .x = {.lo = g->time[0],
                        .hi = g->longest > 1 ? g->time[g->longest - 1]
                                             : g->time[0] + nax_gpfa_options(g->m)->bin,
                        .label = l == rows - 1 ? "Time" : NULL,
                        .unit = "s",
                        .no_ticks = l < rows - 1},
                  .y = {.lo = lo, .hi = hi, .label = label}};
  return a;
}

static nax_status
all_trials(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index rows = g->q < MAX_LATENTS ? g->q : MAX_LATENTS;
  double *y = NULL;
  NAX_TRY_ALLOC(y, g->longest, sizeof *y);
  nax_i_fig *f = nax_i_fig_new("latents", NAX_I_FIG_WIDE, (double)rows * ROW + 76.0,
                               "Latents over time");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  for (nax_index l = 0; l < rows; l++) {
    char label[32];
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (nax_index k = 0; k < g->n_trials; k += stride(g)) {
      for (nax_index t = 0; t < g->longest; t++) {
        double x = at(g, g->mean, l, t, k);
        lo = x < lo ? x : lo;
        hi = x > hi ? x : hi;
      }
    }
    nax_i_range(2, (double[]){lo, hi}, 1, &lo, &hi);
    snprintf(label, sizeof label, "Latent %lld", (long long)l + 1);
    nax_i_axes a = row_axes(g, l, rows, lo, hi, label);
    nax_i_add_hline(f, &a, 0.0, NULL, (nax_i_style){.colour = NAX_I_MUTED, .width = 0.6});
    for (nax_index k = 0; k < g->n_trials; k += stride(g)) {
      for (nax_index t = 0; t < g->longest; t++) {
        y[t] = at(g, g->mean, l, t, k);
      }
      nax_i_add_line(f, &a, g->longest, g->time, y,
                     (nax_i_style){.colour = colour_of(g, group_of(g, k)),
                                   .width = 0.8,
                                   .alpha = 0.35});
    }
    for (nax_index c = 0; c < g->n_groups; c++) {
      nax_i_add_line(f, &a, g->longest, g->time, g->group + (l + c * g->q) * g->longest,
                     (nax_i_style){.colour = colour_of(g, (int32_t)c), .width = 2.4});
    }
    nax_i_axes_draw(f, &a);
    if (l == 0) {
      legend(g, f, &a);
    }
  }
  nax_i_fig_desc(f, "One row per orthonormal latent, a thin line per trial, thick lines "
                    "for means over trials.");
  nax_i_fig_caption(f,
                    "Orthonormal latents, in the order of what they explain: single "
                    "trials, and means over the trials%s where at least half of them "
                    "go on.",
                    g->n_groups > 1 ? " of each condition" : "");
  caption_trials(g, f);
  if (rows < g->q) {
    nax_i_fig_caption(f, " The first %lld of %lld.", (long long)rows, (long long)g->q);
  }
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(y);
  return status;
}

typedef struct placed {
  nax_index length, trial;
} placed;

static int
by_length(const void *a, const void *b)
{
  const placed *x = a, *y = b;
  return x->length != y->length ? (x->length < y->length ? -1 : 1)
                                : (x->trial > y->trial) - (x->trial < y->trial);
}

/* The trial of median length, with bands. */
static nax_status
one_trial(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index rows = g->q < MAX_LATENTS ? g->q : MAX_LATENTS;
  double *y = NULL;
  placed *order = NULL;
  NAX_TRY_ALLOC(y, 3 * g->longest, sizeof *y);
  NAX_TRY_ALLOC(order, g->n_trials, sizeof *order);
  for (nax_index k = 0; k < g->n_trials; k++) {
    order[k] = (placed){nax_gpfa_posterior_length(g->p, k), k};
  }
  qsort(order, (size_t)g->n_trials, sizeof *order, by_length);
  nax_index k = order[g->n_trials / 2].trial, n = order[g->n_trials / 2].length;
  double *low = y + g->longest, *high = low + g->longest;
  nax_i_fig *f = nax_i_fig_new("trial", NAX_I_FIG_WIDE, (double)rows * ROW + 76.0,
                               "One trial with its uncertainty");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  for (nax_index l = 0; l < rows; l++) {
    char label[32];
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (nax_index t = 0; t < n; t++) {
      double x = at(g, g->mean, l, t, k), s = at(g, g->sd, l, t, k);
      y[t] = x;
      low[t] = x - 1.96 * s;
      high[t] = x + 1.96 * s;
      lo = fmin(lo, low[t]);
      hi = fmax(hi, high[t]);
    }
    nax_i_range(2, (double[]){lo, hi}, 1, &lo, &hi);
    snprintf(label, sizeof label, "Latent %lld", (long long)l + 1);
    nax_i_axes a = row_axes(g, l, rows, lo, hi, label);
    a.x.hi = n > 1 ? g->time[n - 1] : a.x.hi;
    nax_i_style s = {.colour = colour_of(g, group_of(g, k)), .width = 1.8};
    nax_i_style shade = s;
    shade.alpha = 0.25;
    nax_i_add_hline(f, &a, 0.0, NULL, (nax_i_style){.colour = NAX_I_MUTED, .width = 0.6});
    nax_i_add_band(f, &a, n, g->time, low, high, shade);
    nax_i_add_line(f, &a, n, g->time, y, s);
    nax_i_axes_draw(f, &a);
  }
  nax_i_fig_desc(f, "Posterior mean and 95 %% band of each latent in one trial.");
  nax_i_fig_caption(f,
                    "Trial %lld, of median length: posterior means and 95 %% bands "
                    "(mean \xc2\xb1 1.96 posterior standard deviations) of each "
                    "orthonormal latent.",
                    (long long)k + 1);
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(y);
  nax_i_free(order);
  return status;
}

/* --- trajectories ----------------------------------------------------------------------
 */

/* A view of the latents: each picture coordinate is a sum of latents. */
typedef struct projection {
  nax_index a, b, c; /* latents; c is -1 in two dimensions */
  double x[3], y[3];
} projection;

static void
project(const projection *v, const double *z, nax_index step, double *x, double *y)
{
  double all[3] = {z[v->a * step], z[v->b * step], v->c >= 0 ? z[v->c * step] : 0.0};
  *x = *y = 0.0;
  for (int i = 0; i < 3; i++) {
    *x += v->x[i] * all[i];
    *y += v->y[i] * all[i];
  }
}

/* Path number k (a trial, or with `mean` a condition) in picture coordinates. */
static nax_index
path(const page *g, const projection *v, nax_index k, int mean, double *x, double *y)
{
  nax_index n = 0;
  for (nax_index t = 0; t < g->longest; t++) {
    const double *z = mean ? g->group + t + k * g->q * g->longest
                           : g->mean + (t + k * g->longest) * g->q;
    if (!isnan(z[0])) {
      project(v, z, mean ? g->longest : 1, &x[n], &y[n]);
      n++;
    }
  }
  return n;
}

/* Three axes from the origin to where the picture ends. */
static void
draw_axes_3d(nax_i_fig *f, const nax_i_axes *a, const projection *v)
{
  for (int i = 0; i < 3; i++) {
    char text[24];
    double size = HUGE_VAL;
    for (int side = 0; side < 2; side++) {
      double step = side ? v->y[i] : v->x[i];
      double end = step > 0.0 ? (side ? a->y.hi : a->x.hi) : (side ? a->y.lo : a->x.lo);
      size = step != 0.0 ? fmin(size, 0.85 * end / step) : size;
    }
    double x[2] = {0.0, v->x[i] * size}, y[2] = {0.0, v->y[i] * size};
    nax_i_add_line(f, a, 2, x, y, (nax_i_style){.colour = NAX_I_MUTED, .width = 1.0});
    snprintf(text, sizeof text, "latent %d", i + 1);
    nax_i_add_text(f, nax_i_px(a, x[1]), nax_i_py(a, y[1]) - 4.0, 0, "t", text);
  }
}

static nax_status
trajectory(page *g, const projection *v, const char *id, const char *title)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL, lo[2] = {HUGE_VAL, HUGE_VAL}, hi[2] = {-HUGE_VAL, -HUGE_VAL};
  double marks = g->longest > 5 ? (double)g->longest / 5.0 : 1.0;
  NAX_TRY_ALLOC(x, 2 * g->longest, sizeof *x);
  double *y = x + g->longest;
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 400.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  for (int pass = 0; pass < 2; pass++) {
    for (nax_index k = 0; k < (pass ? g->n_groups : g->n_trials);
         k += pass ? 1 : stride(g)) {
      nax_index n = path(g, v, k, pass, x, y);
      for (nax_index t = 0; t < n; t++) {
        lo[0] = fmin(lo[0], x[t]);
        hi[0] = fmax(hi[0], x[t]);
        lo[1] = fmin(lo[1], y[t]);
        hi[1] = fmax(hi[1], y[t]);
      }
    }
  }
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 400.0);
  char name[2][32];
  snprintf(name[0], sizeof name[0], "Latent %lld", (long long)v->a + 1);
  snprintf(name[1], sizeof name[1], "Latent %lld", (long long)v->b + 1);
  nax_i_range(2, (double[]){lo[0], hi[0]}, v->c >= 0, &a.x.lo, &a.x.hi);
  nax_i_range(2, (double[]){lo[1], hi[1]}, v->c >= 0, &a.y.lo, &a.y.hi);
  if (v->c >= 0) {
    a.x.no_ticks = a.y.no_ticks = 1;
    a.boxed = 1;
    draw_axes_3d(f, &a, v);
  } else {
    a.x.label = name[0];
    a.y.label = name[1];
  }
  for (nax_index k = 0; k < g->n_trials; k += stride(g)) {
    nax_index n = path(g, v, k, 0, x, y);
    nax_i_add_line(f, &a, n, x, y,
                   (nax_i_style){.colour = colour_of(g, group_of(g, k)),
                                 .width = 0.7,
                                 .alpha = 0.3});
  }
  for (nax_index c = 0; c < g->n_groups; c++) {
    nax_index n = path(g, v, c, 1, x, y);
    nax_i_style s = {.colour = colour_of(g, (int32_t)c), .width = 2.4};
    nax_i_add_line(f, &a, n, x, y, s);
    s.width = 2.6;
    for (double t = marks; t < (double)n - 1.0; t += marks) {
      nax_i_add_points(f, &a, 1, x + (nax_index)t, y + (nax_index)t, NULL, s);
    }
    if (n > 0) {
      s.width = 5.0;
      nax_i_add_points(f, &a, 1, x, y, NULL, s);
      s.shape = 2;
      nax_i_add_points(f, &a, 1, x + n - 1, y + n - 1, NULL, s);
    }
  }
  nax_i_axes_draw(f, &a);
  legend(g, f, &a);
  nax_i_fig_desc(f,
                 "Paths of single trials (thin) and means (thick) through the latents.");
  nax_i_fig_caption(f,
                    "Paths from the disc to the triangle, dots each %.3g s: trials, and "
                    "means%s.",
                    (double)(nax_index)marks * nax_gpfa_options(g->m)->bin,
                    g->n_groups > 1 ? " of each condition" : "");
  caption_trials(g, f);
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  return status;
}

static nax_status
trajectories(page *g)
{
  nax_status status = NAX_OK;
  static const projection flat[] = {{0, 1, -1, {1, 0, 0}, {0, 1, 0}},
                                    {0, 2, -1, {1, 0, 0}, {0, 1, 0}},
                                    {1, 2, -1, {1, 0, 0}, {0, 1, 0}}};
  /* seen from the front, right and above */
  static const projection solid = {0, 1, 2, {0.866, -0.5, 0.0}, {-0.25, -0.433, 0.866}};
  static const char *const id[] = {"path-1-2", "path-1-3", "path-2-3"};
  static const char *const title[] = {"Latents 1 and 2", "Latents 1 and 3",
                                      "Latents 2 and 3"};
  if (g->q < 2) {
    return NAX_OK;
  }
  nax_i_page_section(g->page, "trajectories", "Trajectories");
  if (g->q >= 3) {
    NAX_TRY(trajectory(g, &solid, "path-3d", "Latents 1, 2 and 3"));
  }
  for (int i = 0; i < (g->q >= 3 ? 3 : 1); i++) {
    NAX_TRY(trajectory(g, &flat[i], id[i], title[i]));
  }
done:
  return status;
}

/* --- what the latents are -------------------------------------------------------------
 */

typedef struct loading {
  nax_index latent, neuron;
  double size;
} loading;

static int
by_latent(const void *a, const void *b)
{
  const loading *x = a, *y = b;
  return x->latent != y->latent ? (x->latent < y->latent ? -1 : 1)
         : x->size != y->size   ? (x->size > y->size ? -1 : 1)
                                : (x->neuron > y->neuron) - (x->neuron < y->neuron);
}

static nax_status
loadings(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = g->par.n_neurons, q = g->q, kept = 0;
  double *u = NULL, *v = NULL, lo, hi;
  loading *order = NULL;
  NAX_TRY_ALLOC(u, n * q, sizeof *u);
  NAX_TRY_ALLOC(v, n * q, sizeof *v);
  NAX_TRY_ALLOC(order, n, sizeof *order);
  NAX_TRY(nax_gpfa_orthonormal(ctx, g->m, u, NULL));
  for (nax_index i = 0; i < n; i++) {
    if (isnan(u[i])) {
      continue;
    }
    loading best = {0, i, u[i]};
    for (nax_index l = 1; l < q; l++) {
      if (fabs(u[i + l * n]) > fabs(best.size)) {
        best = (loading){l, i, u[i + l * n]};
      }
    }
    order[kept++] = best;
  }
  qsort(order, (size_t)kept, sizeof *order, by_latent);
  for (nax_index i = 0; i < kept; i++) {
    for (nax_index l = 0; l < q; l++) {
      v[i + l * kept] = u[order[i].neuron + l * n];
    }
  }
  NAX_REQUIRE(nax_i_colour_limits(kept * q, v, 0.5, 1, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  nax_i_fig *f = nax_i_fig_new("loadings", NAX_I_FIG_HALF, 420.0, "Loadings");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, 420.0);
  a.boxed = 1;
  a.x = (nax_i_side){
      .lo = 0.5, .hi = (double)q + 0.5, .label = "Orthonormal latent", .integers = 1};
  a.y = (nax_i_side){.lo = (double)kept, .hi = 0.0, .label = "Neurons, sorted"};
  nax_i_add_image(f, &a, kept, q, v, 1, kept, NAX_I_MAP_DIVERGING, lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, lo, hi, "Loading", NULL);
  nax_i_fig_desc(f, "Heat map of %lld neurons by %lld latents.", (long long)kept,
                 (long long)q);
  nax_i_fig_caption(f,
                    "Loadings of the neurons, sorted by the latent they load on most.");
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(u);
  nax_i_free(v);
  nax_i_free(order);
  return status;
}

static nax_status
explained(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index q = g->q;
  double *edges = NULL;
  int counts = nax_gpfa_options(g->m)->likelihood == NAX_GPFA_POISSON;
  NAX_TRY_ALLOC(edges, 4 * (q + 1), sizeof *edges);
  double *share = edges + q + 1, *sum = share + q + 1, *x = sum + q + 1, total = 0.0;
  for (nax_index l = 0; l < q; l++) {
    share[l] = 100.0 * g->info->explained[l];
    total += share[l];
    sum[l] = total;
    x[l] = (double)l + 1.0;
    edges[l] = (double)l + 0.5;
  }
  edges[q] = (double)q + 0.5;
  nax_i_fig *f =
      nax_i_fig_new("explained", NAX_I_FIG_HALF, 260.0,
                    counts ? "Variance of the log rates" : "Variance explained");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 260.0);
  a.grid = 1;
  a.x = (nax_i_side){
      .lo = 0.5, .hi = (double)q + 0.5, .label = "Orthonormal latent", .integers = 1};
  a.y = (nax_i_side){.lo = 0.0, .label = counts ? "Share" : "Explained", .unit = "%"};
  nax_i_range(q, sum, 1, &a.y.lo, &a.y.hi);
  nax_i_style bar = {.colour = 0}, line = {.colour = 1, .shape = 1};
  nax_i_axes_draw(f, &a);
  nax_i_add_bars(f, &a, q, edges, share, 0.0, 0.2, bar);
  nax_i_add_line(f, &a, q, x, sum, line);
  nax_i_add_points(f, &a, q, x, sum, NULL, line);
  nax_i_add_legend(f, &a, 2, (nax_i_key[]){{"each", bar, 2}, {"together", line, 0}});
  nax_i_fig_desc(f, "%lld latents, %.3g %% together.", (long long)q, total);
  if (counts) {
    nax_i_fig_caption(f, "Share of the variance of the log rates that lies in each "
                         "orthonormal latent.");
  } else {
    nax_i_fig_caption(f, "Share of the variance of all neurons that each orthonormal "
                         "latent explains, and their sum.");
  }
  nax_i_fig_columns(f, "latent", q,
                    (nax_i_column[]){{"latent", NULL, x}, {"explained", "%", share}}, 2);
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(edges);
  return status;
}

static nax_status
timescales(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index q = g->q;
  double *x = NULL, lo, hi;
  NAX_TRY_ALLOC(x, q, sizeof *x);
  for (nax_index l = 0; l < q; l++) {
    x[l] = (double)l + 1.0;
  }
  nax_i_fig *f = nax_i_fig_new("timescales", NAX_I_FIG_HALF, 260.0, "Length scales");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(q, g->par.tau, 1, &lo, &hi);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 260.0);
  a.grid = 1;
  a.x = (nax_i_side){
      .lo = 0.5, .hi = (double)q + 0.5, .label = "Latent of the model", .integers = 1};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = "Length scale", .unit = "s"};
  nax_i_style s = {.colour = 2, .width = 4.5};
  nax_i_axes_draw(f, &a);
  nax_i_add_points(f, &a, q, x, g->par.tau, NULL, s);
  nax_i_fig_desc(f, "Length scale of each of %lld latents.", (long long)q);
  nax_i_fig_caption(f, "Length scales of the latents of the model. Each orthonormal "
                       "latent is a mixture of them; where they are alike, the data do "
                       "not tell which is which.");
  nax_i_fig_columns(f, "latent", q,
                    (nax_i_column[]){{"latent", NULL, x},
                                     {"timescale", "s", g->par.tau},
                                     {"noise", NULL, g->par.noise}},
                    3);
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  return status;
}

/* --- how many, and whether it converged -------------------------------------------- */

static nax_status
how_many(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_table *t = g->info->numbers;
  const nax_gpfa_selection *s = &g->info->chosen;
  nax_index n = nax_table_n_rows(t);
  const double *number = nax_table_numbers(t, nax_table_find(t, "latents"));
  const double *score = nax_table_numbers(t, nax_table_find(t, "score"));
  const double *se = nax_table_numbers(t, nax_table_find(t, "score_se"));
  const double *predicted = nax_table_numbers(t, nax_table_find(t, "predicted"));
  double *y = NULL, lo, hi;
  NAX_REQUIRE(number && score && se && predicted && n > 0, NAX_EINVAL,
              "`numbers` is not a table of nax_gpfa_select");
  NAX_TRY_ALLOC(y, 3 * n, sizeof *y);
  double *low = y + n, *high = low + n, least = HUGE_VAL;
  for (nax_index i = 0; i < n; i++) {
    least = fmin(least, score[i]);
  }
  int counts = nax_gpfa_options(g->m)->likelihood == NAX_GPFA_POISSON;
  double unit = counts || !(least > 0.0) ? 1.0 : 100.0 / least;
  for (nax_index i = 0; i < n; i++) {
    y[i] = unit * (score[i] - least);
    low[i] = y[i] - unit * se[i];
    high[i] = y[i] + unit * se[i];
  }
  nax_i_page_section(g->page, "number", "How many latents");
  nax_i_page_lead(g->page,
                  s->latents == s->best
                      ? "Cross-validation asks for %lld latent%s."
                      : "Cross-validation asks for %lld latent%s: the best score is that "
                        "of %lld, but no better by more than a standard error.",
                  (long long)s->latents, s->latents > 1 ? "s" : "", (long long)s->best);
  if ((double)s->best >= number[n - 1]) {
    nax_i_page_note(g->page, NAX_SUGGESTION, "gpfa.most-latents",
                    "The best score is that of the largest number tried: more "
                    "(latents-max) may predict better still.");
  }
  if (predicted[s->latents - (int64_t)number[0]] <= 0.0) {
    nax_i_page_note(g->page, NAX_SUGGESTION, "gpfa.no-prediction",
                    "With so many latents held-out neurons are told no better than by "
                    "their means.");
  }
  nax_i_side x = {.lo = number[0] - 0.5,
                  .hi = number[n - 1] + 0.5,
                  .label = "Latents",
                  .integers = 1};
  nax_i_style line = {.colour = 0};
  nax_i_fig *f =
      nax_i_fig_new("number-score", NAX_I_FIG_HALF, 280.0, "Cross-validation score");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(3 * n, y, 1, &lo, &hi);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 280.0);
  a.grid = 1;
  a.x = x;
  a.y = (nax_i_side){.lo = lo,
                     .hi = hi,
                     .label = counts ? "Worse than the best" : "Excess error",
                     .unit = counts ? "nats" : "%"};
  nax_i_axes_draw(f, &a);
  nax_i_add_vline(f, &a, (double)g->q, NULL, (nax_i_style){.colour = NAX_I_MUTED});
  nax_i_add_whiskers(f, &a, n, number, low, high, line);
  nax_i_add_line(f, &a, n, number, y, line);
  nax_i_add_points(f, &a, n, number, y, NULL, line);
  nax_i_fig_desc(f, "Score of %lld numbers of latents.", (long long)n);
  nax_i_fig_caption(
      f, counts
             ? "Minus the evidence bound of held-out trials, above that of the best "
               "number, with standard errors over trials. The rule marks the number used."
             : "Squared error of predicting each neuron of held-out trials from the "
               "others, in excess of that of the best number, with standard errors of "
               "the difference over trials. The rule marks the number used.");
  nax_i_page_figure(g->page, f);
  if (!counts) {
    f = nax_i_fig_new("number-predicted", NAX_I_FIG_HALF, 280.0, "Predicted share");
    NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
    for (nax_index i = 0; i < n; i++) {
      y[i] = 100.0 * predicted[i];
    }
    nax_i_range(n, y, 0, &lo, &hi);
    a.y = (nax_i_side){.lo = lo, .hi = hi, .label = "Predicted", .unit = "%"};
    nax_i_axes_draw(f, &a);
    nax_i_add_vline(f, &a, (double)g->q, NULL, (nax_i_style){.colour = NAX_I_MUTED});
    nax_i_add_line(f, &a, n, number, y, line);
    nax_i_add_points(f, &a, n, number, y, NULL, line);
    nax_i_fig_desc(f, "Share of variance predicted for %lld numbers of latents.",
                   (long long)n);
    nax_i_fig_caption(f,
                      "Share of the variance of held-out trials that the other neurons "
                      "predict through the latents.");
    nax_i_page_figure(g->page, f);
  }
  nax_i_page_details(g->page, "Numbers for each number of latents", t, 0);
done:
  nax_i_free(y);
  return status;
}

static nax_status
convergence(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n;
  double *x = NULL, lo, hi;
  const double *trace = nax_gpfa_trace(g->m, &n);
  if (n < 2) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(x, 2 * n, sizeof *x);
  double *gain = x + n, most = 0.0;
  for (nax_index i = 0; i < n; i++) {
    x[i] = (double)i + 1.0;
    gain[i] = trace[i] - trace[0];
    most = fmax(most, fabs(gain[i]));
  }
  for (nax_index i = 0; i < n && most >= 1e4; i++) {
    gain[i] *= 1e-3;
  }
  nax_i_page_section(g->page, "convergence", "Convergence");
  nax_i_fig *f = nax_i_fig_new("likelihood", NAX_I_FIG_HALF, 260.0, "Log likelihood");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(n, gain, 0, &lo, &hi);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 260.0);
  a.grid = 1;
  a.x = (nax_i_side){.lo = 1.0, .hi = (double)n, .label = "Iteration", .integers = 1};
  a.y = (nax_i_side){
      .lo = lo, .hi = hi, .label = "Gain", .unit = most >= 1e4 ? "1000 nats" : "nats"};
  nax_i_axes_draw(f, &a);
  nax_i_add_line(f, &a, n, x, gain, (nax_i_style){.colour = 0});
  nax_i_fig_desc(f, "Log likelihood over %lld iterations.", (long long)n);
  nax_i_fig_caption(f, "%s before each iteration, above that before the first.",
                    nax_gpfa_options(g->m)->likelihood == NAX_GPFA_POISSON
                        ? "Evidence bound"
                        : "Log likelihood");
  nax_i_fig_columns(
      f, "iteration", n,
      (nax_i_column[]){{"iteration", NULL, x}, {"log_likelihood", NULL, trace}}, 2);
  nax_i_page_figure(g->page, f);
done:
  nax_i_free(x);
  return status;
}

/* --- in words -------------------------------------------------------------------------
 */

static void
summary(page *g)
{
  char text[80], number[48];
  nax_index bins = 0, kept = 0, shortest = g->longest;
  double total = 0.0;
  int counts = nax_gpfa_options(g->m)->likelihood == NAX_GPFA_POISSON;
  for (nax_index k = 0; k < g->n_trials; k++) {
    nax_index t = nax_gpfa_posterior_length(g->p, k);
    bins += t;
    shortest = t < shortest ? t : shortest;
  }
  for (nax_index i = 0; i < g->par.n_neurons; i++) {
    kept += !isnan(g->par.d[i]);
  }
  for (nax_index l = 0; g->info != NULL && g->info->explained != NULL && l < g->q; l++) {
    total += g->info->explained[l];
  }
  nax_i_human(number, 100.0 * total, 3);
  if (total > 0.0 && !counts) {
    nax_i_page_lead(
        g->page,
        "%lld smooth latent%s %s %% of the variance of %lld neurons in %lld trials.",
        (long long)g->q, g->q > 1 ? "s explain" : " explains", number, (long long)kept,
        (long long)g->n_trials);
  } else {
    nax_i_page_lead(g->page, "%lld smooth latent%s of %lld neurons in %lld trials.",
                    (long long)g->q, g->q > 1 ? "s" : "", (long long)kept,
                    (long long)g->n_trials);
  }
  snprintf(text, sizeof text, "%lld", (long long)g->q);
  nax_i_page_tile(g->page, text, "latents");
  if (total > 0.0 && !counts) {
    snprintf(text, sizeof text, "%.40s %%", number);
    nax_i_page_tile(g->page, text, "explained");
  }
  snprintf(text, sizeof text, "%lld", (long long)g->n_trials);
  nax_i_page_tile(g->page, text, "trials");
  if (shortest == g->longest) {
    snprintf(text, sizeof text, "%lld", (long long)shortest);
  } else {
    snprintf(text, sizeof text, "%lld\xe2\x80\x93%lld", (long long)shortest,
             (long long)g->longest);
  }
  nax_i_page_tile(g->page, text, "bins in a trial");
  if (nax_gpfa_stop(g->m) == NAX_STOP_NUMERIC) {
    nax_i_page_note(g->page, NAX_VIOLATION, "gpfa.numeric",
                    "The fit stopped where no further step had a finite likelihood.");
  } else if (nax_gpfa_stop(g->m) != NAX_STOP_TOL) {
    int plain = !counts && nax_gpfa_options(g->m)->optimiser == NAX_GPFA_EM;
    nax_i_page_note(g->page, NAX_SUGGESTION, "gpfa.not-converged",
                    plain ? "The fit stopped before it converged: raise max-iter, or use "
                            "optimiser em+lbfgs."
                          : "The fit stopped before it converged: raise max-iter.");
  }
  if (nax_gpfa_n_floored(g->m) > 0) {
    snprintf(text, sizeof text, "The noise of %lld neurons lies on its floor.",
             (long long)nax_gpfa_n_floored(g->m));
    nax_i_page_note(g->page, NAX_INFO, "gpfa.floor", text);
  }
  const nax_i_gpfa_alike *alike = &g->m->alike;
  if (alike->n_pairs > 0) {
    snprintf(text, sizeof text, "Neurons %lld and %lld%s are alike.",
             (long long)alike->first[0], (long long)alike->first[1],
             alike->n_pairs > 1 ? ", and other pairs," : "");
    nax_i_page_note(g->page, NAX_SUGGESTION, "gpfa.duplicate", text);
  }
  if (kept < g->par.n_neurons) {
    snprintf(text, sizeof text, "%lld neurons never change and are left out.",
             (long long)(g->par.n_neurons - kept));
    nax_i_page_note(g->page, NAX_INFO, "gpfa.silent", text);
  }
}

static void
method(page *g)
{
  const nax_gpfa_opts *o = nax_gpfa_options(g->m);
  nax_i_page_section(g->page, "method", "Method");
  nax_i_page_text(g->page,
                  "Gaussian-process factor analysis (Yu, Cunningham, Santhanam, Ryu, "
                  "Shenoy & Sahani 2009, J Neurophysiol 102): neurons are linear in "
                  "latents that are smooth in time, each with its own length scale. "
                  "%s Latents are shown orthonormalised: turned so that the loadings are "
                  "orthonormal and ordered by the covariance they explain.",
                  o->likelihood == NAX_GPFA_POISSON
                      ? "Counts are Poisson with exponential rates; the posterior is the "
                        "Gaussian that maximises the evidence bound (Khan & Lin 2017)."
                      : "The posterior is exact for trials of any lengths.");
  nax_i_page_options(g->page, &nax_i_gpfa_table, o);
}

nax_status
nax_report_gpfa(nax_ctx *ctx, const nax_gpfa *m, const nax_gpfa_posterior *p,
                const nax_report_gpfa_info *info, const nax_report_opts *opts,
                const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx, .m = m, .p = p, .info = info, .par = nax_gpfa_get(m)};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  g.q = g.par.n_latents;
  g.n_trials = nax_gpfa_posterior_n_trials(p);
  NAX_REQUIRE(nax_gpfa_posterior_n_latents(p) == g.q, NAX_EINVAL,
              "`p` has %lld latents, the model %lld",
              (long long)nax_gpfa_posterior_n_latents(p), (long long)g.q);
  NAX_TRY(prepare(&g));
  g.page = nax_i_page_new(o.title != NULL ? o.title : "Latent trajectories",
                          info != NULL && info->subject != NULL ? info->subject : "");
  NAX_REQUIRE(g.page != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.page, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.page, "time", "Latents over time");
  NAX_TRY(all_trials(&g));
  NAX_TRY(one_trial(&g));
  NAX_TRY(trajectories(&g));
  nax_i_page_section(g.page, "make-up", "What the latents are");
  NAX_TRY(loadings(&g));
  if (info != NULL && info->explained != NULL) {
    NAX_TRY(explained(&g));
  }
  NAX_TRY(timescales(&g));
  if (info != NULL && info->numbers != NULL) {
    NAX_TRY(how_many(&g));
  }
  NAX_TRY(convergence(&g));
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.page, &o, path));
done:
  nax_i_free(g.mean);
  nax_i_free(g.sd);
  nax_i_free(g.time);
  nax_i_free(g.group);
  nax_i_page_free(g.page);
  return status;
}
