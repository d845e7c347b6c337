/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BrainVision recordings: a text header (.vhdr), raw samples (.eeg), text markers
 * (.vmrk).
 */
#include "npy_i.h"
#include <ctype.h>
#include <math.h>

typedef struct channel {
  char *name, *reference, *unit;
  double resolution, scale; /* stored number to the unit of the array */
} channel;

typedef struct marker {
  char *type, *description;
  double position, size, channel;
} marker;

typedef struct state {
  char *header_path, *data_path, *marker_path;
  nax_i_bytes bytes;
  nax_i_npy layout; /* the samples, seen as an array without header */
  int32_t order[2];
  channel *channels;
  nax_index n_channels;
  marker *markers;
  nax_index n_markers;
  double rate;
} state;

static int
contains(const nax_i_probe *p, const char *text)
{
  char head[128];
  size_t n = p->n_head < sizeof head - 1 ? p->n_head : sizeof head - 1;
  memcpy(head, p->head, n);
  head[n] = '\0';
  return strstr(head, text) != NULL;
}

/* path with its extension (three or four letters) replaced by "vhdr". */
static char *
beside(const char *path)
{
  const char *dot = strrchr(path, '.');
  return nax_i_asprintf("%.*svhdr", (int)(dot + 1 - path), path);
}

static int
brainvision_probe(const nax_i_probe *p)
{
  if (p->is_dir) {
    return 0;
  }
  int brand = contains(p, "Brain Vision") || contains(p, "BrainVision") ||
              contains(p, "Brainvision");
  if (brand && (contains(p, "Header File") || contains(p, "Marker File"))) {
    return 100;
  }
  if (nax_i_has_ext(p->path, "eeg")) { /* raw samples: nothing in them to recognise */
    char path[4200];
    size_t n = strlen(p->path);
    if (n + 2 < sizeof path) {
      memcpy(path, p->path, n - 3);
      memcpy(path + n - 3, "vhdr", 5);
      return nax_i_exists(path) ? 30 : 0;
    }
  }
  return 0;
}

/* --- the text files ---------------------------------------------------------------- */

/* Text that is not UTF-8 is Latin-1: that is what the older recorders write. */
static char *
as_utf8(char *text, size_t n)
{
  char *copy = nax_i_strndup(text, n), *out = NULL;
  int latin = 0;
  if (copy == NULL) {
    return NULL;
  }
  nax_i_clean_utf8(copy);
  for (size_t i = 0; i < n && text[i] != '\0'; i++) {
    latin = latin || ((unsigned char)text[i] >= 0x80 && copy[i] == '?');
  }
  nax_i_free(copy);
  if (!latin) {
    return nax_i_strndup(text, n);
  }
  out = nax_i_calloc(2 * n + 1, 1);
  for (size_t i = 0, k = 0; i < n && out != NULL; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < 0x80) {
      out[k++] = (char)c;
    } else {
      out[k++] = (char)(0xc0 | c >> 6);
      out[k++] = (char)(0x80 | (c & 0x3f));
    }
  }
  return out;
}

typedef struct line {
  char *section, *key, *value; /* inside the text */
} line;

