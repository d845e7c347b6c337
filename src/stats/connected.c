/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters of neighbouring points beyond a threshold. */
#include "stats_i.h"

typedef struct growth {
  const double *t;
  nax_index n;
  double limit;
  int up;
  int64_t label, *of;
  nax_index *stack, depth;
} growth;

static void
visit(growth *g, nax_index i)
{
  if (i >= 0 && i < g->n && g->of[i] < 0 && (g->up ? g->t[i] : -g->t[i]) > g->limit) {
    g->of[i] = g->label;
    g->stack[g->depth++] = i;
  }
}

double
nax_i_grow_cluster(const nax_i_neighbours *near, nax_index n, const double *t,
                   double limit, int up, nax_index start, int64_t label, nax_index *stack,
                   int64_t *of, nax_index *size)
{
  growth g = {t, n, limit, up, label, of, stack, 0};
  double sum = 0.0;
  *size = 0;
  visit(&g, start);
  while (g.depth > 0) {
    nax_index i = stack[--g.depth];
    sum += t[i];
    (*size)++;
    if (near->offset != NULL) {
      for (nax_index k = near->offset[i]; k < near->offset[i + 1]; k++) {
        visit(&g, near->index[k]);
      }
      continue;
    }
    nax_index at = i % near->line;
    if (at > 0) {
      visit(&g, i - 1);
    }
    if (at + 1 < near->line) {
      visit(&g, i + 1);
    }
    visit(&g, i - near->line);
    visit(&g, i + near->line);
  }
  return sum;
}
