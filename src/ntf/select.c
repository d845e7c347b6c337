/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many components: held-out error and agreement between starts, rank by rank. */
#include "ntf_i.h"
#include "rng/rng_i.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Entries left out of the fits of one fold. */
typedef struct fold {
  nax_index n;
  nax_index *at;
  double *value;
  double norm2;
} fold;

typedef struct selection {
  nax_ctx *ctx;
  nax_ntf_opts fit;
  nax_ntf_select_opts o;
  nax_view x;    /* dense copy of the data as float64 or float32 */
  void *data;    /* its memory; held-out entries become NaN and come back */
  int32_t along; /* mode along which blocks run */
  int32_t split; /* mode whose slices are left out, or -1 */
  double *left_out, *half;
  int64_t n_ranks;
  double *error, *test, *test_se, *mean_cosine, *product, *sweeps, *rank;
  double *fold_error; /* n_ranks x n_folds, fold fastest */
} selection;

static double
get(const selection *s, nax_index i)
{
  return s->x.dtype == NAX_F32 ? (double)((const float *)s->data)[i]
                               : ((const double *)s->data)[i];
}

static void
put(const selection *s, nax_index i, double v)
{
  if (s->x.dtype == NAX_F32) {
    ((float *)s->data)[i] = (float)v;
  } else {
    ((double *)s->data)[i] = v;
  }
}

/* Draw blocks until enough entries are out. Slices of every mode keep data: a block that
 * would empty the last fibre of its kind is improbable at the fractions allowed, and the
 * fit names it if it happens. */
static nax_status
draw_fold(selection *s, int64_t k, fold *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_rng *rng = NULL;
  nax_index size = nax_view_size(&s->x), length = s->x.dim[s->along];
  nax_index block = s->o.block < length ? (nax_index)s->o.block : length;
  nax_index want = (nax_index)ceil(s->o.fraction * (double)size), stride = 1;
  for (int32_t j = 0; j < s->along; j++) {
    stride *= s->x.dim[j];
  }
  NAX_TRY(nax_rng_create(ctx, s->fit.seed, ((uint64_t)1 << 32) + (uint64_t)k, &rng));
  NAX_TRY_ALLOC(f->at, want + block, sizeof *f->at);
  NAX_TRY_ALLOC(f->value, want + block, sizeof *f->value);
  for (int64_t tries = 0; f->n < want && tries < 20 * size; tries++) {
    nax_index fibre = nax_rng_below(rng, size / length);
    nax_index first = nax_rng_below(rng, length - block + 1);
    nax_index base = fibre % stride + fibre / stride * stride * length;
    for (nax_index i = first; i < first + block; i++) {
      nax_index at = base + i * stride;
      double v = get(s, at);
      if (!isnan(v)) {
        f->at[f->n] = at;
        f->value[f->n++] = v;
        f->norm2 += v * v;
        put(s, at, NAN);
      }
    }
  }
done:
  nax_rng_free(rng);
  return status;
}

static void
put_back(const selection *s, fold *f)
{
  for (nax_index j = 0; j < f->n; j++) {
    put(s, f->at[j], f->value[j]);
  }
  nax_i_free(f->at);
  nax_i_free(f->value);
  *f = (fold){.n = 0};
}

