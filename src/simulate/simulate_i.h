/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the simulator: what is planted, and what each neuron makes of it. */
#ifndef NAX_SIMULATE_I_H
#define NAX_SIMULATE_I_H
#include "core/core_i.h"
#include <neuraxis/rng.h>
#include <neuraxis/simulate.h>

enum {
  NAX_I_SIM_TAGS = 16, /* most tag frequencies */
  NAX_I_SIM_DIMS = 2   /* of the dynamics of a cluster */
};

/* Streams of random numbers, one kind for each kind of thing, so that asking for more of
 * one leaves the others as they are. */
typedef enum nax_i_sim_stream {
  NAX_I_SIM_TRIALS = 1,
  NAX_I_SIM_MEMBERS,
  NAX_I_SIM_EVENTS,
  NAX_I_SIM_LATENTS,
  NAX_I_SIM_CLUSTERS,
  NAX_I_SIM_STATES,
  NAX_I_SIM_PATTERNS,
  NAX_I_SIM_FRAMES,
  NAX_I_SIM_COMMON,
  NAX_I_SIM_NEURON,   /* what a neuron is */
  NAX_I_SIM_ACTIVITY, /* what it does, one per neuron and animal */
  NAX_I_SIM_IMAGES    /* latent of the pictures, and each of them */
} nax_i_sim_stream;

typedef struct nax_i_sim_event {
  nax_index assembly, animal;
  double time, gain;
} nax_i_sim_event;

/* Everything planted. Matrices are column-major; time is fastest where a neuron has to
 * run along it. */
typedef struct nax_i_sim {
  nax_simulate_opts o;
  double rate, base;
  nax_index n_frames;
  double *start, *stop;   /* trials */
  nax_index *condition;   /* of each trial, from 0; -1 without conditions */
  nax_index *trial_at;    /* frame -> trial, -1 between them */
  double *weight;         /* neuron x assembly */
  double *activation;     /* time x assembly x animal */
  nax_i_sim_event *event; /* by assembly, time, animal */
  nax_index n_events, cap_events;
  double *latent;     /* time x latent */
  double *loading;    /* neuron x latent */
  nax_index *cluster; /* of each neuron, -1 without clusters */
  double *path;       /* time x dimension x cluster */
  double *path_load;  /* neuron x dimension */
  double *state;      /* time; whole numbers from 0 */
  double *coord;      /* 2 x condition */
  double *pattern;    /* neuron x condition */
  int32_t n_tags;
  double tag[NAX_I_SIM_TAGS];
  double *tag_depth, *tag_phase; /* neuron x tag */
  double *base_rate;             /* neuron, Hz */
  double *common;                /* time: what all neuropil shares; only with `raw` */
  char *lost;                    /* frame */
  double *own, *angle, *zoom;    /* time: of the pictures; only with `images` */
} nax_i_sim;

/* What the neurons did. */
typedef struct nax_i_sim_out {
  float *dff, *raw, *neuropil; /* neuron x time x animal, or NULL */
  double **times;              /* spikes of each neuron, or NULL */
  nax_index *n_times;
} nax_i_sim_out;

/* plant.c */
nax_status nax_i_sim_plant(nax_ctx *ctx, nax_i_sim *s);
void nax_i_sim_free(nax_i_sim *s);
nax_status nax_i_sim_rng(nax_ctx *ctx, const nax_i_sim *s, nax_i_sim_stream what,
                         nax_index index, nax_rng **out);
/* dynamics.c: smooth unit-variance noise of n samples, covariance exp(-d^2 / 2 tau^2)
 * with tau in samples. */
nax_status nax_i_sim_smooth_noise(nax_ctx *ctx, nax_rng *r, nax_index n, double tau,
                                  double *x);
nax_status nax_i_sim_plant_dynamics(nax_ctx *ctx, nax_i_sim *s);
/* images.c */
nax_status nax_i_sim_plant_images(nax_ctx *ctx, nax_i_sim *s);
/* pixel: side x side x frame. */
nax_status nax_i_sim_images(nax_ctx *ctx, const nax_i_sim *s, float *pixel);
/* neurons.c */
nax_status nax_i_sim_neurons(nax_ctx *ctx, const nax_i_sim *s, nax_i_sim_out *out);

#endif
