/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis trsa: which dissimilarities carry the information, and which holes the
 * geometry of a set of conditions has. */
#define _XOPEN_SOURCE 700 /* strtok_r */
#include "cmd_trsa.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_opt trsa_opts[] = {
    {"group", "NAME", NULL,
     "what is left out in turn: an axis of the variable, a column of a table with one row "
     "per RDM, or numbers, comma-separated (default: the axis called subject, animal, seed "
     "or session)",
     NULL, CLI_TEXT, 0, 0, 0},
    {"label", "NAME", NULL,
     "what is to be identified, e.g. region or layer; likewise (default: the other axis)",
     NULL, CLI_TEXT, 0, 0, 0},
    {"shuffles", "N", "199",
     "shuffles of the distances that the bars are compared with; 0: none", NULL,
     CLI_NUMBER, 0, 0, 0},
    {"diagrams", "DISTANCE", "none",
     "compare the loops of all matrices with each other: distance between diagrams",
     "none|bottleneck|wasserstein|sliced", CLI_TEXT, 0, 0, 0},
    {"summaries", "N", "0",
     "Betti curves and landscapes at N distances and persistence images of N x N pixels, of "
     "each matrix; 0: none",
     NULL, CLI_NUMBER, 0, 0, 0},
    {"patterns", "MEASURE", NULL,
     "the variable has responses, neuron x condition (x more axes): make the matrices by "
     "this dissimilarity",
     "euclidean|correlation|cosine|poisson", CLI_TEXT, 0, 0, 0},
    {"relate", "FILE", NULL,
     "in which windows is the mean matrix related to that of FILE (distance correlation "
     "with adaptive thresholds)",
     NULL, CLI_TEXT, 0, 0, 0},
    {"levels", "N", "6",
     "thresholds of each matrix for --relate, evenly spaced from 0 to 1", NULL,
     CLI_NUMBER, 0, 0, 0},
    {"report", "PAGE", NULL, "write a page with the results to PAGE (.html)", NULL,
     CLI_TEXT, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section trsa_sections[] = {
    {"Options", trsa_opts, NULL, NULL},
    {"Matrices", NULL, "trsa", NULL},
    {"Identification", NULL, "trsa-identify", NULL},
    {"Persistent homology", NULL, "ph", NULL},
    {"Output", cli_output_opts, NULL, NULL},
    {"Reading", NULL, "source", NULL},
    {NULL, NULL, NULL, NULL}};

/* Group or label of each RDM, and what the numbers stand for ("" when themselves). */
typedef struct codes {
  int64_t *of;
  char *names;
} codes;

/* ------------------------------------------------------------------------ reading */

/* Matrices from responses: one for each position on the axes that are neither neuron nor
 * condition. */
static nax_status
from_patterns(cli_topology *j)
{
  cli *c = j->c;
  static const char *const names[] = {"euclidean", "correlation", "cosine", "poisson"};
  static const int32_t measures[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_CORRELATION,
                                     NAX_RDM_COSINE, NAX_RDM_POISSON};
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_view v = nax_array_view(j->a), slice;
  int32_t condition = nax_array_find_axis(j->a, "condition"), channel = 0;
  condition = condition >= 0 ? condition : 1;
  channel = condition == 0 ? 1 : 0;
  nax_index n = v.dim[condition], count = 1;
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    o.measure = strcmp(cli_value(c, "patterns"), names[k]) == 0 ? measures[k] : o.measure;
  }
  for (int32_t k = 0; k < v.ndim; k++) {
    if (k != condition && k != channel) {
      j->extra[j->n_extra++] = k;
      count *= v.dim[k];
    }
  }
  int64_t *number = cli_alloc((size_t)n + 1, sizeof *number);
  nax_rdms **each = cli_alloc((size_t)count, sizeof *each);
  nax_status s = NAX_OK;
  for (nax_index i = 0; i < n; i++) {
    number[i] = i;
  }
  for (nax_index r = 0; r < count && s == NAX_OK; r++) {
    const char *data = v.data;
    nax_index rest = r;
    for (int32_t k = 0; k < j->n_extra; k++) {
      int32_t axis = j->extra[k];
      data += (size_t)(rest % v.dim[axis] * v.stride[axis]) * sizeof(double);
      rest /= v.dim[axis];
    }
    slice = nax_view_f64((const double *)(const void *)data, 2,
                         (nax_index[]){v.dim[channel], n});
    slice.stride[0] = v.stride[channel];
    slice.stride[1] = v.stride[condition];
    s = nax_rdm_fit(c->ctx, &slice, number, NULL, NULL, &o, &each[r]);
  }
  s = s == NAX_OK
          ? nax_rdms_concat(c->ctx, count, (const nax_rdms *const *)each, &j->rdms)
          : s;
  if (s == NAX_OK) {
    nax_axis *named = NULL;
    s = nax_axis_rename(c->ctx, nax_array_axis(j->a, condition), "condition", &named);
    s = s == NAX_OK
            ? nax_rdms_describe(
                  c->ctx, j->rdms, named,
                  j->n_extra == 1 ? nax_array_axis(j->a, j->extra[0]) : NULL, NULL)
            : s;
    nax_axis_free(named);
  }
  for (nax_index r = 0; r < count; r++) {
    nax_rdms_free(each[r]);
  }
  free(each);
  free(number);
  return s;
}

