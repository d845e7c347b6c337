/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leave-neuron-out prediction.
 *
 * In closed form: with V the posterior covariance of the latents of a trial given all
 * neurons, the part of neuron i in it is A(t, s) = c_i' V(t, s) c_i / R_i, and with the
 * residuals e = y_i - d_i - c_i' x the prediction of y_i from the other neurons is
 * y_i - w, w = (I - A)^-1 e, its covariance R_i (I - A)^-1, and the latents without
 * neuron i are x - V c_i w / R_i. Where neuron i is missing, its bins are left out of A
 * and e.
 *
 * Where there is no V (very long trials) or no closed form (counts), neuron i is taken
 * away and the posterior of the others computed. The log density is then the difference
 * of the likelihoods (of counts: of their bounds) with and without it. */
#include "gpfa_i.h"
#include <math.h>

typedef struct job {
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  const double *x; /* posterior means, q x bins */
  const double *u, *turn;
  double *predicted;     /* n_neurons x bins */
  double *density, *sse; /* per neuron */
  double *reduced;       /* q x neurons x trials, or NULL */
  const double *turned;  /* q x bins: orthonormal means, with `reduced` */
  /* in closed form */
  const double *v;        /* covariance of a trial, (q T) square, latent-major */
  const nax_index *trial; /* that share v */
  nax_index n, length;
  /* neuron by neuron */
  double ll;                     /* of all neurons */
  const nax_i_gpfa_basis *basis; /* of counts; NULL: Gaussian */
  const nax_i_gpfa_sites *sites;
} job;

/* --- what the latents without a neuron predict ---------------------------------------
 */

/* Of neuron i with loadings a, from latents with mean x and (counts) covariance v. */
static double
prediction(const job *j, nax_index i, const double *a, const double *x, const double *v)
{
  nax_index q = j->p->q;
  double eta = j->p->d[i], var = 0.0;
  for (nax_index l = 0; l < q; l++) {
    eta += a[l] * x[l];
    for (nax_index k = 0; j->basis != NULL && k < q; k++) {
      var += a[l] * v[k + l * q] * a[k];
    }
  }
  return j->basis != NULL ? exp(fmin(eta + 0.5 * var, NAX_I_GPFA_MOST_ETA)) : eta;
}

/* Squared errors by the first 1, 2, ... orthonormal latents; `a` has room for q. */
static void
add_reduced(const job *j, nax_index i, nax_index trial, double y, const double *x,
            const double *v, double *a)
{
  nax_index n = j->p->n, q = j->p->q;
  memset(a, 0, (size_t)q * sizeof *a);
  for (nax_index k = 0; k < q; k++) {
    for (nax_index l = 0; l < q; l++) {
      a[l] += j->u[i + k * n] * j->turn[k + l * q];
    }
    double rest = y - prediction(j, i, a, x, v);
    j->reduced[k + (i + trial * n) * q] += rest * rest;
  }
}

/* --- in closed form -------------------------------------------------------------------
 */

/* Trials whose predictions are computed side by side. */
enum { BATCH = 64 };

/* Scratch of one neuron. */
typedef struct scratch {
  double *h;     /* (q T) x T: V c */
  double *th;    /* the same in orthonormal coordinates, with `reduced` */
  double *a;     /* I - A of the observed bins, then its Cholesky factor */
  double *w;     /* m x trials: residuals, then what the prediction misses by */
  double *part;  /* columns of th of the observed bins */
  double *shift; /* (q T) x trials: what the neuron moves the latents by */
  nax_index *bin, *trial, m;
} scratch;

static void
free_scratch(scratch *s)
{
  nax_i_free(s->h);
  nax_i_free(s->th);
  nax_i_free(s->a);
  nax_i_free(s->w);
  nax_i_free(s->part);
  nax_i_free(s->shift);
  nax_i_free(s->bin);
  nax_i_free(s->trial);
}

/* Residual of neuron i in bin b of the data. */
static double
residual(const job *j, nax_index i, nax_index b)
{
  nax_index q = j->p->q, n = j->p->n;
  double e = j->d->y[i + b * n] - j->p->d[i];
  for (nax_index l = 0; l < q; l++) {
    e -= j->p->c[i + l * n] * j->x[l + b * q];
  }
  return e;
}

/* s->bin: the bins in which trial `trial` has neuron i. */
static void
find_bins(const job *j, nax_index i, nax_index trial, scratch *s)
{
  s->m = 0;
  for (nax_index t = 0; t < j->length; t++) {
    if (!isnan(j->d->y[i + (j->d->start[trial] + t) * j->p->n])) {
      s->bin[s->m++] = t;
    }
  }
}

