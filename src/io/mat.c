/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB files of levels 4, 5 (v6, v7) and 7.3, through matio.
 *
 * Arrays inside structs and cells are variables of their own, named as MATLAB would
 * write them: `a.b`, `s(2).x`, `c{3}` (numbers from 1, cells counted along columns).
 * Scalars and text become attributes. Left out with a note, because matio or our arrays
 * have no place for them: complex numbers, objects, function handles, sparse matrices of
 * level 4. */
#include "mat_tree_i.h"
#include <errno.h>
#include <math.h>

enum {
  MAX_DEPTH = 8,     /* of structs and cells that are looked into */
  MAX_LISTED = 1000, /* variables; --var finds the others */
  MAX_CELLS = 64,    /* elements of a cell array that are listed */
  MAX_ATTRS = 200,
};

/* ------------------------------------------------------------------------- listing */

static int
asked_for(const nax_source *s, const char *path)
{
  return s->opts.var != NULL && strcmp(s->opts.var, path) == 0;
}

/* The names that people give to the times of their samples. Whole-number vectors are
 * left alone: they count milliseconds as often as seconds or samples. */
static int
is_time_vector(const char *name, const matvar_t *v)
{
  static const char *const names[] = {"t",          "time",      "time_vector", "tvec",
                                      "timestamps", "fluo_time", NULL};
  for (int k = 0; names[k] != NULL; k++) {
    if (strcmp(names[k], name) == 0) {
      return nax_i_mat_is_vector(v) && nax_i_mat_length(v) > 1 &&
             (v->class_type == MAT_C_DOUBLE || v->class_type == MAT_C_SINGLE);
    }
  }
  return 0;
}

/* Everything a visit needs to know of its surroundings. */
typedef struct visit {
  nax_ctx *ctx;
  nax_source *s;
  int counting;           /* first pass: count the candidates only */
  int32_t top;            /* variable of the file */
  const matvar_t *parent; /* struct that the array is a field of, or NULL */
  int64_t element;        /* of the parent, when that is a struct array */
  int in_vectors;         /* an element of a cell array of vectors */
} visit;

/* The time vector that belongs to `v`: stands beside it and is as long as exactly one
 * of its axes (given back in *axis). Read into fresh memory; NULL when there is none or
 * it does not ascend. */
static nax_status
find_times(const visit *w, const matvar_t *v, int32_t *axis, double **times,
           const char **name)
{
  static const char *const names[] = {"t",          "time",      "time_vector", "tvec",
                                      "timestamps", "fluo_time", NULL};
  nax_ctx *ctx = w->ctx;
  nax_i_mat_state *st = w->s->state;
  nax_status status = NAX_OK;
  *times = NULL;
  for (int j = 0; names[j] != NULL && *times == NULL; j++) {
    matvar_t *t =
        w->parent != NULL ? nax_i_mat_field(w->parent, w->element, names[j]) : NULL;
    int32_t top = w->top, fits = 0;
    for (int32_t i = 0; w->parent == NULL && i < st->n_top; i++) {
      if (st->top[i]->name != NULL && strcmp(st->top[i]->name, names[j]) == 0) {
        t = st->top[i];
        top = i;
      }
    }
    if (t == NULL || t == v || !is_time_vector(names[j], t)) {
      continue;
    }
    int64_t n = nax_i_mat_length(t);
    for (int k = 0; k < v->rank; k++) {
      if ((int64_t)v->dims[k] == n) {
        fits++;
        *axis = k;
      }
    }
    if (fits != 1) {
      continue;
    }
    NAX_TRY_ALLOC(*times, n, sizeof **times);
    NAX_TRY(nax_i_mat_read_all(ctx, w->s, t, top, names[j], *times));
    *name = names[j];
    for (int64_t i = 0; i < n && *times != NULL; i++) {
      if (!isfinite((*times)[i]) || (i > 0 && (*times)[i] <= (*times)[i - 1])) {
        nax_i_warn(ctx, NAX_SUGGESTION, "io.mat-times",
                   "`%s` beside `%s` does not ascend and is not taken as its times",
                   names[j], v->name != NULL ? v->name : "?");
        nax_i_free(*times);
        *times = NULL;
      }
    }
  }
done:
  if (status != NAX_OK) {
    nax_i_free(*times);
    *times = NULL;
  }
  return status;
}

