/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The factorisation as a user sees it: several starts, the best of them normalised, and
 * how alike the others are. */
#include "ntf_i.h"
#include "rng/rng_i.h"
#include <math.h>
#include <stdlib.h>

/* One start after normalisation: columns of unit norm, components by descending weight.
 */
typedef struct start {
  double *f[NAX_I_NTF_MAX_MODES]; /* dim x rank, column-major */
  double *weight;
  double error, kkt;
  double loss, objective; /* without and with the penalties */
  double *trace;
  int64_t n_iter;
  nax_stop stop;
  double mean_cosine, product; /* similarity to the best start */
} start;

struct nax_ntf {
  int64_t rank;
  int32_t n_modes;
  nax_index dim[NAX_I_NTF_MAX_MODES];
  int64_t n_starts, best;
  start *starts;
  nax_ntf_opts opts;
  char is_fixed[NAX_I_NTF_MAX_MODES], is_free[NAX_I_NTF_MAX_MODES];
  char *free_modes, *fixed_modes, *penalty;
};

static void
free_start(start *s)
{
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(s->f[k]);
  }
  nax_i_free(s->weight);
  nax_i_free(s->trace);
  *s = (start){.weight = NULL};
}

void
nax_ntf_free(nax_ntf *m)
{
  if (m == NULL) {
    return;
  }
  for (int64_t i = 0; m->starts != NULL && i < m->n_starts; i++) {
    free_start(&m->starts[i]);
  }
  nax_i_free(m->starts);
  nax_i_free(m->free_modes);
  nax_i_free(m->fixed_modes);
  nax_i_free(m->penalty);
  nax_i_free(m);
}

/* ------------------------------------------------------------------- starting */

static nax_status
check_init(nax_ctx *ctx, const nax_i_ntf_operand *x, const nax_view *init,
           const nax_ntf_opts *o)
{
  for (int32_t k = 0; k < x->n_modes; k++) {
    const nax_view *v = &init[k];
    if (v->dtype != NAX_F64 || v->ndim != 2 || v->dim[0] != x->dim[k] ||
        v->dim[1] != o->rank) {
      return nax_i_fail(ctx, NAX_EDIM, "nax_ntf_fit",
                        "`init` of mode %d must be float64 and %lld x %lld", (int)k,
                        (long long)x->dim[k], (long long)o->rank);
    }
    for (nax_index i = 0; i < v->dim[0]; i++) {
      for (nax_index r = 0; r < v->dim[1]; r++) {
        double a = nax_view_get(v, (nax_index[]){i, r});
        if (!isfinite(a) || (a < 0.0 && !x->mode[k].is_free)) {
          return nax_i_fail(
              ctx, NAX_EDATA, "nax_ntf_fit",
              "`init` of mode %d is %g at row %lld, component %lld, expected a finite "
              "value%s",
              (int)k, a, (long long)i, (long long)r,
              x->mode[k].is_free ? "" : " of at least 0");
        }
      }
    }
  }
  return NAX_OK;
}

/* Uniform factors whose model has the norm of the data; free modes get both signs. */
static nax_status
random_start(nax_ctx *ctx, const nax_i_ntf_operand *x, const nax_ntf_opts *o, int64_t k0,
             int64_t ld, double *const *f)
{
  nax_status status = NAX_OK;
  nax_rng *rng = NULL;
  double *h = NULL, *g = NULL;
  NAX_TRY(nax_rng_create(ctx, o->seed, (uint64_t)k0, &rng));
  NAX_TRY_ALLOC(h, ld * ld, sizeof *h);
  NAX_TRY_ALLOC(g, ld * ld, sizeof *g);
  for (int64_t i = 0; i < ld * ld; i++) {
    h[i] = 1.0;
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    for (nax_index i = 0; i < x->dim[k]; i++) {
      for (int64_t r = 0; r < o->rank; r++) {
        double u = nax_rng_uniform(rng);
        f[k][i * ld + r] = x->mode[k].is_free ? 2.0 * u - 1.0 : u;
      }
    }
    nax_i_gram(f[k], x->dim[k], ld, g);
    for (int64_t i = 0; i < ld * ld; i++) {
      h[i] *= g[i];
    }
  }
  double model = nax_i_sum(h, ld * ld);
  double scale = model > 0.0 ? pow(x->observed2 / model, 0.5 / x->n_modes) : 1.0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    for (nax_index i = 0; i < x->dim[k] * ld; i++) {
      f[k][i] *= scale;
    }
  }
