/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic gradient steps (Adam) over minibatches of trials, phase after phase. An
 * epoch is the unit: what a checkpoint holds, what is taken back when the bound is no
 * number. */
#include "gpvae_i.h"
#include "rng/rng_i.h"
#include <math.h>

/* Streams that are not those of trials in epochs. */
static const uint64_t shuffle_stream = UINT64_C(1) << 61;
static const uint64_t judge_epoch = UINT64_C(1) << 30;

/* Gradients are clipped part by part, and each has its rate. */
typedef struct part {
  int small; /* in the arena of small parameters, else in that of the networks */
  nax_index lo, hi;
  double rate;
} part;

enum { PARTS = 8, GRAIN = 1 << 16 };

int64_t
nax_i_gpvae_phase_epochs(const nax_i_gpvae_fit *f, int phase)
{
  const nax_gpvae_opts *o = f->o;
  int neurons = f->data->n_neurons > 0, both = neurons && f->data->n_features > 0;
  int turns =
      both && o->start == NAX_GPVAE_ROTATE && o->n_shared > 0 && o->share_epochs > 0;
  switch (phase) {
  case NAX_I_PHASE_NEURAL:
    return both && o->start != NAX_GPVAE_RANDOM ? o->neural_epochs : 0;
  case NAX_I_PHASE_READ:
    return turns && o->n_behaviour > 0 ? o->share_epochs : 0;
  case NAX_I_PHASE_SHARE:
    return turns ? o->share_epochs : 0;
  case NAX_I_PHASE_ADAPT:
    return turns ? 1 + o->neural_epochs / 4 : 0;
  default:
    return o->epochs;
  }
}

/* `alone`: only the encoder of behaviour moves. */
static void
list_parts(const nax_i_gpvae_fit *f, int alone, part p[PARTS])
{
  const nax_gpvae_opts *o = f->o;
  const nax_i_gpvae_model *m = &f->model;
  double neural = o->rate_neural, loadings = o->rate_loadings, scales = o->rate_scales;
  double decoder = o->rate_behaviour, encoder = decoder, lengths = scales;
  if (f->phase == NAX_I_PHASE_READ || f->phase == NAX_I_PHASE_SHARE) {
    neural = loadings = lengths = 0.0;
  } else if (f->phase == NAX_I_PHASE_ADAPT) {
    loadings = 0.0;
  } else if (f->phase == NAX_I_PHASE_JOINT) { /* down to a twentieth at the end */
    double left = 1.0 - 0.95 * (double)f->epoch / (double)(o->epochs > 1 ? o->epochs : 1);
    /* a linear arm that is well begun over-fits when it moves as fast as the networks;
     * latents of behaviour that are well begun would take up what the shared ones tell */
    double begun = nax_i_gpvae_phase_epochs(f, NAX_I_PHASE_NEURAL) > 0 ? 0.05 : 1.0;
    double told = nax_i_gpvae_phase_epochs(f, NAX_I_PHASE_SHARE) > 0 ? 0.05 : 1.0;
    neural *= left * begun;
    loadings *= left * begun;
    encoder *= left * (alone ? 1.0 : told);
    decoder *= left;
    lengths *= left;
    scales *= left;
  }
  if (alone) {
    neural = loadings = lengths = scales = decoder = 0.0;
  }
  if (f->model.basis.white) {
    lengths = 0.0;
  }
  p[0] = (part){0, m->mlp[0].first, m->mlp[0].last, neural};
  p[1] = (part){0, m->mlp[1].first, m->mlp[1].last, encoder};
  p[2] = (part){1, m->at_w, m->at_len, loadings};
  p[3] = (part){1, m->at_len, m->at_v, lengths};
  p[4] = (part){1, m->at_v, m->at_map[0], scales};
  p[5] = (part){1, m->at_map[0], m->at_map[1], neural};
  p[6] = (part){1, m->at_map[1], m->n_small, encoder};
  p[7] = (part){0, m->mlp[2].first, m->mlp[2].last, decoder};
}

/* --- one step -------------------------------------------------------------------------
 */

