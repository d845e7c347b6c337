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

/* One recording. */
typedef struct recording {
  cli *c;
  const char *file; /* as given */
  cli_chain chain;
  nax_array *mean; /* over time, or NULL */
  int64_t *condition, *fold;
  nax_axis *labels; /* of the conditions, or NULL */
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

/* The array as channel x observation, or channel x time x observation for a movie. */
static int
arrange(recording *r, int movie)
{
  cli *c = r->c;
  const char *name = cli_value(c, "axis");
  const nax_array *a = r->chain.a;
  int32_t time = nax_array_find_axis(a, "time"), ndim = nax_array_ndim(a);
  if (time >= 0 && !movie && ndim > 2) {
    nax_status s = nax_array_reduce(c->ctx, a, time, NAX_REDUCE_MEAN, 0.0, &r->mean);
    if (s != NAX_OK) {
      return cli_fail(c, s);
    }
    a = r->mean;
    ndim = nax_array_ndim(a);
    time = -1;
  }
  int32_t obs =
      name != NULL ? nax_array_find_axis(a, name) : nax_array_find_axis(a, "trial");
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
  nax_view v = nax_array_view(a);
  int32_t order[3] = {0, 0, 0};
  for (int32_t k = 0; k < ndim; k++) {
    order[0] = k != obs && !(movie && k == time) ? k : order[0];
  }
  order[1] = movie ? time : obs;
  order[2] = obs;
  r->n_obs = v.dim[obs];
  nax_status s = nax_view_permute(c->ctx, &v, order, &r->x);
  return s == NAX_OK ? read_design(r, nax_array_axis(a, obs)) : cli_fail(c, s);
}

/* RDMs of one file. */
static int
one_file(cli *c, const char *file, const nax_source_opts *so, const nax_rdm_opts *o,
         nax_index bin, json_t *done, nax_rdms **out)
{
  recording r = {.c = c, .file = file};
  int movie = bin > 0;
  int status = cli_open(c, file, so, &r.chain.source);
  if (status != CLI_OK) {
    return status;
  }
  r.chain.c = c;
  int32_t v = cli_choose(c, r.chain.source);
  status = v < 0 ? CLI_USAGE : cli_chain_run(&r.chain, v, done);
  if (status == CLI_OK && r.chain.a == NULL) {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them around the trials first: "
                       "give --align=START:STOP",
                       cli_input_name(file));
  }
  status = status == CLI_OK ? arrange(&r, movie) : status;
  if (status == CLI_OK) {
    nax_status s =
        movie ? nax_rdm_movie(c->ctx, &r.x, r.condition, r.fold, NULL, bin, o, out)
              : nax_rdm_fit(c->ctx, &r.x, r.condition, r.fold, NULL, o, out);
    s = s == NAX_OK && r.labels != NULL
            ? nax_rdms_describe(c->ctx, *out, r.labels, NULL, NULL)
            : s;
    if (s == NAX_OK && movie) {
      /* Times in the unit of the recording instead of samples. */
      nax_index n = nax_rdms_count(*out);
      const nax_axis *from =
          nax_array_axis(r.chain.a, nax_array_find_axis(r.chain.a, "time"));
      double *t = cli_alloc((size_t)n, sizeof *t);
      nax_axis *axis = NULL;
      for (nax_index i = 0; i < n; i++) {
        t[i] = 0.5 *
               (nax_axis_coord(from, i * bin) + nax_axis_coord(from, i * bin + bin - 1));
      }
      s = nax_axis_create_coords(c->ctx, "time", nax_axis_unit(from), n, t, &axis);
      s = s == NAX_OK ? nax_rdms_describe(c->ctx, *out, NULL, axis, NULL) : s;
      nax_axis_free(axis);
      free(t);
    }
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

static nax_status
save(cli *c, const nax_rdms *r, const char *path, const nax_save_opts *save_opts,
     json_t *done)
{
  nax_dataset *d = NULL;
  nax_array *a = NULL;
  nax_status s = nax_rdms_array(c->ctx, r, &a);
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
  nax_array_free(a);
  nax_dataset_free(d);
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts o = NAX_REPORT_OPTS_INIT;
    o.command = c->line;
    o.force = cli_has(c, "force");
    s = nax_report_rdm(c->ctx, r, cli_input_name(c->args[0]), &o, page);
  }
  return s;
}

/* The RDMs of all files as one set, the files as its axis. */
static nax_status
join(cli *c, nax_rdms **each, nax_rdms **out)
{
  nax_axis *axis = NULL;
  nax_status s = nax_rdms_concat(c->ctx, c->n_args, (const nax_rdms *const *)each, out);
  if (s == NAX_OK && c->n_args > 1) {
    s = nax_axis_create_labels(c->ctx, "subject", c->n_args, c->args, &axis);
    s = s == NAX_OK ? nax_rdms_describe(c->ctx, *out, NULL, axis, NULL) : s;
  }
  nax_axis_free(axis);
  return s;
}

static int
run_rdm(cli *c)
{
  nax_source_opts so;
  nax_save_opts sv;
  nax_rdm_opts o;
  nax_index bin = 0;
  const char *path;
  int status = cli_begin_analysis(c, &path, &so, &sv);
  status = status == CLI_OK ? cli_fill(c, "rdm", &o) : status;
  status = status == CLI_OK ? read_time(c, &bin) : status;
  if (status == CLI_OK && bin > 0 && c->n_args > 1) {
    status = cli_error(c, CLI_USAGE, "RDMs over time are made of one file");
  }
  nax_rdms **each = cli_alloc((size_t)c->n_args, sizeof *each), *all = NULL;
  json_t *done = json_array();
  for (int i = 0; i < c->n_args && status == CLI_OK; i++) {
    json_array_clear(done);
    status = one_file(c, c->args[i], &so, &o, bin, done, &each[i]);
  }
  if (status == CLI_OK) {
    nax_status s = join(c, each, &all);
    s = s == NAX_OK ? save(c, all, path, &sv, done) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  json_decref(done);
  for (int i = 0; i < c->n_args; i++) {
    nax_rdms_free(each[i]);
  }
  free(each);
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
    "ldt) are not raised by noise, and so may be negative. Missing values are left out "
    "pair by pair. The page has the matrices, the tree and the map of the conditions.",
    "  neuraxis simulate --preset=rsa --seed=1 -o sim.nc\n"
    "  neuraxis rdm sim.nc --align=0:1 --measure=crossnobis --noise=shrinkage-diag "
    "\\\n    -o rdm.nc --report rdm.html\n"
    "  neuraxis rdm layer1.npy layer2.npy --measure=correlation -o models.nc\n",
    rdm_sections,
    run_rdm,
    1,
    -1,
    cli_steps_help};
