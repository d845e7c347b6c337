/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, bands, points, bars, rules, legends. */
#include "report_i.h"
#include <math.h>
#include <stdio.h>

static void
pair(nax_i_buf *b, char command, double x, double y)
{
  nax_i_buf_add(b, &command, 1);
  nax_i_num(b, x);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, y);
}

static void
open_stroke(nax_i_buf *b, nax_i_style s)
{
  nax_i_buf_printf(b, "<path class=\"s s%d", s.colour);
  if (s.dash > 0) {
    nax_i_buf_printf(b, " d%d", s.dash);
  }
  nax_i_buf_puts(b, "\"");
  nax_i_num_attr(b, "stroke-width", s.width > 0.0 ? s.width : 1.5);
  if (s.alpha > 0.0) {
    nax_i_num_attr(b, "stroke-opacity", s.alpha);
  }
  nax_i_buf_puts(b, " d=\"");
}

static void
open_fill(nax_i_buf *b, nax_i_style s)
{
  nax_i_buf_printf(b, "<path class=\"f%d\"", s.colour);
  if (s.alpha > 0.0) {
    nax_i_num_attr(b, "fill-opacity", s.alpha);
  }
  nax_i_buf_puts(b, " d=\"");
}

/* Pixel positions stay near the plot area, so that wild values cannot bloat the file. */
static double
near(double v, double from, double size)
{
  return v < from - 2.0 * size   ? from - 2.0 * size
         : v > from + 3.0 * size ? from + 3.0 * size
                                 : v;
}

static double
pixel_x(const nax_i_axes *a, double x)
{
  return near(nax_i_px(a, x), a->left, a->width);
}

static double
pixel_y(const nax_i_axes *a, double y)
{
  double p = nax_i_py(a, y);
  return p < a->top ? a->top : p > a->top + a->height ? a->top + a->height : p;
}

static int
ascending(nax_index n, const double *x)
{
  for (nax_index i = 1; i < n; i++) {
    if (x[i] < x[i - 1]) {
      return 0;
    }
  }
  return 1;
}

/* What one pixel column of a long line holds. */
typedef struct column {
  double first, last, lo, hi;
  double x;
  int any;
} column;

static void
end_column(nax_i_buf *b, const nax_i_axes *a, column *c, int *pen)
{
  if (!c->any) {
    return;
  }
  double x = pixel_x(a, c->x);
  pair(b, *pen ? 'L' : 'M', x, pixel_y(a, c->first));
  if (c->lo != c->hi) {
    int up_first = c->last < c->first;
    pair(b, 'L', x, pixel_y(a, up_first ? c->hi : c->lo));
    pair(b, 'L', x, pixel_y(a, up_first ? c->lo : c->hi));
    pair(b, 'L', x, pixel_y(a, c->last));
  }
  *pen = 1;
  c->any = 0;
}

/* Minimum and maximum per half pixel: no peak is lost, whatever the length. */
static void
draw_columns(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
             const double *y)
{
  column c = {0};
  double at = -1.0;
  int pen = 0;
  for (nax_index i = 0; i < n; i++) {
    double p = floor(2.0 * (nax_i_px(a, x[i]) - a->left));
    int missing = !isfinite(y[i]) || !isfinite(p);
    if (missing || p != at) {
      end_column(&f->svg, a, &c, &pen);
      at = p;
    }
    if (missing) {
      pen = 0;
      at = -1.0;
      continue;
    }
    if (!c.any) {
      c = (column){y[i], y[i], y[i], y[i], x[i], 1};
    }
    c.last = y[i];
    c.lo = y[i] < c.lo ? y[i] : c.lo;
    c.hi = y[i] > c.hi ? y[i] : c.hi;
  }
  end_column(&f->svg, a, &c, &pen);
  f->notes |= NAX_I_NOTE_MINMAX;
}

