/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the draws of all chains say: similarity matrices, point partitions with credible
 * balls, trajectories, convergence. */
#include "linalg/linalg_i.h"
#include "run_i.h"
#include "stats/stats_i.h"
#include <math.h>

enum { MAX_PSM_T = 2500, MAX_GIVEN = 60, MAX_KEPT = 100 };

/* First draw of a chain that counts. */
static nax_index
first_draw(const nax_bicluster *m)
{
  return m->n_trace - m->n_draws;
}

/* States of a draw with a label for bins that begin a segment: that of the next bin. */
static void
full_states(const nax_bicluster *m, const uint8_t *xi, int64_t *out)
{
  for (nax_index t = 0; t < m->t; t++) {
    int next = t + 1 < m->t && !m->first[t + 1];
    out[t] = xi[m->first[t] && next ? t + 1 : t];
  }
}

static nax_status
load_traces(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  int64_t burn = nax_i_bic_burn_in(&m->o);
  m->n_trace = run->store.n[0];
  NAX_TRY_ALLOC(m->trace, m->n_trace * m->o.n_chains * NAX_I_BIC_SCALARS, sizeof(double));
  NAX_TRY_ALLOC(m->k_prob, m->n + 1, sizeof(double));
  NAX_TRY_ALLOC(m->s_prob, m->l + 1, sizeof(double));
  NAX_TRY_ALLOC(m->r_mean, m->n, sizeof(double));
  NAX_TRY_ALLOC(m->r_sd, m->n, sizeof(double));
  NAX_TRY_ALLOC(m->p_prob, m->q * m->n, sizeof(double));
  double all = 0.0;
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    NAX_REQUIRE(run->store.n[c] == m->n_trace, NAX_EFORMAT,
                "chains have %lld and %lld draws", (long long)m->n_trace,
                (long long)run->store.n[c]);
    m->n_draws = 0;
    for (nax_index i = 0; i < m->n_trace; i++) {
      NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, i, &p));
      memcpy(m->trace + (c * m->n_trace + i) * NAX_I_BIC_SCALARS, p.head.scalar,
             sizeof p.head.scalar);
      if (p.head.sweep <= burn) {
        continue;
      }
      m->n_draws++;
      all += 1.0;
      m->k_prob[p.head.k] += 1.0;
      m->s_prob[(int)p.head.scalar[NAX_I_BIC_STATES_LARGE]] += 1.0;
      for (nax_index j = 0; j < m->n; j++) {
        double r = (double)p.r[j], d = r - m->r_mean[j]; /* Welford */
        m->r_mean[j] += d / all;
        m->r_sd[j] += d * (r - m->r_mean[j]);
        m->p_prob[p.p[j] + m->q * j] += 1.0;
      }
    }
  }
  for (nax_index j = 0; j <= m->n; j++) {
    m->k_prob[j] /= all;
  }
  for (int j = 0; j <= m->l; j++) {
    m->s_prob[j] /= all;
  }
  for (nax_index j = 0; j < m->n; j++) {
    m->r_sd[j] = all > 1.0 ? sqrt(m->r_sd[j] / (all - 1.0)) : 0.0;
    for (int a = 0; a < m->q; a++) {
      m->p_prob[a + m->q * j] /= all;
    }
  }
done:
  return status;
}

