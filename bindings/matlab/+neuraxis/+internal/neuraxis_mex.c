/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one MEX file: neuraxis_mex(method, inputs, names, values, threads) runs a method.
 *
 *   inputs   cell of what value.m made
 *   names, values   cells of strings: options and their values
 *   threads  a number
 *
 * The first result is a struct with status, message, warnings and value; errors are
 * raised by call.m, after everything of the library has been freed, so that none of them
 * jumps over it. neuraxis_mex('version') and neuraxis_mex('methods') tell what there is,
 * neuraxis_mex('inputs', METHOD) what each input may be: a bit for each nxb_kind,
 * negative when it may be left out.
 *
 * Build with interleaved complex (-R2018a), in MATLAB and in Octave. */
#include "call.h"
#include "mex.h"
#include <stdlib.h>
#include <string.h>

/* ---- interrupts -----------------------------------------------------------------------
 */

/* Octave has the first, MATLAB the second; neither is promised by its makers. */
extern volatile int octave_interrupt_state __attribute__((weak));
extern char utIsInterruptPending(void) __attribute__((weak));

static int
on_progress(const nax_progress *p, void *user)
{
  (void)p;
  (void)user;
  if (&octave_interrupt_state != NULL && octave_interrupt_state > 0) {
    return 1;
  }
  return utIsInterruptPending != NULL && utIsInterruptPending();
}

/* ---- from the host --------------------------------------------------------------------
 */

/* Everything of one invocation: freed in one place, whatever happens. Strings are copies,
 * as the host has them in UTF-16. */
typedef struct frame {
  nxb_call *call;
  char **text;
  size_t n_text, cap_text;
} frame;

static void
free_frame(frame *f)
{
  nxb_free(f->call);
  for (size_t i = 0; i < f->n_text; i++) {
    free(f->text[i]);
  }
  free(f->text);
  memset(f, 0, sizeof *f);
}

/* A copy of a char row that lives as long as the frame; NULL for anything else. */
static const char *
text_of(frame *f, const mxArray *x)
{
  if (x == NULL || !mxIsChar(x) || mxGetM(x) > 1) {
    return NULL;
  }
  if (f->n_text == f->cap_text) {
    size_t cap = f->cap_text > 0 ? 2 * f->cap_text : 64;
    char **more = realloc(f->text, cap * sizeof *more);
    if (more == NULL) {
      return NULL;
    }
    f->text = more;
    f->cap_text = cap;
  }
  size_t n = mxGetNumberOfElements(x) * 4 + 1;
  char *s = malloc(n);
  if (s == NULL) {
    return NULL;
  }
  s[0] = '\0';
  if (n > 1 && mxGetString(x, s, (mwSize)n) != 0) {
    free(s);
    return NULL;
  }
  f->text[f->n_text++] = s;
  return s;
}

static const mxArray *
field(const mxArray *x, const char *name)
{
  return x != NULL && mxIsStruct(x) && mxGetNumberOfElements(x) == 1
             ? mxGetField(x, 0, name)
             : NULL;
}

static int
is_real(const mxArray *x)
{
  return x != NULL && mxIsDouble(x) && !mxIsComplex(x) && !mxIsSparse(x);
}

static int
number_of(const mxArray *x, const char *name, double *out)
{
  const mxArray *v = field(x, name);
  if (!is_real(v) || mxGetNumberOfElements(v) != 1) {
    return 0;
  }
  *out = mxGetDoubles(v)[0];
  return 1;
}

static nax_status
no_memory(frame *f)
{
  return nxb_fail(f->call, NAX_ENOMEM, "out of memory");
}

