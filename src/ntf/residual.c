/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact residual: the model is formed block by block and compared entry by entry. The
 * cheap formula of the sweeps loses all digits below a relative error of about 1e-7. */
#include "ntf_i.h"

enum { FIBRES = 64 }; /* fibres along mode 0 of one block */

typedef struct job {
  const nax_i_ntf_problem *p;
  int64_t rank, ld, ld0; /* ld0: length of mode 0, padded */
  double *const *f;
  double *transposed; /* rank x ld0 */
  double *part;       /* one sum for each block */
  nax_index n_fibres;
} job;

/* Products over modes 1, 2, ... of the rows that belong to fibre j. */
static void
fibre_weights(const job *c, nax_index j, double *w)
{
  for (int64_t r = 0; r < c->ld; r++) {
    w[r] = r < c->rank ? 1.0 : 0.0;
  }
  for (int32_t k = 1; k < c->p->x.n_modes; k++) {
    const double *row = c->f[k] + j % c->p->x.dim[k] * c->ld;
    j /= c->p->x.dim[k];
    for (int64_t r = 0; r < c->rank; r++) {
      w[r] *= row[r];
    }
  }
}

/* First missing position that is not before `at`. */
static nax_index
first_missing(const nax_i_ntf_problem *p, nax_index at)
{
  nax_index lo = 0, hi = p->n_missing;
  while (lo < hi) {
    nax_index mid = lo + (hi - lo) / 2;
    if (p->missing[mid] < at) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

static nax_status
residual_block(int64_t block, void *arg)
{
  job *c = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const nax_i_ntf_problem *p = c->p;
  double *w = NULL, *model = NULL, *row = NULL;
  nax_index from = block * FIBRES, n0 = p->x.dim[0];
  nax_index m = c->n_fibres - from < FIBRES ? c->n_fibres - from : FIBRES;
  NAX_TRY_ALLOC(w, m * c->ld, sizeof *w);
  NAX_TRY_ALLOC(model, m * c->ld0, sizeof *model);
  NAX_TRY_ALLOC(row, m, sizeof *row);
  for (nax_index j = 0; j < m; j++) {
    fibre_weights(c, from + j, w + j * c->ld);
  }
  nax_i_skinny(NAX_F64, w, c->ld, 1, c->rank, c->transposed, c->ld0, model, c->ld0, m,
               NULL);
  nax_index skip = first_missing(p, from * n0);
  for (nax_index j = 0; j < m; j++) {
    for (nax_index i = 0; i < n0; i++) {
      nax_index at = (from + j) * n0 + i;
      if (skip < p->n_missing && p->missing[skip] == at) {
        skip++;
        continue;
      }
      double d = nax_i_tensor_at(&p->x, at) - model[j * c->ld0 + i];
      row[j] += d * d;
    }
  }
  c->part[block] = nax_i_sum(row, m);
done:
  nax_i_free(w);
  nax_i_free(model);
  nax_i_free(row);
  return status;
}

nax_status
nax_i_ntf_residual(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank, int64_t ld,
                   double *const *f, double *out)
{
  nax_status status = NAX_OK;
  nax_index n0 = p->x.dim[0];
  job c = {.p = p,
           .rank = rank,
           .ld = ld,
           .ld0 = nax_i_skinny_pad(NAX_F64, n0),
           .f = f,
           .n_fibres = p->x.size / n0};
  int64_t n_blocks = nax_i_n_blocks(c.n_fibres, FIBRES);
  NAX_TRY_ALLOC(c.transposed, rank * c.ld0, sizeof(double));
  NAX_TRY_ALLOC(c.part, n_blocks, sizeof(double));
  for (nax_index i = 0; i < n0; i++) {
    for (int64_t r = 0; r < rank; r++) {
      c.transposed[r * c.ld0 + i] = f[0][i * ld + r];
    }
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, n_blocks, residual_block, &c));
  *out = nax_i_sum(c.part, n_blocks);
done:
  nax_i_free(c.transposed);
  nax_i_free(c.part);
  return status;
}
