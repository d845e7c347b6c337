/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB levels 4 and 5: tags and lengths, checked before matio reads the file, and the
 * unpacked image that it reads instead of a compressed one. Values are never looked at
 * here. Layout: "MAT-File Format", The MathWorks, chapters 1 and 2. */
#define _POSIX_C_SOURCE 200809L
#include "mat_i.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
  MI_INT8 = 1,
  MI_INT32 = 5,
  MI_UINT32 = 6,
  MI_DOUBLE = 9,
  MI_MATRIX = 14,
  MI_COMPRESSED = 15,
  MI_UTF8 = 16
};
enum { MX_CELL = 1, MX_STRUCT = 2, MX_OBJECT = 3, MX_CHAR = 4, MX_SPARSE = 5 };
enum { MX_DOUBLE = 6, MX_UINT64 = 15, MX_FUNCTION = 16, MX_OPAQUE = 17 };

enum {
  MAX_DEPTH = 16,        /* cells in structs in cells ... */
  MAX_NODES = 200000,    /* arrays inside arrays; matio spends some 400 bytes on each */
  MAX_PARTS = 100000,    /* variables of a file */
  HEADER = 128,          /* bytes before the first variable */
  EMPTY = 48,            /* bytes of an empty double matrix */
  SMALL_IMAGE = 64 << 20 /* up to this size an image may live in memory */
};

/* Deflate cannot do better than this (zlib's technical details). */
#define MAX_RATIO 1032

/* ------------------------------------------------------- a stream of one variable */

typedef struct stream {
  nax_ctx *ctx;
  const char *path;
  nax_i_mat_image *m;
  const char *name; /* of the variable, "" until it is known */
  int number;       /* of the variable, from 1 */
  int64_t pos, end; /* of the file; `end` is where the variable ends */
  int64_t out;      /* bytes of the unpacked variable delivered, tag included */
  int64_t at;       /* where the variable begins in the image */
  int tee;          /* copy what is read into the image */
  int packed;
  int64_t nodes;
  z_stream z;
  unsigned char in[1 << 14], scratch[1 << 14];
} stream;

static nax_status
damaged(stream *s, const char *what, long long found, long long expected)
{
  char name[96] = "";
  if (s->name[0] != '\0') {
    snprintf(name, sizeof name, " (`%.60s`)", s->name);
  }
  return nax_i_fail_file(s->ctx, NAX_EFORMAT, s->path,
                         "variable %d%s is damaged: %s (found %lld, expected %lld)",
                         s->number, name, what, found, expected);
}

static nax_status
io_failed(stream *s, const char *doing)
{
  return nax_i_fail_file(s->ctx, NAX_EIO, s->path, "cannot %s: %s", doing,
                         strerror(errno));
}

static int
read_at(int fd, void *buf, size_t n, int64_t at)
{
  char *p = buf;
  while (n > 0) {
    ssize_t k = pread(fd, p, n, (off_t)at);
    if (k < 0 && errno == EINTR) {
      continue;
    }
    if (k <= 0) {
      errno = k == 0 ? EIO : errno;
      return -1;
    }
    p += k;
    at += k;
    n -= (size_t)k;
  }
  return 0;
}

static int
write_at(int fd, const void *buf, size_t n, int64_t at)
{
  const char *p = buf;
  while (n > 0) {
    ssize_t k = pwrite(fd, p, n, (off_t)at);
    if (k < 0 && errno == EINTR) {
      continue;
    }
    if (k <= 0) {
      return -1;
    }
    p += k;
    at += k;
    n -= (size_t)k;
  }
  return 0;
}

static nax_status
refill(stream *s)
{
  int64_t left = s->end - s->pos;
  size_t k = left < (int64_t)sizeof s->in ? (size_t)left : sizeof s->in;
  if (read_at(s->m->source, s->in, k, s->pos) != 0) {
    return io_failed(s, "read");
  }
  s->pos += (int64_t)k;
  s->z.next_in = s->in;
  s->z.avail_in = (unsigned)k;
  return NAX_OK;
}

