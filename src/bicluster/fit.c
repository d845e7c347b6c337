/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public function: take the data in, run, summarise. */
#define _POSIX_C_SOURCE 200809L
#include "run_i.h"
#include <math.h>
#include <stdio.h>
#include <unistd.h>

enum { MIN_BINS = 10, HELD_RUN = 10 };
static const double largest_count = 1e6;

/* Axes of the input by position: neuron, time, trial (-1: none). */
typedef struct shape {
  int32_t neuron, time, trial;
  nax_index n, t, r;
} shape;

static nax_status
find_shape(nax_ctx *ctx, const char *fn, const nax_view *y, shape *s)
{
  nax_status status = NAX_OK;
  NAX_REQUIRE(y != NULL && y->data != NULL, NAX_EINVAL, "the data are NULL");
  if (y->ndim != 2 && y->ndim != 3) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "expected neuron x time (x trial), found %d axes", (int)y->ndim);
  }
  s->time = nax_view_axis(y, "time") >= 0 ? nax_view_axis(y, "time") : 1;
  s->trial = y->ndim == 3 ? (s->time == 2 ? 1 : 2) : -1;
  s->neuron = s->time == 0 ? 1 : 0;
  if (y->ndim == 3 && s->time == 0) {
    s->trial = 2;
  }
  s->n = y->dim[s->neuron];
  s->t = y->dim[s->time];
  s->r = s->trial >= 0 ? y->dim[s->trial] : 1;
done:
  return status;
}

static double
entry(const nax_view *y, const shape *s, nax_index i, nax_index t, nax_index r)
{
  nax_index at[3] = {0, 0, 0};
  at[s->neuron] = i;
  at[s->time] = t;
  if (s->trial >= 0) {
    at[s->trial] = r;
  }
  return nax_view_get(y, at);
}

/* Bins after the last one of a trial with any value are no bins. */
static nax_status
lay_out(nax_ctx *ctx, const nax_view *y, const shape *s, nax_bicluster *m)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(m->source, s->t * s->r, sizeof *m->source);
  NAX_TRY_ALLOC(m->first, s->t * s->r, 1);
  for (nax_index r = 0; r < s->r; r++) {
    nax_index last = -1;
    for (nax_index t = s->t - 1; t >= 0 && last < 0; t--) {
      for (nax_index i = 0; i < s->n && last < 0; i++) {
        double x = entry(y, s, i, t, r);
        last = x == x ? t : last;
      }
    }
    for (nax_index t = 0; t <= last; t++) {
      m->first[m->t] = t == 0;
      m->source[m->t++] = t + s->t * r;
    }
  }
done:
  return status;
}

static nax_status
take_counts(nax_ctx *ctx, const char *fn, const nax_view *y, const shape *s,
            const nax_bicluster *m, nax_i_bic_data *d)
{
  int counts = d->o.observation != NAX_BICLUSTER_GAUSSIAN;
  nax_index silent = 0;
  for (nax_index i = 0; i < d->n; i++) {
    double sum = 0.0, n = 0.0, square = 0.0;
    double *row = d->y + i * d->tp, *mask = d->mask + i * d->tp;
    for (nax_index t = 0; t < d->t; t++) {
      double x = entry(y, s, i, m->source[t] % s->t, m->source[t] / s->t);
      if (x != x) {
        continue;
      }
      if (!isfinite(x) || (counts && (x < 0.0 || x != floor(x) || x > largest_count))) {
        return nax_i_fail(
            ctx, NAX_EDATA, fn,
            "neuron %lld, time %lld, trial %lld: expected %s, found %g", (long long)i,
            (long long)(m->source[t] % s->t), (long long)(m->source[t] / s->t),
            counts ? "a count (whole, from 0 to 1e6)" : "a finite value", x);
      }
      row[t] = x;
      mask[t] = 1.0;
      sum += x;
      n += 1.0;
    }
    if (n < 1.0) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "neuron %lld has no value at all: leave it "
                        "out",
                        (long long)i);
    }
    silent += counts && sum == 0.0;
    for (nax_index t = 0; t < d->t && !counts; t++) {
      square += mask[t] * (row[t] - sum / n) * (row[t] - sum / n);
    }
    if (!counts && !(square > 0.0)) {
      return nax_i_fail(ctx, NAX_EDATA, fn, "neuron %lld does not vary: leave it out",
                        (long long)i);
    }
    d->centre[i] = counts ? 0.0 : sum / n;
    d->scale[i] = counts ? 1.0 : sqrt(square / n);
    for (nax_index t = 0; t < d->t && !counts; t++) {
      row[t] = mask[t] * (row[t] - d->centre[i]) / d->scale[i];
    }
  }
  if (silent > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "bicluster.silent",
               "%lld neurons never fire: nothing is learnt of their cluster",
               (long long)silent);
  }
  return NAX_OK;
}

