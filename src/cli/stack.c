/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several recordings as one array with an axis more: trials in files of their own, or
 * animals. What a recording does not have is missing there. */
#include "stack.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the positions of one axis of one part go. */
typedef struct mapping {
  nax_axis *axis;    /* of the result */
  nax_index **place; /* for each part, a position in the result for each of its own */
} mapping;

typedef struct stack {
  cli *c;
  nax_index n;
  const nax_array *const *parts;
  int32_t ndim;
  mapping map[NAX_MAX_NDIM];
} stack;

/* Labels of all parts, each once, in the order in which they appear. */
static nax_status
map_labels(stack *s, int32_t k)
{
  mapping *m = &s->map[k];
  nax_index total = 0, kept = 0;
  for (nax_index i = 0; i < s->n; i++) {
    total += nax_array_dim(s->parts[i], k);
  }
  const char **label = cli_alloc((size_t)total, sizeof *label);
  for (nax_index i = 0; i < s->n; i++) {
    const nax_axis *axis = nax_array_axis(s->parts[i], k);
    for (nax_index p = 0; p < nax_axis_length(axis); p++) {
      const char *name = nax_axis_label(axis, p);
      nax_index at = 0;
      while (at < kept && strcmp(label[at], name) != 0) {
        at++;
      }
      if (at == kept) {
        label[kept++] = name;
      }
      m->place[i][p] = at;
    }
  }
  nax_status status = nax_axis_create_labels(
      s->c->ctx, nax_axis_name(nax_array_axis(s->parts[0], k)), kept, label, &m->axis);
  free(label);
  return status;
}

/* Positions by number, from the first on; time may be longer in one part than in others.
 */
static int
map_positions(stack *s, int32_t k)
{
  mapping *m = &s->map[k];
  const nax_axis *longest = nax_array_axis(s->parts[0], k);
  int is_time = strcmp(nax_axis_name(longest), "time") == 0;
  for (nax_index i = 0; i < s->n; i++) {
    const nax_axis *axis = nax_array_axis(s->parts[i], k);
    if (nax_axis_length(axis) != nax_axis_length(longest) && !is_time) {
      return cli_error(s->c, CLI_REJECTED,
                       "%s has %lld positions of `%s`, %s has %lld: without labels they "
                       "cannot be told apart",
                       cli_input_name(s->c->args[i]), (long long)nax_axis_length(axis),
                       nax_axis_name(axis), cli_input_name(s->c->args[0]),
                       (long long)nax_axis_length(longest));
    }
    longest = nax_axis_length(axis) > nax_axis_length(longest) ? axis : longest;
    for (nax_index p = 0; p < nax_axis_length(axis); p++) {
      m->place[i][p] = p;
    }
  }
  nax_status status = nax_axis_copy(s->c->ctx, longest, &m->axis);
  return status == NAX_OK ? CLI_OK : cli_fail(s->c, status);
}

static int
map_axis(stack *s, int32_t k, const char *name)
{
  int labels = 1;
  const char *own = nax_axis_name(nax_array_axis(s->parts[0], k));
  s->map[k].place = cli_alloc((size_t)s->n, sizeof *s->map[k].place);
  for (nax_index i = 0; i < s->n; i++) {
    const nax_axis *axis = nax_array_axis(s->parts[i], k);
    labels = labels && nax_axis_get_kind(axis) == NAX_AXIS_LABELS;
    s->map[k].place[i] = cli_alloc((size_t)nax_axis_length(axis) + 1, sizeof(nax_index));
    if (strcmp(nax_axis_name(axis), own) != 0) {
      return cli_error(s->c, CLI_REJECTED, "axis %d is `%s` in %s and `%s` in %s", (int)k,
                       own, cli_input_name(s->c->args[0]), nax_axis_name(axis),
                       cli_input_name(s->c->args[i]));
    }
  }
  if (strcmp(own, name) == 0) {
    return cli_error(s->c, CLI_USAGE,
                     "%s has an axis `%s` already: give another name with --stack",
                     cli_input_name(s->c->args[0]), name);
  }
  if (labels) {
    nax_status status = map_labels(s, k);
    return status == NAX_OK ? CLI_OK : cli_fail(s->c, status);
  }
  return map_positions(s, k);
}