static nax_status
inflate_some(stream *s, void *buf, size_t n)
{
  nax_status status = NAX_OK;
  s->z.next_out = buf;
  s->z.avail_out = (unsigned)n;
  while (s->z.avail_out > 0) {
    if (s->z.avail_in == 0 && s->pos < s->end) {
      NAX_TRY(refill(s));
    }
    int r = inflate(&s->z, Z_NO_FLUSH);
    if (r == Z_MEM_ERROR) {
      return nax_i_fail(s->ctx, NAX_ENOMEM, __func__, "out of memory");
    }
    if (s->z.avail_out > 0 && r != Z_OK) {
      return damaged(s, "its compressed data are broken or end early",
                     (long long)(s->out + (int64_t)(n - s->z.avail_out)),
                     (long long)(s->out + (int64_t)n));
    }
  }
done:
  return status;
}

/* The next n bytes of the unpacked variable; n fits `scratch` when buf is that. */
static nax_status
get(stream *s, void *buf, size_t n)
{
  nax_status status = NAX_OK;
  if (s->packed) {
    NAX_TRY(inflate_some(s, buf, n));
  } else {
    if (read_at(s->m->source, buf, n, s->pos) != 0) {
      return io_failed(s, "read");
    }
    s->pos += (int64_t)n;
  }
  if (s->tee && write_at(s->m->image, buf, n, s->at + s->out) != 0) {
    return io_failed(s, "unpack into a temporary file");
  }
  s->out += (int64_t)n;
done:
  return status;
}

static nax_status
skip(stream *s, int64_t n)
{
  nax_status status = NAX_OK;
  if (!s->packed && !s->tee) {
    s->pos += n;
    s->out += n;
    return NAX_OK;
  }
  while (n > 0) {
    size_t k = n < (int64_t)sizeof s->scratch ? (size_t)n : sizeof s->scratch;
    NAX_TRY(get(s, s->scratch, k));
    n -= (int64_t)k;
  }
done:
  return status;
}

/* After the last byte: nothing more may come out, and the checksum has to agree. */
static nax_status
finish(stream *s)
{
  if (!s->packed) {
    return NAX_OK;
  }
  nax_status status = NAX_OK;
  unsigned char extra;
  s->z.next_out = &extra;
  s->z.avail_out = 1;
  int r;
  do {
    if (s->z.avail_in == 0 && s->pos < s->end) {
      NAX_TRY(refill(s));
    }
    r = inflate(&s->z, Z_NO_FLUSH);
  } while (r == Z_OK && s->z.avail_out > 0);
  if (r != Z_STREAM_END || s->z.avail_out == 0) {
    return damaged(s,
                   "its compressed data do not end where they should, or their checksum "
                   "is wrong",
                   (long long)s->z.total_out, (long long)s->out);
  }
done:
  return status;
}

static nax_status
begin(stream *s, nax_ctx *ctx, const char *path, nax_i_mat_image *m,
      const nax_i_mat_part *p, int number)
{
  s->ctx = ctx;
  s->path = path;
  s->m = m;
  s->name = p->name;
  s->number = number;
  s->pos = p->from + (p->compressed ? 8 : 0);
  s->end = p->from + 8 + p->length;
  s->out = 0;
  s->at = p->at;
  s->tee = 0;
  s->packed = p->compressed;
  memset(&s->z, 0, sizeof s->z);
  if (s->packed && inflateInit(&s->z) != Z_OK) {
    s->packed = 0;
    return nax_i_fail(ctx, NAX_ENOMEM, __func__, "out of memory");
  }
  return NAX_OK;
}

static void
end(stream *s)
{
  if (s->packed) {
    inflateEnd(&s->z);
  }
  s->packed = 0;
}

/* ------------------------------------------------------------------- the walk */

