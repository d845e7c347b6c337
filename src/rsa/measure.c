/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities from means of conditions and folds. Everything is a Gram matrix or a
 * cross-product of patterns; differences are taken of its entries. Patterns are centred
 * over conditions first, which changes no difference and keeps the digits that large
 * common responses would cost. */
#include "rsa_i.h"
#include <math.h>

int
nax_i_rdm_folds(int32_t measure)
{
  return measure == NAX_RDM_CROSSNOBIS || measure == NAX_RDM_POISSON_CV ||
         measure == NAX_RDM_COSINE_CV || measure == NAX_RDM_CORRELATION_CV ||
         measure == NAX_RDM_LDT;
}

int
nax_i_rdm_whitens(int32_t measure)
{
  return measure == NAX_RDM_MAHALANOBIS || measure == NAX_RDM_CROSSNOBIS ||
         measure == NAX_RDM_LDT;
}

void
nax_i_rdm_from_gram(nax_index n, const double *g, double scale, double *d)
{
  for (nax_index i = 0, k = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++, k++) {
      d[k] = (g[i + i * n] + g[j + j * n] - g[i + j * n] - g[j + i * n]) * scale;
    }
  }
}

void
nax_i_rdm_centre_rows(nax_index p, nax_index n, double *x, nax_index ld)
{
  enum { ROWS = 512 }; /* means of so many rows stay in the cache */
  double mean[ROWS];
  for (nax_index first = 0; first < p; first += ROWS) {
    nax_index rows = p - first < ROWS ? p - first : ROWS;
    memset(mean, 0, sizeof mean);
    for (nax_index k = 0; k < n; k++) {
      const double *from = x + first + k * ld;
      for (nax_index i = 0; i < rows; i++) {
        mean[i] += from[i];
      }
    }
    for (nax_index i = 0; i < rows; i++) {
      mean[i] /= (double)n;
    }
    for (nax_index k = 0; k < n; k++) {
      double *to = x + first + k * ld;
      for (nax_index i = 0; i < rows; i++) {
        to[i] -= mean[i];
      }
    }
  }
}

/* Means of the observations: of conditions (f < 0), of conditions in fold f (`out` 0), or
 * of conditions outside fold f (`out` 1). u is p x n with leading dimension ld. */
static void
means(const nax_i_rdm_job *j, nax_index f, int out, double *u, nax_index ld)
{
  const nax_i_design *g = j->g;
  int centre = j->o->remove_mean || j->o->measure == NAX_RDM_CORRELATION_CV;
  for (nax_index c = 0; c < g->n; c++) {
    memset(u + c * ld, 0, (size_t)j->p * sizeof *u);
  }
  for (nax_index k = 0; k < g->n_obs; k++) {
    if (f < 0 || (g->fold[k] == f) != out) {
      double *to = u + g->cond[k] * ld;
      for (nax_index i = 0; i < j->p; i++) {
        to[i] += j->x[i + k * j->p];
      }
    }
  }
  for (nax_index c = 0; c < g->n; c++) {
    nax_index count = 0;
    for (nax_index h = 0; h < (g->folds > 0 ? g->folds : 1); h++) {
      count += f < 0 || (h == f) != out ? g->count[c + h * g->n] : 0;
    }
    double mean = 0.0;
    for (nax_index i = 0; i < j->p; i++) {
      u[i + c * ld] /= (double)count;
      mean += u[i + c * ld];
    }
    mean /= (double)j->p;
    for (nax_index i = 0; centre && i < j->p; i++) {
      u[i + c * ld] -= mean;
    }
  }
}

/* The factor L of precision f, or of the only one: (a - b)'N(a - b) = |L'(a - b)|^2. */
static nax_status
factor(const nax_i_rdm_job *j, double *l)
{
  memcpy(l, j->precision, (size_t)(j->p * j->p) * sizeof *l);
  return nax_i_potrf(j->ctx, j->fn, "noise precision", j->p, l, j->p, 0, NULL);
}

/* --------------------------------------------------------- one set of means */

/* d_ij of the lower triangle of a Gram matrix, not below 0. */
static void
from_lower(nax_index n, const double *g, double scale, double *d)
{
  for (nax_index i = 0, k = 0; i < n; i++) {
    for (nax_index o = i + 1; o < n; o++, k++) {
      double x = (g[i + i * n] + g[o + o * n] - 2.0 * g[o + i * n]) * scale;
      d[k] = x < 0.0 ? 0.0 : x;
    }
  }
}

