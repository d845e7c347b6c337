/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of axes and arrays. */
#ifndef NAX_ARRAY_I_H
#define NAX_ARRAY_I_H
#include "core/core_i.h"
#include <neuraxis/array.h>

struct nax_axis {
  nax_axis_kind kind;
  nax_index length;
  double start, rate; /* regular */
  double *coords;     /* coords */
  char **labels;      /* labels */
  char *name, *unit;
};

struct nax_array {
  nax_dtype dtype;
  int32_t ndim;
  nax_index size;
  nax_axis *axis[NAX_MAX_NDIM];
  void *data;
  char *unit, *description;
};

/* As nax_array_create, but takes over the axes: on success they belong to the array, on
 * failure they still belong to the caller. */
nax_status nax_i_array_adopt(nax_ctx *ctx, nax_dtype dtype, int32_t ndim, nax_axis **axes,
                             const char *unit, nax_array **out);

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
