/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States given the paths, with dynamics and transition probabilities integrated out: bins
 * one at a time, then whole runs, then a state is taken apart or two are put together. A
 * state that nobody is in is one of all that its dynamics might be, so that states come
 * and go.
 *
 * All that the dynamics of one cluster in one state need is the Gram matrix of its steps
 * w = (u_(t-1), 1, u_t), to which the prior adds its own. Its Cholesky factor holds that
 * of Lambda_n above and that of Psi_n below. */
#include "bicluster_i.h"
#include <math.h>

enum { M = 2 * NAX_I_BIC_Q + 1 };
static const double log_pi = 1.14472988584940017414;
static const double stickiness = 2.2; /* log odds that neighbours are in one state */

/* One cluster in one state: log determinants of Lambda_n and Psi_n, the Gram matrix, its
 * Cholesky factor (m x m each). */
enum { LOG_LAMBDA, LOG_PSI, GRAM };

typedef struct regroup {
  nax_i_bic_chain *c;
  int l, rows;
  nax_index n[NAX_I_BIC_L * NAX_I_BIC_L], row[NAX_I_BIC_L]; /* transitions */
  nax_index count[NAX_I_BIC_L];                             /* steps of each state */
  int size;                                                 /* of moments */
  double *empty;     /* the prior's moments, by group */
  double *state;     /* moments of group x l */
  double *before;    /* of group: of the state that bins were taken out of */
  double *trial;     /* moments */
  double *block;     /* group x m x m: Gram matrix of the bins taken out */
  double *half;      /* group x 2: of a state that is taken apart */
  int8_t *side;      /* t: half that a bin goes to, -1: of no concern */
  uint8_t *shared;   /* t: 1 when that has been settled */
  double *log_gamma; /* rows x number of steps: log Gamma_q((nu0 + n) / 2) */
} regroup;

static int
rows_of(const regroup *x, nax_index g)
{
  return nax_i_bic_group(x->c, g)->q;
}

static nax_index
n_groups(const regroup *x)
{
  return nax_i_bic_n_groups(x->c);
}

static int
has_state(const nax_i_bic_data *d, nax_index t)
{
  return t < d->t && !d->first[t];
}

/* --- evidence of dynamics --------------------------------------------------------------
 */

static double *
moments_of(const regroup *x, nax_index k, int s)
{
  return x->state + (k * x->l + s) * x->size;
}

static double *
block_of(const regroup *x, nax_index k)
{
  int m = 2 * x->rows + 1;
  return x->block + k * m * m;
}

static void
copy_moments(const regroup *x, double *to, const double *from)
{
  memcpy(to, from, (size_t)x->size * sizeof *to);
}

static void
factorise(const regroup *x, int q, double *s)
{
  int m = 2 * q + 1, z = q + 1;
  double *chol = s + GRAM + m * m;
  x->c->repaired += nax_i_bic_chol(m, s + GRAM, chol);
  s[LOG_LAMBDA] = s[LOG_PSI] = 0.0;
  for (int i = 0; i < m; i++) {
    s[i < z ? LOG_LAMBDA : LOG_PSI] += 2.0 * log(chol[i * m + i]);
  }
}

static void
step_vector(const regroup *x, nax_index g, nax_index t, double *w)
{
  int q = rows_of(x, g);
  nax_i_bic_step_vector(q, nax_i_bic_group(x->c, g)->u + t * q, w);
}

/* Log evidence of n steps, up to what all sets of as many steps share. */
static double
evidence(const regroup *x, int q, const double *s, nax_index n)
{
  double nu = q + x->c->d->o.noise_dof + (double)n;
  return x->log_gamma[(q - 1) * (x->c->d->t + 1) + n] - 0.5 * (double)(n * q) * log_pi -
         0.5 * nu * s[LOG_PSI] - 0.5 * q * s[LOG_LAMBDA];
}

/* What the evidence of group k gains by bin t when `now` has the moments of n other ones:
 * by the determinant lemma. */
static double
gain_by_one(const regroup *x, nax_index k, const double *now, nax_index n, nax_index t)
{
  double w[M], square[2] = {0.0, 0.0}, *then = x->trial;
  int q = rows_of(x, k), m = 2 * q + 1, z = q + 1;
  step_vector(x, k, t, w);
  nax_i_bic_solve_l(m, now + GRAM + m * m, w);
  for (int i = 0; i < m; i++) {
    square[i >= z] += w[i] * w[i];
  }
  then[LOG_LAMBDA] = now[LOG_LAMBDA] + log1p(square[0]);
  then[LOG_PSI] = now[LOG_PSI] + log1p(square[1] / (1.0 + square[0]));
  return evidence(x, q, then, n + 1) - evidence(x, q, now, n);
}

