/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation in separate folds of conditions and subjects. */
#include "infer_i.h"
#include <math.h>

nax_index
nax_i_folds_default(nax_index n, int conditions)
{
  if (conditions) {
    return n < 12 ? 2 : n < 24 ? 3 : n < 40 ? 4 : 5;
  }
  return n < 2 ? 1 : n < 6 ? 2 : n < 12 ? 3 : n < 20 ? 4 : 5;
}

void
nax_i_folds_clear(nax_i_folds *f)
{
  nax_i_table_clear(&f->train);
  nax_i_table_clear(&f->test);
  nax_i_free(f->w_train);
  nax_i_free(f->theta);
  nax_i_free(f->order);
  *f = (nax_i_folds){0};
}

nax_status
nax_i_folds_init(nax_ctx *ctx, const nax_i_engine *e, nax_index subject_folds,
                 nax_index condition_folds, nax_i_folds *f)
{
  nax_status status = NAX_OK;
  nax_index n = e->n, r = e->n_subjects, most = n > r ? n : r;
  *f = (nax_i_folds){.subject_folds = subject_folds, .condition_folds = condition_folds};
  NAX_TRY(nax_i_table_init(ctx, e, &f->train));
  NAX_TRY(nax_i_table_init(ctx, e, &f->test));
  NAX_TRY_ALLOC(f->w_train, 2 * n + 2 * r, sizeof *f->w_train);
  f->w_test = f->w_train + n;
  f->v_train = f->w_test + n;
  f->v_test = f->v_train + r;
  NAX_TRY_ALLOC(f->theta, e->n_rows + 2 * e->n_models, sizeof *f->theta);
  f->sum = f->theta + e->n_rows;
  f->count = f->sum + e->n_models;
  NAX_TRY_ALLOC(f->order, most + n + r, sizeof *f->order);
  f->fold_c = f->order + most;
  f->fold_s = f->fold_c + n;
done:
  if (status != NAX_OK) {
    nax_i_folds_clear(f);
  }
  return status;
}

/* Those with weight dealt to `folds` in random order, or the first `test` of them to fold
 * 0 and the others to fold 1; -1 for those without. How many have weight. */
static nax_index
deal(nax_rng *rng, nax_index n, const double *weight, nax_index folds, nax_index test,
     nax_index *order, nax_index *fold)
{
  nax_index k = 0;
  for (nax_index i = 0; i < n; i++) {
    fold[i] = -1;
    if (weight == NULL || weight[i] > 0.0) {
      order[k++] = i;
    }
  }
  for (nax_index i = k - 1; i > 0; i--) {
    nax_index j = (nax_index)(nax_rng_uniform(rng) * (double)(i + 1));
    nax_index swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
  for (nax_index i = 0; i < k; i++) {
    fold[order[i]] = test > 0 ? i >= test : i % folds;
  }
  return k;
}

/* Weights inside and outside of fold f; without folds both are all of them. */
static void
split(nax_index n, const double *weight, const nax_index *fold, nax_index f,
      nax_index folds, double *train, double *test)
{
  for (nax_index i = 0; i < n; i++) {
    double w = weight != NULL ? weight[i] : 1.0;
    test[i] = folds == 1 || fold[i] == f ? w : 0.0;
    train[i] = folds == 1 || fold[i] != f ? w : 0.0;
  }
}

/* Parameters of model k from the training table. */
static nax_status
fit(nax_ctx *ctx, nax_i_folds *f, nax_index k, double *theta)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = f->train.e;
  nax_index rows = e->first[k + 1] - e->first[k], n = 0, *at = NULL;
  nax_rsa_model_kind kind = (nax_rsa_model_kind)e->models[k].kind;
  double *w = NULL, *g = NULL;
  memset(theta, 0, (size_t)rows * sizeof *theta);
  if (kind == NAX_RSA_FIXED) {
    theta[0] = 1.0;
    return NAX_OK;
  }
  if (kind == NAX_RSA_SELECT) {
    nax_index best = 0;
    double most = -INFINITY;
    for (nax_index i = 0; i < rows; i++) {
      double sum = 0.0;
      for (nax_index s = 0; s < e->n_subjects; s++) {
        sum += f->v_train[s] * f->train.sim[e->first[k] + i + s * e->q];
      }
      best = sum > most ? i : best;
      most = sum > most ? sum : most;
    }
    theta[best] = 1.0;
    return NAX_OK;
  }
  NAX_TRY_ALLOC(at, e->n_subjects, sizeof *at);
  NAX_TRY_ALLOC(w, e->n_subjects, sizeof *w);
  for (nax_index s = 0; s < e->n_subjects; s++) {
    if (f->v_train[s] > 0.0) {
      at[n] = e->n_rows + s;
      w[n++] = f->v_train[s];
    }
  }
  if (nax_i_is_rank(e->what)) {
    nax_index ld = rows + e->n_subjects;
    NAX_TRY_ALLOC(g, ld * ld, sizeof *g);
    NAX_TRY(nax_i_table_rank_products(ctx, &f->train, e->first[k], rows, g));
    for (nax_index i = 0; i < n; i++) {
      at[i] += rows - e->n_rows;
    }
    NAX_TRY(
        nax_i_model_theta(ctx, e->fn, kind, rows, n, g, ld, 0, at, w, e->ridge, theta));
    goto done;
  }
  NAX_TRY(nax_i_model_theta(ctx, e->fn, kind, rows, n, f->train.gram, e->q, e->first[k],
                            at, w, e->ridge, theta));
done:
  nax_i_free(at);
  nax_i_free(w);
  nax_i_free(g);
  return status;
}

