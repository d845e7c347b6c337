/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike trains: ragged event times in seconds, sorted within each unit, with the
 * interval(s) in which the recording could see them. */
#ifndef NEURAXIS_SPIKES_H
#define NEURAXIS_SPIKES_H
#include <neuraxis/array.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** Spike trains of one recording. Opaque. */
typedef struct nax_spikes nax_spikes;

/** Spike trains from contiguous ragged arrays (all copied).
 *
 * @param units     one position per unit; its labels or coordinates name the units
 * @param offsets   n_units + 1 ascending entries; unit u owns times[offsets[u]] to
 *                  times[offsets[u+1] - 1]
 * @param times     offsets[n_units] times in seconds, any order within a unit: they are
 *                  sorted, with warning "spikes.unsorted" naming how many were out of
 *                  order
 * @param n_intervals recording intervals; 0 means one interval from the first to the
 *                  last spike of all units, with info "spikes.interval-guessed"
 * @param intervals start and stop of each in seconds, 2 x n_intervals, ascending and
 *                  not overlapping
 * @nan NaN or infinite times are refused, naming unit and index
 * @owns free with nax_spikes_free.
 * @status NAX_EDIM (offsets not ascending from 0), NAX_EDATA (NaN, Inf), NAX_EINVAL,
 * NAX_ENOMEM. Spikes outside the intervals, which include both ends, are kept with
 * warning "spikes.outside-intervals".
 * @cost O(spikes) when sorted. */
NAX_API NAX_NODISCARD nax_status nax_spikes_create(
    nax_ctx *ctx, const nax_axis *units, const nax_index *offsets, const double *times,
    nax_index n_intervals, const double *intervals, nax_spikes **out);

/** Deep copy. @owns free with nax_spikes_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_spikes_copy(nax_ctx *ctx, const nax_spikes *s,
                                                 nax_spikes **out);

/** Free spike trains; NULL is accepted. */
NAX_API void nax_spikes_free(nax_spikes *s);

/** Number of units, silent ones included. */
NAX_API nax_index nax_spikes_n_units(const nax_spikes *s);

/** Number of spikes of all units. */
NAX_API nax_index nax_spikes_n_spikes(const nax_spikes *s);

/** Sorted times of one unit in seconds and, in `n`, how many. NULL and 0 out of range.
 * @borrows valid until the spikes are freed. */
NAX_API const double *nax_spikes_times(const nax_spikes *s, nax_index unit, nax_index *n);

/** n_units + 1 offsets into nax_spikes_all_times. @borrows */
NAX_API const nax_index *nax_spikes_offsets(const nax_spikes *s);

/** Times of all units, one unit after the other. @borrows */
NAX_API const double *nax_spikes_all_times(const nax_spikes *s);

/** The axis of the units. @borrows */
NAX_API const nax_axis *nax_spikes_units(const nax_spikes *s);

/** Number of recording intervals, at least 1. */
NAX_API nax_index nax_spikes_n_intervals(const nax_spikes *s);

/** Start and stop of interval i in seconds; NaN out of range. */
NAX_API void nax_spikes_interval(const nax_spikes *s, nax_index i, double *start,
                                 double *stop);

/** Summed length of the recording intervals in seconds. */
NAX_API double nax_spikes_duration(const nax_spikes *s);

/* ----------------------------------------------------- parts, putting together */

