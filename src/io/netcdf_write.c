/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The native file: one dataset as one netCDF-4 file (neuraxis-file(5) describes it). */
#define _POSIX_C_SOURCE 200809L
#include "netcdf_i.h"
#include <errno.h>
#include <math.h>
#include <neuraxis/version.h>
#include <time.h>

/* A dimension of the file. */
typedef struct dim {
  char *name;           /* in the file */
  char *of;             /* name of the axis or table dimension */
  const nax_axis *axis; /* what its coordinates come from; NULL for plain ones */
  nax_index n;
  int id;
  int coord; /* variable with coordinates, or -1 */
  int label; /* variable with labels, or -1 */
  char *label_name;
} dim;

typedef struct writer {
  nax_ctx *ctx;
  const nax_dataset *d;
  const char *path; /* the final one, for messages */
  nax_save_opts opts;
  int nc;
  dim *dims;
  int n_dims, cap_dims;
  char **used; /* names of variables and dimensions that are taken */
  nax_index n_used, cap_used;
  nax_i_stage stage;
  int64_t done; /* bytes written */
} writer;

/* Writing fails for reasons outside the library, and it forgets to say which. */
static nax_status
write_failed(const writer *w, const char *what, int code)
{
  /* What the system said last tells more than a code that may be anything. */
  int told = errno == ENOSPC || errno == EFBIG || errno == EDQUOT || errno == EIO;
  const char *why = told || code > 0 ? strerror(told ? errno : code) : nc_strerror(code);
  return nax_i_fail_file(w->ctx, code == NC_ENOMEM ? NAX_ENOMEM : NAX_EIO, w->path,
                         "cannot write %s: %s", what, why);
}

