/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense pictures: matrices and heatmaps as paletted PNG, rasters as a path or a PNG. */
#include "report_i.h"
#include <math.h>
#include <stdlib.h>

enum { DEFAULT_BYTES = 225000 }; /* of PNG: 300 kB in base64 */

static int
by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int
nax_i_colour_limits(nax_index n, const double *v, double p, int symmetric, double *lo,
                    double *hi)
{
  /* A sample of at most 200 000 evenly spaced values decides. */
  nax_index step = n / 200000 + 1, m = 0;
  *lo = 0.0;
  *hi = 1.0;
  double *s = nax_i_calloc((size_t)(n / step + 1), sizeof *s);
  if (s == NULL) {
    return 0;
  }
  for (nax_index i = 0; i < n; i += step) {
    if (isfinite(v[i])) {
      s[m++] = symmetric ? fabs(v[i]) : v[i];
    }
  }
  if (m > 0) {
    qsort(s, (size_t)m, sizeof *s, by_value);
    double at = p / 100.0 * (double)(m - 1);
    *hi = s[m - 1 - (nax_index)at];
    *lo = symmetric ? -*hi : s[(nax_index)at];
    if (!(*hi > *lo)) { /* nearly all the same: the whole range */
      *hi = s[m - 1];
      *lo = symmetric ? -*hi : s[0];
    }
    if (!(*hi > *lo)) {
      *hi = *lo + 1.0;
      *lo = symmetric ? -1.0 : *lo;
    }
  }
  nax_i_free(s);
  return 1;
}

/* Mean over a cell of the picture, NaN when nothing in it is finite. */
static double
cell_mean(const double *v, nax_index i0, nax_index i1, nax_index j0, nax_index j1,
          nax_index rs, nax_index cs)
{
  double sum = 0.0;
  nax_index n = 0;
  for (nax_index i = i0; i < i1; i++) {
    for (nax_index j = j0; j < j1; j++) {
      double x = v[i * rs + j * cs];
      if (isfinite(x)) {
        sum += x;
        n++;
      } else if (isinf(x)) {
        return x;
      }
    }
  }
  return n > 0 ? sum / (double)n : (double)NAN;
}

/* w x h means of the matrix, rows from the top. */
static void
shrink(nax_index rows, nax_index cols, const double *v, nax_index rs, nax_index cs,
       nax_index w, nax_index h, float *out)
{
  for (nax_index y = 0; y < h; y++) {
    for (nax_index x = 0; x < w; x++) {
      out[y * w + x] = (float)cell_mean(v, y * rows / h, (y + 1) * rows / h, x * cols / w,
                                        (x + 1) * cols / w, rs, cs);
    }
  }
}

/* Entry 0 is for NaN; 1..levels are the map. */
static void
make_palette(nax_i_map map, int levels, unsigned char *rgba)
{
  memset(rgba, 0, 4);
  for (int k = 0; k < levels; k++) {
    double t = levels > 1 ? (double)k / (levels - 1) : 0.5;
    nax_i_map_rgb(map, t, rgba + 4 * (k + 1));
    rgba[4 * (k + 1) + 3] =
        map == NAX_I_MAP_INK ? (unsigned char)floor(255.0 * t + 0.5) : 255;
  }
}

/* Smoothing is right where cells are smaller than pixels, but would blur the others: rows
 * and columns that are few are repeated before. */
static void
repeat(nax_i_buf *png, nax_index w, nax_index h, nax_index kx, nax_index ky,
       const unsigned char *index, int n_colours, const unsigned char *rgba, int *good)
{
  unsigned char *big = nax_i_calloc((size_t)(w * kx * h * ky), 1);
  *good = big != NULL;
  for (nax_index y = 0; big != NULL && y < h * ky; y++) {
    for (nax_index x = 0; x < w * kx; x++) {
      big[y * w * kx + x] = index[y / ky * w + x / kx];
    }
  }
  *good = *good && nax_i_png(png, w * kx, h * ky, big, n_colours, rgba);
  nax_i_free(big);
}

