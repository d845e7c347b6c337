/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who belongs to which component: the telescoping sampler (Fruehwirth-Schnatter,
 * Malsiner- Walli & Gruen 2021) for the mixture of finite mixtures, slices (Kalli,
 * Griffin & Walker 2011) for the Dirichlet process. Label, baseline and loadings of a
 * neuron are proposed together from Laplace approximations on the path of every component
 * and accepted with the exact likelihood. */
#include "bicluster_i.h"
#include <math.h>

enum { MAX_NEWTON = 60, MAX_STICKS = 400 };
static const double path_bound = 30.0; /* empty components beyond it are not offered */

/* Log likelihood without factorials of neuron i at eta. */
double
nax_i_bic_kernel_loglik(const nax_i_bic_chain *c, nax_index i, const double *eta,
                        double *work)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp;
  const double *y = d->y + i * n, *mask = d->mask + i * n;
  double *x = work, *w = work + n;
  if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
    for (nax_index t = 0; t < n; t++) {
      x[t] = mask[t] * (y[t] - eta[t]);
    }
    return -0.5 * nax_i_bic_dot(n, x, x) / c->r[i] -
           0.5 * d->n_obs[i] * (log(c->r[i]) + 1.83787706640934548356);
  }
  if (d->o.observation == NAX_BICLUSTER_POISSON) {
    nax_i_bic_exp(n, eta, x);
    return nax_i_bic_dot(n, y, eta) - nax_i_bic_dot(n, mask, x);
  }
  double log_r = log(c->r[i]), r = c->r[i];
  for (nax_index t = 0; t < n; t++) {
    x[t] = eta[t] - log_r;
  }
  nax_i_bic_logistic(n, x, NULL, w);
  for (nax_index t = 0; t < n; t++) {
    w[t] *= y[t] + r;
  }
  return nax_i_bic_dot(n, y, x) - nax_i_bic_dot(n, mask, w);
}

double
nax_i_bic_loglik_one(const nax_i_bic_chain *c, nax_index i, const double *eta)
{
  const nax_i_bic_data *d = c->d;
  double x = nax_i_bic_kernel_loglik(c, i, eta, c->work);
  if (d->o.observation == NAX_BICLUSTER_NEGATIVE_BINOMIAL) {
    for (nax_index j = d->tail_at[i]; j < d->tail_at[i + 1]; j++) {
      double below = j > d->tail_at[i] ? d->value[j - 1] : 0.0;
      x += d->tail[j] *
           (nax_i_bic_lgamma(c->r[i] + d->value[j]) - nax_i_bic_lgamma(c->r[i] + below));
    }
  }
  return x - d->log_fact[i];
}

void
nax_i_bic_eta_at(const nax_i_bic_data *d, int q, const double *f, const double *b,
                 double *eta)
{
  nax_index n = d->tp;
  for (nax_index t = 0; t < n; t++) {
    eta[t] = f[t] + b[0];
  }
  for (int a = 1; a < q; a++) {
    for (nax_index t = 0; t < n; t++) {
      eta[t] += b[a] * f[a * n + t];
    }
  }
}

void
nax_i_bic_eta_one(const nax_i_bic_chain *c, nax_index i, double *eta)
{
  const nax_i_bic_cluster *k = c->cluster[c->z[i]];
  nax_i_bic_eta_at(c->d, k->q, k->f, c->b + i * c->d->q, eta);
}

/* Residual (gradient by eta) and weight (minus second derivative) of each bin. */
void
nax_i_bic_derivatives(const nax_i_bic_chain *c, nax_index i, const double *eta, double *g,
                      double *w)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp;
  const double *y = d->y + i * n, *mask = d->mask + i * n;
  double r = c->r[i];
  if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
    for (nax_index t = 0; t < n; t++) {
      w[t] = mask[t] / r;
      g[t] = w[t] * (y[t] - eta[t]);
    }
  } else if (d->o.observation == NAX_BICLUSTER_POISSON) {
    nax_i_bic_exp(n, eta, w);
    for (nax_index t = 0; t < n; t++) {
      w[t] *= mask[t];
      g[t] = y[t] - w[t];
    }
  } else {
    double log_r = log(r);
    for (nax_index t = 0; t < n; t++) {
      g[t] = eta[t] - log_r;
    }
    nax_i_bic_logistic(n, g, w, NULL);
    for (nax_index t = 0; t < n; t++) {
      double p = w[t], s = mask[t] * (y[t] + r) * p;
      g[t] = y[t] - s;
      w[t] = s * (1.0 - p);
    }
  }
}

/* Newton's method from a point that depends on the path alone, to a tolerance at which
 * where it began is forgotten. */
