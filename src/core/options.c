/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core_i.h"
#include <math.h>
#include <stdio.h>

/* Every module with an option struct adds its table here, one line each so that modules
 * can be added side by side. */
/* clang-format off */
static const nax_opt_table *const tables[] = {
    &nax_i_source_table,
    &nax_i_save_table,
    &nax_i_bin_table,
    &nax_i_smooth_table,
    &nax_i_neuropil_table,
    &nax_i_dff_table,
    &nax_i_detrend_table,
    &nax_i_resample_table,
    &nax_i_align_table,
    &nax_i_psth_table,
    &nax_i_welch_table,
    &nax_i_quality_table_opts,
    &nax_i_report_table,
    &nax_i_correlation_table,
    &nax_i_gpfa_table,
    &nax_i_gpfa_infer_table,
    &nax_i_gpfa_select_table,
    &nax_i_gpvae_table,
    &nax_i_bicluster_table,
    &nax_i_ntf_table,
    &nax_i_freqtag_table,
    &nax_i_rdm_table,
    &nax_i_rsa_table,
    &nax_i_similarity_table,
    &nax_i_encoding_table,
    &nax_i_sbm_table,
    &nax_i_trsa_table,
    &nax_i_connectome_table,
    &nax_i_trsa_identify_table,
    &nax_i_agtic_table,
    &nax_i_ph_table,
    &nax_i_ph_image_table,
    &nax_i_simulate_table,
    &nax_i_ntf_select_table,
    &nax_i_ntf_null_table,
};
/* clang-format on */

int32_t
nax_options_n_tables(void)
{
  return (int32_t)(sizeof tables / sizeof tables[0]);
}

const nax_opt_table *
nax_options_table_at(int32_t i)
{
  return i >= 0 && i < nax_options_n_tables() ? tables[i] : NULL;
}

const nax_opt_table *
nax_options_table(const char *module)
{
  for (int32_t i = 0; i < nax_options_n_tables(); i++) {
    if (strcmp(tables[i]->module, module) == 0) {
      return tables[i];
    }
  }
  return NULL;
}

static void
store(const nax_opt_info *o, void *opts, double value)
{
  char *p = (char *)opts + o->offset;
  switch (o->type) {
  case NAX_OPT_INT:
    memcpy(p, &(int64_t){(int64_t)value}, sizeof(int64_t));
    break;
  case NAX_OPT_REAL:
    memcpy(p, &value, sizeof value);
    break;
  case NAX_OPT_FLAG:
  case NAX_OPT_ENUM:
    memcpy(p, &(int32_t){(int32_t)value}, sizeof(int32_t));
    break;
  case NAX_OPT_SEED:
    memcpy(p, &(uint64_t){(uint64_t)value}, sizeof(uint64_t));
    break;
  case NAX_OPT_STRING:
  case NAX_OPT_TYPE_FORCE_INT:
    break;
  }
}

/* Numeric value of a member; seeds and strings have no range to check. */
static double
load(const nax_opt_info *o, const void *opts)
{
  const char *p = (const char *)opts + o->offset;
  int64_t i64;
  int32_t i32;
  double x = 0.0;
  switch (o->type) {
  case NAX_OPT_INT:
    memcpy(&i64, p, sizeof i64);
    return (double)i64;
  case NAX_OPT_REAL:
    memcpy(&x, p, sizeof x);
    return x;
  case NAX_OPT_FLAG:
  case NAX_OPT_ENUM:
    memcpy(&i32, p, sizeof i32);
    return i32;
  case NAX_OPT_SEED:
  case NAX_OPT_STRING:
  case NAX_OPT_TYPE_FORCE_INT:
    break;
  }
  return x;
}

void
nax_options_default(const nax_opt_table *table, void *opts)
{
  memset(opts, 0, table->struct_size);
  memcpy(opts, &table->struct_size, sizeof(size_t));
  for (int32_t i = 0; i < table->n_opts; i++) {
    store(&table->opts[i], opts, table->opts[i].def);
  }
}

static const nax_opt_info *
find_option(const nax_opt_table *table, const char *name)
{
  for (int32_t i = 0; i < table->n_opts; i++) {
    if (strcmp(table->opts[i].name, name) == 0) {
      return &table->opts[i];
    }
  }
  return NULL;
}

/* Position (from 1) of `text` in "a|b|c", 0 when it is not there. */
static int
choice(const char *choices, const char *text)
{
  size_t n = strlen(text);
  int k = 1;
  for (const char *c = choices; *c != '\0'; k++) {
    size_t m = strcspn(c, "|");
    if (m == n && memcmp(c, text, n) == 0) {
      return k;
    }
    c += m + (c[m] == '|');
  }
  return 0;
}

static int
in_range(const nax_opt_info *o, double x)
{
  if (isnan(x)) {
    return o->may_be_nan;
  }
  return (o->min_open ? x > o->min : x >= o->min) &&
         (o->max_open ? x < o->max : x <= o->max);
}

static void
range_text(const nax_opt_info *o, char buf[96])
{
  if (o->max >= 1e300) {
    nax_i_snprintf(buf, 96, "be %s %g", o->min_open ? "greater than" : "at least",
                   o->min);
  } else {
    nax_i_snprintf(buf, 96, "lie in %c%g, %g%c", o->min_open ? '(' : '[', o->min, o->max,
                   o->max_open ? ')' : ']');
  }
}

static nax_status
check_value(nax_ctx *ctx, const char *fn, const nax_opt_info *o, double x)
{
  if (in_range(o, x)) {
    return NAX_OK;
  }
  char range[96];
  range_text(o, range);
  return nax_i_fail(ctx, NAX_EINVAL, fn, "option `%s` must %s, got %g", o->name, range,
                    x);
}

