/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a result says: accessors, the verdict, tables and the dataset. */
#include "run_i.h"
#include <math.h>
#include <stdio.h>

nax_index
nax_bicluster_n_neurons(const nax_bicluster *m)
{
  return m->n;
}

nax_index
nax_bicluster_n_bins(const nax_bicluster *m)
{
  return m->t;
}

nax_index
nax_bicluster_n_clusters(const nax_bicluster *m)
{
  return m->n_cluster[NAX_I_BIC_VI];
}

nax_index
nax_bicluster_n_states(const nax_bicluster *m)
{
  return m->n_state[NAX_I_BIC_VI];
}

const int64_t *
nax_bicluster_clusters(const nax_bicluster *m)
{
  return m->cluster[NAX_I_BIC_VI];
}

const int64_t *
nax_bicluster_states(const nax_bicluster *m)
{
  return m->state[NAX_I_BIC_VI];
}

const double *
nax_bicluster_similarity(const nax_bicluster *m)
{
  return m->psm;
}

const double *
nax_bicluster_state_similarity(const nax_bicluster *m)
{
  return m->psm_t;
}

const double *
nax_bicluster_rates(const nax_bicluster *m)
{
  return m->rate;
}

/* --- the verdict
 * ------------------------------------------------------------------------- */

static const double r_hat_limit = 1.05, ess_limit = 100.0, spread_limit = 0.3;

static const char *
row_name(int k)
{
  return k < NAX_I_BIC_SCALARS ? nax_i_bic_scalar_name[k] : "r_worst_neuron";
}

/* The scalar that is furthest from convergence: 1 for R-hat, 2 for too few effective
 * draws, 0 when none is. */
static int
worst_scalar(const nax_bicluster *m, int *which)
{
  double r_hat = r_hat_limit, ess = ess_limit;
  int found = 0;
  for (int k = 0; k <= NAX_I_BIC_SCALARS; k++) {
    if (m->r_hat[k] > r_hat) { /* NaN: it does not vary */
      r_hat = m->r_hat[k];
      *which = k;
      found = 1;
    }
  }
  for (int k = 0; k <= NAX_I_BIC_SCALARS && found != 1; k++) {
    if (m->ess[k] < ess) {
      ess = m->ess[k];
      *which = k;
      found = 2;
    }
  }
  return found;
}

int32_t
nax_bicluster_converged(const nax_bicluster *m)
{
  int which;
  return m->o.n_chains > 1 && m->psm_spread <= spread_limit &&
         worst_scalar(m, &which) == 0;
}

void
nax_bicluster_verdict(const nax_bicluster *m, char *buf, size_t size)
{
  int which = 0, bad = worst_scalar(m, &which);
  if (m->o.n_chains < 2) {
    nax_i_snprintf(buf, size, "one chain cannot tell whether it has converged: run four");
  } else if (m->psm_spread > spread_limit) {
    nax_i_snprintf(buf, size,
                   "chains disagree on which neurons belong together (by up to %.2f): "
                   "several partitions explain the data, and single chains do not move "
                   "between them; run more chains or temper",
                   m->psm_spread);
  } else if (bad == 1) {
    nax_i_snprintf(buf, size, "chains have not mixed: R-hat of %s is %.3f; run longer",
                   row_name(which), m->r_hat[which]);
  } else if (bad == 2) {
    nax_i_snprintf(buf, size, "only %.0f effective draws of %s; run longer",
                   m->ess[which], row_name(which));
  } else {
    nax_i_snprintf(buf, size,
                   "chains agree: R-hat below %.2f and at least %.0f effective "
                   "draws of every scalar",
                   r_hat_limit, ess_limit);
  }
}