/* Shares of draws in which two items are together, and how far chains differ in it. */
static nax_status
similarities(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  nax_index n = m->n, t = m->t;
  double *low = NULL, *high = NULL, *own = NULL;
  uint32_t *count = NULL;
  uint8_t *xi = NULL;
  int64_t *full = NULL;
  int with_time = t <= MAX_PSM_T;
  double all = (double)(m->n_draws * m->o.n_chains);
  NAX_TRY_ALLOC(m->psm, n * n, sizeof(double));
  NAX_TRY_ALLOC(low, n * n, sizeof(double));
  NAX_TRY_ALLOC(high, n * n, sizeof(double));
  NAX_TRY_ALLOC(own, n * n, sizeof(double));
  NAX_TRY_ALLOC(full, t, sizeof *full);
  NAX_TRY_ALLOC(xi, t, 1);
  if (with_time) {
    NAX_TRY_ALLOC(m->psm_t, t * t, sizeof(double));
    NAX_TRY_ALLOC(count, t * t, sizeof *count);
  }
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    memset(own, 0, (size_t)(n * n) * sizeof *own);
    for (nax_index i = first_draw(m); i < m->n_trace; i++) {
      NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, i, &p));
      for (nax_index a = 0; a < n; a++) {
        for (nax_index b = 0; b < n; b++) {
          own[a * n + b] += p.z[a] == p.z[b];
        }
      }
      if (with_time) {
        full_states(m, p.xi, full);
        for (nax_index a = 0; a < t; a++) {
          xi[a] = (uint8_t)full[a];
        }
        for (nax_index a = 0; a < t; a++) {
          uint32_t *row = count + a * t;
          for (nax_index b = 0; b < a; b++) {
            row[b] += xi[a] == xi[b];
          }
        }
      }
    }
    for (nax_index a = 0; a < n * n; a++) {
      double x = own[a] / (double)m->n_draws;
      m->psm[a] += own[a] / all;
      low[a] = c == 0 || x < low[a] ? x : low[a];
      high[a] = c == 0 || x > high[a] ? x : high[a];
    }
  }
  for (nax_index a = 0; a < n * n; a++) {
    m->psm_spread = high[a] - low[a] > m->psm_spread ? high[a] - low[a] : m->psm_spread;
  }
  for (nax_index a = 0; with_time && a < t; a++) {
    m->psm_t[a * t + a] = 1.0;
    for (nax_index b = 0; b < a; b++) {
      m->psm_t[a * t + b] = m->psm_t[b * t + a] = (double)count[a * t + b] / all;
    }
  }
done:
  nax_i_free(low);
  nax_i_free(high);
  nax_i_free(own);
  nax_i_free(count);
  nax_i_free(xi);
  nax_i_free(full);
  return status;
}

/* Labels of every `step`-th draw that counts: neurons or bins. */
static nax_status
some_draws(nax_ctx *ctx, nax_i_bic_run *run, const nax_bicluster *m, int time,
           nax_index *n_given, int64_t **given)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  nax_index size = time ? m->t : m->n, at = 0;
  nax_index step = m->n_draws * m->o.n_chains / MAX_GIVEN + 1;
  nax_index most = m->o.n_chains * (m->n_draws / step + 1);
  NAX_TRY_ALLOC(*given, most * size, sizeof **given);
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    for (nax_index i = first_draw(m); i < m->n_trace; i += step) {
      NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, i, &p));
      if (time) {
        full_states(m, p.xi, *given + at * size);
      }
      for (nax_index j = 0; j < size && !time; j++) {
        (*given)[at * size + j] = p.z[j];
      }
      at++;
    }
  }
  *n_given = at;
done:
  return status;
}

/* Too many bins for their matrix: the draw that is nearest to all others. */
static nax_status
medoid(nax_ctx *ctx, nax_index n, nax_index n_given, int64_t *given, int64_t *label,
       nax_index *n_groups)
{
  nax_status status = NAX_OK;
  double best = HUGE_VAL, x;
  for (nax_index a = 0; a < n_given; a++) {
    double sum = 0.0;
    for (nax_index b = 0; b < n_given; b++) {
      NAX_TRY(nax_i_bic_vi(ctx, n, given + a * n, given + b * n, &x));
      sum += x;
    }
    if (sum < best) {
      best = sum;
      memcpy(label, given + a * n, (size_t)n * sizeof *label);
    }
  }
  *n_groups = nax_i_bic_by_size(n, label);
done:
  return status;
}

static nax_status
points(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m, int time)
{
  nax_status status = NAX_OK;
  int64_t *given = NULL, **label = time ? m->state : m->cluster;
  nax_index n = time ? m->t : m->n, n_given = 0,
            *count = time ? m->n_state : m->n_cluster;
  double *psm = time ? m->psm_t : m->psm,
         **sure = time ? &m->state_sure : &m->cluster_sure;
  NAX_TRY(some_draws(ctx, run, m, time, &n_given, &given));
  for (int k = 0; k < NAX_I_BIC_CRITERIA; k++) {
    NAX_TRY_ALLOC(label[k], n, sizeof *label[k]);
    if (psm != NULL) {
      NAX_TRY(nax_i_bic_point(ctx, (nax_i_bic_criterion)k, n, psm, n_given, given,
                              label[k], &count[k]));
    } else {
      NAX_TRY(medoid(ctx, n, n_given, given, label[k], &count[k]));
    }
  }
  NAX_TRY_ALLOC(*sure, n, sizeof **sure);
  for (nax_index i = 0; i < n; i++) {
    double sum = 0.0, size = 0.0;
    for (nax_index j = 0; psm != NULL && j < n; j++) {
      int same = j != i && label[0][i] == label[0][j];
      sum += same ? psm[i * n + j] : 0.0;
      size += same;
    }
    (*sure)[i] = size > 0.0 ? sum / size : psm != NULL ? 1.0 : (double)NAN;
  }
done:
  nax_i_free(given);
  return status;
}

