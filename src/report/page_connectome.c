/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a dynamic connectome: when, who, and with whom. */
#include "connectome/connectome_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>
#include <stdlib.h>

enum { ROW = 74, MAX_ROWS = 24, MAX_MOTIFS = 12, MAX_EDGES = 300 };

typedef struct page {
  nax_ctx *ctx;
  const nax_connectome *m;
  const nax_array *u;
  const nax_report_ntf_info *info;
  nax_i_page *p;
  int64_t rank;
  nax_index n, n_time, n_animals;
  double *t;        /* times */
  nax_index *order; /* of the neurons, by community of one motif */
} page;

static const nax_axis *
axis(const page *g, int32_t k)
{
  return nax_array_axis(g->u, k);
}

static const char *
neuron_label(const page *g, nax_index i, char buf[48])
{
  const char *label = nax_axis_label(axis(g, 0), i);
  if (label != NULL && label[0] != '\0') {
    return label;
  }
  nax_i_human(buf, nax_axis_coord(axis(g, 0), i), 6);
  return buf;
}

/* --- when and who --------------------------------------------------------------------
 */

static int
colour(int64_t r)
{
  return (int)(r % NAX_I_N_CATEGORIES);
}

static nax_i_axes
strip(const page *g, double left, double width, double top, double height, int last)
{
  double lo = g->t[0], hi = g->t[g->n_time - 1];
  return (nax_i_axes){.left = left,
                      .top = top,
                      .width = width,
                      .height = height,
                      .x = {.lo = lo,
                            .hi = hi > lo ? hi : lo + 1.0,
                            .label = last ? "time" : NULL,
                            .unit = nax_axis_unit(axis(g, 1)),
                            .no_ticks = !last},
                      .y = {.lo = 0.0, .hi = 1.0, .no_ticks = 1}};
}

/* What happened meanwhile, behind a course. */
static void
shade_events(const page *g, nax_i_fig *f, const nax_i_axes *a)
{
  for (nax_index e = 0; g->info != NULL && e < g->info->n_events; e++) {
    /* events that follow each other without a pause stay apart */
    nax_i_style shade = {.colour = NAX_I_MUTED, .alpha = e % 2 == 0 ? 0.3 : 0.15};
    nax_i_add_span(f, a, g->info->event_start[e], g->info->event_stop[e], shade);
  }
}

/* Stretches of one motif in force. */
static void
draw_state(const page *g, nax_i_fig *f, const nax_i_axes *a)
{
  const nax_index *state = nax_connectome_state(g->m);
  for (nax_index from = 0; from < g->n_time;) {
    nax_index to = from;
    while (to + 1 < g->n_time && state[to + 1] == state[from]) {
      to++;
    }
    if (state[from] >= 0) {
      double end = to + 1 < g->n_time ? g->t[to + 1] : g->t[to];
      nax_i_add_span(f, a, g->t[from], end, (nax_i_style){.colour = colour(state[from])});
    }
    from = to + 1;
  }
}

/* Pixels that a small letter takes, more or less. */
static const double LETTER = 6.5;

/* 1: animals have names and these have room under bars of so many pixels. */
static int
names_fit(const page *g, double each)
{
  size_t longest = 0;
  for (nax_index w = 0; w < g->n_animals; w++) {
    const char *name = nax_axis_label(axis(g, 2), w);
    size_t n = name != NULL ? strlen(name) : 0;
    longest = n > longest ? n : longest;
  }
  return longest > 0 && (double)longest * LETTER < each;
}

/* "1 worm1.nc, 2 worm2.nc ...", as many as there is room for. */
static void
list_animals(const page *g, char *buf, size_t size)
{
  size_t used = 0;
  buf[0] = '\0';
  for (nax_index w = 0; w < g->n_animals && used + 4 < size; w++) {
    const char *name = nax_axis_label(axis(g, 2), w);
    int n = name == NULL || name[0] == '\0'
                ? 0
                : snprintf(buf + used, size - used, "%s%lld %s",
                           used > 0 ? ", " : " Animals: ", (long long)w + 1, name);
    used += n > 0 ? (size_t)n : 0;
  }
  if (used >= size) {
    memcpy(buf + size - 4, "...", 4);
  } else if (used > 0) {
    memcpy(buf + used, ".", 2);
  }
}

