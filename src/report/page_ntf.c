/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a tensor factorisation: one row of small plots per component, whether
 * the starts agree, how many components the data support. */
#include "ntf/ntf_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>
#include <stdlib.h>

typedef struct page {
  nax_ctx *ctx;
  const nax_ntf *m;
  const nax_axis *const *axes; /* N entries, or NULL */
  const nax_report_ntf_info *info;
  nax_i_page *p;
  int64_t rank;
  int32_t n_modes;
  double *share;    /* of the model, for each component */
  nax_index *order; /* of the positions of the sorted mode */
  int32_t sorted;   /* mode drawn in that order (neurons), or -1 */
} page;

enum { ROW = 74, MAX_ROWS = 24, LABELS = 40 };

static const char *
mode_name(const page *g, int32_t k)
{
  static const char *const plain[] = {"mode 1", "mode 2", "mode 3",
                                      "mode 4", "mode 5", "mode 6"};
  return g->axes != NULL ? nax_axis_name(g->axes[k]) : plain[k];
}

static int
is_line(const page *g, int32_t k)
{
  if (g->axes == NULL) {
    return 0;
  }
  nax_axis_kind kind = nax_axis_get_kind(g->axes[k]);
  return kind == NAX_AXIS_REGULAR || kind == NAX_AXIS_COORDS ||
         strcmp(nax_axis_name(g->axes[k]), "time") == 0;
}

static const char *
position_label(const page *g, int32_t k, nax_index i, char buf[48])
{
  const char *label = g->axes != NULL ? nax_axis_label(g->axes[k], i) : NULL;
  if (label != NULL && label[0] != '\0') {
    return label;
  }
  double at = g->axes != NULL ? nax_axis_coord(g->axes[k], i) : (double)i;
  nax_i_human(buf, at, 6);
  return buf;
}

/* Share of the model's sum of squares that a component accounts for, overlaps split: the
 * shares add up to one. */
static nax_status
find_shares(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const double *w = nax_ntf_weights(g->m);
  double all = 0.0;
  NAX_TRY_ALLOC(g->share, g->rank, sizeof *g->share);
  for (int64_t r = 0; r < g->rank; r++) {
    for (int64_t q = 0; q < g->rank; q++) {
      double v = w[r] * w[q];
      for (int32_t k = 0; k < g->n_modes; k++) {
        nax_index n = nax_ntf_dim(g->m, k);
        const double *x = nax_ntf_factor(g->m, k) + r * n;
        const double *y = nax_ntf_factor(g->m, k) + q * n;
        double dot = 0.0;
        for (nax_index i = 0; i < n; i++) {
          dot += x[i] * y[i];
        }
        v *= dot;
      }
      g->share[r] += v;
    }
    all += g->share[r];
  }
  for (int64_t r = 0; r < g->rank && all > 0.0; r++) {
    g->share[r] /= all;
  }
done:
  return status;
}

typedef struct placed {
  int64_t component;
  double loading;
  nax_index at;
} placed;

static int
by_component(const void *a, const void *b)
{
  const placed *x = a, *y = b;
  if (x->component != y->component) {
    return x->component < y->component ? -1 : 1;
  }
  return x->loading > y->loading   ? -1
         : x->loading < y->loading ? 1
                                   : (x->at > y->at) - (x->at < y->at);
}

/* Positions of the mode that has no order of its own (neurons), grouped by the component
 * they load on most, weights included. */
static nax_status
find_order(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  placed *p = NULL;
  g->sorted = -1;
  for (int32_t k = g->n_modes - 1; k >= 0; k--) {
    g->sorted = !is_line(g, k) && nax_ntf_dim(g->m, k) > 2 * g->rank ? k : g->sorted;
  }
  if (g->sorted < 0) {
    return NAX_OK;
  }
  nax_index n = nax_ntf_dim(g->m, g->sorted);
  const double *f = nax_ntf_factor(g->m, g->sorted), *w = nax_ntf_weights(g->m);
  NAX_TRY_ALLOC(p, n, sizeof *p);
  NAX_TRY_ALLOC(g->order, n, sizeof *g->order);
  for (nax_index i = 0; i < n; i++) {
    p[i] = (placed){0, -1.0, i};
    for (int64_t r = 0; r < g->rank; r++) {
      double v = w[r] * fabs(f[i + r * n]);
      if (v > p[i].loading) {
        p[i].component = r;
        p[i].loading = v;
      }
    }
  }
  qsort(p, (size_t)n, sizeof *p, by_component);
  for (nax_index i = 0; i < n; i++) {
    g->order[i] = p[i].at;
  }
done:
  nax_i_free(p);
  return status;
}