static nax_status
read_axis(frame *f, const mxArray *x, nax_index length, nax_axis **out)
{
  nax_ctx *ctx = f->call->ctx;
  const char *name = text_of(f, field(x, "name")), *unit = text_of(f, field(x, "unit"));
  const mxArray *coords = field(x, "coords"), *labels = field(x, "labels");
  double rate, start = 0.0;
  *out = NULL;
  if (name == NULL || name[0] == '\0') {
    return NAX_OK;
  }
  if (labels != NULL && mxIsCell(labels) &&
      (nax_index)mxGetNumberOfElements(labels) == length) {
    const char **s = calloc((size_t)length + 1, sizeof *s);
    nax_status status = s != NULL ? NAX_OK : no_memory(f);
    for (nax_index i = 0; status == NAX_OK && i < length; i++) {
      s[i] = text_of(f, mxGetCell(labels, (mwIndex)i));
      if (s[i] == NULL) {
        status =
            nxb_fail(f->call, NAX_ETYPE, "label %lld of axis `%s`, expected a string",
                     (long long)i + 1, name);
      }
    }
    if (status == NAX_OK) {
      status = nax_axis_create_labels(ctx, name, length, s, out);
    }
    free(s);
    return status;
  }
  if (is_real(coords) && (nax_index)mxGetNumberOfElements(coords) == length) {
    return nax_axis_create_coords(ctx, name, unit, length, mxGetDoubles(coords), out);
  }
  if (number_of(x, "rate", &rate)) {
    (void)number_of(x, "start", &start);
    return nax_axis_create_regular(ctx, name, unit, length, start, rate, out);
  }
  return nax_axis_create_index(ctx, name, length, out);
}

static nax_status
read_array(frame *f, const mxArray *x, nxb_value *v)
{
  const mxArray *data = field(x, "x"), *axes = field(x, "axes");
  if (!is_real(data)) {
    v->kind = NXB_OTHER;
    return NAX_OK;
  }
  size_t ndim = mxGetNumberOfDimensions(data);
  size_t n_axes = axes != NULL && mxIsCell(axes) ? mxGetNumberOfElements(axes) : 0;
  const mwSize *size = mxGetDimensions(data);
  nax_index dim[NAX_MAX_NDIM];
  /* The host writes a row of numbers as a matrix, and leaves trailing ones out. */
  if (n_axes == 1 && ndim == 2 && (size[0] == 1 || size[1] == 1)) {
    ndim = 1;
    dim[0] = (nax_index)mxGetNumberOfElements(data);
  } else {
    size_t given = ndim;
    ndim = n_axes > ndim ? n_axes : ndim;
    for (size_t k = 0; k < ndim && k < NAX_MAX_NDIM; k++) {
      dim[k] = k < given ? (nax_index)size[k] : 1;
    }
  }
  if (ndim > NAX_MAX_NDIM) {
    return nxb_fail(f->call, NAX_EDIM, "an array has %lld axes, expected 1 to %d",
                    (long long)ndim, NAX_MAX_NDIM);
  }
  v->kind = NXB_ARRAY;
  v->view = nax_view_f64(mxGetDoubles(data), (int32_t)ndim, dim);
  v->unit = text_of(f, field(x, "unit"));
  v->description = text_of(f, field(x, "description"));
  nax_status s = NAX_OK;
  for (size_t k = 0; s == NAX_OK && k < ndim && k < n_axes; k++) {
    s = read_axis(f, mxGetCell(axes, (mwIndex)k), dim[k], &v->axis[k]);
  }
  return s;
}

static nax_status
read_spikes(frame *f, const mxArray *x, nxb_value *v)
{
  const mxArray *times = field(x, "times"), *intervals = field(x, "intervals");
  nxb_call *c = f->call;
  if (times == NULL || !mxIsCell(times)) {
    v->kind = NXB_OTHER;
    return NAX_OK;
  }
  nax_index n = (nax_index)mxGetNumberOfElements(times), n_spikes = 0;
  nax_index n_intervals =
      is_real(intervals) ? (nax_index)mxGetNumberOfElements(intervals) / 2 : 0;
  nax_index *offset = calloc((size_t)n + 1, sizeof *offset);
  double *all = NULL;
  nax_axis *units = NULL;
  nax_status s = offset != NULL ? NAX_OK : no_memory(f);
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    const mxArray *t = mxGetCell(times, (mwIndex)i);
    if (t != NULL && !is_real(t)) {
      s = nxb_fail(c, NAX_ETYPE, "spike train %lld, expected real doubles",
                   (long long)i + 1);
    } else {
      n_spikes += t != NULL ? (nax_index)mxGetNumberOfElements(t) : 0;
      offset[i + 1] = n_spikes;
    }
  }
  if (s == NAX_OK) {
    all = malloc(((size_t)n_spikes + 1) * sizeof *all);
    s = all != NULL ? NAX_OK : no_memory(f);
  }
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    const mxArray *t = mxGetCell(times, (mwIndex)i);
    if (offset[i + 1] > offset[i]) {
      memcpy(all + offset[i], mxGetDoubles(t),
             (size_t)(offset[i + 1] - offset[i]) * sizeof *all);
    }
  }
  if (s == NAX_OK) {
    s = read_axis(f, field(x, "units"), n, &units);
  }
  if (s == NAX_OK && units == NULL) {
    s = nax_axis_create_index(c->ctx, "unit", n, &units);
  }
  if (s == NAX_OK) {
    s = nax_spikes_create(c->ctx, units, offset, all, n_intervals,
                          n_intervals > 0 ? mxGetDoubles(intervals) : NULL, &v->spikes);
  }
  v->kind = NXB_SPIKES;
  nax_axis_free(units);
  free(offset);
  free(all);
  return s;
}

