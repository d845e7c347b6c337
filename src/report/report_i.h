/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures and the page: the one drawing layer that every method's report uses.
 *
 * A figure is built by calls that cannot fail visibly: what goes wrong (memory) is kept
 * in it and told once, when the page is written. A page takes figures, tables and texts
 * in order. Everything that comes from a file is escaped here, so callers pass labels as
 * they are. The same calls give the same bytes: no times, no addresses, no locale. */
#ifndef NAX_REPORT_I_H
#define NAX_REPORT_I_H
#include "io/io_i.h"
#include <neuraxis/ntf.h>
#include <neuraxis/report.h>
#include <neuraxis/stats.h>

/* --- colours (palette.c) ---------------------------------------------------------- */

/* Categories 0-7 after Okabe and Ito, ordered so that the first are furthest apart; they
 * are CSS classes s0..s7 (stroke) and f0..f7 (fill), so that dark mode can lighten them.
 * NAX_I_INK is the colour of text, NAX_I_MUTED of what stands back. */
enum { NAX_I_N_CATEGORIES = 8, NAX_I_INK = 8, NAX_I_MUTED = 9 };

typedef enum nax_i_map {
  NAX_I_MAP_VIRIDIS = 1, /* magnitudes */
  NAX_I_MAP_DIVERGING,   /* signed values, 0 in the middle, equally dark at both ends */
  NAX_I_MAP_INK          /* transparent to ink, follows dark mode */
} nax_i_map;

/* Colour at t in [0, 1]. */
void nax_i_map_rgb(nax_i_map map, double t, unsigned char rgb[3]);

/* Style sheet of the drawings. `variables` 1: colours are CSS variables, which the page
 * sets for light and dark; 0: literal light colours, for SVG files of their own. */
void nax_i_svg_css(nax_i_buf *b, int variables);
/* The variables themselves, ":root{...}" and the dark set. */
void nax_i_css_variables(nax_i_buf *b);

/* --- pieces of markup (svg.c) ------------------------------------------------------- */

/* Text with < > & " ' escaped, control characters and bytes that are not UTF-8 replaced.
 */
void nax_i_xml(nax_i_buf *b, const char *text);
/* A number with at most two decimals and no trailing zeros; 0 when it is not finite. */
void nax_i_num(nax_i_buf *b, double x);
/* " name='x'" */
void nax_i_num_attr(nax_i_buf *b, const char *name, double x);
void nax_i_base64(nax_i_buf *b, const unsigned char *data, size_t n);

/* A number for readers: `digits` significant digits, powers of ten only where they are
 * needed, a real minus sign, an en dash for NaN. */
void nax_i_human(char buf[48], double x, int digits);
/* "Time (s)", or "Time" without unit. */
void nax_i_label(char *buf, size_t size, const char *label, const char *unit);

/* --- PNG (png.c) -------------------------------------------------------------------- */

/* Paletted PNG of w x h indices below n_colours (at most 256), rows from the top; rgba
 * has 4 bytes per colour. Appended to `out`. 0 when memory ran out. */
int nax_i_png(nax_i_buf *out, nax_index w, nax_index h, const unsigned char *index,
              int n_colours, const unsigned char *rgba);

/* --- figures (figure.c) ------------------------------------------------------------ */

enum {
  NAX_I_FIG_WIDE = 860,   /* width of a figure that fills the column */
  NAX_I_FIG_HALF = 424,   /* two of them stand side by side */
  NAX_I_MAX_MARKS = 20000 /* more are drawn into a PNG */
};

typedef struct nax_i_fig {
  char *id; /* [a-z0-9-], unique in the page: anchor and file name */
  char *title;
  nax_i_buf svg;     /* what is inside <svg> */
  nax_i_buf desc;    /* the picture in words */
  nax_i_buf caption; /* plain text */
  double width, height;
  nax_table *numbers; /* behind the picture: CSV file and <details> */
  nax_table *shown;   /* a shorter table for <details>, or NULL */
  unsigned notes;     /* NAX_I_NOTE_... */
  int levels;         /* fewest colour levels an image was reduced to, 0: none */
  int failed;
} nax_i_fig;

