/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawing layer: escaping, ticks, every kind of figure, the page. Set NAX_TEST_KEEP
 * to a folder to look at the page of all kinds that these tests make. */
#include "nax_test.h"
#include "report/report_i.h"
#include <sys/wait.h>

/* ---- helpers -------------------------------------------------------------------- */

/* Runs `before PATH after` in a shell; its exit status. */
static int
run(const char *before, const char *path, const char *after)
{
  char command[8400];
  snprintf(command, sizeof command, "%s '%s' %s", before, path, after);
  int rc = system(command); /* NOLINT(cert-env33-c) */
  return rc < 0 ? -1 : WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

static int
have(const char *tool)
{
  int yes = run("command -v", tool, ">/dev/null 2>&1") == 0;
  if (!yes) {
    print_message("# %s is not here\n", tool);
  }
  return yes;
}

/* Well-formed as XML, by xmllint when it is there. */
static void
assert_xml(const char *path)
{
  if (have("xmllint")) {
    assert_int_equal(run("xmllint --noout --nonet", path, ""), 0);
  }
}

static char *
read_all(const char *path, size_t *n)
{
  char *data = NULL;
  assert_ok(nax_i_read_file(NULL, path, (size_t)1 << 30, &data, n));
  return data;
}

static void
fill_normal(double *x, nax_index n, uint64_t seed)
{
  for (nax_index i = 0; i < n; i++) {
    double s = 0.0;
    for (int k = 0; k < 12; k++) {
      s += nax_t_uniform(&seed);
    }
    x[i] = s - 6.0;
  }
}

/* ---- text and numbers ------------------------------------------------------------- */

static void
labels_from_files_are_escaped(void **state)
{
  (void)state;
  static const struct {
    const char *in, *out;
  } row[] = {
      {"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
      {"a & b \"c\"", "a &amp; b &quot;c&quot;"},
      {"tab\tline\nret\r", "tab line ret "},
      {"bell\a null\x01 del\x7f", "bell? null? del?"},
      {"\xc3\xa9t\xc3\xa9 \xe2\x88\x86"
       "F/F \xf0\x9f\xa7\xa0",
       "\xc3\xa9t\xc3\xa9 \xe2\x88\x86"
       "F/F \xf0\x9f\xa7\xa0"},
      {"bad \xff\xfe, cut \xe2\x88", "bad ??, cut ??"},
      {"overlong \xc0\xbc script", "overlong ?? script"},
      {"surrogate \xed\xa0\x80", "surrogate ???"},
      {"c1 \xc2\x85 turn \xe2\x80\xaegnp", "c1 ?? turn ???gnp"},
      {"non \xef\xbf\xbe", "non ???"},
      {NULL, ""},
  };
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    nax_i_buf b = {0};
    nax_i_buf_add(&b, "", 0);
    nax_i_xml(&b, row[i].in);
    assert_string_equal(b.data, row[i].out);
    nax_i_buf_free(&b);
  }
}

static void
numbers_are_short_and_free_of_locale(void **state)
{
  (void)state;
  static const struct {
    double x;
    const char *text;
  } row[] = {
      {0.0, "0"},     {-0.001, "0"},    {1.0, "1"},     {0.5, "0.5"},
      {0.05, "0.05"}, {-2.25, "-2.25"}, {12.999, "13"}, {1234567.891, "1234567.89"},
      {NAN, "0"},     {INFINITY, "0"},  {1e300, "0"}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    nax_i_buf b = {0};
    nax_i_num(&b, row[i].x);
    assert_string_equal(b.data, row[i].text);
    nax_i_buf_free(&b);
  }
  static const struct {
    double x;
    int digits;
    const char *text;
  } human[] = {
      {0.0, 4, "0"},
      {1.0, 4, "1"},
      {-1.5, 4,
       "\xe2\x88\x92"
       "1.5"},
      {0.92834, 4, "0.9283"},
      {123456.0, 4, "123456"},
      {9.99996, 4, "10"},
      {1e-7, 4, "1e-7"},
      {-2.5e9, 3,
       "\xe2\x88\x92"
       "2.5e9"},
      {NAN, 4, "\xe2\x80\x93"},
      {-INFINITY, 4, "\xe2\x88\x92\xe2\x88\x9e"},
      {0.00012345, 3, "0.000123"},
  };
  for (size_t i = 0; i < sizeof human / sizeof human[0]; i++) {
    char text[48];
    nax_i_human(text, human[i].x, human[i].digits);
    assert_string_equal(text, human[i].text);
  }
}

static void
base64_has_the_published_vectors(void **state)
{
  (void)state;
  static const char *const in[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
  static const char *const out[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                    "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (int i = 0; i < 7; i++) {
    nax_i_buf b = {0};
    nax_i_buf_add(&b, "", 0);
    nax_i_base64(&b, (const unsigned char *)in[i], strlen(in[i]));
    assert_string_equal(b.data, out[i]);
    nax_i_buf_free(&b);
  }
}

static void
ticks_are_nice_and_inside(void **state)
{
  (void)state;
  uint64_t seed = 11;
  for (int trial = 0; trial < 3000; trial++) {
    double scale = pow(10.0, 24.0 * nax_t_uniform(&seed) - 12.0);
    double lo = scale * (nax_t_uniform(&seed) - 0.5),
           hi = lo + scale * (0.01 + nax_t_uniform(&seed));
    int max = 2 + (int)(8.0 * nax_t_uniform(&seed));
    double tick[16], step;
    int n = nax_i_ticks(lo, hi, 0, max, 0, tick, &step);
    assert_in_range(n, 1, max + 3);
    double mantissa = step / pow(10.0, floor(log10(step) + 1e-9));
    assert_true(fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 ||
                fabs(mantissa - 5) < 1e-6);
    for (int i = 0; i < n; i++) {
      assert_true(tick[i] >= lo - 1e-5 * step && tick[i] <= hi + 1e-5 * step);
      char text[48];
      nax_i_tick_text(text, tick[i], step);
      assert_true(strlen(text) > 0 && strlen(text) < 20);
    }
  }
  double tick[16], step;
  assert_int_equal(nax_i_ticks(0.1, 1000.0, 1, 6, 0, tick, &step), 5);
  assert_close(tick[4], 1000.0, 1e-12, 0);
  assert_int_equal(nax_i_ticks(1.0, 30.0, 1, 8, 0, tick, &step), 5); /* 1 2 5 10 20 */
  assert_int_equal(nax_i_ticks(5.0, 5.0, 0, 6, 0, tick, &step), 0);
  assert_int_equal(nax_i_ticks(NAN, 1.0, 0, 6, 0, tick, &step), 0);
  nax_i_tick_text((char[48]){0}, 0.1, 0.1);
}

static void
ranges_hold_their_data(void **state)
{
  (void)state;
  double lo, hi, v[] = {3.0, NAN, 7.2, -INFINITY, 4.0};
  nax_i_range(5, v, 0, &lo, &hi);
  assert_true(lo <= 3.0 && lo > 2.0 && hi >= 7.2 && hi < 8.5);
  nax_i_range(5, v, 1, &lo, &hi);
  assert_close(lo, 0.0, 0, 0);
  nax_i_range(2, (double[]){NAN, NAN}, 0, &lo, &hi);
  assert_true(lo == 0.0 && hi == 1.0);
  nax_i_range(2, (double[]){5.0, 5.0}, 0, &lo, &hi);
  assert_true(lo < 5.0 && hi > 5.0);
  nax_i_range(0, NULL, 0, &lo, &hi);
  assert_true(lo < hi);
}

/* --- colours ----------------------------------------------------------------------- */

/* Relative luminance (WCAG). */
static double
luminance(const unsigned char c[3])
{
  double l = 0.0;
  static const double weight[] = {0.2126, 0.7152, 0.0722};
  for (int k = 0; k < 3; k++) {
    double s = c[k] / 255.0;
    l += weight[k] * (s <= 0.03928 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4));
  }
  return l;
}

static void
maps_have_even_lightness(void **state)
{
  (void)state;
  double last = -1.0;
  for (int i = 0; i <= 100; i++) {
    unsigned char c[3], d[3];
    nax_i_map_rgb(NAX_I_MAP_VIRIDIS, i / 100.0, c);
    assert_true(luminance(c) > last - 1e-3);
    last = luminance(c);
    nax_i_map_rgb(NAX_I_MAP_DIVERGING, i / 100.0, c);
    nax_i_map_rgb(NAX_I_MAP_DIVERGING, 1.0 - i / 100.0, d);
    assert_true(fabs(cbrt(luminance(c)) - cbrt(luminance(d))) < 0.06);
  }
  unsigned char middle[3];
  nax_i_map_rgb(NAX_I_MAP_DIVERGING, 0.5, middle);
  assert_true(luminance(middle) > 0.85);
}

/* Text colours of the page against its backgrounds. */
static void
text_stands_out_in_light_and_dark(void **state)
{
  (void)state;
  nax_i_buf b = {0};
  nax_i_css_variables(&b);
  static const char *const text[] = {
      "--ink:", "--muted:", "--link:", "--bad:", "--warn:"};
  static const char *const ground[] = {"--bg:", "--panel:"};
  const char *mode = b.data;
  for (int m = 0; m < 2; m++) {
    mode = strstr(m == 0 ? mode : strstr(mode, "dark){"), ":root{");
    assert_non_null(mode);
    for (int i = 0; i < 5; i++) {
      for (int g = 0; g < 2; g++) {
        unsigned int c[3], e[3];
        assert_int_equal(sscanf(strstr(mode, text[i]) + strlen(text[i]), "#%2x%2x%2x",
                                &c[0], &c[1], &c[2]),
                         3);
        assert_int_equal(sscanf(strstr(mode, ground[g]) + strlen(ground[g]), "#%2x%2x%2x",
                                &e[0], &e[1], &e[2]),
                         3);
        unsigned char p[3], q[3];
        for (int k = 0; k < 3; k++) {
          p[k] = (unsigned char)c[k];
          q[k] = (unsigned char)e[k];
        }
        double x = luminance(p), y = luminance(q);
        double contrast = (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
        if (contrast < 4.5) {
          fail_msg("%s on %s in mode %d: %.2f", text[i], ground[g], m, contrast);
        }
      }
    }
  }
  nax_i_buf_free(&b);
}

/* --- figures ----------------------------------------------------------------------- */

static nax_i_axes
axes_for(double width, double height, double x0, double x1, double y0, double y1)
{
  nax_i_axes a = nax_i_axes_in(0, 0, width, height);
  a.x = (nax_i_side){.lo = x0, .hi = x1, .label = "Time", .unit = "s"};
  a.y = (nax_i_side){.lo = y0, .hi = y1, .label = "Value <&>", .unit = "dF/F"};
  return a;
}

static void
lines_keep_every_peak_when_decimated(void **state)
{
  (void)state;
  enum { N = 400000 };
  double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
  fill_normal(y, N, 3);
  for (int i = 0; i < N; i++) {
    x[i] = i / 30.0;
  }
  y[123456] = 50.0; /* one sample */
  y[300001] = -40.0;
  nax_i_fig *f = nax_i_fig_new("line", 860, 240, "Line");
  nax_i_axes a = axes_for(860, 240, 0, N / 30.0, -60, 60);
  nax_i_add_line(f, &a, N, x, y, (nax_i_style){0});
  assert_true(f->notes & NAX_I_NOTE_MINMAX);
  assert_true(f->svg.len < 100000);
  nax_i_buf want = {0};
  nax_i_buf_puts(&want, " ");
  nax_i_num(&want, nax_i_py(&a, 50.0));
  assert_non_null(strstr(f->svg.data, want.data));
  want.len = 1;
  nax_i_num(&want, nax_i_py(&a, -40.0));
  assert_non_null(strstr(f->svg.data, want.data));
  nax_i_buf_free(&want);
  nax_i_fig_free(f);
  free(x);
  free(y);
}

static void
missing_values_break_lines(void **state)
{
  (void)state;
  double x[] = {0, 1, 2, 3, 4, 5}, y[] = {1, 2, NAN, 3, NAN, 4};
  nax_i_fig *f = nax_i_fig_new("gap", 424, 200, "Gap");
  nax_i_axes a = axes_for(424, 200, 0, 5, 0, 5);
  nax_i_add_line(f, &a, 6, x, y, (nax_i_style){0});
  int moves = 0;
  for (const char *p = strstr(f->svg.data, "d=\""); *p != '\0'; p++) {
    moves += *p == 'M';
  }
  assert_int_equal(moves, 3);
  nax_i_fig_free(f);
}

/* The PNG inside an SVG, decoded by hand as far as its head. */
static void
image_size(const nax_i_fig *f, int *w, int *h)
{
  const char *p = strstr(f->svg.data, "base64,");
  assert_non_null(p);
  p += 7;
  unsigned char raw[36];
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < 12; i++) {
    uint32_t v = 0;
    for (int k = 0; k < 4; k++) {
      v = v << 6 | (uint32_t)(strchr(digits, p[4 * i + k]) - digits);
    }
    raw[3 * i] = (unsigned char)(v >> 16);
    raw[3 * i + 1] = (unsigned char)(v >> 8);
    raw[3 * i + 2] = (unsigned char)v;
  }
  assert_memory_equal(raw, "\x89PNG\r\n\x1a\n", 8);
  *w = raw[16] << 24 | raw[17] << 16 | raw[18] << 8 | raw[19];
  *h = raw[20] << 24 | raw[21] << 16 | raw[22] << 8 | raw[23];
}

static void
images_keep_their_cells_or_say_that_they_are_means(void **state)
{
  (void)state;
  enum { R = 1500, C = 4000 };
  double *v = calloc((size_t)R * C, sizeof *v), small[12];
  fill_normal(v, (nax_index)R * C, 5);
  fill_normal(small, 12, 6);
  int w, h;
  nax_i_axes a = axes_for(860, 400, 0, 1, 0, 1);
  nax_i_fig *f = nax_i_fig_new("im", 860, 400, "Image");
  nax_i_add_image(f, &a, R, C, v, 1, R, NAX_I_MAP_VIRIDIS, -2, 2, 0);
  image_size(f, &w, &h);
  assert_true(w < C && h < R);
  assert_true(f->notes & NAX_I_NOTE_MEAN);
  assert_true(f->levels > 0);
  assert_true(f->svg.len < 305000);
  nax_i_fig_free(f);
  f = nax_i_fig_new("im2", 860, 400, "Image");
  nax_i_add_image(f, &a, 3, 4, small, 1, 3, NAX_I_MAP_DIVERGING, -2, 2, 0);
  image_size(f, &w, &h);
  assert_true(w == 4 && h == 3 && !(f->notes & NAX_I_NOTE_MEAN) && f->levels == 0);
  assert_non_null(strstr(f->svg.data, "class=\"px\""));
  nax_i_fig_free(f);
  free(v);
}

static void
colour_limits_are_percentiles(void **state)
{
  (void)state;
  double v[1001], lo, hi;
  for (int i = 0; i < 1001; i++) {
    v[i] = i;
  }
  assert_true(nax_i_colour_limits(1001, v, 1.0, 0, &lo, &hi));
  assert_close(lo, 10.0, 0, 0);
  assert_close(hi, 990.0, 0, 0);
  assert_true(nax_i_colour_limits(1001, v, 0.0, 1, &lo, &hi));
  assert_close(lo, -1000.0, 0, 0);
  assert_true(nax_i_colour_limits(2, (double[]){NAN, NAN}, 1.0, 0, &lo, &hi));
  assert_true(lo == 0.0 && hi == 1.0);
  assert_true(nax_i_colour_limits(2, (double[]){3.0, 3.0}, 1.0, 0, &lo, &hi));
  assert_true(lo == 3.0 && hi > lo);
}

static void
rasters_beyond_the_limit_become_images(void **state)
{
  (void)state;
  enum { U = 40, PER = 600 };
  double *t = calloc((size_t)U * PER, sizeof *t);
  nax_index offsets[U + 1], few[U + 1];
  uint64_t seed = 9;
  for (int u = 0; u <= U; u++) {
    offsets[u] = (nax_index)u * PER;
    few[u] = (nax_index)u * 50;
  }
  for (int i = 0; i < U * PER; i++) {
    t[i] = 100.0 * nax_t_uniform(&seed);
  }
  nax_i_axes a = axes_for(860, 300, 0, 100, U - 0.5, -0.5);
  nax_i_fig *f = nax_i_fig_new("r", 860, 300, "Raster");
  nax_i_add_raster(f, &a, U, NULL, offsets, t);
  assert_true(f->notes & NAX_I_NOTE_MARKS);
  assert_non_null(strstr(f->svg.data, "class=\"ink"));
  assert_true(f->svg.len < 300000);
  nax_i_fig_free(f);
  f = nax_i_fig_new("r", 860, 300, "Raster");
  nax_i_add_raster(f, &a, U, NULL, few, t);
  assert_false(f->notes & NAX_I_NOTE_MARKS);
  assert_null(strstr(f->svg.data, "<image"));
  int marks = 0;
  for (const char *p = f->svg.data; *p != '\0'; p++) {
    marks += *p == 'v';
  }
  assert_in_range(marks, U * 48, U * 50);
  nax_i_fig_free(f);
  free(t);
}

/* --- a page of everything ---------------------------------------------------------- */

static nax_table *
demo_table(void)
{
  nax_table *t = NULL;
  const char *name[] = {"cell 1", "<b>cell</b> 2", "cell 3", "cell 4"};
  assert_ok(nax_table_create(NULL, "neuron", 4, &t));
  assert_ok(nax_table_add_text(NULL, t, "unit", name));
  assert_ok(
      nax_table_add_numbers(NULL, t, "rate", "Hz", (double[]){1.5, NAN, 12.25, 0.003}));
  assert_ok(nax_table_add_numbers(NULL, t, "CV", "1", (double[]){1.02, 0.5, -2.0, 1e-9}));
  return t;
}

static nax_i_page *
demo_page(void)
{
  enum { N = 3000, U = 60 };
  static double x[N], y[N], z[N], lo[N], hi[N], v[U * N];
  nax_i_page *p =
      nax_i_page_new("Every kind of <figure>", "Synthetic data & nothing else");
  nax_i_page_lead(p, "A page that shows each kind of figure, with %d points.", N);
  nax_i_page_tile(p, "60", "units");
  nax_i_page_tile(p, "30 Hz", "sampling rate, from the file");
  nax_i_page_tile(p, "100 s", "duration");
  nax_i_page_section(p, "facts", "Facts and notes");
  nax_i_page_fact(p, "Format", "demo %s", "1.0");
  nax_i_page_fact(p, "Path", "%s", "/data/<x>/\"y\".nc");
  nax_i_page_note(p, NAX_CRITICAL, "demo.critical", "something is <wrong>");
  nax_i_page_note(p, NAX_VIOLATION, "demo.violation", "a rule is broken");
  nax_i_page_note(p, NAX_SUGGESTION, "", "could be better");
  nax_i_page_note(p, NAX_INFO, "demo.info", "good to know");
  nax_i_page_code(p, "neuraxis report 'a & b.nc' -o report.html\n# second line");
  nax_i_page_section(p, "figures", "Figures");
  fill_normal(v, U * N, 21);
  for (int i = 0; i < N; i++) {
    x[i] = i / 30.0;
    y[i] = sin(x[i] / 5.0) + 0.2 * v[i];
    z[i] = cos(x[i] / 9.0) + 0.5;
    lo[i] = z[i] - 0.2;
    hi[i] = z[i] + 0.2;
    for (int u = 0; u < U; u++) {
      v[u + i * U] += 2.5 * exp(-pow((x[i] - 20 * (u % 4) - 15 - 0.1 * u) / 3.0, 2));
    }
  }
  v[7 + 40 * U] = NAN;
  for (int i = 1200; i < 1500; i++) {
    for (int u = 10; u < 20; u++) {
      v[u + i * U] = NAN;
    }
  }
  nax_i_fig *f = nax_i_fig_new("demo-heat", NAX_I_FIG_WIDE, 320, "Activity");
  nax_i_axes a = nax_i_axes_in(0, 0, NAX_I_FIG_WIDE - 62, 320);
  a.x = (nax_i_side){.lo = 0, .hi = 100, .label = "Time", .unit = "s"};
  a.y = (nax_i_side){.lo = U - 0.5, .hi = -0.5, .label = "Unit", .integers = 1};
  a.boxed = 1;
  nax_i_add_image(f, &a, U, N, v, 1, U, NAX_I_MAP_VIRIDIS, -2, 3.5, 0);
  nax_i_add_events(f, &a, 5, (double[]){5, 25, 45, 65, 85}, (nax_i_style){.colour = 1});
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_VIRIDIS, -2, 3.5, "z-score", NULL);
  nax_i_fig_desc(f, "Heatmap of %d units over 100 s.", U);
  nax_i_fig_caption(f, "Each row is a unit; triangles are events.");
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-line", NAX_I_FIG_WIDE, 230, "Lines, band, spans");
  a = axes_for(NAX_I_FIG_WIDE, 230, 0, 100, -2, 2.5);
  a.grid = 1;
  nax_i_add_span(f, &a, 20, 30, (nax_i_style){.colour = 4});
  nax_i_add_span(f, &a, 60, 70, (nax_i_style){.colour = 4});
  nax_i_axes_draw(f, &a);
  nax_i_add_band(f, &a, N, x, lo, hi, (nax_i_style){.colour = 1});
  nax_i_add_line(f, &a, N, x, y, (nax_i_style){.colour = 0});
  nax_i_add_line(f, &a, N, x, z, (nax_i_style){.colour = 1, .dash = 1});
  nax_i_add_vline(f, &a, 50, "t = 50 s", (nax_i_style){.colour = NAX_I_MUTED, .dash = 2});
  nax_i_add_hline(f, &a, 0, NULL, (nax_i_style){.colour = NAX_I_MUTED, .dash = 2});
  nax_i_key keys[] = {{"noisy", {.colour = 0}, 0},
                      {"mean \xc2\xb1 s.d.", {.colour = 1, .dash = 1}, 0},
                      {"stimulus", {.colour = 4}, 2}};
  nax_i_add_legend(f, &a, 3, keys);
  nax_i_fig_columns(f, "sample", 100,
                    (nax_i_column[]){{"time", "s", x}, {"noisy", "dF/F", y}}, 2);
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-scatter", NAX_I_FIG_HALF, 280, "Scatter");
  a = axes_for(NAX_I_FIG_HALF, 280, -4, 4, -4, 4);
  nax_i_axes_draw(f, &a);
  const char *tip[] = {"a", "<b>", "c", "d", "e"};
  for (int s = 0; s < 6; s++) {
    nax_i_add_points(f, &a, s ? 30 : 5, v + 100 * s, v + 1000 + 77 * s, s ? NULL : tip,
                     (nax_i_style){.colour = s, .shape = s, .width = 3.5});
  }
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-bars", NAX_I_FIG_HALF, 280, "Bars with whiskers");
  const char *names[] = {"V1", "LM", "AL", "PM <", "AM", "RSP"};
  double edges[7], height[] = {3, 5, 2.2, 4, 1.2, 0.4}, at[6], up[6], down[6];
  for (int i = 0; i < 7; i++) {
    edges[i] = i - 0.5;
  }
  for (int i = 0; i < 6; i++) {
    at[i] = i;
    up[i] = height[i] + 0.4;
    down[i] = height[i] - 0.4;
  }
  a = axes_for(NAX_I_FIG_HALF, 280, -0.5, 5.5, 0, 6);
  a.x.label = "Area";
  a.x.unit = NULL;
  a.x.names = names;
  a.x.n_names = 6;
  a.grid = 1;
  nax_i_axes_draw(f, &a);
  nax_i_add_bars(f, &a, 6, edges, height, 0, 0.3, (nax_i_style){.colour = 2});
  nax_i_add_whiskers(f, &a, 6, at, down, up, (nax_i_style){.colour = NAX_I_INK});
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-log", NAX_I_FIG_HALF, 280, "Logarithmic axes");
  a = axes_for(NAX_I_FIG_HALF, 280, 0.1, 100, 1e-6, 10);
  a.x.log = a.y.log = 1;
  a.x.label = "Frequency";
  a.x.unit = "Hz";
  static double freq[300], power[300];
  for (int i = 0; i < 300; i++) {
    freq[i] = 0.1 * pow(1000.0, i / 299.0);
    power[i] = 1.0 / (1.0 + freq[i] * freq[i]) + 0.3 * exp(-pow((freq[i] - 8.0), 2));
  }
  nax_i_axes_draw(f, &a);
  nax_i_add_line(f, &a, 300, freq, power, (nax_i_style){.colour = 0});
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-polar", NAX_I_FIG_HALF, 280, "Polar");
  nax_i_polar polar = {
      .cx = 212, .cy = 142, .radius = 108, .r_max = 2.5, .unit = "\xc2\xb5V"};
  static double angle[40], r[40];
  for (int i = 0; i < 40; i++) {
    angle[i] = 0.9 + 0.35 * v[i];
    r[i] = 1.6 + 0.3 * v[500 + i];
  }
  nax_i_polar_draw(f, &polar);
  nax_i_polar_points(f, &polar, 40, angle, r, NULL, (nax_i_style){.colour = 0});
  nax_i_polar_arrow(f, &polar, 0.9, 1.5, (nax_i_style){.colour = 1});
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-matrix", NAX_I_FIG_HALF, 380, "Matrix with dendrogram");
  static double m[64];
  for (int i = 0; i < 64; i++) {
    m[i] = i / 8 / 3 == i % 8 / 3 ? 0.8 - 0.05 * (i % 5) : -0.6 + 0.2 * (i % 7);
  }
  nax_merge merges[] = {{0, 1, 0.1, 2},   {2, 8, 0.15, 3}, {3, 4, 0.2, 2},
                        {5, 10, 0.25, 3}, {6, 7, 0.3, 2},  {9, 11, 0.8, 6},
                        {12, 13, 1.0, 8}};
  nax_index order[] = {0, 1, 2, 3, 4, 5, 6, 7};
  a = axes_for(NAX_I_FIG_HALF - 62, 380, -0.5, 7.5, 7.5, -0.5);
  a.left = 70;
  a.width = a.height = 270;
  a.boxed = 1;
  a.x.integers = a.y.integers = 1;
  a.x.label = "Unit";
  a.x.unit = NULL;
  a.y.label = NULL;
  nax_i_add_image(f, &a, 8, 8, m, 1, 8, NAX_I_MAP_DIVERGING, -1, 1, 0);
  nax_i_axes_draw(f, &a);
  nax_i_add_colourbar(f, &a, NAX_I_MAP_DIVERGING, -1, 1, "Correlation", NULL);
  nax_i_add_dendrogram(f, 4, a.top, 36, a.height, 8, merges, order,
                       (nax_i_style){.colour = NAX_I_MUTED});
  nax_i_page_figure(p, f);

  f = nax_i_fig_new("demo-raster", NAX_I_FIG_HALF, 380, "Raster");
  static double times[U * 20];
  nax_index offsets[U + 1];
  for (int u = 0; u <= U; u++) {
    offsets[u] = 20 * u;
  }
  for (int i = 0; i < U * 20; i++) {
    times[i] = 50 + 16 * v[i + 999];
  }
  a = axes_for(NAX_I_FIG_HALF, 380, 0, 100, U - 0.5, -0.5);
  a.y.label = "Unit";
  a.y.unit = NULL;
  a.y.integers = 1;
  nax_i_add_raster(f, &a, U, NULL, offsets, times);
  nax_i_axes_draw(f, &a);
  nax_i_page_figure(p, f);

  nax_i_page_section(p, "tables", "Tables");
  nax_table *t = demo_table();
  int marks[] = {0, NAX_CRITICAL, NAX_VIOLATION, NAX_SUGGESTION};
  nax_i_page_table(p, "demo-units", "Units", t, 1, 0, marks);
  nax_i_page_details(p, "The same, folded", t, 2);
  nax_table_free(t);
  return p;
}

