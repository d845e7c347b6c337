/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about frequency tags: spectra with the tags marked, phases, how many units
 * follow what and where they are. */
#include "freqtag/fit_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <math.h>
#include <stdlib.h>

typedef struct page {
  nax_ctx *ctx;
  const nax_freqtag *f;
  const nax_report_freqtag_info *info;
  nax_i_page *p;
  nax_index units, tags;
} page;

enum { MOST_TAGS = 8, MOST_POINTS = 1500, MOST_BARS = 64, MOST_ROWS = 60 };

static const char *
tag_name(const page *g, nax_index k, char buf[48])
{
  char number[48];
  nax_i_human(number, g->f->tag[k], 5);
  snprintf(buf, 48, "%.40s Hz", number);
  return buf;
}

static char *
unit_name(const page *g, nax_index u)
{
  nax_i_buf b = {0};
  for (int32_t k = 0; k < g->f->n_axes; k++) {
    const nax_axis *a = g->f->axis[k];
    nax_index at = u % nax_axis_length(a);
    const char *label = nax_axis_label(a, at);
    u /= nax_axis_length(a);
    if (label != NULL && label[0] != '\0') {
      nax_i_buf_printf(&b, "%s%s", k > 0 ? ", " : "", label);
    } else {
      nax_i_buf_printf(&b, "%s%s %g", k > 0 ? ", " : "", nax_axis_name(a),
                       nax_axis_coord(a, at));
    }
  }
  if (b.failed) {
    nax_i_buf_free(&b);
    return NULL;
  }
  return b.data;
}

/* ------------------------------------------------------------------ spectra */

static void
mark_tags(const page *g, nax_i_fig *f, const nax_i_axes *a)
{
  double bin = g->f->rate / (double)g->f->n_samples;
  double reach = ((double)(g->f->o.gap + g->f->o.side) + 0.5) * bin;
  nax_i_style band = {.colour = NAX_I_MUTED, .alpha = 0.18};
  for (nax_index k = 0; k < g->tags && k < MOST_TAGS; k++) {
    if (g->f->o.side > 0) {
      nax_i_add_span(f, a, fmax(a->x.lo, g->f->tag[k] - reach),
                     fmin(a->x.hi, g->f->tag[k] + reach), band);
    }
  }
}

static void
name_tags(const page *g, nax_i_fig *f, const nax_i_axes *a)
{
  char buf[48];
  nax_i_style rule = {.colour = 1, .dash = 1, .width = 1.0};
  for (nax_index k = 0; k < g->tags && k < MOST_TAGS; k++) {
    nax_i_add_vline(f, a, g->f->tag[k],
                    a->width > NAX_I_FIG_HALF ? tag_name(g, k, buf) : NULL, rule);
  }
}

/* Last of `all` bins that is worth drawing: twice the highest tag and its neighbours. */
static nax_index
bins_for(const page *g, nax_index all)
{
  double top = 0.0;
  for (nax_index k = 0; k < g->tags; k++) {
    top = fmax(top, g->f->tag[k]);
  }
  nax_index n = (nax_index)(2.0 * top * (double)g->f->n_samples / g->f->rate) +
                2 * g->f->o.side + 2;
  return n < all ? n : all;
}

