/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variables of files in blocks of units; the next block is read while this one is worked
 * on. */
#include "fit_i.h"
#include <math.h>
#include <pthread.h>

/* A block that is being read. */
typedef struct reading {
  nax_source *source;
  int32_t var;
  nax_index start[NAX_MAX_NDIM], count[NAX_MAX_NDIM], size;
  nax_dtype dtype;
  void *to;
  nax_status status;
  char text[512];
} reading;

typedef struct stream {
  nax_source *source[2];
  int32_t var[2];
  nax_dtype dtype[2];
  nax_index block;
  void *buffer[2][2];      /* [side][in use, ahead] */
  nax_index ahead_from[2]; /* first unit of the block that is read ahead, or -1 */
  reading ahead[2];
  pthread_t thread;
  int running; /* a thread reads, for the sides in turn */
  int n_ahead;
} stream;

static void *
read_one(void *arg)
{
  reading *r = arg;
  r->status = nax_source_read(NULL, r->source, r->var, r->start, r->count, r->dtype,
                              r->to, r->size);
  nax_i_snprintf(r->text, sizeof r->text, "%s",
                 r->status == NAX_OK ? "" : nax_ctx_error(NULL));
  return NULL;
}

static void *
read_sides(void *arg)
{
  stream *s = arg;
  for (int k = 0; k < s->n_ahead; k++) {
    read_one(s->ahead + k);
  }
  return NULL;
}

static void
wait_for(stream *s)
{
  if (s->running) {
    pthread_join(s->thread, NULL);
    s->running = 0;
  }
}

/* What units [from, from + n) are in the file: a range of the slowest axis of the units.
 */
static void
fill_reading(const nax_i_ft_fit *j, int which, nax_index from, nax_index n, void *to,
             reading *r)
{
  const stream *s = j->self;
  const nax_i_ft_side *side = j->side + which;
  const nax_i_ft_axes *l = &side->axes;
  *r = (reading){.source = s->source[which],
                 .var = s->var[which],
                 .dtype = s->dtype[which],
                 .to = to,
                 .size = 1};
  nax_index inner = 1;
  for (int32_t k = 0; k < side->ndim; k++) {
    r->count[k] = nax_axis_length(side->axis[k]);
  }
  for (int32_t k = 0; k + 1 < l->n_unit_axes; k++) {
    inner *= r->count[l->first_unit + k];
  }
  if (l->n_unit_axes > 0) {
    int32_t slow = l->first_unit + l->n_unit_axes - 1;
    r->start[slow] = from / inner;
    r->count[slow] = n / inner;
  }
  for (int32_t k = 0; k < side->ndim; k++) {
    r->size *= r->count[k];
  }
}

static void
view_of(const nax_i_ft_fit *j, int which, const reading *r, nax_view *out)
{
  const nax_i_ft_side *side = j->side + which;
  nax_view v = r->dtype == NAX_F32 ? nax_view_f32(r->to, side->ndim, r->count)
                                   : nax_view_f64(r->to, side->ndim, r->count);
  nax_i_ft_collapse(&side->axes, &v, out);
}

static nax_status
get_block(nax_ctx *ctx, nax_i_ft_fit *j, int which, nax_index from, nax_index n,
          nax_view *out)
{
  stream *s = j->self;
  int sides = j->side[1].used && !j->same_recording ? 2 : 1;
  reading now;
  wait_for(s);
  if (s->ahead_from[which] == from) {
    void *spare = s->buffer[which][0];
    now = s->ahead[which];
    s->buffer[which][0] = s->buffer[which][1];
    s->buffer[which][1] = spare;
    s->ahead_from[which] = -1;
  } else {
    fill_reading(j, which, from, n, s->buffer[which][0], &now);
    read_one(&now);
  }
  if (now.status != NAX_OK) {
    return nax_i_fail_text(ctx, now.status, now.text);
  }
  view_of(j, which, &now, out);
  nax_index next = from + n, all = j->side[0].axes.n_units;
  if (which == sides - 1 && next < all) {
    nax_index count = all - next < s->block ? all - next : s->block;
    for (int k = 0; k < sides; k++) {
      fill_reading(j, k, next, count, s->buffer[k][1], s->ahead + k);
      s->ahead_from[k] = next;
    }
    s->n_ahead = sides;
    s->running = pthread_create(&s->thread, NULL, read_sides, s) == 0;
    if (!s->running) {
      read_sides(s);
    }
  }
  return NAX_OK;
}

