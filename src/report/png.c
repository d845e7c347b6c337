/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paletted PNG in memory: the only place that includes png.h. */
#include "report_i.h"
#include <png.h>
#include <setjmp.h>

static void
append(png_structp png, png_bytep data, size_t n)
{
  nax_i_buf_add(png_get_io_ptr(png), (const char *)data, n);
}

static void
flush(png_structp png)
{
  (void)png;
}

static void
on_warning(png_structp png, png_const_charp text)
{
  (void)png;
  (void)text;
}

/* libpng's own handler prints; a library must not. */
static PNG_NORETURN void
on_error(png_structp png, png_const_charp text)
{
  (void)text;
  png_longjmp(png, 1);
}

static void
set_palette(png_structp png, png_infop info, int n, const unsigned char *rgba)
{
  png_color colour[256] = {{0, 0, 0}};
  png_byte alpha[256] = {0};
  int transparent = 0;
  for (int i = 0; i < n; i++) {
    colour[i] = (png_color){rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]};
    alpha[i] = rgba[4 * i + 3];
    transparent = alpha[i] < 255 ? i + 1 : transparent;
  }
  png_set_PLTE(png, info, colour, n);
  if (transparent > 0) {
    png_set_tRNS(png, info, alpha, transparent, NULL);
  }
}

/* All that lives across the jump is a parameter of this function. */
static int
encode(png_structp png, png_infop info, nax_i_buf *out, nax_index w, nax_index h,
       const unsigned char *index, int n_colours, const unsigned char *rgba)
{
  if (setjmp(png_jmpbuf(png))) {
    return 0;
  }
  int bits = n_colours <= 2 ? 1 : n_colours <= 4 ? 2 : n_colours <= 16 ? 4 : 8;
  png_set_write_fn(png, out, append, flush);
  png_set_IHDR(png, info, (png_uint_32)w, (png_uint_32)h, bits, PNG_COLOR_TYPE_PALETTE,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  /* Differences between palette indices mean nothing: no filter. */
  png_set_filter(png, 0, PNG_FILTER_NONE);
  png_set_compression_level(png, 7);
  set_palette(png, info, n_colours, rgba);
  png_write_info(png, info);
  if (bits < 8) {
    png_set_packing(png);
  }
  for (nax_index y = 0; y < h; y++) {
    png_write_row(png, index + y * w);
  }
  png_write_end(png, info);
  return 1;
}

int
nax_i_png(nax_i_buf *out, nax_index w, nax_index h, const unsigned char *index,
          int n_colours, const unsigned char *rgba)
{
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
  png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
  int good = info != NULL && w > 0 && h > 0 && w <= 100000 && h <= 100000 &&
             encode(png, info, out, w, h, index, n_colours, rgba);
  if (png != NULL) {
    png_destroy_write_struct(&png, info != NULL ? &info : NULL);
  }
  return good && !out->failed;
}

const char *
nax_i_version_libpng(void)
{
  return png_get_libpng_ver(NULL);
}