#define PUT(call, what)                                                                  \
  do {                                                                                   \
    errno = 0;                                                                           \
    int nax_nc_code_ = (call);                                                           \
    if (nax_nc_code_ != NC_NOERR) {                                                      \
      status = write_failed(w, (what), nax_nc_code_);                                    \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)

/* ----------------------------------------------------------------------- names */

static int
is_used(const writer *w, const char *name)
{
  for (nax_index i = 0; i < w->n_used; i++) {
    if (strcmp(w->used[i], name) == 0) {
      return 1;
    }
  }
  return 0;
}

/* A name for the file that looks like `text`, is legal and not taken; it is taken then.
 * The result is in fresh memory. */
static nax_status
new_name(writer *w, const char *text, const char *suffix, char **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  char name[NC_MAX_NAME + 1];
  enum { LONGEST = 200 };
  size_t n = 0;
  *out = NULL;
  for (const char *p = text; *p != '\0' && n < LONGEST; p++) {
    char c = *p;
    int letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    int ok = letter || c == '_' || (n > 0 && strchr(".-+@", c) != NULL);
    name[n++] = ok ? c : '_';
  }
  if (n == 0) {
    name[n++] = '_';
  }
  snprintf(name + n, sizeof name - n, "%s", suffix);
  n = strlen(name);
  for (int k = 2; is_used(w, name); k++) {
    snprintf(name + n, sizeof name - n, "_%d", k);
  }
  if (w->n_used == w->cap_used) {
    nax_index cap = w->cap_used ? 2 * w->cap_used : 64;
    char **p = nax_i_realloc(w->used, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    w->used = p;
    w->cap_used = cap;
  }
  NAX_TRY_DUP(w->used[w->n_used], name);
  w->n_used++;
  NAX_TRY_DUP(*out, name);
done:
  return status;
}

static nax_status
put_text(writer *w, int var, const char *name, const char *text)
{
  nax_status status = NAX_OK;
  PUT(nc_put_att_text(w->nc, var, name, strlen(text), text), name);
done:
  return status;
}

static nax_status
put_number(writer *w, int var, const char *name, double x)
{
  nax_status status = NAX_OK;
  PUT(nc_put_att_double(w->nc, var, name, NC_DOUBLE, 1, &x), name);
done:
  return status;
}

/* ------------------------------------------------------------------ dimensions */

static nax_status
define_dim(writer *w, const char *of, nax_index n, const nax_axis *axis, int *at)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  if (w->n_dims == w->cap_dims) {
    int cap = w->cap_dims ? 2 * w->cap_dims : 16;
    dim *p = nax_i_realloc(w->dims, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    w->dims = p;
    w->cap_dims = cap;
  }
  dim *x = &w->dims[w->n_dims];
  memset(x, 0, sizeof *x);
  w->n_dims++;
  x->axis = axis;
  x->n = n;
  x->coord = x->label = -1;
  NAX_TRY_DUP(x->of, of);
  NAX_TRY(new_name(w, of, "", &x->name));
  /* Length 0 makes it unlimited, which reads back as length 0: netCDF knows no other
   * empty dimension. */
  PUT(nc_def_dim(w->nc, x->name, (size_t)n, &x->id), x->name);
  *at = w->n_dims - 1;
done:
  return status;
}

static nax_status
dim_of_axis(writer *w, const nax_axis *axis, const nax_axis *const *others, int n_others,
            int *at)
{
  for (int i = 0; i < w->n_dims; i++) {
    int in_use = 0;
    for (int k = 0; k < n_others; k++) {
      /* One variable cannot use a dimension twice and keep the axes apart. */
      in_use = in_use || w->dims[i].axis == others[k];
    }
    if (w->dims[i].axis != NULL && !in_use && nax_axis_equal(w->dims[i].axis, axis)) {
      *at = i;
      return NAX_OK;
    }
  }
  return define_dim(w, nax_axis_name(axis), nax_axis_length(axis), axis, at);
}

/* Tables share the dimension of an axis of their name and length. */
static nax_status
dim_of_table(writer *w, const char *name, nax_index n, int *at)
{
  for (int i = 0; i < w->n_dims; i++) {
    if (w->dims[i].n == n && strcmp(w->dims[i].of, name) == 0) {
      *at = i;
      return NAX_OK;
    }
  }
  return define_dim(w, name, n, NULL, at);
}

static nax_status
plain_dim(writer *w, const char *name, nax_index n, int *id)
{
  int at = 0;
  nax_status status = dim_of_table(w, name, n, &at);
  if (status == NAX_OK) {
    *id = w->dims[at].id;
  }
  return status;
}

/* ------------------------------------------------------------------- variables */

/* Chunks of half a MiB that are tall in time: measured to serve both blocks of time and
 * single traces. Lengths in the file's order, slowest first; `time` is the position of
 * the time axis or -1. */
static void
choose_chunks(int n, const nax_index *length, int time, size_t size, size_t *chunk)
{
  enum { BYTES = 512 << 10, ACROSS = 64 };
  double room = (double)BYTES / (double)size;
  for (int k = 0; k < n; k++) {
    chunk[k] = 1;
  }
  /* Some neurons, then all the time that fits, then what repeats, then more neurons. */
  for (int pass = 0; pass < 4; pass++) {
    for (int k = n - 1; k >= 0; k--) {
      int turn = k == n - 1 ? (k == time ? 1 : 0) : k == time ? 1 : 2;
      if (turn != pass && !(pass == 3 && turn == 0)) {
        continue;
      }
      double most = turn == 0 && pass == 0 && n > 1 ? (double)ACROSS : room;
      nax_index fits = most < 1.0 ? 1 : (nax_index)(most < 9e15 ? most : 9e15);
      nax_index l = length[k] > 0 ? length[k] : 1;
      if (pass == 3) {
        room *= (double)chunk[k];
        fits = room < 1.0 ? 1 : (nax_index)(room < 9e15 ? room : 9e15);
      }
      nax_index c = l < fits ? l : fits;
      nax_index parts = (l + c - 1) / c;
      /* Equal chunks waste least in the last one. */
      chunk[k] = (size_t)((l + parts - 1) / parts);
      room /= (double)chunk[k];
    }
  }
}

/* Define a variable with what all of them have: chunks, checksums, maybe compression. */
static nax_status
define_var(writer *w, const char *name, nc_type type, int n, const int *ids,
           const nax_index *length, int time, int *var)
{
  nax_status status = NAX_OK;
  size_t chunk[NC_MAX_VAR_DIMS] = {0}, size = 1, row = 1;
  PUT(nc_def_var(w->nc, name, type, n, ids, var), name);
  if (n == 0) {
    goto done;
  }
  PUT(nc_inq_type(w->nc, type, NULL, &size), name);
  choose_chunks(n, length, time, type == NC_STRING ? 16 : size, chunk);
  PUT(nc_def_var_chunking(w->nc, *var, NC_CHUNKED, chunk), name);
  if (type == NC_STRING) {
    goto done; /* filters do not reach the texts */
  }
  if (w->opts.compress > 0) {
    PUT(nc_def_var_deflate(w->nc, *var, 1, 1, (int)w->opts.compress), name);
  }
  PUT(nc_def_var_fletcher32(w->nc, *var, NC_FLETCHER32), name);
  for (int k = 0; k < n; k++) {
    nax_index across = (length[k] + (nax_index)chunk[k] - 1) / (nax_index)chunk[k];
    row *= chunk[k] * (k == 0 || across < 1 ? 1 : (size_t)across);
  }
  row *= size;
  enum { LEAST = 1 << 20, MOST = 64 << 20 };
  row = row < LEAST ? LEAST : row > MOST ? MOST : row;
  PUT(nc_set_var_chunk_cache(w->nc, *var, row, 4099, 1.0f), name);
done:
  return status;
}

static nax_status
define_texts(writer *w, const char *name, const dim *d, const char *const *text, int *var)
{
  nax_status status = NAX_OK;
  size_t longest = 1, total = 0;
  char dim_name[40];
  int ids[2] = {d->id, -1};
  nax_index length[2] = {d->n, 1};
  for (nax_index i = 0; i < d->n; i++) {
    size_t n = strlen(text[i]);
    longest = n > longest ? n : longest;
    total += n;
  }
  /* Characters are portable and have checksums; a few very long texts among many short
   * ones would waste the disk. */
  enum { ROOMY = 16 << 20 };
  if (longest * (size_t)d->n > ROOMY && longest * (size_t)d->n > 4 * total) {
    NAX_TRY(define_var(w, name, NC_STRING, 1, ids, length, -1, var));
    goto done;
  }
  snprintf(dim_name, sizeof dim_name, "string%zu", longest);
  length[1] = (nax_index)longest;
  NAX_TRY(plain_dim(w, dim_name, length[1], &ids[1]));
  NAX_TRY(define_var(w, name, NC_CHAR, 2, ids, length, -1, var));
  NAX_TRY(put_text(w, *var, "_Encoding", "utf-8"));
done:
  return status;
}

static nax_status
put_texts(writer *w, int var, nax_index n, const char *const *text, const char *what)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  char *all = NULL;
  int ids[2] = {0, 0};
  size_t longest = 0;
  nc_type type = NC_NAT;
  if (n == 0) {
    return NAX_OK;
  }
  PUT(nc_inq_vartype(w->nc, var, &type), what);
  if (type == NC_STRING) {
    PUT(nc_put_var_string(w->nc, var, (const char **)(uintptr_t)text), what);
    goto done;
  }
  PUT(nc_inq_vardimid(w->nc, var, ids), what);
  PUT(nc_inq_dimlen(w->nc, ids[1], &longest), what);
  NAX_TRY_ALLOC(all, (size_t)n, longest);
  for (nax_index i = 0; i < n; i++) {
    memcpy(all + (size_t)i * longest, text[i], strlen(text[i]));
  }
  size_t start[2] = {0, 0}, count[2] = {(size_t)n, longest};
  PUT(nc_put_vara_text(w->nc, var, start, count, all), what);
done:
  nax_i_free(all);
  return status;
}

/* Name as it was, where the file's own differs. */
static nax_status
put_name(writer *w, int var, const char *file_name, const char *name)
{
  return strcmp(file_name, name) == 0 ? NAX_OK : put_text(w, var, "neuraxis_name", name);
}

/* ------------------------------------------------------------------------ axes */

static nax_status
label_texts(writer *w, const nax_axis *axis, const char ***out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_index n = nax_axis_length(axis);
  NAX_TRY_ALLOC(*out, n, sizeof **out);
  for (nax_index i = 0; i < n; i++) {
    (*out)[i] = nax_axis_label(axis, i);
  }
done:
  return status;
}

static nax_status
define_axis(writer *w, int at)
{
  nax_status status = NAX_OK;
  dim *d = &w->dims[at];
  const char **text = NULL;
  nax_axis_kind kind = nax_axis_get_kind(d->axis);
  if (kind == NAX_AXIS_LABELS) {
    NAX_TRY(new_name(w, d->name, "_label", &d->label_name));
    NAX_TRY(label_texts(w, d->axis, &text));
    dim copy = *d; /* defining a dimension may move the list */
    NAX_TRY(define_texts(w, copy.label_name, &copy, text, &copy.label));
    w->dims[at].label = copy.label;
    NAX_TRY(put_text(w, copy.label, "neuraxis_kind", "labels"));
    NAX_TRY(put_text(w, copy.label, "units", nax_axis_unit(copy.axis)));
  } else if (kind != NAX_AXIS_INDEX) {
    int is_time = strcmp(nax_axis_name(d->axis), "time") == 0;
    NAX_TRY(
        define_var(w, d->name, NC_DOUBLE, 1, &d->id, &d->n, is_time ? 0 : -1, &d->coord));
    NAX_TRY(put_text(w, d->coord, "neuraxis_kind", "axis"));
    NAX_TRY(put_text(w, d->coord, "units", nax_axis_unit(d->axis)));
    if (is_time) {
      NAX_TRY(put_text(w, d->coord, "axis", "T"));
    }
    if (kind == NAX_AXIS_REGULAR) {
      NAX_TRY(put_number(w, d->coord, "start",
                         nax_axis_length(d->axis) > 0 ? nax_axis_coord(d->axis, 0)
                                                      : d->axis->start));
      NAX_TRY(put_number(w, d->coord, "rate", nax_axis_rate(d->axis)));
    }
  }
done:
  nax_i_free(text);
  return status;
}

static nax_status
write_axis(writer *w, const dim *d)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const char **text = NULL;
  double *x = NULL;
  enum { PIECE = 1 << 16 };
  if (d->label >= 0) {
    NAX_TRY(label_texts(w, d->axis, &text));
    NAX_TRY(put_texts(w, d->label, d->n, text, d->label_name));
  }
  if (d->coord >= 0 && d->n > 0) {
    NAX_TRY_ALLOC(x, d->n < PIECE ? d->n : PIECE, sizeof *x);
    for (nax_index i = 0; i < d->n; i += PIECE) {
      size_t start = (size_t)i, m = (size_t)(d->n - i < PIECE ? d->n - i : PIECE);
      for (size_t j = 0; j < m; j++) {
        x[j] = nax_axis_coord(d->axis, i + (nax_index)j);
      }
      PUT(nc_put_vara_double(w->nc, d->coord, &start, &m, x), d->name);
    }
  }
done:
  nax_i_free(text);
  nax_i_free(x);
  return status;
}

