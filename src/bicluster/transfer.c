/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neurons change their component and the paths go along: annealed importance sampling
 * within a reversible jump (Karagiannis & Andrieu 2013). A path that fits its neurons
 * fits no other as well, so with the paths held few neurons would ever move.
 *
 * Paths are integrated out on the way. For this the likelihood of the neurons that move
 * is replaced by a Gaussian in their log rates (from a fit of each alone), that of those
 * that stay by the Gaussian that Polya-Gamma variables make of it, which are part of the
 * state meanwhile. What is left are the dynamics of the two components and the baselines
 * and loadings of the neurons that move, in either. The likelihood in the component they
 * leave has the power 1 - g, in the one they enter the power g, and g goes from 0 to 1 in
 * steps; after each, paths are drawn, and dynamics and loadings from them. At either end
 * what is not needed has its prior: the loadings, and the dynamics of a component that
 * has no neurons. The weights gathered on the way, with the likelihood over its Gaussian
 * before and after, are what the jump is accepted by. The way back is the same way.
 */
#include "bicluster_i.h"
#include <math.h>

enum { STEPS = 20, FIT = 12, Q = NAX_I_BIC_P + 1 };
static const double alone = 0.3; /* share of proposals of a component of one's own */
static const double eager = 0.1; /* power of evidence in the choice of a component */

/* The component that neurons leave, or the one they enter. */
typedef struct side {
  nax_index k;
  nax_i_bic_cluster *x;
  int partial;        /* it has no other neurons than those that move */
  double *load;       /* n x d->q: of those that move */
  double *rt, *ht;    /* information of those that stay */
  double *u;          /* as it was */
  nax_i_bic_dyn *dyn; /* l: as they were */
} side;

typedef struct transfer {
  nax_i_bic_chain *c;
  nax_rng *r;
  nax_index n, *who; /* that move */
  char *moves;       /* of each neuron */
  nax_index *count;  /* l: steps of each state */
  side from, to;
  double *weight, *line; /* n x tp: Gaussian of the log rates of those that move */
  double *room;          /* of what follows, tp each */
  double *chol, *off, *mean, *variance, *covariance; /* path of the fit */
  double *now, *eta, *g, *w, *linear, *omega;
} transfer;

/* --- the fit ---------------------------------------------------------------------------
 */

/* Precision that scalar dynamics a x + b with precision p give to a path, and their
 * linear term. */
static void
scalar_chain(const transfer *x, const double *a, const double *b, const double *p)
{
  const nax_i_bic_data *d = x->c->d;
  for (nax_index t = 0; t < d->t; t++) {
    x->chol[t] = d->first[t] ? 1.0 : 0.0;
    x->off[t] = x->mean[t] = 0.0;
  }
  for (nax_index t = 1; t < d->t; t++) {
    if (!d->first[t]) {
      int s = x->c->xi[t];
      x->chol[t] += p[s];
      x->chol[t - 1] += a[s] * a[s] * p[s];
      x->off[t] = -a[s] * p[s];
      x->mean[t] += p[s] * b[s];
      x->mean[t - 1] -= a[s] * p[s] * b[s];
    }
  }
}

/* Counts of neuron i about the path x->now, as a Gaussian in it: weights to x->omega,
 * linear term to x->linear. The baseline makes a step. */
static void
linearise(const transfer *x, nax_index i, double *base)
{
  const nax_i_bic_data *d = x->c->d;
  double power = x->c->power, prior = 1.0 / (d->o.loading_sd * d->o.loading_sd);
  double grad = -prior * *base, curve = prior;
  for (nax_index t = 0; t < d->tp; t++) {
    x->eta[t] = *base + (t < d->t ? x->now[t] : 0.0);
  }
  nax_i_bic_derivatives(x->c, i, x->eta, x->g, x->w);
  for (nax_index t = 0; t < d->t; t++) {
    grad += power * x->g[t];
    curve += power * x->w[t];
  }
  double step = grad / curve;
  step = step > 1.0 ? 1.0 : step < -1.0 ? -1.0 : step;
  *base += step;
  for (nax_index t = 0; t < d->t; t++) {
    x->omega[t] = power * x->w[t];
    x->linear[t] = power * (x->g[t] + x->w[t] * (x->now[t] - step));
  }
}

