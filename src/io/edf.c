/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EDF, EDF+, BDF and BDF+ through edflib.
 *
 * Signals of one rate make one channel x time array. The header is compared with itself
 * and with the size of the file before edflib sees it, because edflib says no more than
 * "format errors". Three kinds of file that edflib refuses are read from a temporary copy
 * with a mended header: those whose recorder did not write the number of records (-1),
 * those with bytes after the last record, and discontinuous ones (EDF+D), whose times
 * then come from the time-keeping annotations; the other annotations of EDF+D files are
 * not read, for edflib finds them by continuity. */
#define _POSIX_C_SOURCE 200809L
#include "io_i.h"
#include <edflib.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum {
  MAIN = 256, /* bytes of the header, and again for each signal */
  MAX_SIGNALS = EDFLIB_MAXSIGNALS,
  MAX_RECORD = 15 << 20 /* bytes; more than edflib takes */
};

/* edflib keeps its open files in one table without a lock. */
static pthread_mutex_t edflib_lock = PTHREAD_MUTEX_INITIALIZER;

typedef struct signal {
  char label[17], unit[9], transducer[81], prefilter[81];
  int64_t n;       /* samples in a record */
  int64_t at;      /* byte inside a record */
  int low, high;   /* digital range */
  int reported;    /* that samples lie outside it */
  int annotations; /* not a signal: text */
  int index;       /* among the signals that edflib counts, -1 for annotations */
  int group;
} signal;

typedef struct header {
  int bdf, plus, gaps; /* 24 bit; EDF+ or BDF+; discontinuous */
  int64_t n_records;   /* whole ones in the file */
  int64_t declared;    /* what the header says */
  double duration;     /* of a record in seconds */
  int64_t record_bytes;
  int n_signals, n_plain; /* all; without annotations */
  signal *signal;
} header;

typedef struct group {
  int64_t n;    /* samples in a record */
  int *channel; /* edflib's numbers */
  int n_channels;
} group;

typedef struct state {
  int fd, copy; /* the file; its mended copy or -1 */
  int handle;   /* edflib's, -1 when closed */
  header h;
  group *groups;
  int n_groups;
  struct edf_hdr_struct *info;
} state;

/* ----------------------------------------------------------------------- the header */

/* Text field without the blanks around it; bytes that are not ASCII become '?'. */
static void
get_text(const unsigned char *p, int n, char *out)
{
  int from = 0;
  while (from < n && p[from] == ' ') {
    from++;
  }
  while (n > from && (p[n - 1] == ' ' || p[n - 1] == '\0')) {
    n--;
  }
  for (int i = from; i < n; i++) {
    *out++ = (char)(p[i] >= 32 && p[i] < 127 ? p[i] : '?');
  }
  *out = '\0';
}

static nax_status
get_number(nax_ctx *ctx, const char *path, const unsigned char *p, int n,
           const char *what, double *x)
{
  char text[84];
  get_text(p, n, text);
  if (!nax_i_parse_double(text, text + strlen(text), x) || !isfinite(*x)) {
    return nax_i_fail_file(ctx, NAX_EFORMAT, path, "%s is `%s` (expected a number)", what,
                           text);
  }
  return NAX_OK;
}

static nax_status
get_whole(nax_ctx *ctx, const char *path, const unsigned char *p, int n, const char *what,
          int64_t least, int64_t most, int64_t *out)
{
  double x = 0.0;
  nax_status status = get_number(ctx, path, p, n, what, &x);
  if (status == NAX_OK && (x != floor(x) || x < (double)least || x > (double)most)) {
    status = nax_i_fail_file(ctx, NAX_EFORMAT, path, "%s is %g (expected %lld to %lld)",
                             what, x, (long long)least, (long long)most);
  }
  *out = status == NAX_OK ? (int64_t)x : 0;
  return status;
}

