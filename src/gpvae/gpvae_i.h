/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the variational auto-encoder over trials.
 *
 * Latents are Gaussian processes in a truncated Fourier basis (F coefficients). Networks
 * are in single precision (tests: in double); everything in the space of coefficients,
 * the likelihoods and all sums are in double. Matrices are column-major; a column is a
 * bin ("frame"), and the columns of a batch are those of its trials, one after the other.
 */
#ifndef NAX_GPVAE_I_H
#define NAX_GPVAE_I_H
#include "core/core_i.h"
#include "linalg/linalg_i.h"
#include <neuraxis/gpfa.h>
#include <neuraxis/gpvae.h>

/* --- numbers of the networks (kernel_i.h, kernel_f32.c, kernel_f64.c) -------------- */

enum { NAX_I_ACT_NONE = 0 }; /* others: nax_gpvae_activation */

/* What differs between float and double. Ranges are of one block; callers cut. */
typedef struct nax_i_real {
  size_t size;
  /* y = act(y + b), b may be NULL */
  void (*bias_act)(nax_index rows, nax_index cols, void *y, const void *b, int act);
  /* d *= act'(where the output was `out`) */
  void (*act_back)(nax_index n, void *d, const void *out, int act);
  /* db[i] += sum over columns of d[i, :], for rows lo .. hi - 1 */
  void (*add_columns)(nax_index rows, nax_index cols, nax_index lo, nax_index hi,
                      const void *d, void *db);
  double (*square)(nax_index n, const void *g);
  /* Adam: `rate` and `scale` (of the gradient) and the bias corrections are given */
  void (*adam)(nax_index n, void *p, const void *g, void *m, void *v, double rate,
               double scale, double c1, double c2);
  void (*to_double)(nax_index n, const void *x, double *y);
  void (*from_double)(nax_index n, const double *x, void *y);
  /* out -= x, times `inverse` (1 / noise variance), 0 where `seen` is 0 (NULL: all
   * seen); returns the sum of squares of out - x. `weight` (NULL: 1) of each row */
  double (*residual)(nax_index n, void *out, const void *x, const unsigned char *seen,
                     const double *weight, double inverse);
  /* out = (x - mean) / sd, 0 where x is missing; seen tells which are not, and their
   * number is returned */
  nax_index (*standardize)(nax_index n, const double *x, const double *mean,
                           const double *sd, void *out, unsigned char *seen);
  nax_status (*gemm)(nax_ctx *ctx, nax_i_trans ta, nax_i_trans tb, nax_index m,
                     nax_index n, nax_index k, const void *a, nax_index lda,
                     const void *b, nax_index ldb, double beta, void *c, nax_index ldc);
} nax_i_real;

extern const nax_i_real nax_i_real_f32, nax_i_real_f64;

/* --- networks (net.c) --------------------------------------------------------------- */

enum { NAX_I_MLP_LAYERS = 12 };

typedef struct nax_i_layer {
  nax_index in, out;
  nax_index w, b; /* where in the arena: w is in x out, b is out */
  int act;
} nax_i_layer;

typedef struct nax_i_mlp {
  int n;
  nax_i_layer layer[NAX_I_MLP_LAYERS];
  nax_index first, last; /* its range of the arena */
} nax_i_mlp;

/* Parameters of all networks, their gradients and the moments of Adam. */
typedef struct nax_i_arena {
  const nax_i_real *real;
  nax_index n;
  void *p, *g, *m, *v;
} nax_i_arena;

/* Append a layer to a network whose parameters begin at *used, which moves on. */
void nax_i_mlp_add(nax_i_mlp *net, nax_index in, nax_index out, int act, nax_index *used);
/* Outputs of one network for a batch. */
typedef struct nax_i_mlp_run {
  void *out[NAX_I_MLP_LAYERS];
  nax_index cols; /* room */
} nax_i_mlp_run;
nax_status nax_i_mlp_run_init(nax_ctx *ctx, const nax_i_real *r, const nax_i_mlp *net,
                              nax_index cols, nax_i_mlp_run *run);