/* Expected scalar dynamics of each state given the path of the fit. */
static int
fit_scalars(const transfer *x, double *a, double *b, double *p)
{
  const nax_i_bic_data *d = x->c->d;
  for (int s = 0; s < d->l; s++) {
    nax_i_bic_moments fit;
    double gram[9], nu = 1.0 + d->o.noise_dof + (double)x->count[s];
    nax_i_bic_prior_gram(d, 1, gram);
    for (nax_index t = 1; t < d->t && x->count[s] > 0; t++) {
      if (!d->first[t] && x->c->xi[t] == s) {
        double w[3];
        nax_i_bic_step_vector(1, x->now + t, w);
        nax_i_bic_add_step(3, w, gram);
        gram[0] += x->variance[t - 1];
        gram[6] += x->covariance[t];
        gram[8] += x->variance[t];
      }
    }
    if (!nax_i_bic_moments_of_gram(1, gram, nu, &fit)) {
      return 0;
    }
    a[s] = fit.mean[0] > 1.0 ? 1.0 : fit.mean[0] < -1.0 ? -1.0 : fit.mean[0];
    b[s] = fit.mean[1];
    p[s] = nu / (fit.psi[0] * fit.psi[0]);
  }
  return 1;
}

/* The Gaussian that stands for the likelihood of neuron i, w the weights and `line` the
 * linear term, about a path of its own: expectation maximisation with scalar dynamics and
 * Laplace's approximation. */
static int
fit(const transfer *x, nax_index i, double *w, double *line)
{
  const nax_i_bic_data *d = x->c->d;
  double a[NAX_I_BIC_L], b[NAX_I_BIC_L], p[NAX_I_BIC_L], base = 0.0;
  for (int s = 0; s < d->l; s++) {
    a[s] = d->o.dynamics_mean;
    b[s] = 0.0;
    p[s] = 1.0 / d->o.noise_scale;
  }
  memset(x->now, 0, (size_t)d->t * sizeof *x->now);
  if (d->o.observation != NAX_BICLUSTER_GAUSSIAN) {
    base = log((d->sum_y[i] + 0.5) / (d->n_obs[i] + 0.5));
  }
  for (int it = 0; it < FIT; it++) {
    linearise(x, i, &base);
    scalar_chain(x, a, b, p);
    for (nax_index t = 0; t < d->t; t++) {
      x->chol[t] += x->omega[t];
      x->mean[t] += x->linear[t];
    }
    if (!nax_i_bic_band_factor(d->t, x->chol, x->off, x->mean)) {
      return 0;
    }
    nax_i_bic_band_moments(d->t, x->chol, x->off, x->variance, x->covariance);
    for (nax_index t = 0; t < d->t; t++) {
      double step = x->mean[t] - x->now[t];
      x->now[t] += step > 2.0 ? 2.0 : step < -2.0 ? -2.0 : step;
    }
    if (!fit_scalars(x, a, b, p)) {
      return 0;
    }
  }
  for (nax_index t = 0; t < d->tp; t++) {
    x->eta[t] = base + (t < d->t ? x->now[t] : 0.0);
  }
  nax_i_bic_derivatives(x->c, i, x->eta, line, w);
  for (nax_index t = 0; t < d->t; t++) {
    w[t] *= x->c->power;
    line[t] = x->c->power * line[t] + w[t] * x->eta[t];
  }
  return 1;
}

/* --- the way ---------------------------------------------------------------------------
 */

static double *
load_of(const transfer *x, const side *s, nax_index j)
{
  return s->load + j * x->c->d->q;
}

/* Information of those that stay. */
static void
information(const transfer *x, const side *s)
{
  const nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  int q = s->x->q;
  memset(s->rt, 0, (size_t)(d->t * q * q) * sizeof *s->rt);
  memset(s->ht, 0, (size_t)(d->t * q) * sizeof *s->ht);
  for (nax_index i = 0; i < d->n && !s->partial; i++) {
    if (c->z[i] == s->k && !x->moves[i]) {
      const double *b = c->b + i * d->q;
      nax_i_bic_eta_at(d, q, s->x->f, b, x->eta);
      nax_i_bic_omega_one(c, i, x->eta, b[0], c->power, x->r, x->omega, x->linear);
      nax_i_bic_add_information(d, q, b, x->omega, x->linear, s->rt, s->ht);
    }
  }
}

/* Log likelihood over what stands for it on the way, of those that stay (Poisson counts
 * only) and of those that move. */