done:
  nax_rng_free(rng);
  nax_i_free(h);
  nax_i_free(g);
  return status;
}

static void
given_start(const nax_i_ntf_operand *x, const nax_view *init, int32_t k, int64_t rank,
            int64_t ld, double *f)
{
  for (nax_index i = 0; i < x->dim[k]; i++) {
    for (int64_t r = 0; r < rank; r++) {
      f[i * ld + r] = nax_view_get(&init[k], (nax_index[]){i, r});
    }
  }
}

/* --------------------------------------------------------------- normalising */

typedef struct ranked {
  double weight;
  int64_t r;
} ranked;

static int
heavier(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  return x->weight > y->weight   ? -1
         : x->weight < y->weight ? 1
                                 : (x->r > y->r) - (x->r < y->r);
}

/* Columns of unit norm, components by descending weight; with fixed modes, these as they
 * are and components in the order given. */
static nax_status
normalise(nax_ctx *ctx, const nax_i_ntf_operand *x, int64_t rank, int64_t ld,
          double *const *f, start *s)
{
  nax_status status = NAX_OK;
  ranked *order = NULL;
  double *norm = NULL;
  int any_fixed = 0;
  NAX_TRY_ALLOC(order, rank, sizeof *order);
  NAX_TRY_ALLOC(norm, rank * x->n_modes, sizeof *norm);
  NAX_TRY_ALLOC(s->weight, rank, sizeof *s->weight);
  for (int64_t r = 0; r < rank; r++) {
    order[r] = (ranked){1.0, r};
    for (int32_t k = 0; k < x->n_modes; k++) {
      double sum = 0.0;
      for (nax_index i = 0; i < x->dim[k]; i++) {
        sum += f[k][i * ld + r] * f[k][i * ld + r];
      }
      norm[k * rank + r] = x->mode[k].is_fixed ? 1.0 : sqrt(sum);
      order[r].weight *= norm[k * rank + r];
      any_fixed = any_fixed || x->mode[k].is_fixed;
    }
  }
  if (!any_fixed) {
    qsort(order, (size_t)rank, sizeof *order, heavier);
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    NAX_TRY_ALLOC(s->f[k], x->dim[k] * rank, sizeof(double));
  }
  for (int64_t q = 0; q < rank; q++) {
    int64_t r = order[q].r;
    s->weight[q] = order[q].weight;
    for (int32_t k = 0; k < x->n_modes; k++) {
      double n = norm[k * rank + r];
      for (nax_index i = 0; i < x->dim[k]; i++) {
        s->f[k][q * x->dim[k] + i] = n > 0.0 ? f[k][i * ld + r] / n : 0.0;
      }
    }
  }
done:
  nax_i_free(order);
  nax_i_free(norm);
  return status;
}

/* ---------------------------------------------------------------- similarity */

/* Cosine between two columns of mode k; those of fixed modes have any norm. */
static double
cosine(const nax_ntf *m, int32_t k, const double *x, const double *y)
{
  double dot = 0.0, xx = 0.0, yy = 0.0;
  for (nax_index t = 0; t < m->dim[k]; t++) {
    dot += x[t] * y[t];
    xx += x[t] * x[t];
    yy += y[t] * y[t];
  }
  if (m->is_fixed[k]) {
    dot = xx * yy > 0.0 ? dot / sqrt(xx * yy) : 0.0;
  }
  return fabs(dot);
}

/* Both published scores between two starts, components matched to maximise each, over the
 * modes other than `skip`. */
static nax_status
compare(nax_ctx *ctx, const nax_ntf *m, const start *a, const start *b, int32_t skip,
        double *mean_cosine, double *product)
{
  nax_status status = NAX_OK;
  int64_t rank = m->rank;
  double *mean = NULL, *prod = NULL;
  int64_t *match = NULL;
  int32_t n_modes = m->n_modes - (skip >= 0);
  NAX_TRY_ALLOC(mean, rank * rank, sizeof *mean);
  NAX_TRY_ALLOC(prod, rank * rank, sizeof *prod);
  NAX_TRY_ALLOC(match, rank, sizeof *match);
  for (int64_t i = 0; i < rank; i++) {
    for (int64_t j = 0; j < rank; j++) {
      double sum = 0.0, all = 1.0;
      for (int32_t k = 0; k < m->n_modes; k++) {
        if (k != skip) {
          double c = cosine(m, k, a->f[k] + i * m->dim[k], b->f[k] + j * m->dim[k]);
          sum += c;
          all *= c;
        }
      }
      mean[i * rank + j] = sum / n_modes;
      prod[i * rank + j] = all;
    }
  }
  const double *gain[2] = {mean, prod};
  double *out[2] = {mean_cosine, product};
  for (int c = 0; c < 2; c++) {
    NAX_TRY(nax_i_assign(ctx, rank, gain[c], match));
    double sum = 0.0;
    for (int64_t i = 0; i < rank; i++) {
      sum += gain[c][i * rank + match[i]];
    }
    *out[c] = sum / (double)rank;
  }
done:
  nax_i_free(mean);
  nax_i_free(prod);
  nax_i_free(match);
  return status;
}

