/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command: one table of subcommands, from which the overview, the help texts, the
 * manual pages and the completion are made, and what subcommands share. It uses the
 * public API of the library only. */
#ifndef NAX_CLI_I_H
#define NAX_CLI_I_H
#include <neuraxis.h>
#include <jansson.h>
#include <stdio.h>

/* --- exit status ----------------------------------------------------------- */

enum {
  CLI_OK = 0,
  CLI_FAILED = 1,       /* input/output, memory, numbers */
  CLI_USAGE = 2,        /* the command line */
  CLI_REJECTED = 3,     /* the data */
  CLI_NOT_CONVERGED = 4 /* only with --strict */
  /* 128 + signal number: stopped by a signal; 130 after Ctrl-C */
};

/* --- options --------------------------------------------------------------- */

/* What the value of an option is; decides how JSON shows it. */
typedef enum cli_type { CLI_FLAG, CLI_TEXT, CLI_NUMBER } cli_type;

typedef struct cli_opt {
  const char *name;    /* long name without the dashes */
  const char *metavar; /* what the help calls the value, NULL for a flag */
  const char *def;     /* default as the help shows it, NULL when there is none */
  const char *help;    /* one line, lower case, no full stop */
  const char *choices; /* "a|b|c": checked by the parser; NULL: free */
  cli_type type;
  char letter; /* short name or 0 */
  char hidden; /* 1: not in the help */
  char io; /* 1: says where results go or how to talk; not part of `options` in JSON */
} cli_opt;

/* A titled block of options of a command: its own or those of a table of the library. */
typedef struct cli_section {
  const char *title;
  const cli_opt *opts;          /* ends with a NULL name */
  const char *table;            /* or a module of nax_options_table */
  const cli_opt *(*make)(void); /* or what makes the list */
} cli_section;

struct cli;

typedef struct cli_cmd {
  const char *name;
  const char *group;   /* heading in the overview */
  const char *args;    /* what follows the options in the usage line */
  const char *summary; /* one line, lower case, no full stop */
  const char *text;    /* description: paragraphs for --help */
  const char *examples;
  const cli_section *sections; /* ends with a NULL title */
  int (*run)(struct cli *c);
  int min_args, max_args; /* max_args -1: any number */
  void (*more)(FILE *f);  /* prints what else the help has to say, or NULL */
} cli_cmd;

/* One line each, so that commands can be added side by side. */
extern const cli_cmd cli_cmd_info;
extern const cli_cmd cli_cmd_convert;
extern const cli_cmd cli_cmd_preprocess;
extern const cli_cmd cli_cmd_report;
extern const cli_cmd cli_cmd_simulate;
extern const cli_cmd cli_cmd_gpfa;
extern const cli_cmd cli_cmd_bicluster;
extern const cli_cmd cli_cmd_ntf;
extern const cli_cmd cli_cmd_freqtag;
extern const cli_cmd cli_cmd_connectome;
extern const cli_cmd cli_cmd_gpvae;
extern const cli_cmd cli_cmd_trsa;
extern const cli_cmd cli_cmd_rdm;
extern const cli_cmd cli_cmd_rsa;
extern const cli_cmd cli_cmd_similarity;
extern const cli_cmd cli_cmd_version;
extern const cli_cmd cli_cmd_help;
extern const cli_cmd cli_cmd_completion;
/* All commands; ends with NULL. */
extern const cli_cmd *const cli_cmds[];
/* Options that every command has. */
extern const cli_opt cli_common_opts[];
/* Options of commands that write a file, and of those that print a table. */
extern const cli_opt cli_output_opts[];
extern const cli_opt cli_format_opts[];

/* One accepted option, whatever it comes from. */
typedef struct cli_ref {
  cli_opt opt;
  const nax_opt_table *table; /* of the library, or NULL */
  const char *key;            /* name in that table */
  const char *section;
} cli_ref;

typedef struct cli_given {
  const cli_ref *ref;
  const char *value; /* "" for a flag */
} cli_given;