static nax_status
mean_spectra(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_freqtag *r = g->f;
  nax_index n = bins_for(g, g->f->n_bins);
  int single = r->o.test == NAX_FREQTAG_TEST_POWER;
  const double *x = r->spectrum[0], *a = r->spectrum[single ? 2 : 1];
  const double *itpc = r->spectrum[3], *other = r->spectrum[single ? 1 : 2];
  double lo, hi, *snr = NULL;
  nax_freqtag_contrast *c = NULL;
  nax_freqtag_neighbours around = {r->o.gap, r->o.side > 0 ? r->o.side : 1, 0,
                                   r->designed, 0};
  NAX_TRY_ALLOC(snr, r->n_bins, sizeof *snr);
  NAX_TRY_ALLOC(c, r->n_bins, sizeof *c);
  NAX_TRY(nax_freqtag_contrast_all(ctx, r->n_bins, a, &around, c));
  for (nax_index i = 0; i < r->n_bins; i++) {
    snr[i] = c[i].snr;
  }
  static const char *const id[3] = {"amplitude", "snr", "itpc"};
  static const char *const title[3] = {"Mean amplitude spectrum", "Signal-to-noise ratio",
                                       "Phase coherence"};
  static const char *const label[3] = {"Amplitude", "Amplitude / neighbours", "ITPC"};
  const double *y[3] = {a, snr, itpc};
  for (int k = 0; k < 3; k++) {
    double width = k == 0 ? NAX_I_FIG_WIDE : NAX_I_FIG_HALF;
    nax_i_fig *f = nax_i_fig_new(id[k], width, 280.0, title[k]);
    NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
    nax_i_range(n - 1, k == 0 ? r->spectrum[2] + 1 : y[k] + 1, 1, &lo, &hi);
    nax_i_axes ax = nax_i_axes_in(0.0, 0.0, width, 280.0);
    ax.x = (nax_i_side){.lo = 0.0, .hi = x[n - 1], .label = "Frequency", .unit = "Hz"};
    ax.y = (nax_i_side){.lo = lo, .hi = hi, .label = label[k]};
    ax.grid = 1;
    mark_tags(g, f, &ax);
    nax_i_style line = {.colour = 0, .width = 1.2};
    nax_i_style faint = {.colour = NAX_I_MUTED, .width = 1.0};
    if (k == 0) {
      nax_i_add_line(f, &ax, n - 1, x + 1, other + 1, faint);
    }
    nax_i_add_line(f, &ax, n - 1, x + 1, y[k] + 1, line);
    name_tags(g, f, &ax);
    nax_i_axes_draw(f, &ax);
    if (k == 0) {
      nax_i_key key[2] = {{"mean of the trials", single ? faint : line, 0},
                          {"single trials", single ? line : faint, 0}};
      nax_i_add_legend(f, &ax, 2, key);
    }
    nax_i_fig_desc(f, "%s over frequency, mean over units, with the tags marked.",
                   label[k]);
    if (k == 0) {
      nax_i_fig_caption(
          f,
          "Amplitude of %s, mean over units. Dashed: the tags; shaded: where "
          "the bins lie that they are compared with.",
          single ? "single trials" : "the mean of the trials");
    } else if (k == 1) {
      nax_i_fig_caption(f,
                        "Amplitude of %s over the mean of %lld neighbouring bins on each "
                        "side.",
                        single ? "single trials" : "the mean of the trials",
                        (long long)around.side);
    } else {
      nax_i_fig_caption(f,
                        "Inter-trial phase coherence, mean over units: %.3g is expected "
                        "of noise with %lld trials.",
                        sqrt(NAX_I_FT_PI / 4.0 / (double)r->n_trials[0]),
                        (long long)r->n_trials[0]);
    }
    nax_i_fig_columns(f, "bin", n,
                      (nax_i_column[]){{"frequency", "Hz", x},
                                       {id[k], NULL, y[k]},
                                       {"other_amplitude", NULL, other}},
                      k == 0 ? 3 : 2);
    nax_i_page_figure(g->p, f);
  }
done:
  nax_i_free(snr);
  nax_i_free(c);
  return status;
}

/* One spectrum with tag k marked; the caller adds description and caption. NULL: out of
 * memory. */
static nax_i_fig *
marked_spectrum(const page *g, const char *kind, nax_index k, nax_index n,
                const double *x, const double *y, const char *label)
{
  char tag[48], id[32];
  double lo, hi;
  snprintf(id, sizeof id, "%s-%lld", kind, (long long)k + 1);
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 240.0, tag_name(g, k, tag));
  if (f == NULL) {
    return NULL;
  }
  nax_i_range(n - 1, y + 1, 1, &lo, &hi);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 240.0);
  a.x = (nax_i_side){.lo = 0.0, .hi = x[n - 1], .label = "Frequency", .unit = "Hz"};
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = label};
  a.grid = 1;
  nax_i_add_line(f, &a, n - 1, x + 1, y + 1, (nax_i_style){.colour = 0, .width = 1.2});
  nax_i_add_vline(f, &a, g->f->tag[k], NULL,
                  (nax_i_style){.colour = 1, .dash = 1, .width = 1.0});
  nax_i_axes_draw(f, &a);
  return f;
}

