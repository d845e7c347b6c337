/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frequency tagging: which units follow the rhythm of a structure in the stimulus.
 *
 * A stimulus repeats a structure f times per second (a word, a phrase, a sentence; a
 * flicker). A unit that follows it has a line at f in its spectrum, locked to the
 * stimulus. Everything here starts from the Fourier coefficient of each trial,
 *
 *   z_j = sum_t w(t) x_j(t) exp(-2 pi i f t / rate),   j = 1..n, t = 0..N-1
 *
 * and from the moments of these coefficients over trials, which add up over trials,
 * blocks, files and threads. p values have closed forms and are also given as logarithms,
 * because for a million units they underflow.
 *
 * Symbols: n trials, N samples per trial, rate samples per second, u_j = z_j / |z_j|.
 * Sources: Victor & Mast 1991 (T2circ); Baker 2021 (ANOVA2circ); Thomson 1982 (harmonic
 * F); Vinck et al. 2010, 2011 (PPC); Ding et al. 2016 (use on language). */
#ifndef NEURAXIS_FREQTAG_H
#define NEURAXIS_FREQTAG_H
#include <neuraxis/dataset.h>
#include <neuraxis/io.h>
#include <neuraxis/options.h>
#include <neuraxis/stats.h>
NAX_BEGIN_DECLS

/* ------------------------------------------------------- moments over trials */

/** What is kept of the coefficients of one unit at one frequency. Centred, so that a
 * response that is large against its variability loses no digits. */
typedef struct nax_freqtag_moments {
  nax_index n;      /**< trials */
  nax_index n_zero; /**< of these, with a coefficient of exactly 0, which has no phase */
  nax_c64 mean;     /**< of z */
  nax_c64 square;   /**< sum of (z - mean)^2: how the scatter departs from a circle */
  nax_c64 phase;    /**< sum of z / |z| over the trials that have a phase */
  double ss;        /**< sum of |z - mean|^2 */
} nax_freqtag_moments;

/** Moments of n coefficients. Coefficients that are not finite take no part. @cost O(n).
 */
NAX_API nax_freqtag_moments nax_freqtag_moments_of(nax_index n, const nax_c64 *z);

/** Moments of the trials of both. @cost O(1). */
NAX_API nax_freqtag_moments nax_freqtag_moments_merge(const nax_freqtag_moments *a,
                                                      const nax_freqtag_moments *b);

/** Effect sizes at one frequency. NaN where n is too small. */
typedef struct nax_freqtag_power {
  double total;            /**< mean of |z|^2 */
  double evoked;           /**< |mean of z|^2: what is locked to the stimulus */
  double induced;          /**< total - evoked */
  double evoked_unbiased;  /**< evoked - induced / (n - 1): 0 on average without a line */
  double induced_unbiased; /**< n / (n - 1) induced */
  double itpc;             /**< inter-trial phase coherence as a length, |mean of u| */
  double itpc_squared;     /**< its square, which Ding et al. 2017 call ITPC */
  double ppc; /**< pairwise phase consistency: the square without its bias by n */
} nax_freqtag_power;

/** Effect sizes from moments. ITPC ignores trials without a phase. */
NAX_API nax_freqtag_power nax_freqtag_power_of(const nax_freqtag_moments *m);

/** Expected ITPC and squared ITPC of a line of amplitude A in white noise of standard
 * deviation s: kappa = A^2 N / (4 s^2). `rho` (may be NULL) gets the limit of ITPC for
 * many trials; returned is E ITPC^2 = 1/n + (1 - 1/n) rho^2. */
NAX_API double nax_freqtag_expected_itpc_squared(double kappa, nax_index n, double *rho);

/* -------------------------------------------------------------------- tests */

/** Outcome of a test. All members are NaN when there is too little to test. */
typedef struct nax_freqtag_test {
  double statistic; /**< F, or what the function says */
  double df1;       /**< degrees of freedom of the numerator, NaN when not an F */
  double df2;       /**< and of the denominator */
  double p;         /**< upper tail */
  double log_p;     /**< natural logarithm of p, finite where p underflows */
} nax_freqtag_test;

/** ln P(F(df1, df2) > f), also where the probability underflows. df1, df2 > 0. Closed
 * form for df1 = 2, else a continued fraction. @cost O(1) to O(sqrt(df)). */
NAX_API double nax_freqtag_log_f(double f, double df1, double df2);

/** P(F > f) for the non-central F(df1, df2; lambda). */
NAX_API double nax_freqtag_noncentral_f(double f, double df1, double df2, double lambda);

/** Is the mean coefficient `mu`? T2circ of Victor and Mast: real and imaginary part have
 * the same variance and are uncorrelated. statistic = F(2, 2n-2) = n T2circ.
 * @paper{victor1991} */
NAX_API nax_freqtag_test nax_freqtag_t2circ(const nax_freqtag_moments *m, nax_c64 mu);

/** Radius of the confidence region of the mean coefficient at level 1 - alpha. */
NAX_API double nax_freqtag_t2circ_radius(const nax_freqtag_moments *m, double alpha);

/** Have two sets of trials the same mean coefficient? F(2, 2(n1+n2)-4). For paired
 * trials take the moments of the differences and nax_freqtag_t2circ.
 * @paper{victor1991} */
NAX_API nax_freqtag_test nax_freqtag_t2circ_two(const nax_freqtag_moments *a,
                                                const nax_freqtag_moments *b);

/** Hotelling's T2 of (real, imaginary) against `mu`: any covariance. F(2, n-2);
 * NaN also for a singular covariance. */
NAX_API nax_freqtag_test nax_freqtag_hotelling(const nax_freqtag_moments *m, nax_c64 mu);

/** Two samples with pooled covariance, F(2, n1+n2-3). */
NAX_API nax_freqtag_test nax_freqtag_hotelling_two(const nax_freqtag_moments *a,
                                                   const nax_freqtag_moments *b);

/** Is the scatter of the coefficients circular, as T2circ assumes? statistic = condition
 * index sqrt(l1 / l2) of their covariance, p = (2c / (1 + c^2))^(n-2). */
