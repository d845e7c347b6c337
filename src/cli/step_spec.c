/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How steps are written on the command line: finding them, their help, their values. */
#define _POSIX_C_SOURCE 200809L
#include "steps.h"
#include <stdlib.h>
#include <string.h>

const cli_step *
cli_step_find(const char *name)
{
  for (const cli_step *s = cli_steps; s->name != NULL; s++) {
    if (strcmp(s->name, name) == 0) {
      return s;
    }
  }
  return NULL;
}

const cli_opt *
cli_step_opts(void)
{
  enum { MOST = 64 };
  static cli_opt opts[MOST];
  for (size_t i = 0; i + 1 < MOST && cli_steps[i].name != NULL; i++) {
    const cli_step *s = &cli_steps[i];
    opts[i] = (cli_opt){s->name, s->spec, NULL,
                        s->help, NULL,    s->spec != NULL ? CLI_TEXT : CLI_FLAG,
                        0,       0,       1};
  }
  return opts;
}

/* --- help ------------------------------------------------------------------ */

static void
help_value(FILE *f, const char *key, const char *metavar, const char *help,
           const char *def)
{
  enum { COLUMN = 28 };
  char *left = cli_printf("%s=%s", key, metavar);
  char *text =
      def != NULL && def[0] != '\0' ? cli_printf("%s  [%s]", help, def) : cli_dup(help);
  int n = fprintf(f, "      %s", left);
  fprintf(f, "%s%*s", n > COLUMN - 2 ? "\n" : "", n > COLUMN - 2 ? COLUMN : COLUMN - n,
          "");
  cli_wrap(text, COLUMN, COLUMN, f);
  free(text);
  free(left);
}

static void
help_table(FILE *f, const nax_opt_table *t)
{
  void *opts = cli_alloc(1, t->struct_size);
  nax_options_default(t, opts);
  for (int32_t i = 0; i < t->n_opts; i++) {
    const nax_opt_info *o = &t->opts[i];
    char def[64];
    nax_options_format(t, opts, i, def, sizeof def);
    int named = o->type == NAX_OPT_ENUM;
    char *help = named ? cli_printf("%s: %s", o->help, o->choices) : cli_dup(o->help);
    const char *metavar = named                        ? "NAME"
                          : o->type == NAX_OPT_FLAG    ? "yes|no"
                          : strcmp(o->unit, "s") == 0  ? "SECONDS"
                          : strcmp(o->unit, "Hz") == 0 ? "HZ"
                          : o->type == NAX_OPT_STRING  ? "TEXT"
                                                       : "X";
    int unset = o->type == NAX_OPT_REAL && o->def != o->def;
    help_value(f, o->name, metavar, help,
               unset                     ? NULL
               : o->type == NAX_OPT_FLAG ? (def[0] == '1' ? "yes" : "no")
                                         : def);
    free(help);
  }
  free(opts);
}

void
cli_steps_help(FILE *f)
{
  fputs("\nSPEC is a list of key=value joined by colons. The keys of the first values "
        "may be "
        "left\nout, in this order; an empty value is the default.\n",
        f);
  for (const cli_step *s = cli_steps; s->name != NULL; s++) {
    if (s->spec == NULL || strstr(s->spec, "SPEC") == NULL) {
      continue;
    }
    char *order = cli_dup(s->bare);
    for (char *ch = order; *ch != '\0'; ch++) {
      *ch = *ch == ',' ? ':' : *ch;
    }
    fprintf(f, "\n  --%s=%s\n", s->name, order);
    free(order);
    for (const cli_step_param *o = s->own; o < s->own + CLI_STEP_PARAMS && o->name; o++) {
      help_value(f, o->name, o->metavar, o->help, o->def);
    }
    if (s->table != NULL && nax_options_table(s->table) != NULL) {
      help_table(f, nax_options_table(s->table));
    }
  }
}

/* --- doing ----------------------------------------------------------------- */

/* What `key` is called in truth: itself, or what it is an alias of. */
static char *
real_key(const cli_step *step, const char *key, size_t n)
{
  for (const char *s = step->alias; *s != '\0';) {
    size_t m = strcspn(s, ",");
    size_t eq = strcspn(s, "=");
    if (eq == n && memcmp(s, key, n) == 0) {
      return cli_printf("%.*s", (int)(m - eq - 1), s + eq + 1);
    }
    s += m + (s[m] == ',');
  }
  return cli_printf("%.*s", (int)n, key);
}

