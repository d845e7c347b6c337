/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel blocks: same bits for any number of threads, which failure is reported, where
 * the callback runs, stopping, and children made by fork. */
#include "nax_test.h"
#include "core/core_i.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

static nax_ctx *
context(int32_t n_threads)
{
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, n_threads));
  return ctx;
}

/* --------------------------------------------------------------------- results */

enum { ITEMS = 100003, GRAIN = 1000 };

typedef struct sum_job {
  double *x, *part;
} sum_job;

static nax_status
sum_block(int64_t block, void *arg)
{
  sum_job *j = arg;
  int64_t from = block * GRAIN, to = from + GRAIN < ITEMS ? from + GRAIN : ITEMS;
  j->part[block] = nax_i_sum(j->x + from, to - from);
  return NAX_OK;
}

static void
sums_over_blocks_have_the_same_bits(void **state)
{
  (void)state;
  int64_t blocks = nax_i_n_blocks(ITEMS, GRAIN);
  assert_int_equal(blocks, 101);
  sum_job j = {calloc(ITEMS, sizeof(double)), calloc((size_t)blocks, sizeof(double))};
  uint64_t seed = 3;
  for (int i = 0; i < ITEMS; i++) {
    j.x[i] = (nax_t_uniform(&seed) - 0.5) * pow(10.0, 20.0 * nax_t_uniform(&seed));
  }
  double first = 0.0;
  for (int32_t t = 1; t <= 3; t++) {
    for (int staged = 0; staged < 2; staged++) {
      nax_ctx *ctx = context(t);
      nax_i_stage st;
      assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/sum", blocks));
      memset(j.part, 0, (size_t)blocks * sizeof(double));
      assert_ok(nax_i_parallel(ctx, staged ? &st : NULL, blocks, sum_block, &j));
      double total = nax_i_sum(j.part, blocks);
      first = t == 1 && !staged ? total : first;
      assert_memory_equal(&total, &first, sizeof total);
      nax_ctx_free(ctx);
    }
  }
  free(j.x);
  free(j.part);
}

static void
sums_lose_little(void **state)
{
  (void)state;
  double *x = calloc(1000000, sizeof *x);
  for (int i = 0; i < 1000000; i++) {
    x[i] = 0.1;
  }
  assert_close(nax_i_sum(x, 1000000), 100000.0, 1e-14, 0.0);
  for (int n = 0; n < 40; n++) {
    double plain = 0.0;
    for (int i = 0; i < n; i++) {
      x[i] = i + 1;
      plain += x[i];
    }
    assert_close(nax_i_sum(x, n), plain, 0.0, 0.0);
  }
  free(x);
}

static void
no_block_is_no_work(void **state)
{
  (void)state;
  assert_ok(nax_i_parallel(NULL, NULL, 0, sum_block, NULL));
  assert_int_equal(nax_i_n_blocks(0, 5), 0);
  assert_int_equal(nax_i_n_blocks(1, 5), 1);
  assert_int_equal(nax_i_n_blocks(5, 5), 1);
  assert_int_equal(nax_i_n_blocks(6, 5), 2);
}

/* -------------------------------------------------------------------- failures */

static nax_status
fail_some(int64_t block, void *arg)
{
  atomic_int *calls = arg;
  atomic_fetch_add(calls, 1);
  if (block >= 37 && block % 7 == 2) { /* 37, 44, 51 ... */
    nax_status s = block == 37 ? NAX_EDATA : NAX_ENUMERIC;
    return nax_i_fail(NULL, s, "nax_f", "block %lld: bad", (long long)block);
  }
  return NAX_OK;
}

static void
the_first_failing_block_decides(void **state)
{
  (void)state;
  for (int32_t t = 1; t <= 3; t++) {
    for (int again = 0; again < 20; again++) {
      nax_ctx *ctx = context(t);
      nax_i_stage st;
      atomic_int calls = 0;
      assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/fail", 500));
      assert_status(nax_i_parallel(ctx, again % 2 ? &st : NULL, 500, fail_some, &calls),
                    NAX_EDATA);
      assert_string_equal(nax_ctx_error(ctx), "nax_f: block 37: bad");
      assert_true(atomic_load(&calls) >= 38);
      nax_ctx_free(ctx);
    }
  }
  atomic_int calls = 0;
  assert_status(nax_i_parallel(NULL, NULL, 500, fail_some, &calls), NAX_EDATA);
  assert_string_equal(nax_ctx_error(NULL), "nax_f: block 37: bad");
  assert_int_equal(atomic_load(&calls), 38); /* one thread: nothing after it runs */
}

static nax_status
fail_without_text(int64_t block, void *arg)
{
  (void)arg;
  return block == 3 ? NAX_ENOMEM : NAX_OK;
}

static nax_status
fail_with_long_path(int64_t block, void *arg)
{
  return block == 0 ? nax_i_fail_file(NULL, NAX_EIO, arg, "cannot read: gone") : NAX_OK;
}

