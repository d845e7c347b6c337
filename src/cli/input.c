/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that commands read and write: standard input as a file, sizes, provenance. */
#define _XOPEN_SOURCE 700
#include "cli_i.h"
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- standard input -------------------------------------------------------- */

/* Readers want a file they can seek in: what comes through a pipe goes to a temporary
 * file that has no name any more when reading starts, so that nothing is left behind. */
static char stdin_path[64];
static const char *const stdin_name = "standard input";

static int
spool(cli *c)
{
  struct stat st;
  if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
    snprintf(stdin_path, sizeof stdin_path, "/dev/fd/%d", STDIN_FILENO);
    return CLI_OK;
  }
  FILE *f = tmpfile();
  if (f == NULL) {
    return cli_error(c, CLI_FAILED, "%s: no temporary file: %s", stdin_name,
                     strerror(errno));
  }
  char buf[65536];
  size_t n;
  while ((n = fread(buf, 1, sizeof buf, stdin)) > 0 && !cli_stopped()) {
    if (fwrite(buf, 1, n, f) != n) {
      break;
    }
  }
  if (ferror(stdin) || ferror(f) || fflush(f) != 0) {
    return cli_error(c, CLI_FAILED, "%s: cannot read: %s", stdin_name, strerror(errno));
  }
  snprintf(stdin_path, sizeof stdin_path, "/dev/fd/%d", fileno(f));
  return CLI_OK;
}

const char *
cli_input_path(cli *c, const char *arg)
{
  if (strcmp(arg, "-") != 0) {
    return arg;
  }
  if (stdin_path[0] == '\0' && spool(c) != CLI_OK) {
    return "";
  }
  return stdin_path;
}

const char *
cli_input_name(const char *arg)
{
  return strcmp(arg, "-") == 0 ? stdin_name : arg;
}

/* --- opening --------------------------------------------------------------- */

int
cli_source_opts(cli *c, nax_source_opts *o)
{
  return cli_fill(c, "source", o);
}

int
cli_open(cli *c, const char *arg, const nax_source_opts *o, nax_source **out)
{
  *out = NULL;
  const char *path = cli_input_path(c, arg);
  if (*path == '\0' && *arg != '\0') {
    return CLI_FAILED;
  }
  c->subject = cli_input_name(arg);
  nax_status s = nax_source_open(c->ctx, path, o, out);
  return s == NAX_OK ? CLI_OK : cli_fail(c, s);
}

static double total;

static int
add_size(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)path;
  (void)ftw;
  total += type == FTW_F ? (double)st->st_size : 0.0;
  return 0;
}

double
cli_file_size(const char *path)
{
  struct stat st;
  const char *p = strcmp(path, "-") == 0 ? stdin_path : path;
  if (stat(p, &st) != 0) {
    return 0.0;
  }
  if (!S_ISDIR(st.st_mode)) {
    return (double)st.st_size;
  }
  total = 0.0;
  (void)nftw(p, add_size, 16, FTW_PHYS);
  return total;
}

/* --- writing --------------------------------------------------------------- */

nax_report_opts
cli_report_opts(const cli *c)
{
  nax_report_opts o = NAX_REPORT_OPTS_INIT;
  o.command = c->line;
  o.force = cli_has(c, "force");
  return o;
}

int
cli_save_opts(cli *c, nax_save_opts *o)
{
  double level = 0.0;
  *o = (nax_save_opts)NAX_SAVE_OPTS_INIT;
  o->command = c->line;
  o->force = cli_has(c, "force");
  o->no_history = cli_has(c, "no-history");
  if (cli_value(c, "compress") != NULL) {
    int status = cli_number(c, "compress", 0, 9, &level);
    if (status != CLI_OK) {
      return status;
    }
    o->compress = (int64_t)level;
  }
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  if (epoch != NULL && *epoch != '\0') {
    double t;
    if (strspn(epoch, "0123456789") != strlen(epoch) || !cli_parse_number(epoch, &t) ||
        t > 4e9) {
      return cli_error(c, CLI_USAGE,
                       "SOURCE_DATE_EPOCH is \"%s\", expected seconds since 1970", epoch);
    }
    o->time = (int64_t)t;
  }
  return CLI_OK;
}

