/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoding models: ridge regression of targets on features with the penalty chosen by
 * leaving out each observation, and how well it predicts what it has not seen. */
#include "similarity_i.h"
#include <math.h>

enum { TARGETS = 128 }; /* of a block */

/* Features of the training data, decomposed. */
typedef struct design {
  nax_index p, n, rank;
  double *x;            /* p x n, about the mean, over `scale` */
  double *mean, *scale; /* p */
  double *basis;        /* rank x n, orthonormal over observations */
  double *square;       /* rank: squared singular values */
  double *left;         /* p x rank: singular vectors of channels; NULL: n <= p */
} design;

static void
design_clear(design *d)
{
  nax_i_free(d->x);
  nax_i_free(d->mean);
  nax_i_free(d->scale);
  nax_i_free(d->basis);
  nax_i_free(d->square);
  nax_i_free(d->left);
  *d = (design){0};
}

/* Centred, and with `standardise` to unit variance where there is any. */
static void
scale_features(design *d, int standardise)
{
  for (nax_index i = 0; i < d->p; i++) {
    double m = 0.0, v = 0.0;
    for (nax_index k = 0; k < d->n; k++) {
      m += d->x[i + k * d->p];
    }
    m /= (double)d->n;
    for (nax_index k = 0; k < d->n; k++) {
      double e = d->x[i + k * d->p] - m;
      v += e * e / (double)d->n;
    }
    d->mean[i] = m;
    d->scale[i] = standardise && v > 1e-24 * m * m ? sqrt(v) : 1.0;
    for (nax_index k = 0; k < d->n; k++) {
      d->x[i + k * d->p] = (d->x[i + k * d->p] - m) / d->scale[i];
    }
  }
}

/* More features than observations: eigenvectors of the products of observations. */
static nax_status
decompose_wide(nax_ctx *ctx, const char *fn, design *d)
{
  nax_status status = NAX_OK;
  nax_index n = d->n;
  double *k = NULL, *value = NULL;
  NAX_TRY_ALLOC(k, n * n, sizeof *k);
  NAX_TRY_ALLOC(value, n, sizeof *value);
  NAX_TRY_ALLOC(d->basis, n * n, sizeof *d->basis);
  NAX_TRY_ALLOC(d->square, n, sizeof *d->square);
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, d->p, 1.0, d->x, d->p, 0.0, k, n));
  NAX_TRY(nax_i_syevd(ctx, fn, n, k, n, 1, value));
  double least = value[n - 1] * 2.3e-16 * (double)d->p;
  nax_index first = 0;
  while (first < n && !(value[first] > least)) {
    first++;
  }
  d->rank = n - first;
  for (nax_index i = 0; i < d->rank; i++) {
    d->square[i] = value[first + i];
    for (nax_index o = 0; o < n; o++) {
      d->basis[i + o * d->rank] = k[o + (first + i) * n];
    }
  }
done:
  nax_i_free(k);
  nax_i_free(value);
  return status;
}

static nax_status
decompose_tall(nax_ctx *ctx, const char *fn, design *d)
{
  nax_status status = NAX_OK;
  nax_index p = d->p, n = d->n;
  double *a = NULL, *vt = NULL;
  NAX_TRY_ALLOC(a, p * n, sizeof *a);
  NAX_TRY_ALLOC(vt, p * n, sizeof *vt);
  NAX_TRY_ALLOC(d->left, p * p, sizeof *d->left);
  NAX_TRY_ALLOC(d->square, p, sizeof *d->square);
  memcpy(a, d->x, (size_t)(p * n) * sizeof *a);
  NAX_TRY(nax_i_gesdd(ctx, fn, p, n, a, p, d->square, d->left, p, vt, p));
  double least = d->square[0] * 2.3e-16 * (double)n;
  while (d->rank < p && d->square[d->rank] > least) {
    d->square[d->rank] *= d->square[d->rank];
    d->rank++;
  }
  NAX_TRY_ALLOC(d->basis, d->rank * n, sizeof *d->basis);
  for (nax_index o = 0; o < n; o++) {
    memcpy(d->basis + o * d->rank, vt + o * p, (size_t)d->rank * sizeof *vt);
  }
done:
  nax_i_free(a);
  nax_i_free(vt);
  return status;
}