void nax_i_mlp_run_free(nax_i_mlp_run *run);
nax_index nax_i_mlp_widest(const nax_i_mlp *net);
nax_status nax_i_mlp_forward(nax_ctx *ctx, const nax_i_arena *a, const nax_i_mlp *net,
                             nax_index cols, const void *x, nax_i_mlp_run *run);
/* d: gradient of the last output (destroyed); work: widest x cols. Gradients of the
 * parameters are added; that of the input goes to dx unless it is NULL. */
nax_status nax_i_mlp_backward(nax_ctx *ctx, nax_i_arena *a, const nax_i_mlp *net,
                              nax_index cols, const void *x, const nax_i_mlp_run *run,
                              void *d, void *work, void *dx);

/* --- basis (basis.c) ---------------------------------------------------------------- */

/* Real Fourier basis on a circle of `circle` bins, of which the first t are seen. Latent
 * z(t) = sum_f b[f, t] z_f, z_f independent with variance c_f (nax_i_basis_prior). With
 * `white`, the basis is the bins themselves and every c_f is 1. */
typedef struct nax_i_basis {
  nax_index f, t;
  double circle;
  double jitter; /* added to every c_f */
  double *b;     /* f x t */
  double *w2;    /* f: squared angular frequency per bin */
  int white;
} nax_i_basis;

/* `top`: highest frequency; `compat`: without the highest cosine, as in the code released
 * with the paper. */
nax_status nax_i_basis_init(nax_ctx *ctx, nax_index t, double circle, nax_index top,
                            int compat, nax_i_basis *basis);
nax_status nax_i_basis_white(nax_ctx *ctx, nax_index t, nax_i_basis *basis);
void nax_i_basis_free(nax_i_basis *basis);
/* Highest frequency worth having when no length scale is below `shortest` bins: dropped
 * are coefficients below 1 / condition of the largest variance. */
nax_index nax_i_basis_top(double circle, double shortest, double condition);
/* c_f and (may be NULL) d log c_f / d log len at length scale len bins. */
void nax_i_basis_prior(const nax_i_basis *basis, double len, double *c, double *dlog);

/* --- likelihood of the neurons (likelihood.c) ----------------------------------------
 */

/* One bin of all neurons. eta[i] has mean eta and variance u[i]; y NaN is missing. Adds
 * the gradients; returns minus the expected log likelihood. */
double nax_i_gpvae_neural(int likelihood, nax_index n, const double *y, const double *eta,
                          const double *u, const double *noise, double *deta, double *du,
                          double *dnoise);
/* Mean and variance of eta of n neurons from those of their q latents: d + W m, W^2 v. */
void nax_i_gpvae_mix(nax_index n, nax_index q, const double *w, const double *d,
                     const double *m, const double *v, double *eta, double *u);
/* Its adjoint: dm and dv are set, dw and dd added to, all times `scale`. */
void nax_i_gpvae_unmix(nax_index n, nax_index q, const double *w, const double *m,
                       const double *v, double scale, const double *deta,
                       const double *du, double *dm, double *dv, double *dw, double *dd);
/* Rate (or mean) that belongs to eta and u. */
double nax_i_gpvae_rate(int likelihood, double eta, double u);

/* --- posterior of one latent in one trial (posterior.c) ------------------------------
 */

typedef struct nax_i_post {
  nax_index f, t;        /* coefficients, bins of the trial */
  double *s;             /* f x f: posterior covariance of the whitened coefficients */
  double *q;             /* f x t: s D */
  double *mu, *zeta;     /* f: mean, sample */
  const double *d;       /* f x t (of t_max): basis times prior sd */
  const double *e0, *e1; /* noise of the sample: f and t numbers */
} nax_i_post;

