/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netCDF files: opening, and what the native and the foreign reader share. */
#define _POSIX_C_SOURCE 200809L
#include "hdf5_i.h"
#include "netcdf_i.h"
#include <errno.h>
#include <math.h>
#include <sys/stat.h>

nax_status
nax_i_nc_fail(nax_ctx *ctx, const char *path, const char *what, int code)
{
  nax_status s = code == NC_ENOMEM ? NAX_ENOMEM
#ifdef NC_ENOFILTER
                 : code == NC_ENOFILTER ? NAX_ENOTSUP
#endif
                 : code > 0 ? NAX_EIO
                            : NAX_EFORMAT;
  const char *why = code == NC_EHDFERR ? "damaged data or checksum" : nc_strerror(code);
  return nax_i_fail_file(ctx, s, path, "%s cannot be read (%s)", what, why);
}

/* ------------------------------------------------------------------ attributes */

nax_status
nax_i_nc_text(nax_ctx *ctx, const char *path, int nc, int var, const char *name,
              char **out)
{
  nax_status status = NAX_OK;
  nc_type type;
  size_t n = 0;
  char *text = NULL, **list = NULL;
  enum { MOST = 64 << 20 };
  *out = NULL;
  if (nc_inq_att(nc, var, name, &type, &n) != NC_NOERR) {
    return NAX_OK;
  }
  if (type == NC_CHAR) {
    NAX_REQUIRE_FILE(n <= MOST, NAX_EFORMAT, path, "attribute %s claims %zu bytes", name,
                     n);
    NAX_TRY_ALLOC(text, n + 1, 1);
    NAX_TRY_NC(n > 0 ? nc_get_att_text(nc, var, name, text) : NC_NOERR, path, name);
    *out = text;
    text = NULL;
  } else if (type == NC_STRING && n > 0 && n < 65536) {
    NAX_TRY_ALLOC(list, n, sizeof *list);
    NAX_TRY_NC(nc_get_att_string(nc, var, name, list), path, name);
    *out = nax_i_strdup(list[0]);
    nc_free_string(n, list);
    NAX_REQUIRE(*out != NULL, NAX_ENOMEM, "out of memory");
  }
done:
  nax_i_free(text);
  nax_i_free(list);
  return status;
}

double
nax_i_nc_number(int nc, int var, const char *name, double otherwise)
{
  nc_type type;
  size_t n = 0;
  double x = otherwise;
  if (nc_inq_att(nc, var, name, &type, &n) != NC_NOERR || n != 1 || type == NC_CHAR ||
      type > NC_UINT64 || nc_get_att_double(nc, var, name, &x) != NC_NOERR) {
    return otherwise;
  }
  return x;
}

/* ----------------------------------------------------------------------- texts */

static nax_status
read_chars(nax_ctx *ctx, const char *path, int nc, int var, nax_index n, size_t length,
           int keep_blanks, char **list)
{
  nax_status status = NAX_OK;
  char *all = NULL, name[NC_MAX_NAME + 1] = "";
  nc_inq_varname(nc, var, name);
  NAX_REQUIRE_FILE(n == 0 || length <= ((size_t)1 << 30) / (size_t)n, NAX_EFORMAT, path,
                   "variable %s claims more than 1 GiB of text", name);
  NAX_TRY_ALLOC(all, (size_t)n * length + 1, 1);
  if (n > 0 && length > 0) {
    NAX_TRY_NC(nc_get_var_text(nc, var, all), path, name);
  }
  for (nax_index i = 0; i < n; i++) {
    const char *text = all + (size_t)i * length;
    size_t m = 0;
    while (m < length && text[m] != '\0') {
      m++;
    }
    while (!keep_blanks && m > 0 && text[m - 1] == ' ') {
      m--;
    }
    list[i] = nax_i_strndup(text, m);
    NAX_REQUIRE(list[i] != NULL, NAX_ENOMEM, "out of memory");
  }
done:
  nax_i_free(all);
  return status;
}

