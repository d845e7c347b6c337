/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results on stdout: JSON with numbers in their shortest form, and tables. */
#define _POSIX_C_SOURCE 200809L
#include "cli_i.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- JSON ------------------------------------------------------------------ */

json_t *
cli_json_num(double x)
{
  return isfinite(x) ? json_real(x) : json_null();
}

/* json_string refuses bytes that are not UTF-8; such a byte becomes "?". */
json_t *
cli_json_text(const char *s)
{
  json_t *j = json_string(s != NULL ? s : "");
  if (j != NULL) {
    return j;
  }
  char *clean = cli_dup(s);
  for (char *p = clean; *p != '\0'; p++) {
    if ((unsigned char)*p >= 0x80) {
      *p = '?';
    }
  }
  j = json_string(clean);
  free(clean);
  return j;
}

static void
put_string(const char *s, FILE *f)
{
  fputc('"', f);
  for (; *s != '\0'; s++) {
    unsigned char ch = (unsigned char)*s;
    if (ch == '"' || ch == '\\') {
      fprintf(f, "\\%c", ch);
    } else if (ch == '\n') {
      fputs("\\n", f);
    } else if (ch == '\t') {
      fputs("\\t", f);
    } else if (ch < 0x20) {
      fprintf(f, "\\u%04x", ch);
    } else {
      fputc(ch, f);
    }
  }
  fputc('"', f);
}

static int
is_scalar(const json_t *j)
{
  return !json_is_object(j) && !json_is_array(j);
}

/* Line ends and indentation, unless depth is negative: everything on one line. */
static void
put_gap(int depth, FILE *f)
{
  if (depth >= 0) {
    fprintf(f, "\n%*s", 2 * depth, "");
  }
}

static void
put(const json_t *j, int depth, FILE *f)
{
  int deeper = depth < 0 ? -1 : depth + 1;
  char buf[32];
  int flat = 1;
  switch (json_typeof(j)) {
  case JSON_OBJECT: {
    const char *key;
    json_t *v;
    size_t k = 0, n = json_object_size(j);
    fputc('{', f);
    json_object_foreach((json_t *)(uintptr_t)j, key, v)
    {
      put_gap(deeper, f);
      put_string(key, f);
      fputs(depth < 0 ? ":" : ": ", f);
      put(v, deeper, f);
      fputs(++k < n ? "," : "", f);
    }
    put_gap(n > 0 ? depth : -1, f);
    fputc('}', f);
    break;
  }
  case JSON_ARRAY: { /* a list of plain values stays on one line */
    size_t n = json_array_size(j);
    for (size_t k = 0; k < n; k++) {
      flat = flat && is_scalar(json_array_get(j, k));
    }
    fputc('[', f);
    for (size_t k = 0; k < n; k++) {
      put_gap(flat ? -1 : deeper, f);
      put(json_array_get(j, k), deeper, f);
      fputs(k + 1 == n ? "" : flat && depth >= 0 ? ", " : ",", f);
    }
    put_gap(flat ? -1 : depth, f);
    fputc(']', f);
    break;
  }
  case JSON_STRING:
    put_string(json_string_value(j), f);
    break;
  case JSON_INTEGER:
    fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
    break;
  case JSON_REAL:
    fputs(cli_num(buf, json_real_value(j)), f);
    break;
  case JSON_TRUE:
    fputs("true", f);
    break;
  case JSON_FALSE:
    fputs("false", f);
    break;
  case JSON_NULL:
    fputs("null", f);
    break;
  }
}

void
cli_json_print(const json_t *j, FILE *f)
{
  put(j, 0, f);
  fputc('\n', f);
}

char *
cli_json_line(const json_t *j)
{
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  if (f != NULL) {
    put(j, -1, f);
    fclose(f);
  }
  return text != NULL ? text : cli_dup("");
}

static json_t *
option_value(cli_type type, const char *text)
{
  double x;
  if (text == NULL) {
    return json_null();
  }
  if (type == CLI_FLAG) {
    return json_boolean(strcmp(text, "1") == 0);
  }
  if (type == CLI_NUMBER && cli_parse_number(text, &x)) {
    return strspn(text, "-0123456789") == strlen(text) && fabs(x) < 9e15
               ? json_integer((json_int_t)x)
               : json_real(x);
  }
  return type == CLI_NUMBER ? json_null() : cli_json_text(text);
}