static const char *
class_name(const matvar_t *v)
{
  static const char *const names[] = {"empty",  "cell",     "struct", "object", "char",
                                      "sparse", "double",   "single", "int8",   "uint8",
                                      "int16",  "uint16",   "int32",  "uint32", "int64",
                                      "uint64", "function", "opaque"};
  size_t k = (size_t)v->class_type;
  return v->isLogical && k != MAT_C_SPARSE    ? "logical"
         : k < sizeof names / sizeof names[0] ? names[k]
                                              : "?";
}

/* Axes of an array that has a time vector on file axis `at` (position among those kept).
 */
static nax_status
timed_axes(const visit *w, nax_i_var *v, nax_i_mat_place *p, const nax_index *dim,
           int apply, int32_t at, const double *times, const char *from)
{
  static const char *const others[] = {"neuron", "trial", "condition", "animal",
                                       "axis5",  "axis6", "axis7",     "axis8"};
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  const char *name[NAX_MAX_NDIM], *defaults[NAX_MAX_NDIM];
  char text[256];
  for (int32_t k = 0, used = 0; k < p->ndim; k++) {
    defaults[k] = k == at ? "time" : others[used++];
  }
  NAX_TRY(nax_i_plan_axes(ctx, w->s, apply, p->ndim, defaults, text, name, p->order));
  for (int32_t k = 0; k < p->ndim; k++) {
    int32_t from_axis = p->order[k];
    const char *axis = name[from_axis];
    if (strcmp(axis, "time") != 0) {
      NAX_TRY(nax_axis_create_index(ctx, axis, dim[from_axis], &v->axis[k]));
    } else if (from_axis == at) {
      NAX_TRY(nax_i_var_timestamps(ctx, w->s, v, k, dim[from_axis], times));
      nax_i_warn(ctx, NAX_INFO, "io.mat-times",
                 "%s: times are those of `%s`, read as seconds", v->name, from);
    } else {
      NAX_TRY(nax_i_var_unrated_time(ctx, w->s, v, k, dim[from_axis]));
    }
  }
  v->info.ndim = p->ndim;
done:
  return status;
}

static nax_status
add_array(const visit *w, matvar_t *m, const char *path)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_source *s = w->s;
  nax_i_mat_state *st = s->state;
  double *times = NULL;
  const char *times_name = "";
  int32_t times_axis = -1, at = -1;
  int asked = asked_for(s, path);
  int alone = asked || (s->opts.var == NULL && strcmp(st->alone, path) == 0);
  int two_names = s->opts.axes != NULL && strchr(s->opts.axes, ',') != NULL && alone;
  nax_index dim[NAX_MAX_NDIM];
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, path);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  nax_i_mat_place *p;
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  v->priv = p;
  v->free_priv = nax_i_free;
  p->v = m;
  p->top = w->top;
  /* MATLAB has no vectors, only matrices of one row or column. */
  int squeeze = m->rank == 2 && (m->dims[0] == 1 || m->dims[1] == 1) && !two_names;
  for (int k = 0; k < m->rank; k++) {
    if (!squeeze || k == (m->dims[0] == 1 ? 1 : 0)) {
      p->file_axis[p->ndim] = k;
      dim[p->ndim++] = (nax_index)m->dims[k];
    }
  }
  v->info.dtype = nax_i_mat_dtype(m);
  char type[64];
  snprintf(type, sizeof type, "%s%s", class_name(m),
           m->class_type == MAT_C_SPARSE ? " double" : "");
  NAX_REQUIRE(
      nax_i_var_text(&v->path, path) && nax_i_var_text(&v->file_dtype, type) &&
          nax_i_var_text(&v->filters, m->compression == MAT_COMPRESSION_ZLIB ||
                                              (st->level == 5 && st->image.compressed)
                                          ? "deflate"
                                          : ""),
      NAX_ENOMEM, "out of memory");
  v->whole = m->class_type == MAT_C_SPARSE;
  NAX_TRY(find_times(w, m, &times_axis, &times, &times_name));
  for (int32_t k = 0; k < p->ndim; k++) {
    at = times != NULL && p->file_axis[k] == times_axis ? k : at;
  }
  const char *last = strrchr(path, '.');
  int is_times = is_time_vector(last != NULL ? last + 1 : path, m);
  if (at >= 0) {
    NAX_TRY(timed_axes(w, v, p, dim, alone, at, times, times_name));
  } else if (alone || (s->opts.axes != NULL && s->opts.var == NULL && p->ndim > 1) ||
             (p->ndim == 1 && !is_times)) {
    NAX_TRY(nax_i_var_plain_axes(ctx, s, v, alone, p->ndim, dim, p->order));
  } else {
    /* Nothing is known and nobody asked: no name that would mean something. */
    for (int32_t k = 0; k < p->ndim; k++) {
      char axis[32];
      snprintf(axis, sizeof axis, p->ndim == 1 ? "sample" : "dim%d", (int)k + 1);
      NAX_TRY(nax_axis_create_index(ctx, axis, dim[k], &v->axis[k]));
      p->order[k] = k;
    }
    v->info.ndim = p->ndim;
  }
