/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes: ranges, ticks at numbers that people like, labels with units. */
#include "report_i.h"
#include <math.h>
#include <stdio.h>

/* Smallest of 1, 2, 5 x 10^k that is not below x. */
static double
nice_above(double x)
{
  double power = pow(10.0, floor(log10(x)));
  static const double step[] = {1.0, 2.0, 5.0, 10.0};
  for (int i = 0; i < 4; i++) {
    if (step[i] * power >= x * (1.0 - 1e-9)) {
      return step[i] * power;
    }
  }
  return 10.0 * power;
}

void
nax_i_range(nax_index n, const double *v, int zero, double *lo, double *hi)
{
  double a = zero ? 0.0 : HUGE_VAL, b = zero ? 0.0 : -HUGE_VAL;
  for (nax_index i = 0; i < n; i++) {
    if (isfinite(v[i])) {
      a = v[i] < a ? v[i] : a;
      b = v[i] > b ? v[i] : b;
    }
  }
  if (!(a <= b)) {
    *lo = 0.0;
    *hi = 1.0;
    return;
  }
  double span = b - a;
  if (!(span > 1e-12 * (fabs(a) + fabs(b)))) {
    double half = a == 0.0 ? 1.0 : 0.5 * fabs(a);
    *lo = zero && a >= 0.0 ? 0.0 : a - half;
    *hi = zero && b <= 0.0 && a < 0.0 ? 0.0 : b + half;
    return;
  }
  double step = nice_above(span / 5.0) / 2.0;
  *lo = floor((a - (zero && a == 0.0 ? 0.0 : 0.02 * span)) / step) * step;
  *hi = ceil((b + (zero && b == 0.0 ? 0.0 : 0.02 * span)) / step) * step;
}

static int
log_ticks(double lo, double hi, int max, double *tick)
{
  int n = 0, first = (int)ceil(log10(lo) - 1e-9), last = (int)floor(log10(hi) + 1e-9);
  int decades = last - first + 1;
  if (decades < 3) {
    /* Few whole decades: 1, 2 and 5 of each. */
    static const double part[] = {1.0, 2.0, 5.0};
    for (int k = first - 1; k <= last; k++) {
      for (int j = 0; j < 3; j++) {
        double v = part[j] * pow(10.0, k);
        if (v >= lo * (1.0 - 1e-9) && v <= hi * (1.0 + 1e-9) && n < max) {
          tick[n++] = v;
        }
      }
    }
    return n;
  }
  int every = (decades + max - 1) / max;
  for (int k = first; k <= last && n < max; k += every) {
    tick[n++] = pow(10.0, k);
  }
  return n;
}

int
nax_i_ticks(double lo, double hi, int log, int max, int integers, double *tick,
            double *step)
{
  if (lo > hi) {
    double t = lo;
    lo = hi;
    hi = t;
  }
  max = max > 16 ? 16 : max < 2 ? 2 : max;
  *step = 0.0;
  if (!(hi > lo) || !isfinite(hi - lo)) {
    return 0;
  }
  if (log) {
    return lo > 0.0 ? log_ticks(lo, hi, max, tick) : 0;
  }
  double d = nice_above((hi - lo) / (double)max);
  if (integers && d < 1.0) {
    d = 1.0;
  }
  int n = 0;
  /* A wide step may miss a short range: take the next finer one. */
  for (int finer = 0; finer < 2 && floor(hi / d + 1e-6) - ceil(lo / d - 1e-6) < 1.0 &&
                      !(integers && d <= 1.0);
       finer++) {
    d = nice_above(0.35 * d);
  }
  double from = ceil(lo / d - 1e-6);
  for (double k = from; k * d <= hi + 1e-6 * d && n < 16; k += 1.0) {
    tick[n++] = k * d == 0.0 ? 0.0 : k * d;
  }
  *step = d;
  return n;
}