/* ------------------------------------------------------------------ the triptych */

/* x and y of one small plot; edges has one entry more. */
typedef struct profile {
  double *x, *y, *edges;
  nax_index n;
} profile;

static void
fill_profile(const page *g, int32_t k, int64_t r, profile *out)
{
  nax_index n = nax_ntf_dim(g->m, k);
  const double *f = nax_ntf_factor(g->m, k) + r * n;
  out->n = n;
  for (nax_index i = 0; i < n; i++) {
    nax_index at = k == g->sorted ? g->order[i] : i;
    out->x[i] =
        is_line(g, k) && g->axes != NULL ? nax_axis_coord(g->axes[k], i) : (double)i;
    out->y[i] = f[at];
    out->edges[i] = (double)i - 0.5;
  }
  out->edges[n] = (double)n - 0.5;
}

static void
draw_profile(const page *g, nax_i_fig *f, int32_t k, int64_t r, int64_t row, int64_t rows,
             double left, double width, profile *pr)
{
  double lo = 0.0, hi = 1.0;
  fill_profile(g, k, r, pr);
  nax_i_range(pr->n, pr->y, 1, &lo, &hi);
  int line = is_line(g, k), last = row == rows - 1;
  nax_i_axes a = {
      .left = left,
      .top = 30.0 + (double)row * ROW,
      .width = width,
      .height = ROW - 18.0,
      .x = {.lo = line ? pr->x[0] : pr->edges[0],
            .hi = line ? pr->x[pr->n - 1] : pr->edges[pr->n],
            .label = last ? mode_name(g, k) : NULL,
            .unit = line && g->axes != NULL ? nax_axis_unit(g->axes[k]) : NULL,
            .no_ticks = !last,
            .integers = !line},
      .y = {.lo = lo, .hi = hi, .no_ticks = 1}};
  if (a.x.hi <= a.x.lo) {
    a.x.hi = a.x.lo + 1.0;
  }
  nax_i_style s = {.colour = (int)(r % NAX_I_N_CATEGORIES), .width = 1.2};
  if (line && g->info != NULL) {
    nax_i_style shade = {.colour = NAX_I_MUTED, .alpha = 0.25};
    for (nax_index e = 0; e < g->info->n_events; e++) {
      nax_i_add_span(f, &a, g->info->event_start[e], g->info->event_stop[e], shade);
    }
  }
  if (line) {
    nax_i_add_line(f, &a, pr->n, pr->x, pr->y, s);
  } else {
    nax_i_add_bars(f, &a, pr->n, pr->edges, pr->y, 0.0, pr->n > 200 ? 0.0 : 0.15, s);
  }
  nax_i_axes_draw(f, &a);
}

