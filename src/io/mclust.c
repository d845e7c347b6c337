/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MClust spike files: one unit per .t file, a folder of them is a recording. */
#include "io_i.h"
#include <stdlib.h>

enum { MAX_UNITS = 100000 };

typedef struct state {
  char **label, **quality;
  nax_index n_units, cap;
  nax_index *offsets; /* n_units + 1 */
  double *times;
  size_t cap_times;
  nax_axis *units;
} state;

static const char *const endings[] = {"t", "t32", "t64", "_t", "_t32", "_t64"};

static int
is_unit(const char *name)
{
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    if (nax_i_has_ext(name, endings[i])) {
      return 1;
    }
  }
  return 0;
}

static int
mclust_probe(const nax_i_probe *p)
{
  if (p->is_dir) {
    return nax_i_dir_any(p->path, is_unit) ? 50 : 0;
  }
  return p->n_head >= 13 && memcmp(p->head, "%%BEGINHEADER", 13) == 0 ? 100 : 0;
}

/* What the text header says of the numbers behind it. */
typedef struct layout {
  size_t at;    /* where they begin */
  size_t bytes; /* of one */
  double unit;  /* in seconds */
} layout;

static int
says(const char *text, const char *word)
{
  for (; *text != '\0'; text++) {
    size_t k = 0;
    while (word[k] != '\0' && text[k] != '\0' &&
           (text[k] | 32) == (word[k] | 32)) { /* letters in any case */
      k++;
    }
    if (word[k] == '\0') {
      return 1;
    }
  }
  return 0;
}

static nax_status
read_header(nax_ctx *ctx, const char *path, char *data, size_t n, layout *l)
{
  nax_status status = NAX_OK;
  static const char mark[] = "%%ENDHEADER";
  size_t end = 0;
  for (size_t i = 0; i + sizeof mark <= n && end == 0; i++) {
    if (memcmp(data + i, mark, sizeof mark - 1) == 0) {
      const char *newline = memchr(data + i, '\n', n - i);
      end = newline != NULL ? (size_t)(newline - data) + 1 : 0;
      if (end == 0) {
        break;
      }
    }
  }
  NAX_REQUIRE_FILE(end > 0, NAX_EFORMAT, path,
                   "is no MClust file (found no %%%%ENDHEADER, expected it before the "
                   "spike times)");
  char saved = data[end - 1];
  data[end - 1] = '\0';
  int wide = nax_i_has_ext(path, "t64") || nax_i_has_ext(path, "_t64") ||
             says(data, "uint64") || says(data, "64 bit") || says(data, "64-bit");
  int micro = says(data, "microsec");
  int known = micro || says(data, "tenths of msec");
  data[end - 1] = saved;
  *l = (layout){end, wide ? 8 : 4, micro ? 1e-6 : 1e-4};
  if (!known) {
    nax_i_warn(ctx, NAX_SUGGESTION, "io.time-unit-assumed",
               "the header does not say the unit of the spike times: tenths of a "
               "millisecond are assumed");
  }
done:
  return status;
}

static nax_status
add_times(nax_ctx *ctx, nax_source *s, const char *path)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  char *data = NULL;
  size_t n = 0;
  layout l = {0, 4, 1e-4};
  NAX_TRY(nax_i_read_file(ctx, path, (size_t)1 << 31, &data, &n));
  NAX_TRY(read_header(ctx, path, data, n, &l));
  size_t count = (n - l.at) / l.bytes, used = (size_t)st->offsets[st->n_units];
  if ((n - l.at) % l.bytes != 0) {
    const char *slash = strrchr(path, '/');
    NAX_TRY(nax_i_source_violation(
        ctx, s, "io.trailing-bytes",
        "%s: %zu bytes follow the last whole spike time (of %zu bytes each)",
        slash != NULL ? slash + 1 : path, (n - l.at) % l.bytes, l.bytes));
  }
  if (used + count > st->cap_times) {
    size_t cap = 2 * st->cap_times > used + count ? 2 * st->cap_times : used + count;
    double *more = nax_i_realloc(st->times, cap, sizeof *more);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    st->times = more;
    st->cap_times = cap;
  }
  for (size_t i = 0; i < count; i++) {
    const unsigned char *p = (const unsigned char *)data + l.at + i * l.bytes;
    uint64_t x = 0;
    for (size_t k = 0; k < l.bytes; k++) { /* big-endian */
      x = x << 8 | p[k];
    }
    NAX_REQUIRE_FILE(x <= UINT64_C(1) << 53, NAX_EDATA, path,
                     "spike time %zu is %llu (expected at most 2^53)", i,
                     (unsigned long long)x);
    st->times[used + i] = (double)x * l.unit;
  }
  st->offsets[st->n_units + 1] = (nax_index)(used + count);
done:
  nax_i_free(data);
  return status;
}

