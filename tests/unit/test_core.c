/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status, context, warnings, progress, memory. */
#include "nax_test.h"
#include "core/core_i.h"
#include <config.h>

/* ---------------------------------------------------------------------- names */

static void
version_is_that_of_the_package(void **state)
{
  (void)state;
  assert_string_equal(nax_version(), PACKAGE_VERSION);
}

static void
every_status_has_a_name_and_a_text(void **state)
{
  (void)state;
  assert_string_equal(nax_status_name(NAX_OK), "NAX_OK");
  assert_string_equal(nax_status_name(NAX_EDIM), "NAX_EDIM");
  assert_string_equal(nax_status_name((nax_status)999), "NAX_?");
  assert_string_equal(nax_status_name(NAX_STATUS_FORCE_INT), "NAX_?");
  assert_string_equal(nax_status_text((nax_status)999), "unknown status");
#define NAX_X(name, value, text)                                                         \
  assert_string_equal(nax_status_name(name), #name);                                     \
  assert_string_equal(nax_status_text(name), text);                                      \
  assert_int_equal(name, value);
  NAX_STATUS_LIST(NAX_X)
#undef NAX_X
}

static void
every_dtype_has_a_size_and_a_name(void **state)
{
  (void)state;
  for (int i = NAX_F64; i <= NAX_TEXT; i++) {
    assert_string_not_equal(nax_dtype_name((nax_dtype)i), "?");
    assert_true(nax_dtype_size((nax_dtype)i) > 0 || i == NAX_TEXT);
  }
  assert_int_equal(nax_dtype_size(NAX_F64), 8);
  assert_int_equal(nax_dtype_size(NAX_F16), 2);
  assert_int_equal(nax_dtype_size((nax_dtype)0), 0);
  assert_int_equal(nax_dtype_size((nax_dtype)99), 0);
  assert_string_equal(nax_dtype_name((nax_dtype)-1), "?");
  assert_string_equal(nax_dtype_name(NAX_DTYPE_FORCE_INT), "?");
}

static void
every_severity_has_a_name(void **state)
{
  (void)state;
  assert_string_equal(nax_severity_name(NAX_INFO), "info");
  assert_string_equal(nax_severity_name(NAX_SUGGESTION), "suggestion");
  assert_string_equal(nax_severity_name(NAX_VIOLATION), "violation");
  assert_string_equal(nax_severity_name(NAX_CRITICAL), "critical");
  assert_string_equal(nax_severity_name((nax_severity)0), "?");
  assert_string_equal(nax_severity_name(NAX_SEVERITY_FORCE_INT), "?");
}

/* ---------------------------------------------------------------------- errors */

static void
a_failure_leaves_its_text_where_the_call_was_made(void **state)
{
  (void)state;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_string_equal(nax_ctx_error(ctx), "");
  assert_int_equal(nax_i_fail(ctx, NAX_EDIM, "nax_f", "axis %d, got %g", 2, 1.5),
                   NAX_EDIM);
  assert_int_equal(nax_i_fail(NULL, NAX_EDATA, "nax_g", "other"), NAX_EDATA);
  assert_string_equal(nax_ctx_error(ctx), "nax_f: axis 2, got 1.5");
  assert_string_equal(nax_ctx_error(NULL), "nax_g: other");
  nax_i_begin(ctx);
  assert_string_equal(nax_ctx_error(ctx), "");
  assert_string_equal(nax_ctx_error(NULL), "nax_g: other");
  nax_i_begin(NULL);
  assert_string_equal(nax_ctx_error(NULL), "");
  nax_i_fail_file(ctx, NAX_EFORMAT, "/a/b.nwb", "no group (found %s, expected %s)", "x",
                  "units");
  assert_string_equal(nax_ctx_error(ctx), "/a/b.nwb: no group (found x, expected units)");
  nax_i_fail_text(NULL, NAX_EIO, nax_ctx_error(ctx));
  assert_string_equal(nax_ctx_error(NULL), nax_ctx_error(ctx));
  nax_i_fail_text(ctx, NAX_EIO, nax_ctx_error(ctx)); /* onto itself */
  assert_string_equal(nax_ctx_error(NULL), nax_ctx_error(ctx));
  nax_ctx_free(ctx);
}

static void
error_texts_are_one_line_of_valid_utf8_and_511_bytes(void **state)
{
  (void)state;
  char lng[2000];
  memset(lng, 'x', sizeof lng);
  lng[sizeof lng - 1] = '\0';
  nax_i_fail(NULL, NAX_EIO, "nax_f", "%s", lng);
  assert_int_equal(strlen(nax_ctx_error(NULL)), 511);
  nax_i_fail_file(NULL, NAX_EIO, lng, "what");
  assert_int_equal(strlen(nax_ctx_error(NULL)), 511);
  nax_i_fail(NULL, NAX_EIO, "nax_f", "a\nb\tc\x7f \xff \xc3\xa4 \xed\xa0\x80");
  assert_string_equal(nax_ctx_error(NULL), "nax_f: a?b?c? ? \xc3\xa4 ???");
  /* cut in the middle of a character */
  for (size_t n = 495; n < 515; n++) {
    memset(lng, 'x', n);
    strcpy(lng + n, "\xc3\xa4\xc3\xa4");
    nax_i_fail(NULL, NAX_EIO, "nax_f", "%s", lng);
    char copy[512];
    strcpy(copy, nax_ctx_error(NULL));
    nax_i_clean_utf8(copy);
    assert_string_equal(copy, nax_ctx_error(NULL));
  }
}

/* -------------------------------------------------------------------- warnings */

static void
warnings_are_collected_once_each(void **state)
{
  (void)state;
  nax_ctx *ctx;
  nax_i_warn(NULL, NAX_INFO, "a.b", "nobody listens");
  assert_ok(nax_ctx_create(&ctx));
  assert_int_equal(nax_ctx_n_warnings(ctx), 0);
  nax_i_warn(ctx, NAX_VIOLATION, "a.b", "first %d", 1);
  nax_i_warn(ctx, NAX_VIOLATION, "a.b", "first %d", 1);
  nax_i_warn(ctx, NAX_INFO, "a.b", "first\n%d", 2);
  assert_int_equal(nax_ctx_n_warnings(ctx), 2);
  nax_warning w = nax_ctx_warning(ctx, 0);
  assert_int_equal(w.severity, NAX_VIOLATION);
  assert_string_equal(w.id, "a.b");
  assert_string_equal(w.text, "first 1");
  assert_string_equal(nax_ctx_warning(ctx, 1).text, "first?2");
  assert_null(nax_ctx_warning(ctx, 2).text);
  assert_null(nax_ctx_warning(ctx, -1).id);
  assert_null(nax_ctx_warning(NULL, 0).text);
  assert_int_equal(nax_ctx_n_warnings(NULL), 0);
  nax_ctx_clear_warnings(ctx);
  nax_ctx_clear_warnings(NULL);
  assert_int_equal(nax_ctx_n_warnings(ctx), 0);
  nax_i_warn(ctx, NAX_INFO, "a.b", "again");
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  nax_ctx_free(ctx);
}

static void
warnings_beyond_a_thousand_are_counted(void **state)
{
  (void)state;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  for (int i = 0; i < 1234; i++) {
    nax_i_warn(ctx, NAX_INFO, "a.b", "%d", i);
  }
  assert_int_equal(nax_ctx_n_warnings(ctx), 1001);
  nax_warning w = nax_ctx_warning(ctx, 1000);
  assert_string_equal(w.id, "core.more-warnings");
  assert_string_equal(w.text, "234 more warnings");
  nax_ctx_free(ctx);
}

static void
a_warning_that_finds_no_memory_is_counted(void **state)
{
  (void)state;
  for (long k = 0; k < 3; k++) { /* the list, the id, the text */
    nax_ctx *ctx;
    assert_ok(nax_ctx_create(&ctx));
    nax_i_alloc_fail_at = k;
    nax_i_warn(ctx, NAX_INFO, "a.b", "text");
    nax_i_alloc_fail_at = -1;
    assert_int_equal(nax_ctx_n_warnings(ctx), 1);
    assert_string_equal(nax_ctx_warning(ctx, 0).text, "1 more warnings");
    nax_ctx_free(ctx);
  }
}

/* ------------------------------------------------------------- progress, stopping */

typedef struct seen {
  int calls, stop_at;
  int64_t first, last, max;
  double objective;
} seen;

static int
watch(const nax_progress *p, void *user)
{
  seen *s = user;
  assert_string_equal(p->stage, "test/stage");
  assert_true(p->elapsed_s >= 0.0);
  s->first = s->calls == 0 ? p->iter : s->first;
  s->last = p->iter;
  s->max = p->iter_max;
  s->objective = p->objective;
  return ++s->calls == s->stop_at;
}

static void
progress_tells_first_and_last_step(void **state)
{
  (void)state;
  nax_ctx *ctx;
  nax_i_stage st;
  seen s = {.stop_at = -1};
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_set_progress(ctx, watch, &s, 1e6);
  assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/stage", 100));
  for (int i = 1; i <= 100; i++) {
    assert_ok(nax_i_stage_poll(&st, i, 2.5));
  }
  assert_int_equal(s.calls, 2); /* the interval never passes */
  assert_int_equal(s.first, 0);
  assert_int_equal(s.last, 100);
  assert_int_equal(s.max, 100);
  assert_close(s.objective, 2.5, 0.0, 0.0);
  nax_ctx_set_progress(ctx, watch, &s, 0.0);
  for (int i = 1; i <= 100; i++) {
    assert_ok(nax_i_stage_poll(&st, i, NAN));
  }
  assert_int_equal(s.calls, 102);
  nax_ctx_set_progress(ctx, NULL, NULL, 0.0);
  assert_ok(nax_i_stage_poll(&st, 100, NAN));
  assert_int_equal(s.calls, 102);
  nax_ctx_set_progress(NULL, watch, &s, 0.0);
  nax_ctx_free(ctx);
}

static int
stop_at_look(const nax_progress *p, void *user)
{
  assert_string_equal(p->stage, "working"); /* no call is under way */
  return --*(int *)user == 0;
}

static void
loops_of_a_program_look_too(void **state)
{
  (void)state;
  nax_ctx *ctx;
  int looks = 3;
  assert_ok(nax_ctx_poll(NULL));
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_poll(ctx));
  nax_ctx_cancel(ctx);
  assert_status(nax_ctx_poll(ctx), NAX_EINTERRUPT);
  assert_string_equal(nax_ctx_error(ctx),
                      "neuraxis: stopped by the caller in a call after 0 steps");
  assert_ok(nax_ctx_poll(ctx)); /* the request is consumed */
  assert_string_equal(nax_ctx_error(ctx), "");
  nax_ctx_set_progress(ctx, stop_at_look, &looks, 0.0);
  assert_ok(nax_ctx_poll(ctx));
  assert_ok(nax_ctx_poll(ctx));
  assert_status(nax_ctx_poll(ctx), NAX_EINTERRUPT);
  assert_ok(nax_ctx_poll(ctx));
  nax_ctx_free(ctx);
}

