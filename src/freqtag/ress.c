/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rhythmic entrainment source separation from the Fourier coefficients. */
#include "freqtag_i.h"
#include "linalg/linalg_i.h"
#include <math.h>

typedef struct job {
  nax_index c, n, trials;
  const double *x;
  const nax_freqtag_ress_spec *s;
  nax_index n_bins;
  double *gain[3]; /* of the tag and of both sides, per bin */
  nax_i_fft *fft;
  double *cov; /* c x c x (signal, reference) x trial */
} job;

/* Gaussian in frequency as in the published implementation, whose constant differs from
 * that of a true full width at half maximum by 1 %. */
static void
fill_gain(const job *j, double centre, double width, double *gain)
{
  double s = width * (2.0 * NAX_I_FT_PI - 1.0) / (4.0 * NAX_I_FT_PI);
  for (nax_index k = 0; k < j->n_bins; k++) {
    double d = ((double)k * j->s->rate / (double)j->n - centre) / s;
    gain[k] = exp(-0.5 * d * d);
  }
}

/* Mean over time of the product of channels filtered by `gain` (one-sided, real part of
 * twice the analytic signal), of one trial; added to out times `weight`. */
static nax_status
add_covariance(const job *j, const nax_i_c64 *spectrum, const double *gain, double weight,
               double *rows, double *out)
{
  nax_index used = 0, half = j->n_bins;
  double scale = sqrt(2.0) / (double)j->n;
  for (nax_index k = 0; k < half; k++) {
    if (gain[k] * gain[k] > 1e-24) {
      for (nax_index c = 0; c < j->c; c++) {
        rows[c + 2 * used * j->c] = scale * gain[k] * spectrum[k + c * half].re;
        rows[c + (2 * used + 1) * j->c] = scale * gain[k] * spectrum[k + c * half].im;
      }
      used++;
    }
  }
  return nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_TRANS, j->c, j->c, 2 * used, weight, rows,
                    j->c, rows, j->c, 1.0, out, j->c);
}

static nax_status
trial_block(int64_t trial, void *arg)
{
  nax_ctx *ctx = NULL;
  nax_status status = NAX_OK;
  const job *j = arg;
  nax_i_c64 *spectrum = NULL;
  double *rows = NULL, *line = NULL;
  double *s = j->cov + trial * 2 * j->c * j->c, *r = s + j->c * j->c;
  NAX_TRY_ALLOC(spectrum, j->n_bins * j->c, sizeof *spectrum);
  NAX_TRY_ALLOC(rows, 2 * j->n_bins * j->c, sizeof *rows);
  NAX_TRY_ALLOC(line, j->n, sizeof *line);
  for (nax_index c = 0; c < j->c; c++) {
    for (nax_index t = 0; t < j->n; t++) {
      line[t] = j->x[c + j->c * (t + j->n * trial)];
    }
    nax_i_fft_execute(j->fft, line, spectrum + c * j->n_bins);
  }
  NAX_TRY(add_covariance(j, spectrum, j->gain[0], 1.0, rows, s));
  NAX_TRY(add_covariance(j, spectrum, j->gain[1], 0.5, rows, r));
  NAX_TRY(add_covariance(j, spectrum, j->gain[2], 0.5, rows, r));
done:
  nax_i_free(spectrum);
  nax_i_free(rows);
  nax_i_free(line);
  return status;
}

/* S w = value R w through the Cholesky factor of R. s and r are destroyed; filters end in
 * s, unit columns, largest value first. */