nax_status
nax_i_nc_strings(nax_ctx *ctx, const char *path, int nc, int var, nax_index n,
                 int keep_blanks, char ***out)
{
  nax_status status = NAX_OK;
  char **list = NULL, **theirs = NULL, name[NC_MAX_NAME + 1] = "";
  nc_type type = NC_NAT;
  int n_dims = 0, dim[NC_MAX_VAR_DIMS], got = 0;
  size_t length = 1;
  *out = NULL;
  nc_inq_varname(nc, var, name);
  NAX_TRY_ALLOC(list, n, sizeof *list);
  NAX_TRY_NC(nc_inq_var(nc, var, NULL, &type, &n_dims, dim, NULL), path, name);
  if (type == NC_CHAR) {
    if (n_dims > 1) {
      NAX_TRY_NC(nc_inq_dimlen(nc, dim[n_dims - 1], &length), path, name);
    }
    NAX_TRY(read_chars(ctx, path, nc, var, n, length, keep_blanks, list));
  } else {
    NAX_REQUIRE_FILE(type == NC_STRING, NAX_EFORMAT, path, "variable %s is not text",
                     name);
    NAX_TRY_ALLOC(theirs, n, sizeof *theirs);
    if (n > 0) {
      NAX_TRY_NC(nc_get_var_string(nc, var, theirs), path, name);
      got = 1;
    }
    for (nax_index i = 0; i < n; i++) {
      NAX_TRY_DUP(list[i], theirs[i]);
    }
  }
  *out = list;
  list = NULL;
done:
  if (got) {
    nc_free_string((size_t)n, theirs);
  }
  nax_i_free(theirs);
  nax_i_free_strings(list, list != NULL ? n : 0);
  return status;
}

/* ----------------------------------------------------------------------- facts */

nax_dtype
nax_i_nc_dtype(nc_type type)
{
  static const nax_dtype of[NC_STRING + 1] = {
      [NC_BYTE] = NAX_I8,   [NC_CHAR] = NAX_TEXT,  [NC_SHORT] = NAX_I16,
      [NC_INT] = NAX_I32,   [NC_FLOAT] = NAX_F32,  [NC_DOUBLE] = NAX_F64,
      [NC_UBYTE] = NAX_U8,  [NC_USHORT] = NAX_U16, [NC_UINT] = NAX_U32,
      [NC_INT64] = NAX_I64, [NC_UINT64] = NAX_U64, [NC_STRING] = NAX_TEXT};
  return type >= 0 && type <= NC_STRING ? of[type] : (nax_dtype)0;
}

nax_status
nax_i_nc_describe(nax_ctx *ctx, const char *path, int nc, int var, int32_t n_axes,
                  const int32_t *map, nax_i_var *v)
{
  nax_status status = NAX_OK;
  char name[NC_MAX_NAME + 1] = "", filters[80] = "", full[NC_MAX_NAME + 2];
  nc_type type = NC_NAT;
  int n_dims = 0, storage = NC_CONTIGUOUS, shuffle = 0, deflate = 0, level = 0, sum = 0;
  size_t chunk[NC_MAX_VAR_DIMS] = {0};
  NAX_TRY_NC(nc_inq_var(nc, var, name, &type, &n_dims, NULL, NULL), path, name);
  v->info.dtype = nax_i_nc_dtype(type);
  v->info.ndim = n_axes;
  if (nc_inq_var_chunking(nc, var, &storage, chunk) == NC_NOERR &&
      storage == NC_CHUNKED && map != NULL) {
    for (int32_t k = 0; k < n_axes; k++) {
      v->info.chunk[k] = (nax_index)chunk[map[k]];
    }
  }
  if (nc_inq_var_deflate(nc, var, &shuffle, &deflate, &level) == NC_NOERR) {
    snprintf(filters, sizeof filters, "%s%s%s", shuffle ? "shuffle" : "",
             shuffle && deflate ? ", " : "", deflate ? "deflate" : "");
  }
  if (nc_inq_var_fletcher32(nc, var, &sum) == NC_NOERR && sum) {
    size_t used = strlen(filters);
    snprintf(filters + used, sizeof filters - used, "%sfletcher32", used ? ", " : "");
  }
  snprintf(full, sizeof full, "/%s", name);
  NAX_REQUIRE(nax_i_var_text(&v->path, full) && nax_i_var_text(&v->filters, filters) &&
                  nax_i_var_text(&v->file_dtype, nax_dtype_name(v->info.dtype)),
              NAX_ENOMEM, "out of memory");
done:
  return status;
}