/* Similarity of the fitted model k to subject s in the test table. */
static double
predict(const nax_i_folds *f, nax_index k, const double *theta, nax_index s)
{
  const nax_i_engine *e = f->test.e;
  nax_index rows = e->first[k + 1] - e->first[k], b = e->n_rows + s, q = e->q;
  if (e->models[k].kind <= NAX_RSA_SELECT) {
    for (nax_index i = 0; i < rows; i++) {
      if (theta[i] > 0.0) {
        return f->test.sim[e->first[k] + i + s * q];
      }
    }
    return 0.0;
  }
  double linear = 0.0, square = 0.0;
  for (nax_index i = 0; i < rows; i++) {
    nax_index a = e->first[k] + i;
    linear += theta[i] * f->test.gram[a + b * q];
    for (nax_index j = 0; j < rows; j++) {
      square += theta[i] * theta[j] * f->test.gram[a + (e->first[k] + j) * q];
    }
  }
  double norm = sqrt(square * f->test.gram[b + b * q]);
  return norm > 0.0 ? linear / norm : 0.0;
}

/* One fold of conditions and subjects: adds to sum, count and each. */
static nax_status
one_fold(nax_ctx *ctx, nax_i_folds *f, const double *v_all, int split_subjects,
         double *out, double *each)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = f->train.e;
  double lower, upper, total = 0.0, *sim = NULL;
  NAX_TRY_ALLOC(sim, e->n_subjects, sizeof *sim);
  for (nax_index s = 0; s < e->n_subjects; s++) {
    total += f->v_test[s];
  }
  for (nax_index k = 0; k < e->n_models; k++) {
    double *theta = f->theta + e->first[k], sum = 0.0;
    int ranked = nax_i_is_rank(e->what) && e->models[k].kind > NAX_RSA_SELECT;
    NAX_TRY(fit(ctx, f, k, theta));
    if (ranked) {
      NAX_TRY(nax_i_table_rank_combination(ctx, &f->test, e->first[k],
                                           e->first[k + 1] - e->first[k], theta, sim));
    }
    for (nax_index s = 0; s < e->n_subjects; s++) {
      if (f->v_test[s] > 0.0) {
        double x = ranked ? sim[s] : predict(f, k, theta, s);
        sum += f->v_test[s] * x;
        if (each != NULL) {
          each[k + s * e->n_models] += x;
        }
      }
    }
    out[k] += sum / total;
  }
  NAX_TRY(nax_i_table_ceiling(ctx, &f->test, f->v_train, v_all,
                              split_subjects ? f->v_test : NULL, &lower, &upper));
  out[e->n_models] += lower;
  out[e->n_models + 1] += upper;
done:
  nax_i_free(sim);
  return status;
}

/* Whether the training table has more pairs than a model has weights and a mean. */
static int
can_fit(const nax_i_folds *f)
{
  const nax_i_engine *e = f->train.e;
  for (nax_index k = 0; k < e->n_models; k++) {
    if (e->models[k].kind > NAX_RSA_SELECT &&
        f->train.listed < e->first[k + 1] - e->first[k] + 2) {
      return 0;
    }
  }
  return 1;
}

