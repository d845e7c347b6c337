/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of frequency tagging. */
#ifndef NAX_FREQTAG_I_H
#define NAX_FREQTAG_I_H
#include "fft/fft_i.h"
#include <neuraxis/freqtag_fit.h>
#include <neuraxis/spikes.h>

#define NAX_I_FT_PI 3.14159265358979323846

/* Highest order n + m of n f1 +- m f2 of two tags that counts as a line. */
enum { NAX_I_FT_ORDER = 4 };

/* --- distributions (distributions.c) ----------------------------------------------- */

/* A test that cannot be made. */
extern const nax_freqtag_test nax_i_ft_none;
/* From F and its degrees of freedom. */
nax_freqtag_test nax_i_ft_f_test(double f, double df1, double df2);
/* ln of the regularised incomplete beta function I_x(a, b). */
double nax_i_ft_log_beta_inc(double a, double b, double x);
/* ln P(chi squared with 2 k degrees of freedom > x). */
double nax_i_ft_log_chi2_even(double x, nax_index k);
/* ln P(at most k of n fair coins show heads). */
double nax_i_ft_log_binomial_half(nax_index k, nax_index n);

/* --- Rayleigh (rayleigh.c) ---------------------------------------------------------- */

/* The exact distribution for one n, made once for many r. */
typedef struct nax_i_ft_walk {
  nax_index n, n_terms;
  double *zero, *weight; /* p = 1 - r sum weight J1(zero r) */
} nax_i_ft_walk;
/* Terms until what is left is below `tol`; NAX_ENOMEM. n >= 3. */
nax_status nax_i_ft_walk_create(nax_ctx *ctx, nax_index n, double tol,
                                nax_i_ft_walk *out);
void nax_i_ft_walk_free(nax_i_ft_walk *w);
/* As nax_freqtag_rayleigh with AUTO, the series at hand (`w` may be NULL: Zar). */
double nax_i_ft_walk_log_p(const nax_i_ft_walk *w, nax_index n, double r);

/* --- accumulator (accumulate.c, engine.c, mirror.c, sums.c) ------------------------- */

/* What is kept per unit and frequency, each in a row over the frequencies. */
enum {
  NAX_I_FT_MEAN_RE,
  NAX_I_FT_MEAN_IM,
  NAX_I_FT_RE_RE, /* of the deviations from the mean: sums of squares */
  NAX_I_FT_IM_IM,
  NAX_I_FT_RE_IM, /* and of products */
  NAX_I_FT_PHASE_RE,
  NAX_I_FT_PHASE_IM,
  NAX_I_FT_ZERO, /* trials with coefficient 0 */
  NAX_I_FT_ROWS
};

/* Rows of the partial transform for samples added to their mirror images, float64 and
 * float32: N/2 + 1 x ld. Not used: NULL and 0. */
typedef struct nax_i_ft_mirror {
  void *even[2], *odd[2];
  int64_t ld[2];
} nax_i_ft_mirror;

struct nax_freqtag_acc {
  nax_freqtag_spec s; /* resolved; `freqs` is ours */
  double *freqs;
  nax_index k;            /* frequencies */
  nax_index period;       /* FOLD: samples of the common period, else N */
  nax_index *bin;         /* FFT: bin of each frequency; NULL: all in order */
  nax_i_fft *fft;         /* FFT */
  nax_i_fft_f32 *fft_f32; /* FFT of float32 */
  double *taper;          /* FFT: N, NULL for boxcar */
  double taper_sum;       /* sum of w */
  double *w;              /* DFT and FOLD: period x ldw; pairs of columns (re, im) */
  float *wf;              /* DFT: the same for float32 */
  nax_i_ft_mirror mirror;
  int64_t ldw, ldwf; /* padded as the skinny product asks */
  int64_t ldz;       /* doubles per trial in scratch, >= 2 k, a multiple of 8 */
  double *sums;      /* unit x NAX_I_FT_ROWS x k, k fastest */
  nax_index *n, *n_bad, *n_flat; /* per unit */
  nax_index tile_at;             /* samples of the trial that is begun */
  double *tile;                  /* unit x ldz, NULL until needed */
  double *tile_first;            /* its first sample */
  char *tile_varies;
};

/* Tables of the transform for a resolved accumulator. */
nax_status nax_i_ft_engine_create(nax_ctx *ctx, const char *fn, nax_freqtag_acc *a);
/* Called with the coefficients of `n_trials` trials of one unit: `z` has ldz doubles per
 * trial; `flat` marks constant trials, whose coefficients are 0; `ahead` is what the
 * transform reads next. */
typedef void (*nax_i_ft_sink)(void *arg, nax_index unit, nax_index first_trial,
                              nax_index n_trials, const double *z, int64_t ldz,
                              const char *flat, nax_i_ahead *ahead);

/* Trials that nax_i_ft_add takes at a time. */
enum { NAX_I_FT_TRIALS = 32 };

/* Coefficients of some trials of one unit that are to be added to its sums. */
typedef struct nax_i_ft_batch {
  nax_index n;                      /* <= NAX_I_FT_TRIALS */
  const double *z[NAX_I_FT_TRIALS]; /* k pairs */
  double gain[NAX_I_FT_TRIALS];     /* 1 / m, the trial being the m-th */
  double keep[NAX_I_FT_TRIALS];     /* (m - 1) / m */
} nax_i_ft_batch;

/* Welford's update of NAX_I_FT_ROWS x k sums, trial after trial: the same bits for any
 * cut of the trials into batches. */
void nax_i_ft_add(const nax_i_ft_batch *b, nax_index k, double *sums, nax_i_ahead *ahead);
#if defined(__x86_64__)
void nax_i_ft_add_avx512(const nax_i_ft_batch *b, nax_index k, double *sums,
                         nax_i_ahead *ahead);
#endif
/* Transform all trials of a view, in order for each unit. */
nax_status nax_i_ft_transform(nax_ctx *ctx, const char *fn, const nax_freqtag_acc *a,
                              const nax_view *x, nax_i_ft_sink sink, void *arg);
/* Rows for mirror images, from `w`, where they pay: the frequencies must be bins of the
 * grid and the trend none or constant. NAX_ENOMEM. */
nax_status nax_i_ft_mirror_create(nax_ctx *ctx, nax_freqtag_acc *a);
void nax_i_ft_mirror_free(nax_i_ft_mirror *m);
size_t nax_i_ft_mirror_bytes(const nax_freqtag_acc *a);
nax_index nax_i_ft_mirror_scratch(const nax_freqtag_acc *a); /* doubles */
/* Coefficients of rows of N samples; x[i * rs + t * ks] is sample t of row i. `after`
 * (may be NULL) is where the next rows are. */
void nax_i_ft_mirror_rows(const nax_freqtag_acc *a, nax_dtype dtype, const void *x,
                          nax_index rs, nax_index ks, nax_index n_rows, const void *after,
                          double *scratch, double *z, int64_t ldz);
/* Bytes of scratch of one thread. */
size_t nax_i_ft_scratch(const nax_freqtag_acc *a);
/* Take the trend out of a vector of n. */
void nax_i_ft_remove_trend(double *x, nax_index n, int32_t trend);
/* 1 when f is 0 or half the rate, to rounding. */
int nax_i_ft_is_real(double f, double rate);

#endif
