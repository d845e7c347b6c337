/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of Gaussian-process factor analysis.
 *
 * Model: x_l ~ GP(0, k_l) independently for q latents, k_l(0) = 1; y_t = C x_t + d + e_t,
 * e_t ~ N(0, diag R). Bins of all trials stand side by side: bin j of the data is column
 * j of y (neurons x bins, column-major) and of the posterior means (q x bins). */
#ifndef NAX_GPFA_I_H
#define NAX_GPFA_I_H
#include "dataset/dataset_i.h"
#include "linalg/linalg_i.h"
#include <neuraxis/gpfa.h>

#define NAX_I_LOG_2PI 1.8378770664093453
/* Log rates are cut here: beyond, exp overflows long before a count could ask for it. */
#define NAX_I_GPFA_MOST_ETA    30.0
#define NAX_I_GPFA_MOST_COUNTS 1e9

/* --- covariance of a latent ---------------------------------------------------- */

/* Covariance at lags 0 .. n-1 for u = log gamma: (1 - noise) rho(lag) + noise [lag = 0].
 * du, du2 (may both be NULL): derivatives in u. */
void nax_i_gpfa_kernel(nax_gpfa_kernel kind, nax_index n, double u, double noise,
                       double *k, double *du, double *du2);
/* The same with derivatives in logit(noise). */
void nax_i_gpfa_kernel_noise(nax_gpfa_kernel kind, nax_index n, double u, double noise,
                             double *k, double *dv, double *dv2);

/* Second moments of one latent over all trials, E[x x'] summed over the trials of each
 * length. */
typedef struct nax_i_gpfa_moments {
  nax_index n_lengths;
  const nax_index *length; /* distinct, ascending */
  const nax_index *count;  /* trials of that length */
  const double *const *p;  /* for each length T: T x T */
} nax_i_gpfa_moments;

/* f = 1/2 sum over trials of log|K_T| + tr(K_T^-1 P_T) for the covariance at lags
 * 0 .. T_max-1, and its first two derivatives along dk, dk2. One
 * Durbin-Levinson recursion serves all lengths. NAX_ENUMERIC when K is not positive
 * definite to rounding. O(T^3). */
nax_status nax_i_gpfa_kernel_objective(nax_ctx *ctx, const nax_i_gpfa_moments *m,
                                       const double *k, const double *dk,
                                       const double *dk2, double *f, double *df,
                                       double *df2);

/* At most `steps` safeguarded Newton steps on u within [lo, hi]; f never rises. */
nax_status nax_i_gpfa_kernel_step(nax_ctx *ctx, nax_gpfa_kernel kind,
                                  const nax_i_gpfa_moments *m, int64_t steps, double lo,
                                  double hi, double noise, double *u);
/* The same on logit(noise). */
nax_status nax_i_gpfa_noise_step(nax_ctx *ctx, nax_gpfa_kernel kind,
                                 const nax_i_gpfa_moments *m, int64_t steps, double u,
                                 double *noise);

/* --- data ------------------------------------------------------------------------ */

/* Trials that share one factorisation: the same neurons are missing in the same bins. */
typedef struct nax_i_gpfa_group {
  nax_index first, n; /* in `order`, by ascending length */
} nax_i_gpfa_group;

typedef struct nax_i_gpfa_data {
  nax_index n_neurons, n_bins, n_trials, longest;
  nax_index *start; /* first bin of each trial; n_trials + 1 */
  double *y;        /* NaN where missing */
  nax_index n_missing;
  nax_index n_patterns; /* sets of observed neurons; number 0 is all of them */
  char *observed;       /* n_neurons x n_patterns */
  nax_index *pattern;   /* of each bin */
  nax_index n_lengths;
  nax_index *length,
      *count;           /* distinct lengths, ascending, and how many trials have it */
  nax_index *length_of; /* of each trial: position in `length` */
  nax_index n_groups;
  nax_i_gpfa_group *group;
  nax_index *order; /* trials by group and length */
} nax_i_gpfa_data;

/* What becomes of the values: taken as they are, square roots taken, or counts, which
 * are as they are too. Negative entries are NAX_EDATA with the last two. */
typedef enum nax_i_gpfa_values {
  NAX_I_GPFA_PLAIN = 0,
  NAX_I_GPFA_ROOTS = 1,
  NAX_I_GPFA_COUNTS = 2
} nax_i_gpfa_values;
nax_i_gpfa_values nax_i_gpfa_values_of(const nax_gpfa_opts *o);

