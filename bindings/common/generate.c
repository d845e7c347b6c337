/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what the hosts say about each method, from the descriptions in methods_*.c and
 * the option tables of the library:
 *
 *   generate r FILE        the functions of the R package with their help
 *   generate matlab DIR    one DIR/NAME.m per method
 *
 * The files are kept in the repository; a test makes them again and compares. */
#include "call.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines that begin with `head` (the first with `first`), broken at blanks; \x01 stands
 * for a blank that must not break. */
static void
wrap(FILE *f, const char *first, const char *head, const char *text)
{
  size_t width = strlen(first);
  (void)fputs(first, f);
  for (const char *p = text; *p != '\0';) {
    size_t n = strcspn(p, " ");
    if (p != text && width + 1 + n > 88) {
      (void)fprintf(f, "\n%s", head);
      width = strlen(head);
    } else if (p != text) {
      (void)fputc(' ', f);
      width++;
    }
    for (size_t i = 0; i < n; i++) {
      if (head[0] == '#' && p[i] == '@') { /* markup of roxygen */
        (void)fputc('@', f);
      }
      (void)fputc(p[i] == '\x01' ? ' ' : p[i], f);
    }
    width += n;
    p += n + (p[n] == ' ');
  }
  (void)fputc('\n', f);
}

static void
identifier(const char *option, char out[64])
{
  size_t i = 0;
  for (; option[i] != '\0' && i < 63; i++) {
    out[i] = (char)(option[i] == '-' ? '_' : option[i]);
  }
  out[i] = '\0';
}

static int
is_in(const char *list, const char *id)
{
  char key[80];
  (void)snprintf(key, sizeof key, ",%s,", id);
  return list != NULL && strstr(list, key) != NULL;
}

/* Options of all tables of a method, each name once. */
typedef struct option {
  const nax_opt_info *info;
  int derived; /* from the data unless given */
  int is_seed; /* from the host's generator unless given */
  char id[64];
} option;

static int
options_of(const nxb_method *m, option *out, int max)
{
  int n = 0;
  for (int i = 0; i < NXB_MAX_TABLES && m->tables[i] != NULL; i++) {
    const nax_opt_table *t = nax_options_table(m->tables[i]);
    if (t == NULL) {
      (void)fprintf(stderr, "generate: %s: no option table `%s`\n", m->name,
                    m->tables[i]);
      exit(1);
    }
    for (int32_t j = 0; j < t->n_opts; j++) {
      option o = {&t->opts[j], 0, 0, ""};
      int seen = 0;
      identifier(t->opts[j].name, o.id);
      o.derived = is_in(m->derived, o.id);
      o.is_seed = t->opts[j].type == NAX_OPT_SEED || strcmp(o.id, "seed") == 0;
      for (int k = 0; k < n; k++) {
        seen |= strcmp(out[k].id, o.id) == 0;
      }
      if (!seen && !is_in(m->hidden, o.id) &&
          (m->shown == NULL || is_in(m->shown, o.id)) && n < max) {
        out[n++] = o;
      }
    }
  }
  return n;
}

/* Text of choice k (from 1) of "a|b|c". */
static void
choice(const char *choices, int k, char out[64])
{
  for (; k > 1; k--) {
    choices = strchr(choices, '|') + 1;
  }
  (void)snprintf(out, 64, "%.*s", (int)strcspn(choices, "|"), choices);
}

static void
default_text(const option *opt, int matlab, char out[96])
{
  const nax_opt_info *o = opt->info;
  char name[64];
  const char quote = matlab ? '\'' : '"';
  if (opt->derived || opt->is_seed) {
    (void)snprintf(out, 96, "%s", matlab ? "[]" : "NULL");
    return;
  }
  switch (o->type) {
  case NAX_OPT_FLAG:
    (void)snprintf(out, 96, "%s",
                   o->def != 0.0 ? (matlab ? "true" : "TRUE")
                                 : (matlab ? "false" : "FALSE"));
    break;
  case NAX_OPT_ENUM:
    choice(o->choices, (int)o->def, name);
    (void)snprintf(out, 96, "%c%s%c", quote, name, quote);
    break;
  case NAX_OPT_INT:
  case NAX_OPT_REAL:
    if (isnan(o->def)) {
      (void)snprintf(out, 96, "%s", matlab ? "[]" : "NULL");
    } else if (fabs(o->def) < 1e6 && o->def == floor(o->def)) {
      (void)snprintf(out, 96, "%.0f", o->def);
    } else {
      for (int digits = 1; digits <= 17; digits++) { /* the shortest that reads back */
        (void)snprintf(out, 96, "%.*g", digits, o->def);
        if (strtod(out, NULL) == o->def) {
          break;
        }
      }
    }
    break;
  case NAX_OPT_STRING:
  case NAX_OPT_SEED:
  case NAX_OPT_TYPE_FORCE_INT:
    (void)snprintf(out, 96, "%s", matlab ? "[]" : "NULL");
    break;
  }
}

