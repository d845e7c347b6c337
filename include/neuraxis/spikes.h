/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike trains: ragged event times in seconds, sorted within each unit, with the
 * interval(s) in which the recording could see them. */
#ifndef NEURAXIS_SPIKES_H
#define NEURAXIS_SPIKES_H
#include <neuraxis/array.h>
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
 * @status NAX_EDIM (offsets not ascending), NAX_EDATA (NaN, Inf; spikes outside the
 * intervals are kept with warning "spikes.outside-intervals"), NAX_EINVAL, NAX_ENOMEM.
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

NAX_END_DECLS
#endif
