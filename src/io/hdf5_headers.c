/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Object headers of HDF5 files. */
#include "hdf5_blocks_i.h"
#include <stdlib.h>
#include <string.h>

/* --- types ---------------------------------------------------------------------------
 */

enum { INTEGER, REAL, TIME, TEXT, BITS, OPAQUE, COMPOUND, REFERENCE, NAMED, LIST, FIELD };

/* Bytes of a name that starts at b + k, with its end; 0: it has none. In types before
 * version 3 they are filled up to a multiple of 8. */
static uint64_t
name_bytes(unsigned version, uint64_t size, const unsigned char *b, uint64_t k)
{
  const unsigned char *end = k < size ? memchr(b + k, 0, size - k) : NULL;
  const uint64_t n = end != NULL ? (uint64_t)(end - (b + k)) + 1 : 0;
  const uint64_t all = version < 3 ? (n + 7) / 8 * 8 : n;
  return all <= size - k ? all : 0;
}

static uint64_t type_bytes(const nax_i_h5_blocks *f, uint64_t size,
                           const unsigned char *t, int depth);

/* From k on a member of a compound of so many bytes; where it ends, or 0. */
static uint64_t
member_end(const nax_i_h5_blocks *f, uint64_t size, const unsigned char *t, uint64_t k,
           int depth)
{
  const unsigned version = t[0] >> 4;
  const uint64_t width = nax_i_h5_decode(t + 4, 4),
                 name = name_bytes(version, size, t, k);
  uint64_t offset = 4; /* its bytes, as few as the size of the compound takes */
  while (version >= 3 && offset > 1 && width >> 8 * (offset - 1) == 0) {
    offset--;
  }
  const uint64_t at = k + name + (version == 1 ? 32 : offset);
  if (name == 0 || at > size) {
    return 0;
  }
  const uint64_t n = type_bytes(f, size - at, t + at, depth + 1);
  return n > 0 ? at + n : 0;
}

/* Bytes that a type takes, with those it consists of; 0: it does not fit. A type of
 * variable length is as long as a reference, texts consist of single bytes; the library
 * goes through a null pointer for other kinds of lists. No number is wider than it could
 * convert in a modest buffer. */
static uint64_t
type_bytes(const nax_i_h5_blocks *f, uint64_t size, const unsigned char *t, int depth)
{
  enum { DEEPEST = 32, WIDEST = 1024 };
  static const uint64_t fixed[] = {[INTEGER] = 4, [REAL] = 12, [TIME] = 2, [BITS] = 4};
  if (size < 8 || depth > DEEPEST) {
    return 0;
  }
  const unsigned class = t[0] & 15, version = t[0] >> 4;
  const unsigned kind = t[1] & 15; /* list: elements or text; reference: of what */
  const uint64_t width = nax_i_h5_decode(t + 4, 4), count = nax_i_h5_decode(t + 1, 2);
  uint64_t k = 8, base = 0;
  if (class == LIST || class == NAMED || class == FIELD) {
    if (class == FIELD) {
      const uint64_t dims = size > 8 ? t[8] : 0;
      k += version < 3 ? 4 + 8 * dims : 1 + 4 * dims;
    }
    base = k < size ? type_bytes(f, size - k, t + k, depth + 1) : 0;
    if (base == 0) {
      return 0;
    }
  }
  switch (class) {
  case INTEGER:
  case REAL:
  case TIME:
  case BITS:
    k += fixed[class];
    return k <= size && width <= WIDEST ? k : 0;
  case OPAQUE:
    k += t[1];
    break;
  case COMPOUND:
    for (uint64_t i = 0; i < count && k > 0; i++) {
      k = member_end(f, size, t, k, depth);
    }
    break;
  case NAMED:
    k += base;
    for (uint64_t i = 0; i < count; i++) {
      const uint64_t n = name_bytes(version, size, t, k);
      if (n == 0) {
        return 0;
      }
      k += n;
    }
    k += count * width;
    break;
  case LIST:
    if (width != 8 + f->addr_size || kind > 1 ||
        (kind == 1 && nax_i_h5_decode(t + 12, 4) != 1)) {
      return 0;
    }
    k += base;
    break;
  case REFERENCE:
    return kind <= 1 ? k : 0;
  case FIELD:
    k += base;
    break;
  default: /* texts have no more; of others the library knows */
    break;
  }
  return k <= size ? k : 0;
}

static const char *
check_type(const nax_i_h5_blocks *f, uint64_t size, const unsigned char *t)
{
  return type_bytes(f, size, t, 0) > 0 ? NULL : "a type contradicts itself";
}

