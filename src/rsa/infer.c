/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models against the RDMs of subjects: evaluation, resampling, tests. */
#include "infer_i.h"
#include <math.h>
#include <stdio.h>

enum { SAMPLE_GRAIN = 25 };
static const uint64_t fold_streams = UINT64_C(1) << 40;

void
nax_rsa_free(nax_rsa *r)
{
  if (r != NULL) {
    for (nax_index k = 0; r->name != NULL && k < r->n_models; k++) {
      nax_i_free(r->name[k]);
    }
    nax_i_free(r->name);
    nax_i_free(r->eval);
    nax_i_free(r->cov);
    nax_i_free(r->estimate);
    nax_i_free(r->difference);
    nax_i_free(r);
  }
}

/* ------------------------------------------------------------------ checks */

static nax_status
check_models(nax_i_rsa_work *w, int64_t n_models)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  for (int64_t k = 0; k < n_models; k++) {
    const nax_rsa_model *m = &w->models[k];
    if (m->rdms == NULL || m->kind < NAX_RSA_FIXED || m->kind > NAX_RSA_INTERPOLATE ||
        (m->kind == NAX_RSA_FIXED && m->rdms->count != 1) ||
        (m->kind == NAX_RSA_INTERPOLATE && m->rdms->count < 2)) {
      return nax_i_fail(ctx, NAX_EINVAL, w->fn,
                        "model %lld: a fixed model is one RDM, an interpolated one at "
                        "least two",
                        (long long)k);
    }
    if (m->rdms->n != w->data->n) {
      return nax_i_fail(ctx, NAX_EDIM, w->fn,
                        "model %lld has %lld conditions, the data have %lld",
                        (long long)k, (long long)m->rdms->n, (long long)w->data->n);
    }
    w->flexible = w->flexible || m->kind != NAX_RSA_FIXED;
    if (m->kind > NAX_RSA_SELECT &&
        !nax_i_is_cosine((nax_rsa_comparator)w->o.comparator) &&
        !nax_i_is_rank((nax_rsa_comparator)w->o.comparator)) {
      return nax_i_fail(ctx, NAX_EINVAL, w->fn,
                        "model %lld has weights, which are fitted for cosine and corr, "
                        "plain or whitened, and for ranks",
                        (long long)k);
    }
  }
  w->cross = w->flexible || w->o.crossvalidate || w->o.test_sets != NAX_RSA_TEST_FOLDS;
  return status;
}

/* Whether the design can carry the test that is asked for. */
static nax_status
check_design(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index n = w->data->n, s = w->n_subjects;
  const char *fn = w->fn;
  if (n < 4) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "%lld conditions have %lld pairs, which cannot tell models apart: "
                      "need at least 4 conditions",
                      (long long)n, (long long)nax_rdm_pairs(n));
  }
  if (nax_i_over_conditions(w) && n < 6) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "%lld conditions are too few to resample them: need 6, or resample "
                      "subjects and look at the permutation test, which is exact for so "
                      "few",
                      (long long)n);
  }
  if (nax_i_over_subjects(w) && s < 2) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "one RDM tells nothing about other subjects: resample conditions");
  }
  if (w->cross && n < 6) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "models that are fitted need 2 folds of 3 conditions, there are "
                      "%lld",
                      (long long)n);
  }
  if (w->o.comparator >= NAX_RSA_BURES && (nax_i_over_conditions(w) || w->cross)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "this comparator has no bootstrap over conditions and no "
                      "cross-validation: repeated conditions make it singular");
  }
  if (w->o.interval != NAX_RSA_INTERVAL_T &&
      w->o.resampling != NAX_RSA_RESAMPLE_SUBJECTS &&
      w->o.resampling != NAX_RSA_RESAMPLE_CONDITIONS) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      w->o.resampling == NAX_RSA_RESAMPLE_NONE
                          ? "intervals from samples need subjects or conditions resampled"
                          : "samples of subjects and conditions at once spread more than "
                            "the mean does: intervals from samples are for one of them, "
                            "take t");
  }
  if (w->o.interval != NAX_RSA_INTERVAL_T && w->cross) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "samples of models tested in folds also spread by the assignments "
                      "to them: intervals from samples are for fixed models, take t");
  }
  if (w->o.test_sets == NAX_RSA_TEST_OUTSIDE &&
      w->o.resampling == NAX_RSA_RESAMPLE_NONE) {
    return nax_i_fail(
        ctx, NAX_EINVAL, fn,
        "without a bootstrap no condition or subject is outside of a sample");
  }
  if (w->o.test_sets != NAX_RSA_TEST_RANDOM &&
      (w->o.test_conditions > 0 || w->o.test_subjects > 0)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "sizes of test sets are for random ones");
  }
  if (w->o.test_conditions > 0 &&
      (w->o.test_conditions < 3 || w->o.test_conditions > n - 3)) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "a test set of %lld of %lld conditions: need 3 in it and 3 outside",
                      (long long)w->o.test_conditions, (long long)n);
  }
  if (w->o.test_subjects >= s) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "a test set of %lld of %lld subjects leaves none to fit to",
                      (long long)w->o.test_subjects, (long long)s);
  }
  if (w->group != NULL && s < w->data->count && w->cross) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "several RDMs of a subject have no cross-validation: give their "
                      "mean");
  }
  if (w->sigma != NULL && (nax_i_over_conditions(w) || w->cross)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "`sigma_k` has no meaning for resampled conditions");
  }
  return status;
}

