/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts that a source states without its values being read, and checks on them in the
 * manner of data validators. */
#include "inspect.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *
rate_source(nax_rate_source s)
{
  switch (s) {
  case NAX_RATE_FILE:
    return "file";
  case NAX_RATE_USER:
    return "user";
  case NAX_RATE_TIMESTAMPS:
    return "timestamps";
  case NAX_RATE_PLACEHOLDER:
    return "placeholder";
  case NAX_RATE_NONE:
  case NAX_RATE_FORCE_INT:
    break;
  }
  return "none";
}

static const char *
kind_name(nax_var_kind k)
{
  return k == NAX_VAR_SPIKES ? "spikes" : k == NAX_VAR_TABLE ? "table" : "array";
}

void
cli_inspect_warn(json_t *file, nax_severity severity, const char *id, const char *fmt,
                 ...)
{
  char text[600];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  json_t *w = json_object();
  json_object_set_new(w, "severity", json_string(nax_severity_name(severity)));
  json_object_set_new(w, "id", cli_json_text(id));
  json_object_set_new(w, "text", cli_json_text(text));
  json_t *list = json_object_get(file, "warnings");
  /* the most severe first, otherwise in the order of discovery */
  size_t at = 0;
  for (; at < json_array_size(list); at++) {
    const char *have =
        json_string_value(json_object_get(json_array_get(list, at), "severity"));
    int grade = NAX_INFO;
    while (grade < NAX_CRITICAL &&
           strcmp(nax_severity_name((nax_severity)grade), have) != 0) {
      grade++;
    }
    if (grade < (int)severity) {
      break;
    }
  }
  json_array_insert_new(list, at, w);
}

static json_t *
axis_json(const nax_axis *a)
{
  enum { SHOWN = 5 };
  json_t *j = json_object();
  nax_index n = nax_axis_length(a);
  nax_axis_kind kind = nax_axis_get_kind(a);
  json_object_set_new(j, "name", cli_json_text(nax_axis_name(a)));
  json_object_set_new(j, "length", json_integer(n));
  json_object_set_new(j, "unit", cli_json_text(nax_axis_unit(a)));
  json_object_set_new(j, "kind",
                      json_string(kind == NAX_AXIS_REGULAR  ? "regular"
                                  : kind == NAX_AXIS_COORDS ? "coordinates"
                                  : kind == NAX_AXIS_LABELS ? "labels"
                                                            : "index"));
  if (kind == NAX_AXIS_REGULAR || kind == NAX_AXIS_COORDS) {
    json_object_set_new(j, "first",
                        cli_json_num(n > 0 ? nax_axis_coord(a, 0) : (double)NAN));
    json_object_set_new(j, "last",
                        cli_json_num(n > 0 ? nax_axis_coord(a, n - 1) : (double)NAN));
  }
  if (kind == NAX_AXIS_REGULAR) {
    json_object_set_new(j, "rate", cli_json_num(nax_axis_rate(a)));
  }
  if (kind == NAX_AXIS_LABELS) {
    json_t *labels = json_array();
    for (nax_index i = 0; i < n && i < SHOWN; i++) {
      json_array_append_new(labels, cli_json_text(nax_axis_label(a, i)));
    }
    json_object_set_new(j, "first_labels", labels);
    json_object_set_new(j, "last_label",
                        n > 0 ? cli_json_text(nax_axis_label(a, n - 1)) : json_null());
  }
  return j;
}

static json_t *
var_json(const nax_var_info *v)
{
  json_t *j = json_object(), *shape = json_array(), *axes = json_array();
  json_object_set_new(j, "name", cli_json_text(v->name));
  json_object_set_new(j, "kind", json_string(kind_name(v->kind)));
  json_object_set_new(j, "path", cli_json_text(v->path));
  json_object_set_new(j, "description", cli_json_text(v->description));
  json_object_set_new(j, "unit", cli_json_text(v->unit));
  int chunked = 0;
  json_t *chunks = json_array();
  for (int32_t k = 0; k < v->ndim; k++) {
    json_array_append_new(shape, json_integer(v->dim[k]));
    json_array_append_new(chunks, json_integer(v->chunk[k]));
    chunked = chunked || v->chunk[k] > 0;
    if (v->axis[k] != NULL && v->kind != NAX_VAR_TABLE) {
      json_array_append_new(axes, axis_json(v->axis[k]));
    }
  }
  json_object_set_new(j, "shape", shape);
  json_object_set_new(j, "axes", axes);
  json_object_set_new(j, "n_values", json_integer(v->n_values));
  json_object_set_new(j, "dtype",
                      json_string(v->dtype != 0 ? nax_dtype_name(v->dtype) : ""));
  json_object_set_new(j, "file_dtype", cli_json_text(v->file_dtype));
  json_object_set_new(j, "chunks", chunked ? chunks : json_null());
  if (!chunked) {
    json_decref(chunks);
  }
  json_object_set_new(j, "filters", cli_json_text(v->filters));
  json_object_set_new(j, "rate", cli_json_num(v->rate));
  json_object_set_new(j, "rate_source", json_string(rate_source(v->rate_source)));
  json_object_set_new(j, "t_start", cli_json_num(v->t_start));
  json_object_set_new(j, "t_stop", cli_json_num(v->t_stop));
  json_object_set_new(j, "duration", cli_json_num(v->t_stop - v->t_start));
  json_object_set_new(j, "median_step", cli_json_num(v->median_step));
  json_object_set_new(j, "max_gap", cli_json_num(v->max_gap));
  json_object_set_new(j, "max_gap_at",
                      v->max_gap_at >= 0 ? json_integer(v->max_gap_at) : json_null());
  json_object_set_new(j, "values", json_null());
  return j;
}

