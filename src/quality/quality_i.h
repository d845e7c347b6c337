/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking over the traces of a recording that is larger than memory, and what is measured
 * on one of them. */
#ifndef NAX_QUALITY_I_H
#define NAX_QUALITY_I_H
#include "io/io_i.h"
#include <neuraxis/quality.h>

/* --- walking ---------------------------------------------------------------------- */

/* Which axis is what. `parts` counts the positions of all axes but these two. */
typedef struct nax_i_layout {
  int32_t ndim;
  int32_t unit, time; /* axes, -1 when there is none */
  nax_index dim[NAX_MAX_NDIM];
  nax_index units, samples, parts; /* samples per part */
  double rate, t_start;            /* Hz and seconds, NaN when unknown */
  const nax_axis *axis[NAX_MAX_NDIM];
  nax_signal_kind kind;
  char value_unit[64], drift_unit[72];
} nax_i_layout;

void nax_i_layout_of(int32_t ndim, const nax_axis *const *axis, const char *name,
                     const char *path, const char *unit, const char *description,
                     nax_i_layout *out);

/* Bytes without a unit are counts, unless something said what they are. */
void nax_i_layout_integers(nax_i_layout *l, nax_dtype file_dtype);

/* Text that names unit u, for tables. */
void nax_i_unit_name(const nax_axis *axis, nax_index u, char *buf, size_t size);

/* One recording, from memory or from a file. */
typedef struct nax_i_walk {
  nax_i_layout layout;
  const nax_array *array; /* one of the two */
  nax_source *source;
  int32_t var;
  size_t bytes; /* of traces held at once */
} nax_i_walk;

/* Traces in memory while a group of units is visited: sample t of part p of unit
 * first + k, k < n. */
typedef struct nax_i_group {
  const nax_i_layout *layout;
  nax_index first, n;
  const void *data;
  nax_dtype dtype;
  nax_index unit_stride, time_stride;
  nax_index part_stride[NAX_MAX_NDIM], part_dim[NAX_MAX_NDIM];
  int32_t n_part_axes;
} nax_i_group;

/* x of `parts * samples` values, part after part, and scratch of three times as many
 * plus 16. Runs in parallel over units: may fail with nax_i_fail(NULL, ...) only. */
typedef nax_status (*nax_i_visit_fn)(nax_index unit, const double *x, double *scratch,
                                     void *arg);
/* After all units of a group were visited; on the calling thread. */
typedef nax_status (*nax_i_group_fn)(nax_ctx *ctx, const nax_i_group *g, void *arg);

/* Visit every unit once, a group after the other. */
nax_status nax_i_walk_run(nax_ctx *ctx, const char *fn, const char *stage,
                          const nax_i_walk *w, nax_i_visit_fn visit, nax_i_group_fn after,
                          void *arg);
/* Offset in elements of the first sample of a part. */
nax_index nax_i_group_part(const nax_i_group *g, nax_index part);
static inline double
nax_i_group_at(const nax_i_group *g, nax_index offset)
{
  return g->dtype == NAX_F64 ? ((const double *)g->data)[offset]
                             : (double)((const float *)g->data)[offset];
}

/* --- one trace -------------------------------------------------------------------- */

typedef struct nax_i_trace {
  nax_index n; /* present */
  double mean, sd, min, max, skewness, missing, baseline, min_baseline, noise, snr;
  double event_rate, drift, saturated;
} nax_i_trace;

/* `scratch` has room for 3 n + 16 values, n = parts * samples. */
void nax_i_trace_measure(const nax_i_layout *l, const nax_quality_opts *o,
                         const double *x, double *scratch, nax_i_trace *out);

/* --- all of them ------------------------------------------------------------------- */

enum { NAX_I_MAX_CORRELATED = 4000, NAX_I_CORRELATION_SAMPLES = 8000 };

/* What the walk collects for the table; the report feeds it from a walk of its own. */
typedef struct nax_i_quality {
  const nax_i_layout *layout;
  nax_quality_opts opts;
  nax_i_trace *trace; /* per unit */
  nax_index n_pick;   /* samples per unit kept for correlations; 0: none */
  nax_index step;     /* every step-th sample is kept */
  float *pick;        /* n_pick x units, standardised, 0 where missing */
} nax_i_quality;

nax_status nax_i_quality_begin(nax_ctx *ctx, const char *fn, const nax_i_layout *l,
                               const nax_quality_opts *opts, nax_i_quality *q);
/* A visit function; `arg` is the nax_i_quality. */
nax_status nax_i_quality_visit(nax_index unit, const double *x, double *scratch,
                               void *arg);
/* n samples of x, `step` apart, with mean 0 and length 1; 0 where missing. */
void nax_i_standardise(const double *x, nax_index n, nax_index step, float *pick);
/* Correlations (units x units, column-major) from the samples kept: NaN where a unit does
 * not vary. */
nax_status nax_i_quality_correlate(nax_ctx *ctx, const nax_i_quality *q, double *r);
/* The table; r may be NULL when there are no correlations. */
nax_status nax_i_quality_table(nax_ctx *ctx, const char *fn, const nax_i_quality *q,
                               const double *r, nax_table **out);
void nax_i_quality_end(nax_i_quality *q);

#endif
