/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page as it is filled: sections, texts, facts, figures, tables. */
#include "page_i.h"
#include <stdarg.h>
#include <stdio.h>

nax_i_page *
nax_i_page_new(const char *title, const char *subtitle)
{
  nax_i_page *p = nax_i_calloc(1, sizeof *p);
  if (p == NULL) {
    return NULL;
  }
  p->title = nax_i_strdup(title);
  p->subtitle = nax_i_strdup(subtitle);
  p->failed = p->title == NULL || p->subtitle == NULL;
  return p;
}

void
nax_i_page_free(nax_i_page *p)
{
  if (p == NULL) {
    return;
  }
  for (int i = 0; i < p->n_figs; i++) {
    nax_i_fig_free(p->figs[i]);
  }
  for (int i = 0; i < p->n_files; i++) {
    nax_i_free(p->files[i].id);
    nax_i_buf_free(&p->files[i].csv);
  }
  nax_i_free(p->figs);
  nax_i_free(p->files);
  nax_i_free(p->title);
  nax_i_free(p->subtitle);
  nax_i_buf_free(&p->body);
  nax_i_buf_free(&p->contents);
  nax_i_free(p);
}

/* Close what is open unless it is of the kind that follows; open that kind. */
static void
enter(nax_i_page *p, nax_i_group kind)
{
  static const char *const open[] = {"", "<dl class=\"facts\">\n",
                                     "<div class=\"figs\">\n", "<ul class=\"tiles\">\n",
                                     "<ul class=\"notes\">\n"};
  static const char *const close[] = {"", "</dl>\n", "</div>\n", "</ul>\n", "</ul>\n"};
  if (p->group != kind) {
    nax_i_buf_puts(&p->body, close[p->group]);
    nax_i_buf_puts(&p->body, open[kind]);
    p->group = kind;
  }
}

void
nax_i_page_end(nax_i_page *p)
{
  enter(p, NAX_I_GROUP_NONE);
}

void
nax_i_page_section(nax_i_page *p, const char *id, const char *heading)
{
  if (p == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_NONE);
  if (p->in_section) {
    nax_i_buf_puts(&p->body, "</section>\n");
  }
  p->in_section = 1;
  nax_i_buf_printf(&p->body, "<section id=\"%s\">\n<h2>", id);
  nax_i_xml(&p->body, heading);
  nax_i_buf_puts(&p->body, "</h2>\n");
  nax_i_buf_printf(&p->contents, "<li><a href=\"#%s\">", id);
  nax_i_xml(&p->contents, heading);
  nax_i_buf_puts(&p->contents, "</a></li>\n");
}

/* A printed text, escaped, between two tags. */
static void
element(nax_i_page *p, const char *open, const char *close, const char *fmt, va_list ap)
{
  char small[1024];
  va_list again;
  va_copy(again, ap);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int n = vsnprintf(small, sizeof small, fmt, ap);
  char *text = small;
  if (n >= (int)sizeof small) {
    text = nax_i_calloc((size_t)n + 1, 1);
    if (text != NULL) {
      vsnprintf(text, (size_t)n + 1, fmt, again);
    }
  }
#pragma GCC diagnostic pop
  va_end(again);
  p->failed = p->failed || text == NULL;
  nax_i_buf_puts(&p->body, open);
  nax_i_xml(&p->body, text);
  nax_i_buf_puts(&p->body, close);
  if (text != small) {
    nax_i_free(text);
  }
}

void
nax_i_page_text(nax_i_page *p, const char *fmt, ...)
{
  if (p == NULL) {
    return;
  }
  va_list ap;
  va_start(ap, fmt);
  enter(p, NAX_I_GROUP_NONE);
  element(p, "<p>", "</p>\n", fmt, ap);
  va_end(ap);
}

void
nax_i_page_lead(nax_i_page *p, const char *fmt, ...)
{
  if (p == NULL) {
    return;
  }
  va_list ap;
  va_start(ap, fmt);
  enter(p, NAX_I_GROUP_NONE);
  element(p, "<p class=\"lead\">", "</p>\n", fmt, ap);
  va_end(ap);
}

