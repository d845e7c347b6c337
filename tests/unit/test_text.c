/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text buffers, UTF-8, and numbers in every locale. */
#include "nax_test.h"
#include "core/core_i.h"
#include <errno.h>
#include <float.h>
#include <locale.h>

static int
parse(const char *s, double *x)
{
  return nax_i_parse_double(s, s + strlen(s), x);
}

static void
numbers_are_read_whole_or_not_at_all(void **state)
{
  (void)state;
  double x;
  static const struct {
    const char *text;
    double value;
  } good[] = {
      {"1", 1.0},        {"-2.5", -2.5},           {"+.5", 0.5},
      {"1e3", 1000.0},   {"1E-3", 0.001},          {"5.", 5.0},
      {"inf", INFINITY}, {"-Infinity", -INFINITY}, {"NaN", NAN},
      {"1e-400", 0.0},   {"5e-324", 5e-324},       {"1.7976931348623157e308", DBL_MAX}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    if (!parse(good[i].text, &x)) {
      fail_msg("\"%s\" was not read", good[i].text);
    }
    assert_close(x, good[i].value, 0.0, 0.0);
  }
  static const char *const bad[] = {"",    " 1",     "1 ",  "1,5",   "0x10",   "1e",
                                    "abc", "1.2.3",  "--1", "1e400", "-1e400", "e5",
                                    ".",   "nan(1)", "in",  "1\n"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    x = 42.0;
    if (parse(bad[i], &x)) {
      fail_msg("\"%s\" was read as %g", bad[i], x);
    }
    assert_close(x, 42.0, 0.0, 0.0);
  }
  const char part[] = "12345";
  assert_true(nax_i_parse_double(part, part + 2, &x));
  assert_close(x, 12.0, 0.0, 0.0);
  char longer[200];
  memset(longer, '1', sizeof longer);
  assert_false(nax_i_parse_double(longer, longer + sizeof longer, &x));
  errno = 33;
  assert_false(parse("1e400", &x));
  assert_int_equal(errno, 33);
}

static void
whole_numbers_are_read_whole_or_not_at_all(void **state)
{
  (void)state;
  int64_t n = 0;
#define READ(s) nax_i_parse_int64((s), (s) + strlen(s), &n)
  assert_true(READ("9223372036854775807") && n == INT64_MAX);
  assert_true(READ("-9223372036854775808") && n == INT64_MIN);
  assert_true(READ("+7") && n == 7);
  assert_false(READ("9223372036854775808"));
  assert_false(READ("1.0"));
  assert_false(READ(""));
  assert_false(READ(" 1"));
  assert_false(READ("1-"));
  assert_false(READ("-"));
  assert_false(READ("00000000000000000000000000000000000001"));
#undef READ
}

static void
assert_formats(double x, const char *text)
{
  char buf[32];
  int n = nax_i_format_double(buf, x);
  assert_string_equal(buf, text);
  assert_int_equal(n, strlen(text));
}

static void
numbers_print_short_and_read_back(void **state)
{
  (void)state;
  assert_formats(0.1, "0.1");
  assert_formats(1.0, "1");
  assert_formats(-0.0, "-0");
  assert_formats(1.0 / 3.0, "0.3333333333333333");
  assert_formats(0.1 + 0.2, "0.30000000000000004");
  assert_formats(1e23, "1e+23");
  assert_formats(5e-324, "5e-324");
  assert_formats(DBL_MAX, "1.7976931348623157e+308");
  assert_formats(DBL_MIN, "2.2250738585072014e-308");
  assert_formats(NAN, "NaN");
  assert_formats(INFINITY, "Inf");
  assert_formats(-INFINITY, "-Inf");
  uint64_t seed = 7;
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = nax_t_random(&seed);
    double x, y;
    char buf[32];
    memcpy(&x, &bits, sizeof x);
    nax_i_format_double(buf, x);
    assert_true(strlen(buf) < 32);
    assert_true(isnan(x) || isinf(x) || parse(buf, &y));
    if (!isnan(x) && !isinf(x)) {
      assert_memory_equal(&x, &y, sizeof x);
    }
  }
}

/* A locale with a decimal comma; the test is skipped where there is none. */
static void
use_comma(void)
{
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8",
                                      "fr_FR.utf8"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (setlocale(LC_ALL, names[i]) != NULL && localeconv()->decimal_point[0] == ',') {
      return;
    }
  }
  setlocale(LC_ALL, "C");
  print_message("# no locale with a decimal comma, such as de_DE.UTF-8, is installed\n");
  skip();
}

