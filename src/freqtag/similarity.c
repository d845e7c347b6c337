/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers of a model and regions of a brain by the geometry of their tagged spectra, and
 * what units drawn at random would give. */
#include "freqtag_i.h"
#include "rng/rng_i.h"
#include <math.h>
#include <neuraxis/rsa.h>
#include <stdlib.h>

/* ------------------------------------------------------------- spectra of blocks */

enum { UNITS = 256 };

nax_status
nax_freqtag_block_spectra(nax_ctx *ctx, const nax_view *x, double rate, double from,
                          double to, nax_index n_blocks, const int64_t *block,
                          int32_t coherence, nax_index *n_bins, double *out)
{
  nax_status status = NAX_OK;
  nax_freqtag_acc *acc = NULL;
  double *freq = NULL;
  nax_index n = x->ndim == 3 ? x->dim[1] : 0, bins = 0;
  nax_i_begin(ctx);
  NAX_REQUIRE(x->ndim == 3 && n >= 2, NAX_EDIM, "`x`, expected unit x time x trial");
  NAX_REQUIRE(rate > 0.0 && from > 0.0 && to >= from && to <= 0.5 * rate, NAX_EINVAL,
              "range %g to %g Hz, expected above 0 and up to half the rate (%g Hz)", from,
              to, 0.5 * rate);
  NAX_REQUIRE(n_blocks >= 1, NAX_EINVAL, "%lld blocks, expected at least 1",
              (long long)n_blocks);
  NAX_TRY_ALLOC(freq, n / 2 + 1, sizeof *freq);
  for (nax_index k = 1; k <= n / 2; k++) {
    double f = (double)k * rate / (double)n;
    if (f >= from * (1.0 - 1e-9) && f <= to * (1.0 + 1e-9)) {
      freq[bins++] = f;
    }
  }
  NAX_REQUIRE(bins >= 2, NAX_EINVAL, "%lld bins from %g to %g Hz, expected at least 2",
              (long long)bins, from, to);
  *n_bins = bins;
  if (out == NULL) {
    goto done;
  }
  for (nax_index u0 = 0; u0 < x->dim[0]; u0 += UNITS) {
    nax_index m = x->dim[0] - u0 < UNITS ? x->dim[0] - u0 : UNITS;
    nax_freqtag_spec spec = {
        .n_units = m, .n_samples = n, .n_freqs = bins, .freqs = freq, .rate = rate};
    nax_freqtag_acc_free(acc);
    acc = NULL;
    NAX_TRY(nax_freqtag_acc_create(ctx, &spec, &acc));
    for (nax_index b = 0; b < n_blocks; b++) {
      nax_freqtag_acc_reset(acc);
      for (nax_index r = 0; r < x->dim[2]; r++) {
        nax_view one = *x;
        if (block[r] != b) {
          continue;
        }
        one.dim[0] = m;
        one.dim[2] = 1;
        one.data =
            (const char *)x->data +
            (size_t)(u0 * x->stride[0] + r * x->stride[2]) * nax_dtype_size(x->dtype);
        NAX_TRY(nax_freqtag_acc_push(ctx, acc, &one));
      }
      for (nax_index u = 0; u < m; u++) {
        for (nax_index k = 0; k < bins; k++) {
          nax_freqtag_moments z = nax_freqtag_acc_moments(acc, u, k);
          nax_freqtag_power p = nax_freqtag_power_of(&z);
          out[k + bins * (b + n_blocks * (u0 + u))] =
              z.n < 1     ? (double)NAN
              : coherence ? p.itpc
                          : nax_freqtag_acc_amplitude(acc, k) * sqrt(p.evoked);
        }
      }
    }
  }
done:
  nax_freqtag_acc_free(acc);
  nax_i_free(freq);
  return status;
}

/* ------------------------------------------------------------------- geometries */

typedef struct job {
  const nax_freqtag_similarity_spec *s;
  nax_index pairs, cells;         /* cells: layer x kind */
  double *unit_rdm;               /* pair x unit; first entry NaN: no geometry */
  double *brain_rdm;              /* pair x channel that has one */
  nax_index *channel, n_channels; /* which channels these are */
  nax_rdms *brain;
} job;

/* 1 - cosine of each pair of blocks; 0 when a block has no length or all pairs are
 * alike. */
