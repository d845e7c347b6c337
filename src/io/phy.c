/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phy / Kilosort folders. */
#include "sorting_i.h"
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef nax_i_sorting_folder state;

static int
phy_probe(const nax_i_probe *p)
{
  if (!p->is_dir) {
    return 0;
  }
  if (!nax_i_dir_has(p->path, "spike_times.npy")) {
    return nax_i_dir_has(p->path, "params.py") ? 20 : 0;
  }
  int sure = nax_i_dir_has(p->path, "spike_clusters.npy") ||
             nax_i_dir_has(p->path, "spike_templates.npy");
  return sure ? 90 : 40;
}

/* ------------------------------------------------------------------------- params.py */

/* Value of `key` in lines "key = value"; the last one counts. Quotes and a list around a
 * single value are taken off. 0 when it is not there. */
static int
param(const char *text, const char *key, char *value, size_t size)
{
  int found = 0;
  for (const char *line = text; line != NULL && *line != '\0';) {
    const char *p = line + strspn(line, " \t"), *next = strchr(line, '\n');
    size_t k = strlen(key), n;
    if (strncmp(p, key, k) == 0 && p[k + strspn(p + k, " \t")] == '=') {
      p = strchr(p, '=') + 1;
      p += strspn(p, " \t['\"rb(");
      n = strcspn(p, "#\r\n'\"],)");
      while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t')) {
        n--;
      }
      snprintf(value, size, "%.*s", n < size ? (int)n : (int)size - 1, p);
      found = 1;
    }
    line = next != NULL ? next + 1 : NULL;
  }
  return found;
}

static double
param_number(const char *text, const char *key)
{
  char value[64];
  double x;
  if (!param(text, key, value, sizeof value) ||
      !nax_i_parse_double(value, value + strlen(value), &x)) {
    return (double)NAN;
  }
  return x;
}

static size_t
sample_bytes(const char *dtype)
{
  static const char *const name[] = {"int8",  "uint8",  "int16",   "uint16",
                                     "int32", "uint32", "float32", "float64"};
  static const size_t bytes[] = {1, 1, 2, 2, 4, 4, 4, 8};
  for (size_t i = 0; i < 8; i++) {
    if (strcmp(dtype, name[i]) == 0) {
      return bytes[i];
    }
  }
  return 0;
}

/* Length of the recording, when its file lies in the folder. Absolute paths are those of
 * another machine: only the name counts. */
static void
find_interval(const nax_source *s, nax_i_sorting *so, const char *text)
{
  char path[1024], dtype[32] = "int16";
  struct stat st;
  double channels = param_number(text, "n_channels_dat"),
         offset = param_number(text, "offset");
  (void)param(text, "dtype", dtype, sizeof dtype);
  if (!param(text, "dat_path", path, sizeof path) || sample_bytes(dtype) == 0 ||
      !(channels >= 1 && channels < 1e6)) {
    return;
  }
  const char *slash = strrchr(path, '/'), *back = strrchr(path, '\\');
  const char *name = slash != NULL ? slash + 1 : back != NULL ? back + 1 : path;
  char full[4200];
  int n = snprintf(full, sizeof full, "%s/%s", s->path, name);
  if (name[0] == '\0' || n < 0 || (size_t)n >= sizeof full || stat(full, &st) != 0 ||
      !S_ISREG(st.st_mode)) {
    return;
  }
  double bytes = (double)st.st_size - (offset > 0 ? offset : 0);
  double seconds =
      floor(bytes / (channels * (double)sample_bytes(dtype))) / so->per_second;
  if (seconds >= so->t_last && seconds > 0) {
    so->interval[1] = seconds;
    so->has_interval = 1;
  }
}

static nax_status
find_rate(nax_ctx *ctx, nax_source *s, char **text, double *rate)
{
  nax_status status = NAX_OK;
  char *path = NULL, value[64] = "";
  size_t n;
  double given = s->opts.rate;
  const char *wrong = "no params.py";
  *rate = given;
  if (nax_i_dir_has(s->path, "params.py")) {
    path = nax_i_join(s->path, "params.py");
    NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
    NAX_TRY(nax_i_read_file(ctx, path, 1 << 20, text, &n));
    double stated = param_number(*text, "sample_rate");
    int known = isfinite(stated) && stated > 0;
    wrong = param(*text, "sample_rate", value, sizeof value)
                ? "a sample_rate in params.py that is no positive number"
                : "no sample_rate in params.py";
    if (known && !isnan(given) && fabs(given - stated) > 1e-9 * stated) {
      nax_i_warn(ctx, NAX_INFO, "io.rate-overridden",
                 "spikes: the file says %g Hz, %g Hz as given is used", stated, given);
    }
    *rate = isnan(given) && known ? stated : given;
  }
  NAX_REQUIRE_FILE(!isnan(*rate), NAX_EDATA, s->path,
                   "sampling rate unknown (found %s, expected sample_rate = ...; give "
                   "option `rate`)",
                   wrong);
done:
  nax_i_free(path);
  return status;
}

/* -------------------------------------------------------------------------- clusters */

static int
is_cluster_table(const char *name)
{
  return strncmp(name, "cluster_", 8) == 0 &&
         (nax_i_has_ext(name, "tsv") || nax_i_has_ext(name, "csv"));
}

