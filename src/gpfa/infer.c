/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latents of trials under a fitted model: smoothed, causal and ahead of the data. */
#include "gpfa_i.h"
#include "rng/rng_i.h"
#include <math.h>

struct nax_gpfa_posterior {
  nax_index q, n_trials;
  nax_index *start;
  double *mean; /* q x bins */
  double *cov;  /* q x q x bins */
  double ll;
  int32_t covariances; /* go into the dataset */
};

void
nax_gpfa_posterior_free(nax_gpfa_posterior *p)
{
  if (p != NULL) {
    nax_i_free(p->start);
    nax_i_free(p->mean);
    nax_i_free(p->cov);
    nax_i_free(p);
  }
}

nax_status
nax_i_gpfa_model_data(nax_ctx *ctx, const char *fn, const nax_gpfa *m, nax_index n_trials,
                      const nax_view *trials, nax_i_gpfa_data *d)
{
  for (nax_index k = 0; trials != NULL && k < n_trials; k++) {
    if (trials[k].ndim == 2 && trials[k].dim[0] != m->n_all) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "trial %lld has %lld neurons, the model has %lld", (long long)k,
                        (long long)trials[k].dim[0], (long long)m->n_all);
    }
  }
  return nax_i_gpfa_data_init(ctx, fn, n_trials, trials, m->keep,
                              nax_i_gpfa_values_of(&m->opts), d);
}

nax_status
nax_i_gpfa_model_estep(nax_ctx *ctx, const nax_gpfa *m, const nax_i_gpfa_data *d,
                       nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_sites sites = {.w = NULL};
  nax_i_gpfa_basis basis = {.phi = NULL};
  if (m->opts.likelihood == NAX_GPFA_POISSON) {
    NAX_TRY(nax_i_gpfa_sites_init(ctx, d, m->par.q, &sites));
    NAX_TRY(nax_i_gpfa_basis_init(ctx, &m->par, d->longest, m->opts.rank_tol, &basis));
    NAX_TRY(nax_i_gpfa_estep_poisson(ctx, d, &m->par, &basis, &sites, e));
  } else {
    NAX_TRY(nax_i_gpfa_estep_run(ctx, d, &m->par, (nax_gpfa_engine)m->opts.engine,
                                 m->opts.rank_tol, e));
  }
done:
  nax_i_gpfa_sites_free(&sites);
  nax_i_gpfa_basis_free(&basis);
  return status;
}

/* --- filtering ------------------------------------------------------------------------
 */

/* A group whose trials go on for `ahead` bins in which nothing is observed. */
typedef struct filter {
  nax_ctx *ctx;
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  nax_i_gpfa_sensor *sensors; /* one more than patterns: nothing observed */
  nax_index ahead;
  nax_gpfa_posterior *out;
} filter;

/* Bins [from, to) of a trial of `d`, which the factorisation begins with. */
static nax_status
filter_bins(filter *f, const nax_i_gpfa_data *d, nax_index trial,
            const nax_i_gpfa_nested *nested, nax_index from, nax_index to)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index q = f->p->q, t_max = nested->t_max, rows = nested->row[t_max];
  nax_index start = d->start[trial], length = d->start[trial + 1] - start;
  double *white = NULL, *z = NULL;
  NAX_TRY_ALLOC(white, length, (size_t)d->n_neurons * sizeof *white);
  NAX_TRY_ALLOC(z, rows, sizeof *z);
  (void)nax_i_gpfa_whiten(d, f->p, trial, white);
  NAX_TRY(nax_i_gpfa_nested_solve(ctx, nested, d, f->sensors, trial, white, z));
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, nested->row[length], 1, nested->l, rows, z, rows));
  for (nax_index t = from; t < to; t++) {
    nax_index used = nested->row[t + 1], at = t + f->ahead;
    double *x = f->out->mean + (start + t) * q;
    double *v = f->out->cov + (start + t) * q * q;
    for (nax_index l = 0; l < q; l++) {
      const double *a = nested->w + (l * t_max + at) * rows;
      x[l] = 0.0;
      for (nax_index i = 0; i < used; i++) {
        x[l] += a[i] * z[i];
      }
      for (nax_index m = 0; m <= l; m++) {
        const double *b = nested->w + (m * t_max + at) * rows;
        double c = l == m;
        for (nax_index i = 0; i < used; i++) {
          c -= a[i] * b[i];
        }
        v[l + m * q] = v[m + l * q] = c;
      }
    }
  }
