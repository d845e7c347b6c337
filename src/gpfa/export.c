/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model and the latents of trials as a dataset. */
#include "array/array_i.h"
#include "gpfa_i.h"
#include <math.h>
#include <stdio.h>

typedef struct export
{
  nax_ctx *ctx;
  const nax_gpfa *m;
  const nax_gpfa_posterior *p;
  const nax_trial_labels *labels;
  nax_index n_trials, longest;
  nax_dataset *d;
}
export;

/* An array over up to four axes of these kinds: n neuron, l latent, L latent_2, t time, k
 * trial, i iteration. */
static nax_status
make_axis(const export *e, char kind, nax_axis **out)
{
  nax_ctx *ctx = e->ctx;
  nax_index n_steps;
  switch (kind) {
  case 'n':
    return nax_i_neuron_axis(ctx, e->labels, e->m->n_all, out);
  case 'l':
    return nax_axis_create_index(ctx, "latent", e->m->par.q, out);
  case 'L':
    return nax_axis_create_index(ctx, "latent_2", e->m->par.q, out);
  case 'k':
    return nax_i_trial_axis(ctx, e->labels, e->n_trials, out);
  case 't':
    return nax_i_bin_axis(ctx, e->labels, e->longest, e->m->opts.bin, out);
  default:
    (void)nax_gpfa_trace(e->m, &n_steps);
    return nax_axis_create_index(ctx, "iteration", n_steps, out);
  }
}

static nax_status
add(const export *e, const char *name, const char *axes, const char *unit,
    const char *description, const double *values)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = e->ctx;
  nax_axis *axis[4] = {NULL, NULL, NULL, NULL};
  nax_array *a = NULL;
  int32_t n = (int32_t)strlen(axes);
  for (int32_t k = 0; k < n; k++) {
    NAX_TRY(make_axis(e, axes[k], &axis[k]));
  }
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, n, axis, unit, &a));
  memset(axis, 0, sizeof axis);
  if (nax_array_size(a) > 0) {
    memcpy(nax_array_data_mut(a), values, (size_t)nax_array_size(a) * sizeof *values);
  }
  NAX_TRY(nax_array_set_description(ctx, a, description));
  NAX_TRY(nax_dataset_add_array(ctx, e->d, name, a));
  a = NULL;
done:
  for (int k = 0; k < 4; k++) {
    nax_axis_free(axis[k]);
  }
  nax_array_free(a);
  return status;
}

static nax_status
add_parameters(const export *e)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = e->ctx;
  nax_gpfa_params p = nax_gpfa_get(e->m);
  nax_index n, q = p.n_latents;
  double *u = NULL, *turn = NULL;
  NAX_TRY_ALLOC(u, p.n_neurons * q, sizeof *u);
  NAX_TRY_ALLOC(turn, q * q, sizeof *turn);
  NAX_TRY(nax_gpfa_orthonormal(ctx, e->m, u, turn));
  NAX_TRY(add(e, "loadings", "nl", NULL, "C: what each latent of the model adds", p.c));
  NAX_TRY(add(e, "means", "n", NULL, "d: each neuron where all latents are 0", p.d));
  NAX_TRY(add(e, "noise_variance", "n", NULL,
              "R: variance of each neuron that is its own", p.r));
  NAX_TRY(
      add(e, "timescale", "l", "s", "length scale of each latent of the model", p.tau));
  NAX_TRY(
      add(e, "latent_noise", "l", "1", "share of white noise in each latent", p.noise));
  NAX_TRY(add(e, "orthonormal_loadings", "nl", "1",
              "U of C = U S V', for the variable latents", u));
  NAX_TRY(
      add(e, "turn", "lL", NULL, "S V': from latents of the model to `latents`", turn));
  const double *trace = nax_gpfa_trace(e->m, &n);
  NAX_TRY(add(e, "log_likelihood", "i", "1",
              "log likelihood (Poisson: its bound) before each iteration", trace));
done:
  nax_i_free(u);
  nax_i_free(turn);
  return status;
}

/* Covariances between the latents of the model within a bin, padded likewise. */
static nax_status
add_covariances(const export *e)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = e->ctx;
  nax_index qq = e->m->par.q * e->m->par.q, n = e->n_trials, longest = e->longest;
  double *cov = NULL;
  NAX_TRY_ALLOC(cov, qq * longest, (size_t)n * sizeof *cov);
  for (nax_index k = 0; k < n; k++) {
    nax_index length = nax_gpfa_posterior_length(e->p, k), at = k * qq * longest;
    memcpy(cov + at, nax_gpfa_posterior_cov(e->p, k),
           (size_t)(length * qq) * sizeof *cov);
    for (nax_index i = length * qq; i < longest * qq; i++) {
      cov[at + i] = (double)NAN;
    }
  }
  NAX_TRY(add(e, "latents_model_cov", "lLtk", "1",
              "covariances between the latents of the model within a bin", cov));