static void
the_page_is_well_formed_and_valid(void **state)
{
  (void)state;
  nax_i_page *p = demo_page();
  const char *keep = getenv("NAX_TEST_KEEP");
  char path[5000], dir[5000];
  snprintf(path, sizeof path, "%s/page.html", keep ? keep : nax_t_tmp_dir_);
  snprintf(dir, sizeof dir, "%s/figures", keep ? keep : nax_t_tmp_dir_);
  assert_ok(nax_i_page_write(NULL, "test", p, path, dir, 1));
  nax_i_page_free(p);
  size_t n;
  char *html = read_all(path, &n);
  assert_null(strstr(html, "<b>cell</b>"));
  assert_null(strstr(html, "http://"));
  assert_null(strstr(html, "https://"));
  assert_non_null(strstr(html, "default-src 'none'"));
  assert_non_null(strstr(html, "lang=\"en\""));
  assert_non_null(strstr(html, "prefers-color-scheme:dark"));
  assert_non_null(strstr(html, "@media print"));
  int svgs = 0, titles = 0;
  for (const char *q = html; (q = strstr(q, "<svg ")) != NULL; q++) {
    svgs++;
    titles += strncmp(strstr(q, "role="), "role=\"img\"", 10) == 0 &&
              strstr(q, "<title") != NULL && strstr(q, "<desc") != NULL;
  }
  assert_int_equal(svgs, 8);
  assert_int_equal(titles, svgs);
  free(html);
  if (have("tidy")) {
    assert_int_equal(run("tidy -q -e --drop-empty-elements no --show-warnings no", path,
                         ">/dev/null 2>&1"),
                     0);
  }
  static const char *const id[] = {"heat", "line",  "scatter", "bars",
                                   "log",  "polar", "matrix",  "raster"};
  for (int i = 0; i < 8; i++) {
    char svg[5200];
    snprintf(svg, sizeof svg, "%s/demo-%s.svg", dir, id[i]);
    assert_xml(svg);
    char *text = read_all(svg, &n);
    assert_null(strstr(text, "var(--"));
    free(text);
  }
  char csv[5200];
  snprintf(csv, sizeof csv, "%s/demo-units.csv", dir);
  char *text = read_all(csv, &n);
  assert_non_null(strstr(text, "12.25"));
  free(text);
}

