/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smooth latents shared by all neurons, and clusters whose own dynamics switch. */
#include "simulate_i.h"
#include <math.h>

static const double two_pi = 6.28318530717958647692;

/* White noise through a Gaussian kernel of sd tau / sqrt(2) has the covariance
 * exp(-d^2 / 2 tau^2) exactly. */
nax_status
nax_i_sim_smooth_noise(nax_ctx *ctx, nax_rng *r, nax_index n, double tau, double *x)
{
  nax_status status = NAX_OK;
  double *kernel = NULL, *noise = NULL;
  double reach = ceil(4.0 * tau / sqrt(2.0));
  NAX_REQUIRE(reach < 1e8, NAX_EINVAL, "a timescale of %g samples is too long", tau);
  nax_index h = (nax_index)reach, m = 2 * h + 1;
  NAX_TRY_ALLOC(kernel, m, sizeof *kernel);
  NAX_TRY_ALLOC(noise, n + 2 * h, sizeof *noise);
  double square = 0.0;
  for (nax_index j = 0; j < m; j++) {
    double d = (double)(j - h);
    kernel[j] = tau > 0.0 ? exp(-d * d / (tau * tau)) : 1.0;
    square += kernel[j] * kernel[j];
  }
  for (nax_index k = 0; k < n + 2 * h; k++) {
    noise[k] = nax_rng_normal(r, 0.0, 1.0);
  }
  for (nax_index k = 0; k < n; k++) {
    double sum = 0.0;
    for (nax_index j = 0; j < m; j++) {
      sum += kernel[j] * noise[k + j];
    }
    x[k] = sum / sqrt(square);
  }
done:
  nax_i_free(kernel);
  nax_i_free(noise);
  return status;
}

/* n x q normal numbers of total variance `gain`^2 per row, neuron by neuron. */
static nax_status
plant_loadings(nax_ctx *ctx, const nax_i_sim *s, nax_index first, nax_index q, double *x)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  nax_index n = s->o.units;
  for (nax_index l = 0; l < q; l++) {
    NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_MEMBERS, first + l, &r));
    for (nax_index i = 0; i < n; i++) {
      x[i + n * l] = nax_rng_normal(r, 0.0, s->o.latent_gain / sqrt((double)q));
    }
    nax_rng_free(r);
    r = NULL;
  }
done:
  nax_rng_free(r);
  return status;
}

static nax_status
plant_latents(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  nax_index q = s->o.latents;
  NAX_TRY_ALLOC(s->latent, s->n_frames * q, sizeof *s->latent);
  NAX_TRY_ALLOC(s->loading, s->o.units * q, sizeof *s->loading);
  for (nax_index l = 0; l < q; l++) {
    NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_LATENTS, l, &r));
    NAX_TRY(nax_i_sim_smooth_noise(ctx, r, s->n_frames, s->o.timescale * s->rate,
                                   s->latent + s->n_frames * l));
    nax_rng_free(r);
    r = NULL;
  }
  NAX_TRY(plant_loadings(ctx, s, 2000000, q, s->loading));
done:
  nax_rng_free(r);
  return status;
}

/* Times in a state are gamma distributed, with a spread of a fifth of their mean. */
static nax_status
plant_states(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_STATES, 0, &r));
  NAX_TRY_ALLOC(s->state, s->n_frames, sizeof *s->state);
  nax_index now = 0;
  double until = 0.0;
  for (nax_index k = 0; k < s->n_frames; k++) {
    while (s->o.states > 1 && (double)k >= until) {
      if (k > 0) {
        now = (now + 1 + nax_rng_below(r, s->o.states - 1)) % s->o.states;
      }
      until = (double)k + nax_rng_gamma(r, 25.0, s->o.state_length * s->rate / 25.0);
    }
    s->state[k] = (double)now;
  }
done:
  nax_rng_free(r);
  return status;
}

/* State 0 forgets within 50 ms; state m > 0 turns m / 2 times a second, give or take a
 * quarter between clusters, and forgets within 2 s. Each is stationary with variance 1.
 */
static void
run_path(const nax_i_sim *s, nax_rng *r, double *path)
{
  nax_index n = s->n_frames;
  double turn = 0.75 + 0.5 * nax_rng_uniform(r);
  double x = nax_rng_normal(r, 0.0, 1.0), y = nax_rng_normal(r, 0.0, 1.0);
  for (nax_index k = 0; k < n; k++) {
    double state = s->state[k];
    double keep = exp(-1.0 / (s->rate * (state > 0.0 ? 2.0 : 0.05)));
    double angle = two_pi * turn * 0.5 * state / s->rate;
    double sd = sqrt(1.0 - keep * keep);
    double nx = keep * (cos(angle) * x - sin(angle) * y);
    y = keep * (sin(angle) * x + cos(angle) * y) + nax_rng_normal(r, 0.0, sd);
    x = nx + nax_rng_normal(r, 0.0, sd);
    path[k] = x;
    path[n + k] = y;
  }
}

static nax_status
plant_clusters(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  nax_index *order = NULL, n = s->o.units, m = s->o.clusters;
  NAX_TRY_ALLOC(s->cluster, n, sizeof *s->cluster);
  NAX_TRY_ALLOC(s->path, s->n_frames * NAX_I_SIM_DIMS * m, sizeof *s->path);
  NAX_TRY_ALLOC(s->path_load, n * NAX_I_SIM_DIMS, sizeof *s->path_load);
  NAX_TRY_ALLOC(order, n, sizeof *order);
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_CLUSTERS, 0, &r));
  nax_rng_permutation(r, n, order);
  for (nax_index i = 0; i < n; i++) { /* as large as each other, neurons mixed */
    s->cluster[order[i]] = m > 0 ? i % m : -1;
  }
  if (m > 0) {
    NAX_TRY(plant_states(ctx, s));
    NAX_TRY(plant_loadings(ctx, s, 3000000, NAX_I_SIM_DIMS, s->path_load));
    /* the first dimension drives the neurons of a cluster alike */
    for (nax_index i = 0; i < n; i++) {
      double *load = s->path_load + i;
      *load = s->o.latent_gain / sqrt((double)NAX_I_SIM_DIMS) + 0.3 * *load;
    }
  }
  for (nax_index c = 0; c < m; c++) {
    nax_rng_free(r);
    r = NULL;
    NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_CLUSTERS, 1 + c, &r));
    run_path(s, r, s->path + s->n_frames * NAX_I_SIM_DIMS * c);
  }
done:
  nax_i_free(order);
  nax_rng_free(r);
  return status;
}

nax_status
nax_i_sim_plant_dynamics(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  NAX_TRY(plant_latents(ctx, s));
  NAX_TRY(plant_clusters(ctx, s));
done:
  return status;
}
