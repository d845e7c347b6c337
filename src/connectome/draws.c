/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How sure a connectome is: shifted data, and animals drawn with replacement. */
#include "connectome_i.h"
#include <math.h>

/* --- null ----------------------------------------------------------------------------
 */

/* Each neuron of each animal moved around in time over the bins where it was recorded, by
 * an offset of its own; all scales alike. */
static nax_status
shift(nax_ctx *ctx, const nax_i_derivatives *d, uint64_t seed, uint64_t stream, double *u)
{
  nax_status status = NAX_OK;
  nax_index *bin = NULL;
  nax_rng rng;
  nax_i_rng_init(&rng, seed, stream);
  NAX_TRY_ALLOC(bin, d->n_time, sizeof *bin);
  for (nax_index w = 0; w < d->n_animals; w++) {
    for (nax_index i = 0; i < d->n; i++) {
      nax_index n = 0;
      for (nax_index t = 0; t < d->n_time; t++) {
        if (!isnan(d->u[i + d->n * (t + d->n_time * w)])) {
          bin[n++] = t;
        }
      }
      nax_index by = n > 0 ? nax_rng_below(&rng, n) : 0;
      for (nax_index s = 0; s < d->n_scales; s++) {
        nax_index first = i + d->n * d->n_time * (w + d->n_animals * s);
        for (nax_index t = 0; t < d->n_time; t++) {
          u[first + d->n * t] = (double)NAN;
        }
        for (nax_index k = 0; k < n; k++) {
          u[first + d->n * bin[(k + by) % n]] = d->u[first + d->n * bin[k]];
        }
      }
    }
  }
done:
  nax_i_free(bin);
  return status;
}

/* The largest excess of the components of a shifted fit, and of their communities. */
static void
largest_excess(const nax_i_motifs *s, const double *in, const double *other,
               double largest[2])
{
  largest[0] = largest[1] = -HUGE_VAL;
  for (int64_t r = 0; r < s->rank; r++) {
    nax_index groups = s->n_groups[r] > 1 ? s->n_groups[r] : 0;
    for (nax_index g = 0; g <= groups; g++) {
      nax_index at = (s->n + 1) * r + g;
      largest[g > 0] = fmax(largest[g > 0], in[at] - other[at]);
    }
  }
}

nax_status
nax_i_connectome_null(nax_ctx *ctx, const nax_i_derivatives *d, nax_connectome *m)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  nax_i_motifs null = {.n = 0};
  int64_t n_null = m->opts.n_null;
  nax_index size = d->n * d->n_time * d->n_animals * d->n_scales;
  nax_index entries = (m->s.n + 1) * m->s.rank;
  nax_ntf_opts fit = *nax_i_ntf_options(m->s.ntf);
  double *u = NULL, *in = NULL, *other = NULL, *mean = NULL, *most = NULL;
  uint64_t seed = fit.seed + 2;
  fit.n_restarts = 1;
  NAX_TRY_ALLOC(u, 2 * size, sizeof *u);
  NAX_TRY_ALLOC(in, entries, sizeof *in);
  NAX_TRY_ALLOC(other, entries, sizeof *other);
  NAX_TRY_ALLOC(mean, entries, sizeof *mean);
  NAX_TRY_ALLOC(most, 2 * n_null, sizeof *most);
  NAX_TRY_ALLOC(m->excess, entries, sizeof *m->excess);
  NAX_TRY_ALLOC(m->p, entries, sizeof *m->p);
  nax_i_derivatives one = *d, two = *d;
  one.u = u;
  two.u = u + size;
  NAX_TRY(
      nax_i_stage_begin(&stage, ctx, "nax_connectome_fit", "connectome/null", n_null));
  for (int64_t k = 0; k < n_null; k++) {
    NAX_TRY(shift(ctx, d, seed, (uint64_t)(2 * k), u));
    NAX_TRY(shift(ctx, d, seed, (uint64_t)(2 * k + 1), u + size));
    NAX_TRY(nax_i_motifs_collect(ctx, &m->s, &two, &m->opts, other));
    for (nax_index i = 0; i < entries; i++) {
      mean[i] += other[i] / (double)n_null;
    }
    fit.seed = seed + (uint64_t)k;
    NAX_TRY(nax_i_motifs_fit(ctx, &one, &m->opts, &fit, NULL, NULL, 1, 0, &null));
    NAX_TRY(nax_i_motifs_collect(ctx, &null, &one, &m->opts, in));
    NAX_TRY(nax_i_motifs_collect(ctx, &null, &two, &m->opts, other));
    largest_excess(&null, in, other, most + 2 * k);
    nax_i_motifs_free(&null);
    NAX_TRY(nax_i_stage_poll(&stage, k + 1, (double)NAN));
  }
  NAX_TRY(nax_i_motifs_collect(ctx, &m->s, d, &m->opts, in));
  for (nax_index i = 0; i < entries; i++) {
    int community = i % (m->s.n + 1) > 0;
    double above = 1.0;
    m->excess[i] = in[i] - mean[i];
    for (int64_t k = 0; k < n_null; k++) {
      above += most[2 * k + community] >= m->excess[i];
    }
    m->p[i] = above / (double)(n_null + 1);
  }