/* Part i into its place; what it does not have stays NaN. */
static void
copy_part(const stack *s, nax_index i, double *to)
{
  nax_view v = nax_array_view(s->parts[i]);
  nax_index index[NAX_MAX_NDIM] = {0}, size = nax_view_size(&v);
  for (nax_index e = 0; e < size; e++) {
    nax_index rest = e, at = 0, step = 1;
    for (int32_t k = 0; k < s->ndim; k++) {
      index[k] = rest % v.dim[k];
      rest /= v.dim[k];
      at += s->map[k].place[i][index[k]] * step;
      step *= nax_axis_length(s->map[k].axis);
    }
    to[at] = nax_view_get(&v, index);
  }
}

static const char *
base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static nax_status
fill(stack *s, const char *name, nax_array **out)
{
  nax_axis *axes[NAX_MAX_NDIM] = {NULL};
  nax_array *a = NULL;
  const char **label = cli_alloc((size_t)s->n, sizeof *label);
  for (nax_index i = 0; i < s->n; i++) {
    label[i] = base_name(cli_input_name(s->c->args[i]));
  }
  for (int32_t k = 0; k < s->ndim; k++) {
    axes[k] = s->map[k].axis;
  }
  nax_status status =
      nax_axis_create_labels(s->c->ctx, name, s->n, label, &axes[s->ndim]);
  if (status == NAX_OK) {
    status =
        nax_array_create(s->c->ctx, NAX_F64, s->ndim + 1, (const nax_axis *const *)axes,
                         nax_array_unit(s->parts[0]), &a);
  }
  if (status == NAX_OK) {
    double *to = nax_array_data_mut(a);
    nax_index each = nax_array_size(a) / s->n;
    for (nax_index e = 0; e < nax_array_size(a); e++) {
      to[e] = (double)NAN;
    }
    for (nax_index i = 0; i < s->n; i++) {
      copy_part(s, i, to + i * each);
    }
    *out = a;
  }
  nax_axis_free(axes[s->ndim]);
  free(label);
  return status;
}

int
cli_stack(cli *c, nax_index n, const nax_array *const *parts, const char *name,
          nax_array **out)
{
  stack s = {.c = c, .n = n, .parts = parts, .ndim = nax_array_ndim(parts[0])};
  int status = CLI_OK;
  *out = NULL;
  for (nax_index i = 1; i < n && status == CLI_OK; i++) {
    if (nax_array_ndim(parts[i]) != s.ndim) {
      status = cli_error(c, CLI_REJECTED, "%s has %d axes, %s has %d",
                         cli_input_name(c->args[i]), (int)nax_array_ndim(parts[i]),
                         cli_input_name(c->args[0]), (int)s.ndim);
    }
  }
  if (status == CLI_OK && s.ndim + 1 > NAX_MAX_NDIM) {
    status = cli_error(c, CLI_REJECTED, "%s has %d axes, too many for one more",
                       cli_input_name(c->args[0]), (int)s.ndim);
  }
  for (int32_t k = 0; k < s.ndim && status == CLI_OK; k++) {
    status = map_axis(&s, k, name);
  }
  if (status == CLI_OK) {
    nax_status made = fill(&s, name, out);
    status = made == NAX_OK ? CLI_OK : cli_fail(c, made);
  }
  for (int32_t k = 0; k < s.ndim; k++) {
    for (nax_index i = 0; s.map[k].place != NULL && i < n; i++) {
      free(s.map[k].place[i]);
    }
    free(s.map[k].place);
    nax_axis_free(s.map[k].axis);
  }
  return status;
}
