/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components folded to graphs, and the communities of these. */
#include "connectome_i.h"
#include <math.h>

void
nax_i_motifs_free(nax_i_motifs *s)
{
  for (int64_t r = 0; s->blocks != NULL && r < s->rank; r++) {
    nax_sbm_free(s->blocks[r]);
  }
  nax_i_free(s->blocks);
  nax_i_free(s->label);
  nax_i_free(s->n_groups);
  nax_i_free(s->motif);
  nax_i_free(s->member);
  nax_ntf_free(s->ntf);
  nax_i_extent_free(&s->e);
  *s = (nax_i_motifs){.n = 0};
}

/* Pair factors as symmetric matrices. */
static nax_status
fold(nax_ctx *ctx, nax_i_motifs *s)
{
  nax_status status = NAX_OK;
  nax_index n = s->n;
  NAX_TRY_ALLOC(s->motif, n * n, (size_t)s->rank * sizeof(double));
  for (int64_t r = 0; r < s->rank; r++) {
    double *a = s->motif + n * n * r;
    const double *f = nax_ntf_factor(s->ntf, 2) + s->e.n_pairs * r;
    for (nax_index k = 0; k < n * n; k++) {
      a[k] = k % n == k / n ? 0.0 : (double)NAN;
    }
    for (nax_index p = 0; p < s->e.n_pairs; p++) {
      nax_index i = s->e.i[p], j = s->e.j[p];
      a[i + n * j] = a[j + n * i] = f[p];
    }
  }
done:
  return status;
}

/* Communities that a motif is made of: the one a neuron is strongest in. They are
 * numbered by size, memberships with them; neurons that are in none share the last. */
static nax_status
read_communities(nax_ctx *ctx, nax_i_motifs *s, int64_t r)
{
  nax_status status = NAX_OK;
  nax_index n = s->n, *size = NULL, *number = NULL, used = 0;
  double largest = 0.0, *row = NULL;
  NAX_TRY_ALLOC(size, s->q + 1, sizeof *size);
  NAX_TRY_ALLOC(number, s->q + 1, sizeof *number);
  NAX_TRY_ALLOC(row, s->q, sizeof *row);
  for (nax_index k = 0; k < n * s->q; k++) {
    largest = fmax(largest, s->member[(k / s->q * s->rank + r) * s->q + k % s->q]);
  }
  for (nax_index i = 0; i < n; i++) {
    const double *h = s->member + (i * s->rank + r) * s->q;
    nax_index best = 0;
    for (int64_t k = 1; k < s->q; k++) {
      best = h[k] > h[best] ? k : best;
    }
    best = h[best] > 1e-3 * largest ? best : s->q;
    s->label[i + n * r] = best;
    size[best]++;
  }
  for (nax_index k = 0; k < s->q; k++) {
    for (nax_index j = 0; j < s->q; j++) {
      number[k] += size[j] > size[k] || (size[j] == size[k] && j < k);
    }
    used += size[k] > 0;
  }
  number[s->q] = used;
  s->n_groups[r] = used + (size[s->q] > 0);
  for (nax_index i = 0; i < n; i++) {
    double *h = s->member + (i * s->rank + r) * s->q;
    memcpy(row, h, (size_t)s->q * sizeof *row);
    for (int64_t k = 0; k < s->q; k++) {
      h[number[k]] = row[k];
    }
    s->label[i + n * r] = number[s->label[i + n * r]];
  }
done:
  nax_i_free(size);
  nax_i_free(number);
  nax_i_free(row);
  return status;
}