static nax_status
solve(nax_ctx *ctx, const char *fn, nax_index c, double *s, double *r, double *values)
{
  nax_status status = NAX_OK;
  double *t = NULL;
  NAX_TRY_ALLOC(t, c * c, sizeof *t);
  NAX_TRY(nax_i_potrf(ctx, fn, "the reference covariance", c, r, c, 0, NULL));
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, c, c, r, c, s, c)); /* L^-1 S */
  for (nax_index i = 0; i < c; i++) {
    for (nax_index k = 0; k < c; k++) {
      t[i + k * c] = s[k + i * c];
    }
  }
  NAX_TRY(nax_i_trsm(ctx, NAX_I_PLAIN, c, c, r, c, t, c)); /* L^-1 S L^-T */
  NAX_TRY(nax_i_syevd(ctx, fn, c, t, c, 1, values));
  NAX_TRY(nax_i_trsm(ctx, NAX_I_TRANS, c, c, r, c, t, c));
  for (nax_index k = 0; k < c; k++) {
    double *w = s + k * c, norm = 0.0, most = 0.0;
    memcpy(w, t + (c - 1 - k) * c, (size_t)c * sizeof *w);
    for (nax_index i = 0; i < c; i++) {
      norm += w[i] * w[i];
      most = fabs(w[i]) > fabs(most) * (1.0 + 1e-10) ? w[i] : most;
    }
    norm = copysign(sqrt(norm), most);
    for (nax_index i = 0; i < c; i++) {
      w[i] /= norm;
    }
  }
  for (nax_index k = 0; k < c / 2; k++) {
    double v = values[k];
    values[k] = values[c - 1 - k];
    values[c - 1 - k] = v;
  }
done:
  nax_i_free(t);
  return status;
}

/* Sums of S and R over trials go into `sum`, end to end. */
static void
add_trials(const job *j, double *sum)
{
  nax_index both = 2 * j->c * j->c;
  for (nax_index q = 0; q < j->trials; q++) {
    for (nax_index i = 0; i < both; i++) {
      sum[i] += j->cov[q * both + i];
    }
  }
}

/* Means of S and R over the trials but `without` (-1: none), R shrunk. */
static void
mean_covariances(const job *j, const double *sum, nax_index without, double *s, double *r)
{
  nax_index size = j->c * j->c;
  double n = (double)(without < 0 ? j->trials : j->trials - 1);
  double trace = 0.0, g = j->s->shrinkage;
  for (nax_index i = 0; i < size; i++) {
    const double *cov = without < 0 ? NULL : j->cov + without * 2 * size + i;
    s[i] = (sum[i] - (cov == NULL ? 0.0 : cov[0])) / n;
    r[i] = (sum[size + i] - (cov == NULL ? 0.0 : cov[size])) / n;
  }
  for (nax_index i = 0; i < j->c; i++) {
    trace += r[i + i * j->c];
  }
  for (nax_index i = 0; i < size; i++) {
    r[i] *= 1.0 - g;
  }
  for (nax_index i = 0; i < j->c; i++) {
    r[i + i * j->c] += g * trace / (double)j->c;
  }
}

/* A filter that left a trial out gets the sign with which it picks up the pattern of the
 * filter of all trials: signs of single filters would turn phases of trials around. */
static void
align(nax_index c, const double *pattern, double *w)
{
  double dot = 0.0;
  for (nax_index i = 0; i < c; i++) {
    dot += w[i] * pattern[i];
  }
  for (nax_index i = 0; i < c && dot < 0.0; i++) {
    w[i] = -w[i];
  }
}

static void
apply(const job *j, const double *w, nax_index trial, double *out)
{
  for (nax_index t = 0; t < j->n; t++) {
    const double *x = j->x + j->c * (t + j->n * trial);
    double sum = 0.0;
    for (nax_index c = 0; c < j->c; c++) {
      sum += w[c] * x[c];
    }
    out[t + j->n * trial] = sum;
  }
}

static nax_status
check(nax_ctx *ctx, const char *fn, nax_index c, nax_index n, nax_index trials,
      const nax_freqtag_ress_spec *s)
{
  if (c < 1 || n < 4 || trials < 1 + (s->leave_out != 0)) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "%lld channels, %lld samples, %lld trials, expected at least 1, 4 "
                      "and %d",
                      (long long)c, (long long)n, (long long)trials,
                      1 + (s->leave_out != 0));
  }
  if (!(s->rate > 0.0) || !(s->frequency - s->distance > 0.0) ||
      !(s->frequency + s->distance < 0.5 * s->rate) || !(s->width > 0.0) ||
      !(s->distance > 0.0) || !(s->distance_width > 0.0) || !(s->shrinkage >= 0.0) ||
      !(s->shrinkage <= 1.0)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "%g Hz with references %g Hz away, expected them between 0 and %g "
                      "Hz, widths above 0 and shrinkage of 0 to 1",
                      s->frequency, s->distance, 0.5 * s->rate);
  }
  return NAX_OK;
}

