/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "r_nxb.h"
#include <stdlib.h>
#include <string.h>

/* ---- from R ----------------------------------------------------------------------- */

/* An element of a list by name; R_NilValue when there is none. */
static SEXP
element(SEXP list, const char *name)
{
  SEXP names = TYPEOF(list) == VECSXP ? Rf_getAttrib(list, R_NamesSymbol) : R_NilValue;
  for (R_xlen_t i = 0; i < Rf_xlength(names); i++) {
    if (strcmp(CHAR(STRING_ELT(names, i)), name) == 0) {
      return VECTOR_ELT(list, i);
    }
  }
  return R_NilValue;
}

static const char *
text_of(SEXP list, const char *name)
{
  SEXP x = element(list, name);
  return TYPEOF(x) == STRSXP && Rf_xlength(x) == 1 ? CHAR(STRING_ELT(x, 0)) : NULL;
}

static double
number_of(SEXP list, const char *name)
{
  SEXP x = element(list, name);
  return TYPEOF(x) == REALSXP && Rf_xlength(x) == 1 ? REAL(x)[0] : NA_REAL;
}

/* The strings of a character vector, borrowed; free the array. */
static const char **
strings(SEXP x)
{
  const char **out = calloc((size_t)Rf_xlength(x) + 1, sizeof *out);
  for (R_xlen_t i = 0; out != NULL && i < Rf_xlength(x); i++) {
    SEXP s = STRING_ELT(x, i);
    out[i] = s == NA_STRING ? "" : CHAR(s);
  }
  return out;
}

static nax_status
no_memory(nxb_call *c)
{
  return nxb_fail(c, NAX_ENOMEM, "out of memory");
}

static nax_status
read_axis(nxb_call *c, SEXP x, nax_index length, nax_axis **out)
{
  const char *name = text_of(x, "name"), *unit = text_of(x, "unit");
  SEXP coords = element(x, "coords"), labels = element(x, "labels");
  double rate = number_of(x, "rate"), start = number_of(x, "start");
  *out = NULL;
  if (name == NULL) {
    return NAX_OK;
  }
  if (TYPEOF(labels) == STRSXP && Rf_xlength(labels) == length) {
    const char **s = strings(labels);
    nax_status status =
        s != NULL ? nax_axis_create_labels(c->ctx, name, length, s, out) : no_memory(c);
    free(s);
    return status;
  }
  if (TYPEOF(coords) == REALSXP && Rf_xlength(coords) == length) {
    return nax_axis_create_coords(c->ctx, name, unit, length, REAL(coords), out);
  }
  if (!ISNAN(rate)) {
    return nax_axis_create_regular(c->ctx, name, unit, length, ISNAN(start) ? 0.0 : start,
                                   rate, out);
  }
  return nax_axis_create_index(c->ctx, name, length, out);
}

static nax_status
read_array(nxb_call *c, SEXP x, nxb_value *v)
{
  SEXP data = element(x, "x"), axes = element(x, "axes");
  SEXP dims = Rf_getAttrib(data, R_DimSymbol);
  nax_index dim[NAX_MAX_NDIM];
  R_xlen_t ndim = TYPEOF(dims) == INTSXP ? Rf_xlength(dims) : 1;
  nax_status s = NAX_OK;
  if (TYPEOF(data) != REALSXP || ndim < 1 || ndim > NAX_MAX_NDIM) {
    return nxb_fail(c, NAX_EDIM, "an array has %lld axes, expected 1 to %d",
                    (long long)ndim, NAX_MAX_NDIM);
  }
  for (R_xlen_t k = 0; k < ndim; k++) {
    dim[k] = TYPEOF(dims) == INTSXP ? INTEGER(dims)[k] : (nax_index)Rf_xlength(data);
  }
  v->kind = NXB_ARRAY;
  v->view = nax_view_f64(REAL(data), (int32_t)ndim, dim);
  v->unit = text_of(x, "unit");
  v->description = text_of(x, "description");
  for (R_xlen_t k = 0; s == NAX_OK && k < ndim; k++) {
    if (TYPEOF(axes) == VECSXP && k < Rf_xlength(axes)) {
      s = read_axis(c, VECTOR_ELT(axes, k), dim[k], &v->axis[k]);
    }
  }
  return s;
}

