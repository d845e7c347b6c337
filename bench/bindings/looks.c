/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a call of a host goes without looking whether to stop: put in between by
 * LD_PRELOAD, it takes the callback of the host, has the library call it whenever it
 * looks, and appends a line for each call to the file that the environment names LOOKS:
 * the longest time between two looks (also before the first and after the last), of the
 * whole. Seconds of processor time, so that other work on the machine does not count.
 * After LOOKS_STOP seconds (3) the call is stopped. */
#define _GNU_SOURCE /* RTLD_NOLOAD */
#include <dlfcn.h>
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
  nax_ctx *ctx;
  nax_progress_fn fn;
  void *user;
  double begun, last, longest, stop;
  long looks;
  char stage[64], where[140];
} call;

static void
next(const char *name, void *function)
{
  void *library = dlopen("libneuraxis.so.0", RTLD_LAZY | RTLD_NOLOAD);
  void *p = library != NULL ? dlsym(library, name) : NULL;
  if (p == NULL) {
    (void)fprintf(stderr, "looks: the library has no %s\n", name);
    exit(1);
  }
  memcpy(function, &p, sizeof p);
}

static double
now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
look(const char *stage)
{
  double t = now();
  if (t - call.last > call.longest) {
    call.longest = t - call.last;
    (void)snprintf(call.where, sizeof call.where, "%s to %s", call.stage, stage);
  }
  (void)snprintf(call.stage, sizeof call.stage, "%s", stage);
  call.last = t;
  call.looks++;
}

static int
on_progress(const nax_progress *p, void *user)
{
  (void)user;
  look(p->stage);
  return call.last - call.begun > call.stop || call.fn(p, call.user);
}

void
nax_ctx_set_progress(nax_ctx *ctx, nax_progress_fn fn, void *user, double min_interval_s)
{
  void (*set)(nax_ctx *, nax_progress_fn, void *, double);
  next("nax_ctx_set_progress", &set);
  if (fn == NULL) {
    set(ctx, fn, user, min_interval_s);
    return;
  }
  const char *stop = getenv("LOOKS_STOP");
  memset(&call, 0, sizeof call);
  call.ctx = ctx;
  call.fn = fn;
  call.user = user;
  call.stop = stop != NULL ? atof(stop) : 3.0;
  call.begun = call.last = now();
  strcpy(call.stage, "the call");
  set(ctx, on_progress, NULL, 0.0);
}

void
nax_ctx_free(nax_ctx *ctx)
{
  void (*release)(nax_ctx *);
  next("nax_ctx_free", &release);
  if (ctx != NULL && ctx == call.ctx) {
    look("its end");
    const char *path = getenv("LOOKS");
    FILE *f = path != NULL ? fopen(path, "a") : NULL;
    if (f != NULL) {
      (void)fprintf(f, "%.3f of %.3f s, %ld looks, %s\n", call.longest,
                    call.last - call.begun, call.looks, call.where);
      (void)fclose(f);
    }
    call.ctx = NULL;
  }
  release(ctx);
}