/* One run of the command. */
typedef struct cli {
  const cli_cmd *cmd;
  nax_ctx *ctx;
  cli_ref *refs;
  int n_refs;
  cli_given *given; /* in the order of the command line */
  int n_given;
  const char **args;
  int n_args;
  char *line;    /* the command line, quoted for a shell */
  int verbosity; /* -1 quiet, 0, 1 verbose */
  int has_seed;
  uint64_t seed;
  const char *subject; /* name of the input in warnings */
  struct {
    const nax_opt_table *table;
    const void *opts;
  } used[16]; /* filled option structs, for the JSON output */
  int n_used;
} cli;

/* args.c: parse argv after the name of the command. CLI_OK or CLI_USAGE, after saying
 * what is wrong. */
int cli_parse(cli *c, int argc, char **argv);
void cli_refs_init(cli *c);
/* Last value given for an option of the command, its default, or NULL. */
const char *cli_value(const cli *c, const char *name);
/* 1 when the option was given. */
int cli_has(const cli *c, const char *name);
/* Number of a CLI_NUMBER option; CLI_USAGE after a message when it is not one or out of
 * [lo, hi]. */
int cli_number(cli *c, const char *name, double lo, double hi, double *out);
/* Fill a struct of the library from the options given; remembers it for the JSON output
 * and draws a seed from the system where the table has one that was not given. */
int cli_fill(cli *c, const char *module, void *opts);
/* The same on top of what `opts` holds already. */
int cli_overlay(cli *c, const char *module, void *opts);
/* `names` (ends with NULL) nearest to `text`, or NULL when none is near. */
const char *cli_nearest(const char *text, const char *const *names);
/* Words joined and quoted so that a shell reads them back. */
char *cli_quote(int argc, char *const *argv);

/* help.c */
void cli_overview(FILE *f);
void cli_help(const cli_cmd *cmd, FILE *f);
/* Text in lines of at most 90 columns; every line after the first starts with `indent`
 * blanks, the first continues at column `at`. */
void cli_wrap(const char *text, int indent, int at, FILE *f);
const cli_cmd *cli_find(const char *name);
int cli_unknown_command(const char *name);

/* --- saying things --------------------------------------------------------- */

/* "neuraxis CMD: text" on stderr; returns `code`. */
int cli_error(const cli *c, int code, const char *fmt, ...) NAX_PRINTF(3, 4);
/* The error of a library call, without the name of the function; returns the exit status
 * that belongs to `s`. */
int cli_fail(cli *c, nax_status s);
/* The same with what was being done before the text. */
int cli_fail_in(cli *c, const char *what, nax_status s);
/* Of warnings of the same id this many are shown; the others are counted. */
enum { CLI_LIKE = 3 };
/* Print the warnings that the context collected since the last call. */
void cli_warnings(cli *c);
/* A note on stderr unless --quiet; with `level` 1 only with --verbose. */
void cli_note(const cli *c, int level, const char *fmt, ...) NAX_PRINTF(3, 4);
/* 1 when `f` is a terminal that shows colours and nobody minds. */
int cli_colour(FILE *f);

/* progress.c */
int cli_progress_setup(cli *c);
void cli_progress_clear(void);
/* Signal that asked to stop, or 0. */
int cli_stopped(void);

/* --- memory and text: these end the program when memory runs out ----------- */

void *cli_alloc(size_t n, size_t size);
void *cli_grow(void *p, size_t n, size_t size);
char *cli_dup(const char *s);
char *cli_printf(const char *fmt, ...) NAX_PRINTF(1, 2);
/* Shortest text that reads back as the same number; "NaN", "Inf", "-Inf". */
const char *cli_num(char buf[32], double x);
/* The same with at most `digits` significant digits, for people. */
const char *cli_short(char buf[32], double x, int digits);
/* "12.3 MB" */
const char *cli_bytes(char buf[32], double bytes);
/* 1 when all of `s` is one number. */
int cli_parse_number(const char *s, double *out);

/* --- output ---------------------------------------------------------------- */

/* A real number, or null when it is NaN or infinite. */
json_t *cli_json_num(double x);
/* Text of a file, which may hold anything. */
json_t *cli_json_text(const char *s);
/* On one line, numbers in their shortest form; free it. */
char *cli_json_line(const json_t *j);
/* The same to a file, indented, with a final newline. */
void cli_json_print(const json_t *j, FILE *f);
/* The envelope of every JSON output around `result` (stolen): tool, version, command,
 * seed, inputs (path, size, sha256 of `n` files), options, result. */
