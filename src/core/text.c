/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text buffers and numbers that read and print the same in every locale. */
#define _GNU_SOURCE /* strtod_l, newlocale */
#include "core_i.h"
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;
static locale_t c_locale;

static void
make_c_locale(void)
{
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* uselocale concerns the calling thread alone, so the host's locale is left as found. */
int
nax_i_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
  pthread_once(&c_locale_once, make_c_locale);
  locale_t old = c_locale != (locale_t)0 ? uselocale(c_locale) : (locale_t)0;
  int n = vsnprintf(buf, size, fmt, ap);
  if (old != (locale_t)0) {
    uselocale(old);
  }
  return n;
}

int
nax_i_snprintf(char *buf, size_t size, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = nax_i_vsnprintf(buf, size, fmt, ap);
  va_end(ap);
  return n;
}

char *
nax_i_asprintf(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  va_list again;
  va_copy(again, ap);
  int n = nax_i_vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *p = n < 0 ? NULL : nax_i_calloc((size_t)n + 1, 1);
  if (p != NULL) {
    nax_i_vsnprintf(p, (size_t)n + 1, fmt, again);
  }
  va_end(again);
  return p;
}

void
nax_i_buf_add(nax_i_buf *b, const char *text, size_t n)
{
  if (b->failed) {
    return;
  }
  if (b->cap - b->len <= n) {
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->len <= n) {
      cap *= 2;
    }
    char *p = nax_i_realloc(b->data, cap, 1);
    if (p == NULL) {
      b->failed = 1;
      return;
    }
    b->data = p;
    b->cap = cap;
  }
  memcpy(b->data + b->len, text, n);
  b->len += n;
  b->data[b->len] = '\0';
}

void
nax_i_buf_puts(nax_i_buf *b, const char *text)
{
  nax_i_buf_add(b, text, strlen(text));
}

void
nax_i_buf_printf(nax_i_buf *b, const char *fmt, ...)
{
  char small[512];
  va_list ap;
  va_start(ap, fmt);
  va_list again;
  va_copy(again, ap);
  int n = nax_i_vsnprintf(small, sizeof small, fmt, ap);
  va_end(ap);
  if (n >= 0 && (size_t)n < sizeof small) {
    nax_i_buf_add(b, small, (size_t)n);
  } else if (n >= 0) {
    char *p = nax_i_calloc((size_t)n + 1, 1);
    if (p == NULL) {
      b->failed = 1;
    } else {
      nax_i_vsnprintf(p, (size_t)n + 1, fmt, again);
      nax_i_buf_add(b, p, (size_t)n);
      nax_i_free(p);
    }
  }
  va_end(again);
}

void
nax_i_buf_free(nax_i_buf *b)
{
  nax_i_free(b->data);
  *b = (nax_i_buf){0};
}

int
nax_i_parse_double(const char *s, const char *end, double *out)
{
  char buf[128];
  size_t n = (size_t)(end - s);
  if (n == 0 || n >= sizeof buf) {
    return 0;
  }
  memcpy(buf, s, n);
  buf[n] = '\0';
  /* strtod also takes leading blanks and hexadecimal floats; a table cell does not. */
  if (strspn(buf, "+-.0123456789eEinfatyINFATY") != n) {
    return 0;
  }
  pthread_once(&c_locale_once, make_c_locale);
  int saved = errno;
  errno = 0;
  char *stop;
  double x =
      c_locale != (locale_t)0 ? strtod_l(buf, &stop, c_locale) : strtod(buf, &stop);
  int overflow = errno == ERANGE && fabs(x) > 1.0;
  errno = saved;
  if (*stop != '\0' || stop == buf || overflow) {
    return 0;
  }
  *out = x;
  return 1;
}

int
nax_i_parse_int64(const char *s, const char *end, int64_t *out)
{
  char buf[32];
  size_t n = (size_t)(end - s);
  if (n == 0 || n >= sizeof buf) {
    return 0;
  }
  memcpy(buf, s, n);
  buf[n] = '\0';
  if (strspn(buf, "+-0123456789") != n) {
    return 0;
  }
  int saved = errno;
  errno = 0;
  char *stop;
  long long v = strtoll(buf, &stop, 10);
  int bad = errno != 0 || *stop != '\0' || stop == buf;
  errno = saved;
  if (bad) {
    return 0;
  }
  *out = v;
  return 1;
}

int
nax_i_format_g(char *buf, size_t size, const char *fmt, double x)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  nax_i_snprintf(buf, size, fmt, x);
#pragma GCC diagnostic pop
  return size > 0 ? (int)strlen(buf) : 0;
}

int
nax_i_format_double(char buf[32], double x)
{
  if (isnan(x)) {
    return snprintf(buf, 32, "NaN");
  }
  if (isinf(x)) {
    return snprintf(buf, 32, x > 0 ? "Inf" : "-Inf");
  }
  /* Normal numbers with a shorter form show it at 15 digits; subnormal ones do not. */
  for (int digits = fabs(x) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
    nax_i_snprintf(buf, 32, "%.*g", digits, x);
    double back;
    if (digits == 17 ||
        (nax_i_parse_double(buf, buf + strlen(buf), &back) && back == x)) {
      break;
    }
  }
  return (int)strlen(buf);
}

/* Length of the valid UTF-8 sequence at s, 0 when there is none. */
static int
utf8_length(const unsigned char *s)
{
  static const struct {
    unsigned char mask, lead;
    int n;
    uint32_t least;
  } form[] = {{0x80, 0x00, 1, 0},
              {0xe0, 0xc0, 2, 0x80},
              {0xf0, 0xe0, 3, 0x800},
              {0xf8, 0xf0, 4, 0x10000}};
  for (int f = 0; f < 4; f++) {
    if ((s[0] & form[f].mask) != form[f].lead) {
      continue;
    }
    uint32_t c = s[0] & (unsigned char)~form[f].mask;
    for (int i = 1; i < form[f].n; i++) {
      if ((s[i] & 0xc0) != 0x80) {
        return 0;
      }
      c = c << 6 | (s[i] & 0x3fu);
    }
    int surrogate = c >= 0xd800 && c < 0xe000;
    return c < form[f].least || surrogate || c > 0x10ffff ? 0 : form[f].n;
  }
  return 0;
}

void
nax_i_clean_utf8(char *s)
{
  unsigned char *p = (unsigned char *)s;
  while (*p != '\0') {
    int n = utf8_length(p);
    if (n == 0 || (n == 1 && (*p < 0x20 || *p == 0x7f))) {
      *p = '?';
      n = 1;
    }
    p += n;
  }
}