static nax_index
fold_count(int64_t given, nax_index n, int conditions, int boot)
{
  double share = boot ? 1.0 - exp(-1.0) : 1.0;
  return given > 0 ? given
                   : nax_i_folds_default((nax_index)(share * (double)n), conditions);
}

/* Members of a random test set: as asked for, or as many as one of the folds has. 0: the
 * factor is gone through fold by fold. */
static nax_index
set_size(const nax_i_rsa_work *w, int64_t given, nax_index n, nax_index folds)
{
  return w->o.test_sets != NAX_RSA_TEST_RANDOM || folds < 2 ? 0
         : given > 0                                        ? given
                                                            : n / folds;
}

/* ---------------------------------------------------------------- evaluation */

/* Fixed models on the data as they are. */
static nax_status
evaluate_plain(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_index s = r->n_subjects, k_models = r->n_models;
  double *bounds = NULL, *each = NULL;
  nax_rsa_comparator c = (nax_rsa_comparator)w->o.comparator;
  NAX_TRY_ALLOC(each, k_models * w->data->count, sizeof *each);
  NAX_TRY(nax_rsa_compare(ctx, w->all, w->data, c, w->sigma, 0, each));
  if (w->group == NULL) {
    memcpy(r->eval, each, (size_t)(k_models * s) * sizeof *each);
  }
  for (nax_index i = 0; w->group != NULL && i < w->data->count; i++) {
    for (nax_index k = 0; k < k_models; k++) {
      r->eval[k + w->group[i] * k_models] +=
          each[k + i * k_models] * w->weight[i] * (double)s;
    }
  }
  r->ceiling[0] = r->ceiling[1] = NAN;
  if (s >= 2) {
    NAX_TRY_ALLOC(bounds, 2 * s, sizeof *bounds);
    NAX_TRY(nax_i_rsa_ceilings(ctx, w->fn, w->data, s, w->group, c, w->sigma, 0, bounds,
                               bounds + s));
    r->ceiling[0] = nax_i_sum(bounds, s) / (double)s;
    r->ceiling[1] = nax_i_sum(bounds + s, s) / (double)s;
  }
done:
  nax_i_free(bounds);
  nax_i_free(each);
  return status;
}

/* Models fitted to other subjects and conditions, each subject in turn (where there are
 * several), averaged over assignments of conditions to folds. */
