/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Visiting the traces of a recording, a group of units at a time. */
#include "quality_i.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>

/* ------------------------------------------------------------------- which is what */

static int
is_one_of(const char *name, const char *const *list)
{
  for (; *list != NULL; list++) {
    if (strcmp(name, *list) == 0) {
      return 1;
    }
  }
  return 0;
}

static void
lower(char *dst, size_t size, const char *src)
{
  size_t i = 0;
  for (; src != NULL && src[i] != '\0' && i + 1 < size; i++) {
    dst[i] = (char)tolower((unsigned char)src[i]);
  }
  dst[i] = '\0';
}

static int
has_any(const char *text, const char *const *part)
{
  for (; *part != NULL; part++) {
    if (strstr(text, *part) != NULL) {
      return 1;
    }
  }
  return 0;
}

/* What labs call these things; only a guess, and an option overrides it. */
static nax_signal_kind
guess_kind(const char *name, const char *path, const char *unit, const char *description)
{
  static const char *const dff[] = {"df/f",
                                    "dff",
                                    "df_",
                                    "deltaf",
                                    "delta_f",
                                    "dfof",
                                    "dfoverf",
                                    "f_dff",
                                    "\xce\x94"
                                    "f",
                                    "\xe2\x88\x86"
                                    "f",
                                    NULL};
  static const char *const volt[] = {
      "v", "mv", "uv", "\xc2\xb5v", "\xce\xbcv", "volts", "volt", "microvolts", NULL};
  static const char *const count[] = {"counts", "count", "spikes", NULL};
  static const char *const inferred[] = {"deconv", "spks", "inferred", NULL};
  static const char *const raw[] = {"fluo", "fneu", "neuropil", "lumens", NULL};
  char n[128], u[64], d[256], p[256];
  lower(n, sizeof n, name);
  lower(u, sizeof u, unit);
  lower(d, sizeof d, description);
  lower(p, sizeof p, path);
  if (is_one_of(u, volt)) {
    return NAX_SIGNAL_POTENTIAL;
  }
  if (is_one_of(u, count)) {
    return NAX_SIGNAL_COUNTS;
  }
  if (has_any(u, dff) || has_any(n, dff) || has_any(d, dff) || has_any(p, dff)) {
    return NAX_SIGNAL_DFF;
  }
  if (has_any(n, inferred) || has_any(d, inferred) || has_any(p, inferred) ||
      strcmp(n, "s") == 0) {
    return NAX_SIGNAL_INFERRED;
  }
  if (has_any(n, raw) || has_any(u, raw) || strcmp(n, "f") == 0 || has_any(d, raw) ||
      has_any(p, raw)) {
    return NAX_SIGNAL_FLUORESCENCE;
  }
  return NAX_SIGNAL_OTHER;
}

void
nax_i_layout_of(int32_t ndim, const nax_axis *const *axis, const char *name,
                const char *path, const char *unit, const char *description,
                nax_i_layout *l)
{
  static const char *const not_unit[] = {"time",     "trial",  "condition", "animal",
                                         "session",  "sample", "subject",   "repeat",
                                         "stimulus", "frame",  "lag",       NULL};
  memset(l, 0, sizeof *l);
  l->ndim = ndim;
  l->unit = l->time = -1;
  l->rate = l->t_start = NAN;
  l->units = l->samples = l->parts = 1;
  for (int32_t k = 0; k < ndim; k++) {
    l->axis[k] = axis[k];
    l->dim[k] = nax_axis_length(axis[k]);
    const char *called = nax_axis_name(axis[k]);
    if (l->time < 0 && strcmp(called, "time") == 0) {
      l->time = k;
    } else if (l->unit < 0 && !is_one_of(called, not_unit)) {
      l->unit = k;
    }
  }
  for (int32_t k = 0; k < ndim; k++) {
    nax_index *to = k == l->unit ? &l->units : k == l->time ? &l->samples : &l->parts;
    *to *= l->dim[k];
  }
  if (l->time >= 0) {
    const nax_axis *t = axis[l->time];
    nax_index n = l->samples;
    l->rate = nax_axis_rate(t);
    l->t_start = n > 0 ? nax_axis_coord(t, 0) : (double)NAN;
    if (!(l->rate > 0.0) && nax_axis_get_kind(t) == NAX_AXIS_COORDS && n > 1) {
      /* Irregular times: the mean rate is what noise per root Hertz needs. */
      double span = nax_axis_coord(t, n - 1) - l->t_start;
      l->rate = span > 0.0 ? (double)(n - 1) / span : (double)NAN;
    }
  } else { /* what is not a time course has values without order */
    l->samples = l->parts;
    l->parts = 1;
  }
  l->kind = guess_kind(name, path, unit, description);
  static const char *const no_unit[] = {"",    "1",   "none",    "n.a.",
                                        "N/A", "n/a", "unknown", NULL};
  int plain = unit == NULL || is_one_of(unit, no_unit);
  snprintf(l->value_unit, sizeof l->value_unit, "%s", plain ? "1" : unit);
  snprintf(l->drift_unit, sizeof l->drift_unit, "%s/min", l->value_unit);
}