static nax_status
best_units(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = bins_for(g, g->f->n_bins);
  char *name = NULL;
  for (nax_index k = 0; k < g->tags && k < MOST_TAGS; k++) {
    nax_index unit = 0;
    const double *y = nax_freqtag_best(g->f, k, &unit);
    char tag[48];
    if (y == NULL) {
      continue;
    }
    nax_i_free(name);
    name = unit_name(g, unit);
    NAX_REQUIRE(name != NULL, NAX_ENOMEM, "out of memory");
    nax_i_fig *f = marked_spectrum(g, "best", k, n, g->f->spectrum[0], y, "Amplitude");
    NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
    (void)tag_name(g, k, tag);
    nax_i_fig_desc(f, "Amplitude spectrum of the unit that follows %s most.", tag);
    nax_i_fig_caption(f, "The unit with the smallest p at %s: %s.", tag, name);
    nax_i_page_figure(g->p, f);
  }
done:
  nax_i_free(name);
  return status;
}

/* ------------------------------------------------------------------- phases */

/* What a polar picture shows: angle and length of each unit. */
typedef struct polar_kind {
  const char *id;
  nax_freqtag_field angle, length;
  const char *said, *caption;
} polar_kind;

static nax_status
polar_figures(page *g, const polar_kind *kind)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *angle[2] = {NULL, NULL}, *radius[2] = {NULL, NULL};
  const double *phase = g->f->field[kind->angle], *itpc = g->f->field[kind->length];
  nax_index stride = 1 + g->units / MOST_POINTS;
  for (int s = 0; s < 2; s++) {
    NAX_TRY_ALLOC(angle[s], g->units, sizeof(double));
    NAX_TRY_ALLOC(radius[s], g->units, sizeof(double));
  }
  for (nax_index k = 0; k < g->tags && k < MOST_TAGS; k++) {
    nax_index n[2] = {0, 0};
    char tag[48], id[32];
    for (nax_index u = 0; u < g->units; u++) {
      nax_index at = u + k * g->units;
      int s = nax_freqtag_is_tagged(g->f, u, k);
      if (isfinite(phase[at]) && isfinite(itpc[at]) &&
          (u % stride == 0 || (s && n[1] < MOST_POINTS))) {
        angle[s][n[s]] = phase[at];
        radius[s][n[s]++] = itpc[at];
      }
    }
    snprintf(id, sizeof id, "%s-%lld", kind->id, (long long)k + 1);
    nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 300.0, tag_name(g, k, tag));
    NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
    nax_i_polar p = {
        .cx = NAX_I_FIG_HALF / 2.0, .cy = 150.0, .radius = 118.0, .r_max = 1.0};
    nax_i_polar_draw(f, &p);
    nax_i_polar_points(f, &p, n[0], angle[0], radius[0], NULL,
                       (nax_i_style){.colour = NAX_I_MUTED, .width = 2.0, .alpha = 0.5});
    nax_i_polar_points(f, &p, n[1], angle[1], radius[1], NULL,
                       (nax_i_style){.colour = 1, .width = 3.0});
    nax_i_fig_desc(f, "%s of units at %s: %lld that follow it, %lld that do not.",
                   kind->said, tag, (long long)n[1], (long long)n[0]);
    nax_i_fig_caption(f, "%s at %s, up to 1 at the rim. Coloured: units that follow.%s",
                      kind->caption, tag,
                      stride > 1 ? " A part of the others is drawn." : "");
    nax_i_page_figure(g->p, f);
  }
done:
  for (int s = 0; s < 2; s++) {
    nax_i_free(angle[s]);
    nax_i_free(radius[s]);
  }
  return status;
}

static nax_status
phases(page *g)
{
  static const polar_kind trials = {
      "phase", NAX_FREQTAG_PHASE, NAX_FREQTAG_ITPC, "Phase and phase coherence",
      "Phase of each unit (0: a cosine from the start of the window) and its coherence "
      "over trials"};
  static const polar_kind spikes = {
      "spikes", NAX_FREQTAG_SPIKE_PHASE, NAX_FREQTAG_VECTOR_STRENGTH,
      "Phase of the spikes and vector strength",
      "Where in the cycle the spikes of each unit lie, and their vector strength"};
  nax_status status = polar_figures(g, &trials);
  return status != NAX_OK || g->f->field[NAX_FREQTAG_SPIKES] == NULL
             ? status
             : polar_figures(g, &spikes);
}

/* ---------------------------------------------------------------------- units */

/* Share of tagged units in each group, or the amplitude of each unit when they are few.
 */
