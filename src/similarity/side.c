/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two representations of the same observations compared. */
#include "similarity_i.h"
#include <math.h>

nax_status
nax_i_representation(nax_ctx *ctx, const char *fn, const char *name, const nax_view *v,
                     nax_index least, double **x, double *mean)
{
  nax_status status = NAX_OK;
  nax_index size;
  *x = NULL;
  if (v == NULL || (v->dtype != NAX_F64 && v->dtype != NAX_F32) || v->ndim != 2 ||
      v->dim[0] < 1 || v->dim[1] < least) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`%s` must be channel x observation with at least 1 and %lld "
                      "positions",
                      name, (long long)least);
  }
  nax_index p = v->dim[0], n = v->dim[1];
  if (!nax_i_size_product(2, v->dim, sizeof(double), &size)) {
    return nax_i_fail(ctx, NAX_EOVERFLOW, fn, "`%s` does not fit into memory", name);
  }
  NAX_TRY_ALLOC(*x, size, sizeof **x);
  NAX_TRY(nax_view_copy_to(ctx, v, NAX_F64, *x));
  NAX_TRY(nax_i_require_finite(ctx, fn, name, p, n, *x, p));
  for (nax_index i = 0; i < p; i++) {
    double m = 0.0;
    for (nax_index k = 0; k < n; k++) {
      m += (*x)[i + k * p];
    }
    m /= (double)n;
    for (nax_index k = 0; k < n; k++) {
      (*x)[i + k * p] -= m;
    }
    if (mean != NULL) {
      mean[i] = m;
    }
  }
done:
  if (status != NAX_OK) {
    nax_i_free(*x);
    *x = NULL;
  }
  return status;
}

static int
needs_basis(int32_t measure)
{
  return measure == NAX_SIMILARITY_PROCRUSTES || measure == NAX_SIMILARITY_SHAPE ||
         (measure >= NAX_SIMILARITY_CCA && measure <= NAX_SIMILARITY_PWCCA);
}

void
nax_i_side_clear(nax_i_side *s)
{
  nax_i_free(s->x);
  nax_i_free(s->basis);
  nax_i_free(s->value);
  nax_i_free(s->k);
  *s = (nax_i_side){0};
}

/* Singular values, and what they belong to over observations. */
static nax_status
make_basis(nax_ctx *ctx, const char *fn, nax_i_side *s)
{
  nax_status status = NAX_OK;
  nax_index p = s->p, n = s->n, r = p < n ? p : n;
  double *a = NULL, *u = NULL;
  NAX_TRY_ALLOC(a, p * n, sizeof *a);
  NAX_TRY_ALLOC(u, p * r, sizeof *u);
  NAX_TRY_ALLOC(s->basis, r * n, sizeof *s->basis);
  NAX_TRY_ALLOC(s->value, r, sizeof *s->value);
  memcpy(a, s->x, (size_t)(p * n) * sizeof *a);
  NAX_TRY(nax_i_gesdd(ctx, fn, p, n, a, p, s->value, u, p, s->basis, r));
  double least = s->value[0] * 2.3e-16 * (double)(p > n ? p : n);
  while (s->rank < r && s->value[s->rank] > least) {
    s->rank++;
  }
  for (nax_index k = 1; k < n; k++) { /* rows without weight out */
    memmove(s->basis + k * s->rank, s->basis + k * r, (size_t)s->rank * sizeof *a);
  }
done:
  nax_i_free(a);
  nax_i_free(u);
  return status;
}

/* Squared Euclidean distances of all observations, n x n. */
static nax_status
squared_distances(nax_ctx *ctx, const nax_i_side *s, double *d)
{
  nax_status status = NAX_OK;
  nax_index n = s->n;
  double *own = NULL;
  NAX_TRY_ALLOC(own, n, sizeof *own);
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, s->p, 1.0, s->x, s->p, 0.0, d, n));
  for (nax_index k = 0; k < n; k++) {
    own[k] = d[k + k * n];
  }
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      double v = own[i] + own[j] - 2.0 * d[i + j * n];
      d[i + j * n] = i == j || v < 0.0 ? 0.0 : v;
    }
  }
done:
  nax_i_free(own);
  return status;
}