nax_status
nax_bicluster_diagnostics(nax_ctx *ctx, const nax_bicluster *m, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  const double *const from[] = {m->mean, m->sd, m->r_hat, m->ess, m->ess_tail};
  static const char *const column[] = {"mean", "sd", "r_hat", "ess_bulk", "ess_tail"};
  const char *names[NAX_I_BIC_SCALARS + 1];
  int row[NAX_I_BIC_SCALARS + 1], rows = 0;
  nax_i_begin(ctx);
  *out = NULL;
  for (int k = 0; k <= NAX_I_BIC_SCALARS; k++) {
    int fixed = k == NAX_I_BIC_LATENT_DIM && !m->o.learn_latent_dim;
    int absent = k == NAX_I_BIC_SCALARS && m->o.observation == NAX_BICLUSTER_POISSON;
    if (!fixed && !absent) {
      names[rows] = row_name(k);
      row[rows++] = k;
    }
  }
  NAX_TRY(nax_table_create(ctx, "scalar", rows, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "scalar", names));
  for (size_t c = 0; c < sizeof from / sizeof from[0]; c++) {
    double x[NAX_I_BIC_SCALARS + 1];
    for (int k = 0; k < rows; k++) {
      x[k] = from[c][row[k]];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, column[c], NULL, x));
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  return status;
}

/* --- the dataset
 * ------------------------------------------------------------------------- */

typedef struct maker {
  nax_ctx *ctx;
  const nax_bicluster *m;
  const nax_axis *neuron, *time;
  nax_dataset *d;
} maker;

/* Axis by a letter: n neurons, N again, t time, T again, r trials, b bins, q rows of a
 * path, k clusters, d kept draws, D all draws, c chains, s scalars. */
static nax_status
axis_of(const maker *k, char what, nax_axis **out)
{
  const nax_bicluster *m = k->m;
  nax_ctx *ctx = k->ctx;
  switch (what) {
  case 'n':
  case 'N':
    if (k->neuron == NULL) {
      return nax_axis_create_index(ctx, what == 'n' ? "neuron" : "neuron_2", m->n, out);
    }
    return what == 'n' ? nax_axis_copy(ctx, k->neuron, out)
                       : nax_axis_rename(ctx, k->neuron, "neuron_2", out);
  case 't':
  case 'T':
    if (k->time == NULL) {
      return nax_axis_create_index(ctx, what == 't' ? "time" : "time_2", m->time, out);
    }
    return what == 't' ? nax_axis_copy(ctx, k->time, out)
                       : nax_axis_rename(ctx, k->time, "time_2", out);
  case 'r':
    return nax_axis_create_index(ctx, "trial", m->trial, out);
  case 'b':
    return nax_axis_create_index(ctx, "bin", m->t, out);
  case 'q':
    return nax_axis_create_index(ctx, "row", m->q, out);
  case 'k':
    return nax_axis_create_index(ctx, "cluster", m->n_cluster[0], out);
  case 'd':
    return nax_axis_create_index(ctx, "draw", m->n_kept, out);
  case 'D':
    return nax_axis_create_index(ctx, "sweep", m->n_trace, out);
  case 'c':
    return nax_axis_create_index(ctx, "chain", m->o.n_chains, out);
  default:
    return nax_axis_create_labels(ctx, "scalar", NAX_I_BIC_SCALARS, nax_i_bic_scalar_name,
                                  out);
  }
}

/* Array over the axes that the letters name, filled with NaN. */
static nax_status
add_array(const maker *k, const char *name, const char *axes, const char *about,
          double **data)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->ctx;
  nax_axis *axis[NAX_MAX_NDIM] = {NULL};
  nax_array *a = NULL;
  int32_t n = (int32_t)strlen(axes);
  for (int32_t i = 0; i < n; i++) {
    NAX_TRY(axis_of(k, axes[i], &axis[i]));
  }
  NAX_TRY(nax_array_create(ctx, NAX_F64, n, (const nax_axis *const *)axis, "1", &a));
  NAX_TRY(nax_array_set_description(ctx, a, about));
  *data = nax_array_data_mut(a);
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    (*data)[i] = NAN;
  }
  NAX_TRY(nax_dataset_add_array(ctx, k->d, name, a));
  a = NULL;
done:
  nax_array_free(a);
  for (int32_t i = 0; i < n; i++) {
    nax_axis_free(axis[i]);
  }
  return status;
}