/** The spikes in [start, stop) seconds and what of the recording intervals lies in
 * [start, stop]. Times are kept, not shifted; either end may be infinite.
 * @owns free with nax_spikes_free.
 * @status NAX_EINVAL when nothing was recorded in the range, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_spikes_slice(nax_ctx *ctx, const nax_spikes *s,
                                                  double start, double stop,
                                                  nax_spikes **out);

/** The units index[0..n-1], in that order; repeats are allowed.
 * @owns free with nax_spikes_free. @status NAX_EINVAL naming an index that does not
 * exist, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_spikes_take(nax_ctx *ctx, const nax_spikes *s,
                                                 nax_index n, const nax_index *index,
                                                 nax_spikes **out);

/** The units with these labels, in that order. @owns free with nax_spikes_free.
 * @status NAX_EINVAL naming a label that does not exist, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_spikes_take_labels(nax_ctx *ctx, const nax_spikes *s,
                                                        nax_index n,
                                                        const char *const *labels,
                                                        nax_spikes **out);

/** Recordings of the same units one after the other in time.
 * @param shift seconds added to all times of each part, NULL for none: sessions that each
 *              begin at 0 need it
 * @owns free with nax_spikes_free. Intervals that touch at a joint become one.
 * @status NAX_EDIM (units differ), NAX_EINVAL (parts overlap in time, n < 1),
 * NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_spikes_concat(nax_ctx *ctx, nax_index n,
                                                   const nax_spikes *const *parts,
                                                   const double *shift, nax_spikes **out);

/** Units of several recordings of the same time, e.g. two probes, one after the other.
 * @owns free with nax_spikes_free.
 * @status NAX_EDIM (recording intervals or the sort of unit axis differ), NAX_EINVAL
 * (n < 1), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_spikes_stack(nax_ctx *ctx, nax_index n,
                                                  const nax_spikes *const *parts,
                                                  nax_spikes **out);

/* --------------------------------------------------------------------- binning */

/** How to bin. Table "bin" of options.h. */
typedef struct nax_bin_opts {
  size_t struct_size;   /**< set by the INIT macro; do not touch */
  double width;         /**< of a bin in seconds, > 0 */
  double t_start;       /**< first edge in seconds; NaN: start of the recording */
  double t_stop;        /**< bins reach at least to here; NaN: end of the recording */
  int32_t drop_partial; /**< 1: no bin may end after t_stop; 0: the last one may */
} nax_bin_opts;

/** Defaults of nax_bin_opts. */
#define NAX_BIN_OPTS_INIT                                                                \
  {                                                                                      \
    sizeof(nax_bin_opts), 0.02, NAX_NOT_GIVEN, NAX_NOT_GIVEN, 0                          \
  }

/** Where the spikes went: n_counted + n_outside + n_in_gaps is their number. */
typedef struct nax_bin_info {
  nax_index n_counted;    /**< sum of all counts */
  nax_index n_outside;    /**< before the first bin or after the last */
  nax_index n_in_gaps;    /**< outside the recording intervals, though within the bins */
  nax_index n_unrecorded; /**< bins in which nothing was recorded: their counts are NaN */
  nax_index n_partly;     /**< bins of which a part was recorded: their counts are low */
} nax_bin_info;

/** Number of spikes of each unit in bins of equal width.
 *
 * Bins are half-open, [edge i, edge i + 1). Recording intervals include their end, so a
 * spike exactly at the end of one, where that is an edge, counts in the bin before it.
 * Edge i is start + i width; when both are ratios of whole numbers (decimals of up to
 * nine places, fractions 1/n, ticks of common clocks) it is rounded once, so that it is
 * the same double as the time of a spike on that very tick, and the spike falls into the
 * bin that begins there.
 *
 * @param info where every spike went; may be NULL
 * @shape{result} unit x time, unit "counts"; the time axis is regular and marks bin
 * centres
 * @nan bins in which nothing was recorded are NaN for all units
 * @owns free with nax_array_free.
 * @status NAX_EINVAL, NAX_EOVERFLOW, NAX_EINTERRUPT, NAX_ENOMEM. Warnings:
 * "spikes.outside-bins", "spikes.in-gaps", "spikes.unrecorded-bins",
 * "spikes.partial-bins".
 * @cost O(spikes + units bins). @threads over blocks of bins: same bits for any number.
 */
NAX_API NAX_NODISCARD nax_status nax_spikes_bin(nax_ctx *ctx, const nax_spikes *s,
                                                const nax_bin_opts *opts,
                                                nax_bin_info *info, nax_array **out);

/** The same for given edges, n_edges >= 2, ascending, in seconds: one bin less than
 * edges. The time axis is regular when the bins are equally wide to within rounding, else
 * it lists the centres. @owns free with nax_array_free. @status as nax_spikes_bin. */
NAX_API NAX_NODISCARD nax_status nax_spikes_bin_edges(nax_ctx *ctx, const nax_spikes *s,
                                                      nax_index n_edges,
                                                      const double *edges,
                                                      nax_bin_info *info,
                                                      nax_array **out);

NAX_END_DECLS
#endif