/* exp(-d^2 / (2 s^2)), s a share of the median distance of two observations. */
static nax_status
gaussian_kernel(nax_ctx *ctx, const char *fn, const char *name, nax_i_side *s,
                double bandwidth)
{
  nax_status status = NAX_OK;
  nax_index n = s->n, m = n * (n - 1) / 2;
  double *d = NULL;
  NAX_TRY_ALLOC(d, m, sizeof *d);
  for (nax_index j = 0, k = 0; j < n; j++) {
    for (nax_index i = 0; i < j; i++, k++) {
      d[k] = s->k[i + j * n];
    }
  }
  double median = 0.5 * (nax_i_select(d, m, (m - 1) / 2) + nax_i_select(d, m, m / 2));
  if (!(median > 0.0)) {
    status = nax_i_fail(
        ctx, NAX_EDATA, fn,
        "half of the observations of `%s` are alike: a kernel has no width", name);
    goto done;
  }
  double over = 0.5 / (bandwidth * bandwidth * median);
  for (nax_index k = 0; k < n * n; k++) {
    s->k[k] = exp(-over * s->k[k]);
  }
done:
  nax_i_free(d);
  return status;
}

/* Means of rows and columns out (V-statistics), or (u) so that what is left of the
 * diagonal does not count (U-statistics, Szekely & Rizzo 2014). */
static nax_status
centre(nax_ctx *ctx, nax_index n, double *k, int u)
{
  nax_status status = NAX_OK;
  double *row = NULL, all = 0.0, nd = (double)n;
  NAX_TRY_ALLOC(row, n, sizeof *row);
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      row[j] += u && i == j ? 0.0 : k[i + j * n];
    }
    all += row[j];
  }
  double one = u ? nd - 2.0 : nd, two = u ? (nd - 1.0) * (nd - 2.0) : nd * nd;
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n; i++) {
      k[i + j * n] =
          u && i == j ? 0.0 : k[i + j * n] - (row[i] + row[j]) / one + all / two;
    }
  }
done:
  nax_i_free(row);
  return status;
}

nax_status
nax_i_side_init(nax_ctx *ctx, const char *fn, const char *name, const nax_view *v,
                const nax_similarity_opts *o, nax_i_side *s)
{
  nax_status status = NAX_OK;
  int distance = o->measure == NAX_SIMILARITY_DISTANCE_CORRELATION;
  int aligned = o->measure == NAX_SIMILARITY_CKA || o->measure == NAX_SIMILARITY_CKA_RBF;
  *s = (nax_i_side){0};
  NAX_TRY(nax_i_representation(ctx, fn, name, v,
                               (aligned || distance) && !o->biased ? 4 : 2, &s->x, NULL));
  s->p = v->dim[0];
  s->n = v->dim[1];
  for (nax_index k = 0; k < s->p * s->n; k++) {
    s->size += s->x[k] * s->x[k];
  }
  if (!(s->size > 0.0)) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "`%s` does not vary over observations", name);
    goto done;
  }
  if (needs_basis(o->measure)) {
    NAX_TRY(make_basis(ctx, fn, s));
  }
  if (o->measure == NAX_SIMILARITY_CKA_RBF || distance ||
      o->measure == NAX_SIMILARITY_NEIGHBOURS) {
    nax_index size;
    if (!(nax_i_size_product(2, (nax_index[]){s->n, s->n}, sizeof(double), &size))) {
      status = nax_i_fail(ctx, NAX_EOVERFLOW, fn, "%lld observations are too many",
                          (long long)s->n);
      goto done;
    }
    NAX_TRY_ALLOC(s->k, size, sizeof *s->k);
    NAX_TRY(squared_distances(ctx, s, s->k));
  }
  if (o->measure == NAX_SIMILARITY_CKA_RBF) {
    NAX_TRY(gaussian_kernel(ctx, fn, name, s, o->bandwidth));
    NAX_TRY(centre(ctx, s->n, s->k, !o->biased));
  } else if (distance) {
    for (nax_index k = 0; k < s->n * s->n; k++) {
      s->k[k] = sqrt(s->k[k]);
    }
    NAX_TRY(centre(ctx, s->n, s->k, !o->biased));
  }
