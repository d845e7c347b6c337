/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many components the data support: what a page says and draws of it. */
#include "report_i.h"
#include <math.h>

static const double *
numbers(const nax_table *t, const char *name)
{
  return nax_table_numbers(t, nax_table_find(t, name));
}

static int
any_number(const double *v, nax_index n)
{
  for (nax_index i = 0; i < n; i++) {
    if (!isnan(v[i])) {
      return 1;
    }
  }
  return 0;
}

static nax_status
figures(nax_ctx *ctx, nax_i_page *page, const nax_table *t, int64_t used)
{
  nax_status status = NAX_OK;
  nax_index n = nax_table_n_rows(t);
  const double *rank = numbers(t, "rank"), *error = numbers(t, "error");
  const double *test = numbers(t, "held_out_error"), *se = numbers(t, "held_out_se");
  const double *cosine = numbers(t, "similarity_mean_cosine");
  const double *product = numbers(t, "similarity_product");
  const double *left_out = numbers(t, "similarity_left_out");
  const double *half = numbers(t, "similarity_halves");
  double *both = NULL, *low = NULL, *high = NULL, lo, hi;
  NAX_REQUIRE(left_out && half && rank && error && test && se && cosine && product &&
                  n > 0,
              NAX_EINVAL, "`ranks` is not a table of nax_ntf_select");
  NAX_TRY_ALLOC(both, 2 * n, sizeof *both);
  NAX_TRY_ALLOC(low, n, sizeof *low);
  NAX_TRY_ALLOC(high, n, sizeof *high);
  for (nax_index i = 0; i < n; i++) {
    both[i] = error[i];
    both[n + i] = test[i];
    low[i] = test[i] - se[i];
    high[i] = test[i] + se[i];
  }
  nax_i_side x = {
      .lo = rank[0] - 0.5, .hi = rank[n - 1] + 0.5, .label = "Components", .integers = 1};
  nax_i_range(2 * n, both, 0, &lo, &hi);
  nax_i_fig *f = nax_i_fig_new("rank-error", NAX_I_FIG_HALF, 280.0, "Error against rank");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  nax_i_axes a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 280.0);
  a.x = x;
  a.y = (nax_i_side){.lo = lo, .hi = hi, .label = "Relative error"};
  a.grid = 1;
  nax_i_style fit = {.colour = 0}, held = {.colour = 1, .shape = 1, .dash = 1};
  nax_i_add_line(f, &a, n, rank, error, fit);
  nax_i_add_points(f, &a, n, rank, error, NULL, fit);
  nax_i_add_whiskers(f, &a, n, rank, low, high, held);
  nax_i_add_line(f, &a, n, rank, test, held);
  nax_i_add_points(f, &a, n, rank, test, NULL, held);
  nax_i_add_vline(f, &a, (double)used, NULL, (nax_i_style){.colour = NAX_I_MUTED});
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, 2, (nax_i_key[]){{"fitted", fit, 0}, {"held out", held, 0}});
  nax_i_fig_desc(f, "Fitted and held-out error for %lld ranks.", (long long)n);
  nax_i_fig_caption(f, "Error on the entries fitted and on those held out (mean and "
                       "standard error over folds). The rule marks the rank used.");
  nax_i_page_figure(page, f);
  f = nax_i_fig_new("rank-similarity", NAX_I_FIG_HALF, 280.0, "Stability against rank");
  NAX_REQUIRE(f != NULL, NAX_ENOMEM, "out of memory");
  a = nax_i_axes_in(0.0, 0.0, NAX_I_FIG_HALF, 280.0);
  a.x = x;
  a.y = (nax_i_side){.lo = 0.0, .hi = 1.02, .label = "Median similarity"};
  a.grid = 1;
  nax_i_add_line(f, &a, n, rank, cosine, fit);
  nax_i_add_points(f, &a, n, rank, cosine, NULL, fit);
  nax_i_add_line(f, &a, n, rank, product, held);
  nax_i_add_points(f, &a, n, rank, product, NULL, held);
  nax_i_key keys[4] = {{"mean cosine", fit, 0}, {"product", held, 0}};
  int n_keys = 2;
  for (int i = 0; i < 2; i++) {
    const double *v = i == 0 ? left_out : half;
    nax_i_style s = {.colour = 2 + i, .shape = 2 + i, .dash = 2};
    if (any_number(v, n)) {
      nax_i_add_line(f, &a, n, rank, v, s);
      nax_i_add_points(f, &a, n, rank, v, NULL, s);
      keys[n_keys++] = (nax_i_key){i == 0 ? "slices left out" : "halves", s, 0};
    }
  }
  nax_i_add_vline(f, &a, (double)used, NULL, (nax_i_style){.colour = NAX_I_MUTED});
  nax_i_axes_draw(f, &a);
  nax_i_add_legend(f, &a, n_keys, keys);
  nax_i_fig_desc(f, "Similarity between fits for %lld ranks.", (long long)n);
  nax_i_fig_caption(f,
                    "Agreement between random starts (two scores)%s: below about 0.9 "
                    "the components depend on the start%s.",
                    n_keys > 2 ? ", and of fits to parts of the data" : "",
                    n_keys > 2 ? " or on which part was seen" : "");
  nax_i_page_figure(page, f);
  nax_i_page_details(page, "Numbers for each rank", t, 0);
done:
  nax_i_free(both);
  nax_i_free(low);
  nax_i_free(high);
  return status;
}

static void
say_how_many(nax_i_page *page, const nax_ntf_selection *s)
{
  char text[256];
  nax_ntf_selection_text(s, text, sizeof text);
  nax_i_page_lead(page, "%s.", text);
  if (s->rank_stable == 0 || s->rank_left_out == 0 || s->rank_half == 0) {
    nax_i_page_text(page, "A criterion that holds at no rank does not count for the "
                          "choice, but single components are then to be read with care.");
  }
}

nax_status
nax_i_rank_section(nax_ctx *ctx, nax_i_page *page, const nax_table *ranks,
                   const nax_ntf_selection *chosen, int64_t used)
{
  say_how_many(page, chosen);
  return figures(ctx, page, ranks, used);
}