/* Distance from the estimate within which 95 % of the draws lie, and the numbers of
 * groups of those. */
static nax_status
ball(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m, int time)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  nax_index n = time ? m->t : m->n, all = m->n_draws * m->o.n_chains, at = 0;
  nax_index *range = time ? m->ball_s : m->ball_k;
  double *far = NULL, *copy = NULL, *groups = NULL;
  int64_t *label = NULL;
  NAX_TRY_ALLOC(far, all, sizeof *far);
  NAX_TRY_ALLOC(copy, all, sizeof *copy);
  NAX_TRY_ALLOC(groups, all, sizeof *groups);
  NAX_TRY_ALLOC(label, n, sizeof *label);
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    for (nax_index i = first_draw(m); i < m->n_trace; i++) {
      NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, i, &p));
      if (time) {
        full_states(m, p.xi, label);
      }
      for (nax_index j = 0; j < n && !time; j++) {
        label[j] = p.z[j];
      }
      NAX_TRY(nax_i_bic_vi(ctx, n, time ? m->state[0] : m->cluster[0], label, &far[at]));
      groups[at] = time ? p.head.scalar[NAX_I_BIC_STATES_LARGE] : (double)p.head.k;
      at++;
    }
  }
  memcpy(copy, far, (size_t)all * sizeof *copy);
  double radius = nax_i_quantile(copy, all, 0.95);
  *(time ? &m->ball_t : &m->ball) = radius;
  range[0] = n;
  range[1] = 0;
  for (nax_index i = 0; i < all; i++) {
    nax_index g = (nax_index)groups[i];
    if (far[i] <= radius) {
      range[0] = g < range[0] ? g : range[0];
      range[1] = g > range[1] ? g : range[1];
    }
  }
done:
  nax_i_free(far);
  nax_i_free(copy);
  nax_i_free(groups);
  nax_i_free(label);
  return status;
}

/* --- convergence
 * ------------------------------------------------------------------------- */

static nax_status
convergence(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  nax_index n = m->n_draws, chains = m->o.n_chains, rows = NAX_I_BIC_SCALARS + 1;
  double *x = NULL, *r = NULL;
  NAX_TRY_ALLOC(x, n * chains, sizeof *x);
  NAX_TRY_ALLOC(m->r_hat, rows, sizeof(double));
  NAX_TRY_ALLOC(m->ess, rows, sizeof(double));
  NAX_TRY_ALLOC(m->ess_tail, rows, sizeof(double));
  NAX_TRY_ALLOC(m->mean, rows, sizeof(double));
  NAX_TRY_ALLOC(m->sd, rows, sizeof(double));
  for (int k = 0; k < NAX_I_BIC_SCALARS; k++) {
    for (nax_index c = 0; c < chains; c++) {
      for (nax_index i = 0; i < n; i++) {
        x[c * n + i] =
            m->trace[(c * m->n_trace + first_draw(m) + i) * NAX_I_BIC_SCALARS + k];
      }
    }
    m->mean[k] = nax_i_sum(x, n * chains) / (double)(n * chains);
    for (nax_index i = 0; i < n * chains; i++) {
      m->sd[k] += (x[i] - m->mean[k]) * (x[i] - m->mean[k]);
    }
    m->sd[k] = sqrt(m->sd[k] / (double)(n * chains));
    NAX_TRY(
        nax_i_mcmc_summary(ctx, n, chains, x, &m->r_hat[k], &m->ess[k], &m->ess_tail[k]));
  }
  /* dispersions, a block of neurons at a time: the worst stands for all */
  nax_index w = rows - 1, block = m->n < 64 ? m->n : 64;
  m->r_hat[w] = m->ess[w] = m->ess_tail[w] = NAN;
  if (m->o.observation == NAX_BICLUSTER_POISSON) {
    goto done;
  }
  NAX_TRY_ALLOC(r, n * chains * block, sizeof *r);
  for (nax_index from = 0; from < m->n; from += block) {
    nax_index to = from + block < m->n ? from + block : m->n;
    for (nax_index c = 0; c < chains; c++) {
      for (nax_index i = 0; i < n; i++) {
        NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, first_draw(m) + i, &p));
        for (nax_index j = from; j < to; j++) {
          r[(j - from) * n * chains + c * n + i] = (double)p.r[j];
        }
      }
    }
    for (nax_index j = from; j < to; j++) {
      double rhat, bulk, tail;
      NAX_TRY(nax_i_mcmc_summary(ctx, n, chains, r + (j - from) * n * chains, &rhat,
                                 &bulk, &tail));
      if (isnan(m->r_hat[w]) || rhat > m->r_hat[w]) {
        m->r_hat[w] = rhat;
        m->mean[w] = m->r_mean[j];
        m->sd[w] = m->r_sd[j];
      }
      m->ess[w] = isnan(m->ess[w]) || bulk < m->ess[w] ? bulk : m->ess[w];
      m->ess_tail[w] =
          isnan(m->ess_tail[w]) || tail < m->ess_tail[w] ? tail : m->ess_tail[w];
    }
  }
