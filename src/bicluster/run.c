/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains side by side: rounds of sweeps, draws in between, a checkpoint now and then. */
#include "run_i.h"
#include <math.h>

/* --- one chain -------------------------------------------------------------------------
 */

static void
swap_rates(nax_i_bic_rate *a, nax_i_bic_rate *b)
{
  nax_i_bic_rate x = *a;
  *a = *b;
  *b = x;
}

/* Neighbours on the ladder of powers exchange their states (Geyer 1991). */
static void
swap_replicas(const nax_i_bic_run *run, nax_i_bic_lane *lane)
{
  int64_t n = run->d->o.n_temperatures;
  nax_rng r;
  nax_i_bic_stream(lane->replica[0], NAX_I_BIC_SWAP, 0, &r);
  for (int64_t j = (int64_t)(lane->replica[0]->sweep % 2); j + 1 < n; j += 2) {
    nax_i_bic_chain *a = lane->replica[j], *b = lane->replica[j + 1];
    double ratio = (a->power - b->power) * (b->loglik - a->loglik);
    lane->swap.proposed += 1.0;
    if (log(nax_rng_uniform_pos(&r)) < ratio) {
      lane->swap.accepted += 1.0;
      nax_i_bic_chain x = *a;
      *a = *b;
      *b = x;
      b->id = a->id;
      a->id = x.id;
      b->power = a->power;
      a->power = x.power;
      /* counts of what moves did stay with the temperature */
      swap_rates(&a->member, &b->member);
      swap_rates(&a->path, &b->path);
      swap_rates(&a->together, &b->together);
      swap_rates(&a->moved, &b->moved);
      swap_rates(&a->rescale, &b->rescale);
      swap_rates(&a->piece, &b->piece);
      swap_rates(&a->dimension, &b->dimension);
      swap_rates(&a->transfer, &b->transfer);
      swap_rates(&a->split, &b->split);
      swap_rates(&a->state_split, &b->state_split);
    }
  }
}

/* Log density of a held-out observation. */
static double
log_density(const nax_i_bic_data *d, double y, double eta, double r)
{
  if (d->o.observation == NAX_BICLUSTER_GAUSSIAN) {
    return -0.5 * (y - eta) * (y - eta) / r - 0.5 * log(2.0 * 3.14159265358979323846 * r);
  }
  double fact = nax_i_bic_lgamma(y + 1.0);
  if (d->o.observation == NAX_BICLUSTER_POISSON) {
    return y * eta - exp(eta > 300.0 ? 300.0 : eta) - fact;
  }
  double psi = eta - log(r);
  return nax_i_bic_lgamma(y + r) - nax_i_bic_lgamma(r) - fact + y * psi -
         (y + r) * nax_i_bic_softplus(psi);
}

static void
predict_held(const nax_i_bic_data *d, nax_i_bic_lane *lane)
{
  const nax_i_bic_chain *c = lane->replica[0];
  for (nax_index j = 0; j < d->n_held; j++) {
    nax_index i = d->held_i[j];
    double x = log_density(d, d->held_y[j], c->eta[i * d->tp + d->held_t[j]], c->r[i]);
    double two[2] = {lane->n_held_draws > 0.0 ? lane->held[j] : -HUGE_VAL, x};
    lane->held[j] = nax_i_bic_logsum(2, two);
  }
  lane->n_held_draws += 1.0;
}

static void
add_rates(const nax_i_bic_data *d, nax_i_bic_lane *lane)
{
  const nax_i_bic_chain *c = lane->replica[0];
  for (nax_index i = 0; i < d->n; i++) {
    const double *eta = c->eta + i * d->tp;
    double *to = lane->rate + i * d->t;
    for (nax_index t = 0; t < d->t; t++) {
      to[t] += d->o.observation == NAX_BICLUSTER_GAUSSIAN
                   ? eta[t]
                   : exp(eta[t] > 300.0 ? 300.0 : eta[t]);
    }
  }
  lane->n_rate_draws += 1.0;
}

/* Draws whose paths are kept, evenly over those that count. */
static int
keeps_path(const nax_bicluster_opts *o, int64_t sweep)
{
  int64_t after = sweep - nax_i_bic_burn_in(o), all = o->n_sweeps - nax_i_bic_burn_in(o);
  int64_t every = all / (o->path_draws * o->thin);
  every = o->thin * (every > 1 ? every : 1);
  return after > 0 && after % every == 0;
}

static nax_status
keep_draw(nax_i_bic_run *run, int64_t chain, nax_i_bic_lane *lane)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const nax_bicluster_opts *o = &run->d->o;
  const nax_i_bic_chain *c = lane->replica[0];
  int64_t sweep = (int64_t)c->sweep;
  if (sweep % o->thin != 0) {
    return NAX_OK;
  }
  int has_path = keeps_path(o, sweep);
  size_t size = nax_i_bic_record_size(run->d, nax_i_bic_occupied(c), has_path);
  if (lane->pending_size + size > lane->pending_room) {
    size_t room = 2 * lane->pending_room + size;
    unsigned char *more = nax_i_realloc(lane->pending, room, 1);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    lane->pending = more;
    lane->pending_room = room;
  }
  nax_i_bic_record(c, chain, has_path, lane->pending + lane->pending_size);
  lane->pending_size += size;
  if (sweep > nax_i_bic_burn_in(o) && run->d->n_held > 0) {
    predict_held(run->d, lane);
  }
  if (sweep > nax_i_bic_burn_in(o) && lane->rate != NULL) {
    add_rates(run->d, lane);
  }
