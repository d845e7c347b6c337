/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours: categories that colour-blind readers can tell apart, maps with even steps of
 * lightness, and the style sheet that applies them in light, dark and print. */
#include "report_i.h"
#include <math.h>

/* Name, light, dark. Categories are Okabe and Ito's; in dark mode the dark ones are
 * lightened until they stand out 4.5:1 from the background. */
static const struct {
  const char *name, *light, *dark;
} colours[] = {
    {"c0", "#0072b2", "#4aa8e0"},    {"c1", "#d55e00", "#f0813a"},
    {"c2", "#009e73", "#2cc295"},    {"c3", "#b8578f", "#dd94bd"},
    {"c4", "#c98a00", "#eeb33b"},    {"c5", "#3a9bd0", "#7cc9f2"},
    {"c6", "#6e6a00", "#f0e442"},    {"c7", "#4d4d4d", "#c4c4c4"},
    {"ink", "#1b1f23", "#e6e8ea"},   {"muted", "#5a6068", "#a3abb3"},
    {"faint", "#8b929a", "#767e86"}, {"grid", "#e6e8eb", "#2b3138"},
    {"na", "#d5d9dd", "#3a4149"},    {"bg", "#ffffff", "#14181c"},
    {"panel", "#f6f7f9", "#1c2227"}, {"rule", "#d9dde1", "#343b43"},
    {"link", "#005a9c", "#7cc9f2"},  {"bad", "#b3261e", "#ff8a80"},
    {"warn", "#8a5300", "#f3b04b"},  {"good", "#1b6e3c", "#6fd195"},
};

enum { N_COLOURS = sizeof colours / sizeof colours[0] };

void
nax_i_css_variables(nax_i_buf *b)
{
  nax_i_buf_puts(b, ":root{color-scheme:light dark");
  for (int i = 0; i < N_COLOURS; i++) {
    nax_i_buf_printf(b, ";--%s:%s", colours[i].name, colours[i].light);
  }
  nax_i_buf_puts(b, "}\n@media screen and (prefers-color-scheme:dark){:root{");
  for (int i = 0; i < N_COLOURS; i++) {
    nax_i_buf_printf(b, "%s--%s:%s", i ? ";" : "", colours[i].name, colours[i].dark);
  }
  nax_i_buf_puts(b, "}image.ink{filter:invert(1)}}\n");
}

static const char svg_rules[] =
    "text{font:11.5px system-ui,-apple-system,'Segoe UI',Roboto,'Noto "
    "Sans',Helvetica,Arial,sans-serif;fill:var(--ink)}"
    ".t{fill:var(--muted);font-size:10.5px}.l{font-size:12px}"
    ".h{font-weight:600;font-size:13px}"
    ".n{font-variant-numeric:tabular-nums}"
    ".ax{stroke:var(--ink);stroke-width:1;fill:none;stroke-linecap:square}"
    ".gr{stroke:var(--grid);stroke-width:1;fill:none}"
    ".na{fill:var(--na)}"
    ".s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}"
    ".s4{stroke:var(--c4)}.s5{stroke:var(--c5)}.s6{stroke:var(--c6)}.s7{stroke:var(--c7)}"
    ".s8{stroke:var(--ink)}.s9{stroke:var(--faint)}"
    ".f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}"
    ".f4{fill:var(--c4)}.f5{fill:var(--c5)}.f6{fill:var(--c6)}.f7{fill:var(--c7)}"
    ".f8{fill:var(--ink)}.f9{fill:var(--faint)}"
    ".s{fill:none;stroke-linejoin:round}"
    ".d1{stroke-dasharray:6 3}.d2{stroke-dasharray:1.5 2.5}.d3{stroke-dasharray:7 3 1.5 "
    "3}"
    ".px{image-rendering:pixelated}\n";

static const char *
literal(const char *name, size_t n)
{
  for (int i = 0; i < N_COLOURS; i++) {
    if (strlen(colours[i].name) == n && memcmp(colours[i].name, name, n) == 0) {
      return colours[i].light;
    }
  }
  return "#000";
}

void
nax_i_svg_css(nax_i_buf *b, int variables)
{
  if (variables) {
    nax_i_buf_puts(b, svg_rules);
    return;
  }
  /* Drawing programs do not know CSS variables. */
  const char *at = svg_rules;
  for (const char *v = strstr(at, "var(--"); v != NULL; v = strstr(at, "var(--")) {
    nax_i_buf_add(b, at, (size_t)(v - at));
    const char *name = v + 6, *end = strchr(name, ')');
    nax_i_buf_puts(b, literal(name, (size_t)(end - name)));
    at = end + 1;
  }
  nax_i_buf_puts(b, at);
}

/* ------------------------------------------------------------------------- maps */

/* Anchors of the viridis map at even distances. */
static const unsigned char viridis[][3] = {
    {68, 1, 84},    {72, 36, 117},  {65, 68, 135},  {53, 95, 141},
    {42, 120, 142}, {33, 145, 140}, {34, 168, 132}, {68, 191, 112},
    {122, 209, 81}, {189, 223, 38}, {253, 231, 37},
};

static unsigned char
byte(double x)
{
  double v = floor(x + 0.5);
  return (unsigned char)(v < 0.0 ? 0.0 : v > 255.0 ? 255.0 : v);
}

/* OKLab to sRGB (Ottosson 2020): equal steps in it look equally large. */
static void
oklab(double lightness, double a, double b, unsigned char rgb[3])
{
  double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
  double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
  double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
  l = l * l * l;
  m = m * m * m;
  s = s * s * s;
  double linear[3] = {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
  for (int i = 0; i < 3; i++) {
    double x = linear[i] < 0.0 ? 0.0 : linear[i];
    x = x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1.0 / 2.4) - 0.055;
    rgb[i] = byte(255.0 * x);
  }
}

/* Blue over near-white to orange-red: the lightness falls the same way on both sides,
 * the hue tells the sign. */
static void
diverging(double t, unsigned char rgb[3])
{
  double u = 2.0 * t - 1.0, c = pow(fabs(u), 0.9);
  double hue = u < 0.0 ? -1.85 : 0.62;
  double chroma = 0.155 * sin(fmin(c, 1.0) * 1.72) / sin(1.72);
  oklab(0.965 - 0.52 * c, chroma * cos(hue), chroma * sin(hue), rgb);
}

void
nax_i_map_rgb(nax_i_map map, double t, unsigned char rgb[3])
{
  t = t > 0.0 ? (t < 1.0 ? t : 1.0) : 0.0;
  switch (map) {
  case NAX_I_MAP_VIRIDIS: {
    enum { LAST = sizeof viridis / sizeof viridis[0] - 1 };
    int i = (int)(t * LAST);
    i = i < LAST ? i : LAST - 1;
    double u = t * LAST - i;
    for (int k = 0; k < 3; k++) {
      rgb[k] = byte((1.0 - u) * viridis[i][k] + u * viridis[i + 1][k]);
    }
    return;
  }
  case NAX_I_MAP_DIVERGING:
    diverging(t, rgb);
    return;
  case NAX_I_MAP_INK:
    rgb[0] = rgb[1] = rgb[2] = 0;
    return;
  }
}