NAX_API nax_freqtag_test nax_freqtag_sphericity(const nax_freqtag_moments *m);

/** T2circ, or Hotelling's T2 when sphericity is rejected at `alpha`. `used` (may be NULL)
 * gets 1 for T2circ, 2 for T2. The choice costs little of the level: see the test. */
NAX_API nax_freqtag_test nax_freqtag_auto(const nax_freqtag_moments *m, nax_c64 mu,
                                          double alpha, int32_t *used);

/** One-way ANOVA2circ over `n_groups` sets of trials, F(2(g-1), 2(N-g)).
 * @paper{baker2021} */
NAX_API nax_freqtag_test nax_freqtag_anova(int32_t n_groups,
                                           const nax_freqtag_moments *groups);

/** ANOVA2circ with repeated measures: z is subjects x conditions, column-major.
 * F(2(C-1), 2(S-1)(C-1)). @paper{baker2021} */
NAX_API nax_freqtag_test nax_freqtag_anova_repeated(nax_index n_subjects,
                                                    nax_index n_conditions,
                                                    const nax_c64 *z);

/** Mahalanobis distance between two mean coefficients, covariance pooled with equal
 * weights; NaN for a singular one. */
NAX_API double nax_freqtag_mahalanobis(const nax_freqtag_moments *a,
                                       const nax_freqtag_moments *b);

/** At frequency 0 and at half the rate coefficients are real: t^2 of the real part,
 * F(1, n-1). */
NAX_API nax_freqtag_test nax_freqtag_real_t(const nax_freqtag_moments *m);

/** Exact two-sided sign test there, which stands in for Rayleigh's: statistic = ITPC. */
NAX_API nax_freqtag_test nax_freqtag_real_sign(const nax_freqtag_moments *m);

/** Two sets of trials where coefficients are real: t^2, F(1, n1+n2-2). */
NAX_API nax_freqtag_test nax_freqtag_real_t_two(const nax_freqtag_moments *a,
                                                const nax_freqtag_moments *b);