static uint32_t
u32(const stream *s, const unsigned char *b)
{
  return s->m->swap
             ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
             : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* A tag: type and length, and whether the (at most 4) bytes of data are in it. */
typedef struct tag {
  uint32_t type, bytes;
  int small;
  unsigned char data[4];
} tag;

static nax_status
get_tag(stream *s, int64_t stop, tag *t)
{
  nax_status status = NAX_OK;
  unsigned char b[8];
  if (stop - s->out < 8) {
    return damaged(s, "bytes left for an element", (long long)(stop - s->out), 8);
  }
  NAX_TRY(get(s, b, 8));
  uint32_t first = u32(s, b);
  t->small = first >> 16 != 0;
  t->type = t->small ? first & 0xffff : first;
  t->bytes = t->small ? first >> 16 : u32(s, b + 4);
  memcpy(t->data, b + 4, 4);
  if (t->small && t->bytes > 4) {
    return damaged(s, "length of a small element", t->bytes, 4);
  }
  if (!t->small && (int64_t)t->bytes > stop - s->out) {
    return damaged(s, "length of an element", t->bytes, (long long)(stop - s->out));
  }
done:
  return status;
}

static int64_t
padded(uint32_t n)
{
  return ((int64_t)n + 7) / 8 * 8;
}

/* Jump over the data of an element; the padding of the last one may be missing. */
static nax_status
skip_data(stream *s, int64_t stop, const tag *t)
{
  int64_t n = t->small ? 0 : padded(t->bytes), left = stop - s->out;
  return skip(s, n < left ? n : left);
}

static int
type_size(uint32_t type)
{
  static const int size[] = {0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8, 0, 0, 1, 2, 4};
  return type < sizeof size / sizeof size[0] ? size[type] : 0;
}

/* Dimensions of the array at hand; the product is below 2^48. */
static nax_status
get_dims(stream *s, int64_t stop, int64_t *n_elements, int64_t *n_cols)
{
  nax_status status = NAX_OK;
  unsigned char b[4 * 32 + 4];
  tag t;
  NAX_TRY(get_tag(s, stop, &t));
  if (t.small || t.type != MI_INT32 || t.bytes % 4 != 0 || t.bytes < 8 ||
      t.bytes > 4 * 32) {
    return damaged(s, "bytes of the dimensions element", t.bytes, 8);
  }
  int64_t n = padded(t.bytes), product = 1;
  if (n > stop - s->out) {
    return damaged(s, "bytes left for the dimensions", (long long)(stop - s->out),
                   (long long)n);
  }
  NAX_TRY(get(s, b, (size_t)n));
  for (uint32_t k = 0; k < t.bytes / 4; k++) {
    uint32_t d = u32(s, b + 4 * k);
    if (d > INT32_MAX) {
      return damaged(s, "a dimension", (long long)(int32_t)d, 0);
    }
    if (product > 0 && d > 0 && product > ((int64_t)1 << 48) / d) {
      return nax_i_fail_file(s->ctx, NAX_EFORMAT, s->path,
                             "variable %d is damaged: its dimensions multiply to more "
                             "than a file can hold",
                             s->number);
    }
    product *= d;
    *n_cols = k == 1 ? d : *n_cols;
  }
  *n_elements = product;
done:
  return status;
}

static nax_status
get_name(stream *s, int64_t stop, int top, char name[64])
{
  nax_status status = NAX_OK;
  char text[512];
  tag t;
  NAX_TRY(get_tag(s, stop, &t));
  /* matio takes the names of nested arrays to be empty or packed into the tag. */
  if (t.type != MI_INT8 || (!t.small && t.bytes > (top ? 500 : 0))) {
    return damaged(s, "bytes of the name element", t.bytes, 0);
  }
  size_t n = t.bytes;
  if (t.small) {
    memcpy(text, t.data, n);
  } else if (n > 0) {
    if (padded(t.bytes) > stop - s->out) {
      return damaged(s, "bytes left for the name", (long long)(stop - s->out),
                     (long long)n);
    }
    NAX_TRY(get(s, text, (size_t)padded(t.bytes)));
  }
  if (top) {
    n = n < 63 ? n : 63;
    memcpy(name, text, n);
    name[n] = '\0';
  }
done:
  return status;
}

/* Numbers or characters: as many bytes as the shape needs. */
static nax_status
get_values(stream *s, int64_t stop, int64_t n_elements, int is_text, int only_tag)
{
  nax_status status = NAX_OK;
  tag t;
  if (n_elements == 0 && s->out == stop) {
    return NAX_OK;
  }
  NAX_TRY(get_tag(s, stop, &t));
  int size = type_size(t.type);
  if (size == 0 || (t.type >= MI_UTF8 && !is_text)) {
    return damaged(s, "data type", t.type, MI_DOUBLE);
  }
  int64_t want = n_elements * size;
  /* UTF-8 needs fewer or more bytes than there are characters. */
  if (is_text ? t.type != MI_UTF8 && t.bytes < want : t.bytes != want) {
    return damaged(s, "bytes of data", t.bytes, (long long)want);
  }
  if (is_text && t.bytes > INT32_MAX / 2) {
    return damaged(s, "bytes of text", t.bytes, INT32_MAX / 2);
  }
  if (!only_tag) {
    NAX_TRY(skip_data(s, stop, &t));
  }
done:
  return status;
}

/* Row indices, column starts and values of a sparse matrix. */
static nax_status
get_sparse(stream *s, int64_t stop, int64_t n_cols, int is_complex)
{
  nax_status status = NAX_OK;
  for (int k = 0; k < 3 + is_complex; k++) {
    tag t;
    NAX_TRY(get_tag(s, stop, &t));
    int size = type_size(t.type);
    if (k < 2 ? t.type != MI_INT32 && t.type != MI_UINT32 : size == 0) {
      return damaged(s, "data type of a sparse matrix", t.type, MI_INT32);
    }
    if (k == 1 && t.bytes != 4 * (n_cols + 1)) {
      return damaged(s, "bytes of the column starts", t.bytes,
                     (long long)(4 * (n_cols + 1)));
    }
    NAX_TRY(skip_data(s, stop, &t));
  }
done:
  return status;
}

static nax_status get_matrix(stream *s, int64_t n, int depth, nax_i_mat_part *top);

static nax_status
get_children(stream *s, int64_t stop, int64_t n, int depth)
{
  nax_status status = NAX_OK;
  if (n > (stop - s->out) / 8) {
    return damaged(s, "number of arrays inside", (long long)n,
                   (long long)((stop - s->out) / 8));
  }
  s->nodes += n;
  if (s->nodes > MAX_NODES) {
    return nax_i_fail_file(s->ctx, NAX_ENOTSUP, s->path,
                           "has more than %d arrays inside structs and cells",
                           (int)MAX_NODES);
  }
  for (int64_t i = 0; i < n; i++) {
    tag t;
    NAX_TRY(get_tag(s, stop, &t));
    if (t.small || t.type != MI_MATRIX) {
      return damaged(s, "type of an inner array", t.type, MI_MATRIX);
    }
    if (t.bytes > 0) {
      NAX_TRY(get_matrix(s, t.bytes, depth + 1, NULL));
    }
  }
done:
  return status;
}

static nax_status
get_struct(stream *s, int64_t stop, int64_t n_elements, int depth)
{
  nax_status status = NAX_OK;
  tag t;
  NAX_TRY(get_tag(s, stop, &t));
  uint32_t length = u32(s, t.data);
  if (!t.small || t.type != MI_INT32 || t.bytes != 4 || length < 1 || length > 1024) {
    return damaged(s, "length of field names", length, 32);
  }
  NAX_TRY(get_tag(s, stop, &t));
  if (t.type != MI_INT8 || t.bytes % length != 0) {
    return damaged(s, "bytes of the field names", t.bytes, length);
  }
  int64_t n_fields = t.bytes / length;
  NAX_TRY(skip_data(s, stop, &t));
  if (n_fields > 0 && n_elements > MAX_NODES) {
    return damaged(s, "elements of a struct array", (long long)n_elements, MAX_NODES);
  }
  NAX_TRY(get_children(s, stop, n_elements * n_fields, depth));
done:
  return status;
}

/* An object or a function handle inside a struct: what matio finds in its place is an
 * empty double of the same length, for it does not know their layout. */
static nax_status
blank_out(stream *s, int64_t begun, int64_t n)
{
  nax_status status = NAX_OK;
  static const uint32_t empty[EMPTY / 4] = {MI_UINT32, 8, MX_DOUBLE, 0, MI_INT32,  8,
                                            0,         0, MI_INT8,   0, MI_DOUBLE, 0};
  unsigned char b[EMPTY];
  if (n < EMPTY) {
    return damaged(s, "bytes of an object", (long long)n, EMPTY);
  }
  NAX_TRY(skip(s, begun + n - s->out));
  for (int k = 0; k < EMPTY / 4; k++) {
    for (int j = 0; j < 4; j++) {
      b[4 * k + j] = (unsigned char)(empty[k] >> 8 * (s->m->swap ? 3 - j : j));
    }
  }
  if (s->tee && write_at(s->m->image, b, EMPTY, s->at + begun) != 0) {
    return io_failed(s, "unpack into a temporary file");
  }
done:
  return status;
}

/* The content, n bytes, of a matrix element. For a variable (`top`) its name is kept, a
 * class that holds no numbers is left with top->size = -1, and the numbers of a plain
 * matrix are left unread. */
static nax_status
get_matrix(stream *s, int64_t n, int depth, nax_i_mat_part *top)
{
  nax_status status = NAX_OK;
  unsigned char flags[8];
  int64_t begun = s->out, stop = s->out + n, n_elements = 0, n_cols = 0;
  tag t;
  if (depth > MAX_DEPTH) {
    return damaged(s, "depth of nesting", depth, MAX_DEPTH);
  }
  NAX_TRY(get_tag(s, stop, &t));
  if (t.small || (t.type != MI_UINT32 && !(top && t.type == MI_INT32)) || t.bytes != 8) {
    return damaged(s, "type of the flags element", t.type, MI_UINT32);
  }
  NAX_TRY(get(s, flags, 8));
  int class = (int)(u32(s, flags) & 0xff), is_complex = (u32(s, flags) & 0x800) != 0;
  if (class == MX_OBJECT || class == MX_FUNCTION || class == MX_OPAQUE) {
    if (top != NULL) {
      top->size = -1;
      return NAX_OK;
    }
    s->m->n_skipped++;
    return blank_out(s, begun, n);
  }
  if (class < MX_CELL || class > MX_UINT64) {
    return damaged(s, "class of an array", class, MX_DOUBLE);
  }
  NAX_TRY(get_dims(s, stop, &n_elements, &n_cols));
  NAX_TRY(get_name(s, stop, top != NULL, top != NULL ? top->name : NULL));
  if (class == MX_CELL) {
    NAX_TRY(get_children(s, stop, n_elements, depth));
  } else if (class == MX_STRUCT) {
    NAX_TRY(get_struct(s, stop, n_elements, depth));
  } else if (class == MX_SPARSE) {
    NAX_TRY(get_sparse(s, stop, n_cols, is_complex));
  } else if (top != NULL && class != MX_CHAR) {
    top->filled = 0;
    return get_values(s, stop, n_elements, 0, 1);
  } else {
    for (int k = 0; k < 1 + is_complex; k++) {
      NAX_TRY(get_values(s, stop, n_elements, class == MX_CHAR, 0));
    }
  }
  NAX_TRY(skip(s, stop - s->out));
done:
  return status;
}

/* ----------------------------------------------------------------- the image */

/* A temporary file in memory or, when large, on a disk. */
static nax_status
make_image(nax_ctx *ctx, const char *path, nax_i_mat_image *m, int64_t size)
{
  static const char *const dirs[] = {"/dev/shm", "/var/tmp", "/tmp"};
  nax_status status = NAX_OK;
  for (int k = size <= SMALL_IMAGE ? 0 : 1; k < 3 && m->image < 0; k++) {
    nax_i_free(m->image_path);
    m->image_path = nax_i_asprintf("%s/neuraxis-XXXXXX", dirs[k]);
    NAX_REQUIRE(m->image_path != NULL, NAX_ENOMEM, "out of memory");
    m->image = mkstemp(m->image_path);
  }
  if (m->image < 0) {
    nax_i_free(m->image_path);
    m->image_path = NULL;
  }
  NAX_REQUIRE_FILE(m->image >= 0 && ftruncate(m->image, (off_t)size) == 0, NAX_EIO, path,
                   "cannot make a temporary file to unpack into: %s", strerror(errno));
done:
  return status;
}

const char *
nax_i_mat_image_path(const nax_i_mat_image *m, const char *path)
{
  return m->image_path != NULL ? m->image_path : path;
}

void
nax_i_mat_image_hide(nax_i_mat_image *m)
{
  if (m->image_path != NULL) {
    unlink(m->image_path);
    nax_i_free(m->image_path);
    m->image_path = NULL;
  }
}

void
nax_i_mat_image_close(nax_i_mat_image *m)
{
  nax_i_mat_image_hide(m);
  if (m->source >= 0) {
    close(m->source);
  }
  if (m->image >= 0) {
    close(m->image);
  }
  nax_i_free(m->part);
  *m = (nax_i_mat_image){.source = -1, .image = -1};
}

nax_status
nax_i_mat_image_fill(nax_ctx *ctx, const char *path, nax_i_mat_image *m, int32_t i)
{
  nax_status status = NAX_OK;
  stream *s = NULL;
  if (m->image < 0 || m->part[i].filled) {
    return NAX_OK;
  }
  nax_i_mat_part *p = &m->part[i];
  NAX_TRY_ALLOC(s, 1, sizeof *s);
  NAX_TRY(begin(s, ctx, path, m, p, (int)i + 1));
  s->tee = 1;
  NAX_TRY(skip(s, 8 + p->size));
  NAX_TRY(finish(s));
  p->filled = 1;
done:
  if (s != NULL) {
    end(s);
  }
  nax_i_free(s);
  return status;
}

/* ------------------------------------------------------------------- level 5 */

/* The tags of the variables: where they begin, how long they are. */
static nax_status
find_parts(stream *s, int64_t size)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_i_mat_image *m = s->m;
  for (int64_t at = HEADER; at < size;) {
    unsigned char b[8];
    NAX_REQUIRE_FILE(size - at >= 8, NAX_EFORMAT, s->path,
                     "file is truncated: %lld bytes left at byte %lld (expected the 8 "
                     "of a variable's tag)",
                     (long long)(size - at), (long long)at);
    if (read_at(m->source, b, 8, at) != 0) {
      return io_failed(s, "read");
    }
    uint32_t type = u32(s, b);
    int64_t n = u32(s, b + 4);
    NAX_REQUIRE_FILE(type == MI_MATRIX || type == MI_COMPRESSED, NAX_EFORMAT, s->path,
                     "no variable begins at byte %lld (found type %u, expected 14 or "
                     "15)",
                     (long long)at, (unsigned)type);
    NAX_REQUIRE_FILE(n <= size - at - 8, NAX_EFORMAT, s->path,
                     "file is truncated (found %lld bytes, expected %lld)",
                     (long long)size, (long long)(at + 8 + n));
    NAX_REQUIRE_FILE(m->n_parts < MAX_PARTS, NAX_ENOTSUP, s->path,
                     "has more than %d variables", (int)MAX_PARTS);
    if (m->n_parts == m->cap_parts) {
      int32_t cap = m->cap_parts ? 2 * m->cap_parts : 16;
      nax_i_mat_part *p = nax_i_realloc(m->part, (size_t)cap, sizeof *p);
      NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
      m->part = p;
      m->cap_parts = cap;
    }
    m->part[m->n_parts++] = (nax_i_mat_part){
        .from = at, .length = n, .size = n, .compressed = type == MI_COMPRESSED};
    m->compressed = m->compressed || type == MI_COMPRESSED;
    at += 8 + n;
  }
done:
  return status;
}

