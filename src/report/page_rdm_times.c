/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about dissimilarities between patterns at each two times. */
#include "page_rsa_i.h"
#include <math.h>
#include <stdlib.h>

typedef struct page {
  nax_ctx *ctx;
  nax_i_page *p;
  const nax_array *a;
  nax_index n, times, m; /* conditions, times, pairs */
  double *mean;          /* times x times, over pairs */
  double *time;          /* of each */
  double *now, *other;   /* mean over pairs at a time, and with all other times */
  double *low, *high;    /* quartiles over pairs at a time */
} page;

static double
at(const page *g, nax_index i, nax_index j, nax_index t, nax_index u)
{
  const double *d = nax_array_data(g->a);
  return d[i + g->n * (j + g->n * (t + g->times * u))];
}

/* Means over the pairs that are there; `x` gets these values, *n how many. */
static double
mean_of_pairs(const page *g, nax_index t, nax_index u, double *x, nax_index *n)
{
  double sum = 0.0;
  *n = 0;
  for (nax_index i = 0; i < g->n; i++) {
    for (nax_index j = i + 1; j < g->n; j++) {
      double v = at(g, i, j, t, u);
      if (!isnan(v)) {
        x[(*n)++] = v;
        sum += v;
      }
    }
  }
  return *n > 0 ? sum / (double)*n : (double)NAN;
}

static nax_status
summarise(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index t_max = g->times, n;
  double *x = NULL;
  NAX_TRY_ALLOC(x, g->m, sizeof *x);
  NAX_TRY_ALLOC(g->mean, t_max * t_max, sizeof *g->mean);
  NAX_TRY_ALLOC(g->time, 5 * t_max, sizeof *g->time);
  g->now = g->time + t_max;
  g->other = g->now + t_max;
  g->low = g->other + t_max;
  g->high = g->low + t_max;
  for (nax_index t = 0; t < t_max; t++) {
    double sum = 0.0, with = 0.0;
    for (nax_index u = 0; u < t_max; u++) {
      double mean = mean_of_pairs(g, t, u, x, &n);
      g->mean[t + u * t_max] = mean;
      if (u != t && !isnan(mean)) {
        sum += mean;
        with += 1.0;
      }
    }
    g->time[t] = nax_axis_coord(nax_array_axis(g->a, 2), t);
    g->other[t] = with > 0.0 ? sum / with : (double)NAN;
    g->now[t] = mean_of_pairs(g, t, t, x, &n);
    g->low[t] = g->high[t] = NAN;
    if (n > 0) {
      double quartile[2];
      NAX_TRY(nax_stats_quantile(ctx, n, x, 2, (const double[]){0.25, 0.75}, quartile));
      g->low[t] = quartile[0];
      g->high[t] = quartile[1];
    }
  }
done:
  nax_i_free(x);
  return status;
}

/* Half the step between times, or half a second for a single one. */
static double
half_step(const page *g)
{
  return g->times > 1
             ? 0.5 * (g->time[g->times - 1] - g->time[0]) / (double)(g->times - 1)
             : 0.5;
}

static nax_status
time_map(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_axis *axis = nax_array_axis(g->a, 2);
  double lo, hi, half = half_step(g), size = 420.0;
  NAX_REQUIRE(nax_i_colour_limits(g->times * g->times, g->mean, 0.5, 1, &lo, &hi),
              NAX_ENOMEM, "out of memory");
  nax_i_fig *f =
      nax_i_fig_new("times", NAX_I_FIG_WIDE, size + 80.0, "Differences that last");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = {.left = 150.0, .top = 20.0, .width = size, .height = size, .boxed = 1};
  a.x = (nax_i_side){.lo = g->time[0] - half,
                     .hi = g->time[g->times - 1] + half,
                     .label = "Time of the other pattern",
                     .unit = nax_axis_unit(axis)};
  a.y = (nax_i_side){.lo = a.x.hi,
                     .hi = a.x.lo,
                     .label = "Time of one pattern",
                     .unit = nax_axis_unit(axis)};
  nax_i_add_image(f, &a, g->times, g->times, g->mean, 1, g->times, NAX_I_MAP_DIVERGING,
                  lo, hi, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, lo, hi, "Mean dissimilarity", NULL);
  nax_i_fig_desc(f, "Heat map of %lld by %lld times.", (long long)g->times,
                 (long long)g->times);
  nax_i_fig_caption(
      f, "Product of the differences between two conditions at each two times, "
         "mean over pairs of conditions. The diagonal has the dissimilarity at "
         "each time; off it, a value as high says that the difference is the "
         "same one, 0 that it is another, below 0 that it has turned round.");
  nax_i_page_figure(g->p, f);
done:
  return status;
}

