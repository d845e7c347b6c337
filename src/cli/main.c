/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "cli_i.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The order of the overview. A new command: one file, one line here. Commands without a
 * group are not listed. */
/* clang-format off */
const cli_cmd *const cli_cmds[] = {
    &cli_cmd_info,
    &cli_cmd_convert,
    &cli_cmd_preprocess,
    &cli_cmd_report,
    &cli_cmd_simulate,
    &cli_cmd_ntf,
    &cli_cmd_connectome,
    &cli_cmd_gpfa,
    &cli_cmd_gpvae,
    &cli_cmd_bicluster,
    &cli_cmd_rdm,
    &cli_cmd_rsa,
    &cli_cmd_similarity,
    &cli_cmd_trsa,
    &cli_cmd_freqtag,
    &cli_cmd_version,
    &cli_cmd_help,
    &cli_cmd_completion,
    NULL};
/* clang-format on */

/* What the process, which is ours, wants of libraries that the command does not link. */
static void
tune_libraries(void)
{
  union {
    void *object;
    void (*threads)(int);
    int (*no_atexit)(void);
  } f;
  /* Parallel loops are ours; BLAS threads inside them only get in the way. OpenBLAS has
   * read its environment before main begins, so it has to be called. */
  f.object = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
  if (f.object != NULL) {
    f.threads(1);
  }
  /* After a failed write HDF5 keeps a half-closed file, and following it at exit ends in
   * a crash. Files are closed one by one; nothing is left for exit to do. */
  f.object = dlsym(RTLD_DEFAULT, "H5dont_atexit");
  if (f.object != NULL) {
    (void)f.no_atexit();
  }
}

/* A release of OpenBLAS that is older than the processor takes it for one of 2004, whose
 * kernels need four times as long. It chooses while it is being loaded and listens to
 * its environment only, so the command begins anew with the choice made for it. Without
 * success it goes on as it is: slower, not wrong. */
static void
choose_blas_kernels(char **argv)
{
#if defined __x86_64__ && defined __linux__
  union {
    void *object;
    const char *(*core)(void);
  } f;
  f.object = dlsym(RTLD_DEFAULT, "openblas_get_corename");
  if (f.object == NULL || strcmp(f.core(), "Prescott") != 0) {
    return;
  }
  int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if ((!avx512 && !avx2) || getenv("OPENBLAS_CORETYPE") != NULL) {
    return;
  }
  char self[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n > 0 && setenv("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell", 0) == 0) {
    self[n] = '\0';
    execv(self, argv);
  }
#else
  (void)argv;
#endif
}

static int
prepare(cli *c, char **argv)
{
  choose_blas_kernels(argv);
  double threads = 0.0;
  const char *text = cli_value(c, "threads");
  c->verbosity = cli_has(c, "quiet") ? -1 : cli_has(c, "verbose") ? 1 : 0;
  nax_status s = nax_ctx_create(&c->ctx);
  if (s != NAX_OK) {
    return cli_error(c, CLI_FAILED, "%s", nax_status_text(s));
  }
  if (cli_has(c, "threads") && text != NULL) {
    int status = cli_number(c, "threads", 1, 1024, &threads);
    if (status != CLI_OK) {
      return status;
    }
  }
  s = nax_ctx_set_threads(c->ctx, (int32_t)threads);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  tune_libraries();
  return cli_progress_setup(c);
}

static int
run_command(const cli_cmd *cmd, int argc, char **argv)
{
  cli c = {.cmd = cmd};
  cli_refs_init(&c);
  c.line = cli_quote(argc, argv);
  int status = cli_parse(&c, argc - 2, argv + 2);
  if (status == CLI_OK && cli_has(&c, "help")) {
    cli_help(cmd, stdout);
  } else if (status == CLI_OK) {
    status = prepare(&c, argv);
    if (status == CLI_OK) {
      status = cmd->run(&c);
    }
    if (c.ctx != NULL && status == CLI_OK) { /* an error is one line */
      cli_warnings(&c);
    }
    cli_progress_clear();
    if (cli_stopped() && status < 128) {
      status = 128 + cli_stopped();
    }
  }
  nax_ctx_free(c.ctx);
  free(c.refs);
  free(c.given);
  free(c.args);
  free(c.line);
  return status;
}

/* A result that did not reach its reader is a failure, whatever the rest was. */
static int
close_stdout(int status)
{
  int bad = ferror(stdout);
  errno = 0;
  if (fclose(stdout) != 0 || bad) {
    int e = errno != 0 ? errno : cli_stdout_errno;
    const char *why = e != 0 ? strerror(e) : "cannot write";
    return cli_error(NULL, status == CLI_OK ? CLI_FAILED : status, "standard output: %s",
                     why);
  }
  return status;
}

/* Stdout is closed and everything is freed: what other libraries would still do on the
 * way out can only harm. HDF5 prints a page about itself when a damaged file has left it
 * in disorder, after the one line that our user is owed. Builds that are being watched
 * leave by the front door, for that is where leaks and coverage are reported. */
static int
leave(int status)
{
#ifndef NAX_INSTRUMENTED
  fflush(stderr);
  quick_exit(status);
#endif
  return status;
}

int
main(int argc, char **argv)
{
  if (argc < 2) {
    fputs("Usage: neuraxis COMMAND [OPTION]... INPUT...\n"
          "`neuraxis help` lists the commands.\n",
          stderr);
    return CLI_USAGE;
  }
  const char *name = argv[1];
  /* The command is named as it was called for, but its first word is always the same:
   * a path would differ between machines. */
  argv[0] = (char[]){"neuraxis"};
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    cli_overview(stdout);
    return close_stdout(CLI_OK);
  }
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    name = "version";
  }
  const cli_cmd *cmd = cli_find(name);
  if (cmd == NULL) {
    if (name[0] == '-') {
      return cli_error(NULL, CLI_USAGE,
                       "a command comes first, got \"%s\"; `neuraxis help` lists them",
                       name);
    }
    return cli_unknown_command(name);
  }
  return leave(close_stdout(run_command(cmd, argc, argv)));
}