static nax_status
when_and_who(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *edges = NULL, lo, hi;
  int64_t rows = g->rank < MAX_ROWS ? g->rank : MAX_ROWS;
  const double left = 74.0, wide = 530.0, gap = 18.0, bars = 220.0;
  double height = (double)rows * ROW, each = bars / (double)g->n_animals;
  int named = names_fit(g, each);
  char animals[1024] = "";
  NAX_TRY_ALLOC(edges, g->n_animals + 1, sizeof *edges);
  for (nax_index w = 0; w <= g->n_animals; w++) {
    edges[w] = (double)w + 0.5;
  }
  nax_i_fig *f =
      nax_i_fig_new("components", NAX_I_FIG_WIDE, height + 130.0, "When and in whom");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_add_text(f, left, 18.0, -1, "h", "when");
  nax_i_add_text(f, left + wide + gap, 18.0, -1, "h", "who");
  for (int64_t r = 0; r < rows; r++) {
    double top = 30.0 + (double)r * ROW;
    const double *when = nax_connectome_when(g->m) + g->n_time * r;
    const double *who = nax_ntf_factor(nax_connectome_ntf(g->m), 1) + g->n_animals * r;
    nax_i_style s = {.colour = colour(r), .width = 1.2};
    nax_i_axes a = strip(g, left, wide, top, ROW - 18.0, 0);
    nax_i_range(g->n_time, when, 1, &lo, &hi);
    a.y.hi = hi;
    shade_events(g, f, &a);
    nax_i_add_line(f, &a, g->n_time, g->t, when, s);
    nax_i_axes_draw(f, &a);
    nax_i_range(g->n_animals, who, 1, &lo, &hi);
    nax_i_axes b = {
        .left = left + wide + gap,
        .top = top,
        .width = bars,
        .height = ROW - 18.0,
        .x = {.lo = 0.5,
              .hi = (double)g->n_animals + 0.5,
              .label = r == rows - 1 && !named ? nax_axis_name(axis(g, 2)) : NULL,
              .no_ticks = r < rows - 1 || named,
              .integers = 1},
        .y = {.lo = 0.0, .hi = hi, .no_ticks = 1}};
    nax_i_add_bars(f, &b, g->n_animals, edges, who, 0.0, 0.15, s);
    nax_i_axes_draw(f, &b);
    for (nax_index w = 0; named && r == rows - 1 && w < g->n_animals; w++) {
      nax_i_add_text(f, b.left + ((double)w + 0.5) * each, top + ROW - 4.0, 0, "t",
                     nax_axis_label(axis(g, 2), w));
    }
    char text[48];
    snprintf(text, sizeof text, "%lld", (long long)r + 1);
    nax_i_add_text(f, 8.0, top + 24.0, -1, "h", text);
    snprintf(text, sizeof text, "%lld groups",
             (long long)nax_connectome_n_groups(g->m, r));
    nax_i_add_text(f, 8.0, top + 40.0, -1, "t",
                   nax_connectome_n_groups(g->m, r) > 1 ? text : "one group");
  }
  nax_i_axes a = strip(g, left, wide, 40.0 + height, 26.0, 1);
  draw_state(g, f, &a);
  nax_i_axes_draw(f, &a);
  nax_i_add_text(f, 8.0, 58.0 + height, -1, "t", "in force");
  nax_i_fig_desc(f,
                 "One row per component, %lld in all: its time course and its share in "
                 "each animal; below, the motif in force at each time.",
                 (long long)g->rank);
  if (!named) {
    list_animals(g, animals, sizeof animals);
  }
  nax_i_fig_caption(
      f,
      "Time and animal factors of each component. Below, the motif whose time course, "
      "smoothed, is highest in units of its own mean, among motifs with communities.%s%s",
      g->info != NULL && g->info->n_events > 0 ? " Events are shaded." : "", animals);
  nax_i_page_figure(g->p, f);
done:
  nax_i_free(edges);
  return status;
}

/* --- one motif -----------------------------------------------------------------------
 */

