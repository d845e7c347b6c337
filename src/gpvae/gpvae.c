/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model as a user holds it. */
#include "gpvae_i.h"
#include "rng/rng_i.h"
#include <math.h>
#include <stdlib.h>

static const uint64_t hold_out_stream = UINT64_C(1) << 62;

/* --- options ---------------------------------------------------------------------------
 */

/* "80,40" into widths. */
static nax_status
parse_layers(nax_ctx *ctx, const char *name, const char *text, int *n, nax_index *width)
{
  nax_status status = NAX_OK;
  *n = 0;
  for (const char *p = text; *p != '\0';) {
    size_t m = strcspn(p, ",");
    int64_t w = 0;
    if (!nax_i_parse_int64(p, p + m, &w) || w < 1 || w > 100000 ||
        *n >= NAX_I_MLP_LAYERS - 1) {
      status = nax_i_fail(ctx, NAX_EINVAL, "nax_gpvae_fit",
                          "option `%s` takes at most %d widths such as 80,40, got \"%s\"",
                          name, NAX_I_MLP_LAYERS - 1, text);
      goto done;
    }
    width[(*n)++] = w;
    p += m + (p[m] == ',');
  }
done:
  return status;
}

static nax_status
parse_networks(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  const nax_gpvae_opts *o = f->o;
  const char *neural = o->neural_layers != NULL ? o->neural_layers : "80,40";
  const char *behaviour = o->behaviour_layers != NULL ? o->behaviour_layers : "128,64";
  const char *decoder = o->decoder_layers != NULL ? o->decoder_layers : "128,128,128,128";
  NAX_TRY(parse_layers(f->ctx, "neural-layers", neural, &f->n_hidden[0], f->hidden[0]));
  NAX_TRY(
      parse_layers(f->ctx, "behaviour-layers", behaviour, &f->n_hidden[1], f->hidden[1]));
  NAX_TRY(parse_layers(f->ctx, "decoder-layers", decoder, &f->n_hidden[2], f->hidden[2]));
done:
  return status;
}

static nax_status
check_options(nax_ctx *ctx, const nax_gpvae_opts *o, const nax_i_gpvae_data *d)
{
  nax_status status = NAX_OK;
  const char *fn = "nax_gpvae_fit";
  int64_t neural = o->n_neural + o->n_shared, behaviour = o->n_behaviour + o->n_shared;
  if ((d->n_neurons > 0 && neural < 1) || (d->n_features > 0 && behaviour < 1)) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn, "there is no latent for %s",
                        d->n_neurons > 0 && neural < 1 ? "the neurons" : "behaviour");
  } else if (d->n_neurons > 0 && neural > d->n_neurons) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "%lld neural and shared latents are more than the %lld neurons",
                        (long long)neural, (long long)d->n_neurons);
  } else if (o->objective == NAX_GPVAE_RELEASED && o->encoder != NAX_GPVAE_FOURIER) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "option `objective` released needs option `encoder` fourier");
  } else if (!isnan(o->min_length) && !isnan(o->max_length) &&
             o->min_length > o->max_length) {
    status = nax_i_fail(ctx, NAX_EINVAL, fn,
                        "option `min-length` is %g, more than `max-length` (%g)",
                        o->min_length, o->max_length);
  }
  for (nax_index k = 0; k < d->n_trials && status == NAX_OK; k++) {
    if (o->encoder == NAX_GPVAE_FOURIER && d->length[k] != d->longest) {
      status = nax_i_fail(ctx, NAX_EDIM, fn,
                          "trial %lld has %lld bins, another has %lld: option `encoder` "
                          "fourier needs trials of one length",
                          (long long)k, (long long)d->length[k], (long long)d->longest);
    }
  }
  return status;
}

/* --- held-out trials -------------------------------------------------------------------
 */

static int
by_number(const void *a, const void *b)
{
  nax_index x = *(const nax_index *)a, y = *(const nax_index *)b;
  return (x > y) - (x < y);
}

static nax_status
split_trials(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index n = f->data->n_trials;
  nax_rng r;
  NAX_TRY_ALLOC(f->order, n, sizeof *f->order);
  NAX_TRY_ALLOC(f->shuffled, n, sizeof *f->shuffled);
  nax_i_rng_init(&r, f->o->seed, hold_out_stream);
  nax_rng_permutation(&r, n, f->order);
  f->n_held = (nax_index)floor(f->o->hold_out * (double)n + 0.5);
  f->n_held = f->n_held < n ? f->n_held : n - 1;
  f->n_train = n - f->n_held;
  qsort(f->order, (size_t)f->n_train, sizeof *f->order, by_number);
  qsort(f->order + f->n_train, (size_t)f->n_held, sizeof *f->order, by_number);
  /* every arm must be there to train on */
  for (int arm = 0; arm < 2; arm++) {
    int seen = f->data->view[arm] == NULL;
    for (nax_index k = 0; k < f->n_train; k++) {
      seen = seen || nax_i_gpvae_data_has(f->data, arm, f->order[k]);
    }
    if (!seen) {
      status = nax_i_fail(ctx, NAX_EDATA, "nax_gpvae_fit",
                          "no trial to train on has %s: lower option `hold-out`",
                          arm == 0 ? "neurons" : "behaviour");
      goto done;
    }
  }
done:
  return status;
}

