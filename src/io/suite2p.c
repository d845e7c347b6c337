/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Suite2p output folders: one plane, or a parent with plane0, plane1, ... */
#include "pickle_i.h"
#include <math.h>
#include <stdlib.h>

typedef struct plane {
  char *dir;
  char prefix[24]; /* "" or "plane0/" */
  int number;      /* of planeN */
  nax_index n_roi, n_frames;
  nax_index *kept; /* with --cells-only: ROI of each position; else NULL */
  nax_index n_kept;
  double *iscell, *redcell; /* n_roi x cols, column after column; NULL: no such file */
  int iscell_cols, redcell_cols;
  double rate;
  nax_rate_source from;
  int32_t time_var; /* variable whose time axis the others share; -1: none yet */
} plane;

typedef struct state {
  plane *planes;
  int32_t n_planes;
} state;

/* What belongs to one array variable. */
typedef struct trace {
  char *path;
  nax_i_npy header;
} trace;

static void
free_trace(void *p)
{
  trace *t = p;
  nax_i_free(t->path);
  nax_i_free(t);
}

/* ------------------------------------------------------------------------ detection */

enum { MAX_PLANES = 256 };

static int
has_planes(const char *dir, const char *below)
{
  for (int k = 0; k < 4; k++) {
    char name[64];
    snprintf(name, sizeof name, "%splane%d/F.npy", below, k);
    if (nax_i_dir_has(dir, name)) {
      return 1;
    }
  }
  return 0;
}

static int
suite2p_probe(const nax_i_probe *p)
{
  if (!p->is_dir) {
    return 0;
  }
  if (nax_i_dir_has(p->path, "F.npy")) {
    int sure =
        nax_i_dir_has(p->path, "ops.npy") || nax_i_dir_has(p->path, "iscell.npy") ||
        nax_i_dir_has(p->path, "settings.npy") || nax_i_dir_has(p->path, "stat.npy");
    return sure ? 90 : 60;
  }
  return has_planes(p->path, "") || has_planes(p->path, "suite2p/") ? 90
         : nax_i_dir_has(p->path, "combined/F.npy")                 ? 70
                                                                    : 0;
}

/* --------------------------------------------------------------------- finding planes */

/* Number of a folder called plane<number>, or -1. */
static int
plane_number(const char *name)
{
  int64_t k = -1;
  if (strncmp(name, "plane", 5) != 0 || name[5] == '-' || name[5] == '+' ||
      !nax_i_parse_int64(name + 5, name + strlen(name), &k) || k > 99999) {
    return -1;
  }
  return (int)k;
}

static nax_status
add_plane(nax_ctx *ctx, state *st, char **dir, const char *name)
{
  nax_status status = NAX_OK;
  plane *p = nax_i_realloc(st->planes, (size_t)st->n_planes + 1, sizeof *p);
  NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
  st->planes = p;
  p += st->n_planes++;
  *p = (plane){.dir = *dir, .rate = (double)NAN, .time_var = -1};
  *dir = NULL;
  if (name != NULL) {
    snprintf(p->prefix, sizeof p->prefix, "%.20s/", name);
    p->number = plane_number(name);
  }
done:
  return status;
}

static int
by_number(const void *a, const void *b)
{
  int x = ((const plane *)a)->number, y = ((const plane *)b)->number;
  return (x > y) - (x < y);
}

static nax_status
find_planes(nax_ctx *ctx, nax_source *s, state *st)
{
  nax_status status = NAX_OK;
  char **names = NULL, *base = NULL, *dir = NULL;
  nax_index n = 0;
  int combined = 0;
  if (nax_i_dir_has(s->path, "F.npy")) {
    NAX_TRY_DUP(dir, s->path);
    NAX_TRY(add_plane(ctx, st, &dir, NULL));
    goto done;
  }
  base = has_planes(s->path, "suite2p/") ? nax_i_join(s->path, "suite2p")
                                         : nax_i_strdup(s->path);
  NAX_REQUIRE(base != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_i_list_dir(ctx, base, &names, &n));
  for (nax_index i = 0; i < n; i++) {
    if (plane_number(names[i]) < 0) {
      continue;
    }
    dir = nax_i_join(base, names[i]);
    NAX_REQUIRE(dir != NULL, NAX_ENOMEM, "out of memory");
    if (nax_i_dir_has(dir, "F.npy")) {
      NAX_REQUIRE_FILE(st->n_planes < MAX_PLANES, NAX_EFORMAT, s->path,
                       "has too many planes (expected at most %d)", MAX_PLANES);
      NAX_TRY(add_plane(ctx, st, &dir, names[i]));
    }
    nax_i_free(dir);
    dir = NULL;
  }
  dir = nax_i_join(base, "combined");
  NAX_REQUIRE(dir != NULL, NAX_ENOMEM, "out of memory");
  combined = nax_i_dir_has(dir, "F.npy");
  if (st->n_planes == 0) {
    NAX_REQUIRE_FILE(combined, NAX_EFORMAT, s->path,
                     "is no Suite2p folder (expected F.npy or plane0/F.npy in it)");
    NAX_TRY(add_plane(ctx, st, &dir, NULL));
  } else {
    qsort(st->planes, (size_t)st->n_planes, sizeof *st->planes, by_number);
    if (st->n_planes == 1) {
      st->planes[0].prefix[0] = '\0';
    }
    if (combined) {
      nax_i_warn(ctx, NAX_INFO, "io.combined-skipped",
                 "combined/ holds the ROIs of all planes once more: it is left out");
    }
  }
done:
  nax_i_free(dir);
  nax_i_free(base);
  nax_i_free_strings(names, n);
  return status;
}