done:
  nax_i_free(white);
  nax_i_free(z);
  return status;
}

/* Factorisation of `length` bins from bin `first` of the data on, and of those ahead. */
static nax_status
filter_factor(filter *f, nax_index first, nax_index length, nax_i_gpfa_nested *nested)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index t_max = length + f->ahead, *pattern = NULL;
  NAX_TRY_ALLOC(pattern, t_max, sizeof *pattern);
  for (nax_index t = 0; t < t_max; t++) {
    pattern[t] = t < length ? f->d->pattern[first + t] : f->d->n_patterns;
  }
  NAX_TRY(nax_i_gpfa_nested_init(ctx, f->p, f->sensors, pattern, t_max, nested));
done:
  nax_i_free(pattern);
  return status;
}

static nax_status
filter_group(filter *f, const nax_index *trial, nax_index n)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = f->d;
  nax_i_gpfa_nested nested = {.l = NULL};
  nax_index last = d->start[trial[n - 1]];
  NAX_TRY(filter_factor(f, last, d->start[trial[n - 1] + 1] - last, &nested));
  for (nax_index k = 0; k < n; k++) {
    NAX_TRY(filter_bins(f, d, trial[k], &nested, 0,
                        d->start[trial[k] + 1] - d->start[trial[k]]));
  }
done:
  nax_i_gpfa_nested_free(&nested);
  return status;
}

/* A trial too long for one factorisation: block after block, each with the bins before it
 * that it can remember. */
static nax_status
filter_long(filter *f, nax_index trial)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_nested nested = {.l = NULL};
  nax_index start = f->d->start[trial], length = f->d->start[trial + 1] - start;
  nax_index reach = nax_i_gpfa_reach(f->p, nax_i_gpfa_told(f->p), NAX_I_GPFA_LOG_TOL);
  for (nax_index from = 0; from < length; from += reach) {
    nax_index w0 = from > reach ? from - reach : 0;
    nax_index to = length - from > reach ? from + reach : length;
    nax_i_gpfa_data part = *f->d;
    nax_index bounds[2] = {start + w0, start + to};
    part.start = bounds;
    part.n_trials = 1;
    nax_i_gpfa_nested_free(&nested);
    NAX_TRY(filter_factor(f, bounds[0], to - w0, &nested));
    NAX_TRY(filter_bins(f, &part, 0, &nested, from - w0, to - w0));
  }
done:
  nax_i_gpfa_nested_free(&nested);
  return status;
}

static nax_status
run_filter(filter *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_i_stage stage;
  nax_i_gpfa_sensor *real = NULL;
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, f->d, f->p, &real));
  NAX_TRY_ALLOC(f->sensors, f->d->n_patterns + 1, sizeof *f->sensors);
  memcpy(f->sensors, real, (size_t)f->d->n_patterns * sizeof *real);
  NAX_TRY(
      nax_i_stage_begin(&stage, ctx, "nax_gpfa_infer", "gpfa/filter", f->d->n_groups));
  for (nax_index g = 0; g < f->d->n_groups; g++) {
    const nax_index *trial = f->d->order + f->d->group[g].first;
    if (f->d->longest > NAX_I_GPFA_LONG) {
      for (nax_index k = 0; k < f->d->group[g].n; k++) {
        NAX_TRY(filter_long(f, trial[k]));
      }
    } else {
      NAX_TRY(filter_group(f, trial, f->d->group[g].n));
    }
    NAX_TRY(nax_i_stage_poll(&stage, g + 1, (double)NAN));
  }
done:
  nax_i_free(f->sensors);
  nax_i_gpfa_sensors_free(f->d, real);
  return status;
}