static nax_status
squared_distances(nax_i_rdm_job *j, const double *u, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p;
  double *l = NULL, *y = NULL, *z = NULL;
  if (j->precision != NULL) {
    NAX_TRY_ALLOC(l, p * p, sizeof *l);
    NAX_TRY_ALLOC(y, p * n, sizeof *y);
    NAX_TRY_ALLOC(z, p * n, sizeof *z);
    memcpy(z, u, (size_t)(p * n) * sizeof *z);
    nax_i_rdm_centre_rows(p, n, z, p);
    NAX_TRY(factor(j, l));
    NAX_TRY(
        nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, p, n, p, 1.0, l, p, z, p, 0.0, y, p));
    NAX_TRY(nax_i_self_product_lower(ctx, n, p, 1.0, y, p, 0.0, g, n));
  } else {
    NAX_TRY(nax_i_rdm_gram(j, u, g, NULL));
  }
  from_lower(n, g, 1.0 / (double)p, j->d);
done:
  nax_i_free(l);
  nax_i_free(y);
  nax_i_free(z);
  return status;
}

/* Columns of u to unit norm, centred with `centre`; NaN for those without variance. Their
 * number. */
static nax_index
normalise(nax_index p, nax_index n, double *u, int centre)
{
  nax_index flat = 0;
  for (nax_index c = 0; c < n; c++) {
    double *x = u + c * p, mean = 0.0, norm = 0.0, largest = 0.0;
    for (nax_index i = 0; i < p; i++) {
      mean += centre ? x[i] / (double)p : 0.0;
      largest = fabs(x[i]) > largest ? fabs(x[i]) : largest;
    }
    for (nax_index i = 0; i < p; i++) {
      x[i] -= mean;
      norm += x[i] * x[i];
    }
    norm = sqrt(norm);
    int constant = !(norm > 1e-14 * largest * sqrt((double)p));
    flat += constant;
    for (nax_index i = 0; i < p; i++) {
      x[i] = constant ? (double)NAN : x[i] / norm;
    }
  }
  return flat;
}

static void
warn_flat(const nax_i_rdm_job *j, nax_index flat)
{
  if (flat > 0) {
    nax_i_warn(j->ctx, NAX_VIOLATION, "rsa.constant-pattern",
               "%lld of %lld patterns do not vary over channels: their dissimilarities "
               "are NaN",
               (long long)flat, (long long)j->g->n);
  }
}

static nax_status
correlation(nax_i_rdm_job *j, const double *u, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, n_flat = 0;
  char *flat = NULL;
  NAX_TRY_ALLOC(flat, n, 1);
  NAX_TRY(nax_i_rdm_gram(j, u, g, flat));
  for (nax_index c = 0; c < n; c++) {
    n_flat += flat[c];
  }
  warn_flat(j, n_flat);
  for (nax_index a = 0, k = 0; a < n; a++) {
    for (nax_index b = a + 1; b < n; b++, k++) {
      double d = 1.0 - g[b + a * n];
      j->d[k] = flat[a] || flat[b] ? (double)NAN : d < 0.0 ? 0.0 : d;
    }
  }
done:
  nax_i_free(flat);
  return status;
}

/* ------------------------------------------------------------ between folds */

/* Every condition equally often in every fold: the mean over ordered pairs of folds of
 * cross-products is (|sum_f y_f|^2 - sum_f |y_f|^2) / (M (M - 1)). y has the folds one
 * below the other, (p M) x n. */
static nax_status
crossnobis_even(nax_i_rdm_job *j, double *y, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, folds = j->g->folds, ld = p * folds;
  double *sum = NULL;
  NAX_TRY_ALLOC(sum, p * n, sizeof *sum);
  for (nax_index c = 0; c < n; c++) {
    for (nax_index f = 0; f < folds; f++) {
      for (nax_index i = 0; i < p; i++) {
        sum[i + c * p] += y[i + f * p + c * ld];
      }
    }
  }
  NAX_TRY(nax_i_self_product(ctx, n, ld, -1.0, y, ld, 0.0, g, n));
  NAX_TRY(nax_i_self_product(ctx, n, p, 1.0, sum, p, 1.0, g, n));
  double pairs = (double)(folds * (folds - 1));
  nax_i_rdm_from_gram(n, g, 1.0 / (pairs * (double)p), j->d);
done:
  nax_i_free(sum);
  return status;
}

