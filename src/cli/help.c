/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overview, help of a command, and the completion script, all from the table of
 * commands. The layout is what help2man makes manual pages from. */
#include "cli_i.h"
#include <stdlib.h>
#include <string.h>

static const char exit_status_text[] =
    "Exit status:\n"
    "  0    done\n"
    "  1    failed: reading or writing, memory, numbers\n"
    "  2    the command line is wrong\n"
    "  3    the input was rejected\n"
    "  4    finished but did not converge (only with --strict)\n"
    "  130  interrupted by Ctrl-C (143 by a termination signal)\n";

const cli_cmd *
cli_find(const char *name)
{
  for (int i = 0; cli_cmds[i] != NULL; i++) {
    if (strcmp(cli_cmds[i]->name, name) == 0) {
      return cli_cmds[i];
    }
  }
  return NULL;
}

int
cli_unknown_command(const char *name)
{
  const char *names[64];
  int n = 0;
  for (int i = 0; cli_cmds[i] != NULL && n < 63; i++) {
    if (cli_cmds[i]->group != NULL) {
      names[n++] = cli_cmds[i]->name;
    }
  }
  names[n] = NULL;
  const char *near = cli_nearest(name, names);
  if (near != NULL) {
    return cli_error(NULL, CLI_USAGE,
                     "there is no command `%s` (did you mean `%s`?); `neuraxis help` "
                     "lists them",
                     name, near);
  }
  return cli_error(NULL, CLI_USAGE,
                   "there is no command `%s`; `neuraxis help` lists them", name);
}

void
cli_overview(FILE *f)
{
  const char *group = "";
  fputs(
      "Usage: neuraxis COMMAND [OPTION]... INPUT...\n"
      "Analysis of neural population recordings: calcium imaging, spike trains, EEG and "
      "LFP.\n",
      f);
  for (int i = 0; cli_cmds[i] != NULL; i++) {
    const cli_cmd *cmd = cli_cmds[i];
    if (cmd->group == NULL) {
      continue;
    }
    if (strcmp(group, cmd->group) != 0) {
      group = cmd->group;
      fprintf(f, "\n%s:\n", group);
    }
    fprintf(f, "  %-12s %s\n", cmd->name, cmd->summary);
  }
  fprintf(f,
          "\n`neuraxis help COMMAND` or `neuraxis COMMAND --help` says more about one, "
          "`neuraxis help\nformats` lists the files that can be read.\n\n%s",
          exit_status_text);
}

/* Text in lines of at most 90 columns; every line after the first starts with `indent`
 * blanks, the first continues at column `at`. */
void
cli_wrap(const char *text, int indent, int at, FILE *f)
{
  int blanks = 0;
  while (*text != '\0') {
    size_t n = strcspn(text, " \n");
    size_t most = (size_t)(90 - indent);
    if (n > most) { /* a list of choices breaks after one of its bars */
      size_t k = most;
      while (k > 0 && text[k - 1] != '|') {
        k--;
      }
      n = k > 0 ? k : n;
    }
    if (n > 0) {
      if (at > indent && at + blanks + (int)n > 90) {
        fprintf(f, "\n%*s", indent, "");
        at = indent;
      } else {
        fprintf(f, "%*s", blanks, "");
        at += blanks;
      }
      fwrite(text, 1, n, f);
      at += (int)n;
      text += n;
      blanks = 0;
    }
    if (*text == ' ') {
      blanks++;
      text++;
    } else if (*text == '\n') {
      fprintf(f, "\n%*s", indent, "");
      at = indent;
      blanks = 0;
      text++;
    }
  }
  fputc('\n', f);
}

static void
help_option(const cli_opt *o, FILE *f)
{
  enum { COLUMN = 28 };
  char left[128], letter[8] = "    ";
  if (o->letter != 0) {
    snprintf(letter, sizeof letter, "-%c, ", o->letter);
  }
  if (o->metavar == NULL) {
    snprintf(left, sizeof left, "  %s--%s", letter, o->name);
  } else if (o->metavar[0] == '[') { /* the value may be left out */
    snprintf(left, sizeof left, "  %s--%s[=%s", letter, o->name, o->metavar + 1);
  } else {
    snprintf(left, sizeof left, "  %s--%s=%s", letter, o->name, o->metavar);
  }
  char *text =
      o->def != NULL ? cli_printf("%s  [%s]", o->help, o->def) : cli_dup(o->help);
  int n = fprintf(f, "%s", left);
  if (n > COLUMN - 2) {
    fprintf(f, "\n%*s", COLUMN, "");
  } else {
    fprintf(f, "%*s", COLUMN - n, "");
  }
  cli_wrap(text, COLUMN, COLUMN, f);
  free(text);
}

