/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands write: which kind of file, and one variable of it. */
#define _POSIX_C_SOURCE 200809L
#include "cli_i.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
ends_with(const char *s, const char *end)
{
  size_t n = strlen(s), m = strlen(end);
  return n > m && strcasecmp(s + n - m, end) == 0;
}

const char *
cli_output_kind(cli *c, const char *path)
{
  const char *to = cli_value(c, "to");
  if (to == NULL) {
    static const char *const known[][2] = {
        {".nc", "nc"}, {".nc4", "nc"}, {".csv", "csv"}, {".tsv", "tsv"}, {".npy", "npy"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
      to = ends_with(path, known[i][0]) ? known[i][1] : to;
    }
  }
  if (to == NULL) {
    (void)cli_error(
        c, 0,
        "%s: the name does not say what to write (found no .nc, .csv, .tsv or .npy, "
        "expected one of these or --to)",
        path);
  } else if (strcmp(path, "-") == 0 && to[1] != 's') {
    (void)cli_error(c, 0, "only csv and tsv can go to standard output, not %s", to);
    to = NULL;
  }
  return to;
}

int
cli_begin_output(cli *c, const char **path, const char **to, nax_source_opts *source,
                 nax_save_opts *save)
{
  *path = cli_value(c, "output");
  if (*path == NULL) {
    return cli_error(c, CLI_USAGE, "give an output with -o FILE");
  }
  *to = cli_output_kind(c, *path);
  if (*to == NULL) {
    return CLI_USAGE;
  }
  int status = cli_source_opts(c, source);
  status = status == CLI_OK ? cli_save_opts(c, save) : status;
  if (status == CLI_OK && strcmp(*path, "-") != 0) {
    status = cli_may_write(c, *path);
  }
  return status;
}

int
cli_begin_analysis(cli *c, const char **path, nax_source_opts *source,
                   nax_save_opts *save)
{
  const char *page = cli_value(c, "report"), *to = cli_value(c, "output");
  if (path != NULL) {
    *path = to;
    if (to == NULL || strcmp(to, "-") == 0) {
      return cli_error(c, CLI_USAGE, "give an output file with -o FILE");
    }
  }
  int status = cli_source_opts(c, source);
  status = status == CLI_OK ? cli_save_opts(c, save) : status;
  status = status == CLI_OK && to != NULL ? cli_may_write(c, to) : status;
  return status == CLI_OK && page != NULL ? cli_may_write(c, page) : status;
}

/* --- one variable ------------------------------------------------------------------ */

int cli_stdout_errno;

static int
to_stream(const char *text, size_t n, void *f)
{
  if (fwrite(text, 1, n, f) == n) {
    return 0;
  }
  cli_stdout_errno = errno;
  return -1;
}

/* Spike trains as a table: one row per spike. */
static nax_status
spikes_table(cli *c, const nax_spikes *s, nax_table **out)
{
  const nax_axis *units = nax_spikes_units(s);
  const nax_index *offset = nax_spikes_offsets(s);
  nax_index n = nax_spikes_n_spikes(s);
  int labelled = nax_axis_get_kind(units) == NAX_AXIS_LABELS;
  const char **label = cli_alloc((size_t)n, sizeof *label);
  double *id = cli_alloc((size_t)n, sizeof *id);
  for (nax_index u = 0; u < nax_spikes_n_units(s); u++) {
    for (nax_index k = offset[u]; k < offset[u + 1]; k++) {
      label[k] = nax_axis_label(units, u);
      id[k] = nax_axis_coord(units, u);
    }
  }
  nax_table *t = NULL;
  nax_status st = nax_table_create(c->ctx, "spike", n, &t);
  if (st == NAX_OK) {
    st = labelled ? nax_table_add_text(c->ctx, t, nax_axis_name(units), label)
                  : nax_table_add_numbers(c->ctx, t, nax_axis_name(units), NULL, id);
  }
  if (st == NAX_OK) {
    st = nax_table_add_numbers(c->ctx, t, "time", "s", nax_spikes_all_times(s));
  }
  free(label);
  free(id);
  if (st != NAX_OK) {
    nax_table_free(t);
    t = NULL;
  }
  *out = t;
  return st;
}

static nax_status
write_table(cli *c, const nax_table *t, const char *path, char separator,
            const nax_save_opts *save)
{
  if (strcmp(path, "-") == 0) {
    return nax_format_table(c->ctx, t, separator, to_stream, stdout);
  }
  if (separator == ',') {
    return nax_export_table_csv(c->ctx, t, path, save);
  }
  return NAX_ENOTSUP;
}

static nax_status
write_array(cli *c, const nax_array *a, const char *path, const char *to,
            const nax_save_opts *save)
{
  if (strcmp(to, "npy") == 0) {
    return nax_export_npy(c->ctx, a, path, save);
  }
  return strcmp(path, "-") == 0 ? nax_format_csv(c->ctx, a, to_stream, stdout)
                                : nax_export_csv(c->ctx, a, path, save);
}

int32_t
cli_choose(cli *c, const nax_source *s)
{
  int32_t v = nax_source_main(s);
  if (v < 0) {
    char names[400] = "";
    size_t used = 0;
    for (int32_t i = 0; i < nax_source_n_vars(s) && used < sizeof names; i++) {
      int n = snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                       nax_source_var(s, i)->name);
      used += n > 0 ? (size_t)n : 0;
    }
    (void)cli_error(c, 0, "%s: no variable stands out, give --var (found %s)",
                    cli_input_name(c->args[0]), names[0] ? names : "none");
  }
  return v;
}

int
cli_output_fits(cli *c, const char *name, nax_var_kind kind, const char *to,
                const char *path)
{
  if (strcmp(to, "npy") == 0 && kind != NAX_VAR_ARRAY) {
    return cli_error(c, CLI_USAGE, "`%s` is %s, .npy holds arrays; write .csv or .nc",
                     name, kind == NAX_VAR_SPIKES ? "spike trains" : "a table");
  }
  if (strcmp(to, "tsv") == 0 && (kind == NAX_VAR_ARRAY || strcmp(path, "-") != 0)) {
    return cli_error(c, CLI_USAGE,
                     "tsv is for tables on standard output (-o -); write .csv");
  }
  return CLI_OK;
}

nax_status
cli_write_var(cli *c, const nax_array *a, const nax_spikes *sp, const nax_table *t,
              const char *path, const char *to, const nax_save_opts *save)
{
  nax_table *made = NULL;
  nax_status s = NAX_OK;
  cli_progress_clear();
  if (a != NULL) {
    return write_array(c, a, path, to, save);
  }
  if (sp != NULL) {
    s = spikes_table(c, sp, &made);
    t = made;
  }
  s = s == NAX_OK ? write_table(c, t, path, to[0] == 't' ? '\t' : ',', save) : s;
  nax_table_free(made);
  return s;
}

int
cli_is_listed(const char *list, const char *name)
{
  size_t n = strlen(name);
  for (const char *s = list; *s != '\0';) {
    size_t m = strcspn(s, ",");
    if (m == n && memcmp(s, name, n) == 0) {
      return 1;
    }
    s += m + (s[m] == ',');
  }
  return 0;
}
