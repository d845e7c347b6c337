/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neurodata Without Borders 2: the file is walked by the types its groups declare, not
 * by path, so that files of other writers are understood too. */
#include "nwb_i.h"
#include <math.h>

/* --------------------------------------------------------------------- helpers */

const char *
nax_i_nwb_leaf(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

const char *
nax_i_nwb_sub(char buf[1024], const char *path, const char *name)
{
  int n = snprintf(buf, 1024, "%s/%s", strcmp(path, "/") == 0 ? "" : path, name);
  if (n < 0 || n >= 1024) {
    memcpy(buf, "/?", 3);
  }
  return buf;
}

nax_i_nwb_var *
nax_i_nwb_var_create(nax_i_nwb_kind kind)
{
  nax_i_nwb_var *x = nax_i_calloc(1, sizeof *x);
  if (x != NULL) {
    x->kind = kind;
    x->scale = 1.0;
  }
  return x;
}

void
nax_i_nwb_var_free(void *p)
{
  nax_i_nwb_var *x = p;
  if (x == NULL) {
    return;
  }
  for (nax_index i = 0; i < x->n_parts; i++) {
    nax_i_h5_data_close(x->part[i]);
  }
  nax_i_free(x->part);
  nax_i_free(x->channel_scale);
  nax_i_free(x->keep);
  nax_i_free(x->path);
  nax_i_free_strings(x->column, x->n_columns);
  nax_i_free(x->n_sub);
  nax_i_free(x->ends);
  nax_i_free(x);
}

/* --------------------------------------------------------------------- walking */

/* 1 when the object was met before, 0 when it is new, -1 when out of memory. */
static int
seen_before(nax_i_nwb *w, const uint64_t addr[2])
{
  if (4 * (w->n_seen + 1) > 3 * w->cap_seen) {
    nax_index cap = w->cap_seen ? 2 * w->cap_seen : 256;
    uint64_t(*bigger)[2] = nax_i_calloc((size_t)cap, sizeof *bigger);
    if (bigger == NULL) {
      return -1;
    }
    for (nax_index i = 0; i < w->cap_seen; i++) {
      if (w->seen[i][0] != 0 || w->seen[i][1] != 0) {
        nax_index at = (nax_index)(w->seen[i][0] * 11400714819323198485u % (uint64_t)cap);
        while (bigger[at][0] != 0 || bigger[at][1] != 0) {
          at = (at + 1) % cap;
        }
        memcpy(bigger[at], w->seen[i], sizeof bigger[at]);
      }
    }
    nax_i_free(w->seen);
    w->seen = bigger;
    w->cap_seen = cap;
  }
  nax_index at = (nax_index)(addr[0] * 11400714819323198485u % (uint64_t)w->cap_seen);
  for (; w->seen[at][0] != 0 || w->seen[at][1] != 0; at = (at + 1) % w->cap_seen) {
    if (w->seen[at][0] == addr[0] && w->seen[at][1] == addr[1]) {
      return 1;
    }
  }
  memcpy(w->seen[at], addr, sizeof w->seen[at]);
  w->n_seen++;
  return 0;
}

static int
ends_with(const char *text, const char *end)
{
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* Movies and pictures: not time series of a population. */
static int
is_images(const char *type)
{
  static const char *const names[] = {
      "ImageSeries",   "TwoPhotonSeries", "OnePhotonSeries", "ImageMaskSeries",
      "OpticalSeries", "IndexSeries",     "Images",          "ImagingRetinotopy"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(type, names[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

static nax_i_nwb_kind
classify(nax_i_nwb *w, const char *path, const char *type)
{
  char sub[1024];
  if (strcmp(type, "Units") == 0 || strcmp(path, "/units") == 0) {
    return NAX_I_NWB_UNITS;
  }
  if (strcmp(type, "PlaneSegmentation") == 0) {
    return NAX_I_NWB_ROIS;
  }
  int columns = nax_i_h5_has_attr(w->file, path, "colnames");
  int starts = columns && nax_i_h5_look(w->file, nax_i_nwb_sub(sub, path, "start_time"),
                                        NULL) == NAX_I_H5_DATASET;
  if (strcmp(type, "TimeIntervals") == 0 || starts) {
    return NAX_I_NWB_INTERVALS;
  }
  if (columns) {
    return NAX_I_NWB_TABLE;
  }
  if (nax_i_h5_look(w->file, nax_i_nwb_sub(sub, path, "data"), NULL) ==
          NAX_I_H5_DATASET &&
      (ends_with(type, "Series") ||
       nax_i_h5_look(w->file, nax_i_nwb_sub(sub, path, "timestamps"), NULL) ||
       nax_i_h5_look(w->file, nax_i_nwb_sub(sub, path, "starting_time"), NULL))) {
    return NAX_I_NWB_SERIES;
  }
  return (nax_i_nwb_kind)0;
}

static nax_status
take_item(nax_ctx *ctx, nax_i_nwb *w, nax_i_nwb_kind kind, const char *path,
          const char *type, const char *parent_type)
{
  nax_status status = NAX_OK;
  if (w->n_items == w->cap_items) {
    nax_index cap = w->cap_items ? 2 * w->cap_items : 64;
    nax_i_nwb_item *p = nax_i_realloc(w->item, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    w->item = p;
    w->cap_items = cap;
  }
  nax_i_nwb_item *it = &w->item[w->n_items];
  memset(it, 0, sizeof *it);
  w->n_items++;
  it->kind = kind;
  NAX_TRY_DUP(it->path, path);
  NAX_TRY_DUP(it->type, type);
  NAX_TRY_DUP(it->parent_type, parent_type);
done:
  return status;
}

enum { DEEPEST = 24, MOST_OBJECTS = 200000 };

static nax_status walk(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path,
                       const char *type, int depth);

static nax_status
visit(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path,
      const char *parent_type, int depth)
{
  nax_status status = NAX_OK;
  char *type = NULL, why[1500];
  uint64_t addr[2] = {0, 0};
  nax_i_h5_what what = nax_i_h5_look(w->file, path, addr);
  if (what == NAX_I_H5_BROKEN) {
    nax_i_h5_explain(w->file, path, why, sizeof why);
    return nax_i_source_violation(ctx, s, "nwb.broken-link", "%s", why);
  }
  if (what != NAX_I_H5_GROUP) {
    return NAX_OK;
  }
  int met = seen_before(w, addr);
  NAX_REQUIRE(met >= 0, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(w->n_visited++ < MOST_OBJECTS, NAX_EFORMAT, s->path,
                   "has more than %d groups", (int)MOST_OBJECTS);
  if (met || depth > DEEPEST) {
    goto done;
  }
  NAX_TRY(nax_i_h5_attr_text(ctx, w->file, path, "neurodata_type", &type));
  if (type == NULL) {
    NAX_TRY_DUP(type, NULL);
  }
  nax_i_nwb_kind kind = classify(w, path, type);
  if (is_images(type)) {
    nax_i_buf_printf(&w->skipped, "%s%s", w->skipped.len ? ", " : "", path);
  } else if (kind != 0) {
    NAX_TRY(take_item(ctx, w, kind, path, type, parent_type));
  } else {
    NAX_TRY(walk(ctx, s, w, path, type, depth));
  }
done:
  nax_i_free(type);
  return status;
}

static nax_status
walk(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, const char *type,
     int depth)
{
  nax_status status = NAX_OK;
  char **name = NULL, sub[1024];
  nax_index n = 0;
  NAX_TRY(nax_i_h5_list(ctx, w->file, path, MOST_OBJECTS, &name, &n));
  for (nax_index i = 0; i < n; i++) {
    /* Descriptions of the format and of the rig hold no recordings. */
    if (depth == 0 &&
        (strcmp(name[i], "specifications") == 0 || strcmp(name[i], "general") == 0)) {
      continue;
    }
    NAX_TRY(visit(ctx, s, w, nax_i_nwb_sub(sub, path, name[i]), type, depth + 1));
  }
done:
  nax_i_free_strings(name, n);
  return status;
}

/* --------------------------------------------------------------------- naming */

static int
name_taken(const nax_i_nwb *w, const char *name, nax_index before)
{
  for (nax_index i = 0; i < before; i++) {
    if (w->item[i].name != NULL && strcmp(w->item[i].name, name) == 0) {
      return 1;
    }
  }
  return strcmp(name, "spikes") == 0;
}

/* The last component of the path; with the one before where that is ambiguous. */
static nax_status
name_items(nax_ctx *ctx, nax_i_nwb *w)
{
  nax_status status = NAX_OK;
  nax_index n_rois = 0;
  for (nax_index i = 0; i < w->n_items; i++) {
    n_rois += w->item[i].kind == NAX_I_NWB_ROIS;
  }
  for (nax_index i = 0; i < w->n_items; i++) {
    nax_i_nwb_item *it = &w->item[i];
    const char *leaf = nax_i_nwb_leaf(it->path);
    int twins = 0;
    for (nax_index j = 0; j < w->n_items; j++) {
      twins += j != i && strcmp(nax_i_nwb_leaf(w->item[j].path), leaf) == 0;
    }
    if (it->kind == NAX_I_NWB_ROIS && n_rois == 1 && !name_taken(w, "neurons", i)) {
      NAX_TRY_DUP(it->name, "neurons");
      continue;
    }
    char text[1024];
    const char *parent = it->path;
    for (const char *p = it->path; p < leaf - 1; p++) {
      parent = *p == '/' ? p + 1 : parent;
    }
    snprintf(text, sizeof text, "%s", leaf);
    if (twins > 0 && parent < leaf) {
      snprintf(text, sizeof text, "%.*s_%s", (int)(leaf - 1 - parent), parent, leaf);
    }
    size_t length = strlen(text);
    for (int k = 2; name_taken(w, text, i) && k < 100000; k++) {
      snprintf(text + length, sizeof text - length, "_%d", k);
    }
    NAX_TRY_DUP(it->name, text);
  }
done:
  return status;
}

/* ------------------------------------------------------------------ attributes */

static nax_status
text_attr(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const char *path, const char *key)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  NAX_TRY(nax_i_h5_text_at(ctx, w->file, path, &text));
  if (text != NULL && text[0] != '\0') {
    NAX_TRY(nax_i_source_attr(ctx, s, key, text, NAN));
  }
done:
  nax_i_free(text);
  return status;
}

static nax_status
read_attrs(nax_ctx *ctx, nax_source *s, nax_i_nwb *w)
{
  static const char *const known[][2] = {
      {"/identifier", "identifier"},
      {"/session_description", "session_description"},
      {"/session_start_time", "session_start"},
      {"/timestamps_reference_time", "timestamps_reference"},
      {"/general/session_id", "session_id"},
      {"/general/experiment_description", "experiment"},
      {"/general/experimenter", "experimenter"},
      {"/general/institution", "institution"},
      {"/general/lab", "lab"},
      {"/general/keywords", "keywords"},
      {"/general/related_publications", "related_publications"},
      {"/general/subject/subject_id", "subject"},
      {"/general/subject/species", "species"},
      {"/general/subject/age", "age"},
      {"/general/subject/sex", "sex"},
      {"/general/subject/genotype", "genotype"},
      {"/general/subject/strain", "strain"},
      {"/general/subject/date_of_birth", "date_of_birth"},
      {"/general/subject/description", "subject_description"}};
  nax_status status = NAX_OK;
  char **planes = NULL, path[1024], sub[1024];
  nax_index n = 0;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    NAX_TRY(text_attr(ctx, s, w, known[i][0], known[i][1]));
  }
  NAX_TRY(nax_i_source_attr(ctx, s, "nwb_version", s->version, NAN));
  if (nax_i_h5_look(w->file, "/general/optophysiology", NULL) == NAX_I_H5_GROUP) {
    NAX_TRY(nax_i_h5_list(ctx, w->file, "/general/optophysiology", 1, &planes, &n));
    for (nax_index i = 0; i < n; i++) {
      nax_i_nwb_sub(path, "/general/optophysiology", planes[i]);
      NAX_TRY(text_attr(ctx, s, w, nax_i_nwb_sub(sub, path, "indicator"), "indicator"));
      NAX_TRY(text_attr(ctx, s, w, nax_i_nwb_sub(sub, path, "location"), "location"));
    }
  }
done:
  nax_i_free_strings(planes, n);
  return status;
}

static void
check_subject(nax_ctx *ctx, nax_i_nwb *w)
{
  static const char *const fields[] = {"subject_id", "species", "sex", "age"};
  char missing[80] = "", path[1024];
  if (nax_i_h5_look(w->file, "/general/subject", NULL) != NAX_I_H5_GROUP) {
    nax_i_warn(ctx, NAX_SUGGESTION, "nwb.subject",
               "the file says nothing about the subject");
    return;
  }
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    nax_i_nwb_sub(path, "/general/subject", fields[i]);
    if (nax_i_h5_look(w->file, path, NULL) != NAX_I_H5_DATASET) {
      size_t used = strlen(missing);
      snprintf(missing + used, sizeof missing - used, "%s%s", used ? ", " : "",
               fields[i]);
    }
  }
  if (missing[0] != '\0') {
    nax_i_warn(ctx, NAX_SUGGESTION, "nwb.subject", "the subject lacks %s", missing);
  }
}

/* --------------------------------------------------------------------- opening */

static int
probe(const nax_i_probe *p)
{
  return p->hdf5 == NAX_I_HDF5_NWB ? 100 : 0;
}

static void
close_nwb(nax_source *s)
{
  nax_i_nwb *w = s->state;
  if (w == NULL) {
    return;
  }
  /* Datasets that variables hold must be closed before their file. */
  for (int32_t i = 0; i < s->n_vars; i++) {
    nax_i_nwb_var_free(s->vars[i].priv);
    s->vars[i].priv = NULL;
    s->vars[i].free_priv = NULL;
  }
  for (nax_index i = 0; i < w->n_items; i++) {
    nax_i_free(w->item[i].path);
    nax_i_free(w->item[i].type);
    nax_i_free(w->item[i].parent_type);
    nax_i_free(w->item[i].name);
  }
  nax_i_free(w->item);
  nax_i_free(w->seen);
  nax_i_buf_free(&w->skipped);
  nax_i_h5_close(w->file);
  nax_i_free(w);
  s->state = NULL;
}

static nax_status
check_version(nax_ctx *ctx, nax_source *s, nax_i_nwb *w)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  NAX_TRY(nax_i_h5_attr_text(ctx, w->file, "/", "nwb_version", &text));
  if (text == NULL) {
    NAX_TRY(nax_i_h5_text_at(ctx, w->file, "/nwb_version", &text));
    NAX_REQUIRE_FILE(text == NULL, NAX_EFORMAT, s->path,
                     "is NWB version 1 (found %s, expected 2.x; convert it with the NWB "
                     "tools)",
                     text);
    nax_i_warn(ctx, NAX_VIOLATION, "nwb.version",
               "the file does not say its NWB version");
    goto done;
  }
  NAX_REQUIRE_FILE(
      strncmp(text, "1.", 2) != 0 && strncmp(text, "NWB-1", 5) != 0, NAX_EFORMAT, s->path,
      "is NWB version 1 (found %s, expected 2.x; convert it with the NWB tools)", text);
  nax_i_free(s->version);
  s->version = text;
  text = NULL;
done:
  nax_i_free(text);
  return status;
}

/* One faulty series must not lock up the others: it is left out with a warning, unless
 * the caller asked for it or it turns out to be all there is. */
static nax_status
contain(nax_ctx *ctx, nax_source *s, nax_i_nwb *w, const nax_i_nwb_item *it,
        nax_status status, int32_t n_vars)
{
  if (status == NAX_OK || status == NAX_ENOMEM || status == NAX_EINTERRUPT ||
      s->opts.strict ||
      (s->opts.var != NULL &&
       (strcmp(s->opts.var, it->name) == 0 || strcmp(s->opts.var, it->path) == 0))) {
    return status;
  }
  char text[480];
  snprintf(text, sizeof text, "%s", nax_ctx_error(ctx));
  while (s->n_vars > n_vars) {
    nax_i_source_drop(s);
  }
  nax_i_begin(ctx);
  if (w->fault == NAX_OK) {
    w->fault = status;
    memcpy(w->fault_text, text, sizeof text);
  }
  const char *what = text;
  size_t n = strlen(s->path);
  if (strncmp(text, s->path, n) == 0 && strncmp(text + n, ": ", 2) == 0) {
    what = text + n + 2;
  }
  nax_i_warn(ctx, NAX_VIOLATION, "nwb.left-out", "%s is left out: %s", it->path, what);
  return NAX_OK;
}

/* dF/F before raw fluorescence before spikes; a choice between equals is left open. */
static void
choose_main(nax_source *s, nax_i_nwb *w)
{
  int32_t best = -1, ties = 0;
  int most = 0;
  for (int32_t i = 0; i < s->n_vars; i++) {
    int score = s->vars[i].info.kind == NAX_VAR_SPIKES ? 40 : 0;
    for (nax_index j = 0; j < w->n_items; j++) {
      const nax_i_nwb_item *it = &w->item[j];
      if (strcmp(it->name, s->vars[i].name) != 0 || it->kind != NAX_I_NWB_SERIES ||
          s->vars[i].info.kind != NAX_VAR_ARRAY) {
        continue;
      }
      int odd =
          strstr(it->path, "europil") != NULL || strstr(it->path, "econvolved") != NULL;
      if (strcmp(it->type, "RoiResponseSeries") == 0) {
        score = 50 + (strcmp(it->parent_type, "DfOverF") == 0 ? 20 : 0) - (odd ? 15 : 0);
      }
    }
    if (strcmp(nax_i_nwb_leaf(s->vars[i].path ? s->vars[i].path : ""), "*") == 0) {
      score = 45; /* one series for each neuron, combined */
    }
    ties = score == most ? ties + 1 : score > most ? 0 : ties;
    best = score > most ? i : best;
    most = score > most ? score : most;
  }
  s->main = most > 0 && ties == 0 ? best : -1;
}

static nax_status
add_items(nax_ctx *ctx, nax_source *s, nax_i_nwb *w)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_nwb_combine(ctx, s, w));
  for (nax_index i = 0; i < w->n_items; i++) {
    nax_i_nwb_item *it = &w->item[i];
    int32_t n_vars = s->n_vars;
    if (it->kind == NAX_I_NWB_SERIES && !it->done) {
      NAX_TRY(contain(ctx, s, w, it, nax_i_nwb_series(ctx, s, w, it), n_vars));
    } else if (it->kind == NAX_I_NWB_UNITS) {
      NAX_TRY(nax_i_nwb_units_open(ctx, s, w, it));
      NAX_TRY(nax_i_nwb_table_open(ctx, s, w, it));
    } else if (it->kind != NAX_I_NWB_SERIES) {
      NAX_TRY(contain(ctx, s, w, it, nax_i_nwb_table_open(ctx, s, w, it), n_vars));
    }
  }
done:
  return status;
}

static nax_status
open_nwb(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  nax_i_nwb *w = NULL;
  int arrays = 0;
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(w, 1, sizeof *w);
  s->state = w;
  NAX_TRY(nax_i_h5_open(ctx, s->path, &w->file));
  NAX_TRY(check_version(ctx, s, w));
  NAX_TRY(read_attrs(ctx, s, w));
  check_subject(ctx, w);
  uint64_t root[2] = {0, 0};
  nax_i_h5_look(w->file, "/", root);
  NAX_REQUIRE(seen_before(w, root) >= 0, NAX_ENOMEM, "out of memory");
  NAX_TRY(walk(ctx, s, w, "/", "NWBFile", 0));
  if (nax_i_h5_look(w->file, "/general/extracellular_ephys/electrodes", NULL) ==
      NAX_I_H5_GROUP) {
    NAX_TRY(take_item(ctx, w, NAX_I_NWB_TABLE, "/general/extracellular_ephys/electrodes",
                      "DynamicTable", ""));
  }
  NAX_TRY(name_items(ctx, w));
  NAX_TRY(add_items(ctx, s, w));
  for (int32_t i = 0; i < s->n_vars; i++) {
    arrays += s->vars[i].info.kind != NAX_VAR_TABLE;
  }
  if (arrays == 0 && w->fault != NAX_OK) {
    /* fault_text has the file's name in front already. */
    size_t n = strlen(s->path);
    const char *what = strncmp(w->fault_text, s->path, n) == 0 &&
                               strncmp(w->fault_text + n, ": ", 2) == 0
                           ? w->fault_text + n + 2
                           : w->fault_text;
    status = nax_i_fail_file(ctx, w->fault, s->path, "%s", what);
    goto done;
  }
  NAX_REQUIRE(!w->skipped.failed, NAX_ENOMEM, "out of memory");
  if (w->skipped.len > 0) {
    nax_i_warn(ctx, NAX_INFO, "nwb.images", "image series are not read: %.300s",
               w->skipped.data);
  }
  NAX_REQUIRE_FILE(s->n_vars > 0, NAX_EFORMAT, s->path,
                   "has neither time series nor units nor tables");
  choose_main(s, w);
done:
  nax_i_hdf5_unlock();
  return status;
}

static nax_status
read_table(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  nax_i_nwb_var *x = v->priv;
  return x->is_events ? nax_i_nwb_events(ctx, s, x, out)
                      : nax_i_nwb_table_read(ctx, s, v, out);
}

const nax_i_format nax_i_format_nwb = {
    "nwb",
    "Neurodata Without Borders 2.x (HDF5): series, ROI responses, units, intervals",
    probe,
    open_nwb,
    close_nwb,
    nax_i_nwb_read,
    nax_i_nwb_units_read,
    read_table};