static nax_status
course(page *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  nax_index n = g->times;
  double lo = 0.0, hi = 0.0;
  for (nax_index t = 0; t < n; t++) {
    const double v[4] = {g->now[t], g->other[t], g->low[t], g->high[t]};
    for (int k = 0; k < 4; k++) {
      lo = isnan(v[k]) ? lo : fmin(lo, v[k]);
      hi = isnan(v[k]) ? hi : fmax(hi, v[k]);
    }
  }
  nax_i_fig *f = nax_i_fig_new("course", NAX_I_FIG_WIDE, 320.0, "Over time");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_WIDE, 320.0);
  double half = half_step(g), room = 0.05 * (hi - lo) + 1e-300;
  const nax_axis *axis = nax_array_axis(g->a, 2);
  a.x = (nax_i_side){.lo = g->time[0] - half,
                     .hi = g->time[n - 1] + half,
                     .label = "Time",
                     .unit = nax_axis_unit(axis)};
  a.y = (nax_i_side){.lo = lo - room, .hi = hi + room, .label = "Dissimilarity"};
  nax_i_style now = {.colour = 0, .width = 2.0}, other = {.colour = 1, .width = 2.0};
  nax_i_axes_draw(f, &a);
  nax_i_add_band(f, &a, n, g->time, g->low, g->high, (nax_i_style){.colour = 0});
  nax_i_add_line(f, &a, n, g->time, g->now, now);
  nax_i_add_line(f, &a, n, g->time, g->other, other);
  nax_i_add_legend(f, &a, 2,
                   (nax_i_key[]){{"patterns of the same time", now, 0},
                                 {"with all other times", other, 0}});
  nax_i_fig_desc(f, "Two curves over %lld times.", (long long)n);
  nax_i_fig_caption(f,
                    "Mean over pairs of conditions (area: quartiles over pairs), and the "
                    "mean of the same time with all others: where both are as high, the "
                    "code is stable.");
  nax_i_fig_columns(f, "time", n,
                    (nax_i_column[]){{"time", nax_axis_unit(axis), g->time},
                                     {"dissimilarity", NULL, g->now},
                                     {"lower_quartile", NULL, g->low},
                                     {"upper_quartile", NULL, g->high},
                                     {"with_other_times", NULL, g->other}},
                    5);
  nax_i_page_figure(g->p, f);
done:
  return status;
}

static void
summary(page *g)
{
  char text[64];
  const char *measure = nax_array_description(g->a);
  double on = 0.0, off = 0.0;
  nax_index best = 0, with = 0;
  for (nax_index t = 0; t < g->times; t++) {
    best = g->now[t] > g->now[best] || isnan(g->now[best]) ? t : best;
    if (!isnan(g->now[t]) && !isnan(g->other[t])) {
      on += g->now[t];
      off += g->other[t];
      with++;
    }
  }
  nax_i_page_lead(g->p, "%lld conditions at %lld times%s%s.", (long long)g->n,
                  (long long)g->times, measure[0] != '\0' ? ", " : "", measure);
  snprintf(text, sizeof text, "%lld", (long long)g->times);
  nax_i_page_tile(g->p, text, "times");
  if (!isnan(g->now[best])) {
    char number[48];
    nax_i_human(number, g->time[best], 4);
    snprintf(text, sizeof text, "%s %s", number, nax_axis_unit(nax_array_axis(g->a, 2)));
    nax_i_page_tile(g->p, text, "when conditions differ most");
  }
  if (with > 0 && on > 0.0) {
    char number[48];
    nax_i_human(number, off / on, 3);
    nax_i_page_tile(g->p, number, "mean with other times, over that at the same time");
  }
}

nax_status
nax_report_rdm_times(nax_ctx *ctx, const nax_array *crossed, const char *subject,
                     const nax_report_opts *opts, const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  page g = {.ctx = ctx, .a = crossed};
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  NAX_REQUIRE(nax_array_ndim(crossed) == 4 && nax_array_dtype(crossed) == NAX_F64 &&
                  nax_array_dim(crossed, 0) == nax_array_dim(crossed, 1) &&
                  nax_array_dim(crossed, 2) == nax_array_dim(crossed, 3) &&
                  nax_array_dim(crossed, 0) >= 2,
              NAX_EDIM,
              "`crossed` must be condition x condition x time x time, as "
              "nax_rdm_time_by_time gives it");
  g.n = nax_array_dim(crossed, 0);
  g.times = nax_array_dim(crossed, 2);
  g.m = nax_rdm_pairs(g.n);
  NAX_TRY(summarise(&g));
  g.p = nax_i_page_new(o.title != NULL ? o.title : "Dissimilarities between times",
                       subject != NULL ? subject : "");
  NAX_REQUIRE(g.p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(g.p, "summary", "Summary");
  summary(&g);
  nax_i_page_section(g.p, "time", "Times");
  NAX_TRY(time_map(&g));
  NAX_TRY(course(&g));
  NAX_TRY(nax_i_page_finish(ctx, __func__, g.p, &o, path));
done:
  nax_i_free(g.mean);
  nax_i_free(g.time);
  nax_i_page_free(g.p);
  return status;
}
