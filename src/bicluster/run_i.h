/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run of several chains: draws as they are kept, checkpoints, and the result. */
#ifndef NAX_BICLUSTER_RUN_I_H
#define NAX_BICLUSTER_RUN_I_H
#include "bicluster_i.h"
#include "io/io_i.h"

/* Scalars of a draw; none depends on how clusters and states are numbered. */
typedef enum nax_i_bic_scalar {
  NAX_I_BIC_LOGLIK = 0,
  NAX_I_BIC_CLUSTERS,
  NAX_I_BIC_STATES_LARGE, /* states with more than 2 % of the bins */
  NAX_I_BIC_STATES_USED,
  NAX_I_BIC_SWITCHES,
  NAX_I_BIC_ENTROPY,   /* of the cluster sizes */
  NAX_I_BIC_LOG_R,     /* mean over neurons */
  NAX_I_BIC_LOG_RATE,  /* mean of eta */
  NAX_I_BIC_LATENT_DIM /* mean over neurons of the latents of their cluster */
} nax_i_bic_scalar;
extern const char *const nax_i_bic_scalar_name[NAX_I_BIC_SCALARS];

/* --- draws (store.c) ------------------------------------------------------------------
 */

typedef struct nax_i_bic_draw {
  int64_t chain, sweep, k;
  int64_t has_path;
  double scalar[NAX_I_BIC_SCALARS];
  /* then r (n of float), loadings (n x q of float), with a path also the paths (k x t x q
   * of float), z (n of uint16), xi (t of uint8), p of the cluster of each neuron (n of
   * uint8); latents that a cluster does not have are 0 */
} nax_i_bic_draw;

/* Where draws are: two netCDF files, one record per sweep that is kept and one per
 * trajectory that is kept, or memory. */
typedef struct nax_i_bic_store {
  const nax_i_bic_data *d;
  nax_i_records *draws, *paths; /* NULL: in memory */
  nax_i_record_var draw_var[NAX_I_RECORD_VARS], path_var[NAX_I_RECORD_VARS];
  char scalars[256];
  nax_index n_paths;
  unsigned char *memory;
  uint64_t length, room;
  uint64_t **at;  /* memory: place of each draw of each chain */
  nax_index *cap; /* memory: of `at` */
  nax_index *n;   /* draws of each chain */
  int64_t n_chains;
  unsigned char *record; /* the one that was read last */
} nax_i_bic_store;

/* How much of the files belongs to a checkpoint. */
typedef struct nax_i_bic_extent {
  uint64_t draws, paths;
} nax_i_bic_extent;

/* Clusters with neurons; with coupled dynamics there may be others. */
int64_t nax_i_bic_occupied(const nax_i_bic_chain *c);
/* Bytes of the record of one draw of k of them. */
size_t nax_i_bic_record_size(const nax_i_bic_data *d, int64_t k, int has_path);
/* Record of the state of a chain, into room of nax_i_bic_record_size bytes. */
void nax_i_bic_record(const nax_i_bic_chain *c, int64_t chain, int has_path,
                      unsigned char *to);
/* Files PATH.draws.nc and PATH.paths.nc, of which `there` is kept; path NULL: memory. */
nax_status nax_i_bic_store_open(nax_ctx *ctx, const nax_i_bic_data *d, const char *path,
                                int64_t n_chains, const nax_i_bic_extent *there,
                                nax_i_bic_store *s);
nax_status nax_i_bic_store_add(nax_ctx *ctx, nax_i_bic_store *s, const unsigned char *rec,
                               size_t size);
/* To the disk. */
nax_status nax_i_bic_store_flush(nax_ctx *ctx, nax_i_bic_store *s);
void nax_i_bic_store_close(nax_i_bic_store *s);

/* A draw taken apart; pointers into the store, valid until the next. */
typedef struct nax_i_bic_parts {
  nax_i_bic_draw head;
  const uint16_t *z;
  const uint8_t *xi, *p;
  const float *r, *b, *u; /* u NULL: not kept */
} nax_i_bic_parts;
nax_status nax_i_bic_store_get(nax_ctx *ctx, nax_i_bic_store *s, int64_t chain,
                               nax_index i, nax_i_bic_parts *out);

/* --- the run (run.c, checkpoint.c)
 * ------------------------------------------------------ */

/* What one chain has: replicas from power 1 downwards, sums over draws, draws not stored
 * yet. */
typedef struct nax_i_bic_lane {
  nax_i_bic_chain **replica;
  double *held; /* n_held: log of the sum over draws of the predictive density */
  double n_held_draws;
  double *rate; /* n x t, time fastest: sum over draws of what is expected; or NULL */
  double n_rate_draws;
  nax_i_bic_rate swap;
  unsigned char *pending;
  size_t pending_size, pending_room;
} nax_i_bic_lane;

/* A run between two rounds, as a checkpoint keeps it. */
typedef struct nax_i_bic_snapshot {
  unsigned char *bytes;
  size_t size, room;
} nax_i_bic_snapshot;

typedef struct nax_i_bic_run {
  nax_ctx *ctx; /* that may stop a sweep */
  nax_i_bic_data *d;
  nax_i_bic_lane *lane;
  nax_i_bic_store store;
  nax_i_bic_snapshot snapshot;
  int64_t sweep, until; /* done; end of the round in hand */
  uint64_t hash;        /* of data and options */
  double start_score, start_gain, start_smooth,
      start_spread; /* of the partition they began with */
  nax_index start_clusters;
} nax_i_bic_run;

uint64_t nax_i_bic_hash(const nax_i_bic_data *d);