/* The fields of signal i; the header has all labels, then all transducers ... */
static nax_status
get_signal(nax_ctx *ctx, const char *path, const unsigned char *b, header *h, int i)
{
  nax_status status = NAX_OK;
  static const int width[] = {16, 80, 8, 8, 8, 8, 8, 80, 8, 32};
  const unsigned char *f[10];
  char what[64];
  double least, most;
  int64_t low, high;
  int ns = h->n_signals;
  signal *s = &h->signal[i];
  for (int k = 0; k < 10; k++) {
    f[k] = b + (ptrdiff_t)i * width[k];
    b += (ptrdiff_t)ns * width[k];
  }
  get_text(f[0], 16, s->label);
  get_text(f[1], 80, s->transducer);
  get_text(f[2], 8, s->unit);
  get_text(f[7], 80, s->prefilter);
  s->annotations =
      h->plus && strcmp(s->label, h->bdf ? "BDF Annotations" : "EDF Annotations") == 0;
  snprintf(what, sizeof what, "number of samples of signal %d", i + 1);
  NAX_TRY(get_whole(ctx, path, f[8], 8, what, 1, MAX_RECORD, &s->n));
  if (s->annotations) {
    goto done;
  }
  snprintf(what, sizeof what, "physical minimum of signal %d", i + 1);
  NAX_TRY(get_number(ctx, path, f[3], 8, what, &least));
  snprintf(what, sizeof what, "physical maximum of signal %d", i + 1);
  NAX_TRY(get_number(ctx, path, f[4], 8, what, &most));
  NAX_REQUIRE_FILE(least != most, NAX_EFORMAT, path,
                   "physical minimum and maximum of signal %d (%s) are both %g", i + 1,
                   s->label, least);
  int64_t limit = h->bdf ? 8388608 : 32768;
  snprintf(what, sizeof what, "digital minimum of signal %d", i + 1);
  NAX_TRY(get_whole(ctx, path, f[5], 8, what, -limit, limit - 1, &low));
  snprintf(what, sizeof what, "digital maximum of signal %d", i + 1);
  NAX_TRY(get_whole(ctx, path, f[6], 8, what, -limit, limit - 1, &high));
  NAX_REQUIRE_FILE(low < high, NAX_EFORMAT, path,
                   "digital range of signal %d (%s) is %lld to %lld (expected "
                   "ascending)",
                   i + 1, s->label, (long long)low, (long long)high);
  s->low = (int)low;
  s->high = (int)high;
done:
  return status;
}