/* Pack trials (views neuron x time); with `keep` (may be NULL) only neurons i with
 * keep[i] != 0. */
nax_status nax_i_gpfa_data_init(nax_ctx *ctx, const char *fn, nax_index n_trials,
                                const nax_view *trials, const char *keep,
                                nax_i_gpfa_values values, nax_i_gpfa_data *d);
/* Pairs of neurons with a correlation beyond 0.99. */
typedef struct nax_i_gpfa_alike {
  nax_index n_pairs;
  nax_index first[2]; /* of the caller's neurons */
} nax_i_gpfa_alike;

/* Find them and warn. @cost 32 n_neurons n_bins, and n_neurons^2 looks */
nax_status nax_i_gpfa_find_alike(nax_ctx *ctx, const nax_i_gpfa_data *d, const char *keep,
                                 uint64_t seed, nax_i_gpfa_alike *out);
/* Cut trials of at least `bins` bins into segments of that length, which overlap by
 * chance where the length is no multiple; shorter trials are dropped unless all are. */
nax_status nax_i_gpfa_data_segment(nax_ctx *ctx, const nax_i_gpfa_data *from,
                                   nax_index bins, uint64_t seed, nax_i_gpfa_data *to);
/* A copy in which one neuron is missing. */
nax_status nax_i_gpfa_data_without(nax_ctx *ctx, const nax_i_gpfa_data *from,
                                   nax_index neuron, nax_i_gpfa_data *to);
void nax_i_gpfa_data_free(nax_i_gpfa_data *d);

/* --- parameters ------------------------------------------------------------------- */

typedef struct nax_i_gpfa_par {
  nax_index n, q;
  nax_gpfa_kernel kernel;
  double *c;     /* n x q */
  double *d, *r; /* n; variances in r */
  double *u;     /* q: log gamma, gamma = (bin / tau)^2 */
  double *noise; /* q: share of white noise in each latent */
} nax_i_gpfa_par;

nax_status nax_i_gpfa_par_init(nax_ctx *ctx, nax_index n, nax_index q, nax_i_gpfa_par *p);
void nax_i_gpfa_par_copy(const nax_i_gpfa_par *from, nax_i_gpfa_par *to);
void nax_i_gpfa_par_free(nax_i_gpfa_par *p);

/* Factor analysis of the bins as if independent: C, d, R. */
nax_status nax_i_gpfa_factor_analysis(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                      const double *floor, uint64_t seed,
                                      nax_i_gpfa_par *p);

/* Rotate those factors so that each has a pace of its own, and find it: u. */
nax_status nax_i_gpfa_pace(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_i_gpfa_par *p);

/* --- posterior --------------------------------------------------------------------- */

/* Nested factorisation for a sequence of patterns of T bins: the observations of a trial
 * of any length up to T are Cov = L L' (leading block) and W = L^-1 Cov(obs, latents). */
typedef struct nax_i_gpfa_nested {
  nax_index q, t_max;
  nax_index *row;           /* first row of each bin; t_max + 1 */
  double *l;                /* row[t_max] square, lower */
  double *w;                /* row[t_max] x (q t_max); column l * t_max + t */
  double *k;                /* t_max x q: covariances at lags */
  nax_index l_room, w_room; /* numbers that l and w have room for */
} nax_i_gpfa_nested;

typedef struct nax_i_gpfa_estep {
  nax_index n_lengths;
  double ll;    /* log likelihood of the data */
  double *x;    /* q x bins */
  double *vsum; /* q x q: posterior covariance of a bin, summed over bins */
  double *v;    /* q x q x bins, or NULL when not wanted */
  double **p;   /* per length T: T x T x q, sum over trials of E[x x'] of each latent; or
                   NULL when not wanted */
  nax_i_gpfa_nested nested; /* memory of engine "nested", from one run to the next */
} nax_i_gpfa_estep;

/* What of it is wanted. */
enum { NAX_I_GPFA_MOMENTS = 1, NAX_I_GPFA_BIN_COV = 2 };
nax_status nax_i_gpfa_estep_init(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_index q,
                                 int want, nax_i_gpfa_estep *e);