done:
  nax_i_free(x);
  nax_i_free(r);
  return status;
}

/* --- trajectories
 * ------------------------------------------------------------------------- */

/* Component of a draw that holds most of cluster g, when it is more alike than not. */
static nax_index
matching(const nax_bicluster *m, const nax_i_bic_parts *p, int64_t g)
{
  nax_index best = -1;
  double most = 0.5;
  for (nax_index k = 0; k < p->head.k; k++) {
    double both = 0.0, either = 0.0;
    for (nax_index i = 0; i < m->n; i++) {
      int in = m->cluster[0][i] == g, is = p->z[i] == k;
      both += in && is;
      either += in || is;
    }
    if (either > 0.0 && both / either > most) {
      most = both / either;
      best = k;
    }
  }
  return best;
}

/* Rows of a path as doubles, each with mean 0 over time: q x t, time fastest. */
static void
centred(const nax_bicluster *m, const float *u, double *out)
{
  for (int a = 0; a < m->q; a++) {
    double mean = 0.0;
    for (nax_index t = 0; t < m->t; t++) {
      mean += (double)u[t * m->q + a] / (double)m->t;
    }
    for (nax_index t = 0; t < m->t; t++) {
      out[a * m->t + t] = (double)u[t * m->q + a] - mean;
    }
  }
}

/* Rotate the p latent rows by R (p x p, column-major). */
static void
rotate(const nax_bicluster *m, const double *rot, double *x)
{
  int p = m->q - 1;
  double now[NAX_I_BIC_Q];
  for (nax_index t = 0; t < m->t; t++) {
    for (int a = 0; a < p; a++) {
      now[a] = 0.0;
      for (int b = 0; b < p; b++) {
        now[a] += rot[a + b * p] * x[(b + 1) * m->t + t];
      }
    }
    for (int a = 0; a < p; a++) {
      x[(a + 1) * m->t + t] = now[a];
    }
  }
}

/* Products over time of the latent rows of two paths: p x p, column-major. */
static void
products(const nax_bicluster *m, const double *x, const double *y, double *out)
{
  int p = m->q - 1;
  for (int a = 0; a < p; a++) {
    for (int b = 0; b < p; b++) {
      double s = 0.0;
      for (nax_index t = 0; t < m->t; t++) {
        s += x[(a + 1) * m->t + t] * y[(b + 1) * m->t + t];
      }
      out[a + b * p] = s;
    }
  }
}

/* The reference is turned to its principal axes, all others to it (Procrustes). */
static nax_status
align(nax_ctx *ctx, const nax_bicluster *m, const double *ref, double *x)
{
  nax_status status = NAX_OK;
  enum { P = NAX_I_BIC_Q };
  int p = m->q - 1;
  double cross[P * P], values[P], u[P * P], vt[P * P], rot[P * P] = {0.0};
  if (p < 1) {
    return NAX_OK;
  }
  products(m, ref != NULL ? ref : x, x, cross);
  if (ref == NULL) {
    NAX_TRY(nax_i_syevd(ctx, __func__, p, cross, p, 1, values));
    for (int a = 0; a < p; a++) {
      for (int b = 0; b < p; b++) {
        rot[a + b * p] = cross[b + (p - 1 - a) * p];
      }
    }
  } else {
    NAX_TRY(nax_i_gesdd(ctx, __func__, p, p, cross, p, values, u, p, vt, p));
    for (int a = 0; a < p; a++) {
      for (int b = 0; b < p; b++) {
        for (int k = 0; k < p; k++) {
          rot[a + b * p] += u[a + k * p] * vt[k + b * p];
        }
      }
    }
  }
  rotate(m, rot, x);
done:
  return status;
}