static nax_status
add_unit(nax_ctx *ctx, nax_source *s, const char *dir, const char *name)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  char *path = dir != NULL ? nax_i_join(dir, name) : nax_i_strdup(name);
  NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(st->n_units < MAX_UNITS, NAX_EFORMAT, s->path,
                   "has too many units (expected at most %d)", (int)MAX_UNITS);
  if (st->n_units == st->cap) {
    nax_index cap = st->cap ? 2 * st->cap : 64;
    char **label = nax_i_realloc(st->label, (size_t)cap, sizeof *label);
    st->label = label != NULL ? label : st->label;
    char **quality = nax_i_realloc(st->quality, (size_t)cap, sizeof *quality);
    st->quality = quality != NULL ? quality : st->quality;
    nax_index *offsets = nax_i_realloc(st->offsets, (size_t)cap + 1, sizeof *offsets);
    st->offsets = offsets != NULL ? offsets : st->offsets;
    NAX_REQUIRE(label != NULL && quality != NULL && offsets != NULL, NAX_ENOMEM,
                "out of memory");
    st->cap = cap;
    st->offsets[0] = 0;
  }
  NAX_TRY(add_times(ctx, s, path));
  const char *slash = strrchr(name, '/'), *base = slash != NULL ? slash + 1 : name;
  const char *dot = strrchr(base, '.');
  size_t n = dot != NULL ? (size_t)(dot - base) : strlen(base);
  char *label = nax_i_strndup(base, n);
  char *quality = nax_i_strdup(dot == NULL ? "" : dot[1] == '_' ? "poor" : "good");
  st->label[st->n_units] = label;
  st->quality[st->n_units++] = quality;
  NAX_REQUIRE(label != NULL && quality != NULL, NAX_ENOMEM, "out of memory");
  nax_i_clean_utf8(label);
done:
  nax_i_free(path);
  return status;
}

static nax_status
add_variables(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  nax_index n = st->offsets[st->n_units];
  NAX_TRY(nax_axis_create_labels(ctx, "unit", st->n_units, (const char *const *)st->label,
                                 &st->units));
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_SPIKES, "spikes");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->unit, "s") &&
                  nax_i_var_text(&v->file_dtype, ">u4"),
              NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_axis_copy(ctx, st->units, &v->axis[0]));
  v->info.dtype = NAX_U32;
  v->info.ndim = 1;
  v->info.dim[0] = st->n_units;
  v->info.n_values = n;
  for (nax_index i = 0; i < n; i++) {
    double x = st->times[i];
    v->info.t_start = i == 0 || x < v->info.t_start ? x : v->info.t_start;
    v->info.t_stop = i == 0 || x > v->info.t_stop ? x : v->info.t_stop;
  }
  v = nax_i_source_add(s, NAX_VAR_TABLE, "units");
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = st->n_units;
  v->info.dim[1] = 2;
  v->info.n_values = 2 * st->n_units;
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "electrophysiology", 0));
done:
  return status;
}

static nax_status
mclust_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  char **names = NULL;
  nax_index n = 0, skipped = 0;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  if (is_unit(s->path) && !nax_i_dir_any(s->path, is_unit)) {
    NAX_TRY(add_unit(ctx, s, NULL, s->path));
  } else if (nax_i_dir_any(s->path, is_unit)) {
    NAX_TRY(nax_i_list_dir(ctx, s->path, &names, &n));
    for (nax_index i = 0; i < n; i++) {
      int poor = strstr(names[i], "._t") != NULL;
      if (is_unit(names[i]) && !(poor && s->opts.cells_only)) {
        NAX_TRY(add_unit(ctx, s, s->path, names[i]));
      }
      skipped += poor && s->opts.cells_only;
    }
  } else {
    NAX_TRY(add_unit(ctx, s, NULL, s->path));
  }
  NAX_REQUIRE_FILE(st->n_units > 0, NAX_EDATA, s->path,
                   "no unit is left (found %lld that are marked as poor)",
                   (long long)skipped);
  NAX_TRY(add_variables(ctx, s));
done:
  nax_i_free_strings(names, n);
  return status;
}

static void
mclust_close(nax_source *s)
{
  state *st = s->state;
  if (st != NULL) {
    nax_i_free_strings(st->label, st->n_units);
    nax_i_free_strings(st->quality, st->n_units);
    nax_i_free(st->offsets);
    nax_i_free(st->times);
    nax_axis_free(st->units);
  }
  nax_i_free(st);
}

static nax_status
mclust_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  const state *st = s->state;
  (void)v;
  return nax_spikes_create(ctx, st->units, st->offsets, st->times, 0, NULL, out);
}

static nax_status
mclust_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  nax_table *t = NULL;
  (void)v;
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, "unit", st->n_units, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "name", (const char *const *)st->label));
  NAX_TRY(nax_table_add_text(ctx, t, "quality", (const char *const *)st->quality));
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  return status;
}

const nax_i_format nax_i_format_mclust = {
    "mclust",      "MClust spike file (.t) or a folder of them",
    mclust_probe,  mclust_open,
    mclust_close,  NULL,
    mclust_spikes, mclust_table};