static nax_status
check_one(nax_ctx *ctx, const char *fn, const nax_opt_info *o, const void *opts)
{
  if (o->type == NAX_OPT_STRING || o->type == NAX_OPT_SEED) {
    return NAX_OK;
  }
  return check_value(ctx, fn, o, load(o, opts));
}

static nax_status
check_all(nax_ctx *ctx, const char *fn, const nax_opt_table *table, const void *opts)
{
  for (int32_t i = 0; i < table->n_opts; i++) {
    nax_status status = check_one(ctx, fn, &table->opts[i], opts);
    if (status != NAX_OK) {
      return status;
    }
  }
  return NAX_OK;
}

nax_status
nax_options_check(nax_ctx *ctx, const nax_opt_table *table, const void *opts)
{
  nax_i_begin(ctx);
  return check_all(ctx, __func__, table, opts);
}

nax_status
nax_i_options_load(nax_ctx *ctx, const char *fn, const nax_opt_table *table, void *dst,
                   const void *src)
{
  nax_options_default(table, dst);
  if (src == NULL) {
    return NAX_OK;
  }
  size_t size;
  memcpy(&size, src, sizeof size);
  if (size < table->min_size || size > (size_t)1 << 16) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "option struct `%s` was not initialised with its INIT macro",
                      table->module);
  }
  memcpy(dst, src, size < table->struct_size ? size : table->struct_size);
  memcpy(dst, &table->struct_size, sizeof size);
  return check_all(ctx, fn, table, dst);
}

/* All 64 bits: a seed that was printed can be given again. */
static int
parse_seed(const char *s, uint64_t *out)
{
  uint64_t v = 0;
  if (*s == '\0') {
    return 0;
  }
  for (; *s >= '0' && *s <= '9'; s++) {
    if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
        __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v)) {
      return 0;
    }
  }
  *out = v;
  return *s == '\0';
}

nax_status
nax_options_set(nax_ctx *ctx, const nax_opt_table *table, void *opts, const char *name,
                const char *value)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  const nax_opt_info *o = find_option(table, name);
  NAX_REQUIRE(o != NULL, NAX_EINVAL, "module `%s` has no option `%s`", table->module,
              name);
  NAX_REQUIRE(value != NULL, NAX_EINVAL, "option `%s` needs a value", name);
  const char *end = value + strlen(value);
  char *p = (char *)opts + o->offset;
  double x = 0.0;
  int64_t i64 = 0;
  switch (o->type) {
  case NAX_OPT_INT:
    NAX_REQUIRE(nax_i_parse_int64(value, end, &i64), NAX_EINVAL,
                "option `%s` takes a whole number, got \"%s\"", name, value);
    NAX_TRY(check_value(ctx, __func__, o, (double)i64));
    memcpy(p, &i64, sizeof i64);
    break;
  case NAX_OPT_SEED: {
    uint64_t seed = 0;
    NAX_REQUIRE(parse_seed(value, &seed), NAX_EINVAL,
                "option `%s` takes a whole number from 0 to 2^64 - 1, got \"%s\"", name,
                value);
    memcpy(p, &seed, sizeof seed);
    break;
  }
  case NAX_OPT_REAL:
    NAX_REQUIRE(nax_i_parse_double(value, end, &x), NAX_EINVAL,
                "option `%s` takes a number, got \"%s\"", name, value);
    NAX_TRY(check_value(ctx, __func__, o, x));
    memcpy(p, &x, sizeof x);
    break;
  case NAX_OPT_FLAG: {
    int yes = choice("1|true|yes", value) > 0;
    NAX_REQUIRE(yes || choice("0|false|no", value) > 0, NAX_EINVAL,
                "option `%s` takes yes or no, got \"%s\"", name, value);
    store(o, opts, yes);
    break;
  }
  case NAX_OPT_ENUM: {
    int k = choice(o->choices, value);
    NAX_REQUIRE(k > 0, NAX_EINVAL, "option `%s` takes one of %s, got \"%s\"", name,
                o->choices, value);
    store(o, opts, k);
    break;
  }
  case NAX_OPT_STRING:
    memcpy(p, &value, sizeof value);
    break;
  case NAX_OPT_TYPE_FORCE_INT:
    break;
  }
done:
  return status;
}

int
nax_options_format(const nax_opt_table *table, const void *opts, int32_t i, char *buf,
                   size_t size)
{
  const nax_opt_info *o = &table->opts[i];
  const char *p = (const char *)opts + o->offset;
  char number[32];
  switch (o->type) {
  case NAX_OPT_INT: {
    int64_t i64;
    memcpy(&i64, p, sizeof i64);
    return snprintf(buf, size, "%lld", (long long)i64);
  }
  case NAX_OPT_FLAG:
    return snprintf(buf, size, "%lld", (long long)load(o, opts));
  case NAX_OPT_REAL:
    nax_i_format_double(number, load(o, opts));
    return snprintf(buf, size, "%s", number);
  case NAX_OPT_SEED: {
    uint64_t seed;
    memcpy(&seed, p, sizeof seed);
    return snprintf(buf, size, "%llu", (unsigned long long)seed);
  }
  case NAX_OPT_ENUM: {
    int k = (int)load(o, opts);
    const char *c = o->choices;
    while (--k > 0) {
      c += strcspn(c, "|");
      c += *c == '|';
    }
    return snprintf(buf, size, "%.*s", (int)strcspn(c, "|"), c);
  }
  case NAX_OPT_STRING: {
    const char *s;
    memcpy(&s, p, sizeof s);
    return snprintf(buf, size, "%s", s ? s : "");
  }
  case NAX_OPT_TYPE_FORCE_INT:
    break;
  }
  return snprintf(buf, size, "%s", "");
}