/* Cholesky factor of I - A for s->bin, and the columns of th of those bins. */
static nax_status
factorise(const job *j, nax_index i, scratch *s)
{
  nax_index q = j->p->q, n = j->p->n, t_n = j->length, m = s->m, rows = q * t_n;
  for (nax_index b = 0; b < m; b++) {
    const double *h = s->h + s->bin[b] * rows;
    for (nax_index a = b; a < m; a++) {
      double sum = 0.0;
      for (nax_index l = 0; l < q; l++) {
        sum += j->p->c[i + l * n] * h[l * t_n + s->bin[a]];
      }
      s->a[a + b * m] = (a == b) - sum / j->p->r[i];
    }
    if (j->reduced != NULL && m < t_n) {
      memcpy(s->part + b * rows, s->th + s->bin[b] * rows, (size_t)rows * sizeof(double));
    }
  }
  return nax_i_potrf(NULL, "nax_gpfa_leave_neuron_out", "the precision of a neuron", m,
                     s->a, m, 1, NULL);
}

/* Squared errors by the first 1, 2, ... orthonormal latents in one trial, whose column of
 * s->shift is given. */
static void
add_reduced_trial(const job *j, const scratch *s, nax_index i, nax_index trial,
                  const double *shift)
{
  nax_index q = j->p->q, n = j->p->n, t_n = j->length, start = j->d->start[trial];
  double *out = j->reduced + (i + trial * n) * q;
  for (nax_index b = 0; b < s->m; b++) {
    nax_index t = s->bin[b];
    const double *x = j->turned + (start + t) * q;
    double rest = j->d->y[i + (start + t) * n] - j->p->d[i];
    for (nax_index k = 0; k < q; k++) {
      rest -= j->u[i + k * n] * (x[k] - shift[k * t_n + t]);
      out[k] += rest * rest;
    }
  }
}

/* Predictions of neuron i in n trials that have it in the bins of s->bin, after
 * `factorise`. */
static nax_status
predict(const job *j, scratch *s, nax_index i, const nax_index *trial, nax_index n)
{
  nax_status status = NAX_OK;
  nax_index m = s->m, neurons = j->p->n, rows = j->p->q * j->length;
  double r = j->p->r[i], constant = (double)m * (NAX_I_LOG_2PI + log(r));
  constant -= nax_i_chol_logdet(m, s->a, m);
  for (nax_index k = 0; k < n; k++) {
    for (nax_index b = 0; b < m; b++) {
      s->w[b + k * m] = residual(j, i, j->d->start[trial[k]] + s->bin[b]);
    }
  }
  NAX_TRY(nax_i_trsm(NULL, NAX_I_PLAIN, m, n, s->a, m, s->w, m));
  for (nax_index k = 0; k < n; k++) {
    double quad = 0.0;
    for (nax_index b = 0; b < m; b++) {
      quad += s->w[b + k * m] * s->w[b + k * m];
    }
    j->density[i] -= 0.5 * (quad / r + constant);
  }
  NAX_TRY(nax_i_trsm(NULL, NAX_I_TRANS, m, n, s->a, m, s->w, m));
  for (nax_index k = 0; k < n; k++) {
    for (nax_index b = 0; b < m; b++) {
      nax_index at = i + (j->d->start[trial[k]] + s->bin[b]) * neurons;
      j->sse[i] += s->w[b + k * m] * s->w[b + k * m];
      j->predicted[at] = j->d->y[at] - s->w[b + k * m];
    }
  }
  if (j->reduced == NULL) {
    goto done;
  }
  NAX_TRY(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, rows, n, m, 1.0 / r,
                     m < j->length ? s->part : s->th, rows, s->w, m, 0.0, s->shift,
                     rows));
  for (nax_index k = 0; k < n; k++) {
    add_reduced_trial(j, s, i, trial[k], s->shift + k * rows);
  }
done:
  return status;
}

/* V c of neuron i, and where reduced predictions are wanted its orthonormal
 * coordinates. */
static nax_status
make_gain(const job *j, nax_index i, scratch *s)
{
  nax_index q = j->p->q, t_n = j->length, rows = q * t_n;
  for (nax_index m = 0; m < q; m++) {
    double c = j->p->c[i + m * j->p->n];
    for (nax_index t = 0; t < t_n; t++) {
      const double *v = j->v + (m * t_n + t) * rows;
      double *h = s->h + t * rows;
      for (nax_index k = 0; k < rows; k++) {
        h[k] += c * v[k];
      }
    }
  }
  nax_status status = NAX_OK;
  for (nax_index t = 0; j->reduced != NULL && t < t_n && status == NAX_OK; t++) {
    status = nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_TRANS, t_n, q, q, 1.0, s->h + t * rows,
                        t_n, j->turn, q, 0.0, s->th + t * rows, t_n);
  }
  return status;
}

