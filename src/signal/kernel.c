/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric kernels with an edge rule and missing values, and running extrema. */
#include "signal_i.h"
#include <math.h>

/* Beyond this reach the Fourier way is faster than the sum. */
enum { DIRECT_REACH = 64, TILE = 1024 };

nax_index
nax_i_reflect(nax_index i, nax_index n)
{
  nax_index m = i % (2 * n);
  m = m < 0 ? m + 2 * n : m;
  return m < n ? m : 2 * n - 1 - m;
}

/* ------------------------------------------------------------------ kernels */

/* Sum of the kernel's weights that fall on the record, for each position of it. */
static void
weights_inside(nax_i_kernel *k)
{
  double half = 0.0; /* sum of the weights on one side up to distance d */
  int all = k->edge != NAX_EDGE_RENORMALISE;
  for (nax_index i = 0; i < k->n; i++) {
    k->full[i] = all ? 1.0 : k->weight[0];
  }
  for (nax_index d = 1; d < k->n && !all; d++) {
    half += d <= k->reach ? k->weight[d] : 0.0;
    k->full[d] += half;            /* d samples to the left of position d */
    k->full[k->n - 1 - d] += half; /* d samples to the right of that position */
  }
}

static nax_status
kernel_spectrum(nax_ctx *ctx, nax_i_kernel *k)
{
  nax_status status = NAX_OK;
  nax_i_c64 *spectrum = NULL;
  double *ring = NULL;
  nax_index m = nax_fft_next_fast(k->n + 2 * k->reach), half = m / 2 + 1;
  k->n_fft = m;
  NAX_TRY(nax_i_fft_create(ctx, __func__, NAX_I_FFT_R2C, m, 1, &k->forward));
  NAX_TRY(nax_i_fft_create(ctx, __func__, NAX_I_FFT_C2R, m, 1, &k->backward));
  NAX_TRY_ALLOC(ring, m, sizeof *ring);
  NAX_TRY_ALLOC(spectrum, half, sizeof *spectrum);
  NAX_TRY_ALLOC(k->spectrum, half, sizeof *k->spectrum);
  ring[0] = k->weight[0];
  for (nax_index i = 1; i <= k->reach; i++) {
    ring[i] = ring[m - i] = k->weight[i];
  }
  nax_i_fft_execute(k->forward, ring, spectrum);
  for (nax_index i = 0; i < half; i++) {
    k->spectrum[i] = spectrum[i].re / (double)m; /* symmetric kernel: no phase */
  }
done:
  nax_i_free(ring);
  nax_i_free(spectrum);
  return status;
}

static nax_status
kernel_create(nax_ctx *ctx, nax_index n, nax_index reach, nax_edge edge,
              nax_i_kernel *out)
{
  nax_status status = NAX_OK;
  *out = (nax_i_kernel){.n = n, .reach = reach, .edge = edge};
  NAX_TRY_ALLOC(out->weight, reach + 1, sizeof(double));
  NAX_TRY_ALLOC(out->full, n, sizeof(double));
done:
  return status;
}

nax_status
nax_i_kernel_gaussian(nax_ctx *ctx, nax_index n, double sigma_frames, double truncate,
                      nax_edge edge, nax_i_kernel *out)
{
  nax_status status = NAX_OK;
  nax_index reach = (nax_index)(truncate * sigma_frames + 0.5);
  double sum = 0.0;
  NAX_TRY(kernel_create(ctx, n, reach, edge, out));
  out->weight[0] = 1.0;
  for (nax_index i = 1; i <= reach; i++) {
    double z = (double)i / sigma_frames;
    out->weight[i] = exp(-0.5 * z * z);
  }
  for (nax_index i = reach; i >= 1; i--) {
    sum += 2.0 * out->weight[i];
  }
  sum += 1.0;
  for (nax_index i = 0; i <= reach; i++) {
    out->weight[i] /= sum;
  }
  weights_inside(out);
  if (reach > DIRECT_REACH) {
    NAX_TRY(kernel_spectrum(ctx, out));
  }
done:
  if (status != NAX_OK) {
    nax_i_kernel_free(out);
  }
  return status;
}