/* ---------------------------------------------------------------------- arrays */

static nax_status
define_array(writer *w, const char *name, const char *file_name, int *var)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const nax_array *a = nax_dataset_array(w->d, name);
  int n = nax_array_ndim(a), ids[NAX_MAX_NDIM], time = -1;
  nax_index length[NAX_MAX_NDIM];
  const nax_axis *axis[NAX_MAX_NDIM];
  nax_i_buf names = {0}, labels = {0};
  char *one = NULL;
  for (int k = 0; k < n; k++) {
    int at = 0, before = w->n_dims;
    axis[k] = nax_array_axis(a, k);
    const nax_axis *others[NAX_MAX_NDIM];
    for (int j = 0; j < k; j++) {
      others[j] = NULL;
      for (int i = 0; i < w->n_dims; i++) {
        others[j] = w->dims[i].id == ids[n - 1 - j] ? w->dims[i].axis : others[j];
      }
    }
    NAX_TRY(dim_of_axis(w, axis[k], others, k, &at));
    if (w->n_dims > before) {
      NAX_TRY(define_axis(w, at));
    }
    /* The file has them the other way round: the bytes stay as they are. */
    ids[n - 1 - k] = w->dims[at].id;
    length[n - 1 - k] = nax_array_dim(a, k);
    time = strcmp(nax_axis_name(axis[k]), "time") == 0 ? n - 1 - k : time;
    NAX_TRY(nax_i_nc_encode(ctx, nax_axis_name(axis[k]), 0, &one));
    nax_i_buf_printf(&names, "%s%s", k ? " " : "", one);
    nax_i_free(one);
    one = NULL;
    if (w->dims[at].label_name != NULL) {
      nax_i_buf_printf(&labels, "%s%s", labels.len ? " " : "", w->dims[at].label_name);
    }
  }
  NAX_REQUIRE(!names.failed && !labels.failed, NAX_ENOMEM, "out of memory");
  int single = nax_array_dtype(a) == NAX_F32;
  NAX_TRY(
      define_var(w, file_name, single ? NC_FLOAT : NC_DOUBLE, n, ids, length, time, var));
  float fill4 = NAN;
  double fill8 = NAN;
  PUT(nc_def_var_fill(w->nc, *var, 0, single ? (void *)&fill4 : (void *)&fill8),
      file_name);
  NAX_TRY(put_text(w, *var, "neuraxis_kind", "array"));
  NAX_TRY(put_name(w, *var, file_name, name));
  NAX_TRY(put_text(w, *var, "axes", names.data));
  NAX_TRY(put_text(w, *var, "units", nax_array_unit(a)));
  NAX_TRY(put_text(w, *var, "long_name", nax_array_description(a)));
  if (labels.len > 0) {
    NAX_TRY(put_text(w, *var, "coordinates", labels.data));
  }
