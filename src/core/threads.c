/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel blocks with results that do not depend on the number of threads. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "core_i.h"
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* After a fork the child has no worker threads and libgomp, if the parent used it (here
 * or elsewhere), would wait for them for ever; so a forked child works on one thread. */
static atomic_int forked;

static void
on_child(void)
{
  atomic_store(&forked, 1);
}

static void
install_fork_hook(void)
{
  pthread_atfork(NULL, NULL, on_child);
}

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

void
nax_i_fork_hook(void)
{
  pthread_once(&fork_once, install_fork_hook);
}

int32_t
nax_i_cpu_count(void)
{
  int32_t n = 1;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    n = (int32_t)CPU_COUNT(&set);
  }
  FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (f != NULL) {
    long long quota, period;
    if (fscanf(f, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0) {
      long long limit = (quota + period - 1) / period;
      n = limit < n ? (int32_t)limit : n;
    }
    fclose(f);
  }
  return n < 1 ? 1 : n > 1024 ? 1024 : n;
}

typedef struct failure {
  int64_t block;
  nax_status status;
  char text[512];
} failure;

/* `stop_after` is the lowest block that failed so far: later blocks cannot matter any
 * more, earlier ones still run, so that the reported failure is always the same. */
static void
run_block(int64_t b, nax_i_block_fn fn, void *arg, nax_ctx *ctx,
          _Atomic int64_t *stop_after, failure *first)
{
  if (b > atomic_load_explicit(stop_after, memory_order_relaxed) || nax_i_stopped(ctx)) {
    return;
  }
  nax_i_begin(NULL);
  nax_i_block_begin();
  nax_status s = fn(b, arg);
  nax_i_block_end();
  if (s == NAX_OK) {
    return;
  }
#ifdef _OPENMP
#pragma omp critical(nax_i_parallel)
#endif
  if (first->status == NAX_OK || b < first->block) {
    first->block = b;
    first->status = s;
    snprintf(first->text, sizeof first->text, "%s", nax_ctx_error(NULL));
    atomic_store_explicit(stop_after, b, memory_order_relaxed);
  }
}

/* The thread of the caller, out of work, goes on looking until the others are done. */
static void
look_meanwhile(nax_ctx *ctx, _Atomic int64_t *n_done, int64_t n)
{
  double t0 = nax_i_now();
  while (atomic_load_explicit(n_done, memory_order_relaxed) < n) {
    if (nax_i_now() - t0 < 1e-3) {
      sched_yield();
    } else {
      (void)nax_i_stopped(ctx);
      nanosleep(&(struct timespec){0, 200000}, NULL);
    }
  }
}

nax_status
nax_i_parallel(nax_ctx *ctx, nax_i_stage *st, int64_t n_blocks, nax_i_block_fn fn,
               void *arg)
{
  nax_i_fork_hook();
  int n_threads = atomic_load(&forked) ? 1 : nax_ctx_threads(ctx);
  n_threads = n_blocks < n_threads ? (int)n_blocks : n_threads;
  failure first = {0, NAX_OK, ""};
  _Atomic int64_t stop_after = INT64_MAX;
  /* Blocks look whether to stop; what a block finds is said after its round, on this
   * thread and outside the parallel region. */
  int64_t round = st != NULL ? 16 * (int64_t)n_threads : n_blocks;
  for (int64_t from = 0; from < n_blocks && first.status == NAX_OK; from += round) {
    int64_t to = n_blocks - from < round ? n_blocks : from + round;
    _Atomic int64_t n_done = 0;
    pthread_t caller = pthread_self();
#ifdef _OPENMP
#pragma omp parallel num_threads(n_threads) if (n_threads > 1)
#endif
    {
#ifdef _OPENMP
#pragma omp for schedule(dynamic, 1) nowait
#endif
      for (int64_t b = from; b < to; b++) {
        run_block(b, fn, arg, ctx, &stop_after, &first);
        atomic_fetch_add_explicit(&n_done, 1, memory_order_relaxed);
      }
      if (n_threads > 1 && pthread_equal(pthread_self(), caller)) {
        look_meanwhile(ctx, &n_done, to - from);
      }
    }
    if (st != NULL && (first.status == NAX_OK || first.status == NAX_EINTERRUPT)) {
      nax_status s = nax_i_stage_poll(st, to, NAN);
      if (s != NAX_OK) {
        return s;
      }
    }
  }
  nax_status stop = st == NULL ? nax_i_poll(ctx) : NAX_OK;
  if (stop != NAX_OK) {
    return stop;
  }
  if (first.status != NAX_OK) {
    return nax_i_fail_text(ctx, first.status, first.text);
  }
  return NAX_OK;
}

double
nax_i_sum(const double *x, int64_t n)
{
  if (n <= 256) {
    /* eight partial sums, so that additions need not wait for each other */
    double s[8] = {0.0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      for (int k = 0; k < 8; k++) {
        s[k] += x[i + k];
      }
    }
    for (int k = 0; i < n; i++, k++) {
      s[k] += x[i];
    }
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  }
  int64_t half = n / 2;
  return nax_i_sum(x, half) + nax_i_sum(x + half, n - half);
}