static nax_status
read_header(nax_ctx *ctx, const char *path, int fd, int64_t size, header *h)
{
  nax_status status = NAX_OK;
  unsigned char b[MAIN], *rest = NULL;
  int64_t ns, bytes;
  NAX_REQUIRE_FILE(size >= MAIN, NAX_EFORMAT, path, "header is cut at byte %lld of %d",
                   (long long)size, MAIN);
  NAX_TRY(nax_i_pread(ctx, path, fd, 0, b, MAIN));
  h->bdf = b[0] == 0xff;
  NAX_REQUIRE_FILE(memcmp(b,
                          h->bdf ? "\xff"
                                   "BIOSEMI"
                                 : "0       ",
                          8) == 0,
                   NAX_EFORMAT, path,
                   "is no EDF or BDF file (expected `0       ` or 0xFF BIOSEMI at its "
                   "start)");
  h->plus = memcmp(b + 192, h->bdf ? "BDF+" : "EDF+", 4) == 0;
  h->gaps = h->plus && b[196] == 'D';
  NAX_TRY(get_whole(ctx, path, b + 252, 4, "number of signals", 1, 9999, &ns));
  NAX_REQUIRE_FILE(ns <= MAX_SIGNALS, NAX_ENOTSUP, path,
                   "has %lld signals (edflib reads at most %d)", (long long)ns,
                   MAX_SIGNALS);
  NAX_TRY(get_whole(ctx, path, b + 184, 8, "size of the header", 0, 1 << 24, &bytes));
  NAX_REQUIRE_FILE(bytes == MAIN * (ns + 1), NAX_EFORMAT, path,
                   "size of the header is %lld bytes (expected %lld for %lld signals)",
                   (long long)bytes, (long long)(MAIN * (ns + 1)), (long long)ns);
  NAX_REQUIRE_FILE(size >= bytes, NAX_EFORMAT, path, "header is cut at byte %lld of %lld",
                   (long long)size, (long long)bytes);
  NAX_TRY(
      get_whole(ctx, path, b + 236, 8, "number of records", -1, 99999999, &h->declared));
  NAX_TRY(get_number(ctx, path, b + 244, 8, "duration of a record", &h->duration));
  NAX_REQUIRE_FILE(h->duration >= 0.0, NAX_EFORMAT, path,
                   "duration of a record is %g s (expected at least 0)", h->duration);
  h->n_signals = (int)ns;
  NAX_TRY_ALLOC(h->signal, ns, sizeof *h->signal);
  NAX_TRY_ALLOC(rest, MAIN * ns, 1);
  NAX_TRY(nax_i_pread(ctx, path, fd, MAIN, rest, (size_t)(MAIN * ns)));
  for (int i = 0; i < h->n_signals; i++) {
    signal *s = &h->signal[i];
    NAX_TRY(get_signal(ctx, path, rest, h, i));
    s->at = h->record_bytes;
    s->index = s->annotations ? -1 : h->n_plain++;
    h->record_bytes += s->n * (h->bdf ? 3 : 2);
    NAX_REQUIRE_FILE(h->record_bytes <= MAX_RECORD, NAX_ENOTSUP, path,
                     "a record has more than %d bytes", MAX_RECORD);
  }
  NAX_REQUIRE_FILE(h->n_plain == 0 || h->duration > 0.0, NAX_EFORMAT, path,
                   "duration of a record is 0 s (expected more, for %d signals)",
                   h->n_plain);
  h->n_records = (size - bytes) / h->record_bytes;
  NAX_REQUIRE_FILE(
      h->n_records > 0 && h->n_records >= h->declared, NAX_EFORMAT, path,
      "file is truncated (found %lld bytes, expected %lld)", (long long)size,
      (long long)(bytes + (h->declared > 0 ? h->declared : 1) * h->record_bytes));
  NAX_REQUIRE_FILE(h->declared != 0, NAX_EDATA, path, "holds no records");
  h->n_records = h->declared > 0 ? h->declared : h->n_records;
done:
  nax_i_free(rest);
  return status;
}

/* ------------------------------------------------------------------- a mended copy */

static nax_status
copy_bytes(nax_ctx *ctx, const char *path, int from, int to, int64_t at, int64_t end)
{
  nax_status status = NAX_OK;
  enum { PIECE = 1 << 20 };
  char *buf = NULL;
  NAX_TRY_ALLOC(buf, PIECE, 1);
  while (at < end) {
    size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;
    NAX_TRY(nax_i_pread(ctx, path, from, (uint64_t)at, buf, n));
    NAX_REQUIRE_FILE(pwrite(to, buf, n, (off_t)at) == (ssize_t)n, NAX_EIO, path,
                     "cannot make a temporary copy: %s", strerror(errno));
    at += (int64_t)n;
  }
done:
  nax_i_free(buf);
  return status;
}

/* A copy without a name in which the number of records is right and the recording calls
 * itself continuous. */
static nax_status
mend(nax_ctx *ctx, const char *path, state *st)
{
  static const char *const dirs[] = {"/dev/shm", "/var/tmp", "/tmp"};
  nax_status status = NAX_OK;
  const header *h = &st->h;
  char name[64], number[16];
  int64_t bytes = MAIN * (int64_t)(h->n_signals + 1) + h->n_records * h->record_bytes;
  for (int k = bytes < 64 << 20 ? 0 : 1; k < 3 && st->copy < 0; k++) {
    snprintf(name, sizeof name, "%s/neuraxis-XXXXXX", dirs[k]);
    st->copy = mkstemp(name);
  }
  NAX_REQUIRE_FILE(st->copy >= 0 && unlink(name) == 0, NAX_EIO, path,
                   "cannot make a temporary copy: %s", strerror(errno));
  NAX_TRY(copy_bytes(ctx, path, st->fd, st->copy, 0, bytes));
  snprintf(number, sizeof number, "%-8lld", (long long)h->n_records);
  NAX_REQUIRE_FILE(pwrite(st->copy, number, 8, 236) == 8 &&
                       (!h->gaps || pwrite(st->copy, "C", 1, 196) == 1),
                   NAX_EIO, path, "cannot make a temporary copy: %s", strerror(errno));
done:
  return status;
}