/* Walk variable i. `tee` copies what is walked to p->at of the image. */
static nax_status
walk_part(stream *s, int32_t i, int tee)
{
  nax_status status = NAX_OK;
  nax_i_mat_part *p = &s->m->part[i];
  tag t;
  NAX_TRY(begin(s, s->ctx, s->path, s->m, p, (int)i + 1));
  s->tee = tee;
  NAX_TRY(get_tag(s, INT64_MAX, &t));
  if (t.small || t.type != MI_MATRIX) {
    status = damaged(s, "type inside the compressed data", t.type, MI_MATRIX);
    goto done;
  }
  if (p->compressed && (int64_t)t.bytes / MAX_RATIO > p->length + 8) {
    status = damaged(s, "unpacked bytes", t.bytes, (long long)(p->length * MAX_RATIO));
    goto done;
  }
  p->size = t.bytes;
  p->filled = 1;
  NAX_TRY(get_matrix(s, t.bytes, 0, p));
  if (p->filled && p->size >= 0) {
    NAX_TRY(finish(s));
  }
done:
  end(s);
  return status;
}

/* The size of variable i once unpacked, and whether it holds numbers at all. */
static nax_status
measure(stream *s, int32_t i)
{
  nax_status status = NAX_OK;
  nax_i_mat_part *p = &s->m->part[i];
  unsigned char flags[16];
  tag t;
  NAX_TRY(begin(s, s->ctx, s->path, s->m, p, (int)i + 1));
  NAX_TRY(get_tag(s, INT64_MAX, &t));
  p->size = t.bytes;
  if (t.bytes >= 16) {
    NAX_TRY(get(s, flags, 16));
    int class = (int)(u32(s, flags + 8) & 0xff);
    if (class == MX_OBJECT || class == MX_FUNCTION || class == MX_OPAQUE) {
      p->size = -1;
    }
  }
done:
  end(s);
  return status;
}