/* Cut the text into "key=value" lines with their sections. The text is changed. */
static nax_status
cut_lines(nax_ctx *ctx, char *text, line **lines, nax_index *n)
{
  nax_status status = NAX_OK;
  nax_index cap = 0;
  static char nothing[] = "";
  char *section = nothing;
  *lines = NULL;
  *n = 0;
  if (strncmp(text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
  }
  for (char *p = text; p != NULL && *p != '\0';) {
    char *next = strchr(p, '\n');
    if (next != NULL) {
      *next++ = '\0';
    }
    size_t len = strlen(p);
    while (len > 0 && isspace((unsigned char)p[len - 1])) {
      p[--len] = '\0';
    }
    char *equals = strchr(p, '=');
    if (p[0] == '[' && p[len - 1] == ']') {
      p[len - 1] = '\0';
      section = p + 1;
      if (strcmp(section, "Comment") == 0) {
        break; /* free text to the end */
      }
    } else if (p[0] != ';' && equals != NULL) {
      if (*n == cap) {
        cap = cap ? 2 * cap : 64;
        line *more = nax_i_realloc(*lines, (size_t)cap, sizeof *more);
        NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
        *lines = more;
      }
      *equals = '\0';
      (*lines)[(*n)++] = (line){section, p, equals + 1};
    }
    p = next;
  }
done:
  return status;
}

static const char *
value_of(const line *lines, nax_index n, const char *section, const char *key)
{
  for (nax_index i = 0; i < n; i++) {
    if (strcmp(lines[i].section, section) == 0 && strcmp(lines[i].key, key) == 0) {
      return lines[i].value;
    }
  }
  return NULL;
}

static int
number_of(const char *text, double *x)
{
  size_t n = text != NULL ? strcspn(text, " \t") : 0;
  return text != NULL && nax_i_parse_double(text, text + n, x) && isfinite(*x);
}

/* Field k of comma-separated values into buf, "\1" back to a comma. */
static void
field(const char *text, int k, char *buf, size_t size)
{
  for (; k > 0 && text != NULL; k--) {
    text = strchr(text, ',');
    text = text != NULL ? text + 1 : NULL;
  }
  size_t n = 0;
  for (; text != NULL && *text != '\0' && *text != ',' && n + 1 < size; text++) {
    int comma = text[0] == '\\' && text[1] == '1';
    buf[n++] = comma ? ',' : *text;
    text += comma;
  }
  buf[n] = '\0';
}

/* The file that a header names: always beside it, whatever folders the name has. */
static nax_status
named_file(nax_ctx *ctx, const char *header, const char *name, char **out)
{
  nax_status status = NAX_OK;
  const char *slash = strrchr(header, '/'), *p;
  char *dir = slash != NULL ? nax_i_strndup(header, (size_t)(slash - header) + 1)
                            : nax_i_strdup("");
  char *base = nax_i_strdup(slash != NULL ? slash + 1 : header);
  NAX_REQUIRE(dir != NULL && base != NULL, NAX_ENOMEM, "out of memory");
  for (p = name; *p != '\0'; p++) {
    name = *p == '/' || *p == '\\' ? p + 1 : name;
  }
  char *dot = strrchr(base, '.');
  if (dot != NULL) {
    *dot = '\0';
  }
  *out = strncmp(name, "$b", 2) == 0 ? nax_i_asprintf("%s%s%s", dir, base, name + 2)
                                     : nax_i_asprintf("%s%s", dir, name);
  NAX_REQUIRE(*out != NULL, NAX_ENOMEM, "out of memory");
done:
  nax_i_free(dir);
  nax_i_free(base);
  return status;
}

/* -------------------------------------------------------------------------- channels */

/* Microvolts in one unit of voltage `unit`; 0 for anything else. */
static double
microvolts(const char *unit)
{
  static const struct {
    const char *text;
    double scale;
  } known[] = {{"V", 1e6},       {"mV", 1e3}, {"\xc2\xb5V", 1},
               {"\xce\xbcV", 1}, {"uV", 1},   {"nV", 1e-3}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strcmp(unit, known[i].text) == 0) {
      return known[i].scale;
    }
  }
  return 0;
}

static nax_status
read_channels(nax_ctx *ctx, state *st, const line *lines, nax_index n)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(st->channels, st->n_channels, sizeof *st->channels);
  for (nax_index i = 0; i < n; i++) {
    int64_t k;
    const char *key = lines[i].key;
    if (strcmp(lines[i].section, "Channel Infos") != 0 || strncmp(key, "Ch", 2) != 0 ||
        !nax_i_parse_int64(key + 2, key + strlen(key), &k) || k < 1 ||
        k > st->n_channels || st->channels[k - 1].name != NULL) {
      continue;
    }
    channel *c = &st->channels[k - 1];
    char name[128], reference[128], resolution[64], unit[64];
    field(lines[i].value, 0, name, sizeof name);
    field(lines[i].value, 1, reference, sizeof reference);
    field(lines[i].value, 2, resolution, sizeof resolution);
    field(lines[i].value, 3, unit, sizeof unit);
    c->resolution = 1;
    NAX_REQUIRE_FILE(resolution[0] == '\0' || number_of(resolution, &c->resolution),
                     NAX_EFORMAT, st->header_path,
                     "%s: resolution is `%s` (expected a number)", key, resolution);
    c->scale = c->resolution;
    NAX_TRY_DUP(c->name, name);
    NAX_TRY_DUP(c->reference, reference);
    NAX_TRY_DUP(c->unit,
                unit[0] != '\0' ? unit : "\xc2\xb5V"); /* the documented default */
    nax_i_clean_utf8(c->name);
    nax_i_clean_utf8(c->reference);
    nax_i_clean_utf8(c->unit);
  }
  for (nax_index k = 0; k < st->n_channels; k++) {
    NAX_REQUIRE_FILE(st->channels[k].name != NULL, NAX_EFORMAT, st->header_path,
                     "channel %lld of %lld is not described (expected Ch%lld=...)",
                     (long long)k + 1, (long long)st->n_channels, (long long)k + 1);
  }
