/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of an HDF5 file that the library would believe without a look.
 *
 * It takes for granted that the objects of a global heap (texts of any length) lie within
 * it and are longer than nothing, that names of links lie within the local heap of their
 * group and end there, that a list of free blocks ends, that messages of object headers
 * are as long as what is in them, that a chunk has as many bytes as its elements. A
 * damaged file then makes it read memory that is not its own, or run for ever.
 *
 * Each check takes a block as it was read and gives what is wrong with it, or NULL.
 *
 * Format: HDF5 File Format Specification 3.0, III.A (trees), III.B (symbol nodes), III.D
 * (local heaps), III.E (global heaps), IV.A (object headers). */
#ifndef NAX_HDF5_BLOCKS_I_H
#define NAX_HDF5_BLOCKS_I_H
#include <stddef.h>
#include <stdint.h>

/* What is known of addresses, in their order. */
typedef struct nax_i_h5_notes {
  uint64_t *v; /* address and two numbers, n of these */
  size_t n, room;
} nax_i_h5_notes;

typedef struct nax_i_h5_blocks {
  int fd;
  uint64_t size, base;             /* of the file, and address of its first byte */
  uint64_t addr_size, length_size; /* bytes of an address and of a length */
  uint64_t longest_heap;           /* of the local heaps seen */
  uint64_t heap_end;               /* where the last of them ends in the file */
  nax_i_h5_notes parts;            /* of object headers looked at, other than the first */
  uint64_t rest, rest_end;         /* what is to come of the header read last */
  nax_i_h5_notes chunks; /* nodes of trees of chunks: bytes of a chunk, dimensions
                    and the filters that change sizes */
  uint64_t global_from, global_to; /* the global heap read last */
  uint64_t indexed;                /* address of the global heap of which we know: */
  uint64_t n_objects;              /* its largest object and one */
  uint64_t *object_size;           /* of each, 0: there is none */
} nax_i_h5_blocks;

/* For an open file; 0: it has not what its superblock claims. */
int nax_i_h5_blocks_init(nax_i_h5_blocks *f, int fd, uint64_t size);
void nax_i_h5_blocks_free(nax_i_h5_blocks *f);
/* As much as there is of `size` bytes from `at` on, the rest is 0; 0: an error. */
int nax_i_h5_read_bytes(const nax_i_h5_blocks *f, uint64_t at, size_t size,
                        unsigned char *out);
/* Raw data, or a global heap: to the library the same. `are_texts`: the data are
 * references to texts. */
const char *nax_i_h5_check_data(nax_i_h5_blocks *f, uint64_t at, size_t size,
                                const unsigned char *block, int are_texts);
/* A local heap; its last name is ended. */
const char *nax_i_h5_check_names(nax_i_h5_blocks *f, uint64_t at, size_t size,
                                 unsigned char *block);
/* A symbol node, or a node of a tree of chunks. */
const char *nax_i_h5_check_node(nax_i_h5_blocks *f, uint64_t at, size_t size,
                                const unsigned char *block);
const char *nax_i_h5_check_header(nax_i_h5_blocks *f, uint64_t at, size_t size,
                                  const unsigned char *block);

/* --- for the checks only ------------------------------------------------------------ */

/* A number of n bytes, little-endian. */
static inline uint64_t
nax_i_h5_decode(const unsigned char *b, uint64_t n)
{
  uint64_t v = 0;
  for (uint64_t i = n; i-- > 0;) {
    v = v << 8 | b[i];
  }
  return v;
}

static inline int
nax_i_h5_fits(const nax_i_h5_blocks *f, uint64_t at, uint64_t size)
{
  return at <= f->size && size <= f->size - at;
}

/* References to texts, or to lists of elements of `width` bytes: length, address of a
 * global heap, object in it. The library makes room for the length that is claimed, and
 * copies what the object has. */
const char *nax_i_h5_check_references(nax_i_h5_blocks *f, uint64_t size,
                                      const unsigned char *block, uint64_t width);
/* How many notes are of `at` or of addresses before it. */
size_t nax_i_h5_notes_before(const nax_i_h5_notes *n, uint64_t at);
/* The first note of an address stays; 0: out of memory. */
int nax_i_h5_note(nax_i_h5_notes *n, uint64_t at, uint64_t first, uint64_t second);

#endif
