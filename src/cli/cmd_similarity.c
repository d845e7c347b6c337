/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis similarity: representations of the same observations against each other. */
#include "steps.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt own_opts[] = {
    {"axis", "NAME", NULL, "axis of the observations  [trial, else the last]", NULL,
     CLI_TEXT, 0, 0, 0},
    {"encoding", NULL, NULL,
     "how well the first file's channels predict each of the second's, by ridge regression "
     "on the other folds",
     NULL, CLI_FLAG, 0, 0, 0},
    {"folds", "N", "5",
     "folds for --encoding: stretches of observations that follow each other", NULL,
     CLI_NUMBER, 0, 0, 0},
    {"repetitions", "AXIS", NULL,
     "axis of repetitions of the second file: its mean is predicted, and scores are also "
     "given over the noise ceiling (--encoding)",
     NULL, CLI_TEXT, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the results to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section sections[] = {
    {"Options", own_opts, NULL, NULL},
    {"Steps before, in the order given", NULL, NULL, cli_step_opts},
    {"Similarity", NULL, "similarity", NULL},
    {"Prediction", NULL, "encoding", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Table on standard output", cli_format_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* One representation: channel x observation, or channel x repetition x observation. */
typedef struct representation {
  cli_chain chain;
  nax_view x;
  const nax_axis *channels;
} representation;

/* The array as it is compared; `repetitions`: name of that axis, or NULL. */
static int
arrange(cli *c, const char *file, const char *repetitions, representation *r)
{
  const nax_array *a = r->chain.a;
  const char *name = cli_value(c, "axis"), *wanted = name != NULL ? name : "trial";
  int32_t ndim = nax_array_ndim(a), expected = repetitions != NULL ? 3 : 2;
  int32_t obs = nax_array_find_axis(a, wanted), order[3] = {-1, -1, -1};
  int32_t rep = repetitions != NULL ? nax_array_find_axis(a, repetitions) : -1;
  obs = obs < 0 && name == NULL ? ndim - 1 : obs;
  if (obs < 0 || (repetitions != NULL && rep < 0)) {
    return cli_error(c, CLI_USAGE, "%s: there is no axis `%s`", cli_input_name(file),
                     obs < 0 ? name : repetitions);
  }
  if (ndim != expected || rep == obs) {
    return cli_error(c, CLI_REJECTED,
                     "%s: expected channels and observations%s, found %d axes (take one "
                     "of them with --select, or --axis says which is which)",
                     cli_input_name(file), repetitions != NULL ? " and repetitions" : "",
                     (int)ndim);
  }
  order[expected - 1] = obs;
  order[1] = expected == 3 ? rep : order[1];
  for (int32_t k = 0; k < ndim; k++) {
    order[0] = k != obs && k != rep ? k : order[0];
  }
  r->channels = nax_array_axis(a, order[0]);
  nax_view v = nax_array_view(a);
  nax_status s = nax_view_permute(c->ctx, &v, order, &r->x);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static int
read_one(cli *c, const char *file, const nax_source_opts *so, const char *repetitions,
         json_t *done, representation *r)
{
  int status = cli_open(c, file, so, &r->chain.source);
  int32_t v = status == CLI_OK ? cli_choose(c, r->chain.source) : -1;
  r->chain.c = c;
  if (status == CLI_OK && v < 0) {
    return CLI_USAGE;
  }
  json_array_clear(done);
  status = status == CLI_OK ? cli_chain_run(&r->chain, v, done) : status;
  if (status == CLI_OK && r->chain.a == NULL) {
    return cli_error(
        c, CLI_USAGE,
        "%s: these are spike trains, count them first: give --align or --bin",
        cli_input_name(file));
  }
  return status == CLI_OK ? arrange(c, file, repetitions, r) : status;
}

/* Each pair of files as a row, or for --measure=pwcca each ordered pair. */
static nax_status
pairs(cli *c, const representation *r, const nax_similarity_opts *o, nax_table **table,
      nax_array **matrix)
{
  nax_index n = c->n_args, rows = 0;
  int ordered = o->measure == NAX_SIMILARITY_PWCCA;
  nax_view *sets = cli_alloc((size_t)n, sizeof *sets);
  nax_axis *axis = NULL, *other = NULL;
  const char **a = cli_alloc((size_t)(n * n), sizeof *a);
  const char **b = cli_alloc((size_t)(n * n), sizeof *b);
  double *x = cli_alloc((size_t)(n * n), sizeof *x);
  for (nax_index i = 0; i < n; i++) {
    sets[i] = r[i].x;
  }
  nax_status s = nax_axis_create_labels(c->ctx, "representation", n, c->args, &axis);
  s = s == NAX_OK ? nax_axis_rename(c->ctx, axis, "representation_2", &other) : s;
  s = s == NAX_OK ? nax_array_create(c->ctx, NAX_F64, 2,
                                     (const nax_axis *[]){axis, other}, "", matrix)
                  : s;
  s = s == NAX_OK ? nax_similarity_matrix(c->ctx, n, sets, o, nax_array_data_mut(*matrix))
                  : s;
  s = s == NAX_OK ? nax_array_set_description(c->ctx, *matrix, cli_value(c, "measure"))
                  : s;
  const double *m = s == NAX_OK ? nax_array_data(*matrix) : NULL;
  for (nax_index i = 0; m != NULL && i < n; i++) {
    for (nax_index j = ordered ? 0 : i + 1; j < n; j++) {
      if (i != j) {
        a[rows] = c->args[i];
        b[rows] = c->args[j];
        x[rows++] = m[i + j * n];
      }
    }
  }
  s = s == NAX_OK ? nax_table_create(c->ctx, "pair", rows, table) : s;
  s = s == NAX_OK ? nax_table_add_text(c->ctx, *table, "first", a) : s;
  s = s == NAX_OK ? nax_table_add_text(c->ctx, *table, "second", b) : s;
  s = s == NAX_OK ? nax_table_add_numbers(c->ctx, *table, "similarity", "", x) : s;
  free(sets);
  free(a);
  free(b);
  free(x);
  nax_axis_free(axis);
  nax_axis_free(other);
  return s;
}

/* Means over repetitions, target x observation, and the ceiling of each target. */
static nax_status
average(cli *c, const representation *y, nax_array **mean, double *ceiling)
{
  const nax_array *a = y->chain.a;
  int32_t rep = nax_array_find_axis(a, cli_value(c, "repetitions"));
  nax_status s = nax_encoding_ceiling(c->ctx, &y->x, y->x.dim[1], ceiling);
  return s == NAX_OK ? nax_array_reduce(c->ctx, a, rep, NAX_REDUCE_MEAN, 0.0, mean) : s;
}

/* The table of targets with their names before it; no normalised score for those whose
 * `ceiling` (or NULL) is 0. */
static nax_status
name_targets(cli *c, const nax_axis *channels, const nax_table *scores,
             const double *ceiling, nax_table **out)
{
  nax_index n = nax_table_n_rows(scores);
  char **name = cli_alloc((size_t)n, sizeof *name);
  double *x = cli_alloc((size_t)n, sizeof *x);
  for (nax_index i = 0; i < n; i++) {
    const char *label = nax_axis_label(channels, i);
    name[i] = label != NULL ? cli_dup(label) : cli_printf("%lld", (long long)i);
  }
  nax_status s = nax_table_create(c->ctx, "target", n, out);
  s = s == NAX_OK
          ? nax_table_add_text(c->ctx, *out, "target", (const char *const *)(void *)name)
          : s;
  for (int32_t k = 0; k < nax_table_n_columns(scores) && s == NAX_OK; k++) {
    const char *column = nax_table_column_name(scores, k);
    int over = ceiling != NULL && strcmp(column, "score_normalised") == 0;
    memcpy(x, nax_table_numbers(scores, k), (size_t)n * sizeof *x);
    for (nax_index i = 0; over && i < n; i++) {
      x[i] = ceiling[i] > 0.0 ? x[i] : NAX_NOT_GIVEN;
    }
    s = nax_table_add_numbers(c->ctx, *out, column, nax_table_column_unit(scores, k), x);
  }
  for (nax_index i = 0; i < n; i++) {
    free(name[i]);
  }
  free(name);
  free(x);
  return s;
}

static nax_status
encode(cli *c, const representation *r, int n_folds, const nax_encoding_opts *o,
       nax_table **out)
{
  nax_index n = r[0].x.dim[r[0].x.ndim - 1], targets = r[1].x.dim[0];
  int64_t *fold = cli_alloc((size_t)n, sizeof *fold);
  double *ceiling = cli_alloc((size_t)targets, sizeof *ceiling);
  double *divisor = cli_alloc((size_t)targets, sizeof *divisor);
  nax_array *mean = NULL;
  nax_table *scores = NULL;
  representation y = {.chain = {.a = NULL}, .x = r[1].x};
  nax_status s = NAX_OK;
  nax_index none = 0;
  int repeated = r[1].x.ndim == 3;
  for (nax_index i = 0; i < n; i++) {
    fold[i] = i * n_folds / n;
  }
  if (repeated) {
    s = average(c, &r[1], &mean, ceiling);
    y.chain.a = mean;
    s = s == NAX_OK && arrange(c, c->args[1], NULL, &y) != CLI_OK ? CLI_TOLD : s;
  }
  for (nax_index t = 0; t < targets && repeated && s == NAX_OK; t++) {
    none += !(ceiling[t] > 0.0);
    divisor[t] = ceiling[t] > 0.0 ? ceiling[t] : 1.0;
  }
  if (none > 0) {
    cli_note(c, 0,
             "repetitions of %lld of %lld targets do not agree: they have no noise "
             "ceiling",
             (long long)none, (long long)targets);
  }
  s = s == NAX_OK ? nax_encoding_score(c->ctx, &r[0].x, &y.x, fold,
                                       repeated ? divisor : NULL, o, &scores)
                  : s;
  s = s == NAX_OK ? name_targets(c, r[1].channels, scores, repeated ? ceiling : NULL, out)
                  : s;
  free(fold);
  free(ceiling);
  free(divisor);
  nax_array_free(mean);
  nax_table_free(scores);
  return s;
}

/* What was found as a dataset, which takes both. */
static nax_status
collect(cli *c, nax_array *matrix, nax_table *table, nax_dataset **out)
{
  const char *rows = matrix != NULL ? "pairs" : "targets";
  nax_status s = nax_dataset_create(c->ctx, out);
  s = s == NAX_OK ? nax_dataset_add_table(c->ctx, *out, rows, table) : s;
  if (s != NAX_OK) {
    nax_table_free(table);
    nax_array_free(matrix);
    return s;
  }
  s = matrix != NULL ? nax_dataset_add_array(c->ctx, *out, "similarity", matrix) : s;
  if (s != NAX_OK) {
    nax_array_free(matrix);
    return s;
  }
  return nax_dataset_set_main(c->ctx, *out, matrix != NULL ? "similarity" : rows);
}

static nax_status
save(cli *c, nax_dataset *d, const char *path, const nax_save_opts *opts,
     const json_t *done)
{
  char *steps = cli_json_line(done);
  nax_status s = nax_dataset_set_text(c->ctx, d, "neuraxis_steps", steps);
  free(steps);
  s = s == NAX_OK ? cli_provenance(c, d, c->n_args, c->args) : s;
  return s == NAX_OK ? nax_dataset_save(c->ctx, d, path, opts) : s;
}

static int
check_request(cli *c, int encoding)
{
  if (encoding && c->n_args != 2) {
    return cli_error(c, CLI_USAGE,
                     "--encoding takes two files, features and targets, got %d",
                     c->n_args);
  }
  if (!encoding && (cli_has(c, "repetitions") || cli_has(c, "folds"))) {
    return cli_error(c, CLI_USAGE, "--%s is for --encoding",
                     cli_has(c, "folds") ? "folds" : "repetitions");
  }
  if (encoding && cli_has(c, "measure")) {
    return cli_error(c, CLI_USAGE,
                     "--encoding is a measure of its own: leave --measure out");
  }
  return CLI_OK;
}

static int
run_similarity(cli *c)
{
  nax_source_opts so;
  nax_save_opts sv;
  nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
  nax_encoding_opts e = NAX_ENCODING_OPTS_INIT;
  int encoding = cli_has(c, "encoding");
  const char *path = cli_value(c, "output"), *page = cli_value(c, "report");
  double folds = 0.0;
  int status = check_request(c, encoding);
  status = status == CLI_OK ? cli_number(c, "folds", 2.0, 1e6, &folds) : status;
  status = status == CLI_OK ? cli_begin_analysis(c, NULL, &so, &sv) : status;
  status = status == CLI_OK
               ? (encoding ? cli_fill(c, "encoding", &e) : cli_fill(c, "similarity", &o))
               : status;
  representation *r = cli_alloc((size_t)c->n_args, sizeof *r);
  nax_dataset *d = NULL;
  json_t *done = json_array();
  for (int i = 0; i < c->n_args && status == CLI_OK; i++) {
    status = read_one(c, c->args[i], &so, i == 1 ? cli_value(c, "repetitions") : NULL,
                      done, &r[i]);
  }
  if (status == CLI_OK) {
    nax_array *matrix = NULL;
    nax_table *table = NULL;
    nax_status s = encoding ? encode(c, r, (int)folds, &e, &table)
                            : pairs(c, r, &o, &table, &matrix);
    if (s == NAX_OK) {
      s = collect(c, matrix, table, &d);
    } else {
      nax_array_free(matrix);
      nax_table_free(table);
    }
    s = s == NAX_OK && path != NULL ? save(c, d, path, &sv, done) : s;
    if (s == NAX_OK && page != NULL) {
      nax_report_opts p = cli_report_opts(c);
      s = nax_report_similarity(c->ctx, d, NULL, &p, page);
    }
    status = s == NAX_OK ? CLI_OK : s == CLI_TOLD ? CLI_REJECTED : cli_fail(c, s);
  }
  if (status == CLI_OK) {
    status = cli_table_emit(c, c->n_args, c->args,
                            nax_dataset_table(d, encoding ? "targets" : "pairs"));
  }
  json_decref(done);
  for (int i = 0; i < c->n_args; i++) {
    cli_chain_free(&r[i].chain);
    nax_source_close(r[i].chain.source);
  }
  free(r);
  nax_dataset_free(d);
  return status;
}

const cli_cmd cli_cmd_similarity = {
    "similarity",
    "Methods",
    "FILE FILE...",
    "how similar representations of the same observations are, without RDMs",
    "Compares recordings or layers whose channels differ but whose observations (trials, "
    "conditions, times) are the same and in the same order: a row for each pair of files "
    "with its similarity, or with --encoding a row for each channel of the second file "
    "with how well the first predicts it. cka, cka-rbf and distance-correlation are "
    "without the bias that noise gives them, so they are 0 on average for independent "
    "responses, and may be negative; procrustes is a distance, shape and permutation are "
    "angles in radians: 0 for equal ones. pwcca weighs by the first file, so both orders "
    "are shown. With -o the matrix of all files, or the table of targets, goes to a file "
    "too, and with --report to a page.",
    "  neuraxis similarity v1.npy v4.npy it.npy\n"
    "  neuraxis similarity v1.npy v4.npy --measure=shape -o shapes.nc\n"
    "  neuraxis similarity layer.npy voxels.nc --encoding --repetitions=repetition\n",
    sections,
    run_similarity,
    2,
    -1,
    cli_steps_help};
