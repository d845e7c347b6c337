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
  char *free_modes, *fixed_modes;
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
  nax_i_free(m);
}

/* ------------------------------------------------------------------- starting */

static nax_status
check_init(nax_ctx *ctx, const nax_i_ntf_problem *p, const nax_view *init,
           const nax_ntf_opts *o)
{
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    const nax_view *v = &init[k];
    if (v->dtype != NAX_F64 || v->ndim != 2 || v->dim[0] != p->x.dim[k] ||
        v->dim[1] != o->rank) {
      return nax_i_fail(ctx, NAX_EDIM, "nax_ntf_fit",
                        "`init` of mode %d must be float64 and %lld x %lld", (int)k,
                        (long long)p->x.dim[k], (long long)o->rank);
    }
    for (nax_index i = 0; i < v->dim[0]; i++) {
      for (nax_index r = 0; r < v->dim[1]; r++) {
        double a = nax_view_get(v, (nax_index[]){i, r});
        if (!isfinite(a) || (a < 0.0 && !p->is_free[k])) {
          return nax_i_fail(
              ctx, NAX_EDATA, "nax_ntf_fit",
              "`init` of mode %d is %g at row %lld, component %lld, expected a finite "
              "value%s",
              (int)k, a, (long long)i, (long long)r,
              p->is_free[k] ? "" : " of at least 0");
        }
      }
    }
  }
  return NAX_OK;
}