static int
encode(nax_i_buf *png, nax_index w, nax_index h, const float *v, unsigned char *index,
       nax_i_map map, int levels, double lo, double hi, nax_index kx, nax_index ky)
{
  unsigned char rgba[4 * 256];
  int most = 0;
  for (nax_index i = 0; i < w * h; i++) {
    double t = ((double)v[i] - lo) / (hi - lo);
    int k = isnan(v[i])
                ? 0
                : 1 + (int)((t > 0.0 ? (t < 1.0 ? t : 1.0) : 0.0) * (double)(levels - 1) +
                            0.5);
    index[i] = (unsigned char)k;
    most = k > most ? k : most;
  }
  make_palette(map, levels, rgba);
  png->len = 0;
  if (kx == 1 && ky == 1) {
    return nax_i_png(png, w, h, index, levels + 1, rgba);
  }
  int good;
  repeat(png, w, h, kx, ky, index, levels + 1, rgba, &good);
  return good;
}

static void
place(nax_i_fig *f, const nax_i_axes *a, const nax_i_buf *png, nax_i_map map,
      int pixelated)
{
  nax_i_buf *b = &f->svg;
  nax_i_buf_puts(b, "<image");
  if (map == NAX_I_MAP_INK || pixelated) {
    nax_i_buf_printf(b, " class=\"%s%s%s\"", map == NAX_I_MAP_INK ? "ink" : "",
                     map == NAX_I_MAP_INK && pixelated ? " " : "", pixelated ? "px" : "");
  }
  nax_i_num_attr(b, "x", a->left);
  nax_i_num_attr(b, "y", a->top);
  nax_i_num_attr(b, "width", a->width);
  nax_i_num_attr(b, "height", a->height);
  nax_i_buf_puts(b, " preserveAspectRatio=\"none\" href=\"data:image/png;base64,");
  nax_i_base64(b, (const unsigned char *)png->data, png->len);
  nax_i_buf_puts(b, "\"/>\n");
}

/* Missing cells show what lies behind the image. */
static void
missing_ground(nax_i_fig *f, const nax_i_axes *a)
{
  nax_i_buf_puts(&f->svg, "<rect class=\"na\"");
  nax_i_num_attr(&f->svg, "x", a->left);
  nax_i_num_attr(&f->svg, "y", a->top);
  nax_i_num_attr(&f->svg, "width", a->width);
  nax_i_num_attr(&f->svg, "height", a->height);
  nax_i_buf_puts(&f->svg, "/>\n");
}

void
nax_i_add_image(nax_i_fig *f, const nax_i_axes *a, nax_index rows, nax_index cols,
                const double *v, nax_index row_stride, nax_index col_stride,
                nax_i_map map, double lo, double hi, size_t bytes)
{
  if (f == NULL) {
    return;
  }
  if (map != NAX_I_MAP_INK) {
    missing_ground(f, a);
  }
  if (rows <= 0 || cols <= 0) {
    return;
  }
  /* More cells than one and a half per pixel cannot be seen. */
  nax_index most_w = (nax_index)(1.5 * a->width), most_h = (nax_index)(1.5 * a->height);
  nax_index w = cols < most_w ? cols : most_w, h = rows < most_h ? rows : most_h;
  bytes = bytes ? bytes : DEFAULT_BYTES;
  nax_i_buf png = {0};
  float *cell = nax_i_calloc((size_t)(w * h), sizeof *cell);
  unsigned char *index = nax_i_calloc((size_t)(w * h), 1);
  int good = cell != NULL && index != NULL, levels = 255;
  int small = (double)w <= a->width && (double)h <= a->height;
  nax_index kx = small ? 1 : (nax_index)ceil(a->width / (double)w);
  nax_index ky = small ? 1 : (nax_index)ceil(a->height / (double)h);
  if (good) {
    shrink(rows, cols, v, row_stride, col_stride, w, h, cell);
    good = encode(&png, w, h, cell, index, map, levels, lo, hi, kx, ky);
  }
  /* Noise does not compress: first fewer colours, then fewer cells. */
  while (good && png.len > bytes) {
    if (levels > 40) {
      levels = levels > 128 ? 64 : 32;
    } else {
      double by = sqrt((double)bytes / (double)png.len) * 0.97;
      nax_index nw = (nax_index)((double)w * by), nh = (nax_index)((double)h * by);
      if (nw < 64 || nh < 64) {
        break;
      }
      w = nw;
      h = nh;
      shrink(rows, cols, v, row_stride, col_stride, w, h, cell);
    }
    good = encode(&png, w, h, cell, index, map, levels, lo, hi, kx, ky);
  }
  if (good) {
    place(f, a, &png, map, small);
    f->notes |= w < cols || h < rows ? NAX_I_NOTE_MEAN : 0u;
    f->levels =
        levels < 255 && (f->levels == 0 || levels < f->levels) ? levels : f->levels;
  }
  f->failed = f->failed || !good;
  nax_i_free(cell);
  nax_i_free(index);
  nax_i_buf_free(&png);
}

