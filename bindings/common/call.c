/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "call.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
kind_name(nxb_kind k)
{
  static const char *const names[] = {"nothing",  "an array",      "spike trains",
                                      "a table",  "a dataset",     "a list",
                                      "a string", "something else"};
  return names[k];
}

nax_status
nxb_fail(nxb_call *c, nax_status status, const char *format, ...)
{
  va_list ap;
  va_start(ap, format);
  int n = snprintf(c->error, sizeof c->error, "%s: ", c->method->name);
  if (n > 0 && n < (int)sizeof c->error) {
    (void)vsnprintf(c->error + n, sizeof c->error - (size_t)n, format, ap);
  }
  va_end(ap);
  return status;
}

const char *
nxb_error(const nxb_call *c)
{
  if (c->status == NAX_OK) {
    return "";
  }
  if (c->error[0] != '\0') {
    return c->error;
  }
  const char *text = nax_ctx_error(c->ctx);
  return text[0] != '\0' ? text : nax_status_text(c->status);
}

int
nxb_n_inputs(const nxb_method *m)
{
  int n = 0;
  while (n < NXB_MAX_INPUTS && m->in[n].name != NULL) {
    n++;
  }
  return n;
}

const nxb_method *
nxb_find(const char *name)
{
  const nxb_method *m;
  for (int i = 0; (m = nxb_method_at(i)) != NULL; i++) {
    if (strcmp(m->name, name) == 0) {
      return m;
    }
  }
  return NULL;
}

nxb_call *
nxb_new(const char *method)
{
  const nxb_method *m = nxb_find(method);
  nxb_call *c = m != NULL ? calloc(1, sizeof *c) : NULL;
  if (c == NULL) {
    return NULL;
  }
  c->method = m;
  if (nax_ctx_create(&c->ctx) != NAX_OK) {
    nxb_free(c);
    return NULL;
  }
  for (int i = 0; i < NXB_MAX_TABLES && m->tables[i] != NULL; i++) {
    const nax_opt_table *t = nax_options_table(m->tables[i]);
    c->opts[i] = t != NULL ? calloc(1, t->struct_size) : NULL;
    if (c->opts[i] == NULL) {
      nxb_free(c);
      return NULL;
    }
    nax_options_default(t, c->opts[i]);
  }
  return c;
}

void
nxb_value_free(nxb_value *v)
{
  for (int k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(v->axis[k]);
  }
  nax_spikes_free(v->spikes);
  nax_table_free(v->table);
  nax_dataset_free(v->dataset);
  for (nax_index i = 0; v->item != NULL && i < v->n_items; i++) {
    nxb_value_free(&v->item[i]);
  }
  free(v->item);
  memset(v, 0, sizeof *v);
}

void
nxb_free(nxb_call *c)
{
  if (c == NULL) {
    return;
  }
  for (int i = 0; i < NXB_MAX_INPUTS; i++) {
    nxb_value_free(&c->in[i]);
  }
  for (int i = 0; i < NXB_MAX_TABLES; i++) {
    free(c->opts[i]);
  }
  for (int i = 0; i < c->n_kept; i++) {
    free(c->kept[i]);
    free(c->set[i]);
  }
  for (int i = 0; i < c->n_room; i++) {
    free(c->room[i]);
  }
  free(c->room);
  nax_dataset_free(c->out);
  nax_ctx_free(c->ctx);
  free(c);
}

void *
nxb_room(nxb_call *c, nax_index n, size_t size)
{
  void *p = NULL;
  void **more = realloc(c->room, ((size_t)c->n_room + 1) * sizeof(void *));
  if (more != NULL) {
    c->room = more;
    p = n >= 0 ? calloc((size_t)n + 1, size) : NULL;
  }
  if (p == NULL) {
    (void)nxb_fail(c, NAX_ENOMEM, "out of memory");
    return NULL;
  }
  c->room[c->n_room++] = p;
  return p;
}

double *
nxb_doubles(nxb_call *c, nax_index n)
{
  return nxb_room(c, n, sizeof(double));
}

static int
has_option(const nax_opt_table *t, const char *name)
{
  for (int32_t j = 0; j < t->n_opts; j++) {
    if (strcmp(t->opts[j].name, name) == 0) {
      return 1;
    }
  }
  return 0;
}