static nax_status
do_neuron(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const job *j = arg;
  nax_index i = block, t_n = j->length, rows = j->p->q * t_n;
  nax_index most = j->n < BATCH ? j->n : BATCH, n_whole = 0;
  scratch s = {.h = NULL};
  NAX_TRY_ALLOC(s.h, t_n, (size_t)rows * sizeof(double));
  NAX_TRY_ALLOC(s.a, t_n, (size_t)t_n * sizeof(double));
  NAX_TRY_ALLOC(s.w, t_n, (size_t)most * sizeof(double));
  NAX_TRY_ALLOC(s.bin, t_n, sizeof *s.bin);
  NAX_TRY_ALLOC(s.trial, j->n, sizeof *s.trial);
  if (j->reduced != NULL) {
    NAX_TRY_ALLOC(s.th, t_n, (size_t)rows * sizeof(double));
    NAX_TRY_ALLOC(s.shift, rows, (size_t)most * sizeof(double));
  }
  if (j->reduced != NULL && j->d->n_missing > 0) {
    NAX_TRY_ALLOC(s.part, t_n, (size_t)rows * sizeof(double));
  }
  NAX_TRY(make_gain(j, i, &s));
  for (nax_index k = 0; k < j->n; k++) {
    find_bins(j, i, j->trial[k], &s);
    if (s.m == t_n) {
      s.trial[n_whole++] = j->trial[k];
    } else if (s.m > 0) {
      NAX_TRY(factorise(j, i, &s));
      NAX_TRY(predict(j, &s, i, j->trial + k, 1));
    }
  }
  for (nax_index k = 0; k < n_whole; k += most) {
    if (k == 0) {
      find_bins(j, i, s.trial[0], &s);
      NAX_TRY(factorise(j, i, &s));
    }
    NAX_TRY(predict(j, &s, i, s.trial + k, n_whole - k < most ? n_whole - k : most));
  }
done:
  free_scratch(&s);
  return status;
}

/* V of trials of `length` bins: prior less W'W over the rows of those bins. */
static nax_status
covariance(nax_ctx *ctx, const nax_i_gpfa_nested *n, nax_index length, double *v)
{
  nax_status status = NAX_OK;
  nax_index q = n->q, rows = n->row[n->t_max], used = n->row[length], size = q * length;
  double *w = NULL;
  NAX_TRY_ALLOC(w, size, (size_t)(used > 0 ? used : 1) * sizeof *w);
  for (nax_index l = 0; l < q; l++) {
    for (nax_index t = 0; t < length; t++) {
      memcpy(w + (l * length + t) * used, n->w + (l * n->t_max + t) * rows,
             (size_t)used * sizeof *w);
    }
  }
  memset(v, 0, (size_t)(size * size) * sizeof *v);
  for (nax_index l = 0; l < q; l++) {
    for (nax_index s = 0; s < length; s++) {
      for (nax_index t = 0; t < length; t++) {
        v[l * length + t + (l * length + s) * size] =
            n->k[(t > s ? t - s : s - t) + l * n->t_max];
      }
    }
  }
  if (used > 0) {
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, size, used, -1.0, w, used, 1.0, v, size));
  }
done:
  nax_i_free(w);
  return status;
}

static nax_status
do_group(nax_ctx *ctx, nax_i_stage *stage, job *j, const nax_i_gpfa_sensor *sensors,
         const nax_index *trial, nax_index n, int64_t *n_done)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = j->d;
  nax_i_gpfa_nested nested = {.l = NULL};
  nax_index last = trial[n - 1], t_max = d->start[last + 1] - d->start[last];
  nax_index size = j->p->q * t_max;
  double *v = NULL;
  NAX_TRY(nax_i_gpfa_nested_init(ctx, j->p, sensors, d->pattern + d->start[last], t_max,
                                 &nested));
  NAX_TRY_ALLOC(v, size, (size_t)size * sizeof *v);
  for (nax_index a = 0, b; a < n; a = b) {
    for (b = a + 1; b < n && d->length_of[trial[b]] == d->length_of[trial[a]]; b++) {
    }
    j->length = d->length[d->length_of[trial[a]]];
    j->trial = trial + a;
    j->n = b - a;
    j->v = v;
    NAX_TRY(covariance(ctx, &nested, j->length, v));
    NAX_TRY(nax_i_parallel(ctx, NULL, j->p->n, do_neuron, j));
    *n_done += b - a;
    NAX_TRY(nax_i_stage_poll(stage, *n_done, (double)NAN));
  }
