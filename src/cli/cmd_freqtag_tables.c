/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of neuraxis freqtag: units, groups of units, sets, clusters. */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include "cmd_freqtag.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------- table */

int
cli_tags_print(const cli_tags *j, const nax_table *t)
{
  cli *c = j->c;
  const char *format = cli_value(c, "table-format");
  char separator = strcmp(format, "csv") == 0 ? ',' : '\t', buf[32];
  int32_t m = nax_table_n_columns(t);
  cli_progress_clear();
  for (int32_t k = 0; k < m; k++) {
    printf("%s%c", nax_table_column_name(t, k), k + 1 < m ? separator : '\n');
  }
  for (nax_index i = 0; i < nax_table_n_rows(t); i++) {
    for (int32_t k = 0; k < m; k++) {
      const double *x = nax_table_numbers(t, k);
      const char *text = x != NULL ? cli_short(buf, x[i], 6) : nax_table_text(t, k)[i];
      cli_put_cell(text, separator);
      putchar(k + 1 < m ? separator : '\n');
    }
  }
  return CLI_OK;
}

char *
cli_tags_label(const cli_tags *j, nax_index u)
{
  char *all = NULL;
  for (int32_t k = 0; k < j->n_axes; k++) {
    const nax_axis *a = j->axis[k];
    nax_index n = nax_axis_length(a), at = u % n;
    const char *label = nax_axis_label(a, at);
    char buf[32], *one, *both;
    u /= n;
    one = label != NULL && label[0] != '\0'
              ? cli_dup(label)
              : cli_dup(cli_num(buf, nax_axis_coord(a, at)));
    both = all != NULL ? cli_printf("%s/%s", all, one) : cli_dup(one);
    free(one);
    free(all);
    all = both;
  }
  return all;
}

/* Frequencies of --tags; free them. */
double *
cli_tags_list(const cli_tags *j, nax_index *n)
{
  const char *text = j->o.tags != NULL ? j->o.tags : "";
  double *f = cli_alloc(strlen(text) + 1, sizeof *f);
  char *copy = cli_dup(text), *next = NULL;
  *n = 0;
  for (char *t = strtok_r(copy, ", ", &next); t != NULL;
       t = strtok_r(NULL, ", ", &next)) {
    if (!cli_parse_number(t, f + *n) || !(f[*n] > 0.0)) {
      *n = 0;
      break;
    }
    (*n)++;
  }
  free(copy);
  return f;
}

/* -------------------------------------------------------------------- groups */

/* Two columns of a text file, separated by commas or tabs, under a line of heads. */
typedef struct columns {
  nax_index n;
  char **cell[2];
} columns;

static void
free_columns(columns *t)
{
  for (int k = 0; k < 2; k++) {
    for (nax_index i = 0; t->cell[k] != NULL && i < t->n; i++) {
      free(t->cell[k][i]);
    }
    free(t->cell[k]);
  }
}

static char *
cut_cell(char **from)
{
  char *at = *from, *end = at + strcspn(at, ",\t\r\n");
  *from = *end == ',' || *end == '\t' ? end + 1 : end;
  while (*at == ' ' || *at == '"') {
    at++;
  }
  while (end > at && (end[-1] == ' ' || end[-1] == '"')) {
    end--;
  }
  char *out = cli_alloc((size_t)(end - at) + 1, 1);
  memcpy(out, at, (size_t)(end - at));
  return out;
}

static int
load_columns(cli_tags *j, const char *path, columns *t)
{
  cli *c = j->c;
  FILE *f = fopen(path, "r");
  char *line = NULL;
  size_t size = 0;
  nax_index room = 0, read = 0;
  int status = CLI_OK;
  *t = (columns){0, {NULL, NULL}};
  if (f == NULL) {
    return cli_error(c, CLI_FAILED, "%s: cannot open: %s", path, strerror(errno));
  }
  while (status == CLI_OK && getline(&line, &size, f) >= 0) {
    char *at = line;
    if (read++ == 0 || line[strspn(line, " \r\n")] == '\0') {
      continue;
    }
    if (line[strcspn(line, ",\t")] == '\0') {
      status =
          cli_error(c, CLI_REJECTED,
                    "%s: line %lld: expected two columns, separated by a comma or tab",
                    path, (long long)read);
      break;
    }
    if (t->n == room) {
      room = 2 * room + 64;
      for (int k = 0; k < 2; k++) {
        char **more = cli_alloc((size_t)room, sizeof *more);
        memcpy(more, t->cell[k] != NULL ? t->cell[k] : more, (size_t)t->n * sizeof *more);
        free(t->cell[k]);
        t->cell[k] = more;
      }
    }
    t->cell[0][t->n] = cut_cell(&at);
    t->cell[1][t->n++] = cut_cell(&at);
  }
  if (status == CLI_OK && (ferror(f) || t->n == 0)) {
    status = cli_error(c, CLI_REJECTED, "%s: no rows under the line of heads", path);
  }
  free(line);
  fclose(f);
  return status;
}