void
nax_i_layout_integers(nax_i_layout *l, nax_dtype file_dtype)
{
  if (l->kind == NAX_SIGNAL_OTHER && (file_dtype == NAX_U8 || file_dtype == NAX_I8) &&
      strcmp(l->value_unit, "1") == 0) {
    l->kind = NAX_SIGNAL_COUNTS;
  }
}

void
nax_i_unit_name(const nax_axis *axis, nax_index u, char *buf, size_t size)
{
  const char *label = axis != NULL ? nax_axis_label(axis, u) : NULL;
  if (label != NULL && label[0] != '\0') {
    snprintf(buf, size, "%s", label);
  } else if (axis != NULL && nax_axis_get_kind(axis) == NAX_AXIS_COORDS) {
    char number[32];
    nax_i_format_double(number, nax_axis_coord(axis, u));
    snprintf(buf, size, "%s", number);
  } else {
    snprintf(buf, size, "%lld", (long long)u);
  }
}

/* ------------------------------------------------------------------------- walking */

nax_index
nax_i_group_part(const nax_i_group *g, nax_index part)
{
  nax_index at = 0;
  for (int32_t k = 0; k < g->n_part_axes; k++) {
    at += part % g->part_dim[k] * g->part_stride[k];
    part /= g->part_dim[k];
  }
  return at;
}

/* Strides of a dense block that has `n_units` of the units and all of the rest. */
static void
group_layout(const nax_i_layout *l, nax_index n_units, nax_i_group *g)
{
  nax_index stride = 1;
  g->layout = l;
  g->n_part_axes = 0;
  g->unit_stride = g->time_stride = 0;
  for (int32_t k = 0; k < l->ndim; k++) {
    nax_index dim = k == l->unit ? n_units : l->dim[k];
    if (k == l->unit) {
      g->unit_stride = stride;
    } else if (k == l->time) {
      g->time_stride = stride;
    } else {
      g->part_dim[g->n_part_axes] = dim;
      g->part_stride[g->n_part_axes++] = stride;
    }
    stride *= dim;
  }
}

enum { TILE = 16 }; /* traces gathered together: a cache line of neighbours */

typedef struct task {
  const nax_i_group *g;
  nax_i_visit_fn visit;
  void *arg;
  nax_index tile;
} task;

static void
gather(const nax_i_group *g, nax_index first, nax_index n, double *x)
{
  const nax_i_layout *l = g->layout;
  nax_index length = l->parts * l->samples;
  if (l->time < 0) { /* samples are the positions of the other axes */
    for (nax_index i = 0; i < length; i++) {
      nax_index at = nax_i_group_part(g, i);
      for (nax_index k = 0; k < n; k++) {
        x[k * length + i] = nax_i_group_at(g, at + (first + k) * g->unit_stride);
      }
    }
    return;
  }
  for (nax_index p = 0; p < l->parts; p++) {
    nax_index at = nax_i_group_part(g, p) + first * g->unit_stride;
    double *to = x + p * l->samples;
    for (nax_index i = 0; i < l->samples; i++, at += g->time_stride) {
      for (nax_index k = 0; k < n; k++) {
        to[k * length + i] = nax_i_group_at(g, at + k * g->unit_stride);
      }
    }
  }
}

static nax_status
run_tile(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  task *t = arg;
  double *x = NULL, *scratch = NULL;
  nax_index length = t->g->layout->parts * t->g->layout->samples;
  nax_index first = block * t->tile;
  nax_index n = t->g->n - first < t->tile ? t->g->n - first : t->tile;
  NAX_TRY_ALLOC(x, n * length, sizeof *x);
  NAX_TRY_ALLOC(scratch, 3 * length + 16, sizeof *scratch);
  gather(t->g, first, n, x);
  for (nax_index k = 0; k < n; k++) {
    NAX_TRY(t->visit(t->g->first + first + k, x + k * length, scratch, t->arg));
  }
done:
  nax_i_free(x);
  nax_i_free(scratch);
  return status;
}