/* --- result ----------------------------------------------------------------------------
 */

void
nax_gpvae_free(nax_gpvae *m)
{
  if (m == NULL) {
    return;
  }
  nax_i_gpvae_model_free(&m->model);
  nax_i_gpvae_scaling_free(&m->scaling);
  for (int i = 0; i < 4; i++) {
    nax_i_free(m->text[i]);
  }
  void *all[] = {m->length, m->held, m->w,     m->d,
                 m->noise,  m->len,  m->trace, m->relevance};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(all[i]);
  }
  nax_i_free(m);
}

static nax_status
copy_options(nax_ctx *ctx, nax_gpvae *m, const nax_gpvae_opts *o)
{
  nax_status status = NAX_OK;
  m->opts = *o;
  const char **text[4] = {&m->opts.neural_layers, &m->opts.behaviour_layers,
                          &m->opts.decoder_layers, &m->opts.checkpoint};
  for (int i = 0; i < 4; i++) {
    if (*text[i] != NULL) {
      NAX_TRY_DUP(m->text[i], *text[i]);
    }
    *text[i] = m->text[i];
  }
done:
  return status;
}

/* Parameters in the units of the data. */
static nax_status
publish(nax_ctx *ctx, nax_gpvae *g)
{
  nax_status status = NAX_OK;
  const nax_i_gpvae_model *m = &g->model;
  const nax_i_gpvae_shape *s = &m->shape;
  const nax_i_gpvae_scaling *scale = &g->scaling;
  nax_index n = s->n_neurons, q = s->q_neural;
  NAX_TRY_ALLOC(g->w, n * q, sizeof(double));
  NAX_TRY_ALLOC(g->d, n, sizeof(double));
  for (nax_index i = 0; i < n; i++) {
    for (nax_index l = 0; l < q; l++) {
      g->w[i + l * n] = m->small[m->at_w + i + l * n] * scale->y_sd[i];
    }
    g->d[i] =
        m->small[m->at_d + i] * scale->y_sd[i] + (scale->root ? 0.0 : scale->y_mean[i]);
  }
  if (n > 0 && s->likelihood != NAX_GPVAE_POISSON) {
    NAX_TRY_ALLOC(g->noise, n, sizeof(double));
    for (nax_index i = 0; i < n; i++) {
      g->noise[i] = exp(m->small[m->at_noise + i]) * scale->y_sd[i] * scale->y_sd[i];
    }
  }
  if (!m->basis.white) {
    NAX_TRY_ALLOC(g->len, s->q, sizeof(double));
    for (nax_index l = 0; l < s->q; l++) {
      g->len[l] = g->opts.bin * exp(m->small[m->at_len + l]);
    }
  }
done:
  return status;
}

nax_status
nax_gpvae_fit(nax_ctx *ctx, const nax_gpvae_trials *trials, const nax_gpvae_opts *opts,
              nax_gpvae **out)
{
  nax_status status = NAX_OK;
  nax_gpvae *g = NULL;
  nax_gpvae_opts o;
  nax_i_gpvae_data data = {.n_trials = 0};
  nax_i_gpvae_fit f = {.ctx = ctx, .data = &data};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpvae_table, &o, opts));
  NAX_REQUIRE(trials != NULL, NAX_EINVAL, "`trials` is NULL");
  NAX_TRY(nax_i_gpvae_data_init(ctx, __func__, trials, o.likelihood != NAX_GPVAE_GAUSSIAN,
                                &data));
  NAX_TRY(check_options(ctx, &o, &data));
  o.batch = o.batch < data.n_trials ? o.batch : data.n_trials;
  NAX_TRY_ALLOC(g, 1, sizeof *g);
  NAX_TRY(copy_options(ctx, g, &o));
  f.o = &g->opts;
  f.scaling = &g->scaling;
  NAX_TRY(parse_networks(&f));
  NAX_TRY(split_trials(&f));
  NAX_TRY(nax_i_gpvae_scaling_find(ctx, &data, f.n_train, f.order, &o, &g->scaling));
  if (o.weight_behaviour == 0.0 && data.n_features > 0) {
    double dimensions;
    NAX_TRY(
        nax_i_gpvae_dimensions(ctx, &data, &g->scaling, f.n_train, f.order, &dimensions));
    g->opts.weight_behaviour = dimensions / (double)data.n_features;
  }
  nax_index n_components = nax_i_gpvae_n_components(&o, data.n_features);
  if (n_components > 0) {
    NAX_TRY(nax_i_components_find(ctx, &data, &g->scaling, f.n_train, f.order,
                                  n_components, o.seed, &g->scaling.components));
    NAX_TRY(nax_i_components_apply(ctx, &g->scaling, &data));
  }
  NAX_TRY(nax_i_gpvae_batch_init(ctx, &nax_i_real_f32, data.n_neurons, data.n_features,
                                 &g->scaling.components, o.batch * data.longest, o.batch,
                                 &f.batch));
  NAX_TRY(nax_i_gpvae_fit_run(&f));
  g->n_trials = data.n_trials;
  g->length = data.length;
  data.length = NULL;
  NAX_TRY_ALLOC(g->held, g->n_trials, 1);
  for (nax_index k = f.n_train; k < g->n_trials; k++) {
    g->held[f.order[k]] = 1;
  }
  g->model = f.model;
  f.model = (nax_i_gpvae_model){.n_small = 0};
  g->trace = f.trace;
  g->n_trace = f.n_trace;
  g->relevance = f.relevance;
  f.trace = f.relevance = NULL;
  g->stop = f.stop;
  NAX_TRY(publish(ctx, g));
  *out = g;
  g = NULL;
