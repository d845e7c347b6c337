/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heaps, nodes of trees, and where an HDF5 file begins. */
#define _POSIX_C_SOURCE 200809L
#include "hdf5_blocks_i.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OBJECTS = 65536 }; /* of a global heap: they are numbered by two bytes */

static uint64_t
align8(uint64_t n)
{
  return (n + 7) & ~(uint64_t)7;
}

int
nax_i_h5_read_bytes(const nax_i_h5_blocks *f, uint64_t at, size_t size,
                    unsigned char *out)
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

/* --- the file ------------------------------------------------------------------------
 */

/* The superblock says how wide addresses and lengths are. The library allocates what one
 * of version 0 or 1 claims for its driver block, up to 4 GB, before it looks whether the
 * file has that much. 0: it has not. */
static int
read_superblock(nax_i_h5_blocks *f)
{
  static const unsigned char signature[] = "\211HDF\r\n\032\n";
  unsigned char b[64], block[8];
  uint64_t size = f->size;
  for (uint64_t at = 0; at < size; at = at == 0 ? 512 : 2 * at) {
    if (!nax_i_h5_read_bytes(f, at, sizeof b, b)) {
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
      uint64_t base = nax_i_h5_decode(address, 8),
               driver = nax_i_h5_decode(address + 24, 8);
      return driver == UINT64_MAX ||
             (base <= size && nax_i_h5_fits(f, driver, sizeof block) &&
              nax_i_h5_fits(f, base + driver, 8) &&
              nax_i_h5_read_bytes(f, base + driver, sizeof block, block) &&
              nax_i_h5_decode(block + 4, 4) <= size);
    }
    return 1;
  }
  return 1;
}

int
nax_i_h5_blocks_init(nax_i_h5_blocks *f, int fd, uint64_t size)
{
  *f = (nax_i_h5_blocks){.fd = fd, .size = size};
  return read_superblock(f);
}

void
nax_i_h5_blocks_free(nax_i_h5_blocks *f)
{
  free(f->parts.v);
  free(f->chunks.v);
  free(f->object_size);
}

/* --- notes ---------------------------------------------------------------------------
 */

