/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress on the terminal, and what Ctrl-C does. */
#define _POSIX_C_SOURCE 200809L
#include "cli_i.h"
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static nax_ctx *volatile running;
static volatile sig_atomic_t stopped;
static int shown;        /* a line stands on the terminal */
static double show_from; /* monotonic seconds; quick work shows nothing */
static const char *command;

static double
now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void
cli_progress_clear(void)
{
  if (shown) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
    shown = 0;
  }
}

static int
show(const nax_progress *p, void *user)
{
  (void)user;
  if (stopped) {
    return 1;
  }
  if (now() < show_from) {
    return 0;
  }
  if (p->iter_max > 0 && p->iter >= p->iter_max) {
    cli_progress_clear();
    return 0;
  }
  fprintf(stderr, "\r\033[Kneuraxis %s: %s", command, p->stage);
  if (p->iter_max > 0) {
    fprintf(stderr, " %3.0f %%", 100.0 * (double)p->iter / (double)p->iter_max);
    if (p->iter > 0 && p->elapsed_s > 2.0) {
      double left = p->elapsed_s * (double)(p->iter_max - p->iter) / (double)p->iter;
      fprintf(stderr, ", %.0f s left", ceil(left));
    }
  } else {
    fprintf(stderr, " %lld", (long long)p->iter);
  }
  if (!isnan(p->objective)) {
    fprintf(stderr, ", objective %.6g", p->objective);
  }
  fflush(stderr);
  shown = 1;
  return 0;
}

/* The first signal asks the library to stop, which removes temporary files; the second
 * ends the program at once. Both calls are safe in a signal handler. */
static void
on_signal(int sig)
{
  if (stopped) {
    struct sigaction dfl;
    memset(&dfl, 0, sizeof dfl);
    dfl.sa_handler = SIG_DFL;
    sigaction(sig, &dfl, NULL);
    raise(sig);
    return;
  }
  stopped = sig;
  if (running != NULL) {
    nax_ctx_cancel(running);
  }
}

int
cli_stopped(void)
{
  return stopped;
}

int
cli_progress_setup(cli *c)
{
  const char *when = cli_value(c, "progress"), *term = getenv("TERM");
  int always = strcmp(when, "always") == 0;
  int on = always || (strcmp(when, "auto") == 0 && c->verbosity >= 0 &&
                      isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0);
  command = c->cmd->name;
  show_from = always ? 0.0 : now() + 0.7;
  running = c->ctx;
  if (on) {
    nax_ctx_set_progress(c->ctx, show, NULL, 0.1);
  }
  /* Signals that were ignored when we started (nohup, background jobs) stay ignored. */
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    struct sigaction sa, old;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_signal;
    sigemptyset(&sa.sa_mask);
    if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
      sigaction(signals[i], &sa, NULL);
    }
  }
  return CLI_OK;
}