static nax_status
profile_figures(page *g, const nax_table *t)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  double *x = NULL, *y = NULL, *lo = NULL, *hi = NULL;
  nax_index rows = nax_table_n_rows(t), n = rows / g->tags;
  const double *share = nax_table_numbers(t, nax_table_find(t, "share"));
  const double *low = nax_table_numbers(t, nax_table_find(t, "share_low"));
  const double *high = nax_table_numbers(t, nax_table_find(t, "share_high"));
  const char *const *name = nax_table_text(t, nax_table_find(t, "group"));
  NAX_REQUIRE(share != NULL && low != NULL && high != NULL && name != NULL, NAX_EINVAL,
              "`profile` is not a table of nax_freqtag_profile");
  NAX_TRY_ALLOC(x, n, sizeof *x);
  NAX_TRY_ALLOC(y, n, sizeof *y);
  NAX_TRY_ALLOC(lo, n, sizeof *lo);
  NAX_TRY_ALLOC(hi, n, sizeof *hi);
  nax_i_fig *f = nax_i_fig_new("profile", NAX_I_FIG_WIDE, 300.0, "Where they are");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  double top = 0.0;
  for (nax_index i = 0; i < rows; i++) {
    top = isfinite(high[i]) ? fmax(top, high[i]) : top;
  }
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_WIDE, 300.0);
  a.x = (nax_i_side){.lo = -0.5, .hi = (double)n - 0.5, .names = name, .n_names = n};
  a.y = (nax_i_side){
      .lo = 0.0, .hi = fmin(1.02, 1.05 * top + 0.01), .label = "Share that follows"};
  a.grid = 1;
  nax_i_key key[MOST_TAGS];
  char text[MOST_TAGS][48];
  nax_index shown = g->tags < MOST_TAGS ? g->tags : MOST_TAGS;
  for (nax_index k = 0; k < shown; k++) {
    nax_i_style s = {.colour = (int)k, .shape = (int)(k % 6)};
    for (nax_index i = 0; i < n; i++) {
      x[i] = (double)i + 0.08 * ((double)k - 0.5 * (double)(shown - 1));
      y[i] = share[i + k * n];
      lo[i] = low[i + k * n];
      hi[i] = high[i + k * n];
    }
    nax_i_add_line(f, &a, n, x, y, s);
    nax_i_add_whiskers(f, &a, n, x, lo, hi, s);
    nax_i_add_points(f, &a, n, x, y, NULL, s);
    key[k] = (nax_i_key){tag_name(g, k, text[k]), s, 1};
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, (int)shown, key);
  nax_i_fig_desc(f, "Share of units that follow each tag in %lld groups.", (long long)n);
  nax_i_fig_caption(f,
                    "Share of the units of each group that follow each tag, with 95 %% "
                    "intervals.");
  nax_i_page_figure(g->p, f);
  nax_i_page_details(g->p, "Numbers for each group", t, 0);
done:
  nax_i_free(x);
  nax_i_free(y);
  nax_i_free(lo);
  nax_i_free(hi);
  return status;
}

/* One value of each unit as bars; `hit` marks those to colour (NULL: all). Few units have
 * their names under them. The caller adds description and caption. */
static nax_status
unit_bars(const page *g, const char *kind, nax_index k, const double *y,
          const char *label, const char *hit, nax_i_fig **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  char **name = NULL, tag[48], id[32];
  double lo, hi;
  int named = g->units <= 12;
  *out = NULL;
  NAX_TRY_ALLOC(name, g->units, sizeof *name);
  for (nax_index u = 0; u < g->units && named; u++) {
    name[u] = unit_name(g, u);
    NAX_REQUIRE(name[u] != NULL, NAX_ENOMEM, "out of memory");
  }
  snprintf(id, sizeof id, "%s-%lld", kind, (long long)k + 1);
  nax_i_fig *f = nax_i_fig_new(id, NAX_I_FIG_HALF, 240.0, tag_name(g, k, tag));
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_range(g->units, y, 1, &lo, &hi);
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 240.0);
  a.x = (nax_i_side){.lo = -0.5, .hi = (double)g->units - 0.5};
  if (named) {
    a.x.names = (const char *const *)name;
    a.x.n_names = g->units;
  } else {
    a.x.label = nax_axis_name(g->f->axis[0]);
    a.x.integers = 1;
  }
  a.y = (nax_i_side){.lo = fmin(lo, 0.0), .hi = hi, .label = label};
  a.grid = 1;
  for (nax_index u = 0; u < g->units; u++) {
    double edges[2] = {(double)u - 0.5, (double)u + 0.5};
    if (isfinite(y[u])) {
      int colour = hit == NULL ? 0 : hit[u] ? 1 : NAX_I_MUTED;
      nax_i_add_bars(f, &a, 1, edges, y + u, 0.0, 0.2, (nax_i_style){.colour = colour});
    }
  }
  nax_i_axes_draw(f, &a);
  *out = f;
