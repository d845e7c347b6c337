/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Views, axes and arrays: the one labelled N-d time series that all methods share.
 *
 * Memory is column-major: axis 0 is fastest. Recordings are neuron x time x trial. */
#ifndef NEURAXIS_ARRAY_H
#define NEURAXIS_ARRAY_H
#include <neuraxis/context.h>
NAX_BEGIN_DECLS

/* ------------------------------------------------------------------ views */

/** A borrowed, read-only look at somebody else's memory. `stride[]` counts elements;
 * dense column-major has stride[0] == 1, stride[k] == stride[k-1] * dim[k-1]. Plain
 * value: copy it freely; it never frees anything. */
typedef struct nax_view {
  const void *data;               /**< first element */
  nax_dtype dtype;                /**< NAX_F64 or NAX_F32 */
  int32_t ndim;                   /**< 1 to NAX_MAX_NDIM */
  nax_index dim[NAX_MAX_NDIM];    /**< lengths, axis 0 fastest in dense memory */
  nax_index stride[NAX_MAX_NDIM]; /**< in elements, positive */
  const char *name[NAX_MAX_NDIM]; /**< axis names, borrowed; NULL when unknown */
} nax_view;

/** Dense column-major view of doubles, axes unnamed. A number of axes outside
 * 1..NAX_MAX_NDIM gives a view of nothing, which every method refuses. */
NAX_API nax_view nax_view_f64(const double *data, int32_t ndim, const nax_index *dim);

/** Dense column-major view of floats, axes unnamed; otherwise as nax_view_f64. */
NAX_API nax_view nax_view_f32(const float *data, int32_t ndim, const nax_index *dim);

/** Number of elements: the product of the lengths; 0 when an axis is empty, the largest
 * index when the product is beyond it. */
NAX_API nax_index nax_view_size(const nax_view *v);

/** 1 when the elements lie dense and column-major in memory, else 0. */
NAX_API int32_t nax_view_is_dense(const nax_view *v);

/** Position of the axis called `name`, or -1. */
NAX_API int32_t nax_view_axis(const nax_view *v, const char *name);

/** One element as double; `index` has v->ndim entries, unchecked. */
NAX_API double nax_view_get(const nax_view *v, const nax_index *index);

/** Reorder axes without copying: axis k of `out` is axis order[k] of `v`.
 * @status NAX_EINVAL when `order` is not a permutation of 0..ndim-1. */
NAX_API NAX_NODISCARD nax_status nax_view_permute(nax_ctx *ctx, const nax_view *v,
                                                  const int32_t *order, nax_view *out);

/** Every `step`-th index of [start, stop) of one axis, without copying.
 * @status NAX_EINVAL when the axis or the range (0 <= start <= stop <= dim, step >= 1)
 * does not exist. */
NAX_API NAX_NODISCARD nax_status nax_view_slice(nax_ctx *ctx, const nax_view *v,
                                                int32_t axis, nax_index start,
                                                nax_index stop, nax_index step,
                                                nax_view *out);

/** Copy the elements, converted to `dtype` (NAX_F64 or NAX_F32), dense column-major to
 * `dst`, which holds at least nax_view_size(v) elements.
 * @status NAX_ETYPE for other types, NAX_EDIM, NAX_EOVERFLOW, NAX_EINVAL (NULL),
 * NAX_EINTERRUPT (`dst` is then unfinished).
 * @cost one pass, tiled where the order of the axes differs. @threads over blocks. */
NAX_API NAX_NODISCARD nax_status nax_view_copy_to(nax_ctx *ctx, const nax_view *v,
                                                  nax_dtype dtype, void *dst);

/** What values a view holds. */
typedef struct nax_summary {
  nax_index n;         /**< elements */
  nax_index n_finite;  /**< neither NaN nor infinite */
  nax_index n_nan;     /**< missing */
  nax_index n_inf;     /**< infinite */
  nax_index first_nan; /**< column-major number of the first NaN, -1 when there is none */
  nax_index first_inf; /**< the same for infinite values */
  double min;          /**< smallest finite value, NaN when there is none */
  double max;          /**< largest finite value, likewise */
  double mean;         /**< of the finite values, NaN when there is none */
  double sd;           /**< of the finite values, n - 1; NaN for fewer than two */
} nax_summary;

