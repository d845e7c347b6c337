/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CaImAn results as cnmf.save writes them: components x frames in /estimates. */
#include "hdf5_i.h"
#include <math.h>

typedef struct caiman {
  nax_i_h5 *file;
  nax_index n_components, n_frames;
  char *accepted; /* NULL: not evaluated */
  nax_index *keep, n_keep;
} caiman;

/* One of the traces, or the table of components. */
typedef struct caiman_var {
  nax_i_h5_data *data; /* NULL: the table */
  nax_i_h5_data *plus; /* added: C of raw = C + YrA */
} caiman_var;

static void
free_caiman_var(void *p)
{
  caiman_var *x = p;
  if (x != NULL) {
    nax_i_h5_data_close(x->data);
    nax_i_h5_data_close(x->plus);
    nax_i_free(x);
  }
}

static int
probe(const nax_i_probe *p)
{
  return p->hdf5 == NAX_I_HDF5_CAIMAN ? 100 : 0;
}

static void
close_caiman(nax_source *s)
{
  caiman *w = s->state;
  if (w == NULL) {
    return;
  }
  for (int32_t i = 0; i < s->n_vars; i++) {
    free_caiman_var(s->vars[i].priv);
    s->vars[i].priv = NULL;
    s->vars[i].free_priv = NULL;
  }
  nax_i_free(w->accepted);
  nax_i_free(w->keep);
  nax_i_h5_close(w->file);
  nax_i_free(w);
  s->state = NULL;
}

/* A dataset of numbers in `ndim` dimensions; *out stays NULL when it is absent or, as
 * CaImAn stores None, the text "NoneType". */
static nax_status
open_numbers(nax_ctx *ctx, caiman *w, const char *path, int32_t ndim, nax_i_h5_data **out)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  *out = NULL;
  if (nax_i_h5_look(w->file, path, NULL) != NAX_I_H5_DATASET) {
    return NAX_OK;
  }
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, path, &d));
  if (d->klass == NAX_I_H5_NUMBER && d->ndim == ndim) {
    *out = d;
    d = NULL;
  }
done:
  nax_i_h5_data_close(d);
  return status;
}

/* idx_components holds the positions of the accepted ones, from 0. */
static nax_status
learn_accepted(nax_ctx *ctx, nax_source *s, caiman *w)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  int64_t *index = NULL;
  nax_index n = 0;
  NAX_TRY(open_numbers(ctx, w, "/estimates/idx_components", 1, &d));
  if (d == NULL) {
    if (s->opts.cells_only) {
      nax_i_warn(ctx, NAX_VIOLATION, "caiman.not-evaluated",
                 "/estimates/idx_components is not set: all components are kept");
    }
    goto done;
  }
  NAX_TRY(nax_i_h5_integers(ctx, d, w->n_components, &index, &n));
  NAX_TRY_ALLOC(w->accepted, w->n_components, 1);
  for (nax_index i = 0; i < n; i++) {
    NAX_REQUIRE_FILE(index[i] >= 0 && index[i] < w->n_components, NAX_EDATA, s->path,
                     "/estimates/idx_components: entry %lld is %lld (expected 0 to %lld)",
                     (long long)i, (long long)index[i], (long long)(w->n_components - 1));
    w->accepted[index[i]] = 1;
  }
  if (s->opts.cells_only) {
    NAX_TRY_ALLOC(w->keep, w->n_components, sizeof *w->keep);
    for (nax_index i = 0; i < w->n_components; i++) {
      if (w->accepted[i]) {
        w->keep[w->n_keep++] = i;
      }
    }
  }
done:
  nax_i_h5_data_close(d);
  nax_i_free(index);
  return status;
}

static nax_status
component_axis(nax_ctx *ctx, caiman *w, nax_axis **out)
{
  nax_status status = NAX_OK;
  nax_axis *all = NULL;
  char **label = NULL, text[32];
  NAX_TRY_ALLOC(label, w->n_components, sizeof *label);
  for (nax_index i = 0; i < w->n_components; i++) {
    snprintf(text, sizeof text, "%lld", (long long)i);
    NAX_TRY_DUP(label[i], text);
  }
  NAX_TRY(nax_axis_create_labels(ctx, "neuron", w->n_components,
                                 (const char *const *)label, &all));
  if (w->keep != NULL) {
    NAX_TRY(nax_axis_take(ctx, all, w->n_keep, w->keep, out));
  } else {
    *out = all;
    all = NULL;
  }
done:
  nax_i_free_strings(label, label != NULL ? w->n_components : 0);
  nax_axis_free(all);
  return status;
}

