/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latents of trials under a fitted model, and what it says of both modalities. */
#include "gpvae_i.h"
#include <math.h>

struct nax_gpvae_posterior {
  nax_index n_trials, q;
  nax_index *first;  /* n_trials + 1 */
  double *mean, *sd; /* q x all bins */
  double *bound;
};

void
nax_gpvae_posterior_free(nax_gpvae_posterior *p)
{
  if (p != NULL) {
    nax_i_free(p->first);
    nax_i_free(p->mean);
    nax_i_free(p->sd);
    nax_i_free(p->bound);
    nax_i_free(p);
  }
}

/* Sizes of the model, which a modality that was left out has too. */
static nax_status
fit_data(nax_ctx *ctx, const nax_gpvae *m, nax_i_gpvae_data *d)
{
  nax_status status = NAX_OK;
  const nax_i_gpvae_shape *s = &m->model.shape;
  const nax_index rows[2] = {d->n_neurons, d->n_features};
  const nax_index expected[2] = {s->n_neurons, m->scaling.n_features};
  for (int arm = 0; arm < 2 && status == NAX_OK; arm++) {
    if (d->view[arm] != NULL && rows[arm] != expected[arm]) {
      status = nax_i_fail(ctx, NAX_EDIM, "nax_gpvae_infer",
                          "`%s` has %lld rows, the model %lld",
                          arm == 0 ? "neural" : "behaviour", (long long)rows[arm],
                          (long long)expected[arm]);
    }
  }
  d->n_neurons = s->n_neurons;
  d->n_features = m->scaling.n_features;
  for (nax_index k = 0; k < d->n_trials && status == NAX_OK; k++) {
    int fourier = s->encoder == NAX_GPVAE_FOURIER;
    if (d->length[k] > s->t_max || (fourier && d->length[k] != s->t_max)) {
      status = nax_i_fail(ctx, NAX_EINVAL, "nax_gpvae_infer",
                          "trial %lld has %lld bins, the model is for %s%lld",
                          (long long)k, (long long)d->length[k],
                          fourier ? "" : "at most ", (long long)s->t_max);
    }
  }
  return status;
}

/* What scaled values owe to the density of those of the caller. */
static double
log_scales(const nax_gpvae *m, const nax_i_gpvae_batch *b)
{
  const nax_i_gpvae_shape *s = &m->model.shape;
  nax_index p = m->scaling.n_features;
  double sum = 0.0;
  for (nax_index j = 0; j < b->cols; j++) {
    for (nax_index i = 0; i < s->n_neurons; i++) {
      sum += isnan(b->y[i + j * s->n_neurons]) ? 0.0 : log(m->scaling.y_sd[i]);
    }
    for (nax_index i = 0; i < p; i++) {
      sum += b->seen_room[i + j * p] ? log(m->scaling.x_sd[i]) : 0.0;
    }
  }
  return sum;
}

nax_status
nax_gpvae_infer(nax_ctx *ctx, const nax_gpvae *m, const nax_gpvae_trials *trials,
                nax_gpvae_posterior **out)
{
  nax_status status = NAX_OK;
  nax_gpvae_posterior *p = NULL;
  nax_i_gpvae_data data = {.n_trials = 0};
  nax_i_gpvae_batch b = {.n = 0};
  nax_i_gpvae_work *w = NULL;
  nax_i_stage stage;
  nax_i_gpvae_model model = m->model; /* shares memory; nothing of it is written */
  const nax_i_gpvae_shape *s = &model.shape;
  nax_index q = s->q;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(trials != NULL, NAX_EINVAL, "`trials` is NULL");
  NAX_TRY(nax_i_gpvae_data_init(ctx, __func__, trials,
                                s->likelihood != NAX_GPVAE_GAUSSIAN, &data));
  NAX_TRY(fit_data(ctx, m, &data));
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  p->n_trials = data.n_trials;
  p->q = q;
  NAX_TRY_ALLOC(p->first, data.n_trials + 1, sizeof *p->first);
  NAX_TRY_ALLOC(p->mean, q * data.bins, sizeof *p->mean);
  NAX_TRY_ALLOC(p->sd, q * data.bins, sizeof *p->sd);
  NAX_TRY_ALLOC(p->bound, data.n_trials, sizeof *p->bound);
  if (m->scaling.components.n > 0) {
    NAX_TRY(nax_i_components_apply(ctx, &m->scaling, &data));
  }
  NAX_TRY(nax_i_gpvae_batch_init(ctx, model.net.real, s->n_neurons, data.n_features,
                                 &m->scaling.components, data.longest, 1, &b));
  NAX_TRY(nax_i_gpvae_work_new(ctx, &model, data.longest, 1, &w));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "gpvae/infer", data.n_trials));
  nax_i_gpvae_how how = {.seed = m->opts.seed, .beta = 1.0, .weight = {1.0, 1.0}};
  for (nax_index k = 0; k < data.n_trials; k++) {
    nax_i_gpvae_terms terms;
    NAX_TRY(nax_i_gpvae_gather(ctx, &data, &m->scaling, &model, 1, &k, 0, &b));
    NAX_TRY(nax_i_gpvae_objective(ctx, &model, &b, &how, w, &terms));
    nax_i_gpvae_view v = nax_i_gpvae_look(w);
    nax_index t = data.length[k];
    p->first[k + 1] = p->first[k] + t;
    for (nax_index j = 0; j < t; j++) {
      for (nax_index l = 0; l < q; l++) {
        nax_index at = l + q * (p->first[k] + j);
        p->mean[at] = v.mean[j + t * l];
        p->sd[at] = sqrt(fmax(v.var[j + t * l], 0.0));
      }
    }
    p->bound[k] = -terms.total - log_scales(m, &b);
    NAX_TRY(nax_i_stage_poll(&stage, k + 1, NAN));
  }
  *out = p;
  p = NULL;