void nax_i_gpfa_estep_free(nax_i_gpfa_estep *e);
void nax_i_gpfa_estep_clear(const nax_i_gpfa_data *d, nax_index q, nax_i_gpfa_estep *e);

/* About how many eigenvectors latent l needs in `t` bins, and the engine that
 * NAX_GPFA_AUTO stands for. */
double nax_i_gpfa_rank_of(const nax_i_gpfa_par *p, nax_index l, double t,
                          double rank_tol);
nax_gpfa_engine nax_i_gpfa_cheapest(const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                                    double rank_tol);

/* Engine: fills `e`. NAX_GPFA_AUTO chooses by cost. */
nax_status nax_i_gpfa_estep_run(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                const nax_i_gpfa_par *p, nax_gpfa_engine engine,
                                double rank_tol, nax_i_gpfa_estep *e);
/* Trials whose means the nested engine computes side by side. */
enum { NAX_I_GPFA_BATCH = 64 };
nax_status nax_i_gpfa_estep_nested(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                   const nax_i_gpfa_par *p, nax_i_gpfa_estep *e);
nax_status nax_i_gpfa_estep_lowrank(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                    const nax_i_gpfa_par *p, double rank_tol,
                                    nax_i_gpfa_estep *e);
nax_status nax_i_gpfa_estep_dense(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                  const nax_i_gpfa_par *p, nax_i_gpfa_estep *e);

/* For trials of more bins than this the engine that AUTO stands for is the circulant one
 * (when moments are not wanted), and a fit cuts them. */
enum { NAX_I_GPFA_LONG = 2000, NAX_I_GPFA_CUT = 250 };
/* Means by conjugate gradients, exact; covariances and likelihood from windows that reach
 * as far as the covariance of the latents does. `e->p` must be NULL. */
nax_status nax_i_gpfa_estep_circulant(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                      const nax_i_gpfa_par *p, nax_i_gpfa_estep *e);
/* Bins over which the weight of an observation in a mean falls by exp(-log_tol), when
 * the bins tell the latents no better than with precision `told`: for Gaussian neurons
 * nax_i_gpfa_told. With NAX_I_GPFA_LOG_TOL means are good to about 1e-10. */
#define NAX_I_GPFA_LOG_TOL 23.0
nax_index nax_i_gpfa_reach(const nax_i_gpfa_par *p, double told, double log_tol);
double nax_i_gpfa_told(const nax_i_gpfa_par *p);

/* --- M-step ------------------------------------------------------------------------- */

/* C, d, R from the posterior; variances below `floor` are set to it and counted. With
 * missing values `e->v` must be there. */
nax_status nax_i_gpfa_mstep_loadings(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                     const nax_i_gpfa_estep *e, const double *floor,
                                     nax_i_gpfa_par *p, nax_index *n_floored);
/* u within [u_lo, u_hi] and, on request, the noise of each latent, from `e->p`. */
nax_status nax_i_gpfa_mstep_kernels(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                    const nax_i_gpfa_estep *e, int64_t steps,
                                    int learn_noise, double u_lo, double u_hi,
                                    nax_i_gpfa_par *p);
/* Gradient of the log likelihood: in C, d, log R (g->r), u and logit noise (g->noise);
 * with `kernels` 1 the last, with 0 the last two are left alone, and then `e->p` is not
 * needed; 2: all. */
nax_status nax_i_gpfa_gradient(nax_ctx *ctx, const nax_i_gpfa_data *d,
                               const nax_i_gpfa_estep *e, const nax_i_gpfa_par *p,
                               int kernels, nax_i_gpfa_par *g);

/* Eigenvectors of the smooth parts of the covariances, times roots of the eigenvalues;
 * leading rows serve shorter trials. */
typedef struct nax_i_gpfa_basis {
  nax_index q, t_max, rank; /* rank: sum of r_l */
  nax_index *first;         /* first column of each latent; q + 1 */
  double *phi;              /* t_max x rank */
} nax_i_gpfa_basis;

nax_status nax_i_gpfa_basis_init(nax_ctx *ctx, const nax_i_gpfa_par *p, nax_index t_max,
                                 double tol, nax_i_gpfa_basis *b);
void nax_i_gpfa_basis_free(nax_i_gpfa_basis *b);

/* --- Poisson counts ------------------------------------------------------------------
 */

/* What the counts of each bin tell about its latents, as a Gaussian factor of the
 * posterior: kept from one E-step to the next. */
