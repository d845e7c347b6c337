/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, asking and reading, the same for every format. */
#define _POSIX_C_SOURCE 200809L
#include "io_i.h"
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <sys/stat.h>

/* ---------------------------------------------------------------- detection */

/* HDF5 lets a file begin with a user block of 512, 1024, 2048 ... bytes. */
static int
find_hdf5_signature(FILE *f, uint64_t size)
{
  static const unsigned char want[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  for (uint64_t at = 0; at + 8 <= size && at <= (1u << 20); at = at ? 2 * at : 512) {
    unsigned char got[8];
    if (fseeko(f, (off_t)at, SEEK_SET) != 0 || fread(got, 1, 8, f) != 8) {
      return 0;
    }
    if (memcmp(got, want, 8) == 0) {
      return 1;
    }
  }
  return 0;
}

static nax_status
look_at(nax_ctx *ctx, const char *path, nax_i_probe *p)
{
  nax_status status = NAX_OK;
  FILE *f = NULL;
  struct stat st;
  memset(p, 0, sizeof *p);
  p->path = path;
  p->hdf5 = NAX_I_HDF5_NO;
  NAX_REQUIRE_FILE(stat(path, &st) == 0, NAX_EIO, path, "cannot open: %s",
                   strerror(errno));
  p->is_dir = S_ISDIR(st.st_mode);
  if (p->is_dir) {
    goto done;
  }
  NAX_REQUIRE_FILE(S_ISREG(st.st_mode), NAX_EIO, path,
                   "is neither a regular file nor a folder");
  f = fopen(path, "rbe");
  NAX_REQUIRE_FILE(f != NULL, NAX_EIO, path, "cannot open: %s", strerror(errno));
  p->size = (uint64_t)st.st_size;
  p->n_head = fread(p->head, 1, sizeof p->head, f);
  NAX_REQUIRE_FILE(!ferror(f), NAX_EIO, path, "cannot read: %s", strerror(errno));
  p->has_hdf5_signature = find_hdf5_signature(f, p->size);
  if (p->has_hdf5_signature) {
    p->hdf5 = nax_i_hdf5_sniff(path);
  }
done:
  if (f != NULL) {
    fclose(f);
  }
  return status;
}

static int
starts(const nax_i_probe *p, const char *text)
{
  size_t n = strlen(text);
  return p->n_head >= n && memcmp(p->head, text, n) == 0;
}

/* What is certainly no recording, whatever a reader may think of its text: said in the
 * words of its owner. NULL when the readers should have a look. */
static const char *
explain_foreign(const nax_i_probe *p)
{
  if (p->is_dir) {
    int zarr = nax_i_dir_has(p->path, ".zgroup") || nax_i_dir_has(p->path, "zarr.json") ||
               nax_i_dir_has(p->path, ".zarray");
    return zarr ? "is a Zarr store, which cannot be read" : NULL;
  }
  if (starts(p, "version https://git-lfs")) {
    return "is a git-lfs pointer, not the recording (fetch the content with git lfs "
           "pull)";
  }
  if (starts(p, "<!DOCTYPE") || starts(p, "<!doctype") || starts(p, "<html") ||
      starts(p, "<HTML")) {
    return "is an HTML page, probably a failed download";
  }
  if (starts(p, "\xff\xfe") || starts(p, "\xfe\xff")) {
    return "is UTF-16 text (expected UTF-8)";
  }
  if (starts(p, "\x1f\x8b")) {
    return "is gzip-compressed, unpack it first";
  }
  return NULL;
}

/* What a file is that no reader knows: formats that labs have and that are not read are
 * called by their name. */
static const char *
explain_unknown(const nax_i_probe *p)
{
  static const struct {
    const char *magic;
    size_t n;
    const char *text;
  } known[] = {
      {"GDF ", 4, "is a GDF recording, which cannot be read (export it as EDF or CSV)"},
      {"\0\0\0\x64\0\0\0", 7,
       "is a FIF recording, which cannot be read (export it as EDF or BrainVision)"},
      {"######## Neuralynx", 18, "is a Neuralynx file, which cannot be read"},
      {"\x02\x27\x91\xc6", 4, "is an Intan recording, which cannot be read"},
      {"II*\0", 4, "is a TIFF movie, not traces (extract the neurons first)"},
      {"MM\0*", 4, "is a TIFF movie, not traces (extract the neurons first)"},
      {"\x80\x02", 2, "is a Python pickle, which is never executed"},
      {"\x80\x03", 2, "is a Python pickle, which is never executed"},
      {"\x80\x04", 2, "is a Python pickle, which is never executed"},
      {"\x80\x05", 2, "is a Python pickle, which is never executed"},
      {"PK\x03\x04", 4, "is a zip archive without .npy members, unpack it first"},
      {"\x89PNG", 4, "is a picture"},
      {"%PDF", 4, "is a PDF document"},
  };
  if (p->is_dir) {
    return "is a folder without the files of Suite2p, Phy, ALF, MClust or Neurosuite";
  }
  if (p->size == 0) {
    return "is empty (0 bytes)";
  }
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (p->n_head >= known[i].n && memcmp(p->head, known[i].magic, known[i].n) == 0) {
      return known[i].text;
    }
  }
  return "is not in a format that can be read";
}