/* What the evidence of group k in state s gains by the bins a to b - 1. */
static double
gain(const regroup *x, nax_index k, int s, nax_index a, nax_index b)
{
  const double *now = moments_of(x, k, s), *block = block_of(x, k);
  double *then = x->trial;
  int q = rows_of(x, k), m = 2 * q + 1;
  nax_index n = x->count[s];
  if (b - a == 1) {
    return gain_by_one(x, k, now, n, a);
  }
  for (int i = 0; i < m * m; i++) {
    then[GRAM + i] = now[GRAM + i] + block[i];
  }
  factorise(x, q, then);
  return evidence(x, q, then, n + b - a) - evidence(x, q, now, n);
}

/* --- transitions -----------------------------------------------------------------------
 */

/* Dirichlet parameter of the transition from j to k. */
static double
weight(const regroup *x, int j, int k)
{
  const nax_i_bic_chain *c = x->c;
  return c->concentration * ((1.0 - c->sticky) * c->beta[k] + (j == k) * c->sticky);
}

/* Log probability of bins a to b - 1 being in state s given all other bins. */
static double
log_run(const regroup *x, nax_index a, nax_index b, int s)
{
  const nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  double out = 0.0, own = (double)x->n[s * x->l + s], row = (double)x->row[s];
  if (has_state(d, a - 1)) {
    int j = c->xi[a - 1];
    out += log((weight(x, j, s) + (double)x->n[j * x->l + s]) /
               (c->concentration + (double)x->row[j]));
    own += j == s;
    row += j == s;
  }
  for (nax_index t = a + 1; t < b; t++) {
    out += log((weight(x, s, s) + own) / (c->concentration + row));
    own += 1.0;
    row += 1.0;
  }
  if (has_state(d, b)) {
    int k = c->xi[b];
    double n = k == s ? own : (double)x->n[s * x->l + k];
    out += log((weight(x, s, k) + n) / (c->concentration + row));
  }
  return out;
}

/* Count the transitions into bins a to b once more, or once less. */
static void
count_transitions(regroup *x, nax_index a, nax_index b, int by)
{
  const nax_i_bic_chain *c = x->c;
  for (nax_index t = a; t <= b; t++) {
    if (has_state(c->d, t) && has_state(c->d, t - 1)) {
      x->n[c->xi[t - 1] * x->l + c->xi[t]] += by;
      x->row[c->xi[t - 1]] += by;
    }
  }
}

/* --- bins out of one state and into another --------------------------------------------
 */

static void
take_out(regroup *x, nax_index a, nax_index b)
{
  int s = x->c->xi[a];
  x->count[s] -= b - a;
  count_transitions(x, a, b, -1);
  for (nax_index k = 0; k < n_groups(x); k++) {
    int m = 2 * rows_of(x, k) + 1;
    double *now = moments_of(x, k, s);
    double w[M], *block = block_of(x, k);
    memset(block, 0, (size_t)(m * m) * sizeof *block);
    for (nax_index t = a; t < b; t++) {
      step_vector(x, k, t, w);
      nax_i_bic_add_step(m, w, block);
    }
    copy_moments(x, x->before + k * x->size, now);
    if (x->count[s] == 0) {
      copy_moments(x, now, x->empty + k * x->size);
      continue;
    }
    for (int i = 0; i < m * m; i++) {
      now[GRAM + i] -= block[i];
    }
    factorise(x, rows_of(x, k), now);
  }
}

/* Those taken out last, into state s. */
static void
put_in(regroup *x, nax_index a, nax_index b, int s)
{
  int back = x->c->xi[a] == s;
  for (nax_index k = 0; k < n_groups(x); k++) {
    int m = 2 * rows_of(x, k) + 1;
    double *now = moments_of(x, k, s);
    const double *block = block_of(x, k);
    if (back) {
      copy_moments(x, now, x->before + k * x->size);
      continue;
    }
    for (int i = 0; i < m * m; i++) {
      now[GRAM + i] += block[i];
    }
    factorise(x, rows_of(x, k), now);
  }
  memset(x->c->xi + a, s, (size_t)(b - a));
  x->count[s] += b - a;
  count_transitions(x, a, b, 1);
}

