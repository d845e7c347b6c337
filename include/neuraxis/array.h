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

/** Dense column-major view of doubles, axes unnamed. */
NAX_API nax_view nax_view_f64(const double *data, int32_t ndim, const nax_index *dim);

/** Dense column-major view of floats, axes unnamed. */
NAX_API nax_view nax_view_f32(const float *data, int32_t ndim, const nax_index *dim);

/** Number of elements: the product of the lengths (0 when an axis is empty). */
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
 * @status NAX_ETYPE for other types. @cost one pass. */
NAX_API NAX_NODISCARD nax_status nax_view_copy_to(nax_ctx *ctx, const nax_view *v,
                                                  nax_dtype dtype, void *dst);

/* ------------------------------------------------------------------- axes */

/** What an axis knows about its positions. */
typedef enum nax_axis_kind {
  NAX_AXIS_INDEX = 1,             /**< a length and a name, nothing else */
  NAX_AXIS_REGULAR = 2,           /**< coordinate i is start + i / rate */
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
 * accumulated. @owns free with nax_axis_free. @status NAX_EINVAL, NAX_ENOMEM. */
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

/** Array of zeros with unnamed-coordinate axes: names[k] and dim[k].
 * @owns free with nax_array_free. @status as nax_array_create. */
NAX_API NAX_NODISCARD nax_status nax_array_create_dims(nax_ctx *ctx, nax_dtype dtype,
                                                       int32_t ndim,
                                                       const char *const *names,
                                                       const nax_index *dim,
                                                       const char *unit, nax_array **out);

/** Deep copy. @owns free with nax_array_free. @status NAX_ENOMEM. */
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

/** The same for writing. @borrows */
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

NAX_END_DECLS
#endif