static const nax_i_format *
format_by_name(const char *name)
{
  for (int32_t i = 0; i < nax_i_n_formats; i++) {
    if (strcmp(nax_i_formats[i]->name, name) == 0) {
      return nax_i_formats[i];
    }
  }
  return NULL;
}

static const nax_i_format *
recognise(const nax_i_probe *p)
{
  const nax_i_format *best = NULL;
  int most = 0;
  for (int32_t i = 0; i < nax_i_n_formats; i++) {
    int score = nax_i_formats[i]->probe(p);
    if (score > most) {
      most = score;
      best = nax_i_formats[i];
    }
  }
  return best;
}

/* ------------------------------------------------------- building a source */

nax_i_var *
nax_i_source_add(nax_source *s, nax_var_kind kind, const char *name)
{
  if (s->n_vars == s->cap_vars) {
    int32_t cap = s->cap_vars ? 2 * s->cap_vars : 16;
    nax_i_var *p = nax_i_realloc(s->vars, (size_t)cap, sizeof *p);
    if (p == NULL) {
      return NULL;
    }
    s->vars = p;
    s->cap_vars = cap;
  }
  nax_i_var *v = &s->vars[s->n_vars];
  memset(v, 0, sizeof *v);
  v->name = nax_i_strdup(name);
  if (v->name == NULL) {
    return NULL;
  }
  nax_i_clean_utf8(v->name);
  v->info.kind = kind;
  v->info.rate = v->info.t_start = v->info.t_stop = NAN;
  v->info.median_step = v->info.max_gap = NAN;
  v->info.max_gap_at = -1;
  v->info.dtype = NAX_F64;
  s->n_vars++;
  return v;
}

int
nax_i_var_text(char **slot, const char *text)
{
  char *copy = nax_i_strdup(text);
  if (copy == NULL) {
    return 0;
  }
  nax_i_clean_utf8(copy);
  nax_i_free(*slot);
  *slot = copy;
  return 1;
}

static void
free_var(nax_i_var *v)
{
  if (v->free_priv != NULL) {
    v->free_priv(v->priv);
  }
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(v->axis[k]);
  }
  nax_i_free(v->name);
  nax_i_free(v->path);
  nax_i_free(v->unit);
  nax_i_free(v->description);
  nax_i_free(v->file_dtype);
  nax_i_free(v->filters);
}

void
nax_i_source_drop_last(nax_source *s)
{
  free_var(&s->vars[--s->n_vars]);
}

/* Point the public facts at what the variable owns, once nothing moves any more. */
static void
publish(nax_i_var *v)
{
  v->info.name = v->name;
  v->info.path = v->path ? v->path : "";
  v->info.unit = v->unit ? v->unit : "";
  v->info.description = v->description ? v->description : "";
  v->info.file_dtype = v->file_dtype ? v->file_dtype : nax_dtype_name(v->info.dtype);
  v->info.filters = v->filters ? v->filters : "";
  for (int32_t k = 0; k < NAX_MAX_NDIM; k++) {
    v->info.axis[k] = v->axis[k];
    if (v->axis[k] != NULL && v->info.kind == NAX_VAR_ARRAY) {
      v->info.dim[k] = nax_axis_length(v->axis[k]);
    }
  }
  if (v->info.kind == NAX_VAR_ARRAY) {
    nax_index n = 1;
    for (int32_t k = 0; k < v->info.ndim; k++) {
      n *= v->info.dim[k];
    }
    v->info.n_values = n;
  }
}