void
nax_i_add_line(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
               const double *y, nax_i_style s)
{
  if (f == NULL || n <= 0) {
    return;
  }
  open_stroke(&f->svg, s);
  size_t before = f->svg.len;
  if ((double)n > 4.0 * a->width && ascending(n, x)) {
    draw_columns(f, a, n, x, y);
  } else {
    nax_index step = (n + NAX_I_MAX_MARKS - 1) / NAX_I_MAX_MARKS;
    int pen = 0;
    f->notes |= step > 1 ? NAX_I_NOTE_STRIDE : 0u;
    for (nax_index i = 0; i < n; i += step) {
      double px = nax_i_px(a, x[i]), py = nax_i_py(a, y[i]);
      if (!isfinite(px) || !isfinite(py)) {
        pen = 0;
        continue;
      }
      pair(&f->svg, pen ? 'L' : 'M', pixel_x(a, x[i]), pixel_y(a, y[i]));
      /* A point between two gaps would be invisible. */
      int alone = !pen && (i + step >= n || !isfinite(nax_i_py(a, y[i + step])));
      if (alone) {
        nax_i_buf_puts(&f->svg, "h.8");
      }
      pen = 1;
    }
  }
  if (f->svg.len == before) {
    nax_i_buf_puts(&f->svg, "M0 0");
  }
  nax_i_buf_puts(&f->svg, "\"/>\n");
}

void
nax_i_add_band(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
               const double *lo, const double *hi, nax_i_style s)
{
  if (f == NULL) {
    return;
  }
  s.alpha = s.alpha > 0.0 ? s.alpha : 0.22;
  /* At most two points per pixel; the band is smooth by nature. */
  nax_index step = (nax_index)((double)n / (2.0 * a->width)) + 1;
  for (nax_index i = 0; i < n;) {
    nax_index end = i;
    while (end < n && isfinite(lo[end]) && isfinite(hi[end])) {
      end++;
    }
    if (end > i + 1) {
      open_fill(&f->svg, s);
      for (nax_index k = i; k < end; k += step) {
        pair(&f->svg, k == i ? 'M' : 'L', pixel_x(a, x[k]), pixel_y(a, hi[k]));
      }
      pair(&f->svg, 'L', pixel_x(a, x[end - 1]), pixel_y(a, hi[end - 1]));
      pair(&f->svg, 'L', pixel_x(a, x[end - 1]), pixel_y(a, lo[end - 1]));
      for (nax_index k = i + (end - 1 - i) / step * step; k >= i; k -= step) {
        pair(&f->svg, 'L', pixel_x(a, x[k]), pixel_y(a, lo[k]));
      }
      nax_i_buf_puts(&f->svg, "Z\"/>\n");
    }
    i = end > i ? end : i + 1;
  }
}

/* Outline of a point of radius r at the origin. */
static void
shape_path(nax_i_buf *b, int shape, double x, double y, double r)
{
  switch (shape) {
  case 1:
    pair(b, 'M', x - r, y - r);
    nax_i_buf_puts(b, "h");
    nax_i_num(b, 2.0 * r);
    nax_i_buf_puts(b, "v");
    nax_i_num(b, 2.0 * r);
    nax_i_buf_puts(b, "h");
    nax_i_num(b, -2.0 * r);
    nax_i_buf_puts(b, "z");
    return;
  case 2:
    pair(b, 'M', x, y - 1.2 * r);
    pair(b, 'L', x + 1.1 * r, y + 0.8 * r);
    pair(b, 'L', x - 1.1 * r, y + 0.8 * r);
    nax_i_buf_puts(b, "z");
    return;
  case 3:
    pair(b, 'M', x, y - 1.3 * r);
    pair(b, 'L', x + 1.1 * r, y);
    pair(b, 'L', x, y + 1.3 * r);
    pair(b, 'L', x - 1.1 * r, y);
    nax_i_buf_puts(b, "z");
    return;
  case 4:
    pair(b, 'M', x - r, y - r);
    pair(b, 'L', x + r, y + r);
    pair(b, 'M', x - r, y + r);
    pair(b, 'L', x + r, y - r);
    return;
  default:
    pair(b, 'M', x - r, y);
    nax_i_buf_puts(b, "a");
    nax_i_num(b, r);
    nax_i_buf_puts(b, " ");
    nax_i_num(b, r);
    nax_i_buf_puts(b, " 0 1 0 ");
    nax_i_num(b, 2.0 * r);
    nax_i_buf_puts(b, " 0a");
    nax_i_num(b, r);
    nax_i_buf_puts(b, " ");
    nax_i_num(b, r);
    nax_i_buf_puts(b, " 0 1 0 ");
    nax_i_num(b, -2.0 * r);
    nax_i_buf_puts(b, " 0z");
  }
}

