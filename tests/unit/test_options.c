/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option tables: each agrees with the INIT macro of its struct, and what is set, checked
 * and printed through a table. */
#include "nax_test.h"
#include "core/core_i.h"

/* Every NAX_..._OPTS_INIT of the public headers: type of the struct, the struct. */
typedef struct option_init {
  const char *type;
  const void *init;
  size_t size;
} option_init;

#include "tests/unit/option_inits.h"

static const option_init *
find_init(const char *type)
{
  for (size_t i = 0; i < sizeof inits / sizeof inits[0]; i++) {
    if (strcmp(inits[i].type, type) == 0) {
      return &inits[i];
    }
  }
  return NULL;
}

static void
every_table_agrees_with_its_init_macro(void **state)
{
  (void)state;
  for (int32_t t = 0; t < nax_options_n_tables(); t++) {
    const nax_opt_table *table = nax_options_table_at(t);
    const option_init *from = find_init(table->type);
    if (from == NULL) {
      fail_msg("table `%s`: no header defines an INIT macro for %s", table->module,
               table->type);
    }
    assert_int_equal(table->struct_size, from->size);
    unsigned char *own = calloc(1, table->struct_size);
    nax_options_default(table, own);
    size_t size;
    memcpy(&size, from->init, sizeof size);
    assert_int_equal(size, table->struct_size);
    for (int32_t i = 0; i < table->n_opts; i++) {
      char a[256], b[256];
      nax_options_format(table, own, i, a, sizeof a);
      nax_options_format(table, from->init, i, b, sizeof b);
      if (strcmp(a, b) != 0) {
        fail_msg("%s.%s: table says %s, INIT macro %s", table->module,
                 table->opts[i].name, a, b);
      }
    }
    assert_ok(nax_options_check(NULL, table, from->init));
    free(own);
  }
}

static void
every_init_macro_has_a_table(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof inits / sizeof inits[0]; i++) {
    int found = 0;
    for (int32_t t = 0; t < nax_options_n_tables(); t++) {
      found = found || strcmp(nax_options_table_at(t)->type, inits[i].type) == 0;
    }
    if (!found) {
      fail_msg("%s has no table in core/options.c", inits[i].type);
    }
  }
}

static size_t
member_size(nax_opt_type type)
{
  return type == NAX_OPT_FLAG || type == NAX_OPT_ENUM ? sizeof(int32_t) : 8;
}

