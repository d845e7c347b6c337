/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of spike trains. */
#ifndef NAX_SPIKES_I_H
#define NAX_SPIKES_I_H
#include "array/array_i.h"
#include <neuraxis/spikes.h>

struct nax_spikes {
  nax_axis *units;
  nax_index *offsets; /* n_units + 1 */
  double *times;      /* sorted within each unit */
  nax_index n_intervals;
  double *intervals; /* start, stop of each */
};

/* As nax_spikes_create, but takes over axis, offsets and times (sorting them in place):
 * on success they belong to the spikes, on failure they still belong to the caller. For
 * readers, which have just filled them. `intervals` is copied. */
nax_status nax_i_spikes_adopt(nax_ctx *ctx, const char *fn, nax_axis *units,
                              nax_index *offsets, double *times, nax_index n_intervals,
                              const double *intervals, nax_spikes **out);

/* The first i in [from, to) with t[i] >= x of ascending t; `to` when there is none. */
nax_index nax_i_lower_bound(const double *t, nax_index from, nax_index to, double x);

/* Bin edges: start + i * width, i = 0, 1 ... Where start and width are ratios p0/q and
 * p/q of whole numbers (all decimals of up to nine places, fractions 1/n, and ticks of
 * the usual clocks are) edge i is (p0 + i p) / q, rounded once. A spike time that a file
 * has as such a ratio then is the same double as the edge it lies on, and no rounding can
 * put it into the bin before. Otherwise q is 0 and edge i is start + i * width in
 * doubles. */
typedef struct nax_i_grid {
  double start, width;
  int64_t p0, p, q;
} nax_i_grid;

/* Grid for edges 0..n_most. */
nax_i_grid nax_i_grid_make(double start, double width, double n_most);
double nax_i_grid_edge(const nax_i_grid *g, nax_index i);
/* The i with edge(i) <= t < edge(i + 1); t lies in reach of n_most edges. */
nax_index nax_i_grid_find(const nax_i_grid *g, double t);
/* Axis "time" of the centres of n bins. */
nax_status nax_i_grid_centres(nax_ctx *ctx, const nax_i_grid *g, nax_index n,
                              nax_axis **out);

#endif