/* What has at most 24 bits goes into float32 without loss. */
static nax_dtype
type_of(nax_dtype file)
{
  return file == NAX_F32 || file == NAX_F16 || file == NAX_I8 || file == NAX_U8 ||
                 file == NAX_I16 || file == NAX_U16 || file == NAX_BOOL
             ? NAX_F32
             : NAX_F64;
}

static nax_status
open_side(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, int which, nax_source *source,
          int32_t var)
{
  stream *s = j->self;
  const nax_var_info *info = nax_source_var(source, var);
  if (info == NULL || info->kind != NAX_VAR_ARRAY) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "variable %d is not an array", (int)var);
  }
  s->source[which] = source;
  s->var[which] = var;
  s->dtype[which] = type_of(info->dtype);
  s->ahead_from[which] = -1;
  j->side[which].used = 1;
  j->side[which].ndim = info->ndim;
  for (int32_t k = 0; k < info->ndim; k++) {
    j->side[which].axis[k] = info->axis[k];
  }
  return NAX_OK;
}

/* Units per block: two blocks of each side and the sums of one go into the memory. */
static nax_status
settle_block(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j)
{
  nax_status status = NAX_OK;
  stream *s = j->self;
  nax_index all = j->side[0].axes.n_units, inner = 1, n = nax_i_ft_fit_block(j);
  double each = 0.0;
  int sides = j->side[1].used && !j->same_recording ? 2 : 1;
  for (int k = 0; k < sides; k++) {
    const nax_i_ft_side *side = j->side + k;
    double values = 1.0;
    for (int32_t d = 0; d < side->ndim; d++) {
      values *= (double)nax_axis_length(side->axis[d]);
    }
    each += 2.0 * values / (double)all * (double)nax_dtype_size(s->dtype[k]);
  }
  double fit = floor((double)j->o.memory * 5e5 / each);
  n = fit < (double)n ? (nax_index)fit : n;
  for (int32_t k = 0; k + 1 < j->side[0].axes.n_unit_axes; k++) {
    inner *= nax_axis_length(j->side[0].axis[j->side[0].axes.first_unit + k]);
  }
  n = n < inner ? inner : n / inner * inner;
  /* whole storage chunks where they fit */
  int32_t slow = j->side[0].axes.first_unit + j->side[0].axes.n_unit_axes - 1;
  if (slow >= 0) {
    nax_index chunk = nax_source_var(s->source[0], s->var[0])->chunk[slow] * inner;
    n = chunk > 1 && n > chunk ? n / chunk * chunk : n;
  }
  s->block = n > all ? all : n;
  for (int k = 0; k < sides; k++) {
    nax_index values = 1;
    for (int32_t d = 0; d < j->side[k].ndim; d++) {
      values *= nax_axis_length(j->side[k].axis[d]);
    }
    values = values / all * s->block;
    for (int b = 0; b < (s->block < all ? 2 : 1); b++) {
      s->buffer[k][b] = nax_i_calloc((size_t)values, nax_dtype_size(s->dtype[k]));
      if (s->buffer[k][b] == NULL) {
        return nax_i_fail(ctx, NAX_ENOMEM, fn,
                          "out of memory for blocks of %lld units: allow less memory",
                          (long long)s->block);
      }
    }
  }
  return status;
}

nax_status
nax_freqtag_fit_source(nax_ctx *ctx, nax_source *s, int32_t var, nax_source *control,
                       int32_t control_var, const nax_freqtag_events *events,
                       const nax_freqtag_opts *opts, nax_freqtag **out)
{
  nax_status status = NAX_OK;
  nax_i_ft_fit j = {0};
  stream st = {.block = 0};
  *out = NULL;
  nax_i_begin(ctx);
  j.self = &st;
  j.get = get_block;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_freqtag_table, &j.o, opts));
  NAX_TRY(open_side(ctx, __func__, &j, 0, s, var));
  if (control != NULL) {
    NAX_REQUIRE(control != s, NAX_EINVAL, "`control`, expected another source than `s`");
    NAX_TRY(open_side(ctx, __func__, &j, 1, control, control_var));
  }
  NAX_TRY(nax_i_ft_fit_prepare(ctx, __func__, &j, events));
  NAX_TRY(settle_block(ctx, __func__, &j));
  NAX_TRY(nax_i_ft_fit_run(ctx, __func__, &j, st.block, out));
done:
  wait_for(&st);
  for (int k = 0; k < 2; k++) {
    nax_i_free(st.buffer[k][0]);
    nax_i_free(st.buffer[k][1]);
  }
  nax_i_ft_fit_free(&j);
  return status;
}