static void
texts_are_carried_over_as_they_are(void **state)
{
  (void)state;
  nax_ctx *ctx = context(2);
  char path[400];
  nax_i_fail(NULL, NAX_EDIM, "nax_g", "an older text of this thread");
  assert_status(nax_i_parallel(ctx, NULL, 8, fail_without_text, NULL), NAX_ENOMEM);
  assert_string_equal(nax_ctx_error(ctx), "");
  memset(path, 'p', sizeof path - 1);
  path[sizeof path - 1] = '\0';
  assert_status(nax_i_parallel(ctx, NULL, 8, fail_with_long_path, path), NAX_EIO);
  assert_int_equal(strlen(nax_ctx_error(ctx)), 399 + strlen(": cannot read: gone"));
  nax_ctx_free(ctx);
}

/* -------------------------------------------------------------------- stopping */

typedef struct watcher {
  pthread_t caller;
  int calls, stop_at;
  int64_t last;
} watcher;

static int
watch(const nax_progress *p, void *user)
{
  watcher *w = user;
  assert_true(pthread_equal(pthread_self(), w->caller));
  assert_true(p->iter >= w->last);
  w->last = p->iter;
  return ++w->calls == w->stop_at;
}

static nax_status
nothing(int64_t block, void *arg)
{
  (void)block;
  atomic_fetch_add((atomic_int *)arg, 1);
  return NAX_OK;
}

static void
the_callback_runs_on_the_calling_thread_and_can_stop(void **state)
{
  (void)state;
  for (int32_t t = 1; t <= 3; t++) {
    nax_ctx *ctx = context(t);
    nax_i_stage st;
    atomic_int done = 0;
    watcher w = {pthread_self(), 0, -1, 0};
    nax_ctx_set_progress(ctx, watch, &w, 0.0);
    assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/stop", 1000));
    assert_ok(nax_i_parallel(ctx, &st, 1000, nothing, &done));
    assert_int_equal(atomic_load(&done), 1000);
    assert_int_equal(w.last, 1000);
    assert_true(w.calls > 10);
    w = (watcher){pthread_self(), 0, 3, 0};
    atomic_store(&done, 0);
    assert_ok(nax_i_stage_begin(&st, ctx, "nax_f", "test/stop", 1000));
    assert_status(nax_i_parallel(ctx, &st, 1000, nothing, &done), NAX_EINTERRUPT);
    assert_true(atomic_load(&done) < 1000);
    assert_non_null(strstr(nax_ctx_error(ctx), "stopped by the caller in test/stop"));
    nax_ctx_free(ctx);
  }
}

typedef struct cancel_job {
  nax_ctx *ctx;
  atomic_int done;
} cancel_job;

static nax_status
cancel_from_within(int64_t block, void *arg)
{
  cancel_job *j = arg;
  atomic_fetch_add(&j->done, 1);
  if (block == 5) {
    nax_ctx_cancel(j->ctx); /* as another thread or a signal handler would */
  }
  return NAX_OK;
}

static void
cancel_from_another_thread_stops_the_call(void **state)
{
  (void)state;
  cancel_job j = {context(2), 0};
  nax_i_stage st;
  assert_ok(nax_i_stage_begin(&st, j.ctx, "nax_f", "test/cancel", 100000));
  assert_status(nax_i_parallel(j.ctx, &st, 100000, cancel_from_within, &j),
                NAX_EINTERRUPT);
  assert_true(atomic_load(&j.done) < 100000);
  nax_ctx_free(j.ctx);
}

/* ------------------------------------------------------------------------ fork */

/* Exit status of a child that runs `work`, -1 when it hangs. */
static int
child(int (*work)(void))
{
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    alarm(20); /* a hang ends here */
    _exit(work());
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
work_in_parallel(void)
{
  nax_ctx *ctx;
  atomic_int done = 0;
  if (nax_ctx_create(&ctx) != NAX_OK || nax_ctx_set_threads(ctx, 3) != NAX_OK ||
      nax_i_parallel(ctx, NULL, 100, nothing, &done) != NAX_OK) {
    return 1;
  }
  nax_ctx_free(ctx);
  return atomic_load(&done) == 100 ? 0 : 2;
}

static int
fork_again(void)
{
  return child(work_in_parallel);
}

static void
a_forked_child_does_not_hang(void **state)
{
  (void)state;
  assert_int_equal(work_in_parallel(), 0); /* now libgomp has its threads */
  assert_int_equal(child(work_in_parallel), 0);
  assert_int_equal(child(fork_again), 0);
  assert_int_equal(work_in_parallel(), 0); /* and the parent works on */
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_over_blocks_have_the_same_bits),
      cmocka_unit_test(sums_lose_little),
      cmocka_unit_test(no_block_is_no_work),
      cmocka_unit_test(the_first_failing_block_decides),
      cmocka_unit_test(texts_are_carried_over_as_they_are),
      cmocka_unit_test(the_callback_runs_on_the_calling_thread_and_can_stop),
      cmocka_unit_test(cancel_from_another_thread_stops_the_call),
      cmocka_unit_test(a_forked_child_does_not_hang),
  };
  return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
