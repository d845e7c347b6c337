/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about topological similarity: where the information is over windows of
 * thresholds, what the windows do to the dissimilarities, and the holes of the geometry.
 */
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct page {
  nax_ctx *ctx;
  const nax_dataset *d;
  nax_i_page *p;
} page;

enum { HEAT = 360, MAX_BARS = 80 };

static const double *
numbers(const nax_table *t, const char *name)
{
  return t != NULL ? nax_table_numbers(t, nax_table_find(t, name)) : NULL;
}

static const char *
percent(char buf[48], double share)
{
  nax_i_human(buf, 100.0 * share, 3);
  return buf;
}

/* "92.1 ± 3.2", or without the error where there is none. */
static const char *
with_error(const page *g, char buf[100], const char *name)
{
  char key[32], a[48], b[48];
  snprintf(key, sizeof key, "trsa_%s", name);
  double v = nax_dataset_number(g->d, key);
  snprintf(key, sizeof key, "trsa_se_%s", name);
  double e = nax_dataset_number(g->d, key);
  nax_i_human(a, 100.0 * v, 3);
  nax_i_human(b, 100.0 * e, 2);
  if (isnan(e)) {
    snprintf(buf, 100, "%s", a);
  } else {
    snprintf(buf, 100, "%s \302\261 %s", a, b);
  }
  return buf;
}

static const char *
p_text(char buf[48], double p)
{
  nax_i_human(buf, p, 2);
  return buf;
}

/* ------------------------------------------------------------------------- windows */

/* Accuracy over lower and upper thresholds. */
static nax_status
window_map(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_table *t = nax_dataset_table(g->d, "windows");
  const double *lower = numbers(t, "lower"), *upper = numbers(t, "upper");
  const double *accuracy = numbers(t, "accuracy"), *p = numbers(t, "p_familywise");
  nax_index n = nax_table_n_rows(t);
  double *v = NULL, lo = 0.0, hi = 1.0;
  nax_index steps = 0;
  NAX_REQUIRE(lower && upper && accuracy && n > 0, NAX_EINVAL,
              "table `windows` is not one of an identification");
  for (nax_index w = 0; w < n; w++) {
    steps += lower[w] <= 0.0;
    lo = w == 0 || accuracy[w] < lo ? accuracy[w] : lo;
    hi = w == 0 || accuracy[w] > hi ? accuracy[w] : hi;
  }
  hi = hi > lo ? hi : lo + 0.01;
  NAX_TRY_ALLOC(v, steps * steps, sizeof *v);
  for (nax_index i = 0; i < steps * steps; i++) {
    v[i] = (double)NAN;
  }
  for (nax_index w = 0; w < n; w++) {
    nax_index col = (nax_index)(lower[w] * (double)steps + 0.5);
    nax_index row =
        steps - (nax_index)(upper[w] * (double)steps + 0.5); /* from the top */
    if (col >= 0 && col < steps && row >= 0 && row < steps) {
      v[row * steps + col] = accuracy[w];
    }
  }
  nax_i_fig *f = nax_i_fig_new("windows", NAX_I_FIG_HALF, HEAT, "Accuracy by window");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  double half = 0.5 / (double)steps;
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, HEAT);
  a.boxed = 1;
  a.x = (nax_i_side){.lo = -half, .hi = 1.0 - half, .label = "Lower threshold"};
  a.y = (nax_i_side){.lo = half, .hi = 1.0 + half, .label = "Upper threshold"};
  nax_i_add_image(f, &a, steps, steps, v, steps, 1, NAX_I_MAP_VIRIDIS, lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, lo, hi, "Accuracy", NULL);
  double x = nax_dataset_number(g->d, "trsa_best_lower");
  double y = nax_dataset_number(g->d, "trsa_best_upper");
  nax_i_add_points(f, &a, 1, &x, &y, NULL,
                   (nax_i_style){.colour = NAX_I_INK, .shape = 5, .width = 5.0});
  nax_i_fig_desc(f, "Heat map of the accuracy in %lld windows.", (long long)n);
  nax_i_fig_caption(f,
                    "Share of RDMs given their own label, for each window of "
                    "thresholds (quantiles of the pairs). The ring marks the best. The "
                    "upper left corner holds all ranks, the diagonal topology alone.");
  nax_i_column columns[] = {{"lower", NULL, lower},
                            {"upper", NULL, upper},
                            {"accuracy", NULL, accuracy},
                            {"p_familywise", NULL, p}};
  nax_i_fig_columns(f, "window", n, columns, p != NULL ? 4 : 3);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(v);
  return status;
}

