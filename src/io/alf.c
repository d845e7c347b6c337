/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ALF folders, as the International Brain Laboratory writes them: times in seconds. */
#include "sorting_i.h"
#include <math.h>

typedef nax_i_sorting_folder state;

/* The attribute file of an object, "spikes.times.npy" or with parts in between
 * ("spikes.times.<id>.npy"). */
static int
is_part(const char *name, const char *stem)
{
  size_t n = strlen(stem), m = strlen(name);
  return m >= n + 4 && strncmp(name, stem, n) == 0 && name[n] == '.' &&
         strcmp(name + m - 4, ".npy") == 0;
}

static int
is_times(const char *name)
{
  return is_part(name, "spikes.times");
}

static int
alf_probe(const nax_i_probe *p)
{
  if (!p->is_dir) {
    return 0;
  }
  if (nax_i_dir_has(p->path, "spikes.times.npy")) {
    return 85;
  }
  return nax_i_dir_any(p->path, is_times) ? 80 : 0; /* names with an id in them */
}

static const char *
find_part(const state *st, const char *stem)
{
  for (nax_index i = 0; i < st->n_names; i++) {
    if (is_part(st->names[i], stem)) {
      return st->names[i];
    }
  }
  return NULL;
}

/* clusters.depths.npy and the like: one number per cluster id. */
static nax_status
add_vector(nax_ctx *ctx, nax_source *s, const char *name, nax_table *t)
{
  nax_status status = NAX_OK;
  const nax_i_sorting *so = &((state *)s->state)->sorting;
  nax_i_bytes b = {.fd = -1};
  nax_i_npy h;
  char *path = nax_i_join(s->path, name), column[64];
  double *all = NULL, *of_unit = NULL;
  NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
  snprintf(column, sizeof column, "%.60s", name + strlen("clusters."));
  column[strcspn(column, ".")] = '\0';
  NAX_TRY(nax_i_bytes_open(ctx, path, &b));
  status = nax_i_npy_header(ctx, s, &b, &h);
  int usable = status == NAX_OK && h.n > so->id[so->n_units - 1] &&
               (h.ndim == 1 || (h.ndim == 2 && h.dim[1] == 1)) && column[0] != '\0' &&
               nax_table_find(t, column) < 0;
  if (status == NAX_EFORMAT || status == NAX_ETYPE || (status == NAX_OK && !usable)) {
    nax_i_begin(ctx); /* waveforms, labels as objects ...: not for this table */
    status = NAX_OK;
    goto done;
  }
  NAX_TRY(status);
  NAX_TRY_ALLOC(all, h.n, sizeof *all);
  NAX_TRY_ALLOC(of_unit, so->n_units, sizeof *of_unit);
  NAX_TRY(nax_i_npy_values(ctx, &b, &h, name, 0, h.n, all));
  for (nax_index u = 0; u < so->n_units; u++) {
    of_unit[u] = all[so->id[u]];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, column, NULL, of_unit));
done:
  nax_i_bytes_close(&b);
  nax_i_free(path);
  nax_i_free(all);
  nax_i_free(of_unit);
  return status;
}

static nax_status
alf_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  const nax_i_sorting *so = &st->sorting;
  nax_table *t = NULL;
  double *column = NULL;
  char *path = NULL;
  nax_index silent;
  (void)v;
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, "unit", so->n_units, &t));
  NAX_TRY_ALLOC(column, so->n_units, sizeof *column);
  for (nax_index u = 0; u < so->n_units; u++) {
    column[u] = so->id[u];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "cluster_id", NULL, column));
  for (nax_index i = 0; i < st->n_names; i++) {
    const char *name = st->names[i];
    if (strncmp(name, "clusters.", 9) == 0 && nax_i_has_ext(name, "npy")) {
      NAX_TRY(add_vector(ctx, s, name, t));
    } else if (strncmp(name, "clusters.metrics", 16) == 0 && nax_i_has_ext(name, "csv")) {
      path = nax_i_join(s->path, name);
      NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
      NAX_TRY(nax_i_sorting_merge(ctx, s, so, path, t, &silent));
      nax_i_free(path);
      path = NULL;
    }
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(path);
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

static nax_status
alf_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  nax_table *t = NULL;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  st->sorting.times.fd = st->sorting.clusters.fd = -1;
  NAX_TRY(nax_i_list_dir(ctx, s->path, &st->names, &st->n_names));
  const char *times = find_part(st, "spikes.times"),
             *clusters = find_part(st, "spikes.clusters");
  NAX_REQUIRE_FILE(times != NULL && clusters != NULL, NAX_EFORMAT, s->path,
                   "has no %s (expected spikes.times.npy and spikes.clusters.npy)",
                   times == NULL ? "spikes.times.npy" : "spikes.clusters.npy");
  NAX_TRY(nax_i_sorting_open(ctx, s, times, clusters, 0, 1.0, &st->sorting));
  NAX_TRY(nax_i_sorting_units(ctx, s, &st->sorting));
  NAX_TRY(alf_table(ctx, s, NULL, &t));
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, "units");
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = st->sorting.n_units;
  v->info.dim[1] = nax_table_n_columns(t);
  v->info.n_values = v->info.dim[0] * v->info.dim[1];
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "electrophysiology", 0));
done:
  nax_table_free(t);
  return status;
}

const nax_i_format nax_i_format_alf = {"alf",
                                       "ALF folder (spikes.times.npy ...)",
                                       alf_probe,
                                       alf_open,
                                       nax_i_sorting_folder_close,
                                       NULL,
                                       nax_i_sorting_folder_spikes,
                                       alf_table};