static nax_status
read_table(frame *f, const mxArray *x, nxb_value *v)
{
  const mxArray *columns = field(x, "columns");
  const char *dim = text_of(f, field(x, "dim"));
  double rows = 0.0;
  nxb_call *c = f->call;
  if (columns == NULL || !mxIsStruct(columns) || !number_of(x, "rows", &rows)) {
    v->kind = NXB_OTHER;
    return NAX_OK;
  }
  nax_index n = (nax_index)rows;
  v->kind = NXB_TABLE;
  nax_status s = nax_table_create(c->ctx, dim != NULL ? dim : "row", n, &v->table);
  for (int j = 0; s == NAX_OK && j < mxGetNumberOfFields(columns); j++) {
    const char *name = mxGetFieldNameByNumber(columns, j);
    const mxArray *col = mxGetFieldByNumber(columns, 0, j);
    if (col == NULL || (nax_index)mxGetNumberOfElements(col) != n) {
      return nxb_fail(c, NAX_EDIM, "column `%s` has %lld rows, expected %lld", name,
                      col != NULL ? (long long)mxGetNumberOfElements(col) : 0,
                      (long long)n);
    }
    if (is_real(col)) {
      s = nax_table_add_numbers(c->ctx, v->table, name, NULL, mxGetDoubles(col));
    } else if (mxIsCell(col)) {
      const char **t = calloc((size_t)n + 1, sizeof *t);
      for (nax_index i = 0; t != NULL && i < n; i++) {
        t[i] = text_of(f, mxGetCell(col, (mwIndex)i));
      }
      s = t != NULL ? nax_table_add_text(c->ctx, v->table, name, t) : no_memory(f);
      free(t);
    } else {
      s = nxb_fail(c, NAX_ETYPE, "column `%s`, expected real doubles or strings", name);
    }
  }
  return s;
}

static nax_status read_value(frame *f, const mxArray *x, nxb_value *v);

static nax_status
read_dataset(frame *f, const mxArray *x, nxb_value *v)
{
  const mxArray *members = field(x, "members"), *attrs = field(x, "attributes");
  const char *main = text_of(f, field(x, "main"));
  nxb_call *c = f->call;
  v->kind = NXB_DATASET;
  nax_status s = nax_dataset_create(c->ctx, &v->dataset);
  for (int i = 0; s == NAX_OK && members != NULL && i < mxGetNumberOfFields(members);
       i++) {
    nxb_value m = {NXB_NOTHING};
    s = read_value(f, mxGetFieldByNumber(members, 0, i), &m);
    if (s == NAX_OK) {
      s = nxb_add_member(c, v->dataset, mxGetFieldNameByNumber(members, i), &m);
    }
    nxb_value_free(&m);
  }
  for (int i = 0; s == NAX_OK && attrs != NULL && i < mxGetNumberOfFields(attrs); i++) {
    const char *key = mxGetFieldNameByNumber(attrs, i);
    const char *text = text_of(f, mxGetFieldByNumber(attrs, 0, i));
    double number = NAX_NOT_GIVEN;
    (void)number_of(attrs, key, &number);
    s = text != NULL ? nax_dataset_set_text(c->ctx, v->dataset, key, text)
                     : nax_dataset_set_number(c->ctx, v->dataset, key, number);
  }
  if (s == NAX_OK && main != NULL && main[0] != '\0') {
    s = nax_dataset_set_main(c->ctx, v->dataset, main);
  }
  return s;
}

static nax_status
read_list(frame *f, const mxArray *x, nxb_value *v)
{
  const mxArray *items = field(x, "items");
  nax_status s = NAX_OK;
  v->kind = NXB_LIST;
  v->n_items =
      items != NULL && mxIsCell(items) ? (nax_index)mxGetNumberOfElements(items) : 0;
  v->item = calloc((size_t)v->n_items + 1, sizeof *v->item);
  if (v->item == NULL) {
    return no_memory(f);
  }
  for (nax_index i = 0; s == NAX_OK && i < v->n_items; i++) {
    s = read_value(f, mxGetCell(items, (mwIndex)i), &v->item[i]);
  }
  return s;
}