done:
  return status;
}

/* One chain through the sweeps of a round. */
static nax_status
run_lane(int64_t chain, void *arg)
{
  nax_status status = NAX_OK;
  nax_i_bic_run *run = arg;
  nax_i_bic_lane *lane = &run->lane[chain];
  for (int64_t s = run->sweep; s < run->until; s++) {
    for (int64_t j = 0; j < run->d->o.n_temperatures; j++) {
      NAX_TRY(s < NAX_I_BIC_STARTING ? nax_i_bic_start_sweep(run->ctx, lane->replica[j])
                                     : nax_i_bic_sweep(run->ctx, lane->replica[j]));
    }
    if (s >= NAX_I_BIC_STARTING) {
      swap_replicas(run, lane);
    }
    NAX_TRY(keep_draw(run, chain, lane));
  }
done:
  return status;
}

/* --- all of them
 * ------------------------------------------------------------------------ */

static nax_status
store_pending(nax_ctx *ctx, nax_i_bic_run *run)
{
  nax_status status = NAX_OK;
  for (int64_t i = 0; i < run->d->o.n_chains; i++) {
    nax_i_bic_lane *lane = &run->lane[i];
    for (size_t at = 0; at < lane->pending_size;) {
      nax_i_bic_draw h;
      memcpy(&h, lane->pending + at, sizeof h);
      size_t size = nax_i_bic_record_size(run->d, h.k, h.has_path != 0);
      NAX_TRY(nax_i_bic_store_add(ctx, &run->store, lane->pending + at, size));
      at += size;
    }
    lane->pending_size = 0;
  }
done:
  return status;
}

static double
mean_loglik(const nax_i_bic_run *run)
{
  double s = 0.0;
  for (int64_t i = 0; i < run->d->o.n_chains; i++) {
    s += run->lane[i].replica[0]->loglik;
  }
  return s / (double)run->d->o.n_chains;
}

/* A checkpoint after a failure, whose text stays. */
static nax_status
save_stopped(nax_ctx *ctx, nax_i_bic_run *run, nax_status stopped)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  NAX_TRY_DUP(text, nax_ctx_error(ctx));
  NAX_TRY(nax_i_bic_checkpoint_save(ctx, run));
  status = nax_i_fail_text(ctx, stopped, text);
done:
  nax_i_free(text);
  return status;
}

nax_status
nax_i_bic_run_all(nax_ctx *ctx, const char *fn, nax_i_bic_run *run)
{
  nax_status status = NAX_OK;
  const nax_bicluster_opts *o = &run->d->o;
  int saves = o->checkpoint != NULL;
  nax_i_stage st;
  int64_t round = 1;
  run->ctx = ctx;
  double last = nax_i_now();
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "bicluster/sweeps", o->n_sweeps));
  if (saves) {
    NAX_TRY(nax_i_bic_snapshot_take(ctx, run));
  }
  if (saves && !o->resume) {
    NAX_TRY(nax_i_bic_checkpoint_save(ctx, run));
  }
  while (run->sweep < o->n_sweeps) {
    double begun = nax_i_now();
    run->until = run->sweep + round < o->n_sweeps ? run->sweep + round : o->n_sweeps;
    status = nax_i_parallel(ctx, NULL, o->n_chains, run_lane, run);
    if (status == NAX_EINTERRUPT && saves) { /* chains are in the midst of a sweep */
      status = save_stopped(ctx, run, status);
    }
    NAX_TRY(status);
    run->sweep = run->until;
    NAX_TRY(store_pending(ctx, run));
    /* rounds of about a fifth of a second: how they are cut changes no number */
    double now = nax_i_now();
    round = now - begun < 0.1                ? 2 * round
            : now - begun > 0.4 && round > 1 ? round / 2
                                             : round;
    if (saves) {
      NAX_TRY(nax_i_bic_snapshot_take(ctx, run));
    }
    status = nax_i_stage_poll(&st, run->sweep, mean_loglik(run));
    if (status != NAX_OK && saves) {
      status = save_stopped(ctx, run, status);
    }
    NAX_TRY(status);
    if (saves &&
        (now - last >= (double)o->checkpoint_every || run->sweep == o->n_sweeps)) {
      NAX_TRY(nax_i_bic_checkpoint_save(ctx, run));
      last = now;
    }
  }
done:
  return status;
}

/* --- where chains begin ----------------------------------------------------------------
 */

static const double smooths[] = {30.0, 100.0, 300.0, 1000.0};
static const double firm_loss = 20.0; /* nats */