static double
correction(const transfer *x, const side *s, int moving)
{
  const nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  double out = 0.0;
  int poisson = d->o.observation == NAX_BICLUSTER_POISSON;
  for (nax_index i = 0; i < d->n && poisson && !s->partial; i++) {
    if (c->z[i] == s->k && !x->moves[i]) {
      nax_i_bic_eta_at(d, s->x->q, s->x->f, c->b + i * d->q, x->eta);
      out += c->power * nax_i_bic_poisson_excess(c, i, x->eta, c->work);
    }
  }
  for (nax_index j = 0; j < x->n && moving; j++) {
    const double *w = x->weight + j * d->tp, *line = x->line + j * d->tp;
    nax_i_bic_eta_at(d, s->x->q, s->x->f, load_of(x, s, j), x->eta);
    out += c->power * nax_i_bic_kernel_loglik(c, x->who[j], x->eta, c->work);
    for (nax_index t = 0; t < d->t; t++) {
      out -= x->eta[t] * (line[t] - 0.5 * w[t] * x->eta[t]);
    }
  }
  return out;
}

/* Log density of dynamics, loadings and data of a side with its path integrated out,
 * those that move counting by `share`; the system is left factored. */
static double
integrate(const transfer *x, const side *s, double share, nax_i_bic_system *y)
{
  nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  int q = s->x->q;
  double out = 0.0, pull[NAX_I_BIC_L];
  nax_i_bic_path_system(c, q, s->x->dyn, s->rt, s->ht, y);
  for (nax_index j = 0; j < x->n; j++) {
    const double *w = x->weight + j * d->tp, *line = x->line + j * d->tp;
    const double *b = load_of(x, s, j);
    for (nax_index t = 0; t < d->t; t++) {
      x->omega[t] = share * w[t];
      x->linear[t] = share * (line[t] - w[t] * b[0]);
      out += share * b[0] * (line[t] - 0.5 * w[t] * b[0]);
    }
    nax_i_bic_add_information(d, q, b, x->omega, x->linear, y->diagonal, y->linear);
  }
  nax_i_bic_factor_system(c, q, y);
  for (int k = 0; k < d->l; k++) {
    const nax_i_bic_dyn *f = &s->x->dyn[k];
    pull[k] = 0.5 * f->logdet;
    for (int i = 0; i < q && x->count[k] > 0; i++) {
      for (int j = 0; j < q; j++) {
        pull[k] += 0.5 * f->b[i] * f->p[i * q + j] * f->b[j];
      }
    }
  }
  for (nax_index t = 0; t < d->t; t++) {
    const double *l = y->diagonal + t * q * q, *v = y->linear + t * q;
    out -= d->first[t] ? 0.0 : pull[x->c->xi[t]];
    for (int i = 0; i < q; i++) {
      out += 0.5 * v[i] * v[i] - log(l[i * q + i]);
    }
  }
  return out;
}

/* Baselines and loadings of those that move given the path. */
static void
draw_loadings(const transfer *x, const side *s, double share)
{
  const nax_i_bic_data *d = x->c->d;
  int q = s->x->q;
  double prior = 1.0 / (d->o.loading_sd * d->o.loading_sd);
  for (nax_index j = 0; j < x->n; j++) {
    const double *w = x->weight + j * d->tp, *line = x->line + j * d->tp;
    double h[Q * Q] = {0.0}, chol[Q * Q], v[Q] = {0.0}, *b = load_of(x, s, j);
    for (nax_index t = 0; t < d->t; t++) {
      double f[Q], l = line[t] - w[t] * s->x->u[t * q];
      for (int i = 0; i < q; i++) {
        f[i] = i == 0 ? 1.0 : s->x->u[t * q + i];
        v[i] += share * l * f[i];
        for (int k = 0; k <= i; k++) {
          h[i * q + k] += share * w[t] * f[i] * f[k];
        }
      }
    }
    for (int i = 0; i < q; i++) {
      h[i * q + i] += prior;
    }
    nax_i_bic_chol(q, h, chol);
    nax_i_bic_solve_l(q, chol, v);
    for (int i = 0; i < q; i++) {
      v[i] += nax_rng_normal(x->r, 0.0, 1.0);
    }
    nax_i_bic_solve_lt(q, chol, v);
    memcpy(b, v, (size_t)q * sizeof *b);
  }
}

/* The power of the likelihood in the component that is entered. */
static double
power_at(int step)
{
  double a = pow((double)step, 4.0), b = pow((double)(STEPS - step), 4.0);
  return a / (a + b);
}

