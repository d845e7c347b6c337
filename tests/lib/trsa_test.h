/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference arrays of the tests of topological similarity. */
#ifndef TRSA_TEST_H
#define TRSA_TEST_H
#include "nax_test.h"

/* The call (with a NULL context) fails with this code, and its message has `text` in it.
 */
#define assert_fails(expr, code, text)                                                   \
  do {                                                                                   \
    assert_status(expr, code);                                                           \
    if (strstr(nax_ctx_error(NULL), text) == NULL) {                                     \
      fail_msg("`%s` has no `%s`", nax_ctx_error(NULL), text);                           \
    }                                                                                    \
  } while (0)

/* Reference array `name`, rows one after the other, which has n values; free it. The test
 * is skipped when the references are not here. */
static inline double *
ref(const char *name, nax_index n)
{
  char path[256];
  snprintf(path, sizeof path, "ref/rsa/%s.npy", name);
  nax_dataset *d = NULL;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.allow_inf = 1;
  assert_ok(nax_dataset_load(NULL, nax_t_shared(path), &o, &d));
  const nax_array *a = nax_dataset_array(d, nax_dataset_var_name(d, 0));
  assert_non_null(a);
  assert_int_equal(nax_array_size(a), n);
  double *x = malloc((size_t)n * sizeof *x);
  nax_view v = nax_array_view(a);
  int32_t order[NAX_MAX_NDIM];
  for (int32_t k = 0; k < v.ndim; k++) {
    order[k] =
        v.ndim - 1 - k; /* axes come in the order of the file, last fastest there */
  }
  assert_ok(nax_view_permute(NULL, &v, order, &v));
  assert_ok(nax_view_copy_to(NULL, &v, NAX_F64, x));
  nax_dataset_free(d);
  return x;
}

#endif