/* Numbers that nax_i_post needs: memory from outside. */
nax_index nax_i_post_room(nax_index f, nax_index t_max);
void nax_i_post_place(nax_i_post *p, nax_index f, nax_index t_max, double *room);
nax_index nax_i_post_work(nax_index f, nax_index t_max);

/* From potentials h and lam >= 0 per bin: mean, variance and sample per bin, and the
 * divergence from the prior. */
nax_status nax_i_post_forward(nax_i_post *p, const double *h, const double *lam,
                              double *m, double *v, double *z, double *kl, double *work);
/* Adjoint: dh and dlam are set; dd[f] is set to sum_t d(objective)/dD_ft D_ft. `kl` is
 * the weight of the divergence. */
nax_status nax_i_post_backward(const nax_i_post *p, const double *h, const double *lam,
                               const double *dm, const double *dv, const double *dz,
                               double kl, double *dh, double *dlam, double *dd,
                               double *work);

/* --- the model (model.c) --------------------------------------------------------------
 */

/* What the encoders tell per latent: fixed by the kind of encoder. */
typedef struct nax_i_gpvae_shape {
  nax_index n_neurons;
  nax_index n_features;  /* or components of them; 0: that arm is not there */
  nax_index q, q_neural; /* latents, of which the first drive the neurons */
  nax_index dec_from;    /* the decoder sees latents dec_from .. q - 1 */
  nax_index enc_from;    /* the encoder of behaviour tells of enc_from .. q - 1 */
  nax_index t_max;
  int likelihood, encoder, objective, activation;
  int out_act; /* activation after the last layer of the decoder */
  int n_hidden[3];
  nax_index hidden[3][NAX_I_MLP_LAYERS]; /* neural encoder, encoder, decoder */
} nax_i_gpvae_shape;

/* Parameters outside the networks, and where they begin in `small`. */
typedef struct nax_i_gpvae_model {
  nax_i_gpvae_shape shape;
  nax_i_basis basis;
  nax_i_arena net;
  nax_i_mlp mlp[3]; /* neural encoder, encoder of behaviour, decoder */
  nax_index n_small, n_head;
  nax_index at_w, at_d, at_noise, at_len, at_v; /* W n x q_neural, d n, noise n, ... */
  nax_index at_map[2]; /* time to Fourier: mean (t x f), its bias (f), log sd (t x f) */
  double *small, *small_g, *small_m, *small_v;
} nax_i_gpvae_model;

nax_status nax_i_gpvae_model_init(nax_ctx *ctx, const nax_i_gpvae_shape *shape,
                                  const nax_i_basis *basis, int f64,
                                  nax_i_gpvae_model *m);
void nax_i_gpvae_model_free(nax_i_gpvae_model *m);
/* Latents that an encoder tells of: first and number. */
void nax_i_gpvae_told(const nax_i_gpvae_shape *s, int arm, nax_index *first,
                      nax_index *n);
/* Random weights as torch begins (uniform, 1 / sqrt(inputs)), by streams of the seed. */
nax_status nax_i_gpvae_model_random(nax_ctx *ctx, nax_i_gpvae_model *m, uint64_t seed);

/* --- components of behaviour (components.c) -------------------------------------------
 */

/* Orthogonal directions in the space of the (scaled) features. What networks take and
 * tell is how much of each there is. */
typedef struct nax_i_components {
  nax_index n, p; /* number (0: networks see the features), features */
  double *add;    /* p x n: what a unit of each adds to the features */
  double *square; /* n: sums of squares of its columns */
} nax_i_components;

/* --- objective (objective.c) ----------------------------------------------------------
 */

