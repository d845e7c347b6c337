/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each neuron makes of what is planted: its rate, its spikes, its calcium, or the
 * potential at a channel. Neurons are independent of each other given the planted. */
#include "simulate_i.h"
#include <math.h>

typedef struct job {
  nax_ctx *ctx; /* that may stop a long trace */
  const nax_i_sim *s;
  nax_i_sim_out *out;
} job;

/* 1 in some frames when the caller wants to stop: the rest is then left as it is. */
static int
stopped(const job *j, nax_index frame)
{
  enum { LOOK = 1 << 18 };
  return frame % LOOK == LOOK - 1 && nax_i_stopped(j->ctx);
}

/* The log of the rate, relative to rest, in each frame. */
static void
log_rate(const job *j, nax_index i, nax_index animal, double *u)
{
  const nax_i_sim *s = j->s;
  nax_index n = s->o.units, n_frames = s->n_frames;
  double up = log(s->o.event_gain);
  memset(u, 0, (size_t)n_frames * sizeof *u);
  for (nax_index a = 0; a < s->o.assemblies; a++) {
    double w = up * s->weight[i + n * a];
    const double *x = s->activation + n_frames * (a + s->o.assemblies * animal);
    for (nax_index k = 0; k < n_frames && w > 0.0; k++) {
      u[k] += w * x[k];
    }
  }
  for (nax_index l = 0; l < s->o.latents; l++) {
    double w = s->loading[i + n * l];
    const double *x = s->latent + n_frames * l;
    for (nax_index k = 0; k < n_frames; k++) {
      u[k] += w * x[k];
    }
  }
  for (int d = 0; d < NAX_I_SIM_DIMS && s->o.clusters > 0; d++) {
    double w = s->path_load[i + n * d];
    const double *x = s->path + n_frames * (d + NAX_I_SIM_DIMS * s->cluster[i]);
    for (nax_index k = 0; k < n_frames; k++) {
      u[k] += w * x[k];
    }
  }
  for (nax_index k = 0; k < n_frames && !stopped(j, k); k++) {
    nax_index trial = s->trial_at[k];
    double t = (double)k / s->rate;
    if (trial < 0 && s->o.trials > 0) {
      continue;
    }
    if (trial >= 0) {
      t -= s->start[trial];
      nax_index c = s->condition[trial];
      u[k] += c >= 0 ? s->pattern[i + n * c] : 0.0;
    }
    int control = trial >= 0 && s->o.tag_conditions > 0 &&
                  s->condition[trial] >= s->o.tag_conditions;
    for (nax_index f = 0; f < s->n_tags && !control; f++) {
      double depth = s->tag_depth[i + n * f];
      if (depth > 0.0) {
        u[k] +=
            depth * cos(6.28318530717958647692 * s->tag[f] * t + s->tag_phase[i + n * f]);
      }
    }
  }
}

/* --- spikes and calcium ------------------------------------------------------------ */

typedef struct train {
  double *t;
  nax_index n, cap;
} train;

static nax_status
add_spike(train *tr, double t)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  if (tr->n == tr->cap) {
    nax_index cap = tr->cap > 0 ? 2 * tr->cap : 256;
    double *p = nax_i_realloc(tr->t, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    tr->t = p;
    tr->cap = cap;
  }
  nax_index k = tr->n++;
  for (; k > 0 && tr->t[k - 1] > t; k--) { /* within a frame only: few */
    tr->t[k] = tr->t[k - 1];
  }
  tr->t[k] = t;
done:
  return status;
}

/* A dead time of d after each spike makes a rate r of a Poisson process r / (1 + r d):
 * that is undone beforehand. */
static nax_status
fire(const job *j, nax_rng *r, double base, const double *u, train *tr)
{
  nax_status status = NAX_OK;
  const nax_i_sim *s = j->s;
  double dead = s->o.refractory, most = dead > 0.0 ? 0.5 / dead : 1000.0;
  for (nax_index k = 0; k < s->n_frames && !stopped(j, k); k++) {
    double rate = base * exp(u[k]);
    rate = rate > most ? most : rate;
    nax_index n = nax_rng_poisson(r, rate / (1.0 - rate * dead) / s->rate);
    for (; n > 0; n--) {
      NAX_TRY(add_spike(tr, ((double)k + nax_rng_uniform(r)) / s->rate));
    }
  }
  nax_index kept = 0;
  for (nax_index k = 0; k < tr->n; k++) {
    if (kept == 0 || tr->t[k] - tr->t[kept - 1] >= dead) {
      tr->t[kept++] = tr->t[k];
    }
  }
  tr->n = kept;
done:
  return status;
}