/* 10 with a raised exponent, for decades whose digits would be too long. */
static void
power_text(char buf[48], int exponent)
{
  static const char *const raised[] = {
      "\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
      "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
  char digits[16];
  snprintf(digits, sizeof digits, "%d", exponent < 0 ? -exponent : exponent);
  size_t used = (size_t)snprintf(buf, 48, "10%s", exponent < 0 ? "\xe2\x81\xbb" : "");
  for (const char *d = digits; *d != '\0' && used < 40; d++) {
    used += (size_t)snprintf(buf + used, 48 - used, "%s", raised[*d - '0']);
  }
}

void
nax_i_tick_text(char buf[48], double value, double step)
{
  if (!(step > 0.0) || !isfinite(value)) {
    double k = value > 0.0 ? log10(value) : 0.0;
    if (fabs(k - round(k)) < 1e-9 && (k < -2.5 || k > 3.5)) {
      power_text(buf, (int)lround(k));
    } else {
      nax_i_human(buf, value, 4);
    }
    return;
  }
  double largest = fmax(fabs(value), step);
  if (largest >= 1e6 || step < 1e-4) {
    nax_i_human(buf, value, 4);
    return;
  }
  int decimals = step >= 1.0 ? 0 : (int)ceil(-log10(step) - 1e-9);
  char format[16], text[40];
  snprintf(format, sizeof format, "%%.%df", decimals > 9 ? 9 : decimals);
  nax_i_format_g(text, sizeof text, format, fabs(value));
  snprintf(buf, 48, "%s%s", value < 0.0 ? "\xe2\x88\x92" : "", text);
}

/* Share of the way from lo to hi. */
static double
share(const nax_i_side *s, double v)
{
  if (s->log) {
    return s->lo > 0.0 && s->hi > 0.0 && v > 0.0 ? log(v / s->lo) / log(s->hi / s->lo)
                                                 : (double)NAN;
  }
  return s->hi != s->lo ? (v - s->lo) / (s->hi - s->lo) : 0.5;
}

double
nax_i_px(const nax_i_axes *a, double x)
{
  return a->left + a->width * share(&a->x, x);
}

double
nax_i_py(const nax_i_axes *a, double y)
{
  return a->top + a->height * (1.0 - share(&a->y, y));
}

nax_i_axes
nax_i_axes_in(double x, double y, double width, double height)
{
  nax_i_axes a = {0};
  a.left = x + 58.0;
  a.top = y + 24.0;
  a.width = width - 58.0 - 14.0;
  a.height = height - 24.0 - 44.0;
  return a;
}

static void
rule(nax_i_buf *b, const char *class_name, double x0, double y0, double x1, double y1)
{
  nax_i_buf_printf(b, "<path class=\"%s\" d=\"M", class_name);
  nax_i_num(b, x0);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, y0);
  nax_i_buf_puts(b, "L");
  nax_i_num(b, x1);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, y1);
  nax_i_buf_puts(b, "\"/>\n");
}

/* Categories: every k-th name so that they do not touch. */
static nax_index
name_step(const nax_i_side *s, double pixels, double each)
{
  double room = pixels / each;
  nax_index k = 1;
  while ((double)s->n_names / (double)k > room) {
    k++;
  }
  return k;
}

/* A name cut to what fits, with an ellipsis. */
static void
short_name(char buf[64], const char *name, size_t most)
{
  size_t n = 0, bytes = 0;
  name = name != NULL ? name : "";
  while (name[bytes] != '\0' && n < most && bytes < 56) {
    do {
      bytes++;
    } while (((unsigned char)name[bytes] & 0xc0) == 0x80 && bytes < 56);
    n++;
  }
  snprintf(buf, 64, "%.*s%s", (int)bytes, name,
           name[bytes] != '\0' ? "\xe2\x80\xa6" : "");
}

