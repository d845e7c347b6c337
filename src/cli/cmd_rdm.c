/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis rdm: how differently a population responds to each pair of conditions. */
#include "steps.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt rdm_own_opts[] = {
    {"by", "COLUMN", "condition",
     "column of the table of trials with the condition of each; without that table each "
     "observation is a condition of its own",
     NULL, CLI_TEXT, 0, 0, 0},
    {"fold", "COLUMN", NULL,
     "column with the fold of each trial, e.g. its run  [the k-th trial of each condition "
     "is in fold k]",
     NULL, CLI_TEXT, 0, 0, 0},
    {"table", "NAME", "trials", "table with a row for each observation", NULL, CLI_TEXT,
     0, 0, 0},
    {"axis", "NAME", NULL, "axis of the observations  [trial, else the last]", NULL,
     CLI_TEXT, 0, 0, 0},
    {"time", "HOW", "mean",
     "what to do with a time axis: mean, each (one RDM per sample), or a number of samples "
     "per RDM",
     NULL, CLI_TEXT, 0, 0, 0},
    {"time-by-time", NULL, NULL,
     "dissimilarities between patterns at each two times (with --time): does a difference "
     "between conditions last?",
     NULL, CLI_FLAG, 0, 0, 0},
    {"window", "START:STOP", NULL,
     "seconds around each trial that measures of spike trains look at", NULL, CLI_TEXT, 0,
     0, 0},
    {"at", "COLUMN", "start_time", "column with the times of the trials, for --window",
     NULL, CLI_TEXT, 0, 0, 0},
    {"places", "FILE", NULL,
     "neighbourhoods of channels, an RDM for each (searchlight): columns place and "
     "channel, both from 0, one row for each channel of a place",
     NULL, CLI_TEXT, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the matrices to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section rdm_sections[] = {
    {"Options", rdm_own_opts, NULL, NULL},
    {"Steps before, in the order given", NULL, NULL, cli_step_opts},
    {"Dissimilarity", NULL, "rdm", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* Neighbourhoods of channels. */
typedef struct places {
  nax_index *offset, *index;
  nax_index n;
} places;

/* What is asked for besides the options of the library. */
typedef struct request {
  nax_rdm_opts o;
  nax_index bin; /* samples of each RDM over time; 0: none */
  int by_time;   /* --time-by-time */
  places at;     /* n 0: no searchlight */
} request;

/* One recording. */
typedef struct recording {
  cli *c;
  const char *file; /* as given */
  cli_chain chain;
  nax_array *mean; /* over time, or NULL */
  int64_t *condition, *fold;
  nax_axis *labels; /* of the conditions, or NULL */
  nax_axis *time;   /* of the samples, or NULL */
  nax_index n_obs;
  nax_view x;
} recording;

static void
recording_free(recording *r)
{
  nax_array_free(r->mean);
  free(r->condition);
  free(r->fold);
  nax_axis_free(r->labels);
  nax_axis_free(r->time);
  cli_chain_free(&r->chain);
  nax_source_close(r->chain.source);
}

static int
by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers for the texts of a column, in their order, and an axis of them. */
static nax_status
number_texts(cli *c, const char *const *text, nax_index n, int64_t *out, nax_axis **axis)
{
  const char **sorted = cli_alloc((size_t)n, sizeof *sorted);
  nax_index k = 0;
  memcpy(sorted, text, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, by_text);
  for (nax_index i = 0; i < n; i++) {
    if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0) {
      sorted[k++] = sorted[i];
    }
  }
  for (nax_index i = 0; i < n; i++) {
    out[i] =
        (const char **)bsearch(&text[i], sorted, (size_t)k, sizeof *sorted, by_text) -
        sorted;
  }
  nax_status s = axis != NULL
                     ? nax_axis_create_labels(c->ctx, "condition", k, sorted, axis)
                     : NAX_OK;
  free(sorted);
  return s;
}

/* A column as whole numbers. */
static int
read_column(recording *r, const nax_table *t, const char *name, int64_t **out,
            nax_axis **axis)
{
  cli *c = r->c;
  int32_t j = nax_table_find(t, name);
  nax_index n = nax_table_n_rows(t);
  if (j < 0) {
    return cli_error(c, CLI_USAGE, "%s: table `%s` has no column `%s`",
                     cli_input_name(r->file), cli_value(c, "table"), name);
  }
  *out = cli_alloc((size_t)n, sizeof **out);
  const double *x = nax_table_numbers(t, j);
  if (x == NULL) {
    nax_status s = number_texts(c, nax_table_text(t, j), n, *out, axis);
    return s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  for (nax_index i = 0; i < n; i++) {
    (*out)[i] = (int64_t)x[i];
    if (!(x[i] == (double)(*out)[i])) {
      return cli_error(c, CLI_REJECTED, "%s: column `%s` is not whole in row %lld",
                       cli_input_name(r->file), name, (long long)i);
    }
  }
  return CLI_OK;
}

/* Each observation is a condition of its own. */
static int
own_conditions(recording *r, const nax_axis *observations)
{
  cli *c = r->c;
  r->condition = cli_alloc((size_t)r->n_obs, sizeof *r->condition);
  for (nax_index i = 0; i < r->n_obs; i++) {
    r->condition[i] = i;
  }
  nax_status s = nax_axis_rename(c->ctx, observations, "condition", &r->labels);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

/* Conditions and folds from the table. Without it, or where observations are no trials
 * and nobody asked for it, each is a condition. */
static int
read_design(recording *r, const nax_axis *observations)
{
  cli *c = r->c;
  const char *table = cli_value(c, "table"), *fold = cli_value(c, "fold");
  int asked = cli_has(c, "by") || cli_has(c, "table") || fold != NULL;
  int32_t v = nax_source_find(r->chain.source, table);
  nax_table *t = NULL;
  if (v < 0 || nax_source_var(r->chain.source, v)->kind != NAX_VAR_TABLE) {
    return asked ? cli_error(c, CLI_USAGE, "%s: there is no table `%s`",
                             cli_input_name(r->file), table)
                 : own_conditions(r, observations);
  }
  nax_status s = nax_source_load_table(c->ctx, r->chain.source, v, &t);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  int status = CLI_OK, fits = nax_table_n_rows(t) == r->n_obs;
  if (!fits && !asked && strcmp(nax_axis_name(observations), "trial") != 0) {
    status = own_conditions(r, observations);
    goto done;
  }
  if (!fits) {
    status = cli_error(c, CLI_REJECTED,
                       "%s: table `%s` has %lld rows, axis `%s` has %lld positions (put "
                       "the trials on an axis with --align or --split)",
                       cli_input_name(r->file), table, (long long)nax_table_n_rows(t),
                       nax_axis_name(observations), (long long)r->n_obs);
  }
  status = status == CLI_OK
               ? read_column(r, t, cli_value(c, "by"), &r->condition, &r->labels)
               : status;
  status =
      status == CLI_OK && fold != NULL ? read_column(r, t, fold, &r->fold, NULL) : status;
done:
  nax_table_free(t);
  return status;
}

/* Which axes are channel, (time) and observation. */
static int
roles(recording *r, int movie, int32_t ndim, const nax_axis *const *axis,
      int32_t order[3])
{
  cli *c = r->c;
  const char *name = cli_value(c, "axis"), *wanted = name != NULL ? name : "trial";
  int32_t time = -1, obs = -1;
  for (int32_t k = 0; k < ndim; k++) {
    time = strcmp(nax_axis_name(axis[k]), "time") == 0 ? k : time;
    obs = strcmp(nax_axis_name(axis[k]), wanted) == 0 ? k : obs;
  }
  obs = obs < 0 && name == NULL ? ndim - 1 : obs;
  if (obs < 0) {
    return cli_error(c, CLI_USAGE, "%s: there is no axis `%s`", cli_input_name(r->file),
                     name);
  }
  if (ndim != (movie ? 3 : 2) || (movie && (time < 0 || time == obs))) {
    return cli_error(c, CLI_REJECTED, "%s: expected %s, found %d axes",
                     cli_input_name(r->file),
                     movie ? "neuron x time x trial" : "neuron x trial (and time)", ndim);
  }
  for (int32_t k = 0; k < ndim; k++) {
    order[0] = k != obs && !(movie && k == time) ? k : order[0];
  }
  order[1] = movie ? time : obs;
  order[2] = obs;
  return CLI_OK;
}

/* The array as channel x observation, or channel x time x observation for a movie. */
static int
arrange(recording *r, int movie)
{
  cli *c = r->c;
  const nax_array *a = r->chain.a;
  const nax_axis *axis[NAX_MAX_NDIM];
  int32_t time = nax_array_find_axis(a, "time"), order[3] = {0, 0, 0};
  if (time >= 0 && !movie && nax_array_ndim(a) > 2) {
    nax_status s = nax_array_reduce(c->ctx, a, time, NAX_REDUCE_MEAN, 0.0, &r->mean);
    if (s != NAX_OK) {
      return cli_fail(c, s);
    }
    a = r->mean;
  }
  for (int32_t k = 0; k < nax_array_ndim(a); k++) {
    axis[k] = nax_array_axis(a, k);
  }
  int status = roles(r, movie, nax_array_ndim(a), axis, order);
  if (status != CLI_OK) {
    return status;
  }
  nax_view v = nax_array_view(a);
  r->n_obs = v.dim[order[2]];
  nax_status s = nax_view_permute(c->ctx, &v, order, &r->x);
  s = s == NAX_OK && movie ? nax_axis_copy(c->ctx, axis[order[1]], &r->time) : s;
  return s == NAX_OK ? read_design(r, axis[order[2]]) : cli_fail(c, s);
}

/* Times in the unit of the recording instead of samples. */
static nax_status
name_times(recording *r, nax_index bin, nax_index n, const char *name, nax_axis **axis)
{
  double *t = cli_alloc((size_t)n, sizeof *t);
  for (nax_index i = 0; i < n; i++) {
    t[i] = 0.5 * (nax_axis_coord(r->time, i * bin) +
                  nax_axis_coord(r->time, i * bin + bin - 1));
  }
  nax_status s =
      nax_axis_create_coords(r->c->ctx, name, nax_axis_unit(r->time), n, t, axis);
  free(t);
  return s;
}

/* RDMs of an array in memory. */
static nax_status
from_memory(recording *r, const request *q, nax_rdms **out)
{
  nax_ctx *ctx = r->c->ctx;
  if (q->at.n > 0) {
    const nax_rdm_places p = {q->at.offset, q->at.index, q->at.n};
    return nax_rdm_searchlight(ctx, &r->x, r->condition, r->fold, NULL, &p, &q->o, out);
  }
  return q->bin > 0
             ? nax_rdm_movie(ctx, &r->x, r->condition, r->fold, NULL, q->bin, &q->o, out)
             : nax_rdm_fit(ctx, &r->x, r->condition, r->fold, NULL, &q->o, out);
}

/* RDMs over time or places of a variable that is never whole in memory. */
static int
from_file(recording *r, const request *q, int32_t v, nax_rdms **out)
{
  cli *c = r->c;
  const nax_var_info *info = nax_source_var(r->chain.source, v);
  int32_t order[3] = {0, 0, 0};
  int movie = q->bin > 0;
  int status = roles(r, movie, info->ndim, info->axis, order);
  if (status != CLI_OK) {
    return status;
  }
  r->n_obs = info->dim[order[2]];
  nax_status s = movie ? nax_axis_copy(c->ctx, info->axis[order[1]], &r->time) : NAX_OK;
  status = s == NAX_OK ? read_design(r, info->axis[order[2]]) : cli_fail(c, s);
  if (status != CLI_OK) {
    return status;
  }
  if (movie) {
    s = nax_rdm_movie_source(c->ctx, r->chain.source, v, order, r->condition, r->fold,
                             NULL, q->bin, 0, &q->o, out);
  } else {
    const nax_rdm_places p = {q->at.offset, q->at.index, q->at.n};
    s = nax_rdm_searchlight_source(c->ctx, r->chain.source, v, order, r->condition,
                                   r->fold, &p, 0, &q->o, out);
  }
  return s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(r->file), s);
}

/* "a:b" as two numbers. */
static int
read_window(cli *c, double *start, double *stop)
{
  const char *text = cli_value(c, "window");
  if (text == NULL) {
    return cli_error(c, CLI_USAGE,
                     "measures of spike trains need --window=START:STOP, in seconds "
                     "around each trial");
  }
  char *copy = cli_dup(text), *colon = strchr(copy, ':');
  int ok = 0;
  if (colon != NULL) {
    *colon = '\0';
    ok = cli_parse_number(copy, start) && cli_parse_number(colon + 1, stop);
  }
  free(copy);
  return ok ? CLI_OK
            : cli_error(c, CLI_USAGE, "--window takes START:STOP in seconds, got \"%s\"",
                        text);
}

/* RDM of spike trains without bins. */
static int
from_spikes(recording *r, const request *q, int32_t v, nax_rdms **out)
{
  cli *c = r->c;
  const nax_source *source = r->chain.source;
  const char *name = cli_value(c, "table"), *at = cli_value(c, "at");
  double start = 0.0, stop = 0.0;
  int32_t k = nax_source_find(source, name);
  nax_table *t = NULL;
  nax_axis *trials = NULL;
  int status = read_window(c, &start, &stop);
  if (status == CLI_OK && nax_source_var(source, v)->kind != NAX_VAR_SPIKES) {
    status = cli_error(c, CLI_USAGE,
                       "%s: `%s` is an array; --measure=%s is one of spike trains",
                       cli_input_name(r->file), nax_source_var(source, v)->name,
                       cli_value(c, "measure"));
  }
  if (status == CLI_OK && (k < 0 || nax_source_var(source, k)->kind != NAX_VAR_TABLE)) {
    status = cli_error(c, CLI_USAGE, "%s: there is no table `%s`",
                       cli_input_name(r->file), name);
  }
  if (status != CLI_OK) {
    return status;
  }
  nax_status s = nax_source_load_table(c->ctx, r->chain.source, k, &t);
  const double *times = s == NAX_OK ? nax_table_numbers(t, nax_table_find(t, at)) : NULL;
  if (s == NAX_OK && times == NULL) {
    status = cli_error(c, CLI_USAGE, "%s: table `%s` has no numbers in a column `%s`",
                       cli_input_name(r->file), name, at);
    goto done;
  }
  r->n_obs = s == NAX_OK ? nax_table_n_rows(t) : 0;
  s = s == NAX_OK ? nax_axis_create_index(c->ctx, "trial", r->n_obs, &trials) : s;
  s = s == NAX_OK ? nax_source_load_spikes(c->ctx, r->chain.source, v, &r->chain.s) : s;
  status = s == NAX_OK ? read_design(r, trials) : cli_fail(c, s);
  if (status == CLI_OK) {
    s = nax_rdm_spikes(c->ctx, r->chain.s, r->n_obs, times, start, stop, r->condition,
                       &q->o, out);
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(r->file), s);
  }
done:
  nax_axis_free(trials);
  nax_table_free(t);
  return status;
}

/* 1 when a step of the chain was given. */
static int
has_steps(const cli *c)
{
  for (int i = 0; i < c->n_given; i++) {
    const cli_ref *ref = c->given[i].ref;
    if (ref->table == NULL && cli_step_find(ref->opt.name) != NULL) {
      return 1;
    }
  }
  return 0;
}

static int
through_chain(recording *r, const request *q, int32_t v, json_t *done, nax_rdms **out,
              nax_array **crossed)
{
  cli *c = r->c;
  int status = cli_chain_run(&r->chain, v, done);
  if (status == CLI_OK && r->chain.a == NULL) {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them around the trials first: "
                       "give --align=START:STOP",
                       cli_input_name(r->file));
  }
  status = status == CLI_OK ? arrange(r, q->bin > 0) : status;
  if (status == CLI_OK) {
    nax_status s = q->by_time ? nax_rdm_time_by_time(c->ctx, &r->x, r->condition, r->fold,
                                                     NULL, q->bin, &q->o, crossed)
                              : from_memory(r, q, out);
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(r->file), s);
  }
  return status;
}