/* What an option is, in words: help, unit, choices. */
static void
describe(const option *o, char *out, size_t size)
{
  const nax_opt_info *p = o->info;
  (void)snprintf(out, size, "%s%s%s%s%s%s%s%s.", p->help, p->unit[0] != '\0' ? " (" : "",
                 p->unit, p->unit[0] != '\0' ? ")" : "",
                 p->type == NAX_OPT_ENUM ? "; one of " : "",
                 p->type == NAX_OPT_ENUM ? p->choices : "",
                 o->is_seed ? "; not given: drawn from the host's generator" : "",
                 o->derived ? "; not given: that of the data" : "");
  for (char *c = out; *c != '\0'; c++) {
    if (*c == '|') {
      *c = '/';
    }
  }
}

static void
write_r(FILE *f, const nxb_method *m)
{
  option o[96];
  int n = options_of(m, o, 96), n_in = nxb_n_inputs(m);
  char text[512], def[96];
  (void)fputc('\n', f);
  wrap(f, "#' ", "#' ", m->title);
  (void)fputs("#'\n", f);
  wrap(f, "#' ", "#' ", m->details);
  (void)fputs("#'\n", f);
  for (int i = 0; i < n_in; i++) {
    (void)snprintf(text, sizeof text, "#' @param %s ", m->in[i].name);
    wrap(f, text, "#'   ", m->in[i].help);
  }
  for (int i = 0; i < n; i++) {
    char head[96];
    describe(&o[i], text, sizeof text);
    (void)snprintf(head, sizeof head, "#' @param %s ", o[i].id);
    wrap(f, head, "#'   ", text);
  }
  (void)fputs("#' @param threads Number of threads; the result does not depend on it.\n"
              "#' @param progress Show how far a long call is?\n",
              f);
  if (m->result != NULL) {
    wrap(f, "#' @return ", "#'   ", m->value);
  } else {
    (void)fputs("#' @return `NULL`, invisibly.\n", f);
  }
  if (m->r[1] != NULL) {
    (void)fputs("#' @examples\n", f);
    for (const char *p = m->r[0]; p != NULL;) {
      int len = (int)strcspn(p, "\n");
      (void)fprintf(f, "#' %.*s\n", len, p);
      p = p[len] == '\n' ? p + len + 1 : NULL;
    }
    (void)fprintf(f, "#' %s\n", m->r[1]);
  }
  (void)fputs("#' @export\n", f);
  /* The function: inputs, options with their defaults, then what all of them take. */
  (void)snprintf(text, sizeof text, "%s <- function(", m->name);
  char *code = malloc(32768);
  size_t used = 0;
  if (code == NULL) {
    exit(1);
  }
  code[0] = '\0';
  for (int i = 0; i < n_in; i++) {
    used += (size_t)snprintf(code + used, 32768 - used, "%s%s, ", m->in[i].name,
                             m->in[i].optional ? "\x01=\x01NULL" : "");
  }
  for (int i = 0; i < n; i++) {
    default_text(&o[i], 0, def);
    used += (size_t)snprintf(code + used, 32768 - used, "%s\x01=\x01%s, ", o[i].id, def);
  }
  (void)snprintf(code + used, 32768 - used,
                 "threads\x01=\x01nax_threads(), progress\x01=\x01nax_progress()) {");
  wrap(f, text, "    ", code);
  (void)fprintf(f, "  %scall_method(\"%s\", list(", m->result == NULL ? "invisible(" : "",
                m->name);
  for (int i = 0; i < n_in; i++) {
    (void)fprintf(f, "%s%s", i > 0 ? ", " : "", m->in[i].name);
  }
  (void)fputs("),\n", f);
  used = 0;
  code[0] = '\0';
  for (int i = 0; i < n; i++) {
    used += (size_t)snprintf(code + used, 32768 - used, "%s%s\x01=\x01%s%s%s",
                             i > 0 ? ", " : "", o[i].id, o[i].is_seed ? "draw_seed(" : "",
                             o[i].id, o[i].is_seed ? ")" : "");
  }
  (void)snprintf(code + used, 32768 - used, "), %s%s%s, threads, progress)%s",
                 m->result != NULL ? "\"" : "", m->result != NULL ? m->result : "NULL",
                 m->result != NULL ? "\"" : "", m->result == NULL ? ")" : "");
  wrap(f, "    list(", "      ", code);
  free(code);
  (void)fputs("}\n", f);
}

