/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the components stay when animals (trials, or stretches of time) are left out, and
 * are they the same in two halves of them? The factors of the other modes are compared.
 */
#include "ntf_i.h"
#include "rng/rng_i.h"
#include <math.h>

typedef struct slices {
  nax_ctx *ctx;
  const nax_view *x; /* dense */
  nax_ntf_opts fit;
  int32_t mode;
  nax_index n, *order; /* positions of the mode, shuffled (time: as they are) */
  char *taken;         /* for each of them: in this part */
} slices;

/* Fit of the slices that are taken (or of the others); NULL when there are too few of
 * them for the rank, or nothing is in them. */
static nax_status
fit_some(slices *s, int taken, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  char *some = NULL;
  nax_view v = *s->x;
  size_t size = nax_dtype_size(v.dtype), inner = size;
  nax_index outer = 1, n = 0;
  *out = NULL;
  for (int32_t k = 0; k < v.ndim; k++) {
    inner *= k < s->mode ? (size_t)v.dim[k] : 1;
    outer *= k > s->mode ? v.dim[k] : 1;
  }
  for (nax_index i = 0; i < s->n; i++) {
    n += s->taken[i] == taken;
  }
  NAX_TRY_ALLOC(some, (size_t)n * inner, (size_t)outer);
  char *to = some;
  for (nax_index b = 0; b < outer; b++) {
    for (nax_index i = 0; i < s->n; i++) {
      if (s->taken[i] == taken) {
        memcpy(to, (const char *)v.data + (size_t)(b * s->n + i) * inner, inner);
        to += inner;
      }
    }
  }
  v.dim[s->mode] = n;
  nax_view part = v.dtype == NAX_F32
                      ? nax_view_f32((float *)(void *)some, v.ndim, v.dim)
                      : nax_view_f64((double *)(void *)some, v.ndim, v.dim);
  memcpy(part.name, v.name, sizeof v.name);
  status = nax_ntf_fit(ctx, &part, NULL, &s->fit, out);
  status = status == NAX_EINVAL || status == NAX_EDATA ? NAX_OK : status;
done:
  nax_i_free(some);
  return status;
}

/* Which slices belong to part `part` of `n_parts`: of time alternate stretches, since
 * what is next to each other is alike, else at random. */
static void
take(slices *s, int64_t part, int64_t n_parts)
{
  for (nax_index i = 0; i < s->n; i++) {
    s->taken[s->order[i]] = (char)(i * n_parts / s->n == part);
  }
}

static void
take_half(slices *s, int64_t round, int is_time)
{
  int64_t stretches = is_time ? 2 * (round + 1) : 2;
  for (nax_index i = 0; i < s->n; i++) {
    s->taken[s->order[i]] = (char)(i * stretches / s->n % 2);
  }
}

static nax_status
shuffle(slices *s, uint64_t stream)
{
  nax_status status = NAX_OK;
  nax_rng *rng = NULL;
  NAX_TRY(nax_rng_create(s->ctx, s->fit.seed, stream, &rng));
  for (nax_index i = s->n - 1; i > 0; i--) {
    nax_index j = nax_rng_below(rng, i + 1), swap = s->order[i];
    s->order[i] = s->order[j];
    s->order[j] = swap;
  }
done:
  nax_rng_free(rng);
  return status;
}

nax_status
nax_i_ntf_split_similarity(nax_ctx *ctx, const nax_view *x, const nax_ntf *whole,
                           const nax_ntf_select_opts *o, int32_t mode, double *left_out,
                           double *half)
{
  nax_status status = NAX_OK;
  slices s = {.ctx = ctx, .x = x, .mode = mode, .n = x->dim[mode]};
  nax_ntf *a = NULL, *b = NULL;
  double *found = NULL, product;
  int is_time = x->name[mode] != NULL && strcmp(x->name[mode], "time") == 0;
  int64_t parts = o->leave_out < s.n ? o->leave_out : s.n, n = 0;
  *left_out = *half = (double)NAN;
  s.fit = *nax_i_ntf_options(whole);
  s.fit.n_restarts = o->fold_starts;
  NAX_TRY_ALLOC(s.order, s.n, sizeof *s.order);
  NAX_TRY_ALLOC(s.taken, s.n, 1);
  NAX_TRY_ALLOC(found, parts + o->halves, sizeof *found);
  for (nax_index i = 0; i < s.n; i++) {
    s.order[i] = i;
  }
  if (!is_time) {
    NAX_TRY(shuffle(&s, (uint64_t)1 << 33));
  }
  for (int64_t j = 0; s.n > 2 && parts > 1 && j < parts; j++) {
    take(&s, j, parts);
    NAX_TRY(fit_some(&s, 0, &a));
    if (a != NULL) {
      NAX_TRY(nax_i_ntf_similarity(ctx, whole, a, mode, &found[n++], &product));
    }
    nax_ntf_free(a);
    a = NULL;
  }
  *left_out = n > 0 ? nax_i_ntf_median(found, n) : (double)NAN;
  n = 0;
  for (int64_t j = 0; s.n > 3 && j < o->halves; j++) {
    if (!is_time) {
      NAX_TRY(shuffle(&s, ((uint64_t)1 << 33) + 1 + (uint64_t)j));
    }
    take_half(&s, j, is_time);
    NAX_TRY(fit_some(&s, 0, &a));
    NAX_TRY(fit_some(&s, 1, &b));
    if (a != NULL && b != NULL) {
      NAX_TRY(nax_i_ntf_similarity(ctx, a, b, mode, &found[n++], &product));
    }
    nax_ntf_free(a);
    nax_ntf_free(b);
    a = b = NULL;
  }
  *half = n > 0 ? nax_i_ntf_median(found, n) : (double)NAN;
done:
  nax_ntf_free(a);
  nax_ntf_free(b);
  nax_i_free(s.order);
  nax_i_free(s.taken);
  nax_i_free(found);
  return status;
}
