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

void
nax_i_ntf_fibre_weights(const nax_i_tensor *x, double *const *f, int64_t rank, int64_t ld,
                        nax_index j, double *w)
{
  for (int64_t r = 0; r < ld; r++) {
    w[r] = r < rank ? 1.0 : 0.0;
  }
  for (int32_t k = 1; k < x->n_modes; k++) {
    const double *row = f[k] + j % x->dim[k] * ld;
    j /= x->dim[k];
    for (int64_t r = 0; r < rank; r++) {
      w[r] *= row[r];
    }
  }
}

nax_index
nax_i_ntf_first_missing(const nax_i_ntf_problem *p, nax_index at)
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
    nax_i_ntf_fibre_weights(&p->x, c->f, c->rank, c->ld, from + j, w + j * c->ld);
  }
  nax_i_skinny(NAX_F64, w, c->ld, 1, c->rank, c->transposed, c->ld0, model, c->ld0, m,
               NULL);
  nax_index skip = nax_i_ntf_first_missing(p, from * n0);
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

/* ------------------------------------------------------------------- left over */

/* Calls `visit` with each observed entry of slice `at` of the last mode: position in it
 * and x - model. */
static void
visit_slice(const job *c, nax_index at, double *w,
            void (*visit)(void *, nax_index, double), void *arg)
{
  const nax_i_tensor *x = &c->p->x;
  nax_index n0 = x->dim[0], fibres = c->n_fibres / x->dim[x->n_modes - 1];
  nax_index skip = nax_i_ntf_first_missing(c->p, at * fibres * n0);
  for (nax_index j = at * fibres; j < (at + 1) * fibres; j++) {
    nax_i_ntf_fibre_weights(x, c->f, c->rank, c->ld, j, w);
    for (nax_index i = 0; i < n0; i++) {
      if (skip < c->p->n_missing && c->p->missing[skip] == j * n0 + i) {
        skip++;
        continue;
      }
      double model = 0.0;
      for (int64_t r = 0; r < c->rank; r++) {
        model += w[r] * c->f[0][i * c->ld + r];
      }
      visit(arg, (j - at * fibres) * n0 + i, nax_i_tensor_at(x, j * n0 + i) - model);
    }
  }
}

static void
add_square(void *arg, nax_index at, double left)
{
  (void)at;
  *(double *)arg += left > 0.0 ? left * left : 0.0;
}

static nax_status
slice_block(int64_t block, void *arg)
{
  const job *c = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  double *w = NULL;
  NAX_TRY_ALLOC(w, c->ld, sizeof *w);
  visit_slice(c, block, w, add_square, &c->part[block]);
done:
  nax_i_free(w);
  return status;
}

/* Sums of what is left over along each of the other modes, and how much of the slice
 * their product explains. */
typedef struct marginals {
  const nax_i_tensor *x;
  double *const *profile;
  double product; /* <what is left over, product of the profiles> */
  int32_t counts; /* 1: add to the profiles, 0: to the product */
} marginals;

static void
add_marginals(void *arg, nax_index at, double left)
{
  marginals *s = arg;
  double v = left > 0.0 ? left : 0.0;
  for (int32_t k = 0; k < s->x->n_modes - 1; k++) {
    if (s->counts) {
      s->profile[k][at % s->x->dim[k]] += left > 0.0 ? left : 0.0;
    } else {
      v *= s->profile[k][at % s->x->dim[k]];
    }
    at /= s->x->dim[k];
  }
  s->product += s->counts ? 0.0 : v;
}

nax_status
nax_i_ntf_left_over(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank, int64_t ld,
                    double *const *f, double *const *profile)
{
  nax_status status = NAX_OK;
  int32_t last = p->x.n_modes - 1;
  nax_index n = p->x.dim[last], best = 0;
  double *w = NULL, size = 1.0;
  job c = {.p = p, .rank = rank, .ld = ld, .f = f, .n_fibres = p->x.size / p->x.dim[0]};
  NAX_TRY_ALLOC(c.part, n, sizeof(double));
  NAX_TRY_ALLOC(w, ld, sizeof *w);
  NAX_TRY(nax_i_parallel(ctx, NULL, n, slice_block, &c));
  for (nax_index i = 1; i < n; i++) {
    best = c.part[i] > c.part[best] ? i : best;
  }
  marginals s = {.x = &p->x, .profile = profile, .counts = 1};
  visit_slice(&c, best, w, add_marginals, &s);
  s.counts = 0;
  visit_slice(&c, best, w, add_marginals, &s);
  for (int32_t k = 0; k < last; k++) {
    double sum = 0.0;
    for (nax_index i = 0; i < p->x.dim[k]; i++) {
      sum += profile[k][i] * profile[k][i];
    }
    size *= sum;
  }
  /* In other slices a trace of it, so that no update finds an exact zero. */
  for (nax_index i = 0; i < n; i++) {
    profile[last][i] = size > 0.0 ? (i == best ? 1.0 : 1e-3) * s.product / size : 0.0;
  }
done:
  nax_i_free(c.part);
  nax_i_free(w);
  return status;
}