static nax_status
from_matrices(cli_topology *j)
{
  int32_t first = strcmp(nax_axis_name(nax_array_axis(j->a, 0)), "pair") == 0 ? 1 : 2;
  for (int32_t k = first; k < nax_array_ndim(j->a); k++) {
    j->extra[j->n_extra++] = k;
  }
  return nax_rdms_from_array(j->c->ctx, j->a, &j->rdms);
}

static int
load(cli_topology *j)
{
  cli *c = j->c;
  int32_t v = cli_choose(c, j->source);
  int patterns = cli_value(c, "patterns") != NULL;
  if (v < 0) {
    return CLI_USAGE;
  }
  const nax_var_info *info = nax_source_var(j->source, v);
  if (info->kind != NAX_VAR_ARRAY || info->ndim < (patterns ? 2 : 1)) {
    return cli_error(c, CLI_USAGE, "%s: `%s` is not an array of %s",
                     cli_input_name(c->args[0]), info->name,
                     patterns ? "responses, neuron x condition" : "dissimilarities");
  }
  nax_status s = nax_source_load_array(c->ctx, j->source, v, NAX_F64, &j->a);
  s = s == NAX_OK ? (patterns ? from_patterns(j) : from_matrices(j)) : s;
  if (s != NAX_OK) {
    return cli_fail_in(c, cli_input_name(c->args[0]), s);
  }
  j->n = nax_rdms_n_conditions(j->rdms);
  j->m = nax_rdm_pairs(j->n);
  j->count = nax_rdms_count(j->rdms);
  j->d = cli_alloc((size_t)(j->m * j->count), sizeof *j->d);
  for (nax_index k = 0; k < j->count; k++) {
    memcpy(j->d + k * j->m, nax_rdms_vector(j->rdms, k), (size_t)j->m * sizeof *j->d);
  }
  return CLI_OK;
}

/* Position on extra axis e of each RDM. */
static void
codes_of_axis(const cli_topology *j, int32_t e, codes *out)
{
  int32_t k = j->extra[e];
  nax_index stride = 1, length = nax_array_dim(j->a, k);
  const nax_axis *axis = nax_array_axis(j->a, k);
  for (int32_t i = 0; i < e; i++) {
    stride *= nax_array_dim(j->a, j->extra[i]);
  }
  out->of = cli_alloc((size_t)j->count, sizeof *out->of);
  for (nax_index r = 0; r < j->count; r++) {
    out->of[r] = r / stride % length;
  }
  for (nax_index i = 0; i < length && nax_axis_get_kind(axis) == NAX_AXIS_LABELS; i++) {
    char *longer = cli_printf("%s%s%lld=%s", out->names != NULL ? out->names : "",
                              i > 0 ? ", " : "", (long long)i, nax_axis_label(axis, i));
    free(out->names);
    out->names = longer;
  }
}