/* What value.m made: a struct whose field `kind` says what it is; empty: not given. */
static nax_status
read_value(frame *f, const mxArray *x, nxb_value *v)
{
  static const struct {
    const char *kind;
    nax_status (*read)(frame *, const mxArray *, nxb_value *);
  } kinds[] = {{"array", read_array},
               {"spikes", read_spikes},
               {"table", read_table},
               {"dataset", read_dataset},
               {"list", read_list}};
  if (x == NULL || mxIsEmpty(x)) {
    v->kind = NXB_NOTHING;
    return NAX_OK;
  }
  const char *kind = text_of(f, field(x, "kind"));
  for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kind, kinds[i].kind) == 0) {
      return kinds[i].read(f, x, v);
    }
  }
  v->text =
      kind != NULL && strcmp(kind, "text") == 0 ? text_of(f, field(x, "text")) : NULL;
  v->kind = v->text != NULL ? NXB_TEXT : NXB_OTHER;
  return NAX_OK;
}

/* ---- to the host ----------------------------------------------------------------------
 */

/* A field name: what is not a letter, digit or underscore becomes one. */
static void
set_field(mxArray *s, const char *name, mxArray *value)
{
  char id[64];
  size_t n = 0;
  if (!(name[0] >= 'a' && name[0] <= 'z') && !(name[0] >= 'A' && name[0] <= 'Z')) {
    id[n++] = 'x';
  }
  for (; *name != '\0' && n < sizeof id - 1; name++) {
    int ok = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
             (*name >= '0' && *name <= '9') || *name == '_';
    id[n++] = (char)(ok ? *name : '_');
  }
  id[n] = '\0';
  int k = mxGetFieldNumber(s, id);
  if (k < 0) {
    k = mxAddField(s, id);
  }
  mxSetFieldByNumber(s, 0, k, value);
}

static mxArray *
new_struct(void)
{
  return mxCreateStructMatrix(1, 1, 0, NULL);
}

static mxArray *
labels_cell(const nax_axis *a)
{
  nax_index n = nax_axis_length(a);
  mxArray *out = mxCreateCellMatrix((mwSize)n, 1);
  for (nax_index i = 0; i < n; i++) {
    mxSetCell(out, (mwIndex)i, mxCreateString(nax_axis_label(a, i)));
  }
  return out;
}

static mxArray *
numbers(nxb_call *c, const double *x, nax_index n)
{
  mxArray *out = mxCreateUninitNumericMatrix((mwSize)n, 1, mxDOUBLE_CLASS, mxREAL);
  nxb_copy_out(c, x, n, mxGetDoubles(out));
  return out;
}

static mxArray *
write_axis(const nax_axis *a)
{
  mxArray *out = new_struct();
  nax_index n = nax_axis_length(a);
  set_field(out, "name", mxCreateString(nax_axis_name(a)));
  set_field(out, "unit", mxCreateString(nax_axis_unit(a)));
  switch (nax_axis_get_kind(a)) {
  case NAX_AXIS_REGULAR:
    set_field(out, "start", mxCreateDoubleScalar(nax_axis_coord(a, 0)));
    set_field(out, "rate", mxCreateDoubleScalar(nax_axis_rate(a)));
    break;
  case NAX_AXIS_COORDS: {
    mxArray *x = mxCreateDoubleMatrix((mwSize)n, 1, mxREAL);
    for (nax_index i = 0; i < n; i++) {
      mxGetDoubles(x)[i] = nax_axis_coord(a, i);
    }
    set_field(out, "coords", x);
    break;
  }
  case NAX_AXIS_LABELS:
    set_field(out, "labels", labels_cell(a));
    break;
  case NAX_AXIS_INDEX:
  case NAX_AXIS_FORCE_INT:
    break;
  }
  return out;
}