enum {
  NAX_I_NOTE_MINMAX = 1, /* lines: minimum and maximum per pixel column */
  NAX_I_NOTE_STRIDE = 2, /* paths that are not functions of x: every k-th point */
  NAX_I_NOTE_MARKS = 4,  /* marks as an image */
  NAX_I_NOTE_MEAN = 8    /* image: means of neighbouring cells */
};

/* New figure, or NULL when out of memory (nax_i_page_figure takes NULL and remembers). */
nax_i_fig *nax_i_fig_new(const char *id, double width, double height, const char *title);
void nax_i_fig_free(nax_i_fig *f);
/* Append to the description for readers who cannot see the picture, or to the caption. */
void nax_i_fig_desc(nax_i_fig *f, const char *fmt, ...) NAX_PRINTF(2, 3);
void nax_i_fig_caption(nax_i_fig *f, const char *fmt, ...) NAX_PRINTF(2, 3);
/* Give the figure the table of its numbers (taken over, also when NULL). */
void nax_i_fig_numbers(nax_i_fig *f, nax_table *numbers);
void nax_i_fig_shown(nax_i_fig *f, nax_table *shown);
/* The numbers from columns; `values[j]` has n entries; NULL entries end the list. */
typedef struct nax_i_column {
  const char *name, *unit;
  const double *values;
} nax_i_column;
void nax_i_fig_columns(nax_i_fig *f, const char *dim, nax_index n,
                       const nax_i_column *columns, int n_columns);
/* The whole <svg> element; `alone` 1: a file of its own with style sheet. */
void nax_i_fig_svg(const nax_i_fig *f, int alone, nax_i_buf *out);

/* --- axes (axes.c) ----------------------------------------------------------------- */

typedef struct nax_i_side {
  double lo, hi;            /* data at the two ends; lo > hi turns the axis round */
  const char *label;        /* "Time" */
  const char *unit;         /* "s", or NULL */
  const char *const *names; /* categories at 0, 1, 2 ... instead of numbers */
  nax_index n_names;
  int log;      /* base-10 logarithm; lo and hi > 0 */
  int no_ticks; /* no tick labels (shared axis) */
  int integers; /* ticks at whole numbers only */
} nax_i_side;

typedef struct nax_i_axes {
  double left, top, width, height; /* the plot area in pixels */
  nax_i_side x, y;
  int grid;  /* faint horizontal lines at the y ticks */
  int boxed; /* all four sides (images); else left and bottom */
} nax_i_axes;

/* Range of n values with a margin, nice ends; ignores what is not finite; [0, 1] when
 * nothing is left. `zero` includes 0. */
void nax_i_range(nax_index n, const double *v, int zero, double *lo, double *hi);
/* Ticks at nice numbers inside [lo, hi], at most `max` of them (<= 16); returns how many,
 * and in *step their distance (0 on a logarithmic axis). */
int nax_i_ticks(double lo, double hi, int log, int max, int integers, double *tick,
                double *step);
/* Text of a tick whose neighbours are `step` away. */
void nax_i_tick_text(char buf[48], double value, double step);
double nax_i_px(const nax_i_axes *a, double x);
double nax_i_py(const nax_i_axes *a, double y);
/* Plot area that leaves room for tick labels, axis labels and a legend row on top. */
nax_i_axes nax_i_axes_in(double x, double y, double width, double height);
/* Lines, ticks, labels. Draw it after the data of images, before other data. */
void nax_i_axes_draw(nax_i_fig *f, const nax_i_axes *a);

/* --- marks (marks.c, image.c, tree.c, polar.c) ------------------------------------- */

typedef struct nax_i_style {
  int colour;   /* category, NAX_I_INK or NAX_I_MUTED */
  int dash;     /* 0 solid, 1 dashed, 2 dotted, 3 dash-dot */
  int shape;    /* points: 0 disc, 1 square, 2 triangle, 3 diamond, 4 cross, 5 ring */
  double width; /* of lines (0: 1.5); radius of points (0: 3) */
  double alpha; /* 0: opaque */
} nax_i_style;