/* The numbers of conditions and samples replaced by their names and times. */
static nax_status
name_crossed(recording *r, const request *q, nax_array **a)
{
  nax_ctx *ctx = r->c->ctx;
  nax_axis *axis[4] = {NULL, NULL, NULL, NULL};
  nax_array *named = NULL;
  nax_index n = nax_array_dim(*a, 0), times = nax_array_dim(*a, 2);
  nax_status s = r->labels != NULL ? nax_axis_copy(ctx, r->labels, &axis[0])
                                   : nax_axis_copy(ctx, nax_array_axis(*a, 0), &axis[0]);
  s = s == NAX_OK ? nax_axis_rename(ctx, axis[0], "condition_2", &axis[1]) : s;
  s = s == NAX_OK ? name_times(r, q->bin, times, "time", &axis[2]) : s;
  s = s == NAX_OK ? name_times(r, q->bin, times, "time_2", &axis[3]) : s;
  s = s == NAX_OK
          ? nax_array_create(ctx, NAX_F64, 4,
                             (const nax_axis *[]){axis[0], axis[1], axis[2], axis[3]},
                             nax_array_unit(*a), &named)
          : s;
  s = s == NAX_OK ? nax_array_set_description(ctx, named, cli_value(r->c, "measure")) : s;
  if (s == NAX_OK) {
    memcpy(nax_array_data_mut(named), nax_array_data(*a),
           (size_t)(n * n * times * times) * sizeof(double));
    nax_array_free(*a);
    *a = named;
  } else {
    nax_array_free(named);
  }
  for (int k = 0; k < 4; k++) {
    nax_axis_free(axis[k]);
  }
  return s;
}