done:
  for (nax_index u = 0; u < g->units && name != NULL; u++) {
    nax_i_free(name[u]);
  }
  nax_i_free(name);
  return status;
}

static nax_status
amplitude_bars(page *g)
{
  nax_status status = NAX_OK;
  if (g->units > MOST_BARS || g->units < 2) {
    return NAX_OK;
  }
  for (nax_index k = 0; k < g->tags && k < MOST_TAGS; k++) {
    const double *y = g->f->field[NAX_FREQTAG_AMPLITUDE] + k * g->units;
    char tag[48], hit[MOST_BARS];
    nax_i_fig *f = NULL;
    for (nax_index u = 0; u < g->units; u++) {
      hit[u] = (char)nax_freqtag_is_tagged(g->f, u, k);
    }
    NAX_TRY(unit_bars(g, "units", k, y, "Amplitude", hit, &f));
    (void)tag_name(g, k, tag);
    nax_i_fig_desc(f, "Amplitude of each unit at %s.", tag);
    nax_i_fig_caption(f, "Amplitude at %s; coloured: units that follow.", tag);
    nax_i_page_figure(g->p, f);
  }
done:
  return status;
}

/* Units that follow each pair of tags. */
static nax_status
overlap_table(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_table *t = NULL;
  double *column = NULL;
  char **name = NULL, text[64], tag[48];
  NAX_TRY_ALLOC(column, g->tags, sizeof *column);
  NAX_TRY_ALLOC(name, g->tags, sizeof *name);
  for (nax_index k = 0; k < g->tags; k++) {
    NAX_TRY_DUP(name[k], tag_name(g, k, tag));
  }
  NAX_TRY(nax_table_create(ctx, "tag", g->tags, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "tag", (const char *const *)name));
  for (nax_index k = 0; k < g->tags; k++) {
    column[k] = (double)nax_freqtag_n_tagged(g->f, k);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "units", NULL, column));
  for (nax_index q = 0; q < g->tags && g->tags > 1 && g->tags <= MOST_TAGS; q++) {
    for (nax_index k = 0; k < g->tags; k++) {
      column[k] = 0.0;
      for (nax_index u = 0; u < g->units; u++) {
        column[k] +=
            nax_freqtag_is_tagged(g->f, u, k) && nax_freqtag_is_tagged(g->f, u, q);
      }
    }
    snprintf(text, sizeof text, "also %s", tag_name(g, q, tag));
    NAX_TRY(nax_table_add_numbers(ctx, t, text, NULL, column));
  }
  nax_i_page_table(g->p, "overlap", "Units that follow each tag, and each other one", t,
                   0, 0, NULL);
done:
  for (nax_index k = 0; k < g->tags && name != NULL; k++) {
    nax_i_free(name[k]);
  }
  nax_i_free(name);
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

/* Units that follow these levels and no others. */
static nax_status
sets_table(page *g)
{
  nax_status status = NAX_OK;
  nax_table *own = NULL;
  const nax_table *t = g->info != NULL ? g->info->sets : NULL;
  if (g->f->n_levels < 2 || g->f->n_levels > NAX_I_FT_LEVELS) {
    return NAX_OK;
  }
  if (t == NULL) {
    NAX_TRY(nax_freqtag_sets(g->ctx, g->f, 0, NULL, NULL, &own));
    t = own;
  }
  nax_i_page_table(g->p, "sets", "Units that follow these levels and no others", t, 0, 0,
                   NULL);
done:
  nax_table_free(own);
  return status;
}

/* ----------------------------------------------------------------- components */

/* Signal-to-noise spectrum of the component of each tag, and its pattern over channels.
 */
