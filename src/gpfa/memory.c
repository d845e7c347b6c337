/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit holds at its largest moment. */
#include "gpfa_i.h"
#include <math.h>

/* Doubles of the posterior's working memory. */
static double
engine_room(const nax_i_gpfa_data *d, const nax_i_gpfa_par *p, const nax_gpfa_opts *o,
            double n)
{
  double q = (double)p->q, t = (double)d->longest, most = 1.0, rank = 0.0;
  nax_gpfa_engine engine = (nax_gpfa_engine)o->engine;
  for (nax_index u = 0; u < d->n_lengths; u++) {
    most = fmax(most, (double)d->count[u]);
  }
  for (nax_index l = 0; l < p->q; l++) {
    rank += nax_i_gpfa_rank_of(p, l, t, o->rank_tol);
  }
  engine = engine == NAX_GPFA_AUTO ? nax_i_gpfa_cheapest(d, p, o->rank_tol) : engine;
  double per_trial = rank * rank + t * t + rank * q * t + 3.0 * q * q * t;
  if (o->likelihood == NAX_GPFA_POISSON) {
    return rank * t + fmax(3.0 * t * t, per_trial + 4.0 * q * (q + 1.0) * t);
  }
  switch (engine) {
  case NAX_GPFA_LOWRANK:
    return rank * t + n * t + fmax(3.0 * t * t, per_trial + (rank + 2.0 * q * t) * most);
  case NAX_GPFA_DENSE: /* precision and the identity that becomes its inverse */
    return 2.0 * q * q * t * t + n * t;
  case NAX_GPFA_AUTO:
  case NAX_GPFA_NESTED:
  case NAX_GPFA_ENGINE_FORCE_INT:
    break;
  }
  double batch = fmin((double)d->n_trials, NAX_I_GPFA_BATCH);
  return 2.0 * q * q * t * t + q * t * t + 2.0 * q * t * batch + t * most + n * t;
}

nax_status
nax_gpfa_memory(nax_ctx *ctx, nax_index n_neurons, nax_index n_trials,
                const nax_index *length, int32_t missing, const nax_gpfa_opts *opts,
                size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_gpfa_opts o;
  nax_i_gpfa_data d = {.y = NULL}, cut = {.y = NULL};
  nax_i_gpfa_par p = {.c = NULL};
  nax_view *view = NULL;
  double *zero = NULL;
  nax_index longest = 0;
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpfa_table, &o, opts));
  NAX_REQUIRE(n_neurons >= 1 && n_trials >= 1 && length != NULL, NAX_EINVAL,
              "there must be at least one neuron and one trial");
  for (nax_index k = 0; k < n_trials; k++) {
    NAX_REQUIRE(length[k] >= 1, NAX_EINVAL, "trial %lld has %lld bins, expected some",
                (long long)k, (long long)length[k]);
    longest = length[k] > longest ? length[k] : longest;
  }
  /* Lengths and groups as the fit would find them, for one silent neuron. */
  NAX_TRY_ALLOC(zero, longest, sizeof *zero);
  NAX_TRY_ALLOC(view, n_trials, sizeof *view);
  for (nax_index k = 0; k < n_trials; k++) {
    view[k] = nax_view_f64(zero, 2, (nax_index[]){1, length[k]});
  }
  NAX_TRY(
      nax_i_gpfa_data_init(ctx, __func__, n_trials, view, NULL, NAX_I_GPFA_PLAIN, &d));
  const nax_i_gpfa_data *use = &d;
  if (o.segment == 0 && o.engine == NAX_GPFA_AUTO && longest > NAX_I_GPFA_LONG) {
    o.segment = NAX_I_GPFA_CUT;
  }
  if (o.segment > 0) {
    NAX_TRY(nax_i_gpfa_data_segment(ctx, &d, o.segment, o.seed, &cut));
    use = &cut;
  }
  NAX_TRY(nax_i_gpfa_par_init(ctx, 1, o.n_latents, &p));
  p.kernel = (nax_gpfa_kernel)o.kernel;
  for (nax_index l = 0; l < p.q; l++) {
    p.u[l] = isnan(o.tau) ? -2.0 * log(5.0) : 2.0 * log(o.bin / o.tau);
  }
  double n = (double)n_neurons, q = (double)p.q, m = (double)use->n_bins;
  double t = (double)use->longest;
  int counts = o.likelihood == NAX_GPFA_POISSON;
  double posterior = q * m, kernels = 0.0;
  for (nax_index u = 0; o.kernel_steps > 0 && u < use->n_lengths; u++) {
    posterior += q * (double)use->length[u] * (double)use->length[u];
    kernels += (double)use->length[u] * (double)use->length[u];
  }
  kernels += o.kernel_steps > 0 ? 7.0 * t * t : 0.0;
  posterior += missing || counts ? q * q * m : 0.0;
  posterior += counts ? q * (q + 1.0) * m : 0.0;
  double start = (counts ? 2.0 : 1.0) * n * m + q * m; /* factor analysis */
  double run = posterior + fmax(engine_room(use, &p, &o, n),
                                fmax(kernels, missing || counts ? 0.0 : n * m));
  double search = o.optimiser == NAX_GPFA_EM ? 0.0 : 30.0 * (n + 2.0) * (q + 2.0);
  double all = (n + 2.0) * m + fmax(start, run + search) + 8.0 * n * (q + 2.0);
  *bytes = (size_t)(all * sizeof(double));
done:
  nax_i_free(zero);
  nax_i_free(view);
  nax_i_gpfa_data_free(&d);
  nax_i_gpfa_data_free(&cut);
  nax_i_gpfa_par_free(&p);
  return status;
}
