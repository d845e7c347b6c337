/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 files of no known layout: every numeric dataset is a variable. Also the place
 * where HDF5 files that do not open at all get their error text. */
#include "hdf5_i.h"
#include <math.h>

enum { MOST_VARS = 2000, MOST_GROUPS = 20000, DEEPEST = 24 };

typedef struct plain {
  nax_i_h5 *file;
  uint64_t (*seen)[2]; /* groups met, so that links cannot lead in circles */
  nax_index n_seen;
  nax_index n_left_out;
  int n_numeric, n_missing_filter;
} plain;

/* Where a variable is read from. */
typedef struct place {
  nax_i_h5_data *data;
  int32_t map[NAX_MAX_NDIM];
} place;

static void
free_place(void *p)
{
  place *x = p;
  if (x != NULL) {
    nax_i_h5_data_close(x->data);
    nax_i_free(x);
  }
}

static int
probe(const nax_i_probe *p)
{
  return p->hdf5 == NAX_I_HDF5_PLAIN || p->hdf5 == NAX_I_HDF5_NIX ? 20 : 0;
}

static int
name_taken(const nax_source *s, const char *name)
{
  for (int32_t i = 0; i < s->n_vars; i++) {
    if (strcmp(s->vars[i].name, name) == 0) {
      return 1;
    }
  }
  return 0;
}

/* Facts first; the axes need to know how many variables there are. */
static nax_status
add_dataset(nax_ctx *ctx, nax_source *s, plain *w, const char *path)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  place *x = NULL;
  char name[1024];
  NAX_TRY(nax_i_h5_data_open(ctx, w->file, path, &d));
  if (d->klass != NAX_I_H5_NUMBER || d->ndim < 1 || d->ndim > NAX_MAX_NDIM) {
    goto done;
  }
  w->n_numeric++;
  if (s->n_vars >= MOST_VARS) {
    w->n_left_out++;
    goto done;
  }
  if (d->filter_missing != 0) {
    w->n_missing_filter++;
    nax_i_warn(ctx, NAX_CRITICAL, "io.filter-missing",
               "%s uses HDF5 filter %d, which is not available: it cannot be read", path,
               d->filter_missing);
  }
  const char *slash = strrchr(path, '/');
  snprintf(name, sizeof name, "%s", slash + 1);
  if (name_taken(s, name)) {
    snprintf(name, sizeof name, "%s", path + 1);
    for (char *p = name; *p != '\0'; p++) {
      *p = *p == '/' ? '.' : *p;
    }
  }
  NAX_TRY_ALLOC(x, 1, sizeof *x);
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, name);
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->priv = x;
  v->free_priv = free_place;
  x->data = d;
  d = NULL;
  x = NULL;
done:
  nax_i_h5_data_close(d);
  nax_i_free(x);
  return status;
}

static nax_status
walk(nax_ctx *ctx, nax_source *s, plain *w, const char *path, int depth)
{
  nax_status status = NAX_OK;
  char **name = NULL, sub[1024], why[1500];
  nax_index n = 0;
  NAX_TRY(nax_i_h5_list(ctx, w->file, path, MOST_GROUPS, &name, &n));
  for (nax_index i = 0; i < n; i++) {
    uint64_t addr[2] = {0, 0};
    int length = snprintf(sub, sizeof sub, "%s/%s", depth == 0 ? "" : path, name[i]);
    if (length < 0 || (size_t)length >= sizeof sub) {
      continue;
    }
    nax_i_h5_what what = nax_i_h5_look(w->file, sub, addr);
    if (what == NAX_I_H5_BROKEN) {
      nax_i_h5_explain(w->file, sub, why, sizeof why);
      NAX_TRY(nax_i_source_violation(ctx, s, "io.broken-link", "%s", why));
    } else if (what == NAX_I_H5_DATASET) {
      NAX_TRY(add_dataset(ctx, s, w, sub));
    } else if (what == NAX_I_H5_GROUP && depth < DEEPEST) {
      int met = 0;
      for (nax_index j = 0; j < w->n_seen && !met; j++) {
        met = w->seen[j][0] == addr[0] && w->seen[j][1] == addr[1];
      }
      if (!met && w->n_seen < MOST_GROUPS) {
        w->seen[w->n_seen][0] = addr[0];
        w->seen[w->n_seen][1] = addr[1];
        w->n_seen++;
        NAX_TRY(walk(ctx, s, w, sub, depth + 1));
      }
    }
  }
done:
  nax_i_free_strings(name, n);
  return status;
}