static nax_status
read_spikes(nxb_call *c, SEXP x, nxb_value *v)
{
  SEXP times = element(x, "times"), intervals = element(x, "intervals");
  if (TYPEOF(times) != VECSXP) {
    return nxb_fail(c, NAX_ETYPE, "spike trains, expected a list of numbers");
  }
  nax_index n = (nax_index)Rf_xlength(times), n_spikes = 0;
  nax_index n_intervals =
      TYPEOF(intervals) == REALSXP ? (nax_index)Rf_xlength(intervals) / 2 : 0;
  nax_index *offset = calloc((size_t)n + 1, sizeof *offset);
  double *all = NULL;
  nax_axis *units = NULL;
  nax_status s = offset != NULL ? NAX_OK : no_memory(c);
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    SEXP t = VECTOR_ELT(times, (R_xlen_t)i);
    if (TYPEOF(t) != REALSXP) {
      s = nxb_fail(c, NAX_ETYPE, "spike train %lld, expected numbers", (long long)i + 1);
      break;
    }
    n_spikes += (nax_index)Rf_xlength(t);
    offset[i + 1] = n_spikes;
  }
  if (s == NAX_OK) {
    all = malloc(((size_t)n_spikes + 1) * sizeof *all);
    s = all != NULL ? NAX_OK : no_memory(c);
  }
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    SEXP t = VECTOR_ELT(times, (R_xlen_t)i);
    if (Rf_xlength(t) > 0) {
      memcpy(all + offset[i], REAL(t), (size_t)Rf_xlength(t) * sizeof *all);
    }
  }
  if (s == NAX_OK) {
    s = read_axis(c, element(x, "units"), n, &units);
  }
  if (s == NAX_OK && units == NULL) {
    s = nax_axis_create_index(c->ctx, "unit", n, &units);
  }
  if (s == NAX_OK) {
    s = nax_spikes_create(c->ctx, units, offset, all, n_intervals,
                          n_intervals > 0 ? REAL(intervals) : NULL, &v->spikes);
  }
  v->kind = NXB_SPIKES;
  nax_axis_free(units);
  free(offset);
  free(all);
  return s;
}

static nax_status
read_table(nxb_call *c, SEXP x, nxb_value *v)
{
  SEXP columns = element(x, "columns"), units = element(x, "units");
  SEXP names =
      TYPEOF(columns) == VECSXP ? Rf_getAttrib(columns, R_NamesSymbol) : R_NilValue;
  const char *dim = text_of(x, "dim");
  double rows = number_of(x, "rows");
  if (TYPEOF(names) != STRSXP || !(rows >= 0.0)) {
    return nxb_fail(c, NAX_ETYPE, "a table, expected named columns");
  }
  v->kind = NXB_TABLE;
  nax_status s =
      nax_table_create(c->ctx, dim != NULL ? dim : "row", (nax_index)rows, &v->table);
  for (R_xlen_t j = 0; s == NAX_OK && j < Rf_xlength(columns); j++) {
    SEXP col = VECTOR_ELT(columns, j);
    const char *name = CHAR(STRING_ELT(names, j));
    if ((double)Rf_xlength(col) != rows) {
      return nxb_fail(c, NAX_EDIM, "column `%s` has %lld rows, expected %lld", name,
                      (long long)Rf_xlength(col), (long long)rows);
    }
    if (TYPEOF(col) == REALSXP) {
      s = nax_table_add_numbers(c->ctx, v->table, name, text_of(units, name), REAL(col));
    } else if (TYPEOF(col) == STRSXP) {
      const char **t = strings(col);
      s = t != NULL ? nax_table_add_text(c->ctx, v->table, name, t) : no_memory(c);
      free(t);
    } else {
      s = nxb_fail(c, NAX_ETYPE, "column `%s`, expected numbers or strings", name);
    }
  }
  return s;
}