/* One side all the way: given the loadings and dynamics, neither knows of the other. */
static nax_status
anneal(nax_ctx *ctx, const transfer *x, const side *s, double *weight)
{
  nax_status status = NAX_OK;
  int enters = s == &x->to;
  double share = enters ? 0.0 : 1.0;
  nax_i_bic_system y;
  information(x, s);
  *weight -= correction(x, s, !enters);
  for (int step = 1; step <= STEPS; step++) {
    double next = power_at(step), now = integrate(x, s, share, &y);
    next = enters ? next : 1.0 - next;
    *weight += integrate(x, s, next, &y) - now;
    share = next;
    if (s->partial && share == 0.0) {
      break; /* a component that nobody is in has no path */
    }
    nax_i_bic_draw_system(x->c->d, s->x->q, &y, x->r, s->x->u);
    if (step < STEPS) {
      nax_i_bic_draw_dynamics(x->c, s->x, x->r);
      draw_loadings(x, s, share);
    }
    NAX_TRY(nax_i_poll(ctx));
  }
  nax_i_bic_transpose(x->c, s->k);
  *weight += correction(x, s, enters);
done:
  return status;
}

/* --- the partition ---------------------------------------------------------------------
 */

/* Log prior of the partition z, component weights and region probabilities integrated
 * out. */
static double
log_partition(const nax_i_bic_data *d, double dp, nax_index k, const nax_index *z)
{
  nax_index used = 0;
  double out = 0.0, g = d->o.cluster_weight, rw = d->o.region_weight;
  for (nax_index j = 0; j < k; j++) {
    nax_index size = 0;
    for (nax_index i = 0; i < d->n; i++) {
      size += z[i] == j;
    }
    if (size == 0) {
      continue;
    }
    used++;
    out += d->o.partition == NAX_BICLUSTER_DP
               ? log(dp) + nax_i_bic_lgamma((double)size)
               : nax_i_bic_lgamma(g + (double)size) - nax_i_bic_lgamma(g);
    for (nax_index a = 0; a < d->n_region && d->region != NULL; a++) {
      nax_index here = 0;
      for (nax_index i = 0; i < d->n; i++) {
        here += z[i] == j && d->region[i] == a;
      }
      out += nax_i_bic_lgamma(rw + (double)here) - nax_i_bic_lgamma(rw);
    }
    if (d->region != NULL) {
      double all = rw * (double)d->n_region;
      out += nax_i_bic_lgamma(all) - nax_i_bic_lgamma(all + (double)size);
    }
  }
  if (d->o.partition != NAX_BICLUSTER_DP) {
    out += nax_i_bic_log_v(d->n, used, d->o.cluster_rho, g);
  }
  return out;
}

/* --- one jump --------------------------------------------------------------------------
 */

static void
free_transfer(transfer *x)
{
  nax_i_free(x->who);
  nax_i_free(x->moves);
  nax_i_free(x->count);
  nax_i_free(x->from.u);
  nax_i_free(x->from.dyn);
  nax_i_free(x->to.u);
  nax_i_free(x->to.dyn);
  nax_i_free(x->weight);
  nax_i_free(x->room);
}

static nax_status
remember(nax_ctx *ctx, const nax_i_bic_data *d, side *s)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(s->u, d->t * s->x->q, sizeof *s->u);
  NAX_TRY_ALLOC(s->dyn, d->l, sizeof *s->dyn);
  memcpy(s->u, s->x->u, (size_t)(d->t * s->x->q) * sizeof *s->u);
  for (int k = 0; k < d->l; k++) {
    nax_i_bic_dyn_copy(s->x->q, &s->x->dyn[k], &s->dyn[k]);
  }
done:
  return status;
}

static void
go_back(const nax_i_bic_chain *c, const side *s)
{
  const nax_i_bic_data *d = c->d;
  memcpy(s->x->u, s->u, (size_t)(d->t * s->x->q) * sizeof *s->u);
  for (int k = 0; k < d->l; k++) {
    nax_i_bic_dyn_copy(s->x->q, &s->dyn[k], &s->x->dyn[k]);
  }
}

/* Neurons x->moves are to go from component `from` to `to`, which is a new one when it is
 * c->k. */