static nax_status
set_axes(nax_ctx *ctx, nax_source *s, nax_i_var *v)
{
  nax_status status = NAX_OK;
  place *x = v->priv;
  nax_i_h5_data *d = x->data;
  NAX_REQUIRE(nax_i_var_text(&v->path, d->path), NAX_ENOMEM, "out of memory");
  v->info.ndim = d->ndim;
  NAX_TRY(nax_i_var_plain_axes(ctx, s, v, s->n_vars == 1, d->ndim, d->dim, x->map));
  NAX_REQUIRE(nax_i_h5_describe(d, d->ndim, x->map, v), NAX_ENOMEM, "out of memory");
  char *unit = NULL;
  static const char *const names[] = {"units", "unit", "Units", "Unit"};
  for (size_t i = 0; i < sizeof names / sizeof names[0] && unit == NULL; i++) {
    NAX_TRY(nax_i_h5_attr_text(ctx, d->file, d->path, names[i], &unit));
  }
  int ok = nax_i_var_text(&v->unit, unit);
  nax_i_free(unit);
  NAX_REQUIRE(ok, NAX_ENOMEM, "out of memory");
done:
  return status;
}

static void
close_plain(nax_source *s)
{
  plain *w = s->state;
  if (w == NULL) {
    return;
  }
  for (int32_t i = 0; i < s->n_vars; i++) {
    free_place(s->vars[i].priv);
    s->vars[i].priv = NULL;
    s->vars[i].free_priv = NULL;
  }
  nax_i_free(w->seen);
  nax_i_h5_close(w->file);
  nax_i_free(w);
  s->state = NULL;
}

static nax_status
open_plain(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  plain *w = NULL;
  char *format = NULL;
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(w, 1, sizeof *w);
  s->state = w;
  NAX_TRY(nax_i_h5_open(ctx, s->path, &w->file));
  NAX_TRY(nax_i_h5_attr_text(ctx, w->file, "/", "format", &format));
  NAX_REQUIRE_FILE(format == NULL || strcmp(format, "nix") != 0 || s->opts.var != NULL,
                   NAX_EFORMAT, s->path,
                   "is a NIX file (Neo), whose layout is not read; name a dataset with "
                   "option `var` /data/...");
  NAX_TRY_ALLOC(w->seen, MOST_GROUPS, sizeof *w->seen);
  NAX_TRY(walk(ctx, s, w, "/", 0));
  NAX_REQUIRE_FILE(s->n_vars > 0, NAX_EFORMAT, s->path,
                   "is an HDF5 file without numeric datasets");
  if (w->n_missing_filter == w->n_numeric) {
    /* Nothing in it can be read: say so now, with the remedy. */
    NAX_TRY(nax_i_h5_check_filters(ctx, ((place *)s->vars[0].priv)->data));
  }
  for (int32_t i = 0; i < s->n_vars; i++) {
    NAX_TRY(set_axes(ctx, s, &s->vars[i]));
  }
  if (w->n_left_out > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "io.many-datasets",
               "%lld of %d numeric datasets are left out", (long long)w->n_left_out,
               w->n_numeric);
  }
done:
  nax_i_hdf5_unlock();
  nax_i_free(format);
  return status;
}

static nax_status
read_plain(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
           const nax_index *count, nax_dtype dtype, void *dst)
{
  place *x = v->priv;
  (void)s;
  return nax_i_h5_read(ctx, x->data, v->info.ndim, x->map, NULL, start, count, 1.0, 0.0,
                       dtype, dst);
}

const nax_i_format nax_i_format_hdf5 = {
    "hdf5",
    "HDF5 of any layout: its numeric datasets, chosen by options `var`, `axes`",
    probe,
    open_plain,
    close_plain,
    read_plain,
    NULL,
    NULL};