int
nax_i_bic_find_mode(const nax_i_bic_chain *c, nax_index i, int q, const double *f,
                    double *work, nax_i_bic_mode *out)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp;
  double *eta = work, *g = work + n, *w = work + 2 * n, *wf = work + 3 * n;
  double prior = 1.0 / (d->o.loading_sd * d->o.loading_sd);
  enum { Q = NAX_I_BIC_P + 1 };
  double h[Q * Q], step[Q], mean = 0.0;
  int done = 0;
  memset(out->b, 0, sizeof out->b);
  for (nax_index t = 0; t < d->t; t++) {
    mean += f[t];
  }
  if (d->o.observation != NAX_BICLUSTER_GAUSSIAN && d->n_obs[i] > 0.0) {
    double x = log((d->sum_y[i] + 0.5) / (d->n_obs[i] + 0.5)) - mean / (double)d->t;
    out->b[0] = x > 6.0 ? 6.0 : x < -6.0 ? -6.0 : x;
  }
  for (int it = 0; it < MAX_NEWTON; it++) {
    double size = 0.0;
    nax_i_bic_eta_at(d, q, f, out->b, eta);
    nax_i_bic_derivatives(c, i, eta, g, w);
    for (int a = 0; a < q; a++) {
      const double *fa = a > 0 ? f + a * n : NULL;
      if (a == 0) {
        double sum = 0.0, sum_w = 0.0;
        for (nax_index t = 0; t < n; t++) {
          sum += g[t];
          sum_w += w[t];
        }
        step[0] = sum;
        h[0] = sum_w;
      } else {
        step[a] = nax_i_bic_dot(n, g, fa);
        for (nax_index t = 0; t < n; t++) {
          wf[t] = w[t] * fa[t];
        }
        h[a * q] = 0.0;
        for (nax_index t = 0; t < n; t++) {
          h[a * q] += wf[t];
        }
        for (int b = 1; b <= a; b++) {
          h[a * q + b] = nax_i_bic_dot(n, wf, f + b * n);
        }
      }
    }
    for (int a = 0; a < q; a++) {
      step[a] = c->power * step[a] - prior * out->b[a];
      for (int b = 0; b <= a; b++) {
        h[a * q + b] = c->power * h[a * q + b] + (a == b ? prior : 0.0);
      }
    }
    if (nax_i_bic_chol(q, h, out->chol) > 0 || !isfinite(h[0])) {
      return 0;
    }
    if (done) {
      break;
    }
    nax_i_bic_solve_l(q, out->chol, step);
    nax_i_bic_solve_lt(q, out->chol, step);
    for (int a = 0; a < q; a++) {
      size = fabs(step[a]) > size ? fabs(step[a]) : size;
    }
    if (!isfinite(size)) {
      return 0;
    }
    for (int a = 0; a < q; a++) {
      out->b[a] += size > 2.0 ? step[a] * 2.0 / size : step[a];
    }
    done = size < 1e-5; /* the next one would be its square */
  }
  if (!done) {
    return 0;
  }
  double square = 0.0, det = 0.0;
  for (int a = 0; a < q; a++) {
    square += out->b[a] * out->b[a];
    det += log(out->chol[a * q + a]);
  }
  out->evidence = c->power * nax_i_bic_kernel_loglik(c, i, eta, work + 4 * n) -
                  0.5 * prior * square + 0.5 * q * log(prior) - det;
  return isfinite(out->evidence);
}

/* Log of the prior of (d, c) times the likelihood to the power; of the normalising
 * constant only what depends on how many there are and the proposal does not have. */
static double
log_target(const nax_i_bic_chain *c, nax_index i, int q, const double *f, const double *b,
           double *work)
{
  const nax_i_bic_data *d = c->d;
  double square = 0.0;
  for (int a = 0; a < q; a++) {
    square += b[a] * b[a];
  }
  nax_i_bic_eta_at(d, q, f, b, work);
  return c->power * nax_i_bic_kernel_loglik(c, i, work, work + d->tp) -
         0.5 * square / (d->o.loading_sd * d->o.loading_sd) - q * log(d->o.loading_sd);
}

/* Log density of the normal approximation at b, up to the constant. */
static double
log_proposal(int q, const nax_i_bic_mode *m, const double *b)
{
  double out = 0.0;
  for (int a = 0; a < q; a++) {
    double x = 0.0;
    for (int k = a; k < q; k++) {
      x += m->chol[k * q + a] * (b[k] - m->b[k]);
    }
    out += log(m->chol[a * q + a]) - 0.5 * x * x;
  }
  return out;
}

