/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, numbers as text, and messages. */
#define _POSIX_C_SOURCE 200809L
#include "cli_i.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- memory ---------------------------------------------------------------- */

static void *
need(void *p)
{
  if (p == NULL) {
    cli_progress_clear();
    fputs("neuraxis: out of memory\n", stderr);
    exit(CLI_FAILED);
  }
  return p;
}

void *
cli_alloc(size_t n, size_t size)
{
  return need(calloc(n > 0 ? n : 1, size));
}

void *
cli_grow(void *p, size_t n, size_t size)
{
  return need(n > SIZE_MAX / size ? NULL : realloc(p, n * size));
}

char *
cli_dup(const char *s)
{
  return need(strdup(s));
}

char *
cli_printf(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *s = cli_alloc((size_t)(n < 0 ? 0 : n) + 1, 1);
  va_start(ap, fmt);
  vsnprintf(s, (size_t)(n < 0 ? 0 : n) + 1, fmt, ap);
  va_end(ap);
  return s;
}

/* --- numbers (the command never calls setlocale, so '.' is the decimal point) --- */

const char *
cli_num(char buf[32], double x)
{
  if (isnan(x)) {
    return "NaN";
  }
  if (isinf(x)) {
    return x > 0 ? "Inf" : "-Inf";
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(buf, 32, "%.*g", digits, x);
    double back = strtod(buf, NULL);
    if (back >= x && back <= x) {
      break;
    }
  }
  return buf;
}

const char *
cli_short(char buf[32], double x, int digits)
{
  if (!isfinite(x)) {
    return cli_num(buf, x);
  }
  snprintf(buf, 32, "%.*g", digits, x);
  return buf;
}

const char *
cli_bytes(char buf[32], double bytes)
{
  static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB"};
  int k = 0;
  while (bytes >= 1000.0 && k < 4) {
    bytes /= 1000.0;
    k++;
  }
  snprintf(buf, 32,
           k == 0       ? "%.0f %s"
           : bytes < 10 ? "%.2f %s"
                        : "%.1f %s",
           bytes, unit[k]);
  return buf;
}

int
cli_parse_number(const char *s, double *out)
{
  if (*s == '\0' || strspn(s, "+-.0123456789eE") != strlen(s)) {
    return 0;
  }
  char *end = NULL;
  *out = strtod(s, &end);
  return *end == '\0' && isfinite(*out);
}

/* --- messages -------------------------------------------------------------- */

int
cli_colour(FILE *f)
{
  const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
  return isatty(fileno(f)) && term != NULL && strcmp(term, "dumb") != 0 &&
         (no == NULL || *no == '\0');
}

static void
prefix(const cli *c)
{
  cli_progress_clear();
  if (c != NULL && c->cmd != NULL) {
    fprintf(stderr, "neuraxis %s: ", c->cmd->name);
  } else {
    fputs("neuraxis: ", stderr);
  }
}

/* File names and texts from files may hold anything; a message stays one line. */
static void
put_line(const char *s)
{
  for (; *s != '\0'; s++) {
    unsigned char ch = (unsigned char)*s;
    fputc(ch < 0x20 || ch == 0x7f ? '?' : ch, stderr);
  }
  fputc('\n', stderr);
}

int
cli_error(const cli *c, int code, const char *fmt, ...)
{
  char text[2048];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  prefix(c);
  put_line(text);
  return code;
}

/* The text of an error without the name of the library's function. */
static const char *
without_function(const char *text)
{
  if (strncmp(text, "nax_", 4) == 0) {
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789");
    if (text[n] == ':' && text[n + 1] == ' ') {
      return text + n + 2;
    }
  }
  return text;
}

int
cli_fail(cli *c, nax_status s)
{
  return cli_fail_in(c, NULL, s);
}

int
cli_fail_in(cli *c, const char *what, nax_status s)
{
  static const int code[] = {[NAX_OK] = CLI_OK,
                             [NAX_EINVAL] = CLI_USAGE,
                             [NAX_EDIM] = CLI_REJECTED,
                             [NAX_ETYPE] = CLI_REJECTED,
                             [NAX_EDATA] = CLI_REJECTED,
                             [NAX_ENOMEM] = CLI_FAILED,
                             [NAX_EOVERFLOW] = CLI_FAILED,
                             [NAX_ENUMERIC] = CLI_FAILED,
                             [NAX_EINTERRUPT] = CLI_FAILED,
                             [NAX_EIO] = CLI_FAILED,
                             [NAX_EFORMAT] = CLI_REJECTED,
                             [NAX_ENOTSUP] = CLI_REJECTED,
                             [NAX_EBUG] = CLI_FAILED};
  if (s == NAX_EINTERRUPT) {
    int sig = cli_stopped();
    cli_error(c, 0, "interrupted");
    return 128 + (sig > 0 ? sig : 2);
  }
  if (ferror(stdout)) { /* said when it is closed */
    return CLI_FAILED;
  }
  const char *text = without_function(nax_ctx_error(c->ctx));
  cli_error(c, 0, "%s%s%s", what != NULL ? what : "", what != NULL ? ": " : "",
            *text != '\0' ? text : nax_status_text(s));
  return s > NAX_OK && s <= NAX_EBUG ? code[s] : CLI_FAILED;
}

/* Warnings of this id among the first n. */
static nax_index
count_id(const cli *c, nax_index n, const char *id)
{
  nax_index k = 0;
  for (nax_index i = 0; i < n; i++) {
    k += strcmp(nax_ctx_warning(c->ctx, i).id, id) == 0;
  }
  return k;
}

void
cli_warnings(cli *c)
{
  nax_index n = c->verbosity < 0 ? 0 : nax_ctx_n_warnings(c->ctx);
  for (nax_index i = 0; i < n; i++) {
    nax_warning w = nax_ctx_warning(c->ctx, i);
    const char *what = w.severity == NAX_INFO ? "note" : "warning";
    nax_index before = count_id(c, i, w.id), all = count_id(c, n, w.id);
    if (all > CLI_LIKE + 1 && before >= CLI_LIKE) {
      if (before == CLI_LIKE) {
        cli_error(c, 0, "%s: and %lld more like it [%s]", what,
                  (long long)(all - CLI_LIKE), w.id);
      }
      continue;
    }
    const char *text = without_function(w.text);
    const char *path = c->subject != NULL ? c->subject : "";
    /* Many texts name the file already. */
    int named = *path == '\0' || strstr(text, path) != NULL;
    char *grade = w.severity == NAX_INFO
                      ? cli_dup("")
                      : cli_printf(" (%s)", nax_severity_name(w.severity));
    cli_error(c, 0, "%s: %s%s%s%s [%s]", what, named ? "" : path, named ? "" : ": ", text,
              grade, w.id);
    free(grade);
  }
  nax_ctx_clear_warnings(c->ctx);
}

void
cli_note(const cli *c, int level, const char *fmt, ...)
{
  if (c->verbosity < level) {
    return;
  }
  char text[2048];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  prefix(c);
  put_line(text);
}