static void
write_matlab(FILE *f, const nxb_method *m)
{
  option o[96];
  int n = options_of(m, o, 96), n_in = nxb_n_inputs(m);
  char text[640], upper[64], def[96], args[256] = "", optional[256] = "";
  for (size_t i = 0; i <= strlen(m->name) && i < sizeof upper; i++) {
    upper[i] = (char)toupper((unsigned char)m->name[i]);
  }
  for (int i = 0; i < n_in; i++) {
    char *list = m->in[i].optional ? optional : args;
    size_t used = strlen(list);
    (void)snprintf(list + used, 256 - used, "%s%s%s%s", used > 0 ? ", " : "",
                   m->in[i].optional ? "'" : "", m->in[i].name,
                   m->in[i].optional ? "'" : "");
  }
  (void)fprintf(f, "function %s%s(%s%svarargin)\n", m->result != NULL ? "r = " : "",
                m->name, args, args[0] != '\0' ? ", " : "");
  (void)snprintf(text, sizeof text, "%s.", m->title);
  (void)fprintf(f, "%%%s  %s\n", upper, text);
  (void)fprintf(f, "%%   %sneuraxis.%s(%s%s'NAME', VALUE, ...)\n",
                m->result != NULL ? "r = " : "", m->name, args,
                args[0] != '\0' ? ", " : "");
  (void)fputs("%\n", f);
  wrap(f, "%   ", "%   ", m->details);
  (void)fputs("%\n%   Inputs:\n", f);
  for (int i = 0; i < n_in; i++) {
    if (!m->in[i].optional) {
      (void)snprintf(text, sizeof text, "%%     %s  ", m->in[i].name);
      wrap(f, text, "%       ", m->in[i].help);
    }
  }
  (void)fputs("%   Names and values [default]:\n", f);
  for (int i = 0; i < n_in; i++) {
    if (m->in[i].optional) {
      (void)snprintf(text, sizeof text, "%%     '%s'  ", m->in[i].name);
      wrap(f, text, "%       ", m->in[i].help);
    }
  }
  for (int i = 0; i < n; i++) {
    char head[96];
    default_text(&o[i], 1, def);
    describe(&o[i], text, sizeof text - 100);
    size_t used = strlen(text);
    if (strcmp(def, "[]") != 0) {
      (void)snprintf(text + used, sizeof text - used, " [%s]", def);
    }
    (void)snprintf(head, sizeof head, "%%     '%s'  ", o[i].id);
    wrap(f, head, "%       ", text);
  }
  (void)fputs(
      "%     'threads'  number of threads; the result does not depend on it. [1]\n", f);
  if (m->result != NULL) {
    (void)snprintf(text, sizeof text, "%s.", m->value);
    (void)fputs("%\n", f);
    wrap(f, "%   Returns ", "%   ", text);
  }
  if (m->m[1] != NULL) {
    (void)fputs("%\n%   Example:\n", f);
    if (m->m[0] != NULL) {
      (void)fprintf(f, "%%     %s\n", m->m[0]);
    }
    (void)fprintf(f, "%%     %s%s;\n", m->result != NULL ? "r = " : "", m->m[1]);
  }
  (void)fprintf(f,
                "  %sneuraxis.internal.call('%s', {%s}, {%s}, %s%s%s, varargin);\nend\n",
                m->result != NULL ? "r = " : "", m->name, args, optional, "'",
                m->result != NULL ? m->result : "nothing", "'");
}