done:
  return status;
}

/* Unit of the array: microvolts when all channels are voltages, else none. */
static const char *
common_unit(nax_ctx *ctx, state *st)
{
  nax_index volts = 0;
  for (nax_index k = 0; k < st->n_channels; k++) {
    double scale = microvolts(st->channels[k].unit);
    if (scale > 0) {
      st->channels[k].scale *= scale;
      volts++;
    }
  }
  if (volts == st->n_channels) {
    return "\xc2\xb5V";
  }
  nax_i_warn(ctx, NAX_INFO, "io.mixed-units",
             "eeg: %lld of %lld channels are voltages (in \xc2\xb5V), the others keep "
             "their own units (table channels)",
             (long long)volts, (long long)st->n_channels);
  return "";
}

/* --------------------------------------------------------------------------- markers */

static nax_status
read_markers(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  char *raw = NULL, *text = NULL;
  line *lines = NULL;
  nax_index n = 0, bad = 0, segments = 0;
  size_t size;
  enum { MAX_MARKERS = 1 << 28 };
  NAX_TRY(nax_i_read_file(ctx, st->marker_path, MAX_MARKERS, &raw, &size));
  text = as_utf8(raw, size);
  NAX_REQUIRE(text != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(cut_lines(ctx, text, &lines, &n));
  NAX_TRY_ALLOC(st->markers, n, sizeof *st->markers);
  for (nax_index i = 0; i < n; i++) {
    if (strcmp(lines[i].section, "Marker Infos") != 0 ||
        strncmp(lines[i].key, "Mk", 2) != 0) {
      continue;
    }
    marker m = {NULL, NULL, 0, 0, 0};
    char type[128], description[256], position[64], length[64], which[64];
    field(lines[i].value, 0, type, sizeof type);
    field(lines[i].value, 1, description, sizeof description);
    field(lines[i].value, 2, position, sizeof position);
    field(lines[i].value, 3, length, sizeof length);
    field(lines[i].value, 4, which, sizeof which);
    if (!number_of(position, &m.position) || m.position < 1) {
      bad++;
      continue;
    }
    (void)number_of(length, &m.size);
    (void)number_of(which, &m.channel);
    segments += strcmp(type, "New Segment") == 0;
    m.type = nax_i_strdup(type);
    m.description = nax_i_strdup(description);
    st->markers[st->n_markers++] = m;
    NAX_REQUIRE(m.type != NULL && m.description != NULL, NAX_ENOMEM, "out of memory");
    nax_i_clean_utf8(m.type);
    nax_i_clean_utf8(m.description);
  }
  if (bad > 0) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "io.markers",
        "%lld markers without a position of at least 1 are left out", (long long)bad));
  }
  if (segments > 1) {
    nax_i_warn(ctx, NAX_SUGGESTION, "io.segments",
               "eeg: the recording was paused %lld times; time runs on without the gaps",
               (long long)segments - 1);
  }
done:
  nax_i_free(raw);
  nax_i_free(text);
  nax_i_free(lines);
  return status;
}

/* --- opening ----------------------------------------------------------------------- */

