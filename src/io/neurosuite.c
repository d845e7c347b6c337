/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neurosuite / KlustaKwik sortings: BASE.res.N (samples) and BASE.clu.N (clusters), one
 * pair per shank, and BASE.xml with the sampling rate. */
#include "spikes_io_i.h"
#include "text_i.h"
#include <math.h>
#include <stdlib.h>

typedef struct pair {
  int shank, cluster;
} pair;

typedef struct state {
  char *dir, *base; /* files are dir/base.res.N */
  int32_t *unit;    /* of each spike: key of its pair, later position on the axis */
  double *times;
  nax_index n, cap;
  pair *pairs;
  int32_t n_pairs, cap_pairs;
  nax_axis *units;
} state;

/* "x.clu.3": length of "x" and the shank; 0 when the name is no such name. */
static size_t
split(const char *name, const char *middle, int *shank)
{
  size_t n = strlen(name), m = strlen(middle), digits = 0;
  while (digits < n && name[n - 1 - digits] >= '0' && name[n - 1 - digits] <= '9') {
    digits++;
  }
  if (digits == 0 || digits > 4 || n <= digits + m ||
      memcmp(name + n - digits - m, middle, m)) {
    return 0;
  }
  *shank = atoi(name + n - digits);
  return n - digits - m;
}

static int
is_clu(const char *name)
{
  int shank;
  return split(name, ".clu.", &shank) > 0;
}

static int
neurosuite_probe(const nax_i_probe *p)
{
  int shank;
  if (p->is_dir) {
    return nax_i_dir_any(p->path, is_clu) ? 55 : 0;
  }
  size_t n = split(p->path, ".clu.", &shank), m = split(p->path, ".res.", &shank);
  char other[4200];
  if ((n == 0 && m == 0) || n + m + 16 > sizeof other) {
    return 0;
  }
  snprintf(other, sizeof other, "%.*s.%s.%d", (int)(n + m), p->path, n ? "res" : "clu",
           shank);
  return nax_i_exists(other) ? 60 : 0;
}

static nax_status
find_rate(nax_ctx *ctx, nax_source *s, double *rate)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  char *path = NULL, *text = NULL;
  size_t n;
  *rate = (double)NAN;
  path = nax_i_asprintf("%s/%s.xml", st->dir, st->base);
  NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
  if (nax_i_exists(path)) {
    NAX_TRY(nax_i_read_file(ctx, path, 1 << 24, &text, &n));
    const char *p = strstr(text, "<samplingRate>");
    if (p != NULL) {
      p += strlen("<samplingRate>");
      p += strspn(p, " \t\r\n");
      size_t k = strcspn(p, " \t\r\n<");
      double x;
      *rate = nax_i_parse_double(p, p + k, &x) && x > 0 ? x : (double)NAN;
    }
  }
  if (!isnan(s->opts.rate)) {
    if (!isnan(*rate) && fabs(*rate - s->opts.rate) > 1e-9 * *rate) {
      nax_i_warn(ctx, NAX_INFO, "io.rate-overridden",
                 "spikes: the file says %g Hz, %g Hz as given is used", *rate,
                 s->opts.rate);
    }
    *rate = s->opts.rate;
  }
  NAX_REQUIRE_FILE(!isnan(*rate), NAX_EDATA, s->path,
                   "sampling rate unknown (expected <samplingRate> in %s.xml; give "
                   "option `rate`)",
                   st->base);
done:
  nax_i_free(path);
  nax_i_free(text);
  return status;
}

/* One column of numbers. */
static nax_status
read_column(nax_ctx *ctx, const char *path, nax_i_text *t)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_text_read(ctx, path, 0, t));
  NAX_REQUIRE_FILE(t->n_cols == 1 && t->header == NULL && t->dict == NULL, NAX_EFORMAT,
                   path, "is no list of numbers (found %lld columns, expected 1)",
                   (long long)t->n_cols);
  for (nax_index i = 0; i < t->n_rows; i++) {
    NAX_REQUIRE_FILE(t->cells[i] >= 0 && t->cells[i] == floor(t->cells[i]), NAX_EDATA,
                     path, "row %lld: not a whole number of at least 0 (found %.17g)",
                     (long long)t->line[i], t->cells[i]);
  }
done:
  return status;
}

/* Number of the pair, made when it is new; -1 when out of memory. `known` holds number +
 * 1 for the clusters of this shank. */
static int32_t
pair_of(state *st, int shank, int cluster, int32_t *known)
{
  if (known[cluster] > 0) {
    return known[cluster] - 1;
  }
  if (st->n_pairs == st->cap_pairs) {
    int32_t cap = st->cap_pairs ? 2 * st->cap_pairs : 64;
    pair *more = nax_i_realloc(st->pairs, (size_t)cap, sizeof *more);
    if (more == NULL) {
      return -1;
    }
    st->pairs = more;
    st->cap_pairs = cap;
  }
  st->pairs[st->n_pairs] = (pair){shank, cluster};
  known[cluster] = ++st->n_pairs;
  return st->n_pairs - 1;
}