/* Accuracy in each group left out. */
static nax_status
group_figure(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  static const char *const name[] = {"raw", "ranked", "nested"};
  static const char *const shown[] = {"as they are", "ranks", "chosen window"};
  const nax_table *t = nax_dataset_table(g->d, "groups");
  nax_index n = t != NULL ? nax_table_n_rows(t) : 0;
  double *x = NULL;
  nax_i_key key[3];
  int n_keys = 0;
  if (n == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(x, n, sizeof *x);
  nax_i_fig *f = nax_i_fig_new("groups", NAX_I_FIG_HALF, HEAT, "Groups left out");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, HEAT);
  a.grid = 1;
  a.x = (nax_i_side){.lo = 0.5,
                     .hi = (double)n + 0.5,
                     .label = "Group, in the order of the table",
                     .integers = 1};
  a.y = (nax_i_side){.lo = 0.0, .hi = 1.04, .label = "Accuracy"};
  nax_i_add_hline(f, &a, nax_dataset_number(g->d, "trsa_largest_label"), "guessing",
                  (nax_i_style){.colour = NAX_I_MUTED, .dash = 1});
  for (int k = 0; k < 3; k++) {
    const double *y = numbers(t, name[k]);
    if (y != NULL) {
      for (nax_index i = 0; i < n; i++) {
        x[i] = (double)i + 1.0 + 0.16 * (k - 1);
      }
      nax_i_style s = {.colour = k, .shape = k};
      nax_i_add_points(f, &a, n, x, y, NULL, s);
      key[n_keys++] = (nax_i_key){shown[k], s, 1};
    }
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, n_keys, key);
  nax_i_fig_desc(f, "Accuracy in each of %lld groups.", (long long)n);
  nax_i_fig_caption(f, "Accuracy in each group when the others make the centroids; the "
                       "window is chosen within those others.");
  nax_i_page_figure(g->p, f);
  nax_i_page_details(g->p, "Numbers for each group", t, 0);
done:
  nax_i_free(x);
  return status;
}