nax_status
nax_i_kernel_boxcar(nax_ctx *ctx, nax_index n, double width_frames, nax_edge edge,
                    nax_i_kernel *out)
{
  nax_status status = NAX_OK;
  double side = width_frames > 1.0 ? 0.5 * (width_frames - 1.0) : 0.0;
  nax_index whole = (nax_index)side;
  double part = side - (double)whole;
  if (part < 1e-9) {
    part = 0.0; /* 0.3 s at 10 Hz is 3 samples, whatever the rounding says */
  } else if (part > 1.0 - 1e-9) {
    whole++;
    part = 0.0;
  }
  double sum = 1.0 + 2.0 * ((double)whole + part);
  NAX_TRY(kernel_create(ctx, n, whole + (part > 0.0), edge, out));
  out->box = 1;
  for (nax_index i = 0; i <= out->reach; i++) {
    out->weight[i] = (i <= whole ? 1.0 : part) / sum;
  }
  weights_inside(out);
done:
  if (status != NAX_OK) {
    nax_i_kernel_free(out);
  }
  return status;
}

void
nax_i_kernel_free(nax_i_kernel *k)
{
  nax_i_free(k->weight);
  nax_i_free(k->full);
  nax_i_free(k->spectrum);
  nax_i_fft_free(k->forward);
  nax_i_fft_free(k->backward);
  *k = (nax_i_kernel){0};
}

/* -------------------------------------------------------------- convolution */

static nax_index
padded(const nax_i_kernel *k)
{
  nax_index n = k->n + 2 * k->reach;
  return k->n_fft > n ? k->n_fft : n;
}

nax_index
nax_i_kernel_scratch(const nax_i_kernel *k)
{
  return 4 * padded(k) + 2 + k->n;
}

/* y[i] = sum of weight[|j|] * p[i + j]; p points at the record inside its padding. */
static void
convolve_direct(const nax_i_kernel *k, const double *p, double *y)
{
  for (nax_index from = 0; from < k->n; from += TILE) {
    nax_index m = k->n - from < TILE ? k->n - from : TILE;
    const double *c = p + from;
    double *o = y + from;
    for (nax_index i = 0; i < m; i++) {
      o[i] = k->weight[0] * c[i];
    }
    for (nax_index j = 1; j <= k->reach; j++) {
      double w = k->weight[j];
      const double *a = c - j, *b = c + j;
#ifdef _OPENMP
#pragma omp simd
#endif
      for (nax_index i = 0; i < m; i++) {
        o[i] += w * (a[i] + b[i]);
      }
    }
  }
}

/* Sums over windows of w equal weights, O(n) and without the error that a running sum
 * collects: the padded record is cut into pieces of w, and every window is the end of one
 * piece and the beginning of the next. */
static void
window_sums(const double *p, nax_index n_windows, nax_index w, double *tail, double *y)
{
  for (nax_index from = 0; from < n_windows; from += w) {
    nax_index m = n_windows - from < w ? n_windows - from : w;
    double s = 0.0;
    for (nax_index i = w - 1; i >= 0; i--) {
      s += p[from + i];
      tail[i] = s;
    }
    s = 0.0;
    for (nax_index i = 0; i < m; i++) {
      y[from + i] = tail[i] + s;
      s += i + 1 < m ? p[from + w + i] : 0.0;
    }
  }
}

static void
convolve_box(const nax_i_kernel *k, const double *p, double *y, double *tail)
{
  nax_index r = k->reach;
  double w = k->weight[0], end = k->weight[r];
  int partial = end < w;
  nax_index side = partial ? r - 1 : r;
  window_sums(p - side, k->n, 2 * side + 1, tail, y);
  for (nax_index i = 0; i < k->n; i++) {
    y[i] *= w;
    if (partial) {
      y[i] += end * (p[i - r] + p[i + r]);
    }
  }
}

/* `tmp` has room for n_fft doubles, `spectrum` for n_fft + 2. */
static void
convolve_fourier(const nax_i_kernel *k, const double *padded_record, double *y,
                 double *tmp, double *spectrum)
{
  nax_i_c64 *s = (nax_i_c64 *)spectrum;
  nax_i_fft_execute(k->forward, padded_record, s);
  for (nax_index i = 0; i < k->n_fft / 2 + 1; i++) {
    s[i].re *= k->spectrum[i];
    s[i].im *= k->spectrum[i];
  }
  nax_i_fft_execute(k->backward, s, tmp);
  memcpy(y, tmp + k->reach, (size_t)k->n * sizeof *y);
}

