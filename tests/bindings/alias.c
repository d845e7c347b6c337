/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For LD_PRELOAD: allocations of 8 GiB and more are the same 64 MiB of memory over and
 * over, but for their first and last 64 MiB, so that a result of more than 2^31 numbers
 * that are mostly alike can be made on a small machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t chunk = (size_t)64 << 20, large = (size_t)8 << 30;
enum { MOST = 64 };
static struct {
  char *p;
  size_t size;
} made[MOST];

static void *
repeated(size_t size)
{
  size_t all = (size + chunk - 1) / chunk * chunk;
  int k = 0, fd = memfd_create("repeated", 0);
  while (k < MOST && made[k].p != NULL) {
    k++;
  }
  if (k == MOST || fd < 0 || ftruncate(fd, (off_t)chunk) != 0) {
    return NULL;
  }
  char *p =
      mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    return NULL;
  }
  for (size_t at = 0; at < all; at += chunk) {
    int own = at == 0 || at + chunk == all;
    void *q = mmap(p + at, chunk, PROT_READ | PROT_WRITE,
                   own ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED : MAP_SHARED | MAP_FIXED,
                   own ? -1 : fd, 0);
    if (q == MAP_FAILED) {
      return NULL;
    }
  }
  close(fd);
  made[k].p = p;
  made[k].size = all;
  return p;
}

void *
malloc(size_t size)
{
  static void *(*real)(size_t);
  if (real == NULL) {
    real = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
  }
  return size < large ? real(size) : repeated(size);
}

extern void *__libc_calloc(size_t, size_t);

void *
calloc(size_t n, size_t size)
{
  if (size == 0 || n < large / size) {
    return __libc_calloc(n, size);
  }
  return repeated(n * size);
}

void
free(void *p)
{
  static void (*real)(void *);
  for (int k = 0; p != NULL && k < MOST; k++) {
    if (made[k].p == p) {
      munmap(p, made[k].size);
      made[k].p = NULL;
      return;
    }
  }
  if (real == NULL) {
    real = (void (*)(void *))dlsym(RTLD_NEXT, "free");
  }
  real(p);
}
