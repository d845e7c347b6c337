/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a fit, and what follows from them alone. */
#include "bicluster_i.h"
#include <math.h>
#include <stdlib.h>

void
nax_i_bic_data_free(nax_i_bic_data *d)
{
  nax_i_free(d->y);
  nax_i_free(d->mask);
  nax_i_free(d->first);
  nax_i_free(d->region);
  nax_i_free(d->tail_at);
  nax_i_free(d->value);
  nax_i_free(d->tail);
  nax_i_free(d->sum_y);
  nax_i_free(d->n_obs);
  nax_i_free(d->log_fact);
  nax_i_free(d->centre);
  nax_i_free(d->scale);
  nax_i_free(d->held_i);
  nax_i_free(d->held_t);
  nax_i_free(d->held_y);
  memset(d, 0, sizeof *d);
}

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

nax_status
nax_i_bic_data_refresh(nax_ctx *ctx, nax_i_bic_data *d)
{
  nax_status status = NAX_OK;
  nax_index used = 0;
  double *row = NULL;
  NAX_TRY_ALLOC(row, d->t, sizeof *row);
  if (d->tail_at == NULL) {
    NAX_TRY_ALLOC(d->tail_at, d->n + 1, sizeof *d->tail_at);
    NAX_TRY_ALLOC(d->value, d->n * d->t, sizeof(double));
    NAX_TRY_ALLOC(d->tail, d->n * d->t, sizeof(double));
    NAX_TRY_ALLOC(d->sum_y, d->n, sizeof(double));
    NAX_TRY_ALLOC(d->n_obs, d->n, sizeof(double));
    NAX_TRY_ALLOC(d->log_fact, d->n, sizeof(double));
  }
  for (nax_index i = 0; i < d->n; i++) {
    nax_index n = 0;
    const double *y = d->y + i * d->tp, *mask = d->mask + i * d->tp;
    d->sum_y[i] = d->log_fact[i] = 0.0;
    d->tail_at[i] = used;
    for (nax_index t = 0; t < d->t; t++) {
      if (mask[t] > 0.0) {
        row[n++] = y[t];
        d->sum_y[i] += y[t];
      }
    }
    d->n_obs[i] = (double)n;
    if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
      continue;
    }
    qsort(row, (size_t)n, sizeof *row, ascending);
    for (nax_index j = 0; j < n; j++) {
      d->log_fact[i] += nax_i_bic_lgamma(row[j] + 1.0);
      if (row[j] > 0.0 && (j == 0 || row[j] > row[j - 1])) {
        d->value[used] = row[j];
        d->tail[used++] = (double)(n - j);
      }
    }
  }
  d->tail_at[d->n] = used;
done:
  nax_i_free(row);
  return status;
}