nax_status
nax_freqtag_ress(nax_ctx *ctx, nax_index n_channels, nax_index n_samples,
                 nax_index n_trials, const double *x, const nax_freqtag_ress_spec *spec,
                 double *values, double *filters, double *pattern, double *signal,
                 double *reference, double *component)
{
  nax_status status = NAX_OK;
  job j = {.c = n_channels, .n = n_samples, .trials = n_trials, .x = x, .s = spec};
  double *s = NULL, *r = NULL, *v = NULL, *sum = NULL, *full = NULL;
  nax_index size = n_channels * n_channels;
  nax_i_stage stage;
  nax_i_begin(ctx);
  NAX_TRY(check(ctx, __func__, n_channels, n_samples, n_trials, spec));
  NAX_TRY(nax_i_require_finite(ctx, __func__, "x", n_channels * n_samples, n_trials, x,
                               n_channels * n_samples));
  j.n_bins = n_samples / 2 + 1;
  for (int k = 0; k < 3; k++) {
    NAX_TRY_ALLOC(j.gain[k], j.n_bins, sizeof(double));
    fill_gain(&j,
              spec->frequency + (k == 0   ? 0.0
                                 : k == 1 ? -1.0
                                          : 1.0) *
                                    spec->distance,
              k == 0 ? spec->width : spec->distance_width, j.gain[k]);
    for (nax_index i = 0; i < j.n_bins && k > 0 && spec->excluded != NULL; i++) {
      j.gain[k][i] = spec->excluded[i] ? 0.0 : j.gain[k][i];
    }
  }
  NAX_TRY(nax_i_fft_create(ctx, __func__, NAX_I_FFT_R2C, n_samples, 1, &j.fft));
  NAX_TRY_ALLOC(j.cov, n_trials * 2 * size, sizeof *j.cov);
  NAX_TRY_ALLOC(sum, 2 * size, sizeof *sum);
  NAX_TRY_ALLOC(s, size, sizeof *s);
  NAX_TRY_ALLOC(r, size, sizeof *r);
  NAX_TRY_ALLOC(v, n_channels, sizeof *v);
  NAX_TRY_ALLOC(full, n_channels, sizeof *full);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "freqtag/covariance", n_trials));
  NAX_TRY(nax_i_parallel(ctx, &stage, n_trials, trial_block, &j));
  add_trials(&j, sum);
  mean_covariances(&j, sum, -1, s, r);
  if (signal != NULL) {
    memcpy(signal, s, (size_t)size * sizeof *s);
  }
  if (reference != NULL) {
    memcpy(reference, r, (size_t)size * sizeof *r);
  }
  NAX_TRY(solve(ctx, __func__, n_channels, s, r, v));
  if (values != NULL) {
    memcpy(values, v, (size_t)n_channels * sizeof *v);
  }
  if (filters != NULL) {
    memcpy(filters, s, (size_t)size * sizeof *s);
  }
  for (nax_index q = 0; q < n_trials && component != NULL && !spec->leave_out; q++) {
    apply(&j, s, q, component);
  }
  memcpy(v, s, (size_t)n_channels * sizeof *v);
  mean_covariances(&j, sum, -1, s, r);
  NAX_TRY(nax_i_gemv(ctx, NAX_I_PLAIN, n_channels, n_channels, 1.0, s, n_channels, v, 0.0,
                     full));
  if (pattern != NULL) {
    memcpy(pattern, full, (size_t)n_channels * sizeof *full);
  }
  for (nax_index q = 0; q < n_trials && component != NULL && spec->leave_out; q++) {
    mean_covariances(&j, sum, q, s, r);
    NAX_TRY(solve(ctx, __func__, n_channels, s, r, v));
    align(n_channels, full, s);
    apply(&j, s, q, component);
  }
done:
  nax_i_fft_free(j.fft);
  for (int k = 0; k < 3; k++) {
    nax_i_free(j.gain[k]);
  }
  nax_i_free(j.cov);
  nax_i_free(sum);
  nax_i_free(full);
  nax_i_free(s);
  nax_i_free(r);
  nax_i_free(v);
  return status;
}