/* Line through the points; NaN breaks it. Long ones are decimated, with a note. */
void nax_i_add_line(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                    const double *y, nax_i_style s);
/* Area between two curves. */
void nax_i_add_band(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                    const double *lo, const double *hi, nax_i_style s);
/* Points; `tip` (may be NULL) has a label each, shown on hovering when there are few. */
void nax_i_add_points(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                      const double *y, const char *const *tip, nax_i_style s);
/* Whiskers from lo to hi at x. */
void nax_i_add_whiskers(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                        const double *lo, const double *hi, nax_i_style s);
/* Bars from `base` to y over [edge[i], edge[i+1]]; `gap` of each width stays free. */
void nax_i_add_bars(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *edges,
                    const double *y, double base, double gap, nax_i_style s);
/* Horizontal or vertical rule through the plot area, with an optional label. */
void nax_i_add_vline(nax_i_fig *f, const nax_i_axes *a, double x, const char *label,
                     nax_i_style s);
void nax_i_add_hline(nax_i_fig *f, const nax_i_axes *a, double y, const char *label,
                     nax_i_style s);
/* Shaded interval of x over the full height. */
void nax_i_add_span(nax_i_fig *f, const nax_i_axes *a, double x0, double x1,
                    nax_i_style s);
/* Small triangles on the top edge at n positions: events. Many become a thin image. */
void nax_i_add_events(nax_i_fig *f, const nax_i_axes *a, nax_index n, const double *x,
                      nax_i_style s);
/* Text at a pixel; anchor -1 left, 0 middle, 1 right. Class "t" (small), "h" (bold). */
void nax_i_add_text(nax_i_fig *f, double x, double y, int anchor, const char *class_name,
                    const char *text);
/* Row of legend entries above the plot area, from the right. */
typedef struct nax_i_key {
  const char *text;
  nax_i_style style;
  int kind; /* 0 line, 1 point, 2 area */
} nax_i_key;
void nax_i_add_legend(nax_i_fig *f, const nax_i_axes *a, int n, const nax_i_key *keys);

/* Spike raster: row r holds times[offsets[u]..offsets[u+1]) of unit u = order[r] (NULL:
 * u = r), row 0 at the top of a y axis from -0.5 to n_rows - 0.5. */
void nax_i_add_raster(nax_i_fig *f, const nax_i_axes *a, nax_index n_rows,
                      const nax_index *order, const nax_index *offsets,
                      const double *times);

/* Matrix with value (i, j) at v[i * row_stride + j * col_stride] filling the plot area,
 * row 0 at the top, column 0 at the left; values beyond [lo, hi] saturate, NaN shows as
 * a pattern of its own. Large ones are drawn as means of cells, and with fewer colour
 * levels, to keep within `bytes` (0: 300 kB). */
void nax_i_add_image(nax_i_fig *f, const nax_i_axes *a, nax_index rows, nax_index cols,
                     const double *v, nax_index row_stride, nax_index col_stride,
                     nax_i_map map, double lo, double hi, size_t bytes);
/* Colour bar to the right of the plot area (needs about 70 pixels). */
void nax_i_add_colourbar(nax_i_fig *f, const nax_i_axes *a, nax_i_map map, double lo,
                         double hi, const char *label, const char *unit);
/* Limits of a colour scale: the p-th and (100 - p)-th percentile of the finite values;
 * symmetric about 0 when `symmetric`. [0, 1] when nothing is finite. 0: out of memory. */
int nax_i_colour_limits(nax_index n, const double *v, double p, int symmetric, double *lo,
                        double *hi);

/* Dendrogram in a rectangle, root at its left edge, leaves at its right edge from the top
 * in the given order; n - 1 merges as from nax_stats_cluster. */
void nax_i_add_dendrogram(nax_i_fig *f, double x, double y, double w, double h,
                          nax_index n, const nax_merge *merges, const nax_index *order,
                          nax_i_style s);