static int
has_axis(const nax_var_info *v, const char *name)
{
  for (int32_t k = 0; k < v->ndim && v->kind == NAX_VAR_ARRAY; k++) {
    if (v->axis[k] != NULL && strcmp(nax_axis_name(v->axis[k]), name) == 0) {
      return k + 1;
    }
  }
  return 0;
}

static void
check_facts(json_t *file, const nax_source *s, const nax_var_info *v)
{
  const char *format = nax_source_format(s);
  int time = has_axis(v, "time"), neuron = has_axis(v, "neuron");
  double bytes = (double)v->n_values * (double)nax_dtype_size(v->dtype);
  if (v->kind == NAX_VAR_ARRAY && time && v->unit[0] == '\0') {
    cli_inspect_warn(file, NAX_SUGGESTION, "info.no-unit",
                     "%s: the file does not say in which unit the values are", v->name);
  }
  if (v->n_values == 0) {
    cli_inspect_warn(file, NAX_VIOLATION, "info.empty", "%s: has no values", v->name);
  }
  if (time && neuron && v->ndim == 2 && v->dim[time - 1] < v->dim[neuron - 1]) {
    cli_inspect_warn(file, NAX_SUGGESTION, "info.orientation",
                     "%s: fewer time points (%lld) than neurons (%lld); give --axes if "
                     "they are swapped",
                     v->name, (long long)v->dim[time - 1], (long long)v->dim[neuron - 1]);
  }
  if (v->rate_source == NAX_RATE_TIMESTAMPS && strcmp(format, "nwb") == 0) {
    cli_inspect_warn(file, NAX_SUGGESTION, "info.regular-timestamps",
                     "%s: has one timestamp per sample although they are regular; a "
                     "start and a rate say the same",
                     v->name);
  }
  if (v->kind == NAX_VAR_ARRAY && bytes > 1e8 && v->filters[0] == '\0' &&
      (strcmp(format, "nwb") == 0 || strcmp(format, "netcdf") == 0)) {
    char size[32];
    cli_inspect_warn(file, NAX_SUGGESTION, "info.not-compressed",
                     "%s: %s are stored without compression", v->name,
                     cli_bytes(size, bytes));
  }
}

static void
take_warnings(cli *c, json_t *file)
{
  for (nax_index i = 0; i < nax_ctx_n_warnings(c->ctx); i++) {
    nax_warning w = nax_ctx_warning(c->ctx, i);
    cli_inspect_warn(file, w.severity, w.id, "%s", w.text);
  }
  nax_ctx_clear_warnings(c->ctx);
}

static nax_status
inspect_values(cli *c, nax_source *s, double limit, json_t *file, json_t *vars)
{
  for (int32_t i = 0; i < nax_source_n_vars(s); i++) {
    const nax_var_info *v = nax_source_var(s, i);
    json_t *var = json_array_get(vars, (size_t)i);
    size_t size = nax_dtype_size(v->dtype);
    double bytes = (double)v->n_values * (double)(size > 0 ? size : 16);
    if (bytes > limit || v->n_values == 0) {
      continue;
    }
    nax_status st = v->kind == NAX_VAR_ARRAY    ? cli_inspect_array(c, s, i, file, var)
                    : v->kind == NAX_VAR_SPIKES ? cli_inspect_spikes(c, s, i, file, var)
                                                : cli_inspect_table(c, s, i, file, var);
    if (st != NAX_OK) {
      return st;
    }
  }
  return NAX_OK;
}

int
cli_inspect(cli *c, nax_source *s, const char *name, double scan_bytes, json_t **out)
{
  json_t *file = json_object(), *attrs = json_object(), *vars = json_array();
  *out = NULL;
  int32_t main = nax_source_main(s);
  json_object_set_new(file, "path", cli_json_text(cli_input_name(name)));
  json_object_set_new(file, "format", cli_json_text(nax_source_format(s)));
  json_object_set_new(file, "format_version",
                      cli_json_text(nax_source_format_version(s)));
  json_object_set_new(file, "size", json_integer((json_int_t)cli_file_size(name)));
  json_object_set_new(file, "main",
                      main >= 0 ? cli_json_text(nax_source_var(s, main)->name)
                                : json_null());
  json_object_set_new(file, "attributes", attrs);
  json_object_set_new(file, "variables", vars);
  json_object_set_new(file, "warnings", json_array());
  for (int32_t i = 0; i < nax_source_n_attrs(s); i++) {
    const char *key, *text;
    double number;
    nax_source_attr(s, i, &key, &text, &number);
    json_object_set_new(attrs, key,
                        text != NULL ? cli_json_text(text) : cli_json_num(number));
  }
  for (int32_t i = 0; i < nax_source_n_vars(s); i++) {
    json_array_append_new(vars, var_json(nax_source_var(s, i)));
    check_facts(file, s, nax_source_var(s, i));
  }
  nax_status st = inspect_values(c, s, scan_bytes, file, vars);
  take_warnings(c, file);
  if (st != NAX_OK) {
    json_decref(file);
    return cli_fail(c, st);
  }
  *out = file;
  return CLI_OK;
}
