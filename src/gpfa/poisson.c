/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts that are Poisson with the rate exp(C x + d).
 *
 * The posterior is approximated by the Gaussian q(x) = N(m, V) that maximises the
 * evidence bound sum y eta - lambda - log y! - KL, eta = C m + d, lambda = exp(eta + c' V
 * c / 2), which is concave and so has one optimum. There V^-1 = K^-1 + blockdiag W and
 * V^-1 m = b with the factors W_t = C' diag(lambda_t) C, b_t = W_t m_t + C' (y_t -
 * lambda_t) of each bin: conjugate-computation variational inference (Khan & Lin 2017)
 * moves those factors towards what the current posterior asks for, and each move is the
 * posterior of Gaussian data (lowrank.c). */
#include "gpfa_i.h"
#include <math.h>

enum { MAX_STEPS = 200, HALVINGS = 40, NEWTON = 50 };

void
nax_i_gpfa_sites_free(nax_i_gpfa_sites *s)
{
  nax_i_free(s->w);
  nax_i_free(s->b);
  *s = (nax_i_gpfa_sites){.w = NULL};
}

nax_status
nax_i_gpfa_sites_init(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_index q,
                      nax_i_gpfa_sites *s)
{
  nax_status status = NAX_OK;
  *s = (nax_i_gpfa_sites){.warm = 0};
  NAX_TRY_ALLOC(s->w, d->n_bins, (size_t)(q * q) * sizeof(double));
  NAX_TRY_ALLOC(s->b, d->n_bins, (size_t)q * sizeof(double));
done:
  return status;
}

/* --- one bin ---------------------------------------------------------------------- */

/* Expected log likelihood of a bin under N(m, v), and, where `w` is not NULL, the factor
 * that this posterior asks for. */
static double
bin_terms(const nax_i_gpfa_par *p, const double *y, const double *m, const double *v,
          double *w, double *b)
{
  nax_index n = p->n, q = p->q;
  double sum = 0.0;
  if (w != NULL) {
    memset(w, 0, (size_t)(q * q) * sizeof *w);
    memset(b, 0, (size_t)q * sizeof *b);
  }
  for (nax_index i = 0; i < n; i++) {
    if (isnan(y[i])) {
      continue;
    }
    double eta = p->d[i], s = 0.0;
    for (nax_index l = 0; l < q; l++) {
      double vc = 0.0;
      for (nax_index k = 0; k < q; k++) {
        vc += v[k + l * q] * p->c[i + k * n];
      }
      eta += p->c[i + l * n] * m[l];
      s += p->c[i + l * n] * vc;
    }
    double lambda = exp(fmin(eta + 0.5 * s, NAX_I_GPFA_MOST_ETA));
    sum += y[i] * eta - lambda - lgamma(y[i] + 1.0);
    for (nax_index l = 0; w != NULL && l < q; l++) {
      double c = p->c[i + l * n];
      b[l] += c * (y[i] - lambda);
      for (nax_index k = 0; k < q; k++) {
        w[k + l * q] += lambda * c * p->c[i + k * n];
      }
    }
  }
  for (nax_index l = 0; w != NULL && l < q; l++) {
    for (nax_index k = 0; k < q; k++) {
      b[l] += w[k + l * q] * m[k];
    }
  }
  return sum;
}

/* --- one trial ---------------------------------------------------------------------- */

/* The posterior of a trial given its factors. */
typedef struct fit {
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  nax_index start, length;
  nax_index seen;           /* bins from here on are not observed */
  const nax_index *pattern; /* 0, 1, 2 ...: each bin has a factor of its own */
  nax_i_gpfa_lowrank k;
  double *w, *b;   /* factors: current */
  double *tw, *tb; /* and asked for */
  double *ow, *ob; /* before the step */
  double *m, *v;   /* q x T, q x q x T */
  double bound;
} fit;