/* Polar plot: circles and spokes, then points at angle (radians, 0 right, anticlockwise)
 * and radius 0..r_max; and an arrow from the centre. */
typedef struct nax_i_polar {
  double cx, cy, radius; /* pixels */
  double r_max;          /* data at the outer circle */
  const char *unit;
} nax_i_polar;
void nax_i_polar_draw(nax_i_fig *f, const nax_i_polar *p);
void nax_i_polar_points(nax_i_fig *f, const nax_i_polar *p, nax_index n,
                        const double *angle, const double *r, const char *const *tip,
                        nax_i_style s);
void nax_i_polar_arrow(nax_i_fig *f, const nax_i_polar *p, double angle, double r,
                       nax_i_style s);

/* --- the page (html.c, page.c) ----------------------------------------------------- */

typedef struct nax_i_page nax_i_page;

/* Page with a title and one line under it; NULL when out of memory. */
nax_i_page *nax_i_page_new(const char *title, const char *subtitle);
void nax_i_page_free(nax_i_page *p);
/* Start a section; `id` is its anchor. Sections make the table of contents. */
void nax_i_page_section(nax_i_page *p, const char *id, const char *heading);
void nax_i_page_text(nax_i_page *p, const char *fmt, ...) NAX_PRINTF(2, 3);
/* The sentence that stands out under the title or a heading. */
void nax_i_page_lead(nax_i_page *p, const char *fmt, ...) NAX_PRINTF(2, 3);
/* One graded note. */
void nax_i_page_note(nax_i_page *p, nax_severity severity, const char *id,
                     const char *text);
/* Big figures in a row: value with unit, and what it is. */
void nax_i_page_tile(nax_i_page *p, const char *value, const char *what);
/* Rows of a list of facts; rows that follow each other form one list. */
void nax_i_page_fact(nax_i_page *p, const char *name, const char *fmt, ...)
    NAX_PRINTF(3, 4);
/* All settings of a table as facts. */
void nax_i_page_options(nax_i_page *p, const nax_opt_table *table, const void *opts);
/* Text to be copied, as it is. */
void nax_i_page_code(nax_i_page *p, const char *text);
/* A sub-heading inside a section. */
void nax_i_page_heading(nax_i_page *p, const char *text);

/* Take over a figure and number it. Figures of half width that follow each other stand
 * side by side. */
void nax_i_page_figure(nax_i_page *p, nax_i_fig *f);

/* A table with caption; `sortable` by the page's small script (without it, it is complete
 * in its order); more than `max_rows` (0: 2000) are cut with a note. `id` names the CSV
 * file. `marks` (may be NULL) has one severity per row, 0 for none. */
void nax_i_page_table(nax_i_page *p, const char *id, const char *caption,
                      const nax_table *t, int sortable, nax_index max_rows,
                      const int *marks);
/* The same behind a <details> line. */
void nax_i_page_details(nax_i_page *p, const char *summary, const nax_table *t,
                        nax_index max_rows);

/* What a table of nax_ntf_select says: the choice in words, error and agreement against
 * rank, the rank that is `used` marked. */
nax_status nax_i_rank_section(nax_ctx *ctx, nax_i_page *page, const nax_table *ranks,
                              const nax_ntf_selection *chosen, int64_t used);

/* The whole page as HTML. */
nax_status nax_i_page_html(nax_ctx *ctx, const char *fn, const nax_i_page *p,
                           nax_i_buf *out);
/* Write it to a file, atomically; with figures_dir also each figure as ID.svg and its
 * numbers, and each table, as ID.csv into that folder (made when missing). */
nax_status nax_i_page_write(nax_ctx *ctx, const char *fn, const nax_i_page *p,
                            const char *path, const char *figures_dir, int force);
/* The same after a section on how to reproduce the page, when a command is known. */
nax_status nax_i_page_finish(nax_ctx *ctx, const char *fn, nax_i_page *p,
                             const nax_report_opts *o, const char *path);
/* The page's script, and the base64 SHA-256 of it that the page's policy allows. */
extern const char nax_i_page_script[];
extern const char nax_i_page_script_hash[];

#endif