static nax_status
triptych(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  profile pr = {NULL, NULL, NULL, 0};
  nax_index longest = 0;
  int64_t rows = g->rank < MAX_ROWS ? g->rank : MAX_ROWS;
  double weight[NAX_I_NTF_MAX_MODES], sum = 0.0;
  for (int32_t k = 0; k < g->n_modes; k++) {
    nax_index n = nax_ntf_dim(g->m, k);
    longest = n > longest ? n : longest;
    weight[k] = n < 30 ? 1.0 : is_line(g, k) ? 2.2 : 1.8;
    sum += weight[k];
  }
  NAX_TRY_ALLOC(pr.x, longest, sizeof(double));
  NAX_TRY_ALLOC(pr.y, longest, sizeof(double));
  NAX_TRY_ALLOC(pr.edges, longest + 1, sizeof(double));
  double room = NAX_I_FIG_WIDE - 70.0 - 18.0 * g->n_modes;
  nax_i_fig *f = nax_i_fig_new("components", NAX_I_FIG_WIDE, (double)rows * ROW + 80.0,
                               "Components");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  double left = 64.0;
  for (int32_t k = 0; k < g->n_modes; k++) {
    double width = room * weight[k] / sum;
    nax_i_add_text(f, left, 18.0, -1, "h", mode_name(g, k));
    for (int64_t r = 0; r < rows; r++) {
      draw_profile(g, f, k, r, r, rows, left, width, &pr);
    }
    left += width + 18.0;
  }
  for (int64_t r = 0; r < rows; r++) {
    char text[32], share[48];
    double y = 30.0 + (double)r * ROW;
    snprintf(text, sizeof text, "%lld", (long long)r + 1);
    nax_i_add_text(f, 8.0, y + 24.0, -1, "h", text);
    nax_i_human(share, 100.0 * g->share[r], 2);
    snprintf(text, sizeof text, "%.20s %%", share);
    nax_i_add_text(f, 8.0, y + 40.0, -1, "t", text);
  }
  nax_i_fig_desc(f,
                 "One row per component, %lld in all, by descending weight; one column "
                 "per mode.",
                 (long long)g->rank);
  nax_i_fig_caption(f,
                    "Profiles of each component over %d modes, each of unit norm, with "
                    "its share of the model.",
                    (int)g->n_modes);
  if (g->sorted >= 0) {
    nax_i_fig_caption(f, " %s is ordered by the component each position loads on most.",
                      mode_name(g, g->sorted));
  }
  if (rows < g->rank) {
    nax_i_fig_caption(f, " The first %lld of %lld are drawn.", (long long)rows,
                      (long long)g->rank);
  }
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(pr.x);
  nax_i_free(pr.y);
  nax_i_free(pr.edges);
  return status;
}

