/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Similarity of RDMs. Those that are inner products become a product of feature
 * matrices; the others are computed pair by pair. */
#include "compare_i.h"
#include <math.h>

nax_index
nax_i_common_pairs(nax_index n_sets, const nax_rdms *const *sets, nax_index *at)
{
  nax_index m = sets[0]->m, n = 0;
  memset(at, 0, (size_t)m * sizeof *at);
  for (nax_index s = 0; s < n_sets; s++) {
    for (nax_index r = 0; r < sets[s]->count; r++) {
      const double *d = sets[s]->d + r * m;
      for (nax_index k = 0; k < m; k++) {
        at[k] += isnan(d[k]) != 0;
      }
    }
  }
  for (nax_index k = 0; k < m; k++) {
    if (at[k] == 0) {
      at[n++] = k;
    }
  }
  return n;
}

/* One comparison of two sets. */
typedef struct job {
  nax_ctx *ctx;
  const char *fn;
  const nax_rdms *a, *b;
  nax_rsa_comparator what;
  nax_index n, m, length; /* conditions, pairs present, length of features */
  nax_index *at;          /* pairs present */
  nax_i_white white;
  double *f, *gap; /* features of all RDMs of a and then b; of their missing pairs */
  double *scale;   /* norm of each RDM's features, or traces */
  double *sigma;   /* n x n or n */
  int sigma_full, compat;
  nax_i_kendall *k; /* of each RDM */
  double *out;
} job;

static const double *
vector_of(const job *j, nax_index r)
{
  return r < j->a->count ? j->a->d + r * j->a->m : j->b->d + (r - j->a->count) * j->b->m;
}

/* The pairs present of RDM r, centred on their mean with `centre`. */
static void
take_pairs(const job *j, nax_index r, int centre, double *x)
{
  const double *d = vector_of(j, r);
  double mean = 0.0;
  if (j->m == j->a->m) {
    memcpy(x, d, (size_t)j->m * sizeof *x);
  }
  for (nax_index k = 0; k < j->m && j->m < j->a->m; k++) {
    x[k] = d[j->at[k]];
  }
  for (nax_index k = 0; centre && k < j->m; k++) {
    mean += x[k];
  }
  mean /= (double)j->m;
  for (nax_index k = 0; centre && k < j->m; k++) {
    x[k] -= mean;
  }
}

static int
is_whitened(nax_rsa_comparator c)
{
  return c == NAX_RSA_COSINE_COV || c == NAX_RSA_CORR_COV;
}

static int
is_tau(nax_rsa_comparator c)
{
  return c == NAX_RSA_TAU_A || c == NAX_RSA_TAU_B;
}

