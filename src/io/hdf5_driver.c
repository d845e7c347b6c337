/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file driver through which HDF5 reads for us.
 *
 * Some of what a file says the HDF5 library believes without a look: that the objects of
 * a global heap (texts of any length) lie within it and are longer than nothing, that
 * names of links lie within the local heap of their group and end there, that a list of
 * free blocks ends, that messages of object headers are as long as what is in them. A
 * damaged file then makes it read memory that is not its own, or run for ever. This
 * driver sees these blocks as they are read, and lets none pass that contradicts itself;
 * the library takes that for a read error, as it would from a disk.
 *
 * Format: HDF5 File Format Specification 3.0, III.B (symbol nodes), III.D (local heaps),
 * III.E (global heaps), IV.A (object headers). */
#define _GNU_SOURCE /* flock, O_CLOEXEC */
#include "hdf5_i.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct checked_file {
  H5FD_t pub; /* must come first: the library's own part */
  int fd;
  struct stat st;
  haddr_t eoa;
  size_t addr_size, length_size; /* bytes of an address and of a length in this file */
  uint64_t longest_heap;         /* of the local heaps seen */
  uint64_t heap_end;             /* where the last of them ends in the file */
  uint64_t *header;              /* from and to of the parts of object headers looked at,
                                    in order */
  size_t n_headers, room;
  uint64_t global_from, global_to; /* the global heap read last */
  uint64_t indexed;                /* address of the global heap of which we know: */
  uint64_t n_objects;              /* its largest object and one */
  uint64_t *object_size;           /* of each, 0: there is none */
} checked_file;

enum { OBJECTS = 65536 }; /* of a global heap: they are numbered by two bytes */

/* Whether the data that are read are references to texts; under the one lock. */
static int texts_are_read;

/* Why a block was last refused, or NULL; under the one lock. */
static const char *last_refusal;

static uint64_t
decode(const unsigned char *b, uint64_t n)
{
  uint64_t v = 0;
  for (uint64_t i = n; i-- > 0;) {
    v = v << 8 | b[i];
  }
  return v;
}

static uint64_t
align8(uint64_t n)
{
  return (n + 7) & ~(uint64_t)7;
}

/* As much as there is of `size` bytes from `at` on, the rest is 0. */
static int
read_bytes(const checked_file *f, uint64_t at, size_t size, unsigned char *out)
{
  size_t done = 0;
  while (done < size) {
    ssize_t n = pread(f->fd, out + done, size - done, (off_t)(at + done));
    if (n < 0 && errno != EINTR) {
      return 0;
    }
    if (n == 0) {
      break;
    }
    done += n > 0 ? (size_t)n : 0;
  }
  memset(out + done, 0, size - done);
  return 1;
}

static int
fits(const checked_file *f, uint64_t at, uint64_t size)
{
  uint64_t end = (uint64_t)f->st.st_size;
  return at <= end && size <= end - at;
}

/* The superblock says how wide addresses and lengths are. The library allocates what one
 * of version 0 or 1 claims for its driver block, up to 4 GB, before it looks whether the
 * file has that much. 0: it has not. */
static int
read_superblock(checked_file *f)
{
  static const unsigned char signature[] = "\211HDF\r\n\032\n";
  unsigned char b[64], block[8];
  uint64_t size = (uint64_t)f->st.st_size;
  for (uint64_t at = 0; at < size; at = at == 0 ? 512 : 2 * at) {
    if (!read_bytes(f, at, sizeof b, b)) {
      return 1; /* the library will see the same error */
    }
    if (memcmp(b, signature, 8) != 0) {
      continue;
    }
    int old = b[8] <= 1;
    f->addr_size = old ? b[13] : b[9];
    f->length_size = old ? b[14] : b[10];
    if (old && f->addr_size == 8) {
      const unsigned char *address = b + (b[8] == 0 ? 24 : 28);
      uint64_t base = decode(address, 8), driver = decode(address + 24, 8);
      return driver == UINT64_MAX || (base <= size && fits(f, driver, sizeof block) &&
                                      fits(f, base + driver, 8) &&
                                      read_bytes(f, base + driver, sizeof block, block) &&
                                      decode(block + 4, 4) <= size);
    }
    return 1;
  }
  return 1;
}