/* `x` (p x n) is taken, also after a failure. */
static nax_status
design_init(nax_ctx *ctx, const char *fn, nax_index p, nax_index n, double *x,
            int standardise, design *d)
{
  nax_status status = NAX_OK;
  *d = (design){.p = p, .n = n, .x = x};
  NAX_TRY_ALLOC(d->mean, p, sizeof *d->mean);
  NAX_TRY_ALLOC(d->scale, p, sizeof *d->scale);
  scale_features(d, standardise);
  NAX_TRY(n <= p ? decompose_wide(ctx, fn, d) : decompose_tall(ctx, fn, d));
done:
  if (status != NAX_OK) {
    design_clear(d);
  }
  return status;
}

/* Targets on one design. */
typedef struct targets {
  nax_ctx *ctx; /* that may stop it */
  const design *d;
  const double *y; /* t x n */
  nax_index t, n_alphas;
  const double *alphas;
  double *error;      /* n_alphas x t: mean squares, each observation left out */
  nax_index *which;   /* t */
  double *weights;    /* p x t, on the scale of the features as they are */
  double *intercept;  /* t */
  const double *spot; /* n_alphas x n: 1 - leverage, shared by all targets */
} targets;

/* Targets of a block about their means (n x count) and their products with the basis. */
static nax_status
project(const targets *g, nax_index first, nax_index count, double *y, double *z,
        double *mean)
{
  nax_index n = g->d->n;
  for (nax_index t = 0; t < count; t++) {
    double m = 0.0;
    for (nax_index k = 0; k < n; k++) {
      m += g->y[first + t + k * g->t];
    }
    m /= (double)n;
    for (nax_index k = 0; k < n; k++) {
      y[k + t * n] = g->y[first + t + k * g->t] - m;
    }
    mean[t] = m;
  }
  return nax_i_gemm(g->ctx, NAX_I_PLAIN, NAX_I_PLAIN, g->d->rank, count, n, 1.0,
                    g->d->basis, g->d->rank, y, n, 0.0, z, g->d->rank);
}

/* Errors of a block of targets for each penalty. */
static nax_status
try_penalties(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const targets *g = arg;
  nax_index n = g->d->n, rank = g->d->rank, first = block * TARGETS;
  nax_index count = g->t - first < TARGETS ? g->t - first : TARGETS;
  double *y = NULL, *z = NULL, *h = NULL, *fit = NULL, mean[TARGETS];
  NAX_TRY_ALLOC(y, n * count, sizeof *y);
  NAX_TRY_ALLOC(fit, n * count, sizeof *fit);
  NAX_TRY_ALLOC(z, rank * count, sizeof *z);
  NAX_TRY_ALLOC(h, rank * count, sizeof *h);
  NAX_TRY(project(g, first, count, y, z, mean));
  for (nax_index a = 0; a < g->n_alphas; a++) {
    NAX_TRY(nax_i_poll(g->ctx));
    for (nax_index t = 0; t < count; t++) {
      for (nax_index i = 0; i < rank; i++) {
        h[i + t * rank] =
            z[i + t * rank] * (g->d->square[i] / (g->d->square[i] + g->alphas[a]));
      }
    }
    NAX_TRY(nax_i_gemm(g->ctx, NAX_I_TRANS, NAX_I_PLAIN, n, count, rank, 1.0, g->d->basis,
                       rank, h, rank, 0.0, fit, n));
    for (nax_index t = 0; t < count; t++) {
      double sum = 0.0;
      for (nax_index k = 0; k < n; k++) {
        double e = (y[k + t * n] - fit[k + t * n]) / g->spot[a * n + k];
        sum += e * e;
      }
      g->error[a + (first + t) * g->n_alphas] =
          isnan(sum) ? (double)INFINITY : sum / (double)n;
    }
  }
done:
  nax_i_free(y);
  nax_i_free(z);
  nax_i_free(h);
  nax_i_free(fit);
  return status;
}

