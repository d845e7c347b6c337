/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many latents: cross-validated prediction of each neuron from the others.
 *
 * With the Gaussian model one fit per fold, of the largest number of latents, serves all
 * numbers: predictions use the first 1, 2, ... of its orthonormal latents (the reduced
 * GPFA of Yu et al. 2009). Otherwise each number has a fit of its own. */
#include "gpfa_i.h"
#include "rng/rng_i.h"
#include <math.h>

/* Largest number tried at first where none is given. */
enum { FIRST_MOST = 8 };

typedef struct selection {
  nax_ctx *ctx;
  nax_gpfa_opts fit;
  nax_gpfa_select_opts o;
  nax_index n_trials;
  const nax_view *trials;
  nax_index *order;         /* trials, shuffled; fold k tests a run of them */
  nax_view *train, *test;   /* room for n_trials each */
  nax_index n_numbers;      /* of latents that are tried */
  double *score;            /* n_numbers x n_trials: lower is better */
  double *density, *loglik; /* n_numbers: sums over trials */
  double total;             /* sum of squares about the means of the training trials */
} selection;

static nax_status
shuffle(selection *s)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_rng *rng = NULL;
  NAX_TRY(nax_rng_create(ctx, s->fit.seed, UINT64_C(2) << 32, &rng));
  for (nax_index i = 0; i < s->n_trials; i++) {
    nax_index j = nax_rng_below(rng, i + 1);
    s->order[i] = s->order[j];
    s->order[j] = i;
  }
done:
  nax_rng_free(rng);
  return status;
}

/* Sum of squares of what a model predicts, about the means of its training trials. */
static void
add_total(selection *s, const nax_gpfa *m, nax_index n_test)
{
  nax_index n = m->n_all;
  for (nax_index i = 0; i < n; i++) {
    double sum = 0.0, seen = 0.0;
    if (!m->keep[i]) {
      continue;
    }
    for (int pass = 0; pass < 2; pass++) {
      nax_index n_views = pass == 0 ? s->n_trials - n_test : n_test;
      const nax_view *v = pass == 0 ? s->train : s->test;
      for (nax_index k = 0; k < n_views; k++) {
        for (nax_index t = 0; t < v[k].dim[1]; t++) {
          double y = nax_view_get(&v[k], (nax_index[]){i, t});
          y = m->opts.root ? sqrt(y) : y;
          if (isnan(y)) {
            continue;
          }
          if (pass == 0) {
            sum += y;
            seen += 1.0;
          } else {
            s->total += (y - sum / seen) * (y - sum / seen);
          }
        }
      }
    }
  }
}

/* Fit q latents to the training trials and add what the test trials, those from `from` on
 * in the order, say. */
static nax_status
one_fit(selection *s, nax_index from, nax_index n_test, int64_t q)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_gpfa *m = NULL;
  nax_gpfa_posterior *p = NULL;
  nax_gpfa_lno lno;
  double *by_trial = NULL;
  nax_index at = (nax_index)(q - s->o.latents_min);
  s->fit.n_latents = q;
  NAX_TRY(nax_i_gpfa_fit_model(ctx, "nax_gpfa_select", s->n_trials - n_test, s->train,
                               NULL, &s->fit, 1, &m));
  if (s->fit.likelihood == NAX_GPFA_POISSON) {
    for (nax_index k = 0; k < n_test; k++) {
      nax_gpfa_posterior_free(p);
      p = NULL;
      NAX_TRY(nax_gpfa_infer(ctx, m, 1, s->test + k, NULL, &p));
      s->loglik[at] += nax_gpfa_posterior_loglik(p);
      s->score[at + (from + k) * s->n_numbers] = -nax_gpfa_posterior_loglik(p);
    }
    goto done;
  }
  NAX_TRY(nax_gpfa_infer(ctx, m, n_test, s->test, NULL, &p));
  s->loglik[at] += nax_gpfa_posterior_loglik(p);
  NAX_TRY_ALLOC(by_trial, n_test, (size_t)q * sizeof *by_trial);
  NAX_TRY(nax_i_gpfa_leave_neuron_out(ctx, "nax_gpfa_select", m, n_test, s->test, NULL,
                                      by_trial, &lno));
  s->density[at] += lno.log_density;
  for (nax_index k = 0; k < n_test; k++) {
    for (nax_index i = s->o.full ? at : 0; i <= at; i++) {
      s->score[i + (from + k) * s->n_numbers] =
          by_trial[s->o.latents_min + i - 1 + k * q];
    }
  }
  if (at == s->n_numbers - 1) {
    add_total(s, m, n_test);
  }