nax_status
nax_i_ntf_similarity(nax_ctx *ctx, const nax_ntf *a, const nax_ntf *b, int32_t skip,
                     double *mean_cosine, double *product)
{
  return compare(ctx, a, &a->starts[a->best], &b->starts[b->best], skip, mean_cosine,
                 product);
}

/* ------------------------------------------------------------------- fitting */

/* Starts first .. first + n - 1, in lockstep. */
static nax_status
fit_pack(nax_ctx *ctx, nax_i_ntf_operand *x, const nax_view *init, const nax_ntf_opts *o,
         int64_t first, int64_t n, start *s)
{
  nax_status status = NAX_OK;
  nax_i_ntf_run *run = NULL;
  double *const **f = NULL, *residual = NULL;
  int64_t ld = nax_i_ntf_ld(o->rank);
  NAX_TRY_ALLOC(run, n, sizeof *run);
  NAX_TRY_ALLOC(f, n, sizeof *f);
  NAX_TRY_ALLOC(residual, n, sizeof *residual);
  for (int64_t j = 0; j < n; j++) {
    f[j] = run[j].f;
    for (int32_t k = 0; k < x->n_modes; k++) {
      NAX_TRY_ALLOC(run[j].f[k], x->dim[k] * ld, sizeof(double));
    }
    NAX_TRY_ALLOC(run[j].trace, o->max_iter, sizeof(double));
    if (init == NULL) {
      NAX_TRY(random_start(ctx, x, o, first + j, ld, run[j].f));
    }
    for (int32_t k = 0; init != NULL && k < x->n_modes; k++) {
      given_start(x, init, k, o->rank, ld, run[j].f[k]);
    }
    run[j].start = first + j;
    for (int32_t k = 0; k < x->n_modes; k++) {
      nax_i_ntf_made *made = x->mode[k].made;
      if (made != NULL) {
        NAX_TRY(made->begin(made, ctx, first + j, o->seed, ld, run[j].f[k]));
      }
    }
  }
  if (x->type->begin != NULL) {
    NAX_TRY(x->type->begin(x, ctx, n, o->rank));
  }
  NAX_TRY(o->loss == NAX_NTF_FROBENIUS ? nax_i_ntf_run_fit(ctx, o, x, n, run)
                                       : nax_i_ntf_run_loss(ctx, o, x, n, run));
  NAX_TRY(x->type->residual(x, ctx, n, o->rank, ld, f, residual));
  for (int64_t j = 0; j < n; j++) {
    s[j].loss = o->loss == NAX_NTF_FROBENIUS ? 0.5 * residual[j] : run[j].loss;
    s[j].objective = s[j].loss;
    for (int32_t k = 0; k < x->n_modes; k++) {
      s[j].objective += nax_i_ntf_penalty(&x->mode[k], f[j][k], x->dim[k], o->rank, ld);
    }
    NAX_TRY(normalise(ctx, x, o->rank, ld, run[j].f, &s[j]));
    s[j].error = sqrt(residual[j] / x->observed2);
    s[j].kkt = run[j].kkt;
    s[j].n_iter = run[j].n_iter;
    s[j].stop = run[j].stop;
    s[j].trace = run[j].trace;
    run[j].trace = NULL;
  }
done:
  if (x->type->end != NULL) {
    x->type->end(x);
  }
  for (int64_t j = 0; run != NULL && j < n; j++) {
    for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
      nax_i_free(run[j].f[k]);
    }
    nax_i_free(run[j].trace);
  }
  nax_i_free(run);
  nax_i_free(f);
  nax_i_free(residual);
  return status;
}