/* values, axes (a cell of structs), unit, description. */
static mxArray *
write_array(nxb_call *c, const nax_array *a)
{
  int32_t ndim = nax_array_ndim(a);
  nax_view v = nax_array_view(a);
  mwSize dim[NAX_MAX_NDIM + 1] = {1, 1};
  mxArray *out = new_struct(), *axes = mxCreateCellMatrix(1, (mwSize)ndim);
  for (int32_t k = 0; k < ndim; k++) {
    dim[k] = (mwSize)nax_array_dim(a, k);
    mxSetCell(axes, (mwIndex)k, write_axis(nax_array_axis(a, k)));
  }
  mxArray *x = mxCreateUninitNumericArray((mwSize)(ndim > 2 ? ndim : 2), dim,
                                          mxDOUBLE_CLASS, mxREAL);
  nxb_copy_view(c, &v, mxGetDoubles(x));
  set_field(out, "values", x);
  set_field(out, "axes", axes);
  set_field(out, "unit", mxCreateString(nax_array_unit(a)));
  set_field(out, "description", mxCreateString(nax_array_description(a)));
  return out;
}

static mxArray *
write_spikes(nxb_call *c, const nax_spikes *s)
{
  nax_index n = nax_spikes_n_units(s), m = nax_spikes_n_intervals(s);
  mxArray *out = new_struct(), *times = mxCreateCellMatrix((mwSize)n, 1);
  for (nax_index i = 0; i < n; i++) {
    nax_index len;
    const double *t = nax_spikes_times(s, i, &len);
    mxSetCell(times, (mwIndex)i, numbers(c, t, len));
  }
  mxArray *intervals = mxCreateDoubleMatrix(2, (mwSize)m, mxREAL);
  for (nax_index i = 0; i < m; i++) {
    nax_spikes_interval(s, i, &mxGetDoubles(intervals)[2 * i],
                        &mxGetDoubles(intervals)[2 * i + 1]);
  }
  set_field(out, "times", times);
  set_field(out, "units", write_axis(nax_spikes_units(s)));
  set_field(out, "intervals", intervals);
  return out;
}

static mxArray *
write_table(nxb_call *c, const nax_table *t)
{
  mxArray *out = new_struct();
  nax_index rows = nax_table_n_rows(t);
  for (int32_t j = 0; j < nax_table_n_columns(t); j++) {
    mxArray *col;
    if (nax_table_column_dtype(t, j) == NAX_TEXT) {
      const char *const *s = nax_table_text(t, j);
      col = mxCreateCellMatrix((mwSize)rows, 1);
      for (nax_index i = 0; i < rows; i++) {
        mxSetCell(col, (mwIndex)i, mxCreateString(s[i]));
      }
    } else {
      col = numbers(c, nax_table_numbers(t, j), rows);
    }
    set_field(out, nax_table_column_name(t, j), col);
  }
  return out;
}

/* The result of a call. Asks whether to stop; `c->status` then says so and the struct is
 * of no use. */
static mxArray *
write_result(nxb_call *c)
{
  const nax_dataset *d = c->out;
  mxArray *out = new_struct(), *attrs = new_struct();
  for (int32_t i = 0; i < nax_dataset_n_vars(d); i++) {
    const char *name = nax_dataset_var_name(d, i);
    switch (nax_dataset_var_kind(d, i)) {
    case NAX_VAR_ARRAY:
      set_field(out, name, write_array(c, nax_dataset_array(d, name)));
      break;
    case NAX_VAR_SPIKES:
      set_field(out, name, write_spikes(c, nax_dataset_spikes(d, name)));
      break;
    case NAX_VAR_TABLE:
      set_field(out, name, write_table(c, nax_dataset_table(d, name)));
      break;
    case NAX_VAR_FORCE_INT:
      break;
    }
  }
  for (int32_t i = 0; i < nax_dataset_n_attrs(d); i++) {
    const char *key = nax_dataset_attr_key(d, i), *text = nax_dataset_text(d, key);
    set_field(attrs, key,
              text != NULL ? mxCreateString(text)
                           : mxCreateDoubleScalar(nax_dataset_number(d, key)));
  }
  set_field(out, "attributes", attrs);
  const char *main = nax_dataset_main(d);
  set_field(out, "main", mxCreateString(main != NULL ? main : ""));
  return out;
}

static mxArray *
write_warnings(const nxb_call *c)
{
  nax_index n = nax_ctx_n_warnings(c->ctx);
  mxArray *out = mxCreateCellMatrix((mwSize)n, 2);
  for (nax_index i = 0; i < n; i++) {
    nax_warning w = nax_ctx_warning(c->ctx, i);
    mxSetCell(out, (mwIndex)i, mxCreateString(w.id));
    mxSetCell(out, (mwIndex)(n + i), mxCreateString(w.text));
  }
  return out;
}

