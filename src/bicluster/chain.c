/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One chain: its memory, its streams, one sweep. */
#include "bicluster_i.h"
#include <math.h>

/* (chain, sweep, move, item) in one number; a stream of each. */
void
nax_i_bic_stream(const nax_i_bic_chain *c, nax_i_bic_move what, nax_index item,
                 nax_rng *r)
{
  uint64_t stream = c->id << 54 | c->sweep << 24 | (uint64_t)what << 20;
  nax_i_rng_init(r, c->d->o.seed, stream | (uint64_t)item);
}

static void
free_cluster(nax_i_bic_cluster *k)
{
  if (k != NULL) {
    nax_i_free(k->u);
    nax_i_free(k->f);
    nax_i_free(k->dyn);
    nax_i_free(k->phi);
    nax_i_free(k);
  }
}

void
nax_i_bic_chain_free(nax_i_bic_chain *c)
{
  if (c == NULL) {
    return;
  }
  for (nax_index k = 0; k < c->cap; k++) {
    free_cluster(c->cluster[k]);
  }
  free_cluster(c->joint);
  nax_i_free(c->cluster);
  nax_i_free(c->z);
  nax_i_free(c->b);
  nax_i_free(c->r);
  nax_i_free(c->xi);
  nax_i_free(c->beta);
  nax_i_free(c->pi);
  nax_i_free(c->eta);
  nax_i_free(c->omega);
  nax_i_free(c->linear);
  nax_i_free(c->work);
  nax_i_free(c->rt);
  nax_i_free(c->ht);
  nax_i_free(c->filter);
  nax_i_free(c->old);
  nax_i_free(c);
}

/* What is NULL in it says whether it is a component with dynamics of its own (rows = its
 * most rows), a component of a group (rows 0), or a group. */
static nax_status
new_cluster(nax_ctx *ctx, const nax_i_bic_data *d, int rows, int component,
            nax_i_bic_cluster **out)
{
  nax_status status = NAX_OK;
  nax_i_bic_cluster *k = NULL;
  NAX_TRY_ALLOC(k, 1, sizeof *k);
  k->q = rows > 0 ? rows : d->q;
  if (rows > 0) {
    NAX_TRY_ALLOC(k->u, d->t * rows, sizeof(double));
    NAX_TRY_ALLOC(k->dyn, d->l, sizeof *k->dyn);
  }
  if (component) {
    NAX_TRY_ALLOC(k->f, d->tp * d->q, sizeof(double));
  }
  if (component && d->region != NULL) {
    NAX_TRY_ALLOC(k->phi, d->n_region, sizeof(double));
  }
  *out = k;
  k = NULL;
done:
  free_cluster(k);
  return status;
}

/* A buffer that is written before it is read: nothing to keep. */
static nax_status
replace(nax_ctx *ctx, double **p, nax_index n)
{
  nax_status status = NAX_OK;
  double *more = NULL;
  NAX_TRY_ALLOC(more, n, sizeof *more);
  nax_i_free(*p);
  *p = more;
done:
  return status;
}

nax_status
nax_i_bic_reserve(nax_ctx *ctx, nax_i_bic_chain *c, nax_index cap)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = c->d;
  if (cap <= c->cap) {
    return NAX_OK;
  }
  nax_index q = d->rows, groups = c->joint != NULL ? 1 : cap;
  nax_index scan = groups * d->t * (2 * q + 2 * q * q);
  nax_index path = d->t * (2 * q * q + q) + d->l * (2 * q * q + 2 * q);
  nax_index states = d->t * d->l, most = scan > path ? scan : path;
  NAX_TRY(replace(ctx, &c->filter, most > states ? most : states));
  NAX_TRY(replace(ctx, &c->rt, groups * d->t * q * q));
  NAX_TRY(replace(ctx, &c->ht, groups * d->t * q));
  if (d->o.observation == NAX_BICLUSTER_POISSON) {
    NAX_TRY(replace(ctx, &c->old, groups * d->t * q));
  }
  nax_i_bic_cluster **more = nax_i_realloc(c->cluster, (size_t)cap, sizeof *more);
  NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
  c->cluster = more;
  while (c->cap < cap) {
    int rows = c->joint != NULL ? 0 : d->q;
    NAX_TRY(new_cluster(ctx, d, rows, 1, &c->cluster[c->cap]));
    c->cap++;
    NAX_TRY(nax_i_poll(ctx));
  }
done:
  return status;
}