/* One neuron among the components offered: log_w[k] is the log weight of each. */
static void
one_neuron(nax_i_bic_chain *c, nax_index i, nax_index n_offered, const double *log_w,
           nax_i_bic_mode *mode, double *log_q)
{
  const nax_i_bic_data *d = c->d;
  nax_rng r;
  nax_i_bic_stream(c, NAX_I_BIC_NEURON, i, &r);
  for (nax_index k = 0; k < n_offered; k++) {
    log_q[k] = -HUGE_VAL;
    const nax_i_bic_cluster *x = c->cluster[k];
    if (x->usable && log_w[k] > -HUGE_VAL &&
        nax_i_bic_find_mode(c, i, x->q, x->f, c->work, &mode[k])) {
      log_q[k] = log_w[k] + mode[k].evidence;
    }
  }
  nax_index old = c->z[i], new = nax_i_bic_pick(&r, n_offered, log_q);
  double *own = c->b + i * d->q, b[NAX_I_BIC_P + 1] = {0.0};
  double log_u = log(nax_rng_uniform_pos(&r));
  c->member.proposed += 1.0;
  if (new < 0 || !(log_q[old] > -HUGE_VAL)) {
    return; /* no way back from there: the move is not made */
  }
  int q = c->cluster[new]->q, q_old = c->cluster[old]->q;
  for (int a = 0; a < q; a++) {
    b[a] = nax_rng_normal(&r, 0.0, 1.0);
  }
  nax_i_bic_solve_lt(q, mode[new].chol, b);
  for (int a = 0; a < q; a++) {
    b[a] += mode[new].b[a];
  }
  double ratio = log_target(c, i, q, c->cluster[new]->f, b, c->work) + log_w[new] -
                 log_target(c, i, q_old, c->cluster[old]->f, own, c->work) - log_w[old] +
                 log_proposal(q_old, &mode[old], own) + log_q[old] -
                 log_proposal(q, &mode[new], b) - log_q[new];
  if (log_u < ratio) {
    c->member.accepted += 1.0;
    c->moved.accepted += new != old;
    c->z[i] = new;
    memcpy(own, b, (size_t)d->q * sizeof *b); /* 0 where there is no latent */
  }
}

void
nax_i_bic_draw_rows(const nax_i_bic_chain *c, nax_rng *r, nax_i_bic_cluster *k)
{
  const nax_i_bic_data *d = c->d;
  nax_i_bic_moments m;
  k->q = d->q;
  if (d->o.learn_latent_dim) {
    k->q = 1 + nax_i_bic_draw_latents(r, d->o.latent_mean, d->q - 1);
  }
  nax_i_bic_find_moments(d, k->q, NULL, NULL, 0, &m);
  for (int s = 0; s < d->l; s++) {
    nax_i_bic_draw_dyn(r, k->q, &m, &k->dyn[s]);
  }
}

/* An empty component from the base measure. */
static void
fresh(nax_i_bic_chain *c, nax_rng *r, nax_i_bic_cluster *k)
{
  const nax_i_bic_data *d = c->d;
  nax_i_bic_draw_rows(c, r, k);
  nax_i_bic_prior_path(c, r, k);
  k->usable = 1;
  for (nax_index t = 0; t < d->t * k->q; t++) {
    k->usable = k->usable && fabs(k->u[t]) <= path_bound;
  }
  k->size = 0;
}

void
nax_i_bic_prior_path(nax_i_bic_chain *c, nax_rng *r, nax_i_bic_cluster *k)
{
  const nax_i_bic_data *d = c->d;
  int q = k->q;
  for (nax_index t = 0; t < d->t; t++) {
    double e[NAX_I_BIC_Q], *now = k->u + t * q;
    for (int a = 0; a < q; a++) {
      e[a] = nax_rng_normal(r, 0.0, 1.0);
    }
    for (int a = 0; a < q; a++) {
      now[a] = e[a];
      if (!d->first[t]) {
        const nax_i_bic_dyn *x = &k->dyn[c->xi[t]];
        now[a] = x->b[a];
        for (int j = 0; j < q; j++) {
          now[a] += x->a[a * q + j] * now[j - q] + x->m[a * q + j] * e[j];
        }
        /* what left all bounds stays finite; it is offered to nobody */
        now[a] = now[a] > 1e150 ? 1e150 : now[a] < -1e150 ? -1e150 : now[a];
      }
    }
  }
}

void
nax_i_bic_draw_regions(nax_i_bic_chain *c, nax_rng *r, nax_index k)
{
  const nax_i_bic_data *d = c->d;
  if (d->region == NULL) {
    return;
  }
  double *phi = c->cluster[k]->phi;
  for (nax_index g = 0; g < d->n_region; g++) {
    phi[g] = d->o.region_weight;
  }
  for (nax_index i = 0; i < d->n; i++) {
    phi[d->region[i]] += c->z[i] == k;
  }
  nax_i_bic_dirichlet(r, d->n_region, phi, phi);
}