/* RDMs of one file, or `crossed` with --time-by-time. */
static int
one_file(cli *c, const char *file, const nax_source_opts *so, const request *q,
         json_t *done, nax_rdms **out, nax_array **crossed)
{
  recording r = {.c = c, .file = file};
  int status = cli_open(c, file, so, &r.chain.source);
  if (status != CLI_OK) {
    return status;
  }
  r.chain.c = c;
  int32_t v = cli_choose(c, r.chain.source);
  int steps = has_steps(c), spikes = q->o.measure >= NAX_RDM_VAN_ROSSUM;
  if (v < 0) {
    status = CLI_USAGE;
  } else if (spikes && (steps || q->bin > 0 || q->at.n > 0)) {
    status = cli_error(c, CLI_USAGE,
                       "--measure=%s takes spike trains as they are: no steps before, no "
                       "--time and no --places",
                       cli_value(c, "measure"));
  } else if (spikes) {
    status = from_spikes(&r, q, v, out);
  } else if (!steps && !q->by_time &&
             nax_source_var(r.chain.source, v)->kind == NAX_VAR_ARRAY &&
             nax_source_var(r.chain.source, v)->ndim == (q->bin > 0 ? 3 : 2) &&
             (q->bin > 0 || q->at.n > 0)) {
    status = from_file(&r, q, v, out);
  } else {
    status = through_chain(&r, q, v, done, out, crossed);
  }
  if (status == CLI_OK) {
    nax_status s = NAX_OK;
    nax_axis *axis = NULL;
    if (*crossed != NULL) {
      s = name_crossed(&r, q, crossed);
    } else {
      if (q->bin > 0) {
        s = name_times(&r, q->bin, nax_rdms_count(*out), "time", &axis);
      }
      s = s == NAX_OK ? nax_rdms_describe(c->ctx, *out, r.labels, axis, NULL) : s;
    }
    nax_axis_free(axis);
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(file), s);
  }
  recording_free(&r);
  return status;
}

