/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "core_i.h"
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { ERROR_SIZE = 512, MAX_WARNINGS = 1000 };

typedef struct warning {
  nax_severity severity;
  char *id, *text;
} warning;

struct nax_ctx {
  atomic_int cancel;
  atomic_int stop;   /* seen between two polls of the stage under way */
  int held;          /* only polls of stages look */
  pthread_t caller;  /* who began it */
  nax_i_stage stage; /* a copy of it */
  int64_t stage_done;
  double stage_objective; /* as last told */
  int32_t n_threads;
  nax_progress_fn progress;
  void *progress_user;
  double progress_every_s, progress_last;
  warning *warnings;
  nax_index n_warnings, cap_warnings, n_dropped;
  char dropped_text[64];
  char error[ERROR_SIZE];
};

static _Thread_local char thread_error[ERROR_SIZE];
static _Thread_local int block_depth;

void
nax_i_block_begin(void)
{
  block_depth++;
}

void
nax_i_block_end(void)
{
  block_depth--;
}

/* What blocks say is carried over by whoever runs them. */
static char *
error_of(nax_ctx *ctx)
{
  return ctx != NULL && block_depth == 0 ? ctx->error : thread_error;
}

double
nax_i_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The text ends where the buffer does; control characters from file names and labels
 * would break the promise of one line. */
static void
store_error(nax_ctx *ctx, const char *prefix, const char *fmt, va_list ap)
{
  char text[ERROR_SIZE];
  char *buf = error_of(ctx);
  int k = nax_i_snprintf(text, sizeof text, "%s: ", prefix);
  if (k >= 0 && k < (int)sizeof text) {
    nax_i_vsnprintf(text + k, sizeof text - (size_t)k, fmt, ap);
  }
  nax_i_clean_utf8(text);
  memcpy(buf, text, sizeof text);
}

nax_status
nax_i_fail_text(nax_ctx *ctx, nax_status s, const char *text)
{
  char *buf = error_of(ctx);
  if (text != buf) {
    snprintf(buf, ERROR_SIZE, "%s", text);
  }
  return s;
}

nax_status
nax_i_fail(nax_ctx *ctx, nax_status s, const char *fn, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  store_error(ctx, fn, fmt, ap);
  va_end(ap);
  return s;
}

nax_status
nax_i_fail_file(nax_ctx *ctx, nax_status s, const char *path, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  store_error(ctx, path, fmt, ap);
  va_end(ap);
  return s;
}

void
nax_i_begin(nax_ctx *ctx)
{
  error_of(ctx)[0] = '\0';
  if (ctx != NULL && block_depth == 0) { /* none of this call is under way */
    ctx->stage.fn = NULL;
    ctx->stage_done = 0;
  }
}

static int
grow_warnings(nax_ctx *ctx)
{
  if (ctx->n_warnings < ctx->cap_warnings) {
    return 1;
  }
  nax_index cap = ctx->cap_warnings ? 2 * ctx->cap_warnings : 8;
  warning *w = nax_i_realloc(ctx->warnings, (size_t)cap, sizeof *w);
  if (w == NULL) {
    return 0;
  }
  ctx->warnings = w;
  ctx->cap_warnings = cap;
  return 1;
}

void
nax_i_warn(nax_ctx *ctx, nax_severity severity, const char *id, const char *fmt, ...)
{
  if (ctx == NULL) {
    return;
  }
  va_list ap;
  va_start(ap, fmt);
  char text[ERROR_SIZE];
  nax_i_vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  nax_i_clean_utf8(text);
  for (nax_index i = 0; i < ctx->n_warnings; i++) {
    if (strcmp(ctx->warnings[i].id, id) == 0 &&
        strcmp(ctx->warnings[i].text, text) == 0) {
      return;
    }
  }
  warning w = {severity, NULL, NULL};
  if (ctx->n_warnings < MAX_WARNINGS && grow_warnings(ctx)) {
    w.id = nax_i_strdup(id);
    w.text = nax_i_strdup(text);
  }
  if (w.id != NULL && w.text != NULL) {
    ctx->warnings[ctx->n_warnings++] = w;
    return;
  }
  nax_i_free(w.id);
  nax_i_free(w.text);
  ctx->n_dropped++;
  snprintf(ctx->dropped_text, sizeof ctx->dropped_text, "%lld more warnings",
           (long long)ctx->n_dropped);
}