static nax_status
prepare(nax_ctx *ctx, transfer *x, nax_index from, nax_index to)
{
  nax_status status = NAX_OK;
  nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  nax_index t = d->tp;
  int appears = to == c->k;
  NAX_TRY(nax_i_bic_reserve(ctx, c, c->k + 1));
  NAX_TRY_ALLOC(x->who, d->n, sizeof *x->who);
  for (nax_index i = 0; i < d->n; i++) {
    if (x->moves[i]) {
      x->who[x->n++] = i;
    }
  }
  x->from = (side){.k = from, .x = c->cluster[from]};
  x->to = (side){.k = to, .x = c->cluster[to], .partial = appears};
  x->from.partial = x->n == x->from.x->size;
  NAX_TRY_ALLOC(x->count, d->l, sizeof *x->count);
  for (nax_index j = 1; j < d->t; j++) {
    x->count[c->xi[j]] += !d->first[j];
  }
  NAX_TRY_ALLOC(x->weight, x->n * (2 * t + 2 * d->q), sizeof *x->weight);
  NAX_TRY_ALLOC(x->room, 11 * t, sizeof *x->room);
  NAX_TRY(remember(ctx, d, &x->from));
  if (!appears) {
    NAX_TRY(remember(ctx, d, &x->to));
  }
  double **const by_bin[] = {&x->chol,       &x->off,    &x->mean, &x->variance,
                             &x->covariance, &x->now,    &x->eta,  &x->g,
                             &x->w,          &x->linear, &x->omega};
  for (size_t i = 0; i < sizeof by_bin / sizeof by_bin[0]; i++) {
    *by_bin[i] = x->room + (nax_index)i * t;
  }
  x->line = x->weight + x->n * t;
  x->from.load = x->line + x->n * t;
  x->to.load = x->from.load + x->n * d->q;
  for (nax_index j = 0; j < x->n; j++) {
    memcpy(load_of(x, &x->from, j), c->b + x->who[j] * d->q, (size_t)d->q * sizeof *c->b);
  }
  x->from.rt = nax_i_bic_information_matrix(c, from);
  x->from.ht = nax_i_bic_information_vector(c, from);
  x->to.rt = nax_i_bic_information_matrix(c, to);
  x->to.ht = nax_i_bic_information_vector(c, to);
done:
  return status;
}

/* What is not there at the beginning is drawn. */
static int
begin(transfer *x)
{
  const nax_i_bic_data *d = x->c->d;
  nax_i_bic_cluster *new = x->to.x;
  if (x->to.partial) {
    nax_i_bic_draw_rows(x->c, x->r, new);
  }
  for (nax_index j = 0; j < x->n; j++) {
    if (!fit(x, x->who[j], x->weight + j * d->tp, x->line + j * d->tp)) {
      return 0;
    }
    for (int a = 0; a < new->q; a++) {
      load_of(x, &x->to, j)[a] = nax_rng_normal(x->r, 0.0, d->o.loading_sd);
    }
  }
  return 1;
}

static void
drop_component(nax_i_bic_chain *c, nax_index k)
{
  nax_index last = --c->k;
  nax_i_bic_cluster *x = c->cluster[k];
  c->cluster[k] = c->cluster[last];
  c->cluster[last] = x;
  for (nax_index i = 0; i < c->d->n; i++) {
    c->z[i] = c->z[i] == last ? k : c->z[i];
  }
}

static void
keep(transfer *x)
{
  nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  for (nax_index j = 0; j < x->n; j++) {
    c->z[x->who[j]] = x->to.k;
    memcpy(c->b + x->who[j] * d->q, load_of(x, &x->to, j), (size_t)d->q * sizeof *c->b);
  }
  x->from.x->size -= x->n;
  if (x->to.partial) {
    x->to.x->size = 0;
    c->k++;
  }
  x->to.x->size += x->n;
  nax_i_bic_draw_regions(c, x->r, x->to.k);
  if (x->from.partial) {
    drop_component(c, x->from.k);
  } else {
    nax_i_bic_draw_regions(c, x->r, x->from.k);
  }
  nax_i_bic_eta(c);
}

/* Log probability of the choice that leads back, at the end of the way. */
typedef double (*way_back)(const transfer *x, const void *arg);