static nax_status
evaluate_folds(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_i_folds f = {0};
  double *out = NULL, *each = NULL;
  nax_index size = r->n_models * r->n_subjects;
  int64_t turns = w->o.n_cv;
  nax_index kc = fold_count(w->o.condition_folds, r->n, 1, 0);
  NAX_TRY_ALLOC(out, w->n_out, sizeof *out);
  NAX_TRY_ALLOC(each, size, sizeof *each);
  NAX_TRY(nax_i_folds_init(ctx, &w->engine, r->n_subjects, kc, &f));
  f.test_conditions = set_size(w, w->o.test_conditions, r->n, kc);
  for (int64_t t = 0; t < turns; t++) {
    int valid;
    NAX_TRY(nax_i_folds_evaluate(ctx, &f, NULL, NULL, w->o.seed,
                                 fold_streams - 1 - (uint64_t)t, out, each, &valid));
    NAX_REQUIRE(valid, NAX_EDATA, "%lld conditions are too few for %lld folds of 3",
                (long long)r->n, (long long)kc);
    for (nax_index k = 0; k < size; k++) {
      r->eval[k] += each[k] / (double)turns;
    }
    for (int b = 0; b < 2; b++) {
      r->ceiling[b] += out[r->n_models + b] / (double)turns;
    }
  }
done:
  nax_i_folds_clear(&f);
  nax_i_free(out);
  nax_i_free(each);
  return status;
}

/* ---------------------------------------------------------------- resampling */

/* Scratch of a block of samples. */
typedef struct scratch {
  nax_i_table now, whole; /* under the sample's conditions; with each once */
  nax_i_folds folds;
  double *w, *v, *ones;
  nax_index *index;
} scratch;

static nax_status
scratch_init(nax_i_rsa_work *w, scratch *s)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const nax_i_engine *e = &w->engine;
  nax_index most = e->n > e->n_subjects ? e->n : e->n_subjects;
  NAX_TRY_ALLOC(s->w, e->n + 2 * e->n_subjects, sizeof *s->w);
  s->v = s->w + e->n;
  s->ones = s->v + e->n_subjects;
  NAX_TRY_ALLOC(s->index, most, sizeof *s->index);
  for (nax_index i = 0; i < e->n_subjects; i++) {
    s->ones[i] = 1.0;
  }
  if (w->cross) {
    NAX_TRY(nax_i_folds_init(ctx, e, w->subject_folds, w->condition_folds, &s->folds));
    s->folds.test_conditions = w->test_conditions;
    s->folds.test_subjects = w->test_subjects;
  } else {
    NAX_TRY(nax_i_table_init(ctx, e, &s->now));
    NAX_TRY(nax_i_table_init(ctx, e, &s->whole));
    NAX_TRY(nax_i_table_fill(ctx, &s->whole, NULL));
  }
done:
  return status;
}

static void
scratch_clear(scratch *s)
{
  nax_i_table_clear(&s->now);
  nax_i_table_clear(&s->whole);
  nax_i_folds_clear(&s->folds);
  nax_i_free(s->w);
  nax_i_free(s->index);
}

/* Multiplicities of n items in bootstrap draw `draw`; how many are different. */
static nax_status
draw(const nax_i_rsa_work *w, uint64_t number, nax_index n, nax_index *index,
     double *count, nax_index *different)
{
  nax_status s = nax_stats_bootstrap(NULL, w->o.seed, number, n, index);
  memset(count, 0, (size_t)n * sizeof *count);
  *different = 0;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    *different += count[index[i]] == 0.0;
    count[index[i]] += 1.0;
  }
  return s;
}

/* One resampling (0 both, 1 subjects, 2 conditions) of one sample. */
static nax_status
evaluate_kind(nax_i_rsa_work *w, scratch *s, int kind, uint64_t stream, double *out,
              int *valid)
{
  const double *conditions = kind == 1 ? NULL : s->w;
  const double *subjects = kind == 2 ? s->ones : s->v;
  if (w->o.test_sets == NAX_RSA_TEST_OUTSIDE) {
    return nax_i_folds_outside(NULL, &s->folds, conditions, kind == 2 ? NULL : subjects,
                               out, valid);
  }
  if (w->cross) {
    return nax_i_folds_evaluate(NULL, &s->folds, conditions, subjects, w->o.seed, stream,
                                out, NULL, valid);
  }
  return nax_i_table_evaluate(NULL, kind == 1 ? &s->whole : &s->now, subjects, out);
}

