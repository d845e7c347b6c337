/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about the published rule of HFTP, and what it does to noise. */
#include "report_i.h"
#include <math.h>
#include <neuraxis/report.h>

enum { MOST_POINTS = 4000, SETS = 3 };

static const char *const set_name[SETS] = {"sentence", "phrase", "shared"};

static void
summary(nax_i_page *p, const nax_freqtag_hftp *h)
{
  nax_index n[SETS + 1] = {0, 0, 0, 0};
  char text[32];
  for (nax_index u = 0; u < h->n_units; u++) {
    n[h->flagged[u]]++;
  }
  nax_i_page_lead(
      p,
      "Of %lld units the published rule flags %lld as sentence, %lld as phrase "
      "and %lld as shared units.",
      (long long)h->n_units, (long long)n[1], (long long)n[2], (long long)n[3]);
  for (int k = 0; k < SETS; k++) {
    snprintf(text, sizeof text, "%lld", (long long)n[k + 1]);
    nax_i_page_tile(p, text, set_name[k]);
  }
  nax_i_page_note(
      p, NAX_VIOLATION, "freqtag.published",
      "This rule has no control over false flags: of units that are pure noise it flags "
      "2.7 % as sentence units and 2.9 % as phrase units with one phrase rate, 6.9 % and "
      "6.2 % as phrase units with six and seven (352,256 units simulated). With 1 % of "
      "units truly tagged at a fifth of the noise, 65 to 82 % of those it flags are "
      "false. The rule fdr keeps the false discovery rate that it is given.");
}

/* Contrasts in standard deviations over all units. */
static nax_status
contrasts(nax_ctx *ctx, nax_i_page *p, const nax_freqtag_hftp *h)
{
  nax_status status = NAX_OK;
  double *x[SETS + 1] = {NULL}, *y[SETS + 1] = {NULL}, lo[2], hi[2];
  nax_index n[SETS + 1] = {0, 0, 0, 0}, stride = 1 + h->n_units / MOST_POINTS;
  for (int k = 0; k <= SETS; k++) {
    NAX_TRY_ALLOC(x[k], h->n_units, sizeof(double));
    NAX_TRY_ALLOC(y[k], h->n_units, sizeof(double));
  }
  lo[0] = lo[1] = -1.0;
  hi[0] = hi[1] = 3.0;
  for (nax_index u = 0; u < h->n_units; u++) {
    int k = h->flagged[u];
    double z[2] = {h->z[2 * u], h->z[2 * u + 1]};
    for (int i = 0; i < 2; i++) {
      lo[i] = fmin(lo[i], z[i]);
      hi[i] = fmax(hi[i], z[i]);
    }
    if ((k > 0 && n[k] < MOST_POINTS) || (k == 0 && u % stride == 0)) {
      x[k][n[k]] = z[0];
      y[k][n[k]++] = z[1];
    }
  }
  nax_i_fig *f = nax_i_fig_new("contrasts", NAX_I_FIG_WIDE, 360.0, "Contrasts");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_WIDE, 360.0);
  a.x = (nax_i_side){.lo = lo[0], .hi = hi[0] + 0.3, .label = "Sentence contrast (z)"};
  a.y = (nax_i_side){.lo = lo[1], .hi = hi[1] + 0.3, .label = "Phrase contrast (z)"};
  a.grid = 1;
  nax_i_style rule = {.colour = NAX_I_MUTED, .dash = 1, .width = 1.0};
  nax_i_add_vline(f, &a, 2.0, NULL, rule);
  nax_i_add_hline(f, &a, 2.0, NULL, rule);
  nax_i_key key[SETS + 1];
  for (int k = 0; k <= SETS; k++) {
    nax_i_style s = {.colour = k == 0 ? NAX_I_MUTED : k - 1, .width = k == 0 ? 2.0 : 3.0};
    nax_i_add_points(f, &a, n[k], x[k], y[k], NULL, s);
    key[k] = (nax_i_key){k == 0 ? "none" : set_name[k - 1], s, 1};
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, SETS + 1, key);
  nax_i_fig_desc(f,
                 "Sentence and phrase contrast of each unit, with the threshold of 2.");
  nax_i_fig_caption(
      f,
      "Experiment minus control in standard deviations over all units, those "
      "that failed the screen as zeros. Dashed: the threshold.%s",
      stride > 1 ? " A part of the units that are not flagged is drawn." : "");
  nax_i_page_figure(p, f);
done:
  for (int k = 0; k <= SETS; k++) {
    nax_i_free(x[k]);
    nax_i_free(y[k]);
  }
  return status;
}

static nax_status
group_table(nax_ctx *ctx, nax_i_page *p, const nax_freqtag_hftp *h, nax_index n_groups,
            const int64_t *group, const char *const *name)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *count = NULL;
  NAX_TRY_ALLOC(count, n_groups * (SETS + 1), sizeof *count);
  for (nax_index u = 0; u < h->n_units; u++) {
    if (group[u] >= 0 && group[u] < n_groups) {
      count[group[u] + n_groups * h->flagged[u]] += 1.0;
    }
  }
  for (nax_index g = 0; g < n_groups; g++) {
    for (int k = 1; k <= SETS; k++) {
      count[g] += count[g + n_groups * k]; /* all units of the group */
    }
  }
  NAX_TRY(nax_table_create(ctx, "group", n_groups, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "group", name));
  for (int k = 0; k <= SETS; k++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, k == 0 ? "units" : set_name[k - 1], NULL,
                                  count + k * n_groups));
  }
  nax_i_page_table(p, "groups", "Flagged units in each group", t, 0, 0, NULL);
done:
  nax_table_free(t);
  nax_i_free(count);
  return status;
}

nax_status
nax_report_hftp(nax_ctx *ctx, const nax_freqtag_hftp *h, const char *subject,
                nax_index n_groups, const int64_t *group, const char *const *name,
                const nax_report_opts *opts, const char *path)
{
  nax_status status = NAX_OK;
  nax_report_opts o;
  nax_i_page *p = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_report_table, &o, opts));
  p = nax_i_page_new(o.title != NULL ? o.title : "Units by the published rule",
                     subject != NULL ? subject : "");
  NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
  nax_i_page_section(p, "summary", "Summary");
  summary(p, h);
  NAX_TRY(contrasts(ctx, p, h));
  if (n_groups > 0) {
    NAX_TRY(group_table(ctx, p, h, n_groups, group, name));
  }
  nax_i_page_section(p, "method", "Method");
  nax_i_page_text(
      p,
      "Screen: amplitude of the mean over groups of renderings beyond the 95th percentile "
      "of unrestricted permutations of time, at the sentence rate and at any phrase rate. "
      "Contrast: mean amplitude of the groups, experiment minus control, zero for units "
      "that failed the screen. Flag: more than two standard deviations of the contrasts of "
      "all units above their mean. HFTP 2025, public code.");
  NAX_TRY(nax_i_page_finish(ctx, __func__, p, &o, path));
done:
  nax_i_page_free(p);
  return status;
}