static int
geometry(nax_index bins, nax_index blocks, const double *x, double *rdm)
{
  double lo = (double)INFINITY, hi = -(double)INFINITY;
  for (nax_index i = 0; i < blocks; i++) {
    for (nax_index j = i + 1; j < blocks; j++) {
      double a = 0.0, b = 0.0, c = 0.0;
      for (nax_index k = 0; k < bins; k++) {
        double v = x[k + i * bins], w = x[k + j * bins];
        a += v * v;
        b += w * w;
        c += v * w;
      }
      double d = 1.0 - c / (sqrt(a) * sqrt(b));
      if (!isfinite(d)) {
        return 0;
      }
      rdm[nax_rdm_pair(blocks, i, j)] = d;
      lo = fmin(lo, d);
      hi = fmax(hi, d);
    }
  }
  return hi > lo;
}

static nax_status
make_geometries(nax_ctx *ctx, job *j)
{
  nax_status status = NAX_OK;
  const nax_freqtag_similarity_spec *s = j->s;
  nax_index each = s->n_bins * s->n_blocks;
  NAX_TRY_ALLOC(j->unit_rdm, j->pairs * s->n_units, sizeof *j->unit_rdm);
  NAX_TRY_ALLOC(j->brain_rdm, j->pairs * s->n_channels, sizeof *j->brain_rdm);
  NAX_TRY_ALLOC(j->channel, s->n_channels, sizeof *j->channel);
  for (nax_index u = 0; u < s->n_units; u++) {
    double *rdm = j->unit_rdm + u * j->pairs;
    if (!geometry(s->n_bins, s->n_blocks, s->model + u * each, rdm)) {
      rdm[0] = (double)NAN;
    }
  }
  for (nax_index c = 0; c < s->n_channels; c++) {
    if (geometry(s->n_bins, s->n_blocks, s->brain + c * each,
                 j->brain_rdm + j->n_channels * j->pairs)) {
      j->channel[j->n_channels++] = c;
    }
  }
  if (j->n_channels < 1) {
    return nax_i_fail(ctx, NAX_EDATA, "nax_freqtag_similarity",
                      "no channel has spectra that differ between blocks");
  }
  NAX_TRY(nax_rdms_create(ctx, s->n_blocks, j->n_channels, j->brain_rdm, &j->brain));
done:
  return status;
}

/* Mean geometry of the units that `kind` puts into each cell; n units of each. */
static void
cell_geometries(const job *j, const int64_t *kind, double *rdm, nax_index *n)
{
  const nax_freqtag_similarity_spec *s = j->s;
  memset(rdm, 0, (size_t)(j->pairs * j->cells) * sizeof *rdm);
  memset(n, 0, (size_t)j->cells * sizeof *n);
  for (nax_index u = 0; u < s->n_units; u++) {
    const double *from = j->unit_rdm + u * j->pairs;
    if (kind[u] >= 0 && s->layer[u] >= 0 && !isnan(from[0])) {
      nax_index at = s->layer[u] + s->n_layers * kind[u];
      n[at]++;
      for (nax_index p = 0; p < j->pairs; p++) {
        rdm[p + at * j->pairs] += from[p];
      }
    }
  }
  for (nax_index at = 0; at < j->cells; at++) {
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    for (nax_index p = 0; p < j->pairs; p++) {
      double *d = rdm + p + at * j->pairs;
      *d = n[at] > 0 ? *d / (double)n[at] : (double)NAN;
      lo = fmin(lo, *d);
      hi = fmax(hi, *d);
    }
    if (!(hi > lo)) {
      n[at] = 0; /* no geometry to compare */
    }
  }
}

/* Spearman's correlation of each cell with each channel, cell x channel; NaN without. */
static nax_status
correlate(nax_ctx *ctx, const job *j, const double *rdm, const nax_index *n, double *rho)
{
  nax_status status = NAX_OK;
  nax_rdms *some = NULL;
  double *packed = NULL, *r = NULL;
  nax_index m = 0;
  for (nax_index i = 0; i < j->cells * j->s->n_channels; i++) {
    rho[i] = (double)NAN;
  }
  NAX_TRY_ALLOC(packed, j->pairs * j->cells, sizeof *packed);
  for (nax_index at = 0; at < j->cells; at++) {
    if (n[at] > 0) {
      memcpy(packed + j->pairs * m++, rdm + j->pairs * at,
             (size_t)j->pairs * sizeof *packed);
    }
  }
  if (m == 0) {
    goto done;
  }
  NAX_TRY_ALLOC(r, m * j->n_channels, sizeof *r);
  NAX_TRY(nax_rdms_create(ctx, j->s->n_blocks, m, packed, &some));
  NAX_TRY(nax_rsa_compare(ctx, some, j->brain, NAX_RSA_SPEARMAN, NULL, 0, r));
  for (nax_index at = 0, k = 0; at < j->cells; at++) {
    for (nax_index c = 0; n[at] > 0 && c < j->n_channels; c++) {
      rho[at + j->cells * j->channel[c]] = r[k + m * c];
    }
    k += n[at] > 0;
  }
done:
  nax_rdms_free(some);
  nax_i_free(packed);
  nax_i_free(r);
  return status;
}