void
nax_i_page_heading(nax_i_page *p, const char *text)
{
  if (p == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_NONE);
  nax_i_buf_puts(&p->body, "<h3>");
  nax_i_xml(&p->body, text);
  nax_i_buf_puts(&p->body, "</h3>\n");
}

void
nax_i_page_note(nax_i_page *p, nax_severity severity, const char *id, const char *text)
{
  if (p == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_NOTES);
  nax_i_buf_printf(&p->body, "<li class=\"g%d\"><b>%s</b> ", (int)severity,
                   nax_severity_name(severity));
  nax_i_xml(&p->body, text);
  if (id != NULL && id[0] != '\0') {
    nax_i_buf_puts(&p->body, " <code>");
    nax_i_xml(&p->body, id);
    nax_i_buf_puts(&p->body, "</code>");
  }
  nax_i_buf_puts(&p->body, "</li>\n");
}

void
nax_i_page_tile(nax_i_page *p, const char *value, const char *what)
{
  if (p == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_TILES);
  nax_i_buf_puts(&p->body, "<li><b>");
  nax_i_xml(&p->body, value);
  nax_i_buf_puts(&p->body, "</b> <span>");
  nax_i_xml(&p->body, what);
  nax_i_buf_puts(&p->body, "</span></li>\n");
}

void
nax_i_page_fact(nax_i_page *p, const char *name, const char *fmt, ...)
{
  if (p == NULL) {
    return;
  }
  va_list ap;
  va_start(ap, fmt);
  enter(p, NAX_I_GROUP_FACTS);
  nax_i_buf_puts(&p->body, "<dt>");
  nax_i_xml(&p->body, name);
  nax_i_buf_puts(&p->body, "</dt>");
  element(p, "<dd>", "</dd>\n", fmt, ap);
  va_end(ap);
}

void
nax_i_page_options(nax_i_page *p, const nax_opt_table *table, const void *opts)
{
  for (int32_t i = 0; i < table->n_opts; i++) {
    char value[256];
    nax_options_format(table, opts, i, value, sizeof value);
    nax_i_page_fact(p, table->opts[i].name, "%s",
                    value[0] == '\0'            ? "none"
                    : strcmp(value, "NaN") == 0 ? "by the data"
                                                : value);
  }
}

void
nax_i_page_code(nax_i_page *p, const char *text)
{
  if (p == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_NONE);
  nax_i_buf_puts(&p->body, "<pre>");
  for (const char *line = text; *line != '\0';) {
    size_t n = strcspn(line, "\n");
    char *copy = nax_i_strndup(line, n);
    p->failed = p->failed || copy == NULL;
    nax_i_xml(&p->body, copy);
    nax_i_free(copy);
    line += n;
    if (*line == '\n') {
      nax_i_buf_puts(&p->body, "\n");
      line++;
    }
  }
  nax_i_buf_puts(&p->body, "</pre>\n");
}

/* ----------------------------------------------------------------------- tables */

static int
into_buf(const char *text, size_t n, void *user)
{
  nax_i_buf_add(user, text, n);
  return ((nax_i_buf *)user)->failed;
}

/* The table as CSV, kept for the folder of figures; NULL when that failed. */
static const nax_i_buf *
keep_csv(nax_i_page *p, const char *id, const nax_table *t)
{
  nax_i_file *files = nax_i_realloc(p->files, (size_t)p->n_files + 1, sizeof *files);
  if (files == NULL) {
    p->failed = 1;
    return NULL;
  }
  p->files = files;
  nax_i_file *file = &files[p->n_files];
  *file = (nax_i_file){nax_i_strdup(id), {0}};
  p->n_files++;
  nax_i_buf_add(&file->csv, "", 0);
  if (file->id == NULL ||
      nax_format_table(NULL, t, ',', into_buf, &file->csv) != NAX_OK ||
      file->csv.failed) {
    p->failed = 1;
    return NULL;
  }
  return &file->csv;
}