typedef struct update {
  nax_i_arena *a;
  nax_index lo, hi;
  double rate, scale, c1, c2;
  double *square; /* per block */
} update;

static char *
at(const nax_i_arena *a, void *p, nax_index i)
{
  return (char *)p + (size_t)i * a->real->size;
}

static nax_status
square_block(int64_t block, void *arg)
{
  const update *u = arg;
  nax_index lo = u->lo + block * GRAIN, hi = lo + GRAIN < u->hi ? lo + GRAIN : u->hi;
  u->square[block] = u->a->real->square(hi - lo, at(u->a, u->a->g, lo));
  return NAX_OK;
}

static nax_status
adam_block(int64_t block, void *arg)
{
  const update *u = arg;
  const nax_i_arena *a = u->a;
  nax_index lo = u->lo + block * GRAIN, hi = lo + GRAIN < u->hi ? lo + GRAIN : u->hi;
  a->real->adam(hi - lo, at(a, a->p, lo), at(a, a->g, lo), at(a, a->m, lo),
                at(a, a->v, lo), u->rate, u->scale, u->c1, u->c2);
  return NAX_OK;
}

/* Move every part (`alone`: those of the encoder of behaviour) along its clipped
 * gradient; *finite is 0 (and nothing has moved) when a gradient is not a number. */
static nax_status
take_step(nax_i_gpvae_fit *f, int alone, int *finite)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_i_gpvae_model *m = &f->model;
  nax_i_arena small = {&nax_i_real_f64, m->n_small, m->small,
                       m->small_g,      m->small_m, m->small_v};
  part parts[PARTS];
  double scale[PARTS], *square = NULL;
  list_parts(f, alone, parts);
  nax_index most = nax_i_n_blocks(m->net.n > m->n_small ? m->net.n : m->n_small, GRAIN);
  NAX_TRY_ALLOC(square, most + 1, sizeof *square);
  *finite = 1;
  for (int i = 0; i < PARTS; i++) {
    update u = {.a = parts[i].small ? &small : &m->net,
                .lo = parts[i].lo,
                .hi = parts[i].hi,
                .square = square};
    nax_index blocks = nax_i_n_blocks(u.hi - u.lo, GRAIN);
    NAX_TRY(nax_i_parallel(ctx, NULL, blocks, square_block, &u));
    double norm = sqrt(nax_i_sum(square, blocks));
    scale[i] = f->o->clip > 0.0 && norm > f->o->clip ? f->o->clip / norm : 1.0;
    *finite = *finite && isfinite(norm);
  }
  if (!*finite) {
    goto done;
  }
  f->t++;
  for (int i = 0; i < PARTS; i++) {
    update u = {parts[i].small ? &small : &m->net,
                parts[i].lo,
                parts[i].hi,
                f->step * parts[i].rate,
                scale[i],
                1.0 / (1.0 - pow(0.9, (double)f->t)),
                1.0 / (1.0 - pow(0.999, (double)f->t)),
                NULL};
    if (u.rate > 0.0) {
      NAX_TRY(
          nax_i_parallel(ctx, NULL, nax_i_n_blocks(u.hi - u.lo, GRAIN), adam_block, &u));
    }
  }
  for (nax_index l = 0; l < m->shape.q; l++) {
    double *len = &m->small[m->at_len + l];
    *len = fmin(fmax(*len, log(f->min_len)), log(f->max_len));
  }
done:
  nax_i_free(square);
  return status;
}

/* --- an epoch -------------------------------------------------------------------------
 */

static void
add_terms(nax_i_gpvae_terms *a, const nax_i_gpvae_terms *b)
{
  a->kl += b->kl;
  a->neural += b->neural;
  a->behaviour += b->behaviour;
  a->total += b->total;
  a->sse += b->sse;
  a->n_pixels += b->n_pixels;
}