done:
  nax_i_free(times);
  return status;
}

/* Names of units: the numbers of UID or cluID beside the cell array, else from 1 on, as
 * MATLAB counts. */
static nax_status
unit_axis(const visit *w, const matvar_t *cell, nax_axis **out)
{
  static const char *const names[] = {"UID", "cluID"};
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  int64_t n = nax_i_mat_length(cell);
  double *id = NULL;
  char **label = NULL;
  NAX_TRY_ALLOC(id, n, sizeof *id);
  NAX_TRY_ALLOC(label, n, sizeof *label);
  for (int64_t i = 0; i < n; i++) {
    id[i] = (double)(i + 1);
  }
  for (int k = 0; w->parent != NULL && k < 2; k++) {
    matvar_t *m = nax_i_mat_field(w->parent, w->element, names[k]);
    if (nax_i_mat_is_vector(m) && nax_i_mat_length(m) == n) {
      NAX_TRY(nax_i_mat_read_all(ctx, w->s, m, w->top, names[k], id));
      break;
    }
  }
  for (int64_t i = 0; i < n; i++) {
    label[i] = nax_i_calloc(32, 1);
    NAX_REQUIRE(label[i] != NULL, NAX_ENOMEM, "out of memory");
    nax_i_format_double(label[i], id[i]);
  }
  NAX_TRY(nax_axis_create_labels(ctx, "neuron", n, (const char *const *)label, out));
done:
  nax_i_free(id);
  nax_i_free_strings(label, n);
  return status;
}

static nax_status
add_spikes(const visit *w, matvar_t *cell, const char *path)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_i_var *v = nax_i_source_add(w->s, NAX_VAR_SPIKES, path);
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->path, path) &&
                  nax_i_var_text(&v->unit, "s"),
              NAX_ENOMEM, "out of memory");
  nax_i_mat_place *p;
  NAX_TRY_ALLOC(p, 1, sizeof *p);
  v->priv = p;
  v->free_priv = nax_i_free;
  p->v = cell;
  p->top = w->top;
  NAX_TRY(unit_axis(w, cell, &v->axis[0]));
  v->info.ndim = 1;
  v->info.dim[0] = nax_i_mat_length(cell);
  for (int64_t i = 0; i < v->info.dim[0]; i++) {
    const matvar_t *c = nax_i_mat_children(cell)[i];
    if (nax_i_mat_is_dense(c)) {
      v->info.n_values += nax_i_mat_length(c);
      v->info.dtype = nax_i_mat_dtype(c);
      NAX_REQUIRE(nax_i_var_text(&v->file_dtype, class_name(c)), NAX_ENOMEM,
                  "out of memory");
    }
  }
done:
  return status;
}