static void
a_decimal_comma_changes_nothing(void **state)
{
  (void)state;
  use_comma();
  char host[32], buf[64];
  double x = 0.0;
  snprintf(host, sizeof host, "%g", 1.5);
  int parsed = parse("2.5", &x), comma = parse("2,5", &x);
  nax_i_fail(NULL, NAX_EINVAL, "nax_f", "got %g", 1.5);
  char *text = nax_i_asprintf("%.3f", 1234.5);
  nax_i_buf b = {0};
  nax_i_buf_printf(&b, "%g %s", 0.25, "1,5");
  nax_i_format_g(buf, sizeof buf, "%.2f", 1e6);
  numbers_print_short_and_read_back(state);
  numbers_are_read_whole_or_not_at_all(state);
  char after[32];
  snprintf(after, sizeof after, "%g", 1.5);
  setlocale(LC_ALL, "C");
  assert_string_equal(host, "1,5");
  assert_string_equal(after, "1,5"); /* the host's locale is as it was */
  assert_true(parsed && !comma);
  assert_close(x, 2.5, 0.0, 0.0);
  assert_string_equal(nax_ctx_error(NULL), "nax_f: got 1.5");
  assert_string_equal(text, "1234.500");
  assert_string_equal(b.data, "0.25 1,5");
  assert_string_equal(buf, "1000000.00");
  nax_i_free(text);
  nax_i_buf_free(&b);
}

static void
buffers_grow_and_remember_a_failure(void **state)
{
  (void)state;
  nax_i_buf b = {0};
  nax_i_buf_puts(&b, "");
  assert_string_equal(b.data, "");
  for (int i = 0; i < 1000; i++) {
    nax_i_buf_printf(&b, "%d,", i);
  }
  assert_int_equal(b.len, 3890);
  assert_int_equal(strlen(b.data), b.len);
  char big[5000];
  memset(big, 'z', sizeof big - 1);
  big[sizeof big - 1] = '\0';
  nax_i_buf_printf(&b, "<%s>", big);
  assert_int_equal(b.len, 3890 + 5001);
  assert_string_equal(b.data + b.len - 2, "z>");
  size_t len = b.len;
  nax_i_alloc_fail_at = 0;
  for (int i = 0; i < 10; i++) {
    nax_i_buf_puts(&b, big);
  }
  nax_i_alloc_fail_at = -1;
  assert_true(b.failed && b.len <= len + 2 * sizeof big);
  nax_i_buf_puts(&b, "more");
  assert_true(b.failed);
  nax_i_buf_free(&b);
  assert_null(b.data);
  nax_i_alloc_fail_at = 0;
  nax_i_buf_printf(&b, "<%s>", big);
  nax_i_alloc_fail_at = -1;
  assert_true(b.failed);
  nax_i_buf_free(&b);
}

static void
invalid_utf8_becomes_question_marks(void **state)
{
  (void)state;
  static const struct {
    const char *in, *out;
  } cases[] = {
      {"plain", "plain"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\xa7\xa0", "\xc3\xa4\xe2\x82\xac\xf0\x9f\xa7\xa0"},
      {"\xff\xfe", "??"},
      {"\xc0\xaf", "??"},           /* overlong */
      {"\xe0\x80\xaf", "???"},      /* overlong */
      {"\xed\xa0\x80", "???"},      /* surrogate */
      {"\xf4\x90\x80\x80", "????"}, /* beyond U+10FFFF */
      {"\xe2\x82", "??"},           /* cut short */
      {"a\xc3", "a?"},
      {"\x80z", "?z"},
      {"a\tb\nc\x1b[0m\x7f", "a?b?c?[0m?"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char buf[64];
    strcpy(buf, cases[i].in);
    nax_i_clean_utf8(buf);
    assert_string_equal(buf, cases[i].out);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
      cmocka_unit_test(whole_numbers_are_read_whole_or_not_at_all),
      cmocka_unit_test(numbers_print_short_and_read_back),
      cmocka_unit_test(a_decimal_comma_changes_nothing),
      cmocka_unit_test(buffers_grow_and_remember_a_failure),
      cmocka_unit_test(invalid_utf8_becomes_question_marks),
  };
  return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