/* Units by their labels, so that files of as many rows are soon read. */
typedef struct labelled {
  char *label;
  nax_index unit;
} labelled;

static int
by_label(const void *a, const void *b)
{
  const labelled *x = a, *y = b;
  int order = strcmp(x->label, y->label);
  return order != 0 ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

static labelled *
all_labels(const cli_tags *j)
{
  nax_index n = j->n_units;
  labelled *l = cli_alloc((size_t)n, sizeof *l);
  for (nax_index u = 0; u < n; u++) {
    l[u] = (labelled){cli_tags_label(j, u), u};
  }
  qsort(l, (size_t)n, sizeof *l, by_label);
  return l;
}

static void
free_labels(labelled *l, nax_index n)
{
  for (nax_index u = 0; u < n; u++) {
    free(l[u].label);
  }
  free(l);
}

/* First unit of that label, or -1. */
static nax_index
find_unit(const labelled *l, nax_index n, const char *label)
{
  nax_index low = 0, high = n;
  while (low < high) {
    nax_index middle = low + (high - low) / 2;
    if (strcmp(l[middle].label, label) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < n && strcmp(l[low].label, label) == 0 ? l[low].unit : -1;
}

static nax_index
group_called(cli_tags *j, char *name)
{
  for (nax_index g = 0; g < j->n_groups; g++) {
    if (strcmp(j->group_name[g], name) == 0) {
      free(name);
      return g;
    }
  }
  j->group_name[j->n_groups] = name;
  return j->n_groups++;
}

/* First column names a unit, second its group. */
static int
groups_of_file(cli_tags *j, const char *path)
{
  columns t;
  nax_index units = j->n_units, named = 0;
  int status = load_columns(j, path, &t);
  if (status == CLI_OK) {
    labelled *label = all_labels(j);
    j->group = cli_alloc((size_t)units, sizeof *j->group);
    j->group_name = cli_alloc((size_t)t.n, sizeof *j->group_name);
    for (nax_index u = 0; u < units; u++) {
      j->group[u] = -1;
    }
    for (nax_index i = 0; i < t.n; i++) {
      nax_index u = find_unit(label, units, t.cell[0][i]);
      if (u >= 0) {
        j->group[u] = group_called(j, cli_dup(t.cell[1][i]));
        named++;
      }
    }
    if (named == 0) {
      char *first = cli_tags_label(j, 0);
      status = cli_error(j->c, CLI_REJECTED,
                         "%s: no unit is called as any here (%s, ...)", path, first);
      free(first);
    }
    free_labels(label, units);
  }
  free_columns(&t);
  return status;
}

int
cli_tags_regions(cli_tags *j, const nax_axis *channels, cli_regions *out)
{
  const char *path = cli_value(j->c, "brain-groups");
  nax_index n = nax_axis_length(channels), named = 0;
  columns t;
  *out = (cli_regions){0, NULL, NULL};
  if (path == NULL) {
    return CLI_OK;
  }
  int status = load_columns(j, path, &t);
  if (status == CLI_OK) {
    out->group = cli_alloc((size_t)n, sizeof *out->group);
    out->name = cli_alloc((size_t)t.n, sizeof *out->name);
    for (nax_index u = 0; u < n; u++) {
      char buf[32];
      const char *label = nax_axis_label(channels, u);
      label = label != NULL ? label : cli_num(buf, nax_axis_coord(channels, u));
      out->group[u] = -1;
      for (nax_index i = 0; i < t.n; i++) {
        if (strcmp(t.cell[0][i], label) == 0) {
          nax_index g = 0;
          while (g < out->n && strcmp(out->name[g], t.cell[1][i]) != 0) {
            g++;
          }
          if (g == out->n) {
            out->name[out->n++] = cli_dup(t.cell[1][i]);
          }
          out->group[u] = g;
          named++;
        }
      }
    }
    if (named == 0) {
      status =
          cli_error(j->c, CLI_REJECTED, "%s: no channel is called as any here", path);
    }
  }
  free_columns(&t);
  return status;
}

void
cli_regions_free(cli_regions *r)
{
  for (nax_index g = 0; g < r->n; g++) {
    free(r->name[g]);
  }
  free(r->name);
  free(r->group);
}

int
cli_tags_groups(cli_tags *j)
{
  int32_t n = j->n_axes;
  const char *path = cli_value(j->c, "groups");
  if (path != NULL) {
    return groups_of_file(j, path);
  }
  if (n < 2) {
    return CLI_OK;
  }
  const nax_axis *a = j->axis[n - 1];
  nax_index groups = nax_axis_length(a), units = j->n_units;
  j->group = cli_alloc((size_t)units, sizeof *j->group);
  j->group_name = cli_alloc((size_t)groups, sizeof *j->group_name);
  for (nax_index u = 0; u < units; u++) {
    j->group[u] = u / (units / groups);
  }
  for (nax_index g = 0; g < groups; g++) {
    char buf[32];
    const char *label = nax_axis_label(a, g);
    j->group_name[g] =
        cli_dup(label != NULL ? label : cli_num(buf, nax_axis_coord(a, g)));
  }
  j->n_groups = groups;
  return CLI_OK;
}

/* ------------------------------------------------------------------ clusters */

/* Pairs of units from a file, as adjacency both ways; free both arrays. */
static int
load_pairs(cli_tags *j, const char *path, nax_index **start, nax_index **neighbour)
{
  columns t;
  nax_index units = j->n_units, *pair = NULL;
  int status = load_columns(j, path, &t);
  if (status == CLI_OK) {
    labelled *label = all_labels(j);
    pair = cli_alloc((size_t)(2 * t.n), sizeof *pair);
    for (nax_index i = 0; i < 2 * t.n && status == CLI_OK; i++) {
      const char *name = t.cell[i % 2][i / 2];
      pair[i] = find_unit(label, units, name);
      if (pair[i] < 0) {
        status = cli_error(j->c, CLI_REJECTED, "%s: row %lld: there is no unit `%s`",
                           path, (long long)(i / 2) + 1, name);
      }
    }
    free_labels(label, units);
  }
  if (status == CLI_OK) {
    *start = cli_alloc((size_t)units + 2, sizeof **start);
    *neighbour = cli_alloc((size_t)(2 * t.n), sizeof **neighbour);
    for (nax_index i = 0; i < 2 * t.n; i++) {
      (*start)[pair[i] + 2]++;
    }
    for (nax_index u = 0; u < units; u++) {
      (*start)[u + 2] += (*start)[u + 1];
    }
    for (nax_index i = 0; i < 2 * t.n; i++) {
      (*neighbour)[(*start)[pair[i] + 1]++] = pair[i ^ 1];
    }
  }
  free(pair);
  free_columns(&t);
  return status;
}

static int
make_clusters(cli_tags *j)
{
  cli *c = j->c;
  double p = 0.0;
  nax_index *start = NULL, *neighbour = NULL;
  if (!cli_has(c, "cluster")) {
    return cli_has(c, "adjacency")
               ? cli_error(c, CLI_USAGE, "--adjacency goes with --cluster=P")
               : CLI_OK;
  }
  int status = cli_number(c, "cluster", 1e-12, 0.5, &p);
  const char *path = cli_value(c, "adjacency");
  status =
      status == CLI_OK && path != NULL ? load_pairs(j, path, &start, &neighbour) : status;
  if (status == CLI_OK) {
    nax_freqtag_adjacency near = {start, neighbour};
    nax_status s = nax_freqtag_clusters(c->ctx, j->f, start != NULL ? &near : NULL, p,
                                        (nax_index)j->o.surrogates, (uint64_t)j->o.seed,
                                        NULL, NULL, &j->clusters);
    status = s == NAX_OK ? CLI_OK : cli_fail(c, s);
  }
  free(start);
  free(neighbour);
  for (nax_index i = 0; status == CLI_OK && i < nax_table_n_rows(j->clusters); i++) {
    char a[32], b[32], d[32];
    const double *x[4];
    static const char *const name[4] = {"tag", "units", "first", "p"};
    for (int k = 0; k < 4; k++) {
      x[k] = nax_table_numbers(j->clusters, nax_table_find(j->clusters, name[k]));
    }
    char *first = cli_tags_label(j, (nax_index)x[2][i]);
    cli_note(c, 0, "cluster at %s Hz: %s units from %s, p = %s", cli_short(a, x[0][i], 6),
             cli_short(b, x[1][i], 6), first, cli_short(d, x[3][i], 3));
    free(first);
  }
  return status;
}

int
cli_tags_tables(cli_tags *j)
{
  cli *c = j->c;
  int status = cli_tags_groups(j);
  nax_status s = NAX_OK;
  if (status == CLI_OK && j->n_groups > 0) {
    s = nax_freqtag_profile(c->ctx, j->f, j->n_groups, j->group,
                            (const char *const *)j->group_name, &j->profile);
  }
  if (status == CLI_OK && s == NAX_OK && nax_freqtag_n_levels(j->f) <= 10) {
    s = nax_freqtag_sets(c->ctx, j->f, j->n_groups, j->group,
                         (const char *const *)j->group_name, &j->sets);
  }
  status = status == CLI_OK && s != NAX_OK ? cli_fail(c, s) : status;
  return status == CLI_OK ? make_clusters(j) : status;
}