/* Bytes of the elements of a list, or of a text; 0: it is no list. */
static uint64_t
list_width(uint64_t size, const unsigned char *t)
{
  return size >= 16 && (t[0] & 15) == LIST ? nax_i_h5_decode(t + 12, 4) : 0;
}

/* --- messages ------------------------------------------------------------------------
 */

/* Elements of a dataspace; UINT64_MAX: more than can be, 0: none or not known. */
static uint64_t
n_elements(const nax_i_h5_blocks *f, uint64_t size, const unsigned char *s)
{
  const uint64_t dims = size >= 4 && s[0] == 1 ? 8 : 4;
  uint64_t n = 1;
  if (size < 4 || s[0] < 1 || s[0] > 2 || (s[0] == 2 && s[3] == 2) ||
      dims + s[1] * f->length_size > size) {
    return 0;
  }
  for (uint64_t k = 0; k < s[1]; k++) {
    uint64_t d = nax_i_h5_decode(s + dims + k * f->length_size, f->length_size);
    n = d > 0 && n > UINT64_MAX / d ? UINT64_MAX : n * d;
  }
  return n;
}

/* An attribute: its name ends, its values are there, and what they refer to. */
static const char *
check_attribute(nax_i_h5_blocks *f, uint64_t size, const unsigned char *b)
{
  const unsigned version = size >= 9 ? b[0] : 0;
  if (version < 1 || version > 3) {
    return "an attribute does not fit into its object";
  }
  const uint64_t pad = version == 1 ? 7 : 0, head = version == 3 ? 9 : 8;
  const uint64_t name = nax_i_h5_decode(b + 2, 2), type = nax_i_h5_decode(b + 4, 2),
                 space = nax_i_h5_decode(b + 6, 2);
  const uint64_t type_at = head + ((name + pad) & ~pad);
  const uint64_t space_at = type_at + ((type + pad) & ~pad);
  const uint64_t data_at = space_at + ((space + pad) & ~pad);
  if (data_at > size || name == 0 || b[head + name - 1] != 0) {
    return "an attribute does not fit into its object";
  }
  const int shared = version > 1 && (b[1] & 3) != 0;
  const unsigned char *t = b + type_at;
  if (shared || type < 8) {
    return NULL; /* its type or space is elsewhere */
  }
  const uint64_t width = nax_i_h5_decode(t + 4, 4),
                 n = n_elements(f, space, b + space_at);
  if (width > 0 && n > (size - data_at) / width) {
    return "the values of an attribute do not fit into it";
  }
  const char *wrong = check_type(f, type, t);
  return wrong == NULL && list_width(type, t) > 0
             ? nax_i_h5_check_references(f, n * width, b + data_at, list_width(type, t))
             : wrong;
}

/* A link: its name and what it leads to are there. */
static const char *
check_link(const nax_i_h5_blocks *f, uint64_t size, const unsigned char *b)
{
  enum { WIDTH = 3, ORDER = 4, KIND = 8, CHARSET = 16, ALL = 31 };
  enum { HARD = 0, SOFT = 1, EXTERNAL = 64 };
  const char *wrong = "a link does not fit into its group";
  if (size < 3 || b[0] != 1 || (b[1] & ~ALL) != 0) {
    return wrong;
  }
  const unsigned flags = b[1], kind = (flags & KIND) != 0 ? b[2] : HARD;
  const uint64_t width = (uint64_t)1 << (flags & WIDTH);
  uint64_t k = 2 + ((flags & KIND) != 0 ? 1U : 0U) + ((flags & ORDER) != 0 ? 8U : 0U) +
               ((flags & CHARSET) != 0 ? 1U : 0U);
  if (k + width > size || (kind > SOFT && kind < EXTERNAL)) {
    return wrong;
  }
  const uint64_t name = nax_i_h5_decode(b + k, width);
  k += width;
  if (name == 0 || name > size - k) {
    return wrong;
  }
  k += name;
  if (kind == HARD) {
    return k + f->addr_size <= size ? NULL : wrong;
  }
  if (k + 2 > size || nax_i_h5_decode(b + k, 2) > size - k - 2) {
    return wrong;
  }
  const uint64_t n = nax_i_h5_decode(b + k, 2);
  /* A link to another file: a byte, the name of the file, the name of the object. */
  const unsigned char *end = n > 1 ? memchr(b + k + 3, 0, n - 1) : NULL;
  return kind != EXTERNAL || (end != NULL && end < b + k + 1 + n && b[k + 1 + n] == 0)
             ? NULL
             : wrong;
}

/* What a dataset holds where nothing was written, in the older and in the newer kind of
 * message; `width`: of the elements of its lists or texts, 0: it has none. */