/* Numbers of a column stand for themselves when they are whole, text by first use. */
static int
codes_of_column(cli_topology *j, const nax_table *t, int32_t column, codes *out)
{
  const double *x = nax_table_numbers(t, column);
  const char *const *text = nax_table_text(t, column);
  int64_t used = 0;
  out->of = cli_alloc((size_t)j->count, sizeof *out->of);
  for (nax_index r = 0; r < j->count; r++) {
    if (x != NULL) {
      if (!(fabs(x[r]) < 9e15) || x[r] != floor(x[r])) {
        return cli_error(j->c, CLI_REJECTED,
                         "column `%s` must have whole numbers or text, row %lld differs",
                         nax_table_column_name(t, column), (long long)r);
      }
      out->of[r] = (int64_t)x[r];
      continue;
    }
    nax_index q = 0;
    while (q < r && strcmp(text[q], text[r]) != 0) {
      q++;
    }
    out->of[r] = q < r ? out->of[q] : used++;
    if (q == r) {
      char *longer =
          cli_printf("%s%s%lld=%s", out->names != NULL ? out->names : "",
                     out->names != NULL ? ", " : "", (long long)out->of[r], text[r]);
      free(out->names);
      out->names = longer;
    }
  }
  return CLI_OK;
}

/* Numbers in the option itself, one per RDM. */
static int
codes_of_list(const cli_topology *j, const char *option, const char *text, codes *out)
{
  char *copy = cli_dup(text), *save = NULL;
  nax_index n = 0;
  out->of = cli_alloc((size_t)j->count, sizeof *out->of);
  for (char *w = strtok_r(copy, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
    double x;
    if (!cli_parse_number(w, &x) || !(fabs(x) < 9e15) || x != floor(x)) {
      int status =
          cli_error(j->c, CLI_USAGE, "--%s: `%s` is not a whole number", option, w);
      free(copy);
      return status;
    }
    if (n < j->count) {
      out->of[n] = (int64_t)x;
    }
    n++;
  }
  free(copy);
  return n == j->count ? CLI_OK
                       : cli_error(j->c, CLI_USAGE, "--%s: %lld numbers for %lld RDMs",
                                   option, (long long)n, (long long)j->count);
}

/* --group or --label: an axis, or a column of a table of the file. *found 0 when the
 * option was not given and there is no default. */
static int
find_codes(cli_topology *j, const char *option, int32_t fallback, codes *out, int *found)
{
  cli *c = j->c;
  const char *name = cli_value(c, option);
  int32_t axis = name == NULL ? fallback : -1;
  for (int32_t e = 0; name != NULL && e < j->n_extra; e++) {
    axis = strcmp(nax_axis_name(nax_array_axis(j->a, j->extra[e])), name) == 0 ? e : axis;
  }
  *found = axis >= 0;
  if (axis >= 0) {
    codes_of_axis(j, axis, out);
    return CLI_OK;
  }
  if (name == NULL) {
    return CLI_OK;
  }
  if (strchr(name, ',') != NULL) {
    *found = 1;
    return codes_of_list(j, option, name, out);
  }
  for (int32_t v = 0; v < nax_source_n_vars(j->source); v++) {
    const nax_var_info *info = nax_source_var(j->source, v);
    if (info->kind != NAX_VAR_TABLE || info->dim[0] != j->count) {
      continue;
    }
    nax_table *t = NULL;
    nax_status s = nax_source_load_table(c->ctx, j->source, v, &t);
    if (s != NAX_OK) {
      return cli_fail(c, s);
    }
    int32_t column = nax_table_find(t, name);
    int status = column >= 0 ? codes_of_column(j, t, column, out) : CLI_OK;
    nax_table_free(t);
    if (column >= 0) {
      *found = 1;
      return status;
    }
  }
  return cli_error(
      c, CLI_USAGE,
      "--%s: `%s` is neither an axis of the variable nor a column of a table "
      "with %lld rows",
      option, name, (long long)j->count);
}

/* ----------------------------------------------------------------------- analysis */

static nax_status
identify(cli_topology *j)
{
  cli *c = j->c;
  static const char *const usual[] = {"subject", "animal", "seed", "session"};
  codes group = {NULL, NULL}, label = {NULL, NULL};
  int32_t group_axis = -1, label_axis = -1;
  int has_group = 0, has_label = 0;
  nax_status s = NAX_OK;
  for (int32_t e = 0; e < j->n_extra; e++) {
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
      if (strcmp(nax_axis_name(nax_array_axis(j->a, j->extra[e])), usual[i]) == 0) {
        group_axis = e;
      }
    }
  }
  if (group_axis >= 0 && j->n_extra == 2) {
    label_axis = 1 - group_axis;
  }
  int status = find_codes(j, "group", group_axis, &group, &has_group);
  status =
      status == CLI_OK ? find_codes(j, "label", label_axis, &label, &has_label) : status;
  if (status != CLI_OK) {
    s = NAX_STATUS_FORCE_INT;
  } else if (has_group && has_label) {
    nax_trsa_identification sum;
    s = nax_trsa_identify(c->ctx, j->n, j->count, j->d, group.of, label.of, &j->identify,
                          &sum, &j->out);
    if (s == NAX_OK && label.names != NULL) {
      s = nax_dataset_set_text(c->ctx, j->out, "trsa_label_names", label.names);
    }
    if (s == NAX_OK && group.names != NULL) {
      s = nax_dataset_set_text(c->ctx, j->out, "trsa_group_names", group.names);
    }
    if (s == NAX_OK) {
      char a[32], b[32], e[32];
      cli_note(c, 0,
               "identified: %s %% by ranks, %s %% by the chosen window, %s %% as "
               "they are",
               cli_short(a, 100.0 * sum.ranked, 3), cli_short(b, 100.0 * sum.nested, 3),
               cli_short(e, 100.0 * sum.raw, 3));
    }
  } else {
    if (j->count > 1) {
      cli_note(c, 0, "nothing is identified: give --group and --label");
    }
    s = nax_dataset_create(c->ctx, &j->out);
  }
  free(group.of);
  free(group.names);
  free(label.of);
  free(label.names);
  return s;
}