/* Starts fitted in lockstep. */
static int64_t
pack_width(const nax_i_ntf_operand *x, const nax_ntf_opts *o)
{
  int64_t n = x->columns / o->rank;
  n = n < o->n_restarts ? n : o->n_restarts;
  return n > 1 ? n : 1;
}

static nax_status
copy_options(nax_ctx *ctx, const nax_ntf_opts *o, nax_ntf *m)
{
  nax_status status = NAX_OK;
  m->opts = *o;
  m->opts.free_modes = m->opts.fixed_modes = m->opts.penalty = NULL;
  if (o->free_modes != NULL) {
    NAX_TRY_DUP(m->free_modes, o->free_modes);
    m->opts.free_modes = m->free_modes;
  }
  if (o->fixed_modes != NULL) {
    NAX_TRY_DUP(m->fixed_modes, o->fixed_modes);
    m->opts.fixed_modes = m->fixed_modes;
  }
  if (o->penalty != NULL) {
    NAX_TRY_DUP(m->penalty, o->penalty);
    m->opts.penalty = m->penalty;
  }
done:
  return status;
}

nax_status
nax_i_ntf_fit_operand(nax_ctx *ctx, nax_i_ntf_operand *x, const nax_view *init,
                      const nax_ntf_opts *o, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_ntf *m = NULL;
  int any_fixed = 0, all_fixed = 1,
      whole = o->keep_partial; /* what is kept: whole sweeps */
  *out = NULL;
  nax_i_hold(ctx, whole);
  for (int32_t k = 0; k < x->n_modes; k++) {
    any_fixed = any_fixed || x->mode[k].is_fixed;
    all_fixed = all_fixed && x->mode[k].is_fixed;
  }
  if (all_fixed || (init == NULL && any_fixed)) {
    status = nax_i_fail(ctx, NAX_EINVAL, "nax_ntf_fit", "option `fixed` %s",
                        init == NULL ? "needs `init`, the factors that stay"
                                     : "names every mode, nothing to fit");
    goto done;
  }
  if (init != NULL) {
    NAX_TRY(check_init(ctx, x, init, o));
  }
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  m->rank = o->rank;
  m->n_modes = x->n_modes;
  memcpy(m->dim, x->dim, sizeof m->dim);
  for (int32_t k = 0; k < x->n_modes; k++) {
    m->is_fixed[k] = x->mode[k].is_fixed;
    m->is_free[k] = x->mode[k].is_free;
  }
  NAX_TRY(copy_options(ctx, o, m));
  int64_t n = init != NULL ? 1 : o->n_restarts, width = pack_width(x, o);
  NAX_TRY_ALLOC(m->starts, n, sizeof *m->starts);
  while (m->n_starts < n) {
    int64_t first = m->n_starts;
    width = n - first < width ? n - first : width;
    m->n_starts += width;
    NAX_TRY(fit_pack(ctx, x, init, o, first, width, &m->starts[first]));
    for (int64_t i = first; i < m->n_starts; i++) {
      m->best = m->starts[i].objective < m->starts[m->best].objective ? i : m->best;
      n = m->starts[i].stop == NAX_STOP_USER ? m->n_starts : n;
    }
  }
  for (int64_t i = 0; i < m->n_starts; i++) {
    NAX_TRY(compare(ctx, m, &m->starts[m->best], &m->starts[i], -1,
                    &m->starts[i].mean_cosine, &m->starts[i].product));
  }
  *out = m;
  m = NULL;
done:
  nax_i_hold(ctx, -whole);
  nax_ntf_free(m);
  return status;
}

nax_status
nax_ntf_fit(nax_ctx *ctx, const nax_view *x, const nax_view *init,
            const nax_ntf_opts *opts, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_i_ntf_problem p = {.own = NULL};
  nax_ntf_opts o;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  NAX_TRY(nax_i_ntf_problem_init(ctx, x, &o, &p));
  NAX_TRY(nax_i_ntf_fit_operand(ctx, &p.op, init, &o, out));
done:
  nax_i_ntf_problem_free(&p);
  return status;
}

/* ------------------------------------------------------------ factors as given */