/* Onset of each record: the number at the start of its annotations. */
static nax_status
read_onsets(nax_ctx *ctx, const char *path, const state *st, double *onset)
{
  nax_status status = NAX_OK;
  const header *h = &st->h;
  const signal *a = NULL;
  for (int i = h->n_signals - 1; i >= 0; i--) {
    a = h->signal[i].annotations ? &h->signal[i] : a;
  }
  NAX_REQUIRE_FILE(a != NULL, NAX_EFORMAT, path,
                   "is discontinuous but has no annotations that tell the times");
  for (int64_t r = 0; r < h->n_records; r++) {
    char text[33] = "";
    int64_t n = a->n * (h->bdf ? 3 : 2);
    n = n < 32 ? n : 32;
    NAX_TRY(nax_i_pread(
        ctx, path, st->fd,
        (uint64_t)(MAIN * (int64_t)(h->n_signals + 1) + r * h->record_bytes + a->at),
        text, (size_t)n));
    char *end = strchr(text, '\x14');
    int good = end != NULL && (text[0] == '+' || text[0] == '-') &&
               nax_i_parse_double(text, end, &onset[r]);
    NAX_REQUIRE_FILE(good, NAX_EFORMAT, path,
                     "record %lld does not begin with its time (expected an annotation "
                     "such as +1.5)",
                     (long long)r + 1);
    NAX_REQUIRE_FILE(r == 0 || onset[r] >= onset[r - 1] + h->duration * (1.0 - 1e-6),
                     NAX_EFORMAT, path,
                     "record %lld begins at %g s, before the end of the one before (%g "
                     "s)",
                     (long long)r + 1, onset[r], onset[r - 1] + h->duration);
  }
done:
  return status;
}

/* ------------------------------------------------------------------------- opening */

static int
edf_probe(const nax_i_probe *p)
{
  if (p->is_dir) {
    return 0;
  }
  if (p->n_head >= 8 && memcmp(p->head,
                               "\xff"
                               "BIOSEMI",
                               8) == 0) {
    return 100;
  }
  /* The number of signals ends the header, and it counts the bytes of the header. */
  if (p->n_head >= MAIN && memcmp(p->head, "0       ", 8) == 0 && p->head[252] >= '0' &&
      p->head[252] <= '9' && p->head[184] >= '0' && p->head[184] <= '9') {
    return 95;
  }
  return (nax_i_has_ext(p->path, "edf") || nax_i_has_ext(p->path, "bdf")) &&
                 p->n_head >= 8
             ? 2
             : 0;
}

static const char *
refusal(int code)
{
  switch (code) {
  case EDFLIB_MAXFILES_REACHED:
    return "64 files are open in edflib, which is all it can";
  case EDFLIB_FILE_CONTAINS_FORMAT_ERRORS:
    return "edflib finds faults in its header or annotations";
  case EDFLIB_MALLOC_ERROR:
    return "out of memory";
  default:
    return "edflib cannot open it";
  }
}

