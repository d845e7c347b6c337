/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several NumPy arrays in a zip archive. */
#include "npy_i.h"
#include <math.h>
#include <zip.h>

/* Deflate makes at most 1032 bytes of one. */
enum { MAX_MEMBERS = 4096, MOST_EXPANSION = 1032, SCRATCH = 1 << 16 };

typedef struct member {
  zip_t *zip; /* borrowed */
  zip_uint64_t index;
  zip_file_t *file; /* NULL: not open */
  uint64_t at;      /* bytes of the member read so far */
  int stored;
  char *label; /* "member dff.npy: " */
  nax_i_bytes bytes;
  nax_i_npy header;
  int32_t order[NAX_MAX_NDIM];
} member;

typedef struct state {
  zip_t *zip;
} state;

static void
free_member(void *p)
{
  member *m = p;
  if (m != NULL) {
    if (m->file != NULL) {
      (void)zip_fclose(m->file);
    }
    nax_i_free(m->label);
  }
  nax_i_free(m);
}

static void
close_member(member *m)
{
  if (m->file != NULL) {
    (void)zip_fclose(m->file);
    m->file = NULL;
  }
}

static int
npz_probe(const nax_i_probe *p)
{
  if (p->is_dir || p->n_head < 30 || memcmp(p->head, "PK", 2) != 0) {
    return 0;
  }
  size_t n = p->head[26] | (size_t)p->head[27] << 8;
  if (memcmp(p->head + 2, "\x03\x04", 2) == 0 && n >= 4 && 30 + n <= p->n_head &&
      memcmp(p->head + 30 + n - 4, ".npy", 4) == 0) {
    return 95;
  }
  return nax_i_has_ext(p->path, "npz") ? 30 : 0;
}

/* ------------------------------------------------------------------ bytes of a member */

static nax_status
member_fault(nax_ctx *ctx, const member *m)
{
  const char *why = m->file != NULL ? zip_file_strerror(m->file) : zip_strerror(m->zip);
  return nax_i_fail_file(ctx, NAX_EFORMAT, m->bytes.path,
                         "%sdamaged in the archive (found: %s)", m->label, why);
}

static nax_status
go_to(nax_ctx *ctx, member *m, uint64_t at)
{
  nax_status status = NAX_OK;
  char *scratch = NULL;
  if (m->file != NULL && at < m->at && !m->stored) {
    close_member(m);
  }
  if (m->file == NULL) {
    m->file = zip_fopen_index(m->zip, m->index, 0);
    m->at = 0;
    if (m->file == NULL) {
      return member_fault(ctx, m);
    }
  }
  if (m->at == at) {
    return NAX_OK;
  }
  if (m->stored && at <= INT64_MAX) {
    if (zip_fseek(m->file, (zip_int64_t)at, SEEK_SET) != 0) {
      return member_fault(ctx, m);
    }
    m->at = at;
    return NAX_OK;
  }
  NAX_TRY_ALLOC(scratch, SCRATCH, 1);
  while (m->at < at) {
    uint64_t left = at - m->at;
    zip_int64_t k = zip_fread(m->file, scratch, left < SCRATCH ? left : SCRATCH);
    if (k <= 0) {
      status = member_fault(ctx, m);
      goto done;
    }
    m->at += (uint64_t)k;
  }
done:
  nax_i_free(scratch);
  return status;
}

static nax_status
read_member(nax_ctx *ctx, nax_i_bytes *b, uint64_t at, void *dst, size_t n)
{
  nax_status status = NAX_OK;
  member *m = b->handle;
  char *p = dst, more;
  NAX_TRY(go_to(ctx, m, at));
  for (size_t got = 0; got < n;) {
    zip_int64_t k = zip_fread(m->file, p + got, n - got);
    if (k < 0) {
      status = member_fault(ctx, m);
      goto done;
    }
    NAX_REQUIRE_FILE(k > 0, NAX_EFORMAT, b->path,
                     "%sends early (found %llu bytes, expected %llu)", b->member,
                     (unsigned long long)m->at, (unsigned long long)b->size);
    got += (size_t)k;
    m->at += (uint64_t)k;
  }
  /* At its end the archive's checksum is compared. */
  if (m->at == b->size && !m->stored && zip_fread(m->file, &more, 1) < 0) {
    status = member_fault(ctx, m);
  }
done:
  return status;
}

/* --------------------------------------------------------------------------- opening */

