/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference arrays in .npy files (float64, int64 or complex128, C order) as doubles. */
#ifndef NAX_NPY_REF_H
#define NAX_NPY_REF_H
#include "nax_test.h"

/* The n values of PATH below the shared folder (a complex value counts as two), or the
 * test is skipped. Free it. */
static inline double *
nax_t_npy(const char *path, nax_index n)
{
  const char *full = nax_t_shared(path);
  FILE *f = fopen(full, "rb");
  unsigned char head[10];
  assert_non_null(f);
  assert_int_equal(fread(head, 1, sizeof head, f), sizeof head);
  size_t length = (size_t)head[8] + 256U * (size_t)head[9];
  char *text = calloc(length + 1, 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, length, f), length);
  double *x = calloc((size_t)n + 1, sizeof *x);
  assert_non_null(x);
  assert_int_equal(fread(x, sizeof *x, (size_t)n + 1, f), n); /* no more, no less */
  if (strstr(text, "<i8") != NULL) {
    for (nax_index i = 0; i < n; i++) {
      int64_t v;
      memcpy(&v, x + i, sizeof v);
      x[i] = (double)v;
    }
  }
  free(text);
  fclose(f);
  return x;
}

/* One value. */
static inline double
nax_t_npy1(const char *path)
{
  double *x = nax_t_npy(path, 1), v = x[0];
  free(x);
  return v;
}
#endif