done:
  nax_i_gpfa_nested_free(&nested);
  nax_i_free(v);
  return status;
}

/* All groups. */
static nax_status
closed_form(nax_ctx *ctx, const char *fn, job *j)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = j->d;
  nax_i_gpfa_sensor *sensors = NULL;
  nax_i_stage stage;
  int64_t n_done = 0;
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, d, j->p, &sensors));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "gpfa/leave-neuron-out", d->n_trials));
  for (nax_index g = 0; g < d->n_groups; g++) {
    NAX_TRY(do_group(ctx, &stage, j, sensors, d->order + d->group[g].first, d->group[g].n,
                     &n_done));
  }
done:
  nax_i_gpfa_sensors_free(d, sensors);
  return status;
}

/* --- neuron by neuron -----------------------------------------------------------------
 */

/* Posterior of the neurons of `d`, which begins where that of all neurons was. */
static nax_status
posterior_without(const job *j, const nax_i_gpfa_data *d, nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  nax_i_gpfa_sites s = {.w = NULL};
  nax_index q = j->p->q;
  if (j->basis == NULL) {
    NAX_TRY(nax_i_gpfa_estep_run(ctx, d, j->p, NAX_GPFA_AUTO, 0.0, e));
    goto done;
  }
  NAX_TRY(nax_i_gpfa_sites_init(ctx, d, q, &s));
  memcpy(s.w, j->sites->w, (size_t)(d->n_bins * q * q) * sizeof *s.w);
  memcpy(s.b, j->sites->b, (size_t)(d->n_bins * q) * sizeof *s.b);
  s.warm = j->sites->warm;
  NAX_TRY(nax_i_gpfa_estep_poisson(ctx, d, j->p, j->basis, &s, e));
done:
  nax_i_gpfa_sites_free(&s);
  return status;
}

static nax_status
take_away(int64_t i, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const job *j = arg;
  const nax_i_gpfa_data *all = j->d;
  nax_i_gpfa_data d = {.y = NULL};
  nax_i_gpfa_estep e = {.x = NULL};
  nax_index n = j->p->n, q = j->p->q;
  double *a = NULL;
  NAX_TRY(nax_i_gpfa_data_without(ctx, all, i, &d));
  NAX_TRY(
      nax_i_gpfa_estep_init(ctx, &d, q, j->basis != NULL ? NAX_I_GPFA_BIN_COV : 0, &e));
  NAX_TRY(posterior_without(j, &d, &e));
  NAX_TRY_ALLOC(a, 2 * q, sizeof *a);
  double *c = a + q;
  for (nax_index l = 0; l < q; l++) {
    c[l] = j->p->c[i + l * n];
  }
  j->density[i] = j->ll - e.ll;
  for (nax_index k = 0; k < all->n_trials; k++) {
    for (nax_index b = all->start[k]; b < all->start[k + 1]; b++) {
      double y = all->y[i + b * n];
      const double *x = e.x + b * q, *v = e.v != NULL ? e.v + b * q * q : NULL;
      double to = isnan(y) ? (double)NAN : prediction(j, i, c, x, v);
      j->predicted[i + b * n] = to;
      if (!isnan(y)) {
        j->sse[i] += (y - to) * (y - to);
      }
      if (!isnan(y) && j->reduced != NULL) {
        add_reduced(j, i, k, y, x, v, a);
      }
    }
  }
done:
  nax_i_gpfa_data_free(&d);
  nax_i_gpfa_estep_free(&e);
  nax_i_free(a);
  return status;
}

static nax_status
neuron_by_neuron(nax_ctx *ctx, const char *fn, job *j)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "gpfa/leave-neuron-out", j->p->n));
  NAX_TRY(nax_i_parallel(ctx, &stage, j->p->n, take_away, j));
done:
  return status;
}

/* --- either way -----------------------------------------------------------------------
 */

nax_status
nax_gpfa_leave_neuron_out(nax_ctx *ctx, const nax_gpfa *m, nax_index n_trials,
                          const nax_view *trials, double *predicted, double *reduced,
                          nax_gpfa_lno *out)
{
  nax_status status = NAX_OK;
  nax_index q = m->par.q;
  double *by_trial = NULL;
  *out = (nax_gpfa_lno){0.0, 0.0};
  nax_i_begin(ctx);
  if (reduced != NULL && n_trials > 0) {
    NAX_TRY_ALLOC(by_trial, n_trials, (size_t)q * sizeof *by_trial);
  }
  NAX_TRY(nax_i_gpfa_leave_neuron_out(ctx, __func__, m, n_trials, trials, predicted,
                                      by_trial, out));
  for (nax_index k = 0; reduced != NULL && k < q; k++) {
    reduced[k] = 0.0;
    for (nax_index i = 0; i < n_trials; i++) {
      reduced[k] += by_trial[k + i * q];
    }
  }
done:
  nax_i_free(by_trial);
  return status;
}