nax_status
nax_gpfa_infer(nax_ctx *ctx, const nax_gpfa *m, nax_index n_trials,
               const nax_view *trials, const nax_gpfa_infer_opts *opts,
               nax_gpfa_posterior **out)
{
  nax_status status = NAX_OK;
  nax_gpfa_infer_opts o;
  nax_i_gpfa_data d = {.y = NULL};
  nax_i_gpfa_estep e = {.x = NULL};
  nax_gpfa_posterior *p = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpfa_infer_table, &o, opts));
  NAX_REQUIRE(o.ahead == 0 || o.given == NAX_GPFA_FILTERED, NAX_EINVAL,
              "`ahead` is %lld, but a forecast needs `given` filtered",
              (long long)o.ahead);
  NAX_TRY(nax_i_gpfa_model_data(ctx, __func__, m, n_trials, trials, &d));
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  p->q = m->par.q;
  p->n_trials = n_trials;
  p->covariances = o.covariances;
  NAX_TRY_ALLOC(p->start, n_trials + 1, sizeof *p->start);
  memcpy(p->start, d.start, (size_t)(n_trials + 1) * sizeof *p->start);
  NAX_TRY(nax_i_gpfa_estep_init(ctx, &d, p->q, NAX_I_GPFA_BIN_COV, &e));
  NAX_TRY(nax_i_gpfa_model_estep(ctx, m, &d, &e));
  p->ll = e.ll;
  p->mean = e.x;
  p->cov = e.v;
  e.x = e.v = NULL;
  if (o.given == NAX_GPFA_FILTERED && m->opts.likelihood == NAX_GPFA_POISSON) {
    NAX_TRY(nax_i_gpfa_filter_poisson(ctx, &d, &m->par, m->opts.rank_tol, o.ahead,
                                      p->mean, p->cov));
  } else if (o.given == NAX_GPFA_FILTERED) {
    filter f = {.ctx = ctx, .d = &d, .p = &m->par, .ahead = o.ahead, .out = p};
    NAX_TRY(run_filter(&f));
  }
  *out = p;
  p = NULL;
done:
  nax_i_gpfa_data_free(&d);
  nax_i_gpfa_estep_free(&e);
  nax_gpfa_posterior_free(p);
  return status;
}

nax_index
nax_gpfa_posterior_n_trials(const nax_gpfa_posterior *p)
{
  return p->n_trials;
}

int
nax_i_gpfa_keeps_covariances(const nax_gpfa_posterior *p)
{
  return p->covariances;
}

nax_index
nax_gpfa_posterior_n_latents(const nax_gpfa_posterior *p)
{
  return p->q;
}

nax_index
nax_gpfa_posterior_length(const nax_gpfa_posterior *p, nax_index k)
{
  return k >= 0 && k < p->n_trials ? p->start[k + 1] - p->start[k] : 0;
}

const double *
nax_gpfa_posterior_mean(const nax_gpfa_posterior *p, nax_index k)
{
  return k >= 0 && k < p->n_trials ? p->mean + p->start[k] * p->q : NULL;
}

const double *
nax_gpfa_posterior_cov(const nax_gpfa_posterior *p, nax_index k)
{
  return k >= 0 && k < p->n_trials ? p->cov + p->start[k] * p->q * p->q : NULL;
}

double
nax_gpfa_posterior_loglik(const nax_gpfa_posterior *p)
{
  return p->ll;
}

/* --- orthonormal latents ---------------------------------------------------------------
 */

nax_status
nax_i_gpfa_turn(nax_ctx *ctx, const nax_i_gpfa_par *p, double *u, double *turn)
{
  nax_status status = NAX_OK;
  nax_index n = p->n, q = p->q;
  double *a = NULL, *s = NULL;
  NAX_TRY_ALLOC(a, n * q, sizeof *a);
  NAX_TRY_ALLOC(s, q, sizeof *s);
  memcpy(a, p->c, (size_t)(n * q) * sizeof *a);
  NAX_TRY(nax_i_gesdd(ctx, "nax_gpfa_orthonormal", n, q, a, n, s, u, n, turn, q));
  for (nax_index i = 0; i < q * q; i++) {
    turn[i] *= s[i % q];
  }
done:
  nax_i_free(a);
  nax_i_free(s);
  return status;
}