/* Weights of a block of targets at the chosen penalties. */
static nax_status
solve(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const targets *g = arg;
  const design *d = g->d;
  nax_index n = d->n, rank = d->rank, p = d->p, first = block * TARGETS;
  nax_index count = g->t - first < TARGETS ? g->t - first : TARGETS;
  double *y = NULL, *z = NULL, *w = g->weights + first * p, mean[TARGETS];
  NAX_TRY_ALLOC(y, n * count, sizeof *y);
  NAX_TRY_ALLOC(z, rank * count, sizeof *z);
  NAX_TRY(project(g, first, count, y, z, mean));
  for (nax_index t = 0; t < count; t++) {
    double alpha = g->alphas[g->which[first + t]];
    for (nax_index i = 0; i < rank; i++) {
      z[i + t * rank] *=
          (d->left != NULL ? sqrt(d->square[i]) : 1.0) / (d->square[i] + alpha);
    }
  }
  if (d->left != NULL) {
    NAX_TRY(nax_i_gemm(g->ctx, NAX_I_PLAIN, NAX_I_PLAIN, p, count, rank, 1.0, d->left, p,
                       z, rank, 0.0, w, p));
  } else {
    NAX_TRY(nax_i_gemm(g->ctx, NAX_I_TRANS, NAX_I_PLAIN, n, count, rank, 1.0, d->basis,
                       rank, z, rank, 0.0, y, n));
    NAX_TRY(nax_i_gemm(g->ctx, NAX_I_PLAIN, NAX_I_PLAIN, p, count, n, 1.0, d->x, p, y, n,
                       0.0, w, p));
  }
  for (nax_index t = 0; t < count; t++) {
    double b = mean[t];
    for (nax_index i = 0; i < p; i++) {
      w[i + t * p] /= d->scale[i];
      b -= w[i + t * p] * d->mean[i];
    }
    g->intercept[first + t] = b;
  }
done:
  nax_i_free(y);
  nax_i_free(z);
  return status;
}

/* The best penalty of each target, or of all; how many are at an end of the list. */
static nax_index
choose(const targets *g, int per_target)
{
  nax_index edge = 0, best_all = 0;
  double least_all = INFINITY;
  for (nax_index a = 0; !per_target && a < g->n_alphas; a++) {
    double sum = 0.0;
    for (nax_index t = 0; t < g->t; t++) {
      sum += g->error[a + t * g->n_alphas];
    }
    best_all = sum < least_all ? a : best_all;
    least_all = sum < least_all ? sum : least_all;
  }
  for (nax_index t = 0; t < g->t; t++) {
    nax_index best = per_target ? 0 : best_all;
    for (nax_index a = 1; per_target && a < g->n_alphas; a++) {
      best = g->error[a + t * g->n_alphas] < g->error[best + t * g->n_alphas] ? a : best;
    }
    g->which[t] = best;
    edge += g->n_alphas > 1 && (best == 0 || best == g->n_alphas - 1);
  }
  return edge;
}