static nax_status
walk_level_5(nax_ctx *ctx, const char *path, nax_i_mat_image *m, int64_t size)
{
  nax_status status = NAX_OK;
  stream *s = NULL;
  unsigned char head[HEADER];
  NAX_TRY_ALLOC(s, 1, sizeof *s);
  s->ctx = ctx;
  s->path = path;
  s->m = m;
  s->name = "";
  if (read_at(m->source, head, HEADER, 0) != 0) {
    status = io_failed(s, "read");
    goto done;
  }
  m->swap = head[126] == 'M';
  NAX_TRY(find_parts(s, size));

  /* The walk itself; without an image it costs reading the tags only. */
  int need_image = m->compressed;
  int64_t total = HEADER;
  int32_t kept = 0, dropped = 0;
  for (int32_t i = 0; i < m->n_parts; i++) {
    nax_i_mat_part *p = &m->part[i];
    if (!m->compressed) {
      NAX_TRY(walk_part(s, i, 0));
    } else {
      NAX_TRY(measure(s, i));
    }
    need_image = need_image || p->size < 0;
    dropped += p->size < 0;
    if (p->size >= 0) {
      p->at = total;
      total += 8 + p->size;
      m->part[kept++] = *p;
    }
  }
  need_image = need_image || m->n_skipped > 0; /* inside a struct */
  m->n_parts = kept;
  if (!need_image) {
    goto done;
  }
  m->n_skipped = dropped;
  s->nodes = 0;
  NAX_TRY(make_image(ctx, path, m, total));
  if (write_at(m->image, head, HEADER, 0) != 0) {
    status = io_failed(s, "unpack into a temporary file");
    goto done;
  }
  for (int32_t i = 0; i < m->n_parts; i++) {
    NAX_TRY(walk_part(s, i, 1));
  }
  /* Later is only possible where open files can be opened again by their number. */
  char again[64];
  snprintf(again, sizeof again, NAX_I_MAT_BY_NUMBER, m->image);
  for (int32_t i = 0; i < m->n_parts && access(again, R_OK) != 0; i++) {
    NAX_TRY(nax_i_mat_image_fill(ctx, path, m, i));
  }
done:
  nax_i_free(s);
  return status;
}