done:
  nax_i_motifs_free(&null);
  nax_i_free(u);
  nax_i_free(in);
  nax_i_free(other);
  nax_i_free(mean);
  nax_i_free(most);
  return status;
}

/* --- bootstrap -----------------------------------------------------------------------
 */

/* Cosine of motif r of a and motif q of b over the pairs that both have. */
static double
cosine(const nax_i_motifs *a, int64_t r, const nax_i_motifs *b, int64_t q)
{
  nax_index n2 = a->n * a->n;
  const double *x = a->motif + n2 * r, *y = b->motif + n2 * q;
  double xy = 0.0, xx = 0.0, yy = 0.0;
  for (nax_index k = 0; k < n2; k++) {
    if (!isnan(x[k]) && !isnan(y[k])) {
      xy += x[k] * y[k];
      xx += x[k] * x[k];
      yy += y[k] * y[k];
    }
  }
  return xx > 0.0 && yy > 0.0 ? xy / sqrt(xx * yy) : 0.0;
}

/* Count in one draw who is with whom, motif by matched motif. */
static nax_status
count_together(nax_ctx *ctx, const nax_i_motifs *draw, nax_connectome *m)
{
  nax_status status = NAX_OK;
  int64_t rank = m->s.rank, *match = NULL;
  nax_index n = m->s.n;
  double *gain = NULL, part = 1.0 / (double)m->opts.n_boot;
  NAX_TRY_ALLOC(gain, rank * rank, sizeof *gain);
  NAX_TRY_ALLOC(match, rank, sizeof *match);
  for (int64_t r = 0; r < rank; r++) {
    for (int64_t q = 0; q < rank; q++) {
      gain[r * rank + q] = cosine(&m->s, r, draw, q);
    }
  }
  NAX_TRY(nax_i_assign(ctx, rank, gain, match));
  for (int64_t r = 0; r < rank; r++) {
    const nax_index *label = draw->label + n * match[r];
    double *to = m->together + n * n * r;
    m->stability[r] += part * gain[r * rank + match[r]];
    for (nax_index k = 0; k < n * n; k++) {
      to[k] += label[k % n] == label[k / n] ? part : 0.0;
    }
  }
done:
  nax_i_free(gain);
  nax_i_free(match);
  return status;
}

nax_status
nax_i_connectome_bootstrap(nax_ctx *ctx, const nax_i_derivatives *d, nax_connectome *m)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  nax_i_motifs draw = {.n = 0};
  nax_ntf_opts fit = *nax_i_ntf_options(m->s.ntf);
  nax_index n = d->n, each = n * d->n_time;
  double *u = NULL;
  nax_index *animal = NULL;
  NAX_TRY_ALLOC(u, each * d->n_animals, (size_t)d->n_scales * sizeof *u);
  NAX_TRY_ALLOC(animal, d->n_animals, sizeof *animal);
  NAX_TRY_ALLOC(m->together, n * n, (size_t)m->s.rank * sizeof(double));
  NAX_TRY_ALLOC(m->stability, m->s.rank, sizeof(double));
  nax_i_derivatives drawn = *d;
  drawn.u = u;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_connectome_fit", "connectome/bootstrap",
                            m->opts.n_boot));
  for (int64_t k = 0; k < m->opts.n_boot; k++) {
    NAX_TRY(nax_stats_bootstrap(ctx, fit.seed, (uint64_t)k, d->n_animals, animal));
    for (nax_index w = 0; w < d->n_animals; w++) {
      for (nax_index s = 0; s < d->n_scales; s++) {
        memcpy(u + each * (w + d->n_animals * s),
               d->u + each * (animal[w] + d->n_animals * s), (size_t)each * sizeof *u);
      }
    }
    NAX_TRY(nax_i_motifs_fit(ctx, &drawn, &m->opts, &fit, &m->s, animal, 1, 0, &draw));
    NAX_TRY(count_together(ctx, &draw, m));
    nax_i_motifs_free(&draw);
    NAX_TRY(nax_i_stage_poll(&stage, k + 1, (double)NAN));
  }
done:
  nax_i_motifs_free(&draw);
  nax_i_free(u);
  nax_i_free(animal);
  return status;
}