/* Features of RDM `block`: a task of a parallel loop. */
static nax_status
make_features(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  job *j = arg;
  nax_index r = block;
  double *x = NULL, *work = NULL, *f = j->f + r * j->length;
  nax_i_keyed *keyed = NULL;
  NAX_TRY_ALLOC(x, j->m, sizeof *x);
  switch (j->what) {
  case NAX_RSA_COSINE:
  case NAX_RSA_CORR:
    take_pairs(j, r, j->what == NAX_RSA_CORR, f);
    break;
  case NAX_RSA_SPEARMAN:
  case NAX_RSA_RHO_A:
    NAX_TRY_ALLOC(keyed, 2 * j->m, sizeof *keyed);
    take_pairs(j, r, 0, x);
    NAX_TRY(nax_i_rdm_rank(j->ctx, j->m, x, NAX_RDM_RANK_AVERAGE, keyed, f));
    for (nax_index k = 0; k < j->m; k++) {
      f[k] -= 0.5 * (double)(j->m + 1);
    }
    break;
  case NAX_RSA_TAU_A:
  case NAX_RSA_TAU_B:
    take_pairs(j, r, 0, x);
    NAX_TRY(nax_i_kendall_prepare(ctx, j->m, x, &j->k[r]));
    goto done;
  case NAX_RSA_COSINE_COV:
  case NAX_RSA_CORR_COV: {
    nax_index all = nax_rdm_pairs(j->n);
    NAX_TRY_ALLOC(work, all + 2 * j->n * j->n, sizeof *work);
    take_pairs(j, r, j->what == NAX_RSA_CORR_COV, x);
    for (nax_index k = 0; k < j->m; k++) {
      work[j->at[k]] = x[k];
    }
    NAX_TRY(nax_i_white_features(ctx, &j->white, work, f,
                                 j->gap != NULL ? j->gap + r * j->white.n_missing : NULL,
                                 work + all));
    break;
  }
  case NAX_RSA_BURES:
  case NAX_RSA_BURES_METRIC:
    NAX_TRY(nax_i_bures_factor(ctx, j->n, vector_of(j, r), f,
                               j->compat ? f + j->n * j->n : NULL, &j->scale[r]));
    goto done;
  case NAX_RSA_NEG_RIEMANN:
  case NAX_RSA_COMPARATOR_FORCE_INT:
    goto done;
  }
  double norm2 = 0.0;
  for (nax_index k = 0; k < j->length; k++) {
    norm2 += f[k] * f[k];
  }
  for (nax_index k = 0; j->gap != NULL && k < j->white.n_missing; k++) {
    double g = j->gap[k + r * j->white.n_missing];
    norm2 -= g * g;
  }
  j->scale[r] = sqrt(norm2 > 0.0 ? norm2 : 0.0);
done:
  nax_i_free(x);
  nax_i_free(work);
  nax_i_free(keyed);
  return status;
}

/* Similarities to RDM `block` of the second set, where they are no inner products. */
static nax_status
compare_one(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  job *j = arg;
  void *work = NULL;
  double *svd = NULL;
  nax_index na = j->a->count, rb = na + block;
  if (j->k != NULL) {
    NAX_TRY_ALLOC(work, nax_i_kendall_work(j->m), 1);
  } else {
    NAX_TRY_ALLOC(svd, 2 * j->n * j->n + j->n, sizeof *svd);
  }
  for (nax_index r = 0; r < na; r++) {
    double *to = j->out + r + block * na;
    if (j->k != NULL) {
      *to = nax_i_kendall_tau(&j->k[r], &j->k[rb], j->what == NAX_RSA_TAU_B, work);
    } else if (j->what == NAX_RSA_NEG_RIEMANN) {
      NAX_TRY(nax_i_neg_riemann(j->ctx, j->n, vector_of(j, r), vector_of(j, rb), j->sigma,
                                to));
    } else {
      double overlap;
      NAX_TRY(nax_i_bures_overlap(
          j->ctx, j->n, j->f + r * j->length, j->f + rb * j->length,
          j->compat ? j->f + rb * j->length + j->n * j->n : NULL, svd, &overlap));
      *to = j->what == NAX_RSA_BURES ? overlap / sqrt(j->scale[r] * j->scale[rb])
                                     : j->scale[r] + j->scale[rb] - 2.0 * overlap;
    }
  }
done:
  nax_i_free(work);
  nax_i_free(svd);
  return status;
}

/* All similarities at once. */
static nax_status
multiply(job *j)
{
  nax_status status = NAX_OK;
  nax_index na = j->a->count, nb = j->b->count, g = j->white.n_missing;
  NAX_TRY(nax_i_gemm(j->ctx, NAX_I_TRANS, NAX_I_PLAIN, na, nb, j->length, 1.0, j->f,
                     j->length, j->f + na * j->length, j->length, 0.0, j->out, na));
  if (j->gap != NULL) {
    NAX_TRY(nax_i_gemm(j->ctx, NAX_I_TRANS, NAX_I_PLAIN, na, nb, g, -1.0, j->gap, g,
                       j->gap + na * g, g, 1.0, j->out, na));
  }
  double m = (double)j->m, rho = 12.0 / (m * m * m - m);
  for (nax_index b = 0; b < nb; b++) {
    for (nax_index a = 0; a < na; a++) {
      double scale = j->scale[a] * j->scale[na + b], *to = &j->out[a + b * na];
      *to = j->what == NAX_RSA_RHO_A ? *to * rho : scale > 0.0 ? *to / scale : 0.0;
    }
  }
done:
  return status;
}