static nax_status
fit_targets(nax_ctx *ctx, const char *fn, targets *g, int per_target, nax_index *edge)
{
  nax_status status = NAX_OK;
  const design *d = g->d;
  double *spot = NULL;
  nax_i_stage st;
  NAX_TRY_ALLOC(g->error, g->n_alphas * g->t, sizeof *g->error);
  NAX_TRY_ALLOC(g->which, g->t, sizeof *g->which);
  NAX_TRY_ALLOC(spot, g->n_alphas * d->n, sizeof *spot);
  for (nax_index a = 0; a < g->n_alphas; a++) {
    for (nax_index k = 0; k < d->n; k++) {
      double leverage = 1.0 / (double)d->n;
      for (nax_index i = 0; i < d->rank; i++) {
        double b = d->basis[i + k * d->rank];
        leverage += b * b * (d->square[i] / (d->square[i] + g->alphas[a]));
      }
      /* An observation that the fit goes through cannot be left out. */
      spot[a * d->n + k] = leverage < 1.0 - 1e-10 ? 1.0 - leverage : 0.0;
    }
    NAX_TRY(nax_i_poll(ctx));
  }
  g->spot = spot;
  int64_t blocks = nax_i_n_blocks(g->t, TARGETS);
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "encoding/penalty", blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, try_penalties, g));
  *edge = choose(g, per_target);
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "encoding/weights", blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, solve, g));
done:
  nax_i_free(g->error);
  nax_i_free(spot);
  g->error = NULL;
  return status;
}

static void
warn_edge(nax_ctx *ctx, nax_index edge, nax_index of, const char *what)
{
  if (edge > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "similarity.alpha-at-edge",
               "%lld of %lld %s want the smallest or the largest penalty: try a wider "
               "range",
               (long long)edge, (long long)of, what);
  }
}

/* Features and targets as dense doubles, not centred. */
static nax_status
load_pair(nax_ctx *ctx, const char *fn, const nax_view *x, const nax_view *y, double **px,
          double **py)
{
  nax_status status = NAX_OK;
  const nax_view *v[2] = {x, y};
  double **to[2] = {px, py};
  for (int k = 0; k < 2; k++) {
    const char *name = k == 0 ? "x" : "y";
    nax_index size;
    if (v[k] == NULL || (v[k]->dtype != NAX_F64 && v[k]->dtype != NAX_F32) ||
        v[k]->ndim != 2 || v[k]->dim[0] < 1 || v[k]->dim[1] < 3) {
      status = nax_i_fail(ctx, NAX_EDIM, fn,
                          "`%s` must be %s x observation with at least 1 and 3 positions",
                          name, k == 0 ? "feature" : "target");
      goto done;
    }
    if (!nax_i_size_product(2, v[k]->dim, sizeof(double), &size)) {
      status = nax_i_fail(ctx, NAX_EOVERFLOW, fn, "`%s` does not fit into memory", name);
      goto done;
    }
    NAX_TRY_ALLOC(*to[k], size, sizeof **to[k]);
    NAX_TRY(nax_view_copy_to(ctx, v[k], NAX_F64, *to[k]));
    NAX_TRY(nax_i_require_finite(ctx, fn, name, v[k]->dim[0], v[k]->dim[1], *to[k],
                                 v[k]->dim[0]));
  }
  if (x->dim[1] != y->dim[1]) {
    status = nax_i_fail(ctx, NAX_EDIM, fn, "`x` has %lld observations, `y` %lld",
                        (long long)x->dim[1], (long long)y->dim[1]);
  }
done:
  return status;
}

nax_status
nax_ridge_loo(nax_ctx *ctx, const nax_view *x, const nax_view *y, nax_index n_alphas,
              const double *alphas, int32_t per_target, double *weights,
              double *intercept, double *alpha, nax_index *n_edge)
{
  nax_status status = NAX_OK;
  double *px = NULL, *py = NULL;
  design d = {0};
  targets g = {.ctx = ctx};
  nax_index edge = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_alphas >= 1 && alphas != NULL, NAX_EINVAL, "there is no penalty to try");
  for (nax_index a = 0; a < n_alphas; a++) {
    NAX_REQUIRE(alphas[a] >= 0.0 && isfinite(alphas[a]), NAX_EINVAL,
                "penalty %lld is %g, expected 0 or more", (long long)a, alphas[a]);
  }
  NAX_TRY(load_pair(ctx, __func__, x, y, &px, &py));
  double *taken = px;
  px = NULL;
  NAX_TRY(design_init(ctx, __func__, x->dim[0], x->dim[1], taken, 0, &d));
  g = (targets){.ctx = ctx,
                .d = &d,
                .y = py,
                .t = y->dim[0],
                .n_alphas = n_alphas,
                .alphas = alphas,
                .weights = weights,
                .intercept = intercept};
  NAX_TRY(fit_targets(ctx, __func__, &g, per_target != 0, &edge));
  for (nax_index t = 0; t < g.t; t++) {
    alpha[t] = alphas[g.which[t]];
  }
  warn_edge(ctx, edge, g.t, "targets");
  if (n_edge != NULL) {
    *n_edge = edge;
  }