/* --------------------------------------------------------------------- checks */

/* Each takes a block as it was read and gives what is wrong with it, or NULL. */

/* A walk over the objects of a global heap; `size_of` (may be NULL, else OBJECTS long)
 * gets the size of each. */
static const char *
walk_objects(const checked_file *f, uint64_t total, const unsigned char *heap,
             uint64_t *size_of, uint64_t *n_objects)
{
  const uint64_t head = align8(8 + f->length_size); /* of a heap, and of an object */
  for (uint64_t k = head; k + head <= total;) {
    uint64_t object = decode(heap + k, 2);
    uint64_t n = decode(heap + k + 8, f->length_size);
    /* Object 0 is what is free, and counts its own head. */
    uint64_t step = n > total ? n : object == 0 ? n : head + align8(n);
    if (step < head || step > total - k) {
      return "an object of a global heap does not fit into it";
    }
    if (size_of != NULL && object > 0) {
      size_of[object] = n;
      *n_objects = object >= *n_objects ? object + 1 : *n_objects;
    }
    k += step;
  }
  return NULL;
}

static const char *
check_global_heap(const checked_file *f, uint64_t at, size_t size,
                  const unsigned char *block, uint64_t *size_of, uint64_t *n_objects)
{
  const uint64_t head = align8(8 + f->length_size);
  unsigned char *whole = NULL;
  const char *wrong = "a global heap cannot be read";
  uint64_t total = decode(block + 8, f->length_size);
  if (total < 2 * head || !fits(f, at, total)) {
    return "a global heap does not fit into the file";
  }
  if (total <= size) {
    return walk_objects(f, total, block, size_of, n_objects);
  }
  whole = malloc((size_t)total);
  if (whole != NULL && read_bytes(f, at, (size_t)total, whole)) {
    wrong = walk_objects(f, total, whole, size_of, n_objects);
  }
  free(whole);
  return wrong;
}

static int
is_global_heap(const checked_file *f, size_t size, const unsigned char *block)
{
  return size >= 8 + f->length_size && memcmp(block, "GCOL\1", 5) == 0;
}

/* References to texts, or to lists of elements of `width` bytes: length, address of a
 * global heap, object in it. The library makes room for the length that is claimed, and
 * copies what the object has. */
static const char *
check_references(checked_file *f, uint64_t size, const unsigned char *block,
                 uint64_t width)
{
  const size_t stride = 8 + f->addr_size;
  const char *wrong = "a text is not where it should be";
  if (f->object_size == NULL) {
    f->object_size = calloc(OBJECTS, sizeof *f->object_size);
    if (f->object_size == NULL) {
      return "out of memory";
    }
  }
  for (const unsigned char *r = block; r + stride <= block + size; r += stride) {
    uint64_t length = decode(r, 4), object = decode(r + 4 + f->addr_size, 4);
    uint64_t at = decode(r + 4, f->addr_size) + f->pub.base_addr;
    unsigned char head[16];
    if (length == 0) {
      continue;
    }
    if (at != f->indexed) {
      memset(f->object_size, 0, f->n_objects * sizeof *f->object_size);
      f->n_objects = 0;
      f->indexed = at;
      if (!fits(f, at, sizeof head) || !read_bytes(f, at, sizeof head, head) ||
          !is_global_heap(f, sizeof head, head) ||
          check_global_heap(f, at, sizeof head, head, f->object_size, &f->n_objects) !=
              NULL) {
        f->indexed = UINT64_MAX;
        return wrong;
      }
    }
    if (object >= f->n_objects || f->object_size[object] != length * width) {
      return wrong;
    }
  }
  return NULL;
}

static const char *
check_free_list(const checked_file *f, uint64_t first, uint64_t size,
                const unsigned char *data)
{
  const uint64_t end = 1, entry = 2 * f->length_size;
  uint64_t steps = 0;
  for (uint64_t k = first; k != end; k = decode(data + k, f->length_size)) {
    if (size < entry || k > size - entry || ++steps > size / entry) {
      return "the free blocks of a local heap do not fit into it";
    }
  }
  return NULL;
}