static nax_status
add_attribute(const visit *w, matvar_t *m, const char *path)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_i_mat_state *st = w->s->state;
  char *text = NULL;
  if (st->n_attrs >= MAX_ATTRS) {
    return NAX_OK;
  }
  if (m->class_type == MAT_C_CHAR) {
    text = nax_i_mat_read_text(ctx, w->s, m, w->top);
    if (text != NULL && text[0] != '\0') {
      NAX_TRY(nax_i_source_attr(ctx, w->s, path, text, 0.0));
      st->n_attrs++;
    }
  } else {
    double x;
    NAX_TRY(nax_i_mat_read_all(ctx, w->s, m, w->top, path, &x));
    NAX_TRY(nax_i_source_attr(ctx, w->s, path, NULL, x));
    st->n_attrs++;
  }
done:
  nax_i_free(text);
  return status;
}

static nax_status look_at(const visit *w, matvar_t *m, const char *path, int depth);

static nax_status
look_into_struct(const visit *w, matvar_t *m, const char *path, int depth)
{
  nax_status status = NAX_OK;
  char inner[NAX_I_MAT_PATH];
  char *const *names = Mat_VarGetStructFieldnames(m);
  unsigned n_fields = Mat_VarGetNumberOfFields(m);
  int64_t n = nax_i_mat_length(m);
  for (int64_t i = 0; names != NULL && m->data != NULL && i < n; i++) {
    for (unsigned k = 0; k < n_fields; k++) {
      visit inside = *w;
      inside.parent = m;
      inside.element = i;
      int length =
          n == 1 ? snprintf(inner, sizeof inner, "%s.%s", path, names[k] ? names[k] : "")
                 : snprintf(inner, sizeof inner, "%s(%lld).%s", path, (long long)i + 1,
                            names[k] ? names[k] : "");
      if (length > 0 && length < (int)sizeof inner) {
        NAX_TRY(
            look_at(&inside, nax_i_mat_children(m)[i * n_fields + k], inner, depth + 1));
      }
    }
  }
done:
  return status;
}

static nax_status
look_into_cell(const visit *w, matvar_t *m, const char *path, int depth)
{
  nax_status status = NAX_OK;
  char inner[NAX_I_MAT_PATH];
  nax_i_mat_state *st = w->s->state;
  int64_t n = nax_i_mat_length(m);
  int vectors = nax_i_mat_is_cell_of_vectors(m), asked = asked_for(w->s, path);
  /* CellExplorer's layout: a struct with `times` beside the facts on its units. */
  const char *last = strrchr(path, '.');
  int known = vectors && w->parent != NULL && last != NULL &&
              strcmp(last + 1, "times") == 0 &&
              (nax_i_mat_field(w->parent, w->element, "UID") != NULL ||
               nax_i_mat_field(w->parent, w->element, "cluID") != NULL ||
               nax_i_mat_field(w->parent, w->element, "sr") != NULL);
  if (asked && !vectors) {
    return nax_i_fail_file(w->ctx, NAX_ETYPE, w->s->path,
                           "`%s` is a cell array of other things than vectors (expected "
                           "one vector of times per neuron, or an element such as "
                           "`%s{1}`)",
                           path, path);
  }
  if ((known || asked) && !w->counting) {
    NAX_TRY(add_spikes(w, m, path));
  }
  for (int64_t i = 0; m->data != NULL && i < n; i++) {
    visit inside = *w;
    inside.parent = NULL;
    inside.element = 0;
    inside.in_vectors = vectors;
    int length = snprintf(inner, sizeof inner, "%s{%lld}", path, (long long)i + 1);
    size_t used = (size_t)length;
    int wanted = w->s->opts.var != NULL && length > 0 && used < sizeof inner &&
                 strncmp(w->s->opts.var, inner, used) == 0;
    if (length <= 0 || used >= sizeof inner) {
      continue;
    }
    if ((n > MAX_CELLS || known) && vectors && !wanted) {
      st->hidden += !w->counting && !known && !asked;
      continue;
    }
    /* A vector in a cell has no neighbours, so no time vector of its own. */
    NAX_TRY(look_at(&inside, nax_i_mat_children(m)[i], inner, depth + 1));
  }
done:
  return status;
}