/* Mean, covariance and bound for the factors w, b. */
static nax_status
posterior(fit *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL; /* runs in parallel blocks */
  nax_index q = f->p->q, n = f->p->n;
  double quad, trace = 0.0;
  for (nax_index t = 0; t < f->length; t++) {
    NAX_TRY(nax_i_gpfa_lowrank_pattern(ctx, f->p, t, f->w + t * q * q, &f->k));
  }
  NAX_TRY(nax_i_gpfa_lowrank_factor(ctx, &f->k, f->pattern, f->length));
  NAX_TRY(nax_i_gpfa_lowrank_mean(ctx, &f->k, f->pattern, f->length, 1, f->b, &quad));
  f->bound = 0.0;
  for (nax_index t = 0; t < f->length; t++) {
    double *m = f->m + t * q, *v = f->v + t * q * q;
    const double *w = f->w + t * q * q;
    nax_i_gpfa_lowrank_cov(&f->k, f->pattern, f->length, t, v);
    for (nax_index l = 0; l < q; l++) {
      m[l] = f->k.x[l * f->length + t];
    }
    for (nax_index l = 0; l < q; l++) {
      for (nax_index k = 0; k < q; k++) {
        trace += w[k + l * q] * (v[k + l * q] + m[k] * m[l]);
      }
    }
    if (t < f->seen) {
      f->bound += bin_terms(f->p, f->d->y + (f->start + t) * n, m, v, f->tw + t * q * q,
                            f->tb + t * q);
    }
  }
  /* KL = 1/2 [log |I + K W| - tr W V + m' (V^-1 - W) m], V^-1 m = b */
  f->bound -= 0.5 * (f->k.all_log_det + quad - trace);
done:
  return status;
}

static void
mix(nax_index n, double rho, const double *from, const double *to, double *out)
{
  for (nax_index i = 0; i < n; i++) {
    out[i] = (1.0 - rho) * from[i] + rho * to[i];
  }
}

/* Move the factors until the bound stands still. A step that lowers it is halved. */
static nax_status
iterate(fit *f, int warm)
{
  nax_status status = NAX_OK;
  nax_index q = f->p->q, nw = q * q * f->length, nb = q * f->length;
  double rho = warm ? 1.0 : 0.5;
  NAX_TRY(posterior(f));
  for (int step = 0; step < MAX_STEPS; step++) {
    double before = f->bound, moved = 0.0, size = 0.0;
    memcpy(f->ow, f->w, (size_t)nw * sizeof(double));
    memcpy(f->ob, f->b, (size_t)nb * sizeof(double));
    for (nax_index i = 0; i < nw; i++) {
      moved = fmax(moved, fabs(f->tw[i] - f->w[i]));
      size = fmax(size, fabs(f->tw[i]));
    }
    for (nax_index i = 0; i < nb; i++) {
      moved = fmax(moved, fabs(f->tb[i] - f->b[i]));
      size = fmax(size, fabs(f->tb[i]));
    }
    if (moved <= 1e-13 * size) {
      break;
    }
    int h = 0;
    for (; h < HALVINGS; h++, rho *= 0.5) {
      double *tw = f->tw, *tb = f->tb;
      mix(nw, rho, f->ow, tw, f->w);
      mix(nb, rho, f->ob, tb, f->b);
      status = posterior(f);
      if (status == NAX_OK && f->bound >= before - 1e-13 * (1.0 + fabs(before))) {
        break;
      }
      if (status != NAX_OK && status != NAX_ENUMERIC && status != NAX_EDATA) {
        goto done;
      }
      /* what was asked for is overwritten: ask again from where the step began */
      memcpy(f->w, f->ow, (size_t)nw * sizeof(double));
      memcpy(f->b, f->ob, (size_t)nb * sizeof(double));
      NAX_TRY(posterior(f));
    }
    if (h == HALVINGS) {
      break;
    }
    if (warm || step >= 3) {
      rho = h == 0 ? fmin(1.0, 2.0 * rho) : rho;
    }
    /* Near the optimum the bound tells nothing more; the factors still do. */
    if (moved <= 1e-9 * size && f->bound - before <= 1e-14 * fabs(before)) {
      break;
    }
  }
done:
  return status;
}

static void
free_fit(fit *f)
{
  double *const all[] = {f->w, f->b, f->tw, f->tb, f->ow, f->ob, f->m, f->v};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(all[i]);
  }
  nax_i_gpfa_lowrank_free(&f->k);
}

