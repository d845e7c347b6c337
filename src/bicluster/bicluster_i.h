/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the bi-clustering: the data, one chain and its moves, draws, summaries.
 *
 * Symbols as in the public header: N neurons, T bins, q = p + 1 rows of a path. Small
 * matrices are row-major. Time is fastest in what belongs to a neuron, rows of a path are
 * fastest in what the Gaussian recursions run along. State xi_t drives bin t - 1 to t; a
 * bin that begins a segment has none. */
#ifndef NAX_BICLUSTER_I_H
#define NAX_BICLUSTER_I_H
#include "core/core_i.h"
#include "rng/rng_i.h"
#include <neuraxis/bicluster.h>

enum {
  NAX_I_BIC_P = 8,  /* most latents of a component */
  NAX_I_BIC_Q = 24, /* most rows that move together */
  NAX_I_BIC_L = 64, /* most states */
  NAX_I_BIC_SCALARS = 9,
  NAX_I_BIC_STARTING = 20 /* sweeps with one state and the labels held */
};

/* --- numeric.c ---------------------------------------------------------------------- */

/* Sum of a[i] b[i], n a multiple of 8, in an order that no instruction set changes. */
double nax_i_bic_dot(nax_index n, const double *a, const double *b);
/* log Gamma(x), x > 0; no global state. */
double nax_i_bic_lgamma(double x);
/* softplus[i] = log(1 + exp(x[i])), and p[i] = 1 / (1 + exp(-x[i])). Either of the last
 * two may be NULL. */
void nax_i_bic_logistic(nax_index n, const double *x, double *p, double *softplus);
/* y[i] = exp(x[i]); x beyond +-300 saturates. */
void nax_i_bic_exp(nax_index n, const double *x, double *y);
double nax_i_bic_softplus(double x);

/* Cholesky of a row-major n x n matrix (lower triangle read, the upper of the result is
 * 0). A pivot that rounding made vanish is replaced by a tiny one; returns how many. */
int nax_i_bic_chol(int n, const double *a, double *l);
/* x = L^-1 x, x = L'^-1 x. */
void nax_i_bic_solve_l(int n, const double *l, double *x);
void nax_i_bic_solve_lt(int n, const double *l, double *x);
/* Gaussian of n numbers whose precision is tridiagonal: Cholesky factor (chol, off: below
 * the diagonal) from its diagonal and what links each with the one before, mean from the
 * linear term, each in its place. Returns 0 when it is no density. */
int nax_i_bic_band_factor(nax_index n, double *chol, double *off, double *mean);
/* Its log density at x, or of a draw that is put there. */
double nax_i_bic_band_density(nax_index n, const double *chol, const double *off,
                              const double *mean, double *x, nax_rng *draw);
/* Variance of each, and covariance with the one before. */
void nax_i_bic_band_moments(nax_index n, const double *chol, const double *off,
                            double *variance, double *covariance);
/* log(p[0] + ... ) of n logarithms; -inf when all are. */
double nax_i_bic_logsum(nax_index n, const double *x);
/* Position drawn with probability proportional to exp(x[i]); -1 when none is finite. */
nax_index nax_i_bic_pick(nax_rng *r, nax_index n, const double *x);
/* Dirichlet that cannot end in NaN: alpha[i] >= 0, tiny ones in logarithms. */
void nax_i_bic_dirichlet(nax_rng *r, nax_index n, const double *alpha, double *x);

/* --- pg.c --------------------------------------------------------------------------- */

/* Polya-Gamma PG(h, z), h >= 0 real. `exact`: Devroye's rejection sampler for the whole
 * part of h and 16 explicit terms for the rest; else 2 to a few explicit gamma terms and
 * one that matches the mean and the variance of all the others. */
double nax_i_bic_pg(nax_rng *r, double h, double z, int exact);
void nax_i_bic_pg_moments(double h, double z, double *mean, double *variance);

/* --- prior.c ------------------------------------------------------------------------ */

/* log V_n(t) of the mixture of finite mixtures: K - 1 geometric with `rho`, weights
 * Dirichlet with `g` each. */
double nax_i_bic_log_v(nax_index n, nax_index t, double rho, double g);
/* Components K >= t given t clusters of n items. */
nax_index nax_i_bic_draw_k(nax_rng *r, nax_index n, nax_index t, double rho, double g);
/* Tables that n customers open: sum over j < n of Bernoulli(c / (c + j)). */
nax_index nax_i_bic_crt(nax_rng *r, nax_index n, double c);
/* Log prior of p latents up to a constant, p from 0 to `most`: Poisson, cut off. */
double nax_i_bic_log_latents(double mean, int p);
int nax_i_bic_draw_latents(nax_rng *r, double mean, int most);