/* Discs, squares ... are filled; crosses and rings are strokes. */
static void
open_point(nax_i_buf *b, nax_i_style s)
{
  if (s.shape >= 4) {
    s.width = 1.3;
    s.dash = 0;
    open_stroke(b, s);
  } else {
    open_fill(b, s);
  }
}

static int
inside(const nax_i_axes *a, double px, double py)
{
  return px >= a->left - 0.5 && px <= a->left + a->width + 0.5 && py >= a->top - 0.5 &&
         py <= a->top + a->height + 0.5;
}

/* Many points: count per cell of half a pixel, drawn as darkness. */
static void
points_image(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
             const double *y)
{
  nax_index cols = (nax_index)(a->width * 1.5), rows = (nax_index)(a->height * 1.5);
  double *count = nax_i_calloc((size_t)(cols * rows), sizeof *count);
  if (count == NULL) {
    f->failed = 1;
    return;
  }
  double most = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double u = (nax_i_px(a, x[i]) - a->left) / a->width;
    double v = (nax_i_py(a, y[i]) - a->top) / a->height;
    if (u >= 0.0 && u < 1.0 && v >= 0.0 && v < 1.0) {
      double *c =
          &count[(nax_index)(v * (double)rows) * cols + (nax_index)(u * (double)cols)];
      *c += 1.0;
      most = *c > most ? *c : most;
    }
  }
  for (nax_index i = 0; i < cols * rows; i++) {
    count[i] = sqrt(count[i]);
  }
  nax_i_add_image(f, a, rows, cols, count, cols, 1, NAX_I_MAP_INK, 0.0, 0.6 * sqrt(most),
                  0);
  f->notes |= NAX_I_NOTE_MARKS;
  nax_i_free(count);
}

void
nax_i_add_points(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                 const double *y, const char *const *tip, nax_i_style s)
{
  enum { MAX_TIPS = 400 };
  if (f == NULL) {
    return;
  }
  if (n > NAX_I_MAX_MARKS) {
    points_image(f, a, n, x, y);
    return;
  }
  double r = s.width > 0.0 ? s.width : 3.0;
  int tips = tip != NULL && n <= MAX_TIPS, open = 0;
  for (nax_index i = 0; i < n; i++) {
    double px = nax_i_px(a, x[i]), py = nax_i_py(a, y[i]);
    if (!isfinite(px) || !isfinite(py) || !inside(a, px, py)) {
      continue;
    }
    if (!open) {
      open_point(&f->svg, s);
      open = 1;
    }
    shape_path(&f->svg, s.shape, px, py, r);
    if (tips) {
      nax_i_buf_puts(&f->svg, "\"><title>");
      nax_i_xml(&f->svg, tip[i]);
      nax_i_buf_puts(&f->svg, "</title></path>\n");
      open = 0;
    }
  }
  if (open) {
    nax_i_buf_puts(&f->svg, "\"/>\n");
  }
}

