/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model as a user holds it. */
#include "gpfa_i.h"
#include <math.h>

void
nax_gpfa_free(nax_gpfa *m)
{
  if (m != NULL) {
    nax_i_gpfa_par_free(&m->par);
    nax_i_free(m->keep);
    nax_i_free(m->full);
    nax_i_free(m->trace);
    nax_i_free(m);
  }
}

/* --- neurons that vary -----------------------------------------------------------------
 */

/* Mark the neurons that take more than one value; NAX_EDATA for an infinite one comes
 * from the reading of the kept. */
static nax_status
find_varying(nax_ctx *ctx, nax_index n_trials, const nax_view *trials, int quiet,
             char *keep, nax_index *n_kept)
{
  nax_index n = trials[0].dim[0];
  *n_kept = 0;
  for (nax_index i = 0; i < n; i++) {
    double first = (double)NAN;
    keep[i] = 0;
    for (nax_index k = 0; k < n_trials && !keep[i]; k++) {
      for (nax_index t = 0; t < trials[k].dim[1] && !keep[i]; t++) {
        double x = nax_view_get(&trials[k], (nax_index[]){i, t});
        if (!isnan(x)) {
          first = isnan(first) ? x : first;
          keep[i] = x != first || isinf(x);
        }
      }
    }
    *n_kept += keep[i];
  }
  if (*n_kept < 2) {
    return nax_i_fail(ctx, NAX_EDATA, "nax_gpfa_fit",
                      "`trials` have %lld neurons that vary, of %lld; at least 2 are "
                      "needed",
                      (long long)*n_kept, (long long)n);
  }
  if (*n_kept < n && !quiet) {
    nax_index first = 0;
    while (keep[first]) {
      first++;
    }
    nax_i_warn(ctx, NAX_INFO, "gpfa.silent",
               "%lld of %lld neurons never change and are left out (the first: %lld)",
               (long long)(n - *n_kept), (long long)n, (long long)first);
  }
  return NAX_OK;
}

/* Floors of the noise variances: a share of the variance of each neuron. */
static nax_status
make_floor(nax_ctx *ctx, const nax_i_gpfa_data *d, double share, double *floor)
{
  for (nax_index i = 0; i < d->n_neurons; i++) {
    double sum = 0.0, ss = 0.0, seen = 0.0;
    for (nax_index j = 0; j < d->n_bins; j++) {
      double y = d->y[i + j * d->n_neurons];
      sum += isnan(y) ? 0.0 : y;
      seen += !isnan(y);
    }
    for (nax_index j = 0; j < d->n_bins; j++) {
      double y = d->y[i + j * d->n_neurons] - sum / seen;
      ss += isnan(y) ? 0.0 : y * y;
    }
    double var = seen > 1.0 ? ss / (seen - 1.0) : 0.0;
    floor[i] = share * var;
    if (var > 0.0 && !(var > 1e-100 && var < 1e100)) {
      return nax_i_fail(ctx, NAX_EDATA, "nax_gpfa_fit",
                        "neuron %lld of those that vary has the variance %g, expected "
                        "1e-100 to 1e100: choose another unit",
                        (long long)i, var);
    }
    if (!(floor[i] > 0.0)) { /* in a segment, or after the square root */
      return nax_i_fail(ctx, NAX_EDATA, "nax_gpfa_fit",
                        "neuron %lld of those that vary has no variance in the bins of "
                        "the fit",
                        (long long)i);
    }
  }
  return NAX_OK;
}

/* --- parameters in and out
 * --------------------------------------------------------------- */

static nax_status
check_params(nax_ctx *ctx, const char *fn, const nax_gpfa_params *s, nax_index n)
{
  nax_index q = s->n_latents;
  if (s->n_neurons != n || q < 1) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "parameters are for %lld neurons and %lld latents, expected %lld "
                      "neurons and at least one latent",
                      (long long)s->n_neurons, (long long)q, (long long)n);
  }
  for (nax_index l = 0; l < q; l++) {
    if (!(s->tau[l] > 0.0) || isinf(s->tau[l]) ||
        !(s->noise[l] >= 1e-6 && s->noise[l] <= 0.99)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "latent %lld has length scale %g and noise %g, expected a "
                        "positive length scale and noise from 1e-6 to 0.99",
                        (long long)l, s->tau[l], s->noise[l]);
    }
  }
  return NAX_OK;
}

