/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a call takes, as the operating system sees it. */
#ifndef NAX_MEMORY_TEST_H
#define NAX_MEMORY_TEST_H
#include "nax_test.h"
#include <sys/resource.h>
#include <sys/wait.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Largest resident size of this process in bytes. */
static inline double
nax_t_resident(void)
{
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return 1024.0 * (double)u.ru_maxrss;
}

/* Skips the test where sanitizers take memory too: before it has taken any itself. */
static inline void
nax_t_memory_is_ours(void)
{
  const char *sanitizers = getenv("NAX_SANITIZERS");
  if (sanitizers != NULL && strcmp(sanitizers, "no") != 0) {
    skip();
  }
}

/* How much the largest resident size grows by `run`, in a process of its own. */
static inline double
nax_t_growth(nax_status (*run)(void *), void *arg)
{
  int pipe_fd[2], code = 1;
  double grown = 0.0;
#ifdef __GLIBC__
  malloc_trim(0); /* what earlier tests gave back would be taken again unseen */
#endif
  assert_int_equal(pipe(pipe_fd), 0);
  pid_t child = fork();
  if (child == 0) {
    double before = nax_t_resident();
    nax_status s = run(arg);
    grown = nax_t_resident() - before;
    int ok =
        s == NAX_OK && write(pipe_fd[1], &grown, sizeof grown) == (ssize_t)sizeof grown;
    _exit(ok ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &code, 0), child);
  assert_int_equal(code, 0);
  assert_int_equal(read(pipe_fd[0], &grown, sizeof grown), sizeof grown);
  close(pipe_fd[0]);
  close(pipe_fd[1]);
  return grown;
}

#endif