/* ---------------------------------------------------------------------- the best */

typedef struct ranked {
  double rho;
  nax_index channel;
} ranked;

static int
descending(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  return x->rho > y->rho   ? -1
         : x->rho < y->rho ? 1
                           : (x->channel > y->channel) - (x->channel < y->channel);
}

/* Best channels of a cell; how many there are, at most n_top. */
static nax_index
best_of(const job *j, const double *rho, nax_index at, ranked *r)
{
  nax_index n = 0;
  for (nax_index c = 0; c < j->s->n_channels; c++) {
    if (!isnan(rho[at + j->cells * c])) {
      r[n++] = (ranked){rho[at + j->cells * c], c};
    }
  }
  qsort(r, (size_t)n, sizeof *r, descending);
  return n < j->s->n_top ? n : j->s->n_top;
}

/* Mean over the best channels of each cell, over layers for each kind (or NULL), over
 * kinds. */
static double
summarise(const job *j, const double *rho, ranked *r, double *top, double *of_kind)
{
  double all = 0.0, kinds = 0.0;
  for (nax_index k = 0; k < j->s->n_kinds; k++) {
    double sum = 0.0, layers = 0.0;
    for (nax_index l = 0; l < j->s->n_layers; l++) {
      nax_index at = l + j->s->n_layers * k, n = best_of(j, rho, at, r);
      double mean = n > 0 ? 0.0 : (double)NAN;
      for (nax_index i = 0; i < n; i++) {
        mean += r[i].rho / (double)n;
      }
      if (top != NULL) {
        top[at] = mean;
      }
      sum += n > 0 ? mean : 0.0;
      layers += n > 0;
    }
    double one = layers > 0.0 ? sum / layers : (double)NAN;
    if (of_kind != NULL) {
      of_kind[k] = one;
    }
    all += layers > 0.0 ? one : 0.0;
    kinds += layers > 0.0;
  }
  return kinds > 0.0 ? all / kinds : (double)NAN;
}

/* ----------------------------------------------------------------------- regions */

static nax_status
by_region(nax_ctx *ctx, const job *j, nax_freqtag_similarity *o, ranked *r)
{
  nax_status status = NAX_OK;
  const nax_freqtag_similarity_spec *s = j->s;
  double *sum = NULL, *count = NULL, cells = 0.0;
  nax_index *layers = NULL;
  NAX_TRY_ALLOC(sum, s->n_regions, sizeof *sum);
  NAX_TRY_ALLOC(count, s->n_regions, sizeof *count);
  NAX_TRY_ALLOC(layers, s->n_regions, sizeof *layers);
  for (nax_index k = 0; k < s->n_kinds; k++) {
    double *to = o->region + k * s->n_regions;
    memset(layers, 0, (size_t)s->n_regions * sizeof *layers);
    for (nax_index l = 0; l < s->n_layers; l++) {
      nax_index n = best_of(j, o->rho, l + s->n_layers * k, r);
      memset(sum, 0, (size_t)s->n_regions * sizeof *sum);
      memset(count, 0, (size_t)s->n_regions * sizeof *count);
      cells += n > 0;
      for (nax_index i = 0; i < n; i++) {
        int64_t g = s->region[r[i].channel];
        if (g >= 0) {
          sum[g] += r[i].rho;
          count[g] += 1.0;
          o->found[g] += s->responds == NULL || s->responds[r[i].channel];
        }
      }
      for (nax_index g = 0; g < s->n_regions; g++) {
        to[g] += count[g] > 0.0 ? sum[g] / count[g] : 0.0;
        layers[g] += count[g] > 0.0;
      }
    }
    for (nax_index g = 0; g < s->n_regions; g++) {
      to[g] = layers[g] > 0 ? to[g] / (double)layers[g] : (double)NAN;
    }
  }
  for (nax_index g = 0; g < s->n_regions; g++) {
    o->found[g] = cells > 0.0 ? o->found[g] / cells : (double)NAN;
  }
done:
  nax_i_free(sum);
  nax_i_free(count);
  nax_i_free(layers);
  return status;
}