nax_status
nax_i_source_attr(nax_ctx *ctx, nax_source *s, const char *key, const char *text,
                  double number)
{
  nax_status status = NAX_OK;
  char *clean = NULL;
  if (text != NULL) {
    NAX_TRY_DUP(clean, text);
    nax_i_clean_utf8(clean);
  }
  NAX_TRY(nax_i_attrs_set(ctx, __func__, &s->attrs, key, clean, number));
done:
  nax_i_free(clean);
  return status;
}

void
nax_i_source_drop(nax_source *s)
{
  if (s->n_vars > 0) {
    free_var(&s->vars[--s->n_vars]);
  }
}

nax_status
nax_i_source_violation(nax_ctx *ctx, nax_source *s, const char *id, const char *fmt, ...)
{
  char text[400];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (s->opts.strict) {
    return nax_i_fail_file(ctx, NAX_EDATA, s->path, "%s", text);
  }
  nax_i_warn(ctx, NAX_VIOLATION, id, "%s", text);
  return NAX_OK;
}

/* ------------------------------------------------------------------- opening */

static nax_status
copy_options(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  struct {
    const char **from;
    char **to;
  } strings[] = {{&s->opts.format, &s->opt_format},
                 {&s->opts.var, &s->opt_var},
                 {&s->opts.axes, &s->opt_axes},
                 {&s->opts.rows, &s->opt_rows}};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
    if (*strings[i].from != NULL) {
      NAX_TRY_DUP(*strings[i].to, *strings[i].from);
      *strings[i].from = *strings[i].to;
    }
  }
done:
  return status;
}

/* Names of the variables, for a text that asks the user to choose. */
static void
list_names(const nax_source *s, char *buf, size_t size)
{
  size_t used = 0;
  buf[0] = '\0';
  for (int32_t i = 0; i < s->n_vars; i++) {
    int n = snprintf(buf + used, size - used, "%s%s", i ? ", " : "", s->vars[i].name);
    if (n < 0 || (size_t)n >= size - used) {
      snprintf(buf + used, size - used, "%s", i ? " ..." : "");
      return;
    }
    used += (size_t)n;
  }
}

/* The only variable of its kind that can be meant, as nax_dataset_main decides. */
static int32_t
common_main(const nax_source *s)
{
  int32_t found[3] = {-1, -1, -1}; /* array with time, spikes, any array */
  int count[3] = {0, 0, 0};
  for (int32_t i = 0; i < s->n_vars; i++) {
    const nax_i_var *v = &s->vars[i];
    int is_array = v->info.kind == NAX_VAR_ARRAY, has_time = 0;
    for (int32_t k = 0; is_array && k < v->info.ndim; k++) {
      has_time = has_time || strcmp(nax_axis_name(v->axis[k]), "time") == 0;
    }
    int is[3] = {has_time, v->info.kind == NAX_VAR_SPIKES, is_array};
    for (int c = 0; c < 3; c++) {
      if (is[c]) {
        found[c] = i;
        count[c]++;
      }
    }
  }
  for (int c = 0; c < 3; c++) {
    if (count[c] > 0) {
      return count[c] == 1 ? found[c] : -1;
    }
  }
  return -1;
}

/* With `strict`, what was collected as a violation since `before` is the error. */
static nax_status
strict_check(nax_ctx *ctx, const nax_source *s, nax_index before)
{
  for (nax_index i = before; s->opts.strict && i < nax_ctx_n_warnings(ctx); i++) {
    nax_warning w = nax_ctx_warning(ctx, i);
    if (w.severity >= NAX_VIOLATION) {
      char text[400];
      snprintf(text, sizeof text, "%s", w.text);
      return nax_i_fail_file(ctx, NAX_EDATA, s->path, "%s", text);
    }
  }
  return NAX_OK;
}

