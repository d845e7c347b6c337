/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of steps, and what the steps do that need more than one call. */
#define _POSIX_C_SOURCE 200809L
#include "steps.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A wrong value of a step: the library's way of failing is not ours to use, so the text
 * goes to stderr here and the status says that it did. */
static const nax_status TOLD = NAX_STATUS_FORCE_INT;

static nax_status wrong(const cli_chain *p, const char *fmt, ...) NAX_PRINTF(2, 3);

static nax_status
wrong(const cli_chain *p, const char *fmt, ...)
{
  char text[512];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  (void)cli_error(p->c, 0, "%s", text);
  return TOLD;
}

static void
set_array(cli_chain *p, nax_array *a)
{
  nax_array_free(p->a);
  nax_spikes_free(p->s);
  p->s = NULL;
  p->a = a;
}

/* --- steps with a table --------------------------------------------------------------
 */

static nax_status
run_bin(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_spikes_bin(p->c->ctx, p->s, opts, NULL, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_neuropil(cli_chain *p, const void *opts, const char *const *own)
{
  nax_array *around = NULL, *a = NULL;
  int32_t v = nax_source_find(p->source, own[0]);
  if (v < 0 || nax_source_var(p->source, v)->kind != NAX_VAR_ARRAY) {
    return wrong(p,
                 "step --neuropil: there is no array `%s` in the input; give "
                 "--neuropil=with=NAME",
                 own[0]);
  }
  nax_status s =
      nax_source_load_array(p->c->ctx, p->source, v, nax_array_dtype(p->a), &around);
  s = s == NAX_OK ? nax_signal_neuropil(p->c->ctx, p->a, around, opts, &a) : s;
  nax_array_free(around);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_dff(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_signal_dff(p->c->ctx, p->a, opts, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_smooth(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_signal_smooth(p->c->ctx, p->a, opts, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_welch(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_signal_welch(p->c->ctx, p->a, opts, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

/* --- parts -----------------------------------------------------------------------------
 */

/* An end of a range: the default where nothing is written. */
static int
end_of_range(const char *text, double def, double *out)
{
  *out = def;
  return text[0] == '\0' || cli_parse_number(text, out);
}

static nax_status
slice_spikes(cli_chain *p, const char *axis, double from, double to)
{
  nax_spikes *sp = NULL;
  nax_status s = NAX_OK;
  if (strcmp(axis, "time") == 0) {
    s = nax_spikes_slice(p->c->ctx, p->s, from, to, &sp);
  } else if (strcmp(axis, nax_axis_name(nax_spikes_units(p->s))) == 0) {
    nax_index n = nax_spikes_n_units(p->s), first = from > 0.0 ? (nax_index)from : 0;
    nax_index last = to < (double)n ? (nax_index)to : n;
    nax_index *index =
        cli_alloc((size_t)(last > first ? last - first : 0), sizeof *index);
    for (nax_index i = first; i < last; i++) {
      index[i - first] = i;
    }
    s = nax_spikes_take(p->c->ctx, p->s, last > first ? last - first : 0, index, &sp);
    free(index);
  } else {
    return wrong(p,
                 "step --slice: the spike trains have no axis `%s`, only time and `%s`",
                 axis, nax_axis_name(nax_spikes_units(p->s)));
  }
  if (s == NAX_OK) {
    nax_spikes_free(p->s);
    p->s = sp;
  }
  return s;
}

static nax_status
run_slice(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  const char *axis = own[0], *by = own[4];
  double from, to, step;
  if (!end_of_range(own[1], -INFINITY, &from) || !end_of_range(own[2], INFINITY, &to) ||
      !end_of_range(own[3], 1.0, &step)) {
    return wrong(p, "step --slice: from, to and step are numbers, got \"%s\" and \"%s\"",
                 own[1], own[2]);
  }
  if (p->s != NULL) {
    return slice_spikes(p, axis, from, to);
  }
  int32_t k = nax_array_find_axis(p->a, axis);
  const nax_axis *ax = nax_array_axis(p->a, k);
  nax_axis_kind kind = ax != NULL ? nax_axis_get_kind(ax) : NAX_AXIS_INDEX;
  int coords = strcmp(by, "auto") == 0
                   ? kind == NAX_AXIS_REGULAR || kind == NAX_AXIS_COORDS
                   : strcmp(by, "coord") == 0;
  nax_array *a = NULL, *b = NULL;
  nax_status s;
  nax_index stride = (nax_index)step;
  if (coords) {
    s = nax_array_slice_coord(p->c->ctx, p->a, k, from, to, &a);
    if (s == NAX_OK && stride != 1) {
      s = nax_array_slice(p->c->ctx, a, k, 0, nax_array_dim(a, k), stride, &b);
      nax_array_free(a);
      a = b;
    }
  } else {
    nax_index n = nax_array_dim(p->a, k);
    s = nax_array_slice(p->c->ctx, p->a, k, from > 0.0 ? (nax_index)from : 0,
                        to < (double)n ? (nax_index)to : n, stride, &a);
  }
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

/* "3,5,7" or "a,b,c": labels where the axis has labels, else positions. */
static nax_status
run_take(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  int32_t k = p->s != NULL ? 0 : nax_array_find_axis(p->a, own[0]);
  const nax_axis *ax = p->s != NULL ? nax_spikes_units(p->s) : nax_array_axis(p->a, k);
  if (ax == NULL || strcmp(nax_axis_name(ax), own[0]) != 0) {
    return wrong(p, "step --take: there is no axis `%s`", own[0]);
  }
  int labels = nax_axis_get_kind(ax) == NAX_AXIS_LABELS;
  char *list = cli_dup(own[1]), *save = NULL;
  const char **label = cli_alloc(strlen(list) + 1, sizeof *label);
  nax_index *index = cli_alloc(strlen(list) + 1, sizeof *index), n = 0;
  nax_status s = NAX_OK;
  for (char *t = strtok_r(list, ",", &save); t != NULL; t = strtok_r(NULL, ",", &save)) {
    double x = 0.0;
    if (!labels && (!cli_parse_number(t, &x) || x != floor(x) || fabs(x) > 9e15)) {
      s = wrong(p,
                "step --take: axis `%s` has no labels, so positions are whole numbers, "
                "got \"%s\"",
                own[0], t);
      break;
    }
    label[n] = t;
    index[n++] = (nax_index)x;
  }
  nax_ctx *ctx = p->c->ctx;
  if (s == NAX_OK && p->s != NULL) {
    nax_spikes *sp = NULL;
    s = labels ? nax_spikes_take_labels(ctx, p->s, n, label, &sp)
               : nax_spikes_take(ctx, p->s, n, index, &sp);
    if (s == NAX_OK) {
      nax_spikes_free(p->s);
      p->s = sp;
    }
  } else if (s == NAX_OK) {
    nax_array *a = NULL;
    s = labels ? nax_array_take_labels(ctx, p->a, k, n, label, &a)
               : nax_array_take(ctx, p->a, k, n, index, &a);
    if (s == NAX_OK) {
      set_array(p, a);
    }
  }
  free(label);
  free(index);
  free(list);
  return s;
}

static nax_status
run_permute(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  int32_t order[NAX_MAX_NDIM], n = 0;
  char *list = cli_dup(own[0]), *save = NULL;
  nax_status s = NAX_OK;
  for (char *t = strtok_r(list, ",", &save); t != NULL; t = strtok_r(NULL, ",", &save)) {
    int32_t k = nax_array_find_axis(p->a, t);
    if (k < 0 || n >= NAX_MAX_NDIM) {
      s = wrong(p, "step --permute: there is no axis `%s`", t);
      break;
    }
    order[n++] = k;
  }
  if (s == NAX_OK && n != nax_array_ndim(p->a)) {
    s = wrong(p, "step --permute: name every axis once, got \"%s\"", own[0]);
  }
  nax_array *a = NULL;
  s = s == NAX_OK ? nax_array_permute(p->c->ctx, p->a, order, &a) : s;
  if (s == NAX_OK) {
    set_array(p, a);
  }
  free(list);
  return s;
}

/* --- numbers
 * ------------------------------------------------------------------------------- */

/* Position of `text` in the list "a|b|c", from 1; 0 when it is not there. */
static int
one_of(const char *list, const char *text)
{
  size_t n = strlen(text);
  int k = 1;
  for (const char *s = list; *s != '\0'; k++) {
    size_t m = strcspn(s, "|");
    if (m == n && memcmp(s, text, n) == 0) {
      return k;
    }
    s += m + (s[m] == '|');
  }
  return 0;
}

static nax_status
run_zscore(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  double ddof;
  if (!cli_parse_number(own[1], &ddof)) {
    return wrong(p, "step --zscore: ddof is a number, got \"%s\"", own[1]);
  }
  nax_array *a = NULL;
  nax_status s =
      nax_array_zscore(p->c->ctx, p->a, nax_array_find_axis(p->a, own[0]), ddof, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_reduce(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  static const char what[] = "mean|sum|var|sd|min|max|median|quantile|count";
  int k = one_of(what, own[0]);
  double param;
  if (k == 0) {
    return wrong(p, "step --reduce takes one of %s, got \"%s\"", what, own[0]);
  }
  if (!cli_parse_number(own[2], &param)) {
    return wrong(p, "step --reduce: param is a number, got \"%s\"", own[2]);
  }
  nax_array *a = NULL;
  nax_status s = nax_array_reduce(p->c->ctx, p->a, nax_array_find_axis(p->a, own[1]),
                                  (nax_reduction)k, param, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
map_array(cli_chain *p, nax_map what)
{
  nax_array *a = NULL;
  nax_status s = nax_array_map(p->c->ctx, p->a, what, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_sqrt(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  (void)own;
  return map_array(p, NAX_MAP_SQRT);
}

static nax_status
run_map(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  static const char what[] = "sqrt|square|abs|log|log1p|exp|rectify";
  int k = one_of(what, own[0]);
  return k > 0 ? map_array(p, (nax_map)k)
               : wrong(p, "step --map takes one of %s, got \"%s\"", what, own[0]);
}

static nax_status
run_rectify(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  (void)own;
  return map_array(p, NAX_MAP_RECTIFY);
}

static nax_status
run_scale(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  static const char how[] = "max|norm|sd|range";
  int k = one_of(how, own[0]);
  nax_array *a = NULL;
  int32_t axis = nax_array_find_axis(p->a, own[1]);
  nax_status s = k > 0
                     ? nax_array_scale(p->c->ctx, p->a, axis, (nax_scale)k, &a)
                     : wrong(p, "step --scale takes one of %s, got \"%s\"", how, own[0]);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_dtype(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  int k = one_of("float64|float32", own[0]);
  nax_array *a = NULL;
  nax_status s =
      k > 0 ? nax_array_convert(p->c->ctx, p->a, k == 1 ? NAX_F64 : NAX_F32, &a)
            : wrong(p, "step --dtype takes float64 or float32, got \"%s\"", own[0]);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

/* --- the table
 * ------------------------------------------------------------------------------ */

const cli_step cli_steps[] = {
    {"neuropil",
     "[SPEC]",
     "take the neuropil signal out of fluorescence",
     "neuropil",
     "coefficient",
     "",
     {{"with", "NAME", "Fneu", "array with the neuropil signal"}},
     run_neuropil,
     'a'},
    {"dff",
     "[SPEC]",
     "relative change of fluorescence, (F - F0) / F0",
     "dff",
     "baseline,window",
     "",
     {{NULL, NULL, NULL, NULL}},
     run_dff,
     'a'},
    {"bin",
     "SPEC",
     "spike trains to counts in bins, e.g. --bin=0.02",
     "bin",
     "bin",
     "width=bin,start=bin-start,stop=bin-stop",
     {{NULL, NULL, NULL, NULL}},
     run_bin,
     's'},
    {"smooth",
     "[SPEC]",
     "smooth along time, e.g. --smooth=gaussian:sd=0.1",
     "smooth",
     "kind,width",
     "sd=width,tau=width",
     {{NULL, NULL, NULL, NULL}},
     run_smooth,
     'a'},
    {"zscore",
     "[SPEC]",
     "standard scores along an axis",
     NULL,
     "axis,ddof",
     "",
     {{"axis", "NAME", "time", "axis to score along"},
      {"ddof", "N", "0", "the variance is divided by n - ddof"}},
     run_zscore,
     'a'},
    {"sqrt",
     NULL,
     "square root of every value",
     NULL,
     "",
     "",
     {{NULL, NULL, NULL, NULL}},
     run_sqrt,
     'a'},
    {"rectify",
     NULL,
     "negative values become 0",
     NULL,
     "",
     "",
     {{NULL, NULL, NULL, NULL}},
     run_rectify,
     'a'},
    {"scale",
     "[SPEC]",
     "divide each neuron by its largest value, norm, sd or range",
     NULL,
     "by,axis",
     "",
     {{"by", "NAME", "max", "max, norm, sd or range"},
      {"axis", "NAME", "neuron", "axis whose positions are scaled"}},
     run_scale,
     'a'},
    {"map",
     "NAME",
     "a function of every value: sqrt, square, abs, log, log1p, exp or rectify",
     NULL,
     "function",
     "",
     {{"function", "NAME", "", "which"}},
     run_map,
     'a'},
    {"slice",
     "SPEC",
     "a part of an axis, e.g. --slice=time:10:60 (seconds), --slice=neuron:0:50 "
     "(positions)",
     NULL,
     "axis,from,to,step",
     "",
     {{"axis", "NAME", "time", "axis to cut"},
      {"from", "X", "", "first coordinate or position"},
      {"to", "X", "", "end, which is not part of it"},
      {"step", "N", "1", "every so many positions"},
      {"by", "NAME", "auto",
       "coord, index, or auto: coordinates where the axis has them"}},
     run_slice,
     'b'},
    {"take",
     "SPEC",
     "positions or labels of an axis in this order, e.g. --take=neuron:3,5,7",
     NULL,
     "axis,list",
     "",
     {{"axis", "NAME", "neuron", "axis to choose from"},
      {"list", "LIST", "", "labels where the axis has labels, else positions from 0"}},
     run_take,
     'b'},
    {"reduce",
     "SPEC",
     "reduce an axis to a number, e.g. --reduce=mean:trial",
     NULL,
     "what,axis,param",
     "",
     {{"what", "NAME", "mean", "mean, sum, var, sd, min, max, median, quantile or count"},
      {"axis", "NAME", "trial", "axis to reduce"},
      {"param", "X", "0", "ddof of var and sd, probability of quantile"}},
     run_reduce,
     'a'},
    {"welch",
     "[SPEC]",
     "power spectral density along time",
     "welch",
     "segment",
     "",
     {{NULL, NULL, NULL, NULL}},
     run_welch,
     'a'},
    {"permute",
     "AXES",
     "axes in another order, e.g. --permute=time,neuron",
     NULL,
     "axes",
     "",
     {{"axes", "LIST", "", "names of all axes"}},
     run_permute,
     'a'},
    {"dtype",
     "NAME",
     "store as float64 or float32",
     NULL,
     "type",
     "",
     {{"type", "NAME", "", "float64 or float32"}},
     run_dtype,
     'a'},
    {NULL, NULL, NULL, NULL, NULL, NULL, {{NULL, NULL, NULL, NULL}}, NULL, 0}};

const cli_step *
cli_step_find(const char *name)
{
  for (const cli_step *s = cli_steps; s->name != NULL; s++) {
    if (strcmp(s->name, name) == 0) {
      return s;
    }
  }
  return NULL;
}

const cli_opt *
cli_step_opts(void)
{
  static cli_opt opts[sizeof cli_steps / sizeof cli_steps[0]];
  for (size_t i = 0; cli_steps[i].name != NULL; i++) {
    const cli_step *s = &cli_steps[i];
    opts[i] = (cli_opt){s->name, s->spec, NULL,
                        s->help, NULL,    s->spec != NULL ? CLI_TEXT : CLI_FLAG,
                        0,       0,       1};
  }
  return opts;
}

/* --- help
 * ----------------------------------------------------------------------------------- */

static void
help_value(FILE *f, const char *key, const char *metavar, const char *help,
           const char *def)
{
  enum { COLUMN = 28 };
  char *left = cli_printf("%s=%s", key, metavar);
  char *text =
      def != NULL && def[0] != '\0' ? cli_printf("%s  [%s]", help, def) : cli_dup(help);
  int n = fprintf(f, "      %s", left);
  fprintf(f, "%s%*s", n > COLUMN - 2 ? "\n" : "", n > COLUMN - 2 ? COLUMN : COLUMN - n,
          "");
  cli_wrap(text, COLUMN, COLUMN, f);
  free(text);
  free(left);
}

static void
help_table(FILE *f, const nax_opt_table *t)
{
  void *opts = cli_alloc(1, t->struct_size);
  nax_options_default(t, opts);
  for (int32_t i = 0; i < t->n_opts; i++) {
    const nax_opt_info *o = &t->opts[i];
    char def[64];
    nax_options_format(t, opts, i, def, sizeof def);
    int named = o->type == NAX_OPT_ENUM;
    char *help = named ? cli_printf("%s: %s", o->help, o->choices) : cli_dup(o->help);
    const char *metavar = named                        ? "NAME"
                          : o->type == NAX_OPT_FLAG    ? "yes|no"
                          : strcmp(o->unit, "s") == 0  ? "SECONDS"
                          : strcmp(o->unit, "Hz") == 0 ? "HZ"
                          : o->type == NAX_OPT_STRING  ? "TEXT"
                                                       : "X";
    int unset = o->type == NAX_OPT_REAL && o->def != o->def;
    help_value(f, o->name, metavar, help,
               unset                     ? NULL
               : o->type == NAX_OPT_FLAG ? (def[0] == '1' ? "yes" : "no")
                                         : def);
    free(help);
  }
  free(opts);
}

void
cli_steps_help(FILE *f)
{
  fputs("\nSPEC is a list of key=value joined by colons. The keys of the first values "
        "may be "
        "left\nout, in this order; an empty value is the default.\n",
        f);
  for (const cli_step *s = cli_steps; s->name != NULL; s++) {
    if (s->spec == NULL || strstr(s->spec, "SPEC") == NULL) {
      continue;
    }
    char *order = cli_dup(s->bare);
    for (char *ch = order; *ch != '\0'; ch++) {
      *ch = *ch == ',' ? ':' : *ch;
    }
    fprintf(f, "\n  --%s=%s\n", s->name, order);
    free(order);
    for (const cli_step_param *o = s->own; o < s->own + CLI_STEP_PARAMS && o->name; o++) {
      help_value(f, o->name, o->metavar, o->help, o->def);
    }
    if (s->table != NULL && nax_options_table(s->table) != NULL) {
      help_table(f, nax_options_table(s->table));
    }
  }
}

/* --- doing
 * ---------------------------------------------------------------------------------- */

/* What `key` is called in truth: itself, or what it is an alias of. */
static char *
real_key(const cli_step *step, const char *key, size_t n)
{
  for (const char *s = step->alias; *s != '\0';) {
    size_t m = strcspn(s, ",");
    size_t eq = strcspn(s, "=");
    if (eq == n && memcmp(s, key, n) == 0) {
      return cli_printf("%.*s", (int)(m - eq - 1), s + eq + 1);
    }
    s += m + (s[m] == ',');
  }
  return cli_printf("%.*s", (int)n, key);
}

/* The k-th key for values without one; NULL when there are no more. */
static char *
bare_key(const cli_step *step, int k)
{
  const char *s = step->bare;
  for (; k > 0 && *s != '\0'; k--) {
    s += strcspn(s, ",");
    s += *s == ',';
  }
  size_t n = strcspn(s, ",");
  return n > 0 ? cli_printf("%.*s", (int)n, s) : NULL;
}

static int
unknown_key(const cli_chain *p, const cli_step *step, const nax_opt_table *t,
            const char *key)
{
  const char *names[64];
  int n = 0;
  for (const cli_step_param *o = step->own; o < step->own + CLI_STEP_PARAMS && o->name;
       o++) {
    names[n++] = o->name;
  }
  for (int32_t i = 0; t != NULL && i < t->n_opts && n < 63; i++) {
    names[n++] = t->opts[i].name;
  }
  names[n] = NULL;
  const char *near = cli_nearest(key, names);
  return cli_error(p->c, CLI_USAGE, "step --%s has no value `%s`%s%s%s", step->name, key,
                   near != NULL ? " (did you mean `" : "", near != NULL ? near : "",
                   near != NULL ? "`?)" : "");
}

static int
step_failed(const cli_chain *p, const cli_step *step, nax_status s)
{
  char *what = cli_printf("step --%s", step->name);
  int status = cli_fail_in(p->c, what, s);
  free(what);
  return status;
}

static int
set_value(cli_chain *p, const cli_step *step, const nax_opt_table *t, void *opts,
          const char **own, const char *key, const char *value)
{
  for (int i = 0; i < CLI_STEP_PARAMS && step->own[i].name != NULL; i++) {
    if (strcmp(step->own[i].name, key) == 0) {
      own[i] = value;
      return CLI_OK;
    }
  }
  for (int32_t i = 0; t != NULL && i < t->n_opts; i++) {
    if (strcmp(t->opts[i].name, key) == 0) {
      nax_status s = nax_options_set(p->c->ctx, t, opts, key, value);
      return s == NAX_OK ? CLI_OK : step_failed(p, step, s);
    }
  }
  return unknown_key(p, step, t, key);
}

/* "gaussian:sd=0.1": values with and without keys. Cuts `spec` into pieces. */
static int
parse_spec(cli_chain *p, const cli_step *step, const nax_opt_table *t, void *opts,
           const char **own, char *spec)
{
  int status = CLI_OK, k = 0;
  for (char *item = spec; item != NULL && status == CLI_OK;) {
    char *next = strchr(item, ':');
    if (next != NULL) {
      *next++ = '\0';
    }
    size_t n = strspn(item, "abcdefghijklmnopqrstuvwxyz-_0123456789");
    int keyed = n > 0 && item[n] == '=';
    char *key = keyed ? real_key(step, item, n) : bare_key(step, k++);
    const char *value = keyed ? item + n + 1 : item;
    if (key == NULL) {
      status = cli_error(p->c, CLI_USAGE, "step --%s: one value too many: \"%s\"",
                         step->name, value);
    } else if (value[0] != '\0') {
      status = set_value(p, step, t, opts, own, key, value);
    }
    free(key);
    item = next;
  }
  return status;
}

static json_t *
resolved(const cli_step *step, const nax_opt_table *t, const void *opts,
         const char *const *own)
{
  json_t *j = json_object(), *values = json_object();
  json_object_set_new(j, "step", json_string(step->name));
  for (int i = 0; i < CLI_STEP_PARAMS && step->own[i].name != NULL; i++) {
    json_object_set_new(values, step->own[i].name, cli_json_text(own[i]));
  }
  for (int32_t i = 0; t != NULL && i < t->n_opts; i++) {
    char buf[256];
    double x;
    nax_options_format(t, opts, i, buf, sizeof buf);
    json_object_set_new(values, t->opts[i].name,
                        cli_parse_number(buf, &x) ? json_real(x)
                        : strcmp(buf, "NaN") == 0 ? json_null()
                                                  : cli_json_text(buf));
  }
  json_object_set_new(j, "options", values);
  return j;
}

int
cli_step_run(cli_chain *p, const cli_step *step, const char *spec, json_t *done)
{
  const nax_opt_table *t = step->table != NULL ? nax_options_table(step->table) : NULL;
  void *opts = cli_alloc(1, t != NULL ? t->struct_size : 1);
  const char *own[CLI_STEP_PARAMS] = {NULL};
  char *copy = cli_dup(step->spec != NULL ? spec : "");
  if (t != NULL) {
    nax_options_default(t, opts);
  }
  for (int i = 0; i < CLI_STEP_PARAMS && step->own[i].name != NULL; i++) {
    own[i] = step->own[i].def;
  }
  int status = parse_spec(p, step, t, opts, own, copy);
  if (status != CLI_OK || done == NULL) {
    free(copy);
    free(opts);
    return status;
  }
  if (step->wants == 'a' && p->a == NULL) {
    status = cli_error(p->c, CLI_USAGE,
                       "step --%s works on arrays and the variable is spike trains; bin "
                       "them before with --bin=SECONDS",
                       step->name);
  } else if (step->wants == 's' && p->s == NULL) {
    status = cli_error(p->c, CLI_USAGE,
                       "step --%s works on spike trains and the variable is an array",
                       step->name);
  }
  if (status == CLI_OK) {
    nax_status s = step->run(p, opts, own);
    status = s == NAX_OK ? CLI_OK : s == TOLD ? CLI_USAGE : step_failed(p, step, s);
  }
  if (status == CLI_OK) {
    json_array_append_new(done, resolved(step, t, opts, own));
    char *shape = cli_chain_shape(p);
    cli_note(p->c, 1, "%s: %s", step->name, shape);
    free(shape);
  }
  free(copy);
  free(opts);
  return status;
}

char *
cli_chain_shape(const cli_chain *p)
{
  if (p->s != NULL) {
    return cli_printf("%lld units, %lld spikes", (long long)nax_spikes_n_units(p->s),
                      (long long)nax_spikes_n_spikes(p->s));
  }
  char *text = cli_dup("");
  for (int32_t k = 0; k < nax_array_ndim(p->a); k++) {
    char *more = cli_printf("%s%s%s %lld", text, k > 0 ? " x " : "",
                            nax_axis_name(nax_array_axis(p->a, k)),
                            (long long)nax_array_dim(p->a, k));
    free(text);
    text = more;
  }
  return text;
}

/* --- the chain
 * ------------------------------------------------------------------------------ */

/* All steps of the command line; with `done` NULL only looking at their values. */
static int
run_steps(cli_chain *p, json_t *done)
{
  cli *c = p->c;
  int status = CLI_OK;
  for (int i = 0; i < c->n_given && status == CLI_OK; i++) {
    const cli_ref *ref = c->given[i].ref;
    const cli_step *step = ref->table == NULL ? cli_step_find(ref->opt.name) : NULL;
    if (step != NULL) {
      status = cli_step_run(p, step, c->given[i].value, done);
      cli_warnings(c);
      status = status == CLI_OK && cli_stopped() ? cli_fail(c, NAX_EINTERRUPT) : status;
    }
  }
  return status;
}

int
cli_chain_run(cli_chain *p, int32_t v, json_t *done)
{
  cli *c = p->c;
  const nax_var_info *info = nax_source_var(p->source, v);
  if (info->kind == NAX_VAR_TABLE) {
    return cli_error(c, CLI_USAGE,
                     "%s: `%s` is a table (expected an array or spike trains)",
                     cli_input_name(c->args[0]), info->name);
  }
  int status = run_steps(p, NULL);
  if (status != CLI_OK) {
    return status;
  }
  nax_dtype type = info->dtype == NAX_F32 ? NAX_F32 : NAX_F64;
  nax_status s = info->kind == NAX_VAR_SPIKES
                     ? nax_source_load_spikes(c->ctx, p->source, v, &p->s)
                     : nax_source_load_array(c->ctx, p->source, v, type, &p->a);
  return s == NAX_OK ? run_steps(p, done) : cli_fail(c, s);
}

void
cli_chain_free(cli_chain *p)
{
  nax_array_free(p->a);
  nax_spikes_free(p->s);
  p->a = NULL;
  p->s = NULL;
}