static nax_status
one_band(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m, int64_t g,
         nax_i_bic_band *out)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  nax_index size = m->q * m->t, n = 0, most = 0;
  double *x = NULL, *ref = NULL, *column = NULL;
  float *all = NULL;
  NAX_TRY_ALLOC(out->mean, size, sizeof(double));
  NAX_TRY_ALLOC(out->low, size, sizeof(double));
  NAX_TRY_ALLOC(out->high, size, sizeof(double));
  NAX_TRY_ALLOC(x, size, sizeof *x);
  NAX_TRY_ALLOC(ref, size, sizeof *ref);
  for (int pass = 0; pass < 2; pass++) {
    nax_index step = 1 + most * size / 50000000; /* at most 200 MB */
    if (pass == 1) {
      NAX_TRY_ALLOC(all, (most / step + 1) * size, sizeof *all);
      NAX_TRY_ALLOC(column, most / step + 1, sizeof *column);
    }
    nax_index seen = 0;
    for (int64_t c = 0; c < m->o.n_chains; c++) {
      for (nax_index i = first_draw(m); i < m->n_trace; i++) {
        NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, i, &p));
        nax_index k = p.u != NULL ? matching(m, &p, g) : -1;
        if (k < 0) {
          continue;
        }
        most += pass == 0;
        if (pass == 0 || seen++ % step != 0) {
          continue;
        }
        centred(m, p.u + k * m->t * m->q, x);
        NAX_TRY(align(ctx, m, n > 0 ? ref : NULL, x));
        if (n == 0) {
          memcpy(ref, x, (size_t)size * sizeof *x);
        }
        for (nax_index j = 0; j < size; j++) {
          all[n * size + j] = (float)x[j];
        }
        n++;
      }
    }
  }
  for (nax_index j = 0; j < size; j++) {
    double sum = 0.0;
    for (nax_index i = 0; i < n; i++) {
      column[i] = (double)all[i * size + j];
      sum += column[i];
    }
    out->mean[j] = n > 0 ? sum / (double)n : (double)NAN;
    out->low[j] = nax_i_quantile(column, n, 0.025);
    out->high[j] = nax_i_quantile(column, n, 0.975);
  }
  out->n_draws = n;
done:
  nax_i_free(x);
  nax_i_free(ref);
  nax_i_free(column);
  nax_i_free(all);
  return status;
}

/* --- prediction
 * ---------------------------------------------------------------------------- */

/* Held-out entries under the model (mean over draws of the density) and under a constant
 * rate for each neuron with the dispersion that its own moments give. */
static void
held_out(const nax_i_bic_run *run, nax_bicluster *m)
{
  const nax_i_bic_data *d = run->d;
  double draws = 0.0;
  m->n_held = d->n_held;
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    draws += run->lane[c].n_held_draws;
  }
  for (nax_index j = 0; j < d->n_held; j++) {
    nax_index i = d->held_i[j];
    const double *y = d->y + i * d->tp, *mask = d->mask + i * d->tp;
    double top = -HUGE_VAL, sum = 0.0, n = d->n_obs[i], square = 0.0;
    for (int64_t c = 0; c < m->o.n_chains; c++) {
      top = run->lane[c].held[j] > top ? run->lane[c].held[j] : top;
    }
    for (int64_t c = 0; c < m->o.n_chains; c++) {
      sum += exp(run->lane[c].held[j] - top);
    }
    m->held_lpd += (top + log(sum) - log(draws)) / (double)d->n_held;
    double mean = (d->sum_y[i] + 0.5) / (n + 0.5);
    for (nax_index t = 0; t < d->t; t++) {
      square += mask[t] * (y[t] - mean) * (y[t] - mean) / n;
    }
    double v = d->held_y[j];
    if (m->o.observation == NAX_BICLUSTER_GAUSSIAN) {
      mean = d->sum_y[i] / n;
      m->held_null += -0.5 * (v - mean) * (v - mean) / square;
      m->held_null -= 0.5 * log(2.0 * 3.14159265358979323846 * square);
      continue;
    }
    double r = square > mean * 1.001 ? mean * mean / (square - mean) : 1e6, psi;
    r = m->o.observation == NAX_BICLUSTER_POISSON ? 1e6 : r;
    psi = log(mean / r);
    m->held_null += nax_i_bic_lgamma(v + r) - nax_i_bic_lgamma(r) -
                    nax_i_bic_lgamma(v + 1.0) + v * psi -
                    (v + r) * nax_i_bic_softplus(psi);
    m->held_spikes += v;
  }
  m->held_null /= d->n_held > 0 ? (double)d->n_held : 1.0;
}