nax_status
nxb_set(nxb_call *c, const char *name, const char *value)
{
  char option[64];
  int found = 0;
  if (c->n_kept == NXB_MAX_SET || strlen(name) >= sizeof option) {
    return c->status =
               nxb_fail(c, NAX_EINVAL, "option `%.60s`, expected a known one", name);
  }
  for (size_t i = 0; i <= strlen(name); i++) {
    option[i] = (char)(name[i] == '_' ? '-' : name[i]);
  }
  size_t size = strlen(value) + 1;
  char *text = malloc(size);
  if (text == NULL) {
    return c->status = nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  memcpy(text, value, size);
  c->set[c->n_kept] = strdup(name);
  c->kept[c->n_kept++] = text;
  for (int i = 0; i < NXB_MAX_TABLES && c->method->tables[i] != NULL; i++) {
    const nax_opt_table *t = nax_options_table(c->method->tables[i]);
    if (has_option(t, option)) {
      found = 1;
      c->status = nax_options_set(c->ctx, t, c->opts[i], option, text);
      if (c->status != NAX_OK) {
        return c->status;
      }
    }
  }
  return found ? NAX_OK
               : (c->status = nxb_fail(c, NAX_EINVAL, "there is no option `%s`", name));
}

int
nxb_was_set(const nxb_call *c, const char *name)
{
  for (int i = 0; i < c->n_kept; i++) {
    if (c->set[i] != NULL && strcmp(c->set[i], name) == 0) {
      return 1;
    }
  }
  return 0;
}

/* ---- inputs ---------------------------------------------------------------------------
 */

/* Part k of a list separated by commas, into `buf`; 0 when there is none. */
static int
part(const char *list, int k, char buf[64])
{
  for (; list != NULL && k > 0; k--) {
    list = strchr(list, ',');
    list = list != NULL ? list + 1 : NULL;
  }
  size_t n = list != NULL ? strcspn(list, ",") : 0;
  if (n == 0 || n >= 64) {
    return 0;
  }
  memcpy(buf, list, n);
  buf[n] = '\0';
  return 1;
}

/* An axis for each dimension, so that methods can find theirs by name. */
static nax_status
name_axes(nxb_call *c, nxb_value *v, const char *names)
{
  nax_status s = NAX_OK;
  for (int k = 0; k < v->view.ndim; k++) {
    /* An axis may have more positions than fit memory when another has none. */
    if (nax_view_size(&v->view) == 0 && v->view.dim[k] > 1000000) {
      return nxb_fail(c, NAX_EDIM, "an array of %lld positions without a value",
                      (long long)v->view.dim[k]);
    }
  }
  for (int k = 0; s == NAX_OK && k < v->view.ndim; k++) {
    char name[64];
    if (v->axis[k] == NULL) {
      if (!part(names, k, name)) {
        (void)snprintf(name, sizeof name, "axis%d", k + 1);
      }
      s = nax_axis_create_index(c->ctx, name, v->view.dim[k], &v->axis[k]);
    } else if (nax_axis_length(v->axis[k]) != v->view.dim[k]) {
      s = nxb_fail(c, NAX_EDIM, "axis `%s` has %lld positions, expected %lld",
                   nax_axis_name(v->axis[k]), (long long)nax_axis_length(v->axis[k]),
                   (long long)v->view.dim[k]);
    }
    if (s == NAX_OK) {
      v->view.name[k] = nax_axis_name(v->axis[k]);
    }
  }
  return s;
}

/* A host's named list of arrays arrives as a dataset; where a list is wanted it is one.
 */
static nax_status
list_of_dataset(nxb_call *c, nxb_value *v)
{
  int32_t n = nax_dataset_n_vars(v->dataset);
  nax_status s = NAX_OK;
  v->item = calloc((size_t)n + 1, sizeof *v->item);
  if (v->item == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  v->kind = NXB_LIST;
  v->n_items = n;
  for (int32_t i = 0; s == NAX_OK && i < n; i++) {
    nxb_value *item = &v->item[i];
    item->name = nax_dataset_var_name(v->dataset, i);
    const nax_array *a = nax_dataset_array(v->dataset, item->name);
    item->kind = a != NULL ? NXB_ARRAY : NXB_OTHER;
    if (a != NULL) {
      item->view = nax_array_view(a);
      item->unit = nax_array_unit(a);
      item->description = nax_array_description(a);
      for (int32_t k = 0; s == NAX_OK && k < item->view.ndim; k++) {
        s = nax_axis_copy(c->ctx, nax_array_axis(a, k), &item->axis[k]);
      }
    }
  }
  return s;
}

static nax_status
check_input(nxb_call *c, const nxb_input *in, nxb_value *v)
{
  if (v->kind == NXB_NOTHING) {
    return in->optional ? NAX_OK : nxb_fail(c, NAX_EINVAL, "`%s` is missing", in->name);
  }
  if (v->kind == NXB_DATASET && (in->kinds & (1u << NXB_DATASET)) == 0 &&
      (in->kinds & (1u << NXB_LIST)) != 0) {
    nax_status status = list_of_dataset(c, v);
    if (status != NAX_OK) {
      return status;
    }
  }
  if ((in->kinds & (1u << v->kind)) == 0) {
    char expected[128] = "";
    for (unsigned k = 1; k <= NXB_TEXT; k++) {
      if ((in->kinds & (1u << k)) != 0) {
        size_t n = strlen(expected);
        (void)snprintf(expected + n, sizeof expected - n, "%s%s", n > 0 ? " or " : "",
                       kind_name((nxb_kind)k));
      }
    }
    return nxb_fail(c, NAX_EINVAL, "`%s` is %s, expected %s", in->name,
                    kind_name(v->kind), expected);
  }
  nax_status s = v->kind == NXB_ARRAY ? name_axes(c, v, in->axes) : NAX_OK;
  for (nax_index i = 0; s == NAX_OK && v->kind == NXB_LIST && i < v->n_items; i++) {
    if (v->item[i].kind != NXB_ARRAY) {
      return nxb_fail(c, NAX_EINVAL, "element %lld of `%s` is %s, expected an array",
                      (long long)i + 1, in->name, kind_name(v->item[i].kind));
    }
    s = name_axes(c, &v->item[i], in->axes);
  }
  return s;
}

nax_status
nxb_add_member(nxb_call *c, nax_dataset *d, const char *name, nxb_value *v)
{
  nax_status s = NAX_OK;
  if (v->kind == NXB_ARRAY) {
    nax_array *a = NULL;
    for (int32_t k = 0; s == NAX_OK && k < v->view.ndim; k++) {
      char axis[32];
      (void)snprintf(axis, sizeof axis, "%.16s_%d", name, (int)k + 1);
      if (v->axis[k] == NULL) {
        s = nax_axis_create_index(c->ctx, axis, v->view.dim[k], &v->axis[k]);
      }
    }
    if (s == NAX_OK) {
      s = nxb_array_of(c, v, &a);
    }
    if (s == NAX_OK) {
      s = nax_dataset_add_array(c->ctx, d, name, a);
    }
    if (s != NAX_OK) {
      nax_array_free(a);
    }
    return s;
  }
  if (v->kind == NXB_SPIKES) {
    s = nax_dataset_add_spikes(c->ctx, d, name, v->spikes);
    v->spikes = s == NAX_OK ? NULL : v->spikes;
    return s;
  }
  if (v->kind == NXB_TABLE) {
    s = nax_dataset_add_table(c->ctx, d, name, v->table);
    v->table = s == NAX_OK ? NULL : v->table;
    return s;
  }
  return nxb_fail(c, NAX_ETYPE, "member `%s`, expected an array, spike trains or a table",
                  name);
}

nax_status
nxb_run(nxb_call *c)
{
  int n = nxb_n_inputs(c->method);
  for (int i = 0; i < n && c->status == NAX_OK; i++) {
    c->status = check_input(c, &c->method->in[i], &c->in[i]);
  }
  for (int i = 0; i < NXB_MAX_TABLES && c->status == NAX_OK && c->opts[i] != NULL; i++) {
    c->status =
        nax_options_check(c->ctx, nax_options_table(c->method->tables[i]), c->opts[i]);
  }
  if (c->status == NAX_OK) {
    c->status = nax_dataset_create(c->ctx, &c->out);
  }
  if (c->status == NAX_OK) {
    c->status = c->method->run(c);
  }
  return c->status;
}

nax_status
nxb_check_lengths(nxb_call *c, nax_index longest)
{
  for (int32_t i = 0; i < nax_dataset_n_vars(c->out); i++) {
    const char *name = nax_dataset_var_name(c->out, i);
    const nax_array *a = nax_dataset_array(c->out, name);
    const nax_spikes *s = nax_dataset_spikes(c->out, name);
    const nax_table *t = nax_dataset_table(c->out, name);
    nax_index most = t != NULL   ? nax_table_n_rows(t)
                     : s != NULL ? nax_spikes_n_intervals(s)
                                 : 0;
    for (int32_t k = 0; a != NULL && k < nax_array_ndim(a); k++) {
      most = nax_array_dim(a, k) > most ? nax_array_dim(a, k) : most;
    }
    if (most > longest) {
      return c->status = nxb_fail(
                 c, NAX_EOVERFLOW,
                 "`%.60s` of the result has %lld positions, here there can be %lld", name,
                 (long long)most, (long long)longest);
    }
  }
  return NAX_OK;
}

nax_status
nxb_look(nxb_call *c, nax_index i, nax_index every)
{
  return i % every == every - 1 ? nax_ctx_poll(c->ctx) : NAX_OK;
}

void
nxb_copy_view(nxb_call *c, const nax_view *v, double *to)
{
  if (c->status == NAX_OK && nax_view_size(v) > 0) {
    c->status = nax_view_copy_to(c->ctx, v, NAX_F64, to);
  }
}

void
nxb_copy_out(nxb_call *c, const double *x, nax_index n, double *to)
{
  nax_view v = nax_view_f64(x, 1, &n);
  nxb_copy_view(c, &v, to);
}

nax_view
nxb_view(const nxb_call *c, int i)
{
  return c->in[i].view;
}

const nax_view *
nxb_optional(const nxb_call *c, int i)
{
  return c->in[i].kind == NXB_ARRAY ? &c->in[i].view : NULL;
}

nax_status
nxb_dense(nxb_call *c, int i, int least, int most)
{
  const nax_view *v = &c->in[i].view;
  if (v->ndim < least || v->ndim > most || !nax_view_is_dense(v)) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %d axes, expected %d to %d",
                    c->method->in[i].name, (int)v->ndim, least, most);
  }
  return NAX_OK;
}

