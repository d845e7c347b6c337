/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evenly spaced bin edges without accumulated or doubled rounding. */
#include "spikes_i.h"
#include <math.h>

static const double exact_limit = 9007199254740992.0; /* 2^53 */

/* p with p / q == x, when there is one that a double holds. */
static int
ratio(double x, int64_t q, int64_t *p)
{
  double y = nearbyint(x * (double)q);
  if (fabs(y) >= exact_limit || y / (double)q < x || y / (double)q > x) {
    return 0;
  }
  *p = (int64_t)y;
  return 1;
}

/* Try denominator q: both numbers must be ratios, and all edges exact before dividing. */
static int
try_denominator(nax_i_grid *g, int64_t q, double n_most)
{
  int64_t p0, p;
  if (!ratio(g->width, q, &p) || p < 1 || !ratio(g->start, q, &p0) ||
      fabs((double)p0) + (n_most + 1.0) * (double)p >= exact_limit / 4.0) {
    return 0;
  }
  g->p0 = p0;
  g->p = p;
  g->q = q;
  return 1;
}

nax_i_grid
nax_i_grid_make(double start, double width, double n_most)
{
  nax_i_grid g = {start, width, 0, 0, 0};
  /* Denominators: a width of 1/n gives n, else 1; tens for decimals; three because many
   * acquisition clocks run at multiples of 3 kHz and start anywhere. */
  double n = nearbyint(1.0 / width);
  int64_t base[2] = {1, n >= 1.0 && n <= 1e6 ? (int64_t)n : 1};
  for (int64_t ten = 1; ten <= INT64_C(1000000000); ten *= 10) {
    for (int64_t three = 1; three <= 3; three += 2) {
      for (int b = 0; b < 2; b++) {
        if (try_denominator(&g, base[b] * ten * three, n_most)) {
          return g;
        }
      }
    }
  }
  return g;
}

double
nax_i_grid_edge(const nax_i_grid *g, nax_index i)
{
  return g->q > 0 ? (double)(g->p0 + i * g->p) / (double)g->q
                  : g->start + (double)i * g->width;
}

nax_index
nax_i_grid_find(const nax_i_grid *g, double t)
{
  nax_index i = (nax_index)floor((t - g->start) / g->width);
  while (nax_i_grid_edge(g, i) > t) {
    i--;
  }
  while (nax_i_grid_edge(g, i + 1) <= t) {
    i++;
  }
  return i;
}

nax_status
nax_i_grid_centres(nax_ctx *ctx, const nax_i_grid *g, nax_index n, nax_axis **out)
{
  if (g->q == 0) {
    return nax_axis_create_regular(ctx, "time", "s", n, g->start + 0.5 * g->width,
                                   1.0 / g->width, out);
  }
  return nax_i_axis_grid(ctx, "time", "s", n, 0.0, 2.0 * (double)g->q, 2 * g->p0 + g->p,
                         2 * g->p, out);
}