static nax_status
component_figures(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_freqtag_components *c = &g->f->ress;
  const nax_freqtag *r = g->f;
  nax_index n = bins_for(g, c->n_bins);
  double *x = NULL, *snr = NULL, pattern[MOST_BARS];
  nax_freqtag_contrast *bins = NULL;
  nax_freqtag_neighbours around = {r->o.gap, r->o.side > 0 ? r->o.side : 1, 0,
                                   r->designed, 0};
  NAX_TRY_ALLOC(x, c->n_bins, sizeof *x);
  NAX_TRY_ALLOC(snr, c->n_bins, sizeof *snr);
  NAX_TRY_ALLOC(bins, c->n_bins, sizeof *bins);
  for (nax_index i = 0; i < c->n_bins; i++) {
    x[i] = (double)i * r->rate / (double)r->n_samples;
  }
  for (nax_index k = 0; k < g->tags && k < MOST_TAGS; k++) {
    char tag[48];
    (void)tag_name(g, k, tag);
    NAX_TRY(nax_freqtag_contrast_all(ctx, c->n_bins, c->spectrum + k * c->n_bins, &around,
                                     bins));
    for (nax_index i = 0; i < c->n_bins; i++) {
      snr[i] = bins[i].snr;
    }
    nax_i_fig *f = marked_spectrum(g, "ress", k, n, x, snr, "Amplitude / neighbours");
    NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
    nax_i_fig_desc(f, "Signal-to-noise ratio of the component of %s over frequency.",
                   tag);
    nax_i_fig_caption(
        f, "The component of %s: amplitude over the mean of its neighbours.", tag);
    nax_i_page_figure(g->p, f);
    if (g->units > MOST_BARS) {
      continue;
    }
    double most = 0.0;
    for (nax_index u = 0; u < g->units; u++) {
      pattern[u] = c->pattern[u + k * g->units];
      most = fabs(pattern[u]) > fabs(most) ? pattern[u] : most;
    }
    for (nax_index u = 0; u < g->units && most != 0.0; u++) {
      pattern[u] /= most;
    }
    NAX_TRY(unit_bars(g, "pattern", k, pattern, "Pattern", NULL, &f));
    nax_i_fig_desc(f, "What the filter of %s picks up from each channel.", tag);
    nax_i_fig_caption(f,
                      "What the component of %s picks up from each channel, largest "
                      "scaled to 1.",
                      tag);
    nax_i_page_figure(g->p, f);
  }
done:
  nax_i_free(x);
  nax_i_free(snr);
  nax_i_free(bins);
  return status;
}

static nax_status
components(page *g)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  const nax_freqtag_components *c = nax_freqtag_get_components(g->f);
  if (c == NULL) {
    return NAX_OK;
  }
  int is_power =
      g->f->o.test == NAX_FREQTAG_TEST_SNR || g->f->o.test == NAX_FREQTAG_TEST_POWER;
  nax_i_page_section(g->p, "components", "Components of all channels");
  nax_i_page_text(
      g->p,
      "Rhythmic entrainment source separation (Cohen & Gulbinaite 2017): for each tag the "
      "combination of channels whose power there is largest against its neighbourhood. "
      "Each trial goes through a filter made of the other trials, so that the statistics "
      "are not biased by the choice of the filter; the eigenvalue is. %s%lld of %lld "
      "channels vary, and %lld of %lld trials miss no value in any of these: these take "
      "part.",
      is_power
          ? "p of power against neighbours is too small here (about 3 times as often "
            "below 1 % as it says, with 10 trials of noise), because the "
            "filters share most trials. "
          : "",
      (long long)c->n_channels, (long long)g->units, (long long)c->n_trials,
      (long long)g->f->n_trials[0]);
  NAX_TRY(nax_freqtag_components_table(g->ctx, g->f, &t));
  nax_i_page_table(g->p, "ress", "The component of each tag at its tag", t, 1, 0, NULL);
  NAX_TRY(component_figures(g));
done:
  nax_table_free(t);
  return status;
}

typedef struct ranked {
  double log_p;
  nax_index cell;
} ranked;

static int
by_p(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  return x->log_p < y->log_p   ? -1
         : x->log_p > y->log_p ? 1
                               : (x->cell > y->cell) - (x->cell < y->cell);
}

