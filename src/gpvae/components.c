/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Behaviour of many features by its leading principal components.
 *
 * With an orthonormal U and a decoder whose output lies in its span,
 * |x - U a|^2 = |U'x - a|^2 + |x - U U'x|^2: the first term needs the components of a
 * frame only, and the second no network. So the bound over all features is kept, while
 * the widest layers of encoder and decoder shrink from features to components. A missing
 * feature is 0 in x; what the decoder says of it is taken off again. */
#include "gpvae_i.h"
#include "rng/rng_i.h"
#include <math.h>

static const uint64_t begin_stream = UINT64_C(1) << 60 | 200;

enum {
  SPARE = 16,       /* directions beyond those wanted, which make the iteration faster */
  ROUNDS = 2,       /* of the iteration */
  VALUES = 3000000, /* features times frames that the components are found from */
};

nax_index
nax_i_gpvae_n_components(const nax_gpvae_opts *o, nax_index n_features)
{
  return 2 * o->components < n_features ? (nax_index)o->components : 0;
}

void
nax_i_components_free(nax_i_components *c)
{
  nax_i_free(c->add);
  nax_i_free(c->square);
  *c = (nax_i_components){.n = 0};
}

/* Scaled features of a bin of a trial, 0 where missing; returns how many are there. */
static nax_index
scaled(const nax_i_gpvae_scaling *s, const nax_view *v, nax_index p, nax_index bin,
       double *x)
{
  nax_index seen = 0;
  for (nax_index i = 0; i < p; i++) {
    double y = nax_i_gpvae_element(v, i, bin);
    x[i] = isnan(y) ? 0.0 : (y - s->x_mean[i]) / s->x_sd[i];
    seen += !isnan(y);
  }
  return seen;
}

/* Directions that are iterated. */
static nax_index
n_directions(nax_index p, nax_index n_components)
{
  return n_components + SPARE < p ? n_components + SPARE : p;
}

/* Frames at most that the components are found from. */
static nax_index
most_frames(nax_index p, nax_index n_directions)
{
  return VALUES / p > 4 * n_directions ? VALUES / p : 4 * n_directions;
}

size_t
nax_i_components_bytes(nax_index n_features, nax_index n_components, nax_index bins)
{
  nax_index p = n_features, m = n_directions(p, n_components), n = most_frames(p, m);
  n = n < bins ? n : bins;
  return (size_t)(p * n + p * m + n * m + 2 * m * m + p * n_components) * sizeof(double);
}

/* Frames of the training trials, evenly spread: p x *n. */
static nax_status
sample_frames(nax_ctx *ctx, const nax_i_gpvae_data *d, const nax_i_gpvae_scaling *s,
              nax_index n_train, const nax_index *trial, nax_index most, double **x,
              nax_index *n)
{
  nax_status status = NAX_OK;
  nax_index p = d->n_features, all = 0, bin = 0;
  for (nax_index k = 0; k < n_train; k++) {
    all += nax_i_gpvae_data_has(d, 1, trial[k]) ? d->length[trial[k]] : 0;
  }
  nax_index every = (all + most - 1) / most;
  *n = 0;
  NAX_TRY_ALLOC(*x, p * (all / every + 1), sizeof **x);
  for (nax_index k = 0; k < n_train; k++) {
    for (nax_index j = 0; j < d->length[trial[k]] && nax_i_gpvae_data_has(d, 1, trial[k]);
         j++, bin++) {
      if (bin % every == 0) {
        scaled(s, &d->view[1][trial[k]], p, j, *x + p * (*n)++);
      }
    }
  }
done:
  return status;
}

/* Orthonormal columns of q (p x m) near the leading left singular vectors of x (p x n):
 * subspace iteration from random directions. z: n x m. */
static nax_status
iterate(nax_ctx *ctx, nax_index p, nax_index n, nax_index m, const double *x, double *q,
        double *z, double *r)
{
  nax_status status = NAX_OK;
  for (int round = 0; round < ROUNDS; round++) {
    NAX_TRY(nax_i_poll(ctx));
    NAX_TRY(
        nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, m, p, 1.0, x, p, q, p, 0.0, z, n));
    NAX_TRY(
        nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, p, m, n, 1.0, x, p, z, n, 0.0, q, p));
    NAX_TRY(nax_i_qr(ctx, "nax_gpvae_fit", p, m, q, p, r, m));
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, n, m, p, 1.0, x, p, q, p, 0.0, z, n));
done:
  return status;
}