static nax_status
open_with_edflib(nax_ctx *ctx, nax_source *s, state *st)
{
  nax_status status = NAX_OK;
  char path[64];
  /* edflib opens no name twice; by number each of our openings has a name of its own. */
  snprintf(path, sizeof path, "/proc/self/fd/%d", st->copy >= 0 ? st->copy : st->fd);
  int annotations =
      st->h.gaps ? EDFLIB_DO_NOT_READ_ANNOTATIONS : EDFLIB_READ_ALL_ANNOTATIONS;
  NAX_TRY_ALLOC(st->info, 1, sizeof *st->info);
  pthread_mutex_lock(&edflib_lock);
  int bad = edfopen_file_readonly(path, st->info, annotations);
  pthread_mutex_unlock(&edflib_lock);
  NAX_REQUIRE_FILE(bad == 0, NAX_EFORMAT, s->path, "%s (code %d)",
                   refusal(st->info->filetype), st->info->filetype);
  st->handle = st->info->handle;
  NAX_REQUIRE_FILE(st->info->edfsignals == st->h.n_plain &&
                       st->info->datarecords_in_file == st->h.n_records,
                   NAX_EFORMAT, s->path,
                   "edflib finds %d signals and %lld records (expected %d and %lld)",
                   st->info->edfsignals, st->info->datarecords_in_file, st->h.n_plain,
                   (long long)st->h.n_records);
done:
  return status;
}

/* Signals of one rate belong together. */
static nax_status
make_groups(nax_ctx *ctx, state *st)
{
  nax_status status = NAX_OK;
  header *h = &st->h;
  NAX_TRY_ALLOC(st->groups, h->n_signals, sizeof *st->groups);
  for (int i = 0; i < h->n_signals; i++) {
    signal *s = &h->signal[i];
    if (s->annotations) {
      continue;
    }
    int g = 0;
    while (g < st->n_groups && st->groups[g].n != s->n) {
      g++;
    }
    if (g == st->n_groups) {
      st->n_groups++;
      st->groups[g].n = s->n;
      NAX_TRY_ALLOC(st->groups[g].channel, h->n_signals, sizeof(int));
    }
    s->group = g;
    st->groups[g].channel[st->groups[g].n_channels++] = i;
  }
done:
  return status;
}

static nax_status
add_group(nax_ctx *ctx, nax_source *s, const state *st, int g, const double *onset)
{
  nax_status status = NAX_OK;
  const header *h = &st->h;
  const group *set = &st->groups[g];
  const char **label = NULL;
  double *times = NULL, rate = (double)set->n / h->duration;
  char name[64] = "signals", number[32];
  int mixed = 0;
  if (st->n_groups > 1) {
    nax_i_format_double(number, rate);
    snprintf(name, sizeof name, "signals_%sHz", number);
  }
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, name);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->key = g;
  v->info.dtype = h->bdf ? NAX_I32 : NAX_I16;
  NAX_TRY_ALLOC(label, set->n_channels, sizeof *label);
  for (int i = 0; i < set->n_channels; i++) {
    label[i] = h->signal[set->channel[i]].label;
    mixed = mixed ||
            strcmp(h->signal[set->channel[i]].unit, h->signal[set->channel[0]].unit) != 0;
  }
  NAX_REQUIRE(nax_i_var_text(&v->file_dtype, h->bdf ? "int24" : "int16") &&
                  nax_i_var_text(&v->unit, mixed ? "" : h->signal[set->channel[0]].unit),
              NAX_ENOMEM, "out of memory");
  if (mixed) {
    nax_i_warn(ctx, NAX_SUGGESTION, "io.edf-units",
               "%s: its channels have different units, see the table `channels`", name);
  }
  NAX_TRY(nax_axis_create_labels(ctx, "channel", set->n_channels, label, &v->axis[0]));
  nax_index n = set->n * h->n_records;
  if (onset == NULL) {
    NAX_TRY(nax_i_var_regular_time(ctx, s, v, 1, n, 0.0, rate, NAX_RATE_FILE));
  } else {
    NAX_TRY_ALLOC(times, n, sizeof *times);
    for (nax_index i = 0; i < n; i++) {
      times[i] = onset[i / set->n] + (double)(i % set->n) / rate;
    }
    NAX_TRY(nax_i_var_timestamps(ctx, s, v, 1, n, times));
  }
  v->info.ndim = 2;