typedef struct placed {
  nax_index group, at;
  double strength;
} placed;

static int
by_group(const void *a, const void *b)
{
  const placed *x = a, *y = b;
  if (x->group != y->group) {
    return x->group < y->group ? -1 : 1;
  }
  return x->strength > y->strength   ? -1
         : x->strength < y->strength ? 1
                                     : (x->at > y->at) - (x->at < y->at);
}

/* Neurons by community, the strongest first within each. */
static nax_status
find_order(page *g, int64_t r)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  placed *p = NULL;
  const double *a = nax_connectome_motif(g->m, r);
  NAX_TRY_ALLOC(p, g->n, sizeof *p);
  for (nax_index i = 0; i < g->n; i++) {
    p[i] = (placed){nax_connectome_labels(g->m, r)[i], i, 0.0};
    for (nax_index j = 0; j < g->n; j++) {
      p[i].strength += a[i + g->n * j] > 0.0 ? a[i + g->n * j] : 0.0;
    }
  }
  qsort(p, (size_t)g->n, sizeof *p, by_group);
  for (nax_index i = 0; i < g->n; i++) {
    g->order[i] = p[i].at;
  }
done:
  nax_i_free(p);
  return status;
}

/* A matrix of neurons in that order, communities ruled off. */
static nax_status
draw_matrix(page *g, int64_t r, const double *v, const char *id, const char *title,
            const char *label, double hi, nax_i_fig **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = g->n;
  double *x = NULL;
  const nax_index *group = nax_connectome_labels(g->m, r);
  NAX_TRY_ALLOC(x, n * n, sizeof *x);
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      x[i + n * j] = i == j ? (double)NAN : v[g->order[i] + n * g->order[j]];
    }
  }
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 400.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF - 70.0, 400.0);
  a.boxed = 1;
  a.x = (nax_i_side){.lo = 0.0, .hi = (double)n, .label = "neuron, reordered"};
  a.y = (nax_i_side){.lo = (double)n, .hi = 0.0, .label = "neuron, reordered"};
  nax_i_add_image(f, &a, n, n, x, 1, n, NAX_I_MAP_VIRIDIS, 0.0, hi, 0);
  nax_i_style rule = {.colour = NAX_I_MUTED, .width = 1.0};
  for (nax_index i = 1; i < n; i++) {
    if (group[g->order[i]] != group[g->order[i - 1]]) {
      nax_i_add_vline(f, &a, (double)i, NULL, rule);
      nax_i_add_hline(f, &a, (double)i, NULL, rule);
    }
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, 0.0, hi, label, NULL);
  nax_i_fig_desc(f, "Matrix of %lld by %lld neurons ordered by %lld communities.",
                 (long long)n, (long long)n, (long long)nax_connectome_n_groups(g->m, r));
  *out = f;
done:
  nax_i_free(x);
  return status;
}

typedef struct edge {
  double w;
  nax_index i, j; /* places in the order */
} edge;

static int
heavier(const void *a, const void *b)
{
  const edge *x = a, *y = b;
  return x->w > y->w    ? -1
         : x->w < y->w  ? 1
         : x->i != y->i ? (x->i > y->i) - (x->i < y->i)
                        : (x->j > y->j) - (x->j < y->j);
}