/* Accuracies over all groups with their standard errors. */
static nax_status
accuracy_figure(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  static const char *const name[] = {"raw", "ranked", "nested", "best"};
  static const char *const shown[] = {"as they are", "ranks", "chosen window",
                                      "best of all"};
  double x[4], y[4], lo[4], hi[4], se[4];
  nax_index n = 0;
  nax_i_key key[4];
  nax_i_fig *f =
      nax_i_fig_new("accuracy", NAX_I_FIG_HALF, HEAT, "Accuracy with its error");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, HEAT);
  a.grid = 1;
  a.x = (nax_i_side){.lo = 0.5, .hi = 4.5, .label = "", .no_ticks = 1};
  a.y = (nax_i_side){.lo = 0.0, .hi = 1.04, .label = "Accuracy"};
  nax_i_add_hline(f, &a, nax_dataset_number(g->d, "trsa_largest_label"), "guessing",
                  (nax_i_style){.colour = NAX_I_MUTED, .dash = 1});
  for (int k = 0; k < 4; k++) {
    char from[32], error[32];
    snprintf(from, sizeof from, "trsa_%s", name[k]);
    snprintf(error, sizeof error, "trsa_se_%s", name[k]);
    double v = nax_dataset_number(g->d, from), e = nax_dataset_number(g->d, error);
    if (isnan(v) || isnan(e)) {
      continue;
    }
    nax_i_style s = {.colour = k, .shape = k};
    x[n] = (double)n + 1.0;
    y[n] = v;
    se[n] = e;
    lo[n] = v - e > 0.0 ? v - e : 0.0;
    hi[n] = v + e < 1.04 ? v + e : 1.04;
    nax_i_add_whiskers(f, &a, 1, &x[n], &lo[n], &hi[n], s);
    nax_i_add_points(f, &a, 1, &x[n], &y[n], &shown[k], s);
    key[n++] = (nax_i_key){shown[k], s, 1};
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, (int)n, key);
  nax_i_fig_desc(f, "%lld accuracies with standard errors.", (long long)n);
  nax_i_fig_caption(f, "Share of all RDMs given their own label, with the standard error "
                       "over groups. The best of all windows is chosen on what it is "
                       "measured on.");
  nax_i_column columns[] = {{"accuracy", NULL, y}, {"standard error", NULL, se}};
  nax_i_fig_columns(f, "kind", n, columns, 2);
  nax_i_page_figure(g->p, f);
done:
  return status;
}

/* Mean accuracy by what a window is sensitive to. */
static nax_status
kinds_table(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  static const char *const name[] = {"topology", "geometry", "local", "global",
                                     "intermediate"};
  static const char *const rule[] = {"lower at least .4, upper at most .6",
                                     "width at least .8", "centre at most .2",
                                     "centre at least .8", "all others"};
  const nax_table *t = nax_dataset_table(g->d, "windows");
  const double *accuracy = numbers(t, "accuracy");
  int32_t kind = nax_table_find(t, "kind");
  const char *const *text = kind >= 0 ? nax_table_text(t, kind) : NULL;
  nax_table *out = NULL;
  double mean[5] = {0.0}, of[5] = {0.0};
  for (nax_index w = 0; text != NULL && w < nax_table_n_rows(t); w++) {
    for (int k = 0; k < 5; k++) {
      if (strcmp(text[w], name[k]) == 0) {
        mean[k] += accuracy[w];
        of[k] += 1.0;
      }
    }
  }
  for (int k = 0; k < 5; k++) {
    mean[k] = of[k] > 0.0 ? mean[k] / of[k] : (double)NAN;
  }
  NAX_TRY(nax_table_create(ctx, "kind", 5, &out));
  NAX_TRY(nax_table_add_text(ctx, out, "sensitive to", name));
  NAX_TRY(nax_table_add_text(ctx, out, "windows with", rule));
  NAX_TRY(nax_table_add_numbers(ctx, out, "windows", NULL, of));
  NAX_TRY(nax_table_add_numbers(ctx, out, "mean accuracy", NULL, mean));
  nax_i_page_table(g->p, "kinds", "Accuracy by kind of window", out, 0, 0, NULL);
done:
  nax_table_free(out);
  return status;
}