done:
  nax_i_free(label);
  nax_i_free(times);
  return status;
}

static nax_status
add_facts(nax_ctx *ctx, nax_source *s, const state *st)
{
  nax_status status = NAX_OK;
  const struct edf_hdr_struct *e = st->info;
  static const char *const version[] = {"EDF", "EDF+", "BDF", "BDF+"};
  char text[64];
  const struct {
    const char *key, *value;
  } facts[] = {{"patient", e->patient},
               {"recording", e->recording},
               {"subject", e->patientcode},
               {"sex", e->gender},
               {"birthdate", e->birthdate},
               {"patient_name", e->patient_name},
               {"patient_additional", e->patient_additional},
               {"admin_code", e->admincode},
               {"technician", e->technician},
               {"equipment", e->equipment},
               {"recording_additional", e->recording_additional}};
  nax_i_free(s->version);
  NAX_TRY_DUP(s->version, version[(st->h.bdf ? 2 : 0) + (st->h.plus ? 1 : 0)]);
  for (size_t k = 0; k < sizeof facts / sizeof facts[0]; k++) {
    char clean[84];
    get_text((const unsigned char *)facts[k].value, (int)strnlen(facts[k].value, 80),
             clean);
    if (clean[0] != '\0') {
      NAX_TRY(nax_i_source_attr(ctx, s, facts[k].key, clean, 0.0));
    }
  }
  snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", e->startdate_year,
           e->startdate_month, e->startdate_day, e->starttime_hour, e->starttime_minute,
           e->starttime_second);
  NAX_TRY(nax_i_source_attr(ctx, s, "session_start_time", text, 0.0));
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, "channels");
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->key = -1;
  v->info.ndim = 2;
  v->info.dim[0] = st->h.n_plain;
  v->info.dim[1] = 5;
  v->info.n_values = 5 * (nax_index)st->h.n_plain;
  if (e->annotations_in_file > 0) {
    v = nax_i_source_add(s, NAX_VAR_TABLE, "events");
    NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
    v->key = -2;
    v->info.ndim = 2;
    v->info.dim[0] = e->annotations_in_file;
    v->info.dim[1] = 3;
    v->info.n_values = 3 * e->annotations_in_file;
  }
done:
  return status;
}

static nax_status
edf_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  uint64_t size = 0;
  double *onset = NULL;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  st->fd = st->copy = st->handle = -1;
  NAX_TRY(nax_i_open_regular(ctx, s->path, &st->fd, &size));
  header *h = &st->h;
  NAX_TRY(read_header(ctx, s->path, st->fd, (int64_t)size, h));
  int64_t extra =
      (int64_t)size - MAIN * (int64_t)(h->n_signals + 1) - h->n_records * h->record_bytes;
  if (h->declared < 0) {
    NAX_TRY(nax_i_source_violation(ctx, s, "io.edf-records",
                                   "the number of records is -1, the recorder did not "
                                   "finish the file; it holds %lld whole records",
                                   (long long)h->n_records));
  } else if (extra > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "io.trailing-bytes",
               "%lld bytes follow the last record and are left out", (long long)extra);
  }
  if (h->gaps) {
    NAX_TRY_ALLOC(onset, h->n_records, sizeof *onset);
    NAX_TRY(read_onsets(ctx, s->path, st, onset));
    nax_i_warn(ctx, NAX_INFO, "io.edf-discontinuous",
               "the recording is discontinuous (EDF+D); its annotations are not read");
  }
  if (h->declared < 0 || extra > 0 || h->gaps) {
    NAX_TRY(mend(ctx, s->path, st));
  }
  NAX_TRY(open_with_edflib(ctx, s, st));
  NAX_TRY(make_groups(ctx, st));
  for (int g = 0; g < st->n_groups; g++) {
    NAX_TRY(add_group(ctx, s, st, g, onset));
  }
  NAX_TRY(add_facts(ctx, s, st));
done:
  nax_i_free(onset);
  return status;
}