const nax_axis *const *
nxb_axes(const nxb_call *c, int i)
{
  return (const nax_axis *const *)c->in[i].axis;
}

nax_status
nxb_array_of(nxb_call *c, const nxb_value *v, nax_array **out)
{
  const nax_axis *const *axes = (const nax_axis *const *)v->axis;
  nax_status s;
  if (nax_view_is_dense(&v->view)) {
    s = nax_array_borrow(c->ctx, &v->view, axes, v->unit, out);
  } else {
    s = nax_array_create(c->ctx, v->view.dtype, v->view.ndim, axes, v->unit, out);
    if (s == NAX_OK) {
      s = nax_view_copy_to(c->ctx, &v->view, v->view.dtype, nax_array_data_mut(*out));
    }
  }
  if (s == NAX_OK && v->description != NULL) {
    s = nax_array_set_description(c->ctx, *out, v->description);
  }
  if (s != NAX_OK) {
    nax_array_free(*out);
    *out = NULL;
  }
  return s;
}

nax_status
nxb_array(nxb_call *c, int i, nax_array **out)
{
  return nxb_array_of(c, &c->in[i], out);
}

nax_status
nxb_numbers(nxb_call *c, int i, const double **x, nax_index *n)
{
  const nax_view *v = &c->in[i].view;
  *x = NULL;
  *n = 0;
  if (c->in[i].kind == NXB_NOTHING) {
    return NAX_OK;
  }
  nax_index longest = 0;
  for (int k = 0; k < v->ndim; k++) {
    longest = v->dim[k] > longest ? v->dim[k] : longest;
  }
  if (longest != nax_view_size(v) || v->dtype != NAX_F64) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %d axes, expected numbers in one row",
                    c->method->in[i].name, (int)v->ndim);
  }
  *x = v->data;
  *n = longest;
  return NAX_OK;
}