static void
the_callback_and_the_cancel_flag_stop_a_call(void **state)
{
  (void)state;
  nax_ctx *ctx;
  nax_i_stage st;
  seen s = {.stop_at = 3};
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_set_progress(ctx, watch, &s, 0.0);
  assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/stage", -1));
  assert_ok(nax_i_stage_poll(&st, 1, NAN));
  assert_status(nax_i_stage_poll(&st, 2, NAN), NAX_EINTERRUPT);
  assert_string_equal(nax_ctx_error(ctx),
                      "nax_f: stopped by the caller in test/stage after 2 steps");
  nax_ctx_set_progress(ctx, NULL, NULL, 0.0);
  nax_ctx_cancel(ctx);
  assert_status(nax_i_stage_begin(&st, ctx, "nax_f", "test/stage", 5), NAX_EINTERRUPT);
  assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/stage", 5)); /* used up */
  nax_ctx_free(ctx);
  nax_ctx_cancel(NULL);
  assert_ok(nax_i_stage_begin(&st, NULL, "nax_f", "test/stage", 5));
}

static void
threads_are_set_within_limits(void **state)
{
  (void)state;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_int_equal(nax_ctx_threads(ctx), 1);
  assert_int_equal(nax_ctx_threads(NULL), 1);
  assert_ok(nax_ctx_set_threads(ctx, 3));
  assert_int_equal(nax_ctx_threads(ctx), 3);
  assert_status(nax_ctx_set_threads(ctx, 1025), NAX_EINVAL);
  assert_string_equal(nax_ctx_error(ctx),
                      "nax_ctx_set_threads: n_threads must lie in 0..1024, got 1025");
  assert_status(nax_ctx_set_threads(ctx, -1), NAX_EINVAL);
  assert_int_equal(nax_ctx_threads(ctx), 3);
  assert_status(nax_ctx_set_threads(NULL, 1), NAX_EINVAL);
  assert_ok(nax_ctx_set_threads(ctx, 0));
  assert_true(nax_ctx_threads(ctx) >= 1 && nax_ctx_threads(ctx) <= 1024);
  assert_int_equal(nax_ctx_threads(ctx), nax_i_cpu_count());
  nax_ctx_free(ctx);
  nax_ctx_free(NULL);
}