/* m x count as an array condition x condition x rdm of the output. */
static nax_status
add_square(cli_topology *j, const char *name, const char *description, nax_index count,
           const double *x)
{
  cli *c = j->c;
  nax_array *a = NULL;
  nax_axis *second = NULL;
  const nax_axis *axes[3] = {nax_rdms_condition_axis(j->rdms), NULL,
                             nax_rdms_axis(j->rdms)};
  char *other = cli_printf("%s_2", nax_axis_name(axes[0]));
  nax_status s = nax_axis_rename(c->ctx, axes[0], other, &second);
  axes[1] = second;
  free(other);
  s = s == NAX_OK
          ? nax_array_create(c->ctx, NAX_F64, count == j->count && count > 1 ? 3 : 2,
                             axes, "1", &a)
          : s;
  for (nax_index k = 0; k < count && s == NAX_OK; k++) {
    double *to = (double *)nax_array_data_mut(a) + k * j->n * j->n;
    s = nax_rdm_to_square(c->ctx, j->n, x + k * j->m, to);
  }
  s = s == NAX_OK ? nax_array_set_description(c->ctx, a, description) : s;
  s = s == NAX_OK ? nax_dataset_add_array(c->ctx, j->out, name, a) : s;
  if (s != NAX_OK) {
    nax_array_free(a);
  }
  nax_axis_free(second);
  return s;
}