nax_status
nxb_codes(nxb_call *c, int i, nax_index n, int64_t **out, nax_index *given)
{
  const double *x;
  nax_index found;
  *out = NULL;
  nax_status s = nxb_numbers(c, i, &x, &found);
  if (given != NULL) {
    *given = found;
  }
  if (s != NAX_OK || c->in[i].kind == NXB_NOTHING) {
    return s;
  }
  if (n >= 0 && found != n) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %lld values, expected %lld",
                    c->method->in[i].name, (long long)found, (long long)n);
  }
  *out = calloc((size_t)found + 1, sizeof **out);
  if (*out == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; k < found; k++) {
    if (!(fabs(x[k]) < 1e15) || x[k] != floor(x[k])) {
      free(*out);
      *out = NULL;
      return nxb_fail(c, NAX_EDATA, "`%s` is %g at %lld, expected whole numbers",
                      c->method->in[i].name, x[k], (long long)k + 1);
    }
    (*out)[k] = (int64_t)x[k];
  }
  return NAX_OK;
}

nax_status
nxb_labels(nxb_call *c, int i, nax_index n, int64_t least, int64_t first, int64_t **out)
{
  int64_t *code = NULL;
  nax_index given;
  *out = NULL;
  nax_status s = nxb_codes(c, i, n, &code, &given);
  if (s == NAX_OK && code != NULL) {
    *out = nxb_room(c, given, sizeof **out);
    s = *out != NULL ? NAX_OK : NAX_ENOMEM;
  }
  for (nax_index k = 0; s == NAX_OK && code != NULL && k < given; k++) {
    if (code[k] < least) {
      s = nxb_fail(c, NAX_EINVAL, "`%s` is %lld at %lld, expected numbers from %lld",
                   c->method->in[i].name, (long long)code[k], (long long)k + 1,
                   (long long)least);
    }
    (*out)[k] = code[k] - first;
  }
  free(code);
  return s;
}