static nax_status
visit_group(nax_ctx *ctx, nax_i_stage *st, const nax_i_group *g, nax_i_visit_fn visit,
            nax_i_group_fn after, void *arg)
{
  nax_status status = NAX_OK;
  nax_index length = g->layout->parts * g->layout->samples;
  /* A tile takes at most some 32 MB of one thread. */
  nax_index tile = length > 0 ? ((nax_index)4 << 20) / length : TILE;
  task t = {g, visit, arg, tile < 1 ? 1 : tile > TILE ? TILE : tile};
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(g->n, t.tile), run_tile, &t));
  if (after != NULL) {
    NAX_TRY(after(ctx, g, arg));
  }
  NAX_TRY(nax_i_stage_poll(st, g->first + g->n, NAN));
done:
  return status;
}

/* From memory: groups only so that progress is told. */
static nax_status
walk_array(nax_ctx *ctx, nax_i_stage *st, const nax_i_walk *w, nax_i_visit_fn visit,
           nax_i_group_fn after, void *arg)
{
  nax_status status = NAX_OK;
  nax_i_group g = {0};
  const nax_i_layout *l = &w->layout;
  enum { AT_ONCE = 256 };
  group_layout(l, l->units, &g);
  g.dtype = nax_array_dtype(w->array);
  for (nax_index u = 0; u < l->units; u += AT_ONCE) {
    g.first = u;
    g.n = l->units - u < AT_ONCE ? l->units - u : AT_ONCE;
    g.data = (const char *)nax_array_data(w->array) +
             (size_t)(u * g.unit_stride) * nax_dtype_size(g.dtype);
    NAX_TRY(visit_group(ctx, st, &g, visit, after, arg));
  }
done:
  return status;
}

/* From a file: as many units at once as `bytes` allow. Values that need more than single
 * precision are kept in it only when the recording is large. */
static nax_status
walk_source(nax_ctx *ctx, nax_i_stage *st, const nax_i_walk *w, nax_i_visit_fn visit,
            nax_i_group_fn after, void *arg)
{
  nax_status status = NAX_OK;
  void *block = NULL;
  const nax_i_layout *l = &w->layout;
  const nax_var_info *info = nax_source_var(w->source, w->var);
  nax_i_group g = {0};
  nax_index length = l->parts * l->samples, start[NAX_MAX_NDIM] = {0};
  double whole = (double)length * (double)l->units * 8.0;
  int exact_in_float = info->dtype == NAX_F32 || info->dtype == NAX_I8 ||
                       info->dtype == NAX_U8 || info->dtype == NAX_I16 ||
                       info->dtype == NAX_U16 || info->dtype == NAX_F16;
  g.dtype = !exact_in_float && whole <= 2.0 * (double)w->bytes ? NAX_F64 : NAX_F32;
  size_t each = nax_dtype_size(g.dtype) * (size_t)(length > 0 ? length : 1);
  nax_index group = (nax_index)(w->bytes / each);
  group = group < 1 ? 1 : group > l->units ? l->units : group;
  if (w->source->vars[w->var].whole) { /* each block would cost a pass over all of it */
    group = l->units > 0 ? l->units : 1;
  }
  /* Groups of nearly equal size: the last one should not be a single unit. */
  nax_index groups = nax_i_n_blocks(l->units, group);
  group = groups > 0 ? nax_i_n_blocks(l->units, groups) : 1;
  if (l->units > 0 && length > 0) {
    NAX_TRY_ALLOC(block, group * length, nax_dtype_size(g.dtype));
  }
  for (nax_index u = 0; u < l->units; u += group) {
    nax_index count[NAX_MAX_NDIM];
    g.first = u;
    g.n = l->units - u < group ? l->units - u : group;
    memcpy(count, l->dim, sizeof count);
    if (l->unit >= 0) {
      start[l->unit] = u;
      count[l->unit] = g.n;
    }
    group_layout(l, g.n, &g);
    g.data = block;
    if (length > 0) {
      NAX_TRY(nax_source_read(ctx, w->source, w->var, start, count, g.dtype, block,
                              g.n * length));
    }
    NAX_TRY(visit_group(ctx, st, &g, visit, after, arg));
  }
done:
  nax_i_free(block);
  return status;
}

nax_status
nax_i_walk_run(nax_ctx *ctx, const char *fn, const char *stage, const nax_i_walk *w,
               nax_i_visit_fn visit, nax_i_group_fn after, void *arg)
{
  nax_status status = NAX_OK;
  nax_i_stage st;
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, stage, w->layout.units));
  NAX_TRY(w->array != NULL ? walk_array(ctx, &st, w, visit, after, arg)
                           : walk_source(ctx, &st, w, visit, after, arg));
done:
  return status;
}
