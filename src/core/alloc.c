/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core_i.h"
#include <stdlib.h>

long nax_i_alloc_fail_at = -1;

static int
refuse(size_t n, size_t size)
{
  if (nax_i_alloc_fail_at >= 0 && nax_i_alloc_fail_at-- == 0) {
    return 1;
  }
  return size != 0 && n > (size_t)PTRDIFF_MAX / size;
}

void *
nax_i_calloc(size_t n, size_t size)
{
  return refuse(n, size) ? NULL : calloc(n ? n : 1, size ? size : 1);
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
