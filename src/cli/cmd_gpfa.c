/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis gpfa: smooth low-dimensional trajectories of a population. */
#include "steps.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt gpfa_opts[] = {
    {"latents", "Q", "auto",
     "number of latents, or auto: the number that cross-validation asks for, out of those "
     "from --latents-min to --latents-max",
     NULL, CLI_TEXT, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the trajectories to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {"model", "FILE", NULL,
     "fit nothing: apply the model of FILE, a result of this command, to these trials",
     NULL, CLI_TEXT, 0, 0, 0},
    {"leave-neuron-out", NULL, NULL,
     "also predict each neuron from the others (left_out in the result)", NULL, CLI_FLAG,
     0, 0, 0},
    {"condition", "COLUMN", NULL,
     "column of a table of the input, one row per trial, that tells conditions apart on "
     "the page",
     NULL, CLI_TEXT, 0, 0, 0},
    {"piece", "SECONDS", "auto",
     "cut a recording without trials into pieces of this length; auto: of 200 bins when "
     "it has more than 400; 0: not",
     NULL, CLI_TEXT, 0, 0, 0},
    {"trim-zeros", NULL, NULL,
     "bins without any spike at the end of a trial are padding: leave them out", NULL,
     CLI_FLAG, 0, 0, 0},
    {"no-root", NULL, NULL,
     "take spike counts as they are; otherwise their square roots (Gaussian model)", NULL,
     CLI_FLAG, 0, 0, 0},
    {"strict", NULL, NULL, "exit with 4 when the fit did not converge", NULL, CLI_FLAG, 0,
     0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section gpfa_sections[] = {
    {"Options", gpfa_opts, NULL, NULL},
    {"Steps before the fit, in the order given", NULL, NULL, cli_step_opts},
    {"Model and fit", NULL, "gpfa", NULL},
    {"Number of latents", NULL, "gpfa-select", NULL},
    {"Latents of the result", NULL, "gpfa-infer", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* One run: the data, cut into trials, and what becomes of them. */
typedef struct job {
  cli *c;
  cli_chain chain;
  nax_gpfa_opts fit;
  nax_gpfa_select_opts select;
  nax_gpfa_infer_opts infer;
  nax_save_opts save;
  nax_view *trials;
  nax_index n_trials, *position; /* of each trial in the array */
  nax_axis *trial_axis;
  int32_t *condition;
  char **condition_name;
  nax_table *numbers;
  double *explained, left_out;
  nax_report_gpfa_info info;
  nax_gpfa *m;
  int was_fitted; /* here, not in the file of --model */
  nax_gpfa_posterior *p;
} job;

/* --- a model that was fitted before ---------------------------------------------------
 */

/* --model: the settings are those of the file. */
static int
load_model(job *j)
{
  cli *c = j->c;
  const char *path = cli_value(c, "model");
  nax_dataset *d = NULL;
  if (path == NULL) {
    return CLI_OK;
  }
  for (int i = 0; i < c->n_given; i++) {
    const cli_ref *r = c->given[i].ref;
    const char *table = r->table != NULL ? r->table->module : "";
    if (strcmp(r->opt.name, "latents") == 0 || strcmp(r->opt.name, "no-root") == 0 ||
        strcmp(table, "gpfa") == 0 || strcmp(table, "gpfa-select") == 0) {
      return cli_error(c, CLI_USAGE, "--model takes --%s from the file", r->opt.name);
    }
  }
  nax_status s = nax_dataset_load(c->ctx, path, NULL, &d);
  s = s == NAX_OK ? nax_gpfa_from_dataset(c->ctx, d, &j->m) : s;
  nax_dataset_free(d);
  if (s != NAX_OK) {
    return cli_fail_in(c, path, s);
  }
  j->fit = *nax_gpfa_options(j->m);
  return CLI_OK;
}

/* --- from the recording to trials ----------------------------------------------------
 */

/* A table whose rows begin and end at given times. */
static int
has_trials(const job *j)
{
  nax_source *s = j->chain.source;
  int found = 0;
  for (int32_t i = 0; i < nax_source_n_vars(s) && !found; i++) {
    nax_table *t = NULL;
    if (nax_source_var(s, i)->kind == NAX_VAR_TABLE &&
        nax_source_load_table(j->c->ctx, s, i, &t) == NAX_OK) {
      found = nax_table_numbers(t, nax_table_find(t, "start_time")) != NULL &&
              nax_table_numbers(t, nax_table_find(t, "stop_time")) != NULL;
    }
    nax_table_free(t);
  }
  return found;
}

/* Spike trains that no step has counted: in bins from the start of each trial. */
static int
count_spikes(job *j, json_t *done)
{
  cli *c = j->c;
  const char *step = has_trials(j) ? "cut" : "bin";
  const char *of_each = strcmp(step, "cut") == 0 ? " of each trial" : "";
  char width[32];
  if (j->chain.a != NULL) {
    return CLI_OK;
  }
  cli_num(width, j->m != NULL ? j->fit.bin : 0.02);
  if (j->m != NULL) {
    cli_note(c, 0, "counting spikes in bins of %s s%s, as the model has them", width,
             of_each);
  } else {
    cli_note(c, 0, "counting spikes in bins of %s s%s; --%s=SECONDS changes that", width,
             of_each, step);
  }
  return cli_step_run(&j->chain, cli_step_find(step), width, done);
}

/* Width of a bin in seconds, and the time of the first. */
static int
find_bin(job *j, const nax_axis *time)
{
  cli *c = j->c;
  const char *unit = nax_axis_unit(time);
  double scale = strcmp(unit, "s") == 0     ? 1.0
                 : strcmp(unit, "ms") == 0  ? 1e-3
                 : strcmp(unit, "us") == 0  ? 1e-6
                 : strcmp(unit, "min") == 0 ? 60.0
                                            : (double)NAN;
  double rate = nax_axis_rate(time);
  if (isnan(rate) || isnan(scale)) {
    return cli_error(c, CLI_REJECTED,
                     "%s: the length of a bin is not known, give --rate=HZ or resample",
                     cli_input_name(c->args[0]));
  }
  if (j->m != NULL && fabs(scale / rate / j->fit.bin - 1.0) > 1e-6) {
    char has[32], wants[32];
    return cli_error(c, CLI_REJECTED, "%s: bins of %s s, the model has bins of %s s",
                     cli_input_name(c->args[0]), cli_short(has, scale / rate, 6),
                     cli_short(wants, j->fit.bin, 6));
  }
  j->fit.bin = scale / rate;
  j->info.labels.start = scale * nax_axis_coord(time, 0);
  return CLI_OK;
}

/* Some neuron has a value in bin t; `not_zero`: other than 0. */
static int
is_used(const nax_view *v, nax_index t, int not_zero)
{
  for (nax_index i = 0; i < v->dim[0]; i++) {
    double x = nax_view_get(v, (nax_index[]){i, t});
    if (x == x && !(not_zero && x == 0.0)) {
      return 1;
    }
  }
  return 0;
}

/* Bins of a trial up to the last with a value. */
static nax_index
used_bins(const nax_view *v, int not_zero)
{
  nax_index t = v->dim[1];
  while (t > 0 && !is_used(v, t - 1, not_zero)) {
    t--;
  }
  return t;
}

/* Tell of trials that end in bins where every neuron is 0, when such bins are rare
 * elsewhere: they look like padding, and pull the latents to one point. */
static void
note_zeros(job *j)
{
  nax_index trials = 0, at_end = 0, inside = 0;
  for (nax_index k = 0; k < j->n_trials; k++) {
    const nax_view *v = &j->trials[k];
    nax_index used = used_bins(v, 1);
    trials += used < v->dim[1];
    at_end += v->dim[1] - used;
    for (nax_index t = 0; t < used; t++) {
      inside += !is_used(v, t, 1);
    }
  }
  if (at_end > 10 * inside) {
    cli_note(j->c, 0,
             "%lld of %lld trials end in bins where every neuron is 0, as padding does: "
             "--trim-zeros leaves them out",
             (long long)trials, (long long)j->n_trials);
  }
}

/* Trials of an array: those along its trial axis, without the padding at their ends. */
static nax_status
take_trials(job *j, nax_view v, int32_t neuron, int32_t time, int32_t trial)
{
  nax_index n = v.dim[trial];
  j->trials = cli_alloc((size_t)n, sizeof *j->trials);
  j->position = cli_alloc((size_t)n, sizeof *j->position);
  for (nax_index k = 0; k < n; k++) {
    nax_view one = {.data = v.data, .dtype = v.dtype, .ndim = 2};
    size_t size = v.dtype == NAX_F64 ? sizeof(double) : sizeof(float);
    one.data = (const char *)v.data + (size_t)(k * v.stride[trial]) * size;
    one.dim[0] = v.dim[neuron];
    one.dim[1] = v.dim[time];
    one.stride[0] = v.stride[neuron];
    one.stride[1] = v.stride[time];
    one.dim[1] = used_bins(&one, cli_has(j->c, "trim-zeros"));
    if (one.dim[1] > 0) {
      j->position[j->n_trials] = k;
      j->trials[j->n_trials++] = one;
    }
  }
  if (j->n_trials < n) {
    cli_note(j->c, 0, "%lld of %lld trials have no value and are left out",
             (long long)(n - j->n_trials), (long long)n);
  }
  note_zeros(j);
  return nax_axis_take(j->c->ctx, nax_array_axis(j->chain.a, trial), j->n_trials,
                       j->position, &j->trial_axis);
}

/* Bins of a piece of a recording without trials; all of it in one when that is short. */
static int
piece_bins(job *j, nax_index n_bins, nax_index *out)
{
  cli *c = j->c;
  const char *text = cli_value(c, "piece");
  double seconds;
  if (strcmp(text, "auto") == 0) {
    *out = n_bins > 400 ? 200 : n_bins;
  } else if (!cli_parse_number(text, &seconds) || seconds < 0.0) {
    return cli_error(c, CLI_USAGE, "--piece is auto or a number of seconds, got \"%s\"",
                     text);
  } else {
    double bins = seconds / j->fit.bin + 0.5;
    *out = bins < 1.0 || bins > (double)n_bins ? n_bins : (nax_index)bins;
  }
  if (*out < n_bins) {
    char number[32];
    cli_note(c, 0, "the recording is cut into pieces of %s s",
             cli_short(number, (double)*out * j->fit.bin, 4));
  }
  return CLI_OK;
}

static int
take_pieces(job *j, nax_view v, int32_t neuron, int32_t time)
{
  cli *c = j->c;
  nax_index piece = 0, n = v.dim[time];
  int status = piece_bins(j, n, &piece);
  if (status != CLI_OK) {
    return status;
  }
  /* as equal as whole bins allow */
  nax_index n_pieces = n < piece ? 1 : n / piece;
  double *start = cli_alloc((size_t)n_pieces, sizeof *start);
  j->trials = cli_alloc((size_t)n_pieces, sizeof *j->trials);
  for (nax_index k = 0; k < n_pieces; k++) {
    nax_view one = {.dtype = v.dtype, .ndim = 2};
    size_t size = v.dtype == NAX_F64 ? sizeof(double) : sizeof(float);
    nax_index from = n * k / n_pieces;
    one.data = (const char *)v.data + (size_t)(from * v.stride[time]) * size;
    one.dim[0] = v.dim[neuron];
    one.dim[1] = n * (k + 1) / n_pieces - from;
    one.stride[0] = v.stride[neuron];
    one.stride[1] = v.stride[time];
    start[k] = j->info.labels.start + (double)from * j->fit.bin;
    j->trials[j->n_trials++] = one;
  }
  nax_status s =
      nax_axis_create_coords(c->ctx, "trial", "s", n_pieces, start, &j->trial_axis);
  j->info.labels.start = n_pieces > 1 ? 0.0 : j->info.labels.start;
  free(start);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static int
make_trials(job *j, int were_spikes)
{
  cli *c = j->c;
  nax_view v = nax_array_view(j->chain.a);
  int32_t time = nax_view_axis(&v, "time"), trial = nax_view_axis(&v, "trial");
  int32_t neuron = -1, others = 0;
  for (int32_t k = 0; k < v.ndim; k++) {
    if (k != time && k != trial) {
      neuron = neuron < 0 ? k : neuron;
      others++;
    }
  }
  if (time < 0 || others != 1) {
    return cli_error(c, CLI_REJECTED,
                     "%s: the data must be neuron x time or neuron x time x trial (see "
                     "--axes, --cut, --align)",
                     cli_input_name(c->args[0]));
  }
  int status = find_bin(j, nax_array_axis(j->chain.a, time));
  j->info.labels.neurons = nax_array_axis(j->chain.a, neuron);
  if (status == CLI_OK && trial >= 0) {
    nax_status s = take_trials(j, v, neuron, time, trial);
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  } else if (status == CLI_OK) {
    if (has_trials(j)) {
      cli_note(c, 0, "the input has a table of trials: --cut takes them");
    }
    status = take_pieces(j, v, neuron, time);
  }
  j->info.labels.trials = j->trial_axis;
  if (j->m == NULL && were_spikes && j->fit.likelihood == NAX_GPFA_GAUSSIAN &&
      !cli_has(c, "sqrt") && !cli_has(c, "map") && !cli_has(c, "zscore") &&
      !cli_has(c, "no-root")) {
    j->fit.root = 1;
  }
  return status;
}

/* --- conditions ------------------------------------------------------------------------
 */

/* Text of row i of a column. */
static char *
cell(const nax_table *t, int32_t column, nax_index i)
{
  const double *numbers = nax_table_numbers(t, column);
  char buf[32];
  return cli_dup(numbers != NULL ? cli_short(buf, numbers[i], 6)
                                 : nax_table_text(t, column)[i]);
}

static int
find_conditions(job *j)
{
  cli *c = j->c;
  const char *name = cli_value(c, "condition");
  nax_source *s = j->chain.source;
  int32_t trial = nax_array_find_axis(j->chain.a, "trial");
  nax_index rows = trial >= 0 ? nax_array_dim(j->chain.a, trial) : 0;
  if (name == NULL) {
    return CLI_OK;
  }
  for (int32_t i = 0; i < nax_source_n_vars(s); i++) {
    nax_table *t = NULL;
    if (nax_source_var(s, i)->kind != NAX_VAR_TABLE) {
      continue;
    }
    nax_status status = nax_source_load_table(c->ctx, s, i, &t);
    if (status != NAX_OK) {
      return cli_fail(c, status);
    }
    int32_t column = nax_table_find(t, name);
    if (column >= 0 && rows > 0 && nax_table_n_rows(t) == rows) {
      j->condition = cli_alloc((size_t)j->n_trials, sizeof *j->condition);
      j->condition_name = cli_alloc((size_t)j->n_trials, sizeof *j->condition_name);
      for (nax_index k = 0; k < j->n_trials; k++) {
        char *text = cell(t, column, j->position[k]);
        nax_index at = 0;
        while (at < j->info.n_conditions && strcmp(j->condition_name[at], text) != 0) {
          at++;
        }
        j->condition[k] = (int32_t)at;
        if (at == j->info.n_conditions) {
          j->condition_name[j->info.n_conditions++] = text;
        } else {
          free(text);
        }
      }
      j->info.condition = j->condition;
      j->info.condition_name = (const char *const *)j->condition_name;
      nax_table_free(t);
      return CLI_OK;
    }
    nax_table_free(t);
  }
  return cli_error(c, CLI_USAGE,
                   "%s: no table has a column `%s` and a row for each of %lld trials",
                   cli_input_name(c->args[0]), name, (long long)rows);
}

/* --- fit -----------------------------------------------------------------------------
 */

/* --latents: a number, or auto with the number found. */
static int
settle_latents(job *j)
{
  cli *c = j->c;
  const char *text = cli_value(c, "latents");
  nax_status s;
  if (j->m != NULL) {
    return CLI_OK;
  }
  if (strcmp(text, "auto") != 0) {
    s = nax_options_set(c->ctx, nax_options_table("gpfa"), &j->fit, "latents", text);
    return s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  if (j->n_trials < 2) {
    return cli_error(c, CLI_REJECTED,
                     "%s: one trial does not tell how many latents there are, give "
                     "--latents=Q or --piece=SECONDS",
                     cli_input_name(c->args[0]));
  }
  if (!cli_has(c, "folds") && j->select.n_folds > j->n_trials) {
    j->select.n_folds = j->n_trials;
  }
  s = nax_gpfa_select(c->ctx, j->n_trials, j->trials, &j->fit, &j->select, &j->numbers,
                      &j->info.chosen);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  j->fit.n_latents = j->info.chosen.latents;
  cli_note(c, 0, "%lld latent%s (best score with %lld)", (long long)j->fit.n_latents,
           j->fit.n_latents > 1 ? "s" : "", (long long)j->info.chosen.best);
  const double *number =
      nax_table_numbers(j->numbers, nax_table_find(j->numbers, "latents"));
  const double *told =
      nax_table_numbers(j->numbers, nax_table_find(j->numbers, "predicted"));
  if ((double)j->info.chosen.best == number[nax_table_n_rows(j->numbers) - 1]) {
    cli_note(
        c, 0,
        "the best score is that of the largest number tried: more (--latents-max) may "
        "predict better still");
  }
  if (told[j->info.chosen.latents - (int64_t)number[0]] <= 0.0) {
    cli_note(
        c, 0,
        "with so many latents held-out neurons are told no better than by their means");
  }
  return CLI_OK;
}

static nax_status
save(job *j, json_t *done, const char *path)
{
  cli *c = j->c;
  nax_dataset *d = NULL;
  nax_status s = nax_gpfa_dataset(c->ctx, j->m, j->p, &j->info.labels, j->explained, &d);
  if (s == NAX_OK && cli_has(c, "leave-neuron-out")) {
    s = nax_gpfa_add_left_out(c->ctx, d, j->m, j->n_trials, j->trials, &j->info.labels);
    j->left_out = nax_dataset_number(d, "gpfa_left_out_log_density");
  }
  if (s == NAX_OK && j->numbers != NULL) {
    s = nax_dataset_add_table(c->ctx, d, "numbers", j->numbers);
    j->info.numbers = s == NAX_OK ? j->numbers : NULL;
    j->numbers = s == NAX_OK ? NULL : j->numbers;
  }
  if (s == NAX_OK) {
    char *steps = cli_json_line(done);
    s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
    free(steps);
  }
  s = s == NAX_OK ? nax_dataset_set_text(c->ctx, d, "gpfa_given",
                                         j->infer.given == NAX_GPFA_FILTERED ? "filtered"
                                                                             : "smoothed")
                  : s;
  s = s == NAX_OK
          ? nax_dataset_set_number(c->ctx, d, "gpfa_ahead", (double)j->infer.ahead)
          : s;
  s = s == NAX_OK ? cli_provenance(c, d, 1, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    j->info.subject = cli_input_name(c->args[0]);
    j->info.explained = j->explained;
    s = nax_report_gpfa(c->ctx, j->m, j->p, &j->info, &r, page);
  }
  nax_dataset_free(d);
  return s;
}

static nax_status
fit(job *j)
{
  cli *c = j->c;
  nax_status s = j->m != NULL
                     ? NAX_OK
                     : nax_gpfa_fit(c->ctx, j->n_trials, j->trials, NULL, &j->fit, &j->m);
  if (s == NAX_OK) {
    j->explained = cli_alloc((size_t)nax_gpfa_get(j->m).n_latents, sizeof(double));
    s = nax_gpfa_explained(c->ctx, j->m, j->n_trials, j->trials, j->explained);
  }
  return s == NAX_OK
             ? nax_gpfa_infer(c->ctx, j->m, j->n_trials, j->trials, &j->infer, &j->p)
             : s;
}

static int
fit_and_save(job *j, int32_t v, const char *path)
{
  cli *c = j->c;
  json_t *done = json_array();
  int were_spikes = nax_source_var(j->chain.source, v)->kind == NAX_VAR_SPIKES;
  int status = cli_chain_run(&j->chain, v, done);
  status = status == CLI_OK ? count_spikes(j, done) : status;
  status = status == CLI_OK ? make_trials(j, were_spikes) : status;
  status = status == CLI_OK && j->n_trials == 0
               ? cli_error(c, CLI_REJECTED, "%s: no trial has any value",
                           cli_input_name(c->args[0]))
               : status;
  status = status == CLI_OK ? find_conditions(j) : status;
  status = status == CLI_OK ? settle_latents(j) : status;
  if (status == CLI_OK) {
    nax_status s = fit(j);
    s = s == NAX_OK ? save(j, done, path) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  json_decref(done);
  if (status != CLI_OK) {
    return status;
  }
  double total = 0.0;
  char number[32];
  nax_index q = nax_gpfa_get(j->m).n_latents;
  for (nax_index l = 0; l < q; l++) {
    total += j->explained[l];
  }
  if (j->fit.likelihood == NAX_GPFA_GAUSSIAN) {
    cli_note(c, 0, "%lld latent%s %s %% of the variance", (long long)q,
             q > 1 ? "s explain" : " explains", cli_short(number, 100.0 * total, 4));
  }
  cli_note(c, j->was_fitted ? 1 : 0, "log likelihood of the trials: %s",
           cli_short(number, nax_gpfa_posterior_loglik(j->p), 9));
  if (cli_has(c, "leave-neuron-out")) {
    cli_note(c, 0, "log density of each neuron given the others: %s",
             cli_short(number, j->left_out, 9));
  }
  if (j->was_fitted && nax_gpfa_stop(j->m) != NAX_STOP_TOL) {
    if (nax_gpfa_stop(j->m) == NAX_STOP_ITER) { /* other reasons are warnings already */
      cli_note(c, 0, "the fit did not converge: raise --max-iter%s",
               j->fit.optimiser == NAX_GPFA_EM && j->fit.likelihood == NAX_GPFA_GAUSSIAN
                   ? ", or --optimiser=em+lbfgs"
                   : "");
    }
    status = cli_has(c, "strict") ? CLI_NOT_CONVERGED : status;
  }
  return status;
}

static int
run_gpfa(cli *c)
{
  nax_source_opts o;
  job j = {.c = c};
  const char *path;
  int status = cli_begin_analysis(c, &path, &o, &j.save);
  status = status == CLI_OK ? cli_fill(c, "gpfa", &j.fit) : status;
  status = status == CLI_OK ? cli_fill(c, "gpfa-select", &j.select) : status;
  status = status == CLI_OK ? cli_fill(c, "gpfa-infer", &j.infer) : status;
  status = status == CLI_OK ? load_model(&j) : status;
  j.was_fitted = j.m == NULL;
  if (status == CLI_OK && j.was_fitted && j.fit.likelihood == NAX_GPFA_GAUSSIAN) {
    /* the likelihood itself, after some iterations of EM: further, in less time */
    j.fit.optimiser = cli_has(c, "optimiser") ? j.fit.optimiser : NAX_GPFA_EM_LBFGS;
    j.fit.em_first = cli_has(c, "em-first") ? j.fit.em_first : 10;
    j.fit.tol =
        cli_has(c, "tol") || j.fit.optimiser != NAX_GPFA_EM_LBFGS ? j.fit.tol : 1e-5;
  }
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &j.chain.source) : status;
  if (status == CLI_OK) {
    j.chain.c = c;
    int32_t v = cli_choose(c, j.chain.source);
    status = v < 0 ? CLI_USAGE : fit_and_save(&j, v, path);
  }
  nax_gpfa_free(j.m);
  nax_gpfa_posterior_free(j.p);
  nax_table_free(j.numbers);
  nax_axis_free(j.trial_axis);
  for (nax_index k = 0; k < j.info.n_conditions; k++) {
    free(j.condition_name[k]);
  }
  free(j.condition_name);
  free(j.condition);
  free(j.explained);
  free(j.trials);
  free(j.position);
  cli_chain_free(&j.chain);
  nax_source_close(j.chain.source);
  return status;
}

const cli_cmd cli_cmd_gpfa = {
    "gpfa",
    "Methods",
    "FILE -o OUTPUT",
    "smooth trajectories of the population in few dimensions, trial by trial",
    "Gaussian-process factor analysis: the neurons are linear in a few latents that are "
    "smooth in time, each with its own length scale, plus noise of their own (or, with "
    "--likelihood=poisson, counts with exponential rates). Trials may differ in length, "
    "and values may be missing. Spike trains are counted in bins of each trial of the "
    "input's table of trials, and the square root of the counts is taken; --cut or "
    "--align choose other trials and bins. Calcium and other traces are taken as they "
    "are; without trials a long recording is cut into pieces. With --latents=auto the "
    "number of latents is chosen by cross-validation over trials: each neuron of a "
    "held-out trial is predicted from the others. The Gaussian model is fitted by "
    "--optimiser=em+lbfgs with --em-first=10 and --tol=1e-5 where these are not given. "
    "With --model a result is applied to other trials of the same neurons: their latents, "
    "their likelihood, and each neuron as the others predict it.",
    "  neuraxis gpfa units.nwb -o latents.nc --report latents.html\n"
    "  neuraxis gpfa units.nwb --cut=0.05 --latents=4 --condition=side -o latents.nc\n"
    "  neuraxis gpfa plane0 --rate=30 --dff --piece=10 --optimiser=em+lbfgs -o latents.nc\n"
    "  neuraxis gpfa trials.nc --likelihood=poisson --latents=3 -o latents.nc\n"
    "  neuraxis gpfa units.nwb --latents=3 --given=filtered -o causal.nc\n"
    "  neuraxis gpfa later.nwb --model=latents.nc --leave-neuron-out -o later.nc\n",
    gpfa_sections,
    run_gpfa,
    1,
    1,
    cli_steps_help};