void
nax_i_add_whiskers(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                   const double *lo, const double *hi, nax_i_style s)
{
  if (f == NULL) {
    return;
  }
  s.width = s.width > 0.0 ? s.width : 1.2;
  int open = 0;
  for (nax_index i = 0; i < n; i++) {
    if (!isfinite(lo[i]) || !isfinite(hi[i]) || !isfinite(nax_i_px(a, x[i]))) {
      continue;
    }
    if (!open) {
      open_stroke(&f->svg, s);
      open = 1;
    }
    double px = pixel_x(a, x[i]), y0 = pixel_y(a, lo[i]), y1 = pixel_y(a, hi[i]);
    pair(&f->svg, 'M', px - 3.0, y0);
    nax_i_buf_puts(&f->svg, "h6");
    pair(&f->svg, 'M', px, y0);
    pair(&f->svg, 'L', px, y1);
    pair(&f->svg, 'M', px - 3.0, y1);
    nax_i_buf_puts(&f->svg, "h6");
  }
  if (open) {
    nax_i_buf_puts(&f->svg, "\"/>\n");
  }
}

void
nax_i_add_bars(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *edges,
               const double *y, double base, double gap, nax_i_style s)
{
  if (f == NULL) {
    return;
  }
  int open = 0;
  double foot = pixel_y(a, base);
  for (nax_index i = 0; i < n; i++) {
    double x0 = nax_i_px(a, edges[i]), x1 = nax_i_px(a, edges[i + 1]);
    if (!isfinite(y[i]) || !isfinite(x0) || !isfinite(x1) || y[i] == base) {
      continue;
    }
    if (!open) {
      open_fill(&f->svg, s);
      open = 1;
    }
    double off = 0.5 * gap * (x1 - x0), top = pixel_y(a, y[i]);
    pair(&f->svg, 'M', x0 + off, foot);
    nax_i_buf_puts(&f->svg, "V");
    nax_i_num(&f->svg, top);
    nax_i_buf_puts(&f->svg, "H");
    nax_i_num(&f->svg, x1 - off);
    nax_i_buf_puts(&f->svg, "V");
    nax_i_num(&f->svg, foot);
    nax_i_buf_puts(&f->svg, "z");
  }
  if (open) {
    nax_i_buf_puts(&f->svg, "\"/>\n");
  }
}

void
nax_i_add_vline(nax_i_fig *f, const nax_i_axes *a, double x, const char *label,
                nax_i_style s)
{
  double px = nax_i_px(a, x);
  if (f == NULL || !(px >= a->left - 0.5 && px <= a->left + a->width + 0.5)) {
    return;
  }
  s.width = s.width > 0.0 ? s.width : 1.2;
  open_stroke(&f->svg, s);
  pair(&f->svg, 'M', px, a->top);
  nax_i_buf_puts(&f->svg, "v");
  nax_i_num(&f->svg, a->height);
  nax_i_buf_puts(&f->svg, "\"/>\n");
  if (label != NULL) {
    int right = px > a->left + 0.7 * a->width;
    nax_i_add_text(f, px + (right ? -5.0 : 5.0), a->top + 11.0, right ? 1 : -1, "t",
                   label);
  }
}

void
nax_i_add_hline(nax_i_fig *f, const nax_i_axes *a, double y, const char *label,
                nax_i_style s)
{
  double py = nax_i_py(a, y);
  if (f == NULL || !(py >= a->top - 0.5 && py <= a->top + a->height + 0.5)) {
    return;
  }
  s.width = s.width > 0.0 ? s.width : 1.2;
  open_stroke(&f->svg, s);
  pair(&f->svg, 'M', a->left, py);
  nax_i_buf_puts(&f->svg, "h");
  nax_i_num(&f->svg, a->width);
  nax_i_buf_puts(&f->svg, "\"/>\n");
  if (label != NULL) {
    nax_i_add_text(f, a->left + a->width - 4.0, py - 4.0, 1, "t", label);
  }
}