static nax_status
find_blocks(nax_ctx *ctx, const nax_connectome_opts *o, uint64_t seed, int64_t n_searches,
            int64_t n_samples, nax_i_motifs *s)
{
  nax_status status = NAX_OK;
  nax_index n = s->n;
  double *w = NULL;
  nax_sbm_opts b = NAX_SBM_OPTS_INIT;
  b.n_restarts = n_searches;
  b.n_sweeps = n_samples;
  b.burn_in = n_samples / 10; /* of each of several chains that start at the best */
  b.floor = o->floor;
  b.weights = o->weights;
  b.degrees = o->degrees;
  b.strength = o->strength;
  NAX_TRY_ALLOC(w, n * n, sizeof *w);
  NAX_TRY_ALLOC(s->blocks, s->rank, sizeof *s->blocks);
  NAX_TRY_ALLOC(s->label, n * s->rank, sizeof *s->label);
  NAX_TRY_ALLOC(s->n_groups, s->rank, sizeof *s->n_groups);
  for (int64_t r = 0; r < s->rank; r++) {
    int any = 0;
    if (s->q > 0) {
      NAX_TRY(read_communities(ctx, s, r));
      continue;
    }
    for (nax_index k = 0; k < n * n; k++) {
      double x = s->motif[k + n * n * r];
      w[k] = x > 0.0 ? x : 0.0; /* not there, or never seen */
      any |= x > 0.0;
    }
    s->n_groups[r] = 1;
    if (!any) {
      continue;
    }
    nax_view v = nax_view_f64(w, 2, (nax_index[]){n, n});
    b.seed = seed + 1 + 1000 * (uint64_t)r;
    NAX_TRY(nax_sbm_fit(ctx, &v, &b, &s->blocks[r]));
    int32_t level = nax_sbm_chosen_level(s->blocks[r]);
    s->n_groups[r] = nax_sbm_n_groups(s->blocks[r], level);
    memcpy(s->label + n * r, nax_sbm_labels(s->blocks[r], level),
           (size_t)n * sizeof *s->label);
  }
done:
  nax_i_free(w);
  return status;
}

/* Where each entry of `part` stands in `all`; both ascending. */
static void
positions(nax_index n_part, const nax_index *part, const nax_index *all, nax_index *at)
{
  nax_index k = 0;
  for (nax_index i = 0; i < n_part; i++) {
    while (all[k] != part[i]) {
      k++;
    }
    at[i] = k;
  }
}

/* Factors of an earlier fit where the new one has bins, animals and pairs. */
static nax_status
start_from(nax_ctx *ctx, const nax_i_motifs *from, const int64_t *animal,
           const nax_i_extent *e, nax_index n_animals, double **f, nax_view *init)
{
  nax_status status = NAX_OK;
  nax_index *at = NULL, *all = NULL, *part = NULL;
  int32_t n_modes = nax_ntf_n_modes(from->ntf);
  nax_index longest = e->n_pairs > e->n_bins ? e->n_pairs : e->n_bins;
  longest = longest > n_animals ? longest : n_animals;
  NAX_TRY_ALLOC(at, longest + 8, sizeof *at);
  NAX_TRY_ALLOC(all, from->e.n_pairs, sizeof *all);
  NAX_TRY_ALLOC(part, e->n_pairs, sizeof *part);
  for (nax_index p = 0; p < from->e.n_pairs; p++) {
    all[p] = from->e.i[p] + from->n * from->e.j[p];
  }
  for (nax_index p = 0; p < e->n_pairs; p++) {
    part[p] = e->i[p] + from->n * e->j[p];
  }
  for (int32_t k = 0; k < n_modes; k++) {
    nax_index n = nax_ntf_dim(from->ntf, k);
    nax_index m = k == 0 ? e->n_bins : k == 1 ? n_animals : k == 2 ? e->n_pairs : n;
    if (k == 0) {
      positions(m, e->bin, from->e.bin, at);
    } else if (k == 2) {
      positions(m, part, all, at);
    }
    NAX_TRY_ALLOC(f[k], m * from->rank, sizeof(double));
    for (int64_t r = 0; r < from->rank; r++) {
      double scale = k == 0 ? nax_ntf_weights(from->ntf)[r] : 1.0;
      for (nax_index i = 0; i < m; i++) {
        nax_index source = k == 1 ? animal[i] : k > 2 ? i : at[i];
        f[k][i + m * r] = scale * nax_ntf_factor(from->ntf, k)[source + n * r];
      }
    }
    init[k] = nax_view_f64(f[k], 2, (nax_index[]){m, from->rank});
  }
done:
  nax_i_free(at);
  nax_i_free(all);
  nax_i_free(part);
  return status;
}

