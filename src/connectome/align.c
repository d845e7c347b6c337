/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings of several animals on common neurons and common time bins. */
#include "connectome_i.h"
#include "array/array_i.h"
#include <math.h>

/* As NAX_REQUIRE, in the name of the function that was called. */
#define REQUIRE(cond, code, ...)                                                         \
  do {                                                                                   \
    if (!(cond)) {                                                                       \
      status = nax_i_fail(ctx, (code), "nax_connectome_align", __VA_ARGS__);             \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)

typedef struct align {
  nax_index n_parts, n, n_bins, n_animals, n_scales;
  nax_i_derivatives *part;
  nax_index **row;    /* of each neuron of each recording: the common one */
  const char **label; /* of the common neurons; NULL: they have none */
} align;

static void
free_align(align *a)
{
  for (nax_index p = 0; a->row != NULL && p < a->n_parts; p++) {
    nax_i_free(a->row[p]);
  }
  nax_i_free(a->row);
  nax_i_free(a->part);
  nax_i_free((void *)a->label);
}

/* Common neurons by label. */
static nax_status
match_labels(nax_ctx *ctx, const nax_array *const *u, align *a)
{
  nax_status status = NAX_OK;
  nax_index most = 0;
  for (nax_index p = 0; p < a->n_parts; p++) {
    most += a->part[p].n;
  }
  NAX_TRY_ALLOC(a->label, most, sizeof *a->label);
  for (nax_index p = 0; p < a->n_parts; p++) {
    const nax_axis *axis = nax_array_axis(u[p], 0);
    REQUIRE(nax_axis_get_kind(axis) == NAX_AXIS_LABELS, NAX_EDIM,
            "the neurons of recording %lld have no labels to match by", (long long)p);
    for (nax_index i = 0; i < a->part[p].n; i++) {
      const char *label = nax_axis_label(axis, i);
      nax_index k = 0;
      while (k < a->n && strcmp(a->label[k], label) != 0) {
        k++;
      }
      for (nax_index q = 0; q < i; q++) {
        REQUIRE(a->row[p][q] != k, NAX_EDIM, "label `%s` occurs twice in recording %lld",
                label, (long long)p);
      }
      a->label[k] = label;
      a->n += k == a->n;
      a->row[p][i] = k;
    }
  }
done:
  return status;
}

static nax_status
match(nax_ctx *ctx, const nax_array *const *u, align *a)
{
  nax_status status = NAX_OK;
  int labels = 0;
  NAX_TRY_ALLOC(a->part, a->n_parts, sizeof *a->part);
  NAX_TRY_ALLOC(a->row, a->n_parts, sizeof *a->row);
  for (nax_index p = 0; p < a->n_parts; p++) {
    NAX_TRY(nax_i_derivatives_of(ctx, "nax_connectome_align", u[p], &a->part[p]));
    NAX_TRY_ALLOC(a->row[p], a->part[p].n, sizeof **a->row);
    REQUIRE(a->part[p].n_scales == a->part[0].n_scales, NAX_EDIM,
            "recording %lld has %lld scales, the first %lld", (long long)p,
            (long long)a->part[p].n_scales, (long long)a->part[0].n_scales);
    a->n_animals += a->part[p].n_animals;
    labels |= nax_axis_get_kind(nax_array_axis(u[p], 0)) == NAX_AXIS_LABELS;
  }
  a->n_scales = a->part[0].n_scales;
  if (labels) {
    NAX_TRY(match_labels(ctx, u, a));
    goto done;
  }
  a->n = a->part[0].n;
  for (nax_index p = 0; p < a->n_parts; p++) {
    REQUIRE(a->part[p].n == a->n, NAX_EDIM,
            "recording %lld has %lld neurons, the first %lld, and there are no "
            "labels to match them by",
            (long long)p, (long long)a->part[p].n, (long long)a->n);
    for (nax_index i = 0; i < a->n; i++) {
      a->row[p][i] = i;
    }
  }
done:
  return status;
}

/* Neurons that are placed together: theirs at one time lie next to each other. */
enum { TOGETHER = 64 };

/* One recording into its animals; `count` has TOGETHER x n_bins entries. */
static nax_status
place(nax_ctx *ctx, const align *a, nax_index p, const nax_index *bin,
      nax_index first_animal, int32_t *count, double *out)
{
  nax_status status = NAX_OK;
  const nax_i_derivatives *d = &a->part[p];
  const nax_index *row = a->row[p];
  REQUIRE(bin != NULL || d->n_time == a->n_bins, NAX_EDIM,
          "recording %lld has %lld samples and no map to the %lld common bins",
          (long long)p, (long long)d->n_time, (long long)a->n_bins);
  for (nax_index t = 0; bin != NULL && t < d->n_time; t++) {
    REQUIRE(bin[t] >= -1 && bin[t] < a->n_bins, NAX_EINVAL,
            "`bin` of recording %lld maps sample %lld to %lld, expected -1 to %lld",
            (long long)p, (long long)t, (long long)bin[t], (long long)a->n_bins - 1);
  }
  for (nax_index s = 0; s < d->n_scales; s++) {
    for (nax_index w = 0; w < d->n_animals; w++) {
      double *to = out + a->n * a->n_bins * (first_animal + w + a->n_animals * s);
      const double *from = d->u + d->n * d->n_time * (w + d->n_animals * s);
      for (nax_index first = 0; first < d->n; first += TOGETHER) {
        nax_index last = first + TOGETHER < d->n ? first + TOGETHER : d->n;
        memset(count, 0, (size_t)(TOGETHER * a->n_bins) * sizeof *count);
        for (nax_index t = 0; t < d->n_time; t++) {
          nax_index b = bin != NULL ? bin[t] : t;
          for (nax_index i = first; b >= 0 && i < last; i++) {
            double v = from[i + d->n * t], *x = &to[row[i] + a->n * b];
            int32_t *have = &count[i - first + TOGETHER * b];
            if (!isnan(v)) {
              *x = *have > 0 ? *x + v : v;
              ++*have;
            }
          }
        }
        for (nax_index b = 0; b < a->n_bins; b++) {
          for (nax_index i = first; i < last; i++) {
            int32_t have = count[i - first + TOGETHER * b];
            to[row[i] + a->n * b] /= have > 1 ? (double)have : 1.0;
          }
        }
      }
    }
  }
done:
  return status;
}

static nax_status
common_axes(nax_ctx *ctx, const nax_array *const *u, const align *a, const nax_axis *time,
            nax_axis *axes[4])
{
  nax_status status = NAX_OK;
  const nax_axis *neuron = nax_array_axis(u[0], 0), *first = nax_array_axis(u[0], 1);
  if (a->label != NULL) {
    NAX_TRY(nax_axis_create_labels(ctx, nax_axis_name(neuron), a->n, a->label, &axes[0]));
  } else {
    NAX_TRY(nax_axis_copy(ctx, neuron, &axes[0]));
  }
  if (time == NULL && nax_axis_length(first) == a->n_bins) {
    time = first;
  }
  if (time != NULL) {
    REQUIRE(nax_axis_length(time) == a->n_bins, NAX_EDIM,
            "`time` has %lld positions, there are %lld bins",
            (long long)nax_axis_length(time), (long long)a->n_bins);
    NAX_TRY(nax_axis_copy(ctx, time, &axes[1]));
  } else {
    NAX_TRY(nax_axis_create_index(ctx, "time", a->n_bins, &axes[1]));
  }
  if (a->n_parts == 1) {
    NAX_TRY(nax_axis_copy(ctx, nax_array_axis(u[0], 2), &axes[2]));
  } else {
    NAX_TRY(nax_axis_create_index(ctx, nax_axis_name(nax_array_axis(u[0], 2)),
                                  a->n_animals, &axes[2]));
  }
  NAX_TRY(nax_axis_copy(ctx, nax_array_axis(u[0], 3), &axes[3]));
done:
  return status;
}

nax_status
nax_connectome_align(nax_ctx *ctx, nax_index n, const nax_array *const *u,
                     const nax_index *const *bin, nax_index n_bins, const nax_axis *time,
                     nax_array **out)
{
  nax_status status = NAX_OK;
  align a = {.n_parts = n, .n_bins = n_bins};
  nax_axis *axes[4] = {NULL};
  nax_array *x = NULL;
  int32_t *count = NULL;
  nax_index animal = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n >= 1 && n_bins >= 1, NAX_EINVAL,
              "`n` is %lld and `n_bins` %lld, expected at least 1", (long long)n,
              (long long)n_bins);
  NAX_TRY(match(ctx, u, &a));
  NAX_TRY(common_axes(ctx, u, &a, time, axes));
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, 4, axes, "1", &x));
  memset(axes, 0, sizeof axes);
  NAX_TRY(nax_array_set_description(ctx, x, nax_array_description(u[0])));
  double *v = nax_array_data_mut(x);
  for (nax_index k = 0; k < nax_array_size(x); k++) {
    v[k] = (double)NAN;
  }
  NAX_TRY_ALLOC(count, n_bins, TOGETHER * sizeof *count);
  for (nax_index p = 0; p < n; p++) {
    NAX_TRY(place(ctx, &a, p, bin != NULL ? bin[p] : NULL, animal, count, v));
    animal += a.part[p].n_animals;
  }
  *out = x;
  x = NULL;
done:
  for (int k = 0; k < 4; k++) {
    nax_axis_free(axes[k]);
  }
  nax_array_free(x);
  nax_i_free(count);
  free_align(&a);
  return status;
}