/* A link that saves the CSV; the bytes are in the page itself. */
static void
csv_link(nax_i_page *p, const char *id, const nax_i_buf *csv, size_t most)
{
  if (csv == NULL || csv->len > most) {
    return;
  }
  nax_i_buf_printf(&p->body,
                   "<a class=\"csv\" download=\"%s.csv\" "
                   "href=\"data:text/csv;charset=utf-8;base64,",
                   id);
  nax_i_base64(&p->body, (const unsigned char *)csv->data, csv->len);
  nax_i_buf_puts(&p->body, "\">CSV</a>");
}

static void
table_head(nax_i_buf *b, const nax_table *t, int32_t columns)
{
  nax_i_buf_puts(b, "<thead><tr>");
  for (int32_t j = 0; j < columns; j++) {
    const char *unit = nax_table_column_unit(t, j);
    nax_i_buf_puts(b, nax_table_column_dtype(t, j) == NAX_F64
                          ? "<th scope=\"col\" class=\"n\">"
                          : "<th scope=\"col\">");
    nax_i_xml(b, nax_table_column_name(t, j));
    if (unit[0] != '\0' && strcmp(unit, "1") != 0) {
      nax_i_buf_puts(b, " <small>");
      nax_i_xml(b, unit);
      nax_i_buf_puts(b, "</small>");
    }
    nax_i_buf_puts(b, "</th>");
  }
  nax_i_buf_puts(b, "</tr></thead>\n");
}

static void
table_rows(nax_i_buf *b, const nax_table *t, nax_index rows, int32_t columns,
           const int *marks)
{
  char text[48];
  for (nax_index i = 0; i < rows; i++) {
    if (marks != NULL && marks[i] > 0) {
      nax_i_buf_printf(b, "<tr class=\"g%d\">", marks[i]);
    } else {
      nax_i_buf_puts(b, "<tr>");
    }
    for (int32_t j = 0; j < columns; j++) {
      const double *x = nax_table_numbers(t, j);
      if (x != NULL) {
        nax_i_human(text, x[i], 4);
        nax_i_buf_puts(b, "<td class=\"n\">");
        nax_i_buf_puts(b, text);
      } else {
        nax_i_buf_puts(b, "<td>");
        nax_i_xml(b, nax_table_text(t, j)[i]);
      }
      nax_i_buf_puts(b, "</td>");
    }
    nax_i_buf_puts(b, "</tr>\n");
  }
}

/* HTML of the rows, with a note on those that are not shown. */
static void
table_body(nax_i_page *p, const nax_table *t, const char *class_name, nax_index max_rows,
           const int *marks)
{
  nax_i_buf *b = &p->body;
  enum { MAX_COLUMNS = 24 };
  nax_index n = nax_table_n_rows(t), shown = n < max_rows ? n : max_rows;
  int32_t all = nax_table_n_columns(t), columns = all < MAX_COLUMNS ? all : MAX_COLUMNS;
  nax_i_buf_printf(b, "<div class=\"scroll\" tabindex=\"0\"><table%s>\n", class_name);
  table_head(b, t, columns);
  nax_i_buf_puts(b, "<tbody>\n");
  table_rows(b, t, shown, columns, marks);
  nax_i_buf_puts(b, "</tbody></table></div>\n");
  if (columns < all) {
    nax_i_buf_printf(b, "<p class=\"small\">The first %d of %d columns.</p>\n",
                     (int)columns, (int)all);
  }
  if (shown < n) {
    nax_i_buf_printf(b, "<p class=\"small\">The first %lld of %lld rows.</p>\n",
                     (long long)shown, (long long)n);
  }
}

