/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference arrays of the RSA tests: ref/rsa/NAME.npy of the shared folder, C order. */
#ifndef RSA_REFERENCE_H
#define RSA_REFERENCE_H
#include "nax_test.h"

typedef struct ref {
  double *x;
  int64_t n;      /* values */
  int64_t dim[4]; /* as NumPy has them: the last is fastest */
} ref;

/* Skips the test when the file is not there. */
static inline ref
ref_load(const char *name)
{
  char path[256];
  snprintf(path, sizeof path, "ref/rsa/%s.npy", name);
  FILE *f = fopen(nax_t_shared(path), "rb");
  assert_non_null(f);
  unsigned char head[10];
  assert_int_equal(fread(head, 1, 10, f), 10);
  size_t size = (size_t)head[8] | (size_t)head[9] << 8;
  char *text = calloc(size + 1, 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, size, f), size);
  assert_null(strstr(text, "'fortran_order': True"));
  int whole = strstr(text, "<i8") != NULL;
  assert_true(whole || strstr(text, "<f8") != NULL);
  ref r = {.n = 1, .dim = {1, 1, 1, 1}};
  char *p = strchr(strstr(text, "'shape'"), '(') + 1;
  for (int k = 0; k < 4 && *p != ')'; k++) {
    r.dim[k] = strtoll(p, &p, 10);
    r.n *= r.dim[k];
    p += strspn(p, ", ");
  }
  r.x = calloc((size_t)r.n + 1, sizeof *r.x);
  assert_non_null(r.x);
  assert_int_equal(fread(r.x, sizeof *r.x, (size_t)r.n, f), (size_t)r.n);
  for (int64_t i = 0; whole && i < r.n; i++) {
    int64_t v;
    memcpy(&v, &r.x[i], sizeof v);
    r.x[i] = (double)v;
  }
  fclose(f);
  free(text);
  return r;
}

/* Whole numbers of a reference. */
static inline int64_t *
ref_integers(const ref *r)
{
  int64_t *v = calloc((size_t)r->n + 1, sizeof *v);
  assert_non_null(v);
  for (int64_t i = 0; i < r->n; i++) {
    v[i] = (int64_t)r->x[i];
  }
  return v;
}

/* Rows of a reference as RDMs. */
static inline nax_rdms *
ref_rdms(const char *name)
{
  ref r = ref_load(name);
  int64_t m = r.dim[1] > 1 ? r.dim[1] : r.dim[0];
  nax_rdms *s = NULL;
  assert_ok(nax_rdms_create(NULL, nax_rdm_conditions(m), r.n / m, r.x, &s));
  free(r.x);
  return s;
}

/* n values agree with a reference to `tol`, relative for values above 1. */
static inline void
ref_check(const char *name, const double *x, int64_t n, double tol)
{
  ref r = ref_load(name);
  assert_int_equal(n, r.n);
  for (int64_t i = 0; i < n; i++) {
    if (!nax_t_close(x[i], r.x[i], tol, tol)) {
      fail_msg("%s[%lld] is %.17g, expected %.17g (difference %.3g)", name, (long long)i,
               x[i], r.x[i], x[i] - r.x[i]);
    }
  }
  free(r.x);
}

#endif