done:
  nax_i_free(by_trial);
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  return status;
}

static nax_status
one_fold(selection *s, int64_t fold, int64_t first, nax_i_stage *stage, int64_t *n_done)
{
  nax_status status = NAX_OK;
  nax_index from = s->n_trials * fold / s->o.n_folds;
  nax_index to = s->n_trials * (fold + 1) / s->o.n_folds, n_train = 0, n_test = 0;
  for (nax_index i = 0; i < s->n_trials; i++) {
    if (i >= from && i < to) {
      s->test[n_test++] = s->trials[s->order[i]];
    } else {
      s->train[n_train++] = s->trials[s->order[i]];
    }
  }
  for (int64_t q = first; q <= s->o.latents_max; q++) {
    NAX_TRY(one_fit(s, from, n_test, q));
    NAX_TRY(nax_i_stage_poll(stage, ++*n_done, (double)NAN));
  }
done:
  return status;
}

/* Standard error over trials of the sum of differences between the scores of i and j:
 * trials differ more than numbers of latents do, so these are compared within trials. */
static double
error_of_difference(const selection *s, nax_index i, nax_index j)
{
  nax_index n = s->n_trials;
  double mean = 0.0, squares = 0.0;
  for (nax_index k = 0; k < n; k++) {
    mean += s->score[i + k * s->n_numbers] - s->score[j + k * s->n_numbers];
  }
  mean /= (double)n;
  for (nax_index k = 0; k < n; k++) {
    double d = s->score[i + k * s->n_numbers] - s->score[j + k * s->n_numbers] - mean;
    squares += d * d;
  }
  return sqrt((double)n * squares / (double)(n - 1));
}

static double
score_sum(const selection *s, nax_index i)
{
  double sum = 0.0;
  for (nax_index k = 0; k < s->n_trials; k++) {
    sum += s->score[i + k * s->n_numbers];
  }
  return sum;
}

/* The smallest number that is not worse than the best by more than a standard error. */
static void
decide(const selection *s, nax_gpfa_selection *out)
{
  nax_index best = 0, chosen;
  for (nax_index i = 1; i < s->n_numbers; i++) {
    best = score_sum(s, i) < score_sum(s, best) ? i : best;
  }
  for (chosen = 0; chosen < best; chosen++) {
    double worse = score_sum(s, chosen) - score_sum(s, best);
    if (worse <= error_of_difference(s, chosen, best)) {
      break;
    }
  }
  out->best = s->o.latents_min + best;
  out->latents = s->o.latents_min + chosen;
}

static nax_status
make_table(const selection *s, const nax_gpfa_selection *chosen, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_table *t = NULL;
  double *column = NULL;
  nax_index n = s->n_numbers, best = (nax_index)(chosen->best - s->o.latents_min);
  NAX_TRY_ALLOC(column, n, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "number", n, &t));
  for (nax_index i = 0; i < n; i++) {
    column[i] = (double)(s->o.latents_min + i);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "latents", "1", column));
  for (nax_index i = 0; i < n; i++) {
    column[i] = score_sum(s, i);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "score", "1", column));
  for (nax_index i = 0; i < n; i++) {
    column[i] = error_of_difference(s, i, best);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "score_se", "1", column));
  for (nax_index i = 0; i < n; i++) {
    column[i] = s->fit.likelihood == NAX_GPFA_POISSON || !(s->total > 0.0)
                    ? (double)NAN
                    : 1.0 - score_sum(s, i) / s->total;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "predicted", "1", column));
  for (int k = 0; k < 2; k++) {
    const double *from = k == 0 ? s->density : s->loglik;
    for (nax_index i = 0; i < n; i++) {
      int there =
          (s->o.full || i == n - 1) && (k == 1 || s->fit.likelihood != NAX_GPFA_POISSON);
      column[i] = there ? from[i] : (double)NAN;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, k == 0 ? "log_density" : "log_likelihood", "1",
                                  column));
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

/* Score each number of latents up to latents_max; where each has a fit of its own, those
 * below `first` are known already. */