static nax_status
strongest(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_table *t = NULL;
  ranked *r = NULL;
  double *column = NULL;
  char **name = NULL;
  nax_index n = 0, rows, all = g->units * g->tags;
  static const int field[] = {NAX_FREQTAG_AMPLITUDE, NAX_FREQTAG_PHASE, NAX_FREQTAG_ITPC,
                              NAX_FREQTAG_PPC,       NAX_FREQTAG_SNR,   NAX_FREQTAG_Q};
  NAX_TRY_ALLOC(r, all, sizeof *r);
  for (nax_index i = 0; i < all; i++) {
    double p = g->f->field[NAX_FREQTAG_LOG_P][i];
    if (!isnan(p)) {
      r[n++] = (ranked){p, i};
    }
  }
  qsort(r, (size_t)n, sizeof *r, by_p);
  rows = n < MOST_ROWS ? n : MOST_ROWS;
  NAX_TRY_ALLOC(column, rows, sizeof *column);
  NAX_TRY_ALLOC(name, rows, sizeof *name);
  for (nax_index i = 0; i < rows; i++) {
    name[i] = unit_name(g, r[i].cell % g->units);
    NAX_REQUIRE(name[i] != NULL, NAX_ENOMEM, "out of memory");
  }
  NAX_TRY(nax_table_create(ctx, "rank", rows, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "unit", (const char *const *)name));
  for (nax_index i = 0; i < rows; i++) {
    column[i] = g->f->tag[r[i].cell / g->units];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "tag", "Hz", column));
  for (size_t k = 0; k < sizeof field / sizeof field[0]; k++) {
    for (nax_index i = 0; i < rows; i++) {
      column[i] = g->f->field[field[k]][r[i].cell];
    }
    NAX_TRY(nax_table_add_numbers(
        ctx, t, nax_freqtag_field_name((nax_freqtag_field)field[k]), NULL, column));
  }
  for (nax_index i = 0; i < rows; i++) {
    column[i] = r[i].log_p / log(10.0);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "log10 p", NULL, column));
  nax_i_page_table(g->p, "strongest", "Smallest p values", t, 1, 0, NULL);
done:
  for (nax_index i = 0; name != NULL && i < rows; i++) {
    nax_i_free(name[i]);
  }
  nax_i_free(name);
  nax_i_free(column);
  nax_i_free(r);
  nax_table_free(t);
  return status;
}

/* ------------------------------------------------------------------- in words */

/* What took no part, and why. */
static void
exclusions(page *g)
{
  const nax_freqtag *f = g->f;
  const struct {
    nax_index n, of;
    const char *id, *note, *fact;
  } left[] = {{f->n_short, f->n_tags * f->o.harmonics, "freqtag.neighbours",
               "lines have fewer neighbouring bins than asked for, and are compared with "
               "these",
               "lines short of neighbours"},
              {f->n_left_out, (f->n_trials[0] + f->n_trials[1]) * f->n_units,
               "freqtag.left-out", "trials of units have missing values and are left out",
               "trials of units left out"},
              {f->n_empty, f->n_units, "freqtag.empty",
               "units have no trial without missing values and cannot be tested",
               "units without a whole trial"},
              {f->n_constant, f->n_units, "freqtag.constant",
               "units are constant and cannot be tested", "constant units"},
              {f->n_outside[0], f->n_outside[0] + f->n_trials[0], "freqtag.outside",
               "trials do not lie within the recording and are left out",
               "trials outside"},
              {f->n_outside[1], f->n_outside[1] + f->n_trials[1], "freqtag.outside",
               "trials of the control do not lie within the recording and are left out",
               "trials of the control outside"}};
  for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
    if (left[i].n > 0) {
      char text[160];
      snprintf(text, sizeof text, "%lld of %lld %s.", (long long)left[i].n,
               (long long)left[i].of, left[i].note);
      nax_i_page_note(g->p, NAX_INFO, left[i].id, text);
      nax_i_page_fact(g->p, left[i].fact, "%lld", (long long)left[i].n);
    }
  }
}

static void
summary(page *g)
{
  char text[64], tag[48];
  const nax_freqtag *f = g->f;
  nax_i_buf b = {0};
  for (nax_index k = 0; k < g->tags; k++) {
    nax_i_buf_printf(&b, "%s%lld follow %s",
                     k == 0            ? ""
                     : k + 1 < g->tags ? ", "
                                       : " and ",
                     (long long)nax_freqtag_n_tagged(f, k), tag_name(g, k, tag));
  }
  nax_i_page_lead(g->p, "Of %lld units %s, at a %s of %g.", (long long)g->units,
                  b.data != NULL ? b.data : "",
                  f->o.fdr == NAX_FREQTAG_MAX ? "family-wise error rate"
                                              : "false discovery rate",
                  f->o.q);
  nax_i_buf_free(&b);
  snprintf(text, sizeof text, "%lld", (long long)f->n_trials[0]);
  nax_i_page_tile(g->p, text, "trials");
  if (f->n_trials[1] > 0) {
    snprintf(text, sizeof text, "%lld", (long long)f->n_trials[1]);
    nax_i_page_tile(g->p, text, "trials of the control");
  }
  nax_i_human(tag, (double)f->n_samples / f->rate, 4);
  snprintf(text, sizeof text, "%.40s s", tag);
  nax_i_page_tile(g->p, text, "window");
  if (f->n_trials[1] == 0) {
    nax_i_page_note(g->p, NAX_INFO, "freqtag.no-control",
                    "No control condition: what the stimulus has at these rates besides "
                    "the structure of interest counts as following it.");
  }
  exclusions(g);
}

