/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of steps, and what the steps do that need more than one call. */
#define _POSIX_C_SOURCE 200809L
#include "steps.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
  return CLI_TOLD;
}

static void
set_array(cli_chain *p, nax_array *a)
{
  nax_array_free(p->a);
  nax_spikes_free(p->s);
  p->s = NULL;
  p->a = a;
}

/* Position of an axis of the array; -1 after a message that names those there are. */
static int32_t
find_axis(const cli_chain *p, const char *step, const char *name)
{
  int32_t k = nax_array_find_axis(p->a, name);
  if (k < 0) {
    char *shape = cli_chain_shape(p);
    (void)wrong(p, "step --%s: there is no axis `%s` (found %s)", step, name, shape);
    free(shape);
  }
  return k;
}

/* --- steps with a table ------------------------------------------------------------ */

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
run_detrend(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_signal_detrend(p->c->ctx, p->a, opts, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_resample(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_signal_resample(p->c->ctx, p->a, opts, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  return s;
}

static nax_status
run_psth(cli_chain *p, const void *opts, const char *const *own)
{
  (void)own;
  nax_array *a = NULL;
  nax_status s = nax_signal_psth(p->c->ctx, p->a, opts, &a);
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

/* --- trials ------------------------------------------------------------------------ */

/* The table of events: that of the name, or else the only one with the column; `trials`
 * wins where there is one. NULL after a message. */
static nax_table *
events_table(cli_chain *p, const char *step, const char *name, const char *column)
{
  nax_table *found = NULL;
  char names[300] = "";
  size_t used = 0;
  for (int32_t i = 0; i < nax_source_n_vars(p->source); i++) {
    const nax_var_info *v = nax_source_var(p->source, i);
    nax_table *t = NULL;
    if (v->kind != NAX_VAR_TABLE || (name[0] != '\0' && strcmp(name, v->name) != 0)) {
      continue;
    }
    if (nax_source_load_table(p->c->ctx, p->source, i, &t) != NAX_OK) {
      (void)wrong(p, "step --%s: table `%s`: %s", step, v->name,
                  nax_ctx_error(p->c->ctx));
      nax_table_free(found);
      return NULL;
    }
    if (nax_table_numbers(t, nax_table_find(t, column)) == NULL) {
      nax_table_free(t);
      continue;
    }
    int n = snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                     v->name);
    used += n > 0 && (size_t)n < sizeof names - used ? (size_t)n : 0;
    if (strcmp(v->name, "trials") == 0) {
      nax_table_free(found);
      return t;
    }
    nax_table_free(found != NULL ? t : NULL);
    found = found != NULL ? found : t;
  }
  if (strchr(names, ',') != NULL) {
    (void)wrong(p,
                "step --%s: several tables have a column `%s`, give events=NAME (found "
                "%s)",
                step, column, names);
    nax_table_free(found);
    return NULL;
  }
  if (found == NULL) {
    (void)wrong(p,
                "step --%s: the input has no table%s%s%s with numbers in a column `%s`",
                step, name[0] ? " `" : "", name, name[0] ? "`" : "", column);
  }
  return found;
}

static nax_status
run_align(cli_chain *p, const void *opts, const char *const *own)
{
  nax_array *a = NULL;
  nax_table *t = events_table(p, "align", own[0], own[1]);
  if (t == NULL) {
    return CLI_TOLD;
  }
  const double *at = nax_table_numbers(t, nax_table_find(t, own[1]));
  nax_index n = nax_table_n_rows(t);
  nax_status s = p->s != NULL ? nax_signal_align_spikes(p->c->ctx, p->s, n, at, opts, &a)
                              : nax_signal_align(p->c->ctx, p->a, n, at, opts, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  nax_table_free(t);
  return s;
}

static nax_status
run_cut(cli_chain *p, const void *opts, const char *const *own)
{
  (void)opts;
  double bin;
  nax_array *a = NULL;
  if (!cli_parse_number(own[0], &bin)) {
    return wrong(p, "step --cut: bin is a number of seconds, got \"%s\"", own[0]);
  }
  nax_table *t = events_table(p, "cut", own[1], own[2]);
  if (t == NULL) {
    return CLI_TOLD;
  }
  const double *from = nax_table_numbers(t, nax_table_find(t, own[2]));
  const double *to = nax_table_numbers(t, nax_table_find(t, own[3]));
  nax_index n = nax_table_n_rows(t);
  nax_status s =
      to == NULL
          ? wrong(p, "step --cut: the table has no numbers in a column `%s`", own[3])
      : p->s != NULL ? nax_signal_cut_spikes(p->c->ctx, p->s, n, from, to, bin, NULL, &a)
                     : nax_signal_cut(p->c->ctx, p->a, n, from, to, NULL, &a);
  if (s == NAX_OK) {
    set_array(p, a);
  }
  nax_table_free(t);
  return s;
}

/* --- parts ------------------------------------------------------------------------- */

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
  int32_t k = find_axis(p, "slice", axis);
  if (k < 0) {
    return CLI_TOLD;
  }
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

/* --- numbers --------------------------------------------------------------- */

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
  int32_t k = find_axis(p, "zscore", own[0]);
  if (k < 0) {
    return CLI_TOLD;
  }
  nax_array *a = NULL;
  nax_status s = nax_array_zscore(p->c->ctx, p->a, k, ddof, &a);
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
  int32_t axis = find_axis(p, "reduce", own[1]);
  if (axis < 0) {
    return CLI_TOLD;
  }
  nax_array *a = NULL;
  nax_status s = nax_array_reduce(p->c->ctx, p->a, axis, (nax_reduction)k, param, &a);
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
  int32_t axis = find_axis(p, "scale", own[1]);
  if (axis < 0) {
    return CLI_TOLD;
  }
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

/* --- the table ------------------------------------------------------------- */

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
     'S'},
    {"smooth",
     "[SPEC]",
     "smooth along time, e.g. --smooth=gaussian:sd=0.1",
     "smooth",
     "kind,width",
     "sd=width,tau=width",
     {{NULL, NULL, NULL, NULL}},
     run_smooth,
     'a'},
    {"detrend",
     "[SPEC]",
     "take a polynomial in time out of each trace",
     "detrend",
     "order",
     "",
     {{NULL, NULL, NULL, NULL}},
     run_detrend,
     'a'},
    {"resample",
     "[SPEC]",
     "onto a regular grid of times, e.g. --resample=10",
     "resample",
     "rate,method",
     "gap=max-gap",
     {{NULL, NULL, NULL, NULL}},
     run_resample,
     'a'},
    {"align",
     "[SPEC]",
     "around events: neuron x time x trial, e.g. --align=-0.5:1.5 (seconds)",
     "align",
     "start,stop,bin",
     "",
     {{"events", "TABLE", "",
       "table with the events; trials, or the only one with the column"},
      {"at", "COLUMN", "start_time", "column with their times"}},
     run_align,
     'B'},
    {"cut",
     "[SPEC]",
     "trials of unequal length: neuron x time x trial, padded with NaN",
     NULL,
     "bin",
     "",
     {{"bin", "SECONDS", "0.01", "spike trains: width of a bin"},
      {"events", "TABLE", "",
       "table with the trials; trials, or the only one with the columns"},
      {"from", "COLUMN", "start_time", "column with their starts"},
      {"to", "COLUMN", "stop_time", "column with their ends"}},
     run_cut,
     'B'},
    {"psth",
     "[SPEC]",
     "mean over trials, its standard error and their number",
     "psth",
     "per-second",
     "",
     {{NULL, NULL, NULL, NULL}},
     run_psth,
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