/* One array of the file: list it, look into it, or leave it out. */
static nax_status
look_at(const visit *w, matvar_t *m, const char *path, int depth)
{
  nax_ctx *ctx = w->ctx;
  nax_source *s = w->s;
  nax_i_mat_state *st = s->state;
  int asked = asked_for(s, path);
  if (m == NULL || depth > MAX_DEPTH) {
    return NAX_OK;
  }
  int64_t n = nax_i_mat_length(m);
  if (m->class_type == MAT_C_STRUCT) {
    if (asked) {
      char *const *names = Mat_VarGetStructFieldnames(m);
      return nax_i_fail_file(ctx, NAX_ETYPE, s->path,
                             "`%s` is a struct (expected an array; name a field such as "
                             "`%s%s.%s`)",
                             path, path, n > 1 ? "(1)" : "",
                             names != NULL && names[0] != NULL ? names[0] : "x");
    }
    return look_into_struct(w, m, path, depth);
  }
  if (m->class_type == MAT_C_CELL) {
    return look_into_cell(w, m, path, depth);
  }
  if (m->class_type == MAT_C_CHAR) {
    if (asked) {
      return nax_i_fail_file(ctx, NAX_ETYPE, s->path, "`%s` is text (expected numbers)",
                             path);
    }
    return w->counting ? NAX_OK : add_attribute(w, m, path);
  }
  int sparse = m->class_type == MAT_C_SPARSE && m->rank == 2 && st->level != 4;
  if (!nax_i_mat_is_dense(m) && !(sparse && n >= 0)) {
    if (asked) {
      return nax_i_fail_file(ctx, NAX_ETYPE, s->path,
                             "`%s` is of class %s with %d dimensions, which cannot be "
                             "read (expected at most %d dimensions of numbers)",
                             path, class_name(m), m->rank, NAX_MAX_NDIM);
    }
    return NAX_OK;
  }
  if (m->isComplex) {
    if (asked) {
      return nax_i_fail_file(ctx, NAX_ETYPE, s->path,
                             "`%s` is complex (expected real numbers)", path);
    }
    st->n_complex += !w->counting;
    return NAX_OK;
  }
  if (n == 0) {
    return asked ? nax_i_fail_file(ctx, NAX_EDATA, s->path,
                                   "`%s` is empty (expected at least one value)", path)
                 : NAX_OK;
  }
  if (n == 1 && !asked) {
    return w->counting || sparse ? NAX_OK : add_attribute(w, m, path);
  }
  if (w->counting) {
    const char *last = strrchr(path, '.');
    if (!is_time_vector(last != NULL ? last + 1 : path, m)) {
      /* One of many cells is never the recording, even where the others are empty. */
      st->candidates += 1 + w->in_vectors;
      snprintf(st->alone, sizeof st->alone, "%s", st->candidates == 1 ? path : "");
    }
    return NAX_OK;
  }
  if (s->n_vars >= MAX_LISTED && !asked) {
    st->hidden++;
    return NAX_OK;
  }
  return add_array(w, m, path);
}

/* ------------------------------------------------------------------------- opening */

static int
mat_probe(const nax_i_probe *p)
{
  if (p->is_dir) {
    return 0;
  }
  if (p->has_hdf5_signature) {
    return p->hdf5 == NAX_I_HDF5_MAT ? 100 : 0;
  }
  int text = p->n_head >= 128 && memcmp(p->head, "MATLAB ", 7) == 0;
  if (p->n_head >= 128 && (memcmp(p->head + 124, "\0\1IM", 4) == 0 ||
                           memcmp(p->head + 124, "\1\0MI", 4) == 0)) {
    return 100;
  }
  if (text) {
    return 90; /* damaged, or level 7.3 without its HDF5 part: open says so */
  }
  /* Level 4 has no mark: the first header has to make sense and to fit the file. */
  if (p->n_head >= 21) {
    int32_t h[5];
    memcpy(h, p->head, sizeof h);
    if (h[0] < 0 || h[0] > 4052) {
      nax_i_swap_bytes(h, 5, 4);
    }
    int sane = h[0] >= 0 && h[0] <= 1052 && h[0] / 100 % 10 == 0 && h[0] / 10 % 10 <= 5 &&
               h[0] % 10 <= 2 && h[1] >= 0 && h[2] >= 0 && (h[3] == 0 || h[3] == 1) &&
               h[4] >= 2 && h[4] <= 64 && 20 + (size_t)h[4] <= p->n_head;
    for (int32_t k = 0; sane && k < h[4]; k++) {
      unsigned char c = p->head[20 + k];
      int word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                 (c >= '0' && c <= '9' && k > 0);
      sane = k == h[4] - 1 ? c == 0 : word;
    }
    if (sane) {
      return 60;
    }
  }
  return nax_i_has_ext(p->path, "mat") ? 2 : 0;
}