/* --time: samples per RDM, 0 for the mean. */
static int
read_time(cli *c, nax_index *bin)
{
  const char *text = cli_value(c, "time");
  double x = 1.0;
  *bin = 0;
  if (strcmp(text, "mean") == 0) {
    return CLI_OK;
  }
  if (strcmp(text, "each") != 0 &&
      (!cli_parse_number(text, &x) || x < 1.0 || x > 1e9 || x != (double)(nax_index)x)) {
    return cli_error(c, CLI_USAGE,
                     "--time takes mean, each or a number of samples, got \"%s\"", text);
  }
  *bin = (nax_index)x;
  return CLI_OK;
}

/* Column of a file of places: from a table, or a column of an array; free it. */
static double *
place_column(const nax_dataset *d, const char *name, nax_index *n)
{
  for (int32_t i = 0; i < nax_dataset_n_vars(d); i++) {
    const char *var = nax_dataset_var_name(d, i);
    const nax_table *t = nax_dataset_table(d, var);
    const nax_array *a = nax_dataset_array(d, var);
    const double *x = t != NULL ? nax_table_numbers(t, nax_table_find(t, name)) : NULL;
    if (x != NULL) {
      double *out = cli_alloc((size_t)nax_table_n_rows(t) + 1, sizeof *out);
      *n = nax_table_n_rows(t);
      memcpy(out, x, (size_t)*n * sizeof *x);
      return out;
    }
    for (int32_t k = 0; a != NULL && nax_array_ndim(a) == 2 && k < 2; k++) {
      for (nax_index j = 0; j < nax_array_dim(a, k); j++) {
        const char *label = nax_axis_label(nax_array_axis(a, k), j);
        if (label != NULL && strcmp(label, name) == 0) {
          nax_view v = nax_array_view(a);
          *n = v.dim[1 - k];
          double *out = cli_alloc((size_t)*n + 1, sizeof *out);
          for (nax_index i2 = 0; i2 < *n; i2++) {
            out[i2] =
                nax_view_get(&v, k == 0 ? (nax_index[]){j, i2} : (nax_index[]){i2, j});
          }
          return out;
        }
      }
    }
  }
  return NULL;
}

