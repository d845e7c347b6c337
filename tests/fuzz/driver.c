/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replays a corpus through a fuzz target without libFuzzer, so that every compiler's
 * `make check` covers the targets. The corpus of tests/fuzz/fuzz_NAME is the folder
 * tests/fuzz/corpus/NAME; files or folders on the command line replace it.
 *
 * NAX_FUZZ_MUTANTS=N in the environment also runs N damaged copies of each file: bytes
 * changed, cut or repeated by a fixed generator, so that a failure can be repeated.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern int fuzz_n_opened;

static int n_tests;
static long n_mutants;

static uint64_t
next_random(uint64_t *state)
{
  /* splitmix64 */
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static void
run_exact(const uint8_t *data, size_t size)
{
  /* A block of exactly this size: reading past it is seen by the address sanitizer. */
  uint8_t *copy = malloc(size > 0 ? size : 1);
  if (copy == NULL) {
    return;
  }
  if (size > 0) {
    memcpy(copy, data, size);
  }
  (void)LLVMFuzzerTestOneInput(copy, size);
  free(copy);
}

static void
run_mutant(const uint8_t *data, size_t size, uint64_t seed)
{
  uint64_t s = seed;
  uint8_t *m = malloc(size);
  if (m == NULL) {
    return;
  }
  memcpy(m, data, size);
  size_t n = size;
  uint64_t n_changes = 1 + next_random(&s) % 8;
  for (uint64_t i = 0; i < n_changes && n > 0; i++) {
    size_t at = (size_t)(next_random(&s) % n);
    switch (next_random(&s) % 5) {
    case 0:
      m[at] = (uint8_t)next_random(&s);
      break;
    case 1:
      m[at] ^= (uint8_t)(1U << (next_random(&s) % 8));
      break;
    case 2:
      m[at] = (uint8_t)(next_random(&s) % 2 == 0 ? 0 : 0xff);
      break;
    case 3:
      n = at + 1;
      break;
    default:
      memmove(m + at, m + next_random(&s) % (at + 1), n - at);
      break;
    }
  }
  run_exact(m, n);
  free(m);
}

static int
replay_file(const char *path, const char *name)
{
  FILE *f = fopen(path, "rb");
  uint8_t *data = NULL;
  size_t size = 0;
  struct stat st;
  int ok = 0;

  if (f == NULL || fstat(fileno(f), &st) != 0 || st.st_size < 0) {
    goto done;
  }
  size = (size_t)st.st_size;
  data = malloc(size > 0 ? size : 1);
  if (data == NULL || fread(data, 1, size, f) != size) {
    goto done;
  }
  run_exact(data, size);
  for (long k = 0; k < n_mutants && size > 0; k++) {
    run_mutant(data, size, (uint64_t)k + 1);
  }
  ok = 1;
done:
  n_tests++;
  printf("%s %d - %s\n", ok ? "ok" : "not ok", n_tests, name);
  fflush(stdout);
  free(data);
  if (f != NULL) {
    fclose(f);
  }
  return ok ? 0 : 1;
}

static int
not_hidden(const struct dirent *e)
{
  return e->d_name[0] != '.';
}

static int
replay(const char *path)
{
  struct stat st;
  if (stat(path, &st) != 0) {
    n_tests++;
    printf("not ok %d - %s: %s\n", n_tests, path, strerror(errno));
    return 1;
  }
  if (!S_ISDIR(st.st_mode)) {
    const char *slash = strrchr(path, '/');
    return replay_file(path, slash != NULL ? slash + 1 : path);
  }
  struct dirent **list = NULL;
  int n = scandir(path, &list, not_hidden, alphasort);
  int bad = 0;
  for (int i = 0; i < n; i++) {
    char file[4096];
    if (snprintf(file, sizeof file, "%s/%s", path, list[i]->d_name) < (int)sizeof file) {
      bad += replay_file(file, list[i]->d_name);
    }
    free(list[i]);
  }
  free(list);
  return bad;
}

int
main(int argc, char **argv)
{
  const char *m = getenv("NAX_FUZZ_MUTANTS");
  const char *srcdir = getenv("NAX_SRCDIR");
  int bad = 0;

  n_mutants = m != NULL ? strtol(m, NULL, 10) : 0;
  if (argc > 1) {
    for (int i = 1; i < argc; i++) {
      bad += replay(argv[i]);
    }
  } else {
    const char *name = strstr(argv[0], "fuzz_");
    for (const char *p = name; p != NULL; p = strstr(p + 1, "fuzz_")) {
      name = p;
    }
    char dir[4096];
    int k = snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s",
                     srcdir != NULL ? srcdir : ".", name != NULL ? name + 5 : "");
    if (k < 0 || k >= (int)sizeof dir) {
      return 99;
    }
    bad = replay(dir);
    /* A target that turns its own seeds away tries nothing. */
    int ok = fuzz_n_opened > 0;
    bad += !ok;
    printf("%s %d - %d inputs got past the door\n", ok ? "ok" : "not ok", ++n_tests,
           fuzz_n_opened);
  }
  printf("1..%d\n", n_tests);
  return bad > 0;
}