/* How the samples lie in the data file, as far as the header says. */
static nax_status
read_layout(nax_ctx *ctx, state *st, const line *lines, nax_index n, size_t n_text)
{
  nax_status status = NAX_OK;
  static const struct {
    const char *name, *descr;
    nax_dtype dtype;
  } types[] = {{"INT_16", "int16", NAX_I16},
               {"UINT_16", "uint16", NAX_U16},
               {"INT_32", "int32", NAX_I32},
               {"IEEE_FLOAT_32", "float", NAX_F32}};
  const char *common = "Common Infos", *path = st->header_path;
  double x = 0;
  const char *format = value_of(lines, n, common, "DataFormat");
  NAX_REQUIRE_FILE(format == NULL || strcmp(format, "BINARY") == 0, NAX_ENOTSUP, path,
                   "data are not binary (found DataFormat=%s, expected BINARY)", format);
  const char *domain = value_of(lines, n, common, "DataType");
  NAX_REQUIRE_FILE(domain == NULL || strcmp(domain, "TIMEDOMAIN") == 0, NAX_ENOTSUP, path,
                   "data are no time series (found DataType=%s, expected TIMEDOMAIN)",
                   domain);
  const char *count = value_of(lines, n, common, "NumberOfChannels");
  NAX_REQUIRE_FILE(number_of(count, &x) && x >= 1 && x == floor(x) &&
                       x <= (double)n_text / 4,
                   NAX_EFORMAT, path,
                   "NumberOfChannels is %s (expected a whole number, with one ChN line "
                   "for each channel)",
                   count != NULL ? count : "missing");
  st->n_channels = (nax_index)x;
  const char *interval = value_of(lines, n, common, "SamplingInterval");
  NAX_REQUIRE_FILE(interval == NULL || (number_of(interval, &x) && x > 0), NAX_EFORMAT,
                   path, "SamplingInterval is %s (expected microseconds above 0)",
                   interval);
  st->rate = interval != NULL ? 1e6 / x : (double)NAN;
  const char *type = value_of(lines, n, "Binary Infos", "BinaryFormat");
  type = type != NULL ? type : "INT_16";
  const char *big = value_of(lines, n, "Binary Infos", "UseBigEndianOrder");
  nax_i_npy *h = &st->layout;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (strcmp(type, types[i].name) == 0) {
      const uint16_t one = 1;
      int little = *(const unsigned char *)&one == 1;
      h->dtype = types[i].dtype;
      snprintf(h->descr, sizeof h->descr, "%s", types[i].descr);
      h->swap = (big != NULL && strcmp(big, "YES") == 0) == little;
    }
  }
  NAX_REQUIRE_FILE(h->descr[0] != '\0', NAX_ENOTSUP, path,
                   "BinaryFormat is %s (expected INT_16, INT_32 or IEEE_FLOAT_32)", type);
  const char *orientation = value_of(lines, n, common, "DataOrientation");
  int vectorized = orientation != NULL && strcmp(orientation, "VECTORIZED") == 0;
  NAX_REQUIRE_FILE(
      orientation == NULL || vectorized || strcmp(orientation, "MULTIPLEXED") == 0,
      NAX_EFORMAT, path, "DataOrientation is %s (expected MULTIPLEXED or VECTORIZED)",
      orientation);
  st->order[0] = vectorized ? 0 : 1;
  st->order[1] = vectorized ? 1 : 0;
  h->ndim = 2;
  h->dim[vectorized ? 0 : 1] = st->n_channels;
done:
  return status;
}

/* Length of the recording from the size of the data file, checked against the header. */
static nax_status
find_length(nax_ctx *ctx, nax_source *s, const char *points)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  nax_i_npy *h = &st->layout;
  double stated = 0;
  uint64_t frame = (uint64_t)st->n_channels * nax_dtype_size(h->dtype);
  nax_index n = (nax_index)(st->bytes.size / frame);
  NAX_REQUIRE_FILE(n > 0, NAX_EDATA, st->data_path,
                   "holds no samples (found %llu bytes, one time point has %llu)",
                   (unsigned long long)st->bytes.size, (unsigned long long)frame);
  if (st->bytes.size % frame != 0) {
    NAX_TRY(nax_i_source_violation(
        ctx, s, "io.trailing-bytes",
        "the data file has %llu bytes behind the last whole time point (found %llu bytes "
        "in all, %llu per time point)",
        (unsigned long long)(st->bytes.size % frame), (unsigned long long)st->bytes.size,
        (unsigned long long)frame));
  }
  if (points != NULL && number_of(points, &stated)) {
    NAX_REQUIRE_FILE(stated <= (double)n, NAX_EFORMAT, st->data_path,
                     "is cut (found %lld time points, expected %.17g as the header says)",
                     (long long)n, stated);
    if (stated < (double)n) {
      NAX_TRY(nax_i_source_violation(
          ctx, s, "io.data-points",
          "the header says %.17g time points, the data file has %lld: all are read",
          stated, (long long)n));
    }
  }
  h->dim[st->order[1]] = n;
  h->n = n * st->n_channels;