static nax_status
read_dataset(nxb_call *c, SEXP x, nxb_value *v)
{
  SEXP members = element(x, "members"), attrs = element(x, "attributes");
  SEXP names =
      TYPEOF(members) == VECSXP ? Rf_getAttrib(members, R_NamesSymbol) : R_NilValue;
  SEXP keys = TYPEOF(attrs) == VECSXP ? Rf_getAttrib(attrs, R_NamesSymbol) : R_NilValue;
  const char *main = text_of(x, "main");
  v->kind = NXB_DATASET;
  nax_status s = nax_dataset_create(c->ctx, &v->dataset);
  for (R_xlen_t i = 0; s == NAX_OK && i < Rf_xlength(names); i++) {
    nxb_value m = {NXB_NOTHING};
    s = r_value(c, VECTOR_ELT(members, i), &m);
    if (s == NAX_OK) {
      s = nxb_add_member(c, v->dataset, CHAR(STRING_ELT(names, i)), &m);
    }
    nxb_value_free(&m);
  }
  for (R_xlen_t i = 0; s == NAX_OK && i < Rf_xlength(keys); i++) {
    const char *key = CHAR(STRING_ELT(keys, i));
    const char *text = text_of(attrs, key);
    s = text != NULL
            ? nax_dataset_set_text(c->ctx, v->dataset, key, text)
            : nax_dataset_set_number(c->ctx, v->dataset, key, number_of(attrs, key));
  }
  if (s == NAX_OK && main != NULL) {
    s = nax_dataset_set_main(c->ctx, v->dataset, main);
  }
  return s;
}

static nax_status
read_list(nxb_call *c, SEXP x, nxb_value *v)
{
  SEXP items = element(x, "items");
  nax_status s = NAX_OK;
  v->kind = NXB_LIST;
  v->n_items = TYPEOF(items) == VECSXP ? (nax_index)Rf_xlength(items) : 0;
  v->item = calloc((size_t)v->n_items + 1, sizeof *v->item);
  if (v->item == NULL) {
    return no_memory(c);
  }
  SEXP names = Rf_getAttrib(items, R_NamesSymbol);
  for (nax_index i = 0; s == NAX_OK && i < v->n_items; i++) {
    s = r_value(c, VECTOR_ELT(items, (R_xlen_t)i), &v->item[i]);
    if (TYPEOF(names) == STRSXP) {
      v->item[i].name = CHAR(STRING_ELT(names, (R_xlen_t)i));
    }
  }
  return s;
}

nax_status
r_value(nxb_call *c, SEXP x, nxb_value *v)
{
  if (Rf_isNull(x)) {
    v->kind = NXB_NOTHING;
    return NAX_OK;
  }
  const char *kind = text_of(x, "kind");
  v->kind = NXB_OTHER;
  if (kind == NULL) {
    return NAX_OK;
  }
  if (strcmp(kind, "array") == 0) {
    return read_array(c, x, v);
  }
  if (strcmp(kind, "spikes") == 0) {
    return read_spikes(c, x, v);
  }
  if (strcmp(kind, "table") == 0) {
    return read_table(c, x, v);
  }
  if (strcmp(kind, "dataset") == 0) {
    return read_dataset(c, x, v);
  }
  if (strcmp(kind, "list") == 0) {
    return read_list(c, x, v);
  }
  if (strcmp(kind, "text") == 0 && text_of(x, "text") != NULL) {
    v->kind = NXB_TEXT;
    v->text = text_of(x, "text");
  }
  return NAX_OK;
}

/* ---- to R ------------------------------------------------------------------------- */

static SEXP
utf8(const char *s)
{
  return Rf_mkCharCE(s != NULL ? s : "", CE_UTF8);
}

static SEXP
string(const char *s)
{
  return Rf_ScalarString(utf8(s));
}

static SEXP
axis_labels(const nax_axis *a)
{
  nax_index n = nax_axis_length(a);
  SEXP out = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)n));
  for (nax_index i = 0; i < n; i++) {
    SET_STRING_ELT(out, (R_xlen_t)i, utf8(nax_axis_label(a, i)));
  }
  UNPROTECT(1);
  return out;
}