static nax_status
add_trace(nax_ctx *ctx, nax_source *s, caiman *w, const char *name, const char *dataset,
          const char *plus, const char *unit, const char *text)
{
  nax_status status = NAX_OK;
  caiman_var *x = NULL;
  char path[64];
  const int32_t map[2] = {0, 1}; /* components are the slow dimension of the file */
  NAX_TRY_ALLOC(x, 1, sizeof *x);
  snprintf(path, sizeof path, "/estimates/%s", dataset);
  NAX_TRY(open_numbers(ctx, w, path, 2, &x->data));
  if (plus != NULL) {
    snprintf(path, sizeof path, "/estimates/%s", plus);
    NAX_TRY(open_numbers(ctx, w, path, 2, &x->plus));
  }
  if (x->data == NULL || (plus != NULL && x->plus == NULL)) {
    goto done;
  }
  for (int k = 0; k < (plus != NULL ? 2 : 1); k++) {
    const nax_i_h5_data *d = k == 0 ? x->data : x->plus;
    if (d->dim[0] != w->n_components || d->dim[1] != w->n_frames) {
      NAX_TRY(nax_i_source_violation(
          ctx, s, "caiman.shape",
          "%s is %lld x %lld (expected %lld components x %lld frames): left out", d->path,
          (long long)d->dim[0], (long long)d->dim[1], (long long)w->n_components,
          (long long)w->n_frames));
      goto done;
    }
  }
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, name);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->priv = x;
  v->free_priv = free_caiman_var;
  const nax_i_h5_data *d = x->data;
  x = NULL;
  NAX_REQUIRE(nax_i_h5_describe(d, 2, map, v) && nax_i_var_text(&v->unit, unit) &&
                  nax_i_var_text(&v->description, text),
              NAX_ENOMEM, "out of memory");
  NAX_TRY(component_axis(ctx, w, &v->axis[0]));
  NAX_TRY(nax_i_var_regular_time(ctx, s, v, 1, w->n_frames, 0.0,
                                 nax_i_h5_number_at(w->file, "/params/data/fr", NAN),
                                 NAX_RATE_FILE));
done:
  free_caiman_var(x);
  return status;
}

/* Columns of the table of components, where evaluated. */
static const char *const column_names[] = {"SNR_comp", "r_values", "cnn_preds"};

static nax_status
add_table(nax_ctx *ctx, nax_source *s, caiman *w)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char path[64];
  nax_index n = 1 + (w->accepted != NULL);
  for (size_t i = 0; i < sizeof column_names / sizeof column_names[0]; i++) {
    snprintf(path, sizeof path, "/estimates/%s", column_names[i]);
    NAX_TRY(open_numbers(ctx, w, path, 1, &d));
    n += d != NULL && d->n == w->n_components;
    nax_i_h5_data_close(d);
    d = NULL;
  }
  caiman_var *x = nax_i_calloc(1, sizeof *x);
  nax_i_var *v = x != NULL ? nax_i_source_add(s, NAX_VAR_TABLE, "neurons") : NULL;
  if (v == NULL) {
    nax_i_free(x);
    NAX_REQUIRE(0, NAX_ENOMEM, "out of memory");
  }
  v->priv = x;
  v->free_priv = free_caiman_var;
  v->info.ndim = 2;
  v->info.dim[0] = w->keep != NULL ? w->n_keep : w->n_components;
  v->info.dim[1] = n;
  v->info.n_values = v->info.dim[0] * n;
  NAX_REQUIRE(nax_i_var_text(&v->path, "/estimates") &&
                  nax_i_var_text(&v->file_dtype, "table"),
              NAX_ENOMEM, "out of memory");
done:
  nax_i_h5_data_close(d);
  return status;
}

static nax_status
add_attribute(nax_ctx *ctx, nax_source *s, caiman *w, const char *path, const char *key)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  double x = nax_i_h5_number_at(w->file, path, NAN);
  NAX_TRY(nax_i_h5_text_at(ctx, w->file, path, &text));
  if (text != NULL && strcmp(text, "NoneType") != 0) {
    NAX_TRY(nax_i_source_attr(ctx, s, key, text, NAN));
  } else if (!isnan(x)) {
    NAX_TRY(nax_i_source_attr(ctx, s, key, NULL, x));
  }
done:
  nax_i_free(text);
  return status;
}

static nax_status
open_caiman(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  caiman *w = NULL;
  nax_i_h5_data *shape = NULL;
  char *version = NULL;
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(w, 1, sizeof *w);
  s->state = w;
  NAX_TRY(nax_i_h5_open(ctx, s->path, &w->file));
  NAX_TRY(nax_i_h5_text_at(ctx, w->file, "/params/data/caiman_version", &version));
  if (version != NULL) {
    nax_i_free(s->version);
    s->version = version;
    version = NULL;
  }
  NAX_TRY(open_numbers(ctx, w, "/estimates/C", 2, &shape));
  if (shape == NULL) {
    NAX_TRY(open_numbers(ctx, w, "/estimates/F_dff", 2, &shape));
  }
  NAX_REQUIRE_FILE(
      shape != NULL, NAX_EFORMAT, s->path,
      "neither /estimates/C nor /estimates/F_dff holds traces (found None or nothing)");
  w->n_components = shape->dim[0];
  w->n_frames = shape->dim[1];
  NAX_TRY(learn_accepted(ctx, s, w));
  NAX_TRY(add_trace(ctx, s, w, "F_dff", "F_dff", NULL, "dF/F", "detrended dF/F"));
  NAX_TRY(add_trace(ctx, s, w, "C", "C", NULL, "", "denoised traces"));
  NAX_TRY(add_trace(ctx, s, w, "S", "S", NULL, "", "deconvolved activity"));
  NAX_TRY(add_trace(ctx, s, w, "raw", "YrA", "C", "", "raw traces, C + YrA"));
  NAX_TRY(add_table(ctx, s, w));
  NAX_TRY(add_attribute(ctx, s, w, "/params/data/decay_time", "decay_time"));
  NAX_TRY(add_attribute(ctx, s, w, "/params/data/fnames", "movie"));
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "calcium imaging (CaImAn)", NAN));
  s->main = 0; /* F_dff where it is, else C */