static const char *
check_fill_value(nax_i_h5_blocks *f, int newer, uint64_t size, const unsigned char *b,
                 uint64_t width)
{
  const unsigned version = newer && size >= 4 ? b[0] : 0;
  const uint64_t at = !newer ? 0 : version == 3 ? 2 : 4; /* of its length */
  const int given = !newer         ? 1
                    : version == 3 ? (b[1] & 32) != 0
                    : version == 2 ? b[3] != 0
                                   : version == 1;
  if (!given) {
    return NULL;
  }
  const uint64_t length = at + 4 <= size ? nax_i_h5_decode(b + at, 4) : UINT32_MAX;
  if (length != UINT32_MAX && length > size - at - 4) {
    return "a fill value does not fit into its dataset";
  }
  return width > 0 && length != UINT32_MAX
             ? nax_i_h5_check_references(f, length, b + at + 4, width)
             : NULL;
}

/* What is known in a walk over the messages of an object header. */
typedef struct walk {
  uint64_t head;        /* bytes before what a message holds: 8 in the first version of
                           headers, 4 or 6 in the second */
  uint64_t list;        /* bytes of the elements of its lists, or texts; 0: it has none */
  uint64_t elements;    /* of the dataset, 0: not known */
  uint64_t width;       /* of one of them */
  uint64_t chunks;      /* where the tree of its chunks begins, 0: there is none */
  uint64_t bytes, dims; /* of a chunk */
  uint64_t changing;    /* the filters that change the size of a chunk, as bits */
  int depth, parts;
} walk;

/* How the elements of a dataset are laid out: those within the header are all there. The
 * first two versions of the message, of files older than HDF5 1.6, have their parts in
 * another order. */
static const char *
check_layout(const nax_i_h5_blocks *f, uint64_t n, const unsigned char *b, walk *w)
{
  enum { COMPACT = 0, CHUNKED = 2 };
  if (n < 4 || b[0] < 1 || b[0] > 3) {
    return NULL;
  }
  const int old = b[0] < 3;
  const unsigned kind = old ? b[2] : b[1];
  const uint64_t size_at = old ? 8 + (uint64_t)4 * b[1] : 2;
  const uint64_t size_width = old ? 4 : 2, chunks_at = old ? 8 : 3;
  const uint64_t dims = old ? b[1] : b[2];
  if (kind == COMPACT && w->elements > 0 && w->width > 0 &&
      (size_at + size_width > n ||
       nax_i_h5_decode(b + size_at, size_width) / w->width < w->elements)) {
    return "the elements of a dataset are not all there";
  }
  if (kind == CHUNKED && chunks_at + f->addr_size + 4 * dims <= n) {
    w->chunks = nax_i_h5_decode(b + chunks_at, f->addr_size) + f->base;
    w->dims = dims;
    w->bytes = 1;
    for (uint64_t k = 0; k < dims; k++) {
      uint64_t d = nax_i_h5_decode(b + chunks_at + f->addr_size + 4 * k, 4);
      if (d == 0 || w->bytes > UINT32_MAX / d) {
        return "a chunk has more bytes than a chunk can have";
      }
      w->bytes *= d;
    }
  }
  return NULL;
}

/* Which filters may make a chunk shorter: all but the shuffle of bytes and a check sum.
 */
static uint64_t
changing_filters(uint64_t n, const unsigned char *b)
{
  enum { SHUFFLE = 2, CHECKSUM = 3, NAMELESS = 256 };
  const unsigned version = n >= 2 ? b[0] : 0;
  uint64_t k = version == 1 ? 8 : 2, changing = 0;
  for (unsigned i = 0; n >= 2 && i < b[1]; i++) {
    if (k + 8 > n) {
      return UINT32_MAX; /* the library sees it */
    }
    const uint64_t id = nax_i_h5_decode(b + k, 2);
    const int named = version == 1 || id >= NAMELESS;
    const uint64_t name = named ? nax_i_h5_decode(b + k + 2, 2) : 0;
    const uint64_t values = nax_i_h5_decode(b + k + (named ? 6 : 4), 2);
    changing |= (uint64_t)(id != SHUFFLE && id != CHECKSUM) << (i & 31);
    k += (named ? 8U : 6U) + (version == 1 ? (name + 7) / 8 * 8 : name) + 4 * values +
         (version == 1 && values % 2 == 1 ? 4U : 0U);
  }
  return changing;
}

static const char *check_messages(nax_i_h5_blocks *f, uint64_t at, uint64_t size,
                                  walk *w);