/* ---- the call -------------------------------------------------------------------------
 */

static void
run(frame *f, const mxArray *prhs[])
{
  nxb_call *c = f->call;
  double threads = mxGetNumberOfElements(prhs[4]) == 1 ? mxGetScalar(prhs[4]) : -1.0;
  nax_ctx_set_progress(c->ctx, on_progress, NULL, 0.1);
  c->status = nax_ctx_set_threads(
      c->ctx, threads >= 0.0 && threads <= 1024.0 ? (int32_t)threads : -1);
  size_t n = mxGetNumberOfElements(prhs[2]);
  for (size_t i = 0; c->status == NAX_OK && i < n; i++) {
    const char *name = text_of(f, mxGetCell(prhs[2], (mwIndex)i));
    const char *value = text_of(f, mxGetCell(prhs[3], (mwIndex)i));
    if (name == NULL || value == NULL) {
      c->status = nxb_fail(c, NAX_ETYPE, "option %lld, expected a name and a value",
                           (long long)i + 1);
    } else {
      (void)nxb_set(c, name, value);
    }
  }
  n = mxGetNumberOfElements(prhs[1]);
  for (size_t i = 0; c->status == NAX_OK && i < n && (int)i < nxb_n_inputs(c->method);
       i++) {
    c->status = read_value(f, mxGetCell(prhs[1], (mwIndex)i), &c->in[i]);
  }
  if (c->status == NAX_OK) {
    (void)nxb_run(c);
  }
}

void
mexFunction(int nlhs, mxArray *plhs[], int nrhs, const mxArray *prhs[])
{
  static frame f; /* what an earlier call lost by an error of the host goes now */
  free_frame(&f);
  (void)nlhs;
  const char *method = nrhs > 0 ? text_of(&f, prhs[0]) : NULL;
  if (method != NULL && nrhs == 1 && strcmp(method, "version") == 0) {
    plhs[0] = mxCreateString(nax_version());
    free_frame(&f);
    return;
  }
  if (method != NULL && nrhs == 1 && strcmp(method, "methods") == 0) {
    int n = 0;
    while (nxb_method_at(n) != NULL) {
      n++;
    }
    plhs[0] = mxCreateCellMatrix((mwSize)n, 1);
    for (int i = 0; i < n; i++) {
      mxSetCell(plhs[0], (mwIndex)i, mxCreateString(nxb_method_at(i)->name));
    }
    free_frame(&f);
    return;
  }
  if (method != NULL && nrhs == 2 && strcmp(method, "inputs") == 0) {
    const char *of = text_of(&f, prhs[1]);
    const nxb_method *m = of != NULL ? nxb_find(of) : NULL;
    plhs[0] = new_struct();
    for (int i = 0; m != NULL && i < nxb_n_inputs(m); i++) {
      double kinds = (double)m->in[i].kinds;
      set_field(plhs[0], m->in[i].name,
                mxCreateDoubleScalar(m->in[i].optional ? -kinds : kinds));
    }
    free_frame(&f);
    return;
  }
  if (method == NULL || nrhs != 5 || !mxIsCell(prhs[1]) || !mxIsCell(prhs[2]) ||
      !mxIsCell(prhs[3]) || !mxIsDouble(prhs[4]) ||
      mxGetNumberOfElements(prhs[2]) != mxGetNumberOfElements(prhs[3])) {
    free_frame(&f);
    mexErrMsgIdAndTxt("neuraxis:EINVAL",
                      "neuraxis_mex is called by the functions of neuraxis only");
  }
  f.call = nxb_new(method);
  if (f.call == NULL) {
    free_frame(&f);
    mexErrMsgIdAndTxt("neuraxis:EINVAL",
                      "neuraxis_mex: out of memory, or no method of that name");
  }
  run(&f, prhs);
  mxArray *value = f.call->status == NAX_OK ? write_result(f.call) : NULL;
  plhs[0] = new_struct();
  set_field(plhs[0], "status", mxCreateString(nax_status_name(f.call->status)));
  set_field(plhs[0], "message", mxCreateString(nxb_error(f.call)));
  set_field(plhs[0], "warnings", write_warnings(f.call));
  if (f.call->status == NAX_OK) {
    set_field(plhs[0], "value", value);
  } else if (value != NULL) {
    mxDestroyArray(value); /* stopped on its way */
  }
  free_frame(&f);
}
