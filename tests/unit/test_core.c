/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "core/core_i.h"
#include <config.h>

static void
version_is_that_of_the_package(void **state)
{
  (void)state;
  assert_string_equal(nax_version(), PACKAGE_VERSION);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(version_is_that_of_the_package)};
  return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
