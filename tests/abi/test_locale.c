/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host program that has set a locale with a decimal comma: numbers in files and in
 * texts keep their point. The locale is made in a folder of the test's own. */
#include "nax_test.h"
#include "core/core_i.h"
#include <locale.h>

static int
german(void **state)
{
  char command[8192];
  if (nax_t_tmp_setup(state) != 0) {
    return -1;
  }
  snprintf(command, sizeof command,
           "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", nax_t_tmp_dir_);
  if (system(command) < 0) {
    return -1;
  }
  setenv("LOCPATH", nax_t_tmp_dir_, 1);
  return 0;
}

static void
require_comma(void)
{
  char text[16];
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
    print_message("# no German locale (Debian package locales)\n");
    skip();
  }
  snprintf(text, sizeof text, "%.1f", 0.5);
  assert_string_equal(text, "0,5");
}

static void
numbers_have_a_point(void **state)
{
  (void)state;
  char buf[32];
  double x = 0.0;
  const char *one = "1.5", *other = "1,5";
  require_comma();
  assert_true(nax_i_parse_double(one, one + 3, &x));
  assert_close(x, 1.5, 0, 0);
  assert_false(nax_i_parse_double(other, other + 3, &x));
  nax_i_format_double(buf, 0.1);
  assert_string_equal(buf, "0.1");
}

static void
messages_have_a_point(void **state)
{
  (void)state;
  nax_axis *a = NULL;
  require_comma();
  assert_status(nax_axis_create_regular(NULL, "time", "s", 3, 0.0, -0.5, &a), NAX_EINVAL);
  assert_non_null(strstr(nax_ctx_error(NULL), "-0.5"));
}

static void
csv_is_read_and_written_with_a_point(void **state)
{
  (void)state;
  const char csv[] = "time,a,b\n0.0,1.5,2\n0.5,2.5,3\n1.0,3.5,4\n";
  char back[256] = "";
  nax_dataset *d = NULL;
  require_comma();
  nax_t_write(nax_t_tmp("in.csv"), csv, sizeof csv - 1);
  assert_ok(nax_dataset_load(NULL, nax_t_tmp("in.csv"), NULL, &d));
  assert_true(nax_dataset_n_vars(d) >= 1);
  const nax_array *a = nax_dataset_array(d, nax_dataset_var_name(d, 0));
  assert_non_null(a);
  const double want[6] = {1.5, 2, 2.5, 3, 3.5, 4};
  assert_int_equal(nax_array_size(a), 6);
  assert_all_close(nax_array_f64(a), want, 6, 0, 0);
  assert_ok(nax_export_csv(NULL, a, nax_t_tmp("out.csv"), NULL));
  FILE *f = fopen(nax_t_tmp("out.csv"), "r");
  assert_non_null(f);
  assert_true(fread(back, 1, sizeof back - 1, f) > 0);
  fclose(f);
  assert_non_null(strstr(back, "0.5,2.5,3"));
  nax_dataset_free(d);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_have_a_point), cmocka_unit_test(messages_have_a_point),
      cmocka_unit_test(csv_is_read_and_written_with_a_point)};
  return cmocka_run_group_tests_name("locale", tests, german, nax_t_tmp_teardown);
}