/* name, unit and what is known of the positions: start and rate, coords, or labels. */
static SEXP
write_axis(const nax_axis *a)
{
  nax_axis_kind kind = nax_axis_get_kind(a);
  nax_index n = nax_axis_length(a);
  const char *regular[] = {"name", "unit", "start", "rate", "length", ""};
  const char *coords[] = {"name", "unit", "coords", ""};
  const char *labels[] = {"name", "unit", "labels", ""};
  const char *index[] = {"name", "unit", "length", ""};
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, kind == NAX_AXIS_REGULAR  ? regular
                                        : kind == NAX_AXIS_COORDS ? coords
                                        : kind == NAX_AXIS_LABELS ? labels
                                                                  : index));
  SET_VECTOR_ELT(out, 0, string(nax_axis_name(a)));
  SET_VECTOR_ELT(out, 1, string(nax_axis_unit(a)));
  if (kind == NAX_AXIS_REGULAR) {
    SET_VECTOR_ELT(out, 2, Rf_ScalarReal(nax_axis_coord(a, 0)));
    SET_VECTOR_ELT(out, 3, Rf_ScalarReal(nax_axis_rate(a)));
    SET_VECTOR_ELT(out, 4, Rf_ScalarReal((double)n));
  } else if (kind == NAX_AXIS_COORDS) {
    SEXP x = Rf_allocVector(REALSXP, (R_xlen_t)n);
    SET_VECTOR_ELT(out, 2, x);
    for (nax_index i = 0; i < n; i++) {
      REAL(x)[i] = nax_axis_coord(a, i);
    }
  } else if (kind == NAX_AXIS_LABELS) {
    SET_VECTOR_ELT(out, 2, axis_labels(a));
  } else {
    SET_VECTOR_ELT(out, 2, Rf_ScalarReal((double)n));
  }
  UNPROTECT(1);
  return out;
}

/* Names of the axes, and of positions where they have labels. */
static SEXP
dim_names(const nax_array *a)
{
  int32_t ndim = nax_array_ndim(a), any = 0;
  SEXP out = PROTECT(Rf_allocVector(VECSXP, ndim));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, ndim));
  for (int32_t k = 0; k < ndim; k++) {
    const nax_axis *axis = nax_array_axis(a, k);
    SET_STRING_ELT(names, k, utf8(nax_axis_name(axis)));
    if (nax_axis_get_kind(axis) == NAX_AXIS_LABELS) {
      SET_VECTOR_ELT(out, k, axis_labels(axis));
      any = 1;
    }
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(2);
  return any ? out : R_NilValue;
}

static SEXP
write_array(nxb_call *c, const nax_array *a)
{
  int32_t ndim = nax_array_ndim(a);
  SEXP out = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)nax_array_size(a)));
  nax_view v = nax_array_view(a);
  nxb_copy_view(c, &v, REAL(out));
  SEXP dim = PROTECT(Rf_allocVector(INTSXP, ndim));
  SEXP axes = PROTECT(Rf_allocVector(VECSXP, ndim));
  for (int32_t k = 0; k < ndim; k++) {
    INTEGER(dim)[k] = (int)nax_array_dim(a, k);
    SET_VECTOR_ELT(axes, k, write_axis(nax_array_axis(a, k)));
  }
  SEXP names = PROTECT(dim_names(a));
  Rf_setAttrib(out, R_DimSymbol, dim);
  if (!Rf_isNull(names)) {
    Rf_setAttrib(out, R_DimNamesSymbol, names);
  }
  Rf_setAttrib(out, Rf_install("axes"), axes);
  Rf_setAttrib(out, Rf_install("unit"), PROTECT(string(nax_array_unit(a))));
  Rf_setAttrib(out, Rf_install("description"), PROTECT(string(nax_array_description(a))));
  Rf_setAttrib(out, R_ClassSymbol, PROTECT(string("nax_array")));
  UNPROTECT(7);
  return out;
}

static SEXP
write_spikes(nxb_call *c, const nax_spikes *s)
{
  nax_index n = nax_spikes_n_units(s), m = nax_spikes_n_intervals(s);
  const nax_axis *units = nax_spikes_units(s);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, (R_xlen_t)n));
  for (nax_index i = 0; i < n; i++) {
    nax_index len;
    const double *t = nax_spikes_times(s, i, &len);
    SEXP x = Rf_allocVector(REALSXP, (R_xlen_t)len);
    SET_VECTOR_ELT(out, (R_xlen_t)i, x);
    nxb_copy_out(c, t, len, REAL(x));
  }
  if (nax_axis_get_kind(units) == NAX_AXIS_LABELS) {
    Rf_setAttrib(out, R_NamesSymbol, PROTECT(axis_labels(units)));
    UNPROTECT(1);
  }
  SEXP intervals = PROTECT(Rf_allocMatrix(REALSXP, 2, (int)m));
  for (nax_index i = 0; i < m; i++) {
    nax_spikes_interval(s, i, &REAL(intervals)[2 * i], &REAL(intervals)[2 * i + 1]);
  }
  Rf_setAttrib(out, Rf_install("intervals"), intervals);
  Rf_setAttrib(out, Rf_install("units"), PROTECT(write_axis(units)));
  Rf_setAttrib(out, R_ClassSymbol, PROTECT(string("nax_spikes")));
  UNPROTECT(4);
  return out;
}

