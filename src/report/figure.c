/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure: its drawing, its words, its numbers. */
#include "report_i.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

nax_i_fig *
nax_i_fig_new(const char *id, double width, double height, const char *title)
{
  nax_i_fig *f = nax_i_calloc(1, sizeof *f);
  if (f == NULL) {
    return NULL;
  }
  f->id = nax_i_strdup(id);
  f->title = nax_i_strdup(title);
  f->width = width;
  f->height = height;
  f->failed = f->id == NULL || f->title == NULL;
  return f;
}

void
nax_i_fig_free(nax_i_fig *f)
{
  if (f == NULL) {
    return;
  }
  nax_i_free(f->id);
  nax_i_free(f->title);
  nax_i_buf_free(&f->svg);
  nax_i_buf_free(&f->desc);
  nax_i_buf_free(&f->caption);
  nax_table_free(f->numbers);
  nax_table_free(f->shown);
  nax_i_free(f);
}

static void
append(nax_i_buf *b, const char *fmt, va_list ap)
{
  char text[1024];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  vsnprintf(text, sizeof text, fmt, ap);
#pragma GCC diagnostic pop
  if (b->len > 0) {
    nax_i_buf_puts(b, " ");
  }
  nax_i_buf_puts(b, text);
}

void
nax_i_fig_desc(nax_i_fig *f, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  if (f != NULL) {
    append(&f->desc, fmt, ap);
  }
  va_end(ap);
}

void
nax_i_fig_caption(nax_i_fig *f, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  if (f != NULL) {
    append(&f->caption, fmt, ap);
  }
  va_end(ap);
}

void
nax_i_fig_numbers(nax_i_fig *f, nax_table *numbers)
{
  if (f == NULL) {
    nax_table_free(numbers);
    return;
  }
  nax_table_free(f->numbers);
  f->numbers = numbers;
}

void
nax_i_fig_shown(nax_i_fig *f, nax_table *shown)
{
  if (f == NULL) {
    nax_table_free(shown);
    return;
  }
  nax_table_free(f->shown);
  f->shown = shown;
}

void
nax_i_fig_columns(nax_i_fig *f, const char *dim, nax_index n, const nax_i_column *columns,
                  int n_columns)
{
  nax_table *t = NULL;
  if (f == NULL) {
    return;
  }
  int bad = nax_table_create(NULL, dim, n, &t) != NAX_OK;
  for (int j = 0; j < n_columns && !bad; j++) {
    bad = nax_table_add_numbers(NULL, t, columns[j].name, columns[j].unit,
                                columns[j].values) != NAX_OK;
  }
  f->failed = f->failed || bad;
  nax_i_fig_numbers(f, t);
}

void
nax_i_fig_svg(const nax_i_fig *f, int alone, nax_i_buf *out)
{
  nax_i_buf_puts(out, "<svg");
  if (alone) {
    nax_i_buf_puts(out, " xmlns=\"http://www.w3.org/2000/svg\"");
    nax_i_num_attr(out, "width", f->width);
    nax_i_num_attr(out, "height", f->height);
  }
  nax_i_buf_puts(out, " viewBox=\"0 0 ");
  nax_i_num(out, f->width);
  nax_i_buf_puts(out, " ");
  nax_i_num(out, f->height);
  nax_i_buf_puts(out, "\" role=\"img\" aria-label=\"");
  nax_i_xml(out, f->title);
  nax_i_buf_puts(out, "\"><title>");
  nax_i_xml(out, f->title);
  nax_i_buf_puts(out, "</title><desc>");
  nax_i_xml(out, f->desc.data);
  nax_i_buf_puts(out, "</desc>\n");
  if (alone) {
    nax_i_buf_puts(out, "<style>");
    nax_i_svg_css(out, 0);
    nax_i_buf_puts(out, "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
  }
  if (f->svg.data != NULL) {
    nax_i_buf_add(out, f->svg.data, f->svg.len);
  }
  nax_i_buf_puts(out, "</svg>\n");
}

void
nax_i_add_text(nax_i_fig *f, double x, double y, int anchor, const char *class_name,
               const char *text)
{
  if (f == NULL) {
    return;
  }
  nax_i_buf_puts(&f->svg, "<text");
  nax_i_num_attr(&f->svg, "x", x);
  nax_i_num_attr(&f->svg, "y", y);
  if (class_name != NULL && class_name[0] != '\0') {
    nax_i_buf_printf(&f->svg, " class=\"%s\"", class_name);
  }
  if (anchor >= 0) {
    nax_i_buf_printf(&f->svg, " text-anchor=\"%s\"", anchor == 0 ? "middle" : "end");
  }
  nax_i_buf_puts(&f->svg, ">");
  nax_i_xml(&f->svg, text);
  nax_i_buf_puts(&f->svg, "</text>\n");
}