/** Count, range, mean and spread of all values of a view.
 * @nan counted and left out, infinite values likewise
 * @status NAX_EINVAL (NULL data), NAX_ETYPE, NAX_ENOMEM.
 * @cost one pass. @threads over fixed blocks: same bits for any number. */
NAX_API NAX_NODISCARD nax_status nax_view_summary(nax_ctx *ctx, const nax_view *v,
                                                  nax_summary *out);

/* ------------------------------------------------------------------- axes */

/** What an axis knows about its positions. */
typedef enum nax_axis_kind {
  NAX_AXIS_INDEX = 1,             /**< a length and a name, nothing else */
  NAX_AXIS_REGULAR = 2,           /**< evenly spaced coordinates, known by rule */
  NAX_AXIS_COORDS = 3,            /**< one double each, any order */
  NAX_AXIS_LABELS = 4,            /**< one string each */
  NAX_AXIS_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_axis_kind;

/** One axis: name, unit, length, and coordinates or labels. Opaque, immutable. */
typedef struct nax_axis nax_axis;

/** Axis of `length` positions without coordinates. `name` non-empty.
 * @owns free with nax_axis_free. @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_create_index(nax_ctx *ctx, const char *name,
                                                       nax_index length, nax_axis **out);

/** Regularly spaced axis: coordinate i = start + i / rate, in `unit`; `rate` > 0 and
 * finite is in 1/unit (Hz for a time axis in s). Exact for any length: nothing is
 * accumulated, and a slice has the very coordinates of the whole. @owns free with
 * nax_axis_free. @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_create_regular(nax_ctx *ctx, const char *name,
                                                         const char *unit,
                                                         nax_index length, double start,
                                                         double rate, nax_axis **out);

/** Axis with one coordinate per position (copied).
 * @owns free with nax_axis_free. @status NAX_EINVAL (non-finite coordinate, naming the
 * index), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_create_coords(nax_ctx *ctx, const char *name,
                                                        const char *unit,
                                                        nax_index length,
                                                        const double *coords,
                                                        nax_axis **out);

/** Axis with one label per position (copied; NULL entries become "").
 * @owns free with nax_axis_free. @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_create_labels(nax_ctx *ctx, const char *name,
                                                        nax_index length,
                                                        const char *const *labels,
                                                        nax_axis **out);

/** Deep copy. @owns free with nax_axis_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_copy(nax_ctx *ctx, const nax_axis *a,
                                               nax_axis **out);

/** Copy with another name. @owns free with nax_axis_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_rename(nax_ctx *ctx, const nax_axis *a,
                                                 const char *name, nax_axis **out);

/** Free an axis; NULL is accepted. */
NAX_API void nax_axis_free(nax_axis *a);

/** Name, never NULL. @borrows */
NAX_API const char *nax_axis_name(const nax_axis *a);

/** Unit of the coordinates, "" when there is none. @borrows */
NAX_API const char *nax_axis_unit(const nax_axis *a);

/** Number of positions. */
NAX_API nax_index nax_axis_length(const nax_axis *a);

/** What the axis knows about its positions. */
NAX_API nax_axis_kind nax_axis_get_kind(const nax_axis *a);

/** Coordinate of position i; i itself for index and label axes; NaN out of range. */
NAX_API double nax_axis_coord(const nax_axis *a, nax_index i);

/** Label of position i of a label axis; NULL for other kinds and out of range.
 * @borrows */
NAX_API const char *nax_axis_label(const nax_axis *a, nax_index i);

/** Samples per unit of a regular axis; NaN for other kinds. */
NAX_API double nax_axis_rate(const nax_axis *a);

/** First position whose label equals `label`, or -1. */
NAX_API nax_index nax_axis_find_label(const nax_axis *a, const char *label);

/** First position with coordinate >= x on a regular axis or ascending coordinates (the
 * length when all are smaller). -1 when the axis has no ascending coordinates. */
NAX_API nax_index nax_axis_lower_bound(const nax_axis *a, double x);

/** Axis of the positions index[0..n-1] of `a`, keeping regularity where the indices are
 * evenly spaced and ascending. @owns free with nax_axis_free.
 * @status NAX_EINVAL naming an index out of range, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_axis_take(nax_ctx *ctx, const nax_axis *a,
                                               nax_index n, const nax_index *index,
                                               nax_axis **out);

/** 1 when both have the same kind, name, unit, length and positions, else 0. */
NAX_API int32_t nax_axis_equal(const nax_axis *a, const nax_axis *b);

/** What a result of trials of neurons is told about its axes. Members may be NULL or 0.
 */
typedef struct nax_trial_labels {
  const nax_axis *neurons; /**< N positions */
  const nax_axis *trials;  /**< as many positions as there are trials */
  double start;            /**< time of the first bin of each trial in s */
} nax_trial_labels;

/* ----------------------------------------------------------------- arrays */

/** An owned dense N-d array with axes and a unit. Opaque. */
typedef struct nax_array nax_array;

/** Array of zeros with copies of the given axes; its shape is their lengths.
 * @param dtype NAX_F64 or NAX_F32
 * @param unit  of the values, e.g. "1", "dF/F", "V", "counts"; NULL means ""
 * @owns free with nax_array_free.
 * @status NAX_ETYPE, NAX_EDIM (ndim not 1..8), NAX_EOVERFLOW, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_create(nax_ctx *ctx, nax_dtype dtype,
                                                  int32_t ndim,
                                                  const nax_axis *const *axes,
                                                  const char *unit, nax_array **out);

/** Array over memory of the caller, with copies of the axes. The values are not copied,
 * so it costs the same for any size, and can be read only: nax_array_data_mut gives NULL.
 * @shape{x} as the axes say; float64 or float32, dense and column-major
 * @borrows the memory of `x`, which must outlive the array
 * @owns free with nax_array_free.
 * @status NAX_ETYPE, NAX_EDIM (axes and shape differ), NAX_EINVAL (NULL, strides),
 * NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_borrow(nax_ctx *ctx, const nax_view *x,
                                                  const nax_axis *const *axes,
                                                  const char *unit, nax_array **out);

/** Array of zeros with unnamed-coordinate axes: names[k] and dim[k].
 * @owns free with nax_array_free. @status as nax_array_create. */
NAX_API NAX_NODISCARD nax_status nax_array_create_dims(nax_ctx *ctx, nax_dtype dtype,
                                                       int32_t ndim,
                                                       const char *const *names,
                                                       const nax_index *dim,
                                                       const char *unit, nax_array **out);

/** Deep copy. @owns free with nax_array_free. @status NAX_ENOMEM, NAX_EINTERRUPT. */
NAX_API NAX_NODISCARD nax_status nax_array_copy(nax_ctx *ctx, const nax_array *a,
                                                nax_array **out);

/** Free an array; NULL is accepted. */
NAX_API void nax_array_free(nax_array *a);

/** View of the whole array, with axis names. @borrows valid until the array is freed. */
NAX_API nax_view nax_array_view(const nax_array *a);

/** Element type. */
NAX_API nax_dtype nax_array_dtype(const nax_array *a);

/** Number of axes. */
NAX_API int32_t nax_array_ndim(const nax_array *a);

/** Length of axis k; 0 out of range. */
NAX_API nax_index nax_array_dim(const nax_array *a, int32_t k);

/** Number of elements. */
NAX_API nax_index nax_array_size(const nax_array *a);

/** Axis k; NULL out of range. @borrows valid until the array is freed. */
NAX_API const nax_axis *nax_array_axis(const nax_array *a, int32_t k);

/** Position of the axis called `name`, or -1. */
NAX_API int32_t nax_array_find_axis(const nax_array *a, const char *name);

/** The elements, dense column-major, of nax_array_dtype. @borrows */
NAX_API const void *nax_array_data(const nax_array *a);

/** The same for writing; NULL when the array only borrows its values. @borrows */
NAX_API void *nax_array_data_mut(nax_array *a);

/** The elements of a NAX_F64 array; NULL for other types. @borrows */
NAX_API const double *nax_array_f64(const nax_array *a);

/** Unit of the values, never NULL. @borrows */
NAX_API const char *nax_array_unit(const nax_array *a);

/** Set the unit of the values. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_set_unit(nax_ctx *ctx, nax_array *a,
                                                    const char *unit);

/** One sentence on what the values mean, never NULL. @borrows */
NAX_API const char *nax_array_description(const nax_array *a);

/** Set the description. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_set_description(nax_ctx *ctx, nax_array *a,
                                                           const char *text);

/** Replace axis k by a copy of `axis`, whose length must be the same.
 * @status NAX_EDIM, NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_set_axis(nax_ctx *ctx, nax_array *a, int32_t k,
                                                    const nax_axis *axis);

/* -------------------------------------------- parts of arrays, and joining */

/* Results are new arrays with the unit and description of the input; the input keeps no
 * tie to them. `axis` is a position: nax_array_find_axis(a, "time") finds it by name, and
 * its -1 is refused with the names there are. */

/** Every `step`-th position of [start, stop) of one axis. An empty range gives an empty
 * axis. @owns free with nax_array_free.
 * @status NAX_EINVAL unless 0 <= start <= stop <= length and step >= 1, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_slice(nax_ctx *ctx, const nax_array *a,
                                                 int32_t axis, nax_index start,
                                                 nax_index stop, nax_index step,
                                                 nax_array **out);

/** The positions whose coordinate lies in [start, stop), in the unit of the axis:
 * seconds for "time". Adjacent ranges share no position and leave none out; either end
 * may be infinite. @owns free with nax_array_free.
 * @status NAX_EINVAL when the axis has no ascending coordinates, or none in the range
 * (the text gives the range there is), NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_slice_coord(nax_ctx *ctx, const nax_array *a,
                                                       int32_t axis, double start,
                                                       double stop, nax_array **out);

/** The positions index[0..n-1] of one axis, in that order; repeats are allowed.
 * @owns free with nax_array_free. @status NAX_EINVAL naming an index that does not
 * exist, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_take(nax_ctx *ctx, const nax_array *a,
                                                int32_t axis, nax_index n,
                                                const nax_index *index, nax_array **out);

/** The positions with these labels, in that order (the first one where a label occurs
 * more than once). @owns free with nax_array_free.
 * @status NAX_EINVAL naming a label that does not exist, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_take_labels(nax_ctx *ctx, const nax_array *a,
                                                       int32_t axis, nax_index n,
                                                       const char *const *labels,
                                                       nax_array **out);

/** Axes in another order: axis k of the result is axis order[k] of `a`.
 * @owns free with nax_array_free. @status NAX_EINVAL when `order` is not a permutation
 * of the axes, NAX_ENOMEM. @cost one pass in tiles. @threads over blocks. */
NAX_API NAX_NODISCARD nax_status nax_array_permute(nax_ctx *ctx, const nax_array *a,
                                                   const int32_t *order, nax_array **out);

/** `n` arrays end to end along one axis. All other axes must be the same in name, unit,
 * length and positions. On the joined axis labels and coordinates are appended; it stays
 * regular when every part continues the one before to within rounding (a few units in
 * the last place), otherwise it becomes a list of coordinates. The element type is
 * float32 when all parts are, else float64; unit and description are those of part 0.
 * @owns free with nax_array_free.
 * @status NAX_EDIM naming axis and part that do not agree, NAX_EINVAL (units of the
 * values differ, n < 1), NAX_EOVERFLOW, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_concat(nax_ctx *ctx, nax_index n,
                                                  const nax_array *const *parts,
                                                  int32_t axis, nax_array **out);

/** Copy with another element type, NAX_F64 or NAX_F32. Finite values beyond the range of
 * float32 become infinite, with warning "array.convert-overflow".
 * @owns free with nax_array_free. @status NAX_ETYPE, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_array_convert(nax_ctx *ctx, const nax_array *a,
                                                   nax_dtype dtype, nax_array **out);

/* ------------------------------------------------------- statistics, scores */

/** What nax_array_reduce computes of the non-missing values along an axis. */
typedef enum nax_reduction {
  NAX_REDUCE_MEAN = 1,     /**< mean */
  NAX_REDUCE_SUM = 2,      /**< sum */
  NAX_REDUCE_VAR = 3,      /**< sum of squared deviations / (n - param) */
  NAX_REDUCE_SD = 4,       /**< square root of the above */
  NAX_REDUCE_MIN = 5,      /**< smallest value */
  NAX_REDUCE_MAX = 6,      /**< largest value */
  NAX_REDUCE_MEDIAN = 7,   /**< quantile 0.5 */
  NAX_REDUCE_QUANTILE = 8, /**< quantile `param`, linear between the order statistics
                              around (n - 1) param: R's type 7, NumPy's default */
  NAX_REDUCE_COUNT = 9,    /**< number of finite values */
  NAX_REDUCE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_reduction;

/** Reduce one axis to a number. The result is float64 and has the other axes; of an array
 * with one axis it has a single axis "value" of length 1.
 * @param param divisor n - param of NAX_REDUCE_VAR and NAX_REDUCE_SD (0 or 1 as a rule);
 *              probability in [0, 1] of NAX_REDUCE_QUANTILE; otherwise not looked at
 * @unit{result} that of the values, squared for the variance, "counts" for the count
 * @nan left out; where nothing remains (for variances: not more than param values) the
 * result is NaN, also for the sum, and 0 for the count. Infinite values take part.
 * @owns free with nax_array_free.
 * @status NAX_EINVAL, NAX_EINTERRUPT, NAX_ENOMEM.
 * @cost O(elements), median and quantile included; sums are pairwise.
 * @threads over fixed blocks of lines: same bits for any number. */
NAX_API NAX_NODISCARD nax_status nax_array_reduce(nax_ctx *ctx, const nax_array *a,
                                                  int32_t axis, nax_reduction what,
                                                  double param, nax_array **out);

/** Standard scores along one axis: (x - mean) / sd of the line's non-missing values, sd
 * with divisor n - ddof. Lines that do not vary (largest = smallest value, or not more
 * than ddof values) become 0 where they have values, with warning "array.constant".
 * The unit becomes "z", the element type stays.
 * @nan left out of mean and sd, stays NaN
 * @owns free with nax_array_free. @status NAX_EINVAL, NAX_EINTERRUPT, NAX_ENOMEM.
 * @cost two passes. @threads over fixed blocks: same bits for any number. */
NAX_API NAX_NODISCARD nax_status nax_array_zscore(nax_ctx *ctx, const nax_array *a,
                                                  int32_t axis, double ddof,
                                                  nax_array **out);

/** Functions of single elements. */
typedef enum nax_map {
  NAX_MAP_SQRT = 1,    /**< square root, e.g. to steady the variance of counts */
  NAX_MAP_SQUARE = 2,  /**< square */
  NAX_MAP_ABS = 3,     /**< absolute value */
  NAX_MAP_LOG = 4,     /**< natural logarithm; 0 gives -infinity */
  NAX_MAP_LOG1P = 5,   /**< log(1 + x) */
  NAX_MAP_EXP = 6,     /**< exponential */
  NAX_MAP_RECTIFY = 7, /**< the larger of x and 0 */
  NAX_MAP_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_map;

/** Apply a function to every element; the element type stays, the unit becomes e.g.
 * "sqrt(counts)".
 * @nan stays NaN; values outside the domain become NaN, with warning "array.map-domain"
 * @owns free with nax_array_free. @status NAX_EINVAL, NAX_ENOMEM. @threads over blocks.
 */
NAX_API NAX_NODISCARD nax_status nax_array_map(nax_ctx *ctx, const nax_array *a,
                                               nax_map what, nax_array **out);

/** What each position of an axis is divided by. */
typedef enum nax_scale {
  NAX_SCALE_MAX = 1,   /**< its largest absolute value */
  NAX_SCALE_NORM = 2,  /**< the root of its sum of squares */
  NAX_SCALE_SD = 3,    /**< its standard deviation, divisor n; the mean stays */
  NAX_SCALE_RANGE = 4, /**< largest less smallest value, which is subtracted first */
  NAX_SCALE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_scale;

/** Give the positions of one axis (neurons) comparable sizes: each is divided by one
 * number that summarises its values over all other axes. Positions whose number is 0 stay
 * as they are, with suggestion "array.constant". The unit becomes "1".
 * @nan left out and kept
 * @owns free with nax_array_free. @status NAX_EINVAL, NAX_ENOMEM. @cost two passes. */
NAX_API NAX_NODISCARD nax_status nax_array_scale(nax_ctx *ctx, const nax_array *a,
                                                 int32_t axis, nax_scale how,
                                                 nax_array **out);

NAX_END_DECLS
#endif