static void
convolve(const nax_i_kernel *k, const double *record, double *y, double *tmp,
         double *spectrum)
{
  if (k->spectrum != NULL) {
    convolve_fourier(k, record, y, tmp, spectrum);
  } else if (k->box) {
    convolve_box(k, record + k->reach, y, tmp);
  } else {
    convolve_direct(k, record + k->reach, y);
  }
}

/* Fill the padding of a record that lies at p[reach]; beyond it zeros up to `total`. */
static void
pad(const nax_i_kernel *k, double *p, nax_index total, double beyond)
{
  nax_index r = k->reach, n = k->n;
  double *x = p + r;
  for (nax_index i = 1; i <= r; i++) {
    double before = beyond, after = beyond;
    if (k->edge == NAX_EDGE_REFLECT) {
      before = x[nax_i_reflect(-i, n)];
      after = x[nax_i_reflect(n - 1 + i, n)];
    } else if (k->edge == NAX_EDGE_NEAREST) {
      before = x[0];
      after = x[n - 1];
    }
    x[-i] = before;
    x[n - 1 + i] = after;
  }
  for (nax_index i = n + 2 * r; i < total; i++) {
    p[i] = 0.0;
  }
}

/* Weighted averages lie between the extremes of what is averaged; rounding of the Fourier
 * way must not make a count negative. */
static void
clamp(double *y, nax_index n, double lo, double hi)
{
  for (nax_index i = 0; i < n; i++) {
    y[i] = y[i] < lo ? lo : y[i] > hi ? hi : y[i];
  }
}

void
nax_i_kernel_apply(const nax_i_kernel *k, const double *x, int fill, double *y,
                   double *scratch)
{
  nax_index n = k->n, r = k->reach, total = padded(k), missing = 0;
  double *record = scratch, *present = record + total, *tmp = present + total;
  double *spectrum = tmp + total, *den = spectrum + total + 2;
  double lo = k->edge == NAX_EDGE_ZERO ? 0.0 : (double)INFINITY, hi = -lo;
  for (nax_index i = 0; i < n; i++) {
    int ok = isfinite(x[i]);
    record[r + i] = ok ? x[i] : 0.0;
    present[r + i] = ok;
    missing += !ok;
    lo = ok && x[i] < lo ? x[i] : lo;
    hi = ok && x[i] > hi ? x[i] : hi;
  }
  pad(k, record, total, 0.0);
  convolve(k, record, y, tmp, spectrum);
  if (missing == 0) {
    for (nax_index i = 0; i < n && k->edge == NAX_EDGE_RENORMALISE; i++) {
      y[i] /= k->full[i];
    }
    clamp(y, n, lo, hi);
    return;
  }
  pad(k, present, total, k->edge == NAX_EDGE_ZERO ? 1.0 : 0.0);
  convolve(k, present, den, tmp, spectrum);
  nax_index in_reach = 0; /* samples present in [i - r, i + r] of the padded record */
  for (nax_index i = 0; i < 2 * r; i++) {
    in_reach += present[i] > 0.5;
  }
  for (nax_index i = 0; i < n; i++) {
    in_reach += present[i + 2 * r] > 0.5;
    int ok = in_reach > 0 && (fill || present[r + i] > 0.5);
    double v = ok ? y[i] / den[i] : (double)NAN;
    y[i] = v < lo ? lo : v > hi ? hi : v;
    in_reach -= present[i] > 0.5;
  }
}

/* ----------------------------------------------------------- running extrema */

nax_index
nax_i_extremum_scratch(nax_index n, nax_index w)
{
  return 2 * (n + w);
}

void
nax_i_extremum_filter(const double *x, nax_index n, nax_index w, double sign, double *y,
                      double *scratch)
{
  /* Candidates for the extremum of the window, worst last: a sample leaves the queue when
   * a better one comes after it or when the window has passed it. */
  nax_index before = w / 2, total = n + w - 1;
  double *value = scratch, *index = scratch + (n + w);
  nax_index head = 0, tail = 0;
  for (nax_index i = 0; i < total; i++) {
    double v = sign * x[nax_i_reflect(i - before, n)];
    if (isfinite(v)) {
      while (tail > head && value[tail - 1] >= v) {
        tail--;
      }
      value[tail] = v;
      index[tail++] = (double)i;
    }
    nax_index at = i - (w - 1);
    if (at >= 0) {
      while (head < tail && index[head] < (double)at) {
        head++;
      }
      y[at] = head < tail ? sign * value[head] : (double)NAN;
    }
  }
}
