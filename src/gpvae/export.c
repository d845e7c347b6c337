/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fitted model as a dataset. */
#include "array/array_i.h"
#include "gpvae_i.h"
#include <math.h>
#include <stdio.h>

/* Labels of latents lo .. hi - 1: "neural 1", "shared 1", "behaviour 1". */
static nax_status
latent_axis(nax_ctx *ctx, const nax_gpvae *m, nax_index hi, nax_axis **out)
{
  nax_status status = NAX_OK;
  nax_gpvae_params p = nax_gpvae_get(m);
  char **text = NULL;
  *out = NULL;
  NAX_TRY_ALLOC(text, hi, sizeof *text);
  for (nax_index l = 0; l < hi; l++) {
    nax_index from[3] = {0, p.n_neural, p.n_neural + p.n_shared};
    int kind = l < from[1] ? 0 : l < from[2] ? 1 : 2;
    static const char *const name[3] = {"neural", "shared", "behaviour"};
    text[l] = nax_i_asprintf("%s %lld", name[kind], (long long)(l - from[kind]) + 1);
    NAX_REQUIRE(text[l] != NULL, NAX_ENOMEM, "out of memory");
  }
  NAX_TRY(nax_axis_create_labels(ctx, "latent", hi, (const char *const *)text, out));
done:
  for (nax_index l = 0; text != NULL && l < hi; l++) {
    nax_i_free(text[l]);
  }
  nax_i_free(text);
  return status;
}

/* An array of these axes (taken over, also on failure) with a copy of `x`. */
static nax_status
add(nax_ctx *ctx, nax_dataset *d, const char *name, int32_t ndim, nax_axis **axes,
    const double *x, const char *unit, const char *about)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, ndim, axes, unit, &a));
  for (int32_t k = 0; k < ndim; k++) {
    axes[k] = NULL;
  }
  memcpy(nax_array_data_mut(a), x, (size_t)nax_array_size(a) * sizeof *x);
  NAX_TRY(nax_array_set_description(ctx, a, about));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  for (int32_t k = 0; k < ndim; k++) {
    nax_axis_free(axes[k]);
    axes[k] = NULL;
  }
  nax_array_free(a);
  return status;
}

static nax_status
add_latents(nax_ctx *ctx, const nax_gpvae *m, const nax_gpvae_posterior *p,
            const nax_trial_labels *labels, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *axes[3] = {NULL};
  double *x = NULL;
  nax_index n = nax_gpvae_posterior_n_trials(p), q = m->model.shape.q, longest = 1;
  for (nax_index k = 0; k < n; k++) {
    nax_index t = nax_gpvae_posterior_length(p, k);
    longest = t > longest ? t : longest;
  }
  NAX_TRY_ALLOC(x, q * longest * n, sizeof *x);
  for (int sd = 0; sd < 2; sd++) {
    for (nax_index k = 0; k < n; k++) {
      const double *from =
          sd ? nax_gpvae_posterior_sd(p, k) : nax_gpvae_posterior_mean(p, k);
      nax_index have = q * nax_gpvae_posterior_length(p, k);
      for (nax_index i = 0; i < q * longest; i++) {
        x[i + q * longest * k] = i < have ? from[i] : (double)NAN;
      }
    }
    NAX_TRY(latent_axis(ctx, m, q, &axes[0]));
    NAX_TRY(nax_i_bin_axis(ctx, labels, longest, m->opts.bin, &axes[1]));
    NAX_TRY(nax_i_trial_axis(ctx, labels, n, &axes[2]));
    NAX_TRY(add(ctx, d, sd ? "latents_sd" : "latents", 3, axes, x, "1",
                sd ? "posterior standard deviations of the latents"
                   : "posterior means of the latents"));
  }
done:
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axes[k]);
  }
  nax_i_free(x);
  return status;
}