done:
  if (status != NAX_OK) {
    nax_i_side_clear(s);
  }
  return status;
}

/* ----------------------------------------------------------------- alignment */

/* Sum of squares of X Y', by way of channels or of observations. */
static nax_status
squared_product(nax_ctx *ctx, nax_index n, nax_index p, const double *x, nax_index q,
                const double *y, double *out)
{
  nax_status status = NAX_OK;
  double *c = NULL, *d = NULL;
  int by_channels = (double)p * (double)q <= (double)n * (double)n;
  nax_index size = by_channels ? p * q : n * n;
  *out = 0.0;
  NAX_TRY_ALLOC(c, size, sizeof *c);
  if (by_channels) {
    NAX_TRY(
        nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, p, q, n, 1.0, x, p, y, q, 0.0, c, p));
    for (nax_index k = 0; k < size; k++) {
      *out += c[k] * c[k];
    }
  } else {
    NAX_TRY_ALLOC(d, size, sizeof *d);
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, p, 1.0, x, p, 0.0, c, n));
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, q, 1.0, y, q, 0.0, d, n));
    for (nax_index k = 0; k < size; k++) {
      *out += c[k] * d[k];
    }
  }
done:
  nax_i_free(c);
  nax_i_free(d);
  return status;
}

/* Columns of a batch about their own mean. */
static void
take_batch(const nax_i_side *s, nax_index from, nax_index n, double *out)
{
  for (nax_index i = 0; i < s->p; i++) {
    double m = 0.0;
    for (nax_index k = 0; k < n; k++) {
      m += s->x[i + (from + k) * s->p] / (double)n;
    }
    for (nax_index k = 0; k < n; k++) {
      out[i + k * s->p] = s->x[i + (from + k) * s->p] - m;
    }
  }
}

/* HSIC of linear kernels of centred x and y. The sums over rows of a centred kernel are
 * 0, so that those without its diagonal are minus the diagonal. */
static nax_status
linear_hsic(nax_ctx *ctx, nax_index n, nax_index p, const double *x, nax_index q,
            const double *y, int biased, double *out)
{
  nax_status status = NAX_OK;
  double all, both = 0.0, tx = 0.0, ty = 0.0, nd = (double)n;
  NAX_TRY(squared_product(ctx, n, p, x, q, y, &all));
  if (biased) {
    *out = all / ((nd - 1.0) * (nd - 1.0));
    return NAX_OK;
  }
  for (nax_index k = 0; k < n; k++) {
    double kx = 0.0, ky = 0.0;
    for (nax_index i = 0; i < p; i++) {
      kx += x[i + k * p] * x[i + k * p];
    }
    for (nax_index i = 0; i < q; i++) {
      ky += y[i + k * q] * y[i + k * q];
    }
    both += kx * ky;
    tx += kx;
    ty += ky;
  }
  *out = (all - both + tx * ty / ((nd - 1.0) * (nd - 2.0)) - 2.0 / (nd - 2.0) * both) /
         (nd * (nd - 3.0));
done:
  return status;
}

static nax_status
linear_alignment(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
                 nax_index batch, int biased, double *out)
{
  nax_status status = NAX_OK;
  double *x = NULL, *y = NULL, sum[3] = {0.0, 0.0, 0.0};
  nax_index n = a->n, size = batch > 0 && batch < n ? batch : n;
  NAX_TRY_ALLOC(x, a->p * size, sizeof *x);
  NAX_TRY_ALLOC(y, b->p * size, sizeof *y);
  for (nax_index from = 0; from + size <= n; from += size) {
    double h;
    take_batch(a, from, size, x);
    take_batch(b, from, size, y);
    NAX_TRY(linear_hsic(ctx, size, a->p, x, b->p, y, biased, &h));
    sum[0] += h;
    NAX_TRY(linear_hsic(ctx, size, a->p, x, a->p, x, biased, &h));
    sum[1] += h;
    NAX_TRY(linear_hsic(ctx, size, b->p, y, b->p, y, biased, &h));
    sum[2] += h;
  }
  if (!(sum[1] > 0.0 && sum[2] > 0.0)) {
    status =
        nax_i_fail(ctx, NAX_EDATA, fn,
                   "a representation has no alignment with itself beyond that of noise");
    goto done;
  }
  *out = sum[0] / sqrt(sum[1] * sum[2]);
done:
  nax_i_free(x);
  nax_i_free(y);
  return status;
}