int cli_json_emit(cli *c, int n, const char *const *inputs, int hash, json_t *result);
/* Resolved options as an object. */
json_t *cli_json_options(const cli *c);
/* A cell of csv is quoted where it must be; tabs and line ends in a cell of tsv become
 * blanks, as tsv has no quotes. */
void cli_put_cell(const char *s, char separator);
/* Print a table to stdout as --format says: tsv, csv or json. */
int cli_table_emit(cli *c, int n_inputs, const char *const *inputs, const nax_table *t);

/* --- input ----------------------------------------------------------------- */

/* Path to open for an argument: "-" is standard input. */
const char *cli_input_path(cli *c, const char *arg);
/* Name of an argument in messages. */
const char *cli_input_name(const char *arg);
/* Options of opening from the command line. */
int cli_source_opts(cli *c, nax_source_opts *o);
/* Open; prints the error. Exit status. */
int cli_open(cli *c, const char *arg, const nax_source_opts *o, nax_source **out);
/* Attributes of a source, or one variable, into a dataset: float32 stays float32. */
nax_status cli_copy_attributes(cli *c, nax_source *source, nax_dataset *d);
nax_status cli_copy_variable(cli *c, nax_source *source, int32_t i, nax_dataset *d);
/* Exit status, after a message, when a list of names has one that a source has not. */
int cli_check_names(cli *c, const nax_source *source, const char *list);
/* Bytes of a file or of the files in a folder. */
double cli_file_size(const char *path);
/* Output file of -o: options of saving with the command line, force, no-history and the
 * time of SOURCE_DATE_EPOCH. */
int cli_save_opts(cli *c, nax_save_opts *o);
/* Options of the page that --report asks for. */
nax_report_opts cli_report_opts(const cli *c);
/* CLI_OK, or a message when `path` exists and --force was not given. */
int cli_may_write(cli *c, const char *path);
/* Why writing to stdout failed, where that was seen; 0 otherwise. */
extern int cli_stdout_errno;
/* What a command from a recording to a file looks at before it opens anything: where the
 * result goes and as what, how to read, how to write. Exit status, after a message. */
int cli_begin_output(cli *c, const char **path, const char **to, nax_source_opts *source,
                     nax_save_opts *save);
/* The same for an analysis, whose results are a NetCDF file and perhaps a page. `path`
 * gets the file; NULL: the command can do without one. */
int cli_begin_analysis(cli *c, const char **path, nax_source_opts *source,
                       nax_save_opts *save);
/* nc, csv, tsv or npy, from --to or the name; NULL after a message. */
const char *cli_output_kind(cli *c, const char *path);
/* Whether a variable can be written so; exit status, after a message. */
int cli_output_fits(cli *c, const char *name, nax_var_kind kind, const char *to,
                    const char *path);
/* Write what is not NULL of the three as csv, tsv or npy; "-" is standard output. */
nax_status cli_write_var(cli *c, const nax_array *a, const nax_spikes *sp,
                         const nax_table *t, const char *path, const char *to,
                         const nax_save_opts *save);
/* The main variable, or -1 after a message that lists the candidates. */
int32_t cli_choose(cli *c, const nax_source *s);
/* Columns `name` (n) of a table of a source, NULL: of its first table; `out` gets as many
 * arrays to free, also after a failure. Exit status, after a message about `subject`. */
int cli_numbers(cli *c, nax_source *s, const char *subject, const char *table, int n,
                const char *const *name, double **out, nax_index *rows);
/* Starts and stops of the rows of a table. */
int cli_events(cli *c, nax_source *s, const char *subject, const char *table,
               double **start, double **stop, nax_index *n);
/* 1 when `name` is in a list separated by commas. */
int cli_is_listed(const char *list, const char *name);
/* Facts on how a dataset was made, as attributes: options, seed, source. */
nax_status cli_provenance(cli *c, nax_dataset *d, int n_inputs,
                          const char *const *inputs);

#endif