/* Trials of one step, gathered. */
typedef struct nax_i_gpvae_batch {
  nax_index n, cols, room; /* trials, columns in use and at most */
  nax_index most;          /* trials at most */
  nax_index *first;        /* n + 1 */
  double *y;               /* n_neurons x cols: what the likelihood judges */
  void *yin;               /* n_neurons x cols: what the encoder sees */
  void *x;                 /* n_features x cols: standardised, 0 where missing; or its
                              components, n x cols */
  const nax_i_components *components; /* NULL: none */
  double *rest;             /* cols: what components leave, as a sum of squares */
  unsigned char *seen;      /* n_features x cols, or NULL: all or nothing per column */
  unsigned char *seen_room; /* memory for it */
  unsigned char *has[2];    /* cols: the arm has something to tell in this bin */
  uint64_t *stream;         /* n: stream of the noise of each trial */
} nax_i_gpvae_batch;

/* Terms of the objective, summed over the trials. `total` is the objective. */
typedef struct nax_i_gpvae_terms {
  double kl, neural, behaviour, total;
  double sse, n_pixels;
} nax_i_gpvae_terms;

typedef struct nax_i_gpvae_work nax_i_gpvae_work;
nax_status nax_i_gpvae_work_new(nax_ctx *ctx, const nax_i_gpvae_model *m, nax_index cols,
                                nax_index trials, nax_i_gpvae_work **out);
void nax_i_gpvae_work_free(nax_i_gpvae_work *w);
size_t nax_i_gpvae_work_bytes(const nax_i_gpvae_model *m, nax_index cols,
                              nax_index trials);

typedef struct nax_i_gpvae_how {
  uint64_t seed;       /* of the noise */
  double beta;         /* weight of the divergence */
  double weight[2];    /* of the arms */
  int gradient;        /* 1: add the gradient of total / trials to net.g and small_g */
  int mean;            /* 1: the decoder sees means, not samples */
  const double *noise; /* tests: the noise itself (fourier: f x q per trial) */
} nax_i_gpvae_how;

nax_status nax_i_gpvae_objective(nax_ctx *ctx, nax_i_gpvae_model *m,
                                 const nax_i_gpvae_batch *b, const nax_i_gpvae_how *how,
                                 nax_i_gpvae_work *w, nax_i_gpvae_terms *terms);

/* What the last objective left behind, per column: latents (q x cols) and, with
 * behaviour, the decoder's output. */
typedef struct nax_i_gpvae_view {
  const double *mean, *var; /* of latent l in column j: [j + cols l] */
  const void *decoded;      /* n_features x cols: output of the decoder, or NULL */
} nax_i_gpvae_view;
nax_i_gpvae_view nax_i_gpvae_look(const nax_i_gpvae_work *w);

/* --- data (data.c) --------------------------------------------------------------------
 */

/* Trials as the caller gave them, and how values are scaled for the networks. */
typedef struct nax_i_gpvae_data {
  nax_index n_trials, n_neurons, n_features; /* 0: that modality was not given */
  const nax_view *view[2];                   /* neural, behaviour; NULL */
  nax_index *length, *start; /* bins of each trial, its first of all bins */
  nax_index longest, bins;
  /* with components, of all bins of the trials in their order: */
  float *score;    /* components x bins */
  double *rest;    /* what they leave, as a sum of squares */
  nax_index *seen; /* number of features that are not missing */
} nax_i_gpvae_data;

/* Borrows the views. */
nax_status nax_i_gpvae_data_init(nax_ctx *ctx, const char *fn,
                                 const nax_gpvae_trials *trials, int counts,
                                 nax_i_gpvae_data *d);
void nax_i_gpvae_data_free(nax_i_gpvae_data *d);
/* Element (i, j) of a two-dimensional view. */
static inline double
nax_i_gpvae_element(const nax_view *v, nax_index i, nax_index j)
{
  nax_index at = i * v->stride[0] + j * v->stride[1];
  return v->dtype == NAX_F32 ? (double)((const float *)v->data)[at]
                             : ((const double *)v->data)[at];
}
/* Trial k has something of the arm. */
int nax_i_gpvae_data_has(const nax_i_gpvae_data *d, int arm, nax_index k);

