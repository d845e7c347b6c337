/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries that are missing in a regular way: whole fibres along one mode, such as a
 * neuron that was not found in an animal. */
#include "ntf_i.h"
#include <stdlib.h>

void
nax_i_ntf_mask_free(nax_i_ntf_mask *mask)
{
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(mask->of[k].first);
    nax_i_free(mask->of[k].row);
    nax_i_free(mask->of[k].first_at);
    nax_i_free(mask->of[k].at);
  }
  *mask = (nax_i_ntf_mask){.along = 0};
}

/* What is left of a position when the index in mode k is dropped; that index in *row. */
static nax_index
drop_mode(const nax_index *dim, int32_t k, nax_index at, nax_index *row)
{
  nax_index inner = 1;
  for (int32_t j = 0; j < k; j++) {
    inner *= dim[j];
  }
  *row = at / inner % dim[k];
  return at % inner + at / inner / dim[k] * inner;
}

/* seen[p] = 1 for each fibre along mode k (p over the other modes) that was observed; 0
 * when some fibre is missing in part. */
static int
whole_fibres(const nax_i_ntf_operand *x, nax_index size, int32_t k, nax_index n,
             const nax_index *missing, int32_t *seen)
{
  nax_index row, fibres = size / x->dim[k];
  memset(seen, 0, (size_t)fibres * sizeof *seen);
  for (nax_index j = 0; j < n; j++) {
    seen[drop_mode(x->dim, k, missing[j], &row)]++;
  }
  for (nax_index p = 0; p < fibres; p++) {
    if (seen[p] != 0 && seen[p] != x->dim[k]) {
      return 0;
    }
    seen[p] = seen[p] == 0;
  }
  return 1;
}

/* One row of a mode and which of the other positions were observed in it. */
typedef struct pattern {
  const char *seen;
  nax_index n, row;
} pattern;

static int
by_pattern(const void *a, const void *b)
{
  const pattern *x = a, *y = b;
  int order = memcmp(x->seen, y->seen, (size_t)x->n);
  return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Rows of mode k grouped by pattern. seen: rows x n_at, row by row. */
static nax_status
group_rows(nax_ctx *ctx, nax_index rows, nax_index n_at, const char *seen,
           nax_i_ntf_groups *g)
{
  nax_status status = NAX_OK;
  pattern *p = NULL;
  nax_index total = 0;
  NAX_TRY_ALLOC(p, rows, sizeof *p);
  for (nax_index i = 0; i < rows; i++) {
    p[i] = (pattern){seen + i * n_at, n_at, i};
  }
  qsort(p, (size_t)rows, sizeof *p, by_pattern);
  NAX_TRY_ALLOC(g->first, rows + 1, sizeof *g->first);
  NAX_TRY_ALLOC(g->first_at, rows + 1, sizeof *g->first_at);
  NAX_TRY_ALLOC(g->row, rows, sizeof *g->row);
  for (nax_index i = 0; i < rows; i++) {
    g->row[i] = p[i].row;
    if (i == 0 || memcmp(p[i].seen, p[i - 1].seen, (size_t)n_at) != 0) {
      g->first[g->n] = i;
      g->first_at[g->n++] = total;
      for (nax_index q = 0; q < n_at; q++) {
        total += p[i].seen[q];
      }
    }
  }
  g->first[g->n] = rows;
  g->first_at[g->n] = total;
  NAX_TRY_ALLOC(g->at, total, sizeof *g->at);
  total = 0;
  for (int64_t j = 0; j < g->n; j++) {
    for (nax_index q = 0; q < n_at; q++) {
      if (p[g->first[j]].seen[q]) {
        g->at[total++] = q;
      }
    }
  }
done:
  nax_i_free(p);
  return status;
}

/* Groups of mode k when fibres along `along` are missing as a whole. */
static nax_status
groups_of(nax_ctx *ctx, const nax_i_ntf_operand *x, nax_index fibres, const int32_t *seen,
          int32_t along, int32_t k, nax_i_ntf_groups *g)
{
  nax_status status = NAX_OK;
  char *table = NULL;
  nax_index dim[NAX_I_NTF_MAX_MODES], row, rows = x->dim[k], n_at = fibres;
  int32_t n = 0, at_k = 0;
  NAX_TRY_ALLOC(table, fibres, 1);
  if (k == along) { /* every row misses the same */
    for (nax_index p = 0; p < fibres; p++) {
      table[p] = (char)seen[p];
    }
    NAX_TRY_ALLOC(g->first, 2, sizeof *g->first);
    NAX_TRY_ALLOC(g->first_at, 2, sizeof *g->first_at);
    NAX_TRY_ALLOC(g->row, rows, sizeof *g->row);
    NAX_TRY_ALLOC(g->at, fibres, sizeof *g->at);
    for (nax_index i = 0; i < rows; i++) {
      g->row[i] = i;
    }
    for (nax_index p = 0; p < fibres; p++) {
      if (table[p]) {
        g->at[g->first_at[1]++] = p;
      }
    }
    g->n = 1;
    g->first[1] = rows;
    goto done;
  }
  for (int32_t j = 0; j < x->n_modes; j++) {
    at_k = j == k ? n : at_k;
    if (j != along) {
      dim[n++] = x->dim[j];
    }
  }
  n_at /= rows;
  for (nax_index p = 0; p < fibres; p++) {
    nax_index at = drop_mode(dim, at_k, p, &row);
    table[row * n_at + at] = (char)seen[p];
  }
  NAX_TRY(group_rows(ctx, rows, n_at, table, g));
done:
  nax_i_free(table);
  return status;
}

nax_status
nax_i_ntf_find_mask(nax_ctx *ctx, const nax_i_ntf_operand *x, nax_index n,
                    const nax_index *missing, nax_i_ntf_mask *mask, int32_t *found)
{
  nax_status status = NAX_OK;
  int32_t *seen = NULL;
  nax_index size = 1, most = 0;
  *found = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    size *= x->dim[k];
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    most = n % x->dim[k] == 0 && size / x->dim[k] > most ? size / x->dim[k] : most;
  }
  if (most == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(seen, most, sizeof *seen);
  for (int32_t k = 0; k < x->n_modes && !*found; k++) {
    if (n % x->dim[k] == 0 && x->dim[k] > 1 && x->dim[k] <= INT32_MAX &&
        whole_fibres(x, size, k, n, missing, seen)) {
      *found = 1;
      mask->along = k;
    }
  }
  for (int32_t k = 0; k < x->n_modes && *found; k++) {
    NAX_TRY(groups_of(ctx, x, size / x->dim[mask->along], seen, mask->along, k,
                      &mask->of[k]));
  }
done:
  nax_i_free(seen);
  return status;
}
