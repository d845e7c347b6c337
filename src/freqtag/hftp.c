/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The published rule of HFTP: permutation screen, contrast, z threshold. A permutation of
 * the samples permutes the rows of the transform, so the whole null distribution of a
 * unit is a product with one matrix that all units share. */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include "rng/rng_i.h"
#include <math.h>

enum { UNITS = 64 };

typedef struct job {
  const nax_view *x, *control;
  nax_index t, groups, control_groups, n_bins, n_null;
  const nax_index *bin; /* sentence first */
  double *w;            /* (2 n_null n_bins) x t: re and im rows of each permutation */
  double *grid;         /* t x 2 n_bins: the transform itself */
  nax_freqtag_hftp *h;
} job;

static void
fill_grid(const job *j, double *grid)
{
  for (nax_index b = 0; b < j->n_bins; b++) {
    for (nax_index t = 0; t < j->t; t++) {
      double turn = 2.0 * NAX_I_FT_PI * (double)(j->bin[b] * t % j->t) / (double)j->t;
      grid[t + (2 * b) * j->t] = cos(turn);
      grid[t + (2 * b + 1) * j->t] = -sin(turn);
    }
  }
}

static nax_status
fill_null(nax_ctx *ctx, const char *fn, const job *j, const int64_t *permutation,
          uint64_t seed)
{
  nax_status status = NAX_OK;
  nax_index *own = NULL;
  char *seen = NULL;
  nax_index rows = 2 * j->n_null * j->n_bins;
  NAX_TRY_ALLOC(own, j->t, sizeof *own);
  NAX_TRY_ALLOC(seen, j->t, 1);
  for (nax_index p = 0; p < j->n_null; p++) {
    if (permutation == NULL) {
      /* draw 0 of nax_stats_permutation is the identity, which the published rule has not
       */
      nax_rng rng;
      nax_i_rng_init(&rng, seed, (uint64_t)p);
      for (nax_index t = 0; t < j->t; t++) {
        own[t] = t;
      }
      for (nax_index t = j->t - 1; t > 0; t--) {
        nax_index other = (nax_index)(nax_rng_uniform(&rng) * (double)(t + 1));
        nax_index keep = own[t];
        own[t] = own[other];
        own[other] = keep;
      }
    }
    memset(seen, 0, (size_t)j->t);
    for (nax_index t = 0; t < j->t; t++) {
      int64_t from = permutation != NULL ? permutation[p * j->t + t] : own[t];
      if (from < 0 || from >= j->t || seen[from]) {
        status =
            nax_i_fail(ctx, NAX_EINVAL, fn,
                       "permutation %lld is not one of 0 to %lld (entry %lld is "
                       "%lld)",
                       (long long)p, (long long)j->t - 1, (long long)t, (long long)from);
        goto done;
      }
      seen[from] = 1;
      for (nax_index r = 0; r < 2 * j->n_bins; r++) {
        /* the sample `from` stands at position t */
        j->w[(r / 2 * j->n_null + p) * 2 + r % 2 + from * rows] = j->grid[t + r * j->t];
      }
    }
  }
done:
  nax_i_free(own);
  nax_i_free(seen);
  return status;
}

/* Mean over groups into `mean` (t), and mean over groups of |X_k| into `amplitude`. */
static int
unit_means(const job *j, const nax_view *x, nax_index unit, double *row, double *mean,
           double *amplitude)
{
  nax_index groups = x->dim[2];
  if (mean != NULL) {
    memset(mean, 0, (size_t)j->t * sizeof *mean);
  }
  memset(amplitude, 0, (size_t)j->n_bins * sizeof *amplitude);
  for (nax_index g = 0; g < groups; g++) {
    double total = 0.0;
    for (nax_index t = 0; t < j->t; t++) {
      nax_index at[3] = {unit, t, g};
      row[t] = nax_view_get(x, at);
      total += row[t];
      if (mean != NULL) {
        mean[t] += row[t] / (double)groups;
      }
    }
    if (!isfinite(total)) {
      return 0;
    }
    for (nax_index b = 0; b < j->n_bins; b++) {
      double re = 0.0, im = 0.0;
      for (nax_index t = 0; t < j->t; t++) {
        re += row[t] * j->grid[t + 2 * b * j->t];
        im += row[t] * j->grid[t + (2 * b + 1) * j->t];
      }
      amplitude[b] += hypot(re, im) / (double)groups;
    }
  }
  return 1;
}