/* Geo-topological and geodesic matrices, and the mean of the scaled dissimilarities. */
static nax_status
matrices(cli_topology *j, double *work)
{
  cli *c = j->c;
  nax_index apart = 0;
  nax_status s = nax_trsa_rgtm(c->ctx, j->n, j->count, j->d, &j->trsa, work);
  s = s == NAX_OK ? add_square(j, "rgtm", "geo-topological matrices", j->count, work) : s;
  s = s == NAX_OK ? nax_trsa_rgdm(c->ctx, j->n, j->count, j->d, &j->trsa, work, &apart)
                  : s;
  /* files hold finite values and missing ones */
  for (nax_index i = 0; i < j->m * j->count; i++) {
    work[i] = isinf(work[i]) ? (double)NAN : work[i];
  }
  s = s == NAX_OK ? add_square(j, "rgdm", "geodesic matrices, NaN where no path is",
                               j->count, work)
                  : s;
  if (s == NAX_OK && apart > 0) {
    cli_note(c, 0, "no path joins %lld pairs: they are missing in `rgdm`",
             (long long)apart);
  }
  return s;
}

/* Dissimilarities as the homology takes them (into work), and their mean. */
static nax_status
scaled(cli_topology *j, double *work)
{
  cli *c = j->c;
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  nax_status s = NAX_OK;
  if (j->trsa.scale == NAX_TRSA_RANKS) {
    s = nax_trsa_rgtm(c->ctx, j->n, j->count, j->d, &o, work);
  } else {
    memcpy(work, j->d, (size_t)(j->m * j->count) * sizeof *work);
  }
  for (nax_index i = 0; i < j->m; i++) {
    double sum = 0.0;
    nax_index k = 0;
    for (nax_index r = 0; r < j->count; r++) {
      double x = work[r * j->m + i];
      sum += isnan(x) ? 0.0 : x;
      k += !isnan(x);
    }
    j->mean[i] = k > 0 ? sum / (double)k : (double)NAN;
  }
  return s == NAX_OK ? add_square(j, "mean_rdm",
                                  "dissimilarities as the homology takes "
                                  "them, mean over RDMs",
                                  1, j->mean)
                     : s;
}

static void
mean_of(const nax_rdms *r, double *out)
{
  nax_index m = nax_rdm_pairs(nax_rdms_n_conditions(r)), count = nax_rdms_count(r);
  for (nax_index i = 0; i < m; i++) {
    out[i] = 0.0;
    for (nax_index k = 0; k < count; k++) {
      out[i] += nax_rdms_vector(r, k)[i] / (double)count;
    }
  }
}

static nax_status
add_relation(cli_topology *j, const nax_trsa_agtic_result *g, const double *map)
{
  cli *c = j->c;
  const struct {
    const char *name;
    double value;
  } column[] = {{"plain", g->plain},
                {"max", g->max},
                {"x_lower", g->x_lower},
                {"x_upper", g->x_upper},
                {"y_lower", g->y_lower},
                {"y_upper", g->y_upper},
                {"standardised", g->standardised},
                {"p_plain", g->p_plain},
                {"p_max", g->p_max},
                {"p_standardised", g->p_standardised}};
  nax_table *t = NULL;
  nax_array *a = NULL;
  nax_status s = nax_table_create(c->ctx, "relation", 1, &t);
  for (size_t k = 0; k < sizeof column / sizeof column[0] && s == NAX_OK; k++) {
    s = nax_table_add_numbers(c->ctx, t, column[k].name, NULL, &column[k].value);
  }
  s = s == NAX_OK ? nax_dataset_add_table(c->ctx, j->out, "relation", t) : s;
  t = s == NAX_OK ? NULL : t;
  s = s == NAX_OK
          ? nax_array_create_dims(c->ctx, NAX_F64, 2,
                                  (const char *[]){"other_window", "own_window"},
                                  (nax_index[]){g->n_windows, g->n_windows}, "1", &a)
          : s;
  if (s == NAX_OK) {
    memcpy(nax_array_data_mut(a), map,
           (size_t)(g->n_windows * g->n_windows) * sizeof *map);
    s = nax_array_set_description(
        c->ctx, a, "distance correlation in windows, by upper threshold, then lower");
  }
  s = s == NAX_OK ? nax_dataset_add_array(c->ctx, j->out, "relation_map", a) : s;
  if (s != NAX_OK) {
    nax_array_free(a);
  }
  nax_table_free(t);
  return s;
}