/* The objective where a parameter may have run away: no number instead of a failure. */
static nax_status
evaluate(nax_i_gpvae_fit *f, nax_index n, const nax_index *trial, uint64_t epoch,
         const nax_i_gpvae_how *how, nax_i_gpvae_terms *terms)
{
  nax_status status = nax_i_gpvae_gather(f->ctx, f->data, f->scaling, &f->model, n, trial,
                                         epoch, &f->batch);
  if (status == NAX_OK) {
    status = nax_i_gpvae_objective(f->ctx, &f->model, &f->batch, how, f->work, terms);
    if (status == NAX_ENUMERIC || status == NAX_EDATA) {
      terms->total = (double)NAN;
      status = NAX_OK;
    }
  }
  return status;
}

/* Objective per trial on trials that were not trained on, with the same noise always. */
static nax_status
judge(nax_i_gpvae_fit *f, double *value)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_how how = {.seed = f->o->seed,
                         .beta = 1.0,
                         .weight = {f->o->weight_neural, f->o->weight_behaviour}};
  double sum = 0.0;
  for (nax_index from = 0; from < f->n_held; from += f->o->batch) {
    nax_i_gpvae_terms terms;
    nax_index n = f->n_held - from < f->o->batch ? f->n_held - from : f->o->batch;
    NAX_TRY(evaluate(f, n, f->order + f->n_train + from, judge_epoch, &how, &terms));
    sum += terms.total;
  }
  *value = f->n_held > 0 ? sum / (double)f->n_held : (double)NAN;
done:
  return status;
}

/* Order of the training trials in this epoch. */
static void
shuffle(nax_i_gpvae_fit *f)
{
  nax_rng r;
  nax_i_rng_init(&r, f->o->seed, shuffle_stream | (uint64_t)f->n_trace);
  memcpy(f->shuffled, f->order, (size_t)f->n_train * sizeof *f->order);
  nax_rng_shuffle(&r, f->n_train, f->shuffled);
}

static void
clear_gradient(nax_i_gpvae_model *m)
{
  memset(m->net.g, 0, (size_t)m->net.n * m->net.real->size);
  memset(m->small_g, 0, (size_t)m->n_small * sizeof *m->small_g);
}

/* The batch in hand once more, for an encoder of behaviour that is not told what the
 * neurons' says: beside them it has little to add on the shared latents, and would not
 * learn what behaviour alone tells of these. */
static nax_status
step_alone(nax_i_gpvae_fit *f, const nax_i_gpvae_how *how, int *finite)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_terms terms;
  clear_gradient(&f->model);
  memset(f->batch.has[0], 0, (size_t)f->batch.cols);
  NAX_TRY(nax_i_gpvae_objective(f->ctx, &f->model, &f->batch, how, f->work, &terms));
  *finite = isfinite(terms.total);
  if (*finite) {
    NAX_TRY(take_step(f, 1, finite));
  }
done:
  return status;
}

/* All batches once; *finite is 0 when one of them gave no number. */
static nax_status
sweep(nax_i_gpvae_fit *f, nax_i_gpvae_terms *sum, int *finite)
{
  nax_status status = NAX_OK;
  const nax_gpvae_opts *o = f->o;
  int shares = f->phase == NAX_I_PHASE_JOINT && o->objective == NAX_GPVAE_ELBO &&
               f->data->n_neurons > 0 && f->data->n_features > 0 && o->n_shared > 0;
  nax_index every = shares ? (nax_index)o->alone_every : 0;
  /* a divergence that counts for little undoes what is well begun */
  int begins = f->phase == NAX_I_PHASE_NEURAL ||
               (f->phase == NAX_I_PHASE_JOINT &&
                nax_i_gpvae_phase_epochs(f, NAX_I_PHASE_SHARE) == 0);
  int64_t warm = begins ? f->o->warmup : 0;
  nax_i_gpvae_how how = {
      .seed = f->o->seed,
      .beta = f->epoch < warm ? (double)(f->epoch + 1) / (double)(warm + 1) : 1.0,
      .weight = {f->o->weight_neural, f->o->weight_behaviour},
      .gradient = 1};
  *sum = (nax_i_gpvae_terms){.kl = 0.0};
  *finite = 1;
  shuffle(f);
  for (nax_index from = 0; from < f->n_train && *finite; from += f->o->batch) {
    nax_i_gpvae_terms terms;
    nax_index n = f->n_train - from < f->o->batch ? f->n_train - from : f->o->batch;
    clear_gradient(&f->model);
    NAX_TRY(evaluate(f, n, f->shuffled + from, (uint64_t)f->n_trace + 1, &how, &terms));
    *finite = isfinite(terms.total);
    if (*finite) {
      NAX_TRY(take_step(f, 0, finite));
    }
    if (*finite && every > 0 && (from / f->o->batch) % every == every - 1) {
      NAX_TRY(step_alone(f, &how, finite));
    }
    add_terms(sum, &terms);
    NAX_TRY(nax_i_stage_poll(&f->stage, f->done, terms.total / (double)n));
  }
done:
  return status;
}