static nax_status
hold_out(nax_ctx *ctx, nax_i_bic_data *d)
{
  nax_status status = NAX_OK;
  nax_rng r;
  int blocked = d->o.holdout_kind == NAX_BICLUSTER_BLOCKED;
  if (d->o.holdout <= 0.0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(d->held_i, d->n * d->t, sizeof *d->held_i);
  NAX_TRY_ALLOC(d->held_t, d->n * d->t, sizeof *d->held_t);
  NAX_TRY_ALLOC(d->held_y, d->n * d->t, sizeof *d->held_y);
  nax_i_rng_init(&r, d->o.seed, UINT64_MAX);
  for (nax_index i = 0; i < d->n; i++) {
    nax_index left = 0;
    int held = 0;
    for (nax_index t = 0; t < d->t; t++) {
      left += d->mask[i * d->tp + t] > 0.0;
    }
    for (nax_index t = 0; t < d->t; t++) {
      nax_index at = i * d->tp + t;
      if (!blocked || t % HELD_RUN == 0) {
        held = nax_rng_uniform(&r) < d->o.holdout;
      }
      if (held && d->mask[at] > 0.0 && left > 1) {
        d->held_i[d->n_held] = i;
        d->held_t[d->n_held] = t;
        d->held_y[d->n_held++] = d->y[at];
        d->mask[at] = d->y[at] = 0.0;
        left--;
      }
    }
  }
done:
  return status;
}

static nax_status
take_data(nax_ctx *ctx, const char *fn, const nax_view *y, const nax_index *region,
          const shape *s, nax_bicluster *m, nax_i_bic_data *d)
{
  nax_status status = NAX_OK;
  d->o = m->o;
  d->n = m->n;
  d->t = m->t;
  d->tp = (m->t + 7) / 8 * 8;
  d->q = m->q;
  d->l = m->l;
  d->rows = m->o.coupled > 0 ? (int)m->o.coupled * m->q : m->q;
  NAX_TRY_ALLOC(d->y, d->n * d->tp, sizeof(double));
  NAX_TRY_ALLOC(d->mask, d->n * d->tp, sizeof(double));
  NAX_TRY_ALLOC(d->centre, d->n, sizeof(double));
  NAX_TRY_ALLOC(d->scale, d->n, sizeof(double));
  NAX_TRY_ALLOC(d->first, d->t, 1);
  memcpy(d->first, m->first, (size_t)d->t);
  for (nax_index t = 0; t < d->t; t++) {
    d->n_first += d->first[t];
  }
  NAX_TRY(take_counts(ctx, fn, y, s, m, d));
  NAX_TRY(hold_out(ctx, d));
  if (region != NULL) {
    NAX_TRY_ALLOC(d->region, d->n, sizeof *d->region);
    for (nax_index i = 0; i < d->n; i++) {
      NAX_REQUIRE(region[i] >= 0 && region[i] < d->n, NAX_EINVAL,
                  "region %lld of neuron %lld: expected 0 to %lld", (long long)region[i],
                  (long long)i, (long long)d->n - 1);
      d->region[i] = region[i];
      d->n_region = region[i] >= d->n_region ? region[i] + 1 : d->n_region;
    }
  }
  NAX_TRY(nax_i_bic_data_refresh(ctx, d));
done:
  return status;
}

static nax_status
check_options(nax_ctx *ctx, const char *fn, const nax_bicluster_opts *o, nax_index n)
{
  if (o->n_chains * o->n_temperatures > 1024) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%lld chains of %lld temperatures: at most 1024 together",
                      (long long)o->n_chains, (long long)o->n_temperatures);
  }
  if (o->coupled * (o->latent_dim + 1) > NAX_I_BIC_Q) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%lld coupled clusters of %lld rows each: at most %d rows together",
                      (long long)o->coupled, (long long)o->latent_dim + 1,
                      (int)NAX_I_BIC_Q);
  }
  if (o->coupled > 0 && (o->learn_latent_dim || o->partition == NAX_BICLUSTER_DP)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "coupled dynamics have a fixed number of clusters, each of %lld "
                      "latents: leave out %s",
                      (long long)o->latent_dim,
                      o->learn_latent_dim ? "learn-latent-dim" : "partition dp");
  }
  if (nax_i_bic_burn_in(o) >= o->n_sweeps) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "burn-in of %lld leaves nothing of %lld sweeps",
                      (long long)nax_i_bic_burn_in(o), (long long)o->n_sweeps);
  }
  if (nax_i_bic_burn_in(o) < NAX_I_BIC_STARTING) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "burn-in of %lld: expected at least %d, the sweeps of the start",
                      (long long)nax_i_bic_burn_in(o), (int)NAX_I_BIC_STARTING);
  }
  if (o->resume && o->checkpoint == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "resume needs the name of a checkpoint");
  }
  if (o->checkpoint != NULL && !o->resume && access(o->checkpoint, F_OK) == 0) {
    return nax_i_fail_file(ctx, NAX_EIO, o->checkpoint,
                           "exists: resume from it, or remove it");
  }
  return n > 60000 ? nax_i_fail(ctx, NAX_EDIM, fn, "%lld neurons, expected at most 60000",
                                (long long)n)
                   : NAX_OK;
}