static void
draw_x(nax_i_fig *f, const nax_i_axes *a)
{
  const nax_i_side *s = &a->x;
  nax_i_buf *b = &f->svg;
  double bottom = a->top + a->height, tick[16], step;
  char text[64];
  if (s->names != NULL) {
    nax_index k = name_step(s, a->width, s->n_names > 12 ? 34.0 : 46.0);
    for (nax_index i = 0; i < s->n_names && !s->no_ticks; i += k) {
      short_name(text, s->names[i], 10);
      nax_i_add_text(f, nax_i_px(a, (double)i), bottom + 16.0, 0, "t", text);
    }
  } else {
    int n = nax_i_ticks(s->lo, s->hi, s->log, (int)(a->width / 64.0), s->integers, tick,
                        &step);
    for (int i = 0; i < n; i++) {
      double x = nax_i_px(a, tick[i]);
      rule(b, "ax", x, bottom, x, bottom + 4.0);
      if (!s->no_ticks) {
        nax_i_tick_text(text, tick[i], step);
        nax_i_add_text(f, x, bottom + 17.0, 0, "t n", text);
      }
    }
  }
  if (s->label != NULL && s->label[0] != '\0') {
    char label[160];
    nax_i_label(label, sizeof label, s->label, s->unit);
    nax_i_add_text(f, a->left + a->width / 2.0, bottom + (s->no_ticks ? 18.0 : 35.0), 0,
                   "l", label);
  }
}

static void
draw_y(nax_i_fig *f, const nax_i_axes *a)
{
  const nax_i_side *s = &a->y;
  nax_i_buf *b = &f->svg;
  double tick[16], step, right = a->left + a->width;
  char text[64];
  size_t longest = 0;
  if (s->names != NULL) {
    nax_index k = name_step(s, a->height, 13.0);
    for (nax_index i = 0; i < s->n_names && !s->no_ticks; i += k) {
      short_name(text, s->names[i], 8);
      nax_i_add_text(f, a->left - 6.0, nax_i_py(a, (double)i) + 4.0, 1, "t", text);
    }
  } else {
    int max = (int)(a->height / 34.0);
    int n =
        nax_i_ticks(s->lo, s->hi, s->log, max > 6 ? 6 : max, s->integers, tick, &step);
    for (int i = 0; i < n; i++) {
      double y = nax_i_py(a, tick[i]);
      if (a->grid && y < a->top + a->height - 1.0) {
        rule(b, "gr", a->left + 1.0, y, right, y);
      }
      rule(b, "ax", a->left - 4.0, y, a->left, y);
      if (!s->no_ticks) {
        nax_i_tick_text(text, tick[i], step);
        nax_i_add_text(f, a->left - 7.0, y + 4.0, 1, "t n", text);
        longest = strlen(text) > longest ? strlen(text) : longest;
      }
    }
  }
  if (s->label != NULL && s->label[0] != '\0') {
    char label[160];
    nax_i_label(label, sizeof label, s->label, s->unit);
    double x = a->left - (longest > 5 ? 49.0 : 45.0), y = a->top + a->height / 2.0;
    nax_i_buf_puts(b, "<text class=\"l\" text-anchor=\"middle\" transform=\"translate(");
    nax_i_num(b, x);
    nax_i_buf_puts(b, " ");
    nax_i_num(b, y);
    nax_i_buf_puts(b, ") rotate(-90)\">");
    nax_i_xml(b, label);
    nax_i_buf_puts(b, "</text>\n");
  }
}

void
nax_i_axes_draw(nax_i_fig *f, const nax_i_axes *a)
{
  if (f == NULL) {
    return;
  }
  nax_i_buf *b = &f->svg;
  draw_y(f, a);
  draw_x(f, a);
  nax_i_buf_puts(b, "<path class=\"ax\" d=\"M");
  nax_i_num(b, a->left);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, a->top);
  nax_i_buf_puts(b, "v");
  nax_i_num(b, a->height);
  nax_i_buf_puts(b, "h");
  nax_i_num(b, a->width);
  if (a->boxed) {
    nax_i_buf_puts(b, "v");
    nax_i_num(b, -a->height);
    nax_i_buf_puts(b, "z");
  }
  nax_i_buf_puts(b, "\"/>\n");
}