/* Drop what is empty, unless dynamics are coupled; the objects stay for later. */
static void
close_up(nax_i_bic_chain *c, nax_index n_offered)
{
  nax_index k = 0;
  for (nax_index j = 0; j < n_offered; j++) {
    c->cluster[j]->size = 0;
  }
  for (nax_index i = 0; i < c->d->n; i++) {
    c->cluster[c->z[i]]->size++;
  }
  for (nax_index j = 0; j < n_offered && c->joint == NULL; j++) {
    if (c->cluster[j]->size > 0) {
      nax_i_bic_cluster *x = c->cluster[j];
      c->cluster[j] = c->cluster[k];
      c->cluster[k] = x;
      for (nax_index i = 0; i < c->d->n && j != k; i++) {
        c->z[i] = c->z[i] == j ? k : c->z[i];
      }
      k++;
    }
  }
  c->k = c->joint != NULL ? n_offered : k;
}

/* Weights of the Dirichlet process: those of the occupied components, then sticks until
 * what is left is below every neuron's slice. Returns how many components there are. */
static nax_index
sticks(nax_i_bic_chain *c, nax_rng *r, double *w, double *slice)
{
  const nax_i_bic_data *d = c->d;
  double alpha[2], share[2], rest, least = 1.0, *count = w;
  nax_index k = c->k;
  for (nax_index j = 0; j < k; j++) {
    count[j] = (double)c->cluster[j]->size;
  }
  count[k] = c->dp;
  nax_i_bic_dirichlet(r, k + 1, count, w);
  rest = w[k];
  for (nax_index i = 0; i < d->n; i++) {
    slice[i] = w[c->z[i]] * nax_rng_uniform_pos(r);
    least = slice[i] < least ? slice[i] : least;
  }
  while (rest > least && k < c->k + MAX_STICKS) {
    alpha[0] = 1.0;
    alpha[1] = c->dp;
    nax_i_bic_dirichlet(r, 2, alpha, share);
    w[k++] = rest * share[0];
    rest *= share[1];
  }
  return k;
}

nax_status
nax_i_bic_members(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  nax_i_bic_mode *mode = NULL;
  double *w = NULL, *slice = NULL, *log_w = NULL, *log_q = NULL;
  int dp = d->o.partition == NAX_BICLUSTER_DP && !c->held_labels;
  nax_rng r;
  nax_index n_offered;
  nax_i_bic_stream(c, NAX_I_BIC_COMPONENTS, 0, &r);
  if (dp) {
    NAX_TRY_ALLOC(w, c->k + MAX_STICKS + 1, sizeof *w);
    NAX_TRY_ALLOC(slice, d->n, sizeof *slice);
    n_offered = sticks(c, &r, w, slice);
  } else {
    n_offered =
        c->held_labels || c->joint != NULL
            ? c->k
            : nax_i_bic_draw_k(&r, d->n, c->k, d->o.cluster_rho, d->o.cluster_weight);
    NAX_TRY_ALLOC(w, n_offered, sizeof *w);
    for (nax_index k = 0; k < n_offered; k++) {
      w[k] = d->o.cluster_weight + (k < c->k ? (double)c->cluster[k]->size : 0.0);
    }
    nax_i_bic_dirichlet(&r, n_offered, w, w);
  }
  NAX_TRY(nax_i_bic_reserve(ctx, c, n_offered));
  NAX_TRY_ALLOC(mode, n_offered, sizeof *mode);
  NAX_TRY_ALLOC(log_w, n_offered, sizeof *log_w);
  NAX_TRY_ALLOC(log_q, n_offered, sizeof *log_q);
  for (nax_index k = 0; k < n_offered; k++) {
    if (k >= c->k) {
      fresh(c, &r, c->cluster[k]);
    } else {
      c->cluster[k]->usable = 1;
    }
    nax_i_bic_draw_regions(c, &r, k);
    nax_i_bic_transpose(c, k);
    NAX_TRY(nax_i_poll(ctx));
  }
  c->components = n_offered;
  for (nax_index i = 0; i < d->n; i++) {
    for (nax_index k = 0; k < n_offered; k++) {
      /* weights that rounded to zero stay possible where somebody is */
      log_w[k] = log(w[k] > 1e-300 ? w[k] : 1e-300);
      log_w[k] +=
          d->region != NULL ? log(c->cluster[k]->phi[d->region[i]] + 1e-300) : 0.0;
      if (c->held_labels && k != c->z[i]) {
        log_w[k] = -HUGE_VAL;
      }
      if (dp) {
        log_w[k] = w[k] > slice[i] || k == c->z[i] ? log_w[k] - log(w[k]) : -HUGE_VAL;
      }
    }
    one_neuron(c, i, n_offered, log_w, mode, log_q);
    NAX_TRY(nax_i_poll(ctx));
  }
  close_up(c, n_offered);
done:
  nax_i_free(mode);
  nax_i_free(w);
  nax_i_free(slice);
  nax_i_free(log_w);
  nax_i_free(log_q);
  return status;
}