static nax_status
sample_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_i_rsa_work *w = arg;
  scratch s = {0};
  nax_index n = w->engine.n, n_s = w->engine.n_groups;
  NAX_TRY(scratch_init(w, &s));
  for (int64_t b = block * SAMPLE_GRAIN;
       b < (block + 1) * SAMPLE_GRAIN && b < w->o.n_samples; b++) {
    nax_index some_w = n, some_v = n_s;
    int valid = 1;
    (void)ctx;
    NAX_TRY(draw(w, 2 * (uint64_t)b, n_s, s.index, s.v, &some_v));
    NAX_TRY(draw(w, 2 * (uint64_t)b + 1, n, s.index, s.w, &some_w));
    w->valid[b] = 0;
    if ((nax_i_over_conditions(w) && some_w < 3) ||
        (nax_i_over_subjects(w) && some_v < 2)) {
      continue; /* nothing to compare, or no ceiling */
    }
    if (nax_i_over_conditions(w) && !w->cross) {
      NAX_TRY(nax_i_table_fill(NULL, &s.now, s.w));
    }
    for (int k = 0; k < w->n_kinds && valid; k++) {
      int kind = w->n_kinds == 3                                  ? k
                 : w->o.resampling == NAX_RSA_RESAMPLE_SUBJECTS   ? 1
                 : w->o.resampling == NAX_RSA_RESAMPLE_CONDITIONS ? 2
                                                                  : 0;
      for (int64_t t = 0; t < w->n_each && valid; t++) {
        double *out = w->sample + w->n_out * (t + w->n_each * (k + w->n_kinds * b));
        NAX_TRY(evaluate_kind(w, &s, kind, fold_streams + (uint64_t)(b * w->n_each + t),
                              out, &valid));
      }
    }
    w->valid[b] = (char)valid;
  }
done:
  scratch_clear(&s);
  return status;
}

/* Covariance over the valid samples of kind k, of assignment t or (-1) of their mean. */
static void
covariance(const nax_i_rsa_work *w, int k, int64_t t, double *mean, double *cov)
{
  nax_index q = w->n_out;
  int64_t n = w->r->n_valid;
  for (int pass = 0; pass < 2; pass++) {
    memset(pass ? cov : mean, 0, (size_t)(pass ? q * q : q) * sizeof *cov);
    for (int64_t b = 0; b < w->o.n_samples; b++) {
      if (!w->valid[b]) {
        continue;
      }
      const double *x = w->sample + q * w->n_each * (k + w->n_kinds * b);
      for (nax_index j = 0; j < q; j++) {
        double xj = 0.0;
        for (int64_t a = 0; a < w->n_each; a++) {
          xj += t < 0 ? x[j + a * q] / (double)w->n_each : a == t ? x[j + a * q] : 0.0;
        }
        if (!pass) {
          mean[j] += xj / (double)n;
          continue;
        }
        for (nax_index i = 0; i <= j; i++) {
          double xi = 0.0;
          for (int64_t a = 0; a < w->n_each; a++) {
            xi += t < 0 ? x[i + a * q] / (double)w->n_each : a == t ? x[i + a * q] : 0.0;
          }
          cov[i + j * q] += (xi - mean[i]) * (xj - mean[j]) / (double)(n - 1);
        }
      }
    }
  }
  for (nax_index j = 0; j < q; j++) {
    for (nax_index i = 0; i < j; i++) {
      cov[j + i * q] = cov[i + j * q];
    }
  }
}

/* Covariance of each kind; what the assignments to folds add is taken out. */
static nax_status
covariances(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index q = w->n_out;
  double *mean = NULL, *one = NULL;
  NAX_TRY_ALLOC(mean, q, sizeof *mean);
  NAX_TRY_ALLOC(one, q * q, sizeof *one);
  for (int k = 0; k < w->n_kinds; k++) {
    NAX_TRY_ALLOC(w->cov[k], q * q, sizeof *w->cov[k]);
    NAX_TRY_ALLOC(w->raw[k], q * q, sizeof *w->raw[k]);
    covariance(w, k, -1, mean, w->cov[k]);
    memcpy(w->raw[k], w->cov[k], (size_t)(q * q) * sizeof *w->cov[k]);
    double n = (double)w->n_each;
    for (int64_t t = 0; t < w->n_each && w->n_each > 1; t++) {
      covariance(w, k, t, mean, one);
      for (nax_index i = 0; i < q * q; i++) {
        w->cov[k][i] = (t == 0 ? n / (n - 1.0) * w->cov[k][i] : w->cov[k][i]) -
                       one[i] / (n * (n - 1.0));
      }
    }
  }
done:
  nax_i_free(mean);
  nax_i_free(one);
  return status;
}

