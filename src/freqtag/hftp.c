/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The published rule of HFTP: permutation screen, contrast, z threshold. A permutation of
 * the samples permutes the rows of the transform, so the whole null distribution of a
 * unit is a product with one matrix that all units share. */
#include "freqtag_i.h"
#include "linalg/skinny_i.h"
#include "rng/rng_i.h"
#include <math.h>

/* Units that go together, side by side. */
enum { UNITS = 64 };

typedef struct job {
  const nax_view *x, *control;
  nax_index t, n_bins, n_null, n_rows;
  const nax_index *bin; /* sentence first */
  double *w;            /* n_rows x t, row fastest: see row_of */
  double *grid;         /* 2 n_bins (padded to ld) x t: the transform itself */
  int64_t ld;
  nax_freqtag_hftp *h;
} job;

static int
is_real(const job *j, nax_index b)
{
  return 2 * j->bin[b] == j->t;
}

/* First row of the null distribution of a bin: real parts of all permutations, then
 * imaginary ones, which half the rate has not. */
static nax_index
row_of(const job *j, nax_index b)
{
  nax_index row = 0;
  for (nax_index i = 0; i < b; i++) {
    row += (is_real(j, i) ? 1 : 2) * j->n_null;
  }
  return row;
}

static void
fill_grid(const job *j)
{
  for (nax_index b = 0; b < j->n_bins; b++) {
    for (nax_index t = 0; t < j->t; t++) {
      double turn = 2.0 * NAX_I_FT_PI * (double)(j->bin[b] * t % j->t) / (double)j->t;
      j->grid[2 * b + t * j->ld] = cos(turn);
      j->grid[2 * b + 1 + t * j->ld] = is_real(j, b) ? 0.0 : -sin(turn);
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
  NAX_TRY_ALLOC(own, j->t, sizeof *own);
  NAX_TRY_ALLOC(seen, j->t, 1);
  for (nax_index p = 0; p < j->n_null; p++) {
    NAX_TRY(nax_i_poll_every(ctx, p, 64));
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
      /* the sample `from` stands at position t */
      for (nax_index b = 0; b < j->n_bins; b++) {
        double *w = j->w + from * j->n_rows + row_of(j, b) + p;
        w[0] = j->grid[2 * b + t * j->ld];
        if (!is_real(j, b)) {
          w[j->n_null] = j->grid[2 * b + 1 + t * j->ld];
        }
      }
    }
  }
done:
  nax_i_free(own);
  nax_i_free(seen);
  return status;
}

/* Group g of units u0.. as time x UNITS. */
static void
gather(const nax_view *x, nax_index u0, nax_index units, nax_index g, double *out)
{
  int narrow = x->dtype == NAX_F32, across = x->stride[0] == 1;
  nax_index outer = across ? x->dim[1] : units, inner = across ? units : x->dim[1];
  nax_index base = u0 * x->stride[0] + g * x->stride[2];
  const float *f = x->data;
  const double *d = x->data;
  for (nax_index a = 0; a < outer; a++) {
    nax_index from = base + a * x->stride[across], step = x->stride[!across];
    double *to = out + a * (across ? UNITS : 1);
    for (nax_index b = 0; b < inner; b++) {
      nax_index at = from + b * step;
      to[b * (across ? 1 : UNITS)] = narrow ? (double)f[at] : d[at];
    }
  }
}

typedef struct scratch {
  double *values, *mean; /* time x UNITS */
  double *z;             /* UNITS x ld */
  double *amplitude;     /* UNITS x n_bins, of either condition */
  double *size;          /* UNITS x n_bins, of the mean */
  double *power;         /* 2 n_null x UNITS */
  double *one;           /* n_null */
} scratch;

/* Adds the coefficients of all units in `values` into z. */
static void
transform(const job *j, const double *values, double *z)
{
  memset(z, 0, (size_t)(UNITS * j->ld) * sizeof *z);
  nax_i_skinny(NAX_F64, values, 1, UNITS, j->t, j->grid, j->ld, z, j->ld, UNITS, NULL);
}

/* Mean over groups (may be NULL), and mean over groups of |X_k|. Returns the first unit
 * with a value that is not finite, or UNITS. */
static nax_index
condition_means(const job *j, const nax_view *x, nax_index u0, nax_index units,
                double *mean, double *amplitude, scratch *s)
{
  double groups = (double)x->dim[2];
  memset(amplitude, 0, (size_t)(UNITS * j->n_bins) * sizeof *amplitude);
  for (nax_index g = 0; g < x->dim[2]; g++) {
    gather(x, u0, units, g, s->values);
    for (nax_index i = 0; i < j->t * UNITS && mean != NULL; i++) {
      mean[i] += s->values[i] / groups;
    }
    transform(j, s->values, s->z);
    for (nax_index u = 0; u < units; u++) {
      const double *z = s->z + u * j->ld;
      if (!isfinite(z[0])) {
        return u;
      }
      for (nax_index b = 0; b < j->n_bins; b++) {
        amplitude[u * j->n_bins + b] += hypot(z[2 * b], z[2 * b + 1]) / groups;
      }
    }
  }
  return UNITS;
}

/* |X_k|^2 of all permutations and units, in place of the real parts. */
NAX_I_CLONES static void
square(nax_index n, int has_imaginary, double *restrict re, const double *restrict im)
{
  if (has_imaginary) {
#pragma omp simd
    for (nax_index i = 0; i < n; i++) {
      re[i] = re[i] * re[i] + im[i] * im[i];
    }
  } else {
#pragma omp simd
    for (nax_index i = 0; i < n; i++) {
      re[i] *= re[i];
    }
  }
}

NAX_I_CLONES static nax_index
count_above(nax_index n, const double *x, double limit)
{
  nax_index count = 0;
#pragma omp simd reduction(+ : count)
  for (nax_index i = 0; i < n; i++) {
    count += x[i] > limit;
  }
  return count;
}

/* The 95th percentile of the square roots of x, which is reordered. Only the largest are
 * sorted; `expected` is about the percentile of x. */
static double
threshold_of(nax_index n, double *x, double expected)
{
  double at = 0.95 * (double)(n - 1), limit = 0.8 * expected;
  nax_index k = (nax_index)at, top = n - k, m = 0;
  for (int tries = 0; tries < 8 && count_above(n, x, limit) < top; tries++) {
    limit *= 0.8;
  }
  if (count_above(n, x, limit) < top) {
    limit = -1.0; /* squares: all */
  }
  for (nax_index i = 0; i < n; i++) {
    if (x[i] > limit) {
      double keep = x[m];
      x[m++] = x[i];
      x[i] = keep;
    }
  }
  double low = sqrt(nax_i_select(x, m, m - top)), next = (double)INFINITY;
  for (nax_index i = m - top + 1; i < m; i++) {
    next = fmin(next, x[i]);
  }
  return top > 1 ? low + (at - (double)k) * (sqrt(next) - low) : low;
}

/* Thresholds of all units at one bin, and who exceeds them. */
static void
screen(const job *j, nax_index b, nax_index u0, nax_index units, scratch *s)
{
  nax_freqtag_hftp *h = j->h;
  nax_index parts = is_real(j, b) ? 1 : 2, rows = parts * j->n_null;
  memset(s->power, 0, (size_t)(rows * UNITS) * sizeof *s->power);
  nax_i_skinny(NAX_F64, j->w + row_of(j, b), 1, j->n_rows, j->t, s->mean, UNITS, s->power,
               UNITS, rows, NULL);
  square(j->n_null * UNITS, parts == 2, s->power, s->power + j->n_null * UNITS);
  for (nax_index u = 0; u < units; u++) {
    double sum = 0.0, size = s->size[u * j->n_bins + b];
    for (nax_index p = 0; p < j->n_null; p++) {
      s->one[p] = s->power[p * UNITS + u];
      sum += s->one[p];
    }
    /* the percentile of an exponential, or of the square of a normal variate */
    double limit = threshold_of(j->n_null, s->one,
                                (parts == 2 ? 3.0 : 3.84) * sum / (double)j->n_null);
    h->threshold[b + (u0 + u) * j->n_bins] = limit;
    if (size > limit) {
      h->passed[u0 + u] |= b == 0 ? 1 : 2;
    }
  }
}

static nax_status
unit_block(int64_t block, void *arg)
{
  nax_ctx *ctx = NULL;
  const char *fn = "nax_freqtag_hftp_published";
  nax_status status = NAX_OK;
  const job *j = arg;
  nax_freqtag_hftp *h = j->h;
  nax_index u0 = block * UNITS, left = h->n_units - u0;
  nax_index units = left < UNITS ? left : UNITS;
  scratch s = {0};
  NAX_TRY_ALLOC(s.values, UNITS * j->t, sizeof *s.values);
  NAX_TRY_ALLOC(s.mean, UNITS * j->t, sizeof *s.mean);
  NAX_TRY_ALLOC(s.z, UNITS * j->ld, sizeof *s.z);
  NAX_TRY_ALLOC(s.amplitude, 2 * UNITS * j->n_bins, sizeof *s.amplitude);
  NAX_TRY_ALLOC(s.size, UNITS * j->n_bins, sizeof *s.size);
  NAX_TRY_ALLOC(s.power, 2 * j->n_null * UNITS, sizeof *s.power);
  NAX_TRY_ALLOC(s.one, j->n_null, sizeof *s.one);
  double *control = s.amplitude + UNITS * j->n_bins;
  nax_index bad = condition_means(j, j->x, u0, units, s.mean, s.amplitude, &s);
  if (bad == UNITS) {
    bad = condition_means(j, j->control, u0, units, NULL, control, &s);
  }
  if (bad < UNITS) {
    status = nax_i_fail(ctx, NAX_EDATA, fn,
                        "unit %lld has values that are not finite, which this rule "
                        "cannot leave out",
                        (long long)(u0 + bad));
    goto done;
  }
  transform(j, s.mean, s.z);
  for (nax_index u = 0; u < units; u++) {
    for (nax_index b = 0; b < j->n_bins; b++) {
      const double *z = s.z + u * j->ld + 2 * b;
      s.size[u * j->n_bins + b] = hypot(z[0], z[1]);
      if (b < 2) {
        h->amplitude[b + 2 * (u0 + u)] = s.size[u * j->n_bins + b];
      }
    }
  }
  for (nax_index b = 0; b < j->n_bins; b++) {
    screen(j, b, u0, units, &s);
  }
  for (nax_index u = 0; u < units; u++) {
    const double *a = s.amplitude + u * j->n_bins, *c = control + u * j->n_bins;
    double best = 0.0;
    for (nax_index b = 1; b < j->n_bins; b++) {
      best = fmax(best, a[b] - c[b]);
    }
    h->contrast[2 * (u0 + u)] = h->passed[u0 + u] & 1 ? a[0] - c[0] : 0.0;
    h->contrast[1 + 2 * (u0 + u)] = h->passed[u0 + u] & 2 ? best : 0.0;
  }
done:
  nax_i_free(s.values);
  nax_i_free(s.mean);
  nax_i_free(s.z);
  nax_i_free(s.amplitude);
  nax_i_free(s.size);
  nax_i_free(s.power);
  nax_i_free(s.one);
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
  j.ld = nax_i_skinny_pad(NAX_F64, 2 * j.n_bins);
  j.n_rows = row_of(&j, j.n_bins);
  NAX_TRY_ALLOC(j.grid, j.t * j.ld, sizeof *j.grid);
  NAX_TRY_ALLOC(j.w, j.n_rows * j.t, sizeof *j.w);
  fill_grid(&j);
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