static nax_status
init_fit(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
         const nax_i_gpfa_basis *basis, const nax_index *pattern, nax_index start,
         nax_index length, fit *f)
{
  nax_status status = NAX_OK;
  nax_index q = p->q;
  *f = (fit){.d = d,
             .p = p,
             .start = start,
             .length = length,
             .seen = length,
             .pattern = pattern};
  double **square[] = {&f->w, &f->tw, &f->ow, &f->v};
  double **flat[] = {&f->b, &f->tb, &f->ob, &f->m};
  for (int i = 0; i < 4; i++) {
    NAX_TRY_ALLOC(*square[i], length, (size_t)(q * q) * sizeof(double));
    NAX_TRY_ALLOC(*flat[i], length, (size_t)q * sizeof(double));
  }
  NAX_TRY(nax_i_gpfa_lowrank_init(ctx, basis, length, 1, &f->k));
done:
  return status;
}

typedef struct job {
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  const nax_i_gpfa_basis *basis;
  const nax_index *pattern;
  nax_i_gpfa_sites *s;
  nax_index ahead; /* of filtering, and its results */
  double *mean, *cov;
} job;

/* 0, 1, 2 ...: each bin has a factor of its own. */
static nax_status
one_per_bin(nax_ctx *ctx, nax_index n, nax_index **out)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(*out, n, sizeof **out);
  for (nax_index t = 0; t < n; t++) {
    (*out)[t] = t;
  }
done:
  return status;
}

static nax_status
do_trial(int64_t trial, void *arg)
{
  nax_status status = NAX_OK;
  const job *j = arg;
  nax_index q = j->p->q, start = j->d->start[trial];
  fit f;
  NAX_TRY(init_fit(NULL, j->d, j->p, j->basis, j->pattern, start,
                   j->d->start[trial + 1] - start, &f));
  size_t nw = (size_t)(f.length * q * q) * sizeof(double);
  size_t nb = (size_t)(f.length * q) * sizeof(double);
  memcpy(f.w, j->s->w + start * q * q, nw);
  memcpy(f.b, j->s->b + start * q, nb);
  NAX_TRY(iterate(&f, j->s->warm));
  memcpy(j->s->w + start * q * q, f.w, nw);
  memcpy(j->s->b + start * q, f.b, nb);
done:
  free_fit(&f);
  return status;
}

/* The posterior for the factors found, one trial after the other: sums in fixed order. */
static nax_status
collect(nax_ctx *ctx, const job *j, nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = j->d;
  nax_index q = j->p->q;
  fit f = {.w = NULL};
  for (nax_index trial = 0; trial < d->n_trials; trial++) {
    nax_index start = d->start[trial];
    free_fit(&f);
    NAX_TRY(init_fit(ctx, d, j->p, j->basis, j->pattern, start,
                     d->start[trial + 1] - start, &f));
    memcpy(f.w, j->s->w + start * q * q, (size_t)(f.length * q * q) * sizeof(double));
    memcpy(f.b, j->s->b + start * q, (size_t)(f.length * q) * sizeof(double));
    NAX_TRY(posterior(&f));
    e->ll += f.bound;
    memcpy(e->x + start * q, f.m, (size_t)(f.length * q) * sizeof(double));
    memcpy(e->v + start * q * q, f.v, (size_t)(f.length * q * q) * sizeof(double));
    for (nax_index i = 0; i < f.length * q * q; i++) {
      e->vsum[i % (q * q)] += f.v[i];
    }
    for (nax_index l = 0; e->p != NULL && l < q; l++) {
      double *p = e->p[d->length_of[trial]] + l * f.length * f.length;
      NAX_TRY(nax_i_gpfa_lowrank_moments(ctx, &f.k, f.pattern, f.length, 1.0, l, p));
      NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, f.length, 1, 1.0, f.k.x + l * f.length,
                         f.length, 1.0, p, f.length));
    }
  }
done:
  free_fit(&f);
  return status;
}

nax_status
nax_i_gpfa_estep_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                         const nax_i_gpfa_basis *basis, nax_i_gpfa_sites *s,
                         nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_index *pattern = NULL;
  nax_i_gpfa_estep_clear(d, p->q, e);
  NAX_TRY(one_per_bin(ctx, d->longest, &pattern));
  job j = {.d = d, .p = p, .basis = basis, .pattern = pattern, .s = s};
  NAX_TRY(nax_i_parallel(ctx, NULL, d->n_trials, do_trial, &j));
  s->warm = 1;
  NAX_TRY(collect(ctx, &j, e));