static void
the_same_page_has_the_same_bytes(void **state)
{
  (void)state;
  nax_i_buf b[2] = {{0}, {0}};
  for (int i = 0; i < 2; i++) {
    nax_i_page *p = demo_page();
    assert_ok(nax_i_page_html(NULL, "test", p, &b[i]));
    nax_i_page_free(p);
  }
  assert_int_equal(b[0].len, b[1].len);
  assert_memory_equal(b[0].data, b[1].data, b[0].len);
  nax_i_buf_free(&b[0]);
  nax_i_buf_free(&b[1]);
}

/* The policy names the script's hash; sha256sum computes it again. */
static void
the_policy_allows_the_script(void **state)
{
  (void)state;
  assert_true(strlen(nax_i_page_script) < 10000);
  nax_t_write(nax_t_tmp("script.js"), nax_i_page_script, strlen(nax_i_page_script));
  char hex[65] = "";
  char command[4300];
  snprintf(command, sizeof command, "sha256sum '%s'", nax_t_tmp("script.js"));
  FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c) */
  assert_non_null(f);
  assert_int_equal(fread(hex, 1, 64, f), 64);
  pclose(f);
  unsigned char raw[32];
  for (int i = 0; i < 32; i++) {
    unsigned int x;
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &x), 1);
    raw[i] = (unsigned char)x;
  }
  nax_i_buf b = {0};
  nax_i_base64(&b, raw, 32);
  assert_string_equal(b.data, nax_i_page_script_hash);
  nax_i_buf_free(&b);
}

