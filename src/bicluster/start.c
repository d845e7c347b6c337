/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where chains begin: neurons are put together, two clusters at a time, while the
 * evidence for one common trajectory gains from it. The target of the chains knows
 * nothing of this. */
#include "bicluster_i.h"
#include <math.h>

enum { MAX_ITER = 40, NEAREST = 24, ALL_PAIRS = 64 };

typedef struct agglomeration {
  const nax_i_bic_data *d;
  double smooth; /* precision of the steps of a path */
  double spread; /* standard deviation of the gains of the neurons around 1; 0: all 1 */
  double r;      /* dispersion, one for all */
  nax_index *active; /* neurons that fire */
  nax_index n;
  nax_index *label; /* cluster of each active neuron, by its first member */
  double *single;   /* evidence of each cluster */
  double *pair;     /* evidence of each pair put together, n x n; NaN: not known */
  char *near;       /* n x n: pairs worth looking at */
  nax_index *task;  /* pairs to be evaluated, 2 each */
} agglomeration;

/* Baseline and gain of a neuron: log rate base + gain * path. */
typedef struct line {
  double base, gain;
} line;

/* Pseudo-residual and weight of a bin for neuron i at eta, and its log likelihood. */
static double
bins(const agglomeration *g, nax_index i, const double *m, line b, double *res, double *w,
     double *work, int value)
{
  const nax_i_bic_data *d = g->d;
  nax_index n = d->tp;
  const double *y = d->y + i * n, *mask = d->mask + i * n;
  double log_r = log(g->r), *x = work, *soft = work + n;
  if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
    for (nax_index t = 0; t < n; t++) {
      w[t] = mask[t] * g->r;
      res[t] = w[t] * (y[t] - b.gain * m[t] - b.base);
    }
    return -0.5 * nax_i_bic_dot(n, res, res) / g->r + 0.5 * d->n_obs[i] * log_r;
  }
  for (nax_index t = 0; t < n; t++) {
    x[t] = b.gain * m[t] + b.base - log_r;
  }
  nax_i_bic_logistic(n, x, w, value ? soft : NULL);
  double out = 0.0;
  if (value) {
    for (nax_index t = 0; t < n; t++) {
      soft[t] *= y[t] + g->r;
    }
    out = nax_i_bic_dot(n, y, x) - nax_i_bic_dot(n, mask, soft);
  }
  for (nax_index t = 0; t < n; t++) {
    double p = w[t], s = mask[t] * (y[t] + g->r) * p;
    res[t] = y[t] - s;
    w[t] = s * (1.0 - p);
  }
  return out;
}

static double
total(nax_index n, const double *x)
{
  double s = 0.0;
  for (nax_index t = 0; t < n; t++) {
    s += x[t];
  }
  return s;
}

/* Newton step of the path from gradient g and curvature w of the data: a tridiagonal
 * system. Returns log of the determinant of the Cholesky factor. */
static double
path_step(const nax_i_bic_data *d, double smooth, const double *m, double *grad,
          const double *w, double *chol, double *off)
{
  double det = 0.0;
  for (nax_index t = 0; t < d->t; t++) {
    int joined = !d->first[t], next = t + 1 < d->t && !d->first[t + 1];
    double a = w[t] + (joined ? smooth : 1.0) + (next ? smooth : 0.0);
    grad[t] -= joined ? smooth * (m[t] - m[t - 1]) : m[t];
    grad[t] += next ? smooth * (m[t + 1] - m[t]) : 0.0;
    off[t] = joined ? -smooth / chol[t - 1] : 0.0;
    a -= off[t] * off[t];
    chol[t] = sqrt(a);
    det += log(chol[t]);
  }
  for (nax_index t = 0; t < d->t; t++) {
    grad[t] = (grad[t] - (t > 0 ? off[t] * grad[t - 1] : 0.0)) / chol[t];
  }
  for (nax_index t = d->t - 1; t >= 0; t--) {
    grad[t] = (grad[t] - (t + 1 < d->t ? off[t + 1] * grad[t + 1] : 0.0)) / chol[t];
  }
  return det;
}