/* ------------------------------------------------------------------------------- rate */

static nax_status
find_rate(nax_ctx *ctx, nax_source *s, plane *p)
{
  static const char *const places[] = {"ops.npy", "settings.npy", "../ops1.npy"};
  nax_status status = NAX_OK;
  char *path = NULL;
  const char *wrong = "no fs in ops.npy, settings.npy or ../ops1.npy";
  for (size_t i = 0; i < 3 && isnan(p->rate); i++) {
    double x;
    nax_i_pickled found;
    if (!nax_i_dir_has(p->dir, places[i])) {
      continue;
    }
    path = nax_i_join(p->dir, places[i]);
    NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
    NAX_TRY(nax_i_pickle_number(ctx, path, "fs", &x, &found));
    nax_i_free(path);
    path = NULL;
    if (found == NAX_I_PICKLED_NUMBER && x > 0) {
      p->rate = x;
      /* Nobody images at 1 Hz by accident, and 10 is what old versions start from. */
      p->from = x == 1.0 || x == 10.0 ? NAX_RATE_PLACEHOLDER : NAX_RATE_FILE;
      static const char *const facts[] = {"tau", "neucoeff"};
      for (size_t k = 0; k < 2; k++) {
        path = nax_i_join(p->dir, places[i]);
        NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
        NAX_TRY(nax_i_pickle_number(ctx, path, facts[k], &x, &found));
        nax_i_free(path);
        path = NULL;
        if (found == NAX_I_PICKLED_NUMBER) {
          NAX_TRY(nax_i_source_attr(ctx, s, facts[k], NULL, x));
        }
      }
      break;
    }
    wrong = found == NAX_I_PICKLED_SEVERAL ? "several values of fs that differ"
            : found != NAX_I_PICKLED_NONE  ? "an fs that is no plain positive number"
                                           : wrong;
  }
  NAX_REQUIRE_FILE(
      !isnan(p->rate) || !isnan(s->opts.rate), NAX_EDATA, p->dir,
      "sampling rate unknown (found %s, expected a number; give option `rate`)", wrong);
done:
  nax_i_free(path);
  return status;
}

/* ------------------------------------------------------------------------------- ROIs */

/* iscell.npy or redcell.npy: one or two columns, one row per ROI. */
static nax_status
read_marks(nax_ctx *ctx, nax_source *s, const plane *p, const char *name, double **marks,
           int *cols)
{
  nax_status status = NAX_OK;
  nax_i_bytes b = {.fd = -1};
  nax_i_npy h;
  char *path = NULL;
  const int32_t order[] = {0, 1};
  const nax_index start[] = {0, 0};
  *cols = 0;
  if (!nax_i_dir_has(p->dir, name)) {
    return NAX_OK;
  }
  path = nax_i_join(p->dir, name);
  NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_i_bytes_open(ctx, path, &b));
  NAX_TRY(nax_i_npy_header(ctx, s, &b, &h));
  NAX_REQUIRE_FILE((h.ndim == 1 || (h.ndim == 2 && h.dim[1] >= 1 && h.dim[1] <= 2)) &&
                       h.dim[0] == p->n_roi,
                   NAX_EFORMAT, path,
                   "does not fit F.npy (found shape %s, expected (%lld, 2))", h.shape,
                   (long long)p->n_roi);
  *cols = h.ndim == 1 ? 1 : (int)h.dim[1];
  NAX_TRY_ALLOC(*marks, p->n_roi * *cols, sizeof **marks);
  NAX_TRY(nax_i_npy_read(ctx, &b, &h, name, order, NULL, start, h.dim, NAX_F64, *marks));
done:
  nax_i_bytes_close(&b);
  nax_i_free(path);
  return status;
}