/* Neurons on a circle by community, the strongest pairs joined. */
static nax_status
draw_graph(page *g, int64_t r, nax_i_fig **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = g->n, n_edges = 0;
  const double *a = nax_connectome_motif(g->m, r);
  const nax_index *group = nax_connectome_labels(g->m, r);
  edge *e = NULL;
  double *x = NULL, *y, at[2], to[2];
  char id[40], title[60], buf[48];
  const char **tip = NULL;
  char **text = NULL;
  NAX_TRY_ALLOC(e, nax_i_n_pairs(n), sizeof *e);
  NAX_TRY_ALLOC(x, 2 * n, sizeof *x);
  NAX_TRY_ALLOC(tip, n, sizeof *tip);
  NAX_TRY_ALLOC(text, n, sizeof *text);
  y = x + n;
  for (nax_index i = 0; i < n; i++) {
    double angle = 6.28318530717958647692 * (double)i / (double)n;
    x[i] = sin(angle);
    y[i] = cos(angle);
    NAX_TRY_DUP(text[i], neuron_label(g, g->order[i], buf));
    for (nax_index j = 0; j < i; j++) {
      double w = a[g->order[i] + n * g->order[j]];
      if (w > 0.0) {
        e[n_edges++] = (edge){w, i, j};
      }
    }
  }
  qsort(e, (size_t)n_edges, sizeof *e, heavier);
  nax_index most = 3 * n < MAX_EDGES ? 3 * n : MAX_EDGES;
  n_edges = n_edges < most ? n_edges : most;
  snprintf(id, sizeof id, "graph-%lld", (long long)r + 1);
  snprintf(title, sizeof title, "Motif %lld as a graph", (long long)r + 1);
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 400.0, title);
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes box = {.left = 20.0,
                    .top = 10.0,
                    .width = 380.0,
                    .height = 380.0,
                    .x = {.lo = -1.15, .hi = 1.15},
                    .y = {.lo = -1.15, .hi = 1.15}};
  for (nax_index k = n_edges - 1; k >= 0; k--) {
    int same = group[g->order[e[k].i]] == group[g->order[e[k].j]];
    at[0] = x[e[k].i];
    at[1] = x[e[k].j];
    to[0] = y[e[k].i];
    to[1] = y[e[k].j];
    nax_i_style s = {.colour = same ? colour(group[g->order[e[k].i]]) : NAX_I_MUTED,
                     .width = 0.3 + 2.0 * e[k].w / e[0].w,
                     .alpha = 0.55};
    nax_i_add_line(f, &box, 2, at, to, s);
  }
  for (nax_index from = 0; from < n;) {
    nax_index end = from;
    while (end < n && group[g->order[end]] == group[g->order[from]]) {
      tip[end - from] = text[end];
      end++;
    }
    nax_i_style s = {.colour = colour(group[g->order[from]]), .width = 4.0};
    nax_i_add_points(f, &box, end - from, x + from, y + from, tip, s);
    from = end;
  }
  /* Names of neurons find room, long labels do not: they show on hovering. */
  size_t longest = 0;
  for (nax_index i = 0; i < n; i++) {
    longest = strlen(text[i]) > longest ? strlen(text[i]) : longest;
  }
  for (nax_index i = 0; i < n && n <= 64 && longest <= 6; i++) {
    int anchor = x[i] > 0.2 ? -1 : x[i] < -0.2 ? 1 : 0;
    nax_i_add_text(f, nax_i_px(&box, 1.05 * x[i]), nax_i_py(&box, 1.05 * y[i]) + 3.0,
                   anchor, "t", text[i]);
  }
  nax_i_fig_desc(f, "%lld neurons on a circle, the %lld strongest pairs joined.",
                 (long long)n, (long long)n_edges);
  nax_i_fig_caption(f,
                    "Neurons by community; the %lld strongest pairs are joined, in "
                    "colour within a community.",
                    (long long)n_edges);
  *out = f;
done:
  nax_i_free_strings(text, n);
  nax_i_free((void *)tip);
  nax_i_free(e);
  nax_i_free(x);
  return status;
}