/* Newton step of baseline and gain from residuals and weights, which it brings up to
 * date; returns half the log determinant of minus their Hessian. */
static double
line_step(const agglomeration *g, const double *m, double *res, const double *w, int move,
          line *b)
{
  nax_index n = g->d->tp;
  double h = total(n, w) + 1.0, grad = total(n, res) - b->base;
  double step = grad / h, turn = 0.0, det = log(h);
  if (g->spread > 0.0) {
    double prior = 1.0 / (g->spread * g->spread), cross = nax_i_bic_dot(n, w, m);
    double own = prior, grad_gain = nax_i_bic_dot(n, res, m) - prior * (b->gain - 1.0);
    for (nax_index t = 0; t < n; t++) {
      own += w[t] * m[t] * m[t];
    }
    double rest = own - cross * cross / h;
    turn = (grad_gain - cross * step) / rest;
    turn = turn > 0.5 ? 0.5 : turn < -0.5 ? -0.5 : turn;
    step = (grad - cross * turn) / h;
    det += log(rest) - log(prior);
  }
  if (move) {
    step = step > 1.0 ? 1.0 : step < -1.0 ? -1.0 : step;
    b->base += step;
    b->gain += turn;
    for (nax_index t = 0; t < n; t++) {
      res[t] -= w[t] * (step + turn * m[t]);
    }
  }
  return 0.5 * det;
}

/* Evidence of one path for the active neurons with label a or b, by Laplace at the mode
 * found by turns. `work` has 10 x tp + 2 n. */
static double
evidence(const agglomeration *g, nax_index a, nax_index b, double *work)
{
  const nax_i_bic_data *d = g->d;
  nax_index n = d->tp;
  double *m = work, *grad = m + n, *curve = grad + n, *res = curve + n, *w = res + n;
  double *chol = w + n, *off = chol + n, *scratch = off + n;
  line *own = (line *)(void *)(scratch + 2 * n);
  double det = 0.0, det_d = 0.0, value = 0.0, size = 1.0;
  memset(m, 0, (size_t)n * sizeof *m);
  for (nax_index j = 0; j < g->n; j++) {
    nax_index i = g->active[j];
    own[j].gain = 1.0;
    own[j].base = d->o.observation == NAX_BICLUSTER_GAUSSIAN
                      ? 0.0
                      : log((d->sum_y[i] + 0.5) / (d->n_obs[i] + 0.5));
  }
  for (int it = 0; it < MAX_ITER; it++) {
    int last = size < 1e-3 || it == MAX_ITER - 1;
    double sum = 0.0, square = (double)d->n_first;
    memset(grad, 0, (size_t)n * sizeof *grad);
    memset(curve, 0, (size_t)n * sizeof *curve);
    value = det_d = 0.0;
    for (nax_index j = 0; j < g->n; j++) {
      if (g->label[j] != a && g->label[j] != b) {
        continue;
      }
      value += bins(g, g->active[j], m, own[j], res, w, scratch, last);
      /* the neuron first, then the path sees what it left */
      det_d += line_step(g, m, res, w, !last, &own[j]);
      value -= 0.5 * own[j].base * own[j].base;
      if (g->spread > 0.0) {
        double z = (own[j].gain - 1.0) / g->spread;
        value -= 0.5 * z * z;
      }
      double gain = own[j].gain;
      sum += gain * own[j].base;
      square += gain * gain;
      for (nax_index t = 0; t < n; t++) {
        grad[t] += gain * res[t];
        curve[t] += gain * gain * w[t];
      }
    }
    det = path_step(d, g->smooth, m, grad, curve, chol, off);
    if (last) {
      break;
    }
    size = 0.0;
    for (nax_index t = 0; t < d->t; t++) {
      size = fabs(grad[t]) > size ? fabs(grad[t]) : size;
    }
    double scale = size > 1.0 ? 1.0 / size : 1.0, first = 0.0;
    for (nax_index t = 0; t < d->t; t++) {
      m[t] += scale * grad[t];
      first += d->first[t] ? m[t] : 0.0;
    }
    /* path up, baselines down: where their priors balance */
    double shift = (sum - first) / square;
    for (nax_index t = 0; t < d->t; t++) {
      m[t] += shift;
    }
    for (nax_index j = 0; j < g->n; j++) {
      int mine = g->label[j] == a || g->label[j] == b;
      own[j].base -= mine ? own[j].gain * shift : 0.0;
    }
  }
  for (nax_index t = 0; t < d->t; t++) {
    double step = d->first[t] ? m[t] : m[t] - m[t - 1];
    value -= 0.5 * step * step * (d->first[t] ? 1.0 : g->smooth);
    value += d->first[t] ? 0.0 : 0.5 * log(g->smooth);
  }
  return value - det - det_d;
}