_Static_assert(ATOMIC_INT_LOCK_FREE == 2,
               "nax_ctx_cancel is called from signal handlers");

nax_status
nax_ctx_create(nax_ctx **out)
{
  *out = nax_i_calloc(1, sizeof **out);
  if (*out == NULL) {
    return nax_i_fail(NULL, NAX_ENOMEM, __func__, "out of memory");
  }
  nax_i_fork_hook();
  atomic_init(&(*out)->cancel, 0);
  atomic_init(&(*out)->stop, 0);
  (*out)->caller = pthread_self();
  (*out)->n_threads = 1;
  return NAX_OK;
}

void
nax_ctx_clear_warnings(nax_ctx *ctx)
{
  if (ctx == NULL) {
    return;
  }
  for (nax_index i = 0; i < ctx->n_warnings; i++) {
    nax_i_free(ctx->warnings[i].id);
    nax_i_free(ctx->warnings[i].text);
  }
  ctx->n_warnings = 0;
  ctx->n_dropped = 0;
}

void
nax_ctx_free(nax_ctx *ctx)
{
  if (ctx == NULL) {
    return;
  }
  nax_ctx_clear_warnings(ctx);
  nax_i_free(ctx->warnings);
  nax_i_free(ctx);
}

void
nax_ctx_set_progress(nax_ctx *ctx, nax_progress_fn fn, void *user, double min_interval_s)
{
  if (ctx == NULL) {
    return;
  }
  ctx->progress = fn;
  ctx->progress_user = user;
  ctx->progress_every_s = min_interval_s;
  ctx->progress_last = -INFINITY;
}

nax_status
nax_ctx_set_threads(nax_ctx *ctx, int32_t n_threads)
{
  nax_status status = NAX_OK;
  NAX_REQUIRE(ctx != NULL, NAX_EINVAL, "`ctx` is NULL, expected a context");
  NAX_REQUIRE(n_threads >= 0 && n_threads <= 1024, NAX_EINVAL,
              "n_threads must lie in 0..1024, got %d", (int)n_threads);
  ctx->n_threads = n_threads ? n_threads : nax_i_cpu_count();
done:
  return status;
}

int32_t
nax_ctx_threads(const nax_ctx *ctx)
{
  return ctx ? ctx->n_threads : 1;
}

void
nax_ctx_cancel(nax_ctx *ctx)
{
  if (ctx != NULL) {
    atomic_store_explicit(&ctx->cancel, 1, memory_order_relaxed);
  }
}

nax_status
nax_ctx_poll(nax_ctx *ctx)
{
  nax_i_begin(ctx);
  return nax_i_poll(ctx);
}

const char *
nax_ctx_error(const nax_ctx *ctx)
{
  return ctx != NULL && block_depth == 0 ? ctx->error : thread_error;
}

nax_index
nax_ctx_n_warnings(const nax_ctx *ctx)
{
  return ctx ? ctx->n_warnings + (ctx->n_dropped > 0) : 0;
}

nax_warning
nax_ctx_warning(const nax_ctx *ctx, nax_index i)
{
  nax_warning w = {(nax_severity)0, NULL, NULL};
  if (ctx != NULL && i >= 0 && i < ctx->n_warnings) {
    w = (nax_warning){ctx->warnings[i].severity, ctx->warnings[i].id,
                      ctx->warnings[i].text};
  } else if (ctx != NULL && i == ctx->n_warnings && ctx->n_dropped > 0) {
    w = (nax_warning){NAX_INFO, "core.more-warnings", ctx->dropped_text};
  }
  return w;
}

const char *
nax_severity_name(nax_severity s)
{
  switch (s) {
  case NAX_INFO:
    return "info";
  case NAX_SUGGESTION:
    return "suggestion";
  case NAX_VIOLATION:
    return "violation";
  case NAX_CRITICAL:
    return "critical";
  case NAX_SEVERITY_FORCE_INT:
    break;
  }
  return "?";
}