/* Are the best channels spread over the regions as all that respond are? */
static nax_freqtag_test
spread(const job *j, const nax_freqtag_similarity *o)
{
  const nax_freqtag_similarity_spec *s = j->s;
  nax_freqtag_test t = nax_i_ft_none;
  double all = 0.0, seen = 0.0, chi2 = 0.0, df = -1.0;
  for (nax_index c = 0; c < s->n_channels; c++) {
    all += s->region[c] >= 0 && (s->responds == NULL || s->responds[c]);
  }
  for (nax_index g = 0; g < s->n_regions; g++) {
    seen += isnan(o->found[g]) ? 0.0 : o->found[g];
  }
  for (nax_index g = 0; g < s->n_regions && all > 0.0 && seen > 0.0; g++) {
    double share = 0.0;
    for (nax_index c = 0; c < s->n_channels; c++) {
      share += s->region[c] == g && (s->responds == NULL || s->responds[c]);
    }
    double want = share / all * seen;
    if (want > 0.0) {
      chi2 += (o->found[g] - want) * (o->found[g] - want) / want;
      df += 1.0;
    }
  }
  if (df >= 1.0) {
    /* chi squared is F with a denominator without end */
    t = nax_i_ft_f_test(chi2 / df, df, 1e9);
    t.statistic = chi2;
    t.df2 = (double)NAN;
  }
  return t;
}

/* ------------------------------------------------------------------ random units */

/* As many units of each cell, drawn from those of its layer that are of no kind. */
static void
draw_units(const job *j, const nax_index *wanted, uint64_t draw, nax_index *pool,
           int64_t *kind)
{
  const nax_freqtag_similarity_spec *s = j->s;
  nax_rng rng;
  nax_i_rng_init(&rng, s->seed, draw);
  for (nax_index u = 0; u < s->n_units; u++) {
    kind[u] = -1;
  }
  for (nax_index l = 0; l < s->n_layers; l++) {
    nax_index n = 0;
    for (nax_index u = 0; u < s->n_units; u++) {
      if (s->layer[u] == l && s->kind[u] < 0 && !isnan(j->unit_rdm[u * j->pairs])) {
        pool[n++] = u;
      }
    }
    for (nax_index k = 0; k < s->n_kinds; k++) {
      nax_index m = wanted[l + s->n_layers * k];
      for (; m > 0 && n > 0; m--) {
        nax_index i = nax_rng_below(&rng, n);
        kind[pool[i]] = k;
        pool[i] = pool[--n];
      }
    }
  }
}

static nax_status
against_random(nax_ctx *ctx, const job *j, nax_freqtag_similarity *o, ranked *r)
{
  nax_status status = NAX_OK;
  const nax_freqtag_similarity_spec *s = j->s;
  double *rdm = NULL, *rho = NULL;
  nax_index *n = NULL, *pool = NULL, reach = 0, made = 0;
  int64_t *kind = NULL;
  nax_i_stage stage;
  NAX_TRY_ALLOC(rdm, j->pairs * j->cells, sizeof *rdm);
  NAX_TRY_ALLOC(rho, j->cells * s->n_channels, sizeof *rho);
  NAX_TRY_ALLOC(n, j->cells, sizeof *n);
  NAX_TRY_ALLOC(pool, s->n_units, sizeof *pool);
  NAX_TRY_ALLOC(kind, s->n_units, sizeof *kind);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_freqtag_similarity", "freqtag/random units",
                            s->n_random));
  for (nax_index d = 0; d < s->n_random; d++) {
    draw_units(j, o->n_units, (uint64_t)d, pool, kind);
    cell_geometries(j, kind, rdm, n);
    NAX_TRY(correlate(ctx, j, rdm, n, rho));
    o->random[d] = summarise(j, rho, r, NULL, NULL);
    made += !isnan(o->random[d]);
    reach += o->random[d] >= o->similarity;
    NAX_TRY(nax_i_stage_poll(&stage, d + 1, (double)NAN));
  }
  if (made > 0 && !isnan(o->similarity)) {
    o->p = (double)(reach + 1) / (double)(made + 1);
  }
done:
  nax_i_free(rdm);
  nax_i_free(rho);
  nax_i_free(n);
  nax_i_free(pool);
  nax_i_free(kind);
  return status;
}

/* --------------------------------------------------------------------------- all */