nax_status
nax_source_open(nax_ctx *ctx, const char *path, const nax_source_opts *opts,
                nax_source **out)
{
  nax_status status = NAX_OK;
  nax_source *s = NULL;
  nax_i_probe *probe = NULL;
  char names[300];
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(path != NULL && path[0] != '\0', NAX_EINVAL, "`path` is empty");
  NAX_TRY_ALLOC(s, 1, sizeof *s);
  s->main = -1;
  s->stated_rate = (double)NAN;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_source_table, &s->opts, opts));
  NAX_TRY(copy_options(ctx, s));
  NAX_TRY_DUP(s->path, path);
  NAX_TRY_DUP(s->version, NULL);
  NAX_TRY_ALLOC(probe, 1, sizeof *probe);
  NAX_TRY(look_at(ctx, path, probe));
  if (s->opts.format != NULL) {
    s->format = format_by_name(s->opts.format);
    NAX_REQUIRE(s->format != NULL, NAX_EINVAL,
                "there is no format `%s`; `neuraxis help formats` lists them",
                s->opts.format);
  } else {
    const char *foreign = explain_foreign(probe);
    NAX_REQUIRE_FILE(foreign == NULL, NAX_EFORMAT, path, "%s", foreign);
    s->format = recognise(probe);
    NAX_REQUIRE_FILE(s->format != NULL, NAX_EFORMAT, path,
                     "%s (expected a recording; `neuraxis help formats` lists what can "
                     "be read)",
                     explain_unknown(probe));
  }
  nax_index before = nax_ctx_n_warnings(ctx);
  NAX_TRY(s->format->open(ctx, s));
  NAX_TRY(strict_check(ctx, s, before));
  for (int32_t i = 0; i < s->n_vars; i++) {
    publish(&s->vars[i]);
  }
  if (s->opts.var != NULL) {
    s->main = nax_source_find(s, s->opts.var);
    list_names(s, names, sizeof names);
    NAX_REQUIRE_FILE(s->main >= 0, NAX_EINVAL, path,
                     "there is no variable `%s` (found %s)", s->opts.var,
                     s->n_vars ? names : "none");
  } else if (s->main == NAX_I_NO_MAIN) {
    s->main = -1;
  } else if (s->main < 0) {
    s->main = common_main(s);
  }
  *out = s;
  s = NULL;
done:
  nax_i_free(probe);
  nax_source_close(s);
  return status;
}

void
nax_source_close(nax_source *s)
{
  if (s == NULL) {
    return;
  }
  if (s->format != NULL && s->format->close != NULL) {
    s->format->close(s);
  }
  for (int32_t i = 0; i < s->n_vars; i++) {
    free_var(&s->vars[i]);
  }
  nax_i_free(s->vars);
  nax_i_attrs_free(&s->attrs);
  nax_i_free(s->opt_format);
  nax_i_free(s->opt_var);
  nax_i_free(s->opt_axes);
  nax_i_free(s->opt_rows);
  nax_i_free(s->path);
  nax_i_free(s->version);
  nax_i_free(s);
}

/* -------------------------------------------------------------------- asking */

const char *
nax_source_format(const nax_source *s)
{
  return s->format->name;
}

const char *
nax_source_format_version(const nax_source *s)
{
  return s->version;
}

const char *
nax_source_path(const nax_source *s)
{
  return s->path;
}

int32_t
nax_source_n_vars(const nax_source *s)
{
  return s->n_vars;
}

const nax_var_info *
nax_source_var(const nax_source *s, int32_t i)
{
  return i >= 0 && i < s->n_vars ? &s->vars[i].info : NULL;
}

int32_t
nax_source_find(const nax_source *s, const char *name)
{
  for (int32_t i = 0; i < s->n_vars; i++) {
    if (strcmp(s->vars[i].name, name) == 0) {
      return i;
    }
  }
  for (int32_t i = 0; i < s->n_vars; i++) {
    if (s->vars[i].path != NULL && strcmp(s->vars[i].path, name) == 0) {
      return i;
    }
  }
  return -1;
}

int32_t
nax_source_main(const nax_source *s)
{
  return s->main;
}

int32_t
nax_source_n_attrs(const nax_source *s)
{
  return s->attrs.n;
}

void
nax_source_attr(const nax_source *s, int32_t i, const char **key, const char **text,
                double *number)
{
  int known = i >= 0 && i < s->attrs.n;
  *key = known ? s->attrs.item[i].key : NULL;
  *text = known ? s->attrs.item[i].text : NULL;
  *number = known ? s->attrs.item[i].number : (double)NAN;
}

/* ------------------------------------------------------------------- reading */

static nax_status
need_kind(nax_ctx *ctx, const char *fn, const nax_source *s, int32_t var,
          nax_var_kind kind)
{
  static const char *const text[] = {"", "an array", "spike trains", "a table"};
  if (var < 0 || var >= s->n_vars) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "variable %d does not exist, `%s` has %d",
                      (int)var, s->path, (int)s->n_vars);
  }
  if (s->vars[var].info.kind != kind) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "variable `%s` of `%s` is %s, expected %s",
                      s->vars[var].name, s->path, text[s->vars[var].info.kind],
                      text[kind]);
  }
  return NAX_OK;
}

