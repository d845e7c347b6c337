/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line against the bins around it. */
#include "freqtag_i.h"
#include <math.h>

static int
usable(const nax_freqtag_neighbours *around, nax_index k)
{
  return around->excluded == NULL || !around->excluded[k];
}

/* Bins on one side of k, outwards; returns how many. */
static nax_index
one_side(nax_index n_bins, nax_index k, int way, const nax_freqtag_neighbours *around,
         nax_index *bin)
{
  nax_index n = 0;
  for (nax_index d = around->skip + 1; n < around->side; d++) {
    nax_index at = k + way * d;
    if (at < 0 || at >= n_bins) {
      break;
    }
    if (usable(around, at)) {
      bin[n++] = at;
    }
  }
  return n;
}

nax_index
nax_freqtag_neighbour_bins(nax_index n_bins, nax_index k,
                           const nax_freqtag_neighbours *around, nax_index *bin)
{
  if (k < 0 || k >= n_bins || around->side < 1 || around->skip < 0) {
    return 0;
  }
  nax_index left = one_side(n_bins, k, -1, around, bin);
  for (nax_index i = 0; i < left / 2; i++) {
    nax_index t = bin[i];
    bin[i] = bin[left - 1 - i];
    bin[left - 1 - i] = t;
  }
  return left + one_side(n_bins, k, 1, around, bin + left);
}

static nax_freqtag_contrast
contrast(double line, nax_index n, double *x, nax_index trim)
{
  const double none = (double)NAN;
  nax_freqtag_contrast c = {n, none, none, none, none, none};
  if (trim > 0 && n > 2 * trim) {
    nax_i_select(x, n, trim);
    nax_i_select(x + trim, n - trim, n - 2 * trim - 1);
    x += trim;
    c.n = n -= 2 * trim;
  }
  if (n < 1 || (trim > 0 && n <= 0)) {
    return c;
  }
  double ss = 0.0;
  c.mean = nax_i_sum(x, n) / (double)n;
  for (nax_index i = 0; i < n; i++) {
    ss += (x[i] - c.mean) * (x[i] - c.mean);
  }
  c.sd = n > 1 ? sqrt(ss / (double)(n - 1)) : none;
  c.snr = c.mean > 0.0 ? line / c.mean : none;
  c.difference = line - c.mean;
  c.z = c.sd > 0.0 ? c.difference / c.sd : none;
  return c;
}

static nax_freqtag_contrast
contrast_at(nax_index n_bins, const double *spectrum, nax_index k,
            const nax_freqtag_neighbours *around, nax_index *bin, double *x)
{
  const double none = (double)NAN;
  nax_index n = nax_freqtag_neighbour_bins(n_bins, k, around, bin);
  if (n < 2 * around->side && !around->truncate) {
    return (nax_freqtag_contrast){n, none, none, none, none, none};
  }
  for (nax_index i = 0; i < n; i++) {
    x[i] = spectrum[bin[i]];
  }
  return contrast(spectrum[k], n, x, around->trim);
}

static nax_status
contrasts(nax_ctx *ctx, const char *fn, nax_index n_bins, const double *spectrum,
          nax_index from, nax_index to, const nax_freqtag_neighbours *around,
          nax_freqtag_contrast *out)
{
  nax_status status = NAX_OK;
  nax_index *bin = NULL;
  double *x = NULL;
  if (from < 0 || to > n_bins || from >= to) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "bin %lld, expected 0 to %lld",
                      (long long)from, (long long)n_bins - 1);
  }
  if (around->side < 1 || around->skip < 0 || around->trim < 0 ||
      around->trim >= around->side) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "neighbours, expected at least 1 on a side and fewer trimmed, got "
                      "%lld and %lld",
                      (long long)around->side, (long long)around->trim);
  }
  NAX_TRY_ALLOC(bin, 2 * around->side, sizeof *bin);
  NAX_TRY_ALLOC(x, 2 * around->side, sizeof *x);
  for (nax_index k = from; k < to; k++) {
    NAX_TRY(nax_i_poll_every(ctx, k - from, 4096));
    out[k - from] = contrast_at(n_bins, spectrum, k, around, bin, x);
  }