/* Parameters of neuron i are usable. */
static int
is_given(const nax_gpfa_params *s, nax_index i, int counts)
{
  int ok = isfinite(s->d[i]) && (counts || (isfinite(s->r[i]) && s->r[i] > 0.0));
  for (nax_index l = 0; l < s->n_latents; l++) {
    ok = ok && isfinite(s->c[i + l * s->n_neurons]);
  }
  return ok;
}

/* Take parameters over for the kept neurons. */
static nax_status
take_params(nax_ctx *ctx, const char *fn, nax_gpfa *m, const nax_gpfa_params *s)
{
  nax_index to = 0, n = m->par.n;
  int counts = m->opts.likelihood == NAX_GPFA_POISSON;
  for (nax_index i = 0; i < m->n_all; i++) {
    if (!m->keep[i]) {
      continue;
    }
    if (!is_given(s, i, counts)) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "parameters of neuron %lld must be finite, its variance "
                        "positive (found d %g, R %g)",
                        (long long)i, s->d[i], s->r[i]);
    }
    for (nax_index l = 0; l < s->n_latents; l++) {
      m->par.c[to + l * n] = s->c[i + l * s->n_neurons];
    }
    m->par.d[to] = s->d[i];
    m->par.r[to++] = counts ? 1.0 : s->r[i];
  }
  for (nax_index l = 0; l < s->n_latents; l++) {
    m->par.u[l] = 2.0 * log(m->opts.bin / s->tau[l]);
    m->par.noise[l] = s->noise[l];
  }
  return NAX_OK;
}

/* The public form of the parameters. */
static nax_status
publish(nax_ctx *ctx, nax_gpfa *m)
{
  nax_status status = NAX_OK;
  nax_index n = m->n_all, q = m->par.q;
  NAX_TRY_ALLOC(m->full, n * (q + 2) + 2 * q, sizeof(double));
  double *c = m->full, *d = c + n * q, *r = d + n, *tau = r + n, *noise = tau + q;
  for (nax_index i = 0, from = 0; i < n; i++) {
    d[i] = m->keep[i] ? m->par.d[from] : (double)NAN;
    r[i] = m->keep[i] && m->opts.likelihood == NAX_GPFA_GAUSSIAN ? m->par.r[from]
                                                                 : (double)NAN;
    for (nax_index l = 0; l < q; l++) {
      c[i + l * n] = m->keep[i] ? m->par.c[from + l * m->par.n] : (double)NAN;
    }
    from += m->keep[i];
  }
  for (nax_index l = 0; l < q; l++) {
    tau[l] = m->opts.bin * exp(-0.5 * m->par.u[l]);
    noise[l] = m->par.noise[l];
  }
done:
  return status;
}

/* --- fitting
 * ------------------------------------------------------------------------------ */

static nax_status
start_gaussian(nax_ctx *ctx, const nax_i_gpfa_data *d, const double *floor,
               const nax_gpfa_opts *o, nax_i_gpfa_par *p)
{
  nax_status status = nax_i_gpfa_factor_analysis(ctx, d, floor, o->seed, p);
  return status == NAX_OK && isnan(o->tau) ? nax_i_gpfa_pace(ctx, d, p) : status;
}

/* Where a fit of counts begins: factors of the square roots, whose slope in the log rate
 * is half the square root of the rate. */
static nax_status
start_poisson(nax_ctx *ctx, const nax_i_gpfa_data *d, const nax_gpfa_opts *o,
              nax_i_gpfa_par *p)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_data root = *d;
  nax_index n = d->n_neurons;
  double *floor = NULL;
  root.y = NULL;
  NAX_TRY_ALLOC(root.y, d->n_bins, (size_t)n * sizeof(double));
  NAX_TRY_ALLOC(floor, n, sizeof(double));
  for (nax_index i = 0; i < n * d->n_bins; i++) {
    root.y[i] = sqrt(d->y[i]);
  }
  NAX_TRY(make_floor(ctx, &root, o->min_var, floor));
  NAX_TRY(start_gaussian(ctx, &root, floor, o, p));
  for (nax_index i = 0; i < n; i++) {
    double sum = 0.0, seen = 0.0, size = 0.0;
    for (nax_index j = 0; j < d->n_bins; j++) {
      double y = d->y[i + j * n];
      sum += isnan(y) ? 0.0 : y;
      seen += !isnan(y);
    }
    for (nax_index l = 0; l < p->q; l++) {
      p->c[i + l * n] *= 2.0 / sqrt(sum / seen);
      size += p->c[i + l * n] * p->c[i + l * n];
    }
    p->d[i] = log(sum / seen) - 0.5 * size;
    p->r[i] = 1.0;
  }