size_t
nax_i_h5_notes_before(const nax_i_h5_notes *n, uint64_t at)
{
  size_t low = 0, high = n->n;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (n->v[3 * mid] <= at) {
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  return low;
}

int
nax_i_h5_note(nax_i_h5_notes *n, uint64_t at, uint64_t first, uint64_t second)
{
  size_t k = nax_i_h5_notes_before(n, at);
  if (k > 0 && n->v[3 * k - 3] == at) {
    return 1;
  }
  if (n->n == n->room) {
    size_t room = 2 * n->room + 64;
    uint64_t *more = realloc(n->v, 3 * room * sizeof *more);
    if (more == NULL) {
      return 0;
    }
    n->v = more;
    n->room = room;
  }
  memmove(n->v + 3 * k + 3, n->v + 3 * k, 3 * (n->n - k) * sizeof *n->v);
  n->v[3 * k] = at;
  n->v[3 * k + 1] = first;
  n->v[3 * k + 2] = second;
  n->n++;
  return 1;
}

/* --- heaps ---------------------------------------------------------------------------
 */

/* A walk over the objects of a global heap; `size_of` (may be NULL, else OBJECTS long)
 * gets the size of each. */
static const char *
walk_objects(const nax_i_h5_blocks *f, uint64_t total, const unsigned char *heap,
             uint64_t *size_of, uint64_t *n_objects)
{
  const uint64_t head = align8(8 + f->length_size); /* of a heap, and of an object */
  for (uint64_t k = head; k + head <= total;) {
    uint64_t object = nax_i_h5_decode(heap + k, 2);
    uint64_t n = nax_i_h5_decode(heap + k + 8, f->length_size);
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
check_global_heap(const nax_i_h5_blocks *f, uint64_t at, size_t size,
                  const unsigned char *block, uint64_t *size_of, uint64_t *n_objects)
{
  const uint64_t head = align8(8 + f->length_size);
  unsigned char *whole = NULL;
  const char *wrong = "a global heap cannot be read";
  uint64_t total = nax_i_h5_decode(block + 8, f->length_size);
  if (total < 2 * head || !nax_i_h5_fits(f, at, total)) {
    return "a global heap does not fit into the file";
  }
  if (total <= size) {
    return walk_objects(f, total, block, size_of, n_objects);
  }
  whole = malloc((size_t)total);
  if (whole != NULL && nax_i_h5_read_bytes(f, at, (size_t)total, whole)) {
    wrong = walk_objects(f, total, whole, size_of, n_objects);
  }
  free(whole);
  return wrong;
}

static int
is_global_heap(const nax_i_h5_blocks *f, size_t size, const unsigned char *block)
{
  return size >= 8 + f->length_size && memcmp(block, "GCOL\1", 5) == 0;
}

const char *
nax_i_h5_check_references(nax_i_h5_blocks *f, uint64_t size, const unsigned char *block,
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
    uint64_t length = nax_i_h5_decode(r, 4),
             object = nax_i_h5_decode(r + 4 + f->addr_size, 4);
    uint64_t at = nax_i_h5_decode(r + 4, f->addr_size) + f->base;
    unsigned char head[16];
    if (length == 0) {
      continue;
    }
    if (at != f->indexed) {
      memset(f->object_size, 0, f->n_objects * sizeof *f->object_size);
      f->n_objects = 0;
      f->indexed = at;
      if (!nax_i_h5_fits(f, at, sizeof head) ||
          !nax_i_h5_read_bytes(f, at, sizeof head, head) ||
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
check_free_list(const nax_i_h5_blocks *f, uint64_t first, uint64_t size,
                const unsigned char *data)
{
  const uint64_t end = 1, entry = 2 * f->length_size;
  uint64_t steps = 0;
  for (uint64_t k = first; k != end; k = nax_i_h5_decode(data + k, f->length_size)) {
    if (size < entry || k > size - entry || ++steps > size / entry) {
      return "the free blocks of a local heap do not fit into it";
    }
  }
  return NULL;
}

static const char *
check_local_heap(nax_i_h5_blocks *f, size_t size, const unsigned char *block)
{
  const size_t n = f->length_size;
  if (size < 8 + 2 * n + f->addr_size || memcmp(block, "HEAP", 4) != 0) {
    return NULL;
  }
  uint64_t length = nax_i_h5_decode(block + 8, n),
           first = nax_i_h5_decode(block + 8 + n, n);
  uint64_t data_at = nax_i_h5_decode(block + 8 + 2 * n, f->addr_size) + f->base;
  if (!nax_i_h5_fits(f, data_at, length)) {
    return "a local heap does not fit into the file";
  }
  unsigned char *data = malloc(length > 0 ? (size_t)length : 1);
  const char *wrong = "a local heap cannot be read";
  /* All ones, in as many bytes as a length has, is another end of the list. */
  uint64_t undefined = n < 8 ? ((uint64_t)1 << 8 * n) - 1 : UINT64_MAX;
  if (data != NULL && nax_i_h5_read_bytes(f, data_at, (size_t)length, data)) {
    wrong = first == undefined ? NULL : check_free_list(f, first, length, data);
  }
  free(data);
  f->longest_heap = length > f->longest_heap ? length : f->longest_heap;
  f->heap_end = data_at + length;
  return wrong;
}

static const char *
check_symbol_node(const nax_i_h5_blocks *f, size_t size, const unsigned char *block)
{
  const size_t entry = f->length_size + f->addr_size + 24;
  if (size < 8 || memcmp(block, "SNOD", 4) != 0) {
    return NULL;
  }
  uint64_t n = nax_i_h5_decode(block + 6, 2);
  if (n > (size - 8) / entry) {
    return "a group has more links than room for them";
  }
  for (const unsigned char *e = block + 8; n-- > 0; e += entry) {
    uint64_t kind = nax_i_h5_decode(e + f->length_size + f->addr_size, 4);
    uint64_t target = nax_i_h5_decode(e + f->length_size + f->addr_size + 8, 4);
    if (nax_i_h5_decode(e, f->length_size) >= f->longest_heap ||
        (kind == 2 && target >= f->longest_heap)) {
      return "the name of a link lies outside of its heap";
    }
  }
  return NULL;
}

/* Chunks of a dataset: one that no filter has made shorter has all of its bytes. The
 * library reads as many, whatever the tree says. */
static const char *
check_chunks(nax_i_h5_blocks *f, uint64_t at, size_t size, const unsigned char *block)
{
  const uint64_t head = 8 + 2 * f->addr_size;
  size_t k = nax_i_h5_notes_before(&f->chunks, at);
  if (size < head || memcmp(block, "TREE\1", 5) != 0 || k == 0 ||
      f->chunks.v[3 * k - 3] != at) {
    return NULL;
  }
  const uint64_t bytes = f->chunks.v[3 * k - 2], rest = f->chunks.v[3 * k - 1];
  const uint64_t key = 8 + 8 * (rest & 255), changing = rest >> 8;
  const unsigned level = block[5];
  uint64_t n = nax_i_h5_decode(block + 6, 2);
  if (n > (size - head) / (key + f->addr_size)) {
    return "a dataset has more chunks than room for them";
  }
  for (const unsigned char *e = block + head; n-- > 0; e += key + f->addr_size) {
    uint64_t left_out = nax_i_h5_decode(e + 4, 4);
    if (level > 0 &&
        !nax_i_h5_note(&f->chunks, nax_i_h5_decode(e + key, f->addr_size) + f->base,
                       bytes, rest)) {
      return "out of memory";
    }
    if (level == 0 && (changing & ~left_out) == 0 && nax_i_h5_decode(e, 4) < bytes) {
      return "a chunk is shorter than its elements";
    }
  }
  return NULL;
}

/* --- what the driver asks for --------------------------------------------------------
 */

const char *
nax_i_h5_check_data(nax_i_h5_blocks *f, uint64_t at, size_t size,
                    const unsigned char *block, int are_texts)
{
  if (is_global_heap(f, size, block)) {
    f->global_from = at;
    f->global_to = at + nax_i_h5_decode(block + 8, f->length_size);
    return check_global_heap(f, at, size, block, NULL, NULL);
  }
  return are_texts && (at < f->global_from || at >= f->global_to)
             ? nax_i_h5_check_references(f, size, block, 1)
             : NULL;
}

const char *
nax_i_h5_check_names(nax_i_h5_blocks *f, uint64_t at, size_t size, unsigned char *block)
{
  const char *wrong = check_local_heap(f, size, block);
  /* The last name ends with the heap at the latest. */
  if (f->heap_end > at && f->heap_end - at <= size) {
    block[f->heap_end - at - 1] = 0;
  }
  return wrong;
}

const char *
nax_i_h5_check_node(nax_i_h5_blocks *f, uint64_t at, size_t size,
                    const unsigned char *block)
{
  const char *wrong = check_symbol_node(f, size, block);
  return wrong != NULL ? wrong : check_chunks(f, at, size, block);
}