/* Folds of means one below the other, whitened by the only precision. */
static nax_status
stack_folds(nax_i_rdm_job *j, double *y)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, ld = p * j->g->folds;
  double *l = NULL, *u = NULL;
  if (j->precision != NULL) {
    NAX_TRY_ALLOC(l, p * p, sizeof *l);
    NAX_TRY_ALLOC(u, p * n, sizeof *u);
    NAX_TRY(factor(j, l));
  }
  for (nax_index f = 0; f < j->g->folds; f++) {
    double *to = u != NULL ? u : y + f * p;
    nax_index ld_to = u != NULL ? p : ld;
    means(j, f, 0, to, ld_to);
    nax_i_rdm_centre_rows(p, n, to, ld_to);
    if (u != NULL) {
      NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, p, n, p, 1.0, l, p, u, p, 0.0,
                         y + f * p, ld));
    }
  }
done:
  nax_i_free(l);
  nax_i_free(u);
  return status;
}

/* Training mean of fold f from the folds' means: weights by observations. */
static void
training(const nax_i_rdm_job *j, const double *y, nax_index f, double *t)
{
  nax_index n = j->g->n, p = j->p, ld = p * j->g->folds;
  for (nax_index c = 0; c < n; c++) {
    double total = 0.0;
    memset(t + c * p, 0, (size_t)p * sizeof *t);
    for (nax_index h = 0; h < j->g->folds; h++) {
      double w = h == f ? 0.0 : (double)j->g->count[c + h * n];
      total += w;
      for (nax_index i = 0; w > 0.0 && i < p; i++) {
        t[i + c * p] += w * y[i + h * p + c * ld];
      }
    }
    for (nax_index i = 0; i < p; i++) {
      t[i + c * p] /= total;
    }
  }
}

/* t of the discriminant: train'N test contrasts over the standard error of the latter. */
static void
add_ldt(const nax_i_rdm_job *j, nax_index f, const double *self, const double *cross)
{
  nax_index n = j->g->n;
  for (nax_index a = 0, k = 0; a < n; a++) {
    for (nax_index b = a + 1; b < n; b++, k++) {
      double w2 = self[a + a * n] + self[b + b * n] - 2.0 * self[a + b * n];
      double c =
          cross[a + a * n] + cross[b + b * n] - cross[a + b * n] - cross[b + a * n];
      double se2 = w2 * (1.0 / (double)j->g->count[a + f * n] +
                         1.0 / (double)j->g->count[b + f * n]);
      j->d[k] += se2 > 0.0 ? c / sqrt(se2) / (double)j->g->folds : (double)NAN;
    }
  }
}

static nax_status
crossnobis_or_ldt(nax_i_rdm_job *j, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, folds = j->g->folds, ld = p * folds;
  double *y = NULL, *t = NULL, *self = NULL, *one = NULL;
  NAX_TRY_ALLOC(y, ld * n, sizeof *y);
  NAX_TRY(stack_folds(j, y));
  if (j->g->even && j->o->measure == NAX_RDM_CROSSNOBIS) {
    NAX_TRY(crossnobis_even(j, y, g));
    goto done;
  }
  NAX_TRY_ALLOC(t, p * n, sizeof *t);
  NAX_TRY_ALLOC(self, n * n, sizeof *self);
  NAX_TRY_ALLOC(one, nax_rdm_pairs(n), sizeof *one);
  for (nax_index f = 0; f < folds; f++) {
    training(j, y, f, t);
    NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, p, 1.0, t, p, y + f * p, ld,
                       0.0, g, n));
    if (j->o->measure == NAX_RDM_LDT) {
      NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, p, 1.0, t, p, 0.0, self, n));
      add_ldt(j, f, self, g);
    } else {
      nax_i_rdm_from_gram(n, g, 1.0 / ((double)p * (double)folds), one);
      for (nax_index k = 0; k < nax_rdm_pairs(n); k++) {
        j->d[k] += one[k];
      }
    }
  }
done:
  nax_i_free(y);
  nax_i_free(t);
  nax_i_free(self);
  nax_i_free(one);
  return status;
}

