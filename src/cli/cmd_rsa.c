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
    {"subject", "NAME", NULL,
     "whose each RDM is, where subjects have several (sessions): an axis of RDMS, or whole "
     "numbers, comma-separated",
     NULL, CLI_TEXT, 0, 0, 0},
    {"average", NULL, NULL,
     "take the mean of the RDMs of each subject first (with --subject)", NULL, CLI_FLAG,
     0, 0, 0},
    {"clusters", "P", NULL,
     "RDMS are over time: when is each model, and the difference of each two, related to "
     "them? Neighbouring times with p below P make a cluster, which is tested across "
     "subjects",
     NULL, CLI_NUMBER, 0, 0, 0},
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
  nax_array *array; /* that the data are made of */
  int64_t *subject; /* of each RDM, or NULL */
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
  nax_array_free(j->array);
  free(j->subject);
  nax_rdms_free(j->group);
  nax_array_free(j->sigma);
  nax_rsa_free(j->r);
}

/* 1 for a square array of n x n (n 0: of any size). */
static int
is_square(const nax_var_info *v, nax_index n)
{
  return v->kind == NAX_VAR_ARRAY && v->ndim == 2 && v->dim[0] == v->dim[1] &&
         v->dim[0] > 2 && (n == 0 || v->dim[0] == n);
}

/* Name of an RDM among several in a file: text "X.name" beside variable "X.RDM", or the
 * name of the variable. */
static const char *
square_name(const nax_source *s, const char *var)
{
  const char *dot = strrchr(var, '.');
  for (int32_t i = 0; dot != NULL && i < nax_source_n_attrs(s); i++) {
    const char *key, *text;
    double number;
    size_t n = (size_t)(dot - var);
    nax_source_attr(s, i, &key, &text, &number);
    if (text != NULL && strncmp(key, var, n) == 0 && strcmp(key + n, ".name") == 0) {
      return text;
    }
  }
  return var;
}

/* The square arrays of a file as one, in their order: a struct array of RDMs. */
static nax_status
load_squares(cli *c, nax_source *source, nax_array **out)
{
  nax_index n = 0, count = 0;
  const char **name = cli_alloc((size_t)nax_source_n_vars(source) + 1, sizeof *name);
  nax_axis *axis[3] = {NULL, NULL, NULL};
  for (int32_t i = 0; i < nax_source_n_vars(source); i++) {
    const nax_var_info *v = nax_source_var(source, i);
    if (is_square(v, n)) {
      n = v->dim[0];
      name[count++] = square_name(source, v->name);
    }
  }
  nax_status s = nax_axis_create_index(c->ctx, "condition", n, &axis[0]);
  s = s == NAX_OK ? nax_axis_create_index(c->ctx, "condition_2", n, &axis[1]) : s;
  s = s == NAX_OK ? nax_axis_create_labels(c->ctx, "rdm", count, name, &axis[2]) : s;
  s = s == NAX_OK
          ? nax_array_create(c->ctx, NAX_F64, 3, (const nax_axis *const *)axis, "1", out)
          : s;
  double *to = s == NAX_OK ? nax_array_data_mut(*out) : NULL;
  for (int32_t i = 0; i < nax_source_n_vars(source) && s == NAX_OK; i++) {
    if (is_square(nax_source_var(source, i), n)) {
      s = nax_source_read(c->ctx, source, i, (nax_index[]){0, 0}, (nax_index[]){n, n},
                          NAX_F64, to, n * n);
      to += n * n;
    }
  }
  if (s != NAX_OK) {
    nax_array_free(*out);
    *out = NULL;
  }
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  free(name);
  return s;
}

static int
has_squares(const nax_source *source)
{
  int n = 0;
  for (int32_t i = 0; i < nax_source_n_vars(source); i++) {
    n += is_square(nax_source_var(source, i), 0);
  }
  return n > 0;
}