/* Loadings of the sorted mode as one picture, rows in the order of the triptych. */
static nax_status
loadings(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *v = NULL, lo = 0.0, hi = 1.0;
  if (g->sorted < 0) {
    return NAX_OK;
  }
  nax_index n = nax_ntf_dim(g->m, g->sorted);
  const double *f = nax_ntf_factor(g->m, g->sorted);
  NAX_TRY_ALLOC(v, n * g->rank, sizeof *v);
  int negative = 0;
  for (nax_index i = 0; i < n; i++) {
    for (int64_t r = 0; r < g->rank; r++) {
      v[i + r * n] = f[g->order[i] + r * n];
      negative = negative || v[i + r * n] < 0.0;
    }
  }
  NAX_REQUIRE(nax_i_colour_limits(n * g->rank, v, 0.5, negative, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  lo = negative ? lo : 0.0;
  nax_i_fig *fig = nax_i_fig_new("loadings", NAX_I_FIG_HALF, 420.0, "Loadings");
  NAX_REQUIRE(fig != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, 420.0);
  a.boxed = 1;
  a.x = (nax_i_side){
      .lo = 0.5, .hi = (double)g->rank + 0.5, .label = "Component", .integers = 1};
  a.y = (nax_i_side){.lo = (double)n, .hi = 0.0, .label = mode_name(g, g->sorted)};
  nax_i_map map = negative ? NAX_I_MAP_DIVERGING : NAX_I_MAP_VIRIDIS;
  nax_i_add_image(fig, &a, n, g->rank, v, 1, n, map, lo, hi, 0);
  nax_i_axes_draw(fig, &a);
  nax_i_add_colourbar(fig, &a, map, lo, hi, "Loading", NULL);
  nax_i_fig_desc(fig, "Heat map of %lld positions by %lld components.", (long long)n,
                 (long long)g->rank);
  nax_i_fig_caption(fig, "Loadings of %s on each component, grouped by the largest.",
                    mode_name(g, g->sorted));
  nax_i_page_figure(g->p, fig);
done:
  nax_i_free(v);
  return status;
}

static const double *
numbers(const nax_table *t, const char *name)
{
  return nax_table_numbers(t, nax_table_find(t, name));
}

/* Which positions carry a component: a table for people. */
static nax_status
component_table(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_table *t = NULL;
  double *column = NULL;
  char **text = NULL;
  const double *w = nax_ntf_weights(g->m);
  NAX_TRY_ALLOC(column, g->rank, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "component", g->rank, &t));
  for (int64_t r = 0; r < g->rank; r++) {
    column[r] = (double)r + 1.0;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "component", NULL, column));
  NAX_TRY(nax_table_add_numbers(ctx, t, "weight", NULL, w));
  for (int64_t r = 0; r < g->rank; r++) {
    column[r] = 100.0 * g->share[r];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "share", "%", column));
  if (g->info != NULL && g->info->null != NULL) {
    const double *concord = numbers(g->info->null, "concord");
    const double *p = numbers(g->info->null, "p");
    NAX_REQUIRE(concord && p && nax_table_n_rows(g->info->null) == g->rank, NAX_EINVAL,
                "`null` is not the table of nax_ntf_null for this fit");
    NAX_TRY(nax_table_add_numbers(ctx, t, "concord", NULL, concord));
    NAX_TRY(nax_table_add_numbers(ctx, t, "p (shifted in time)", NULL, p));
  }
  for (int32_t k = 0; k < g->n_modes; k++) {
    nax_index n = nax_ntf_dim(g->m, k);
    char name[80], buf[48];
    nax_i_free_strings(text, g->rank);
    NAX_TRY_ALLOC(text, g->rank, sizeof *text);
    for (int64_t r = 0; r < g->rank; r++) {
      const double *f = nax_ntf_factor(g->m, k) + r * n;
      nax_index best = 0;
      for (nax_index i = 1; i < n; i++) {
        best = fabs(f[i]) > fabs(f[best]) ? i : best;
      }
      NAX_TRY_DUP(text[r], position_label(g, k, best, buf));
    }
    snprintf(name, sizeof name, "peak in %.60s", mode_name(g, k));
    NAX_TRY(nax_table_add_text(ctx, t, name, (const char *const *)text));
  }
  nax_i_page_table(g->p, "component-table", "Where each component is largest", t, 1, 0,
                   NULL);
done:
  nax_i_free_strings(text, text != NULL ? g->rank : 0);
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

/* ---------------------------------------------------------- trust and the rank */

static nax_i_axes
half_axes(double height)
{
  return nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, height);
}

static const char *
trace_label(const page *g)
{
  return nax_i_ntf_options(g->m)->loss == NAX_NTF_FROBENIUS ? "Relative error" : "Loss";
}

static nax_status
trace_figure(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL, lo, hi;
  nax_index n;
  const double *trace = nax_ntf_trace(g->m, &n);
  NAX_TRY_ALLOC(x, n, sizeof *x);
  for (nax_index i = 0; i < n; i++) {
    x[i] = (double)i + 1.0;
  }
  nax_i_fig *f = nax_i_fig_new("trace", NAX_I_FIG_HALF, 260.0, "Convergence");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(n, trace, 0, &lo, &hi);
  nax_i_axes a = half_axes(260.0);
  a.x = (nax_i_side){
      .lo = 1.0, .hi = n > 1 ? (double)n : 2.0, .label = "Sweep", .integers = 1};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = trace_label(g)};
  a.grid = 1;
  nax_i_add_line(f, &a, n, x, trace, (nax_i_style){.colour = 0});
  nax_i_axes_draw(f, &a);
  nax_i_fig_desc(f, "%s over %lld sweeps.", trace_label(g), (long long)n);
  nax_i_fig_caption(f, "%s after each sweep of the best start.", trace_label(g));
  nax_i_fig_columns(f, "sweep", n,
                    (nax_i_column[]){{"sweep", NULL, x}, {"error", NULL, trace}}, 2);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(x);
  return status;
}

