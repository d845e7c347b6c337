/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis rsa: which model explains the geometry of the responses. */
#include "cli_i.h"
#include <stdlib.h>
#include <string.h>

static const cli_opt rsa_own_opts[] = {
    {"group", "FILE", NULL,
     "RDMs of a second group of subjects: compare the models between the groups", NULL,
     CLI_TEXT, 0, 0, 0},
    {"sigma-k", "FILE", NULL,
     "covariance of the noise between conditions, for whitened comparators", NULL,
     CLI_TEXT, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the comparison to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section rsa_sections[] = {
    {"Options", rsa_own_opts, NULL, NULL},
    {"Comparison", NULL, "rsa", NULL},
    {"Table on standard output", cli_format_opts, NULL, NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* All that one run holds. */
typedef struct job {
  cli *c;
  nax_rsa_opts o;
  nax_save_opts save;
  nax_rdms *data, *group;
  nax_array *sigma;
  nax_rsa_model *models;
  nax_rdms **sets; /* of each model */
  char **names;
  const char **files; /* of the arguments */
  int n_files;
  int64_t n_models;
  int all_fixed;
  nax_rsa *r;
} job;

static void
job_free(job *j)
{
  for (int64_t k = 0; k < j->n_models; k++) {
    nax_rdms_free(j->sets[k]);
    free(j->names[k]);
  }
  free(j->sets);
  free(j->names);
  free(j->models);
  free(j->files);
  nax_rdms_free(j->data);
  nax_rdms_free(j->group);
  nax_array_free(j->sigma);
  nax_rsa_free(j->r);
}

/* The main array of a file. */
static int
load_array(cli *c, const char *file, const nax_source_opts *o, nax_array **out)
{
  nax_source *s = NULL;
  int status = cli_open(c, file, o, &s);
  if (status != CLI_OK) {
    return status;
  }
  int32_t v = nax_source_main(s);
  if (v < 0 || nax_source_var(s, v)->kind != NAX_VAR_ARRAY) {
    status = cli_error(c, CLI_REJECTED, "%s: there is no array that stands out",
                       cli_input_name(file));
  } else {
    nax_status st = nax_source_load_array(c->ctx, s, v, NAX_F64, out);
    status = st == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(file), st);
  }
  nax_source_close(s);
  return status;
}

static int
load_rdms(cli *c, const char *file, const nax_source_opts *o, nax_rdms **out)
{
  nax_array *a = NULL;
  int status = load_array(c, file, o, &a);
  if (status == CLI_OK) {
    nax_status s = nax_rdms_from_array(c->ctx, a, out);
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(file), s);
  }
  nax_array_free(a);
  return status;
}

static void
add_model(job *j, nax_rdms *r, int32_t kind, char *name)
{
  size_t n = (size_t)j->n_models + 1;
  j->models = cli_grow(j->models, n, sizeof *j->models);
  j->sets = cli_grow(j->sets, n, sizeof *j->sets);
  j->names = cli_grow(j->names, n, sizeof *j->names);
  j->sets[n - 1] = r;
  j->names[n - 1] = name;
  j->models[n - 1] = (nax_rsa_model){name, r, kind};
  j->n_models++;
  j->all_fixed = j->all_fixed && kind == NAX_RSA_FIXED;
}

/* Name of a file without folder and ending. */
static char *
stem(const char *file)
{
  const char *slash = strrchr(file, '/');
  char *s = cli_dup(slash != NULL ? slash + 1 : file), *dot = strrchr(s, '.');
  if (dot != NULL && dot != s) {
    *dot = '\0';
  }
  return s;
}

/* Each RDM of a file is a fixed model. */
static nax_status
add_each(job *j, const nax_rdms *r, const char *file)
{
  cli *c = j->c;
  nax_status s = NAX_OK;
  for (nax_index k = 0; k < nax_rdms_count(r) && s == NAX_OK; k++) {
    nax_rdms *one = NULL;
    const char *label = nax_axis_label(nax_rdms_axis(r), k);
    s = nax_rdms_take(c->ctx, r, 1, &k, &one);
    if (s != NAX_OK) {
      break;
    }
    char *base = stem(label != NULL && label[0] != '\0' ? label : file);
    char *name = nax_rdms_count(r) == 1 || (label != NULL && label[0] != '\0')
                     ? cli_dup(base)
                     : cli_printf("%s %lld", base, (long long)k + 1);
    free(base);
    add_model(j, one, NAX_RSA_FIXED, name);
  }
  return s;
}

/* "a,b,b,a": conditions of the same label do not differ, others do. */
static int
add_labels(job *j, const char *text)
{
  cli *c = j->c;
  nax_index n = 1, k = 0;
  char *copy = cli_dup(text);
  for (const char *p = text; *p != '\0'; p++) {
    n += *p == ',';
  }
  const char **label = cli_alloc((size_t)n, sizeof *label);
  for (char *p = copy; p != NULL;) {
    char *comma = strchr(p, ',');
    label[k++] = p;
    if (comma != NULL) {
      *comma++ = '\0';
    }
    p = comma;
  }
  int status = CLI_OK;
  if (n != nax_rdms_n_conditions(j->data)) {
    status = cli_error(c, CLI_USAGE, "labels: %lld labels for %lld conditions",
                       (long long)n, (long long)nax_rdms_n_conditions(j->data));
  } else {
    double *d = cli_alloc((size_t)nax_rdm_pairs(n), sizeof *d);
    nax_rdms *r = NULL;
    for (nax_index a = 0, p = 0; a < n; a++) {
      for (nax_index b = a + 1; b < n; b++, p++) {
        d[p] = strcmp(label[a], label[b]) != 0;
      }
    }
    nax_status s = nax_rdms_create(c->ctx, n, 1, d, &r);
    if (s == NAX_OK) {
      add_model(j, r, NAX_RSA_FIXED,
                cli_printf("labels %lld", (long long)j->n_models + 1));
    }
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
    free(d);
  }
  free(label);
  free(copy);
  return status;
}

/* A matrix of features (feature x condition): squared Euclidean distances. */
static int
add_features(job *j, const char *file, const nax_source_opts *o)
{
  cli *c = j->c;
  nax_array *a = NULL;
  nax_rdms *r = NULL;
  int status = load_array(c, file, o, &a);
  if (status != CLI_OK) {
    return status;
  }
  nax_index n = nax_rdms_n_conditions(j->data);
  nax_view v = nax_array_view(a);
  int64_t *condition = cli_alloc((size_t)n, sizeof *condition);
  for (nax_index i = 0; i < n; i++) {
    condition[i] = i;
  }
  nax_status s = NAX_OK;
  if (v.ndim != 2 || (v.dim[0] != n && v.dim[1] != n)) {
    status = cli_error(c, CLI_REJECTED,
                       "%s: expected features x %lld conditions, or the reverse",
                       cli_input_name(file), (long long)n);
  } else {
    s = v.dim[1] == n ? NAX_OK : nax_view_permute(c->ctx, &v, (int32_t[]){1, 0}, &v);
    s = s == NAX_OK ? nax_rdm_fit(c->ctx, &v, condition, NULL, NULL, NULL, &r) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(file), s);
  }
  if (status == CLI_OK) {
    add_model(j, r, NAX_RSA_FIXED, stem(file));
  }
  free(condition);
  nax_array_free(a);
  return status;
}

/* [KIND:]FILE */
static int
add_argument(job *j, const char *arg)
{
  static const struct {
    const char *prefix;
    int32_t kind; /* 0: features, -1: labels */
  } kinds[] = {{"fixed:", NAX_RSA_FIXED},
               {"select:", NAX_RSA_SELECT},
               {"weighted:", NAX_RSA_WEIGHTED},
               {"nonnegative:", NAX_RSA_NONNEGATIVE},
               {"interpolate:", NAX_RSA_INTERPOLATE},
               {"features:", 0},
               {"labels:", -1}};
  cli *c = j->c;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  int32_t kind = NAX_RSA_FIXED;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    size_t n = strlen(kinds[i].prefix);
    if (strncmp(arg, kinds[i].prefix, n) == 0) {
      kind = kinds[i].kind;
      arg += n;
      break;
    }
  }
  if (kind == -1) {
    return add_labels(j, arg);
  }
  j->files[j->n_files++] = arg;
  if (kind == 0) {
    return add_features(j, arg, &o);
  }
  nax_rdms *r = NULL;
  int status = load_rdms(c, arg, &o, &r);
  if (status != CLI_OK) {
    return status;
  }
  if (kind != NAX_RSA_FIXED) {
    add_model(j, r, kind, stem(arg));
    return CLI_OK;
  }
  nax_status s = add_each(j, r, arg);
  nax_rdms_free(r);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

/* The first RDM of each model, for the page and the comparison of groups. */
static nax_status
first_rdms(job *j, nax_rdms **out)
{
  cli *c = j->c;
  nax_rdms **one = cli_alloc((size_t)j->n_models, sizeof *one);
  nax_status s = NAX_OK;
  for (int64_t k = 0; k < j->n_models && s == NAX_OK; k++) {
    s = nax_rdms_take(c->ctx, j->sets[k], 1, (nax_index[]){0}, &one[k]);
  }
  s = s == NAX_OK
          ? nax_rdms_concat(c->ctx, j->n_models, (const nax_rdms *const *)one, out)
          : s;
  for (int64_t k = 0; k < j->n_models; k++) {
    nax_rdms_free(one[k]);
  }
  free(one);
  return s;
}

/* The models between the groups as a table of the result. */
static nax_status
add_groups(job *j, const nax_rdms *models, const nax_view *sigma, nax_dataset *d)
{
  cli *c = j->c;
  size_t n = (size_t)j->n_models;
  nax_rsa_group_difference *g = cli_alloc(n, sizeof *g);
  double *x = cli_alloc(n, sizeof *x);
  nax_table *t = NULL;
  static const struct {
    const char *name;
    size_t offset;
  } columns[] = {{"mean", offsetof(nax_rsa_group_difference, mean_a)},
                 {"mean_group", offsetof(nax_rsa_group_difference, mean_b)},
                 {"difference", offsetof(nax_rsa_group_difference, difference)},
                 {"se", offsetof(nax_rsa_group_difference, se)},
                 {"p", offsetof(nax_rsa_group_difference, p)},
                 {"p_permutation", offsetof(nax_rsa_group_difference, p_permutation)},
                 {"p_max", offsetof(nax_rsa_group_difference, p_max)}};
  nax_status s = nax_rsa_compare_groups(
      c->ctx, j->data, j->group, models, (nax_rsa_comparator)j->o.comparator, sigma,
      j->o.n_permutations > 0 ? j->o.n_permutations : 1000, j->o.seed, g);
  s = s == NAX_OK ? nax_table_create(c->ctx, "model_2", (nax_index)n, &t) : s;
  s = s == NAX_OK ? nax_table_add_text(c->ctx, t, "model", (const char *const *)j->names)
                  : s;
  for (size_t k = 0; k < sizeof columns / sizeof columns[0] && s == NAX_OK; k++) {
    for (size_t i = 0; i < n; i++) {
      memcpy(&x[i], (const char *)&g[i] + columns[k].offset, sizeof *x);
    }
    s = nax_table_add_numbers(c->ctx, t, columns[k].name, NULL, x);
  }
  s = s == NAX_OK ? nax_dataset_add_table(c->ctx, d, "groups", t) : s;
  if (s != NAX_OK) {
    nax_table_free(t);
  }
  free(g);
  free(x);
  return s;
}

/* Files, the page, and the table of the models on standard output. */
static int
deliver(job *j, const nax_view *sigma)
{
  cli *c = j->c;
  const char *path = cli_value(c, "output"), *page = cli_value(c, "report");
  nax_dataset *d = NULL;
  nax_rdms *models = NULL;
  nax_status s = nax_rsa_dataset(c->ctx, j->r, nax_rdms_axis(j->data), &d);
  s = s == NAX_OK ? first_rdms(j, &models) : s;
  s = s == NAX_OK && j->group != NULL ? add_groups(j, models, sigma, d) : s;
  s = s == NAX_OK && path != NULL ? cli_provenance(c, d, j->n_files, j->files) : s;
  s = s == NAX_OK && path != NULL ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  if (s == NAX_OK && page != NULL) {
    nax_report_opts o = NAX_REPORT_OPTS_INIT;
    o.command = c->line;
    o.force = cli_has(c, "force");
    s = nax_report_rsa(c->ctx, j->r, j->data, models, cli_input_name(c->args[0]), &o,
                       page);
  }
  int status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  if (status == CLI_OK && path == NULL) {
    status = cli_table_emit(c, j->n_files, j->files,
                            nax_dataset_table(d, j->group != NULL ? "groups" : "models"));
  }
  nax_rdms_free(models);
  nax_dataset_free(d);
  return status;
}

static int
compare(job *j, const nax_source_opts *so)
{
  cli *c = j->c;
  const char *group = cli_value(c, "group"), *sigma_file = cli_value(c, "sigma-k");
  const nax_source_opts plain = NAX_SOURCE_OPTS_INIT;
  nax_view sigma;
  j->files = cli_alloc((size_t)c->n_args, sizeof *j->files);
  j->files[j->n_files++] = c->args[0];
  int status = load_rdms(c, c->args[0], so, &j->data);
  for (int i = 1; i < c->n_args && status == CLI_OK; i++) {
    status = add_argument(j, c->args[i]);
  }
  status =
      status == CLI_OK && group != NULL ? load_rdms(c, group, so, &j->group) : status;
  if (status == CLI_OK && group != NULL && !j->all_fixed) {
    status = cli_error(c, CLI_USAGE, "--group compares fixed models only");
  }
  status = status == CLI_OK && sigma_file != NULL
               ? load_array(c, sigma_file, &plain, &j->sigma)
               : status;
  if (status != CLI_OK) {
    return status;
  }
  if (j->sigma != NULL) {
    sigma = nax_array_view(j->sigma);
  }
  const nax_view *s = j->sigma != NULL ? &sigma : NULL;
  nax_status st = nax_rsa_fit(c->ctx, j->data, j->n_models, j->models, s, &j->o, &j->r);
  return st == NAX_OK ? deliver(j, s) : cli_fail(c, st);
}

static int
run_rsa(cli *c)
{
  nax_source_opts so;
  job j = {.c = c, .all_fixed = 1};
  int status = cli_begin_analysis(c, NULL, &so, &j.save);
  status = status == CLI_OK ? cli_fill(c, "rsa", &j.o) : status;
  status = status == CLI_OK ? compare(&j, &so) : status;
  job_free(&j);
  return status;
}

const cli_cmd cli_cmd_rsa = {
    "rsa",
    "Methods",
    "RDMS MODEL...",
    "which model explains the geometry of the responses",
    "Compare models with the dissimilarity matrices (RDMs) of subjects, and with each "
    "other. RDMS is a file of neuraxis rdm, or any array condition x condition (x "
    "subject). Each RDM of a MODEL file is a model; before the name, select:, weighted:, "
    "nonnegative: or interpolate: make one flexible model of all RDMs in the file, "
    "features: takes a matrix of features x conditions, and labels:A,A,B... says which "
    "conditions are of a kind. Without -o the table of the models is printed.",
    "  neuraxis rsa rdms.nc models.nc --comparator=rho-a --resample=dual "
    "\\\n    -o rsa.nc --report rsa.html\n"
    "  neuraxis rsa rdms.nc labels:face,face,house,house select:layers.nc\n"
    "  neuraxis rsa patients.nc models.nc --group=controls.nc\n",
    rsa_sections,
    run_rsa,
    2,
    -1,
    NULL};