static nax_status
add_shank(nax_ctx *ctx, nax_source *s, int shank, double rate)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  nax_i_text res = {0}, clu = {0};
  int32_t *known = NULL;
  enum { MAX_CLUSTERS = 10000 };
  char *res_path = nax_i_asprintf("%s/%s.res.%d", st->dir, st->base, shank);
  char *clu_path = nax_i_asprintf("%s/%s.clu.%d", st->dir, st->base, shank);
  NAX_REQUIRE(res_path != NULL && clu_path != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY_ALLOC(known, MAX_CLUSTERS, sizeof *known);
  NAX_TRY(read_column(ctx, res_path, &res));
  NAX_TRY(read_column(ctx, clu_path, &clu));
  NAX_REQUIRE_FILE(clu.n_rows == res.n_rows + 1, NAX_EFORMAT, clu_path,
                   "number of clusters does not fit the .res file (found %lld lines, "
                   "expected %lld: the number of clusters, then one per spike)",
                   (long long)clu.n_rows, (long long)res.n_rows + 1);
  if (st->n + res.n_rows > st->cap) {
    nax_index cap = st->n + res.n_rows;
    double *times = nax_i_realloc(st->times, (size_t)cap, sizeof *times);
    st->times = times != NULL ? times : st->times;
    int32_t *unit = nax_i_realloc(st->unit, (size_t)cap, sizeof *unit);
    st->unit = unit != NULL ? unit : st->unit;
    NAX_REQUIRE(times != NULL && unit != NULL, NAX_ENOMEM, "out of memory");
    st->cap = cap;
  }
  for (nax_index i = 0; i < res.n_rows; i++) {
    double c = clu.cells[i + 1];
    NAX_REQUIRE_FILE(c < MAX_CLUSTERS, NAX_EDATA, clu_path,
                     "row %lld: cluster is %.17g (expected less than %d)",
                     (long long)clu.line[i + 1], c, (int)MAX_CLUSTERS);
    /* By custom cluster 0 is noise and 1 what could not be told apart. */
    int32_t k = c < 2 && s->opts.cells_only ? -2 : pair_of(st, shank, (int)c, known);
    NAX_REQUIRE(k != -1, NAX_ENOMEM, "out of memory");
    st->unit[st->n] = k;
    st->times[st->n++] = res.cells[i] / rate;
  }
done:
  nax_i_free(known);
  nax_i_free(res_path);
  nax_i_free(clu_path);
  nax_i_text_free(&res);
  nax_i_text_free(&clu);
  return status;
}

typedef struct ranked {
  pair p;
  int32_t was;
} ranked;

static int
by_pair(const void *a, const void *b)
{
  const pair *x = &((const ranked *)a)->p, *y = &((const ranked *)b)->p;
  return x->shank != y->shank ? (x->shank > y->shank) - (x->shank < y->shank)
                              : (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

/* Units in order of shank and cluster, and their variables. */
static nax_status
make_units(nax_ctx *ctx, nax_source *s, double rate)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  ranked *r = NULL;
  int32_t *place = NULL;
  char **label = NULL;
  nax_index kept = 0;
  NAX_REQUIRE_FILE(st->n_pairs > 0, NAX_EDATA, s->path,
                   "no unit is left (found %lld spikes)", (long long)st->n);
  NAX_TRY_ALLOC(r, st->n_pairs, sizeof *r);
  NAX_TRY_ALLOC(place, st->n_pairs, sizeof *place);
  NAX_TRY_ALLOC(label, st->n_pairs, sizeof *label);
  for (int32_t k = 0; k < st->n_pairs; k++) {
    r[k] = (ranked){st->pairs[k], k};
  }
  qsort(r, (size_t)st->n_pairs, sizeof *r, by_pair);
  for (int32_t k = 0; k < st->n_pairs; k++) {
    place[r[k].was] = k;
    st->pairs[k] = r[k].p;
    label[k] = nax_i_asprintf("%d_%d", r[k].p.shank, r[k].p.cluster);
    NAX_REQUIRE(label[k] != NULL, NAX_ENOMEM, "out of memory");
  }
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_SPIKES, "spikes");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->unit, "s") &&
                  nax_i_var_text(&v->file_dtype, "text"),
              NAX_ENOMEM, "out of memory");
  for (nax_index i = 0; i < st->n; i++) {
    double x = st->times[i];
    st->unit[i] = st->unit[i] >= 0 ? place[st->unit[i]] : -1;
    kept += st->unit[i] >= 0;
    v->info.t_start = i == 0 || x < v->info.t_start ? x : v->info.t_start;
    v->info.t_stop = i == 0 || x > v->info.t_stop ? x : v->info.t_stop;
  }
  NAX_TRY(nax_axis_create_labels(ctx, "unit", st->n_pairs, (const char *const *)label,
                                 &st->units));
  NAX_TRY(nax_axis_copy(ctx, st->units, &v->axis[0]));
  v->info.rate = rate;
  v->info.rate_source = isnan(s->opts.rate) ? NAX_RATE_FILE : NAX_RATE_USER;
  v->info.ndim = 1;
  v->info.dim[0] = st->n_pairs;
  v->info.n_values = kept;
  v = nax_i_source_add(s, NAX_VAR_TABLE, "units");
  NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
  v->info.ndim = 2;
  v->info.dim[0] = st->n_pairs;
  v->info.dim[1] = 2;
  v->info.n_values = 2 * st->n_pairs;
