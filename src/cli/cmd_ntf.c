/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis ntf: groups of neurons that act together, when, and in which trials. */
#include "stack.h"
#include "factors.h"
#include "steps.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt ntf_opts[] = {
    {"rank", "R", "auto",
     "number of components, or auto: the number that the data support, out of those from "
     "--rank-min to --rank-max",
     NULL, CLI_TEXT, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the components to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {"events", "TABLE", NULL,
     "table of the input whose rows (start_time, stop_time) are shaded on the page", NULL,
     CLI_TEXT, 0, 0, 0},
    {"null", NULL, NULL,
     "a p-value for each component from fits of data shifted in time (see below)", NULL,
     CLI_FLAG, 0, 0, 0},
    {"stack", "AXIS", "trial",
     "with several files: name of the axis along which they are put on top of each other, "
     "e.g. animal; positions with labels are matched by these",
     NULL, CLI_TEXT, 0, 0, 0},
    {"project", "MODEL", NULL,
     "no new components: those of MODEL, a result of this command, and how strong each is "
     "in every new position of --project-axis; the loss is that of MODEL",
     NULL, CLI_TEXT, 0, 0, 0},
    {"project-axis", "AXIS", NULL,
     "axis whose positions are new; not given: animal, trial or else the last one", NULL,
     CLI_TEXT, 0, 0, 0},
    {"strict", NULL, NULL, "exit with 4 when the best start did not converge", NULL,
     CLI_FLAG, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section ntf_sections[] = {
    {"Options", ntf_opts, NULL, NULL},
    {"Steps before the factorisation, in the order given", NULL, NULL, cli_step_opts},
    {"Factorisation", NULL, "ntf", NULL},
    {"Number of components", NULL, "ntf-select", NULL},
    {"Chance (--null)", NULL, "ntf-null", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* One run: the data, the fit, what is known about the rank. */
typedef struct job {
  cli *c;
  cli_chain chain;
  nax_ntf_opts fit;
  nax_save_opts save;
  nax_report_ntf_info info;
  nax_ntf_null_opts null;
  cli_ranks ranks;
  nax_table *chance;
  double *event_start, *event_stop;
  nax_dataset *model; /* of --project */
  double *fresh;      /* where the loadings of the new positions start */
  char *fixed;        /* names of the other axes */
  nax_view init[NAX_MAX_NDIM];
  int32_t mode; /* whose positions are new, -1: all components are */
  nax_ntf *m;
  const nax_axis *axes[NAX_MAX_NDIM];
} job;

/* Positions of axis k where nothing was recorded at all are left out, and told. */
static nax_status
drop_empty(job *j, int32_t k)
{
  cli *c = j->c;
  const nax_array *a = j->chain.a;
  nax_index n = nax_array_dim(a, k), kept = 0, inner = 1;
  char *seen = cli_alloc((size_t)n, 1);
  nax_index *index = cli_alloc((size_t)n, sizeof *index);
  nax_view v = nax_array_view(a);
  const double *d = v.dtype == NAX_F64 ? v.data : NULL;
  const float *f = v.dtype == NAX_F32 ? v.data : NULL;
  for (int32_t i = 0; i < k; i++) {
    inner *= v.dim[i];
  }
  for (nax_index i = 0; i < nax_array_size(a); i++) {
    double x = d != NULL ? d[i] : (double)f[i];
    if (x == x) {
      seen[i / inner % n] = 1;
    }
  }
  for (nax_index i = 0; i < n; i++) {
    if (seen[i]) {
      index[kept++] = i;
    }
  }
  nax_status s = NAX_OK;
  if (kept > 0 && kept < n) {
    nax_array *b = NULL;
    s = nax_array_take(c->ctx, a, k, kept, index, &b);
    if (s == NAX_OK) {
      cli_note(c, 0,
               "%lld of %lld positions of `%s` have no value at all and are left out",
               (long long)(n - kept), (long long)n, nax_axis_name(nax_array_axis(a, k)));
      nax_array_free(j->chain.a);
      j->chain.a = b;
    }
  }
  free(seen);
  free(index);
  return s;
}

static int
check_data(job *j)
{
  cli *c = j->c;
  nax_status s = NAX_OK;
  for (int32_t k = 0; k < nax_array_ndim(j->chain.a) && s == NAX_OK; k++) {
    s = j->mode < 0 || j->mode == k ? drop_empty(j, k) : NAX_OK;
  }
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

/* The axis whose positions are new. */
static int
find_new_axis(job *j)
{
  cli *c = j->c;
  nax_view x = nax_array_view(j->chain.a);
  const char *name = cli_value(c, "project-axis");
  if (name != NULL) {
    j->mode = nax_view_axis(&x, name);
    return j->mode >= 0 ? CLI_OK
                        : cli_error(c, CLI_USAGE, "%s: there is no axis `%s`",
                                    cli_input_name(c->args[0]), name);
  }
  j->mode = nax_view_axis(&x, "animal");
  j->mode = j->mode < 0 ? nax_view_axis(&x, "trial") : j->mode;
  j->mode = j->mode < 0 ? x.ndim - 1 : j->mode;
  return CLI_OK;
}

/* Factor of the model on axis k of the data, whose positions must be the same. */
static int
take_factor(job *j, int32_t k)
{
  cli *c = j->c;
  const nax_axis *axis = nax_array_axis(j->chain.a, k);
  const char *path = cli_value(c, "project"), *name = nax_axis_name(axis);
  char *key = cli_printf("factor_%s", name);
  const nax_array *f = nax_dataset_array(j->model, key);
  free(key);
  if (f == NULL || nax_array_ndim(f) != 2 || nax_array_dim(f, 1) != j->fit.rank) {
    return cli_error(c, CLI_REJECTED, "%s: there is no factor for the axis `%s`", path,
                     name);
  }
  nax_index n = nax_axis_length(axis);
  if (nax_array_dim(f, 0) != n) {
    return cli_error(
        c, CLI_REJECTED,
        "axis `%s` has %lld positions in %s, %lld in %s: give the same ones, "
        "or name the axis that is new with --project-axis",
        name, (long long)n, cli_input_name(c->args[0]), (long long)nax_array_dim(f, 0),
        path);
  }
  for (nax_index i = 0; i < n; i++) {
    const char *here = nax_axis_label(axis, i);
    const char *there = nax_axis_label(nax_array_axis(f, 0), i);
    if (here != NULL && there != NULL && strcmp(here, there) != 0) {
      return cli_error(
          c, CLI_REJECTED,
          "position %lld of axis `%s` is %s in %s, %s in %s: bring them into "
          "one order first",
          (long long)i, name, here, cli_input_name(c->args[0]), there, path);
    }
  }
  j->init[k] = nax_array_view(f);
  char *all = j->fixed == NULL ? cli_dup(name) : cli_printf("%s,%s", j->fixed, name);
  free(j->fixed);
  j->fixed = all;
  return CLI_OK;
}

/* Components, loss and signs are those of the model; only the loadings of the new
 * positions are free. */
static int
load_model(job *j)
{
  cli *c = j->c;
  static const char *const kept[] = {"loss", "beta", "free"};
  const char *path = cli_value(c, "project");
  const nax_opt_table *t = nax_options_table("ntf");
  if (cli_has(c, "rank") || cli_has(c, "null")) {
    return cli_error(c, CLI_USAGE, "--%s has no meaning with --project",
                     cli_has(c, "rank") ? "rank" : "null");
  }
  nax_status s = nax_dataset_load(c->ctx, path, NULL, &j->model);
  if (s != NAX_OK) {
    return cli_fail_in(c, path, s);
  }
  const nax_array *weights = nax_dataset_array(j->model, "weights");
  if (weights == NULL || nax_array_ndim(weights) != 1) {
    return cli_error(c, CLI_REJECTED, "%s: this is no factorisation: no `weights`", path);
  }
  j->fit.rank = nax_array_dim(weights, 0);
  for (size_t k = 0; k < sizeof kept / sizeof kept[0] && s == NAX_OK; k++) {
    char *key = cli_printf("ntf_%s", kept[k]);
    const char *value = nax_dataset_text(j->model, key);
    s = value != NULL && *value != '\0'
            ? nax_options_set(c->ctx, t, &j->fit, kept[k], value)
            : NAX_OK;
    free(key);
  }
  int status = s == NAX_OK ? find_new_axis(j) : cli_fail(c, s);
  for (int32_t k = 0; k < nax_array_ndim(j->chain.a) && status == CLI_OK; k++) {
    status = k == j->mode ? CLI_OK : take_factor(j, k);
  }
  return status;
}

/* Where the loadings start: even, of the size that the components had. */
static void
start_even(job *j)
{
  nax_index n = nax_array_dim(j->chain.a, j->mode);
  const double *w = nax_array_f64(nax_dataset_array(j->model, "weights"));
  j->fresh = cli_alloc((size_t)(n * j->fit.rank), sizeof *j->fresh);
  for (nax_index i = 0; i < n * j->fit.rank; i++) {
    j->fresh[i] = w[i / n] > 0.0 ? w[i / n] / (double)n : 1.0;
  }
  j->init[j->mode] = nax_view_f64(j->fresh, 2, (nax_index[]){n, j->fit.rank});
  j->fit.fixed_modes = j->fixed;
  j->fit.n_restarts = 1;
}

static nax_status
select_rank(const void *job_of, cli_ranks *r)
{
  const job *j = job_of;
  nax_view x = nax_array_view(j->chain.a);
  return nax_ntf_select(j->c->ctx, &x, &j->fit, &r->opts, &r->table, &r->chosen);
}

/* Start and stop of the rows of --events. */
static int
load_events(job *j)
{
  cli *c = j->c;
  const char *name = cli_value(c, "events");
  int status = name == NULL
                   ? CLI_OK
                   : cli_events(c, j->chain.source, cli_input_name(c->args[0]), name,
                                &j->event_start, &j->event_stop, &j->info.n_events);
  j->info.event_start = j->event_start;
  j->info.event_stop = j->event_stop;
  return status;
}

static nax_status
save(job *j, json_t *done, const char *path)
{
  cli *c = j->c;
  nax_dataset *d = NULL;
  nax_status s = nax_ntf_dataset(c->ctx, j->m, j->axes, &d);
  s = s == NAX_OK ? cli_add_ranks(c, d, &j->ranks, done) : s;
  if (s == NAX_OK && j->chance != NULL) {
    s = nax_dataset_add_table(c->ctx, d, "null", j->chance);
    j->chance = s == NAX_OK ? NULL : j->chance;
  }
  if (s == NAX_OK && j->mode >= 0) {
    s = nax_dataset_set_text(c->ctx, d, "ntf_model",
                             cli_input_name(cli_value(c, "project")));
  }
  s = s == NAX_OK ? cli_provenance(c, d, c->n_args, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    char *subject =
        c->n_args == 1
            ? cli_dup(cli_input_name(c->args[0]))
            : cli_printf("%s and %d more", cli_input_name(c->args[0]), c->n_args - 1);
    j->info.subject = subject;
    j->info.chosen = j->ranks.chosen;
    j->info.ranks = nax_dataset_table(d, "ranks");
    j->info.null = nax_dataset_table(d, "null");
    s = nax_report_ntf(c->ctx, j->m, j->axes, &j->info, &r, page);
    j->info.subject = NULL;
    free(subject);
  }
  nax_dataset_free(d);
  return s;
}

/* Open one input and do the steps on it. */
static int
load_one(job *j, const nax_source_opts *o, int i, json_t *done, cli_chain *chain)
{
  cli *c = j->c;
  chain->c = c;
  int status = cli_open(c, c->args[i], o, &chain->source);
  if (status != CLI_OK) {
    return status;
  }
  int32_t v = cli_choose(c, chain->source);
  status = v < 0 ? CLI_USAGE : cli_chain_run(chain, v, done);
  if (status == CLI_OK && chain->a == NULL) {
    status = cli_error(c, CLI_USAGE,
                       "%s: these are spike trains, count them first: give --bin=SECONDS",
                       cli_input_name(c->args[i]));
  }
  return status;
}

/* The inputs as one array: j->chain.a. Its source stays that of the first. */
static int
load_all(job *j, const nax_source_opts *o, json_t *done)
{
  cli *c = j->c;
  int n = c->n_args, status = CLI_OK;
  cli_chain *chain = cli_alloc((size_t)n, sizeof *chain);
  const nax_array **part = cli_alloc((size_t)n, sizeof *part);
  for (int i = 0; i < n && status == CLI_OK; i++) {
    json_t *again = json_array();
    status = load_one(j, o, i, i == 0 ? done : again, &chain[i]);
    part[i] = chain[i].a;
    json_decref(again);
  }
  nax_array *all = NULL;
  if (status == CLI_OK && n > 1) {
    status = cli_stack(c, n, part, cli_value(c, "stack"), &all);
  }
  j->chain = chain[0];
  if (all != NULL) {
    nax_array_free(j->chain.a);
    j->chain.a = all;
  }
  for (int i = 1; i < n; i++) {
    nax_source_close(chain[i].source);
    cli_chain_free(&chain[i]);
  }
  free(chain);
  free(part);
  return status;
}

static int
fit_and_save(job *j, const nax_source_opts *o, const char *path)
{
  cli *c = j->c;
  json_t *done = json_array();
  int status = load_all(j, o, done);
  int projects = cli_has(c, "project");
  status = status == CLI_OK && projects ? load_model(j) : status;
  status = status == CLI_OK ? check_data(j) : status;
  status = status == CLI_OK ? load_events(j) : status;
  status = status == CLI_OK && !projects
               ? cli_settle_rank(c, &j->fit, select_rank, j, &j->ranks)
               : status;
  if (status == CLI_OK) {
    if (projects) {
      start_even(j);
    }
    nax_view x = nax_array_view(j->chain.a);
    nax_status s = nax_ntf_fit(c->ctx, &x, projects ? j->init : NULL, &j->fit, &j->m);
    for (int32_t k = 0; k < x.ndim; k++) {
      j->axes[k] = nax_array_axis(j->chain.a, k);
    }
    if (s == NAX_OK && cli_has(c, "null")) {
      s = nax_ntf_null(c->ctx, &x, j->m, &j->null, &j->chance);
    }
    s = s == NAX_OK ? save(j, done, path) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  json_decref(done);
  if (status == CLI_OK) {
    double e = nax_ntf_error(j->m);
    char number[32];
    int64_t rank = nax_ntf_rank(j->m);
    cli_note(c, 0, "%lld component%s %s %% of the sum of squares", (long long)rank,
             rank == 1 ? " explains" : "s explain",
             cli_short(number, 100.0 * (1.0 - e * e), 4));
    status = cli_say_converged(c, j->m);
  }
  return status;
}

static int
run_ntf(cli *c)
{
  nax_source_opts o;
  job j = {.c = c, .mode = -1};
  const char *path;
  int status = cli_begin_analysis(c, &path, &o, &j.save);
  status = status == CLI_OK ? cli_fill(c, "ntf", &j.fit) : status;
  status = status == CLI_OK ? cli_fill(c, "ntf-select", &j.ranks.opts) : status;
  status = status == CLI_OK ? cli_fill(c, "ntf-null", &j.null) : status;
  status = status == CLI_OK ? fit_and_save(&j, &o, path) : status;
  nax_ntf_free(j.m);
  nax_table_free(j.ranks.table);
  nax_table_free(j.chance);
  free(j.event_start);
  free(j.event_stop);
  free(j.fresh);
  free(j.fixed);
  nax_dataset_free(j.model);
  cli_chain_free(&j.chain);
  nax_source_close(j.chain.source);
  return status;
}

const cli_cmd cli_cmd_ntf = {
    "ntf",
    "Methods",
    "FILE... -o OUTPUT",
    "groups of neurons that act together, when, and in which trials or animals",
    "Non-negative tensor factorisation: the data are a sum of components, each a profile "
    "over neurons times one over time (times one over trials or animals). Negative "
    "values are refused: subtract a baseline, --rectify, or declare an axis --free. "
    "Missing values are left out of the fit. Neurons of very different size are made "
    "comparable by --scale. With --rank=auto the number of components is chosen by the "
    "error on entries left out of the fit and by the agreement of random starts, with "
    "--leave-out and --halves also by whether components stay when animals or trials are "
    "left out; all numbers are told, and the smallest is used where they differ. Counts "
    "are fitted by their own likelihood with --loss=kl. Several files are trials or animals "
    "(--stack) of one tensor; a neuron that a file does not have is missing there. "
    "--project tells how strong the components of an earlier result are in new trials or "
    "animals; that result's own trials get weight times factor back.",
    "  neuraxis ntf calcium.nc --rectify --scale -o factors.nc --report factors.html\n"
    "  neuraxis ntf units.nwb --bin=0.1 --rank=6 -o factors.nc\n"
    "  neuraxis ntf trials.nc --rank=auto --rank-max=20 --block=50 -o factors.nc\n"
    "  neuraxis ntf worm1.nc worm2.nc worm3.nc --stack=animal --rectify -o worms.nc\n"
    "  neuraxis ntf animals.nc --rectify --halves=10 --null -o f.nc --report f.html\n"
    "  neuraxis ntf dff.nc --rectify --rank=5 --penalty=time:smooth=10 -o smooth.nc\n"
    "  neuraxis ntf day2.nc --rectify --project=factors.nc -o day2_factors.nc\n",
    ntf_sections,
    run_ntf,
    1,
    -1,
    cli_steps_help};
