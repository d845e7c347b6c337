/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: long and short, of the command itself and of the library's option tables. */
#define _GNU_SOURCE
#include "cli_i.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

const cli_opt cli_common_opts[] = {
    {"threads", "N", "all processors", "threads to use; results do not depend on it",
     NULL, CLI_NUMBER, 'j', 0, 1},
    {"progress", "WHEN", "auto", "show progress on stderr: auto, always or never",
     "auto|always|never", CLI_TEXT, 0, 0, 1},
    {"quiet", NULL, NULL, "print errors only", NULL, CLI_FLAG, 'q', 0, 1},
    {"verbose", NULL, NULL, "say what is being done", NULL, CLI_FLAG, 'v', 0, 1},
    {"help", NULL, NULL, "print this help and exit", NULL, CLI_FLAG, 'h', 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

const cli_opt cli_output_opts[] = {
    {"output", "FILE", NULL, "write the result to FILE", NULL, CLI_TEXT, 'o', 0, 1},
    {"force", NULL, NULL, "replace an existing output file", NULL, CLI_FLAG, 'f', 0, 1},
    {"compress", "N", NULL, "deflate level of a native file, 0 (off) to 9", NULL,
     CLI_NUMBER, 0, 0, 1},
    {"no-history", NULL, NULL, "write no time, command or version, for equal bytes", NULL,
     CLI_FLAG, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

const cli_opt cli_format_opts[] = {{"format", "FORMAT", "tsv",
                                    "print tables as tsv, csv or json", "tsv|csv|json",
                                    CLI_TEXT, 0, 0, 1},
                                   {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

/* --- which options there are ----------------------------------------------- */

static void
add_ref(cli *c, const cli_ref *ref)
{
  c->refs = cli_grow(c->refs, (size_t)c->n_refs + 1, sizeof *c->refs);
  c->refs[c->n_refs++] = *ref;
}

static void
add_own(cli *c, const cli_opt *opts, const char *title)
{
  for (const cli_opt *o = opts; o->name != NULL; o++) {
    add_ref(c, &(cli_ref){*o, NULL, o->name, title});
  }
}

static const cli_ref *
find_long(const cli *c, const char *name, size_t n)
{
  for (int i = 0; i < c->n_refs; i++) {
    const char *have = c->refs[i].opt.name;
    if (strlen(have) == n && memcmp(have, name, n) == 0) {
      return &c->refs[i];
    }
  }
  return NULL;
}

/* What the command calls an option of a table: two names are taken by conventions of the
 * command itself. */
static const char *
flag_name(const nax_opt_table *t, const nax_opt_info *o)
{
  return strcmp(t->module, "source") == 0 && strcmp(o->name, "format") == 0
             ? "input-format"
             : o->name;
}

/* Texts of the help live as long as the program: kept where they can be found. */
static const char *
keep(char *text)
{
  static struct kept {
    struct kept *next;
    char *text;
  } * all;
  struct kept *k = cli_alloc(1, sizeof *k);
  k->next = all;
  k->text = text;
  all = k;
  return text;
}

/* Default of entry `i` as text, NULL when there is none to show. */
static const char *
default_text(const nax_opt_table *t, int32_t i)
{
  const nax_opt_info *o = &t->opts[i];
  if (o->type == NAX_OPT_STRING || o->type == NAX_OPT_FLAG || o->type == NAX_OPT_SEED ||
      (o->may_be_nan && o->def != o->def)) {
    return o->type == NAX_OPT_SEED ? "drawn and printed" : NULL;
  }
  void *opts = cli_alloc(1, t->struct_size);
  char buf[256];
  nax_options_default(t, opts);
  nax_options_format(t, opts, i, buf, sizeof buf);
  free(opts);
  return keep(cli_dup(buf));
}

static const char *
metavar(const nax_opt_info *o)
{
  switch (o->type) {
  case NAX_OPT_FLAG:
    return NULL;
  case NAX_OPT_ENUM:
    return "NAME";
  case NAX_OPT_STRING:
    return "TEXT";
  case NAX_OPT_REAL:
    if (o->unit[0] == 's' && o->unit[1] == '\0') {
      return "SECONDS";
    }
    return o->unit[0] == 'H' ? "HZ" : "X";
  case NAX_OPT_INT:
  case NAX_OPT_SEED:
  case NAX_OPT_TYPE_FORCE_INT:
    break;
  }
  return "N";
}

/* Options of a table, but for those that the command has taken over before. */
static void
add_table(cli *c, const nax_opt_table *t, const char *title)
{
  for (int32_t i = 0; i < t->n_opts; i++) {
    const nax_opt_info *o = &t->opts[i];
    /* An option of the command, or of a table before, has the name; and the command line
     * is not for the user to tell. */
    const char *name = flag_name(t, o);
    if (find_long(c, name, strlen(name)) != NULL || strcmp(name, "command") == 0) {
      continue;
    }
    int has_choices = o->type == NAX_OPT_ENUM;
    const char *help =
        has_choices ? keep(cli_printf("%s: %s", o->help, o->choices)) : o->help;
    cli_type type = o->type == NAX_OPT_FLAG                                ? CLI_FLAG
                    : o->type == NAX_OPT_ENUM || o->type == NAX_OPT_STRING ? CLI_TEXT
                                                                           : CLI_NUMBER;
    cli_opt opt = {flag_name(t, o),
                   metavar(o),
                   default_text(t, i),
                   help,
                   has_choices ? o->choices : NULL,
                   type,
                   0,
                   0,
                   0};
    add_ref(c, &(cli_ref){opt, t, o->name, title});
    if (strcmp(t->module, "source") == 0 && strcmp(o->name, "rate") == 0) {
      opt.name = "fs"; /* what many labs call it */
      opt.hidden = 1;
      add_ref(c, &(cli_ref){opt, t, o->name, title});
    }
  }
}

void
cli_refs_init(cli *c)
{
  for (const cli_section *s = c->cmd->sections; s != NULL && s->title != NULL; s++) {
    const nax_opt_table *t = s->table != NULL ? nax_options_table(s->table) : NULL;
    if (s->opts != NULL || s->make != NULL) {
      add_own(c, s->opts != NULL ? s->opts : s->make(), s->title);
    } else if (t != NULL) {
      add_table(c, t, s->title);
    }
  }
  add_own(c, cli_common_opts, "Common options");
}

/* --- the nearest match ------------------------------------------------------------- */

/* Edit distance with neighbours swapped as one step, up to 40 characters. */
static int
distance(const char *a, const char *b)
{
  enum { MAX = 40 };
  int n = (int)strlen(a), m = (int)strlen(b);
  if (n > MAX || m > MAX) {
    return MAX;
  }
  int d[MAX + 1][MAX + 1];
  for (int i = 0; i <= n; i++) {
    for (int j = 0; j <= m; j++) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
      best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
          d[i - 2][j - 2] + 1 < best) {
        best = d[i - 2][j - 2] + 1;
      }
      d[i][j] = best;
    }
  }
  return d[n][m];
}

const char *
cli_nearest(const char *text, const char *const *names)
{
  const char *best = NULL;
  int least = (int)strlen(text) / 3 + 2; /* further away is a guess */
  for (; *names != NULL; names++) {
    int d = distance(text, *names);
    if (strlen(text) >= 2 && strncmp(*names, text, strlen(text)) == 0) {
      d = 1; /* an abbreviation */
    }
    if (d < least) {
      least = d;
      best = *names;
    }
  }
  return best;
}

/* --- parsing ----------------------------------------------------------------------- */

static const cli_ref *
find_short(const cli *c, char letter)
{
  for (int i = 0; i < c->n_refs; i++) {
    if (letter != 0 && c->refs[i].opt.letter == letter) {
      return &c->refs[i];
    }
  }
  return NULL;
}

static int
unknown_long(const cli *c, const char *name, size_t n)
{
  char given[64];
  snprintf(given, sizeof given, "%.*s", (int)(n < 60 ? n : 60), name);
  const char **names = cli_alloc((size_t)c->n_refs + 1, sizeof *names);
  int k = 0;
  for (int i = 0; i < c->n_refs; i++) {
    if (!c->refs[i].opt.hidden) {
      names[k++] = c->refs[i].opt.name;
    }
  }
  const char *near = cli_nearest(given, names);
  free(names);
  if (near != NULL) {
    return cli_error(c, CLI_USAGE,
                     "there is no option --%s (did you mean --%s?); `neuraxis %s --help` "
                     "lists them",
                     given, near, c->cmd->name);
  }
  return cli_error(c, CLI_USAGE,
                   "there is no option --%s; `neuraxis %s --help` lists them", given,
                   c->cmd->name);
}

static int
is_choice(const char *choices, const char *value)
{
  size_t n = strlen(value);
  for (const char *s = choices; *s != '\0';) {
    size_t m = strcspn(s, "|");
    if (m == n && memcmp(s, value, n) == 0) {
      return 1;
    }
    s += m + (s[m] == '|');
  }
  return 0;
}

static int
take(cli *c, const cli_ref *ref, const char *value)
{
  double x;
  if (ref->table == NULL && ref->opt.choices != NULL &&
      !is_choice(ref->opt.choices, value)) {
    return cli_error(c, CLI_USAGE, "option --%s takes one of %s, got \"%s\"",
                     ref->opt.name, ref->opt.choices, value);
  }
  if (ref->table == NULL && ref->opt.type == CLI_NUMBER && !cli_parse_number(value, &x)) {
    return cli_error(c, CLI_USAGE, "option --%s takes a number, got \"%s\"",
                     ref->opt.name, value);
  }
  c->given = cli_grow(c->given, (size_t)c->n_given + 1, sizeof *c->given);
  c->given[c->n_given++] = (cli_given){ref, value};
  return CLI_OK;
}

/* Whether a word after an option whose value may be left out is that value, and not the
 * next argument: a number, or plain words joined by ':' and '=', and no file. */
static int
is_value(const char *word)
{
  double x;
  if (cli_parse_number(word, &x)) {
    return 1;
  }
  int plain = word[0] != '-' && word[0] != '\0' && strchr(word, '/') == NULL;
  int joined = strpbrk(word, ":=") != NULL || strchr(word, '.') == NULL;
  return plain && joined && access(word, F_OK) != 0;
}

static int
parse_long(cli *c, const char *arg, int argc, char **argv, int *i)
{
  size_t n = strcspn(arg, "=");
  const char *value = arg[n] == '=' ? arg + n + 1 : NULL;
  const cli_ref *ref = find_long(c, arg, n);
  if (ref == NULL) {
    return unknown_long(c, arg, n);
  }
  if (ref->opt.metavar == NULL) { /* a flag; those of tables may say yes or no */
    if (value != NULL && ref->table == NULL) {
      return cli_error(c, CLI_USAGE, "option --%s takes no value, got \"%s\"",
                       ref->opt.name, value);
    }
    return take(c, ref, value != NULL ? value : "1");
  }
  if (value == NULL && ref->opt.metavar[0] == '[' && *i + 1 < argc &&
      is_value(argv[*i + 1])) {
    value = argv[++*i];
  }
  if (value == NULL && ref->opt.metavar[0] != '[') {
    if (*i + 1 >= argc) {
      return cli_error(c, CLI_USAGE, "option --%s needs a value: --%s=%s", ref->opt.name,
                       ref->opt.name, ref->opt.metavar);
    }
    value = argv[++*i];
  }
  return take(c, ref, value != NULL ? value : "");
}

static int
parse_short(cli *c, const char *arg, int argc, char **argv, int *i)
{
  for (const char *s = arg; *s != '\0'; s++) {
    const cli_ref *ref = find_short(c, *s);
    if (ref == NULL) {
      return cli_error(c, CLI_USAGE,
                       "there is no option -%c; `neuraxis %s --help` lists them",
                       *s > 0x20 && *s < 0x7f ? *s : '?', c->cmd->name);
    }
    if (ref->opt.metavar == NULL) {
      int status = take(c, ref, "1");
      if (status != CLI_OK) {
        return status;
      }
      continue;
    }
    if (s[1] != '\0') {
      return take(c, ref, s + 1);
    }
    if (*i + 1 >= argc) {
      return cli_error(c, CLI_USAGE, "option -%c needs a value: -%c %s", *s, *s,
                       ref->opt.metavar);
    }
    return take(c, ref, argv[++*i]);
  }
  return CLI_OK;
}

int
cli_parse(cli *c, int argc, char **argv)
{
  int status = CLI_OK, only_args = 0;
  c->args = cli_alloc((size_t)argc + 1, sizeof *c->args);
  for (int i = 0; i < argc && status == CLI_OK; i++) {
    const char *a = argv[i];
    if (only_args || a[0] != '-' || a[1] == '\0') {
      c->args[c->n_args++] = a;
    } else if (strcmp(a, "--") == 0) {
      only_args = 1;
    } else if (a[1] == '-') {
      status = parse_long(c, a + 2, argc, argv, &i);
    } else {
      status = parse_short(c, a + 1, argc, argv, &i);
    }
  }
  if (status != CLI_OK || cli_has(c, "help")) {
    return status;
  }
  if (c->n_args < c->cmd->min_args) {
    return cli_error(c, CLI_USAGE, "%s is missing: neuraxis %s [OPTION]... %s",
                     c->n_args == 0 ? "the input" : "an argument", c->cmd->name,
                     c->cmd->args);
  }
  if (c->cmd->max_args >= 0 && c->n_args > c->cmd->max_args) {
    return cli_error(c, CLI_USAGE, "one argument too many: \"%s\"",
                     c->args[c->cmd->max_args]);
  }
  return CLI_OK;
}

/* --- what was given -------------------------------------------------------- */

int
cli_has(const cli *c, const char *name)
{
  for (int i = 0; i < c->n_given; i++) {
    if (strcmp(c->given[i].ref->opt.name, name) == 0) {
      return 1;
    }
  }
  return 0;
}

const char *
cli_value(const cli *c, const char *name)
{
  for (int i = c->n_given - 1; i >= 0; i--) {
    if (strcmp(c->given[i].ref->opt.name, name) == 0) {
      return c->given[i].value;
    }
  }
  const cli_ref *ref = find_long(c, name, strlen(name));
  return ref != NULL ? ref->opt.def : NULL;
}

int
cli_number(cli *c, const char *name, double lo, double hi, double *out)
{
  char a[32], b[32];
  const char *text = cli_value(c, name);
  if (text == NULL || !cli_parse_number(text, out)) {
    return cli_error(c, CLI_USAGE, "option --%s takes a number, got \"%s\"", name,
                     text != NULL ? text : "");
  }
  if (!(*out >= lo && *out <= hi)) {
    return cli_error(c, CLI_USAGE, "option --%s must lie in [%s, %s], got %s", name,
                     cli_num(a, lo), cli_num(b, hi), text);
  }
  return CLI_OK;
}

static int
draw_seed(cli *c, const nax_opt_table *t, void *opts)
{
  for (int32_t i = 0; i < t->n_opts; i++) {
    if (t->opts[i].type != NAX_OPT_SEED) {
      continue;
    }
    int given = 0;
    for (int k = 0; k < c->n_given; k++) {
      given = given || (c->given[k].ref->table == t &&
                        strcmp(c->given[k].ref->key, t->opts[i].name) == 0);
    }
    if (!given) {
      /* 32 bits: short to repeat, and exact wherever numbers are doubles. */
      uint32_t seed = 0;
      if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        return cli_error(c, CLI_FAILED, "no random seed from the system; give --seed");
      }
      uint64_t wide = seed;
      memcpy((char *)opts + t->opts[i].offset, &wide, sizeof wide);
      cli_note(c, 0, "seed %lu (repeat this run with --seed=%lu)", (unsigned long)seed,
               (unsigned long)seed);
    }
    memcpy(&c->seed, (char *)opts + t->opts[i].offset, sizeof c->seed);
    c->has_seed = 1;
  }
  return CLI_OK;
}

int
cli_fill(cli *c, const char *module, void *opts)
{
  const nax_opt_table *t = nax_options_table(module);
  if (t == NULL) {
    return cli_error(c, CLI_FAILED, "the library has no options called `%s`", module);
  }
  nax_options_default(t, opts);
  return cli_overlay(c, module, opts);
}

int
cli_overlay(cli *c, const char *module, void *opts)
{
  const nax_opt_table *t = nax_options_table(module);
  for (int i = 0; i < c->n_given; i++) {
    const cli_given *g = &c->given[i];
    if (g->ref->table == t) {
      nax_status s = nax_options_set(c->ctx, t, opts, g->ref->key, g->value);
      if (s != NAX_OK) {
        return cli_fail(c, s);
      }
    }
  }
  if (c->n_used < (int)(sizeof c->used / sizeof c->used[0])) {
    c->used[c->n_used].table = t;
    c->used[c->n_used++].opts = opts;
  }
  return draw_seed(c, t, opts);
}

char *
cli_quote(int argc, char *const *argv)
{
  static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789_@%+=:,./-";
  size_t size = 1;
  for (int i = 0; i < argc; i++) {
    size += 4 * strlen(argv[i]) + 3;
  }
  char *out = cli_alloc(size, 1), *p = out;
  for (int i = 0; i < argc; i++) {
    const char *s = argv[i];
    if (i > 0) {
      *p++ = ' ';
    }
    if (*s != '\0' && strspn(s, safe) == strlen(s)) {
      p = stpcpy(p, s);
      continue;
    }
    *p++ = '\'';
    for (; *s != '\0'; s++) {
      if (*s == '\'') {
        p = stpcpy(p, "'\\''");
      } else {
        *p++ = *s;
      }
    }
    *p++ = '\'';
  }
  *p = '\0';
  return out;
}