done:
  nax_i_free(cov);
  return status;
}

/* Means and standard deviations, padded with NaN to the longest trial. */
static nax_status
add_latents(const export *e)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = e->ctx;
  nax_index q = e->m->par.q, n = e->n_trials, longest = e->longest;
  double *raw = NULL, *mean = NULL, *sd = NULL;
  NAX_TRY_ALLOC(raw, q * longest, (size_t)n * sizeof *raw);
  NAX_TRY_ALLOC(mean, q * longest, (size_t)n * sizeof *mean);
  NAX_TRY_ALLOC(sd, q * longest, (size_t)n * sizeof *sd);
  for (nax_index i = 0; i < q * longest * n; i++) {
    raw[i] = mean[i] = sd[i] = (double)NAN;
  }
  for (nax_index k = 0; k < n; k++) {
    nax_index at = k * q * longest;
    memcpy(raw + at, nax_gpfa_posterior_mean(e->p, k),
           (size_t)(nax_gpfa_posterior_length(e->p, k) * q) * sizeof *raw);
    NAX_TRY(nax_gpfa_posterior_orthonormal(ctx, e->m, e->p, k, mean + at, sd + at));
  }
  NAX_TRY(add(e, "latents", "ltk", NULL, "orthonormal latents, posterior mean", mean));
  NAX_TRY(add(e, "latents_sd", "ltk", NULL, "their posterior standard deviation", sd));
  NAX_TRY(add(e, "latents_model", "ltk", "1",
              "latents of the model, posterior mean; prior variance 1", raw));
  if (nax_i_gpfa_keeps_covariances(e->p)) {
    NAX_TRY(add_covariances(e));
  }
  NAX_TRY(nax_dataset_set_main(ctx, e->d, "latents"));
  NAX_TRY(nax_dataset_set_number(ctx, e->d, "gpfa_trials_log_likelihood",
                                 nax_gpfa_posterior_loglik(e->p)));
done:
  nax_i_free(raw);
  nax_i_free(mean);
  nax_i_free(sd);
  return status;
}

nax_status
nax_gpfa_posterior_orthonormal(nax_ctx *ctx, const nax_gpfa *m,
                               const nax_gpfa_posterior *p, nax_index trial, double *mean,
                               double *sd)
{
  nax_status status = NAX_OK;
  nax_index q = m->par.q, length = nax_gpfa_posterior_length(p, trial);
  double *turn = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(length > 0 && nax_gpfa_posterior_n_latents(p) == q, NAX_EINVAL,
              "`p` is no posterior of this model with a trial %lld", (long long)trial);
  const double *x = nax_gpfa_posterior_mean(p, trial);
  const double *v = nax_gpfa_posterior_cov(p, trial);
  NAX_TRY_ALLOC(turn, q * q, sizeof *turn);
  NAX_TRY(nax_gpfa_orthonormal(ctx, m, NULL, turn));
  for (nax_index t = 0; t < length; t++) {
    for (nax_index l = 0; l < q; l++) {
      double sum = 0.0, var = 0.0;
      for (nax_index k = 0; k < q; k++) {
        sum += turn[l + k * q] * x[k + t * q];
        for (nax_index j = 0; j < q; j++) {
          var += turn[l + k * q] * v[k + j * q + t * q * q] * turn[l + j * q];
        }
      }
      mean[l + t * q] = sum;
      sd[l + t * q] = sqrt(fmax(var, 0.0));
    }
  }
done:
  nax_i_free(turn);
  return status;
}

const nax_gpfa_opts *
nax_gpfa_options(const nax_gpfa *m)
{
  return &m->opts;
}

static nax_status
add_options(const export *e)
{
  nax_status status = NAX_OK;
  for (int32_t i = 0; i < nax_i_gpfa_table.n_opts; i++) {
    char key[64], value[256];
    snprintf(key, sizeof key, "gpfa_%.50s", nax_i_gpfa_table.opts[i].name);
    nax_options_format(&nax_i_gpfa_table, &e->m->opts, i, value, sizeof value);
    NAX_TRY(nax_dataset_set_text(e->ctx, e->d, key, value));
  }
  NAX_TRY(nax_dataset_set_number(e->ctx, e->d, "gpfa_converged",
                                 e->m->stop == NAX_STOP_TOL ? 1.0 : 0.0));
  NAX_TRY(nax_dataset_set_text(e->ctx, e->d, "gpfa_stop",
                               e->m->stop == NAX_STOP_TOL       ? "converged"
                               : e->m->stop == NAX_STOP_NUMERIC ? "numeric"
                               : e->m->stop == NAX_STOP_USER    ? "interrupted"
                                                                : "max-iter"));
  NAX_TRY(nax_dataset_set_number(e->ctx, e->d, "gpfa_floored", (double)e->m->n_floored));
done:
  return status;
}