/* ---------------------------------------------------------------------- memory */

static void
sizes_that_do_not_fit_are_refused(void **state)
{
  (void)state;
  assert_null(nax_i_calloc(SIZE_MAX / 2, 3));
  assert_null(nax_i_calloc(SIZE_MAX, 1));
  assert_null(nax_i_realloc(NULL, SIZE_MAX / 2, 3));
  void *p = nax_i_calloc(0, 8);
  assert_non_null(p);
  p = nax_i_realloc(p, 0, 8);
  assert_non_null(p);
  nax_i_free(p);
  unsigned char *q = nax_i_calloc(100, 3);
  for (int i = 0; i < 300; i++) {
    assert_int_equal(q[i], 0);
  }
  nax_i_free(q);
  nax_i_free(NULL);
}

static void
products_of_lengths_are_checked(void **state)
{
  (void)state;
  nax_index n = -1, small[] = {2, 3, 4}, empty[] = {INT64_MAX, 0, INT64_MAX};
  nax_index negative[] = {0, -1}, large[] = {INT64_C(1) << 31, INT64_C(1) << 31, 2};
  nax_index edge[] = {INT64_MAX};
  assert_true(nax_i_size_product(3, small, 8, &n));
  assert_int_equal(n, 24);
  assert_true(nax_i_size_product(3, empty, 8, &n));
  assert_int_equal(n, 0);
  assert_false(nax_i_size_product(2, negative, 8, &n));
  assert_false(nax_i_size_product(3, large, 1, &n));
  assert_false(nax_i_size_product(2, large, 8, &n));
  assert_true(nax_i_size_product(1, edge, 1, &n));
  assert_false(nax_i_size_product(1, edge, 2, &n));
  assert_true(nax_i_size_product(0, NULL, 8, &n));
  assert_int_equal(n, 1);
}