static nax_status
unit_block(int64_t block, void *arg)
{
  nax_ctx *ctx = NULL;
  const char *fn = "nax_freqtag_hftp_published";
  nax_status status = NAX_OK;
  const job *j = arg;
  nax_freqtag_hftp *h = j->h;
  nax_index u0 = block * UNITS, left = h->n_units - u0, rows = 2 * j->n_null * j->n_bins;
  nax_index units = left < UNITS ? left : UNITS;
  double *mean = NULL, *row = NULL, *amp = NULL, *null = NULL, *one = NULL;
  NAX_TRY_ALLOC(mean, UNITS * j->t, sizeof *mean);
  NAX_TRY_ALLOC(row, j->t, sizeof *row);
  NAX_TRY_ALLOC(amp, 2 * UNITS * j->n_bins, sizeof *amp);
  NAX_TRY_ALLOC(null, rows * UNITS, sizeof *null);
  NAX_TRY_ALLOC(one, j->n_null, sizeof *one);
  for (nax_index u = 0; u < units; u++) {
    double *a = amp + 2 * u * j->n_bins;
    if (!unit_means(j, j->x, u0 + u, row, mean + u * j->t, a) ||
        !unit_means(j, j->control, u0 + u, row, NULL, a + j->n_bins)) {
      status = nax_i_fail(ctx, NAX_EDATA, fn,
                          "unit %lld has values that are not finite, which this rule "
                          "cannot leave out",
                          (long long)(u0 + u));
      goto done;
    }
  }
  NAX_TRY(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, rows, UNITS, j->t, 1.0, j->w, rows,
                     mean, j->t, 0.0, null, rows));
  for (nax_index u = 0; u < units; u++) {
    nax_index at = u0 + u;
    const double *exper = amp + 2 * u * j->n_bins, *control = exper + j->n_bins;
    double best = 0.0;
    for (nax_index b = 0; b < j->n_bins; b++) {
      double re = 0.0, im = 0.0;
      for (nax_index t = 0; t < j->t; t++) {
        re += mean[t + u * j->t] * j->grid[t + 2 * b * j->t];
        im += mean[t + u * j->t] * j->grid[t + (2 * b + 1) * j->t];
      }
      double size = hypot(re, im);
      for (nax_index p = 0; p < j->n_null; p++) {
        const double *z = null + u * rows + (b * j->n_null + p) * 2;
        one[p] = hypot(z[0], z[1]);
      }
      double limit = nax_i_quantile(one, j->n_null, 0.95);
      h->threshold[b + at * j->n_bins] = limit;
      if (b < 2) {
        h->amplitude[b + 2 * at] = size;
      }
      if (size > limit) {
        h->passed[at] |= b == 0 ? 1 : 2;
      }
      if (b > 0) {
        best = fmax(best, exper[b] - control[b]);
      }
    }
    h->contrast[2 * at] = h->passed[at] & 1 ? exper[0] - control[0] : 0.0;
    h->contrast[1 + 2 * at] = h->passed[at] & 2 ? best : 0.0;
  }
done:
  nax_i_free(mean);
  nax_i_free(row);
  nax_i_free(amp);
  nax_i_free(null);
  nax_i_free(one);
  return status;
}

static nax_status
z_and_flags(nax_ctx *ctx, nax_freqtag_hftp *h)
{
  nax_status status = NAX_OK;
  double *x = NULL;
  nax_index n = h->n_units;
  NAX_TRY_ALLOC(x, n, sizeof *x);
  for (int k = 0; k < 2; k++) {
    for (nax_index u = 0; u < n; u++) {
      x[u] = h->contrast[k + 2 * u];
    }
    double mean = nax_i_sum(x, n) / (double)n;
    for (nax_index u = 0; u < n; u++) {
      x[u] = (h->contrast[k + 2 * u] - mean) * (h->contrast[k + 2 * u] - mean);
    }
    double sd = sqrt(nax_i_sum(x, n) / (double)n);
    for (nax_index u = 0; u < n; u++) {
      double z = sd > 0.0 ? (h->contrast[k + 2 * u] - mean) / sd : 0.0;
      h->z[k + 2 * u] = z;
      h->flagged[u] |= z > 2.0 ? 1 << k : 0;
    }
  }
done:
  nax_i_free(x);
  return status;
}