static nax_status
check_member(nax_ctx *ctx, const nax_source *s, const char *label, const zip_stat_t *st,
             uint64_t file_size)
{
  nax_status status = NAX_OK;
  unsigned long long size = st->size, packed = st->comp_size;
  NAX_REQUIRE_FILE(st->encryption_method == ZIP_EM_NONE, NAX_ENOTSUP, s->path,
                   "%sis encrypted", label);
  NAX_REQUIRE_FILE(st->comp_method == ZIP_CM_STORE || st->comp_method == ZIP_CM_DEFLATE,
                   NAX_ENOTSUP, s->path,
                   "%shas compression method %d (expected 0, stored, or 8, deflated)",
                   label, (int)st->comp_method);
  NAX_REQUIRE_FILE(packed <= file_size, NAX_EFORMAT, s->path,
                   "%sis larger than its archive (found %llu bytes, expected at most "
                   "%llu)",
                   label, packed, (unsigned long long)file_size);
  NAX_REQUIRE_FILE(st->comp_method == ZIP_CM_STORE ? size == packed
                                                   : size / MOST_EXPANSION <= packed,
                   NAX_EFORMAT, s->path,
                   "%ssize cannot be true (found %llu bytes out of %llu compressed ones)",
                   label, size, packed);
done:
  return status;
}

/* Open member i and read its header; *out stays NULL for what is no array. */
static nax_status
open_member(nax_ctx *ctx, nax_source *s, zip_uint64_t i, uint64_t file_size, member **out)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  member *m = NULL;
  zip_stat_t info;
  const zip_uint64_t need = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                            ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  *out = NULL;
  zip_stat_init(&info);
  NAX_REQUIRE_FILE(zip_stat_index(st->zip, i, 0, &info) == 0 &&
                       (info.valid & need) == need,
                   NAX_EFORMAT, s->path, "entry %llu of the archive cannot be read (%s)",
                   (unsigned long long)i, zip_strerror(st->zip));
  size_t n = strlen(info.name);
  if (n < 5 || strcmp(info.name + n - 4, ".npy") != 0) {
    nax_i_warn(ctx, NAX_INFO, "io.member-skipped", "member %.100s is no .npy", info.name);
    goto done;
  }
  NAX_TRY_ALLOC(m, 1, sizeof *m);
  m->zip = st->zip;
  m->index = i;
  m->stored = info.comp_method == ZIP_CM_STORE;
  m->label = nax_i_asprintf("member %.100s: ", info.name);
  NAX_REQUIRE(m->label != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(check_member(ctx, s, m->label, &info, file_size));
  m->bytes = (nax_i_bytes){.path = s->path,
                           .member = m->label,
                           .size = info.size,
                           .forward = !m->stored,
                           .read = read_member,
                           .fd = -1,
                           .handle = m};
  status = nax_i_npy_header(ctx, s, &m->bytes, &m->header);
  close_member(m);
  if (status == NAX_ETYPE) { /* names as text beside the data are common */
    char why[300];
    snprintf(why, sizeof why, "%s", nax_ctx_error(ctx) + strlen(s->path) + 2);
    nax_i_begin(ctx);
    nax_i_warn(ctx, NAX_INFO, "io.member-skipped", "%s", why);
    status = NAX_OK;
    goto done;
  }
  NAX_TRY(status);
  *out = m;
  m = NULL;
done:
  free_member(m);
  return status;
}