/* ||held out - model|| / ||held out|| */
static double
held_out_error(const selection *s, const fold *f, const nax_ntf *m)
{
  double sum = 0.0;
  for (nax_index j = 0; j < f->n; j++) {
    double model = 0.0;
    for (int64_t r = 0; r < nax_ntf_rank(m); r++) {
      double v = nax_ntf_weights(m)[r];
      nax_index rest = f->at[j];
      for (int32_t k = 0; k < s->x.ndim; k++) {
        v *= nax_ntf_factor(m, k)[rest % s->x.dim[k] + r * s->x.dim[k]];
        rest /= s->x.dim[k];
      }
      model += v;
    }
    sum += (f->value[j] - model) * (f->value[j] - model);
  }
  return f->norm2 > 0.0 ? sqrt(sum / f->norm2) : (double)NAN;
}

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double
nax_i_ntf_median(double *v, int64_t n)
{
  qsort(v, (size_t)n, sizeof *v, by_value);
  return n % 2 != 0 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

/* Median over the starts other than the best; 1 when there is no other. */
static nax_status
median_similarity(nax_ctx *ctx, const nax_ntf *m, int32_t product, double *out)
{
  nax_status status = NAX_OK;
  double *v = NULL;
  int64_t n = nax_ntf_n_restarts(m), kept = 0;
  NAX_TRY_ALLOC(v, n, sizeof *v);
  for (int64_t i = 0; i < n; i++) {
    if (i != nax_i_ntf_best(m)) {
      v[kept++] = nax_ntf_restart_similarity(m, i, product);
    }
  }
  *out = kept == 0 ? 1.0 : nax_i_ntf_median(v, kept);
done:
  nax_i_free(v);
  return status;
}

static nax_status
full_fit(selection *s, int64_t i)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_ntf *m = NULL;
  nax_index n;
  NAX_TRY(nax_ntf_fit(ctx, &s->x, NULL, &s->fit, &m));
  s->error[i] = nax_ntf_error(m);
  (void)nax_ntf_trace(m, &n);
  s->sweeps[i] = (double)n;
  NAX_TRY(median_similarity(ctx, m, 0, &s->mean_cosine[i]));
  NAX_TRY(median_similarity(ctx, m, 1, &s->product[i]));
  s->left_out[i] = s->half[i] = (double)NAN;
  if (s->split >= 0) {
    NAX_TRY(nax_i_ntf_split_similarity(ctx, &s->x, m, &s->o, s->split, &s->left_out[i],
                                       &s->half[i]));
  }
done:
  nax_ntf_free(m);
  return status;
}

/* Held-out error of all ranks on one fold, added to the sums. */
static nax_status
one_fold(selection *s, int64_t k, nax_i_stage *stage, int64_t *done_fits)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  fold f = {.n = 0};
  nax_ntf *m = NULL;
  nax_ntf_opts fit = s->fit;
  fit.n_restarts = s->o.fold_starts;
  status = draw_fold(s, k, &f);
  for (int64_t i = 0; i < s->n_ranks && status == NAX_OK; i++) {
    fit.rank = s->o.rank_min + i;
    NAX_TRY(nax_ntf_fit(ctx, &s->x, NULL, &fit, &m));
    double e = held_out_error(s, &f, m);
    nax_ntf_free(m);
    m = NULL;
    s->fold_error[i * s->o.n_folds + k] = e;
    NAX_TRY(nax_i_stage_poll(stage, ++*done_fits, e));
  }
done:
  put_back(s, &f);
  return status;
}

/* Mean and standard error over folds of the error of rank i less that of rank `from`
 * (-1: of the error itself). Folds differ more than ranks do, so ranks are compared
 * within folds. */
static void
over_folds(const selection *s, int64_t i, int64_t from, double *mean, double *se)
{
  int64_t n = s->o.n_folds;
  double sum = 0.0, squares = 0.0;
  for (int64_t k = 0; k < n; k++) {
    sum += s->fold_error[i * n + k] - (from < 0 ? 0.0 : s->fold_error[from * n + k]);
  }
  *mean = sum / (double)n; /* NaN without folds */
  for (int64_t k = 0; k < n; k++) {
    double d =
        s->fold_error[i * n + k] - (from < 0 ? 0.0 : s->fold_error[from * n + k]) - *mean;
    squares += d * d;
  }
  *se = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : (double)NAN;
}

