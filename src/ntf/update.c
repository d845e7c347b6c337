/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One mode of one start given the others: Gram matrices (one for each group of rows when
 * entries are missing), optimality before, the solver that is wanted, the error after. */
#include "ntf_i.h"
#include <math.h>

/* Coordinate descent on a block of rows ends with a sweep that gains less than this share
 * of the first: to go on costs little beside the product with the tensor, and to stop
 * earlier costs sweeps over all modes. */
static const double INNER_TOL = 1e-3;

enum { GATHER = 256 }; /* positions whose products are summed at a time */

/* Hadamard product of the Grams of the other modes. */
static void
hadamard(nax_i_ntf_update *u)
{
  int64_t n = u->ld * u->ld;
  for (int64_t i = 0; i < n; i++) {
    u->h[i] = 1.0;
  }
  for (int32_t k = 0; k < u->x->n_modes; k++) {
    for (int64_t i = 0; k != u->mode && i < n; i++) {
      u->h[i] *= u->gram[k][i];
    }
  }
}

nax_status
nax_i_ntf_all_grams(nax_ctx *ctx, const nax_i_ntf_operand *x, int64_t ld,
                    double *const *f, double *g)
{
  nax_status status = NAX_OK;
  double *one = NULL;
  NAX_TRY_ALLOC(one, ld, (size_t)ld * sizeof *one);
  for (int32_t k = 0; k < x->n_modes; k++) {
    nax_i_gram(f[k], x->dim[k], ld, one);
    for (int64_t i = 0; i < ld * ld; i++) {
      g[i] = k == 0 ? one[i] : g[i] * one[i];
    }
  }
done:
  nax_i_free(one);
  return status;
}

/* Product over the modes other than this one and `along` of the rows at a position. */
static void
product_at(const nax_i_ntf_update *u, nax_index at, double *v)
{
  for (int64_t r = 0; r < u->ld; r++) {
    v[r] = r < u->rank ? 1.0 : 0.0;
  }
  for (int32_t k = 0; k < u->x->n_modes; k++) {
    if (k == u->mode || k == u->x->mask->along) {
      continue;
    }
    const double *row = u->e[k] + at % u->x->dim[k] * u->ld;
    at /= u->x->dim[k];
    for (int64_t r = 0; r < u->rank; r++) {
      v[r] *= row[r];
    }
  }
}

/* The Gram matrix of the rows of group j: what they have not missed. `part` are those of
 * the parts of the tensor where the mask has such, or NULL. */
static nax_status
masked_gram(nax_ctx *ctx, nax_i_ntf_update *u, const nax_i_ntf_groups *groups, int64_t j,
            const double *part)
{
  nax_status status = NAX_OK;
  double *v = NULL;
  memset(u->h, 0, (size_t)(u->ld * u->ld) * sizeof(double));
  for (nax_index p = groups->first_at[j]; part != NULL && p < groups->first_at[j + 1];
       p++) {
    const double *one = part + groups->at[p] * u->ld * u->ld;
    for (int64_t i = 0; i < u->ld * u->ld; i++) {
      u->h[i] += one[i];
    }
  }
  if (part != NULL) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(v, GATHER * u->ld, sizeof *v);
  for (nax_index p = groups->first_at[j]; p < groups->first_at[j + 1]; p += GATHER) {
    nax_index n =
        groups->first_at[j + 1] - p < GATHER ? groups->first_at[j + 1] - p : GATHER;
    for (nax_index i = 0; i < n; i++) {
      product_at(u, groups->at[p + i], v + i * u->ld);
    }
    nax_i_skinny(NAX_F64, v, 1, u->ld, n, v, u->ld, u->h, u->ld, u->ld, NULL);
  }
  for (int64_t i = 0; u->mode != u->x->mask->along && i < u->ld * u->ld; i++) {
    u->h[i] *= u->gram[u->x->mask->along][i];
  }
done:
  nax_i_free(v);
  return status;
}

/* Gradient of the smooth part of the objective at entry (i, r). */
static double
gradient(const nax_i_rows *w, nax_index i, int64_t r)
{
  const double *a = w->a + i * w->ld;
  double grad = w->ridge * a[r] - w->m[i * w->ld + r];
  for (int64_t k = 0; k < w->rank; k++) {
    grad += w->g[r * w->ld + k] * a[k];
  }
  if (w->smooth > 0.0) {
    grad += i > 0 ? w->smooth * (a[r] - a[r - w->ld]) : 0.0;
    grad += i < w->n - 1 ? w->smooth * (a[r] - a[r + w->ld]) : 0.0;
  }
  return grad;
}

