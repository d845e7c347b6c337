/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of axes and arrays. */
#ifndef NAX_ARRAY_I_H
#define NAX_ARRAY_I_H
#include "core/core_i.h"
#include <neuraxis/array.h>

struct nax_axis {
  nax_axis_kind kind;
  nax_index length;
  /* Regular: coordinate i = start + (first + step * i) / rate. Counting whole steps from
   * one origin makes slices share the exact coordinates of the whole axis. */
  double start, rate;
  nax_index first, step;
  double *coords; /* coords */
  int ascending;  /* coords: each at least as large as the one before */
  char **labels;  /* labels */
  char *name, *unit;
};

struct nax_array {
  nax_dtype dtype;
  int32_t ndim;
  nax_index size;
  nax_axis *axis[NAX_MAX_NDIM];
  void *data;
  int is_borrowed; /* data belong to the caller, and are not written */
  char *unit, *description;
};

/* Regular axis on a grid of whole steps, see struct nax_axis; `step` > 0. */
nax_status nax_i_axis_grid(nax_ctx *ctx, const char *name, const char *unit,
                           nax_index length, double start, double rate, nax_index first,
                           nax_index step, nax_axis **out);

/* Positions start, start + step ... below stop of an axis; the range is checked already.
 */
nax_status nax_i_axis_slice(nax_ctx *ctx, const nax_axis *a, nax_index start,
                            nax_index stop, nax_index step, nax_axis **out);

/* What an axis knows of its positions, for messages: "coordinates", "labels" ... */
const char *nax_i_axis_positions(const nax_axis *a);

/* Axes joined end to end: index stays index, labels are appended, a regular axis stays
 * regular when each part continues the one before to within rounding, anything else with
 * coordinates becomes a list of coordinates. Name, unit and sort of positions must agree:
 * NAX_EDIM. */
nax_status nax_i_axis_concat(nax_ctx *ctx, const char *fn, nax_index n,
                             const nax_axis *const *parts, nax_axis **out);

/* Whether labels (may be NULL) are of n neurons and, unless that is negative, of `trials`
 * trials: NAX_EDIM. */
nax_status nax_i_trial_labels_check(nax_ctx *ctx, const char *fn,
                                    const nax_trial_labels *l, nax_index n,
                                    nax_index trials);

/* The axis of them: "neuron" and "trial" 0 ... where the labels do not know better, and
 * time in bins of a width in s. */
nax_status nax_i_neuron_axis(nax_ctx *ctx, const nax_trial_labels *l, nax_index n,
                             nax_axis **out);
nax_status nax_i_trial_axis(nax_ctx *ctx, const nax_trial_labels *l, nax_index n,
                            nax_axis **out);
nax_status nax_i_bin_axis(nax_ctx *ctx, const nax_trial_labels *l, nax_index n,
                          double width, nax_axis **out);

/* As nax_array_create, but takes over the axes: on success they belong to the array, on
 * failure they still belong to the caller. */
nax_status nax_i_array_adopt(nax_ctx *ctx, nax_dtype dtype, int32_t ndim, nax_axis **axes,
                             const char *unit, nax_array **out);

/* The array seen as inner x n x outer around axis k, all dense. */
typedef struct nax_i_fold {
  nax_index inner, n, outer;
} nax_i_fold;
nax_i_fold nax_i_array_fold(const nax_array *a, int32_t k);

/* Element at a position in memory. */
static inline double
nax_i_array_at(const nax_array *a, nax_index i)
{
  return a->dtype == NAX_F64 ? ((const double *)a->data)[i]
                             : (double)((const float *)a->data)[i];
}

/* Array with the axes of `a`, axis k replaced by `axis` (NULL: all copied, k unused), its
 * unit and description; takes over `axis` on success. Elements are zero. */
nax_status nax_i_array_with_axis(nax_ctx *ctx, const nax_array *a, nax_dtype dtype,
                                 int32_t k, nax_axis *axis, nax_array **out);

/* Axis k exists; else NAX_EINVAL, listing the axes there are. */
nax_status nax_i_array_check_axis(nax_ctx *ctx, const char *fn, const nax_array *a,
                                  int32_t k);

/* Positions of the labels, or NAX_EINVAL naming one that is not there. */
nax_status nax_i_axis_find_labels(nax_ctx *ctx, const char *fn, const nax_axis *a,
                                  nax_index n, const char *const *labels,
                                  nax_index *index);

/* Call fn(line, x, n, arg) for every line of `a` along axis k, in parallel, as a stage of
 * the function `name`. A line is numbered by the position along the other axes, first
 * fastest; `x` holds a copy of its n values that `fn` may overwrite. */
typedef void (*nax_i_line_fn)(nax_index line, double *x, nax_index n, void *arg);
nax_status nax_i_array_lines(nax_ctx *ctx, const char *name, const char *stage,
                             const nax_array *a, int32_t k, nax_i_line_fn fn, void *arg);

/* Moments of n values without NaN, which are overwritten; NaN where there is none. Of a
 * constant line the mean is its value and the sum of squares 0, both exact. */
typedef struct nax_i_moments {
  nax_index n;
  double mean, ss, min, max; /* ss: sum of squared deviations */
} nax_i_moments;
nax_i_moments nax_i_line_moments(double *x, nax_index n);

/* Reductions that add up rows in place where lines lie side by side (reduce_side.c): may
 * it be used, and the work. */
int nax_i_reduces_side_by_side(const nax_array *a, int32_t k, nax_reduction what);
nax_status nax_i_reduce_side_by_side(nax_ctx *ctx, const char *fn, const nax_array *a,
                                     int32_t k, nax_reduction what, double ddof,
                                     double *out);

/* Copy the elements of a view in parallel, converted, dense column-major to `dst`; types
 * are checked already. Fails only when the caller wants to stop (NAX_EINTERRUPT, never
 * without a context); `dst` is then unfinished. */
nax_status nax_i_view_copy(nax_ctx *ctx, const nax_view *v, nax_dtype dtype, void *dst);

/* nax_view_summary that names `fn`. */
nax_status nax_i_view_summary(nax_ctx *ctx, const char *fn, const nax_view *v,
                              nax_summary *out);

/* NAX_EDATA unless all values are finite, naming how many are not and the first index. */
nax_status nax_i_view_finite(nax_ctx *ctx, const char *fn, const char *arg,
                             const nax_view *v);

/* Check that `y` is a float64 view of `ndim` axes with these names (a NULL name in the
 * view or in `names` matches anything); the text says which axis is wrong, as in
 * "axis 1 of `y` is called `trial`, expected `time`". */
nax_status nax_i_view_check(nax_ctx *ctx, const char *fn, const char *arg,
                            const nax_view *y, int32_t ndim, const char *const *names);

/* Free n strings and the array that holds them; NULL is accepted. */
void nax_i_free_strings(char **s, nax_index n);
/* Copies of n strings (NULL entries become ""); NULL when out of memory. */
char **nax_i_dup_strings(const char *const *s, nax_index n);

#endif