static const char *
check_local_heap(checked_file *f, size_t size, const unsigned char *block)
{
  const size_t n = f->length_size;
  if (size < 8 + 2 * n + f->addr_size || memcmp(block, "HEAP", 4) != 0) {
    return NULL;
  }
  uint64_t length = decode(block + 8, n), first = decode(block + 8 + n, n);
  uint64_t data_at = decode(block + 8 + 2 * n, f->addr_size) + f->pub.base_addr;
  if (!fits(f, data_at, length)) {
    return "a local heap does not fit into the file";
  }
  unsigned char *data = malloc(length > 0 ? (size_t)length : 1);
  const char *wrong = "a local heap cannot be read";
  /* All ones, in as many bytes as a length has, is another end of the list. */
  uint64_t undefined = n < 8 ? ((uint64_t)1 << 8 * n) - 1 : UINT64_MAX;
  if (data != NULL && read_bytes(f, data_at, (size_t)length, data)) {
    wrong = first == undefined ? NULL : check_free_list(f, first, length, data);
  }
  free(data);
  f->longest_heap = length > f->longest_heap ? length : f->longest_heap;
  f->heap_end = data_at + length;
  return wrong;
}

static const char *
check_symbol_node(const checked_file *f, size_t size, const unsigned char *block)
{
  const size_t entry = f->length_size + f->addr_size + 24;
  if (size < 8 || memcmp(block, "SNOD", 4) != 0) {
    return NULL;
  }
  uint64_t n = decode(block + 6, 2);
  if (n > (size - 8) / entry) {
    return "a group has more links than room for them";
  }
  for (const unsigned char *e = block + 8; n-- > 0; e += entry) {
    uint64_t kind = decode(e + f->length_size + f->addr_size, 4);
    uint64_t target = decode(e + f->length_size + f->addr_size + 8, 4);
    if (decode(e, f->length_size) >= f->longest_heap ||
        (kind == 2 && target >= f->longest_heap)) {
      return "the name of a link lies outside of its heap";
    }
  }
  return NULL;
}

/* A type of variable length is as long as a reference, texts consist of single bytes. No
 * number is wider than the library could convert in a modest buffer. */
static const char *
check_type(const checked_file *f, uint64_t size, const unsigned char *t)
{
  enum { REAL = 1, WIDEST = 1024 }; /* integers come before */
  if (size >= 8 && (t[0] & 15) <= REAL && decode(t + 4, 4) > WIDEST) {
    return "a number is wider than numbers are";
  }
  const int text = size >= 16 && (t[1] & 15) == 1;
  return size >= 16 && (t[0] & 15) == 9 &&
                 (decode(t + 4, 4) != 8 + f->addr_size ||
                  (text && decode(t + 12, 4) != 1))
             ? "a type of variable length contradicts itself"
             : NULL;
}

/* Elements of a dataspace; UINT64_MAX: more than can be, 0: none or not known. */
static uint64_t
n_elements(const checked_file *f, uint64_t size, const unsigned char *s)
{
  const uint64_t dims = size >= 4 && s[0] == 1 ? 8 : 4;
  uint64_t n = 1;
  if (size < 4 || s[0] < 1 || s[0] > 2 || (s[0] == 2 && s[3] == 2) ||
      dims + s[1] * f->length_size > size) {
    return 0;
  }
  for (uint64_t k = 0; k < s[1]; k++) {
    uint64_t d = decode(s + dims + k * f->length_size, f->length_size);
    n = d > 0 && n > UINT64_MAX / d ? UINT64_MAX : n * d;
  }
  return n;
}

/* An attribute: its name ends, its values are there, and what they refer to. */
static const char *
check_attribute(checked_file *f, uint64_t size, const unsigned char *b)
{
  const unsigned version = size >= 9 ? b[0] : 0;
  if (version < 1 || version > 3) {
    return "an attribute does not fit into its object";
  }
  const uint64_t pad = version == 1 ? 7 : 0, head = version == 3 ? 9 : 8;
  const uint64_t name = decode(b + 2, 2), type = decode(b + 4, 2),
                 space = decode(b + 6, 2);
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
  const uint64_t width = decode(t + 4, 4), n = n_elements(f, space, b + space_at);
  if (width > 0 && n > (size - data_at) / width) {
    return "the values of an attribute do not fit into it";
  }
  const char *wrong = check_type(f, type, t);
  return wrong == NULL && type >= 16 && (t[0] & 15) == 9
             ? check_references(f, n * width, b + data_at, decode(t + 12, 4))
             : wrong;
}

