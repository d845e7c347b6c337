/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New slices on the components of a fit: one least-squares problem per slice, solved
 * exactly, with the Gram matrix of what was observed of it. */
#include "ntf_i.h"
#include <math.h>
#include <stdio.h>

enum { GATHER = 256 };

typedef struct job {
  nax_i_tensor x; /* missing entries are 0 */
  double *f[NAX_I_NTF_MAX_MODES], *h, *m, *a;
  const char *missing; /* for each entry of x; NULL: none is */
  int64_t rank, ld;
  int32_t mode;
  int32_t is_free;
} job;

static nax_status
check(nax_ctx *ctx, const nax_ntf *m, const nax_view *x, int32_t mode)
{
  const char *fn = "nax_ntf_project";
  if (x == NULL || x->data == NULL || m == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`%s` is NULL", m == NULL ? "m" : "x");
  }
  if (x->dtype != NAX_F64 && x->dtype != NAX_F32) {
    return nax_i_fail(ctx, NAX_ETYPE, fn, "`x` must hold float64 or float32, got %s",
                      nax_dtype_name(x->dtype));
  }
  if (mode < 0 || mode >= nax_ntf_n_modes(m)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`mode` is %d, expected 0 to %d", (int)mode,
                      (int)nax_ntf_n_modes(m) - 1);
  }
  if (x->ndim != nax_ntf_n_modes(m)) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "`x` has %d axes, the fit has %d modes",
                      (int)x->ndim, (int)nax_ntf_n_modes(m));
  }
  for (int32_t k = 0; k < x->ndim; k++) {
    if (x->dim[k] < 1 || (k != mode && x->dim[k] != nax_ntf_dim(m, k))) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "axis %d of `x` has %lld positions, expected %s%lld", (int)k,
                        (long long)x->dim[k], k == mode ? "at least " : "",
                        k == mode ? 1LL : (long long)nax_ntf_dim(m, k));
    }
  }
  return NAX_OK;
}

/* Zeros where entries are missing, and where these are. */
static nax_status
find_holes(nax_ctx *ctx, nax_i_tensor *x, double *data, char **missing)
{
  nax_status status = NAX_OK;
  for (nax_index i = 0; i < x->size; i++) {
    NAX_REQUIRE(!isinf(data[i]), NAX_EDATA,
                "`x` is infinite at element %lld, expected finite values", (long long)i);
    if (isnan(data[i])) {
      if (*missing == NULL) {
        NAX_TRY_ALLOC(*missing, x->size, 1);
      }
      (*missing)[i] = 1;
      data[i] = 0.0;
    }
  }
done:
  return status;
}

static nax_status
solve(nax_ctx *ctx, const job *c, const double *g, nax_index from, nax_index n)
{
  nax_i_rows rows = {.g = g,
                     .m = c->m + from * c->ld,
                     .a = c->a + from * c->ld,
                     .n = n,
                     .rank = c->rank,
                     .ld = c->ld,
                     .is_free = c->is_free,
                     .max_sweeps = 100000,
                     .inner_tol = 1e-14};
  return rows.is_free ? nax_i_rows_descend(ctx, &rows) : nax_i_rows_pivot(ctx, &rows);
}

/* Product of the rows of the other modes at element `at`. */
static void
product_at(const job *c, nax_index at, double *v)
{
  for (int64_t r = 0; r < c->ld; r++) {
    v[r] = r < c->rank ? 1.0 : 0.0;
  }
  for (int32_t k = 0; k < c->x.n_modes; k++) {
    const double *row = c->f[k] + at % c->x.dim[k] * c->ld;
    at /= c->x.dim[k];
    for (int64_t r = 0; k != c->mode && r < c->rank; r++) {
      v[r] *= row[r];
    }
  }
}

/* One slice that is not complete; one without any entry gives NaN. */
static nax_status
slice_block(int64_t slice, void *arg)
{
  const job *c = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  double *v = NULL, *g = NULL;
  nax_index inner = 1, n = c->x.dim[c->mode], held = 0, seen = 0;
  NAX_TRY_ALLOC(v, GATHER * c->ld, sizeof *v);
  NAX_TRY_ALLOC(g, c->ld * c->ld, sizeof *g);
  for (int32_t k = 0; k < c->mode; k++) {
    inner *= c->x.dim[k];
  }
  nax_index size = c->x.size / n;
  for (nax_index p = 0; p < size; p++) {
    nax_index at = p % inner + (p / inner * n + slice) * inner;
    if (!c->missing[at]) {
      product_at(c, at, v + held++ * c->ld);
      seen++;
    }
    if (held == GATHER || (p == size - 1 && held > 0)) {
      nax_i_skinny(NAX_F64, v, 1, c->ld, held, v, c->ld, g, c->ld, c->ld, NULL);
      held = 0;
    }
  }
  if (seen == size) {
    NAX_TRY(solve(NULL, c, c->h, slice, 1));
  } else if (seen > 0) {
    NAX_TRY(solve(NULL, c, g, slice, 1));
  } else {
    for (int64_t r = 0; r < c->rank; r++) {
      c->a[slice * c->ld + r] = (double)NAN;
    }
  }
done:
  nax_i_free(v);
  nax_i_free(g);
  return status;
}