static void
strings_are_copied(void **state)
{
  (void)state;
  char *a = nax_i_strdup("abc"), *b = nax_i_strdup(NULL), *c = nax_i_strndup("abc", 2);
  char *d = nax_i_asprintf("%s-%d-%g", "x", 7, 0.5);
  assert_string_equal(a, "abc");
  assert_string_equal(b, "");
  assert_string_equal(c, "ab");
  assert_string_equal(d, "x-7-0.5");
  nax_i_free(a);
  nax_i_free(b);
  nax_i_free(c);
  nax_i_free(d);
  nax_i_alloc_fail_at = 0;
  assert_null(nax_i_strdup("abc"));
  nax_i_alloc_fail_at = 0;
  assert_null(nax_i_asprintf("abc"));
  nax_i_alloc_fail_at = -1;
}

static void
contexts_need_memory(void **state)
{
  (void)state;
  nax_ctx *ctx;
  NAX_T_SWEEP_ALLOC(nax_ctx_create(&ctx), ctx, nax_ctx_free(ctx), 10);
}

/* ----------------------------------------------------------------------- order */

static void
quantiles_are_those_of_type_7(void **state)
{
  (void)state;
  double x[] = {3.0, 1.0, 4.0, 1.0, 5.0};
  assert_close(nax_i_quantile(x, 5, 0.0), 1.0, 0.0, 0.0);
  assert_close(nax_i_quantile(x, 5, 0.5), 3.0, 0.0, 0.0);
  assert_close(nax_i_quantile(x, 5, 1.0), 5.0, 0.0, 0.0);
  assert_close(nax_i_quantile(x, 5, 0.9), 4.6, 1e-15, 0.0);
  assert_close(nax_i_quantile(x, 5, 0.3), 1.4, 1e-15, 0.0);
  assert_close(nax_i_quantile(x, 1, 0.7), x[0], 0.0, 0.0);
  assert_true(isnan(nax_i_quantile(x, 0, 0.5)));
  double inf[] = {-INFINITY, 2.0, INFINITY};
  assert_true(isinf(nax_i_quantile(inf, 3, 0.1)) && nax_i_quantile(inf, 3, 0.1) < 0);
  assert_true(isinf(nax_i_quantile(inf, 3, 0.9)) && nax_i_quantile(inf, 3, 0.9) > 0);
  assert_close(nax_i_quantile(inf, 3, 0.5), 2.0, 0.0, 0.0);
  double same[] = {INFINITY, INFINITY};
  assert_true(isinf(nax_i_quantile(same, 2, 0.5)));
}