nax_status
nax_i_bic_latent_table(nax_ctx *ctx, const nax_bicluster *m, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_index n = m->n_cluster[0];
  double *x = NULL;
  nax_table *t = NULL;
  char name[16];
  NAX_TRY_ALLOC(x, n, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "latent_counts", n, &t));
  for (nax_index g = 0; g < n; g++) {
    x[g] = (double)g;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "cluster", NULL, x));
  for (int a = 0; a < m->q; a++) {
    for (nax_index g = 0; g < n; g++) {
      double size = 0.0;
      x[g] = 0.0;
      for (nax_index i = 0; i < m->n; i++) {
        x[g] += m->cluster[0][i] == g ? m->p_prob[a + m->q * i] : 0.0;
        size += m->cluster[0][i] == g;
      }
      x[g] /= size;
    }
    nax_i_snprintf(name, sizeof name, "latents_%d", a);
    NAX_TRY(nax_table_add_numbers(ctx, t, name, NULL, x));
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

static nax_status
add_neurons(const maker *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->ctx;
  const nax_bicluster *m = k->m;
  static const char *const names[] = {"cluster", "cluster_binder", "cluster_pear"};
  nax_table *t = NULL;
  double *x = NULL;
  NAX_TRY_ALLOC(x, m->n, sizeof *x);
  NAX_TRY(nax_table_create(ctx, k->neuron != NULL ? nax_axis_name(k->neuron) : "neuron",
                           m->n, &t));
  for (int c = 0; c < NAX_I_BIC_CRITERIA; c++) {
    for (nax_index i = 0; i < m->n; i++) {
      x[i] = (double)m->cluster[c][i];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, names[c], NULL, x));
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "certainty", NULL, m->cluster_sure));
  NAX_TRY(nax_table_add_numbers(ctx, t, "dispersion", NULL, m->r_mean));
  NAX_TRY(nax_table_add_numbers(ctx, t, "dispersion_sd", NULL, m->r_sd));
  if (m->o.learn_latent_dim) {
    for (nax_index i = 0; i < m->n; i++) {
      x[i] = 0.0;
      for (int a = 0; a < m->q; a++) {
        x[i] += a * m->p_prob[a + m->q * i];
      }
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, "latent_dim", NULL, x));
  }
  NAX_TRY(nax_dataset_add_table(ctx, k->d, "neurons", t));
  t = NULL;
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

static nax_status
add_time(const maker *k)
{
  nax_status status = NAX_OK;
  const nax_bicluster *m = k->m;
  static const char *const names[] = {"states", "states_binder", "states_pear"};
  static const char *const about[] = {
      "state of each bin: point estimate by variation of information",
      "state of each bin: point estimate by Binder's loss",
      "state of each bin: point estimate by expected adjusted Rand index"};
  const char *axes = m->trial > 0 ? "tr" : "t";
  double *x;
  for (int c = 0; c < NAX_I_BIC_CRITERIA; c++) {
    NAX_TRY(add_array(k, names[c], axes, about[c], &x));
    for (nax_index t = 0; t < m->t; t++) {
      x[m->source[t]] = (double)m->state[c][t];
    }
  }
  NAX_TRY(add_array(k, "state_certainty", axes,
                    "mean probability of sharing the state with the other bins of it",
                    &x));
  for (nax_index t = 0; t < m->t; t++) {
    x[m->source[t]] = m->state_sure[t];
  }
  if (m->psm_t != NULL && m->trial == 0 && m->t == m->time) {
    NAX_TRY(add_array(k, "state_similarity", "tT",
                      "probability that two bins share a state", &x));
    memcpy(x, m->psm_t, (size_t)(m->t * m->t) * sizeof *x);
  }
done:
  return status;
}

static nax_status
add_trajectories(const maker *k)
{
  nax_status status = NAX_OK;
  const nax_bicluster *m = k->m;
  static const char *const names[] = {"trajectory", "trajectory_low", "trajectory_high"};
  static const char *const about[] = {
      "posterior mean of each cluster's path: row 0 is common to its neurons, the others "
      "are weighted by their loadings",
      "2.5 % quantile", "97.5 % quantile"};
  nax_index bins = m->time * (m->trial > 0 ? m->trial : 1);
  for (int what = 0; what < 3; what++) {
    double *x;
    NAX_TRY(add_array(k, names[what], m->trial > 0 ? "qtrk" : "qtk", about[what], &x));
    for (nax_index g = 0; g < m->n_cluster[0]; g++) {
      const nax_i_bic_band *b = &m->band[g];
      const double *from = what == 0 ? b->mean : what == 1 ? b->low : b->high;
      for (nax_index t = 0; t < m->t; t++) {
        for (int a = 0; a < m->q; a++) {
          x[a + m->q * (m->source[t] + bins * g)] = from[a * m->t + t];
        }
      }
    }
  }
done:
  return status;
}