/* Cosine of two centred kernels. */
static nax_status
kernel_alignment(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
                 double *out)
{
  nax_status status = NAX_OK;
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (nax_index k = 0; k < a->n * a->n; k++) {
    ab += a->k[k] * b->k[k];
    aa += a->k[k] * a->k[k];
    bb += b->k[k] * b->k[k];
  }
  if (!(aa > 0.0 && bb > 0.0)) {
    status = nax_i_fail(ctx, NAX_EDATA, fn, "all observations are equally far apart");
    goto done;
  }
  *out = ab / sqrt(aa * bb);
done:
  return status;
}

/* -------------------------------------------------------------------- shapes */

/* Singular values of diag(va) Ba Bb' diag(vb); v NULL: 1. `u`, `vt`: vectors, or both
 * NULL. How many is the smaller rank. */
static nax_status
cross_values(nax_ctx *ctx, const char *fn, const nax_i_side *a, nax_index ra,
             const double *va, const nax_i_side *b, nax_index rb, const double *vb,
             double *s, double *u, double *vt)
{
  nax_status status = NAX_OK;
  nax_index r = ra < rb ? ra : rb;
  double *c = NULL;
  NAX_TRY_ALLOC(c, ra * rb, sizeof *c);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, ra, rb, a->n, 1.0, a->basis, a->rank,
                     b->basis, b->rank, 0.0, c, ra));
  for (nax_index j = 0; j < rb; j++) {
    for (nax_index i = 0; i < ra; i++) {
      c[i + j * ra] *= (va != NULL ? va[i] : 1.0) * (vb != NULL ? vb[j] : 1.0);
    }
  }
  NAX_TRY(nax_i_gesdd(ctx, fn, ra, rb, c, ra, s, u, ra, vt, r));
done:
  nax_i_free(c);
  return status;
}

static double
angle(double product, double aa, double bb)
{
  double c = product / sqrt(aa * bb);
  return acos(c > 1.0 ? 1.0 : c < -1.0 ? -1.0 : c);
}

static nax_status
shape(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
      const nax_similarity_opts *o, double *out)
{
  nax_status status = NAX_OK;
  double *v = NULL, aa = 0.0, bb = 0.0;
  double w = o->measure == NAX_SIMILARITY_SHAPE ? o->whitening : 0.0;
  NAX_TRY_ALLOC(v, 2 * (a->rank + b->rank), sizeof *v);
  double *va = v, *vb = v + a->rank, *s = vb + b->rank;
  for (nax_index i = 0; i < a->rank; i++) {
    va[i] = (1.0 - w) * a->value[i] + w;
    aa += va[i] * va[i];
  }
  for (nax_index i = 0; i < b->rank; i++) {
    vb[i] = (1.0 - w) * b->value[i] + w;
    bb += vb[i] * vb[i];
  }
  NAX_TRY(cross_values(ctx, fn, a, a->rank, va, b, b->rank, vb, s, NULL, NULL));
  double product = nax_i_sum(s, a->rank < b->rank ? a->rank : b->rank);
  *out = o->measure == NAX_SIMILARITY_SHAPE ? angle(product, aa, bb)
                                            : sqrt(fmax(aa + bb - 2.0 * product, 0.0));
done:
  nax_i_free(v);
  return status;
}

static nax_status
permutation(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
            double *out)
{
  nax_status status = NAX_OK;
  nax_index p = a->p;
  double *c = NULL, sum = 0.0;
  int64_t *match = NULL;
  if (!(p == b->p)) {
    status = nax_i_fail(ctx, NAX_EDIM, fn,
                        "channels are paired, and there are %lld and %lld of them",
                        (long long)p, (long long)b->p);
    goto done;
  }
  NAX_TRY_ALLOC(c, p * p, sizeof *c);
  NAX_TRY_ALLOC(match, p, sizeof *match);
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, p, p, a->n, 1.0, b->x, p, a->x, p,
                     0.0, c,
                     p)); /* column i, that is row i of the transpose: channel i of a */
  NAX_TRY(nax_i_assign(ctx, p, c, match));
  for (nax_index i = 0; i < p; i++) {
    sum += c[match[i] + i * p];
  }
  *out = angle(sum, a->size, b->size);