static void
method(page *g)
{
  static const char *const name[] = {
      "T2circ",
      "Hotelling's T2",
      "Rayleigh's test",
      "power of the mean of the trials against its neighbours",
      "power of the trials against its neighbours",
      "T2circ, or Hotelling's T2 where the scatter is no circle,",
      "Thomson's harmonic F over tapers and trials",
      "the F of a line fitted by least squares",
      "Z2 of the phases of all spikes (one harmonic: Rayleigh's test)"};
  static const char *const null[] = {
      "in closed form", "by trials turned by random angles",
      "by trials shifted by random samples", "by trials that change their sign",
      "by trials that exchange their condition"};
  nax_freqtag_opts o = g->f->o;
  o.tags = g->f->tags_text;
  o.exclude = g->f->exclude_text[0] != '\0' ? g->f->exclude_text : NULL;
  o.levels = g->f->levels_text[0] != '\0' ? g->f->levels_text : NULL;
  nax_i_page_section(g->p, "method", "Method");
  nax_i_page_text(
      g->p,
      "Fourier coefficients of each trial at the tags; %s%s decides on a unit (real "
      "coefficients, at half the sampling rate: t), p values %s, over %s, %s over units "
      "for each tag. Victor & Mast 1991; Benjamini & Hochberg 1995.",
      name[o.test - 1],
      g->f->n_trials[1] == 0 ? ""
      : o.paired             ? " on the differences between the conditions"
                             : " between the conditions",
      null[o.null - 1], o.item_length > 0 ? "items" : "trials",
      o.fdr == NAX_FREQTAG_BH   ? "Benjamini-Hochberg"
      : o.fdr == NAX_FREQTAG_BY ? "Benjamini-Yekutieli"
                                : "largest statistic of all units");
  nax_i_page_options(g->p, &nax_i_freqtag_table, &o);
  nax_i_page_fact(g->p, "samples per window", "%lld", (long long)g->f->n_samples);
  nax_i_page_fact(g->p, "sampling rate", "%g Hz", g->f->rate);
}

nax_status
nax_report_freqtag(nax_ctx *ctx, const nax_freqtag *f,
                   const nax_report_freqtag_info *info, const nax_report_opts *opts,
                   const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx, .f = f, .info = info, .units = f->n_units, .tags = f->n_tags};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Frequency tags",
                       info != NULL && info->subject != NULL ? info->subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  NAX_TRY(overlap_table(&g));
  NAX_TRY(sets_table(&g));
  if (f->n_bins > 0) {
    nax_i_page_section(g.p, "spectra", "Spectra");
    NAX_TRY(mean_spectra(&g));
    NAX_TRY(best_units(&g));
  }
  nax_i_page_section(g.p, "phases", "Phases");
  NAX_TRY(phases(&g));
  nax_i_page_section(g.p, "units", "Units");
  if (info != NULL && info->profile != NULL) {
    NAX_TRY(profile_figures(&g, info->profile));
  }
  if (info != NULL && info->clusters != NULL) {
    nax_i_page_table(g.p, "clusters", "Clusters of neighbouring units, by their mass",
                     info->clusters, 1, 0, NULL);
  }
  NAX_TRY(amplitude_bars(&g));
  NAX_TRY(strongest(&g));
  NAX_TRY(components(&g));
  if (info != NULL && info->layers != NULL) {
    nax_i_page_section(g.p, "brain", "Similarity with the brain");
    nax_i_page_text(g.p, "Spearman's correlation between the geometries (1 - cosine of "
                         "spectra over blocks of trials) of the units of each set and "
                         "layer and of channels; mean over the best channels.");
    nax_i_page_table(g.p, "layers", "Layers and sets", info->layers, 1, 0, NULL);
  }
  if (info != NULL && info->regions != NULL) {
    nax_i_page_table(g.p, "regions", "Regions of the best channels", info->regions, 1, 0,
                     NULL);
  }
  method(&g);
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_page_free(g.p);
  return status;
}