/* --- the data ------------------------------------------------------------------------
 */

typedef struct nax_i_bic_data {
  nax_bicluster_opts o;
  nax_index n, t, tp; /* neurons; bins; bins padded to a multiple of 8 */
  int q, l;           /* most rows of a component's path; states */
  int rows; /* most that move together: q, or those of all components when coupled */
  double *y, *mask;  /* n x tp: counts (0 where missing or padded), 1 where observed */
  uint8_t *first;    /* t: 1 where a segment begins */
  nax_index n_first; /* how many do */
  nax_index *region; /* of each neuron, NULL: not used */
  nax_index n_region;
  /* rising factorials of each neuron: `tail[j]` bins have counts of at least `value[j]`
   */
  nax_index *tail_at; /* n + 1 */
  double *value, *tail;
  double *sum_y, *n_obs, *log_fact;
  double *centre, *scale; /* calcium: what was taken off each neuron, and divided by */
  /* left out of the fit */
  nax_index n_held;
  nax_index *held_i, *held_t;
  double *held_y;
} nax_i_bic_data;

/* What follows from y and mask; again after y has changed. */
nax_status nax_i_bic_data_refresh(nax_ctx *ctx, nax_i_bic_data *d);
void nax_i_bic_data_free(nax_i_bic_data *d);

/* --- dynamics.c ----------------------------------------------------------------------
 */

/* Dynamics of one cluster in one state: u_t = A u_(t-1) + b + M e, Q = M M',
 * Q^-1 = G' G, e standard normal. */
typedef struct nax_i_bic_dyn {
  double a[NAX_I_BIC_Q * NAX_I_BIC_Q], b[NAX_I_BIC_Q];
  double q[NAX_I_BIC_Q * NAX_I_BIC_Q], p[NAX_I_BIC_Q * NAX_I_BIC_Q];
  double m[NAX_I_BIC_Q * NAX_I_BIC_Q], g[NAX_I_BIC_Q * NAX_I_BIC_Q];
  double logdet; /* of Q */
} nax_i_bic_dyn;

/* What steps t with xi[t] = s of the path u (t x q) say about the dynamics: mean of
 * [A b], Cholesky factors of Lambda_n and Psi_n, degrees of freedom; u NULL: the prior.
 */
typedef struct nax_i_bic_moments {
  double mean[NAX_I_BIC_Q * (NAX_I_BIC_Q + 1)];
  double lambda[(NAX_I_BIC_Q + 1) * (NAX_I_BIC_Q + 1)], psi[NAX_I_BIC_Q * NAX_I_BIC_Q];
  double n, nu;
} nax_i_bic_moments;
void nax_i_bic_find_moments(const nax_i_bic_data *d, int q, const double *u,
                            const uint8_t *xi, int s, nax_i_bic_moments *out);
/* The same from the Gram matrix (lower triangle, (2 q + 1) squared) of the steps
 * w = (u_(t-1), 1, u_t) and of the prior, the latter by nax_i_bic_prior_gram; all but
 * out->n. Returns 0 when it is not positive definite. */
void nax_i_bic_prior_gram(const nax_i_bic_data *d, int q, double *gram);
void nax_i_bic_step_vector(int q, const double *now, double *w);
void nax_i_bic_add_step(int m, const double *w, double *gram);
int nax_i_bic_moments_of_gram(int q, const double *gram, double nu,
                              nax_i_bic_moments *out);
/* Log marginal likelihood of those steps, dynamics integrated out. */
double nax_i_bic_log_marginal(const nax_i_bic_data *d, int q, const nax_i_bic_moments *m);
/* Log density of the matrix-normal inverse-Wishart at x. */
double nax_i_bic_log_dyn(int q, const nax_i_bic_moments *m, const nax_i_bic_dyn *x);
/* x as it is when row a of the path is multiplied by s. */
void nax_i_bic_scale_dyn(int q, int a, double s, nax_i_bic_dyn *x);
void nax_i_bic_dyn_copy(int q, const nax_i_bic_dyn *from, nax_i_bic_dyn *to);
/* Draw from the matrix-normal inverse-Wishart. */
void nax_i_bic_draw_dyn(nax_rng *r, int q, const nax_i_bic_moments *m,
                        nax_i_bic_dyn *out);
