/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparable sizes for the positions of an axis. */
#include "array_i.h"
#include <math.h>

typedef struct extent {
  double least, most, squares;
  double origin, sum, about; /* values less the first one: their sum and their squares */
  nax_index n;
} extent;

enum { LOOK = 1 << 20 }; /* values between two looks whether to stop */

static nax_status
measure(nax_ctx *ctx, const nax_array *a, nax_i_fold f, extent *e)
{
  nax_status status = NAX_OK;
  for (nax_index t = 0; t < f.n; t++) {
    e[t] = (extent){.least = INFINITY, .most = -INFINITY};
  }
  for (nax_index i = 0; i < a->size; i++) {
    extent *x = &e[i / f.inner % f.n];
    double v = nax_i_array_at(a, i);
    if (!isnan(v)) {
      x->least = v < x->least ? v : x->least;
      x->most = v > x->most ? v : x->most;
      x->origin = x->n == 0 ? v : x->origin;
      x->sum += v - x->origin;
      x->about += (v - x->origin) * (v - x->origin);
      x->squares += v * v;
      x->n++;
    }
    NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
  }
done:
  return status;
}

/* The divisor of a position; 0 when there is nothing to divide by. */
static double
divisor(const extent *e, nax_scale how)
{
  if (e->n == 0) {
    return 0.0;
  }
  double n = (double)e->n, mean = e->sum / n; /* less the origin */
  switch (how) {
  case NAX_SCALE_MAX:
    return fmax(fabs(e->least), fabs(e->most));
  case NAX_SCALE_NORM:
    return sqrt(e->squares);
  case NAX_SCALE_SD:
    return e->most > e->least ? sqrt(fmax(e->about / n - mean * mean, 0.0)) : 0.0;
  case NAX_SCALE_RANGE:
    return e->most - e->least;
  case NAX_SCALE_FORCE_INT:
    break;
  }
  return 0.0;
}

nax_status
nax_array_scale(nax_ctx *ctx, const nax_array *a, int32_t axis, nax_scale how,
                nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *b = NULL;
  extent *e = NULL;
  nax_index constant = 0, first = -1;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_array_check_axis(ctx, __func__, a, axis));
  NAX_REQUIRE((int)how >= NAX_SCALE_MAX && (int)how <= NAX_SCALE_RANGE, NAX_EINVAL,
              "unknown scale %d", (int)how);
  nax_i_fold f = nax_i_array_fold(a, axis);
  NAX_TRY(nax_i_array_with_axis(ctx, a, a->dtype, 0, NULL, &b));
  NAX_TRY(nax_array_set_unit(ctx, b, "1"));
  NAX_TRY_ALLOC(e, f.n, sizeof *e);
  NAX_TRY(measure(ctx, a, f, e));
  for (nax_index t = 0; t < f.n; t++) {
    if (!(divisor(&e[t], how) > 0.0) && e[t].n > 0) {
      first = constant++ == 0 ? t : first;
    }
  }
  for (nax_index i = 0; i < a->size; i++) {
    const extent *x = &e[i / f.inner % f.n];
    double d = divisor(x, how), v = nax_i_array_at(a, i);
    v = d > 0.0 ? (how == NAX_SCALE_RANGE ? v - x->least : v) / d : v;
    if (b->dtype == NAX_F64) {
      ((double *)b->data)[i] = v;
    } else {
      ((float *)b->data)[i] = (float)v;
    }
    NAX_TRY(nax_i_poll_every(ctx, i, LOOK));
  }
  if (constant > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "array.constant",
               "%lld of %lld positions of `%s` have nothing to scale by and stay as they "
               "are (first: %lld)",
               (long long)constant, (long long)f.n, a->axis[axis]->name,
               (long long)first);
  }
  *out = b;
  b = NULL;
done:
  nax_i_free(e);
  nax_array_free(b);
  return status;
}