enum { NAX_I_BIC_STARTS = 8, NAX_I_BIC_STARTS_USED = 4 };
/* A partition that a chain may begin with (see nax_i_bic_agglomerate). */
typedef struct nax_i_bic_start {
  nax_index *label, k;
  double smooth, spread, score, gain;
} nax_i_bic_start;
/* Those of several degrees of smoothness, without and with slopes (s has
 * NAX_I_BIC_STARTS, the rest without labels when there are no latents). First come those
 * without slopes that stand firm, that is, whose next merge would lose more than 20 nats,
 * by that loss: their evidence would favour rough paths, which take in what belongs to
 * the latents. Then those with slopes by their evidence, then what is left. Chains take
 * the first NAX_I_BIC_STARTS_USED in turn. */
nax_status nax_i_bic_starts(nax_ctx *ctx, const nax_i_bic_data *d, nax_i_bic_start *s);
void nax_i_bic_starts_free(nax_i_bic_start *s);

nax_status nax_i_bic_run_begin(nax_ctx *ctx, nax_i_bic_data *d, nax_i_bic_run *run);
nax_status nax_i_bic_run_all(nax_ctx *ctx, const char *fn, nax_i_bic_run *run);
void nax_i_bic_run_end(nax_i_bic_run *run);
nax_status nax_i_bic_snapshot_take(nax_ctx *ctx, nax_i_bic_run *run);
/* Writes the snapshot that was taken last. */
nax_status nax_i_bic_checkpoint_save(nax_ctx *ctx, nax_i_bic_run *run);
nax_status nax_i_bic_checkpoint_load(nax_ctx *ctx, nax_i_bic_run *run,
                                     nax_i_bic_extent *draws);

/* --- partitions from draws (partition.c)
 * ------------------------------------------------ */

typedef enum nax_i_bic_criterion {
  NAX_I_BIC_VI = 0,
  NAX_I_BIC_BINDER,
  NAX_I_BIC_PEAR,
  NAX_I_BIC_CRITERIA
} nax_i_bic_criterion;

/* Value of a partition given the similarity matrix (n x n): the larger the better. */
double nax_i_bic_score(nax_i_bic_criterion how, nax_index n, const double *psm,
                       const int64_t *label);
/* The best of cuts of the average linkage tree and of the `n_given` labellings, improved
 * item by item. Labels by descending size. */
nax_status nax_i_bic_point(nax_ctx *ctx, nax_i_bic_criterion how, nax_index n,
                           const double *psm, nax_index n_given, const int64_t *given,
                           int64_t *label, nax_index *n_groups);
/* Variation of information of two labellings (nats); labels below 65536. */
nax_status nax_i_bic_vi(nax_ctx *ctx, nax_index n, const int64_t *a, const int64_t *b,
                        double *out);
/* Renumber labels by descending size (ties: by first item); returns how many. */
nax_index nax_i_bic_by_size(nax_index n, int64_t *label);

/* --- the result
 * -------------------------------------------------------------------------- */

/* Trajectory of one cluster of the point estimate: q rows, t bins each. */
typedef struct nax_i_bic_band {
  double *mean, *low, *high; /* q x t, time fastest */
  nax_index n_draws;
} nax_i_bic_band;

struct nax_bicluster {
  nax_bicluster_opts o;
  nax_index n, t;        /* bins as they were laid end to end */
  nax_index time, trial; /* lengths of the axes of the input; trial 0: no such axis */
  nax_index *source;     /* t: where each bin was, time + n_time * trial */
  uint8_t *first;
  int q, l;
  nax_index n_draws;   /* of each chain, that count */
  nax_index n_trace;   /* of each chain, all */
  double *trace;       /* scalar fastest, then draw, then chain */
  double *psm, *psm_t; /* NULL: too many bins */
  double psm_spread;   /* largest difference between chains */
  int64_t *cluster[NAX_I_BIC_CRITERIA], *state[NAX_I_BIC_CRITERIA];
  nax_index n_cluster[NAX_I_BIC_CRITERIA], n_state[NAX_I_BIC_CRITERIA];
  double *cluster_sure, *state_sure; /* mean similarity to the rest of the own group */
  double ball, ball_t;               /* 95 % credible balls around the estimates: VI */
  nax_index ball_k[2], ball_s[2];
  double *k_prob, *s_prob; /* n + 1 and l + 1: clusters, large states */
  double *r_mean, *r_sd;
  double *rate; /* n x t, neuron fastest: mean of what is expected; NULL: not asked for */
  double *p_prob; /* q x n: probability of each number of latents of a neuron's cluster */
  nax_i_bic_band *band;
  double *r_hat, *ess, *ess_tail, *mean, *sd; /* of the scalars and, last, worst r */
  double held_lpd, held_null; /* nats per held-out entry: model; constant rates */
  double held_spikes;
  nax_index n_held;
  nax_i_bic_rate member, path, together, moved, rescale, piece, dimension, transfer,
      split, state_split, swap;
  double repaired;
  double start_score, start_gain, start_smooth, start_spread;
  nax_index start_clusters;
  uint16_t *kept_z; /* draws for the dataset: n x kept x chain */
  uint8_t *kept_xi; /* t x kept x chain */
  nax_index n_kept;
};

/* Posterior of the number of latents of each cluster of the point estimate: the mean over
 * its neurons, a column for each number. */
nax_status nax_i_bic_latent_table(nax_ctx *ctx, const nax_bicluster *m, nax_table **out);
nax_status nax_i_bic_summarise(nax_ctx *ctx, nax_i_bic_run *run, nax_bicluster *m);

#endif
