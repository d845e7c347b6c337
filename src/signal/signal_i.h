/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the functions along time share: walking the traces, times in seconds, filters on
 * one trace. */
#ifndef NAX_SIGNAL_I_H
#define NAX_SIGNAL_I_H
#include "array/array_i.h"
#include "core/core_i.h"
#include "fft/fft_i.h"
#include <neuraxis/signal.h>

/* --- traces ---------------------------------------------------------------- */

/* Traces that one task takes from memory together, so that a trace which is not
 * contiguous (neuron is the fastest axis) is read a cache line at a time. */
#define NAX_I_TRACE_GROUP 16

/* One trace: x of n_in samples -> y of n_out, with n_scratch doubles of scratch. `trace`
 * counts the positions of all axes but time, first axis fastest. Runs in parallel: may
 * fail with nax_i_fail(NULL, ...) only. */
typedef nax_status (*nax_i_trace_fn)(const double *x, double *y, double *scratch,
                                     nax_index trace, const void *arg);

typedef struct nax_i_traces {
  const char *fn;    /* named in texts */
  const char *stage; /* static, e.g. "signal/smooth" */
  nax_i_trace_fn each;
  const void *arg;
  nax_index n_scratch;
} nax_i_traces;

/* Run `spec->each` over the traces of `in` along axis k; traces go to axis k of `out`,
 * whose other axes have the lengths of those of `in`. */
nax_status nax_i_traces_run(nax_ctx *ctx, const nax_i_traces *spec, const nax_array *in,
                            int32_t k, nax_array *out);

/* An array as `in` (type, axes, unit, description), axis k replaced by a copy of `axis`
 * unless that is NULL. */
nax_status nax_i_array_like(nax_ctx *ctx, const nax_array *in, int32_t k,
                            const nax_axis *axis, nax_array **out);

/* Where a trace lies, for messages: "neuron 3", "neuron `a7`, trial 2". */
void nax_i_trace_name(const nax_array *in, int32_t k, nax_index trace, char *buf,
                      size_t size);

/* --- time ------------------------------------------------------------------ */

/* Axis called "time" and at least one sample, else NAX_EDIM. */
nax_status nax_i_time_axis(nax_ctx *ctx, const char *fn, const nax_array *in, int32_t *k);

/* Seconds in one unit of the axis; NAX_EINVAL for a unit that is not a time. */
nax_status nax_i_time_scale(nax_ctx *ctx, const char *fn, const nax_axis *time,
                            double *seconds);

/* Samples per second: see the head of signal.h. */
nax_status nax_i_time_rate(nax_ctx *ctx, const char *fn, const nax_axis *time,
                           double *rate);

/* Times in seconds, ascending, at least 2 samples: into fresh memory *t, and the median
 * of the steps. NAX_EDATA naming the first that runs backwards. */
nax_status nax_i_time_seconds(nax_ctx *ctx, const char *fn, const nax_axis *time,
                              double **t, double *median_step);

/* --- filters on one trace --------------------------------------------------- */

/* A normalised symmetric kernel k[0..reach] and how to convolve with it. */
typedef struct nax_i_kernel {
  nax_index n, reach;
  nax_edge edge;
  int box;        /* equal weights but for the two ends */
  double *weight; /* reach + 1 */
  double *full;   /* n: sum of the weights inside the record, 1 unless renormalising */
  nax_i_fft *forward, *backward; /* for a long reach, else NULL */
  nax_index n_fft;
  double *spectrum; /* of the kernel, real, n_fft/2 + 1, divided by n_fft */
} nax_i_kernel;

nax_status nax_i_kernel_gaussian(nax_ctx *ctx, nax_index n, double sigma_frames,
                                 double truncate, nax_edge edge, nax_i_kernel *out);
nax_status nax_i_kernel_boxcar(nax_ctx *ctx, nax_index n, double width_frames,
                               nax_edge edge, nax_i_kernel *out);
void nax_i_kernel_free(nax_i_kernel *k);
/* Doubles of scratch that nax_i_kernel_apply needs. */
nax_index nax_i_kernel_scratch(const nax_i_kernel *k);
/* Weighted averages of x; NaN and Inf are missing. Where nothing is in reach: NaN. With
 * `fill` 0 also where x is missing. x and y must not overlap. */
void nax_i_kernel_apply(const nax_i_kernel *k, const double *x, int fill, double *y,
                        double *scratch);

/* Running minimum (sign 1) or maximum (sign -1) over x[i - w/2 .. i - w/2 + w - 1] with
 * reflected ends: scipy's minimum_filter1d of size w. Missing values are passed over; all
 * missing gives NaN. Scratch: nax_i_extremum_scratch(n, w). */
nax_index nax_i_extremum_scratch(nax_index n, nax_index w);
void nax_i_extremum_filter(const double *x, nax_index n, nax_index w, double sign,
                           double *y, double *scratch);

/* Quantile q of x[i - w/2 .. i - w/2 + w - 1], cut at the ends of the record. Missing
 * values are passed over; all missing gives NaN. Scratch: nax_i_rolling_scratch(n). */
nax_index nax_i_rolling_scratch(nax_index n);
void nax_i_rolling_quantile(const double *x, nax_index n, nax_index w, double q,
                            double *y, double *scratch);

/* Position in 0..n-1 of index i of the record reflected for ever: d c b a | a b c d. */
nax_index nax_i_reflect(nax_index i, nax_index n);

#endif