static nax_status
compare(selection *s, int64_t first)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_i_stage stage;
  int64_t n_done = 0, from = s->o.full ? first : s->o.latents_max;
  nax_index known = s->o.full ? (nax_index)(first - s->o.latents_min) : 0;
  nax_index n = (nax_index)(s->o.latents_max - s->o.latents_min + 1);
  double *mem = NULL;
  NAX_TRY_ALLOC(mem, n * (s->n_trials + 2), sizeof *mem);
  for (nax_index k = 0; k < s->n_trials + 2 && known > 0; k++) {
    memcpy(mem + k * n, s->score + k * s->n_numbers, (size_t)known * sizeof *mem);
  }
  nax_i_free(s->score);
  s->score = mem;
  s->n_numbers = n;
  s->density = s->score + n * s->n_trials;
  s->loglik = s->density + n;
  s->total = 0.0;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_gpfa_select", "gpfa/latents",
                            s->o.n_folds * (s->o.latents_max - from + 1)));
  for (int64_t k = 0; k < s->o.n_folds; k++) {
    NAX_TRY(one_fold(s, k, from, &stage, &n_done));
  }
done:
  return status;
}

nax_status
nax_gpfa_select(nax_ctx *ctx, nax_index n_trials, const nax_view *trials,
                const nax_gpfa_opts *fit, const nax_gpfa_select_opts *opts,
                nax_table **table, nax_gpfa_selection *out)
{
  nax_status status = NAX_OK;
  selection s = {.ctx = ctx, .n_trials = n_trials, .trials = trials};
  *out = (nax_gpfa_selection){0, 0};
  if (table != NULL) {
    *table = NULL;
  }
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpfa_table, &s.fit, fit));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpfa_select_table, &s.o, opts));
  NAX_REQUIRE(trials != NULL && n_trials >= s.o.n_folds, NAX_EINVAL,
              "%lld trials are fewer than the %lld folds of the cross-validation",
              (long long)n_trials, (long long)s.o.n_folds);
  for (nax_index k = 0; k < n_trials; k++) {
    NAX_REQUIRE(trials[k].ndim == 2 && trials[k].dim[0] == trials[0].dim[0], NAX_EDIM,
                "trial %lld is not neuron x time with the neurons of trial 0",
                (long long)k);
  }
  int64_t most = s.o.latents_max; /* ever tried */
  if (most == 0) {
    nax_index bins = 0;
    for (nax_index k = 0; k < n_trials; k++) {
      bins += trials[k].dim[1];
    }
    most = (int64_t)(trials[0].dim[0] - 1 < bins / 8 ? trials[0].dim[0] - 1 : bins / 8);
    most = most > 1 ? most : 1;
    s.o.latents_max = s.o.latents_min > FIRST_MOST ? s.o.latents_min : FIRST_MOST;
    s.o.latents_max = s.o.latents_max < most ? s.o.latents_max : most;
  }
  NAX_REQUIRE(s.o.latents_min <= s.o.latents_max, NAX_EINVAL,
              "latents-min is %lld, more than latents-max (%lld)",
              (long long)s.o.latents_min, (long long)s.o.latents_max);
  s.fit.keep_partial = 0;
  s.fit.max_iter = s.o.fold_iter < s.fit.max_iter ? s.o.fold_iter : s.fit.max_iter;
  s.o.full = s.o.full || s.fit.likelihood == NAX_GPFA_POISSON;
  NAX_TRY_ALLOC(s.order, n_trials, sizeof *s.order);
  NAX_TRY_ALLOC(s.train, n_trials, sizeof *s.train);
  NAX_TRY_ALLOC(s.test, n_trials, sizeof *s.test);
  NAX_TRY(shuffle(&s));
  for (int64_t first = s.o.latents_min;;) {
    NAX_TRY(compare(&s, first));
    decide(&s, out);
    if (out->best < s.o.latents_max || s.o.latents_max == most) {
      break;
    }
    first = s.o.latents_max + 1;
    s.o.latents_max = 2 * s.o.latents_max < most ? 2 * s.o.latents_max : most;
  }
  if (table != NULL) {
    NAX_TRY(make_table(&s, out, table));
  }
done:
  nax_i_free(s.order);
  nax_i_free(s.train);
  nax_i_free(s.test);
  nax_i_free(s.score);
  return status;
}