static nax_status
check(nax_ctx *ctx, const char *fn, const nax_freqtag_similarity_spec *s)
{
  if (s->n_bins < 2 || s->n_blocks < 3 || s->n_units < 1 || s->n_layers < 1 ||
      s->n_kinds < 1 || s->n_channels < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "%lld bins, %lld blocks, %lld units, %lld layers, %lld kinds, %lld "
                      "channels, expected at least 2, 3, 1, 1, 1 and 1",
                      (long long)s->n_bins, (long long)s->n_blocks, (long long)s->n_units,
                      (long long)s->n_layers, (long long)s->n_kinds,
                      (long long)s->n_channels);
  }
  if (s->n_top < 1 || s->n_random < 0 || s->n_regions < 0) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "n_top, expected at least 1, got %lld",
                      (long long)s->n_top);
  }
  for (nax_index u = 0; u < s->n_units; u++) {
    if (s->layer[u] >= s->n_layers || s->kind[u] >= s->n_kinds) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "unit %lld is of layer %lld and kind %lld",
                        (long long)u, (long long)s->layer[u], (long long)s->kind[u]);
    }
  }
  for (nax_index c = 0; c < s->n_channels && s->n_regions > 0; c++) {
    if (s->region[c] >= s->n_regions) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "region[%lld], expected less than %lld",
                        (long long)c, (long long)s->n_regions);
    }
  }
  return NAX_OK;
}

static nax_status
create(nax_ctx *ctx, const job *j, nax_freqtag_similarity **out)
{
  nax_status status = NAX_OK;
  const nax_freqtag_similarity_spec *s = j->s;
  nax_freqtag_similarity *o = NULL;
  NAX_TRY_ALLOC(o, 1, sizeof *o);
  o->n_pairs = j->pairs;
  o->n_cells = j->cells;
  o->p = (double)NAN;
  o->spread = nax_i_ft_none;
  NAX_TRY_ALLOC(o->rdm, j->pairs * j->cells, sizeof *o->rdm);
  NAX_TRY_ALLOC(o->n_units, j->cells, sizeof *o->n_units);
  NAX_TRY_ALLOC(o->rho, j->cells * s->n_channels, sizeof *o->rho);
  NAX_TRY_ALLOC(o->top, j->cells, sizeof *o->top);
  NAX_TRY_ALLOC(o->of_kind, s->n_kinds, sizeof *o->of_kind);
  NAX_TRY_ALLOC(o->region, s->n_regions * s->n_kinds, sizeof *o->region);
  NAX_TRY_ALLOC(o->found, s->n_regions, sizeof *o->found);
  NAX_TRY_ALLOC(o->random, s->n_random, sizeof *o->random);
  *out = o;
  o = NULL;
done:
  nax_freqtag_similarity_free(o);
  return status;
}

nax_status
nax_freqtag_similarity_fit(nax_ctx *ctx, const nax_freqtag_similarity_spec *spec,
                           nax_freqtag_similarity **out)
{
  nax_status status = NAX_OK;
  nax_freqtag_similarity *o = NULL;
  ranked *r = NULL;
  job j = {.s = spec};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(check(ctx, __func__, spec));
  j.pairs = nax_rdm_pairs(spec->n_blocks);
  j.cells = spec->n_layers * spec->n_kinds;
  NAX_TRY(make_geometries(ctx, &j));
  NAX_TRY(create(ctx, &j, &o));
  NAX_TRY_ALLOC(r, spec->n_channels, sizeof *r);
  cell_geometries(&j, spec->kind, o->rdm, o->n_units);
  NAX_TRY(correlate(ctx, &j, o->rdm, o->n_units, o->rho));
  o->similarity = summarise(&j, o->rho, r, o->top, o->of_kind);
  if (spec->n_regions > 0) {
    NAX_TRY(by_region(ctx, &j, o, r));
    o->spread = spread(&j, o);
  }
  NAX_TRY(against_random(ctx, &j, o, r));
  *out = o;
  o = NULL;
done:
  nax_freqtag_similarity_free(o);
  nax_rdms_free(j.brain);
  nax_i_free(j.unit_rdm);
  nax_i_free(j.brain_rdm);
  nax_i_free(j.channel);
  nax_i_free(r);
  return status;
}

void
nax_freqtag_similarity_free(nax_freqtag_similarity *o)
{
  if (o != NULL) {
    nax_i_free(o->rdm);
    nax_i_free(o->n_units);
    nax_i_free(o->rho);
    nax_i_free(o->top);
    nax_i_free(o->of_kind);
    nax_i_free(o->region);
    nax_i_free(o->found);
    nax_i_free(o->random);
    nax_i_free(o);
  }
}