static nax_status
resample(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_i_stage st;
  nax_index size;
  w->n_kinds = w->o.resampling == NAX_RSA_RESAMPLE_DUAL ? 3 : 1;
  w->n_each = w->cross && w->o.test_sets != NAX_RSA_TEST_OUTSIDE ? w->o.n_cv : 1;
  w->subject_folds = fold_count(w->o.subject_folds, w->r->n_subjects, 0, 1);
  w->condition_folds = fold_count(w->o.condition_folds, w->r->n, 1, 1);
  /* of those that a sample has, about */
  double share = 1.0 - exp(-1.0);
  w->test_conditions = set_size(w, w->o.test_conditions,
                                (nax_index)(share * (double)w->r->n), w->condition_folds);
  w->test_subjects =
      set_size(w, w->o.test_subjects, (nax_index)(share * (double)w->r->n_subjects),
               w->subject_folds);
  NAX_REQUIRE(nax_i_size_product(
                  3, (nax_index[]){w->n_out * w->n_kinds, w->n_each, w->o.n_samples},
                  sizeof(double), &size),
              NAX_EOVERFLOW, "%lld samples do not fit", (long long)w->o.n_samples);
  NAX_TRY_ALLOC(w->sample, size, sizeof *w->sample);
  NAX_TRY_ALLOC(w->valid, w->o.n_samples, 1);
  int64_t blocks = nax_i_n_blocks(w->o.n_samples, SAMPLE_GRAIN);
  NAX_TRY(nax_i_stage_begin(&st, ctx, w->fn, "rsa/bootstrap", blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, sample_block, w));
  for (int64_t b = 0; b < w->o.n_samples; b++) {
    w->r->n_valid += w->valid[b];
  }
  NAX_REQUIRE(
      w->r->n_valid >= 20, NAX_EDATA,
      "%lld of %lld samples can be evaluated: too few subjects or conditions, too "
      "many folds or too large test sets",
      (long long)w->r->n_valid, (long long)w->o.n_samples);
  NAX_TRY(covariances(w));
done:
  return status;
}

/* Covariance of the mean over subjects, from their spread; the ceiling counts as known.
 */
static nax_status
spread_over_subjects(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_index q = w->n_out, k_models = r->n_models, s = r->n_subjects;
  w->n_kinds = 1;
  NAX_TRY_ALLOC(w->cov[0], q * q, sizeof *w->cov[0]);
  for (nax_index i = 0; i < k_models; i++) {
    for (nax_index j = 0; j < k_models; j++) {
      double mi = 0.0, mj = 0.0, sum = 0.0;
      for (nax_index a = 0; a < s; a++) {
        mi += r->eval[i + a * k_models] / (double)s;
        mj += r->eval[j + a * k_models] / (double)s;
      }
      for (nax_index a = 0; a < s; a++) {
        sum += (r->eval[i + a * k_models] - mi) * (r->eval[j + a * k_models] - mj);
      }
      w->cov[0][i + j * q] = sum / ((double)s * (double)(s - 1));
    }
  }
done:
  return status;
}

static nax_status
new_result(nax_i_rsa_work *w, int64_t n_models)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index k = n_models, s = w->n_subjects;
  NAX_TRY_ALLOC(w->r, 1, sizeof *w->r);
  w->r->n = w->data->n;
  w->r->n_models = k;
  w->r->n_subjects = s;
  w->r->opts = w->o;
  NAX_TRY_ALLOC(w->r->name, k, sizeof *w->r->name);
  NAX_TRY_ALLOC(w->r->eval, k * s, sizeof *w->r->eval);
  NAX_TRY_ALLOC(w->r->cov, w->n_out * w->n_out, sizeof *w->r->cov);
  NAX_TRY_ALLOC(w->r->estimate, k, sizeof *w->r->estimate);
  NAX_TRY_ALLOC(w->r->difference, k * k, sizeof *w->r->difference);
  for (nax_index i = 0; i < k; i++) {
    w->r->name[i] = w->models[i].name != NULL
                        ? nax_i_strdup(w->models[i].name)
                        : nax_i_asprintf("model %lld", (long long)i + 1);
    NAX_REQUIRE(w->r->name[i] != NULL, NAX_ENOMEM, "out of memory");
  }