void
cli_help(const cli_cmd *cmd, FILE *f)
{
  cli c = {.cmd = cmd};
  const char *section = "";
  cli_refs_init(&c);
  fprintf(f, "Usage: neuraxis %s [OPTION]...%s%s\n%c%s.\n\n", cmd->name,
          cmd->args[0] != '\0' ? " " : "", cmd->args,
          cmd->summary[0] >= 'a' && cmd->summary[0] <= 'z' ? cmd->summary[0] - 32
                                                           : cmd->summary[0],
          cmd->summary + 1);
  if (cmd->text != NULL) {
    cli_wrap(cmd->text, 0, 0, f);
  }
  for (int i = 0; i < c.n_refs; i++) {
    if (c.refs[i].opt.hidden) {
      continue;
    }
    if (strcmp(section, c.refs[i].section) != 0) {
      section = c.refs[i].section;
      fprintf(f, "\n%s:\n", section);
    }
    help_option(&c.refs[i].opt, f);
  }
  if (cmd->more != NULL) {
    cmd->more(f);
  }
  if (cmd->examples != NULL) {
    fprintf(f, "\nExamples:\n%s", cmd->examples);
  }
  fprintf(f, "\n%s", exit_status_text);
  free(c.refs);
}

/* --- help formats ------------------------------------------------------------------ */

static void
help_formats(FILE *f)
{
  fputs("Formats that can be read (recognised by content, never by name alone):\n\n", f);
  for (int32_t i = 0; i < nax_n_formats(); i++) {
    const char *name, *text;
    nax_format_info(i, &name, &text);
    int n = fprintf(f, "  %-12s ", name);
    cli_wrap(text, n, n, f);
  }
  fputs(
      "\nWritten are the native format (NetCDF-4) and, for one variable, .csv and .npy.\n"
      "--input-format=NAME reads a file as a format of this list.\n",
      f);
}

static int
run_help(cli *c)
{
  if (c->n_args == 0) {
    cli_overview(stdout);
    return CLI_OK;
  }
  if (strcmp(c->args[0], "formats") == 0) {
    help_formats(stdout);
    return CLI_OK;
  }
  const cli_cmd *cmd = cli_find(c->args[0]);
  if (cmd == NULL) {
    return cli_unknown_command(c->args[0]);
  }
  cli_help(cmd, stdout);
  return CLI_OK;
}

const cli_cmd cli_cmd_help = {"help",
                              "Help",
                              "[COMMAND|formats]",
                              "help on a command, or the formats that can be read",
                              NULL,
                              NULL,
                              NULL,
                              run_help,
                              0,
                              1,
                              NULL};

/* --- version ----------------------------------------------------------------------- */