/** How p of Rayleigh's test is computed. */
typedef enum nax_freqtag_rayleigh_method {
  NAX_FREQTAG_RAYLEIGH_AUTO = 1,   /**< exact for n <= 50 and p > 1e-9, else Zar */
  NAX_FREQTAG_RAYLEIGH_EXACT = 2,  /**< distribution of the length of a random walk */
  NAX_FREQTAG_RAYLEIGH_ZAR = 3,    /**< Zar 1999, eq. 27.4 */
  NAX_FREQTAG_RAYLEIGH_FIRST = 4,  /**< exp(-n R^2): conservative */
  NAX_FREQTAG_RAYLEIGH_SERIES = 5, /**< with terms to 1/n^2; can be negative */
  NAX_FREQTAG_RAYLEIGH_METHOD_FORCE_INT =
      0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_rayleigh_method;

/** Have n phases of mean resultant length r a preferred direction? statistic = n r^2.
 * Not valid at frequency 0 and at half the rate. Exact p are correct to about 1e-13
 * absolute. @cost exact: a series of 100 terms for n = 50, 10^3 for n = 10, 10^5 for
 * n = 5, 10^6 for n = 3. @paper{fisher1993} */
NAX_API nax_freqtag_test nax_freqtag_rayleigh(nax_index n, double r,
                                              nax_freqtag_rayleigh_method method);

/** V test for a known direction: u = sqrt(2n) r cos(mean - expected), normal. One-sided
 * p. */
NAX_API nax_freqtag_test nax_freqtag_v_test(nax_index n, double r, double mean,
                                            double expected);

/** Fisher's combination of independent p values, given as logarithms: statistic =
 * -2 sum ln p, chi squared with df1 = 2 n. NaN entries are left out. */
NAX_API nax_freqtag_test nax_freqtag_fisher(nax_index n, const double *log_p);

/* -------------------------------------------------------------- accumulator */

/** How coefficients are computed; results agree to rounding. */
typedef enum nax_freqtag_engine {
  NAX_FREQTAG_ENGINE_AUTO = 1, /**< what is fastest: FOLD where it applies, DFT for few
                                  frequencies or off the grid, else FFT */
  NAX_FREQTAG_ENGINE_FFT = 2,  /**< fast Fourier transform of each trial */
  NAX_FREQTAG_ENGINE_DFT = 3,  /**< products with the few rows of the transform needed */
  NAX_FREQTAG_ENGINE_FOLD = 4, /**< cycles of the common period are added up first */
  NAX_FREQTAG_ENGINE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_engine;

/** What is taken out of each trial. */
typedef enum nax_freqtag_trend {
  NAX_FREQTAG_TREND_NONE = 1,              /**< nothing */
  NAX_FREQTAG_TREND_CONSTANT = 2,          /**< mean */
  NAX_FREQTAG_TREND_LINEAR = 3,            /**< least-squares line */
  NAX_FREQTAG_TREND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_trend;

/** Window w(t). */
typedef enum nax_freqtag_taper {
  NAX_FREQTAG_TAPER_BOXCAR = 1, /**< none: right for whole cycles */
  NAX_FREQTAG_TAPER_HANN = 2,   /**< periodic; neighbours 1 and 2 bins away correlate */
  NAX_FREQTAG_TAPER_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_taper;

/** What a coefficient estimates. */
typedef enum nax_freqtag_estimate {
  NAX_FREQTAG_ESTIMATE_DFT =
      1,                       /**< the transform at that frequency, on the grid or off */
  NAX_FREQTAG_ESTIMATE_LS = 2, /**< least squares of cosine, sine and trend: no leakage
                                  from the trend off the grid. (a - ib) N/2 */
  NAX_FREQTAG_ESTIMATE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_estimate;

/** What is accumulated. Members of 0 mean: the first of the enum (trend: constant). */
typedef struct nax_freqtag_spec {
  nax_index n_units;   /**< neurons, channels, model units */
  nax_index n_samples; /**< N, samples per trial */
  nax_index n_freqs;   /**< entries of `freqs`; 0: all bins k rate / N, k = 0..N/2 */
  const double *freqs; /**< Hz, 0 to rate / 2; copied */
  double rate;         /**< Hz */
  int32_t engine;      /**< nax_freqtag_engine */
  int32_t trend;       /**< nax_freqtag_trend */
  int32_t taper;       /**< nax_freqtag_taper */
  int32_t estimate;    /**< nax_freqtag_estimate */
} nax_freqtag_spec;

/** Moments of the coefficients of many units, filled trial by trial. Opaque. */
typedef struct nax_freqtag_acc nax_freqtag_acc;

/** An accumulator without trials.
 * @status NAX_EINVAL (rate; a frequency beyond rate / 2, naming it; an engine that cannot
 * do what is asked, saying why), NAX_EDIM (lengths), NAX_EOVERFLOW, NAX_ENOMEM.
 * @owns free with nax_freqtag_acc_free. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_acc_create(nax_ctx *ctx,
                                                        const nax_freqtag_spec *spec,
                                                        nax_freqtag_acc **out);

/** Free an accumulator; NULL is accepted. */
NAX_API void nax_freqtag_acc_free(nax_freqtag_acc *a);

/** Bytes that an accumulator takes: 64 per unit and frequency, tables of the transform,
 * and scratch of `n_threads` threads. @status as nax_freqtag_acc_create. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_acc_memory(nax_ctx *ctx,
                                                        const nax_freqtag_spec *spec,
                                                        int32_t n_threads, size_t *bytes);

/** Add trials. Values are used where they lie: time fastest (recordings) and unit fastest
 * (activations) both at full speed.
 * @shape{x} unit x time x trial (or unit x time: one trial), float64 or float32, any
 * strides. Axes are taken by position.
 * @nan a trial of a unit with a value that is not finite is left out for that unit and
 * counted; a trial of one constant value counts as coefficient 0
 * @status NAX_EDIM (lengths differ from the spec), NAX_ETYPE, NAX_EINVAL (a trial is
 * begun with nax_freqtag_acc_tile), NAX_EINTERRUPT (the accumulator is then of no use but
 * to be freed), NAX_ENOMEM.
 * @cost FFT 2.5 N log2 N, DFT 4 N K flops per unit and trial, 2 N K for more than 12
 * frequencies on the grid, where samples are added to their mirror images first. Float32
 * data: the FFT in float32 once trend or mean is out (errors of 1e-7 of the root of the
 * sum of squares of the trial), of DFT products in float32, sums of 512 of them in
 * float64; give float64 data for more. @threads over units: same bits
 * for any number of threads and any split into calls. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_acc_push(nax_ctx *ctx, nax_freqtag_acc *a,
                                                      const nax_view *x);

/** Add the next samples of the current trial, for activations that are not kept: the
 * trial is complete with its N-th sample. Needs an engine DFT (or AUTO with DFT chosen).
 * @shape{x} unit x time, as many samples as are at hand
 * @status as nax_freqtag_acc_push; NAX_EDIM also for more samples than are left in the
 * trial. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_acc_tile(nax_ctx *ctx, nax_freqtag_acc *a,
                                                      const nax_view *x);

/** Add the trials of `b` to those of `a`. @status NAX_EDIM (other units, frequencies or
 * samples), NAX_EINVAL (a trial is begun). @cost O(units x frequencies). */
NAX_API NAX_NODISCARD nax_status nax_freqtag_acc_merge(nax_ctx *ctx, nax_freqtag_acc *a,
                                                       const nax_freqtag_acc *b);

/** Forget all trials, keep the tables. */
NAX_API void nax_freqtag_acc_reset(nax_freqtag_acc *a);

/** Units. */
NAX_API nax_index nax_freqtag_acc_n_units(const nax_freqtag_acc *a);

/** Frequencies. */
NAX_API nax_index nax_freqtag_acc_n_freqs(const nax_freqtag_acc *a);

/** Frequency i in Hz; NaN out of range. */
NAX_API double nax_freqtag_acc_freq(const nax_freqtag_acc *a, nax_index i);

/** The engine in use, never AUTO. */
NAX_API nax_freqtag_engine nax_freqtag_acc_engine(const nax_freqtag_acc *a);

/** 1 when coefficients at frequency i are real (0, or half the rate). */
NAX_API int32_t nax_freqtag_acc_is_real(const nax_freqtag_acc *a, nax_index i);

/** Moments of a unit at frequency i; of no trial out of range. */
NAX_API nax_freqtag_moments nax_freqtag_acc_moments(const nax_freqtag_acc *a,
                                                    nax_index unit, nax_index i);

/** Trials of a unit that were left out because of a value that is not finite. */
NAX_API nax_index nax_freqtag_acc_n_bad(const nax_freqtag_acc *a, nax_index unit);

/** Trials of a unit in which it was constant. */
NAX_API nax_index nax_freqtag_acc_n_flat(const nax_freqtag_acc *a, nax_index unit);

/** Factor from |z| to the amplitude of a line at frequency i: 2 / sum w, 1 / sum w where
 * coefficients are real. */
NAX_API double nax_freqtag_acc_amplitude(const nax_freqtag_acc *a, nax_index i);

/** The coefficients themselves: frequency x trial x unit, frequency fastest. Trials with
 * values that are not finite are NaN.
 * @shape{x} as nax_freqtag_acc_push @status as nax_freqtag_acc_create and _push. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_coefficients(nax_ctx *ctx,
                                                          const nax_freqtag_spec *spec,
                                                          const nax_view *x, nax_c64 *z);

/* ------------------------------------------------------------------ spectra */

/** Bins around a line that say what it would be without the line: k +- (skip+1) ..
 * k +- (skip+side), where those that `excluded` marks are passed over and the next ones
 * further out are taken. */
typedef struct nax_freqtag_neighbours {
  nax_index skip;       /**< bins left out next to the line on either side */
  nax_index side;       /**< bins used on either side */
  nax_index trim;       /**< this many of the smallest and of the largest are dropped;
                           side - 1: the median is left. See nax_freqtag_trim_bias */
  const char *excluded; /**< one flag per bin: other tags, harmonics, mains; or NULL */
  int32_t truncate; /**< at the ends of the spectrum: 1 uses what is there, 0 gives NaN
                     */
} nax_freqtag_neighbours;

/** A line against its neighbours. */
typedef struct nax_freqtag_contrast {
  nax_index n;       /**< neighbours used */
  double mean;       /**< of the neighbours */
  double sd;         /**< of the neighbours, n - 1 */
  double snr;        /**< line / mean */
  double difference; /**< line - mean: of an amplitude, baseline-corrected amplitude */
  double z;          /**< difference / sd; not normal: use nax_freqtag_snr_test */
} nax_freqtag_contrast;

/** Bins that nax_freqtag_contrast_at would use, ascending; returns how many, at most
 * 2 * side. `bin` has room for that. */
NAX_API nax_index nax_freqtag_neighbour_bins(nax_index n_bins, nax_index k,
                                             const nax_freqtag_neighbours *around,
                                             nax_index *bin);

/** Bin k of a spectrum (amplitude or power) against its neighbours; NaN where there are
 * too few. @status NAX_EINVAL (k, side < 1, trim), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_contrast_at(
    nax_ctx *ctx, nax_index n_bins, const double *spectrum, nax_index k,
    const nax_freqtag_neighbours *around, nax_freqtag_contrast *out);

/** What the mean of n powers of Gaussian noise becomes when the `trim` smallest and
 * largest are dropped, as a share of the mean of all: divide a trimmed mean of powers by
 * it. With trim (n - 1) / 2 that of the median, which tends to ln 2. NaN when nothing is
 * left. */
NAX_API double nax_freqtag_trim_bias(nax_index n, nax_index trim);

/** The same for every bin of a spectrum: `out` has n_bins entries.
 * @status as nax_freqtag_contrast_at. */
NAX_API NAX_NODISCARD nax_status
nax_freqtag_contrast_all(nax_ctx *ctx, nax_index n_bins, const double *spectrum,
                         const nax_freqtag_neighbours *around, nax_freqtag_contrast *out);

/** Exact test of a ratio of powers: for Gaussian noise that is flat near the line the
 * power of the averaged trials over the mean of `n_neighbours` (untrimmed) others is
 * F(2, 2 n_neighbours), and power averaged over `n_averaged` trials F(2 n_averaged,
 * 2 n_averaged n_neighbours). `n_averaged` is 1 for the former. */
NAX_API nax_freqtag_test nax_freqtag_snr_test(double snr, nax_index n_neighbours,
                                              nax_index n_averaged);

/** A response spread over harmonics. */
typedef struct nax_freqtag_harmonics {
  double sum;        /**< of the baseline-corrected amplitudes */
  double root_power; /**< root of the sum of their squares */
  double snr;        /**< of the spectra around all harmonics, added up */
  double z;          /**< of the same */
} nax_freqtag_harmonics;

/** Harmonics in bins bin[0..n_harmonics-1] of an amplitude spectrum. Trimming and
 * exclusions do not apply to the added spectra, whose segments must be whole.
 * @status as nax_freqtag_contrast_at. @paper{retter2021} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_harmonics_of(
    nax_ctx *ctx, nax_index n_bins, const double *amplitude, nax_index n_harmonics,
    const nax_index *bin, const nax_freqtag_neighbours *around,
    nax_freqtag_harmonics *out);

/** DPSS tapers of length n for time-bandwidth product nw: `tapers` n x k, orthonormal,
 * symmetric ones with positive mean, antisymmetric ones beginning upwards; `ratios` (k,
 * may be NULL) their energy within the band.
 * @status NAX_EINVAL (nw not in (0, n/2), k not in 1..n), NAX_ENOMEM, NAX_ENUMERIC.
 * @cost O(n k + n log n). @paper{thomson1982} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_dpss(nax_ctx *ctx, nax_index n, double nw,
                                                  nax_index k, double *tapers,
                                                  double *ratios);

/** Thomson's harmonic F test at every bin: is there a line in the multitaper spectrum?
 * All trials share one phase-locked line (one trial: the usual test).
 * @shape{x} n_samples x n_trials, column-major
 * @param mu n/2 + 1 complex amplitudes (a line of amplitude A has |mu| = A/2)
 * @param test n/2 + 1 results, F(2, 2 k n_trials - 2)
 * @param psd n/2 + 1, mean multitaper power density with equal weights, one-sided; any of
 * the three may be NULL
 * @nan refused @status NAX_EINVAL (k n_trials < 2; nw), NAX_EDATA, NAX_ENOMEM.
 * @cost k n_trials transforms. @paper{thomson1982} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_thomson(nax_ctx *ctx, nax_index n_samples,
                                                     nax_index n_trials, const double *x,
                                                     double rate, double nw, nax_index k,
                                                     nax_c64 *mu, nax_freqtag_test *test,
                                                     double *psd);

/** The same at any frequencies, on the grid or off. With `refine` 1 each moves to the
 * next maximum of |mu| within the band of the tapers, by Newton's method: where in the
 * band the line is. p has no penalty for that search.
 * @param freqs n_freqs, Hz, 0 to half the rate; where coefficients are real F has 1 and k
 * n_trials - 1 degrees of freedom
 * @param at n_freqs, where they are after refinement; this, `mu` and `test` may be NULL
 * @nan refused @status as nax_freqtag_thomson, NAX_EINVAL (a frequency out of range).
 * @cost k n_trials n_samples n_freqs, refinement 10 nw n_samples n_freqs more.
 * @paper{thomson1982} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_thomson_at(
    nax_ctx *ctx, nax_index n_samples, nax_index n_trials, const double *x, double rate,
    double nw, nax_index k, nax_index n_freqs, const double *freqs, int32_t refine,
    double *at, nax_c64 *mu, nax_freqtag_test *test);

/* ------------------------------------------------- known frequency, one series */

/** A sinusoid of known frequency fitted to a series. */
typedef struct nax_freqtag_line {
  nax_c64 coefficient;   /**< (a - ib): the line is Re(c exp(2 pi i f t)) */
  double r_squared;      /**< share of the variance left by the trend */
  nax_freqtag_test test; /**< F of the line against the residual */
} nax_freqtag_line;

/** Least squares of a line at frequency f with a trend, in evenly sampled data, on or off
 * the grid. F(2, n - 2 - columns of the trend), F(1, ...) where sine vanishes.
 * @nan refused @status NAX_EINVAL, NAX_EDIM (fewer samples than parameters), NAX_EDATA,
 * NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_fit_line(nax_ctx *ctx, nax_index n,
                                                      const double *x, double rate,
                                                      double f, nax_freqtag_trend trend,
                                                      nax_freqtag_line *out);

/** Lomb-Scargle at known frequencies for samples at any times. `floating_mean` 1: the
 * generalised one, which fits a constant too, p = (1 - power)^((n-3)/2); 0: the classic
 * one on centred values. No penalty for a search is in p: the frequencies are known.
 * @param t n times in seconds @param y n values
 * @nan pairs with a missing member take no part
 * @status NAX_EDIM (fewer than 4 pairs), NAX_EINVAL. @cost O(n n_freqs).
 * @paper{zechmeister2009} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_lomb_scargle(
    nax_ctx *ctx, nax_index n, const double *t, const double *y, nax_index n_freqs,
    const double *freqs, int32_t floating_mean, nax_freqtag_line *out);

/** Loss of amplitude of a line that lies `offset` bins off the grid of n samples. */
NAX_API double nax_freqtag_scalloping(nax_index n, double offset);

/* ------------------------------------------------------------------- spikes */

/** How spikes follow a frequency. */
typedef struct nax_freqtag_spike_stats {
  nax_index n;               /**< spikes */
  double vector_strength;    /**< |sum exp(2 pi i f t)| / n */
  double phase;              /**< of that sum, radians */
  double ppc0;               /**< pairwise phase consistency over all pairs of spikes */
  double ppc1;               /**< over pairs from different trials */
  double ppc2;               /**< the same with trials weighted equally */
  double power;              /**< sum over trials of |J|^2 / n: 1 for Poisson spikes */
  nax_freqtag_test rayleigh; /**< of the phases of all spikes */
} nax_freqtag_spike_stats;

/** Spikes of one unit in trials. Coefficients J_q = sum exp(-2 pi i f t) - n_q / L *
 * (transform of a constant rate over the trial) have the mean rate taken out, which does
 * nothing for whole cycles.
 * @param t n_spikes times from the start of their trial, 0 <= t < trial_length, seconds
 * @param trial number of the trial of each spike, 0 to n_trials - 1
 * @param field_phase n_trials x n_freqs, column-major: phase of a field in each trial
 * (arg of its coefficient), so that strength, phase and consistency are those of spikes
 * in the cycle of the field; NULL: in the cycle of the stimulus
 * @param j n_trials x n_freqs coefficients, column-major, or NULL
 * @param out n_freqs results
 * @status NAX_EINVAL (trial, times or frequencies out of range, naming the first),
 * NAX_ENOMEM. @cost O(n_spikes n_freqs). @paper{vinck2011} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_spikes(
    nax_ctx *ctx, nax_index n_spikes, const double *t, const nax_index *trial,
    nax_index n_trials, double trial_length, nax_index n_freqs, const double *freqs,
    const double *field_phase, nax_c64 *j, nax_freqtag_spike_stats *out);

/** Z^2 with m harmonics: (2/n) sum over harmonics h <= m of |sum exp(2 pi i h f t)|^2,
 * chi squared with 2m degrees of freedom under uniform phases. @cost O(n m). */
NAX_API nax_freqtag_test nax_freqtag_z2(nax_index n, const double *t, double f,
                                        int32_t m);

/** The same at each of n_freqs frequencies, for many times or frequencies: looks whether
 * to stop. @param out n_freqs results @status NAX_EINTERRUPT. @cost O(n n_freqs m). */
NAX_API NAX_NODISCARD nax_status nax_freqtag_z2_of(nax_ctx *ctx, nax_index n,
                                                   const double *t, nax_index n_freqs,
                                                   const double *freqs, int32_t m,
                                                   nax_freqtag_test *out);

/* -------------------------------------------------- surrogates, many tests */

/** Null distribution of ITPC (`normalised` 1) or of the evoked amplitude |mean z| (0)
 * when each trial is turned by an angle of its own: random angles say "no phase is
 * preferred", angles -2 pi f tau_j are exactly a circular shift of trial j by tau_j.
 * @shape{z} n x n_series (frequencies, units), column-major
 * @shape{angle} n_null x n, column-major, radians; NULL: uniform
 * @shape{null} n_null x n_series, column-major
 * @nan z of 0 has no phase and counts as such; NaN is refused
 * @status NAX_EDIM, NAX_EDATA, NAX_ENOMEM, NAX_EINTERRUPT. @cost one matrix product.
 * @random stream i of `seed` for surrogate i */
NAX_API NAX_NODISCARD nax_status nax_freqtag_null_rotation(
    nax_ctx *ctx, nax_index n, nax_index n_series, const nax_c64 *z, int32_t normalised,
    nax_index n_null, const double *angle, uint64_t seed, double *null);

/** Share of surrogates that reach the observed value, the observed one counted among
 * them: (1 + #(null >= observed)) / (n + 1), never 0. */
NAX_API double nax_freqtag_p_of_null(nax_index n, const double *null, double observed);

/** The same test for one series, stopped as soon as `enough` surrogates reach the
 * observed ITPC (Besag and Clifford 1991): units without response cost little.
 * @param n_used surrogates drawn; may be NULL
 * @status as nax_freqtag_null_rotation. @random stream `stream` of `seed` */
NAX_API NAX_NODISCARD nax_status nax_freqtag_itpc_sequential(
    nax_ctx *ctx, nax_index n, const nax_c64 *z, nax_index enough, nax_index n_most,
    uint64_t seed, uint64_t stream, double *p, nax_index *n_used);

/** Series with the same power spectrum and given phases: |X_k| exp(i phase_k) for 0 < k <
 * n/2, the rest as it is. Keeps power at every frequency, so it says nothing about power.
 * @param phase (n-1)/2 angles @status NAX_EDIM, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_phase_scramble(nax_ctx *ctx, nax_index n,
                                                            const double *x,
                                                            const double *phase,
                                                            double *y);

/** What surrogates do to the trials (or items) of a unit. */
typedef enum nax_freqtag_null {
  NAX_FREQTAG_NULL_NONE = 1,  /**< nothing: p values in closed form */
  NAX_FREQTAG_NULL_PHASE = 2, /**< each is turned by an angle of its own: no phase is
                                 preferred; real coefficients change their sign */
  NAX_FREQTAG_NULL_SHIFT = 3, /**< each is shifted circularly by samples of its own: keeps
                                 what harmonics have to do with each other */
  NAX_FREQTAG_NULL_SIGN = 4,  /**< each changes its sign or not: the mean is 0 and the
                                 scatter symmetric */
  NAX_FREQTAG_NULL_LABEL = 5, /**< which are those of the control is drawn anew: both
                                 conditions have one distribution */
  NAX_FREQTAG_NULL_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_null;

/** Surrogates that many series share. */
typedef struct nax_freqtag_surrogate_spec {
  nax_index n;         /**< trials, or items */
  nax_index n_control; /**< of these the last so many are the control's (LABEL), or 0 */
  nax_index n_lines;   /**< lines that are tested together */
  const double *freqs; /**< of the lines, Hz; NULL: none is real (not for SHIFT) */
  double rate;         /**< Hz */
  nax_index n_samples; /**< of a trial: shifts are 0 to n_samples - 1 (SHIFT) */
  int32_t kind;        /**< nax_freqtag_null */
  int32_t normalised;  /**< 1: phases alone (ITPC); not with LABEL */
  nax_index n_surrogates; /**< at most */
  nax_index enough; /**< a series is done when so many surrogates reach it (Besag and
                       Clifford 1991); 0: all are drawn */
  uint64_t seed;    /**< stream i is that of surrogate i */
} nax_freqtag_surrogate_spec;

/** p of each series by surrogates, all at once as matrix products. The statistic of a
 * series is the sum over its lines of -ln p of T2circ (two-sample with LABEL), which
 * orders surrogates as F does; with `normalised` of n ITPC^2. p = (1 + surrogates that
 * reach it) / (1 + n_surrogates), or enough / drawn when it stopped early.
 * @shape{z} n x n_series x n_lines, column-major
 * @param statistic n_series, or NULL
 * @param p n_series; NaN where nothing varies
 * @param most n_surrogates largest statistic over series, which is raised by this call
 * (begin with zeros): the null distribution for a family-wise p over all calls with the
 * same spec, see nax_freqtag_p_of_null. NULL: not wanted; needs `enough` 0
 * @nan trials with a missing coefficient take no part, series by series
 * @status NAX_EDIM, NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost n_surrogates n n_series n_lines times 4 (PHASE, SHIFT: 8) flops. @threads over
 * series: same p for any number, and for any split of the series into calls.
 * @paper{besag1991} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_surrogates(
    nax_ctx *ctx, const nax_freqtag_surrogate_spec *spec, nax_index n_series,
    const nax_c64 *z, double *statistic, double *p, double *most);

/** Which cells are next to each other: cell i has neighbours
 * neighbour[start[i]..start[i+1]-1]. */
typedef struct nax_freqtag_adjacency {
  const nax_index *start;     /**< n_cells + 1 */
  const nax_index *neighbour; /**< each pair both ways */
} nax_freqtag_adjacency;

/** One cluster of cells beyond the threshold. */
typedef struct nax_freqtag_cluster {
  nax_index first; /**< its smallest cell */
  nax_index n;     /**< cells */
  double mass;     /**< sum of the statistic over them */
  double p;        /**< against the largest |mass| under sign flips, + 1 counted */
} nax_freqtag_cluster;

/** Cluster-mass test by sign flips of observations. The statistic of a cell is t of the
 * mean for real data, clusters of either sign apart; F of T2circ for complex data. With a
 * control both are those of two samples, and which observations are the control's is
 * drawn anew instead.
 * @shape{x} n_obs x n_cells, column-major: doubles, or with `is_complex` nax_c64
 * @param n_control of the observations the last so many are the control's; 0: none
 * @param near NULL: cells in a row
 * @param sign n_flips x n_obs, column-major, entries +1 and -1; NULL: random
 * @param statistic n_cells, or NULL
 * @param label n_cells: number of the cluster of each cell, -1 for none; or NULL
 * @param cluster room for n_cells; positive clusters first, each kind by first cell
 * @param p_max n_cells: p of each cell against the largest |statistic| (family-wise), or
 * NULL
 * @param null n_flips largest |mass|; or NULL
 * @nan refused @status NAX_EDIM, NAX_EINVAL, NAX_EDATA, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost n_flips n_obs n_cells. @random stream i of `seed` for flip i
 * @paper{maris2007} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_cluster_test(
    nax_ctx *ctx, nax_index n_obs, nax_index n_control, nax_index n_cells, const void *x,
    int32_t is_complex, double threshold, const nax_freqtag_adjacency *near,
    nax_index n_flips, const double *sign, uint64_t seed, double *statistic,
    int64_t *label, nax_freqtag_cluster *cluster, nax_index *n_clusters, double *p_max,
    double *null);

/* --------------------------------------------------------------------- RESS */

/** Options of nax_freqtag_ress. */
typedef struct nax_freqtag_ress_spec {
  double rate;           /**< Hz */
  double frequency;      /**< of the tag, Hz */
  double width;          /**< full width at half maximum of the filter there, Hz */
  double distance;       /**< of the reference filters on both sides, Hz */
  double distance_width; /**< their width, Hz */
  double shrinkage;      /**< share of the identity in the reference covariance, 0 to 1 */
  int32_t leave_out;     /**< 1: the component of each trial by a filter that has not seen
                            that trial, with the sign of the filter of all trials */
  const char *excluded;  /**< one flag per bin: other lines, of which the references are
                            free; or NULL */
} nax_freqtag_ress_spec;

/** Rhythmic entrainment source separation: the combination of channels whose power at the
 * tag is largest against its neighbourhood. Filtered covariances come from the Fourier
 * coefficients by Parseval, without filtering. Values of trials the filter has seen are
 * biased upwards: `leave_out` is not.
 * @shape{x} channel x time x trial, column-major
 * @param values n_channels generalised eigenvalues, descending; @param filters n_channels
 * x n_channels, unit columns whose largest entry is positive; @param pattern n_channels:
 * what the first filter picks up, S w; @param signal, @param reference the two
 * covariances; @param component time x trial. Each may be NULL.
 * @nan refused @status NAX_EINVAL, NAX_EDIM, NAX_EDATA, NAX_ENUMERIC (reference singular:
 * more shrinkage), NAX_ENOMEM, NAX_EINTERRUPT. @paper{cohen2017} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_ress(
    nax_ctx *ctx, nax_index n_channels, nax_index n_samples, nax_index n_trials,
    const double *x, const nax_freqtag_ress_spec *spec, double *values, double *filters,
    double *pattern, double *signal, double *reference, double *component);

/* --------------------------------------------------------------------- HFTP */

/** What the published two-stage rule of HFTP says about each unit. */
typedef struct nax_freqtag_hftp {
  nax_index n_units; /**< units */
  double *amplitude; /**< 2 x unit: sentence, phrase (its first frequency) of the mean */
  double *threshold; /**< (1 + n_phrase) x unit: of the sentence and each phrase rate */
  double *contrast;  /**< 2 x unit: SI and PI */
  double *z;         /**< 2 x unit */
  int32_t *passed;   /**< unit: 1 sentence screen, 2 phrase screen, added up */
  int32_t *flagged;  /**< unit: 1 sentence, 2 phrase, 3 shared */
} nax_freqtag_hftp;

/** The rule as published (HFTP 2025, public code), for comparison. Screen: amplitude of
 * the mean over groups beyond the 95th percentile of unrestricted permutations of time.
 * Contrast: mean over groups of the amplitude, experiment minus control. Flag: z > 2 over
 * all units, those that failed the screen as zeros. No correction for many units: on pure
 * noise it flags 2.7 % of all units as sentence units (4 words) and up to 6.9 % as phrase
 * units (8 words). The default rule of nax_freqtag_fit with a control does not.
 * @shape{experiment} unit x time x group, as is `control`; any strides
 * @param sentence bin of the sentence rate @param phrase n_phrase bins
 * @param permutation n_permutations x time, row after row, each a permutation of 0..T-1,
 * shared by all units; NULL: random
 * @nan refused @status NAX_EDIM, NAX_EINVAL, NAX_EDATA, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost 4 T n_permutations (1 + n_phrase) flops per unit. @random stream i of `seed` for
 * permutation i. @threads over units. @owns free with nax_freqtag_hftp_free.
 * @paper{hftp2025} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_hftp_published(
    nax_ctx *ctx, const nax_view *experiment, const nax_view *control, nax_index sentence,
    nax_index n_phrase, const nax_index *phrase, nax_index n_permutations,
    const int64_t *permutation, uint64_t seed, nax_freqtag_hftp **out);

/** Free a result; NULL is accepted. */
NAX_API void nax_freqtag_hftp_free(nax_freqtag_hftp *h);

/** Mean of |X_k|^2, 0 < k < n, over all permutations of a series, and the 95th percentile
 * of |X_k| when it is Gaussian: `inside` for 0 < k < n/2, `nyquist` at n/2. What the
 * permutation screen samples, in closed form. Any output may be NULL. */
NAX_API void nax_freqtag_permutation_moments(nax_index n, const double *x, double *power,
                                             double *inside, double *nyquist);

/** Items (sentences) as observations. When trials are renderings of the same items in
 * other orders, a test over trials speaks of these items only; here the coefficients of
 * an item are averaged over trials, and the moments are those over items, so that a test
 * speaks of items like these. Coefficients are taken within each item, `cycles` per item:
 * 1 is the rate of the items, `item_length` / 2 the real coefficient.
 * @shape{x} unit x time x trial, items end to end; float64 or float32, any strides
 * @param item which item stands in slot s of trial r: item[s + r n_slots], 0 to n_items -
 * 1, negative for none; NULL: slot s is item s in every trial
 * @param out one entry per unit
 * @nan items with missing values are left out of the mean of that item
 * @status NAX_EDIM, NAX_ETYPE, NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT.
 * @cost 4 flops per value. @threads over units: same bits for any number. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_items(nax_ctx *ctx, const nax_view *x,
                                                   nax_index item_length,
                                                   nax_index n_items, const int64_t *item,
                                                   nax_index cycles,
                                                   nax_freqtag_moments *out);

/** The coefficients behind these moments: item x unit; NaN for items that no trial has.
 * @status as nax_freqtag_items. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_item_coefficients(
    nax_ctx *ctx, const nax_view *x, nax_index item_length, nax_index n_items,
    const int64_t *item, nax_index cycles, nax_c64 *z);

/** Alignment of layers with channels as HFTP has it: spectra (amplitude or ITPC in a
 * range of bins) of each block of trials make a cosine RDM over blocks; Spearman's
 * correlation between each layer's and each channel's; mean over the `n_top` best
 * channels of each layer. The choice of the best biases that mean upwards: compare it
 * with that of random units, and use nax_rsa_infer for tests.
 * @shape{model} bin x block x layer @shape{brain} bin x block x channel, column-major
 * @param model_rdm, brain_rdm pairs x layer and pairs x channel, as nax_rdms_vector;
 * @param rho layer x channel; @param top one per layer; each may be NULL
 * @nan as nax_rdm_fit @status NAX_EDIM, NAX_EINVAL, and those of nax_rdm_fit and
 * nax_rsa_compare. @paper{hftp2025} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_alignment(
    nax_ctx *ctx, nax_index n_bins, nax_index n_blocks, nax_index n_models,
    const double *model, nax_index n_channels, const double *brain, nax_index n_top,
    double *model_rdm, double *brain_rdm, double *rho, double *top);

/** Spectra of blocks of trials, for nax_freqtag_similarity_fit: amplitude of the mean of
 * the trials of each block, or ITPC over them (`coherence` 1), in the bins from `from` to
 * `to` Hz.
 * @shape{x} unit x time x trial @param block block of each trial, 0 to n_blocks - 1;
 * others take no part
 * @param n_bins bins there are @param out bin x block x unit, column-major; NULL: only
 * n_bins is wanted
 * @nan trials with missing values are left out @status NAX_EDIM, NAX_EINVAL, and those of
 * nax_freqtag_acc_push. */
NAX_API NAX_NODISCARD nax_status
nax_freqtag_block_spectra(nax_ctx *ctx, const nax_view *x, double rate, double from,
                          double to, nax_index n_blocks, const int64_t *block,
                          int32_t coherence, nax_index *n_bins, double *out);

/** Units of a model, by layer and kind, against channels of a brain, by region. */
typedef struct nax_freqtag_similarity_spec {
  nax_index n_bins;      /**< of a spectrum, at least 2 */
  nax_index n_blocks;    /**< conditions, or parts of them; at least 3 */
  nax_index n_units;     /**< of the model */
  const double *model;   /**< bin x block x unit, column-major */
  nax_index n_layers;    /**< groups of units */
  const int64_t *layer;  /**< of each unit; negative: none */
  nax_index n_kinds;     /**< sets of units: sentence, phrase, shared */
  const int64_t *kind;   /**< of each unit; negative: in no set */
  nax_index n_channels;  /**< of the brain */
  const double *brain;   /**< bin x block x channel */
  nax_index n_regions;   /**< groups of channels; 0: none */
  const int64_t *region; /**< of each channel; negative: none */
  const char *responds;  /**< 1 for channels that respond; NULL: all do */
  nax_index n_top;       /**< channels of a layer that count; published: 100 */
  nax_index n_random;    /**< draws of random units */
  uint64_t seed;         /**< stream i is that of draw i */
} nax_freqtag_similarity_spec;

/** What nax_freqtag_similarity_fit finds. A cell is a layer and a kind, layer fastest. */
typedef struct nax_freqtag_similarity {
  nax_index n_pairs;  /**< of blocks */
  nax_index n_cells;  /**< layers x kinds */
  double *rdm;        /**< pair x cell: mean over units of 1 - cosine */
  nax_index *n_units; /**< units of each cell that have a geometry */
  double *rho;        /**< cell x channel: Spearman's correlation; NaN without */
  double *top;        /**< cell: mean over its best channels */
  double *of_kind;    /**< kind: mean of these over layers */
  double similarity;  /**< S(m, b): mean of these over kinds */
  double *region;     /**< region x kind: S(m, b_r), mean over the best channels of a
                         layer that lie in the region, over layers that have some */
  double *found;      /**< region: its channels that respond among the best, mean over
                         cells */
  nax_freqtag_test spread; /**< chi squared of these against the regions of all channels
                              that respond; a description: the counts of layers depend on
                              each other */
  double *random;          /**< n_random: S(m, b) of as many units drawn at random from
                              those of each layer that are in no set */
  double p;                /**< share of draws that reach `similarity`, itself counted */
} nax_freqtag_similarity;

/** Representational comparison of HFTP: the spectra of each unit over blocks make a
 * cosine RDM, those of the units of a set and layer are averaged, and compared with that
 * of each channel by Spearman's correlation over the pairs of blocks (each once). The
 * mean over the best channels is biased upwards by their choice, which the random units
 * share.
 * @nan units and channels without a geometry (a spectrum of zero or missing) are left out
 * @status NAX_EDIM, NAX_EINVAL, NAX_EDATA (no channel has a geometry), NAX_ENOMEM,
 * NAX_EINTERRUPT. @cost n_units pairs n_bins + (1 + n_random) cells n_channels pairs.
 * @owns free with nax_freqtag_similarity_free. @paper{hftp2025} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_similarity_fit(
    nax_ctx *ctx, const nax_freqtag_similarity_spec *spec, nax_freqtag_similarity **out);

/** Free a result; NULL is accepted. */
NAX_API void nax_freqtag_similarity_free(nax_freqtag_similarity *o);

/* ------------------------------------------------------------------- design */

/** Longest window with a whole number of cycles of every frequency, at most `n_most`
 * samples; a length that the FFT is fast at is preferred when it costs at most 5 %.
 * @param tolerance cycles by which a frequency may miss, e.g. 1e-3
 * @param n samples @param residual largest miss in cycles; may be NULL
 * @status NAX_EINVAL when there is none: the text names the frequency that misses most
 * for the longest window. @cost O(n_most n_freqs). */
NAX_API NAX_NODISCARD nax_status nax_freqtag_window(nax_ctx *ctx, double rate,
                                                    nax_index n_freqs,
                                                    const double *freqs, nax_index n_most,
                                                    double tolerance, nax_index *n,
                                                    double *residual);

/** Smallest kappa = A^2 N / (4 s^2) that T2circ over n trials finds at level alpha with
 * probability `power`; the amplitude is A = 2 s sqrt(kappa / N). NaN for n < 2. */
NAX_API double nax_freqtag_detectable(nax_index n, double alpha, double power);

/** Frequency at which a tag of f Hz is seen at `rate` samples per second. */
NAX_API double nax_freqtag_alias(double f, double rate);

/** A design looked through before anything is recorded. Rows: one per tag and harmonic
 * with its bin, cycles, the frequency it is seen at, and a remark: aliased, at frequency
 * 0 or half the rate, shared with another tag, within the neighbours of another line, or
 * where n f1 +- m f2 of two other tags lies (n + m up to 4).
 * @param n_samples N of the window
 * @status NAX_EINVAL, NAX_ENOMEM. @owns free with nax_table_free. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_plan(nax_ctx *ctx, double rate,
                                                  nax_index n_samples, nax_index n_tags,
                                                  const double *tags, int64_t n_harmonics,
                                                  const nax_freqtag_neighbours *around,
                                                  nax_table **out);

NAX_END_DECLS
#endif