static void
edf_close(nax_source *s)
{
  state *st = s->state;
  if (st == NULL) {
    return;
  }
  if (st->handle >= 0) {
    pthread_mutex_lock(&edflib_lock);
    edfclose_file(st->handle);
    pthread_mutex_unlock(&edflib_lock);
  }
  if (st->fd >= 0) {
    close(st->fd);
  }
  if (st->copy >= 0) {
    close(st->copy);
  }
  for (int g = 0; st->groups != NULL && g < st->h.n_signals; g++) {
    nax_i_free(st->groups[g].channel);
  }
  nax_i_free(st->groups);
  nax_i_free(st->h.signal);
  nax_i_free(st->info);
  nax_i_free(st);
}

/* ------------------------------------------------------------------------- reading */

/* edflib cuts samples to the digital range that the header declares, without a word. Here
 * is the word: how many of n samples from `from` on that concerns. */
static nax_status
report_cut(nax_ctx *ctx, const nax_source *s, const state *st, signal *g, nax_index from,
           nax_index n)
{
  nax_status status = NAX_OK;
  const header *h = &st->h;
  int width = h->bdf ? 3 : 2, limit = h->bdf ? 8388608 : 32768;
  nax_index outside = 0, first = 0;
  unsigned char *b = NULL;
  if (g->reported || (g->low == -limit && g->high == limit - 1)) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(b, g->n, 3);
  for (nax_index r = from / g->n; r * g->n < from + n; r++) {
    int64_t at = MAIN * (int64_t)(h->n_signals + 1) + r * h->record_bytes + g->at;
    NAX_TRY(nax_i_pread(ctx, s->path, st->fd, (uint64_t)at, b, (size_t)(g->n * width)));
    for (nax_index i = 0; i < g->n; i++) {
      const unsigned char *p = b + i * width;
      int x = width == 2 ? p[0] | p[1] << 8 : p[0] | p[1] << 8 | p[2] << 16;
      x = x >= limit ? x - 2 * limit : x;
      nax_index k = r * g->n + i;
      if (k >= from && k < from + n && (x < g->low || x > g->high)) {
        first = outside == 0 ? k : first;
        outside++;
      }
    }
  }
  if (outside > 0) {
    g->reported = 1;
    nax_i_warn(ctx, NAX_VIOLATION, "io.edf-cut",
               "channel %s: %lld samples (the first at index %lld) lie outside the "
               "digital range %d to %d of the header and are cut to it",
               g->label, (long long)outside, (long long)first, g->low, g->high);
  }
done:
  nax_i_free(b);
  return status;
}

static nax_status
edf_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
         const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  const group *g = &st->groups[v->key];
  /* All channels of a stretch of time before the next one: the file is read once. */
  nax_index piece = 64 * g->n < 8192 ? 8192 : 64 * g->n;
  double *buf = NULL;
  piece = piece < count[1] ? piece : count[1];
  NAX_TRY_ALLOC(buf, piece, sizeof *buf);
  for (nax_index t = 0; t < count[1]; t += piece) {
    nax_index n = count[1] - t < piece ? count[1] - t : piece;
    for (nax_index c = 0; c < count[0]; c++) {
      signal *one = &st->h.signal[g->channel[start[0] + c]];
      int channel = one->index;
      NAX_TRY(report_cut(ctx, s, st, one, start[1] + t, n));
      pthread_mutex_lock(&edflib_lock);
      int bad = edfseek(st->handle, channel, start[1] + t, EDFSEEK_SET) < 0 ||
                edfread_physical_samples(st->handle, channel, (int)n, buf) != (int)n;
      pthread_mutex_unlock(&edflib_lock);
      NAX_REQUIRE_FILE(!bad, NAX_EIO, s->path,
                       "%s: samples %lld to %lld of channel %lld cannot be read", v->name,
                       (long long)(start[1] + t), (long long)(start[1] + t + n - 1),
                       (long long)(start[0] + c + 1));
      for (nax_index i = 0; i < n; i++) {
        nax_index to = c + (t + i) * count[0];
        if (dtype == NAX_F64) {
          ((double *)dst)[to] = buf[i];
        } else {
          ((float *)dst)[to] = (float)buf[i];
        }
      }
    }
  }