done:
  nax_i_free(c);
  nax_i_free(match);
  return status;
}

/* -------------------------------------------------------- canonical correlations */

/* Components that hold a share of the variance. */
static nax_index
leading(const nax_i_side *s, double share)
{
  double all = 0.0, sum = 0.0;
  nax_index k = 0;
  for (nax_index i = 0; i < s->rank; i++) {
    all += s->value[i] * s->value[i];
  }
  while (k < s->rank && (k == 0 || sum < share * all * (1.0 - 1e-12))) {
    sum += s->value[k] * s->value[k];
    k++;
  }
  return k;
}

static nax_status
canonical(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
          double share, double *rho, nax_index *n)
{
  nax_status status = NAX_OK;
  nax_index ra = leading(a, share), rb = leading(b, share);
  NAX_TRY(cross_values(ctx, fn, a, ra, NULL, b, rb, NULL, rho, NULL, NULL));
  *n = ra < rb ? ra : rb;
  for (nax_index k = 0; k < *n; k++) {
    rho[k] = rho[k] > 1.0 ? 1.0 : rho[k];
  }
done:
  return status;
}

/* Correlations weighted by how much of a's channels their directions carry: the sum over
 * channels of |<direction, channel>| (Morcos et al. 2018). */
static nax_status
weighted_canonical(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
                   double *out)
{
  nax_status status = NAX_OK;
  nax_index r = a->rank < b->rank ? a->rank : b->rank, n = a->n;
  double *s = NULL, *u = NULL, *vt = NULL, *h = NULL, *load = NULL, total = 0.0;
  NAX_TRY_ALLOC(s, r, sizeof *s);
  NAX_TRY_ALLOC(u, a->rank * r, sizeof *u);
  NAX_TRY_ALLOC(vt, r * b->rank, sizeof *vt);
  NAX_TRY_ALLOC(h, r * n, sizeof *h);
  NAX_TRY_ALLOC(load, r * a->p, sizeof *load);
  NAX_TRY(cross_values(ctx, fn, a, a->rank, NULL, b, b->rank, NULL, s, u, vt));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, r, n, a->rank, 1.0, u, a->rank,
                     a->basis, a->rank, 0.0, h, r));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, r, a->p, n, 1.0, h, r, a->x, a->p,
                     0.0, load, r));
  *out = 0.0;
  for (nax_index k = 0; k < r; k++) {
    double w = 0.0;
    for (nax_index i = 0; i < a->p; i++) {
      w += fabs(load[k + i * r]);
    }
    total += w;
    *out += w * fmin(s[k], 1.0);
  }
  *out /= total;
done:
  nax_i_free(s);
  nax_i_free(u);
  nax_i_free(vt);
  nax_i_free(h);
  nax_i_free(load);
  return status;
}

static nax_status
mean_canonical(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
               double share, double *out)
{
  nax_status status = NAX_OK;
  nax_index n = 0;
  double *rho = NULL;
  NAX_TRY_ALLOC(rho, a->rank < b->rank ? a->rank : b->rank, sizeof *rho);
  NAX_TRY(canonical(ctx, fn, a, b, share, rho, &n));
  *out = nax_i_sum(rho, n) / (double)n;
done:
  nax_i_free(rho);
  return status;
}

/* ---------------------------------------------------------------- neighbours */

/* Marks the k nearest of observation i. */
static void
nearest(const nax_i_side *s, nax_index i, nax_index k, nax_i_keyed *work, char *mark)
{
  nax_index m = 0;
  for (nax_index j = 0; j < s->n; j++) {
    if (j != i) {
      work[m++] = (nax_i_keyed){nax_i_sort_key(s->k[j + i * s->n]), j};
    }
  }
  nax_i_sort_keyed(work, work + s->n, m);
  memset(mark, 0, (size_t)s->n);
  for (nax_index j = 0; j < k; j++) {
    mark[work[j].at] = 1;
  }
}