done:
  nax_i_free(pattern);
  return status;
}

/* --- filtering ------------------------------------------------------------------------
 */

/* Bins [from, to) of a trial from a window that begins at w0. The factors of the bins
 * before, in w and b, are where each posterior begins; they are moved on. */
static nax_status
filter_window(const job *j, fit *f, nax_index w0, nax_index from, nax_index to, double *w,
              double *b)
{
  nax_status status = NAX_OK;
  nax_index q = j->p->q, start = f->start;
  size_t square = (size_t)(q * q) * sizeof(double), flat = (size_t)q * sizeof(double);
  memset(f->w, 0, (size_t)(to - w0 + j->ahead) * square);
  memset(f->b, 0, (size_t)(to - w0 + j->ahead) * flat);
  memcpy(f->w, w + w0 * q * q, (size_t)(from - w0) * square);
  memcpy(f->b, b + w0 * q, (size_t)(from - w0) * flat);
  f->start = start + w0;
  for (nax_index t = from; t < to; t++) {
    nax_index at = t - w0 + j->ahead;
    f->seen = f->length = t - w0 + 1;
    NAX_TRY(iterate(f, 1));
    if (j->ahead > 0) {
      f->length = at + 1;
      NAX_TRY(posterior(f));
    }
    memcpy(j->mean + (start + t) * q, f->m + at * q, flat);
    memcpy(j->cov + (start + t) * q * q, f->v + at * q * q, square);
  }
  memcpy(w + w0 * q * q, f->w, (size_t)(to - w0) * square);
  memcpy(b + w0 * q, f->b, (size_t)(to - w0) * flat);
done:
  f->start = start;
  return status;
}

/* Block after block, each with the bins before it that it can remember. */
static nax_status
filter_trial(int64_t trial, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const job *j = arg;
  nax_index q = j->p->q, start = j->d->start[trial], room = j->basis->t_max;
  nax_index length = j->d->start[trial + 1] - start, block = (room - j->ahead + 1) / 2;
  double *w = NULL, *b = NULL;
  fit f;
  NAX_TRY(init_fit(ctx, j->d, j->p, j->basis, j->pattern, start, room, &f));
  NAX_TRY_ALLOC(w, length, (size_t)(q * q) * sizeof *w);
  NAX_TRY_ALLOC(b, length, (size_t)q * sizeof *b);
  for (nax_index from = 0; from < length; from += block) {
    nax_index to = length - from > block ? from + block : length;
    NAX_TRY(filter_window(j, &f, from > block ? from - block : 0, from, to, w, b));
  }
done:
  free_fit(&f);
  nax_i_free(w);
  nax_i_free(b);
  return status;
}

/* A bound for what the counts of a bin tell about the latents. */
static double
told_by_counts(const nax_i_gpfa_par *p)
{
  double sum = 0.0;
  for (nax_index i = 0; i < p->n; i++) {
    double size = 0.0;
    for (nax_index l = 0; l < p->q; l++) {
      size += p->c[i + l * p->n] * p->c[i + l * p->n];
    }
    sum += size * exp(fmin(p->d[i] + size, NAX_I_GPFA_MOST_ETA));
  }
  return sum;
}

nax_status
nax_i_gpfa_filter_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                          double rank_tol, nax_index ahead, double *mean, double *cov)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_basis basis = {.phi = NULL};
  nax_i_stage stage;
  nax_index *pattern = NULL;
  nax_index reach = nax_i_gpfa_reach(p, told_by_counts(p), NAX_I_GPFA_LOG_TOL);
  nax_index room = (d->longest < 2 * reach ? d->longest : 2 * reach) + ahead;
  NAX_TRY(one_per_bin(ctx, room, &pattern));
  NAX_TRY(nax_i_gpfa_basis_init(ctx, p, room, rank_tol, &basis));
  job j = {.d = d,
           .p = p,
           .basis = &basis,
           .pattern = pattern,
           .ahead = ahead,
           .mean = mean,
           .cov = cov};
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_gpfa_infer", "gpfa/filter", d->n_trials));
  NAX_TRY(nax_i_parallel(ctx, &stage, d->n_trials, filter_trial, &j));
done:
  nax_i_gpfa_basis_free(&basis);
  nax_i_free(pattern);
  return status;
}

