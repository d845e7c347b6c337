/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The assignment problem by shortest augmenting paths with potentials (Jonker & Volgenant
 * 1987), for matching components of two fits. */
#include "stats_i.h"
#include <float.h>

nax_status
nax_i_assign(nax_ctx *ctx, int64_t n, const double *gain, int64_t *match)
{
  nax_status status = NAX_OK;
  /* Row and column 0 are a sentinel; cost is -gain. */
  double *u = NULL, *v = NULL, *least = NULL;
  int64_t *row_of = NULL, *came_from = NULL;
  char *done_col = NULL;
  NAX_TRY_ALLOC(u, n + 1, sizeof *u);
  NAX_TRY_ALLOC(v, n + 1, sizeof *v);
  NAX_TRY_ALLOC(least, n + 1, sizeof *least);
  NAX_TRY_ALLOC(row_of, n + 1, sizeof *row_of);
  NAX_TRY_ALLOC(came_from, n + 1, sizeof *came_from);
  NAX_TRY_ALLOC(done_col, n + 1, 1);
  for (int64_t i = 1; i <= n; i++) {
    int64_t j0 = 0;
    NAX_TRY(nax_i_poll(ctx));
    row_of[0] = i;
    for (int64_t j = 0; j <= n; j++) {
      least[j] = DBL_MAX;
      done_col[j] = 0;
    }
    do {
      int64_t i0 = row_of[j0], next = 0;
      double delta = DBL_MAX;
      done_col[j0] = 1;
      for (int64_t j = 1; j <= n; j++) {
        if (done_col[j]) {
          continue;
        }
        double slack = -gain[(i0 - 1) * n + j - 1] - u[i0] - v[j];
        if (slack < least[j]) {
          least[j] = slack;
          came_from[j] = j0;
        }
        if (least[j] < delta) {
          delta = least[j];
          next = j;
        }
      }
      for (int64_t j = 0; j <= n; j++) {
        if (done_col[j]) {
          u[row_of[j]] += delta;
          v[j] -= delta;
        } else {
          least[j] -= delta;
        }
      }
      j0 = next;
    } while (row_of[j0] != 0);
    while (j0 != 0) {
      int64_t before = came_from[j0];
      row_of[j0] = row_of[before];
      j0 = before;
    }
  }
  for (int64_t j = 1; j <= n; j++) {
    match[row_of[j] - 1] = j - 1;
  }
done:
  nax_i_free(u);
  nax_i_free(v);
  nax_i_free(least);
  nax_i_free(row_of);
  nax_i_free(came_from);
  nax_i_free(done_col);
  return status;
}