static nax_status
choose_rois(nax_ctx *ctx, nax_source *s, plane *p)
{
  nax_status status = NAX_OK;
  NAX_TRY(read_marks(ctx, s, p, "iscell.npy", &p->iscell, &p->iscell_cols));
  NAX_TRY(read_marks(ctx, s, p, "redcell.npy", &p->redcell, &p->redcell_cols));
  p->n_kept = p->n_roi;
  if (p->iscell == NULL) {
    if (s->opts.cells_only) {
      NAX_TRY(nax_i_source_violation(ctx, s, "io.no-iscell",
                                     "%siscell.npy is missing: all ROIs are kept",
                                     p->prefix));
    }
    goto done;
  }
  if (s->opts.cells_only) {
    NAX_TRY_ALLOC(p->kept, p->n_roi, sizeof *p->kept);
    p->n_kept = 0;
    for (nax_index i = 0; i < p->n_roi; i++) {
      if (p->iscell[i] > 0.5) {
        p->kept[p->n_kept++] = i;
      }
    }
    NAX_REQUIRE_FILE(p->n_kept > 0, NAX_EDATA, p->dir,
                     "no ROI is marked as a cell (found 0 of %lld in iscell.npy)",
                     (long long)p->n_roi);
  }
done:
  return status;
}

static nax_status
neuron_axis(nax_ctx *ctx, const plane *p, nax_axis **out)
{
  nax_status status = NAX_OK;
  double *id = NULL;
  if (p->kept == NULL) {
    return nax_axis_create_index(ctx, "neuron", p->n_roi, out);
  }
  NAX_TRY_ALLOC(id, p->n_kept, sizeof *id);
  for (nax_index i = 0; i < p->n_kept; i++) {
    id[i] = (double)p->kept[i];
  }
  NAX_TRY(nax_axis_create_coords(ctx, "neuron", "", p->n_kept, id, out));
done:
  nax_i_free(id);
  return status;
}

/* --- traces ------------------------------------------------------------------------ */

static nax_status
add_trace(nax_ctx *ctx, nax_source *s, plane *p, const char *name, const char *about)
{
  nax_status status = NAX_OK;
  nax_i_bytes b = {.fd = -1};
  trace *t = NULL;
  char file[32], var[64];
  snprintf(file, sizeof file, "%s.npy", name);
  snprintf(var, sizeof var, "%s%s", p->prefix, name);
  int first = strcmp(name, "F") == 0;
  if (!first && !nax_i_dir_has(p->dir, file)) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(t, 1, sizeof *t);
  t->path = nax_i_join(p->dir, file);
  NAX_REQUIRE(t->path != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_i_bytes_open(ctx, t->path, &b));
  NAX_TRY(nax_i_npy_header(ctx, s, &b, &t->header));
  const nax_i_npy *h = &t->header;
  NAX_REQUIRE_FILE(h->ndim == 2, NAX_EFORMAT, t->path,
                   "is not ROI x frame (found shape %s, expected two axes)", h->shape);
  if (first) {
    NAX_REQUIRE_FILE(h->n > 0, NAX_EDATA, t->path, "holds no values (found shape %s)",
                     h->shape);
    p->n_roi = h->dim[0];
    p->n_frames = h->dim[1];
    NAX_TRY(choose_rois(ctx, s, p));
    NAX_TRY(find_rate(ctx, s, p));
  }
  NAX_REQUIRE_FILE(h->dim[0] == p->n_roi && h->dim[1] == p->n_frames, NAX_EFORMAT,
                   t->path, "does not fit F.npy (found shape %s, expected (%lld, %lld))",
                   h->shape, (long long)p->n_roi, (long long)p->n_frames);
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, var);
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->description, about) &&
                  nax_i_var_text(&v->file_dtype, h->descr),
              NAX_ENOMEM, "out of memory");
  v->key = p - ((state *)s->state)->planes;
  v->info.dtype = h->dtype;
  NAX_TRY(neuron_axis(ctx, p, &v->axis[0]));
  if (p->time_var < 0) {
    NAX_TRY(nax_i_var_regular_time(ctx, s, v, 1, p->n_frames, 0.0, p->rate, p->from));
    p->time_var = s->n_vars - 1;
  } else { /* one warning about the rate is enough */
    const nax_i_var *w = &s->vars[p->time_var];
    NAX_TRY(nax_axis_copy(ctx, w->axis[1], &v->axis[1]));
    v->info.rate = w->info.rate;
    v->info.rate_source = w->info.rate_source;
    v->info.t_start = w->info.t_start;
    v->info.t_stop = w->info.t_stop;
  }
  v->info.ndim = 2;
  v->priv = t;
  v->free_priv = free_trace;
  t = NULL;
