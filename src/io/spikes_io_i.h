/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one list of spikes with unit numbers to spike trains. */
#ifndef NAX_SPIKES_IO_I_H
#define NAX_SPIKES_IO_I_H
#include "io_i.h"

/* Spike trains from n spikes in the file's order: spike i is of unit `unit[i]`, a
 * position of `units` (negative: left out). One counting sort. Times that go back within
 * a unit are a violation ("spikes.unsorted", with a text of its own when they start again
 * once) and sorted. `intervals` as in nax_spikes_create. */
nax_status nax_i_spikes_group(nax_ctx *ctx, nax_source *s, const nax_axis *units,
                              nax_index n, const int32_t *unit, const double *times,
                              nax_index n_intervals, const double *intervals,
                              nax_spikes **out);

#endif