done:
  nax_i_free(one);
  nax_i_buf_free(&names);
  nax_i_buf_free(&labels);
  return status;
}

/* In stretches of whole chunks along the slowest dimension. */
static nax_status
write_array(writer *w, const nax_array *a, int var, const char *what)
{
  nax_status status = NAX_OK;
  size_t start[NAX_MAX_NDIM] = {0}, count[NAX_MAX_NDIM], chunk[NC_MAX_VAR_DIMS] = {0};
  size_t slab = nax_dtype_size(nax_array_dtype(a));
  int n = nax_array_ndim(a), storage = 0;
  size_t stretch = (size_t)(w->opts.compress > 0 ? 4 : 32)
                   << 20; /* a tenth of a second */
  if (nax_array_size(a) == 0) {
    return NAX_OK;
  }
  for (int k = 0; k < n; k++) {
    count[n - 1 - k] = (size_t)nax_array_dim(a, k);
    slab *= k == n - 1 ? 1 : (size_t)nax_array_dim(a, k);
  }
  PUT(nc_inq_var_chunking(w->nc, var, &storage, chunk), what);
  size_t length = count[0], rows = stretch / (slab > 0 ? slab : 1) / chunk[0] * chunk[0];
  rows = rows > 0 ? rows : chunk[0];
  const char *data = nax_array_data(a);
  for (size_t i = 0; i < length; i += rows) {
    start[0] = i;
    count[0] = length - i < rows ? length - i : rows;
    const void *from = data + i * slab;
    PUT(nax_array_dtype(a) == NAX_F32
            ? nc_put_vara_float(w->nc, var, start, count, from)
            : nc_put_vara_double(w->nc, var, start, count, from),
        what);
    w->done += (int64_t)(count[0] * slab);
    NAX_TRY(nax_i_stage_poll(&w->stage, w->done, NAN));
  }
done:
  return status;
}