static void
empty_and_odd_data_draw(void **state)
{
  (void)state;
  nax_i_fig *f = nax_i_fig_new("odd", 424, 200, "Odd");
  nax_i_axes a = axes_for(424, 200, 0, 0, NAN, NAN); /* no range at all */
  double bad[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308}, one[] = {1.0};
  nax_index none[] = {0, 0};
  nax_i_axes_draw(f, &a);
  nax_i_add_line(f, &a, 0, NULL, NULL, (nax_i_style){0});
  nax_i_add_line(f, &a, 5, bad, bad, (nax_i_style){0});
  nax_i_add_points(f, &a, 5, bad, bad, NULL, (nax_i_style){0});
  nax_i_add_band(f, &a, 5, bad, bad, bad, (nax_i_style){0});
  nax_i_add_bars(f, &a, 4, bad, bad, 0, 0.1, (nax_i_style){0});
  nax_i_add_whiskers(f, &a, 5, bad, bad, bad, (nax_i_style){0});
  nax_i_add_image(f, &a, 0, 0, NULL, 1, 1, NAX_I_MAP_VIRIDIS, 0, 1, 0);
  nax_i_add_image(f, &a, 5, 1, bad, 1, 1, NAX_I_MAP_VIRIDIS, 0, 1, 0);
  nax_i_add_image(f, &a, 1, 1, one, 1, 1, NAX_I_MAP_VIRIDIS, 0, 1, 0);
  nax_i_add_raster(f, &a, 1, NULL, none, NULL);
  nax_i_add_events(f, &a, 5, bad, (nax_i_style){0});
  nax_i_add_dendrogram(f, 0, 0, 1, 1, 1, NULL, NULL, (nax_i_style){0});
  nax_i_add_colourbar(f, &a, NAX_I_MAP_INK, NAN, NAN, "x", NULL);
  nax_i_add_span(f, &a, NAN, 1, (nax_i_style){0});
  a.x = (nax_i_side){.lo = -1, .hi = 10, .log = 1}; /* no logarithm of that */
  nax_i_axes_draw(f, &a);
  nax_i_add_vline(f, &a, 1, "x", (nax_i_style){0});
  assert_false(f->failed);
  nax_i_buf svg = {0};
  nax_i_fig_svg(f, 1, &svg);
  nax_t_write(nax_t_tmp("odd.svg"), svg.data, svg.len);
  assert_xml(nax_t_tmp("odd.svg"));
  assert_null(strstr(svg.data, "nan"));
  assert_null(strstr(svg.data, "inf"));
  nax_i_buf_free(&svg);
  nax_i_fig_free(f);
  /* A page swallows what could not be made, and says so at the end. */
  nax_i_page *p = nax_i_page_new("t", "s");
  nax_i_page_figure(p, NULL);
  nax_i_buf html = {0};
  assert_status(nax_i_page_html(NULL, "test", p, &html), NAX_ENOMEM);
  nax_i_page_free(p);
  nax_i_buf_free(&html);
}