/* Uniform factors whose model has the norm of the data; free modes get both signs. */
static nax_status
random_start(nax_ctx *ctx, const nax_i_ntf_problem *p, const nax_ntf_opts *o, int64_t k0,
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
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    for (nax_index i = 0; i < p->x.dim[k]; i++) {
      for (int64_t r = 0; r < o->rank; r++) {
        double u = nax_rng_uniform(rng);
        f[k][i * ld + r] = p->is_free[k] ? 2.0 * u - 1.0 : u;
      }
    }
    nax_i_gram(f[k], p->x.dim[k], ld, g);
    for (int64_t i = 0; i < ld * ld; i++) {
      h[i] *= g[i];
    }
  }
  double model = nax_i_sum(h, ld * ld);
  double scale = model > 0.0 ? pow(p->observed2 / model, 0.5 / p->x.n_modes) : 1.0;
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    for (nax_index i = 0; i < p->x.dim[k] * ld; i++) {
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
given_start(const nax_i_ntf_problem *p, const nax_view *init, int32_t k, int64_t rank,
            int64_t ld, double *f)
{
  for (nax_index i = 0; i < p->x.dim[k]; i++) {
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

/* Columns of unit norm, components by descending weight. */
static nax_status
normalise(nax_ctx *ctx, const nax_i_ntf_problem *p, int64_t rank, int64_t ld,
          double *const *f, start *s)
{
  nax_status status = NAX_OK;
  ranked *order = NULL;
  double *norm = NULL;
  NAX_TRY_ALLOC(order, rank, sizeof *order);
  NAX_TRY_ALLOC(norm, rank * p->x.n_modes, sizeof *norm);
  NAX_TRY_ALLOC(s->weight, rank, sizeof *s->weight);
  for (int64_t r = 0; r < rank; r++) {
    order[r] = (ranked){1.0, r};
    for (int32_t k = 0; k < p->x.n_modes; k++) {
      double sum = 0.0;
      for (nax_index i = 0; i < p->x.dim[k]; i++) {
        sum += f[k][i * ld + r] * f[k][i * ld + r];
      }
      norm[k * rank + r] = sqrt(sum);
      order[r].weight *= sqrt(sum);
    }
  }
  qsort(order, (size_t)rank, sizeof *order, heavier);
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    NAX_TRY_ALLOC(s->f[k], p->x.dim[k] * rank, sizeof(double));
  }
  for (int64_t q = 0; q < rank; q++) {
    int64_t r = order[q].r;
    s->weight[q] = order[q].weight;
    for (int32_t k = 0; k < p->x.n_modes; k++) {
      double n = norm[k * rank + r];
      for (nax_index i = 0; i < p->x.dim[k]; i++) {
        s->f[k][q * p->x.dim[k] + i] = n > 0.0 ? f[k][i * ld + r] / n : 0.0;
      }
    }
  }
done:
  nax_i_free(order);
  nax_i_free(norm);
  return status;
}

/* ---------------------------------------------------------------- similarity */

/* Both published scores between two starts, components matched to maximise each. */
static nax_status
compare(nax_ctx *ctx, const nax_ntf *m, const start *a, const start *b,
        double *mean_cosine, double *product)
{
  nax_status status = NAX_OK;
  int64_t rank = m->rank;
  double *mean = NULL, *prod = NULL;
  int64_t *match = NULL;
  NAX_TRY_ALLOC(mean, rank * rank, sizeof *mean);
  NAX_TRY_ALLOC(prod, rank * rank, sizeof *prod);
  NAX_TRY_ALLOC(match, rank, sizeof *match);
  for (int64_t i = 0; i < rank; i++) {
    for (int64_t j = 0; j < rank; j++) {
      double sum = 0.0, all = 1.0;
      for (int32_t k = 0; k < m->n_modes; k++) {
        const double *x = a->f[k] + i * m->dim[k], *y = b->f[k] + j * m->dim[k];
        double dot = 0.0;
        for (nax_index t = 0; t < m->dim[k]; t++) {
          dot += x[t] * y[t];
        }
        sum += fabs(dot);
        all *= fabs(dot);
      }
      mean[i * rank + j] = sum / m->n_modes;
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

/* ------------------------------------------------------------------- fitting */

static nax_status
fit_start(nax_ctx *ctx, nax_i_ntf_problem *p, const nax_view *init, const nax_ntf_opts *o,
          int64_t k0, start *s)
{
  nax_status status = NAX_OK;
  nax_i_ntf_run run = {.n_iter = 0};
  int64_t ld = nax_i_skinny_pad(p->x.dtype, o->rank);
  double residual = 0.0;
  for (int32_t k = 0; k < p->x.n_modes; k++) {
    NAX_TRY_ALLOC(run.f[k], p->x.dim[k] * ld, sizeof(double));
  }
  NAX_TRY_ALLOC(run.trace, o->max_iter, sizeof(double));
  if (init == NULL) {
    NAX_TRY(random_start(ctx, p, o, k0, ld, run.f));
  }
  for (int32_t k = 0; init != NULL && k < p->x.n_modes; k++) {
    given_start(p, init, k, o->rank, ld, run.f[k]);
  }
  NAX_TRY(nax_i_ntf_run_fit(ctx, o, p, &run));
  NAX_TRY(nax_i_ntf_residual(ctx, p, o->rank, ld, run.f, &residual));
  NAX_TRY(normalise(ctx, p, o->rank, ld, run.f, s));
  s->error = sqrt(residual / p->observed2);
  s->kkt = run.kkt;
  s->n_iter = run.n_iter;
  s->stop = run.stop;
  s->trace = run.trace;
  run.trace = NULL;
done:
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(run.f[k]);
  }
  nax_i_free(run.trace);
  return status;
}

static int
any_marked(const char *mark)
{
  return memchr(mark, 1, NAX_I_NTF_MAX_MODES) != NULL;
}

nax_status
nax_ntf_fit(nax_ctx *ctx, const nax_view *x, const nax_view *init,
            const nax_ntf_opts *opts, nax_ntf **out)
{
  nax_status status = NAX_OK;
  nax_i_ntf_problem p = {.own = NULL};
  nax_ntf_opts o;
  nax_ntf *m = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  NAX_TRY(nax_i_ntf_problem_init(ctx, x, &o, &p));
  NAX_REQUIRE(init != NULL || !any_marked(p.is_fixed), NAX_EINVAL,
              "option `fixed` needs `init`, the factors that stay");
  int all_fixed = 1;
  for (int32_t k = 0; k < p.x.n_modes; k++) {
    all_fixed = all_fixed && p.is_fixed[k];
  }
  NAX_REQUIRE(!all_fixed, NAX_EINVAL, "option `fixed` names every mode, nothing to fit");
  if (init != NULL) {
    NAX_TRY(check_init(ctx, &p, init, &o));
  }
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  m->rank = o.rank;
  m->n_modes = p.x.n_modes;
  memcpy(m->dim, p.x.dim, sizeof m->dim);
  m->n_starts = init != NULL ? 1 : o.n_restarts;
  m->opts = o;
  m->opts.free_modes = m->opts.fixed_modes = NULL;
  if (o.free_modes != NULL) {
    NAX_TRY_DUP(m->free_modes, o.free_modes);
    m->opts.free_modes = m->free_modes;
  }
  if (o.fixed_modes != NULL) {
    NAX_TRY_DUP(m->fixed_modes, o.fixed_modes);
    m->opts.fixed_modes = m->fixed_modes;
  }
  NAX_TRY_ALLOC(m->starts, m->n_starts, sizeof *m->starts);
  for (int64_t i = 0; i < m->n_starts; i++) {
    NAX_TRY(fit_start(ctx, &p, init, &o, i, &m->starts[i]));
    m->best = m->starts[i].error < m->starts[m->best].error ? i : m->best;
    if (m->starts[i].stop == NAX_STOP_USER) {
      m->n_starts = i + 1;
    }
  }
  for (int64_t i = 0; i < m->n_starts; i++) {
    NAX_TRY(compare(ctx, m, &m->starts[m->best], &m->starts[i], &m->starts[i].mean_cosine,
                    &m->starts[i].product));
  }
  *out = m;
  m = NULL;
done:
  nax_i_ntf_problem_free(&p);
  nax_ntf_free(m);
  return status;
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
  nax_i_tensor t = {.dtype = x->dtype, .n_modes = x->ndim};
  memcpy(t.dim, x->dim, sizeof t.dim);
  t.size = nax_view_size(x);
  size_t ld = (size_t)nax_i_skinny_pad(x->dtype, o.rank), rows = 0, longest = 0;
  for (int32_t k = 0; k < x->ndim; k++) {
    rows += (size_t)x->dim[k];
    longest = (size_t)x->dim[k] > longest ? (size_t)x->dim[k] : longest;
  }
  int copied = missing || !nax_view_is_dense(x);
  size_t starts = (size_t)o.n_restarts * (rows * (size_t)o.rank + (size_t)o.max_iter);
  size_t working = (2 * rows + 2 * longest + (4 + (size_t)x->ndim) * ld) * ld;
  *bytes = nax_i_tree_memory(&t, o.rank) + (starts + working) * sizeof(double) +
           (copied ? (size_t)t.size * nax_dtype_size(x->dtype) : 0);
done:
  return status;
}

/* ----------------------------------------------------------------- accessors */

const nax_ntf_opts *
nax_i_ntf_options(const nax_ntf *m)
{
  return &m->opts;
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