nax_status
nax_i_nc_check_size(nax_ctx *ctx, const nax_i_nc *f, const char *path, int nc, int var,
                    const char *name)
{
  nax_status status = NAX_OK;
  int n_dims = 0, dim[NC_MAX_VAR_DIMS], shuffle = 0, deflate = 0, level = 0;
  nc_type type = NC_NAT;
  size_t size = 1, n = 0;
  NAX_TRY_NC(nc_inq_var(nc, var, NULL, &type, &n_dims, dim, NULL), path, name);
  if (type == NC_STRING) {
    size = 16;
  } else if (nc_inq_type(nc, type, NULL, &size) != NC_NOERR) {
    size = 1;
  }
  double bytes = (double)size;
  for (int k = 0; k < n_dims; k++) {
    NAX_TRY_NC(nc_inq_dimlen(nc, dim[k], &n), path, name);
    bytes *= (double)n;
  }
  nc_inq_var_deflate(nc, var, &shuffle, &deflate, &level);
  /* Deflate shrinks a thousandfold at most; what was never written costs nothing, but a
   * recording that is mostly that is no recording. */
  double most = (double)f->size * (deflate ? 1100.0 : 1.0) + 67108864.0;
  NAX_REQUIRE_FILE(
      bytes <= most, NAX_EFORMAT, path,
      "variable %s claims %.0f bytes, more than a file of %llu bytes can hold", name,
      bytes, (unsigned long long)f->size);
done:
  return status;
}

/* ----------------------------------------------------------------------- names */

/* Characters that netCDF names may hold and that separate nothing in our lists. */
static int
plain(unsigned char c)
{
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         c == '_' || c == '.' || c == '-' || c == '+' || c == '@';
}

nax_status
nax_i_nc_encode(nax_ctx *ctx, const char *text, int is_key, char **out)
{
  nax_status status = NAX_OK;
  nax_i_buf b = {0};
  *out = NULL;
  for (const char *p = text; *p != '\0'; p++) {
    unsigned char c = (unsigned char)*p;
    int first = p == text;
    /* A name must begin with a letter or digit, and `_` in front is the library's: then
     * "x" goes before the code of the character. What begins so by itself has its x
     * encoded. */
    int ok =
        plain(c) && !(is_key && first && strchr("_.-+@", c) != NULL) &&
        !(is_key && first && c == 'x' && p[1] != '\0' && !plain((unsigned char)p[1]));
    if (ok) {
      nax_i_buf_add(&b, p, 1);
    } else {
      nax_i_buf_printf(&b, "%s%%%02X", is_key && first ? "x" : "", c);
    }
  }
  nax_i_buf_add(&b, "", 0);
  NAX_REQUIRE(!b.failed, NAX_ENOMEM, "out of memory");
  *out = b.data;
  b = (nax_i_buf){0};
done:
  nax_i_buf_free(&b);
  return status;
}