typedef struct nax_i_gpfa_sites {
  double *w; /* q x q x bins: precision */
  double *b; /* q x bins: precision times mean */
  int warm;  /* 0: not set yet */
} nax_i_gpfa_sites;

nax_status nax_i_gpfa_sites_init(nax_ctx *ctx, const nax_i_gpfa_data *d, nax_index q,
                                 nax_i_gpfa_sites *s);
void nax_i_gpfa_sites_free(nax_i_gpfa_sites *s);
/* The Gaussian posterior that maximises the evidence bound, to rounding; e->ll is the
 * bound. `e->v` must be there; the basis must reach as far as the longest trial. */
nax_status nax_i_gpfa_estep_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                    const nax_i_gpfa_par *p,
                                    const nax_i_gpfa_basis *basis, nax_i_gpfa_sites *s,
                                    nax_i_gpfa_estep *e);
/* Means (q x bins) and covariances (q x q x bins) `ahead` bins after each bin, given the
 * counts up to that bin: a posterior of its own for each, from no more bins before it
 * than it can remember. */
nax_status nax_i_gpfa_filter_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                     const nax_i_gpfa_par *p, double rank_tol,
                                     nax_index ahead, double *mean, double *cov);
/* C and d from that posterior: each neuron by Newton steps; the bound never falls. */
nax_status nax_i_gpfa_mstep_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                    const nax_i_gpfa_estep *e, nax_i_gpfa_par *p);
/* Posterior of trials under a model of either likelihood; e->v must be there for
 * counts. */
nax_status nax_i_gpfa_model_estep(nax_ctx *ctx, const nax_gpfa *m,
                                  const nax_i_gpfa_data *d, nax_i_gpfa_estep *e);

/* --- fitting ------------------------------------------------------------------------ */

/* What a fit works on and leaves. */
typedef struct nax_i_gpfa_fit {
  const nax_i_gpfa_data *data;
  const nax_gpfa_opts *opts;
  const double *floor; /* of R, per neuron */
  nax_i_gpfa_par *par; /* start, then result */
  double *trace;       /* log likelihoods; free with nax_i_free */
  nax_index n_trace, room;
  nax_index n_floored;
  nax_stop stop;
} nax_i_gpfa_fit;

nax_status nax_i_gpfa_fit_run(nax_ctx *ctx, nax_i_gpfa_fit *f);

struct nax_gpfa {
  nax_gpfa_opts opts;
  nax_index n_all;    /* neurons of the data */
  char *keep;         /* which of them vary */
  nax_i_gpfa_par par; /* of those */
  double *full;       /* C, d, R of all, tau, noise */
  double *trace;
  nax_index n_trace, n_floored;
  nax_i_gpfa_alike alike;
  nax_stop stop;
};

/* nax_gpfa_fit; `quiet`: one of many, which looks for no neurons that are alike and tells
 * nothing about the data. */
nax_status nax_i_gpfa_fit_model(nax_ctx *ctx, const char *fn, nax_index n_trials,
                                const nax_view *trials, const nax_gpfa_params *start,
                                const nax_gpfa_opts *opts, int quiet, nax_gpfa **out);

/* Data of trials as the model takes them. */
nax_status nax_i_gpfa_model_data(nax_ctx *ctx, const char *fn, const nax_gpfa *m,
                                 nax_index n_trials, const nax_view *trials,
                                 nax_i_gpfa_data *d);

/* Leave-neuron-out; by_trial (q x trials, may be NULL) gets the squared error by the
 * first 1, 2, ... orthonormal latents. */
nax_status nax_i_gpfa_leave_neuron_out(nax_ctx *ctx, const char *fn, const nax_gpfa *m,
                                       nax_index n_trials, const nax_view *trials,
                                       double *predicted, double *by_trial,
                                       nax_gpfa_lno *out);

/* Loadings of the kept neurons as U S V': U (n x q), turn = S V' (q x q). */
nax_status nax_i_gpfa_turn(nax_ctx *ctx, const nax_i_gpfa_par *p, double *u,
                           double *turn);

/* --- engines --------------------------------------------------------------------------
 */

/* What a set of observed neurons tells about the latents of a bin: the whitened loadings
 * R^-1/2 C of those neurons are P Lg' with orthonormal columns in P, so that P' R^-1/2
 * (y - d) = Lg' x + N(0, I) holds all there is to know. */