done:
  nax_i_free(bin);
  nax_i_free(x);
  return status;
}

nax_status
nax_freqtag_contrast_at(nax_ctx *ctx, nax_index n_bins, const double *spectrum,
                        nax_index k, const nax_freqtag_neighbours *around,
                        nax_freqtag_contrast *out)
{
  nax_i_begin(ctx);
  return contrasts(ctx, __func__, n_bins, spectrum, k, k + 1, around, out);
}

double
nax_freqtag_trim_bias(nax_index n, nax_index trim)
{
  double expected = 0.0, sum = 0.0;
  if (n < 1 || trim < 0 || 2 * trim >= n) {
    return (double)NAN;
  }
  /* the i-th smallest of n exponential values is 1/n + ... + 1/(n-i+1) on average */
  for (nax_index i = 1; i <= n - trim; i++) {
    expected += 1.0 / (double)(n - i + 1);
    sum += i > trim ? expected : 0.0;
  }
  return sum / (double)(n - 2 * trim);
}

nax_status
nax_freqtag_contrast_all(nax_ctx *ctx, nax_index n_bins, const double *spectrum,
                         const nax_freqtag_neighbours *around, nax_freqtag_contrast *out)
{
  nax_i_begin(ctx);
  return contrasts(ctx, __func__, n_bins, spectrum, 0, n_bins, around, out);
}

nax_freqtag_test
nax_freqtag_snr_test(double snr, nax_index n_neighbours, nax_index n_averaged)
{
  if (n_neighbours < 1 || n_averaged < 1) {
    return nax_i_ft_none;
  }
  double df1 = 2.0 * (double)n_averaged;
  return nax_i_ft_f_test(snr, df1, df1 * (double)n_neighbours);
}

nax_status
nax_freqtag_harmonics_of(nax_ctx *ctx, nax_index n_bins, const double *amplitude,
                         nax_index n_harmonics, const nax_index *bin,
                         const nax_freqtag_neighbours *around, nax_freqtag_harmonics *out)
{
  nax_status status = NAX_OK;
  double *segment = NULL, power = 0.0, sum = 0.0;
  nax_freqtag_neighbours plain = {around->skip, around->side, 0, NULL, 0};
  nax_freqtag_contrast c;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_harmonics >= 1, NAX_EINVAL, "%lld harmonics, expected at least 1",
              (long long)n_harmonics);
  nax_index half = around->skip + around->side, width = 2 * half + 1;
  NAX_REQUIRE(half >= 1, NAX_EINVAL, "neighbours, expected at least 1 on a side");
  NAX_TRY_ALLOC(segment, width, sizeof *segment);
  for (nax_index h = 0; h < n_harmonics; h++) {
    NAX_TRY(contrasts(ctx, __func__, n_bins, amplitude, bin[h], bin[h] + 1, around, &c));
    sum += c.difference;
    power += c.difference * c.difference;
    for (nax_index i = 0; i < width; i++) {
      nax_index at = bin[h] - half + i;
      segment[i] += at >= 0 && at < n_bins ? amplitude[at] : (double)NAN;
    }
  }
  NAX_TRY(contrasts(ctx, __func__, width, segment, half, half + 1, &plain, &c));
  *out = (nax_freqtag_harmonics){sum, sqrt(power), c.snr, c.z};
done:
  nax_i_free(segment);
  return status;
}

double
nax_freqtag_scalloping(nax_index n, double offset)
{
  double d = NAX_I_FT_PI * offset;
  double below = (double)n * sin(d / (double)n);
  return below == 0.0 ? 1.0 : fabs(sin(d) / below);
}