done:
  return status;
}

static nax_status
add_table(nax_ctx *ctx, nax_source *s, const char *name, nax_index rows, nax_index cols)
{
  nax_status status = NAX_OK;
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, name);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = rows;
  v->info.dim[1] = cols;
  v->info.n_values = rows * cols;
done:
  return status;
}

static nax_status
add_variables(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const char **label = NULL;
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, "eeg");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->unit, common_unit(ctx, st)) &&
                  nax_i_var_text(&v->file_dtype, st->layout.descr),
              NAX_ENOMEM, "out of memory");
  v->info.dtype = st->layout.dtype;
  NAX_TRY_ALLOC(label, st->n_channels, sizeof *label);
  for (nax_index k = 0; k < st->n_channels; k++) {
    label[k] = st->channels[k].name;
  }
  NAX_TRY(nax_axis_create_labels(ctx, "channel", st->n_channels, label, &v->axis[0]));
  NAX_TRY(nax_i_var_regular_time(ctx, s, v, 1, st->layout.dim[st->order[1]], 0.0,
                                 st->rate, NAX_RATE_FILE));
  st->rate = v->info.rate; /* markers follow --rate */
  NAX_TRY(add_table(ctx, s, "channels", st->n_channels, 4));
  if (st->n_markers > 0) {
    NAX_TRY(add_table(ctx, s, "events", st->n_markers, 5));
  }
done:
  nax_i_free(label);
  return status;
}

static nax_status
brainvision_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  char *raw = NULL, *text = NULL;
  line *lines = NULL;
  nax_index n = 0;
  size_t size;
  enum { MAX_HEADER = 1 << 24 };
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  st->bytes.fd = -1;
  int other = nax_i_has_ext(s->path, "eeg") || nax_i_has_ext(s->path, "vmrk");
  st->header_path = other ? beside(s->path) : nax_i_strdup(s->path);
  NAX_REQUIRE(st->header_path != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_i_read_file(ctx, st->header_path, MAX_HEADER, &raw, &size));
  text = as_utf8(raw, size);
  NAX_REQUIRE(text != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(cut_lines(ctx, text, &lines, &n));
  NAX_TRY(read_layout(ctx, st, lines, n, size));
  NAX_TRY(read_channels(ctx, st, lines, n));
  const char *data = value_of(lines, n, "Common Infos", "DataFile");
  NAX_REQUIRE_FILE(data != NULL && data[0] != '\0', NAX_EFORMAT, st->header_path,
                   "names no data file (expected DataFile=...)");
  NAX_TRY(named_file(ctx, st->header_path, data, &st->data_path));
  NAX_TRY(nax_i_bytes_open(ctx, st->data_path, &st->bytes));
  NAX_TRY(find_length(ctx, s, value_of(lines, n, "Common Infos", "DataPoints")));
  const char *markers = value_of(lines, n, "Common Infos", "MarkerFile");
  if (markers != NULL && markers[0] != '\0') {
    NAX_TRY(named_file(ctx, st->header_path, markers, &st->marker_path));
    if (nax_i_exists(st->marker_path)) {
      NAX_TRY(read_markers(ctx, s));
    } else {
      NAX_TRY(nax_i_source_violation(ctx, s, "io.markers", "marker file %s is missing",
                                     markers));
    }
  }
  NAX_TRY(add_variables(ctx, s));
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "EEG", 0));
done:
  nax_i_free(raw);
  nax_i_free(text);
  nax_i_free(lines);
  return status;
}