static void
existing_files_need_force(void **state)
{
  (void)state;
  nax_i_page *p = nax_i_page_new("t", "s");
  assert_ok(nax_i_page_write(NULL, "test", p, nax_t_tmp("force.html"), NULL, 0));
  assert_status(nax_i_page_write(NULL, "test", p, nax_t_tmp("force.html"), NULL, 0),
                NAX_EIO);
  assert_ok(nax_i_page_write(NULL, "test", p, nax_t_tmp("force.html"), NULL, 1));
  nax_i_page_free(p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_from_files_are_escaped),
      cmocka_unit_test(numbers_are_short_and_free_of_locale),
      cmocka_unit_test(base64_has_the_published_vectors),
      cmocka_unit_test(ticks_are_nice_and_inside),
      cmocka_unit_test(ranges_hold_their_data),
      cmocka_unit_test(maps_have_even_lightness),
      cmocka_unit_test(text_stands_out_in_light_and_dark),
      cmocka_unit_test(lines_keep_every_peak_when_decimated),
      cmocka_unit_test(missing_values_break_lines),
      cmocka_unit_test(images_keep_their_cells_or_say_that_they_are_means),
      cmocka_unit_test(colour_limits_are_percentiles),
      cmocka_unit_test(rasters_beyond_the_limit_become_images),
      cmocka_unit_test(the_page_is_well_formed_and_valid),
      cmocka_unit_test(the_same_page_has_the_same_bytes),
      cmocka_unit_test(the_policy_allows_the_script),
      cmocka_unit_test(empty_and_odd_data_draw),
      cmocka_unit_test(existing_files_need_force),
  };
  return cmocka_run_group_tests_name("figures", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