/* One dispersion for all: what is left of the variance around a moving mean of 11 bins,
 * beyond that of counts. Gaussian: one over that variance. */
static double
pooled_dispersion(const nax_i_bic_data *d)
{
  double square = 0.0, mean = 0.0, mean2 = 0.0, n = 0.0;
  for (nax_index i = 0; i < d->n; i++) {
    const double *y = d->y + i * d->tp, *mask = d->mask + i * d->tp;
    for (nax_index t = 5; t + 5 < d->t; t++) {
      double s = 0.0, c = 0.0;
      for (nax_index k = t - 5; k <= t + 5; k++) {
        s += mask[k] * y[k];
        c += mask[k];
      }
      if (mask[t] > 0.0 && c > 1.5) {
        double e = y[t] - s / c;
        square += e * e * c / (c - 1.0);
        mean += s / c;
        mean2 += s / c * (s / c);
        n += 1.0;
      }
    }
  }
  double out;
  if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
    out = square > 0.0 ? n / square : 1.0;
  } else if (d->o.observation == NAX_BICLUSTER_POISSON) {
    return d->o.poisson_r;
  } else {
    out = square > mean ? mean2 / (square - mean) : 100.0;
  }
  return out < 0.5 ? 0.5 : out > 100.0 ? 100.0 : out;
}

static double
log_prior(const agglomeration *g, nax_index clusters)
{
  return nax_i_bic_log_v(g->n, clusters, g->d->o.cluster_rho, g->d->o.cluster_weight);
}

static double
log_size(const agglomeration *g, nax_index c, nax_index *size)
{
  *size = 0;
  for (nax_index j = 0; j < g->n; j++) {
    *size += g->label[j] == c;
  }
  double w = g->d->o.cluster_weight;
  return nax_i_bic_lgamma(w + (double)*size) - nax_i_bic_lgamma(w);
}

static nax_status
evaluate_pair(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  agglomeration *g = arg;
  nax_index a = g->task[2 * block], b = g->task[2 * block + 1];
  double *work = NULL;
  NAX_TRY_ALLOC(work, 10 * g->d->tp + 2 * g->n, sizeof *work);
  g->pair[a * g->n + b] = g->pair[b * g->n + a] = evidence(g, a, b, work);
done:
  nax_i_free(work);
  return status;
}