done:
  nax_i_free(px);
  nax_i_free(py);
  nax_i_free(g.which);
  design_clear(&d);
  return status;
}

/* ---------------------------------------------------------------- cross-validation */

/* All that one call of nax_encoding_score holds. */
typedef struct scoring {
  nax_index p, t, n, folds;
  double *x, *y;   /* p x n, t x n */
  nax_index *fold; /* n, from 0 */
  double *alphas;
  nax_encoding_opts o;
  double *r, *log_alpha; /* t x folds */
  nax_index edge;
} scoring;

/* Folds as numbers from 0 in the order of their values. */
static nax_status
number_folds(nax_ctx *ctx, const char *fn, const int64_t *fold, scoring *s)
{
  nax_status status = NAX_OK;
  nax_i_keyed *a = NULL;
  nax_index *size = NULL;
  NAX_TRY_ALLOC(s->fold, s->n, sizeof *s->fold);
  NAX_TRY_ALLOC(a, 2 * s->n, sizeof *a);
  NAX_TRY_ALLOC(size, s->n, sizeof *size);
  for (nax_index k = 0; k < s->n; k++) {
    int64_t value = fold != NULL ? fold[k] : k * 5 / s->n;
    a[k] = (nax_i_keyed){(uint64_t)value ^ UINT64_C(1) << 63, k};
  }
  nax_i_sort_keyed(a, a + s->n, s->n);
  for (nax_index k = 0; k < s->n; k++) {
    s->folds += k == 0 || a[k].key != a[k - 1].key;
    s->fold[a[k].at] = s->folds - 1;
    size[s->folds - 1]++;
  }
  if (s->folds < 2) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "all observations are in one fold: nothing is left to predict");
    goto done;
  }
  for (nax_index f = 0; f < s->folds; f++) {
    if (size[f] < 3 || s->n - size[f] < 3) {
      status = nax_i_fail(ctx, NAX_EDATA, fn,
                          "fold %lld has %lld of %lld observations: need 3 in and out",
                          (long long)f, (long long)size[f], (long long)s->n);
      goto done;
    }
  }
done:
  nax_i_free(a);
  nax_i_free(size);
  return status;
}

/* Correlation of prediction and data of target t over the observations of a fold. */
static double
correlation(const scoring *s, nax_index t, nax_index f, const double *w, double b,
            double *predicted)
{
  double my = 0.0, mp = 0.0, yy = 0.0, pp = 0.0, yp = 0.0, m = 0.0;
  for (nax_index k = 0; k < s->n; k++) {
    if (s->fold[k] == f) {
      double sum = b;
      for (nax_index i = 0; i < s->p; i++) {
        sum += w[i] * s->x[i + k * s->p];
      }
      predicted[k] = sum;
      mp += sum;
      my += s->y[t + k * s->t];
      m += 1.0;
    }
  }
  my /= m;
  mp /= m;
  for (nax_index k = 0; k < s->n; k++) {
    if (s->fold[k] == f) {
      double dy = s->y[t + k * s->t] - my, dp = predicted[k] - mp;
      yy += dy * dy;
      pp += dp * dp;
      yp += dy * dp;
    }
  }
  return yy > 0.0 && pp > 0.0 ? yp / sqrt(yy * pp) : (double)NAN;
}