static nax_status
restart_figure(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *error = NULL, *cosine = NULL, *product = NULL, lo, hi;
  int64_t n = nax_ntf_n_restarts(g->m);
  NAX_TRY_ALLOC(error, n, sizeof *error);
  NAX_TRY_ALLOC(cosine, n, sizeof *cosine);
  NAX_TRY_ALLOC(product, n, sizeof *product);
  for (int64_t i = 0; i < n; i++) {
    error[i] = nax_ntf_restart_error(g->m, i);
    cosine[i] = nax_ntf_restart_similarity(g->m, i, 0);
    product[i] = nax_ntf_restart_similarity(g->m, i, 1);
  }
  nax_i_fig *f =
      nax_i_fig_new("restarts", NAX_I_FIG_HALF, 260.0, "Agreement of the starts");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(n, error, 0, &lo, &hi);
  nax_i_axes a = half_axes(260.0);
  a.x = (nax_i_side){.lo = lo, .hi = hi, .label = "Relative error"};
  a.y = (nax_i_side){.lo = 0.0, .hi = 1.02, .label = "Similarity to the best"};
  a.grid = 1;
  nax_i_style mean = {.colour = 0, .shape = 0}, prod = {.colour = 1, .shape = 2};
  nax_i_add_points(f, &a, n, error, cosine, NULL, mean);
  nax_i_add_points(f, &a, n, error, product, NULL, prod);
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, 2,
                   (nax_i_key[]){{"mean cosine", mean, 1}, {"product", prod, 1}});
  nax_i_fig_desc(f, "Error and similarity of %lld random starts.", (long long)n);
  nax_i_fig_caption(f,
                    "Each random start: its error, and how alike its components are to "
                    "those of the best start (1: the same).");
  nax_i_fig_columns(f, "restart", n,
                    (nax_i_column[]){{"error", NULL, error},
                                     {"similarity_mean_cosine", NULL, cosine},
                                     {"similarity_product", NULL, product}},
                    3);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(error);
  nax_i_free(cosine);
  nax_i_free(product);
  return status;
}

/* ------------------------------------------------------------------- in words */

/* A component that is even over every mode is the level of the data, not a group. */
static int
is_background(const page *g, int64_t r)
{
  for (int32_t k = 0; k < g->n_modes; k++) {
    nax_index n = nax_ntf_dim(g->m, k);
    const double *f = nax_ntf_factor(g->m, k) + r * n;
    double sum = 0.0, squares = 0.0;
    for (nax_index i = 0; i < n; i++) {
      sum += f[i];
      squares += f[i] * f[i];
    }
    if (!(sum > 0.9 * sqrt((double)n * squares))) { /* cosine to a constant */
      return 0;
    }
  }
  return 1;
}

static void
say_background(page *g)
{
  for (int64_t r = 0; r < g->rank; r++) {
    if (is_background(g, r)) {
      nax_i_page_text(g->p,
                      "Component %lld is even over every mode: the level that the data "
                      "stand on (the mean of rectified noise, a baseline), not a group. "
                      "Subtracting a baseline removes it.",
                      (long long)r + 1);
    }
  }
}

static void
summary(page *g)
{
  char number[48], shape[160] = "";
  size_t used = 0;
  for (int32_t k = 0; k < g->n_modes && used < sizeof shape; k++) {
    int n =
        snprintf(shape + used, sizeof shape - used, "%s%lld %.30s", k ? " \xc3\x97 " : "",
                 (long long)nax_ntf_dim(g->m, k), mode_name(g, k));
    used += n > 0 ? (size_t)n : 0;
  }
  double e = nax_ntf_error(g->m);
  nax_i_human(number, 100.0 * (1.0 - e * e), 3);
  nax_i_page_lead(g->p, "%lld component%s for %s %% of the sum of squares of %s.",
                  (long long)g->rank, g->rank == 1 ? " accounts" : "s account", number,
                  shape);
  char text[64];
  snprintf(text, sizeof text, "%lld", (long long)g->rank);
  nax_i_page_tile(g->p, text, "components");
  snprintf(text, sizeof text, "%s %%", number);
  nax_i_page_tile(g->p, text, "explained");
  int64_t n = nax_ntf_n_restarts(g->m), alike = 0;
  for (int64_t i = 0; i < n; i++) {
    alike += nax_ntf_restart_similarity(g->m, i, 0) >= 0.95;
  }
  snprintf(text, sizeof text, "%lld of %lld", (long long)alike, (long long)n);
  nax_i_page_tile(g->p, text, "starts with the same components");
  if (nax_ntf_stop(g->m) != NAX_STOP_TOL) {
    nax_i_page_note(g->p, NAX_VIOLATION, "ntf.not-converged",
                    "The best start stopped before it converged: raise max-iter.");
  }
  if (n > 1 && 2 * alike < n) {
    nax_i_page_note(g->p, NAX_VIOLATION, "ntf.starts-differ",
                    "Most starts found other components: the rank is likely too large, "
                    "or the data do not determine them.");
  }
}