/* sigma_k, n or n x n, into the job. */
static nax_status
load_sigma(job *j, const nax_view *v)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  j->sigma_full = v->ndim == 2;
  if ((v->ndim != 1 && v->ndim != 2) || v->dim[0] != j->n ||
      (v->ndim == 2 && v->dim[1] != j->n)) {
    return nax_i_fail(ctx, NAX_EDIM, j->fn, "`sigma_k` must be %lld or %lld x %lld",
                      (long long)j->n, (long long)j->n, (long long)j->n);
  }
  if (!is_whitened(j->what) && !(j->what == NAX_RSA_NEG_RIEMANN && j->sigma_full)) {
    return nax_i_fail(ctx, NAX_EINVAL, j->fn, "this comparator takes no `sigma_k`%s",
                      j->what == NAX_RSA_NEG_RIEMANN ? " of variances alone" : "");
  }
  NAX_TRY_ALLOC(j->sigma, nax_view_size(v), sizeof *j->sigma);
  NAX_TRY(nax_view_copy_to(ctx, v, NAX_F64, j->sigma));
  for (nax_index k = 0; k < nax_view_size(v); k++) {
    if (!isfinite(j->sigma[k])) {
      return nax_i_fail(ctx, NAX_EDATA, j->fn, "`sigma_k` is not finite");
    }
  }
done:
  return status;
}

/* Pairs present, and what whitening needs for those that are not. */
static nax_status
choose_pairs(job *j, int32_t compat)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index all = j->a->m, *missing = NULL, lost = 0;
  NAX_TRY_ALLOC(j->at, all, sizeof *j->at);
  j->m = nax_i_common_pairs(2, (const nax_rdms *[]){j->a, j->b}, j->at);
  if (j->m < 2) {
    status = nax_i_fail(ctx, NAX_EDATA, j->fn,
                        "%lld of %lld pairs are in all RDMs, need at least 2",
                        (long long)j->m, (long long)all);
    goto done;
  }
  if (j->m < all && j->what >= NAX_RSA_BURES) {
    status = nax_i_fail(ctx, NAX_EDATA, j->fn,
                        "%lld pairs are missing, this comparator needs all of them",
                        (long long)(all - j->m));
    goto done;
  }
  if (is_whitened(j->what)) {
    NAX_TRY_ALLOC(missing, all - j->m, sizeof *missing);
    for (nax_index k = 0, p = 0; k < all; k++) {
      if (p < j->m && j->at[p] == k) {
        p++;
      } else {
        missing[lost++] = k;
      }
    }
    NAX_TRY(nax_i_white_init(ctx, j->fn, j->n, j->sigma, j->sigma_full, compat, lost,
                             missing, &j->white));
  }
done:
  nax_i_free(missing);
  return status;
}

int
nax_i_is_cosine(nax_rsa_comparator c)
{
  return c == NAX_RSA_COSINE || c == NAX_RSA_CORR || is_whitened(c);
}

static void
clear(job *j)
{
  for (nax_index r = 0; j->k != NULL && r < j->a->count + j->b->count; r++) {
    nax_i_kendall_clear(&j->k[r]);
  }
  nax_i_free(j->k);
  nax_i_white_clear(&j->white);
  nax_i_free(j->at);
  nax_i_free(j->f);
  nax_i_free(j->gap);
  nax_i_free(j->scale);
  nax_i_free(j->sigma);
}