static void
say_identification(page *g)
{
  char a[100], b[100], c[100];
  double nested = nax_dataset_number(g->d, "trsa_nested");
  double p = nax_dataset_number(g->d, "trsa_p_nested_ranked");
  if (!isnan(nested)) {
    nax_i_page_lead(g->p,
                    "With the window chosen on other groups, %s %% of the RDMs are given "
                    "their own label; their ranks alone give %s %%, as they are %s %%.",
                    with_error(g, a, "nested"), with_error(g, b, "ranked"),
                    with_error(g, c, "raw"));
  } else {
    nax_i_page_lead(g->p,
                    "Ranks of the dissimilarities give %s %% of the RDMs their own "
                    "label, the dissimilarities as they are %s %%.",
                    with_error(g, a, "ranked"), with_error(g, b, "raw"));
  }
  nax_i_page_tile(g->p, with_error(g, a, "ranked"), "% by ranks");
  if (!isnan(nested)) {
    nax_i_page_tile(g->p, with_error(g, a, "nested"), "% by the chosen window");
  }
  nax_i_page_tile(g->p, with_error(g, a, "best"), "% in the best window of all");
  nax_i_page_tile(g->p, percent(a, nax_dataset_number(g->d, "trsa_largest_label")),
                  "% by guessing");
  if (!isnan(p)) {
    nax_i_page_text(g->p,
                    "Chosen window against ranks: p = %s (two-sided sign flips over "
                    "groups). The best of all windows is chosen on what it is measured "
                    "on: its accuracy is too high, and its p value (%s) is corrected for "
                    "the search.",
                    p_text(a, p), p_text(b, nax_dataset_number(g->d, "trsa_p_best")));
  }
}

/* ------------------------------------------------------------------------ matrices */

/* Mean over RDMs of an array condition x condition x rdm, unreachable pairs left out, as
 * a heat map. */
static nax_status
heat_map(page *g, const char *name, const char *title, const char *label,
         const char *caption)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_array *a = nax_dataset_array(g->d, name);
  double *v = NULL, lo = 0.0, hi = 1.0;
  if (a == NULL || nax_array_ndim(a) < 2) {
    return NAX_OK;
  }
  nax_view view = nax_array_view(a);
  nax_index n = view.dim[0], count = view.ndim > 2 ? view.dim[2] : 1, apart = 0;
  const double *x = view.data;
  NAX_TRY_ALLOC(v, n * n, sizeof *v);
  for (nax_index i = 0; i < n * n; i++) {
    nax_index k = 0;
    for (nax_index r = 0; r < count; r++) {
      double y = x[r * n * n + i];
      v[i] += isfinite(y) ? y : 0.0;
      k += isfinite(y);
      apart += isnan(y);
    }
    v[i] = k > 0 ? v[i] / (double)k : (double)NAN;
  }
  NAX_REQUIRE(nax_i_colour_limits(n * n, v, 0.5, 0, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  nax_i_fig *f = nax_i_fig_new(name, NAX_I_FIG_HALF, HEAT, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes axes = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, HEAT);
  axes.boxed = 1;
  axes.x = (nax_i_side){
      .lo = -0.5, .hi = (double)n - 0.5, .label = "Condition", .integers = 1};
  axes.y = (nax_i_side){
      .lo = (double)n - 0.5, .hi = -0.5, .label = "Condition", .integers = 1};
  nax_i_add_image(f, &axes, n, n, v, n, 1, NAX_I_MAP_VIRIDIS, lo, hi, 0);
  nax_i_axes_draw(f, &axes);
  nax_i_add_colourbar(f, &axes, NAX_I_MAP_VIRIDIS, lo, hi, label, NULL);
  nax_i_fig_desc(f, "Heat map of %lld by %lld conditions.", (long long)n, (long long)n);
  nax_i_fig_caption(f, "%s", caption);
  if (count > 1) {
    nax_i_fig_caption(f, " Mean over %lld RDMs.", (long long)count);
  }
  if (apart > 0) {
    nax_i_fig_caption(f,
                      " %lld pairs that are missing or that no path joins are left out.",
                      (long long)(apart / 2));
  }
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(v);
  return status;
}

/* ------------------------------------------------------------------------ homology */

/* Bars of the mean RDM in one dimension, from the table "bars". */
static nax_index
bars_of(const page *g, double dim, double *birth, double *death)
{
  const nax_table *t = nax_dataset_table(g->d, "bars");
  const double *d = numbers(t, "dimension"), *b = numbers(t, "birth");
  const double *e = numbers(t, "death"), *of = numbers(t, "rdm");
  nax_index n = 0;
  for (nax_index i = 0;
       d != NULL && b != NULL && e != NULL && of != NULL && i < nax_table_n_rows(t);
       i++) {
    if (d[i] == dim && isnan(of[i])) {
      birth[n] = b[i];
      death[n++] = e[i];
    }
  }
  return n;
}

static nax_status
diagram(page *g, nax_index room)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  static const char *const name[] = {"components", "loops", "voids"};
  double *birth = NULL, *death = NULL, *all = NULL, hi = 1.0, lo = 0.0;
  nax_index n_all = 0;
  nax_i_key key[3];
  int n_keys = 0;
  NAX_TRY_ALLOC(birth, room, sizeof *birth);
  NAX_TRY_ALLOC(death, room, sizeof *death);
  NAX_TRY_ALLOC(all, room, sizeof *all);
  for (int k = 0; k < 3; k++) {
    nax_index n = bars_of(g, k, birth, death);
    for (nax_index i = 0; i < n; i++) {
      if (isfinite(death[i])) {
        all[n_all++] = death[i];
      }
    }
  }
  nax_i_range(n_all, all, 1, &lo, &hi);
  nax_i_fig *f = nax_i_fig_new("diagram", NAX_I_FIG_HALF, HEAT, "Persistence diagram");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, HEAT);
  a.grid = 1;
  a.x = (nax_i_side){.lo = lo, .hi = hi, .label = "Birth"};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = "Death"};
  nax_i_add_line(f, &a, 2, (double[]){lo, hi}, (double[]){lo, hi},
                 (nax_i_style){.colour = NAX_I_MUTED, .dash = 1});
  for (int k = 0; k < 3; k++) {
    nax_index n = bars_of(g, k, birth, death), finite = 0;
    for (nax_index i = 0; i < n; i++) {
      if (isfinite(death[i])) {
        birth[finite] = birth[i];
        death[finite++] = death[i];
      }
    }
    if (n > 0) {
      nax_i_style s = {.colour = k, .shape = k == 0 ? 5 : k - 1};
      nax_i_add_points(f, &a, finite, birth, death, NULL, s);
      key[n_keys++] = (nax_i_key){name[k], s, 1};
    }
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, n_keys, key);
  nax_i_fig_desc(f, "Births and deaths of %lld classes.", (long long)n_all);
  nax_i_fig_caption(f,
                    "Where classes begin and end. The farther above the diagonal, the "
                    "longer a class lasts. The component that never ends is not drawn.");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(birth);
  nax_i_free(death);
  nax_i_free(all);
  return status;
}