/* The k-th key for values without one; NULL when there are no more. */
static char *
bare_key(const cli_step *step, int k)
{
  const char *s = step->bare;
  for (; k > 0 && *s != '\0'; k--) {
    s += strcspn(s, ",");
    s += *s == ',';
  }
  size_t n = strcspn(s, ",");
  return n > 0 ? cli_printf("%.*s", (int)n, s) : NULL;
}

static int
unknown_key(const cli_chain *p, const cli_step *step, const nax_opt_table *t,
            const char *key)
{
  const char *names[64];
  int n = 0;
  for (const cli_step_param *o = step->own; o < step->own + CLI_STEP_PARAMS && o->name;
       o++) {
    names[n++] = o->name;
  }
  for (int32_t i = 0; t != NULL && i < t->n_opts && n < 63; i++) {
    names[n++] = t->opts[i].name;
  }
  names[n] = NULL;
  const char *near = cli_nearest(key, names);
  return cli_error(p->c, CLI_USAGE, "step --%s has no value `%s`%s%s%s", step->name, key,
                   near != NULL ? " (did you mean `" : "", near != NULL ? near : "",
                   near != NULL ? "`?)" : "");
}

static int
step_failed(const cli_chain *p, const cli_step *step, nax_status s)
{
  char *what = cli_printf("step --%s", step->name);
  int status = cli_fail_in(p->c, what, s);
  free(what);
  return status;
}

static int
set_value(cli_chain *p, const cli_step *step, const nax_opt_table *t, void *opts,
          const char **own, const char *key, const char *value)
{
  for (int i = 0; i < CLI_STEP_PARAMS && step->own[i].name != NULL; i++) {
    if (strcmp(step->own[i].name, key) == 0) {
      own[i] = value;
      return CLI_OK;
    }
  }
  for (int32_t i = 0; t != NULL && i < t->n_opts; i++) {
    if (strcmp(t->opts[i].name, key) == 0) {
      nax_status s = nax_options_set(p->c->ctx, t, opts, key, value);
      return s == NAX_OK ? CLI_OK : step_failed(p, step, s);
    }
  }
  return unknown_key(p, step, t, key);
}

/* "gaussian:sd=0.1": values with and without keys. Cuts `spec` into pieces. */
static int
parse_spec(cli_chain *p, const cli_step *step, const nax_opt_table *t, void *opts,
           const char **own, char *spec)
{
  int status = CLI_OK, k = 0;
  for (char *item = spec[0] != '\0' ? spec : NULL; item != NULL && status == CLI_OK;) {
    char *next = strchr(item, ':');
    if (next != NULL) {
      *next++ = '\0';
    }
    size_t n = strspn(item, "abcdefghijklmnopqrstuvwxyz-_0123456789");
    int keyed = n > 0 && item[n] == '=';
    char *key = keyed ? real_key(step, item, n) : bare_key(step, k++);
    const char *value = keyed ? item + n + 1 : item;
    if (key == NULL) {
      status = cli_error(p->c, CLI_USAGE, "step --%s: one value too many: \"%s\"",
                         step->name, value);
    } else if (value[0] != '\0') {
      status = set_value(p, step, t, opts, own, key, value);
    }
    free(key);
    item = next;
  }
  return status;
}

static json_t *
resolved(const cli_step *step, const nax_opt_table *t, const void *opts,
         const char *const *own)
{
  json_t *j = json_object(), *values = json_object();
  json_object_set_new(j, "step", json_string(step->name));
  for (int i = 0; i < CLI_STEP_PARAMS && step->own[i].name != NULL; i++) {
    json_object_set_new(values, step->own[i].name, cli_json_text(own[i]));
  }
  for (int32_t i = 0; t != NULL && i < t->n_opts; i++) {
    char buf[256];
    double x;
    nax_options_format(t, opts, i, buf, sizeof buf);
    json_object_set_new(values, t->opts[i].name,
                        cli_parse_number(buf, &x) ? json_real(x)
                        : strcmp(buf, "NaN") == 0 ? json_null()
                                                  : cli_json_text(buf));
  }
  json_object_set_new(j, "options", values);
  return j;
}

int
cli_step_fits(const cli_chain *p, const cli_step *step, int is_spikes)
{
  if (step->wants == 'a' && is_spikes) {
    return cli_error(
        p->c, CLI_USAGE,
        "step --%s works on arrays and the variable is spike trains; bin them before "
        "with --bin=SECONDS",
        step->name);
  }
  if (step->wants == 'S' && !is_spikes) {
    return cli_error(p->c, CLI_USAGE,
                     "step --%s works on spike trains and the variable is an array",
                     step->name);
  }
  return CLI_OK;
}