void
nax_i_add_colourbar(nax_i_fig *f, const nax_i_axes *a, nax_i_map map, double lo,
                    double hi, const char *label, const char *unit)
{
  enum { STEPS = 128 };
  if (f == NULL) {
    return;
  }
  nax_i_axes bar = {0};
  double ramp[STEPS];
  bar.height = a->height > 160.0 ? 160.0 : a->height;
  bar.left = a->left + a->width + 12.0;
  bar.top = a->top;
  bar.width = 10.0;
  bar.y.lo = lo;
  bar.y.hi = hi;
  for (int i = 0; i < STEPS; i++) {
    ramp[i] = 1.0 - (double)i / (STEPS - 1);
  }
  unsigned notes = f->notes;
  nax_i_add_image(f, &bar, STEPS, 1, ramp, 1, 1, map, 0.0, 1.0, 0);
  f->notes = notes;
  double tick[16], step, widest = 0.0;
  char text[160];
  int n = nax_i_ticks(lo, hi, 0, (int)(bar.height / 32.0), 0, tick, &step);
  for (int i = 0; i < n; i++) {
    double y = nax_i_py(&bar, tick[i]);
    nax_i_buf_puts(&f->svg, "<path class=\"ax\" d=\"M");
    nax_i_num(&f->svg, bar.left + 10.0);
    nax_i_buf_puts(&f->svg, " ");
    nax_i_num(&f->svg, y);
    nax_i_buf_puts(&f->svg, "h3\"/>\n");
    nax_i_tick_text(text, tick[i], step);
    nax_i_add_text(f, bar.left + 16.0, y + 4.0, -1, "t n", text);
    double chars = 0.0;
    for (const char *c = text; *c != '\0'; c++) {
      chars += ((unsigned char)*c & 0xc0) != 0x80;
    }
    widest = chars > widest ? chars : widest;
  }
  nax_i_label(text, sizeof text, label, unit);
  nax_i_buf *b = &f->svg;
  nax_i_buf_puts(b, "<text class=\"l\" text-anchor=\"middle\" transform=\"translate(");
  nax_i_num(b, bar.left + 30.0 + 6.0 * widest);
  nax_i_buf_puts(b, " ");
  nax_i_num(b, bar.top + bar.height / 2.0);
  nax_i_buf_puts(b, ") rotate(-90)\">");
  nax_i_xml(b, text);
  nax_i_buf_puts(b, "</text>\n");
}

/* ------------------------------------------------------------------------ raster */

static void
raster_path(nax_i_fig *f, const nax_i_axes *a, nax_index n_rows, const nax_index *order,
            const nax_index *offsets, const double *times)
{
  nax_i_buf *b = &f->svg;
  double row = a->height / (double)n_rows, tall = row > 1.6 ? 0.8 * row : row;
  double last = -1.0;
  tall = tall > 16.0 ? 16.0 : tall;
  nax_i_buf_puts(b, "<path class=\"s s8\"");
  nax_i_num_attr(b, "stroke-width", row > 4.0 ? 1.0 : 0.8);
  nax_i_buf_puts(b, " d=\"M0 0");
  for (nax_index r = 0; r < n_rows; r++) {
    nax_index u = order != NULL ? order[r] : r;
    double y = a->top + ((double)r + 0.5) * row - 0.5 * tall;
    for (nax_index i = offsets[u]; i < offsets[u + 1]; i++) {
      double x = nax_i_px(a, times[i]);
      if (x < a->left || x > a->left + a->width) {
        continue;
      }
      x = floor(x * 10.0 + 0.5) / 10.0;
      if (x == last) {
        continue; /* covers the one before */
      }
      nax_i_buf_puts(b, "M");
      nax_i_num(b, x);
      nax_i_buf_puts(b, " ");
      nax_i_num(b, y);
      nax_i_buf_puts(b, "v");
      nax_i_num(b, tall);
      last = x;
    }
    last = -1.0;
  }
  nax_i_buf_puts(b, "\"/>\n");
}