/* Pairs among many neurons: each with those it correlates with most, counts smoothed. */
static nax_status
find_near(nax_ctx *ctx, agglomeration *g)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = g->d;
  double *x = NULL, *c = NULL, *copy = NULL;
  nax_index n = g->n;
  if (n <= ALL_PAIRS) {
    memset(g->near, 1, (size_t)(n * n));
    return NAX_OK;
  }
  NAX_TRY_ALLOC(x, n * d->tp, sizeof *x);
  NAX_TRY_ALLOC(c, n, sizeof *c);
  NAX_TRY_ALLOC(copy, n, sizeof *copy);
  for (nax_index j = 0; j < n; j++) {
    const double *y = d->y + g->active[j] * d->tp, *mask = d->mask + g->active[j] * d->tp;
    double *row = x + j * d->tp, s = 0.0, square = 0.0;
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index t = 0; t < d->t; t++) {
      double sum = 0.0, seen = 0.0;
      for (nax_index k = t - 5 > 0 ? t - 5 : 0; k <= t + 5 && k < d->t; k++) {
        sum += mask[k] * y[k];
        seen += mask[k];
      }
      double v = seen > 0.0 ? sum / seen : 0.0;
      row[t] = d->o.observation == NAX_BICLUSTER_GAUSSIAN ? v : sqrt(v);
      s += row[t];
    }
    for (nax_index t = 0; t < d->t; t++) {
      row[t] -= s / (double)d->t;
      square += row[t] * row[t];
    }
    for (nax_index t = 0; t < d->t && square > 0.0; t++) {
      row[t] /= sqrt(square);
    }
  }
  for (nax_index j = 0; j < n; j++) {
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index k = 0; k < n; k++) {
      c[k] = j == k ? -2.0 : nax_i_bic_dot(d->tp, x + j * d->tp, x + k * d->tp);
      copy[k] = c[k];
    }
    double least = nax_i_select(copy, n, n - NEAREST);
    for (nax_index k = 0; k < n; k++) {
      if (c[k] >= least && j != k) {
        g->near[j * n + k] = g->near[k * n + j] = 1;
      }
    }
  }
done:
  nax_i_free(x);
  nax_i_free(c);
  nax_i_free(copy);
  return status;
}

/* Evaluate pairs that are near and not known yet; `with` >= 0: of that cluster only. */
static nax_status
evaluate(nax_ctx *ctx, nax_i_stage *st, agglomeration *g, nax_index with)
{
  nax_index n_tasks = 0, n = g->n;
  for (nax_index a = 0; a < n; a++) {
    for (nax_index b = 0; b < a; b++) {
      int mine = with < 0 || a == with || b == with;
      if (mine && g->label[a] == a && g->label[b] == b && g->near[a * n + b] &&
          isnan(g->pair[a * n + b])) {
        g->task[2 * n_tasks] = a;
        g->task[2 * n_tasks + 1] = b;
        n_tasks++;
      }
    }
  }
  return nax_i_parallel(ctx, st, n_tasks, evaluate_pair, g);
}

/* The merge that gains most; 0 when there is no pair. */
static int
best_merge(const agglomeration *g, nax_index clusters, double *gain, nax_index *at)
{
  nax_index n = g->n;
  double step = clusters > 1 ? log_prior(g, clusters - 1) - log_prior(g, clusters) : 0.0;
  double w = g->d->o.cluster_weight;
  *gain = -HUGE_VAL;
  for (nax_index a = 0; a < n; a++) {
    for (nax_index b = 0; b < a; b++) {
      if (g->label[a] != a || g->label[b] != b || isnan(g->pair[a * n + b])) {
        continue;
      }
      nax_index sa, sb;
      double prior = step - log_size(g, a, &sa) - log_size(g, b, &sb);
      prior += nax_i_bic_lgamma(w + (double)(sa + sb)) - nax_i_bic_lgamma(w);
      double x = g->pair[a * n + b] - g->single[a] - g->single[b] + prior;
      if (x > *gain) {
        *gain = x;
        at[0] = a;
        at[1] = b;
      }
    }
  }
  return *gain > -HUGE_VAL;
}

/* b becomes part of a. */
static void
merge(agglomeration *g, nax_index a, nax_index b)
{
  nax_index n = g->n;
  g->single[a] = g->pair[a * n + b];
  for (nax_index j = 0; j < n; j++) {
    g->label[j] = g->label[j] == b ? a : g->label[j];
    g->near[a * n + j] = g->near[j * n + a] = g->near[a * n + j] || g->near[b * n + j];
    g->pair[a * n + j] = g->pair[j * n + a] = NAN;
  }
}

static void
free_agglomeration(agglomeration *g)
{
  nax_i_free(g->active);
  nax_i_free(g->label);
  nax_i_free(g->single);
  nax_i_free(g->pair);
  nax_i_free(g->near);
  nax_i_free(g->task);
}