void
nax_i_add_span(nax_i_fig *f, const nax_i_axes *a, double x0, double x1, nax_i_style s)
{
  double p0 = nax_i_px(a, x0), p1 = nax_i_px(a, x1);
  if (f == NULL || !isfinite(p0) || !isfinite(p1)) {
    return;
  }
  p0 = fmax(p0, a->left);
  p1 = fmin(p1, a->left + a->width);
  if (p1 <= p0) {
    return;
  }
  s.alpha = s.alpha > 0.0 ? s.alpha : 0.15;
  open_fill(&f->svg, s);
  pair(&f->svg, 'M', p0, a->top);
  nax_i_buf_puts(&f->svg, "H");
  nax_i_num(&f->svg, p1);
  nax_i_buf_puts(&f->svg, "v");
  nax_i_num(&f->svg, a->height);
  nax_i_buf_puts(&f->svg, "H");
  nax_i_num(&f->svg, p0);
  nax_i_buf_puts(&f->svg, "z\"/>\n");
}

void
nax_i_add_events(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                 nax_i_style s)
{
  if (f == NULL || n <= 0) {
    return;
  }
  /* One mark per half pixel is all that can be seen. */
  nax_index slots = (nax_index)(2.0 * a->width) + 1;
  char *taken = nax_i_calloc((size_t)slots, 1);
  if (taken == NULL) {
    f->failed = 1;
    return;
  }
  nax_index different = 0;
  for (nax_index i = 0; i < n; i++) {
    double p = 2.0 * (nax_i_px(a, x[i]) - a->left);
    if (p >= 0.0 && p < (double)slots) {
      different += !taken[(nax_index)p];
      taken[(nax_index)p] = 1;
    }
  }
  double h = 7.0;
  int wide = (double)different < a->width / 12.0;
  if (wide) {
    open_fill(&f->svg, s);
  } else {
    s.width = 0.7;
    open_stroke(&f->svg, s);
  }
  for (nax_index i = 0; i < slots; i++) {
    if (taken[i]) {
      double px = a->left + 0.5 * (double)i;
      if (wide) {
        pair(&f->svg, 'M', px - 4.0, a->top - h - 1.0);
        nax_i_buf_puts(&f->svg, "h8l-4 7z");
      } else {
        pair(&f->svg, 'M', px, a->top - h - 1.0);
        nax_i_buf_puts(&f->svg, "v7");
      }
    }
  }
  nax_i_buf_puts(&f->svg, different > 0 ? "\"/>\n" : "M0 0\"/>\n");
  nax_i_free(taken);
}

/* Pixels that a text of the small font takes, roughly. */
static double
text_width(const char *s)
{
  double n = 0.0;
  for (; *s != '\0'; s++) {
    n += ((unsigned char)*s & 0xc0) != 0x80;
  }
  return 5.9 * n;
}

void
nax_i_add_legend(nax_i_fig *f, const nax_i_axes *a, int n, const nax_i_key *keys)
{
  if (f == NULL) {
    return;
  }
  double x = a->left + a->width, y = a->top - 14.0;
  for (int i = n - 1; i >= 0; i--) {
    x -= text_width(keys[i].text);
    nax_i_add_text(f, x, y + 4.0, -1, "t", keys[i].text);
    nax_i_style s = keys[i].style;
    if (keys[i].kind == 1) {
      open_point(&f->svg, s);
      shape_path(&f->svg, s.shape, x - 9.0, y, 3.5);
    } else if (keys[i].kind == 2) {
      s.alpha = s.alpha > 0.0 ? s.alpha : 0.3;
      open_fill(&f->svg, s);
      pair(&f->svg, 'M', x - 20.0, y - 4.5);
      nax_i_buf_puts(&f->svg, "h15v9h-15z");
    } else {
      open_stroke(&f->svg, s);
      pair(&f->svg, 'M', x - 24.0, y);
      nax_i_buf_puts(&f->svg, "h19");
    }
    nax_i_buf_puts(&f->svg, "\"/>\n");
    x -= 38.0;
  }
}