nax_status
nax_bicluster_fit(nax_ctx *ctx, const nax_view *y, const nax_index *region,
                  const nax_bicluster_opts *opts, nax_bicluster **out)
{
  nax_status status = NAX_OK;
  nax_bicluster *m = NULL;
  nax_i_bic_data d = {.n = 0};
  nax_i_bic_run run = {.d = &d};
  shape s = {.n = 0};
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_bicluster_table, &m->o, opts));
  NAX_TRY(find_shape(ctx, __func__, y, &s));
  NAX_TRY(check_options(ctx, __func__, &m->o, s.n));
  nax_i_gsl_begin();
  m->n = s.n;
  m->q = (int)m->o.latent_dim + 1;
  m->l = (int)m->o.max_states;
  m->time = s.t;
  m->trial = s.trial >= 0 ? s.r : 0;
  NAX_REQUIRE(s.n >= 2, NAX_EDIM, "expected at least 2 neurons, found %lld",
              (long long)s.n);
  NAX_TRY(lay_out(ctx, y, &s, m));
  NAX_REQUIRE(m->t >= MIN_BINS, NAX_EDIM, "expected at least %d bins, found %lld",
              (int)MIN_BINS, (long long)m->t);
  NAX_TRY(take_data(ctx, __func__, y, region, &s, m, &d));
  NAX_TRY(nax_i_bic_run_begin(ctx, &d, &run));
  NAX_TRY(nax_i_bic_run_all(ctx, __func__, &run));
  NAX_TRY(nax_i_bic_summarise(ctx, &run, m));
  m->o.checkpoint = NULL; /* the caller's */
  m->o.struct_size = sizeof m->o;
  *out = m;
  m = NULL;
done:
  nax_i_bic_run_end(&run);
  nax_i_bic_data_free(&d);
  nax_bicluster_free(m);
  return status;
}

nax_status
nax_bicluster_memory(nax_ctx *ctx, nax_index n_neurons, nax_index n_bins,
                     const nax_bicluster_opts *opts, size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_bicluster_opts o;
  nax_i_begin(ctx);
  *bytes = 0;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_bicluster_table, &o, opts));
  NAX_REQUIRE(n_neurons >= 2 && n_bins >= MIN_BINS, NAX_EDIM,
              "expected at least 2 neurons and %d bins", (int)MIN_BINS);
  double n = (double)n_neurons, t = (double)n_bins, q = (double)o.latent_dim + 1.0;
  double k = n < 20.0 ? n : 20.0; /* components at a time, empty ones included */
  double joint = (double)o.coupled * q, l = (double)o.max_states;
  double chain = 3.0 * n * t + k * t * (2.0 * q + 3.0 * q * q + 3.0 * q) + 12.0 * t;
  chain += (k + 1.0) * l * (double)sizeof(nax_i_bic_dyn) / 8.0;
  chain += joint * t * (5.0 + 3.0 * joint);
  double draws = (double)o.n_chains * (double)(o.n_sweeps / o.thin);
  double record = o.checkpoint != NULL ? 0.0 : 6.0 * n + 4.0 * n * q + t + 100.0;
  double paths =
      o.checkpoint != NULL ? 0.0 : (double)(o.n_chains * o.path_draws) * k * t * q;
  double lanes = (double)o.n_chains;
  double rates = o.rates ? (lanes + 1.0) * n * t : 0.0;
  double snapshot = o.checkpoint != NULL ? lanes * (double)o.n_temperatures * chain : 0.0;
  double psm = 3.0 * n * n + (n_bins <= 2500 ? 2.0 * t * t : 0.0);
  double all = 8.0 * ((double)(o.n_chains * o.n_temperatures) * chain + 4.0 * n * t +
                      psm + 8.0 * draws + rates + snapshot) +
               draws * record + 4.0 * paths + 2e8;
  NAX_REQUIRE(all < 9e18, NAX_EOVERFLOW, "%g bytes", all);
  *bytes = (size_t)all;
done:
  return status;
}

void
nax_bicluster_free(nax_bicluster *m)
{
  if (m == NULL) {
    return;
  }
  for (nax_index g = 0; m->band != NULL && g < m->n_cluster[0]; g++) {
    nax_i_free(m->band[g].mean);
    nax_i_free(m->band[g].low);
    nax_i_free(m->band[g].high);
  }
  for (int k = 0; k < NAX_I_BIC_CRITERIA; k++) {
    nax_i_free(m->cluster[k]);
    nax_i_free(m->state[k]);
  }
  nax_i_free(m->band);
  nax_i_free(m->source);
  nax_i_free(m->first);
  nax_i_free(m->trace);
  nax_i_free(m->psm);
  nax_i_free(m->psm_t);
  nax_i_free(m->cluster_sure);
  nax_i_free(m->state_sure);
  nax_i_free(m->k_prob);
  nax_i_free(m->s_prob);
  nax_i_free(m->r_mean);
  nax_i_free(m->r_sd);
  nax_i_free(m->rate);
  nax_i_free(m->p_prob);
  nax_i_free(m->r_hat);
  nax_i_free(m->ess);
  nax_i_free(m->ess_tail);
  nax_i_free(m->mean);
  nax_i_free(m->sd);
  nax_i_free(m->kept_z);
  nax_i_free(m->kept_xi);
  nax_i_free(m);
}