done:
  nax_i_free(r);
  nax_i_free(place);
  nax_i_free_strings(label, st->n_pairs);
  return status;
}

/* Which recording of the folder: the one named, or the only one. */
static nax_status
find_base(nax_ctx *ctx, nax_source *s, char **names, nax_index n)
{
  nax_status status = NAX_OK;
  state *st = s->state;
  int shank;
  const char *slash = strrchr(s->path, '/'), *name = slash != NULL ? slash + 1 : s->path;
  size_t k = split(name, ".clu.", &shank) + split(name, ".res.", &shank);
  if (names == NULL) {
    NAX_REQUIRE_FILE(k > 0, NAX_EFORMAT, s->path, "is no .clu.N or .res.N file");
    st->base = nax_i_strndup(name, k);
    NAX_REQUIRE(st->base != NULL, NAX_ENOMEM, "out of memory");
    goto done;
  }
  for (nax_index i = 0; i < n; i++) {
    k = split(names[i], ".clu.", &shank);
    if (k == 0) {
      continue;
    }
    if (st->base == NULL) {
      st->base = nax_i_strndup(names[i], k);
      NAX_REQUIRE(st->base != NULL, NAX_ENOMEM, "out of memory");
    }
    NAX_REQUIRE_FILE(strlen(st->base) == k && memcmp(st->base, names[i], k) == 0,
                     NAX_EFORMAT, s->path,
                     "holds several recordings (found %s and %s, expected one; name one "
                     ".clu file)",
                     st->base, names[i]);
  }
  NAX_REQUIRE_FILE(st->base != NULL, NAX_EFORMAT, s->path, "has no .clu.N file");
done:
  return status;
}

static nax_status
neurosuite_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  char **names = NULL;
  nax_index n = 0;
  double rate;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  const char *slash = strrchr(s->path, '/');
  int folder = nax_i_dir_any(s->path, is_clu);
  st->dir = folder          ? nax_i_strdup(s->path)
            : slash != NULL ? nax_i_strndup(s->path, (size_t)(slash - s->path) + 1)
                            : nax_i_strdup(".");
  NAX_REQUIRE(st->dir != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_i_list_dir(ctx, st->dir, &names, &n));
  NAX_TRY(find_base(ctx, s, folder ? names : NULL, n));
  NAX_TRY(find_rate(ctx, s, &rate));
  for (nax_index i = 0; i < n; i++) {
    int shank;
    size_t k = split(names[i], ".clu.", &shank);
    if (k > 0 && k == strlen(st->base) && memcmp(names[i], st->base, k) == 0) {
      NAX_TRY(add_shank(ctx, s, shank, rate));
    }
  }
  NAX_TRY(make_units(ctx, s, rate));
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "electrophysiology", 0));
done:
  nax_i_free_strings(names, n);
  return status;
}

static void
neurosuite_close(nax_source *s)
{
  state *st = s->state;
  if (st != NULL) {
    nax_i_free(st->dir);
    nax_i_free(st->base);
    nax_i_free(st->unit);
    nax_i_free(st->times);
    nax_i_free(st->pairs);
    nax_axis_free(st->units);
  }
  nax_i_free(st);
}

static nax_status
neurosuite_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  const state *st = s->state;
  (void)v;
  return nax_i_spikes_group(ctx, s, st->units, st->n, st->unit, st->times, 0, NULL, out);
}

static nax_status
neurosuite_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  const state *st = s->state;
  nax_table *t = NULL;
  double *x = NULL;
  (void)v;
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, "unit", st->n_pairs, &t));
  NAX_TRY_ALLOC(x, st->n_pairs, sizeof *x);
  for (int column = 0; column < 2; column++) {
    for (int32_t k = 0; k < st->n_pairs; k++) {
      x[k] = column == 0 ? st->pairs[k].shank : st->pairs[k].cluster;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, column == 0 ? "shank" : "cluster", NULL, x));
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

const nax_i_format nax_i_format_neurosuite = {
    "neurosuite",      "Neurosuite sorting (BASE.res.N, BASE.clu.N, BASE.xml)",
    neurosuite_probe,  neurosuite_open,
    neurosuite_close,  NULL,
    neurosuite_spikes, neurosuite_table};
