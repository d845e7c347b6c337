/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of markup: escaped text, short numbers, base64. */
#include "report_i.h"
#include <math.h>
#include <stdio.h>

/* Bytes of the UTF-8 character at s that XML and HTML accept, 0 when it is none of them:
 * broken, overlong, a surrogate, a control or a non-character. */
static int
good_char(const unsigned char *s)
{
  uint32_t c;
  if (s[0] < 0x80) {
    return s[0] >= 0x20 && s[0] != 0x7f;
  }
  int n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  if (s[0] < 0xc2 || s[0] > 0xf4) {
    return 0;
  }
  c = s[0] & (0xffu >> (n + 1));
  for (int i = 1; i < n; i++) {
    if ((s[i] & 0xc0) != 0x80) {
      return 0;
    }
    c = c << 6 | (s[i] & 0x3fu);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
      (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0x80 && c < 0xa0)) {
    return 0;
  }
  /* Marks that turn the direction of text round can make a label lie. */
  if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) {
    return 0;
  }
  return n;
}

void
nax_i_xml(nax_i_buf *b, const char *text)
{
  const unsigned char *s = (const unsigned char *)(text ? text : "");
  while (*s != '\0') {
    const char *entity = *s == '<'    ? "&lt;"
                         : *s == '>'  ? "&gt;"
                         : *s == '&'  ? "&amp;"
                         : *s == '"'  ? "&quot;"
                         : *s == '\'' ? "&#39;"
                                      : NULL;
    int n = good_char(s);
    if (entity != NULL) {
      nax_i_buf_puts(b, entity);
    } else if (*s == '\t' || *s == '\n' || *s == '\r') {
      nax_i_buf_puts(b, " ");
    } else if (n == 0) {
      nax_i_buf_puts(b, "?");
    } else {
      nax_i_buf_add(b, (const char *)s, (size_t)n);
    }
    s += n > 1 ? n : 1;
  }
}

void
nax_i_num(nax_i_buf *b, double x)
{
  char text[32];
  if (!isfinite(x) || fabs(x) > 1e12) {
    nax_i_buf_puts(b, "0");
    return;
  }
  long long v = llround(fabs(x) * 100.0);
  char *p = text + sizeof text;
  int cents = (int)(v % 100);
  long long whole = v / 100;
  if (cents % 10 != 0) {
    *--p = (char)('0' + cents % 10);
  }
  if (cents != 0) {
    *--p = (char)('0' + cents / 10);
    *--p = '.';
  }
  do {
    *--p = (char)('0' + whole % 10);
    whole /= 10;
  } while (whole > 0);
  if (x < 0.0 && v != 0) {
    *--p = '-';
  }
  nax_i_buf_add(b, p, (size_t)(text + sizeof text - p));
}

void
nax_i_num_attr(nax_i_buf *b, const char *name, double x)
{
  nax_i_buf_puts(b, " ");
  nax_i_buf_puts(b, name);
  nax_i_buf_puts(b, "=\"");
  nax_i_num(b, x);
  nax_i_buf_puts(b, "\"");
}

void
nax_i_base64(nax_i_buf *b, const unsigned char *data, size_t n)
{
  static const char digit[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < n; i += 3) {
    uint32_t v = (uint32_t)data[i] << 16 | (i + 1 < n ? (uint32_t)data[i + 1] << 8 : 0) |
                 (i + 2 < n ? data[i + 2] : 0);
    char four[4] = {digit[v >> 18], digit[v >> 12 & 63],
                    i + 1 < n ? digit[v >> 6 & 63] : '=',
                    i + 2 < n ? digit[v & 63] : '='};
    nax_i_buf_add(b, four, 4);
  }
}

/* Drop zeros at the end of decimals. */
static void
trim(char *s)
{
  if (strchr(s, '.') == NULL) {
    return;
  }
  char *end = s + strlen(s);
  while (end[-1] == '0') {
    end--;
  }
  if (end[-1] == '.') {
    end--;
  }
  *end = '\0';
}

void
nax_i_human(char buf[48], double x, int digits)
{
  if (isnan(x)) {
    snprintf(buf, 48, "\xe2\x80\x93");
    return;
  }
  if (isinf(x)) {
    snprintf(buf, 48, "%s\xe2\x88\x9e", x < 0 ? "\xe2\x88\x92" : "");
    return;
  }
  const char *minus = x < 0.0 ? "\xe2\x88\x92" : "";
  double m = fabs(x);
  char text[40];
  if (m == 0.0) {
    snprintf(buf, 48, "0");
    return;
  }
  /* %e rounds first, so that 9.9996 with 4 digits has the exponent of 10. */
  char format[16];
  snprintf(format, sizeof format, "%%.%de", digits - 1);
  nax_i_format_g(text, sizeof text, format, m);
  int exponent = 0;
  const char *e = strchr(text, 'e');
  int64_t value = 0;
  if (e != NULL && nax_i_parse_int64(e + 1, e + strlen(e), &value)) {
    exponent = (int)value;
  }
  if (exponent < -4 || exponent >= (digits > 6 ? digits : 6) + 1) {
    char mantissa[32];
    snprintf(mantissa, sizeof mantissa, "%.*s", (int)(e - text), text);
    trim(mantissa);
    snprintf(buf, 48, "%s%se%d", minus, mantissa, exponent);
    return;
  }
  int decimals = digits - 1 - exponent;
  snprintf(format, sizeof format, "%%.%df", decimals > 0 ? decimals : 0);
  nax_i_format_g(text, sizeof text, format, m);
  trim(text);
  snprintf(buf, 48, "%s%s", minus, text);
}

void
nax_i_label(char *buf, size_t size, const char *label, const char *unit)
{
  if (unit != NULL && unit[0] != '\0' && strcmp(unit, "1") != 0) {
    snprintf(buf, size, "%s (%s)", label, unit);
  } else {
    snprintf(buf, size, "%s", label);
  }
}