/* --relate: the mean matrix against that of another file in all windows of both. */
static nax_status
relate(cli_topology *j)
{
  cli *c = j->c;
  const char *file = cli_value(c, "relate");
  nax_source_opts so = NAX_SOURCE_OPTS_INIT;
  nax_source *source = NULL;
  nax_array *a = NULL;
  nax_rdms *other = NULL;
  nax_trsa_agtic_opts o = NAX_TRSA_AGTIC_OPTS_INIT;
  nax_trsa_agtic_result g;
  nax_index windows = (nax_index)(j->levels * (j->levels - 1.0) / 2.0);
  double *x = cli_alloc((size_t)(2 * j->m), sizeof *x);
  double *map = cli_alloc((size_t)(windows * windows), sizeof *map);
  nax_status s = NAX_OK;
  o.levels = (int64_t)j->levels;
  o.n_permutations = j->identify.n_permutations;
  o.seed = j->identify.seed;
  if (cli_open(c, file, &so, &source) != CLI_OK) {
    s = NAX_STATUS_FORCE_INT;
    goto done;
  }
  int32_t v = nax_source_main(source);
  if (v < 0 || nax_source_var(source, v)->kind != NAX_VAR_ARRAY) {
    (void)cli_error(c, CLI_REJECTED, "%s: there is no array that stands out",
                    cli_input_name(file));
    s = NAX_STATUS_FORCE_INT;
    goto done;
  }
  s = nax_source_load_array(c->ctx, source, v, NAX_F64, &a);
  s = s == NAX_OK ? nax_rdms_from_array(c->ctx, a, &other) : s;
  if (s == NAX_OK && nax_rdms_n_conditions(other) != j->n) {
    (void)cli_error(c, CLI_REJECTED, "%s: %lld conditions, %s has %lld",
                    cli_input_name(file), (long long)nax_rdms_n_conditions(other),
                    cli_input_name(c->args[0]), (long long)j->n);
    s = NAX_STATUS_FORCE_INT;
    goto done;
  }
  if (s == NAX_OK) {
    mean_of(j->rdms, x);
    mean_of(other, x + j->m);
    s = nax_trsa_agtic(c->ctx, j->n, x, x + j->m, &o, map, &g);
  }
  s = s == NAX_OK ? add_relation(j, &g, map) : s;
  if (s == NAX_OK) {
    char p[32], r[32];
    cli_note(c, 0, "related to %s: distance correlation %s at best, p = %s",
             cli_input_name(file), cli_short(r, g.max, 3), cli_short(p, g.p_max, 3));
  }
done:
  nax_source_close(source);
  nax_array_free(a);
  nax_rdms_free(other);
  free(x);
  free(map);
  return s;
}

