/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis info: what is in a recording. The facts are gathered as JSON (inspect.c) and
 * laid out here for people. */
#include "inspect.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt info_opts[] = {
    {"json", NULL, NULL, "the same as --format=json", NULL, CLI_FLAG, 0, 0, 1},
    {"format", "FORMAT", "text",
     "text for people, json with everything, tsv or csv with one line per variable",
     "text|tsv|csv|json", CLI_TEXT, 0, 0, 1},
    {"scan-limit", "MB", "512",
     "read values (missing, range, firing rates) of variables up to this size; 0 reads "
     "none",
     NULL, CLI_NUMBER, 0, 0, 0},
    {"no-sha256", NULL, NULL, "leave the digest of each input out of the JSON", NULL,
     CLI_FLAG, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section info_sections[] = {{"Options", info_opts, NULL, NULL},
                                            {"Reading", NULL, "source", NULL},
                                            {NULL, NULL, NULL, NULL}};

/* --- for people -------------------------------------------------------------------- */

static const char *bold = "", *dim = "", *plain = "";

static const char *
text(const json_t *o, const char *key)
{
  const char *s = json_string_value(json_object_get(o, key));
  return s != NULL ? s : "";
}

static double
number(const json_t *o, const char *key)
{
  const json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static long long
whole(const json_t *o, const char *key)
{
  return json_integer_value(json_object_get(o, key));
}

/* Texts of a file may hold anything: a line stays a line, and a terminal is left alone.
 */
static void
put_text(const char *s, size_t limit)
{
  size_t n = 0;
  for (; *s != '\0' && n < limit; s++, n++) {
    unsigned char ch = (unsigned char)*s;
    putchar(ch < 0x20 || ch == 0x7f ? ' ' : ch);
  }
  while (((unsigned char)*s & 0xc0) == 0x80) { /* not in the middle of a character */
    putchar(*s++);
  }
  if (*s != '\0') {
    fputs("...", stdout);
  }
}

static void
label(const char *name)
{
  printf("    %s%-12s%s", dim, name, plain);
}

/* 3725 s is "1 h 2 min 5 s" to people. */
static void
put_duration(double s)
{
  char buf[32];
  printf("%s s", cli_short(buf, s, 7));
  if (s >= 120.0 && s < 1e7) {
    long long all = llround(s), h = all / 3600, m = all / 60 % 60;
    if (h > 0) {
      printf(", %lld h %lld min", h, m);
    } else {
      printf(", %lld min %lld s", m, all % 60);
    }
  }
}

static void
show_axis(const json_t *a)
{
  char b1[32], b2[32], b3[32];
  const char *kind = text(a, "kind"), *unit = text(a, "unit");
  printf("%-12s %8lld", text(a, "name"), whole(a, "length"));
  fputs(strcmp(kind, "index") == 0 ? "" : "  ", stdout);
  if (strcmp(kind, "labels") == 0) {
    const json_t *first = json_object_get(a, "first_labels");
    long long n = whole(a, "length");
    size_t shown = json_array_size(first);
    for (size_t i = 0; i < shown; i++) {
      fputs(i ? ", " : "", stdout);
      put_text(json_string_value(json_array_get(first, i)), 24);
    }
    if ((long long)shown < n) {
      fputs(" ... ", stdout);
      put_text(text(a, "last_label"), 24);
    }
  } else if (strcmp(kind, "index") != 0) {
    printf("%s to %s%s%s", cli_short(b1, number(a, "first"), 9),
           cli_short(b2, number(a, "last"), 9), unit[0] ? " " : "", unit);
    if (strcmp(kind, "regular") == 0) {
      double step = 1.0 / number(a, "rate");
      printf(", every %s%s%s", cli_short(b3, step, 7), unit[0] ? " " : "", unit);
    }
  }
  putchar('\n');
}

static void
show_time(const json_t *v)
{
  char buf[32], b2[32];
  double rate = number(v, "rate"), start = number(v, "t_start");
  const char *from = text(v, "rate_source");
  if (!isnan(start)) {
    label("time");
    printf("%s s to %s s (", cli_short(buf, start, 9),
           cli_short(b2, number(v, "t_stop"), 9));
    put_duration(number(v, "duration"));
    puts(")");
  }
  if (!isnan(rate)) {
    label("rate");
    printf("%s Hz, %s\n", cli_short(buf, rate, 9),
           strcmp(from, "file") == 0         ? "stated by the file"
           : strcmp(from, "user") == 0       ? "given with --rate"
           : strcmp(from, "timestamps") == 0 ? "from timestamps, which are regular"
           : strcmp(from, "placeholder") == 0
               ? "a placeholder that the file's program writes unless told; give --rate"
               : "source unknown");
  }
  if (!isnan(number(v, "max_gap"))) {
    label("irregular");
    printf("median step %s s, largest gap %s s after sample %lld\n",
           cli_short(buf, number(v, "median_step"), 6),
           cli_short(b2, number(v, "max_gap"), 6), whole(v, "max_gap_at"));
  }
}

static void
show_stored(const json_t *v)
{
  const json_t *chunks = json_object_get(v, "chunks");
  const char *own = text(v, "file_dtype"), *filters = text(v, "filters");
  label("stored as");
  fputs(own[0] != '\0' ? own : text(v, "dtype"), stdout);
  for (size_t i = 0; i < json_array_size(chunks); i++) {
    printf("%s%lld", i ? " x " : ", chunks of ",
           (long long)json_integer_value(json_array_get(chunks, i)));
  }
  printf("%s%s", filters[0] ? ", " : "", filters);
  if (strcmp(text(v, "path"), text(v, "name")) != 0 && text(v, "path")[0] != '\0') {
    fputs(", at ", stdout);
    put_text(text(v, "path"), 200);
  }
  putchar('\n');
}

static void
show_array(const json_t *v)
{
  char b1[32], b2[32], b3[32];
  const json_t *values = json_object_get(v, "values"), *axes = json_object_get(v, "axes");
  for (size_t i = 0; i < json_array_size(axes); i++) {
    label(i == 0 ? "axes" : "");
    show_axis(json_array_get(axes, i));
  }
  show_time(v);
  show_stored(v);
  label("values");
  if (json_is_null(values)) {
    puts(whole(v, "n_values") > 0 ? "not read (larger than --scan-limit)" : "none");
    return;
  }
  long long n = whole(v, "n_values"), missing = whole(values, "missing");
  printf("%s to %s, mean %s; ", cli_short(b1, number(values, "min"), 6),
         cli_short(b2, number(values, "max"), 6),
         cli_short(b3, number(values, "mean"), 6));
  if (missing > 0) {
    printf("%lld of %lld missing (%.3g %%)\n", missing, n,
           100.0 * (double)missing / (double)n);
  } else {
    puts("none missing");
  }
}

static void
show_spikes(const json_t *v)
{
  char b1[32], b2[32], b3[32];
  const json_t *values = json_object_get(v, "values"), *axes = json_object_get(v, "axes");
  for (size_t i = 0; i < json_array_size(axes); i++) {
    label(i == 0 ? "units" : "");
    show_axis(json_array_get(axes, i));
  }
  show_time(v);
  show_stored(v);
  if (json_is_null(values)) {
    label("values");
    puts("not read (larger than --scan-limit)");
    return;
  }
  label("spikes");
  printf("%s s to %s s, in %lld recording interval%s of together ",
         cli_short(b1, number(values, "first_spike"), 9),
         cli_short(b2, number(values, "last_spike"), 9), whole(values, "n_intervals"),
         whole(values, "n_intervals") == 1 ? "" : "s");
  put_duration(number(values, "duration"));
  putchar('\n');
  label("rates");
  printf("%s to %s Hz, median %s Hz; %lld silent\n",
         cli_short(b1, number(values, "rate_min"), 4),
         cli_short(b2, number(values, "rate_max"), 4),
         cli_short(b3, number(values, "rate_median"), 4), whole(values, "silent_units"));
}

static void
show_column(const json_t *col)
{
  char b1[32], b2[32];
  const char *unit = strcmp(text(col, "unit"), "1") != 0 ? text(col, "unit") : "";
  char *name = cli_printf("%s%s%s%s", text(col, "name"), unit[0] ? " [" : "", unit,
                          unit[0] ? "]" : "");
  printf("      %-24s ", name);
  free(name);
  if (strcmp(text(col, "dtype"), "text") == 0) {
    const json_t *shown = json_object_get(col, "first_distinct");
    long long distinct = whole(col, "distinct");
    printf("%lld distinct: ", distinct);
    for (size_t i = 0; i < json_array_size(shown); i++) {
      fputs(i ? ", " : "", stdout);
      put_text(json_string_value(json_array_get(shown, i)), 24);
    }
    fputs(distinct > (long long)json_array_size(shown) ? " ..." : "", stdout);
  } else if (!isnan(number(col, "min"))) {
    printf("%s to %s", cli_short(b1, number(col, "min"), 9),
           cli_short(b2, number(col, "max"), 9));
  }
  if (whole(col, "missing") > 0) {
    printf(" (%lld missing)", whole(col, "missing"));
  }
  putchar('\n');
}

static void
show_table(const json_t *v)
{
  const json_t *values = json_object_get(v, "values");
  const json_t *columns = json_object_get(values, "columns");
  show_stored(v);
  if (json_is_null(values)) {
    label("values");
    puts(whole(v, "n_values") > 0 ? "not read (larger than --scan-limit)" : "none");
    return;
  }
  printf("    %scolumns%s\n", dim, plain);
  for (size_t i = 0; i < json_array_size(columns); i++) {
    show_column(json_array_get(columns, i));
  }
}

static void
show_variable(const json_t *v, const char *main)
{
  const json_t *shape = json_object_get(v, "shape");
  const char *kind = text(v, "kind"), *unit = text(v, "unit"), *name = text(v, "name");
  long long d[2] = {(long long)json_integer_value(json_array_get(shape, 0)),
                    (long long)json_integer_value(json_array_get(shape, 1))};
  printf("\n  %s", bold);
  put_text(name, 200);
  printf("%s  ", plain);
  if (strcmp(kind, "spikes") == 0) {
    printf("spike trains: %lld units, %lld spikes", d[0], whole(v, "n_values"));
  } else if (strcmp(kind, "table") == 0) {
    printf("table: %lld rows, %lld columns", d[0], d[1]);
  } else {
    const json_t *axes = json_object_get(v, "axes");
    for (size_t i = 0; i < json_array_size(axes); i++) {
      const json_t *a = json_array_get(axes, i);
      printf("%s%s %lld", i ? " x " : "array: ", text(a, "name"), whole(a, "length"));
    }
    printf("%s%s", unit[0] ? ", unit " : ", unit unknown", unit);
  }
  puts(strcmp(name, main) == 0 ? "  (main)" : "");
  if (text(v, "description")[0] != '\0') {
    label("about");
    put_text(text(v, "description"), 300);
    putchar('\n');
  }
  if (strcmp(kind, "spikes") == 0) {
    show_spikes(v);
  } else if (strcmp(kind, "table") == 0) {
    show_table(v);
  } else {
    show_array(v);
  }
}

static const char *
format_description(const char *name)
{
  const char *n, *d;
  for (int32_t i = 0; i < nax_n_formats(); i++) {
    nax_format_info(i, &n, &d);
    if (strcmp(n, name) == 0) {
      return d;
    }
  }
  return "";
}

static void
show_attributes(const json_t *attrs)
{
  const char *key;
  json_t *v;
  char buf[32];
  if (json_object_size(attrs) == 0) {
    return;
  }
  printf("\n  %sattributes%s\n", bold, plain);
  json_object_foreach((json_t *)(uintptr_t)attrs, key, v)
  {
    printf("    %s%-24s%s ", dim, key, plain);
    if (json_is_string(v)) {
      put_text(json_string_value(v), 300);
    } else {
      fputs(json_is_number(v) ? cli_num(buf, json_number_value(v)) : "NaN", stdout);
    }
    putchar('\n');
  }
}

/* Warnings of this id among the first n. */
static size_t
count_id(const json_t *w, size_t n, const char *id)
{
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    k += strcmp(text(json_array_get(w, i), "id"), id) == 0;
  }
  return k;
}

static void
show_file(const json_t *f)
{
  char size[32];
  const json_t *vars = json_object_get(f, "variables"),
               *w = json_object_get(f, "warnings");
  const char *version = text(f, "format_version"), *main = text(f, "main");
  printf("%s", bold);
  put_text(text(f, "path"), 4000);
  printf("%s\n  %s%s%s, %s (%s)\n", plain, text(f, "format"), version[0] ? " " : "",
         version, cli_bytes(size, number(f, "size")),
         format_description(text(f, "format")));
  show_attributes(json_object_get(f, "attributes"));
  for (size_t i = 0; i < json_array_size(vars); i++) {
    show_variable(json_array_get(vars, i), main);
  }
  if (main[0] == '\0' && json_array_size(vars) > 1) {
    puts("\n  No variable stands out; methods need --var=NAME.");
  }
  size_t n = json_array_size(w);
  printf("\n  %swarnings%s%s\n", bold, plain, n == 0 ? ": none" : "");
  for (size_t i = 0; i < n; i++) {
    const json_t *one = json_array_get(w, i);
    const char *grade = text(one, "severity"), *id = text(one, "id");
    size_t before = count_id(w, i, id), all = count_id(w, n, id);
    if (all > CLI_LIKE + 1 && before >= CLI_LIKE) {
      if (before == CLI_LIKE) {
        printf("    %-10s  and %zu more like it %s[%s]%s\n", grade, all - CLI_LIKE, dim,
               id, plain);
      }
      continue;
    }
    int colour = plain[0] != '\0' &&
                 (strcmp(grade, "critical") == 0 || strcmp(grade, "violation") == 0);
    printf("    %s%-10s%s  ", colour ? "\033[33m" : "", grade, colour ? "\033[0m" : "");
    put_text(text(one, "text"), 600);
    printf(" %s[%s]%s\n", dim, id, plain);
  }
}

/* --- one line per variable ------------------------------------------------- */

typedef struct column {
  const char *name, *unit;
  int is_text;
} column;

static char *
shape_text(const json_t *v, int names)
{
  const json_t *list = json_object_get(v, names ? "axes" : "shape");
  char *s = cli_dup("");
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *e = json_array_get(list, i);
    char *t =
        names ? cli_printf("%s%s%s", s, i ? "," : "", text(e, "name"))
              : cli_printf("%s%s%lld", s, i ? "x" : "", (long long)json_integer_value(e));
    free(s);
    s = t;
  }
  return s;
}