done:
  return status;
}

/* The RDMs of all models in one set. */
static nax_status
join_models(nax_i_rsa_work *w, int64_t n_models)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const nax_rdms **sets = NULL;
  NAX_TRY_ALLOC(sets, n_models, sizeof *sets);
  NAX_TRY_ALLOC(w->first, n_models + 1, sizeof *w->first);
  for (int64_t k = 0; k < n_models; k++) {
    sets[k] = w->models[k].rdms;
    w->first[k + 1] = w->first[k] + sets[k]->count;
  }
  NAX_TRY(nax_rdms_concat(ctx, n_models, sets, &w->all));
done:
  nax_i_free(sets);
  return status;
}

/* Subjects as numbers from 0 in the order in which they come, and how much each RDM
 * counts. */
static nax_status
number_subjects(nax_i_rsa_work *w, const int64_t *subject)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index n = w->data->count;
  double *size = NULL;
  w->n_subjects = n;
  NAX_TRY_ALLOC(w->weight, n, sizeof *w->weight);
  for (nax_index i = 0; i < n; i++) {
    w->weight[i] = 1.0 / (double)n;
  }
  if (subject == NULL) {
    goto done;
  }
  NAX_TRY_ALLOC(w->group, n, sizeof *w->group);
  NAX_TRY_ALLOC(size, n, sizeof *size);
  w->n_subjects = 0;
  for (nax_index i = 0; i < n; i++) {
    nax_index q = 0;
    while (q < i && subject[q] != subject[i]) {
      q++;
    }
    w->group[i] = q < i ? w->group[q] : w->n_subjects++;
    size[w->group[i]] += 1.0;
  }
  for (nax_index i = 0; i < n; i++) {
    w->weight[i] = 1.0 / (size[w->group[i]] * (double)w->n_subjects);
  }
done:
  nax_i_free(size);
  return status;
}

static nax_status
run_fit(nax_ctx *ctx, const char *fn, const nax_rdms *data, const int64_t *subject,
        int64_t n_models, const nax_rsa_model *models, const nax_view *sigma_k,
        const nax_rsa_opts *opts, nax_rsa **out)
{
  nax_status status = NAX_OK;
  nax_i_rsa_work w = {.ctx = ctx,
                      .fn = fn,
                      .data = data,
                      .models = models,
                      .sigma = sigma_k,
                      .n_out = n_models + 2};
  *out = NULL;
  NAX_TRY(nax_i_options_load(ctx, fn, &nax_i_rsa_table, &w.o, opts));
  if (n_models < 1 || n_models > 10000) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "need 1 to 10000 models, got %lld",
                      (long long)n_models);
  }
  NAX_TRY(number_subjects(&w, subject));
  NAX_TRY(check_models(&w, n_models));
  NAX_TRY(check_design(&w));
  NAX_TRY(new_result(&w, n_models));
  NAX_TRY(join_models(&w, n_models));
  int boot = w.o.resampling != NAX_RSA_RESAMPLE_NONE;
  if (boot || w.cross) {
    NAX_TRY(nax_i_engine_init(ctx, fn, data, n_models, models, w.first,
                              (nax_rsa_comparator)w.o.comparator, &w.engine));
    w.engine.ridge = w.o.ridge;
    w.engine.n_groups = w.n_subjects;
    w.engine.group = w.group;
  }
  NAX_TRY(w.cross ? evaluate_folds(&w) : evaluate_plain(&w));
  NAX_TRY(boot ? resample(&w) : spread_over_subjects(&w));
  NAX_TRY(nax_i_rsa_conclude(&w));
  *out = w.r;
  w.r = NULL;
done:
  nax_rsa_free(w.r);
  nax_rdms_free(w.all);
  nax_i_free(w.first);
  nax_i_free(w.group);
  nax_i_free(w.weight);
  nax_i_engine_clear(&w.engine);
  nax_i_free(w.sample);
  nax_i_free(w.valid);
  for (int k = 0; k < 3; k++) {
    nax_i_free(w.cov[k]);
    nax_i_free(w.raw[k]);
  }
  return status;
}

