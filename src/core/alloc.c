/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* MADV_HUGEPAGE */
#include "core_i.h"
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

long nax_i_alloc_fail_at = -1;

static int
refuse(size_t n, size_t size)
{
  if (nax_i_alloc_fail_at >= 0 && nax_i_alloc_fail_at-- == 0) {
    return 1;
  }
  return size != 0 && n > (size_t)PTRDIFF_MAX / size;
}

/* Large arrays on large pages where the system offers them on request: a kernel that goes
 * through memory in long strides otherwise waits for addresses as much as for data. */
static void
advise(void *p, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  enum { LARGE = 8 << 20, PAGE = 2 << 20 };
  uintptr_t from = ((uintptr_t)p + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
  uintptr_t to = ((uintptr_t)p + bytes) & ~(uintptr_t)(PAGE - 1);
  if (bytes >= LARGE) {
    (void)madvise((void *)from, to - from, MADV_HUGEPAGE); /* a wish: may be refused */
  }
#else
  (void)p;
  (void)bytes;
#endif
}

void *
nax_i_calloc(size_t n, size_t size)
{
  if (refuse(n, size)) {
    return NULL;
  }
  void *p = calloc(n ? n : 1, size ? size : 1);
  if (p != NULL) {
    advise(p, n * size);
  }
  return p;
}

void *
nax_i_realloc(void *p, size_t n, size_t size)
{
  return refuse(n, size) ? NULL : realloc(p, n && size ? n * size : 1);
}

char *
nax_i_strndup(const char *s, size_t n)
{
  char *p = nax_i_calloc(n + 1, 1);
  if (p != NULL && n > 0) {
    memcpy(p, s, n);
  }
  return p;
}

char *
nax_i_strdup(const char *s)
{
  return s ? nax_i_strndup(s, strlen(s)) : nax_i_strndup("", 0);
}

void
nax_i_free(void *p)
{
  free(p);
}

int
nax_i_size_product(int32_t k, const nax_index *n, size_t size, nax_index *out)
{
  nax_index product = 1;
  int empty = 0;
  for (int32_t i = 0; i < k; i++) {
    if (n[i] < 0) {
      return 0;
    }
    empty = empty || n[i] == 0;
  }
  for (int32_t i = 0; i < k && !empty; i++) {
    if (__builtin_mul_overflow(product, n[i], &product)) {
      return 0;
    }
  }
  product = empty ? 0 : product;
  nax_index bytes;
  if (__builtin_mul_overflow(product, (nax_index)size, &bytes) ||
      (uint64_t)bytes > (uint64_t)PTRDIFF_MAX) {
    return 0;
  }
  *out = product;
  return 1;
}
