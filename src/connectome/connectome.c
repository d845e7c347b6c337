/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dynamic connectome as a user sees it. */
#include "connectome_i.h"
#include <math.h>

void
nax_connectome_free(nax_connectome *m)
{
  if (m == NULL) {
    return;
  }
  nax_i_motifs_free(&m->s);
  nax_i_free(m->scales);
  nax_i_free(m->when);
  nax_i_free(m->state);
  nax_i_free(m->excess);
  nax_i_free(m->p);
  nax_i_free(m->together);
  nax_i_free(m->stability);
  nax_i_free(m);
}

/* Time factors on all bins. */
static nax_status
unfold_time(nax_ctx *ctx, nax_connectome *m)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(m->when, m->n_time * m->s.rank, sizeof *m->when);
  for (nax_index k = 0; k < m->n_time * m->s.rank; k++) {
    m->when[k] = (double)NAN;
  }
  for (int64_t r = 0; r < m->s.rank; r++) {
    for (nax_index t = 0; t < m->s.e.n_bins; t++) {
      m->when[m->s.e.bin[t] + m->n_time * r] =
          nax_ntf_factor(m->s.ntf, 0)[t + m->s.e.n_bins * r];
    }
  }
done:
  return status;
}

/* Motif with communities that is highest above its own mean. */
static nax_status
find_states(nax_ctx *ctx, nax_connectome *m)
{
  nax_status status = NAX_OK;
  double *best = NULL, sigma = m->opts.state;
  nax_index reach = (nax_index)ceil(4.0 * sigma), n = m->n_time;
  NAX_TRY_ALLOC(m->state, n, sizeof *m->state);
  NAX_TRY_ALLOC(best, n, sizeof *best);
  for (nax_index t = 0; t < n; t++) {
    m->state[t] = -1;
    best[t] = 1.0;
  }
  for (int64_t r = 0; r < m->s.rank; r++) {
    const double *f = m->when + n * r;
    double mean = 0.0;
    for (nax_index t = 0; t < n; t++) {
      mean += isnan(f[t]) ? 0.0 : f[t] / (double)m->s.e.n_bins;
    }
    for (nax_index t = 0; t < n && m->s.n_groups[r] > 1 && mean > 0.0; t++) {
      double sum = 0.0, weight = 0.0;
      nax_index from = t > reach ? t - reach : 0, to = t + reach < n ? t + reach : n - 1;
      for (nax_index q = from; q <= to; q++) {
        double x = (double)(q - t) / sigma, g = exp(-0.5 * x * x);
        sum += isnan(f[q]) ? 0.0 : g * f[q];
        weight += isnan(f[q]) ? 0.0 : g;
      }
      if (!isnan(f[t]) && sum / weight / mean > best[t]) {
        best[t] = sum / weight / mean;
        m->state[t] = r;
      }
    }
  }
done:
  nax_i_free(best);
  return status;
}

nax_status
nax_connectome_fit(nax_ctx *ctx, const nax_array *u, const nax_connectome_opts *opts,
                   const nax_ntf_opts *fit, nax_connectome **out)
{
  nax_status status = NAX_OK;
  nax_connectome *m = NULL;
  nax_connectome_opts o;
  nax_ntf_opts f;
  nax_i_derivatives d;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_connectome_table, &o, opts));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &f, fit));
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &d));
  NAX_REQUIRE(o.n_boot == 0 || d.n_animals > 1, NAX_EINVAL,
              "option `bootstraps` is %lld, expected 0 with one animal",
              (long long)o.n_boot);
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  m->opts = o;
  m->opts.scales = NULL;
  if (o.scales != NULL) {
    NAX_TRY_DUP(m->scales, o.scales);
    m->opts.scales = m->scales;
  }
  m->n_time = d.n_time;
  m->n_animals = d.n_animals;
  m->n_scales = d.n_scales;
  NAX_TRY(
      nax_i_motifs_fit(ctx, &d, &o, &f, NULL, NULL, o.n_searches, o.n_samples, &m->s));
  NAX_TRY(unfold_time(ctx, m));
  NAX_TRY(find_states(ctx, m));
  if (o.n_null > 0) {
    NAX_TRY(nax_i_connectome_null(ctx, &d, m));
  }
  if (o.n_boot > 0) {
    NAX_TRY(nax_i_connectome_bootstrap(ctx, &d, m));
  }
  *out = m;
  m = NULL;
done:
  nax_connectome_free(m);
  return status;
}

/* --- accessors -----------------------------------------------------------------------
 */

static int
has(const nax_connectome *m, int64_t r)
{
  return r >= 0 && r < m->s.rank;
}

const nax_ntf *
nax_connectome_ntf(const nax_connectome *m)
{
  return m->s.ntf;
}

int64_t
nax_connectome_rank(const nax_connectome *m)
{
  return m->s.rank;
}

nax_index
nax_connectome_n_neurons(const nax_connectome *m)
{
  return m->s.n;
}

nax_index
nax_connectome_n_time(const nax_connectome *m)
{
  return m->n_time;
}

nax_index
nax_connectome_n_animals(const nax_connectome *m)
{
  return m->n_animals;
}

const double *
nax_connectome_motif(const nax_connectome *m, int64_t r)
{
  return has(m, r) ? m->s.motif + m->s.n * m->s.n * r : NULL;
}

const double *
nax_connectome_when(const nax_connectome *m)
{
  return m->when;
}

nax_index
nax_connectome_n_groups(const nax_connectome *m, int64_t r)
{
  return has(m, r) ? m->s.n_groups[r] : 0;
}

const nax_index *
nax_connectome_labels(const nax_connectome *m, int64_t r)
{
  return has(m, r) ? m->s.label + m->s.n * r : NULL;
}

const nax_sbm *
nax_connectome_blocks(const nax_connectome *m, int64_t r)
{
  return has(m, r) ? m->s.blocks[r] : NULL;
}

double
nax_connectome_membership(const nax_connectome *m, int64_t r, nax_index neuron,
                          nax_index community)
{
  int ok =
      has(m, r) && neuron >= 0 && neuron < m->s.n && community >= 0 && community < m->s.q;
  return ok ? m->s.member[(neuron * m->s.rank + r) * m->s.q + community] : (double)NAN;
}

const nax_index *
nax_connectome_state(const nax_connectome *m)
{
  return m->state;
}

static double
entry(const nax_connectome *m, const double *x, int64_t r, nax_index group)
{
  int ok = x != NULL && has(m, r) && group >= -1 && group < m->s.n_groups[r];
  return ok ? x[(m->s.n + 1) * r + group + 1] : (double)NAN;
}

double
nax_connectome_p_value(const nax_connectome *m, int64_t r, nax_index group)
{
  return entry(m, m->p, r, group);
}

double
nax_connectome_excess(const nax_connectome *m, int64_t r, nax_index group)
{
  return entry(m, m->excess, r, group);
}

const double *
nax_connectome_coassignment(const nax_connectome *m, int64_t r)
{
  return m->together != NULL && has(m, r) ? m->together + m->s.n * m->s.n * r : NULL;
}

double
nax_connectome_stability(const nax_connectome *m, int64_t r)
{
  return m->stability != NULL && has(m, r) ? m->stability[r] : (double)NAN;
}