nax_status
nax_i_motifs_fit(nax_ctx *ctx, const nax_i_derivatives *d, const nax_connectome_opts *o,
                 const nax_ntf_opts *fit, const nax_i_motifs *from, const int64_t *animal,
                 int64_t n_searches, int64_t n_samples, nax_i_motifs *out)
{
  nax_status status = NAX_OK;
  nax_i_motifs s = {.n = d->n, .q = o->symmetric};
  double *f[NAX_I_NTF_MAX_MODES] = {NULL};
  nax_view init[NAX_I_NTF_MAX_MODES];
  NAX_TRY(nax_i_extent_init(ctx, "nax_connectome_fit", d, &s.e));
  if (from != NULL) {
    NAX_TRY(start_from(ctx, from, animal, &s.e, d->n_animals, f, init));
  }
  nax_i_start start = {init, from != NULL ? from->member : NULL};
  NAX_TRY(nax_i_connectome_factorise(ctx, "nax_connectome_fit", d, &s.e, o,
                                     from != NULL ? &start : NULL, fit, &s.ntf,
                                     &s.member));
  s.rank = nax_ntf_rank(s.ntf);
  NAX_TRY(fold(ctx, &s));
  NAX_TRY(find_blocks(ctx, o, fit->seed, n_searches, n_samples, &s));
  *out = s;
  s = (nax_i_motifs){.n = 0};
done:
  for (int k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(f[k]);
  }
  nax_i_motifs_free(&s);
  return status;
}

nax_status
nax_i_motifs_collect(nax_ctx *ctx, const nax_i_motifs *s, const nax_i_derivatives *d,
                     const nax_connectome_opts *o, double *out)
{
  nax_status status = NAX_OK;
  nax_index n_bins = s->e.n_bins, all = n_bins * d->n_animals, layers = 1;
  int32_t n_modes = nax_ntf_n_modes(s->ntf);
  double *c = NULL, *rest = NULL, *m = NULL;
  for (int32_t k = 3; k < n_modes; k++) {
    layers *= nax_ntf_dim(s->ntf, k);
  }
  NAX_TRY_ALLOC(c, all * s->rank, sizeof *c);
  NAX_TRY_ALLOC(rest, layers * s->rank, sizeof *rest);
  NAX_TRY_ALLOC(m, s->e.n_pairs * s->rank, sizeof *m);
  for (int64_t r = 0; r < s->rank; r++) {
    const double *t = nax_ntf_factor(s->ntf, 0) + n_bins * r;
    const double *w = nax_ntf_factor(s->ntf, 1) + d->n_animals * r;
    for (nax_index k = 0; k < all; k++) {
      c[k + all * r] = t[k % n_bins] * w[k / n_bins];
    }
    for (nax_index k = 0; k < layers; k++) {
      nax_index left = k;
      rest[k + layers * r] = 1.0;
      for (int32_t mode = 3; mode < n_modes; mode++) {
        nax_index dim = nax_ntf_dim(s->ntf, mode);
        rest[k + layers * r] *= nax_ntf_factor(s->ntf, mode)[left % dim + dim * r];
        left /= dim;
      }
    }
  }
  NAX_TRY(nax_i_affinity_project(ctx, "nax_connectome_fit", d, &s->e, o, s->rank, c, rest,
                                 m));
  memset(out, 0, (size_t)((s->n + 1) * s->rank) * sizeof *out);
  for (int64_t r = 0; r < s->rank; r++) {
    const double *f = nax_ntf_factor(s->ntf, 2) + s->e.n_pairs * r;
    double *to = out + (s->n + 1) * r;
    for (nax_index p = 0; p < s->e.n_pairs; p++) {
      nax_index a = s->label[s->e.i[p] + s->n * r], b = s->label[s->e.j[p] + s->n * r];
      double v = f[p] * m[p + s->e.n_pairs * r];
      to[0] += v;
      to[1 + a] += a == b ? v : 0.0;
    }
  }
done:
  nax_i_free(c);
  nax_i_free(rest);
  nax_i_free(m);
  return status;
}