static nax_status
check_inf(nax_ctx *ctx, const nax_source *s, const nax_i_var *v, const nax_index *start,
          const nax_index *count, nax_index n, nax_dtype dtype, const void *data)
{
  nax_index bad = -1;
  const double *d = data;
  const float *f = data;
  for (nax_index i = 0; i < n && bad < 0; i += 4096) {
    nax_index end = n - i < 4096 ? n : i + 4096;
    int any = 0; /* without a branch: this runs over everything that is read */
    if (dtype == NAX_F64) {
      for (nax_index j = i; j < end; j++) {
        any |= fabs(d[j]) > DBL_MAX;
      }
    } else {
      for (nax_index j = i; j < end; j++) {
        any |= fabsf(f[j]) > FLT_MAX;
      }
    }
    for (nax_index j = i; j < end && any && bad < 0; j++) {
      bad = (dtype == NAX_F64 ? isinf(d[j]) : isinf(f[j])) ? j : -1;
    }
  }
  if (bad < 0) {
    return NAX_OK;
  }
  char at[128] = "";
  size_t used = 0;
  nax_index rest = bad;
  for (int32_t k = 0; k < v->info.ndim && used < sizeof at; k++) {
    int w = snprintf(at + used, sizeof at - used, "%s%s %lld", k ? ", " : "",
                     nax_axis_name(v->axis[k]), (long long)(start[k] + rest % count[k]));
    used += w > 0 ? (size_t)w : 0;
    rest /= count[k];
  }
  return nax_i_fail_file(
      ctx, NAX_EDATA, s->path,
      "%s is infinite at %s (expected finite values; option `allow-inf` "
      "accepts them)",
      v->name, at);
}

nax_status
nax_source_read(nax_ctx *ctx, nax_source *s, int32_t var, const nax_index *start,
                const nax_index *count, nax_dtype dtype, void *dst, nax_index dst_size)
{
  nax_status status = NAX_OK;
  nax_index n = 0;
  nax_i_begin(ctx);
  NAX_TRY(need_kind(ctx, __func__, s, var, NAX_VAR_ARRAY));
  nax_i_var *v = &s->vars[var];
  NAX_REQUIRE(dtype == NAX_F64 || dtype == NAX_F32, NAX_ETYPE,
              "dtype must be float64 or float32, got %s", nax_dtype_name(dtype));
  for (int32_t k = 0; k < v->info.ndim; k++) {
    NAX_REQUIRE(start[k] >= 0 && count[k] >= 0 && count[k] <= v->info.dim[k] &&
                    start[k] <= v->info.dim[k] - count[k],
                NAX_EDIM,
                "block %lld+%lld does not fit axis `%s` of `%s`, which has %lld",
                (long long)start[k], (long long)count[k], nax_axis_name(v->axis[k]),
                v->name, (long long)v->info.dim[k]);
  }
  NAX_REQUIRE(nax_i_size_product(v->info.ndim, count, nax_dtype_size(dtype), &n),
              NAX_EOVERFLOW, "the block does not fit memory addresses");
  NAX_REQUIRE(n <= dst_size, NAX_EDIM, "`dst` holds %lld elements, the block has %lld",
              (long long)dst_size, (long long)n);
  if (n > 0) {
    NAX_TRY(s->format->read(ctx, s, v, start, count, dtype, dst));
    if (!s->opts.allow_inf) {
      NAX_TRY(check_inf(ctx, s, v, start, count, n, dtype, dst));
    }
  }
done:
  return status;
}

nax_index
nax_source_block(const nax_source *s, int32_t var, int32_t axis, size_t bytes)
{
  const nax_var_info *info = nax_source_var(s, var);
  if (info == NULL || axis < 0 || axis >= info->ndim || info->kind != NAX_VAR_ARRAY) {
    return 1;
  }
  double rest = 8.0;
  for (int32_t k = 0; k < info->ndim; k++) {
    rest *= k == axis ? 1.0 : (double)(info->dim[k] > 0 ? info->dim[k] : 1);
  }
  double fits = floor((double)bytes / rest);
  nax_index n = fits < 1.0 ? 1 : fits > 9e15 ? (nax_index)9e15 : (nax_index)fits;
  nax_index chunk = info->chunk[axis];
  if (chunk > 0 && n > chunk) {
    n -= n % chunk;
  }
  return n < info->dim[axis] || info->dim[axis] < 1 ? n : info->dim[axis];
}