static void
logarithms_are_right_to_the_last_place(void **state)
{
  (void)state;
  enum { N = 20011 };
  static double x[N], out[N], same[N];
  uint64_t seed = 4;
  for (int i = 0; i < N; i++) {
    double u = nax_t_uniform(&seed);
    x[i] = i % 3 == 0 ? exp(1400.0 * (u - 0.5)) : i % 3 == 1 ? 0.5 + u : 1.0 + 1e-8 * u;
  }
  const double odd[] = {0.0, -0.0, -1.0, NAN, INFINITY, 1e-310, 1.0, 5e-324, 1e308};
  memcpy(x + 100, odd, sizeof odd);
  nax_i_logs(N, x, out);
  for (int i = 0; i < N; i++) {
    double expected = log(x[i]);
    if (isnan(expected)) {
      assert_true(isnan(out[i]));
    } else if (isinf(expected)) {
      assert_true(out[i] == expected);
    } else {
      assert_true(fabs(out[i] - expected) <= 2.3e-16 * fabs(expected));
    }
  }
  for (int i = 0; i < 13; i++) { /* wherever a number is */
    nax_i_logs(13 - i, x + 95 + i, same + i);
    assert_memory_equal(&same[i], &out[95 + i], sizeof *same);
  }
}

static void
exponentials_are_right_to_the_last_place(void **state)
{
  (void)state;
  enum { N = 20011 };
  static double x[N], out[N], same[N];
  uint64_t seed = 5;
  for (int i = 0; i < N; i++) {
    double u = nax_t_uniform(&seed) - 0.5;
    x[i] = i % 3 == 0 ? 1600.0 * u : i % 3 == 1 ? 2.0 * u : 1e-8 * u;
  }
  const double odd[] = {0.0, -0.0,   NAN,    INFINITY, -INFINITY, 709.5,
                        1e3, -745.0, -720.0, -1e3,     -1e-310,   1.0};
  memcpy(x + 100, odd, sizeof odd);
  nax_i_exps(N, x, out);
  for (int i = 0; i < N; i++) {
    double expected = exp(x[i]);
    if (isnan(expected)) {
      assert_true(isnan(out[i]));
    } else if (isinf(expected)) {
      assert_true(out[i] == expected);
    } else {
      assert_true(fabs(out[i] - expected) <= 2.3e-16 * expected);
    }
  }
  for (int i = 0; i < 13; i++) { /* wherever a number is */
    nax_i_exps(13 - i, x + 95 + i, same + i);
    assert_memory_equal(&same[i], &out[95 + i], sizeof *same);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponentials_are_right_to_the_last_place),
      cmocka_unit_test(logarithms_are_right_to_the_last_place),
      cmocka_unit_test(version_is_that_of_the_package),
      cmocka_unit_test(every_status_has_a_name_and_a_text),
      cmocka_unit_test(every_dtype_has_a_size_and_a_name),
      cmocka_unit_test(every_severity_has_a_name),
      cmocka_unit_test(a_failure_leaves_its_text_where_the_call_was_made),
      cmocka_unit_test(error_texts_are_one_line_of_valid_utf8_and_511_bytes),
      cmocka_unit_test(warnings_are_collected_once_each),
      cmocka_unit_test(warnings_beyond_a_thousand_are_counted),
      cmocka_unit_test(a_warning_that_finds_no_memory_is_counted),
      cmocka_unit_test(progress_tells_first_and_last_step),
      cmocka_unit_test(loops_of_a_program_look_too),
      cmocka_unit_test(the_callback_and_the_cancel_flag_stop_a_call),
      cmocka_unit_test(threads_are_set_within_limits),
      cmocka_unit_test(sizes_that_do_not_fit_are_refused),
      cmocka_unit_test(products_of_lengths_are_checked),
      cmocka_unit_test(strings_are_copied),
      cmocka_unit_test(contexts_need_memory),
      cmocka_unit_test(quantiles_are_those_of_type_7),
  };
  return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