static const cli_opt version_opts[] = {
    {"json", NULL, NULL, "print as JSON", NULL, CLI_FLAG, 0, 0, 1},
    {"version-only", NULL, NULL, "print the number only", NULL, CLI_FLAG, 0, 0, 1},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section version_sections[] = {{"Options", version_opts, NULL, NULL},
                                               {NULL, NULL, NULL, NULL}};

static int
run_version(cli *c)
{
  const char *name, *version;
  if (cli_has(c, "version-only")) {
    puts(nax_version());
    return CLI_OK;
  }
  if (cli_has(c, "json")) {
    json_t *j = json_object(), *parts = json_object();
    json_object_set_new(j, "neuraxis", json_string(nax_version()));
    for (int32_t i = 0; i < nax_n_build_info(); i++) {
      nax_build_info(i, &name, &version);
      json_object_set_new(parts, name, cli_json_text(version));
    }
    json_object_set_new(parts, "jansson", json_string(jansson_version_str()));
    json_object_set_new(j, "linked", parts);
    cli_json_print(j, stdout);
    json_decref(j);
    return CLI_OK;
  }
  printf("neuraxis %s\n\n", nax_version());
  for (int32_t i = 0; i < nax_n_build_info(); i++) {
    nax_build_info(i, &name, &version);
    printf("  %-12s %s\n", name, version);
  }
  printf("  %-12s %s\n", "jansson", jansson_version_str());
  puts("\nLicence GPL-3.0-or-later. There is no warranty, to the extent that the law "
       "permits.");
  return CLI_OK;
}

const cli_cmd cli_cmd_version = {"version",
                                 "Help",
                                 "",
                                 "version of neuraxis and of the libraries it runs with",
                                 NULL,
                                 NULL,
                                 version_sections,
                                 run_version,
                                 0,
                                 0,
                                 NULL};

/* --- completion -------------------------------------------------------------------- */

/* One case per command: its long options, and for options with a closed list of values
 * those values. Files are left to bash. */
static int
run_completion(cli *c)
{
  if (strcmp(c->args[0], "bash") != 0) {
    return cli_error(c, CLI_USAGE,
                     "there is a completion script for bash only, got \"%s\"",
                     c->args[0]);
  }
  puts("# SPDX-License-Identifier: GPL-3.0-or-later\n"
       "# Completion of the neuraxis command for bash; made by `neuraxis completion "
       "bash`.\n"
       "_neuraxis()\n"
       "{\n"
       "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
       "  local opts= values=\n"
       "  COMPREPLY=()\n"
       "  # bash splits at '=': --name = value\n"
       "  if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then\n"
       "    prev=${COMP_WORDS[COMP_CWORD-2]}\n"
       "  fi");
  fputs("  if ((COMP_CWORD == 1)); then\n    mapfile -t COMPREPLY < <(compgen -W \"",
        stdout);
  for (int i = 0; cli_cmds[i] != NULL; i++) {
    if (cli_cmds[i]->group != NULL) {
      printf("%s%s", i > 0 ? " " : "", cli_cmds[i]->name);
    }
  }
  puts("\" -- \"$cur\")\n    return\n  fi\n  case ${COMP_WORDS[1]} in");
  for (int i = 0; cli_cmds[i] != NULL; i++) {
    if (cli_cmds[i]->group == NULL) {
      continue;
    }
    cli one = {.cmd = cli_cmds[i]};
    cli_refs_init(&one);
    printf("  %s)\n    opts=\"", cli_cmds[i]->name);
    const char *gap = "";
    for (int k = 0; k < one.n_refs; k++) {
      const cli_opt *o = &one.refs[k].opt;
      if (!o->hidden) {
        printf("%s--%s%s", gap, o->name,
               o->metavar != NULL && o->metavar[0] != '[' ? "=" : "");
        gap = " ";
      }
    }
    puts("\"\n    case $prev in");
    for (int k = 0; k < one.n_refs; k++) {
      const cli_opt *o = &one.refs[k].opt;
      if (o->choices != NULL && o->choices[0] != '\0' && !o->hidden) {
        printf("    --%s) values=\"", o->name);
        for (const char *s = o->choices; *s != '\0'; s++) {
          putchar(*s == '|' ? ' ' : *s);
        }
        puts("\" ;;");
      }
    }
    puts("    esac");
    if (strcmp(cli_cmds[i]->name, "help") == 0) {
      fputs("    values=\"formats", stdout);
      for (int k = 0; cli_cmds[k] != NULL; k++) {
        if (cli_cmds[k]->group != NULL) {
          printf(" %s", cli_cmds[k]->name);
        }
      }
      puts("\"");
    }
    puts("    ;;");
    free(one.refs);
  }
  puts("  esac\n"
       "  if [[ $cur == -* ]]; then\n"
       "    mapfile -t COMPREPLY < <(compgen -W \"$opts\" -- \"$cur\")\n"
       "    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
       "  elif [[ -n $values ]]; then\n"
       "    mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
       "  else\n"
       "    compopt -o default\n"
       "  fi\n"
       "}\n"
       "complete -F _neuraxis neuraxis");
  return CLI_OK;
}

const cli_cmd cli_cmd_completion = {"completion",
                                    NULL,
                                    "bash",
                                    "print the completion script of a shell",
                                    NULL,
                                    NULL,
                                    NULL,
                                    run_completion,
                                    1,
                                    1,
                                    NULL};