/* --places: rows sorted by place, in their order within it. */
static int
read_places(cli *c, places *p)
{
  const char *file = cli_value(c, "places");
  nax_source_opts so = NAX_SOURCE_OPTS_INIT;
  nax_dataset *d = NULL;
  if (file == NULL) {
    return CLI_OK;
  }
  nax_status s = nax_dataset_load(c->ctx, cli_input_path(c, file), &so, &d);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  nax_index n = 0, n_channel = 0, most = -1;
  double *place = place_column(d, "place", &n);
  double *channel = place_column(d, "channel", &n_channel);
  int status = CLI_OK;
  if (place == NULL || channel == NULL || n != n_channel || n == 0) {
    status = cli_error(c, CLI_REJECTED, "%s: expected columns `place` and `channel`",
                       cli_input_name(file));
  }
  for (nax_index i = 0; i < n && status == CLI_OK; i++) {
    if (!(place[i] >= 0.0 && place[i] < 1e9 && channel[i] >= 0.0 && channel[i] < 1e15) ||
        place[i] != (double)(nax_index)place[i] ||
        channel[i] != (double)(nax_index)channel[i]) {
      status = cli_error(c, CLI_REJECTED,
                         "%s: row %lld: place and channel are whole numbers from 0",
                         cli_input_name(file), (long long)i);
      break;
    }
    most = (nax_index)place[i] > most ? (nax_index)place[i] : most;
  }
  if (status == CLI_OK) {
    p->n = most + 1;
    p->offset = cli_alloc((size_t)p->n + 1, sizeof *p->offset);
    p->index = cli_alloc((size_t)n, sizeof *p->index);
    nax_index *next = cli_alloc((size_t)p->n + 1, sizeof *next);
    for (nax_index i = 0; i < n; i++) {
      p->offset[(nax_index)place[i] + 1]++;
    }
    for (nax_index k = 0; k < p->n; k++) {
      p->offset[k + 1] += p->offset[k];
      next[k] = p->offset[k];
    }
    for (nax_index i = 0; i < n; i++) {
      p->index[next[(nax_index)place[i]]++] = (nax_index)channel[i];
    }
    free(next);
  }
  free(place);
  free(channel);
  nax_dataset_free(d);
  return status;
}