/* ---------------------------------------------------------------------- spikes */

typedef struct spike_vars {
  int times, row_size, intervals;
} spike_vars;

static nax_status
define_spikes(writer *w, const char *name, const char *file_name, spike_vars *v)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const nax_spikes *s = nax_dataset_spikes(w->d, name);
  char *event = NULL, *rows = NULL, *intervals = NULL, *axis_name = NULL;
  int at = 0, before = w->n_dims, ids[2], event_dim = 0;
  NAX_TRY(dim_of_axis(w, nax_spikes_units(s), NULL, 0, &at));
  if (w->n_dims > before) {
    NAX_TRY(define_axis(w, at));
  }
  int unit_id = w->dims[at].id;
  nax_index n_units = nax_spikes_n_units(s), n_spikes = nax_spikes_n_spikes(s);
  nax_index n_intervals[2] = {nax_spikes_n_intervals(s), 2};
  NAX_TRY(new_name(w, file_name, "_event", &event));
  PUT(nc_def_dim(w->nc, event, (size_t)n_spikes, &event_dim), event);
  NAX_TRY(define_var(w, file_name, NC_DOUBLE, 1, &event_dim, &n_spikes, 0, &v->times));
  NAX_TRY(new_name(w, file_name, "_row_size", &rows));
  NAX_TRY(define_var(w, rows, NC_INT64, 1, &unit_id, &n_units, -1, &v->row_size));
  NAX_TRY(put_text(w, v->row_size, "long_name", "number of spikes of each unit"));
  NAX_TRY(put_text(w, v->row_size, "sample_dimension", event));
  NAX_TRY(new_name(w, file_name, "_intervals", &intervals));
  char interval_dim[64];
  snprintf(interval_dim, sizeof interval_dim, "interval%lld", (long long)n_intervals[0]);
  NAX_TRY(plain_dim(w, interval_dim, n_intervals[0], &ids[0]));
  NAX_TRY(plain_dim(w, "bounds2", 2, &ids[1]));
  NAX_TRY(define_var(w, intervals, NC_DOUBLE, 2, ids, n_intervals, -1, &v->intervals));
  NAX_TRY(put_text(w, v->intervals, "long_name", "start and stop of what was recorded"));
  NAX_TRY(put_text(w, v->intervals, "units", "s"));
  NAX_TRY(put_text(w, v->times, "neuraxis_kind", "spikes"));
  NAX_TRY(put_name(w, v->times, file_name, name));
  NAX_TRY(nax_i_nc_encode(ctx, nax_axis_name(nax_spikes_units(s)), 0, &axis_name));
  NAX_TRY(put_text(w, v->times, "axes", axis_name));
  NAX_TRY(put_text(w, v->times, "units", "s"));
  NAX_TRY(put_text(w, v->times, "long_name", "spike times, unit after unit"));
  NAX_TRY(put_text(w, v->times, "row_size", rows));
  NAX_TRY(put_text(w, v->times, "intervals", intervals));