static nax_status
add_rates(const maker *k)
{
  nax_status status = NAX_OK;
  const nax_bicluster *m = k->m;
  double *x;
  if (m->rate == NULL) {
    return NAX_OK;
  }
  NAX_TRY(add_array(k, "rate", m->trial > 0 ? "ntr" : "nt",
                    "posterior mean of what is expected", &x));
  for (nax_index t = 0; t < m->t; t++) {
    memcpy(x + m->n * m->source[t], m->rate + m->n * t, (size_t)m->n * sizeof *x);
  }
done:
  return status;
}

static nax_status
add_draws(const maker *k)
{
  nax_status status = NAX_OK;
  const nax_bicluster *m = k->m;
  double *x;
  NAX_TRY(add_array(k, "trace", "sDc",
                    "scalars of every sweep that was kept, burn-in "
                    "included",
                    &x));
  memcpy(x, m->trace,
         (size_t)(NAX_I_BIC_SCALARS * m->n_trace * m->o.n_chains) * sizeof *x);
  NAX_TRY(add_array(k, "draw_clusters", "ndc", "cluster labels of some draws", &x));
  for (nax_index i = 0; i < m->n * m->n_kept * m->o.n_chains; i++) {
    x[i] = m->kept_z[i];
  }
  NAX_TRY(add_array(k, "draw_states", "bdc", "state labels of some draws", &x));
  for (nax_index i = 0; i < m->t * m->n_kept * m->o.n_chains; i++) {
    x[i] = m->kept_xi[i];
  }
done:
  return status;
}

/* Probabilities of numbers of clusters or large states. */
static nax_status
add_counts(const maker *k, const char *name, const char *what, nax_index n,
           const double *prob)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->ctx;
  nax_table *t = NULL;
  double *count = NULL, *p = NULL;
  nax_index rows = 0;
  NAX_TRY_ALLOC(count, n, sizeof *count);
  NAX_TRY_ALLOC(p, n, sizeof *p);
  for (nax_index j = 0; j < n; j++) {
    if (prob[j] > 0.0) {
      count[rows] = (double)j;
      p[rows++] = prob[j];
    }
  }
  NAX_TRY(nax_table_create(ctx, name, rows, &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, what, NULL, count));
  NAX_TRY(nax_table_add_numbers(ctx, t, "probability", NULL, p));
  NAX_TRY(nax_dataset_add_table(ctx, k->d, name, t));
  t = NULL;
done:
  nax_i_free(count);
  nax_i_free(p);
  nax_table_free(t);
  return status;
}

static double
share(nax_i_bic_rate r)
{
  return r.proposed > 0.0 ? r.accepted / r.proposed : (double)NAN;
}