done:
  nax_i_free(buf);
  return status;
}

static nax_status
channel_table(nax_ctx *ctx, const state *st, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  int n = st->h.n_plain;
  const char **text = NULL;
  double *rate = NULL;
  static const char *const names[] = {"label", "unit", "transducer", "prefilter"};
  NAX_TRY_ALLOC(text, n, sizeof *text);
  NAX_TRY_ALLOC(rate, n, sizeof *rate);
  NAX_TRY(nax_table_create(ctx, "channel", n, &t));
  for (int k = 0; k < 4; k++) {
    for (int i = 0; i < st->h.n_signals; i++) {
      const signal *s = &st->h.signal[i];
      if (s->index >= 0) {
        text[s->index] = k == 0   ? s->label
                         : k == 1 ? s->unit
                         : k == 2 ? s->transducer
                                  : s->prefilter;
        rate[s->index] = (double)s->n / st->h.duration;
      }
    }
    NAX_TRY(nax_table_add_text(ctx, t, names[k], text));
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "rate", "Hz", rate));
  *out = t;
  t = NULL;
done:
  nax_i_free(text);
  nax_i_free(rate);
  nax_table_free(t);
  return status;
}

static nax_status
event_table(nax_ctx *ctx, const nax_source *s, const state *st, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_index n = st->info->annotations_in_file;
  double *onset = NULL, *duration = NULL;
  char **label = NULL;
  NAX_TRY_ALLOC(onset, n, sizeof *onset);
  NAX_TRY_ALLOC(duration, n, sizeof *duration);
  NAX_TRY_ALLOC(label, n, sizeof *label);
  for (nax_index i = 0; i < n; i++) {
    struct edf_annotation_struct a;
    memset(&a, 0, sizeof a);
    pthread_mutex_lock(&edflib_lock);
    int bad = edf_get_annotation(st->handle, (int)i, &a);
    pthread_mutex_unlock(&edflib_lock);
    NAX_REQUIRE_FILE(!bad, NAX_EFORMAT, s->path, "annotation %lld cannot be read",
                     (long long)i + 1);
    onset[i] = (double)a.onset / (double)EDFLIB_TIME_DIMENSION;
    duration[i] = a.duration[0] == '\0'
                      ? (double)NAN
                      : (double)a.duration_l / (double)EDFLIB_TIME_DIMENSION;
    a.annotation[EDFLIB_MAX_ANNOTATION_LEN] = '\0';
    label[i] = nax_i_strdup(a.annotation);
    NAX_REQUIRE(label[i] != NULL, NAX_ENOMEM, "out of memory");
    nax_i_clean_utf8(label[i]);
  }
  NAX_TRY(nax_table_create(ctx, "event", n, &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, "onset", "s", onset));
  NAX_TRY(nax_table_add_numbers(ctx, t, "duration", "s", duration));
  NAX_TRY(nax_table_add_text(ctx, t, "label", (const char *const *)label));
  *out = t;
  t = NULL;
done:
  nax_i_free(onset);
  nax_i_free(duration);
  nax_i_free_strings(label, n);
  nax_table_free(t);
  return status;
}

static nax_status
edf_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  const state *st = s->state;
  return v->key == -1 ? channel_table(ctx, st, out) : event_table(ctx, s, st, out);
}

const nax_i_format nax_i_format_edf = {"edf",     "EDF, EDF+, BDF or BDF+ (.edf, .bdf)",
                                       edf_probe, edf_open,
                                       edf_close, edf_read,
                                       NULL,      edf_table};

const char *
nax_i_version_edflib(void)
{
  static _Thread_local char text[32];
  int v = edflib_version();
  snprintf(text, sizeof text, "%d.%02d", v / 100, v % 100);
  return text;
}