done:
  nax_i_free(event);
  nax_i_free(rows);
  nax_i_free(intervals);
  nax_i_free(axis_name);
  return status;
}

static nax_status
write_spikes(writer *w, const nax_spikes *s, const spike_vars *v, const char *what)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  long long *rows = NULL;
  double *bounds = NULL;
  nax_index n = nax_spikes_n_units(s), m = nax_spikes_n_intervals(s);
  const nax_index *offsets = nax_spikes_offsets(s);
  enum { STRETCH = 1 << 22 };
  NAX_TRY_ALLOC(rows, n, sizeof *rows);
  NAX_TRY_ALLOC(bounds, 2 * m, sizeof *bounds);
  for (nax_index u = 0; u < n; u++) {
    rows[u] = offsets[u + 1] - offsets[u];
  }
  for (nax_index i = 0; i < m; i++) {
    nax_spikes_interval(s, i, &bounds[2 * i], &bounds[2 * i + 1]);
  }
  size_t zero[2] = {0, 0}, count[2] = {(size_t)n, 0};
  if (n > 0) {
    PUT(nc_put_vara_longlong(w->nc, v->row_size, zero, count, rows), what);
  }
  count[0] = (size_t)m;
  count[1] = 2;
  if (m > 0) {
    PUT(nc_put_vara_double(w->nc, v->intervals, zero, count, bounds), what);
  }
  for (nax_index i = 0; i < nax_spikes_n_spikes(s); i += STRETCH) {
    size_t start = (size_t)i, left = (size_t)(nax_spikes_n_spikes(s) - i);
    size_t k = left < STRETCH ? left : STRETCH;
    PUT(nc_put_vara_double(w->nc, v->times, &start, &k, nax_spikes_all_times(s) + i),
        what);
    w->done += (int64_t)(k * sizeof(double));
    NAX_TRY(nax_i_stage_poll(&w->stage, w->done, NAN));
  }
done:
  nax_i_free(rows);
  nax_i_free(bounds);
  return status;
}

/* ---------------------------------------------------------------------- tables */

static nax_status
define_table(writer *w, const char *name, const char *file_name, int **columns)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const nax_table *t = nax_dataset_table(w->d, name);
  nax_i_buf list = {0};
  char *column = NULL, joined[600];
  int at = 0, var = 0, n = nax_table_n_columns(t);
  nax_index n_rows = nax_table_n_rows(t);
  NAX_TRY_ALLOC(*columns, n, sizeof **columns);
  NAX_TRY(dim_of_table(w, nax_table_dim(t), n_rows, &at));
  dim d = w->dims[at];
  NAX_TRY(define_var(w, file_name, NC_INT, 0, NULL, NULL, -1, &var));
  for (int j = 0; j < n; j++) {
    const char *title = nax_table_column_name(t, j);
    snprintf(joined, sizeof joined, "%.100s.%.90s", file_name, title);
    NAX_TRY(new_name(w, joined, "", &column));
    if (nax_table_column_dtype(t, j) == NAX_TEXT) {
      NAX_TRY(define_texts(w, column, &d, nax_table_text(t, j), &(*columns)[j]));
    } else {
      NAX_TRY(define_var(w, column, NC_DOUBLE, 1, &d.id, &n_rows, -1, &(*columns)[j]));
      double fill = NAN;
      PUT(nc_def_var_fill(w->nc, (*columns)[j], 0, &fill), column);
      NAX_TRY(put_text(w, (*columns)[j], "units", nax_table_column_unit(t, j)));
    }
    NAX_TRY(put_text(w, (*columns)[j], "neuraxis_kind", "column"));
    NAX_TRY(put_text(w, (*columns)[j], "column", title));
    nax_i_buf_printf(&list, "%s%s", j ? " " : "", column);
    nax_i_free(column);
    column = NULL;
  }
  NAX_REQUIRE(!list.failed, NAX_ENOMEM, "out of memory");
  NAX_TRY(put_text(w, var, "neuraxis_kind", "table"));
  NAX_TRY(put_name(w, var, file_name, name));
  NAX_TRY(put_text(w, var, "dimension", d.name));
  NAX_TRY(put_text(w, var, "dimension_name", nax_table_dim(t)));
  NAX_TRY(put_text(w, var, "columns", list.data != NULL ? list.data : ""));