static nax_status
add_facts(const maker *k)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = k->ctx;
  const nax_bicluster *m = k->m;
  char text[512];
  const struct {
    const char *name;
    double value;
  } facts[] = {
      {"converged", (double)nax_bicluster_converged(m)},
      {"similarity_spread", m->psm_spread},
      {"cluster_ball_radius", m->ball},
      {"cluster_ball_least", (double)m->ball_k[0]},
      {"cluster_ball_most", (double)m->ball_k[1]},
      {"state_ball_radius", m->ball_t},
      {"state_ball_least", (double)m->ball_s[0]},
      {"state_ball_most", (double)m->ball_s[1]},
      {"accepted_members", share(m->member)},
      {"accepted_paths", share(m->path)},
      {"accepted_states_and_paths", share(m->together)},
      {"accepted_rescaling", share(m->rescale)},
      {"accepted_state_runs", share(m->piece)},
      {"accepted_latent_dim", share(m->dimension)},
      {"accepted_transfers", share(m->transfer)},
      {"accepted_splits_and_merges", share(m->split)},
      {"accepted_state_splits_and_merges", share(m->state_split)},
      {"accepted_swaps", share(m->swap)},
      {"label_moves", m->moved.accepted},
      {"repaired_pivots", m->repaired},
      {"held_out", (double)m->n_held},
      {"held_out_log_density", m->n_held > 0 ? m->held_lpd : (double)NAN},
      {"held_out_log_density_constant", m->n_held > 0 ? m->held_null : (double)NAN},
      {"start_clusters", (double)m->start_clusters},
      {"start_log_evidence", m->start_score},
      {"start_next_merge", m->start_gain},
      {"start_smoothness", m->start_smooth},
      {"start_slope_spread", m->start_spread}};
  for (int32_t i = 0; i < nax_i_bicluster_table.n_opts; i++) {
    char key[64];
    const char *name = nax_i_bicluster_table.opts[i].name;
    if (strncmp(name, "checkpoint", 10) == 0 || strcmp(name, "resume") == 0) {
      continue; /* not of the result */
    }
    nax_i_snprintf(key, sizeof key, "bicluster_%.40s", name);
    nax_options_format(&nax_i_bicluster_table, &m->o, i, text, sizeof text);
    NAX_TRY(nax_dataset_set_text(ctx, k->d, key, text));
  }
  for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
    char key[64];
    nax_i_snprintf(key, sizeof key, "bicluster_%.40s", facts[i].name);
    if (facts[i].value == facts[i].value) {
      NAX_TRY(nax_dataset_set_number(ctx, k->d, key, facts[i].value));
    }
  }
  nax_bicluster_verdict(m, text, sizeof text);
  NAX_TRY(nax_dataset_set_text(ctx, k->d, "bicluster_verdict", text));
done:
  return status;
}

nax_status
nax_bicluster_dataset(nax_ctx *ctx, const nax_bicluster *m, const nax_axis *neuron,
                      const nax_axis *time, nax_dataset **out)
{
  nax_status status = NAX_OK;
  maker k = {ctx, m, neuron, time, NULL};
  nax_table *t = NULL;
  double *x;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_REQUIRE(neuron == NULL || nax_axis_length(neuron) == m->n, NAX_EDIM,
              "axis `%s` has %lld positions, expected %lld neurons",
              nax_axis_name(neuron), (long long)nax_axis_length(neuron), (long long)m->n);
  NAX_REQUIRE(time == NULL || nax_axis_length(time) == m->time, NAX_EDIM,
              "axis `%s` has %lld positions, expected %lld bins", nax_axis_name(time),
              (long long)nax_axis_length(time), (long long)m->time);
  NAX_TRY(nax_dataset_create(ctx, &k.d));
  NAX_TRY(add_array(&k, "similarity", "nN",
                    "probability that two neurons share a cluster", &x));
  memcpy(x, m->psm, (size_t)(m->n * m->n) * sizeof *x);
  NAX_TRY(add_neurons(&k));
  NAX_TRY(add_time(&k));
  NAX_TRY(add_trajectories(&k));
  NAX_TRY(add_rates(&k));
  NAX_TRY(add_counts(&k, "cluster_counts", "clusters", m->n + 1, m->k_prob));
  NAX_TRY(add_counts(&k, "state_counts", "states", m->l + 1, m->s_prob));
  NAX_TRY(nax_bicluster_diagnostics(ctx, m, &t));
  NAX_TRY(nax_dataset_add_table(ctx, k.d, "diagnostics", t));
  t = NULL;
  if (m->o.learn_latent_dim) {
    NAX_TRY(nax_i_bic_latent_table(ctx, m, &t));
    NAX_TRY(nax_dataset_add_table(ctx, k.d, "latent_counts", t));
    t = NULL;
  }
  NAX_TRY(add_draws(&k));
  NAX_TRY(add_facts(&k));
  NAX_TRY(nax_dataset_set_main(ctx, k.d, "similarity"));
  *out = k.d;
  k.d = NULL;
done:
  nax_table_free(t);
  nax_dataset_free(k.d);
  return status;
}