nax_status
nax_i_stage_begin(nax_i_stage *st, nax_ctx *ctx, const char *fn, const char *stage,
                  int64_t n)
{
  *st = (nax_i_stage){ctx, fn, stage, n, nax_i_now()};
  if (ctx != NULL) {
    ctx->stage = *st;
    ctx->caller = pthread_self();
    atomic_store_explicit(&ctx->stop, 0, memory_order_relaxed);
  }
  return nax_i_stage_poll(st, 0, NAN);
}

/* On the thread that may call back: what the host has to say, not more often than it
 * wants to be asked. */
static int
ask(nax_ctx *ctx)
{
  if (ctx->progress == NULL || !pthread_equal(pthread_self(), ctx->caller)) {
    return 0;
  }
  double t = nax_i_now();
  if (t - ctx->progress_last < ctx->progress_every_s) {
    return 0;
  }
  const nax_i_stage *st = &ctx->stage;
  nax_progress p = {st->fn != NULL ? st->stage : "working", ctx->stage_done,
                    st->fn != NULL ? st->n : -1,
                    st->fn != NULL ? ctx->stage_objective : (double)NAN,
                    st->fn != NULL ? t - st->t0 : 0.0};
  ctx->progress_last = t;
  return ctx->progress(&p, ctx->progress_user);
}

int
nax_i_stopped(nax_ctx *ctx)
{
  if (ctx == NULL || ctx->held > 0) {
    return 0;
  }
  if (!atomic_load_explicit(&ctx->stop, memory_order_relaxed)) {
    int stop = atomic_load_explicit(&ctx->cancel, memory_order_relaxed) &&
               atomic_exchange_explicit(&ctx->cancel, 0, memory_order_relaxed);
    if (!stop && !ask(ctx)) {
      return 0;
    }
    atomic_store_explicit(&ctx->stop, 1, memory_order_relaxed);
  }
  return 1;
}

static nax_status
say_stopped(nax_ctx *ctx, const nax_i_stage *st, int64_t done)
{
  return nax_i_fail(ctx, NAX_EINTERRUPT, st->fn,
                    "stopped by the caller in %s after %lld steps", st->stage,
                    (long long)done);
}

nax_status
nax_i_poll(nax_ctx *ctx)
{
  if (!nax_i_stopped(ctx)) {
    return NAX_OK;
  }
  if (block_depth == 0) { /* within a block the others must see it too */
    atomic_store_explicit(&ctx->stop, 0, memory_order_relaxed);
  }
  static const nax_i_stage none = {NULL, "neuraxis", "a call", -1, 0.0};
  return say_stopped(ctx, ctx->stage.fn != NULL ? &ctx->stage : &none, ctx->stage_done);
}

nax_status
nax_i_copy(nax_ctx *ctx, void *to, const void *from, size_t bytes)
{
  nax_status status = NAX_OK;
  const size_t piece = (size_t)1 << 24;
  for (size_t at = 0; at < bytes; at += piece) {
    size_t n = bytes - at < piece ? bytes - at : piece;
    memcpy((char *)to + at, (const char *)from + at, n);
    NAX_TRY(n == piece ? nax_i_poll(ctx) : NAX_OK);
  }
done:
  return status;
}

void
nax_i_hold(nax_ctx *ctx, int by)
{
  if (ctx != NULL) {
    ctx->held += by;
  }
}

nax_status
nax_i_stage_poll(nax_i_stage *st, int64_t done, double objective)
{
  nax_ctx *ctx = st->ctx;
  if (ctx == NULL) {
    return NAX_OK;
  }
  int stop = atomic_exchange_explicit(&ctx->cancel, 0, memory_order_relaxed) |
             atomic_exchange_explicit(&ctx->stop, 0, memory_order_relaxed);
  ctx->stage = *st; /* also after another one within it */
  ctx->stage_done = done;
  ctx->stage_objective = objective;
  if (!stop && ctx->progress) {
    double t = nax_i_now();
    if (t - ctx->progress_last >= ctx->progress_every_s || done == st->n || done == 0) {
      nax_progress p = {st->stage, done, st->n, objective, t - st->t0};
      ctx->progress_last = t;
      stop = ctx->progress(&p, ctx->progress_user);
    }
  }
  return stop ? say_stopped(ctx, st, done) : NAX_OK;
}