typedef struct nax_i_gpvae_scaling {
  double *in_mean, *in_inv; /* neurons: what the encoder sees, (f(y) - mean) inv */
  double *y_mean, *y_sd;    /* neurons: what a Gaussian likelihood sees */
  double *x_mean, *x_sd;    /* features */
  int root;                 /* f is the square root */
  nax_index n_features;
  nax_i_components components;
} nax_i_gpvae_scaling;

/* Number of components for behaviour of so many features; 0: networks see these. */
nax_index nax_i_gpvae_n_components(const nax_gpvae_opts *o, nax_index n_features);
/* Leading principal components of the training trials. */
nax_status nax_i_components_find(nax_ctx *ctx, const nax_i_gpvae_data *d,
                                 const nax_i_gpvae_scaling *s, nax_index n_train,
                                 const nax_index *trial, nax_index n_components,
                                 uint64_t seed, nax_i_components *c);
/* Bytes that this takes at most, where there are so many bins. */
size_t nax_i_components_bytes(nax_index n_features, nax_index n_components,
                              nax_index bins);
/* Fill `score`, `rest` and `seen` of the data. */
nax_status nax_i_components_apply(nax_ctx *ctx, const nax_i_gpvae_scaling *s,
                                  nax_i_gpvae_data *d);
/* Sum of squares of what `out` (n) says of the features that are not seen, and half its
 * gradient. */
double nax_i_components_missing(const nax_i_components *c, const unsigned char *seen,
                                const double *out, double *slope);
/* Features (p) of components (n). */
void nax_i_components_expand(const nax_i_components *c, const double *out, double *x);
void nax_i_components_free(nax_i_components *c);

nax_status nax_i_gpvae_scaling_init(nax_ctx *ctx, nax_index n_neurons,
                                    nax_index n_features, nax_i_gpvae_scaling *s);
/* From n of the trials. */
nax_status nax_i_gpvae_scaling_find(nax_ctx *ctx, const nax_i_gpvae_data *d, nax_index n,
                                    const nax_index *trial, const nax_gpvae_opts *o,
                                    nax_i_gpvae_scaling *s);
/* Effective dimensions of behaviour in n of the trials, 1 to n_features. */
nax_status nax_i_gpvae_dimensions(nax_ctx *ctx, const nax_i_gpvae_data *d,
                                  const nax_i_gpvae_scaling *s, nax_index n,
                                  const nax_index *trial, double *dimensions);
void nax_i_gpvae_scaling_free(nax_i_gpvae_scaling *s);

nax_status nax_i_gpvae_batch_init(nax_ctx *ctx, const nax_i_real *real,
                                  nax_index n_neurons, nax_index n_features,
                                  const nax_i_components *components, nax_index cols,
                                  nax_index trials, nax_i_gpvae_batch *b);
void nax_i_gpvae_batch_free(nax_i_gpvae_batch *b);
/* Bytes that a batch takes. */
size_t nax_i_gpvae_batch_bytes(const nax_i_real *real, nax_index n_neurons,
                               nax_index n_features, nax_index n_components,
                               nax_index cols, nax_index trials);
/* Fill with what the model takes of n trials; the noise of trial k has stream
 * epoch << 32 | k. */
nax_status nax_i_gpvae_gather(nax_ctx *ctx, const nax_i_gpvae_data *d,
                              const nax_i_gpvae_scaling *s, const nax_i_gpvae_model *m,
                              nax_index n, const nax_index *trial, uint64_t epoch,
                              nax_i_gpvae_batch *b);

/* --- fitting (fit.c, start.c, checkpoint.c) --------------------------------------------
 */

typedef enum nax_i_gpvae_phase {
  NAX_I_PHASE_NEURAL = 0, /* neurons alone */
  NAX_I_PHASE_READ,       /* the decoder sees the neural latents, which are frozen */
  NAX_I_PHASE_SHARE,      /* and behaviour's own */
  NAX_I_PHASE_ADAPT,      /* neurons alone after the rotation, loadings are frozen */
  NAX_I_PHASE_JOINT,      /* all together */
  NAX_I_N_PHASES
} nax_i_gpvae_phase;