done:
  nax_i_bytes_close(&b);
  if (t != NULL) {
    free_trace(t);
  }
  return status;
}

static nax_status
add_plane_vars(nax_ctx *ctx, nax_source *s, plane *p)
{
  nax_status status = NAX_OK;
  char name[64];
  NAX_TRY(
      add_trace(ctx, s, p, "F", "raw fluorescence of each ROI, neuropil not subtracted"));
  NAX_TRY(add_trace(ctx, s, p, "Fneu", "neuropil fluorescence around each ROI"));
  NAX_TRY(add_trace(ctx, s, p, "spks", "deconvolved activity"));
  NAX_TRY(add_trace(ctx, s, p, "F_chan2", "raw fluorescence in the second channel"));
  NAX_TRY(add_trace(ctx, s, p, "Fneu_chan2", "neuropil in the second channel"));
  if (p->iscell != NULL || p->redcell != NULL) {
    snprintf(name, sizeof name, "%sneurons", p->prefix);
    nax_i_var *v = nax_i_source_add(s, NAX_VAR_TABLE, name);
    NAX_REQUIRE(v != NULL, NAX_ENOMEM, "out of memory");
    v->key = p - ((state *)s->state)->planes;
    v->info.ndim = 2;
    v->info.dim[0] = p->n_kept;
    v->info.dim[1] = 1 + p->iscell_cols + p->redcell_cols;
    v->info.n_values = v->info.dim[0] * v->info.dim[1];
  }
done:
  return status;
}

static nax_status
suite2p_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  NAX_TRY(find_planes(ctx, s, st));
  for (int32_t k = 0; k < st->n_planes; k++) {
    NAX_TRY(add_plane_vars(ctx, s, &st->planes[k]));
  }
  NAX_TRY(nax_i_source_attr(ctx, s, "technique", "calcium imaging", 0));
  s->main = 0;
  if (st->n_planes > 1) {
    nax_i_warn(ctx, NAX_INFO, "io.first-plane",
               "%d planes: %s is the main variable (option `var` chooses another)",
               (int)st->n_planes, s->vars[0].name);
  }
done:
  return status;
}

static void
suite2p_close(nax_source *s)
{
  state *st = s->state;
  for (int32_t k = 0; st != NULL && k < st->n_planes; k++) {
    nax_i_free(st->planes[k].dir);
    nax_i_free(st->planes[k].kept);
    nax_i_free(st->planes[k].iscell);
    nax_i_free(st->planes[k].redcell);
  }
  if (st != NULL) {
    nax_i_free(st->planes);
  }
  nax_i_free(st);
}

/* --- reading ----------------------------------------------------------------------- */

static nax_status
suite2p_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
             const nax_index *count, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  const plane *p = &((state *)s->state)->planes[v->key];
  const trace *t = v->priv;
  nax_i_bytes b = {.fd = -1};
  static const int32_t order[] = {0, 1};
  /* Opened for each block: a folder of many planes would keep too many files open. */
  NAX_TRY(nax_i_bytes_open(ctx, t->path, &b));
  NAX_TRY(nax_i_npy_read(ctx, &b, &t->header, v->name, order, p->kept, start, count,
                         dtype, dst));
done:
  nax_i_bytes_close(&b);
  return status;
}

static nax_status
suite2p_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_status status = NAX_OK;
  const plane *p = &((state *)s->state)->planes[v->key];
  nax_table *t = NULL;
  double *column = NULL;
  const struct {
    const char *name;
    const double *from;
  } columns[] = {
      {"roi", NULL},
      {"iscell", p->iscell},
      {"iscell_probability", p->iscell_cols > 1 ? p->iscell + p->n_roi : NULL},
      {"redcell", p->redcell},
      {"redcell_probability", p->redcell_cols > 1 ? p->redcell + p->n_roi : NULL}};
  *out = NULL;
  NAX_TRY(nax_table_create(ctx, "neuron", p->n_kept, &t));
  NAX_TRY_ALLOC(column, p->n_kept, sizeof *column);
  for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++) {
    if (k > 0 && columns[k].from == NULL) {
      continue;
    }
    for (nax_index i = 0; i < p->n_kept; i++) {
      nax_index roi = p->kept != NULL ? p->kept[i] : i;
      column[i] = k == 0 ? (double)roi : columns[k].from[roi];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, columns[k].name, NULL, column));
  }
  *out = t;
  t = NULL;
done:
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

const nax_i_format nax_i_format_suite2p = {
    "suite2p",     "Suite2p output folder (plane0, or the parent of several planes)",
    suite2p_probe, suite2p_open,
    suite2p_close, suite2p_read,
    NULL,          suite2p_table};