nax_status
nax_rsa_fit(nax_ctx *ctx, const nax_rdms *data, int64_t n_models,
            const nax_rsa_model *models, const nax_view *sigma_k,
            const nax_rsa_opts *opts, nax_rsa **out)
{
  nax_i_begin(ctx);
  return run_fit(ctx, __func__, data, NULL, n_models, models, sigma_k, opts, out);
}

nax_status
nax_rsa_fit_sessions(nax_ctx *ctx, const nax_rdms *data, const int64_t *subject,
                     int64_t n_models, const nax_rsa_model *models,
                     const nax_view *sigma_k, const nax_rsa_opts *opts, nax_rsa **out)
{
  nax_i_begin(ctx);
  return run_fit(ctx, __func__, data, subject, n_models, models, sigma_k, opts, out);
}

nax_status
nax_rsa_memory(nax_ctx *ctx, nax_index n_conditions, nax_index n_subjects,
               nax_index n_model_rdms, int32_t threads, const nax_rsa_opts *opts,
               size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_rsa_opts o;
  nax_i_begin(ctx);
  *bytes = 0;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_rsa_table, &o, opts));
  NAX_REQUIRE(n_conditions >= 4 && n_subjects >= 1 && n_model_rdms >= 1 && threads >= 1,
              NAX_EDIM, "sizes must be positive, and 4 conditions at least");
  double n = (double)n_conditions, s = (double)n_subjects, k = (double)n_model_rdms;
  double m = 0.5 * n * (n - 1.0), q = s + k;
  /* RDMs, their orders, features of both sets, one set of pools. */
  double total = m * q * (1.0 + 2.0 + 1.5) + 2.0 * n * n * q + m * (s + 1.0);
  /* Tables of each thread: features, ranks, orders of pools. */
  total += 2.0 * (double)threads *
           ((m + n) * q + m * (1.7 * s + 0.5 * k + 14.0) + q * q + q * s);
  total += (k + 2.0) * 3.0 * (double)(o.n_samples * o.n_cv);
  total += (k + 1.0) * (double)(o.n_permutations + 40320) + n * n * (k + 2.0);
  NAX_REQUIRE(total < 1e17, NAX_EOVERFLOW, "%g bytes do not fit", 8.0 * total);
  *bytes = (size_t)(8.0 * total);
done:
  return status;
}

/* ----------------------------------------------------------------- accessors */

int64_t
nax_rsa_n_models(const nax_rsa *r)
{
  return r->n_models;
}

int64_t
nax_rsa_n_subjects(const nax_rsa *r)
{
  return r->n_subjects;
}

int64_t
nax_rsa_n_samples(const nax_rsa *r)
{
  return r->n_valid;
}

double
nax_rsa_dof(const nax_rsa *r)
{
  return r->dof;
}

const char *
nax_rsa_model_name(const nax_rsa *r, int64_t k)
{
  return k >= 0 && k < r->n_models ? r->name[k] : NULL;
}

nax_rsa_estimate
nax_rsa_get(const nax_rsa *r, int64_t k)
{
  const double x = NAX_NOT_GIVEN;
  return k >= 0 && k < r->n_models ? r->estimate[k]
                                   : (nax_rsa_estimate){x, x, x, x, x, x, x, x, x, x, x};
}

nax_rsa_difference
nax_rsa_get_difference(const nax_rsa *r, int64_t i, int64_t j)
{
  const double x = NAX_NOT_GIVEN;
  return i >= 0 && j >= 0 && i < r->n_models && j < r->n_models
             ? r->difference[i + j * r->n_models]
             : (nax_rsa_difference){x, x, x, x, x, x, x};
}

void
nax_rsa_get_ceiling(const nax_rsa *r, double *lower, double *upper)
{
  *lower = r->ceiling[0];
  *upper = r->ceiling[1];
}

const double *
nax_rsa_evaluations(const nax_rsa *r)
{
  return r->eval;
}

const double *
nax_rsa_covariance(const nax_rsa *r)
{
  return r->cov;
}

const nax_rsa_opts *
nax_i_rsa_options(const nax_rsa *r)
{
  return &r->opts;
}