static nax_status
check(nax_ctx *ctx, const char *fn, const nax_view *x, const nax_view *control,
      const job *j, nax_index n_phrase)
{
  if (x->ndim != 3 || control->ndim != 3 || x->dim[0] != control->dim[0] ||
      x->dim[1] != control->dim[1] || x->dim[0] < 1 || x->dim[1] < 2 || x->dim[2] < 1 ||
      control->dim[2] < 1) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`experiment` and `control`, expected unit x time x group with the "
                      "same units and samples");
  }
  if (j->n_null < 1 || n_phrase < 1) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%lld permutations and %lld phrase rates, expected at least 1 of "
                      "each",
                      (long long)j->n_null, (long long)n_phrase);
  }
  for (nax_index b = 0; b < j->n_bins; b++) {
    if (j->bin[b] < 1 || 2 * j->bin[b] > j->t) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "bin %lld, expected 1 to %lld",
                        (long long)j->bin[b], (long long)(j->t / 2));
    }
  }
  return NAX_OK;
}

static nax_status
create(nax_ctx *ctx, nax_index n, nax_index n_bins, nax_freqtag_hftp **out)
{
  nax_status status = NAX_OK;
  nax_freqtag_hftp *h = NULL;
  NAX_TRY_ALLOC(h, 1, sizeof *h);
  h->n_units = n;
  NAX_TRY_ALLOC(h->amplitude, 2 * n, sizeof *h->amplitude);
  NAX_TRY_ALLOC(h->threshold, n_bins * n, sizeof *h->threshold);
  NAX_TRY_ALLOC(h->contrast, 2 * n, sizeof *h->contrast);
  NAX_TRY_ALLOC(h->z, 2 * n, sizeof *h->z);
  NAX_TRY_ALLOC(h->passed, n, sizeof *h->passed);
  NAX_TRY_ALLOC(h->flagged, n, sizeof *h->flagged);
  *out = h;
  h = NULL;
done:
  nax_freqtag_hftp_free(h);
  return status;
}

nax_status
nax_freqtag_hftp_published(nax_ctx *ctx, const nax_view *experiment,
                           const nax_view *control, nax_index sentence,
                           nax_index n_phrase, const nax_index *phrase,
                           nax_index n_permutations, const int64_t *permutation,
                           uint64_t seed, nax_freqtag_hftp **out)
{
  nax_status status = NAX_OK;
  nax_index *bin = NULL;
  nax_i_stage stage;
  job j = {.x = experiment, .control = control, .n_null = n_permutations};
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(bin, (n_phrase > 0 ? n_phrase : 0) + 1, sizeof *bin);
  bin[0] = sentence;
  for (nax_index b = 0; b < n_phrase; b++) {
    bin[b + 1] = phrase[b];
  }
  j.bin = bin;
  j.n_bins = n_phrase + 1;
  j.t = experiment->dim[1];
  NAX_TRY(check(ctx, __func__, experiment, control, &j, n_phrase));
  NAX_TRY_ALLOC(j.grid, j.t * 2 * j.n_bins, sizeof *j.grid);
  NAX_TRY_ALLOC(j.w, 2 * n_permutations * j.n_bins * j.t, sizeof *j.w);
  fill_grid(&j, j.grid);
  NAX_TRY(fill_null(ctx, __func__, &j, permutation, seed));
  NAX_TRY(create(ctx, experiment->dim[0], j.n_bins, &j.h));
  nax_index blocks = nax_i_n_blocks(j.h->n_units, UNITS);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/permutations", blocks));
  NAX_TRY(nax_i_parallel(ctx, &stage, blocks, unit_block, &j));
  NAX_TRY(z_and_flags(ctx, j.h));
  *out = j.h;
  j.h = NULL;
done:
  nax_freqtag_hftp_free(j.h);
  nax_i_free(bin);
  nax_i_free(j.grid);
  nax_i_free(j.w);
  return status;
}

void
nax_freqtag_hftp_free(nax_freqtag_hftp *h)
{
  if (h != NULL) {
    nax_i_free(h->amplitude);
    nax_i_free(h->threshold);
    nax_i_free(h->contrast);
    nax_i_free(h->z);
    nax_i_free(h->passed);
    nax_i_free(h->flagged);
    nax_i_free(h);
  }
}

void
nax_freqtag_permutation_moments(nax_index n, const double *x, double *power,
                                double *inside, double *nyquist)
{
  double mean = nax_i_sum(x, n) / (double)n, ss = 0.0;
  for (nax_index i = 0; i < n; i++) {
    ss += (x[i] - mean) * (x[i] - mean);
  }
  double e = (double)n * ss / ((double)n - 1.0);
  if (power != NULL) {
    *power = e;
  }
  if (inside != NULL) {
    *inside = sqrt(-log(0.05) * e);
  }
  if (nyquist != NULL) {
    *nyquist = 1.9599639845400545 * sqrt(e);
  }
}