/* Multiplier of the bound on the norm of column r: what pushes it outwards. */
static double
outward(const nax_i_rows *w, int64_t r)
{
  double push = 0.0, norm2 = 0.0;
  for (nax_index i = 0; i < w->n; i++) {
    double a = w->a[i * w->ld + r];
    push -= a * gradient(w, i, r) + w->l1 * fabs(a);
    norm2 += a * a;
  }
  return norm2 >= 1.0 - 1e-9 && push > 0.0 ? push / norm2 : 0.0;
}

/* ||min(A, AG - M)|| / ||M|| (without min for free modes): how far the rows are from
 * their optimum given the other modes; both squared sums are added to. */
static nax_status
add_violation(nax_ctx *ctx, const nax_i_rows *w, double *bad, double *all)
{
  nax_status status = NAX_OK;
  double *bound = NULL;
  if (w->in_ball) {
    NAX_TRY_ALLOC(bound, w->rank, sizeof *bound);
    for (int64_t r = 0; r < w->rank; r++) {
      bound[r] = outward(w, r);
    }
  }
  for (nax_index i = 0; i < w->n; i++) {
    for (int64_t r = 0; r < w->rank; r++) {
      double m = w->m[i * w->ld + r], x = w->a[i * w->ld + r];
      double grad = gradient(w, i, r) + (bound != NULL ? bound[r] * x : 0.0), v;
      if (w->is_free) {
        v = x > 0.0   ? grad + w->l1
            : x < 0.0 ? grad - w->l1
                      : fmax(fabs(grad) - w->l1, 0.0);
      } else {
        v = fmin(x, grad + w->l1);
      }
      *bad += v * v;
      *all += m * m;
    }
  }
done:
  nax_i_free(bound);
  return status;
}

static nax_status
solve_rows(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_rows *w)
{
  if (o->algorithm == NAX_NTF_ADMM || w->smooth > 0.0 || w->in_ball) {
    return nax_i_rows_admm(ctx, w);
  }
  switch ((nax_ntf_algorithm)o->algorithm) {
  case NAX_NTF_HALS:
    w->inner_tol = 0.0;
    return nax_i_rows_descend(ctx, w);
  case NAX_NTF_PIVOT:
    return w->is_free ? nax_i_rows_descend(ctx, w) : nax_i_rows_pivot(ctx, w);
  case NAX_NTF_MU:
    return w->is_free ? nax_i_rows_descend(ctx, w) : nax_i_rows_multiply(ctx, w);
  case NAX_NTF_NNLS:
  case NAX_NTF_ADMM:
  case NAX_NTF_ALGORITHM_FORCE_INT:
    break;
  }
  return nax_i_rows_descend(ctx, w);
}

/* -2 <M, A> + <H, A'A> of the rows. */
static double
error_of(nax_i_ntf_update *u, const nax_i_rows *w)
{
  double cross = 0.0, model = 0.0;
  for (nax_index i = 0; i < w->n; i++) {
    double row = 0.0;
    for (int64_t r = 0; r < w->rank; r++) {
      row += w->m[i * w->ld + r] * w->a[i * w->ld + r];
    }
    cross += row;
  }
  nax_i_gram(w->a, w->n, w->ld, u->g);
  for (int64_t i = 0; i < w->ld * w->ld; i++) {
    model += u->h[i] * u->g[i];
  }
  return model - 2.0 * cross;
}

static void
move_rows(const nax_i_ntf_groups *groups, int64_t j, int64_t ld, double *all,
          double *some, int back)
{
  for (nax_index i = groups->first[j]; i < groups->first[j + 1]; i++) {
    double *there = all + groups->row[i] * ld, *here = some + (i - groups->first[j]) * ld;
    memcpy(back ? there : here, back ? here : there, (size_t)ld * sizeof *all);
  }
}

/* The rows of group j, or all of them. */
static nax_i_rows
rows_of(const nax_i_ntf_update *u, const nax_i_ntf_groups *groups, int64_t j)
{
  const nax_i_ntf_mode *mode = &u->x->mode[u->mode];
  nax_i_rows w = {.g = u->h,
                  .m = u->m,
                  .a = u->a,
                  .dual = u->dual,
                  .n = u->x->dim[u->mode],
                  .rank = u->rank,
                  .ld = u->ld,
                  .is_free = mode->is_free,
                  .in_ball = mode->in_ball,
                  .max_sweeps = u->o->inner_sweeps,
                  .inner_tol = INNER_TOL,
                  .ridge = mode->ridge,
                  .l1 = mode->l1,
                  .smooth = mode->smooth};
  if (groups != NULL) {
    w.n = groups->first[j + 1] - groups->first[j];
    w.m = u->some_m;
    w.a = u->some_a;
    move_rows(groups, j, u->ld, u->m, u->some_m, 0);
    move_rows(groups, j, u->ld, u->a, u->some_a, 0);
  }
  return w;
}