done:
  nax_i_gpvae_work_free(w);
  nax_i_gpvae_batch_free(&b);
  nax_i_gpvae_data_free(&data);
  nax_gpvae_posterior_free(p);
  return status;
}

static int
is_trial(const nax_gpvae_posterior *p, nax_index k)
{
  return k >= 0 && k < p->n_trials;
}

nax_index
nax_gpvae_posterior_n_trials(const nax_gpvae_posterior *p)
{
  return p->n_trials;
}

nax_index
nax_gpvae_posterior_length(const nax_gpvae_posterior *p, nax_index k)
{
  return is_trial(p, k) ? p->first[k + 1] - p->first[k] : 0;
}

const double *
nax_gpvae_posterior_mean(const nax_gpvae_posterior *p, nax_index k)
{
  return is_trial(p, k) ? p->mean + p->q * p->first[k] : NULL;
}

const double *
nax_gpvae_posterior_sd(const nax_gpvae_posterior *p, nax_index k)
{
  return is_trial(p, k) ? p->sd + p->q * p->first[k] : NULL;
}

double
nax_gpvae_posterior_bound(const nax_gpvae_posterior *p, nax_index k)
{
  return is_trial(p, k) ? p->bound[k] : (double)NAN;
}

/* --- predictions
 * ------------------------------------------------------------------------ */

static void
predict_neural(const nax_gpvae *m, nax_index q, nax_index t, const double *mean,
               const double *sd, double *rates)
{
  const nax_i_gpvae_model *g = &m->model;
  nax_index n = g->shape.n_neurons;
  const double *w = g->small + g->at_w, *d = g->small + g->at_d;
  for (nax_index j = 0; j < t; j++) {
    for (nax_index i = 0; i < n; i++) {
      double eta = d[i], u = 0.0;
      for (nax_index l = 0; l < g->shape.q_neural; l++) {
        double a = w[i + l * n], s = sd[l + q * j];
        eta += a * mean[l + q * j];
        u += a * a * s * s;
      }
      double x = nax_i_gpvae_rate(g->shape.likelihood, eta, u);
      rates[i + n * j] =
          m->scaling.root ? x : x * m->scaling.y_sd[i] + m->scaling.y_mean[i];
    }
  }
}

nax_status
nax_gpvae_predict(nax_ctx *ctx, const nax_gpvae *m, const nax_gpvae_posterior *p,
                  nax_index k, double *rates, double *behaviour)
{
  nax_status status = NAX_OK;
  const nax_i_gpvae_model *g = &m->model;
  const nax_i_gpvae_shape *s = &g->shape;
  nax_i_mlp_run run = {.cols = 0};
  const nax_i_components *c = &m->scaling.components;
  nax_index n_features = m->scaling.n_features;
  double *told = NULL;
  void *zin = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(is_trial(p, k) && p->q == s->q, NAX_EINVAL,
              "`k` is %lld, expected one of the %lld trials of latents of this model",
              (long long)k, (long long)p->n_trials);
  NAX_REQUIRE(
      (rates == NULL || s->n_neurons > 0) && (behaviour == NULL || s->n_features > 0),
      NAX_EINVAL, "the model has no %s", s->n_neurons > 0 ? "behaviour" : "neurons");
  nax_index t = p->first[k + 1] - p->first[k], in = s->q - s->dec_from;
  const double *mean = nax_gpvae_posterior_mean(p, k);
  if (rates != NULL) {
    predict_neural(m, s->q, t, mean, nax_gpvae_posterior_sd(p, k), rates);
  }
  if (behaviour != NULL) {
    const nax_i_real *real = g->net.real;
    NAX_TRY(nax_i_mlp_run_init(ctx, real, &g->mlp[2], t, &run));
    NAX_TRY_ALLOC(zin, in * t, real->size);
    for (nax_index j = 0; j < t; j++) {
      real->from_double(in, mean + s->q * j + s->dec_from,
                        (char *)zin + (size_t)(in * j) * real->size);
    }
    NAX_TRY(nax_i_mlp_forward(ctx, &g->net, &g->mlp[2], t, zin, &run));
    NAX_TRY_ALLOC(told, s->n_features, sizeof *told);
    for (nax_index j = 0; j < t; j++) {
      const char *out = run.out[g->mlp[2].n - 1];
      real->to_double(s->n_features, out + (size_t)(j * s->n_features) * real->size,
                      told);
      if (c->n > 0) {
        nax_i_components_expand(c, told, behaviour + n_features * j);
      } else {
        memcpy(behaviour + n_features * j, told, (size_t)n_features * sizeof *told);
      }
      for (nax_index i = 0; i < n_features; i++) {
        double *x = &behaviour[i + n_features * j];
        *x = *x * m->scaling.x_sd[i] + m->scaling.x_mean[i];
      }
    }
  }
done:
  nax_i_mlp_run_free(&run);
  nax_i_free(zin);
  nax_i_free(told);
  return status;
}