int
cli_may_write(cli *c, const char *path)
{
  struct stat st;
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
    return cli_error(c, CLI_FAILED, "%s: is a folder (expected a file name to write to)",
                     path);
  }
  if (!cli_has(c, "force") && access(path, F_OK) == 0) {
    return cli_error(c, CLI_FAILED, "%s: exists already (give --force to replace it)",
                     path);
  }
  return CLI_OK;
}

nax_status
cli_provenance(cli *c, nax_dataset *d, int n_inputs, const char *const *inputs)
{
  nax_status s = NAX_OK;
  json_t *j = cli_json_options(c);
  char *text = cli_json_line(j);
  json_decref(j);
  s = nax_dataset_set_text(c->ctx, d, "neuraxis_options", text);
  free(text);
  if (s == NAX_OK && c->has_seed) {
    s = nax_dataset_set_number(c->ctx, d, "neuraxis_seed", (double)c->seed);
  }
  for (int i = 0; i < n_inputs && s == NAX_OK && !cli_has(c, "no-history"); i++) {
    char hex[65];
    s = nax_file_sha256(c->ctx, cli_input_path(c, inputs[i]), hex);
    if (s == NAX_OK) {
      char *key = n_inputs == 1 ? cli_dup("neuraxis_input")
                                : cli_printf("neuraxis_input_%d", i + 1);
      char *value = cli_printf("%s sha256:%s", cli_input_name(inputs[i]), hex);
      s = nax_dataset_set_text(c->ctx, d, key, value);
      free(value);
      free(key);
    }
  }
  return s;
}

/* --- from a source into a dataset ------------------------------------------ */

nax_status
cli_copy_attributes(cli *c, nax_source *source, nax_dataset *d)
{
  nax_status s = NAX_OK;
  for (int32_t i = 0; i < nax_source_n_attrs(source) && s == NAX_OK; i++) {
    const char *key, *text;
    double number;
    nax_source_attr(source, i, &key, &text, &number);
    s = text != NULL ? nax_dataset_set_text(c->ctx, d, key, text)
                     : nax_dataset_set_number(c->ctx, d, key, number);
  }
  return s;
}

nax_status
cli_copy_variable(cli *c, nax_source *source, int32_t i, nax_dataset *d)
{
  const nax_var_info *info = nax_source_var(source, i);
  nax_ctx *ctx = c->ctx;
  nax_array *a = NULL;
  nax_spikes *sp = NULL;
  nax_table *t = NULL;
  nax_status s;
  if (info->kind == NAX_VAR_TABLE) {
    s = nax_source_load_table(ctx, source, i, &t);
    s = s == NAX_OK ? nax_dataset_add_table(ctx, d, info->name, t) : s;
    t = s == NAX_OK ? NULL : t;
  } else if (info->kind == NAX_VAR_SPIKES) {
    s = nax_source_load_spikes(ctx, source, i, &sp);
    s = s == NAX_OK ? nax_dataset_add_spikes(ctx, d, info->name, sp) : s;
    sp = s == NAX_OK ? NULL : sp;
  } else {
    s = nax_source_load_array(ctx, source, i, info->dtype == NAX_F32 ? NAX_F32 : NAX_F64,
                              &a);
    s = s == NAX_OK ? nax_dataset_add_array(ctx, d, info->name, a) : s;
    a = s == NAX_OK ? NULL : a;
  }
  nax_array_free(a);
  nax_spikes_free(sp);
  nax_table_free(t);
  return s;
}

int
cli_check_names(cli *c, const nax_source *source, const char *list)
{
  int status = CLI_OK;
  char *copy = cli_dup(list), *next = NULL;
  for (char *t = strtok_r(copy, ",", &next); t != NULL && status == CLI_OK;
       t = strtok_r(NULL, ",", &next)) {
    if (nax_source_find(source, t) < 0) {
      status = cli_error(c, CLI_USAGE, "%s: there is no variable `%s`",
                         cli_input_name(c->args[0]), t);
    }
  }
  free(copy);
  return status;
}