/* Sum of transients amplitude * (exp(-t / decay) - exp(-t / rise)) / peak at the start of
 * each frame. */
static void
transients(const job *j, const train *tr, double *x)
{
  const nax_i_sim *s = j->s;
  double decay = s->o.decay, rise = 0.1 * decay;
  double top = log(decay / rise) * decay * rise / (decay - rise);
  double scale = s->o.amplitude / (exp(-top / decay) - exp(-top / rise));
  double slow = 0.0, fast = 0.0, dt = 1.0 / s->rate;
  double keep_slow = exp(-dt / decay), keep_fast = exp(-dt / rise);
  nax_index next = 0;
  for (nax_index k = 0; k < s->n_frames && !stopped(j, k); k++) {
    double t = (double)k / s->rate;
    slow *= keep_slow;
    fast *= keep_fast;
    for (; next < tr->n && tr->t[next] < t; next++) {
      slow += exp((tr->t[next] - t) / decay);
      fast += exp((tr->t[next] - t) / rise);
    }
    x[k] = scale * (slow - fast);
  }
}

static void
write_calcium(const job *j, nax_rng *r, nax_index i, nax_index animal, const double *x)
{
  const nax_i_sim *s = j->s;
  nax_index n = s->o.units, at = i + n * s->n_frames * animal;
  double f0 = 100.0 + 300.0 * nax_rng_uniform(r);
  for (nax_index k = 0; k < s->n_frames && !stopped(j, k); k++, at += n) {
    double dff = x[k] + nax_rng_normal(r, 0.0, s->o.noise);
    j->out->dff[at] = s->lost[k] ? NAN : (float)dff;
    if (s->o.raw) { /* bleaching takes a tenth; the neuropil leaks in by 0.7 */
      double bleach = 1.0 - 0.1 * (double)k / (double)s->n_frames;
      double around = 0.4 * f0 * bleach * (1.0 + 0.3 * s->common[k]) +
                      nax_rng_normal(r, 0.0, 0.01 * f0);
      j->out->neuropil[at] = s->lost[k] ? NAN : (float)around;
      j->out->raw[at] =
          s->lost[k] ? NAN : (float)(f0 * bleach * (1.0 + dff) + 0.7 * around);
    }
  }
}

/* Noise with a spectrum near 1/f: first-order processes a factor of four apart. */
static void
write_field(const job *j, nax_rng *r, nax_index i, const double *u)
{
  enum { PARTS = 7 };
  const nax_i_sim *s = j->s;
  double z[PARTS], keep[PARTS], samples = 1.0;
  for (int p = 0; p < PARTS; p++, samples *= 4.0) {
    keep[p] = exp(-1.0 / samples);
    z[p] = nax_rng_normal(r, 0.0, 1.0);
  }
  for (nax_index k = 0; k < s->n_frames && !stopped(j, k); k++) {
    double noise = 0.0;
    for (int p = 0; p < PARTS; p++) {
      z[p] = keep[p] * z[p] + nax_rng_normal(r, 0.0, sqrt(1.0 - keep[p] * keep[p]));
      noise += z[p];
    }
    double uv = 10.0 * u[k] + 100.0 * s->o.noise * noise / sqrt((double)PARTS);
    j->out->dff[i + s->o.units * k] = s->lost[k] ? NAN : (float)uv;
  }
}

static nax_status
one_neuron(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const job *j = arg;
  const nax_i_sim *s = j->s;
  nax_index i = block % s->o.units, animal = block / s->o.units;
  nax_rng *r = NULL;
  train tr = {NULL, 0, 0};
  double *u = NULL;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_ACTIVITY, block, &r));
  NAX_TRY_ALLOC(u, s->n_frames, sizeof *u);
  log_rate(j, i, animal, u);
  if (s->o.kind == NAX_SIMULATE_FIELD) {
    write_field(j, r, i, u);
    goto done;
  }
  NAX_TRY(fire(j, r, s->base_rate[i], u, &tr));
  if (s->o.kind != NAX_SIMULATE_SPIKES) {
    transients(j, &tr, u);
    write_calcium(j, r, i, animal, u);
  }
  if (j->out->times != NULL) {
    j->out->times[i] = tr.t;
    j->out->n_times[i] = tr.n;
    tr.t = NULL;
  }
done:
  nax_i_free(tr.t);
  nax_i_free(u);
  nax_rng_free(r);
  return status;
}

nax_status
nax_i_sim_neurons(nax_ctx *ctx, const nax_i_sim *s, nax_i_sim_out *out)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  nax_index n = s->o.units * s->o.animals;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_simulate", "simulate", n));
  NAX_TRY(nax_i_parallel(ctx, &stage, n, one_neuron, &(job){ctx, s, out}));
done:
  return status;
}