/* `log_choice`: of this choice. */
static nax_status
jump(nax_ctx *ctx, transfer *x, nax_index from, nax_index to, double log_choice,
     way_back back, const void *arg, nax_i_bic_rate *rate)
{
  nax_status status = NAX_OK;
  nax_i_bic_chain *c = x->c;
  nax_index *z = NULL;
  double weight = NAN, repaired = c->repaired;
  NAX_TRY(prepare(ctx, x, from, to));
  NAX_TRY_ALLOC(z, c->d->n, sizeof *z);
  for (nax_index i = 0; i < c->d->n; i++) {
    z[i] = x->moves[i] ? to : c->z[i];
  }
  rate->proposed += 1.0;
  if (begin(x)) {
    weight = 0.0;
    NAX_TRY(anneal(ctx, x, &x->from, &weight));
    NAX_TRY(anneal(ctx, x, &x->to, &weight));
    weight += log_partition(c->d, c->dp, c->k + 1, z) -
              log_partition(c->d, c->dp, c->k, c->z) + back(x, arg) - log_choice;
  }
  /* a path that rounding had spoilt leads neither there nor back */
  if (log(nax_rng_uniform_pos(x->r)) < weight && c->repaired == repaired) {
    rate->accepted += 1.0;
    keep(x);
  } else {
    c->repaired = repaired;
    go_back(c, &x->from);
    nax_i_bic_transpose(c, from);
    if (!x->to.partial) {
      go_back(c, &x->to);
      nax_i_bic_transpose(c, to);
    }
  }
done:
  nax_i_free(z);
  return status;
}

/* --- one neuron ------------------------------------------------------------------------
 */

typedef struct options {
  nax_index i, n;     /* the neuron; how many there are */
  nax_index k, *size; /* components; their sizes */
  double *evidence;   /* of the neuron on the path of each */
} options;

/* Log probability that neuron i of component `own` is picked, by itself or as one of a
 * component, and offered component k, or with k < 0 one of its own. */
static double
log_option(const options *o, nax_index k_all, nax_index own, nax_index own_size,
           nax_index k)
{
  double others = (double)(k_all - 1), top = -HUGE_VAL, sum = 0.0;
  double p_new = own_size == 1 ? 0.0 : k_all == 1 ? 1.0 : alone;
  double pick = log(0.5 / (double)o->n + 0.5 / (double)(k_all * own_size));
  if (k < 0) {
    return pick + log(p_new);
  }
  for (nax_index j = 0; j < o->k; j++) {
    top = j != own && o->size[j] > 0 && o->evidence[j] > top ? o->evidence[j] : top;
  }
  if (!(top > -HUGE_VAL)) {
    return pick + log((1.0 - p_new) / others);
  }
  for (nax_index j = 0; j < o->k; j++) {
    sum += j != own && o->size[j] > 0 ? exp(eager * (o->evidence[j] - top)) : 0.0;
  }
  double share = exp(eager * (o->evidence[k] - top)) / sum;
  return pick + log((1.0 - p_new) * (0.5 / others + 0.5 * share));
}

static double
evidence_of(const nax_i_bic_chain *c, nax_index i, nax_index k)
{
  nax_i_bic_mode mode;
  const nax_i_bic_cluster *x = c->cluster[k];
  return nax_i_bic_find_mode(c, i, x->q, x->f, c->work, &mode) ? mode.evidence
                                                               : -HUGE_VAL;
}

/* Back from x->to to x->from. */
static double
option_back(const transfer *x, const void *arg)
{
  const options *o = arg;
  nax_index k_all = x->c->k + (x->to.partial ? 1 : 0) - (x->from.partial ? 1 : 0);
  nax_index size = x->to.partial ? 1 : x->to.x->size + 1;
  o->size[x->from.k]--;
  if (!x->from.partial) {
    o->evidence[x->from.k] = evidence_of(x->c, o->i, x->from.k);
  }
  return log_option(o, k_all, x->to.k, size, x->from.partial ? -1 : x->from.k);
}