nax_status
nax_i_gpfa_leave_neuron_out(nax_ctx *ctx, const char *fn, const nax_gpfa *m,
                            nax_index n_trials, const nax_view *trials, double *predicted,
                            double *by_trial, nax_gpfa_lno *out)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_data d = {.y = NULL};
  nax_i_gpfa_estep e = {.x = NULL};
  nax_i_gpfa_sites sites = {.w = NULL};
  nax_i_gpfa_basis basis = {.phi = NULL};
  nax_index n = m->par.n, q = m->par.q;
  int counts = m->opts.likelihood == NAX_GPFA_POISSON;
  double *mem = NULL, *per = NULL, *reduced = NULL, *turned = NULL;
  *out = (nax_gpfa_lno){0.0, 0.0};
  NAX_TRY(nax_i_gpfa_model_data(ctx, fn, m, n_trials, trials, &d));
  NAX_TRY(nax_i_gpfa_estep_init(ctx, &d, q, counts ? NAX_I_GPFA_BIN_COV : 0, &e));
  if (counts) {
    NAX_TRY(nax_i_gpfa_sites_init(ctx, &d, q, &sites));
    NAX_TRY(nax_i_gpfa_basis_init(ctx, &m->par, d.longest, m->opts.rank_tol, &basis));
    NAX_TRY(nax_i_gpfa_estep_poisson(ctx, &d, &m->par, &basis, &sites, &e));
  } else {
    NAX_TRY(nax_i_gpfa_estep_run(ctx, &d, &m->par, (nax_gpfa_engine)m->opts.engine,
                                 m->opts.rank_tol, &e));
  }
  NAX_TRY_ALLOC(mem, n * d.n_bins, sizeof *mem);
  NAX_TRY_ALLOC(per, n * 2 + n * q + q * q, sizeof *per);
  if (by_trial != NULL) {
    NAX_TRY_ALLOC(reduced, q * n, (size_t)n_trials * sizeof *reduced);
  }
  double *u = per + n * 2, *turn = u + n * q;
  NAX_TRY(nax_i_gpfa_turn(ctx, &m->par, u, turn));
  job j = {.d = &d,
           .p = &m->par,
           .x = e.x,
           .u = u,
           .turn = turn,
           .predicted = mem,
           .density = per,
           .sse = per + n,
           .reduced = reduced,
           .ll = e.ll,
           .basis = counts ? &basis : NULL,
           .sites = &sites};
  int too_long = m->opts.engine == NAX_GPFA_AUTO && d.longest > NAX_I_GPFA_LONG;
  for (nax_index b = 0; b < n * d.n_bins; b++) { /* where there is nothing to predict */
    mem[b] = (double)NAN;
  }
  if (by_trial != NULL && !counts && !too_long) {
    NAX_TRY_ALLOC(turned, d.n_bins, (size_t)q * sizeof(double));
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, q, d.n_bins, q, 1.0, turn, q, e.x,
                       q, 0.0, turned, q));
    j.turned = turned;
  }
  NAX_TRY(counts || too_long ? neuron_by_neuron(ctx, fn, &j) : closed_form(ctx, fn, &j));
  for (nax_index i = 0; i < n; i++) {
    out->log_density += j.density[i];
    out->sse += j.sse[i];
  }
  for (nax_index k = 0; by_trial != NULL && k < q * n_trials; k++) {
    by_trial[k] = 0.0;
    for (nax_index i = 0; i < n; i++) {
      by_trial[k] += reduced[k % q + (i + k / q * n) * q];
    }
  }
  for (nax_index b = 0; predicted != NULL && b < d.n_bins; b++) {
    for (nax_index i = 0, from = 0; i < m->n_all; i++) {
      predicted[i + b * m->n_all] = m->keep[i] ? mem[from + b * n] : (double)NAN;
      from += m->keep[i];
    }
  }
done:
  nax_i_gpfa_data_free(&d);
  nax_i_gpfa_estep_free(&e);
  nax_i_gpfa_sites_free(&sites);
  nax_i_gpfa_basis_free(&basis);
  nax_i_free(mem);
  nax_i_free(per);
  nax_i_free(reduced);
  nax_i_free(turned);
  return status;
}