/* Parameters and moments, there and back. */
static void
copy_state(nax_i_gpvae_model *m, char *net, double *small, int back)
{
  size_t n = (size_t)m->net.n * m->net.real->size;
  size_t s = (size_t)m->n_small * sizeof(double);
  void *from_net[3] = {m->net.p, m->net.m, m->net.v};
  double *from_small[3] = {m->small, m->small_m, m->small_v};
  for (int i = 0; i < 3; i++) {
    char *a = net + (size_t)i * n;
    double *b = small + i * m->n_small;
    memcpy(back ? from_net[i] : a, back ? a : from_net[i], n);
    memcpy(back ? from_small[i] : b, back ? b : from_small[i], s);
  }
}

static nax_status
note(nax_i_gpvae_fit *f, const nax_i_gpvae_terms *sum, double held)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  if (f->n_trace == f->trace_room) {
    nax_index room = f->trace_room > 0 ? 2 * f->trace_room : 64;
    double *more =
        nax_i_realloc(f->trace, (size_t)(room * NAX_I_GPVAE_TRACE), sizeof *more);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    f->trace = more;
    f->trace_room = room;
  }
  double *row = f->trace + NAX_I_GPVAE_TRACE * f->n_trace++, n = (double)f->n_train;
  const nax_i_gpvae_model *m = &f->model;
  row[0] = (double)f->phase;
  row[1] = sum->total / n;
  row[2] = held;
  row[3] = sum->kl / n;
  row[4] = sum->neural / n;
  row[5] = sum->behaviour / n;
  row[6] = m->shape.n_features > 0 ? exp(0.5 * m->small[m->at_v]) : (double)NAN;
  row[7] = f->step;
done:
  return status;
}

/* One epoch, taken back and done again with half the step as long as it ends in no
 * number. */
static nax_status
epoch(nax_i_gpvae_fit *f, char *net, double *small)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_i_gpvae_terms sum;
  double held;
  int64_t t = f->t;
  int halved = 0;
  copy_state(&f->model, net, small, 0);
  for (;;) {
    int finite;
    NAX_TRY(sweep(f, &sum, &finite));
    if (finite) {
      NAX_TRY(judge(f, &held));
      finite = f->n_held == 0 || isfinite(held);
    }
    if (finite) {
      break;
    }
    copy_state(&f->model, net, small, 1);
    f->t = t;
    f->step *= 0.5;
    halved = 1;
    NAX_REQUIRE(
        f->step > 1e-6, NAX_ENUMERIC,
        "the objective is not finite in epoch %lld, however small the steps: look "
        "for values of very different size in the data",
        (long long)f->n_trace);
  }
  if (halved) {
    nax_i_warn(
        ctx, NAX_INFO, "gpvae.step-halved",
        "the objective was not finite in epoch %lld; steps go on at %g of their size",
        (long long)f->n_trace, f->step);
  }
  NAX_TRY(note(f, &sum, held));
  /* without trials held out, and before everything moves, the latest is the best */
  if (f->phase != NAX_I_PHASE_JOINT || f->epoch == 0 || f->n_held == 0 ||
      held < f->best) {
    f->best = f->n_held > 0 ? held : 0.0;
    f->bad = 0;
    memcpy(f->best_net, f->model.net.p, (size_t)f->model.net.n * f->model.net.real->size);
    memcpy(f->best_small, f->model.small, (size_t)f->model.n_small * sizeof(double));
  } else {
    f->bad++;
  }
  f->step = fmin(1.0, 1.1 * f->step);
  f->epoch++;
  f->done++;