nax_status
nxb_number(nxb_call *c, int i, double otherwise, double *out)
{
  const double *x;
  nax_index n;
  nax_status s = nxb_numbers(c, i, &x, &n);
  *out = otherwise;
  if (s == NAX_OK && c->in[i].kind != NXB_NOTHING) {
    if (n != 1) {
      return nxb_fail(c, NAX_EDIM, "`%s` has %lld values, expected one",
                      c->method->in[i].name, (long long)n);
    }
    *out = *x;
  }
  return s;
}

nax_status
nxb_whole(nxb_call *c, int i, double otherwise, double least, double most, nax_index *out)
{
  double x;
  nax_status s = nxb_number(c, i, otherwise, &x);
  *out = 0;
  if (s == NAX_OK && (!(x >= least && x <= most) || x != floor(x))) {
    return nxb_fail(c, NAX_EINVAL, "`%s` is %g, expected a whole number from %.0f to %g",
                    c->method->in[i].name, x, least, most);
  }
  *out = s == NAX_OK ? (nax_index)x : 0;
  return s;
}

void *
nxb_opts(const nxb_call *c, const char *table)
{
  for (int i = 0; i < NXB_MAX_TABLES && c->method->tables[i] != NULL; i++) {
    if (strcmp(c->method->tables[i], table) == 0) {
      return c->opts[i];
    }
  }
  return NULL;
}

/* Hosts whose names have no '-' say '_'. */
static const char *
kept_text(const nax_dataset *d, const char *prefix, const char *name, char number[40])
{
  char key[96];
  (void)snprintf(key, sizeof key, "%s_%s", prefix, name);
  for (int pass = 0; pass < 2; pass++) {
    const char *text = nax_dataset_text(d, key);
    double x = nax_dataset_number(d, key);
    if (text != NULL) {
      return text;
    }
    if (!isnan(x)) {
      (void)snprintf(number, 40, "%.17g", x);
      return number;
    }
    for (char *p = key; *p != '\0'; p++) {
      *p = (char)(*p == '-' ? '_' : *p);
    }
  }
  return "";
}

nax_status
nxb_kept_options(nxb_call *c, const nax_dataset *d, const char *prefix, const char *names,
                 void *opts)
{
  const nax_opt_table *t = nax_options_table(prefix);
  nax_status s = t != NULL ? NAX_OK : NAX_EINVAL;
  for (int32_t j = 0; s == NAX_OK && j < t->n_opts; j++) {
    char key[96], number[40];
    (void)snprintf(key, sizeof key, ",%s,", t->opts[j].name);
    if (strstr(names, key) == NULL) {
      continue;
    }
    const char *text = kept_text(d, prefix, t->opts[j].name, number);
    if (text[0] != '\0') {
      s = nax_options_set(c->ctx, t, opts, t->opts[j].name, text);
    }
  }
  return s;
}

const char *
nxb_text(const nxb_call *c, int i, const char *otherwise)
{
  return c->in[i].kind == NXB_TEXT ? c->in[i].text : otherwise;
}