nax_status
nax_i_bic_agglomerate(nax_ctx *ctx, const nax_i_bic_data *d, double smooth, double spread,
                      nax_index *label, nax_index *n_clusters, double *score,
                      double *gain)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  agglomeration g = {
      .d = d, .smooth = smooth, .spread = spread, .r = pooled_dispersion(d)};
  double *work = NULL;
  nax_index at[2] = {0, 0};
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "bicluster/start", -1));
  NAX_TRY_ALLOC(g.active, d->n, sizeof *g.active);
  for (nax_index i = 0; i < d->n; i++) {
    int gaussian = d->o.observation == NAX_BICLUSTER_GAUSSIAN;
    g.active[g.n] = i;
    g.n += gaussian ? d->n_obs[i] > 0.0 : d->sum_y[i] > 0.0;
  }
  nax_index n = g.n, clusters = n;
  NAX_TRY_ALLOC(g.label, n, sizeof *g.label);
  NAX_TRY_ALLOC(g.single, n, sizeof *g.single);
  NAX_TRY_ALLOC(g.pair, n * n, sizeof *g.pair);
  NAX_TRY_ALLOC(g.near, n * n, 1);
  NAX_TRY_ALLOC(g.task, n * n, sizeof *g.task);
  NAX_TRY_ALLOC(work, 10 * d->tp + 2 * n, sizeof *work);
  for (nax_index j = 0; j < n; j++) {
    g.label[j] = j;
  }
  for (nax_index j = 0; j < n * n; j++) {
    g.pair[j] = NAN;
  }
  for (nax_index j = 0; j < n; j++) {
    NAX_TRY(nax_i_poll(ctx));
    g.single[j] = evidence(&g, j, j, work);
  }
  NAX_TRY(find_near(ctx, &g));
  NAX_TRY(evaluate(ctx, &st, &g, -1));
  *gain = NAN;
  while (clusters > 1 && best_merge(&g, clusters, gain, at) && *gain > 0.0) {
    merge(&g, at[0], at[1]);
    clusters--;
    *gain = NAN;
    NAX_TRY(evaluate(ctx, &st, &g, at[0]));
  }
  /* numbered by their first neuron; who never fires goes with the largest */
  *score = clusters > 0 ? log_prior(&g, clusters) : 0.0;
  nax_index k = 0, largest = 0, most = 0;
  for (nax_index i = 0; i < d->n; i++) {
    label[i] = -1;
  }
  for (nax_index j = 0; j < n; j++) {
    if (g.label[j] == j) {
      nax_index size;
      *score += g.single[j] + log_size(&g, j, &size);
      for (nax_index m = 0; m < n; m++) {
        label[g.active[m]] = g.label[m] == j ? k : label[g.active[m]];
      }
      largest = size > most ? k : largest;
      most = size > most ? size : most;
      k++;
    }
  }
  for (nax_index i = 0; i < d->n; i++) {
    label[i] = label[i] < 0 ? largest : label[i];
  }
  *n_clusters = k > 0 ? k : 1;
done:
  free_agglomeration(&g);
  nax_i_free(work);
  return status;
}

/* Chains begin with no latent and with one in turn when their number is learned: one that
 * is missing is found sooner than one too many, which all others have settled around, is
 * given up. */
static int
start_rows(const nax_i_bic_chain *c)
{
  int64_t some = (int64_t)c->id / c->d->o.n_temperatures % 2;
  return some < c->d->q ? 1 + (int)some : 1;
}