static void
every_table_is_well_formed(void **state)
{
  (void)state;
  for (int32_t t = 0; t < nax_options_n_tables(); t++) {
    const nax_opt_table *table = nax_options_table_at(t);
    assert_ptr_equal(nax_options_table(table->module), table);
    assert_true(table->min_size >= sizeof(size_t));
    assert_true(table->min_size <= table->struct_size);
    for (int32_t i = 0; i < table->n_opts; i++) {
      const nax_opt_info *o = &table->opts[i];
      if (o->name[0] == '\0' ||
          strspn(o->name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(o->name)) {
        fail_msg("%s: option name `%s`", table->module, o->name);
      }
      size_t n_help = strlen(o->help);
      int stop = n_help > 0 && o->help[n_help - 1] == '.';
      int dots = n_help > 3 && strcmp(o->help + n_help - 3, "...") == 0;
      if (n_help == 0 || (stop && !dots) || strchr(o->help, '\n') != NULL) {
        fail_msg("%s.%s: help \"%s\"", table->module, o->name, o->help);
      }
      assert_true(o->offset >= sizeof(size_t));
      assert_true(o->offset + member_size(o->type) <= table->struct_size);
      assert_int_equal(o->offset % member_size(o->type), 0);
      if (o->type == NAX_OPT_ENUM) {
        int n = o->choices[0] != '\0';
        for (const char *c = o->choices; *c != '\0'; c++) {
          n += *c == '|';
        }
        assert_close(o->min, 1.0, 0.0, 0.0);
        assert_close(o->max, n, 0.0, 0.0);
      }
      for (int32_t j = 0; j < i; j++) {
        assert_string_not_equal(table->opts[j].name, o->name);
        assert_true(table->opts[j].offset != o->offset);
      }
    }
  }
  assert_null(nax_options_table("no such module"));
  assert_null(nax_options_table_at(-1));
  assert_null(nax_options_table_at(nax_options_n_tables()));
}

static void
try_number(const nax_opt_table *table, const nax_opt_info *o, const char *text, int good)
{
  char *opts = malloc(table->struct_size), *before = malloc(table->struct_size);
  assert_true(opts != NULL && before != NULL);
  nax_options_default(table, opts);
  memcpy(before, opts, table->struct_size);
  nax_status s = nax_options_set(NULL, table, opts, o->name, text);
  if (s != (good ? NAX_OK : NAX_EINVAL)) {
    fail_msg("%s.%s = %s: %s", table->module, o->name, text, nax_ctx_error(NULL));
  }
  if (good) {
    assert_ok(nax_options_check(NULL, table, opts));
  } else {
    assert_memory_equal(opts, before, table->struct_size);
    assert_non_null(strstr(nax_ctx_error(NULL), o->name));
  }
  free(opts);
  free(before);
}

/* Both bounds of each option, the next numbers outside, and what is no number in any. */
static void
numbers_are_held_to_their_bounds(void **state)
{
  (void)state;
  int n = 0;
  for (int32_t t = 0; t < nax_options_n_tables(); t++) {
    const nax_opt_table *table = nax_options_table_at(t);
    for (int32_t i = 0; i < table->n_opts; i++) {
      const nax_opt_info *o = &table->opts[i];
      int whole = o->type == NAX_OPT_INT;
      char text[64];
      if (!whole && o->type != NAX_OPT_REAL) {
        continue;
      }
      n++;
      for (int up = 0; up < 2; up++) {
        double bound = up ? o->max : o->min, out = up ? INFINITY : -INFINITY;
        int open = up ? o->max_open : o->min_open;
        if (isfinite(bound)) {
          double next = whole ? bound + (up ? 1.0 : -1.0) : nextafter(bound, out);
          snprintf(text, sizeof text, whole ? "%.0f" : "%.17g", bound);
          try_number(table, o, text, !open);
          snprintf(text, sizeof text, whole ? "%.0f" : "%.17g", next);
          try_number(table, o, text, 0);
        }
        try_number(table, o, up ? "inf" : "-inf", !whole && !isfinite(bound) && !open);
        try_number(table, o, up ? "1e400" : "-1e400", 0);
      }
      try_number(table, o, "nan", !whole && o->may_be_nan);
      try_number(table, o, "99999999999999999999", !whole && o->max >= 1e20);
      try_number(table, o, "", 0);
      try_number(table, o, "1x", 0);
    }
  }
  assert_true(n > 200);
}

/* ----------------------------------------------------------- a table of our own */

typedef struct demo {
  size_t struct_size;
  int64_t count;
  double rate, width;
  uint64_t seed;
  const char *path;
  int32_t flag, method;
} demo;

static const nax_opt_info entries[] = {
    NAX_I_INT(demo, count, "count", "", 5.0, 1.0, 100.0, "how many"),
    NAX_I_POSITIVE(demo, rate, "rate", "Hz", NAX_NOT_GIVEN, 1, "how often"),
    NAX_I_REAL(demo, width, "width", "s", 0.5, -1.0, 1.0, "how wide"),
    NAX_I_SEED(demo, seed, "seed", 7.0, "where to begin"),
    NAX_I_STRING(demo, path, "path", "where to"),
    NAX_I_FLAG(demo, flag, "flag", 0, "whether"),
    NAX_I_ENUM(demo, method, "method", "one|other|another", 2, 3, "which way"),
};
static const nax_opt_table table =
    NAX_I_TABLE("demo", demo, offsetof(demo, seed), entries);

static const char *
printed(const demo *d, int32_t i)
{
  static char buf[64];
  int n = nax_options_format(&table, d, i, buf, sizeof buf);
  assert_int_equal(n, strlen(buf));
  return buf;
}

static void
options_are_set_from_text(void **state)
{
  (void)state;
  demo d;
  nax_options_default(&table, &d);
  assert_int_equal(d.struct_size, sizeof d);
  assert_true(d.count == 5 && isnan(d.rate) && d.seed == 7 && d.path == NULL &&
              d.flag == 0 && d.method == 2);
  static const struct {
    const char *name, *value;
  } good[] = {{"count", "100"},      {"rate", "2.5e1"},
              {"width", "-0.25"},    {"seed", "18446744073709551615"},
              {"path", "a b"},       {"flag", "yes"},
              {"method", "another"}, {"rate", "NaN"}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_ok(nax_options_set(NULL, &table, &d, good[i].name, good[i].value));
  }
  assert_string_equal(printed(&d, 0), "100");
  assert_string_equal(printed(&d, 1), "NaN");
  assert_string_equal(printed(&d, 2), "-0.25");
  assert_string_equal(printed(&d, 3), "18446744073709551615");
  assert_string_equal(printed(&d, 4), "a b");
  assert_string_equal(printed(&d, 5), "1");
  assert_string_equal(printed(&d, 6), "another");
  assert_ok(nax_options_set(NULL, &table, &d, "flag", "0"));
  assert_int_equal(d.flag, 0);
  assert_ok(nax_options_set(NULL, &table, &d, "method", "one"));
  assert_int_equal(d.method, 1);
  d.path = NULL;
  assert_string_equal(printed(&d, 4), "");
  char tiny[3];
  assert_int_equal(nax_options_format(&table, &d, 3, tiny, sizeof tiny), 20);
  assert_string_equal(tiny, "18");
}

static void
a_refused_value_names_option_and_range_and_changes_nothing(void **state)
{
  (void)state;
  demo d, before;
  nax_options_default(&table, &d);
  d.rate = 3.0;
  before = d;
  static const struct {
    const char *name, *value, *text;
  } bad[] = {
      {"count", "101", "option `count` must lie in [1, 100], got 101"},
      {"count", "2.5", "option `count` takes a whole number, got \"2.5\""},
      {"count", "", "option `count` takes a whole number, got \"\""},
      {"count", "99999999999999999999",
       "option `count` takes a whole number, got \"99999999999999999999\""},
      {"rate", "0", "option `rate` must be greater than 0, got 0"},
      {"rate", "inf", "option `rate` must be greater than 0, got inf"},
      {"rate", "2,5", "option `rate` takes a number, got \"2,5\""},
      {"width", "1.5", "option `width` must lie in [-1, 1], got 1.5"},
      {"width", "nan", "option `width` must lie in [-1, 1], got nan"},
      {"seed", "-1", "option `seed` takes a whole number from 0 to 2^64 - 1, got \"-1\""},
      {"seed", "18446744073709551616",
       "option `seed` takes a whole number from 0 to 2^64 - 1, got "
       "\"18446744073709551616\""},
      {"seed", "", "option `seed` takes a whole number from 0 to 2^64 - 1, got \"\""},
      {"flag", "maybe", "option `flag` takes yes or no, got \"maybe\""},
      {"method", "oth", "option `method` takes one of one|other|another, got \"oth\""},
      {"method", "", "option `method` takes one of one|other|another, got \"\""},
      {"counts", "1", "module `demo` has no option `counts`"},
      {"count", NULL, "option `count` needs a value"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char text[256];
    snprintf(text, sizeof text, "nax_options_set: %s", bad[i].text);
    assert_error(nax_options_set(NULL, &table, &d, bad[i].name, bad[i].value), NAX_EINVAL,
                 text);
    assert_memory_equal(&d, &before, sizeof d);
  }
}

static void
structs_are_checked_member_by_member(void **state)
{
  (void)state;
  demo d;
  nax_options_default(&table, &d);
  assert_ok(nax_options_check(NULL, &table, &d));
  d.flag = 2;
  assert_error(nax_options_check(NULL, &table, &d), NAX_EINVAL,
               "nax_options_check: option `flag` must lie in [0, 1], got 2");
  d.flag = 1;
  d.method = 0;
  assert_status(nax_options_check(NULL, &table, &d), NAX_EINVAL);
  d.method = 4;
  assert_status(nax_options_check(NULL, &table, &d), NAX_EINVAL);
  d.method = 3;
  d.width = INFINITY;
  assert_status(nax_options_check(NULL, &table, &d), NAX_EINVAL);
}

static void
older_shorter_structs_keep_new_defaults(void **state)
{
  (void)state;
  demo d;
  struct {
    size_t struct_size;
    int64_t count;
    double rate, width;
  } old = {sizeof old, 9, 2.0, 0.0};
  assert_ok(nax_i_options_load(NULL, "nax_f", &table, &d, &old));
  assert_int_equal(d.struct_size, sizeof d);
  assert_true(d.count == 9 && d.seed == 7 && d.method == 2);
  assert_ok(nax_i_options_load(NULL, "nax_f", &table, &d, NULL));
  assert_int_equal(d.count, 5);
  /* one of a newer library, whose extra members are unknown here */
  struct {
    demo known;
    double more;
  } newer = {{0}, 1.0};
  nax_options_default(&table, &newer.known);
  newer.known.struct_size = sizeof newer;
  newer.known.count = 11;
  assert_ok(nax_i_options_load(NULL, "nax_f", &table, &d, &newer));
  assert_true(d.count == 11 && d.struct_size == sizeof d);
  newer.known.count = 0;
  assert_error(nax_i_options_load(NULL, "nax_f", &table, &d, &newer), NAX_EINVAL,
               "nax_f: option `count` must lie in [1, 100], got 0");
}

static void
structs_without_init_are_refused(void **state)
{
  (void)state;
  demo d, raw;
  memset(&raw, 0, sizeof raw);
  assert_error(nax_i_options_load(NULL, "nax_f", &table, &d, &raw), NAX_EINVAL,
               "nax_f: option struct `demo` was not initialised with its INIT macro");
  memset(&raw, 0xa5, sizeof raw);
  assert_status(nax_i_options_load(NULL, "nax_f", &table, &d, &raw), NAX_EINVAL);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_table_agrees_with_its_init_macro),
      cmocka_unit_test(every_init_macro_has_a_table),
      cmocka_unit_test(every_table_is_well_formed),
      cmocka_unit_test(numbers_are_held_to_their_bounds),
      cmocka_unit_test(options_are_set_from_text),
      cmocka_unit_test(a_refused_value_names_option_and_range_and_changes_nothing),
      cmocka_unit_test(structs_are_checked_member_by_member),
      cmocka_unit_test(older_shorter_structs_keep_new_defaults),
      cmocka_unit_test(structs_without_init_are_refused),
  };
  return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
