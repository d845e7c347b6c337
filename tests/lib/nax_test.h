/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one include of every test program: cmocka (which needs four standard headers before
 * it), and what our tests share. Unit tests link libnaxall.la and so may call nax_i_*.
 *
 *   static void
 *   mean_of_nothing_is_refused(void **state)
 *   {
 *     (void)state;
 *     ...
 *   }
 *
 *   int
 *   main(void)
 *   {
 *     const struct CMUnitTest tests[] = {cmocka_unit_test(mean_of_nothing_is_refused)};
 *     return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
 *   }
 *
 * Name a test after the sentence it proves.
 */
#ifndef NAX_TEST_H
#define NAX_TEST_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* nftw */
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <neuraxis.h>

/* ---- status ---------------------------------------------------------------------- */

/* The call succeeds; if it does not, the test shows the message. */
#define assert_ok(expr)                                                                  \
  do {                                                                                   \
    nax_status nax_t_s_ = (expr);                                                        \
    if (nax_t_s_ != NAX_OK) {                                                            \
      fail_msg("%s: %s: %s", #expr, nax_status_name(nax_t_s_), nax_ctx_error(NULL));     \
    }                                                                                    \
  } while (0)

/* The call fails with this code. */
#define assert_status(expr, code) assert_int_equal((int)(expr), (int)(code))

/* The call (made with a NULL context) fails with this code and this whole message. */
#define assert_error(expr, code, text)                                                   \
  do {                                                                                   \
    assert_int_equal((int)(expr), (int)(code));                                          \
    assert_string_equal(nax_ctx_error(NULL), (text));                                    \
  } while (0)

/* ---- numbers --------------------------------------------------------------------- */

/* |a - b| <= atol + rtol |b|; two NaN agree, and so do equal infinities. */
static inline bool
nax_t_close(double a, double b, double rtol, double atol)
{
  if (isnan(a) || isnan(b)) {
    return isnan(a) && isnan(b);
  }
  if (isinf(a) || isinf(b)) {
    return a == b;
  }
  return fabs(a - b) <= atol + rtol * fabs(b);
}

#define assert_close(a, b, rtol, atol)                                                   \
  do {                                                                                   \
    double nax_t_a_ = (a), nax_t_b_ = (b);                                               \
    if (!nax_t_close(nax_t_a_, nax_t_b_, (rtol), (atol))) {                              \
      fail_msg("%s is %.17g, expected %.17g (difference %.3g)", #a, nax_t_a_, nax_t_b_,  \
               nax_t_a_ - nax_t_b_);                                                     \
    }                                                                                    \
  } while (0)

/* The same for n numbers in a row; shows the first that differs. */
#define assert_all_close(a, b, n, rtol, atol)                                            \
  do {                                                                                   \
    const double *nax_t_p_ = (a), *nax_t_q_ = (b);                                       \
    for (int64_t nax_t_i_ = 0; nax_t_i_ < (int64_t)(n); nax_t_i_++) {                    \
      if (!nax_t_close(nax_t_p_[nax_t_i_], nax_t_q_[nax_t_i_], (rtol), (atol))) {        \
        fail_msg("%s[%lld] is %.17g, expected %.17g", #a, (long long)nax_t_i_,           \
                 nax_t_p_[nax_t_i_], nax_t_q_[nax_t_i_]);                                \
      }                                                                                  \
    }                                                                                    \
  } while (0)

/* A small generator for shapes and data of property tests; print the seed on failure. */
static inline uint64_t
nax_t_random(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Uniform in [0, 1). */
static inline double
nax_t_uniform(uint64_t *state)
{
  return (double)(nax_t_random(state) >> 11) * 0x1p-53;
}

/* ---- files ----------------------------------------------------------------------- */

/* Where a file of the source tree lies; the buffer is static and used in turn. */
static inline const char *
nax_t_path_(const char *dir, const char *path)
{
  static char buf[4][4096];
  static int k;
  k = (k + 1) % 4;
  if (snprintf(buf[k], sizeof buf[k], "%s/%s", dir, path) >= (int)sizeof buf[k]) {
    fail_msg("path too long: %s", path);
  }
  return buf[k];
}

static inline const char *
nax_t_source(const char *path)
{
  const char *dir = getenv("NAX_SRCDIR");
  return nax_t_path_(dir != NULL ? dir : ".", path);
}

/*
 * Where a file of the shared recordings lies, such as "data/phy_tiny_kilosort25". They
 * are not part of the source tree: NAX_TEST_SHARED (set by make check) says where they
 * are, and the calling test is skipped when this one is absent.
 */
static inline const char *
nax_t_shared(const char *path)
{
  const char *dir = getenv("NAX_TEST_SHARED");
  const char *full = nax_t_path_(dir != NULL ? dir : "../shared", path);
  if (access(full, R_OK) != 0) {
    print_message("# %s is not here: set NAX_TEST_SHARED\n", full);
    skip();
  }
  return full;
}

/* Skips the rest of the test unless `make check-long` runs: for simulations of minutes.
 */
static inline void
nax_t_long(void)
{
  if (getenv("NAX_TEST_LONG") == NULL) {
    print_message("# takes minutes: run by make check-long\n");
    skip();
  }
}

/*
 * A folder of the test's own. As group fixtures:
 *   cmocka_run_group_tests_name("io", tests, nax_t_tmp_setup, nax_t_tmp_teardown)
 * nax_t_tmp("a.nc") is a path inside it.
 */
static char nax_t_tmp_dir_[4096];

static inline int
nax_t_tmp_setup(void **state)
{
  (void)state;
  const char *base = getenv("TMPDIR");
  int n = snprintf(nax_t_tmp_dir_, sizeof nax_t_tmp_dir_, "%s/nax-test.XXXXXX",
                   base != NULL ? base : "/tmp");
  return n > 0 && n < (int)sizeof nax_t_tmp_dir_ && mkdtemp(nax_t_tmp_dir_) != NULL ? 0
                                                                                    : -1;
}

static inline int
nax_t_remove_(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static inline int
nax_t_tmp_teardown(void **state)
{
  (void)state;
  return nax_t_tmp_dir_[0] != '\0'
             ? nftw(nax_t_tmp_dir_, nax_t_remove_, 16, FTW_DEPTH | FTW_PHYS)
             : 0;
}

static inline const char *
nax_t_tmp(const char *name)
{
  return nax_t_path_(nax_t_tmp_dir_, name);
}

/* Writes a file in one go. */
static inline void
nax_t_write(const char *path, const void *data, size_t size)
{
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(data, 1, size, f), size);
  assert_int_equal(fclose(f), 0);
}

/* ---- failing allocations ---------------------------------------------------------- */

/* Defined by the library for tests: -1 never, else the number of allocations that still
 * succeed before one fails. */
extern long nax_i_alloc_fail_at;

/*
 * Runs `call` (an expression of type nax_status) with the first allocation failing, then
 * the second, and so on until it succeeds; every failure must be NAX_ENOMEM and leave
 * `*out` NULL. `cleanup` runs after the success. At most `max` steps. Under a leak
 * checker this also proves that each error path frees what it holds.
 *
 *   NAX_T_SWEEP_ALLOC(nax_array_create(NULL, 2, dim, &a), a, nax_array_free(a), 100);
 */
#define NAX_T_SWEEP_ALLOC(call, out, cleanup, max)                                       \
  do {                                                                                   \
    long nax_t_k_;                                                                       \
    for (nax_t_k_ = 0; nax_t_k_ < (max); nax_t_k_++) {                                   \
      nax_i_alloc_fail_at = nax_t_k_;                                                    \
      nax_status nax_t_s_ = (call);                                                      \
      long nax_t_left_ = nax_i_alloc_fail_at;                                            \
      nax_i_alloc_fail_at = -1;                                                          \
      if (nax_t_s_ == NAX_OK) {                                                          \
        if (nax_t_left_ < 0) {                                                           \
          fail_msg("%s succeeded although allocation %ld failed", #call, nax_t_k_);      \
        }                                                                                \
        cleanup;                                                                         \
        break;                                                                           \
      }                                                                                  \
      if (nax_t_s_ != NAX_ENOMEM) {                                                      \
        fail_msg("%s with allocation %ld failing: %s, expected NAX_ENOMEM", #call,       \
                 nax_t_k_, nax_status_name(nax_t_s_));                                   \
      }                                                                                  \
      assert_null(out);                                                                  \
    }                                                                                    \
    if (nax_t_k_ >= (max)) {                                                             \
      fail_msg("%s still fails after %ld allocations", #call, (long)(max));              \
    }                                                                                    \
  } while (0)

#endif