/* P, G, M, log det from A, b, Q. 0 when Q is not positive definite. */
int nax_i_bic_dyn_from_q(int q, nax_i_bic_dyn *x);
/* Log density of step t of a path under dynamics x. */
double nax_i_bic_log_step(int q, const nax_i_bic_dyn *x, const double *before,
                          const double *now);

/* --- a chain --------------------------------------------------------------------------
 */

/* One component: its path and its dynamics in each state. When dynamics are coupled,
 * paths and dynamics of all components are those of one group instead, component k having
 * the rows from k q on, and u and dyn of the components are NULL. */
typedef struct nax_i_bic_cluster {
  int q;              /* rows of the path: 1 and the latents */
  double *u;          /* t x q, rows of the path fastest; room for the most rows */
  double *f;          /* q x tp, time fastest: the same path */
  nax_i_bic_dyn *dyn; /* l */
  double *phi;        /* region probabilities, n_region, or NULL */
  nax_index size;     /* neurons in it */
  int usable;         /* 0: an empty one whose path left all bounds */
} nax_i_bic_cluster;

typedef enum nax_i_bic_move {
  NAX_I_BIC_OMEGA = 1,
  NAX_I_BIC_SCAN,
  NAX_I_BIC_PATH,
  NAX_I_BIC_STATES,
  NAX_I_BIC_DYNAMICS,
  NAX_I_BIC_DISPERSION,
  NAX_I_BIC_COMPONENTS,
  NAX_I_BIC_NEURON,
  NAX_I_BIC_SHIFT,
  NAX_I_BIC_START,
  NAX_I_BIC_SWAP,
  NAX_I_BIC_RESCALE,
  NAX_I_BIC_REGROUP,
  NAX_I_BIC_DIMENSION,
  NAX_I_BIC_TRANSFER /* the last: four bits of a stream say which move it is of */
} nax_i_bic_move;

/* Accepted out of proposed. */
typedef struct nax_i_bic_rate {
  double accepted, proposed;
} nax_i_bic_rate;

typedef struct nax_i_bic_chain {
  const nax_i_bic_data *d;
  uint64_t id; /* of the streams */
  uint64_t sweep;
  double power; /* of the likelihood; 1 unless tempered */
  /* the state of the chain */
  nax_index k;                 /* occupied clusters: cluster[0 .. k-1] */
  nax_i_bic_cluster **cluster; /* cap of them, made when first needed */
  nax_index cap;
  nax_i_bic_cluster *joint; /* coupled: all of them as one; NULL else */
  nax_index *z;             /* n */
  double *b;                /* n x q: d_i, c_i */
  double *r;   /* n: dispersion; Gaussian: variance of the noise; Poisson: not used */
  uint8_t *xi; /* t */
  double *beta, *pi;
  double sticky, concentration, gamma; /* kappa / (alpha + kappa), alpha + kappa, gamma */
  double dp;                           /* concentration of the Dirichlet process */
  double loglik;                       /* with all constants, at the end of a sweep */
  nax_index components;                /* K, empty ones included, as last drawn */
  int held_labels;                     /* 1: neurons stay where they are (start only) */
  /* scratch */
  double *eta;            /* n x tp */
  double *omega, *linear; /* n x tp */
  double *work;           /* 12 x tp and more */
  double *rt, *ht;        /* information of the data: t x q q, t x q for each of cap */
  double *filter;         /* messages of the recursions */
  double *old;            /* paths to go back to, cap x t x q; Poisson only */
  /* what moves did */
  nax_i_bic_rate member, path, together, moved, rescale, piece, dimension, transfer,
      split, state_split;
  double repaired; /* pivots that rounding had made vanish */
} nax_i_bic_chain;

nax_status nax_i_bic_chain_new(nax_ctx *ctx, const nax_i_bic_data *d, uint64_t id,
                               nax_i_bic_chain **out);