/* The file and the page: of RDMs, or of an array of times by times. `a` is taken. */
static nax_status
save(cli *c, nax_array *a, const nax_rdms *r, const char *path, int by_time,
     const nax_save_opts *save_opts, json_t *done)
{
  nax_dataset *d = NULL;
  const nax_array *crossed = by_time ? a : NULL;
  nax_status s = a == NULL ? nax_rdms_array(c->ctx, r, &a) : NAX_OK;
  s = s == NAX_OK ? nax_dataset_create(c->ctx, &d) : s;
  s = s == NAX_OK ? nax_dataset_add_array(c->ctx, d, "rdm", a) : s;
  a = s == NAX_OK ? NULL : a;
  s = s == NAX_OK ? nax_dataset_set_main(c->ctx, d, "rdm") : s;
  if (s == NAX_OK) {
    char *steps = cli_json_line(done);
    s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
    free(steps);
  }
  s = s == NAX_OK ? cli_provenance(c, d, c->n_args, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, save_opts) : s;
  const char *page = cli_value(c, "report"), *name = cli_input_name(c->args[0]);
  if (s == NAX_OK && page != NULL) {
    nax_report_opts o = cli_report_opts(c);
    s = by_time ? nax_report_rdm_times(c->ctx, crossed, name, &o, page)
                : nax_report_rdm(c->ctx, r, name, &o, page);
  }
  nax_array_free(a);
  nax_dataset_free(d);
  return s;
}