static int
hex(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void
nax_i_nc_decode(char *text, int is_key)
{
  char *to = text;
  for (const char *p = text + (is_key && text[0] == 'x' && text[1] == '%'); *p != '\0';) {
    if (p[0] == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
      *to++ = (char)(hex(p[1]) * 16 + hex(p[2]));
      p += 3;
    } else {
      *to++ = *p++;
    }
  }
  *to = '\0';
}

/* --------------------------------------------------------------------- opening */

static int
probe(const nax_i_probe *p)
{
  if (p->hdf5 == NAX_I_HDF5_NETCDF) {
    return 90;
  }
  return p->n_head >= 4 && memcmp(p->head, "CDF", 3) == 0 &&
                 (p->head[3] == 1 || p->head[3] == 2 || p->head[3] == 5)
             ? 100
             : 0;
}

static int
probe_native(const nax_i_probe *p)
{
  (void)p;
  return 0; /* the reader of netCDF looks inside and hands over */
}

static void
close_netcdf(nax_source *s)
{
  nax_i_nc *f = s->state;
  if (f != NULL) {
    nax_i_hdf5_lock();
    if (f->is_open) {
      nc_close(f->id);
    }
    nax_i_hdf5_unlock();
    nax_i_free(f);
    s->state = NULL;
  }
}

/* The library asserts, and so ends the process, on some headers of classic files that
 * claim more than there is. Walk the header first. */
typedef struct walker {
  FILE *f;
  uint64_t at, size;
  int wide; /* CDF-5: lengths of 8 bytes */
  int bad;
} walker;

static uint64_t
get(walker *w, int bytes)
{
  unsigned char b[8];
  uint64_t x = 0;
  if (w->bad || fread(b, 1, (size_t)bytes, w->f) != (size_t)bytes) {
    w->bad = 1;
    return 0;
  }
  w->at += (uint64_t)bytes;
  for (int i = 0; i < bytes; i++) {
    x = x << 8 | b[i];
  }
  return x;
}

static uint64_t
length(walker *w)
{
  return get(w, w->wide ? 8 : 4);
}

static void
skip(walker *w, uint64_t n)
{
  n = (n + 3) / 4 * 4;
  if (w->bad || n > w->size - w->at || fseeko(w->f, (off_t)n, SEEK_CUR) != 0) {
    w->bad = 1;
    return;
  }
  w->at += n;
}

static uint64_t
type_size(uint64_t type)
{
  return type == 1 || type == 2 || type == 7     ? 1
         : type == 3 || type == 8                ? 2
         : type == 4 || type == 5 || type == 9   ? 4
         : type == 6 || type == 10 || type == 11 ? 8
                                                 : 0;
}

/* A list of `tag`: its number of entries, each of which takes 8 bytes at least. */
static uint64_t
list_length(walker *w, uint64_t tag)
{
  uint64_t got = get(w, 4), n = length(w);
  if ((got != tag && !(got == 0 && n == 0)) || n > (w->size - w->at) / 8 + 1) {
    w->bad = 1;
  }
  return w->bad ? 0 : n;
}

static void
skip_name(walker *w)
{
  uint64_t n = length(w);
  if (n > NC_MAX_NAME) {
    w->bad = 1;
  }
  skip(w, n);
}

static void
skip_attributes(walker *w)
{
  uint64_t n = list_length(w, 12);
  for (uint64_t i = 0; i < n && !w->bad; i++) {
    skip_name(w);
    uint64_t size = type_size(get(w, 4)), many = length(w);
    if (size == 0 || many > w->size) {
      w->bad = 1;
    } else {
      skip(w, size * many);
    }
  }
}

/* 0 when the header cannot be walked; else `need` is how long the file must be. */
static int
classic_header_ok(const char *path, uint64_t size, uint64_t *need)
{
  walker w = {fopen(path, "rbe"), 0, size, 0, 0};
  enum { MOST_DIMS = 65536 };
  uint64_t *dim = NULL, record = 0, n_record_vars = 0, last = 0;
  double end = 0.0;
  *need = 0;
  if (w.f == NULL) {
    return 1; /* the library says why */
  }
  uint64_t magic = get(&w, 4);
  w.wide = (magic & 255) == 5;
  int wide_offset = (magic & 255) != 1;
  uint64_t n_records = length(&w);
  uint64_t n_dims = list_length(&w, 10);
  w.bad = w.bad || n_dims > MOST_DIMS;
  dim = w.bad ? NULL : nax_i_calloc((size_t)n_dims, sizeof *dim);
  w.bad = w.bad || dim == NULL;
  for (uint64_t i = 0; i < n_dims && !w.bad; i++) {
    skip_name(&w);
    dim[i] = length(&w);
  }
  skip_attributes(&w);
  uint64_t n_vars = list_length(&w, 11);
  for (uint64_t i = 0; i < n_vars && !w.bad; i++) {
    skip_name(&w);
    uint64_t n = length(&w);
    double bytes = 1.0;
    int is_record = 0;
    for (uint64_t k = 0; k < n && !w.bad; k++) {
      uint64_t id = length(&w);
      w.bad = w.bad || n > NC_MAX_VAR_DIMS || id >= n_dims;
      if (!w.bad) {
        is_record = is_record || (k == 0 && dim[id] == 0);
        bytes *= k == 0 && dim[id] == 0 ? 1.0 : (double)dim[id];
      }
    }
    skip_attributes(&w);
    uint64_t element = type_size(get(&w, 4));
    w.bad = w.bad || element == 0;
    (void)length(&w);
    uint64_t begin = get(&w, wide_offset ? 8 : 4);
    w.bad = w.bad || bytes > 4e18 || begin > ((uint64_t)1 << 62);
    bytes *= (double)element;
    if (!w.bad && is_record) {
      record += ((uint64_t)bytes + 3) / 4 * 4;
      last = (uint64_t)bytes;
      n_record_vars++;
      end = (double)begin > end ? (double)begin : end;
    } else if (!w.bad && (double)begin + bytes > end && n_record_vars == 0) {
      end = (double)begin + bytes;
    }
  }
  fclose(w.f);
  nax_i_free(dim);
  /* Records of a single variable are not padded; files still being written say -1. */
  int known = n_records != UINT64_MAX && n_records != UINT32_MAX;
  if (n_record_vars > 0 && known && n_records > 0) {
    record = n_record_vars == 1 ? last : record;
    end += (double)(n_records - 1) * (double)record + (double)last;
  }
  *need = end < 9e18 ? (uint64_t)end : UINT64_MAX;
  return !w.bad;
}

static nax_status
open_netcdf(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  nax_i_nc *f = NULL;
  struct stat st;
  char magic[4] = "";
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(f, 1, sizeof *f);
  s->state = f;
  NAX_REQUIRE_FILE(stat(s->path, &st) == 0, NAX_EIO, s->path, "cannot open: %s",
                   strerror(errno));
  f->size = (uint64_t)st.st_size;
  FILE *head = fopen(s->path, "rbe");
  if (head != NULL) {
    if (fread(magic, 1, 4, head) != 4) {
      magic[0] = '\0';
    }
    fclose(head);
  }
  if (memcmp(magic, "CDF", 3) == 0) {
    uint64_t need = 0;
    NAX_REQUIRE_FILE(
        classic_header_ok(s->path, f->size, &need), NAX_EFORMAT, s->path,
        "is a damaged netCDF file (its header claims more than its %llu bytes hold)",
        (unsigned long long)f->size);
    NAX_REQUIRE_FILE(need <= f->size, NAX_EFORMAT, s->path,
                     "file is truncated: %llu of %llu bytes", (unsigned long long)f->size,
                     (unsigned long long)need);
  } else {
    NAX_TRY(nax_i_h5_survey(ctx, s->path));
  }
  int code = nc_open(s->path, NC_NOWRITE, &f->id);
  NAX_REQUIRE_FILE(code == NC_NOERR, code > 0 ? NAX_EIO : NAX_EFORMAT, s->path,
                   "is a damaged netCDF file (%s)",
                   code == NC_EHDFERR ? "its headers cannot be decoded"
                                      : nc_strerror(code));
  f->is_open = 1;
  double native = nax_i_nc_number(f->id, NC_GLOBAL, "neuraxis_format", NAN);
  if (!isnan(native)) {
    NAX_REQUIRE_FILE(native >= 1.0 && native <= NAX_I_NC_FORMAT, NAX_ENOTSUP, s->path,
                     "is in format %g of a newer version (expected at most %d)", native,
                     (int)NAX_I_NC_FORMAT);
    s->format = &nax_i_format_native;
    NAX_TRY(nax_i_nc_open_native(ctx, s, f));
  } else {
    NAX_TRY(nax_i_nc_open_cf(ctx, s, f));
  }
done:
  nax_i_hdf5_unlock();
  return status;
}

const nax_i_format nax_i_format_native = {
    "neuraxis",
    "the native file (netCDF-4, see neuraxis-file(5))",
    probe_native,
    open_netcdf,
    close_netcdf,
    nax_i_nc_read_native,
    nax_i_nc_spikes_native,
    nax_i_nc_table_native};

const nax_i_format nax_i_format_netcdf = {
    "netcdf",
    "netCDF classic and netCDF-4 with CF conventions",
    probe,
    open_netcdf,
    close_netcdf,
    nax_i_nc_read_cf,
    nax_i_nc_spikes_cf,
    nax_i_nc_table_cf};

const char *
nax_i_version_netcdf(void)
{
  return nc_inq_libvers();
}