static nax_status
shared_neighbours(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
                  nax_index k, double *out)
{
  nax_status status = NAX_OK;
  nax_index n = a->n, both = 0;
  nax_i_keyed *work = NULL;
  char *mark = NULL;
  if (!(k < n)) {
    status = nax_i_fail(ctx, NAX_EDIM, fn, "%lld neighbours of %lld observations",
                        (long long)k, (long long)n);
    goto done;
  }
  NAX_TRY_ALLOC(work, 2 * n, sizeof *work);
  NAX_TRY_ALLOC(mark, 2 * n, 1);
  for (nax_index i = 0; i < n; i++) {
    nearest(a, i, k, work, mark);
    nearest(b, i, k, work, mark + n);
    for (nax_index j = 0; j < n; j++) {
      both += mark[j] && mark[j + n];
    }
  }
  *out = (double)both / ((double)n * (double)k);
done:
  nax_i_free(work);
  nax_i_free(mark);
  return status;
}

nax_status
nax_i_side_compare(nax_ctx *ctx, const char *fn, const nax_i_side *a, const nax_i_side *b,
                   const nax_similarity_opts *o, double *out)
{
  nax_status status = NAX_OK;
  if (a->n != b->n) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "%lld and %lld observations", (long long)a->n,
                      (long long)b->n);
  }
  switch (o->measure) {
  case NAX_SIMILARITY_CKA:
    return linear_alignment(ctx, fn, a, b, o->batch, o->biased, out);
  case NAX_SIMILARITY_RV:
    return linear_alignment(ctx, fn, a, b, 0, 1, out);
  case NAX_SIMILARITY_CKA_RBF:
    return kernel_alignment(ctx, fn, a, b, out);
  case NAX_SIMILARITY_DISTANCE_CORRELATION:
    NAX_TRY(kernel_alignment(ctx, fn, a, b, out));
    *out = o->biased ? sqrt(fmax(*out, 0.0)) : *out;
    return NAX_OK;
  case NAX_SIMILARITY_PERMUTATION:
    return permutation(ctx, fn, a, b, out);
  case NAX_SIMILARITY_CCA:
    return mean_canonical(ctx, fn, a, b, 1.0, out);
  case NAX_SIMILARITY_SVCCA:
    return mean_canonical(ctx, fn, a, b, o->variance, out);
  case NAX_SIMILARITY_PWCCA:
    return weighted_canonical(ctx, fn, a, b, out);
  case NAX_SIMILARITY_NEIGHBOURS:
    return shared_neighbours(ctx, fn, a, b, o->neighbours, out);
  default:
    return shape(ctx, fn, a, b, o, out);
  }
done:
  return status;
}

nax_status
nax_similarity_cca(nax_ctx *ctx, const nax_view *a, const nax_view *b, double variance,
                   nax_index room, double *rho, nax_index *n)
{
  nax_status status = NAX_OK;
  nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
  nax_i_side sa = {0}, sb = {0};
  double *all = NULL;
  nax_i_begin(ctx);
  *n = 0;
  o.measure = NAX_SIMILARITY_CCA;
  NAX_REQUIRE(variance > 0.0 && variance <= 1.0, NAX_EINVAL,
              "`variance` must be above 0 and at most 1, got %g", variance);
  NAX_TRY(nax_i_side_init(ctx, __func__, "a", a, &o, &sa));
  NAX_TRY(nax_i_side_init(ctx, __func__, "b", b, &o, &sb));
  NAX_REQUIRE(sa.n == sb.n, NAX_EDIM, "%lld and %lld observations", (long long)sa.n,
              (long long)sb.n);
  nax_index most = sa.rank < sb.rank ? sa.rank : sb.rank;
  NAX_TRY_ALLOC(all, most, sizeof *all);
  NAX_TRY(canonical(ctx, __func__, &sa, &sb, variance, all, n));
  if (*n > room) {
    status = nax_i_fail(ctx, NAX_EDIM, __func__, "%lld correlations, room for %lld",
                        (long long)*n, (long long)room);
    *n = 0;
    goto done;
  }
  memcpy(rho, all, (size_t)*n * sizeof *rho);
done:
  nax_i_side_clear(&sa);
  nax_i_side_clear(&sb);
  nax_i_free(all);
  return status;
}