/* RDMs over time of several files as condition x condition_2 x time x subject. */
static nax_status
movies(cli *c, nax_rdms **each, const nax_rdms *all, nax_array **out)
{
  nax_axis *files = NULL;
  nax_array *flat = NULL;
  nax_status s = nax_axis_create_labels(c->ctx, "subject", c->n_args, c->args, &files);
  s = s == NAX_OK ? nax_rdms_array(c->ctx, all, &flat) : s;
  s = s == NAX_OK ? nax_array_create(c->ctx, NAX_F64, 4,
                                     (const nax_axis *[]){nax_array_axis(flat, 0),
                                                          nax_array_axis(flat, 1),
                                                          nax_rdms_axis(each[0]), files},
                                     nax_array_unit(flat), out)
                  : s;
  if (s == NAX_OK) {
    memcpy(nax_array_data_mut(*out), nax_array_data(flat),
           (size_t)nax_array_size(flat) * sizeof(double));
    s = nax_array_set_description(c->ctx, *out, nax_rdms_measure(all));
  }
  nax_array_free(flat);
  nax_axis_free(files);
  return s;
}

/* The RDMs of all files as one set, the files as its axis. */
static nax_status
join(cli *c, nax_rdms **each, int over_time, nax_rdms **out, nax_array **array)
{
  nax_axis *axis = NULL;
  nax_status s = nax_rdms_concat(c->ctx, c->n_args, (const nax_rdms *const *)each, out);
  for (int i = 1; i < c->n_args && s == NAX_OK && over_time; i++) {
    if (nax_rdms_count(each[i]) != nax_rdms_count(each[0])) {
      (void)cli_error(c, 0, "%s: %lld times, %s has %lld", cli_input_name(c->args[i]),
                      (long long)nax_rdms_count(each[i]), cli_input_name(c->args[0]),
                      (long long)nax_rdms_count(each[0]));
      return CLI_TOLD;
    }
  }
  if (s == NAX_OK && over_time && c->n_args > 1) {
    return movies(c, each, *out, array);
  }
  if (s == NAX_OK && c->n_args > 1) {
    s = nax_axis_create_labels(c->ctx, "subject", c->n_args, c->args, &axis);
    s = s == NAX_OK ? nax_rdms_describe(c->ctx, *out, NULL, axis, NULL) : s;
  }
  nax_axis_free(axis);
  return s;
}