/* What was expected of each entry, in the units of the data. */
static nax_status
mean_rates(nax_ctx *ctx, const nax_i_bic_run *run, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = run->d;
  if (!m->o.rates) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(m->rate, m->n * m->t, sizeof *m->rate);
  for (nax_index i = 0; i < m->n; i++) {
    for (nax_index t = 0; t < m->t; t++) {
      double sum = 0.0, draws = 0.0;
      for (int64_t c = 0; c < m->o.n_chains; c++) {
        sum += run->lane[c].rate[i * m->t + t];
        draws += run->lane[c].n_rate_draws;
      }
      m->rate[i + m->n * t] = d->centre[i] + d->scale[i] * sum / draws;
    }
  }
done:
  return status;
}

static nax_status
keep_some(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  m->n_kept = m->n_draws < MAX_KEPT ? m->n_draws : MAX_KEPT;
  NAX_TRY_ALLOC(m->kept_z, m->n * m->n_kept * m->o.n_chains, sizeof *m->kept_z);
  NAX_TRY_ALLOC(m->kept_xi, m->t * m->n_kept * m->o.n_chains, 1);
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    for (nax_index k = 0; k < m->n_kept; k++) {
      nax_index i = first_draw(m) + k * m->n_draws / m->n_kept;
      NAX_TRY(nax_i_bic_store_get(ctx, &run->store, c, i, &p));
      nax_index at = c * m->n_kept + k;
      memcpy(m->kept_z + at * m->n, p.z, (size_t)m->n * sizeof *m->kept_z);
      memcpy(m->kept_xi + at * m->t, p.xi, (size_t)m->t);
    }
  }
done:
  return status;
}

static void
add_rate(nax_i_bic_rate *to, const nax_i_bic_rate *from)
{
  to->accepted += from->accepted;
  to->proposed += from->proposed;
}

nax_status
nax_i_bic_summarise(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  NAX_TRY(load_traces(ctx, run, m));
  NAX_REQUIRE(
      m->n_draws > 0, NAX_EINVAL,
      "no draw counts: %lld sweeps, of which %lld are burn-in, every %lld-th kept",
      (long long)m->o.n_sweeps, (long long)nax_i_bic_burn_in(&m->o),
      (long long)m->o.thin);
  NAX_TRY(similarities(ctx, run, m));
  for (int time = 0; time < 2; time++) {
    NAX_TRY(points(ctx, run, m, time));
    NAX_TRY(ball(ctx, run, m, time));
  }
  NAX_TRY(convergence(ctx, run, m));
  NAX_TRY_ALLOC(m->band, m->n_cluster[0], sizeof *m->band);
  for (nax_index g = 0; g < m->n_cluster[0]; g++) {
    NAX_TRY(one_band(ctx, run, m, g, &m->band[g]));
  }
  held_out(run, m);
  NAX_TRY(mean_rates(ctx, run, m));
  NAX_TRY(keep_some(ctx, run, m));
  for (int64_t c = 0; c < m->o.n_chains; c++) {
    const nax_i_bic_chain *x = run->lane[c].replica[0];
    add_rate(&m->member, &x->member);
    add_rate(&m->path, &x->path);
    add_rate(&m->together, &x->together);
    add_rate(&m->moved, &x->moved);
    add_rate(&m->rescale, &x->rescale);
    add_rate(&m->piece, &x->piece);
    add_rate(&m->dimension, &x->dimension);
    add_rate(&m->transfer, &x->transfer);
    add_rate(&m->split, &x->split);
    add_rate(&m->state_split, &x->state_split);
    add_rate(&m->swap, &run->lane[c].swap);
    m->repaired += x->repaired;
  }
  m->start_score = run->start_score;
  m->start_gain = run->start_gain;
  m->start_smooth = run->start_smooth;
  m->start_spread = run->start_spread;
  m->start_clusters = run->start_clusters;
done:
  return status;
}