nax_status
nax_gpfa_orthonormal(nax_ctx *ctx, const nax_gpfa *m, double *loadings, double *turn)
{
  nax_status status = NAX_OK;
  nax_index n = m->par.n, q = m->par.q;
  double *u = NULL, *t = NULL;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(u, n * q, sizeof *u);
  NAX_TRY_ALLOC(t, q * q, sizeof *t);
  NAX_TRY(nax_i_gpfa_turn(ctx, &m->par, u, t));
  for (nax_index l = 0; loadings != NULL && l < q; l++) {
    for (nax_index i = 0, from = 0; i < m->n_all; i++) {
      loadings[i + l * m->n_all] = m->keep[i] ? u[from + l * n] : (double)NAN;
      from += m->keep[i];
    }
  }
  if (turn != NULL) {
    memcpy(turn, t, (size_t)(q * q) * sizeof *t);
  }
done:
  nax_i_free(u);
  nax_i_free(t);
  return status;
}

nax_status
nax_gpfa_explained(nax_ctx *ctx, const nax_gpfa *m, nax_index n_trials,
                   const nax_view *trials, double *share)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_data d = {.y = NULL};
  nax_i_gpfa_estep e = {.x = NULL};
  nax_index n = m->par.n, q = m->par.q;
  double *u = NULL, *turn = NULL, *rest = NULL, total = 0.0;
  int counts = m->opts.likelihood == NAX_GPFA_POISSON;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_gpfa_model_data(ctx, __func__, m, n_trials, trials, &d));
  NAX_TRY(nax_i_gpfa_estep_init(ctx, &d, q, counts ? NAX_I_GPFA_BIN_COV : 0, &e));
  NAX_TRY(nax_i_gpfa_model_estep(ctx, m, &d, &e));
  NAX_TRY_ALLOC(u, n * q, sizeof *u);
  NAX_TRY_ALLOC(turn, q * q, sizeof *turn);
  NAX_TRY_ALLOC(rest, n, sizeof *rest);
  NAX_TRY(nax_i_gpfa_turn(ctx, &m->par, u, turn));
  for (nax_index l = 0; l < q; l++) {
    share[l] = 0.0;
  }
  for (nax_index j = 0; j < d.n_bins; j++) {
    for (nax_index l = 0; counts && l < q; l++) { /* of the log rates: U is orthonormal */
      double x = 0.0;
      for (nax_index k = 0; k < q; k++) {
        x += turn[l + k * q] * e.x[k + j * q];
      }
      share[l] += x * x;
      total += x * x;
    }
    for (nax_index i = 0; i < n && !counts; i++) {
      double y = d.y[i + j * n];
      rest[i] = isnan(y) ? 0.0 : y - m->par.d[i];
      total += rest[i] * rest[i];
    }
    /* What latent l takes away from what those before it left. */
    for (nax_index l = 0; l < q && !counts; l++) {
      double x = 0.0;
      for (nax_index k = 0; k < q; k++) {
        x += turn[l + k * q] * e.x[k + j * q];
      }
      for (nax_index i = 0; i < n; i++) {
        double now = isnan(d.y[i + j * n]) ? 0.0 : rest[i] - u[i + l * n] * x;
        share[l] += rest[i] * rest[i] - now * now;
        rest[i] = now;
      }
    }
  }
  NAX_REQUIRE(total > 0.0, NAX_EDATA, "the trials have no variance to explain");
  for (nax_index l = 0; l < q; l++) {
    share[l] /= total;
  }
done:
  nax_i_gpfa_data_free(&d);
  nax_i_gpfa_estep_free(&e);
  nax_i_free(u);
  nax_i_free(turn);
  nax_i_free(rest);
  return status;
}