/* How many of the parts of object headers looked at begin at `at` or before. */
static size_t
headers_before(const checked_file *f, uint64_t at)
{
  size_t low = 0, high = f->n_headers;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (f->header[2 * mid] <= at) {
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  return low;
}

static int
note_header(checked_file *f, uint64_t from, uint64_t to)
{
  size_t k = headers_before(f, from);
  if (k > 0 && f->header[2 * k - 2] == from) {
    return 1;
  }
  if (f->n_headers == f->room) {
    size_t room = 2 * f->room + 64;
    uint64_t *more = realloc(f->header, 2 * room * sizeof *more);
    if (more == NULL) {
      return 0;
    }
    f->header = more;
    f->room = room;
  }
  memmove(f->header + 2 * k + 2, f->header + 2 * k,
          2 * (f->n_headers - k) * sizeof *f->header);
  f->header[2 * k] = from;
  f->header[2 * k + 1] = to;
  f->n_headers++;
  return 1;
}

/* A link: its name and what it leads to are there. */
static const char *
check_link(const checked_file *f, uint64_t size, const unsigned char *b)
{
  enum { WIDTH = 3, ORDER = 4, KIND = 8, CHARSET = 16, ALL = 31 };
  enum { HARD = 0, SOFT = 1, FIRST_OF_USERS = 64 };
  const char *wrong = "a link does not fit into its group";
  if (size < 3 || b[0] != 1 || (b[1] & ~ALL) != 0) {
    return wrong;
  }
  const unsigned flags = b[1], kind = (flags & KIND) != 0 ? b[2] : HARD;
  const uint64_t width = (uint64_t)1 << (flags & WIDTH);
  uint64_t k = 2 + ((flags & KIND) != 0 ? 1U : 0U) + ((flags & ORDER) != 0 ? 8U : 0U) +
               ((flags & CHARSET) != 0 ? 1U : 0U);
  if (k + width > size || (kind > SOFT && kind < FIRST_OF_USERS)) {
    return wrong;
  }
  const uint64_t name = decode(b + k, width);
  k += width;
  if (name == 0 || name > size - k) {
    return wrong;
  }
  k += name;
  if (kind == HARD) {
    return k + f->addr_size <= size ? NULL : wrong;
  }
  return k + 2 <= size && decode(b + k, 2) <= size - k - 2 ? NULL : wrong;
}

/* What a dataset holds where nothing was written, in the older and in the newer kind of
 * message; `width`: of the elements of its lists or texts, 0: it has none. */
static const char *
check_fill_value(checked_file *f, int newer, uint64_t size, const unsigned char *b,
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
  const uint64_t length = at + 4 <= size ? decode(b + at, 4) : UINT32_MAX;
  if (length != UINT32_MAX && length > size - at - 4) {
    return "a fill value does not fit into its dataset";
  }
  return width > 0 && length != UINT32_MAX
             ? check_references(f, length, b + at + 4, width)
             : NULL;
}

/* What is known in a walk over the messages of an object header. */
typedef struct walk {
  uint64_t head;  /* bytes before what a message holds: 8 in the first version of headers,
                     4 or 6 in the second */
  uint64_t width; /* of the elements of lists, or texts, if the object has such, or 0 */
  int depth;
} walk;

static const char *check_messages(checked_file *f, uint64_t at, uint64_t size, walk *w);

static const char *
check_message(checked_file *f, unsigned kind, uint64_t n, const unsigned char *b, walk *w)
{
  enum { TYPE = 3, FILL = 4, NEW_FILL = 5, LINK = 6, ATTRIBUTE = 12, CONTINUED = 16 };
  const char *wrong = NULL;
  switch (kind) {
  case TYPE:
    w->width = n >= 16 && (b[0] & 15) == 9 ? decode(b + 12, 4) : 0;
    return check_type(f, n, b);
  case FILL:
  case NEW_FILL:
    return check_fill_value(f, kind == NEW_FILL, n, b, w->width);
  case LINK:
    return check_link(f, n, b);
  case ATTRIBUTE:
    return check_attribute(f, n, b);
  case CONTINUED:
    if (n >= f->addr_size + f->length_size) {
      w->depth++;
      wrong = check_messages(f, decode(b, f->addr_size) + f->pub.base_addr,
                             decode(b + f->addr_size, f->length_size), w);
      w->depth--;
    }
    return wrong;
  default:
    return NULL;
  }
}

/* Messages of one part of an object header, and of the parts that it is continued by. */
static const char *
check_messages(checked_file *f, uint64_t at, uint64_t size, walk *w)
{
  enum { SHARED = 2, DEEPEST = 64, FRAME = 4 }; /* signature, and check sum */
  const char *wrong = NULL;
  if (!fits(f, at, size) || w->depth > DEEPEST) {
    return "an object header does not fit into the file";
  }
  unsigned char *part = malloc(size > 0 ? (size_t)size : 1);
  if (part == NULL || !read_bytes(f, at, (size_t)size, part) ||
      !note_header(f, at, at + size)) {
    free(part);
    return "an object header cannot be read";
  }
  const int first = w->head == 8, framed = !first && w->depth > 0;
  const uint64_t end = !framed ? size : size < 2 * FRAME ? 0 : size - FRAME;
  for (uint64_t k = framed ? FRAME : 0; wrong == NULL && k + w->head <= end;) {
    const unsigned char *m = part + k;
    const unsigned kind = first ? (unsigned)decode(m, 2) : m[0];
    const unsigned flags = first ? m[4] : m[3];
    uint64_t n = first ? decode(m + 2, 2) : decode(m + 1, 2);
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

static const char *
check_object_header(checked_file *f, uint64_t at, size_t size, const unsigned char *b)
{
  enum { TIMES = 32, LIMITS = 16, ORDER = 4, WIDTH = 3 }; /* of the second version */
  walk w = {8, 0, 0};
  size_t k = headers_before(f, at);
  if (k > 0 && at < f->header[2 * k - 1]) {
    return NULL; /* a part, or the rest of a part, that has been looked at */
  }
  if (size >= 16 && b[0] == 1 && b[1] == 0) {
    return check_messages(f, at + 16, decode(b + 8, 4), &w);
  }
  if (size >= 6 && memcmp(b, "OHDR\2", 5) == 0) {
    const uint64_t width = (uint64_t)1 << (b[5] & WIDTH);
    const uint64_t from =
        6 + ((b[5] & TIMES) != 0 ? 16U : 0U) + ((b[5] & LIMITS) != 0 ? 4U : 0U);
    w.head = (b[5] & ORDER) != 0 ? 6 : 4;
    return from + width <= size
               ? check_messages(f, at + from + width, decode(b + from, width), &w)
               : NULL;
  }
  return NULL;
}

/* --------------------------------------------------------------------- the driver */

static herr_t
refuse(const char *why)
{
  last_refusal = why;
  H5Epush2(H5E_DEFAULT, "hdf5_driver.c", "read", 0, H5E_ERR_CLS, H5E_VFL, H5E_READERROR,
           "%s", why);
  return -1;
}

static herr_t
driver_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size,
            void *out)
{
  checked_file *f = (checked_file *)file;
  unsigned char *block = out;
  const char *wrong = NULL;
  (void)transfer;
  if (at > f->eoa || size > f->eoa - at) {
    return refuse("addr overflow");
  }
  if (!read_bytes(f, at, size, block)) {
    return refuse(strerror(errno));
  }
  if (f->addr_size > 8 || f->length_size > 8 || f->addr_size * f->length_size == 0) {
    return 0; /* not widths the library takes */
  }
  if (type == H5FD_MEM_DRAW || type == H5FD_MEM_GHEAP) { /* to the library the same */
    if (is_global_heap(f, size, block)) {
      wrong = check_global_heap(f, at, size, block, NULL, NULL);
      f->global_from = at;
      f->global_to = at + decode(block + 8, f->length_size);
    } else if (texts_are_read && (at < f->global_from || at >= f->global_to)) {
      wrong = check_references(f, size, block, 1);
    }
  } else if (type == H5FD_MEM_LHEAP) {
    wrong = check_local_heap(f, size, block);
    /* The last name ends with the heap at the latest. */
    if (f->heap_end > at && f->heap_end - at <= size) {
      block[f->heap_end - at - 1] = 0;
    }
  } else if (type == H5FD_MEM_OHDR) {
    wrong = check_object_header(f, at, size, block);
  } else if (type == H5FD_MEM_BTREE) {
    wrong = check_symbol_node(f, size, block);
  }
  return wrong != NULL ? refuse(wrong) : 0;
}

static H5FD_t *
driver_open(const char *name, unsigned flags, hid_t access, haddr_t most)
{
  (void)access;
  (void)most;
  checked_file *f = calloc(1, sizeof *f);
  int ok = f != NULL && (flags & H5F_ACC_RDWR) == 0;
  if (ok) {
    f->fd = open(name, O_RDONLY | O_CLOEXEC);
    ok = f->fd >= 0 && fstat(f->fd, &f->st) == 0 && read_superblock(f);
    if (!ok && f->fd >= 0) {
      close(f->fd);
    }
  }
  if (!ok) {
    refuse("beyond end of file");
    free(f);
    return NULL;
  }
  return &f->pub;
}

static herr_t
driver_close(H5FD_t *file)
{
  checked_file *f = (checked_file *)file;
  close(f->fd);
  free(f->object_size);
  free(f->header);
  free(f);
  return 0;
}

static int
driver_compare(const H5FD_t *a, const H5FD_t *b)
{
  const struct stat *p = &((const checked_file *)a)->st;
  const struct stat *q = &((const checked_file *)b)->st;
  return p->st_dev != q->st_dev   ? (p->st_dev < q->st_dev ? -1 : 1)
         : p->st_ino != q->st_ino ? (p->st_ino < q->st_ino ? -1 : 1)
                                  : 0;
}

static herr_t
driver_query(const H5FD_t *file, unsigned long *flags)
{
  (void)file;
  /* Metadata is not to be accumulated: each block is to come as one. */
  *flags = H5FD_FEAT_DATA_SIEVE;
  return 0;
}

static haddr_t
driver_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
  (void)type;
  return ((const checked_file *)file)->eoa;
}

static herr_t
driver_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t at)
{
  (void)type;
  ((checked_file *)file)->eoa = at;
  return 0;
}