done:
  nax_i_hdf5_unlock();
  nax_i_h5_data_close(shape);
  nax_i_free(version);
  return status;
}

/* --------------------------------------------------------------------- reading */

/* A block of all components between two, then those that are kept of them. */
static nax_status
read_span(nax_ctx *ctx, const caiman *w, nax_i_h5_data *d, const nax_index *start,
          const nax_index *count, double *dst)
{
  nax_status status = NAX_OK;
  const int32_t map[2] = {0, 1};
  double *span = NULL;
  if (w->keep == NULL) {
    return nax_i_h5_read(ctx, d, 2, map, NULL, start, count, 1.0, 0.0, NAX_F64, dst);
  }
  nax_index from[2] = {w->keep[start[0]], start[1]};
  nax_index many[2] = {w->keep[start[0] + count[0] - 1] - from[0] + 1, count[1]};
  NAX_TRY_ALLOC(span, many[0] * many[1], sizeof *span);
  NAX_TRY(nax_i_h5_read(ctx, d, 2, map, NULL, from, many, 1.0, 0.0, NAX_F64, span));
  for (nax_index j = 0; j < count[1]; j++) {
    for (nax_index i = 0; i < count[0]; i++) {
      dst[i + j * count[0]] = span[w->keep[start[0] + i] - from[0] + j * many[0]];
    }
  }
done:
  nax_i_free(span);
  return status;
}

static nax_status
read_caiman(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
            const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  const caiman *w = s->state;
  caiman_var *x = v->priv;
  double *sum = NULL, *other = NULL;
  nax_index n = count[0] * count[1];
  if (dtype == NAX_F64) {
    sum = dst;
  } else {
    NAX_TRY_ALLOC(sum, n, sizeof *sum);
  }
  NAX_TRY(read_span(ctx, w, x->data, start, count, sum));
  if (x->plus != NULL) {
    NAX_TRY_ALLOC(other, n, sizeof *other);
    NAX_TRY(read_span(ctx, w, x->plus, start, count, other));
    for (nax_index i = 0; i < n; i++) {
      sum[i] += other[i];
    }
  }
  for (nax_index i = 0; i < n && dtype != NAX_F64; i++) {
    ((float *)dst)[i] = (float)sum[i];
  }
done:
  if (dtype != NAX_F64) {
    nax_i_free(sum);
  }
  nax_i_free(other);
  return status;
}

static nax_status
read_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  caiman *w = s->state;
  nax_i_h5_data *d = NULL;
  nax_table *t = NULL;
  double *x = NULL, *all = NULL;
  nax_index n = v->info.dim[0], got = 0;
  char path[64];
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, "neuron", n, &t));
  NAX_TRY_ALLOC(x, n, sizeof *x);
  for (nax_index i = 0; i < n; i++) {
    x[i] = (double)(w->keep != NULL ? w->keep[i] : i);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "id", NULL, x));
  for (nax_index i = 0; i < n && w->accepted != NULL; i++) {
    x[i] = (double)w->accepted[w->keep != NULL ? w->keep[i] : i];
  }
  if (w->accepted != NULL) {
    NAX_TRY(nax_table_add_numbers(ctx, t, "accepted", NULL, x));
  }
  for (size_t k = 0; k < sizeof column_names / sizeof column_names[0]; k++) {
    snprintf(path, sizeof path, "/estimates/%s", column_names[k]);
    NAX_TRY(open_numbers(ctx, w, path, 1, &d));
    if (d != NULL && d->n == w->n_components) {
      NAX_TRY(nax_i_h5_numbers(ctx, d, d->n, &all, &got));
      for (nax_index i = 0; i < n; i++) {
        x[i] = all[w->keep != NULL ? w->keep[i] : i];
      }
      NAX_TRY(nax_table_add_numbers(ctx, t, column_names[k], NULL, x));
    }
    nax_i_h5_data_close(d);
    d = NULL;
    nax_i_free(all);
    all = NULL;
  }
  *out = t;
  t = NULL;
done:
  nax_i_h5_data_close(d);
  nax_i_free(x);
  nax_i_free(all);
  nax_table_free(t);
  return status;
}

const nax_i_format nax_i_format_caiman = {
    "caiman",     "CaImAn results (HDF5, cnmf.save)",
    probe,        open_caiman,
    close_caiman, read_caiman,
    NULL,         read_table};
