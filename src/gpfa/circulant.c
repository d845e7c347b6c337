/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials too long for matrices of their size.
 *
 * With the roots H_t of what each bin tells, H_t H_t = G_t = C' R^-1 C over the neurons
 * observed, the data are y~_t = H_t x_t + N(0, I), and the mean is K H z where
 * (I + H K H) z = y~: conjugate gradients, K by Fourier transforms of twice the length,
 * preconditioned by the circulant matrix with the mean of H.
 *
 * Covariances of a bin, and the determinant bin by bin given the past, depend on what is
 * near: they come from nested factorisations of overlapping windows that reach as far as
 * one bin tells about another (there and back: half as far as for a mean). Windows that
 * look alike are computed once. */
#include "fft/fft_i.h"
#include "gpfa_i.h"
#include <math.h>

enum { MAX_STEPS = 1000, LEAST_PAD = 32, LEAST_CORE = 64 };

typedef struct work {
  nax_ctx *ctx;
  const nax_i_gpfa_data *d;
  const nax_i_gpfa_par *p;
  const nax_i_gpfa_sensor *sensors;
  nax_index q, start, length, n_fft, n_freq;
  double *root, *pinv; /* q x q per pattern: H and its pseudo-inverse */
  nax_i_fft *forward, *backward;
  double *spectrum; /* n_freq x q: of the covariances on the circle, over n_fft */
  double *precond;  /* q x q per frequency */
  double *time;     /* n_fft x q */
  nax_i_c64 *freq;  /* n_freq x q */
  double *small;    /* 2 q */
} work;

/* What belongs to one trial. */
static void
free_trial(work *w)
{
  nax_i_fft_free(w->forward);
  nax_i_fft_free(w->backward);
  nax_i_free(w->spectrum);
  nax_i_free(w->precond);
  nax_i_free(w->time);
  nax_i_free(w->freq);
  w->forward = w->backward = NULL;
  w->spectrum = w->precond = w->time = NULL;
  w->freq = NULL;
}

/* --- products --------------------------------------------------------------------- */

static const nax_index *
patterns(const work *w)
{
  return w->d->pattern + w->start;
}

/* out_t = M_t in_t, both q x T; M by pattern. */
static void
each_bin(const work *w, const double *m, const double *in, double *out)
{
  nax_index q = w->q;
  for (nax_index t = 0; t < w->length; t++) {
    const double *a = m + patterns(w)[t] * q * q;
    for (nax_index l = 0; l < q; l++) {
      double sum = 0.0;
      for (nax_index k = 0; k < q; k++) {
        sum += a[l + k * q] * in[k + t * q];
      }
      out[l + t * q] = sum;
    }
  }
}

/* To frequencies (padded with zeros), and back into out = q x T. */
static void
to_frequencies(work *w, const double *in)
{
  memset(w->time, 0, (size_t)(w->n_fft * w->q) * sizeof(double));
  for (nax_index t = 0; t < w->length; t++) {
    for (nax_index l = 0; l < w->q; l++) {
      w->time[t + l * w->n_fft] = in[l + t * w->q];
    }
  }
  nax_i_fft_execute(w->forward, w->time, w->freq);
}

static void
from_frequencies(work *w, double *out)
{
  nax_i_fft_execute(w->backward, w->freq, w->time);
  for (nax_index t = 0; t < w->length; t++) {
    for (nax_index l = 0; l < w->q; l++) {
      out[l + t * w->q] = w->time[t + l * w->n_fft];
    }
  }
}

static void
times_k(work *w, const double *in, double *out)
{
  to_frequencies(w, in);
  for (nax_index i = 0; i < w->n_freq * w->q; i++) {
    w->freq[i].re *= w->spectrum[i];
    w->freq[i].im *= w->spectrum[i];
  }
  from_frequencies(w, out);
}

static void
precondition(work *w, const double *in, double *out)
{
  nax_index q = w->q, n = w->n_freq;
  to_frequencies(w, in);
  for (nax_index f = 0; f < n; f++) {
    const double *m = w->precond + f * q * q;
    double *re = w->small, *im = re + q;
    for (nax_index l = 0; l < q; l++) {
      re[l] = im[l] = 0.0;
      for (nax_index k = 0; k < q; k++) {
        re[l] += m[l + k * q] * w->freq[f + k * n].re;
        im[l] += m[l + k * q] * w->freq[f + k * n].im;
      }
    }
    for (nax_index l = 0; l < q; l++) {
      w->freq[f + l * n] = (nax_i_c64){re[l], im[l]};
    }
  }
  from_frequencies(w, out);
}