nax_status
nax_i_components_find(nax_ctx *ctx, const nax_i_gpvae_data *d,
                      const nax_i_gpvae_scaling *s, nax_index n_train,
                      const nax_index *trial, nax_index n_components, uint64_t seed,
                      nax_i_components *c)
{
  nax_status status = NAX_OK;
  nax_index p = d->n_features, k = n_components, n, m = n_directions(p, k);
  double *x = NULL, *q = NULL, *z = NULL, *g = NULL, *values = NULL;
  nax_rng rng;
  *c = (nax_i_components){.n = k, .p = p};
  NAX_TRY_ALLOC(c->add, p * k, sizeof *c->add);
  NAX_TRY_ALLOC(c->square, k, sizeof *c->square);
  NAX_TRY(sample_frames(ctx, d, s, n_train, trial, most_frames(p, m), &x, &n));
  NAX_TRY_ALLOC(q, p * m, sizeof *q);
  NAX_TRY_ALLOC(z, n * m, sizeof *z);
  NAX_TRY_ALLOC(g, m * m, sizeof *g);
  NAX_TRY_ALLOC(values, m, sizeof *values);
  nax_i_rng_init(&rng, seed, begin_stream);
  for (nax_index i = 0; i < p * m; i++) {
    q[i] = nax_rng_normal(&rng, 0.0, 1.0);
  }
  NAX_TRY(iterate(ctx, p, n, m, x, q, z, g));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, m, m, n, 1.0 / (double)n, z, n, z, n,
                     0.0, g, m));
  NAX_TRY(nax_i_syevd(ctx, "nax_gpvae_fit", m, g, m, 1, values));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, p, k, m, 1.0, q, p, g + m * (m - k),
                     m, 0.0, c->add, p));
  /* a component has unit variance, so that steps of one size suit all of them */
  double least = 1e-6 * fmax(values[m - 1], 0.0);
  for (nax_index j = 0; j < k; j++) {
    c->square[j] = fmax(values[m - k + j], least);
    c->square[j] = c->square[j] > 0.0 ? c->square[j] : 1.0;
    for (nax_index i = 0; i < p; i++) {
      c->add[i + p * j] *= sqrt(c->square[j]);
    }
  }
done:
  nax_i_free(x);
  nax_i_free(q);
  nax_i_free(z);
  nax_i_free(g);
  nax_i_free(values);
  return status;
}

nax_status
nax_i_components_apply(nax_ctx *ctx, const nax_i_gpvae_scaling *s, nax_i_gpvae_data *d)
{
  nax_status status = NAX_OK;
  const nax_i_components *c = &s->components;
  double *x = NULL, *a = NULL;
  NAX_TRY_ALLOC(d->score, c->n * d->bins, sizeof *d->score);
  NAX_TRY_ALLOC(d->rest, d->bins, sizeof *d->rest);
  NAX_TRY_ALLOC(d->seen, d->bins, sizeof *d->seen);
  NAX_TRY_ALLOC(x, c->p * d->longest, sizeof *x);
  NAX_TRY_ALLOC(a, c->n * d->longest, sizeof *a);
  for (nax_index k = 0, at = 0; k < d->n_trials; at += d->length[k++]) {
    nax_index t = d->length[k];
    if (!nax_i_gpvae_data_has(d, 1, k)) {
      continue;
    }
    NAX_TRY(nax_i_poll(ctx));
    for (nax_index j = 0; j < t; j++) {
      d->seen[at + j] = scaled(s, &d->view[1][k], c->p, j, x + c->p * j);
    }
    NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, c->n, t, c->p, 1.0, c->add, c->p, x,
                       c->p, 0.0, a, c->n));
    for (nax_index j = 0; j < t; j++) {
      double rest = 0.0;
      for (nax_index i = 0; i < c->p; i++) {
        rest += x[i + c->p * j] * x[i + c->p * j];
      }
      for (nax_index i = 0; i < c->n; i++) {
        double along = a[i + c->n * j];
        d->score[i + c->n * (at + j)] = (float)(along / c->square[i]);
        rest -= along * along / c->square[i];
      }
      d->rest[at + j] = fmax(rest, 0.0);
    }
  }
done:
  nax_i_free(x);
  nax_i_free(a);
  return status;
}

/* Feature i of what the decoder says. */
static double
decoded(const nax_i_components *c, const double *out, nax_index i)
{
  double x = 0.0;
  for (nax_index k = 0; k < c->n; k++) {
    x += c->add[i + c->p * k] * out[k];
  }
  return x;
}

double
nax_i_components_missing(const nax_i_components *c, const unsigned char *seen,
                         const double *out, double *slope)
{
  double sum = 0.0;
  memset(slope, 0, (size_t)c->n * sizeof *slope);
  for (nax_index i = 0; i < c->p; i++) {
    if (!seen[i]) {
      double x = decoded(c, out, i);
      sum += x * x;
      for (nax_index k = 0; k < c->n; k++) {
        slope[k] += c->add[i + c->p * k] * x;
      }
    }
  }
  return sum;
}

void
nax_i_components_expand(const nax_i_components *c, const double *out, double *x)
{
  for (nax_index i = 0; i < c->p; i++) {
    x[i] = decoded(c, out, i);
  }
}