static nax_status
one_fold(nax_ctx *ctx, const char *fn, scoring *s, nax_index f)
{
  nax_status status = NAX_OK;
  double *x = NULL, *y = NULL, *w = NULL, *b = NULL, *predicted = NULL;
  nax_index n = 0, edge = 0;
  design d = {0};
  targets g = {.ctx = ctx};
  NAX_TRY_ALLOC(x, s->p * s->n, sizeof *x);
  NAX_TRY_ALLOC(y, s->t * s->n, sizeof *y);
  NAX_TRY_ALLOC(w, s->p * s->t, sizeof *w);
  NAX_TRY_ALLOC(b, s->t, sizeof *b);
  NAX_TRY_ALLOC(predicted, s->n, sizeof *predicted);
  for (nax_index k = 0; k < s->n; k++) {
    if (s->fold[k] != f) {
      memcpy(x + n * s->p, s->x + k * s->p, (size_t)s->p * sizeof *x);
      memcpy(y + n * s->t, s->y + k * s->t, (size_t)s->t * sizeof *y);
      n++;
    }
  }
  double *taken = x;
  x = NULL;
  NAX_TRY(design_init(ctx, fn, s->p, n, taken, s->o.standardise, &d));
  g = (targets){.ctx = ctx,
                .d = &d,
                .y = y,
                .t = s->t,
                .n_alphas = s->o.n_alphas,
                .alphas = s->alphas,
                .weights = w,
                .intercept = b};
  NAX_TRY(fit_targets(ctx, fn, &g, s->o.per_target, &edge));
  s->edge += edge;
  for (nax_index t = 0; t < s->t; t++) {
    s->r[t + f * s->t] = correlation(s, t, f, w + t * s->p, b[t], predicted);
    s->log_alpha[t + f * s->t] = log(s->alphas[g.which[t]]);
  }
done:
  nax_i_free(x);
  nax_i_free(y);
  nax_i_free(w);
  nax_i_free(b);
  nax_i_free(predicted);
  nax_i_free(g.which);
  design_clear(&d);
  return status;
}

static nax_status
scores_table(nax_ctx *ctx, const scoring *s, const double *ceiling, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *x = NULL, f = (double)s->folds;
  static const char *const names[] = {"score", "se", "score_normalised", "alpha"};
  NAX_TRY_ALLOC(x, 4 * s->t, sizeof *x);
  for (nax_index k = 0; k < s->t; k++) {
    double mean = 0.0, square = 0.0, log_alpha = 0.0;
    for (nax_index i = 0; i < s->folds; i++) {
      mean += s->r[k + i * s->t] / f;
      log_alpha += s->log_alpha[k + i * s->t] / f;
    }
    for (nax_index i = 0; i < s->folds; i++) {
      double e = s->r[k + i * s->t] - mean;
      square += e * e;
    }
    x[k] = mean;
    x[k + s->t] = sqrt(square / (f * (f - 1.0)));
    x[k + 2 * s->t] = ceiling != NULL ? mean / sqrt(ceiling[k]) : (double)NAN;
    x[k + 3 * s->t] = exp(log_alpha);
  }
  NAX_TRY(nax_table_create(ctx, "target", s->t, &t));
  for (int c = 0; c < 4; c++) {
    if (c != 2 || ceiling != NULL) {
      NAX_TRY(nax_table_add_numbers(ctx, t, names[c], NULL, x + c * s->t));
    }
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(x);
  return status;
}

nax_status
nax_encoding_score(nax_ctx *ctx, const nax_view *x, const nax_view *y,
                   const int64_t *fold, const double *ceiling,
                   const nax_encoding_opts *opts, nax_table **out)
{
  nax_status status = NAX_OK;
  scoring s = {0};
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_encoding_table, &s.o, opts));
  NAX_REQUIRE(s.o.alpha_min <= s.o.alpha_max, NAX_EINVAL,
              "penalties from %g to %g: the smallest is above the largest", s.o.alpha_min,
              s.o.alpha_max);
  NAX_TRY(load_pair(ctx, __func__, x, y, &s.x, &s.y));
  s.p = x->dim[0];
  s.t = y->dim[0];
  s.n = x->dim[1];
  for (nax_index t = 0; ceiling != NULL && t < s.t; t++) {
    NAX_REQUIRE(ceiling[t] > 0.0 && ceiling[t] <= 1.0, NAX_EDATA,
                "the noise ceiling of target %lld is %g, expected above 0 and at most 1",
                (long long)t, ceiling[t]);
  }
  NAX_TRY(number_folds(ctx, __func__, fold, &s));
  NAX_TRY_ALLOC(s.alphas, s.o.n_alphas, sizeof *s.alphas);
  NAX_TRY_ALLOC(s.r, s.t * s.folds, sizeof *s.r);
  NAX_TRY_ALLOC(s.log_alpha, s.t * s.folds, sizeof *s.log_alpha);
  for (int64_t a = 0; a < s.o.n_alphas; a++) {
    double share = s.o.n_alphas > 1 ? (double)a / (double)(s.o.n_alphas - 1) : 0.0;
    s.alphas[a] = s.o.alpha_min * pow(s.o.alpha_max / s.o.alpha_min, share);
  }
  for (nax_index f = 0; f < s.folds; f++) {
    NAX_TRY(one_fold(ctx, __func__, &s, f));
  }
  warn_edge(ctx, s.edge, s.t * s.folds, "fits");
  NAX_TRY(scores_table(ctx, &s, ceiling, out));