/* The list of methods that take a seed, which call.m draws when none is given. */
static void
write_seeded(const char *dir)
{
  char path[4096];
  option o[96];
  (void)snprintf(path, sizeof path, "%s/+internal/seeded.m", dir);
  FILE *f = fopen(path, "w");
  if (f == NULL) {
    perror(path);
    exit(1);
  }
  (void)fputs("function names = seeded()\n"
              "%SEEDED  Names of the methods that take a seed.\n  names = {",
              f);
  for (int i = 0, any = 0; nxb_method_at(i) != NULL; i++) {
    int n = options_of(nxb_method_at(i), o, 96);
    for (int k = 0; k < n; k++) {
      if (o[k].is_seed) {
        (void)fprintf(f, "%s'%s'", any ? ", ...\n           " : "",
                      nxb_method_at(i)->name);
        any = 1;
      }
    }
  }
  (void)fputs("};\nend\n", f);
  if (fclose(f) != 0) {
    perror(path);
    exit(1);
  }
}

/* ---- bounds ---------------------------------------------------------------------------
 */

/* A literal of the host: R takes the code as it is, Octave as text. */
static void
write_quoted(FILE *f, const char *code)
{
  (void)fputc('\'', f);
  for (; *code != '\0'; code++) {
    (void)fputc(*code == '\n' ? ' ' : *code, f);
    if (*code == '\'') {
      (void)fputc('\'', f);
    }
  }
  (void)fputc('\'', f);
}

/* For the tests: the example of a method and its options of numbers with their bounds. */
static void
write_bounds(FILE *f, const nxb_method *m, int matlab)
{
  const char *const *example = matlab ? m->m : m->r;
  option o[96];
  int n = options_of(m, o, 96), any = 0;
  if (example[1] == NULL) {
    return;
  }
  if (matlab) {
    (void)fprintf(f, "bounds('%s', ", m->name);
    write_quoted(f, example[0] != NULL ? example[0] : "");
    (void)fputs(", ", f);
    write_quoted(f, example[1]);
    (void)fputs(", {", f);
  } else {
    (void)fprintf(f, "bounds(\"%s\", quote({\n%s\n}), quote(%s), list(", m->name,
                  example[0] != NULL ? example[0] : "", example[1]);
  }
  for (int k = 0; k < n; k++) {
    const nax_opt_info *i = o[k].info;
    if (i->type == NAX_OPT_INT || i->type == NAX_OPT_REAL || i->type == NAX_OPT_SEED) {
      (void)fprintf(f, matlab ? "%s'%s', %.17g, %.17g" : "%s%s = c(%.17g, %.17g)",
                    any ? (matlab ? "; " : ", ") : "", o[k].id,
                    isinf(i->min) ? -1.7976931348623157e308 : i->min,
                    isinf(i->max) ? 1.7976931348623157e308 : i->max);
      any = 1;
    }
  }
  (void)fputs(matlab ? "});\n" : "))\n", f);
}

int
main(int argc, char **argv)
{
  int bounds = argc == 3 && strncmp(argv[1], "bounds-", 7) == 0;
  const char *host = argc == 3 ? argv[1] + (bounds ? 7 : 0) : "";
  if (strcmp(host, "r") != 0 && strcmp(host, "matlab") != 0) {
    (void)fputs("usage: generate r FILE | generate matlab DIR | generate bounds-r FILE | "
                "generate bounds-matlab FILE\n",
                stderr);
    return 2;
  }
  if (bounds) {
    FILE *out = fopen(argv[2], "w");
    for (int i = 0; out != NULL && nxb_method_at(i) != NULL; i++) {
      write_bounds(out, nxb_method_at(i), host[0] == 'm');
    }
    if (out == NULL || fclose(out) != 0) {
      perror(argv[2]);
      return 1;
    }
    return 0;
  }
  int matlab = argv[1][0] == 'm';
  FILE *f = matlab ? NULL : fopen(argv[2], "w");
  if (!matlab && f == NULL) {
    perror(argv[2]);
    return 1;
  }
  if (matlab) {
    write_seeded(argv[2]);
  }
  if (f != NULL) {
    (void)fputs("# Made by bindings/common/generate.c: do not edit.\n", f);
  }
  for (int i = 0; nxb_method_at(i) != NULL; i++) {
    const nxb_method *m = nxb_method_at(i);
    if (matlab) {
      char path[4096];
      (void)snprintf(path, sizeof path, "%s/%s.m", argv[2], m->name);
      f = fopen(path, "w");
      if (f == NULL) {
        perror(path);
        return 1;
      }
      write_matlab(f, m);
      if (fclose(f) != 0) {
        perror(path);
        return 1;
      }
    } else {
      write_r(f, m);
    }
  }
  if (!matlab && fclose(f) != 0) {
    perror(argv[2]);
    return 1;
  }
  return 0;
}