/* Rows that are tall enough get a gap between them, so that they look like marks. */
static void
raster_rows(nax_i_fig *f, const nax_i_axes *a, nax_index n_rows, nax_index cols,
            const double *count, double hi)
{
  nax_index k = (nax_index)(a->height / (double)n_rows);
  k = k > 12 ? 12 : k;
  if (k < 3) {
    nax_i_add_image(f, a, n_rows, cols, count, cols, 1, NAX_I_MAP_INK, 0.0, hi, 0);
    return;
  }
  double *v = nax_i_calloc((size_t)(n_rows * k * cols), sizeof *v);
  if (v == NULL) {
    f->failed = 1;
    return;
  }
  for (nax_index r = 0; r < n_rows * k; r++) {
    if (r % k < k - 1) {
      memcpy(v + r * cols, count + r / k * cols, (size_t)cols * sizeof *v);
    }
  }
  nax_i_add_image(f, a, n_rows * k, cols, v, cols, 1, NAX_I_MAP_INK, 0.0, hi, 0);
  nax_i_free(v);
}

static void
raster_image(nax_i_fig *f, const nax_i_axes *a, nax_index n_rows, const nax_index *order,
             const nax_index *offsets, const double *times)
{
  nax_index cols = (nax_index)(1.5 * a->width);
  double *count = nax_i_calloc((size_t)(n_rows * cols), sizeof *count);
  if (count == NULL) {
    f->failed = 1;
    return;
  }
  double *nonzero = nax_i_calloc((size_t)(n_rows * cols), sizeof *nonzero);
  nax_index m = 0;
  for (nax_index r = 0; r < n_rows; r++) {
    nax_index u = order != NULL ? order[r] : r;
    for (nax_index i = offsets[u]; i < offsets[u + 1]; i++) {
      double p = (nax_i_px(a, times[i]) - a->left) / a->width;
      if (p >= 0.0 && p <= 1.0) {
        nax_index c = (nax_index)(p * (double)cols);
        count[r * cols + (c < cols ? c : cols - 1)] += 1.0;
      }
    }
  }
  double lo = 0.0, hi = 1.0;
  if (nonzero != NULL) {
    for (nax_index i = 0; i < n_rows * cols; i++) {
      if (count[i] > 0.0) {
        nonzero[m++] = count[i];
      }
    }
    f->failed = f->failed || !nax_i_colour_limits(m, nonzero, 5.0, 0, &lo, &hi);
  }
  f->failed = f->failed || nonzero == NULL;
  /* Square root: a single spike stays visible beside a burst. */
  for (nax_index i = 0; i < n_rows * cols; i++) {
    count[i] = sqrt(count[i]);
  }
  raster_rows(f, a, n_rows, cols, count, sqrt(hi > 1.0 ? hi : 1.0));
  f->notes = (f->notes & ~(unsigned)NAX_I_NOTE_MEAN) | NAX_I_NOTE_MARKS;
  nax_i_free(count);
  nax_i_free(nonzero);
}

void
nax_i_add_raster(nax_i_fig *f, const nax_i_axes *a, nax_index n_rows,
                 const nax_index *order, const nax_index *offsets, const double *times)
{
  if (f == NULL || n_rows <= 0) {
    return;
  }
  nax_index n = 0;
  for (nax_index r = 0; r < n_rows; r++) {
    nax_index u = order != NULL ? order[r] : r;
    n += offsets[u + 1] - offsets[u];
  }
  if (n > NAX_I_MAX_MARKS || n_rows > (nax_index)(2.0 * a->height)) {
    raster_image(f, a, n_rows, order, offsets, times);
  } else {
    raster_path(f, a, n_rows, order, offsets, times);
  }
}