done:
  return status;
}

/* The epochs that a phase has left. */
static nax_status
run_phase(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  char *net = NULL;
  double *small = NULL;
  int64_t n = nax_i_gpvae_phase_epochs(f, f->phase);
  NAX_TRY_ALLOC(net, 3 * f->model.net.n, f->model.net.real->size);
  NAX_TRY_ALLOC(small, 3 * f->model.n_small, sizeof *small);
  while (f->epoch < n) {
    status = epoch(f, net, small);
    if (status == NAX_EINTERRUPT && f->o->keep_partial && f->phase == NAX_I_PHASE_JOINT &&
        f->epoch > 0) {
      f->stop = NAX_STOP_USER;
      status = NAX_OK;
      break;
    }
    NAX_TRY(status);
    NAX_TRY(nax_i_gpvae_checkpoint(f));
    if (f->phase == NAX_I_PHASE_JOINT && f->o->patience > 0 && f->bad >= f->o->patience) {
      f->stop = NAX_STOP_TOL;
      break;
    }
  }
  if (n > 0) {
    memcpy(f->model.net.p, f->best_net, (size_t)f->model.net.n * f->model.net.real->size);
    memcpy(f->model.small, f->best_small, (size_t)f->model.n_small * sizeof(double));
  }
done:
  nax_i_free(net);
  nax_i_free(small);
  return status;
}

nax_status
nax_i_gpvae_adopt(nax_i_gpvae_fit *f, nax_i_gpvae_model *m)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index cols = f->o->batch * f->data->longest;
  nax_i_gpvae_work_free(f->work);
  f->work = NULL;
  nax_i_gpvae_model_free(&f->model);
  f->model = *m;
  *m = (nax_i_gpvae_model){.n_small = 0};
  nax_i_free(f->best_net);
  nax_i_free(f->best_small);
  f->best_net = NULL;
  f->best_small = NULL;
  NAX_TRY_ALLOC(f->best_net, f->model.net.n, f->model.net.real->size);
  NAX_TRY_ALLOC(f->best_small, f->model.n_small, sizeof(double));
  NAX_TRY(nax_i_gpvae_work_new(ctx, &f->model, cols, f->o->batch, &f->work));
done:
  return status;
}

nax_status
nax_i_gpvae_fit_run(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  int64_t n = 0;
  int found = 0;
  for (int p = 0; p < NAX_I_N_PHASES; p++) {
    n += nax_i_gpvae_phase_epochs(f, p);
  }
  NAX_TRY(nax_i_stage_begin(&f->stage, f->ctx, "nax_gpvae_fit", "gpvae/fit", n));
  f->stop = NAX_STOP_ITER;
  f->step = 1.0;
  NAX_TRY(nax_i_gpvae_resume(f, &found));
  for (; f->phase < NAX_I_N_PHASES && f->stop != NAX_STOP_USER; f->phase++) {
    if (!found) {
      f->epoch = f->t = f->bad = 0;
      if (f->phase != NAX_I_PHASE_JOINT && nax_i_gpvae_phase_epochs(f, f->phase) == 0) {
        continue;
      }
      NAX_TRY(nax_i_gpvae_begin_phase(f));
    }
    found = 0;
    NAX_TRY(run_phase(f));
  }
done:
  return status;
}

void
nax_i_gpvae_fit_free(nax_i_gpvae_fit *f)
{
  nax_i_gpvae_work_free(f->work);
  nax_i_gpvae_batch_free(&f->batch);
  nax_i_gpvae_model_free(&f->model);
  nax_i_gpvae_model_free(&f->kept);
  void *all[] = {f->order, f->shuffled,  f->best_net, f->best_small,
                 f->trace, f->relevance, f->turn};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(all[i]);
  }
}