nax_status
nax_i_bic_chain_new(nax_ctx *ctx, const nax_i_bic_data *d, uint64_t id,
                    nax_i_bic_chain **out)
{
  nax_status status = NAX_OK;
  nax_i_bic_chain *c = NULL;
  *out = NULL;
  NAX_TRY_ALLOC(c, 1, sizeof *c);
  c->d = d;
  c->id = id;
  c->power = 1.0;
  c->concentration = d->o.state_alpha + d->o.state_kappa;
  c->sticky = d->o.state_kappa / c->concentration;
  c->gamma = d->o.state_gamma;
  c->dp = d->o.cluster_alpha;
  NAX_TRY_ALLOC(c->z, d->n, sizeof *c->z);
  NAX_TRY_ALLOC(c->b, d->n * d->q, sizeof(double));
  NAX_TRY_ALLOC(c->r, d->n, sizeof(double));
  NAX_TRY_ALLOC(c->xi, d->t, 1);
  NAX_TRY_ALLOC(c->beta, d->l, sizeof(double));
  NAX_TRY_ALLOC(c->pi, d->l * d->l, sizeof(double));
  NAX_TRY_ALLOC(c->eta, d->n * d->tp, sizeof(double));
  NAX_TRY_ALLOC(c->omega, d->n * d->tp, sizeof(double));
  NAX_TRY_ALLOC(c->linear, d->n * d->tp, sizeof(double));
  NAX_TRY_ALLOC(c->work, 12 * d->tp, sizeof(double));
  if (d->o.coupled > 0) {
    NAX_TRY(new_cluster(ctx, d, d->rows, 0, &c->joint));
    NAX_TRY(nax_i_bic_reserve(ctx, c, d->o.coupled));
    c->k = d->o.coupled;
  }
  *out = c;
  c = NULL;
done:
  nax_i_bic_chain_free(c);
  return status;
}

void
nax_i_bic_transpose(nax_i_bic_chain *c, nax_index k)
{
  const nax_i_bic_data *d = c->d;
  int row;
  nax_i_bic_cluster *x = c->cluster[k], *g = nax_i_bic_group_of(c, k, &row);
  for (int a = 0; a < x->q; a++) {
    for (nax_index t = 0; t < d->t; t++) {
      x->f[a * d->tp + t] = g->u[t * g->q + row + a];
    }
  }
}

void
nax_i_bic_eta(nax_i_bic_chain *c)
{
  for (nax_index i = 0; i < c->d->n; i++) {
    nax_i_bic_eta_one(c, i, c->eta + i * c->d->tp);
  }
}

int64_t
nax_i_bic_burn_in(const nax_bicluster_opts *o)
{
  return o->burn_in >= 0 ? o->burn_in : o->n_sweeps / 2;
}

int
nax_i_bic_turn(const nax_i_bic_chain *c, int settling, int settled)
{
  int before = (int64_t)c->sweep < nax_i_bic_burn_in(&c->d->o);
  return c->sweep % (uint64_t)(before ? settling : settled) == 0;
}

static nax_status
move_neurons(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  if (nax_i_bic_turn(c, 1, 8)) {
    NAX_TRY(nax_i_bic_transfer(ctx, c));
  }
  if (nax_i_bic_turn(c, 8, 64)) {
    NAX_TRY(nax_i_bic_split_merge(ctx, c));
  }
done:
  return status;
}

nax_status
nax_i_bic_sweep(nax_ctx *ctx, nax_i_bic_chain *c)
{
  nax_status status = NAX_OK;
  nax_rng r;
  nax_i_bic_eta(c);
  NAX_TRY(nax_i_bic_states_and_paths(ctx, c, 1));
  nax_i_bic_stream(c, NAX_I_BIC_STATES, 0, &r);
  nax_i_bic_state_sequence(c, &r);
  NAX_TRY(nax_i_poll(ctx));
  NAX_TRY(nax_i_bic_regroup(ctx, c));
  nax_i_bic_transitions(c, &r);
  nax_i_bic_dynamics(c);
  NAX_TRY(nax_i_poll(ctx));
  if (c->d->o.learn_latent_dim) {
    NAX_TRY(nax_i_bic_dimension(ctx, c));
    NAX_TRY(nax_i_poll(ctx));
  }
  nax_i_bic_dispersion(c);
  NAX_TRY(nax_i_poll(ctx));
  NAX_TRY(nax_i_bic_members(ctx, c));
  NAX_TRY(move_neurons(ctx, c));
  nax_i_bic_shift(c);
  nax_i_bic_rescale(c);
  nax_i_bic_eta(c);
  c->loglik = 0.0;
  for (nax_index i = 0; i < c->d->n; i++) {
    c->loglik += nax_i_bic_loglik_one(c, i, c->eta + i * c->d->tp);
  }
  c->sweep++;
done:
  return status;
}