done:
  nax_i_free(column);
  nax_i_buf_free(&list);
  return status;
}

static nax_status
write_table(writer *w, const nax_table *t, const int *columns)
{
  nax_status status = NAX_OK;
  size_t start = 0, n = (size_t)nax_table_n_rows(t);
  for (int j = 0; j < nax_table_n_columns(t) && n > 0; j++) {
    const char *what = nax_table_column_name(t, j);
    if (nax_table_column_dtype(t, j) == NAX_TEXT) {
      NAX_TRY(put_texts(w, columns[j], (nax_index)n, nax_table_text(t, j), what));
    } else {
      PUT(nc_put_vara_double(w->nc, columns[j], &start, &n, nax_table_numbers(t, j)),
          what);
    }
  }
done:
  return status;
}

/* ------------------------------------------------------------------ attributes */

/* Attributes that the writer itself sets; what a dataset brings under these names is
 * what an older file said. */
static int
is_own(const char *key)
{
  return strcmp(key, "Conventions") == 0 || strcmp(key, "history") == 0 ||
         strcmp(key, "neuraxis_version") == 0 || strcmp(key, "neuraxis_format") == 0 ||
         strcmp(key, "neuraxis_main") == 0;
}

static nax_status
write_history(writer *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_i_buf b = {0};
  const char *old = nax_dataset_text(w->d, "history");
  if (!w->opts.no_history) {
    char stamp[40] = "";
    time_t t = w->opts.time < 0 ? time(NULL) : (time_t)w->opts.time;
    struct tm utc;
    if (gmtime_r(&t, &utc) != NULL) {
      strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    nax_i_buf_printf(&b, "%s %s", stamp,
                     w->opts.command != NULL ? w->opts.command : "nax_dataset_save");
    NAX_TRY(put_text(w, NC_GLOBAL, "neuraxis_version", nax_version()));
  }
  if (old != NULL) {
    nax_i_buf_printf(&b, "%s%s", b.len ? "\n" : "", old);
  }
  NAX_REQUIRE(!b.failed, NAX_ENOMEM, "out of memory");
  if (b.len > 0) {
    NAX_TRY(put_text(w, NC_GLOBAL, "history", b.data));
  }
done:
  nax_i_buf_free(&b);
  return status;
}

static nax_status
write_attributes(writer *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  char *key = NULL;
  int format = NAX_I_NC_FORMAT;
  NAX_TRY(put_text(w, NC_GLOBAL, "Conventions", "CF-1.10"));
  PUT(nc_put_att_int(w->nc, NC_GLOBAL, "neuraxis_format", NC_INT, 1, &format),
      "neuraxis_format");
  if (nax_dataset_main(w->d) != NULL) {
    NAX_TRY(put_text(w, NC_GLOBAL, "neuraxis_main", nax_dataset_main(w->d)));
  }
  NAX_TRY(write_history(w));
  for (int32_t i = 0; i < nax_dataset_n_attrs(w->d); i++) {
    const char *name = nax_dataset_attr_key(w->d, i);
    const char *text = nax_dataset_text(w->d, name);
    if (is_own(name)) {
      continue;
    }
    NAX_TRY(nax_i_nc_encode(ctx, name, 1, &key));
    NAX_REQUIRE_FILE(strlen(key) <= NC_MAX_NAME, NAX_EINVAL, w->path,
                     "attribute `%.60s...` has too long a name", name);
    NAX_TRY(text != NULL ? put_text(w, NC_GLOBAL, key, text)
                         : put_number(w, NC_GLOBAL, key, nax_dataset_number(w->d, name)));
    nax_i_free(key);
    key = NULL;
  }
done:
  nax_i_free(key);
  return status;
}

/* ----------------------------------------------------------------------- whole */

/* What was defined for one member. */
typedef struct member {
  char *file_name;
  int var;
  spike_vars spikes;
  int *columns;
} member;

static nax_status
define_members(writer *w, member *m, int32_t n)
{
  nax_status status = NAX_OK;
  /* Members first: a dimension must not take the name of a variable, which would make
   * that variable its coordinates. */
  for (int32_t i = 0; i < n; i++) {
    NAX_TRY(new_name(w, nax_dataset_var_name(w->d, i), "", &m[i].file_name));
  }
  for (int32_t i = 0; i < n; i++) {
    const char *name = nax_dataset_var_name(w->d, i);
    switch (nax_dataset_var_kind(w->d, i)) {
    case NAX_VAR_ARRAY:
      NAX_TRY(define_array(w, name, m[i].file_name, &m[i].var));
      break;
    case NAX_VAR_SPIKES:
      NAX_TRY(define_spikes(w, name, m[i].file_name, &m[i].spikes));
      break;
    case NAX_VAR_TABLE:
      NAX_TRY(define_table(w, name, m[i].file_name, &m[i].columns));
      break;
    case NAX_VAR_FORCE_INT:
      break;
    }
  }
done:
  return status;
}

static nax_status
write_members(writer *w, const member *m, int32_t n)
{
  nax_status status = NAX_OK;
  for (int i = 0; i < w->n_dims; i++) {
    NAX_TRY(write_axis(w, &w->dims[i]));
  }
  for (int32_t i = 0; i < n; i++) {
    const char *name = nax_dataset_var_name(w->d, i);
    switch (nax_dataset_var_kind(w->d, i)) {
    case NAX_VAR_ARRAY:
      NAX_TRY(write_array(w, nax_dataset_array(w->d, name), m[i].var, name));
      break;
    case NAX_VAR_SPIKES:
      NAX_TRY(write_spikes(w, nax_dataset_spikes(w->d, name), &m[i].spikes, name));
      break;
    case NAX_VAR_TABLE:
      NAX_TRY(write_table(w, nax_dataset_table(w->d, name), m[i].columns));
      break;
    case NAX_VAR_FORCE_INT:
      break;
    }
  }
done:
  return status;
}

static int64_t
data_bytes(const nax_dataset *d)
{
  int64_t n = 0;
  for (int32_t i = 0; i < nax_dataset_n_vars(d); i++) {
    const char *name = nax_dataset_var_name(d, i);
    const nax_array *a = nax_dataset_array(d, name);
    const nax_spikes *s = nax_dataset_spikes(d, name);
    n += a != NULL ? nax_array_size(a) * (int64_t)nax_dtype_size(nax_array_dtype(a)) : 0;
    n += s != NULL ? nax_spikes_n_spikes(s) * 8 : 0;
  }
  return n;
}

static void
free_writer(writer *w)
{
  for (int i = 0; i < w->n_dims; i++) {
    nax_i_free(w->dims[i].name);
    nax_i_free(w->dims[i].of);
    nax_i_free(w->dims[i].label_name);
  }
  nax_i_free(w->dims);
  nax_i_free_strings(w->used, w->n_used);
}

nax_status
nax_dataset_save(nax_ctx *ctx, const nax_dataset *d, const char *path,
                 const nax_save_opts *opts)
{
  nax_status status = NAX_OK;
  writer writing = {0}, *w = &writing;
  nax_i_atomic file = {NULL, NULL};
  member *m = NULL;
  int is_open = 0, old_fill = 0;
  int32_t n = nax_dataset_n_vars(d);
  nax_i_begin(ctx);
  nax_i_hdf5_lock();
  w->ctx = ctx;
  w->d = d;
  w->path = path;
  NAX_REQUIRE(path != NULL && path[0] != '\0', NAX_EINVAL, "`path` is empty");
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_save_table, &w->opts, opts));
  NAX_TRY_ALLOC(m, n, sizeof *m);
  NAX_TRY(nax_i_atomic_begin(ctx, path, w->opts.force, &file));
  NAX_TRY(nax_i_stage_begin(&w->stage, ctx, __func__, "io/write", data_bytes(d)));
  PUT(nc_create(file.temp, NC_NETCDF4 | NC_CLOBBER, &w->nc), "the file");
  is_open = 1;
  PUT(nc_set_fill(w->nc, NC_NOFILL, &old_fill), "the file");
  NAX_TRY(write_attributes(w));
  NAX_TRY(define_members(w, m, n));
  PUT(nc_enddef(w->nc), "the header");
  NAX_TRY(write_members(w, m, n));
  is_open = 0;
  PUT(nc_close(w->nc), "the file");
  NAX_TRY(nax_i_atomic_commit(ctx, &file, w->opts.force));
done:
  if (is_open) {
    nc_abort(w->nc);
  }
  nax_i_hdf5_unlock();
  nax_i_atomic_abort(&file);
  for (int32_t i = 0; m != NULL && i < n; i++) {
    nax_i_free(m[i].file_name);
    nax_i_free(m[i].columns);
  }
  nax_i_free(m);
  free_writer(w);
  return status;
}