/* A precision per fold: each pair of folds is whitened by the mean of its covariances. */
static nax_status
crossnobis_per_fold(nax_i_rdm_job *j, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, folds = j->g->folds;
  double *cov = NULL, *c = NULL, *u = NULL, *a = NULL, *one = NULL;
  NAX_TRY_ALLOC(cov, p * p * folds, sizeof *cov);
  NAX_TRY_ALLOC(c, p * p, sizeof *c);
  NAX_TRY_ALLOC(u, p * n * folds, sizeof *u);
  NAX_TRY_ALLOC(a, 2 * p * n, sizeof *a);
  NAX_TRY_ALLOC(one, nax_rdm_pairs(n), sizeof *one);
  for (nax_index f = 0; f < folds; f++) {
    NAX_TRY(nax_rdm_precision(ctx, p, j->precision + f * p * p, cov + f * p * p));
    means(j, f, 0, u + f * p * n, p);
    nax_i_rdm_centre_rows(p, n, u + f * p * n, p);
  }
  double pairs = 0.5 * (double)(folds * (folds - 1));
  for (nax_index f = 0; f < folds; f++) {
    for (nax_index h = f + 1; h < folds; h++) {
      for (nax_index k = 0; k < p * p; k++) {
        c[k] = 0.5 * (cov[k + f * p * p] + cov[k + h * p * p]);
      }
      NAX_TRY(nax_i_potrf(ctx, j->fn, "mean covariance of two folds", p, c, p, 0, NULL));
      memcpy(a, u + f * p * n, (size_t)(p * n) * sizeof *a);
      memcpy(a + p * n, u + h * p * n, (size_t)(p * n) * sizeof *a);
      NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, p, 2 * n, c, p, a, p));
      NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, p, 1.0, a, p, a + p * n, p,
                         0.0, g, n));
      nax_i_rdm_from_gram(n, g, 1.0 / (pairs * (double)p), one);
      for (nax_index k = 0; k < nax_rdm_pairs(n); k++) {
        j->d[k] += one[k];
      }
    }
  }
done:
  nax_i_free(cov);
  nax_i_free(c);
  nax_i_free(u);
  nax_i_free(a);
  nax_i_free(one);
  return status;
}

/* Adds the RDM of one fold by cosine or correlation: products of training with test
 * patterns over the roots of those of a pattern with itself, which noise may make small
 * or negative and which are therefore kept above two floors. own: n values of scratch. */
static void
add_cosine(const nax_i_rdm_job *j, const double *t, const double *u, const double *cross,
           double *own)
{
  nax_index n = j->g->n, p = j->p;
  double mean = 0.0;
  for (nax_index a = 0; a < n; a++) {
    double within = 0.0, between = cross[a + a * n];
    for (nax_index i = 0; i < p; i++) {
      within += 0.5 * (t[i + a * p] * t[i + a * p] + u[i + a * p] * u[i + a * p]);
    }
    mean += within / (double)n;
    own[a] = fmax(between, j->o->floor_variance * within);
  }
  for (nax_index a = 0, k = 0; a < n; a++) {
    for (nax_index b = a + 1; b < n; b++, k++) {
      double product = 0.5 * (cross[a + b * n] + cross[b + a * n]);
      double below = fmax(sqrt(own[a] * own[b]), j->o->floor_denominator * mean);
      double r = below > 0.0 ? product / below : (double)NAN;
      r = r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r;
      j->d[k] += (1.0 - r) / (double)j->g->folds;
    }
  }
}

/* Training and test means of each fold in turn, for measures that are not linear. */
static nax_status
fold_by_fold(nax_i_rdm_job *j, double *g)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p, folds = j->g->folds, m = nax_rdm_pairs(n);
  double *t = NULL, *u = NULL, *own = NULL, *one = NULL;
  int poisson = j->o->measure == NAX_RDM_POISSON_CV;
  NAX_TRY_ALLOC(t, p * n, sizeof *t);
  NAX_TRY_ALLOC(u, p * n, sizeof *u);
  NAX_TRY_ALLOC(own, n, sizeof *own);
  NAX_TRY_ALLOC(one, m, sizeof *one);
  for (nax_index f = 0; f < folds; f++) {
    means(j, f, 1, t, p);
    means(j, f, 0, u, p);
    if (poisson) {
      double share = j->o->compat ? (f == folds - 1 ? 1.0 : 0.0) : 1.0 / (double)folds;
      NAX_TRY(nax_i_rdm_poisson_product(j, t, u, g));
      nax_i_rdm_from_gram(n, g, share / (double)p, one);
      for (nax_index k = 0; k < m; k++) {
        j->d[k] += one[k];
      }
      continue;
    }
    NAX_TRY(
        nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, n, p, 1.0, t, p, u, p, 0.0, g, n));
    add_cosine(j, t, u, g, own);
  }
