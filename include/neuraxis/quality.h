/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality of each unit of a recording, as a table.
 *
 * Spike trains get rates, refractory-period violations by both definitions in use, and
 * measures of irregularity; traces (calcium, potentials) get noise, signal, baseline,
 * drift and what is suspicious about them. Every definition is written with its column
 * below; thresholds and windows are options. */
#ifndef NEURAXIS_QUALITY_H
#define NEURAXIS_QUALITY_H
#include <neuraxis/io.h>
NAX_BEGIN_DECLS

/** What the values of a trace are; decides which measures make sense. */
typedef enum nax_signal_kind {
  NAX_SIGNAL_AUTO = 1,         /**< from name, unit and description, else OTHER */
  NAX_SIGNAL_DFF = 2,          /**< relative change of fluorescence, (F - F0) / F0 */
  NAX_SIGNAL_FLUORESCENCE = 3, /**< F itself; the noise level is taken relative to F0 */
  NAX_SIGNAL_INFERRED = 4,     /**< deconvolved or inferred activity, 0 at rest */
  NAX_SIGNAL_POTENTIAL = 5,    /**< EEG, LFP, ECoG */
  NAX_SIGNAL_COUNTS = 6,       /**< spike counts per bin */
  NAX_SIGNAL_OTHER = 7,        /**< anything else; measured as dF/F is */
  NAX_SIGNAL_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_signal_kind;

/** Thresholds and windows. Table "quality" of options.h. */
typedef struct nax_quality_opts {
  size_t struct_size;         /**< set by the INIT macro; do not touch */
  double isi_threshold;       /**< Hill: shorter intervals are violations, s */
  double isi_min;             /**< Hill: shortest interval the sorter can report, s */
  double refractory;          /**< Llobet: refractory period, s */
  double censored;            /**< Llobet: censored period, s */
  double presence_bin;        /**< bin of the presence ratio, s */
  double fano_window;         /**< window in which spikes are counted, s */
  double range_bin;           /**< bin of the firing range, s */
  double lvr_refractory;      /**< refractoriness constant of LvR, s */
  double baseline_percentile; /**< of the values in a window */
  double baseline_window;     /**< s */
  double event_threshold;     /**< in sigma above baseline */
  double duplicate;  /**< correlation from which two units are called duplicates */
  int64_t fano_ddof; /**< 1: unbiased variance, 0: divided by the count */
  int64_t memory;    /**< MB of traces held at once when reading from a file */
  int32_t signal;    /**< nax_signal_kind */
} nax_quality_opts;

/** Defaults of nax_quality_opts. */
#define NAX_QUALITY_OPTS_INIT                                                            \
  {                                                                                      \
    sizeof(nax_quality_opts), 0.0015, 0.0, 0.001, 0.0, 60.0, 1.0, 5.0, 0.005, 8.0, 60.0, \
        5.0, 0.9, 1, 128, NAX_SIGNAL_AUTO                                                \
  }

/** Quality of spike trains: one row per unit, columns
 *
 * - `unit` label or number;
 * - `spikes` N; `rate` N / T in Hz, T the summed length of the recording intervals;
 * - `hill_n` intervals shorter than isi_threshold; `hill_ratio` of violations over what a
 *   contaminant firing at the unit's rate would give,
 *   (hill_n / (2 N (isi_threshold - isi_min))) / (N / T), which is not bounded by 1;
 *   `hill_rate` hill_n / T in Hz (Hill et al. 2011, as in the UMS toolbox);
 * - `llobet_n` pairs of spikes (not only neighbours) at most `refractory` and at least
 *   `censored` apart; `llobet` contamination 1 - sqrt(D) with D = 1 - llobet_n
 *   (T - 2 N censored) / (N^2 (refractory - censored)), 1 where D < 0 (Llobet et al.
 *   2022);
 * - `presence` share of whole bins of presence_bin that hold a spike; NaN without one;
 * - `cv` standard deviation (divided by n) over mean of the intervals; `cv2` mean of
 *   2 |b - a| / (a + b) over neighbouring intervals; `lv` 3 mean ((b - a) / (a + b))^2;
 *   `lvr` 3 mean (1 - 4 a b / (a + b)^2)(1 + 4 R / (a + b)) with R lvr_refractory;
 * - `fano` variance over mean of the counts in whole windows of fano_window;
 * - `burst` index in [-1, 1] of the autocorrelogram at 1 ms: its peak within 10 ms
 *   against its mean from 40 to 50 ms, the difference over the larger of the two (Royer
 *   et al. 2012);
 * - `duplicates` spikes at the same time as the one before;
 * - `firing_range` 95th less 5th percentile of the rate in whole bins of range_bin, Hz;
 * - `flag` "silent", "contaminated" (llobet above 0.1), "absent" (presence below 0.9),
 *   "duplicates", joined by blanks; "" when there is nothing to say.
 *
 * Intervals do not reach across the gap between two recording intervals.
 * @owns free with nax_table_free. @status NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT.
 * @threads over units. @cost O(spikes) but for bursts: pairs within 50 ms. */
NAX_API NAX_NODISCARD nax_status nax_quality_spikes(nax_ctx *ctx, const nax_spikes *s,
                                                    const nax_quality_opts *opts,
                                                    nax_table **out);

/** Quality of traces: one row per position of the unit axis (the first that is neither
 * time nor trials), the other axes but time taken as trials. Columns
 *
 * - `unit` label or number; `mean`, `sd` (divided by n - 1), `min`, `max`, `skewness` of
 *   the values present; `missing` share of NaN in %;
 * - `baseline` median, `min_baseline` minimum of F0: the baseline_percentile of the
 * values in windows of baseline_window that advance by half, linear between their
 * centres;
 * - `noise` nu = 100 median |x(t+1) - x(t)| / sqrt(rate) in % Hz^-1/2, for fluorescence
 *   divided by `baseline`; NaN for potentials, counts and unknown rates;
 * - `snr` (99th percentile of x - F0) / sigma, sigma = 1.4826 MAD of x - F0;
 * - `event_rate` per minute: rises of x - F0 above event_threshold sigma after having
 * been below half of it; for inferred activity and counts: samples above 0;
 * - `drift` slope of F0 over time, in value units per minute (bleaching when negative);
 * - `saturated` share of samples at the maximum in %, 0 when there is only one;
 * - `nearest` largest correlation with another unit, `nearest_unit` which;
 * - `flag` "missing" (nothing present), "dead" (all 0), "constant", "duplicate",
 *   "saturated" (above 1 %), "f0" (fluorescence whose F0 comes to within 5 % of its mean
 *   value of 0, or below), joined by blanks.
 *
 * Correlations are over at most 8000 evenly spaced samples (exact below that), for at
 * most 4000 units, else NaN. Differences and windows do not reach across trials.
 * @nan missing values take no part.
 * @owns free with nax_table_free. @status NAX_EDIM, NAX_EINVAL, NAX_ENOMEM,
 * NAX_EINTERRUPT. @threads over units. @cost O(samples) + units^2 x samples of the
 * correlation. */
NAX_API NAX_NODISCARD nax_status nax_quality_array(nax_ctx *ctx, const nax_array *a,
                                                   const nax_quality_opts *opts,
                                                   nax_table **out);

/** The same for an array variable of a source, a group of units at a time, so that not
 * more than `memory` MB of it are held.
 * @owns free with nax_table_free. @status as nax_quality_array and nax_source_read. */
NAX_API NAX_NODISCARD nax_status nax_quality_source(nax_ctx *ctx, nax_source *s,
                                                    int32_t var,
                                                    const nax_quality_opts *opts,
                                                    nax_table **out);

NAX_END_DECLS
#endif
