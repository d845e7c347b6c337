/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One number in a table cell, fast: most of what a text file costs is here. */
#include "text_number_i.h"
#include <float.h>
#include <math.h>

static const double power10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

#if LDBL_MANT_DIG == 64 && (defined(__x86_64__) || defined(__i386__))
/* m * 10^e through the 64-bit mantissa of the x87: one rounding of at most half a unit
 * there, so the double is the right one unless the 11 bits that it drops are within one
 * unit of the middle. 0 when they are, or e is out of the exact range. */
static int
by_long_double(uint64_t m, int e, double *x)
{
  static const long double power[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                      1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                      1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
                                      1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
  if (e > 27 || e < -27 || m == 0) {
    return 0;
  }
  long double v = e < 0 ? (long double)m / power[-e] : (long double)m * power[e];
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  uint64_t dropped = bits & 0x7ff;
  *x = (double)v;
  return dropped < 0x3ff || dropped > 0x401;
}
#else
static int
by_long_double(uint64_t m, int e, double *x)
{
  (void)m;
  (void)e;
  (void)x;
  return 0;
}
#endif

/* The slow way: any digits, correctly rounded. */
static nax_i_number
by_library(const char *p, const char *end, char point, double *x)
{
  char buf[128];
  size_t n = (size_t)(end - p);
  if (n >= sizeof buf) { /* digits beyond 120 do not decide a double */
    return NAX_I_NUMBER_NOT;
  }
  memcpy(buf, p, n);
  for (size_t i = 0; i < n; i++) {
    buf[i] = buf[i] == point ? '.' : buf[i];
  }
  return nax_i_parse_double(buf, buf + n, x) ? NAX_I_NUMBER : NAX_I_NUMBER_TOO_LARGE;
}

nax_i_number
nax_i_scan_number(const char **at, const char *end, char point, double *x)
{
  const char *p = *at, *from = p;
  uint64_t m = 0;
  int digits = 0, dropped = 0, e = 0, any = 0;
  int minus = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) {
    p++;
  }
  for (; p < end && (unsigned char)(*p - '0') < 10; p++, any = 1) {
    if (digits < 19) {
      m = m * 10 + (uint64_t)(*p - '0');
      digits += m != 0;
    } else {
      dropped = 1;
    }
  }
  if (p < end && *p == point) {
    for (p++; p < end && (unsigned char)(*p - '0') < 10; p++, any = 1) {
      if (digits < 19) {
        m = m * 10 + (uint64_t)(*p - '0');
        digits += m != 0;
        e--;
      } else {
        dropped = 1;
      }
    }
  }
  if (!any) {
    return NAX_I_NUMBER_NOT;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    const char *q = p + 1;
    int negative = q < end && *q == '-', v = 0;
    q += q < end && (*q == '-' || *q == '+');
    if (q < end && (unsigned char)(*q - '0') < 10) {
      for (; q < end && (unsigned char)(*q - '0') < 10; q++) {
        v = v < 100000 ? v * 10 + (*q - '0') : v;
      }
      e += negative ? -v : v;
      p = q;
    }
  }
  *at = p;
  if (!dropped && m <= (UINT64_C(1) << 53) && e >= -22 && e <= 22) {
    double v = (double)m;
    v = e < 0 ? v / power10[-e] : v * power10[e];
    *x = minus ? -v : v;
    return NAX_I_NUMBER;
  }
  if (!dropped && by_long_double(m, e, x)) {
    *x = minus ? -*x : *x;
    return NAX_I_NUMBER;
  }
  return by_library(from, p, point, x);
}