static SEXP
write_table(nxb_call *c, const nax_table *t)
{
  int32_t n = nax_table_n_columns(t);
  nax_index rows = nax_table_n_rows(t);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  SEXP units = PROTECT(Rf_allocVector(STRSXP, n));
  for (int32_t j = 0; j < n; j++) {
    SET_STRING_ELT(names, j, utf8(nax_table_column_name(t, j)));
    SET_STRING_ELT(units, j, utf8(nax_table_column_unit(t, j)));
    if (nax_table_column_dtype(t, j) == NAX_TEXT) {
      const char *const *s = nax_table_text(t, j);
      SEXP x = Rf_allocVector(STRSXP, (R_xlen_t)rows);
      SET_VECTOR_ELT(out, j, x);
      for (nax_index i = 0; i < rows; i++) {
        SET_STRING_ELT(x, (R_xlen_t)i, utf8(s[i]));
      }
    } else {
      SEXP x = Rf_allocVector(REALSXP, (R_xlen_t)rows);
      SET_VECTOR_ELT(out, j, x);
      nxb_copy_out(c, nax_table_numbers(t, j), rows, REAL(x));
    }
  }
  SEXP row_names = PROTECT(Rf_allocVector(INTSXP, 2)); /* R's short form of 1..rows */
  INTEGER(row_names)[0] = NA_INTEGER;
  INTEGER(row_names)[1] = -(int)rows;
  Rf_setAttrib(out, R_NamesSymbol, names);
  Rf_setAttrib(out, R_RowNamesSymbol, row_names);
  Rf_setAttrib(out, Rf_install("units"), units);
  Rf_setAttrib(out, Rf_install("rows"), PROTECT(string(nax_table_dim(t))));
  Rf_setAttrib(out, R_ClassSymbol, PROTECT(string("data.frame")));
  UNPROTECT(6);
  return out;
}

static SEXP
write_attributes(const nax_dataset *d)
{
  int32_t n = nax_dataset_n_attrs(d);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  for (int32_t i = 0; i < n; i++) {
    const char *key = nax_dataset_attr_key(d, i), *text = nax_dataset_text(d, key);
    SET_STRING_ELT(names, i, utf8(key));
    SET_VECTOR_ELT(
        out, i, text != NULL ? string(text) : Rf_ScalarReal(nax_dataset_number(d, key)));
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(2);
  return out;
}

SEXP
r_result(nxb_call *c)
{
  const nax_dataset *d = c->out;
  int32_t n = nax_dataset_n_vars(d);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, n));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  for (int32_t i = 0; i < n; i++) {
    const char *name = nax_dataset_var_name(d, i);
    SET_STRING_ELT(names, i, utf8(name));
    switch (nax_dataset_var_kind(d, i)) {
    case NAX_VAR_ARRAY:
      SET_VECTOR_ELT(out, i, write_array(c, nax_dataset_array(d, name)));
      break;
    case NAX_VAR_SPIKES:
      SET_VECTOR_ELT(out, i, write_spikes(c, nax_dataset_spikes(d, name)));
      break;
    case NAX_VAR_TABLE:
      SET_VECTOR_ELT(out, i, write_table(c, nax_dataset_table(d, name)));
      break;
    case NAX_VAR_FORCE_INT:
      break;
    }
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  Rf_setAttrib(out, Rf_install("attributes"), PROTECT(write_attributes(d)));
  const char *main = nax_dataset_main(d);
  if (main != NULL) {
    Rf_setAttrib(out, Rf_install("main"), PROTECT(string(main)));
    UNPROTECT(1);
  }
  UNPROTECT(3);
  return out;
}