static void
method(page *g)
{
  const nax_ntf_opts *o = nax_i_ntf_options(g->m);
  nax_i_page_section(g->p, "method", "Method");
  nax_i_page_text(
      g->p,
      o->loss != NAX_NTF_FROBENIUS
          ? "Non-negative tensor factorisation (canonical polyadic form) under a "
            "beta-divergence (kl: Poisson counts), by multiplicative updates that never "
            "raise it (Fevotte & Idier 2011). As used on recordings: Williams et al. 2018, "
            "Neuron 98."
          : "Non-negative tensor factorisation (canonical polyadic form, least "
            "squares), alternating over the modes with near-exact row-wise updates "
            "(Cichocki & Phan 2009; Kim & Park 2011), extrapolation once progress "
            "stalls (Ang et al. 2020); modes that are smooth or bounded by alternating "
            "directions (Huang et al. 2016). As used on recordings: Williams et al. 2018, "
            "Neuron 98.");
  if (g->info != NULL && g->info->null != NULL) {
    nax_i_page_text(g->p,
                    "Concord is the variance of a component's course over the sum of the "
                    "variances of the parts that were shifted by themselves, 1 if these "
                    "were independent; p is the share of shifted fits whose most "
                    "concordant component reaches it.");
  }
  nax_i_page_options(g->p, &nax_i_ntf_table, o);
  nax_i_page_fact(g->p, "relative error", "%.6g", nax_ntf_error(g->m));
  nax_i_page_fact(g->p, "optimality violation", "%.3g", nax_ntf_kkt(g->m));
}

nax_status
nax_report_ntf(nax_ctx *ctx, const nax_ntf *m, const nax_axis *const *axes,
               const nax_report_ntf_info *info, const nax_report_opts *opts,
               const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx,
            .m = m,
            .axes = axes,
            .info = info,
            .rank = nax_ntf_rank(m),
            .n_modes = nax_ntf_n_modes(m)};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  for (int32_t k = 0; axes != NULL && k < g.n_modes; k++) {
    NAX_REQUIRE(nax_axis_length(axes[k]) == nax_ntf_dim(m, k), NAX_EDIM,
                "axis `%s` has %lld positions, mode %d has %lld", nax_axis_name(axes[k]),
                (long long)nax_axis_length(axes[k]), (int)k,
                (long long)nax_ntf_dim(m, k));
  }
  NAX_TRY(find_shares(&g));
  NAX_TRY(find_order(&g));
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Tensor factorisation",
                       info != NULL && info->subject != NULL ? info->subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.p, "components-section", "Components");
  NAX_TRY(triptych(&g));
  NAX_TRY(loadings(&g));
  NAX_TRY(component_table(&g));
  say_background(&g);
  if (info != NULL && info->ranks != NULL) {
    nax_i_page_section(g.p, "rank", "How many components");
    NAX_TRY(nax_i_rank_section(ctx, g.p, info->ranks, &info->chosen, g.rank));
  }
  nax_i_page_section(g.p, "trust", "Convergence and agreement");
  NAX_TRY(trace_figure(&g));
  NAX_TRY(restart_figure(&g));
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_free(g.share);
  nax_i_free(g.order);
  nax_i_page_free(g.p);
  return status;
}