done:
  nax_i_free(s.x);
  nax_i_free(s.y);
  nax_i_free(s.fold);
  nax_i_free(s.alphas);
  nax_i_free(s.r);
  nax_i_free(s.log_alpha);
  return status;
}

nax_status
nax_encoding_ceiling(nax_ctx *ctx, const nax_view *y, int64_t repeats, double *out)
{
  nax_status status = NAX_OK;
  double *x = NULL;
  nax_index size;
  nax_i_begin(ctx);
  NAX_REQUIRE(y != NULL && (y->dtype == NAX_F64 || y->dtype == NAX_F32) && y->ndim == 3 &&
                  y->dim[0] >= 1 && y->dim[1] >= 2 && y->dim[2] >= 2,
              NAX_EDIM,
              "`y` must be target x repetition x observation with at least 1, 2 and 2 "
              "positions");
  NAX_REQUIRE(repeats >= 1, NAX_EINVAL, "`repeats` must be 1 or more, got %lld",
              (long long)repeats);
  NAX_REQUIRE(nax_i_size_product(3, y->dim, sizeof(double), &size), NAX_EOVERFLOW,
              "`y` does not fit into memory");
  nax_index t_all = y->dim[0], r = y->dim[1], n = y->dim[2];
  NAX_TRY_ALLOC(x, size, sizeof *x);
  NAX_TRY(nax_view_copy_to(ctx, y, NAX_F64, x));
  NAX_TRY(nax_i_require_finite(ctx, __func__, "y", t_all, r * n, x, t_all));
  for (nax_index t = 0; t < t_all; t++) {
    double noise = 0.0, all = 0.0, spread = 0.0;
    for (nax_index pass = 0; pass < 2; pass++) {
      for (nax_index k = 0; k < n; k++) {
        double m = 0.0;
        for (nax_index i = 0; i < r; i++) {
          m += x[t + t_all * (i + r * k)] / (double)r;
        }
        all += pass == 0 ? m / (double)n : 0.0;
        spread += pass == 1 ? (m - all) * (m - all) / (double)(n - 1) : 0.0;
        for (nax_index i = 0; pass == 1 && i < r; i++) {
          double e = x[t + t_all * (i + r * k)] - m;
          noise += e * e / ((double)(r - 1) * (double)n);
        }
      }
    }
    double signal = fmax(spread - noise / (double)r, 0.0);
    out[t] = signal + noise > 0.0 ? signal / (signal + noise / (double)repeats) : 0.0;
  }
done:
  nax_i_free(x);
  return status;
}