static int
check_request(cli *c, const request *q)
{
  if (q->by_time && c->n_args > 1) {
    return cli_error(c, CLI_USAGE, "--time-by-time takes one file");
  }
  if (q->at.n > 0 && (q->bin > 0 || c->n_args > 1)) {
    return cli_error(c, CLI_USAGE,
                     "RDMs of places are made of one file, with the mean over time");
  }
  if (q->by_time && q->bin == 0) {
    return cli_error(c, CLI_USAGE,
                     "--time-by-time needs times: give --time=each or --time=SAMPLES");
  }
  return CLI_OK;
}

static int
run_rdm(cli *c)
{
  nax_source_opts so;
  nax_save_opts sv;
  request q = {.by_time = cli_has(c, "time-by-time")};
  const char *path;
  int status = cli_begin_analysis(c, &path, &so, &sv);
  status = status == CLI_OK ? cli_fill(c, "rdm", &q.o) : status;
  status = status == CLI_OK ? read_time(c, &q.bin) : status;
  status = status == CLI_OK ? read_places(c, &q.at) : status;
  status = status == CLI_OK ? check_request(c, &q) : status;
  nax_rdms **each = cli_alloc((size_t)c->n_args, sizeof *each), *all = NULL;
  nax_array *crossed = NULL;
  json_t *done = json_array();
  for (int i = 0; i < c->n_args && status == CLI_OK; i++) {
    json_array_clear(done);
    status = one_file(c, c->args[i], &so, &q, done, &each[i], &crossed);
  }
  if (status == CLI_OK) {
    nax_status s = crossed == NULL ? join(c, each, q.bin > 0, &all, &crossed) : NAX_OK;
    if (s == NAX_OK) {
      s = save(c, crossed, all, path, q.by_time, &sv, done);
      crossed = NULL;
    }
    status = s == NAX_OK ? CLI_OK : s == CLI_TOLD ? CLI_REJECTED : cli_fail(c, s);
  }
  json_decref(done);
  for (int i = 0; i < c->n_args; i++) {
    nax_rdms_free(each[i]);
  }
  free(each);
  free(q.at.offset);
  free(q.at.index);
  nax_array_free(crossed);
  nax_rdms_free(all);
  return status;
}

const cli_cmd cli_cmd_rdm = {
    "rdm",
    "Methods",
    "FILE... -o OUTPUT",
    "how differently a population responds to each pair of conditions",
    "Dissimilarity matrices (RDMs) of the responses to conditions, one for each FILE, or, "
    "with --time, one for each time. Trials go on an axis by --align first; the table of "
    "trials says which condition each one is. Measures between folds (crossnobis, *-cv, "
    "ldt) are not raised by noise, and so may be negative. van-rossum and victor-purpura "
    "compare spike times themselves, in --window around each trial. Missing values are "
    "left out pair by pair. A variable that needs no steps before is read part by part "
    "for RDMs over time and places. The page has the matrices, the tree and the map of the conditions, or, with --time-by-time, the map of times.",
    "  neuraxis simulate --preset=rsa --seed=1 -o sim.nc\n"
    "  neuraxis rdm sim.nc --align=0:1 --measure=crossnobis --noise=shrinkage-diag "
    "\\\n    -o rdm.nc --report rdm.html\n"
    "  neuraxis rdm sim.nc --measure=victor-purpura --window=0:1 --subtract-within "
    "-o spikes.nc\n"
    "  neuraxis rdm layer1.npy layer2.npy --measure=correlation -o models.nc\n",
    rdm_sections,
    run_rdm,
    1,
    -1,
    cli_steps_help};