typedef struct nax_i_gpfa_sensor {
  nax_index rank; /* columns of P */
  nax_index n;    /* observed neurons */
  double *p;      /* n_neurons x rank; rows of missing neurons are zero */
  double *lg;     /* q x rank */
  double *g;      /* q x q = Lg Lg' */
  double log_r;   /* sum of log R over the observed neurons */
} nax_i_gpfa_sensor;

nax_status nax_i_gpfa_sensors_init(nax_ctx *ctx, const nax_i_gpfa_data *d,
                                   const nax_i_gpfa_par *p, nax_i_gpfa_sensor **out);
void nax_i_gpfa_sensors_free(const nax_i_gpfa_data *d, nax_i_gpfa_sensor *s);

/* Whitened residuals R^-1/2 (y - d) of one trial (n_neurons x T), zero where missing;
 * returns their sum of squares. */
double nax_i_gpfa_whiten(const nax_i_gpfa_data *d, const nax_i_gpfa_par *p,
                         nax_index trial, double *out);

/* Posterior of one trial in such a basis, where bin t tells precision G and
 * precision-weighted mean b_t about its latents; G by pattern. See lowrank.c. */
typedef struct nax_i_gpfa_lowrank {
  const nax_i_gpfa_basis *basis;
  double *f, *a, *h, *log_det; /* per pattern: q x q, q x q, q x q, 1 */
  double *b;                   /* rank x rank: Cholesky factor of the precision */
  double *wf;                  /* rank x (q T): factor of the covariance */
  double *x;                   /* T x q x trials: means */
  double all_log_det;          /* log |I + K blockdiag(G)| */
  double *s, *v, *fb, *small;
} nax_i_gpfa_lowrank;

nax_status nax_i_gpfa_lowrank_init(nax_ctx *ctx, const nax_i_gpfa_basis *basis,
                                   nax_index n_patterns, nax_index n_trials,
                                   nax_i_gpfa_lowrank *k);
void nax_i_gpfa_lowrank_free(nax_i_gpfa_lowrank *k);
/* G (q x q) of a pattern. */
nax_status nax_i_gpfa_lowrank_pattern(nax_ctx *ctx, const nax_i_gpfa_par *p,
                                      nax_index pattern, const double *g,
                                      nax_i_gpfa_lowrank *k);
/* Factorise for the patterns of `length` bins; then ask for the covariance of bin t
 * (q x q), add n times that of latent l over time to p (T x T), and get the means of n
 * trials (k->x) from their b (q x T x n) with quad = sum of b' mean, in any order. */
nax_status nax_i_gpfa_lowrank_factor(nax_ctx *ctx, nax_i_gpfa_lowrank *k,
                                     const nax_index *pattern, nax_index length);
void nax_i_gpfa_lowrank_cov(const nax_i_gpfa_lowrank *k, const nax_index *pattern,
                            nax_index length, nax_index t, double *v);
nax_status nax_i_gpfa_lowrank_moments(nax_ctx *ctx, const nax_i_gpfa_lowrank *k,
                                      const nax_index *pattern, nax_index length,
                                      double n, nax_index l, double *p);
nax_status nax_i_gpfa_lowrank_mean(nax_ctx *ctx, nax_i_gpfa_lowrank *k,
                                   const nax_index *pattern, nax_index length,
                                   nax_index n, const double *bt, double *quad);

/* Memory that `n` has from an earlier use is used again; .l = NULL: none. */
nax_status nax_i_gpfa_nested_init(nax_ctx *ctx, const nax_i_gpfa_par *p,
                                  const nax_i_gpfa_sensor *sensors,
                                  const nax_index *pattern, nax_index t_max,
                                  nax_i_gpfa_nested *n);
void nax_i_gpfa_nested_free(nax_i_gpfa_nested *n);
/* z (row[T] long) = L^-1 P' (whitened residuals) of one trial. */
nax_status nax_i_gpfa_nested_solve(nax_ctx *ctx, const nax_i_gpfa_nested *n,
                                   const nax_i_gpfa_data *d,
                                   const nax_i_gpfa_sensor *sensors, nax_index trial,
                                   const double *white, double *z);

/* 1 when the covariances of each bin go into the dataset. */
int nax_i_gpfa_keeps_covariances(const nax_gpfa_posterior *p);

#endif