static nax_status
check_factors(nax_ctx *ctx, int32_t n_modes, const nax_view *f)
{
  nax_status status = NAX_OK;
  const char *fn = "nax_ntf_create";
  if (f == NULL || n_modes < 2 || n_modes > NAX_I_NTF_MAX_MODES) {
    return nax_i_fail(ctx, f == NULL ? NAX_EINVAL : NAX_EDIM, fn,
                      f == NULL ? "`factors` is NULL" : "expected 2 to %d modes, got %d",
                      NAX_I_NTF_MAX_MODES, (int)n_modes);
  }
  for (int32_t k = 0; k < n_modes; k++) {
    if (f[k].data == NULL || f[k].dtype != NAX_F64 || f[k].ndim != 2 || f[k].dim[0] < 1 ||
        f[k].dim[1] < 1 || f[k].dim[1] != f[0].dim[1]) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "factor %d must be float64, with a row for each position and a "
                        "column for each component",
                        (int)k);
    }
  }
  return status;
}

static nax_status
take_factor(nax_ctx *ctx, nax_ntf *m, int32_t k, const nax_view *f)
{
  nax_status status = NAX_OK;
  double **to = &m->starts[0].f[k];
  NAX_TRY_ALLOC(*to, m->dim[k] * m->rank, sizeof **to);
  for (nax_index r = 0; r < m->rank; r++) {
    for (nax_index i = 0; i < m->dim[k]; i++) {
      double a = nax_view_get(f, (nax_index[]){i, r});
      if (isinf(a) || (a < 0.0 && !m->is_free[k])) {
        return nax_i_fail(
            ctx, NAX_EDATA, "nax_ntf_create",
            "factor %d is %g at row %lld, component %lld, expected a finite "
            "value%s",
            (int)k, a, (long long)i, (long long)r, m->is_free[k] ? "" : " of at least 0");
      }
      (*to)[r * m->dim[k] + i] = a;
    }
  }
done:
  return status;
}

nax_status
nax_ntf_create(nax_ctx *ctx, int32_t n_modes, const nax_view *factors,
               const double *weights, const nax_ntf_opts *opts, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_ntf *m = NULL;
  nax_ntf_opts o;
  const char *names[NAX_I_NTF_MAX_MODES];
  nax_i_ntf_operand op = {.type = &nax_i_ntf_dense, .n_modes = n_modes, .dtype = NAX_F64};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check_factors(ctx, n_modes, factors));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  o.rank = factors[0].dim[1];
  o.fixed_modes = o.penalty = NULL;
  o.ridge = o.l1 = 0.0;
  NAX_TRY(nax_options_check(ctx, &nax_i_ntf_table, &o));
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  m->rank = o.rank;
  m->n_modes = n_modes;
  for (int32_t k = 0; k < n_modes; k++) {
    m->dim[k] = op.dim[k] = factors[k].dim[0];
    names[k] = factors[k].name[0];
  }
  NAX_TRY(nax_i_ntf_settle(ctx, &op, names, &o));
  NAX_TRY(copy_options(ctx, &o, m));
  NAX_TRY_ALLOC(m->starts, 1, sizeof *m->starts);
  m->n_starts = 1;
  start *s = &m->starts[0];
  s->error = s->kkt = s->loss = s->objective = (double)NAN;
  s->stop = NAX_STOP_TOL;
  s->mean_cosine = s->product = 1.0;
  for (int32_t k = 0; k < n_modes; k++) {
    m->is_free[k] = op.mode[k].is_free;
    NAX_TRY(take_factor(ctx, m, k, &factors[k]));
  }
  NAX_TRY_ALLOC(s->weight, m->rank, sizeof *s->weight);
  for (int64_t r = 0; r < m->rank; r++) {
    s->weight[r] = weights != NULL ? weights[r] : 1.0;
  }
  *out = m;
  m = NULL;
done:
  nax_ntf_free(m);
  return status;
}

/* --------------------------------------------------------------------- memory */

size_t
nax_i_ntf_fit_memory(const nax_i_ntf_operand *x, const nax_ntf_opts *o)
{
  int64_t width = pack_width(x, o);
  size_t rows = 0, ld = (size_t)nax_i_ntf_ld(o->rank), rank = (size_t)o->rank;
  for (int32_t k = 0; k < x->n_modes; k++) {
    rows += (size_t)x->dim[k];
  }
  size_t kept = (size_t)o->n_restarts * (rows * rank + (size_t)o->max_iter);
  size_t running = (size_t)width * rows * ld;
  return (kept + running) * sizeof(double) + nax_i_ntf_run_memory(x, o, width) +
         (x->type->memory != NULL ? x->type->memory(x, width, o->rank) : 0);
}

