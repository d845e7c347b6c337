/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neurons that are alike: the same unit twice, or crosstalk.
 *
 * Standardised activities z of two neurons with correlation r are 2 (1 - r) apart,
 * squared, and so are, on average, their products with random directions. Pairs near each
 * other (or near each other's opposite) there are compared in full, so that all pairs
 * together cost little more than one product with the data. */
#include "gpfa_i.h"
#include "rng/rng_i.h"
#include <math.h>

enum { DIRECTIONS = 16, TOLD = 10 };

static const double alike = 0.99;
/* Of 2 expected for unrelated neurons; 0.02 for those looked for, and more where they are
 * missing in different bins. */
static const double near = 0.5;

typedef struct sketch {
  const nax_i_gpfa_data *d;
  double *mean, *scale; /* z = (y - mean) scale */
  double *s;            /* DIRECTIONS x n */
} sketch;

static nax_status
make_sketch(nax_ctx *ctx, sketch *k, uint64_t seed)
{
  nax_status status = NAX_OK;
  const nax_i_gpfa_data *d = k->d;
  nax_index n = d->n_neurons;
  nax_rng *rng = NULL;
  double w[DIRECTIONS];
  NAX_TRY(nax_rng_create(ctx, seed, UINT64_C(3) << 32, &rng));
  for (nax_index i = 0; i < n; i++) {
    double sum = 0.0, ss = 0.0, seen = 0.0;
    for (nax_index j = 0; j < d->n_bins; j++) {
      double y = d->y[i + j * n];
      sum += isnan(y) ? 0.0 : y;
      seen += !isnan(y);
    }
    k->mean[i] = sum / seen;
    for (nax_index j = 0; j < d->n_bins; j++) {
      double y = d->y[i + j * n] - k->mean[i];
      ss += isnan(y) ? 0.0 : y * y;
    }
    k->scale[i] = ss > 0.0 ? 1.0 / sqrt(ss) : 0.0;
  }
  for (nax_index j = 0; j < d->n_bins; j++) {
    for (int a = 0; a < DIRECTIONS; a++) {
      w[a] = nax_rng_normal(rng, 0.0, 1.0);
    }
    for (nax_index i = 0; i < n; i++) {
      double z = (d->y[i + j * n] - k->mean[i]) * k->scale[i];
      for (int a = 0; a < DIRECTIONS && !isnan(z); a++) {
        k->s[a + i * DIRECTIONS] += w[a] * z;
      }
    }
  }
done:
  nax_rng_free(rng);
  return status;
}

/* Whether i and j may be alike. */
static int
are_near(const sketch *k, nax_index i, nax_index j)
{
  const double *a = k->s + i * DIRECTIONS, *b = k->s + j * DIRECTIONS;
  double minus = 0.0, plus = 0.0;
  for (int d = 0; d < DIRECTIONS; d++) {
    minus += (a[d] - b[d]) * (a[d] - b[d]);
    plus += (a[d] + b[d]) * (a[d] + b[d]);
    if (fmin(minus, plus) > near * DIRECTIONS) {
      return 0;
    }
  }
  return 1;
}

/* Correlation over the bins in which both are observed; 0 where these tell nothing. */
static double
correlation(const nax_i_gpfa_data *d, nax_index i, nax_index j)
{
  double n = 0.0, mi = 0.0, mj = 0.0, sii = 0.0, sjj = 0.0, sij = 0.0;
  for (int pass = 0; pass < 2; pass++) {
    for (nax_index b = 0; b < d->n_bins; b++) {
      double x = d->y[i + b * d->n_neurons], y = d->y[j + b * d->n_neurons];
      if (isnan(x) || isnan(y)) {
        continue;
      }
      if (pass == 0) {
        n += 1.0;
        mi += x;
        mj += y;
      } else {
        x -= mi / n;
        y -= mj / n;
        sii += x * x;
        sjj += y * y;
        sij += x * y;
      }
    }
  }
  return n > 2.0 && sii > 0.0 && sjj > 0.0 ? sij / sqrt(sii) / sqrt(sjj) : 0.0;
}

nax_status
nax_i_gpfa_find_alike(nax_ctx *ctx, const nax_i_gpfa_data *d, const char *keep,
                      uint64_t seed, nax_i_gpfa_alike *out)
{
  nax_status status = NAX_OK;
  nax_index n = d->n_neurons, *name = NULL;
  sketch k = {.d = d};
  *out = (nax_i_gpfa_alike){0, {0, 0}};
  NAX_TRY_ALLOC(name, n, sizeof *name);
  NAX_TRY_ALLOC(k.mean, n, sizeof *k.mean);
  NAX_TRY_ALLOC(k.scale, n, sizeof *k.scale);
  NAX_TRY_ALLOC(k.s, n, DIRECTIONS * sizeof *k.s);
  NAX_TRY(make_sketch(ctx, &k, seed));
  for (nax_index i = 0, all = 0; i < n; i++, all++) { /* as the caller numbers them */
    while (!keep[all]) {
      all++;
    }
    name[i] = all;
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++) {
      double r = are_near(&k, i, j) ? correlation(d, i, j) : 0.0;
      if (!(fabs(r) > alike)) {
        continue;
      }
      if (out->n_pairs == 0) {
        out->first[0] = name[i];
        out->first[1] = name[j];
      }
      if (out->n_pairs++ < TOLD) {
        nax_i_warn(ctx, NAX_SUGGESTION, "gpfa.duplicate",
                   "neurons %lld and %lld are alike (correlation %.4g): both are kept, "
                   "but may take a latent for themselves",
                   (long long)name[i], (long long)name[j], r);
      }
    }
  }
  if (out->n_pairs > TOLD) {
    nax_i_warn(ctx, NAX_SUGGESTION, "gpfa.duplicate",
               "%lld more pairs of neurons are alike", (long long)(out->n_pairs - TOLD));
  }
done:
  nax_i_free(name);
  nax_i_free(k.mean);
  nax_i_free(k.scale);
  nax_i_free(k.s);
  return status;
}