enum {
  NAX_I_GPVAE_TRACE = 8
}; /* phase, objective, held out, kl, neural, behaviour,
      noise sd of behaviour, step */

typedef struct nax_i_gpvae_fit {
  nax_ctx *ctx;
  const nax_i_gpvae_data *data;
  const nax_gpvae_opts *o;
  const nax_i_gpvae_scaling *scaling;
  nax_i_stage stage;
  int f64; /* tests */
  int n_hidden[3];
  nax_index hidden[3][NAX_I_MLP_LAYERS];
  nax_index n_train, n_held;
  nax_index *order; /* of the trials: training first, then held out; each sorted */
  nax_index *shuffled;
  nax_i_gpvae_batch batch;
  nax_i_gpvae_work *work;
  nax_i_gpvae_model model;
  double min_len, max_len; /* bins */
  double circle;
  nax_index top;
  /* the state, which a checkpoint holds */
  int phase;
  int64_t epoch, t, bad; /* epochs done in this phase; steps of Adam */
  double step;           /* factor of the rates after halvings */
  double best;           /* objective on held-out trials (or all) of the best epoch */
  void *best_net;
  double *best_small;
  double *trace; /* NAX_I_GPVAE_TRACE per epoch */
  nax_index n_trace, trace_room;
  double *relevance; /* q_neural + n_shared: what behaviour has of each direction */
  double *turn;      /* R of the rotation z_old = R z_new */
  nax_i_gpvae_model
      kept; /* of the joint phase, while the neurons adapt to the rotation */
  nax_stop stop;
  int64_t done; /* steps of the stage */
} nax_i_gpvae_fit;

/* Epochs of a phase. */
int64_t nax_i_gpvae_phase_epochs(const nax_i_gpvae_fit *f, int phase);
/* All phases from the state in hand. */
nax_status nax_i_gpvae_fit_run(nax_i_gpvae_fit *f);
/* Forget model, moments, best of the phase before and begin with `m` (taken over). */
nax_status nax_i_gpvae_adopt(nax_i_gpvae_fit *f, nax_i_gpvae_model *m);
/* Length scales allowed, circle and highest frequency; `g` NULL: from the trials alone.
 */
void nax_i_gpvae_settle_basis(nax_i_gpvae_fit *f, const nax_gpfa *g);
nax_status nax_i_gpvae_basis_of(nax_i_gpvae_fit *f, nax_i_basis *basis);
/* Model of a phase as it begins, from the model of the one before. */
nax_i_gpvae_shape nax_i_gpvae_phase_shape(const nax_i_gpvae_fit *f, int phase);
nax_status nax_i_gpvae_begin_phase(nax_i_gpvae_fit *f);
/* Model of a phase with weights that mean nothing yet. */
nax_status nax_i_gpvae_new_model(nax_i_gpvae_fit *f, int phase, nax_i_gpvae_model *m);
/* Look for the checkpoint; *found is 1 when the state was taken from it. */
nax_status nax_i_gpvae_resume(nax_i_gpvae_fit *f, int *found);
nax_status nax_i_gpvae_checkpoint(nax_i_gpvae_fit *f);
void nax_i_gpvae_fit_free(nax_i_gpvae_fit *f);

/* --- the fitted model (gpvae.c)
 * --------------------------------------------------------- */

struct nax_gpvae {
  nax_gpvae_opts opts;
  char *text[4]; /* strings of the options */
  nax_i_gpvae_model model;
  nax_i_gpvae_scaling scaling;
  nax_index n_trials;
  nax_index *length; /* of the trials of the fit */
  char *held;        /* trial was held out */
  double *w, *d, *noise, *len;
  double *trace;
  nax_index n_trace;
  double *relevance;
  nax_stop stop;
};

#endif