typedef struct bar {
  double birth, death;
  int dim;
} bar;

/* By dimension, the longest first. */
static int
longest_first(const void *a, const void *b)
{
  const bar *x = a, *y = b;
  double p = x->death - x->birth, q = y->death - y->birth;
  return x->dim != y->dim ? x->dim - y->dim
         : p != q         ? (p > q ? -1 : 1)
                          : (x->birth > y->birth) - (x->birth < y->birth);
}

static nax_status
barcode(page *g, nax_index room)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *birth = NULL, *death = NULL, hi = 0.0;
  bar *all = NULL;
  nax_index n = 0, drawn = 0, left = 0;
  NAX_TRY_ALLOC(birth, room, sizeof *birth);
  NAX_TRY_ALLOC(death, room, sizeof *death);
  NAX_TRY_ALLOC(all, room, sizeof *all);
  for (int k = 0; k < 3; k++) {
    nax_index m = bars_of(g, k, birth, death);
    for (nax_index i = 0; i < m; i++) {
      all[n++] = (bar){birth[i], death[i], k};
      hi = isfinite(death[i]) && death[i] > hi ? death[i] : hi;
    }
  }
  hi = hi > 0.0 ? 1.05 * hi : 1.0;
  if (n > 1) {
    qsort(all, (size_t)n, sizeof *all, longest_first);
  }
  nax_i_fig *f = nax_i_fig_new("barcode", NAX_I_FIG_HALF, HEAT, "Barcode");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, HEAT);
  nax_index of[3] = {0}, shown[3] = {0}, total = 0;
  for (nax_index i = 0; i < n; i++) {
    of[all[i].dim]++;
  }
  for (int k = 0; k < 3; k++) {
    shown[k] = of[k] < MAX_BARS / 2 ? of[k] : MAX_BARS / 2;
    total += shown[k];
    left += of[k] - shown[k];
  }
  a.x = (nax_i_side){.lo = 0.0, .hi = hi, .label = "Dissimilarity"};
  a.y = (nax_i_side){.lo = (double)total, .hi = -1.0, .label = "Class", .no_ticks = 1};
  nax_index seen[3] = {0};
  for (nax_index i = 0; i < n; i++) {
    int k = all[i].dim;
    if (seen[k]++ < shown[k]) {
      double y = (double)drawn++, end = isfinite(all[i].death) ? all[i].death : hi;
      nax_i_add_line(f, &a, 2, (double[]){all[i].birth, end}, (double[]){y, y},
                     (nax_i_style){.colour = k, .width = 2.0});
    }
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a,
                   of[2] > 0   ? 3
                   : of[1] > 0 ? 2
                               : 1,
                   (nax_i_key[]){{"components", {.colour = 0}, 0},
                                 {"loops", {.colour = 1}, 0},
                                 {"voids", {.colour = 2}, 0}});
  nax_i_fig_desc(f, "Bars of %lld classes.", (long long)n);
  nax_i_fig_caption(f, "One bar per class from birth to death, the longest of each "
                       "dimension first.");
  if (left > 0) {
    nax_i_fig_caption(f, " %lld shorter ones are not drawn.", (long long)left);
  }
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(birth);
  nax_i_free(death);
  nax_i_free(all);
  return status;
}

