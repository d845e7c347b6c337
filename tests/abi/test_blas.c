/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which library the BLAS calls end up in: GSL brings a slow one with the same names. */
#define _GNU_SOURCE
#include "nax_test.h"
#include <dlfcn.h>

/* Naming one function of each library keeps both linked; they are never called. */
void cblas_dgemm(void);
void gsl_blas_ddot(void);
extern void (*const keep_linked[2])(void);
void (*const keep_linked[2])(void) = {cblas_dgemm, gsl_blas_ddot};

static const char *
library_of(const char *symbol)
{
  void *p = dlsym(RTLD_DEFAULT, symbol);
  Dl_info info;
  if (p == NULL || dladdr(p, &info) == 0 || info.dli_fname == NULL) {
    print_message("# %s is not linked dynamically\n", symbol);
    skip();
  }
  print_message("# %s: %s\n", symbol, info.dli_fname);
  return info.dli_fname;
}

static void
cblas_is_openblas(void **state)
{
  (void)state;
  const char *lib = library_of("cblas_dgemm");
  assert_null(strstr(lib, "gslcblas"));
  assert_non_null(strstr(lib, "blas"));
}

static void
gsl_uses_the_same_blas(void **state)
{
  (void)state;
  assert_string_equal(library_of("cblas_ddot"), library_of("cblas_dgemm"));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(cblas_is_openblas),
                                     cmocka_unit_test(gsl_uses_the_same_blas)};
  return cmocka_run_group_tests_name("blas", tests, NULL, NULL);
}