static nax_status
analyse(cli_topology *j, const char *path)
{
  cli *c = j->c;
  double *work = cli_alloc((size_t)(j->m * j->count), sizeof *work);
  j->mean = cli_alloc((size_t)j->m, sizeof *j->mean);
  nax_status s = identify(j);
  s = s == NAX_OK ? matrices(j, work) : s;
  s = s == NAX_OK ? scaled(j, work) : s;
  s = s == NAX_OK ? cli_topology_bars(j, work) : s;
  s = s == NAX_OK && cli_value(c, "relate") != NULL ? relate(j) : s;
  s = s == NAX_OK ? nax_dataset_set_main(c->ctx, j->out, "rgtm") : s;
  s = s == NAX_OK ? cli_provenance(c, j->out, 1, c->args) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, j->out, path, &j->save) : s;
  const char *page = cli_value(c, "report");
  if (s == NAX_OK && page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    s = nax_report_trsa(c->ctx, j->out, cli_input_name(c->args[0]), &r, page);
  }
  free(work);
  return s;
}

static int
run_trsa(cli *c)
{
  nax_source_opts o;
  cli_topology j = {.c = c};
  const char *path;
  int status = cli_begin_analysis(c, &path, &o, &j.save);
  status = status == CLI_OK ? cli_fill(c, "trsa", &j.trsa) : status;
  status = status == CLI_OK ? cli_fill(c, "trsa-identify", &j.identify) : status;
  status = status == CLI_OK ? cli_fill(c, "ph", &j.ph) : status;
  status = status == CLI_OK ? cli_number(c, "shuffles", 0.0, 1e9, &j.shuffles) : status;
  status =
      status == CLI_OK ? cli_number(c, "summaries", 0.0, 1024.0, &j.summaries) : status;
  status = status == CLI_OK ? cli_number(c, "levels", 2.0, 32.0, &j.levels) : status;
  if (status == CLI_OK &&
      (j.summaries != floor(j.summaries) || j.levels != floor(j.levels))) {
    status = cli_error(c, CLI_USAGE, "--summaries and --levels take whole numbers");
  }
  if (status == CLI_OK && j.shuffles > 0.0 && j.shuffles < 19.0) {
    status = cli_error(c, CLI_USAGE, "--shuffles must be 0 or at least 19");
  }
  status = status == CLI_OK ? cli_open(c, c->args[0], &o, &j.source) : status;
  status = status == CLI_OK ? load(&j) : status;
  if (status == CLI_OK) {
    nax_status s = analyse(&j, path);
    status = s == NAX_OK                 ? CLI_OK
             : s == NAX_STATUS_FORCE_INT ? CLI_USAGE /* told already */
                                         : cli_fail(c, s);
  }
  free(j.d);
  free(j.mean);
  nax_dataset_free(j.out);
  nax_rdms_free(j.rdms);
  nax_array_free(j.a);
  nax_source_close(j.source);
  return status;
}

const cli_cmd cli_cmd_trsa = {
    "trsa",
    "Methods",
    "FILE -o OUTPUT",
    "which dissimilarities carry the information, and which holes the geometry has",
    "Topological analysis of representational dissimilarity matrices: a variable condition "
    "x condition, with more axes (region, subject) or with a table for more than one "
    "matrix. Each is transformed by a window of thresholds (geo-topological matrix) and "
    "turned into path lengths (geodesic matrix). With --group and --label, each group is "
    "left out in turn and its matrices are identified by the others in every window; the "
    "window is also chosen without the group it is tested on. Persistent homology follows "
    "components, loops and voids of the mean matrix and of each one, and compares their "
    "bars with those of shuffled distances. With --patterns the matrices are made from "
    "responses first.",
    "  neuraxis trsa rdms.nc -o topology.nc --report topology.html\n"
    "  neuraxis trsa rdms.nc --group=subject --label=region -o topology.nc\n"
    "  neuraxis trsa rdm.nc --lower=0.2 --upper=0.6 --max-dim=2 -o topology.nc\n"
    "  neuraxis trsa layers.nc --patterns=correlation --relate=behaviour.nc -o top.nc\n",
    trsa_sections,
    run_trsa,
    1,
    1,
    NULL};