/* Features of the RDMs of both sets; `b` may be empty. */
static nax_status
prepare(job *j, const nax_view *sigma_k, int32_t compat)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index total = j->a->count + j->b->count;
  nax_rsa_comparator c = j->what;
  nax_i_stage st;
  j->compat = compat;
  if (sigma_k != NULL) {
    NAX_TRY(load_sigma(j, sigma_k));
  }
  NAX_TRY(choose_pairs(j, compat));
  j->length = is_whitened(c)       ? j->white.n_features
              : c >= NAX_RSA_BURES ? (compat ? 2 : 1) * j->n * j->n
              : is_tau(c)          ? 1
                                   : j->m;
  if (is_tau(c)) {
    NAX_TRY_ALLOC(j->k, total, sizeof *j->k);
  }
  NAX_TRY_ALLOC(j->f, total * j->length, sizeof *j->f);
  NAX_TRY_ALLOC(j->scale, total, sizeof *j->scale);
  if (j->white.n_missing > 0) {
    NAX_TRY_ALLOC(j->gap, total * j->white.n_missing, sizeof *j->gap);
  }
  NAX_TRY(nax_i_stage_begin(&st, ctx, j->fn, "rsa/compare", total));
  NAX_TRY(nax_i_parallel(ctx, &st, total, make_features, j));
done:
  return status;
}

nax_status
nax_i_rsa_gram(nax_ctx *ctx, const char *fn, const nax_rdms *r, nax_rsa_comparator c,
               const nax_view *sigma_k, double *g)
{
  nax_status status = NAX_OK;
  const nax_rdms none = {.n = r->n, .m = r->m};
  job j = {.ctx = ctx, .fn = fn, .a = r, .b = &none, .what = c, .n = r->n};
  NAX_TRY(prepare(&j, sigma_k, 0));
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, r->count, j.length, 1.0, j.f, j.length, 0.0, g,
                     r->count));
  if (j.gap != NULL) {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, r->count, j.white.n_missing, -1.0, j.gap,
                       j.white.n_missing, 1.0, g, r->count));
  }
done:
  clear(&j);
  return status;
}

nax_status
nax_rsa_compare(nax_ctx *ctx, const nax_rdms *a, const nax_rdms *b,
                nax_rsa_comparator comparator, const nax_view *sigma_k, int32_t compat,
                double *out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  job j = {.ctx = ctx, .fn = __func__, .a = a, .b = b, .what = comparator, .n = a->n};
  j.out = out;
  NAX_REQUIRE(comparator >= NAX_RSA_COSINE && comparator <= NAX_RSA_NEG_RIEMANN,
              NAX_EINVAL, "there is no comparator %d", (int)comparator);
  NAX_REQUIRE(a->n == b->n, NAX_EDIM, "RDMs of %lld and of %lld conditions",
              (long long)a->n, (long long)b->n);
  NAX_REQUIRE(a->n >= 3, NAX_EDIM, "comparing RDMs needs at least 3 conditions");
  NAX_TRY(prepare(&j, sigma_k, compat));
  if (is_tau(comparator) || comparator >= NAX_RSA_BURES) {
    nax_i_stage st;
    NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "rsa/pairs", b->count));
    NAX_TRY(nax_i_parallel(ctx, &st, b->count, compare_one, &j));
  } else {
    NAX_TRY(multiply(&j));
  }
done:
  clear(&j);
  return status;
}

/* --------------------------------------------------- several models at once */