/* Betti curves, mean over matrices with its standard error. */
static nax_status
betti_curves(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  static const char *const name[] = {"components", "loops", "voids"};
  const nax_array *b = nax_dataset_array(g->d, "betti");
  double *v = NULL, top = 1.0;
  nax_i_key key[3];
  if (b == NULL || nax_array_ndim(b) != 3 || nax_array_dim(b, 1) > 3) {
    return NAX_OK;
  }
  nax_index n = nax_array_dim(b, 0), dims = nax_array_dim(b, 1),
            count = nax_array_dim(b, 2);
  const double *x = nax_array_data(b);
  NAX_TRY_ALLOC(v, n * (1 + 3 * dims), sizeof *v);
  for (nax_index i = 0; i < n; i++) {
    v[i] = nax_axis_coord(nax_array_axis(b, 0), i);
    for (nax_index k = 0; k < dims; k++) {
      double mean = 0.0, square = 0.0, *to = v + n * (1 + 3 * k) + i;
      for (nax_index r = 0; r < count; r++) {
        mean += x[i + n * (k + dims * r)] / (double)count;
      }
      for (nax_index r = 0; r < count; r++) {
        double e = x[i + n * (k + dims * r)] - mean;
        square += e * e;
      }
      double se = count > 1 ? sqrt(square / ((double)count * (double)(count - 1))) : 0.0;
      to[0] = mean;
      to[n] = mean - se;
      to[2 * n] = mean + se;
      top = mean + se > top ? mean + se : top;
    }
  }
  nax_i_fig *f = nax_i_fig_new("betti", NAX_I_FIG_HALF, HEAT, "Betti curves");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, HEAT);
  a.grid = 1;
  a.x = (nax_i_side){.lo = v[0],
                     .hi = v[n - 1] > v[0] ? v[n - 1] : v[0] + 1.0,
                     .label = "Dissimilarity"};
  a.y = (nax_i_side){.lo = 0.0, .hi = 1.05 * top, .label = "Classes alive"};
  for (nax_index k = 0; k < dims; k++) {
    const double *y = v + n * (1 + 3 * k);
    nax_i_style s = {.colour = (int)k};
    if (count > 1) {
      nax_i_add_band(f, &a, n, v, y + n, y + 2 * n,
                     (nax_i_style){.colour = (int)k, .alpha = 0.25});
    }
    nax_i_add_line(f, &a, n, v, y, s);
    key[k] = (nax_i_key){name[k], s, 0};
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, (int)dims, key);
  nax_i_fig_desc(f, "Betti curves of %lld dimensions.", (long long)dims);
  nax_i_fig_caption(f, "How many classes there are at each dissimilarity.");
  if (count > 1) {
    nax_i_fig_caption(f, " Mean over %lld matrices with its standard error.",
                      (long long)count);
  }
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(v);
  return status;
}