done:
  nax_i_free(t);
  nax_i_free(u);
  nax_i_free(own);
  nax_i_free(one);
  return status;
}

int
nax_i_rdm_has_patterns(int32_t measure)
{
  return measure <= NAX_RDM_CROSSNOBIS;
}

/* Patterns of fold f: training means (`out` 1) or its own; f < 0: of all. */
static nax_status
fold_patterns(nax_i_rdm_job *j, nax_index f, int out, const double *l, double *work,
              double *to, nax_index ld, char *flat)
{
  nax_status status = NAX_OK;
  nax_index n = j->g->n, p = j->p;
  means(j, f, out, work, p);
  if (j->o->measure == NAX_RDM_CORRELATION || j->o->measure == NAX_RDM_COSINE) {
    (void)normalise(p, n, work, j->o->measure == NAX_RDM_CORRELATION);
    for (nax_index c = 0; c < n; c++) {
      flat[c] = (char)(isnan(work[c * p]) ? 1 : 0);
      for (nax_index i = 0; i < p; i++) {
        to[i + c * ld] = flat[c] ? 0.0 : work[i + c * p];
      }
    }
    return NAX_OK;
  }
  nax_i_rdm_centre_rows(p, n, work, p);
  if (l != NULL) {
    NAX_TRY(nax_i_gemm(j->ctx, NAX_I_TRANS, NAX_I_PLAIN, p, n, p, 1.0, l, p, work, p, 0.0,
                       to, ld));
  } else {
    for (nax_index c = 0; c < n; c++) {
      memcpy(to + c * ld, work + c * p, (size_t)p * sizeof *to);
    }
  }
done:
  return status;
}

nax_status
nax_i_rdm_patterns(nax_i_rdm_job *j, const double *l, double *work, double *a, double *b,
                   char *flat)
{
  nax_status status = NAX_OK;
  nax_index p = j->p, ld = p * (j->g->folds > 0 ? j->g->folds : 1);
  if (b == NULL) {
    return fold_patterns(j, -1, 0, l, work, a, ld, flat);
  }
  for (nax_index f = 0; f < j->g->folds; f++) {
    NAX_TRY(fold_patterns(j, f, 1, l, work, a + f * p, ld, flat));
    NAX_TRY(fold_patterns(j, f, 0, l, work, b + f * p, ld, flat));
  }
done:
  return status;
}

nax_status
nax_i_rdm_means(nax_i_rdm_job *j)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = j->ctx;
  nax_index n = j->g->n, p = j->p;
  double *g = NULL, *fresh = NULL;
  NAX_TRY_ALLOC(g, n * n, sizeof *g);
  if (nax_i_rdm_folds(j->o->measure)) {
    NAX_TRY(nax_i_design_complete(ctx, j->fn, j->g));
    if (j->o->measure == NAX_RDM_CROSSNOBIS && j->per_fold) {
      NAX_TRY(crossnobis_per_fold(j, g));
    } else if (nax_i_rdm_whitens(j->o->measure)) {
      NAX_TRY(crossnobis_or_ldt(j, g));
    } else {
      NAX_TRY(fold_by_fold(j, g));
    }
    goto done;
  }
  /* One observation for each condition, in order: they are the means. */
  int own = j->g->n_obs == n && !j->o->remove_mean;
  for (nax_index k = 0; own && k < n; k++) {
    own = j->g->cond[k] == k;
  }
  if (!own) {
    NAX_TRY_ALLOC(fresh, p * n, sizeof *fresh);
    means(j, -1, 0, fresh, p);
  }
  const double *u = own ? j->x : fresh;
  if (j->o->measure == NAX_RDM_POISSON) {
    NAX_TRY(nax_i_rdm_poisson_product(j, u, u, g));
    nax_i_rdm_from_gram(n, g, 1.0 / (double)p, j->d);
  } else if (j->o->measure == NAX_RDM_EUCLIDEAN || j->o->measure == NAX_RDM_MAHALANOBIS) {
    NAX_TRY(squared_distances(j, u, g));
  } else {
    NAX_TRY(correlation(j, u, g));
  }
done:
  nax_i_free(g);
  nax_i_free(fresh);
  return status;
}
