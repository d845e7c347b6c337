/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Householder reflections of a factorisation applied to another matrix, in pieces: panel
 * after panel, for blocks of columns (from the left) or rows (from the right) at a time.
 */
#include "linalg_i.h"
#include <lapacke.h>

typedef nax_i_blasint integer;

enum { PANEL = 64, MOST = 256, LEAST = 64 };

typedef struct panel {
  int right;
  char trans;
  nax_index m, k, others, width; /* length of the longest reflector, how many */
  const double *v;
  nax_index ldv;
  double t[PANEL * PANEL];
  double *c;
  nax_index ldc;
} panel;

static nax_status
apply_panel(int64_t block, void *arg)
{
  const panel *p = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  double *work = NULL;
  nax_index from = block * p->width,
            some = p->others - from < p->width ? p->others - from : p->width;
  NAX_TRY_ALLOC(work, some * p->k, sizeof *work);
  double *c = p->right ? p->c + from : p->c + from * p->ldc;
  LAPACKE_dlarfb_work(
      LAPACK_COL_MAJOR, p->right ? 'R' : 'L', p->trans, 'F', p->right ? 'R' : 'C',
      (integer)(p->right ? some : p->m), (integer)(p->right ? p->m : some), (integer)p->k,
      p->v, (integer)p->ldv, p->t, PANEL, c, (integer)p->ldc, work, (integer)some);
done:
  nax_i_free(work);
  return status;
}

nax_status
nax_i_householder(nax_ctx *ctx, nax_i_householder_side how, nax_index m, nax_index k,
                  const double *a, nax_index lda, const double *tau, nax_index others,
                  double *c, nax_index ldc)
{
  nax_status status = NAX_OK;
  int right = how == NAX_I_RIGHT_BACK, forward = how == NAX_I_LEFT_BACK;
  nax_index panels = nax_i_n_blocks(k, PANEL);
  panel *p = NULL;
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  nax_i_blas_serial_begin();
  for (nax_index i = 0; i < panels && others > 0 && status == NAX_OK; i++) {
    nax_index at = (forward ? i : panels - 1 - i) * PANEL;
    p->right = right;
    p->trans = how == NAX_I_LEFT ? 'N' : 'T';
    p->m = m - at;
    p->k = k - at < PANEL ? k - at : PANEL;
    p->others = others;
    p->width = MOST;
    while (p->width > LEAST && (double)p->m * (double)p->width > 4e6) {
      p->width /= 2;
    }
    p->v = a + at + at * lda;
    p->ldv = lda;
    p->c = c + (right ? at * ldc : at);
    p->ldc = ldc;
    LAPACKE_dlarft_work(LAPACK_COL_MAJOR, 'F', right ? 'R' : 'C', (integer)p->m,
                        (integer)p->k, p->v, (integer)lda, tau + at, p->t, PANEL);
    status = nax_i_parallel(ctx, NULL, nax_i_n_blocks(others, p->width), apply_panel, p);
  }
  nax_i_blas_serial_end();
done:
  nax_i_free(p);
  return status;
}