void
nax_i_page_table(nax_i_page *p, const char *id, const char *caption, const nax_table *t,
                 int sortable, nax_index max_rows, const int *marks)
{
  if (p == NULL || t == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_NONE);
  nax_i_buf_printf(&p->body, "<div class=\"table\" id=\"%s\"><p class=\"cap\"><span>",
                   id);
  nax_i_xml(&p->body, caption);
  nax_i_buf_puts(&p->body, "</span> ");
  csv_link(p, id, keep_csv(p, id, t), 600000);
  nax_i_buf_puts(&p->body, "</p>\n");
  table_body(p, t, sortable ? " class=\"sort\"" : "", max_rows ? max_rows : 2000, marks);
  nax_i_buf_puts(&p->body, "</div>\n");
}

void
nax_i_page_details(nax_i_page *p, const char *summary, const nax_table *t,
                   nax_index max_rows)
{
  if (p == NULL || t == NULL) {
    return;
  }
  enter(p, NAX_I_GROUP_NONE);
  nax_i_buf_puts(&p->body, "<details><summary>");
  nax_i_xml(&p->body, summary);
  nax_i_buf_puts(&p->body, "</summary>\n");
  table_body(p, t, "", max_rows ? max_rows : 200, NULL);
  nax_i_buf_puts(&p->body, "</details>\n");
}

/* ---------------------------------------------------------------------- figures */

static void
say_notes(nax_i_buf *b, const nax_i_fig *f)
{
  static const struct {
    unsigned bit;
    const char *text;
  } note[] = {
      {NAX_I_NOTE_MINMAX, " Long lines are drawn as minimum and maximum per half pixel."},
      {NAX_I_NOTE_STRIDE, " Long paths are drawn through every k-th point."},
      {NAX_I_NOTE_MARKS, " Marks are drawn as an image, darker where more coincide."},
      {NAX_I_NOTE_MEAN, " Cells smaller than a pixel are drawn as means."},
  };
  for (size_t i = 0; i < sizeof note / sizeof note[0]; i++) {
    if (f->notes & note[i].bit) {
      nax_i_buf_puts(b, note[i].text);
    }
  }
  if (f->levels > 0) {
    nax_i_buf_printf(b, " Drawn in %d colour levels.", f->levels);
  }
}

void
nax_i_page_figure(nax_i_page *p, nax_i_fig *f)
{
  enum { ROWS = 60, CSV_BYTES = 40000 };
  if (p == NULL) {
    nax_i_fig_free(f);
    return;
  }
  nax_i_fig **figs = nax_i_realloc(p->figs, (size_t)p->n_figs + 1, sizeof *figs);
  if (figs == NULL || f == NULL) {
    p->failed = 1;
    p->figs = figs != NULL ? figs : p->figs;
    nax_i_fig_free(f);
    return;
  }
  p->figs = figs;
  figs[p->n_figs++] = f;
  p->failed =
      p->failed || f->failed || f->svg.failed || f->caption.failed || f->desc.failed;
  enter(p, NAX_I_GROUP_FIGS);
  nax_i_buf *b = &p->body;
  nax_i_buf_printf(b, "<figure class=\"%s\" id=\"%s\">\n",
                   f->width < 0.75 * NAX_I_FIG_WIDE ? "half" : "wide", f->id);
  nax_i_fig_svg(f, 0, b);
  nax_i_buf_printf(b, "<figcaption><p><b>Figure %d. ", p->n_figs);
  nax_i_xml(b, f->title);
  nax_i_buf_puts(b, ".</b> ");
  nax_i_xml(b, f->caption.data);
  say_notes(b, f);
  nax_i_buf_puts(b, "</p>\n");
  if (f->numbers != NULL) {
    const nax_i_buf *csv = keep_csv(p, f->id, f->numbers);
    nax_i_buf_puts(b, "<details><summary>Numbers</summary>\n");
    if (csv != NULL && csv->len <= CSV_BYTES) {
      nax_i_buf_puts(b, "<p class=\"small\">All rows: ");
      csv_link(p, f->id, csv, CSV_BYTES);
      nax_i_buf_puts(b, "</p>\n");
    }
    table_body(p, f->shown != NULL ? f->shown : f->numbers, "", ROWS, NULL);
    nax_i_buf_puts(b, "</details>\n");
  }
  nax_i_buf_puts(b, "</figcaption></figure>\n");
}
