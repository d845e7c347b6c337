/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frequency tagging of whole recordings: which of many units follow which tags, from
 * arrays, files larger than the memory, and spike trains. The statistics are those of
 * freqtag.h. */
#ifndef NEURAXIS_FREQTAG_FIT_H
#define NEURAXIS_FREQTAG_FIT_H
#include <neuraxis/freqtag.h>
#include <neuraxis/spikes.h>
NAX_BEGIN_DECLS

/** Which test decides on a unit. */
typedef enum nax_freqtag_choice {
  NAX_FREQTAG_TEST_T2CIRC = 1,   /**< T2circ; with a control two-sample. Where
                                    coefficients are real: t */
  NAX_FREQTAG_TEST_T2 = 2,       /**< Hotelling's T2 likewise */
  NAX_FREQTAG_TEST_RAYLEIGH = 3, /**< phases alone; no control; real: sign test */
  NAX_FREQTAG_TEST_SNR = 4,      /**< power of the mean of the trials against neighbours;
                                    no control */
  NAX_FREQTAG_TEST_POWER = 5,    /**< power of single trials against neighbours, for
                                    stimuli that do not begin with the trial; no control */
  NAX_FREQTAG_TEST_AUTO = 6,    /**< T2circ, or T2 where sphericity is rejected at 0.05 */
  NAX_FREQTAG_TEST_THOMSON = 7, /**< Thomson's harmonic F over tapers and trials; one
                                   trial is enough; no control */
  NAX_FREQTAG_TEST_LINE = 8,    /**< least squares of a line in each trial (Lomb-Scargle
                                   for uneven sampling), F against the residual, trials
                                   combined: for white noise; one trial is enough; no
                                   control */
  NAX_FREQTAG_TEST_Z2 = 9, /**< phases of all spikes, which take part as if independent:
                              Z2 with the harmonics tested, of one Rayleigh; no control */
  NAX_FREQTAG_TEST_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_choice;

/** How p is adjusted for the number of units. */
typedef enum nax_freqtag_correction {
  NAX_FREQTAG_BH = 1,  /**< Benjamini-Hochberg */
  NAX_FREQTAG_BY = 2,  /**< Benjamini-Yekutieli: any dependence between units */
  NAX_FREQTAG_MAX = 3, /**< largest statistic of all units in each surrogate: family-wise
                          error */
  NAX_FREQTAG_CORRECTION_FORCE_INT =
      0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_correction;

/** Options of nax_freqtag_fit. Table "freqtag" of options.h. */
typedef struct nax_freqtag_opts {
  size_t struct_size;  /**< set by the INIT macro; do not touch */
  const char *tags;    /**< frequencies in Hz, comma-separated */
  const char *exclude; /**< further lines that are no neighbours (mains), Hz; or NULL */
  double window;     /**< s per trial; NaN: the longest with whole cycles of every tag */
  double skip;       /**< s left out at the start of each trial: the response builds up */
  double q;          /**< false discovery rate over units, for each tag */
  double rate;       /**< Hz; NaN: of the time axis */
  int64_t harmonics; /**< of each tag, 1: the tag alone. p values are combined */
  int64_t side;     /**< neighbours on each side; 0: none. No tag, no harmonic, no n f1 +-
                       m f2 of two tags with n + m <= 4 is one, nor 0 and half the rate */
  int64_t gap;      /**< bins left out next to the line */
  int64_t memory;   /**< MB of data and spectra held at once */
  int32_t test;     /**< nax_freqtag_choice */
  int32_t fdr;      /**< nax_freqtag_correction */
  int32_t trend;    /**< nax_freqtag_trend */
  int32_t taper;    /**< nax_freqtag_taper */
  int32_t engine;   /**< nax_freqtag_engine */
  int32_t off_grid; /**< 1: a window without whole cycles is used, by least squares */
  int32_t spectrum; /**< 1: mean spectra and those of the best units are kept */
  int32_t null;     /**< nax_freqtag_null: p by surrogates */
  int64_t surrogates;  /**< of these */
  int64_t stop;        /**< surrogates that end the drawing for a unit; 0: never */
  int64_t seed;        /**< of the surrogates */
  int64_t item_length; /**< samples of an item; above 0 items are the observations */
  int64_t tapers;      /**< of Thomson's test */
  double bandwidth;    /**< time-bandwidth product of these tapers */
  int32_t paired;      /**< 1: trial (or item) i of both conditions belong together */
  int32_t keep;        /**< 1: coefficients of trials (or items) are kept */
  const char *levels; /**< a name for each tag, comma-separated: tags of one name make one
                         level; NULL: each tag is one */
  int32_t ress;       /**< 1: components of all channels, one for each tag */
  double ress_width;  /**< full width at half maximum of the filter at the tag, Hz */
  double ress_distance;  /**< of the reference filters from the tag, Hz; NaN: 1, or half
                            the way to 0 or half the rate */
  double ress_reference; /**< their full width at half maximum, Hz; NaN: the distance */
  double ress_shrinkage; /**< share of the identity in the reference covariance */
} nax_freqtag_opts;

/** Defaults of nax_freqtag_opts. */
#define NAX_FREQTAG_OPTS_INIT                                                            \
  {                                                                                      \
    sizeof(nax_freqtag_opts), NULL, NULL, NAX_NOT_GIVEN, 0.0, 0.05, NAX_NOT_GIVEN, 1, 4, \
        1, 256, NAX_FREQTAG_TEST_T2CIRC, 1, NAX_FREQTAG_TREND_CONSTANT,                  \
        NAX_FREQTAG_TAPER_BOXCAR, NAX_FREQTAG_ENGINE_AUTO, 0, 0, NAX_FREQTAG_NULL_NONE,  \
        999, 0, 1, 0, 3, 2.0, 0, 0, NULL, 0, 0.5, NAX_NOT_GIVEN, NAX_NOT_GIVEN, 0.01     \
  }

/** Where trials begin in a recording that has no trial axis (n 0: it has one, or is cut
 * into windows), and which items are in them. */
typedef struct nax_freqtag_events {
  nax_index n;           /**< trials */
  const double *start;   /**< n times in the unit of the time axis */
  nax_index n_control;   /**< trials of the control condition; 0: none */
  const double *control; /**< their times */
  nax_index n_items;     /**< option `item_length`: items there are; 0: slot s of each
                            trial is item s */
  nax_index n_slots;     /**< samples of the window / item_length */
  nax_index n_item_trials[2];  /**< trials in `item` and in `control_item` */
  const int64_t *item;         /**< which item stands in slot s of trial r: item[s + r
                                  n_slots]; negative: none. Trials as given in `start` */
  const int64_t *control_item; /**< the same for the control */
} nax_freqtag_events;

/** What is known of each unit and tag. */
typedef enum nax_freqtag_field {
  NAX_FREQTAG_AMPLITUDE = 0, /**< of the line locked to the stimulus, unit of the data */
  NAX_FREQTAG_PHASE,         /**< radians, of a cosine from the start of the window */
  NAX_FREQTAG_ITPC,          /**< inter-trial phase coherence (a length) */
  NAX_FREQTAG_PPC,           /**< the same squared without bias */
  NAX_FREQTAG_INDUCED,       /**< amplitude of what is not locked, root mean square */
  NAX_FREQTAG_SNR,           /**< power of the mean of the trials over its neighbours */
  NAX_FREQTAG_SNR_TOTAL,     /**< mean power of the trials over its neighbours */
  NAX_FREQTAG_BCA,           /**< amplitude minus neighbours, summed over harmonics */
  NAX_FREQTAG_Z,             /**< the same of the added spectra over the neighbours' sd */
  NAX_FREQTAG_CONTROL,       /**< amplitude in the control condition */
  NAX_FREQTAG_LOG_P_SNR,     /**< ln p of the power of the mean against neighbours */
  NAX_FREQTAG_LOG_P_TOTAL,   /**< ln p of the power of the trials against neighbours */
  NAX_FREQTAG_LOG_P_PHASE, /**< ln p of Rayleigh's test (real coefficients: sign test) */
  NAX_FREQTAG_CONDITION,   /**< condition index of the scatter: 1 is a circle */
  NAX_FREQTAG_LOG_P_SPHERICITY, /**< ln p of sphericity, which T2circ assumes */
  NAX_FREQTAG_LOG_P,            /**< ln p of the test that decides, harmonics combined */
  NAX_FREQTAG_Q,                /**< p adjusted for the number of units */
  NAX_FREQTAG_SPIKES, /**< spikes in the windows; this and the rest: of spike trains,
                         else NULL */
  NAX_FREQTAG_VECTOR_STRENGTH, /**< of all spikes in the cycle of the tag */
  NAX_FREQTAG_SPIKE_PHASE,     /**< of their mean, radians of the cycle */
  NAX_FREQTAG_PPC0,            /**< pairwise phase consistency over all pairs of spikes */
  NAX_FREQTAG_PPC1,            /**< over pairs from different trials */
  NAX_FREQTAG_PPC2,            /**< the same with trials weighted equally */
  NAX_FREQTAG_SPIKE_POWER,     /**< power of the train over its rate: 1 for Poisson */
  NAX_FREQTAG_LOG_P_SPIKES,    /**< ln p of Rayleigh's test of the phases of all spikes */
  NAX_FREQTAG_LOG_P_Z2,        /**< ln p of Z2 over the harmonics tested */
  NAX_FREQTAG_N_FIELDS,        /**< their number */
  NAX_FREQTAG_FIELD_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_freqtag_field;

/** Tags of many units. Opaque. */
typedef struct nax_freqtag nax_freqtag;

/** Find the units that follow each tag.
 *
 * Axes of `x`: "time" (or "sample"), "trial" where there is one, and units (all others,
 * side by side in memory). Without a trial axis trials begin at `events`, or else the
 * recording is cut into windows end to end, which are independent only if the noise is
 * white below 1 / window.
 * A time axis that is not regular, with no `rate` given, is taken as it is: coefficients
 * are those of least squares (Lomb-Scargle with floating mean) in each trial, without
 * neighbours; a recording without trials is one trial, for test `line`.
 * With option `ress` components of all units are added, from trials of the data alone:
 * the windows of all units are then in memory.
 * @param control same units and rate in a control condition, for two-sample tests; or
 * NULL
 * @param events NULL: none
 * @nan trials with missing values are left out, unit by unit, and counted
 * @status NAX_EINVAL (options; tag beyond half the rate; no window with whole cycles;
 * fewer neighbours than tests snr and power are asked for), NAX_EDIM (axes; fewer than 2
 * trials), NAX_EDATA (no unit can be tested), NAX_ENOMEM, NAX_EINTERRUPT. Warnings:
 * "freqtag.segments", "freqtag.neighbours" (fewer than asked for, where the test is
 * another), "freqtag.left-out", "freqtag.constant", "freqtag.empty", "freqtag.outside".
 * @cost one pass; see nax_freqtag_acc_push. @threads over units: same bits for any number
 * of threads and any `memory`. @owns free with nax_freqtag_free.
 * @paper{ding2016} @paper{victor1991} @paper{benjamini1995} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_fit(nax_ctx *ctx, const nax_array *x,
                                                 const nax_array *control,
                                                 const nax_freqtag_events *events,
                                                 const nax_freqtag_opts *opts,
                                                 nax_freqtag **out);

/** The same for variables of files, read in blocks of units of at most `memory` MB while
 * the block before is worked on. The result takes 8 bytes per unit, tag and field.
 * @param control NULL, or another source (not `s` itself)
 * @status as nax_freqtag_fit and nax_source_read. @owns free with nax_freqtag_free. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_fit_source(
    nax_ctx *ctx, nax_source *s, int32_t var, nax_source *control, int32_t control_var,
    const nax_freqtag_events *events, const nax_freqtag_opts *opts, nax_freqtag **out);

/** The same for spike trains, from the times themselves: a coefficient is the sum of
 * exp(-2 pi i f t) over the spikes of a trial with the mean rate taken out, an amplitude
 * the depth of modulation in spikes per second.
 * @param s times in seconds; trials begin at `events` or are windows end to end, and must
 * lie in one interval of the recording: others are left out with warning
 * "freqtag.outside"
 * @param control spike trains of the same units in a control condition, or NULL
 * @param opts `rate` is the grid on which the length of the window is chosen (not given:
 * 1000 Hz); tests thomson and line and items are for sampled signals only
 * @status as nax_freqtag_fit. @cost spikes x frequencies; with `spectrum` all bins up to
 * twice the highest tag. @owns free with nax_freqtag_free. @paper{vinck2011} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_fit_spikes(nax_ctx *ctx, const nax_spikes *s,
                                                        const nax_spikes *control,
                                                        const nax_freqtag_events *events,
                                                        const nax_freqtag_opts *opts,
                                                        nax_freqtag **out);

/** Bytes that nax_freqtag_fit needs besides `x`. @status as nax_freqtag_fit. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_memory(nax_ctx *ctx, const nax_array *x,
                                                    const nax_freqtag_opts *opts,
                                                    size_t *bytes);

/** Free a result; NULL is accepted. */
NAX_API void nax_freqtag_free(nax_freqtag *f);

/** Units. */
NAX_API nax_index nax_freqtag_n_units(const nax_freqtag *f);

/** Tags. */
NAX_API nax_index nax_freqtag_n_tags(const nax_freqtag *f);

/** Tag k in Hz; NaN out of range. */
NAX_API double nax_freqtag_tag(const nax_freqtag *f, nax_index k);

/** Samples of the window. */
NAX_API nax_index nax_freqtag_n_samples(const nax_freqtag *f);

/** Samples per second. */
NAX_API double nax_freqtag_rate(const nax_freqtag *f);

/** Trials, before any was left out; with `control` 1, of the control condition. */
NAX_API nax_index nax_freqtag_n_trials(const nax_freqtag *f, int32_t control);

/** Trials of units that were left out for missing values, over all units. */
NAX_API nax_index nax_freqtag_n_left_out(const nax_freqtag *f);

/** Units that were constant in every trial. */
NAX_API nax_index nax_freqtag_n_constant(const nax_freqtag *f);

/** Units without any trial that misses no value (in either condition). */
NAX_API nax_index nax_freqtag_n_empty(const nax_freqtag *f);

/** Trials that do not lie within the recording and were left out; with `control` 1, of
 * the control condition. */
NAX_API nax_index nax_freqtag_n_outside(const nax_freqtag *f, int32_t control);

/** Values of a field: unit x tag, column-major; NULL for a field that does not exist.
 * @borrows valid until the result is freed. */
NAX_API const double *nax_freqtag_values(const nax_freqtag *f, nax_freqtag_field field);

/** Name of a field, e.g. "itpc"; NULL out of range. Static string. */
NAX_API const char *nax_freqtag_field_name(nax_freqtag_field field);

/** 1 when the unit follows tag k: adjusted p at most q. */
NAX_API int32_t nax_freqtag_is_tagged(const nax_freqtag *f, nax_index unit, nax_index k);

/** Units that follow tag k. */
NAX_API nax_index nax_freqtag_n_tagged(const nax_freqtag *f, nax_index k);

/** Axes of the units, as in the data. @borrows */
NAX_API const nax_axis *nax_freqtag_unit_axis(const nax_freqtag *f, int32_t i);

/** Number of axes of the units. */
NAX_API int32_t nax_freqtag_n_unit_axes(const nax_freqtag *f);

/** Observations behind each coefficient: trials, or items; with `control` 1, of the
 * control condition (0 when paired). */
NAX_API nax_index nax_freqtag_n_observations(const nax_freqtag *f, int32_t control);

/** Coefficients of the first line of tag k (option `keep`): observation x unit, those of
 * the control after the others; of pairs the differences. NULL without. @borrows */
NAX_API const nax_c64 *nax_freqtag_kept(const nax_freqtag *f, nax_index k);

/** Mean spectra over units (option `spectrum`): frequencies, amplitude of the mean of the
 * trials, root mean square amplitude of single trials, and ITPC; n_bins values each, NULL
 * without. @borrows */
NAX_API const double *nax_freqtag_spectrum(const nax_freqtag *f, int32_t which,
                                           nax_index *n_bins);

/** Amplitude spectrum (of the mean of the trials; test power: of single trials) of the
 * unit with the smallest p for tag k, and its number in `unit` (may be NULL). NULL
 * without option `spectrum`. @borrows */
NAX_API const double *nax_freqtag_best(const nax_freqtag *f, nax_index k,
                                       nax_index *unit);

/** Components of all channels by rhythmic entrainment source separation (option `ress`):
 * for each tag the combination of channels whose power there is largest against its
 * neighbourhood. Each trial goes through a filter made of all other trials, so that
 * statistics of components are not biased by the choice of the filter. T2circ of a
 * component holds its level. Filters are the same for any phases of the trials: tests of
 * phases are exact under null `phase`. Powers of trials go together, because their
 * filters share most trials: p of power against neighbours is too small, that of the mean
 * (test snr) below 1 % in 1.3 % of the cases, that of single trials (test power) in 2.8
 * %, with 10 trials of 4 channels of noise. */
typedef struct nax_freqtag_components {
  nax_index n_channels; /**< that took part: they vary in some whole trial */
  nax_index n_trials;   /**< that took part: no such channel misses a value */
  nax_index n_bins;     /**< samples / 2 + 1 */
  double *value;        /**< tag: largest generalised eigenvalue, of all trials, which it
                           has seen: biased upwards */
  double *filter;       /**< unit x tag, of all trials; NaN for channels that are out */
  double *pattern;      /**< unit x tag: what the filter picks up, S w; NaN likewise */
  double *course;       /**< time x trial x tag: the component of each tag */
  double *spectrum;     /**< bin x tag: its amplitude, of the mean of the trials (test
                           power: of single trials) */
  nax_freqtag *tags;    /**< tests of the components: unit k is that of tag k */
} nax_freqtag_components;

/** Components of a result; NULL without option `ress`. @borrows */
NAX_API const nax_freqtag_components *nax_freqtag_get_components(const nax_freqtag *f);

/** Components as a table. Rows: tags; columns tag, eigenvalue, log10_p, amplitude, phase,
 * itpc, ppc, snr, snr_total, bca, z of the component of a tag at that tag, channels,
 * trials. @status NAX_EINVAL (no components), NAX_ENOMEM.
 * @owns free with nax_table_free. @paper{cohen2017} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_components_table(nax_ctx *ctx,
                                                              const nax_freqtag *f,
                                                              nax_table **out);

/** How many units of each group follow each tag, with uncertainty. Rows: group x tag;
 * columns group, frequency, n, tagged, share (of tagged units) with Wilson 95 % interval,
 * responding (share of units that are not null by the distribution of their p values,
 * which needs no threshold; Storey 2002) with standard error, amplitude (mean) with
 * standard error.
 * @param group number of the group of each unit, 0 to n_groups - 1, or -1 for none
 * @param name n_groups names, or NULL
 * @status NAX_EINVAL, NAX_ENOMEM. @owns free with nax_table_free. @paper{storey2002} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_profile(nax_ctx *ctx, const nax_freqtag *f,
                                                     nax_index n_groups,
                                                     const int64_t *group,
                                                     const char *const *name,
                                                     nax_table **out);

/** Levels of structure: tags, or tags of one name (option `levels`). */
NAX_API nax_index nax_freqtag_n_levels(const nax_freqtag *f);

/** Name of a level, e.g. "sentence"; NULL out of range. @borrows */
NAX_API const char *nax_freqtag_level_name(const nax_freqtag *f, nax_index level);

/** Levels that a unit follows: bit l for level l, 0 for none, -1 when it was not tested.
 * p of a level of several tags is theirs combined (Fisher), adjusted over units. */
NAX_API int64_t nax_freqtag_set_of(const nax_freqtag *f, nax_index unit);

/** How many units of each group follow which levels and no others: "sentence", "phrase",
 * "shared" for two levels of these names. Rows: group x set; columns group, set, n (units
 * tested), units, share with Wilson 95 % interval.
 * @param group, name as nax_freqtag_profile; `group` NULL: all units are one
 * @status NAX_EINVAL (more than 10 levels), NAX_ENOMEM. @owns free with nax_table_free.
 */
NAX_API NAX_NODISCARD nax_status nax_freqtag_sets(nax_ctx *ctx, const nax_freqtag *f,
                                                  nax_index n_groups,
                                                  const int64_t *group,
                                                  const char *const *name,
                                                  nax_table **out);

/** Clusters of neighbouring units that follow a tag: mass of F of T2circ beyond what one
 * unit exceeds with probability `p`, against sign flips (of pairs: of the differences),
 * or against exchanged labels with a control. Needs option `keep`; units with missing
 * trials are in no cluster.
 * @param near which units are next to each other; NULL: those that follow each other
 * @param label unit x tag: number of the cluster of a unit among those of its tag, or -1;
 * @param p_max unit x tag: p of each unit against the largest F of all; each may be NULL
 * @param out rows: clusters; columns tag, cluster, units, first (its first unit), mass, p
 * @status NAX_EINVAL, NAX_ENOMEM, NAX_EINTERRUPT. @owns free with nax_table_free.
 * @paper{maris2007} */
NAX_API NAX_NODISCARD nax_status nax_freqtag_clusters(nax_ctx *ctx, const nax_freqtag *f,
                                                      const nax_freqtag_adjacency *near,
                                                      double p, nax_index n_surrogates,
                                                      uint64_t seed, int64_t *label,
                                                      double *p_max, nax_table **out);

/** The result as a dataset: one array (unit axes x frequency) per field, "tagged" (1, 0;
 * NaN where nothing could be tested), mean spectra, and the options.
 * @owns free with nax_dataset_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_freqtag_dataset(nax_ctx *ctx, const nax_freqtag *f,
                                                     nax_dataset **out);

NAX_END_DECLS
#endif