nax_status
nax_i_bic_begin(nax_ctx *ctx, nax_i_bic_chain *c, const nax_index *label,
                nax_index n_clusters)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  int gaussian = d->o.observation == NAX_BICLUSTER_GAUSSIAN;
  double alpha[NAX_I_BIC_L];
  nax_rng r;
  NAX_TRY(nax_i_bic_reserve(ctx, c, n_clusters));
  nax_i_bic_stream(c, NAX_I_BIC_START, 0, &r);
  if (c->joint == NULL) {
    c->k = n_clusters;
  }
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    nax_i_bic_cluster *x = nax_i_bic_group(c, g);
    x->q = c->joint != NULL ? d->rows : d->o.learn_latent_dim ? start_rows(c) : d->q;
    memset(x->u, 0, (size_t)(d->t * x->q) * sizeof *x->u);
    for (int s = 0; s < d->l; s++) { /* a random walk */
      memset(&x->dyn[s], 0, sizeof x->dyn[s]);
      for (int a = 0; a < x->q; a++) {
        x->dyn[s].a[a * x->q + a] = 1.0;
        x->dyn[s].q[a * x->q + a] = 0.01;
      }
      nax_i_bic_dyn_from_q(x->q, &x->dyn[s]);
    }
  }
  for (nax_index k = 0; k < c->k; k++) {
    c->cluster[k]->size = 0;
    nax_i_bic_transpose(c, k);
  }
  for (nax_index i = 0; i < d->n; i++) {
    double mean = d->n_obs[i] > 0.0 ? d->sum_y[i] / d->n_obs[i] : 0.0;
    c->z[i] = label[i] % c->k; /* coupled: there may be fewer than were found */
    c->cluster[c->z[i]]->size++;
    c->b[i * d->q] = gaussian ? mean : log(mean + 0.1);
    memset(c->b + i * d->q + 1, 0, (size_t)(d->q - 1) * sizeof *c->b);
    for (int a = 1; a < c->cluster[c->z[i]]->q; a++) {
      c->b[i * d->q + a] = nax_rng_normal(&r, 0.0, 0.5 * d->o.loading_sd);
    }
    c->r[i] = gaussian ? 0.7 : 3.0;
  }
  memset(c->xi, 0, (size_t)d->t);
  for (int s = 0; s < d->l; s++) {
    c->beta[s] = 1.0 / d->l;
  }
  for (int j = 0; j < d->l; j++) {
    for (int s = 0; s < d->l; s++) {
      alpha[s] = d->o.state_alpha * c->beta[s] + (j == s ? d->o.state_kappa : 0.0);
    }
    nax_i_bic_dirichlet(&r, d->l, alpha, c->pi + j * d->l);
  }
  c->sweep = 0;
done:
  return status;
}

/* States are added soon and given up slowly: chains begin with 2 to 5. */
int
nax_i_bic_start_states(const nax_i_bic_chain *c)
{
  int some = 2 + (int)((int64_t)c->id / c->d->o.n_temperatures % 4);
  return some < c->d->l ? some : c->d->l;
}

/* Paths, loadings and dynamics find each other with one state and the labels held; then
 * a few states are drawn from their prior and everything is free. */
nax_status
nax_i_bic_start_sweep(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  nax_i_bic_eta(c);
  NAX_TRY(nax_i_bic_states_and_paths(ctx, c, 0));
  if (c->sweep > 0) {
    nax_i_bic_dynamics(c);
    nax_i_bic_dispersion(c);
  }
  c->held_labels = 1;
  status = nax_i_bic_members(ctx, c);
  c->held_labels = 0;
  NAX_TRY(status);
  nax_i_bic_eta(c);
  c->loglik = 0.0;
  for (nax_index i = 0; i < d->n; i++) {
    c->loglik += nax_i_bic_loglik_one(c, i, c->eta + i * d->tp);
  }
  c->sweep++;
  if (c->sweep == NAX_I_BIC_STARTING) {
    nax_rng r;
    nax_i_bic_stream(c, NAX_I_BIC_START, 1, &r);
    int some = nax_i_bic_start_states(c);
    for (nax_index t = 1; t < d->t; t++) {
      const double *row = c->pi + c->xi[t - 1] * d->l;
      c->xi[t] = d->first[t]       ? 0
                 : d->first[t - 1] ? (uint8_t)nax_rng_below(&r, some)
                                   : (uint8_t)nax_rng_choice(&r, some, row);
    }
    nax_i_bic_dynamics(c);
  }
done:
  return status;
}