static void
decide(const selection *s, nax_ntf_selection *out)
{
  int64_t best = 0;
  *out =
      (nax_ntf_selection){.rank_left_out = s->split >= 0 && s->o.leave_out > 1 ? 0 : -1,
                          .rank_half = s->split >= 0 && s->o.halves > 0 ? 0 : -1,
                          .rank_max = s->o.rank_max};
  for (int64_t i = 0; i < s->n_ranks; i++) {
    if (s->mean_cosine[i] >= s->o.similar) {
      out->rank_stable = s->o.rank_min + i;
    }
    if (s->left_out[i] >= s->o.similar_parts) {
      out->rank_left_out = s->o.rank_min + i;
    }
    if (s->half[i] >= s->o.similar_parts) {
      out->rank_half = s->o.rank_min + i;
    }
    best = s->test[i] < s->test[best] ? i : best;
  }
  if (s->o.n_folds > 0) {
    int64_t i = 0;
    for (double mean = 0.0, se = 0.0; i < best; i++) {
      over_folds(s, i, best, &mean, &se);
      if (mean <= (isnan(se) ? 0.0 : se)) {
        break;
      }
    }
    out->rank_cv = s->o.rank_min + i;
  }
  const int64_t says[4] = {out->rank_cv, out->rank_stable, out->rank_left_out,
                           out->rank_half};
  for (int i = 0; i < 4; i++) { /* 0: at no rank, which says nothing on the others */
    if (says[i] > 0 && (out->rank == 0 || says[i] < out->rank)) {
      out->rank = says[i];
    }
  }
  out->rank = out->rank == 0 ? s->o.rank_min : out->rank;
}

void
nax_ntf_selection_text(const nax_ntf_selection *s, char *text, size_t size)
{
  static const char *const name[4] = {"held-out error", "agreement of starts",
                                      "slices left out", "halves"};
  const int64_t says[4] = {s->rank_cv > 0 ? s->rank_cv : -1, s->rank_stable,
                           s->rank_left_out, s->rank_half};
  int agree = 1, first = 1;
  for (int i = 0; i < 4; i++) {
    agree = agree && (says[i] <= 0 || says[i] == s->rank);
  }
  int n = snprintf(text, size, "%lld component%s (", (long long)s->rank,
                   s->rank == 1 ? "" : "s");
  size_t used = n > 0 && (size_t)n < size ? (size_t)n : size;
  for (int i = 0; i < 4; i++) {
    if (says[i] >= 0 && used < size) {
      char at[24];
      snprintf(at, sizeof at, "%lld", (long long)says[i]);
      n = snprintf(text + used, size - used, "%s%s: %s", first ? "" : ", ", name[i],
                   says[i] == 0 ? "at no rank" : at);
      used += n > 0 ? (size_t)n : 0;
      first = 0;
    }
  }
  if (used < size) {
    snprintf(text + used, size - used, "%s%s)", agree ? "" : "; the smallest is used",
             s->rank == s->rank_max ? "; none larger was tried: more may be supported"
                                    : "");
  }
}

static nax_status
make_table(const selection *s, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_table *t = NULL;
  NAX_TRY(nax_table_create(ctx, "rank", s->n_ranks, &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, "rank", "1", s->rank));
  NAX_TRY(nax_table_add_numbers(ctx, t, "error", "1", s->error));
  NAX_TRY(nax_table_add_numbers(ctx, t, "held_out_error", "1", s->test));
  NAX_TRY(nax_table_add_numbers(ctx, t, "held_out_se", "1", s->test_se));
  NAX_TRY(nax_table_add_numbers(ctx, t, "similarity_mean_cosine", "1", s->mean_cosine));
  NAX_TRY(nax_table_add_numbers(ctx, t, "similarity_product", "1", s->product));
  NAX_TRY(nax_table_add_numbers(ctx, t, "sweeps", "1", s->sweeps));
  NAX_TRY(nax_table_add_numbers(ctx, t, "similarity_left_out", "1", s->left_out));
  NAX_TRY(nax_table_add_numbers(ctx, t, "similarity_halves", "1", s->half));
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  return status;
}

