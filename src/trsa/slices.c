/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Similarities of persistence diagrams that need no matching in the plane. */
#include "ph_i.h"
#include <math.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

static int
ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Bars that die, packed; how many. */
static nax_index
finite_bars(nax_index n, const double *bars, double *out)
{
  nax_index kept = 0;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(bars[2 * i + 1])) {
      out[2 * kept] = bars[2 * i];
      out[2 * kept + 1] = bars[2 * i + 1];
      kept++;
    }
  }
  return kept;
}

/* Projections of n bars, and of the feet on the diagonal of m others, sorted. */
static void
project(nax_index n, const double *bars, nax_index m, const double *others, double c,
        double s, double *out)
{
  for (nax_index i = 0; i < n; i++) {
    out[i] = c * bars[2 * i] + s * bars[2 * i + 1];
  }
  for (nax_index i = 0; i < m; i++) {
    out[n + i] = 0.5 * (c + s) * (others[2 * i] + others[2 * i + 1]);
  }
  qsort(out, (size_t)(n + m), sizeof *out, ascending);
}

nax_status
nax_ph_sliced(nax_ctx *ctx, nax_index n_a, const double *a, nax_index n_b,
              const double *b, int64_t n_slices, double *out)
{
  nax_status status = NAX_OK;
  double *pa = NULL, *pb = NULL, *va = NULL, *vb = NULL, sum = 0.0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "a", n_a, a));
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "b", n_b, b));
  NAX_REQUIRE(n_slices >= 1, NAX_EINVAL, "need at least 1 direction, got %lld",
              (long long)n_slices);
  NAX_TRY_ALLOC(pa, 2 * n_a + 1, sizeof *pa);
  NAX_TRY_ALLOC(pb, 2 * n_b + 1, sizeof *pb);
  NAX_TRY_ALLOC(va, n_a + n_b + 1, sizeof *va);
  NAX_TRY_ALLOC(vb, n_a + n_b + 1, sizeof *vb);
  nax_index na = finite_bars(n_a, a, pa), nb = finite_bars(n_b, b, pb);
  for (int64_t k = 0; k < n_slices; k++) {
    NAX_TRY(nax_i_poll(ctx));
    double angle = pi * ((double)k / (double)n_slices - 0.5);
    double c = cos(angle), s = sin(angle);
    project(na, pa, nb, pb, c, s, va);
    project(nb, pb, na, pa, c, s, vb);
    for (nax_index i = 0; i < na + nb; i++) {
      sum += fabs(va[i] - vb[i]);
    }
  }
  *out = sum / (double)n_slices;
done:
  nax_i_free(pa);
  nax_i_free(pb);
  nax_i_free(va);
  nax_i_free(vb);
  return status;
}

nax_status
nax_ph_heat_kernel(nax_ctx *ctx, nax_index n_a, const double *a, nax_index n_b,
                   const double *b, double sigma, double *out)
{
  nax_status status = NAX_OK;
  double sum = 0.0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "a", n_a, a));
  NAX_TRY(nax_i_ph_check_bars(ctx, __func__, "b", n_b, b));
  NAX_REQUIRE(sigma > 0.0 && isfinite(sigma), NAX_EINVAL,
              "`sigma` must be above 0, got %g", sigma);
  for (nax_index i = 0; i < n_a; i++) {
    NAX_TRY(nax_i_poll_every(ctx, i, 64));
    for (nax_index j = 0; j < n_b; j++) {
      if (isfinite(a[2 * i + 1]) && isfinite(b[2 * j + 1])) {
        double x = a[2 * i] - b[2 * j], y = a[2 * i + 1] - b[2 * j + 1];
        double u = a[2 * i] - b[2 * j + 1], v = a[2 * i + 1] - b[2 * j];
        sum +=
            exp(-(x * x + y * y) / (8.0 * sigma)) - exp(-(u * u + v * v) / (8.0 * sigma));
      }
    }
  }
  *out = sum / (8.0 * pi * sigma);
done:
  return status;
}
