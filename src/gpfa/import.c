/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model from the dataset that one became. */
#include "gpfa_i.h"
#include <math.h>

/* Numbers of an array that must be there, `n` of them. */
static nax_status
find_numbers(nax_ctx *ctx, const nax_dataset *d, const char *name, nax_index n,
             const double **out)
{
  const nax_array *a = nax_dataset_array(d, name);
  *out = NULL;
  if (a == NULL || nax_array_dtype(a) != NAX_F64) {
    return nax_i_fail(ctx, NAX_EDATA, "nax_gpfa_from_dataset",
                      "the dataset has no float64 array `%s`, expected a result of gpfa",
                      name);
  }
  if (n > 0 && nax_array_size(a) != n) {
    return nax_i_fail(ctx, NAX_EDIM, "nax_gpfa_from_dataset",
                      "`%s` has %lld entries, expected %lld", name,
                      (long long)nax_array_size(a), (long long)n);
  }
  *out = nax_array_data(a);
  return NAX_OK;
}

/* The options that the model was fitted with, from the attributes; in hosts whose names
 * have no '-' these say '_'. */
static nax_status
find_options(nax_ctx *ctx, const nax_dataset *d, nax_gpfa_opts *o)
{
  nax_status status = NAX_OK;
  nax_options_default(&nax_i_gpfa_table, o);
  for (int32_t i = 0; i < nax_i_gpfa_table.n_opts; i++) {
    const char *name = nax_i_gpfa_table.opts[i].name;
    char key[64], number[32];
    nax_i_snprintf(key, sizeof key, "gpfa_%.50s", name);
    const char *text = nax_dataset_text(d, key);
    double value = nax_dataset_number(d, key);
    for (char *p = key; text == NULL && isnan(value) && *p != '\0'; p++) {
      if (*p == '-') {
        *p = '_';
        text = nax_dataset_text(d, key);
        value = nax_dataset_number(d, key);
      }
    }
    if (text == NULL && !isnan(value)) {
      nax_i_format_double(number, value);
      text = number;
    }
    if (text == NULL && strcmp(name, "bin") == 0) {
      return nax_i_fail(ctx, NAX_EDATA, "nax_gpfa_from_dataset",
                        "the dataset has no attribute `gpfa_bin`, expected a result of "
                        "gpfa");
    }
    if (text != NULL) {
      NAX_TRY(nax_options_set(ctx, &nax_i_gpfa_table, o, name, text));
    }
  }
done:
  return status;
}

nax_status
nax_gpfa_from_dataset(nax_ctx *ctx, const nax_dataset *d, nax_gpfa **out)
{
  nax_status status = NAX_OK;
  nax_gpfa_opts o;
  nax_gpfa *m = NULL;
  nax_gpfa_params p = {.struct_size = sizeof p};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(d != NULL, NAX_EINVAL, "`d` is NULL, expected a result of gpfa");
  NAX_TRY(find_options(ctx, d, &o));
  NAX_TRY(find_numbers(ctx, d, "means", 0, &p.d));
  NAX_TRY(find_numbers(ctx, d, "timescale", 0, &p.tau));
  p.n_neurons = nax_array_size(nax_dataset_array(d, "means"));
  p.n_latents = nax_array_size(nax_dataset_array(d, "timescale"));
  NAX_TRY(find_numbers(ctx, d, "loadings", p.n_neurons * p.n_latents, &p.c));
  NAX_TRY(find_numbers(ctx, d, "noise_variance", p.n_neurons, &p.r));
  NAX_TRY(find_numbers(ctx, d, "latent_noise", p.n_latents, &p.noise));
  NAX_TRY(nax_gpfa_create(ctx, &p, &o, &m));
  const nax_array *trace = nax_dataset_array(d, "log_likelihood");
  nax_index n =
      trace != NULL && nax_array_dtype(trace) == NAX_F64 ? nax_array_size(trace) : 0;
  if (n > 0) {
    NAX_TRY_ALLOC(m->trace, n, sizeof *m->trace);
    memcpy(m->trace, nax_array_data(trace), (size_t)n * sizeof *m->trace);
    m->n_trace = n;
  }
  const char *stop = nax_dataset_text(d, "gpfa_stop");
  m->stop = stop == NULL                       ? NAX_STOP_ITER
            : strcmp(stop, "converged") == 0   ? NAX_STOP_TOL
            : strcmp(stop, "numeric") == 0     ? NAX_STOP_NUMERIC
            : strcmp(stop, "interrupted") == 0 ? NAX_STOP_USER
                                               : NAX_STOP_ITER;
  double floored = nax_dataset_number(d, "gpfa_floored");
  m->n_floored =
      floored >= 0.0 && floored <= (double)p.n_neurons ? (nax_index)floored : 0;
  *out = m;
  m = NULL;
done:
  nax_gpfa_free(m);
  return status;
}