void nax_i_bic_chain_free(nax_i_bic_chain *c);
/* Paths that move by dynamics of their own: each component's, or all of them together. */
static inline nax_index
nax_i_bic_n_groups(const nax_i_bic_chain *c)
{
  return c->joint != NULL ? 1 : c->k;
}
static inline nax_i_bic_cluster *
nax_i_bic_group(const nax_i_bic_chain *c, nax_index g)
{
  return c->joint != NULL ? c->joint : c->cluster[g];
}
/* Where component k is: its first row in its group. */
static inline nax_i_bic_cluster *
nax_i_bic_group_of(const nax_i_bic_chain *c, nax_index k, int *row)
{
  *row = c->joint != NULL ? (int)k * c->d->q : 0;
  return nax_i_bic_group(c, k);
}
/* Room for `cap` components. */
nax_status nax_i_bic_reserve(nax_ctx *ctx, nax_i_bic_chain *c, nax_index cap);
/* The stream of one block of work. */
void nax_i_bic_stream(const nax_i_bic_chain *c, nax_i_bic_move what, nax_index item,
                      nax_rng *r);
/* eta of every neuron from paths and loadings. */
void nax_i_bic_eta(nax_i_bic_chain *c);
void nax_i_bic_eta_one(const nax_i_bic_chain *c, nax_index i, double *eta);
void nax_i_bic_eta_at(const nax_i_bic_data *d, int q, const double *f, const double *b,
                      double *eta);
/* Log likelihood of neuron i at `eta`, with all constants. */
double nax_i_bic_loglik_one(const nax_i_bic_chain *c, nax_index i, const double *eta);
void nax_i_bic_transpose(nax_i_bic_chain *c, nax_index k);

/* The moves, in the order of a sweep. Each leaves the posterior as it is. */
void nax_i_bic_omega(nax_i_bic_chain *c);
/* Of one neuron whose likelihood has a power, and the linear term. */
void nax_i_bic_omega_one(const nax_i_bic_chain *c, nax_index i, const double *eta,
                         double base, double power, nax_rng *rng, double *w, double *l);
/* Poisson less negative binomial log likelihood of neuron i: `work` has 2 x tp. */
double nax_i_bic_poisson_excess(const nax_i_bic_chain *c, nax_index i, const double *eta,
                                double *work);
/* Information of the data about each group, t x q x q and t x q, given omega. */
void nax_i_bic_information(nax_i_bic_chain *c);
/* Where it is: there is room for the most rows. */
double *nax_i_bic_information_matrix(const nax_i_bic_chain *c, nax_index g);
double *nax_i_bic_information_vector(const nax_i_bic_chain *c, nax_index g);
/* That of a neuron with loadings b is added. */
void nax_i_bic_add_information(const nax_i_bic_data *d, int q, const double *b,
                               const double *omega, const double *linear, double *rt,
                               double *ht);
/* States one bin at a time with the paths integrated out, given omega; towards later bins
 * or towards earlier ones. */
void nax_i_bic_scan(nax_i_bic_chain *c, nax_rng *r, int backwards);
/* Likewise whole pieces of about `length` bins that are in one state, time being cut at
 * random. */
void nax_i_bic_pieces(nax_i_bic_chain *c, nax_rng *r, double length);
/* Precision of a path and linear term: blocks of each bin, and of each bin with the one
 * before. They are in the scratch of the chain. */
typedef struct nax_i_bic_system {
  double *diagonal, *below, *linear; /* t x q x q, t x q x q, t x q */
} nax_i_bic_system;
/* From dynamics and information of data. */
void nax_i_bic_path_system(nax_i_bic_chain *c, int q, const nax_i_bic_dyn *dyn,
                           const double *rt, const double *ht, nax_i_bic_system *out);
/* Its Cholesky factor L in its place, L^-1 times the linear term in that of the latter.
 */
void nax_i_bic_factor_system(nax_i_bic_chain *c, int q, nax_i_bic_system *x);
/* A path from what is factored. */
void nax_i_bic_draw_system(const nax_i_bic_data *d, int q, const nax_i_bic_system *x,
                           nax_rng *r, double *u);
/* The path of a group from its distribution given omega. */
void nax_i_bic_draw_path(nax_i_bic_chain *c, nax_index group, nax_rng *r, double *u);
nax_status nax_i_bic_states_and_paths(nax_ctx *ctx, nax_i_bic_chain *c, int scan);
void nax_i_bic_state_sequence(nax_i_bic_chain *c, nax_rng *r);
/* States given the paths with dynamics and transition probabilities integrated out: these
 * two are to be drawn next. */