static haddr_t
driver_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
  (void)type;
  return (haddr_t)((const checked_file *)file)->st.st_size;
}

static herr_t
driver_write(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size,
             const void *in)
{
  (void)file;
  (void)type;
  (void)transfer;
  (void)at;
  (void)size;
  (void)in;
  return -1;
}

static herr_t
driver_lock(H5FD_t *file, hbool_t exclusive)
{
  if (flock(((checked_file *)file)->fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 &&
      errno != ENOSYS) {
    return refuse("unable to lock file");
  }
  return 0;
}

static herr_t
driver_unlock(H5FD_t *file)
{
  return flock(((checked_file *)file)->fd, LOCK_UN) < 0 && errno != ENOSYS ? -1 : 0;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 2)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)(H5_VFD_RESERVED + 78),
#endif
    .name = "neuraxis",
    .maxaddr = ((haddr_t)1 << (8 * sizeof(off_t) - 1)) - 1,
    .fc_degree = H5F_CLOSE_WEAK,
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .lock = driver_lock,
    .unlock = driver_unlock,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

const char *
nax_i_h5_refusal(void)
{
  const char *why = last_refusal;
  last_refusal = NULL;
  return why;
}

void
nax_i_h5_texts_are_read(int on)
{
  texts_are_read = on;
}

int64_t
nax_i_h5_fopen(const char *path)
{
  static hid_t access = H5I_INVALID_HID;
  if (H5Iget_type(access) != H5I_GENPROP_LST) { /* the first time, or the host has closed
                                                   the library */
    hid_t id = H5FDregister(&driver);
    access = H5Pcreate(H5P_FILE_ACCESS);
    if (id < 0 || access < 0 || H5Pset_driver(access, id, NULL) < 0) {
      return H5I_INVALID_HID;
    }
  }
  return H5Fopen(path, H5F_ACC_RDONLY, access);
}