nax_status
nax_i_folds_evaluate(nax_ctx *ctx, nax_i_folds *f, const double *w, const double *v,
                     uint64_t seed, uint64_t stream, double *out, double *each,
                     int *valid)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = f->train.e;
  nax_index kc = f->condition_folds, ks = f->subject_folds, n_out = e->n_models + 2;
  double *v_all = NULL;
  nax_rng rng;
  nax_i_rng_init(&rng, seed, stream);
  memset(out, 0, (size_t)n_out * sizeof *out);
  NAX_TRY_ALLOC(v_all, e->n_subjects, sizeof *v_all);
  for (nax_index s = 0; s < e->n_subjects; s++) {
    v_all[s] = v != NULL ? v[s] : 1.0;
  }
  nax_index tc = f->test_conditions, ts = f->test_subjects;
  nax_index conditions = deal(&rng, e->n, w, kc, tc, f->order, f->fold_c);
  nax_index subjects = deal(&rng, e->n_subjects, v, ks, ts, f->order, f->fold_s);
  *valid = (tc > 0 ? tc >= 3 && conditions >= tc + 3 : conditions >= 3 * kc) &&
           (ts > 0 ? subjects > ts : subjects >= ks);
  if (!*valid) {
    goto done;
  }
  if (each != NULL) {
    memset(each, 0, (size_t)(e->n_models * e->n_subjects) * sizeof *each);
  }
  /* A random set is fold 0 of two. */
  nax_index n_c = tc > 0 ? 1 : kc, n_s = ts > 0 ? 1 : ks;
  for (nax_index c = 0; c < n_c && *valid; c++) {
    split(e->n, w, f->fold_c, c, kc, f->w_train, f->w_test);
    NAX_TRY(nax_i_table_fill(ctx, &f->train, f->w_train));
    NAX_TRY(nax_i_table_fill(ctx, &f->test, f->w_test));
    *valid = can_fit(f);
    for (nax_index s = 0; s < n_s && *valid; s++) {
      split(e->n_subjects, v, f->fold_s, s, ks, f->v_train, f->v_test);
      NAX_TRY(one_fold(ctx, f, v_all, ks > 1, out, each));
    }
  }
  for (nax_index i = 0; i < n_out; i++) {
    out[i] /= (double)(n_c * n_s);
  }
  for (nax_index i = 0; each != NULL && i < e->n_models * e->n_subjects; i++) {
    each[i] /= (double)n_c;
  }
done:
  nax_i_free(v_all);
  return status;
}

nax_status
nax_i_folds_outside(nax_ctx *ctx, nax_i_folds *f, const double *w, const double *v,
                    double *out, int *valid)
{
  nax_status status = NAX_OK;
  const nax_i_engine *e = f->train.e;
  nax_index conditions = 0, subjects = 0;
  double *v_all = NULL;
  NAX_TRY_ALLOC(v_all, e->n_subjects, sizeof *v_all);
  memset(out, 0, (size_t)(e->n_models + 2) * sizeof *out);
  for (nax_index i = 0; i < e->n; i++) {
    f->w_train[i] = w != NULL ? w[i] : 1.0;
    f->w_test[i] = w != NULL ? (w[i] == 0.0) : 1.0;
    conditions += f->w_test[i] > 0.0;
  }
  for (nax_index s = 0; s < e->n_subjects; s++) {
    f->v_train[s] = v != NULL ? v[s] : 1.0;
    f->v_test[s] = v != NULL ? (v[s] == 0.0) : 1.0;
    v_all[s] = f->v_train[s] + (v != NULL ? f->v_test[s] : 0.0);
    subjects += f->v_test[s] > 0.0;
  }
  *valid = conditions >= 3 && subjects >= 1;
  if (*valid) {
    NAX_TRY(nax_i_table_fill(ctx, &f->train, f->w_train));
    NAX_TRY(nax_i_table_fill(ctx, &f->test, f->w_test));
    *valid = can_fit(f);
  }
  if (*valid) {
    NAX_TRY(one_fold(ctx, f, v_all, v != NULL, out, NULL));
  }
done:
  nax_i_free(v_all);
  return status;
}