nax_status
nax_gpfa_dataset(nax_ctx *ctx, const nax_gpfa *m, const nax_gpfa_posterior *p,
                 const nax_trial_labels *labels, const double *explained,
                 nax_dataset **out)
{
  nax_status status = NAX_OK;
  export e = {.ctx = ctx, .m = m, .p = p, .labels = labels};
  *out = NULL;
  nax_i_begin(ctx);
  for (nax_index k = 0; p != NULL && k < nax_gpfa_posterior_n_trials(p); k++) {
    nax_index t = nax_gpfa_posterior_length(p, k);
    e.n_trials++;
    e.longest = t > e.longest ? t : e.longest;
  }
  NAX_TRY(nax_i_trial_labels_check(ctx, __func__, labels, m->n_all,
                                   p != NULL ? e.n_trials : -1));
  NAX_TRY(nax_dataset_create(ctx, &e.d));
  if (p != NULL) {
    NAX_TRY(add_latents(&e));
  }
  NAX_TRY(add_parameters(&e));
  if (explained != NULL) {
    NAX_TRY(add(&e, "explained", "l", "1",
                m->opts.likelihood == NAX_GPFA_POISSON
                    ? "share of the variance of the log rates in each orthonormal latent"
                    : "share of the variance that each orthonormal latent explains",
                explained));
  }
  NAX_TRY(add_options(&e));
  *out = e.d;
  e.d = NULL;
done:
  nax_dataset_free(e.d);
  return status;
}

nax_status
nax_gpfa_add_left_out(nax_ctx *ctx, nax_dataset *d, const nax_gpfa *m, nax_index n_trials,
                      const nax_view *trials, const nax_trial_labels *labels)
{
  nax_status status = NAX_OK;
  export e = {
      .ctx = ctx, .m = m, .labels = labels, .n_trials = n_trials, .longest = 1, .d = d};
  nax_index n = m->n_all, q = m->par.q, bins = 0;
  double *predicted = NULL, *padded = NULL, *reduced = NULL;
  nax_gpfa_lno out;
  nax_i_begin(ctx);
  NAX_REQUIRE(d != NULL && n_trials >= 1 && trials != NULL, NAX_EINVAL,
              "there must be a dataset and at least one trial");
  NAX_TRY(nax_i_trial_labels_check(ctx, __func__, labels, m->n_all, n_trials));
  for (nax_index k = 0; k < n_trials; k++) {
    nax_index t = trials[k].ndim == 2 && trials[k].dim[1] > 0 ? trials[k].dim[1] : 0;
    bins += t;
    e.longest = t > e.longest ? t : e.longest;
  }
  NAX_TRY_ALLOC(predicted, n, (size_t)(bins > 0 ? bins : 1) * sizeof *predicted);
  NAX_TRY_ALLOC(reduced, q, sizeof *reduced);
  NAX_TRY(nax_gpfa_leave_neuron_out(ctx, m, n_trials, trials, predicted, reduced, &out));
  NAX_TRY_ALLOC(padded, n * e.longest, (size_t)n_trials * sizeof *padded);
  for (nax_index k = 0, at = 0; k < n_trials; k++) {
    nax_index there = n * trials[k].dim[1];
    double *to = padded + k * n * e.longest;
    memcpy(to, predicted + at, (size_t)there * sizeof *to);
    for (nax_index i = there; i < n * e.longest; i++) {
      to[i] = (double)NAN;
    }
    at += there;
  }
  NAX_TRY(
      add(&e, "left_out", "ntk", NULL, "each neuron as the others predict it", padded));
  NAX_TRY(add(&e, "left_out_error", "l", NULL,
              "squared error of that by the first 1, 2, ... orthonormal latents",
              reduced));
  NAX_TRY(nax_dataset_set_number(ctx, d, "gpfa_left_out_error", out.sse));
  NAX_TRY(nax_dataset_set_number(ctx, d, "gpfa_left_out_log_density", out.log_density));
done:
  nax_i_free(predicted);
  nax_i_free(padded);
  nax_i_free(reduced);
  return status;
}