/* The main array of a file, or all that are square where none stands out. */
static int
load_array(cli *c, const char *file, const nax_source_opts *o, nax_array **out)
{
  nax_source *s = NULL;
  int status = cli_open(c, file, o, &s);
  if (status != CLI_OK) {
    return status;
  }
  int32_t v = nax_source_main(s);
  if (v < 0 && has_squares(s)) {
    nax_status st = load_squares(c, s, out);
    status = st == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(file), st);
  } else if (v < 0 || nax_source_var(s, v)->kind != NAX_VAR_ARRAY) {
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

enum { MOST_PARTS = 8 };

/* A weighted model of each choice of the RDMs in a file. */
static int
add_family(job *j, const nax_rdms *r, const char *file)
{
  cli *c = j->c;
  nax_index n = nax_rdms_count(r), index[MOST_PARTS];
  if (n > MOST_PARTS) {
    return cli_error(c, CLI_USAGE,
                     "%s: a family of %lld RDMs has too many members, at "
                     "most %d RDMs",
                     cli_input_name(file), (long long)n, MOST_PARTS);
  }
  char *base = stem(file);
  nax_status s = NAX_OK;
  for (int set = 1; set < 1 << n && s == NAX_OK; set++) {
    nax_rdms *some = NULL;
    nax_index k = 0;
    char *name = cli_dup("");
    for (nax_index i = 0; i < n; i++) {
      if (set >> i & 1) {
        const char *label = nax_axis_label(nax_rdms_axis(r), i);
        char *part = label != NULL && label[0] != '\0'
                         ? stem(label)
                         : cli_printf("%s %lld", base, (long long)i + 1);
        char *longer = cli_printf("%s%s%s", name, k > 0 ? "+" : "", part);
        free(part);
        free(name);
        name = longer;
        index[k++] = i;
      }
    }
    s = nax_rdms_take(c->ctx, r, k, index, &some);
    if (s == NAX_OK) {
      add_model(j, some, k == 1 ? NAX_RSA_FIXED : NAX_RSA_WEIGHTED, name);
    } else {
      free(name);
    }
  }
  free(base);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

/* [KIND:]FILE */
static int
add_argument(job *j, const char *arg)
{
  static const struct {
    const char *prefix;
    int32_t kind; /* 0: features, -1: labels, -2: family */
  } kinds[] = {{"fixed:", NAX_RSA_FIXED},
               {"select:", NAX_RSA_SELECT},
               {"weighted:", NAX_RSA_WEIGHTED},
               {"nonnegative:", NAX_RSA_NONNEGATIVE},
               {"interpolate:", NAX_RSA_INTERPOLATE},
               {"features:", 0},
               {"labels:", -1},
               {"family:", -2}};
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
  if (kind == -2) {
    status = add_family(j, r, arg);
    nax_rdms_free(r);
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

/* -------------------------------------------------------------------- over time */

/* Length of the time axis of the data, and RDMs that share a time; 0 without one. */
static nax_index
times_of(const job *j, nax_index *stride)
{
  int32_t time = nax_array_find_axis(j->array, "time");
  int32_t first = strcmp(nax_axis_name(nax_array_axis(j->array, 0)), "pair") == 0 ? 1 : 2;
  *stride = 1;
  for (int32_t k = first; k < time; k++) {
    *stride *= nax_array_dim(j->array, k);
  }
  return time < first ? 0 : nax_array_dim(j->array, time);
}

/* Rows of the table of clusters. */
typedef struct rows {
  nax_index n;
  char **model;
  double *column[6];
} rows;

static void
rows_free(rows *t)
{
  for (nax_index i = 0; i < t->n; i++) {
    free(t->model[i]);
  }
  free(t->model);
  for (int k = 0; k < 6; k++) {
    free(t->column[k]);
  }
}

/* Clusters of x (times x subjects) under a name. */
static nax_status
add_clusters(job *j, nax_index times, nax_index subjects, const double *x,
             const char *name, int two_sided, double p, rows *t)
{
  cli *c = j->c;
  static const char *const names[] = {"points", "first", "last", "peak", "sum_t", "p"};
  const nax_axis *axis = nax_array_axis(j->array, nax_array_find_axis(j->array, "time"));
  nax_table *one = NULL;
  nax_status s = nax_rsa_clusters(c->ctx, times, subjects, x, NULL, 0, p, two_sided,
                                  j->o.n_permutations > 0 ? j->o.n_permutations : 1000,
                                  j->o.seed, NULL, &one);
  if (s != NAX_OK) {
    return s;
  }
  nax_index more = nax_table_n_rows(one);
  t->model = cli_grow(t->model, (size_t)(t->n + more + 1), sizeof *t->model);
  for (int k = 0; k < 6; k++) {
    const double *from = nax_table_numbers(one, nax_table_find(one, names[k]));
    t->column[k] =
        cli_grow(t->column[k], (size_t)(t->n + more + 1), sizeof *t->column[k]);
    for (nax_index i = 0; i < more; i++) {
      t->column[k][t->n + i] =
          k >= 1 && k <= 3 ? nax_axis_coord(axis, (nax_index)from[i]) : from[i];
    }
  }
  for (nax_index i = 0; i < more; i++) {
    t->model[t->n + i] = cli_dup(name);
  }
  t->n += more;
  nax_table_free(one);
  return NAX_OK;
}

/* Similarity of each model at each time and in each subject, and its clusters. */
static int
over_time(job *j, double p)
{
  cli *c = j->c;
  static const char *const names[] = {"points", "first", "last", "peak", "sum_t", "p"};
  const char *path = cli_value(c, "output");
  nax_index stride, times = times_of(j, &stride), count = nax_rdms_count(j->data);
  nax_index k_models = j->n_models;
  if (times < 2) {
    return cli_error(c, CLI_REJECTED, "%s: --clusters needs RDMs on an axis `time`",
                     cli_input_name(c->args[0]));
  }
  if (!j->all_fixed || cli_has(c, "report") || j->group != NULL || j->subject != NULL) {
    return cli_error(c, CLI_USAGE,
                     "--clusters takes fixed models, and no --report, --group or "
                     "--subject");
  }
  nax_index subjects = count / times;
  nax_rdms *models = NULL;
  rows t = {0};
  nax_table *table = NULL;
  nax_dataset *d = NULL;
  nax_array *a = NULL;
  nax_axis *model = NULL, *index = NULL;
  double *sim = cli_alloc((size_t)(k_models * count), sizeof *sim);
  double *x = cli_alloc((size_t)count, sizeof *x);
  nax_status s = first_rdms(j, &models);
  s = s == NAX_OK ? nax_rsa_compare(c->ctx, models, j->data,
                                    (nax_rsa_comparator)j->o.comparator, NULL, 0, sim)
                  : s;
  s = s == NAX_OK ? nax_axis_create_labels(c->ctx, "model", k_models,
                                           (const char *const *)j->names, &model)
                  : s;
  s = s == NAX_OK ? nax_axis_create_index(c->ctx, "subject", subjects, &index) : s;
  s = s == NAX_OK
          ? nax_array_create(
                c->ctx, NAX_F64, 3,
                (const nax_axis *[]){
                    model,
                    nax_array_axis(j->array, nax_array_find_axis(j->array, "time")),
                    index},
                "1", &a)
          : s;
  /* RDM r: position r % stride before the time axis, r / (stride times) behind it. */
  for (nax_index r = 0; r < count && s == NAX_OK; r++) {
    nax_index time = r / stride % times,
              who = r % stride + stride * (r / (stride * times));
    memcpy((double *)nax_array_data_mut(a) + k_models * (time + times * who),
           sim + r * k_models, (size_t)k_models * sizeof *sim);
  }
  for (nax_index m = 0; m < k_models && s == NAX_OK; m++) {
    for (nax_index o = m; o < k_models && s == NAX_OK; o++) { /* o == m: against 0 */
      const double *v = nax_array_data(a);
      for (nax_index i = 0; i < count; i++) {
        x[i] = v[m + k_models * i] - (o > m ? v[o + k_models * i] : 0.0);
      }
      char *name =
          o > m ? cli_printf("%s - %s", j->names[m], j->names[o]) : cli_dup(j->names[m]);
      s = add_clusters(j, times, subjects, x, name, o > m, p, &t);
      free(name);
    }
  }
  s = s == NAX_OK ? nax_table_create(c->ctx, "cluster", t.n, &table) : s;
  s = s == NAX_OK && t.n > 0
          ? nax_table_add_text(c->ctx, table, "model", (const char *const *)t.model)
          : s;
  for (int k = 0; k < 6 && s == NAX_OK && t.n > 0; k++) {
    s = nax_table_add_numbers(c->ctx, table, names[k], NULL, t.column[k]);
  }
  int status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  if (status == CLI_OK && t.n == 0) {
    cli_note(c, 0, "no time is part of a cluster at p < %g", p);
  }
  if (status == CLI_OK && path == NULL) {
    status = cli_table_emit(c, j->n_files, j->files, table);
  } else if (status == CLI_OK) {
    s = nax_array_set_description(c->ctx, a, "similarity of each model at each time");
    s = s == NAX_OK ? nax_dataset_create(c->ctx, &d) : s;
    s = s == NAX_OK ? nax_dataset_add_array(c->ctx, d, "similarity", a) : s;
    a = s == NAX_OK ? NULL : a;
    s = s == NAX_OK ? nax_dataset_set_main(c->ctx, d, "similarity") : s;
    s = s == NAX_OK && t.n > 0 ? nax_dataset_add_table(c->ctx, d, "clusters", table) : s;
    table = s == NAX_OK && t.n > 0 ? NULL : table;
    s = s == NAX_OK ? cli_provenance(c, d, j->n_files, j->files) : s;
    s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  rows_free(&t);
  free(sim);
  free(x);
  nax_rdms_free(models);
  nax_table_free(table);
  nax_dataset_free(d);
  nax_array_free(a);
  nax_axis_free(model);
  nax_axis_free(index);
  return status;
}

/* ---------------------------------------------------------------------- results */

/* --subject: numbers, or the position on an axis. */
static int
read_subjects(job *j)
{
  cli *c = j->c;
  const char *text = cli_value(c, "subject");
  nax_index count = nax_rdms_count(j->data), stride = 1, n = 0;
  int32_t axis = text != NULL ? nax_array_find_axis(j->array, text) : -1;
  if (text == NULL) {
    return CLI_OK;
  }
  j->subject = cli_alloc((size_t)count, sizeof *j->subject);
  if (axis >= 0) {
    int32_t first =
        strcmp(nax_axis_name(nax_array_axis(j->array, 0)), "pair") == 0 ? 1 : 2;
    for (int32_t k = first; k < axis; k++) {
      stride *= nax_array_dim(j->array, k);
    }
    for (nax_index r = 0; r < count; r++) {
      j->subject[r] = r / stride % nax_array_dim(j->array, axis);
    }
    return CLI_OK;
  }
  char *copy = cli_dup(text);
  int ok = 1;
  for (char *p = copy; p != NULL && ok; n++) {
    char *comma = strchr(p, ',');
    double x = 0.0;
    if (comma != NULL) {
      *comma++ = '\0';
    }
    ok = cli_parse_number(p, &x) && x == (double)(int64_t)x;
    if (n < count) {
      j->subject[n] = (int64_t)x;
    }
    p = comma;
  }
  free(copy);
  if (!ok) {
    return cli_error(c, CLI_USAGE,
                     "--subject takes an axis of RDMS or whole numbers, got \"%s\"",
                     text);
  }
  return n == count ? CLI_OK
                    : cli_error(c, CLI_USAGE, "--subject: %lld numbers for %lld RDMs",
                                (long long)n, (long long)count);
}

/* --average: one RDM for each subject, in the order in which they come. */
static nax_status
average(job *j)
{
  cli *c = j->c;
  nax_index n = nax_rdms_n_conditions(j->data), m = nax_rdm_pairs(n), subjects = 0;
  nax_index count = nax_rdms_count(j->data);
  double *d = cli_alloc((size_t)(m * count), sizeof *d);
  double *size = cli_alloc((size_t)count, sizeof *size);
  nax_index *who = cli_alloc((size_t)count, sizeof *who);
  nax_rdms *mean = NULL;
  nax_axis *axis = NULL;
  for (nax_index r = 0; r < count; r++) {
    nax_index q = 0;
    while (q < r && j->subject[q] != j->subject[r]) {
      q++;
    }
    who[r] = q < r ? who[q] : subjects++;
    size[who[r]] += 1.0;
  }
  for (nax_index r = 0; r < count; r++) {
    for (nax_index k = 0; k < m; k++) {
      d[k + who[r] * m] += nax_rdms_vector(j->data, r)[k] / size[who[r]];
    }
  }
  nax_status s = nax_rdms_create(c->ctx, n, subjects, d, &mean);
  s = s == NAX_OK ? nax_axis_create_index(c->ctx, "subject", subjects, &axis) : s;
  s = s == NAX_OK ? nax_rdms_describe(c->ctx, mean, nax_rdms_condition_axis(j->data),
                                      axis, nax_rdms_measure(j->data))
                  : s;
  if (s == NAX_OK) {
    nax_rdms_free(j->data);
    j->data = mean;
    mean = NULL;
    free(j->subject);
    j->subject = NULL;
  }
  nax_rdms_free(mean);
  nax_axis_free(axis);
  free(d);
  free(size);
  free(who);
  return s;
}

/* Axis of the subjects of the result, where they are not the RDMs. */
static nax_status
subject_axis(const job *j, nax_axis **out)
{
  *out = NULL;
  return j->subject != NULL
             ? nax_axis_create_index(j->c->ctx, "subject", nax_rsa_n_subjects(j->r), out)
             : nax_axis_copy(j->c->ctx, nax_rdms_axis(j->data), out);
}

/* Files, the page, and the table of the models on standard output. */
static int
deliver(job *j, const nax_view *sigma)
{
  cli *c = j->c;
  const char *path = cli_value(c, "output"), *page = cli_value(c, "report");
  nax_dataset *d = NULL;
  nax_rdms *models = NULL;
  nax_axis *subjects = NULL;
  nax_status s = subject_axis(j, &subjects);
  s = s == NAX_OK ? nax_rsa_dataset(c->ctx, j->r, subjects, &d) : s;
  nax_axis_free(subjects);
  s = s == NAX_OK ? first_rdms(j, &models) : s;
  s = s == NAX_OK && j->group != NULL ? add_groups(j, models, sigma, d) : s;
  s = s == NAX_OK && path != NULL ? cli_provenance(c, d, j->n_files, j->files) : s;
  s = s == NAX_OK && path != NULL ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  if (s == NAX_OK && page != NULL) {
    nax_report_opts o = cli_report_opts(c);
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
load_data(job *j, const nax_source_opts *so)
{
  cli *c = j->c;
  int status = load_array(c, c->args[0], so, &j->array);
  if (status == CLI_OK) {
    nax_status s = nax_rdms_from_array(c->ctx, j->array, &j->data);
    status = s == NAX_OK ? CLI_OK : cli_fail_in(c, cli_input_name(c->args[0]), s);
  }
  status = status == CLI_OK ? read_subjects(j) : status;
  if (status == CLI_OK && cli_has(c, "average")) {
    if (j->subject == NULL) {
      return cli_error(c, CLI_USAGE, "--average needs --subject");
    }
    nax_status s = average(j);
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
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
  int status = load_data(j, so);
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
  if (cli_has(c, "clusters")) {
    double p = 0.0;
    status = cli_number(c, "clusters", 1e-9, 0.4999, &p);
    return status == CLI_OK ? over_time(j, p) : status;
  }
  nax_status st = nax_rsa_fit_sessions(c->ctx, j->data, j->subject, j->n_models,
                                       j->models, s, &j->o, &j->r);
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
    "family: makes one of each choice of them, features: takes a matrix of features x "
    "conditions, and labels:A,A,B... says which conditions are of a kind. Without -o the table of the models is printed.",
    "  neuraxis rsa rdms.nc models.nc --comparator=rho-a --resample=dual "
    "\\\n    -o rsa.nc --report rsa.html\n"
    "  neuraxis rsa rdms.nc labels:face,face,house,house select:layers.nc\n"
    "  neuraxis rsa patients.nc models.nc --group=controls.nc\n"
    "  neuraxis rsa movies.nc models.nc --clusters=0.01\n",
    rsa_sections,
    run_rsa,
    2,
    -1,
    NULL};