/* Mean length of pieces: 2 to 64 bins, log uniform. */
double nax_i_bic_piece_length(nax_rng *r);
nax_status nax_i_bic_regroup(nax_ctx *ctx, nax_i_bic_chain *c);
void nax_i_bic_transitions(nax_i_bic_chain *c, nax_rng *r);
void nax_i_bic_dynamics(nax_i_bic_chain *c);
/* Of one group given its path. */
void nax_i_bic_draw_dynamics(const nax_i_bic_chain *c, nax_i_bic_cluster *x, nax_rng *r);
/* One latent of each component more or less. */
nax_status nax_i_bic_dimension(nax_ctx *ctx, nax_i_bic_chain *c);
/* Log density of loadings x that are proposed, or of a draw that is put there: a scale
 * (log normal, of either sign) times the center and, at a right angle to it in units of
 * the standard deviations, a normal variable with that variance. */
double nax_i_bic_scaled_density(nax_index n, const double *center, const double *variance,
                                double *x, nax_rng *draw, double *scale);
void nax_i_bic_dispersion(nax_i_bic_chain *c);
nax_status nax_i_bic_members(nax_ctx *ctx, nax_i_bic_chain *c);
/* Latents and dynamics of a component that nobody is in, from their prior. */
void nax_i_bic_draw_rows(const nax_i_bic_chain *c, nax_rng *r, nax_i_bic_cluster *k);
/* Region probabilities of component k given who is in it. */
void nax_i_bic_draw_regions(nax_i_bic_chain *c, nax_rng *r, nax_index k);
/* One neuron to another component or to one of its own, the paths going along. */
nax_status nax_i_bic_transfer(nax_ctx *ctx, nax_i_bic_chain *c);
/* A component taken apart, or two put together. */
nax_status nax_i_bic_split_merge(nax_ctx *ctx, nax_i_bic_chain *c);
void nax_i_bic_shift(nax_i_bic_chain *c);
void nax_i_bic_rescale(nax_i_bic_chain *c);
/* Sweeps that do not count. */
int64_t nax_i_bic_burn_in(const nax_bicluster_opts *o);
/* Moves that cost as much as a sweep are for the way to the posterior, and now and then:
 * 1 when their turn has come, which it does every so many sweeps of the burn-in, or after
 * it. */
int nax_i_bic_turn(const nax_i_bic_chain *c, int settling, int settled);
/* All of them once. */
nax_status nax_i_bic_sweep(nax_ctx *ctx, nax_i_bic_chain *c);
/* The path of a group from the prior. */
void nax_i_bic_prior_path(nax_i_bic_chain *c, nax_rng *r, nax_i_bic_cluster *k);

/* Mode of (d, c) of neuron i on the path of one component, its Cholesky factor of minus
 * the Hessian, and Laplace's log evidence (the factorials left out). */
typedef struct nax_i_bic_mode {
  double b[NAX_I_BIC_P + 1], chol[(NAX_I_BIC_P + 1) * (NAX_I_BIC_P + 1)];
  double evidence;
} nax_i_bic_mode;
int nax_i_bic_find_mode(const nax_i_bic_chain *c, nax_index i, int q, const double *f,
                        double *work, nax_i_bic_mode *out);
/* Log likelihood of neuron i without factorials; its gradient by eta and minus its second
 * derivative in each bin. `work` has 2 x tp. */
double nax_i_bic_kernel_loglik(const nax_i_bic_chain *c, nax_index i, const double *eta,
                               double *work);
void nax_i_bic_derivatives(const nax_i_bic_chain *c, nax_index i, const double *eta,
                           double *g, double *w);

/* --- start.c ---------------------------------------------------------------------------
 */

/* Neurons put together while the evidence of one common path gains from it; labels from
 * 0. Log rates are lines in the path: baselines N(0, 1), slopes N(1, spread^2), which is
 * what a latent that goes with the mean makes of it; spread 0: slopes 1. `smooth`:
 * precision of the steps of the path; `gain`: of the best merge not made. */
nax_status nax_i_bic_agglomerate(nax_ctx *ctx, const nax_i_bic_data *d, double smooth,
                                 double spread, nax_index *label, nax_index *n_clusters,
                                 double *score, double *gain);
/* The state of a chain from a partition. */
nax_status nax_i_bic_begin(nax_ctx *ctx, nax_i_bic_chain *c, const nax_index *label,
                           nax_index n_clusters);
/* States that a chain begins with, one after the first sweeps: other chains, others. */
int nax_i_bic_start_states(const nax_i_bic_chain *c);
/* One of the first sweeps: not a move of the target, but of the way to it. */
nax_status nax_i_bic_start_sweep(nax_ctx *ctx, nax_i_bic_chain *c);

#endif