static nax_status
one_motif(page *g, int64_t r)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_i_fig *f = NULL;
  char id[40], title[64], p[48];
  double lo = 0.0, hi = 1.0;
  const double *a = nax_connectome_motif(g->m, r);
  NAX_TRY(find_order(g, r));
  NAX_REQUIRE(nax_i_colour_limits(g->n * g->n, a, 1.0, 0, &lo, &hi), NAX_ENOMEM,
              "out of memory");
  snprintf(title, sizeof title, "Motif %lld", (long long)r + 1);
  nax_i_page_heading(g->p, title);
  if (!isnan(nax_connectome_p_value(g->m, r, -1))) {
    nax_i_human(p, nax_connectome_p_value(g->m, r, -1), 2);
    nax_i_page_text(
        g->p,
        "Its profiles collect %.3g more affinity than after shifting each neuron in "
        "time; p = %s that the largest surplus of shifted data reaches that.",
        nax_connectome_excess(g->m, r, -1), p);
  }
  snprintf(id, sizeof id, "motif-%lld", (long long)r + 1);
  NAX_TRY(draw_matrix(g, r, a, id, title, "Affinity", hi > 0.0 ? hi : 1.0, &f));
  nax_i_fig_caption(f, "Pair factor of component %lld, neurons by community.",
                    (long long)r + 1);
  nax_i_page_figure(g->p, f);
  NAX_TRY(draw_graph(g, r, &f));
  nax_i_page_figure(g->p, f);
  if (nax_connectome_coassignment(g->m, r) != NULL) {
    snprintf(id, sizeof id, "together-%lld", (long long)r + 1);
    snprintf(title, sizeof title, "Motif %lld over draws of animals", (long long)r + 1);
    NAX_TRY(draw_matrix(g, r, nax_connectome_coassignment(g->m, r), id, title,
                        "In one community", 1.0, &f));
    nax_i_fig_caption(f,
                      "Share of bootstrap draws of animals in which two neurons are in "
                      "one community; mean cosine of the motif with its match %.2f.",
                      nax_connectome_stability(g->m, r));
    nax_i_page_figure(g->p, f);
  }
done:
  return status;
}