/* How conditions join: single linkage, whose heights are the ends of components. */
static nax_status
tree(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_array *m = nax_dataset_array(g->d, "mean_rdm");
  nax_merge *merges = NULL;
  nax_index *order = NULL;
  double *x = NULL, top = 0.0;
  nax_index n = m != NULL ? nax_array_dim(m, 0) : 0;
  if (n < 2 || n > 400) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(merges, n - 1, sizeof *merges);
  NAX_TRY_ALLOC(order, n, sizeof *order);
  NAX_TRY_ALLOC(x, n * n, sizeof *x);
  memcpy(x, nax_array_data(m), (size_t)(n * n) * sizeof *x);
  for (nax_index i = 0; i < n * n; i++) {
    if (!isfinite(x[i])) {
      goto done; /* a pair that all RDMs lack */
    }
  }
  NAX_TRY(nax_stats_cluster(ctx, n, x, NAX_LINKAGE_SINGLE, merges));
  NAX_TRY(nax_stats_leaf_order(ctx, n, merges, order));
  top = merges[n - 2].height;
  const nax_axis *axis = nax_array_axis(m, 0);
  double height = 14.0 * (double)n + 60.0;
  height = height < 200.0 ? 200.0 : height > 900.0 ? 900.0 : height;
  nax_i_fig *f = nax_i_fig_new("linkage", NAX_I_FIG_WIDE, height, "How conditions join");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = {.left = 20.0,
                  .top = 20.0,
                  .width = NAX_I_FIG_WIDE - 180.0,
                  .height = height - 70.0,
                  .x = {.lo = top, .hi = 0.0, .label = "Dissimilarity"},
                  .y = {.lo = (double)n - 0.5, .hi = -0.5, .no_ticks = 1}};
  nax_i_add_dendrogram(f, a.left, a.top, a.width, a.height, n, merges, order,
                       (nax_i_style){.colour = 0, .width = 1.2});
  nax_i_axes_draw(f, &a);
  for (nax_index i = 0; i < n && n <= 60; i++) {
    char number[32];
    const char *label = nax_axis_label(axis, order[i]);
    snprintf(number, sizeof number, "%lld", (long long)order[i]);
    nax_i_add_text(f, a.left + a.width + 6.0, nax_i_py(&a, (double)i) + 4.0, -1, "t",
                   label != NULL && label[0] != '\0' ? label : number);
  }
  nax_i_fig_desc(f, "Tree of %lld conditions by single linkage.", (long long)n);
  nax_i_fig_caption(f, "Single linkage: where two branches meet, a component ends.");
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(merges);
  nax_i_free(order);
  nax_i_free(x);
  return status;
}