static void
brainvision_close(nax_source *s)
{
  state *st = s->state;
  if (st == NULL) {
    return;
  }
  nax_i_bytes_close(&st->bytes);
  for (nax_index k = 0; k < st->n_channels && st->channels != NULL; k++) {
    nax_i_free(st->channels[k].name);
    nax_i_free(st->channels[k].reference);
    nax_i_free(st->channels[k].unit);
  }
  for (nax_index k = 0; k < st->n_markers; k++) {
    nax_i_free(st->markers[k].type);
    nax_i_free(st->markers[k].description);
  }
  nax_i_free(st->channels);
  nax_i_free(st->markers);
  nax_i_free(st->header_path);
  nax_i_free(st->data_path);
  nax_i_free(st->marker_path);
  nax_i_free(st);
}

/* --- reading ----------------------------------------------------------------------- */

static nax_status
brainvision_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
                 const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  NAX_TRY(nax_i_npy_read(ctx, &st->bytes, &st->layout, v->name, st->order, NULL, start,
                         count, dtype, dst));
  for (nax_index t = 0; t < count[1]; t++) {
    for (nax_index c = 0; c < count[0]; c++) {
      double scale = st->channels[start[0] + c].scale;
      if (dtype == NAX_F64) {
        ((double *)dst)[c + t * count[0]] *= scale;
      } else {
        float *x = &((float *)dst)[c + t * count[0]];
        *x = (float)((double)*x * scale);
      }
    }
  }
done:
  return status;
}

static nax_status
channel_table(nax_ctx *ctx, const state *st, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  const char **text = NULL;
  double *number = NULL;
  nax_index n = st->n_channels;
  NAX_TRY(nax_table_create(ctx, "channel", n, &t));
  NAX_TRY_ALLOC(text, n, sizeof *text);
  NAX_TRY_ALLOC(number, n, sizeof *number);
  for (int column = 0; column < 3; column++) {
    static const char *const names[] = {"name", "unit", "reference"};
    for (nax_index k = 0; k < n; k++) {
      const channel *c = &st->channels[k];
      text[k] = column == 0 ? c->name : column == 1 ? c->unit : c->reference;
    }
    NAX_TRY(nax_table_add_text(ctx, t, names[column], text));
  }
  for (nax_index k = 0; k < n; k++) {
    number[k] = st->channels[k].resolution;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "resolution", NULL, number));
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(text);
  nax_i_free(number);
  return status;
}

static nax_status
event_table(nax_ctx *ctx, const state *st, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  const char **text = NULL;
  double *number = NULL;
  nax_index n = st->n_markers;
  NAX_TRY(nax_table_create(ctx, "event", n, &t));
  NAX_TRY_ALLOC(text, n, sizeof *text);
  NAX_TRY_ALLOC(number, n, sizeof *number);
  for (int column = 0; column < 3; column++) {
    static const char *const names[] = {"onset", "duration", "channel"};
    for (nax_index k = 0; k < n; k++) {
      const marker *m = &st->markers[k];
      number[k] = column == 0   ? (m->position - 1) / st->rate
                  : column == 1 ? m->size / st->rate
                                : m->channel;
    }
    NAX_TRY(
        nax_table_add_numbers(ctx, t, names[column], column < 2 ? "s" : NULL, number));
  }
  for (int column = 0; column < 2; column++) {
    for (nax_index k = 0; k < n; k++) {
      text[k] = column == 0 ? st->markers[k].type : st->markers[k].description;
    }
    NAX_TRY(nax_table_add_text(ctx, t, column == 0 ? "type" : "description", text));
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(text);
  nax_i_free(number);
  return status;
}

static nax_status
brainvision_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  *out = NULL;
  return strcmp(v->name, "events") == 0 ? event_table(ctx, s->state, out)
                                        : channel_table(ctx, s->state, out);
}

const nax_i_format nax_i_format_brainvision = {
    "brainvision",
    "BrainVision recording (.vhdr with .eeg and .vmrk)",
    brainvision_probe,
    brainvision_open,
    brainvision_close,
    brainvision_read,
    NULL,
    brainvision_table};