/* A factor that is made of other unknowns: all Gram matrices are needed at once. */
static nax_status
update_made(nax_ctx *ctx, nax_i_ntf_update *u, const nax_i_ntf_groups *groups,
            const double *part, double *bad, double *all)
{
  nax_status status = NAX_OK;
  nax_i_ntf_made *made = u->x->mode[u->mode].made;
  int64_t n = groups != NULL ? groups->n : 1, square = u->ld * u->ld;
  double *gram = NULL;
  nax_index *group = NULL;
  NAX_TRY_ALLOC(gram, n * square, sizeof *gram);
  if (groups != NULL) {
    NAX_TRY_ALLOC(group, u->x->dim[u->mode], sizeof *group);
  }
  for (int64_t j = 0; j < n; j++) {
    if (groups == NULL) {
      hadamard(u);
    } else {
      NAX_TRY(masked_gram(ctx, u, groups, j, part));
    }
    memcpy(gram + j * square, u->h, (size_t)square * sizeof *gram);
    for (nax_index i = 0; groups != NULL && i < groups->first[j + 1] - groups->first[j];
         i++) {
      group[groups->row[groups->first[j] + i]] = j;
    }
  }
  NAX_TRY(made->update(made, ctx, u, gram, group, bad, all));
  for (int64_t j = 0; j < n && u->wants_error; j++) {
    memcpy(u->h, gram + j * square, (size_t)square * sizeof *gram);
    nax_i_rows w = rows_of(u, groups, j);
    u->error += error_of(u, &w);
  }
done:
  nax_i_free(gram);
  nax_i_free(group);
  return status;
}

/* Rows from .. to - 1 (of `row`, or as they are numbered) have one value: the problem of
 * each is the mean of theirs, and they begin at the first. */
static void
tie(nax_i_ntf_update *u, const nax_index *row, nax_index from, nax_index to)
{
  nax_index first = row != NULL ? row[from] : from;
  for (int64_t r = 0; r < u->rank; r++) {
    double sum = 0.0;
    for (nax_index k = from; k < to; k++) {
      sum += u->m[(row != NULL ? row[k] : k) * u->ld + r];
    }
    for (nax_index k = from; k < to; k++) {
      nax_index i = row != NULL ? row[k] : k;
      u->m[i * u->ld + r] = sum / (double)(to - from);
      u->a[i * u->ld + r] = u->a[first * u->ld + r];
    }
  }
}

static void
tie_rows(nax_i_ntf_update *u, const nax_i_ntf_groups *groups)
{
  const nax_index *tied = u->x->mode[u->mode].tied;
  nax_index n = u->x->dim[u->mode];
  const nax_index *row = groups != NULL ? groups->row : NULL;
  for (int64_t j = 0; tied != NULL && j < (groups != NULL ? groups->n : 1); j++) {
    nax_index from = groups != NULL ? groups->first[j] : 0;
    nax_index end = groups != NULL ? groups->first[j + 1] : n;
    while (from < end) {
      nax_index number = tied[row != NULL ? row[from] : from], to = from + 1;
      while (to < end && tied[row != NULL ? row[to] : to] == number) {
        to++;
      }
      tie(u, row, from, to);
      from = to;
    }
  }
}

nax_status
nax_i_ntf_update_mode(nax_ctx *ctx, nax_i_ntf_update *u)
{
  nax_status status = NAX_OK;
  const nax_i_ntf_groups *groups = u->x->mask != NULL ? &u->x->mask->of[u->mode] : NULL;
  int made = u->x->mode[u->mode].made != NULL;
  double bad = 0.0, all = 0.0, *part = NULL;
  u->error = 0.0;
  tie_rows(u, groups);
  if (groups != NULL && u->x->mask->parts != NULL) {
    NAX_TRY_ALLOC(part, u->x->mask->n_parts * u->ld, (size_t)u->ld * sizeof *part);
    NAX_TRY(u->x->mask->parts(ctx, u->x, u->mode, u->ld, u->e, part));
  }
  if (made) {
    NAX_TRY(update_made(ctx, u, groups, part, &bad, &all));
  }
  for (int64_t j = 0; !made && j < (groups != NULL ? groups->n : 1); j++) {
    if (groups == NULL) {
      hadamard(u);
    } else {
      NAX_TRY(masked_gram(ctx, u, groups, j, part));
    }
    nax_i_rows w = rows_of(u, groups, j);
    NAX_TRY(add_violation(ctx, &w, &bad, &all));
    NAX_TRY(solve_rows(ctx, u->o, &w));
    u->error += u->wants_error ? error_of(u, &w) : 0.0;
    if (groups != NULL) {
      move_rows(groups, j, u->ld, u->a, u->some_a, 1);
    }
  }
  u->violation = all > 0.0 ? sqrt(bad / all) : 0.0;
done:
  nax_i_free(part);
  return status;
}