int
nxb_choice(nxb_call *c, const char *what, const char *text, const char *names)
{
  int k = 1;
  for (const char *p = names; p != NULL; k++) {
    size_t n = strcspn(p, "|");
    if (strlen(text) == n && strncmp(p, text, n) == 0) {
      return k;
    }
    p = p[n] == '|' ? p + n + 1 : NULL;
  }
  (void)nxb_fail(c, NAX_EINVAL, "`%s` is \"%.40s\", expected one of %s", what, text,
                 names);
  return 0;
}

/* ---- results --------------------------------------------------------------------------
 */

nax_status
nxb_give_array(nxb_call *c, const char *name, nax_array *a)
{
  nax_status s = nax_dataset_add_array(c->ctx, c->out, name, a);
  if (s != NAX_OK) {
    nax_array_free(a);
  }
  return s;
}

nax_status
nxb_give_filled(nxb_call *c, nax_status s, const char *name, nax_array *a)
{
  if (s != NAX_OK) {
    nax_array_free(a);
    return s;
  }
  return nxb_give_array(c, name, a);
}

nax_status
nxb_give_spikes(nxb_call *c, const char *name, nax_spikes *sp)
{
  nax_status s = nax_dataset_add_spikes(c->ctx, c->out, name, sp);
  if (s != NAX_OK) {
    nax_spikes_free(sp);
  }
  return s;
}

nax_status
nxb_give_table(nxb_call *c, const char *name, nax_table *t)
{
  nax_status s = nax_dataset_add_table(c->ctx, c->out, name, t);
  if (s != NAX_OK) {
    nax_table_free(t);
  }
  return s;
}

nax_status
nxb_give_numbers(nxb_call *c, const char *name, int ndim, const char *const *axes,
                 const nax_index *dim, const double *x)
{
  nax_array *a = NULL;
  nax_status s = nax_array_create_dims(c->ctx, NAX_F64, ndim, axes, dim, "", &a);
  if (s == NAX_OK && nax_array_size(a) > 0) {
    nax_view v = nax_view_f64(x, ndim, dim);
    s = nax_view_copy_to(c->ctx, &v, NAX_F64, nax_array_data_mut(a));
  }
  return nxb_give_filled(c, s, name, a);
}

nax_status
nxb_give_indices(nxb_call *c, const char *name, const char *axis, nax_index n,
                 const nax_index *x, double add)
{
  nax_array *a = NULL;
  nax_status s = nax_array_create_dims(c->ctx, NAX_F64, 1, &axis, &n, "", &a);
  double *to = s == NAX_OK ? nax_array_data_mut(a) : NULL;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    to[i] = (double)x[i] + add;
    s = nxb_look(c, i, 1 << 18);
  }
  return nxb_give_filled(c, s, name, a);
}

nax_status
nxb_give_columns(nxb_call *c, const char *name, const char *dim, nax_index rows,
                 int n_columns, const char *const *columns, const double *x)
{
  nax_table *t = NULL;
  nax_status s = nax_table_create(c->ctx, dim, rows, &t);
  for (int k = 0; s == NAX_OK && k < n_columns; k++) {
    s = nax_table_add_numbers(c->ctx, t, columns[k], "", x + k * rows);
  }
  if (s != NAX_OK) {
    nax_table_free(t);
    return s;
  }
  return nxb_give_table(c, name, t);
}

nax_status
nxb_open(nxb_call *c, const char *path, nax_source **out, int32_t *var)
{
  const nax_source_opts *o = nxb_opts(c, "source");
  *var = -1;
  nax_status s = nax_source_open(c->ctx, path, o, out);
  if (s == NAX_OK) {
    *var = o->var != NULL ? nax_source_find(*out, o->var) : nax_source_main(*out);
    s = *var >= 0
            ? NAX_OK
            : nxb_fail(c, NAX_EINVAL, "%s: there is no variable `%s`", path,
                       o->var != NULL ? o->var : "(to choose without option `var`)");
  }
  return s;
}

nax_status
nxb_page(nxb_call *c, int i, const char **path)
{
  const nax_report_opts *o = nxb_opts(c, "report");
  *path = nxb_text(c, i, NULL);
  FILE *f = *path != NULL && !o->force ? fopen(*path, "rb") : NULL;
  if (f != NULL) {
    (void)fclose(f);
    return nxb_fail(c, NAX_EIO, "%s exists already (`force` replaces it)", *path);
  }
  return NAX_OK;
}