int
cli_step_run(cli_chain *p, const cli_step *step, const char *spec, json_t *done)
{
  const nax_opt_table *t = step->table != NULL ? nax_options_table(step->table) : NULL;
  void *opts = cli_alloc(1, t != NULL ? t->struct_size : 1);
  const char *own[CLI_STEP_PARAMS] = {NULL};
  char *copy = cli_dup(step->spec != NULL ? spec : "");
  if (t != NULL) {
    nax_options_default(t, opts);
  }
  for (int i = 0; i < CLI_STEP_PARAMS && step->own[i].name != NULL; i++) {
    own[i] = step->own[i].def;
  }
  int status = parse_spec(p, step, t, opts, own, copy);
  if (status != CLI_OK || done == NULL) {
    free(copy);
    free(opts);
    return status;
  }
  status = cli_step_fits(p, step, p->s != NULL);
  if (status == CLI_OK) {
    nax_status s = step->run(p, opts, own);
    status = s == NAX_OK ? CLI_OK : s == CLI_TOLD ? CLI_USAGE : step_failed(p, step, s);
  }
  if (status == CLI_OK) {
    json_array_append_new(done, resolved(step, t, opts, own));
    char *shape = cli_chain_shape(p);
    cli_note(p->c, 1, "%s: %s", step->name, shape);
    free(shape);
  }
  free(copy);
  free(opts);
  return status;
}

char *
cli_chain_shape(const cli_chain *p)
{
  if (p->s != NULL) {
    return cli_printf("%lld units, %lld spikes", (long long)nax_spikes_n_units(p->s),
                      (long long)nax_spikes_n_spikes(p->s));
  }
  char *text = cli_dup("");
  for (int32_t k = 0; k < nax_array_ndim(p->a); k++) {
    char *more = cli_printf("%s%s%s %lld", text, k > 0 ? " x " : "",
                            nax_axis_name(nax_array_axis(p->a, k)),
                            (long long)nax_array_dim(p->a, k));
    free(text);
    text = more;
  }
  return text;
}

/* --- the chain ------------------------------------------------------------- */

/* All steps of the command line; with `done` NULL only looking at their values. */
static int
run_steps(cli_chain *p, int is_spikes, json_t *done)
{
  cli *c = p->c;
  int status = CLI_OK;
  for (int i = 0; i < c->n_given && status == CLI_OK; i++) {
    const cli_ref *ref = c->given[i].ref;
    const cli_step *step = ref->table == NULL ? cli_step_find(ref->opt.name) : NULL;
    if (step != NULL) {
      status = done == NULL ? cli_step_fits(p, step, is_spikes) : CLI_OK;
      is_spikes = is_spikes && step->wants != 'S' && step->wants != 'B';
      status = status == CLI_OK ? cli_step_run(p, step, c->given[i].value, done) : status;
      cli_warnings(c);
      status = status == CLI_OK && cli_stopped() ? cli_fail(c, NAX_EINTERRUPT) : status;
    }
  }
  return status;
}

int
cli_chain_run(cli_chain *p, int32_t v, json_t *done)
{
  cli *c = p->c;
  const nax_var_info *info = nax_source_var(p->source, v);
  if (info->kind == NAX_VAR_TABLE) {
    return cli_error(c, CLI_USAGE,
                     "%s: `%s` is a table (expected an array or spike trains)",
                     cli_input_name(c->args[0]), info->name);
  }
  int is_spikes = info->kind == NAX_VAR_SPIKES;
  int status = run_steps(p, is_spikes, NULL);
  if (status != CLI_OK) {
    return status;
  }
  nax_dtype type = info->dtype == NAX_F32 ? NAX_F32 : NAX_F64;
  nax_status s = info->kind == NAX_VAR_SPIKES
                     ? nax_source_load_spikes(c->ctx, p->source, v, &p->s)
                     : nax_source_load_array(c->ctx, p->source, v, type, &p->a);
  return s == NAX_OK ? run_steps(p, is_spikes, done) : cli_fail(c, s);
}

void
cli_chain_free(cli_chain *p)
{
  nax_array_free(p->a);
  nax_spikes_free(p->s);
  p->a = NULL;
  p->s = NULL;
}