static void
say_null(page *g)
{
  const nax_table *t = nax_dataset_table(g->d, "null");
  const double *dim = numbers(t, "dimension"), *p = numbers(t, "longest_p");
  const double *longest = numbers(t, "longest"), *limit = numbers(t, "longest_null_95");
  if (dim == NULL || p == NULL || longest == NULL || limit == NULL) {
    nax_i_page_note(g->p, NAX_SUGGESTION, "trsa.no-null",
                    "No shuffles were made: nothing can be said about whether the bars "
                    "are longer than chance makes them.");
    return;
  }
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    char a[48], b[48], c[48];
    nax_i_human(a, longest[i], 3);
    nax_i_human(b, limit[i], 3);
    nax_i_page_text(g->p,
                    "%s: the longest lasts %s; of shuffled distances 95 %% have none "
                    "above %s (p = %s).",
                    dim[i] < 1.5 ? "Loops" : "Voids", a, b, p_text(c, p[i]));
  }
  nax_i_page_details(g->p, "Bars against shuffled distances", t, 0);
}

static nax_status
homology(page *g)
{
  nax_status status = NAX_OK;
  const nax_table *t = nax_dataset_table(g->d, "bars");
  if (t == NULL) {
    return NAX_OK;
  }
  nax_index room = nax_table_n_rows(t) + 1;
  nax_i_page_section(g->p, "homology", "Components, loops, voids");
  say_null(g);
  NAX_TRY(diagram(g, room));
  NAX_TRY(barcode(g, room));
  NAX_TRY(betti_curves(g));
  NAX_TRY(tree(g));
done:
  return status;
}

/* ------------------------------------------------------------------------- the page */

static void
method(page *g)
{
  nax_i_page_section(g->p, "method", "Method");
  nax_i_page_text(g->p,
                  "Geo-topological transform and identification by the nearest centroid "
                  "of the groups not left out (Lin & Kriegeskorte 2024), with nested "
                  "choice of the window and permutations of labels within groups. "
                  "Persistent homology of the Vietoris-Rips filtration over Z/2 (Bauer "
                  "2021) on the mean of the RDMs.");
  for (int32_t i = 0; i < nax_dataset_n_attrs(g->d); i++) {
    const char *key = nax_dataset_attr_key(g->d, i);
    const char *text = nax_dataset_text(g->d, key);
    if (strncmp(key, "trsa_", 5) != 0) {
      continue;
    }
    if (text != NULL) {
      nax_i_page_fact(g->p, key + 5, "%s", text);
    } else {
      char buf[48];
      nax_i_human(buf, nax_dataset_number(g->d, key), 4);
      nax_i_page_fact(g->p, key + 5, "%s", buf);
    }
  }
}

nax_status
nax_report_trsa(nax_ctx *ctx, const nax_dataset *result, const char *subject,
                const nax_report_opts *opts, const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx, .d = result};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  NAX_REQUIRE(nax_dataset_array(result, "rgtm") != NULL, NAX_EINVAL,
              "the dataset is not a result of topological similarity: it has no `rgtm`");
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Topological similarity",
                       subject != NULL ? subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  if (nax_dataset_table(result, "windows") != NULL) {
    say_identification(&g);
    nax_i_page_section(g.p, "windows-section", "Which dissimilarities carry the labels");
    NAX_TRY(window_map(&g));
    NAX_TRY(accuracy_figure(&g));
    NAX_TRY(group_figure(&g));
    NAX_TRY(kinds_table(&g));
  } else {
    nax_i_page_lead(g.p, "Dissimilarities within a window of thresholds, paths along the "
                         "small ones, and the holes of the geometry.");
  }
  nax_i_page_section(g.p, "matrices", "Matrices");
  NAX_TRY(heat_map(&g, "mean_rdm", "Dissimilarities", "Dissimilarity",
                   "Dissimilarities as the homology takes them."));
  NAX_TRY(heat_map(&g, "rgtm", "Geo-topological matrix", "Transformed",
                   "0 below the lower threshold, 1 above the upper one."));
  NAX_TRY(heat_map(&g, "rgdm", "Geodesic matrix", "Path length",
                   "Shortest paths over the links of the graph."));
  NAX_TRY(homology(&g));
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_page_free(g.p);
  return status;
}