done:
  nax_i_free(root.y);
  nax_i_free(floor);
  return status;
}

nax_status
nax_gpfa_fit(nax_ctx *ctx, nax_index n_trials, const nax_view *trials,
             const nax_gpfa_params *start, const nax_gpfa_opts *opts, nax_gpfa **out)
{
  nax_i_begin(ctx);
  return nax_i_gpfa_fit_model(ctx, __func__, n_trials, trials, start, opts, 0, out);
}

#define NEED(cond, code, ...)                                                            \
  do {                                                                                   \
    if (!(cond)) {                                                                       \
      status = nax_i_fail(ctx, (code), fn, __VA_ARGS__);                                 \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)

nax_status
nax_i_gpfa_fit_model(nax_ctx *ctx, const char *fn, nax_index n_trials,
                     const nax_view *trials, const nax_gpfa_params *start,
                     const nax_gpfa_opts *opts, int quiet, nax_gpfa **out)
{
  nax_status status = NAX_OK;
  nax_gpfa *m = NULL;
  nax_i_gpfa_data whole = {.y = NULL}, cut = {.y = NULL};
  double *floor = NULL;
  *out = NULL;
  NEED(n_trials >= 1 && trials != NULL, NAX_EINVAL, "there must be at least one trial");
  NEED(trials[0].ndim == 2 && trials[0].dim[0] >= 1, NAX_EDIM,
       "trial 0 must be neuron x time, got %d axes", (int)trials[0].ndim);
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  NAX_TRY(nax_i_options_load(ctx, fn, &nax_i_gpfa_table, &m->opts, opts));
  int counts = m->opts.likelihood == NAX_GPFA_POISSON;
  NEED(!counts || !m->opts.root, NAX_EINVAL,
       "Poisson counts are taken as they are: leave out `root`");
  NEED(!counts || m->opts.optimiser == NAX_GPFA_EM, NAX_EINVAL,
       "Poisson counts are fitted by EM only");
  nax_index q = start != NULL ? start->n_latents : m->opts.n_latents;
  m->n_all = trials[0].dim[0];
  NAX_TRY_ALLOC(m->keep, m->n_all, 1);
  /* every trial must have the same neurons before entries are looked at */
  for (nax_index k = 0; k < n_trials; k++) {
    NEED(trials[k].ndim == 2 && trials[k].dim[0] == m->n_all, NAX_EDIM,
         "trial %lld is not %lld neurons x time", (long long)k, (long long)m->n_all);
  }
  nax_index kept = 0;
  NAX_TRY(find_varying(ctx, n_trials, trials, quiet, m->keep, &kept));
  NEED(q <= kept, NAX_EINVAL, "%lld latents are more than the %lld neurons that vary",
       (long long)q, (long long)kept);
  NAX_TRY(nax_i_gpfa_data_init(ctx, fn, n_trials, trials, m->keep,
                               nax_i_gpfa_values_of(&m->opts), &whole));
  if (!quiet) {
    NAX_TRY(nax_i_gpfa_find_alike(ctx, &whole, m->keep, m->opts.seed, &m->alike));
  }
  const nax_i_gpfa_data *d = &whole;
  if (m->opts.segment == 0 && m->opts.engine == NAX_GPFA_AUTO &&
      whole.longest > NAX_I_GPFA_LONG) {
    m->opts.segment = NAX_I_GPFA_CUT;
    if (!quiet) {
      nax_i_warn(ctx, NAX_INFO, "gpfa.cut",
                 "trials of up to %lld bins are cut into segments of %d bins for the fit",
                 (long long)whole.longest, (int)NAX_I_GPFA_CUT);
    }
  }
  if (m->opts.segment > 0) {
    NAX_TRY(nax_i_gpfa_data_segment(ctx, &whole, m->opts.segment, m->opts.seed, &cut));
    nax_i_gpfa_data_free(&whole);
    d = &cut;
  }
  NAX_TRY_ALLOC(floor, kept, sizeof *floor);
  NAX_TRY(make_floor(ctx, d, m->opts.min_var, floor));
  NAX_TRY(nax_i_gpfa_par_init(ctx, kept, q, &m->par));
  m->par.kernel = (nax_gpfa_kernel)m->opts.kernel;
  m->opts.n_latents = q;
  if (start != NULL) {
    NAX_TRY(check_params(ctx, fn, start, m->n_all));
    NAX_TRY(take_params(ctx, fn, m, start));
  } else {
    for (nax_index l = 0; l < q; l++) {
      m->par.u[l] = isnan(m->opts.tau) ? 0.0 : 2.0 * log(m->opts.bin / m->opts.tau);
      m->par.noise[l] = m->opts.noise;
    }
    NAX_TRY(counts ? start_poisson(ctx, d, &m->opts, &m->par)
                   : start_gaussian(ctx, d, floor, &m->opts, &m->par));
  }
  nax_i_gpfa_fit f = {.data = d, .opts = &m->opts, .floor = floor, .par = &m->par};
  status = nax_i_gpfa_fit_run(ctx, &f);
  m->trace = f.trace;
  m->n_trace = f.n_trace;
  m->stop = f.stop;
  m->n_floored = f.n_floored;
  NAX_TRY(status);
  if (m->n_floored > 0 && !quiet) {
    nax_i_warn(ctx, NAX_INFO, "gpfa.floor",
               "the noise variance of %lld of %lld neurons lies on its floor (%g of "
               "their variance)",
               (long long)m->n_floored, (long long)kept, m->opts.min_var);
  }
  NAX_TRY(publish(ctx, m));
  *out = m;
  m = NULL;
done:
  nax_i_gpfa_data_free(&whole);
  nax_i_gpfa_data_free(&cut);
  nax_i_free(floor);
  nax_gpfa_free(m);
  return status;
}

nax_status
nax_gpfa_create(nax_ctx *ctx, const nax_gpfa_params *params, const nax_gpfa_opts *opts,
                nax_gpfa **out)
{
  nax_status status = NAX_OK;
  nax_gpfa *m = NULL;
  nax_index kept = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(params != NULL && params->n_neurons >= 1 && params->n_latents >= 1,
              NAX_EINVAL, "`params` must have at least one neuron and one latent");
  NAX_TRY(check_params(ctx, __func__, params, params->n_neurons));
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_gpfa_table, &m->opts, opts));
  m->opts.n_latents = params->n_latents;
  m->n_all = params->n_neurons;
  NAX_TRY_ALLOC(m->keep, m->n_all, 1);
  for (nax_index i = 0; i < m->n_all; i++) { /* NaN: left out of the fit */
    m->keep[i] = (char)!isnan(params->d[i]);
    kept += m->keep[i];
  }
  NAX_REQUIRE(params->n_latents <= kept, NAX_EINVAL,
              "`params` have %lld latents, more than the %lld neurons that are not NaN",
              (long long)params->n_latents, (long long)kept);
  NAX_TRY(nax_i_gpfa_par_init(ctx, kept, params->n_latents, &m->par));
  m->par.kernel = (nax_gpfa_kernel)m->opts.kernel;
  NAX_TRY(take_params(ctx, __func__, m, params));
  m->stop = NAX_STOP_ITER;
  NAX_TRY(publish(ctx, m));
  *out = m;
  m = NULL;
done:
  nax_gpfa_free(m);
  return status;
}

/* --- accessors
 * ------------------------------------------------------------------------------ */

nax_gpfa_params
nax_gpfa_get(const nax_gpfa *m)
{
  nax_index n = m->n_all, q = m->par.q;
  const double *c = m->full, *d = c + n * q, *r = d + n, *tau = r + n;
  return (nax_gpfa_params){sizeof(nax_gpfa_params), n, q, c, d, r, tau, tau + q};
}

const double *
nax_gpfa_trace(const nax_gpfa *m, nax_index *n)
{
  *n = m->n_trace;
  return m->trace;
}

nax_stop
nax_gpfa_stop(const nax_gpfa *m)
{
  return m->stop;
}

nax_index
nax_gpfa_n_floored(const nax_gpfa *m)
{
  return m->n_floored;
}