json_t *
cli_json_options(const cli *c)
{
  json_t *o = json_object();
  for (int i = 0; i < c->n_refs; i++) {
    const cli_ref *r = &c->refs[i];
    if (r->table == NULL && !r->opt.io && !r->opt.hidden) {
      const char *v = r->opt.metavar == NULL ? (cli_has(c, r->opt.name) ? "1" : "0")
                                             : cli_value(c, r->opt.name);
      json_object_set_new(o, r->opt.name, option_value(r->opt.type, v));
    }
    for (int k = 0; k < c->n_used; k++) {
      const nax_opt_table *t = c->used[k].table;
      for (int32_t e = 0; t == r->table && !r->opt.hidden && e < t->n_opts; e++) {
        if (strcmp(t->opts[e].name, r->key) == 0) {
          char buf[512];
          nax_options_format(t, c->used[k].opts, e, buf, sizeof buf);
          int unset = t->opts[e].type == NAX_OPT_STRING && buf[0] == '\0';
          json_object_set_new(o, r->opt.name,
                              option_value(r->opt.type, unset ? NULL : buf));
        }
      }
    }
  }
  return o;
}

static int
input_json(cli *c, const char *name, int hash, json_t **out)
{
  json_t *j = json_object();
  *out = j;
  json_object_set_new(j, "path", cli_json_text(cli_input_name(name)));
  json_object_set_new(j, "size", json_integer((json_int_t)cli_file_size(name)));
  json_t *digest = json_null();
  if (hash) {
    char hex[65];
    nax_status s = nax_file_sha256(c->ctx, cli_input_path(c, name), hex);
    if (s != NAX_OK) {
      return cli_fail(c, s);
    }
    digest = json_string(hex);
  }
  json_object_set_new(j, "sha256", digest);
  return CLI_OK;
}

int
cli_json_emit(cli *c, int n, const char *const *inputs, int hash, json_t *result)
{
  int status = CLI_OK;
  json_t *j = json_object(), *list = json_array();
  json_object_set_new(j, "tool", json_string("neuraxis"));
  json_object_set_new(j, "version", json_string(nax_version()));
  json_object_set_new(j, "command", cli_json_text(c->line));
  json_object_set_new(j, "seed",
                      c->has_seed ? json_integer((json_int_t)c->seed) : json_null());
  for (int i = 0; i < n && status == CLI_OK; i++) {
    json_t *one = NULL;
    status = input_json(c, inputs[i], hash, &one);
    json_array_append_new(list, one);
  }
  json_object_set_new(j, "inputs", list);
  json_object_set_new(j, "options", cli_json_options(c));
  json_object_set_new(j, "result", result);
  if (status == CLI_OK) {
    cli_progress_clear();
    cli_json_print(j, stdout);
  }
  json_decref(j);
  return status;
}

/* --- tables ---------------------------------------------------------------- */

static json_t *
table_json(const nax_table *t)
{
  json_t *rows = json_array();
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    json_t *row = json_object();
    for (int32_t j = 0; j < nax_table_n_columns(t); j++) {
      const double *x = nax_table_numbers(t, j);
      json_object_set_new(row, nax_table_column_name(t, j),
                          x != NULL ? cli_json_num(x[i])
                                    : cli_json_text(nax_table_text(t, j)[i]));
    }
    json_array_append_new(rows, row);
  }
  return rows;
}

void
cli_put_cell(const char *s, char separator)
{
  if (separator == ',' && strpbrk(s, ",\"\n\r") != NULL) {
    putchar('"');
    for (; *s != '\0'; s++) {
      printf(*s == '"' ? "\"\"" : "%c", *s);
    }
    putchar('"');
    return;
  }
  for (; *s != '\0'; s++) {
    putchar(separator == '\t' && (*s == '\t' || *s == '\n' || *s == '\r') ? ' ' : *s);
  }
}

static void
table_text(const nax_table *t, char separator)
{
  char buf[32];
  int32_t m = nax_table_n_columns(t);
  for (int32_t j = 0; j < m; j++) {
    const char *unit = nax_table_column_unit(t, j);
    char *head = unit[0] != '\0' && strcmp(unit, "1") != 0
                     ? cli_printf("%s [%s]", nax_table_column_name(t, j), unit)
                     : cli_dup(nax_table_column_name(t, j));
    cli_put_cell(head, separator);
    putchar(j + 1 < m ? separator : '\n');
    free(head);
  }
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    for (int32_t j = 0; j < m; j++) {
      const double *x = nax_table_numbers(t, j);
      cli_put_cell(x != NULL ? cli_num(buf, x[i]) : nax_table_text(t, j)[i], separator);
      putchar(j + 1 < m ? separator : '\n');
    }
  }
}

int
cli_table_emit(cli *c, int n_inputs, const char *const *inputs, const nax_table *t)
{
  const char *format = cli_value(c, "format");
  cli_progress_clear();
  if (strcmp(format, "json") == 0) {
    return cli_json_emit(c, n_inputs, inputs, 1, table_json(t));
  }
  table_text(t, strcmp(format, "csv") == 0 ? ',' : '\t');
  return CLI_OK;
}