/* Everything the folder says about its units, one row each. */
static nax_status
unit_table(nax_ctx *ctx, nax_source *s, nax_table **out)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  const nax_i_sorting *so = &st->sorting;
  nax_table *t = NULL;
  double *column = NULL;
  char *path = NULL;
  nax_index silent = 0, most = 0;
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, "unit", so->n_units, &t));
  NAX_TRY_ALLOC(column, so->n_units, sizeof *column);
  for (nax_index u = 0; u < so->n_units; u++) {
    column[u] = so->id[u];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "cluster_id", NULL, column));
  for (nax_index u = 0; u < so->n_units; u++) {
    column[u] = (double)so->count[so->id[u]];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "n_spikes", NULL, column));
  for (nax_index i = 0; i < st->n_names; i++) {
    if (is_cluster_table(st->names[i])) {
      path = nax_i_join(s->path, st->names[i]);
      NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
      NAX_TRY(nax_i_sorting_merge(ctx, s, so, path, t, &silent));
      most = silent > most ? silent : most;
      nax_i_free(path);
      path = NULL;
    }
  }
  if (most > 0 && !s->opts.cells_only) {
    nax_i_warn(ctx, NAX_INFO, "io.silent-clusters",
               "%lld clusters of the tables have no spikes and are left out",
               (long long)most);
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(path);
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

static int
is_rejected(const char *label)
{
  return strcmp(label, "noise") == 0 || strcmp(label, "mua") == 0;
}

/* With --cells-only: take the units out that the folder calls noise or multi-unit, by
 * the curator's group where there is one, else by the sorter's label. */
static nax_status
drop_rejected(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  nax_i_sorting *so = &((state *)s->state)->sorting;
  nax_table *t = NULL;
  NAX_TRY(unit_table(ctx, s, &t));
  const char *const *group = nax_table_text(t, nax_table_find(t, "group"));
  const char *const *label = nax_table_text(t, nax_table_find(t, "KSLabel"));
  if (group == NULL && label == NULL) {
    NAX_TRY(nax_i_source_violation(ctx, s, "io.no-labels",
                                   "no cluster table has `group` or `KSLabel`: all units "
                                   "are kept"));
  }
  for (nax_index u = 0; u < so->n_units; u++) {
    int grouped =
        group != NULL && group[u][0] != '\0' && strcmp(group[u], "unsorted") != 0;
    const char *text = grouped ? group[u] : label != NULL ? label[u] : "";
    if (is_rejected(text)) {
      so->count[so->id[u]] = 0;
    }
  }
  /* The axis is made anew from what is left. */
  nax_i_free(so->unit_of_id);
  nax_i_free(so->id);
  nax_axis_free(so->units);
  so->unit_of_id = so->id = NULL;
  so->units = NULL;
  so->n_units = 0;
done:
  nax_table_free(t);
  return status;
}

static nax_status
phy_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  char *text = NULL;
  nax_table *t = NULL;
  double rate;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  nax_i_sorting *so = &st->sorting;
  so->times.fd = so->clusters.fd = -1;
  NAX_REQUIRE_FILE(nax_i_dir_has(s->path, "spike_times.npy"), NAX_EFORMAT, s->path,
                   "has params.py and no spike_times.npy (expected both)");
  const char *clusters = "spike_clusters.npy";
  if (!nax_i_dir_has(s->path, clusters)) {
    clusters = "spike_templates.npy";
    NAX_REQUIRE_FILE(nax_i_dir_has(s->path, clusters), NAX_EFORMAT, s->path,
                     "has spike_times.npy and neither spike_clusters.npy nor "
                     "spike_templates.npy (expected one of them)");
    nax_i_warn(ctx, NAX_INFO, "io.templates-as-clusters",
               "spike_clusters.npy is missing: spike_templates.npy tells the units");
  }
  NAX_TRY(find_rate(ctx, s, &text, &rate));
  NAX_TRY(nax_i_sorting_open(ctx, s, "spike_times.npy", clusters, 1, rate, so));
  if (text != NULL) {
    find_interval(s, so, text);
  }
  NAX_TRY(nax_i_list_dir(ctx, s->path, &st->names, &st->n_names));
  NAX_TRY(nax_i_sorting_units(ctx, s, so));
  if (s->opts.cells_only) {
    NAX_TRY(drop_rejected(ctx, s));
    nax_i_source_drop_last(s);
    NAX_TRY(nax_i_sorting_units(ctx, s, so));
  }
  s->vars[0].info.rate = rate;
  s->vars[0].info.rate_source = isnan(s->opts.rate) ? NAX_RATE_FILE : NAX_RATE_USER;
  NAX_TRY(unit_table(ctx, s, &t));
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, "units");
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = so->n_units;
  v->info.dim[1] = nax_table_n_columns(t);
  v->info.n_values = v->info.dim[0] * v->info.dim[1];
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "electrophysiology", 0));
done:
  nax_table_free(t);
  nax_i_free(text);
  return status;
}

static nax_status
phy_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  (void)v;
  return unit_table(ctx, s, out);
}

const nax_i_format nax_i_format_phy = {"phy",
                                       "Phy or Kilosort output folder",
                                       phy_probe,
                                       phy_open,
                                       nax_i_sorting_folder_close,
                                       NULL,
                                       nax_i_sorting_folder_spikes,
                                       phy_table};