/* Least squares: factor rows of `mode` into c->a. */
static nax_status
least_squares(nax_ctx *ctx, const nax_ntf *m, job *c)
{
  nax_status status = NAX_OK;
  nax_i_tree tree = {.held = -1};
  double *g = NULL;
  NAX_TRY_ALLOC(g, c->ld * c->ld, sizeof *g);
  NAX_TRY_ALLOC(c->h, c->ld * c->ld, sizeof *c->h);
  NAX_TRY_ALLOC(c->m, c->x.dim[c->mode] * c->ld, sizeof *c->m);
  NAX_TRY_ALLOC(c->a, c->x.dim[c->mode] * c->ld, sizeof *c->a);
  for (int64_t i = 0; i < c->ld * c->ld; i++) {
    c->h[i] = 1.0;
  }
  for (int32_t k = 0; k < c->x.n_modes; k++) {
    const double *f = nax_ntf_factor(m, k);
    nax_index n = c->x.dim[k];
    NAX_TRY_ALLOC(c->f[k], n * c->ld, sizeof(double));
    for (nax_index i = 0; k != c->mode && i < n; i++) {
      for (int64_t r = 0; r < c->rank; r++) {
        c->f[k][i * c->ld + r] = f[i + r * n];
      }
    }
    if (k != c->mode) {
      nax_i_gram(c->f[k], n, c->ld, g);
      for (int64_t i = 0; i < c->ld * c->ld; i++) {
        c->h[i] *= g[i];
      }
    }
  }
  NAX_TRY(nax_i_tree_init(&tree, ctx, &c->x, 1, c->rank));
  NAX_TRY(nax_i_tree_mttkrp(&tree, c->f, c->mode, c->m));
  if (c->missing == NULL) {
    NAX_TRY(solve(ctx, c, c->h, 0, c->x.dim[c->mode]));
  } else {
    NAX_TRY(nax_i_parallel(ctx, NULL, c->x.dim[c->mode], slice_block, c));
  }
done:
  nax_i_free(g);
  nax_i_tree_free(&tree);
  return status;
}

/* Other losses: a fit with all modes but one fixed, which is convex. */
static nax_status
by_fit(nax_ctx *ctx, const nax_ntf *m, const nax_view *x, job *c)
{
  nax_status status = NAX_OK;
  nax_ntf *fit = NULL;
  nax_view init[NAX_I_NTF_MAX_MODES];
  nax_ntf_opts o = *nax_i_ntf_options(m);
  char fixed[4 * NAX_I_NTF_MAX_MODES] = "";
  double *start = NULL;
  nax_index n = x->dim[c->mode];
  size_t used = 0;
  NAX_TRY_ALLOC(start, n * c->rank, sizeof *start);
  for (nax_index i = 0; i < n * c->rank; i++) {
    start[i] = nax_ntf_weights(m)[i / n] / sqrt((double)nax_ntf_dim(m, c->mode));
    start[i] = start[i] > 0.0 ? start[i] : 1.0;
  }
  for (int32_t k = 0; k < x->ndim; k++) {
    nax_index dim[2] = {x->dim[k], c->rank};
    init[k] = nax_view_f64(k == c->mode ? start : nax_ntf_factor(m, k), 2, dim);
    if (k != c->mode) {
      used += (size_t)snprintf(fixed + used, sizeof fixed - used, "%s%d",
                               used > 0 ? "," : "", (int)k);
    }
  }
  o.fixed_modes = fixed;
  o.penalty = NULL;
  o.ridge = o.l1 = 0.0;
  o.max_iter = 5000;
  o.tol = 1e-12;
  o.kkt_tol = 1e-6;
  NAX_TRY(nax_ntf_fit(ctx, x, init, &o, &fit));
  NAX_TRY_ALLOC(c->a, n * c->ld, sizeof *c->a);
  for (nax_index i = 0; i < n * c->rank; i++) {
    c->a[i % n * c->ld + i / n] =
        nax_ntf_weights(fit)[i / n] * nax_ntf_factor(fit, c->mode)[i];
  }
done:
  nax_i_free(start);
  nax_ntf_free(fit);
  return status;
}

static nax_status
make_array(nax_ctx *ctx, const nax_view *x, const job *c, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  char number[16];
  nax_index n = x->dim[c->mode];
  snprintf(number, sizeof number, "mode%d", (int)c->mode + 1);
  const char *name[2] = {x->name[c->mode] != NULL ? x->name[c->mode] : number,
                         "component"};
  NAX_TRY(
      nax_array_create_dims(ctx, NAX_F64, 2, name, (nax_index[]){n, c->rank}, "1", &a));
  double *to = nax_array_data_mut(a);
  for (nax_index i = 0; i < n * c->rank; i++) {
    to[i] = c->a[i % n * c->ld + i / n];
  }
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

nax_status
nax_ntf_project(nax_ctx *ctx, const nax_ntf *m, const nax_view *x, int32_t mode,
                nax_array **out)
{
  nax_status status = NAX_OK;
  job c = {.mode = mode};
  double *data = NULL;
  char *missing = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check(ctx, m, x, mode));
  c.rank = nax_ntf_rank(m);
  c.ld = nax_i_ntf_ld(c.rank);
  c.is_free = nax_i_ntf_is_free(m, mode);
  if (nax_i_ntf_options(m)->loss != NAX_NTF_FROBENIUS) {
    NAX_TRY(by_fit(ctx, m, x, &c));
  } else {
    c.x = (nax_i_tensor){.dtype = NAX_F64, .n_modes = x->ndim, .size = nax_view_size(x)};
    memcpy(c.x.dim, x->dim, (size_t)x->ndim * sizeof *x->dim);
    NAX_TRY_ALLOC(data, c.x.size, sizeof *data);
    NAX_TRY(nax_view_copy_to(ctx, x, NAX_F64, data));
    NAX_TRY(find_holes(ctx, &c.x, data, &missing));
    c.x.x = data;
    c.missing = missing;
    NAX_TRY(least_squares(ctx, m, &c));
  }
  NAX_TRY(make_array(ctx, x, &c, out));
done:
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(c.f[k]);
  }
  nax_i_free(c.h);
  nax_i_free(c.m);
  nax_i_free(c.a);
  nax_i_free(data);
  nax_i_free(missing);
  return status;
}