static nax_status
variables_table(cli *c, const json_t *files, nax_table **out)
{
  static const column columns[] = {
      {"file", "", 1},        {"format", "", 1},   {"variable", "", 1},
      {"kind", "", 1},        {"axes", "", 1},     {"shape", "", 1},
      {"unit", "", 1},        {"dtype", "", 1},    {"rate", "Hz", 0},
      {"rate_source", "", 1}, {"t_start", "s", 0}, {"t_stop", "s", 0},
      {"n_values", "", 0},    {"missing", "", 0}};
  enum { N = sizeof columns / sizeof columns[0] };
  nax_status st = NAX_OK;
  size_t n = 0, row = 0;
  for (size_t i = 0; i < json_array_size(files); i++) {
    n += json_array_size(json_object_get(json_array_get(files, i), "variables"));
  }
  double *x[N];
  char **s[N];
  for (int k = 0; k < N; k++) {
    x[k] = cli_alloc(n, sizeof *x[k]);
    s[k] = cli_alloc(n, sizeof *s[k]);
  }
  for (size_t i = 0; i < json_array_size(files); i++) {
    const json_t *f = json_array_get(files, i), *vars = json_object_get(f, "variables");
    for (size_t j = 0; j < json_array_size(vars); j++, row++) {
      const json_t *v = json_array_get(vars, j);
      for (int k = 0; k < N; k++) {
        const char *key = columns[k].name;
        if (strcmp(key, "axes") == 0 || strcmp(key, "shape") == 0) {
          s[k][row] = shape_text(v, key[0] == 'a');
        } else if (columns[k].is_text) {
          s[k][row] = cli_dup(k == 0   ? text(f, "path")
                              : k == 1 ? text(f, "format")
                              : k == 2 ? text(v, "name")
                                       : text(v, key));
        } else {
          x[k][row] = strcmp(key, "missing") == 0
                          ? number(json_object_get(v, "values"), key)
                          : number(v, key);
        }
      }
    }
  }
  st = nax_table_create(c->ctx, "variable", (nax_index)n, out);
  for (int k = 0; k < N && st == NAX_OK; k++) {
    st = columns[k].is_text ? nax_table_add_text(c->ctx, *out, columns[k].name,
                                                 (const char *const *)(void *)s[k])
                            : nax_table_add_numbers(c->ctx, *out, columns[k].name,
                                                    columns[k].unit, x[k]);
  }
  for (int k = 0; k < N; k++) {
    for (size_t i = 0; i < n; i++) {
      free(s[k][i]);
    }
    free(s[k]);
    free(x[k]);
  }
  return st;
}