/* Bins a to b - 1, all in one state, get a common new one. */
static void
relabel(regroup *x, nax_index a, nax_index b, nax_rng *r)
{
  double w[NAX_I_BIC_L], unused = 0.0;
  int known = 0;
  take_out(x, a, b);
  for (int s = 0; s < x->l; s++) {
    int empty = x->count[s] == 0;
    double g = empty ? unused : 0.0;
    for (nax_index k = 0; k < n_groups(x) && !(empty && known); k++) {
      g += gain(x, k, s, a, b);
    }
    unused = empty ? g : unused; /* all unused states are alike */
    known = known || empty;
    w[s] = g + log_run(x, a, b, s);
    w[s] = isfinite(w[s]) ? w[s] : -HUGE_VAL;
  }
  nax_index s = nax_i_bic_pick(r, x->l, w);
  put_in(x, a, b, s >= 0 ? (int)s : x->c->xi[a]);
}

/* Time is cut at random, whatever the states, into pieces of about `length` bins; those
 * in one state get a new one. */
static void
pieces(regroup *x, double length, nax_rng *r)
{
  const nax_i_bic_data *d = x->c->d;
  for (nax_index a = 1, b; a < d->t; a = b) {
    int same = has_state(d, a);
    b = a + 1;
    while (same && has_state(d, b) && nax_rng_uniform(r) * length >= 1.0) {
      b++;
    }
    for (nax_index t = a; t < b; t++) {
      same = same && x->c->xi[t] == x->c->xi[a];
    }
    if (same) {
      relabel(x, a, b, r);
    }
  }
}

/* --- a state taken apart, or two put together ------------------------------------------
 */

/* Log probability of the states, transition probabilities integrated out. */
static double
log_transitions(const regroup *x)
{
  double out = 0.0, all = x->c->concentration;
  for (int j = 0; j < x->l; j++) {
    if (x->row[j] == 0) {
      continue;
    }
    out += nax_i_bic_lgamma(all) - nax_i_bic_lgamma(all + (double)x->row[j]);
    for (int k = 0; k < x->l; k++) {
      double n = (double)x->n[j * x->l + k], w = weight(x, j, k);
      out += n > 0.0 ? nax_i_bic_lgamma(w + n) - nax_i_bic_lgamma(w) : 0.0;
    }
  }
  return out;
}

/* Weight of the states that nobody is in. */
static double
unused_weight(const regroup *x)
{
  double sum = 0.0;
  for (int s = 0; s < x->l; s++) {
    sum += x->count[s] == 0 ? x->c->beta[s] : 0.0;
  }
  return sum;
}

static double *
half_of(const regroup *x, nax_index k, int side)
{
  return x->half + (2 * k + side) * x->size;
}

/* Moments of both halves together. */
static void
join_halves(const regroup *x, nax_index k, double *out)
{
  const double *one = half_of(x, k, 0), *other = half_of(x, k, 1);
  const double *none = x->empty + k * x->size;
  int q = rows_of(x, k), m = 2 * q + 1;
  for (int i = 0; i < m * m; i++) {
    out[GRAM + i] = one[GRAM + i] + other[GRAM + i] - none[GRAM + i];
  }
  factorise(x, q, out);
}

/* Evidence of the bins of one half, or with side 2 of both together; over that of none.
 */
static double
half_evidence(const regroup *x, int side, const nax_index *n)
{
  double out = 0.0;
  for (nax_index k = 0; k < n_groups(x); k++) {
    int q = rows_of(x, k);
    const double *of = side == 2 ? x->trial : half_of(x, k, side);
    if (side == 2) {
      join_halves(x, k, x->trial);
    }
    out += evidence(x, q, of, side == 2 ? n[0] + n[1] : n[side]) -
           evidence(x, q, x->empty + k * x->size, 0);
  }
  return out;
}

static void
add_to_half(const regroup *x, nax_index t, int side)
{
  for (nax_index k = 0; k < n_groups(x); k++) {
    int q = rows_of(x, k);
    double w[M], *of = half_of(x, k, side);
    step_vector(x, k, t, w);
    nax_i_bic_add_step(2 * q + 1, w, of + GRAM);
    factorise(x, q, of);
  }
}

/* Bins x->side >= 0 (half of bins 0 and 1 of `seed` fixed) are shared out, those near the
 * seeds first, by how well they go with what each half has and by what their neighbours
 * did; with r NULL as they are. Returns the log probability of that. */
