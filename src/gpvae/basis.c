/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smooth latents in few numbers: a real Fourier basis on a circle longer than the trials,
 * so that their two ends do not touch, and the variance of each coefficient. */
#include "gpvae_i.h"
#include <math.h>

static const double two_pi = 6.28318530717958647692;

nax_index
nax_i_basis_top(double circle, double shortest, double condition)
{
  double top = circle / (0.5 * two_pi * shortest) * sqrt(0.5 * log(condition));
  double most = floor(0.5 * circle);
  return (nax_index)(ceil(top) < most ? ceil(top) : most);
}

nax_status
nax_i_basis_init(nax_ctx *ctx, nax_index t, double circle, nax_index top, int compat,
                 nax_i_basis *basis)
{
  nax_status status = NAX_OK;
  double half = 0.5 * circle;
  nax_index n_cos = compat && (double)top < half ? top : top + 1;
  nax_index n_sin = (double)top < half ? top : top - 1;
  *basis = (nax_i_basis){.f = n_cos + n_sin, .t = t, .circle = circle};
  NAX_TRY_ALLOC(basis->b, basis->f * t, sizeof(double));
  NAX_TRY_ALLOC(basis->w2, basis->f, sizeof(double));
  for (nax_index k = 0; k < basis->f; k++) {
    double w = k < n_cos ? (double)k : -(double)(n_sin - (k - n_cos));
    double norm = 1.0 / sqrt(half);
    norm *= w == 0.0 || w == half ? sqrt(0.5) : 1.0;
    basis->w2[k] = (two_pi * w / circle) * (two_pi * w / circle);
    for (nax_index j = 0; j < t; j++) {
      double angle = two_pi * w * (double)j / circle;
      basis->b[k + j * basis->f] = norm * (w < 0.0 ? sin(angle) : cos(angle));
    }
  }
done:
  return status;
}

nax_status
nax_i_basis_white(nax_ctx *ctx, nax_index t, nax_i_basis *basis)
{
  nax_status status = NAX_OK;
  *basis = (nax_i_basis){.f = t, .t = t, .circle = (double)t, .white = 1};
  NAX_TRY_ALLOC(basis->b, t * t, sizeof(double));
  NAX_TRY_ALLOC(basis->w2, t, sizeof(double));
  for (nax_index j = 0; j < t; j++) {
    basis->b[j + j * t] = 1.0;
  }
done:
  return status;
}

void
nax_i_basis_free(nax_i_basis *basis)
{
  nax_i_free(basis->b);
  nax_i_free(basis->w2);
  basis->b = basis->w2 = NULL;
}

void
nax_i_basis_prior(const nax_i_basis *basis, double len, double *c, double *dlog)
{
  for (nax_index k = 0; k < basis->f; k++) {
    double x = basis->w2[k] * len * len;
    double smooth = basis->white ? 1.0 : sqrt(two_pi) * len * exp(-0.5 * x);
    c[k] = smooth + basis->jitter;
    if (dlog != NULL) {
      dlog[k] = basis->white          ? 0.0
                : basis->jitter > 0.0 ? smooth / c[k] * (1.0 - x)
                                      : 1.0 - x;
    }
  }
}