static const char *
check_message(nax_i_h5_blocks *f, unsigned kind, uint64_t n, const unsigned char *b,
              walk *w)
{
  enum {
    SPACE = 1,
    TYPE = 3,
    FILL = 4,
    NEW_FILL = 5,
    LINK = 6,
    LAYOUT = 8,
    FILTERS = 11
  };
  enum { ATTRIBUTE = 12, CONTINUED = 16 };
  const char *wrong = NULL;
  switch (kind) {
  case SPACE:
    w->elements = n_elements(f, n, b);
    return NULL;
  case TYPE:
    w->list = list_width(n, b);
    w->width = n >= 8 ? nax_i_h5_decode(b + 4, 4) : 0;
    return check_type(f, n, b);
  case FILL:
  case NEW_FILL:
    return check_fill_value(f, kind == NEW_FILL, n, b, w->list);
  case LINK:
    return check_link(f, n, b);
  case LAYOUT:
    return check_layout(f, n, b, w);
  case FILTERS:
    w->changing = changing_filters(n, b);
    return NULL;
  case ATTRIBUTE:
    return check_attribute(f, n, b);
  case CONTINUED:
    if (n >= f->addr_size + f->length_size) {
      w->depth++;
      wrong = check_messages(f, nax_i_h5_decode(b, f->addr_size) + f->base,
                             nax_i_h5_decode(b + f->addr_size, f->length_size), w);
      w->depth--;
    }
    return wrong;
  default:
    return NULL;
  }
}

/* Messages of one part of an object header, and of the parts that it is continued by. */
static const char *
check_messages(nax_i_h5_blocks *f, uint64_t at, uint64_t size, walk *w)
{
  enum { SHARED = 2, DEEPEST = 64, MOST = 4096, FRAME = 4 }; /* signature, check sum */
  const char *wrong = NULL;
  if (!nax_i_h5_fits(f, at, size) || w->depth > DEEPEST || ++w->parts > MOST) {
    return "an object header does not fit into the file";
  }
  unsigned char *part = malloc(size > 0 ? (size_t)size : 1);
  if (part == NULL || !nax_i_h5_read_bytes(f, at, (size_t)size, part) ||
      (w->depth > 0 && !nax_i_h5_note(&f->parts, at, 0, 0))) {
    free(part);
    return "an object header cannot be read";
  }
  const int first = w->head == 8, framed = !first && w->depth > 0;
  const uint64_t end = !framed ? size : size < 2 * FRAME ? 0 : size - FRAME;
  for (uint64_t k = framed ? FRAME : 0; wrong == NULL && k + w->head <= end;) {
    const unsigned char *m = part + k;
    const unsigned kind = first ? (unsigned)nax_i_h5_decode(m, 2) : m[0];
    const unsigned flags = first ? m[4] : m[3];
    uint64_t n = first ? nax_i_h5_decode(m + 2, 2) : nax_i_h5_decode(m + 1, 2);
    if (n > end - k - w->head) {
      break; /* the library sees it */
    }
    if ((flags & SHARED) == 0) {
      wrong = check_message(f, kind, n, m + w->head, w);
    }
    k += w->head + n;
  }
  free(part);
  return wrong;
}

const char *
nax_i_h5_check_header(nax_i_h5_blocks *f, uint64_t at, size_t size,
                      const unsigned char *b)
{
  enum { TIMES = 32, LIMITS = 16, ORDER = 4, WIDTH = 3, CHECKSUM = 4 }; /* of version 2 */
  walk w = {.head = 8};
  const char *wrong = NULL;
  uint64_t from = 0, length = 0;
  size_t k = nax_i_h5_notes_before(&f->parts, at);
  int rest = at == f->rest && at + size == f->rest_end; /* of the header read before */
  f->rest = f->rest_end = 0;
  if (rest || (k > 0 && f->parts.v[3 * k - 3] == at)) {
    return NULL; /* looked at with what came before */
  }
  if (size >= 16 && b[0] == 1) {
    from = 16;
    length = nax_i_h5_decode(b + 8, 4);
  } else if (size >= 6 && memcmp(b, "OHDR\2", 5) == 0) {
    const uint64_t width = (uint64_t)1 << (b[5] & WIDTH);
    from = 6 + ((b[5] & TIMES) != 0 ? 16U : 0U) + ((b[5] & LIMITS) != 0 ? 4U : 0U);
    length = from + width <= size ? nax_i_h5_decode(b + from, width) : 0;
    from += width;
    w.head = (b[5] & ORDER) != 0 ? 6 : 4;
  } else {
    return NULL;
  }
  wrong = check_messages(f, at + from, length, &w);
  const uint64_t end = at + from + length + (w.head == 8 ? 0 : CHECKSUM);
  if (end > at + size) {
    f->rest = at + size;
    f->rest_end = end;
  }
  if (wrong == NULL && w.chunks > 0 &&
      !nax_i_h5_note(&f->chunks, w.chunks, w.bytes, w.changing << 8 | w.dims)) {
    wrong = "out of memory";
  }
  return wrong;
}
