/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that grow by records. */
#include "nax_test.h"
#include "io/io_i.h"

static void
records_are_kept_cut_and_checked(void **state)
{
  (void)state;
  const nax_i_record_var var[2] = {{"x", "two by three", NAX_F64, 2, {"a", "b"}, {2, 3}},
                                   {"n", "a number", NAX_I64, 0, {NULL}, {0}}};
  const nax_i_record_var other[1] = {{"x", "", NAX_F64, 2, {"a", "b"}, {2, 4}}};
  const char *path = nax_t_tmp("records.nc");
  nax_i_records *r = NULL;
  double x[6], back[6];
  int64_t n;
  assert_ok(nax_i_records_create(NULL, path, "draw", 2, var, "a test", &r));
  for (int64_t k = 0; k < 5; k++) {
    for (int j = 0; j < 6; j++) {
      x[j] = 10.0 * (double)k + j;
    }
    assert_ok(nax_i_records_put(NULL, r, 0, k, 0, x));
    assert_ok(nax_i_records_put(NULL, r, 0, k, 1, x + 3));
    assert_ok(nax_i_records_put(NULL, r, 1, k, -1, &k));
  }
  assert_ok(nax_i_records_flush(NULL, r));
  nax_i_records_close(r);
  assert_ok(nax_i_records_open(NULL, path, 3, 2, var, &r));
  assert_ok(nax_i_records_get(NULL, r, 0, 2, -1, back));
  for (int j = 0; j < 6; j++) {
    assert_true(back[j] == 20.0 + j);
  }
  assert_ok(nax_i_records_get(NULL, r, 0, 1, 1, back));
  assert_true(back[0] == 13.0);
  assert_status(nax_i_records_get(NULL, r, 1, 3, -1, &n), NAX_EFORMAT); /* cut off */
  n = 77;
  assert_ok(nax_i_records_put(NULL, r, 1, 3, -1, &n));
  nax_i_records_close(r);
  r = NULL;
  assert_status(nax_i_records_open(NULL, path, 5, 2, var, &r), NAX_EFORMAT);
  assert_non_null(strstr(nax_ctx_error(NULL), "shorter than its checkpoint says"));
  assert_status(nax_i_records_open(NULL, path, 2, 1, other, &r), NAX_EFORMAT);
  assert_status(nax_i_records_open(NULL, nax_t_tmp("none.nc"), 0, 2, var, &r), NAX_EIO);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  fputs("not one of them", f);
  fclose(f);
  assert_status(nax_i_records_open(NULL, path, 0, 2, var, &r), NAX_EFORMAT);
  assert_null(r);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_are_kept_cut_and_checked),
  };
  return cmocka_run_group_tests_name("netCDF records", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