/* --- M-step ------------------------------------------------------------------------- */

typedef struct neurons {
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_estep *e;
  nax_i_gpfa_par *p;
} neurons;

/* The part of the bound that (c, d) of neuron i enters (z = c then d), and its gradient
 * and minus Hessian where they are not NULL. */
static double
neuron_terms(const neurons *a, nax_index i, const double *z, double *g, double *h,
             double *vc)
{
  nax_index q = a->p->q, n = a->p->n, w = q + 1;
  double sum = 0.0;
  if (g != NULL) {
    memset(g, 0, (size_t)w * sizeof *g);
    memset(h, 0, (size_t)(w * w) * sizeof *h);
  }
  for (nax_index t = 0; t < a->d->n_bins; t++) {
    double y = a->d->y[i + t * n], eta = z[q], s = 0.0;
    const double *m = a->e->x + t * q, *v = a->e->v + t * q * q;
    if (isnan(y)) {
      continue;
    }
    for (nax_index l = 0; l < q; l++) {
      vc[l] = 0.0;
      for (nax_index k = 0; k < q; k++) {
        vc[l] += v[k + l * q] * z[k];
      }
      eta += z[l] * m[l];
      s += z[l] * vc[l];
    }
    double lambda = exp(fmin(eta + 0.5 * s, NAX_I_GPFA_MOST_ETA));
    sum += y * eta - lambda;
    if (g == NULL) {
      continue;
    }
    for (nax_index l = 0; l < q; l++) {
      double gl = m[l] + vc[l];
      g[l] += y * m[l] - lambda * gl;
      for (nax_index k = 0; k <= l; k++) {
        h[l + k * w] += lambda * (gl * (m[k] + vc[k]) + v[l + k * q]);
      }
      h[q + l * w] += lambda * gl;
    }
    g[q] += y - lambda;
    h[q + q * w] += lambda;
  }
  return sum;
}

static nax_status
fit_neuron(int64_t i, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const neurons *a = arg;
  nax_index q = a->p->q, n = a->p->n, w = q + 1;
  double *mem = NULL;
  NAX_TRY_ALLOC(mem, w * w + 4 * w, sizeof *mem);
  double *h = mem, *g = h + w * w, *z = g + w, *next = z + w, *vc = next + w;
  for (nax_index l = 0; l < q; l++) {
    z[l] = a->p->c[i + l * n];
  }
  z[q] = a->p->d[i];
  for (int step = 0; step < NEWTON; step++) {
    double now = neuron_terms(a, i, z, g, h, vc), slope = 0.0;
    for (nax_index l = 0; l < w; l++) {
      next[l] = g[l];
      for (nax_index k = 0; k < l; k++) {
        h[k + l * w] = h[l + k * w];
      }
      h[l + l * w] += 1e-12 * (1.0 + h[l + l * w]);
    }
    NAX_TRY(
        nax_i_potrf(ctx, "nax_gpfa_fit", "the Hessian of a neuron", w, h, w, 1, NULL));
    NAX_TRY(nax_i_potrs(ctx, w, 1, h, w, next, w));
    for (nax_index l = 0; l < w; l++) {
      slope += next[l] * g[l];
    }
    double size = 1.0;
    int moved = 0;
    for (int k = 0; k < HALVINGS && !moved; k++, size *= 0.5) {
      double *at = g; /* not needed any more */
      for (nax_index l = 0; l < w; l++) {
        at[l] = z[l] + size * next[l];
      }
      if (neuron_terms(a, i, at, NULL, NULL, vc) >= now + 1e-4 * size * slope) {
        memcpy(z, at, (size_t)w * sizeof *z);
        moved = 1;
      }
    }
    if (!moved || slope < 1e-12 * (1.0 + fabs(now))) {
      break;
    }
  }
  for (nax_index l = 0; l < q; l++) {
    a->p->c[i + l * n] = z[l];
  }
  a->p->d[i] = z[q];
done:
  nax_i_free(mem);
  return status;
}

nax_status
nax_i_gpfa_mstep_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d,
                         const nax_i_gpfa_estep *e, nax_i_gpfa_par *p)
{
  neurons a = {d, e, p};
  return nax_i_parallel(ctx, NULL, p->n, fit_neuron, &a);
}