/* --- the command ------------------------------------------------------------------- */

static int
print_files(cli *c, json_t *files, const char *const *paths)
{
  const char *format = cli_has(c, "json") ? "json" : cli_value(c, "format");
  int status = CLI_OK;
  if (strcmp(format, "json") == 0) {
    json_t *result = json_object();
    json_object_set(result, "files", files);
    status = cli_json_emit(c, (int)json_array_size(files), paths,
                           !cli_has(c, "no-sha256"), result);
  } else if (strcmp(format, "text") != 0) {
    nax_table *t = NULL;
    nax_status st = variables_table(c, files, &t);
    status = st == NAX_OK ? cli_table_emit(c, 0, NULL, t) : cli_fail(c, st);
    nax_table_free(t);
  } else {
    cli_progress_clear();
    if (cli_colour(stdout)) {
      bold = "\033[1m";
      dim = "\033[2m";
      plain = "\033[0m";
    }
    for (size_t i = 0; i < json_array_size(files); i++) {
      fputs(i ? "\n" : "", stdout);
      show_file(json_array_get(files, i));
    }
  }
  return status;
}

static int
run_info(cli *c)
{
  nax_source_opts o;
  double mb;
  int status = cli_source_opts(c, &o), first_bad = CLI_OK;
  if (status == CLI_OK) {
    status = cli_number(c, "scan-limit", 0, 1e9, &mb);
  }
  if (status != CLI_OK) {
    return status;
  }
  json_t *files = json_array();
  const char **paths = cli_alloc((size_t)c->n_args, sizeof *paths);
  for (int i = 0; i < c->n_args && status < 128; i++) {
    nax_source *s = NULL;
    json_t *one = NULL;
    status = cli_open(c, c->args[i], &o, &s);
    if (status == CLI_OK) {
      status = cli_inspect(c, s, c->args[i], mb * 1e6, &one);
    }
    nax_source_close(s);
    nax_ctx_clear_warnings(c->ctx); /* they are part of the result */
    if (one != NULL) {
      paths[json_array_size(files)] = c->args[i];
      json_array_append_new(files, one);
    }
    first_bad = first_bad == CLI_OK || status >= 128 ? status : first_bad;
  }
  if (status < 128 && json_array_size(files) > 0) {
    status = print_files(c, files, paths);
    first_bad = first_bad == CLI_OK ? status : first_bad;
  }
  json_decref(files);
  free(paths);
  return first_bad;
}

const cli_cmd cli_cmd_info = {
    "info",
    "Recordings",
    "FILE...",
    "what is in a recording: variables, units, rates, durations, oddities",
    "FILE is a file or a folder in any format that can be read; - is standard input. "
    "Shown are the format, the attributes, each variable with its axes, unit, storage, "
    "sampling rate and where that comes from, gaps and missing values, the columns of "
    "tables, and warnings graded critical, violation, suggestion or info. Several files "
    "may be given; those that cannot be read are reported and the rest is shown.",
    "  neuraxis info recording.nwb\n"
    "  neuraxis info --json suite2p/plane0 | jq '.result.files[0].warnings'\n"
    "  neuraxis info --format=tsv *.nwb\n",
    info_sections,
    run_info,
    1,
    -1,
    NULL};