/* --- setting up --------------------------------------------------------------------- */

/* H and its pseudo-inverse for each pattern. */
static nax_status
make_roots(work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index q = w->q;
  double *a = NULL, *value = NULL;
  NAX_TRY_ALLOC(w->root, w->d->n_patterns * q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->pinv, w->d->n_patterns * q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->small, 2 * q, sizeof(double));
  NAX_TRY_ALLOC(a, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(value, q, sizeof(double));
  for (nax_index j = 0; j < w->d->n_patterns; j++) {
    memcpy(a, w->sensors[j].g, (size_t)(q * q) * sizeof(double));
    NAX_TRY(nax_i_syevd(ctx, "nax_gpfa_infer", q, a, q, 1, value));
    double *h = w->root + j * q * q, *g = w->pinv + j * q * q;
    for (nax_index k = 0; k < q; k++) {
      int there = value[k] > 1e-14 * value[q - 1] && value[k] > 0.0;
      double s = there ? sqrt(value[k]) : 0.0;
      for (nax_index i = 0; i < q * q; i++) {
        double uu = a[i % q + k * q] * a[i / q + k * q];
        h[i] += s * uu;
        g[i] += there ? uu / s : 0.0;
      }
    }
  }
done:
  nax_i_free(a);
  nax_i_free(value);
  return status;
}

static nax_status
make_spectra(work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index q = w->q;
  double *k = NULL, *mean = NULL, *a = NULL;
  w->n_fft = nax_fft_next_fast(2 * w->length);
  w->n_freq = w->n_fft / 2 + 1;
  NAX_TRY(
      nax_i_fft_create(ctx, "nax_gpfa_infer", NAX_I_FFT_R2C, w->n_fft, q, &w->forward));
  NAX_TRY(
      nax_i_fft_create(ctx, "nax_gpfa_infer", NAX_I_FFT_C2R, w->n_fft, q, &w->backward));
  NAX_TRY_ALLOC(w->time, w->n_fft, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->freq, w->n_freq, (size_t)q * sizeof *w->freq);
  NAX_TRY_ALLOC(w->spectrum, w->n_freq, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(w->precond, w->n_freq * q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(k, w->n_fft / 2 + 1, sizeof(double));
  NAX_TRY_ALLOC(mean, q, (size_t)q * sizeof(double));
  NAX_TRY_ALLOC(a, q, (size_t)q * sizeof(double));
  for (nax_index l = 0; l < q; l++) {
    nax_i_gpfa_kernel(w->p->kernel, w->n_fft / 2 + 1, w->p->u[l], w->p->noise[l], k, NULL,
                      NULL);
    for (nax_index t = 0; t < w->n_fft; t++) {
      w->time[t + l * w->n_fft] = k[t <= w->n_fft / 2 ? t : w->n_fft - t];
    }
  }
  nax_i_fft_execute(w->forward, w->time, w->freq);
  for (nax_index i = 0; i < w->n_freq * q; i++) {
    w->spectrum[i] = w->freq[i].re / (double)w->n_fft;
  }
  for (nax_index t = 0; t < w->length; t++) {
    for (nax_index i = 0; i < q * q; i++) {
      mean[i] += w->root[patterns(w)[t] * q * q + i] / (double)w->length;
    }
  }
  for (nax_index f = 0; f < w->n_freq; f++) {
    double *m = w->precond + f * q * q;
    for (nax_index i = 0; i < q * q; i++) {
      a[i] = m[i] = i % q == i / q;
      for (nax_index l = 0; l < q; l++) {
        double s = fmax(w->spectrum[f + l * w->n_freq] * (double)w->n_fft, 0.0);
        a[i] += mean[i % q + l * q] * s * mean[l + i / q * q];
      }
    }
    NAX_TRY(nax_i_potrf(ctx, "nax_gpfa_infer", "the preconditioner", q, a, q, 1, NULL));
    NAX_TRY(nax_i_potrs(ctx, q, q, a, q, m, q));
    for (nax_index i = 0; i < q * q; i++) {
      m[i] /= (double)w->n_fft; /* of the two transforms */
    }
  }
done:
  nax_i_free(k);
  nax_i_free(mean);
  nax_i_free(a);
  return status;
}

/* --- the mean ------------------------------------------------------------------------
 */

static double
dot(nax_index n, const double *a, const double *b)
{
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

/* Solve (I + H K H) z = y. */
static nax_status
conjugate_gradients(work *w, const double *y, double *z)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index n = w->q * w->length;
  double *mem = NULL;
  NAX_TRY_ALLOC(mem, 5 * n, sizeof *mem);
  double *r = mem, *s = r + n, *dir = s + n, *a = dir + n, *tmp = a + n;
  memset(z, 0, (size_t)n * sizeof *z);
  memcpy(r, y, (size_t)n * sizeof *r);
  precondition(w, r, s);
  memcpy(dir, s, (size_t)n * sizeof *dir);
  double rs = dot(n, r, s), size = sqrt(dot(n, y, y)), left = size;
  for (int step = 0; step < MAX_STEPS && left > 1e-13 * size; step++) {
    each_bin(w, w->root, dir, a);
    times_k(w, a, tmp);
    each_bin(w, w->root, tmp, a);
    for (nax_index i = 0; i < n; i++) {
      a[i] += dir[i];
    }
    double alpha = rs / dot(n, dir, a);
    for (nax_index i = 0; i < n; i++) {
      z[i] += alpha * dir[i];
      r[i] -= alpha * a[i];
    }
    left = sqrt(dot(n, r, r));
    precondition(w, r, s);
    double next = dot(n, r, s);
    for (nax_index i = 0; i < n; i++) {
      dir[i] = s[i] + next / rs * dir[i];
    }
    rs = next;
  }
  if (!(left <= 1e-8 * size)) {
    status = nax_i_fail(ctx, NAX_ENUMERIC, "nax_gpfa_infer",
                        "conjugate gradients did not converge in a trial of %lld bins",
                        (long long)w->length);
  }
done:
  nax_i_free(mem);
  return status;
}

/* --- windows ------------------------------------------------------------------------ */

/* Decay per length scale of what one bin tells about another through those between: of a
 * Gaussian kernel with the spectral density s exp(-w^2 / 2) at noise of density r, the
 * imaginary part of the pole of s / (s + r), (w + i d)^2 / 2 = log(s / r) + i pi. The
 * better the data, the slower. */
static double
decay(double ratio)
{
  double re = 2.0 * log(ratio), im = 2.0 * 3.14159265358979;
  return sqrt(0.5 * (sqrt(re * re + im * im) - re));
}

double
nax_i_gpfa_told(const nax_i_gpfa_par *p)
{
  double sum = 0.0;
  for (nax_index i = 0; i < p->n * p->q; i++) {
    sum += p->c[i] * p->c[i] / p->r[i % p->n];
  }
  return sum;
}

nax_index
nax_i_gpfa_reach(const nax_i_gpfa_par *p, double told, double log_tol)
{
  /* where the covariance has fallen below rounding */
  double most = 0.0, times = p->kernel == NAX_GPFA_RBF        ? 8.5
                             : p->kernel == NAX_GPFA_MATERN32 ? 21.0
                                                              : 16.0;
  for (nax_index l = 0; l < p->q; l++) {
    double tau = exp(-0.5 * p->u[l]), far = times;
    if (p->kernel == NAX_GPFA_RBF && told > 0.0) {
      far = fmax(far, log_tol / decay(2.5066 * tau / (p->noise[l] + 1.0 / told)));
    }
    most = fmax(most, far * tau);
  }
  double pad = ceil(most);
  return pad < LEAST_PAD ? LEAST_PAD : pad < 1e9 ? (nax_index)pad : 1000000000;
}

/* Covariances of the bins [from, to) of a trial and log |I + H K H| of them given those
 * before, from the window [w0, w1). */
static nax_status
window(work *w, nax_index w0, nax_index w1, nax_index from, nax_index to, double *v,
       double *log_det)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_nested n = {.l = NULL};
  nax_index q = w->q;
  NAX_TRY(
      nax_i_gpfa_nested_init(w->ctx, w->p, w->sensors, patterns(w) + w0, w1 - w0, &n));
  nax_index rows = n.row[w1 - w0];
  *log_det = 0.0;
  for (nax_index i = n.row[from - w0]; i < n.row[to - w0]; i++) {
    *log_det += 2.0 * log(n.l[i + i * rows]);
  }
  for (nax_index t = from; t < to; t++) {
    for (nax_index l = 0; l < q; l++) {
      const double *a = n.w + (l * (w1 - w0) + t - w0) * rows;
      for (nax_index m = 0; m <= l; m++) {
        const double *b = n.w + (m * (w1 - w0) + t - w0) * rows;
        double c = (l == m) - dot(rows, a, b);
        v[l + m * q + (t - from) * q * q] = v[m + l * q + (t - from) * q * q] = c;
      }
    }
  }
done:
  nax_i_gpfa_nested_free(&n);
  return status;
}

/* The one pattern of all bins of [from, to), or -1. */
static nax_index
constant_pattern(const work *w, nax_index from, nax_index to)
{
  nax_index first = patterns(w)[from];
  for (nax_index t = from + 1; t < to; t++) {
    if (patterns(w)[t] != first) {
      return -1;
    }
  }
  return first;
}

static nax_status
covariances(work *w, nax_i_gpfa_estep *e, double *log_det)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index q = w->q,
            pad = nax_i_gpfa_reach(w->p, nax_i_gpfa_told(w->p), 0.5 * NAX_I_GPFA_LOG_TOL);
  nax_index core = pad > LEAST_CORE ? pad : LEAST_CORE, known[4] = {-1, 0, 0, 0};
  double *v = NULL, one = 0.0;
  core = core < w->length ? core : w->length;
  *log_det = 0.0;
  NAX_TRY_ALLOC(v, core, (size_t)(q * q) * sizeof *v);
  for (nax_index from = 0; from < w->length; from += core) {
    nax_index to = from + core < w->length ? from + core : w->length;
    nax_index w0 = from > pad ? from - pad : 0;
    nax_index w1 = w->length - to > pad ? to + pad : w->length;
    nax_index like[4] = {constant_pattern(w, w0, w1), from - w0, to - w0, w1 - w0};
    if (like[0] < 0 || memcmp(like, known, sizeof like) != 0) {
      NAX_TRY(window(w, w0, w1, from, to, v, &one));
      memcpy(known, like, sizeof known);
    }
    *log_det += one;
    for (nax_index i = 0; i < (to - from) * q * q; i++) {
      e->vsum[i % (q * q)] += v[i];
    }
    if (e->v != NULL) {
      memcpy(e->v + (w->start + from) * q * q, v,
             (size_t)((to - from) * q * q) * sizeof *v);
    }
  }
done:
  nax_i_free(v);
  return status;
}

/* --- the engine -----------------------------------------------------------------------
 */

static nax_status
do_trial(work *w, nax_index trial, nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const nax_i_gpfa_data *d = w->d;
  nax_index q = w->q, n = d->n_neurons;
  double *white = NULL, *mem = NULL, *c = NULL, log_det;
  w->start = d->start[trial];
  w->length = d->start[trial + 1] - w->start;
  nax_index size = q * w->length;
  NAX_TRY(make_spectra(w));
  NAX_TRY_ALLOC(white, w->length, (size_t)n * sizeof *white);
  NAX_TRY_ALLOC(c, n, (size_t)q * sizeof *c);
  NAX_TRY_ALLOC(mem, 3 * size, sizeof *mem);
  double *b = mem, *y = b + size, *z = y + size, constant = 0.0;
  double outside = nax_i_gpfa_whiten(d, w->p, trial, white);
  for (nax_index i = 0; i < n * q; i++) {
    c[i] = w->p->c[i] / sqrt(w->p->r[i % n]);
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, w->length, n, 1.0, c, n, white, n,
                     0.0, b, q));
  each_bin(w, w->pinv, b, y);
  NAX_TRY(conjugate_gradients(w, y, z));
  NAX_TRY(covariances(w, e, &log_det));
  for (nax_index t = 0; t < w->length; t++) {
    const nax_i_gpfa_sensor *s = &w->sensors[patterns(w)[t]];
    constant += (double)s->n * NAX_I_LOG_2PI + s->log_r;
  }
  e->ll -= 0.5 * (constant + log_det + outside - dot(size, y, y) + dot(size, y, z));
  each_bin(w, w->root, z, y);
  times_k(w, y, e->x + w->start * q);
done:
  nax_i_free(white);
  nax_i_free(mem);
  nax_i_free(c);
  free_trial(w);
  return status;
}

nax_status
nax_i_gpfa_estep_circulant(nax_ctx *ctx, const nax_i_gpfa_data *d,
                           const nax_i_gpfa_par *p, nax_i_gpfa_estep *e)
{
  nax_status status = NAX_OK;
  nax_i_gpfa_sensor *sensors = NULL;
  work w = {.ctx = ctx, .d = d, .p = p, .q = p->q};
  NAX_TRY(nax_i_gpfa_sensors_init(ctx, d, p, &sensors));
  w.sensors = sensors;
  NAX_TRY(make_roots(&w));
  for (nax_index k = 0; k < d->n_trials; k++) {
    NAX_TRY(do_trial(&w, k, e));
  }
done:
  nax_i_gpfa_sensors_free(d, sensors);
  nax_i_free(w.root);
  nax_i_free(w.pinv);
  nax_i_free(w.small);
  return status;
}