static double
share_out(regroup *x, const nax_index *seed, nax_index *n, nax_rng *r)
{
  const nax_i_bic_data *d = x->c->d;
  double out = 0.0;
  for (nax_index k = 0; k < n_groups(x); k++) {
    copy_moments(x, half_of(x, k, 0), x->empty + k * x->size);
    copy_moments(x, half_of(x, k, 1), x->empty + k * x->size);
  }
  memset(x->shared, 0, (size_t)d->t);
  for (int side = 0; side < 2; side++) {
    add_to_half(x, seed[side], side);
    x->shared[seed[side]] = 1;
    n[side] = 1;
  }
  for (nax_index far = 1; far < d->t; far++) {
    const nax_index at[4] = {seed[0] - far, seed[0] + far, seed[1] - far, seed[1] + far};
    for (int i = 0; i < 4; i++) {
      nax_index t = at[i];
      double log_odds = 0.0;
      if (t < 1 || t >= d->t || x->side[t] < 0 || x->shared[t]) {
        continue;
      }
      for (nax_index k = 0; k < n_groups(x); k++) {
        log_odds += gain_by_one(x, k, half_of(x, k, 1), n[1], t) -
                    gain_by_one(x, k, half_of(x, k, 0), n[0], t);
      }
      for (nax_index by = t - 1; by <= t + 1; by += 2) {
        if (by < d->t && x->shared[by] && !d->first[by > t ? by : t]) {
          log_odds += x->side[by] == 1 ? stickiness : -stickiness;
        }
      }
      log_odds = log_odds > 30.0 ? 30.0 : log_odds < -30.0 ? -30.0 : log_odds;
      double p = 1.0 / (1.0 + exp(-log_odds));
      if (r != NULL) {
        x->side[t] = nax_rng_uniform(r) < p;
      }
      out += x->side[t] == 1 ? log(p) : log1p(-p);
      add_to_half(x, t, x->side[t]);
      x->shared[t] = 1;
      n[x->side[t]]++;
    }
  }
  return out;
}

/* States of the bins with x->side, which are to have the states of the halves. */
static void
set_states(regroup *x, const int *state)
{
  const nax_i_bic_data *d = x->c->d;
  for (nax_index t = 1; t < d->t; t++) {
    if (x->side[t] >= 0) {
      x->count[x->c->xi[t]]--;
      x->c->xi[t] = (uint8_t)state[x->side[t]];
      x->count[x->c->xi[t]]++;
    }
  }
  memset(x->n, 0, sizeof x->n);
  memset(x->row, 0, sizeof x->row);
  count_transitions(x, 1, d->t - 1, 1);
}

/* Two bins are picked. When they are in one state, it is taken apart, the second going to
 * an unused one; else the state of the second becomes that of the first. */
static void
split_or_merge(regroup *x, nax_rng *r)
{
  nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  nax_index seed[2], n[2];
  for (int i = 0; i < 2; i++) {
    seed[i] = nax_rng_below(r, d->t);
    if (!has_state(d, seed[i])) {
      return;
    }
  }
  int apart = c->xi[seed[0]] == c->xi[seed[1]];
  int state[2] = {c->xi[seed[0]], c->xi[seed[1]]}, one[2] = {state[0], state[0]};
  double log_u = log(nax_rng_uniform_pos(r)), unused = unused_weight(x), ratio;
  if (seed[0] == seed[1] || (apart && !(unused > 0.0))) {
    return;
  }
  for (nax_index t = 0; t < d->t; t++) {
    int mine = has_state(d, t) && (c->xi[t] == state[0] || c->xi[t] == state[1]);
    x->side[t] = (int8_t)(!mine ? -1 : c->xi[t] == state[0] ? 0 : 1);
  }
  x->side[seed[1]] = 1;
  if (apart) {
    double w[NAX_I_BIC_L];
    for (int s = 0; s < x->l; s++) {
      w[s] = x->count[s] == 0 ? c->beta[s] : 0.0;
    }
    state[1] = (int)nax_rng_choice(r, x->l, w);
  }
  double choice = share_out(x, seed, n, apart ? r : NULL) + log(c->beta[state[1]]);
  choice -= log(apart ? unused : unused + c->beta[state[1]]);
  double gain_apart =
      half_evidence(x, 0, n) + half_evidence(x, 1, n) - half_evidence(x, 2, n) - choice;
  double before = log_transitions(x);
  set_states(x, apart ? state : one);
  ratio = log_transitions(x) - before + (apart ? gain_apart : -gain_apart);
  c->state_split.proposed += 1.0;
  if (!(log_u < ratio)) {
    set_states(x, apart ? one : state);
    return;
  }
  c->state_split.accepted += 1.0;
  for (nax_index k = 0; k < n_groups(x); k++) {
    double *first = moments_of(x, k, state[0]), *second = moments_of(x, k, state[1]);
    if (apart) {
      copy_moments(x, first, half_of(x, k, 0));
      copy_moments(x, second, half_of(x, k, 1));
    } else {
      join_halves(x, k, first);
      copy_moments(x, second, x->empty + k * x->size);
    }
  }
}