done:
  nax_i_gpvae_fit_free(&f);
  nax_i_gpvae_data_free(&data);
  nax_gpvae_free(g);
  return status;
}

nax_status
nax_gpvae_memory(nax_ctx *ctx, const nax_gpvae_trials *trials, const nax_gpvae_opts *opts,
                 size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_gpvae_opts o;
  nax_i_gpvae_data data = {.n_trials = 0};
  nax_i_gpvae_fit f = {.ctx = ctx, .data = &data, .o = &o};
  nax_i_gpvae_model m = {.n_small = 0};
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpvae_table, &o, opts));
  NAX_REQUIRE(trials != NULL, NAX_EINVAL, "`trials` is NULL");
  NAX_TRY(nax_i_gpvae_data_init(ctx, __func__, trials, o.likelihood != NAX_GPVAE_GAUSSIAN,
                                &data));
  NAX_TRY(check_options(ctx, &o, &data));
  NAX_TRY(parse_networks(&f));
  o.batch = o.batch < data.n_trials ? o.batch : data.n_trials;
  nax_i_gpvae_settle_basis(&f, NULL);
  NAX_TRY(nax_i_gpvae_new_model(&f, NAX_I_PHASE_JOINT, &m));
  size_t real = m.net.real->size, net = (size_t)m.net.n * real;
  size_t small = (size_t)m.n_small * sizeof(double);
  nax_index cols = o.batch * data.longest;
  nax_index components = nax_i_gpvae_n_components(&o, data.n_features);
  /* parameters, gradients, two moments, the best, and three before the epoch */
  *bytes = 8 * (net + small) + nax_i_gpvae_work_bytes(&m, cols, o.batch) +
           nax_i_gpvae_batch_bytes(m.net.real, data.n_neurons, data.n_features,
                                   components, cols, o.batch);
  if (components > 0) {
    size_t found = nax_i_components_bytes(data.n_features, components, data.bins);
    *bytes = *bytes > found ? *bytes : found;
    *bytes += (size_t)(components * data.bins) * sizeof(float);
  }
done:
  nax_i_gpvae_model_free(&m);
  nax_i_gpvae_data_free(&data);
  return status;
}

/* --- accessors
 * -------------------------------------------------------------------------- */

nax_gpvae_params
nax_gpvae_get(const nax_gpvae *m)
{
  const nax_i_gpvae_shape *s = &m->model.shape;
  nax_index shared = s->n_neurons > 0 ? s->q_neural - s->dec_from : m->opts.n_shared;
  int seen = s->n_features > 0;
  return (nax_gpvae_params){
      .struct_size = sizeof(nax_gpvae_params),
      .n_neurons = s->n_neurons,
      .n_features = m->scaling.n_features,
      .n_neural = s->n_neurons > 0 ? s->dec_from : 0,
      .n_shared = shared,
      .n_behaviour = s->n_neurons > 0 ? s->q - s->q_neural : s->q - shared,
      .n_coefficients = m->model.basis.f,
      .w = m->w,
      .d = m->d,
      .noise = m->noise,
      .length = m->len,
      .relevance = m->relevance,
      .behaviour_noise = seen ? exp(0.5 * m->model.small[m->model.at_v]) : (double)NAN,
  };
}

nax_stop
nax_gpvae_stop(const nax_gpvae *m)
{
  return m->stop;
}

nax_index
nax_gpvae_n_trials(const nax_gpvae *m)
{
  return m->n_trials;
}

int32_t
nax_gpvae_held_out(const nax_gpvae *m, nax_index k)
{
  return k >= 0 && k < m->n_trials ? m->held[k] : 0;
}

nax_status
nax_gpvae_trace(nax_ctx *ctx, const nax_gpvae *m, nax_table **out)
{
  nax_status status = NAX_OK;
  static const char *const name[NAX_I_GPVAE_TRACE] = {
      "phase", "objective", "held_out", "kl", "neural", "behaviour", "noise", "step"};
  nax_table *t = NULL;
  double *column = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(column, m->n_trace, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "epoch", m->n_trace, &t));
  for (int c = 0; c < NAX_I_GPVAE_TRACE; c++) {
    for (nax_index i = 0; i < m->n_trace; i++) {
      column[i] = m->trace[NAX_I_GPVAE_TRACE * i + c];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[c], NULL, column));
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(column);
  nax_table_free(t);
  return status;
}