/* ------------------------------------------------------------------- level 4 */

static nax_status
walk_level_4(nax_ctx *ctx, const char *path, nax_i_mat_image *m, int64_t size)
{
  nax_status status = NAX_OK;
  static const int width[] = {8, 4, 4, 2, 2, 1};
  int number = 0;
  for (int64_t at = 0; at < size;) {
    int32_t h[5];
    char name[64];
    number++;
    NAX_REQUIRE_FILE(size - at >= 20, NAX_EFORMAT, path,
                     "file is truncated: %lld bytes left at byte %lld (expected the 20 "
                     "of a level 4 header)",
                     (long long)(size - at), (long long)at);
    NAX_REQUIRE_FILE(read_at(m->source, h, sizeof h, at) == 0, NAX_EIO, path,
                     "cannot read: %s", strerror(errno));
    int swapped = h[0] < 0 || h[0] > 4052;
    if (swapped) {
      nax_i_swap_bytes(h, 5, 4);
    }
    /* matio asks for the digits of MOPT: machine, 0, precision, type. It believes the
     * machine, not the bytes: where they differ it reads lengths the wrong way round. */
    int machine = h[0] / 1000, zero = h[0] / 100 % 10, precision = h[0] / 10 % 10,
        type = h[0] % 10;
    NAX_REQUIRE_FILE(h[0] >= 0 && machine <= 1 && zero == 0 && precision <= 5 &&
                         type <= 2,
                     NAX_EFORMAT, path,
                     "variable %d has the level 4 type %d (expected a type of IEEE "
                     "machines)",
                     number, (int)h[0]);
    NAX_REQUIRE_FILE(machine == swapped, NAX_EFORMAT, path,
                     "variable %d says %s-endian and its header is the other way round",
                     number, machine ? "big" : "little");
    NAX_REQUIRE_FILE(h[1] >= 0 && h[2] >= 0 && (h[3] == 0 || h[3] == 1) && h[4] >= 1 &&
                         h[4] <= 1024 && h[4] <= size - at - 20,
                     NAX_EFORMAT, path,
                     "variable %d is damaged: %d rows, %d columns, complex %d, name of "
                     "%d bytes",
                     number, (int)h[1], (int)h[2], (int)h[3], (int)h[4]);
    size_t n_name = h[4] < 63 ? (size_t)h[4] : 63;
    NAX_REQUIRE_FILE(read_at(m->source, name, n_name, at + 20) == 0, NAX_EIO, path,
                     "cannot read: %s", strerror(errno));
    name[n_name] = '\0';
    nax_i_clean_utf8(name);
    int64_t n = (int64_t)h[1] * h[2];
    int64_t left = size - at - 20 - h[4], each = width[precision] * (1 + h[3]);
    NAX_REQUIRE_FILE(n <= left / each, NAX_EFORMAT, path,
                     "file is truncated: variable `%s` of %d x %d has %lld bytes "
                     "(expected %lld)",
                     name, (int)h[1], (int)h[2], (long long)left,
                     (long long)(n > INT64_MAX / each ? INT64_MAX : n * each));
    at += 20 + h[4] + n * each;
  }
done:
  return status;
}

nax_status
nax_i_mat_image_open(nax_ctx *ctx, const char *path, nax_i_mat_image *m)
{
  nax_status status = NAX_OK;
  struct stat st;
  unsigned char head[HEADER];
  *m = (nax_i_mat_image){.source = -1, .image = -1};
  m->source = open(path, O_RDONLY | O_CLOEXEC);
  NAX_REQUIRE_FILE(m->source >= 0 && fstat(m->source, &st) == 0, NAX_EIO, path,
                   "cannot open: %s", strerror(errno));
  int64_t size = (int64_t)st.st_size;
  m->level = 4;
  if (size >= HEADER) {
    NAX_REQUIRE_FILE(read_at(m->source, head, HEADER, 0) == 0, NAX_EIO, path,
                     "cannot read: %s", strerror(errno));
    m->level =
        memcmp(head + 124, "\0\1IM", 4) == 0 || memcmp(head + 124, "\1\0MI", 4) == 0 ? 5
                                                                                     : 4;
  }
  NAX_TRY(m->level == 5 ? walk_level_5(ctx, path, m, size)
                        : walk_level_4(ctx, path, m, size));
done:
  if (status != NAX_OK) {
    nax_i_mat_image_close(m);
  }
  return status;
}