/* Features of data and models, L x (1 + K), centred; the first column is the data. */
static nax_status
regression_columns(nax_ctx *ctx, const char *fn, const nax_rdms *data, nax_index r,
                   const nax_rdms *models, int ranks, nax_index m, const nax_index *at,
                   double *x)
{
  nax_status status = NAX_OK;
  nax_i_keyed *keyed = NULL;
  double *v = NULL;
  NAX_TRY_ALLOC(keyed, 2 * m, sizeof *keyed);
  NAX_TRY_ALLOC(v, m, sizeof *v);
  for (nax_index c = 0; c <= models->count; c++) {
    const double *d = c == 0 ? data->d + r * data->m : models->d + (c - 1) * models->m;
    double *to = x + c * m, mean = 0.0, spread = 0.0;
    for (nax_index k = 0; k < m; k++) {
      v[k] = d[at[k]];
    }
    if (ranks) {
      NAX_TRY(nax_i_rdm_rank(ctx, m, v, NAX_RDM_RANK_AVERAGE, keyed, to));
    } else {
      memcpy(to, v, (size_t)m * sizeof *v);
    }
    for (nax_index k = 0; k < m; k++) {
      mean += to[k] / (double)m;
    }
    for (nax_index k = 0; k < m; k++) {
      to[k] -= mean;
      spread += to[k] * to[k];
    }
    if (!(spread > 0.0)) {
      status = nax_i_fail(ctx, NAX_EDATA, fn, "%s %lld is constant",
                          c == 0 ? "RDM" : "model", (long long)(c == 0 ? r : c - 1));
      goto done;
    }
  }
done:
  nax_i_free(keyed);
  nax_i_free(v);
  return status;
}

nax_status
nax_rsa_partial(nax_ctx *ctx, const nax_rdms *data, const nax_rdms *models,
                nax_rsa_partial_kind kind, double *out)
{
  nax_status status = NAX_OK;
  nax_index *at = NULL, rank = 0;
  double *x = NULL, *g = NULL, *l = NULL, *scale = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(kind >= NAX_RSA_PARTIAL_PEARSON && kind <= NAX_RSA_REGRESSION, NAX_EINVAL,
              "there is no such form %d", (int)kind);
  NAX_REQUIRE(data->n == models->n, NAX_EDIM, "RDMs of %lld and of %lld conditions",
              (long long)data->n, (long long)models->n);
  nax_index q = models->count + 1;
  NAX_TRY_ALLOC(at, data->m, sizeof *at);
  nax_index m = nax_i_common_pairs(2, (const nax_rdms *[]){data, models}, at);
  NAX_REQUIRE(m > q, NAX_EDATA, "%lld pairs are too few for %lld models", (long long)m,
              (long long)(q - 1));
  NAX_TRY_ALLOC(x, m * q, sizeof *x);
  NAX_TRY_ALLOC(g, q * q, sizeof *g);
  NAX_TRY_ALLOC(l, q * q, sizeof *l);
  NAX_TRY_ALLOC(scale, q, sizeof *scale);
  for (nax_index r = 0; r < data->count; r++) {
    NAX_TRY(regression_columns(ctx, __func__, data, r, models,
                               kind == NAX_RSA_PARTIAL_SPEARMAN, m, at, x));
    double *to = out + r * models->count;
    if (kind == NAX_RSA_REGRESSION) {
      NAX_TRY(nax_i_lstsq(ctx, __func__, m, q - 1, 1, x + m, m, x, m, 1e-12, &rank));
      NAX_REQUIRE(rank == q - 1, NAX_EDATA, "the models are linearly dependent");
      memcpy(to, x, (size_t)(q - 1) * sizeof *x);
      continue;
    }
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, q, m, 1.0, x, m, 0.0, g, q));
    for (nax_index a = 0; a < q; a++) {
      scale[a] = sqrt(g[a + a * q]);
    }
    for (nax_index b = 0; b < q; b++) {
      for (nax_index a = 0; a < q; a++) {
        g[a + b * q] /= scale[a] * scale[b];
        l[a + b * q] = a == b ? 1.0 : 0.0;
      }
    }
    NAX_TRY(nax_i_potrf(ctx, __func__, "correlation of the models", q, g, q, 0, NULL));
    NAX_TRY(nax_i_potrs(ctx, q, q, g, q, l, q));
    for (nax_index k = 1; k < q; k++) {
      to[k - 1] = -l[k] / sqrt(l[0] * l[k + k * q]);
    }
  }
done:
  nax_i_free(at);
  nax_i_free(x);
  nax_i_free(g);
  nax_i_free(l);
  nax_i_free(scale);
  return status;
}