/* MATLAB puts a user block of 512 bytes before the HDF5 part; HDF5 allows longer ones. */
static int
has_hdf5(FILE *f)
{
  unsigned char b[8];
  for (long at = 512; at <= 1 << 20; at *= 2) {
    if (fseek(f, at, SEEK_SET) != 0 || fread(b, 1, 8, f) != 8) {
      return 0;
    }
    if (memcmp(b, "\x89HDF\r\n\x1a\n", 8) == 0) {
      return 1;
    }
  }
  return 0;
}

/* Level by the header: 5, NAX_I_MAT_73, or 4 when there is no header of the later ones. A
 * header that contradicts itself is refused here. */
static nax_status
read_level(nax_ctx *ctx, nax_source *s, int *level)
{
  nax_status status = NAX_OK;
  unsigned char head[128] = {0};
  FILE *f = fopen(s->path, "rbe");
  NAX_REQUIRE_FILE(f != NULL, NAX_EIO, s->path, "cannot open: %s", strerror(errno));
  size_t n = fread(head, 1, sizeof head, f);
  int hdf5 = has_hdf5(f);
  fclose(f);
  *level = 4;
  int little = memcmp(head + 126, "IM", 2) == 0, big = memcmp(head + 126, "MI", 2) == 0;
  int version = little ? head[124] | head[125] << 8 : head[125] | head[124] << 8;
  if (n == 128 && (little || big) && version == 0x0100) {
    *level = 5;
  } else if (n == 128 && (little || big) && version == 0x0200 && hdf5) {
    *level = NAX_I_MAT_73;
  } else if (n == 128 && memcmp(head, "MATLAB ", 7) == 0) {
    NAX_REQUIRE_FILE(little || big, NAX_EFORMAT, s->path,
                     "the byte order mark of the MATLAB header is 0x%02x%02x (expected "
                     "IM or MI)",
                     head[126], head[127]);
    NAX_REQUIRE_FILE(version != 0x0200, NAX_EFORMAT, s->path,
                     "has a MATLAB 7.3 header but no HDF5 content (truncated?)");
    NAX_REQUIRE_FILE(0, NAX_EFORMAT, s->path,
                     "the version in the MATLAB header is 0x%04x (expected 0x0100 or "
                     "0x0200)",
                     (unsigned)version);
  }
done:
  return status;
}

/* The variables of the file, as many as the walk before has seen. */
static nax_status
read_tree(nax_ctx *ctx, nax_source *s, int32_t expected)
{
  nax_status status = NAX_OK;
  nax_i_mat_state *st = s->state;
  int32_t cap = 0;
  for (matvar_t *v = Mat_VarReadNextInfo(st->mat); v != NULL;
       v = Mat_VarReadNextInfo(st->mat)) {
    if (st->n_top == cap) {
      cap = cap ? 2 * cap : 16;
      matvar_t **p = nax_i_realloc(st->top, (size_t)cap, sizeof(matvar_t *));
      if (p == NULL) {
        Mat_VarFree(v);
        NAX_REQUIRE(0, NAX_ENOMEM, "out of memory");
      }
      st->top = p;
    }
    st->top[st->n_top++] = v;
  }
  NAX_REQUIRE_FILE(expected < 0 || st->n_top == expected, NAX_EFORMAT, s->path,
                   "variable %d cannot be read (found %d of %d variables)",
                   (int)st->n_top + 1, (int)st->n_top, (int)expected);
done:
  return status;
}

