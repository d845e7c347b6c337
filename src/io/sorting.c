/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sorting_i.h"
#include "text_i.h"
#include <math.h>

/* More clusters than any sorter makes; keeps tables by id small. */
enum { MAX_ID = 1 << 22, PIECE = 1 << 16 };

static const char *
base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static nax_status
check_times(nax_ctx *ctx, nax_source *s, nax_i_sorting *so, int samples, double *piece)
{
  nax_status status = NAX_OK;
  nax_index negative = 0;
  const char *path = so->times_path;
  for (nax_index at = 0; at < so->n; at += PIECE) {
    nax_index k = so->n - at < PIECE ? so->n - at : PIECE;
    NAX_TRY(nax_i_npy_values(ctx, &so->times, &so->times_header, "spike times", at, k,
                             piece));
    for (nax_index i = 0; i < k; i++) {
      double x = piece[i];
      long long index = (long long)(at + i);
      NAX_REQUIRE_FILE(isfinite(x), NAX_EDATA, path,
                       "spike time %lld is %g (expected a finite number)", index, x);
      NAX_REQUIRE_FILE(!samples || x >= 0, NAX_EDATA, path,
                       "spike time %lld is negative (found %.17g, expected samples of at "
                       "least 0)",
                       index, x);
      NAX_REQUIRE_FILE(!samples || x == floor(x), NAX_EDATA, path,
                       "spike time %lld is no whole number (found %.17g, expected "
                       "samples)",
                       index, x);
      negative += x < 0;
      x /= so->per_second;
      so->t_first = index == 0 || x < so->t_first ? x : so->t_first;
      so->t_last = index == 0 || x > so->t_last ? x : so->t_last;
    }
  }
  if (negative > 0) {
    nax_i_warn(ctx, NAX_SUGGESTION, "spikes.negative",
               "%s: %lld spike times are negative, the first is at %g s", base_name(path),
               (long long)negative, so->t_first);
  }
  (void)s;
done:
  return status;
}

static nax_status
count_clusters(nax_ctx *ctx, nax_i_sorting *so, double *piece)
{
  nax_status status = NAX_OK;
  for (nax_index at = 0; at < so->n; at += PIECE) {
    nax_index k = so->n - at < PIECE ? so->n - at : PIECE;
    NAX_TRY(nax_i_npy_values(ctx, &so->clusters, &so->clusters_header, "clusters", at, k,
                             piece));
    for (nax_index i = 0; i < k; i++) {
      double x = piece[i];
      NAX_REQUIRE_FILE(x >= 0 && x < MAX_ID && x == floor(x), NAX_EDATA,
                       so->clusters_path,
                       "cluster of spike %lld is %.17g (expected a whole number from 0 "
                       "to %d)",
                       (long long)(at + i), x, (int)MAX_ID - 1);
      nax_index id = (nax_index)x;
      if (id >= so->n_ids) {
        nax_index n = id + 1 > 2 * so->n_ids ? id + 1 : 2 * so->n_ids;
        nax_index *p = nax_i_realloc(so->count, (size_t)n, sizeof *p);
        NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
        memset(p + so->n_ids, 0, (size_t)(n - so->n_ids) * sizeof *p);
        so->count = p;
        so->n_ids = n;
      }
      so->count[id]++;
    }
  }
done:
  return status;
}

nax_status
nax_i_sorting_open(nax_ctx *ctx, nax_source *s, const char *times, const char *clusters,
                   int samples, double per_second, nax_i_sorting *so)
{
  nax_status status = NAX_OK;
  double *piece = NULL;
  so->times.fd = so->clusters.fd = -1;
  so->per_second = per_second;
  NAX_TRY(nax_i_npy_open_vector(ctx, s, s->path, times, &so->times_path, &so->times,
                                &so->times_header));
  NAX_TRY(nax_i_npy_open_vector(ctx, s, s->path, clusters, &so->clusters_path,
                                &so->clusters, &so->clusters_header));
  so->n = so->times_header.n;
  NAX_REQUIRE_FILE(so->clusters_header.n == so->n, NAX_EFORMAT, so->clusters_path,
                   "number of spikes does not fit %s (found %lld, expected %lld)", times,
                   (long long)so->clusters_header.n, (long long)so->n);
  NAX_REQUIRE_FILE(so->n > 0, NAX_EDATA, so->times_path,
                   "holds no spikes (found shape %s)", so->times_header.shape);
  NAX_TRY_ALLOC(piece, PIECE, sizeof *piece);
  NAX_TRY(check_times(ctx, s, so, samples, piece));
  NAX_TRY(count_clusters(ctx, so, piece));
done:
  nax_i_free(piece);
  return status;
}