static nax_status
add_parameters(nax_ctx *ctx, const nax_gpvae *m, const nax_trial_labels *labels,
               nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_gpvae_params p = nax_gpvae_get(m);
  nax_axis *axes[2] = {NULL};
  nax_index q = m->model.shape.q, q_neural = m->model.shape.q_neural;
  if (p.n_neurons > 0) {
    NAX_TRY(nax_i_neuron_axis(ctx, labels, p.n_neurons, &axes[0]));
    NAX_TRY(latent_axis(ctx, m, q_neural, &axes[1]));
    NAX_TRY(add(ctx, d, "loadings", 2, axes, p.w, "1", "of each neuron on the latents"));
    NAX_TRY(nax_i_neuron_axis(ctx, labels, p.n_neurons, &axes[0]));
    NAX_TRY(add(ctx, d, "offsets", 1, axes, p.d, "1",
                m->opts.likelihood == NAX_GPVAE_GAUSSIAN ? "mean of each neuron"
                                                         : "log rate of each neuron"));
  }
  if (p.noise != NULL) {
    NAX_TRY(nax_i_neuron_axis(ctx, labels, p.n_neurons, &axes[0]));
    NAX_TRY(add(ctx, d, "noise", 1, axes, p.noise, "1",
                m->opts.likelihood == NAX_GPVAE_GAUSSIAN
                    ? "variance of each neuron"
                    : "shape of the negative binomial of each neuron"));
  }
  if (p.length != NULL) {
    NAX_TRY(latent_axis(ctx, m, q, &axes[0]));
    NAX_TRY(
        add(ctx, d, "length_scales", 1, axes, p.length, "s", "of the prior of latents"));
  }
  if (p.relevance != NULL) {
    NAX_TRY(latent_axis(ctx, m, q_neural, &axes[0]));
    NAX_TRY(add(ctx, d, "relevance", 1, axes, p.relevance, "1",
                "how much behaviour changes along each neural direction"));
  }
done:
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  return status;
}

static nax_status
add_trials(nax_ctx *ctx, const nax_gpvae *m, const nax_gpvae_posterior *p, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *column = NULL;
  NAX_TRY_ALLOC(column, m->n_trials, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "trial", m->n_trials, &t));
  for (int c = 0; c < 3; c++) {
    static const char *const name[3] = {"bins", "held_out", "bound"};
    if (c == 2 && (p == NULL || nax_gpvae_posterior_n_trials(p) != m->n_trials)) {
      continue;
    }
    for (nax_index k = 0; k < m->n_trials; k++) {
      column[k] = c == 0   ? (double)m->length[k]
                  : c == 1 ? (double)m->held[k]
                           : nax_gpvae_posterior_bound(p, k);
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[c], NULL, column));
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "trials", t));
  t = NULL;
done:
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

static nax_status
add_options(nax_ctx *ctx, const nax_gpvae *m, nax_dataset *d)
{
  nax_status status = NAX_OK;
  for (int32_t i = 0; i < nax_i_gpvae_table.n_opts; i++) {
    char key[64], value[256];
    if (strcmp(nax_i_gpvae_table.opts[i].name, "checkpoint") == 0) {
      continue;
    }
    snprintf(key, sizeof key, "gpvae_%.50s", nax_i_gpvae_table.opts[i].name);
    nax_options_format(&nax_i_gpvae_table, &m->opts, i, value, sizeof value);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, value));
  }
  nax_gpvae_params p = nax_gpvae_get(m);
  if (p.n_features > 0) {
    NAX_TRY(nax_dataset_set_number(ctx, d, "gpvae_behaviour_noise", p.behaviour_noise));
  }
  NAX_TRY(nax_dataset_set_number(ctx, d, "gpvae_coefficients", (double)p.n_coefficients));
  NAX_TRY(nax_dataset_set_number(ctx, d, "gpvae_converged",
                                 m->stop == NAX_STOP_TOL ? 1.0 : 0.0));
done:
  return status;
}

nax_status
nax_gpvae_dataset(nax_ctx *ctx, const nax_gpvae *m, const nax_gpvae_posterior *p,
                  const nax_trial_labels *labels, nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  nax_table *t = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_trial_labels_check(ctx, __func__, labels, nax_gpvae_get(m).n_neurons,
                                   p != NULL ? nax_gpvae_posterior_n_trials(p) : -1));
  NAX_TRY(nax_dataset_create(ctx, &d));
  if (p != NULL) {
    NAX_TRY(add_latents(ctx, m, p, labels, d));
  }
  NAX_TRY(add_parameters(ctx, m, labels, d));
  NAX_TRY(nax_gpvae_trace(ctx, m, &t));
  NAX_TRY(nax_dataset_add_table(ctx, d, "trace", t));
  t = NULL;
  NAX_TRY(add_trials(ctx, m, p, d));
  NAX_TRY(add_options(ctx, m, d));
  *out = d;
  d = NULL;
done:
  nax_table_free(t);
  nax_dataset_free(d);
  return status;
}
