/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file driver through which HDF5 reads for us.
 *
 * It sees the blocks of a file as they are read, and lets none pass that contradicts
 * itself (hdf5_blocks_i.h says which); the library takes that for a read error, as it
 * would from a disk. */
#define _GNU_SOURCE /* flock, O_CLOEXEC */
#include "hdf5_blocks_i.h"
#include "hdf5_i.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct checked_file {
  H5FD_t pub; /* must come first: the library's own part */
  struct stat st;
  haddr_t eoa;
  nax_i_h5_blocks blocks;
} checked_file;

/* Whether the data that are read are references to texts; under the one lock. */
static int texts_are_read;

/* Why a block was last refused, or NULL; under the one lock. */
static const char *last_refusal;

void
nax_i_h5_refuse(const char *why)
{
  last_refusal = why;
}

static herr_t
refuse(const char *why)
{
  nax_i_h5_refuse(why);
  H5Epush2(H5E_DEFAULT, "hdf5_driver.c", "read", 0, H5E_ERR_CLS, H5E_VFL, H5E_READERROR,
           "%s", why);
  return -1;
}

static herr_t
driver_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size,
            void *out)
{
  checked_file *f = (checked_file *)file;
  nax_i_h5_blocks *b = &f->blocks;
  const char *wrong = NULL;
  (void)transfer;
  if (at > f->eoa || size > f->eoa - at) {
    return refuse("addr overflow");
  }
  if (!nax_i_h5_read_bytes(b, at, size, out)) {
    return refuse(strerror(errno));
  }
  if (b->addr_size > 8 || b->length_size > 8 || b->addr_size * b->length_size == 0) {
    return 0; /* not widths the library takes */
  }
  b->base = f->pub.base_addr;
  switch (type) {
  case H5FD_MEM_DRAW:
  case H5FD_MEM_GHEAP:
    wrong = nax_i_h5_check_data(b, at, size, out, texts_are_read);
    break;
  case H5FD_MEM_LHEAP:
    wrong = nax_i_h5_check_names(b, at, size, out);
    break;
  case H5FD_MEM_OHDR:
    wrong = nax_i_h5_check_header(b, at, size, out);
    break;
  case H5FD_MEM_BTREE:
    wrong = nax_i_h5_check_node(b, at, size, out);
    break;
  default:
    break;
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
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ok = fd >= 0 && fstat(fd, &f->st) == 0 &&
         nax_i_h5_blocks_init(&f->blocks, fd, (uint64_t)f->st.st_size);
    if (!ok && fd >= 0) {
      close(fd);
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
  close(f->blocks.fd);
  nax_i_h5_blocks_free(&f->blocks);
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
  if (flock(((checked_file *)file)->blocks.fd,
            (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 &&
      errno != ENOSYS) {
    return refuse("unable to lock file");
  }
  return 0;
}

static herr_t
driver_unlock(H5FD_t *file)
{
  return flock(((checked_file *)file)->blocks.fd, LOCK_UN) < 0 && errno != ENOSYS ? -1
                                                                                  : 0;
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