nax_status
nax_source_load_array(nax_ctx *ctx, nax_source *s, int32_t var, nax_dtype dtype,
                      nax_array **out)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_i_stage stage;
  enum { BLOCK_BYTES = 64 << 20 };
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(need_kind(ctx, __func__, s, var, NAX_VAR_ARRAY));
  const nax_i_var *v = &s->vars[var];
  int32_t last = v->info.ndim - 1;
  NAX_TRY(nax_array_create(ctx, dtype, v->info.ndim, v->info.axis, v->info.unit, &a));
  NAX_TRY(nax_array_set_description(ctx, a, v->info.description));
  nax_index length = v->info.dim[last],
            step = v->whole ? length : nax_source_block(s, var, last, BLOCK_BYTES);
  nax_index start[NAX_MAX_NDIM] = {0}, count[NAX_MAX_NDIM], slab = 1;
  for (int32_t k = 0; k < v->info.ndim; k++) {
    count[k] = v->info.dim[k];
    slab *= k == last ? 1 : count[k];
  }
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "io/read", length));
  for (nax_index i = 0; i < length && slab > 0 && step > 0; i += step) {
    start[last] = i;
    count[last] = length - i < step ? length - i : step;
    char *to = (char *)nax_array_data_mut(a) + (size_t)(i * slab) * nax_dtype_size(dtype);
    NAX_TRY(nax_source_read(ctx, s, var, start, count, dtype, to, count[last] * slab));
    NAX_TRY(nax_i_stage_poll(&stage, i + count[last], NAN));
  }
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

nax_status
nax_source_load_spikes(nax_ctx *ctx, nax_source *s, int32_t var, nax_spikes **out)
{
  nax_status status = NAX_OK;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(need_kind(ctx, __func__, s, var, NAX_VAR_SPIKES));
  nax_index before = nax_ctx_n_warnings(ctx);
  NAX_TRY(s->format->spikes(ctx, s, &s->vars[var], out));
  status = strict_check(ctx, s, before);
  if (status != NAX_OK) {
    nax_spikes_free(*out);
    *out = NULL;
  }
done:
  return status;
}

nax_status
nax_source_load_table(nax_ctx *ctx, nax_source *s, int32_t var, nax_table **out)
{
  nax_status status = NAX_OK;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(need_kind(ctx, __func__, s, var, NAX_VAR_TABLE));
  NAX_TRY(s->format->table(ctx, s, &s->vars[var], out));
done:
  return status;
}

static nax_status
load_into(nax_ctx *ctx, nax_source *s, int32_t i, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_spikes *sp = NULL;
  nax_table *t = NULL;
  const char *name = s->vars[i].name;
  switch (s->vars[i].info.kind) {
  case NAX_VAR_ARRAY:
    NAX_TRY(nax_source_load_array(ctx, s, i, NAX_F64, &a));
    NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
    a = NULL;
    break;
  case NAX_VAR_SPIKES:
    NAX_TRY(nax_source_load_spikes(ctx, s, i, &sp));
    NAX_TRY(nax_dataset_add_spikes(ctx, d, name, sp));
    sp = NULL;
    break;
  case NAX_VAR_TABLE:
    NAX_TRY(nax_source_load_table(ctx, s, i, &t));
    NAX_TRY(nax_dataset_add_table(ctx, d, name, t));
    t = NULL;
    break;
  case NAX_VAR_FORCE_INT:
    break;
  }
done:
  nax_array_free(a);
  nax_spikes_free(sp);
  nax_table_free(t);
  return status;
}

nax_status
nax_source_load(nax_ctx *ctx, nax_source *s, nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_dataset_create(ctx, &d));
  for (int32_t i = 0; i < s->attrs.n; i++) {
    const nax_i_attr *a = &s->attrs.item[i];
    NAX_TRY(a->text ? nax_dataset_set_text(ctx, d, a->key, a->text)
                    : nax_dataset_set_number(ctx, d, a->key, a->number));
  }
  for (int32_t i = 0; i < s->n_vars; i++) {
    NAX_TRY(load_into(ctx, s, i, d));
  }
  if (s->main >= 0) {
    NAX_TRY(nax_dataset_set_main(ctx, d, s->vars[s->main].name));
  }
  *out = d;
  d = NULL;
done:
  nax_dataset_free(d);
  return status;
}

nax_status
nax_dataset_load(nax_ctx *ctx, const char *path, const nax_source_opts *opts,
                 nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_source *s = NULL;
  *out = NULL;
  NAX_TRY(nax_source_open(ctx, path, opts, &s));
  NAX_TRY(nax_source_load(ctx, s, out));
done:
  nax_source_close(s);
  return status;
}