nax_status
nax_i_bic_transfer(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  options o = {.n = d->n, .k = c->k};
  transfer x = {.c = c};
  double *p = NULL;
  nax_rng r;
  if (c->joint != NULL) {
    return NAX_OK;
  }
  nax_i_bic_stream(c, NAX_I_BIC_TRANSFER, 0, &r);
  x.r = &r;
  NAX_TRY_ALLOC(o.evidence, c->k + 1, sizeof *o.evidence);
  NAX_TRY_ALLOC(o.size, c->k + 1, sizeof *o.size);
  NAX_TRY_ALLOC(p, c->k + 1, sizeof *p);
  NAX_TRY_ALLOC(x.moves, d->n, 1);
  o.i = nax_rng_below(&r, d->n);
  if (nax_rng_uniform(&r) < 0.5) {
    nax_index k = nax_rng_below(&r, c->k), at = nax_rng_below(&r, c->cluster[k]->size);
    for (nax_index i = 0; i < d->n; i++) {
      o.i = c->z[i] == k && at-- == 0 ? i : o.i;
    }
  }
  nax_index own = c->z[o.i];
  for (nax_index k = 0; k < c->k; k++) {
    o.size[k] = c->cluster[k]->size;
    o.evidence[k] = evidence_of(c, o.i, k);
  }
  for (nax_index k = 0; k <= c->k; k++) {
    nax_index to = k < c->k ? k : -1;
    p[k] = k == own ? -HUGE_VAL : log_option(&o, c->k, own, o.size[own], to);
  }
  nax_index to = nax_i_bic_pick(&r, c->k + 1, p);
  if (to >= 0) {
    x.moves[o.i] = 1;
    NAX_TRY(jump(ctx, &x, own, to, p[to], option_back, &o, &c->transfer));
  }
done:
  free_transfer(&x);
  nax_i_free(o.evidence);
  nax_i_free(o.size);
  nax_i_free(p);
  return status;
}

/* --- a component taken apart, or two put together --------------------------------------
 */

/* Probability that a neuron goes with j, not with i, by how far its loadings are from
 * theirs. */
static double
goes_with(const nax_i_bic_data *d, int q, const double *b, const double *bi,
          const double *bj)
{
  double x = 0.0;
  for (int a = 1; a < q; a++) {
    x += (b[a] - bi[a]) * (b[a] - bi[a]) - (b[a] - bj[a]) * (b[a] - bj[a]);
  }
  double p = 1.0 / (1.0 + exp(-2.0 * x / (d->o.loading_sd * d->o.loading_sd)));
  return p < 0.05 ? 0.05 : p > 0.95 ? 0.95 : p;
}

typedef struct seeds {
  nax_index i, j; /* stays, goes */
} seeds;

/* Log probability of taking apart what has been put together. */
static double
apart(const transfer *x, const void *arg)
{
  const seeds *s = arg;
  const nax_i_bic_data *d = x->c->d;
  const double *bi = x->c->b + s->i * d->q, *bj = NULL;
  double out = 0.0;
  int q = x->to.x->q;
  for (nax_index j = 0; j < x->n; j++) {
    bj = x->who[j] == s->j ? load_of(x, &x->to, j) : bj;
  }
  for (nax_index i = 0, j = 0; i < d->n; i++) {
    const double *b = x->c->b + i * d->q;
    int moves = x->moves[i];
    if (moves) {
      b = load_of(x, &x->to, j++);
    }
    if ((moves || x->c->z[i] == x->to.k) && i != s->i && i != s->j) {
      double p = goes_with(d, q, b, bi, bj);
      out += log(moves ? p : 1.0 - p);
    }
  }
  return out;
}

static double
together(const transfer *x, const void *arg)
{
  (void)x;
  (void)arg;
  return 0.0; /* the pair says it all */
}

nax_status
nax_i_bic_split_merge(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  transfer x = {.c = c};
  double log_choice = 0.0;
  nax_rng r;
  if (c->joint != NULL) {
    return NAX_OK;
  }
  nax_i_bic_stream(c, NAX_I_BIC_TRANSFER, 1, &r);
  x.r = &r;
  NAX_TRY_ALLOC(x.moves, d->n, 1);
  seeds s = {.i = nax_rng_below(&r, d->n), .j = nax_rng_below(&r, d->n - 1)};
  s.j += s.j >= s.i;
  nax_index a = c->z[s.i], b = c->z[s.j];
  x.moves[s.j] = 1;
  for (nax_index i = 0; i < d->n; i++) {
    if (a != b) {
      x.moves[i] = c->z[i] == b;
    } else if (c->z[i] == a && i != s.i && i != s.j) {
      double p = goes_with(d, c->cluster[a]->q, c->b + i * d->q, c->b + s.i * d->q,
                           c->b + s.j * d->q);
      x.moves[i] = nax_rng_uniform(&r) < p;
      log_choice += log(x.moves[i] ? p : 1.0 - p);
    }
  }
  NAX_TRY(a == b ? jump(ctx, &x, a, c->k, log_choice, together, NULL, &c->split)
                 : jump(ctx, &x, b, a, 0.0, apart, &s, &c->split));
done:
  free_transfer(&x);
  return status;
}