size_t
nax_i_ntf_ratio_memory(nax_index size, int32_t missing, const nax_ntf_opts *o)
{
  size_t n = o->loss == NAX_NTF_FROBENIUS          ? 0
             : missing || nax_i_ntf_beta(o) != 1.0 ? 2 /* NOLINT */
                                                   : 1;
  return n * (size_t)size * sizeof(double);
}

nax_status
nax_ntf_memory(nax_ctx *ctx, const nax_view *x, const nax_ntf_opts *opts, int32_t missing,
               size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_ntf_opts o;
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  NAX_REQUIRE(x->ndim >= 2 && x->ndim <= NAX_I_NTF_MAX_MODES, NAX_EDIM,
              "`x` must have 2 to %d axes, got %d", NAX_I_NTF_MAX_MODES, (int)x->ndim);
  nax_i_ntf_operand op = {.type = &nax_i_ntf_dense,
                          .n_modes = x->ndim,
                          .dtype = x->dtype,
                          .columns = missing ? 0 : nax_i_ntf_dense_columns(x->dtype)};
  memcpy(op.dim, x->dim, (size_t)x->ndim * sizeof *x->dim);
  NAX_TRY(nax_i_ntf_settle(ctx, &op, x->name, &o));
  *bytes = nax_i_ntf_fit_memory(&op, &o);
  if (missing) { /* gaps by whole fibres: starts side by side, and lists of the fibres */
    nax_index size = nax_view_size(x), shortest = size;
    for (int32_t k = 0; k < x->ndim; k++) {
      shortest = x->dim[k] > 1 && x->dim[k] < shortest ? x->dim[k] : shortest;
    }
    op.columns = nax_i_ntf_dense_columns(x->dtype);
    size_t side_by_side = nax_i_ntf_fit_memory(&op, &o);
    side_by_side += (size_t)x->ndim * (size_t)(size / (shortest > 0 ? shortest : 1)) *
                    sizeof(nax_index);
    *bytes = side_by_side > *bytes ? side_by_side : *bytes;
  }
  *bytes += nax_i_ntf_ratio_memory(nax_view_size(x), missing, &o);
  if (missing || !nax_view_is_dense(x)) {
    *bytes += (size_t)nax_view_size(x) * nax_dtype_size(x->dtype);
  }
done:
  return status;
}

/* ----------------------------------------------------------------- accessors */

const nax_ntf_opts *
nax_i_ntf_options(const nax_ntf *m)
{
  return &m->opts;
}

int32_t
nax_i_ntf_is_free(const nax_ntf *m, int32_t k)
{
  return m->is_free[k];
}

int64_t
nax_i_ntf_best(const nax_ntf *m)
{
  return m->best;
}

int64_t
nax_ntf_rank(const nax_ntf *m)
{
  return m->rank;
}

int32_t
nax_ntf_n_modes(const nax_ntf *m)
{
  return m->n_modes;
}

nax_index
nax_ntf_dim(const nax_ntf *m, int32_t k)
{
  return k >= 0 && k < m->n_modes ? m->dim[k] : 0;
}

const double *
nax_ntf_weights(const nax_ntf *m)
{
  return m->starts[m->best].weight;
}

const double *
nax_ntf_factor(const nax_ntf *m, int32_t k)
{
  return k >= 0 && k < m->n_modes ? m->starts[m->best].f[k] : NULL;
}

double
nax_ntf_error(const nax_ntf *m)
{
  return m->starts[m->best].error;
}

double
nax_ntf_loss(const nax_ntf *m)
{
  return m->starts[m->best].loss;
}

double
nax_ntf_kkt(const nax_ntf *m)
{
  return m->starts[m->best].kkt;
}

nax_stop
nax_ntf_stop(const nax_ntf *m)
{
  return m->starts[m->best].stop;
}

const double *
nax_ntf_trace(const nax_ntf *m, nax_index *n)
{
  *n = m->starts[m->best].n_iter;
  return m->starts[m->best].trace;
}

int64_t
nax_ntf_n_restarts(const nax_ntf *m)
{
  return m->n_starts;
}

double
nax_ntf_restart_error(const nax_ntf *m, int64_t i)
{
  return i >= 0 && i < m->n_starts ? m->starts[i].error : (double)NAN;
}

double
nax_ntf_restart_similarity(const nax_ntf *m, int64_t i, int32_t product)
{
  if (i < 0 || i >= m->n_starts) {
    return (double)NAN;
  }
  return product ? m->starts[i].product : m->starts[i].mean_cosine;
}