/* --- all -------------------------------------------------------------------------------
 */

static void
count_all(regroup *x)
{
  nax_i_bic_chain *c = x->c;
  const nax_i_bic_data *d = c->d;
  for (nax_index k = 0; k < n_groups(x); k++) {
    int q = rows_of(x, k), m = 2 * q + 1;
    nax_i_bic_prior_gram(d, q, x->empty + k * x->size + GRAM);
    factorise(x, q, x->empty + k * x->size);
    for (int s = 0; s < x->l; s++) {
      copy_moments(x, moments_of(x, k, s), x->empty + k * x->size);
    }
    for (nax_index t = 1; t < d->t; t++) {
      double w[M];
      if (has_state(d, t)) {
        step_vector(x, k, t, w);
        nax_i_bic_add_step(m, w, moments_of(x, k, c->xi[t]) + GRAM);
      }
    }
    for (int s = 0; s < x->l; s++) {
      factorise(x, q, moments_of(x, k, s));
    }
  }
  for (nax_index t = 1; t < d->t; t++) {
    if (has_state(d, t)) {
      x->count[c->xi[t]]++;
      count_transitions(x, t, t, 1);
    }
  }
}

double
nax_i_bic_piece_length(nax_rng *r)
{
  return 2.0 * exp2(5.0 * nax_rng_uniform(r));
}

nax_status
nax_i_bic_regroup(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  regroup x = {.c = c, .l = d->l, .rows = d->rows};
  nax_index groups = nax_i_bic_n_groups(c), m = 2 * d->rows + 1;
  int needed[NAX_I_BIC_Q] = {0};
  nax_rng r;
  x.size = GRAM + (int)(2 * m * m);
  NAX_TRY_ALLOC(x.empty, groups * x.size, sizeof(double));
  NAX_TRY_ALLOC(x.trial, x.size, sizeof(double));
  NAX_TRY_ALLOC(x.state, groups * d->l * x.size, sizeof *x.state);
  NAX_TRY_ALLOC(x.before, groups * x.size, sizeof *x.before);
  NAX_TRY_ALLOC(x.half, 2 * groups * x.size, sizeof *x.half);
  NAX_TRY_ALLOC(x.side, d->t, sizeof *x.side);
  NAX_TRY_ALLOC(x.shared, d->t, 1);
  NAX_TRY_ALLOC(x.block, groups * m * m, sizeof *x.block);
  NAX_TRY_ALLOC(x.log_gamma, d->rows * (d->t + 1), sizeof *x.log_gamma);
  for (nax_index g = 0; g < groups; g++) {
    needed[rows_of(&x, g) - 1] = 1;
  }
  for (int q = 1; q <= d->rows; q++) {
    double *to = x.log_gamma + (q - 1) * (d->t + 1);
    for (nax_index n = 0; needed[q - 1] && n <= d->t; n++) {
      for (int j = 0; j < q; j++) {
        to[n] += nax_i_bic_lgamma(0.5 * (q + d->o.noise_dof + (double)(n - j)));
      }
    }
  }
  count_all(&x);
  nax_i_bic_stream(c, NAX_I_BIC_REGROUP, 0, &r);
  pieces(&x, 1.0, &r);
  pieces(&x, nax_i_bic_piece_length(&r), &r);
  if (nax_i_bic_turn(c, 1, 8)) {
    split_or_merge(&x, &r);
  }
done:
  nax_i_free(x.empty);
  nax_i_free(x.trial);
  nax_i_free(x.state);
  nax_i_free(x.before);
  nax_i_free(x.half);
  nax_i_free(x.side);
  nax_i_free(x.shared);
  nax_i_free(x.block);
  nax_i_free(x.log_gamma);
  return status;
}