nax_status
nax_i_sorting_units(nax_ctx *ctx, nax_source *s, nax_i_sorting *so)
{
  nax_status status = NAX_OK;
  double *coord = NULL;
  nax_index spikes = 0, u = 0;
  for (nax_index id = 0; id < so->n_ids; id++) {
    so->n_units += so->count[id] > 0;
  }
  NAX_REQUIRE_FILE(so->n_units > 0, NAX_EDATA, s->path,
                   "no unit is left (found none that the folder does not mark as "
                   "rejected)");
  NAX_TRY_ALLOC(so->unit_of_id, so->n_ids, sizeof *so->unit_of_id);
  NAX_TRY_ALLOC(so->id, so->n_units, sizeof *so->id);
  NAX_TRY_ALLOC(coord, so->n_units, sizeof *coord);
  for (nax_index id = 0; id < so->n_ids; id++) {
    so->unit_of_id[id] = so->count[id] > 0 ? (int32_t)u : -1;
    if (so->count[id] > 0) {
      so->id[u] = (int32_t)id;
      coord[u++] = (double)id;
      spikes += so->count[id];
    }
  }
  NAX_TRY(nax_axis_create_coords(ctx, "unit", "", so->n_units, coord, &so->units));
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_SPIKES, "spikes");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->unit, "s") &&
                  nax_i_var_text(&v->path, base_name(so->times_path)) &&
                  nax_i_var_text(&v->file_dtype, so->times_header.descr),
              NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_axis_copy(ctx, so->units, &v->axis[0]));
  v->info.dtype = so->times_header.dtype;
  v->info.ndim = 1;
  v->info.dim[0] = so->n_units;
  v->info.n_values = spikes;
  v->info.t_start = so->has_interval ? so->interval[0] : so->t_first;
  v->info.t_stop = so->has_interval ? so->interval[1] : so->t_last;
done:
  nax_i_free(coord);
  return status;
}

nax_status
nax_i_sorting_spikes(nax_ctx *ctx, nax_source *s, nax_i_sorting *so, nax_spikes **out)
{
  nax_status status = NAX_OK;
  double *times = NULL;
  int32_t *unit = NULL;
  *out = NULL;
  NAX_TRY_ALLOC(unit, so->n, sizeof *unit);
  NAX_TRY_ALLOC(times, so->n, sizeof *times);
  NAX_TRY(nax_i_npy_values(ctx, &so->clusters, &so->clusters_header, "clusters", 0, so->n,
                           times));
  for (nax_index i = 0; i < so->n; i++) {
    /* The file may have changed since it was checked. */
    int known = times[i] >= 0 && times[i] < (double)so->n_ids;
    NAX_REQUIRE_FILE(known, NAX_EDATA, so->clusters_path, "changed while it was read");
    unit[i] = so->unit_of_id[(nax_index)times[i]];
  }
  NAX_TRY(nax_i_npy_values(ctx, &so->times, &so->times_header, "spike times", 0, so->n,
                           times));
  if (so->per_second != 1.0) {
    for (nax_index i = 0; i < so->n; i++) {
      times[i] /= so->per_second;
    }
  }
  NAX_TRY(nax_i_spikes_group(ctx, s, so->units, so->n, unit, times, so->has_interval,
                             so->interval, out));
done:
  nax_i_free(unit);
  nax_i_free(times);
  return status;
}

nax_status
nax_i_sorting_merge(nax_ctx *ctx, nax_source *s, const nax_i_sorting *so,
                    const char *path, nax_table *table, nax_index *silent)
{
  nax_status status = NAX_OK;
  nax_i_text t = {0};
  nax_index *row = NULL;
  char why[300];
  *silent = 0;
  status = nax_i_text_read(ctx, path, 1, &t);
  if (status == NAX_EFORMAT || status == NAX_EDATA) {
    snprintf(why, sizeof why, "%s", nax_ctx_error(ctx));
    nax_i_begin(ctx);
    return nax_i_source_violation(ctx, s, "io.cluster-table", "left out: %s", why);
  }
  NAX_TRY(status);
  nax_index id = nax_i_text_find(&t, "cluster_id");
  id = id >= 0 ? id : nax_i_text_find(&t, "id");
  if (id < 0 || t.n_rows == 0 || (t.dict != NULL && t.dict[id] != NULL)) {
    goto done;
  }
  NAX_TRY_ALLOC(row, so->n_units, sizeof *row);
  for (nax_index u = 0; u < so->n_units; u++) {
    row[u] = -1;
  }
  for (nax_index i = 0; i < t.n_rows; i++) {
    double x = t.cells[i * t.n_cols + id];
    int known = x >= 0 && x < (double)so->n_ids;
    int32_t u = known ? so->unit_of_id[(nax_index)x] : -1;
    if (u >= 0) {
      row[u] = i;
    }
    *silent += !known || so->count[(nax_index)x] == 0;
  }
  for (nax_index c = 0; c < t.n_cols; c++) {
    const char *name = t.header[c];
    if (c != id && name[0] != '\0' && nax_table_find(table, name) < 0) {
      NAX_TRY(nax_i_text_to_table(ctx, &t, c, name, NULL, row, table));
    }
  }
done:
  nax_i_free(row);
  nax_i_text_free(&t);
  return status;
}

void
nax_i_sorting_close(nax_i_sorting *so)
{
  nax_i_bytes_close(&so->times);
  nax_i_bytes_close(&so->clusters);
  nax_i_free(so->times_path);
  nax_i_free(so->clusters_path);
  nax_i_free(so->count);
  nax_i_free(so->unit_of_id);
  nax_i_free(so->id);
  nax_axis_free(so->units);
}

void
nax_i_sorting_folder_close(nax_source *s)
{
  nax_i_sorting_folder *f = s->state;
  if (f != NULL) {
    nax_i_sorting_close(&f->sorting);
    nax_i_free_strings(f->names, f->n_names);
  }
  nax_i_free(f);
}

nax_status
nax_i_sorting_folder_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  (void)v;
  return nax_i_sorting_spikes(ctx, s, &((nax_i_sorting_folder *)s->state)->sorting, out);
}