static nax_status
set_up(selection *s, const nax_view *x)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  double **column[] = {&s->error,  &s->test, &s->test_se,  &s->mean_cosine, &s->product,
                       &s->sweeps, &s->rank, &s->left_out, &s->half};
  s->n_ranks = s->o.rank_max - s->o.rank_min + 1;
  for (size_t j = 0; j < sizeof column / sizeof column[0]; j++) {
    NAX_TRY_ALLOC(*column[j], s->n_ranks, sizeof(double));
  }
  NAX_TRY_ALLOC(s->fold_error, s->n_ranks * s->o.n_folds, sizeof(double));
  NAX_TRY_ALLOC(s->data, nax_view_size(x), nax_dtype_size(x->dtype));
  NAX_TRY(nax_view_copy_to(ctx, x, x->dtype, s->data));
  s->x = x->dtype == NAX_F32 ? nax_view_f32(s->data, x->ndim, x->dim)
                             : nax_view_f64(s->data, x->ndim, x->dim);
  memcpy(s->x.name, x->name, sizeof x->name);
  s->along = nax_view_axis(x, s->o.block_mode != NULL ? s->o.block_mode : "time");
  NAX_REQUIRE(s->along >= 0 || s->o.block_mode == NULL, NAX_EINVAL,
              "option `block-axis` names `%s`, which is not an axis of `x`",
              s->o.block_mode);
  NAX_REQUIRE(s->along >= 0 || s->o.block == 1, NAX_EINVAL,
              "`x` has no axis `time`: name one with option `block-axis`");
  s->along = s->along < 0 ? 0 : s->along;
  s->split = -1;
  if (s->o.leave_out > 0 || s->o.halves > 0) {
    const char *name = s->o.slice_mode != NULL ? s->o.slice_mode : "animal";
    s->split = nax_view_axis(x, name);
    s->split =
        s->split < 0 && s->o.slice_mode == NULL ? nax_view_axis(x, "trial") : s->split;
    NAX_REQUIRE(
        s->split >= 0, NAX_EINVAL,
        s->o.slice_mode != NULL
            ? "option `slice-axis` names `%s`, which is not an axis of `x`"
            : "`x` has neither an axis `%s` nor one `trial`: name one with option "
              "`slice-axis`",
        name);
  }
done:
  return status;
}

nax_status
nax_ntf_select(nax_ctx *ctx, const nax_view *x, const nax_ntf_opts *fit,
               const nax_ntf_select_opts *opts, nax_table **table, nax_ntf_selection *out)
{
  nax_status status = NAX_OK;
  selection s = {.ctx = ctx};
  nax_i_stage stage;
  nax_i_ntf_problem p = {.own = NULL};
  int64_t done_fits = 0;
  *out = (nax_ntf_selection){.rank = 0};
  if (table != NULL) {
    *table = NULL;
  }
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &s.fit, fit));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_select_table, &s.o, opts));
  NAX_REQUIRE(s.o.rank_min <= s.o.rank_max, NAX_EINVAL,
              "rank-min is %lld, more than rank-max (%lld)", (long long)s.o.rank_min,
              (long long)s.o.rank_max);
  NAX_REQUIRE(s.fit.fixed_modes == NULL, NAX_EINVAL,
              "option `fixed` has no meaning while the rank is sought");
  s.fit.rank = s.o.rank_max;
  NAX_TRY(nax_i_ntf_problem_init(ctx, x, &s.fit, &p)); /* all faults before any fit */
  nax_i_ntf_problem_free(&p);
  NAX_TRY(set_up(&s, x));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "ntf/rank",
                            s.n_ranks * (1 + s.o.n_folds)));
  for (int64_t i = 0; i < s.n_ranks; i++) {
    s.rank[i] = (double)(s.o.rank_min + i);
    s.fit.rank = s.o.rank_min + i;
    NAX_TRY(full_fit(&s, i));
    NAX_TRY(nax_i_stage_poll(&stage, ++done_fits, s.error[i]));
  }
  for (int64_t k = 0; k < s.o.n_folds; k++) {
    NAX_TRY(one_fold(&s, k, &stage, &done_fits));
  }
  for (int64_t i = 0; i < s.n_ranks; i++) {
    over_folds(&s, i, -1, &s.test[i], &s.test_se[i]);
  }
  if (table != NULL) {
    NAX_TRY(make_table(&s, table));
  }
  decide(&s, out);
done:
  nax_i_free(s.data);
  nax_i_free(s.error);
  nax_i_free(s.test);
  nax_i_free(s.test_se);
  nax_i_free(s.mean_cosine);
  nax_i_free(s.product);
  nax_i_free(s.sweeps);
  nax_i_free(s.rank);
  nax_i_free(s.left_out);
  nax_i_free(s.half);
  nax_i_free(s.fold_error);
  return status;
}