static nax_status
mat_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  nax_i_mat_state *st = NULL;
  int32_t expected = -1;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  st->image.source = st->image.image = -1;
  NAX_TRY(read_level(ctx, s, &st->level));
  if (st->level == NAX_I_MAT_73) {
    NAX_TRY(nax_i_hdf5_mat_check(ctx, s->path, &expected));
    nax_i_mat_enter(st);
    st->mat = Mat_Open(s->path, MAT_ACC_RDONLY);
  } else {
    NAX_TRY(nax_i_mat_image_open(ctx, s->path, &st->image));
    st->level = st->image.level;
    expected = st->level == 5 ? st->image.n_parts : -1;
    st->mat = Mat_Open(nax_i_mat_image_path(&st->image, s->path), MAT_ACC_RDONLY);
    nax_i_mat_image_hide(&st->image);
  }
  NAX_REQUIRE_FILE(st->mat != NULL, NAX_EFORMAT, s->path, "matio cannot open it");
  nax_i_free(s->version);
  s->version = nax_i_strdup(st->level == NAX_I_MAT_73 ? "7.3"
                            : st->level == 4          ? "4"
                            : st->image.compressed    ? "7"
                                                      : "5");
  NAX_REQUIRE(s->version != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(read_tree(ctx, s, expected));
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t i = 0; i < st->n_top; i++) {
      visit w = {ctx, s, pass == 0, i, NULL, 0, 0};
      matvar_t *v = st->top[i];
      /* Without a name: what MATLAB keeps there for its own objects. */
      if (v->name != NULL && v->name[0] != '\0' && strlen(v->name) < 256) {
        NAX_TRY(look_at(&w, v, v->name, 0));
      }
    }
  }
  /* One vector out of a cell array is not the recording because the others are empty. */
  int any_spikes = 0;
  for (int32_t i = 0; i < s->n_vars; i++) {
    any_spikes = any_spikes || s->vars[i].info.kind == NAX_VAR_SPIKES;
  }
  if (st->candidates > 1 && !any_spikes && s->n_vars == 1) {
    s->main = NAX_I_NO_MAIN;
  }
  if (st->n_complex > 0) {
    nax_i_warn(ctx, NAX_INFO, "io.mat-complex",
               "%d complex arrays are left out (only real numbers are read)",
               (int)st->n_complex);
  }
  if (st->image.n_skipped > 0) {
    nax_i_warn(ctx, NAX_INFO, "io.mat-objects",
               "%d objects or function handles are left out", (int)st->image.n_skipped);
  }
  if (st->hidden > 0) {
    nax_i_warn(
        ctx, NAX_INFO, "io.mat-many",
        "%d more arrays inside structs and cells are not listed; option `var` finds "
        "them by their path, and reads a cell array of vectors as spike times",
        (int)st->hidden);
  }
  NAX_REQUIRE_FILE(s->n_vars > 0 || st->n_attrs > 0, NAX_EFORMAT, s->path,
                   "holds no real numbers (found %d variables, %d complex arrays)",
                   (int)st->n_top, (int)st->n_complex);
done:
  if (st != NULL) {
    nax_i_mat_leave(st);
  }
  return status;
}

static void
mat_close(nax_source *s)
{
  nax_i_mat_state *st = s->state;
  if (st == NULL) {
    return;
  }
  nax_i_mat_enter(st);
  for (int32_t i = 0; i < st->n_top; i++) {
    Mat_VarFree(st->top[i]);
  }
  if (st->mat != NULL) {
    Mat_Close(st->mat);
  }
  nax_i_mat_leave(st);
  nax_i_free(st->top);
  nax_i_mat_image_close(&st->image);
  nax_i_free(st);
}

const nax_i_format nax_i_format_mat = {"mat",
                                       "MATLAB file of level 4, 5 (v6, v7) or 7.3 (.mat)",
                                       mat_probe,
                                       mat_open,
                                       mat_close,
                                       nax_i_mat_read,
                                       nax_i_mat_spikes,
                                       NULL};

const char *
nax_i_version_matio(void)
{
  static _Thread_local char text[32];
  int major = 0, minor = 0, release = 0;
  Mat_GetLibraryVersion(&major, &minor, &release);
  snprintf(text, sizeof text, "%d.%d.%d", major, minor, release);
  return text;
}