void
nax_i_bic_starts_free(nax_i_bic_start *s)
{
  for (int j = 0; j < NAX_I_BIC_STARTS; j++) {
    nax_i_free(s[j].label);
    s[j].label = NULL;
  }
}

static double
loss(const nax_i_bic_start *s)
{
  return isnan(s->gain) ? 0.0 : -s->gain;
}

/* a comes before b. */
static int
before(const nax_i_bic_start *a, const nax_i_bic_start *b)
{
  int slopes[2] = {a->spread > 0.0, b->spread > 0.0};
  int firm[2] = {!slopes[0] && loss(a) > firm_loss, !slopes[1] && loss(b) > firm_loss};
  if (firm[0] != firm[1]) {
    return firm[0];
  }
  if (slopes[0] != slopes[1]) {
    return slopes[0];
  }
  return slopes[0] ? a->score > b->score : loss(a) > loss(b);
}

nax_status
nax_i_bic_starts(nax_ctx *ctx, const nax_i_bic_data *d, nax_i_bic_start *s)
{
  enum { SMOOTHS = sizeof smooths / sizeof smooths[0] };
  nax_status status = NAX_OK;
  int n = d->q > 1 ? 2 * SMOOTHS : SMOOTHS;
  for (int j = 0; j < n; j++) {
    nax_i_bic_start x = {.smooth = smooths[j % SMOOTHS],
                         .spread = j < SMOOTHS ? 0.0 : d->o.loading_sd};
    int at = j;
    NAX_TRY_ALLOC(x.label, d->n, sizeof *x.label);
    s[j] = x;
    NAX_TRY(nax_i_bic_agglomerate(ctx, d, x.smooth, x.spread, x.label, &x.k, &x.score,
                                  &x.gain));
    for (; at > 0 && before(&x, &s[at - 1]); at--) {
      s[at] = s[at - 1];
    }
    s[at] = x;
  }
done:
  if (status != NAX_OK) {
    nax_i_bic_starts_free(s);
  }
  return status;
}

nax_status
nax_i_bic_run_begin(nax_ctx *ctx, nax_i_bic_data *d, nax_i_bic_run *run)
{
  nax_status status = NAX_OK;
  const nax_bicluster_opts *o = &d->o;
  nax_i_bic_start start[NAX_I_BIC_STARTS] = {{.k = 0}};
  nax_i_bic_extent draws = {0, 0};
  run->d = d;
  run->hash = nax_i_bic_hash(d);
  NAX_TRY_ALLOC(run->lane, o->n_chains, sizeof *run->lane);
  for (int64_t i = 0; i < o->n_chains; i++) {
    nax_i_bic_lane *lane = &run->lane[i];
    NAX_TRY_ALLOC(lane->held, d->n_held, sizeof *lane->held);
    if (o->rates) {
      NAX_TRY_ALLOC(lane->rate, d->n * d->t, sizeof *lane->rate);
    }
    NAX_TRY_ALLOC(lane->replica, o->n_temperatures, sizeof *lane->replica);
    for (int64_t j = 0; j < o->n_temperatures; j++) {
      NAX_TRY(nax_i_bic_chain_new(ctx, d, (uint64_t)(i * o->n_temperatures + j),
                                  &lane->replica[j]));
      double share =
          o->n_temperatures > 1 ? (double)j / (double)(o->n_temperatures - 1) : 0.0;
      lane->replica[j]->power = 1.0 + share * (o->coldest - 1.0);
    }
  }
  if (o->resume) {
    NAX_TRY(nax_i_bic_checkpoint_load(ctx, run, &draws));
  } else {
    NAX_TRY(nax_i_bic_starts(ctx, d, start));
    run->start_score = start[0].score;
    run->start_gain = start[0].gain;
    run->start_smooth = start[0].smooth;
    run->start_spread = start[0].spread;
    run->start_clusters = start[0].k;
    for (int64_t i = 0; i < o->n_chains; i++) {
      const nax_i_bic_start *x = &start[i % NAX_I_BIC_STARTS_USED];
      for (int64_t j = 0; j < o->n_temperatures; j++) {
        NAX_TRY(nax_i_bic_begin(ctx, run->lane[i].replica[j], x->label, x->k));
      }
    }
  }
  NAX_TRY(nax_i_bic_store_open(ctx, d, o->checkpoint, o->n_chains, &draws, &run->store));
done:
  nax_i_bic_starts_free(start);
  return status;
}

void
nax_i_bic_run_end(nax_i_bic_run *run)
{
  for (int64_t i = 0; run->lane != NULL && i < run->d->o.n_chains; i++) {
    nax_i_bic_lane *lane = &run->lane[i];
    for (int64_t j = 0; lane->replica != NULL && j < run->d->o.n_temperatures; j++) {
      nax_i_bic_chain_free(lane->replica[j]);
    }
    nax_i_free(lane->replica);
    nax_i_free(lane->held);
    nax_i_free(lane->rate);
    nax_i_free(lane->pending);
  }
  nax_i_free(run->lane);
  nax_i_free(run->snapshot.bytes);
  nax_i_bic_store_close(&run->store);
  run->lane = NULL;
}