static int
means_rate(const char *name)
{
  static const char *const names[] = {
      "fs", "rate",       "sampling_rate", "sample_rate", "samplerate",  "sfreq",
      "fr", "frame_rate", "framerate",     "fps",         "imaging_rate"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(name, names[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

/* A single number becomes an attribute, and the sampling rate when it is called so. */
static nax_status
take_number(nax_ctx *ctx, nax_source *s, const char *name, member *m)
{
  nax_status status = NAX_OK;
  double x;
  NAX_TRY(nax_i_npy_values(ctx, &m->bytes, &m->header, name, 0, 1, &x));
  NAX_TRY(nax_i_source_attr(ctx, s, name, NULL, x));
  if (means_rate(name) && isfinite(x) && x > 0 && isnan(s->stated_rate)) {
    s->stated_rate = x;
    nax_i_warn(ctx, NAX_INFO, "io.rate-by-name",
               "the number `%s` (%g) is taken as sampling rate in Hz", name, x);
  }
done:
  return status;
}

static nax_status
add_array(nax_ctx *ctx, nax_source *s, const char *name, member *m)
{
  nax_status status = NAX_OK;
  nax_i_var *v = NULL;
  if (nax_source_find(s, name) >= 0) {
    status = nax_i_fail_file(ctx, NAX_EFORMAT, s->path,
                             "%sis there twice (expected different names)", m->label);
    free_member(m);
    goto done;
  }
  v = nax_i_source_add(s, NAX_VAR_ARRAY, name);
  if (v != NULL) {
    v->priv = m;
    v->free_priv = free_member;
  } else {
    free_member(m);
  }
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE(nax_i_var_text(&v->file_dtype, m->header.descr) &&
                  (m->stored || nax_i_var_text(&v->filters, "deflate")),
              NAX_ENOMEM, "out of memory");
  v->info.dtype = m->header.dtype;
  v->whole = !m->stored;
done:
  return status;
}

static nax_status
add_members(nax_ctx *ctx, nax_source *s, uint64_t file_size, zip_uint64_t n)
{
  nax_status status = NAX_OK;
  member *m = NULL;
  char name[128];
  for (zip_uint64_t i = 0; i < n; i++) {
    NAX_TRY(open_member(ctx, s, i, file_size, &m));
    if (m == NULL) {
      continue;
    }
    snprintf(name, sizeof name, "%.*s", (int)(strlen(m->label) - strlen("member .npy: ")),
             m->label + strlen("member "));
    if (m->header.ndim == 0) {
      NAX_TRY(take_number(ctx, s, name, m));
    } else if (m->header.n == 0) {
      nax_i_warn(ctx, NAX_INFO, "io.member-skipped", "%sholds no values (shape %s)",
                 m->label, m->header.shape);
    } else {
      member *given = m;
      m = NULL;
      NAX_TRY(add_array(ctx, s, name, given));
    }
    free_member(m);
    m = NULL;
  }
done:
  free_member(m);
  return status;
}

static nax_status
npz_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  int code = 0;
  uint64_t size = 0;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  nax_i_bytes file = {.fd = -1};
  NAX_TRY(nax_i_bytes_open(ctx, s->path, &file));
  size = file.size;
  nax_i_bytes_close(&file);
  st->zip = zip_open(s->path, ZIP_RDONLY, &code);
  if (st->zip == NULL) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    status = nax_i_fail_file(ctx, code == ZIP_ER_MEMORY ? NAX_ENOMEM : NAX_EFORMAT,
                             s->path, "is no whole zip archive (found %llu bytes; %s)",
                             (unsigned long long)size, zip_error_strerror(&error));
    zip_error_fini(&error);
    goto done;
  }
  zip_int64_t n = zip_get_num_entries(st->zip, 0);
  NAX_REQUIRE_FILE(n >= 0 && n <= MAX_MEMBERS, NAX_EFORMAT, s->path,
                   "has too many members (found %lld, expected at most %d)", (long long)n,
                   (int)MAX_MEMBERS);
  NAX_TRY(add_members(ctx, s, size, (zip_uint64_t)n));
  NAX_REQUIRE_FILE(s->n_vars > 0, NAX_EDATA, s->path,
                   "has no numeric array (found %lld members, expected name.npy)",
                   (long long)n);
  for (int32_t i = 0; i < s->n_vars; i++) {
    member *m = s->vars[i].priv;
    NAX_TRY(nax_i_var_plain_axes(ctx, s, &s->vars[i], s->n_vars == 1, m->header.ndim,
                                 m->header.dim, m->order));
  }
done:
  return status;
}

static void
npz_close(nax_source *s)
{
  state *st = s->state;
  for (int32_t i = 0; i < s->n_vars; i++) { /* before the archive they belong to */
    if (s->vars[i].priv != NULL) {
      close_member(s->vars[i].priv);
    }
  }
  if (st != NULL && st->zip != NULL) {
    zip_discard(st->zip);
  }
  nax_i_free(st);
}

static nax_status
npz_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
         const nax_index *count, nax_dtype dtype, void *dst)
{
  member *m = v->priv;
  (void)s;
  return nax_i_npy_read(ctx, &m->bytes, &m->header, v->name, m->order, NULL, start, count,
                        dtype, dst);
}

const nax_i_format nax_i_format_npz = {
    "npz", "NumPy archive (.npz)", npz_probe, npz_open, npz_close, npz_read, NULL, NULL};

const char *
nax_i_version_libzip(void)
{
  return zip_libzip_version();
}
