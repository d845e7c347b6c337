/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dendrograms and polar plots. */
#include "report_i.h"
#include <math.h>
#include <stdio.h>

static const double pi = 3.14159265358979323846;

void
nax_i_add_dendrogram(nax_i_fig *f, double x, double y, double w, double h, nax_index n,
                     const nax_merge *merges, const nax_index *order, nax_i_style s)
{
  if (f == NULL || n < 2) {
    return;
  }
  /* Position and height of each leaf (0..n-1) and merge (n..2n-2). */
  double *at = nax_i_calloc((size_t)(2 * n), sizeof *at);
  double *up = nax_i_calloc((size_t)(2 * n), sizeof *up);
  if (at == NULL || up == NULL) {
    f->failed = 1;
    goto done;
  }
  for (nax_index i = 0; i < n; i++) {
    at[order[i]] = (double)i + 0.5;
  }
  double top = 0.0, least = n > 1 ? merges[0].height : 0.0;
  for (nax_index k = 0; k < n - 1; k++) {
    top = merges[k].height > top ? merges[k].height : top;
  }
  /* Only the part of the heights that differs is drawn: distances 1 - r of weakly
   * correlated units all lie near 1. */
  double base = fmax(0.0, least - 0.2 * (top - least)), span = top - base;
  nax_i_buf *b = &f->svg;
  nax_i_buf_printf(b, "<path class=\"s s%d\"", s.colour);
  nax_i_num_attr(b, "stroke-width", s.width > 0.0 ? s.width : 0.8);
  nax_i_buf_puts(b, " d=\"");
  for (nax_index k = 0; k < n - 1; k++) {
    nax_index side[2] = {merges[k].a, merges[k].b}, me = n + k;
    up[me] = span > 0.0 ? fmax(merges[k].height - base, 0.0) / span : 0.5;
    at[me] = 0.5 * (at[side[0]] + at[side[1]]);
    double px = x + w * (1.0 - up[me]);
    nax_i_buf_puts(b, "M");
    nax_i_num(b, x + w * (1.0 - up[side[0]]));
    nax_i_buf_puts(b, " ");
    nax_i_num(b, y + h * at[side[0]] / (double)n);
    nax_i_buf_puts(b, "H");
    nax_i_num(b, px);
    nax_i_buf_puts(b, "V");
    nax_i_num(b, y + h * at[side[1]] / (double)n);
    nax_i_buf_puts(b, "H");
    nax_i_num(b, x + w * (1.0 - up[side[1]]));
  }
  nax_i_buf_puts(b, "\"/>\n");
done:
  nax_i_free(at);
  nax_i_free(up);
}

void
nax_i_polar_draw(nax_i_fig *f, const nax_i_polar *p)
{
  if (f == NULL) {
    return;
  }
  double tick[16], step;
  char text[96], number[48];
  nax_i_buf *b = &f->svg;
  int n = nax_i_ticks(0.0, p->r_max, 0, 3, 0, tick, &step);
  for (int i = 0; i <= n; i++) {
    double r = i < n ? tick[i] / p->r_max * p->radius : p->radius;
    if (r > 0.0) {
      nax_i_buf_printf(b, "<circle class=\"%s\"", i < n ? "gr" : "ax");
      nax_i_num_attr(b, "cx", p->cx);
      nax_i_num_attr(b, "cy", p->cy);
      nax_i_num_attr(b, "r", r);
      nax_i_buf_puts(b, "/>\n");
    }
  }
  static const char *const name[] = {"0\xc2\xb0", "90\xc2\xb0", "180\xc2\xb0",
                                     "270\xc2\xb0"};
  for (int k = 0; k < 8; k++) {
    double c = cos(pi * k / 4.0), s = sin(pi * k / 4.0);
    nax_i_buf_puts(b, "<path class=\"gr\" d=\"M");
    nax_i_num(b, p->cx);
    nax_i_buf_puts(b, " ");
    nax_i_num(b, p->cy);
    nax_i_buf_puts(b, "L");
    nax_i_num(b, p->cx + p->radius * c);
    nax_i_buf_puts(b, " ");
    nax_i_num(b, p->cy - p->radius * s);
    nax_i_buf_puts(b, "\"/>\n");
    if (k % 2 == 0) {
      nax_i_add_text(f, p->cx + (p->radius + 8.0) * c,
                     p->cy - (p->radius + 12.0) * s + 4.0,
                     k == 0   ? -1
                     : k == 4 ? 1
                              : 0,
                     "t n", name[k / 2]);
    }
  }
  for (int i = 0; i < n; i++) {
    if (tick[i] > 0.0) {
      double r = tick[i] / p->r_max * p->radius;
      nax_i_tick_text(number, tick[i], step);
      int last = i == n - 1 && p->unit != NULL && p->unit[0] != '\0';
      snprintf(text, sizeof text, "%s%s%s", number, last ? " " : "", last ? p->unit : "");
      nax_i_add_text(f, p->cx + r * cos(pi / 8.0) + 2.0, p->cy - r * sin(pi / 8.0), -1,
                     "t n", text);
    }
  }
}

void
nax_i_polar_points(nax_i_fig *f, const nax_i_polar *p, nax_index n, const double *angle,
                   const double *r, const char *const *tip, nax_i_style s)
{
  double *x = nax_i_calloc((size_t)n, sizeof *x), *y = nax_i_calloc((size_t)n, sizeof *y);
  if (x == NULL || y == NULL) {
    if (f != NULL) {
      f->failed = 1;
    }
    goto done;
  }
  nax_i_axes a = {0};
  a.left = p->cx - p->radius;
  a.top = p->cy - p->radius;
  a.width = a.height = 2.0 * p->radius;
  a.x.lo = a.y.lo = -p->r_max;
  a.x.hi = a.y.hi = p->r_max;
  for (nax_index i = 0; i < n; i++) {
    x[i] = r[i] * cos(angle[i]);
    y[i] = r[i] * sin(angle[i]);
  }
  nax_i_add_points(f, &a, n, x, y, tip, s);
done:
  nax_i_free(x);
  nax_i_free(y);
}

void
nax_i_polar_arrow(nax_i_fig *f, const nax_i_polar *p, double angle, double r,
                  nax_i_style s)
{
  if (f == NULL || !isfinite(angle) || !isfinite(r) || !(p->r_max > 0.0)) {
    return;
  }
  double share = fmin(r / p->r_max, 1.0), c = cos(angle), d = sin(angle);
  double tip_x = p->cx + share * p->radius * c, tip_y = p->cy - share * p->radius * d;
  nax_i_buf *b = &f->svg;
  nax_i_buf_printf(b, "<path class=\"s s%d\"", s.colour);
  nax_i_num_attr(b, "stroke-width", s.width > 0.0 ? s.width : 2.5);
  nax_i_buf_puts(b, " d=\"M");
  nax_i_num(b, p->cx);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, p->cy);
  nax_i_buf_puts(b, "L");
  nax_i_num(b, tip_x);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, tip_y);
  for (int k = -1; k <= 1; k += 2) {
    double turn = angle + pi + 0.45 * k;
    nax_i_buf_puts(b, "M");
    nax_i_num(b, tip_x);
    nax_i_buf_puts(b, " ");
    nax_i_num(b, tip_y);
    nax_i_buf_puts(b, "l");
    nax_i_num(b, 9.0 * cos(turn));
    nax_i_buf_puts(b, " ");
    nax_i_num(b, -9.0 * sin(turn));
  }
  nax_i_buf_puts(b, "\"/>\n");
}