/* Members of each community, for people. */
static nax_status
member_table(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_table *t = NULL;
  nax_index rows = 0, row = 0;
  double *x = NULL;
  char **text = NULL, buf[48];
  for (int64_t r = 0; r < g->rank; r++) {
    rows += nax_connectome_n_groups(g->m, r);
  }
  NAX_TRY_ALLOC(x, 4 * rows, sizeof *x);
  NAX_TRY_ALLOC(text, rows, sizeof *text);
  for (int64_t r = 0; r < g->rank; r++) {
    for (nax_index k = 0; k < nax_connectome_n_groups(g->m, r); k++, row++) {
      nax_i_buf b = {NULL, 0, 0, 0};
      x[row] = (double)r + 1.0;
      x[rows + row] = (double)k + 1.0;
      x[3 * rows + row] = nax_connectome_p_value(g->m, r, k);
      for (nax_index i = 0; i < g->n; i++) {
        if (nax_connectome_labels(g->m, r)[i] == k) {
          nax_i_buf_puts(&b, x[2 * rows + row] > 0.0 ? ", " : "");
          nax_i_buf_puts(&b, neuron_label(g, i, buf));
          x[2 * rows + row] += 1.0;
        }
      }
      int failed = b.failed;
      text[row] = failed ? NULL : nax_i_strdup(b.data);
      nax_i_buf_free(&b);
      NAX_REQUIRE(text[row] != NULL, NAX_ENOMEM, "out of memory");
    }
  }
  NAX_TRY(nax_table_create(ctx, "community", rows, &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, "motif", NULL, x));
  NAX_TRY(nax_table_add_numbers(ctx, t, "community", NULL, x + rows));
  NAX_TRY(nax_table_add_numbers(ctx, t, "neurons", NULL, x + 2 * rows));
  if (!isnan(nax_connectome_p_value(g->m, 0, -1))) {
    NAX_TRY(nax_table_add_numbers(ctx, t, "p", NULL, x + 3 * rows));
  }
  NAX_TRY(nax_table_add_text(ctx, t, "members", (const char *const *)text));
  nax_i_page_table(g->p, "members", "Communities of each motif", t, 1, 0, NULL);
done:
  nax_i_free_strings(text, text != NULL ? rows : 0);
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

/* --- in words ------------------------------------------------------------------------
 */

static void
summary(page *g)
{
  char text[64], number[48];
  int64_t with = 0;
  double e = nax_ntf_error(nax_connectome_ntf(g->m));
  nax_index in_force = 0;
  for (int64_t r = 0; r < g->rank; r++) {
    with += nax_connectome_n_groups(g->m, r) > 1;
  }
  for (nax_index t = 0; t < g->n_time; t++) {
    in_force += nax_connectome_state(g->m)[t] >= 0;
  }
  nax_i_human(number, 100.0 * (1.0 - e * e), 3);
  nax_i_page_lead(
      g->p,
      "%lld motif%s of %lld neurons in %lld animal%s account for %s %% of the "
      "sum of squares of the affinities; %lld of them fall into communities%s.",
      (long long)g->rank, g->rank == 1 ? "" : "s", (long long)g->n,
      (long long)g->n_animals, g->n_animals == 1 ? "" : "s", number, (long long)with,
      with < g->rank ? ", the others are background" : "");
  snprintf(text, sizeof text, "%lld", (long long)g->rank);
  nax_i_page_tile(g->p, text, "motifs");
  snprintf(text, sizeof text, "%lld", (long long)with);
  nax_i_page_tile(g->p, text, "with communities");
  nax_i_human(number, 100.0 * (double)in_force / (double)g->n_time, 3);
  snprintf(text, sizeof text, "%.40s %%", number);
  nax_i_page_tile(g->p, text, "of the time with a motif in force");
  if (nax_ntf_stop(nax_connectome_ntf(g->m)) != NAX_STOP_TOL) {
    nax_i_page_note(g->p, NAX_VIOLATION, "connectome.not-converged",
                    "The best start stopped before it converged: raise max-iter.");
  }
}

static void
method(page *g)
{
  nax_i_page_section(g->p, "method", "Method");
  nax_i_page_text(
      g->p,
      "Affinities of smoothed derivatives, time x animal x pair, factorised with "
      "non-negative factors; pair factors folded to graphs (after Dyballa et al. "
      "2024, whose affinity is not printed: this one is defined in the manual). "
      "%s",
      g->m->opts.symmetric > 0
          ? "Each motif is made of communities, the outer products of the strengths of the "
            "neurons in them; a neuron belongs to the one it is strongest in."
          : "Communities by the nested weighted stochastic block model (Peixoto 2014, "
            "2018), absent edges apart from weights.");
  nax_i_page_heading(g->p, "Affinities and communities");
  nax_i_page_options(g->p, &nax_i_connectome_table, &g->m->opts);
  nax_i_page_heading(g->p, "Factorisation");
  nax_i_page_options(g->p, &nax_i_ntf_table, nax_i_ntf_options(nax_connectome_ntf(g->m)));
  nax_i_page_fact(g->p, "relative error", "%.6g",
                  nax_ntf_error(nax_connectome_ntf(g->m)));
}

nax_status
nax_report_connectome(nax_ctx *ctx, const nax_connectome *m, const nax_array *u,
                      const nax_report_ntf_info *info, const nax_report_opts *opts,
                      const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  nax_i_derivatives d;
  page g = {.ctx = ctx,
            .m = m,
            .u = u,
            .info = info,
            .rank = nax_connectome_rank(m),
            .n = nax_connectome_n_neurons(m),
            .n_time = nax_connectome_n_time(m),
            .n_animals = nax_connectome_n_animals(m)};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &d));
  NAX_REQUIRE(d.n == g.n && d.n_time == g.n_time && d.n_animals == g.n_animals, NAX_EDIM,
              "`u` is not what the connectome was made of");
  NAX_TRY_ALLOC(g.t, g.n_time, sizeof *g.t);
  NAX_TRY_ALLOC(g.order, g.n, sizeof *g.order);
  for (nax_index t = 0; t < g.n_time; t++) {
    g.t[t] = nax_axis_coord(axis(&g, 1), t);
  }
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Dynamic connectome",
                       info != NULL && info->subject != NULL ? info->subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.p, "dynamics", "When and in whom");
  NAX_TRY(when_and_who(&g));
  if (info != NULL && info->ranks != NULL) {
    nax_i_page_section(g.p, "rank", "How many motifs");
    NAX_TRY(nax_i_rank_section(ctx, g.p, info->ranks, &info->chosen, g.rank));
  }
  nax_i_page_section(g.p, "motifs", "Motifs");
  for (int64_t r = 0; r < g.rank && r < MAX_MOTIFS; r++) {
    NAX_TRY(one_motif(&g, r));
  }
  if (g.rank > MAX_MOTIFS) {
    nax_i_page_text(g.p, "The first %d of %lld are drawn.", (int)MAX_MOTIFS,
                    (long long)g.rank);
  }
  NAX_TRY(member_table(&g));
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_free(g.t);
  nax_i_free(g.order);
  nax_i_page_free(g.p);
  return status;
}