/* --- drawing from the model
 * -------------------------------------------------------------- */

/* One latent: each bin from those before it (Durbin-Levinson). */
static nax_status
draw_latent(nax_ctx *ctx, nax_rng *rng, nax_index n, const double *k, nax_index stride,
            double *x)
{
  nax_status status = NAX_OK;
  double *phi = NULL, *next = NULL, v = k[0];
  NAX_TRY_ALLOC(phi, n + 1, sizeof *phi);
  NAX_TRY_ALLOC(next, n + 1, sizeof *next);
  x[0] = nax_rng_normal(rng, 0.0, sqrt(v));
  for (nax_index i = 1; i < n; i++) {
    double r = k[i], mean = 0.0;
    for (nax_index j = 1; j < i; j++) {
      r -= phi[j] * k[i - j];
    }
    r /= v;
    for (nax_index j = 1; j < i; j++) {
      next[j] = phi[j] - r * phi[i - j];
    }
    next[i] = r;
    v *= 1.0 - r * r;
    if (!(v > 0.0)) {
      status = nax_i_fail(ctx, NAX_ENUMERIC, "nax_gpfa_sample",
                          "the covariance of a latent over %lld bins is singular to "
                          "rounding",
                          (long long)n);
      goto done;
    }
    double *swap = phi;
    phi = next;
    next = swap;
    for (nax_index j = 1; j <= i; j++) {
      mean += phi[j] * x[(i - j) * stride];
    }
    x[i * stride] = nax_rng_normal(rng, mean, sqrt(v));
  }
done:
  nax_i_free(phi);
  nax_i_free(next);
  return status;
}

nax_status
nax_gpfa_sample(nax_ctx *ctx, const nax_gpfa *m, nax_index n_trials,
                const nax_index *length, uint64_t seed, double *latents, double *activity)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_par *p = &m->par;
  nax_rng *rng = NULL;
  nax_index longest = 0, q = p->q;
  double *k = NULL, *x = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_trials >= 1 && length != NULL, NAX_EINVAL,
              "there must be at least one trial");
  for (nax_index i = 0; i < n_trials; i++) {
    NAX_REQUIRE(length[i] >= 1, NAX_EINVAL, "trial %lld has %lld bins, expected some",
                (long long)i, (long long)length[i]);
    longest = length[i] > longest ? length[i] : longest;
  }
  NAX_TRY_ALLOC(k, longest, sizeof *k);
  NAX_TRY_ALLOC(x, longest, (size_t)q * sizeof *x);
  for (nax_index i = 0, at = 0; i < n_trials; at += length[i], i++) {
    nax_rng_free(rng);
    rng = NULL;
    NAX_TRY(nax_rng_create(ctx, seed, (uint64_t)i, &rng));
    for (nax_index l = 0; l < q; l++) {
      nax_i_gpfa_kernel(p->kernel, length[i], p->u[l], p->noise[l], k, NULL, NULL);
      NAX_TRY(draw_latent(ctx, rng, length[i], k, q, x + l));
      NAX_TRY(nax_i_poll(ctx));
    }
    if (latents != NULL) {
      memcpy(latents + at * q, x, (size_t)(length[i] * q) * sizeof *x);
    }
    for (nax_index t = 0; activity != NULL && t < length[i]; t++) {
      for (nax_index j = 0, from = 0; j < m->n_all; j++) {
        double y = (double)NAN;
        if (m->keep[j]) {
          y = p->d[from];
          for (nax_index l = 0; l < q; l++) {
            y += p->c[from + l * p->n] * x[l + t * q];
          }
          y = m->opts.likelihood == NAX_GPFA_POISSON
                  ? (double)nax_rng_poisson(rng, exp(y))
                  : nax_rng_normal(rng, y, sqrt(p->r[from]));
          from++;
        }
        activity[j + (at + t) * m->n_all] = y;
      }
      NAX_TRY(nax_i_poll(ctx));
    }
  }
done:
  nax_rng_free(rng);
  nax_i_free(k);
  nax_i_free(x);
  return status;
}
